//! Parts of a `multipart/form-data` body (RFC 7578, on RFC 2046 section 5.1).
//!
//! A delimiter stands at the beginning of a line: `--`, the boundary, blanks, the end of the line.
//! What stands before the first and behind the closing one is nothing. More is taken than is
//! written there: lines that end in LF alone, and a body whose boundary nobody told ([`sniffed`]),
//! since old clients nest a form in a form without saying so. A body without its closing delimiter
//! was cut off and is refused: half a part means nothing.
//!
//! *Limits:* [`PARTS_COUNT_MAX`] parts, [`HEADER_BYTES_MAX`] of header for each; a boundary of
//! [`BOUNDARY_BYTES_MAX`]. Parts are lent from the body: nothing is copied.

use crate::error::Code;

/// Parts of one body.
pub(crate) const PARTS_COUNT_MAX: usize = 256;
/// Bytes of a part's header.
pub(crate) const HEADER_BYTES_MAX: usize = 16 << 10;
/// Bytes of a boundary: 70 by RFC 2046, and more where clients do not read it.
const BOUNDARY_BYTES_MAX: usize = 256;

/// A part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    /// Name of the field; empty where it has none.
    pub(crate) name: String,
    /// Name of the file, where the part is one.
    pub(crate) file: Option<String>,
    /// Its content.
    pub(crate) content: &'a [u8],
}

/// The boundary in the value of a content type.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let found = parameter(parameters, "boundary")?;
    (!found.is_empty() && found.len() <= BOUNDARY_BYTES_MAX).then_some(found)
}

/// The boundary that a body begins with.
pub(crate) fn sniffed(body: &[u8]) -> Option<String> {
    let rest = body.strip_prefix(b"\r\n").unwrap_or(body);
    let rest = rest.strip_prefix(b"--")?;
    let end = rest
        .iter()
        .take(BOUNDARY_BYTES_MAX + 2)
        .position(|b| *b == b'\n')?;
    let line = rest.get(..end)?.trim_ascii_end();
    let is_graphic = line.iter().all(|b| (0x20..0x7f).contains(b));
    let text = std::str::from_utf8(line).ok()?;
    (is_graphic && !text.is_empty()).then(|| text.to_owned())
}

/// The parts of a body.
pub(crate) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, Code> {
    if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES_MAX {
        return Err(Code::MultipartMalformed);
    }
    let delimiter = format!("--{boundary}");
    let mut found = Vec::new();
    let mut at = 0;
    let mut begun: Option<usize> = None;
    while let Some(mark) = next(body, at, delimiter.as_bytes()) {
        if let Some(from) = begun {
            if found.len() >= PARTS_COUNT_MAX {
                return Err(Code::MultipartMalformed);
            }
            found.push(part(body.get(from..mark.end_of_part).unwrap_or_default())?);
        }
        if mark.is_last {
            return Ok(found);
        }
        begun = Some(mark.next);
        at = mark.next;
    }
    Err(Code::MultipartMalformed)
}

/// A delimiter.
struct Mark {
    /// Where the part before it ends: its line ending belongs to the delimiter.
    end_of_part: usize,
    /// Where the next part begins.
    next: usize,
    is_last: bool,
}

/// The first delimiter that stands at the beginning of a line, from `at` on.
fn next(body: &[u8], at: usize, delimiter: &[u8]) -> Option<Mark> {
    let mut line = at;
    loop {
        let rest = body.get(line..)?;
        if let Some(tail) = rest.strip_prefix(delimiter)
            && let Some((len, is_last)) = end(tail)
        {
            let before = body.get(at..line).unwrap_or_default();
            let ending = match before {
                [.., b'\r', b'\n'] => 2,
                [.., b'\n'] => 1,
                _ => 0,
            };
            return Some(Mark {
                end_of_part: line - ending,
                next: line + delimiter.len() + len,
                is_last,
            });
        }
        line += rest.iter().position(|b| *b == b'\n')? + 1;
    }
}

/// What follows a delimiter: its length, and whether it closes. A longer boundary is another.
fn end(tail: &[u8]) -> Option<(usize, bool)> {
    if tail.starts_with(b"--") {
        return Some((2, true));
    }
    let blanks = tail
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    match tail.get(blanks..)? {
        [b'\n', ..] => Some((blanks + 1, false)),
        [b'\r', b'\n', ..] => Some((blanks + 2, false)),
        _ => None,
    }
}

/// A part's header and content.
fn part(bytes: &[u8]) -> Result<Part<'_>, Code> {
    let mut part = Part {
        name: String::new(),
        file: None,
        content: &[],
    };
    let mut rest = bytes;
    loop {
        let head = rest.get(..HEADER_BYTES_MAX).unwrap_or(rest);
        let Some(end) = head.iter().position(|b| *b == b'\n') else {
            // A header that ends with the part has no content.
            let is_short = rest.len() <= HEADER_BYTES_MAX;
            return if is_short {
                Ok(part)
            } else {
                Err(Code::MultipartMalformed)
            };
        };
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        rest = rest.get(end + 1..).unwrap_or_default();
        if bytes.len() - rest.len() > HEADER_BYTES_MAX {
            return Err(Code::MultipartMalformed);
        }
        if line.is_empty() {
            part.content = rest;
            return Ok(part);
        }
        let line = String::from_utf8_lossy(line);
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-disposition")
        {
            part.name = parameter(value, "name").unwrap_or_default();
            part.file = parameter(value, "filename").or_else(|| parameter(value, "filename*"));
        }
    }
}

/// A parameter of a header's value, quoted or not; within quotes a backslash or a percent sign
/// hides a quote (RFC 7578, section 4.2, and what browsers do).
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    loop {
        let (name, tail) = match rest.find(['=', ';']) {
            Some(at) if rest.get(at..)?.starts_with('=') => (rest.get(..at)?, rest.get(at + 1..)?),
            Some(at) => {
                rest = rest.get(at + 1..)?;
                continue;
            }
            None => return None,
        };
        let (found, after) = word(tail.trim_start());
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(found);
        }
        rest = after;
    }
}

/// A quoted or bare word, and what follows it.
fn word(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        return (word.trim().to_owned(), rest);
    };
    let mut out = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (unquoted(&out), inner.get(at + 1..).unwrap_or_default()),
            // A path of Windows has backslashes that hide nothing.
            '\\' if inner
                .get(at + 1..)
                .is_some_and(|next| next.starts_with(['"', '\\'])) =>
            {
                out.extend(chars.next().map(|(_, next)| next));
            }
            c => out.push(c),
        }
    }
    (unquoted(&out), "")
}

fn unquoted(text: &str) -> String {
    text.replace("%22", "\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(body: &str, boundary: &str) -> Option<Vec<(String, Option<String>, String)>> {
        let found = parts(body.as_bytes(), boundary).ok()?;
        let row = |part: Part<'_>| {
            let text = String::from_utf8(part.content.to_vec()).unwrap();
            (part.name, part.file, text)
        };
        Some(found.into_iter().map(row).collect())
    }

    fn field(name: &str, text: &str) -> (String, Option<String>, String) {
        (name.to_owned(), None, text.to_owned())
    }

    #[test]
    fn parts_are_told_apart() {
        let two = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n\
                   --b\r\ncontent-disposition: form-data; name=c; filename=\"x.dmp\"\r\n\
                   Content-Type: application/octet-stream\r\n\r\nMDMP\r\n--b--\r\nrest";
        let dump = ("c".to_owned(), Some("x.dmp".to_owned()), "MDMP".to_owned());
        assert_eq!(check(two, "b"), Some(vec![field("a", "1\r\n2"), dump]));
        // LF alone, a preamble, blanks behind a boundary, an empty part.
        let odd = "before\n--b \t\nContent-Disposition: form-data; name=a\n\n\n--b\n\n\n--b--";
        assert_eq!(check(odd, "b"), Some(vec![field("a", ""), field("", "")]));
        // A boundary within a line, and a longer one, are content.
        let inside = "--b\nContent-Disposition: form-data; name=a\n\nx--b\n--bc\n--b--";
        assert_eq!(check(inside, "b"), Some(vec![field("a", "x--b\n--bc")]));
        assert_eq!(check("--b--", "b"), Some(vec![]));
        for cut in [
            "",
            "--b",
            "--b\r\n",
            "x",
            "--b\r\n\r\nabc",
            "--c\n\n\n--c--",
        ] {
            assert_eq!(check(cut, "b"), None, "{cut:?}");
        }
        let many = format!("{}--b--", "--b\n\nx\n".repeat(PARTS_COUNT_MAX + 1));
        assert_eq!(check(&many, "b"), None);
        let long = format!("--b\nA: {}\n\nx\n--b--", "y".repeat(HEADER_BYTES_MAX));
        assert_eq!(check(&long, "b"), None);
    }

    #[test]
    fn names_and_boundaries_are_read() {
        for (kind, expect) in [
            ("multipart/form-data; boundary=abc", Some("abc")),
            (
                "Multipart/Form-Data; charset=x; BOUNDARY=\"a b\"; z",
                Some("a b"),
            ),
            ("multipart/form-data; boundary=", None),
            ("multipart/form-data", None),
            ("text/plain; boundary=abc", None),
        ] {
            assert_eq!(boundary(kind).as_deref(), expect, "{kind}");
        }
        for (value, expect) in [
            (r#"form-data; name="a\"b""#, Some("a\"b")),
            (r#"form-data; name="a%22b""#, Some("a\"b")),
            (r#"form-data; filename="C:\x\y.dmp"; name=z"#, Some("z")),
            (r"form-data; filename=a; name = z ", Some("z")),
            ("form-data", None),
        ] {
            assert_eq!(parameter(value, "name").as_deref(), expect, "{value}");
        }
        assert_eq!(sniffed(b"--abc\r\n").as_deref(), Some("abc"));
        assert_eq!(sniffed(b"\r\n--abc \nx").as_deref(), Some("abc"));
        for none in [&b"--\n"[..], b"abc", b"--abc", b"--\xff\n", b""] {
            assert_eq!(sniffed(none), None);
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..6),
            lf in any::<bool>(),
        ) {
            let end: &[u8] = if lf { b"\n" } else { b"\r\n" };
            let mut body = Vec::new();
            for (n, content) in contents.iter().enumerate() {
                // What ends in CR before LF alone reads as CRLF.
                prop_assume!(!lf || !content.ends_with(b"\r"));
                body.extend_from_slice(b"--4f2b9a77c1");
                body.extend_from_slice(end);
                let head = format!("content-disposition: form-data; name=\"{n}\"");
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(end);
                body.extend_from_slice(end);
                body.extend_from_slice(content);
                body.extend_from_slice(end);
            }
            body.extend_from_slice(b"--4f2b9a77c1--");
            let found = parts(&body, "4f2b9a77c1").unwrap();
            let read: Vec<_> = found.iter().map(|part| part.content.to_vec()).collect();
            prop_assert_eq!(read, contents);
        }

        #[test]
        fn arbitrary_bytes_harm_nobody(
            body in "[-b\r\n:; a=\"\\\\]{0,80}",
            boundary in "[b-]{0,3}",
        ) {
            if let Ok(found) = parts(body.as_bytes(), &boundary) {
                let total: usize = found.iter().map(|part| part.content.len()).sum();
                prop_assert!(total <= body.len() && found.len() <= PARTS_COUNT_MAX);
            }
            let _sniffed = sniffed(body.as_bytes());
        }
    }
}
