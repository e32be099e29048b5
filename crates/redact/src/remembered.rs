//! Values that were judged before and found clean.
//!
//! The events of one source repeat each other: their resource, their scope, the names of their
//! attributes and most of the values. What becomes of a value is settled by what it is, its name,
//! its path and what the policy does there, and by nothing beside them but the identifiers of its
//! event ([`Work::safe`]). So what stayed as it was stays the next time.
//!
//! **Invariant:** what is remembered changes what a value costs, never what comes out. It is told
//! by all of its bytes and not by a hash alone; what was replaced, what paged, and what holds an
//! identifier of its event is not remembered.
//!
//! *Limits:* twice [`VALUES_COUNT_MAX`] values of at most [`VALUE_BYTES_MAX`] bytes with their
//! names. The half that was not asked for the longest goes first.

use std::collections::HashSet;

use zeroize::Zeroizing;

use crate::minimise::Mode;
use crate::name::Name;
use crate::work::Work;

/// Values that are remembered, and as many again that may soon be forgotten.
const VALUES_COUNT_MAX: usize = 4_096;
/// Longest value in bytes that is remembered, with its name and its path.
const VALUE_BYTES_MAX: usize = 512;

/// As what a value was judged.
#[derive(Clone, Copy)]
pub(crate) enum As {
    Text,
    Key,
    Number,
    /// By the second scan.
    Late,
}

/// Values that were clean.
#[derive(Default)]
pub(crate) struct Remembered {
    recent: HashSet<Box<[u8]>>,
    older: HashSet<Box<[u8]>>,
    /// What is asked for; raw until it is answered.
    asked: Zeroizing<Vec<u8>>,
}

impl Remembered {
    /// Whether the value was clean. It is then asked for until [`Self::keep`].
    fn has(&mut self, (kind, mode): (As, Mode), name: Name<'_>, path: &str, text: &str) -> bool {
        let key = name.key.unwrap_or_default();
        self.asked.clear();
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

    fn add(&mut self, value: Box<[u8]>) {
        if self.recent.len() >= VALUES_COUNT_MAX {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(value);
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

impl Work<'_> {
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
        let before = (self.receipt.findings.len(), self.tokens.len());
        let judged = judge(self);
        let after = (self.receipt.findings.len(), self.tokens.len());
        let own = || self.safe.iter().any(|id| text.contains(id.as_str()));
        let stays = judged.is_none() && before == after && !self.canary && !own();
        if stays && let Some(all) = self.remembered.as_deref_mut() {
            all.keep();
        }
        judged
    }
}
