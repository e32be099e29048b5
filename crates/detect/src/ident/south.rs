//! Identifiers of persons in southern Europe: Spain, Portugal, Italy, Malta, Cyprus, Greece,
//! Turkey and the successors of Yugoslavia, Albania.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `es_dni` (1 in 23 of eight digits with a capital, less those that are dates, units of bytes or
//! literals of a language), `es_nie` (1 in 23), `it_codice_fiscale` (1 in 1,500 of sixteen
//! characters whose letters stand where its do), `pt_cc` (1 in 10 of a form of four groups). As
//! random texts of that length they are below 1 in 100,000.

use crate::bytes::{at, digit};
use crate::ident::check::{
    any, base36, date, ddmmyy, letter, luhn, mod_11_10, part, same, small, value, weigh,
};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{HEALTH, PERSON, SOCIAL, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.es_dni",
        0,
        &[],
        &["!99999999A", "!99999999-A", "!99.999.999-A", "!99.999.999A"],
        es_dni_bare,
    ),
    Rule::checked(
        "national.es_dni",
        PERSON | TAX,
        &["dni", "nif", "documento identidad", "dninif", "nifnie"],
        &["99999999A", "99999999~A", "99.999.999-A", "99.999.999A", "9999999A", "99 999 999 A"],
        es_dni,
    ),
    Rule::checked(
        "national.es_nie",
        PERSON | TAX,
        &["nie", "nif", "extranjero", "dni", "nifnie"],
        &["!A9999999A", "!A-9999999-A", "A 9999999 A", "A-9999999A"],
        es_nie,
    ),
    Rule::checked(
        "national.es_nuss",
        SOCIAL,
        &["nuss", "naf", "seguridad social", "seguridadsocial", "afiliación", "afiliacion"],
        &["999999999999", "99/99999999/99", "99/9999999999", "99 99999999 99", "99-99999999-99"],
        es_nuss,
    ),
    Rule::checked(
        "national.es_cif",
        TAX,
        &["cif", "nif empresa", "nif"],
        &["A9999999#", "A-9999999#", "A-9999999-#"],
        es_cif,
    ),
    Rule::checked(
        "national.pt_nif",
        TAX | PERSON,
        &["nif", "nipc", "contribuinte", "número fiscal", "numero contribuinte", "nº contribuinte"],
        &["999999999", "999~999~999"],
        pt_nif,
    ),
    Rule::checked(
        "national.pt_cc",
        PERSON,
        &["cartão cidadão", "cartao cidadao", "cc", "cidadão", "cidadao", "bilhete identidade"],
        &["!99999999 9 AA9", "99999999 9AA9", "999999999AA9", "99999999-9-AA9", "99999999-9AA9"],
        pt_cc,
    ),
    Rule::checked(
        "national.pt_niss",
        SOCIAL,
        &["niss", "segurança social", "seguranca social"],
        &["99999999999", "9 999 999 999 9"],
        pt_niss,
    ),
    Rule::labelled(
        "national.pt_utente",
        &["utente", "sns", "número utente", "numero utente", "nº utente"],
        &["999999999", "999 999 999"],
        any,
    ),
    Rule::checked(
        "national.it_codice_fiscale",
        PERSON | TAX | HEALTH,
        &["codice fiscale", "codicefiscale", "cf", "cod fiscale", "tessera sanitaria", "fiscale",
            "fiscal code",],
        &["!AAAAAA##A##A###A", "!AAA AAA ##A## A###A", "AAAAAA##A##A###A"],
        it_codice_fiscale,
    ),
    Rule::checked(
        "national.it_partita_iva",
        TAX,
        &["partita iva", "partitaiva", "piva", "p iva", "codice fiscale", "codicefiscale"],
        &["99999999999"],
        luhn,
    ),
    Rule::labelled(
        "national.it_carta_identita",
        &["carta identità", "carta identita", "cartaidentita", "d identità"],
        &["AA99999AA", "AA9999999"],
        any,
    ),
    Rule::labelled(
        "national.mt_id",
        &["karta tal", "maltese id", "malta id", "id card", "national id", "identity card"],
        &["9999999A", "999999A"],
        mt_id,
    ),
    Rule::checked(
        "national.cy_tic",
        TAX,
        &["tic", "αφμ", "cyprus tax", "φορολογικής ταυτότητας"],
        &["99999999A"],
        cy_tic,
    ),
    Rule::labelled(
        "national.cy_arc",
        &["cyprus id", "δελτίο ταυτότητας"],
        &["9999999", "9999999999"],
        any,
    ),
    Rule::checked(
        "national.gr_amka",
        PERSON | SOCIAL | HEALTH,
        &["amka", "αμκα"],
        &["99999999999"],
        gr_amka,
    ),
    Rule::checked(
        "national.gr_afm",
        TAX,
        &["afm", "αφμ", "φορολογικού μητρώου"],
        &["999999999"],
        gr_afm,
    ),
    Rule::labelled(
        "national.gr_identity",
        &["adt", "αδτ", "ταυτότητας", "ταυτότητα", "tautotita", "greek id"],
        &["AA999999", "AA 999999", "AA-999999", "A 999999", "A-999999", "A999999"],
        any,
    ),
    Rule::checked(
        "national.tr_tckn",
        PERSON | TAX | SOCIAL,
        &[
            "tckn", "tc kimlik", "kimlik no", "tc no", "tcno", "tckimlikno", "kimlik numarası",
            "kimlik", "tckimlik", "turkish id", "kimlikno",
        ],
        &["99999999999", "999 999 999 99"],
        tr_tckn,
    ),
    Rule::checked(
        "national.tr_vkn",
        TAX,
        &["vkn", "vergi no", "vergi numarası", "vergi kimlik", "vergino"],
        &["9999999999"],
        tr_vkn,
    ),
    Rule::checked(
        "national.hr_oib",
        PERSON | TAX,
        &["oib", "osobni identifikacijski", "osobni broj", "identifikacijski broj"],
        &["99999999999"],
        hr_oib,
    ),
    Rule::checked(
        "national.jmbg",
        PERSON | SOCIAL,
        &[
            "jmbg", "emšo", "emso", "embg", "емшо", "јмбг", "ембг", "matični broj", "maticni broj",
            "matična številka", "umcn", "unique master",
        ],
        &["9999999999999"],
        jmbg,
    ),
    Rule::checked(
        "national.si_davcna",
        TAX,
        &["davčna številka", "davcna stevilka", "davčna", "davcna", "davčna št"],
        &["99999999"],
        si_davcna,
    ),
    Rule::checked(
        "national.rs_pib",
        TAX,
        &["pib", "пиб", "poreski broj", "poreski identifikacioni"],
        &["999999999"],
        mod_11_10,
    ),
    Rule::labelled(
        "national.al_nid",
        &["nid", "numri personal", "numri identitetit", "albanian id", "nipt"],
        &["A99999999A"],
        any,
    ),
];

/// Letters of DNI and NIE by remainder modulo 23.
const DNI_LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn dni_letter(number: u64) -> u8 {
    at(DNI_LETTERS, (number % 23) as usize)
}

/// Ministry of the Interior: letter by the number modulo 23.
fn es_dni(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    dni_letter(part(head, 0, head.len())) == *last && !same(head)
}

/// The same without a label: no date, no size in bytes, no literal of a language.
fn es_dni_bare(n: &[u8]) -> bool {
    let unit = matches!(
        at(n, 8),
        b'B' | b'D' | b'F' | b'G' | b'H' | b'K' | b'L' | b'M' | b'N' | b'S'
    );
    let dated = matches!(small(n, 0, 2), 19 | 20) && small(n, 4, 6) <= 12 && small(n, 6, 8) <= 31;
    at(n, 0) != b'0' && !unit && !dated && es_dni(n)
}

/// `X`, `Y`, `Z` count as 0, 1, 2.
fn es_nie(n: &[u8]) -> bool {
    let lead = match at(n, 0) {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        _ => return false,
    };
    dni_letter(lead * 10_000_000 + part(n, 1, 8)) == at(n, 8)
}

/// Tesorería General: province, number, and the rest modulo 97.
fn es_nuss(n: &[u8]) -> bool {
    let (province, number) = (part(n, 0, 2), part(n, 2, 10));
    let whole = if number < 10_000_000 {
        province * 10_000_000 + number
    } else {
        province * 100_000_000 + number
    };
    (1..=66).contains(&province) && whole % 97 == part(n, 10, 12)
}

/// Orden EHA/451/2008: sums of even places and of doubled odd places.
fn es_cif(n: &[u8]) -> bool {
    let digits = n.get(1..8).unwrap_or(&[]);
    let even = value(digits, 1) + value(digits, 3) + value(digits, 5);
    let odd: u32 = [0, 2, 4, 6]
        .iter()
        .map(|i| value(digits, *i) * 2)
        .map(|d| d / 10 + d % 10)
        .sum();
    let check = (10 - (even + odd) % 10) % 10;
    let last = at(n, 8);
    let typed = b"ABCDEFGHJNPQRSUVW".contains(&at(n, 0));
    typed
        && (last == at(b"0123456789", check as usize) || last == at(b"JABCDEFGHI", check as usize))
}

/// Autoridade Tributária: modulo 11; the first digits say what kind of payer.
fn pt_nif(n: &[u8]) -> bool {
    let rest = weigh(n, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    let kind = matches!(at(n, 0), b'1'..=b'3' | b'5'..=b'9') || n.starts_with(b"45");
    kind && check == value(n, 8) && !same(n)
}

/// Validação de Número de Documento do Cartão de Cidadão: Luhn in base 36.
fn pt_cc(n: &[u8]) -> bool {
    let sum: u32 = n
        .iter()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let v = base36(*b);
            if i % 2 == 0 {
                v
            } else if v >= 5 {
                v * 2 - 9
            } else {
                v * 2
            }
        })
        .sum();
    n.len() == 12 && sum.is_multiple_of(10)
}

/// Segurança Social: primes as weights; persons begin with 1 or 2.
fn pt_niss(n: &[u8]) -> bool {
    let sum = weigh(n, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]);
    matches!(at(n, 0), b'1' | b'2') && 9 - sum % 10 == value(n, 10)
}

/// Ministerial decree of 23 December 1976: odd places count by a table, even ones by value. Digits
/// may be letters (`omocodia`).
fn it_codice_fiscale(n: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let numeral = |i: usize| match at(n, i) {
        b if digit(b) => Some(u32::from(b - b'0')),
        b => b"LMNPQRSTUV".iter().position(|l| *l == b).map(|d| d as u32),
    };
    let two = |i: usize| Some(numeral(i)? * 10 + numeral(i + 1)?);
    let Some(month) = b"ABCDEHLMPRST".iter().position(|l| *l == at(n, 8)) else {
        return false;
    };
    let (Some(year), Some(day), Some(_)) = (two(6), two(9), two(12).zip(numeral(14))) else {
        return false;
    };
    let day = if day > 40 { day - 40 } else { day };
    let place = |b: u8| {
        if digit(b) {
            u32::from(b - b'0')
        } else {
            letter(b).max(1) - 1
        }
    };
    let sum: u32 = n
        .iter()
        .take(15)
        .enumerate()
        .map(|(i, b)| {
            let place = place(*b);
            if i % 2 == 0 {
                ODD.get(place as usize).copied().unwrap_or(0)
            } else {
                place
            }
        })
        .sum();
    date(2_000 + year, month as u32 + 1, day) && letter(at(n, 15)) == sum % 26 + 1
}

/// Identity Card Act: the letter says where it was registered.
fn mt_id(n: &[u8]) -> bool {
    matches!(
        n.last(),
        Some(b'M' | b'G' | b'A' | b'P' | b'L' | b'H' | b'B' | b'Z')
    )
}

/// Tax Department: odd places by a table, modulo 26.
fn cy_tic(n: &[u8]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let sum: u32 = (0..8)
        .map(|i| {
            let d = value(n, i);
            if i % 2 == 0 {
                ODD.get(d as usize).copied().unwrap_or(0)
            } else {
                d
            }
        })
        .sum();
    letter(at(n, 8)) == sum % 26 + 1
}

/// Date of birth and Luhn.
fn gr_amka(n: &[u8]) -> bool {
    ddmmyy(n, 0) && luhn(n)
}

/// AADE: powers of two, modulo 11, modulo 10.
fn gr_afm(n: &[u8]) -> bool {
    weigh(n, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == value(n, 8) && !same(n)
}

/// Nüfus: seven times the odd places less the even ones, then the sum of all.
fn tr_tckn(n: &[u8]) -> bool {
    let odd = weigh(n, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weigh(n, &[0, 1, 0, 1, 0, 1, 0, 1]);
    let tenth = (odd * 7 + 100 - even) % 10;
    let all = odd + even + value(n, 9);
    at(n, 0) != b'0' && tenth == value(n, 9) && all % 10 == value(n, 10)
}

/// Gelir İdaresi: each digit plus its distance from the end, times a power of two, modulo 9.
fn tr_vkn(n: &[u8]) -> bool {
    let sum: u32 = (0..9_u32)
        .map(|i| {
            let shifted = (value(n, i as usize) + 9 - i) % 10;
            let scaled = (shifted << (9 - i)) % 9;
            if shifted != 0 && scaled == 0 {
                9
            } else {
                scaled
            }
        })
        .sum();
    (10 - sum % 10) % 10 == value(n, 9) && !same(n)
}

/// Zakon o osobnom identifikacijskom broju: MOD 11,10.
fn hr_oib(n: &[u8]) -> bool {
    mod_11_10(n) && !same(n)
}

/// Law of 1976: date of birth, register, order; modulo 11.
fn jmbg(n: &[u8]) -> bool {
    let sum = weigh(n, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 11;
    let year = small(n, 4, 7);
    let year = if year >= 800 {
        1_000 + year
    } else {
        2_000 + year
    };
    date(year, small(n, 2, 4), small(n, 0, 2)) && check == value(n, 12)
}

/// FURS: modulo 11.
fn si_davcna(n: &[u8]) -> bool {
    let check = 11 - weigh(n, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    at(n, 0) != b'0' && check % 10 == value(n, 7) && check != 11
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("national.es_dni", "12345678Z", "12345678A"),
            ("national.es_dni", "54.362.315-K", "54.362.315-Z"),
            ("national.es_nie", "X2482300W", "X2482300A"),
            ("national.es_nuss", "281234567840", "281234567841"),
            ("national.es_cif", "A13585625", "A13585626"),
            ("national.pt_nif", "501964843", "501964842"),
            ("national.pt_cc", "00000000 0 ZZ4", "00000000 0 ZZ3"),
            ("national.pt_niss", "12345678910", "12345678911"),
            (
                "national.it_codice_fiscale",
                "RCCMNL83S18D969H",
                "RCCMNL83S18D969A",
            ),
            ("national.it_partita_iva", "00743110157", "00743110158"),
            ("national.cy_tic", "00123123T", "00123123X"),
            ("national.gr_amka", "01013099997", "01013099999"),
            ("national.gr_afm", "094259216", "094259215"),
            ("national.tr_tckn", "17291716060", "17291716050"),
            ("national.tr_vkn", "4540536920", "4540536921"),
            ("national.hr_oib", "33392005961", "33392005962"),
            ("national.jmbg", "0101006500006", "0101006500007"),
            ("national.si_davcna", "15012557", "15012556"),
            ("national.rs_pib", "101134702", "101134703"),
        ]);
    }

    #[test]
    fn digits_with_a_letter_that_are_no_dni() {
        for text in [
            "20240117A",
            "12345678L",
            "00000014Z",
            "12345679A",
            "v12345678Z",
        ] {
            assert_eq!(crate::ident::find(text, 0), None, "{text}");
        }
    }
}
