//! Names of operations without what varies from call to call.

/// Longest segment that is taken for a word.
const WORD_BYTES_MAX: usize = 40;

/// `GET https://shop.example:8080/cart/17?x=1` becomes `GET /cart/*`: segments of paths that hold
/// a digit (but for versions such as `v2`), a placeholder or a pseudonym become `*`; hosts and
/// queries go. Words stay.
pub(super) fn general(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(word).collect();
    words.join(" ")
}

fn word(word: &str) -> String {
    let path = match word.split_once("://") {
        Some((_, rest)) => rest
            .find('/')
            .map_or("/", |at| rest.get(at..).unwrap_or("/")),
        None => word,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    if !path.contains('/') {
        return if varies(path) {
            masked(path)
        } else {
            path.to_owned()
        };
    }
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if varies(segment) { "*" } else { segment })
        .collect();
    segments.join("/")
}

/// Whether a segment is an identifier: a digit in it that is not a version's, a placeholder, or
/// more than a word is long.
fn varies(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let placeholder = bytes.starts_with(b"{") || bytes.starts_with(b":") || bytes.starts_with(b"<");
    let version = bytes.first().is_some_and(|b| matches!(b, b'v' | b'V'))
        && bytes.len() > 1
        && bytes.len() <= 4
        && bytes.iter().skip(1).all(u8::is_ascii_digit);
    let digits = bytes.iter().any(u8::is_ascii_digit);
    placeholder || (digits && !version) || bytes.len() > WORD_BYTES_MAX
}

/// A word outside a path: its runs of digits go, the rest tells what it is.
fn masked(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('*') {
            out.push('*');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_goes_and_words_stay() {
        for (name, operation) in [
            ("GET /api/v1/cart/17", "GET /api/v1/cart/*"),
            ("GET http://shop.example:8080/cart/a1b2?x=1", "GET /cart/*"),
            ("POST /orders/{id}/pay", "POST /orders/*/pay"),
            ("POST /orders/:id/pay", "POST /orders/*/pay"),
            ("shop.Cart/AddItem", "shop.Cart/AddItem"),
            ("SELECT orders", "SELECT orders"),
            ("worker-12 run", "worker-* run"),
            ("", ""),
        ] {
            assert_eq!(general(name), operation);
        }
    }
}
