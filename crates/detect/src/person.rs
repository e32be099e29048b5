//! Names of persons in prose, where the words around leave no doubt. Names without such words are
//! the business of a recogniser that this version does not have.

use std::sync::LazyLock;

use crate::bytes::{at, cut, firsts, floor, is_first, opens, run, starts};
use crate::{Finding, TokenKind};

/// Words after which a person's name stands.
const LEADS: &[&str] = &[
    "Mr. ",
    "Mrs. ",
    "Ms. ",
    "Dr. ",
    "Mr ",
    "Mrs ",
    "Ms ",
    "Dear ",
    "customer ",
    "Customer ",
    "patient ",
    "Patient ",
    "cardholder ",
    "Cardholder ",
    "employee ",
    "passenger ",
    "tenant name ",
    "named ",
    "on behalf of ",
    "signed by ",
    "full name ",
    "Name: ",
    "name: ",
    "for customer ",
];

/// Bytes that begin one of them.
static LEADS_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(LEADS.iter().map(|lead| lead.as_bytes()), false));

/// Words after which a person's name stands.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    LEADS.iter().copied()
}

/// Whether what follows the lead at `i` begins as names do.
pub(crate) fn may_follow(bytes: &[u8], i: usize, lead: &str) -> bool {
    let next = at(bytes, i + lead.len());
    starts(bytes, i, lead.as_bytes()) && (next.is_ascii_uppercase() || next >= 0x80)
}

/// Capitalised words that are no names.
const COMMON: &[&str] = &[
    "Not",
    "Error",
    "Service",
    "Found",
    "The",
    "This",
    "Id",
    "Record",
    "Account",
    "Invalid",
    "Failed",
    "Update",
    "Created",
    "Deleted",
    "Exception",
    "Customer",
    "User",
    "Support",
    "Team",
    "Data",
    "Api",
    "Portal",
    "Success",
    "Request",
    "Order",
    "Payment",
    "Type",
    "Status",
    "New",
    "Gateway",
];

/// Whether the name is that of a log, a service or another thing: `Log Name: System`.
fn is_of_a_thing(text: &str, i: usize) -> bool {
    let things = [
        "Log ",
        "Provider ",
        "Source ",
        "Task ",
        "Service ",
        "Process ",
        "Product ",
    ];
    let head = cut(text, floor(text, i.saturating_sub(12)), i);
    things.iter().any(|thing| head.ends_with(thing))
}

/// The name after the lead at `i`: two or three capitalised words.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !(is_first(&LEADS_FIRST, at(bytes, i)) && opens(bytes, i)) {
        return None;
    }
    let lead = LEADS
        .iter()
        .filter(|lead| starts(bytes, i, lead.as_bytes()))
        .max_by_key(|l| l.len())?;
    if lead.eq_ignore_ascii_case("name: ") && is_of_a_thing(text, i) {
        return None;
    }
    let start = i + lead.len();
    let mut end = start;
    let mut words = 0;
    for _ in 0..3 {
        let from = if words == 0 { end } else { end + 1 };
        if words > 0 && at(bytes, end) != b' ' {
            break;
        }
        let stop = floor(
            text,
            run(bytes, from, 24, |b| {
                b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b'\'' | b'-')
            }),
        );
        let word = cut(text, from, stop);
        let mut chars = word.chars();
        let capital = chars.next().is_some_and(char::is_uppercase);
        let lower = chars.next().is_some_and(char::is_lowercase);
        if !(capital && (lower || word.contains('\''))) || COMMON.contains(&word) {
            break;
        }
        words += 1;
        end = stop;
    }
    let titled = lead.starts_with(['M', 'D']);
    (words >= 2 || (titled && words == 1 && lead.contains('.')))
        .then(|| Finding::personal("person.lead", TokenKind::Person, start, end))
}
