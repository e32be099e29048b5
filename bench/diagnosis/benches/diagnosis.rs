//! `cargo xtask eval`: the diagnosis on the recorded incidents of `examples/shop`, with redaction
//! and without.
//!
//! Without redaction is for here alone: recorded values are made up, and the figures beside each
//! other show what redaction costs. The product has no such policy.
//!
//! Arguments: `--cases DIR` (default `examples/shop/recorded`), `--verbose` (a line a case).

use std::path::PathBuf;
use std::time::Duration;

use cordon_bench_diagnosis::{Answer, Labelled, read, table};
use cordon_diagnose::incident::{Case, ChangeEvent, Side, Verdict as Outcome, investigate};
use cordon_event::{Event, Raw};
use cordon_receive::{Limits, LineReader, folder};
use cordon_redact::{Policy, PseudonymMac, Redactor, Verdict};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};

/// A MAC for the run; nothing here is a secret.
struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let digest = Sha256::new().chain_update(kind).chain_update(canonical);
        digest.finalize().into()
    }
}

/// How a case is read.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Redacted,
    AsRecorded,
}

/// Processor time that this thread has used.
fn used() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).cloned()
    };
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folder =
        value("--cases").map_or_else(|| root.join("examples/shop/recorded"), PathBuf::from);
    let verbose = arguments.iter().any(|a| a == "--verbose");
    let only = value("--only");
    let mut cases = read(&folder).expect("a manifest");
    if let Some(only) = only {
        cases.retain(|case| case.name.contains(&only) || case.kind.contains(&only));
    }
    let redactor = Redactor::new(Policy::default()).expect("the built-in policy");
    for (way, title) in [
        (Way::Redacted, "with redaction"),
        (Way::AsRecorded, "as recorded (for comparison alone)"),
    ] {
        if way == Way::AsRecorded && arguments.iter().any(|a| a == "--redacted") {
            continue;
        }
        println!("== {title}");
        let mut answers = Vec::new();
        let (mut reading, mut thinking, mut longest) =
            (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        for labelled in &cases {
            let begun = used();
            let case = fill(labelled, way, &redactor);
            let read = used();
            let report = investigate(&case);
            let thought = used().saturating_sub(read);
            reading += read.saturating_sub(begun);
            thinking += thought;
            longest = longest.max(thought);
            let answer = Answer {
                abstained: report.verdict != Outcome::Found,
                ranked: report
                    .suspects
                    .iter()
                    .map(|s| (s.service.clone(), s.score))
                    .collect(),
            };
            if verbose {
                tell(labelled, &answer, &report);
            }
            answers.push((labelled.clone(), answer));
        }
        println!("{}", table(&answers));
        let each = |time: Duration| time.as_secs_f64() * 1e3 / cases.len().max(1) as f64;
        println!(
            "processor time a case: {:.1} ms for the diagnosis (longest {:.1}), {:.1} ms to read \
             and redact\n",
            each(thinking),
            longest.as_secs_f64() * 1e3,
            each(reading)
        );
    }
}

fn tell(labelled: &Labelled, answer: &Answer, report: &cordon_diagnose::incident::Report) {
    let label = labelled.service.as_deref().unwrap_or("-");
    let rank = labelled
        .service
        .as_ref()
        .and_then(|name| answer.rank(name))
        .map_or("-".to_owned(), |rank| rank.to_string());
    let right = if labelled.service.is_some() {
        !answer.abstained && rank == "1"
    } else {
        answer.abstained
    };
    println!(
        "{} {} {:<18} {label:<12} rank {rank} verdict {} impact {:.2}",
        if right { "ok " } else { "BAD" },
        labelled.name,
        labelled.kind,
        report.verdict.as_str(),
        report.impact
    );
    if right {
        return;
    }
    for suspect in report.suspects.iter().take(4) {
        println!(
            "      {:<12} {:.3} {:?}",
            suspect.service, suspect.score, suspect.strengths
        );
        for e in suspect.evidence.iter().take(4) {
            println!(
                "          {:<14} {:.2} z {:.1} {} | {} | {} {:?}",
                e.check.as_str(),
                e.strength,
                e.deviation,
                e.subject.operation,
                e.subject.other,
                e.text,
                (
                    e.numbers.before,
                    e.numbers.now,
                    e.numbers.of_before,
                    e.numbers.of_now
                )
            );
        }
    }
}

fn fill(labelled: &Labelled, way: Way, redactor: &Redactor) -> Case {
    let mut case = Case::new();
    let mut reader = LineReader::new(Limits::default());
    for change in &labelled.changes {
        let decoded = reader
            .next_line(change.clone().into_bytes())
            .expect("a change");
        for event in decoded.events.split() {
            case.add_change(ChangeEvent::of(event.expose_raw()));
        }
    }
    let windows = [
        (Side::Baseline, &labelled.baseline),
        (Side::Incident, &labelled.incident),
    ];
    for (side, window) in windows {
        for path in folder::files(window).expect("a window") {
            folder::events(&path, &mut |event: Raw<Event>| match way {
                Way::AsRecorded => case.add(side, event.expose_raw()),
                Way::Redacted => {
                    if let Verdict::Clean(event) = redactor.event(&Mac, event).verdict {
                        case.add(side, event.get());
                    }
                }
            })
            .expect("a file of telemetry");
        }
    }
    case
}
