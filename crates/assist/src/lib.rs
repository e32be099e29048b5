//! Ask: gates, evidence, prompt, model client, answer gate.
//!
//! The way of a question: it is redacted; the grant is checked; the store's groups and exemplars
//! of the window are weighed by retrieval ([`gather`]); the engine makes the answer; the degrade
//! ladder picks what the budget pays for; the intent is durable in the audit log; the answer is
//! released. Where a model is configured it is sent typed evidence ([`prompt`]), and what it says
//! passes the output gate and is held against that evidence ([`claims`]) before a byte is shown.
//! Evidence out of a page goes the same way, as a source beside the store ([`Ask::analyze`]).
//!
//! **Architecture invariant:** the model-free answer needs no model and is always given first; a
//! model adds claims to it or adds nothing.

mod analysis;
mod ask;
pub mod claims;
mod error;
mod gate;
mod gather;
mod generalise;
pub mod model;
mod pasted;
mod prompt;
mod told;
mod window;

pub use cordon_diagnose::{change_text, printable, utc, value_text};

pub use analysis::{ANALYSIS_IDS_COUNT, Analysis, Analyzed, Bytes, Preview, Receipt};
pub use ask::{Alarm, Answered, Ask, Emit, Form, Question, Summary};
pub use error::Error;
pub use gather::{Showable, gather};
pub use generalise::generalise;
pub use pasted::{
    COMPONENT_CHARS_MAX, EVIDENCE_CHARS_MAX, EXCERPT_CHARS_MAX, FRAMES_COUNT_MAX, ITEMS_COUNT_MAX,
    NotEvidence, Pasted, PastedKind, Removed, fit_together,
};
pub use prompt::{PROMPT_TOKENS_MAX, Prompt, QUESTION_CHARS_MAX, SYSTEM, build as build_prompt};
pub use window::{DEFAULT_HOURS, HOURS_MAX, ending_at, of_question};
