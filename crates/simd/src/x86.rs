//! The pass with the vectors of x86-64: AVX-512BW, or AVX2.
#![expect(
    unsafe_code,
    reason = "vector loads and calls behind feature detection; the one place that has any"
)]

use std::arch::x86_64::{
    __m256i, __m512i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm512_and_si512,
    _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_movepi8_mask,
    _mm512_set1_epi8, _mm512_shuffle_epi8, _mm512_srli_epi16, _mm512_test_epi8_mask,
};

use crate::block::{BLOCK_BYTES, Block};
use crate::places::collect_any;
use crate::prompts::Prompts;
use crate::scalar::end;
use crate::tables::{self, FIRST, Nibbles, SECOND};
use crate::{LOOK_AHEAD_BYTES, Masks, Places, Tail, whole_blocks};

/// Bytes that one block reads: its own, and the look-ahead of its prompts.
const READ_BYTES: usize = BLOCK_BYTES + LOOK_AHEAD_BYTES;

#[derive(Clone, Copy)]
enum Width {
    Avx512,
    Avx2,
}

fn width() -> Option<Width> {
    if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f") {
        Some(Width::Avx512)
    } else if is_x86_feature_detected!("avx2") {
        Some(Width::Avx2)
    } else {
        None
    }
}

pub(crate) fn implementation() -> Option<&'static str> {
    width().map(|width| match width {
        Width::Avx512 => "avx512",
        Width::Avx2 => "avx2",
    })
}

/// Fills `out`, if the processor has the vectors.
pub(crate) fn classify(text: &[u8], prompts: &Prompts, out: &mut Vec<Block>) -> bool {
    let Some(width) = width() else { return false };
    run(width, text, prompts, out);
    true
}

fn run(width: Width, text: &[u8], prompts: &Prompts, out: &mut Vec<Block>) {
    let whole = whole_blocks(text.len());
    out.reserve(text.len().div_ceil(BLOCK_BYTES));
    let tail = Tail::new(text.get(whole * BLOCK_BYTES..).unwrap_or(&[]));
    match width {
        // SAFETY: `width` found the features.
        Width::Avx512 => unsafe {
            avx512(text, whole, prompts, out);
            avx512(tail.bytes(), tail.blocks(), prompts, out);
        },
        // SAFETY: `width` found the feature.
        Width::Avx2 => unsafe {
            avx2(text, whole, prompts, out);
            avx2(tail.bytes(), tail.blocks(), prompts, out);
        },
    }
    end(text.len(), out);
}

/// As [`collect`](crate::collect), if the processor counts and finds bits in one step.
pub(crate) fn collect<const K: usize, M: Masks<K>>(
    blocks: &[Block],
    range: (usize, usize),
    masks: &M,
    out: &mut [Places; K],
) -> bool {
    let has = is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt");
    if has {
        // SAFETY: the features were found.
        unsafe { collect_bits(blocks, range, masks, out) };
    }
    has
}

#[target_feature(enable = "popcnt,bmi1,bmi2,lzcnt")]
fn collect_bits<const K: usize, M: Masks<K>>(
    blocks: &[Block],
    range: (usize, usize),
    masks: &M,
    out: &mut [Places; K],
) {
    collect_any(blocks, range, masks, out);
}

/// The bytes that block `n` reads.
fn window(bytes: &[u8], n: usize) -> Option<&[u8; READ_BYTES]> {
    bytes.get(n * BLOCK_BYTES..)?.first_chunk()
}

#[target_feature(enable = "avx512f,avx512bw")]
fn wide(entries: &[u8; 16]) -> __m512i {
    // SAFETY: sixteen bytes are read from an array of sixteen.
    let table = unsafe { _mm_loadu_si128(entries.as_ptr().cast()) };
    _mm512_broadcast_i32x4(table)
}

#[target_feature(enable = "avx512f,avx512bw")]
fn looked_up(v: __m512i, (low, high): (__m512i, __m512i)) -> __m512i {
    let nibble = _mm512_set1_epi8(0x0f);
    let above = _mm512_and_si512(_mm512_srli_epi16::<4>(v), nibble);
    _mm512_and_si512(
        _mm512_shuffle_epi8(low, _mm512_and_si512(v, nibble)),
        _mm512_shuffle_epi8(high, above),
    )
}

#[target_feature(enable = "avx512f,avx512bw")]
fn avx512(bytes: &[u8], blocks: usize, prompts: &Prompts, out: &mut Vec<Block>) {
    let table = |t: &Nibbles| (wide(&t.low), wide(&t.high));
    let (first, second) = (table(&FIRST), table(&SECOND));
    let [l0, l1, l2, l3] = &prompts.low;
    let [h0, h1, h2, h3] = &prompts.high;
    let words = [
        (wide(l0), wide(h0)),
        (wide(l1), wide(h1)),
        (wide(l2), wide(h2)),
        (wide(l3), wide(h3)),
    ];
    for window in (0..blocks).map_while(|n| window(bytes, n)) {
        out.push(block512(window, first, second, &words));
    }
}

type Wide = (__m512i, __m512i);

#[target_feature(enable = "avx512f,avx512bw")]
fn block512(window: &[u8; READ_BYTES], first: Wide, second: Wide, words: &[Wide; 4]) -> Block {
    let p = window.as_ptr();
    // SAFETY: 64 bytes from offsets 0 to 3 lie within the 67 of the window.
    let (v, v1, v2, v3) = unsafe {
        (
            _mm512_loadu_si512(p.cast()),
            _mm512_loadu_si512(p.add(1).cast()),
            _mm512_loadu_si512(p.add(2).cast()),
            _mm512_loadu_si512(p.add(3).cast()),
        )
    };
    let a = looked_up(v, first);
    let b = looked_up(v, second);
    let [w0, w1, w2, w3] = *words;
    let begun = _mm512_and_si512(looked_up(v, w0), looked_up(v1, w1));
    let goes_on = _mm512_and_si512(looked_up(v2, w2), looked_up(v3, w3));
    let prompt = _mm512_and_si512(begun, goes_on);
    let any = |v: __m512i, classes: u8| _mm512_test_epi8_mask(v, _mm512_set1_epi8(classes as i8));
    let is = |b: u8| _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(b as i8));
    Block {
        word: any(a, tables::WORD),
        digit: any(a, tables::DIGIT),
        upper: any(a, tables::LETTER) & !any(v, tables::LOWER_BIT),
        separator: any(a, tables::SEPARATOR),
        colon: is(b':'),
        grouping: any(a, tables::GROUPING),
        joint: any(a, tables::JOINT),
        dash: is(b'-'),
        dot: is(b'.'),
        under: any(b, tables::UNDER),
        quote: any(a, tables::QUOTE),
        comma: is(b','),
        at: any(b, tables::AT),
        backslash: any(b, tables::BACKSLASH),
        sigil: any(a, tables::SIGIL),
        mark: any(b, tables::MARK),
        opening: any(b, tables::OPENING),
        bracket: any(b, tables::BRACKET),
        control: any(b, tables::CONTROL),
        newline: is(b'\n'),
        blank: is(b' ') | is(b'\t'),
        high: _mm512_movepi8_mask(v),
        prompt: _mm512_test_epi8_mask(prompt, prompt),
    }
}

#[target_feature(enable = "avx2")]
fn half_wide(entries: &[u8; 16]) -> __m256i {
    // SAFETY: sixteen bytes are read from an array of sixteen.
    let table = unsafe { _mm_loadu_si128(entries.as_ptr().cast()) };
    _mm256_broadcastsi128_si256(table)
}

type Half = (__m256i, __m256i);

#[target_feature(enable = "avx2")]
fn half_looked_up(v: __m256i, (low, high): Half) -> __m256i {
    let nibble = _mm256_set1_epi8(0x0f);
    let above = _mm256_and_si256(_mm256_srli_epi16::<4>(v), nibble);
    // The high bit of an index makes the shuffle say 0, and is taken off first.
    _mm256_and_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(v, nibble)),
        _mm256_shuffle_epi8(high, above),
    )
}

#[target_feature(enable = "avx2")]
fn avx2(bytes: &[u8], blocks: usize, prompts: &Prompts, out: &mut Vec<Block>) {
    let table = |t: &Nibbles| (half_wide(&t.low), half_wide(&t.high));
    let (first, second) = (table(&FIRST), table(&SECOND));
    let [l0, l1, l2, l3] = &prompts.low;
    let [h0, h1, h2, h3] = &prompts.high;
    let words = [
        (half_wide(l0), half_wide(h0)),
        (half_wide(l1), half_wide(h1)),
        (half_wide(l2), half_wide(h2)),
        (half_wide(l3), half_wide(h3)),
    ];
    for window in (0..blocks).map_while(|n| window(bytes, n)) {
        let low = block256(window, 0, first, second, words);
        let high = block256(window, 32, first, second, words);
        out.push(joined(&low, &high));
    }
}

/// Masks over 32 bytes from `offset`, in the low halves of a block's.
#[target_feature(enable = "avx2")]
fn block256(
    window: &[u8; READ_BYTES],
    offset: usize,
    first: Half,
    second: Half,
    words: [Half; 4],
) -> Block {
    let p = window.as_ptr();
    // SAFETY: 32 bytes from offset 0 or 32, and up to 3 behind, lie within the 67 of the window.
    let (v, v1, v2, v3) = unsafe {
        (
            _mm256_loadu_si256(p.add(offset).cast()),
            _mm256_loadu_si256(p.add(offset + 1).cast()),
            _mm256_loadu_si256(p.add(offset + 2).cast()),
            _mm256_loadu_si256(p.add(offset + 3).cast()),
        )
    };
    let a = half_looked_up(v, first);
    let b = half_looked_up(v, second);
    let [w0, w1, w2, w3] = words;
    let begun = _mm256_and_si256(half_looked_up(v, w0), half_looked_up(v1, w1));
    let goes_on = _mm256_and_si256(half_looked_up(v2, w2), half_looked_up(v3, w3));
    let prompt = _mm256_and_si256(begun, goes_on);
    let zero = _mm256_setzero_si256();
    let mask = |v: __m256i| u64::from(_mm256_movemask_epi8(v) as u32);
    let any = |v: __m256i, classes: u8| {
        let kept = _mm256_and_si256(v, _mm256_set1_epi8(classes as i8));
        mask(_mm256_cmpeq_epi8(kept, zero)) ^ 0xffff_ffff
    };
    let is = |b: u8| mask(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(b as i8)));
    Block {
        word: any(a, tables::WORD),
        digit: any(a, tables::DIGIT),
        upper: any(a, tables::LETTER) & !any(v, tables::LOWER_BIT),
        separator: any(a, tables::SEPARATOR),
        colon: is(b':'),
        grouping: any(a, tables::GROUPING),
        joint: any(a, tables::JOINT),
        dash: is(b'-'),
        dot: is(b'.'),
        under: any(b, tables::UNDER),
        quote: any(a, tables::QUOTE),
        comma: is(b','),
        at: any(b, tables::AT),
        backslash: any(b, tables::BACKSLASH),
        sigil: any(a, tables::SIGIL),
        mark: any(b, tables::MARK),
        opening: any(b, tables::OPENING),
        bracket: any(b, tables::BRACKET),
        control: any(b, tables::CONTROL),
        newline: is(b'\n'),
        blank: is(b' ') | is(b'\t'),
        high: mask(v),
        prompt: any(prompt, 0xff),
    }
}

/// Two halves as one block.
fn joined(low: &Block, high: &Block) -> Block {
    let join = |of: fn(&Block) -> u64| of(low) | of(high) << 32;
    Block {
        word: join(|b| b.word),
        digit: join(|b| b.digit),
        upper: join(|b| b.upper),
        separator: join(|b| b.separator),
        colon: join(|b| b.colon),
        grouping: join(|b| b.grouping),
        joint: join(|b| b.joint),
        dash: join(|b| b.dash),
        dot: join(|b| b.dot),
        under: join(|b| b.under),
        quote: join(|b| b.quote),
        comma: join(|b| b.comma),
        at: join(|b| b.at),
        backslash: join(|b| b.backslash),
        sigil: join(|b| b.sigil),
        mark: join(|b| b.mark),
        opening: join(|b| b.opening),
        bracket: join(|b| b.bracket),
        control: join(|b| b.control),
        newline: join(|b| b.newline),
        blank: join(|b| b.blank),
        high: join(|b| b.high),
        prompt: join(|b| b.prompt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar;
    use proptest::prelude::*;

    fn prompts() -> Prompts {
        let mut prompts = Prompts::none();
        for word in ["password", "token", "secret", "пароль", "bearer"] {
            prompts.add(*word.as_bytes().first_chunk().unwrap());
        }
        prompts
    }

    fn same(text: &[u8]) {
        let prompts = prompts();
        let mut told = Vec::new();
        scalar::classify(text, &prompts, &mut told);
        for width in [Width::Avx512, Width::Avx2] {
            let has = match width {
                Width::Avx512 => is_x86_feature_detected!("avx512bw"),
                Width::Avx2 => is_x86_feature_detected!("avx2"),
            };
            if has {
                let mut out = Vec::new();
                run(width, text, &prompts, &mut out);
                assert_eq!(out, told);
            }
        }
    }

    #[test]
    fn every_byte_at_every_place_of_a_block() {
        let all: Vec<u8> = (0..=255).collect();
        for shift in 0..66 {
            let mut text = vec![b'p'; shift];
            text.extend(&all);
            same(&text);
        }
    }

    proptest! {
        #[test]
        fn vectors_and_scalar_agree(text in prop::collection::vec(any::<u8>(), 0..400)) {
            same(&text);
        }

        #[test]
        fn they_agree_on_text(text in "[ -~\n]{0,300}") {
            same(text.as_bytes());
        }
    }
}
