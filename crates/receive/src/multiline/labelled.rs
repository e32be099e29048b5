//! Quality on labelled rows: what belongs together is one record, what follows is another.
//!
//! The rows are written from the runtimes' own formats. A row counts where every record of it has
//! exactly the lines that it should.

use std::collections::BTreeMap;

use super::tests::joined;

const ROWS: [&str; 4] = [
    include_str!("labelled/managed.txt"),
    include_str!("labelled/scripts.txt"),
    include_str!("labelled/native.txt"),
    include_str!("labelled/others.txt"),
];
/// Least share of a language's rows that are joined exactly, in percent.
const EXACT_PERCENT_MIN: usize = 100;
/// Languages and kinds that have rows.
const KINDS_COUNT_MIN: usize = 20;

/// The rows: a language, and the records that its lines make.
fn rows() -> Vec<(&'static str, Vec<Vec<String>>)> {
    let mut rows: Vec<(_, Vec<Vec<String>>)> = Vec::new();
    for text in ROWS {
        for line in text.lines() {
            if let Some(language) = line.strip_prefix("=== ") {
                rows.push((language, vec![Vec::new()]));
                continue;
            }
            let (_, records) = rows.last_mut().unwrap();
            if line == "---" {
                records.push(Vec::new());
            } else {
                records.last_mut().unwrap().push(line.replace("\\t", "\t"));
            }
        }
    }
    rows
}

/// Records of a row as they come out, blank ones left out.
fn records(lines: &[String]) -> Vec<Vec<String>> {
    let mut out = joined(lines);
    out.retain(|record| record.iter().any(|line| !line.trim().is_empty()));
    out
}

#[test]
fn what_belongs_together_is_one_record() {
    let mut score: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut told = String::new();
    for (language, expected) in rows() {
        let lines: Vec<String> = expected.concat();
        let found = records(&lines);
        // Blank lines at a record's end may stand by themselves.
        let bare = |records: &[Vec<String>]| -> Vec<Vec<String>> {
            let full = |l: &&String| !l.trim().is_empty();
            let mut out: Vec<Vec<String>> = records
                .iter()
                .map(|r| r.iter().filter(full).cloned().collect())
                .collect();
            // Records of different keys have no order.
            out.sort();
            out
        };
        let exact = bare(&found) == bare(&expected);
        let entry = score.entry(language).or_default();
        entry.0 += usize::from(exact);
        entry.1 += 1;
        if !exact {
            told += &format!("{language}: {found:#?}\n");
        }
    }
    assert!(score.len() >= KINDS_COUNT_MIN, "{}", score.len());
    for (language, (exact, all)) in &score {
        assert!(
            exact * 100 >= all * EXACT_PERCENT_MIN,
            "{language} {exact}/{all}\n{told}"
        );
    }
}

#[test]
fn lines_of_two_threads_are_not_mixed_up() {
    for (language, expected) in rows() {
        if language != "threads" {
            continue;
        }
        let turns = expected.iter().map(Vec::len).max().unwrap();
        let mixed: Vec<String> = (0..turns)
            .flat_map(|turn| expected.iter().filter_map(move |r| r.get(turn).cloned()))
            .collect();
        let mut found = records(&mixed);
        found.sort();
        let mut expected = expected.clone();
        expected.sort();
        assert_eq!(found, expected);
    }
}
