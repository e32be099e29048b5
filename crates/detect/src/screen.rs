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

#![expect(
    clippy::inline_always,
    reason = "what runs for every block must be compiled with the features of its caller"
)]

mod chains;
mod keys;
mod numbers;
mod signs;
mod words;

use cordon_simd::{Around, BLOCK_BYTES, Block, Masks, Places, classify, collect};
pub(crate) use keys::may_end;
use zeroize::{Zeroize as _, Zeroizing};

use crate::bytes::{at, before, cut, looked, opens, run, starts};
use crate::encoded::{self, Ahead};
use crate::rules::{RuleSet, random};
use crate::{dsn, ident, member, shadow, table};

/// Logarithm of the bytes that follow each other where something is encoded.
const ENCODED_RUN_BITS: u32 = 4;

/// What a look at a text found. Kept and used again, its memory serves the next text.
///
/// It has no `Debug`: what it keeps of texts is not to be printed, and is wiped.
#[derive(Default)]
pub(crate) struct Screen {
    blocks: Vec<Block>,
    window: [Places; KINDS],
    told: keys::Told,
    /// Places at which the families are asked, in order.
    pub(crate) places: Vec<u32>,
    /// Beginnings of runs that may decode to text, in order.
    pub(crate) runs: Vec<u32>,
    /// Places of what disguises text: escapes, colour codes, invisible characters.
    pub(crate) disguises: Vec<u32>,
    /// Places in lines that may be of a private key's body.
    pub(crate) wide: Vec<u32>,
    /// Escapes that are not the usual ones of JSON.
    odd: Vec<u32>,
    /// All of these together.
    marks: Vec<u32>,
    /// Up to where lists were read.
    list_end: usize,
    /// The words of a list, as one line.
    list: Zeroizing<String>,
    /// For that line.
    inner: Option<Box<Screen>>,
}

#[inline(always)]
fn wordy(b: &Block) -> u64 {
    b.word | b.under
}

#[inline(always)]
fn token(b: &Block) -> u64 {
    b.word | b.under | b.joint | b.separator
}

/// Bytes of base64 and its relative for addresses.
#[inline(always)]
fn base64(b: &Block) -> u64 {
    (b.word | b.under | b.joint) & !b.dot
}

/// Blocks whose places are collected before they are looked at.
const WINDOW_BLOCKS: usize = 32;
/// Longest list of strings in bytes that is read as one line.
const LIST_BYTES_MAX: usize = 2_048;

/// What is asked about a place.
#[derive(Clone, Copy)]
enum Kind {
    Separator,
    Listed,
    Word,
    Key,
    Token,
    Number,
    Ident,
    Encoded,
    Sign,
    Chain,
    LineEnd,
    Spaced,
}

const KINDS: usize = 12;

/// The places of each kind, by masks.
#[derive(Debug)]
struct Proposed {
    /// Logarithm of the token bytes that follow each other where a token of a rule begins.
    token_run_bits: u32,
}

impl Masks<KINDS> for Proposed {
    #[inline(always)]
    fn masks(&self, v: &Around<'_>) -> [u64; KINDS] {
        let b = v.here;
        let escaped = v.behind(|b| b.backslash, 2);
        let starts = b.word & (!v.behind(wordy, 1) | escaped | v.behind(|b| b.sigil, 3));
        let runs = base64(b) & (!v.behind(base64, 1) | escaped) & v.runs(base64, ENCODED_RUN_BITS);
        let options = v.behind(|b| b.blank | b.quote | b.comma, 1) & !v.ahead(|b| b.blank, 1);
        let signs =
            b.at | b.mark | b.opening | b.bracket | b.sigil | b.backslash | b.control | b.high;
        [
            b.separator & !times(v),
            b.comma & listed(v),
            starts & b.prompt,
            b.under,
            starts & v.runs(token, self.token_run_bits),
            starts & b.digit & numbers::runs(v) & !numbers::dates(v),
            starts & numbers::idents(v),
            runs,
            signs
                | numbers::account_starts(v, starts)
                | b.dash & (options | v.ahead(|b| b.dash, 1)),
            chains::links(v),
            b.newline,
            (b.quote | b.backslash) & v.behind(|b| b.blank, 1) & v.behind(named, 2),
        ]
    }
}

impl Screen {
    /// Looks a text through.
    pub(crate) fn look(&mut self, text: &str, rules: &RuleSet) {
        self.places.clear();
        self.runs.clear();
        self.disguises.clear();
        self.wide.clear();
        self.odd.clear();
        self.list_end = 0;
        let mut blocks = std::mem::take(&mut self.blocks);
        let mut window = std::mem::take(&mut self.window);
        classify(text.as_bytes(), &words::WORDS.prompts, &mut blocks);
        looked(text.len());
        let proposed = Proposed {
            token_run_bits: rules.run_bytes_min().clamp(1, 16).ilog2(),
        };
        let mut from = 0;
        while from < blocks.len() {
            let to = (from + WINDOW_BLOCKS).min(blocks.len());
            collect(&blocks, (from, to), &proposed, &mut window);
            self.judge(text, &blocks, &window, rules);
            from = to;
        }
        (self.blocks, self.window) = (blocks, window);
        self.places
            .extend(rules.begun(text.as_bytes(), text.len()).map(|i| i as u32));
        if !self.places.is_sorted_by(|a, b| a < b) {
            self.places.sort_unstable();
            self.places.dedup();
        }
        self.disguises.sort_unstable();
    }

    /// Looks at the bytes around each place of a window.
    fn judge(&mut self, text: &str, blocks: &[Block], window: &[Places; KINDS], rules: &RuleSet) {
        let bytes = text.as_bytes();
        let of = |kind: Kind| {
            let places = window.get(kind as usize).map_or(&[][..], Places::offsets);
            places.iter().map(|i| *i as usize)
        };
        for i in of(Kind::Separator) {
            if at(bytes, i) == b'=' && shadow::says_quoted(bytes, i) && shadow::disguises(text, i) {
                self.disguises.push(i as u32);
            }
            let governed = keys::may_end_at(bytes, i) && keys::may_govern(text, i, &mut self.told);
            if governed || dsn::may_be_pgpass(bytes, i) {
                self.add(i);
            }
        }
        self.each(of(Kind::Listed), |i| {
            keys::may_end(bytes, i)
                || before(bytes, i) == b'>' && keys::may_end(bytes, i.saturating_sub(2))
        });
        for i in of(Kind::Word) {
            self.word(text, i);
        }
        for i in of(Kind::Key) {
            self.spoken_key(bytes, i);
        }
        self.each(of(Kind::Token), |i| {
            let random = || random(ahead(blocks, i));
            starts(bytes, i, b"eyJ") || rules.may_stand(bytes, i, random)
        });
        self.each(of(Kind::Number), |i| numbers::may_begin(text, i));
        self.each(of(Kind::Ident), |i| ident::find(text, i).is_some());
        for i in of(Kind::Encoded) {
            if encoded::alphabet(before(bytes, i)) && !opens_escaped(bytes, i) {
                continue;
            }
            let ahead = ahead(blocks, i);
            if ahead.is_wide() {
                self.wide.push(i as u32);
            }
            let held = encoded::may_hold(bytes, i, ahead);
            self.runs.extend(held.map(|i| i as u32));
        }
        for i in of(Kind::Sign) {
            self.sign(text, i, rules);
        }
        for i in of(Kind::Chain) {
            self.chain(bytes, i);
        }
        for i in of(Kind::LineEnd) {
            self.places.extend(rules.begun(bytes, i).map(|i| i as u32));
            if table::may_end_header(text, i) {
                self.add(i);
            }
            if before(bytes, i) == b'=' && shadow::disguises(text, i - 1) {
                self.disguises.push(i as u32 - 1);
            }
        }
        self.each(of(Kind::Spaced), |i| {
            member::may_be_spaced(bytes, i) && keys::may_end(bytes, i)
        });
    }

    /// Every place of the last text that is worth a look.
    pub(crate) fn marks(&mut self) -> &[u32] {
        self.marks.clear();
        for places in [
            &self.places,
            &self.runs,
            &self.disguises,
            &self.wide,
            &self.odd,
        ] {
            self.marks.extend(places);
        }
        self.marks.sort_unstable();
        &self.marks
    }

    /// A bracket before a list of strings, which may be a command line or a sentence in pieces.
    fn list(&mut self, text: &str, i: usize, rules: &RuleSet) {
        let bytes = text.as_bytes();
        if i < self.list_end {
            // What is within a list that was read is not read again.
            self.add(i);
            return;
        }
        let end = run(bytes, i + 1, LIST_BYTES_MAX, |b| b != b']');
        self.list_end = end;
        let items = cut(text, i + 1, crate::bytes::floor(text, end));
        let Some(first) = items.trim_start().strip_prefix('"') else {
            return;
        };
        if !first.contains("\",") {
            return;
        }
        let mut inner = self.inner.take().unwrap_or_default();
        let mut list = std::mem::take(&mut self.list);
        list.clear();
        let words = items
            .split('"')
            .filter(|word| !matches!(word.trim(), "" | ","));
        for word in words {
            list.push_str(word);
            list.push(' ');
        }
        inner.look(&list, rules);
        if end - i > LIST_BYTES_MAX || items.contains('\\') || !inner.marks().is_empty() {
            self.add(i);
        }
        list.zeroize();
        (self.inner, self.list) = (Some(inner), list);
    }

    /// Takes every byte for a place worth asking at.
    pub(crate) fn take_every(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.places = (0..bytes.len() as u32).collect();
        self.wide.push(0);
        let mut run = 0;
        for i in 0..bytes.len() {
            if (i >= run || opens_escaped(bytes, i)) && encoded::alphabet(at(bytes, i)) {
                run = encoded::run_end(bytes, i);
                self.runs
                    .extend(encoded::may_hold(bytes, i, Ahead::of(bytes, i)).map(|i| i as u32));
            }
            if shadow::disguises(text, i) {
                self.disguises.push(i as u32);
            }
        }
    }

    /// Adds the places that the look accepts.
    fn each(&mut self, places: impl Iterator<Item = usize>, accept: impl Fn(usize) -> bool) {
        for i in places.filter(|i| accept(*i)) {
            self.add(i);
        }
    }

    /// Adds a place at which the families are to be asked.
    fn add(&mut self, i: usize) {
        self.places.push(i as u32);
    }
}

/// What may stand at the end of a name before a blank and a quote.
#[inline(always)]
fn named(b: &Block) -> u64 {
    b.word | b.quote | b.under | b.joint | b.high
}

/// Commas between a name and a value in quotes, or in Erlang's brackets.
#[inline(always)]
fn listed(v: &Around<'_>) -> u64 {
    let (quote, mark) = (|b: &Block| b.quote | b.backslash, |b: &Block| b.mark);
    let value = v.ahead(quote, 1) | v.ahead(mark, 1);
    let parted = v.ahead(|b| b.blank, 1) & (v.ahead(quote, 2) | v.ahead(mark, 2));
    v.behind(|b| b.quote, 1) | (value | parted) & !v.behind(|b| b.digit, 1)
}

/// Colons that part hours and minutes, as [`keyed::is_time`] has them.
#[inline(always)]
fn times(v: &Around<'_>) -> u64 {
    let digit = |b: &Block| b.digit;
    let both = v.behind(digit, 1) & v.behind(digit, 2) & v.ahead(digit, 1);
    let named = |b: &Block| b.word | b.under | b.joint | b.high | b.sigil;
    let lettered = v.behind(|b| b.upper, 3) & v.behind(digit, 4);
    v.here.colon & both & (!v.behind(named, 3) | lettered)
}

/// What the 64 bytes from `i` on are.
fn ahead(blocks: &[Block], i: usize) -> Ahead {
    let none = Block::default();
    let (n, bit) = (i / BLOCK_BYTES, i % BLOCK_BYTES);
    let here = blocks.get(n).unwrap_or(&none);
    let after = blocks.get(n + 1).unwrap_or(&none);
    let mask = |class: fn(&Block) -> u64| {
        let both = u128::from(class(here)) | u128::from(class(after)) << BLOCK_BYTES;
        (both >> bit) as u64
    };
    Ahead {
        alphabet: mask(base64),
        joint: mask(|b| (b.joint | b.under) & !b.dot),
        plus: mask(|b| b.joint & !b.dot & !b.dash),
        upper: mask(|b| b.upper),
        lower: mask(|b| b.word & !b.upper & !b.digit),
        digit: mask(|b| b.digit),
    }
}

/// Whether the letter of an escape such as `\n` stands before `i`.
fn opens_escaped(bytes: &[u8], i: usize) -> bool {
    i >= 2 && at(bytes, i - 2) == b'\\' && matches!(before(bytes, i), b'n' | b'r' | b't')
}

/// Whether a family may be asked at a letter or digit.
fn asked(bytes: &[u8], i: usize) -> bool {
    at(bytes, i).is_ascii_alphanumeric() && opens(bytes, i)
}
