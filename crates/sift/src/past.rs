//! What is known of earlier requests and failures.

use std::collections::{HashMap, VecDeque};

use cordon_event::Event;
use cordon_journal::Cursor;
use sha2::{Digest as _, Sha256};

use crate::limits::{KNOWN_COUNT_MAX, REQUEST_WINDOW_S, REQUESTS_COUNT_MAX};

const NS_PER_S: u64 = 1_000_000_000;

/// First bytes of a request's digest, with the number of its tenant.
type Request = (u32, [u8; 16]);

/// Requests that came, the latest of them.
#[derive(Default)]
pub(crate) struct Requests {
    /// With when each was received, nanoseconds since the Unix epoch.
    seen: HashMap<Request, u64>,
    order: VecDeque<Request>,
}

impl Requests {
    /// Remembers a request; whether it came before, within the window. A clock that went back
    /// makes none new.
    pub(crate) fn add(&mut self, tenant: u32, mac: &[u8; 32], at_unix_ns: u64) -> bool {
        let Some(short) = mac.first_chunk::<16>() else {
            return false;
        };
        let request = (tenant, *short);
        if let Some(seen) = self.seen.get_mut(&request) {
            let is_again = at_unix_ns.saturating_sub(*seen) / NS_PER_S <= REQUEST_WINDOW_S;
            if !is_again {
                *seen = at_unix_ns;
            }
            return is_again;
        }
        self.seen.insert(request, at_unix_ns);
        self.order.push_back(request);
        if self.order.len() > REQUESTS_COUNT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        false
    }
}

/// Failures that are known, each with the frame in which it was seen first.
#[derive(Default)]
pub(crate) struct Known(HashMap<(u32, u64), Cursor>);

impl Known {
    /// Whether the failure is new in that frame, and whether that has to be written down.
    pub(crate) fn add(&mut self, tenant: u32, fingerprint: u64, frame: Cursor) -> (bool, bool) {
        if let Some(first) = self.0.get(&(tenant, fingerprint)) {
            return (*first == frame, false);
        }
        if self.0.len() >= KNOWN_COUNT_MAX {
            return (false, false);
        }
        self.0.insert((tenant, fingerprint), frame);
        (true, true)
    }

    /// Takes what was written down.
    pub(crate) fn load(&mut self, tenant: u32, fingerprint: u64, frame: Cursor) {
        if self.0.len() < KNOWN_COUNT_MAX {
            self.0.entry((tenant, fingerprint)).or_insert(frame);
        }
    }

    /// All of a tenant.
    pub(crate) fn of(&self, tenant: u32) -> impl Iterator<Item = (u64, Cursor)> {
        let own = self.0.iter().filter(move |((of, _), _)| *of == tenant);
        own.map(|((_, fingerprint), frame)| (*fingerprint, *frame))
    }
}

/// Fingerprint of a failure as a number.
pub(crate) fn fingerprint(event: &Event) -> u64 {
    let id = cordon_fingerprint::group_event(event).id;
    let digest = Sha256::digest(id.as_bytes());
    digest
        .first_chunk::<8>()
        .map_or(0, |b| u64::from_be_bytes(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_until_many_more_came() {
        let mac = |n: u64| {
            let mut mac = [0; 32];
            mac[..8].copy_from_slice(&n.to_be_bytes());
            mac
        };
        let mut requests = Requests::default();
        let day_ns = REQUEST_WINDOW_S * NS_PER_S;
        assert!(!requests.add(0, &mac(0), 5));
        assert!(requests.add(0, &mac(0), 5 + day_ns));
        assert!(requests.add(0, &mac(0), 0), "a clock that went back");
        assert!(!requests.add(0, &mac(0), 5 + day_ns + NS_PER_S));
        assert!(!requests.add(1, &mac(0), 5), "another tenant's is another");
        for n in 1..=REQUESTS_COUNT_MAX as u64 {
            requests.add(0, &mac(n), 5);
        }
        assert!(!requests.add(0, &mac(0), 5));
        assert_eq!(requests.seen.len(), requests.order.len());
    }

    #[test]
    fn a_failure_is_new_in_its_first_frame_alone() {
        let at = |offset| Cursor { segment: 1, offset };
        let mut known = Known::default();
        assert_eq!(known.add(0, 7, at(1)), (true, true));
        assert_eq!(known.add(0, 7, at(1)), (true, false));
        assert_eq!(known.add(0, 7, at(2)), (false, false));
        assert_eq!(known.add(1, 7, at(2)), (true, true));
    }
}
