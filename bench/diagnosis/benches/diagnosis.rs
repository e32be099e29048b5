//! `cargo xtask bench diagnosis`: the diagnosis on the recorded incidents of `examples/shop`, with
//! redaction and without.
//!
//! Without redaction is for here alone: recorded values are made up, and the figures beside each
//! other show what redaction costs. The product has no such policy.
//!
//! Options: `--cases DIR` (default `examples/shop/recorded`), `--only TEXT` (cases or kinds that
//! contain it), `--redacted` or `--recorded` (one of the two ways alone), `--verbose` (a line a
//! case, and what was found where it is wrong). It measures: it exits with 0 whatever the figures
//! are.
#![expect(clippy::print_stdout, reason = "a benchmark prints its tables")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use cordon_bench_diagnosis::{Answer, Labelled, read, reliability, table};
use cordon_diagnose::incident::{Case, Report, Side, Verdict as Outcome, investigate};
use cordon_event::{Event, Raw};
use cordon_receive::{Format, Limits, decode, folder};
use cordon_redact::{EventRedactor, Policy, PseudonymMac, Redactor, Verdict};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};

/// A digest in the place of the vault's keyed one: pseudonyms need not be secret here.
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

/// Processor time that all of it took.
#[derive(Default)]
struct Spent {
    reading: Duration,
    thinking: Duration,
    longest: Duration,
}

/// Processor time that this thread has used.
fn used() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let value = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).cloned()
    };
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let recorded = value("--cases");
    let folder = recorded.map_or_else(|| root.join("examples/shop/recorded"), PathBuf::from);
    let mut cases = read(&folder)?;
    if let Some(only) = value("--only") {
        cases.retain(|case| case.name.contains(&only) || case.kind.contains(&only));
    }
    let redactor = Redactor::new(Policy::default())?;
    let ways = [
        (Way::Redacted, "with redaction"),
        (Way::AsRecorded, "as recorded, for comparison alone"),
    ];
    for (way, title) in ways {
        let left_out = match way {
            Way::Redacted => has("--recorded"),
            Way::AsRecorded => has("--redacted"),
        };
        if !left_out {
            println!("== {title}");
            evaluate(&cases, way, &redactor, has("--verbose"))?;
        }
    }
    Ok(())
}

/// Runs all cases, and prints the table.
fn evaluate(
    cases: &[Labelled],
    way: Way,
    redactor: &Redactor,
    verbose: bool,
) -> Result<(), Box<dyn Error>> {
    let mut answers = Vec::new();
    let mut spent = Spent::default();
    for labelled in cases {
        let begun = used();
        let case = fill(labelled, way, redactor)?;
        let read = used();
        let report = investigate(&case);
        let thought = used().saturating_sub(read);
        spent.reading += read.saturating_sub(begun);
        spent.thinking += thought;
        spent.longest = spent.longest.max(thought);
        let of =
            |suspect: &cordon_diagnose::incident::Suspect| (suspect.service.clone(), suspect.score);
        let answer = Answer {
            abstained: report.verdict != Outcome::Found,
            ranked: report.suspects.iter().map(of).collect(),
            confidence: report.confidence,
        };
        if verbose {
            tell(labelled, &answer, &report);
        }
        answers.push((labelled.clone(), answer));
    }
    println!("{}", table(&answers));
    println!("{}", reliability(&answers));
    let each = |time: Duration| time.as_secs_f64() * 1e3 / cases.len().max(1) as f64;
    println!(
        "processor time a case: {:.1} ms for the diagnosis (longest {:.1}), {:.1} ms to read and \
         redact\n",
        each(spent.thinking),
        spent.longest.as_secs_f64() * 1e3,
        each(spent.reading)
    );
    Ok(())
}

/// One line of a case that is right, and what was found of one that is not.
fn tell(labelled: &Labelled, answer: &Answer, report: &Report) {
    let label = labelled.service.as_deref().unwrap_or("-");
    let rank = answer.rank(labelled);
    let right = match &labelled.service {
        Some(_) => !answer.abstained && rank == Some(1),
        None => answer.abstained,
    };
    println!(
        "{} {} {:<18} {label:<12} rank {} verdict {} impact {:.2} confidence {:.2}",
        if right { "ok " } else { "BAD" },
        labelled.name,
        labelled.kind,
        rank.map_or("-".to_owned(), |rank| rank.to_string()),
        report.verdict.as_str(),
        report.impact,
        report.confidence
    );
    for suspect in report.suspects.iter().take(if right { 0 } else { 4 }) {
        let (service, score) = (&suspect.service, suspect.score);
        println!("      {service:<12} {score:.3} {:?}", suspect.strengths);
        for e in suspect.evidence.iter().take(4) {
            let numbers = (e.numbers.before, e.numbers.now);
            println!(
                "          {:<14} {:.2} z {:.1} {} | {} | {} {numbers:?} of {} and {}",
                e.check.as_str(),
                e.strength,
                e.deviation,
                e.subject.operation,
                e.subject.other,
                e.text,
                e.numbers.of_before,
                e.numbers.of_now
            );
        }
    }
}

/// Reads a case.
fn fill(labelled: &Labelled, way: Way, redactor: &Redactor) -> Result<Case, Box<dyn Error>> {
    let mut case = Case::new();
    let mut redactor = EventRedactor::new(redactor, &Mac);
    for change in &labelled.changes {
        let decoded = decode(Format::Changes, change.as_bytes(), &Limits::default())?;
        for event in decoded.events.split() {
            if let Verdict::Clean(event) = redactor.event(event).verdict {
                case.add_change(event.get());
            }
        }
    }
    let windows = [
        (Side::Baseline, &labelled.baseline),
        (Side::Incident, &labelled.incident),
    ];
    for (side, window) in windows {
        for path in folder::files(window)? {
            folder::events(&path, &mut |event: Raw<Event>| match way {
                Way::AsRecorded => case.add(side, event.expose_raw()),
                Way::Redacted => {
                    if let Verdict::Clean(event) = redactor.event(event).verdict {
                        case.add(side, event.get());
                    }
                }
            })?;
        }
    }
    Ok(case)
}
