//! A stack in one or two sentences: the root cause first, then what it came up as.
//!
//! *Invariant:* what is said of a kind of error holds of every error of that kind; what is said of
//! this one is quoted from it.

use cordon_diagnose::plain::trouble::{self, Kind};
use cordon_fingerprint::{ExceptionLink, Frame, Relation, Trace};

use super::meaning_table::{MEANINGS, Row};
use crate::text::{clipped, shown};

/// Longest quotation in an explanation, in characters.
const QUOTE_CHARS_MAX: usize = 160;

/// What a trace says.
pub(super) fn explain(trace: &Trace) -> String {
    let Some(escaped) = trace.chain.first() else {
        return String::new();
    };
    let root = root(trace).unwrap_or(escaped);
    let mut said = format!("`{}`", title(root));
    if let Some(place) = place(trace, root) {
        said.push_str(&place);
    }
    if let Some(means) = meaning(&root.exception_type, &root.message) {
        said.push_str(": ");
        said.push_str(means);
    }
    said.push('.');
    if title(root) != title(escaped) {
        said.push_str(&format!(" It came up as `{}`.", title(escaped)));
    }
    said
}

/// The innermost cause.
fn root(trace: &Trace) -> Option<&ExceptionLink> {
    let caused = [Relation::Escaped, Relation::Cause];
    let mut chain = trace.chain.iter().rev();
    chain.find(|link| caused.contains(&link.relation) && !link.exception_type.is_empty())
}

/// Type and message, as they are quoted.
fn title(link: &ExceptionLink) -> String {
    let message = link.message.lines().next().unwrap_or_default();
    let title = match (link.exception_type.as_str(), message) {
        (kind, "") => kind.to_owned(),
        ("", message) => message.to_owned(),
        (kind, message) => format!("{kind}: {message}"),
    };
    clipped(&shown(&title), QUOTE_CHARS_MAX).replace('`', "'")
}

/// Where: the innermost frame of the program's own code, of the cause or of what it came up as.
fn place(trace: &Trace, root: &ExceptionLink) -> Option<String> {
    let own = root.frames.iter().find(|frame| frame.in_app);
    let (frame, whose) = match own.or_else(|| trace.top_in_app()) {
        Some(frame) => (frame, ""),
        None => (
            root.frames.first()?,
            " (a library: no frame is the program's own)",
        ),
    };
    let name = named(frame);
    (!name.is_empty()).then(|| format!(" in `{name}`{whose}"))
}

fn named(frame: &Frame) -> String {
    let function = match (frame.module.as_str(), frame.function.as_str()) {
        ("", function) => function.to_owned(),
        (module, "") => module.to_owned(),
        (module, function) => format!("{module}.{function}"),
    };
    let place = match (frame.file.as_str(), frame.line) {
        ("", _) => String::new(),
        (file, Some(line)) => format!(" ({file}:{line})"),
        (file, None) => format!(" ({file})"),
    };
    clipped(&shown(&format!("{function}{place}")), QUOTE_CHARS_MAX).replace('`', "'")
}

/// What that kind of error means.
fn meaning(kind: &str, message: &str) -> Option<&'static str> {
    let of_type = last_part(kind).to_ascii_lowercase();
    let message = message.to_ascii_lowercase();
    let fits = |row: &&Row| {
        let typed = row
            .types
            .split(' ')
            .any(|one| one == of_type && !one.is_empty());
        let words = row.words.split('|').filter(|word| !word.is_empty());
        let said = words
            .into_iter()
            .any(|word| message.contains(word) || of_type.contains(word));
        match (row.types.is_empty(), row.words.is_empty()) {
            (true, _) => said,
            (false, true) => typed,
            (false, false) => typed && said,
        }
    };
    let row = MEANINGS.iter().find(fits);
    row.map(|row| row.means)
        .or_else(|| of_words(&format!("{kind} {message}")))
}

/// `java.net.ConnectException` is `ConnectException`; `psycopg2.errors.UniqueViolation` likewise.
fn last_part(kind: &str) -> &str {
    let kind = kind.split(['(', '<', ' ']).next().unwrap_or(kind);
    let mut parts = kind.rsplit(['.', ':', '\\', '/', '$']);
    parts.find(|part| !part.is_empty()).unwrap_or(kind)
}

/// What the words of an error that no row knows say of its kind.
fn of_words(text: &str) -> Option<&'static str> {
    let kind = trouble::of(text)?.kind;
    Some(match kind {
        Kind::Timeout => "something that it waited for did not answer in time",
        Kind::Refused => "nothing listened at the address that it called",
        Kind::Reset => "the other side ended the connection before its time",
        Kind::Unreachable => "there was no way to the machine that it called",
        Kind::NameResolution => "a host name could not be resolved",
        Kind::Certificate => "the certificate or handshake of a connection was not accepted",
        Kind::Denied => "its credentials or rights were not accepted",
        Kind::Throttled => "it called more often than the other side allows",
        Kind::OutOfMemory => "there was no memory left to give",
        Kind::Lock => "it waited for a lock that something else held",
        Kind::Space => "there was no space left to write to",
        Kind::ReadOnly => "it wrote to what may only be read",
        Kind::Exhausted => "a pool or another limited resource had run out",
        Kind::Corrupt => "the data were damaged, or not of the form that it expects",
        Kind::AddressInUse => "the port or address was taken already",
        Kind::Missing => "something that it needs was not there",
        Kind::Overload => "there was more to do than could be done",
        Kind::Mismatch => "two sides did not agree on a setting or version",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use cordon_fingerprint::parse_trace;

    use super::{explain, meaning};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let trace = parse_trace(text).expect("a trace");
        assert_eq!(explain(&trace), expected);
    }

    #[test]
    fn the_root_comes_first() {
        check(
            "com.acme.PayFailed: order 7\n\tat com.acme.Pay.run(Pay.java:12)\n\
             Caused by: java.net.ConnectException: Connection refused\n\
             \tat java.net.Socket.connect(Socket.java:5)\n\
             \tat com.acme.Http.call(Http.java:40)\n\t... 2 more",
            "`java.net.ConnectException: Connection refused` in `com.acme.Http.call \
             (com/acme/Http.java:40)`: nothing listened at the address that was called, or \
             something refused the connection. It came up as `com.acme.PayFailed: order 7`.",
        );
    }

    #[test]
    fn one_error_is_one_sentence() {
        check(
            "Traceback (most recent call last):\n  File \"/app/shop/cart.py\", line 9, in \
             total\n    \
             return p['x']\nKeyError: 'x'",
            "`KeyError: 'x'` in `shop.cart.total (shop/cart.py:9)`: a key was looked up that is \
             not \
             in the map.",
        );
    }

    #[test]
    fn kinds_of_every_language_are_known() {
        for (kind, message, part) in [
            ("java.lang.NullPointerException", "", "no object"),
            (
                "TypeError",
                "Cannot read properties of undefined (reading 'id')",
                "no object",
            ),
            ("TypeError", "unsupported operand type(s)", "another type"),
            (
                "panic",
                "runtime error: index out of range [5] with length 3",
                "outside",
            ),
            (
                "panic",
                "called `Option::unwrap()` on a `None` value",
                "no value",
            ),
            (
                "System.Threading.Tasks.TaskCanceledException",
                "",
                "cancelled",
            ),
            (
                "ActiveRecord::ConnectionTimeoutError",
                "could not obtain from the pool",
                "pool",
            ),
            (
                "psycopg2.errors.UniqueViolation",
                "duplicate key value",
                "unique",
            ),
            ("SIGSEGV", "", "memory"),
            ("Error", "connect ECONNREFUSED <ip>", "listened"),
            ("Error", "getaddrinfo ENOTFOUND db", "resolved"),
            (
                "ssl.SSLCertVerificationError",
                "certificate verify failed",
                "certificate",
            ),
            ("java.lang.OutOfMemoryError", "Java heap space", "memory"),
            (
                "java.net.SocketTimeoutException",
                "Read timed out",
                "did not answer",
            ),
        ] {
            let found = meaning(kind, message).unwrap_or_default();
            assert!(found.contains(part), "{kind} {message}: {found}");
        }
        assert_eq!(meaning("com.acme.Odd", "x"), None);
    }
}
