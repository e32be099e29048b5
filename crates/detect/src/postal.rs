//! Postal addresses: whether the value of a field reads like one, and how far one without quotes
//! goes.
//!
//! *Limits:* an address is at most [`ADDRESS_BYTES_MAX`] long.

use crate::bytes::{alnum, at, before, blank, ceil, cut, digit, run};
use crate::net;

/// Longest address in bytes.
pub(crate) const ADDRESS_BYTES_MAX: usize = 256;
/// Fewest letters of a word that a street or town may be.
const WORD_LETTERS_MIN: usize = 3;

/// Letters of the scripts in which addresses are written without blanks.
fn unparted(c: char) -> bool {
    matches!(
        c,
        '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{e00}'..='\u{e7f}'
    )
}

/// Whether a value of a field that is named an address is a postal one: words and a number, and
/// nothing that addresses of machines, accounts or pages are written with.
pub(crate) fn is_postal(value: &str) -> bool {
    let value = value.trim_matches(|c: char| matches!(c, '"' | '\'' | '\\') || c.is_whitespace());
    if !(4..=ADDRESS_BYTES_MAX).contains(&value.len()) {
        return false;
    }
    let technical =
        value.contains("://") || value.contains(['@', '=', '{', '}', '<', '>', '$', '_']);
    let counted = value.chars().any(char::is_numeric);
    if technical || value.starts_with(['/', '.', '-', '*']) {
        return false;
    }
    let script = value.chars().filter(|c| unparted(*c)).count();
    if script >= WORD_LETTERS_MIN {
        return counted
            || value
                .chars()
                .any(|c| "市区區県縣都府道町村路街巷号號省시구동로길".contains(c));
    }
    let words = || {
        let parts =
            value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '(' | ')'));
        parts.filter(|part| !part.is_empty())
    };
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let named = words().any(|word| letters(word) >= WORD_LETTERS_MIN && !word.contains(':'));
    counted && named && words().count() >= 2 && !words().any(is_of_machine)
}

/// Whether a word of a value is written as addresses of machines and versions are.
fn is_of_machine(word: &str) -> bool {
    let bytes = word.as_bytes();
    // `--port 80`, `2026-11-22`.
    let date = bytes.len() >= 10
        && bytes.iter().take(4).all(|b| digit(*b))
        && matches!((bytes.get(4), bytes.get(7)), (Some(b'-'), Some(b'-')));
    if word.starts_with("--") || date {
        return true;
    }
    let port = word.rsplit_once(':').is_some_and(|(head, port)| {
        !head.is_empty() && !port.is_empty() && port.bytes().all(digit)
    });
    let hex = word.starts_with("0x") || word.len() >= 16 && bytes.iter().all(u8::is_ascii_hexdigit);
    let dotted = word.matches('.').count() >= 2 && bytes.iter().any(|b| digit(*b));
    let host = word.contains('.')
        && word.split('.').filter(|part| part.len() >= 2).count() >= 2
        && bytes.iter().all(|b| alnum(*b) || matches!(b, b'.' | b'-'));
    port || hex || dotted && !word.contains("..") || host || net::is_hardware(word)
}

/// Where an address without quotes that begins at `start` ends: at the line's end, at what closes
/// around it, or before the next `name=` or `name:`.
pub(crate) fn phrase_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let limit = (start + ADDRESS_BYTES_MAX).min(bytes.len());
    let mut end = start;
    while end < limit {
        let b = at(bytes, end);
        let escape = b == b'\\' && matches!(at(bytes, end + 1), b'n' | b'r' | b't' | b'"' | b'\\');
        if b < 0x20
            || escape
            || matches!(
                b,
                b'"' | b'`' | b'<' | b'>' | b'|' | b';' | b'}' | b']' | b')' | b'&'
            )
        {
            break;
        }
        if matches!(b, b' ' | b',') && names_next(text, end) {
            break;
        }
        end += 1;
    }
    crate::bytes::looked(end - start);
    let end = ceil(text, end);
    let value = cut(text, start, end).trim_end_matches([' ', ',', '.', '\'', '-']);
    start + value.len()
}

/// Longest name in bytes of the next field.
const NAME_BYTES_MAX: usize = 40;

/// Whether behind the blank or comma at `i` another field's name and its sign stand.
fn names_next(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let from = run(bytes, i, 4, |b| blank(b) || b == b',');
    let name = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'\'' | b'"') || b >= 0x80;
    let end = run(bytes, from, NAME_BYTES_MAX, name);
    let sign = run(bytes, end, 2, blank);
    let word = crate::bytes::lower(cut(text, from, end));
    // `Caddesi No: 12`.
    let counts = matches!(
        word.as_str(),
        "no" | "nr" | "n" | "apt" | "kat" | "daire" | "blok" | "block" | "unit"
    );
    let known = matches!(at(bytes, sign), b'=') || at(bytes, end) == b':' && end > from;
    known && !counts && before(bytes, end) != b','
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_and_of_machines() {
        for text in [
            "23 High Street, London SW5A 1AA",
            "Bahnhofstr. 33a, 50414 Köln",
            "Calle Mayor 32, 3º B, 41081 Sevilla",
            "ul. Marszałkowska 35/5, 00-814 Warszawa",
            "пр-т Мира, дом 785, 101214 Москва",
            "東京都千代田区丸の内6-1-1",
            "서울특별시 강남구 테헤란로 871",
            "P.O. Box 123, Springfield",
            "Atatürk Caddesi No: 22, 34957 İstanbul",
            "12 Rue de la Paix",
        ] {
            assert!(is_postal(text), "{text}");
        }
        for text in [
            "10.0.0.1",
            "10.0.0.1:8080",
            "localhost:8080",
            "[::1]:80",
            "0x7ffd1c2b3a40",
            "db-1.internal.example.org 5432",
            "https://example.org/a 1",
            "ann@example.org 1",
            "/var/run/docker.sock 2",
            "eth0 00:11:22:33:44:55",
            "unknown",
            "already in use",
        ] {
            assert!(!is_postal(text), "{text}");
        }
    }

    #[test]
    fn without_quotes_the_next_name_ends_it() {
        for (text, wanted) in [
            (
                "Kerkstraat 12, 3075 CD Rotterdam\nb = 1",
                "Kerkstraat 12, 3075 CD Rotterdam",
            ),
            (
                "Kerkstraat 12, 3075 CD Rotterdam, rows=3",
                "Kerkstraat 12, 3075 CD Rotterdam",
            ),
            ("Main St 5 Flags:0x8f IsActive:true}", "Main St 5"),
            (
                "Atatürk Caddesi No: 22, Ankara | x",
                "Atatürk Caddesi No: 22, Ankara",
            ),
        ] {
            assert_eq!(cut(text, 0, phrase_end(text, 0)), wanted);
        }
    }
}
