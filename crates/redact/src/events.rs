//! Events one after another, as they come from one source.

use cordon_event::{Event, Raw};

use crate::remembered::Remembered;
use crate::{Outcome, PseudonymMac, Redactor};

/// Redacts events one after another; remembers values that were clean.
///
/// What comes of an event is what [`Redactor::event`] makes of it, whatever came before.
pub struct EventRedactor<'r> {
    redactor: &'r Redactor,
    mac: &'r dyn PseudonymMac,
    remembered: Remembered,
}

impl<'r> EventRedactor<'r> {
    /// Under that redactor's policy and that key.
    pub fn new(redactor: &'r Redactor, mac: &'r dyn PseudonymMac) -> Self {
        Self {
            redactor,
            mac,
            remembered: Remembered::default(),
        }
    }

    /// Redacts the next event.
    pub fn event(&mut self, raw: Raw<Event>) -> Outcome {
        let remembered = Some(&mut self.remembered);
        self.redactor.next_event(self.mac, raw, remembered)
    }
}
