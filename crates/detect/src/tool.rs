//! Lines of programs in which somebody's account, name or address, or a secret, stands at a place
//! of its own: [`lines::LINES`] spells them as patterns around a word, and [`other`] reads what a
//! pattern does not say.
//!
//! A pattern is a word that is looked for, what stands before it, and what follows. In it stands
//!
//! | sign | for |
//! |---|---|
//! | a blank | one blank or more |
//! | `"` | a quote of either kind, escaped or not |
//! | `\` | backslashes |
//! | `{user}` | somebody's account, without the domain before it |
//! | `{login}` | the same, where any noun may stand: only what reads as an account |
//! | `{secret}` | a secret up to what follows, or a value as [`crate::value`] reads it |
//! | `{pass}` | the same, where any noun may stand: only what is no plain word |
//! | `{encoded}`, `{hex}`, `{pin}` | a secret in Base64, a key in hex, a card's digits |
//! | `{made}` | a secret that has a digit and a letter, and no slash |
//! | `{code}` | a code in capitals, digits and small letters that are no word |
//! | `{home}` | a postal address up to what follows |
//! | `{name}` | a person's name up to what follows |
//! | `{person}` | the same, where it reads as one |
//! | `{holder}` | whom a certificate is for: a name of the lists, or an account |
//! | `{ip}`, `{phone}`, `{vin}`, `{at}` | an address, a number, a vehicle, coordinates |
//! | `{n}`, `{w}`, `{f}` | digits, a word, a field before a comma |
//! | `{*}` | anything in the line up to what follows |
//! | `{bol}`, `{eol}` | where a line or a string begins or ends |
//!
//! *Limits:* a place is at most [`PLACE_BYTES_MAX`] long.

mod judge;
mod lines;
mod other;
mod services;

use std::sync::LazyLock;

use crate::Finding;
use crate::bytes::{alnum, at, before, blank, ceil, cut, digit, floor, run, run_back, starts};
use crate::value::taken;

/// Longest thing in bytes that stands at one place of a line.
const PLACE_BYTES_MAX: usize = 160;
/// Longest account in bytes.
const USER_BYTES_MAX: usize = 64;
/// Longest number, code or vehicle's number in bytes.
const NUMBER_BYTES_MAX: usize = 24;
/// Longest coordinates in bytes.
const LOCATION_BYTES_MAX: usize = 40;
/// Longest addresses of the Internet in bytes.
const V4_BYTES_MAX: usize = 15;
const V6_BYTES_MAX: usize = 39;
/// Longest domain of Windows in bytes.
const DOMAIN_BYTES_MAX: usize = 24;
/// Most places at which the rest of a pattern is tried.
const PLACES_COUNT_MAX: usize = 16;
/// Most backslashes before what they escape.
const SLASHES_BYTES_MAX: usize = 8;

/// What stands somewhere in a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Literal(&'static str),
    Blank,
    Quote,
    Slashes,
    Begin,
    End,
    Number,
    Word,
    Field,
    Any,
    Take(Take),
}

/// What is taken from it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    User,
    Login,
    Secret,
    Pass,
    Encoded,
    Hex,
    Pin,
    Made,
    Code,
    Home,
    Name,
    Person,
    Holder,
    Ip,
    Phone,
    Vehicle,
    Location,
}

/// A pattern that was read.
struct Line {
    word: &'static str,
    /// From the word on to the left.
    back: Vec<Piece>,
    ahead: Vec<Piece>,
}

/// Something that stood at a place.
type Taken = (Take, usize, usize);

/// The patterns by the first byte of their words.
static TABLE: LazyLock<Vec<Vec<Line>>> = LazyLock::new(|| {
    let mut table: Vec<Vec<Line>> = Vec::new();
    table.resize_with(256, Vec::new);
    for (back, word, ahead) in lines::LINES {
        let mut back = pieces(back);
        back.reverse();
        let first = usize::from(at(word.as_bytes(), 0));
        if let Some(lines) = table.get_mut(first) {
            lines.push(Line {
                word,
                back,
                ahead: pieces(ahead),
            });
        }
    }
    table
});

/// The words that are looked for.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    let lines = lines::LINES.iter().map(|(_, word, _)| *word);
    lines.chain(other::WORDS.iter().map(|(word, _)| *word))
}

pub(crate) use judge::is_person;
pub(crate) use other::{at_separator, may_separate};

/// The pieces of a pattern.
fn pieces(pattern: &'static str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (piece, length) = match first {
            ' ' => (Piece::Blank, 1),
            '"' => (Piece::Quote, 1),
            '\\' => (Piece::Slashes, 1),
            '{' if rest.starts_with("{*}") || rest.find('}').is_some_and(|n| n > 1) => {
                let end = rest.find('}').map_or(rest.len(), |n| n + 1);
                (named(cut(rest, 1, end - 1)), end)
            }
            _ => {
                let signs = [' ', '"', '\\', '{'];
                let end = rest.find(signs).filter(|n| *n > 0);
                let end = end.unwrap_or(if rest.starts_with(signs) {
                    1
                } else {
                    rest.len()
                });
                (Piece::Literal(cut(rest, 0, end)), end)
            }
        };
        out.push(piece);
        rest = cut(rest, length, rest.len());
    }
    out
}

fn named(name: &'static str) -> Piece {
    match name {
        "user" => Piece::Take(Take::User),
        "login" => Piece::Take(Take::Login),
        "secret" => Piece::Take(Take::Secret),
        "pass" => Piece::Take(Take::Pass),
        "encoded" => Piece::Take(Take::Encoded),
        "hex" => Piece::Take(Take::Hex),
        "pin" => Piece::Take(Take::Pin),
        "made" => Piece::Take(Take::Made),
        "code" => Piece::Take(Take::Code),
        "home" => Piece::Take(Take::Home),
        "name" => Piece::Take(Take::Name),
        "person" => Piece::Take(Take::Person),
        "holder" => Piece::Take(Take::Holder),
        "ip" => Piece::Take(Take::Ip),
        "phone" => Piece::Take(Take::Phone),
        "vin" => Piece::Take(Take::Vehicle),
        "at" => Piece::Take(Take::Location),
        "n" => Piece::Number,
        "w" => Piece::Word,
        "f" => Piece::Field,
        "bol" => Piece::Begin,
        "eol" => Piece::End,
        _ => Piece::Any,
    }
}

/// Adds what the patterns with the word at `i` take.
pub(crate) fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let lines = TABLE.get(usize::from(at(bytes, i)));
    for line in lines.into_iter().flatten() {
        if starts(bytes, i, line.word.as_bytes()) {
            line.find(text, i, out);
        }
    }
    other::find(text, i, out);
}

impl Line {
    fn find(&self, text: &str, i: usize, out: &mut Vec<Finding>) {
        // What stands before the word is said, or a word of its own begins here.
        if self.back.is_empty() && !is_apart(text.as_bytes(), i) {
            return;
        }
        let mut all = Vec::new();
        if before_it(text, i, &self.back, &mut all).is_some()
            && behind_it(text, i + self.word.len(), &self.ahead, &mut all).is_some()
        {
            out.extend(
                all.into_iter()
                    .filter_map(|taken| judge::found(text, taken)),
            );
        }
    }
}

/// Reads pieces from `i` on; none where the line is another.
fn behind_it(text: &str, mut i: usize, pieces: &[Piece], out: &mut Vec<Taken>) -> Option<()> {
    for (n, piece) in pieces.iter().enumerate() {
        let next = pieces.get(n + 1).copied();
        i = match *piece {
            Piece::Take(take) => {
                let (start, end) = extent(text, i, take, next)?;
                out.push((take, start, end));
                end
            }
            Piece::Any => return anywhere(text, i, pieces.get(n + 1..)?, out),
            Piece::Word => {
                let ends = |n: usize| next.is_some_and(|next| fixed(text, n, next).is_some());
                let end = until(text, i, |b, n| blank(b) || ends(n));
                (end > i).then_some(end)?
            }
            Piece::Field => until(text, i, |b, _| b == b','),
            fixed_piece => fixed(text, i, fixed_piece)?,
        };
    }
    Some(())
}

/// Reads pieces from the nearest place on, from `i`, at which all of them stand.
fn anywhere(text: &str, i: usize, pieces: &[Piece], out: &mut Vec<Taken>) -> Option<()> {
    let first = *pieces.first()?;
    let (mut from, known) = (i, out.len());
    for _ in 0..PLACES_COUNT_MAX {
        from = ahead_of(text, i, from, first)?;
        if behind_it(text, from, pieces, out).is_some() {
            return Some(());
        }
        out.truncate(known);
        from += 1;
    }
    None
}

/// Reads pieces that end at `i`, the nearest first.
fn before_it(text: &str, mut i: usize, pieces: &[Piece], out: &mut Vec<Taken>) -> Option<()> {
    let bytes = text.as_bytes();
    for (n, piece) in pieces.iter().enumerate() {
        let next = pieces.get(n + 1).copied();
        i = match *piece {
            Piece::Take(take) => {
                let start = start_of(text, i, take, next)?;
                out.push((take, start, i));
                start
            }
            Piece::Literal(word) => {
                let start = i.checked_sub(word.len())?;
                starts(bytes, start, word.as_bytes()).then_some(start)?
            }
            Piece::Blank => {
                let start = run_back(bytes, i, PLACE_BYTES_MAX, blank);
                (start < i).then_some(start)?
            }
            Piece::Quote => {
                let quote = i.checked_sub(1)?;
                let opens = matches!(at(bytes, quote), b'"' | b'\'');
                opens.then(|| run_back(bytes, quote, SLASHES_BYTES_MAX, |b| b == b'\\'))?
            }
            Piece::Slashes => {
                let start = run_back(bytes, i, SLASHES_BYTES_MAX, |b| b == b'\\');
                (start < i).then_some(start)?
            }
            Piece::Number => {
                let start = run_back(bytes, i, USER_BYTES_MAX, digit);
                (start < i).then_some(start)?
            }
            Piece::Begin => begins(bytes, i).then_some(i)?,
            Piece::End => return None,
            Piece::Word | Piece::Field | Piece::Any => {
                let any = *piece == Piece::Any;
                let inside = |b: u8| any || !(blank(b) || matches!(b, b'"' | b'|' | b','));
                behind_literal(bytes, i, next, inside)
            }
        };
    }
    Some(())
}

/// End of a piece that takes nothing, at `i`.
fn fixed(text: &str, i: usize, piece: Piece) -> Option<usize> {
    let bytes = text.as_bytes();
    match piece {
        Piece::Literal(word) => starts(bytes, i, word.as_bytes()).then_some(i + word.len()),
        Piece::Blank => {
            let end = run(bytes, i, PLACE_BYTES_MAX, blank);
            (end > i).then_some(end)
        }
        Piece::Quote => {
            let quote = run(bytes, i, SLASHES_BYTES_MAX, |b| b == b'\\');
            matches!(at(bytes, quote), b'"' | b'\'').then_some(quote + 1)
        }
        Piece::Slashes => {
            let end = run(bytes, i, SLASHES_BYTES_MAX, |b| b == b'\\');
            (end > i).then_some(end)
        }
        Piece::Number => {
            let end = run(bytes, i, USER_BYTES_MAX, digit);
            (end > i).then_some(end)
        }
        Piece::End => is_end(bytes, i).then_some(i),
        _ => None,
    }
}

/// Whether a line, or the string that it stands in, ends at `i`.
fn is_end(bytes: &[u8], i: usize) -> bool {
    let slashes = run(bytes, i, SLASHES_BYTES_MAX, |b| b == b'\\');
    match at(bytes, slashes) {
        b'n' | b'r' => slashes > i,
        b'\n' | b'\r' | b'"' => true,
        _ => i >= bytes.len(),
    }
}

/// Whether the byte before `i` is the letter of an escaped line break or tab.
fn is_escaped(bytes: &[u8], i: usize) -> bool {
    i >= 2 && at(bytes, i - 2) == b'\\' && matches!(before(bytes, i), b'n' | b'r' | b't')
}

/// Whether no word that began before goes on at `i`.
fn is_apart(bytes: &[u8], i: usize) -> bool {
    let prior = before(bytes, i);
    let part = alnum(prior) || prior == b'_' || prior >= 0x80;
    !at(bytes, i).is_ascii_alphabetic() || !part || is_escaped(bytes, i)
}

/// Whether a line, a string or a word begins at `i`.
fn begins(bytes: &[u8], i: usize) -> bool {
    let prior = before(bytes, i);
    i == 0 || is_escaped(bytes, i) || prior.is_ascii_whitespace() || matches!(prior, b'"' | b'\'')
}

/// First place from `i` on, within the line, at which it is so.
fn until(text: &str, i: usize, is: impl Fn(u8, usize) -> bool) -> usize {
    let bytes = text.as_bytes();
    let limit = (i + PLACE_BYTES_MAX).min(bytes.len());
    let mut end = i;
    while end < limit {
        let b = at(bytes, end);
        let over = matches!(b, b'\n' | b'\r' | b'"') || b == b'\\' && is_end(bytes, end);
        if over || is(b, end) {
            break;
        }
        end += 1;
    }
    crate::bytes::looked(end - i);
    floor(text, end)
}

/// The nearest place at or behind `from`, in the line and near `i`, at which the piece stands.
fn ahead_of(text: &str, i: usize, from: usize, piece: Piece) -> Option<usize> {
    let bytes = text.as_bytes();
    let stands = |n: usize| match piece {
        Piece::Take(Take::Ip) => digit(at(bytes, n)),
        Piece::Take(_) => true,
        _ => fixed(text, n, piece).is_some(),
    };
    let limit = (i + PLACE_BYTES_MAX).min(bytes.len());
    let mut end = from;
    while end <= limit && !matches!(at(bytes, end), b'\n' | b'\r') {
        if stands(end) {
            crate::bytes::looked(end - from);
            return Some(end);
        }
        end += 1;
    }
    None
}

/// Somebody's account that begins at `i`, or behind its domain there.
pub(crate) fn account(text: &str, i: usize) -> Option<Finding> {
    let (start, end) = extent(text, i, Take::User, None)?;
    judge::found(text, (Take::User, start, end))
}

fn user_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'+' | b'$' | b'@') || b >= 0x80
}

/// Where what is taken from `i` on begins and ends.
fn extent(text: &str, i: usize, take: Take, next: Option<Piece>) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let ends = |n: usize| match next {
        Some(Piece::Any) | None => true,
        Some(next) => fixed(text, n, next).is_some(),
    };
    let whole = |end: usize| (end > i && ends(end)).then_some((i, floor(text, end)));
    match take {
        Take::User | Take::Login => {
            let start = past_domain(bytes, i);
            let end = run(bytes, start, USER_BYTES_MAX, user_byte);
            let bare = run_back(bytes, end, 2, |b| matches!(b, b'.' | b'-'));
            let end = if ends(end) && next.is_some() {
                end
            } else {
                bare
            };
            (end > start && ends(end)).then_some((start, floor(text, end)))
        }
        Take::Ip => whole(ip_end(bytes, i)?),
        Take::Phone => whole(run(bytes, i, NUMBER_BYTES_MAX, |b| digit(b) || b == b'+')),
        Take::Vehicle => whole(run(bytes, i, NUMBER_BYTES_MAX, alnum)),
        Take::Location => {
            let part = |b: u8| digit(b) || matches!(b, b'.' | b',' | b'-' | b' ');
            let end = run(bytes, i, LOCATION_BYTES_MAX, part);
            whole(run_back(bytes, end, 4, blank))
        }
        Take::Code => {
            let part = |b: u8| alnum(b) || b == b'-';
            let end = run(bytes, i, NUMBER_BYTES_MAX, part);
            let four =
                end == i + 4 && at(bytes, end) == b' ' && run(bytes, end + 1, 5, digit) == end + 5;
            whole(if four { end + 5 } else { end })
        }
        Take::Hex => {
            let end = run(bytes, i, PLACE_BYTES_MAX, |b| b.is_ascii_hexdigit());
            whole(end).filter(|_| !alnum(at(bytes, end)))
        }
        Take::Pin => {
            let end = run(bytes, i, USER_BYTES_MAX, digit);
            whole(end).filter(|_| !alnum(at(bytes, end)))
        }
        Take::Secret | Take::Pass | Take::Encoded | Take::Made if next.is_none() => {
            let found = taken(text, i, false, |_, _| true)?;
            Some((found.start, found.end))
        }
        _ => {
            let next = next.unwrap_or(Piece::End);
            let end = until(text, i, |_, n| fixed(text, n, next).is_some());
            (end > i && fixed(text, end, next).is_some()).then_some((ceil(text, i), end))
        }
    }
}

/// Where what is taken up to `i` begins.
fn start_of(text: &str, i: usize, take: Take, next: Option<Piece>) -> Option<usize> {
    let bytes = text.as_bytes();
    let start = match take {
        Take::User | Take::Login => {
            let start = run_back(bytes, i, USER_BYTES_MAX, user_byte);
            // The letter of an escaped line break or tab is none of the name's.
            let escaped = before(bytes, start) == b'\\' && matches!(at(bytes, start), b'n' | b't');
            start + usize::from(escaped && !is_domain(bytes, start - 1))
        }
        Take::Ip => {
            let start = run_back(bytes, i, V4_BYTES_MAX, |b| digit(b) || b == b'.');
            let v6 = run_back(bytes, i, V6_BYTES_MAX, |b| {
                b.is_ascii_hexdigit() || b == b':'
            });
            start.min(v6)
        }
        _ => {
            let quoted = next == Some(Piece::Quote);
            let inside = |b: u8| b != b'"' && (quoted || !blank(b));
            behind_literal(bytes, i, next, inside)
        }
    };
    (start < i).then(|| ceil(text, start))
}

/// The nearest place before `i` behind which the literal stands that is to be there, or where what
/// may stand before `i` begins.
fn behind_literal(
    bytes: &[u8],
    i: usize,
    next: Option<Piece>,
    inside: impl Fn(u8) -> bool,
) -> usize {
    let first = run_back(bytes, i, PLACE_BYTES_MAX, |b| b != b'\n' && inside(b));
    let Some(Piece::Literal(word)) = next else {
        return first;
    };
    let head = bytes.get(..i).unwrap_or(&[]);
    let ends = |end: &usize| {
        head.get(..*end)
            .is_some_and(|h| h.ends_with(word.as_bytes()))
    };
    (first..=i).rev().find(ends).unwrap_or(first)
}

/// Behind `CORP\`, where an account of such a domain begins at `i`.
fn past_domain(bytes: &[u8], i: usize) -> usize {
    let end = run(bytes, i, DOMAIN_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'-' | b'.')
    });
    let behind = run(bytes, end, SLASHES_BYTES_MAX, |b| b == b'\\');
    let escape = behind == end + 1 && matches!(at(bytes, behind), b'n' | b'r' | b't' | b'u');
    let goes_on = behind > end && end > i && alnum(at(bytes, behind));
    if goes_on && (!escape || is_domain(bytes, end)) {
        behind
    } else {
        i
    }
}

/// Whether the word before `i` is written as a domain of Windows: `CORP`.
fn is_domain(bytes: &[u8], i: usize) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || digit(b) || b == b'-';
    let start = run_back(bytes, i, 16, upper);
    i >= start + 3 && !alnum(before(bytes, start))
}

/// End of the address at `i`: four numbers, or groups of hex.
fn ip_end(bytes: &[u8], i: usize) -> Option<usize> {
    let mut end = i;
    for n in 0..4 {
        let next = run(bytes, end, 3, digit);
        let dot = n == 3 || at(bytes, next) == b'.';
        if next == end || !dot {
            let groups = run(bytes, i, V6_BYTES_MAX, |b| {
                b.is_ascii_hexdigit() || b == b':'
            });
            let colons = bytes.get(i..groups).unwrap_or(&[]);
            let mut colons = colons.iter().filter(|b| **b == b':');
            return colons.nth(1).is_some().then_some(groups);
        }
        end = next + usize::from(n < 3);
    }
    Some(end)
}

#[cfg(test)]
mod tests;
