//! Numbers by which states know people, in the countries of Europe; the others are in
//! `national_world`. Each with the check digits that its state asks for.
//!
//! *Why so:* written from the public descriptions of each number, apart from the detector's
//! validators, so that neither can hide a mistake of the other.

use super::Value;
use super::money::{luhn_digit, mod97};
use super::national_world::WORLD;
use crate::draw::Draw;

/// One kind of number: country, names of fields, what a sentence says before it, whether its form
/// alone tells, its maker.
pub(crate) struct National {
    pub(crate) country: &'static str,
    pub(crate) keys: &'static [&'static str],
    pub(crate) leads: &'static [&'static str],
    pub(crate) is_bare: bool,
    pub(crate) make: fn(&mut Draw) -> String,
}

/// A row of the table.
pub(crate) const fn told(
    country: &'static str,
    keys: &'static [&'static str],
    leads: &'static [&'static str],
    make: fn(&mut Draw) -> String,
) -> National {
    National {
        country,
        keys,
        leads,
        is_bare: false,
        make,
    }
}

/// A row whose form alone tells.
pub(crate) const fn bare(
    country: &'static str,
    keys: &'static [&'static str],
    leads: &'static [&'static str],
    make: fn(&mut Draw) -> String,
) -> National {
    National {
        country,
        keys,
        leads,
        is_bare: true,
        make,
    }
}

/// A number of any state.
pub(crate) fn national_id(draw: &mut Draw) -> Value {
    let row = if draw.chance(50) {
        draw.row(EUROPE)
    } else {
        draw.row(WORLD)
    };
    of(draw, row)
}

/// A number of one row.
pub(crate) fn of(draw: &mut Draw, row: &'static National) -> Value {
    let text = (row.make)(draw);
    let value = Value::personal(&format!("national_id:{}", row.country), text)
        .told(row.keys, row.leads)
        .of(row.country);
    if row.is_bare { value.bare() } else { value }
}

/// Digits as text.
pub(crate) fn text(digits: &[u32]) -> String {
    digits
        .iter()
        .filter_map(|d| char::from_digit(*d, 10))
        .collect()
}

/// Sum of the digits, each times its weight.
pub(crate) fn sum(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// A day as three numbers: year of four digits, month, day. All were born a while ago.
pub(crate) fn born(draw: &mut Draw) -> (u32, u32, u32) {
    let (year, month, day) = (
        draw.between(1_945, 1_999),
        draw.between(1, 12),
        draw.between(1, 28),
    );
    (year as u32, month as u32, day as u32)
}

/// `YYMMDD` as digits.
pub(crate) fn yymmdd(year: u32, month: u32, day: u32) -> Vec<u32> {
    let year = year % 100;
    vec![
        year / 10,
        year % 10,
        month / 10,
        month % 10,
        day / 10,
        day % 10,
    ]
}

/// `DDMMYY` as digits.
pub(crate) fn ddmmyy(year: u32, month: u32, day: u32) -> Vec<u32> {
    let year = year % 100;
    vec![
        day / 10,
        day % 10,
        month / 10,
        month % 10,
        year / 10,
        year % 10,
    ]
}

/// Draws bodies until one has a check digit that exists.
pub(crate) fn until(draw: &mut Draw, make: impl Fn(&mut Draw) -> Option<String>) -> String {
    loop {
        if let Some(found) = make(draw) {
            return found;
        }
    }
}

/// ISO 7064, mod 11,10: Germany's tax number and Croatia's OIB.
pub(crate) fn mod_11_10(digits: &[u32]) -> u32 {
    let product = digits.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

const EUROPE: &[National] = &[
    told(
        "gb",
        &["nhs number", "nhs no", "patient nhs"],
        &["NHS number", "NHS no."],
        nhs,
    ),
    bare(
        "gb",
        &["nino", "national insurance number", "ni number"],
        &["NINO", "national insurance"],
        nino,
    ),
    told(
        "de",
        &["steuer id", "steueridentifikationsnummer", "idnr", "tax id"],
        &["Steuer-ID", "Steuernummer"],
        steuer_id,
    ),
    told(
        "de",
        &["rentenversicherungsnummer", "sozialversicherungsnummer"],
        &["Sozialversicherungsnummer", "RVNR"],
        renten,
    ),
    told(
        "fr",
        &[
            "nir",
            "numéro de sécurité sociale",
            "numero securite sociale",
            "insee",
        ],
        &["NIR", "sécurité sociale"],
        nir,
    ),
    told(
        "es",
        &["dni", "nif", "documento identidad"],
        &["DNI", "NIF"],
        dni,
    ),
    bare("es", &["nie", "numero identidad extranjero"], &["NIE"], nie),
    bare(
        "it",
        &["codice fiscale", "cf", "fiscal code"],
        &["codice fiscale", "C.F."],
        codice_fiscale,
    ),
    told(
        "pt",
        &["nif", "contribuinte", "numero contribuinte"],
        &["NIF", "contribuinte"],
        pt_nif,
    ),
    told(
        "nl",
        &["bsn", "burgerservicenummer", "sofinummer"],
        &["BSN", "burgerservicenummer"],
        bsn,
    ),
    told(
        "be",
        &["rijksregisternummer", "numéro national", "insz", "niss"],
        &["rijksregisternummer", "NISS"],
        rijksregister,
    ),
    told(
        "at",
        &["svnr", "sozialversicherungsnummer", "sv nummer"],
        &["SVNR", "Sozialversicherungsnummer"],
        svnr,
    ),
    bare(
        "ch",
        &["ahv nummer", "ahv", "avs", "numéro avs"],
        &["AHV", "AVS"],
        ahv,
    ),
    told(
        "se",
        &["personnummer", "personal number"],
        &["personnummer"],
        personnummer,
    ),
    told(
        "no",
        &["fødselsnummer", "fodselsnummer", "fnr"],
        &["fødselsnummer", "fnr"],
        fodselsnummer,
    ),
    told(
        "dk",
        &["cpr", "cpr nummer", "personnummer"],
        &["CPR", "CPR-nummer"],
        cpr,
    ),
    bare(
        "fi",
        &["hetu", "henkilotunnus", "henkilötunnus"],
        &["henkilötunnus", "HETU"],
        hetu,
    ),
    told("is", &["kennitala"], &["kennitala"], kennitala),
    told("pl", &["pesel", "numer pesel"], &["PESEL"], pesel),
    told(
        "cz",
        &["rodné číslo", "rodne cislo", "rc"],
        &["rodné číslo", "r. č."],
        rodne_cislo,
    ),
    told(
        "sk",
        &["rodné číslo", "rodne cislo"],
        &["rodné číslo"],
        rodne_cislo,
    ),
    told("hu", &["taj", "taj szám", "tajszam"], &["TAJ"], taj),
    told("ro", &["cnp", "cod numeric personal"], &["CNP"], cnp),
    told("bg", &["egn", "егн"], &["ЕГН", "EGN"], egn),
    told("hr", &["oib"], &["OIB"], oib),
    told("si", &["emšo", "emso"], &["EMŠO"], emso),
    told("rs", &["jmbg", "јмбг"], &["JMBG"], emso),
    told(
        "ee",
        &["isikukood", "personal code"],
        &["isikukood"],
        isikukood,
    ),
    told(
        "lt",
        &["asmens kodas", "personal code"],
        &["asmens kodas"],
        isikukood,
    ),
    told("lv", &["personas kods"], &["personas kods"], personas_kods),
    told("gr", &["amka", "αμκα"], &["AMKA", "ΑΜΚΑ"], amka),
    told(
        "ie",
        &["ppsn", "pps number", "pps no"],
        &["PPSN", "PPS no."],
        ppsn,
    ),
    told("ru", &["снилс", "snils"], &["СНИЛС"], snils),
    told("ru", &["инн", "inn"], &["ИНН"], inn),
    told(
        "ua",
        &["рнокпп", "ipn", "податковий номер"],
        &["РНОКПП", "ІПН"],
        rnokpp,
    ),
    told(
        "tr",
        &["tc kimlik no", "tckn", "kimlik numarası"],
        &["TC Kimlik No", "TCKN"],
        tckn,
    ),
    told(
        "lu",
        &["matricule", "numéro identification national"],
        &["matricule"],
        matricule,
    ),
];

/// England's patient number: weights 10 to 2, modulo 11.
pub(crate) fn nhs(draw: &mut Draw) -> String {
    let is_spaced = draw.chance(50);
    until(draw, |draw| {
        let mut digits = draw.digits(9);
        let check = match (11 - sum(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 {
            10 => return None,
            check => check,
        };
        digits.push(check);
        let all = text(&digits);
        Some(if is_spaced {
            super::money::grouped(&all, &[3, 3, 4], " ")
        } else {
            all
        })
    })
}

/// The United Kingdom's insurance number; no check digit, a suffix A to D.
fn nino(draw: &mut Draw) -> String {
    let head = draw.of(&["AB", "CE", "JG", "PX", "SR", "WK", "YZ", "HL"]);
    let tail = draw.of(&["A", "B", "C", "D"]);
    let digits = draw.string("0123456789", 6);
    if draw.chance(50) {
        format!("{head}{digits}{tail}")
    } else {
        format!(
            "{head} {} {tail}",
            super::money::grouped(&digits, &[2, 2, 2], " ")
        )
    }
}

/// Germany's tax number: ten digits of which one occurs twice, then ISO 7064 mod 11,10.
pub(crate) fn steuer_id(draw: &mut Draw) -> String {
    let mut digits: Vec<u32> = (0..10).collect();
    for n in (1..10).rev() {
        digits.swap(n, draw.below(n as u64 + 1) as usize);
    }
    // One digit gives way to another that is not its neighbour.
    let (from, to) = (draw.between(0, 3) as usize, draw.between(5, 9) as usize);
    let doubled = digits.get(from).copied().unwrap_or(1);
    if let Some(slot) = digits.get_mut(to) {
        *slot = doubled;
    }
    if digits.first() == Some(&0) {
        digits.rotate_left(1);
    }
    if digits.first() == Some(&0) {
        digits.rotate_left(1);
    }
    digits.push(mod_11_10(&digits));
    let all = text(&digits);
    if draw.chance(70) {
        all
    } else {
        super::money::grouped(&all, &[2, 3, 3, 3], " ")
    }
}

/// Germany's pension number: area, birth, initial, serial; weights on the digits with the initial
/// as two.
pub(crate) fn renten(draw: &mut Draw) -> String {
    let area = draw.of(&["02", "13", "15", "24", "53", "65"]);
    let (year, month, day) = born(draw);
    let initial = draw.string("ABDEFGHKLMNPRSTW", 1);
    let serial = draw.string("0123456789", 2);
    let birth = text(&ddmmyy(year, month, day));
    let letter = u32::from(initial.bytes().next().unwrap_or(b'A') - b'A') + 1;
    let spelled = format!("{area}{birth}{letter:02}{serial}");
    let weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let total: u32 = spelled
        .chars()
        .filter_map(|c| c.to_digit(10))
        .zip(weights)
        .map(|(d, w)| (d * w) / 10 + (d * w) % 10)
        .sum();
    format!("{area}{birth}{initial}{serial}{}", total % 10)
}

/// France's number: sex, birth, place, order, then 97 less the rest of the division by 97.
pub(crate) fn nir(draw: &mut Draw) -> String {
    let (year, month, _) = born(draw);
    let sex = draw.of(&["1", "2"]);
    let (place, order) = (draw.between(1, 89), draw.between(1, 899));
    let town = draw.between(1, 700);
    let body = format!(
        "{sex}{:02}{month:02}{place:02}{town:03}{order:03}",
        year % 100
    );
    let key = 97 - mod97(&body);
    let all = format!("{body}{key:02}");
    if draw.chance(50) {
        all
    } else {
        super::money::grouped(&all, &[1, 2, 2, 2, 3, 3, 2], " ")
    }
}

const DNI_LETTERS: &str = "TRWAGMYFPDXBNJZSQVHLCKE";

fn letter_of(letters: &str, n: u32) -> char {
    letters.chars().nth(n as usize).unwrap_or('A')
}

/// Spain's identity card: eight digits and the letter of their rest by 23.
pub(crate) fn dni(draw: &mut Draw) -> String {
    let n = draw.between(10_000_000, 79_999_999) as u32;
    let dash = draw.of(&["", "", "-"]);
    format!("{n}{dash}{}", letter_of(DNI_LETTERS, n % 23))
}

/// Spain's number for foreigners: X, Y, Z stand for 0, 1, 2.
pub(crate) fn nie(draw: &mut Draw) -> String {
    let first = draw.below(3) as u32;
    let n = draw.between(1_000_000, 9_999_999) as u32;
    let letter = letter_of(DNI_LETTERS, (first * 10_000_000 + n) % 23);
    format!("{}{n}{letter}", letter_of("XYZ", first))
}

/// Italy's tax code: consonants of the name, birth, place, and a letter from the odd and even
/// places' values.
pub(crate) fn codice_fiscale(draw: &mut Draw) -> String {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let name = draw.string("BCDFGLMNPRSTVZ", 6);
    let (year, month, day) = born(draw);
    let day = if draw.chance(50) { day } else { day + 40 };
    let month = letter_of("ABCDEHLMPRST", month - 1);
    let place = format!(
        "{}{}",
        draw.of(&["H", "F", "L", "A", "D", "G"]),
        draw.between(100, 899)
    );
    let body = format!("{name}{:02}{month}{day:02}{place}", year % 100);
    let total: u32 = body
        .chars()
        .enumerate()
        .map(|(n, c)| {
            let value = c
                .to_digit(10)
                .unwrap_or_else(|| u32::from(c) - u32::from('A'));
            if n % 2 == 0 {
                ODD.get(value as usize).copied().unwrap_or(0)
            } else {
                value
            }
        })
        .sum();
    format!(
        "{body}{}",
        letter_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", total % 26)
    )
}

/// Portugal's taxpayer number: weights 9 to 2, modulo 11.
pub(crate) fn pt_nif(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 2) as u32];
    digits.extend(draw.digits(7));
    let rest = sum(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    digits.push(if rest < 2 { 0 } else { 11 - rest });
    text(&digits)
}

/// The Netherlands' citizen number: weights 9 to 2 and -1, a multiple of 11.
pub(crate) fn bsn(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let mut digits = vec![draw.between(1, 9) as u32];
        digits.extend(draw.digits(7));
        let check = sum(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        digits.push(check);
        (check < 10).then(|| text(&digits))
    })
}

/// Belgium's register number: birth, serial, and 97 less the rest by 97.
pub(crate) fn rijksregister(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let serial = draw.between(1, 997);
    let head = text(&yymmdd(year, month, day));
    let check = 97 - mod97(&format!("{head}{serial:03}"));
    if draw.chance(50) {
        format!("{head}{serial:03}{check:02}")
    } else {
        format!(
            "{}-{serial:03}.{check:02}",
            super::money::grouped(&head, &[2, 2, 2], ".")
        )
    }
}

/// Austria's insurance number: serial, check digit, birth.
pub(crate) fn svnr(draw: &mut Draw) -> String {
    let is_spaced = draw.chance(50);
    until(draw, |draw| {
        let mut serial = vec![draw.between(1, 9) as u32];
        serial.extend(draw.digits(2));
        let (year, month, day) = born(draw);
        let birth = ddmmyy(year, month, day);
        let check = (sum(&serial, &[3, 7, 9]) + sum(&birth, &[5, 8, 4, 2, 1, 6])) % 11;
        serial.push(check);
        let between = if is_spaced { " " } else { "" };
        (check < 10).then(|| format!("{}{between}{}", text(&serial), text(&birth)))
    })
}

/// Switzerland's insurance number: EAN-13 of prefix 756.
pub(crate) fn ahv(draw: &mut Draw) -> String {
    let all = super::money::ean13(draw, "756");
    super::money::grouped(&all, &[3, 4, 4, 2], ".")
}

/// Sweden's number: birth, serial, Luhn over both.
pub(crate) fn personnummer(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let head = text(&yymmdd(year, month, day));
    let serial = draw.string("0123456789", 3);
    let check = luhn_digit(&format!("{head}{serial}"));
    let century = if draw.chance(50) {
        (year / 100).to_string()
    } else {
        String::new()
    };
    format!("{century}{head}-{serial}{check}")
}

/// Norway's number: birth, serial, two check digits modulo 11.
pub(crate) fn fodselsnummer(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let mut digits = ddmmyy(year, month, day);
        digits.extend(draw.digits(3));
        let one = (11 - sum(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
        digits.push(one);
        let two = (11 - sum(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        digits.push(two);
        (one < 10 && two < 10).then(|| text(&digits))
    })
}

/// Denmark's number, of those that still have a check digit.
pub(crate) fn cpr(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let mut digits = ddmmyy(year, month, day);
        digits.push(draw.below(4) as u32);
        digits.extend(draw.digits(2));
        let check = (11 - sum(&digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        digits.push(check);
        let (head, tail) = digits.split_at(6);
        (check < 10).then(|| format!("{}-{}", text(head), text(tail)))
    })
}

/// Finland's number: birth, sign of the century, serial, sign of the rest by 31.
pub(crate) fn hetu(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let head = text(&ddmmyy(year, month, day));
    let serial = draw.between(2, 899);
    let n: u32 = format!("{head}{serial:03}").parse().unwrap_or(0);
    format!(
        "{head}-{serial:03}{}",
        letter_of("0123456789ABCDEFHJKLMNPRSTUVWXY", n % 31)
    )
}

/// Iceland's number: birth, serial, check digit, century.
pub(crate) fn kennitala(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let mut digits = ddmmyy(year, month, day);
        digits.push(draw.between(2, 9) as u32);
        digits.extend(draw.digits(1));
        let check = (11 - sum(&digits, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        digits.extend([check, 9]);
        let (head, tail) = digits.split_at(6);
        (check < 10).then(|| format!("{}-{}", text(head), text(tail)))
    })
}

/// Poland's number: birth, serial, weights 1 3 7 9.
pub(crate) fn pesel(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let mut digits = yymmdd(year, month, day);
    digits.extend(draw.digits(4));
    let total = sum(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    digits.push((10 - total % 10) % 10);
    text(&digits)
}

/// The birth number of Czechia and Slovakia: a multiple of 11; women's months are 50 higher.
pub(crate) fn rodne_cislo(draw: &mut Draw) -> String {
    let is_parted = draw.chance(60);
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let year = year.max(1_954);
        let month = if draw.chance(50) { month } else { month + 50 };
        let body = format!(
            "{}{}",
            text(&yymmdd(year, month, day)),
            draw.string("0123456789", 3)
        );
        let check = body.parse::<u64>().ok()? % 11;
        let (head, tail) = body.split_at(6);
        let between = if is_parted { "/" } else { "" };
        (check < 10).then(|| format!("{head}{between}{tail}{check}"))
    })
}

/// Hungary's insurance number: weights 3 and 7 in turn.
pub(crate) fn taj(draw: &mut Draw) -> String {
    let mut digits = draw.digits(8);
    let check = sum(&digits, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10;
    digits.push(check);
    super::money::grouped(&text(&digits), &[3, 3, 3], draw.of(&[" ", "-", ""]))
}

/// Romania's number: sex, birth, county, serial, weights of "279146358279".
pub(crate) fn cnp(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let mut digits = vec![draw.between(1, 2) as u32];
    digits.extend(yymmdd(year, month, day));
    let county = draw.between(1, 46) as u32;
    digits.extend([county / 10, county % 10]);
    digits.extend(draw.digits(3));
    let rest = sum(&digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    digits.push(if rest == 10 { 1 } else { rest });
    text(&digits)
}

/// Bulgaria's number: birth, serial, powers of two modulo 11.
pub(crate) fn egn(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let mut digits = yymmdd(year, month, day);
    digits.extend(draw.digits(3));
    let check = sum(&digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    digits.push(check);
    text(&digits)
}

/// Croatia's number: ten digits and ISO 7064 mod 11,10.
pub(crate) fn oib(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 9) as u32];
    digits.extend(draw.digits(9));
    digits.push(mod_11_10(&digits));
    text(&digits)
}

/// The number of the former Yugoslavia: birth with three digits of the year, region, serial.
pub(crate) fn emso(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let mut digits = vec![day / 10, day % 10, month / 10, month % 10];
        let year = year % 1_000;
        digits.extend([year / 100, year / 10 % 10, year % 10, 5, 0]);
        digits.extend(draw.digits(3));
        let rest = sum(&digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        let check = (11 - rest) % 11;
        digits.push(check);
        (check < 10).then(|| text(&digits))
    })
}

/// The code of Estonia and Lithuania: two rounds of weights.
pub(crate) fn isikukood(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let mut digits = vec![draw.between(3, 4) as u32];
    digits.extend(yymmdd(year, month, day));
    digits.extend(draw.digits(3));
    let one = sum(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let two = sum(&digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    digits.push(if one < 10 { one } else { two % 10 });
    text(&digits)
}

/// Latvia's older code: birth, century, serial, weights modulo 11.
pub(crate) fn personas_kods(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let mut digits = ddmmyy(year, month, day);
        digits.push(1);
        digits.extend(draw.digits(3));
        let rest = (sum(&digits, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) + 10) % 11;
        // (1 - sum) modulo 11, as the register office puts it.
        let check = (11 - rest) % 11;
        digits.push(check);
        let (head, tail) = digits.split_at(6);
        (check < 10).then(|| format!("{}-{}", text(head), text(tail)))
    })
}

/// Greece's insurance number: birth, serial, Luhn.
pub(crate) fn amka(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let body = text(&ddmmyy(year, month, day)) + &draw.string("0123456789", 4);
    format!("{body}{}", luhn_digit(&body))
}

/// Ireland's number: seven digits and the letter of their rest by 23.
pub(crate) fn ppsn(draw: &mut Draw) -> String {
    let digits = draw.digits(7);
    let second = draw.of(&["", "A", "W"]);
    let extra = match second {
        "A" => 9,
        _ => 0,
    };
    let rest = (sum(&digits, &[8, 7, 6, 5, 4, 3, 2]) + extra) % 23;
    format!(
        "{}{}{second}",
        text(&digits),
        letter_of("WABCDEFGHIJKLMNOPQRSTUV", rest)
    )
}

/// Russia's pension number: weights 9 to 1, modulo 101.
pub(crate) fn snils(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 9) as u32];
    digits.extend(draw.digits(8));
    let check = sum(&digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    let parts = super::money::grouped(&text(&digits), &[3, 3, 3], "-");
    format!("{parts} {check:02}")
}

/// Russia's tax number of a person: twelve digits, two of them check digits.
pub(crate) fn inn(draw: &mut Draw) -> String {
    let mut digits = vec![7, 7];
    digits.extend(draw.digits(8));
    digits.push(sum(&digits, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10);
    digits.push(sum(&digits, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10);
    text(&digits)
}

/// Ukraine's taxpayer number: days since 1899-12-31, serial, weights with a first of -1.
pub(crate) fn rnokpp(draw: &mut Draw) -> String {
    let days = draw.between(18_000, 36_000);
    let body = format!("{days:05}{}", draw.string("0123456789", 4));
    let digits: Vec<u32> = body.chars().filter_map(|c| c.to_digit(10)).collect();
    // -1 is 10 modulo 11.
    let check = sum(&digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10;
    format!("{body}{check}")
}

/// Turkey's number: two check digits from the odd and even places.
pub(crate) fn tckn(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 9) as u32];
    digits.extend(draw.digits(8));
    let odd = sum(&digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = sum(&digits, &[0, 1, 0, 1, 0, 1, 0, 1, 0]);
    digits.push((odd * 7 + 90 - even) % 10);
    digits.push(digits.iter().sum::<u32>() % 10);
    text(&digits)
}

/// Luxembourg's number: birth, serial, then a Luhn digit and a Verhoeff digit over the same
/// eleven.
pub(crate) fn matricule(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let body = format!("{year}{month:02}{day:02}{}", draw.string("0123456789", 3));
    let verhoeff = super::national_world::verhoeff_digit(&body);
    format!("{body}{}{verhoeff}", luhn_digit(&body))
}
