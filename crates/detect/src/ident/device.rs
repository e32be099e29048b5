//! Devices and vehicles: IMEI, ICCID, IMSI, vehicle identification numbers.
//!
//! Found without a label: a vehicle identification number of North America, whose check digit,
//! year and serial number a random run of seventeen capitals and digits has in less than 1 of
//! 10,000 cases.

use crate::TokenKind;
use crate::bytes::at;
use crate::ident::check::{letter, luhn, same, small, value};
use crate::ident::rule::Rule;

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "device.imei",
        0,
        &[
            "imei", "imei1", "imei2", "imeisv", "meid", "device imei", "device", "handset",
            "terminal",
        ],
        &["999999999999999", "99-999999-999999-9", "99 999999 999999 9"],
        luhn,
    )
    .of(TokenKind::Device),
    Rule::labelled(
        "device.imeisv",
        &["imei", "imeisv", "imei1", "imei2"],
        &["9999999999999999", "99999999999999", "99-999999-999999-99"],
        imei,
    )
    .of(TokenKind::Device),
    Rule::labelled(
        "device.meid",
        &["meid", "esn"],
        &["##############", "999999999999999999", "99999999999"],
        imei,
    )
    .of(TokenKind::Device),
    Rule::checked(
        "device.iccid",
        0,
        &["iccid", "sim", "icc", "sim card", "simcard", "sim serial", "sim number"],
        &["9999999999999999999", "99999999999999999999", "9999 9999 9999 9999 999"],
        iccid,
    )
    .of(TokenKind::Device),
    Rule::labelled(
        "device.iccid",
        &["iccid", "icc id"],
        &["9999999999999999999", "99999999999999999999", "999999999999999999"],
        issued_sim,
    )
    .of(TokenKind::Device),
    Rule::labelled(
        "device.imsi",
        &["imsi"],
        &["999999999999999", "99999999999999", "999-99-9999999999", "999 99 9999999999"],
        imsi,
    )
    .of(TokenKind::Device),
    Rule::checked(
        "vehicle.vin",
        0,
        &[],
        &["!#################"],
        vin_checked,
    )
    .of(TokenKind::Vehicle),
    Rule::labelled(
        "vehicle.vin",
        &[
            "vin", "vehicle identification", "vehicle id", "fahrgestellnummer", "fin", "chassis",
            "chassis no", "chassis number", "numéro châssis", "bastidor", "telaio", "fahrzeug",
            "vin code", "vincode", "vin number", "chassisnummer", "車台番号", "车架号",
        ],
        &["#################"],
        vin,
    )
    .of(TokenKind::Vehicle),
];

/// 3GPP TS 23.003: a reporting body leads; a software version instead of the check digit.
fn imei(n: &[u8]) -> bool {
    !same(n) && n.iter().any(u8::is_ascii_digit)
}

/// ITU-T E.118: industry 89, Luhn. Some issuers add a digit behind the check.
fn iccid(n: &[u8]) -> bool {
    issued_sim(n) && (luhn(n) || n.len() == 20 && luhn(n.get(..19).unwrap_or(&[])))
}

fn issued_sim(n: &[u8]) -> bool {
    n.starts_with(b"89") && !same(n)
}

/// ITU-T E.212: a mobile country code leads.
fn imsi(n: &[u8]) -> bool {
    matches!(small(n, 0, 3), 200..=799 | 901) && !same(n)
}

/// Value of a character of ISO 3779; I, O and Q do not occur.
fn transliterated(b: u8) -> Option<u32> {
    match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        b'I' | b'O' | b'Q' => None,
        b'A'..=b'H' => Some(letter(b)),
        b'J'..=b'R' => Some(letter(b) - 9),
        b'S'..=b'Z' => Some(letter(b) - 17),
        _ => None,
    }
}

/// ISO 3779: letters and digits without I, O and Q. Its four digits at the end are not asked for:
/// the label says what it is, and makers of few vehicles write letters there.
fn vin(n: &[u8]) -> bool {
    let known = n.iter().all(|b| transliterated(*b).is_some());
    let letters = n.iter().filter(|b| b.is_ascii_uppercase()).count();
    let digits = n.iter().filter(|b| b.is_ascii_digit()).count();
    known && digits >= 2 && letters >= 2 && !same(n)
}

/// The check digit of 49 CFR 565.15.
fn remainder(n: &[u8]) -> u8 {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let weighed = n.iter().zip(WEIGHTS);
    let sum: u32 = weighed
        .map(|(b, w)| transliterated(*b).unwrap_or(0) * w)
        .sum();
    at(b"0123456789X", (sum % 11) as usize)
}

/// 49 CFR 565.15: check digit modulo 11 at place nine; the year is never U, Z or 0.
fn vin_checked(n: &[u8]) -> bool {
    let year = !matches!(at(n, 9), b'U' | b'Z' | b'0');
    let maker = n.iter().take(8).any(u8::is_ascii_uppercase);
    let serial = n.iter().skip(12).all(u8::is_ascii_digit);
    vin(n) && year && maker && serial && remainder(n) == at(n, 8) && value(n, 16) <= 9
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("device.imei", "490154203237518", "490154203237517"),
            ("device.imei", "35-209900-176148-1", "35-209900-176148-2"),
            ("device.iccid", "8944500102198304826", "7944500102198304826"),
            ("device.imsi", "310150123456789", "110150123456789"),
            ("vehicle.vin", "1M8GDM9AXKP042788", "1M8GDM9AXKP0427QQ"),
            ("vehicle.vin", "WVWZZZ1JZ3W386752", "WVWZZZ1JZ3W38675O"),
        ]);
    }

    #[test]
    fn a_vehicle_of_north_america_needs_no_label() {
        let found = crate::ident::find("sold 1M8GDM9AXKP042788 today", 5).map(|f| f.rule);
        assert_eq!(found, Some("vehicle.vin"));
        for text in [
            "sold 1M8GDM9A1KP042788 today",
            "sold 1m8gdm9axkp042788 today",
        ] {
            assert_eq!(crate::ident::find(text, 5), None, "{text}");
        }
    }
}
