//! One thing that a check saw, with its numbers.

/// Most pieces of evidence that one check gives for one service.
pub(crate) const EACH_COUNT_MAX: usize = 4;

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Time a service spends itself.
    SelfTime,
    /// Time a service waits for a dependency that records no spans.
    Dependency,
    /// Time lost between caller and callee.
    EdgeGap,
    /// Where errors begin.
    ErrorOrigin,
    /// Calls that nobody answers.
    Unreachable,
    /// What an operation does in its course.
    Flow,
    /// Messages that were not there before.
    NewMessage,
    /// Messages of which there are more or fewer.
    MessageRate,
    /// An exception.
    Exception,
    /// Processor, memory, disk, network, threads.
    Resource,
    /// Other metrics of a service.
    Metric,
    /// Replicas that began or went away.
    Restart,
    /// A service that says nothing any more.
    Silence,
    /// A deploy, a flag, a configuration, a version first seen.
    Change,
    /// What failing requests have in common.
    Attribute,
    /// Where in the code it fails.
    SuspectFrame,
    /// Which commit touched that place.
    SuspectCommit,
}

impl Check {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfTime => "self_time",
            Self::Dependency => "dependency_time",
            Self::EdgeGap => "edge_gap",
            Self::ErrorOrigin => "error_origin",
            Self::Unreachable => "unreachable",
            Self::Flow => "flow",
            Self::NewMessage => "new_message",
            Self::MessageRate => "message_rate",
            Self::Exception => "exception",
            Self::Resource => "resource",
            Self::Metric => "metric",
            Self::Restart => "restart",
            Self::Silence => "silence",
            Self::Change => "change",
            Self::Attribute => "attribute",
            Self::SuspectFrame => "suspect_frame",
            Self::SuspectCommit => "suspect_commit",
        }
    }
}

/// Unit of a piece of evidence's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A count.
    #[default]
    Count,
    /// Share of those looked at, 0 to 1.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// Whatever the metric is in.
    Value,
    /// Times for each request.
    Times,
}

impl Unit {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share",
            Self::Milliseconds => "ms",
            Self::Value => "value",
            Self::Times => "per_request",
        }
    }
}

/// What was measured in the two windows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// In the baseline: median, share or count.
    pub before: f64,
    /// In the incident.
    pub now: f64,
    /// 95th percentile in the baseline, of a distribution.
    pub tail_before: f64,
    /// 95th percentile in the incident, of a distribution.
    pub tail_now: f64,
    /// Of how many, in the baseline.
    pub of_before: u64,
    /// Of how many, in the incident.
    pub of_now: u64,
    /// Unit of the values.
    pub unit: Unit,
}

/// What a piece of evidence is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Service.
    pub service: String,
    /// Operation, message, metric or function; empty where it is about the service as a whole.
    pub operation: String,
    /// The other service or dependency, where two are involved.
    pub other: String,
}

/// One thing that a check saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The check.
    pub check: Check,
    /// What it is about.
    pub subject: Subject,
    /// How much it says, 0 to 1.
    pub strength: f64,
    /// What was measured.
    pub numbers: Numbers,
    /// Standard deviations from the baseline.
    pub deviation: f64,
    /// Words of the telemetry that tell it: a message's template, an exception, a version.
    pub text: String,
    /// Traces that show it, a few.
    pub traces: Vec<u128>,
}
