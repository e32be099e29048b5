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
pub(crate) use keys::may_end;

use crate::bytes::{at, opens};
use crate::{encoded, provider};

/// Token bytes that follow each other where a provider's token begins.
const TOKEN_RUN_BITS: u32 = 4;

/// What a look at a text found. Kept and used again, its memory serves the next text.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    blocks: Vec<Block>,
    window: Window,
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

/// Blocks whose places are collected before they are looked at.
const WINDOW_BLOCKS: usize = 32;
/// Places that are written at once, whether or not there are so many.
const WRITTEN_AT_ONCE: usize = 4;

/// Places of one kind in a window.
#[derive(Debug)]
struct Collected {
    places: Vec<u32>,
    count: usize,
}

impl Default for Collected {
    fn default() -> Self {
        Self {
            places: vec![0; WINDOW_BLOCKS * BLOCK_BYTES + WRITTEN_AT_ONCE],
            count: 0,
        }
    }
}

impl Collected {
    /// Adds the places of a mask. Without branches for a few: how many there are cannot be
    /// foreseen by the processor.
    fn add(&mut self, base: usize, mut mask: u64) {
        let count = mask.count_ones() as usize;
        let end = self.count + count;
        let mut slots = self
            .places
            .get_mut(self.count..)
            .unwrap_or(&mut [])
            .iter_mut();
        for slot in slots.by_ref().take(WRITTEN_AT_ONCE) {
            *slot = base as u32 + mask.trailing_zeros();
            mask &= mask.wrapping_sub(1);
        }
        if mask != 0 {
            for slot in slots {
                *slot = base as u32 + mask.trailing_zeros();
                mask &= mask.wrapping_sub(1);
                if mask == 0 {
                    break;
                }
            }
        }
        self.count = end;
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let places = self.places.get(..self.count).unwrap_or(&[]);
        places.iter().map(|i| *i as usize)
    }
}

/// Places of a window by what is asked about them.
#[derive(Debug, Default)]
struct Window {
    separators: Collected,
    listed: Collected,
    words: Collected,
    keys: Collected,
    tokens: Collected,
    numbers: Collected,
    encoded: Collected,
    signs: Collected,
    chains: Collected,
    lines: Collected,
}

impl Window {
    fn clear(&mut self) {
        for kind in [
            &mut self.separators,
            &mut self.listed,
            &mut self.words,
            &mut self.keys,
            &mut self.tokens,
            &mut self.numbers,
            &mut self.encoded,
            &mut self.signs,
            &mut self.chains,
            &mut self.lines,
        ] {
            kind.count = 0;
        }
    }

    /// Collects the places of a block.
    fn collect(&mut self, base: usize, v: &Around<'_>) {
        let b = v.here;
        let starts = b.word
            & (!v.behind(wordy, 1) | v.behind(|b| b.backslash, 2) | v.behind(|b| b.sigil, 3));
        self.separators.add(base, b.separator);
        self.listed.add(base, b.comma & v.behind(|b| b.quote, 1));
        self.words.add(base, starts & b.prompt);
        self.tokens
            .add(base, starts & v.runs(token, TOKEN_RUN_BITS));
        self.numbers.add(base, starts & b.digit & numbers::runs(v));
        let runs = base64(b) & !v.behind(base64, 1) & v.runs(base64, TOKEN_RUN_BITS);
        self.encoded.add(base, runs & cases(v));
        self.keys.add(
            base,
            b.under & !v.ahead(wordy, 1) | b.under & v.ahead(|b| b.word, 1),
        );
        let options = v.behind(|b| b.blank | b.quote | b.comma, 1) & !v.ahead(|b| b.blank, 1);
        let signs = b.at
            | b.mark
            | b.opening
            | b.bracket
            | b.sigil
            | b.backslash
            | b.control
            | b.high
            | numbers::account_starts(v, starts)
            | b.dash & (options | v.ahead(|b| b.dash, 1));
        if signs != 0 {
            self.signs.add(base, signs);
        }
        let chains = chains::links(v);
        if chains != 0 {
            self.chains.add(base, chains);
        }
        if b.newline != 0 {
            self.lines.add(base, b.newline & v.behind(token, 1));
        }
    }
}

impl Screen {
    /// Looks a text through.
    pub(crate) fn look(&mut self, text: &str) {
        self.places.clear();
        self.runs.clear();
        self.disguises.clear();
        self.wide = false;
        let mut blocks = std::mem::take(&mut self.blocks);
        let mut window = std::mem::take(&mut self.window);
        classify(text.as_bytes(), &words::WORDS.prompts, &mut blocks);
        let none = Block::default();
        for (n, here) in blocks.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| blocks.get(n));
            let around = Around {
                before: before.unwrap_or(&none),
                here,
                after: blocks.get(n + 1).unwrap_or(&none),
            };
            window.collect(n * BLOCK_BYTES, &around);
            if (n + 1).is_multiple_of(WINDOW_BLOCKS) {
                self.judge(text, &window);
                window.clear();
            }
        }
        self.judge(text, &window);
        window.clear();
        (self.blocks, self.window) = (blocks, window);
        if !self.places.is_sorted_by(|a, b| a < b) {
            self.places.sort_unstable();
            self.places.dedup();
        }
        self.disguises.sort_unstable();
    }

    /// Looks at the bytes around each place of a window.
    fn judge(&mut self, text: &str, window: &Window) {
        let bytes = text.as_bytes();
        for i in window.separators.iter() {
            if keys::may_end_at(bytes, i) && keys::may_govern(text, i, &mut self.told) {
                self.add(i);
            }
        }
        self.each(&window.listed, |i| keys::may_end(bytes, i));
        for i in window.words.iter() {
            self.word(bytes, i);
        }
        for i in window.keys.iter() {
            self.spoken_key(bytes, i);
        }
        self.each(&window.tokens, |i| provider::may_begin(bytes, i));
        self.each(&window.numbers, |i| numbers::may_begin(text, i));
        for i in window.encoded.iter() {
            self.wide |= encoded::is_wide(bytes, i);
            self.runs
                .extend(encoded::may_hold(bytes, i).map(|i| i as u32));
        }
        for i in window.signs.iter() {
            self.sign(text, i);
        }
        for i in window.chains.iter() {
            self.chain(bytes, i);
        }
        for i in window.lines.iter() {
            self.line_end(text, i);
        }
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

    /// Adds the places that the look accepts.
    fn each(&mut self, places: &Collected, accept: impl Fn(usize) -> bool) {
        for i in places.iter().filter(|i| accept(*i)) {
            self.add(i);
        }
    }

    /// Adds a place at which the families are to be asked.
    fn add(&mut self, i: usize) {
        self.places.push(i as u32);
    }
}

/// Beginnings of runs of base64's alphabet in which, within the next bytes, letters of both cases
/// or several digits stand: without them nothing is encoded in it.
fn cases(v: &Around<'_>) -> u64 {
    let within = |class: fn(&Block) -> u64| {
        let mut near = u128::from(class(v.here)) | u128::from(class(v.after)) << 64;
        for n in 0..6 {
            near |= near >> (1 << n);
        }
        near as u64
    };
    let lower = |b: &Block| b.word & !b.upper & !b.digit;
    within(|b| b.upper) & within(lower) | within(|b| b.digit)
}

/// Whether a family may be asked at a letter or digit.
fn asked(bytes: &[u8], i: usize) -> bool {
    at(bytes, i).is_ascii_alphanumeric() && opens(bytes, i)
}
pub fn tmp_prompts() -> cordon_simd::Prompts {
    words::WORDS.prompts.clone()
}
