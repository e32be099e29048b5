//! Fields whose name has more than one meaning: the value decides.

use crate::auth;
use crate::bytes::{cut, digit, mixed};
use crate::value::{BRIEF_BYTES_MAX, judged};

/// Whether a field is a signature of something: of a request, or of a method. Its value decides.
pub(crate) fn is_signature(key: &str) -> bool {
    let name = key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_'));
    let from = name.len().saturating_sub("signature".len());
    cut(name, from, name.len()).eq_ignore_ascii_case("signature")
}

/// Whether a field holds a made signature.
pub(crate) fn holds_signature(key: &str, value: &str) -> bool {
    is_signature(key) && fits("key.signature", value)
}

/// Whether a field may hold credentials as Docker and npm write them.
pub(crate) fn is_auth(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    matches!(last, "auth" | "_auth" | "authString" | "AUTH")
}

/// Whether a field `auth` holds `user:password` in base64.
pub(crate) fn holds_basic(key: &str, value: &str) -> bool {
    is_auth(key) && value.len() <= BRIEF_BYTES_MAX && auth::user_password(value)
}

/// Whether a field holds the code of a grant (RFC 6749, section 4.1.2): long, and made of letters
/// of both cases and digits, as the codes of errors are not.
pub(crate) fn holds_code(key: &str, value: &str) -> bool {
    key == "code" && is_code(value)
}

/// Whether a value is long and made of letters of both cases and digits.
pub(crate) fn is_code(value: &str) -> bool {
    value.len() >= CODE_BYTES_MIN && mixed(value.as_bytes()) && is_made(value)
}

/// Shortest code of a grant in bytes: nothing guessed is shorter, many names of errors are.
const CODE_BYTES_MIN: usize = 20;

/// Whether a value can be what its key says, where the key has a second meaning.
pub(crate) fn fits(rule: &str, value: &str) -> bool {
    match rule {
        // `signature: void f(int)` is a method's; a made one is long and has no blanks.
        "key.signature" => {
            let made = |b: u8| b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'{' | b'<');
            value.len() >= 16
                && value.bytes().all(made)
                && value.bytes().any(|b| b.is_ascii_digit())
        }
        // A Windows security identifier names an account.
        "key.cookie" => {
            !(value.starts_with("S-1-")
                && value
                    .bytes()
                    .skip(4)
                    .all(|b| b.is_ascii_digit() || b == b'-'))
        }
        // `erreur de validation: champ vide`, `nivel de acceso: admin`: what a sentence says next.
        "key.otp" | "key.cvv" => value.bytes().any(digit) && value.len() <= CODE_BYTES_MAX,
        // `tan` is a tangent and a colour, too.
        "key.tan" => matches!(value.len(), 6 | 8) && value.bytes().all(digit),
        // `authorization_code: expired` says what became of it.
        "key.code" => value.len() >= 6 && value.bytes().any(digit),
        "key.recovery" => value.len() >= 6 && value.bytes().any(|b| digit(b) || b == b'-'),
        "key.access" => !value.bytes().all(|b| b.is_ascii_lowercase()) && value.len() >= 4,
        // A session or a data key is also a thing that has a name.
        "key.session" | "key.made" => is_made(value),
        _ => true,
    }
}

/// Longest one-time code in bytes, with what a list of several holds.
const CODE_BYTES_MAX: usize = 64;

/// Whether a value is 256 bits or more in base64url.
pub(crate) fn is_key_material(value: &str) -> bool {
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    value.len() >= 43 && value.bytes().all(alphabet) && mixed(value.as_bytes())
}

/// Whether a value looks made by a machine: long, of one piece, and no word.
pub(crate) fn is_made(value: &str) -> bool {
    // A repr within a string of JSON: `"'0a1b…'"`.
    let value = value.trim_matches(['\'', '"']);
    judged(value, looks_made)
}

fn looks_made(value: &str) -> bool {
    let has = |accept: fn(u8) -> bool| value.bytes().any(accept);
    let piece = value.bytes().all(|b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'%' | b'|'
            )
    });
    let letters = has(|b| b.is_ascii_alphabetic());
    let both = has(digit) && letters;
    let upper = value.len() >= 20 && value.bytes().all(|b| b.is_ascii_uppercase());
    let pairs = value.as_bytes().windows(2);
    let humps =
        pairs.filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let upper = upper || value.len() >= 24 && humps.count() * 5 >= value.len();
    let path = value.starts_with('.') || value.starts_with('/') && !value.ends_with('=');
    let path = path || value.contains("://") || value.starts_with("0x");
    value.len() >= 16 && piece && (both || upper) && !path
}
