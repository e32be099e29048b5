//! Stack traces: arbitrary text harms nobody, a trace that is read is read in one way, and line
//! numbers do not count in its group.
#![no_main]

use cordon_fingerprint::{group_trace, limits, parse_trace};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Some(trace) = parse_trace(&text) else {
        return;
    };
    assert!(!trace.chain.is_empty(), "a trace without an exception");
    assert_eq!(
        parse_trace(&text).as_ref(),
        Some(&trace),
        "a trace is read in two ways"
    );
    let frames = trace
        .chain
        .iter()
        .map(|link| link.frames.len())
        .sum::<usize>();
    let frames_max = limits::FRAMES_COUNT_MAX * limits::CHAIN_COUNT_MAX;
    assert!(frames <= frames_max, "more frames than the limit");
    let group = group_trace(&trace);
    let mut moved = trace.clone();
    for frame in moved.chain.iter_mut().flat_map(|link| &mut link.frames) {
        frame.line = frame.line.map(|line| line.wrapping_add(7).max(1));
    }
    assert_eq!(
        group_trace(&moved).id,
        group.id,
        "a line number counts in a group"
    );
});
