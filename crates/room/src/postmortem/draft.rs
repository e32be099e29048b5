//! The draft as JSON.

use serde_json::{Value as Json, json};

use super::course::{self, Step, length};
use super::privacy::privacy;
use crate::chat::speaker;
use crate::text::{folded, has, shown};
use crate::time::{SECOND_NS, duration};

/// Schema of a postmortem, and its version.
const SCHEMA: &str = "cordon.postmortem";
const VERSION: u32 = 1;
/// Entries of each list.
const ENTRIES_COUNT_MAX: usize = 60;
/// Alerts and stacks that are told of.
const ALERTS_COUNT_MAX: usize = 3;
const STACKS_COUNT_MAX: usize = 3;
/// Entries of the timeline.
const TIMELINE_COUNT_MAX: usize = 200;
/// An incident that is seen or taken on within this is seen or taken on fast.
const FAST_NS: u64 = 5 * 60 * SECOND_NS;
/// One that is not within this is not.
const SLOW_NS: u64 = 15 * 60 * SECOND_NS;
/// Words that stand for a date at the end of a task.
const DEADLINES: [&str; 16] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "tomorrow",
    "today",
    "eod",
    "eow",
    "next week",
    "end of week",
    "end of day",
    "next sprint",
    "this week",
];

/// A draft of a postmortem of a report ([`crate::Room::report`]) and what its user gives: an object
/// with some of the draft's own members, each of which takes the place of what is computed, and
/// `findings`, the counts by class that the privacy score is made of.
pub fn draft(report: &Json, given: &Json) -> Json {
    let course = course::course(report, given);
    let (times, moments, lengths) = course::json(&course);
    let (well, badly) = judged(report, &course);
    let text = |name: &str| given.get(name).and_then(Json::as_str).map(str::to_owned);
    let or_joined = |name: &str, computed: Vec<String>| {
        let joined = || Some(computed.join("\n")).filter(|text| !text.is_empty());
        text(name).or_else(joined)
    };
    let or_list = |name: &str, computed: Vec<String>| {
        let told = given.get(name).filter(|list| list.is_array());
        told.map_or(computed, |list| texts(Some(list)))
    };
    let status = if at(&course, "resolved").is_some() {
        "resolved"
    } else {
        "open"
    };
    json!({
        "schema": SCHEMA,
        "version": VERSION,
        "title": text("title").or_else(|| title(report)),
        "severity": text("severity"),
        "owner": text("owner"),
        "status": text("status").unwrap_or_else(|| status.to_owned()),
        "summary": or_joined("summary", summary(report)),
        "what_happened": or_joined("what_happened", happened(report)),
        "why": or_joined("why", why(report)),
        "impact": or_joined("impact", texts(report.pointer("/notes/impact"))),
        "went_well": or_list("went_well", well),
        "went_badly": or_list("went_badly", badly),
        "actions": actions(report, given),
        "times": times,
        "moments": moments,
        "lengths": lengths,
        "timeline": timeline(report, given),
        "open_questions": or_list("open_questions", texts(report.pointer("/notes/questions"))),
        "hypotheses": or_list("hypotheses", texts(report.pointer("/notes/hypotheses"))),
        "privacy": privacy(given),
        "access": entries(given.get("access")),
        "sources": report.get("sources"),
    })
}

fn at(course: &[Step], name: &str) -> Option<u64> {
    course.iter().find(|step| step.name == name)?.ns
}

/// The entries of a list.
fn entries(list: Option<&Json>) -> Vec<Json> {
    let all = list.and_then(Json::as_array).into_iter().flatten();
    all.take(TIMELINE_COUNT_MAX).cloned().collect()
}

/// The texts of a list, whose entries are texts or have one.
fn texts(list: Option<&Json>) -> Vec<String> {
    let all = list.and_then(Json::as_array).into_iter().flatten();
    let told = all.filter_map(|entry| entry.as_str().or_else(|| entry.get("text")?.as_str()));
    let told = told.filter(|text| !text.trim().is_empty());
    told.take(ENTRIES_COUNT_MAX).map(shown).collect()
}

fn timeline(report: &Json, given: &Json) -> Vec<Json> {
    let given = given.get("timeline").filter(|list| list.is_array());
    entries(given.or_else(|| report.get("timeline")))
}

/// What the first alert or the decisive failure is called.
fn title(report: &Json) -> Option<String> {
    let alert = report.pointer("/alerts/0/title").and_then(Json::as_str);
    let failure = report
        .pointer("/diagnosis/decisive/message")
        .and_then(Json::as_str);
    alert
        .or(failure)
        .filter(|title| !title.is_empty())
        .map(shown)
}

/// What the diagnosis says, where it has an answer.
fn answered<'r>(report: &'r Json, path: &str) -> Option<&'r Json> {
    let answered = report.pointer("/diagnosis/abstained") == Some(&Json::Bool(false));
    report
        .pointer(&format!("/diagnosis/{path}"))
        .filter(|told| answered && !told.is_null())
}

/// What the diagnosis says; where it does not, what the alerts are called.
fn summary(report: &Json) -> Vec<String> {
    let said = texts(answered(report, "summary"));
    if !said.is_empty() {
        return said;
    }
    let alerts = report
        .get("alerts")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let titles = alerts
        .filter_map(|alert| alert.get("title")?.as_str())
        .map(shown);
    let mut titles: Vec<String> = titles.take(ALERTS_COUNT_MAX).collect();
    titles.dedup();
    titles
}

/// What changed, failed, was done and was over, in order, with its time.
fn happened(report: &Json) -> Vec<String> {
    let all = report
        .get("timeline")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let text = |entry: &Json, key: &str| {
        let found = entry.get(key).and_then(Json::as_str).map(str::to_owned);
        found.unwrap_or_default()
    };
    // Who takes it on is told once.
    let mut taken = false;
    let told = all.filter(|entry| {
        let (kind, mark) = (text(entry, "kind"), text(entry, "mark"));
        let again = mark == "acknowledged" && taken;
        taken |= mark == "acknowledged";
        let tells = !matches!(kind.as_str(), "message" | "silence") || !mark.is_empty();
        tells && !again
    });
    let lines = told.take(ENTRIES_COUNT_MAX).map(|entry| {
        let time = [text(entry, "time"), text(entry, "clock")].concat();
        let who = [text(entry, "who"), text(entry, "component")];
        let who = who.into_iter().find(|who| !who.is_empty());
        let who = who.map_or_else(String::new, |who| format!("{who}: "));
        let said = format!(
            "{time} {}: {who}{}",
            text(entry, "kind"),
            text(entry, "text")
        );
        said.trim().to_owned()
    });
    lines.collect()
}

/// The cause, as far as it is known: what fails, what changed before, what was raised.
fn why(report: &Json) -> Vec<String> {
    let mut said = Vec::new();
    let text = |told: &Json| told.as_str().filter(|text| !text.is_empty()).map(shown);
    if let Some(failing) = answered(report, "decisive/message").and_then(text) {
        said.push(format!("What fails: {failing}"));
    }
    let changes = texts(answered(report, "changes"));
    said.extend(
        changes
            .into_iter()
            .map(|change| format!("Changed before: {change}")),
    );
    let stacks = report
        .get("stacks")
        .and_then(Json::as_array)
        .into_iter()
        .flatten();
    let explained = stacks.filter_map(|stack| stack.get("explained").and_then(text));
    said.extend(explained.take(STACKS_COUNT_MAX));
    said
}

/// What went well and what did not: what people said, and what the times tell.
fn judged(report: &Json, course: &[Step]) -> (Vec<String>, Vec<String>) {
    let mut well = texts(report.pointer("/notes/well"));
    let mut badly = texts(report.pointer("/notes/badly"));
    let spans = [
        ("began", "detected", "It was seen"),
        ("detected", "acknowledged", "It was taken on"),
    ];
    for (from, to, said) in spans {
        let Some(ns) = length(course, from, to) else {
            continue;
        };
        let after = if from == "began" {
            "it began"
        } else {
            "it was seen"
        };
        let told = format!("{said} {} after {after}.", duration(ns));
        if ns <= FAST_NS {
            well.push(told);
        } else if ns >= SLOW_NS {
            badly.push(told);
        }
    }
    let unanswered = report.pointer("/notes/questions").and_then(Json::as_array);
    let count = unanswered.map_or(0, Vec::len);
    if count > 0 {
        let noun = if count == 1 {
            "question was"
        } else {
            "questions were"
        };
        badly.push(format!("{count} {noun} not answered."));
    }
    (well, badly)
}

/// What is left to do: what is given, or what people said. Owner and date are what was said, or
/// open.
fn actions(report: &Json, given: &Json) -> Vec<Json> {
    let text = |entry: &Json, key: &str| {
        let told = entry.get(key).and_then(Json::as_str).map(shown);
        told.filter(|text| !text.is_empty())
    };
    if let Some(list) = given.get("actions").filter(|list| list.is_array()) {
        let all = entries(Some(list)).into_iter().filter_map(|entry| {
            let said = entry.as_str().map(shown).or_else(|| text(&entry, "text"))?;
            let (owner, due) = (text(&entry, "owner"), text(&entry, "due"));
            Some(json!({ "text": said, "owner": owner, "due": due }))
        });
        return all.take(ENTRIES_COUNT_MAX).collect();
    }
    let people = texts(report.pointer("/notes/people"));
    let tasks = entries(report.pointer("/notes/tasks")).into_iter();
    let said = tasks.filter_map(|entry| {
        let said = text(&entry, "text")?;
        Some(json!({
            "text": said,
            "owner": owner(&said, text(&entry, "who"), &people),
            "due": due(&said),
            "source": entry.get("source"),
            "line": entry.get("line"),
        }))
    });
    said.take(ENTRIES_COUNT_MAX).collect()
}

/// Whom a task names, or who takes it on in their own words.
fn owner(said: &str, who: Option<String>, people: &[String]) -> Option<String> {
    let named = said
        .split_whitespace()
        .find(|word| word.starts_with('@') && word.len() > 1);
    if let Some(name) = named {
        let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        return Some(name.to_owned()).filter(|name| !matches!(name.as_str(), "here" | "channel"));
    }
    // `Bo Lund: add an alert`, `Bo to add an alert`, `add an alert (Bo)`.
    if let Some((name, _)) = speaker(said) {
        return Some(name.to_owned());
    }
    let bare = said.trim_end_matches(['.', ' ']);
    let behind = bare
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit('(').next());
    let lower = said.to_lowercase();
    let named = people.iter().find(|person| {
        let full = person.to_lowercase();
        let first = full
            .split([' ', ',', '.'])
            .next()
            .unwrap_or_default()
            .to_owned();
        [full, first]
            .iter()
            .filter(|name| name.len() > 1)
            .any(|name| {
                let verbs = [" to ", " will ", " adds ", " is going to ", " - ", " – "];
                let leads = lower
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| verbs.iter().any(|verb| rest.starts_with(verb)));
                leads || behind.is_some_and(|behind| behind.to_lowercase() == *name)
            })
    });
    if named.is_some() {
        return named.cloned();
    }
    let own = has(&folded(said), "i will|ill|i can|im going to|ive got|let me");
    who.filter(|who| own && !who.is_empty())
}

/// The date that a task names, in its own words.
fn due(said: &str) -> Option<String> {
    let lower = said.to_ascii_lowercase();
    let by = [" by ", " before ", " until "].iter().filter_map(|word| {
        let at = lower.rfind(word)? + word.len();
        said.get(at..)
    });
    let last = DEADLINES.iter().find_map(|word| {
        let bare = lower.trim_end_matches(['.', '!', ' ']);
        let at = bare.strip_suffix(word)?;
        at.ends_with(' ').then(|| said.get(at.len()..bare.len()))?
    });
    let named = by.into_iter().chain(last).find(|rest| {
        let rest = rest.to_ascii_lowercase();
        let dated = rest.starts_with(|c: char| c.is_ascii_digit());
        dated || DEADLINES.iter().any(|word| rest.contains(word))
    });
    let short = named.map(|rest| rest.trim_end_matches(['.', '!', ' ']));
    short
        .filter(|rest| rest.split(' ').count() <= 4)
        .map(str::to_owned)
}
