//! Which replica has a trace: rendezvous hashing over a versioned list of members.
//!
//! A trace belongs to the member with the highest weight for it. When a member joins or leaves,
//! only the traces change hands that it gets or had.
//!
//! *Source:* Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.
//!
//! *Limits:* [`MEMBERS_COUNT_MAX`].

use cordon_event::TraceId;
use sha2::{Digest as _, Sha256};

use crate::limits::MEMBERS_COUNT_MAX;

/// Members of a ring at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    version: u64,
    /// Names in order, each with the digest of its name.
    names: Vec<(String, u64)>,
}

/// Place of a member in [`Members`], whose names are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberIndex(pub usize);

impl Members {
    /// Members by name; a name that is there twice counts once. Nothing where there are none or
    /// more than [`MEMBERS_COUNT_MAX`].
    pub fn new(version: u64, names: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut names: Vec<String> = names.into_iter().take(MEMBERS_COUNT_MAX + 1).collect();
        names.sort();
        names.dedup();
        if names.is_empty() || names.len() > MEMBERS_COUNT_MAX {
            return None;
        }
        let digest = |name: &String| {
            let digest = Sha256::digest(name.as_bytes());
            u64::from_le_bytes(digest.first_chunk().copied().unwrap_or_default())
        };
        let names = names.into_iter().map(|name| {
            let digest = digest(&name);
            (name, digest)
        });
        Some(Self {
            version,
            names: names.collect(),
        })
    }

    /// Version of the list; of two lists the higher is in force.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// This many traces of all are one member's.
    pub fn share(&self) -> f64 {
        1.0 / self.names.len() as f64
    }

    /// Name of a member.
    pub fn name(&self, index: MemberIndex) -> Option<&str> {
        self.names.get(index.0).map(|(name, _)| name.as_str())
    }
}

/// The member that has a trace.
pub fn owner(trace_id: TraceId, members: &Members) -> MemberIndex {
    let (high, low) = u128_halves(trace_id);
    let weights = members.names.iter().enumerate().map(|(i, (_, digest))| {
        let weight = mixed(mixed(high ^ digest).wrapping_add(low).wrapping_add(*digest));
        (weight, std::cmp::Reverse(i))
    });
    MemberIndex(weights.max().map_or(0, |(_, std::cmp::Reverse(i))| i))
}

fn u128_halves(id: TraceId) -> (u64, u64) {
    let whole = u128::from_be_bytes(id.0);
    ((whole >> 64) as u64, whole as u64)
}

/// The finaliser of SplitMix64.
fn mixed(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(count: usize) -> Members {
        Members::new(1, (0..count).map(|n| format!("replica-{n}"))).unwrap()
    }

    fn id(n: u64) -> TraceId {
        TraceId((u128::from(mixed(n)) << 64 | u128::from(mixed(n + 1))).to_be_bytes())
    }

    #[test]
    fn members_have_about_equal_parts() {
        let members = members(5);
        let mut counts = [0; 5];
        for n in 0..10_000 {
            counts[owner(id(n), &members).0] += 1;
        }
        assert!(
            counts.iter().all(|n| (1_800..2_200).contains(n)),
            "{counts:?}"
        );
    }

    #[test]
    fn only_what_the_new_member_gets_changes_hands() {
        let (three, four) = (members(3), members(4));
        for n in 0..2_000 {
            let (before, after) = (owner(id(n), &three), owner(id(n), &four));
            assert!(before == after || after.0 == 3);
        }
    }

    #[test]
    fn the_order_of_names_makes_no_difference() {
        let one = Members::new(1, ["b", "a"].map(str::to_owned)).unwrap();
        let other = Members::new(1, ["a", "b", "a"].map(str::to_owned)).unwrap();
        assert_eq!(one, other);
        assert!(Members::new(1, []).is_none());
    }
}
