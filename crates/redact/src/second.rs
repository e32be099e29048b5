//! The second scan: a look at what redaction left, with rules and code of its own.
//!
//! *Why so:* a defect in the detector must not be a leak. These are few, precise patterns, so
//! that a hit is an alarm: the event is quarantined and somebody is paged.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use regex::Regex;

use crate::PolicyError;

/// Pattern and rule id.
const PATTERNS: &[(&str, &str)] = &[
    ("late.aws", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    (
        "late.github",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})",
    ),
    ("late.gitlab", r"\bglpat-[A-Za-z0-9_-]{20}"),
    ("late.slack", r"\bxox[bpars]-[0-9]{8,}-[A-Za-z0-9-]{10,}"),
    ("late.stripe", r"\b[sr]k_live_[A-Za-z0-9]{20}"),
    ("late.google", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ("late.npm", r"\bnpm_[A-Za-z0-9]{36}\b"),
    (
        "late.sendgrid",
        r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    ),
    ("late.anthropic", r"\bsk-(?:ant|proj)-[A-Za-z0-9_-]{24}"),
    (
        "late.jwt",
        r"\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    ),
    (
        "late.private_key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----",
    ),
    (
        "late.bearer",
        r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{24,}={0,2}",
    ),
    (
        "late.email",
        concat!(
            r"(?i)(?:^|[\s<>(,;=\x22'])[a-z0-9._+-]*[a-z0-9]@[a-z0-9-]+(?:\.[a-z0-9-]+)*",
            r"\.(?:com|org|net|edu|gov|de|fr|uk|example|test)\b",
        ),
    ),
    (
        "late.password",
        concat!(
            r#""(?:password|passwd|client_secret|api_key|access_token)""#,
            r#"\s*:\s*"[A-Za-z0-9!@#$%^&+/=-]{6,}""#,
        ),
    ),
    (
        "late.url",
        concat!(
            r"\b[a-z][a-z0-9+]{2,12}://[A-Za-z0-9._-]+:",
            r"[A-Za-z0-9!$%^&+=_-]*[0-9][A-Za-z0-9!$%^&+=_-]*@[A-Za-z0-9]",
        ),
    ),
    (
        "late.card",
        r"\b[3-6][0-9]{3}(?: [0-9]{4}){3}\b|\b[3-6][0-9]{3}(?:-[0-9]{4}){3}\b",
    ),
];

/// The compiled scan.
#[derive(Debug)]
pub(crate) struct Scan {
    patterns: Vec<(&'static str, Regex)>,
    encoded: Regex,
}

impl Scan {
    pub(crate) fn new() -> Result<Self, PolicyError> {
        Self::of(PATTERNS)
    }

    /// A scan for these patterns, each with its rule id.
    pub(crate) fn of(patterns: &[(&'static str, &str)]) -> Result<Self, PolicyError> {
        let compile = |id, pattern| Regex::new(pattern).map_err(|_| PolicyError::SecondScan(id));
        let patterns = patterns
            .iter()
            .map(|(id, pattern)| Ok((*id, compile(id, pattern)?)));
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
            encoded: compile("encoded", r"[A-Za-z0-9+/_-]{24,}")?,
        })
    }

    /// The scan without these rules.
    pub(crate) fn without(mut self, rules: impl Iterator<Item = &'static str>) -> Self {
        let rules: Vec<_> = rules.collect();
        self.patterns.retain(|(id, _)| !rules.contains(id));
        self
    }

    /// The first rule that hits, also one level below base64.
    pub(crate) fn hit(&self, text: &str) -> Option<&'static str> {
        if text.len() < 8 {
            return None;
        }
        self.plain(text).or_else(|| {
            let mut runs = self.encoded.find_iter(text);
            runs.find_map(|run| {
                let bytes = run.as_str().as_bytes();
                // A run that something else was joined to still reads as whole groups of four.
                let plain = unpacked(bytes).or_else(|| unpacked(bytes.get(..bytes.len() & !3)?));
                self.plain(std::str::from_utf8(&plain?).ok()?)
            })
        })
    }

    fn plain(&self, text: &str) -> Option<&'static str> {
        self.patterns.iter().find_map(|(id, pattern)| {
            let hit = pattern.find_iter(text).any(|hit| {
                let repository = ["git@", "hg@", "svn@"].iter().any(|r| {
                    hit.as_str()
                        .trim_start_matches(['"', '\'', ' ', '(', '='])
                        .starts_with(r)
                });
                let masked = hit.as_str().contains("***") || hit.as_str().contains("xxxx");
                !repository && !masked && (*id != "late.card" || checksum(hit.as_str()))
            });
            hit.then_some(*id)
        })
    }
}

fn unpacked(run: &[u8]) -> Option<Vec<u8>> {
    let standard = BASE64_NOPAD.decode(run);
    standard.or_else(|_| BASE64URL_NOPAD.decode(run)).ok()
}

/// Luhn's sum, written a second time on purpose.
fn checksum(text: &str) -> bool {
    let mut sum = 0;
    let mut double = false;
    for c in text.chars().rev() {
        let Some(d) = c.to_digit(10) else { continue };
        let d = if double { d * 2 } else { d };
        sum += d / 10 + d % 10;
        double = !double;
    }
    sum % 10 == 0 && sum > 0
}
