//! Masks side by side: one, or as many as a vector holds.

use std::ops::{BitAnd, BitOr, Not};

/// Masks of 64 bits, each treated alike: one, or those of several blocks in a row.
pub trait Lanes: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {
    /// Number of masks.
    const COUNT: usize;

    /// Those of the blocks from `n` on; zeros where there are fewer.
    fn load(plane: &[u64], n: usize) -> Self;

    /// Writes them to the blocks from `n` on; nothing where there is no room for all.
    fn store(self, plane: &mut [u64], n: usize);

    /// Each moved by `n` bits, 0 to 63, towards the text's end.
    #[must_use]
    fn up(self, n: u32) -> Self;

    /// Each moved by `n` bits, 0 to 63, towards the text's beginning.
    #[must_use]
    fn down(self, n: u32) -> Self;

    /// The same mask in each.
    fn each(mask: u64) -> Self;

    /// A bit for each mask that is not empty.
    fn some(self) -> u32;
}

impl Lanes for u64 {
    const COUNT: usize = 1;

    #[inline(always)]
    fn load(plane: &[u64], n: usize) -> Self {
        plane.get(n).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn store(self, plane: &mut [u64], n: usize) {
        if let Some(slot) = plane.get_mut(n) {
            *slot = self;
        }
    }

    #[inline(always)]
    fn up(self, n: u32) -> Self {
        self << n
    }

    #[inline(always)]
    fn down(self, n: u32) -> Self {
        self >> n
    }

    #[inline(always)]
    fn each(mask: u64) -> Self {
        mask
    }

    #[inline(always)]
    fn some(self) -> u32 {
        u32::from(self != 0)
    }
}

/// The masks of a block and of the one behind it, as one of 128 bits.
#[derive(Clone, Copy, Debug)]
pub struct Two<L> {
    /// The first 64 bytes.
    pub here: L,
    /// The 64 bytes behind.
    pub after: L,
}

impl<L: Lanes> Two<L> {
    /// Moved by `n` bits, 1 to 63, towards the text's beginning; zeros follow.
    #[inline(always)]
    #[must_use]
    pub fn down(self, n: u32) -> Self {
        Self {
            here: self.here.down(n) | self.after.up(64 - n),
            after: self.after.down(n),
        }
    }
}

impl<L: Lanes> Not for Two<L> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self {
            here: !self.here,
            after: !self.after,
        }
    }
}

impl<L: Lanes> BitAnd for Two<L> {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self {
            here: self.here & other.here,
            after: self.after & other.after,
        }
    }
}

impl<L: Lanes> BitOr for Two<L> {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self {
            here: self.here | other.here,
            after: self.after | other.after,
        }
    }
}
