//! What is asked of raw spans: the one file of this crate that lends raw data.
//!
//! *Invariants:* what comes out holds no value of an attribute: bits, keyed digests, and what a
//! header says.

use cordon_event::{Event, Raw};

use crate::plan::Plan;
use crate::summary::SpanHeader;
use cordon_event::facts::Facts;

impl Plan {
    /// [`Plan::facts`] of each event that has a trace, in their order.
    pub fn facts_of_all(
        &self,
        mac: &dyn Fn(&[u8]) -> u64,
        raw: &Raw<Vec<Event>>,
    ) -> Vec<Option<Facts>> {
        let of = |event: &Event| {
            let asks = event.trace_id.is_some();
            asks.then(|| self.facts(mac, event))
        };
        raw.expose_raw().iter().map(of).collect()
    }

    /// [`Plan::facts`] of an event that is raw still.
    pub fn facts_of(&self, mac: &dyn Fn(&[u8]) -> u64, raw: &Raw<Event>) -> Facts {
        self.facts(mac, raw.expose_raw())
    }
}

impl SpanHeader {
    /// [`SpanHeader::of`] an event that is raw still.
    pub fn of_raw(raw: &Raw<Event>, bytes: u64, flags: u32) -> Self {
        Self::of(raw.expose_raw(), bytes, flags)
    }
}
