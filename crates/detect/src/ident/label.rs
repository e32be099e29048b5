//! Words that say what the number behind them is.
//!
//! The last four words of the line before a place are looked up in one table, alone and in
//! pairs. *Limits:* words of at most [`WORD_BYTES_MAX`] bytes with at most [`GAP_BYTES_MAX`] bytes
//! between them; nothing is allocated.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::bytes::{alnum, at, ceil, cut, looked, run_back};
use crate::ident::rule::{RULES, family};

/// Words before a place that are looked at.
const WORDS_COUNT_MAX: usize = 4;
/// Words that are looked at, one more for the first of a pair.
pub(crate) const LOOKED_WORDS_COUNT: usize = WORDS_COUNT_MAX + 1;
/// Longest word that is looked up: 24 characters of two bytes.
const WORD_BYTES_MAX: usize = 48;
/// Longest word before a full stop that is taken for an abbreviation.
const ABBREVIATION_BYTES_MAX: usize = 6;
/// Most bytes between two words.
const GAP_BYTES_MAX: usize = 16;
/// Words of 64 bits in a mask.
const MASK_COUNT: usize = 4;
/// The bit of words that may stand between a label and its number.
const FILLER: usize = MASK_COUNT * 64 - 1;
/// Bits of the filter before the table.
const FILTER_BITS: usize = 1 << 14;

/// A set of rules, by their place in [`RULES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask([u64; MASK_COUNT]);

impl Mask {
    /// Whether a rule is in it.
    pub(crate) fn has(&self, rule: usize) -> bool {
        let word = self.0.get(rule / 64).copied().unwrap_or(0);
        word >> (rule % 64) & 1 == 1
    }

    /// Whether no rule is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; MASK_COUNT]
    }

    fn set(&mut self, rule: usize) {
        if let Some(word) = self.0.get_mut(rule / 64) {
            *word |= 1 << (rule % 64);
        }
    }

    fn join(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }
}

/// Rules whose labels stand before a place.
#[derive(Default)]
pub(crate) struct Labels {
    /// Right before, but for words that say nothing.
    pub(crate) near: Mask,
    /// Among the last words.
    pub(crate) far: Mask,
}

/// The last words of all labels, and whole labels of scripts that part no words.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    let general = GENERAL.iter().flat_map(|(_, labels)| labels.iter());
    let all = RULES.iter().flat_map(|rule| rule.labels.iter());
    all.chain(general)
        .map(|label| label.rsplit(' ').next().unwrap_or(label))
}

/// General labels and what they are of.
#[rustfmt::skip]
const GENERAL: &[(u8, &[&str])] = &[
    (
        family::PERSON,
        &[
            "national id",
            "nationalid",
            "national identifier",
            "national identity",
            "identity number",
            "identity no",
            "identification number",
            "id number",
            "idnumber",
            "id no",
            "id card",
            "identity card",
            "citizen id",
            "personal id",
            "personal number",
            "personal code",
            "person number",
            "ausweisnummer",
            "carte identité",
            "documento identidad",
            "número identificación",
            "numero identificacion",
            "documento",
            "national registration",
        ],
    ),
    (
        family::TAX,
        &[
            "tax id",
            "taxid",
            "tax no",
            "tax number",
            "taxpayer id",
            "taxpayer identification",
            "tax identification",
            "tax reference",
            "tin",
            "steuernummer",
            "numéro fiscal",
            "numero fiscal",
            "número fiscal",
            "identificación fiscal",
        ],
    ),
    (
        family::SOCIAL,
        &[
            "social security",
            "social insurance",
            "insurance number",
            "insurance no",
            "ssn",
            "sozialversicherungsnummer",
            "sozialversicherung",
            "sv nummer",
            "sécurité sociale",
            "securite sociale",
            "seguridad social",
            "segurança social",
            "previdenza sociale",
        ],
    ),
    (
        family::HEALTH,
        &[
            "health card",
            "health insurance",
            "health number",
            "health id",
            "healthcare number",
            "patient number",
            "patient id",
            "patient no",
            "versichertennummer",
            "krankenversichertennummer",
        ],
    ),
];

/// Words that may stand between a label and its number.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "number", "no", "nr", "num", "n", "id", "code", "value", "is", "was", "as", "of", "the", "for",
    "new", "old", "my", "your", "his", "her", "their", "our", "and", "to", "at", "on", "nummer",
    "nº", "n°", "numero", "número", "numéro", "ist", "lautet", "est", "es", "è", "é", "der",
    "die", "das", "de", "del", "do", "da", "di", "du", "le", "la", "el", "il", "am", "em", "en",
    "номер", "numer", "nummeret", "numara", "numarası", "string", "us", "uk", "eu", "mr", "set",
    "given", "with", "updated", "changed", "verified", "confirmed", "registered", "customer",
    "user", "client", "cliente", "kunde", "patient", "employee",
    "member", "holder", "titular", "person", "value", "text", "xml", "field",
];

/// What a hash begins with.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash with one more byte, from the end of a word to its beginning. ASCII case is ignored; of
/// other letters both cases are in the table.
fn step(hash: u64, byte: u8) -> u64 {
    hash.rotate_left(7) ^ u64::from(byte | 0x20)
}

fn finish(hash: u64) -> u64 {
    let mixed = (hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ mixed >> 32
}

/// Hash of two words in their order.
fn both(first: u64, second: u64) -> u64 {
    (first.rotate_left(23) ^ second).wrapping_mul(SEED)
}

fn hash(word: &str) -> u64 {
    finish(word.bytes().rev().fold(SEED, step))
}

/// Whether a script parts no words.
fn unparted(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{e7f}'
            | '\u{3000}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{ff00}'..='\u{ffef}'
    )
}

struct Table {
    filter: Vec<u64>,
    words: HashMap<u64, Mask>,
    unparted: Vec<(&'static str, Mask)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        filter: vec![0; FILTER_BITS / 64],
        words: HashMap::new(),
        unparted: Vec::new(),
    };
    for (i, rule) in RULES.iter().enumerate() {
        let general = GENERAL
            .iter()
            .filter(|(of, _)| rule.families & of != 0)
            .flat_map(|(_, labels)| labels.iter());
        for label in rule.labels.iter().chain(general) {
            table.add(label, i);
        }
    }
    for filler in FILLERS {
        table.add(filler, FILLER);
    }
    table
});

/// Words one of which stands in every label: of two, the longer, or both as one.
pub(crate) fn words() -> impl Iterator<Item = String> {
    let own = RULES.iter().flat_map(|rule| rule.labels);
    let general = GENERAL.iter().flat_map(|(_, labels)| labels.iter());
    own.chain(general).flat_map(|label| {
        let longer = label.split(' ').max_by_key(|word| word.len());
        longer.map(str::to_owned).into_iter().chain(glued(label))
    })
}

impl Table {
    fn add(&mut self, label: &'static str, rule: usize) {
        if label.chars().next_back().is_some_and(unparted) {
            let mut mask = Mask::default();
            mask.set(rule);
            self.unparted.push((label, mask));
            return;
        }
        // ASCII case is ignored; of other letters the usual spellings are added.
        let upper = label.to_uppercase();
        let title: Vec<String> = label.split(' ').map(capitalised).collect();
        for spelled in [label, &upper, &title.join(" "), &capitalised(label)] {
            let mut words = spelled.split(' ');
            let first = hash(words.next().unwrap_or(""));
            let key = words
                .next()
                .map_or(first, |second| both(first, hash(second)));
            self.words.entry(key).or_default().set(rule);
            self.mark(key);
        }
        for glued in glued(label) {
            let key = hash(&glued);
            self.words.entry(key).or_default().set(rule);
            self.mark(key);
        }
    }

    fn mark(&mut self, key: u64) {
        let bit = key as usize % FILTER_BITS;
        if let Some(word) = self.filter.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    fn get(&self, key: u64) -> Option<&Mask> {
        let bit = key as usize % FILTER_BITS;
        let word = self.filter.get(bit / 64).copied().unwrap_or(0);
        if word >> (bit % 64) & 1 == 0 {
            return None;
        }
        self.words.get(&key)
    }
}

/// Shortest label of two words that is also known written as one.
const GLUED_CHARS_MIN: usize = 6;

/// Spellings of a label of two words that leave out the blank: `taxfile`, `кодПлательщика`.
fn glued(label: &str) -> Vec<String> {
    let Some((first, second)) = label.split_once(' ') else {
        return Vec::new();
    };
    let chars = |word: &str| word.chars().count();
    let short = chars(first) < 2 || chars(second) < 2;
    if short || chars(first) + chars(second) < GLUED_CHARS_MIN {
        return Vec::new();
    }
    let lower = format!("{first}{second}");
    if label.is_ascii() {
        return vec![lower];
    }
    let camel = format!("{first}{}", capitalised(second));
    let pascal = capitalised(&camel);
    vec![
        lower.to_uppercase(),
        capitalised(&lower),
        lower,
        camel,
        pascal,
    ]
}

fn word_byte(b: u8) -> bool {
    alnum(b) || b >= 0x80
}

/// The word with a capital at its beginning.
fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + chars.as_str()
}

/// A word before a place.
struct Word {
    start: usize,
    end: usize,
    hash: u64,
    /// Whether what parts it from the next ends a statement.
    apart: bool,
    /// Whether what parts it from the next is the sign of a key: `=`, `":`.
    keyed: bool,
    /// Whether nothing but what joins words parts it from the next.
    joined: bool,
}

impl Word {
    /// The word without what stands before its last capital, or without the digits at its end:
    /// `Nino` of `customerNino`, `imei` of `imei3`.
    fn shortened(&self, bytes: &[u8]) -> Option<Self> {
        let at = |n: usize| at(bytes, n);
        let digits = run_back(bytes, self.end, WORD_BYTES_MAX, |b| b.is_ascii_digit());
        let end = if digits > self.start + 1 {
            digits
        } else {
            self.end
        };
        let humps = (self.start + 1..end).rev().find(|n| {
            let small = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b >= 0x80;
            let behind = at(*n - 1);
            // Behind a letter that is not ASCII the case is not known: a small one follows.
            let opens = if behind < 0x80 && small(behind) {
                true
            } else {
                (behind >= 0x80 || behind.is_ascii_uppercase()) && small(at(*n + 1))
            };
            at(*n).is_ascii_uppercase() && opens && *n + 1 < self.end
        });
        let start = humps.unwrap_or(self.start);
        if start == self.start && end == self.end {
            return None;
        }
        let letters = bytes.get(start..end)?;
        let hash = finish(letters.iter().rev().fold(SEED, |hash, b| step(hash, *b)));
        Some(Self {
            start,
            end: self.end,
            hash,
            ..*self
        })
    }
}

/// The word that ends before `i`, on the same line.
fn word_before(bytes: &[u8], i: usize) -> Option<Word> {
    let (mut apart, mut stop, mut keyed, mut joined) = (false, false, false, true);
    let mut end = i;
    // The byte behind the one that is looked at.
    let mut next = 0;
    while end > 0 {
        let b = at(bytes, end - 1);
        if word_byte(b) {
            break;
        }
        if b == b'\n' || i - end >= GAP_BYTES_MAX {
            return None;
        }
        stop |= b == b'.' && next == b' ';
        apart |= matches!(b, b',' | b';' | b'&' | b'{' | b'}' | b'|' | b'?' | b'!');
        keyed |= b == b'=' || matches!(b, b'"' | b'\'') && next == b':';
        joined &= matches!(b, b'_' | b'-' | b'.');
        next = b;
        end -= 1;
    }
    let mut start = end;
    let (mut state, mut earlier) = (SEED, SEED);
    while start > 0 && end - start < WORD_BYTES_MAX {
        let b = at(bytes, start - 1);
        if !word_byte(b) {
            break;
        }
        earlier = state;
        state = step(state, b);
        start -= 1;
    }
    looked(i - start);
    // `\ncpf: x` in escaped text: the `n` belongs to the escape.
    let escape = start > 0
        && at(bytes, start - 1) == b'\\'
        && matches!(at(bytes, start), b'n' | b'r' | b't');
    if escape {
        start += 1;
        state = earlier;
    }
    // `tel. 1`, `nr. 1` are no ends of a sentence.
    apart |= stop && end - start > ABBREVIATION_BYTES_MAX;
    let hash = finish(state);
    (start < end).then_some(Word {
        start,
        end,
        hash,
        apart,
        keyed,
        joined,
    })
}

/// Rules whose labels stand before `i`. Where a key governs the place, its words alone are asked,
/// and what is before it only if it says nothing: `type=cpf value=x`.
pub(crate) fn before(text: &str, i: usize) -> Labels {
    let bytes = text.as_bytes();
    let mut labels = Labels::default();
    let table = &*TABLE;
    // The word nearer to the place, and whether only words that say nothing follow it.
    let mut nearer: Option<(u64, bool)> = None;
    let (mut near, mut keyed, mut led) = (true, false, false);
    let mut place = i;
    for n in 0..LOOKED_WORDS_COUNT {
        let Some(mut word) = word_before(bytes, place) else {
            break;
        };
        let together =
            |word: &Word| nearer.and_then(|(second, _)| table.get(both(word.hash, second)));
        if table.get(word.hash).is_none()
            && together(&word).is_none()
            && let Some(last) = word.shortened(bytes)
        {
            word = last;
        }
        // `national id 1, offset: 2`: another word leads to the number; two may be one label.
        let other = keyed || led && n >= 2;
        if other && !word.joined && !near {
            break;
        }
        led |= n == 0 && at(bytes, word.end) == b':';
        keyed |= n == 0 && word.keyed;
        near &= !word.apart;
        if at(bytes, word.end - 1) >= 0x80 {
            table.add_unparted(text, &word, near, &mut labels);
        }
        let pair =
            nearer.and_then(|(second, was)| Some((table.get(both(word.hash, second))?, was)));
        if let Some((mask, was)) = pair {
            labels.add(mask, was && !word.apart);
        }
        let single = table.get(word.hash);
        if let Some(mask) = single {
            labels.add(mask, near);
        }
        nearer = Some((word.hash, near));
        near &= single.is_some_and(|mask| mask.has(FILLER));
        place = word.start;
    }
    labels
}

impl Table {
    /// Adds the labels that are in a word of a script that parts no words.
    fn add_unparted(&self, text: &str, word: &Word, near: bool, labels: &mut Labels) {
        let said = cut(text, ceil(text, word.start), word.end);
        if said.chars().next_back().is_some_and(unparted) {
            for (_, mask) in self.unparted.iter().filter(|(l, _)| said.contains(l)) {
                labels.add(mask, near);
            }
        }
    }
}

impl Labels {
    fn add(&mut self, mask: &Mask, near: bool) {
        let mut mask = *mask;
        if let Some(word) = mask.0.last_mut() {
            *word &= !(1 << (FILLER % 64));
        }
        self.far.join(&mask);
        if near {
            self.near.join(&mask);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<&'static str> {
        let labels = before(text, text.len());
        let named = RULES
            .iter()
            .enumerate()
            .filter(|(i, _)| labels.near.has(*i));
        named.map(|(_, rule)| rule.id).collect()
    }

    #[test]
    fn labels_in_any_case_and_script() {
        for (text, rule) in [
            ("CPF: ", "national.br_cpf"),
            ("Codice Fiscale ", "national.it_codice_fiscale"),
            ("ИНН ", "national.ru_inn"),
            ("Паспорт серия ", "national.ru_passport"),
            ("ΑΦΜ: ", "national.gr_afm"),
            ("RODNÉ ČÍSLO ", "national.cz_rodne_cislo"),
            ("Rodné číslo: ", "national.cz_rodne_cislo"),
            ("我的身份证号是", "national.cn_resident"),
            ("\\ncpf: ", "national.br_cpf"),
            ("\"customer_cpf_number\": \"", "national.br_cpf"),
            ("type=cpf value=", "national.br_cpf"),
            ("tel. nr. ", "phone"),
        ] {
            assert!(rules(text).contains(&rule), "{text} {:?}", rules(text));
        }
    }

    #[test]
    fn what_another_key_governs_has_no_label() {
        for text in [
            "cpf order_id=",
            "phone ok. Then ",
            "tel\n",
            "phone, order ",
            "phone service took ",
        ] {
            assert_eq!(rules(text), Vec::<&str>::new(), "{text}");
        }
        let far = before("cpf check order_id=", 19).far;
        assert!(far.is_empty());
    }
}
