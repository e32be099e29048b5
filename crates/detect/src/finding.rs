//! What a scan says: rule, class, kind and place, never the text itself.

use std::cell::Cell;
use std::fmt;

use cordon_event::Class;

use crate::Coding;

/// What kind of thing was found, which decides how it is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// A secret, or an encoded run that hides something: removed, not replaced by a pseudonym.
    /// The run's own [`Finding::coding`] tells how to look for it within.
    Secret,
    /// E-mail address.
    Email,
    /// Payment card number.
    Card,
    /// Telephone number.
    Phone,
    /// International bank account number.
    Iban,
    /// IPv4 or IPv6 address.
    Ip,
    /// Hardware address.
    Mac,
    /// Login or user identifier.
    User,
    /// Person's name.
    Person,
    /// National identifier such as a US social security number.
    National,
    /// Account or customer number.
    Account,
    /// Session identifier.
    Session,
    /// Postal address.
    Address,
    /// Name of a place.
    Place,
    /// Name of an organisation.
    Organisation,
    /// Date of birth.
    Birth,
    /// Coordinates of a place.
    Location,
    /// Vehicle: identification number or number plate.
    Vehicle,
    /// Device: IMEI, SIM card, subscriber.
    Device,
    /// Host name.
    Host,
    /// File path.
    Path,
    /// A kind of the tenant's own dictionary.
    Custom(&'static str),
}

impl TokenKind {
    /// Stable lower-case name: the first part of a pseudonym and the MAC's key name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Email => "email",
            Self::Card => "card",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::User => "user",
            Self::Person => "person",
            Self::National => "national",
            Self::Account => "account",
            Self::Session => "session",
            Self::Address => "address",
            Self::Place => "place",
            Self::Organisation => "organisation",
            Self::Birth => "birth",
            Self::Location => "location",
            Self::Vehicle => "vehicle",
            Self::Device => "device",
            Self::Host => "host",
            Self::Path => "path",
            Self::Custom(name) => name,
        }
    }

    /// Every built-in kind that is replaced by a pseudonym.
    pub const REPLACEABLE: [Self; 20] = [
        Self::Email,
        Self::Card,
        Self::Phone,
        Self::Iban,
        Self::Ip,
        Self::Mac,
        Self::User,
        Self::Person,
        Self::National,
        Self::Account,
        Self::Session,
        Self::Address,
        Self::Place,
        Self::Organisation,
        Self::Birth,
        Self::Location,
        Self::Vehicle,
        Self::Device,
        Self::Host,
        Self::Path,
    ];
}

/// One place in a text that must not stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule id, such as `github_pat` or `key.password`.
    pub rule: &'static str,
    /// Class of what was found.
    pub class: Class,
    /// How it is replaced.
    pub kind: TokenKind,
    /// First byte, on a character boundary.
    pub start: usize,
    /// One past the last byte, on a character boundary.
    pub end: usize,
    /// Of an encoded run that hides something: how it is encoded. What hides in it can be replaced
    /// within, see [`Coding`].
    pub coding: Option<Coding>,
}

impl Finding {
    /// A class A finding.
    pub(crate) const fn secret(rule: &'static str, start: usize, end: usize) -> Self {
        Self {
            rule,
            class: Class::A,
            kind: TokenKind::Secret,
            start,
            end,
            coding: None,
        }
    }

    /// A class B finding.
    pub(crate) const fn personal(
        rule: &'static str,
        kind: TokenKind,
        start: usize,
        end: usize,
    ) -> Self {
        Self {
            rule,
            class: Class::B,
            kind,
            start,
            end,
            coding: None,
        }
    }

    /// An encoded run in which something of that class hides.
    pub(crate) const fn encoded(
        class: Class,
        coding: Option<Coding>,
        start: usize,
        end: usize,
    ) -> Self {
        let rule = match class {
            Class::A => "encoded.secret",
            _ => "encoded.personal",
        };
        Self {
            rule,
            class,
            kind: TokenKind::Secret,
            start,
            end,
            coding,
        }
    }
}

/// What is known about a text from where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Name of the field that holds the text, if any.
    pub key: Option<&'a str>,
    /// Identifiers of the event itself.
    pub safe: Option<&'a OwnIds>,
}

/// Identifiers of an event itself (trace, span, request, commit): they survive. Remembers whether
/// one of them did, so that what was judged is known to depend on them.
#[derive(Default)]
pub struct OwnIds {
    ids: Vec<String>,
    /// How often one survived.
    times: Cell<usize>,
    /// The place of the first of those that did.
    first: Cell<Option<usize>>,
}

impl OwnIds {
    /// These; the order is the caller's.
    pub fn new(ids: Vec<String>) -> Self {
        Self {
            ids,
            ..Self::default()
        }
    }

    /// Whether the value is one of them, which then survives.
    pub(crate) fn has(&self, value: &str) -> bool {
        let found = self.ids.iter().position(|id| id == value);
        if let Some(found) = found {
            let first = self.first.get().map_or(found, |known| known.min(found));
            self.first.set(Some(first));
            self.times.set(self.times.get() + 1);
        }
        found.is_some()
    }

    /// How often one of them survived.
    pub fn times(&self) -> usize {
        self.times.get()
    }

    /// The place of the first of those that survived since this was asked last.
    pub fn take_first(&self) -> Option<usize> {
        self.first.take()
    }
}

impl fmt::Debug for OwnIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnIds").finish_non_exhaustive()
    }
}
