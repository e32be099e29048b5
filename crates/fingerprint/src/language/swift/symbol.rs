//! Names of Swift's and Objective-C's functions, as the runtime and Apple's tools print them.
//!
//! Mangled names are read as far as they are plain identifiers (`$s3app4CartC5totalSiyF` is
//! `app.Cart.total`); what has substitutions or generics in its path stays as it is.

use crate::language::anchor::{NAME_BYTES_MAX, bracketed, number};

/// Words before a name that say how it was compiled.
const PREFIXES: [&str; 14] = [
    "@objc ",
    "specialized ",
    "generic specialization ",
    "partial apply for ",
    "partial apply forwarder for ",
    "merged ",
    "outlined ",
    "static ",
    "dynamic ",
    "protocol witness for ",
    "function signature specialization ",
    "reabstraction thunk helper ",
    "implicit closure ",
    "(extension in ",
];

/// Types of the standard library whose methods are inlined into the application.
const STANDARD: [&str; 24] = [
    "Array",
    "_ArrayBuffer",
    "_ContiguousArrayBuffer",
    "ContiguousArray",
    "ArraySlice",
    "Dictionary",
    "Set",
    "String",
    "Substring",
    "Optional",
    "Collection",
    "Sequence",
    "BidirectionalCollection",
    "UnsafeMutablePointer",
    "UnsafePointer",
    "UnsafeBufferPointer",
    "UnsafeMutableBufferPointer",
    "Int",
    "UInt",
    "Double",
    "Range",
    "ClosedRange",
    "Result",
    "Task",
];

/// Whether a function is one that the runtime raises by.
pub(super) fn raises(name: &str) -> bool {
    [
        "_assertionFailure",
        "assertionFailure",
        "_fatalErrorMessage",
        "fatalError",
        "preconditionFailure",
        "_preconditionFailure",
        "swift_unexpectedError",
        "_swift_runtime_on_report",
        "Swift runtime failure",
        "__exceptionPreprocess",
        "objc_exception_throw",
        "__pthread_kill",
        "pthread_kill",
        "abort",
        "__abort",
        "swift::fatalError",
        "swift_reportError",
        "swift_dynamicCastFailure",
    ]
    .into_iter()
    .any(|mark| {
        name.trim_start_matches(['.', '$'])
            .strip_prefix(mark)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// Whether a name is one of the runtime or the standard library.
pub(super) fn of_runtime(name: &str) -> bool {
    let bare = plain(name);
    let root = bare.split(['.', '<', '(']).next().unwrap_or_default();
    raises(&bare)
        || STANDARD.contains(&root)
        || root == "Swift"
        || bare.starts_with("swift_")
        || bare.starts_with("__swift")
        || bare.starts_with("swift::")
        || bare.starts_with("$ss")
        || bare.starts_with("$sS")
        || matches!(
            bare.as_str(),
            "start" | "_start" | "__libc_start_main" | "start_thread"
        )
}

/// The name without what says how it was compiled.
fn plain(name: &str) -> String {
    let mut text = name.trim();
    for _ in 0..6 {
        let Some(rest) = PREFIXES
            .into_iter()
            .find_map(|prefix| text.strip_prefix(prefix))
        else {
            break;
        };
        text = rest;
    }
    text.split(" in conformance ")
        .next()
        .unwrap_or(text)
        .to_owned()
}

/// Module and function of a symbol.
pub(super) fn split(name: &str) -> (String, String) {
    if name.len() > NAME_BYTES_MAX || name == "<unknown>" || name == "???" {
        return (String::new(), String::new());
    }
    let text = plain(name);
    if let Some((class, method)) = objective(&text) {
        return (class, method);
    }
    if text.starts_with("$s") || text.starts_with("_$s") || text.starts_with("$S") {
        return match demangle(&text) {
            Some(mut parts) => {
                let function = parts.pop().unwrap_or_default();
                (parts.join("."), function)
            }
            None => (String::new(), text),
        };
    }
    parts(&without_signature(enclosing(&text)))
}

/// `-[CartController checkout:]`, `__30-[CartController checkout:]_block_invoke_2`.
fn objective(text: &str) -> Option<(String, String)> {
    let at = text.find(['-', '+'])?;
    let head = text.get(..at)?;
    let block = head.starts_with("__");
    if !(head.is_empty() || block) {
        return None;
    }
    let (inner, _) = bracketed(text.get(at + 1..)?, '[', ']')?;
    let (class, method) = inner.split_once(' ')?;
    let class = class.split('(').next().unwrap_or(class);
    Some((class.to_owned(), method.to_owned()))
}

/// What `closure #1 (Swift.Int) -> () in app.Cart.total()` stands in.
fn enclosing(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..8 {
        let at = ["closure #", "implicit closure #", "defer #", "#1 closure"]
            .into_iter()
            .find(|mark| rest.starts_with(mark));
        let Some((_, inner)) = at.and_then(|_| rest.split_once(" in ")) else {
            break;
        };
        rest = inner;
    }
    rest
}

/// The name without parameters, result and generic arguments.
fn without_signature(text: &str) -> String {
    let text = text.split(" -> ").next().unwrap_or(text);
    // A local function: `load #1 () in app.Cart.total()`.
    let (text, outer) = match text.split_once(" #1 ") {
        Some((local, rest)) => (local, rest.split_once(" in ").map(|(_, outer)| outer)),
        None => (text, None),
    };
    let mut out = String::new();
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => break,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    let out = out.split(" : ").next().unwrap_or(&out).trim().to_owned();
    match outer {
        Some(outer) if outer.len() < text.len() + NAME_BYTES_MAX => {
            let head = outer.split(['(', '<']).next().unwrap_or(outer);
            format!("{head}.{out}")
        }
        _ => out,
    }
}

/// Module and function at the last dot; accessors stay with what they are of.
fn parts(name: &str) -> (String, String) {
    if name.contains("::") {
        let (module, function) = name.rsplit_once("::").unwrap_or(("", name));
        return (module.to_owned(), function.to_owned());
    }
    let mut all: Vec<&str> = name.split('.').collect();
    let mut function = all.pop().unwrap_or_default().to_owned();
    let accessor = [
        "getter",
        "setter",
        "modify",
        "read",
        "willset",
        "didset",
        "unsafeMutableAddressor",
    ];
    if accessor.contains(&function.as_str())
        && let Some(of) = all.pop()
    {
        function = format!("{of}.{function}");
    }
    (all.join("."), function)
}

/// Identifiers of a mangled name, while they are plain.
fn demangle(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim_start_matches('_').get(2..)?;
    let mut parts = Vec::new();
    for _ in 0..16 {
        if rest.starts_with('0') {
            return None;
        }
        if let Some((length, after)) = number(rest) {
            let (name, after) = after.split_at_checked(length as usize)?;
            parts.push(name.to_owned());
            rest = after;
        } else if parts.len() > 1
            && let Some(after) = rest.strip_prefix(['C', 'V', 'O', 'P', 'E'])
            && after.starts_with(|c: char| c.is_ascii_digit())
        {
            rest = after;
        } else {
            break;
        }
    }
    if parts.len() == 2 && rest.starts_with(['C', 'V', 'O']) {
        // A constructor or destructor of the type.
        let what = if rest.contains("fC") || rest.contains("fc") {
            "init"
        } else {
            "deinit"
        };
        parts.push(what.to_owned());
    }
    (parts.len() > 1).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(symbol: &str, module: &str, function: &str) {
        let (found_module, found) = split(symbol);
        assert_eq!(
            (found_module.as_str(), found.as_str()),
            (module, function),
            "{symbol}"
        );
    }

    #[test]
    fn names_are_told_without_their_signature() {
        check("Cart.total()", "Cart", "total");
        check(
            "app.Cart.total(of: Swift.Array<Swift.Int>) -> Swift.Int",
            "app.Cart",
            "total",
        );
        check("static Cart.make(_:)", "Cart", "make");
        check("closure #1 in closure #2 in Cart.total()", "Cart", "total");
        check("Cart.count.getter", "Cart", "count.getter");
        check("-[CartController checkout:]", "CartController", "checkout:");
        check(
            "__31-[CartController checkout:]_block_invoke_2",
            "CartController",
            "checkout:",
        );
        check("specialized Cart.load<A>(_:)", "Cart", "load");
        check("main", "", "main");
    }

    #[test]
    fn plain_mangled_names_are_read() {
        check("$s3app4CartC5totalSiyF", "app.Cart", "total");
        check("$s3app5checkyyF", "app", "check");
        check("$s3app0A5$Hello", "", "$s3app0A5$Hello");
    }
}
