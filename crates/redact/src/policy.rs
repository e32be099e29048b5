//! What a tenant wants removed beyond what everybody wants removed.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use cordon_detect::rules::RuleSet;
use cordon_event::Raw;
use thiserror::Error;

use crate::{Actions, KnownSet, NameScope, Schema, Unknown};

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
    /// A text that was selected has the wrong length, or is one too many.
    #[error("compile selected texts: number {index} is beyond 1000, or not of 2 to 4096 bytes")]
    Selected {
        /// Its place, from 0.
        index: usize,
    },
    /// More words than are held.
    #[error("compile dictionary: more than 100000 words, or too large")]
    Terms,
    /// More canaries than are held.
    #[error("compile canaries: too large")]
    Canaries,
    /// Something else than its removal is asked for class A.
    #[error("set action of class_a: secrets are removed, and nothing else")]
    ClassA,
    /// An action for a kind that there is not. The name is the configuration's.
    #[error("set action of {0:?}: no such kind")]
    ActionKind(String),
    /// A pattern of the second scan; a defect of the build.
    #[error("compile second scan: pattern {0}")]
    SecondScan(&'static str),
}

/// A tenant's redaction policy. The default is right for a tenant that said nothing.
///
/// Its `Debug` says nothing: canaries and dictionaries are secrets of their tenant.
#[derive(Clone)]
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
    /// Texts that somebody selected by hand, found wherever they stand, within words too, ASCII
    /// case ignored; class B under the rule `page.term`, whatever the actions keep.
    pub selected: Vec<String>,
    /// Names of fields whose values are replaced; case and separators make no difference.
    pub fields: Vec<Term>,
    /// Values that must never arrive: one of them quarantines its whole batch.
    pub canaries: Vec<String>,
    /// Secrets that are known to be live.
    pub known: KnownSet,
    /// Names of fields whose own name gives no verdict: they are scanned as free text. A name that
    /// says secret says so all the same.
    pub allow: BTreeSet<String>,
    /// Names of fields that survive: nothing of class B is taken out of them, unless the second
    /// scan would hold it against them, and default-deny does not drop them. Class A goes all the
    /// same.
    pub survive: BTreeSet<String>,
    /// Names of attributes that are technical to the tenant: known without being in the schema.
    pub technical: BTreeSet<String>,
    /// Fields that were approved, and so classified.
    pub schema: Schema,
    /// What becomes of fields that are not in the schema, and are not technical by convention.
    pub unknown: Unknown,
    /// What becomes of a body that is free text.
    pub free_text: Unknown,
    /// What is done with class B.
    pub actions: Actions,
    /// Whether receipts hold a keyed digest of each value: one MAC for each finding.
    pub receipt_digests: bool,
    /// Rules for tokens: the built-in ones, or those and the packs of the configuration.
    pub rules: Arc<RuleSet>,
}

impl Policy {
    /// Adds a canary that was sealed.
    pub fn add_canary(&mut self, canary: &Raw<String>) {
        self.canaries.push(canary.expose_raw().clone());
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").finish_non_exhaustive()
    }
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
            selected: Vec::new(),
            fields: Vec::new(),
            canaries: Vec::new(),
            known: KnownSet::default(),
            allow: BTreeSet::new(),
            survive: BTreeSet::new(),
            technical: BTreeSet::new(),
            schema: Schema::default(),
            unknown: Unknown::Scan,
            free_text: Unknown::Scan,
            actions: Actions::default(),
            receipt_digests: false,
            rules: RuleSet::builtin(),
        }
    }
}
