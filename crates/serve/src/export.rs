//! The room as one file: every module, the worker and the wasm within one HTML page.
//!
//! A page from disk has no server to ask, so modules cannot import one another by path. Each file
//! is carried as base64 in a block that does not run; a loader, the one script that the page's own
//! policy lets run by its hash, gives each a `blob:` URL in the order of need, and puts these URLs
//! in the place of the relative paths. Nothing can be sent: the policy lets the page reach `blob:`
//! and nothing else. What a module imports when it is wanted (`import("./NAME")`) is looked up
//! then, so it may come later in that order.
//!
//! *Limits:* imports and `new URL("./NAME", import.meta.url)` with literals; no circle of imports
//! that a module needs before it runs.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Assets;
use crate::assets::{INDEX, SERVICE_WORKER, content_type};

/// What stands in a file for another file's URL, with its name behind.
const MARK: &str = "cordon-file:";
/// How a module asks for another when it wants it; the loader's table answers.
const WANTED: &str = "import(";

/// Gives each file its URL and starts the page's modules. Files come in the order of need.
const LOADER: &str = r#"
const urls = (self.cordonFiles = new Map());
for (const block of document.querySelectorAll("script[data-file]")) {
  const raw = atob(block.textContent.trim());
  let bytes = Uint8Array.from(raw, (c) => c.charCodeAt(0));
  if (block.dataset.kind.startsWith("text/javascript")) {
    let text = new TextDecoder().decode(bytes);
    for (const [name, url] of urls) text = text.replaceAll(`"cordon-file:${name}"`, `"${url}"`);
    bytes = new TextEncoder().encode(text);
  }
  const blob = new Blob([bytes], { type: block.dataset.kind });
  urls.set(block.dataset.file, URL.createObjectURL(blob));
}
for (const name of document.documentElement.dataset.modules.split(" ")) import(urls.get(name));
"#;

/// Why the room could not be written as one file.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// This binary was built without the page.
    #[error("write the room: this build holds no page")]
    Empty,
    /// Modules need one another in a circle.
    #[error("write the room: a file needs itself, by way of others: {0}")]
    Circle(&'static str),
    /// The page is not of the form that can be written so.
    #[error("write the room: the page has no {0}")]
    Form(&'static str),
}

/// Writes the room as one HTML file.
pub fn export(assets: &Assets) -> Result<String, ExportError> {
    let page = assets.raw(INDEX).ok_or(ExportError::Empty)?;
    let mut page = String::from_utf8_lossy(page).into_owned();
    let mut styles = Vec::new();
    let mut modules = Vec::new();
    for name in assets.names() {
        let sheet = format!("<link rel=\"stylesheet\" href=\"./{name}\">");
        if page.contains(&sheet) {
            let text = String::from_utf8_lossy(assets.raw(name).unwrap_or_default()).into_owned();
            let text = format!("\n{text}");
            page = page.replacen(&sheet, &format!("<style>{text}</style>"), 1);
            styles.push(text);
        }
        let script = format!("<script type=\"module\" src=\"./{name}\"></script>");
        if page.contains(&script) {
            page = page.replacen(&script, "", 1);
            modules.push(name);
        }
    }
    // An icon and its like: a page from disk has none.
    let kept = page.lines().filter(|line| !line.contains("href=\"./"));
    page = kept.collect::<Vec<_>>().join("\n");
    if modules.is_empty() {
        return Err(ExportError::Form("module script of a file here"));
    }
    let order = in_order(assets, &modules)?;
    let head = format!(
        "\n<meta http-equiv=\"content-security-policy\" content=\"{}\">",
        policy(&styles)
    );
    let root = format!(
        "data-exported=\"true\" data-modules=\"{}\"",
        modules.join(" ")
    );
    page = within(&page, "<html", &format!(" {root}")).ok_or(ExportError::Form("html tag"))?;
    page = within(&page, "<head>", &head).ok_or(ExportError::Form("head tag"))?;
    let mut blocks = String::new();
    for name in order {
        let kind = content_type(name);
        let bytes = carried(assets, name);
        let text = BASE64.encode(&bytes);
        blocks.push_str(&format!(
            "<script type=\"application/octet-stream\" data-file=\"{name}\" \
             data-kind=\"{kind}\">{text}</script>\n"
        ));
    }
    blocks.push_str(&format!("<script type=\"module\">{LOADER}</script>\n"));
    let end = page
        .rfind("</body>")
        .ok_or(ExportError::Form("end of its body"))?;
    page.insert_str(end, &blocks);
    Ok(page)
}

/// What the page may do: run the loader and what it makes, and reach nothing.
fn policy(styles: &[String]) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    let styles: Vec<String> = styles.iter().map(|style| hash(style)).collect();
    let styles = if styles.is_empty() {
        "'none'".to_owned()
    } else {
        styles.join(" ")
    };
    format!(
        "default-src 'none'; script-src {} blob: 'wasm-unsafe-eval'; style-src {styles}; \
         connect-src blob:; worker-src blob:; img-src blob:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types cordon",
        hash(LOADER)
    )
}

/// The page with a text behind the first place of another.
fn within(page: &str, place: &str, text: &str) -> Option<String> {
    let at = page.find(place)? + place.len();
    let (before, behind) = page.split_at_checked(at)?;
    Some(format!("{before}{text}{behind}"))
}

/// All files that the modules lead to: each behind those that it needs before it runs.
fn in_order(assets: &Assets, modules: &[&'static str]) -> Result<Vec<&'static str>, ExportError> {
    let mut order = Vec::new();
    let mut waiting = modules.to_vec();
    while let Some(name) = waiting.pop() {
        let from = order.len();
        visit(assets, name, &mut Vec::new(), &mut order)?;
        let met = order.iter().skip(from);
        let wanted = met.flat_map(|name| files_in(assets, name, Ask::WhenWanted));
        waiting.extend(wanted);
    }
    Ok(order)
}

/// Puts what a file needs before it.
fn visit(
    assets: &Assets,
    name: &'static str,
    path: &mut Vec<&'static str>,
    order: &mut Vec<&'static str>,
) -> Result<(), ExportError> {
    if order.contains(&name) {
        return Ok(());
    }
    if path.contains(&name) {
        return Err(ExportError::Circle(name));
    }
    path.push(name);
    for needed in files_in(assets, name, Ask::BeforeItRuns) {
        visit(assets, needed, path, order)?;
    }
    path.pop();
    order.push(name);
    Ok(())
}

/// A place in a module that names another file: from its opening quote to behind its closing one.
struct Named {
    start: usize,
    end: usize,
    file: &'static str,
    ask: Ask,
}

/// When a module asks for another file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    BeforeItRuns,
    WhenWanted,
}

/// Files that a module names so, the service worker apart: a file from disk has none.
fn files_in(assets: &Assets, name: &str, ask: Ask) -> Vec<&'static str> {
    let named = named(assets, name);
    let named = named.iter().filter(|named| named.ask == ask);
    let mut files: Vec<&str> = named.map(|named| named.file).collect();
    files.dedup();
    files
}

/// Quoted relative paths of files, in order.
fn named(assets: &Assets, name: &str) -> Vec<Named> {
    let text = text_of(assets, name);
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        for start in ["./", "../"] {
            let opening = format!("{quote}{start}");
            for (at, _) in text.match_indices(&opening) {
                let Some(ask) = asked(text.get(..at).unwrap_or_default()) else {
                    continue;
                };
                let inner = text.get(at + 1..).unwrap_or_default();
                let Some(length) = inner.find(quote) else {
                    continue;
                };
                let path = inner.get(..length).unwrap_or_default();
                if let Some(file) = resolve(assets, name, path) {
                    found.push(Named {
                        start: at,
                        end: at + length + 2,
                        file,
                        ask,
                    });
                }
            }
        }
    }
    found.sort_by_key(|named| named.start);
    found
}

/// How what stands before a quoted path asks for the file, if it does: types in comments do not.
fn asked(before: &str) -> Option<Ask> {
    let before = before.trim_end();
    let line = before.rsplit('\n').next().unwrap_or_default();
    if line.trim_start().starts_with("//") || before.rfind("/*") > before.rfind("*/") {
        return None;
    }
    if before.ends_with(WANTED) {
        return Some(Ask::WhenWanted);
    }
    let now = ["from", "import", "new URL("];
    let is_now = now.iter().any(|words| before.ends_with(words));
    is_now.then_some(Ask::BeforeItRuns)
}

/// The file that a relative path in another file means.
fn resolve(assets: &Assets, from: &str, path: &str) -> Option<&'static str> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let wanted = parts.join("/");
    let found = assets.names().find(|known| *known == wanted);
    found.filter(|known| *known != SERVICE_WORKER && *known != INDEX)
}

fn text_of(assets: &Assets, name: &str) -> String {
    if !content_type(name).starts_with("text/javascript") {
        return String::new();
    }
    String::from_utf8_lossy(assets.raw(name).unwrap_or_default()).into_owned()
}

/// A file as it is carried: a module with marks for the files that it names.
fn carried(assets: &Assets, name: &str) -> Vec<u8> {
    let text = text_of(assets, name);
    if text.is_empty() {
        return assets.raw(name).unwrap_or_default().to_vec();
    }
    let (mut out, mut from) = (String::new(), 0);
    for named in named(assets, name) {
        out.push_str(text.get(from..named.start).unwrap_or_default());
        out.push_str(&match named.ask {
            Ask::BeforeItRuns => format!("\"{MARK}{}\"", named.file),
            Ask::WhenWanted => format!("cordonFiles.get(\"{}\")", named.file),
        });
        from = named.end;
        // A `blob:` URL is whole: it takes no base.
        let rest = text.get(from..).unwrap_or_default();
        let behind = rest.trim_start().strip_prefix(',').map(str::trim_start);
        if let Some(behind) = behind.and_then(|b| b.strip_prefix("import.meta.url")) {
            from = text.len() - behind.len();
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    // What this build does not hold has an address all the same, which the policy lets nobody ask:
    // a `blob:` URL is no base for one.
    out.replace("import.meta.url", "\"file:///\"").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::tests::SAMPLE;

    fn decoded(page: &str, file: &str) -> String {
        let opening = format!("data-file=\"{file}\"");
        let block = page.split(&opening).nth(1).unwrap();
        let text = block.split('>').nth(1).unwrap().split('<').next().unwrap();
        String::from_utf8_lossy(&BASE64.decode(text.as_bytes()).unwrap()).into_owned()
    }

    #[test]
    fn one_file_holds_all_that_the_page_needs_in_order() {
        let page = export(&Assets::new(SAMPLE)).unwrap();
        let place = |name: &str| page.find(&format!("data-file=\"{name}\"")).unwrap();
        assert!(place("room.js") < place("deep/part.js"));
        assert!(place("deep/part.js") < place("main.js"));
        assert!(place("module.wasm") < place("worker.js"));
        assert!(place("worker.js") < place("main.js"));
        assert!(!page.contains("data-file=\"sw.js\""));
        assert!(page.contains("data-exported=\"true\" data-modules=\"main.js\""));
        let main = decoded(&page, "main.js");
        assert!(main.contains("from \"cordon-file:deep/part.js\""), "{main}");
        assert!(
            main.contains("new URL(\"cordon-file:worker.js\")"),
            "{main}"
        );
        assert!(
            main.contains("new URL(\"./absent.pack\", \"file:///\")"),
            "{main}"
        );
        let part = decoded(&page, "deep/part.js");
        assert!(part.contains("from \"cordon-file:room.js\""), "{part}");
        assert_eq!(decoded(&page, "module.wasm").as_bytes(), b"\0asm\x01\0\0\0");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere_and_the_policy_covers_what_runs() {
        let page = export(&Assets::new(SAMPLE)).unwrap();
        for outward in ["src=\"", "href=\"", "http://", "https://"] {
            assert!(!page.contains(outward), "{outward}");
        }
        let style = page.split("<style>").nth(1).unwrap();
        let style = style.split("</style>").next().unwrap();
        let script = page.split("<script type=\"module\">").nth(1).unwrap();
        let script = script.split("</script>").next().unwrap();
        for text in [style, script] {
            let hash = BASE64.encode(&Sha256::digest(text));
            assert!(page.contains(&format!("'sha256-{hash}'")), "{text}");
        }
        // What is in a module ends no block of the page.
        assert_eq!(
            page.matches("</script>").count(),
            page.matches("<script").count()
        );
    }

    #[test]
    fn what_is_imported_when_wanted_may_go_in_a_circle() {
        static FILES: &[(&str, &[u8])] = &[
            (
                "index.html",
                b"<html><head></head><body>\
                  <script type=\"module\" src=\"./main.js\"></script></body>",
            ),
            (
                "main.js",
                b"/** @type {import('./types.js').T} */\n// import './types.js'\n\
                  export const more = () => import('./more.js');\n",
            ),
            (
                "more.js",
                b"import { more } from './main.js';\nimport './deep.js';\nvoid more;\n",
            ),
            ("deep.js", b"import('./main.js');\n"),
            ("types.js", b"export {};\n"),
        ];
        let page = export(&Assets::new(FILES)).unwrap();
        let place = |name: &str| page.find(&format!("data-file=\"{name}\"")).unwrap();
        assert!(place("main.js") < place("more.js") && place("deep.js") < place("more.js"));
        assert!(!page.contains("data-file=\"types.js\""));
        let main = decoded(&page, "main.js");
        assert!(
            main.contains("import(cordonFiles.get(\"more.js\"))"),
            "{main}"
        );
        assert!(main.contains("import('./types.js').T"), "{main}");
        let more = decoded(&page, "more.js");
        assert!(more.contains("from \"cordon-file:main.js\""), "{more}");
        assert!(more.contains("import \"cordon-file:deep.js\""), "{more}");
    }

    #[test]
    fn a_circle_is_refused() {
        static FILES: &[(&str, &[u8])] = &[
            ("a.js", b"import \"./b.js\";"),
            ("b.js", b"import \"./a.js\";"),
            (
                "index.html",
                b"<html><head></head><body><script type=\"module\" src=\"./a.js\"></script>",
            ),
        ];
        assert_eq!(
            export(&Assets::new(FILES)),
            Err(ExportError::Circle("a.js"))
        );
        assert_eq!(export(&Assets::new(&[])), Err(ExportError::Empty));
    }
}
