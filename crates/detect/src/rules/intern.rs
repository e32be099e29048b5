//! Ids of rules as `&'static str`, which findings and receipts carry.
//!
//! An id that a pack brings is leaked once, however often the pack is read. No lock: each slot is
//! written once, and a reader that meets another id goes on to the next.
//!
//! *Limits:* [`RULE_IDS_COUNT_MAX`] ids in one process.

use std::sync::OnceLock;

use super::hash::fnv;

/// Distinct ids of rules that one process holds.
pub const RULE_IDS_COUNT_MAX: usize = 8_192;

static SLOTS: [OnceLock<&'static str>; RULE_IDS_COUNT_MAX] =
    [const { OnceLock::new() }; RULE_IDS_COUNT_MAX];

/// The one copy of a word; none where the limit is reached.
pub(crate) fn intern(word: &str) -> Option<&'static str> {
    let first = fnv(word.as_bytes()) as usize % RULE_IDS_COUNT_MAX;
    let after = SLOTS.iter().skip(first);
    let slots = after.chain(SLOTS.iter().take(first));
    slots
        .map(|slot| *slot.get_or_init(|| Box::leak(word.into())))
        .find(|held| *held == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_of_each_word() {
        let (a, b) = (intern("test.one").unwrap(), intern("test.one").unwrap());
        assert!(std::ptr::eq(a, b));
        assert_eq!(intern("test.two"), Some("test.two"));
    }
}
