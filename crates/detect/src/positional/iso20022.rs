//! ISO 20022 messages (pain, pacs, camt): names, addresses, telephone numbers and identifiers of
//! debtors and creditors, by the names of their elements.
//!
//! `<Dbtr><Nm>John Doe</Nm><PstlAdr><StrtNm>…</StrtNm>…`: a name is a party's by the element it
//! stands in; by itself, in a line of its own, it has to be one that the lists of names know.
//! Names of banks (`<FinInstnId>`) and of companies, countries, codes and amounts stay.

use super::fields::{is_company, is_date};
use crate::TokenKind;
use crate::bytes::{ceil, cut, looked};

/// How far before an element those that it stands in are looked for.
const PARENTS_BYTES_MAX: usize = 96;

/// Elements whose names say what they hold.
#[rustfmt::skip]
const ELEMENTS: &[(&str, TokenKind)] = &[
    ("AdrLine", TokenKind::Address), ("StrtNm", TokenKind::Address),
    ("PstCd", TokenKind::Address), ("PstBx", TokenKind::Address), ("TwnNm", TokenKind::Place),
    ("PhneNb", TokenKind::Phone), ("MobNb", TokenKind::Phone), ("FaxNb", TokenKind::Phone),
    ("EmailAdr", TokenKind::Email), ("CityOfBirth", TokenKind::Place),
    ("BirthDt", TokenKind::Birth),
];

/// Elements that a party's name stands in.
#[rustfmt::skip]
const PARTIES: &[&str] = &[
    "Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr", "InitgPty", "Pty", "Ownr", "CtctDtls", "Invcr",
    "Invcee", "TaxRmt", "OrgnlCdtr", "OrgnlDbtr", "Assgnr", "Assgne", "Cretr", "Invstr",
];

/// Whether the name is one of these.
pub(super) fn names(name: &str) -> bool {
    matches!(name, "Nm" | "Id") || ELEMENTS.iter().any(|(known, _)| *known == name)
}

/// What the element of that name at `i` holds, where its value fits.
pub(super) fn kind(text: &str, i: usize, name: &str, value: &str) -> Option<TokenKind> {
    if let Some((_, kind)) = ELEMENTS.iter().find(|(known, _)| *known == name) {
        return Some(*kind);
    }
    match name {
        "Nm" => {
            let party = Parents::of(text, i)
                .next()
                .is_some_and(|parent| PARTIES.contains(&parent));
            let named = value.chars().any(char::is_alphabetic) && !is_company(value);
            (named && (party || crate::names::is_listed(value))).then_some(TokenKind::Person)
        }
        // `<PrvtId><Othr><Id>` and `<DbtrAcct><Id><Othr><Id>`.
        "Id" if value.bytes().any(|b| b.is_ascii_digit()) && !is_date(value) => {
            let mut parents = Parents::of(text, i);
            let other = parents.next() == Some("Othr");
            match parents.next() {
                Some("PrvtId") if other => Some(TokenKind::National),
                Some("Id") if other => {
                    let account = parents
                        .next()
                        .is_some_and(|parent| parent.ends_with("Acct"));
                    account.then_some(TokenKind::Account)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Names of the tags that open right before a place, the nearest first.
struct Parents<'t> {
    head: &'t str,
}

impl<'t> Parents<'t> {
    fn of(text: &'t str, i: usize) -> Self {
        let from = ceil(text, i.saturating_sub(PARENTS_BYTES_MAX));
        looked(i - from);
        Self {
            head: cut(text, from, i),
        }
    }
}

impl<'t> Iterator for Parents<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        // Line breaks may be escaped.
        let head = self.head.trim_end_matches(|c: char| c.is_whitespace());
        let head = head.trim_end_matches("\\n").trim_end();
        let head = head.strip_suffix('>')?;
        let open = head.rfind('<')?;
        let name = cut(head, open + 1, head.len());
        self.head = cut(head, 0, open);
        let name = name.rsplit(':').next().unwrap_or(name);
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric())
            .then_some(name)
    }
}
