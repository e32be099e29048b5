//! Words that are looked for: a filter over their first four letters.

use crate::tables::{Nibbles, classes};

/// First four letters of words, ASCII case ignored, in eight buckets: a place passes if the
/// letters there may be those of a word of some bucket. Words are never missed; other places pass
/// now and then, the fewer the more alike the words of a bucket begin.
///
/// Two nibble tables a letter: the vector form is the packed search that is called Teddy.
#[derive(Clone, Debug)]
pub struct Prompts {
    pub(crate) low: [[u8; 16]; 4],
    pub(crate) high: [[u8; 16]; 4],
}

/// How often the letters from `a` to `z` occur in English text, per thousand.
const LETTERS_PER_MILLE: [u16; 26] = [
    82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2,
    20, 1,
];

impl Prompts {
    /// A filter that passes nothing.
    pub const fn none() -> Self {
        Self {
            low: [[0; 16]; 4],
            high: [[0; 16]; 4],
        }
    }

    /// Adds a word by its first four bytes, to the bucket that lets the fewest other words pass:
    /// one of the first [`Self::BUCKETS`], the others being left for words that are added by hand.
    pub fn add(&mut self, word: [u8; 4]) {
        let dearer = |bucket: u8| {
            let mut with = self.clone();
            with.put(bucket, word);
            with.share(bucket) - self.share(bucket)
        };
        let best = (0..Self::BUCKETS).min_by(|a, b| dearer(*a).total_cmp(&dearer(*b)));
        self.put(best.unwrap_or(0), word);
    }

    /// Buckets of words that are added by [`Self::add`]; two more are told apart by the masks.
    pub const BUCKETS: u8 = 6;
    /// Bits of those buckets.
    pub(crate) const MANY: u8 = (1 << Self::BUCKETS) - 1;
    /// Bit of the next one.
    pub(crate) const TWO: u8 = 1 << Self::BUCKETS;
    /// Bit of the last one.
    pub(crate) const THREE: u8 = 1 << (Self::BUCKETS + 1);

    /// Adds a word to a bucket, by 8, in the case it is written in.
    pub fn put_exact(&mut self, bucket: u8, word: [u8; 4]) {
        self.set(bucket, word, |b| [b, b]);
    }

    /// Adds a word to a bucket, by 8.
    pub fn put(&mut self, bucket: u8, word: [u8; 4]) {
        self.set(bucket, word, |b| {
            [b.to_ascii_lowercase(), b.to_ascii_uppercase()]
        });
    }

    fn set(&mut self, bucket: u8, word: [u8; 4], spellings: fn(u8) -> [u8; 2]) {
        let bit = 1 << (bucket % 8);
        let tables = self.low.iter_mut().zip(&mut self.high);
        for ((low, high), b) in tables.zip(word) {
            for spelled in spellings(b) {
                let slots = (
                    low.get_mut(usize::from(spelled & 15)),
                    high.get_mut(usize::from(spelled >> 4)),
                );
                if let (Some(low), Some(high)) = slots {
                    *low |= bit;
                    *high |= bit;
                }
            }
        }
    }

    /// Share of words of four letters that pass by a bucket.
    fn share(&self, bucket: u8) -> f64 {
        let tables = self.low.iter().zip(&self.high);
        tables
            .map(|(low, high)| {
                let table = Nibbles {
                    low: *low,
                    high: *high,
                };
                let passing = (b'a'..=b'z').zip(LETTERS_PER_MILLE);
                passing
                    .filter(|(b, _)| classes(&table, *b) >> (bucket % 8) & 1 == 1)
                    .map(|(_, share)| f64::from(share) / 1_000.0)
                    .sum::<f64>()
            })
            .product()
    }

    /// The buckets of whose words one may begin with these bytes, a bit for each.
    pub(crate) fn pass(&self, bytes: [u8; 4]) -> u8 {
        let tables = self.low.iter().zip(&self.high);
        tables.zip(bytes).fold(0xff, |left, ((low, high), b)| {
            let table = Nibbles {
                low: *low,
                high: *high,
            };
            left & classes(&table, b)
        })
    }
}
