//! Identifiers of people, accounts, devices and places, each with its official form and check.
//!
//! [`find`] is asked at the beginning of a word or at `(`; [`may_begin`] is its necessary
//! condition, cheap and false for nearly every word of a log. An identifier is found without a
//! label only where its form leaves no doubt (letters and a check, an official grouping, a valid
//! date); each country's file says how often a random text would pass. All others need a label
//! among the four words before them, and those without a check right before them.
//!
//! *Limits:* a candidate is at most 40 characters (keys of crypto-currencies 120), a look for a
//! label at most five words of 48 bytes; nothing is allocated where nothing is found.

mod account;
mod africa;
mod america;
mod asia;
mod birth;
mod check;
mod crypto;
mod device;
mod document;
mod east;
mod encoding;
mod label;
mod north;
mod phone;
mod place;
mod rule;
mod seed;
mod seed_words;
mod south;
#[cfg(test)]
mod table;
mod west;

use std::sync::LazyLock;

use crate::bytes::{
    alnum, at, before, begins_stamp, breaks_before_stamp, digit, opens, run, starts_nocase,
};
use crate::ident::label::Labels;
use crate::ident::rule::{Candidate, Form, RULES};
use crate::keyed::governed_safe;
use crate::{Finding, TokenKind};

pub(crate) use crypto::is_address;
pub(crate) use label::{LOOKED_WORDS_COUNT as LABEL_WORDS_MAX, words as label_words};
pub(crate) use phone::{Dialled, extended, may_dial_abroad, plausible};
pub(crate) use seed_words::WORDS as SEED_WORDS;

/// Digits in a run with single separators that may be an identifier.
const DIGITS_COUNT_MIN: usize = 6;
/// How far behind the beginning that run may begin, in bytes.
const LEAD_BYTES_MAX: usize = 8;
/// How far the look reaches, in bytes.
const LOOK_BYTES_MAX: usize = 24;
/// Shortest token of letters and digits that may be one, and how many digits it has.
const TOKEN_CHARS_MIN: usize = 8;
const TOKEN_DIGITS_MIN: usize = 4;

/// Words that lead to something that has fewer digits.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "bic", "swift", "license", "licence", "licenseplate", "licenceplate", "number", "numberplate",
    "plate", "platenumber", "registration", "vehicle", "kfz", "kennzeichen", "immatriculation",
    "plaque", "matricula", "targa", "placa", "kenteken", "nummerplaat", "tablica",
    "registreringsnummer", "plaka",
];

/// The words that can end the name of a field that holds one.
pub(crate) fn labels_known() -> impl Iterator<Item = &'static str> {
    label::words_known()
}

/// The words that lead to one.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    [LEADS, birth::LEADS, seed::LEADS]
        .into_iter()
        .flatten()
        .copied()
}

/// Whether an identifier, or a word that leads to one, may begin at `i`. One of:
///
/// 1. a run of at least 6 digits, single separators ` .-/` between them allowed, begins within the
///    first 9 bytes and within the 24 bytes looked at, and nothing that parts fields before it;
/// 2. a token of at least 8 letters and digits begins at `i` and has at least 4 digits within the
///    first 24 bytes;
/// 3. a token of at least 25 letters and digits begins at `i`;
/// 4. one of some fifty words begins at `i`;
/// 5. `(` stands at `i` and a digit behind it;
/// 6. signs stand where one of two forms has them that are of letters and digits in groups (CNPJ
///    with letters, MBI).
pub(crate) fn may_begin(bytes: &[u8], i: usize) -> bool {
    let first = at(bytes, i);
    if first == b'(' {
        return digit(at(bytes, i + 1));
    }
    numeric(bytes, i)
        || first.is_ascii_alphabetic() && (is_lead(bytes, i) || is_long(bytes, i))
        || first == b'0' && at(bytes, i + 1) == b'x'
        || digit(first) && (is_long(bytes, i) || framed(bytes, i))
}

/// Condition 6: `##.###.###/####-##` and `####-###-####`.
fn framed(bytes: &[u8], i: usize) -> bool {
    let sign = |j: usize| at(bytes, i + j);
    sign(2) == b'.' && sign(6) == b'.' && sign(10) == b'/' && sign(15) == b'-'
        || sign(4) == b'-' && sign(8) == b'-' && sign(1).is_ascii_alphabetic()
}

/// Conditions 1 and 2.
fn numeric(bytes: &[u8], i: usize) -> bool {
    let window = bytes
        .get(i..bytes.len().min(i + LOOK_BYTES_MAX))
        .unwrap_or(&[]);
    let digits = window.iter().filter(|b| b.is_ascii_digit()).count();
    if digits < TOKEN_DIGITS_MIN {
        return false;
    }
    let token = window.iter().take_while(|b| alnum(**b)).count();
    let of_token = window.iter().take(token).filter(|b| digit(**b)).count();
    if token >= TOKEN_CHARS_MIN && of_token >= TOKEN_DIGITS_MIN {
        return true;
    }
    let (mut in_run, mut begun) = (0, 0);
    for (j, b) in window.iter().enumerate() {
        if digit(*b) {
            if in_run == 0 {
                begun = j;
            }
            in_run += 1;
            if in_run >= DIGITS_COUNT_MIN && begun <= LEAD_BYTES_MAX {
                return true;
            }
        } else {
            let goes_on = matches!(b, b' ' | b'.' | b'-' | b'/') && digit(at(window, j + 1));
            if !goes_on || in_run == 0 {
                in_run = 0;
                if j > LEAD_BYTES_MAX || !leads(*b) {
                    return false;
                }
            }
        }
    }
    false
}

/// What may stand between the first letters of an identifier and its digits.
fn leads(b: u8) -> bool {
    let parts = matches!(
        b,
        b':' | b'=' | b',' | b'"' | b'\'' | b'[' | b'{' | b'_' | b'@'
    );
    !(parts || matches!(b, b';' | b'<' | b'?' | b'\\' | b'\n' | 0x1b | 0))
}

/// Condition 3.
fn is_long(bytes: &[u8], i: usize) -> bool {
    let token = bytes.get(i..i + crypto::TOKEN_CHARS_MIN).unwrap_or(&[]);
    token.len() == crypto::TOKEN_CHARS_MIN && token.iter().all(|b| alnum(*b))
}

/// Bits of the filter by the first three letters of a lead.
const LEAD_FILTER_BITS: usize = 4_096;

/// Place of three letters in that filter.
const fn lead_bit(a: u8, b: u8, c: u8) -> usize {
    let three = (a as usize | 0x20) << 10 ^ (b as usize | 0x20) << 5 ^ (c as usize | 0x20);
    three % LEAD_FILTER_BITS
}

/// For the first three letters of every lead, one bit.
static LEAD_FILTER: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut filter = vec![0_u64; LEAD_FILTER_BITS / 64];
    for lead in [LEADS, birth::LEADS, seed::LEADS].iter().copied().flatten() {
        let letters = lead.as_bytes();
        let bit = lead_bit(at(letters, 0), at(letters, 1), at(letters, 2));
        if let Some(word) = filter.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }
    filter
});

/// Condition 4.
fn is_lead(bytes: &[u8], i: usize) -> bool {
    let bit = lead_bit(at(bytes, i), at(bytes, i + 1), at(bytes, i + 2));
    if LEAD_FILTER.get(bit / 64).copied().unwrap_or(0) >> (bit % 64) & 1 == 0 {
        return false;
    }
    let length = run(bytes, i, 20, alnum) - i;
    let leads = [LEADS, birth::LEADS, seed::LEADS];
    leads
        .iter()
        .copied()
        .flatten()
        .any(|lead| lead.len() == length && starts_nocase(bytes, i, lead.as_bytes()))
}

/// Whether the token at `i` is in lower-case hexadecimal, with letters: no identifier is.
fn hexadecimal(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i, LOOK_BYTES_MAX + 1, alnum);
    let token = bytes.get(i..end).unwrap_or(&[]);
    token.iter().any(u8::is_ascii_lowercase)
        && token.iter().all(|b| digit(*b) || matches!(b, b'a'..=b'f'))
}

/// Whether a time of day stands at `i`, or a date that one follows: most numbers of a log.
fn is_time(bytes: &[u8], i: usize) -> bool {
    let fraction =
        before(bytes, i) == b':' && i >= 2 && digit(at(bytes, i - 2)) && at(bytes, i + 2) == b'.';
    let midnight = at(bytes, i + 11) == b'0' && at(bytes, i + 12) == b'0';
    fraction || dated(bytes, i) && !midnight
}

/// Whether a word at `i` that is too short for an identifier stands before the time of the next
/// line of a log, `12 ms 2026-03-01T10:17:10`: the digits of a time are part of none.
fn is_short_before_time(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i, DIGITS_COUNT_MIN - 1, alnum);
    at(bytes, end) == b' ' && begins_stamp(bytes, end + 1)
}

/// The identifier that begins at `i`, or that the word at `i` leads to.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    find_labelled(text, i, || true)
}

/// As [`find`], where `labelled` may say that no label stands before.
pub(crate) fn find_labelled(
    text: &str,
    i: usize,
    labelled: impl FnOnce() -> bool,
) -> Option<Finding> {
    let bytes = text.as_bytes();
    let first = at(bytes, i);
    let time = digit(first) && is_time(bytes, i);
    if time || !opens(bytes, i) || breaks_before_stamp(bytes, i) {
        return None;
    }
    if first.is_ascii_alphabetic()
        && let Some(found) = led(text, i)
    {
        return Some(found);
    }
    // `-0.1276` begins with its sign; `a-12` goes on.
    let goes_on = matches!(before(bytes, i), b'-' | b'.') && alnum(before(bytes, i - 1));
    if before(bytes, i) == b'@' {
        // `/maps/@48.8566,2.3522`.
        let map = before(bytes, i - 1) == b'/' && may_begin(bytes, i);
        return map.then(|| place::pair(text, i)).flatten().map(located);
    }
    if goes_on {
        return None;
    }
    if let Some(found) = place::nmea(bytes, i).filter(|_| may_begin(bytes, i)) {
        return Some(located(found));
    }
    if hexadecimal(bytes, i) || is_short_before_time(bytes, i) {
        return None;
    }
    let candidate = Candidate::read(bytes, i);
    let bare = candidate.as_ref().is_some_and(Candidate::may_be_bare);
    let labelled = (candidate.is_some() || first == b'(') && labelled();
    // What has no label, and no form of its own, is nothing: most numbers of a log.
    let own = bare || phone::may_dial_abroad(bytes, i) || is_long(bytes, i);
    if !(labelled || own) || !may_begin(bytes, i) {
        return None;
    }
    if labelled {
        let labels = label::before(text, i);
        if !labels.far.is_empty() {
            let named = candidate
                .as_ref()
                .and_then(|candidate| candidate.labelled(&labels.near, &labels.far))
                .or_else(|| read(text, i, &labels));
            if named.is_some() {
                return named;
            }
        }
    }
    if let Some(found) = candidate.and_then(|candidate| candidate.bare()) {
        return (!governed_safe(text, i)).then_some(found);
    }
    phone::dialled_abroad(text, i)
        .map(|(start, end)| Finding::personal("phone", TokenKind::Phone, start, end))
        .or_else(|| crypto::find(text, i))
}

/// How what [`find`] says of a place depends on the digits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depends {
    /// It does not.
    Not,
    /// Only a number that may be dialled from abroad is more than a number.
    Abroad,
    /// It has to be asked again; whether a label stands before it.
    Wholly {
        /// Whether one does.
        labelled: bool,
    },
}

/// How what [`find`] does not find at `i` depends on the digits there.
pub(crate) fn depends(text: &str, i: usize) -> Depends {
    let bytes = text.as_bytes();
    let first = at(bytes, i);
    let digits = bytes.get(i..).unwrap_or(&[]).iter().take(LOOKED_BYTES_MAX);
    if !may_begin(bytes, i) || !digits.clone().any(u8::is_ascii_digit) {
        return Depends::Not;
    }
    let labelled = is_labelled(text, i);
    let bare = Candidate::read(bytes, i).is_some_and(|candidate| candidate.has_bare_form());
    let abroad = digit(first) && digit(at(bytes, i + 1));
    let time = digit(first) && dated(bytes, i);
    let reads = labelled
        || bare
        || is_long(bytes, i)
        || is_lead(bytes, i)
        || before(bytes, i) == b'@'
        || at(bytes, i + 4) == b'.'
        || matches!(first, b'$' | b'-' | b'+');
    match (reads, abroad && !time) {
        (true, _) => Depends::Wholly { labelled },
        (false, true) => Depends::Abroad,
        (false, false) => Depends::Not,
    }
}

/// Whether a label stands before `i`.
pub(crate) fn is_labelled(text: &str, i: usize) -> bool {
    !label::before(text, i).far.is_empty()
}

/// Bytes that are read of what may be an identifier.
const LOOKED_BYTES_MAX: usize = 128;

/// Whether a date stands at `i` that a time of day follows.
fn dated(bytes: &[u8], i: usize) -> bool {
    let digits = |from: usize, to: usize| (from..to).all(|j| digit(at(bytes, i + j)));
    let parted =
        at(bytes, i + 4) == at(bytes, i + 7) && matches!(at(bytes, i + 4), b'-' | b'/' | b'.');
    let clocked = matches!(at(bytes, i + 10), b'T' | b' ' | b'_') && at(bytes, i + 13) == b':';
    parted && clocked && digits(0, 4) && digits(11, 13)
}

/// A finding of a place.
fn located((start, end): (usize, usize)) -> Finding {
    Finding::personal("location.coordinates", TokenKind::Location, start, end)
}

/// What a rule reads that has no shape, behind its label.
fn read(text: &str, i: usize, labels: &Labels) -> Option<Finding> {
    RULES.iter().enumerate().find_map(|(place, rule)| {
        let Form::Reader(read) = rule.form else {
            return None;
        };
        let mask = if rule.near { &labels.near } else { &labels.far };
        let (start, end) = mask.has(place).then(|| read(text, i)).flatten()?;
        Some(Finding::personal(rule.id, rule.kind, start, end))
    })
}

/// What a field's name alone can tell: the kind of what it may hold, if that has the form.
///
/// `counted` says that the name ends as those of identifiers and counts do (`…_id`): then only
/// what carries a check is somebody's.
pub(crate) fn kind_of(key: &str, counted: bool) -> Option<TokenKind> {
    let labels = label::before(key, key.len());
    if labels.far.is_empty() {
        return None;
    }
    let told = |(place, rule): (usize, &&'static rule::Rule)| {
        let shaped = matches!(rule.form, Form::Shapes(..));
        let checked = shaped && !rule.near && rule.kind == TokenKind::National;
        // A position in a list is none on earth: the form is as good as a check.
        let place_on_earth = rule.kind == TokenKind::Location;
        let near = (!counted || place_on_earth) && labels.near.has(place);
        (near || (checked || !rule.near && !counted) && labels.far.has(place)).then_some(rule.kind)
    };
    RULES.iter().enumerate().find_map(told)
}

/// How far into a value its identifier may begin: quotes, a sign.
const QUOTES_BYTES_MAX: usize = 4;

/// The identifier that a value holds, where the name of its field is its label.
pub(crate) fn named(key: &str, value: &str) -> Option<Finding> {
    let bytes = value.as_bytes();
    let i = run(bytes, 0, QUOTES_BYTES_MAX, |b| {
        !(alnum(b) || b == b'(') && b < 0x80
    });
    if is_time(bytes, i) {
        return None;
    }
    let labels = label::before(key, key.len());
    if labels.far.is_empty() {
        return None;
    }
    let found = Candidate::read(bytes, i)
        .and_then(|candidate| candidate.labelled(&labels.near, &labels.far))
        .or_else(|| read(value, i, &labels));
    found.or_else(|| {
        let birth = RULES.iter().position(|rule| rule.id == "birth.date");
        birth.filter(|place| labels.near.has(*place))?;
        let (start, end) = birth::in_words(value, i)?;
        Some(Finding::personal(
            "birth.date",
            TokenKind::Birth,
            start,
            end,
        ))
    })
}

/// End of the date with its month's name at `i`.
pub(crate) fn date_in_words(text: &str, i: usize) -> Option<usize> {
    birth::in_words(text, i).map(|(_, end)| end)
}

/// The identifier that a number is, where the name of its field is its label: by its check, or
/// where the number can be little else.
pub(crate) fn named_number(key: &str, number: &str) -> Option<Finding> {
    let found = named(key, number)?;
    let whole = found.end == number.len();
    (whole && !matches!(found.kind, TokenKind::Phone | TokenKind::Account)).then_some(found)
}

/// What the word at `i` leads to: a seed phrase, a date with its month's name, a number plate, a
/// bank's code.
fn led(text: &str, i: usize) -> Option<Finding> {
    if !is_lead(text.as_bytes(), i) {
        return None;
    }
    seed::find(text, i)
        .or_else(|| {
            let (start, end) = birth::spoken(text, i)?;
            Some(Finding::personal(
                "birth.date",
                TokenKind::Birth,
                start,
                end,
            ))
        })
        .or_else(|| {
            let (start, end) = document::plate(text, i)?;
            Some(Finding::personal(
                "vehicle.plate",
                TokenKind::Vehicle,
                start,
                end,
            ))
        })
        .or_else(|| {
            let (start, end) = account::bic_behind(text, i)?;
            Some(Finding::personal(
                "account.bic",
                TokenKind::Account,
                start,
                end,
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of a million random texts of 6 to 24 characters of the alphabet are found.
    fn hits(alphabet: &[u8], seed: u64) -> u32 {
        let mut state = seed;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut hits = 0;
        for round in 0..1_000_000_u64 {
            let length = 6 + round % 19;
            let text: String = (0..length)
                .map(|_| char::from(alphabet[next(alphabet.len() as u64) as usize]))
                .collect();
            hits += u32::from(find(&text, 0).is_some());
        }
        hits
    }

    /// Random digits, identifiers in capitals and hexadecimal are nobody's without a label: less
    /// than 1 in 10,000.
    #[test]
    fn random_texts_are_nobody() {
        for (alphabet, seed) in [
            ("0123456789", 0x2545_f491_4f6c_dd1d),
            (
                "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                0x9e37_79b9_7f4a_7c15,
            ),
            ("0123456789abcdef", 0xbf58_476d_1ce4_e5b9),
            ("0123456789-. ", 0x94d0_49bb_1331_11eb),
        ] {
            let hits = hits(alphabet.as_bytes(), seed);
            assert!(hits < 100, "{hits} of a million in {alphabet}");
        }
    }

    #[test]
    fn what_is_found_may_begin() {
        for text in [
            "RCCMNL83S18D969H",
            "AB123456C",
            "131052-308T",
            "85.07.30-033.28",
            "G123456(A)",
            "1M8GDM9AXKP042788",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "(030) 901820",
        ] {
            assert!(may_begin(text.as_bytes(), 0), "{text}");
        }
        for text in [
            "GET",
            "billing-7d9f8b6c5-x2k4q",
            "200",
            "12:30:45",
            "user_id",
            "connection",
            "10.0.0.1",
        ] {
            assert!(!may_begin(text.as_bytes(), 0), "{text}");
        }
    }
}
