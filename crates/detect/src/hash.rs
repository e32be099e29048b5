//! Password hashes in the notations of `crypt(3)` and its relatives, of LDAP, and of web
//! frameworks. They identify a password as well as the password does: class A.

use crate::Finding;
use crate::bytes::{alnum, at, before, cut, digit, opens, run, starts};

/// Longest hash in bytes.
const HASH_BYTES_MAX: usize = 256;

/// Identifiers between the first two `$`, and the shortest rest in bytes.
const CRYPT: &[(&[u8], usize)] = &[
    (b"$2$", 50),
    (b"$2a$", 50),
    (b"$2b$", 50),
    (b"$2x$", 50),
    (b"$2y$", 50),
    (b"$1$", 20),
    (b"$5$", 40),
    (b"$6$", 60),
    (b"$7$", 40),
    (b"$y$", 40),
    (b"$gy$", 40),
    (b"$sha1$", 30),
    (b"$md5$", 20),
    (b"$md5,", 20),
    (b"$apr1$", 20),
    (b"$P$", 28),
    (b"$H$", 28),
    (b"$S$", 40),
    (b"$argon2id$", 30),
    (b"$argon2i$", 30),
    (b"$argon2d$", 30),
    (b"$scrypt$", 30),
    (b"$bcrypt-sha256$", 30),
    (b"$pbkdf2$", 30),
    (b"$pbkdf2-sha256$", 30),
    (b"$pbkdf2-sha512$", 30),
];

fn crypt_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'.' | b'/' | b'+' | b'=' | b'$' | b',' | b'-' | b'_')
}

/// Whether one of the identifiers stands at `i`.
pub(crate) fn is_crypt(bytes: &[u8], i: usize) -> bool {
    CRYPT.iter().any(|(id, _)| starts(bytes, i, id))
}

/// `$6$salt$hash` at its first `$`.
pub(crate) fn crypt(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let (id, min) = CRYPT.iter().find(|(id, _)| starts(bytes, i, id))?;
    let body = i + id.len();
    let mut end = run(bytes, body, HASH_BYTES_MAX, crypt_byte);
    while matches!(before(bytes, end), b',' | b'-') {
        end -= 1;
    }
    (end - body >= *min).then(|| Finding::secret("hash.crypt", i, end))
}

/// `{SSHA}base64` (RFC 2307 `userPassword`) at its brace.
pub(crate) fn directory(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let close = run(bytes, i + 1, 16, |b| alnum(b) || matches!(b, b'-' | b'_'));
    if at(bytes, close) != b'}' {
        return None;
    }
    let known = [
        "ssha",
        "sha",
        "smd5",
        "md5",
        "crypt",
        "ssha256",
        "ssha512",
        "sha256",
        "sha512",
        "bcrypt",
        "pbkdf2",
        "argon2",
        "scrypt",
        "pbkdf2-sha256",
        "pbkdf2-sha512",
    ];
    let scheme = cut(text, i + 1, close);
    if !known.iter().any(|k| k.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let end = run(bytes, close + 1, HASH_BYTES_MAX, crypt_byte);
    (end - close > 20).then(|| Finding::secret("hash.directory", close + 1, end))
}

/// Beginnings of hashes whose notation starts with a word: Django, Werkzeug, PostgreSQL.
const WORDS: &[&[u8]] = &[
    b"pbkdf2_sha256$",
    b"pbkdf2_sha1$",
    b"bcrypt_sha256$",
    b"bcrypt$",
    b"argon2$",
    b"scrypt$",
    b"scrypt:",
    b"pbkdf2:",
    b"md5$",
    b"sha1$",
    b"SCRAM-SHA-256$",
    b"SCRAM-SHA-1$",
];

/// Those beginnings.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    WORDS
        .iter()
        .filter_map(|word| std::str::from_utf8(word).ok())
}

/// `pbkdf2_sha256$600000$salt$hash` at the word.
pub(crate) fn framework(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !matches!(at(bytes, i), b'p' | b'b' | b'a' | b's' | b'm' | b'S') {
        return None;
    }
    let word = WORDS.iter().find(|word| starts(bytes, i, word))?;
    if !opens(bytes, i) {
        return None;
    }
    let end = run(bytes, i + word.len(), HASH_BYTES_MAX, |b| {
        crypt_byte(b) || b == b':'
    });
    let body = cut(text, i, end);
    let signs = body.bytes().filter(|b| *b == b'$').count();
    let long = body.len() >= word.len() + 24;
    (long && signs >= 2 && body.bytes().any(digit))
        .then(|| Finding::secret("hash.framework", i, end))
}
