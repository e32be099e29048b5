//! ANSI X12: names, addresses, contacts, demographics and identifiers in claims, enrolments and
//! orders (ASC X12 005010X222, X220, X279; segments NM1, N1, N3, N4, PER, DMG, REF, CLM, CLP, BPR,
//! ISA).
//!
//! `NM1*IL*1*DOE*JOHN*A***MI*12345~N3*1 HIGH ST~N4*TOWN*ST*12345~DMG*D8*19800131*M~`: elements are
//! known by number, or by the qualifier before them. Entity codes, amounts, states and the names
//! of organisations stay.

use super::Family;
use super::fields::{Sink, Span, anchored, begins, line_break, segment};
use crate::bytes::{at, before, cut, run};
use crate::{Finding, TokenKind, names};

pub(super) const FAMILY: Family = Family {
    words: &[
        "NM1*", "NM1|", "PER*", "DMG*", "DMG|", "REF*", "CLM*", "CLP*", "BPR*", "ISA*", "ISA|",
        "N3*", "N1*S", "N1*B", "N1*I", "N1*Q", "N1*U", "N1*D", "N1*M",
    ],
    may_follow,
    find,
};

/// Most elements of a segment that are read.
const ELEMENTS_COUNT_MAX: usize = 24;
/// Most segments that are read behind one, and are no anchors themselves.
const SEGMENTS_COUNT_MAX: usize = 8;

/// Qualifiers of references to people (data element 128), and what they name.
#[rustfmt::skip]
const REFERENCES: &[(&str, TokenKind)] = &[
    ("SY", TokenKind::National), ("HJ", TokenKind::National), ("4A", TokenKind::Account),
    ("0F", TokenKind::Account), ("1L", TokenKind::Account), ("1W", TokenKind::Account),
    ("23", TokenKind::Account), ("3H", TokenKind::Account), ("EA", TokenKind::Account),
    ("F6", TokenKind::Account), ("HPI", TokenKind::Account), ("IG", TokenKind::Account),
    ("MRN", TokenKind::Account), ("NQ", TokenKind::Account), ("Y4", TokenKind::Account),
    ("QQ", TokenKind::Account), ("DL", TokenKind::National), ("GR", TokenKind::Account),
    ("ABB", TokenKind::Account), ("12", TokenKind::Account), ("11", TokenKind::Account),
    ("AP", TokenKind::Account), ("PS", TokenKind::National), ("TJ", TokenKind::National),
    ("SBR", TokenKind::Account), ("CE", TokenKind::Account),
];

/// Parties of an order that may be people (data element 98).
const PARTIES: &[&str] = &[
    "BT", "BY", "ST", "SO", "UC", "IL", "QC", "IN", "BS", "DA", "MA",
];

/// Whether a segment may begin at `i`. One of two characters only at the beginning of a line or
/// behind another segment; a street with its number. A town (N4) is read behind the segment before
/// it alone: three bytes are too few to be looked for.
fn may_follow(bytes: &[u8], i: usize) -> bool {
    let short = at(bytes, i + 2) == b'*';
    let first = i == 0 || matches!(before(bytes, i), b'~' | b'\n' | b'\r' | b'"' | b'n' | b'\'');
    let upper = at(bytes, i).is_ascii_uppercase() && at(bytes, i + 1) < b'a';
    let numbered = at(bytes, i + 1) != b'3' || at(bytes, i + 3).is_ascii_digit();
    begins(bytes, i) && upper && (!short || first && numbered)
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let tag = run(bytes, i, 3, |b| b.is_ascii_alphanumeric());
    let sign = at(bytes, tag);
    if !matches!(sign, b'*' | b'|') {
        return;
    }
    let mut sink = Sink {
        text,
        rule: "x12.element",
        out,
    };
    let mut from = i;
    for n in 0..SEGMENTS_COUNT_MAX {
        let tag = run(bytes, from, 3, |b| {
            b.is_ascii_uppercase() || b.is_ascii_digit()
        });
        let own = n == 0 || !is_anchor(bytes, from);
        if tag < from + 2 || at(bytes, tag) != sign || !own {
            break;
        }
        let body = segment(text, tag + 1, ends);
        let elements = Elements::of(bytes, body, sign);
        if !told(&mut sink, cut(text, from, tag), &elements) {
            break;
        }
        let end = body.end + usize::from(at(bytes, body.end) == b'~');
        from = end + line_break(bytes, end);
        if from == body.end {
            break;
        }
    }
}

/// Whether a segment ends at `i`.
fn ends(bytes: &[u8], i: usize) -> bool {
    let sign = |n: usize| matches!(at(bytes, i + n), b'*' | b'|');
    at(bytes, i) == b'~' || (sign(3) || sign(4)) && anchored(bytes, i, FAMILY.words)
}

fn is_anchor(bytes: &[u8], i: usize) -> bool {
    let known = |word: &&str| crate::bytes::starts(bytes, i, word.as_bytes());
    FAMILY.words.iter().any(known) && may_follow(bytes, i)
}

/// Elements of a segment, from 1 on.
struct Elements {
    spans: [Span; ELEMENTS_COUNT_MAX],
    count: usize,
}

impl Elements {
    fn of(bytes: &[u8], body: Span, sign: u8) -> Self {
        let empty = Span { start: 0, end: 0 };
        let mut out = Self {
            spans: [empty; ELEMENTS_COUNT_MAX],
            count: 0,
        };
        for (slot, span) in out.spans.iter_mut().zip(body.parts(bytes, sign, 0)) {
            *slot = span;
            out.count += 1;
        }
        out
    }

    fn at(&self, n: usize) -> Span {
        let found = n.checked_sub(1).and_then(|n| self.spans.get(n));
        found.copied().unwrap_or(Span { start: 0, end: 0 })
    }
}

/// Adds what a segment holds. False where it has not the form of that segment.
fn told(sink: &mut Sink<'_, '_>, tag: &str, e: &Elements) -> bool {
    match tag {
        "NM1" | "N1" | "N2" | "N3" | "N4" => party(sink, tag, e),
        "PER" => contacts(sink, e),
        _ => record(sink, tag, e),
    }
}

/// Whether an element is a code of so many characters.
fn coded(text: &str, element: Span, lengths: std::ops::RangeInclusive<usize>) -> bool {
    let value = element.of(text);
    let code = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    lengths.contains(&value.len()) && value.bytes().all(code)
}

/// Names and addresses.
fn party(sink: &mut Sink<'_, '_>, tag: &str, e: &Elements) -> bool {
    let text = sink.text;
    let code = |n: usize| e.at(n).of(text);
    let coded = |n: usize, lengths| coded(text, e.at(n), lengths);
    match tag {
        "NM1" => {
            let person = code(2) == "1";
            let formed = coded(1, 2..=3) && matches!(code(2), "1" | "2" | "3" | "4" | "8");
            if formed && person {
                (3..=5).for_each(|n| sink.name(e.at(n)));
                let kind = match code(8) {
                    "34" | "HN" => TokenKind::National,
                    _ => TokenKind::Account,
                };
                sink.id(kind, e.at(9));
            }
            formed
        }
        "N1" => {
            let formed = coded(1, 2..=3);
            if formed && PARTIES.contains(&code(1)) && is_person(code(2)) {
                sink.name(e.at(2));
            }
            formed
        }
        "N3" => {
            let street = code(1);
            let formed = street.len() >= 5 && street.trim().contains(' ');
            if formed {
                sink.personal(TokenKind::Address, e.at(1));
                sink.personal(TokenKind::Address, e.at(2));
            }
            formed
        }
        "N4" => {
            let letters = code(1)
                .chars()
                .all(|c| c.is_alphabetic() || " .'-".contains(c));
            let formed = e.count >= 3 && letters && (coded(2, 2..=2) || code(2).is_empty());
            if formed {
                sink.personal(TokenKind::Place, e.at(1));
                sink.id(TokenKind::Address, e.at(3));
            }
            formed
        }
        _ => true,
    }
}

/// Dates of birth, references, claims, payments and passwords.
fn record(sink: &mut Sink<'_, '_>, tag: &str, e: &Elements) -> bool {
    let text = sink.text;
    let code = |n: usize| e.at(n).of(text);
    let coded = |n: usize, lengths| coded(text, e.at(n), lengths);
    match tag {
        "DMG" => {
            sink.birth(e.at(2));
            coded(1, 2..=3)
        }
        "REF" => {
            let known = REFERENCES.iter().find(|(known, _)| *known == code(1));
            if let Some((_, kind)) = known {
                sink.id(*kind, e.at(2));
            }
            coded(1, 2..=3)
        }
        "CLM" | "CLP" => {
            let number = |n: usize| code(n).parse::<f64>().is_ok();
            let formed = number(if tag == "CLM" { 2 } else { 3 });
            if formed {
                sink.id(TokenKind::Account, e.at(1));
            }
            formed
        }
        "BPR" => {
            for n in 3..=14 {
                if matches!(code(n), "DA" | "SG") {
                    sink.id(TokenKind::Account, e.at(n + 1));
                }
            }
            coded(1, 1..=2)
        }
        "ISA" => {
            // Qualifiers 00 say that nothing is there.
            for n in [1, 3] {
                if coded(n, 2..=2) && code(n) != "00" && e.count >= 15 {
                    sink.secret(e.at(n + 1));
                }
            }
            coded(1, 2..=2)
        }
        _ => tag.len() >= 2,
    }
}

/// A contact: its name, and numbers behind their qualifiers (data element 365).
fn contacts(sink: &mut Sink<'_, '_>, e: &Elements) -> bool {
    let text = sink.text;
    if !coded(text, e.at(1), 2..=2) {
        return false;
    }
    sink.name(e.at(2));
    for n in [3, 5, 7] {
        match e.at(n).of(text) {
            "TE" | "HP" | "WP" | "CP" | "FX" | "NP" | "VM" | "BN" | "PC" | "PS" | "AP" => {
                sink.phone(e.at(n + 1));
            }
            "EM" => sink.personal(TokenKind::Email, e.at(n + 1)),
            _ => {}
        }
    }
    true
}

/// Whether the name of a party is a person's: what companies are called is no list.
fn is_person(name: &str) -> bool {
    let cased = name
        .split(' ')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter();
            let rest = letters.flat_map(char::to_lowercase);
            first.chain(rest).collect::<String>()
        })
        .collect::<Vec<_>>();
    let cased = zeroize::Zeroizing::new(cased.join(" "));
    names::is_listed(&cased)
}
