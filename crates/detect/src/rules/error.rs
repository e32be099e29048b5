//! Why a pack or a rule is refused. A pack is configuration, so its errors quote it.

use thiserror::Error;

/// A pack cannot be held.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleError {
    /// Not TOML. The reason shows the line with a caret.
    #[error("parse pack at line {line}: {reason}")]
    Syntax {
        /// Line of the pack, from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// One rule, or the pack's own head, is wrong.
    #[error("read rule {id} at line {line}: {fault}")]
    Rule {
        /// The rule's id, or its place where it has none; `(pack)` for the head.
        id: String,
        /// Line of the pack, from 1; 0 where the rule does not come from a text.
        line: usize,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A case does not come out as it says.
    #[error("hold rule {id} to its cases: {kind} {index}: {fault}")]
    Case {
        /// The rule's id.
        id: String,
        /// `positive`, `near miss` or `broken`.
        kind: &'static str,
        /// Its place in the list, from 1.
        index: usize,
        /// What came out instead.
        fault: Fault,
    },
    /// More rules than are held.
    #[error("read packs: more than {max} rules")]
    Rules {
        /// The limit.
        max: usize,
    },
}

/// What is wrong with a rule.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A key that every rule has is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A key that no rule has.
    #[error("unknown key `{key}`; known are {known}")]
    Unknown {
        /// The key.
        key: String,
        /// The keys that there are.
        known: String,
    },
    /// A value of the wrong type.
    #[error("`{key}` is not {expected}")]
    Type {
        /// The key.
        key: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A value that is not one of those that there are.
    #[error("`{key}` is `{value}`; known are {known}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// The values that there are.
        known: String,
    },
    /// An id that cannot stand in a marker.
    #[error("the id is not of 1 to 48 characters a-z, 0-9, `_` and `.`")]
    Id,
    /// An id twice.
    #[error("a rule of that id was read before; `replaces = true` takes its place")]
    Twice,
    /// An id that takes the place of none.
    #[error("`replaces` is said, and no rule of that id was read before")]
    Replaces,
    /// The process holds no more ids.
    #[error("more than {max} ids of rules in one process")]
    Ids {
        /// The limit.
        max: usize,
    },
    /// A literal that no token could be told by.
    #[error("`within`: `{0}` is not 3 to 32 of A-Z, a-z, 0-9 and `_.:/+=-`")]
    Mark(String),
    /// Neither prefix nor keywords, or both.
    #[error("give one of `prefix`, `keywords`, `within` and `head`")]
    Anchor,
    /// A prefix with a byte that breaks a run, or too short, or too long.
    #[error(
        "prefix `{0}` is not of 2 to 64 characters A-Z, a-z, 0-9, `_.:/+=-`, \
        a letter or digit first"
    )]
    Prefix(String),
    /// A keyword that would be found everywhere.
    #[error("keyword `{0}` is not of 2 to 32 characters a-z, 0-9, `_`, `-`, `.` and blank")]
    Keyword(String),
    /// The shortest token begins with fewer token bytes than are looked for.
    #[error(
        "the shortest token is sure to begin with {have} characters A-Z, a-z, 0-9, `_.:/+=-` \
        in a row; a rule needs {need}"
    )]
    Run {
        /// Bytes it is sure to have.
        have: usize,
        /// Bytes it needs.
        need: usize,
    },
    /// A pattern without an end.
    #[error("the pattern is unbounded; give every repetition a maximum")]
    Unbounded,
    /// A pattern that reaches too far.
    #[error("the longest token is of {have} bytes; at most {max}")]
    Long {
        /// Bytes it may have.
        have: usize,
        /// The limit.
        max: usize,
    },
    /// A pattern that asks for what is around it.
    #[error(
        "the pattern looks around (`\\b`, `^`, `$`); tokens are bounded by the engine, leave it out"
    )]
    Look,
    /// A pattern that the engine does not hold: no look-around, no back-references.
    #[error("the pattern is not held: {0}")]
    Pattern(String),
    /// A pattern that compiles to too much.
    #[error("the pattern compiles to more than {max} states")]
    Size {
        /// The limit.
        max: usize,
    },
    /// A text that is too long.
    #[error("`{key}` is longer than {max} bytes")]
    TooLong {
        /// The key.
        key: &'static str,
        /// The limit.
        max: usize,
    },
    /// Too few cases.
    #[error("{have} {kind}; a rule has at least {need}")]
    Cases {
        /// Which kind.
        kind: &'static str,
        /// How many there are.
        have: usize,
        /// How many it needs.
        need: usize,
    },
    /// A template of a case that cannot be expanded.
    #[error("the template `{template}` has {reason}")]
    Template {
        /// The template.
        template: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A positive case was not found.
    #[error("it is not found")]
    NotFound,
    /// A positive case was found elsewhere.
    #[error("{start}..{end} is found; {want_start}..{want_end} is the token")]
    Elsewhere {
        /// Where the finding begins.
        start: usize,
        /// Where it ends.
        end: usize,
        /// Where the token begins.
        want_start: usize,
        /// Where it ends.
        want_end: usize,
    },
    /// A positive case was found by another rule.
    #[error("rule {0} takes it")]
    Other(&'static str),
    /// A near miss, or a token with a broken checksum, was found, or held for certain.
    #[error("it is found")]
    Found,
}
