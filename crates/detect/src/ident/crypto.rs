//! Addresses and private keys of crypto-currencies.
//!
//! All but Solana's, and Ethereum's in one case, carry a checksum of 16 bits or more, so that they
//! need no label: a random text of their length and alphabet is one in less than 1 of 60,000 cases.

use crate::bytes::{at, cut, digit, opens, run, starts};
use crate::ident::encoding::{BITCOIN, RIPPLE, base58, base58check, bech32, crc16, keccak256};
use crate::{Finding, TokenKind};

/// Shortest token that is looked into.
pub(crate) const TOKEN_CHARS_MIN: usize = 25;
/// Longest one: Cardano's Byron addresses have 104 to 114 characters, extended keys 111.
const TOKEN_CHARS_MAX: usize = 120;

/// Prefixes of bech32 that are addresses.
#[rustfmt::skip]
const HEADS: &[(&str, &str)] = &[
    ("bc", "account.bitcoin"), ("tb", "account.bitcoin"), ("bcrt", "account.bitcoin"),
    ("ltc", "account.litecoin"), ("addr", "account.cardano"), ("stake", "account.cardano"),
    ("cosmos", "account.cosmos"), ("osmo", "account.cosmos"), ("terra", "account.cosmos"),
    ("celestia", "account.cosmos"), ("inj", "account.cosmos"), ("bnb", "account.binance"),
    ("one", "account.harmony"), ("zs", "account.zcash"), ("erd", "account.multiversx"),
];

/// Labels of addresses that have no checksum.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "wallet", "eth", "ethereum", "ether", "erc20", "erc721", "address", "addr", "metamask",
    "polygon", "bsc", "solana", "sol", "spl", "phantom", "payout", "deposit", "withdrawal",
    "recipient", "beneficiary", "holder", "owner", "account",
];

/// How far before a token a label is looked for.
const LABEL_BYTES_MAX: usize = 48;

/// An address or key at `i`.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = run(bytes, i, TOKEN_CHARS_MAX, |b| b.is_ascii_alphanumeric());
    let token = bytes.get(i..end)?;
    if token.len() < TOKEN_CHARS_MIN || !opens(bytes, i) || at(bytes, end) == b'_' {
        return None;
    }
    // Base64 goes on with these.
    if matches!(at(bytes, end), b'+' | b'/' | b'=') || matches!(at(bytes, i.wrapping_sub(1)), b'+')
    {
        return None;
    }
    if starts(bytes, i, b"0x") {
        return ethereum(text, i, end);
    }
    let head = HEADS.iter().find(|(head, _)| {
        starts(token, 0, head.as_bytes()) && at(token, head.len()) == b'1'
            || starts(token, 0, head.to_ascii_uppercase().as_bytes())
                && at(token, head.len()) == b'1'
    });
    if let Some((head, rule)) = head
        && bech32(token, token.get(..head.len())?)
    {
        return Some(Finding::personal(rule, TokenKind::Account, i, end));
    }
    if let Some(found) = stellar(token) {
        return Some(made(found, i, end));
    }
    let found = mixed(token).then(|| checked(token)).flatten();
    let strongly = || std::str::from_utf8(token).is_ok_and(is_address) && is_wallet(text, i);
    found
        .or_else(|| (mixed(token) && strongly()).then_some("account.wallet"))
        .or_else(|| (mixed(token) && solana(text, i, token)).then_some("account.solana"))
        .map(|rule| made(rule, i, end))
}

/// Prefixes and lengths of addresses in base58, by currency: what has them, under a name that says
/// so, is one although somebody mistyped its checksum.
#[rustfmt::skip]
const SHAPES: &[(&str, usize, usize)] = &[
    ("1", 26, 35), ("3", 26, 35), ("2", 34, 35), ("m", 26, 35), ("n", 26, 35), ("L", 33, 34),
    ("M", 33, 34), ("D", 33, 34), ("A", 33, 34), ("9", 34, 34), ("X", 33, 34), ("T", 34, 34),
    ("r", 25, 35), ("t1", 35, 35), ("t3", 35, 35), ("tz", 36, 36), ("KT1", 36, 36),
    ("4", 95, 106), ("8", 95, 95), ("Ddz", 100, 114), ("Ae2", 59, 59), ("xpub", 107, 112),
    ("ypub", 107, 112), ("zpub", 107, 112), ("EQ", 48, 48), ("UQ", 48, 48),
];

/// Whether the value of a field that is named a wallet's has the form of an address: hexadecimal
/// behind `0x`, bech32, or base58 with a currency's prefix and length, or 32 bytes in base58.
pub(crate) fn is_address(value: &str) -> bool {
    let value = value.trim_matches(|c: char| matches!(c, '"' | '\'' | '\\'));
    let bytes = value.as_bytes();
    if !(TOKEN_CHARS_MIN..=TOKEN_CHARS_MAX).contains(&bytes.len()) {
        return false;
    }
    if let Some(hex) = value.strip_prefix("0x") {
        let long = matches!(hex.len(), 40 | 64);
        return long && hex.bytes().all(|b| b.is_ascii_hexdigit());
    }
    if let Some((head, tail)) = value.split_once('1')
        && bech32_like(head, tail)
    {
        return true;
    }
    if stellar(bytes).is_some() {
        return true;
    }
    let shaped = SHAPES.iter().any(|(head, least, most)| {
        (*least..=*most).contains(&value.len()) && value.starts_with(head)
    });
    let key = (32..=48).contains(&bytes.len())
        && base58(bytes, BITCOIN).is_some_and(|key| matches!(key.len(), 32 | 35));
    mixed(bytes) && (shaped || key)
}

/// Whether prefix and data read as those of bech32, in one case.
fn bech32_like(head: &str, tail: &str) -> bool {
    let lower = |b: u8| b.is_ascii_lowercase() || digit(b);
    let alphabet = |b: u8| lower(b) && !matches!(b, b'1' | b'b' | b'i' | b'o');
    let named = (2..=12).contains(&head.len()) && head.bytes().all(|b| b.is_ascii_lowercase());
    named && tail.len() >= 32 && tail.bytes().all(alphabet) && tail.bytes().any(digit)
}

fn made(rule: &'static str, i: usize, end: usize) -> Finding {
    if rule.starts_with("crypto.") {
        Finding::secret(rule, i, end)
    } else {
        Finding::personal(rule, TokenKind::Account, i, end)
    }
}

/// Whether a token has what nearly every base58 text has and no hexadecimal one does.
fn mixed(token: &[u8]) -> bool {
    let alphabet = |b: &u8| !matches!(b, b'0' | b'O' | b'I' | b'l');
    token.iter().all(alphabet)
        && token.iter().any(u8::is_ascii_uppercase)
        && token.iter().any(|b| matches!(b, b'g'..=b'z'))
}

/// What a base58 text with a checksum is, by its first bytes and its length.
fn checked(token: &[u8]) -> Option<&'static str> {
    let first = at(token, 0);
    if matches!(token.len(), 95 | 106) && matches!(first, b'4' | b'8') {
        return monero(token).then_some("account.monero");
    }
    if starts(token, 0, b"DdzFF") || starts(token, 0, b"Ae2td") {
        let length = base58(token, BITCOIN).is_some_and(|bytes| at(&bytes, 0) == 0x82);
        return length.then_some("account.cardano");
    }
    if first == b'r' {
        let payload = base58check(token, RIPPLE)?;
        return (payload.len() == 21 && at(&payload, 0) == 0).then_some("account.xrp");
    }
    if first == b's' && token.len() == 29 {
        let payload = base58check(token, RIPPLE)?;
        return (payload.len() == 17 && at(&payload, 0) == 33).then_some("crypto.xrp_seed");
    }
    let likely = match token.len() {
        26..=36 => b"123LMmnADTXt9".contains(&first),
        51 | 52 => b"5KL9cTQX76".contains(&first),
        111 => token
            .get(1..4)
            .is_some_and(|tail| tail == b"prv" || tail == b"pub"),
        _ => false,
    };
    if !likely {
        return None;
    }
    let payload = base58check(token, BITCOIN)?;
    let version = [at(&payload, 0), at(&payload, 1)];
    match (payload.len(), version) {
        (21, [0 | 5 | 0x6f | 0xc4, _]) => Some("account.bitcoin"),
        (21, [0x30 | 0x32, _]) => Some("account.litecoin"),
        (21, [0x1e | 0x16, _]) => Some("account.dogecoin"),
        (21, [0x41, _]) => Some("account.tron"),
        (21, [0x4c | 0x10, _]) => Some("account.dash"),
        (22, [0x1c | 0x1d, _]) => Some("account.zcash"),
        (23, [6, 0xa1]) => Some("account.tezos"),
        (33 | 34, [0x80 | 0xef | 0xb0 | 0x9e | 0xcc, _]) => Some("crypto.wif"),
        (78, _) if starts(token, 1, b"prv") => Some("crypto.extended_private_key"),
        (78, _) => Some("account.extended_public_key"),
        _ => None,
    }
}

/// Monero: blocks of eleven characters are eight bytes each; the last four are a Keccak sum.
fn monero(token: &[u8]) -> bool {
    let mut bytes = Vec::with_capacity(80);
    for block in token.chunks(11) {
        let Some(number) = base58(block, BITCOIN) else {
            return false;
        };
        let zeros = block.iter().take_while(|b| **b == b'1').count();
        let number = number.get(zeros..).unwrap_or(&[]);
        let length = match block.len() {
            11 => 8_usize,
            7 => 5,
            _ => return false,
        };
        let Some(lead) = length.checked_sub(number.len()) else {
            return false;
        };
        bytes.extend(std::iter::repeat_n(0, lead));
        bytes.extend_from_slice(number);
    }
    let Some(length) = bytes.len().checked_sub(4) else {
        return false;
    };
    let (head, sum) = bytes.split_at(length);
    keccak256(head).starts_with(sum)
}

/// Stellar (SEP-23): base32 of a version, a key and a CRC; `G` is an account, `S` a seed.
fn stellar(token: &[u8]) -> Option<&'static str> {
    let rule = match at(token, 0) {
        b'G' => "account.stellar",
        b'S' => "crypto.stellar_seed",
        _ => return None,
    };
    if token.len() != 56 {
        return None;
    }
    let bytes = data_encoding::BASE32_NOPAD.decode(token).ok()?;
    let (head, sum) = bytes.split_at_checked(33)?;
    (crc16(head).to_le_bytes() == *sum).then_some(rule)
}

/// Ethereum: forty hex digits; in both cases their capitals are the address's Keccak sum (EIP-55),
/// in one a label must say what they are.
fn ethereum(text: &str, i: usize, end: usize) -> Option<Finding> {
    let digits = text.as_bytes().get(i + 2..end)?;
    let letters = digits.iter().filter(|b| !digit(**b)).count();
    if digits.len() != 40 || !digits.iter().all(u8::is_ascii_hexdigit) || letters == 0 {
        return None;
    }
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    let lower = digits.iter().any(u8::is_ascii_lowercase);
    let stands = if upper && lower {
        let small = digits.to_ascii_lowercase();
        let sum = keccak256(&small);
        let nibbles = sum.iter().flat_map(|b| [b >> 4, b & 15]);
        digits
            .iter()
            .zip(nibbles)
            .all(|(b, nibble)| digit(*b) || b.is_ascii_uppercase() == (nibble >= 8))
    } else {
        labelled(text, i) || is_wallet(text, i)
    };
    stands.then(|| Finding::personal("account.ethereum", TokenKind::Account, i, end))
}

/// Solana: 32 bytes in base58, behind a label.
fn solana(text: &str, i: usize, token: &[u8]) -> bool {
    let long = (32..=44).contains(&token.len());
    long && labelled(text, i) && base58(token, BITCOIN).is_some_and(|bytes| bytes.len() == 32)
}

/// Labels that leave no doubt that an address follows.
const WALLETS: &[&str] = &[
    "wallet",
    "btc",
    "bitcoin",
    "xmr",
    "monero",
    "trx",
    "tron",
    "ltc",
    "litecoin",
    "doge",
    "xrp",
    "crypto",
    "withdraw",
    "withdrawal",
    "deposit",
    "payout",
    "coin",
];

/// Whether a label of a wallet stands before `i`, in the same line.
fn is_wallet(text: &str, i: usize) -> bool {
    told(text, i, WALLETS)
}

/// Whether a label stands before `i`, in the same line.
fn labelled(text: &str, i: usize) -> bool {
    told(text, i, LABELS)
}

/// Whether one of the words stands among the last three before `i`, or ends one of them as a
/// part of its own: `payoutWallet`, `btc_address`.
fn told(text: &str, i: usize, labels: &[&str]) -> bool {
    let from = crate::bytes::ceil(text, i.saturating_sub(LABEL_BYTES_MAX));
    crate::bytes::looked(i - from);
    let line = cut(text, from, i).rsplit('\n').next().unwrap_or("");
    line.split(|c: char| !c.is_ascii_alphanumeric())
        .rev()
        .filter(|word| !word.is_empty())
        .take(3)
        .any(|word| labels.iter().any(|label| ends_with(word, label)))
}

/// Whether a word is the label, or a camel-case name that ends with it.
fn ends_with(word: &str, label: &str) -> bool {
    let Some(from) = word.len().checked_sub(label.len()) else {
        return false;
    };
    let tail = cut(word, from, word.len());
    tail.eq_ignore_ascii_case(label)
        && (from == 0 || tail.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Option<&'static str> {
        let from = text.rfind(' ').map_or(0, |at| at + 1);
        let found = crate::ident::find(text, from)?;
        assert_eq!(found.end, text.len(), "{text}");
        Some(found.rule)
    }

    /// Examples of the specifications, each with its last character but one changed.
    #[test]
    fn addresses_pass_and_broken_twins_fail() {
        for (name, token) in [
            ("account.bitcoin", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
            ("account.bitcoin", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
            (
                "account.bitcoin",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
            (
                "account.bitcoin",
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            ),
            (
                "account.bitcoin",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            ),
            (
                "account.ethereum",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            ),
            ("account.xrp", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
            (
                "account.stellar",
                "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
            ),
        ] {
            assert_eq!(rule(token), Some(name), "{token}");
            let mut broken = token.as_bytes().to_vec();
            let place = broken.len() - 2;
            broken[place] = if broken[place] == b'a' || broken[place] == b'A' {
                b'c'
            } else {
                b'a'
            };
            if token.starts_with("BC1") || token.starts_with('G') {
                broken[place] = if broken[place] == b'C' { b'D' } else { b'C' };
            }
            let broken = String::from_utf8(broken).unwrap();
            assert_eq!(rule(&broken), None, "{broken}");
        }
    }

    /// Addresses of the other currencies, computed by another implementation from the digest of a
    /// fixed text: nobody holds their keys.
    #[test]
    fn addresses_of_an_independent_implementation() {
        for (name, token) in [
            ("account.litecoin", "LVc4VsruVQyGXfoqPTDYPqQjFYCPe86fRC"),
            ("account.dogecoin", "DFXCmvViiAdVosJGwuDofaWZvTZQspyYaA"),
            ("account.tron", "TLMKEivoZUrAS3BJoasxdy36x7aRo1pYBq"),
            ("account.dash", "Xm4x4vCyNTwoRoiG5CYTyM2ksfQoXemty8"),
            ("account.zcash", "t1UFiEzyDP5WosWAa9k3NFdStHz2CN8HFS6"),
            ("account.tezos", "tz1W28vnRJ3LUVaGooiqHo9vNbwL9KEbJNc8"),
            (
                "account.monero",
                concat!(
                    "45wPuNcSgNCCawUeh5qzkvYLnKteZPp7yhKcd7SZehtGPNVKVhgG5AyNvm5b68endSbFS3G6p",
                    "AU8G221MMCkL86H85vtSLf",
                ),
            ),
            (
                "account.cardano",
                "addr1v9cal8fapzugz32rt40zuypjw7akq053htfplq83zq5yeagsffyg6",
            ),
            (
                "account.cosmos",
                "cosmos1w80e60gghzq52s6atchpqvnhhdsrayd6p34q93",
            ),
        ] {
            assert_eq!(rule(token), Some(name), "{token}");
            let mut chars: Vec<char> = token.chars().collect();
            let last = chars.len() - 1;
            chars.swap(last, last - 1);
            let broken: String = chars.into_iter().collect();
            assert_eq!(rule(&broken), None, "{broken}");
        }
    }

    #[test]
    fn private_keys_are_secrets() {
        // BIP-32's first vector and the wiki's example, stored split.
        let extended = concat!(
            "xp",
            "rv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5k",
            "ejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        );
        let wif = concat!("5HueCGU8rMjxEXxi", "PuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ");
        for (name, token) in [
            ("crypto.extended_private_key", extended),
            ("crypto.wif", wif),
        ] {
            assert_eq!(rule(token), Some(name));
            assert_eq!(
                find(token, 0).map(|f| f.class),
                Some(cordon_event::Class::A)
            );
        }
    }

    #[test]
    fn without_a_checksum_a_label_decides() {
        let flat = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
        assert_eq!(rule(flat), None);
        assert_eq!(rule(&format!("wallet {flat}")), Some("account.ethereum"));
        assert_eq!(rule(&format!("storage root {flat}")), None);
        let key = "11111111111111111111111111111112";
        assert_eq!(rule(&format!("solana {key}")), None);
        let key = "So11111111111111111111111111111111111111112";
        assert_eq!(rule(key), None);
        assert_eq!(rule(&format!("solana {key}")), Some("account.solana"));
    }

    #[test]
    fn identifiers_of_programs_are_no_addresses() {
        for text in [
            "3f4a9c8b7d6e5f4a3b2c1d0e9f8a7b6c",
            "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e",
            "LongCamelCaseNameOfSomeClassWithWords",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
    }
}
