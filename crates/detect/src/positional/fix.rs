//! FIX tag-value messages (FIX 4.0 to 5.0 SP2, FIXT 1.1): passwords, users, accounts, and parties
//! that are people.
//!
//! `8=FIX.4.4|9=100|35=A|…|553=trader|554=secret|10=123|`. The sign between fields is what stands
//! between the version and `9=`: SOH, or what a log writes for it. Message types, comp ids, prices
//! and free text (58) stay.

use super::Family;
use super::fields::{SEGMENT_BYTES_MAX, Sink, Span};
use crate::bytes::{at, before, cut, floor, looked, run, starts};
use crate::{Finding, TokenKind};

pub(super) const FAMILY: Family = Family {
    words: &["FIX.", "FIXT."],
    may_follow,
    find,
};

/// Longest spelling of the sign between fields in bytes: `\u0001`, with a slash more.
const SIGN_BYTES_MAX: usize = 8;
/// Most fields of one message that are read.
const FIELDS_COUNT_MAX: usize = 256;

/// What a tag holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Secret,
    User,
    Account,
    Person,
}

/// Tags that are somebody's whatever stands around them.
#[rustfmt::skip]
const TAGS: &[(u32, Tag)] = &[
    (1, Tag::Account), (79, Tag::Account), (109, Tag::Account), (96, Tag::Secret),
    (337, Tag::Person), (553, Tag::User), (554, Tag::Secret), (925, Tag::Secret),
    (1400, Tag::Secret), (1402, Tag::Secret), (1404, Tag::Secret), (661, Tag::Account),
    (10_618, Tag::Account), (173, Tag::Account), (178, Tag::Account), (184, Tag::Account),
    (185, Tag::Person), (172, Tag::Account),
];

/// Kinds of a party's identifier (447) that are a person's number.
const NUMBERS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "A", "J", "Q"];
/// Roles of a party (452) that a person has: client, investor, traders, operators, customers.
#[rustfmt::skip]
const ROLES: &[&str] = &[
    "3", "5", "9", "11", "12", "24", "26", "36", "37", "38", "44", "52", "53", "56", "69", "81",
    "82", "83", "90", "96", "107", "121", "122",
];

/// Version, and the equals sign of `8=` before it.
fn may_follow(bytes: &[u8], i: usize) -> bool {
    let begins = before(bytes, i) == b'=' && i >= 2 && at(bytes, i - 2).is_ascii_digit();
    // A message ends at the next one's beginning, which is written so.
    begins && starts(bytes, i, b"FIX")
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if at(bytes, i - 2) != b'8' {
        return;
    }
    let version = run(bytes, i, 12, |b| b.is_ascii_alphanumeric() || b == b'.');
    // `FIX.4.4` and a sign that begins with a letter are not told apart; none does.
    let Some(sign) = (1..=SIGN_BYTES_MAX).find(|n| {
        // What writes a message may leave its length out.
        [b"9=".as_slice(), b"35="]
            .iter()
            .any(|tag| starts(bytes, version + n, tag))
    }) else {
        return;
    };
    let sign = cut(text, version, version + sign);
    if sign.is_empty() {
        return;
    }
    let mut sink = Sink {
        text,
        rule: "fix.tag",
        out,
    };
    let mut party = Party::default();
    let mut next = version + sign.len();
    let limit = (i + SEGMENT_BYTES_MAX).min(bytes.len());
    for _ in 0..FIELDS_COUNT_MAX {
        let Some((tag, value)) = field(text, next, sign, limit) else {
            break;
        };
        // The check sum ends a message, another version begins one.
        if tag == 10 || tag == 8 {
            break;
        }
        party.read(&mut sink, tag, value);
        add(&mut sink, tag, value);
        next = value.end + sign.len();
    }
    party.tell(&mut sink);
}

/// The field at `i`, and its value.
fn field(text: &str, i: usize, sign: &str, limit: usize) -> Option<(u32, Span)> {
    let bytes = text.as_bytes();
    let equals = run(bytes, i, 5, |b| b.is_ascii_digit());
    let tag = cut(text, i, equals).parse().ok()?;
    if at(bytes, equals) != b'=' {
        return None;
    }
    let start = equals + 1;
    let mut end = start;
    while end < limit && !matches!(at(bytes, end), b'\n' | b'\r' | b'"') {
        // A sign of one byte may stand in a value: behind it stands no tag.
        if starts(bytes, end, sign.as_bytes()) && is_tag(bytes, end + sign.len()) {
            break;
        }
        // Another message begins.
        if starts(bytes, end, b"8=FIX") {
            return None;
        }
        end += 1;
    }
    looked(end - start);
    let end = floor(text, end);
    Some((tag, Span { start, end }))
}

/// Whether a tag begins at `i`, or nothing.
fn is_tag(bytes: &[u8], i: usize) -> bool {
    let equals = run(bytes, i, 6, |b| b.is_ascii_digit());
    let ends = matches!(at(bytes, i), 0 | b'\n' | b'\r' | b'"' | b' ' | b']' | b')');
    equals > i && at(bytes, equals) == b'=' || ends
}

fn add(sink: &mut Sink<'_, '_>, tag: u32, value: Span) {
    let Some((_, kind)) = TAGS.iter().find(|(known, _)| *known == tag) else {
        return;
    };
    match kind {
        Tag::Secret => sink.secret(value),
        Tag::User => sink.personal(TokenKind::User, value),
        Tag::Account => sink.personal(TokenKind::Account, value),
        Tag::Person => sink.name(value),
    }
}

/// An entry of the group of parties: what it says of its identifier stands behind that.
#[derive(Default)]
struct Party {
    id: Option<Span>,
    person: bool,
    part: Option<Span>,
}

impl Party {
    fn read(&mut self, sink: &mut Sink<'_, '_>, tag: u32, value: Span) {
        let said = value.of(sink.text);
        match tag {
            448 => {
                self.tell(sink);
                self.id = Some(value);
            }
            447 => self.person |= NUMBERS.contains(&said),
            452 => self.person |= ROLES.contains(&said),
            523 => self.part = Some(value),
            // Type of the part before: a name, an address, a telephone number, an account.
            803 => {
                let kind = match said {
                    "2" | "5" | "9" => Some(TokenKind::Person),
                    "6" => Some(TokenKind::Address),
                    "7" => Some(TokenKind::Phone),
                    "8" => Some(TokenKind::Email),
                    "10" | "15" => Some(TokenKind::Account),
                    _ => None,
                };
                if let (Some(kind), Some(part)) = (kind, self.part.take()) {
                    sink.personal(kind, part);
                }
            }
            _ => {}
        }
    }

    /// Adds the entry's identifier where it was said to be a person's.
    fn tell(&mut self, sink: &mut Sink<'_, '_>) {
        let id = self.id.take();
        if let Some(id) = id.filter(|_| self.person) {
            sink.personal(TokenKind::User, id);
        }
        self.person = false;
    }
}
