//! Lines whose like was looked through before and found clean.
//!
//! What a log's statements write differs in numbers mostly. The shape of a line that was clean is
//! remembered, and what digits could change: of the next line of that shape, only this is asked.
//!
//! The shape of a line in which something may be found is remembered, too: the next one is redacted
//! without being looked through before.
//!
//! **Invariant:** a line that is known to be clean is one that the detector and the second scan
//! leave as it is, read by itself. What is remembered changes what a line costs, never what comes
//! out.
//!
//! *Limits:* [`SHAPES_COUNT_MAX`] shapes are remembered, [`SHAPES_BYTES_MAX`] of them; a shape
//! that is seen for the first time is none of them. They are wiped when they are forgotten.

use std::cell::Cell;

use cordon_detect::{Detector, Looks, Scratch, Shape, Shapes, Sites};
use zeroize::Zeroizing;

use crate::names::Asked;
use crate::redactor::Redactor;
use crate::second::Scan;

/// Shapes that are remembered, so many in each place.
const SHAPES_COUNT_MAX: usize = 4_096;
const WAYS_COUNT: usize = 8;
/// Bytes of them.
const SHAPES_BYTES_MAX: usize = 1 << 20;
/// What it costs to learn a shape, in looks at a line of it; so much has to be looked through
/// for each, that lines of which none is like another cost little more than without.
const LEARNED_TIMES: usize = 128;
/// Bytes that may be saved for it: at the beginning of a stream, nearly all is new.
const SAVED_BYTES_MAX: usize = 4 << 20;
/// Where all but one of so many lines are like none before, the next are not compared: so many
/// times the bytes of these.
const NEW_SHARE: usize = 8;
const UNREAD_TIMES: usize = 8;
/// What the hash of a shape is mixed with that was seen in a line in which something may be found,
/// once and twice: what differs in more than numbers, as addresses do, comes again by chance.
const MARKED: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9];
/// Hashes that are remembered of shapes that were seen once.
const SEEN_COUNT_MAX: usize = 16_384;

/// A shape that was learned.
struct Known {
    bytes: Zeroizing<Box<[u8]>>,
    is: Is,
    /// Whether a line was of that shape since it was last passed over for one that goes.
    is_used: Cell<bool>,
}

/// What the lines of a shape are.
enum Is {
    /// Clean, but for what is to be asked about their digits.
    Clean(Digits),
    /// To be looked through, each of them.
    Unclear,
    /// Such that something was found in one; where, if places tell.
    Marked(Option<Sites>),
}

/// What is to be asked about the digits of each line of a shape.
struct Digits {
    looks: Looks,
    /// Places of what may be encoded, which the second scan has to look into.
    encoded: Box<[u32]>,
}

/// What is told of a line that is not known to be clean.
#[derive(Clone, Copy)]
pub(super) enum Line {
    /// Nothing.
    New,
    /// Something was found in its like: where, if that is known.
    Marked(Option<Told>),
}

/// What is known of a line.
enum Kind {
    /// Nothing.
    New,
    Clean,
    /// Something may be found in it: where, if that is known, of the places that were told last.
    Marked(Option<Told>),
}

/// Places that were told of one line, by where they begin and end among those of all.
pub(crate) type Told = (usize, usize);

/// The shapes of lines that were clean, and of lines that were not.
#[derive(Default)]
pub(super) struct Familiar {
    shapes: Shapes,
    known: Vec<Option<Known>>,
    /// For each place, parts of the hashes of what is there.
    parts: Vec<[u32; WAYS_COUNT]>,
    /// The one of a place that goes next.
    oldest: usize,
    bytes: usize,
    /// Bytes of lines that were looked through, and paid for learning so much.
    saved: usize,
    /// Parts of the hashes of shapes that were seen.
    seen: Vec<u32>,
    /// For lines of the last text that have a shape: where they begin, and its hash.
    hashes: Vec<(usize, u64)>,
    /// Bytes to be let go by unread, as nothing before them was like anything.
    unread: usize,
    /// Places of the lines that were asked about last, each in its line.
    places: Vec<u32>,
}

/// Whoever looks at a line, and the memory that they use.
pub(super) struct Look<'s> {
    pub(super) detector: &'s Detector,
    pub(super) second: &'s Scan,
    /// Where fields are searched for names.
    pub(super) names: Option<&'s Asked>,
    pub(super) scratch: &'s mut Scratch,
}

impl<'s> Look<'s> {
    /// Those of a redactor.
    pub(super) fn of(redactor: &'s Redactor, scratch: &'s mut Scratch) -> Self {
        Self {
            detector: redactor.detector(),
            second: redactor.second(),
            names: redactor.reads_fields().then(|| redactor.names()),
            scratch,
        }
    }
}

/// Whether a name may stand in a field of the line; no shape tells.
fn may_name(names: Option<&Asked>, line: &str) -> bool {
    names.is_some_and(|names| names.may_stand_in(line))
}

impl Familiar {
    /// Tells the lines of a text that are not known to be clean, by where they begin and end, and
    /// whether their like was found not to be.
    pub(super) fn new_lines(
        &mut self,
        text: &str,
        look: &mut Look<'_>,
        mut each: impl FnMut((usize, usize), Line),
    ) {
        self.hashes.clear();
        self.places.clear();
        if self.unread > 0 {
            each((0, text.len()), Line::New);
            return;
        }
        let mut shapes = std::mem::take(&mut self.shapes);
        let mut start = 0;
        while start < text.len() {
            start = shapes.read(text.as_bytes(), start);
            for (line, shape) in shapes.lines() {
                let kind = shape.map_or(Kind::New, |shape| self.kind(text, (line, shape), look));
                match kind {
                    Kind::Clean => {}
                    Kind::New => each(line, Line::New),
                    Kind::Marked(told) => each(line, Line::Marked(told)),
                }
            }
        }
        self.shapes = shapes;
    }

    /// What is known of a line of that shape, its line break included.
    fn kind(
        &mut self,
        text: &str,
        ((start, end), shape): ((usize, usize), Shape<'_>),
        look: &mut Look<'_>,
    ) -> Kind {
        let hash = shape.hash();
        self.hashes.push((start, hash));
        let known = self.places(hash).find_map(|n| {
            let known = self.known.get(n)?.as_ref()?;
            (**known.bytes == *shape.bytes()).then_some(known)
        });
        if let Some(known) = known {
            known.is_used.set(true);
        }
        let asked = match known.map(|known| &known.is) {
            Some(Is::Clean(asked)) => asked,
            Some(Is::Marked(sites)) => {
                let from = self.places.len();
                let is_told = sites.as_ref().is_some_and(|sites| {
                    let like = (&shape, sites);
                    look.detector
                        .places_alike(text, start, like, look.scratch, &mut self.places)
                });
                return Kind::Marked(is_told.then_some((from, self.places.len())));
            }
            Some(Is::Unclear) | None => return Kind::New,
        };
        let line = text.get(start..end).unwrap_or("");
        let like = (&shape, &asked.looks);
        let hit = |place: &u32| look.second.hit_run(line, shape.in_line(*place as usize));
        let clean = look.detector.is_alike(text, start, like, look.scratch)
            && !asked.encoded.iter().any(hit)
            && !may_name(look.names, line);
        if clean { Kind::Clean } else { Kind::New }
    }

    /// The places of a line that was asked about last.
    pub(super) fn told(&self, (start, end): Told) -> Option<&[u32]> {
        self.places.get(start..end)
    }

    /// Remembers shapes of the lines of a text that were clean and not known, each with its place.
    pub(super) fn learn<'t>(
        &mut self,
        text: &str,
        clean: impl Iterator<Item = (usize, &'t str)>,
        look: &mut Look<'_>,
    ) {
        let hashes = std::mem::take(&mut self.hashes);
        self.saved = (self.saved + text.len()).min(SAVED_BYTES_MAX);
        let (mut read, mut new) = (hashes.iter().peekable(), 0);
        for (start, line) in clean {
            while read.next_if(|(before, _)| *before < start).is_some() {}
            let Some((_, hash)) = read.next_if(|(here, _)| *here == start) else {
                continue;
            };
            let price = line.len() * LEARNED_TIMES;
            if !self.is_seen(*hash) {
                new += 1;
            } else if line.ends_with('\n') && self.saved >= price && !self.has(*hash) {
                self.saved -= price;
                self.learn_one(line, look, |_, _, _| Is::Unclear);
            }
        }
        self.unread = if new * NEW_SHARE > hashes.len() * (NEW_SHARE - 1) {
            text.len() * UNREAD_TIMES
        } else {
            self.unread.saturating_sub(text.len())
        };
        self.hashes = hashes;
    }

    /// Remembers the shape of a line of which another reading left all, where its like was seen
    /// before: that it is clean, or where it has to be read.
    pub(super) fn learn_left(&mut self, line: &str, look: &mut Look<'_>) {
        let mut shapes = std::mem::take(&mut self.shapes);
        let hash = shapes.of(line.as_bytes()).map(|shape| shape.hash());
        self.shapes = shapes;
        self.saved = (self.saved + line.len()).min(SAVED_BYTES_MAX);
        let price = line.len() * LEARNED_TIMES;
        let is_new = hash.is_some_and(|hash| self.is_seen(hash) && !self.has(hash));
        if is_new && self.saved >= price {
            self.saved -= price;
            self.learn_one(line, look, |line, shape, look| {
                Is::Marked(look.detector.sites(line, shape, look.scratch))
            });
        }
    }

    /// Remembers shapes of lines that begin at these places of the last text, in order, in which
    /// something may be found: of those that were seen in two such lines before.
    pub(super) fn learn_marked(&mut self, text: &str, marked: &[usize], look: &mut Look<'_>) {
        let hashes = std::mem::take(&mut self.hashes);
        let mut read = hashes.iter().peekable();
        for start in marked {
            while read.next_if(|(before, _)| before < start).is_some() {}
            let Some((_, hash)) = read.next_if(|(here, _)| here == start) else {
                continue;
            };
            let known = self.places(*hash).find_map(|n| self.known.get(n)?.as_ref());
            let known = known.is_some_and(|known| !matches!(known.is, Is::Unclear));
            let [once, twice] = MARKED.map(|mark| hash ^ mark);
            if !known && self.is_seen(once) && self.is_seen(twice) {
                self.learn_one_marked(text.get(*start..).unwrap_or(""), look);
            }
        }
        self.hashes = hashes;
    }

    fn learn_one_marked(&mut self, text: &str, look: &mut Look<'_>) {
        let end = memchr::memchr(b'\n', text.as_bytes()).map_or(text.len(), |n| n + 1);
        let line = text.get(..end).unwrap_or(text);
        let price = line.len() * LEARNED_TIMES;
        if self.saved < price {
            return;
        }
        self.saved -= price;
        let mut shapes = std::mem::take(&mut self.shapes);
        if let Some(shape) = shapes.of(line.as_bytes()) {
            let whole = line.ends_with('\n');
            let sites = whole.then(|| look.detector.sites(line, &shape, look.scratch));
            let bytes = Zeroizing::new(shape.bytes().into());
            let is = Is::Marked(sites.flatten());
            self.add(shape.hash(), bytes, is);
        }
        self.shapes = shapes;
    }

    /// Remembers the shape of a line; what it is where its like is not clean whatever its digits.
    fn learn_one(
        &mut self,
        line: &str,
        look: &mut Look<'_>,
        otherwise: impl FnOnce(&str, &Shape<'_>, &mut Look<'_>) -> Is,
    ) {
        let mut shapes = std::mem::take(&mut self.shapes);
        if let Some(shape) = shapes.of(line.as_bytes()) {
            let looks = look.detector.looks(line, &shape, look.scratch);
            let clean = looks.and_then(|looks| {
                let encoded = look.second.depends(&shape.spellings(line)?)?;
                let encoded = encoded.into();
                Some(Digits { looks, encoded })
            });
            let bytes = Zeroizing::new(shape.bytes().into());
            let is = clean.map_or_else(|| otherwise(line, &shape, look), Is::Clean);
            self.add(shape.hash(), bytes, is);
        }
        self.shapes = shapes;
    }

    /// Whether a shape with that hash is remembered.
    fn has(&self, hash: u64) -> bool {
        self.places(hash).next().is_some()
    }

    /// Where shapes with that hash, or nearly that, are remembered.
    fn places(&self, hash: u64) -> impl Iterator<Item = usize> {
        let (place, part) = (place(hash), part(hash));
        let parts = self.parts.get(place).copied().unwrap_or_default();
        let same = (0..)
            .zip(parts)
            .map(|(way, known)| u32::from(known == part) << way);
        let mut same = same.fold(0, |all, one| all | one);
        std::iter::from_fn(move || {
            let way = (same != 0).then(|| same.trailing_zeros() as usize)?;
            same &= same - 1;
            Some(place * WAYS_COUNT + way)
        })
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

    fn add(&mut self, hash: u64, bytes: Zeroizing<Box<[u8]>>, is: Is) {
        if self.known.is_empty() || self.bytes + bytes.len() > SHAPES_BYTES_MAX {
            self.known.clear();
            self.known.resize_with(SHAPES_COUNT_MAX, || None);
            self.parts.clear();
            self.parts
                .resize(SHAPES_COUNT_MAX / WAYS_COUNT, [0; WAYS_COUNT]);
            self.bytes = 0;
        }
        let (place, part) = (place(hash), part(hash));
        let first = place * WAYS_COUNT;
        let known = |way: usize| self.known.get(first + way).and_then(Option::as_ref);
        // What is known of the same shape is replaced.
        let same = |way: &usize| known(*way).is_some_and(|known| *known.bytes == *bytes);
        let free = |way: &usize| known(*way).is_none();
        let here = (0..WAYS_COUNT).find(same);
        let here = here.or_else(|| (0..WAYS_COUNT).find(free));
        let way = here.unwrap_or_else(|| {
            // The next one that was not used since it was passed over.
            self.oldest += 1;
            let mut ways = (self.oldest..self.oldest + WAYS_COUNT).map(|way| way % WAYS_COUNT);
            let unused =
                |way: &usize| known(*way).is_none_or(|known| !known.is_used.replace(false));
            ways.find(unused).unwrap_or(self.oldest % WAYS_COUNT)
        });
        let known = Known {
            bytes,
            is,
            is_used: Cell::new(false),
        };
        let slot = self.known.get_mut(first + way);
        let tag = self
            .parts
            .get_mut(place)
            .and_then(|parts| parts.get_mut(way));
        if let (Some(slot), Some(tag)) = (slot, tag) {
            *tag = part;
            self.bytes += known.bytes.len();
            let old = slot.replace(known);
            self.bytes -= old.map_or(0, |old| old.bytes.len());
        }
    }
}

/// Where a shape may be remembered.
fn place(hash: u64) -> usize {
    hash as usize % (SHAPES_COUNT_MAX / WAYS_COUNT)
}

/// What is kept of a hash; never that of an empty place.
fn part(hash: u64) -> u32 {
    (hash >> 32) as u32 | 1
}

/// Lines of a text that are not known to be clean.
pub(super) struct New<'t> {
    /// The lines, one behind the other.
    text: Part<'t>,
    /// For lines that follow each other in both: where the first begins here, and there.
    places: Vec<(usize, usize)>,
    /// Beginnings of the lines there whose like was found not to be clean.
    known: Vec<usize>,
    /// Of those whose places are told, too.
    told: Vec<(usize, Told)>,
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
        let (mut known, mut told) = (Vec::new(), Vec::new());
        familiar.new_lines(text, look, |(start, end), line| {
            if let Line::Marked(places) = line {
                known.push(start);
                told.extend(places.map(|places| (start, places)));
                return;
            }
            match ranges.last_mut().filter(|last| last.1 == start) {
                Some(last) => last.1 = end,
                None => ranges.push((start, end)),
            }
        });
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
            known,
            told,
            text: match &*ranges {
                [] => Part::Whole(""),
                [range] => Part::Whole(lines(range)),
                more => copied(more),
            },
        }
    }

    /// Beginnings of the lines whose places are told, in order.
    pub(super) fn into_told(self) -> Vec<(usize, Told)> {
        self.told
    }

    fn text(&self) -> &str {
        match &self.text {
            Part::Whole(text) => text,
            Part::Copied(text) => text,
        }
    }

    /// Beginnings of the lines in which something may be found, in the text that they are from; of
    /// those, too, in whose fields a name may stand.
    pub(super) fn marked(&self, look: &mut Look<'_>) -> Vec<usize> {
        let text = self.text();
        let names = look.names;
        let marks = look.detector.marks(text, look.scratch);
        let mut lines: Vec<usize> = Vec::new();
        let (mut from, mut marks) = (0, marks.iter().map(|i| *i as usize).peekable());
        while from < text.len() {
            while marks.next_if(|i| *i < from).is_some() {}
            let next = marks.peek().map_or(text.len(), |i| line_start(text, *i));
            let clean = text.get(from..next).unwrap_or("");
            let hit = look.second.hit(clean).is_some();
            if hit || names.is_some() {
                let mut start = from;
                for line in clean.split_inclusive('\n') {
                    if hit || may_name(names, line) {
                        lines.push(start);
                    }
                    start += line.len();
                }
            }
            from = next;
            if from < text.len() {
                lines.push(from);
                from = memchr::memchr(b'\n', text.as_bytes().get(from..).unwrap_or(&[]))
                    .map_or(text.len(), |n| from + n + 1);
            }
        }
        let mut lines: Vec<usize> = lines.iter().map(|i| self.there(*i)).collect();
        if !self.known.is_empty() {
            lines.extend(&self.known);
            lines.sort_unstable();
        }
        lines
    }

    /// The lines that are not among those marked, each with its beginning there.
    pub(super) fn clean<'n>(
        &'n self,
        marked: &'n [usize],
    ) -> impl Iterator<Item = (usize, &'n str)> {
        let (mut start, text) = (0, self.text());
        // Of a text of many lines: what the library looks for single bytes with costs more.
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|n| n + 1);
        let rest = (!text.is_empty() && !text.ends_with('\n')).then_some(text.len());
        let lines = breaks.chain(rest).map(move |end| {
            let line = text.get(start..end).unwrap_or("");
            (self.there(std::mem::replace(&mut start, end)), line)
        });
        let mut marked = marked.iter().peekable();
        lines.filter(move |(start, _)| {
            while marked.next_if(|i| *i < start).is_some() {}
            marked.peek() != Some(&start)
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

#[cfg(test)]
mod tests {
    use crate::pseudonym::ZeroMac;
    use crate::{LineFormat, Policy, Redactor, StreamRedactor};
    use cordon_event::Raw;

    /// The shapes of lines are remembered as the tests of what that changes write them.
    #[test]
    fn a_shape_is_remembered_when_it_was_seen_before() {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let mut stream = StreamRedactor::new(&redactor, LineFormat::Text);
        let mut count = |text: String| {
            stream.push(&ZeroMac, Raw::new(text.into_bytes()));
            stream.lines.familiar.known.iter().flatten().count()
        };
        assert_eq!(count("ok\n".repeat(16_384)), 1);
        let known = "ok\n".repeat(16);
        let counts = [1, 2, 3, 4].map(|n| count(format!("{known}took {n} ms\n")));
        assert_eq!(counts, [1, 2, 2, 2]);
    }
}
