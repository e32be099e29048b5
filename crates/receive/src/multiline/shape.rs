//! What a line looks like: the few forms of words that the families ask for.

/// Endings of the names of exception types.
const TYPE_ENDINGS: [&str; 12] = [
    "Error",
    "Exception",
    "Throwable",
    "Failure",
    "Fault",
    "Warning",
    "Exit",
    "Interrupt",
    "Timeout",
    "NotFound",
    "ErrorCode",
    "ErrorException",
];
/// Longest name of a type in bytes.
const TYPE_BYTES_MAX: usize = 256;

/// The number that a text begins with, and what follows it.
pub(super) fn number(text: &str) -> Option<(u64, &str)> {
    let end = text
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// Whether a word is a name whose parts are joined by points, colons, slashes or `$`.
pub(super) fn is_dotted(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= TYPE_BYTES_MAX
        && word.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '\\')
        && word.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | ':' | '\\' | '/' | '`' | '+' | '@')
        })
}

/// The last part of a dotted name.
pub(super) fn last_part(word: &str) -> &str {
    word.rsplit(['.', '$', ':', '\\', '/', '+'])
        .next()
        .unwrap_or(word)
}

/// Whether a word names a type of exception by its ending: `ValueError`, `java.io.IOException`.
pub(super) fn is_type(word: &str) -> bool {
    let last = last_part(word);
    is_dotted(word)
        && last.starts_with(|c: char| c.is_uppercase())
        && TYPE_ENDINGS.iter().any(|ending| last.ends_with(ending))
}

/// The word before a message, and the message: `Type: message`, `Type [CODE]: message`, `Type`.
pub(super) fn typed(text: &str) -> (&str, &str) {
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if let Some(name) = word.strip_suffix(':') {
        return (name, rest.trim_start());
    }
    // `AssertionError [ERR_ASSERTION]: …`, `DOMException [AbortError]: …`
    let bracket = rest
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "));
    if let Some((_, message)) = bracket {
        return (word, message);
    }
    if rest.is_empty() {
        (word, "")
    } else {
        ("", text)
    }
}

/// Whether a line says `Type: message` or `Type`, the type being one of exceptions.
pub(super) fn says_exception(text: &str) -> bool {
    is_type(typed(text).0)
}

/// Whether a text holds `:<digits>` behind one of the endings of files.
pub(super) fn is_place(text: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| {
        text.match_indices(ending).any(|(at, _)| {
            let rest = text.get(at + ending.len()..).unwrap_or("");
            rest.strip_prefix(':')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}

/// Whether a text begins with any of these.
pub(super) fn starts(text: &str, any: &[&str]) -> bool {
    any.iter().any(|head| text.starts_with(head))
}

/// Whether a line is made of one character alone.
pub(super) fn is_rule(text: &str, of: char, count_min: usize) -> bool {
    text.chars().all(|c| c == of) && text.chars().nth(count_min.saturating_sub(1)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_by_their_names() {
        for yes in [
            "java.lang.IllegalStateException: x",
            "ValueError: x",
            "TypeError",
            "AssertionError [ERR_ASSERTION]: x",
            "Foo::BarError: x",
            "App\\Exceptions\\NotFoundException: x",
            "System.InvalidOperationException: x",
        ] {
            assert!(says_exception(yes), "{yes}");
        }
        for no in [
            "done",
            "Error in foo",
            "info: x",
            "error: x",
            "",
            "started",
            "No Error",
        ] {
            assert!(!says_exception(no), "{no}");
        }
    }
}
