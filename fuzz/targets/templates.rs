//! Templates: arbitrary lines harm nobody, their headers are parts of them, and what they become
//! depends neither on their order nor on how often each came.
#![no_main]

use std::collections::BTreeSet;

use cordon_fingerprint::{Miner, header, template};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, read)) = cordon_fuzz::chosen(data) else {
        return;
    };
    let lines: Vec<&str> = read.lines().collect();
    for line in &lines {
        headed(line);
    }
    let mut turned = lines.clone();
    turned.reverse();
    turned.rotate_left(usize::from(choice) % lines.len().max(1));
    turned.extend(lines.iter().take(usize::from(choice >> 4)));
    assert!(
        mined(&lines) == mined(&turned),
        "templates depend on the order of lines, or on how often each came"
    );
});

/// What a header says is in its line, and a line is read in one way.
fn headed(line: &str) {
    let read = header::read(line);
    assert!(
        line.contains(read.content),
        "a message is no part of its line"
    );
    assert_eq!(read, header::read(line), "a header is read in two ways");
    let (once, again) = (template(line), template(line));
    assert_eq!(once.id, again.id, "a line has two templates");
}

/// Each line with its template's id and text.
fn mined<'l>(lines: &[&'l str]) -> BTreeSet<(&'l str, String, String)> {
    let mut miner = Miner::new();
    let shapes: Vec<_> = lines.iter().map(|line| miner.add(line)).collect();
    let merged = miner.merge();
    let told = lines.iter().zip(shapes).map(|(line, shape)| {
        let template = merged.of(shape);
        (*line, template.id.clone(), template.text.clone())
    });
    told.collect()
}
