//! What a tenant wants removed beyond what everybody wants removed.

use std::collections::BTreeSet;

/// A word of the tenant's own dictionary.
#[derive(Clone, Debug)]
pub struct Term {
    /// The word as it stands in telemetry: a service name, a customer id, a database field.
    pub text: String,
    /// Its kind: lower-case letters; the first part of its pseudonyms.
    pub kind: &'static str,
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
    /// The tenant's dictionary, found as whole words, ASCII case ignored.
    pub dictionary: Vec<Term>,
    /// Values that must never arrive: one of them quarantines its whole batch.
    pub canaries: Vec<String>,
    /// `PseudonymMac` tags, kind `"known"`, of secrets that are known to be live.
    pub known: BTreeSet<[u8; 32]>,
    /// Names of fields whose own name gives no verdict: they are scanned as free text.
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
            dictionary: Vec::new(),
            canaries: Vec::new(),
            known: BTreeSet::new(),
            allow: BTreeSet::new(),
        }
    }
}
