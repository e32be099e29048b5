//! How far a long reading is: a line on stderr that is written over, where somebody looks at it.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;

/// Columns of the bar.
const BAR_COLUMNS: u64 = 30;
/// Bytes between two looks.
const STEP_BYTES: u64 = 4 << 20;

/// The progress of reading stdin.
pub(crate) struct Progress {
    shown: bool,
    /// Bytes in all; 0 of a pipe, which does not tell.
    total: u64,
    read: u64,
    told: u64,
}

impl Progress {
    /// Begins; where stderr is no terminal nothing is shown.
    pub(crate) fn of_stdin() -> Self {
        let file = std::io::stdin()
            .as_fd()
            .try_clone_to_owned()
            .map(File::from);
        let facts = file.and_then(|file| file.metadata()).ok();
        let total = facts
            .filter(std::fs::Metadata::is_file)
            .map_or(0, |facts| facts.len());
        Self {
            shown: std::io::stderr().is_terminal(),
            total,
            read: 0,
            told: 0,
        }
    }

    /// So many bytes more; so many lines in all.
    pub(crate) fn add(&mut self, bytes: u64, lines: u64) {
        self.read += bytes;
        if self.shown && self.read - self.told >= STEP_BYTES {
            self.told = self.read;
            write(&format!("\r{}", self.line(lines)));
        }
    }

    /// The end: the line goes.
    pub(crate) fn end(&self, lines: u64) {
        if self.shown && self.told > 0 {
            let width = self.line(lines).chars().count();
            write(&format!("\r{}\r", " ".repeat(width)));
        }
    }

    /// `[######      ]  52 %  1,040,000 lines`; without the bar where the total is not known.
    fn line(&self, lines: u64) -> String {
        let megabytes = self.read / 1_000_000;
        if self.total == 0 {
            return format!("read {lines} lines, {megabytes} MB");
        }
        let share = self.read.min(self.total);
        let done = share * BAR_COLUMNS / self.total;
        let bar = "#".repeat(done as usize) + &" ".repeat((BAR_COLUMNS - done) as usize);
        let percent = share * 100 / self.total;
        format!("[{bar}] {percent:>3} %  {lines} lines, {megabytes} MB")
    }
}

/// A closed stderr is nobody's problem.
fn write(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_grows_with_what_was_read() {
        let at = |read| Progress {
            shown: true,
            total: 100_000_000,
            read,
            told: 0,
        };
        let line = at(50_000_000).line(7);
        let (half, space) = ("#".repeat(15), " ".repeat(15));
        assert_eq!(line, format!("[{half}{space}]  50 %  7 lines, 50 MB"));
        assert!(at(100_000_000).line(9).contains("] 100 %"));
        assert!(at(200_000_000).line(9).contains("] 100 %"));
    }
}
