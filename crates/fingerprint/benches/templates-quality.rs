//! `cargo xtask bench templates-quality`: how well lines of the labelled formats are grouped, as a
//! table: bare messages and whole lines. With the names of formats, the templates of each of their
//! statements that is not exactly one group. With the path of a folder, the same of sets from
//! outside: each a folder with `lines.log` and `truth.txt`, one label for each line.
#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark prints its table and may stop at the first surprise"
)]

#[path = "../tests/labelled/mod.rs"]
mod labelled;

use std::collections::BTreeMap;
use std::path::Path;

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

/// Prints the statements of a set that are not one group, or share one, with a line's shape.
fn mistakes(name: &str, lines: &[(String, &str)]) {
    let mut miner = Miner::new();
    let shapes: Vec<ShapeNo> = lines.iter().map(|(line, _)| miner.add(line)).collect();
    let merged = miner.merge();
    let mut found: BTreeMap<(&str, &str), (usize, String)> = BTreeMap::new();
    for ((line, statement), shape) in lines.iter().zip(shapes) {
        let of = found
            .entry((statement, &merged.of(shape).text))
            .or_default();
        *of = (of.0 + 1, template(line).text);
    }
    for ((statement, text), (count, shape)) in &found {
        let pieces = found.keys().filter(|(other, _)| other == statement).count();
        let sharers = found.keys().filter(|(_, other)| other == text).count();
        if pieces > 1 || sharers > 1 {
            println!("{name}: {count} lines of {statement:?}\n    {text}\n    as {shape}");
        }
    }
}

/// Scores the sets of a folder; those named are shown in detail.
fn outside(folder: &Path, named: &[String]) {
    let mut sets: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("truth.txt").is_file())
        .collect();
    sets.sort();
    println!("| set | statements | groups | lines right | groups F1 |\n|---|---|---|---|---|");
    let (mut lines_right, mut groups_f1) = (0.0, 0.0);
    for set in &sets {
        let read = |name: &str| {
            let bytes = std::fs::read(set.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (text, truth) = (read("lines.log"), read("truth.txt"));
        let pairs = text.split('\n').zip(truth.split('\n'));
        let lines: Vec<(String, &str)> = pairs
            .filter(|(line, label)| !line.is_empty() || !label.is_empty())
            .map(|(line, label)| (line.to_owned(), label))
            .collect();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut miner = Miner::new();
        let shapes: Vec<ShapeNo> = lines.iter().map(|(line, _)| miner.add(line)).collect();
        let merged = miner.merge();
        let groups = lines.iter().zip(shapes).map(|((_, label), shape)| {
            let next = numbers.len();
            let number = *numbers.entry(label).or_insert(next);
            (number, merged.of(shape).id.as_str())
        });
        let found = score(&groups.collect::<Vec<_>>());
        let name = set.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "| {name} | {} | {} | {:.3} | {:.3} |",
            found.statements, found.groups, found.lines_right, found.groups_f1
        );
        lines_right += found.lines_right;
        groups_f1 += found.groups_f1;
        if named.iter().any(|wanted| *wanted == name) {
            mistakes(&name, &lines);
        }
    }
    let count = sets.len().max(1) as f64;
    println!(
        "| mean | | | {:.3} | {:.3} |",
        lines_right / count,
        groups_f1 / count
    );
}

fn main() {
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    if let Some(folder) = named.first().map(Path::new).filter(|path| path.is_dir()) {
        outside(folder, &named);
        return;
    }
    if !named.is_empty() {
        let chosen = all()
            .into_iter()
            .filter(|(set, _)| named.iter().any(|name| name == set.name));
        for (set, _) in chosen {
            let lines = set.lines(SEED, LINES_COUNT);
            let label = |line: &labelled::Line| set.statements[line.statement].2;
            let lines: Vec<(String, &str)> = lines
                .iter()
                .map(|line| (line.whole(), label(line)))
                .collect();
            mistakes(set.name, &lines);
        }
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
