//! Why an engine is refused. A policy is configuration, so its errors name what they mean.

use cordon_redact::PolicyError;
use thiserror::Error;

use crate::KEY_BYTES;

/// An engine cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The key has another length.
    #[error("take the key: it is not of {KEY_BYTES} bytes")]
    Key,
    /// The policy is not JSON. Line and column, from 1, and nothing of the text.
    #[error("read policy at line {line}, column {column}: not JSON")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A key that no policy has.
    #[error("read policy: unknown key `{key}`; known are {known}")]
    Unknown {
        /// The key.
        key: String,
        /// The keys that there are.
        known: String,
    },
    /// A value of another type, or none of those that there are.
    #[error("read policy: `{key}` is not {wanted}")]
    Value {
        /// The key.
        key: String,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A request is not JSON, or not of the form that its function takes.
    #[error("read request: {0}")]
    Request(&'static str),
    /// What was given is no pack of names.
    #[error("load names: this is no pack of names")]
    Pack,
    /// The call does not fit what was called before: a piece without a source.
    #[error("follow the call: something else has to be begun or ended first")]
    Turn,
    /// A room or a source is full.
    #[error("take more: {0}")]
    Full(&'static str),
    /// A pack of rules. The reason is the pack's own.
    #[error("read policy: {0}")]
    Rules(String),
    /// The policy cannot be held.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Error {
    /// A stable code, for a host that acts on it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Json { .. } => "policy_json",
            Self::Unknown { .. } => "policy_key",
            Self::Value { .. } => "policy_value",
            Self::Request(_) => "request",
            Self::Pack => "names_pack",
            Self::Turn => "out_of_turn",
            Self::Full(_) => "full",
            Self::Rules(_) => "policy_rules",
            Self::Policy(_) => "policy",
        }
    }
}
