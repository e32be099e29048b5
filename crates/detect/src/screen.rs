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

mod again;
mod chains;
mod keys;
mod labels;
mod numbers;
mod signs;
mod words;

pub(crate) use again::Again;
use cordon_simd::{Around, Block, Lanes, Masks, Window, pass};
pub(crate) use keys::may_end;
use zeroize::{Zeroize as _, Zeroizing};

use crate::bytes::{at, before, cut, looked, opens, run, starts};
use crate::encoded::{self, Ahead};
use crate::rules::{RUN_BYTES_MIN, RuleSet, random};
use crate::{dsn, ident, keyed, member, positional, shadow, table, tool};

/// Logarithm of the bytes that follow each other where something is encoded.
const ENCODED_RUN_BITS: u32 = 4;

/// What a look at a text found. Kept and used again, its memory serves the next text.
///
/// It has no `Debug`: what it keeps of texts is not to be printed, and is wiped.
#[derive(Default)]
pub(crate) struct Screen {
    window: Option<Box<Window<KINDS>>>,
    told: keys::Told,
    /// Places of a window at which a word may begin.
    words: Vec<u32>,
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
fn wordy<L: Lanes>(b: &Block<L>) -> L {
    b.word | b.under
}

#[inline(always)]
fn token<L: Lanes>(b: &Block<L>) -> L {
    b.word | b.under | b.joint | b.separator
}

/// Bytes of base64 and its relative for addresses.
#[inline(always)]
fn base64<L: Lanes>(b: &Block<L>) -> L {
    (b.word | b.under | b.joint) & !b.dot
}

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
    Parting,
}

const KINDS: usize = 13;

/// The places of each kind, by masks.
#[derive(Debug)]
struct Proposed {
    /// Logarithm of the token bytes that follow each other where a token of a rule begins.
    token_run_bits: u32,
}

impl Proposed {
    fn of(rules: &RuleSet) -> Self {
        Self {
            token_run_bits: rules.run_bytes_min().clamp(1, 16).ilog2(),
        }
    }
}

impl Masks<KINDS> for Proposed {
    #[inline(always)]
    fn masks<L: Lanes>(&self, v: &Around<L>) -> [L; KINDS] {
        let b = &v.here;
        let escaped = v.behind(|b| b.backslash, 2);
        let starts = b.word & (!v.behind(wordy, 1) | escaped | v.behind(|b| b.sigil, 3));
        let breaks = numbers::breaks(v);
        let runs = base64(b) & (!v.behind(base64, 1) | escaped) & v.runs(base64, ENCODED_RUN_BITS);
        let options = v.behind(|b| b.blank | b.quote | b.comma, 1) & !v.ahead(|b| b.blank, 1);
        let signs =
            b.at | b.mark | b.opening | b.bracket | b.sigil | b.backslash | b.control | b.high;
        [
            b.separator & !times(v),
            b.comma & listed(v),
            starts
                & (b.prompt
                    | b.prompt_two & !v.ahead(|b| b.word, 2)
                    | b.prompt_three & !v.ahead(|b| b.word & !b.digit, 3)),
            b.under,
            starts & v.runs(token, self.token_run_bits) & !(numbers::stamps(v) | breaks),
            starts & b.digit & numbers::runs(v) & !numbers::dates(v),
            starts & numbers::idents(v) & !breaks,
            runs,
            signs
                | numbers::account_starts(v, starts)
                | b.dash & (options | v.ahead(|b| b.dash, 1)),
            chains::links(v),
            b.newline,
            (b.quote | b.backslash) & v.behind(|b| b.blank, 1) & v.behind(named, 2),
            parting(v),
        ]
    }
}

impl Screen {
    /// Forgets what was found.
    fn clear(&mut self) {
        self.places.clear();
        self.runs.clear();
        self.disguises.clear();
        self.wide.clear();
        self.odd.clear();
        self.list_end = 0;
    }

    /// Looks a text through.
    pub(crate) fn look(&mut self, text: &str, rules: &RuleSet) {
        self.clear();
        looked(text.len());
        let proposed = Proposed::of(rules);
        let mut window = self.window.take().unwrap_or_default();
        pass(
            text.as_bytes(),
            &words::WORDS.prompts,
            &proposed,
            &mut window,
            |window| self.judge(text, window, rules),
        );
        self.window = Some(window);
        self.places
            .extend(rules.begun(text.as_bytes(), text.len()).map(|i| i as u32));
        if !self.places.is_sorted_by(|a, b| a < b) {
            self.places.sort_unstable();
            self.places.dedup();
        }
        self.disguises.sort_unstable();
    }

    /// Looks at the bytes around each place of a window.
    fn judge(&mut self, text: &str, window: &Window<KINDS>, rules: &RuleSet) {
        let bytes = text.as_bytes();
        let of = |kind: Kind| {
            let places = window.places(kind as usize);
            places.iter().map(|i| *i as usize)
        };
        for i in of(Kind::Separator) {
            if at(bytes, i) == b'=' && shadow::says_quoted(bytes, i) && shadow::disguises(text, i) {
                self.disguises.push(i as u32);
            }
            let governed =
                keys::may_end_at(window, bytes, i) && keys::may_govern(text, i, &mut self.told);
            if governed || may_part(bytes, i) {
                self.add(i);
            }
        }
        self.each(of(Kind::Listed), |i| {
            keys::may_end(bytes, i)
                || before(bytes, i) == b'>' && keys::may_end(bytes, i.saturating_sub(2))
        });
        let mut words = std::mem::take(&mut self.words);
        words::WORDS.sift(bytes, window.places(Kind::Word as usize), &mut words);
        for i in &words {
            self.word(text, *i as usize);
        }
        self.words = words;
        for i in of(Kind::Key) {
            self.spoken_key(bytes, i);
        }
        self.each(of(Kind::Token), |i| {
            // Without a digit nothing is random.
            let random = || {
                let digit = window.from(i, |b| b.digit);
                let run = (!window.from(i, token)).trailing_zeros();
                digit.trailing_zeros() < run && random(ahead(window, i))
            };
            starts(bytes, i, b"eyJ") || rules.may_stand(text, i, random)
        });
        self.each(of(Kind::Number), |i| numbers::may_begin(text, i));
        self.each(of(Kind::Ident), |i| {
            let labelled = || labels::may_stand(window, bytes, i);
            ident::find_labelled(text, i, labelled).is_some()
        });
        of(Kind::Encoded).for_each(|i| self.run(window, bytes, i));
        for i in of(Kind::Sign) {
            self.sign(text, i, rules);
        }
        for i in of(Kind::Chain) {
            self.chain(bytes, i);
        }
        for i in of(Kind::LineEnd) {
            if may_end_begun(window, bytes, i) {
                self.places.extend(rules.begun(bytes, i).map(|i| i as u32));
            }
            if may_end_cell(window, bytes, i) && table::may_end_header(text, i) {
                self.add(i);
            }
            if before(bytes, i) == b'=' && shadow::disguises(text, i - 1) {
                self.disguises.push(i as u32 - 1);
            }
        }
        for i in of(Kind::Parting) {
            self.parting(text, i);
        }
        self.each(of(Kind::Spaced), |i| {
            member::may_be_spaced(bytes, i) && keys::may_end(bytes, i)
        });
    }

    /// The beginning of a run of base64's alphabet.
    fn run(&mut self, window: &Window<KINDS>, bytes: &[u8], i: usize) {
        if encoded::alphabet(before(bytes, i)) && !opens_escaped(bytes, i) {
            return;
        }
        let ahead = ahead(window, i);
        if ahead.is_wide() {
            self.wide.push(i as u32);
        }
        let held = encoded::may_hold(bytes, i, ahead);
        self.runs.extend(held.map(|i| i as u32));
    }

    /// A sign between a name and its value in a table or a printed map.
    fn parting(&mut self, text: &str, i: usize) {
        let bytes = text.as_bytes();
        let end = match at(bytes, i) {
            b'|' => i,
            b'>' if keyed::is_arrow(bytes, i) => i - 1,
            _ => return,
        };
        if keys::may_end(bytes, end) {
            self.add(i);
        }
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

/// Whether the separator at `i` may part what no key governs.
fn may_part(bytes: &[u8], i: usize) -> bool {
    dsn::may_be_pgpass(bytes, i)
        || positional::may_separate(bytes, i)
        || tool::may_separate(bytes, i)
}

/// Whether a cell of a header may end at the line break `i`; nearly every line ends in a bracket,
/// or in a word behind one blank.
fn may_end_cell(window: &Window<KINDS>, bytes: &[u8], i: usize) -> bool {
    let name = window.upto(i, |b| b.word | b.under | b.dash | b.dot | b.high);
    let length = (!name).leading_zeros() as usize;
    if length == 0 {
        return matches!(
            before(bytes, i),
            b' ' | b'\t' | b'\r' | b'|' | b'"' | b'\'' | b'\\'
        );
    }
    let start = i.saturating_sub(length);
    // The name of a secret that is a column's alone has several words.
    let last = u64::MAX.checked_shl(64 - length as u32).unwrap_or(0);
    let upper = window.upto(i, |b| b.upper);
    let lower = window.upto(i, |b| b.word & !b.upper & !b.digit);
    let several = last & (window.upto(i, |b| b.under) | upper & lower << 1) != 0;
    match before(bytes, start) {
        b',' | b';' | b'\t' | b'|' | b'"' | b'\'' | b'\\' => true,
        b' ' => several || matches!(before(bytes, start - 1), b' ' | b'\t' | b'|'),
        0 | b'\n' => several,
        _ => length == 64,
    }
}

/// Whether a token may begin in the last word of the line that ends at `i`; most end in letters
/// that none begins with.
fn may_end_begun(window: &Window<KINDS>, bytes: &[u8], i: usize) -> bool {
    if matches!(before(bytes, i), b'\r' | b'\\') {
        return true;
    }
    let run = (!window.upto(i, token)).leading_zeros();
    let run = u64::MAX
        .checked_shl(64 - run.min(RUN_BYTES_MIN as u32))
        .unwrap_or(0);
    let word = window.upto(i, |b| b.word);
    let inner = window.upto(i, wordy) << 1;
    let escaped = window.upto(i, |b| b.backslash) << 2 | window.upto(i, |b| b.sigil) << 3;
    run & word & (!inner | escaped) != 0
}

/// What may stand at the end of a name before a blank and a quote.
#[inline(always)]
fn named<L: Lanes>(b: &Block<L>) -> L {
    b.word | b.quote | b.under | b.joint | b.high
}

/// Signs of no class that a blank, or the shaft of an arrow, stands before: `|` and `->`.
#[inline(always)]
fn parting<L: Lanes>(v: &Around<L>) -> L {
    let b = &v.here;
    let known = b.word | b.under | b.joint | b.separator | b.quote | b.blank | b.high;
    let known = known | b.at | b.mark | b.opening | b.bracket | b.sigil | b.backslash;
    let parted = v.behind(|b| b.blank, 1) | v.behind(|b| b.dash, 1) & v.behind(|b| b.blank, 2);
    parted & v.ahead(|b| b.blank, 1) & !(known | b.comma | b.newline | b.control)
}

/// Commas between a name and a value in quotes, or in Erlang's brackets.
#[inline(always)]
fn listed<L: Lanes>(v: &Around<L>) -> L {
    let (quote, mark) = (|b: &Block<L>| b.quote | b.backslash, |b: &Block<L>| b.mark);
    let value = v.ahead(quote, 1) | v.ahead(mark, 1);
    let parted = v.ahead(|b| b.blank, 1) & (v.ahead(quote, 2) | v.ahead(mark, 2));
    v.behind(|b| b.quote, 1) | (value | parted) & !v.behind(|b| b.digit, 1)
}

/// Colons that part hours and minutes, as [`keyed::is_time`] has them.
#[inline(always)]
fn times<L: Lanes>(v: &Around<L>) -> L {
    let digit = |b: &Block<L>| b.digit;
    let both = v.behind(digit, 1) & v.behind(digit, 2) & v.ahead(digit, 1);
    let named = |b: &Block<L>| b.word | b.under | b.joint | b.high | b.sigil;
    let lettered = v.behind(|b| b.upper, 3) & v.behind(digit, 4);
    v.here.colon & both & (!v.behind(named, 3) | lettered)
}

/// What the 64 bytes from `i` on are.
#[inline]
fn ahead(window: &Window<KINDS>, i: usize) -> Ahead {
    Ahead {
        alphabet: window.from(i, base64),
        joint: window.from(i, |b| (b.joint | b.under) & !b.dot),
        plus: window.from(i, |b| b.joint & !b.dot & !b.dash),
        upper: window.from(i, |b| b.upper),
        lower: window.from(i, |b| b.word & !b.upper & !b.digit),
        digit: window.from(i, |b| b.digit),
        token: window.from(i, token),
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
