//! Properties of joining, over arbitrary lines and over the lines that mean something.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Numbered(usize, String, u64);

impl Piece for Numbered {
    fn text(&self) -> &str {
        &self.1
    }

    fn stream(&self) -> u64 {
        self.2
    }
}

/// The records that lines of one stream make.
pub(super) fn joined(lines: &[String]) -> Vec<Vec<String>> {
    let mut joiner = Joiner::new(JoinLimits::default());
    let mut done = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        joiner.push(Numbered(at, line.clone(), 0), 0, &mut done);
    }
    joiner.finish(&mut done);
    done.into_iter()
        .map(|record| record.lines.into_iter().map(|line| line.1).collect())
        .collect()
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("Traceback (most recent call last):".to_owned()),
        Just("  File \"a.py\", line 1, in f".to_owned()),
        Just("ValueError: x".to_owned()),
        Just("java.lang.IllegalStateException: x".to_owned()),
        Just("\tat a.B.c(B.java:1)".to_owned()),
        Just("Caused by: a.BException: y".to_owned()),
        Just("panic: x".to_owned()),
        Just("goroutine 1 [running]:".to_owned()),
        Just("2024-01-02 03:04:05 [t1] ERROR a - Traceback (most recent call last):".to_owned()),
        Just("2024-01-02 03:04:05 [t1] ERROR a -   File \"a.py\", line 1, in f".to_owned()),
        Just("2024-01-02 03:04:05 [t2] ERROR a - plain".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just("{".to_owned()),
        Just("  indented".to_owned()),
        Just("plain words".to_owned()),
        "\\PC{0,40}",
    ]
}

fn small() -> JoinLimits {
    JoinLimits {
        lines_count_max: 6,
        record_bytes_max: 400,
        open_bytes_max: 1_000,
        keys_count_max: 3,
        pending_count_max: 3,
        ..JoinLimits::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_line_is_lost_or_given_twice_and_keys_keep_their_order(
        lines in prop::collection::vec((line(), 0_u64..2, 0_u64..700), 0..60),
        tight in any::<bool>(),
    ) {
        let limits = if tight { small() } else { JoinLimits::default() };
        let mut joiner = Joiner::new(limits);
        let (mut done, mut now_ms) = (Vec::new(), 0);
        for (at, (text, stream, wait_ms)) in lines.iter().enumerate() {
            now_ms += wait_ms;
            joiner.push(Numbered(at, text.clone(), *stream), now_ms, &mut done);
            prop_assert!(joiner.open.len() <= limits.keys_count_max);
            prop_assert!(joiner.bytes <= limits.open_bytes_max);
        }
        joiner.finish(&mut done);
        prop_assert!(joiner.is_empty());
        prop_assert_eq!(joiner.bytes, 0);
        let mut seen = vec![false; lines.len()];
        for record in &done {
            prop_assert!(!record.lines.is_empty());
            let most = limits.lines_count_max + limits.pending_count_max + 1;
            prop_assert!(record.lines.len() <= most);
            let in_order = record.lines.windows(2).all(|two| two[0].0 < two[1].0);
            prop_assert!(in_order);
            let one_stream = record.lines.iter().all(|line| line.2 == record.lines[0].2);
            prop_assert!(one_stream);
            for line in &record.lines {
                prop_assert!(!std::mem::replace(&mut seen[line.0], true));
                prop_assert_eq!(&line.1, &lines[line.0].0);
            }
        }
        prop_assert!(seen.into_iter().all(|seen| seen));
        // Of one header and stream, the lines come out in the order in which they came.
        let mut last: BTreeMap<(u64, u64), usize> = BTreeMap::new();
        for line in done.iter().flat_map(|record| &record.lines) {
            let view = View::of(&line.1);
            if !view.headed || view.is_record {
                continue;
            }
            let before = last.insert((line.2, view.key), line.0);
            prop_assert!(before.is_none_or(|before| before < line.0));
        }
    }

    #[test]
    fn time_makes_a_difference_by_quiet_alone(
        lines in prop::collection::vec(line(), 0..40),
        waits_ms in prop::collection::vec(0_u64..10, 40),
    ) {
        let at_once = joined(&lines);
        let mut joiner = Joiner::new(JoinLimits::default());
        let (mut done, mut now_ms) = (Vec::new(), 7);
        for ((at, text), wait_ms) in lines.iter().enumerate().zip(waits_ms) {
            now_ms += wait_ms;
            joiner.flush(now_ms, &mut done);
            joiner.push(Numbered(at, text.clone(), 0), now_ms, &mut done);
        }
        joiner.finish(&mut done);
        let mut slowly: Vec<Vec<String>> = done
            .into_iter()
            .map(|record| record.lines.into_iter().map(|line| line.1).collect())
            .collect();
        let mut at_once = at_once;
        at_once.sort();
        slowly.sort();
        prop_assert_eq!(at_once, slowly);
    }
}

#[test]
fn quiet_ends_a_record() {
    let mut joiner = Joiner::new(JoinLimits::default());
    let mut done = Vec::new();
    let push = |joiner: &mut Joiner<Numbered>, text: &str, now_ms, done: &mut Vec<_>| {
        joiner.push(Numbered(0, text.to_owned(), 0), now_ms, done);
    };
    push(
        &mut joiner,
        "Traceback (most recent call last):",
        0,
        &mut done,
    );
    joiner.flush(500, &mut done);
    assert!(done.is_empty());
    joiner.flush(501, &mut done);
    assert_eq!(done.len(), 1);
    push(&mut joiner, "ValueError: x", 502, &mut done);
    joiner.finish(&mut done);
    assert_eq!(done.len(), 2);
}

#[test]
fn a_record_over_a_limit_goes_on_in_the_next() {
    let mut joiner = Joiner::new(small());
    let mut done = Vec::new();
    let lines = std::iter::once("java.lang.IllegalStateException: x".to_owned())
        .chain((0..13).map(|n| format!("\tat a.B.c{n}(B.java:{n})")));
    for (at, line) in lines.enumerate() {
        joiner.push(Numbered(at, line, 0), 0, &mut done);
    }
    joiner.finish(&mut done);
    let counts: Vec<_> = done.iter().map(|r| (r.lines.len(), r.is_cut)).collect();
    assert_eq!(counts, [(6, true), (6, true), (2, true)]);
}
