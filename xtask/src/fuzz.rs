//! `cargo xtask fuzz`: builds the fuzz targets with coverage and an address sanitizer, and runs
//! them.
//!
//! The way of an input: seeds are those of the repository (`fuzz/corpus/`); what a run finds worth
//! keeping goes to a working folder beside the build, and with `--keep` the least that covers as
//! much goes back to the repository. An input that breaks a property is kept with the build too.
//!
//! *Why no cargo-fuzz:* it needs a nightly compiler for the sanitizer and does no more than this.
//! Its layout is kept, so that it can be used as well.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use cordon_detect::rules::RuleSet;
use cordon_detect::{Context as Field, Detector};

use crate::workspace::Workspace;
use crate::{run, say};

/// The folder that holds the targets.
const FOLDER: &str = "fuzz";
/// A target, the longest input that it is given, and its dictionary.
const TARGETS: [(&str, usize, &str); 14] = [
    ("engine", 1_024, "text"),
    ("redact", 2_048, "text"),
    ("decoders", 2_048, "text"),
    ("rules", 2_048, "rules"),
    ("templates", 4_096, "lines"),
    ("traces", 4_096, "lines"),
    ("crash", 16_384, "crash"),
    ("changes", 4_096, "changes"),
    ("syslog", 4_096, "syslog"),
    ("sentry", 4_096, "sentry"),
    ("multipart", 4_096, "multipart"),
    ("otlp_json", 4_096, "otlp"),
    ("lines", 4_096, "lines"),
    ("segments", 4_096, "text"),
];
/// How long a target runs where nothing is said.
const SECONDS: u64 = 60;
/// Longest time that one input may take: a hundred times the slowest under the sanitizer.
const INPUT_SECONDS_MAX: u64 = 20;
/// What makes a build one for fuzzing: coverage as libFuzzer reads it, and the sanitizer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Zsanitizer=address";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    targets: Vec<(&'static str, usize, &'static str)>,
    seconds: u64,
    keep: bool,
}

impl Asked {
    fn read(arguments: &[&str]) -> Result<Self> {
        let mut asked = Self {
            targets: Vec::new(),
            seconds: SECONDS,
            keep: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--seconds" => {
                    let value = arguments.next().context("--seconds wants a number")?;
                    let number = value.parse();
                    asked.seconds = number.with_context(|| format!("read --seconds {value}"))?;
                }
                "--keep" => asked.keep = true,
                name => {
                    let Some(target) = TARGETS.iter().find(|(target, ..)| *target == name) else {
                        let names = TARGETS.map(|(name, ..)| name).join(", ");
                        bail!("no fuzz target is called `{name}`; there are {names}");
                    };
                    asked.targets.push(*target);
                }
            }
        }
        if asked.targets.is_empty() {
            asked.targets.extend(TARGETS);
        }
        Ok(asked)
    }
}

/// Runs the targets that were named, or all, one after the other.
pub(crate) fn fuzz(root: &Path, arguments: &[&str]) -> Result<()> {
    let asked = Asked::read(arguments)?;
    let build = Workspace::read(root)?.target_dir.join(FOLDER);
    let host = host()?;
    compile(root, &build, &host)?;
    for (name, bytes_max, dictionary) in asked.targets {
        let target = Target {
            binary: build.join(&host).join("release").join(name),
            seeds: root.join(FOLDER).join("corpus").join(name),
            found: build.join("corpus").join(name),
            broken: build.join("artifacts").join(name),
            dictionary: root.join(format!("{FOLDER}/dictionaries/{dictionary}.dict")),
            bytes_max,
        };
        for folder in [&target.seeds, &target.found, &target.broken] {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("make {}", folder.display()))?;
        }
        target.run(asked.seconds)?;
        if asked.keep {
            target.keep()?;
        }
    }
    Ok(())
}

/// The compiler's own platform: with it named, the flags go to the targets and not to what builds
/// them.
fn host() -> Result<String> {
    let output = Command::new("rustc")
        .args(["--version", "--verbose"])
        .output();
    let output = output.context("run rustc")?;
    let told = String::from_utf8_lossy(&output.stdout);
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not tell its platform")
}

fn compile(root: &Path, build: &Path, host: &str) -> Result<()> {
    run(Command::new("cargo")
        .args(["build", "--release", "--target", host, "--target-dir"])
        .arg(build)
        .current_dir(root.join(FOLDER))
        // The sanitizer's flag is not stable; the compiler that is there takes it all the same.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS))
}

/// One target and its folders.
struct Target {
    binary: PathBuf,
    /// The repository's inputs.
    seeds: PathBuf,
    /// Inputs that runs found worth keeping.
    found: PathBuf,
    /// Inputs that broke a property.
    broken: PathBuf,
    dictionary: PathBuf,
    bytes_max: usize,
}

impl Target {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            // SQLite, which comes with the vault, defines its tables twice.
            .env("ASAN_OPTIONS", "detect_odr_violation=0")
            .arg(format!("-max_len={}", self.bytes_max))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-artifact_prefix={}/", self.broken.display()))
            .arg("-detect_leaks=0"); // ids of rules are leaked once, by design
        command
    }

    /// Runs for so long; with 0 seconds over the inputs that there are, and no others.
    fn run(&self, seconds: u64) -> Result<()> {
        let limit = match seconds {
            0 => "-runs=0".to_owned(),
            _ => format!("-max_total_time={seconds}"),
        };
        run(self
            .command()
            .arg(limit)
            .arg(format!("-dict={}", self.dictionary.display()))
            .arg("-print_final_stats=1")
            .args([&self.found, &self.seeds]))
    }

    /// Puts the least that covers as much into the repository, but for what looks issued.
    fn keep(&self) -> Result<()> {
        // Places in the code alone are counted, not how often: a tenth of the inputs.
        run(self
            .command()
            .args(["-merge=1", "-use_counters=0"])
            .args([&self.seeds, &self.found]))?;
        let detector = Detector::default();
        let mut dropped = 0_usize;
        let entries = self.seeds.read_dir().context("read the corpus")?;
        for entry in entries {
            let path = entry?.path();
            let input = std::fs::read(&path).context("read an input")?;
            if looks_issued(&detector, &input) {
                std::fs::remove_file(&path).context("drop an input")?;
                dropped += 1;
            }
        }
        say(&format!(
            "{dropped} inputs look like issued tokens: not kept"
        ));
        Ok(())
    }
}

/// Whether a scanner would take an input for a leak: one of the rule packs finds a token in it.
fn looks_issued(detector: &Detector, input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let rules = RuleSet::builtin();
    let is_issued =
        |id: &str| id.starts_with("private_key") || rules.rules().iter().any(|r| r.id == id);
    let found = detector.scan(&text, &Field::default());
    found.iter().any(|f| is_issued(f.rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_their_time_are_read() {
        let all = Asked::read(&[]).unwrap();
        assert_eq!(
            (all.targets.len(), all.seconds, all.keep),
            (TARGETS.len(), SECONDS, false)
        );
        let one = Asked::read(&["rules", "--seconds", "5", "--keep"]).unwrap();
        assert_eq!(one.targets, [("rules", 2_048, "rules")]);
        assert_eq!((one.seconds, one.keep), (5, true));
        for wrong in [&["rule"][..], &["--seconds"], &["--seconds", "x"]] {
            assert!(Asked::read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_target_is_declared() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
        let declared = manifest.get("bin").and_then(toml::Value::as_array).unwrap();
        let names = declared.iter().filter_map(|bin| bin.get("name")?.as_str());
        assert_eq!(names.collect::<Vec<_>>(), TARGETS.map(|(name, ..)| name));
    }

    #[test]
    fn what_looks_issued_is_not_kept() {
        let detector = Detector::default();
        let token = concat!("AK", "IA", "Q3EGUVCBF7NDPRTX");
        assert!(looks_issued(&detector, token.as_bytes()));
        assert!(!looks_issued(
            &detector,
            b"password=hunter2Zq9 ann@example.org"
        ));
    }
}
