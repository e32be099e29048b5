//! Decisions held to what the peers document: rows of `tests/golden/`.
//!
//! A file holds groups; a group has a plan, where its rows come from (`source`), and `cases`.
//! Every case is one of: `spans` of one trace, which is decided when its wait is up; `traces`
//! that share the state of one sampler, each `at` its time; `steps` of the state machine; or the
//! `text` of a configuration with the `problems` that are told of it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a row says what it needs by failing"
)]

use std::fmt::Debug;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::Path;
use std::sync::Arc;

use cordon_event::{Event, Kind, SpanId, SpanStatus, TraceId, Value};
use cordon_sample::{
    Decision, Limits, Plan, Problem, Sampler, Seen, SpanHeader, Trigger, import, tracestate,
};
use toml::{Table, Value as Toml};

/// Rows that there have to be.
const CASES_COUNT_MIN: usize = 300;
/// Where time begins.
const START_UNIX_MS: u64 = 1_700_000_000_000;
const DEFAULT_ID: &str = "00000000000000000000000000000001";

/// Rows that were checked, and what is wrong.
#[derive(Default)]
struct Score {
    cases: usize,
    wrong: Vec<String>,
}

impl Score {
    #[expect(clippy::needless_pass_by_value, reason = "rows are short")]
    fn check<T: PartialEq + Debug>(&mut self, place: &str, what: &str, is: T, wanted: T) {
        if is != wanted {
            self.wrong
                .push(format!("{place}: {what} is {is:?}, not {wanted:?}"));
        }
    }
}

#[test]
fn decisions_are_as_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    let mut score = Score::default();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "toml"))
    {
        let text = fs::read_to_string(file).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let table: Table = text.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
        for group in table["group"].as_array().unwrap() {
            run_group(&name, group.as_table().unwrap(), &mut score);
        }
    }
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
    assert!(score.cases >= CASES_COUNT_MIN, "{} cases", score.cases);
    println!("{} cases", score.cases);
}

fn read(format: &str, text: &str) -> Result<Plan, Vec<Problem>> {
    match format {
        "contrib" => import::contrib(text),
        "refinery" => import::refinery(text),
        _ => Plan::parse_native(text),
    }
}

fn run_group(file: &str, group: &Table, score: &mut Score) {
    let place = format!("{file}/{}", text(group, "name", "?"));
    let format = text(group, "format", "contrib");
    assert!(
        !text(group, "source", "").is_empty(),
        "{place} has no source"
    );
    for (i, case) in group["cases"].as_array().unwrap().iter().enumerate() {
        let case = case.as_table().unwrap();
        let place = format!("{place}[{i}]");
        let said = case.get("text").or_else(|| group.get("plan"));
        let plan = read(format, said.unwrap().as_str().unwrap());
        if let Some(problems) = case.get("problems") {
            check_problems(&place, plan, problems.as_array().unwrap(), score);
            continue;
        }
        let plan = match plan {
            Ok(plan) => plan,
            Err(problems) => {
                score.wrong.push(format!("{place}: not read: {problems:?}"));
                continue;
            }
        };
        check_round_trip(&place, &plan, score);
        check_notes(&place, &plan, case, score);
        let plan = Arc::new(plan);
        if case.contains_key("spans") {
            score.cases += 1;
            check_trace(&place, &plan, case, score);
        } else if case.contains_key("traces") {
            check_traces(&place, &plan, case, score);
        } else if case.contains_key("steps") {
            check_steps(&place, &plan, case, score);
        } else {
            score.cases += 1;
        }
    }
}

fn check_problems(
    place: &str,
    plan: Result<Plan, Vec<Problem>>,
    wanted: &[Toml],
    score: &mut Score,
) {
    score.cases += 1;
    let problems = plan.map(|_| ()).unwrap_err();
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for wanted in wanted {
        let wanted = wanted.as_str().unwrap();
        let is_told = all.iter().any(|problem| problem.contains(wanted));
        if !is_told {
            score
                .wrong
                .push(format!("{place}: {wanted:?} is not told: {all:?}"));
        }
    }
}

/// What is printed is read as the same plan.
fn check_round_trip(place: &str, plan: &Plan, score: &mut Score) {
    match Plan::parse_native(&plan.to_toml()) {
        Ok(again) => score.check(
            place,
            "digest of what is printed",
            again.digest(),
            plan.digest(),
        ),
        Err(problems) => score
            .wrong
            .push(format!("{place}: not read again: {problems:?}")),
    }
}

fn check_notes(place: &str, plan: &Plan, case: &Table, score: &mut Score) {
    let notes: Vec<String> = plan.notes().iter().map(ToString::to_string).collect();
    for wanted in case
        .get("notes")
        .and_then(Toml::as_array)
        .into_iter()
        .flatten()
    {
        let wanted = wanted.as_str().unwrap();
        if !notes.iter().any(|note| note.contains(wanted)) {
            score
                .wrong
                .push(format!("{place}: {wanted:?} is not noted: {notes:?}"));
        }
    }
    for wanted in case
        .get("prints")
        .and_then(Toml::as_array)
        .into_iter()
        .flatten()
    {
        let wanted = wanted.as_str().unwrap();
        if !plan.to_toml().contains(wanted) {
            score.wrong.push(format!(
                "{place}: {wanted:?} is not printed:\n{}",
                plan.to_toml()
            ));
        }
    }
}

fn check_trace(place: &str, plan: &Arc<Plan>, case: &Table, score: &mut Score) {
    let mut sampler = Sampler::new(Arc::clone(plan), Limits::default());
    let id = id(case);
    let decision = decide(&mut sampler, id, case, START_UNIX_MS);
    check_decision(place, &sampler, &decision, case, score);
}

fn check_traces(place: &str, plan: &Arc<Plan>, case: &Table, score: &mut Score) {
    let mut sampler = Sampler::new(Arc::clone(plan), Limits::default());
    for (i, trace) in case["traces"].as_array().unwrap().iter().enumerate() {
        score.cases += 1;
        let trace = trace.as_table().unwrap();
        // Another id for each trace, whose randomness is that of the one that was said.
        let mut id = id(trace);
        id.0[..4].copy_from_slice(&u32::try_from(i + 1).unwrap().to_be_bytes());
        let at = START_UNIX_MS + number(trace, "at", 0);
        let decision = decide(&mut sampler, id, trace, at);
        check_decision(
            &format!("{place}.traces[{i}]"),
            &sampler,
            &decision,
            trace,
            score,
        );
    }
}

/// Folds the spans of a trace before `at` and decides it there.
fn decide(sampler: &mut Sampler, id: TraceId, trace: &Table, at: u64) -> Decision {
    let one = Toml::Table(Table::new());
    let spans: Vec<Toml> = match &trace["spans"] {
        Toml::Integer(count) => vec![one; usize::try_from(*count).unwrap()],
        spans => spans.as_array().unwrap().clone(),
    };
    let mut decided = Vec::new();
    for span in &spans {
        let (header, event) = span_of(span.as_table().unwrap());
        let facts = sampler.plan().facts(&mac, &event);
        let facts = cordon_sample::Facts::decode(&facts.encode()).unwrap();
        assert_eq!(sampler.observe(id, &header, &facts, at), Seen::Waiting);
        decided.extend(sampler.tick(at));
    }
    decided.extend(sampler.drain(at));
    *decided
        .iter()
        .find(|decision| decision.trace_id == id)
        .unwrap()
}

fn check_decision(
    place: &str,
    sampler: &Sampler,
    decision: &Decision,
    case: &Table,
    score: &mut Score,
) {
    let verdict = decision.verdict;
    let place = format!("{place} ({})", text(case, "name", ""));
    score.check(
        &place,
        "keep",
        verdict.keep,
        case["keep"].as_bool().unwrap(),
    );
    if let Some(would) = case.get("would") {
        score.check(
            &place,
            "would keep",
            verdict.would_keep,
            would.as_bool().unwrap(),
        );
    }
    if let Some(code) = case.get("code") {
        score.check(
            &place,
            "code",
            verdict.reason.code.as_str(),
            code.as_str().unwrap(),
        );
    }
    if let Some(by) = case.get("by") {
        let name = sampler.plan().name(verdict.reason).unwrap_or_default();
        score.check(&place, "by", name, by.as_str().unwrap());
    }
    if let Some(th) = case.get("th") {
        let is = verdict.threshold.map(tracestate::th).unwrap_or_default();
        score.check(&place, "th", is.as_str(), th.as_str().unwrap());
    }
    if let Some(count) = case.get("count") {
        let count = count
            .as_float()
            .or(count.as_integer().map(|n| n as f64))
            .unwrap();
        let is_near = (verdict.adjusted_count - count).abs() < 1e-3 * count.max(1.0);
        score.check(
            &place,
            &format!("count {} near", verdict.adjusted_count),
            is_near,
            true,
        );
    }
    if let Some(trigger) = case.get("trigger") {
        score.check(
            &place,
            "trigger",
            trigger_name(decision.trigger),
            trigger.as_str().unwrap(),
        );
    }
}

fn trigger_name(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Waited => "waited",
        Trigger::Root => "root",
        Trigger::SpanLimit => "span_limit",
        Trigger::SizeLimit => "size_limit",
        Trigger::Overflow => "overflow",
        Trigger::Drained => "drained",
        Trigger::Remembered => "remembered",
    }
}

/// Steps: a `span` of `trace` is `seen`, or a `tick` decides.
fn check_steps(place: &str, plan: &Arc<Plan>, case: &Table, score: &mut Score) {
    let mut sampler = Sampler::new(Arc::clone(plan), Limits::default());
    for (i, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        score.cases += 1;
        let step = step.as_table().unwrap();
        let place = format!("{place}.steps[{i}]");
        let at = START_UNIX_MS + number(step, "at", 0);
        if let Some(seen) = step.get("seen") {
            let span = step
                .get("span")
                .and_then(Toml::as_table)
                .cloned()
                .unwrap_or_default();
            let (header, event) = span_of(&span);
            let facts = sampler.plan().facts(&mac, &event);
            let is = match sampler.observe(trace_named(step), &header, &facts, at) {
                Seen::Waiting => "waiting",
                Seen::Late(verdict) if verdict.keep => "late keep",
                Seen::Late(_) => "late drop",
                Seen::Upgraded(_) => "upgraded",
                Seen::Partial(_) => "partial",
                Seen::Busy => "busy",
            };
            score.check(&place, "seen", is, seen.as_str().unwrap());
            continue;
        }
        let decisions = if step.contains_key("drain") {
            sampler.drain(at)
        } else {
            sampler.tick(at)
        };
        let mut is: Vec<String> = decisions.iter().map(told).collect();
        is.sort();
        let wanted = step["decided"].as_array().unwrap().iter();
        let mut wanted: Vec<String> = wanted.map(|w| w.as_str().unwrap().to_owned()).collect();
        wanted.sort();
        score.check(&place, "decided", is, wanted);
    }
}

fn trace_named(step: &Table) -> TraceId {
    let name = text(step, "trace", "a").as_bytes()[0];
    TraceId([name; 16])
}

/// A decision in words: `a keep root sampled`.
fn told(decision: &Decision) -> String {
    let keep = if decision.verdict.keep {
        "keep"
    } else {
        "drop"
    };
    let trigger = trigger_name(decision.trigger);
    let code = decision.verdict.reason.code.as_str();
    format!("{} {keep} {trigger} {code}", decision.trace_id.0[0] as char)
}

fn mac(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn text<'a>(table: &'a Table, key: &str, default: &'a str) -> &'a str {
    table
        .get(key)
        .map_or(default, |value| value.as_str().unwrap())
}

fn number(table: &Table, key: &str, default: u64) -> u64 {
    let value = table.get(key).and_then(Toml::as_integer);
    value.map_or(default, i64::unsigned_abs)
}

fn id(case: &Table) -> TraceId {
    TraceId::parse(text(case, "id", DEFAULT_ID)).unwrap()
}

fn pairs(table: &Table, key: &str) -> Vec<(String, Value)> {
    let pairs = table
        .get(key)
        .and_then(Toml::as_table)
        .into_iter()
        .flatten();
    pairs
        .map(|(key, value)| (key.clone(), value_of(value)))
        .collect()
}

fn value_of(value: &Toml) -> Value {
    match value {
        Toml::String(text) => Value::String(text.clone()),
        Toml::Integer(n) => Value::Int(*n),
        Toml::Float(n) => Value::Double(*n),
        Toml::Boolean(truth) => Value::Bool(*truth),
        Toml::Datetime(time) => Value::String(time.to_string()),
        Toml::Array(items) => Value::Array(items.iter().map(value_of).collect()),
        Toml::Table(table) => Value::Map(
            table
                .iter()
                .map(|(k, v)| (k.clone(), value_of(v)))
                .collect(),
        ),
    }
}

/// A span: `ms` begins and ends it, `attr`, `res` and `scope` are its attributes.
fn span_of(row: &Table) -> (SpanHeader, Event) {
    let times = row.get("ms").and_then(Toml::as_array);
    let ms = |i: usize| {
        let time = times.map(|times| times[i].clone());
        let time = time.and_then(|t| t.as_float().or(t.as_integer().map(|n| n as f64)));
        ((START_UNIX_MS as f64 + time.unwrap_or(i as f64)) * 1e6).round() as u64
    };
    // Whole milliseconds are exact, which a sum in floating point is not.
    let exact = |i: usize| match times.map(|times| &times[i]) {
        Some(Toml::Integer(n)) => START_UNIX_MS.strict_add_signed(*n) * 1_000_000,
        Some(Toml::Float(n)) => START_UNIX_MS * 1_000_000 + (n * 1e6).round() as u64,
        _ => ms(i),
    };
    let is_exception = row.get("exception").is_some();
    let event = Event {
        kind: if is_exception {
            Kind::SpanException
        } else {
            Kind::Span
        },
        time_unix_ns: exact(0),
        end_unix_ns: exact(1),
        status: match text(row, "status", "unset") {
            "ok" => SpanStatus::Ok,
            "error" => SpanStatus::Error,
            _ => SpanStatus::Unset,
        },
        trace_id: TraceId::parse(DEFAULT_ID).ok(),
        span_id: Some(SpanId([7; 8])),
        parent_span_id: if row.contains_key("root") {
            None
        } else {
            Some(SpanId([1; 8]))
        },
        name: text(row, "span", "op").to_owned(),
        trace_state: text(row, "state", "").to_owned(),
        body: Value::String(text(row, "message", "").to_owned()),
        attributes: pairs(row, "attr"),
        resource: pairs(row, "res").into(),
        scope: pairs(row, "scope").into(),
        ..Event::default()
    };
    let flags = u32::try_from(number(row, "flags", 0)).unwrap();
    let mut header = SpanHeader::of(&event, number(row, "bytes", 100), flags);
    header.new_failure = row.contains_key("new_failure");
    (header, event)
}
