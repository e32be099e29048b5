//! Vectors and the scalar pass agree.

use super::*;
use crate::figures::{FIGURE_BLOCKS, scalar_figures, scalar_fold};
use crate::scalar::Scalar;
use crate::{Around, Beside, Two, through};
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
    let scalar: Vec<Figure> = blocks.iter().map(scalar_figures).collect();
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
        let mut figures = Figures::default();
        engine.figures(blocks, 1, &mut figures);
        let told: Vec<Figure> = (1..=blocks.len()).map(|n| figures.of(n)).collect();
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

/// What figures of a block and its neighbours tell.
struct Some4;

impl FigureMasks<4> for Some4 {
    #[inline(always)]
    fn masks<L: Lanes>(&self, v: &Beside<Figure<L>>) -> [L; 4] {
        let ends = v.both(|b| b.digit) & !v.both(|b| b.digit).down(1);
        [
            v.here.hex | v.behind(|b| b.tee, 2),
            v.ahead(|b| b.newline, 63) & !v.here.id,
            ends.down(3).here,
            ends.after,
        ]
    }
}

fn same_told(text: &[u8]) {
    let mut figures = Figures::default();
    // What was read before is forgotten.
    figures.read(&[b'1'; FIGURE_BLOCKS * BLOCK_BYTES]);
    figures.read(text);
    figures.ids()[1] = 0xff00_ff00;
    let none = [[0; FIGURE_BLOCKS + 2]; 4];
    let told = |planes: [Plane; 4]| planes.map(|plane| plane[1..=figures.blocks()].to_vec());
    let mut expected = none;
    figures.told_by::<u64, 4>(&Some4, &mut expected);
    for engine in [Width::Avx512, Width::Avx2]
        .into_iter()
        .filter_map(Engine::of)
    {
        let mut out = none;
        engine.told(&figures, &Some4, &mut out);
        assert_eq!(told(out), told(expected), "{}", engine.name());
    }
    let digits = (0..text.len()).map(|i| figures.from(i, |b| b.digit) & 1 == 1);
    assert!(digits.eq(text.iter().map(u8::is_ascii_digit)));
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
    fn figures_tell_the_same(text in "[0-9a-zT\n -]{0,300}", times in 1_usize..28) {
        let text = text.repeat(times);
        same_told(&text.as_bytes()[..text.len().min(FIGURE_BLOCKS * BLOCK_BYTES)]);
    }

    #[test]
    fn they_agree_on_text(text in "[ -~\n]{0,300}", times in 1_usize..12) {
        same(text.repeat(times).as_bytes());
    }
}
