//! What the model sees of a token: the rows of its table that stand for the word, its form, its
//! neighbours, and what the lists say.

use super::lists::bit;
use super::word::{Line, Shape, Token, mix};

/// Rows that one token has.
pub const FEATURES_COUNT: usize = 38;

/// How far behind a token a word is looked for that ends a company's name.
const COMPANY_TOKENS_MAX: isize = 4;

/// One row of the table for each thing that is known of token `i`. `rows` is the table's height.
pub fn features(line: &Line, i: usize, rows: u32) -> [u32; FEATURES_COUNT] {
    let [c3, b2, b1, t, a1, a2, a3] = [-3, -2, -1, 0, 1, 2, 3].map(|by| line.at(i, by));
    let shape = |t: Token| t.shape as u64;
    let bits = |t: Token| u64::from(t.bits);
    let trio = shape(b1) << 16 | shape(t) << 8 | shape(a1);
    let glue = u64::from(t.left) << 16 | u64::from(t.right) << 8 | shape(t);
    let place = position(b1, b2) << 16 | u64::from(line.titled) << 8 | shape(t);
    let tail = |t: Token| t.tails[1];
    let values = [
        1,
        t.low,
        shape(t),
        t.heads[0],
        t.heads[1],
        t.heads[2],
        t.tails[0],
        t.tails[1],
        t.tails[2],
        b1.low,
        a1.low,
        b2.low,
        a2.low,
        c3.low,
        a3.low,
        mix(b1.low, t.low),
        mix(t.low, a1.low),
        mix(b1.low, shape(t)),
        mix(a1.low, shape(t)),
        mix(mix(b2.low, b1.low), shape(t)),
        mix(mix(a1.low, a2.low), shape(t)),
        trio,
        trio << 16 | shape(b2) << 8 | shape(a2),
        bits(t),
        bits(b1) << 16 | bits(t) << 8 | shape(t),
        bits(t) << 16 | bits(a1) << 8 | shape(t),
        bits(b1) << 24 | bits(t) << 16 | bits(a1) << 8 | shape(t),
        glue,
        mix(tail(a1), shape(t)),
        mix(tail(b1), shape(t)),
        place,
        place << 8 | bits(t),
        company(line, i) << 8 | shape(t),
        mix(mix(b1.low, t.low), a1.low),
        mix(mix(b2.low, b1.low), t.low),
        mix(mix(t.low, a1.low), a2.low),
        mix(t.low, u64::from(t.left) << 8 | u64::from(t.right)),
        mix(b1.low, a1.low) ^ shape(t),
    ];
    let mut out = [0; FEATURES_COUNT];
    for ((slot, value), n) in out.iter_mut().zip(values).zip(1_u64..) {
        let hash = mix(mix(n, value), n << 32);
        *slot = (((hash >> 32) * u64::from(rows)) >> 32) as u32;
    }
    out
}

/// Whether a token is the first of its line or sentence.
fn position(b1: Token, b2: Token) -> u64 {
    match b1.shape {
        Shape::None => 1,
        Shape::Sign if b2.shape == Shape::None => 2,
        Shape::Sign if is_stop(b1) && b2.shape != Shape::Initial => 3,
        Shape::Sign => 4,
        _ => 0,
    }
}

/// Whether a sign ends a sentence.
fn is_stop(t: Token) -> bool {
    t.end == t.start + 1
        && ['.', '!', '?', ':', ']', '"']
            .iter()
            .any(|c| t.low == mix(2, u64::from(*c)))
}

/// How far behind token `i`, over capitalised words only, a word stands that ends a company's
/// name; 0 where none does.
fn company(line: &Line, i: usize) -> u64 {
    for by in 1..=COMPANY_TOKENS_MAX {
        let t = line.at(i, by);
        if t.bits & bit::COMPANY != 0 && t.shape != Shape::Lower {
            return by as u64;
        }
        if matches!(
            t.shape,
            Shape::None | Shape::Lower | Shape::Number | Shape::Opaque
        ) {
            return 0;
        }
    }
    0
}
