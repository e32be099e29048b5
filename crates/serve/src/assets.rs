//! The files of the page, each under a name that its content is in.
//!
//! All files are served below one folder that is named by the hash of all of them, so that modules
//! import one another by relative path, unchanged, and what a browser keeps for a year is never
//! mixed with what another build brings. Only `index.html` and the service worker have a name that
//! stays; in the page, `"NAME"` and `"./NAME"` of a file become its hashed path.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes of the hash that the folder is named by.
const HASH_BYTES: usize = 12;
/// The page.
pub(crate) const INDEX: &str = "index.html";
/// The service worker: at the root as well, for what it watches is what is below it.
pub(crate) const SERVICE_WORKER: &str = "sw.js";

/// Path and bytes, ordered by path.
type Files = &'static [(&'static str, &'static [u8])];

static FILES: Files = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The files of one build.
pub struct Assets {
    files: Vec<(&'static str, &'static [u8])>,
    hash: String,
    page: Option<Vec<u8>>,
}

impl Assets {
    /// Those that are in this binary.
    pub fn built_in() -> Self {
        Self::new(FILES)
    }

    /// Those given.
    pub fn new(files: Files) -> Self {
        let mut all = Sha256::new();
        for (name, bytes) in files {
            // Lengths first: no other cut into names and contents has the same hash.
            all.update((name.len() as u64).to_be_bytes());
            all.update(name);
            all.update((bytes.len() as u64).to_be_bytes());
            all.update(bytes);
        }
        let all = all.finalize();
        let hash = HEXLOWER.encode(all.get(..HASH_BYTES).unwrap_or_default());
        let mut assets = Self {
            files: files.to_vec(),
            hash,
            page: None,
        };
        let page = assets.raw(INDEX).map(String::from_utf8_lossy);
        assets.page = page.map(|page| assets.hashed(&page).into_bytes());
        assets
    }

    /// Whether this binary was built without the page.
    pub fn is_empty(&self) -> bool {
        self.page.is_none()
    }

    /// The hash that the folder is named by.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Paths of all files, as they are asked for.
    pub fn paths(&self) -> Vec<String> {
        let names = self.names().map(|name| self.path_of(name));
        names.collect()
    }

    /// Names of all files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.files.iter().map(|(name, _)| *name)
    }

    /// The page as it is served.
    pub(crate) fn page(&self) -> Option<&[u8]> {
        self.page.as_deref()
    }

    /// A file by its name.
    pub(crate) fn raw(&self, name: &str) -> Option<&'static [u8]> {
        let found = self.files.iter().find(|(known, _)| *known == name);
        found.map(|(_, bytes)| *bytes)
    }

    /// A file by its path below `/room/`.
    pub(crate) fn hashed_file(&self, hash: &str, name: &str) -> Option<(&'static str, &[u8])> {
        let (known, bytes) = self.files.iter().find(|(known, _)| *known == name)?;
        match *known {
            INDEX => None,
            known => (hash == self.hash).then_some((known, *bytes)),
        }
    }

    fn path_of(&self, name: &str) -> String {
        match name {
            INDEX => "/".to_owned(),
            name => format!("/room/{}/{name}", self.hash),
        }
    }

    /// The page with the paths of its files.
    fn hashed(&self, page: &str) -> String {
        let mut page = page.to_owned();
        for name in self.names().filter(|name| *name != INDEX) {
            let path = format!("\"{}\"", self.path_of(name));
            for plain in [format!("\"./{name}\""), format!("\"{name}\"")] {
                page = page.replace(&plain, &path);
            }
        }
        page
    }
}

/// The content type of a file, by its ending.
pub(crate) fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use super::*;

    pub(crate) static SAMPLE: Files = &[
        (
            "deep/part.js",
            b"import { x } from \"../room.js\";\nexport const y = x;\n",
        ),
        (
            "index.html",
            b"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
              <title>Room</title>\n<link rel=\"stylesheet\" href=\"./room.css\">\n\
              <script type=\"module\" src=\"./main.js\"></script>\n</head>\n\
              <body></body>\n</html>\n",
        ),
        (
            "main.js",
            b"import { y } from './deep/part.js';\nimport \"./room.js\";\n\
              const w = new Worker(new URL(\"./worker.js\", import.meta.url));\n\
              const p = new URL(\"./absent.pack\", import.meta.url);\nvoid [w, y, p];\n",
        ),
        ("module.wasm", b"\0asm\x01\0\0\0"),
        ("room.css", b"body { margin: 0 }\n"),
        ("room.js", b"export const x = \"</script>\";\n"),
        ("sw.js", b"self.addEventListener(\"fetch\", () => {});\n"),
        (
            "worker.js",
            b"const bytes = fetch(new URL(\"./module.wasm\", import.meta.url));\nvoid bytes;\n",
        ),
    ];

    #[test]
    fn the_page_names_its_files_by_their_hash() {
        let assets = Assets::new(SAMPLE);
        let page = String::from_utf8(assets.page().unwrap().to_vec()).unwrap();
        let hash = assets.hash();
        assert!(page.contains(&format!("href=\"/room/{hash}/room.css\"")));
        assert!(page.contains(&format!("src=\"/room/{hash}/main.js\"")));
        assert!(!page.contains("\"./"));
        assert_eq!(assets.paths().len(), SAMPLE.len());
    }

    #[test]
    fn what_is_served_is_what_is_in_the_repository() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let assets = Assets::built_in();
        for name in assets.names() {
            let file = match name {
                "names.pack" => "crates/detect/data/names.bin".to_owned(),
                name => format!("web/{name}"),
            };
            assert!(
                std::fs::read(root.join(file)).unwrap() == assets.raw(name).unwrap(),
                "{name}"
            );
        }
        for name in [INDEX, SERVICE_WORKER, "src/main.js", "names.pack"] {
            assert!(assets.raw(name).is_some(), "{name}");
        }
    }

    #[test]
    fn any_change_is_another_folder() {
        let one: Files = &[("a", b"bc"), ("d", b"")];
        let cut: Files = &[("ab", b"c"), ("d", b"")];
        let more: Files = &[("a", b"bc"), ("d", b"e")];
        let hashes = [one, cut, more].map(|files| Assets::new(files).hash().to_owned());
        assert!(hashes[0] != hashes[1] && hashes[0] != hashes[2]);
        assert_eq!(hashes[0].len(), 2 * HASH_BYTES);
        assert_eq!(Assets::new(one).hash(), hashes[0]);
    }

    #[test]
    fn another_builds_file_is_not_given() {
        let assets = Assets::new(SAMPLE);
        let hash = assets.hash().to_owned();
        assert!(assets.hashed_file(&hash, "room.js").is_some());
        for (hash, name) in [
            ("0123", "room.js"),
            (hash.as_str(), "../room.js"),
            (hash.as_str(), "index.html"),
            (hash.as_str(), ""),
        ] {
            assert!(assets.hashed_file(hash, name).is_none(), "{name}");
        }
    }
}
