//! What one request of a source leaves open for the next: that a private key has begun.
//!
//! A sender that reads line by line sends the lines of a key in requests of their own. Of a request
//! nothing is kept but that the source is within a key; the lines of the next one that can belong
//! to a key are then removed, up to its end.
//!
//! **Invariant:** no text is kept: a digest of what names the source, counts and a time.
//!
//! *Why a key alone.* Everything else that reads across lines ([`crate::StreamRedactor`]) needs the
//! text of the line above, and text does not outlive its request.
//!
//! *Limits:* [`SOURCES_COUNT_MAX`] sources of a tenant; a source is let go after
//! [`CARRY_NS_MAX`], [`PEM_LINES_MAX`] lines of a key, or [`MISSES_COUNT_MAX`] lines in a row that
//! are none, so that no beginning without an end masks a source for ever.

use std::collections::BTreeMap;

use cordon_detect::pem_opens_in;
use cordon_event::{Class, Event, Kind, Value};
use sha2::{Digest, Sha256};
use zeroize::Zeroize as _;

use crate::Finding;
use crate::open_key::{OpenKey, PEM_LINES_MAX, Part, RULE};

/// Sources of one tenant that may be within a key; of more, the oldest is let go.
const SOURCES_COUNT_MAX: usize = 256;
/// Time from the last line of a key after which its source is let go.
const CARRY_NS_MAX: u64 = 60 * 1_000_000_000;
/// Lines in a row that cannot belong to a key.
const MISSES_COUNT_MAX: usize = 32;
/// Fewest bytes of a line that is taken to belong to a key behind lines that do not.
const BEHIND_OTHERS_BYTES_MIN: usize = 16;

/// Attributes that, beside the resource, tell one stream of lines from another.
const STREAM_FIELDS: &[&str] = &[
    "log.iostream",
    "stream",
    "log.file.path",
    "log.file.name",
    "process.pid",
    "thread.id",
    "thread.name",
    "container.id",
];

/// A digest of what names a source.
type Source = [u8; 32];

/// A source that is within a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Within {
    lines: usize,
    misses: usize,
    last_unix_ns: u64,
}

/// The sources of one tenant that are within a key.
#[derive(Clone, Debug, Default)]
pub struct Carry(BTreeMap<Source, Within>);

/// What a request changed in a [`Carry`].
#[derive(Debug, Default)]
#[must_use]
pub struct CarryChanges(BTreeMap<Source, Option<Within>>);

impl CarryChanges {
    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Carry {
    /// Whether no source is within a key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many sources are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes over what a request changed.
    pub fn apply(&mut self, changes: CarryChanges) {
        for (source, within) in changes.0 {
            match within {
                Some(within) => self.0.insert(source, within),
                None => self.0.remove(&source),
            };
        }
        while self.0.len() > SOURCES_COUNT_MAX {
            let oldest = self.0.iter().min_by_key(|(_, within)| within.last_unix_ns);
            let Some(source) = oldest.map(|(source, _)| *source) else {
                return;
            };
            self.0.remove(&source);
        }
    }

    /// Takes its sources to have sent something now: for a request that is sent again later.
    pub fn renew(&mut self, now_unix_ns: u64) {
        for within in self.0.values_mut() {
            within.last_unix_ns = now_unix_ns;
        }
    }

    /// Lets go of sources that sent nothing for too long.
    pub fn expire(&mut self, now_unix_ns: u64) {
        self.0.retain(|_, within| !within.is_over(now_unix_ns));
    }
}

impl Within {
    fn is_over(&self, now_unix_ns: u64) -> bool {
        now_unix_ns.saturating_sub(self.last_unix_ns) > CARRY_NS_MAX
    }
}

/// Follows keys through the events of one request.
pub(crate) struct Follower<'c> {
    carry: &'c Carry,
    changes: CarryChanges,
    now_unix_ns: u64,
}

impl<'c> Follower<'c> {
    pub(crate) fn new(carry: &'c Carry, now_unix_ns: u64) -> Self {
        Self {
            carry,
            changes: CarryChanges::default(),
            now_unix_ns,
        }
    }

    pub(crate) fn changes(self) -> CarryChanges {
        self.changes
    }

    /// Removes from the body of an event what goes on with a key; returns what was found.
    pub(crate) fn follow(&mut self, event: &mut Event) -> Vec<Finding> {
        let Value::String(text) = &mut event.body else {
            return Vec::new();
        };
        let is_quiet = self.carry.is_empty() && self.changes.0.is_empty();
        if event.kind != Kind::Log || is_quiet && !text.contains("-----") {
            return Vec::new();
        }
        let source = source_of(&event.resource, &event.attributes);
        let known = self.changes.0.get(&source).copied();
        let known = known.unwrap_or_else(|| self.carry.0.get(&source).copied());
        let within = known.filter(|within| !within.is_over(self.now_unix_ns));
        let mut found = Vec::new();
        let (after, masked) = match within {
            Some(within) => self.masked(text, within, &mut found),
            None => (self.begun(text, 0), None),
        };
        if let Some(masked) = masked {
            std::mem::replace(text, masked).zeroize();
        }
        if known != after {
            self.changes.0.insert(source, after);
        }
        found
    }

    /// The key that a text leaves open.
    fn begun(&self, text: &str, from: usize) -> Option<Within> {
        let rest = text.get(from..).unwrap_or("");
        pem_opens_in(rest).map(|at| Within {
            lines: rest.get(at..).map_or(0, |key| key.lines().count()),
            misses: 0,
            last_unix_ns: self.now_unix_ns,
        })
    }

    /// A text within a key, without the lines of it, and whether the source still is.
    fn masked(
        &self,
        text: &str,
        mut within: Within,
        found: &mut Vec<Finding>,
    ) -> (Option<Within>, Option<String>) {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let (bare, ending) = crate::stream::bare(line);
            let removed = within.takes(bare);
            if removed > 0 {
                within.last_unix_ns = self.now_unix_ns;
                found.push(Finding::new(RULE, Class::A, "body", from, removed));
                out.push_str(&format!("[removed:{RULE}]"));
            }
            out.push_str(bare.get(removed..).unwrap_or(""));
            out.push_str(ending);
            from += line.len();
            let ended = removed > 0 && bare.contains("-----END ");
            if ended || within.misses > MISSES_COUNT_MAX || within.lines > PEM_LINES_MAX {
                // What stands behind is read as anything else is.
                out.push_str(text.get(from..).unwrap_or(""));
                let after = self.begun(text, from);
                return (after, (!found.is_empty()).then_some(out));
            }
        }
        // A new beginning counts from there.
        let after = self.begun(text, 0).unwrap_or(within);
        (Some(after), (!found.is_empty()).then_some(out))
    }
}

impl Within {
    /// How many bytes of a line belong to the key.
    fn takes(&mut self, line: &str) -> usize {
        let part = OpenKey::resumed().take(line);
        let long = line.trim().len() >= BEHIND_OTHERS_BYTES_MIN;
        let bytes = match part {
            Part::Last(end) => end,
            Part::Body if line.trim().is_empty() => return 0,
            Part::Body if self.misses == 0 || long => line.len(),
            Part::Body | Part::None => 0,
        };
        if bytes > 0 {
            (self.lines, self.misses) = (self.lines + 1, 0);
        } else {
            self.misses += 1;
        }
        bytes
    }
}

/// A digest of the resource, and of the attributes that name a stream of it.
fn source_of(resource: &[(String, Value)], attributes: &[(String, Value)]) -> Source {
    let mut digest = Sha256::new();
    let named = attributes
        .iter()
        .filter(|(key, _)| STREAM_FIELDS.contains(&key.as_str()));
    for (key, value) in resource.iter().chain(named) {
        digest.update((key.len() as u64).to_be_bytes());
        digest.update(key.as_bytes());
        let number;
        let bytes = match value {
            Value::String(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes.as_slice(),
            Value::Int(n) => {
                number = n.to_be_bytes();
                number.as_slice()
            }
            // What names a source is text or a number.
            _ => &[],
        };
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use cordon_event::{Batch, Entry, Raw, Region, TenantId};

    use super::*;
    use crate::pseudonym::ZeroMac;
    use crate::{BatchMeta, Policy, Redactor};

    const SECOND_NS: u64 = 1_000_000_000;

    fn log(service: &str, text: &str) -> Event {
        Event {
            body: Value::from(text),
            resource: vec![("service.name".to_owned(), Value::from(service))].into(),
            ..Event::default()
        }
    }

    fn bodies(batch: &Batch) -> Vec<String> {
        let text = |(_, entry): &(_, Entry)| match entry {
            Entry::Event(event) => event.body.as_str().unwrap().to_owned(),
            Entry::Quarantined(_) => "quarantined".to_owned(),
        };
        batch.entries.iter().map(text).collect()
    }

    /// The bodies of requests after each other.
    fn requests(carry: &mut Carry, at_s: u64, texts: &[(&str, &[&str])]) -> Vec<String> {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let mut out = Vec::new();
        for (n, (service, lines)) in texts.iter().enumerate() {
            let meta = BatchMeta {
                tenant: TenantId::parse("acme").unwrap(),
                region: Region::parse("eu").unwrap(),
                request_mac: [u8::try_from(n).unwrap(); 32],
                received_unix_ns: at_s * SECOND_NS,
                facts: Vec::new(),
            };
            let events = lines.iter().map(|line| log(service, line)).collect();
            let (outcome, changes) = redactor.batch_after(&ZeroMac, Raw::new(events), meta, carry);
            carry.apply(changes);
            out.extend(bodies(outcome.batch.get()));
        }
        out
    }

    /// A key that is none, made so that no rule knows its lines by themselves.
    fn key_lines() -> Vec<String> {
        let body = |seed: u8| -> String {
            (0..48_u8)
                .map(|n| char::from(b'a' + (n.wrapping_mul(7) ^ seed) % 26))
                .collect()
        };
        vec![body(1), body(2), body(3), "Zm9v".to_owned()]
    }

    #[test]
    fn a_key_over_three_requests_is_gone() {
        let lines = key_lines();
        let begin = format!("key: -----BEGIN {} KEY-----", "PRIVATE");
        let end = format!("-----END {} KEY-----", "PRIVATE");
        let one = [begin.as_str(), lines[0].as_str()];
        let two = [lines[1].as_str(), "GET /a 200", lines[2].as_str()];
        let three = [lines[3].as_str(), end.as_str(), "done here"];
        let texts: [(&str, &[&str]); 4] =
            [("a", &one), ("a", &two), ("b", &[&lines[3]]), ("a", &three)];
        let mut carry = Carry::default();
        let out = requests(&mut carry, 1, &texts);
        let all = out.join("\n");
        assert!(lines[..3].iter().all(|line| !all.contains(line)), "{all}");
        assert!(out.contains(&"GET /a 200".to_owned()), "{all}");
        assert_eq!(out.last().unwrap(), "done here");
        // Another source's line of the same text stays: it is no key there.
        assert_eq!(all.matches(lines[3].as_str()).count(), 1, "{all}");
        assert!(carry.is_empty());
        // Without what is carried the lines would stay.
        let alone = texts.map(|text| requests(&mut Carry::default(), 1, &[text]));
        assert!(alone.concat().iter().any(|body| lines.contains(body)));
    }

    #[test]
    fn a_key_without_an_end_is_let_go() {
        let begin = format!("-----BEGIN {} KEY-----", "PRIVATE");
        let word = "abcdefghijklmnopqrstuvwx";
        let mut carry = Carry::default();
        let _ = requests(&mut carry, 1, &[("a", &[&begin])]);
        assert_eq!(carry.count(), 1);
        // By time.
        let out = requests(&mut carry.clone(), 62, &[("a", &[word])]);
        assert_eq!(out, [word]);
        carry.clone().expire(62 * SECOND_NS);
        // By lines that are none of a key.
        let others: Vec<&str> = vec!["GET /a 200"; MISSES_COUNT_MAX + 1];
        let mut other = carry.clone();
        let out = requests(&mut other, 1, &[("a", &others), ("a", &[word])]);
        assert_eq!(out.last().unwrap(), word);
        assert!(other.is_empty());
        // By lines that might be.
        let many: Vec<&str> = vec![word; PEM_LINES_MAX + 2];
        let out = requests(&mut carry, 1, &[("a", &many)]);
        assert_eq!(out.last().unwrap(), word);
        assert!(out[0].contains("removed"));
        assert!(carry.is_empty());
    }

    #[test]
    fn sources_are_bounded() {
        let mut carry = Carry::default();
        for n in 0..=SOURCES_COUNT_MAX {
            let mut changes = CarryChanges::default();
            let mut source = [0; 32];
            source[..8].copy_from_slice(&(n as u64).to_be_bytes());
            let within = Within {
                lines: 0,
                misses: 0,
                last_unix_ns: n as u64,
            };
            changes.0.insert(source, Some(within));
            carry.apply(changes);
        }
        assert_eq!(carry.count(), SOURCES_COUNT_MAX);
        carry.expire(u64::MAX);
        assert!(carry.is_empty());
    }
}
