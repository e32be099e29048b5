//! What the engine hands out: an answer in which every statement has its evidence.

use cordon_fingerprint::Frame;

use crate::reduce::Detail;
use crate::sentence::Sentence;
use crate::telemetry::{GroupKind, Window};

/// Whether there is an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// There is.
    Answered,
    /// There is none that the evidence carries.
    NotEnoughEvidence {
        /// Stable reason code.
        reason: Reason,
        /// The reason in words.
        why: Sentence,
        /// What would have to be there.
        needed: Vec<Sentence>,
    },
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing was recorded in the window.
    NoTelemetry,
    /// Nothing failed or changed in the window.
    NothingFailed,
    /// What failed or changed has nothing to do with the question.
    NothingRelevant,
}

impl Reason {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoTelemetry => "no_telemetry",
            Self::NothingFailed => "nothing_failed",
            Self::NothingRelevant => "nothing_relevant",
        }
    }
}

/// The check that a finding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// First seen within the window.
    FirstSeen,
    /// Its share of the events changed.
    RateChange,
    /// Its events came in one hour.
    Burst,
    /// It appeared with a release.
    Release,
    /// Its stack names the place.
    Stack,
    /// It violates a recorded expectation.
    Expectation,
    /// It is the deepest failure of its traces.
    Propagation,
    /// Failing events share an attribute that others lack.
    Attribute,
    /// Failing calls share a property of an argument that others lack.
    Argument,
    /// Time spent in itself.
    SelfTime,
    /// The call was recorded.
    Call,
    /// Something to compare with.
    Baseline,
}

impl Check {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstSeen => "first_seen",
            Self::RateChange => "rate_change",
            Self::Burst => "burst",
            Self::Release => "release",
            Self::Stack => "stack",
            Self::Expectation => "expectation",
            Self::Propagation => "propagation",
            Self::Attribute => "attribute",
            Self::Argument => "argument",
            Self::SelfTime => "self_time",
            Self::Call => "call",
            Self::Baseline => "baseline",
        }
    }
}

/// One result of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The check.
    pub check: Check,
    /// How much it says, 0 to 1.
    pub strength: f64,
    /// What it says.
    pub sentence: Sentence,
}

/// Where a failure would lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Service.
    pub service: String,
    /// Function, qualified as recorded.
    pub function: Option<String>,
    /// File and line, as recorded.
    pub location: Option<String>,
    /// Type of the exception.
    pub exception_type: Option<String>,
    /// Expectation that did not hold.
    pub expectation: Option<String>,
    /// Group.
    pub group_id: String,
}

/// A possible failure point with what speaks for and against it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Where.
    pub subject: Subject,
    /// In a few words.
    pub title: String,
    /// How well the evidence carries it, 0 to 1.
    pub score: f64,
    /// Findings that speak for it, strongest first.
    pub supporting: Vec<Finding>,
    /// Findings that speak against it.
    pub contradicting: Vec<Finding>,
    /// What could not be checked.
    pub missing: Vec<Finding>,
    /// What would not have happened without it.
    pub counterfactual: Sentence,
    /// Groups that follow from it.
    pub follow_ups: Vec<String>,
}

impl Hypothesis {
    /// The score in a word.
    pub const fn confidence(&self) -> &'static str {
        if self.score >= 0.75 {
            "high"
        } else if self.score >= 0.5 {
            "medium"
        } else {
            "low"
        }
    }
}

/// Groups of failing events that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// In a few words.
    pub title: String,
    /// Service of the first group.
    pub service: String,
    /// Groups, the one that the others follow from first.
    pub group_ids: Vec<String>,
    /// Whether the question asks about it.
    pub relevant: bool,
    /// How much there is of it.
    pub sentence: Sentence,
}

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A deploy, a flag or another change that was told.
    Told,
    /// A release that the baseline does not know.
    Release,
    /// A failure first seen in the window.
    NewFailure,
    /// Another template first seen in the window.
    NewTemplate,
    /// More of it.
    RateUp,
    /// Less of it.
    RateDown,
    /// None of it any more.
    Vanished,
    /// It takes longer.
    Slower,
}

impl ChangeKind {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Release => "release",
            Self::NewFailure => "new_failure",
            Self::NewTemplate => "new_template",
            Self::RateUp => "rate_up",
            Self::RateDown => "rate_down",
            Self::Vanished => "vanished",
            Self::Slower => "slower",
        }
    }
}

/// A difference between window and baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// Service it concerns.
    pub service: String,
    /// Group it concerns, where it is one.
    pub group_id: Option<String>,
    /// The change in words.
    pub sentence: Sentence,
}

/// A stack in plain sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct StackExplanation {
    /// Group whose stack it is.
    pub group_id: String,
    /// Event whose stack it is.
    pub evidence_id: String,
    /// What raised, where, through which frames, with which arguments, and what caused it.
    pub sentences: Vec<Sentence>,
    /// Frames, the one that raised first.
    pub frames: Vec<Frame>,
    /// Arguments of the recorded call as (name, JSON).
    pub arguments: Vec<(String, String)>,
}

/// A moment of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// When, nanoseconds since the Unix epoch.
    pub time_unix_ns: u64,
    /// What happened.
    pub sentence: Sentence,
}

/// What kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Make it stop.
    Mitigate,
    /// Write the failing test.
    Reproduce,
    /// Read the code.
    Inspect,
    /// Record what is missing.
    Record,
    /// Ask otherwise.
    Ask,
}

impl StepKind {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mitigate => "mitigate",
            Self::Reproduce => "reproduce",
            Self::Inspect => "inspect",
            Self::Record => "record",
            Self::Ask => "ask",
        }
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub struct NextStep {
    /// What kind.
    pub kind: StepKind,
    /// The step in words.
    pub sentence: Sentence,
    /// Command that does it.
    pub command: Option<String>,
}

/// What an evidence id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// Counts of a group.
    Group,
    /// A stored event.
    Event,
    /// A change that was told.
    Change,
}

impl EvidenceKind {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Event => "event",
            Self::Change => "change",
        }
    }
}

/// A piece of evidence that the answer cites.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceRef {
    /// Event id or group id.
    pub id: String,
    /// Which of the two.
    pub kind: EvidenceKind,
    /// Group it is or belongs to.
    pub group_id: String,
    /// What the group stands for.
    pub group_kind: GroupKind,
    /// Service.
    pub service: String,
    /// When, nanoseconds since the Unix epoch; of a group, when it was first seen.
    pub time_unix_ns: u64,
    /// Events in the window; of an event, 1.
    pub count_window: u64,
    /// Events in the baseline; of an event, 0.
    pub count_baseline: u64,
    /// What it says, at most [`crate::EXCERPT_CHARS_MAX`] characters; empty once dropped.
    pub excerpt: String,
    /// How much the answer would lose without it, 0 to 1.
    pub utility: f64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The question.
    pub question: String,
    /// Time it is about.
    pub window: Window,
    /// Time compared with.
    pub baseline: Window,
    /// Whether there is an answer.
    pub verdict: Verdict,
    /// The answer in short.
    pub summary: Vec<Sentence>,
    /// Failing events in groups that belong together.
    pub themes: Vec<Theme>,
    /// Possible failure points, best first.
    pub hypotheses: Vec<Hypothesis>,
    /// What changed against the baseline.
    pub changes: Vec<Change>,
    /// The best hypothesis's stack.
    pub stack: Option<StackExplanation>,
    /// The story in time.
    pub timeline: Vec<TimelineEntry>,
    /// What to do next.
    pub next_steps: Vec<NextStep>,
    /// How much of it this is.
    pub detail: Detail,
    /// Groups that were left out because too few subjects stand behind them.
    pub groups_left_out: u64,
    /// Everything cited, most useful first.
    pub evidence: Vec<EvidenceRef>,
}
