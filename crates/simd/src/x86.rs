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

use crate::block::{BLOCK_BYTES, Block};
use crate::figures::{Figure, FigureMasks, Figures, Fold, MARKS, Plane};
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
    /// Writes the figures of blocks, from block `n` on.
    pub(crate) fn figures(self, blocks: &[[u8; BLOCK_BYTES]], n: usize, out: &mut Figures) {
        match self.0 {
            // SAFETY: the features were found.
            Width::Avx512 => unsafe { figures512(blocks, n, out) },
            // SAFETY: the feature was found.
            Width::Avx2 => unsafe { figures256(blocks, n, out) },
        }
    }

    /// Computes masks from figures.
    pub(crate) fn told<const K: usize>(
        self,
        figures: &Figures,
        masks: &impl FigureMasks<K>,
        out: &mut [Plane; K],
    ) {
        match self.0 {
            // SAFETY: the features were found.
            Width::Avx512 => unsafe { told512(figures, masks, out) },
            // SAFETY: the features were found.
            Width::Avx2 => unsafe { told256(figures, masks, out) },
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

#[target_feature(enable = "avx512f,avx512bw,popcnt,bmi1,bmi2,lzcnt")]
fn told512<const K: usize>(figures: &Figures, masks: &impl FigureMasks<K>, out: &mut [Plane; K]) {
    figures.told_by::<Eight, K>(masks, out);
}

#[target_feature(enable = "avx2,popcnt,bmi1,bmi2,lzcnt")]
fn told256<const K: usize>(figures: &Figures, masks: &impl FigureMasks<K>, out: &mut [Plane; K]) {
    figures.told_by::<Four, K>(masks, out);
}

#[target_feature(enable = "avx512f,avx512bw")]
fn figures512(blocks: &[[u8; BLOCK_BYTES]], n: usize, out: &mut Figures) {
    let each = |b: u8| _mm512_set1_epi8(b as i8);
    for (n, block) in (n..).zip(blocks) {
        // SAFETY: 64 bytes are read from an array of as many.
        let v = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let lower = _mm512_or_si512(v, each(0x20));
        let within = |v: __m512i, first: u8, count: u8| {
            _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, each(first)), each(count))
        };
        let is = |b: u8| _mm512_cmpeq_epi8_mask(v, each(b));
        let figure = Figure {
            digit: within(v, b'0', 10),
            letter: within(lower, b'a', 26),
            hex: within(v, b'a', 6),
            escape: is(b'%') | is(b'&') | is(b'#') | is(b'\\'),
            tee: is(b'T'),
            plus: is(b'+'),
            dash: is(b'-'),
            under: is(b'_'),
            at: is(b'@'),
            newline: is(b'\n'),
            id: 0,
        };
        out.put(n, &figure);
    }
}

#[target_feature(enable = "avx2")]
fn figures256(blocks: &[[u8; BLOCK_BYTES]], n: usize, out: &mut Figures) {
    let each = |b: u8| _mm256_set1_epi8(b as i8);
    let mask = |v: __m256i| u64::from(_mm256_movemask_epi8(v) as u32);
    let within = |v: __m256i, first: u8, count: u8| {
        let from = _mm256_sub_epi8(v, each(first));
        mask(_mm256_cmpeq_epi8(
            from,
            _mm256_min_epu8(from, each(count - 1)),
        ))
    };
    for (n, block) in (n..).zip(blocks) {
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
        let figure = Figure {
            digit: both(&|v| within(v, b'0', 10)),
            letter: both(&|v| within(_mm256_or_si256(v, each(0x20)), b'a', 26)),
            hex: both(&|v| within(v, b'a', 6)),
            escape: is(b'%') | is(b'&') | is(b'#') | is(b'\\'),
            tee: is(b'T'),
            plus: is(b'+'),
            dash: is(b'-'),
            under: is(b'_'),
            at: is(b'@'),
            newline: is(b'\n'),
            id: 0,
        };
        out.put(n, &figure);
    }
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
            fn load(plane: &[u64], n: usize) -> Self {
                let Some(blocks) = plane.get(n..).and_then(|rest| rest.first_chunk::<$count>())
                else {
                    return Self::each(0);
                };
                // SAFETY: as many are read as were asked for; only called with the feature.
                Self(unsafe { $load(blocks.as_ptr().cast()) })
            }

            #[inline(always)]
            fn store(self, plane: &mut [u64], n: usize) {
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
mod tests;
