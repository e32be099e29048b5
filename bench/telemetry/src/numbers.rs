//! Numbers that both later parts draw, by the public descriptions of their schemes: accounts of
//! banks, vehicles, addresses of a currency.

use crate::check_digits::{modulo, weighted};
use crate::draw::{DIGITS, Draw, UPPER};

/// A form with its letters grown: `d` a digit, `n` one above 1, `A` a capital.
pub(crate) fn grown(draw: &mut Draw, form: &str) -> String {
    form.chars()
        .map(|c| match c {
            'd' => draw.string(DIGITS, 1),
            'n' => draw.string("23456789", 1),
            'A' => draw.string(UPPER, 1),
            c => c.to_string(),
        })
        .collect()
}

/// Digits in groups with a sign between; what is left over is a group of its own.
pub(crate) fn grouped(plain: &str, groups: &[usize], sign: &str) -> String {
    let mut rest = plain;
    let mut parts = Vec::new();
    for count in groups {
        let (head, tail) = rest.split_at((*count).min(rest.len()));
        parts.push(head);
        rest = tail;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts.join(sign)
}

/// Countries with letters, a count of digits and what ends it, behind the check digits (the IBAN
/// registry of ISO 13616).
const IBANS: &[(&str, &str, usize, &str)] = &[
    ("DE", "", 18, ""),
    ("AT", "", 16, ""),
    ("CH", "", 17, ""),
    ("FR", "", 23, ""),
    ("BE", "", 12, ""),
    ("NL", "AAAA", 10, ""),
    ("LU", "", 16, ""),
    ("ES", "", 20, ""),
    ("PT", "", 21, ""),
    ("IT", "A", 22, ""),
    ("GB", "AAAA", 14, ""),
    ("IE", "AAAA", 14, ""),
    ("DK", "", 14, ""),
    ("NO", "", 11, ""),
    ("SE", "", 20, ""),
    ("FI", "", 14, ""),
    ("PL", "", 24, ""),
    ("CZ", "", 20, ""),
    ("SK", "", 20, ""),
    ("HU", "", 24, ""),
    ("RO", "AAAA", 16, ""),
    ("BG", "AAAA", 14, ""),
    ("GR", "", 23, ""),
    ("HR", "", 17, ""),
    ("SI", "", 15, ""),
    ("EE", "", 16, ""),
    ("LV", "AAAA", 13, ""),
    ("LT", "", 16, ""),
    ("TR", "", 22, ""),
    ("UA", "", 25, ""),
    ("AE", "", 19, ""),
    ("SA", "", 20, ""),
    ("IL", "", 19, ""),
    ("CY", "", 24, ""),
    ("MT", "AAAA", 23, ""),
    ("IS", "", 22, ""),
    ("KZ", "", 16, ""),
    ("GE", "AA", 16, ""),
    ("PK", "AAAA", 16, ""),
    ("BR", "", 23, "Ad"),
];

/// The country and the number of an account at a bank, without spaces (ISO 13616).
pub(crate) fn iban(draw: &mut Draw, country: &str) -> (&'static str, String) {
    let all: Vec<_> = IBANS
        .iter()
        .filter(|row| country.is_empty() || row.0 == country)
        .collect();
    let (locale, letters, count, end) = **draw.row(&all);
    let body = grown(draw, &format!("{letters}{}{end}", "d".repeat(count)));
    let check = 98 - modulo(&format!("{body}{locale}00"), 97);
    (locale, format!("{locale}{check:02}{body}"))
}

/// A vehicle's number with its check digit (ISO 3779, 49 CFR 565).
pub(crate) fn vin(draw: &mut Draw, starts: &[&str]) -> String {
    const OF: &str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    let start = draw.of(starts);
    let mut chars: Vec<char> = (start.to_owned() + &draw.string(OF, 12)).chars().collect();
    if let Some(slot) = chars.get_mut(8) {
        *slot = '0';
    }
    let rest = vin_sum(&chars) % 11;
    if let Some(slot) = chars.get_mut(8) {
        *slot = char::from_digit(rest, 10).unwrap_or('X');
    }
    chars.into_iter().collect()
}

/// The weighted sum of a vehicle's number.
fn vin_sum(chars: &[char]) -> u32 {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let worth = |c: &char| match *c {
        'A'..='I' => u32::from(*c) - 64,
        'J'..='R' => u32::from(*c) - 73,
        'S'..='Z' => u32::from(*c) - 81,
        c => c.to_digit(10).unwrap_or(0),
    };
    weighted(&chars.iter().map(worth).collect::<Vec<_>>(), &WEIGHTS)
}

/// An address of version 0 for a key's hash, with its checksum (BIP-173).
pub(crate) fn segwit(draw: &mut Draw) -> String {
    const OF: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    // The expanded prefix "bc", the version, 32 groups of five bits.
    let mut groups = vec![0];
    groups.extend((0..32).map(|_| draw.below(32) as u32));
    let mut all = vec![3, 3, 0, 2, 3];
    all.extend(&groups);
    all.extend([0; 6]);
    let check = polymod(&all) ^ 1;
    groups.extend((0..6).map(|n| (check >> (5 * (5 - n))) & 31));
    let text = groups.iter().filter_map(|group| OF.get(*group as usize));
    format!(
        "bc1{}",
        text.map(|byte| char::from(*byte)).collect::<String>()
    )
}

/// The checksum's remainder.
fn polymod(groups: &[u32]) -> u32 {
    const BY: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    groups.iter().fold(1, |check, group| {
        let top = check >> 25;
        BY.iter()
            .enumerate()
            .filter(|(n, _)| top >> n & 1 == 1)
            .fold((check & 0x01ff_ffff) << 5 ^ group, |check, (_, by)| {
                check ^ by
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_address_has_the_published_checksum() {
        const OF: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let groups = "qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".chars();
        let mut all = vec![3, 3, 0, 2, 3];
        all.extend(groups.map(|c| OF.find(c).unwrap() as u32));
        assert_eq!(polymod(&all), 1);
    }

    #[test]
    fn published_numbers_pass_and_made_ones_too() {
        let example: Vec<char> = "1M8GDM9AXKP042788".chars().collect();
        assert_eq!(
            vin_sum(&example) % 11,
            10,
            "the example of the regulation has an X"
        );
        let mut draw = Draw::new(5, 5);
        for _ in 0..500 {
            let (_, iban) = iban(&mut draw, "");
            let (head, tail) = iban.split_at(4);
            assert_eq!(modulo(&format!("{tail}{head}"), 97), 1, "{iban}");
            let vin: Vec<char> = vin(&mut draw, &["1HGCM", "WBA8E"]).chars().collect();
            let check = vin[8].to_digit(10).unwrap_or(10);
            assert_eq!(vin_sum(&vin) % 11, check);
        }
    }
}
