//! What a tenant wants removed beyond what everybody wants removed.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::NameScope;

/// A word of the tenant's own dictionary.
#[derive(Clone, Debug)]
pub struct Term {
    /// The word as it stands in telemetry: a service name, a customer id, a database field. 2 to
    /// 256 bytes.
    pub text: String,
    /// Its kind: 1 to 16 lower-case letters; the first part of its pseudonyms.
    pub kind: &'static str,
}

/// A policy cannot be held. Says where, never what: a dictionary is a secret of its tenant.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// A word has the wrong length.
    #[error("compile dictionary: word {index} is not of 2 to 256 bytes")]
    Term {
        /// Its place, from 0, words before fields.
        index: usize,
    },
    /// A kind is not a name.
    #[error("compile dictionary: the kind of word {index} is not of 1 to 16 letters a-z")]
    Kind {
        /// Its place, from 0, words before fields.
        index: usize,
    },
    /// More words than are held.
    #[error("compile dictionary: more than 100000 words, or too large")]
    Terms,
    /// A pattern of the second scan; a defect of the build.
    #[error("compile second scan: pattern {0}")]
    SecondScan(&'static str),
}

/// A tenant's redaction policy. The default is right for a tenant that said nothing.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each a line of the configuration"
)]
pub struct Policy {
    /// Replace IP addresses.
    pub ip: bool,
    /// Replace hardware addresses.
    pub mac: bool,
    /// Replace user names in home directories.
    pub home: bool,
    /// Replace host names (values of `host.name`, `server.address` and their like).
    pub hosts: bool,
    /// Replace file paths under keys that hold one.
    pub paths: bool,
    /// Which texts are searched for names of persons and for addresses.
    pub names: NameScope,
    /// Replace names of places that are found in them.
    pub places: bool,
    /// Replace names of organisations that are found in them.
    pub organisations: bool,
    /// Names of further fields whose values are searched for names.
    pub name_fields: BTreeSet<String>,
    /// The tenant's dictionary, found as whole words, ASCII case ignored.
    pub dictionary: Vec<Term>,
    /// Names of fields whose values are replaced; case and separators make no difference.
    pub fields: Vec<Term>,
    /// Values that must never arrive: one of them quarantines its whole batch.
    pub canaries: Vec<String>,
    /// `PseudonymMac` tags, kind `"known"`, of secrets that are known to be live.
    pub known: BTreeSet<[u8; 32]>,
    /// Names of fields whose own name gives no verdict: they are scanned as free text. A name that
    /// says secret says so all the same.
    pub allow: BTreeSet<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            ip: true,
            mac: true,
            home: true,
            hosts: false,
            paths: false,
            names: NameScope::default(),
            places: false,
            organisations: false,
            name_fields: BTreeSet::new(),
            dictionary: Vec::new(),
            fields: Vec::new(),
            canaries: Vec::new(),
            known: BTreeSet::new(),
            allow: BTreeSet::new(),
        }
    }
}
