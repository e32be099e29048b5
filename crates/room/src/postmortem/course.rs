//! The course of an incident: when it began, was seen, taken on, contained and over.

use serde_json::{Value as Json, json};

use crate::time::{self, When, duration};

/// The moments, in order.
const STEPS: [&str; 5] = ["began", "detected", "acknowledged", "contained", "resolved"];
/// Lengths of time, each from one moment to another.
const LENGTHS: [(&str, &str, &str); 4] = [
    ("to_detect", "began", "detected"),
    ("to_acknowledge", "detected", "acknowledged"),
    ("to_contain", "began", "contained"),
    ("to_resolve", "began", "resolved"),
];

/// A moment of the course.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) ns: Option<u64>,
    /// The entry that it is taken from; none where it was given.
    entry: Option<Json>,
    given: bool,
}

/// The course, as far as it is told.
pub(super) fn course(report: &Json, given: &Json) -> Vec<Step> {
    let empty = Vec::new();
    let timeline = report
        .get("timeline")
        .and_then(Json::as_array)
        .unwrap_or(&empty);
    let mut from = None;
    let steps = STEPS.iter().map(|&name| {
        let told = given.pointer(&format!("/times/{name}"));
        let told = told.and_then(Json::as_str).and_then(time::read);
        if let Some(ns) = told.and_then(When::unix_ns) {
            from = Some(ns);
            return Step {
                name,
                ns: Some(ns),
                entry: None,
                given: true,
            };
        }
        let entry = entry(name, timeline, from);
        let ns = entry.and_then(|entry| entry.get("time_ns")?.as_u64());
        from = ns.or(from);
        Step {
            name,
            ns,
            entry: entry.cloned(),
            given: false,
        }
    });
    steps.collect()
}

/// The entry of the timeline that tells of a moment, not before `from`.
fn entry<'t>(name: &str, timeline: &'t [Json], from: Option<u64>) -> Option<&'t Json> {
    let text = |entry: &Json, key: &str| entry.get(key).and_then(Json::as_str).map(str::to_owned);
    let mut timed = timeline.iter().filter(|entry| {
        let ns = entry.get("time_ns").and_then(Json::as_u64);
        ns.is_some_and(|ns| from.is_none_or(|from| ns >= from))
    });
    let kind = |entry: &Json| text(entry, "kind").unwrap_or_default();
    let mark = |entry: &Json| text(entry, "mark").unwrap_or_default();
    let human = |entry: &Json| text(entry, "who").is_some_and(|who| !who.is_empty());
    match name {
        "began" => timed.find(|entry| kind(entry) == "failure" || mark(entry) == "detected"),
        "detected" => timed
            .find(|entry| mark(entry) == "detected" && (human(entry) || kind(entry) == "alert")),
        "acknowledged" => timed.find(|entry| {
            let acts = matches!(kind(entry).as_str(), "action" | "decision");
            mark(entry) == "acknowledged" || human(entry) && acts
        }),
        "contained" => timed.find(|entry| matches!(mark(entry).as_str(), "contained" | "resolved")),
        _ => timed
            .clone()
            .rfind(|entry| mark(entry) == "resolved")
            .or_else(|| timed.rfind(|entry| kind(entry) == "recovery")),
    }
}

impl Step {
    fn json(&self) -> Json {
        let entry = self.entry.as_ref();
        let part = |key: &str| entry.and_then(|entry| entry.get(key)).cloned();
        json!({
            "how": match (self.given, self.ns) {
                (true, _) => "given",
                (false, Some(_)) => "computed",
                (false, None) => "unknown",
            },
            "text": part("text"),
            "who": part("who"),
            "source": part("source"),
            "line": part("line"),
            "assumed": part("assumed"),
        })
    }
}

/// The moments, where each comes from, and the lengths of time between them.
pub(super) fn json(course: &[Step]) -> (Json, Json, Json) {
    let times = course.iter().map(|step| {
        let time = step.ns.map(time::rfc3339);
        (step.name.to_owned(), Json::from(time))
    });
    let steps = course
        .iter()
        .map(|step| (step.name.to_owned(), step.json()));
    let lengths = LENGTHS.iter().map(|(name, from, to)| {
        let length = length(course, from, to);
        let told = json!({
            "seconds": length.map(|ns| ns / time::SECOND_NS),
            "text": length.map(duration),
            "from": from,
            "to": to,
        });
        ((*name).to_owned(), told)
    });
    (
        Json::Object(times.collect()),
        Json::Object(steps.collect()),
        Json::Object(lengths.collect()),
    )
}

/// The time from one moment to another, in nanoseconds.
pub(super) fn length(course: &[Step], from: &str, to: &str) -> Option<u64> {
    let at = |name: &str| course.iter().find(|step| step.name == name)?.ns;
    at(to)?.checked_sub(at(from)?)
}
