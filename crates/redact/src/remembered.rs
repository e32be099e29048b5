//! Values that were judged before: found clean, or replaced.
//!
//! The events of one source repeat each other: their resource, their scope, the names of their
//! attributes and most of the values. What becomes of a value is settled by what it is, its name,
//! its path and what the policy does there, and by nothing beside them but the identifiers of its
//! event ([`Work::safe`]). So what stayed as it was stays the next time.
//!
//! **Invariant:** what is remembered changes what a value costs, never what comes out. It is told
//! by all of its bytes and not by a hash alone; what paged, and what stayed only as it is an
//! identifier of its event, is not remembered; nor is what was replaced and may hold one.
//!
//! The resource and the scope of an event are remembered as a whole, with what became of them: the
//! last ones, if they have at most [`FIELDS_COUNT_MAX`] fields.
//!
//! *Limits:* twice [`VALUES_COUNT_MAX`] values of at most [`VALUE_BYTES_MAX`] bytes with their
//! names. The half that was not asked for the longest goes first.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};

use cordon_event::{Raw, Shared, Value};
use zeroize::{Zeroize as _, Zeroizing};

use crate::Finding;
use crate::minimise::Mode;
use crate::name::Name;
use crate::redactor::TokenRow;
use crate::walk::may_hold_id;
use crate::work::Work;

/// Values that are remembered, and as many again that may soon be forgotten.
const VALUES_COUNT_MAX: usize = 4_096;
/// Values that did not stay and are remembered; all of them are forgotten together.
const REPLACED_COUNT_MAX: usize = 2_048;
/// Longest value in bytes that is remembered, with its name and its path.
const VALUE_BYTES_MAX: usize = 512;

/// Bytes in front of it: as what it was judged, and where its parts end.
const HEAD_BYTES: usize = 7;
/// Most bytes of a resource that is remembered.
const FIELDS_BYTES_MAX: usize = 64 << 10;
/// Most fields of a resource that is remembered.
const FIELDS_COUNT_MAX: usize = 128;

/// As what a value was judged.
#[derive(Clone, Copy)]
pub(crate) enum As {
    Text,
    Key,
    Number,
    /// By the second scan.
    Late,
}

/// Fields that the events of one origin share.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    Resource,
    Scope,
}

/// Fields of an origin, and what became of them.
struct Known {
    raw: Raw<Shared>,
    clean: Shared,
    findings: Vec<Finding>,
    tokens: Vec<TokenRow>,
    /// Whether the second scan let them stay.
    is_unhit: bool,
}

/// A raw text that is looked for, with what names it; wiped when it is dropped.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct RawKey(Box<[u8]>);

impl RawKey {
    pub(crate) fn new(text: &[u8]) -> Self {
        Self(text.into())
    }
}

impl Borrow<[u8]> for RawKey {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for RawKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What became of a text that did not stay.
struct Replaced {
    clean: String,
    findings: Vec<Finding>,
    tokens: Vec<TokenRow>,
}

/// Values that were clean.
#[derive(Default)]
pub(crate) struct Remembered {
    /// The last resource and the last scope.
    origins: [Option<Known>; 2],
    recent: HashSet<Box<[u8]>>,
    older: HashSet<Box<[u8]>>,
    /// Texts that did not stay, and what became of them.
    replaced: HashMap<RawKey, Replaced>,
    /// What is asked for; raw until it is answered.
    asked: Zeroizing<Vec<u8>>,
}

impl Remembered {
    /// Whether the value was clean. It is then asked for until [`Self::keep`].
    fn has(&mut self, (kind, mode): (As, Mode), name: Name<'_>, path: &str, text: &str) -> bool {
        let key = name.key.unwrap_or_default();
        self.asked.clear();
        // Grown, it would leave what it held behind.
        self.asked.reserve(HEAD_BYTES + VALUE_BYTES_MAX);
        if key.len() + path.len() + text.len() > VALUE_BYTES_MAX {
            return false;
        }
        let lengths = [key.len() as u16, path.len() as u16];
        let head = [kind as u8, mode as u8, u8::from(name.key.is_some())];
        self.asked.extend(head);
        self.asked
            .extend(lengths.iter().flat_map(|n| n.to_be_bytes()));
        for part in [key, path, text] {
            self.asked.extend(part.as_bytes());
        }
        if self.recent.contains(self.asked.as_slice()) {
            return true;
        }
        let old = self.older.take(self.asked.as_slice());
        old.is_some_and(|old| {
            self.add(old);
            true
        })
    }

    /// Remembers what was asked for last.
    fn keep(&mut self) {
        if !self.asked.is_empty() {
            let new = self.asked.as_slice().into();
            self.add(new);
        }
    }

    /// Remembers what became of what was asked for last.
    fn keep_replaced(&mut self, replaced: Replaced) {
        if self.replaced.len() >= REPLACED_COUNT_MAX {
            self.replaced.clear();
        }
        let key = RawKey::new(&self.asked);
        self.replaced.insert(key, replaced);
    }

    fn add(&mut self, value: Box<[u8]>) {
        if self.recent.len() >= VALUES_COUNT_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(value);
    }

    /// Whether the second scan let these fields stay, as they came out.
    pub(crate) fn is_unhit(&self, origin: Origin, clean: &Shared) -> bool {
        let known = self.origins.get(origin as usize).and_then(Option::as_ref);
        known.is_some_and(|known| known.is_unhit && known.clean.is_same(clean))
    }

    /// Remembers that the second scan let them stay.
    pub(crate) fn keep_unhit(&mut self, origin: Origin, clean: &Shared) {
        let known = self.origins.get_mut(origin as usize);
        if let Some(Some(known)) = known {
            known.is_unhit = known.clean.is_same(clean);
        }
    }

    /// What the second scan says of a text; asked of each text once.
    pub(crate) fn late<R>(&mut self, text: &str, hit: impl FnOnce() -> Option<R>) -> Option<R> {
        if self.has((As::Late, Mode::default()), Name::default(), "", text) {
            return None;
        }
        let hit = hit();
        if hit.is_none() {
            self.keep();
        }
        hit
    }
}

/// Whether fields are few and short enough to be remembered.
fn is_small(fields: &[(String, Value)]) -> bool {
    let bytes = |(key, value): &(String, Value)| match value {
        Value::String(text) => Some(key.len() + text.len()),
        Value::Array(_) | Value::Map(_) | Value::Bytes(_) => None,
        _ => Some(key.len()),
    };
    let mut left = FIELDS_BYTES_MAX;
    fields.len() <= FIELDS_COUNT_MAX
        && fields.iter().all(|field| {
            let less = bytes(field).and_then(|bytes| left.checked_sub(bytes));
            less.is_some_and(|less| {
                left = less;
                true
            })
        })
}

/// Whether fields become the same whatever the identifiers of their event are: what was replaced
/// holds none.
fn stay_alike(raw: &[(String, Value)], clean: &[(String, Value)]) -> bool {
    let alike = |((key, raw), (shown, clean)): (&(String, Value), &(String, Value))| {
        let holds = || raw.as_str().is_none_or(may_hold_id);
        key == shown && (raw == clean || !holds())
    };
    raw.len() == clean.len() && raw.iter().zip(clean).all(alike)
}

impl Work<'_> {
    /// Redacts the fields of an origin unless it is known what becomes of them. The first
    /// identifiers of its event, so many, are not its own.
    pub(crate) fn origin(
        &mut self,
        origin: Origin,
        foreign: usize,
        fields: &mut Shared,
        redact: impl FnOnce(&mut Self, &mut Vec<(String, Value)>),
    ) {
        if fields.is_empty() || self.is_known_origin(origin, fields) {
            return;
        }
        let fits = self.remembered.is_some() && is_small(fields);
        let raw = fits.then(|| Raw::new(fields.clone()));
        self.safe.take_first();
        let before = (self.receipt.findings.len(), self.tokens.len());
        let mut own = fields.to_vec();
        redact(self, &mut own);
        *fields = own.into();
        let is_own = self.safe.take_first().is_none_or(|first| first >= foreign);
        let stays = |raw: &Raw<Shared>| stay_alike(raw.expose_raw(), fields);
        let Some(raw) = raw.filter(|raw| is_own && !self.canary && stays(raw)) else {
            return;
        };
        let findings = self.receipt.findings.get(before.0..).unwrap_or(&[]);
        let tokens = self.tokens.get(before.1..).unwrap_or(&[]);
        let known = Known {
            raw,
            clean: fields.clone(),
            findings: findings.to_vec(),
            tokens: tokens.iter().map(TokenRow::again).collect(),
            is_unhit: false,
        };
        let all = self.remembered.as_deref_mut();
        if let Some(slot) = all.and_then(|all| all.origins.get_mut(origin as usize)) {
            *slot = Some(known);
        }
    }

    /// Whether it is known what becomes of the fields of an origin.
    pub(crate) fn knows_origin(&self, origin: Origin, fields: &Shared) -> bool {
        fields.is_empty() || self.known_origin(origin, fields).is_some()
    }

    fn known_origin(&self, origin: Origin, fields: &Shared) -> Option<&Known> {
        let all = self.remembered.as_deref();
        let known = all.and_then(|all| all.origins.get(origin as usize)?.as_ref());
        known.filter(|known| {
            let raw = known.raw.expose_raw();
            raw.is_same(fields) || **raw == **fields
        })
    }

    /// Puts what became of these fields in their place, where it is known.
    fn is_known_origin(&mut self, origin: Origin, fields: &mut Shared) -> bool {
        let Some(known) = self.known_origin(origin, fields) else {
            return false;
        };
        let (clean, findings) = (known.clean.clone(), known.findings.clone());
        let tokens: Vec<TokenRow> = known.tokens.iter().map(TokenRow::again).collect();
        *fields = clean;
        self.receipt.findings.extend(findings);
        self.tokens.extend(tokens);
        true
    }

    /// As [`Self::unless_remembered`], of a text: what became of one that did not stay is
    /// remembered, too, as addresses and accounts come again and again.
    pub(crate) fn text_unless_remembered(
        &mut self,
        (name, path, text): (Name<'_>, &str, &str),
        judge: impl FnOnce(&mut Self) -> Option<String>,
    ) -> Option<String> {
        let mode = self.mode;
        let Some(all) = self.remembered.as_deref_mut() else {
            return judge(self);
        };
        if all.has((As::Text, mode), name, path, text) {
            return None;
        }
        if let Some(known) = all.replaced.get(all.asked.as_slice()) {
            self.receipt.findings.extend_from_slice(&known.findings);
            self.tokens.extend(known.tokens.iter().map(TokenRow::again));
            return Some(known.clean.clone());
        }
        let before = (self.receipt.findings.len(), self.tokens.len());
        let times = self.safe.times();
        let clean = judge(self);
        let findings = self.receipt.findings.get(before.0..).unwrap_or(&[]);
        let tokens = self.tokens.get(before.1..).unwrap_or(&[]);
        let Some(all) = self.remembered.as_deref_mut() else {
            return clean;
        };
        if times != self.safe.times() || self.canary {
            return clean;
        }
        match &clean {
            None if findings.is_empty() && tokens.is_empty() => all.keep(),
            Some(clean) if !all.asked.is_empty() && !may_hold_id(text) => {
                let replaced = Replaced {
                    clean: clean.clone(),
                    findings: findings.to_vec(),
                    tokens: tokens.iter().map(TokenRow::again).collect(),
                };
                all.keep_replaced(replaced);
            }
            _ => {}
        }
        clean
    }

    /// Judges a value unless it is known to stay; none where it does.
    pub(crate) fn unless_remembered<R>(
        &mut self,
        kind: As,
        (name, path, text): (Name<'_>, &str, &str),
        judge: impl FnOnce(&mut Self) -> Option<R>,
    ) -> Option<R> {
        let mode = self.mode;
        let known = |all: &mut Remembered| all.has((kind, mode), name, path, text);
        if self.remembered.as_deref_mut().is_some_and(known) {
            return None;
        }
        let counts = |work: &Self| {
            let (findings, tokens) = (work.receipt.findings.len(), work.tokens.len());
            (findings, tokens, work.safe.times())
        };
        let before = counts(self);
        let judged = judge(self);
        let stays = judged.is_none() && before == counts(self) && !self.canary;
        if stays && let Some(all) = self.remembered.as_deref_mut() {
            all.keep();
        }
        judged
    }
}
