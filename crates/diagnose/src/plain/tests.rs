//! Whole logs, written by small generators: incidents and logs in which nothing is wrong.

use super::{PlainLogs, Report, Verdict, json, markdown, text};
use crate::plain::report::Told;

/// A generator of numbers that is the same on every run (a linear congruence).
pub(super) struct Draw(pub(super) u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// The clock of a log that begins at ten, at a second of it.
pub(super) fn at(second: u64) -> String {
    let (hour, minute) = (10 + second / 3_600, second / 60 % 60);
    format!("2026-03-03T{hour:02}:{minute:02}:{:02}.000Z", second % 60)
}

/// A quiet log of so many seconds, a line each.
pub(super) fn quiet(seconds: u64, draw: &mut Draw) -> Vec<(u64, String)> {
    let line = |second: u64, draw: &mut Draw| {
        let (item, took) = (draw.below(10_000), draw.below(60) + 1);
        (
            second,
            format!("{} INFO served item {item} in {took} ms", at(second)),
        )
    };
    (0..seconds).map(|second| line(second, draw)).collect()
}

pub(super) fn read(mut lines: Vec<(u64, String)>) -> Report {
    lines.sort_by_key(|(second, _)| *second);
    let mut logs = PlainLogs::new();
    for (_, line) in &lines {
        logs.add(line);
    }
    logs.diagnose()
}

pub(super) fn decisive(report: &Report) -> &Told {
    report.decisive().expect("something is decisive")
}

/// Error lines with that message at these seconds.
pub(super) fn errors(message: &str, seconds: impl Iterator<Item = u64>) -> Vec<(u64, String)> {
    seconds
        .map(|second| (second, format!("{} ERROR {message}", at(second))))
        .collect()
}

#[test]
fn what_begins_is_found_with_its_moment() {
    let mut lines = quiet(3_000, &mut Draw(1));
    lines.extend(errors(
        "connection refused by ledger-db:5432",
        (2_000..3_000).step_by(4),
    ));
    let report = read(lines);
    assert_eq!(report.verdict, Verdict::Found);
    assert!(
        decisive(&report).text.contains("connection refused"),
        "{}",
        decisive(&report).text
    );
    assert!(
        text(&report).contains("2026-03-03 10:33:20 UTC"),
        "{}",
        text(&report)
    );
    assert_eq!(report.stopped, None);
}

#[test]
fn the_example_is_the_line_whose_number_is_told() {
    let mut files = [Vec::new(), Vec::new()];
    for (second, line) in quiet(3_000, &mut Draw(11)) {
        let file = &mut files[usize::from(second >= 1_000)];
        file.push(line);
        if second % 7 == 0 {
            file.push(String::new());
        }
        if second >= 2_000 && second % 4 == 0 {
            file.push(format!(
                "{} ERROR lost the ledger, order {second}",
                at(second)
            ));
            file.push("    at Ledger.open(Ledger.java:7)".to_owned());
        }
    }
    let mut logs = PlainLogs::new();
    for (name, lines) in ["a.log", "b.log"].into_iter().zip(&files) {
        logs.begin_file(name);
        for line in lines {
            logs.add(line);
        }
    }
    let report = logs.diagnose();
    let told = decisive(&report);
    assert_eq!(told.example_file, "b.log");
    let line = &files[1][told.example_line as usize - 1];
    assert_eq!(line, &told.example);
    let shown = json(&report);
    let first = &shown["decisive"];
    assert_eq!(first["from_line"], first["example_line"]);
    assert_eq!(
        (&first["from_file"], &first["to_file"]),
        (&"b.log".into(), &"b.log".into())
    );
    let shown = format!("Line {} of b.log:", told.example_line);
    assert!(text(&report).contains(&shown), "{}", text(&report));
}

#[test]
fn a_line_stands_where_it_was_said_to() {
    let mut logs = PlainLogs::new();
    logs.begin_file("a.json");
    for (second, line) in quiet(1_000, &mut Draw(5)) {
        logs.at_line(second * 3 + 1);
        logs.add(&line);
    }
    for second in 1_000..1_200 {
        logs.at_line(second * 3 + 1);
        logs.add(&format!("{} ERROR lost the ledger", at(second)));
    }
    let copy = logs.clone();
    let report = logs.diagnose();
    let told = decisive(&report);
    assert_eq!(
        (told.example_line, told.example_file.as_str()),
        (3_001, "a.json")
    );
    assert_eq!(json(&report)["decisive"]["from_line"], 3_001);
    assert_eq!(
        json(&copy.diagnose()),
        json(&report),
        "a copy says the same"
    );
}

#[test]
fn what_stopped_has_an_end() {
    let mut lines = quiet(6_000, &mut Draw(2));
    lines.extend(errors(
        "connection reset by peer",
        (2_000..2_400).step_by(2),
    ));
    let report = read(lines);
    assert_eq!(report.verdict, Verdict::Found);
    assert!(
        report.stopped.is_some() && text(&report).contains("stopped at 2026-03-03 10:39:58 UTC")
    );
}

#[test]
fn the_cause_that_came_first_goes_before_its_symptoms() {
    let mut lines = quiet(4_000, &mut Draw(3));
    lines.extend(errors("request failed", (3_003..4_000).step_by(2)));
    lines.extend(errors(
        "no space left on device: write /data/a.log",
        (3_000..4_000).step_by(50),
    ));
    let report = read(lines);
    assert!(
        decisive(&report).text.contains("no space left"),
        "{}",
        text(&report)
    );
    assert!(
        report
            .problems
            .iter()
            .any(|told| told.text.contains("request failed"))
    );
    assert!(text(&report).contains("Free space"));
}

#[test]
fn a_change_before_is_told() {
    let mut lines = quiet(4_000, &mut Draw(4));
    lines.push((
        2_890,
        format!("{} INFO settings reloaded: pool=2", at(2_890)),
    ));
    lines.extend(errors(
        "pool exhausted: no connection available",
        (2_900..4_000).step_by(3),
    ));
    let report = read(lines);
    assert!(
        report
            .changes
            .iter()
            .any(|change| change.text.contains("settings reloaded"))
    );
}

#[test]
fn errors_that_were_always_there_are_nothing_new() {
    for seed in 0..6 {
        let mut draw = Draw(seed);
        let mut lines = quiet(6_000, &mut draw);
        let seconds: Vec<u64> = (0..90).map(|_| draw.below(6_000)).collect();
        lines.extend(errors("card declined by issuer", seconds.into_iter()));
        let report = read(lines);
        assert_eq!(
            report.verdict,
            Verdict::NothingStandsOut,
            "{seed}: {}",
            text(&report)
        );
        assert_eq!(report.steady.len(), 1);
    }
}

#[test]
fn bursts_that_were_always_there_are_nothing_new() {
    for seed in 0..6 {
        let mut draw = Draw(100 + seed);
        let mut lines = quiet(12_000, &mut draw);
        for burst in 0..12 {
            let start = burst * 1_000 + draw.below(700);
            let length = 30 + draw.below(60);
            lines.extend(errors("upstream sent an error page", start..start + length));
        }
        let report = read(lines);
        assert_eq!(
            report.verdict,
            Verdict::NothingStandsOut,
            "{seed}: {}",
            text(&report)
        );
    }
}

#[test]
fn more_load_with_the_same_share_of_errors_is_nothing_new() {
    for seed in 0..6 {
        let mut draw = Draw(200 + seed);
        let mut lines = Vec::new();
        for second in 0..4_000 {
            for _ in 0..=second * 5 / 4_000 {
                let item = draw.below(10_000);
                let failed = draw.below(100) == 0;
                let line = if failed {
                    format!("{} ERROR item {item} is gone", at(second))
                } else {
                    format!("{} INFO served item {item}", at(second))
                };
                lines.push((second, line));
            }
        }
        let report = read(lines);
        assert_eq!(
            report.verdict,
            Verdict::NothingStandsOut,
            "{seed}: {}",
            text(&report)
        );
    }
}

#[test]
fn what_fails_from_the_first_line_on_is_told_as_it_is() {
    let mut lines = quiet(1_500, &mut Draw(5));
    lines.extend(errors("lookup of ledger timed out", 0..1_500));
    let report = read(lines);
    assert_eq!(report.verdict, Verdict::FailingThroughout);
    assert_eq!(
        (decisive(&report).count, decisive(&report).lines),
        (1_500, 3_000)
    );
    assert!(text(&report).contains("nothing to compare"));
}

#[test]
fn what_is_fatal_is_told_even_once_and_in_a_short_log() {
    let lines = [
        "2026-05-05T08:12:00Z INFO starting",
        "2026-05-05T08:12:01Z INFO reading config",
        "2026-05-05T08:12:02Z FATAL cannot bind port 8080: address already in use",
        "2026-05-05T08:12:02Z INFO bye",
    ];
    let report = read(lines.iter().map(|line| (0, (*line).to_owned())).collect());
    assert_eq!(report.verdict, Verdict::Found);
    assert!(decisive(&report).text.contains("address already in use"));
    assert!(report.confidence < 0.8);
}

#[test]
fn a_quiet_log_names_nothing() {
    let report = read(quiet(2_000, &mut Draw(6)));
    assert_eq!(report.verdict, Verdict::NothingStandsOut);
    assert!(report.problems.is_empty() && report.steady.is_empty());
    assert!(text(&report).contains("Nothing new stands out in 2000 records"));
}

#[test]
fn a_log_without_times_is_told_by_its_lines() {
    let mut lines: Vec<(u64, String)> = Vec::new();
    for n in 0..2_000 {
        lines.push((n, format!("job {n}: loaded")));
        if n >= 1_500 && n % 3 == 0 {
            lines.push((n, format!("job {n}: ERROR no listener at that address")));
        }
    }
    let report = read(lines);
    assert_eq!(report.verdict, Verdict::Found);
    assert!(text(&report).contains("line 150"), "{}", text(&report));
}

#[test]
fn nothing_is_told_where_nothing_was_read() {
    let report = read(vec![(0, String::new()), (1, "   ".to_owned())]);
    assert_eq!(report.verdict, Verdict::NothingRead);
    assert!(text(&report).contains("No line was read"));
}

#[test]
fn all_forms_tell_the_same() {
    let mut lines = quiet(3_000, &mut Draw(7));
    lines.extend(errors("disk quota exceeded", (2_500..3_000).step_by(2)));
    let report = read(lines);
    let told = json(&report);
    assert_eq!(told["verdict"], "found");
    assert_eq!(told["decisive"]["count"], 250);
    assert!(markdown(&report).starts_with("## Answer\n"));
    assert!(text(&report).contains("250 times"));
    let longest = text(&report).lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100));
}

#[test]
fn every_text_that_quotes_the_log_can_be_looked_over() {
    let mut lines = quiet(3_000, &mut Draw(8));
    lines.extend(errors(
        "charge failed for Xanthippe Quill",
        (2_500..3_000).step_by(2),
    ));
    let mut report = read(lines);
    report.texts(&mut |text| *text = text.replace("Xanthippe Quill", "NAME"));
    for shown in [text(&report), markdown(&report), json(&report).to_string()] {
        assert!(
            !shown.contains("Xanthippe") && shown.contains("NAME"),
            "{shown}"
        );
    }
}

#[test]
fn an_incident_that_is_over_is_not_told_as_there_all_along() {
    let mut lines = quiet(4_000, &mut Draw(9));
    lines.extend(errors("mail template broken", (1_000..1_400).step_by(2)));
    lines.extend(errors(
        "payment gateway rejected it",
        (3_000..4_000).step_by(2),
    ));
    lines.extend(errors("avatar has no size", (0..4_000).step_by(80)));
    let report = read(lines);
    assert_eq!(report.verdict, Verdict::Found);
    let first = decisive(&report);
    assert!(first.text.contains("payment gateway"), "{}", first.text);
    let shown = text(&report);
    let (other, along) = shown.split_once("THERE ALL ALONG").expect("a title");
    assert!(
        along.contains("avatar") && !along.contains("template"),
        "{shown}"
    );
    assert!(
        other.contains("ALSO, AT OTHER TIMES") && other.contains("template"),
        "{shown}"
    );
}

#[test]
fn what_is_new_and_tells_no_level_is_told_as_such() {
    let mut draw = Draw(10);
    let mut lines: Vec<(u64, String)> = (0..4_000)
        .map(|second| {
            (
                second,
                format!("{} port {} polled", at(second), draw.below(48)),
            )
        })
        .collect();
    let moved = |second| (second, format!("{} vlan 12 moved to the spare", at(second)));
    lines.extend((3_000..4_000).step_by(20).map(moved));
    let report = read(lines);
    assert_eq!(report.verdict, Verdict::NewUnjudged);
    assert!(decisive(&report).text.contains("moved to the spare"));
    assert!(report.confidence < 0.5);
}

#[test]
fn what_was_never_written_before_is_told_where_that_is_rare() {
    let lines = |new: u64| {
        let mut lines = quiet(3_000, &mut Draw(11));
        lines.extend(errors("mirror is behind", (2_000..3_000).step_by(3)));
        let word = |n: u64| ["alpha", "beta", "gamma", "delta", "eta"].get(n as usize % 5);
        lines.extend((0..new).map(|n| {
            let second = 1_900 + n * 7;
            let what = word(n).copied().unwrap_or("none");
            (
                second,
                format!("{} INFO operator {what} plugged the cable", at(second)),
            )
        }));
        text(&read(lines))
    };
    let once = lines(1);
    assert!(
        once.contains("CHANGED OR NEW BEFORE") && once.contains("plugged"),
        "{once}"
    );
    assert!(!lines(0).contains("CHANGED OR NEW BEFORE"));
}
