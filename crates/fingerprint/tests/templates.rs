//! `cargo test -p cordon-fingerprint --test templates`: lines of labelled formats are grouped as
//! the statements that made them, with one configuration and whatever their order.

mod labelled;

use cordon_fingerprint::{Miner, ShapeNo};
use labelled::score::{Score, score};
use labelled::{LINES_COUNT, SEED, Set, all};

/// The template of each line, in order.
fn mined(lines: &[String]) -> Vec<String> {
    let mut miner = Miner::new();
    let shapes: Vec<ShapeNo> = lines.iter().map(|line| miner.add(line)).collect();
    let merged = miner.merge();
    shapes
        .into_iter()
        .map(|shape| merged.of(shape).id.clone())
        .collect()
}

fn scored(set: &Set, whole: bool) -> Score {
    let lines = set.lines(SEED, LINES_COUNT);
    let texts: Vec<String> = lines
        .iter()
        .map(|line| {
            if whole {
                line.whole()
            } else {
                line.content.clone()
            }
        })
        .collect();
    let labels = lines.iter().map(|line| line.statement);
    score(&labels.zip(mined(&texts)).collect::<Vec<_>>())
}

/// The scores of all sets as a table.
fn table(whole: bool) -> (String, Vec<Score>) {
    let mut out =
        String::from("\nset           held back  statements  groups  lines right  groups F1\n");
    let mut scores = Vec::new();
    for (set, held_back) in all() {
        let score = scored(set, whole);
        out.push_str(&format!(
            "{:14}{:9}{:12}{:8}{:13.3}{:11.3}\n",
            set.name, held_back, score.statements, score.groups, score.lines_right, score.groups_f1
        ));
        scores.push(score);
    }
    (out, scores)
}

#[track_caller]
fn check(whole: bool) {
    let (table, scores) = table(whole);
    let count = scores.len() as f64;
    let lines = scores.iter().map(|score| score.lines_right).sum::<f64>() / count;
    let groups = scores.iter().map(|score| score.groups_f1).sum::<f64>() / count;
    assert!(
        lines >= 0.95 && groups >= 0.90,
        "{lines:.3} {groups:.3}{table}"
    );
}

#[test]
fn lines_are_grouped_as_their_statements() {
    check(false);
}

#[test]
fn headers_do_not_count() {
    check(true);
}

#[test]
fn order_does_not_count() {
    for (set, _) in all() {
        let drawn = set.lines(SEED, 600);
        let mut lines: Vec<String> = drawn.iter().map(labelled::Line::whole).collect();
        let first = mined(&lines);
        lines.reverse();
        let mut reversed = mined(&lines);
        reversed.reverse();
        assert_eq!(first, reversed, "{}", set.name);
    }
}
