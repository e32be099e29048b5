//! `cargo xtask bench redaction`: how much of what was planted the engine removes, and what it
//! destroys, on a part of the telemetry benchmark.
//!
//! Options: `--half tuning|opened|held-back` (the tuning one where nothing is said), `--seed N`,
//! `--count N`, `--show N` (prints N wrong records of each cause shown, which are synthetic),
//! `--cause TEXT` (only causes that contain it), `--json FILE`, `--records FILE` (writes the drawn
//! records' texts, for other tools). It measures: it exits with 0 whatever the figures are.
#![expect(clippy::print_stdout, reason = "a benchmark prints its tables")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use cordon_bench_telemetry::score::Wrong;
use cordon_bench_telemetry::{
    COUNT, Format, HELD_BACK_SEED, OPENED_SEED, Record, Report, SEED, generate, held_back, opened,
    score,
};
use cordon_event::Raw;
use cordon_redact::{LineFormat, Policy, PseudonymMac, Redactor, StreamRedactor};
use sha2::{Digest as _, Sha256};

/// A digest in the place of the vault's keyed one: pseudonyms need not be secret here.
struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let hash = Sha256::new().chain_update(kind).chain_update(canonical);
        hash.finalize().into()
    }
}

/// Which records are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    /// The one that is looked at while the engine is worked on.
    Tuning,
    /// The one by which it was judged, until it was looked at.
    Opened,
    /// The one by which it is judged.
    HeldBack,
}

impl Half {
    fn read(name: &str) -> Result<Self, String> {
        match name {
            "tuning" => Ok(Self::Tuning),
            "opened" => Ok(Self::Opened),
            "held-back" => Ok(Self::HeldBack),
            _ => Err(format!("--half {name}: none of tuning, opened, held-back")),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tuning => "tuning",
            Self::Opened => "opened",
            Self::HeldBack => "held-back",
        }
    }

    const fn seed(self) -> u64 {
        match self {
            Self::Tuning => SEED,
            Self::Opened => OPENED_SEED,
            Self::HeldBack => HELD_BACK_SEED,
        }
    }

    fn records(self, seed: u64, count: u64) -> Vec<Record> {
        match self {
            Self::Tuning => generate(seed, count),
            Self::Opened => opened(seed, count),
            Self::HeldBack => held_back(seed, count),
        }
    }
}

/// What was asked for.
struct Options {
    half: Half,
    seed: Option<u64>,
    count: u64,
    show: usize,
    cause: String,
    json: Option<String>,
    records: Option<String>,
}

impl Options {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            half: Half::Tuning,
            seed: None,
            count: COUNT,
            show: 0,
            cause: String::new(),
            json: None,
            records: None,
        };
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} wants a value"))?;
            let number = || {
                value
                    .parse::<u64>()
                    .map_err(|_| format!("{name} {value}: not a number"))
            };
            match name.as_str() {
                "--half" => options.half = Half::read(&value)?,
                "--seed" => options.seed = Some(number()?),
                "--count" => options.count = number()?,
                "--show" => options.show = number()? as usize,
                "--cause" => options.cause = value,
                "--json" => options.json = Some(value),
                "--records" => options.records = Some(value),
                _ => return Err(format!("{name}: no such option")),
            }
        }
        Ok(options)
    }
}

/// One record through the engine, as a stream of its own, the way `cordon redact` reads one.
fn redacted(redactor: &Redactor, record: &Record) -> String {
    let format = match record.format {
        Format::Text => LineFormat::Text,
        Format::Json => LineFormat::Json,
    };
    let mut stream = StreamRedactor::new(redactor, format);
    let raw = Raw::new(record.text.clone().into_bytes());
    let mut clean = stream.push(&Mac, raw).clean.into_inner();
    clean.push_str(stream.finish(&Mac).clean.get());
    clean
}

fn show(report: &Report, options: &Options) {
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for wrong in &report.wrong {
        let cause = format!(
            "{:?} {} {} in {}",
            wrong.why, wrong.kind, wrong.encoding, wrong.carrier
        );
        let count = shown.entry(cause.clone()).or_default();
        if *count < options.show && cause.contains(&options.cause) {
            *count += 1;
            let Wrong {
                id,
                wrapper,
                value,
                text,
                output,
                ..
            } = wrong;
            println!("\n{id} {cause} ({wrapper}) {value}\n  in:  {text}\n  out: {output}");
        }
    }
}

fn run() -> Result<(), String> {
    let options = Options::read(std::env::args().skip(1))?;
    let redactor = Redactor::new(Policy::default()).map_err(|error| error.to_string())?;
    let (half, seed) = (
        options.half.name(),
        options.seed.unwrap_or(options.half.seed()),
    );
    let records = options.half.records(seed, options.count);
    if let Some(file) = &options.records {
        let lines = records.iter().map(|record| {
            let format = match record.format {
                Format::Text => "text",
                Format::Json => "json",
            };
            let (id, carrier, text) = (&record.id, &record.carrier, &record.text);
            serde_json::json!({"id": id, "carrier": carrier, "format": format, "text": text})
                .to_string()
                + "\n"
        });
        std::fs::write(file, lines.collect::<String>())
            .map_err(|error| format!("{file}: {error}"))?;
    }
    let report = score(&records, |record| redacted(&redactor, record));
    println!(
        "seed {seed}, {} records, {half} half, default policy\n",
        options.count
    );
    println!("{}", report.to_markdown());
    show(&report, &options);
    if let Some(file) = &options.json {
        let mut told = report.to_json();
        if let Some(fields) = told.as_object_mut() {
            fields.insert("half".to_owned(), half.into());
            fields.insert("seed".to_owned(), seed.into());
        }
        std::fs::write(file, told.to_string()).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("redaction: {error}");
            ExitCode::from(2)
        }
    }
}
