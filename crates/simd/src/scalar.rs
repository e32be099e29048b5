//! The pass without vectors: one byte after the other, by the same tables.

use crate::block::{BLOCK_BYTES, Block};
use crate::prompts::Prompts;
use crate::tables::{self, FIRST, SECOND, classes};
use crate::{Masks, Pass, Window, through};

/// As [`pass`](crate::pass), on every processor.
pub fn pass<const K: usize>(
    text: &[u8],
    prompts: &Prompts,
    masks: &impl Masks<K>,
    window: &mut Window<K>,
    each: impl FnMut(&Window<K>),
) {
    through(Scalar, text, prompts, masks, window, each);
}

/// The pass without vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar;

impl Pass for Scalar {
    fn classify<const K: usize>(
        self,
        text: &[u8],
        prompts: &Prompts,
        (from, to): (usize, usize),
        window: &mut Window<K>,
    ) {
        for n in from..to {
            let block = block(text, (n - from) * BLOCK_BYTES, prompts);
            window.planes.put(n, &block);
        }
    }

    fn propose<const K: usize>(self, masks: &impl Masks<K>, window: &mut Window<K>) {
        window.propose::<u64>(masks);
        window.locate();
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
        let passed = prompts.pass([b, at(i + 1), at(i + 2), at(i + 3)]);
        out.prompt |= bit(passed & Prompts::MANY != 0);
        out.prompt_two |= bit(passed & Prompts::TWO != 0);
        out.prompt_three |= bit(passed & Prompts::THREE != 0);
    }
    out
}
