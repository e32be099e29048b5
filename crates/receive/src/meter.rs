//! The byte ledger: what requests in flight hold, charged before it is allocated.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Code;

/// Smallest step in which a decoder's use is charged, so that the shared counter is not touched
/// for each attribute.
const STEP_BYTES: usize = 64 << 10;

/// Bytes of all requests in flight, or of a share of them that some may hold.
pub(crate) struct Ledger {
    used: AtomicUsize,
    bytes_max: usize,
    /// What a share is of: it is charged too.
    whole: Option<Arc<Ledger>>,
}

impl Ledger {
    pub(crate) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self {
            used: AtomicUsize::new(0),
            bytes_max,
            whole: None,
        })
    }

    /// A part of it that those who hold it cannot go beyond: the rest stays for others.
    pub(crate) fn share(self: &Arc<Self>, bytes_max: usize) -> Arc<Self> {
        Arc::new(Self {
            used: AtomicUsize::new(0),
            bytes_max,
            whole: Some(Arc::clone(self)),
        })
    }

    fn take(&self, bytes: usize) -> Result<(), Code> {
        let take = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.bytes_max);
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .map_err(|_| Code::InFlightFull)?;
        let whole = self
            .whole
            .as_ref()
            .map_or(Ok(()), |whole| whole.take(bytes));
        whole.inspect_err(|_| {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
        })
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.give_back(bytes);
        }
    }

    pub(crate) fn used_bytes(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// One request's share of the ledger, given back on drop.
pub(crate) struct Charge {
    ledger: Arc<Ledger>,
    bytes: usize,
}

impl Charge {
    pub(crate) fn new(ledger: &Arc<Ledger>) -> Self {
        Self {
            ledger: Arc::clone(ledger),
            bytes: 0,
        }
    }

    /// Takes more; [`Code::InFlightFull`] where the ledger has no more.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Code> {
        self.ledger.take(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    /// What it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives all of it back.
    pub(crate) fn release(&mut self) {
        self.shrink_to(0);
    }

    /// Gives back what is beyond so many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.ledger.give_back(less);
        self.bytes -= less;
    }

    /// Charges another ledger instead.
    pub(crate) fn move_to(&mut self, ledger: &Arc<Ledger>) -> Result<(), Code> {
        let mut moved = Self::new(ledger);
        moved.grow(self.bytes)?;
        *self = moved;
        Ok(())
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.release();
    }
}

/// What one decoder may take: a limit of its own, and the ledger's.
pub(crate) struct Meter<'a> {
    charge: &'a mut Charge,
    charged: usize,
    used: usize,
    bytes_max: usize,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(charge: &'a mut Charge, bytes_max: usize) -> Self {
        Self {
            charge,
            charged: 0,
            used: 0,
            bytes_max,
        }
    }

    /// Accounts for `bytes` about to be allocated.
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Code> {
        self.used = self.used.saturating_add(bytes);
        if self.used > self.bytes_max {
            return Err(Code::DecodedTooLarge);
        }
        if self.used > self.charged {
            let more = (self.used - self.charged).max(STEP_BYTES);
            self.charge.grow(more)?;
            self.charged += more;
        }
        Ok(())
    }

    /// Accounts for one more element of a growing vector, whose spare room is as large again.
    pub(crate) fn spend_slot<T>(&mut self) -> Result<(), Code> {
        self.spend(2 * size_of::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_bounded_and_given_back() {
        let ledger = Ledger::new(100);
        let mut first = Charge::new(&ledger);
        first.grow(60).unwrap();
        let mut second = Charge::new(&ledger);
        assert_eq!(second.grow(41), Err(Code::InFlightFull));
        assert_eq!(second.grow(usize::MAX), Err(Code::InFlightFull));
        second.grow(40).unwrap();
        drop(first);
        assert_eq!(ledger.used_bytes(), 40);
        drop(second);
        assert_eq!(ledger.used_bytes(), 0);
    }

    #[test]
    fn a_share_leaves_the_rest_to_others() {
        let whole = Ledger::new(100);
        let (first, second) = (whole.share(60), whole.share(60));
        let mut one = Charge::new(&first);
        one.grow(60).unwrap();
        assert_eq!(one.grow(1), Err(Code::InFlightFull));
        let mut two = Charge::new(&second);
        // Its share is not used up, but the whole would be.
        assert_eq!(two.grow(50), Err(Code::InFlightFull));
        assert_eq!((second.used_bytes(), whole.used_bytes()), (0, 60));
        two.grow(40).unwrap();
        one.shrink_to(10);
        assert_eq!((first.used_bytes(), whole.used_bytes()), (10, 50));
        assert_eq!(one.move_to(&second).map(|()| second.used_bytes()), Ok(50));
        assert_eq!((first.used_bytes(), whole.used_bytes()), (0, 50));
        drop((one, two));
        assert_eq!((second.used_bytes(), whole.used_bytes()), (0, 0));
    }

    #[test]
    fn a_meter_stops_at_its_own_limit_before_the_ledgers() {
        let ledger = Ledger::new(1 << 20);
        let mut charge = Charge::new(&ledger);
        let mut meter = Meter::new(&mut charge, 100_000);
        meter.spend(99_999).unwrap();
        assert_eq!(meter.spend(2), Err(Code::DecodedTooLarge));
        assert!(ledger.used_bytes() >= 99_999);
    }
}
