//! What the stream listeners count, a row for each source.
//!
//! Frames that were read are admitted, lost with a reason, or in flight.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::stream::deliver::Decoder;
use crate::stream::{flag, kernel};

/// Where frames come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    SyslogUdp,
    SyslogTcp,
    SyslogTls,
    JsonTcp,
    JsonTls,
}

impl Source {
    const NAMES: [&str; 5] = [
        "syslog_udp",
        "syslog_tcp",
        "syslog_tls",
        "json_tcp",
        "json_tls",
    ];

    /// The source of a connection.
    pub(crate) fn of(decoder: Decoder, is_tls: bool) -> Self {
        match (decoder, is_tls) {
            (Decoder::Syslog { .. }, false) => Self::SyslogTcp,
            (Decoder::Syslog { .. }, true) => Self::SyslogTls,
            (Decoder::JsonLines, false) => Self::JsonTcp,
            (Decoder::JsonLines, true) => Self::JsonTls,
        }
    }
}

/// Why frames were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// A datagram for which there was no room.
    Full,
    /// What is behind fails with them.
    Poisoned,
    /// A defect on this side.
    Internal,
    /// What is behind took nothing until the process had to end.
    Shutdown,
    /// The line names another tenant than it came for.
    OtherTenant,
}

impl Lost {
    const NAMES: [&str; 5] = ["full", "poisoned", "internal", "shutdown", "other_tenant"];
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By its peer.
    Closed,
    /// For want of bytes.
    Idle,
    /// By shutdown.
    Stopped,
    /// In the TLS handshake: no certificate, a wrong one, no TLS, too slow.
    Handshake,
    /// No tenant is named by the listener or the certificate.
    NoTenant,
    /// The certificate is of a tenant other than the listener's.
    OtherTenant,
    /// Whose certificate it is could not be found out.
    Unavailable,
}

impl Ended {
    const NAMES: [&str; 7] = [
        "closed",
        "idle",
        "stopped",
        "tls_handshake",
        "no_tenant",
        "other_tenant",
        "unavailable",
    ];
}

/// Counts of one source.
#[derive(Default)]
struct Row {
    opened: AtomicU64,
    ended: [AtomicU64; Ended::NAMES.len()],
    bytes: AtomicU64,
    frames: AtomicU64,
    events: AtomicU64,
    rejected: AtomicU64,
    waits: AtomicU64,
    lost: [AtomicU64; Lost::NAMES.len()],
    flagged: [AtomicU64; flag::ALL.len()],
}

/// Counts of all sources since the start.
#[derive(Default)]
pub(crate) struct Streams {
    rows: [Row; Source::NAMES.len()],
    /// Sockets of datagrams, as the kernel knows them; one for each listener.
    datagrams: Mutex<Vec<u64>>,
}

fn add(count: Option<&AtomicU64>, more: u64) {
    if let Some(count) = count {
        count.fetch_add(more, Ordering::Relaxed);
    }
}

fn get(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

impl Streams {
    fn row(&self, source: Source) -> Option<&Row> {
        self.rows.get(source as usize)
    }

    /// Asks the kernel about a socket of datagrams from now on.
    pub(crate) fn watch(&self, socket: &impl std::os::fd::AsRawFd) {
        let inode = kernel::inode(socket);
        let mut all = self
            .datagrams
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.extend(inode);
    }

    /// Datagrams that the kernel dropped.
    fn kernel_drops(&self) -> u64 {
        let all = self
            .datagrams
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kernel::drops(&all)
    }

    pub(crate) fn opened(&self, source: Source) {
        add(self.row(source).map(|row| &row.opened), 1);
    }

    pub(crate) fn closed(&self, source: Source, ended: Ended) {
        let row = self.row(source);
        add(row.and_then(|row| row.ended.get(ended as usize)), 1);
    }

    pub(crate) fn read(&self, source: Source, bytes: usize) {
        add(self.row(source).map(|row| &row.bytes), bytes as u64);
    }

    /// A wait before the same is tried again.
    pub(crate) fn waited(&self, source: Source) {
        add(self.row(source).map(|row| &row.waits), 1);
    }

    /// Frames whose events are durable.
    pub(crate) fn admitted(&self, source: Source, frames: u64, events: u64, rejected: u64) {
        if let Some(row) = self.row(source) {
            add(Some(&row.frames), frames);
            add(Some(&row.events), events);
            add(Some(&row.rejected), rejected);
        }
    }

    pub(crate) fn flagged(&self, source: Source, at: usize, count: u64) {
        let row = self.row(source);
        add(row.and_then(|row| row.flagged.get(at)), count);
    }

    pub(crate) fn lost(&self, source: Source, lost: Lost, count: u64) {
        let row = self.row(source);
        add(row.and_then(|row| row.lost.get(lost as usize)), count);
    }

    /// In the Prometheus text format; sources that were never used are there with 0.
    pub(crate) fn render(&self, out: &mut String) {
        let plain: [Plain; 6] = [
            ("bytes", |row| &row.bytes),
            ("frames", |row| &row.frames),
            ("events", |row| &row.events),
            ("rejected_records", |row| &row.rejected),
            ("waits", |row| &row.waits),
            ("opened_connections", |row| &row.opened),
        ];
        let rows = || Source::NAMES.iter().zip(&self.rows);
        for (name, count) in plain {
            let name = format!("cordon_receive_stream_{name}_total");
            let _written = writeln!(out, "# TYPE {name} counter");
            for (source, row) in rows() {
                let count = get(count(row));
                let _written = writeln!(out, "{name}{{source=\"{source}\"}} {count}");
            }
        }
        let (name, count) = (
            "cordon_receive_stream_kernel_drops_total",
            self.kernel_drops(),
        );
        let _written = writeln!(
            out,
            "# TYPE {name} counter\n{name}{{source=\"syslog_udp\"}} {count}"
        );
        let name = "cordon_receive_stream_open_connections";
        let _written = writeln!(out, "# TYPE {name} gauge");
        for (source, row) in rows() {
            let ended: u64 = row.ended.iter().map(get).sum();
            let open = get(&row.opened).saturating_sub(ended);
            let _written = writeln!(out, "{name}{{source=\"{source}\"}} {open}");
        }
        let flags = flag::ALL.map(|(_, name)| name);
        let labelled: [Labelled; 3] = [
            ("closed_connections", &Ended::NAMES, |row| &row.ended),
            ("lost_frames", &Lost::NAMES, |row| &row.lost),
            ("flagged_events", &flags, |row| &row.flagged),
        ];
        for (name, reasons, counts) in labelled {
            let name = format!("cordon_receive_stream_{name}_total");
            let _written = writeln!(out, "# TYPE {name} counter");
            for (source, row) in rows() {
                for (reason, count) in reasons.iter().zip(counts(row)) {
                    let count = get(count);
                    let labels = format!("source=\"{source}\",reason=\"{reason}\"");
                    let _written = writeln!(out, "{name}{{{labels}}} {count}");
                }
            }
        }
    }
}

/// A metric, and where its count is.
type Plain = (&'static str, fn(&Row) -> &AtomicU64);

/// A metric with reasons, and where its counts are.
type Labelled<'a> = (&'static str, &'a [&'static str], fn(&Row) -> &[AtomicU64]);
