//! A block between its neighbours, so that a class can be asked of bytes some way off.

use crate::block::Block;

/// A block between its neighbours.
pub struct Around<'b> {
    /// The block before, or an empty one.
    pub before: &'b Block,
    /// The block itself.
    pub here: &'b Block,
    /// The block behind, or an empty one.
    pub after: &'b Block,
}

impl Around<'_> {
    /// Bytes whose predecessor by `n`, 1 to 63, is in the class.
    #[inline(always)]
    pub fn behind(&self, class: impl Fn(&Block) -> u64, n: u32) -> u64 {
        class(self.here) << n | class(self.before) >> (64 - n)
    }

    /// Bytes whose successor by `n`, 1 to 63, is in the class.
    #[inline(always)]
    pub fn ahead(&self, class: impl Fn(&Block) -> u64, n: u32) -> u64 {
        class(self.here) >> n | class(self.after) << (64 - n)
    }

    /// Bytes that begin a run of `2^bits` bytes of the class, `bits` at most 6.
    #[inline(always)]
    pub fn runs(&self, class: impl Fn(&Block) -> u64, bits: u32) -> u64 {
        let mut run = self.both(class);
        for n in 0..bits {
            run &= run >> (1 << n);
        }
        run as u64
    }

    /// The masks of the block and of the one behind.
    #[inline(always)]
    pub fn both(&self, class: impl Fn(&Block) -> u64) -> u128 {
        u128::from(class(self.here)) | u128::from(class(self.after)) << 64
    }
}
