//! The pass with the vectors of x86-64: AVX-512BW, or AVX2.
#![expect(
    unsafe_code,
    reason = "vector loads and calls behind feature detection; the one place that has any"
)]

use std::arch::x86_64::{
    __m256i, __m512i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_and_si256,
    _mm256_broadcastsi128_si256, _mm256_castsi256_pd, _mm256_cmpeq_epi8, _mm256_cmpeq_epi64,
    _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_movemask_pd, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_sll_epi64, _mm256_srl_epi64, _mm256_srli_epi16, _mm256_storeu_si256, _mm256_sub_epi8,
    _mm256_xor_si256, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask,
    _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_mask_mov_epi8, _mm512_maskz_compress_epi8,
    _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi64, _mm512_shuffle_epi8,
    _mm512_sll_epi64, _mm512_srl_epi64, _mm512_srli_epi16, _mm512_storeu_si512, _mm512_sub_epi8,
    _mm512_test_epi8_mask, _mm512_test_epi64_mask, _mm512_xor_si512, _pdep_u64, _pext_u64,
};
use std::ops::{BitAnd, BitOr, Not};

use crate::block::{BLOCK_BYTES, Block, KEPT_BLOCKS};
use crate::figures::{Figures, Fold, MARKS};
use crate::lanes::Lanes;
use crate::prompts::Prompts;
use crate::tables::{self, FIRST, Nibbles, SECOND};
use crate::{Masks, Pass, READ_BYTES, Window};

/// The vectors that the processor has. Made by [`Engine::found`] alone, so that whoever holds one
/// may use them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Engine(Width);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Avx512,
    Avx2,
}

impl Engine {
    /// The widest one.
    pub(crate) fn found() -> Option<Self> {
        Self::of(Width::Avx512).or_else(|| Self::of(Width::Avx2))
    }

    fn of(width: Width) -> Option<Self> {
        let bits = is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("avx2");
        let wide = is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512f");
        (bits && (width == Width::Avx2 || wide)).then_some(Self(width))
    }

    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            Width::Avx512 => "avx512",
            Width::Avx2 => "avx2",
        }
    }
}

impl Engine {
    /// Adds the figures of blocks.
    pub(crate) fn figures(self, blocks: &[[u8; BLOCK_BYTES]], out: &mut Vec<Figures>) {
        match self.0 {
            // SAFETY: the features were found.
            Width::Avx512 => unsafe { figures512(blocks, out) },
            // SAFETY: the feature was found.
            Width::Avx2 => unsafe { figures256(blocks, out) },
        }
    }

    /// Copies blocks to `out` from a place on, with marks and without what is left out; returns
    /// where they end.
    pub(crate) fn fold(
        self,
        blocks: &[[u8; BLOCK_BYTES]],
        folds: &mut [Fold],
        out: (&mut [u8], usize),
    ) -> usize {
        if self.0 == Width::Avx512 && is_x86_feature_detected!("avx512vbmi2") {
            // SAFETY: the features were found.
            return unsafe { fold512(blocks, folds, out) };
        }
        // SAFETY: the features were found.
        unsafe { fold64(blocks, folds, out) }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn figures512(blocks: &[[u8; BLOCK_BYTES]], out: &mut Vec<Figures>) {
    let each = |b: u8| _mm512_set1_epi8(b as i8);
    out.extend(blocks.iter().map(|block| {
        // SAFETY: 64 bytes are read from an array of as many.
        let v = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let lower = _mm512_or_si512(v, each(0x20));
        let within = |v: __m512i, first: u8, count: u8| {
            _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, each(first)), each(count))
        };
        let is = |b: u8| _mm512_cmpeq_epi8_mask(v, each(b));
        Figures {
            digit: within(v, b'0', 10),
            letter: within(lower, b'a', 26),
            hex: within(v, b'a', 6),
            escape: is(b'%') | is(b'&') | is(b'#') | is(b'\\'),
            tee: is(b'T'),
            plus: is(b'+'),
            dash: is(b'-'),
            under: is(b'_'),
            newline: is(b'\n'),
        }
    }));
}

#[target_feature(enable = "avx2")]
fn figures256(blocks: &[[u8; BLOCK_BYTES]], out: &mut Vec<Figures>) {
    let each = |b: u8| _mm256_set1_epi8(b as i8);
    let mask = |v: __m256i| u64::from(_mm256_movemask_epi8(v) as u32);
    let within = |v: __m256i, first: u8, count: u8| {
        let from = _mm256_sub_epi8(v, each(first));
        mask(_mm256_cmpeq_epi8(
            from,
            _mm256_min_epu8(from, each(count - 1)),
        ))
    };
    out.extend(blocks.iter().map(|block| {
        let p = block.as_ptr();
        // SAFETY: 32 bytes from offsets 0 and 32 are read from an array of 64.
        let (low, high) = unsafe {
            (
                _mm256_loadu_si256(p.cast()),
                _mm256_loadu_si256(p.add(32).cast()),
            )
        };
        let both = |of: &dyn Fn(__m256i) -> u64| of(low) | of(high) << 32;
        let is = |b: u8| both(&|v| mask(_mm256_cmpeq_epi8(v, each(b))));
        Figures {
            digit: both(&|v| within(v, b'0', 10)),
            letter: both(&|v| within(_mm256_or_si256(v, each(0x20)), b'a', 26)),
            hex: both(&|v| within(v, b'a', 6)),
            escape: is(b'%') | is(b'&') | is(b'#') | is(b'\\'),
            tee: is(b'T'),
            plus: is(b'+'),
            dash: is(b'-'),
            under: is(b'_'),
            newline: is(b'\n'),
        }
    }));
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
fn fold512(
    blocks: &[[u8; BLOCK_BYTES]],
    folds: &mut [Fold],
    (out, mut at): (&mut [u8], usize),
) -> usize {
    for (block, fold) in blocks.iter().zip(folds) {
        fold.start = at as u32;
        // SAFETY: 64 bytes are read from an array of as many.
        let mut v = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        for (mask, mark) in fold.marked.iter().zip(MARKS) {
            v = _mm512_mask_mov_epi8(v, *mask, _mm512_set1_epi8(mark as i8));
        }
        let kept = _mm512_maskz_compress_epi8(!fold.left_out, v);
        let room = out.get_mut(at..);
        if let Some(room) = room.and_then(|room| room.first_chunk_mut::<BLOCK_BYTES>()) {
            // SAFETY: as many bytes are written as there is room for.
            unsafe { _mm512_storeu_si512(room.as_mut_ptr().cast(), kept) };
        }
        at += (!fold.left_out).count_ones() as usize;
    }
    at
}

/// Eight bytes at a time.
#[target_feature(enable = "bmi2,popcnt")]
fn fold64(
    blocks: &[[u8; BLOCK_BYTES]],
    folds: &mut [Fold],
    (out, mut at): (&mut [u8], usize),
) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    for (block, fold) in blocks.iter().zip(folds) {
        fold.start = at as u32;
        let (words, _) = block.as_chunks::<8>();
        for (n, word) in words.iter().enumerate() {
            let bytes = |mask: u64| _pdep_u64(mask >> (8 * n) & 0xff, EACH) * 0xff;
            let mut word = u64::from_le_bytes(*word);
            for (mask, mark) in fold.marked.iter().zip(MARKS) {
                let mask = bytes(*mask);
                word = word & !mask | (u64::from(mark) * EACH) & mask;
            }
            let kept = bytes(!fold.left_out);
            let room = out.get_mut(at..);
            if let Some(room) = room.and_then(|room| room.first_chunk_mut::<8>()) {
                *room = _pext_u64(word, kept).to_le_bytes();
            }
            at += kept.count_ones() as usize / 8;
        }
    }
    at
}

impl Pass for Engine {
    fn classify<const K: usize>(
        self,
        text: &[u8],
        prompts: &Prompts,
        range: (usize, usize),
        window: &mut Window<K>,
    ) {
        match self.0 {
            // SAFETY: the features were found.
            Width::Avx512 => unsafe { classify512(text, prompts, range, window) },
            // SAFETY: the feature was found.
            Width::Avx2 => unsafe { classify256(text, prompts, range, window) },
        }
    }

    fn propose<const K: usize>(self, masks: &impl Masks<K>, window: &mut Window<K>) {
        match self.0 {
            // SAFETY: the features were found.
            Width::Avx512 => unsafe { propose512(masks, window) },
            // SAFETY: the features were found.
            Width::Avx2 => unsafe { propose256(masks, window) },
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,popcnt,bmi1,bmi2,lzcnt")]
fn propose512<const K: usize>(masks: &impl Masks<K>, window: &mut Window<K>) {
    window.propose::<Eight>(masks);
    window.locate();
}

#[target_feature(enable = "avx2,popcnt,bmi1,bmi2,lzcnt")]
fn propose256<const K: usize>(masks: &impl Masks<K>, window: &mut Window<K>) {
    window.propose::<Four>(masks);
    window.locate();
}

/// Masks of eight blocks. Only made within functions that have AVX-512.
#[derive(Clone, Copy)]
struct Eight(__m512i);

/// Masks of four blocks. Only made within functions that have AVX2.
#[derive(Clone, Copy)]
struct Four(__m256i);

/// Operators of masks side by side.
macro_rules! lanes {
    ($lanes:ident, $count:literal, $and:ident, $or:ident, $xor:ident, $up:ident, $down:ident,
     $each:ident, $load:ident, $store:ident, $some:ident) => {
        impl BitAnd for $lanes {
            type Output = Self;

            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                // SAFETY: whoever has such lanes has the feature.
                Self(unsafe { $and(self.0, other.0) })
            }
        }

        impl BitOr for $lanes {
            type Output = Self;

            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                // SAFETY: whoever has such lanes has the feature.
                Self(unsafe { $or(self.0, other.0) })
            }
        }

        impl Not for $lanes {
            type Output = Self;

            #[inline(always)]
            fn not(self) -> Self {
                // SAFETY: whoever has such lanes has the feature.
                Self(unsafe { $xor(self.0, $each(-1)) })
            }
        }

        impl Lanes for $lanes {
            const COUNT: usize = $count;

            #[inline(always)]
            fn load(plane: &[u64; KEPT_BLOCKS], n: usize) -> Self {
                let Some(blocks) = plane.get(n..).and_then(|rest| rest.first_chunk::<$count>())
                else {
                    return Self::each(0);
                };
                // SAFETY: as many are read as were asked for; only called with the feature.
                Self(unsafe { $load(blocks.as_ptr().cast()) })
            }

            #[inline(always)]
            fn store(self, plane: &mut [u64; KEPT_BLOCKS], n: usize) {
                let rest = plane.get_mut(n..);
                if let Some(blocks) = rest.and_then(|rest| rest.first_chunk_mut::<$count>()) {
                    // SAFETY: as many are written as there is room for; whoever has such lanes has
                    // the feature.
                    unsafe { $store(blocks.as_mut_ptr().cast(), self.0) };
                }
            }

            #[inline(always)]
            fn up(self, n: u32) -> Self {
                // SAFETY: whoever has such lanes has the feature.
                Self(unsafe { $up(self.0, _mm_cvtsi32_si128(n as i32)) })
            }

            #[inline(always)]
            fn down(self, n: u32) -> Self {
                // SAFETY: whoever has such lanes has the feature.
                Self(unsafe { $down(self.0, _mm_cvtsi32_si128(n as i32)) })
            }

            #[inline(always)]
            fn each(mask: u64) -> Self {
                // SAFETY: only called with the feature.
                Self(unsafe { $each(mask as i64) })
            }

            #[inline(always)]
            fn some(self) -> u32 {
                // SAFETY: whoever has such lanes has the feature.
                unsafe { $some(self.0) }
            }
        }
    };
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn some512(v: __m512i) -> u32 {
    u32::from(_mm512_test_epi64_mask(v, v))
}

#[inline]
#[target_feature(enable = "avx2")]
fn some256(v: __m256i) -> u32 {
    let none = _mm256_cmpeq_epi64(v, _mm256_setzero_si256());
    !(_mm256_movemask_pd(_mm256_castsi256_pd(none)) as u32) & 0xf
}

lanes!(
    Eight,
    8,
    _mm512_and_si512,
    _mm512_or_si512,
    _mm512_xor_si512,
    _mm512_sll_epi64,
    _mm512_srl_epi64,
    _mm512_set1_epi64,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    some512
);
lanes!(
    Four,
    4,
    _mm256_and_si256,
    _mm256_or_si256,
    _mm256_xor_si256,
    _mm256_sll_epi64,
    _mm256_srl_epi64,
    _mm256_set1_epi64x,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    some256
);

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
fn classify512<const K: usize>(
    bytes: &[u8],
    prompts: &Prompts,
    (from, to): (usize, usize),
    out: &mut Window<K>,
) {
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
    for n in from..to {
        let Some(read) = window(bytes, n - from) else {
            return;
        };
        out.planes.put(n, &block512(read, first, second, &words));
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
        prompt: any(prompt, Prompts::MANY),
        prompt_two: any(prompt, Prompts::TWO),
        prompt_three: any(prompt, Prompts::THREE),
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
fn classify256<const K: usize>(
    bytes: &[u8],
    prompts: &Prompts,
    (from, to): (usize, usize),
    out: &mut Window<K>,
) {
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
    for n in from..to {
        let Some(read) = window(bytes, n - from) else {
            return;
        };
        let low = block256(read, 0, first, second, words);
        let high = block256(read, 32, first, second, words);
        out.planes.put(n, &joined(&low, &high));
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
        prompt: any(prompt, Prompts::MANY),
        prompt_two: any(prompt, Prompts::TWO),
        prompt_three: any(prompt, Prompts::THREE),
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
        prompt_two: join(|b| b.prompt_two),
        prompt_three: join(|b| b.prompt_three),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{scalar_figures, scalar_fold};
    use crate::scalar::Scalar;
    use crate::{Around, Two, through};
    use proptest::prelude::*;

    fn prompts() -> Prompts {
        let mut prompts = Prompts::none();
        for word in ["password", "token", "secret", "пароль", "bearer"] {
            prompts.add(*word.as_bytes().first_chunk().unwrap());
        }
        prompts.put(Prompts::BUCKETS, *b"to -");
        prompts.put_exact(Prompts::BUCKETS + 1, *b"Pin ");
        prompts
    }

    /// Every class, and what is made of them.
    struct All;

    impl Masks<30> for All {
        #[inline(always)]
        fn masks<L: Lanes>(&self, v: &Around<L>) -> [L; 30] {
            let b = v.here;
            let Two { here, after } = v.both(|b| b.word | b.under).down(7);
            [
                b.word,
                b.digit,
                b.upper,
                b.separator,
                b.colon,
                b.grouping,
                b.joint,
                b.dash,
                b.dot,
                b.under,
                b.quote,
                b.comma,
                b.at,
                b.backslash,
                b.sigil,
                b.mark,
                b.opening,
                b.bracket,
                b.control,
                b.newline,
                b.blank,
                b.high,
                b.prompt,
                b.prompt_two,
                b.prompt_three,
                v.behind(|b| b.word & !b.digit, 3),
                v.ahead(|b| b.digit, 63) | L::each(1),
                v.runs(|b| b.word, 4),
                here & v.behind(|b| b.blank, 1),
                after,
            ]
        }
    }

    fn told(way: impl Pass, text: &[u8]) -> Vec<(usize, usize, Vec<u32>, u64)> {
        let mut out = Vec::new();
        through(
            way,
            text,
            &prompts(),
            &All,
            &mut Window::default(),
            |window| {
                for kind in 0..30 {
                    let end = window.base + window.blocks * BLOCK_BYTES;
                    let some = (window.base..end).step_by(37);
                    let word = some.map(|i| window.from(i, |b| b.word).rotate_left(i as u32 % 64));
                    let places = window.places(kind).to_vec();
                    out.push((kind, window.base, places, word.fold(0, |a, b| a ^ b)));
                }
            },
        );
        out
    }

    fn same(text: &[u8]) {
        let scalar = told(Scalar, text);
        for engine in [Width::Avx512, Width::Avx2]
            .into_iter()
            .filter_map(Engine::of)
        {
            assert_eq!(told(engine, text), scalar, "{}", engine.name());
        }
    }

    /// Figures and a fold by each way, of the same blocks.
    fn same_figures(blocks: &[[u8; BLOCK_BYTES]], masks: &[[u64; 2]]) {
        let scalar: Vec<Figures> = blocks.iter().map(scalar_figures).collect();
        // Each byte in one of five ways.
        let of = |[a, b]: &[u64; 2]| Fold {
            marked: [a & b, a & !b, !a & b & a.rotate_left(7)],
            left_out: !a & !b & b.rotate_left(9),
            start: 0,
        };
        let mut folds: Vec<Fold> = masks.iter().map(of).collect();
        let room = || vec![0; blocks.len() * BLOCK_BYTES + BLOCK_BYTES];
        let mut expected = room();
        let end = scalar_fold(blocks, &mut folds, (&mut expected, 0));
        expected.truncate(end);
        for engine in [Width::Avx512, Width::Avx2]
            .into_iter()
            .filter_map(Engine::of)
        {
            let mut told = Vec::new();
            engine.figures(blocks, &mut told);
            assert_eq!(told, scalar, "{}", engine.name());
            let mut copy = room();
            let mut folded: Vec<Fold> = masks.iter().map(of).collect();
            let end = engine.fold(blocks, &mut folded, (&mut copy, 0));
            copy.truncate(end);
            assert_eq!(
                (copy, &folded),
                (expected.clone(), &folds),
                "{}",
                engine.name()
            );
        }
    }

    #[test]
    fn every_byte_has_the_same_figures() {
        let all: Vec<u8> = (0..=255).chain(0..=255).collect();
        for shift in 0..64 {
            let (blocks, _) = all[shift..].as_chunks();
            same_figures(blocks, &[[0x0123_4567_89ab_cdef, 0xff00_f0f0_cccc_aaaa]; 8]);
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

    #[test]
    fn a_class_is_told_of_each_byte_of_a_text() {
        for length in [
            0, 1, 63, 64, 65, 66, 67, 128, 2_047, 2_048, 2_049, 2_110, 2_112, 4_200,
        ] {
            let text: Vec<u8> = (0..length).map(|n| b"a1.\n\0-"[n * n % 6]).collect();
            let mut dots = Vec::new();
            let mut nul = Vec::new();
            let mut window = Window::default();
            crate::pass(&text, &prompts(), &All, &mut window, |window| {
                dots.extend_from_slice(window.places(8));
                nul.extend_from_slice(window.places(18));
            });
            let of = |byte: u8| -> Vec<u32> {
                let all = text.iter().enumerate().filter(|(_, b)| **b == byte);
                all.map(|(n, _)| n as u32).collect()
            };
            assert_eq!((dots, nul), (of(b'.'), of(0)), "{length}");
        }
    }

    proptest! {
        #[test]
        fn vectors_and_scalar_agree(text in prop::collection::vec(any::<u8>(), 0..400)) {
            same(&text);
        }

        #[test]
        fn figures_and_folds_agree(
            text in prop::collection::vec(
                prop_oneof![any::<u8>(), prop::sample::select(b"09afFzT+-_\n%".to_vec())], 64..400),
            masks in prop::collection::vec(any::<[u64; 2]>(), 6),
        ) {
            same_figures(text.as_chunks().0, &masks);
        }

        #[test]
        fn they_agree_on_text(text in "[ -~\n]{0,300}", times in 1_usize..12) {
            same(text.repeat(times).as_bytes());
        }
    }
}
