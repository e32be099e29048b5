//! Values of many events, looked through together before each event is walked.
//!
//! A look at a short text costs more for being one of many than for its bytes. So the texts of a
//! request's events are put into one, a line each, and looked through once; nearly all of them are
//! clean. What is left is read by the walk, each by itself.
//!
//! **Invariant:** a part that is known to be clean is one that the walk and the second scan leave
//! as it is, with no finding. What is known changes what an event costs, never what comes out.
//!
//! *Why a line each:* the screens tell of a line by itself whether something may be found in it.
//! A text of more than one line, one that may be JSON, and one whose field's name says anything
//! about it are left to the walk.
//!
//! *Limits:* [`BLOCK_BYTES_MAX`] of text at once, [`VALUE_BYTES_MAX`] of a value, the first
//! [`PARTS_COUNT_MAX`] attributes of an event, [`FIELDS_COUNT_MAX`] names of fields.

use std::collections::{HashMap, HashSet};

use cordon_detect::{KeyVerdict, coordinate, is_silent, says_kind, verdict};
use cordon_event::{Event, Kind, Value};
use zeroize::{Zeroize as _, Zeroizing};

use crate::names::{self, Prose};
use crate::pairs::names_pair;
use crate::redactor::Redactor;
use crate::remembered::RawKey;
use crate::stream::KnownLines;
use crate::{PseudonymMac, Unknown, walk};

/// Bytes of text that are looked through at once.
const BLOCK_BYTES_MAX: usize = 256 << 10;
/// Longest value in bytes that is among them.
const VALUE_BYTES_MAX: usize = 8 << 10;
/// Attributes of an event that may be known to be clean.
const PARTS_COUNT_MAX: usize = 62;
/// Longest name of a field in bytes that is remembered.
const NAME_BYTES_MAX: usize = 256;
/// Longest text in bytes that is remembered for having no name in it.
const NAMELESS_BYTES_MAX: usize = 512;
/// Names of fields that are remembered.
const FIELDS_COUNT_MAX: usize = 4_096;
/// Texts without names in them that are remembered, and as many that may soon be forgotten.
const NAMELESS_COUNT_MAX: usize = 4_096;
/// Whole numbers below this have fewer digits than anything that is looked for in numbers.
const NUMBER_MAX: u64 = 10_000_000;

/// What is known of the parts of one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled(u64);

impl Settled {
    const NAME: u64 = 1 << PARTS_COUNT_MAX;
    const BODY: u64 = 1 << (PARTS_COUNT_MAX + 1);

    /// Whether the name is clean.
    pub(crate) fn name(self) -> bool {
        self.0 & Self::NAME != 0
    }

    /// Whether the body is clean.
    pub(crate) fn body(self) -> bool {
        self.0 & Self::BODY != 0
    }

    /// Whether the attribute at `i` is clean, its name included.
    pub(crate) fn attribute(self, i: usize) -> bool {
        i < PARTS_COUNT_MAX && self.0 & (1 << i) != 0
    }

    /// Whether the first `count` attributes are.
    pub(crate) fn attributes(self, count: usize) -> bool {
        let all = (1_u64 << count.min(PARTS_COUNT_MAX)) - 1;
        count <= PARTS_COUNT_MAX && self.0 & all == all
    }
}

/// What a field's name says of its values.
#[derive(Clone, Copy)]
struct Field {
    /// Whether name and value say nothing of each other: the value is judged as a text is.
    is_silent: bool,
    /// Whether it says something of the fields beside it.
    relates: bool,
    prose: Prose,
}

/// A line of the text that is looked through.
struct Place {
    /// Where it ends, its line break included.
    end: usize,
    /// Which event it is of, and which part.
    event: usize,
    part: u64,
}

/// The values of many events.
#[derive(Default)]
pub(crate) struct Sieve {
    fields: HashMap<Box<str>, Field>,
    text: Zeroizing<String>,
    places: Vec<Place>,
    settled: Vec<Settled>,
    lines: KnownLines,
    nameless: Nameless,
}

impl Sieve {
    /// Looks through events; what is known of each is told by [`Self::of`].
    pub(crate) fn look(&mut self, redactor: &Redactor, mac: &dyn PseudonymMac, events: &[Event]) {
        self.settled.clear();
        self.settled.resize(events.len(), Settled::default());
        if redactor.looks_everywhere() || redactor.minimises() {
            return;
        }
        // Grown, it would leave what it held behind.
        self.text.reserve(BLOCK_BYTES_MAX + VALUE_BYTES_MAX + 1);
        for (at, event) in events.iter().enumerate() {
            self.gather(redactor, mac, at, event);
        }
        self.screen(redactor);
    }

    /// What is known of the event at that place among those that were looked through.
    pub(crate) fn of(&self, at: usize) -> Settled {
        self.settled.get(at).copied().unwrap_or_default()
    }

    /// Adds what may be told of an event by lines alone.
    fn gather(&mut self, redactor: &Redactor, mac: &dyn PseudonymMac, at: usize, event: &Event) {
        if event.kind == Kind::Change {
            return;
        }
        self.add(redactor, (at, Settled::NAME), &event.name, Prose::Never);
        match &event.body {
            Value::Null | Value::Bool(_) => self.settle(at, Settled::BODY),
            Value::String(text) if redactor.policy().free_text == Unknown::Scan => {
                self.add(redactor, (at, Settled::BODY), text, Prose::UnlessCode);
            }
            _ => {}
        }
        let names = event.attributes.iter().take(PARTS_COUNT_MAX);
        let mut fields = [None; PARTS_COUNT_MAX];
        let mut relates = event.attributes.len() > PARTS_COUNT_MAX;
        for (slot, (key, _)) in fields.iter_mut().zip(names) {
            let field = self.field(redactor, mac, key);
            relates |= field.is_none_or(|field| field.relates);
            *slot = field.filter(|field| field.is_silent);
        }
        if relates {
            return;
        }
        for (i, (field, (_, value))) in fields.iter().zip(&event.attributes).enumerate() {
            let Some(field) = field else { continue };
            match value {
                // Its name may be that of an issuer.
                Value::String(text) if redactor.detector().may_be_issued(text) => {}
                Value::String(text) => self.add(redactor, (at, 1 << i), text, field.prose),
                Value::Int(n) if n.unsigned_abs() < NUMBER_MAX => self.settle(at, 1 << i),
                Value::Null | Value::Bool(_) => self.settle(at, 1 << i),
                _ => {}
            }
        }
    }

    fn settle(&mut self, at: usize, part: u64) {
        if let Some(settled) = self.settled.get_mut(at) {
            settled.0 |= part;
        }
    }

    /// Adds a text, if a line can tell of it.
    fn add(&mut self, redactor: &Redactor, (event, part): (usize, u64), text: &str, prose: Prose) {
        if text.is_empty() {
            return self.settle(event, part);
        }
        let opens = text.trim_start().starts_with(['{', '[', '"']);
        let lines = memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some();
        if opens || lines || text.len() > VALUE_BYTES_MAX {
            return;
        }
        let is_asked = prose.is_asked(text);
        if is_asked && !self.nameless.holds(redactor, text) {
            return;
        }
        if self.text.len() + text.len() > BLOCK_BYTES_MAX {
            self.screen(redactor);
        }
        self.text.push_str(text);
        self.text.push('\n');
        let end = self.text.len();
        self.places.push(Place { end, event, part });
    }

    /// Looks through what was added.
    fn screen(&mut self, redactor: &Redactor) {
        let (marked, told) = self.lines.marks(redactor, &self.text);
        let (mut marked, mut told) = (marked.into_iter().peekable(), told.into_iter().peekable());
        let mut start = 0;
        for place in &self.places {
            let mut is_marked = false;
            while marked.next_if(|at| *at < place.end).is_some() {
                is_marked = true;
            }
            let mut is_clean = !is_marked;
            while let Some((_, told)) = told.next_if(|(at, _)| *at < place.end) {
                let line = self.text.get(start..place.end - 1).unwrap_or("");
                is_clean = self.lines.is_clean(redactor, line, told);
            }
            start = place.end;
            let settled = self.settled.get_mut(place.event);
            if let Some(settled) = settled.filter(|_| is_clean) {
                settled.0 |= place.part;
            }
        }
        self.text.zeroize();
        self.places.clear();
    }

    /// What a field's name says, where the name itself stays; none where it does not, or is not
    /// remembered.
    fn field(&mut self, redactor: &Redactor, mac: &dyn PseudonymMac, key: &str) -> Option<Field> {
        if let Some(field) = self.fields.get(key) {
            return Some(*field);
        }
        let is_long = key.len() > NAME_BYTES_MAX || self.fields.len() >= FIELDS_COUNT_MAX;
        if is_long || !walk::is_clean_name(redactor, mac, key) {
            return None;
        }
        let by_policy = redactor.by_policy(key) != KeyVerdict::Unknown;
        let policy = redactor.policy();
        let field = Field {
            is_silent: is_silent(key) && !by_policy,
            relates: names_pair(key)
                || says_kind(key)
                || coordinate(key).is_some()
                || matches!(verdict(key), KeyVerdict::Secret(_))
                || key == "special",
            prose: names::prose(policy, key),
        };
        self.fields.insert(key.into(), field);
        Some(field)
    }
}

/// Texts in which no name stands, their digits apart: the recogniser tells digits by their number
/// alone.
#[derive(Default)]
struct Nameless {
    recent: HashSet<RawKey>,
    older: HashSet<RawKey>,
    /// What is asked for, its digits alike.
    alike: Zeroizing<String>,
}

impl Nameless {
    /// Whether no name stands in the text.
    fn holds(&mut self, redactor: &Redactor, text: &str) -> bool {
        if !redactor.names().is_blind_to_digits() || text.len() > NAMELESS_BYTES_MAX {
            return !redactor.has_names(text);
        }
        // Grown, it would leave what it held behind.
        self.alike.clear();
        self.alike.reserve(NAMELESS_BYTES_MAX);
        self.alike.extend(
            text.chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c }),
        );
        if self.recent.contains(self.alike.as_bytes()) {
            return true;
        }
        if let Some(old) = self.older.take(self.alike.as_bytes()) {
            self.keep(old);
            return true;
        }
        let holds = !redactor.has_names(text);
        if holds {
            self.keep(RawKey::new(self.alike.as_bytes()));
        }
        holds
    }

    fn keep(&mut self, text: RawKey) {
        if self.recent.len() >= NAMELESS_COUNT_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(text);
    }
}
