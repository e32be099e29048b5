//! What a log tells beside its messages of trouble: numbers that grow before it begins, and what
//! came regularly and comes no more.
//!
//! *Complexity:* linear in the records and in the sample of fields.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cordon_fingerprint::Merged;

use super::gather::{Fact, Gathered};
use super::judge::Scene;
use super::report::{Moment, moment};
use crate::incident::names::Name;

/// Things of either sort that are told.
const TOLD_COUNT_MAX: usize = 2;
/// What may have ended that is looked at more closely.
const TRIED_COUNT_MAX: usize = 16;
/// Values of a number, at least, and parts into which they are cut.
const VALUES_COUNT_MIN: usize = 12;
const PARTS_COUNT_MAX: usize = 24;
/// Parts over which it grows, at least, and how many times.
const GROWING_PARTS_MIN: usize = 3;
const GROWTH_MIN: f64 = 1.5;
/// How much a part may lie below the one before.
const SLACK: f64 = 0.98;
/// Lines of what is regular, at least.
const REGULAR_COUNT_MIN: usize = 8;
/// Longest distance beside the usual one where it is regular.
const REGULAR_FACTOR: u64 = 3;
/// Length of a silence beside the longest distance before, and as a part of the log.
const SILENCE_FACTOR: u64 = 5;
const SILENCE_PARTS: u64 = 20;
/// What is regular is so from within the first of so many parts of the log on.
const START_PARTS: u64 = 20;
/// Share of the lines of its template that must be gone.
const GONE_MIN: f64 = 0.25;
/// Longest value of a field that names what a number is of, in bytes.
const OF_BYTES_MAX: usize = 40;
/// Words in the names of numbers that tell how full, long or late something is.
const MEASURES: &str = " used heap rss mem memory queue queued depth lag backlog pending waiting \
    inflight active connections conns threads goroutines fds handles open size usage load latency \
    buffered outstanding unacked ready delay age utilization utilisation swap cpu disk util \
    sessions blocked retries ";

/// A number that grew before the trouble began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Growth {
    /// Name of the number.
    pub key: String,
    /// Component; empty where none is told.
    pub component: String,
    /// The value from which on it grew, as it is written: the middle one of that part of the log.
    pub from: String,
    /// The middle one of the last part before the trouble.
    pub to: String,
    /// Since when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
}

/// What came regularly and comes no more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Silence {
    /// Component; empty where none is told.
    pub component: String,
    /// Template of the message; empty where all that the component wrote is meant.
    pub text: String,
    /// How many lines there were.
    pub count: usize,
    /// The usual distance of two, in nanoseconds.
    pub every_ns: u64,
    /// The last one.
    pub last: Moment,
}

/// The numbers that grew before the record with which it began.
pub(super) fn growths(scene: &Scene<'_>, began: usize) -> Vec<Growth> {
    let gathered = scene.gathered;
    if !gathered.timed {
        return Vec::new();
    }
    let until = scene.time(began);
    let mut series: BTreeMap<Series, Vec<(u64, Name)>> = BTreeMap::new();
    let facts = || gathered.good.taken.iter().chain(&gathered.bad.taken);
    let keys: BTreeSet<Name> = facts()
        .flat_map(|fact| &fact.pairs)
        .map(|pair| pair.0)
        .collect();
    let measures = keys
        .into_iter()
        .filter(|key| is_measure(gathered.names.text(*key)));
    let measures: BTreeSet<Name> = measures.collect();
    for fact in facts().filter(|fact| fact.time_ns <= until) {
        let sort = gathered.sorts.get(fact.sort as usize);
        let measures = fact.pairs.iter().filter(|(key, _)| measures.contains(key));
        for (key, value) in measures {
            let series = series.entry(Series {
                component: sort.map_or(Name::NONE, |sort| sort.key.component),
                shape: sort.map_or(0, |sort| sort.key.shape.0),
                of: of(gathered, fact),
                key: *key,
            });
            series.or_default().push((fact.time_ns, *value));
        }
    }
    let mut found: Vec<(f64, Growth)> = series
        .into_iter()
        .filter(|(_, values)| values.len() >= VALUES_COUNT_MIN)
        .filter_map(|(series, values)| growth(scene, &series, values))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.key.cmp(&b.1.key)));
    found
        .into_iter()
        .map(|(_, growth)| growth)
        .take(TOLD_COUNT_MAX)
        .collect()
}

/// What one number is measured of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    component: Name,
    shape: u32,
    /// The other fields of its line that name something.
    of: Vec<(Name, Name)>,
    key: Name,
}

/// The fields of a line that name what it is of: a pool, a queue, a machine.
fn of(gathered: &Gathered, fact: &Fact) -> Vec<(Name, Name)> {
    let names = |value: &str| {
        let word = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
        value.len() <= OF_BYTES_MAX
            && value.starts_with(|c: char| c.is_ascii_alphabetic())
            && value.chars().all(word)
    };
    let pairs = fact.pairs.iter().copied();
    pairs
        .filter(|(_, value)| names(gathered.names.text(*value)))
        .collect()
}

/// Whether a number's name tells that it is a measure rather than a counter or an id.
fn is_measure(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    let counter = ["total", "max", "limit", "id", "count"];
    let mut measured = false;
    let counts = words.any(|word| {
        measured |= !word.is_empty() && MEASURES.contains(&format!(" {word} "));
        counter.contains(&word)
    });
    measured && !counts
}

/// The growth of a number up to its last value, with how many times it grew.
fn growth(
    scene: &Scene<'_>,
    series: &Series,
    mut values: Vec<(u64, Name)>,
) -> Option<(f64, Growth)> {
    let names = &scene.gathered.names;
    values.sort_by_key(|(time, _)| *time);
    let numbers: Option<Vec<f64>> = values.iter().map(|(_, v)| number(names.text(*v))).collect();
    let numbers = numbers?;
    let parts = PARTS_COUNT_MAX.min(numbers.len() / 3);
    let bound = |part: usize| part * numbers.len() / parts;
    let middle = |part: usize| {
        let mut of: Vec<f64> = numbers.get(bound(part)..bound(part + 1))?.to_vec();
        of.sort_by(f64::total_cmp);
        of.get(of.len() / 2).copied()
    };
    let middles: Vec<f64> = (0..parts).map_while(middle).collect();
    let last = *middles.last()?;
    let (from, lowest) = rise(&middles)?;
    // A counter only ever grows.
    let counter = from == 0
        && numbers
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a <= b));
    let grew = last / lowest.max(f64::MIN_POSITIVE);
    let before = middles.iter().take(from).copied().fold(0.0, f64::max);
    let steady = middles.len() - from > GROWING_PARTS_MIN;
    if counter || !steady || grew < GROWTH_MIN || lowest <= 0.0 || before > last {
        return None;
    }
    // Both are told as they were written.
    let written = |part: usize| {
        let middle = middles.get(part)?;
        let at = (bound(part)..bound(part + 1)).find(|at| numbers.get(*at) == Some(middle))?;
        values
            .get(at)
            .map(|(_, value)| names.text(*value).to_owned())
    };
    let fell = *numbers.last()? < GROWTH_MIN * *middles.get(from)?;
    if fell {
        return None;
    }
    let (since, _) = *values.get(bound(from))?;
    let (until, _) = *values.last()?;
    let at = |time: u64| {
        let records = &scene.gathered.records;
        moment(
            scene,
            records.partition_point(|record| record.time_ns < time),
        )
    };
    let told = Growth {
        key: names.text(series.key).to_owned(),
        component: names.text(series.component).to_owned(),
        from: written(from)?,
        to: written(parts - 1)?,
        since: at(since),
        until: at(until),
    };
    Some((grew, told))
}

/// The part from which on the values rise up to the last part, and the lowest value since.
fn rise(middles: &[f64]) -> Option<(usize, f64)> {
    let last = *middles.last()?;
    let mut from = middles.len() - 1;
    let mut lowest = last;
    while let Some(before) = from.checked_sub(1).and_then(|at| middles.get(at)) {
        if *before * SLACK > lowest {
            break;
        }
        lowest = lowest.min(*before);
        from -= 1;
    }
    // Where it lay still before it grew does not belong to the growth.
    while from + 1 < middles.len()
        && middles
            .get(from + 1)
            .is_some_and(|next| *next <= lowest / SLACK)
    {
        from += 1;
    }
    Some((from, lowest))
}

/// The number that a value begins with, its unit of memory or time taken into account.
fn number(text: &str) -> Option<f64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value: f64 = digits.parse().ok()?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "%" | "b" | "bytes" | "ms" => 1.0,
        "k" | "kb" | "kib" | "s" => 1e3,
        "m" | "mb" | "mib" => 1e6,
        "g" | "gb" | "gib" => 1e9,
        "us" | "µs" => 1e-3,
        _ => return None,
    };
    value.is_finite().then_some(value * factor)
}

/// The rhythm of some lines.
#[derive(Clone, Copy, Default)]
struct Rhythm {
    count: usize,
    first_ns: u64,
    last: usize,
    last_ns: u64,
    longest_ns: u64,
}

impl Rhythm {
    fn add(&mut self, place: usize, time_ns: u64) {
        if self.count == 0 {
            self.first_ns = time_ns;
        } else {
            self.longest_ns = self.longest_ns.max(time_ns.saturating_sub(self.last_ns));
        }
        (self.last, self.last_ns) = (place, time_ns);
        self.count += 1;
    }

    fn every_ns(&self) -> u64 {
        let span = self.last_ns.saturating_sub(self.first_ns);
        span / self.count.saturating_sub(1).max(1) as u64
    }

    /// Whether it was regular and had ended when the trouble began, for longer than it ever paused.
    fn has_ended(&self, (first, last): (u64, u64), began: u64) -> bool {
        let silence = last.saturating_sub(self.last_ns);
        // A batch in the midst of a log ends by itself.
        let part = last.saturating_sub(first) / START_PARTS;
        let start = part.max(2 * self.every_ns());
        // So does what belongs to the start of a program.
        let lived = self.last_ns.saturating_sub(self.first_ns) >= part;
        lived
            && self.first_ns <= first.saturating_add(start)
            && self.count >= REGULAR_COUNT_MIN
            && self.every_ns() > 0
            && self.longest_ns <= REGULAR_FACTOR * self.every_ns()
            && silence > SILENCE_FACTOR * self.longest_ns
            && silence > last.saturating_sub(first) / SILENCE_PARTS
            && self.last_ns <= began.saturating_add(self.every_ns())
    }
}

/// What came regularly and had ended when it began; what is missed longest by its own rhythm first.
pub(super) fn silences(scene: &Scene<'_>, merged: &Merged, began: usize) -> Vec<Silence> {
    let gathered = scene.gathered;
    if !gathered.timed {
        return Vec::new();
    }
    let (sorts, components) = rhythms(gathered);
    let (span, began) = (scene.span(), scene.time(began));
    let ended = |rhythm: &Rhythm| rhythm.has_ended(span, began);
    let mut found: Vec<(Rhythm, Name, Option<usize>)> = Vec::new();
    for (name, rhythm) in &components {
        if !name.is_none() && ended(rhythm) {
            found.push((*rhythm, *name, None));
        }
    }
    for (at, (sort, rhythm)) in gathered.sorts.iter().zip(&sorts).enumerate() {
        let name = sort.key.component;
        let whole = !name.is_none() && components.get(&name).is_some_and(&ended);
        if !whole && sort.weight().is_none() && ended(rhythm) {
            found.push((*rhythm, name, Some(at)));
        }
    }
    let missed = |rhythm: &Rhythm| span.1.saturating_sub(rhythm.last_ns) / rhythm.every_ns().max(1);
    found.sort_by_key(|(rhythm, name, sort)| {
        (std::cmp::Reverse(missed(rhythm)), rhythm.last, *name, *sort)
    });
    let gone = |(rhythm, name, sort): (Rhythm, Name, Option<usize>)| {
        let sort = sort.and_then(|at| gathered.sorts.get(at));
        if sort.is_some_and(|sort| goes_on(gathered, merged, sort.key.shape, &rhythm)) {
            return None;
        }
        Some(Silence {
            component: gathered.names.text(name).to_owned(),
            text: sort.map_or_else(String::new, |sort| merged.of(sort.key.shape).text.clone()),
            count: rhythm.count,
            every_ns: rhythm.every_ns(),
            last: moment(scene, rhythm.last),
        })
    };
    let tried = found.into_iter().take(TRIED_COUNT_MAX);
    tried.filter_map(gone).take(TOLD_COUNT_MAX).collect()
}

/// The rhythm of each sort of lines, and of each component.
fn rhythms(gathered: &Gathered) -> (Vec<Rhythm>, HashMap<Name, Rhythm>) {
    let mut sorts = vec![Rhythm::default(); gathered.sorts.len()];
    let (slots, names) = gathered.component_slots();
    let mut components = vec![Rhythm::default(); names.len()];
    for (place, record) in gathered.records.iter().enumerate() {
        let at = record.sort as usize;
        let whole = slots.get(at).and_then(|slot| components.get_mut(*slot));
        if let Some((whole, rhythm)) = whole.zip(sorts.get_mut(at)) {
            rhythm.add(place, record.time_ns);
            whole.add(place, record.time_ns);
        }
    }
    (sorts, names.into_iter().zip(components).collect())
}

/// Whether lines of the same template go on in the place of those that ended.
fn goes_on(
    gathered: &Gathered,
    merged: &Merged,
    shape: cordon_fingerprint::ShapeNo,
    rhythm: &Rhythm,
) -> bool {
    let template = merged.place(shape);
    let (mut before, mut behind) = (0_usize, 0_usize);
    for (place, record) in gathered.records.iter().enumerate() {
        let sort = gathered.sorts.get(record.sort as usize);
        if sort.and_then(|sort| merged.place(sort.key.shape)) == template {
            *(if place <= rhythm.last {
                &mut before
            } else {
                &mut behind
            }) += 1;
        }
    }
    let last = gathered.records.last().map_or(0, |record| record.time_ns);
    let span = rhythm.last_ns.saturating_sub(rhythm.first_ns).max(1) as f64;
    let rest = last.saturating_sub(rhythm.last_ns) as f64;
    behind as f64 > (1.0 - GONE_MIN) * before as f64 * rest / span
}
