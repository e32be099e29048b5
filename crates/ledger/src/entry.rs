//! Entries of the audit log and their stored form.

use cordon_event::TenantId;
use cordon_govern::{ExposedClass, Operator};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use thiserror::Error;

use crate::ContentDigest;

const EVIDENCE_ID_BYTES_MAX: usize = 80;

/// What was done or asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A question.
    Ask,
    /// A generated test.
    Repro,
    /// The value behind a pseudonym.
    Reveal,
    /// Clean telemetry handed out.
    Export,
    /// Text redacted with a tenant's pseudonyms.
    Redact,
    /// Telemetry taken in from the command line.
    Ingest,
    /// A subject's or tenant's erasure.
    Erase,
    /// A tenant was added.
    TenantAdd,
    /// The audit log itself was read.
    AuditRead,
    /// Fields of a schema were classified.
    SchemaApprove,
    /// A canary was added, listed or looked for.
    Canary,
    /// Known secrets were imported, listed or removed.
    Known,
    /// A crash was read with a tenant's symbols or pseudonyms.
    Crash,
    /// Symbols were added, listed or removed.
    Symbols,
    /// A standing grant was given.
    GrantAdd,
    /// A standing grant was taken back.
    GrantRemove,
    /// What many tenants share was asked for.
    Across,
    /// A person's session was opened.
    SessionOpen,
    /// A person's session was ended.
    SessionEnd,
    /// Evidence out of a page was analysed.
    Analyze,
    /// What an analysis would send was shown.
    Preview,
    /// A room of ciphertext was made, opened or revoked.
    Share,
    /// Quarantine was read, or an entry of it let out, dropped or run again.
    Quarantine,
    /// What a tenant sends was watched as it came.
    Tap,
}

impl Action {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Repro => "repro",
            Self::Reveal => "reveal",
            Self::Export => "export",
            Self::Redact => "redact",
            Self::Ingest => "ingest",
            Self::Erase => "erase",
            Self::TenantAdd => "tenant_add",
            Self::AuditRead => "audit_read",
            Self::SchemaApprove => "schema_approve",
            Self::Canary => "canary",
            Self::Known => "known",
            Self::Crash => "crash",
            Self::Symbols => "symbols",
            Self::GrantAdd => "grant_add",
            Self::GrantRemove => "grant_remove",
            Self::Across => "across",
            Self::SessionOpen => "session_open",
            Self::SessionEnd => "session_end",
            Self::Analyze => "analyze",
            Self::Preview => "preview",
            Self::Share => "share",
            Self::Quarantine => "quarantine",
            Self::Tap => "tap",
        }
    }
}

/// A text that cannot be an evidence id.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("accept evidence id: expected 1 to {EVIDENCE_ID_BYTES_MAX} of letters, digits and '._:-'")]
pub struct EvidenceIdError;

/// Identifier of a piece of evidence: short and of few letters, so that no text hides in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EvidenceId(String);

impl EvidenceId {
    /// Accepts 1 to 80 ASCII letters, digits, `.`, `_`, `:`, `-`.
    pub fn parse(text: &str) -> Result<Self, EvidenceIdError> {
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
        let fits = (1..=EVIDENCE_ID_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EvidenceIdError)
        }
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One entry to be written. There is no place in it for a question or an answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When, seconds since the Unix epoch.
    pub time_unix_s: u64,
    /// Who.
    pub actor: Operator,
    /// Of whom, where it concerns one tenant.
    pub tenant: Option<TenantId>,
    /// What.
    pub action: Action,
    /// Stable reason code of the decision, such as `allowed` or `grant_expired`.
    pub decision: &'static str,
    /// Which class, where data was concerned.
    pub class: Option<ExposedClass>,
    /// Bytes charged.
    pub amount_bytes: u64,
    /// What the content rests on.
    pub evidence: Vec<EvidenceId>,
    /// SHA-256 of the content.
    pub digest: Option<ContentDigest>,
}

/// How a reserved release ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When, seconds since the Unix epoch.
    pub time_unix_s: u64,
    /// Stable reason code, such as `answered` or `budget_excerpts_dropped`.
    pub decision: &'static str,
    /// What the content rests on.
    pub evidence: Vec<EvidenceId>,
    /// SHA-256 of the content.
    pub digest: ContentDigest,
}

/// An entry as read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number, from one.
    pub seq: u64,
    /// When, seconds since the Unix epoch.
    pub time_unix_s: u64,
    /// Who.
    pub actor: String,
    /// Of whom.
    pub tenant: Option<String>,
    /// What.
    pub action: String,
    /// Reason code.
    pub decision: String,
    /// Class letter.
    pub class: Option<String>,
    /// Bytes charged.
    pub amount_bytes: u64,
    /// Evidence ids.
    pub evidence: Vec<String>,
    /// SHA-256 of the content, hex.
    pub digest: Option<String>,
    /// Number of the entry that reserved what this one settles.
    pub(crate) settles: Option<u64>,
    /// Whether the entry is of a build that says what it settles.
    pub(crate) says_settles: bool,
}

/// The stored form, which the tree hashes; `settles` is the number of the entry that reserved.
pub(crate) fn encode(seq: u64, entry: &Entry, settles: Option<u64>) -> String {
    let evidence: Vec<&str> = entry.evidence.iter().map(EvidenceId::as_str).collect();
    json!({
        "v": 1,
        "seq": seq,
        "time": entry.time_unix_s,
        "actor": entry.actor.as_str(),
        "tenant": entry.tenant.as_ref().map(TenantId::as_str),
        "action": entry.action.as_str(),
        "decision": entry.decision,
        "class": entry.class.map(ExposedClass::as_str),
        "amount": entry.amount_bytes,
        "evidence": evidence,
        "digest": entry.digest.map(|digest| HEXLOWER.encode(&digest)),
        "settles": settles,
    })
    .to_string()
}

/// Reads the stored form; none when it is not in that form.
pub(crate) fn decode(body: &str) -> Option<Recorded> {
    let json: Value = serde_json::from_str(body).ok()?;
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| json.get(key).and_then(Value::as_u64);
    let evidence = json.get("evidence")?.as_array()?;
    Some(Recorded {
        seq: number("seq")?,
        time_unix_s: number("time")?,
        actor: text("actor")?,
        tenant: text("tenant"),
        action: text("action")?,
        decision: text("decision")?,
        class: text("class"),
        amount_bytes: number("amount")?,
        evidence: evidence
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        digest: text("digest"),
        settles: number("settles"),
        says_settles: json.get("settles").is_some(),
    })
}
