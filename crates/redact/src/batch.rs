//! A request's events become the batch that the journal takes.

use std::collections::BTreeMap;

use cordon_event::facts::Facts;
use cordon_event::{Batch, Class, Entry, Event, EventId, Raw, Region, TenantId};
use sha2::{Digest, Sha256};

use crate::carry::{Carry, CarryChanges, Follower};
use crate::holding::Holding;
use crate::redactor::{Page, Redactor, TokenRow, Verdict};
use crate::{Clean, EventRedactor, PseudonymMac};

/// What is known of a request beside its events.
#[derive(Clone, Debug)]
pub struct BatchMeta {
    /// Tenant whose token it bore.
    pub tenant: TenantId,
    /// Where the tenant's data lives.
    pub region: Region,
    /// Keyed digest of its body.
    pub request_mac: [u8; 32],
    /// When it was received, nanoseconds since the Unix epoch.
    pub received_unix_ns: u64,
    /// What the tenant's sampling plan wants to know of each event; empty where there is none.
    pub facts: Vec<Option<Facts>>,
}

/// A batch's redaction.
pub struct BatchOutcome {
    /// Its entries, admitted or held back.
    pub batch: Clean<Batch>,
    /// Pseudonyms given, each once.
    pub tokens: Vec<TokenRow>,
    /// Pages to send, each kind once.
    pub pages: Vec<Page>,
    /// What was removed, as (class, rule, count).
    pub counts: Vec<(Class, &'static str, u64)>,
}

impl Redactor {
    /// As [`EventRedactor::batch`], for a request by itself.
    pub fn batch(
        &self,
        mac: &dyn PseudonymMac,
        raw: Raw<Vec<Event>>,
        meta: BatchMeta,
    ) -> BatchOutcome {
        EventRedactor::new(self, mac).batch(raw, meta)
    }

    /// As [`EventRedactor::batch_after`], for a request by itself.
    pub fn batch_after(
        &self,
        mac: &dyn PseudonymMac,
        raw: Raw<Vec<Event>>,
        meta: BatchMeta,
        carry: &Carry,
    ) -> (BatchOutcome, CarryChanges) {
        EventRedactor::new(self, mac).batch_after(raw, meta, carry)
    }
}

impl EventRedactor<'_> {
    /// Redacts the events of one request. A canary in one of them quarantines all of them.
    pub fn batch(&mut self, raw: Raw<Vec<Event>>, meta: BatchMeta) -> BatchOutcome {
        let (outcome, _) = self.batch_after(raw, meta, &Carry::default());
        outcome
    }

    /// As [`Self::batch`], for a request of sources of which others left something open; says what
    /// this one leaves open.
    pub fn batch_after(
        &mut self,
        mut raw: Raw<Vec<Event>>,
        meta: BatchMeta,
        carry: &Carry,
    ) -> (BatchOutcome, CarryChanges) {
        let mut follower = Follower::new(carry, meta.received_unix_ns);
        let events = raw.expose_raw_mut().iter_mut();
        let followed: Vec<_> = events.map(|event| follower.follow(event)).collect();
        let mut followed = followed.into_iter();
        let count = raw.count();
        let mut counts = BTreeMap::new();
        let (mut tokens, mut pages) = (BTreeMap::new(), Vec::new());
        let mut entries = Vec::with_capacity(count);
        let mut holding = Holding::of(self.redactor(), &raw);
        let mut indices = 0_u32..;
        self.events(raw, |mut outcome| {
            outcome
                .receipt
                .findings
                .extend(followed.next().into_iter().flatten());
            holding.next(&outcome);
            for (class, rule, n) in outcome.receipt.counts() {
                *counts.entry((class, rule)).or_insert(0_u64) += n;
            }
            for row in outcome.tokens {
                tokens.entry(row.token.clone()).or_insert(row);
            }
            pages.extend(outcome.pages);
            let entry = match outcome.verdict {
                Verdict::Clean(event) => Entry::Event(event.into_inner()),
                Verdict::Quarantine(held) => Entry::Quarantined(held.into_inner()),
            };
            let index = indices.next().unwrap_or(u32::MAX);
            entries.push((event_id(&meta.request_mac, index), entry));
        });
        pages.sort();
        pages.dedup();
        let has_canary = pages.iter().any(|page| page.reason == "canary");
        if has_canary {
            tokens.clear();
        }
        holding.settle(has_canary, &meta, &mut entries);
        let named = counts
            .iter()
            .map(|((c, r), n)| (c.to_string(), (*r).to_owned(), *n));
        let batch = Batch {
            tenant: meta.tenant,
            region: meta.region,
            request_mac: meta.request_mac,
            received_unix_ns: meta.received_unix_ns,
            removed: named.collect(),
            facts: answered(meta.facts, &entries),
            entries,
        };
        let counts = counts.into_iter().map(|((c, r), n)| (c, r, n)).collect();
        let outcome = BatchOutcome {
            batch: Clean::new(batch),
            tokens: tokens.into_values().collect(),
            pages,
            counts,
        };
        (outcome, follower.changes())
    }
}

/// Answers about what was admitted: of what is held back there are none.
fn answered(mut facts: Vec<Option<Facts>>, entries: &[(EventId, Entry)]) -> Vec<Option<Facts>> {
    for (facts, (_, entry)) in facts.iter_mut().zip(entries) {
        if matches!(entry, Entry::Quarantined(_)) {
            *facts = None;
        }
    }
    facts
}

/// The identifier of the event at `index` of the request with that digest.
fn event_id(request_mac: &[u8; 32], index: u32) -> EventId {
    let digest = Sha256::new()
        .chain_update(request_mac)
        .chain_update(index.to_be_bytes())
        .finalize();
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    EventId(id)
}
