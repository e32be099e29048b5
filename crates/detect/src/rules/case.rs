//! Cases of rules: templates that become texts, so that nothing in a pack looks like a leak.
//!
//! A template is a text with holes: `{alnum:30}` is thirty random letters and digits, `{sum}` the
//! rule's checksum over what is before it, `{!sum}` a broken one, `{token:80+32}` a whole token
//! whose checksum goes through all of it, `{{` a brace. The token stands between `«` and `»`;
//! without them it is the whole text. The randomness follows from the rule's id and the case's
//! place, so a case is the same text everywhere.

use super::check::Checksum;
use super::error::Fault;
use super::hash::Draw;

/// Longest text that a template may become, in bytes.
const CASE_BYTES_MAX: usize = 8_192;

/// A template's text and where its token stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// First byte of the token.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Alphabets of holes.
pub(crate) const SETS: &[(&str, &str)] = &[
    ("digit", "0123456789"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("hex", "0123456789abcdef"),
    ("HEX", "0123456789ABCDEF"),
    ("b32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("b32l", "abcdefghijklmnopqrstuvwxyz234567"),
    (
        "b58",
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    ),
    ("bech32", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"),
    ("BECH32", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    ("low", "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("UP", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    (
        "letter",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    ),
    (
        "alnum",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    ),
    (
        "word",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    ),
    (
        "url",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_abcdefghijklmnopqrstuvwxyz",
    ),
    (
        "b64",
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+/abcdefghijklmnopqrstuvwxyz",
    ),
];

/// What a template needs to know of its rule.
pub(crate) struct Of<'r> {
    /// The rule's id.
    pub(crate) id: &'r str,
    /// Which case it is.
    pub(crate) index: usize,
    /// The rule's checksum.
    pub(crate) checksum: Option<Checksum>,
    /// The rule's prefixes.
    pub(crate) prefixes: &'r [String],
}

/// The text of a template.
pub(crate) fn expand(template: &str, of: &Of<'_>) -> Result<Expanded, Fault> {
    let fault = |reason: &str| Fault::Template {
        template: template.to_owned(),
        reason: reason.to_owned(),
    };
    let mut draw = Draw::new(&[of.id, &of.index.to_string(), template]);
    let (mut out, mut rest) = (String::new(), template);
    let (mut start, mut end) = (None, None);
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or("");
        match c {
            '«' if start.is_none() => start = Some(out.len()),
            '»' if start.is_some() && end.is_none() => end = Some(out.len()),
            '«' | '»' => return Err(fault("more than one token")),
            '{' if after.starts_with('{') => {
                out.push('{');
                rest = after.get(1..).unwrap_or("");
                continue;
            }
            '{' => {
                let (hole, behind) = after.split_once('}').ok_or_else(|| fault("an open hole"))?;
                let token = out.get(start.unwrap_or(0)..).unwrap_or("").to_owned();
                let filled = fill(hole, &token, of, &mut draw);
                out.push_str(&filled.ok_or_else(|| fault(&format!("no such hole as {{{hole}}}")))?);
                rest = behind;
                if out.len() > CASE_BYTES_MAX {
                    return Err(fault("too long a text"));
                }
                continue;
            }
            _ => out.push(c),
        }
        rest = after;
    }
    match (start, end) {
        (Some(start), Some(end)) => Ok(Expanded {
            text: out,
            start,
            end,
        }),
        (None, None) => Ok(Expanded {
            start: 0,
            end: out.len(),
            text: out,
        }),
        _ => Err(fault("a token without an end")),
    }
}

/// What goes into a hole behind the beginning of a token.
fn fill(hole: &str, token: &str, of: &Of<'_>, draw: &mut Draw) -> Option<String> {
    let (broken, hole) = match hole.strip_prefix('!') {
        Some(hole) => (true, hole),
        None => (false, hole),
    };
    if hole == "sum" {
        let prefix = of.prefixes.iter().filter(|p| token.starts_with(*p));
        let prefix = prefix.map(String::len).max().unwrap_or(0);
        let sum = of.checksum?.sum(token.as_bytes(), prefix)?;
        return String::from_utf8(turned(sum, broken)).ok();
    }
    let (name, form) = hole.split_once(':')?;
    if name == "token" {
        let made = of.checksum?.token(form, draw)?;
        return String::from_utf8(turned(made, broken)).ok();
    }
    if name == "base64" {
        let length = form
            .parse::<usize>()
            .ok()
            .filter(|n| *n <= CASE_BYTES_MAX)?;
        let plain: Vec<u8> = (0..length).map(|_| b'0' + draw.below(10) as u8).collect();
        return Some(data_encoding::BASE64URL_NOPAD.encode(&plain));
    }
    let letters = SETS.iter().find(|(known, _)| *known == name)?.1;
    let length = form
        .parse::<usize>()
        .ok()
        .filter(|n| *n <= CASE_BYTES_MAX)?;
    (!broken).then(|| random(letters, length, draw))
}

/// Random characters. Four and more of an alphabet with digits and letters have both: rules may
/// ask for a digit, and chance should not decide whether a case holds.
fn random(letters: &str, length: usize, draw: &mut Draw) -> String {
    let all: Vec<char> = letters.chars().collect();
    let mut out: Vec<char> = (0..length)
        .filter_map(|_| all.get(draw.below(all.len())).copied())
        .collect();
    let kinds: [fn(&char) -> bool; 2] = [char::is_ascii_digit, char::is_ascii_alphabetic];
    let mixed = length >= 4 && kinds.iter().all(|kind| all.iter().any(kind));
    if mixed {
        for (place, kind) in kinds.iter().enumerate() {
            let fitting: Vec<char> = all.iter().copied().filter(kind).collect();
            let one = fitting.get(draw.below(fitting.len())).copied();
            if let (Some(slot), Some(one)) = (out.get_mut(1 + place), one) {
                *slot = one;
            }
        }
    }
    out.into_iter().collect()
}

/// The last character but one changed to another of its kind, where a break is asked for.
fn turned(mut sum: Vec<u8>, broken: bool) -> Vec<u8> {
    let place = sum.len().saturating_sub(2);
    if let Some(b) = sum.get_mut(place).filter(|_| broken) {
        *b = match *b {
            b'2' => b'3',
            b if b.is_ascii_digit() => b'2',
            b'c' => b'd',
            b if b.is_ascii_lowercase() => b'c',
            b'C' => b'D',
            _ => b'C',
        };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str) -> Result<Expanded, Fault> {
        expand(
            template,
            &Of {
                id: "test",
                index: 1,
                checksum: Some(Checksum::GithubCrc32),
                prefixes: &["ghp_".to_owned()],
            },
        )
    }

    #[test]
    fn holes_are_filled_the_same_way_each_time() {
        let one = check("key «ab_{hex:12}» {{x").unwrap();
        assert_eq!(one, check("key «ab_{hex:12}» {{x").unwrap());
        assert_eq!((one.start, one.end), (4, 19));
        assert!(one.text.ends_with(" {x") && one.text.starts_with("key ab_"));
        let whole = check("ghp_{alnum:30}{sum}").unwrap();
        assert_eq!((whole.start, whole.end), (0, 40));
    }

    #[test]
    fn what_is_no_template_says_why() {
        for bad in [
            "{hex}",
            "{nothing:3}",
            "{hex:x}",
            "{hex:3",
            "«a",
            "«a»«b»",
            "{hex:99999}",
        ] {
            assert!(matches!(check(bad), Err(Fault::Template { .. })), "{bad}");
        }
    }
}
