//! The oracle sees what it is there to see: each guard that is taken away shows in some seed.

use crate::fault::{BREAKS, Break, FAULTS};
use crate::schedule::run;

/// Seeds within which a missing guard has to show: some show only where faults of two kinds meet.
const SEEDS_COUNT: u64 = 60;

/// The first violation that a build without that guard shows; it has to hold the words.
fn check(broken: Break, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    for seed in 0..SEEDS_COUNT {
        told.extend(run(seed, Some(broken), folder.path()).violations);
        if told.iter().any(|violation| violation.contains(words)) {
            return;
        }
    }
    panic!("without its guard {broken:?} nothing shows `{words}`: {told:?}");
}

#[test]
fn the_oracle_sees_a_sync_that_is_skipped() {
    check(Break::SyncSkipped, "neither stored nor damaged");
}

#[test]
fn the_oracle_sees_a_sync_that_is_tried_again() {
    check(Break::SyncRetried, "neither stored nor damaged");
}

#[test]
fn the_oracle_sees_an_answer_before_the_sync() {
    check(Break::AnsweredEarly, "neither stored nor damaged");
}

#[test]
fn the_oracle_sees_a_request_that_is_stored_twice() {
    check(Break::DedupeDropped, "2 events and not 1");
}

#[test]
fn the_oracle_sees_a_cursor_that_is_ahead_of_the_sink() {
    check(Break::CursorAhead, "was taken 0 times");
}

#[test]
fn the_oracle_sees_a_segment_that_is_deleted_before_it_was_exported() {
    check(Break::TrimmedAhead, "did not reach the export");
}

#[test]
fn the_oracle_sees_damage_that_is_not_kept() {
    check(Break::LostSwept, "not in the lost-and-found");
}

#[test]
fn the_oracle_sees_raw_data() {
    check(Break::RawLogged, "raw data lies in");
}

#[test]
fn the_oracle_sees_data_without_a_seal() {
    check(Break::SealDropped, "unsealed data lies in");
}

#[test]
fn every_guard_has_a_name_of_its_own_and_nothing_shows_while_all_stand() {
    let names: std::collections::BTreeSet<&str> = BREAKS.iter().map(|(_, name)| *name).collect();
    assert_eq!(names.len(), BREAKS.len());
    let folder = tempfile::tempdir().unwrap();
    let mut came = std::collections::BTreeSet::new();
    for seed in 0..FAULTS.len() as u64 {
        let outcome = run(seed, None, folder.path());
        assert_eq!(outcome.violations, Vec::<String>::new(), "seed {seed}");
        assert!(outcome.sums.acknowledged > 0, "seed {seed}");
        came.extend(outcome.fired.into_keys());
    }
    assert!(came.len() >= FAULTS.len() - 2, "{came:?}");
}
