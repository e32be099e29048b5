//! Lines of text, of containers and of systemd's journal, from files or stdin, as they come.
//!
//! What came is read on a thread of its own, so that a record is given when nothing followed it
//! for a while. After every such pause, and after [`RECORDS_COUNT_MAX`] records or
//! [`DURABLE_AFTER`] without one, what was given is made durable, and for a journal the cursor is
//! written: what is behind it is to be read again, and nothing before it.

use std::fs::OpenOptions;
use std::io::{Read, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cordon_receive::{
    Identified, JournalFormat, JournalIntake, LINE_BYTES_MAX, LineIntake, Moment, SourceContext,
    SourceFormat,
};
use zeroize::Zeroizing;

use super::Ingest;
use crate::cli::IngestFormat;
use crate::environment;

/// Bytes that are read at once.
const READ_BYTES_MAX: usize = 64 << 10;
/// Reads that wait to be looked at.
const READS_COUNT_MAX: usize = 8;
/// Records after which what was given is made durable and the cursor is written, without a pause.
const RECORDS_COUNT_MAX: u64 = 4_096;
/// Time after which the same is done.
const DURABLE_AFTER: Duration = Duration::from_secs(5);
/// Pause after which what is quiet is looked for.
const PAUSE: Duration = Duration::from_millis(250);

/// What lines are made into.
enum Intake {
    Lines(Box<LineIntake>, Cutter),
    Journal(Box<JournalIntake>),
}

/// How the input of one run is read.
pub(super) struct Reading<'a> {
    pub(super) format: IngestFormat,
    pub(super) service: Option<&'a str>,
    pub(super) cursor_file: Option<&'a Path>,
    pub(super) tenant: &'a str,
    pub(super) zone_offset_s: i32,
}

impl Ingest<'_> {
    /// Takes in all of an input; `run` is what sets its lines apart from equal ones of that name.
    pub(super) fn lines(
        &mut self,
        (name, run): (&str, &[u8]),
        from: impl Read + Send + 'static,
        reading: &Reading<'_>,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut intake = reading.intake(name, run);
        let reads = reads(from)?;
        let (mut given, mut durable_at) = (0, Instant::now());
        loop {
            let read = reads.recv_timeout(PAUSE);
            let moment = Moment {
                now_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                unix_ns: environment::now_unix_ns(),
            };
            let came = matches!(read, Ok(Ok(_)));
            let ended = matches!(read, Err(RecvTimeoutError::Disconnected));
            match read {
                Ok(bytes) => {
                    let bytes = bytes.with_context(|| format!("read {name}"))?;
                    intake.push(&bytes, moment);
                }
                Err(RecvTimeoutError::Timeout) => intake.flush(moment),
                Err(RecvTimeoutError::Disconnected) => intake.finish(moment),
            }
            while let Some((identity, events)) = intake.next_ready(name, run) {
                self.submit(&identity, events)?;
                given += 1;
            }
            if !came || given >= RECORDS_COUNT_MAX || durable_at.elapsed() >= DURABLE_AFTER {
                self.durable(&mut intake, reading)?;
                (given, durable_at) = (0, Instant::now());
            }
            if ended {
                self.refused += intake.refused();
                return Ok(());
            }
        }
    }

    /// Waits for the disk, then moves the cursor on.
    fn durable(&mut self, intake: &mut Intake, reading: &Reading<'_>) -> anyhow::Result<()> {
        self.settle()?;
        if let (Intake::Journal(journal), Some(path)) = (intake, reading.cursor_file)
            && let Some(cursor) = journal.safe_cursor()
        {
            let shown = path.display();
            write_cursor(path, &cursor).with_context(|| format!("write cursor to {shown}"))?;
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn intake(&self, name: &str, run: &[u8]) -> Intake {
        let format = match self.format {
            IngestFormat::Journald => {
                return Intake::Journal(Box::new(JournalIntake::new(JournalFormat::Export)));
            }
            IngestFormat::JournaldJson => {
                return Intake::Journal(Box::new(JournalIntake::new(JournalFormat::Json)));
            }
            IngestFormat::Text => SourceFormat::Text,
            IngestFormat::Json => SourceFormat::Json,
            IngestFormat::Docker => SourceFormat::Docker,
            IngestFormat::Cri => SourceFormat::Cri,
            IngestFormat::Auto | IngestFormat::Events => SourceFormat::Auto,
        };
        let context = SourceContext {
            service: self.service.map(str::to_owned),
            // What comes by a pipe has no path, and a run of its own.
            path: run.is_empty().then(|| name.to_owned()),
            tenant: Some(self.tenant.to_owned()),
            zone_offset_s: self.zone_offset_s,
        };
        let lines = LineIntake::new(format, context).with_raw();
        Intake::Lines(Box::new(lines), Cutter::default())
    }
}

impl Intake {
    fn push(&mut self, bytes: &[u8], moment: Moment) {
        match self {
            Self::Lines(lines, cutter) => {
                cutter.push(bytes, |line, at| lines.push(line, (at, at + 1), moment));
                lines.flush(moment);
            }
            Self::Journal(journal) => {
                journal.push(bytes, moment);
                journal.flush(moment);
            }
        }
    }

    fn flush(&mut self, moment: Moment) {
        match self {
            Self::Lines(lines, _) => lines.flush(moment),
            Self::Journal(journal) => journal.flush(moment),
        }
    }

    fn finish(&mut self, moment: Moment) {
        match self {
            Self::Lines(lines, cutter) => {
                cutter.finish(|line, at| lines.push(line, (at, at + 1), moment));
                lines.finish(moment);
            }
            Self::Journal(journal) => journal.finish(moment),
        }
    }

    /// The next record, and by what it is known again: its place and its text, or its cursor.
    fn next_ready(&mut self, name: &str, run: &[u8]) -> Option<Identified> {
        match self {
            Self::Journal(journal) => journal.next_ready(),
            Self::Lines(lines, _) => {
                let (to, (raw, events)) = lines.next_ready()?;
                let place = format!("{name}:{to}:");
                let parts = [place.as_bytes(), run, raw.as_slice()];
                Some((Zeroizing::new(parts.concat()), events))
            }
        }
    }

    fn refused(&self) -> u64 {
        match self {
            Self::Lines(lines, _) => lines.strangers(),
            Self::Journal(journal) => journal.refused(),
        }
    }
}

/// Cuts bytes into lines. Of a line that is too long as much is kept as tells that it is.
#[derive(Default)]
struct Cutter {
    held: Zeroizing<Vec<u8>>,
    /// Lines so far.
    count: u64,
}

impl Cutter {
    fn push(&mut self, bytes: &[u8], mut line: impl FnMut(&[u8], u64)) {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            let ended = part.strip_suffix(b"\n");
            let bare = ended.unwrap_or(part);
            let room = (LINE_BYTES_MAX + 1).saturating_sub(self.held.len());
            let more = bare.get(..room).unwrap_or(bare);
            if self.held.is_empty() && ended.is_some() {
                self.count += 1;
                line(more, self.count);
                continue;
            }
            // A vector that grows by itself leaves what it held behind.
            let mut grown = Zeroizing::new(Vec::with_capacity(self.held.len() + more.len()));
            grown.extend_from_slice(&self.held);
            grown.extend_from_slice(more);
            self.held = grown;
            if ended.is_some() {
                self.finish(&mut line);
            }
        }
    }

    /// The last line, where it has no line break.
    fn finish(&mut self, mut line: impl FnMut(&[u8], u64)) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            self.count += 1;
            line(&held, self.count);
        }
    }
}

/// Reads on a thread of its own; it ends with its input, or with the process.
fn reads(
    mut from: impl Read + Send + 'static,
) -> anyhow::Result<Receiver<std::io::Result<Zeroizing<Vec<u8>>>>> {
    let (give, take) = sync_channel(READS_COUNT_MAX);
    let read = move || {
        loop {
            let mut bytes = Zeroizing::new(vec![0; READ_BYTES_MAX]);
            let read = match from.read(&mut bytes) {
                Ok(0) => return,
                Ok(count) => {
                    bytes.truncate(count);
                    Ok(bytes)
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = read.is_err();
            if give.send(read).is_err() || failed {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("reader".to_owned());
    thread.spawn(read).context("start reader")?;
    Ok(take)
}

/// Writes the cursor beside the file, and puts it in its place.
fn write_cursor(path: &Path, cursor: &str) -> std::io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .open(&fresh)?;
    file.write_all(cursor.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_no_difference() {
        let text = b"one\n\ntwo\r\nthree";
        let cut = |piece: usize| {
            let (mut cutter, mut lines) = (Cutter::default(), Vec::new());
            for part in text.chunks(piece) {
                cutter.push(part, |line, at| lines.push((line.to_vec(), at)));
            }
            cutter.finish(|line, at| lines.push((line.to_vec(), at)));
            lines
        };
        let whole = cut(text.len());
        assert_eq!(whole.len(), 4);
        assert_eq!(whole[3], (b"three".to_vec(), 4));
        for piece in 1..text.len() {
            assert_eq!(cut(piece).iter().filter(|(l, _)| !l.is_empty()).count(), 3);
            assert_eq!(cut(piece), whole, "{piece}");
        }
    }

    #[test]
    fn a_long_line_is_held_within_bounds() {
        let mut cutter = Cutter::default();
        let part = vec![b'x'; READ_BYTES_MAX];
        for _ in 0..2 * LINE_BYTES_MAX / READ_BYTES_MAX {
            cutter.push(&part, |_, _| panic!("no line has ended"));
        }
        assert_eq!(cutter.held.len(), LINE_BYTES_MAX + 1);
    }
}
