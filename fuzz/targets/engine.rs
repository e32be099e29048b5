//! The detector on arbitrary text: findings are in order, disjoint and on character boundaries;
//! asking where the screens propose finds what asking at every byte finds; a text without a mark
//! is clean.
#![no_main]

use cordon_detect::{Context, Detector, Scratch};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::default);

fuzz_target!(|data: &[u8]| {
    let Some((choice, read)) = cordon_fuzz::chosen(data) else {
        return;
    };
    // Some texts stand in a field, whose name is their first line.
    let (key, text) = match read.split_once('\n') {
        Some((key, text)) if choice & 1 == 1 => (Some(key), text),
        _ => (None, read.as_str()),
    };
    let context = Context { key, safe: None };
    let found = DETECTOR.scan(text, &context);
    let mut end = 0;
    for f in &found {
        assert!(f.start >= end, "findings overlap or are out of order");
        assert!(
            f.start < f.end && f.end <= text.len(),
            "a finding is empty or beyond the text"
        );
        let whole = text.is_char_boundary(f.start) && text.is_char_boundary(f.end);
        assert!(whole, "a finding cuts a character");
        end = f.end;
    }
    let every = DETECTOR.scan_every_byte(text, &context);
    assert_eq!(found, every, "the screens leave something out");
    let mut scratch = Scratch::default();
    if key.is_none() && DETECTOR.marks(text, &mut scratch).is_empty() {
        assert!(found.is_empty(), "a text without a mark holds something");
    }
});
