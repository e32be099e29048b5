//! The telemetry, indexed: groups by id, exemplars by group and trace, all in an order that does
//! not depend on the order of the input.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{Event, SpanId, TraceId, Value, attr};

use crate::measure;
use crate::statistic::{Measure, Quantity, Scope, Statistic};
use crate::telemetry::{Exemplar, GroupKind, GroupStat, Telemetry};

/// Most groups looked at; the rest, by id, are left out of the analysis but not of the totals.
pub(crate) const GROUPS_COUNT_MAX: usize = 4_096;

/// Indexed telemetry.
pub(crate) struct View<'a> {
    pub(crate) telemetry: &'a Telemetry,
    pub(crate) groups: BTreeMap<&'a str, &'a GroupStat>,
    exemplars: BTreeMap<&'a str, Vec<&'a Exemplar>>,
    pub(crate) traces: BTreeMap<TraceId, Vec<&'a Exemplar>>,
    parents: BTreeMap<(TraceId, SpanId), SpanId>,
}

impl<'a> View<'a> {
    pub(crate) fn new(telemetry: &'a Telemetry) -> Self {
        let mut sorted: Vec<&GroupStat> = telemetry.groups.iter().collect();
        sorted.sort_by_key(|g| (!g.failure, g.count_window == 0, g.id.as_str()));
        let groups: BTreeMap<_, _> = sorted
            .into_iter()
            .take(GROUPS_COUNT_MAX)
            .map(|g| (g.id.as_str(), g))
            .collect();
        let mut view = Self {
            telemetry,
            groups,
            exemplars: BTreeMap::new(),
            traces: BTreeMap::new(),
            parents: BTreeMap::new(),
        };
        let mut all: Vec<&Exemplar> = telemetry.exemplars.iter().collect();
        all.sort_by_key(|x| (x.time_unix_ns, x.evidence_id.as_str()));
        let mut seen = BTreeSet::new();
        for exemplar in all {
            let known = view.groups.contains_key(exemplar.group_id.as_str());
            if known && seen.insert(exemplar.evidence_id.as_str()) {
                view.add(exemplar);
            }
        }
        view
    }

    fn add(&mut self, exemplar: &'a Exemplar) {
        self.exemplars
            .entry(&exemplar.group_id)
            .or_default()
            .push(exemplar);
        let Some(trace) = exemplar.event.trace_id else {
            return;
        };
        self.traces.entry(trace).or_default().push(exemplar);
        if let (Some(span), Some(parent)) = (exemplar.event.span_id, exemplar.event.parent_span_id)
        {
            self.parents.insert((trace, span), parent);
        }
    }

    /// Exemplars of a group, earliest first.
    pub(crate) fn exemplars(&self, group_id: &str) -> &[&'a Exemplar] {
        self.exemplars.get(group_id).map_or(&[], Vec::as_slice)
    }

    /// Exemplars of a group within the window; all of them where none is.
    pub(crate) fn in_window(&self, group_id: &str) -> Vec<&'a Exemplar> {
        let all = self.exemplars(group_id);
        let window = self.telemetry.window;
        let within: Vec<_> = all
            .iter()
            .copied()
            .filter(|x| window.contains(x.time_unix_ns))
            .collect();
        if within.is_empty() {
            all.to_vec()
        } else {
            within
        }
    }

    /// All exemplars, by group and then time.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Exemplar> {
        self.exemplars.values().flatten().copied()
    }

    /// Whether the baseline holds anything to compare with.
    pub(crate) fn has_baseline(&self) -> bool {
        self.telemetry.groups.iter().any(|g| g.count_baseline > 0)
    }

    /// Failing groups with events in the window, by id.
    pub(crate) fn failing(&self) -> impl Iterator<Item = &'a GroupStat> {
        self.groups
            .values()
            .copied()
            .filter(|g| g.failure && g.count_window > 0)
    }

    /// Measures; 0 of what cannot be measured.
    pub(crate) fn measure(&self, measure: Measure, scope: Scope) -> Statistic {
        let value = measure::measure(self.telemetry, measure, &scope);
        Statistic {
            measure,
            scope,
            value: value.unwrap_or(Quantity::Count(0)),
        }
    }

    /// Measures one group.
    pub(crate) fn of_group(&self, measure: Measure, group: &GroupStat) -> Statistic {
        self.measure(measure, Scope::Groups(vec![group.id.clone()]))
    }

    /// Counts stored events.
    pub(crate) fn cited(&self, events: &[&Exemplar]) -> Statistic {
        let ids = events.iter().map(|x| x.evidence_id.clone()).collect();
        self.measure(Measure::EventsCited, Scope::Events(ids))
    }

    /// Whether span `inner` is a strict descendant of span `outer`.
    pub(crate) fn descends(&self, trace: TraceId, inner: SpanId, outer: SpanId) -> bool {
        let mut at = inner;
        // INVARIANT: at most as many steps as spans, so a cycle of parents ends.
        for _ in 0..=self.parents.len() {
            match self.parents.get(&(trace, at)) {
                Some(&parent) if parent == outer => return true,
                Some(&parent) if parent != at => at = parent,
                _ => return false,
            }
        }
        false
    }

    /// Function recorded with the event, or with the span it belongs to.
    pub(crate) fn function(&self, exemplar: &'a Exemplar) -> Option<&'a str> {
        self.attribute(exemplar, attr::CODE_FUNCTION_NAME)
    }

    /// Text attribute of the event, or of the span it belongs to.
    pub(crate) fn attribute(&self, exemplar: &'a Exemplar, key: &str) -> Option<&'a str> {
        let text = self.found(exemplar, |event| event.attribute_str(key));
        text.filter(|text| !text.is_empty())
    }

    /// Attribute of any kind, of the event or of the span it belongs to.
    pub(crate) fn value(&self, exemplar: &'a Exemplar, key: &str) -> Option<&'a Value> {
        self.found(exemplar, |event| event.attribute(key))
    }

    fn found<T>(&self, exemplar: &'a Exemplar, of: impl Fn(&'a Event) -> Option<T>) -> Option<T> {
        of(&exemplar.event).or_else(|| {
            let trace = self.traces.get(&exemplar.event.trace_id?)?;
            let span = exemplar.event.span_id?;
            let mut same = trace.iter().filter(|x| x.event.span_id == Some(span));
            same.find_map(|x| of(&x.event))
        })
    }
}

/// Kinds in the order in which they say more of a cause.
pub(crate) const fn telling(kind: GroupKind) -> u8 {
    match kind {
        GroupKind::Template => 0,
        GroupKind::Expectation => 1,
        GroupKind::Exception => 2,
    }
}
