//! The moment that a sentence tells of, where it is before the one at which it was written.
//!
//! *Invariant:* a clock counts only where it lies shortly before the message: of `at 5:30`, written
//! at 10:43, nobody knows the zone.

use crate::chat::stamp;
use crate::time::{DAY_NS, SECOND_NS, When};

/// Words before a clock.
const BEFORE: [&str; 9] = [
    "at ", "since ", "from ", "around ", "about ", "by ", "@ ", "until ", "~",
];
/// How long before the message it may lie, in nanoseconds.
const BEFORE_NS_MAX: u64 = 3 * 3_600 * SECOND_NS;
/// Clocks of a sentence that are looked at.
const CLOCKS_COUNT_MAX: usize = 8;

/// The first such moment of a sentence.
pub(super) fn earlier(sentence: &str, written: When) -> Option<When> {
    let ns = written.ns?;
    let places = sentence.char_indices().filter_map(|(at, _)| {
        let before = sentence.get(..at)?;
        let rest = sentence.get(at..)?;
        let word = BEFORE.iter().find(|word| rest.starts_with(**word))?;
        let apart = before.is_empty() || before.ends_with([' ', '(']);
        rest.get(word.len()..).filter(|_| apart)
    });
    let mut clocks = places.take(CLOCKS_COUNT_MAX).filter_map(|rest| {
        let (stamp, _) = stamp::read(rest)?;
        let clock = stamp.clock_ns.filter(|_| stamp.day == stamp::Day::Untold)?;
        let east = stamp.east.unwrap_or(0) * 60 * SECOND_NS as i64;
        // Of this day, or of the one before.
        let day = ns / DAY_NS * DAY_NS;
        let today = (day + clock).checked_add_signed(-east)?;
        let days = [Some(today), today.checked_sub(DAY_NS), Some(today + DAY_NS)];
        let mut days = days.into_iter().flatten();
        let found = days.find(|at| *at < ns && ns - *at <= BEFORE_NS_MAX)?;
        Some(When {
            ns: Some(found),
            zoneless: written.zoneless || stamp.east.is_none(),
            ..written
        })
    });
    clocks.next()
}

#[cfg(test)]
mod tests {
    use super::earlier;
    use crate::time::{self, When};

    #[track_caller]
    fn check(sentence: &str, expected: Option<&str>) {
        let written = time::read("2026-11-23T10:43:00Z").unwrap_or_default();
        let found = earlier(sentence, written).and_then(When::rfc3339);
        assert_eq!(found.as_deref(), expected, "{sentence}");
    }

    #[test]
    fn earlier_clocks_are_told() {
        check("502s since about 10:35", Some("2026-11-23T10:35:00Z"));
        check(
            "it went up at 10:36 UTC, a lot",
            Some("2026-11-23T10:36:00Z"),
        );
        check("it went up at 11:36 (CET)", Some("2026-11-23T10:36:00Z"));
        check("shipped at 9:58 am", Some("2026-11-23T09:58:00Z"));
    }

    #[test]
    fn other_numbers_are_none() {
        for no in [
            "we meet at 11:00",
            "it began at 5:30",
            "at 10",
            "ratio 10:40",
            "format10:40",
            "errors at 40%",
        ] {
            check(no, None);
        }
    }
}
