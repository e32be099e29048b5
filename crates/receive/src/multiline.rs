//! Physical lines become records: a stack trace that was printed over many lines is one.
//!
//! A line is looked at by itself ([`View`]) and then told, by the family of what is open, whether
//! it goes on with that, may go on with it, or begins something else. Nothing is configured.
//! What is open is kept per key: the stream of the line, and what its header says beside the time
//! (process, thread, level, logger), so that lines of two threads are not mixed up. A line without
//! a header belongs to whatever was written last in its stream.
//!
//! **Invariant:** no line is lost, changed or given twice, and the lines of one key stay in order.
//!
//! **Invariant:** what is joined depends on the lines, and on the time only where nothing came for
//! longer than [`JoinLimits::quiet_ms_max`], or a record took longer than
//! [`JoinLimits::record_ms_max`].
//!
//! *Limits:* [`JoinLimits`]; over one of them what is open is given as it is, and the lines that
//! follow are joined to each other.

mod block;
mod family;
mod line;
mod managed;
mod native;
mod scripts;
mod shape;

use std::collections::BTreeMap;

use family::{Stage, Verdict};
pub(crate) use line::View;

/// Lines of a record in which the report of a failure is looked for.
const LOOKED_LINES_MAX: usize = 64;

/// Bounds of joining.
#[derive(Clone, Copy, Debug)]
pub struct JoinLimits {
    /// Lines of one record.
    pub lines_count_max: usize,
    /// Bytes of one record.
    pub record_bytes_max: usize,
    /// Bytes of all open records of one source.
    pub open_bytes_max: usize,
    /// Open records of one source.
    pub keys_count_max: usize,
    /// Lines that wait to be told what they belong to.
    pub pending_count_max: usize,
    /// Time without another line after which a record is whole.
    pub quiet_ms_max: u64,
    /// Time from a record's first line after which it is given.
    pub record_ms_max: u64,
}

impl Default for JoinLimits {
    fn default() -> Self {
        Self {
            lines_count_max: 2_048,
            record_bytes_max: 256 << 10,
            open_bytes_max: 4 << 20,
            keys_count_max: 32,
            pending_count_max: 16,
            quiet_ms_max: 500,
            record_ms_max: 500,
        }
    }
}

/// Whether a joined text holds the report of a failure: a line that opens one, or a frame.
pub(crate) fn is_failure(text: &str) -> bool {
    text.lines().take(LOOKED_LINES_MAX).any(|line| {
        let view = View::plain(line);
        let stage = family::start(&view).or_else(|| family::frame(&view));
        stage.is_some_and(Stage::is_failure)
    })
}

/// Something that has the text of a physical line.
pub trait Piece {
    /// The line without its line break.
    fn text(&self) -> &str;

    /// Which stream the line stands in: lines of different streams are not joined.
    fn stream(&self) -> u64 {
        0
    }
}

/// Lines that are one record, in order.
#[derive(Debug)]
pub struct Record<T> {
    /// The lines; at least one.
    pub lines: Vec<T>,
    /// Whether the record was ended by a limit and may go on in the next one.
    pub is_cut: bool,
}

/// Joins the lines of one source.
pub struct Joiner<T> {
    limits: JoinLimits,
    open: BTreeMap<Key, Open<T>>,
    /// The key of the last line of each stream.
    last: BTreeMap<u64, Key>,
    bytes: usize,
    /// Whether a record alone that is a report takes further lines.
    is_strict: bool,
}

/// The stream, and what the header says.
type Key = (u64, u64);

/// A record that may go on.
struct Open<T> {
    lines: Vec<T>,
    /// Lines that belong to it if a later one does.
    pending: Vec<T>,
    stage: Option<Stage>,
    /// Whether its first line has a header.
    headed: bool,
    /// Indentation of its first line.
    indent: usize,
    bytes: usize,
    begun_ms: u64,
    last_ms: u64,
    /// Whether it goes on with a record that a limit ended.
    is_rest: bool,
}

/// What becomes of a line.
enum Fate {
    Join(Option<Stage>),
    Wait,
    Begin,
}

impl<T: Piece> Joiner<T> {
    /// A joiner with nothing open.
    pub fn new(limits: JoinLimits) -> Self {
        Self {
            limits,
            open: BTreeMap::new(),
            last: BTreeMap::new(),
            bytes: 0,
            is_strict: false,
        }
    }

    /// The same for lines that somebody already took for records: indentation alone joins none.
    pub(crate) fn strict(limits: JoinLimits) -> Self {
        Self {
            is_strict: true,
            ..Self::new(limits)
        }
    }

    /// Whether no line waits.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether the report of a failure is open.
    pub(crate) fn is_in_report(&self) -> bool {
        self.open.values().any(|open| open.stage.is_some())
    }

    /// The lines that wait.
    pub(crate) fn open_lines(&self) -> impl Iterator<Item = &T> {
        let open = self.open.values();
        open.flat_map(|open| open.lines.iter().chain(&open.pending))
    }

    /// Takes the next line; gives the records that it ends.
    pub fn push(&mut self, line: T, now_ms: u64, done: &mut Vec<Record<T>>) {
        let quiet_ms_max = self.limits.quiet_ms_max;
        self.close_where(done, |open| {
            now_ms.saturating_sub(open.last_ms) > quiet_ms_max
        });
        let mut waiting = std::collections::VecDeque::from([line]);
        // Lines that waited in vain are told anew; each time the first of them is settled.
        while let Some(line) = waiting.pop_front() {
            for again in self.one(line, now_ms, done).into_iter().rev() {
                waiting.push_front(again);
            }
        }
        self.bound(done);
    }

    /// Gives the records to which nothing has come for too long, and those that were begun too
    /// long ago.
    pub fn flush(&mut self, now_ms: u64, done: &mut Vec<Record<T>>) {
        let limits = self.limits;
        self.close_where(done, |open| {
            now_ms.saturating_sub(open.last_ms) > limits.quiet_ms_max
                || now_ms.saturating_sub(open.begun_ms) > limits.record_ms_max
        });
    }

    fn close_where(&mut self, done: &mut Vec<Record<T>>, over: impl Fn(&Open<T>) -> bool) {
        let keys: Vec<Key> = self
            .open
            .iter()
            .filter(|(_, open)| over(open))
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            self.close_all(key, done);
        }
    }

    /// Gives all that is open, in the order of first lines.
    pub fn finish(&mut self, done: &mut Vec<Record<T>>) {
        let mut keys: Vec<(u64, Key)> = self.open.iter().map(|(k, o)| (o.begun_ms, *k)).collect();
        keys.sort_unstable();
        for (_, key) in keys {
            self.close_all(key, done);
        }
        self.last.clear();
    }

    /// Takes one line; gives back lines that have to be told anew, in order.
    fn one(&mut self, line: T, now_ms: u64, done: &mut Vec<Record<T>>) -> Vec<T> {
        let (view, key) = self.looked(&line);
        let bytes = line.text().len() + 1;
        let limits = self.limits;
        let fate = match self.open.get(&key) {
            Some(open) => open.fate(&view, self.is_strict),
            None => Fate::Begin,
        };
        match fate {
            Fate::Join(stage) => {
                let Some(open) = self.open.get_mut(&key) else {
                    return vec![line];
                };
                let full = open.count() >= limits.lines_count_max
                    || open.bytes + bytes > limits.record_bytes_max
                    || now_ms.saturating_sub(open.begun_ms) > limits.record_ms_max;
                (open.stage, open.last_ms) = (stage, now_ms);
                open.lines.append(&mut open.pending);
                if full {
                    self.cut(key, line, now_ms, done);
                    return Vec::new();
                }
                open.lines.push(line);
                open.bytes += bytes;
                self.bytes += bytes;
                Vec::new()
            }
            Fate::Wait => {
                let Some(open) = self.open.get_mut(&key) else {
                    return vec![line];
                };
                open.last_ms = now_ms;
                open.bytes += bytes;
                self.bytes += bytes;
                open.pending.push(line);
                let full = open.pending.len() > limits.pending_count_max
                    || open.bytes > limits.record_bytes_max;
                if full {
                    self.close(key, done)
                } else {
                    Vec::new()
                }
            }
            Fate::Begin => {
                let mut again = self.close(key, done);
                if !again.is_empty() {
                    again.push(line);
                    return again;
                }
                self.begin(line, now_ms, done);
                Vec::new()
            }
        }
    }

    /// Looks at a line, and says whose it is.
    fn looked<'a>(&self, line: &'a T) -> (View<'a>, Key) {
        let stream = line.stream();
        let mut view = View::of(line.text());
        // A frame may begin with what looks like a level or a time.
        if view.headed && !view.is_record {
            let plain = View::plain(line.text());
            if view.content_at > 0 && family::frame(&plain).is_some() {
                view = plain;
            }
        }
        let last = self.last.get(&stream).copied();
        let key = if view.headed {
            (stream, view.key)
        } else {
            last.unwrap_or((stream, 0))
        };
        (view, key)
    }

    /// Opens a record.
    fn begin(&mut self, line: T, now_ms: u64, done: &mut Vec<Record<T>>) {
        let (view, _) = self.looked(&line);
        let key = (line.stream(), if view.headed { view.key } else { 0 });
        // What was open without a report in it can no longer be gone on with.
        let last = self
            .last
            .insert(line.stream(), key)
            .filter(|last| *last != key);
        let plain = last.filter(|last| self.open.get(last).is_some_and(|o| o.stage.is_none()));
        for key in plain.into_iter().chain([key]) {
            self.close_all(key, done);
        }
        let whole = view.is_record || view.bare.is_empty();
        if whole {
            done.push(Record {
                lines: vec![line],
                is_cut: false,
            });
            return;
        }
        let bytes = line.text().len() + 1;
        let open = Open {
            stage: family::start(&view).or_else(|| family::frame(&view)),
            headed: view.headed,
            indent: if view.headed { 0 } else { view.indent },
            pending: Vec::new(),
            bytes,
            begun_ms: now_ms,
            last_ms: now_ms,
            is_rest: false,
            lines: vec![line],
        };
        self.bytes += bytes;
        self.open.insert(key, open);
    }

    /// Ends a record at a limit; the line and what follows are another that goes on with it.
    fn cut(&mut self, key: Key, line: T, now_ms: u64, done: &mut Vec<Record<T>>) {
        let Some(mut open) = self.open.remove(&key) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(open.bytes);
        let lines = std::mem::replace(&mut open.lines, vec![line]);
        done.push(Record {
            lines,
            is_cut: true,
        });
        open.bytes = open.lines.first().map_or(0, |line| line.text().len() + 1);
        (open.begun_ms, open.last_ms, open.is_rest) = (now_ms, now_ms, true);
        self.bytes += open.bytes;
        self.open.insert(key, open);
    }

    /// Gives a record; the lines that waited for it are given back.
    fn close(&mut self, key: Key, done: &mut Vec<Record<T>>) -> Vec<T> {
        let Some(open) = self.open.remove(&key) else {
            return Vec::new();
        };
        self.bytes = self.bytes.saturating_sub(open.bytes);
        done.push(Record {
            lines: open.lines,
            is_cut: open.is_rest,
        });
        open.pending
    }

    /// Gives a record and, each by itself, the lines that waited for it.
    fn close_all(&mut self, key: Key, done: &mut Vec<Record<T>>) {
        let waited = self.close(key, done);
        done.extend(waited.into_iter().map(|line| Record {
            lines: vec![line],
            is_cut: false,
        }));
    }

    /// Gives the oldest where more is open than may be.
    fn bound(&mut self, done: &mut Vec<Record<T>>) {
        while self.open.len() > self.limits.keys_count_max
            || self.bytes > self.limits.open_bytes_max
        {
            let oldest = self.open.iter().min_by_key(|(_, open)| open.last_ms);
            let Some((key, _)) = oldest else {
                return;
            };
            self.close_all(*key, done);
        }
        while self.last.len() > 2 * self.limits.keys_count_max {
            self.last.pop_first();
        }
    }
}

impl<T: Piece> Open<T> {
    fn count(&self) -> usize {
        self.lines.len() + self.pending.len()
    }

    /// What becomes of the next line of its key.
    fn fate(&self, view: &View<'_>, is_strict: bool) -> Fate {
        if view.is_record {
            return Fate::Begin;
        }
        let waits = !self.pending.is_empty();
        if let Some(stage) = self.stage {
            match family::next(stage, view) {
                // Indentation alone says nothing where other lines stand between.
                Verdict::Continue(phase) if !waits || self.is_said(stage, view) => {
                    return Fate::Join(Some(Stage::new(stage.family, phase)));
                }
                Verdict::Continue(_) | Verdict::Ambiguous => return Fate::Wait,
                Verdict::Other => {}
            }
        }
        if view.headed {
            return Fate::Begin;
        }
        let framed = !is_strict || self.stage.is_some() || view.indent > 0;
        if !waits
            && framed
            && let Some(stage) = family::frame(view)
        {
            return Fate::Join(Some(stage));
        }
        let blank = self
            .pending
            .iter()
            .all(|line| line.text().trim().is_empty());
        if self.headed && self.stage.is_none() && blank {
            // What a logger prints below its own line.
            let below = |stage: &Stage| self.lines.len() == 1 && stage.is_below_a_header();
            if let Some(stage) = family::start(view).filter(below) {
                return Fate::Join(Some(stage));
            }
            if view.bare.is_empty() {
                return Fate::Wait;
            }
        }
        let above = self.lines.first().map_or("", Piece::text);
        let goes_on = view.indent > self.indent && !view.bare.is_empty();
        if !waits && !is_strict && (goes_on || block::is_clause(above, view)) {
            return Fate::Join(self.stage);
        }
        Fate::Begin
    }

    /// Whether a line says by its own words that it belongs to the report.
    fn is_said(&self, stage: Stage, view: &View<'_>) -> bool {
        let blank = self
            .pending
            .iter()
            .all(|line| line.text().trim().is_empty());
        let framed = family::frame(view).is_some();
        let flat = View { indent: 0, ..*view };
        let said = matches!(family::next(stage, &flat), Verdict::Continue(_));
        framed || said || blank && view.indent > 0
    }
}

#[cfg(test)]
mod labelled;
#[cfg(test)]
mod tests;
