//! From which line on does a message come more often, and up to which?
//!
//! A message is a row of zeros and ones: which of the lines are its own. The moment sought is the
//! one that parts this row into two of different share most clearly (a change point of Bernoulli
//! trials, by the ratio of likelihoods). Compared are *shares* of the lines, so that more load
//! alone is no change; what comes in bursts anyway is discounted by how much it scattered before.
//!
//! *Complexity:* linear in the occurrences.

/// Parts into which what came before is cut to see how much it scattered.
const BINS_COUNT: usize = 24;
/// Fewest occurrences before, from which their scatter can be told.
const SCATTER_COUNT_MIN: usize = 6;
/// What is left of the share behind an end, at most.
const ENDED_SHARE_MAX: f64 = 0.2;
/// Share of the occurrences that lie before an end, at least: what comes again has not ended.
const ENDED_INSIDE_MIN: f64 = 0.7;
/// How sure an end is, at least.
const ENDED_RATIO_MIN: f64 = 12.0;

/// Where a message began to come more often.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shift {
    /// First occurrence of those that are more, counted from 0.
    pub(super) from: usize,
    /// Behind the last of them.
    pub(super) to: usize,
    /// Whether it stopped then.
    pub(super) ended: bool,
    /// Share of the lines before.
    pub(super) before: f64,
    /// Share of the lines from then on.
    pub(super) after: f64,
    /// Logarithm of the ratio of likelihoods, discounted by the scatter before.
    pub(super) ratio: f64,
}

/// Logarithm of the likelihood of `hits` of `trials` at their own share.
fn likelihood(hits: f64, trials: f64) -> f64 {
    let term = |part: f64| {
        if part > 0.0 {
            part * (part / trials).ln()
        } else {
            0.0
        }
    };
    term(hits) + term(trials - hits)
}

/// The shift of what occurred at these places, in order, of so many lines; none where nothing
/// occurred or its share only fell.
pub(super) fn shift(places: &[u32], lines: usize) -> Option<Shift> {
    let all = places.len();
    let start = begin(places, lines)?;
    let end = end(places, start, lines);
    // Where it stopped, the beginning is sought once more without what came behind.
    let (from, until) = match end {
        Some(to) => {
            let until = places
                .get(to - 1)
                .map_or(lines, |place| *place as usize + 1);
            let inner = places.get(..to).unwrap_or_default();
            (begin(inner, until)?, until)
        }
        None => (start, lines),
    };
    let to = end.unwrap_or(all);
    let first = *places.get(from)? as usize;
    let (hits, trials) = ((to - from) as f64, (until - first).max(1) as f64);
    let before = if first == 0 {
        0.0
    } else {
        from as f64 / first as f64
    };
    let whole = likelihood(to as f64, until as f64);
    let parted = likelihood(from as f64, first as f64) + likelihood(hits, trials);
    // Where nothing came before, how it comes now tells how much it scatters.
    let scatter = if from >= SCATTER_COUNT_MIN {
        scatter(places.get(..from).unwrap_or_default(), (0, first))
    } else {
        scatter(places.get(from..to).unwrap_or_default(), (first, until))
    };
    let ratio = (parted - whole).max(0.0) / scatter;
    Some(Shift {
        from,
        to,
        ended: end.is_some(),
        before,
        after: hits / trials,
        ratio,
    })
}

/// The occurrence at which what is more begins.
fn begin(places: &[u32], lines: usize) -> Option<usize> {
    let all = places.len();
    let mut best = None;
    let mut most = f64::NEG_INFINITY;
    for (at, place) in places.iter().enumerate() {
        let (first, hits) = (f64::from(*place), (all - at) as f64);
        let trials = (lines as f64 - first).max(hits);
        let before = if first > 0.0 { at as f64 / first } else { 0.0 };
        if at > 0 && hits / trials <= before {
            continue;
        }
        let parted = likelihood(at as f64, first) + likelihood(hits, trials);
        if parted > most + 1e-9 {
            most = parted;
            best = Some(at);
        }
    }
    best
}

/// Behind the last occurrence of those that are more, where it stopped.
fn end(places: &[u32], from: usize, lines: usize) -> Option<usize> {
    let first = f64::from(*places.get(from)?);
    let all = (places.len() - from) as f64;
    let trials = lines as f64 - first;
    let whole = likelihood(all, trials);
    let mut best = None;
    let mut most = ENDED_RATIO_MIN;
    for at in from..places.len() {
        let place = f64::from(*places.get(at)?);
        let inside = (at + 1 - from) as f64;
        let within = place + 1.0 - first;
        let behind = trials - within;
        let left = (all - inside) / behind.max(1.0);
        let most_inside = inside >= ENDED_INSIDE_MIN * all;
        if behind < 1.0 || !most_inside || left > ENDED_SHARE_MAX * inside / within {
            continue;
        }
        let gain = likelihood(inside, within) + likelihood(all - inside, behind) - whole;
        if gain > most {
            most = gain;
            best = Some(at + 1);
        }
    }
    best
}

/// How much more than by chance occurrences scatter over these lines: variance over mean of their
/// counts in parts of equal length, at least 1.
fn scatter(places: &[u32], (from, until): (usize, usize)) -> f64 {
    let lines = until.saturating_sub(from);
    if places.len() < SCATTER_COUNT_MIN || lines < BINS_COUNT {
        return 1.0;
    }
    let mut counts = [0.0_f64; BINS_COUNT];
    for place in places {
        let bin = (*place as usize).saturating_sub(from) * BINS_COUNT / lines;
        if let Some(count) = counts.get_mut(bin.min(BINS_COUNT - 1)) {
            *count += 1.0;
        }
    }
    let mean = places.len() as f64 / BINS_COUNT as f64;
    let squares = counts.iter().map(|count| (count - mean).powi(2));
    let variance = squares.sum::<f64>() / (BINS_COUNT - 1) as f64;
    (variance / mean).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(of: impl Iterator<Item = u32>) -> Vec<u32> {
        of.collect()
    }

    #[test]
    fn what_is_new_begins_at_its_first_occurrence() {
        let found = shift(&places((700..1000).step_by(3)), 1000).unwrap();
        assert_eq!((found.from, found.ended), (0, false));
        assert!(found.ratio > 50.0 && found.before == 0.0, "{found:?}");
    }

    #[test]
    fn what_grows_begins_where_it_grew() {
        let rare = (0..6000).step_by(200);
        let found = shift(&places(rare.chain((6000..10_000).step_by(5))), 10_000).unwrap();
        assert!((28..=32).contains(&found.from), "{found:?}");
        assert!(found.ratio > 50.0);
    }

    #[test]
    fn what_was_always_there_has_not_grown() {
        for step in [2, 7, 50, 400] {
            let even = places((0..20_000).step_by(step));
            let found = shift(&even, 20_000);
            assert!(
                found.is_none_or(|found| found.ratio < 5.0),
                "{step}: {found:?}"
            );
        }
    }

    #[test]
    fn bursts_that_were_always_there_are_discounted() {
        let bursts = (0..10).flat_map(|n| (0..40).map(move |at| n * 2_000 + 500 + at * 3));
        let found = shift(&places(bursts), 20_000).unwrap();
        assert!(found.ratio < 6.0, "{found:?}");
    }

    #[test]
    fn what_stops_has_an_end() {
        let found = shift(&places((4000..5000).step_by(2)), 10_000).unwrap();
        assert_eq!((found.from, found.to, found.ended), (0, 500, true));
    }

    #[test]
    fn nothing_has_no_shift() {
        assert_eq!(shift(&[], 100), None);
        assert!(shift(&[0], 1).is_some_and(|found| found.ratio == 0.0));
    }
}
