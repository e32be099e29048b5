//! What a rule is, once read.

use cordon_event::Class;

use super::check::Checksum;
use super::pattern::Pattern;
use crate::TokenKind;

/// Where a rule is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At one of these literals, which begin the token.
    Prefix(Vec<String>),
    /// At a run of the pattern's alphabet that one of these words stands before.
    Near(Vec<String>),
    /// At a run of the pattern's alphabet that holds one of these literals.
    Within(Vec<String>),
    /// At a run behind what this pattern matches, which ends with a sign and belongs to the token.
    Behind(String),
}

/// How far a rule has been let.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Counted, changes nothing.
    Shadow,
    /// Acts on this share of the tokens, in percent: always the same ones.
    Canary(u8),
    /// Acts.
    Enforce,
}

impl Stage {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Canary(_) => "canary",
            Self::Enforce => "enforce",
        }
    }
}

/// What a token with a broken checksum is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Not a token of this issuer.
    Refuse,
    /// A token all the same where it looks random: cut, mistyped, made up in the issuer's form.
    Doubt,
}

/// How sure it is that a token is what its rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Score {
    /// Its checksum is broken.
    Doubtful,
    /// Its form is right, and it has no checksum.
    Likely,
    /// Its checksum is right.
    Certain,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable id: a receipt names it.
    pub id: &'static str,
    /// Version of the rule, from 1.
    pub version: u32,
    /// Class of what it finds.
    pub class: Class,
    /// How what it finds is replaced.
    pub kind: TokenKind,
    /// Who issues what it finds.
    pub provider: String,
    /// What it finds, in one line.
    pub description: String,
    /// Where it is asked.
    pub anchor: Anchor,
    /// What stands there: behind the prefix, or the whole run.
    pub pattern: Pattern,
    /// Checksum of the token, and what a broken one says.
    pub checksum: Option<(Checksum, Broken)>,
    /// Least entropy of what stands behind the prefix, in bits per byte.
    pub entropy_min: f64,
    /// Whether what stands behind the prefix must hold a digit.
    pub digit: bool,
    /// How far it has been let.
    pub stage: Stage,
    /// Pack that it comes from.
    pub pack: &'static str,
    /// Whether that pack is built in.
    pub builtin: bool,
    /// What it must find, what it must not, and tokens with a broken checksum: templates.
    pub cases: Cases,
}

/// Templates of a rule's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cases {
    /// Texts that hold a token.
    pub positives: Vec<String>,
    /// Texts that hold what is no token of this rule.
    pub near_misses: Vec<String>,
    /// Tokens whose checksum is broken.
    pub broken: Vec<String>,
}

impl Rule {
    /// What it finds, in words.
    pub fn words(&self) -> String {
        let pattern = self.pattern.words();
        let listed = |words: &[String]| {
            let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            quoted.join(", ")
        };
        let mut out = match &self.anchor {
            Anchor::Prefix(prefixes) => {
                format!("begins with {}; then {pattern}", listed(prefixes))
            }
            Anchor::Behind(head) => format!("`{head}`; then {pattern}"),
            Anchor::Within(marks) => {
                format!("{pattern}, standing alone, with {} in it", listed(marks))
            }
            Anchor::Near(words) => {
                let named = listed(words);
                format!("{pattern}, standing alone, with {named} in the 64 bytes before")
            }
        };
        if matches!(self.anchor, Anchor::Near(_)) && self.class == Class::A {
            out.push_str(" and a word for a credential");
        }
        if self.digit {
            out.push_str("; with a digit");
        }
        out
    }

    /// Stable name of what is done with a finding.
    pub fn action(&self) -> &'static str {
        if self.kind == TokenKind::Secret {
            "remove"
        } else {
            "pseudonym"
        }
    }
}
