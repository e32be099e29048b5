//! One frame of a JavaScript stack, in each engine's notation.

use crate::model::Frame;
use crate::path;

/// Longest name of a function that is read, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// Fewest digits of an offset into a bundle of Hermes: a time of day has fewer.
const OFFSET_DIGITS_COUNT_MIN: usize = 3;

/// Hosts that serve libraries.
const LIBRARY_HOSTS: [&str; 10] = [
    "://deno.land/",
    "://jsr.io/",
    "://esm.sh/",
    "://esm.run/",
    "://cdn.skypack.dev/",
    "://unpkg.com/",
    "://cdn.jsdelivr.net/",
    "://cdnjs.cloudflare.com/",
    "://ajax.googleapis.com/",
    "://code.jquery.com/",
];

/// Beginnings of places that are the runtime's own.
const INTERNAL_STARTS: [&str; 11] = [
    "node:",
    "internal/",
    "bun:",
    "deno:",
    "ext:",
    "native ",
    "native:",
    "self-hosted",
    "wasm:",
    "<",
    "VM",
];

/// `at async Foo.bar [as baz] (file:///app/x.js:1:2)`.
pub(super) fn v8(text: &str) -> Option<Frame> {
    let text = text.trim().strip_prefix("at ")?;
    let text = text.trim_end_matches([',', '{', ' ']);
    let (function, place) = match text
        .strip_suffix(')')
        .and_then(|inner| inner.split_once(" ("))
    {
        Some((function, place)) => (function, place),
        None => ("", text.strip_prefix("async ").unwrap_or(text)),
    };
    let function = function.strip_prefix("async ").unwrap_or(function);
    let function = function
        .split_once(" [as ")
        .map_or(function, |(name, _)| name);
    let place = place.strip_prefix("address at ").unwrap_or(place);
    let fixed = matches!(place, "<anonymous>" | "native" | "[native code]")
        || place.starts_with("index ")
        || place.starts_with("wasm://");
    if fixed && (!function.is_empty() || place == "<anonymous>") {
        return Some(Frame {
            function: function.to_owned(),
            ..Frame::default()
        });
    }
    // Code made by `eval` is where it was made.
    let place = place
        .strip_prefix("eval at ")
        .and_then(|rest| rest.split_once('(').map(|(_, rest)| rest))
        .map_or(place, |rest| {
            rest.split_once(')').map_or(rest, |(place, _)| place)
        });
    located(function, place)
}

/// `f@https://host/x.js:1:2`, and the bare address of a frame without a name.
pub(super) fn gecko(text: &str) -> Option<Frame> {
    let Some((function, place)) = text.split_once('@').filter(|(f, _)| !f.contains("://")) else {
        let address = text.starts_with("http://") || text.starts_with("https://");
        let script = [".js:", ".mjs:", ".ts:", ".tsx:", ".jsx:", ".bundle:"];
        let code = address && !text.contains(' ') && script.iter().any(|s| text.contains(s));
        return code.then(|| located("", text)).flatten();
    };
    // `setTimeout handler*f`, `promise callback*f`, `async*f`: how the call came about.
    let function = function.rsplit_once('*').map_or(function, |(_, name)| name);
    let code = matches!(
        function,
        "global code" | "module code" | "eval code" | "anonymous function"
    );
    if (function.contains(' ') && !code) || function.len() > NAME_BYTES_MAX {
        return None;
    }
    let function = if code { "" } else { function };
    if place == "[native code]" {
        return Some(Frame {
            function: function.to_owned(),
            ..Frame::default()
        });
    }
    // Hermes' bundles have no name, one line, and an offset into their code.
    let offset = place.strip_prefix("1:").filter(|offset| digits(offset));
    if offset.is_some_and(|offset| offset.len() >= OFFSET_DIGITS_COUNT_MIN) {
        let named = !matches!(function, "anonymous" | "global");
        return Some(Frame {
            function: if named { function } else { "" }.to_owned(),
            in_app: named,
            ..Frame::default()
        });
    }
    // Code made by `eval` is where it was made.
    let place = match place.split_once(" line ") {
        Some((file, rest)) => format!("{file}:{}:1", rest.split(' ').next()?),
        None => place.to_owned(),
    };
    let script = [".js", ".ts", ".mjs", ".jsx", ".tsx", "bundle", ".vue"];
    let address = place.contains('/') || script.iter().any(|mark| place.contains(mark));
    let function = function.trim_end_matches(['<', '/']);
    located(function, &place).filter(|_| address && place.matches(':').count() >= 2)
}

/// `total webpack:///./src/cart.ts?:12`: how Firefox's console copies a frame.
pub(super) fn console(line: &str) -> Option<Frame> {
    const SCHEMES: [&str; 8] = [
        "webpack:",
        "webpack-internal:",
        "http:",
        "https:",
        "file:",
        "resource:",
        "moz-extension:",
        "app:",
    ];
    if !line.starts_with([' ', '\t']) {
        return None;
    }
    let (function, place) = line.trim().split_once(' ')?;
    let scheme = SCHEMES.iter().any(|scheme| place.starts_with(scheme));
    let named = function
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '/' | '<' | '>' | '#'));
    if !scheme || !named || place.contains(' ') || function.len() > NAME_BYTES_MAX {
        return None;
    }
    let function = function.trim_end_matches(['<', '/']);
    located(function, place).filter(|frame| frame.file.contains('.'))
}

/// A frame of a function and `file:line:column`.
pub(super) fn located(function: &str, place: &str) -> Option<Frame> {
    let (head, column) = place.rsplit_once(':')?;
    let (raw, line) = head
        .rsplit_once(':')
        .filter(|(_, line)| digits(line))
        .unwrap_or((head, column));
    let sentence = raw.contains(' ') && !raw.contains(['/', '\\']);
    if raw.is_empty() || !digits(line) || !digits(column) || sentence {
        return None;
    }
    let internal = INTERNAL_STARTS.iter().any(|start| raw.starts_with(start))
        || LIBRARY_HOSTS.iter().any(|host| raw.contains(host))
        || raw.contains("webpack/runtime")
        || raw.contains("webpack/bootstrap")
        || raw.contains("webpack:///external")
        || raw.contains("(webpack)/")
        || raw.contains("-extension://");
    let place = path::locate(raw);
    let file = if raw.starts_with("node:") {
        raw.to_owned()
    } else {
        place.file
    };
    let steady = unhashed(&file);
    let name = steady.rsplit('/').next().unwrap_or_default();
    let vendored = ["vendor", "chunk-vendors", "polyfills", "framework-"]
        .iter()
        .any(|start| name.starts_with(start));
    let stem = steady
        .rsplit_once('.')
        .map_or(steady.as_str(), |(stem, _)| stem);
    Some(Frame {
        function: function.to_owned(),
        module: stem.trim_start_matches("src/").to_owned(),
        line: line.parse().ok(),
        in_app: !internal && !place.library && !vendored,
        file,
    })
}

/// Whether the text is a number.
fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The file without the content hash of a bundler: `main.3f2a1b9c.js` is `main.js`, and
/// `index-B3xk9_2a.js` is `index.js`.
fn unhashed(file: &str) -> String {
    let (directory, name) = file.rsplit_once('/').map_or(("", file), |(d, n)| (d, n));
    let hex = |part: &str| {
        part.len() >= 6
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
    };
    // Eight characters of base64, of which some are no letters of a word.
    let mixed = |part: &str| {
        let capitals = part.bytes().skip(1).any(|b| b.is_ascii_uppercase());
        let figures = part.bytes().any(|b| b.is_ascii_digit());
        part.len() == 8
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && ((figures && part.bytes().any(|b| b.is_ascii_alphabetic())) || capitals)
    };
    let last = name.split('.').count().saturating_sub(1);
    let kept: Vec<&str> = name
        .split('.')
        .enumerate()
        .filter(|(at, part)| *at == 0 || *at == last || !(hex(part) || mixed(part)))
        .map(|(_, part)| part)
        .collect();
    let name = kept.join(".");
    let name = match name.split_once('.') {
        Some((stem, rest)) => match stem.rsplit_once('-') {
            Some((stem, tail)) if !stem.is_empty() && (hex(tail) || mixed(tail)) => {
                format!("{stem}.{rest}")
            }
            _ => name,
        },
        None => name,
    };
    if directory.is_empty() {
        name
    } else {
        format!("{directory}/{name}")
    }
}
