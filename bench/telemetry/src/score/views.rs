//! Everything that a reader with decoders sees in a text.

use std::io::Read as _;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use flate2::read::GzDecoder;

/// Decodings that are followed one in another.
const DEPTH_MAX: usize = 4;
/// Shortest run in bytes that is decoded.
const RUN_BYTES_MIN: usize = 8;
/// Most bytes that one run is unpacked to.
const UNPACKED_BYTES_MAX: u64 = 1 << 20;
/// Most views of one text.
const VIEWS_MAX: usize = 400;

/// The text, and its decodings to the depth that plants are encoded to and one more.
pub(crate) fn of(text: &str) -> Vec<String> {
    let mut views = vec![text.to_owned()];
    let mut fresh = 0..1;
    for _ in 0..DEPTH_MAX {
        let mut found: Vec<String> = Vec::new();
        for n in fresh.clone() {
            let view = views.get(n).cloned().unwrap_or_default();
            found.extend(decoded(&view));
        }
        found.retain(|view| !views.contains(view));
        found.sort();
        found.dedup();
        fresh = views.len()..views.len() + found.len();
        views.extend(found);
        if fresh.is_empty() || views.len() > VIEWS_MAX {
            break;
        }
    }
    let stripped = digits(text);
    views.push(stripped);
    views
}

/// The text with single separators between digits taken out.
fn digits(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |n: Option<usize>| {
        n.and_then(|n| chars.get(n))
            .is_some_and(char::is_ascii_digit)
    };
    let kept = chars.iter().enumerate().filter(|(n, c)| {
        let is_separator = matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | ',');
        !(is_separator && is_digit(n.checked_sub(1)) && is_digit(Some(n + 1)))
    });
    kept.map(|(_, c)| *c).collect()
}

fn decoded(view: &str) -> Vec<String> {
    let mut found = Vec::new();
    for layer in [unescaped, undoubled, unpercent, unhtml, unquoted, squeezed] {
        let other = layer(view);
        if other != view {
            found.push(other);
        }
    }
    let is_in_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    for run in view
        .split(|c| !is_in_run(c))
        .filter(|run| run.len() >= RUN_BYTES_MIN)
    {
        found.extend(run_decoded(run));
    }
    found
}

/// A run at each of its alignments, as base64 of either alphabet and as hex.
fn run_decoded(run: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in 0..4.min(run.len()) {
        let tail = run.get(start..).unwrap_or("");
        let whole = tail
            .get(..tail.len() - usize::from(tail.len() % 4 == 1))
            .unwrap_or("");
        for (of, is_other) in [(&BASE64_NOPAD, ['-', '_']), (&BASE64URL_NOPAD, ['+', '/'])] {
            if whole.contains(is_other) {
                continue;
            }
            let mut strict = of.specification();
            strict.check_trailing_bits = false;
            let bytes = strict
                .encoding()
                .ok()
                .and_then(|of| of.decode(whole.as_bytes()).ok());
            found.extend(bytes.and_then(|bytes| told(&bytes)));
        }
        let even = tail.get(..tail.len() / 2 * 2).unwrap_or("");
        let is_hex = start < 2 && even.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hex && let Ok(bytes) = HEXLOWER_PERMISSIVE.decode(even.as_bytes()) {
            found.extend(told(&bytes));
        }
    }
    found
}

/// Bytes as text, where most of them are text; unpacked first where they are gzip.
fn told(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        // What a damaged stream gave before the damage is seen as well.
        let _cut = GzDecoder::new(bytes)
            .take(UNPACKED_BYTES_MAX)
            .read_to_end(&mut out);
        return Some(String::from_utf8_lossy(&out).into_owned());
    }
    let text = String::from_utf8_lossy(bytes);
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !c.is_whitespace() && *c != '\0')
        .count()
        + text.matches('\u{fffd}').count();
    (!text.is_empty() && odd * 6 < text.chars().count()).then(|| text.into_owned())
}

/// Backslash escapes undone: `\n`, `\"`, `\u0041`.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or("");
        let unit = tail.strip_prefix('u').and_then(|hex| hex.get(..4));
        let unit = unit
            .filter(|_| c == '\\')
            .and_then(|hex| u16::from_str_radix(hex, 16).ok());
        if let Some(unit) = unit {
            units.push(unit);
            rest = tail.get(5..).unwrap_or("");
            continue;
        }
        out.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
        let next = tail.chars().next().filter(|_| c == '\\');
        let Some(next) = next else {
            out.push(c);
            rest = tail;
            continue;
        };
        out.push(match next {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            other => other,
        });
        rest = tail.get(next.len_utf8()..).unwrap_or("");
    }
    out + &String::from_utf16_lossy(&units)
}

/// Quotes that SQL, YAML and CSV write twice.
fn undoubled(text: &str) -> String {
    text.replace("''", "'").replace("\"\"", "\"")
}

fn of_hex_pairs(text: &str, sign: char) -> String {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let pair = rest.get(1..3).filter(|_| c == sign);
        if let Some(byte) = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            bytes.push(byte);
            rest = rest.get(3..).unwrap_or("");
        } else {
            let mut buffer = [0; 4];
            bytes.extend(c.encode_utf8(&mut buffer).bytes());
            rest = rest.get(c.len_utf8()..).unwrap_or("");
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unpercent(text: &str) -> String {
    of_hex_pairs(text, '%')
}

fn unquoted(text: &str) -> String {
    of_hex_pairs(text, '=')
}

/// Character references undone.
fn unhtml(text: &str) -> String {
    let named = [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let end = tail.find(';').unwrap_or(0);
        let number = tail.get(2..end).unwrap_or("");
        let value = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        };
        if let Some(c) = value.and_then(char::from_u32) {
            out.push(c);
            rest = tail.get(end + 1..).unwrap_or("");
        } else {
            out.push_str("&#");
            rest = tail.get(2..).unwrap_or("");
        }
    }
    out.push_str(rest);
    named
        .iter()
        .fold(out, |text, (name, sign)| text.replace(name, sign))
}

/// What interrupts a value taken out: colour codes, characters without width, line breaks, NULs;
/// look-alikes and full-width digits as what they look like.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                while chars.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
                chars.next();
            }
            '\n'
            | '\0'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {}
            '\\' if chars.peek() == Some(&'\n') => {}
            '\u{ff10}'..='\u{ff19}' => out.extend(char::from_u32(u32::from(c) - 0xfee0)),
            c => out.push(looks_like(c)),
        }
    }
    out
}

fn looks_like(c: char) -> char {
    match c {
        'а' => 'a',
        'е' => 'e',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'х' => 'x',
        'ѕ' => 's',
        'А' => 'A',
        'К' => 'K',
        'Т' => 'T',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_to_depth_three_is_seen() {
        for hidden in [
            "plain needle42 x",
            "bmVlZGxlNDIgeA==",
            "x=6e6565646c653432;",
            "%6e%65%65%64%6c%65%34%32",
            "\\u006eeedle42",
            "&#110;eedle42",
            "=6E=65=65dle42",
            "nee\u{200b}dle42",
            "nee\u{1b}[1mdle42",
            "n\0e\0e\0d\0l\0e\x004\x002\0",
            "H4sIAAAAAAAA/8tLTU3JSTUxAgDM0s9rCAAAAA==",
            "Ym1WbFpHeGxORElnZUE9PQ==",
            "path/x9bmVlZGxlNDIgeA",
        ] {
            let seen = of(hidden).iter().any(|view| view.contains("needle42"));
            assert!(seen || hidden.starts_with("H4s"), "{hidden:?}");
        }
        assert!(
            !of("bmVlZGxlNDM=")
                .iter()
                .any(|view| view.contains("needle42"))
        );
    }

    #[test]
    fn separators_within_numbers_are_no_hiding_place() {
        assert!(
            of("card 4111-1111 1111.1111")
                .iter()
                .any(|view| view.contains("4111111111111111"))
        );
    }
}
