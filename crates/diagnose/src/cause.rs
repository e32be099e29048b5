//! Which failing groups follow from which: explaining away.
//!
//! A group is explained by another where, in the traces that both stand in, the other failed
//! deeper (its span descends from this one's), or on the same span and says more (an exception
//! against the log line that reports it). Where no trace is shared, a log line of the same
//! service that quotes the
//! exception's type and message follows from it.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{TraceId, attr};

use crate::telemetry::{Exemplar, GroupKind, GroupStat};
use crate::view::{View, telling};

/// Share of a group's traces in which another must explain it.
const SHARE_MIN: f64 = 0.5;

/// One step of explaining away.
#[derive(Clone, Debug)]
pub(crate) struct Explained<'a> {
    /// The group that explains.
    pub(crate) by: &'a str,
    /// Share of traces in which it does, 0 to 1.
    pub(crate) share: f64,
    /// Events in which it shows: of the explained, and of the explaining.
    pub(crate) events: Vec<&'a Exemplar>,
}

/// For each explained group, its explanations.
pub(crate) struct Causes<'a> {
    best: BTreeMap<&'a str, Explained<'a>>,
    /// Every group that explains some of it, the best one or not.
    any: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Causes<'a> {
    pub(crate) fn new(view: &View<'a>) -> Self {
        let failing: Vec<&GroupStat> = view.failing().collect();
        let ids: BTreeSet<&str> = failing.iter().map(|g| g.id.as_str()).collect();
        let pairs = pairs_by_trace(view, &ids);
        let mut best: BTreeMap<&'a str, Explained<'a>> = BTreeMap::new();
        let mut any: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        for ((effect, cause), found) in &pairs {
            let back = pairs.get(&(*cause, *effect)).map_or(0.0, |p| p.share);
            let wins =
                found.share > back || (found.share.total_cmp(&back).is_eq() && cause < effect);
            if wins {
                any.entry(effect).or_default().insert(cause);
            }
            let better = best.get(effect).is_none_or(|b| found.share > b.share);
            if wins && better && found.share >= SHARE_MIN {
                best.insert(effect, found.clone());
            }
        }
        for effect in &failing {
            if !best.contains_key(effect.id.as_str())
                && let Some(found) = quoted(view, effect, &failing)
            {
                best.insert(&effect.id, found);
            }
        }
        let mut causes = Self { best, any };
        causes.break_cycles();
        causes
    }

    /// Takes back one explanation of every circle: otherwise each of its groups would be
    /// explained, and none told.
    fn break_cycles(&mut self) {
        let ids: Vec<&'a str> = self.best.keys().copied().collect();
        for id in ids {
            let mut at = id;
            for _ in 0..self.best.len() {
                match self.best.get(at) {
                    Some(found) => at = found.by,
                    None => break,
                }
                if at == id {
                    self.best.remove(id);
                    break;
                }
            }
        }
    }

    /// The group's explanation.
    pub(crate) fn of(&self, group_id: &str) -> Option<&Explained<'a>> {
        self.best.get(group_id)
    }

    /// The group at the end of the chain of explanations: itself where nothing explains it.
    pub(crate) fn root<'b>(&'b self, group_id: &'b str) -> &'b str {
        let mut at = group_id;
        // INVARIANT: no cycles, so the chain ends.
        while let Some(found) = self.best.get(at) {
            at = found.by;
        }
        at
    }

    /// The groups at the ends of all its chains: where it has an explanation, one failure after
    /// another may have brought it about. Itself where nothing explains it.
    pub(crate) fn roots<'b>(&'b self, group_id: &'b str) -> BTreeSet<&'b str> {
        let mut out = BTreeSet::from([self.root(group_id)]);
        if self.best.contains_key(group_id) {
            let any = self.any.get(group_id).into_iter().flatten();
            out.extend(any.map(|cause| self.root(cause)));
            // It does not bring itself about.
            out.remove(group_id);
        }
        out
    }

    /// Whether some of it may not be of the group at the end of its chain.
    pub(crate) fn is_shared(&self, group_id: &str) -> bool {
        let mut at = group_id;
        // INVARIANT: no cycles, so the chain ends.
        while let Some(found) = self.best.get(at) {
            if found.share < 1.0 {
                return true;
            }
            at = found.by;
        }
        self.roots(group_id).len() > 1
    }

    /// Groups whose chain ends at this one, by id, itself left out.
    pub(crate) fn follow_ups(&self, root: &str) -> Vec<&'a str> {
        self.best
            .keys()
            .copied()
            .filter(|id| *id != root && self.root(id) == root)
            .collect()
    }
}

type Pairs<'a> = BTreeMap<(&'a str, &'a str), Explained<'a>>;

/// For each ordered pair (effect, cause), the share of the effect's traces in which cause
/// explains it.
fn pairs_by_trace<'a>(view: &View<'a>, failing: &BTreeSet<&str>) -> Pairs<'a> {
    let mut traces_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: BTreeMap<(&'a str, &'a str), (usize, Vec<&'a Exemplar>)> = BTreeMap::new();
    for (trace, exemplars) in &view.traces {
        let mut groups: BTreeMap<&'a str, &'a Exemplar> = BTreeMap::new();
        for exemplar in exemplars
            .iter()
            .filter(|x| failing.contains(x.group_id.as_str()))
        {
            groups.entry(exemplar.group_id.as_str()).or_insert(exemplar);
        }
        for (effect, a) in &groups {
            *traces_of.entry(effect).or_default() += 1;
            for (cause, b) in &groups {
                if effect != cause && explains(view, *trace, b, a) {
                    let (count, events) = found.entry((effect, cause)).or_default();
                    *count += 1;
                    events.extend([*a, *b]);
                }
            }
        }
    }
    let share = |effect: &str, count: usize| {
        count as f64 / traces_of.get(effect).copied().unwrap_or(1).max(1) as f64
    };
    found
        .into_iter()
        .map(|((effect, cause), (count, events))| {
            (
                (effect, cause),
                Explained {
                    by: cause,
                    share: share(effect, count),
                    events,
                },
            )
        })
        .collect()
}

/// Whether `cause` explains `effect` within their trace.
fn explains(view: &View<'_>, trace: TraceId, cause: &Exemplar, effect: &Exemplar) -> bool {
    let kind = |x: &Exemplar| {
        view.groups
            .get(x.group_id.as_str())
            .map_or(0, |g| telling(g.kind))
    };
    let says_more = kind(cause) > kind(effect);
    match (cause.event.span_id, effect.event.span_id) {
        (Some(a), Some(b)) if a == b => says_more,
        (Some(a), Some(b)) => view.descends(trace, a, b),
        _ => says_more && cause.event.service() == effect.event.service(),
    }
}

/// The exception of the same service that a template's text quotes.
fn quoted<'a>(
    view: &View<'a>,
    effect: &GroupStat,
    failing: &[&'a GroupStat],
) -> Option<Explained<'a>> {
    if effect.kind != GroupKind::Template {
        return None;
    }
    let own = view.in_window(&effect.id);
    let first = own.first()?;
    let text = first.event.body.as_str().unwrap_or(&effect.title);
    failing
        .iter()
        .filter(|g| g.kind == GroupKind::Exception && g.service == effect.service)
        .find_map(|g| {
            let raised = view.in_window(&g.id).first().copied()?;
            let full = raised.event.attribute_str(attr::EXCEPTION_TYPE)?;
            let name = full.rsplit(['.', ':']).next().filter(|n| n.len() > 3)?;
            let message = raised
                .event
                .attribute_str(attr::EXCEPTION_MESSAGE)
                .unwrap_or_default();
            let tells = text.contains(name) && (message.is_empty() || text.contains(message));
            tells.then(|| Explained {
                by: &g.id,
                share: SHARE_MIN,
                events: vec![first, raised],
            })
        })
}
