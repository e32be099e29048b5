//! Exceptions in a log: the lines that go on with a record, read as a stack trace.
//!
//! *Limits:* [`BLOCKS_COUNT_MAX`] different blocks are read, of [`BLOCK_LINES_MAX`] lines each.

use std::collections::HashMap;

use cordon_fingerprint::{ExceptionLink, Group, Relation, group_trace, parse_trace};

use crate::incident::Failure;
use crate::incident::names::{Name, Names};

/// Different blocks that are read.
const BLOCKS_COUNT_MAX: usize = 4_000;
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
}

/// The exceptions that were read.
#[derive(Debug, Default)]
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
        if let Some(known) = self.known.get(rest) {
            return (!known.is_none()).then_some(*known);
        }
        if self.known.len() >= BLOCKS_COUNT_MAX {
            return None;
        }
        let group = parse_trace(&self.block).map(|trace| group_trace(&trace));
        let name = group.map_or(Name::NONE, |group| {
            let fault = Fault::of(&group);
            let name = names.of(&format!("{} {}", fault.title, fault.root));
            self.faults.entry(name).or_insert(fault);
            name
        });
        self.known.insert(rest.to_owned(), name);
        (!name.is_none()).then_some(name)
    }
}

impl Fault {
    fn of(group: &Group) -> Self {
        let causes = [Relation::Escaped, Relation::Cause];
        let root = group.chain.iter().rev();
        let root = root
            .into_iter()
            .find(|link| causes.contains(&link.relation));
        let failure = Failure::of(group);
        let place = match (failure.function.as_str(), failure.location.as_str()) {
            (function, "") => function.to_owned(),
            ("", location) => location.to_owned(),
            (function, location) => format!("{function} ({location})"),
        };
        Self {
            root: root.map_or_else(String::new, link_title),
            title: group.chain.first().map_or_else(String::new, link_title),
            place,
            failure,
        }
    }
}

fn link_title(link: &ExceptionLink) -> String {
    match (link.exception_type.as_str(), link.message.as_str()) {
        (kind, "") => kind.to_owned(),
        ("", message) => message.to_owned(),
        (kind, message) => format!("{kind}: {message}"),
    }
}
