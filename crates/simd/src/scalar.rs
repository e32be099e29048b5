//! The pass without vectors: one byte after the other, by the same tables.

use crate::block::{BLOCK_BYTES, Block};
use crate::prompts::Prompts;
use crate::tables::{self, FIRST, SECOND, classes};
use crate::{Tail, whole_blocks};

/// As [`classify`](crate::classify), on every processor.
pub fn classify(text: &[u8], prompts: &Prompts, out: &mut Vec<Block>) {
    out.clear();
    let whole = whole_blocks(text.len());
    out.extend((0..whole).map(|n| block(text, n * BLOCK_BYTES, prompts)));
    let tail = Tail::new(text.get(whole * BLOCK_BYTES..).unwrap_or(&[]));
    out.extend((0..tail.blocks()).map(|n| block(tail.bytes(), n * BLOCK_BYTES, prompts)));
    end(text.len(), out);
}

/// Takes the zeros behind a text out of the mask of its last block that speaks of them.
pub(crate) fn end(len: usize, out: &mut [Block]) {
    let used = len % BLOCK_BYTES;
    if let Some(last) = out.last_mut().filter(|_| used > 0) {
        last.control &= (1 << used) - 1;
    }
}

fn block(bytes: &[u8], start: usize, prompts: &Prompts) -> Block {
    let mut out = Block::default();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    for n in 0..BLOCK_BYTES {
        let i = start + n;
        let b = at(i);
        let (first, second) = (classes(&FIRST, b), classes(&SECOND, b));
        let bit = |is: bool| u64::from(is) << n;
        out.word |= bit(first & tables::WORD != 0);
        out.digit |= bit(first & tables::DIGIT != 0);
        out.separator |= bit(first & tables::SEPARATOR != 0);
        out.grouping |= bit(first & tables::GROUPING != 0);
        out.joint |= bit(first & tables::JOINT != 0);
        out.quote |= bit(first & tables::QUOTE != 0);
        out.sigil |= bit(first & tables::SIGIL != 0);
        out.at |= bit(second & tables::AT != 0);
        out.backslash |= bit(second & tables::BACKSLASH != 0);
        out.under |= bit(second & tables::UNDER != 0);
        out.mark |= bit(second & tables::MARK != 0);
        out.opening |= bit(second & tables::OPENING != 0);
        out.bracket |= bit(second & tables::BRACKET != 0);
        out.control |= bit(second & tables::CONTROL != 0);
        out.colon |= bit(b == b':');
        out.dash |= bit(b == b'-');
        out.dot |= bit(b == b'.');
        out.upper |= bit(b.is_ascii_uppercase());
        out.comma |= bit(b == b',');
        out.newline |= bit(b == b'\n');
        out.blank |= bit(b == b' ' || b == b'\t');
        out.high |= bit(b >= 0x80);
        out.prompt |= bit(prompts.pass([b, at(i + 1), at(i + 2), at(i + 3)]));
    }
    out
}
