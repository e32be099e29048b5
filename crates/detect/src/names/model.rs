//! A linear model over the rows of [`features`], and the best sequence of labels under it.
//!
//! Everything is integer arithmetic over the bytes of the weights' file, so that every platform
//! gives the same answer.

use super::feature::{FEATURES_COUNT, features};
use super::lists::{ENTRY_BYTES, Lists, bit};
use super::word::{LINE_TOKENS_MAX, Line, Shape, Token};

/// Labels: outside, then begin and inside of person, place, organisation and address.
pub const LABELS_COUNT: usize = 9;
/// First bytes of a weights file.
pub const MAGIC: [u8; 8] = *b"CNAMES01";
/// Bytes before the rows: magic, rows, list entries, transitions, margins.
pub const HEAD_BYTES: usize = 16 + 2 * (LABELS_COUNT * LABELS_COUNT + MARGINS_COUNT);
/// Kinds of entity.
pub const KINDS_COUNT: usize = 4;
/// Margins: one for each kind; how far a place or an organisation may lead over a person to count
/// as one all the same; what a person needs beside whose one word no list has.
pub const MARGINS_COUNT: usize = KINDS_COUNT + 2;
/// Tokens around a capitalised, listed or caseless word that are looked at with it.
const REACH_TOKENS: usize = 4;
/// Kinds, as labels number them.
const PERSON: usize = 1;
const PLACE: usize = 2;
const ORGANISATION: usize = 3;
/// What a label scores that cannot be.
const NEVER: i32 = -1_000_000;

/// Scores of a token, one for each label.
pub type Scores = [i32; LABELS_COUNT];

/// Kind of a label: 0 for outside, 1 to 4.
pub fn kind_of(label: usize) -> usize {
    label.div_ceil(2)
}

/// Whether a label begins an entity.
pub fn begins(label: usize) -> bool {
    label % 2 == 1
}

/// Whether label `to` may follow `from`; an inside follows its own kind alone.
pub fn follows(from: usize, to: usize) -> bool {
    to == 0 || begins(to) || kind_of(from) == kind_of(to)
}

/// Weights, as they lie in their file.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    rows: u32,
    weights: &'a [u8],
    lists: Lists<'a>,
    transitions: [[i16; LABELS_COUNT]; LABELS_COUNT],
    /// Least mean lead over outside that an entity of a kind needs; behind them, the claim that
    /// persons have on places and organisations, and what a lone unlisted word needs beside.
    margins: [i32; MARGINS_COUNT],
}

/// A number of two bytes at `i`.
fn short(bytes: &[u8], i: usize) -> Option<i16> {
    let pair = bytes.get(i..i + 2)?;
    pair.try_into().ok().map(i16::from_le_bytes)
}

/// A number of four bytes at `i`.
fn long(bytes: &[u8], i: usize) -> Option<u32> {
    let four = bytes.get(i..i + 4)?;
    four.try_into().ok().map(u32::from_le_bytes)
}

impl<'a> Model<'a> {
    /// A model over a weights file; `None` where its length is not what its head says.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        if bytes.get(..8)? != MAGIC.as_slice() {
            return None;
        }
        let rows = long(bytes, 8)?;
        let entries = long(bytes, 12)?;
        let mut transitions = [[0; LABELS_COUNT]; LABELS_COUNT];
        let mut at = 16;
        for slot in transitions.iter_mut().flatten() {
            *slot = short(bytes, at)?;
            at += 2;
        }
        let mut margins = [0; MARGINS_COUNT];
        for slot in &mut margins {
            *slot = i32::from(short(bytes, at)?);
            at += 2;
        }
        let weights_end = at + rows as usize * LABELS_COUNT;
        let table = bytes.get(weights_end..)?;
        let sound = table.len() == entries as usize * ENTRY_BYTES
            && (entries == 0 || entries.is_power_of_two());
        sound.then_some(Self {
            rows,
            weights: bytes.get(at..weights_end)?,
            lists: Lists::new(table),
            transitions,
            margins,
        })
    }

    /// The word lists.
    pub fn lists(&self) -> Lists<'a> {
        self.lists
    }

    fn scores(&self, line: &Line, i: usize) -> Scores {
        let mut sum = [0_i32; LABELS_COUNT];
        for row in features(line, i, self.rows) {
            let at = row as usize * LABELS_COUNT;
            let weights = self.weights.get(at..at + LABELS_COUNT).unwrap_or(&[]);
            for (total, weight) in sum.iter_mut().zip(weights) {
                *total += i32::from(weight.cast_signed());
            }
        }
        sum
    }

    /// Labels of a line's tokens; empty where nothing in it can be a name.
    pub(crate) fn label(&self, line: &Line, out: &mut Vec<(usize, Lead)>) {
        out.clear();
        let Some(live) = live(line.tokens()) else {
            return;
        };
        let mut path = Path::default();
        for (i, token) in line.tokens().iter().enumerate() {
            let is_live = live.get(i).copied().unwrap_or(false);
            let scores = if is_live && !is_barred(token) {
                self.scores(line, i)
            } else {
                outside()
            };
            path.step(&scores, &self.transitions);
        }
        path.back(out);
    }

    /// Kind of an entity whose labels say `kind`, if it leads enough: `sum` is over its tokens.
    ///
    /// A place or organisation that might as well be a person counts as one: a name that is kept
    /// is the worse mistake.
    pub(crate) fn decide(&self, kind: usize, sum: Lead, tokens: &[Token]) -> Option<usize> {
        let [.., claim, lone] = self.margins;
        let count = tokens.len() as i32;
        let claimed = matches!(kind, PLACE | ORGANISATION) && sum.person + claim * count >= 0;
        let (kind, lead) = if claimed {
            (PERSON, sum.over_outside + sum.person)
        } else {
            (kind, sum.over_outside)
        };
        let margin = kind.checked_sub(1).and_then(|k| self.margins.get(k))?;
        let needs = match kind {
            // Where no script parts words, a character says little, and is seldom wrong.
            PERSON if tokens.first().is_some_and(|t| t.shape.is_single()) => 0,
            PERSON if is_lone(tokens) => margin + lone,
            _ => *margin,
        };
        (lead >= needs * count).then_some(kind)
    }
}

/// Whether tokens are one word that no list of names has.
fn is_lone(tokens: &[Token]) -> bool {
    let [token] = tokens else { return false };
    token.bits & (bit::FIRST | bit::LAST) == 0 && !token.shape.is_single()
}

/// Scores of a token that is outside whatever stands around it.
pub fn outside() -> Scores {
    let mut scores = [NEVER; LABELS_COUNT];
    if let Some(first) = scores.first_mut() {
        *first = 0;
    }
    scores
}

/// Whether a token cannot be part of a name by its form or what it is glued to.
pub fn is_barred(token: &Token) -> bool {
    let left = matches!(
        token.left,
        b'#' | b'$' | b'%' | b'\\' | b'_' | b'@' | b'/' | b'~' | b'*'
    );
    let right = matches!(token.right, b'_' | b'=' | b'\\' | b'@' | b'/');
    let worded = !matches!(token.shape, Shape::Sign | Shape::Number);
    // `call(`; in scripts without gaps, a parenthesis stands where a gap would.
    let called = token.right == b'(' && !token.shape.is_caseless();
    token.shape == Shape::Opaque || worded && (left || right || called)
}

/// Whether a word may be or begin a name, by its form and the lists.
fn is_candidate(token: &Token) -> bool {
    let named = token.bits & (bit::FIRST | bit::LAST | bit::PLACE) != 0;
    let plain = token.bits & (bit::COMMON | bit::SOFTWARE) != 0;
    match token.shape {
        Shape::Capital | Shape::Inner => named || !plain,
        Shape::Upper => named,
        Shape::Lower => token.bits & bit::FIRST != 0 && !plain,
        shape => shape.is_caseless() && (named || !plain),
    }
}

/// Which tokens are looked at; `None` where none is.
fn live(tokens: &[Token]) -> Option<[bool; LINE_TOKENS_MAX]> {
    let mut live = [false; LINE_TOKENS_MAX];
    let mut any = false;
    for (i, token) in tokens.iter().enumerate() {
        if is_candidate(token) && !is_barred(token) {
            any = true;
            let from = i.saturating_sub(REACH_TOKENS);
            let around = live.iter_mut().skip(from).take(i + REACH_TOKENS + 1 - from);
            around.for_each(|slot| *slot = true);
        }
    }
    any.then_some(live)
}

/// How far a token's label leads over others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    /// Its score less that of being outside.
    pub over_outside: i32,
    /// The score of being a person's less its own.
    pub person: i32,
}

/// The best sequences so far.
#[derive(Default)]
pub struct Path {
    best: Option<Scores>,
    /// For each token and label: the label before, and the label's lead over outside.
    steps: Vec<[(u8, Lead); LABELS_COUNT]>,
}

impl Path {
    /// Goes on by one token.
    pub fn step(&mut self, scores: &Scores, transitions: &[[i16; LABELS_COUNT]; LABELS_COUNT]) {
        let mut next = [NEVER; LABELS_COUNT];
        let mut step = [(0_u8, Lead::default()); LABELS_COUNT];
        let [zero, begin, inside, ..] = *scores;
        let before = self.best.unwrap_or_else(outside);
        for (to, (score, (slot, said))) in scores
            .iter()
            .zip(next.iter_mut().zip(&mut step))
            .enumerate()
        {
            let mut chosen = (NEVER * 4, 0_u8);
            for (from, (total, row)) in before.iter().zip(transitions).enumerate() {
                if !follows(from, to) {
                    continue;
                }
                let total = total + i32::from(row.get(to).copied().unwrap_or(0));
                if total > chosen.0 {
                    chosen = (total, from as u8);
                }
            }
            *slot = (chosen.0 + score).max(NEVER * 4);
            let lead = Lead {
                over_outside: score - zero,
                person: begin.max(inside) - score,
            };
            *said = (chosen.1, lead);
        }
        self.best = Some(next);
        self.steps.push(step);
    }

    /// The best sequence's labels and leads, in order.
    pub fn back(&self, out: &mut Vec<(usize, Lead)>) {
        let best = self.best.unwrap_or_else(outside);
        let mut label = 0;
        let mut top = i32::MIN;
        for (i, score) in best.iter().enumerate() {
            if *score > top {
                (label, top) = (i, *score);
            }
        }
        for step in self.steps.iter().rev() {
            let (before, lead) = step.get(label).copied().unwrap_or_default();
            out.push((label, lead));
            label = usize::from(before);
        }
        out.reverse();
    }
}

/// Rows a token sets; for training.
pub fn rows_of(line: &Line, i: usize, rows: u32) -> [u32; FEATURES_COUNT] {
    features(line, i, rows)
}
