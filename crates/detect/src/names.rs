//! Names of persons, places, organisations and addresses in free text.
//!
//! The way of the data: a text is read line by line as tokens ([`word`]); a line in which no word
//! can be a name by its form and the lists is left at once; otherwise a linear model ([`model`])
//! labels the tokens around such words, and runs of labels become findings.
//!
//! *When not to use it:* on raw rows, keys, code or anything that has structure. It was trained
//! on sentences, and is for the values of fields that people and programs write prose into. What
//! it was trained on, and how much it misses, stands in `docs/names-model-card.md`.
//!
//! *Limits:* the first [`TEXT_BYTES_MAX`] bytes of a text; [`word::LINE_TOKENS_MAX`] tokens at
//! once; time is linear in the text.

pub mod feature;
pub mod lists;
pub mod model;
pub mod word;

use std::sync::OnceLock;

use cordon_event::limits::TEXT_BYTES_MAX;

use crate::bytes::{at, before, cut, floor};
use crate::{Finding, TokenKind};
use model::{KINDS_COUNT, Lead, Model, kind_of};
use word::{Line, Shape};

/// Finds names in a text. The built-in one is [`Names`]; a local transformer may stand in for it.
pub trait Recognizer: Send + Sync {
    /// Appends findings in `text`: on character boundaries, in order, disjoint from each other.
    /// `text` is one value of a field, in prose.
    fn find(&self, text: &str, out: &mut Vec<Finding>);
}

/// The weights that are shipped; `docs/names-model-card.md` says how they were made.
#[cfg(feature = "names")]
static WEIGHTS: &[u8] = include_bytes!("../data/names.bin");
/// Without them [`Names`] finds nothing before [`load`], which who builds it so has to say.
#[cfg(not(feature = "names"))]
static WEIGHTS: &[u8] = &[];

/// The model: of the weights that are built in, or of those that were loaded.
static MODEL: OnceLock<Model<'static>> = OnceLock::new();

fn model() -> Option<&'static Model<'static>> {
    if WEIGHTS.is_empty() {
        return MODEL.get();
    }
    if let Some(model) = MODEL.get() {
        return Some(model);
    }
    let opened = Model::open(WEIGHTS)?;
    Some(MODEL.get_or_init(|| opened))
}

/// Whether there are weights.
pub fn is_loaded() -> bool {
    model().is_some()
}

/// Takes weights where there are none, once and for good; false where these are none. What was
/// there before stays.
pub fn load(weights: Vec<u8>) -> bool {
    if Model::open(&weights).is_none() {
        return false;
    }
    if !is_loaded()
        && let Some(opened) = Model::open(Vec::leak(weights))
    {
        MODEL.get_or_init(|| opened);
    }
    true
}

/// Rule and kind of what the model finds, by the label's kind.
const KINDS: [(&str, TokenKind); KINDS_COUNT] = [
    ("names.person", TokenKind::Person),
    ("names.place", TokenKind::Place),
    ("names.organisation", TokenKind::Organisation),
    ("names.address", TokenKind::Address),
];

/// The recogniser that is built in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names;

impl Recognizer for Names {
    fn find(&self, text: &str, out: &mut Vec<Finding>) {
        if let Some(model) = model() {
            find_with(model, text, out);
        }
    }
}

/// Finds names under a model.
pub fn find_with(model: &Model<'_>, text: &str, out: &mut Vec<Finding>) {
    let text = cut(text, 0, floor(text, text.len().min(TEXT_BYTES_MAX)));
    let mut line = Line::default();
    let mut labels = Vec::new();
    let mut next = 0;
    while next < text.len() {
        next = line.read(text, next, model.lists());
        model.label(&line, &mut labels);
        spans(model, text, &line, &labels, out);
    }
}

/// An entity while its tokens are gathered.
struct Open {
    kind: usize,
    first: usize,
    lead: Lead,
}

/// Runs of labels as findings.
fn spans(
    model: &Model<'_>,
    text: &str,
    line: &Line,
    labels: &[(usize, Lead)],
    out: &mut Vec<Finding>,
) {
    let mut open: Option<Open> = None;
    for (i, (label, lead)) in labels
        .iter()
        .chain(std::iter::once(&(0, Lead::default())))
        .enumerate()
    {
        // Two of one kind without a sign between them are one.
        let same = |entity: &&mut Open| *label != 0 && kind_of(*label) == entity.kind;
        if let Some(entity) = open.as_mut().filter(same) {
            entity.lead.over_outside += lead.over_outside;
            entity.lead.person += lead.person;
            continue;
        }
        if let Some(entity) = open.take() {
            close(model, text, line, &entity, i, out);
        }
        if *label != 0 {
            open = Some(Open {
                kind: kind_of(*label),
                first: i,
                lead: *lead,
            });
        }
    }
}

/// Longest name in bytes, with what a device is called behind it.
const NAME_BYTES_MAX: usize = 128;

/// Whether a value is a name of two to four words, of which the lists know the first: what a field
/// holds that is called `name`, as things are, too.
pub(crate) fn is_listed(value: &str) -> bool {
    let Some(model) = model() else {
        return false;
    };
    if value.len() > NAME_BYTES_MAX {
        return false;
    }
    let lists = model.lists();
    let bits = |word: &str| lists.bits(word::hash_word(word));
    let words: Vec<u8> = value.split(' ').map(bits).collect();
    let cased = |word: &str| {
        let mut chars = word.chars();
        chars
            .next()
            .is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
            && chars.all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.'))
    };
    let has = |bit: u8| move |bits: &u8| bits & bit != 0;
    let first = words.first().is_some_and(has(lists::bit::FIRST));
    let named = has(lists::bit::FIRST | lists::bit::LAST);
    let thing = has(OF_THINGS | lists::bit::STREET | lists::bit::COMPANY);
    (2..=4).contains(&words.len())
        && value.split(' ').all(cased)
        && first
        && words.iter().skip(1).all(|bits| named(bits) || !thing(bits))
        && !words.iter().all(thing)
        && !value.split(' ').any(crate::account::is_common)
}

/// Words of prose, of software, of places.
const OF_THINGS: u8 = lists::bit::COMMON | lists::bit::SOFTWARE | lists::bit::PLACE;

/// What a device is called behind its owner's name: `Anna's iPhone`.
const DEVICES: &[&str] = &[
    "phone",
    "iphone",
    "ipad",
    "macbook",
    "macbook pro",
    "macbook air",
    "mac",
    "imac",
    "laptop",
    "pc",
    "galaxy",
    "pixel",
    "tablet",
    "watch",
    "apple watch",
    "airpods",
    "computer",
    "desktop",
];

/// The owner in the name of a device: `Anna Example's iPhone`.
pub(crate) fn owner(value: &str) -> Option<&str> {
    let (owner, device) = value
        .split_once("'s ")
        .or_else(|| value.split_once("\u{2019}s "))?;
    let device = crate::bytes::lower(device);
    let known = DEVICES.iter().any(|known| {
        device
            .strip_prefix(known)
            .is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
    });
    // `Men's Watch` is a thing; scripts without capitals are not on the lists.
    let caseless = owner
        .chars()
        .all(|c| c == ' ' || c.is_alphabetic() && !c.is_ascii());
    let named = is_listed(owner) || is_name(owner) || caseless;
    (known && named).then_some(owner)
}

/// Whether the lists know a word of prose, of software or of places.
pub(crate) fn is_word(word: &str) -> bool {
    let bits = |model: &Model<'_>| model.lists().bits(word::hash_word(word));
    model().is_some_and(|model| bits(model) & OF_THINGS != 0)
}

/// Whether the first word of a value is a given name of the lists.
pub(crate) fn begins_as_name(value: &str) -> bool {
    let first = value.split(' ').next().unwrap_or(value);
    let bits = |model: &Model<'_>| model.lists().bits(word::hash_word(first));
    model().is_some_and(|model| bits(model) & lists::bit::FIRST != 0)
}

/// Whether a word is a given or a family name of the lists, and no word of prose or of software.
pub(crate) fn is_name(word: &str) -> bool {
    let bits = model().map_or(0, |model| model.lists().bits(word::hash_word(word)));
    bits & (lists::bit::FIRST | lists::bit::LAST) != 0 && bits & OF_THINGS == 0
}

/// Whether what stands around a word is the structure of a record and no sentence: `Vendor|Gate`,
/// `SameSite=Lax`, `{Vin:"…"`, `Nino,status`.
fn is_member(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let prior = before(bytes, start);
    let sign = at(bytes, end);
    let glued = !at(bytes, end + 1).is_ascii_whitespace() && end + 1 < bytes.len();
    let parts = matches!(sign, b',' | b':' | b';') && glued;
    let assigned = cut(text, end, floor(text, end + 3)).starts_with(" = ");
    // `'Ahv' => …`: the name of a field, not of somebody.
    let label = crate::key::is_telling(cut(text, start, end));
    label
        || matches!(prior, b'|' | b'=' | b',' | b'{')
        || matches!(sign, b'|' | b'=')
        || parts
        || assigned
}

/// An entity that ends before token `end`, without the signs around it.
fn close(
    model: &Model<'_>,
    text: &str,
    line: &Line,
    entity: &Open,
    end: usize,
    out: &mut Vec<Finding>,
) {
    let tokens = line.tokens().get(entity.first..end).unwrap_or(&[]);
    let Some(decided) = model.decide(entity.kind, entity.lead, tokens) else {
        return;
    };
    let worded = |t: &&word::Token| t.shape != Shape::Sign;
    let first = tokens.iter().find(worded);
    let last = tokens.iter().rev().find(worded);
    let kind = decided.checked_sub(1).and_then(|k| KINDS.get(k));
    if let (Some(first), Some(last), Some((rule, kind))) = (first, last, kind) {
        let single = tokens.iter().filter(worded).count() == 1;
        let surname = line.tokens().get(end).filter(|next| {
            let alone = line.tokens().get(end + 1).is_none();
            let written = matches!(next.shape, Shape::Capital | Shape::Inner);
            alone && written && next.start == last.end + 1
        });
        if single && !first.shape.is_caseless() && is_member(text, first.start, last.end) {
            return;
        }
        // `John Smith` and nothing more: a surname that is also a word.
        let last = match surname {
            Some(surname) if single && *kind == TokenKind::Person => surname,
            _ => last,
        };
        out.push(Finding::personal(rule, *kind, first.start, last.end));
    }
}

#[cfg(test)]
#[path = "names/tests.rs"]
mod tests;
