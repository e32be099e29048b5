//! Formats in which a value's position, or a short code before it, says what it is: messages of
//! hospitals (HL7 version 2), of trade (X12, EDIFACT), of exchanges (FIX), of card networks
//! (ISO 8583 and magnetic tracks), of banks (SWIFT MT, ISO 20022), of clinics in JSON (FHIR) and
//! their pictures (DICOM), of address books, telephones and maps (GPX).
//!
//! Each family is anchored at a word or sign that begins a segment of its format, reads that
//! segment alone, and asks for a form that other lines do not have: a table whose column is called
//! `PID` is no message. Names of segments, codes, amounts and types stay readable.
//!
//! *Limits:* a segment of [`fields::SEGMENT_BYTES_MAX`], which ends at the next anchor at the
//! latest, so that no byte is read for two of them.

mod dicom;
mod edifact;
mod fhir;
mod fields;
mod fix;
mod gpx;
mod hl7;
mod iso20022;
mod iso8583;
mod sip;
mod swift;
mod track;
mod vcard;
mod x12;

use crate::bytes::opens;
use crate::{Finding, TokenKind};

pub(crate) use edifact::past_segment;
pub(crate) use swift::is_party;
pub(crate) use track::{behind_card, in_hex};

/// A family: its words, whether something may follow one of them, and what does.
struct Family {
    words: &'static [&'static str],
    /// A necessary condition. It must not depend on digits that are a number of their own.
    may_follow: fn(&[u8], usize) -> bool,
    find: fn(&str, usize, &mut Vec<Finding>),
}

const FAMILIES: &[Family] = &[
    hl7::FAMILY,
    x12::FAMILY,
    edifact::FAMILY,
    fix::FAMILY,
    iso8583::FAMILY,
    vcard::FAMILY,
    sip::FAMILY,
    fhir::FAMILY,
    gpx::FAMILY,
];

/// The words that begin a segment.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    FAMILIES
        .iter()
        .flat_map(|family| family.words.iter().copied())
}

/// The family that a word at `i` belongs to, as far as the bytes around it tell.
fn families(bytes: &[u8], i: usize) -> impl Iterator<Item = &'static Family> {
    let holds = move |family: &&Family| {
        let known = |word: &&str| crate::bytes::starts_nocase(bytes, i, word.as_bytes());
        family.words.iter().any(known) && (family.may_follow)(bytes, i)
    };
    FAMILIES.iter().filter(holds)
}

/// Whether the word at `i` may begin a segment.
pub(crate) fn may_follow(bytes: &[u8], i: usize) -> bool {
    families(bytes, i).next().is_some()
}

/// Adds what a segment that begins with the word at `i` gives away.
pub(crate) fn at_word(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if opens(bytes, i) {
        families(bytes, i).for_each(|family| (family.find)(text, i, out));
    }
}

/// Whether elements of that name are looked at by where they stand.
pub(crate) fn names_element(name: &str) -> bool {
    iso20022::names(name) || hl7::element(name).is_some()
}

/// What the element of XML at `i` holds, by its name and where it stands.
pub(crate) fn of_element(text: &str, i: usize, name: &str, value: &str) -> Option<TokenKind> {
    hl7::element(name).or_else(|| iso20022::kind(text, i, name, value))
}

/// Whether the separator at `i` may begin a field of a SWIFT message, or end the name of a vCard's.
pub(crate) fn may_separate(bytes: &[u8], i: usize) -> bool {
    swift::may_begin(bytes, i) || vcard::may_be_name(bytes, i) || sip::may_be_origin(bytes, i)
}

/// Adds what such a field gives away.
pub(crate) fn at_separator(text: &str, i: usize, out: &mut Vec<Finding>) {
    swift::find(text, i, out);
    vcard::name(text, i, out);
    sip::origin(text, i, out);
}

/// Adds what a `<`, `;`, `%`, `[` or `(` at `i` leads to: a field of a dump in XML, a magnetic
/// track, a numbered field, an element.
pub(crate) fn at_sign(text: &str, i: usize, out: &mut Vec<Finding>) {
    track::find(text, i, out);
    iso8583::at_sign(text, i, out);
    dicom::find(text, i, out);
}

/// Whether a track or a numbered field of a dump may begin at the sign at `i`; a `<` is looked at
/// anyway.
pub(crate) fn may_sign(bytes: &[u8], i: usize) -> bool {
    track::may_begin(bytes, i) || iso8583::may_be_numbered(bytes, i) || dicom::may_begin(bytes, i)
}

#[cfg(test)]
mod tests;
