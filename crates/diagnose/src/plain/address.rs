//! Machines that a message names: hosts, with their port where it is told.

/// Most addresses of one message.
const ADDRESSES_COUNT_MAX: usize = 6;

/// Gives each machine that a text names: a host with a port, the host of a URL, the pseudonym of
/// an address.
pub(super) fn each(text: &str, give: &mut dyn FnMut(&str)) {
    if !text.contains(':') && !text.contains("ip_") {
        return;
    }
    // Of a word without a colon only a pseudonym is an address.
    let may_be = |part: &&str| part.contains(':') || part.contains("ip_");
    let mut given = 0;
    for part in words(text).filter(may_be).flat_map(|part| part.split("->")) {
        let Some(found) = address(part) else {
            continue;
        };
        give(found);
        given += 1;
        if given >= ADDRESSES_COUNT_MAX {
            return;
        }
    }
}

/// The words of a text, without the marks between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |b: u8| b.is_ascii_whitespace() || b"\"'(),;<>=`".contains(&b);
    let mut rest = text;
    std::iter::from_fn(move || {
        let begin = rest.bytes().position(|b| !ends(b))?;
        let begun = rest.get(begin..)?;
        let end = begun.bytes().position(ends).unwrap_or(begun.len());
        let (word, behind) = begun.split_at_checked(end)?;
        rest = behind;
        Some(word)
    })
}

/// The machine that a word names.
fn address(word: &str) -> Option<&str> {
    let word = word.trim_matches(['\\', '/', '.', ':', '[', ']', '{', '}']);
    let word = match word.split_once("://") {
        Some((_, rest)) => {
            let host = rest.split(['/', '?', '\\']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            return is_host(host.split(':').next().unwrap_or_default()).then_some(host);
        }
        None => word.split('/').next().unwrap_or_default(),
    };
    if word.starts_with("ip_") && word.len() > 20 {
        return Some(word);
    }
    let (host, port) = word.rsplit_once(':')?;
    let number: u32 = port.parse().ok()?;
    // A port, not a line or a part of a time.
    let known = (1..=65_535).contains(&number) && host.contains(['.', '-']) || number >= 1_000;
    (known && is_host(host) && !is_file(host)).then_some(word)
}

/// Whether a name is built like one of a machine.
fn is_host(name: &str) -> bool {
    name.len() > 1
        && name.bytes().any(|b| b.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Whether a name is one of a source file: `main.rs:31`.
fn is_file(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let endings = [
        "rs", "py", "go", "js", "ts", "java", "kt", "rb", "c", "cc", "cpp", "cs", "php", "ex",
        "exs", "erl", "scala", "swift", "h", "hpp", "jsx", "tsx", "mjs", "lua", "dart", "so",
    ];
    name.contains('.') && endings.contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_told_from_files_and_times() {
        for (text, wanted) in [
            (
                "dial tcp db.internal:5432: connection refused",
                vec!["db.internal:5432"],
            ),
            (
                "GET http://pay.svc:8080/charge failed",
                vec!["pay.svc:8080"],
            ),
            ("at main.rs:3100 and 10:22:33", vec![]),
            (
                "Post \\\"https://api.example/v1\\\": EOF",
                vec!["api.example"],
            ),
            ("job 12: done", vec![]),
            ("localhost:9092 gone", vec!["localhost:9092"]),
        ] {
            let mut found = Vec::new();
            each(text, &mut |one| found.push(one.to_owned()));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
