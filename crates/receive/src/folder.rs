//! A folder of telemetry becomes raw events: OTLP/JSON export requests or JSON events, one a line,
//! in files that may be compressed with gzip.
//!
//! The layout is that of a diagnosis: `baseline/` and `incident/`, each with files of any name and
//! depth. `changes.jsonl` beside them, or in either, tells of deploys, flags and configurations.
//!
//! *Limits:* [`FILES_COUNT_MAX`] files, [`FOLDER_DEPTH_MAX`] folders deep, lines of
//! [`LINE_BYTES_MAX`] and files of [`FILE_BYTES_MAX`] after decompression.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use cordon_event::{Event, Raw};
use flate2::read::MultiGzDecoder;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Format, Limits, LineReader, decode};

/// Files of one folder.
pub const FILES_COUNT_MAX: usize = 10_000;
/// Folders within folders.
pub const FOLDER_DEPTH_MAX: usize = 8;
/// Bytes of one line.
pub const LINE_BYTES_MAX: usize = 256 << 20;
/// Bytes of one file, decompressed.
pub const FILE_BYTES_MAX: u64 = 16 << 30;
/// Events of one line.
const EVENTS_COUNT_MAX: usize = 4_000_000;
/// First bytes of gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Names of files that tell of changes.
const CHANGES: &str = "changes.";
/// Endings of files that are read, before `.gz`.
const ENDINGS: [&str; 4] = ["jsonl", "ndjson", "json", "log"];

/// Files of the two windows.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// When all was well.
    pub baseline: Vec<PathBuf>,
    /// When it was not.
    pub incident: Vec<PathBuf>,
    /// What was changed.
    pub changes: Vec<PathBuf>,
}

impl Folder {
    /// Lists the files of a folder, in the order of their names.
    pub fn list(folder: &Path) -> io::Result<Self> {
        let mut listed = Self {
            baseline: files(&folder.join("baseline"))?,
            incident: files(&folder.join("incident"))?,
            changes: Vec::new(),
        };
        let beside = std::fs::read_dir(folder)?
            .collect::<io::Result<Vec<_>>>()?
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| path.is_file());
        let is_change = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(CHANGES))
        };
        listed.changes = beside.filter(is_change).collect();
        for window in [&mut listed.baseline, &mut listed.incident] {
            listed
                .changes
                .extend(window.extract_if(.., |path| is_change(path)));
        }
        listed.changes.sort();
        Ok(listed)
    }
}

/// Files below a folder; none where there is none.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() && depth < FOLDER_DEPTH_MAX {
                open.push((path, depth + 1));
            } else if path.is_file() && is_read(&path) && found.len() < FILES_COUNT_MAX {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_read(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase());
    let name = name.unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// What became of the lines of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Lines that were read.
    pub read: u64,
    /// Lines that are no telemetry, and records that are not what they should be.
    pub refused: u64,
}

/// Reads the events of a file, line by line; a bad line is counted and the file goes on.
pub fn events(path: &Path, take: &mut dyn FnMut(Raw<Event>)) -> io::Result<Lines> {
    let limits = Limits {
        inflated_bytes_max: LINE_BYTES_MAX,
        decoded_bytes_max: usize::MAX,
        in_flight_bytes_max: usize::MAX,
        events_count_max: EVENTS_COUNT_MAX,
        ..Limits::default()
    };
    let mut reader = LineReader::new(limits);
    let mut lines = Lines::default();
    let mut read = |line: Vec<u8>| -> bool {
        match reader.next_line(line) {
            Ok(decoded) => {
                lines.refused += decoded.rejected;
                lines.read += 1;
                decoded.events.split().for_each(&mut *take);
                true
            }
            Err(_) => false,
        }
    };
    let mut refused = 0;
    for_lines(path, &mut |line| {
        refused += u64::from(!read(line));
    })?;
    lines.refused += refused;
    Ok(lines)
}

/// Reads the changes of a file, as [`events`] does: what `POST /v1/changes` takes.
pub fn changes(path: &Path, take: &mut dyn FnMut(Raw<Event>)) -> io::Result<Lines> {
    let limits = Limits::default();
    let mut lines = Lines::default();
    for_lines(path, &mut |line| {
        let line = Zeroizing::new(line);
        match decode(Format::Changes, &line, &limits) {
            Ok(decoded) => {
                lines.read += 1;
                decoded.events.split().for_each(&mut *take);
            }
            Err(_) => lines.refused += 1,
        }
    })?;
    Ok(lines)
}

/// The bytes of a file, decompressed, up to [`FILE_BYTES_MAX`].
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let mut file = BufReader::new(File::open(path)?);
    let packed = file.fill_buf()?.starts_with(&GZIP);
    Ok(if packed {
        Box::new(MultiGzDecoder::new(file).take(FILE_BYTES_MAX))
    } else {
        Box::new(file.take(FILE_BYTES_MAX))
    })
}

/// Gives the lines of a file, decompressed. A file of one JSON document over many lines is one
/// line.
pub fn for_lines(path: &Path, take: &mut dyn FnMut(Vec<u8>)) -> io::Result<()> {
    let mut from = BufReader::with_capacity(1 << 20, open(path)?);
    let mut first = Vec::new();
    from.by_ref()
        .take(LINE_BYTES_MAX as u64)
        .read_until(b'\n', &mut first)?;
    // `{` or `[` alone on the first line: a document that was laid out for reading.
    if matches!(first.trim_ascii(), b"{" | b"[") {
        let mut rest = from.take(LINE_BYTES_MAX as u64);
        rest.read_to_end(&mut first)?;
        take(first);
        return Ok(());
    }
    let mut line = first;
    while !line.is_empty() {
        take(std::mem::take(&mut line));
        from.by_ref()
            .take(LINE_BYTES_MAX as u64)
            .read_until(b'\n', &mut line)?;
    }
    line.zeroize();
    Ok(())
}
