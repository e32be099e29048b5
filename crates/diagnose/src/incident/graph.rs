//! The spans of a window as trees: who called whom, and where the time went.
//!
//! Time is told apart into what a span did itself, what it waited for something that records no
//! spans (a *dependency*), and what was lost between a caller's span and its callee's (the *gap*
//! of an edge). A gap is a difference of durations, so clocks that disagree do not show in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::case::{Role, Span};
use super::names::Name;

/// No span.
const NONE: u32 = u32::MAX;
/// Most steps that are taken upwards in a trace: a circle of parents ends there.
const DEPTH_MAX: usize = 256;

/// The spans of a window, indexed.
pub(crate) struct Graph<'a> {
    pub(crate) spans: &'a [Span],
    parent: Vec<u32>,
    children: Vec<Vec<u32>>,
    by_id: HashMap<(u128, u64), u32>,
    /// Whom client spans call, by service, operation and what they say of it.
    callees: HashMap<(Name, Name, Name), Name>,
    /// Of these, services that record no spans.
    untraced: BTreeSet<Name>,
    /// Traces in the order of their ids, each with its spans by start.
    pub(crate) traces: BTreeMap<u128, Vec<u32>>,
}

/// Whom client spans call.
#[derive(Clone, Default)]
pub(crate) struct Callees {
    /// By service, operation and what they say of it.
    pub(crate) learned: HashMap<(Name, Name, Name), Name>,
    /// Those that record no spans.
    pub(crate) untraced: BTreeSet<Name>,
}

/// A part of the time of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// Spent by itself.
    Own,
    /// Waited for what records no spans, as the span names it.
    Dependency(Name),
    /// Lost on the way to and from another service.
    Edge(Name),
    /// Waited for another service that did not answer.
    Unanswered(Name),
    /// Waited for another service that records no spans.
    Untraced(Name),
}

impl<'a> Graph<'a> {
    pub(crate) fn new(spans: &'a [Span]) -> Self {
        let mut by_id = HashMap::with_capacity(spans.len());
        let mut traces: BTreeMap<u128, Vec<u32>> = BTreeMap::new();
        for (at, span) in (0_u32..).zip(spans) {
            // A span that arrives twice is one.
            if let std::collections::hash_map::Entry::Vacant(free) =
                by_id.entry((span.trace, span.id))
            {
                free.insert(at);
                traces.entry(span.trace).or_default().push(at);
            }
        }
        let mut graph = Self {
            spans,
            parent: vec![NONE; spans.len()],
            children: vec![Vec::new(); spans.len()],
            by_id,
            callees: HashMap::new(),
            untraced: BTreeSet::new(),
            traces,
        };
        graph.link();
        graph
    }

    fn link(&mut self) {
        let spans = self.spans;
        let start = |at: &u32| {
            spans
                .get(*at as usize)
                .map_or((0, 0), |s| (s.start_ns, s.id))
        };
        for trace in self.traces.values_mut() {
            trace.sort_by_key(start);
            for at in trace.iter() {
                let Some(span) = spans.get(*at as usize) else {
                    continue;
                };
                let above = self.by_id.get(&(span.trace, span.parent)).copied();
                let Some(above) = above.filter(|above| span.parent != 0 && above != at) else {
                    continue;
                };
                if let Some(parent) = self.parent.get_mut(*at as usize) {
                    *parent = above;
                }
                if let Some(children) = self.children.get_mut(above as usize) {
                    children.push(*at);
                }
            }
        }
    }

    pub(crate) fn span(&self, at: u32) -> &'a Span {
        static EMPTY: std::sync::OnceLock<Span> = std::sync::OnceLock::new();
        self.spans
            .get(at as usize)
            .unwrap_or_else(|| EMPTY.get_or_init(Span::default))
    }

    pub(crate) fn find(&self, trace: u128, id: u64) -> Option<u32> {
        self.by_id.get(&(trace, id)).copied()
    }

    pub(crate) fn parent(&self, at: u32) -> Option<u32> {
        self.parent
            .get(at as usize)
            .copied()
            .filter(|parent| *parent != NONE)
    }

    pub(crate) fn children(&self, at: u32) -> &[u32] {
        self.children.get(at as usize).map_or(&[], Vec::as_slice)
    }

    /// Every span once.
    pub(crate) fn all(&self) -> impl Iterator<Item = u32> {
        self.traces.values().flatten().copied()
    }

    /// Whether the span is where a request came into its service.
    pub(crate) fn is_entry(&self, at: u32) -> bool {
        let service = self.span(at).service;
        self.parent(at)
            .is_none_or(|parent| self.span(parent).service != service)
    }

    /// The span at which the request came into the service of this one.
    pub(crate) fn entry(&self, at: u32) -> u32 {
        let mut at = at;
        for _ in 0..DEPTH_MAX {
            match self.parent(at) {
                Some(parent) if self.span(parent).service == self.span(at).service => at = parent,
                _ => break,
            }
        }
        at
    }

    /// The span of the service that answers this call, where it recorded one.
    pub(crate) fn callee(&self, at: u32) -> Option<u32> {
        let span = self.span(at);
        let mut others = self
            .children(at)
            .iter()
            .copied()
            .filter(|child| self.span(*child).service != span.service);
        let first = others.next()?;
        let calls = match span.role {
            Role::Client | Role::Producer => true,
            Role::Unknown => others.next().is_none() && self.children(at).len() == 1,
            _ => false,
        };
        calls.then_some(first)
    }

    /// Takes what was learned of whom client spans call.
    pub(crate) fn with_callees(mut self, callees: Callees) -> Self {
        self.callees = callees.learned;
        self.untraced = callees.untraced;
        self
    }

    /// Whether a service is called that records no spans.
    pub(crate) fn is_untraced(&self, service: Name) -> bool {
        self.untraced.contains(&service)
    }

    /// Whom a span calls: the service that answers it, or what it says of its peer.
    pub(crate) fn peer(&self, at: u32) -> Name {
        let callee = self.callee(at).map(|callee| self.span(callee).service);
        let callee = callee.or_else(|| self.called(at));
        callee.unwrap_or(self.span(at).peer)
    }

    /// Whom that client span calls, though nobody answered it.
    pub(crate) fn called(&self, at: u32) -> Option<Name> {
        let span = self.span(at);
        self.callees
            .get(&(span.service, span.operation, span.peer))
            .copied()
    }

    /// Where the time of a span went, in nanoseconds; none of one that waits for nobody.
    pub(crate) fn part(&self, at: u32) -> Option<(Part, u64)> {
        let span = self.span(at);
        let duration = span.end_ns.saturating_sub(span.start_ns);
        if let Some(callee) = self.callee(at) {
            let callee = self.span(callee);
            let theirs = callee.end_ns.saturating_sub(callee.start_ns);
            let nested = matches!(span.role, Role::Client | Role::Unknown);
            return nested.then(|| (Part::Edge(callee.service), duration.saturating_sub(theirs)));
        }
        if span.role == Role::Client && self.children(at).is_empty() {
            if let Some(callee) = self.called(at) {
                let part = if self.is_untraced(callee) {
                    Part::Untraced(callee)
                } else {
                    Part::Unanswered(callee)
                };
                return Some((part, duration));
            }
            let peer = if span.peer.is_none() {
                span.operation
            } else {
                span.peer
            };
            return Some((Part::Dependency(peer), duration));
        }
        Some((Part::Own, self.own(at, duration)))
    }

    /// Duration less the time in which a child ran.
    fn own(&self, at: u32, duration: u64) -> u64 {
        let span = self.span(at);
        let mut covered = 0;
        let mut until = span.start_ns;
        // Children are in the order of their start.
        for child in self.children(at).iter().map(|child| self.span(*child)) {
            let from = child.start_ns.clamp(until, span.end_ns);
            let to = child.end_ns.clamp(from, span.end_ns);
            covered += to - from;
            until = until.max(to);
        }
        duration.saturating_sub(covered)
    }

    /// Edges between services with the number of calls on each.
    pub(crate) fn edges(&self) -> BTreeMap<(Name, Name), u64> {
        let mut edges = BTreeMap::new();
        for at in self.all() {
            let span = self.span(at);
            if let Some(parent) = self.parent(at).map(|parent| self.span(parent))
                && parent.service != span.service
            {
                *edges.entry((parent.service, span.service)).or_default() += 1;
            }
            if span.role == Role::Client
                && let Some(callee) = self.called(at).filter(|callee| self.is_untraced(*callee))
            {
                *edges.entry((span.service, callee)).or_default() += 1;
            }
        }
        edges
    }
}
