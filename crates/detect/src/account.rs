//! Accounts of people where the sentence leaves no doubt: `session opened for user bob`,
//! `Failed password for bob from`, and the user of an access log's line.

use std::sync::LazyLock;

use crate::bytes::{alnum, at, before, blank, cut, digit, opens, run, run_back, starts_nocase};
use crate::form::{is_state, says_state};
use crate::value::{is_placeholder, is_prose};
use crate::word_list::WordList;
use crate::{Finding, TokenKind, names, net};

mod behind;
mod places;
mod words;

pub(crate) use behind::{IDS, entry, named, numbered};
pub(crate) use places::joined as is_joined;
pub(crate) use places::{
    database, hashed, may_be_database, may_be_remote, radius, remote, segment, slow_log,
};
use words::{BEFORE, BEHIND, BY_ROOT, COMMON, LEADS, LISTED};

/// Longest name of an account in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Most blanks before a name: Windows aligns its fields.
const ALIGNED_BYTES_MAX: usize = 8;

/// The words before an account's name.
pub(crate) fn leads_known() -> impl Iterator<Item = &'static str> {
    LEADS.iter().map(|(lead, _)| *lead)
}

/// The words behind one, and those at whose place it is told otherwise.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    behind::words_known().chain(places::commands_known())
}

/// Whether a name may stand behind the lead at `i`: it begins with a letter.
pub(crate) fn may_follow(bytes: &[u8], i: usize, lead: &str) -> bool {
    let (_, open) = opened(bytes, i + lead.len());
    before(bytes, open) == b'[' || at(bytes, open).is_ascii_alphabetic()
}

/// Where the blanks before a name end, and the quotes.
fn opened(bytes: &[u8], from: usize) -> (usize, usize) {
    // Windows aligns its fields.
    let from = run(bytes, from, ALIGNED_BYTES_MAX, blank);
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b'`');
    (from, run(bytes, from, 17, quote))
}

/// Segments of routes behind which an account may stand.
pub(crate) fn segments_known() -> impl Iterator<Item = &'static str> {
    places::segments_known()
}

fn name_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'\\')
}

/// The account's name after the words at `i`, or before them.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    if let Some(found) = behind::find(text, i).or_else(|| places::administered(text, i)) {
        return Some(found);
    }
    let leads = LEADS
        .iter()
        .filter(|(lead, _)| starts_nocase(bytes, i, lead.as_bytes()));
    let (lead, certain) = leads.max_by_key(|(lead, _)| lead.len())?;
    // `(root) CMD (…)` is cron's, and no account follows.
    if *lead == BY_ROOT && !cut(text, 0, i).ends_with("(to ") {
        return None;
    }
    let (from, open) = opened(bytes, i + lead.len());
    let quoted = open > from && before(bytes, open) != b'\\';
    let open = past_domain(bytes, open);
    let name = Name::at(text, open)?;
    let (word, end) = (name.text, name.end);
    if quoted && !matches!(at(bytes, end), b'"' | b'\'' | b'\\' | b'`') {
        return None;
    }
    let led = *certain || quoted || is_told(text, i, end);
    // Between both, only a word that is nothing else says a state: names end as verbs do, too.
    let certain = *certain
        || (is_led(text, i) || signs_in(bytes, end)) && follows(bytes, end) && !is_state(word);
    let has = |accept: fn(u8) -> bool| word.bytes().any(accept);
    let marked = has(digit) || has(|b| matches!(b, b'.' | b'_'));
    let lower = !has(|b| b.is_ascii_uppercase());
    let said = says_state(word) && !certain || is_prose(word) || word.len() < 3;
    let plain = led && (lower || certain) && (marked || !said) && !has_common_part(word);
    if LISTED.contains(lead) && !(follows(bytes, end) || places::joined(word)) {
        return None;
    }
    let fits = quoted || name.located || plain || marked && lower && !is_technical(word);
    fits.then(|| Finding::personal("account.lead", TokenKind::User, open, end))
}

/// Behind `CORP]\[`, as Samba writes the domain of an account in brackets of its own.
fn past_domain(bytes: &[u8], i: usize) -> usize {
    let end = run(bytes, i, 32, |b| {
        b.is_ascii_uppercase() || digit(b) || b == b'-'
    });
    let slashes = run(bytes, end + 1, 4, |b| b == b'\\');
    let parted = at(bytes, end) == b']' && slashes > end + 1 && at(bytes, slashes) == b'[';
    if before(bytes, i) == b'[' && parted {
        slashes + 1
    } else {
        i
    }
}

/// What may be an account's name.
struct Name<'t> {
    text: &'t str,
    end: usize,
    /// Whether a realm, a host or a domain is said with it.
    located: bool,
}

impl<'t> Name<'t> {
    /// The name that begins at `start`: not a word that follows `user` otherwise, nor one that
    /// goes on as names do not.
    fn at(text: &'t str, start: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let end = run(bytes, start, NAME_BYTES_MAX, name_byte);
        let end = run_back(bytes, end, 2, |b| matches!(b, b'.' | b'-' | b'\\'));
        // `jdoe@corp`: with a point behind it, it is an e-mail address; `jdoe@10.0.0.1` is none.
        let realm = run(bytes, end + 1, NAME_BYTES_MAX, |b| alnum(b) || b == b'-');
        let joined = at(bytes, end) == b'@' && realm > end + 1;
        let within = joined && at(bytes, realm) != b'.';
        let hosted = joined && !within && digit(at(bytes, end + 1));
        let end = if within { realm } else { end };
        let name = cut(text, start, end);
        let close = at(bytes, end);
        let goes_on = matches!(close, b'=' | b'(' | b'/' | b'[' | b'$')
            || close == b'@' && !hosted
            || close >= 0x80
            || close == b':' && alnum(at(bytes, end + 1));
        let domain = in_domain(name);
        let begins = name.len() >= 2 && at(bytes, start).is_ascii_alphabetic();
        let plain = begins && (domain || !name.contains('\\'));
        let other = is_placeholder(name) || net::is_service(name) || is_common(name);
        (plain && !goes_on && !other).then_some(Self {
            text: name,
            end,
            located: within || hosted || domain,
        })
    }
}

/// Whether what stands before the word `user` at `i`, or behind the name that ends at `end`, tells
/// that an account is meant.
pub(crate) fn is_told(text: &str, i: usize, end: usize) -> bool {
    is_led(text, i) || follows(text.as_bytes(), end)
}

/// Whether behind `i` follows what a person does.
fn follows(bytes: &[u8], i: usize) -> bool {
    let quote = run(bytes, i, 2, |b| matches!(b, b'"' | b'\'' | b':'));
    let from = run(bytes, quote, 4, blank);
    let address = starts_nocase(bytes, from, b"from ") || starts_nocase(bytes, from, b"at ");
    if address {
        let host = run(bytes, from, 6, |b| b != b' ') + 1;
        return digit(at(bytes, host)) || starts_nocase(bytes, host, b"ip_");
    }
    let said = |word: &str| {
        let ends = !alnum(at(bytes, from + word.len()));
        starts_nocase(bytes, from, word.as_bytes()) && ends
    };
    from > quote && BEHIND.iter().any(|word| said(word))
}

/// Whether behind `i` follows that somebody signed in or out.
fn signs_in(bytes: &[u8], i: usize) -> bool {
    let from = run(bytes, i, 4, |b| blank(b) || matches!(b, b'"' | b'\''));
    behind::SIGNS
        .iter()
        .any(|deed| starts_nocase(bytes, from, deed.as_bytes()))
}

/// Whether the word before `user` leads to an account.
fn is_led(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let end = run_back(bytes, i, 2, blank);
    let start = run_back(bytes, end, 16, |b| b.is_ascii_alphabetic());
    let word = crate::bytes::lower(cut(text, start, end));
    BEFORE.contains(&word.as_str())
}

/// `CORP\jsmith`: a domain of Windows, which has no small letters, and an account in it. What a
/// backslash escapes follows words of all kinds.
fn in_domain(name: &str) -> bool {
    let Some((domain, account)) = name.split_once('\\') else {
        return false;
    };
    let upper = |b: u8| b.is_ascii_uppercase() || digit(b) || b == b'-';
    let bare = !account.contains('\\') && !net::is_service(account);
    domain.len() >= 2 && domain.bytes().all(upper) && account.len() >= 2 && bare
}

/// Longest account in bytes that is judged by its form.
const LOGIN_BYTES_MAX: usize = 40;

/// Whether a value of a field that says who did something reads as an account of a person: parts of
/// letters, of which one is a name with or without an initial, or which no list of things knows,
/// and digits behind them.
pub(crate) fn is_login(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || digit(b) || matches!(b, b'.' | b'_' | b'-');
    let begins = value.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let long = !(3..=LOGIN_BYTES_MAX).contains(&value.len());
    if long || !begins || !value.bytes().all(plain) || net::is_service(value) {
        return false;
    }
    let stem = value.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = value.len() - stem.len();
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase());
    let parts = || stem.split(['.', '_', '-']);
    if digits > 4 || is_placeholder(value) || is_prose(value) || has_common_part(value) {
        return false;
    }
    if !parts().all(|part| !part.is_empty() && letters(part)) {
        return false;
    }
    let known = |part: &str| {
        let rest = part.get(1..).unwrap_or("");
        let head = part.get(..part.len().saturating_sub(1)).unwrap_or("");
        let long = |name: &str| name.len() >= 4 && names::is_name(name);
        names::is_name(part) || long(rest) || long(head)
    };
    let unknown = |part: &str| part.len() >= 3 && !names::is_word(part);
    match parts().count() {
        1 => known(stem) || digits > 0 && stem.len() >= 4 && !names::is_word(stem),
        2 | 3 => {
            let initial = parts().any(|part| part.len() == 1) && stem.contains('.');
            parts().any(known) || parts().all(unknown) || initial
        }
        _ => false,
    }
}

pub(crate) fn is_common(name: &str) -> bool {
    static WORDS: LazyLock<WordList> = LazyLock::new(|| WordList::of(COMMON));
    WORDS.has(name)
}

/// Whether a part of a name is a common noun: `worker-3`, `config.toml`, `request_id`.
pub(crate) fn has_common_part(name: &str) -> bool {
    let mut parts = name.split(['.', '_', '-']);
    parts.any(|part| {
        let bare = part.trim_end_matches(|c: char| c.is_ascii_digit());
        // `a.keller`: an initial is no article.
        bare.len() > 1 && is_common(bare)
    })
}

/// A version, a file, a host or a field: letters, digits and points that are no account.
fn is_technical(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or("");
    let file = name.contains('.')
        && (last.len() <= 3 && last.len() < name.len() - 1 || last.bytes().all(digit));
    let parts = name.split(['.', '_', '-']);
    file || parts.clone().any(is_common) || parts.count() > 3
}

/// The user in a line of an access log (`host ident user [21/Nov/2026:…`) at its bracket.
pub(crate) fn access_log(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !may_be_access_log(bytes, i) {
        return None;
    }
    let end = i - 1;
    let start = run_back(bytes, end, NAME_BYTES_MAX, |b| {
        !b.is_ascii_whitespace() && b != b'"'
    });
    let name = cut(text, crate::bytes::ceil(text, start), end);
    let fields = before(bytes, start) == b' ' && start >= 2 && {
        let ident = run_back(bytes, start - 1, NAME_BYTES_MAX, |b| {
            !b.is_ascii_whitespace()
        });
        ident < start - 1 && before(bytes, ident) == b' '
    };
    // `[Handler] [21/Nov/2026:…` are fields of another log.
    let bracketed = name.ends_with([']', ')', ':', ',']) || name.starts_with(['[', '(']);
    let anonymous =
        bracketed || matches!(name, "-" | "") || is_placeholder(name) || net::is_service(name);
    (fields && !anonymous && !name.contains('@'))
        .then(|| Finding::personal("account.log", TokenKind::User, end - name.len(), end))
}

/// How far before a client's address the request's method stands in a W3C log.
const REQUEST_BYTES_MAX: usize = 512;

/// The account in a line of a W3C extended log (IIS): `GET /x - 443 CORP\\bob 203.0.113.9 …`, where
/// the client's address begins at `i`.
pub(crate) fn before_client(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = i.checked_sub(1).filter(|n| at(bytes, *n) == b' ')?;
    let start = run_back(bytes, end, NAME_BYTES_MAX, name_byte);
    let name = cut(text, start, end);
    let port_end = start.checked_sub(1).filter(|n| at(bytes, *n) == b' ')?;
    let port = run_back(bytes, port_end, 5, digit);
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if !begins || port_end - port < 2 || before(bytes, port) != b' ' || net::is_service(name) {
        return None;
    }
    let from = crate::bytes::ceil(text, i.saturating_sub(REQUEST_BYTES_MAX));
    let line = cut(text, from, port).rsplit('\n').next().unwrap_or("");
    let methods = [
        " GET /",
        " POST /",
        " PUT /",
        " DELETE /",
        " HEAD /",
        " PATCH /",
        " OPTIONS /",
    ];
    methods
        .iter()
        .any(|method| line.contains(method))
        .then(|| Finding::personal("account.log", TokenKind::User, start, end))
}

/// Whether a time as access logs write it begins at the bracket `i`.
pub(crate) fn may_be_access_log(bytes: &[u8], i: usize) -> bool {
    before(bytes, i) == b' '
        && (digit(at(bytes, i + 1)) || at(bytes, i + 1) == b' ')
        && digit(at(bytes, i + 2))
        && at(bytes, i + 3) == b'/'
        && at(bytes, i + 7) == b'/'
        && at(bytes, i + 12) == b':'
}
