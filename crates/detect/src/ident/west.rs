//! Identifiers of persons in western Europe: United Kingdom, Ireland, France, Belgium,
//! Netherlands, Luxembourg, Germany, Austria, Switzerland.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `gb_nino` (letters that are given out, 6 in 10,000 of nine letters and digits), `ie_pps` with
//! two letters (1 in 250), `fr_nir` in its groups (1 in 3,000, and seven groups in a row),
//! `be_nrn` in its groups (1 in 3,000), `de_rentenversicherung` (1 in 300 of a form that nothing
//! else has), `ch_ahv` in its groups (1 in 10,000).

use crate::bytes::at;
use crate::ident::check::{
    any, base36, date, ddmmyy, letter, luhn, mod_11_10, part, same, small, value, verhoeff, weigh,
    weights_731, yyyymmdd,
};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{HEALTH, PERSON, SOCIAL, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.gb_nino",
        PERSON | SOCIAL | TAX,
        &["nino", "national insurance", "ni number", "ni no", "nationalinsurancenumber"],
        &["!AA999999A", "!AA 99 99 99 A", "!AA-99-99-99-A", "AA 999999 A", "AA999999"],
        gb_nino,
    ),
    Rule::checked(
        "national.gb_nhs",
        HEALTH,
        &["nhs", "nhs number", "nhsnumber", "nhs no", "chi number"],
        &["9999999999", "999~999~9999"],
        gb_nhs,
    ),
    Rule::checked(
        "national.gb_utr",
        TAX,
        &["utr", "unique taxpayer", "self assessment"],
        &["9999999999", "99999 99999", "9999999999A"],
        gb_utr,
    ),
    Rule::checked(
        "national.ie_pps",
        PERSON | SOCIAL | TAX,
        &["pps", "ppsn", "pps number", "rsi number", "personal public"],
        &["!9999999AA", "9999999A", "9999999 AA", "9999999 A"],
        ie_pps,
    ),
    Rule::checked(
        "national.fr_nir",
        PERSON | SOCIAL | HEALTH,
        &[
            "nir", "insee", "carte vitale", "sécu", "secu", "sécurité sociale", "securite sociale",
            "numéro sécu", "numeross", "nss", "inscription répertoire",
        ],
        &[
            "9999999999999~99", "999999999999999", "999999#99999999",
            "!9~99~99~9#~999~999~99", "!9~99~99~9#~999~999 99",
            "!9~99~99~99~999~999/99",
        ],
        fr_nir,
    ),
    Rule::checked(
        "national.fr_spi",
        TAX,
        &["spi", "numéro fiscal", "numero fiscal", "numerofiscal", "nif", "référence fiscale"],
        &["9999999999999", "99 99 999 999 999"],
        fr_spi,
    ),
    Rule::checked(
        "national.be_nrn",
        PERSON | SOCIAL,
        &[
            "nrn", "niss", "insz", "registre national", "rijksregister", "rijksregisternummer",
            "numéro national", "bis nummer", "nationaal nummer",
            "national register", "register number", "numero national", "registernummer",
        ],
        &["99999999999", "!99.99.99-999.99", "!99-99-99-999-99", "999999-999-99", "999999 999 99"],
        be_nrn,
    ),
    Rule::checked(
        "national.nl_bsn",
        PERSON | SOCIAL | TAX | HEALTH,
        &[
            "bsn", "burgerservicenummer", "sofinummer", "sofi", "sofi nummer",
            "burger servicenummer", "persoonsnummer",
        ],
        &["999999999", "9999~99~999", "999~999~999", "99999999"],
        nl_bsn,
    ),
    Rule::checked(
        "national.lu_matricule",
        PERSON | SOCIAL,
        &["matricule", "matricule nationale", "numéro identification", "matricule national"],
        &["9999999999999", "99999999 99999", "9999 99 99 999 99"],
        lu_matricule,
    ),
    Rule::checked(
        "national.de_steuer_id",
        TAX,
        &[
            "steuer id", "steuerid", "steueridentifikationsnummer", "idnr", "identifikationsnummer",
            "steuerliche identifikationsnummer", "steuer identifikationsnummer",
            "steuer idnr", "steueridnr", "tin",
        ],
        &["99999999999", "99 999 999 999", "99/999/999/999", "99-999-999-999"],
        de_steuer_id,
    ),
    Rule::checked(
        "national.de_rentenversicherung",
        SOCIAL,
        &[
            "rentenversicherungsnummer", "sozialversicherungsnummer", "rvnr", "svnr", "rvnummer",
            "sv nummer", "versicherungsnummer", "sozialversicherungsausweis", "rv nummer",
        ],
        &["!99999999A999", "!99 999999 A 999", "!99 999999 A 99 9", "99~999999~A~999"],
        de_rentenversicherung,
    ),
    Rule::checked(
        "national.de_krankenversicherung",
        HEALTH,
        &[
            "kvnr", "krankenversichertennummer", "versichertennummer", "krankenversicherung",
            "versicherten nr", "egk", "krankenkasse",
        ],
        &["A999999999"],
        de_krankenversicherung,
    ),
    Rule::checked(
        "national.de_personalausweis",
        PERSON,
        &[
            "personalausweis", "ausweisnummer", "personalausweisnummer", "perso",
            "reisepass", "reisepassnummer", "ausweis", "pass nr", "aufenthaltstitel", "perso nr",
            "german passport",
        ],
        &["##########"],
        de_personalausweis,
    ),
    Rule::labelled(
        "national.de_steuernummer",
        &["steuernummer", "steuer nr", "st nr", "stnr", "steuernr", "steuer nummer", "tax number"],
        &[
            "99/999/99999", "999/999/99999", "999/9999/9999", "99999/99999", "9999999999999",
            "99 999 99999", "999 999 99999", "9999999999", "99999999999",
        ],
        any,
    ),
    Rule::checked(
        "national.at_svnr",
        SOCIAL | HEALTH,
        &[
            "svnr", "sozialversicherungsnummer", "sv nummer", "sv nr", "versicherungsnummer",
            "ecard", "vsnr",
        ],
        &["9999999999", "9999 999999", "9999-999999", "9999/999999", "9999 99 99 99"],
        at_svnr,
    ),
    Rule::checked(
        "national.ch_ahv",
        PERSON | SOCIAL,
        &[
            "ahv", "avs", "ahvnr", "ahv nr", "avs nr", "ahv nummer", "ahvnummer", "navs13",
            "sozialversicherungsnummer", "n avs", "numéro avs",
        ],
        &["!999.9999.9999.99", "9999999999999", "999 9999 9999 99", "999-9999-9999-99"],
        ch_ahv,
    ),
];

/// HMRC's manual NIM39110: letters that are not given out as a prefix.
fn gb_nino(n: &[u8]) -> bool {
    let pair = [at(n, 0), at(n, 1)];
    let first = !matches!(pair[0], b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    let second = !matches!(pair[1], b'D' | b'F' | b'I' | b'O' | b'Q' | b'U' | b'V');
    let given = !matches!(&pair, b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ");
    let suffix = n.len() == 8 || matches!(at(n, 8), b'A'..=b'D');
    first && second && given && suffix
}

/// NHS Data Dictionary: modulus 11 over ten digits.
fn gb_nhs(n: &[u8]) -> bool {
    let rest = (11 - weigh(n, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    rest == value(n, 9) && !same(n)
}

/// HMRC: the first digit checks the nine behind it, remainder by remainder.
fn gb_utr(n: &[u8]) -> bool {
    let rest = weigh(n, &[0, 6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    u32::from(at(b"21987654321", rest as usize)) == u32::from(at(n, 0)) && !same(n)
}

/// Department of Social Protection: weights 8 to 2, the second letter weighs 9; modulo 23.
fn ie_pps(n: &[u8]) -> bool {
    let second = at(n, 8);
    let more = if second == b'W' {
        0
    } else {
        letter(second) * 9
    };
    let rest = (weigh(n, &[8, 7, 6, 5, 4, 3, 2]) + more) % 23;
    let written = if rest == 0 { 23 } else { rest };
    letter(at(n, 7)) == written && matches!(second, 0 | b'A'..=b'I' | b'T' | b'W' | b'X')
}

/// INSEE: sex, year, month, department, commune, order; key 97 less the rest modulo 97. `2A` and
/// `2B` (Corsica) count as 19 and 18.
fn fr_nir(n: &[u8]) -> bool {
    if n.len() != 15 || !matches!(at(n, 0), b'1'..=b'4' | b'7' | b'8') {
        return false;
    }
    let month = small(n, 3, 5);
    let department = match (at(n, 5), at(n, 6)) {
        (b'2', b'A') => 19,
        (b'2', b'B') => 18,
        (_, b'A'..=b'Z') => return false,
        _ => part(n, 5, 7),
    };
    let number = part(n, 0, 5) * 100_000_000 + department * 1_000_000 + part(n, 7, 13);
    let months = matches!(month, 1..=12 | 20..=42 | 50..=99);
    months && department != 0 && u64::from(small(n, 13, 15)) == 97 - number % 97
}

/// Tax administration: three digits at the end are the first ten modulo 511.
fn fr_spi(n: &[u8]) -> bool {
    matches!(at(n, 0), b'0'..=b'3') && part(n, 0, 10) % 511 == part(n, 10, 13) && !same(n)
}

/// Royal decree of 3 April 1984: 97 less the first nine modulo 97, since 2000 with a 2 before.
fn be_nrn(n: &[u8]) -> bool {
    let month = small(n, 2, 4) % 20;
    let day = small(n, 4, 6);
    let dated = month <= 12 && day <= 31;
    let (head, key) = (part(n, 0, 9), part(n, 9, 11));
    let fits = |number: u64| 97 - number % 97 == key;
    dated && part(n, 0, 6) != 0 && (fits(head) || fits(head + 2_000_000_000))
}

/// Logisch ontwerp BSN: the eleven test, the last digit weighs minus one.
fn nl_bsn(n: &[u8]) -> bool {
    let weights: &[u32] = if n.len() == 8 {
        &[8, 7, 6, 5, 4, 3, 2, 10]
    } else {
        &[9, 8, 7, 6, 5, 4, 3, 2, 10]
    };
    weigh(n, weights).is_multiple_of(11) && !same(n)
}

/// Law of 19 June 2013: date of birth, order, a Luhn digit and a Verhoeff digit.
fn lu_matricule(n: &[u8]) -> bool {
    let (Some(first), Some(head), Some(last)) = (n.get(..12), n.get(..11), n.last()) else {
        return false;
    };
    let mut second = [0; 12];
    for (slot, b) in second.iter_mut().zip(head.iter().chain([last])) {
        *slot = *b;
    }
    yyyymmdd(n, 0) && luhn(first) && verhoeff(&second)
}

/// Federal Central Tax Office: MOD 11,10; of ten digits one occurs twice or three times, the others
/// at most once.
fn de_steuer_id(n: &[u8]) -> bool {
    let mut times = [0_u32; 10];
    for b in n.iter().take(10) {
        if let Some(slot) = times.get_mut(usize::from(b.wrapping_sub(b'0'))) {
            *slot += 1;
        }
    }
    let twice = times.iter().filter(|count| matches!(count, 2 | 3)).count();
    let more = times.iter().any(|count| *count > 3);
    at(n, 0) != b'0' && twice == 1 && !more && mod_11_10(n)
}

/// Sum of the digits of each product.
fn crosses(n: &[u8], weights: &[u32]) -> u32 {
    (0..)
        .zip(weights)
        .map(|(i, w)| value(n, i) * w)
        .map(|product| product / 10 + product % 10)
        .sum()
}

/// The characters with the letter at `i` as two digits.
fn spelled(n: &[u8], i: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(n.len() + 1);
    for (j, b) in n.iter().enumerate() {
        if j == i {
            let place = u8::try_from(letter(*b)).unwrap_or(0);
            out.extend([b'0' + place / 10, b'0' + place % 10]);
        } else {
            out.push(*b);
        }
    }
    out
}

/// VKVV § 2: area, date of birth, letter, order, cross sums modulo 10.
fn de_rentenversicherung(n: &[u8]) -> bool {
    let digits = spelled(n, 8);
    let day = small(n, 2, 4) % 50;
    let dated = date(2_000, small(n, 4, 6), day);
    let sum = crosses(&digits, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]);
    dated && small(n, 0, 2) >= 2 && sum % 10 == value(n, 11)
}

/// § 290 SGB V: letter as two digits, cross sums with weights 1 and 2, modulo 10.
fn de_krankenversicherung(n: &[u8]) -> bool {
    let digits = spelled(n, 0);
    crosses(&digits, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 == value(n, 9)
}

/// ICAO 9303 over nine characters; the letters are those that are not mistaken for digits.
fn de_personalausweis(n: &[u8]) -> bool {
    let (Some(head), Some(last)) = (n.get(..9), n.last()) else {
        return false;
    };
    let letters = b"CFGHJKLMNPRTVWXYZ";
    let known = head
        .iter()
        .all(|b| b.is_ascii_digit() || letters.contains(b));
    let typed = letters.contains(&at(n, 0));
    known && typed && weights_731(head) == base36(*last)
}

/// Hauptverband: the fourth digit checks the others.
fn at_svnr(n: &[u8]) -> bool {
    let check = weigh(n, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    let dated = ddmmyy(n, 4) || (13..=16).contains(&small(n, 6, 8));
    check == value(n, 3) && dated && at(n, 0) != b'0'
}

/// ZAS: country 756 and the check of EAN-13.
fn ch_ahv(n: &[u8]) -> bool {
    let sum = weigh(n, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    n.starts_with(b"756") && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("national.gb_nino", "AB123456C", "BG123456C"),
            ("national.gb_nino", "AB 12 34 56 C", "AB 12 34 56 E"),
            ("national.gb_nhs", "943 476 5919", "943 476 5918"),
            ("national.gb_nhs", "9434765919", "9434765910"),
            ("national.gb_utr", "1955839661", "2955839661"),
            ("national.ie_pps", "6433435F", "6433435E"),
            ("national.ie_pps", "6433435OA", "6433435VH"),
            (
                "national.fr_nir",
                "2 95 10 99 126 111 93",
                "2 95 10 99 126 111 92",
            ),
            ("national.fr_nir", "253072B07300470", "253072A07300470"),
            ("national.fr_nir", "295109912611193", "295109912611194"),
            ("national.fr_spi", "30 23 217 600 053", "30 23 217 600 054"),
            ("national.be_nrn", "85.07.30-033.28", "85.07.30-033.29"),
            ("national.be_nrn", "85073003328", "85133003328"),
            ("national.nl_bsn", "111222333", "111252333"),
            ("national.lu_matricule", "1893120105732", "1893120105733"),
            ("national.de_steuer_id", "36574261809", "36574261808"),
            ("national.de_steuer_id", "36 574 261 809", "36 554 266 806"),
            (
                "national.de_rentenversicherung",
                "15070649C103",
                "15070649C104",
            ),
            (
                "national.de_rentenversicherung",
                "65 170839 J 003",
                "65 173839 J 003",
            ),
            (
                "national.de_krankenversicherung",
                "A123456780",
                "A123456781",
            ),
            ("national.de_personalausweis", "T220001293", "T220001294"),
            ("national.at_svnr", "1237 010180", "2237 010180"),
            ("national.ch_ahv", "756.9217.0769.85", "756.9217.0769.84"),
            ("national.ch_ahv", "7569217076985", "7559217076985"),
        ]);
    }
}
