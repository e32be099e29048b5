//! Chains of groups of hex digits: addresses of IPv6 and of hardware.

use cordon_simd::{Around, BLOCK_BYTES, Block, Lanes};

use super::{Screen, asked};
use crate::bytes::{at, run_back};

/// Longest address in bytes, and what may stand before it.
const ADDRESS_BYTES_MAX: usize = 48;

fn hex(b: u8) -> bool {
    b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
}

/// Colons and dashes between groups of an address, as far as their distances tell.
#[inline(always)]
pub(super) fn links<L: Lanes>(v: &Around<L>) -> L {
    let pairs = v.here.colon & v.ahead(|b| b.colon, 1);
    let near = |n| v.ahead(|b| b.colon, n);
    let second = v.here.colon & (near(2) | near(3) | near(4) | near(5));
    // A time has two colons, an address written in full has seven. The last bytes of a block may
    // have their third in the next.
    let far = L::each(u64::MAX << (BLOCK_BYTES - 5));
    let third = second.down(2) | second.down(3) | second.down(4) | second.down(5);
    let chained = second & (third | far);
    let every_third = |class: fn(&Block<L>) -> L| {
        class(&v.here)
            & v.ahead(class, 3)
            & v.ahead(class, 6)
            & v.ahead(class, 9)
            & v.ahead(class, 12)
    };
    // `9c85.6a1c.296e`.
    let dotted = v.here.dot & v.ahead(|b| b.dot, 5) & v.behind(|b| b.word, 4);
    pairs | chained | dotted | every_third(|b| b.colon) | every_third(|b| b.dash)
}

impl Screen {
    /// A link of what may be an address.
    pub(super) fn chain(&mut self, bytes: &[u8], i: usize) {
        if at(bytes, i) == b'.' {
            let hex = |n: usize| at(bytes, n).is_ascii_hexdigit();
            let start = i
                .checked_sub(4)
                .filter(|n| (*n..i).all(hex) && (i + 1..i + 5).all(hex));
            if let Some(start) = start.filter(|n| asked(bytes, *n)) {
                self.add(start);
            }
            return;
        }
        if at(bytes, i) == b'-' {
            if let Some(start) = i.checked_sub(2).filter(|n| asked(bytes, *n)) {
                self.add(start);
            }
            return;
        }
        let start = run_back(bytes, i, ADDRESS_BYTES_MAX, hex);
        for n in start..=i {
            let first = at(bytes, n) == b':' && at(bytes, n + 1) == b':';
            if first || asked(bytes, n) {
                self.add(n);
            }
        }
    }
}
