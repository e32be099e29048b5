//! Rates before and after a moment: of a release, a flag, or any change that somebody names.
//!
//! A group's events are held against all events of its component, so that more traffic is not taken
//! for a regression; the test is that of every other comparison here (`test_of_change`).
//!
//! *Why so:* shares alone move with each other: a flood of one group lowers the share of all
//! others, and a line that is no longer written raises it. So a change has to show in the rate a
//! minute too, in the same direction. The price: where traffic falls and failures stay as many as
//! they were, nothing is told.

use crate::test_of_change::{discoveries, two_proportion_z, two_sided_p};

/// Fewest events of a group, before and after together, that are tested.
pub const RATE_EVENTS_MIN: u64 = 5;

/// Factor from which a rate a minute counts as changed, up or down.
pub const RATE_FACTOR_MIN: f64 = 1.25;

/// All events of a component on one side of the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// How many.
    pub events: u64,
    /// Time that they were seen in, seconds.
    pub span_s: u64,
}

impl Exposure {
    /// Of `events` of it: how many a minute.
    fn per_minute(self, events: u64) -> f64 {
        if self.span_s == 0 {
            0.0
        } else {
            events as f64 * 60.0 / self.span_s as f64
        }
    }

    /// Of `events` of it: their share.
    fn share(self, events: u64) -> f64 {
        events as f64 / self.events.max(1) as f64
    }
}

/// Events of a group on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The group.
    pub group_id: String,
    /// Events before the moment.
    pub before: u64,
    /// Events after it.
    pub after: u64,
}

/// What became of a group's rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// None before, and more after than chance explains.
    New,
    /// A larger share of the component's events than before.
    Up,
    /// A smaller share.
    Down,
    /// Some before, none after, and chance does not explain it.
    Gone,
    /// Nothing that chance does not explain.
    Unchanged,
}

impl Turn {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Up => "up",
            Self::Down => "down",
            Self::Gone => "gone",
            Self::Unchanged => "unchanged",
        }
    }
}

/// The rate of one group around a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct RateAround {
    /// The group, and its events.
    pub counts: Counts,
    /// Events a minute, before and after.
    pub per_minute: (f64, f64),
    /// Share of the component's events, before and after.
    pub share: (f64, f64),
    /// Two-sided p of the difference of the shares.
    pub p: f64,
    /// What became of it, at a false discovery rate of 5 % over all groups tested.
    pub turn: Turn,
}

/// Tests every group with at least [`RATE_EVENTS_MIN`] events. Changes first, the least likely by
/// chance at the top; then the others. Nothing where one side saw nothing of the component.
pub fn rates_around(before: Exposure, after: Exposure, groups: Vec<Counts>) -> Vec<RateAround> {
    if before.events == 0 || after.events == 0 {
        return Vec::new();
    }
    let enough = |c: &Counts| c.before.saturating_add(c.after) >= RATE_EVENTS_MIN;
    let tested = groups.into_iter().filter(enough).map(|counts| {
        // Nothing varies where the component sends nothing but this group: no change.
        let z = two_proportion_z(counts.after, after.events, counts.before, before.events);
        (z.unwrap_or_default(), counts)
    });
    let tested: Vec<(f64, Counts)> = tested.collect();
    let p: Vec<f64> = tested.iter().map(|(z, _)| two_sided_p(*z)).collect();
    let found = discoveries(&p);
    let rows = tested.into_iter().zip(p).zip(found);
    let rate = |(((z, counts), p), found): (((f64, Counts), f64), bool)| {
        let per_minute = (
            before.per_minute(counts.before),
            after.per_minute(counts.after),
        );
        let changed = found && agrees(z, per_minute);
        RateAround {
            per_minute,
            share: (before.share(counts.before), after.share(counts.after)),
            p,
            turn: if changed {
                turn(z, &counts)
            } else {
                Turn::Unchanged
            },
            counts,
        }
    };
    let mut rates: Vec<RateAround> = rows.map(rate).collect();
    rates.sort_by(|a, b| {
        let rank = |r: &RateAround| r.turn == Turn::Unchanged;
        let by = rank(a).cmp(&rank(b)).then(a.p.total_cmp(&b.p));
        // Far out the p values are all zero: then the larger change.
        let change = |r: &RateAround| (r.share.1 - r.share.0).abs();
        by.then(change(b).total_cmp(&change(a)))
            .then_with(|| a.counts.group_id.cmp(&b.counts.group_id))
    });
    rates
}

/// Whether the rate a minute went where the share did, and far enough.
fn agrees(z: f64, (before, after): (f64, f64)) -> bool {
    if z > 0.0 {
        after >= before * RATE_FACTOR_MIN
    } else {
        before >= after * RATE_FACTOR_MIN
    }
}

fn turn(z: f64, counts: &Counts) -> Turn {
    match (z > 0.0, counts.before, counts.after) {
        (true, 0, _) => Turn::New,
        (true, _, _) => Turn::Up,
        (false, _, 0) => Turn::Gone,
        (false, _, _) => Turn::Down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(events: u64) -> Exposure {
        Exposure {
            events,
            span_s: 3_600,
        }
    }

    fn counts(group_id: &str, before: u64, after: u64) -> Counts {
        Counts {
            group_id: group_id.into(),
            before,
            after,
        }
    }

    /// Turns of groups, as `id turn`.
    fn check(before: u64, after: u64, groups: &[(&str, u64, u64)]) -> Vec<String> {
        let groups = groups.iter().map(|(id, b, a)| counts(id, *b, *a)).collect();
        let rates = rates_around(side(before), side(after), groups);
        let shown = rates.iter();
        let shown = shown.map(|r| format!("{} {}", r.counts.group_id, r.turn.as_str()));
        shown.collect()
    }

    #[test]
    fn each_turn_is_told() {
        let groups = [
            ("same", 500, 520),
            ("new", 0, 300),
            ("up", 20, 100),
            ("down", 400, 20),
            ("gone", 60, 0),
            ("rare", 1, 2),
        ];
        let mut told = check(1_000, 1_000, &groups);
        assert_eq!(told.pop().as_deref(), Some("same unchanged"));
        told.sort();
        assert_eq!(told, ["down down", "gone gone", "new new", "up up"]);
    }

    #[test]
    fn more_traffic_is_no_regression() {
        let told = check(1_000, 10_000, &[("error", 10, 100), ("ok", 990, 9_900)]);
        assert_eq!(told, ["error unchanged", "ok unchanged"]);
    }

    #[test]
    fn one_groups_flood_or_silence_is_no_change_of_another() {
        let told = check(1_000, 2_000, &[("ok", 990, 980), ("error", 10, 1_020)]);
        assert_eq!(told, ["error up", "ok unchanged"]);
        let told = check(1_000, 100, &[("debug", 900, 0), ("error", 100, 100)]);
        assert_eq!(told, ["debug gone", "error unchanged"]);
    }

    #[test]
    fn rates_and_shares_are_of_their_side() {
        let before = Exposure {
            events: 100,
            span_s: 600,
        };
        let rates = rates_around(before, side(200), vec![counts("g", 1, 100)]);
        assert_eq!(rates[0].per_minute, (0.1, 100.0 / 60.0));
        assert_eq!(rates[0].share, (0.01, 0.5));
        assert!(rates[0].p < 1e-9);
    }

    #[test]
    fn nothing_is_said_where_a_side_is_empty_or_nothing_varies() {
        assert!(check(0, 50, &[("g", 0, 50)]).is_empty());
        assert!(check(50, 0, &[("g", 50, 0)]).is_empty());
        assert_eq!(check(50, 90, &[("g", 50, 90)]), ["g unchanged"]);
    }

    #[test]
    fn the_order_of_the_groups_does_not_matter() {
        // Two of them are alike, so that only their ids tell them apart.
        let mut groups = [
            ("a", 9, 40),
            ("b", 40, 9),
            ("c", 9, 40),
            ("d", 0, 90),
            ("e", 7, 7),
        ];
        let told = check(2_000, 2_000, &groups);
        assert_eq!(told.len(), groups.len());
        for _ in 0..groups.len() {
            groups.rotate_left(1);
            assert_eq!(check(2_000, 2_000, &groups), told);
            groups.reverse();
            assert_eq!(check(2_000, 2_000, &groups), told);
        }
    }
}
