//! `cargo xtask bench templates-quality`: how well lines of the labelled formats are grouped, as a
//! table: bare messages and whole lines. With the names of formats, the templates of each of their
//! statements that is not exactly one group.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

#[path = "../tests/labelled/mod.rs"]
mod labelled;

use std::collections::BTreeMap;

use cordon_fingerprint::{Miner, ShapeNo, template};
use labelled::score::{Score, score};
use labelled::{LINES_COUNT, SEED, Set, all};

fn scored(set: &Set, whole: bool) -> Score {
    let lines = set.lines(SEED, LINES_COUNT);
    let mut miner = Miner::new();
    let add = |line: &labelled::Line| {
        miner.add(&if whole {
            line.whole()
        } else {
            line.content.clone()
        })
    };
    let shapes: Vec<ShapeNo> = lines.iter().map(add).collect();
    let merged = miner.merge();
    let groups = lines.iter().zip(shapes);
    let groups = groups.map(|(line, shape)| (line.statement, merged.of(shape).id.as_str()));
    score(&groups.collect::<Vec<_>>())
}

/// Prints the statements of a format that are not one group, or share one, with a line's shape.
fn mistakes(set: &Set) {
    let lines = set.lines(SEED, LINES_COUNT);
    let mut miner = Miner::new();
    let shapes: Vec<ShapeNo> = lines.iter().map(|line| miner.add(&line.content)).collect();
    let merged = miner.merge();
    let mut found: BTreeMap<(usize, &str), (usize, String)> = BTreeMap::new();
    for (line, shape) in lines.iter().zip(shapes) {
        let of = found
            .entry((line.statement, &merged.of(shape).text))
            .or_default();
        *of = (of.0 + 1, template(&line.content).text);
    }
    for ((statement, text), (count, shape)) in &found {
        let pieces = found.keys().filter(|(other, _)| other == statement).count();
        let sharers = found.keys().filter(|(_, other)| other == text).count();
        if pieces > 1 || sharers > 1 {
            println!(
                "{} {statement}: {count} lines, {text}, as {shape}",
                set.name
            );
        }
    }
}

fn main() {
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    if !named.is_empty() {
        let chosen = all()
            .into_iter()
            .filter(|(set, _)| named.iter().any(|name| name == set.name));
        chosen.for_each(|(set, _)| mistakes(set));
        return;
    }
    println!(
        "| format | statements | groups | lines right, bare | groups F1, bare | \
         lines right, with header | groups F1, with header |"
    );
    println!("|---|---|---|---|---|---|---|");
    let (mut count, mut sums) = (0, [0.0; 4]);
    for (set, held_back) in all() {
        let (bare, whole) = (scored(set, false), scored(set, true));
        let figures = [
            bare.lines_right,
            bare.groups_f1,
            whole.lines_right,
            whole.groups_f1,
        ];
        let mark = if held_back { " (second half)" } else { "" };
        let shown = figures.map(|figure| format!("{figure:.3}")).join(" | ");
        println!(
            "| {}{mark} | {} | {} | {shown} |",
            set.name, bare.statements, bare.groups
        );
        count += 1;
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure;
        }
    }
    let means = sums
        .map(|sum| format!("{:.3}", sum / f64::from(count)))
        .join(" | ");
    println!("| mean | | | {means} |");
}
