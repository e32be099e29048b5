//! Chains of groups of hex digits: addresses of IPv6 and of hardware.

use cordon_simd::Block;

use super::{Around, Screen, asked, bits};
use crate::bytes::{at, run_back};

/// Longest address in bytes, and what may stand before it.
const ADDRESS_BYTES_MAX: usize = 48;

fn hex(b: u8) -> bool {
    b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
}

impl Screen {
    pub(super) fn chains(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        let pairs = v.here.colon & v.ahead(|b| b.colon, 1);
        let near = |n| v.ahead(|b| b.colon, n);
        let second = v.here.colon & (near(2) | near(3) | near(4) | near(5));
        // A time has two colons, an address written in full has seven.
        let third = |n: u32| (second >> n) | 0_u64;
        let far = u64::MAX << (64 - 5);
        let chained = second & (third(2) | third(3) | third(4) | third(5) | far);
        for i in bits(base, pairs | chained) {
            let start = run_back(bytes, i, ADDRESS_BYTES_MAX, hex);
            for n in start..=i {
                let first = at(bytes, n) == b':' && at(bytes, n + 1) == b':';
                if first || asked(bytes, n) {
                    self.add(n);
                }
            }
        }
        let every_third = |class: fn(&Block) -> u64| {
            class(v.here)
                & v.ahead(class, 3)
                & v.ahead(class, 6)
                & v.ahead(class, 9)
                & v.ahead(class, 12)
        };
        for i in bits(base, every_third(|b| b.colon) | every_third(|b| b.dash)) {
            if let Some(start) = i.checked_sub(2).filter(|n| asked(bytes, *n)) {
                self.add(start);
            }
        }
    }
}
