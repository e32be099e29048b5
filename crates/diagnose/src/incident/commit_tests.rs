//! Which commit, and when none.

use cordon_event::{Event, Kind, Severity, SpanId, TraceId, attr};

use super::super::case::{ChangeEvent, Side};
use super::super::repository::{Hunk, Touched};
use super::super::{CommitVerdict, Report, investigate};
use super::*;

const NS_PER_S: u64 = 1_000_000_000;
const START_S: u64 = 1_760_000_000;
const TRACE: &str = "Traceback (most recent call last):
  File \"/app/shop/web.py\", line 40, in handle
    return charge(order)
  File \"/app/shop/bank.py\", line 17, in charge
    return rate(order.currency)
  File \"/app/shop/money.py\", line 120, in rate
    return RATES[currency]
KeyError: 'CHF'";

fn span(service: &str, version: &str, at_s: u64, n: u64) -> Event {
    Event {
        kind: Kind::Span,
        time_unix_ns: at_s * NS_PER_S,
        end_unix_ns: at_s * NS_PER_S + 5_000_000,
        trace_id: Some(TraceId((1_u128 + u128::from(n)).to_be_bytes())),
        span_id: Some(SpanId((1 + n).to_be_bytes())),
        name: "POST /charge".to_owned(),
        attributes: vec![(attr::SPAN_KIND.to_owned(), "server".into())],
        resource: vec![
            (attr::SERVICE_NAME.to_owned(), service.into()),
            (attr::SERVICE_VERSION.to_owned(), version.into()),
        ]
        .into(),
        ..Event::default()
    }
}

fn failure(trace: &str, at_s: u64, n: u64) -> Event {
    let mut event = span("billing", "", at_s, n);
    event.kind = Kind::SpanException;
    event.severity = Severity::ERROR;
    event.attributes = vec![
        (attr::EXCEPTION_TYPE.to_owned(), "KeyError".into()),
        (attr::EXCEPTION_STACKTRACE.to_owned(), trace.into()),
    ];
    event
}

/// Ten minutes of version 1.0.0, and ten of another in which a third of the requests fail.
fn case(version: &str, trace: &str, failed_before: bool) -> Case {
    let mut case = Case::new();
    for n in 0..1_200_u64 {
        let (side, version) = match n {
            0..600 => (Side::Baseline, "1.0.0"),
            _ => (Side::Incident, version),
        };
        let at_s = START_S + n;
        let mut request = span("billing", version, at_s, n);
        let fails = n % 3 == 0 && (n >= 600 || failed_before);
        if fails {
            request.status = cordon_event::SpanStatus::Error;
            case.add(side, &failure(trace, at_s, n));
        }
        case.add(side, &request);
    }
    case
}

fn hunk(new_start: u32, new_lines: u32) -> Hunk {
    Hunk {
        old_start: new_start,
        old_lines: new_lines,
        new_start,
        new_lines,
    }
}

/// A commit of so many hours before the beginning, on top of the one below it in the list.
fn commit(n: usize, hours: u64, tags: &[&str], touched: &[(&str, Hunk)]) -> Commit {
    Commit {
        id: format!("{n:040x}"),
        parents: vec![format!("{:040x}", n + 1)],
        time_unix_ns: (START_S + 600 - hours * 3_600) * NS_PER_S,
        summary: format!("change {n}"),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        touched: touched
            .iter()
            .map(|(path, hunk)| Touched {
                path: (*path).to_owned(),
                was: None,
                hunks: vec![*hunk],
            })
            .collect(),
        touched_count: touched.len().max(1),
        ..Commit::default()
    }
}

fn run(mut case: Case, commits: Vec<Commit>) -> Report {
    let paths = [
        "shop/web.py",
        "shop/bank.py",
        "shop/money.py",
        "tools/money.py",
    ];
    case.set_repository(Repository {
        commits,
        paths: paths.map(str::to_owned).to_vec(),
    });
    investigate(&case)
}

/// Number of the commit that is named first, and how the search ended.
fn named(report: &Report) -> (Option<usize>, CommitVerdict) {
    let first = report.commits.first();
    let number = first.and_then(|commit| usize::from_str_radix(&commit.id, 16).ok());
    (number, report.commit_verdict)
}

#[test]
fn the_innermost_frame_of_the_application_is_the_suspect() {
    let report = investigate(&case("1.1.0", TRACE, false));
    let first = report.frames.first().unwrap();
    assert_eq!(
        (first.frame.function.as_str(), first.frame.line),
        ("rate", Some(120))
    );
    assert_eq!(first.service, "billing");
    assert!(first.evidence.strength > 0.5 && !first.groups.is_empty());
    assert!(
        first.counterfactual.contains("200 of 200"),
        "{}",
        first.counterfactual
    );
    assert!(!first.evidence.traces.is_empty());
    let scores: Vec<f64> = report.frames.iter().map(|f| f.evidence.strength).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b));
    assert_eq!(named(&report), (None, CommitVerdict::NoRepository));
}

#[test]
fn what_fails_as_before_has_no_suspect_frame() {
    let report = investigate(&case("1.1.0", TRACE, true));
    assert!(report.frames.is_empty());
}

#[test]
fn frames_that_fail_anyway_are_no_suspects() {
    let mut case = case("1.1.0", TRACE, false);
    for n in 0..40_u64 {
        let other = TRACE
            .replace("money.py", &format!("part{}.py", n % 8))
            .replace("in rate", &format!("in step{}", n % 8));
        for (side, at_s) in [
            (Side::Baseline, START_S + n),
            (Side::Incident, START_S + 601 + n),
        ] {
            case.add(side, &failure(&other, at_s, 90_000 + n));
        }
    }
    let report = investigate(&case);
    let told: Vec<&str> = report
        .frames
        .iter()
        .map(|f| f.frame.function.as_str())
        .collect();
    assert_eq!(told, ["rate"]);
}

#[test]
fn the_commit_that_wrote_the_line_is_named() {
    let (near, far) = (
        ("shop/money.py", hunk(118, 4)),
        ("shop/money.py", hunk(10, 2)),
    );
    let commits = vec![
        commit(1, 1, &["v1.1.0"], &[("README.md", hunk(1, 1))]),
        commit(2, 2, &[], &[far]),
        commit(3, 3, &[], &[near]),
        commit(4, 4, &["v1.0.0"], &[near]),
        commit(5, 5, &[], &[near]),
    ];
    let report = run(case("1.1.0", TRACE, false), commits.clone());
    assert_eq!(named(&report), (Some(3), CommitVerdict::Found));
    let first = &report.commits[0];
    assert!(first.by_version && first.distance_lines == Some(0));
    assert_eq!(report.commits_looked_at, 3);
    assert!(first.counterfactual.contains("shop/money.py"));
    let told = report.suspects[0].evidence.iter().map(|e| e.check);
    let told: Vec<Check> = told.collect();
    assert!(told.contains(&Check::SuspectFrame) && told.contains(&Check::SuspectCommit));
    // By the id in the version, and by the name of the service in a tag.
    let mut tagged = commits.clone();
    tagged[0].tags = vec!["billing-v1.1.0".to_owned(), "orders-v1.0.0".to_owned()];
    let report = run(case("1.1.0", TRACE, false), tagged);
    assert_eq!(named(&report), (Some(3), CommitVerdict::Found));
    let mut by_id = commits;
    by_id[0].id = format!("abcdef1{}", "0".repeat(33));
    let report = run(case("1.1.0-7-gabcdef1", TRACE, false), by_id);
    assert_eq!(named(&report), (Some(3), CommitVerdict::Found));
}

#[test]
fn a_line_is_followed_through_later_commits() {
    let shifted = Hunk {
        old_start: 1,
        old_lines: 0,
        new_start: 2,
        new_lines: 100,
    };
    let commits = vec![
        commit(1, 1, &[], &[("shop/money.py", shifted)]),
        commit(2, 2, &[], &[("shop/money.py", hunk(20, 1))]),
        commit(3, 3, &[], &[("shop/money.py", hunk(119, 3))]),
    ];
    let report = run(case("", TRACE, false), commits);
    assert_eq!(named(&report), (Some(2), CommitVerdict::Found));
    assert!(!report.commits[0].by_version);
}

/// No culprit: of each of these nobody may be named.
#[test]
fn without_a_culprit_nobody_is_named() {
    let near = ("shop/money.py", hunk(118, 4));
    let sweep = |mut commit: Commit| {
        commit.touched_count = 4_000;
        commit
    };
    let later = |mut commit: Commit| {
        commit.time_unix_ns = (START_S + 900) * NS_PER_S;
        commit
    };
    let below = CommitVerdict::BelowFloor;
    for (what, commits, verdict) in [
        (
            "nothing near",
            vec![commit(1, 1, &[], &[("README.md", hunk(1, 9))])],
            below,
        ),
        (
            "another folder",
            vec![commit(1, 1, &[], &[("tools/money.py", hunk(119, 3))])],
            below,
        ),
        (
            "far away",
            vec![commit(1, 1, &[], &[("shop/money.py", hunk(2_000, 1))])],
            below,
        ),
        (
            "a sweep",
            vec![sweep(commit(1, 1, &[], &[("shop/money.py", hunk(90, 2))]))],
            below,
        ),
        (
            "after it began",
            vec![later(commit(1, 0, &[], &[near]))],
            CommitVerdict::NoCommit,
        ),
        (
            "a month ago",
            vec![commit(1, 720, &[], &[near])],
            CommitVerdict::NoCommit,
        ),
        (
            "before the last good one",
            vec![
                commit(1, 1, &["v1.1.0"], &[("README.md", hunk(1, 1))]),
                commit(2, 2, &["v1.0.0"], &[near]),
            ],
            below,
        ),
        (
            "the same version",
            vec![commit(1, 1, &["1.0.0", "1.1.0"], &[near])],
            CommitVerdict::NoCommit,
        ),
        ("no commits", Vec::new(), CommitVerdict::NoCommit),
    ] {
        let report = run(case("1.1.0", TRACE, false), commits);
        assert_eq!(named(&report), (None, verdict), "{what}");
    }
    let as_before = run(case("1.1.0", TRACE, true), vec![commit(1, 1, &[], &[near])]);
    assert!(as_before.commits.is_empty());
}

#[test]
fn a_library_has_no_commit() {
    let library = TRACE.replace("/app/shop/", "/usr/lib/python3/dist-packages/shop/");
    let near = ("shop/money.py", hunk(118, 4));
    let report = run(
        case("1.1.0", &library, false),
        vec![commit(1, 1, &[], &[near])],
    );
    assert_eq!(named(&report), (None, CommitVerdict::NoFrame));
}

/// The fix that was rolled out later, and what was rolled out long before, brought nothing.
#[test]
fn only_a_rollout_near_the_beginning_says_what_is_bad() {
    // Numbers go back in time: 1 is the fix, 3 the culprit, 5 what ran before.
    let commits = || {
        vec![
            commit(1, 0, &["v1.0.2"], &[("shop/money.py", hunk(118, 4))]),
            commit(2, 1, &["v1.0.1"], &[("shop/web.py", hunk(3, 1))]),
            commit(3, 2, &[], &[("shop/money.py", hunk(119, 3))]),
            commit(4, 3, &[], &[("shop/bank.py", hunk(90, 1))]),
            commit(5, 4, &["v1.0.0"], &[("shop/web.py", hunk(80, 1))]),
        ]
    };
    let deploy = |version: &str, at_s: u64| ChangeEvent {
        time_unix_ns: at_s * NS_PER_S,
        service: "billing".to_owned(),
        kind: "deploy".to_owned(),
        subject: version.to_owned(),
        summary: String::new(),
    };
    for told in [
        vec![deploy("1.0.1", START_S + 590)],
        vec![
            deploy("1.0.1", START_S + 590),
            deploy("1.0.2", START_S + 5_000),
        ],
        vec![deploy("1.0.0", START_S + 10)],
    ] {
        let mut case = case("1.0.0", TRACE, false);
        case.changes = told;
        let mut commits = commits();
        if let Some(fix) = commits.first_mut() {
            fix.time_unix_ns = (START_S + 4_000) * NS_PER_S;
        }
        assert_eq!(named(&run(case, commits)).0, Some(3));
    }
}

#[test]
fn tags_name_versions() {
    for (tag, version, service, rank) in [
        ("v1.2.3", "1.2.3", "billing", Some(1)),
        ("1.2.3", "v1.2.3", "billing", Some(1)),
        ("billing-v1.2.3", "1.2.3", "billing", Some(0)),
        ("@shop/billing@1.2.3", "1.2.3", "billing", Some(0)),
        ("release/1.2.3", "1.2.3", "billing", Some(2)),
        ("orders-1.2.3", "1.2.3", "billing", None),
        ("v11.2.3", "1.2.3", "billing", None),
        ("v1.2.30", "1.2.3", "billing", None),
    ] {
        assert_eq!(tag_rank(tag, version, service), rank, "{tag}");
    }
}
