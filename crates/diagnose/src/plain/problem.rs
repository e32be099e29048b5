//! Problems: what of a log tells of trouble, merged over lines that say the same.
//!
//! A problem is a template that is bad by its level, its words or its exception, whichever
//! components write it; or a status that requests are answered with; or requests that are slow
//! beside how long they took at first.

use std::collections::{BTreeMap, HashMap};

use cordon_event::Severity;
use cordon_fingerprint::{Merged, template};

use super::episode::{Episode, episodes};
use super::gather::{Gathered, Record, Sort};
use super::onset::{Shift, shift};
use super::trouble::{self, Kind, Trouble, Weight};
use crate::incident::names::Name;

/// Letters of a template that say so little that its component belongs to it.
const LETTERS_COUNT_MIN: usize = 4;
/// Share of a line's own letters that the merged template must have left: one that says less of
/// what failed is not used.
const LETTERS_SHARE_MIN: f64 = 0.6;
/// Words below which a text is rather a name than a message.
const WORDS_COUNT_MIN: usize = 3;
/// Times of the usual duration from which on a request is slow, and least microseconds.
const SLOW_FACTOR: u64 = 6;
const SLOW_US_MIN: u64 = 50_000;
/// Durations of a template that tell how long it usually takes.
const USUAL_COUNT_MAX: usize = 4_000;
const USUAL_COUNT_MIN: usize = 20;
/// How sure the beginning of what came in episodes is: for each line, and at most.
const EPISODES_LINE_RATIO: f64 = 0.75;
const EPISODES_RATIO_MAX: f64 = 25.0;
/// How many times the lines of it a problem has beside which episodes are told alone.
const EPISODES_FACTOR: usize = 10;
/// Occurrences before the beginning that belong to it: signs that came a little early.
const EARLY_COUNT_MAX: usize = 3;

/// What a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject {
    /// A message.
    Message,
    /// Requests that are answered with a status.
    Status(u16),
    /// Requests that take longer.
    Slow,
}

/// Something that tells of trouble.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) subject: Subject,
    /// Template; empty where the subject tells all.
    pub(super) text: String,
    pub(super) fault: Name,
    pub(super) trouble: Option<Trouble>,
    pub(super) weight: Weight,
    pub(super) severity: Severity,
    /// Which of the records, in order.
    pub(super) places: Vec<u32>,
    pub(super) components: BTreeMap<Name, usize>,
    pub(super) sorts: Vec<u32>,
    pub(super) shift: Option<Shift>,
    /// Where it came, stopped and came again.
    pub(super) episodes: Vec<Episode>,
}

impl Problem {
    /// Its kind, as far as words tell.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.trouble.map(|trouble| trouble.kind)
    }

    /// How much its kind says of what is wrong, 0 to 1.
    pub(super) fn specificity(&self) -> f64 {
        let own = self.kind().map_or(0.1, specificity);
        let raised = if self.fault.is_none() { 0.0 } else { 0.55 };
        match self.subject {
            Subject::Message if raised == 0.0 && self.is_bare() => 0.5 * own,
            Subject::Message => own.max(raised),
            Subject::Status(_) => 0.15,
            Subject::Slow => 0.2,
        }
    }

    /// Whether it is a name alone, such as a function of a trace: that tells less than a message.
    pub(super) fn is_bare(&self) -> bool {
        self.subject == Subject::Message
            && self.severity == Severity(0)
            && words(&self.text) < WORDS_COUNT_MIN
    }

    /// The component that most of its lines have, and its share of them.
    pub(super) fn component(&self) -> (Name, f64) {
        let all: usize = self.components.values().sum();
        let most = self
            .components
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name)));
        most.map_or((Name::NONE, 0.0), |(name, count)| {
            (*name, *count as f64 / all.max(1) as f64)
        })
    }

    /// First of the lines that are more.
    pub(super) fn first(&self) -> usize {
        let from = self.shift.map_or(0, |shift| shift.from);
        self.places.get(from).map_or(0, |place| *place as usize)
    }

    /// Last of the lines that are more.
    pub(super) fn last(&self) -> usize {
        let to = self.shift.map_or(self.places.len(), |shift| shift.to);
        let place = self.places.get(to.saturating_sub(1));
        place.map_or(0, |place| *place as usize)
    }

    /// Lines since it is more, up to its end.
    pub(super) fn count(&self) -> usize {
        self.shift
            .map_or(self.places.len(), |shift| shift.to - shift.from)
    }

    /// Lines before.
    pub(super) fn count_before(&self) -> usize {
        self.shift.map_or(0, |shift| shift.from)
    }
}

/// How much a kind of trouble says of what is wrong.
fn specificity(kind: Kind) -> f64 {
    match kind {
        Kind::Space | Kind::AddressInUse => 1.0,
        Kind::OutOfMemory
        | Kind::Certificate
        | Kind::NameResolution
        | Kind::Corrupt
        | Kind::ReadOnly => 0.95,
        Kind::Crash
        | Kind::Missing
        | Kind::Lock
        | Kind::Throttled
        | Kind::Mismatch
        | Kind::Blocked => 0.85,
        Kind::Denied | Kind::Refused | Kind::Down | Kind::Clock => 0.8,
        Kind::Exhausted | Kind::Killed | Kind::Unreachable => 0.75,
        Kind::Timeout | Kind::Overload | Kind::Slow => 0.6,
        Kind::Exit | Kind::Reset | Kind::Exception => 0.45,
        Kind::Failed => 0.2,
    }
}

/// All problems, and to which each sort of lines belongs.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) all: Vec<Problem>,
    pub(super) of_sort: Vec<Option<usize>>,
}

/// What makes a problem one.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    subject: Subject,
    text: String,
    component: Name,
    fault: Name,
}

/// The problems of what was gathered.
pub(super) fn find(gathered: &Gathered, merged: &Merged) -> Problems {
    let mut problems = Problems::default();
    let mut known: HashMap<Key, usize> = HashMap::new();
    for (at, sort) in gathered.sorts.iter().enumerate() {
        let of = sort.weight().filter(|_| sort.count > 0).map(|weight| {
            let mut key = key(sort, merged);
            let text = std::mem::take(&mut key.text);
            key.text = general(&text);
            let shared = key.text.clone();
            let number = *known.entry(key).or_insert_with(|| {
                problems.all.push(begin(gathered, sort, text.clone()));
                problems.all.len() - 1
            });
            if let Some(problem) = problems.all.get_mut(number) {
                problem.sorts.push(at as u32);
                // What several machines, methods or routes are named in is one problem of all.
                if problem.text != text {
                    problem.text = shared;
                }
                problem.weight = problem.weight.max(weight).max(raised(problem));
                problem.severity = problem.severity.max(sort.key.severity);
                problem.trouble = worse(problem.trouble, sort.key.trouble);
            }
            number
        });
        problems.of_sort.push(of);
    }
    for (place, record) in gathered.records.iter().enumerate() {
        let of = problems
            .of_sort
            .get(record.sort as usize)
            .copied()
            .flatten();
        let component = gathered.sorts.get(record.sort as usize);
        let problem = of.and_then(|of| problems.all.get_mut(of));
        if let (Some(problem), Some(sort)) = (problem, component) {
            problem.places.push(place as u32);
            *problem.components.entry(sort.key.component).or_default() += 1;
        }
    }
    problems.all.extend(slow(gathered, merged));
    for problem in &mut problems.all {
        problem.shift =
            shift(&problem.places, gathered.records.len()).map(|shift| early(problem, shift));
    }
    if gathered.timed {
        let most = most_begun(&problems.all);
        let bad = problems.all.iter_mut();
        bad.filter(|problem| problem.weight > Weight::Hint)
            .for_each(|problem| again(gathered, problem, most));
    }
    problems
}

/// Lines of the most frequent problem that surely began.
fn most_begun(all: &[Problem]) -> usize {
    let begun = all.iter().filter(|problem| {
        let ratio = problem.shift.map_or(0.0, |shift| shift.ratio);
        problem.weight > Weight::Hint && ratio >= EPISODES_RATIO_MAX
    });
    begun.map(Problem::count).max().unwrap_or(0)
}

/// Finds the episodes of a problem: it began with the first of them. Beside a much larger problem
/// they are told, and say nothing of the beginning.
fn again(gathered: &Gathered, problem: &mut Problem, most: usize) {
    let time = |place: &u32| {
        gathered
            .records
            .get(*place as usize)
            .map(|record| record.time_ns)
    };
    let times: Vec<u64> = problem.places.iter().filter_map(time).collect();
    let ends = gathered.records.first().zip(gathered.records.last());
    let span = ends.map_or((0, 0), |(first, last)| (first.time_ns, last.time_ns));
    problem.episodes = episodes(&times, span);
    let (Some(first), Some(last)) = (problem.episodes.first(), problem.episodes.last()) else {
        return;
    };
    let count = problem.places.len();
    let measured = problem.shift.map_or(0.0, |shift| shift.ratio);
    if count * EPISODES_FACTOR <= most {
        return;
    }
    let place = |at: usize| problem.places.get(at).map_or(0, |place| *place as usize);
    let lines = place(last.to.saturating_sub(1)) + 1 - place(first.from);
    let rest = span.1.saturating_sub(times.last().copied().unwrap_or(0));
    let gap = |pair: &[Episode]| match pair {
        [one, next] => times
            .get(next.from)
            .zip(times.get(one.to.saturating_sub(1))),
        _ => None,
    };
    let gaps = problem.episodes.windows(2).filter_map(gap);
    let shortest = gaps.map(|(next, one)| next.saturating_sub(*one)).min();
    problem.shift = Some(Shift {
        from: 0,
        to: problem.places.len(),
        // What is quiet for less than between two episodes may come again.
        ended: shortest.is_some_and(|shortest| 2 * rest >= shortest),
        before: 0.0,
        after: problem.places.len() as f64 / lines.max(1) as f64,
        ratio: (EPISODES_LINE_RATIO * count as f64)
            .min(EPISODES_RATIO_MAX)
            .max(measured),
    });
}

/// Takes the few signs that came a little earlier to what began.
fn early(problem: &Problem, mut shift: Shift) -> Shift {
    let place = |at: usize| problem.places.get(at).copied().unwrap_or(0);
    if shift.from <= EARLY_COUNT_MAX && place(0) > place(shift.from) / 2 {
        shift.from = 0;
        shift.before = 0.0;
    }
    shift
}

fn key(sort: &Sort, merged: &Merged) -> Key {
    let subject = subject(sort);
    let text = match subject {
        Subject::Message => message(sort, merged),
        _ => String::new(),
    };
    let vague = subject != Subject::Message || literal(&text) < LETTERS_COUNT_MIN;
    Key {
        subject,
        component: if vague {
            sort.key.component
        } else {
            Name::NONE
        },
        fault: sort.key.fault,
        text,
    }
}

/// A text with `<host>` for each name of a machine of three labels or more, `<method>` for the
/// method of a request and `<path>` for its route: one failure of several is one problem.
fn general(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let bare = word.trim_start_matches(['"', '\'', '(', '[']);
        let route = bare.strip_prefix('/').is_some_and(|path| {
            path.starts_with(|c: char| c.is_ascii_alphabetic()) && !path.contains('<')
        });
        if METHODS.contains(&bare) {
            out.push_str(word.strip_suffix(bare).unwrap_or_default());
            out.push_str("<method>");
        } else if route {
            let end = bare.find(['"', '\'', ')', ']', ',', ':', ';']);
            out.push_str(word.strip_suffix(bare).unwrap_or_default());
            out.push_str("<path>");
            out.push_str(end.and_then(|end| bare.get(end..)).unwrap_or_default());
        } else {
            hostless(word, &mut out);
        }
    }
    out
}

/// Methods of requests.
const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT",
];

/// Writes a word with `<host>` for the names of machines in it.
fn hostless(word: &str, out: &mut String) {
    let label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_lowercase())
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_host = |name: &str| name.split('.').count() >= 3 && name.split('.').all(label);
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let mut rest = word;
    while let Some(from) = rest.find(in_name) {
        let (before, behind) = rest.split_at(from);
        let end = behind.find(|c| !in_name(c)).unwrap_or(behind.len());
        let (name, tail) = behind.split_at(end);
        out.push_str(before);
        out.push_str(if is_host(name) { "<host>" } else { name });
        rest = tail;
    }
    out.push_str(rest);
}

/// The merged template of a sort; its own one where merging left nearly nothing of it.
fn message(sort: &Sort, merged: &Merged) -> String {
    let merged = &merged.of(sort.key.shape).text;
    let own = template(&sort.content).text;
    if own.is_empty() || literal(merged) as f64 >= LETTERS_SHARE_MIN * literal(&own) as f64 {
        merged.clone()
    } else {
        own
    }
}

/// A request's line has nothing but its status that tells of trouble.
fn subject(sort: &Sort) -> Subject {
    let quiet = sort.key.severity < Severity::WARN && sort.key.fault.is_none();
    let told = sort
        .key
        .trouble
        .is_some_and(|trouble| trouble.weight > Weight::Hint);
    match sort.key.status {
        status @ 400.. if quiet && !told => Subject::Status(status),
        _ => Subject::Message,
    }
}

/// Words of a template outside its slots.
fn words(text: &str) -> usize {
    let parts = text.split_ascii_whitespace();
    parts
        .filter(|part| {
            part.len() > 1 && part.starts_with(|c: char| c.is_alphabetic() || "\"'`(".contains(c))
        })
        .count()
}

/// Letters of a template outside its slots.
fn literal(text: &str) -> usize {
    let mut inside = false;
    let mut letters = 0;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ => letters += usize::from(!inside && c.is_alphabetic()),
        }
    }
    letters
}

fn begin(gathered: &Gathered, sort: &Sort, text: String) -> Problem {
    let subject = subject(sort);
    let fault = gathered.stacks.faults.get(&sort.key.fault);
    let raised = fault.and_then(|fault| trouble::of(&format!("{} {}", fault.title, fault.root)));
    Problem {
        subject,
        text,
        fault: sort.key.fault,
        trouble: worse(sort.key.trouble, raised),
        weight: Weight::Hint,
        severity: Severity(0),
        places: Vec::new(),
        components: BTreeMap::new(),
        sorts: Vec::new(),
        shift: None,
        episodes: Vec::new(),
    }
}

/// The weight of what was raised, where it is an end even once.
fn raised(problem: &Problem) -> Weight {
    let fatal = problem
        .trouble
        .filter(|trouble| trouble.weight == Weight::Fatal && !problem.fault.is_none());
    fatal.map_or(Weight::Hint, |trouble| trouble.weight)
}

/// The more telling of two.
fn worse(one: Option<Trouble>, other: Option<Trouble>) -> Option<Trouble> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let kind = if specificity(other.kind) > specificity(one.kind) {
                other.kind
            } else {
                one.kind
            };
            Some(Trouble {
                kind,
                weight: one.weight.max(other.weight),
                is_numbered: one.is_numbered && other.is_numbered,
            })
        }
        (one, other) => one.or(other),
    }
}

/// Requests that are slow, of each component.
fn slow(gathered: &Gathered, merged: &Merged) -> Vec<Problem> {
    let template = |record: &Record| {
        let sort = gathered.sorts.get(record.sort as usize)?;
        Some((merged.place(sort.key.shape)?, sort.key.component))
    };
    let timed = || {
        gathered
            .records
            .iter()
            .enumerate()
            .filter(|(_, r)| r.duration_us > 0)
    };
    let mut usual: HashMap<(usize, Name), Vec<u32>> = HashMap::new();
    for (_, record) in timed() {
        let Some(key) = template(record) else {
            continue;
        };
        let durations = usual.entry(key).or_default();
        if durations.len() < USUAL_COUNT_MAX {
            durations.push(record.duration_us);
        }
    }
    let usual: HashMap<(usize, Name), u64> = usual
        .into_iter()
        .filter_map(|(key, mut durations)| {
            // Of few lines the first third tells how long it took at first.
            let third = durations.len().div_ceil(3).max(USUAL_COUNT_MIN);
            durations.truncate(third);
            durations.sort_unstable();
            let middle = *durations.get(durations.len() / 2)?;
            (durations.len() >= USUAL_COUNT_MIN).then_some((key, u64::from(middle)))
        })
        .collect();
    let mut found: BTreeMap<Name, Problem> = BTreeMap::new();
    for (place, record) in timed() {
        let Some((key, usual)) = template(record).and_then(|key| Some((key, usual.get(&key)?)))
        else {
            continue;
        };
        if u64::from(record.duration_us) < (SLOW_FACTOR * usual).max(SLOW_US_MIN) {
            continue;
        }
        let problem = found.entry(key.1).or_insert_with(|| Problem {
            subject: Subject::Slow,
            text: String::new(),
            fault: Name::NONE,
            trouble: None,
            weight: Weight::Error,
            severity: Severity(0),
            places: Vec::new(),
            components: BTreeMap::new(),
            sorts: Vec::new(),
            shift: None,
            episodes: Vec::new(),
        });
        problem.places.push(place as u32);
        *problem.components.entry(key.1).or_default() += 1;
        if !problem.sorts.contains(&record.sort) && problem.sorts.len() < 64 {
            problem.sorts.push(record.sort);
        }
    }
    found.into_values().collect()
}
