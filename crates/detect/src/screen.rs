//! Which places of a text the rule families are asked at.
//!
//! The byte-class pass gives masks over 64 bytes; a few operations on masks propose places where
//! something could begin, and a look at the bytes around each, a *necessary condition* of the
//! families that begin there, leaves only those worth asking. On an ordinary log line none is.
//!
//! **Invariant:** a place that is left out is one at which no family finds anything. The tests
//! hold it: a pass that asks at every byte finds the same ([`crate::detector`]).
//!
//! *Limits:* each look is bounded by a constant of its own.

mod chains;
mod edges;
mod keys;
mod numbers;
mod signs;
mod words;

use cordon_simd::{BLOCK_BYTES, Block, classify};

use crate::bytes::{at, opens};
use crate::{encoded, provider};

/// Token bytes that follow each other where a provider's token begins.
const TOKEN_RUN_BITS: u32 = 4;

/// What a look at a text found. Kept and used again, its memory serves the next text.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    blocks: Vec<Block>,
    told: keys::Told,
    /// Places at which the families are asked, in order.
    pub(crate) places: Vec<u32>,
    /// Beginnings of runs that may decode to text, in order.
    pub(crate) runs: Vec<u32>,
    /// Places of what disguises text: escapes, colour codes, invisible characters.
    pub(crate) disguises: Vec<u32>,
    /// Whether some line may be one of a private key's body.
    pub(crate) wide: bool,
}

/// A block between its neighbours.
struct Around<'b> {
    before: &'b Block,
    here: &'b Block,
    after: &'b Block,
}

impl Around<'_> {
    /// Bytes whose `n`th predecessor is in the class.
    fn behind(&self, class: fn(&Block) -> u64, n: u32) -> u64 {
        class(self.here) << n | class(self.before) >> (64 - n)
    }

    /// Bytes whose `n`th successor is in the class.
    fn ahead(&self, class: fn(&Block) -> u64, n: u32) -> u64 {
        class(self.here) >> n | class(self.after) << (64 - n)
    }

    /// Bytes that begin a run of `2^bits` bytes of the class.
    fn runs(&self, class: impl Fn(&Block) -> u64, bits: u32) -> u64 {
        let mut run = u128::from(class(self.here)) | u128::from(class(self.after)) << 64;
        for n in 0..bits {
            run &= run >> (1 << n);
        }
        run as u64
    }
}

fn wordy(b: &Block) -> u64 {
    b.word | b.under
}

fn token(b: &Block) -> u64 {
    b.word | b.under | b.joint | b.separator
}

/// Bytes of base64 and its relative for addresses.
fn base64(b: &Block) -> u64 {
    (b.word | b.under | b.joint) & !b.dot
}

impl Screen {
    /// Looks a text through.
    pub(crate) fn look(&mut self, text: &str) {
        self.places.clear();
        self.runs.clear();
        self.disguises.clear();
        self.wide = false;
        let mut blocks = std::mem::take(&mut self.blocks);
        classify(text.as_bytes(), &words::WORDS.prompts, &mut blocks);
        let none = Block::default();
        for (n, here) in blocks.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| blocks.get(n));
            let around = Around {
                before: before.unwrap_or(&none),
                here,
                after: blocks.get(n + 1).unwrap_or(&none),
            };
            self.block(text, n * BLOCK_BYTES, &around);
        }
        self.blocks = blocks;
        if !self.places.is_sorted_by(|a, b| a < b) {
            self.places.sort_unstable();
            self.places.dedup();
        }
        self.disguises.sort_unstable();
    }

    /// Takes every byte for a place worth asking at.
    pub(crate) fn take_every(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.places = (0..bytes.len() as u32).collect();
        self.wide = true;
        let mut run = 0;
        for i in 0..bytes.len() {
            if i >= run && encoded::alphabet(at(bytes, i)) {
                run = encoded::run_end(bytes, i);
                self.runs
                    .extend(encoded::may_hold(bytes, i).map(|i| i as u32));
            }
            if encoded::disguises(text, i) {
                self.disguises.push(i as u32);
            }
        }
    }

    fn block(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        let starts = v.here.word
            & (!v.behind(wordy, 1) | v.behind(|b| b.backslash, 2) | v.behind(|b| b.sigil, 3));
        self.words(text, base, v, starts);
        self.separators(text, base, v);
        let tokens = starts & v.runs(token, TOKEN_RUN_BITS);
        self.each(base, tokens, |i| provider::may_begin(bytes, i));
        let numbers = starts & v.here.digit & numbers::runs(v);
        self.each(base, numbers, |i| numbers::may_begin(text, i));
        let accounts = numbers::account_starts(v, starts);
        self.each(base, accounts, |i| numbers::is_country(bytes, i));
        self.signs(text, base, v);
        self.chains(text, base, v);
        self.edges(text, base, v);
        self.encoded(text, base, v);
    }

    /// Adds the places of a mask that the look accepts.
    fn each(&mut self, base: usize, mut mask: u64, mut accept: impl FnMut(usize) -> bool) {
        while mask != 0 {
            let i = base + mask.trailing_zeros() as usize;
            mask &= mask - 1;
            if accept(i) {
                self.places.push(i as u32);
            }
        }
    }

    /// Adds a place found from somewhere else, if a family may be asked there.
    fn add(&mut self, i: usize) {
        self.places.push(i as u32);
    }

    fn separators(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        let mut told = std::mem::take(&mut self.told);
        self.each(base, v.here.separator, |i| {
            keys::may_govern(text, i, &mut told)
        });
        self.told = told;
        let listed = v.here.comma & v.behind(|b| b.quote, 1);
        self.each(base, listed, |i| keys::may_end(bytes, i));
    }

    /// Runs of an encoding's alphabet.
    fn encoded(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        let mut starts = base64(v.here) & !v.behind(base64, 1) & v.runs(base64, 4);
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            let i = base + bit as usize;
            self.wide |= encoded::is_wide(bytes, i);
            if let Some(first) = encoded::may_hold(bytes, i) {
                self.runs.push(first as u32);
            }
        }
    }
}

/// Places of `mask`, as bytes of the text.
fn bits(base: usize, mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (mask != 0).then(|| {
            let i = base + mask.trailing_zeros() as usize;
            mask &= mask - 1;
            i
        })
    })
}

/// Whether a family may be asked at a letter or digit.
fn asked(bytes: &[u8], i: usize) -> bool {
    at(bytes, i).is_ascii_alphanumeric() && opens(bytes, i)
}
pub fn tmp_prompts() -> cordon_simd::Prompts {
    words::WORDS.prompts.clone()
}
