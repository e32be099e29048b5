//! What requests leave open for the next: which sources are within a private key.
//!
//! A request that is sent again, since its acknowledgement was lost, sees what it saw first: it may
//! have closed a key, and its lines belong to the key all the same.
//!
//! **Invariant:** what a request changes counts once it was taken, and once. Of a refused one
//! nothing is remembered: it comes again, and is within the same key then.
//!
//! *Limits:* [`REMEMBERED_COUNT_MAX`] requests of a tenant that changed something.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cordon_event::TenantId;
use cordon_redact::{Carry, CarryChanges};

/// Requests of a tenant whose view is remembered. A sender sends again within seconds to minutes,
/// and few requests are within a key.
const REMEMBERED_COUNT_MAX: usize = 128;

/// What is open, tenant by tenant.
#[derive(Default)]
pub(crate) struct Carries(Mutex<HashMap<TenantId, Own>>);

/// One tenant's.
#[derive(Default)]
struct Own {
    open: Carry,
    /// Requests that changed something, by their digests, with what they saw.
    remembered: VecDeque<([u8; 32], Carry)>,
}

/// What a request sees.
pub(crate) struct Seen {
    /// What requests before it left open.
    pub(crate) carry: Carry,
    is_again: bool,
}

impl Carries {
    /// Consistent after every statement: a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Own>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a request sees. A copy, so that requests do not wait for each other; almost always
    /// there is nothing.
    pub(crate) fn seen(&self, tenant: &TenantId, request_mac: &[u8; 32], now_unix_ns: u64) -> Seen {
        let mut all = self.lock();
        let Some(own) = all.get_mut(tenant) else {
            return Seen {
                carry: Carry::default(),
                is_again: false,
            };
        };
        let again = own.remembered.iter().find(|(mac, _)| mac == request_mac);
        if let Some((_, carry)) = again {
            let mut carry = carry.clone();
            carry.renew(now_unix_ns);
            return Seen {
                carry,
                is_again: true,
            };
        }
        own.open.expire(now_unix_ns);
        Seen {
            carry: own.open.clone(),
            is_again: false,
        }
    }

    /// Remembers what a request that was taken left open, or closed.
    pub(crate) fn taken(
        &self,
        tenant: &TenantId,
        request_mac: [u8; 32],
        seen: Seen,
        changes: CarryChanges,
    ) {
        if changes.is_empty() || seen.is_again {
            return;
        }
        let mut all = self.lock();
        let own = all.entry(tenant.clone()).or_default();
        own.open.apply(changes);
        own.remembered.push_back((request_mac, seen.carry));
        if own.remembered.len() > REMEMBERED_COUNT_MAX {
            own.remembered.pop_front();
        }
    }

    /// Sources of a tenant that are within a key.
    #[cfg(test)]
    pub(crate) fn open_count(&self, tenant: &TenantId) -> usize {
        self.lock().get(tenant).map_or(0, |own| own.open.count())
    }
}
