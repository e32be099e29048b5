//! A report as text, Markdown and JSON: the answer first, and no message twice.

use serde_json::{Value as Json, json};

use super::advice;
use super::before::Change;
use super::lift::Shared;
use super::moment::{full, in_file, line, short, with_line};
use super::report::{Report, Told, Verdict};
use super::trend::{Growth, Silence};
use crate::incident::render as shown;
use crate::incident::words::percent;
use crate::layout::{COLUMNS_MAX, wrapped};
use crate::sentence::{printable, verbatim};

/// Schema of the JSON form.
const SCHEMA: &str = "cordon.diagnosis.log";
/// Version of the schema; raised when a member changes its meaning or goes.
const VERSION: u32 = 1;
/// What begins in the first of so many parts of a log, or within so many records, begins with it.
const BEGINNING_PARTS: usize = 10;
const BEGINNING_RECORDS: usize = 20;
/// What came last before the last of so many parts of a log came last long before its end.
const LAST_PARTS: u64 = 10;
/// Characters of a message, and of an example line.
const MESSAGE_CHARS_MAX: usize = 200;
const EXAMPLE_CHARS_MAX: usize = 420;
/// Components that are named.
const COMPONENTS_COUNT_MAX: usize = 4;

/// How a form marks its parts.
struct Form {
    heading: fn(&str) -> String,
    item: &'static str,
    further: &'static str,
    columns_max: usize,
}

/// The report for a terminal.
pub fn text(report: &Report) -> String {
    let form = Form {
        heading: |title| format!("{}\n", title.to_uppercase()),
        item: "  ",
        further: "    ",
        columns_max: COLUMNS_MAX,
    };
    write(report, &form)
}

/// The report in Markdown, for a page or a ticket.
pub fn markdown(report: &Report) -> String {
    let form = Form {
        heading: |title| format!("## {title}\n\n"),
        item: "- ",
        further: "  ",
        columns_max: usize::MAX,
    };
    write(report, &form)
}

fn write(report: &Report, form: &Form) -> String {
    let mut out = String::new();
    for (title, lines) in sections(report) {
        if lines.is_empty() {
            continue;
        }
        out.push_str(&(form.heading)(title));
        for line in lines {
            wrapped(&mut out, form.columns_max, (form.item, form.further), &line);
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What is said, under its titles.
fn sections(report: &Report) -> Vec<(&'static str, Vec<String>)> {
    let others = match report.verdict {
        Verdict::FailingThroughout => "Also failing",
        _ => "With it",
    };
    vec![
        ("Answer", answer(report)),
        (
            "Changed or new before",
            report
                .changes
                .iter()
                .map(|one| change(report, one))
                .collect(),
        ),
        (
            "Grew before",
            report.grew.iter().map(|one| grew(report, one)).collect(),
        ),
        (
            "Fell silent",
            report
                .silent
                .iter()
                .map(|one| silent(report, one))
                .collect(),
        ),
        (
            others,
            report
                .problems
                .iter()
                .skip(1)
                .map(|told| other(report, told))
                .collect(),
        ),
        ("Example", example(report)),
        ("Where it is raised", raised(report)),
        (
            "Suspect places",
            shown::places(&report.frames, &report.commits, report.commit_verdict),
        ),
        ("What may be done", advice::ladder(report)),
        ("Also, at other times", steady(report, false)),
        ("There all along", steady(report, true)),
        ("Read", read(report)),
    ]
}

/// The answer in short.
fn answer(report: &Report) -> Vec<String> {
    let Some(first) = report.decisive() else {
        return vec![nothing(report)];
    };
    let mut said = Vec::new();
    match report.verdict {
        Verdict::FailingThroughout => {
            said.push(uncompared(first));
            said.push(format!(
                "What fails: {}, {}.",
                message(first),
                amount(report, first)
            ));
            said.push(teller(first));
        }
        Verdict::NewUnjudged => {
            said.push(format!(
                "New since {}, and it is not known whether it is bad: {}, {}.",
                with_line(report, first.from),
                message(first),
                amount(report, first)
            ));
            said.push(teller(first));
        }
        _ => {
            said.push(failing(report, first));
            said.push(format!(
                "Decisive: {}, {}.",
                message(first),
                amount(report, first)
            ));
        }
    }
    said.extend(episodes(report, first));
    said.extend(report.shared.iter().map(|one| common(first, one)));
    said.extend(tie(report));
    said.push(format!("Confidence {}.", percent(report.confidence)));
    said
}

/// Why nothing is compared.
fn uncompared(first: &Told) -> String {
    let since = match first.from.record {
        1 => "its first line",
        record if record <= (first.lines / BEGINNING_PARTS).max(BEGINNING_RECORDS) => {
            "its beginning"
        }
        _ => {
            return "No one moment parts this log: its errors come at several times, with others \
                    between."
                .to_owned();
        }
    };
    format!("There is nothing to compare with: this log has errors from {since} on.")
}

/// What is said where nothing is named.
fn nothing(report: &Report) -> String {
    if report.verdict == Verdict::NothingRead {
        return "No line was read. Expected are lines of a log: text, JSON or logfmt, one a line."
            .to_owned();
    }
    let lines = report.counts.records;
    let few = if lines < 50 {
        " That is too little to compare."
    } else {
        ""
    };
    format!(
        "Nothing new stands out in {lines} records: levels, words of trouble, statuses and \
         durations were looked at.{few} Whether users felt something, a log alone does not tell."
    )
}

/// Who wrote it, as the subject of a sentence; empty where the log does not tell.
fn who(told: &Told) -> String {
    let named = told.components.iter().filter(|(name, _)| !name.is_empty());
    let named: Vec<&(String, usize)> = named.collect();
    let all: usize = told.components.iter().map(|(_, count)| count).sum();
    match named.as_slice() {
        [] => String::new(),
        [(name, count), ..] if *count as f64 >= 0.9 * all as f64 => printable(name),
        several => {
            let names: Vec<String> = several
                .iter()
                .take(COMPONENTS_COUNT_MAX)
                .map(|(name, count)| format!("{} ({count})", printable(name)))
                .collect();
            let more = several.len().saturating_sub(COMPONENTS_COUNT_MAX);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let alike = if several.len() > 1 { " alike" } else { "" };
            format!("{}{more}{alike}", names.join(", "))
        }
    }
}

/// Who tells it, as a sentence.
fn teller(told: &Told) -> String {
    match who(told).as_str() {
        "" => "The log does not name its component.".to_owned(),
        who => format!("It is told by {who}."),
    }
}

/// Who fails, since when, and until when.
fn failing(report: &Report, first: &Told) -> String {
    let began = report
        .began
        .map(|began| with_line(report, began))
        .unwrap_or_default();
    let until = match report.stopped {
        Some(stopped) => format!("stopped at {}", with_line(report, stopped)),
        None if report.problems.iter().any(|told| told.count > 1) => unstopped(report),
        None => String::new(),
    };
    let and = if until.is_empty() { "" } else { " and " };
    match who(first).as_str() {
        "" => format!("It began at {began}{and}{until}. The log does not name its component."),
        who => format!("What fails is told by {who}. It began at {began}{and}{until}."),
    }
}

/// What is said of an end that is not known: of what came last long before the log ends, when.
fn unstopped(report: &Report) -> String {
    let last = report.problems.iter().map(|told| told.to);
    let Some(last) = last.max_by_key(|last| last.record) else {
        return String::new();
    };
    let (rest, all) = if report.timed {
        let rest = report.to.time_ns.saturating_sub(last.time_ns);
        (rest, report.to.time_ns.saturating_sub(report.from.time_ns))
    } else {
        let rest = report.to.record.saturating_sub(last.record);
        (rest as u64, report.to.record as u64)
    };
    if rest > all / LAST_PARTS {
        format!("came last at {}", with_line(report, last))
    } else {
        "had not stopped when the log ends".to_owned()
    }
}

/// When it came, stopped and came again.
fn episodes(report: &Report, told: &Told) -> Option<String> {
    let said: Vec<String> = told
        .episodes
        .iter()
        .map(|(from, to, count)| {
            format!(
                "{} to {} ({count} lines)",
                short(report, *from),
                short(report, *to)
            )
        })
        .collect();
    (!said.is_empty()).then(|| format!("It came {} times: {}.", said.len(), said.join(", ")))
}

/// A number that grew.
fn grew(report: &Report, one: &Growth) -> String {
    let component = match one.component.as_str() {
        "" => String::new(),
        name => format!("{}: ", printable(name)),
    };
    format!(
        "{component}`{}` grew from {} at {} to {} at {}",
        printable(&one.key),
        printable(&one.from),
        short(report, one.since),
        printable(&one.to),
        short(report, one.until),
    )
}

/// What came regularly and comes no more.
fn silent(report: &Report, one: &Silence) -> String {
    let what = match (one.component.as_str(), one.text.as_str()) {
        (name, "") => format!("{} wrote", printable(name)),
        ("", text) => format!("`{}` came", cut(text, MESSAGE_CHARS_MAX)),
        (name, text) => format!(
            "{}: `{}` came",
            printable(name),
            cut(text, MESSAGE_CHARS_MAX)
        ),
    };
    let last = match one.last.line {
        0 => short(report, one.last),
        number if report.timed => format!("{} ({})", short(report, one.last), line(report, number)),
        number => line(report, number),
    };
    format!(
        "{what} every {}, {} times, last at {last}",
        every(one.every_ns),
        one.count
    )
}

/// A distance of time in words.
fn every(ns: u64) -> String {
    match ns / 1_000_000 {
        ms @ 0..10_000 => format!("{ms} ms"),
        ms @ 10_000..600_000 => format!("{} s", ms / 1_000),
        ms @ 600_000..36_000_000 => format!("{} min", ms / 60_000),
        ms => format!("{} h", ms / 3_600_000),
    }
}

/// A template whose slots stand in one pair of brackets, as the log has them in one itself.
fn unbracketed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<<") {
        let (before, behind) = rest.split_at(at);
        let inner = behind.get(1..).unwrap_or_default();
        let end = inner.find('>').map_or(0, |end| end + 1);
        let slot = inner.get(..end).unwrap_or_default();
        let name = slot.trim_matches(['<', '>']);
        let doubled = inner.get(end..).is_some_and(|rest| rest.starts_with('>'))
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'*');
        out.push_str(before);
        if doubled {
            out.push_str(slot);
            rest = inner.get(end + 1..).unwrap_or_default();
        } else {
            out.push('<');
            rest = inner;
        }
    }
    out.push_str(rest);
    out
}

/// The message, cut in the middle.
fn message(told: &Told) -> String {
    let text = if told.subject == "message" {
        format!("`{}`", cut(&unbracketed(&told.text), MESSAGE_CHARS_MAX))
    } else {
        told.text.clone()
    };
    let raised = [&told.raised, &told.root];
    let raised = raised.into_iter().rev().find(|raised| !raised.is_empty());
    match raised {
        Some(raised) if !told.text.contains(raised.as_str()) => {
            format!("{text}, from `{}`", cut(raised, MESSAGE_CHARS_MAX))
        }
        _ => text,
    }
}

/// How often, of how many, and before.
fn amount(report: &Report, told: &Told) -> String {
    if told.count == 1 && told.count_before == 0 {
        return match told.from.line {
            0 => format!("once, in record {}", told.from.record),
            number => format!("once, in {}", line(report, number)),
        };
    }
    let times = format!("{} times", told.count);
    let before = match (told.count_before, told.lines_before) {
        (_, 0) => String::new(),
        (0, lines) => format!(", never in the {lines} before"),
        (count, lines) => format!(", {count} in the {lines} before"),
    };
    let records = if told.lines == 1 { "record" } else { "records" };
    format!("{times} in {} {records}{before}", told.lines)
}

/// What the failing lines have in common.
fn common(first: &Told, shared: &Shared) -> String {
    let whose = match (shared.failing >= 0.9995, first.count) {
        (true, 1..=2) => "They".to_owned(),
        (true, count) => format!("All {count}"),
        (false, _) => format!("{} of them", percent(shared.failing)),
    };
    let what = match shared.key.as_str() {
        "address" => format!("name `{}`", printable(&shared.value)),
        "route" => format!("are `{}`", printable(&shared.value)),
        key => format!("have `{}={}`", printable(key), printable(&shared.value)),
    };
    let others = match shared.others {
        Some(0.0) => "; no other line does".to_owned(),
        Some(others) => format!("; {} of the other lines do", percent(others)),
        None => String::new(),
    };
    let clean = match shared.clean_values {
        0 => String::new(),
        1 => ", and the one other value never fails".to_owned(),
        count => format!(", and the {count} other values never fail"),
    };
    format!("{whose} {what}{others}{clean}.")
}

/// Another problem that may be the cause as well.
fn tie(report: &Report) -> Option<String> {
    let other = report.problems.get(report.tied?)?;
    Some(format!(
        "As much speaks for another one: {}.",
        message(other)
    ))
}

fn change(report: &Report, change: &Change) -> String {
    let moment = super::report::Moment {
        time_ns: change.time_ns,
        record: change.place + 1,
        line: change.line,
    };
    let component = match change.component.as_str() {
        "" => String::new(),
        name => format!("{}: ", printable(name)),
    };
    let times = if change.count > 1 {
        format!(" ({} such lines)", change.count)
    } else {
        String::new()
    };
    let place = match change.line {
        number if number > 0 && report.timed => format!(" ({})", line(report, number)),
        _ => String::new(),
    };
    format!(
        "{}{place}  {component}{}{times}",
        short(report, moment),
        cut(&change.text, MESSAGE_CHARS_MAX)
    )
}

/// Another problem, with its first moment.
fn other(report: &Report, told: &Told) -> String {
    let named = told.components.iter().find(|(name, _)| !name.is_empty());
    let component = named.map_or_else(String::new, |(name, _)| format!("{}: ", printable(name)));
    format!(
        "{}  {component}{}, {}",
        short(report, told.from),
        message(told),
        amount(report, told)
    )
}

/// Problems beside those that began: those that were there all along, or the others.
fn steady(report: &Report, all_along: bool) -> Vec<String> {
    let told = report.steady.iter();
    told.filter(|told| told.all_along == all_along)
        .map(|told| beside(report, told))
        .collect()
}

fn beside(report: &Report, told: &Told) -> String {
    let named = told.components.iter().find(|(name, _)| !name.is_empty());
    let component = named.map_or_else(String::new, |(name, _)| format!("{}: ", printable(name)));
    let times = if told.count == 1 {
        "once".to_owned()
    } else {
        format!("{} times", told.count)
    };
    format!(
        "{component}{}, {times}, from {} to {}",
        message(told),
        short(report, told.from),
        short(report, told.to)
    )
}

fn example(report: &Report) -> Vec<String> {
    let Some(first) = report.decisive().filter(|told| !told.example.is_empty()) else {
        return Vec::new();
    };
    let line = match first.example_file.as_str() {
        "" => format!("Line {}:", first.example_line),
        file => format!("Line {} of {}:", first.example_line, printable(file)),
    };
    let example = verbatim(&first.example);
    let mut said = vec![line, middle(example, EXAMPLE_CHARS_MAX)];
    if !report.constant.is_empty() {
        said.push(format!(
            "Lines like it: `grep -nF -e '{}'`",
            printable(&report.constant)
        ));
    }
    said
}

fn raised(report: &Report) -> Vec<String> {
    let Some(first) = report.decisive().filter(|told| !told.raised.is_empty()) else {
        return Vec::new();
    };
    let mut said = Vec::new();
    let at = if first.place.is_empty() {
        String::new()
    } else {
        format!(" at {}", printable(&first.place))
    };
    said.push(format!("`{}`{at}", cut(&first.raised, MESSAGE_CHARS_MAX)));
    if !first.root.is_empty() {
        said.push(format!(
            "innermost cause: `{}`",
            cut(&first.root, MESSAGE_CHARS_MAX)
        ));
    }
    said
}

fn read(report: &Report) -> Vec<String> {
    if report.verdict == Verdict::NothingRead {
        return Vec::new();
    }
    let counts = report.counts;
    let lines = counts.records + counts.continuations;
    let timeless = match counts.timeless {
        0 => String::new(),
        all if all == counts.records => "; no line tells its time".to_owned(),
        some => format!("; {some} records tell no time"),
    };
    let left = match report.left_out {
        0 => String::new(),
        left => format!("; {left} records beyond the limit were left out"),
    };
    let span = if report.timed {
        format!(
            ", from {} to {}",
            full(report, report.from),
            full(report, report.to)
        )
    } else {
        String::new()
    };
    vec![format!(
        "{lines} lines: {} records, {} lines that go on with one{span}{timeless}{left}",
        counts.records, counts.continuations
    )]
}

/// A text as it may be shown, cut in the middle: the end often tells why.
fn cut(text: &str, chars_max: usize) -> String {
    middle(printable(text), chars_max)
}

fn middle(text: String, chars_max: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= chars_max {
        return text;
    }
    let head = chars_max / 2;
    let tail = chars_max - head - 1;
    let first: String = chars.iter().take(head).collect();
    let last: String = chars.iter().skip(chars.len() - tail).collect();
    format!("{first}…{last}")
}

/// The report for programs.
pub fn json(report: &Report) -> Json {
    let answered = matches!(report.verdict, Verdict::Found | Verdict::FailingThroughout);
    let first = report.decisive();
    json!({
        "schema": SCHEMA,
        "version": VERSION,
        "verdict": report.verdict.as_str(),
        "abstained": !answered,
        "confidence": round(report.confidence),
        "summary": answer(report),
        "component": first.and_then(component),
        "began": report.began.map(|moment| full(report, moment)),
        "stopped": report.stopped.map(|moment| full(report, moment)),
        "decisive": first.map(|told| problem(report, told)),
        "tied": report.tied.is_some(),
        "shared": report.shared.iter().map(|one| json!({
            "key": one.key,
            "value": one.value,
            "failing": round(one.failing),
            "others": one.others.map(round),
            "clean_values": one.clean_values,
        })).collect::<Vec<_>>(),
        "changes": report.changes.iter().map(|one| json!({
            "time": report.timed.then(|| full(report, super::report::Moment {
                time_ns: one.time_ns,
                record: one.place + 1,
                line: one.line,
            })),
            "component": one.component,
            "text": printable(&one.text),
            "count": one.count,
            "from": one.from,
            "to": one.to,
        })).collect::<Vec<_>>(),
        "grew": report.grew.iter().map(|one| json!({
            "key": one.key,
            "component": one.component,
            "from": one.from,
            "to": one.to,
            "since": full(report, one.since),
            "until": full(report, one.until),
        })).collect::<Vec<_>>(),
        "silent": report.silent.iter().map(|one| json!({
            "component": one.component,
            "message": printable(&one.text),
            "count": one.count,
            "every_ms": one.every_ns / 1_000_000,
            "last": full(report, one.last),
        })).collect::<Vec<_>>(),
        "search_for": report.constant,
        "with_it": problems(report, report.problems.get(1..).unwrap_or_default()),
        "suspect_frames": shown::frames(&report.frames),
        "suspect_commits": shown::commits(&report.commits),
        "commit_verdict": report.commit_verdict.as_str(),
        "commits_looked_at": report.commits_looked_at,
        "actions": advice::ladder(report),
        "beside": problems(report, &report.steady),
        "read": {
            "records": report.counts.records,
            "continuations": report.counts.continuations,
            "without_time": report.counts.timeless,
            "left_out": report.left_out,
            "from": report.timed.then(|| full(report, report.from)),
            "to": report.timed.then(|| full(report, report.to)),
        },
    })
}

/// The component of a problem that one component writes.
fn component(told: &Told) -> Option<&str> {
    let all: usize = told.components.iter().map(|(_, count)| count).sum();
    let (name, count) = told.components.first()?;
    (!name.is_empty() && *count as f64 >= 0.9 * all as f64).then_some(name.as_str())
}

fn problems(report: &Report, told: &[Told]) -> Vec<Json> {
    told.iter().map(|told| problem(report, told)).collect()
}

fn problem(report: &Report, told: &Told) -> Json {
    let (from_line, from_file) = in_file(report, told.from.line);
    let (to_line, to_file) = in_file(report, told.to.line);
    json!({
        "subject": told.subject,
        "message": printable(&told.text),
        "kind": told.kind.map(super::trouble::Kind::name),
        "weight": told.weight,
        "components": told.components.iter().take(16).map(|(name, count)| json!({
            "component": name,
            "count": count,
        })).collect::<Vec<_>>(),
        "count": told.count,
        "count_before": told.count_before,
        "records": told.lines,
        "records_before": told.lines_before,
        "from": full(report, told.from),
        "to": full(report, told.to),
        "stopped": told.stopped,
        "episodes": told.episodes.iter().map(|(from, to, count)| json!({
            "from": full(report, *from),
            "to": full(report, *to),
            "count": count,
        })).collect::<Vec<_>>(),
        "from_line": from_line,
        "from_file": printable(from_file),
        "to_line": to_line,
        "to_file": printable(to_file),
        "example": printable(&told.example),
        "example_line": told.example_line,
        "example_file": printable(&told.example_file),
        "raised": printable(&told.raised),
        "root": printable(&told.root),
        "place": printable(&told.place),
    })
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
