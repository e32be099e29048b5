//! A structured perceptron with a margin, averaged: integers only, the same result everywhere.

use cordon_detect::names::lists::{ENTRY_BYTES, Lists};
use cordon_detect::names::model::{
    HEAD_BYTES, LABELS_COUNT, MAGIC, MARGINS_COUNT, Path as Best, Scores, is_barred, kind_of,
    outside, rows_of,
};
use cordon_detect::names::word::Line;

use super::corpus::Sample;

/// Rows of the table.
pub(super) const ROWS: u32 = 180_000;
/// Times that the corpus is gone through.
const EPOCHS: usize = 6;
/// Margin that a wrong entity must stay behind by, where nothing is.
const COST_FALSE: i32 = 90;
/// Margin that a miss must stay behind by.
const COST_MISS: i32 = 60;
/// Of a hundred entities, those whose words are forgotten in an epoch.
const FORGOTTEN_PERCENT: u64 = 60;

/// A generator of numbers: xorshift64*, the same everywhere.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn shuffle(&mut self, all: &mut [usize]) {
        for i in (1..all.len()).rev() {
            let j = self.roll(i as u64 + 1) as usize;
            all.swap(i, j);
        }
    }
}

/// Weights while they are learnt: the current ones, and what averaging subtracts.
struct Learner {
    now: Vec<i32>,
    sum: Vec<i64>,
    transitions: [[i16; LABELS_COUNT]; LABELS_COUNT],
    transitions_sum: [[i64; LABELS_COUNT]; LABELS_COUNT],
    step: i64,
}

/// A line, its rows and its labels.
struct Lesson {
    rows: Vec<Option<[u32; cordon_detect::names::feature::FEATURES_COUNT]>>,
    gold: Vec<usize>,
}

impl Learner {
    fn new() -> Self {
        let size = ROWS as usize * LABELS_COUNT;
        Self {
            now: vec![0; size],
            sum: vec![0; size],
            transitions: [[0; LABELS_COUNT]; LABELS_COUNT],
            transitions_sum: [[0; LABELS_COUNT]; LABELS_COUNT],
            step: 1,
        }
    }

    fn learn(&mut self, lesson: &Lesson) -> usize {
        let mut path = Best::default();
        for (rows, gold) in lesson.rows.iter().zip(&lesson.gold) {
            let scores = match rows {
                Some(rows) => self.scores(rows, *gold),
                None => outside(),
            };
            path.step(&scores, &self.transitions);
        }
        let mut found = Vec::new();
        path.back(&mut found);
        let mut wrong = 0;
        let (mut said_before, mut gold_before) = (0, 0);
        for ((rows, gold), (said, _)) in lesson.rows.iter().zip(&lesson.gold).zip(&found) {
            if (said, said_before) != (gold, gold_before) {
                self.step_between(gold_before, *gold, 8);
                self.step_between(said_before, *said, -8);
            }
            if said != gold {
                wrong += 1;
                for row in rows.iter().flatten() {
                    self.add(*row, *gold, 1);
                    self.add(*row, *said, -1);
                }
            }
            (said_before, gold_before) = (*said, *gold);
        }
        self.step += 1;
        wrong
    }

    fn scores(&self, rows: &[u32], gold: usize) -> Scores {
        let mut scores = [0; LABELS_COUNT];
        for row in rows {
            let at = *row as usize * LABELS_COUNT;
            let weights = self.now.get(at..at + LABELS_COUNT).unwrap_or(&[]);
            for (total, weight) in scores.iter_mut().zip(weights) {
                *total += weight;
            }
        }
        for (label, score) in scores.iter_mut().enumerate() {
            *score += match (gold, label) {
                _ if label == gold => 0,
                (0, _) => COST_FALSE,
                (_, 0) => COST_MISS,
                _ if kind_of(label) == kind_of(gold) => COST_MISS / 2,
                _ => COST_MISS,
            };
        }
        scores
    }

    fn add(&mut self, row: u32, label: usize, by: i32) {
        let at = row as usize * LABELS_COUNT + label;
        if let (Some(now), Some(sum)) = (self.now.get_mut(at), self.sum.get_mut(at)) {
            *now += by;
            *sum += i64::from(by) * self.step;
        }
    }

    fn step_between(&mut self, from: usize, to: usize, by: i16) {
        let now = self
            .transitions
            .get_mut(from)
            .and_then(|row| row.get_mut(to));
        let sum = self
            .transitions_sum
            .get_mut(from)
            .and_then(|row| row.get_mut(to));
        if let (Some(now), Some(sum)) = (now, sum) {
            *now = now.saturating_add(by);
            *sum += i64::from(by) * self.step;
        }
    }

    /// The averaged weights as the file that ships; all scaled by one factor, so that one weight
    /// in two thousand is clipped.
    fn file(&self, lists: &[u8], margins: [i16; MARGINS_COUNT]) -> Vec<u8> {
        let mean = |now: i64, sum: i64| (now * self.step - sum) * 1000 / self.step;
        let weights = self.now.iter().zip(&self.sum);
        let means: Vec<i64> = weights
            .map(|(now, sum)| mean(i64::from(*now), *sum))
            .collect();
        let mut sizes: Vec<i64> = means.iter().map(|m| m.abs()).filter(|m| *m > 0).collect();
        sizes.sort_unstable();
        let top = sizes
            .get(sizes.len() - sizes.len() / 2000 - 1)
            .copied()
            .unwrap_or(1)
            .max(1);
        crate::say(&format!(
            "{} of {} weights are set; 127 stands for {}.{:03}",
            sizes.len(),
            means.len(),
            top / 1000,
            top % 1000
        ));
        let scaled = |m: i64| (m * 127 + m.signum() * top / 2) / top;
        let mut out = MAGIC.to_vec();
        out.extend(ROWS.to_le_bytes());
        out.extend(((lists.len() / ENTRY_BYTES) as u32).to_le_bytes());
        let now = self.transitions.iter().flatten();
        for (now, sum) in now.zip(self.transitions_sum.iter().flatten()) {
            let short = scaled(mean(i64::from(*now), *sum)).clamp(-30_000, 30_000) as i16;
            out.extend(short.to_le_bytes());
        }
        for margin in margins {
            out.extend(margin.to_le_bytes());
        }
        debug_assert_eq!(out.len(), HEAD_BYTES);
        out.extend(
            means
                .iter()
                .map(|m| (scaled(*m).clamp(-127, 127) as i8).cast_unsigned()),
        );
        out.extend(lists);
        out
    }
}

/// Trains on the samples; returns the file.
pub(super) fn train(samples: &[Sample], lists: &[u8], margins: [i16; MARGINS_COUNT]) -> Vec<u8> {
    let mut dice = Dice::new(0x00c0_4d09);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    let mut learner = Learner::new();
    for epoch in 0..EPOCHS {
        dice.shuffle(&mut order);
        let (mut wrong, mut tokens) = (0, 0);
        for sample in order.iter().filter_map(|i| samples.get(*i)) {
            for lesson in lessons(sample, Lists::new(lists), &mut dice) {
                tokens += lesson.gold.len();
                wrong += learner.learn(&lesson);
            }
        }
        crate::say(&format!(
            "epoch {}: {wrong} of {tokens} tokens wrong",
            epoch + 1
        ));
    }
    learner.file(lists, margins)
}

/// The lines of a sample, some of their words forgotten.
fn lessons(sample: &Sample, lists: Lists<'_>, dice: &mut Dice) -> Vec<Lesson> {
    let mut out = Vec::new();
    let mut at = 0;
    let forgotten: Vec<bool> = sample
        .entities
        .iter()
        .map(|_| dice.roll(100) < FORGOTTEN_PERCENT)
        .collect();
    while at < sample.text.len() {
        let mut line = Line::default();
        at = line.read(&sample.text, at, lists);
        let mut gold = vec![0; line.tokens().len()];
        for ((kind, start, end), forgotten) in sample.entities.iter().zip(&forgotten) {
            let mut first = true;
            for (i, slot) in gold.iter_mut().enumerate() {
                let token = line.tokens().get(i).copied().unwrap_or_default();
                if token.start < *end && token.end > *start && !is_barred(&token) {
                    *slot = if first { kind * 2 - 1 } else { kind * 2 };
                    first = false;
                    if *forgotten {
                        line.forget(i, dice.roll(u64::MAX >> 31));
                    }
                } else {
                    // An inside follows its own kind alone.
                    first |= token.start >= *start;
                }
            }
        }
        let rows = line.tokens().iter().enumerate();
        let rows = rows
            .map(|(i, t)| (!is_barred(t)).then(|| rows_of(&line, i, ROWS)))
            .collect();
        out.push(Lesson { rows, gold });
    }
    out
}
