//! The numbers of a text: masks that tell where they are, and a copy of the text that leaves them
//! open.
//!
//! [`Figures`] say of every 64 bytes which are digits and what stands beside them. What is to be
//! done with each number is the caller's; [`fold`] copies the text, writes marks for bytes and
//! leaves others out.

use crate::around::Beside;
use crate::block::BLOCK_BYTES;
use crate::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use crate::x86;

/// Blocks whose figures are kept at once.
pub const FIGURE_BLOCKS: usize = 128;
/// The masks of as many blocks, one before them and one behind.
pub type Plane = [u64; FIGURE_BLOCKS + 2];

/// Declares the classes once, for what needs all of them.
macro_rules! figures {
    ($($(#[$doc:meta])* $class:ident,)*) => {
        /// What numbers are told by, over 64 bytes: bit `i` speaks of byte `i`. With wide lanes,
        /// over several blocks side by side.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Figure<L = u64> {
            $($(#[$doc])* pub $class: L,)*
        }

        /// What numbers are told by, of at most [`FIGURE_BLOCKS`] blocks, each class by itself.
        /// The first block is block 1; those before the first and behind the last are empty.
        #[derive(Clone, Debug)]
        pub struct Figures {
            $($class: Plane,)*
            blocks: usize,
        }

        impl Default for Figures {
            fn default() -> Self {
                Self { $($class: [0; FIGURE_BLOCKS + 2],)* blocks: 0 }
            }
        }

        impl Figures {
            /// Writes a block; one that is out of range is left out.
            #[inline(always)]
            pub(crate) fn put(&mut self, n: usize, figure: &Figure) {
                $(if let Some(slot) = self.$class.get_mut(n) {
                    *slot = figure.$class;
                })*
            }

            /// The blocks from `n` on, as many as there are lanes; zeros where there are none. To
            /// be inlined, so that what is not asked for is not loaded.
            #[inline(always)]
            pub fn of<L: Lanes>(&self, n: usize) -> Figure<L> {
                Figure { $($class: L::load(&self.$class, n),)* }
            }
        }
    };
}

figures! {
    /// ASCII digits.
    digit,
    /// ASCII letters.
    letter,
    /// `a` to `f`.
    hex,
    /// `%`, `&`, `#` and `\`, which numbers may be an escape behind.
    escape,
    /// `T`.
    tee,
    /// `+`.
    plus,
    /// `-`.
    dash,
    /// `_`.
    under,
    /// `@`.
    at,
    /// Line feed.
    newline,
    /// Whatever the caller marks.
    id,
}

/// Masks of `K` kinds that figures tell, those of a block and of its neighbours.
pub trait FigureMasks<const K: usize> {
    /// The masks over the block in the middle. To be inlined: it is called for every block.
    fn masks<L: Lanes>(&self, around: &Beside<Figure<L>>) -> [L; K];
}

impl Figures {
    /// Tells the figures of each 64 bytes of a text of at most [`FIGURE_BLOCKS`] of them; the last
    /// ones may be fewer, and what is not there is in no class.
    pub fn read(&mut self, text: &[u8]) {
        let (blocks, tail) = text.as_chunks();
        let mut last = [0; BLOCK_BYTES];
        last.iter_mut().zip(tail).for_each(|(slot, b)| *slot = *b);
        let rest = if tail.is_empty() { &[][..] } else { &[last] };
        self.blocks = (blocks.len() + rest.len()).min(FIGURE_BLOCKS);
        self.write(blocks, 1);
        self.write(rest, 1 + blocks.len());
        self.put(1 + self.blocks, &Figure::default());
    }

    fn write(&mut self, blocks: &[[u8; BLOCK_BYTES]], n: usize) {
        #[cfg(target_arch = "x86_64")]
        if let Some(engine) = x86::Engine::found() {
            return engine.figures(blocks, n, self);
        }
        for (n, block) in (n..).zip(blocks) {
            self.put(n, &scalar_figures(block));
        }
    }

    /// Blocks that hold text.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// For the caller to mark bytes in.
    pub fn ids(&mut self) -> &mut Plane {
        &mut self.id
    }

    /// The 64 bits of a class from byte `i` of the text on. To be inlined, so that no other class
    /// is loaded.
    #[inline(always)]
    pub fn from(&self, i: usize, class: impl Fn(&Figure) -> u64) -> u64 {
        let (n, bit) = (i / BLOCK_BYTES + 1, i % BLOCK_BYTES);
        let here = class(&self.of(n));
        let after = class(&self.of(n + 1));
        here >> bit | (after << 1) << (BLOCK_BYTES - 1 - bit)
    }

    /// Writes masks of the blocks that hold text; what is written of the others says nothing.
    pub fn tell<const K: usize>(&self, masks: &impl FigureMasks<K>, out: &mut [Plane; K]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(engine) = x86::Engine::found() {
            return engine.told(self, masks, out);
        }
        self.told_by::<u64, K>(masks, out);
    }

    #[inline(always)]
    pub(crate) fn told_by<L: Lanes, const K: usize>(
        &self,
        masks: &impl FigureMasks<K>,
        out: &mut [Plane; K],
    ) {
        let mut n = 1;
        while n <= self.blocks {
            let around = Beside {
                before: self.of::<L>(n - 1),
                here: self.of::<L>(n),
                after: self.of::<L>(n + 1),
            };
            for (plane, mask) in out.iter_mut().zip(masks.masks(&around)) {
                mask.store(plane, n);
            }
            n += L::COUNT;
        }
    }
}

/// What a copy of 64 bytes has in the place of some: no byte is in two of the masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    /// Bytes for which there stands a mark, by [`MARKS`].
    pub marked: [u64; 3],
    /// Bytes for which nothing stands.
    pub left_out: u64,
    /// Where the copy begins.
    pub start: u32,
}

/// The marks: bytes that stand in no text.
pub const MARKS: [u8; 3] = [0xff, 0xfe, 0xfd];

/// Copies a text with marks for some bytes and without others, a [`Fold`] for each 64 of its bytes,
/// which is told where its copy begins. The copy is written to the beginning of `out`, which is
/// made longer where it is too short, and may be written to behind it. Returns the copy's length.
pub fn fold(text: &[u8], folds: &mut [Fold], out: &mut Vec<u8>) -> usize {
    if out.len() < text.len() + 2 * BLOCK_BYTES {
        out.resize(text.len() + 2 * BLOCK_BYTES, 0);
    }
    let (blocks, tail) = text.as_chunks();
    let mut last = [0; BLOCK_BYTES];
    last.iter_mut().zip(tail).for_each(|(slot, b)| *slot = *b);
    let (folds, rest) = folds.split_at_mut(blocks.len().min(folds.len()));
    let length = blocks_folded(blocks, folds, (out, 0));
    let Some(fold) = rest.first_mut().filter(|_| !tail.is_empty()) else {
        return length;
    };
    // What is behind the text is copied, too, and not counted.
    let copied = blocks_folded(&[last], std::slice::from_mut(fold), (out, length));
    let behind = u64::MAX << tail.len() & !fold.left_out;
    copied - behind.count_ones() as usize
}

/// Writes blocks from `at` on; returns where they end.
fn blocks_folded(
    blocks: &[[u8; BLOCK_BYTES]],
    folds: &mut [Fold],
    (out, at): (&mut [u8], usize),
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if let Some(engine) = x86::Engine::found() {
        return engine.fold(blocks, folds, (out, at));
    }
    scalar_fold(blocks, folds, (out, at))
}

pub(crate) fn scalar_figures(block: &[u8; BLOCK_BYTES]) -> Figure {
    let mut out = Figure::default();
    for (n, b) in block.iter().enumerate() {
        let bit = |is: bool| u64::from(is) << n;
        out.digit |= bit(b.is_ascii_digit());
        out.letter |= bit(b.is_ascii_alphabetic());
        out.hex |= bit(matches!(b, b'a'..=b'f'));
        out.escape |= bit(matches!(b, b'%' | b'&' | b'#' | b'\\'));
        out.tee |= bit(*b == b'T');
        out.plus |= bit(*b == b'+');
        out.dash |= bit(*b == b'-');
        out.under |= bit(*b == b'_');
        out.at |= bit(*b == b'@');
        out.newline |= bit(*b == b'\n');
    }
    out
}

pub(crate) fn scalar_fold(
    blocks: &[[u8; BLOCK_BYTES]],
    folds: &mut [Fold],
    (out, mut at): (&mut [u8], usize),
) -> usize {
    for (block, fold) in blocks.iter().zip(folds) {
        fold.start = at as u32;
        for (n, b) in block.iter().enumerate() {
            let marks = fold.marked.iter().zip(MARKS);
            let mut marks = marks.filter(|(mask, _)| **mask >> n & 1 == 1);
            if let Some(slot) = out.get_mut(at) {
                *slot = marks.next_back().map_or(*b, |(_, mark)| mark);
            }
            at += usize::from(fold.left_out >> n & 1 == 0);
        }
    }
    at
}
