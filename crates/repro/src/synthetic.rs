//! Stand-ins for what redaction took out: same kind, same shape, same checksum class.
//!
//! A stand-in is a function of the pseudonym, so that equal values stay equal and different ones
//! stay different within a test. Mail addresses, phone numbers, host names and IP addresses come
//! from blocks reserved for examples; cards from a prefix of test cards.

use serde_json::Value as Json;

/// How stand-ins are formed: what a test tries when the natural form does not reproduce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// As such values mostly look.
    #[default]
    Natural,
    /// A number, where the whole value was a number's digits.
    Number,
    /// Letters outside of ASCII.
    NonAscii,
    /// Nothing.
    Empty,
    /// Far longer than usual.
    Long,
}

impl Form {
    /// The forms after the natural one, in the order in which they are tried.
    pub(crate) const OTHERS: [Self; 4] = [Self::Number, Self::NonAscii, Self::Empty, Self::Long];
}

const MARKERS: &[&str] = &["[removed", "[masked", "[redacted"];
const MARKER_BYTES_MAX: usize = 120;
/// Base32 of 96 bits.
const TAIL_CHARS_MIN: usize = 20;
const TAIL_CHARS_MAX: usize = 52;

/// Puts stand-ins in; returns how many.
pub(crate) fn replace(json: &mut Json, form: Form) -> usize {
    match json {
        Json::String(text) => {
            let (replaced, count) = replace_text(text, form);
            let number = count == 1 && form == Form::Number;
            *json = match replaced.parse::<u64>() {
                Ok(number_value) if number => number_value.into(),
                _ => Json::String(replaced),
            };
            count
        }
        Json::Array(items) => items.iter_mut().map(|item| replace(item, form)).sum(),
        Json::Object(members) => {
            let taken = std::mem::take(members);
            let mut count = 0;
            for (key, mut value) in taken {
                let (key, in_key) = replace_text(&key, Form::Natural);
                count += in_key + replace(&mut value, form);
                members.insert(key, value);
            }
            count
        }
        _ => 0,
    }
}

/// As [`replace`], in one text.
pub(crate) fn replace_text(text: &str, form: Form) -> (String, usize) {
    replace_with(text, form, &mut str::to_owned)
}

/// As [`replace_text`], with what `plain` makes of each piece that is no pseudonym.
pub(crate) fn replace_with(
    text: &str,
    form: Form,
    plain: &mut dyn FnMut(&str) -> String,
) -> (String, usize) {
    let (mut out, mut count, mut rest) = (String::new(), 0, text);
    while let Some(c) = rest.chars().next() {
        let (taken, stand_in) = if let Some(len) = marker_len(rest) {
            let marker = rest.get(..len).unwrap_or_default();
            (len, Some(formed("secret", hash(marker), form)))
        } else {
            let word = word_of(rest);
            let pair = pseudonym(word);
            let len = word.len().max(c.len_utf8());
            (len, pair.map(|kind| formed(kind, hash(word), form)))
        };
        let (head, tail) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        count += usize::from(stand_in.is_some());
        out.push_str(&stand_in.unwrap_or_else(|| plain(head)));
        rest = tail;
    }
    (out, count)
}

fn marker_len(rest: &str) -> Option<usize> {
    MARKERS.iter().find(|marker| rest.starts_with(**marker))?;
    rest.find(']')
        .map(|at| at + 1)
        .filter(|len| *len <= MARKER_BYTES_MAX)
}

fn word_of(rest: &str) -> &str {
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Kind of a pseudonym; `None` for any other word.
fn pseudonym(word: &str) -> Option<&str> {
    let (kind, tail) = word.rsplit_once('_')?;
    let base32 = |b: u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'2'..=b'7');
    let kind_fits = kind.starts_with(|c: char| c.is_ascii_lowercase())
        && kind
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let sized = (TAIL_CHARS_MIN..=TAIL_CHARS_MAX).contains(&tail.len());
    let one_case = !tail.bytes().any(|b| b.is_ascii_lowercase())
        || !tail.bytes().any(|b| b.is_ascii_uppercase());
    (kind_fits && sized && one_case && tail.bytes().all(base32)).then_some(kind)
}

/// FNV-1a: spreads stand-ins; it protects nothing, since a pseudonym is already keyed.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn formed(kind: &str, seed: u64, form: Form) -> String {
    let natural = natural(kind, seed);
    match form {
        Form::Natural => natural,
        Form::Number => natural.chars().filter(char::is_ascii_digit).collect(),
        Form::NonAscii => format!("\u{fc}{natural}"),
        Form::Empty => String::new(),
        Form::Long => format!("{natural}{}", "x".repeat(4096)),
    }
}

fn natural(kind: &str, seed: u64) -> String {
    let (low, high) = (seed % 100, seed / 100 % 250 + 1);
    match kind {
        "email" => format!("user{}@example.com", seed % 1_000_000),
        "card" => card(seed),
        "phone" => format!("+1 202 555 01{low:02}"),
        "iban" => iban(seed),
        "ip" => format!("192.0.2.{high}"),
        "host" => format!("host-{}.example", seed % 10_000),
        "person" => format!(
            "{} Sample",
            FIRST_NAMES.get(seed as usize % 8).unwrap_or(&"Ida")
        ),
        "path" => format!("/srv/sample/{}", seed % 10_000),
        "user" => format!("user{}", seed % 10_000),
        "national" => format!("000-00-{:04}", seed % 10_000),
        "mac" => format!("00:00:5e:00:53:{:02x}", seed % 256),
        "account" => format!("{:010}", seed % 10_000_000_000),
        "session" => format!("{seed:016x}{:016x}", seed.rotate_left(17)),
        "address" => format!("{high} Sample Street"),
        "birth" => format!("19{:02}-0{}-1{}", 40 + seed % 60, seed % 9 + 1, seed % 10),
        "secret" => format!("synthetic-{seed:016x}"),
        other => format!("{other}-{}", seed % 1_000_000),
    }
}

const FIRST_NAMES: [&str; 8] = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gia", "Hal"];

/// Sixteen digits that pass the Luhn check.
fn card(seed: u64) -> String {
    let body = format!("400000{:09}", seed % 1_000_000_000);
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                doubled(digit)
            } else {
                digit
            }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A German account number that passes ISO 7064 mod 97-10, of a bank code that is not issued.
fn iban(seed: u64) -> String {
    let account = format!("00000000{:010}", seed % 10_000_000_000);
    // D is 13, E is 14; the check digits count as 00.
    let rest = format!("{account}131400")
        .chars()
        .filter_map(|c| c.to_digit(10))
        .fold(0, |rest, digit| (rest * 10 + digit) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TAIL: &str = "mfrggzdfmztwq2lknnwg";

    fn check(text: &str, begins: &str, count: usize) {
        let (out, n) = replace_text(text, Form::Natural);
        assert!(
            out.starts_with(begins) && n == count,
            "{text} became {out} ({n})"
        );
    }

    #[test]
    fn each_kind_keeps_its_shape() {
        check(&format!("email_{TAIL}"), "user", 1);
        check(&format!("phone_{TAIL}"), "+1 202 555 01", 1);
        check(
            &format!("to card_{TAIL} and [removed:jwt]."),
            "to 400000",
            2,
        );
        check("a_snake_case_name stays", "a_snake_case_name stays", 0);
        check("[removed by hand", "[removed by hand", 0);
        check("Ü 日本 email_short", "Ü 日本 email_short", 0);
    }

    #[test]
    fn equal_stays_equal_and_different_stays_different() {
        let other = TAIL.replace('m', "n");
        let one = replace_text(&format!("email_{TAIL}"), Form::Natural);
        assert_eq!(one, replace_text(&format!("email_{TAIL}"), Form::Natural));
        assert_ne!(one, replace_text(&format!("email_{other}"), Form::Natural));
    }

    #[test]
    fn checksums_hold() {
        for seed in [0, 1, 7, u64::MAX, 123_456_789] {
            let digits: Vec<u32> = card(seed).chars().filter_map(|c| c.to_digit(10)).collect();
            let sum: u32 = digits
                .iter()
                .rev()
                .enumerate()
                .map(|(i, d)| {
                    if i % 2 == 1 {
                        d * 2 / 10 + d * 2 % 10
                    } else {
                        *d
                    }
                })
                .sum();
            assert_eq!((digits.len(), sum % 10), (16, 0));
            let iban = iban(seed);
            let moved = format!(
                "{}1314{}",
                iban.split_at(4).1,
                iban.split_at(4).0.split_at(2).1
            );
            let rest = moved
                .bytes()
                .fold(0, |r, b| (r * 10 + u64::from(b - b'0')) % 97);
            assert_eq!((iban.len(), rest), (22, 1));
        }
    }

    #[test]
    fn a_number_can_be_a_number_again() {
        let mut value = json!({"card": format!("card_{TAIL}"), "n": 1});
        assert_eq!(replace(&mut value, Form::Number), 1);
        assert!(value["card"].is_u64());
    }
}
