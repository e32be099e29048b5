//! What is found in a line together with the lines around it: a token that was wrapped over lines
//! of text, or over the values at one path of records that follow each other.

use std::collections::VecDeque;

use cordon_detect::{Detector, Finding, Open};
use cordon_event::Raw;
use zeroize::Zeroizing;

use super::wrap::{FIRST_BYTES_MAX, Joined, MORE_BYTES_MAX, Wrapped, join};
use super::{Behind, bare};
use crate::json::{self, Node, Place};
use crate::pairs::{holds_value, names_pair};

/// Tokens that the values of one record may leave open.
const OPEN_COUNT_MAX: usize = 16;
/// Bytes before a quote that may be of a token.
const TOKEN_BYTES_MIN: usize = 16;

/// What was found in one line with others: each with the place of its value in the line, which is
/// 0 in a line of text.
pub(super) type Found = Vec<(usize, Finding)>;

/// A token that was let go before its end arrived.
struct Paused {
    /// Where in a record it stands; none in a line of text.
    path: Option<String>,
    text: Raw<String>,
}

/// What lines say of the lines behind them.
#[derive(Default)]
pub(super) struct Across {
    /// What was found in the next lines.
    next: VecDeque<Found>,
    paused: Option<Paused>,
}

/// A line and those behind it.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t> {
    /// The line without its line break.
    pub(super) line: &'t str,
    /// The others, each with its own.
    pub(super) below: &'t str,
    /// What follows them.
    pub(super) behind: Behind,
    /// Whether the line is a record.
    pub(super) record: bool,
}

/// A text of a record.
struct Leaf {
    path: String,
    place: Place,
}

/// The line would have to wait.
struct Waits;

impl Across {
    /// Whether lines before say something of the next one.
    pub(super) fn is_open(&self) -> bool {
        !self.next.is_empty() || self.paused.is_some()
    }

    /// What is known of the next line, where nothing is asked of those behind it.
    pub(super) fn known(&mut self) -> Found {
        self.next.pop_front().unwrap_or_default()
    }

    /// What is found in a line with others. None where it has to wait for those behind it.
    pub(super) fn of(&mut self, detector: &Detector, lines: Lines<'_>) -> Option<Found> {
        if self.resume(detector, lines).is_err() {
            return None;
        }
        // The last line of a wrapped token may be the first of another.
        if self.next.len() < 2 && lines.line.len() <= FIRST_BYTES_MAX {
            let begun = if lines.record {
                self.record(detector, lines)
            } else {
                self.text(detector, lines)
            };
            if begun.is_err() {
                return None;
            }
        }
        Some(self.known())
    }

    /// Goes on with the token that was let go of in a pause.
    fn resume(&mut self, detector: &Detector, lines: Lines<'_>) -> Result<(), Waits> {
        let Some(paused) = self.paused.take() else {
            return Ok(());
        };
        let above = paused.text.expose_raw();
        let Some(open) = detector.open_token(above) else {
            return Ok(());
        };
        let Lines { line, behind, .. } = lines;
        let mut places = Vec::new();
        let joined = match &paused.path {
            None => {
                let rest = std::iter::once(line).chain(texts(lines.below));
                join(detector, above, open, rest.map(Some), behind)
            }
            Some(path) => {
                let here = if lines.record {
                    leaves(line)
                } else {
                    Vec::new()
                };
                let next = values(&here, lines, path, &mut places);
                join(detector, above, open, next, behind)
            }
        };
        match joined {
            Joined::Waits => {
                self.paused = Some(paused);
                Err(Waits)
            }
            Joined::Read(mut read) => {
                read.found.drain(..1);
                if paused.path.is_none() {
                    places.extend((0..read.found.len()).map(|n| (n, 0)));
                }
                self.take(paused.path, read, &places);
                Ok(())
            }
        }
    }

    /// The token that a line of text leaves open.
    fn text(&mut self, detector: &Detector, lines: Lines<'_>) -> Result<(), Waits> {
        let Some(open) = detector.open_token(lines.line) else {
            return Ok(());
        };
        let rest = texts(lines.below).map(Some);
        match join(detector, lines.line, open, rest, lines.behind) {
            Joined::Waits => Err(Waits),
            Joined::Read(read) => {
                let places: Vec<_> = (0..read.found.len()).map(|n| (n, 0)).collect();
                self.take(None, read, &places);
                Ok(())
            }
        }
    }

    /// The tokens that the values of a record leave open.
    fn record(&mut self, detector: &Detector, lines: Lines<'_>) -> Result<(), Waits> {
        let Lines { line, behind, .. } = lines;
        if !may_be_open(detector, line) {
            return Ok(());
        }
        let here = leaves(line);
        let mut read = Vec::new();
        for (n, leaf) in here.iter().enumerate() {
            let Some((text, open)) = open_value(detector, line, leaf) else {
                continue;
            };
            let mut places = Vec::new();
            let rest = here.get(n + 1..).unwrap_or(&[]);
            let next = values(rest, lines, &leaf.path, &mut places);
            match join(detector, &text, open, next, behind) {
                Joined::Waits => return Err(Waits),
                Joined::Read(joined) => {
                    places.insert(0, (0, leaf.place.0));
                    read.push((leaf.path.clone(), joined, places));
                }
            }
            if read.len() == OPEN_COUNT_MAX {
                break;
            }
        }
        for (path, joined, places) in read {
            self.take(Some(path), joined, &places);
        }
        Ok(())
    }

    /// Remembers what was found: of each text in the line, from the next one on, and at the place
    /// that `places` says.
    fn take(&mut self, path: Option<String>, read: Wrapped, places: &[(usize, usize)]) {
        for (found, (line, place)) in read.found.into_iter().zip(places) {
            while self.next.len() <= *line {
                self.next.push_back(Found::new());
            }
            if let Some(next) = self.next.get_mut(*line) {
                next.extend(found.into_iter().map(|f| (*place, f)));
            }
        }
        if let Some(text) = read.open {
            self.paused = Some(Paused { path, text });
        }
    }
}

/// The lines of a text without their line breaks.
fn texts(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').map(|line| bare(line).0)
}

/// The value that leaves a token open, and the token.
fn open_value(detector: &Detector, line: &str, leaf: &Leaf) -> Option<(Zeroizing<String>, Open)> {
    let text = value(line, leaf)?;
    let bare = text.trim_end_matches(['\r', '\n']).len();
    let open = detector.open_token(text.get(..bare)?)?;
    Some((text, open))
}

fn value(line: &str, leaf: &Leaf) -> Option<Zeroizing<String>> {
    let literal = line.get(leaf.place.0..leaf.place.1)?;
    json::unquote(literal).map(Zeroizing::new)
}

/// First lines of the values at a path that follow: of `rest`, what is left of a record, then of
/// the records below; with the number of its line and its place for each that is taken. None for a
/// record that has no such value.
fn values<'t>(
    rest: &'t [Leaf],
    lines: Lines<'t>,
    path: &'t str,
    places: &'t mut Vec<(usize, usize)>,
) -> impl Iterator<Item = Option<Zeroizing<String>>> + 't {
    let first = |line: &str, leaf: &Leaf| {
        let text = value(line, leaf)?;
        Some(Zeroizing::new(text.lines().next()?.to_owned()))
    };
    let here = rest.iter().filter(move |leaf| leaf.path == path);
    let mut ready: VecDeque<(usize, usize, Option<Zeroizing<String>>)> = here
        .map(|leaf| (0, leaf.place.0, first(lines.line, leaf)))
        .collect();
    let (mut below, mut count, mut bytes) = (texts(lines.below), 0, 0);
    std::iter::from_fn(move || {
        if ready.is_empty() {
            let line = below.next()?;
            (count, bytes) = (count + 1, bytes + line.len() + 2);
            if bytes <= MORE_BYTES_MAX && json::opens(line) {
                let leaves = leaves(line);
                let there = leaves.iter().filter(|leaf| leaf.path == path);
                ready.extend(there.map(|leaf| (count, leaf.place.0, first(line, leaf))));
            }
        }
        let Some((line, place, text)) = ready.pop_front() else {
            return Some(None);
        };
        places.push((line, place));
        Some(text)
    })
}

/// Whether a token may be open at the end of a value: one stands before a quote.
fn may_be_open(detector: &Detector, line: &str) -> bool {
    memchr::memchr_iter(b'"', line.as_bytes()).any(|quote| {
        let mut text = line.get(..quote).unwrap_or("");
        while let Some(shorter) = text.strip_suffix("\\n").or(text.strip_suffix("\\r")) {
            text = shorter;
        }
        let tail = text.bytes().rev().take(TOKEN_BYTES_MIN);
        let blank = |b: u8| matches!(b, b' ' | b'"' | b',' | b'{');
        !tail.clone().any(blank)
            && tail.count() == TOKEN_BYTES_MIN
            && detector.open_token(text).is_some()
    })
}

/// The texts of a record in order; none where the line is no record.
fn leaves(line: &str) -> Vec<Leaf> {
    let mut out = Vec::new();
    if let Some(node) = json::parse(line) {
        add_leaves(line, &node, String::new(), &mut out);
    }
    out
}

fn add_leaves(line: &str, node: &Node, path: String, out: &mut Vec<Leaf>) {
    match node {
        Node::Text(place) => out.push(Leaf {
            path,
            place: *place,
        }),
        Node::Array(items) => {
            for item in items {
                add_leaves(line, item, path.clone(), out);
            }
        }
        Node::Object(_, members) => {
            let quoted = |key: &Place| line.get(key.0..key.1).unwrap_or("");
            // `{"key": …, "value": …}`: the value of the next pair is no second half of this one's.
            let bare = |key: &Place| quoted(key).trim_matches('"').to_owned();
            let named = members.iter().any(|(key, _)| names_pair(&bare(key)));
            for (key, value) in members {
                if !(named && holds_value(&bare(key))) {
                    add_leaves(line, value, format!("{path}.{}", quoted(key)), out);
                }
            }
        }
        Node::Number(_) | Node::Literal => {}
    }
}
