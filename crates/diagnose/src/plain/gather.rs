//! Plain logs on their way in: what is kept of each line.
//!
//! Of a line its time, its duration and its *sort* are kept: shape, component, level, status and
//! exception together. What words tell of trouble is looked for once per shape. The fields of
//! lines that tell of trouble are kept, and of the others those of a sample, so that both can be
//! compared.
//!
//! *Limits:* [`LINES_COUNT_MAX`] records, [`SORTS_COUNT_MAX`] sorts (then components are told
//! apart no more), [`FACTS_COUNT_MAX`] lines with fields of either side, [`TEXTS_COUNT_MAX`]
//! different texts in them.

use std::collections::{BTreeSet, HashMap};

use cordon_event::Severity;
use cordon_fingerprint::header::{FormNo, Header, Read};
use cordon_fingerprint::{Miner, ShapeNo};

use super::address;
use super::fields::{Field, Wanted};
use super::line::{Line, Reader};
use super::logger;
use super::sample::Sample;
use super::stacks::Stacks;
use super::trouble::{self, Trouble, Weight};
use crate::incident::names::{Name, Names};

/// Records that are kept.
pub const LINES_COUNT_MAX: usize = 32 << 20;
/// Different sorts of lines.
const SORTS_COUNT_MAX: usize = 200_000;
/// Lines of either side of which fields are kept.
const FACTS_COUNT_MAX: usize = 30_000;
/// Different keys and values that are kept.
const TEXTS_COUNT_MAX: usize = 400_000;
/// Longest key and value that are compared, in bytes.
const KEY_BYTES_MAX: usize = 48;
const VALUE_BYTES_MAX: usize = 96;
/// Bytes kept of the first line of a sort.
const EXAMPLE_BYTES_MAX: usize = 700;
/// Bytes kept of all of them.
const EXAMPLES_BYTES_MAX: usize = 64 << 20;
/// Lines of a shape that are looked at for a status or duration.
const TRIED_COUNT_MAX: u32 = 24;
/// First lines of a sort whose fields are kept whatever the sample says.
const FIRST_COUNT_MAX: u32 = 24;
/// Lines with the name of a logger as their first word from which on that is a column.
const LOGGERS_COUNT_MIN: u64 = 3;
/// Further messages of a sort that are kept, evenly over all of them.
const SAMPLES_COUNT_MAX: usize = 32;
/// Further messages from which on it is known what varies.
const SAMPLES_COUNT_MIN: usize = 2;
/// Names of fields that tell why, the most telling first.
const REASONS: [&str; 22] = [
    "err.message",
    "error.message",
    "exception.message",
    "error.msg",
    "err.msg",
    "error",
    "err",
    "exception",
    "error_message",
    "errorMessage",
    "error.reason",
    "reason",
    "cause",
    "detail",
    "details",
    "exc",
    "exception.class",
    "err.code",
    "error.code",
    "stderr",
    "failure",
    "problem",
];
/// Names of fields that tell the type of what was raised.
const TYPES: [&str; 8] = [
    "err.type",
    "error.type",
    "exception.type",
    "err.name",
    "error.name",
    "error.kind",
    "exception.class_name",
    "exc_type",
];

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) time_ns: u64,
    pub(super) sort: u32,
    /// 0 where it tells none.
    pub(super) duration_us: u32,
    /// Which line it is of all that were read, from 1.
    pub(super) line: u32,
}

/// What makes the sort of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SortKey {
    pub(super) shape: ShapeNo,
    pub(super) component: Name,
    pub(super) severity: Severity,
    /// 0 where it tells none.
    pub(super) status: u16,
    /// Exception.
    pub(super) fault: Name,
    pub(super) trouble: Option<Trouble>,
}

/// A sort of lines.
#[derive(Clone, Debug)]
pub(super) struct Sort {
    pub(super) key: SortKey,
    /// The first of its lines, and which one that is.
    pub(super) example: Box<str>,
    pub(super) example_line: u64,
    /// The last of them, where they tell of trouble and there is more than one.
    pub(super) latest: String,
    pub(super) latest_line: u64,
    /// Its message, with the reason that a field tells.
    pub(super) content: Box<str>,
    /// Messages of further lines, where they tell of trouble: what differs among them varies.
    pub(super) samples: Sample<Box<str>>,
    pub(super) count: u32,
}

impl Sort {
    /// Its message and those of further lines; none where too few are known to tell what varies.
    pub(super) fn messages(&self) -> Option<impl Iterator<Item = &str>> {
        let further = self.samples.taken.iter();
        let needed = SAMPLES_COUNT_MIN.min(self.count.saturating_sub(1) as usize);
        let known = further.len() >= needed && !self.content.is_empty();
        known.then(|| {
            std::iter::once(&self.content)
                .chain(further)
                .map(|one| &**one)
        })
    }

    /// How bad its lines are; none where nothing says that they are.
    pub(super) fn weight(&self) -> Option<Weight> {
        let calm = self.key.severity.0 > 0 && self.key.severity < Severity::WARN;
        let words = self.key.trouble.map(|trouble| match trouble.weight {
            // Who writes it calls it ordinary.
            Weight::Error | Weight::Hint if calm => Weight::Hint,
            weight => weight,
        });
        let level = match self.key.severity {
            severity if severity >= Severity(21) => Some(Weight::Fatal),
            severity if severity >= Severity::ERROR => Some(Weight::Error),
            severity if severity >= Severity::WARN => Some(Weight::Hint),
            _ => None,
        };
        let status = match self.key.status {
            500..600 => Some(Weight::Error),
            400..500 => Some(Weight::Hint),
            _ => None,
        };
        let fault = (!self.key.fault.is_none()).then_some(Weight::Error);
        words.max(level).max(status).max(fault)
    }
}

/// The fields of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Fact {
    pub(super) time_ns: u64,
    pub(super) sort: u32,
    /// Which line it is of all that were read, from 1.
    pub(super) line: u32,
    pub(super) pairs: Box<[(Name, Name)]>,
}

/// What is known of a shape.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    known: bool,
    trouble: Option<Trouble>,
    /// The numbers of each line decide.
    numbered: bool,
    tried: u32,
    /// Which of status and duration were seen in it.
    wanted: Wanted,
    /// A field that tells a reason was.
    reasoned: bool,
}

/// What of a line's fields is read.
enum Reading {
    All,
    Measures(Wanted),
    Nothing,
}

impl Shape {
    /// What of the fields of a line of this shape is read.
    fn reading(self, line: &Line<'_>) -> Reading {
        let severity = line.header.severity;
        let asks = severity == Severity(0) || severity >= Severity::WARN;
        // Of a record the shape is that of its message alone.
        let whole = line.text.ends_with(line.header.content);
        if self.tried < TRIED_COUNT_MAX || asks && (self.reasoned || !whole) {
            Reading::All
        } else if self.wanted == Wanted::default() {
            Reading::Nothing
        } else {
            Reading::Measures(self.wanted)
        }
    }
}

/// What a line's fields tell of it.
#[derive(Debug, Default)]
struct Told {
    status: u16,
    duration_us: u32,
    /// Place in [`REASONS`], and the reason.
    reason: Option<(usize, String)>,
    kind: String,
}

impl Told {
    /// Keeps a status or a duration.
    fn take(&mut self, field: &Field<'_>) {
        match field {
            Field::Status(status) => self.status = *status,
            Field::DurationNs(ns) => {
                self.duration_us = u32::try_from(ns / 1_000).unwrap_or(u32::MAX);
            }
            _ => {}
        }
    }
}

/// The sort of the last line of a form.
#[derive(Clone, Copy, Debug)]
struct LastSort {
    key: SortKey,
    sort: u32,
}

/// Everything that is kept of the lines.
#[derive(Clone, Default)]
pub(super) struct Gathered {
    pub(super) names: Names,
    texts: usize,
    pub(super) miner: Miner,
    pub(super) records: Vec<Record>,
    pub(super) sorts: Vec<Sort>,
    known: HashMap<SortKey, u32>,
    /// For each form the sort of its last line.
    last_sorts: Vec<Option<LastSort>>,
    shapes: Vec<Shape>,
    examples_bytes: usize,
    /// Fields of lines that tell of trouble, and of others.
    pub(super) bad: Sample<Fact>,
    pub(super) good: Sample<Fact>,
    pub(super) stacks: Stacks,
    pub(super) left_out: u64,
    /// Whether a line told its time.
    pub(super) timed: bool,
    last_ns: u64,
    /// Message of the last record.
    last_content: String,
}

impl Gathered {
    /// Reads a clean line.
    pub(super) fn add(&mut self, reader: &mut Reader, line: &str) {
        let Some(line) = reader.read(line) else {
            return;
        };
        if line.is_continuation {
            self.stacks.go_on(line.text);
            return;
        }
        self.close();
        if self.records.len() >= LINES_COUNT_MAX {
            self.left_out += 1;
            return;
        }
        if let Some(time) = line.time_ns() {
            self.last_ns = time;
            self.timed = true;
        }
        self.record(&line);
        self.stacks.begin(line.text);
    }

    /// Gives the exception of the block that ends to the record that it began with.
    pub(super) fn close(&mut self) {
        let Some(fault) = self.stacks.close(&mut self.names) else {
            return;
        };
        let Some(record) = self.records.last_mut() else {
            return;
        };
        let Some(old) = self.sorts.get_mut(record.sort as usize) else {
            return;
        };
        old.count = old.count.saturating_sub(1);
        let mut key = old.key;
        key.fault = fault;
        let at = *record;
        let example = self.stacks.head().to_owned();
        let content = std::mem::take(&mut self.last_content);
        let sort = self.sort(key, (&example, u64::from(at.line)), &content);
        if let Some(record) = self.records.last_mut() {
            *record = Record { sort, ..at };
        }
        self.bad.change_last(|fact| {
            if fact.sort == at.sort && fact.time_ns == at.time_ns {
                fact.sort = sort;
            }
        });
    }

    /// Brings the records into the order of their times.
    pub(super) fn settle(&mut self) {
        // What was written before the first time is as old as that.
        let first = self
            .records
            .iter()
            .map(|r| r.time_ns)
            .find(|time| *time > 0);
        for record in self.records.iter_mut().take_while(|r| r.time_ns == 0) {
            record.time_ns = first.unwrap_or(0);
        }
        if !self.records.is_sorted_by_key(|record| record.time_ns) {
            self.records.sort_by_key(|record| record.time_ns);
        }
        self.name_loggers();
    }

    /// Where nearly all lines that name no component begin with the name of a logger, that is its
    /// column.
    fn name_loggers(&mut self) {
        let nameless = |sort: &&mut Sort| sort.key.component.is_none() && sort.key.severity.0 > 0;
        let mut shapes: HashMap<String, BTreeSet<u32>> = HashMap::new();
        for sort in self.sorts.iter_mut().filter(nameless) {
            if let Some(name) = logger::column(&sort.content) {
                let shapes = shapes.entry(name.to_owned()).or_default();
                shapes.insert(sort.key.shape.0);
            }
        }
        let is_logger = |name: &&str| {
            let shapes = shapes.get(*name).map_or(0, BTreeSet::len);
            logger::is_software(name, shapes)
        };
        let (mut all, mut named) = (0_u64, 0_u64);
        for sort in self.sorts.iter_mut().filter(nameless) {
            all += u64::from(sort.count);
            if logger::column(&sort.content)
                .as_ref()
                .is_some_and(is_logger)
            {
                named += u64::from(sort.count);
            }
        }
        if named < LOGGERS_COUNT_MIN || named * 10 < all * 9 {
            return;
        }
        for sort in self.sorts.iter_mut().filter(nameless) {
            if let Some(name) = logger::column(&sort.content).filter(is_logger) {
                sort.key.component = self.names.of(name);
            }
        }
    }

    fn record(&mut self, line: &Line<'_>) {
        let header = &line.header;
        let form = line.form;
        let mut shape = self.miner.add_read(&Read {
            header: *header,
            form,
        });
        let mut known = self.shape(shape, header.content);
        let told = match known.reading(line) {
            Reading::All => self.told(line, shape),
            Reading::Measures(wanted) => {
                let mut told = Told::default();
                line.measures(wanted, &mut |field| told.take(&field));
                told
            }
            Reading::Nothing => Told::default(),
        };
        let reasoned = reasoned(header.content, &told);
        let content = reasoned.as_deref().unwrap_or(header.content);
        if reasoned.is_some() {
            let header = Header { content, ..*header };
            shape = self.miner.add_read(&Read { header, form: None });
            known = self.shape(shape, content);
        }
        let last = form.and_then(|form| self.last_sorts.get(form.0 as usize).copied().flatten());
        let key = SortKey {
            shape,
            component: self.component(line, last.as_ref()),
            severity: header.severity,
            status: told.status,
            fault: Name::NONE,
            trouble: known.trouble,
        };
        let last = last.filter(|last| last.key == key);
        let sort = match last {
            Some(last) => self.sort_again(last.sort, (line.text, line.number), content),
            None => self.sort(key, (line.text, line.number), content),
        };
        if let Some(form) = form.filter(|_| last.is_none()) {
            self.keep_last(form, LastSort { key, sort });
        }
        self.records.push(Record {
            time_ns: self.last_ns,
            sort,
            duration_us: told.duration_us,
            line: u32::try_from(line.number).unwrap_or(u32::MAX),
        });
        // A stack trace may follow it.
        self.last_content.clear();
        self.last_content.push_str(head(content, EXAMPLE_BYTES_MAX));
        self.facts(line, content, sort);
    }

    /// The name of the line's component.
    fn component(&mut self, line: &Line<'_>, last: Option<&LastSort>) -> Name {
        if self.sorts.len() >= SORTS_COUNT_MAX {
            return Name::NONE;
        }
        let last = last.map(|last| last.key.component);
        match last.filter(|last| self.names.text(*last) == line.component) {
            Some(last) => last,
            None => self.names.of(line.component),
        }
    }

    fn keep_last(&mut self, form: FormNo, last: LastSort) {
        let form = form.0 as usize;
        let length = self.last_sorts.len().max(form + 1);
        self.last_sorts.resize(length, None);
        if let Some(slot) = self.last_sorts.get_mut(form) {
            *slot = Some(last);
        }
    }

    /// What is known of a shape, after its first line.
    fn shape(&mut self, shape: ShapeNo, content: &str) -> Shape {
        let at = shape.0 as usize;
        if self.shapes.len() <= at {
            self.shapes.resize(at + 1, Shape::default());
        }
        let Some(known) = self.shapes.get_mut(at) else {
            return Shape::default();
        };
        if !known.known {
            known.known = true;
            known.numbered = trouble::of(&unnumbered(content)).is_some_and(|t| t.is_numbered);
            known.trouble = trouble::of(content);
        } else if known.numbered {
            return Shape {
                trouble: trouble::of(content),
                ..*known
            };
        }
        *known
    }

    /// Reads what the fields tell of the line itself.
    fn told(&mut self, line: &Line<'_>, shape: ShapeNo) -> Told {
        let mut told = Told::default();
        let asks = line.header.severity == Severity(0) || line.header.severity >= Severity::WARN;
        line.message_fields(&mut |field| match field {
            Field::Pair { key, value } if asks => {
                reason(&mut told, key, whole(line.text, key, value));
            }
            field => told.take(&field),
        });
        if let Some(known) = self.shapes.get_mut(shape.0 as usize) {
            known.tried = known.tried.saturating_add(1);
            known.wanted.status |= told.status > 0;
            known.wanted.duration |= told.duration_us > 0;
            known.reasoned |= told.reason.is_some() || !told.kind.is_empty();
        }
        told
    }

    /// The number of a sort; the line counts for it.
    fn sort(&mut self, key: SortKey, (line, number): (&str, u64), content: &str) -> u32 {
        if let Some(known) = self.known.get(&key) {
            return self.sort_again(*known, (line, number), content);
        }
        let sort = self.sorts.len() as u32;
        let room = self.examples_bytes < EXAMPLES_BYTES_MAX;
        let kept = |text| {
            if room {
                head(text, EXAMPLE_BYTES_MAX)
            } else {
                ""
            }
        };
        let (example, content) = (kept(line), kept(content));
        self.examples_bytes += example.len() + content.len();
        self.sorts.push(Sort {
            key,
            example: example.into(),
            example_line: number,
            latest: String::new(),
            latest_line: 0,
            content: content.into(),
            samples: Sample::default(),
            count: 1,
        });
        self.known.insert(key, sort);
        sort
    }

    /// Counts a line for a sort that is known.
    fn sort_again(&mut self, known: u32, (line, number): (&str, u64), content: &str) -> u32 {
        if let Some(sort) = self.sorts.get_mut(known as usize) {
            sort.count = sort.count.saturating_add(1);
            if sort.weight().is_some() && !sort.example.is_empty() {
                sort.latest.clear();
                sort.latest.push_str(head(line, EXAMPLE_BYTES_MAX));
                sort.latest_line = number;
                if sort.samples.turn() && self.examples_bytes < EXAMPLES_BYTES_MAX {
                    let bytes = |sort: &Sort| -> usize {
                        sort.samples.taken.iter().map(|kept| kept.len()).sum()
                    };
                    self.examples_bytes -= bytes(sort);
                    let kept = head(content, EXAMPLE_BYTES_MAX);
                    sort.samples.push(kept.into(), SAMPLES_COUNT_MAX);
                    self.examples_bytes += bytes(sort);
                }
            }
        }
        known
    }

    /// For each sort the place of its component in a list, and the list.
    pub(super) fn component_slots(&self) -> (Vec<usize>, Vec<Name>) {
        let mut places: HashMap<Name, usize> = HashMap::new();
        let mut names = Vec::new();
        let slots = self.sorts.iter().map(|sort| {
            let component = sort.key.component;
            *places.entry(component).or_insert_with(|| {
                names.push(component);
                names.len() - 1
            })
        });
        (slots.collect(), names)
    }

    /// Keeps the fields of a line, where its turn comes.
    fn facts(&mut self, line: &Line<'_>, content: &str, sort: u32) {
        let Some(known) = self.sorts.get(sort as usize) else {
            return;
        };
        let bad = known.weight().is_some();
        let first = bad && known.count <= FIRST_COUNT_MAX;
        let side = if bad { &mut self.bad } else { &mut self.good };
        if !side.turn() && !first {
            return;
        }
        let (names, texts) = (&mut self.names, &mut self.texts);
        let mut pairs: Vec<(Name, Name)> = Vec::new();
        let mut keep = |key: &str, value: &str| {
            let fits = (1..=KEY_BYTES_MAX).contains(&key.len())
                && (1..=VALUE_BYTES_MAX).contains(&value.len());
            if fits && *texts < TEXTS_COUNT_MAX {
                *texts += usize::from(names.find(value).is_none());
                pairs.push((names.of(key), names.of(value)));
            }
        };
        line.fields(&mut |field| match field {
            Field::Route(route) => keep("route", route),
            Field::Pair { key, value } => keep(key, value),
            Field::Status(_) | Field::DurationNs(_) => {}
        });
        address::each(content, &mut |address| keep("address", address));
        if let Some(instance) = instance(line) {
            keep("instance", instance);
        }
        if !line.header.host.is_empty() {
            keep("host", line.header.host);
        }
        side.push(
            Fact {
                time_ns: self.last_ns,
                sort,
                line: u32::try_from(line.number).unwrap_or(u32::MAX),
                pairs: pairs.into_boxed_slice(),
            },
            FACTS_COUNT_MAX,
        );
    }
}

/// The instance of the component that a line's prefix names: `api-2` of `api`.
fn instance<'a>(line: &Line<'a>) -> Option<&'a str> {
    let word = line.text.split_ascii_whitespace().next()?;
    let word = word.trim_matches(['[', ']', '|', ':']);
    let word = word
        .rsplit('/')
        .find(|part| part.starts_with(line.component))?;
    let more = word.strip_prefix(line.component)?;
    (!line.component.is_empty() && more.starts_with(['-', '_', '.']) && more.len() > 1)
        .then_some(word)
}

/// Keeps what a field tells of the reason, where it tells more than what is known.
fn reason(told: &mut Told, key: &str, value: &str) {
    let empty = [
        "", "null", "nil", "none", "None", "<nil>", "false", "0", "{}", "[]", "-",
    ];
    if empty.contains(&value) || value.starts_with(['{', '[']) {
        return;
    }
    if TYPES.contains(&key) {
        value.clone_into(&mut told.kind);
        return;
    }
    let Some(rank) = REASONS.iter().position(|reason| *reason == key) else {
        return;
    };
    if told.reason.as_ref().is_none_or(|(best, _)| rank < *best) {
        let value = value.replace("\\\"", "\"");
        told.reason = Some((rank, value));
    }
}

/// The value as it stands in the line, where a field gives no more than the machine of a URL in it.
fn whole<'a>(line: &'a str, key: &str, value: &'a str) -> &'a str {
    let last = key.rsplit('.').next().unwrap_or_default();
    if last.is_empty() || value.contains([' ', '/']) || !line.contains("://") {
        return value;
    }
    let found = line.match_indices(last).find_map(|(at, _)| {
        let rest = line.get(at + last.len()..)?;
        let rest = rest.trim_start_matches(['"', ' ']);
        let rest = rest.strip_prefix([':', '='])?.trim_start();
        let quoted = rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = quoted.bytes().position(|b| {
            let ends = b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            ends
        });
        let text = quoted.get(..end?)?;
        (text.contains("://") && text.contains(value) && text.contains(' ')).then_some(text)
    });
    found.unwrap_or(value)
}

/// The message with the reason that stands in a field beside it.
fn reasoned(content: &str, told: &Told) -> Option<String> {
    let reason = told.reason.as_ref().map_or("", |(_, reason)| reason);
    let more = [told.kind.as_str(), reason]
        .into_iter()
        .filter(|part| !part.is_empty() && !content.contains(part))
        .collect::<Vec<_>>()
        .join(": ");
    (!more.is_empty()).then(|| format!("{content}: {more}"))
}

/// A text with its numbers masked as a template masks them.
fn unnumbered(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    let mut digit = false;
    for c in content.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !digit {
            out.push_str("<num>");
        }
        digit = c.is_ascii_digit();
    }
    out
}

/// The first bytes of a text, of whole characters.
pub(super) fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_with_a_url_stays_whole() {
        let line = r#"{"msg":"call failed","error":"Get \"https://a.example/v1\": i/o timeout"}"#;
        let reason = r#"Get \"https://a.example/v1\": i/o timeout"#;
        assert_eq!(whole(line, "error", "a.example"), reason);
        assert_eq!(whole(line, "error", "other.example"), "other.example");
        assert_eq!(
            whole(r#"{"error":"refused"}"#, "error", "refused"),
            "refused"
        );
    }
}
