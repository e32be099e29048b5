//! Secrets that are known to be live, looked for by their keyed digests.
//!
//! What is kept of a secret is a [`KnownDigest`]: a short keyed hash, by which a candidate is
//! looked up, and the MAC that it is then compared with in constant time. The hash spares the MAC
//! of what is in no set.
//!
//! A digest can only be compared with whole candidates, so a text is cut into those that a secret
//! may be: what stands between blanks or quotes, and within that, runs of up to
//! [`PARTS_COUNT_MAX`] parts between the marks that join a secret to its surroundings. What reads
//! as base64, hex or percent-encoding is looked into, one level deep.
//!
//! *Limit:* a secret with blanks or quotes in it is found where it is a whole value, and not within
//! a longer text.

use std::collections::BTreeMap;

use cordon_detect::{Finding as Found, TokenKind};
use cordon_event::{Class, Raw};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use crate::PseudonymMac;

/// Shortest candidate in bytes.
const CANDIDATE_BYTES_MIN: usize = 6;
/// Longest candidate in bytes; a longer known secret would not be found, and is refused.
const CANDIDATE_BYTES_MAX: usize = 4_096;
/// Length in bytes of what may hold a secret one encoding below.
const ENCODED_BYTES_MIN: usize = 11;
const ENCODED_BYTES_MAX: usize = 8_192;
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
    let mut search = Search {
        known,
        mac,
        left: CANDIDATES_COUNT_MAX,
    };
    let secret = |rule, start, end| Found {
        rule,
        class: Class::A,
        kind: TokenKind::Secret,
        start,
        end,
        coding: None,
    };
    if search.is_known(text.as_bytes()) == Some(true) {
        found.push(secret("known_secret", 0, text.len()));
        return;
    }
    for word in text.split(is_coarse).filter(|word| !word.is_empty()) {
        let from = offset(text, word);
        let mut hit = |start, end| found.push(secret("known_secret", from + start, from + end));
        let looked = search.word(word, &mut hit);
        let looked = looked.and_then(|()| search.encoded(word, &mut hit));
        if looked.is_none() {
            found.push(secret("over_budget", from, text.len()));
            return;
        }
    }
}

/// A search in one text; `None` from any of its looks says that the budget is spent.
struct Search<'a> {
    known: &'a KnownSet,
    mac: &'a dyn PseudonymMac,
    left: usize,
}

impl Search<'_> {
    fn is_known(&mut self, candidate: &[u8]) -> Option<bool> {
        if !(CANDIDATE_BYTES_MIN..=CANDIDATE_BYTES_MAX).contains(&candidate.len()) {
            return Some(false);
        }
        self.left = self.left.checked_sub(1)?;
        Some(self.known.contains(self.mac, candidate))
    }

    /// A word, and within it runs of its parts; hits by their places in it.
    fn word(&mut self, word: &str, hit: &mut dyn FnMut(usize, usize)) -> Option<()> {
        self.candidate(word, (0, word.len()), hit)?;
        // Beginnings of the last parts, the latest first.
        let mut starts = [None; PARTS_COUNT_MAX];
        for part in word.split(is_fine) {
            let from = offset(word, part);
            let end = from + part.len();
            starts.rotate_right(1);
            if let Some(latest) = starts.first_mut() {
                *latest = Some(from);
            }
            for start in starts.into_iter().flatten() {
                if end - start < word.len() {
                    self.candidate(word, (start, end), hit)?;
                }
            }
        }
        Some(())
    }

    /// A range of a word as it is, without the sign that ends it, and without all that are around
    /// it: a secret may end a sentence, and may itself end in a sign.
    fn candidate(
        &mut self,
        word: &str,
        (start, end): (usize, usize),
        hit: &mut dyn FnMut(usize, usize),
    ) -> Option<()> {
        let whole = word.get(start..end).unwrap_or("");
        let is_sign = |c: char| !c.is_alphanumeric();
        let unended = whole.strip_suffix(is_sign).unwrap_or(whole);
        let bare = whole.trim_matches(is_sign);
        let mut before = usize::MAX;
        for spelling in [whole, unended, bare] {
            if spelling.len() < before && self.is_known(spelling.as_bytes())? {
                let from = offset(word, spelling);
                hit(from, from + spelling.len());
                break;
            }
            before = spelling.len();
        }
        Some(())
    }

    /// Parts of a word that hold a secret one encoding below: base64, hex, percent.
    fn encoded(&mut self, word: &str, hit: &mut dyn FnMut(usize, usize)) -> Option<()> {
        if word.len() < ENCODED_BYTES_MIN {
            return Some(());
        }
        let other = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_'));
        // A slash is of base64's alphabet, and parts the names of a path.
        let joined = |part: &&str| {
            let at = offset(word, part);
            let slash = |i: Option<usize>| i.and_then(|i| word.as_bytes().get(i)) == Some(&b'/');
            part.contains('%') || slash(at.checked_sub(1)) || slash(Some(at + part.len()))
        };
        let runs = word.split(other).chain(word.split(is_fine).filter(joined));
        for run in runs.filter(|run| (ENCODED_BYTES_MIN..=ENCODED_BYTES_MAX).contains(&run.len())) {
            self.left = self.left.checked_sub(1)?;
            let plain = unpacked(run).map(Zeroizing::new);
            let Some(plain) = plain
                .as_ref()
                .and_then(|plain| std::str::from_utf8(plain).ok())
            else {
                continue;
            };
            let mut holds = false;
            for inner in plain.split(is_coarse) {
                self.word(inner, &mut |_, _| holds = true)?;
            }
            if holds {
                let start = offset(word, run);
                hit(start, start + run.len());
            }
        }
        Some(())
    }
}

/// Where a part of a text begins in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

/// The bytes that a run of characters encodes, in the first way that it can be read.
fn unpacked(run: &str) -> Option<Vec<u8>> {
    let bytes = run.as_bytes();
    if bytes.contains(&b'%') {
        return Some(percent(bytes));
    }
    if bytes.len().is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit) {
        return HEXLOWER_PERMISSIVE.decode(bytes).ok();
    }
    let standard = BASE64_NOPAD.decode(bytes);
    standard.or_else(|_| BASE64URL_NOPAD.decode(bytes)).ok()
}

/// Percent-encoding undone; what is none stays.
fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().min(ENCODED_BYTES_MAX));
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).filter(|_| first == b'%');
        let byte = digits.and_then(|digits| HEXLOWER_PERMISSIVE.decode(digits).ok());
        if let Some([byte]) = byte.as_deref() {
            out.push(*byte);
            rest = tail.get(2..).unwrap_or(&[]);
        } else {
            out.push(first);
            rest = tail;
        }
    }
    out
}

/// What no secret holds, as far as a text shows.
pub(crate) fn is_coarse(c: char) -> bool {
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
    fn a_secret_is_found_among_signs() {
        for (secret, text) in [
            ("winter7garden", "it was winter7garden."),
            ("winter7garden", "it was winter7garden!"),
            (
                "winter7garden",
                "*winter7garden*, $winter7garden; (-winter7garden...)",
            ),
            ("winter7garden!", "it was winter7garden!"),
            ("winter7garden!", "it was winter7garden!."),
            ("!winter7garden!", "it was (!winter7garden!)."),
        ] {
            let found = found(secret, text);
            assert!(!found.is_empty(), "{text}");
            assert!(
                found.iter().all(|(_, hit)| hit == secret),
                "{text}: {found:?}"
            );
        }
        assert!(found("winter7garden", "winter7gardens, winter7.garden").is_empty());
    }

    #[test]
    fn a_secret_is_found_one_encoding_below() {
        let secret = "ab=cd:ef/9Z";
        let base64 = data_encoding::BASE64.encode(format!("app:{secret}").as_bytes());
        let url = data_encoding::BASE64URL_NOPAD.encode(secret.as_bytes());
        let hex = data_encoding::HEXUPPER.encode(secret.as_bytes());
        let percent = "%61b%3Dcd%3aef%2F9Z";
        for encoded in [base64.trim_end_matches('='), &url, &hex, percent] {
            let text = format!("GET /x?a={encoded}&b=c 200");
            let hit = vec![("known_secret", encoded.to_owned())];
            assert_eq!(found(secret, &text), hit, "{text}");
        }
        let text = format!("Basic {base64} of /srv/base64/files");
        assert!(!found(secret, &text).is_empty() && found("other-secret", &text).is_empty());
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
