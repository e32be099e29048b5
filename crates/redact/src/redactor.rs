//! The redactor: what its policy compiles to, and what it is asked.

use cordon_detect::{Detector, DetectorConfig, Finding as Found, KeyVerdict, TokenKind};
use cordon_event::{Class, Event, Quarantined, Raw};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use regex::Regex;

use crate::work::{Name, Work};
use crate::{Clean, Policy, PseudonymMac, Receipt, second, walk};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Stable reason code: `canary` or `late_hit`.
    pub reason: &'static str,
    /// Rule that fired.
    pub rule: &'static str,
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
}

/// Turns raw into clean under a policy. Stateless: one serves all threads.
#[derive(Debug)]
pub struct Redactor {
    policy: Policy,
    detector: Detector,
    /// Canaries as they may stand in a text: as is, base64 at three alignments, hex, escaped.
    canaries: Vec<String>,
    /// Canaries as letters and digits alone, in lower case, forwards and backwards.
    squeezed_canaries: Vec<String>,
    dictionary: Option<Regex>,
    second: second::Scan,
}

/// Shortest candidate in bytes that is compared with the known secrets.
const KNOWN_BYTES_MIN: usize = 6;
/// Candidates of one text that are compared with the known secrets.
const KNOWN_COUNT_MAX: usize = 4_096;

impl Redactor {
    /// Compiles a policy.
    pub fn new(policy: Policy) -> Self {
        let config = DetectorConfig {
            ip: policy.ip,
            mac: policy.mac,
            home: policy.home,
        };
        let canaries = policy.canaries.iter().flat_map(|c| disguises(c)).collect();
        let squeezed_canaries = policy.canaries.iter().flat_map(|c| squeezes(c)).collect();
        let words: Vec<String> = policy
            .dictionary
            .iter()
            .filter(|term| !term.text.is_empty())
            .map(|term| regex::escape(&term.text))
            .collect();
        let dictionary = (!words.is_empty())
            .then(|| Regex::new(&format!("(?i)(?:{})", words.join("|"))).ok())
            .flatten();
        let detector = Detector::new(config);
        Self {
            policy,
            detector,
            canaries,
            squeezed_canaries,
            dictionary,
            second: second::Scan::new(),
        }
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn detector(&self) -> &Detector {
        &self.detector
    }

    pub(crate) fn second(&self) -> &second::Scan {
        &self.second
    }

    /// What the tenant's policy says about a name that says nothing by itself.
    pub(crate) fn by_policy(&self, key: &str) -> KeyVerdict {
        let term = self
            .policy
            .dictionary
            .iter()
            .find(|t| t.text.eq_ignore_ascii_case(key));
        if let Some(term) = term {
            return KeyVerdict::Personal("dictionary", TokenKind::Custom(term.kind));
        }
        let hosts = [
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
        let paths = [
            "code.file.path",
            "code.filepath",
            "file.path",
            "process.executable.path",
            "process.command",
            "log.file.path",
            "filename",
        ];
        if self.policy.hosts && hosts.contains(&key) {
            return KeyVerdict::Personal("policy.host", TokenKind::Host);
        }
        if self.policy.paths && paths.contains(&key) {
            return KeyVerdict::Personal("policy.path", TokenKind::Path);
        }
        KeyVerdict::Unknown
    }

    /// Whether a canary stands in the text, in some disguise.
    pub(crate) fn has_canary(&self, text: &str) -> bool {
        if self.canaries.is_empty() {
            return false;
        }
        let spelled = self.canaries.iter().any(|c| text.contains(c.as_str()));
        spelled || {
            // Spaced out, in another case, or backwards.
            let letters = squeezed(text);
            self.squeezed_canaries
                .iter()
                .any(|c| letters.contains(c.as_str()))
        }
    }

    /// Adds the dictionary's words that stand in the text as whole words.
    pub(crate) fn dictionary(&self, text: &str, found: &mut Vec<Found>) {
        let Some(regex) = &self.dictionary else {
            return;
        };
        for hit in regex.find_iter(text) {
            let inside = |c: char| c.is_alphanumeric() || c == '_';
            let left = text.get(..hit.start()).and_then(|t| t.chars().next_back());
            let right = text.get(hit.end()..).and_then(|t| t.chars().next());
            if left.is_some_and(inside) || right.is_some_and(inside) {
                continue;
            }
            let term = self
                .policy
                .dictionary
                .iter()
                .find(|t| t.text.eq_ignore_ascii_case(hit.as_str()));
            let kind = TokenKind::Custom(term.map_or("term", |t| t.kind));
            let (start, end) = (hit.start(), hit.end());
            found.push(Found {
                rule: "dictionary",
                class: Class::B,
                kind,
                start,
                end,
            });
        }
    }

    /// Adds the known secrets that stand in the text between blanks or punctuation.
    pub(crate) fn known(&self, mac: &dyn PseudonymMac, text: &str, found: &mut Vec<Found>) {
        if self.policy.known.is_empty() {
            return;
        }
        let mut push = |start: usize, value: &str| {
            if value.len() >= KNOWN_BYTES_MIN
                && self
                    .policy
                    .known
                    .contains(&mac.mac("known", value.as_bytes()))
            {
                let (class, kind, end) = (Class::A, TokenKind::Secret, start + value.len());
                found.push(Found {
                    rule: "known_secret",
                    class,
                    kind,
                    start,
                    end,
                });
            }
        };
        push(0, text);
        let coarse =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\');
        let fine = |c: char| {
            coarse(c)
                || matches!(
                    c,
                    '=' | ':' | ',' | ';' | '&' | '(' | ')' | '[' | ']' | '{' | '}' | '@'
                )
        };
        let parts = text.split(coarse).chain(text.split(fine));
        for part in parts.take(KNOWN_COUNT_MAX) {
            push(part.as_ptr() as usize - text.as_ptr() as usize, part);
        }
    }

    /// Redacts an event.
    pub fn event(&self, mac: &dyn PseudonymMac, mut raw: Raw<Event>) -> Outcome {
        let mut work = Work::new(self, mac);
        let paths = walk::paths(raw.expose_raw());
        let clean = walk::event(&mut work, std::mem::take(raw.expose_raw_mut()));
        let receipt = std::mem::take(&mut work.receipt);
        let held = |reason: &'static str, rule: &'static str, receipt: Receipt| {
            let (reason_text, rule_text) = (reason.to_owned(), rule.to_owned());
            let quarantined = Quarantined {
                reason: reason_text,
                rule: rule_text,
                paths: paths.clone(),
            };
            Outcome {
                verdict: Verdict::Quarantine(Clean::new(quarantined)),
                receipt,
                tokens: Vec::new(),
                pages: vec![Page { reason, rule }],
            }
        };
        if work.canary {
            return held("canary", "canary", receipt);
        }
        if let Some(rule) = walk::late(self, &clean) {
            return held("late_hit", rule, receipt);
        }
        let tokens = work.tokens;
        Outcome {
            verdict: Verdict::Clean(Clean::new(clean)),
            receipt,
            tokens,
            pages: Vec::new(),
        }
    }

    /// Redacts a text: a question, a pasted log. As many lines come out as go in.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub fn text(
        &self,
        mac: &dyn PseudonymMac,
        raw: Raw<String>,
    ) -> (Clean<String>, Receipt, Vec<TokenRow>) {
        let mut work = Work::new(self, mac);
        let clean = work.text(raw.expose_raw(), Name::default(), "");
        let clean = self.last_look(&mut work, clean);
        (Clean::new(clean), work.receipt, work.tokens)
    }

    /// Redacts one line of JSON: an object or a plain string. It stays valid JSON, with its keys in
    /// order. A line that is not JSON is redacted as text.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub fn json_line(&self, mac: &dyn PseudonymMac, raw: Raw<String>) -> (Clean<String>, Receipt) {
        let mut work = Work::new(self, mac);
        let line = raw.expose_raw();
        let rewritten = work.json(line, Name::default(), "", 0);
        let json = rewritten.is_some();
        let clean = rewritten.unwrap_or_else(|| work.text(line, Name::default(), ""));
        let checked = self.last_look(&mut work, clean);
        let lost = json && crate::json::parse(&checked).is_none();
        let clean = if lost {
            "\"[removed:late_hit]\"".to_owned()
        } else {
            checked
        };
        (Clean::new(clean), work.receipt)
    }

    /// The second scan of a text that has no quarantine to go to: what it hits is masked.
    pub(crate) fn last_look(&self, work: &mut Work<'_>, clean: String) -> String {
        if work.canary {
            return mask(work, &clean, "canary");
        }
        match self.second.hit(&clean, &work.safe) {
            None => clean,
            Some(_) => mask(work, &clean, "late_hit"),
        }
    }
}

/// Replaces a whole text, line by line.
fn mask(work: &mut Work<'_>, text: &str, rule: &'static str) -> String {
    let (class, path) = (Class::A, String::new());
    work.receipt.findings.push(crate::Finding {
        rule,
        class,
        path,
        offset: 0,
        len: text.len(),
    });
    let mut out = format!("[removed:{rule}]");
    out.extend(std::iter::repeat_n('\n', text.matches('\n').count()));
    out
}

/// Fewest letters and digits of a canary that is also looked for spaced out or backwards.
const SQUEEZED_CHARS_MIN: usize = 8;

/// Letters and digits alone, in lower case.
fn squeezed(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// A canary's letters and digits, forwards and backwards.
fn squeezes(canary: &str) -> Vec<String> {
    let letters = squeezed(canary);
    if letters.chars().count() < SQUEEZED_CHARS_MIN {
        return Vec::new();
    }
    let backwards = letters.chars().rev().collect();
    vec![letters, backwards]
}

/// The spellings under which a canary is looked for.
fn disguises(canary: &str) -> Vec<String> {
    if canary.is_empty() {
        return Vec::new();
    }
    let bytes = canary.as_bytes();
    let percent: String = bytes
        .iter()
        .flat_map(|byte| [String::from("%"), HEXUPPER.encode(&[*byte])])
        .collect();
    let escaped: String = canary
        .encode_utf16()
        .flat_map(|unit| [String::from("\\u"), HEXLOWER.encode(&unit.to_be_bytes())])
        .collect();
    let mut all = vec![
        canary.to_owned(),
        HEXLOWER.encode(bytes),
        HEXUPPER.encode(bytes),
        percent.to_ascii_lowercase(),
        percent,
        escaped,
        canary
            .encode_utf16()
            .flat_map(|unit| [char::from(unit as u8), '\0'])
            .collect(),
    ];
    for shift in 0..3_usize {
        let mut padded = vec![0; shift];
        padded.extend_from_slice(bytes);
        // Characters that depend on what stands before or after are left out.
        let skip = [0, 2, 3].get(shift).copied().unwrap_or(0);
        let keep = padded.len() / 3 * 4;
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = encoding.encode(&padded);
            all.extend(
                text.get(skip..keep)
                    .filter(|t| t.len() >= 6)
                    .map(str::to_owned),
            );
        }
    }
    all.sort();
    all.dedup();
    all
}
