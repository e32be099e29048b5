//! HL7 version 2: segments of patients, relatives, guarantors, insured and the staff who see them
//! (HL7 Messaging Standard 2.5.1, chapters 2A, 3, 4, 6 and 8).
//!
//! `PID|1||123456^^^HOSP^MR||DOE^JOHN^A||19800131|M|||1 High St^^Town^ST^12345||5551234`: fields
//! are known by their number, components by that of theirs. Names of segments, set numbers, codes,
//! assigning authorities, countries and states stay.

use super::Family;
use super::fields::{Sink, Span, anchored, begins, is_date, segment};
use crate::Finding;
use crate::TokenKind;
use crate::bytes::{at, cut, run};

pub(super) const FAMILY: Family = Family {
    words: &[
        "PID|", "PD1|", "NK1|", "GT1|", "IN1|", "IN2|", "PV1|", "PV2|", "OBR|", "ORC|", "MRG|",
        "STF|", "ROL|", "PRD|", "EVN|", "OBX|", "TXA|", "AIP|", "SCH|",
    ],
    may_follow,
    find,
};

/// What a field is, by HL7's data types.
#[derive(Clone, Copy)]
enum Type {
    /// XPN: family name, given name, further names, suffix, prefix.
    Name,
    /// XCN: identifier, and then as [`Type::Name`].
    Staff,
    /// NDL: the same with `&` between its parts, in the first component.
    Reader,
    /// XAD: street, other, city, state, postal code, country.
    Address,
    /// XTN: number, use, equipment, mail, country, area, number.
    Phone,
    /// CX and the like: identifier, check digit, scheme, authority.
    Account,
    /// An identifier that a state or a social insurance gives out.
    National,
    /// TS: a date of birth.
    Birth,
    /// A place.
    Place,
}

/// A segment's fields that are somebody's, by number.
type Fields = &'static [(usize, Type)];

use Type::{Account, Address, Birth, Name, National, Phone, Place, Reader, Staff};

/// Segments, whether their first field counts them, and their fields.
#[rustfmt::skip]
const SEGMENTS: &[(&str, bool, Fields)] = &[
    ("PID", true, &[
        (2, Account), (3, Account), (4, Account), (5, Name), (6, Name), (7, Birth), (9, Name),
        (11, Address), (13, Phone), (14, Phone), (18, Account), (19, National), (20, National),
        (21, Account), (23, Place), (40, Phone),
    ]),
    ("PD1", false, &[(4, Staff)]),
    ("NK1", true, &[
        (2, Name), (4, Address), (5, Phone), (6, Phone), (12, Account), (16, Birth), (26, Name),
        (30, Name), (31, Phone), (32, Address), (33, Account), (37, National),
    ]),
    ("GT1", true, &[
        (2, Account), (3, Name), (4, Name), (5, Address), (6, Phone), (7, Phone), (8, Birth),
        (12, National), (17, Address), (18, Phone), (19, Account), (42, Name), (45, Name),
        (46, Phone),
    ]),
    ("IN1", true, &[
        (6, Name), (16, Name), (18, Birth), (19, Address), (36, Account), (49, Account),
    ]),
    ("IN2", false, &[
        (1, Account), (2, National), (6, National), (7, Name), (8, National), (9, Name),
        (10, National), (40, Name), (50, Name), (52, Name), (61, Account), (63, Phone),
        (64, Phone),
    ]),
    ("PV1", true, &[
        (5, Account), (7, Staff), (8, Staff), (9, Staff), (17, Staff), (19, Account),
        (50, Account), (52, Staff),
    ]),
    ("PV2", false, &[(13, Staff)]),
    ("OBR", true, &[
        (10, Staff), (16, Staff), (17, Phone), (28, Staff), (32, Reader), (33, Reader),
        (34, Reader), (35, Reader),
    ]),
    ("OBX", true, &[(16, Staff), (25, Staff)]),
    ("ORC", false, &[
        (10, Staff), (11, Staff), (12, Staff), (14, Phone), (19, Staff), (24, Address),
    ]),
    ("MRG", false, &[
        (1, Account), (2, Account), (3, Account), (4, Account), (5, Account), (7, Name),
    ]),
    ("STF", false, &[
        (2, Account), (3, Name), (6, Birth), (10, Phone), (11, Address),
    ]),
    ("ROL", false, &[(4, Staff), (11, Address), (12, Phone)]),
    ("PRD", false, &[(2, Name), (3, Address), (5, Phone), (7, Account)]),
    ("EVN", false, &[(5, Staff)]),
    ("TXA", true, &[(5, Staff), (9, Staff), (10, Staff), (11, Staff), (22, Staff)]),
    ("AIP", true, &[(3, Staff)]),
    ("SCH", false, &[
        (12, Staff), (13, Phone), (14, Address), (16, Staff), (17, Phone), (18, Address),
        (20, Staff),
    ]),
];

/// Least fields of a segment that is one.
const FIELDS_COUNT_MIN: usize = 3;
/// Most digits of a number that counts segments.
const SET_DIGITS_MAX: usize = 4;

fn may_follow(bytes: &[u8], i: usize) -> bool {
    let upper = |n: usize| {
        let b = at(bytes, i + n);
        b.is_ascii_uppercase() || b.is_ascii_digit()
    };
    begins(bytes, i) && upper(0) && upper(1) && upper(2)
}

/// Whether another segment begins behind the byte at `i`: a line may hold all of a message.
fn next_segment(bytes: &[u8], i: usize) -> bool {
    let named = |n: usize| {
        let b = at(bytes, i + n);
        b.is_ascii_uppercase() || b.is_ascii_digit()
    };
    let known = || at(bytes, i) == b' ' && named(2) && named(3) && named(1);
    at(bytes, i + 4) == b'|' && (known() || anchored(bytes, i, FAMILY.words))
}

fn find(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let name = cut(text, i, i + 3);
    let Some((_, counted, fields)) = SEGMENTS.iter().find(|(known, ..)| *known == name) else {
        return;
    };
    let body = segment(text, i + 4, next_segment);
    if !is_segment(text, body, *counted) {
        return;
    }
    let mut sink = Sink {
        text,
        rule: "hl7.field",
        out,
    };
    let mut wanted = fields.iter().peekable();
    for (n, field) in (1..).zip(body.parts(bytes, b'|', 0)) {
        while wanted.peek().is_some_and(|(number, _)| *number < n) {
            wanted.next();
        }
        let Some((number, kind)) = wanted.peek() else {
            break;
        };
        if *number == n && !field.is_empty() {
            for value in field.parts(bytes, b'~', 0) {
                add(&mut sink, *kind, value);
            }
        }
    }
}

/// Whether the body is a segment's: its set number, and components, or a date of birth before a
/// sex.
fn is_segment(text: &str, body: Span, counted: bool) -> bool {
    let bytes = text.as_bytes();
    let digits = run(bytes, body.start, SET_DIGITS_MAX + 1, |b| {
        b.is_ascii_digit()
    }) - body.start;
    let set = at(bytes, body.start + digits) == b'|' && digits <= SET_DIGITS_MAX;
    if counted && !set {
        return false;
    }
    let value = body.of(text);
    let born = || {
        let mut fields = body.parts(bytes, b'|', 0).skip(6);
        let date = fields.next().is_some_and(|field| is_date(field.of(text)));
        let sex = |field: Span| matches!(field.of(text), "M" | "F" | "O" | "U" | "A" | "N" | "");
        date && fields.next().is_some_and(sex)
    };
    let fields = value.bytes().filter(|b| *b == b'|').count() + 1;
    fields >= FIELDS_COUNT_MIN && (value.contains('^') || counted && born())
        || !counted && value.contains("^^^")
}

fn add(sink: &mut Sink<'_, '_>, kind: Type, value: Span) {
    let bytes = sink.text.as_bytes();
    let part = |n: usize| value.part(bytes, b'^', n);
    match kind {
        Type::Name => (1..=3).for_each(|n| sink.name(part(n))),
        Type::Staff => {
            staff(sink, part(1));
            (2..=4).for_each(|n| sink.name(part(n)));
        }
        Type::Reader => {
            let reader = part(1);
            staff(sink, reader.part(bytes, b'&', 1));
            (2..=4).for_each(|n| sink.name(reader.part(bytes, b'&', n)));
        }
        Type::Address => {
            sink.personal(TokenKind::Address, part(1));
            sink.personal(TokenKind::Address, part(2));
            sink.personal(TokenKind::Place, part(3));
            sink.id(TokenKind::Address, part(5));
        }
        Type::Phone => {
            sink.phone(part(1));
            // Country and area alone say little.
            sink.phone(part(7));
            sink.phone(part(12));
        }
        Type::Account => sink.id(TokenKind::Account, part(1)),
        Type::National => sink.id(TokenKind::National, part(1)),
        Type::Birth => sink.birth(part(1)),
        Type::Place => sink.personal(TokenKind::Place, part(1)),
    }
}

/// The identifier of somebody of the staff: a number, or an account of several letters.
fn staff(sink: &mut Sink<'_, '_>, id: Span) {
    if id.of(sink.text).len() >= 3 {
        sink.personal(TokenKind::User, id);
    }
}

/// What an element holds that is called by a segment's field and a component of it, as integration
/// engines spell messages in XML (`<PID.5.1>DOE</PID.5.1>`), or by a data type (HL7 version 2: XML
/// Encoding Syntax; `<XPN.2>JOHN</XPN.2>`).
pub(super) fn element(name: &str) -> Option<TokenKind> {
    let (head, number) = name.split_once('.')?;
    let (field, component) = number.split_once('.').unwrap_or((number, ""));
    let kind = match head {
        "XPN" | "FN" => Name,
        "XCN" => Staff,
        "XAD" | "SAD" => Address,
        "XTN" => Phone,
        "CX" => Account,
        _ => {
            let number: usize = field.parse().ok()?;
            let (.., fields) = SEGMENTS.iter().find(|(known, ..)| *known == head)?;
            let (_, kind) = fields.iter().find(|(known, _)| *known == number)?;
            return of_component(*kind, component);
        }
    };
    of_component(kind, field)
}

/// What a component of that number is; of a field without components, itself.
fn of_component(kind: Type, component: &str) -> Option<TokenKind> {
    match (kind, component) {
        (Name, "1" | "2" | "3" | "") | (Staff | Reader, "2" | "3" | "4") => Some(TokenKind::Person),
        (Staff | Reader, "1") => Some(TokenKind::User),
        (Address, "1" | "2" | "5") => Some(TokenKind::Address),
        (Address, "3") | (Place, "1" | "") => Some(TokenKind::Place),
        (Phone, "1" | "7" | "12" | "") => Some(TokenKind::Phone),
        (Account, "1" | "") => Some(TokenKind::Account),
        (National, "1" | "") => Some(TokenKind::National),
        (Birth, "1" | "") => Some(TokenKind::Birth),
        _ => None,
    }
}
