//! From masks to places: the bits that are set, as offsets into the text.

use crate::around::Around;
use crate::block::{BLOCK_BYTES, Block};

/// Places that are written at once, whether or not there are so many: how many there are in a
/// block cannot be foreseen by the processor, and a wrong guess costs more than four writes.
const WRITTEN_AT_ONCE: usize = 4;

/// Offsets into a text, in order.
#[derive(Debug, Default)]
pub struct Places {
    /// The offsets, and room for more.
    offsets: Vec<u32>,
    count: usize,
}

impl Places {
    /// The offsets.
    pub fn offsets(&self) -> &[u32] {
        self.offsets.get(..self.count).unwrap_or(&[])
    }

    fn clear(&mut self, bytes: usize) {
        self.count = 0;
        let room = bytes + WRITTEN_AT_ONCE;
        if self.offsets.len() < room {
            self.offsets.resize(room, 0);
        }
    }

    #[inline(always)]
    fn add(&mut self, base: u32, mut mask: u64) {
        let count = mask.count_ones() as usize;
        let Some(slots) = self.offsets.get_mut(self.count..) else {
            return;
        };
        self.count += count;
        let Some((at_once, more)) = slots.split_first_chunk_mut::<WRITTEN_AT_ONCE>() else {
            return;
        };
        for slot in at_once {
            *slot = base.wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
        }
        for slot in more {
            if mask == 0 {
                break;
            }
            *slot = base + mask.trailing_zeros();
            mask &= mask - 1;
        }
    }
}

/// Masks of `K` kinds that a block and its neighbours tell.
pub trait Masks<const K: usize> {
    /// The masks over the block in the middle. To be inlined: it is called for every block.
    fn masks(&self, around: &Around<'_>) -> [u64; K];
}

/// Collects the places of each kind in blocks `range.0` to `range.1`.
pub fn collect<const K: usize, M: Masks<K>>(
    blocks: &[Block],
    range: (usize, usize),
    masks: &M,
    out: &mut [Places; K],
) {
    #[cfg(target_arch = "x86_64")]
    if crate::x86::collect(blocks, range, masks, out) {
        return;
    }
    collect_any(blocks, range, masks, out);
}

#[inline(always)]
pub(crate) fn collect_any<const K: usize, M: Masks<K>>(
    blocks: &[Block],
    range: (usize, usize),
    masks: &M,
    out: &mut [Places; K],
) {
    for places in out.iter_mut() {
        places.clear((range.1 - range.0) * BLOCK_BYTES);
    }
    let none = Block::default();
    for n in range.0..range.1 {
        let Some(here) = blocks.get(n) else { return };
        let around = Around {
            before: n
                .checked_sub(1)
                .and_then(|n| blocks.get(n))
                .unwrap_or(&none),
            here,
            after: blocks.get(n + 1).unwrap_or(&none),
        };
        let base = (n * BLOCK_BYTES) as u32;
        for (places, mask) in out.iter_mut().zip(masks.masks(&around)) {
            places.add(base, mask);
        }
    }
}
