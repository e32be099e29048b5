//! Which problems began, and which of them is decisive.
//!
//! A problem has begun where its share of the lines, the share of its component's lines and its
//! rate in time all grew, more clearly than chance and the search for the moment explain. What is
//! fatal has begun even where it came once, unless it came all along.

use std::collections::HashMap;

use cordon_event::Severity;

use super::before;
use super::gather::{Gathered, Sort};
use super::onset::Shift;
use super::problem::{Problem, Subject};
use super::trouble::{Kind, Weight};
use crate::incident::names::Name;

/// Growth of the share of the lines that counts, as a factor.
const SHARE_FACTOR_MIN: f64 = 2.2;
/// Growth of the rate in time, and of the share of the component's lines.
const RATE_FACTOR_MIN: f64 = 1.5;
/// Lines of a component before, from which on its own share counts.
const COMPONENT_COUNT_MIN: usize = 50;
/// How often something fatal may come before it must have grown like anything else.
const FATAL_COUNT_MAX: usize = 3;
/// Nanoseconds around the decisive problem in which others belong to it, at least.
const BESIDE_NS: u64 = 1_800_000_000_000;
/// The same, as a part of the log.
const BESIDE_SHARE: f64 = 0.15;
/// How much more a problem says that has not stopped: it is what is asked about.
const GOES_ON_FACTOR: f64 = 1.5;
/// Problems of one incident that are weighed against each other: those with the most to say.
const CLUSTER_COUNT_MAX: usize = 64;
/// How often a rare sign may come, and how specific it is at least.
const RARE_COUNT_MAX: usize = 20;
const RARE_SPECIFICITY_MIN: f64 = 0.7;
/// How long before and behind the beginning of others a rare sign belongs to them.
const RARE_BEFORE_NS: u64 = 900_000_000_000;
const RARE_BEHIND_NS: u64 = 300_000_000_000;
/// Nanoseconds between what came and went again before an incident, and the incident.
const PRECEDES_NS: u64 = 600_000_000_000;
/// How many times the lines of it the incident has, at least.
const PRECEDES_FACTOR: usize = 10;
/// Kinds of what has run out.
const RUN_OUT: [Option<Kind>; 2] = [Some(Kind::OutOfMemory), Some(Kind::Space)];
/// How much of the others came after it, at least, for the cause that is sought.
const RUN_OUT_FIRST: f64 = 0.9;
/// The lowest level of what ends a program.
const FATAL: Severity = Severity(21);
/// How plainly its words speak of a change, at least.
const ORDERLY_RANK_MIN: u8 = 3;
/// Words of what did not go as it was meant.
const FAILURE_WORDS: [&str; 14] = [
    "cannot", "could", "couldn", "unable", "fail", "fails", "failed", "failing", "failure",
    "error", "refused", "denied", "rejected", "aborted",
];
/// How often an orderly change may be told.
const ORDERLY_COUNT_MAX: usize = 3;
/// Share of the lines that errors have where all fails throughout.
const THROUGHOUT_SHARE_MIN: f64 = 0.1;
/// Lines up to which one error is told, as there is nothing to compare with.
const SHORT_COUNT_MAX: usize = 200;

/// Beside what problems are judged.
pub(super) struct Scene<'g> {
    pub(super) gathered: &'g Gathered,
    /// Places of the lines of each component.
    components: HashMap<Name, Vec<u32>>,
    /// Problems that are looked at: so many chances to find one that grew.
    problems: usize,
}

impl<'g> Scene<'g> {
    pub(super) fn new(gathered: &'g Gathered, problems: usize) -> Self {
        let (slots, names) = gathered.component_slots();
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
        for (place, record) in gathered.records.iter().enumerate() {
            let slot = slots.get(record.sort as usize);
            if let Some(places) = slot.and_then(|slot| places.get_mut(*slot)) {
                places.push(place as u32);
            }
        }
        Self {
            gathered,
            components: names.into_iter().zip(places).collect(),
            problems,
        }
    }

    /// When the record at a place was written.
    pub(super) fn time(&self, place: usize) -> u64 {
        let records = &self.gathered.records;
        records.get(place).map_or(0, |record| record.time_ns)
    }

    /// Which line the record at a place is.
    pub(super) fn line(&self, place: usize) -> u64 {
        let records = &self.gathered.records;
        records
            .get(place)
            .map_or(0, |record| u64::from(record.line))
    }

    /// First and last moment of the log.
    pub(super) fn span(&self) -> (u64, u64) {
        let first = self.gathered.records.first();
        let last = self.gathered.records.last();
        (
            first.map_or(0, |r| r.time_ns),
            last.map_or(0, |r| r.time_ns),
        )
    }

    /// Whether a problem began within the log.
    pub(super) fn began(&self, problem: &Problem) -> bool {
        let Some(shift) = problem.shift else {
            return false;
        };
        let count = problem.places.len() as f64;
        let few = problem.weight == Weight::Fatal && problem.places.len() <= FATAL_COUNT_MAX;
        if few {
            return true;
        }
        let floor = match problem.weight {
            Weight::Fatal => 3.0,
            Weight::Error if problem.specificity() > 0.5 => 4.5,
            Weight::Error => 6.0,
            Weight::Hint => 11.0,
        };
        let chances = 0.5 * count.ln_1p() + 0.5 * (self.problems as f64).ln_1p();
        shift.ratio >= floor + chances
            && (shift.before == 0.0 || shift.after >= SHARE_FACTOR_MIN * shift.before)
            && self.rate_grew(problem, shift)
            && self.component_share_grew(problem, shift)
    }

    fn rate_grew(&self, problem: &Problem, shift: Shift) -> bool {
        if shift.before == 0.0 || !self.gathered.timed {
            return true;
        }
        let (first, _) = self.span();
        let (from, to) = (self.time(problem.first()), self.time(problem.last()));
        let before = problem.count_before() as f64 / from.saturating_sub(first).max(1) as f64;
        let after = problem.count() as f64 / to.saturating_sub(from).max(1) as f64;
        after >= RATE_FACTOR_MIN * before
    }

    fn component_share_grew(&self, problem: &Problem, shift: Shift) -> bool {
        let (component, share) = problem.component();
        let Some(places) = self.components.get(&component).filter(|_| share > 0.9) else {
            return true;
        };
        let (from, to) = (problem.first() as u32, problem.last() as u32);
        let before = places.partition_point(|place| *place < from);
        let after = places.partition_point(|place| *place <= to) - before;
        if before < COMPONENT_COUNT_MIN || shift.before == 0.0 {
            return true;
        }
        let share_before = problem.count_before() as f64 / before as f64;
        let share_after = problem.count() as f64 / after.max(1) as f64;
        // What fills its component's log before and after cannot grow there.
        share_before > 0.5 || share_after >= RATE_FACTOR_MIN * share_before
    }

    /// Whether a problem came so rarely that its beginning alone would say nothing, yet tells
    /// something specific and came first around the moment when others began.
    fn is_rare_sign(&self, problem: &Problem, first_ns: u64, from_ns: u64) -> bool {
        let tells =
            problem.specificity() >= RARE_SPECIFICITY_MIN || problem.weight == Weight::Fatal;
        let Some(place) = problem.places.first() else {
            return false;
        };
        let time = self.time(*place as usize);
        tells
            && self.gathered.timed
            && problem.places.len() <= RARE_COUNT_MAX
            && time + RARE_BEFORE_NS >= first_ns
            && time <= from_ns + RARE_BEHIND_NS
    }

    /// The longest distance of problems that belong together.
    fn beside_ns(&self) -> u64 {
        let (first, last) = self.span();
        BESIDE_NS.max((last.saturating_sub(first) as f64 * BESIDE_SHARE) as u64)
    }
}

/// What was decided.
#[derive(Clone, Debug, Default)]
pub(super) struct Decision {
    /// Problems that began and belong together, the decisive one first, then in order of time.
    pub(super) problems: Vec<usize>,
    /// The best of another component.
    pub(super) rival: Option<usize>,
    /// How far the decisive one leads it, 0 to 1.
    pub(super) lead: f64,
    /// What came and was over before, and orderly changes.
    pub(super) before: Vec<usize>,
    /// Whether what began may well be harmless.
    pub(super) doubtful: bool,
}

/// The decisive problem of those that began, and what belongs to it.
pub(super) fn decide(scene: &Scene<'_>, all: &[Problem]) -> Option<Decision> {
    let begun: Vec<usize> = (0..all.len())
        .filter(|at| all.get(*at).is_some_and(|problem| scene.began(problem)))
        .collect();
    let centre = centre(all, &begun)?;
    let beside = scene.beside_ns();
    let time = |at: usize| all.get(at).map_or(0, |problem| scene.time(problem.first()));
    let end = |at: usize| all.get(at).map_or(0, |problem| scene.time(problem.last()));
    let (from, to) = (time(centre), end(centre));
    let mut cluster: Vec<usize> = begun
        .into_iter()
        .filter(|at| {
            let (first, last) = (time(*at), end(*at));
            first + beside >= from && first <= to.max(from + beside) && last + beside >= from
        })
        .collect();
    keep_most(all, &mut cluster);
    let first = cluster.iter().map(|at| time(*at)).min().unwrap_or(from);
    let is_rare = |at: &usize| {
        let problem = all.get(*at);
        problem.is_some_and(|one| scene.is_rare_sign(one, first, from)) && !cluster.contains(at)
    };
    let mut rare: Vec<usize> = (0..all.len()).filter(is_rare).collect();
    keep_most(all, &mut rare);
    cluster.extend(rare);
    let before = without_precursors(scene, all, &mut cluster);
    let decision = rank(scene, all, cluster)?;
    Some(Decision { before, ..decision })
}

/// Leaves out what came before the incident rather than with it: few lines that were over long
/// before it began, and orderly changes that happen to be told in words of trouble. Both may be
/// told as what came before. What is fatal or tells of a cause stays, whenever it was.
fn without_precursors(scene: &Scene<'_>, all: &[Problem], cluster: &mut Vec<usize>) -> Vec<usize> {
    let many = |at: &&usize| all.get(**at).map_or(0, Problem::count);
    let Some(main) = cluster.iter().max_by_key(many).and_then(|at| all.get(*at)) else {
        return Vec::new();
    };
    let (main_count, main_first) = (main.count(), main.first());
    let precedes = |at: &mut usize| {
        let Some(problem) = all.get(*at) else {
            return false;
        };
        if problem.weight == Weight::Fatal || problem.kind().is_some_and(Kind::is_cause) {
            return false;
        }
        let few = problem.count() * PRECEDES_FACTOR <= main_count;
        let over = scene.gathered.timed
            && problem.places.len() <= RARE_COUNT_MAX
            && scene.time(problem.last()) + PRECEDES_NS < scene.time(main_first);
        few && (over || problem.first() < main_first && is_orderly(scene, problem))
    };
    cluster.extract_if(.., precedes).collect()
}

/// Whether what a problem tells was done on purpose, by its words and its level.
fn is_orderly(scene: &Scene<'_>, problem: &Problem) -> bool {
    let sort = problem.sorts.first();
    let sort = sort.and_then(|sort| scene.gathered.sorts.get(*sort as usize));
    let calm = problem.severity > Severity(0) && problem.severity < Severity::WARN;
    let plain = |sort: &Sort| {
        before::rank(&sort.content) >= ORDERLY_RANK_MIN && !tells_failure(&sort.content)
    };
    let cause = problem.weight == Weight::Fatal || problem.kind().is_some_and(Kind::is_cause);
    let purpose = problem.severity < Severity::WARN && !cause && sort.is_some_and(plain);
    problem.places.len() <= ORDERLY_COUNT_MAX
        && problem.fault.is_none()
        && (calm && problem.weight == Weight::Hint || purpose)
}

/// Whether a line says in plain words that something was not done: nobody does that on purpose.
fn tells_failure(content: &str) -> bool {
    let lower = content.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| FAILURE_WORDS.contains(&word))
}

/// Keeps so many problems as are weighed against each other, in their order.
fn keep_most(all: &[Problem], problems: &mut Vec<usize>) {
    if problems.len() > CLUSTER_COUNT_MAX {
        let says = |at: usize| all.get(at).map_or(0.0, says);
        problems.sort_by(|a, b| says(*b).total_cmp(&says(*a)).then(a.cmp(b)));
        problems.truncate(CLUSTER_COUNT_MAX);
        problems.sort_unstable();
    }
}

/// The problems of an incident, the decisive one first.
fn rank(scene: &Scene<'_>, all: &[Problem], cluster: Vec<usize>) -> Option<Decision> {
    let mut scored: Vec<(f64, usize)> = cluster
        .iter()
        .map(|at| (score(scene, all, &cluster, *at), *at))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (top, decisive) = *scored.first()?;
    let component = |at: usize| {
        all.get(at)
            .map_or(Name::NONE, |problem| problem.component().0)
    };
    // What the same component says beside it is no other answer.
    let tells = |at: usize| all.get(at).is_some_and(|problem| !problem.is_bare());
    let other = |at: usize| component(at) != component(decisive) && tells(at);
    let rival = scored.iter().skip(1).find(|(_, at)| other(*at));
    let second = rival.map_or(0.0, |(score, _)| *score);
    let time = |at: usize| all.get(at).map_or(0, Problem::first);
    let mut problems: Vec<usize> = cluster.into_iter().filter(|at| *at != decisive).collect();
    problems.sort_by_key(|at| (time(*at), *at));
    problems.insert(0, decisive);
    let bad = |at: &usize| {
        all.get(*at)
            .is_some_and(|problem| problem.weight > Weight::Hint)
    };
    Some(Decision {
        doubtful: !problems.iter().any(bad),
        problems,
        before: Vec::new(),
        rival: rival.map(|(_, at)| *at),
        lead: (top - second).clamp(0.0, 1.0),
    })
}

/// The problem around which the incident is seen: the one with the most to say.
fn centre(all: &[Problem], begun: &[usize]) -> Option<usize> {
    let says = |at: usize| all.get(at).map_or(0.0, says);
    let most = |a: &usize, b: &usize| says(*a).total_cmp(&says(*b)).then(b.cmp(a));
    begun.iter().copied().max_by(most)
}

/// How much a problem says by itself.
fn says(problem: &Problem) -> f64 {
    let ratio = problem.shift.map_or(0.0, |shift| shift.ratio);
    let goes_on = problem.shift.is_none_or(|shift| !shift.ended);
    let now = if goes_on { GOES_ON_FACTOR } else { 1.0 };
    now * weight(problem) * (2.0 + ratio.ln_1p()) * (0.5 + problem.specificity())
}

fn weight(problem: &Problem) -> f64 {
    match problem.weight {
        Weight::Fatal => 1.0,
        Weight::Error => 0.75,
        Weight::Hint => 0.35,
    }
}

/// How much speaks for a problem as the cause of those that it began with.
fn score(scene: &Scene<'_>, all: &[Problem], cluster: &[usize], at: usize) -> f64 {
    let Some(problem) = all.get(at) else {
        return 0.0;
    };
    let own = scene.time(problem.first());
    let mut after = 0.0;
    let mut total = 0.0;
    let mut named: f64 = 0.0;
    for other in cluster.iter().filter(|other| **other != at) {
        let Some(other) = all.get(*other) else {
            continue;
        };
        let mass = 1.0 + (other.count() as f64).ln_1p();
        total += mass;
        if scene.time(other.first()) >= own {
            after += mass;
        }
        if names(scene, other, problem) {
            named += 1.0;
        }
        if names(scene, problem, other) {
            named -= 0.6;
        }
    }
    let mut first = if total > 0.0 { after / total } else { 1.0 };
    // What has run out shows late: what became slow before is its sign.
    if problem.weight == Weight::Fatal && RUN_OUT.contains(&problem.kind()) {
        first = first.max(RUN_OUT_FIRST);
    }
    let level = if problem.severity >= FATAL { 0.06 } else { 0.0 };
    let count = (problem.count() as f64).ln_1p() / 50.0_f64.ln();
    let request = !matches!(problem.subject, Subject::Message);
    0.40 * problem.specificity()
        + 0.25 * first
        + 0.15 * named.clamp(-1.0, 1.0)
        + 0.15 * weight(problem)
        + 0.10 * count.min(1.0)
        + level
        - if request { 0.15 } else { 0.0 }
}

/// Whether the lines of one problem name the component of another one.
fn names(scene: &Scene<'_>, one: &Problem, other: &Problem) -> bool {
    let (own, _) = one.component();
    let (component, share) = other.component();
    let name = scene.gathered.names.text(component);
    if component == own || component.is_none() || name.len() < 3 || share < 0.6 {
        return false;
    }
    let example = one
        .sorts
        .first()
        .and_then(|sort| scene.gathered.sorts.get(*sort as usize));
    example.is_some_and(|sort| has_word(&sort.example, name))
}

/// Whether a text has a word.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |at: Option<&u8>| at.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    text.match_indices(word).any(|(at, _)| {
        ends(at.checked_sub(1).and_then(|at| bytes.get(at))) && ends(bytes.get(at + word.len()))
    })
}

/// Problems that were there all along and fill so much of the log that nothing can be compared;
/// the most frequent first.
pub(super) fn throughout(scene: &Scene<'_>, all: &[Problem]) -> Vec<usize> {
    let lines = scene.gathered.records.len();
    let bad =
        |problem: &&Problem| problem.weight > Weight::Hint && problem.subject != Subject::Slow;
    let count: usize = all
        .iter()
        .filter(bad)
        .map(|problem| problem.places.len())
        .sum();
    let short = lines <= SHORT_COUNT_MAX && count > 0;
    if !short && (count as f64) < THROUGHOUT_SHARE_MIN * lines as f64 {
        return Vec::new();
    }
    let mut found: Vec<usize> = (0..all.len())
        .filter(|at| all.get(*at).as_ref().is_some_and(bad))
        .collect();
    let rank = |at: &usize| {
        all.get(*at).map_or(0.0, |problem| {
            let level = if problem.severity >= FATAL { 1.2 } else { 1.0 };
            level
                * weight(problem)
                * (0.4 + problem.specificity())
                * (problem.places.len() as f64).ln_1p()
        })
    };
    found.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then(a.cmp(b)));
    found
}

/// Problems of some weight that were there all along, the most frequent first.
pub(super) fn steady(all: &[Problem], told: &[usize]) -> Vec<usize> {
    let mut found: Vec<usize> = (0..all.len())
        .filter(|at| !told.contains(at))
        .filter(|at| {
            all.get(*at)
                .is_some_and(|problem| problem.weight > Weight::Hint)
        })
        .filter(|at| {
            all.get(*at)
                .is_some_and(|problem| problem.subject != Subject::Slow)
        })
        .collect();
    let count = |at: &usize| all.get(*at).map_or(0, |problem| problem.places.len());
    found.sort_by(|a, b| count(b).cmp(&count(a)).then(a.cmp(b)));
    found
}
