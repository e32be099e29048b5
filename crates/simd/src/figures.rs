//! The numbers of a text: masks that tell where they are, and a copy of the text that leaves them
//! open.
//!
//! [`figures`] says of every 64 bytes which are digits and what stands beside them. What is to be
//! done with each number is the caller's; [`fold`] copies the text, writes marks for bytes and
//! leaves others out.

use crate::block::BLOCK_BYTES;
#[cfg(target_arch = "x86_64")]
use crate::x86;

/// What numbers are told by, over 64 bytes: bit `i` speaks of byte `i`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// ASCII digits.
    pub digit: u64,
    /// ASCII letters.
    pub letter: u64,
    /// `a` to `f`.
    pub hex: u64,
    /// `%`, `&`, `#` and `\`, which numbers may be an escape behind.
    pub escape: u64,
    /// `T`.
    pub tee: u64,
    /// `+`.
    pub plus: u64,
    /// `-`.
    pub dash: u64,
    /// `_`.
    pub under: u64,
    /// Line feed.
    pub newline: u64,
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

/// Tells the figures of each 64 bytes of a text; the last ones may be fewer, and what is not there
/// is in no class.
pub fn figures(text: &[u8], out: &mut Vec<Figures>) {
    out.clear();
    let (blocks, tail) = text.as_chunks();
    let mut last = [0; BLOCK_BYTES];
    last.iter_mut().zip(tail).for_each(|(slot, b)| *slot = *b);
    let rest = if tail.is_empty() { &[][..] } else { &[last] };
    #[cfg(target_arch = "x86_64")]
    if let Some(engine) = x86::Engine::found() {
        engine.figures(blocks, out);
        engine.figures(rest, out);
        return;
    }
    out.extend(blocks.iter().chain(rest).map(scalar_figures));
}

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

pub(crate) fn scalar_figures(block: &[u8; BLOCK_BYTES]) -> Figures {
    let mut out = Figures::default();
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
