//! What becomes of the entries of a batch that are held back.
//!
//! *Limits:* [`SEALED_RAW_BYTES_MAX`], [`SEALED_RAW_BATCH_COUNT_MAX`],
//! [`SEALED_RAW_BATCH_BYTES_MAX`]; what is beyond is held back without its raw form.

use std::sync::Arc;

use cordon_event::limits::{
    SEALED_RAW_BATCH_BYTES_MAX, SEALED_RAW_BATCH_COUNT_MAX, SEALED_RAW_BYTES_MAX,
};
use cordon_event::{Entry, Event, EventId, Kind, Quarantined, Raw, packed};

use crate::redactor::{Outcome, held};
use crate::{BatchMeta, RawSealer, Redactor, raw_context, walk};

const NS_PER_S: u64 = 1_000_000_000;
/// How far from its receipt the time of a quarantined event may be to be told.
const NEAR_NS_MAX: u64 = 86_400 * NS_PER_S;

/// What has to be known of every event of a batch until it is known which are held back.
pub(crate) struct Holding {
    /// Where there are canaries: kinds and paths of events that are still to come.
    paths: std::vec::IntoIter<(Kind, Vec<String>)>,
    /// What is kept of an event if another's canary holds it back.
    stripped: Vec<Quarantined>,
    times_unix_ns: Vec<u64>,
    sealer: Option<Arc<dyn RawSealer>>,
    /// Copies, since redaction replaces what an event holds in its place; none where nobody asked
    /// for them. Wiped when dropped.
    raw: Vec<Raw<Event>>,
}

impl Holding {
    pub(crate) fn of(redactor: &Redactor, raw: &Raw<Vec<Event>>) -> Self {
        let may_strip = !redactor.policy().canaries.is_empty();
        let sealer = redactor.raw_sealer().cloned();
        let events = || raw.expose_raw().iter();
        let paths = events().filter(|_| may_strip);
        let paths = paths.map(|event| (event.kind, walk::paths(event)));
        let asked = events().filter(|_| sealer.is_some());
        let copies = asked.map(|event| Raw::new(event.clone())).collect();
        Self {
            paths: paths.collect::<Vec<_>>().into_iter(),
            stripped: Vec::new(),
            times_unix_ns: Vec::with_capacity(raw.count()),
            sealer,
            raw: copies,
        }
    }

    /// Takes the next event's redaction in.
    pub(crate) fn next(&mut self, outcome: &Outcome) {
        self.times_unix_ns.push(outcome.time_unix_ns);
        self.stripped.extend(self.paths.next().map(|paths| {
            let (receipt, source) = (&outcome.receipt, &outcome.source);
            held("canary", "canary", paths, receipt, source)
        }));
    }

    /// Holds back all of them for a canary, or seals those that are held back for a rule. Of a
    /// batch with a canary nothing is sealed ([`Redactor::sealing`]).
    pub(crate) fn settle(
        self,
        has_canary: bool,
        meta: &BatchMeta,
        entries: &mut [(EventId, Entry)],
    ) {
        if has_canary {
            for ((_, entry), stripped) in entries.iter_mut().zip(self.stripped) {
                *entry = Entry::Quarantined(stripped);
            }
        } else if let Some(sealer) = self.sealer {
            let held = entries.iter_mut().zip(self.raw);
            let held = held.filter(|((_, entry), _)| matches!(entry, Entry::Quarantined(_)));
            let mut left_bytes = SEALED_RAW_BATCH_BYTES_MAX;
            for (entry, raw) in held.take(SEALED_RAW_BATCH_COUNT_MAX) {
                seal(sealer.as_ref(), meta, entry, &raw, &mut left_bytes);
            }
        }
        for ((_, entry), time_unix_ns) in entries.iter_mut().zip(self.times_unix_ns) {
            if let Entry::Quarantined(held) = entry {
                held.time_unix_ns = near(time_unix_ns, meta.received_unix_ns);
            }
        }
    }
}

/// Seals an event that is held back. One that is too long, or cannot be sealed, is held back
/// without.
fn seal(
    sealer: &dyn RawSealer,
    meta: &BatchMeta,
    (id, entry): &mut (EventId, Entry),
    raw: &Raw<Event>,
    left_bytes: &mut usize,
) {
    let Entry::Quarantined(held) = entry else {
        return;
    };
    let bytes = packed::encode_raw_event(raw);
    if bytes.count() <= SEALED_RAW_BYTES_MAX.min(*left_bytes) {
        *left_bytes -= bytes.count();
        let context = raw_context(&meta.tenant, *id);
        let received_unix_s = meta.received_unix_ns / NS_PER_S;
        held.sealed = sealer.seal_raw(&context, received_unix_s, &bytes).ok();
    }
}

/// A time that may be told of a quarantined event: to the second, within a day of its receipt.
///
/// *Why so:* a number that the sender chose freely could be anything, a telephone number too.
fn near(time_unix_ns: u64, received_unix_ns: u64) -> u64 {
    if time_unix_ns.abs_diff(received_unix_ns) <= NEAR_NS_MAX {
        time_unix_ns / NS_PER_S * NS_PER_S
    } else {
        0
    }
}
