//! Writes the table of the war room's files from `web/`: each with its bytes, by path.
//!
//! Nothing is fetched, changed or generated: what is in the folder is in the binary, byte for byte.
//! Beside it stand the weights of the recogniser of names, under the name that the page asks for.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of `web/` that are no part of the page.
const FOLDERS_SKIPPED: [&str; 2] = ["test", "node_modules"];
/// Endings of files that a page may ask for.
const ENDINGS: [&str; 10] = [
    "html", "css", "js", "wasm", "svg", "png", "ico", "json", "txt", "woff2",
];
/// What the page loads when it is asked to look for names, and where it is.
const NAMES: (&str, &str) = ("names.pack", "../detect/data/names.bin");
/// Files that are for those who work on the page.
const FILES_SKIPPED: [&str; 4] = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "jsconfig.json",
];

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let web = here.join("../../web");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", web.display());
    let mut files = BTreeMap::new();
    if web.is_dir() {
        collect(&web, "", &mut files)?;
        let weights = here.join(NAMES.1);
        println!("cargo::rerun-if-changed={}", weights.display());
        files.insert(NAMES.0.to_owned(), weights);
    }
    let mut table = String::from("&[\n");
    for (name, path) in &files {
        let path = fs::canonicalize(path)?;
        let path = path.to_str().ok_or("read web/: its path is not UTF-8")?;
        table.push_str(&format!("({name:?}, include_bytes!({path:?})),\n"));
    }
    table.push_str("]\n");
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells a build script where to write by a variable"
    )]
    let out = std::env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("files.rs"), table)?;
    Ok(())
}

fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, PathBuf>,
) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() && !FOLDERS_SKIPPED.contains(&name.as_str()) {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        }
        let ending = path.extension().and_then(|ending| ending.to_str());
        let served = ending.is_some_and(|ending| ENDINGS.contains(&ending));
        let tool = FILES_SKIPPED.contains(&name.as_str());
        if kind.is_file() && served && !tool {
            files.insert(format!("{prefix}{name}"), path);
        }
    }
    Ok(())
}
