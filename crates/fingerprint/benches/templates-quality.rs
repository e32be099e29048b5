//! `cargo xtask bench templates-quality`: how well lines of the labelled formats are grouped, as a
//! table: bare messages and whole lines.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

#[path = "../tests/labelled/mod.rs"]
mod labelled;

use cordon_fingerprint::{Miner, ShapeNo};
use labelled::{LINES_COUNT, SEED, Score, Set, all, score};

fn scored(set: &Set, whole: bool) -> Score {
    let lines = set.lines(SEED, LINES_COUNT);
    let mut miner = Miner::new();
    let add = |line: &labelled::Line| match whole {
        true => miner.add(&line.whole()),
        false => miner.add(&line.content),
    };
    let shapes: Vec<ShapeNo> = lines.iter().map(add).collect();
    let merged = miner.merge();
    let groups = lines.iter().zip(shapes);
    let groups = groups.map(|(line, shape)| (line.statement, merged.of(shape).id.as_str()));
    score(&groups.collect::<Vec<_>>())
}

fn main() {
    println!(
        "| format | statements | groups | lines right, bare | groups F1, bare | lines right, with header | groups F1, with header |"
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
