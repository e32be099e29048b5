//! Words that are looked for: a filter over their first three letters.

use crate::tables::{Nibbles, classes};

/// First three letters of words, ASCII case ignored, in eight buckets: a place passes if the
/// letters there may be those of a word of some bucket. Words are never missed; other places pass
/// now and then, the fewer the more alike the words of a bucket begin.
///
/// Two nibble tables a letter: the vector form is the packed search that is called Teddy.
#[derive(Clone, Debug)]
pub struct Prompts {
    pub(crate) low: [[u8; 16]; 3],
    pub(crate) high: [[u8; 16]; 3],
}

impl Prompts {
    /// A filter that passes nothing.
    pub const fn none() -> Self {
        Self {
            low: [[0; 16]; 3],
            high: [[0; 16]; 3],
        }
    }

    /// Adds a word by its first three bytes to bucket `bucket` modulo 8.
    pub fn add(&mut self, bucket: u8, word: [u8; 3]) {
        let bit = 1 << (bucket % 8);
        let tables = self.low.iter_mut().zip(&mut self.high);
        for ((low, high), b) in tables.zip(word) {
            for spelled in [b.to_ascii_lowercase(), b.to_ascii_uppercase()] {
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

    /// Whether a word may begin with these bytes.
    pub(crate) fn pass(&self, bytes: [u8; 3]) -> bool {
        let tables = self.low.iter().zip(&self.high);
        let buckets = tables.zip(bytes).fold(0xff, |left, ((low, high), b)| {
            let table = Nibbles {
                low: *low,
                high: *high,
            };
            left & classes(&table, b)
        });
        buckets != 0
    }
}
