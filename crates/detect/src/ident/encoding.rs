//! Encodings of crypto-currency addresses that carry a checksum: base58 and bech32.

use sha2::{Digest, Sha256};

use crate::bytes::at;

/// Alphabet of base58 as Bitcoin writes it.
pub(crate) const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The same as the XRP ledger does.
pub(crate) const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
/// Longest base58 text that is decoded.
const BASE58_CHARS_MAX: usize = 112;
/// Alphabet of bech32.
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The number that a base58 text is, in bytes; zeros at its beginning count one byte each.
pub(crate) fn base58(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if text.len() > BASE58_CHARS_MAX {
        return None;
    }
    let zero = at(alphabet, 0);
    let zeros = text.iter().take_while(|b| **b == zero).count();
    // Least significant byte first.
    let mut number: Vec<u8> = Vec::with_capacity(BASE58_CHARS_MAX);
    for b in text.iter().skip(zeros) {
        let place = alphabet.iter().position(|known| known == b)?;
        let mut carry = place as u32;
        for digit in &mut number {
            carry += u32::from(*digit) * 58;
            *digit = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            number.push(carry as u8);
        }
    }
    number.extend(std::iter::repeat_n(0, zeros));
    number.reverse();
    Some(number)
}

/// The bytes of a base58 text whose last four are the double SHA-256 of the others; without them.
pub(crate) fn base58check(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes = base58(text, alphabet)?;
    let length = bytes.len().checked_sub(4)?;
    let sum = Sha256::digest(Sha256::digest(bytes.get(..length)?));
    if bytes.get(length..)? != sum.as_slice().get(..4)? {
        return None;
    }
    bytes.truncate(length);
    Some(bytes)
}

/// Whether a text in one case is bech32 or bech32m (BIP-173, BIP-350) with the prefix `head`.
pub(crate) fn bech32(text: &[u8], head: &[u8]) -> bool {
    let lower = !text.iter().any(u8::is_ascii_uppercase);
    let upper = !text.iter().any(u8::is_ascii_lowercase);
    if !(lower || upper) || at(text, head.len()) != b'1' {
        return false;
    }
    let high = head.iter().map(|b| b.to_ascii_lowercase() >> 5);
    let low = head.iter().map(|b| b.to_ascii_lowercase() & 31);
    let mut values: Vec<u8> = high.chain([0]).chain(low).collect();
    for b in text.iter().skip(head.len() + 1) {
        let lower = b.to_ascii_lowercase();
        let Some(value) = BECH32.iter().position(|known| *known == lower) else {
            return false;
        };
        values.push(value as u8);
    }
    let sum = values.iter().fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let generators = [
            0x3b6a_57b2,
            0x2650_8e6d,
            0x1ea1_19fa,
            0x3d42_33dd,
            0x2a14_62b3,
        ];
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(*value);
        generators
            .iter()
            .enumerate()
            .filter(|(i, _)| top >> i & 1 == 1)
            .fold(shifted, |sum, (_, generator)| sum ^ generator)
    });
    matches!(sum, 1 | 0x2bc8_30a3)
}

/// CRC-16/XMODEM, which Stellar's keys end with.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, b| {
        (0..8).fold(crc ^ u16::from(*b) << 8, |crc, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x1021
            }
        })
    })
}

/// Keccak-256 as Ethereum and Monero use it: the sponge of FIPS 202 with the padding `01`.
pub(crate) fn keccak256(message: &[u8]) -> [u8; 32] {
    const RATE_BYTES: usize = 136;
    let mut padded = message.to_vec();
    padded.push(1);
    padded.resize(padded.len().next_multiple_of(RATE_BYTES), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0_u64; 25];
    for block in padded.chunks(RATE_BYTES) {
        for (lane, bytes) in state.iter_mut().zip(block.chunks(8)) {
            *lane ^= bytes
                .iter()
                .rev()
                .fold(0, |lane, b| lane << 8 | u64::from(*b));
        }
        permute(&mut state);
    }
    let mut out = [0; 32];
    for (slot, b) in out
        .iter_mut()
        .zip(state.iter().flat_map(|lane| lane.to_le_bytes()))
    {
        *slot = b;
    }
    out
}

fn lane(state: &[u64; 25], i: usize) -> u64 {
    state.get(i).copied().unwrap_or(0)
}

/// Keccak-f[1600]. Round constants come from the shift register of FIPS 202, algorithm 5.
fn permute(state: &mut [u64; 25]) {
    let mut register = 1_u8;
    for _ in 0..24 {
        // Theta.
        let mut columns = [0; 5];
        for (x, column) in columns.iter_mut().enumerate() {
            *column = (0..5).fold(0, |sum, y| sum ^ lane(state, x + 5 * y));
        }
        let column = |x: usize| columns.get(x % 5).copied().unwrap_or(0);
        for (i, slot) in state.iter_mut().enumerate() {
            *slot ^= column(i + 4) ^ column(i + 1).rotate_left(1);
        }
        // Rho and pi: walk the lanes in the order in which they take each other's place.
        let (mut x, mut y, mut carried) = (1, 0, lane(state, 1));
        for t in 0..24_u32 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let turned = carried.rotate_left((t + 1) * (t + 2) / 2 % 64);
            if let Some(slot) = state.get_mut(x + 5 * y) {
                carried = std::mem::replace(slot, turned);
            }
        }
        // Chi.
        for row in state.chunks_mut(5) {
            let mut old = [0; 5];
            old.copy_from_slice(row);
            for (slot, (next, after)) in row
                .iter_mut()
                .zip(old.iter().cycle().skip(1).zip(old.iter().cycle().skip(2)))
            {
                *slot ^= !next & after;
            }
        }
        // Iota.
        let mut constant = 0_u64;
        for j in 0..7 {
            constant ^= u64::from(register & 1) << ((1_u32 << j) - 1);
            register = register << 1 ^ (if register & 0x80 == 0 { 0 } else { 0x71 });
        }
        if let Some(slot) = state.first_mut() {
            *slot ^= constant;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn published_vectors() {
        let hex = |bytes: &[u8]| HEXLOWER.encode(bytes);
        // The well-known digests of nothing, and of 200 bytes so that a second block is absorbed.
        assert!(hex(&keccak256(b"")).starts_with("c5d2460186f7233c927e7db2dcc703c0"));
        assert!(hex(&keccak256(b"abc")).starts_with("4e03657aea45a94fc7d47ba826c8d667"));
        assert_eq!(crc16(b"123456789"), 0x31c3);
        // BIP-173 and BIP-350.
        assert!(bech32(b"A12UEL5L", b"A") && bech32(b"a1lqfn3a", b"a"));
        assert!(!bech32(b"A12UEL5K", b"A") && !bech32(b"A12uEL5L", b"A"));
        // draft-msporny-base58-03.
        let hello = base58(b"2NEpo7TZRRrLZSi2U", BITCOIN).unwrap();
        assert_eq!(hello, b"Hello World!");
        assert_eq!(
            base58(b"11233QC4", BITCOIN).unwrap(),
            [0, 0, 0x28, 0x7f, 0xb4, 0xcd]
        );
    }
}
