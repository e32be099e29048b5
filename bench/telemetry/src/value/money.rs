//! Cards, accounts, wallets, with the check digits that their standards ask for.

use super::Value;
use crate::draw::{Draw, HEX};
use crate::noise::expand;

/// The digit that makes `body` and itself pass the Luhn test (ISO/IEC 7812-1, annex B).
pub(crate) fn luhn_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(n, byte)| {
            let digit = u32::from(byte - b'0');
            let weighed = if n % 2 == 0 { digit * 2 } else { digit };
            weighed / 10 + weighed % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

/// A number of that many digits that passes the Luhn test.
pub(crate) fn luhn_number(draw: &mut Draw, prefix: &str, count: usize) -> String {
    let rest = count.saturating_sub(prefix.len() + 1);
    let body = prefix.to_owned() + &draw.string("0123456789", rest);
    format!("{body}{}", luhn_digit(&body))
}

/// A number of 13 digits with the check digit of EAN and ISBN.
pub(crate) fn ean13(draw: &mut Draw, prefix: &str) -> String {
    let body = prefix.to_owned() + &draw.string("0123456789", 12 - prefix.len());
    format!("{body}{}", ean_digit(&body))
}

/// Weights 1 and 3 in turn, modulo 10.
pub(crate) fn ean_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(n, byte)| u32::from(byte - b'0') * if n % 2 == 0 { 1 } else { 3 })
        .sum();
    (10 - sum % 10) % 10
}

/// Issuers: network, prefix, digits.
const ISSUERS: &[(&str, &str, usize)] = &[
    ("visa", "4", 16),
    ("visa", "4", 16),
    ("visa", "45", 16),
    ("mastercard", "51", 16),
    ("mastercard", "55", 16),
    ("mastercard", "2221", 16),
    ("mastercard", "2720", 16),
    ("amex", "34", 15),
    ("amex", "37", 15),
    ("discover", "6011", 16),
    ("discover", "65", 16),
    ("diners", "36", 14),
    ("diners", "305", 14),
    ("jcb", "3530", 16),
    ("jcb", "3588", 16),
    ("unionpay", "6221", 16),
    ("unionpay", "62", 19),
    ("maestro", "6759", 16),
    ("mir", "2200", 16),
    ("rupay", "6521", 16),
    ("elo", "636297", 16),
    ("troy", "9792", 16),
    ("verve", "506099", 16),
];

/// A payment card's number, plain or in the groups that are printed on it.
pub(crate) fn card(draw: &mut Draw) -> Value {
    let (network, prefix, count) = *draw.row(ISSUERS);
    let digits = luhn_number(draw, prefix, count);
    let groups: &[usize] = match count {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        19 => &[4, 4, 4, 4, 3],
        _ => &[4, 4, 4, 4],
    };
    let text = match draw.below(10) {
        0..5 => digits,
        5..8 => grouped(&digits, groups, " "),
        8 => grouped(&digits, groups, "-"),
        _ => grouped(&digits, groups, "."),
    };
    Value::personal("card", text)
        .told(
            &[
                "card number",
                "card",
                "pan",
                "credit card",
                "cc number",
                "card no",
                "payment card",
                "kartennummer",
                "numéro de carte",
                "número de tarjeta",
                "卡号",
                "account number",
            ],
            &[
                "card",
                "card number",
                "PAN",
                "charged card",
                "cc",
                "Kartennummer",
            ],
        )
        .of(network)
        .bare()
}

pub(crate) fn grouped(text: &str, groups: &[usize], between: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    for count in groups.iter().filter(|count| **count > 0) {
        if rest.is_empty() {
            break;
        }
        let (head, tail) = rest.split_at((*count).min(rest.len()));
        parts.push(head);
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts.join(between)
}

/// Countries with their basic account numbers, as ISO 13616's registry describes them.
const IBANS: &[(&str, &str)] = &[
    ("de", "{d18}"),
    ("fr", "{d10}{N11}{d2}"),
    ("gb", "{A4}{d14}"),
    ("es", "{d20}"),
    ("it", "{A1}{d10}{N12}"),
    ("nl", "{A4}{d10}"),
    ("be", "{d12}"),
    ("at", "{d16}"),
    ("ch", "{d5}{N12}"),
    ("pt", "{d21}"),
    ("pl", "{d24}"),
    ("se", "{d20}"),
    ("dk", "{d14}"),
    ("no", "{d11}"),
    ("fi", "{d14}"),
    ("ie", "{A4}{d14}"),
    ("cz", "{d20}"),
    ("sk", "{d20}"),
    ("hu", "{d24}"),
    ("ro", "{A4}{N16}"),
    ("bg", "{A4}{d6}{N8}"),
    ("gr", "{d7}{N16}"),
    ("hr", "{d17}"),
    ("si", "{d15}"),
    ("lt", "{d16}"),
    ("lv", "{A4}{N13}"),
    ("ee", "{d16}"),
    ("lu", "{d3}{N13}"),
    ("mt", "{A4}{d5}{N18}"),
    ("cy", "{d8}{N16}"),
    ("tr", "{d6}{N16}"),
    ("sa", "{d2}{N18}"),
    ("ae", "{d19}"),
    ("il", "{d19}"),
    ("ua", "{d6}{N19}"),
    ("br", "{d23}{A1}{N1}"),
    ("kz", "{d3}{N13}"),
    ("pk", "{A4}{N16}"),
    ("eg", "{d25}"),
    ("is", "{d22}"),
    ("li", "{d5}{N12}"),
];

/// An account number with the check digits of ISO 7064 (mod 97-10).
pub(crate) fn iban(draw: &mut Draw) -> Value {
    let (country, form) = *draw.row(IBANS);
    let body = expand(draw, form);
    let code = country.to_uppercase();
    let check = 98 - mod97(&format!("{body}{code}00"));
    let plain = format!("{code}{check:02}{body}");
    let text = match draw.below(10) {
        0..6 => plain,
        6..9 => grouped(&plain, &[4; 9], " "),
        _ => plain.to_lowercase(),
    };
    Value::personal("iban", text)
        .told(
            &[
                "iban",
                "account iban",
                "bank account",
                "account",
                "creditor iban",
                "payout account",
                "compte",
                "konto",
            ],
            &["IBAN", "account", "transfer to", "payout to", "Konto"],
        )
        .of(country)
        .bare()
}

/// The number that letters (A = 10) and digits spell, modulo 97.
pub(crate) fn mod97(text: &str) -> u32 {
    text.chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, value| {
            if value > 9 {
                (rest * 100 + value) % 97
            } else {
                (rest * 10 + value) % 97
            }
        })
}

/// A wallet's address. Base58 and bech32 forms have the shape, not the sum, of real ones, but for
/// those that we can compute.
pub(crate) fn crypto(draw: &mut Draw) -> Value {
    const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let (coin, text) = match draw.below(4) {
        0 => ("btc", bech32(draw)),
        1 => ("eth", format!("0x{}", draw.string(HEX, 40))),
        2 => ("trx", format!("T{}", draw.string(BASE58, 33))),
        _ => ("xmr", format!("4{}", draw.string(BASE58, 94))),
    };
    let value = Value::personal("crypto", text)
        .told(
            &[
                "wallet",
                "wallet address",
                "btc address",
                "crypto address",
                "deposit address",
                "payout wallet",
            ],
            &["wallet", "deposit address", "withdraw to", "sent to wallet"],
        )
        .of(coin);
    if coin == "btc" { value.bare() } else { value }
}

/// A witness address of version 0 with 20 bytes (BIP 173), its sum computed.
fn bech32(draw: &mut Draw) -> String {
    const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const TERMS: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let next = ((sum & 0x01ff_ffff) << 5) ^ value;
        TERMS.iter().enumerate().fold(
            next,
            |sum, (n, term)| {
                if (top >> n) & 1 == 1 { sum ^ term } else { sum }
            },
        )
    };
    let mut data = vec![0];
    // 160 bits are 32 groups of five.
    data.extend((0..32).map(|_| draw.below(32) as u32));
    let head = [3, 3, 0, 2, 3]; // "bc": high bits, a zero, low bits
    let all = head.iter().chain(&data).chain(&[0; 6]);
    let sum = all.fold(1, |sum, value| step(sum, *value)) ^ 1;
    data.extend((0..6).map(|n| (sum >> (5 * (5 - n))) & 31));
    let text: String = data
        .iter()
        .filter_map(|value| CHARSET.get(*value as usize))
        .map(|byte| char::from(*byte))
        .collect();
    format!("bc1{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_have_these_check_digits() {
        assert_eq!(luhn_digit("7992739871"), 3);
        assert_eq!(luhn_digit("411111111111111"), 1);
        assert_eq!(ean_digit("978030640615"), 7);
        // The examples of the IBAN registry for Germany and the United Kingdom.
        assert_eq!(mod97("370400440532013000DE89"), 1);
        assert_eq!(mod97("NWBK60161331926819GB29"), 1);
    }

    /// The other way round: every second digit doubled, from the left, and the sum a multiple.
    fn passes_luhn(text: &str) -> bool {
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
        let odd = digits.len() % 2;
        let sum: u32 = digits
            .iter()
            .enumerate()
            .map(|(n, d)| match (n % 2 == odd, *d) {
                (true, 9) => 9,
                (true, d) => d * 2 % 9,
                (false, d) => d,
            })
            .sum();
        sum.is_multiple_of(10)
    }

    #[test]
    fn cards_pass_luhn_and_accounts_mod_97() {
        for n in 0..500 {
            let mut draw = Draw::new(9, n);
            let number = card(&mut draw).text;
            assert!(passes_luhn(&number), "{number}");
            let account = iban(&mut draw).text.replace(' ', "").to_uppercase();
            let (head, body) = account.split_at(4);
            assert_eq!(mod97(&format!("{body}{head}")), 1, "{account}");
            assert!((15..=31).contains(&account.len()), "{account}");
        }
    }

    #[test]
    fn a_published_witness_address_has_the_same_length() {
        let address = bech32(&mut Draw::new(1, 1));
        assert_eq!(address.len(), 42, "{address}");
        assert!(address.starts_with("bc1q"));
    }
}
