//! What is counted of files that are followed.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a file that a pattern names is not followed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileRefused {
    /// As many as may be are followed.
    Limit,
    /// It, or its folder, cannot be opened.
    Unreadable,
    /// Compressed.
    Compressed,
    /// The pattern's folders have more entries than are looked at.
    Entries,
}

impl FileRefused {
    pub(crate) const COUNT: usize = 4;
    const NAMES: [&str; Self::COUNT] = ["limit", "unreadable", "compressed", "entries"];
}

/// What failed with a file that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileError {
    /// Reading it, or digesting what was read.
    Read,
    /// Storing how far files were read.
    Offsets,
    /// A defect on this side: a part of it does harm.
    Internal,
    /// What is behind takes nothing.
    Unavailable,
}

impl FileError {
    const NAMES: [&str; 4] = ["read", "offsets", "internal", "unavailable"];
}

/// Files whose names or folders were refused at the latest look.
pub(crate) type Refusals = [u64; FileRefused::COUNT];

/// Counts of all files that are followed, since the start.
#[derive(Default)]
pub struct FileCounts {
    followed: AtomicU64,
    refused: [AtomicU64; FileRefused::COUNT],
    bytes: AtomicU64,
    events: AtomicU64,
    skipped: AtomicU64,
    strangers: AtomicU64,
    errors: [AtomicU64; FileError::NAMES.len()],
}

impl FileCounts {
    /// What a look at the paths found.
    pub(crate) fn looked(&self, followed: usize, refused: &Refusals) {
        self.followed.store(followed as u64, Ordering::Relaxed);
        for (count, now) in self.refused.iter().zip(refused) {
            count.store(*now, Ordering::Relaxed);
        }
    }

    /// A part that is durable, with so many lines left out that name another tenant.
    pub(crate) fn durable(&self, bytes: u64, events: u64, strangers: u64) {
        let counts = [&self.bytes, &self.events, &self.strangers];
        for (count, more) in counts.into_iter().zip([bytes, events, strangers]) {
            count.fetch_add(more, Ordering::Relaxed);
        }
    }

    /// Bytes that were given up.
    pub(crate) fn skipped(&self, bytes: u64) {
        self.skipped.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, error: FileError) {
        if let Some(count) = self.errors.get(error as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// In the Prometheus text format; reasons that never occurred are there with 0.
    pub(crate) fn render(&self, out: &mut String) {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mut family = |name: &str, kind: &str, rows: &[(&str, u64)]| {
            let name = format!("cordon_receive_files_{name}");
            // Writing to a string cannot fail.
            let _written = writeln!(out, "# TYPE {name} {kind}");
            for (reason, count) in rows {
                let _written = match *reason {
                    "" => writeln!(out, "{name} {count}"),
                    reason => writeln!(out, "{name}{{reason=\"{reason}\"}} {count}"),
                };
            }
        };
        let rows = |names: &[&'static str], counts: &[AtomicU64]| {
            let rows = names.iter().copied().zip(counts.iter().map(get));
            rows.collect::<Vec<(&str, u64)>>()
        };
        family("followed", "gauge", &[("", get(&self.followed))]);
        family(
            "refused",
            "gauge",
            &rows(&FileRefused::NAMES, &self.refused),
        );
        family("bytes_total", "counter", &[("", get(&self.bytes))]);
        family("events_total", "counter", &[("", get(&self.events))]);
        let skipped = [("internal", get(&self.skipped))];
        family("skipped_bytes_total", "counter", &skipped);
        let lost = [("other_tenant", get(&self.strangers))];
        family("lost_records_total", "counter", &lost);
        let errors = rows(&FileError::NAMES, &self.errors);
        family("errors_total", "counter", &errors);
    }
}
