//! Secrets that are known to be live, looked for by their keyed digests.
//!
//! What is kept of a secret is a [`KnownDigest`]: a short keyed hash, by which a candidate is
//! looked up, and the MAC that it is then compared with in constant time. The hash spares the MAC
//! of what is in no set.
//!
//! A digest can only be compared with whole candidates, so a text is cut into those that a secret
//! may be: what stands between blanks or quotes, and within that, runs of up to
//! [`PARTS_COUNT_MAX`] parts between the marks that join a secret to its surroundings.

use std::collections::BTreeMap;

use cordon_detect::{Finding as Found, TokenKind};
use cordon_event::{Class, Raw};

use crate::PseudonymMac;

/// Shortest candidate in bytes.
const CANDIDATE_BYTES_MIN: usize = 6;
/// Longest candidate in bytes; a longer known secret would not be found, and is refused.
const CANDIDATE_BYTES_MAX: usize = 4_096;
/// Candidates of one text; the text beyond is masked.
const CANDIDATES_COUNT_MAX: usize = 100_000;
/// Parts that one candidate is joined of: a secret may hold `=` or `:` itself.
const PARTS_COUNT_MAX: usize = 4;

/// Bytes that are kept of a known secret.
pub const KNOWN_DIGEST_BYTES: usize = 8 + 32;
/// What is kept of a known secret: short keyed hash and MAC.
pub type KnownDigest = [u8; KNOWN_DIGEST_BYTES];

/// Secrets that are known to be live, by their keyed digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownSet(BTreeMap<u64, Vec<[u8; 32]>>);

impl KnownSet {
    /// The set of these secrets.
    pub fn of<'s>(mac: &dyn PseudonymMac, secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut set = Self::default();
        for secret in secrets {
            set.insert(&Self::digest(mac, secret));
        }
        set
    }

    /// What is kept of a secret.
    pub fn digest(mac: &dyn PseudonymMac, secret: &str) -> KnownDigest {
        let mut digest = [0; KNOWN_DIGEST_BYTES];
        let hint = mac.hint(secret.as_bytes()).to_be_bytes();
        let tag = mac.mac("known", secret.as_bytes());
        for (to, from) in digest.iter_mut().zip(hint.iter().chain(&tag)) {
            *to = *from;
        }
        digest
    }

    /// As [`KnownSet::digest`], of a secret on its way in.
    pub fn digest_raw(mac: &dyn PseudonymMac, secret: &Raw<String>) -> KnownDigest {
        Self::digest(mac, secret.expose_raw())
    }

    /// Adds what was kept of a secret.
    pub fn insert(&mut self, digest: &KnownDigest) {
        let (Some(hint), Some(tag)) = (digest.first_chunk(), digest.last_chunk::<32>()) else {
            return;
        };
        let tags = self.0.entry(u64::from_be_bytes(*hint)).or_default();
        if !tags.contains(tag) {
            tags.push(*tag);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn contains(&self, mac: &dyn PseudonymMac, candidate: &[u8]) -> bool {
        let Some(tags) = self.0.get(&mac.hint(candidate)) else {
            return false;
        };
        let tag = mac.mac("known", candidate);
        // All of them, so that how many there are is all that time tells.
        tags.iter()
            .fold(false, |known, other| known | mac.is_same_tag(&tag, other))
    }
}

/// Adds the known secrets that stand in the text. Where it has more candidates than are looked
/// at, all that follows is added as one finding: what was not looked at does not stay.
pub(crate) fn find(known: &KnownSet, mac: &dyn PseudonymMac, text: &str, found: &mut Vec<Found>) {
    if known.is_empty() {
        return;
    }
    let mut left = CANDIDATES_COUNT_MAX;
    let at = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let mut is_known = |start: usize, end: usize| {
        let candidate = text.get(start..end).unwrap_or("");
        if !(CANDIDATE_BYTES_MIN..=CANDIDATE_BYTES_MAX).contains(&candidate.len()) {
            return Some(false);
        }
        left = left.checked_sub(1)?;
        Some(known.contains(mac, candidate.as_bytes()))
    };
    let secret = |rule, start, end| Found {
        rule,
        class: Class::A,
        kind: TokenKind::Secret,
        start,
        end,
    };
    if is_known(0, text.len()) == Some(true) {
        found.push(secret("known_secret", 0, text.len()));
        return;
    }
    for word in text.split(is_coarse).filter(|word| !word.is_empty()) {
        let (from, to) = (at(word), at(word) + word.len());
        // Beginnings of the last parts, the latest first.
        let mut starts = [None; PARTS_COUNT_MAX];
        let mut check = |start: usize, end: usize| match is_known(start, end) {
            Some(true) => {
                found.push(secret("known_secret", start, end));
                true
            }
            Some(false) => true,
            None => {
                found.push(secret("over_budget", from, text.len()));
                false
            }
        };
        if !check(from, to) {
            return;
        }
        for part in word.split(is_fine) {
            starts.rotate_right(1);
            if let Some(latest) = starts.first_mut() {
                *latest = Some(at(part));
            }
            let end = at(part) + part.len();
            for start in starts.into_iter().flatten() {
                if (start, end) != (from, to) && !check(start, end) {
                    return;
                }
            }
        }
    }
}

/// What no secret holds, as far as a text shows.
fn is_coarse(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\')
}

/// What may join a secret to its surroundings, or stand in it.
fn is_fine(c: char) -> bool {
    matches!(
        c,
        '=' | ':'
            | ','
            | ';'
            | '&'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '@'
            | '/'
            | '?'
            | '#'
            | '|'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl PseudonymMac for Plain {
        fn mac(&self, _: &str, canonical: &[u8]) -> [u8; 32] {
            let mut out = [0; 32];
            for (i, b) in canonical.iter().enumerate() {
                out[i % 32] ^= b.rotate_left(i as u32 % 7).wrapping_add(i as u8);
            }
            out
        }
    }

    fn found(secret: &str, text: &str) -> Vec<(&'static str, String)> {
        let known = KnownSet::of(&Plain, [secret]);
        let mut found = Vec::new();
        find(&known, &Plain, text, &mut found);
        found
            .iter()
            .map(|f| (f.rule, text.get(f.start..f.end).unwrap().to_owned()))
            .collect()
    }

    #[test]
    fn a_secret_is_found_with_what_joins_it_and_what_it_holds() {
        let secret = "ab=cd:ef/9Z";
        for text in [
            "ab=cd:ef/9Z",
            "pw=ab=cd:ef/9Z;x",
            "db://u:ab=cd:ef/9Z@host",
            "said \"ab=cd:ef/9Z\" twice",
        ] {
            let hit = vec![("known_secret", secret.to_owned())];
            assert_eq!(found(secret, text), hit, "{text}");
        }
        assert!(found(secret, "ab=cd:ef/9Y").is_empty());
    }

    #[test]
    fn an_equal_hash_is_not_enough() {
        let mut digest = KnownSet::digest(&Plain, "hunter2Zq9");
        digest[KNOWN_DIGEST_BYTES - 1] ^= 1;
        let mut known = KnownSet::default();
        known.insert(&digest);
        assert!(!known.contains(&Plain, b"hunter2Zq9"));
        assert!(!Plain.is_same_tag(&[1; 32], &[0; 32]) && Plain.is_same_tag(&[1; 32], &[1; 32]));
    }

    #[test]
    fn what_is_not_looked_at_does_not_stay() {
        let secret = "hunter2Zq9";
        let mut text = "abcdef ".repeat(CANDIDATES_COUNT_MAX);
        text.push_str(secret);
        let found = found(secret, &text);
        let [(rule, rest)] = found.as_slice() else {
            panic!("{}", found.len());
        };
        assert_eq!(*rule, "over_budget");
        assert!(rest.ends_with(secret) && rest.len() < text.len());
    }
}
