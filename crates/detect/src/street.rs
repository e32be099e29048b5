//! Postal addresses in sentences: the word that a street's name begins or ends with, the house
//! number, and the town with its code behind them.
//!
//! A street without a number is a place, and a number before a word is a count; so both are asked
//! for, and of words that mean more than a street (`Drive`, `Via`) also the town.
//!
//! *Limits:* an address has at most [`WORDS_COUNT_MAX`] words before or behind the street's word
//! and [`PARTS_COUNT_MAX`] parts behind it. Streets that are one word with their name
//! (`Hauptstraße 5`) are found in fields alone.

use std::sync::LazyLock;

use crate::bytes::{alnum, at, before, cut, digit, floor, opens, run, run_back, starts};
use crate::{Finding, TokenKind};

/// Words between a street's word and its number.
const WORDS_COUNT_MAX: usize = 6;
/// Parts of an address behind the street: flat, town, state, country.
const PARTS_COUNT_MAX: usize = 5;
/// Words of such a part.
const PART_WORDS_MAX: usize = 4;
/// Longest abbreviation before a number.
const ABBREVIATION_CHARS_MAX: usize = 4;
/// Longest word in bytes.
const WORD_BYTES_MAX: usize = 32;

/// Words that end a street's name.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "Street", "St", "Avenue", "Ave", "Road", "Rd", "Boulevard", "Blvd", "Lane", "Ln", "Highway",
    "Hwy", "Parkway", "Pkwy", "Terrace", "Crescent",
];

/// Words that end a street's name and mean other things as well.
#[rustfmt::skip]
const ENDS_ALSO: &[&str] = &[
    "Drive", "Dr", "Court", "Ct", "Place", "Pl", "Way", "Square", "Sq", "Close", "Gardens",
    "Grove", "Row", "Walk", "Mews", "Hill", "Green", "Park", "Trail", "Circle", "Loop", "Alley",
    "Plaza", "Turnpike", "Quay", "Cross", "Nagar", "Marg",
];

/// Words that begin a street's name.
#[rustfmt::skip]
const BEGINS: &[&str] = &[
    "rue", "Rue", "avenue", "boulevard", "chemin", "impasse", "quai", "calle", "Calle", "avenida",
    "Avenida", "Avda", "paseo", "Paseo", "carrer", "Carrer", "rua", "Rua", "travessa", "Travessa",
    "viale", "Viale", "piazza", "Piazza", "ul", "Ul", "ulica", "Ulica", "Jalan", "Jl",
];

/// Words that begin a street's name and mean other things as well.
#[rustfmt::skip]
const BEGINS_ALSO: &[&str] = &[
    "Via", "Corso", "Largo", "Vicolo", "Plaza", "Camino", "Carretera", "Alameda", "Strada", "al",
    "aleja", "place",
];

/// Words of a street's name or number that have no capital, in languages with words of their own.
#[rustfmt::skip]
const STREETS: &[&str] = &[
    "д", "кв", "дом", "корп", "стр", "ул", "улица", "проспект", "пр-т", "пр-кт", "переулок", "пер",
    "шоссе", "бульвар", "площадь", "набережная", "вулиця", "вул", "бул", "сокак", "sokak",
    "caddesi",
    "cadde", "bulvarı", "mahallesi", "utca", "út", "tér", "körút", "náměstí", "ulice", "třída",
    "straße", "strasse", "weg", "platz", "gate", "vei", "vej", "katu", "tie", "gatve", "iela",
];

/// Words that lead to a number of a box at a post office.
const BOXES: &[&str] = &["Box", "Postfach", "Apartado", "Postbus", "Boks"];

/// Words within a street's name that have no capital.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "de", "la", "le", "les", "du", "des", "del", "los", "las", "el", "da", "do", "das", "dos", "di",
    "della", "dello", "dei", "degli", "delle", "al", "y", "e", "et", "van", "der", "den", "bis",
    "ter", "of", "the",
];

/// What a sentence says before an address, whatever its street is called.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "lives at ", "living at ", "resides at ", "residing at ", "located at ", "left at ",
    "pickup at ", "pick up at ", "pick-up at ", "deliver to ", "delivered to ", "delivery to ",
    "deliver it to ", "ship to ", "ship to: ", "shipped to ", "shipping to ", "shipment to ",
    "returned from ", "moved to ", "sent to ", "courier for ", "address is ", "address was ",
    "address: ", "address not found: ", "new address ", "address ", "geocoding '", "geocoding ",
    "geocode ", "geocoded ", "wohnhaft in ", "wohnt in ", "Lieferung an ", "geliefert an ",
    "Anschrift: ", "Anschrift ", "Adresse: ", "Adresse : ", "Adresse ", "adresse : ", "adresse ",
    "livraison au ", "livrer au ", "habite au ", "envoi au ", "entrega en ", "enviar a ",
    "domicilio en ", "vive en ", "entrega em ", "mora em ", "endereço: ", "indirizzo: ",
    "consegna a ", "envío a ", "envio a ", "envio para ", "abita in ", "bezorgen op ", "adres: ",
    "adres ", "mieszka przy ", "bor på ",
    "adress: ", "levereras till ",
];

/// The leads that begin with each byte: of a word, its first letter tells that most are none.
static LEADS_BY_BYTE: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
    let beginning = |byte| {
        LEADS
            .iter()
            .copied()
            .filter(move |l| l.as_bytes().starts_with(&[byte]))
    };
    (0..=u8::MAX)
        .map(|byte| beginning(byte).collect())
        .collect()
});

/// The words that lead to one.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    [ENDS, ENDS_ALSO, BEGINS, BEGINS_ALSO, BOXES, LEADS]
        .into_iter()
        .flatten()
        .copied()
}

fn letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0x80
}

fn name_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'\'' | b'-' | b'/') || b >= 0x80
}

/// Whether what stands behind one of [`words_known`] lets it be that word.
pub(crate) fn may_follow(bytes: &[u8], i: usize, word: &str) -> bool {
    let last = word.as_bytes().last().copied().unwrap_or(b' ');
    !(letter(last) && letter(at(bytes, i + word.len())))
}

/// The address whose street's word is at `i`.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !opens(bytes, i) {
        return None;
    }
    let leads = LEADS_BY_BYTE
        .get(usize::from(at(bytes, i)))
        .into_iter()
        .flatten();
    let lead = leads.filter(|lead| starts(bytes, i, lead.as_bytes()));
    if let Some(lead) = lead.max_by_key(|lead| lead.len())
        && let Some((start, end)) = led(text, i + lead.len())
    {
        return Some(Finding::personal(
            "address.lead",
            TokenKind::Address,
            start,
            end,
        ));
    }
    let end = run(bytes, i, WORD_BYTES_MAX, letter);
    let word = cut(text, i, end);
    // A line's break may be an escape.
    if at(bytes, end) != 0 && !b" ,.'\"\n\r\\".contains(&at(bytes, end)) {
        return None;
    }
    let has = |words: &[&str]| words.contains(&word);
    let found = if has(ENDS) || has(ENDS_ALSO) {
        let start = numbered_before(text, i)?;
        let street = end + usize::from(at(bytes, end) == b'.' && alnum_behind(bytes, end));
        let (stop, town) = parts(text, street);
        (has(ENDS) || town).then_some((start, stop))
    } else if has(BEGINS) || has(BEGINS_ALSO) {
        let (start, street) = begun(text, i, end)?;
        let (stop, town) = parts(text, street);
        (has(BEGINS) || town).then_some((start, stop))
    } else if has(BOXES) {
        boxed(text, i, end)
    } else {
        None
    };
    let (start, end) = found?;
    let end = floor(text, end);
    Some(Finding::personal(
        "address.street",
        TokenKind::Address,
        start,
        end,
    ))
}

/// The address behind a lead that ends at `i`: a street's words with a number before or behind them
/// and a town with its code; or in a script without blanks, characters with a number.
fn led(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = run(bytes, i, 1, |b| matches!(b, b'\'' | b'"'));
    if at(bytes, start) >= 0xe1
        && let Some(end) = unparted_end(text, start)
    {
        return Some((start, end));
    }
    let (mut end, mut named, mut counted) = (start, false, false);
    for words in 0..WORDS_COUNT_MAX {
        let comma = usize::from(words > 0 && named && !counted && at(bytes, end) == b',');
        let gap = comma + usize::from(words > 0);
        if words > 0 && at(bytes, end + comma) != b' ' {
            break;
        }
        let from = end + gap;
        let stop = floor(
            text,
            run(bytes, from, WORD_BYTES_MAX, |b| name_byte(b) || b == b'.'),
        );
        let word = cut(text, from, stop);
        // `Caddesi No: 22`.
        let stop = stop + usize::from(word == "No" && at(bytes, stop) == b':');
        let upper = word.chars().next().is_some_and(char::is_uppercase);
        let number = is_number(word.trim_end_matches('.').as_bytes());
        let short = word.ends_with('.') && word.len() <= 8 || STREETS.contains(&word);
        if !(upper
            || number
            || short
            || PARTICLES.contains(&word)
            || starts(bytes, from, "№".as_bytes()))
        {
            break;
        }
        (named, counted) = (named || upper, counted || number);
        end = stop;
        if named && counted {
            break;
        }
    }
    let (stop, _) = parts(text, end);
    let behind = cut(text, end, stop);
    let coded = behind.bytes().filter(|b| digit(*b)).count() >= CODE_DIGITS_MIN;
    (named && counted && coded).then_some((start, stop))
}

/// Fewest digits of a town's code.
const CODE_DIGITS_MIN: usize = 3;
/// Longest address in a script without blanks, and fewest characters of it.
const UNPARTED_BYTES_MAX: usize = 160;
const UNPARTED_CHARS_MIN: usize = 6;

/// End of an address in Chinese, Japanese or Korean at `start`: it names a part of a town and has a
/// number.
fn unparted_end(text: &str, start: usize) -> Option<usize> {
    let limit = floor(text, start + UNPARTED_BYTES_MAX);
    let said = cut(text, start, limit);
    let part = |c: char| {
        matches!(c, '\u{3005}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
            || c.is_ascii_digit()
            || matches!(c, '-' | ' ')
    };
    let length = said.find(|c| !part(c)).unwrap_or(said.len());
    let found = cut(said, 0, length).trim_end_matches([' ', '-']);
    let area = found
        .chars()
        .any(|c| "市区區县縣都府道町村路街巷시구동로길".contains(c));
    let counted = found.bytes().any(digit);
    (area && counted && found.chars().count() >= UNPARTED_CHARS_MIN).then(|| start + found.len())
}

/// Whether a point at `i` ends an abbreviation, not a sentence.
fn alnum_behind(bytes: &[u8], i: usize) -> bool {
    at(bytes, i + 1) == b',' || at(bytes, i + 1) == b' ' && alnum(at(bytes, i + 2))
}

/// Whether a word is a house number: `12`, `12a`, `54/8`, `12-14`.
fn is_number(word: &[u8]) -> bool {
    let digits = word.iter().filter(|b| digit(**b)).count();
    let letters = word.iter().filter(|b| letter(**b)).count();
    let signs = word.len() - digits - letters;
    digit(at(word, 0)) && (1..=8).contains(&digits) && letters <= 2 && signs <= 2
}

/// Start of the word that ends before `i`.
fn word_before(bytes: &[u8], i: usize) -> usize {
    run_back(bytes, i, WORD_BYTES_MAX, |b| name_byte(b) || b == b'.')
}

/// Start of the house number before the street's name that goes on at `i`.
fn numbered_before(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at_word = i;
    for words in 0..=WORDS_COUNT_MAX {
        let end = at_word.checked_sub(1).filter(|n| at(bytes, *n) == b' ')?;
        let comma = usize::from(words > 0 && before(bytes, end) == b',');
        let start = word_before(bytes, end - comma);
        let word = bytes.get(start..end - comma)?;
        if words > 0 && is_number(word) {
            return Some(flat_before(text, start));
        }
        let first = at(word, 0);
        let ordinal = digit(first)
            && word.ends_with(b"th")
                | word.ends_with(b"st")
                | word.ends_with(b"nd")
                | word.ends_with(b"rd");
        let fits = first.is_ascii_uppercase() || first >= 0x80 || ordinal;
        if comma > 0 || !fits {
            return None;
        }
        at_word = start;
    }
    None
}

/// Start of `Flat 7, ` before `start`, or that.
fn flat_before(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(end) = start.checked_sub(2).filter(|n| starts(bytes, *n, b", ")) else {
        return start;
    };
    let number = word_before(bytes, end);
    let Some(gap) = number.checked_sub(1).filter(|n| at(bytes, *n) == b' ') else {
        return start;
    };
    let first = word_before(bytes, gap);
    let named = ["Flat", "Apt", "Apartment", "Unit", "Suite", "Room", "Floor"];
    let numbered = number < end && is_number(bytes.get(number..end).unwrap_or(&[]));
    if numbered && named.contains(&cut(text, first, gap)) {
        first
    } else {
        start
    }
}

/// The street whose first word stands from `i` to `end`, with the number before or behind it:
/// start and end.
fn begun(text: &str, i: usize, end: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut place = end + usize::from(at(bytes, end) == b'.');
    let (mut named, mut number) = (false, None);
    let ahead = number_ahead(text, i);
    for _ in 0..WORDS_COUNT_MAX {
        let comma = usize::from(named && ahead.is_none() && at(bytes, place) == b',');
        let start = place + comma + 1;
        if at(bytes, place + comma) != b' ' {
            break;
        }
        let stop = floor(text, run(bytes, start, WORD_BYTES_MAX, name_byte));
        let word = cut(text, start, stop);
        let upper = word.chars().next().is_some_and(char::is_uppercase);
        if named && is_number(word.as_bytes()) {
            number = Some(stop);
            break;
        }
        let elided = word
            .split_once('\'')
            .is_some_and(|(_, tail)| tail.chars().next().is_some_and(char::is_uppercase));
        if comma > 0 || !(upper || elided || PARTICLES.contains(&word)) {
            break;
        }
        named |= upper || elided;
        place = stop;
    }
    match (ahead, number) {
        (Some(start), _) if named => Some((start, number.unwrap_or(place))),
        (None, Some(stop)) => Some((i, stop)),
        _ => None,
    }
}

/// Start of the number before a French street: `12 rue`, `12, rue`, `1 bis place`.
fn number_ahead(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = i.checked_sub(1).filter(|n| at(bytes, *n) == b' ')?;
    let end = end - usize::from(before(bytes, end) == b',');
    let start = word_before(bytes, end);
    let word = cut(text, start, end);
    if matches!(word, "bis" | "ter" | "quater") {
        return number_ahead(text, start);
    }
    is_number(word.as_bytes()).then_some(start)
}

/// `P.O. Box 123`, `Postfach 12 34` at the word from `i` to `end`.
fn boxed(text: &str, i: usize, end: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = if cut(text, i, end) == "Box" {
        let heads = ["P.O. ", "PO ", "P. O. ", "P.O.", "G.P.O. ", "GPO "];
        let head = heads
            .iter()
            .find(|head| cut(text, 0, i).ends_with(**head))?;
        i - head.len()
    } else {
        i
    };
    let from = end + 1;
    let stop = run(bytes, from, 8, |b| digit(b) || b == b' ');
    let number = stop - usize::from(before(bytes, stop) == b' ');
    let counted = number > from && digit(at(bytes, from)) && at(bytes, end) == b' ';
    (counted && opens(bytes, start)).then(|| (start, parts(text, number).0))
}

/// End of the parts behind a street that ends at `end`, and whether a town with its code or state
/// is among them.
fn parts(text: &str, end: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let (mut end, mut town) = (end, false);
    // ` Apt 2`, ` B`.
    let flat = part(text, end);
    if let Some((stop, counted, words)) = flat
        && (counted && words <= 2 || words == 1 && stop == end + 2)
    {
        end = stop;
    }
    for _ in 0..PARTS_COUNT_MAX {
        if at(bytes, end) != b',' {
            break;
        }
        let Some((stop, counted, words)) = part(text, end + 1) else {
            break;
        };
        town |= words >= 2 && counted || words == 1 && stop - end >= 4;
        end = stop;
    }
    (end, town)
}

/// Words of a part that begins with the blank at `i`: its end, whether it has digits, and how many
/// words there are.
fn part(text: &str, i: usize) -> Option<(usize, bool, usize)> {
    let bytes = text.as_bytes();
    let (mut end, mut counted, mut words) = (i, false, 0);
    for _ in 0..PART_WORDS_MAX {
        if at(bytes, end) != b' ' {
            break;
        }
        let start = end + 1;
        let stop = floor(
            text,
            run(bytes, start, WORD_BYTES_MAX, |b| name_byte(b) || b == b'#'),
        );
        let word = cut(text, start, stop);
        // `кв. 74`, `m. 7`.
        let next = (
            at(bytes, stop),
            at(bytes, stop + 1),
            digit(at(bytes, stop + 2)),
        );
        let short = next == (b'.', b' ', true) && word.chars().count() <= ABBREVIATION_CHARS_MAX;
        let first = word.chars().next();
        let numbered = word.bytes().any(digit);
        let lower = word.bytes().any(|b| b.is_ascii_lowercase());
        let fits = first.is_some_and(|c| c.is_uppercase() || c == '#')
            || short
            || numbered && (!lower || word.len() <= 4)
            || words > 0 && PARTICLES.contains(&word);
        if !fits || matches!(at(bytes, stop), b'=' | b':' | b'_' | b'(') {
            break;
        }
        counted |= numbered;
        words += 1;
        end = stop + usize::from(short);
    }
    (words > 0).then_some((end, counted, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Option<&str>) {
        let words: Vec<&str> = words_known().collect();
        let places = text.char_indices().map(|(i, _)| i);
        let found = places
            .filter(|i| {
                words
                    .iter()
                    .any(|word| starts(text.as_bytes(), *i, word.as_bytes()))
            })
            .find_map(|i| find(text, i));
        assert_eq!(found.map(|f| cut(text, f.start, f.end)), wanted, "{text}");
    }

    #[test]
    fn a_street_may_end_its_line() {
        for behind in ["", "\n", "\r\n", "\\n"] {
            check(
                &format!("at 16 Main Street{behind}"),
                Some("16 Main Street"),
            );
        }
    }

    #[test]
    fn streets_with_their_towns() {
        for (text, wanted) in [
            (
                "deliver to 12 High Street, London SW5A 1AA today",
                "12 High Street, London SW5A 1AA",
            ),
            (
                "at 32 N Washington Blvd Apt 2, Austin, TX 78763",
                "32 N Washington Blvd Apt 2, Austin, TX 78763",
            ),
            (
                "lives at Flat 7, 96 Station Road, Leeds LS1 4QT.",
                "Flat 7, 96 Station Road, Leeds LS1 4QT",
            ),
            (
                "sent to 59 Sunset Drive, Dayton, OH 45451 again",
                "59 Sunset Drive, Dayton, OH 45451",
            ),
            (
                "au 50 rue de la République, 75004 Paris est",
                "50 rue de la République, 75004 Paris",
            ),
            (
                "a Calle Mayor 32, 3º B, 41081 Sevilla",
                "Calle Mayor 32, 3º B, 41081 Sevilla",
            ),
            (
                "para Rua das Flores, 469, 4000-358 Porto hoje",
                "Rua das Flores, 469, 4000-358 Porto",
            ),
            (
                "an Via Garibaldi 66, 10166 Torino fehl",
                "Via Garibaldi 66, 10166 Torino",
            ),
            (
                "do ul. Marszałkowska 35/5, 00-814 Warszawa",
                "ul. Marszałkowska 35/5, 00-814 Warszawa",
            ),
            (
                "to P.O. Box 123, Springfield, IL 62701 now",
                "P.O. Box 123, Springfield, IL 62701",
            ),
            ("Postfach 1234, 10115 Berlin", "Postfach 1234, 10115 Berlin"),
            (
                "lives at Bahnhofstr. 33a, 50414 Köln today",
                "Bahnhofstr. 33a, 50414 Köln",
            ),
            (
                "Lieferung an Storgatan 45, 411 36 Göteborg fehl",
                "Storgatan 45, 411 36 Göteborg",
            ),
            (
                "moved to ул. Ленина, д. 75, кв. 74, 190031 Москва",
                "ул. Ленина, д. 75, кв. 74, 190031 Москва",
            ),
            (
                "pickup at 東京都千代田区丸の内1-4-6 cancelled",
                "東京都千代田区丸の内1-4-6",
            ),
            (
                "left at Am Alten Markt 7, 10272 Berlin",
                "Am Alten Markt 7, 10272 Berlin",
            ),
        ] {
            check(text, Some(wanted));
        }
    }

    #[test]
    fn what_else_these_words_say() {
        for text in [
            "3 Hard Drive failures",
            "login Via Okta 2 times",
            "Street view loaded",
            "5 tasks in Main Street queue",
            "2 Dead Letter Row Locks",
            "mounted 12 Google Drive",
            "retry 3 of rue",
            "calle 5 not found",
            "Box 12 opened",
            "Wall Street opened",
            "moved to Node 12, Zone B",
            "sent to 5 workers, 300 left",
            "deliver to queue 12, 4000 waiting",
            "address: already in use 8080",
        ] {
            check(text, None);
        }
    }
}
