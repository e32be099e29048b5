//! Order does not count.

use proptest::prelude::*;

use super::*;

/// The template of each line.
fn mined(lines: &[String]) -> Vec<Template> {
    mined_by(Miner::new(), lines)
}

fn mined_by(mut miner: Miner, lines: &[String]) -> Vec<Template> {
    let shapes: Vec<ShapeNo> = lines.iter().map(|line| miner.add(line)).collect();
    let merged = miner.merge();
    shapes
        .into_iter()
        .map(|shape| merged.of(shape).clone())
        .collect()
}

/// Lines of a few statements with values of several kinds, and of anything.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof!["[a-e]{1,2}", "[a-c]{1,3}-[a-c]", "[A-C]{2}", "[0-9]{1,3}"];
    prop_oneof![
        (0..4_usize, word.clone(), word).prop_map(|(statement, a, b)| match statement {
            0 => format!("user {a} opened {b} now"),
            1 => format!("{a}: took {b} ms"),
            2 => format!("2024-01-02 03:04:05 INFO job {a} moved to {b} ({a})"),
            _ => format!("list [{a}, {b}, {a}] of {b}"),
        }),
        "\\PC{0,24}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_order_gives_the_same_templates(
        (lines, shuffled) in proptest::collection::vec(line(), 0..60).prop_flat_map(|lines| {
            let numbered: Vec<usize> = (0..lines.len()).collect();
            (Just(lines), Just(numbered).prop_shuffle())
        }),
        repeated in 1..3_usize,
    ) {
        let first = mined(&lines);
        prop_assert_eq!(&first, &mined(&lines));
        let count = repeated * shuffled.len();
        let again: Vec<usize> = shuffled.iter().copied().cycle().take(count).collect();
        let moved: Vec<String> = again.iter().map(|at| lines[*at].clone()).collect();
        for (at, template) in again.iter().zip(mined(&moved)) {
            prop_assert_eq!(&first[*at], &template, "{}", &lines[*at]);
        }
    }

    #[test]
    fn a_line_alone_has_its_shape_for_template(line in line()) {
        let alone = mined(std::slice::from_ref(&line));
        prop_assert_eq!(&alone[0], &crate::template(&line));
    }

    #[test]
    fn a_shape_is_its_own_shape(line in line()) {
        let shape = crate::template(&line);
        prop_assert_eq!(crate::template(&shape.text), shape);
    }
}

#[test]
fn too_many_shapes_become_coarser_in_any_order() {
    let word = |n: usize| {
        let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
        [n, n / 26, n / 676].map(letter).iter().collect::<String>()
    };
    for (count, shapes_max) in [(300, 200), (300, 40), (300, 3)] {
        let line = |n| {
            format!(
                "{} did {} quite well by {}",
                word(n % 40),
                word(n * 7),
                word(n)
            )
        };
        let mut lines: Vec<String> = (0..count).map(line).collect();
        lines.push("disk-7 is full".to_owned());
        let first = mined_by(Miner::with_shapes_max(shapes_max), &lines);
        lines.reverse();
        let mut second = mined_by(Miner::with_shapes_max(shapes_max), &lines);
        second.reverse();
        assert_eq!(first, second, "{shapes_max}");
    }
}
