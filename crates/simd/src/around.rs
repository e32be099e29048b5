//! A block between its neighbours, so that a class can be asked of bytes some way off.

use crate::block::Block;
use crate::lanes::{Lanes, Two};

/// A block between its neighbours.
pub type Around<L = u64> = Beside<Block<L>>;

/// The masks of a block between those of its neighbours; with wide lanes, several in a row, each
/// between its own.
pub struct Beside<B> {
    /// The block before, or an empty one.
    pub before: B,
    /// The block itself.
    pub here: B,
    /// The block behind, or an empty one.
    pub after: B,
}

impl<B> Beside<B> {
    /// Bytes whose predecessor by `n`, 1 to 63, is in the class.
    #[inline(always)]
    pub fn behind<L: Lanes>(&self, class: impl Fn(&B) -> L, n: u32) -> L {
        class(&self.here).up(n) | class(&self.before).down(64 - n)
    }

    /// Bytes whose successor by `n`, 1 to 63, is in the class.
    #[inline(always)]
    pub fn ahead<L: Lanes>(&self, class: impl Fn(&B) -> L, n: u32) -> L {
        class(&self.here).down(n) | class(&self.after).up(64 - n)
    }

    /// Bytes that begin a run of `2^bits` bytes of the class, `bits` at most 6.
    #[inline(always)]
    pub fn runs<L: Lanes>(&self, class: impl Fn(&B) -> L, bits: u32) -> L {
        let mut run = self.both(class);
        for n in 0..bits {
            run = run & run.down(1 << n);
        }
        run.here
    }

    /// The masks of the block and of the one behind.
    #[inline(always)]
    pub fn both<L: Lanes>(&self, class: impl Fn(&B) -> L) -> Two<L> {
        Two {
            here: class(&self.here),
            after: class(&self.after),
        }
    }
}
