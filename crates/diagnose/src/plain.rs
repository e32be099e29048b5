//! Plain logs: what fails, since when, and what was first.
//!
//! The way of the data: each line is read (`line`, `fields`, `trouble`) and kept as little as may
//! be (`gather`); at the end what tells of trouble becomes problems (`problem`), of each the moment
//! is sought from which on it comes more often (`onset`), one of those that began is decisive
//! (`judge`), what its lines share (`lift`) and what changed before (`before`) is found, and all of
//! it is a [`Report`].
//!
//! **Architecture invariant:** takes clean lines alone; neither file, socket nor clock.

mod address;
mod advice;
mod before;
mod cleaned;
mod constant;
mod episode;
pub mod fields;
mod fill;
mod gather;
mod judge;
mod lift;
pub mod line;
mod logger;
mod moment;
mod onset;
mod places;
mod problem;
mod pseudonym;
mod render;
mod report;
mod sample;
#[cfg(feature = "repository")]
mod search;
mod stacks;
mod trend;
pub mod trouble;
mod unjudged;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod told_tests;

use std::collections::BTreeSet;

pub use before::Change;
pub use gather::LINES_COUNT_MAX;
pub use lift::Shared;
pub use render::{json, markdown, text};
pub use report::{Moment, Report, Told, Verdict};
pub use trend::{Growth, Silence};

#[cfg(feature = "repository")]
use crate::incident::Repository;
use gather::Gathered;
use line::Reader;

/// Plain logs that are being read. A copy can be diagnosed while more lines come in.
#[derive(Clone, Default)]
pub struct PlainLogs {
    reader: Reader,
    gathered: Gathered,
    #[cfg(feature = "repository")]
    repository: Option<Repository>,
    /// Lines before each file, and its name.
    files: Vec<(u64, String)>,
    /// Lines of which it was said where they stand: the number of each among all that were read,
    /// and its number in its file.
    places: Vec<(u64, u64)>,
}

impl PlainLogs {
    /// Nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines that were read, those left out included.
    pub fn lines_count(&self) -> u64 {
        let counts = self.reader.counts();
        counts.records + counts.continuations
    }

    /// The next lines are those of a file.
    pub fn begin_file(&mut self, name: &str) {
        let before = self.reader.counts().lines();
        self.files.push((before, name.to_owned()));
    }

    /// The next line stands in that line of its file, from 1: of files whose entries are no lines.
    pub fn at_line(&mut self, number: u64) {
        let next = self.reader.counts().lines() + 1;
        self.places.push((next, number));
    }

    /// Reads a clean line.
    pub fn add(&mut self, line: &str) {
        self.gathered.add(&mut self.reader, line);
    }

    /// Names of the files that frames of failures are in.
    pub fn file_names(&mut self) -> BTreeSet<String> {
        self.gathered.close();
        places::file_names(&self.gathered)
    }

    /// Adds what a repository tells, for the search of the commit that brought a fault.
    #[cfg(feature = "repository")]
    pub fn set_repository(&mut self, repository: Repository) {
        self.repository = Some(repository);
    }

    /// What they tell.
    pub fn diagnose(mut self) -> Report {
        self.gathered.close();
        self.gathered.settle();
        let merged = std::mem::take(&mut self.gathered.miner).merge();
        let east = i32::from(self.reader.zone_minutes().unwrap_or(0));
        let read = (self.reader.counts(), self.reader.time_base(), east);
        let mut report = report::report(&self.gathered, &merged, read);
        report.name_files(self.files, self.places);
        #[cfg(feature = "repository")]
        if let Some(repository) = self.repository {
            search::search(&self.gathered, repository, &mut report);
        }
        report
    }
}
