//! Exceptions in a log: the lines that go on with a record, read as a stack trace.
//!
//! *Limits:* [`BLOCKS_COUNT_MAX`] different blocks are read, of [`BLOCK_LINES_MAX`] lines each.

use std::collections::HashMap;

use cordon_fingerprint::{ExceptionLink, Group, Relation, group_trace, parse_trace};

use crate::incident::Failure;
use crate::incident::names::{Name, Names};

/// Different blocks that are read.
const BLOCKS_COUNT_MAX: usize = 4_000;
/// Texts of one exception that are kept as they were written.
const WRITTEN_COUNT_MAX: usize = 64;
/// Lines of a block.
const BLOCK_LINES_MAX: usize = 160;

/// An exception.
#[derive(Clone, Debug, Default)]
pub(super) struct Fault {
    /// Type and message of the innermost cause.
    pub(super) root: String,
    /// Type and message of what escaped.
    pub(super) title: String,
    /// Function, file and line of the application's innermost frame.
    pub(super) place: String,
    pub(super) failure: Failure,
    /// Both as they were written, of the first such blocks.
    pub(super) roots: Vec<String>,
    pub(super) titles: Vec<String>,
    /// All such blocks.
    pub(super) blocks: usize,
}

/// The exceptions that were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Stacks {
    block: String,
    lines: usize,
    /// Blocks that were read before.
    known: HashMap<String, Name>,
    pub(super) faults: HashMap<Name, Fault>,
}

impl Stacks {
    /// A record begins.
    pub(super) fn begin(&mut self, line: &str) {
        self.block.clear();
        self.lines = 0;
        self.go_on(line);
    }

    /// The record with which the last block began.
    pub(super) fn head(&self) -> &str {
        self.block.lines().next().unwrap_or_default()
    }

    /// A line goes on with it.
    pub(super) fn go_on(&mut self, line: &str) {
        if self.lines < BLOCK_LINES_MAX {
            self.block.push_str(line);
            self.block.push('\n');
        }
        self.lines += 1;
    }

    /// The exception of the block that ends.
    pub(super) fn close(&mut self, names: &mut Names) -> Option<Name> {
        let lines = std::mem::take(&mut self.lines);
        if lines < 2 {
            return None;
        }
        let (_, rest) = self.block.split_once('\n')?;
        if let Some(known) = self.known.get(rest).copied() {
            self.again(known);
            return (!known.is_none()).then_some(known);
        }
        if self.known.len() >= BLOCKS_COUNT_MAX {
            return None;
        }
        let trace = parse_trace(&self.block);
        let name = trace.map_or(Name::NONE, |trace| {
            let fault = Fault::of(&group_trace(&trace));
            let name = names.of(&format!("{} {}", fault.title, fault.root));
            self.faults.entry(name).or_insert(fault).note(&trace.chain);
            name
        });
        self.known.insert(rest.to_owned(), name);
        (!name.is_none()).then_some(name)
    }

    /// A block of frames that are known: its first line may say something else.
    fn again(&mut self, known: Name) {
        let Some(fault) = self.faults.get_mut(&known) else {
            return;
        };
        let room = fault.titles.len() == fault.blocks && fault.blocks < WRITTEN_COUNT_MAX;
        match room.then(|| parse_trace(&self.block)).flatten() {
            Some(trace) => fault.note(&trace.chain),
            None => fault.blocks += 1,
        }
    }
}

impl Fault {
    fn of(group: &Group) -> Self {
        let failure = Failure::of(group);
        let place = match (failure.function.as_str(), failure.location.as_str()) {
            (function, "") => function.to_owned(),
            ("", location) => location.to_owned(),
            (function, location) => format!("{function} ({location})"),
        };
        Self {
            root: root(&group.chain),
            title: title(&group.chain),
            place,
            failure,
            roots: Vec::new(),
            titles: Vec::new(),
            blocks: 0,
        }
    }

    /// Counts a block, and keeps what it says of the first ones.
    fn note(&mut self, chain: &[ExceptionLink]) {
        self.blocks += 1;
        if self.titles.len() < WRITTEN_COUNT_MAX {
            self.titles.push(title(chain));
            self.roots.push(root(chain));
        }
    }
}

/// Type and message of what escaped.
fn title(chain: &[ExceptionLink]) -> String {
    chain.first().map_or_else(String::new, link_title)
}

/// Type and message of the innermost cause.
fn root(chain: &[ExceptionLink]) -> String {
    let causes = [Relation::Escaped, Relation::Cause];
    let mut chain = chain.iter().rev();
    let root = chain.find(|link| causes.contains(&link.relation));
    root.map_or_else(String::new, link_title)
}

fn link_title(link: &ExceptionLink) -> String {
    match (link.exception_type.as_str(), link.message.as_str()) {
        (kind, "") => kind.to_owned(),
        ("", message) => message.to_owned(),
        (kind, message) => format!("{kind}: {message}"),
    }
}
