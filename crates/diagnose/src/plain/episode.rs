//! Trouble that begins, stops and begins again.
//!
//! Lines that are far apart in time part what tells of one trouble into episodes. A few dense ones
//! in an otherwise clean log are told; bursts that come all along are the log's habit.

/// Episodes that are told, and lines of each, at least.
const EPISODES_COUNT_MIN: usize = 2;
const EPISODES_COUNT_MAX: usize = 5;
const LINES_COUNT_MIN: usize = 4;
/// Episodes are so much of the log apart, at least.
const GAP_PARTS: u64 = 16;
/// All of them together are no more of it than this.
const SHARE_PARTS: u64 = 3;
/// The first begins behind so much of the log.
const BEGINNING_PARTS: u64 = 40;

/// An episode: its first line, and behind its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Episode {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The episodes of what was written at these times, in order, in a log of that span; none where it
/// does not part into a few.
pub(super) fn episodes(times: &[u64], (first, last): (u64, u64)) -> Vec<Episode> {
    let span = last.saturating_sub(first);
    let mut found: Vec<Episode> = Vec::new();
    let mut dense = 0;
    let mut before: Option<u64> = None;
    for (at, time) in times.iter().enumerate() {
        let gap = before.map(|before| time.saturating_sub(before));
        before = Some(*time);
        match (found.last_mut(), gap) {
            (Some(episode), Some(gap)) if gap <= span / GAP_PARTS => {
                episode.to = at + 1;
                dense += gap;
            }
            _ => found.push(Episode {
                from: at,
                to: at + 1,
            }),
        }
        if found.len() > EPISODES_COUNT_MAX {
            return Vec::new();
        }
    }
    let long = found
        .iter()
        .all(|episode| episode.to - episode.from >= LINES_COUNT_MIN);
    let begins = times
        .first()
        .is_some_and(|time| *time > first + span / BEGINNING_PARTS);
    if found.len() < EPISODES_COUNT_MIN || !long || !begins || dense > span / SHARE_PARTS {
        return Vec::new();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::episodes;

    #[track_caller]
    fn check(times: impl Iterator<Item = u64>, expected: &[(usize, usize)]) {
        let times: Vec<u64> = times.collect();
        let found = episodes(&times, (0, 10_000));
        let found: Vec<_> = found.iter().map(|one| (one.from, one.to)).collect();
        assert_eq!(found, expected, "{times:?}");
    }

    #[test]
    fn a_few_dense_episodes_are_told() {
        let twice = (3_000..3_500).step_by(50).chain((7_000..7_500).step_by(50));
        check(twice, &[(0, 10), (10, 20)]);
    }

    #[test]
    fn what_comes_once_all_along_or_from_the_first_line_on_has_none() {
        check((3_000..3_500).step_by(50), &[]);
        check((0..10_000).step_by(400), &[]);
        let bursts = (0..9).flat_map(|n| (0..8).map(move |at| 500 + n * 1_000 + at * 5));
        check(bursts, &[]);
        check((0..400).step_by(50).chain((7_000..7_500).step_by(50)), &[]);
        check([4_000, 4_100, 8_000, 8_100].into_iter(), &[]);
        check(std::iter::empty(), &[]);
    }
}
