//! The examples of `docs/templates.md` hold.
#![expect(clippy::unwrap_used, reason = "a page without its tables is a failure")]

use cordon_fingerprint::{Miner, ShapeNo, template};

const PAGE: &str = include_str!("../../../docs/templates.md");

/// The rows of the table with that head: what stands in code in each of two columns.
fn rows(head: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let table = PAGE.split(head).nth(1).unwrap().lines().skip(2);
    let codes = |cell: &'static str| -> Vec<&str> { cell.split('`').skip(1).step_by(2).collect() };
    let rows: Vec<_> = table
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let (left, right) = line.trim_matches('|').split_once("` | `").unwrap();
            (left, right)
        })
        .collect();
    assert!(rows.len() > 3);
    let whole = |(left, right): &(&'static str, &'static str)| {
        let left = codes(left.strip_suffix('`').unwrap_or(left));
        let right: Vec<&str> = right.trim_end_matches(['`', ' ']).split("` + `").collect();
        (left, right)
    };
    rows.iter().map(whole).collect()
}

#[test]
fn shapes_are_as_the_page_says() {
    for (line, shape) in rows("| line | shape |") {
        assert_eq!(template(line[0]).text, shape[0], "{}", line[0]);
    }
}

#[test]
fn merged_templates_are_as_the_page_says() {
    for (lines, templates) in rows("| lines | template |") {
        let mut miner = Miner::new();
        let shapes: Vec<ShapeNo> = lines.iter().map(|line| miner.add(line)).collect();
        let merged = miner.merge();
        let mut found: Vec<&str> = shapes.iter().map(|s| merged.of(*s).text.as_str()).collect();
        found.dedup();
        assert_eq!(found, templates, "{lines:?}");
    }
}
