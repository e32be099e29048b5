//! What the listeners count.

mod files;
mod streams;

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::error::Code;
use crate::reply::Accepted;
use crate::sentry::tally::Totals;

pub use files::FileCounts;
pub(crate) use files::{FileError, FileRefused, Refusals};
pub(crate) use streams::{Ended, Lost, Source, Streams};

/// Counts since the start.
pub(crate) struct Counters {
    refused: [AtomicU64; Code::ALL.len()],
    requests: AtomicU64,
    accepted: AtomicU64,
    rejected: AtomicU64,
    body_bytes: AtomicU64,
    pub(crate) streams: Streams,
    /// Of the files that are followed, where any are.
    pub(crate) files: OnceLock<Arc<FileCounts>>,
    pub(crate) items: Totals,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self {
            refused: std::array::from_fn(|_| AtomicU64::new(0)),
            requests: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            body_bytes: AtomicU64::new(0),
            streams: Streams::default(),
            files: OnceLock::new(),
            items: Totals::default(),
        }
    }

    pub(crate) fn body(&self, bytes: usize) {
        self.body_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn accepted(&self, done: Accepted) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.accepted.fetch_add(done.kept, Ordering::Relaxed);
        self.rejected.fetch_add(done.rejected, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, code: Code) {
        if let Some(count) = self.refused.get(code as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// In the Prometheus text format; codes that never occurred are there with 0.
    pub(crate) fn render(&self, in_flight_bytes: usize) -> String {
        let mut out = String::from("# TYPE cordon_receive_requests_total counter\n");
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        // Writing to a string cannot fail.
        let line = |out: &mut String, text: std::fmt::Arguments<'_>| {
            let _written = writeln!(out, "{text}");
        };
        line(
            &mut out,
            format_args!(
                "cordon_receive_requests_total{{code=\"ok\"}} {}",
                get(&self.requests)
            ),
        );
        for (code, count) in Code::ALL.iter().zip(&self.refused) {
            let (name, count) = (code.as_str(), get(count));
            line(
                &mut out,
                format_args!("cordon_receive_requests_total{{code=\"{name}\"}} {count}"),
            );
        }
        let counters = [
            ("cordon_receive_events_total", get(&self.accepted)),
            ("cordon_receive_rejected_events_total", get(&self.rejected)),
            ("cordon_receive_body_bytes_total", get(&self.body_bytes)),
        ];
        for (name, count) in counters {
            line(
                &mut out,
                format_args!("# TYPE {name} counter\n{name} {count}"),
            );
        }
        self.items.render(&mut out);
        let name = "cordon_receive_in_flight_bytes";
        line(
            &mut out,
            format_args!("# TYPE {name} gauge\n{name} {in_flight_bytes}"),
        );
        self.streams.render(&mut out);
        match self.files.get() {
            Some(files) => files.render(&mut out),
            None => FileCounts::default().render(&mut out),
        }
        out
    }
}
