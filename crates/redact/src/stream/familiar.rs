//! Lines whose like was looked through before and found clean.
//!
//! What a log's statements write differs in numbers mostly. The shape of a line that was clean is
//! remembered, and what digits could change: of the next line of that shape, only this is asked.
//!
//! **Invariant:** a line that is known to be clean is one that the detector and the second scan
//! leave as it is, read by itself. What is remembered changes what a line costs, never what comes
//! out.
//!
//! *Limits:* [`SHAPES_COUNT_MAX`] shapes are remembered, [`SHAPES_BYTES_MAX`] of them; a shape
//! that is seen for the first time is none of them. They are wiped when they are forgotten.

use cordon_detect::{Detector, Looks, Scratch, Shape};
use zeroize::Zeroizing;

use crate::second::Scan;

/// Shapes that are remembered, two in each place.
const SHAPES_COUNT_MAX: usize = 4_096;
/// Bytes of them.
const SHAPES_BYTES_MAX: usize = 1 << 20;
/// Hashes that are remembered of shapes that were seen once.
const SEEN_COUNT_MAX: usize = 16_384;

/// A shape whose lines are clean.
struct Known {
    hash: u64,
    bytes: Zeroizing<Box<[u8]>>,
    /// What is to be asked about each of them.
    looks: Looks,
    /// Whether the second scan has to look into what is encoded in them.
    encoded: bool,
}

/// The shapes of lines that were clean.
#[derive(Default)]
pub(super) struct Familiar {
    shape: Shape,
    known: Vec<Option<Known>>,
    bytes: usize,
    /// Parts of the hashes of shapes that were seen.
    seen: Vec<u32>,
}

/// The detector, the second scan, and the memory that they use.
pub(super) struct Look<'s> {
    pub(super) detector: &'s Detector,
    pub(super) second: &'s Scan,
    pub(super) scratch: &'s mut Scratch,
}

impl Familiar {
    /// Whether the line of a text from `start` to `end`, its line break included, is known to be
    /// clean.
    pub(super) fn is_clean(
        &mut self,
        text: &str,
        (start, end): (usize, usize),
        look: &mut Look<'_>,
    ) -> bool {
        if self.bytes == 0 || !self.shape.read(text.as_bytes(), start, end) {
            return false;
        }
        let hash = self.shape.hash();
        let known = places(hash).find_map(|n| {
            let known = self.known.get(n)?.as_ref()?;
            (known.hash == hash && **known.bytes == *self.shape.bytes()).then_some(known)
        });
        known.is_some_and(|known| {
            let like = (&self.shape, &known.looks);
            let alike = look.detector.is_alike(text, start, like, look.scratch);
            alike
                && !(known.encoded && {
                    let line = text.get(start..end).unwrap_or("");
                    look.second.hit_encoded(line).is_some()
                })
        })
    }

    /// Remembers the shape of a line, with its line break, that was clean.
    pub(super) fn learn(&mut self, line: &str, look: &mut Look<'_>) {
        if !line.ends_with('\n') || !self.shape.read(line.as_bytes(), 0, line.len()) {
            return;
        }
        let hash = self.shape.hash();
        if !self.is_seen(hash) {
            return;
        }
        let of = |known: &Option<Known>| known.as_ref().is_some_and(|known| known.hash == hash);
        if places(hash).any(|n| self.known.get(n).is_some_and(of)) {
            return;
        }
        let Some(looks) = look.detector.looks(line, &self.shape, look.scratch) else {
            return;
        };
        let spelled = self.shape.spellings(line);
        let Some(encoded) = look.second.depends(&spelled) else {
            return;
        };
        self.add(Known {
            hash,
            bytes: Zeroizing::new(self.shape.bytes().into()),
            looks,
            encoded,
        });
    }

    /// Whether a shape was seen before; from now on it was.
    fn is_seen(&mut self, hash: u64) -> bool {
        if self.seen.is_empty() {
            self.seen.resize(SEEN_COUNT_MAX, 0);
        }
        let part = (hash >> 32) as u32;
        let slot = self.seen.get_mut(hash as usize % SEEN_COUNT_MAX);
        slot.is_none_or(|slot| std::mem::replace(slot, part) == part)
    }

    fn add(&mut self, known: Known) {
        if self.known.is_empty() || self.bytes + known.bytes.len() > SHAPES_BYTES_MAX {
            self.known.clear();
            self.known.resize_with(SHAPES_COUNT_MAX, || None);
            self.bytes = 0;
        }
        self.bytes += known.bytes.len();
        let [first, second] = pair(known.hash);
        let free = |n: usize| self.known.get(n).is_some_and(Option::is_none);
        // The newer one of a pair goes where both places are taken.
        let place = if free(first) { first } else { second };
        if let Some(slot) = self.known.get_mut(place) {
            let old = slot.replace(known);
            self.bytes -= old.map_or(0, |old| old.bytes.len());
        }
    }
}

/// Where a shape may be remembered.
fn pair(hash: u64) -> [usize; 2] {
    let first = hash as usize % SHAPES_COUNT_MAX;
    [first, first ^ 1]
}

fn places(hash: u64) -> impl Iterator<Item = usize> {
    pair(hash).into_iter()
}

/// Lines of a text that are not known to be clean.
pub(super) struct New<'t> {
    /// The lines, one behind the other.
    text: Part<'t>,
    /// For lines that follow each other in both: where the first begins here, and there.
    places: Vec<(usize, usize)>,
}

/// Lines that follow each other in their text, or a copy of lines that do not, which is wiped.
enum Part<'t> {
    Whole(&'t str),
    Copied(Zeroizing<String>),
}

impl<'t> New<'t> {
    /// The lines of the text that are not known to be clean.
    pub(super) fn of(text: &'t str, familiar: &mut Familiar, look: &mut Look<'_>) -> Self {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        let mut start = 0;
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        for end in breaks.map(|n| n + 1).chain([text.len()]) {
            if start < end && !familiar.is_clean(text, (start, end), look) {
                match ranges.last_mut().filter(|last| last.1 == start) {
                    Some(last) => last.1 = end,
                    None => ranges.push((start, end)),
                }
            }
            start = end;
        }
        let lines = |(start, end): &(usize, usize)| text.get(*start..*end).unwrap_or("");
        let copied = |ranges: &[(usize, usize)]| {
            let bytes = ranges.iter().map(|range| range.1 - range.0).sum();
            // Grown, it would leave what it held behind.
            let mut copy = Zeroizing::new(String::with_capacity(bytes));
            for range in ranges {
                copy.push_str(lines(range));
            }
            Part::Copied(copy)
        };
        let mut here = 0;
        let places = ranges.iter().map(|(start, end)| {
            here += end - start;
            (here - (end - start), *start)
        });
        Self {
            places: places.collect(),
            text: match &*ranges {
                [] => Part::Whole(""),
                [range] => Part::Whole(lines(range)),
                more => copied(more),
            },
        }
    }

    fn text(&self) -> &str {
        match &self.text {
            Part::Whole(text) => text,
            Part::Copied(text) => text,
        }
    }

    /// Beginnings of the lines in which something may be found, in the text that they are from; of
    /// those, too, that are `read` whatever is in them.
    pub(super) fn marked(&self, look: &mut Look<'_>, read: impl Fn(&str) -> bool) -> Vec<usize> {
        let text = self.text();
        let marks = look.detector.marks(text, look.scratch);
        let mut lines: Vec<usize> = Vec::new();
        let (mut from, mut marks) = (0, marks.iter().map(|i| *i as usize).peekable());
        while from < text.len() {
            while marks.next_if(|i| *i < from).is_some() {}
            let next = marks.peek().map_or(text.len(), |i| line_start(text, *i));
            let clean = text.get(from..next).unwrap_or("");
            let hit = look.second.hit(clean).is_some();
            let mut start = from;
            for line in clean.split_inclusive('\n') {
                if hit || read(line) {
                    lines.push(start);
                }
                start += line.len();
            }
            from = next;
            if from < text.len() {
                lines.push(from);
                from = memchr::memchr(b'\n', text.as_bytes().get(from..).unwrap_or(&[]))
                    .map_or(text.len(), |n| from + n + 1);
            }
        }
        lines.iter().map(|i| self.there(*i)).collect()
    }

    /// The lines that are not among those marked, by their beginnings there.
    pub(super) fn clean<'n>(
        &'n self,
        marked: &'n [usize],
    ) -> impl Iterator<Item = &'n str> + use<'n, 't> {
        let mut start = 0;
        let lines = self.text().split_inclusive('\n').map(move |line| {
            start += line.len();
            (start - line.len(), line)
        });
        let mut marked = marked.iter().peekable();
        lines.filter_map(move |(start, line)| {
            let there = self.there(start);
            while marked.next_if(|i| **i < there).is_some() {}
            (marked.peek() != Some(&&there)).then_some(line)
        })
    }

    /// Where a line that begins at `i` begins there.
    fn there(&self, i: usize) -> usize {
        let n = self.places.partition_point(|(here, _)| *here <= i);
        let place = n.checked_sub(1).and_then(|n| self.places.get(n));
        place.map_or(i, |(here, there)| i - here + there)
    }
}

/// Beginning of the line that holds byte `i`.
fn line_start(text: &str, i: usize) -> usize {
    let before = text.as_bytes().get(..i).unwrap_or(&[]);
    memchr::memrchr(b'\n', before).map_or(0, |n| n + 1)
}
