//! What changed shortly before it began: lines that came once or first then and speak of a change,
//! new values of fields that tell a version, and, where such lines are rare, what was never written
//! before, whatever its words are.

use std::collections::{BTreeMap, HashMap};

use cordon_event::Severity;
use cordon_fingerprint::Merged;

use super::gather::{Fact, Gathered};
use super::judge::has_word;
use super::problem::Problems;
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
/// Values that a field of versions may have.
const VALUES_COUNT_MAX: usize = 6;
/// Records below which a log is that of a start.
const SHORT_COUNT: usize = 200;
/// Share of the lines before a version's first, from which on it is new.
const VERSION_BEFORE_MIN: f64 = 0.05;

/// Words of changes, by how much they tell.
const WORDS: [(&str, u8); 78] = [
    ("deploy", 3),
    ("deployed", 3),
    ("deploying", 3),
    ("deployment", 2),
    ("release", 3),
    ("released", 3),
    ("rollout", 3),
    ("rolled", 3),
    ("rolling", 2),
    ("rollback", 3),
    ("upgrade", 3),
    ("upgraded", 3),
    ("upgrading", 3),
    ("packages", 2),
    ("installed", 3),
    ("migration", 3),
    ("migrating", 3),
    ("migrated", 3),
    ("migrations", 3),
    ("create", 3),
    ("alter", 3),
    ("drop", 3),
    ("trigger", 2),
    ("reload", 3),
    ("reloaded", 3),
    ("reloading", 3),
    ("config", 2),
    ("configuration", 2),
    ("setting", 2),
    ("settings", 3),
    ("flag", 3),
    ("feature", 2),
    ("toggle", 3),
    ("enabled", 3),
    ("disabled", 3),
    ("enabling", 3),
    ("disabling", 3),
    ("rotated", 3),
    ("rotating", 3),
    ("secret", 2),
    ("renewed", 3),
    ("switched", 3),
    ("switching", 3),
    ("promoted", 3),
    ("failover", 3),
    ("version", 2),
    ("changed", 2),
    ("updated", 2),
    ("applied", 2),
    ("scaled", 3),
    ("starting", 1),
    ("started", 1),
    ("start", 1),
    ("stopping", 1),
    ("stopped", 1),
    ("SIGTERM", 2),
    ("SIGHUP", 3),
    ("restart", 2),
    ("restarting", 2),
    ("restarted", 2),
    ("shutting", 1),
    ("booting", 1),
    ("listening", 1),
    ("maintenance", 3),
    ("drained", 2),
    ("cron", 1),
    ("updating", 3),
    ("configured", 3),
    ("reconfigured", 3),
    ("flushall", 3),
    ("flushed", 2),
    ("cleared", 2),
    ("rebooting", 3),
    ("rebooted", 3),
    ("lowered", 3),
    ("raised", 2),
    ("stepped", 3),
    ("evicted", 2),
];

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

/// The changes near the record with which it began.
pub(super) fn changes(
    gathered: &Gathered,
    merged: &Merged,
    problems: &Problems,
    began: usize,
) -> Vec<Change> {
    let mut found = lines(gathered, merged, problems, began);
    let time = gathered
        .records
        .get(began)
        .map_or(0, |record| record.time_ns);
    found.extend(
        versions(gathered, time)
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
    began: usize,
) -> Vec<(u8, Change)> {
    let records = &gathered.records;
    let Some(start) = records.get(began) else {
        return Vec::new();
    };
    let near = |place: usize, time: u64| {
        if gathered.timed {
            time + BEFORE_NS >= start.time_ns && time <= start.time_ns + BEHIND_NS
        } else {
            place + BEFORE_LINES >= began && place <= began
        }
    };
    let (mut found, mut new) = (Vec::new(), Vec::new());
    for (place, count) in firsts(gathered, merged).into_values() {
        let Some(record) = records.get(place) else {
            continue;
        };
        let own = problems
            .of_sort
            .get(record.sort as usize)
            .copied()
            .flatten();
        let bad = own.and_then(|own| problems.all.get(own));
        let bad = bad.is_some_and(|problem| problem.severity >= Severity::WARN);
        let early = place < START_COUNT.min(records.len() / 20 + 1);
        if bad || count > COUNT_MAX || early || !near(place, record.time_ns) {
            continue;
        }
        let Some(sort) = gathered.sorts.get(record.sort as usize) else {
            continue;
        };
        let rank = rank(&sort.example);
        // What only starts or stops is told where it came rarely; in a short log nothing that is
        // not plainly a change.
        let short = records.len() < SHORT_COUNT && rank < 3;
        // What follows the beginning is rather of it.
        let late = rank < 3 && place >= began;
        if short || late || rank == 1 && count > 4 {
            continue;
        }
        let change = Change {
            time_ns: record.time_ns,
            place,
            component: gathered.names.text(sort.key.component).to_owned(),
            text: message(&sort.example),
            count,
            from: String::new(),
            to: String::new(),
        };
        if rank > 0 {
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

/// Of each template its first record, and how many there are.
fn firsts(gathered: &Gathered, merged: &Merged) -> HashMap<usize, (usize, usize)> {
    let mut seen: HashMap<usize, (usize, usize)> = HashMap::new();
    for (place, record) in gathered.records.iter().enumerate() {
        let sort = gathered.sorts.get(record.sort as usize);
        let template = sort.and_then(|sort| merged.place(sort.key.shape));
        if let Some(template) = template {
            seen.entry(template).or_insert((place, 0)).1 += 1;
        }
    }
    seen
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

/// How much the words of a line tell of a change.
fn rank(line: &str) -> u8 {
    let lower = line.to_ascii_lowercase();
    let told = WORDS
        .iter()
        .filter(|(word, _)| has_word(&lower, &word.to_ascii_lowercase()));
    told.map(|(_, rank)| *rank).max().unwrap_or(0)
}

/// The message of a line, or the line where it has none.
pub(super) fn message(line: &str) -> String {
    let header = cordon_fingerprint::header::read(line);
    let content = if header.content.is_empty() {
        line
    } else {
        header.content
    };
    content.trim().to_owned()
}

/// A value of a field that tells a version.
struct Version {
    value: Name,
    /// Its first line.
    time_ns: u64,
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
fn versions(gathered: &Gathered, began_ns: u64) -> Vec<Change> {
    let both = gathered.good.taken.iter().chain(&gathered.bad.taken);
    let mut facts: Vec<&Fact> = both.collect();
    facts.sort_by_key(|fact| fact.time_ns);
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
            if !late || new.time_ns > began_ns.saturating_add(BEHIND_NS) {
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
