//! The suspect frame: the place in the code that what began to fail has in common, and what fails
//! anyway has not.
//!
//! A frame counts for each group of failures that is new or more frequent, the more the nearer it
//! is to where the exception was raised. Frames that groups of before the incident have, too, say
//! little: they are how the program is called, not what is wrong with it. Code of libraries and the
//! runtime is no suspect beside code of the application.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cordon_fingerprint::Frame;

use super::case::Case;
use super::evidence::{Check, Evidence, Numbers, Subject, Unit};
use super::logs::Louder;
use super::names::Name;
use super::rank::Found;
use super::words::plain;
use crate::sentence::excerpt;

/// Frames of one stack that are kept, from where it was raised.
pub(crate) const FRAMES_COUNT_MAX: usize = 48;
/// Frames that are told.
pub(crate) const TOLD_COUNT_MAX: usize = 5;
/// Lowest score of a frame that is told.
pub(crate) const SCORE_MIN: f64 = 0.2;
/// How much one group says of its innermost frame.
pub(crate) const GROUP_WEIGHT: f64 = 0.8;
/// What is left of it at the frame that called.
const CALLER_SHARE: f64 = 0.75;
/// What is left of it for a frame that is not the application's own.
const FOREIGN_SHARE: f64 = 0.15;
/// What is left of a group of a service on which nothing else falls.
const BESIDE_SHARE: f64 = 0.3;
/// Traces that are named.
const TRACES_COUNT_MAX: usize = 4;

/// A place in the code that may be at fault.
#[derive(Clone, Debug, PartialEq)]
pub struct SuspectFrame {
    /// Service in which it failed.
    pub service: String,
    /// The frame.
    pub frame: Frame,
    /// Ids of the groups of failures that it is in, ordered.
    pub groups: Vec<String>,
    /// What was seen; its strength is the score.
    pub evidence: Evidence,
    /// What would not have happened without it.
    pub counterfactual: String,
}

/// What tells a frame from another: its line is not among it, since lines drift.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key(frame: &Frame) -> Key<'_> {
    (&frame.module, &frame.function, &frame.file)
}

/// Function with its module.
pub(crate) fn qualified(frame: &Frame) -> String {
    match (frame.module.as_str(), frame.function.as_str()) {
        ("", function) => function.to_owned(),
        (module, "") => module.to_owned(),
        (module, function) => format!("{module}.{function}"),
    }
}

/// File with its line.
pub(crate) fn location(frame: &Frame) -> String {
    match frame.line {
        Some(line) if !frame.file.is_empty() => format!("{}:{line}", frame.file),
        _ => frame.file.clone(),
    }
}

/// What was gathered of a frame.
struct Gathered<'a> {
    frame: &'a Frame,
    /// What each group leaves of the doubt, multiplied.
    doubt: f64,
    /// Weight of the group whose line is shown.
    most: f64,
    service: Name,
    groups: BTreeSet<Name>,
    now: usize,
    before: usize,
    traces: BTreeSet<u128>,
}

/// The frames that stand out, the most suspect first; none where nothing that has frames began.
pub(crate) fn suspects(case: &Case, found: &Found<'_>) -> Vec<SuspectFrame> {
    let rising = |louder: &&Louder| case.failures.contains_key(&louder.group);
    let rising: Vec<&Louder> = found.logs.louder.iter().filter(rising).collect();
    let known = background(case, &rising);
    let top = found.ranked.first().map_or(0.0, |ranked| ranked.score);
    let scores: HashMap<Name, f64> = found
        .ranked
        .iter()
        .map(|ranked| (ranked.service, ranked.score))
        .collect();
    let mut all: BTreeMap<Key<'_>, Gathered<'_>> = BTreeMap::new();
    for louder in &rising {
        let own = scores.get(&louder.service).copied().unwrap_or_default();
        let share = BESIDE_SHARE.max(own / top.max(1e-9)).min(1.0);
        gather(case, louder, louder.strength * share, &known, &mut all);
    }
    let total: usize = rising.iter().map(|louder| louder.now).sum();
    let mut told: Vec<SuspectFrame> = all
        .into_values()
        .filter(|one| 1.0 - one.doubt >= SCORE_MIN)
        .map(|one| tell(case, &one, total))
        .collect();
    told.sort_by(|a, b| {
        let places = (location(&a.frame), qualified(&a.frame));
        b.evidence
            .strength
            .total_cmp(&a.evidence.strength)
            .then_with(|| places.cmp(&(location(&b.frame), qualified(&b.frame))))
    });
    told.truncate(TOLD_COUNT_MAX);
    told
}

/// How many groups that did not begin there are, and how many of them have each frame.
struct Background<'a> {
    groups: usize,
    of: HashMap<Key<'a>, usize>,
}

impl Background<'_> {
    /// How rare the frame is among them: 1 where none has it, 0 where all have.
    fn rarity(&self, frame: &Frame) -> f64 {
        let having = self.of.get(&key(frame)).copied().unwrap_or_default();
        if having == 0 {
            return 1.0;
        }
        1.0 - (1.0 + having as f64).ln() / (1.0 + self.groups as f64).ln()
    }
}

fn background<'a>(case: &'a Case, rising: &[&Louder]) -> Background<'a> {
    let rising: BTreeSet<Name> = rising.iter().map(|louder| louder.group).collect();
    let mut of: HashMap<Key<'a>, usize> = HashMap::new();
    let others = case.failures.iter();
    let others =
        others.filter(|(group, failure)| !rising.contains(group) && !failure.frames.is_empty());
    let mut groups = 0;
    for (_, failure) in others {
        groups += 1;
        let distinct: BTreeSet<Key<'a>> = failure.frames.iter().map(key).collect();
        for frame in distinct {
            *of.entry(frame).or_default() += 1;
        }
    }
    Background { groups, of }
}

/// Adds what one group says of its frames.
fn gather<'a>(
    case: &'a Case,
    louder: &Louder,
    weight: f64,
    known: &Background<'_>,
    all: &mut BTreeMap<Key<'a>, Gathered<'a>>,
) {
    let Some(failure) = case.failures.get(&louder.group) else {
        return;
    };
    let mut seen = BTreeSet::new();
    let (mut own, mut foreign) = (0, 0);
    for frame in &failure.frames {
        let (depth, share) = if frame.in_app {
            (&mut own, 1.0)
        } else {
            (&mut foreign, FOREIGN_SHARE)
        };
        // Recursion counts once, at its innermost.
        if !seen.insert(key(frame)) {
            continue;
        }
        let near = CALLER_SHARE.powi(*depth) * share;
        *depth += 1;
        let said = GROUP_WEIGHT * weight.min(1.0) * near * known.rarity(frame);
        let one = all.entry(key(frame)).or_insert_with(|| Gathered {
            frame,
            doubt: 1.0,
            most: 0.0,
            service: louder.service,
            groups: BTreeSet::new(),
            now: 0,
            before: 0,
            traces: BTreeSet::new(),
        });
        one.doubt *= 1.0 - said;
        // Of equals, the one whose line comes first: the order of arrival must not tell.
        let line = |frame: &Frame| frame.line.unwrap_or(u32::MAX);
        let more = said.total_cmp(&one.most);
        if more.then(line(one.frame).cmp(&line(frame))).is_gt() {
            (one.frame, one.most, one.service) = (frame, said, louder.service);
        }
        one.groups.insert(louder.group);
        one.now += louder.now;
        one.before += louder.before;
        if louder.trace != 0 {
            one.traces.insert(louder.trace);
        }
    }
}

fn tell(case: &Case, one: &Gathered<'_>, total: usize) -> SuspectFrame {
    let mut groups: Vec<String> = one
        .groups
        .iter()
        .map(|g| case.text(*g).to_owned())
        .collect();
    groups.sort();
    let score = 1.0 - one.doubt;
    let function = qualified(one.frame);
    let evidence = Evidence {
        check: Check::SuspectFrame,
        subject: Subject {
            service: case.text(one.service).to_owned(),
            operation: function.clone(),
            other: location(one.frame),
        },
        strength: score,
        numbers: Numbers {
            before: one.before as f64,
            now: one.now as f64,
            unit: Unit::Count,
            ..Numbers::default()
        },
        deviation: 0.0,
        text: location(one.frame),
        traces: one.traces.iter().copied().take(TRACES_COUNT_MAX).collect(),
    };
    SuspectFrame {
        service: evidence.subject.service.clone(),
        frame: one.frame.clone(),
        groups,
        evidence,
        counterfactual: format!(
            "without what fails in {}, {} of {} exceptions that began would not have been raised",
            excerpt(&function),
            plain(one.now as f64),
            plain(total as f64)
        ),
    }
}
