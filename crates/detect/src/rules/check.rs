//! Checksums of tokens, by name: right, broken, or none in this form of the token.
//!
//! Each has a maker, so that the cases of a rule can hold a right token and a broken twin without a
//! real one standing in the repository.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest as _, Sha256};

use super::hash::Draw;
use crate::bytes::digit;

/// A checksum that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// GitHub since 2021: CRC-32 of the random part, base 62, in the last six characters.
    GithubCrc32,
    /// npm since 2021: as GitHub.
    Npm,
    /// GitLab's routable tokens: CRC-32 of everything before it, base 36, seven characters.
    GitlabRoutable,
    /// Grafana service accounts: CRC-32 of what is before the last `_`, little endian, hex.
    GrafanaCrc32,
    /// Bitcoin and its relatives: the first four bytes of SHA-256 twice.
    Base58Check,
    /// BIP 173: a BCH code over prefix and data.
    Bech32,
    /// Stellar: CRC-16 (XMODEM) of version and key, little endian, in base 32.
    StellarCrc16,
    /// Digits whose weighted sum is a multiple of ten (ISO/IEC 7812-1).
    Luhn,
    /// Letters and digits that leave 1 modulo 97 (ISO 7064).
    Mod97,
    /// A first part that is base64 of JSON with `alg` (RFC 7519).
    Jwt,
    /// A first part that is base64 of decimal digits: Discord's.
    DiscordId,
}

/// Every checksum with its name in packs.
const NAMES: &[(&str, Checksum)] = &[
    ("github_crc32", Checksum::GithubCrc32),
    ("npm", Checksum::Npm),
    ("gitlab_routable", Checksum::GitlabRoutable),
    ("grafana_crc32", Checksum::GrafanaCrc32),
    ("base58check", Checksum::Base58Check),
    ("bech32", Checksum::Bech32),
    ("stellar_crc16", Checksum::StellarCrc16),
    ("luhn", Checksum::Luhn),
    ("mod97", Checksum::Mod97),
    ("jwt", Checksum::Jwt),
    ("discord_id", Checksum::DiscordId),
];

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

impl Checksum {
    /// The checksum of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, checksum)| *checksum)
    }

    /// Its name in packs.
    pub fn as_str(self) -> &'static str {
        let found = NAMES.iter().find(|(_, checksum)| *checksum == self);
        found.map_or("", |(name, _)| name)
    }

    /// The names that there are, for a message.
    pub(crate) fn names() -> String {
        let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// Whether the checksum of a token is right; none where this form of it has none. `prefix` is
    /// the length of the rule's prefix.
    pub(crate) fn holds(self, token: &[u8], prefix: usize) -> Option<bool> {
        let body = token.get(prefix..)?;
        match self {
            Self::GithubCrc32 | Self::Npm => {
                let (data, sum) = split_back(body, 6)?;
                // Longer and shorter ones are cut, or of another form.
                matches!(body.len(), 36 | 76).then(|| based(crc32(data), BASE62, 6) == sum)
            }
            Self::GitlabRoutable => {
                let (data, sum) = split_back(token, 7)?;
                let routable = body.len() > 36 && body.contains(&b'.');
                routable.then(|| based(crc32(data), BASE36, 7) == sum)
            }
            Self::GrafanaCrc32 => {
                let (data, sum) = split_back(token, 9)?;
                Some(grafana(data) == sum)
            }
            Self::Base58Check => Some(base58check(token)),
            Self::Bech32 => Some(bech32(token)),
            Self::StellarCrc16 => Some(stellar(token)),
            Self::Luhn => {
                let digits: Vec<u8> = token
                    .iter()
                    .filter(|b| digit(**b))
                    .map(|b| b - b'0')
                    .collect();
                Some(crate::luhn(&digits))
            }
            Self::Mod97 => Some(mod97(token) == Some(1)),
            Self::Jwt => Some(jwt(token)),
            Self::DiscordId => Some(discord(token)),
        }
    }

    /// The checksum's characters for a token of which everything before them is there.
    pub(crate) fn sum(self, before: &[u8], prefix: usize) -> Option<Vec<u8>> {
        match self {
            Self::GithubCrc32 | Self::Npm => Some(based(crc32(before.get(prefix..)?), BASE62, 6)),
            Self::GitlabRoutable => Some(based(crc32(before), BASE36, 7)),
            Self::GrafanaCrc32 => Some(grafana(before)),
            Self::Luhn => (b'0'..=b'9').find_map(|last| {
                let with = [before, &[last]].concat();
                (self.holds(&with, prefix) == Some(true)).then(|| vec![last])
            }),
            Self::Mod97 => (0..97_u32).find_map(|n| {
                let last = format!("{n:02}").into_bytes();
                (mod97(&[before, &last].concat()) == Some(1)).then_some(last)
            }),
            Self::Bech32 => Some(bech32_sum(before)),
            Self::Base58Check | Self::StellarCrc16 | Self::Jwt | Self::DiscordId => None,
        }
    }

    /// A whole token with its checksum right, for those whose checksum goes through all of it.
    /// `form` says which: version bytes in hex and the number of random bytes behind them.
    pub(crate) fn token(self, form: &str, draw: &mut Draw) -> Option<Vec<u8>> {
        let (head, count) = form.split_once('+')?;
        let mut data = data_encoding::HEXLOWER.decode(head.as_bytes()).ok()?;
        let (count, tail) = count.split_once('+').unwrap_or((count, ""));
        let count = count.parse::<usize>().ok().filter(|n| *n <= 128)?;
        data.extend((0..count).map(|_| draw.below(256) as u8));
        data.extend(data_encoding::HEXLOWER.decode(tail.as_bytes()).ok()?);
        match self {
            Self::Base58Check => {
                let sum = Sha256::digest(Sha256::digest(&data));
                data.extend(sum.iter().take(4));
                Some(to_base58(&data))
            }
            Self::StellarCrc16 => {
                data.extend(crc16(&data).to_le_bytes());
                Some(BASE32_NOPAD.encode(&data).into_bytes())
            }
            _ => None,
        }
    }
}

fn split_back(bytes: &[u8], n: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(n)?)
}

/// CRC-32 as in IEEE 802.3, reflected.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |mut crc, b| {
        crc ^= u32::from(*b);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
        crc
    })
}

/// CRC-16 with the polynomial 0x1021, from 0 (XMODEM).
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0_u16, |mut crc, b| {
        crc ^= u16::from(*b) << 8;
        for _ in 0..8 {
            crc = if crc >> 15 == 1 {
                crc << 1 ^ 0x1021
            } else {
                crc << 1
            };
        }
        crc
    })
}

/// A number in a base, the most significant digit first, at least `width` digits.
fn based(mut n: u32, digits: &[u8], width: usize) -> Vec<u8> {
    let base = digits.len() as u32;
    let mut out = Vec::new();
    while n > 0 || out.len() < width {
        let at = n.checked_rem(base).unwrap_or(0);
        out.push(digits.get(at as usize).copied().unwrap_or(b'0'));
        n = n.checked_div(base).unwrap_or(0);
    }
    out.reverse();
    out
}

fn grafana(data: &[u8]) -> Vec<u8> {
    let sum = data_encoding::HEXLOWER.encode(&crc32(data).to_le_bytes());
    [b"_", sum.as_bytes()].concat()
}

/// Bytes of a number in base 58; a leading `1` is a zero byte.
fn from_base58(text: &[u8]) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::new();
    for b in text {
        let mut carry = BASE58.iter().position(|d| d == b)?;
        for byte in out.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            out.insert(0, (carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    let zeros = text.iter().take_while(|b| **b == b'1').count();
    out.splice(0..0, std::iter::repeat_n(0, zeros));
    Some(out)
}

fn to_base58(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<usize> = Vec::new();
    for b in bytes {
        let mut carry = usize::from(*b);
        for digit in out.iter_mut().rev() {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            out.insert(0, carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let digits = out.iter().filter_map(|d| BASE58.get(*d).copied());
    std::iter::repeat_n(b'1', zeros).chain(digits).collect()
}

fn base58check(token: &[u8]) -> bool {
    // Longer than an extended key of BIP 32: the sum would cost more than it says.
    if token.len() > 120 {
        return false;
    }
    let Some(bytes) = from_base58(token) else {
        return false;
    };
    let Some((data, sum)) = split_back(&bytes, 4) else {
        return false;
    };
    Sha256::digest(Sha256::digest(data)).iter().take(4).eq(sum)
}

fn polymod(values: impl Iterator<Item = u32>) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    values.fold(1, |sum, value| {
        let next = (sum & 0x01ff_ffff) << 5 ^ value;
        let top = sum >> 25;
        let taps = GENERATOR.iter().enumerate();
        taps.fold(
            next,
            |next, (i, g)| if top >> i & 1 == 1 { next ^ g } else { next },
        )
    })
}

/// Prefix and data of a bech32 text as the values that its sum goes over.
fn bech32_values(text: &[u8]) -> Option<Vec<u32>> {
    let lower = text.to_ascii_lowercase();
    let one = lower.iter().rposition(|b| *b == b'1')?;
    let (prefix, data) = (lower.get(..one)?, lower.get(one + 1..)?);
    let high = prefix.iter().map(|b| u32::from(*b) >> 5);
    let low = prefix.iter().map(|b| u32::from(*b) & 31);
    let mut out: Vec<u32> = high.chain([0]).chain(low).collect();
    for b in data {
        out.push(BECH32.iter().position(|c| c == b)? as u32);
    }
    Some(out)
}

fn bech32(token: &[u8]) -> bool {
    bech32_values(token).is_some_and(|values| polymod(values.into_iter()) == 1)
}

fn bech32_sum(before: &[u8]) -> Vec<u8> {
    let values = bech32_values(before).unwrap_or_default();
    let sum = polymod(values.into_iter().chain([0; 6])) ^ 1;
    let upper = before.iter().any(u8::is_ascii_uppercase);
    let at = |i: u32| BECH32.get((sum >> (5 * (5 - i)) & 31) as usize).copied();
    let letters = (0..6).filter_map(at);
    letters
        .map(|b| if upper { b.to_ascii_uppercase() } else { b })
        .collect()
}

fn stellar(token: &[u8]) -> bool {
    let Ok(bytes) = BASE32_NOPAD.decode(token) else {
        return false;
    };
    split_back(&bytes, 2).is_some_and(|(data, sum)| crc16(data).to_le_bytes() == sum)
}

/// Remainder modulo 97 of letters and digits, a letter being 10 to 35; the first four last, as in
/// ISO 13616.
fn mod97(token: &[u8]) -> Option<u32> {
    let plain: Vec<u8> = token
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .collect();
    let (head, tail) = plain.split_at_checked(4)?;
    let mut rest = 0_u32;
    for b in tail.iter().chain(head) {
        let value = char::from(*b).to_digit(36)?;
        rest = (rest * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    Some(rest)
}

fn jwt(token: &[u8]) -> bool {
    let head = token.split(|b| *b == b'.').next().unwrap_or(&[]);
    let json = BASE64URL_NOPAD.decode(head).unwrap_or_default();
    json.starts_with(b"{") && json.windows(5).any(|w| w == b"\"alg\"")
}

fn discord(token: &[u8]) -> bool {
    let head = token.split(|b| *b == b'.').next().unwrap_or(&[]);
    let id = BASE64URL_NOPAD.decode(head).unwrap_or_default();
    (17..=20).contains(&id.len()) && id.iter().copied().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        // CRC-32 and CRC-16/XMODEM check values of the catalogue of parametrised CRCs.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc16(b"123456789"), 0x31c3);
        // BIP 173.
        assert!(bech32(b"A12UEL5L"));
        assert!(!bech32(b"A12UEL5M"));
        assert!(bech32(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
        // The address of the first block, and one character changed.
        assert!(base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(!base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert_eq!(mod97(b"GB82WEST12345698765432"), Some(1));
    }

    #[test]
    fn makers_and_checks_agree() {
        let mut draw = Draw::new(&["check"]);
        for form in ["80+32", "80+32+01", "0488ade4+74"] {
            let token = Checksum::Base58Check.token(form, &mut draw).unwrap();
            assert_eq!(Checksum::Base58Check.holds(&token, 0), Some(true));
        }
        let token = Checksum::StellarCrc16.token("90+32", &mut draw).unwrap();
        assert_eq!((token.len(), token[0]), (56, b'S'));
        assert_eq!(Checksum::StellarCrc16.holds(&token, 0), Some(true));
        for (before, prefix, sum) in [
            (
                "ghp_0123456789abcdefghijABCDEFGHIJ",
                4,
                Checksum::GithubCrc32,
            ),
            (
                "glsa_0123456789abcdefghijABCDEFGHIJKL",
                5,
                Checksum::GrafanaCrc32,
            ),
            ("age1qpzry9x8gf2tvdw0s3jn54khce6mua7l", 0, Checksum::Bech32),
            ("411111111111111", 0, Checksum::Luhn),
            ("GB00WEST123456987654", 0, Checksum::Mod97),
        ] {
            let last = sum.sum(before.as_bytes(), prefix).unwrap();
            let mut token = [before.as_bytes(), &last].concat();
            assert_eq!(sum.holds(&token, prefix), Some(true), "{before}");
            let end = token.len() - 1;
            token[end] = if token[end] == b'0' { b'2' } else { b'0' };
            assert_eq!(sum.holds(&token, prefix), Some(false), "{before}");
        }
    }
}
