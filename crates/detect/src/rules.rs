//! Rules as data: packs are read, checked and asked.
//!
//! The way of a token: two bytes at a place where one may begin are looked up in a set; a trie
//! walks the prefixes that begin there; the rule's pattern is matched anchored behind the prefix,
//! on no more than its own maximum; then its checksum, or where it has none its entropy, decides.
//! A token without a prefix is a run whose length and alphabet some rule has, with the issuer's
//! name before it (`near`), or one behind a sign that is part of the token (`behind`).
//!
//! **Architecture invariant:** what a place without a candidate costs does not depend on the number
//! of rules.
//!
//! *Limits:* [`RULES_COUNT_MAX`] rules in a set, [`TOKEN_BYTES_MAX`] bytes of a token; matching is
//! linear in the window that a rule's own maximum gives.

mod behind;
mod case;
mod check;
mod count;
mod error;
mod find;
mod hash;
mod import;
mod intern;
mod labelled;
mod model;
mod near;
mod open;
mod pattern;
mod read;
mod sample;
mod trie;
mod unknown;
mod verify;
mod words;
mod wrap;

use std::sync::{Arc, LazyLock};

use behind::Behind;
use near::Near;
use trie::Trie;

pub use case::Expanded;
pub use check::Checksum;
pub use count::RuleCounts;
pub use error::{Fault, RuleError};
pub use find::aws_secret_near;
pub(crate) use find::random;
pub use import::{Foreign, import};
pub use intern::RULE_IDS_COUNT_MAX;
pub use model::{Anchor, Broken, Cases, Rule, Score, Stage};
pub(crate) use pattern::token_byte;
pub use pattern::{PATTERN_BYTES_MAX, PROGRAM_STATES_MAX, Pattern, TOKEN_BYTES_MAX};
pub use read::{NEAR_BYTES_MIN, RUN_BYTES_MIN};
pub(crate) use unknown::may_be_accused;
pub use wrap::behind_head;
pub(crate) use wrap::run_on;

/// Rules in one set.
pub const RULES_COUNT_MAX: usize = 4_096;

/// The packs that are built in.
#[cfg(any(feature = "cases", test))]
const PACKS: &[&str] = &[
    include_str!("../../../rules/ai.toml"),
    include_str!("../../../rules/ci.toml"),
    include_str!("../../../rules/cloud.toml"),
    include_str!("../../../rules/code-hosting.toml"),
    include_str!("../../../rules/crypto-keys.toml"),
    include_str!("../../../rules/databases.toml"),
    include_str!("../../../rules/identity.toml"),
    include_str!("../../../rules/messaging.toml"),
    include_str!("../../../rules/observability.toml"),
    include_str!("../../../rules/payments.toml"),
    include_str!("../../../rules/saas.toml"),
];

/// The same packs without cases and words, as `cargo xtask wasm` writes them: form feeds part them.
#[cfg(any(not(feature = "cases"), test))]
const BARE_PACKS: &str = include_str!("../data/rules.txt");

/// The packs that are built in, each with whether its rules have cases.
fn built_in() -> Vec<(&'static str, bool)> {
    #[cfg(feature = "cases")]
    let packs = PACKS.iter().map(|text| (*text, true)).collect();
    #[cfg(not(feature = "cases"))]
    let packs = bare();
    packs
}

#[cfg(any(not(feature = "cases"), test))]
fn bare() -> Vec<(&'static str, bool)> {
    let packs = BARE_PACKS.split('\u{c}');
    packs.map(|text| (text, false)).collect()
}

/// Rules that are asked together.
pub struct RuleSet {
    rules: Vec<Rule>,
    counts: Vec<count::Count>,
    trie: Trie,
    near: Near,
    behind: Behind,
}

impl RuleSet {
    /// The built-in rules: read once, shared by all.
    pub fn builtin() -> Arc<Self> {
        static BUILTIN: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
            #[expect(
                clippy::expect_used,
                reason = "the packs are part of the binary, and a test reads them"
            )]
            let set = RuleSet::read(built_in(), &[]).expect("the built-in packs hold");
            Arc::new(set)
        });
        Arc::clone(&BUILTIN)
    }

    /// The rules of these packs alone. A rule without cases does not load; whether the cases come
    /// out as they say is [`RuleSet::verify`]'s to tell.
    pub fn load(packs: &[&str]) -> Result<Self, RuleError> {
        Self::read(Vec::new(), packs)
    }

    /// The built-in rules and those of these packs.
    pub fn builtin_and(packs: &[&str]) -> Result<Self, RuleError> {
        Self::read(built_in(), packs)
    }

    /// Reads packs that are built in, each with whether its rules have cases, and added ones.
    fn read(builtin: Vec<(&str, bool)>, added: &[&str]) -> Result<Self, RuleError> {
        let mut rules: Vec<Rule> = Vec::new();
        let builtin = builtin.into_iter().map(|(text, cases)| (text, cases, true));
        let added = added.iter().map(|text| (*text, true, false));
        for (text, cases, builtin) in builtin.chain(added) {
            for mut read in read::pack(text, cases)? {
                read.rule.builtin = builtin;
                let held = rules.iter_mut().find(|rule| rule.id == read.rule.id);
                let fault = match (held, read.replaces) {
                    (Some(held), true) => {
                        *held = read.rule;
                        continue;
                    }
                    (None, false) => {
                        rules.push(read.rule);
                        continue;
                    }
                    (Some(_), false) => Fault::Twice,
                    (None, true) => Fault::Replaces,
                };
                return Err(RuleError::Rule {
                    id: read.rule.id.to_owned(),
                    line: read.line,
                    fault,
                });
            }
        }
        if rules.len() > RULES_COUNT_MAX {
            return Err(RuleError::Rules {
                max: RULES_COUNT_MAX,
            });
        }
        Ok(Self::of(rules))
    }

    fn of(rules: Vec<Rule>) -> Self {
        let prefixes = rules.iter().zip(0..).flat_map(|(rule, index)| {
            let prefixes: &[String] = match &rule.anchor {
                Anchor::Prefix(prefixes) => prefixes,
                Anchor::Near(_) | Anchor::Within(_) | Anchor::Behind(_) => &[],
            };
            prefixes.iter().map(move |prefix| (prefix.as_str(), index))
        });
        Self {
            trie: Trie::new(prefixes),
            near: Near::new(&rules),
            behind: Behind::new(&rules),
            counts: rules.iter().map(|_| count::Count::default()).collect(),
            rules,
        }
    }

    /// The rules, in the order in which they were read.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// What each rule found and cost since the set was loaded, in the order of [`RuleSet::rules`].
    pub fn counts(&self) -> impl Iterator<Item = (&Rule, RuleCounts)> {
        let counts = self.counts.iter().map(count::Count::read);
        self.rules.iter().zip(counts)
    }

    /// Token bytes (`A-Z a-z 0-9 _.:/+=-`) in a row that whatever is found is sure to begin with:
    /// [`RUN_BYTES_MIN`], or less where a loaded pack has a shorter token behind keywords.
    pub fn run_bytes_min(&self) -> usize {
        RUN_BYTES_MIN.min(self.near.min)
    }
}

#[cfg(test)]
mod tests;

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RuleSet({})", self.rules.len())
    }
}
