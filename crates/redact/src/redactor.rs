//! The redactor: what its policy compiles to, and what it is asked.

use std::fmt;
use std::sync::Arc;

use cordon_detect::{Detector, DetectorConfig, KeyVerdict, TokenKind};
use cordon_event::{Class, Event, Kind, Quarantined, Raw, attr};

use crate::canary::Canaries;
use crate::dictionary::Dictionary;
use crate::name::Name;
use crate::names::{Asked, PROSE_PATH};
use crate::open_key::RecordKey;
use crate::remembered::Remembered;
use crate::sieve::Settled;
use crate::stream::Left;
use crate::work::Work;
use crate::{
    Action, Clean, LineFormat, NameScope, Policy, PolicyError, PseudonymMac, RawSealer, Receipt,
    Unknown, second, walk,
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

impl TokenRow {
    /// The same row, for another event that has the value.
    pub(crate) fn again(&self) -> Self {
        Self {
            token: self.token.clone(),
            kind: self.kind,
            value: Raw::new(self.value.expose_raw().clone()),
        }
    }
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
    /// Service that sent it, where its name may be told and somebody may be told it; empty
    /// otherwise.
    pub(crate) source: Clean<String>,
    /// When it happened, by its own word.
    pub(crate) time_unix_ns: u64,
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
    raw_sealer: Option<Arc<dyn RawSealer>>,
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
            dictionary: Dictionary::new(&policy.dictionary, &policy.fields)?
                .with_selected(&policy.selected)?,
            second: second::Scan::new()?.without(kept(&policy)),
            minimises: policy.unknown != Unknown::Scan || !policy.schema.is_empty(),
            leaves_some: policy.actions.leaves_some() || !policy.survive.is_empty(),
            names: Asked::default(),
            raw_sealer: None,
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

    /// The same, sealing each raw event of a batch that it holds back for a late hit.
    ///
    /// Of a batch with a canary nothing is sealed: it is held back for its source, not for a rule,
    /// so that no change of a rule lets it in.
    #[must_use]
    pub fn sealing(self, raw_sealer: Option<Arc<dyn RawSealer>>) -> Self {
        Self { raw_sealer, ..self }
    }

    pub(crate) fn raw_sealer(&self) -> Option<&Arc<dyn RawSealer>> {
        self.raw_sealer.as_ref()
    }

    /// Searches other texts for names than the policy said.
    pub fn set_names(&mut self, names: NameScope) {
        self.policy.names = names;
    }

    pub(crate) fn names(&self) -> &Asked {
        &self.names
    }

    /// Whether a name that the policy wants stands in a text in which nothing else was found.
    pub(crate) fn has_names(&self, text: &str) -> bool {
        !self.names.find(&self.policy, text, Vec::new()).is_empty()
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
            && self.policy.selected.is_empty()
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
    pub fn event(&self, mac: &dyn PseudonymMac, raw: Raw<Event>) -> Outcome {
        self.next_event(mac, raw, None, Settled::default())
    }

    /// As [`Redactor::event`], with what is remembered of events before, all of which were
    /// redacted by this redactor under this key, and with what is known of this one.
    pub(crate) fn next_event(
        &self,
        mac: &dyn PseudonymMac,
        mut raw: Raw<Event>,
        mut remembered: Option<&mut Remembered>,
        settled: Settled,
    ) -> Outcome {
        let (kind, time_unix_ns) = (raw.expose_raw().kind, raw.expose_raw().time_unix_ns);
        let mut work = Work::new(self, mac);
        work.remembered = remembered.as_deref_mut();
        // A name that may be told of stays; its field may not where the policy minimises.
        let paths = self.minimises().then(|| walk::paths(raw.expose_raw()));
        walk::event(&mut work, raw.expose_raw_mut(), settled);
        let Work {
            receipt,
            tokens,
            canary,
            ..
        } = work;
        let late = walk::late(self, remembered, raw.expose_raw(), settled);
        let alarm = if canary {
            Some(("canary", "canary"))
        } else {
            late.map(|rule| ("late_hit", rule))
        };
        // Where there are canaries, another event's may hold this one back.
        let is_told = alarm.is_some() || !self.policy.canaries.is_empty();
        let source = is_told.then(|| self.source(raw.expose_raw()));
        let source = source.unwrap_or_default();
        let Some((reason, rule)) = alarm else {
            return Outcome {
                verdict: Verdict::Clean(Clean::new(std::mem::take(raw.expose_raw_mut()))),
                receipt,
                tokens,
                pages: Vec::new(),
                source,
                time_unix_ns,
            };
        };
        let paths = paths.unwrap_or_else(|| walk::paths(raw.expose_raw()));
        let page = Page {
            source: source.clone(),
            ..Page::of_text(reason, rule)
        };
        Outcome {
            verdict: Verdict::Quarantine(Clean::new(held(
                reason,
                rule,
                (kind, paths),
                &receipt,
                &source,
            ))),
            receipt,
            tokens: Vec::new(),
            pages: vec![page],
            source,
            time_unix_ns,
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
        self.looked_over(work, clean, false)
    }

    /// As [`Redactor::text`], for a line whose meaning the lines above it tell, with what was found
    /// in it together with the lines around it, and what is known of lines that were left.
    pub(crate) fn text_below(
        &self,
        mac: &dyn PseudonymMac,
        above: &str,
        across: Vec<cordon_detect::Finding>,
        next: Next<'_>,
        raw: &str,
        (told, left): (Option<&[u32]>, &mut Left),
    ) -> Redacted {
        let mut work = Work::new(self, mac);
        (work.behind, work.across) = (above, across);
        // What is known is known of lines by themselves, and of what the screens know.
        let alone = above.is_empty() && next.above.is_empty() && !self.looks_everywhere();
        work.left = alone.then_some(left);
        let told = told.filter(|_| alone);
        work.told = told.map(|places| (places.to_vec(), raw.len()));
        let clean = work.text(raw, Name::default(), "");
        let otherwise = next.above != above || clean != raw && next.is_record(&clean);
        if otherwise && !work.canary {
            return self.settled(work, next, raw, clean);
        }
        self.looked_over(work, clean, false)
    }

    /// What is left of a line whose parts were redacted apart, as the next redaction leaves it.
    pub(crate) fn joined(
        &self,
        mac: &dyn PseudonymMac,
        next: Next<'_>,
        raw: &str,
        parts: Redacted,
    ) -> Redacted {
        let mut work = Work::new(self, mac);
        (work.receipt, work.tokens) = (parts.receipt, parts.tokens);
        let mut done = self.settled(work, next, raw, parts.clean.into_inner());
        done.pages.extend(parts.pages);
        done
    }

    /// Redacts one line of JSON: an object or a plain string. It stays valid JSON, with its keys in
    /// order. A line that is not JSON is redacted as text.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub fn json_line(&self, mac: &dyn PseudonymMac, raw: Raw<String>) -> Redacted {
        self.json_of(Work::new(self, mac), Next::RECORD, raw.expose_raw())
    }

    /// As [`Redactor::json_line`], for a line that other records of one source stand around, with
    /// what was found in its values together with theirs: each with the value's place.
    pub(crate) fn record(
        &self,
        mac: &dyn PseudonymMac,
        follows: &mut RecordKey,
        across: Vec<(usize, cordon_detect::Finding)>,
        next: Next<'_>,
        raw: &str,
    ) -> Redacted {
        let mut work = Work::new(self, mac);
        (work.follows, work.across_at) = (Some(follows), across);
        self.json_of(work, next, raw)
    }

    fn json_of(&self, mut work: Work<'_>, next: Next<'_>, line: &str) -> Redacted {
        let rewritten = work.json(line, Name::default(), "", 0);
        let json = rewritten.is_some();
        let clean = rewritten.unwrap_or_else(|| work.text(line, Name::default(), ""));
        let becomes = !json && clean != line && crate::json::parse(&clean).is_some();
        if (becomes || work.loose) && !work.canary {
            return self.settled(work, next, line, clean);
        }
        self.looked_over(work, clean, json)
    }

    /// What one reading left of a line, as the next redaction of its stream leaves it.
    fn settled<'w>(
        &self,
        mut work: Work<'w>,
        next: Next<'w>,
        raw: &str,
        clean: String,
    ) -> Redacted {
        let json = next.is_record(&clean) && crate::json::parse(&clean).is_some();
        work.across_at.clear();
        work.places.clear();
        let clean = work.until_settled(raw, clean, "", |work, text| {
            let record = next.is_record(text);
            work.behind = if record { "" } else { next.above };
            let rewritten = record.then(|| work.json(text, Name::default(), "", 0));
            let rewritten = rewritten.flatten();
            rewritten.unwrap_or_else(|| work.text(text, Name::default(), ""))
        });
        self.looked_over(work, clean, json)
    }

    /// The second scan of what was redacted; what was JSON stays JSON.
    fn looked_over(&self, mut work: Work<'_>, clean: String, json: bool) -> Redacted {
        let (checked, pages) = self.last_look(&mut work, clean);
        let lost = json && crate::json::parse(&checked).is_none();
        let clean = if lost {
            crate::json::quote(&checked)
        } else {
            checked
        };
        work.redacted(clean, pages)
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

/// How the next redaction reads a line.
#[derive(Clone, Copy)]
pub(crate) struct Next<'t> {
    pub(crate) format: LineFormat,
    /// What it takes to stand above.
    pub(crate) above: &'t str,
}

impl Next<'_> {
    const RECORD: Self = Self {
        format: LineFormat::Json,
        above: "",
    };

    fn is_record(self, line: &str) -> bool {
        self.format.is_record(line)
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
    (kind, paths): (Kind, Vec<String>),
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
        kind,
        ..Quarantined::default()
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
