//! What tells who somebody is, beyond numbers that a state gives: birth, passport, place, car,
//! device.

use super::Value;
use super::money::luhn_number;
use crate::draw::Draw;
use crate::noise::expand;

/// A day of birth.
pub(crate) fn birth(draw: &mut Draw) -> Value {
    let (year, month, day) = (
        draw.between(1_940, 2_007),
        draw.between(1, 12),
        draw.between(13, 28),
    );
    let names = ["January", "April", "June", "August", "October", "December"];
    let (locale, text) = match draw.below(6) {
        0..3 => ("iso", format!("{year}-{month:02}-{day:02}")),
        3 => ("de", format!("{day:02}.{month:02}.{year}")),
        4 => ("en", format!("{month:02}/{day:02}/{year}")),
        _ => ("en", format!("{day} {} {year}", draw.of(&names))),
    };
    Value::personal("birth", text)
        .told(
            &[
                "date of birth",
                "birth date",
                "dob",
                "birthday",
                "geburtsdatum",
                "date de naissance",
                "fecha de nacimiento",
                "data de nascimento",
                "data di nascita",
                "дата рождения",
                "出生日期",
                "生年月日",
                "born",
                "patient dob",
            ],
            &[
                "born on",
                "date of birth",
                "DOB:",
                "geboren am",
                "née le",
                "birthday",
            ],
        )
        .of(locale)
}

/// A passport's number.
pub(crate) fn passport(draw: &mut Draw) -> Value {
    let (locale, form) = *draw.row(&[
        ("us", "{i9}"),
        ("de", "C{d2}X{d5}"),
        ("fr", "{d2}{A2}{d5}"),
        ("gb", "{i9}"),
        ("in", "{A1}{d7}"),
        ("cn", "E{d8}"),
        ("it", "Y{A1}{d7}"),
        ("ru", "{i2} {i2} {i6}"),
    ]);
    Value::personal("passport", expand(draw, form))
        .told(
            &[
                "passport",
                "passport number",
                "passport no",
                "reisepass",
                "numéro de passeport",
                "pasaporte",
                "passaporto",
                "護照號碼",
            ],
            &[
                "passport",
                "passport no.",
                "passport number",
                "Reisepass Nr.",
                "pasaporte",
            ],
        )
        .of(locale)
}

/// A place on earth to within some metres.
pub(crate) fn coordinates(draw: &mut Draw) -> Value {
    let (lat, lon) = (draw.between(30, 59), draw.between(2, 99));
    let (a, b) = (draw.string("123456789", 6), draw.string("123456789", 6));
    let sign = draw.of(&["", "-"]);
    Value::personal("coordinates", format!("{lat}.{a}, {sign}{lon}.{b}")).told(
        &[
            "location",
            "coordinates",
            "geo",
            "lat lng",
            "gps",
            "position",
            "home location",
        ],
        &["location", "coordinates", "GPS", "last seen at"],
    )
}

/// A car's number of ISO 3779, with the check digit of 49 CFR 565.
pub(crate) fn vin(draw: &mut Draw) -> Value {
    const ALPHABET: &str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    let maker = draw.of(&["1HG", "5YJ", "1FT", "3VW", "2T1"]);
    let mut chars: Vec<char> = format!("{maker}{}", draw.string(ALPHABET, 9))
        .chars()
        .collect();
    chars.extend(draw.string("0123456789", 5).chars());
    let sum: u32 = chars
        .iter()
        .zip([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
        .map(|(c, weight)| transliterated(*c) * weight)
        .sum();
    let check = match sum % 11 {
        10 => 'X',
        n => char::from_digit(n, 10).unwrap_or('0'),
    };
    if let Some(slot) = chars.get_mut(8) {
        *slot = check;
    }
    Value::personal("vin", chars.into_iter().collect()).told(
        &["vin", "vehicle vin", "chassis number", "fahrgestellnummer"],
        &["VIN", "vehicle"],
    )
}

fn transliterated(c: char) -> u32 {
    c.to_digit(10).unwrap_or_else(|| {
        let at = "ABCDEFGH.JKLMN.P.R".find(c).map(|n| n as u32 % 9 + 1);
        at.unwrap_or_else(|| "STUVWXYZ".find(c).map_or(0, |n| n as u32 + 2))
    })
}

/// A telephone's equipment identity (3GPP TS 23.003), Luhn included.
pub(crate) fn imei(draw: &mut Draw) -> Value {
    let prefix = draw.of(&["35", "86", "01"]);
    Value::personal("imei", luhn_number(draw, prefix, 15)).told(
        &["imei", "device imei", "imei number"],
        &["IMEI", "device IMEI"],
    )
}

/// A driving licence's number.
pub(crate) fn driver_licence(draw: &mut Draw) -> Value {
    let (locale, form) = *draw.row(&[
        ("us", "{A1}{d7}"),
        ("us", "{A1}{d3}-{d4}-{d4}"),
        ("de", "{A1}{d3}{N6}{d1}"),
        ("es", "{d8}{A1}"),
        ("gb", "{A5}{d6}{A2}{d1}{A2}"),
    ]);
    Value::personal("driver_licence", expand(draw, form))
        .told(
            &[
                "driver license",
                "driving licence",
                "drivers license number",
                "führerscheinnummer",
                "licence number",
            ],
            &["driver's license", "driving licence no", "Führerschein"],
        )
        .of(locale)
}
