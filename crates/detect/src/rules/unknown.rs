//! Secrets of no known form: a random run beside a word for a credential, with no sign that joins
//! them (`token kT9x… expired`, `use kT9x… as the password`, `{"last_token": "kT9x…"}`).
//!
//! Three things have to come together. The run mixes its characters as no name does; what follows
//! what in it is improbable in words ([`super::words`]); and the words before it, or behind it, say
//! that it is a credential, with none nearer that says it is something else.
//!
//! Telemetry is full of random runs that are identifiers, and of words such as `key` that mean
//! many things. So neither counts alone, and the weaker a run looks the nearer its word has to be:
//! hex digits, or letters of one case, count right behind a word that means nothing but a secret.
//!
//! *Limits:* [`RUN_BYTES_MAX`] bytes of a run, [`WORDS_COUNT_MAX`] words before it, of
//! [`WORD_BYTES_MAX`] each.

use std::sync::LazyLock;

use super::near::{CREDENTIAL, is_digest, named_safe};
use super::words::improbable;
use crate::bytes::{alnum, at, before, blank, cut, digit, opens, run, run_back};
use crate::encoded::{self, Ahead};
use crate::value::is_pseudonym;
use crate::word_list::WordList;

/// Shortest run in bytes, right behind its word.
const RUN_BYTES_MIN: usize = 16;
/// Shortest run in bytes that a word further away, or a weaker one, accuses.
const FAR_BYTES_MIN: usize = 20;
/// Shortest run of hex digits in bytes: 128 bits.
const HEX_BYTES_MIN: usize = 32;
/// Longest run in bytes: beyond it, it is data.
const RUN_BYTES_MAX: usize = 256;
/// Different hex digits in one: fewer are a pattern.
const HEX_DIGITS_MIN: u32 = 8;
/// Digits in a run of letters of one case: a name has fewer.
const DIGITS_COUNT_MIN: usize = 3;
/// Words before a run that are read.
const WORDS_COUNT_MAX: usize = 4;
/// Longest of them in bytes.
const WORD_BYTES_MAX: usize = 48;

/// Words for a credential, beside [`CREDENTIAL`], in other languages.
const ABROAD: &[&str] = &[
    "clé",
    "clés",
    "schlüssel",
    "clave",
    "llave",
    "chave",
    "chiave",
    "sleutel",
    "klucz",
    "nyckel",
    "nøgle",
    "nøkkel",
    "avain",
    "klíč",
    "kulcs",
    "anahtar",
    "ключ",
    "jeton",
    "gettone",
    "токен",
    "секрет",
    "密钥",
    "密鑰",
    "令牌",
    "キー",
    "トークン",
    "키",
    "토큰",
    "zugangsdaten",
    "identifiants",
    "credenciales",
    "credenciais",
    "credenziali",
];
/// Those of [`CREDENTIAL`] that say too little where no issuer's name stands beside them.
const VAGUE: &[&str] = &[
    "auth",
    "authorization",
    "license",
    "licence",
    "api",
    "webhook",
    "signing",
    "private",
    "seed",
    "pass",
];
/// Those that mean other things, too: they accuse only what looks most random.
const MANIFOLD: &[&str] = &["key", "keys"];
/// What before `key` makes it mean a secret and nothing else.
const MAKERS: &[&str] = &[
    "api",
    "access",
    "secret",
    "auth",
    "service",
    "admin",
    "app",
    "deploy",
    "account",
    "encryption",
    "signing",
    "private",
    "master",
    "license",
    "licence",
    "write",
    "ingest",
];
/// Words that say what else a random run is. One of them between a credential's word and the run
/// names the run; one right before the word says that it is the key or the token of that thing.
const OTHERS: &[&str] = &[
    "id ids uid uuid guid kid jti oid ulid sha sha1 sha256 sha512 md5 hash hashes hashed digest",
    "checksum crc fingerprint fingerprints thumbprint etag integrity commit revision rev build",
    "version image layer container pod node host hostname trace span request req correlation",
    "transaction txn tx order user username subject sub customer account tenant device session",
    "job task run event message msg topic queue partition offset cursor page next continuation",
    "pagination resume sync bucket object file filename path chunk blob block bloom filter cache",
    "cached memo shard cluster namespace table column row record entry index primary foreign",
    "unique composite duplicate surrogate lookup sort range public pub pubkey pk publishable",
    "idempotency idempotence idempotent dedup dedupe deduplication nonce boundary",
    "serial number type kind name named class method function func module package label tag",
    "branch ref refs address wallet contract room channel thread upload experiment variant",
    "flag feature slug link url uri route routing endpoint property translation i18n locale",
    "redis kafka s3 group metric",
    "lock mutex lease fencing rate count counter limit length size lexer unexpected parser syntax",
    "push dictionary dict map json yaml hashmap react component algorithm alg curve cert",
    "certificate exponent modulus resource document doc item product sku invoice payment plan",
    "asset release artifact snapshot backup volume disk instance stack store field attribute",
    "identifier pseudonym placeholder",
];
/// Words before a word for a credential other than `key` that say that it opens nothing: the token
/// of a page, of a grammar, of a lock.
const OPEN: &[&str] = &[
    "page",
    "next",
    "previous",
    "prev",
    "sync",
    "cache",
    "cached",
    "public",
    "pub",
    "pk",
    "publishable",
    "continuation",
    "pagination",
    "resume",
    "cursor",
    "idempotency",
    "idempotent",
    "dedup",
    "deduplication",
    "lexer",
    "unexpected",
    "expected",
    "parser",
    "syntax",
    "push",
    "device",
    "nonce",
    "fencing",
    "lease",
    "lock",
    "placeholder",
    "pseudonym",
    "cancellation",
    "sampling",
    "scroll",
    "change",
    "watch",
    "delta",
    "skip",
    "bucket",
    "count",
];
/// Words before a run that say whose or where, and not what: the run is the credential's owner.
const WHOSE: &[&str] = &[
    "for", "of", "by", "from", "to", "in", "on", "at", "into", "per", "and", "or", "not", "für",
    "pour", "para", "von", "de",
];
/// What somebody does with a credential: `authenticated with x`.
const ENTERS: &[&str] = &[
    "auth",
    "authenticate",
    "authenticated",
    "authenticating",
    "authentication",
    "authorize",
    "authorized",
    "login",
    "authorization",
];
/// Words between them.
const MEANS: &[&str] = &["with", "using", "via", "mit", "avec", "con"];
/// Words between a credential's and the run that leave them neighbours.
const FILLERS: &[&str] = &["is", "was", "value", "string"];
/// Words between a run and the credential's word behind it.
const ARTICLES: &[&str] = &[
    "the", "a", "an", "my", "our", "your", "their", "its", "new", "old", "current",
];

/// How sure a run is to be no name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Both cases of letters and digits, long.
    Sure,
    /// Shorter, or of one case, or hex digits.
    Weak,
}

/// What a word before a run means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// A credential.
    Credential(Said),
    /// Something else, which the run belongs to.
    Other,
    /// Neither.
    Nothing,
}

/// What the words around a run say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A word that means nothing but a secret stands right beside it.
    Near,
    /// A word for a credential stands a few words away, or may mean something else.
    Far,
}

/// End of the secret of no known form at `i`.
pub(super) fn unknown(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (look, end) = run_at(text, i)?;
    let said = said_before(text, i, look).or_else(|| said_behind(text, end))?;
    if look == Look::Weak && said == Said::Far || is_digest(bytes, i) || named_safe(text, i) {
        return None;
    }
    // What decodes to text is judged by that text.
    let encoded = encoded::may_hold(bytes, i, Ahead::of(bytes, i));
    encoded.is_none().then_some(end)
}

/// Whether a whole value looks like one: whether its field's name is to be asked.
pub(super) fn may_be_unknown(text: &str) -> bool {
    run_at(text, 0).is_some_and(|(_, end)| end == text.len())
}

/// Whether the words around a run of hex digits at `i` accuse it, whatever digits they are.
pub(crate) fn may_be_accused(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let body = run(bytes, i, RUN_BYTES_MAX, piece);
    let end = run(bytes, body, 2, |b| b == b'=');
    said_before(text, i, Look::Weak)
        .or_else(|| said_behind(text, end))
        .is_some()
}

fn piece(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'+' | b'/')
}

/// The run at `i`: how it looks, and its end with padding.
fn run_at(text: &str, i: usize) -> Option<(Look, usize)> {
    let bytes = text.as_bytes();
    let inside = matches!(
        before(bytes, i),
        b'-' | b'.' | b'/' | b'+' | b'@' | b'#' | b'$' | b'%' | b'~' | b'&'
    );
    if inside || !alnum(at(bytes, i)) || !opens(bytes, i) {
        return None;
    }
    let body = run(bytes, i, RUN_BYTES_MAX, piece);
    let end = run(bytes, body, 2, |b| b == b'=');
    let length = body - i;
    if !(RUN_BYTES_MIN..RUN_BYTES_MAX).contains(&length) || !ends(bytes, end) {
        return None;
    }
    let token = bytes.get(i..body)?;
    let sign = |b: &u8| !alnum(*b);
    if token.last().is_some_and(sign) && end == body {
        return None;
    }
    let has = |is: fn(&u8) -> bool| token.iter().filter(|b| is(b)).count();
    let (uppers, lowers) = (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
    let digits = has(u8::is_ascii_digit);
    if digits == 0 || uppers + lowers == 0 {
        return None;
    }
    if token.iter().all(u8::is_ascii_hexdigit) {
        let seen = token
            .iter()
            .fold(0_u32, |seen, b| seen | 1 << (b.to_ascii_lowercase() & 0x1f));
        let one_case = uppers == 0 || lowers == 0;
        let solid = length >= HEX_BYTES_MIN && one_case && seen.count_ones() >= HEX_DIGITS_MIN;
        return solid.then_some((Look::Weak, end));
    }
    let joined = token.iter().any(sign);
    let whole = cut(text, i, end);
    if joined && (is_grouped_hex(token) || is_pseudonym(whole)) || is_ulid(token) {
        return None;
    }
    let both = uppers > 0 && lowers > 0;
    let mixed = both && (length >= FAR_BYTES_MIN || !joined);
    let flat = !both && !joined && length >= FAR_BYTES_MIN && digits >= DIGITS_COUNT_MIN;
    if !(mixed || flat) || !improbable(token) {
        return None;
    }
    let look = if both && length >= FAR_BYTES_MIN {
        Look::Sure
    } else {
        Look::Weak
    };
    Some((look, end))
}

/// Whether what stands behind a run leaves it one: no call, no address, no name of something.
fn ends(bytes: &[u8], end: usize) -> bool {
    match at(bytes, end) {
        b'.' | b':' => !alnum(at(bytes, end + 1)) && at(bytes, end + 1) != b'/',
        b'=' | b'@' | b'(' | b'[' | b'{' | b'$' | b'%' | b'*' | b'~' | b'#' => false,
        b => !alnum(b),
    }
}

/// Whether a run is hex digits in groups, as a UUID or a trace parent is.
fn is_grouped_hex(token: &[u8]) -> bool {
    token.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

/// Whether a run has the form of a ULID: 26 characters of Crockford's base32, a time first.
fn is_ulid(token: &[u8]) -> bool {
    token.len() == 26
        && matches!(token.first(), Some(b'0'..=b'7'))
        && token
            .iter()
            .all(|b| digit(*b) || b.is_ascii_uppercase() && !b"ILOU".contains(b))
}

fn one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_other(word: &str) -> bool {
    static KNOWN: LazyLock<WordList> = LazyLock::new(|| WordList::of(OTHERS));
    KNOWN.has(word)
}

/// Whether a word is one for a credential.
fn is_credential(word: &str) -> bool {
    is_abroad(word) || one_of(CREDENTIAL, word) && !one_of(VAGUE, word)
}

fn is_abroad(word: &str) -> bool {
    if word.is_ascii() {
        return one_of(ABROAD, word);
    }
    let lower = zeroize::Zeroizing::new(word.to_lowercase());
    // Where words are written without blanks, it ends what stands before.
    let ideographs = |known: &str| known.chars().all(|c| c >= '\u{2e80}');
    let ends = |known: &str| known == lower.as_str() || ideographs(known) && lower.ends_with(known);
    ABROAD.iter().any(|known| ends(known))
}

/// What the words before a run at `i` say of it.
fn said_before(text: &str, i: usize, look: Look) -> Option<Said> {
    let bytes = text.as_bytes();
    let opening = |b: u8| matches!(b, b'"' | b'\'' | b'`' | b'(' | b'<' | b'[' | b'\\' | b'*');
    let inner = run_back(bytes, i, 6, opening);
    let value = run_back(bytes, inner, 4, blank);
    let sign = before(bytes, value);
    let named = match sign {
        b'=' => true,
        b'>' => before(bytes, value - 1) == b'=',
        b':' => value == inner || matches!(before(bytes, value - 1), b'"' | b'\'' | b'='),
        _ => false,
    };
    if named && look == Look::Weak {
        return None;
    }
    if named {
        let signs = run_back(bytes, value, 2, |b| matches!(b, b'=' | b'>' | b':'));
        let end = run_back(bytes, signs, 8, |b| opening(b) || blank(b));
        let (name, _) = word_before(text, end)?;
        return is_credential_name(name).then_some(Said::Far);
    }
    if value == i && before(bytes, i) < 0x80 {
        return None;
    }
    words_before(text, if sign == b':' { value - 1 } else { value })
}

/// The word that ends before `end`, and where it begins.
fn word_before(text: &str, end: usize) -> Option<(&str, usize)> {
    let wordy = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.') || b >= 0x80;
    let start = run_back(text.as_bytes(), end, WORD_BYTES_MAX, wordy);
    let start = crate::bytes::ceil(text, start);
    (start < end).then(|| (cut(text, start, end), start))
}

/// What the words say that end before `end`, the nearest first.
fn words_before(text: &str, mut end: usize) -> Option<Said> {
    let bytes = text.as_bytes();
    let (mut means, mut near) = (false, true);
    for distance in 0..WORDS_COUNT_MAX {
        let (word, start) = word_before(text, end)?;
        // Another random run, or the end of a sentence.
        let random = word.len() >= 12 && word.bytes().any(digit);
        if random || word.ends_with('.') || distance == 0 && one_of(WHOSE, word) {
            return None;
        }
        match judged(word, || last_part(text, start), near) {
            Meaning::Credential(said) => return Some(said),
            Meaning::Other => return None,
            Meaning::Nothing => {}
        }
        near = distance == 0 && one_of(FILLERS, word);
        if means && one_of(ENTERS, word) {
            return Some(Said::Far);
        }
        means = distance == 0 && one_of(MEANS, word);
        end = run_back(bytes, start, 3, |b| {
            blank(b) || matches!(b, b'"' | b'\'' | b':')
        });
        if end == start {
            return None;
        }
    }
    None
}

/// The last part of the word before the one that begins at `start`.
fn last_part(text: &str, start: usize) -> &str {
    let end = run_back(text.as_bytes(), start, 2, blank);
    let word = word_before(text, end).filter(|_| end < start);
    let word = word.map_or("", |(word, _)| word);
    parts(word).next_back().unwrap_or("")
}

/// Parts of a name: between signs, and at humps.
fn parts(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    let mut hump = false;
    let mut ends = Vec::new();
    for (n, c) in name.char_indices() {
        if c.is_ascii_uppercase() && hump {
            ends.push(n);
        }
        hump = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    ends.push(name.len());
    let mut start = 0;
    let humps = ends.into_iter().map(move |end| {
        let part = cut(name, start, end);
        start = end;
        part
    });
    let all: Vec<&str> = humps
        .flat_map(|part| part.split(['_', '-', '.']))
        .filter(|part| !part.is_empty())
        .collect();
    all.into_iter()
}

/// What a word means for the run behind it; `previous` is the last part of the word before it.
fn judged<'t>(word: &'t str, previous: impl Fn() -> &'t str, near: bool) -> Meaning {
    let parts: Vec<&str> = parts(word).collect();
    for (n, part) in parts.iter().enumerate().rev() {
        if is_credential(part) {
            let whose = n.checked_sub(1).and_then(|n| parts.get(n)).copied();
            let whose = whose.unwrap_or_else(&previous);
            let keyed = one_of(MANIFOLD, part) || is_abroad(part);
            let made = one_of(MAKERS, whose);
            if one_of(OPEN, whose) || keyed && is_other(whose) && !made {
                return Meaning::Other;
            }
            let manifold = keyed && !made;
            return Meaning::Credential(if near && !manifold {
                Said::Near
            } else {
                Said::Far
            });
        }
        if is_other(part) {
            return Meaning::Other;
        }
    }
    Meaning::Nothing
}

/// Whether a field's name has a word for a credential, and none that says it is something else. A
/// field `key` alone has what something is filed under.
fn is_credential_name(name: &str) -> bool {
    let open = parts(name).any(|part| one_of(OPEN, part));
    let several = parts(name).count() > 1;
    !open
        && match judged(name, || "", true) {
            Meaning::Credential(Said::Near) => true,
            Meaning::Credential(Said::Far) => several,
            Meaning::Other | Meaning::Nothing => false,
        }
}

/// What the words behind a run say of it: `x as the password`, `x is our new token`.
fn said_behind(text: &str, end: usize) -> Option<Said> {
    let bytes = text.as_bytes();
    let closing = run(bytes, end, 2, |b| matches!(b, b'"' | b'\'' | b'`' | b'\\'));
    let mut start = run(bytes, closing, 2, blank);
    let word = |start: usize| {
        let wordy = |b: u8| alnum(b) || matches!(b, b'_' | b'-');
        cut(text, start, run(bytes, start, WORD_BYTES_MAX, wordy))
    };
    let lead = word(start);
    if start == closing || !one_of(&["as", "is", "was"], lead) {
        return None;
    }
    start += lead.len();
    let (mut articles, mut made) = (lead.eq_ignore_ascii_case("as"), false);
    for _ in 0..4 {
        let next = run(bytes, start, 2, blank);
        let said = word(next);
        if articles && is_credential(said) {
            let behind = word(run(bytes, next + said.len(), 2, blank));
            let means = !is_other(behind) && (made || !one_of(MANIFOLD, said));
            return means.then_some(Said::Near);
        }
        made |= one_of(MAKERS, said);
        if next == start || !(made || one_of(ARTICLES, said)) {
            return None;
        }
        articles = true;
        start = next + said.len();
    }
    None
}

#[cfg(test)]
#[path = "unknown_tests.rs"]
mod tests;
