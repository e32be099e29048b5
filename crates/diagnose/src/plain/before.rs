//! What changed shortly before it began: lines that came once or first then and speak of a change,
//! new values of fields that tell a version, and, where such lines are rare, what was never written
//! before, whatever its words are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cordon_event::Severity;
use cordon_fingerprint::Merged;

use super::gather::{Fact, Gathered};
use super::problem::{Problem, Problems};
use super::pseudonym;
use super::trouble::Kind;
use crate::incident::names::Name;

/// How long before the beginning a change is looked for, at least.
const BEFORE_NS: u64 = 7_200_000_000_000;
/// The same, as lines of a log without times.
const BEFORE_LINES: usize = 2_000;
/// How long behind it: what tells of a change may be written a little late.
const BEHIND_NS: u64 = 10_000_000_000;
/// How often a line of a change may come, all within that time.
const COUNT_MAX: usize = 40;
/// Changes that are told.
const TOLD_COUNT_MAX: usize = 6;
/// Lines at the beginning of a log that tell of its own start.
const START_COUNT: usize = 20;
/// How long before the beginning a line that speaks of no change is told for being new.
const NEW_BEFORE_NS: u64 = 600_000_000_000;
/// The same, as lines of a log without times.
const NEW_BEFORE_LINES: usize = 200;
/// How often such a line may come, and how many of them there may be: of more, being new says
/// nothing.
const NEW_TIMES_MAX: usize = 3;
const NEW_COUNT_MAX: usize = 3;
/// How often a sign before may come.
const SIGNS_COUNT_MAX: usize = 12;
/// How far apart what set a clock and what it broke may seem.
const CLOCK_NS: u64 = 900_000_000_000;
/// A rare word stands in one line of so many, at most.
const RARE_PARTS: usize = 100;
/// Longest name that is looked for, in bytes, and sorts of what fails that are searched for them.
const NAME_BYTES_MAX: usize = 64;
const SORTS_COUNT_MAX: usize = 64;
/// Values that a field of versions may have.
const VALUES_COUNT_MAX: usize = 6;
/// Records below which a log is that of a start.
const SHORT_COUNT: usize = 200;
/// Share of the lines before a version's first, from which on it is new.
const VERSION_BEFORE_MIN: f64 = 0.05;

/// Words that plainly tell of a change.
const PLAIN: &str = " deploy deployed deploying release rollout rolled rollback \
    upgrade upgraded upgrading installed uninstalled migration migrating migrated \
    migrations create alter drop truncate rename reload reloaded reloading flag \
    toggle toggled enabled disabled enabling disabling rotated rotating renewed switched \
    switching promoted demoted failover scaled sighup maintenance updating configured \
    reconfigured flushall flushdb rebooting rebooted lowered stepped drain draining \
    activated deactivated reverted overridden repointed ";
/// Words that rather tell of a change.
const LIKELY: &str = " deployment rolling packages trigger config configuration setting \
    feature secret version changed updated applied sigterm restart restarting restarted \
    drained flushed cleared raised evicted deleted replaced created dropped \
    renamed imported purged mounted unmounted attached detached joined elected repair \
    rebuild rebalance rebalancing backup snapshot plugin ";
/// Words of what an operator does, and can undo.
const OPERATED: &str = " deploy deployed deploying deployment rollout rolled rollback upgrade \
    upgraded upgrading migration migrating migrated migrations flag toggle toggled config \
    configuration reconfigured reload reloaded reloading ";
/// Words that tell of a change where they are rare.
const PERHAPS: &str = " starting started start stopping stopped shutting booting listening \
    cron new loaded loading mounting import batch job ";
/// What stands between the old and the new in a line that tells both.
const OLD_AND_NEW: [&str; 6] = [
    "(was ",
    ", was ",
    " previously ",
    " instead of ",
    "(previously",
    "(formerly",
];
/// How far before such a mark the new value stands, in words.
const VALUE_WORDS_MAX: usize = 4;
/// Values of settings that hold no digit.
const SETTINGS: [&str; 10] = [
    "on", "off", "true", "false", "yes", "no", "none", "default", "enabled", "disabled",
];
/// Longest word of a change, in bytes.
const WORD_BYTES_MAX: usize = 24;

/// Names of fields that tell a version.
const VERSIONS: [&str; 12] = [
    "version",
    "service.version",
    "app_version",
    "appversion",
    "release",
    "build",
    "image",
    "revision",
    "git_sha",
    "commit",
    "image_tag",
    "deployment",
];

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When; 0 where it is not told.
    pub time_ns: u64,
    /// Which record, from 0.
    pub place: usize,
    /// Which line of all that were read, from 1: of a version the first that was seen with it.
    pub line: u64,
    /// Component; empty where none is told.
    pub component: String,
    /// What, as the log says it.
    pub text: String,
    /// How often such a line came.
    pub count: usize,
    /// Value that was there before; empty where none was.
    pub from: String,
    /// Value that is new; empty where a line tells of the change.
    pub to: String,
}

/// Where it began, the problems that are told, and those that came before.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    pub(super) began: usize,
    pub(super) told: &'d [usize],
    pub(super) before: &'d [usize],
}

/// The changes near the record with which it began, given the problems that are told.
pub(super) fn changes(
    gathered: &Gathered,
    merged: &Merged,
    problems: &Problems,
    at: At<'_>,
) -> Vec<Change> {
    let mut found = lines(gathered, merged, problems, at);
    found.extend(
        versions(gathered, at.began)
            .into_iter()
            .map(|change| (4, change)),
    );
    // The more telling first, and among these the nearer.
    found.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.place.cmp(&a.1.place)));
    let mut told: Vec<Change> = found
        .into_iter()
        .map(|(_, change)| change)
        .take(TOLD_COUNT_MAX)
        .collect();
    told.sort_by_key(|change| (change.time_ns, change.place));
    told
}

/// Lines that speak of a change, of templates that came first near the beginning.
fn lines(
    gathered: &Gathered,
    merged: &Merged,
    problems: &Problems,
    at: At<'_>,
) -> Vec<(u8, Change)> {
    let began = at.began;
    let (mut found, mut new) = (Vec::new(), Vec::new());
    let subject = Subject::of(gathered, problems, at.told);
    for first in firsts(gathered, merged) {
        let Some(candidate) = candidate(gathered, problems, &first, at) else {
            continue;
        };
        let Some(sort) = gathered.sorts.get(candidate.sort as usize) else {
            continue;
        };
        let (rank, place, count) = (rank(&sort.content), first.place, first.count);
        let named = count <= SIGNS_COUNT_MAX && subject.is_named_in(&sort.content);
        let sign =
            candidate.sign && (rank > 0 || candidate.told || just_before(gathered, place, began));
        let change = Change {
            time_ns: candidate.time_ns,
            place,
            line: u64::from(candidate.line),
            component: gathered.names.text(sort.key.component).to_owned(),
            text: sort.content.trim().to_owned(),
            count,
            from: String::new(),
            to: String::new(),
        };
        // What only starts or stops is told where it came rarely; in a short log nothing that is
        // not plainly a change.
        let short = gathered.records.len() < SHORT_COUNT && rank < 3;
        // What follows the beginning is rather of it.
        let late = rank < 3 && place >= began;
        let early = place < START_COUNT.min(gathered.records.len() / 20 + 1);
        if short || late || early || rank == 1 && count > 4 {
            continue;
        }
        if named || sign {
            let told = u8::from(named) + u8::from(candidate.told);
            found.push((rank.max(2) + told, change));
        } else if candidate.sign {
            // Old noise that happens to be rare.
        } else if rank > 0 {
            found.push((rank, change));
        } else if count <= NEW_TIMES_MAX && just_before(gathered, place, began) {
            new.push((rank, change));
        }
    }
    if new.len() <= NEW_COUNT_MAX {
        found.extend(new);
    }
    found
}

/// A line that may be what came before.
struct Candidate {
    sort: u32,
    time_ns: u64,
    line: u32,
    /// It tells of trouble itself: a sign that came and went before.
    sign: bool,
    /// It was taken for a part of what fails at first.
    told: bool,
}

/// The first line of a template, where it may be what came before.
fn candidate(
    gathered: &Gathered,
    problems: &Problems,
    first: &First,
    at: At<'_>,
) -> Option<Candidate> {
    let (began, told) = (at.began, at.told);
    let record = gathered.records.get(first.place)?;
    let start = gathered.records.get(began)?;
    let clock = told.first().and_then(|at| problems.all.get(*at));
    let clock = clock.is_some_and(|problem| problem.kind() == Some(Kind::Clock));
    // Where a clock was set back, what set it may seem to come later.
    let behind = if clock { CLOCK_NS } else { BEHIND_NS };
    let near = if gathered.timed {
        let time = record.time_ns;
        time + BEFORE_NS >= start.time_ns && time <= start.time_ns + behind
    } else {
        first.place + BEFORE_LINES >= began && first.place <= began
    };
    let own = problems.of_sort.get(record.sort as usize);
    let own = own.copied().flatten().filter(|own| {
        let problem = problems.all.get(*own);
        let early = at.before.contains(own) || told.contains(own);
        problem.is_some_and(|problem| problem.severity >= Severity::WARN || early)
    });
    let sign = own.is_some_and(|own| {
        let problem = problems.all.get(own);
        let over = |problem: &Problem| {
            let last = problem.places.last().map_or(0, |place| *place as usize);
            problem.places.len() <= SIGNS_COUNT_MAX && (last < began || clock)
        };
        !told.contains(&own) && problem.is_some_and(over)
    });
    let fits = near && first.count <= COUNT_MAX && (own.is_none() || sign);
    fits.then_some(Candidate {
        sort: record.sort,
        time_ns: record.time_ns,
        line: record.line,
        sign,
        told: own.is_some_and(|own| at.before.contains(&own)),
    })
}

/// The rare words of what fails: names of devices, jobs, tables, machines.
struct Subject {
    words: BTreeSet<String>,
}

impl Subject {
    /// The words of the decisive problem that hardly stand in other lines.
    fn of(gathered: &Gathered, problems: &Problems, told: &[usize]) -> Self {
        let decisive = told.first().and_then(|at| problems.all.get(*at));
        let own = |at: usize| problems.of_sort.get(at).copied().flatten();
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        let sorts = decisive.iter().flat_map(|problem| &problem.sorts);
        for sort in sorts.take(SORTS_COUNT_MAX) {
            if let Some(sort) = gathered.sorts.get(*sort as usize) {
                each_name(&sort.content, &mut |word| {
                    words.entry(word.to_owned()).or_default();
                });
            }
        }
        if words.is_empty() {
            return Self {
                words: BTreeSet::new(),
            };
        }
        for (at, sort) in gathered.sorts.iter().enumerate() {
            if own(at).is_some_and(|own| told.contains(&own)) {
                continue;
            }
            let mut seen = BTreeSet::new();
            each_name(&sort.content, &mut |word| {
                if let Some(count) = words.get_mut(word)
                    && seen.insert(word.to_owned())
                {
                    *count += sort.count as usize;
                }
            });
        }
        let most = gathered.records.len() / RARE_PARTS;
        words.retain(|_, count| *count <= most);
        Self {
            words: words.into_keys().collect(),
        }
    }

    fn is_named_in(&self, content: &str) -> bool {
        let mut named = false;
        each_name(content, &mut |word| named |= self.words.contains(word));
        named
    }
}

/// Gives each word that may be a name: of three bytes or more, with two letters or more in it, and
/// with the dots, dashes and underscores within it.
fn each_name(content: &str, give: &mut dyn FnMut(&str)) {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    for word in content.split(|c: char| !inside(c)) {
        let word = word.trim_matches(['.', '-', '_']);
        let lettered = word.bytes().filter(u8::is_ascii_alphabetic).count() >= 2;
        if (3..=NAME_BYTES_MAX).contains(&word.len()) && lettered {
            give(word);
        }
    }
}

/// The first record of a template.
struct First {
    place: usize,
    count: usize,
}

/// Of each template its first record, and how many there are, in order.
fn firsts(gathered: &Gathered, merged: &Merged) -> Vec<First> {
    let mut seen: HashMap<usize, First> = HashMap::new();
    for (place, record) in gathered.records.iter().enumerate() {
        let sort = gathered.sorts.get(record.sort as usize);
        let template = sort.and_then(|sort| merged.place(sort.key.shape));
        if let Some(template) = template {
            let first = seen.entry(template).or_insert(First { place, count: 0 });
            first.count += 1;
        }
    }
    let mut found: Vec<First> = seen.into_values().collect();
    found.sort_by_key(|first| first.place);
    found
}

/// Whether a record stands so shortly before the beginning that being new says something.
fn just_before(gathered: &Gathered, place: usize, began: usize) -> bool {
    let time = |at: usize| gathered.records.get(at).map_or(0, |record| record.time_ns);
    if gathered.timed {
        place < began && time(place) + NEW_BEFORE_NS >= time(began)
    } else {
        place < began && place + NEW_BEFORE_LINES >= began
    }
}

/// Whether a line tells of what an operator did, who can undo it.
pub(super) fn is_operated(line: &str) -> bool {
    let mut told = false;
    each_word(&pseudonym::without(line), &mut |word| {
        told |= OPERATED.contains(word);
    });
    told
}

/// Whether a line tells an old value and a new one.
fn tells_both(line: &str) -> bool {
    let is_value = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let lower = word.to_ascii_lowercase();
        word.contains(|c: char| c.is_ascii_digit() || c == '=')
            || SETTINGS.contains(&lower.as_str())
    };
    // `(was redis)`.
    let alone = |word: &str| word.ends_with(')');
    OLD_AND_NEW.iter().any(|mark| {
        line.split_once(mark).is_some_and(|(new, old)| {
            let mut new = new.split_whitespace().rev().take(VALUE_WORDS_MAX);
            let old = old.split_whitespace().next();
            new.any(is_value) && old.is_some_and(|old| is_value(old) || alone(old))
        })
    })
}

/// How much the words of a line tell of a change.
pub(super) fn rank(line: &str) -> u8 {
    let line = &pseudonym::without(line);
    if tells_both(line) {
        return 3;
    }
    let mut most = 0;
    each_word(line, &mut |word| {
        let lists = [(PLAIN, 3), (LIKELY, 2), (PERHAPS, 1)];
        let told = lists.iter().find(|(list, _)| list.contains(word));
        most = most.max(told.map_or(0, |(_, rank)| *rank));
    });
    most
}

/// Gives each word in lower case between two blanks; `dropIndexes` is two words.
fn each_word(line: &str, give: &mut dyn FnMut(&str)) {
    let mut word = String::from(" ");
    let mut lower = false;
    for c in line.chars().chain(std::iter::once(' ')) {
        let inside = c.is_ascii_alphabetic();
        if !inside || lower && c.is_ascii_uppercase() {
            if (3..=WORD_BYTES_MAX).contains(&word.len()) {
                word.push(' ');
                give(&word);
            }
            word.truncate(1);
        }
        if inside {
            word.push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase();
    }
}

/// A value of a field that tells a version.
struct Version {
    value: Name,
    /// Its first line.
    time_ns: u64,
    line: u32,
    /// Lines with the key before that.
    before: usize,
}

/// The values of a field that tells a version, in the order of their first lines.
#[derive(Default)]
struct Versions {
    lines: usize,
    values: Vec<Version>,
}

/// Values of versions that were first seen near the beginning, or before it.
fn versions(gathered: &Gathered, began: usize) -> Vec<Change> {
    let began = gathered.records.get(began);
    let (began_ns, began_line) = began.map_or((0, 0), |record| (record.time_ns, record.line));
    let both = gathered.good.taken.iter().chain(&gathered.bad.taken);
    let mut facts: Vec<&Fact> = both.collect();
    facts.sort_by_key(|fact| (fact.time_ns, fact.line));
    let mut keys: BTreeMap<Name, Versions> = BTreeMap::new();
    for fact in facts {
        for (key, value) in &fact.pairs {
            let lower = gathered.names.text(*key).to_ascii_lowercase();
            if !VERSIONS.contains(&lower.as_str()) {
                continue;
            }
            let known = keys.entry(*key).or_default();
            let new = !known.values.iter().any(|one| one.value == *value);
            if new && known.values.len() <= VALUES_COUNT_MAX {
                known.values.push(Version {
                    value: *value,
                    time_ns: fact.time_ns,
                    line: fact.line,
                    before: known.lines,
                });
            }
            known.lines += 1;
        }
    }
    // What has many values is no version.
    keys.retain(|_, known| known.values.len() <= VALUES_COUNT_MAX);
    let mut found = Vec::new();
    for (key, known) in &keys {
        for pair in known.values.windows(2) {
            let [old, new] = pair else { continue };
            let late = new.before as f64 >= VERSION_BEFORE_MIN * known.lines as f64;
            let behind = if gathered.timed {
                new.time_ns > began_ns.saturating_add(BEHIND_NS)
            } else {
                new.line > began_line
            };
            if !late || behind {
                continue;
            }
            let key = gathered.names.text(*key);
            let (from, to) = (
                gathered.names.text(old.value),
                gathered.names.text(new.value),
            );
            found.push(Change {
                time_ns: new.time_ns,
                place: 0,
                line: u64::from(new.line),
                component: String::new(),
                text: format!("{key} {to} first seen, {from} before"),
                count: 1,
                from: from.to_owned(),
                to: to.to_owned(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{is_operated, rank};

    #[track_caller]
    fn check(line: &str, expected: (u8, bool)) {
        assert_eq!((rank(line), is_operated(line)), expected, "{line}");
    }

    #[test]
    fn words_of_operators_tell_of_changes() {
        check("deployed shop 2.4.1", (3, true));
        check("dropIndexes of orders, config reload", (3, true));
        check("rules 118 in force, 212 of them (was 117)", (3, false));
        check("pool size 4 instead of 40", (3, false));
        check("strict mode on, previously off", (3, false));
        check("loaded CACHE=memory (was redis)", (3, false));
        check("strict mode is on (previously off)", (3, false));
        check("cron started", (1, false));
    }

    #[test]
    fn words_of_every_day_tell_of_none() {
        let id = format!("job_{}", "drop".repeat(6));
        check(
            &format!("login of {id} with [removed:secret.deploy]"),
            (0, false),
        );
        for line in [
            "customer 7 asked for express delivery instead of standard",
            "order 7 flagged, was paid by invoice",
            "coupon SPRING released to basket",
            "parcel of the depot, was scanned twice",
            "please write now, settings were added and removed",
        ] {
            check(line, (0, false));
        }
    }
}
