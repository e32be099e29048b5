//! Events one after another, as they come from one source.

use std::sync::Arc;

use cordon_event::{Event, Raw};

use crate::by::{By, Keyed};
use crate::remembered::Remembered;
use crate::sieve::{Settled, Sieve};
use crate::{Outcome, PseudonymMac, Redactor};

/// Redacts events one after another; remembers what was clean.
///
/// What comes of an event is what [`Redactor::event`] makes of it, whatever came before.
pub struct EventRedactor<'r> {
    redactor: By<'r>,
    mac: Keyed<'r>,
    remembered: Remembered,
    sieve: Sieve,
}

impl EventRedactor<'static> {
    /// One that keeps its redactor and its key, for whoever holds it from request to request: what
    /// it remembers holds for these alone.
    pub fn shared(redactor: Arc<Redactor>, mac: Box<dyn PseudonymMac + Send + Sync>) -> Self {
        Self::by(By::Shared(redactor), Keyed::Own(mac))
    }
}

impl<'r> EventRedactor<'r> {
    /// Under that redactor's policy and that key.
    pub fn new(redactor: &'r Redactor, mac: &'r dyn PseudonymMac) -> Self {
        Self::by(By::Borrowed(redactor), Keyed::Borrowed(mac))
    }

    fn by(redactor: By<'r>, mac: Keyed<'r>) -> Self {
        Self {
            redactor,
            mac,
            remembered: Remembered::default(),
            sieve: Sieve::default(),
        }
    }

    /// Its redactor.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Redacts the next event.
    pub fn event(&mut self, raw: Raw<Event>) -> Outcome {
        let remembered = Some(&mut self.remembered);
        let (redactor, mac) = (&*self.redactor, self.mac.mac());
        redactor.next_event(mac, raw, remembered, Settled::default())
    }

    /// Redacts events that came together, in order; cheaper than one by one.
    pub fn events(&mut self, raw: Raw<Vec<Event>>, mut each: impl FnMut(Outcome)) {
        let (redactor, mac) = (&*self.redactor, self.mac.mac());
        self.sieve.look(redactor, mac, raw.expose_raw());
        for (at, event) in raw.split().enumerate() {
            let (remembered, settled) = (Some(&mut self.remembered), self.sieve.of(at));
            each(redactor.next_event(mac, event, remembered, settled));
        }
    }
}
