//! A window: some blocks in a row, what is proposed in them, and where.

use crate::around::Around;
use crate::block::{BLOCK_BYTES, Block, KEPT_BLOCKS, Planes, WINDOW_BLOCKS};
use crate::lanes::Lanes;

/// Places that are written at once, whether or not there are so many: how many there are in a
/// block cannot be foreseen by the processor, and a wrong guess costs more than four writes.
const WRITTEN_AT_ONCE: usize = 4;

/// Masks of `K` kinds that a block and its neighbours tell.
pub trait Masks<const K: usize> {
    /// The masks over the block in the middle. To be inlined: it is called for every block.
    fn masks<L: Lanes>(&self, around: &Around<L>) -> [L; K];
}

/// The blocks that are looked at together, and the places of `K` kinds in them. Holds no text.
#[derive(Debug)]
pub struct Window<const K: usize> {
    pub(crate) planes: Planes,
    proposed: [[u64; KEPT_BLOCKS]; K],
    /// For each kind, the blocks in which something is proposed.
    some: [u32; K],
    offsets: [Places; K],
    /// First byte of the window in its text.
    pub(crate) base: usize,
    /// Blocks that hold text.
    pub(crate) blocks: usize,
}

impl<const K: usize> Default for Window<K> {
    fn default() -> Self {
        Self {
            planes: Planes::new(),
            proposed: [[0; KEPT_BLOCKS]; K],
            some: [0; K],
            offsets: std::array::from_fn(|_| Places::new()),
            base: 0,
            blocks: 0,
        }
    }
}

impl<const K: usize> Window<K> {
    /// Offsets of the places of one kind in the text, in order.
    pub fn places(&self, kind: usize) -> &[u32] {
        self.offsets.get(kind).map_or(&[], Places::offsets)
    }

    /// The 64 bits from byte `i` of the text on, as far as the window and the block behind it
    /// reach, of a class. To be inlined, so that no other class is loaded.
    #[inline(always)]
    pub fn from(&self, i: usize, class: impl Fn(&Block) -> u64) -> u64 {
        let Some(bit) = i.checked_sub(self.base) else {
            return 0;
        };
        let (n, bit) = (bit / BLOCK_BYTES + 1, bit % BLOCK_BYTES);
        let here = class(&self.planes.blocks(n));
        let after = class(&self.planes.blocks(n + 1));
        here >> bit | (after << 1) << (BLOCK_BYTES - 1 - bit)
    }

    /// The 64 bits up to byte `i` of the text, itself left out, as far as the block before the
    /// window reaches, of a class. The highest bit speaks of the byte right before.
    #[inline(always)]
    pub fn upto(&self, i: usize, class: impl Fn(&Block) -> u64) -> u64 {
        let Some(bit) = i.checked_sub(self.base) else {
            return 0;
        };
        let (n, bit) = (bit / BLOCK_BYTES + 1, bit % BLOCK_BYTES);
        let here = class(&self.planes.blocks(n));
        let before = class(&self.planes.blocks(n - 1));
        before >> bit | (here << 1) << (BLOCK_BYTES - 1 - bit)
    }

    /// Fills the masks of what is proposed from the classes.
    #[inline(always)]
    pub(crate) fn propose<L: Lanes>(&mut self, masks: &impl Masks<K>) {
        self.some = [0; K];
        let mut n = 1;
        while n <= self.blocks {
            let around: Around<L> = Around {
                before: self.planes.blocks(n - 1),
                here: self.planes.blocks(n),
                after: self.planes.blocks(n + 1),
            };
            let some = self.some.iter_mut();
            let planes = self.proposed.iter_mut().zip(some);
            for ((plane, some), mask) in planes.zip(masks.masks(&around)) {
                mask.store(plane, n);
                *some |= mask.some() << (n - 1);
            }
            n += L::COUNT;
        }
    }

    /// Makes offsets of the masks.
    #[inline(always)]
    pub(crate) fn locate(&mut self) {
        let held = 1_u32
            .checked_shl(self.blocks as u32)
            .unwrap_or(0)
            .wrapping_sub(1);
        let planes = self.proposed.iter().zip(&self.some);
        for ((plane, some), places) in planes.zip(&mut self.offsets) {
            places.count = 0;
            let mut some = some & held;
            while some != 0 {
                let n = some.trailing_zeros() as usize;
                some &= some - 1;
                let mask = plane.get(n + 1).copied().unwrap_or(0);
                places.add((self.base + n * BLOCK_BYTES) as u32, mask);
            }
        }
    }
}

/// Offsets into a text, in order.
#[derive(Debug)]
struct Places {
    /// The offsets, and room for as many as a window has bytes.
    offsets: Vec<u32>,
    count: usize,
}

impl Places {
    fn new() -> Self {
        Self {
            offsets: vec![0; WINDOW_BLOCKS * BLOCK_BYTES + WRITTEN_AT_ONCE],
            count: 0,
        }
    }

    fn offsets(&self) -> &[u32] {
        self.offsets.get(..self.count).unwrap_or(&[])
    }

    #[inline(always)]
    fn add(&mut self, base: u32, mut mask: u64) {
        let Some(slots) = self.offsets.get_mut(self.count..) else {
            return;
        };
        self.count += mask.count_ones() as usize;
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
            *slot = base.wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
        }
    }
}
