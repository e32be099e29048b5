//! Plain logs, without windows: where did it begin, and what is it?
//!
//! Lines are read one by one ([`PlainLogs::add`]); of each its time, level, service and the number
//! of its shape are kept. At the end the shapes are merged into templates, the moment is sought
//! from which on errors come more often, and the lines before it are the baseline of those after.
//! Where errors were there from the beginning on, there is nothing to compare: they are told as
//! they are.
//!
//! *Limits:* [`LINES_COUNT_MAX`] lines; further ones are counted and left out. Stack traces are
//! read of the first [`BLOCKS_COUNT_MAX`] blocks, of at most [`BLOCK_LINES_MAX`] lines each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cordon_event::Severity;
use cordon_fingerprint::{Miner, ShapeNo, group_trace, header, parse_trace};

use super::case::{Case, Failure, Log, Side};
use super::names::Name;
use super::onset;
use super::report::{Report, investigate};
use super::repository::Repository;

/// Lines that are kept.
pub const LINES_COUNT_MAX: usize = 32 << 20;
/// Blocks of which the stack trace is read.
const BLOCKS_COUNT_MAX: usize = 2_000;
/// Lines of a block.
const BLOCK_LINES_MAX: usize = 128;
/// Nanoseconds between two lines where neither tells its time.
const STEP_NS: u64 = 1_000_000;
/// Name of what tells neither program nor logger.
const UNNAMED: &str = "log";
/// Share of the lines that the baseline has where no beginning is seen.
const BASELINE_SHARE: f64 = 0.5;

/// A line, as far as it is kept.
#[derive(Clone, Copy)]
struct Line {
    time_ns: u64,
    shape: ShapeNo,
    severity: Severity,
    service: Name,
    group: Name,
}

/// Plain logs that are being read.
#[derive(Default)]
pub struct PlainLogs {
    case: Case,
    miner: Miner,
    lines: Vec<Line>,
    /// The lines that may be a stack trace, since the last that had a header.
    block: String,
    block_lines: usize,
    blocks: usize,
    left_out: u64,
    last_ns: u64,
    /// Shapes of blocks whose exception was read before.
    known: HashMap<String, Name>,
}

impl PlainLogs {
    /// Nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines that were read, those left out included.
    pub fn lines_count(&self) -> u64 {
        self.lines.len() as u64 + self.left_out
    }

    /// Reads a clean line.
    pub fn add(&mut self, line: &str) {
        if self.lines.len() >= LINES_COUNT_MAX {
            self.left_out += 1;
            return;
        }
        let header = header::read(line);
        let headed = header.time_unix_ns.is_some() || header.severity != Severity(0);
        let follows = !headed && (line.starts_with([' ', '\t']) || self.block_lines > 0);
        let begins = line.starts_with("Traceback (most recent call last)")
            || line.starts_with("panic:")
            || line.starts_with("Exception in thread");
        if headed || !(follows || begins) {
            self.close();
        }
        if self.block_lines < BLOCK_LINES_MAX {
            self.block.push_str(line);
            self.block.push('\n');
        }
        self.block_lines += 1;
        // A line of a stack trace is no message of its own.
        if follows && !self.lines.is_empty() {
            return;
        }
        let time_ns = header.time_unix_ns.unwrap_or(self.last_ns + STEP_NS);
        self.last_ns = time_ns;
        // Of one program's log the logger tells the part.
        let named = [header.service, header.logger, UNNAMED];
        let service = named.into_iter().find(|name| !name.is_empty());
        let service = self.case.names.of(service.unwrap_or(UNNAMED));
        self.lines.push(Line {
            time_ns,
            shape: self.miner.add_read(&header),
            severity: header.severity,
            service,
            group: Name::NONE,
        });
    }

    /// Reads the exception of the block that ends, and gives it to the line that it began with.
    fn close(&mut self) {
        let block = std::mem::take(&mut self.block);
        let lines = std::mem::replace(&mut self.block_lines, 0);
        if lines < 2 || self.blocks >= BLOCKS_COUNT_MAX {
            return;
        }
        let Some(last) = self.lines.last_mut() else {
            return;
        };
        let key = block
            .split_once('\n')
            .map_or("", |(_, rest)| rest)
            .to_owned();
        if let Some(known) = self.known.get(&key) {
            last.group = *known;
            return;
        }
        self.blocks += 1;
        let group = parse_trace(&block).map_or(Name::NONE, |trace| {
            let group = group_trace(&trace);
            let name = self.case.names.of(&group.id);
            self.case.failures.insert(name, Failure::of(&group));
            name
        });
        last.group = group;
        self.known.insert(key, group);
    }

    /// Names of the files that frames of failures are in.
    pub fn file_names(&mut self) -> BTreeSet<String> {
        self.close();
        self.case.file_names()
    }

    /// Adds what a repository tells, for the search of the commit that brought a fault.
    pub fn set_repository(&mut self, repository: Repository) {
        self.case.set_repository(repository);
    }

    /// What they tell.
    pub fn diagnose(mut self) -> Report {
        self.close();
        let merged = std::mem::take(&mut self.miner).merge();
        let mut templates: BTreeMap<u32, Name> = BTreeMap::new();
        let onset = self.onset();
        for line in &self.lines {
            let template = templates
                .entry(line.shape.0)
                .or_insert_with(|| self.case.names.of(&merged.of(line.shape).text));
            let side = if line.time_ns < onset {
                Side::Baseline
            } else {
                Side::Incident
            };
            let failed = !line.group.is_none();
            let log = Log {
                service: line.service,
                time_ns: line.time_ns,
                severity: if failed {
                    line.severity.max(Severity::ERROR)
                } else {
                    line.severity
                },
                template: *template,
                group: line.group,
                trace: 0,
                span: 0,
            };
            self.case.add_record(side, log);
        }
        self.case.left_out(self.left_out);
        investigate(&self.case)
    }

    /// The moment from which on errors come more often; the middle where there is none.
    fn onset(&self) -> u64 {
        let bad = |line: &&Line| line.severity >= Severity::ERROR || !line.group.is_none();
        let mut signs: Vec<u64> = self
            .lines
            .iter()
            .filter(bad)
            .map(|line| line.time_ns)
            .collect();
        signs.sort_unstable();
        let mut times: Vec<u64> = self.lines.iter().map(|line| line.time_ns).collect();
        times.sort_unstable();
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return 0;
        };
        let middle = (times.len() as f64 * BASELINE_SHARE) as usize;
        onset::begun(&signs, *first, *last)
            .or_else(|| times.get(middle).copied())
            .unwrap_or_default()
    }
}
