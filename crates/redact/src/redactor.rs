//! The redactor: what its policy compiles to, and what it is asked.

use std::fmt;
use std::sync::Arc;

use cordon_detect::{Detector, DetectorConfig, KeyVerdict, TokenKind};
use cordon_event::{Class, Event, Quarantined, Raw, attr};

use crate::canary::Canaries;
use crate::dictionary::Dictionary;
use crate::names::{Asked, PROSE_PATH};
use crate::open_key::RecordKey;
use crate::work::{Name, Work};
use crate::{
    Action, Clean, LineFormat, NameScope, Policy, PolicyError, PseudonymMac, Receipt, Unknown,
    second, walk,
};

/// A pseudonym and the value that it stands for, for the vault's map.
pub struct TokenRow {
    /// The pseudonym.
    pub token: String,
    /// Its kind.
    pub kind: &'static str,
    /// The value.
    pub value: Raw<String>,
}

/// Something that a person must be told at once; without a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    /// Stable reason code: `canary`, `late_hit`, or what stopped a model's output.
    pub reason: &'static str,
    /// Rule that fired.
    pub rule: &'static str,
    /// Class of what was there.
    pub class: Class,
    /// Service that sent it, where its name may be told; empty otherwise.
    pub source: Clean<String>,
}

impl Page {
    /// A page about a text that no service sent. What pages is a secret until shown otherwise.
    pub(crate) fn of_text(reason: &'static str, rule: &'static str) -> Self {
        Self {
            reason,
            rule,
            class: Class::A,
            source: Clean::default(),
        }
    }
}

/// A text's redaction.
pub struct Redacted {
    /// The text, as many lines as it had.
    pub clean: Clean<String>,
    /// What was removed or replaced.
    pub receipt: Receipt,
    /// Pseudonyms given.
    pub tokens: Vec<TokenRow>,
    /// Pages to send.
    pub pages: Vec<Page>,
}

/// What became of an event.
#[derive(Debug)]
pub enum Verdict {
    /// Admitted.
    Clean(Clean<Event>),
    /// Held back, every value stripped.
    Quarantine(Clean<Quarantined>),
}

/// An event's redaction.
pub struct Outcome {
    /// What became of it.
    pub verdict: Verdict,
    /// What was removed or replaced.
    pub receipt: Receipt,
    /// Pseudonyms given; empty for a quarantined event.
    pub tokens: Vec<TokenRow>,
    /// Pages to send.
    pub pages: Vec<Page>,
    /// Service that sent it, where its name may be told; empty otherwise.
    pub(crate) source: Clean<String>,
}

/// Turns raw into clean under a policy. Stateless: one serves all threads.
///
/// Its `Debug` says nothing, since a compiled policy spells its canaries out.
pub struct Redactor {
    policy: Policy,
    detector: Detector,
    canaries: Canaries,
    dictionary: Dictionary,
    second: second::Scan,
    leaves_some: bool,
    minimises: bool,
    names: Asked,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// Names of fields that hold a host.
const HOST_FIELDS: &[&str] = &[
    "host.name",
    "server.address",
    "client.address",
    "net.peer.name",
    "net.host.name",
    "k8s.node.name",
    "hostname",
    "host.id",
    "http.host",
];
/// Names of fields that hold a file path.
const PATH_FIELDS: &[&str] = &[
    "code.file.path",
    "code.filepath",
    "file.path",
    "process.executable.path",
    "process.command",
    "log.file.path",
    "filename",
];
/// Rules of the second scan for kinds that a policy may keep.
const LATE_KINDS: &[(&str, TokenKind)] = &[
    ("late.email", TokenKind::Email),
    ("late.card", TokenKind::Card),
];
/// Longest service name in bytes that is told of a quarantined event.
const SOURCE_BYTES_MAX: usize = 64;

impl Redactor {
    /// Compiles a policy; a part of it that cannot be held is an error, never a gap.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        let config = DetectorConfig {
            ip: policy.ip && policy.actions.of(TokenKind::Ip) != Action::Keep,
            mac: policy.mac && policy.actions.of(TokenKind::Mac) != Action::Keep,
            home: policy.home,
        };
        Ok(Self {
            detector: Detector::with_rules(config, Arc::clone(&policy.rules)),
            canaries: Canaries::new(&policy.canaries)?,
            dictionary: Dictionary::new(&policy.dictionary, &policy.fields)?,
            second: second::Scan::new()?.without(kept(&policy)),
            minimises: policy.unknown != Unknown::Scan || !policy.schema.is_empty(),
            leaves_some: policy.actions.leaves_some() || !policy.survive.is_empty(),
            names: Asked::default(),
            policy,
        })
    }

    /// The same with another recogniser of names than the built-in one.
    #[must_use]
    pub fn with_recognizer(self, recognizer: Box<dyn cordon_detect::names::Recognizer>) -> Self {
        Self {
            names: Asked::new(recognizer),
            ..self
        }
    }

    pub(crate) fn names(&self) -> &Asked {
        &self.names
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Whether findings have to be asked about once more: the policy leaves some where they are.
    pub(crate) fn leaves_some(&self) -> bool {
        self.leaves_some
    }

    /// Whether fields are decided upon by a schema.
    pub(crate) fn minimises(&self) -> bool {
        self.minimises
    }

    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Whether the fields of a line of JSON are read for names, which no screen knows of.
    pub(crate) fn reads_fields(&self) -> bool {
        self.policy.names == NameScope::Fields
    }

    /// Whether the policy looks for something that no rule's screen knows of.
    pub(crate) fn looks_everywhere(&self) -> bool {
        !(self.policy.dictionary.is_empty()
            && self.policy.fields.is_empty()
            && self.policy.canaries.is_empty()
            && self.policy.known.is_empty())
            || self.policy.hosts
            || self.policy.paths
            || self.policy.names == NameScope::Lines
    }

    pub(crate) fn second(&self) -> &second::Scan {
        &self.second
    }

    /// What the tenant's policy says about a name that says nothing by itself.
    pub(crate) fn by_policy(&self, key: &str) -> KeyVerdict {
        if let Some(kind) = self.dictionary.field(key) {
            return KeyVerdict::Personal("dictionary.field", TokenKind::Custom(kind));
        }
        if self.policy.hosts && HOST_FIELDS.contains(&key) {
            return KeyVerdict::Personal("policy.host", TokenKind::Host);
        }
        if self.policy.paths && PATH_FIELDS.contains(&key) {
            return KeyVerdict::Personal("policy.path", TokenKind::Path);
        }
        KeyVerdict::Unknown
    }

    /// Whether a canary stands in the text, in some disguise.
    pub(crate) fn has_canary(&self, text: &str) -> bool {
        self.canaries.stand_in(text)
    }

    /// Redacts an event, in its place: what it held is wiped as it is replaced.
    pub fn event(&self, mac: &dyn PseudonymMac, mut raw: Raw<Event>) -> Outcome {
        let mut work = Work::new(self, mac);
        let paths = walk::paths(raw.expose_raw());
        walk::event(&mut work, raw.expose_raw_mut());
        let Work {
            receipt,
            tokens,
            canary,
            ..
        } = work;
        let late = walk::late(self, raw.expose_raw());
        let source = self.source(raw.expose_raw());
        let alarm = if canary {
            Some(("canary", "canary"))
        } else {
            late.map(|rule| ("late_hit", rule))
        };
        let Some((reason, rule)) = alarm else {
            return Outcome {
                verdict: Verdict::Clean(Clean::new(std::mem::take(raw.expose_raw_mut()))),
                receipt,
                tokens,
                pages: Vec::new(),
                source,
            };
        };
        let page = Page {
            source: source.clone(),
            ..Page::of_text(reason, rule)
        };
        Outcome {
            verdict: Verdict::Quarantine(Clean::new(held(reason, rule, paths, &receipt, &source))),
            receipt,
            tokens: Vec::new(),
            pages: vec![page],
            source,
        }
    }

    /// The service that sent a redacted event, where its name looks like one and nothing hits it.
    fn source(&self, event: &Event) -> Clean<String> {
        let name = event.resource_str(attr::SERVICE_NAME).unwrap_or_default();
        let technical = name.len() <= SOURCE_BYTES_MAX
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
        let tellable = technical && !self.has_canary(name) && self.second.hit(name).is_none();
        Clean::new(if tellable { name } else { "" }.to_owned())
    }

    /// Redacts a text: a log line, a pasted log. As many lines come out as go in.
    pub fn text(&self, mac: &dyn PseudonymMac, raw: Raw<String>) -> Redacted {
        self.text_at(mac, raw, "")
    }

    /// Redacts what a person wrote: a question, a comment. As [`Redactor::text`], but searched for
    /// names wherever the values of fields are.
    pub fn prose(&self, mac: &dyn PseudonymMac, raw: Raw<String>) -> Redacted {
        self.text_at(mac, raw, PROSE_PATH)
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    fn text_at(&self, mac: &dyn PseudonymMac, raw: Raw<String>, path: &str) -> Redacted {
        let mut work = Work::new(self, mac);
        let clean = work.text(raw.expose_raw(), Name::default(), path);
        let (clean, pages) = self.last_look(&mut work, clean);
        let done = work.redacted(clean, pages);
        self.fixed(mac, Next::text(path), raw.expose_raw(), done)
    }

    /// As [`Redactor::text`] reads it once, for a line whose meaning the lines above it tell, with what was found
    /// in it together with the lines around it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub(crate) fn text_below(
        &self,
        mac: &dyn PseudonymMac,
        above: &str,
        across: Vec<cordon_detect::Finding>,
        raw: Raw<String>,
    ) -> Redacted {
        let mut work = Work::new(self, mac);
        (work.behind, work.across) = (above, across);
        let clean = work.text(raw.expose_raw(), Name::default(), "");
        let (clean, pages) = self.last_look(&mut work, clean);
        work.redacted(clean, pages)
    }

    /// Redacts one line of JSON: an object or a plain string. It stays valid JSON, with its keys in
    /// order. A line that is not JSON is redacted as text.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub fn json_line(&self, mac: &dyn PseudonymMac, raw: Raw<String>) -> Redacted {
        let done = self.json_of(Work::new(self, mac), raw.expose_raw());
        self.fixed(mac, Next::RECORD, raw.expose_raw(), done)
    }

    /// As [`Redactor::json_line`] reads it once, for a line that other records of one source stand around, with
    /// what was found in its values together with theirs: each with the value's place.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub(crate) fn record(
        &self,
        mac: &dyn PseudonymMac,
        follows: &mut RecordKey,
        across: Vec<(usize, cordon_detect::Finding)>,
        raw: Raw<String>,
    ) -> Redacted {
        let mut work = Work::new(self, mac);
        (work.follows, work.across_at) = (Some(follows), across);
        self.json_of(work, raw.expose_raw())
    }

    fn json_of(&self, mut work: Work<'_>, line: &str) -> Redacted {
        let rewritten = work.json(line, Name::default(), "", 0);
        let json = rewritten.is_some();
        let clean = rewritten.unwrap_or_else(|| work.text(line, Name::default(), ""));
        let (checked, pages) = self.last_look(&mut work, clean);
        work.redacted(stays_json(json, checked), pages)
    }

    /// What a redaction gave, read until the next one will leave it as it is (see
    /// [`Work::until_fixed`]). Where it is what arrived, it was read so.
    pub(crate) fn fixed(
        &self,
        mac: &dyn PseudonymMac,
        next: Next<'_>,
        raw: &str,
        mut done: Redacted,
    ) -> Redacted {
        let clean = done.clean.get();
        // What was masked as a whole stays.
        if clean == raw && !next.differs || !done.pages.is_empty() {
            return done;
        }
        let clean = std::mem::take(&mut done.clean).into_inner();
        let json = next.is_record(&clean);
        let mut work = Work::new(self, mac);
        let clean = work.until_fixed(raw, clean, next.path, |work, text| next.read(work, text));
        if !work.receipt.findings.is_empty() || work.canary {
            let (checked, pages) = self.last_look(&mut work, clean);
            done.clean = Clean::new(stays_json(json, checked));
            done.receipt.findings.append(&mut work.receipt.findings);
            done.tokens.append(&mut work.tokens);
            done.pages = pages;
        } else {
            done.clean = Clean::new(clean);
        }
        done
    }

    /// The second scan of a text that has no quarantine to go to: what it hits is masked.
    fn last_look(&self, work: &mut Work<'_>, clean: String) -> (String, Vec<Page>) {
        let alarm = if work.canary {
            Some(("canary", "canary"))
        } else {
            let late = self.second.hit(&clean);
            late.map(|rule| ("late_hit", rule))
        };
        match alarm {
            None => (clean, Vec::new()),
            Some((reason, rule)) => {
                let masked = mask(work, &clean, reason);
                (masked, vec![Page::of_text(reason, rule)])
            }
        }
    }
}

/// How the next redaction reads a text.
#[derive(Clone, Copy)]
pub(crate) struct Next<'t> {
    format: LineFormat,
    path: &'t str,
    /// What it takes to stand above, of a line of a stream.
    above: &'t str,
    /// Whether something else stood above when the text was redacted.
    differs: bool,
}

impl<'t> Next<'t> {
    const RECORD: Self = Self {
        format: LineFormat::Json,
        path: "",
        above: "",
        differs: false,
    };

    fn text(path: &'t str) -> Self {
        Self {
            format: LineFormat::Text,
            path,
            ..Self::RECORD
        }
    }

    /// A line of a stream of that format: what stood above, and what stands there next.
    pub(crate) fn line(format: LineFormat, before: &str, above: &'t str) -> Self {
        Self {
            format,
            above,
            differs: before != above,
            ..Self::RECORD
        }
    }

    fn is_record(self, text: &str) -> bool {
        self.format.is_record(text)
    }

    fn read<'w>(self, work: &mut Work<'w>, text: &str) -> String
    where
        't: 'w,
    {
        let json = self.is_record(text);
        work.behind = if json { "" } else { self.above };
        let rewritten = json.then(|| work.json(text, Name::default(), "", 0));
        let rewritten = rewritten.flatten();
        rewritten.unwrap_or_else(|| work.text(text, Name::default(), self.path))
    }
}

/// A text that is a JSON string where it was JSON and is none any more.
fn stays_json(was: bool, text: String) -> String {
    if was && crate::json::parse(&text).is_none() {
        crate::json::quote(&text)
    } else {
        text
    }
}

/// Rules of the second scan that would hold against an event what the policy keeps.
fn kept(policy: &Policy) -> impl Iterator<Item = &'static str> {
    let kept = |kind: TokenKind| policy.actions.of(kind) == Action::Keep;
    LATE_KINDS
        .iter()
        .filter(move |(_, kind)| kept(*kind))
        .map(|(rule, _)| *rule)
}

/// What is kept of a quarantined event.
pub(crate) fn held(
    reason: &'static str,
    rule: &'static str,
    paths: Vec<String>,
    receipt: &Receipt,
    source: &Clean<String>,
) -> Quarantined {
    let counts = receipt.counts().into_iter();
    Quarantined {
        reason: reason.to_owned(),
        rule: rule.to_owned(),
        paths,
        source: source.get().clone(),
        removed: counts
            .map(|(class, rule, n)| (class.to_string(), rule.to_owned(), n))
            .collect(),
    }
}

/// Replaces a whole text, line by line.
fn mask(work: &mut Work<'_>, text: &str, rule: &'static str) -> String {
    work.note(rule, Class::A, "", 0, text);
    let mut out = format!("[removed:{rule}]");
    out.extend(std::iter::repeat_n('\n', text.matches('\n').count()));
    out
}

#[cfg(test)]
#[path = "redactor_tests.rs"]
mod tests;
