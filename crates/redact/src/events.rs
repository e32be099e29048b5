//! Events one after another, as they come from one source.

use cordon_event::{Event, Raw};

use crate::remembered::Remembered;
use crate::sieve::{Settled, Sieve};
use crate::{Outcome, PseudonymMac, Redactor};

/// Redacts events one after another; remembers values that were clean.
///
/// What comes of an event is what [`Redactor::event`] makes of it, whatever came before.
pub struct EventRedactor<'r> {
    redactor: &'r Redactor,
    mac: &'r dyn PseudonymMac,
    remembered: Remembered,
    sieve: Sieve,
}

impl<'r> EventRedactor<'r> {
    /// Under that redactor's policy and that key.
    pub fn new(redactor: &'r Redactor, mac: &'r dyn PseudonymMac) -> Self {
        Self {
            redactor,
            mac,
            remembered: Remembered::default(),
            sieve: Sieve::default(),
        }
    }

    /// Redacts the next event.
    pub fn event(&mut self, raw: Raw<Event>) -> Outcome {
        let remembered = Some(&mut self.remembered);
        self.redactor
            .next_event(self.mac, raw, remembered, Settled::default())
    }

    /// Redacts events that came together, in order; cheaper than one by one.
    pub fn events(&mut self, raw: Raw<Vec<Event>>, mut each: impl FnMut(Outcome)) {
        self.sieve.look(self.redactor, self.mac, raw.expose_raw());
        for (at, event) in raw.split().enumerate() {
            let (remembered, settled) = (Some(&mut self.remembered), self.sieve.of(at));
            each(
                self.redactor
                    .next_event(self.mac, event, remembered, settled),
            );
        }
    }
}
