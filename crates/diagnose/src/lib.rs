//! Clean telemetry becomes evidence, ranked hypotheses and a rendered answer.
//!
//! The way of the data: [`diagnose`] indexes the [`Telemetry`] (`view`), weighs every group
//! against the question (`question`), finds which failures follow from which (`cause`) and what
//! changed (`change`), runs the checks on each remaining failure (`finding`, `contrast`,
//! `stack`), ranks them (`hypothesis`) and writes the [`Diagnosis`] (`answer`). [`render`],
//! [`to_json`] and [`typed_evidence`] show it to a person, a program and a model.
//!
//! **Architecture invariant:** no model, file, socket, clock or randomness: the same telemetry in
//! any order yields the same answer, byte for byte.
//!
//! [`rates_around`] stands apart: it holds the rates of groups before a moment against those after.
//!
//! **Architecture invariant:** the question orders and gates evidence; it never makes any. Where
//! nothing that failed or changed concerns it, the verdict is [`Verdict::NotEnoughEvidence`].
//!
//! **Architecture invariant:** a sentence is static words, quotations of telemetry and
//! [`Statistic`]s; [`certify`] recomputes each number and resolves each evidence id.

mod answer;
mod cause;
mod certify;
mod change;
mod clock;
mod contrast;
mod diagnosis;
mod finding;
mod hypothesis;
pub mod incident;
mod json;
mod layout;
mod measure;
pub mod plain;
mod prompt;
mod question;
mod rates;
mod reduce;
mod render;
mod sentence;
mod stack;
mod statistic;
mod story;
mod telemetry;
mod test_of_change;
mod told;
mod view;

#[cfg(test)]
mod scenario;
#[cfg(test)]
mod tests;

pub use answer::diagnose;
pub use certify::{Breach, certify};
pub use clock::utc;
pub use diagnosis::{
    Change, ChangeKind, Check, Diagnosis, EvidenceKind, EvidenceRef, Finding, Hypothesis, NextStep,
    Reason, StackExplanation, StepKind, Subject, Theme, TimelineEntry, Verdict,
};
pub use json::{SCHEMA, VERSION, to_json};
pub use prompt::{PROMPT_BYTES_MAX, reads_like_instruction, typed_evidence};
pub use rates::{
    Counts, Exposure, RATE_EVENTS_MIN, RATE_FACTOR_MIN, RateAround, Turn, rates_around,
};
pub use reduce::Detail;
pub use render::render;
pub use sentence::{EXCERPT_CHARS_MAX, Part, Sentence, excerpt, printable};
pub use statistic::{Measure, Quantity, Scope, Statistic};
pub use telemetry::{Exemplar, GroupKind, GroupStat, Telemetry, ToldChange, Window};
pub use told::{change_text, value_text};
