//! What kind of fault the evidence against a service speaks for, and what may be done about it.

use super::evidence::{Check, Evidence, Unit};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It raises errors of its own.
    Failing,
    /// It takes longer itself.
    Slow,
    /// It takes longer, and its processor is busy.
    Processor,
    /// It takes longer, and its memory grows.
    Memory,
    /// What it depends on takes longer or fails.
    Dependency,
    /// Time is lost between it and others, or calls of it get lost.
    Network,
    /// It does not answer.
    Unavailable,
    /// It leaves steps out, or takes other ones.
    Course,
    /// It repeats calls.
    Repeats,
    /// Its callers fail at what it answers.
    Answer,
    /// It is not told.
    Unknown,
}

impl Cause {
    /// Stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Slow => "slow",
            Self::Processor => "processor",
            Self::Memory => "memory",
            Self::Dependency => "dependency",
            Self::Network => "network",
            Self::Unavailable => "unavailable",
            Self::Course => "other_steps",
            Self::Repeats => "repeated_calls",
            Self::Answer => "answer",
            Self::Unknown => "unknown",
        }
    }

    /// In a few words, behind the name of a service.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Failing => "fails by itself",
            Self::Slow => "takes longer itself",
            Self::Processor => "takes longer, its processor being busy",
            Self::Memory => "takes longer, its memory growing",
            Self::Dependency => "waits for, or fails at, what it depends on",
            Self::Network => "is reached late or not at all: time or calls are lost on the way",
            Self::Unavailable => "does not answer",
            Self::Course => "leaves steps out or takes other ones, without an error",
            Self::Repeats => "repeats calls that it made once before",
            Self::Answer => "answers what its callers fail at",
            Self::Unknown => "stands out",
        }
    }

    /// What may be done, the mildest first, each with what must hold first. Advice: nothing is
    /// done.
    pub fn ladder(self) -> &'static [(&'static str, &'static str)] {
        let own = LADDERS.iter().find(|(causes, _)| causes.contains(&self));
        own.map_or(&[], |(_, steps)| steps)
    }
}

/// Steps and what must hold first, by cause.
type Ladder = (&'static [Cause], &'static [(&'static str, &'static str)]);

/// What may be done about each cause, the mildest step first.
const LADDERS: [Ladder; 8] = [
    (
        &[Cause::Failing, Cause::Course, Cause::Answer],
        &[
            (
                "roll the service back to the version before",
                "a version came with it, and the one before can read what this one wrote",
            ),
            (
                "switch the feature off",
                "the failing code is behind a flag",
            ),
            (
                "turn away the requests that fail, at the edge",
                "they can be told apart, and the others are worth more",
            ),
        ],
    ),
    (
        &[Cause::Slow, Cause::Repeats],
        &[
            (
                "roll the service back to the version before",
                "a version came with it",
            ),
            (
                "shed or queue the slow requests",
                "callers can do without them",
            ),
            (
                "add replicas",
                "what it waits for is not a lock or a store that all replicas share",
            ),
        ],
    ),
    (
        &[Cause::Processor],
        &[
            (
                "move what else runs on the machine, or raise the limit",
                "the service's own work did not grow",
            ),
            ("add replicas", "requests are spread over them"),
            (
                "roll the service back to the version before",
                "a version came with it",
            ),
        ],
    ),
    (
        &[Cause::Memory],
        &[
            (
                "restart the replicas one after the other",
                "the others carry the load meanwhile; it comes back until the leak is found",
            ),
            (
                "roll the service back to the version before",
                "a version came with it",
            ),
        ],
    ),
    (
        &[Cause::Dependency],
        &[
            (
                "look at the dependency first: its locks, its slowest statements, its pool",
                "you have access to it",
            ),
            (
                "lower the number of calls in flight",
                "callers bear to wait or to be refused",
            ),
            (
                "set the configuration back",
                "credentials, addresses or limits were changed",
            ),
        ],
    ),
    (
        &[Cause::Network],
        &[
            (
                "move the replicas to another node",
                "the slow calls are of some replicas or of one node",
            ),
            (
                "lower time-outs and retries of the callers",
                "retries add to the load",
            ),
        ],
    ),
    (
        &[Cause::Unavailable],
        &[
            (
                "look why the replicas end: exit codes, memory limits, probes",
                "the platform records them",
            ),
            (
                "set back what was changed last",
                "a version or configuration came with it",
            ),
            (
                "let callers answer without it",
                "they can do with a default",
            ),
        ],
    ),
    (
        &[Cause::Unknown],
        &[(
            "record traces and metrics of the service",
            "it records too little to tell",
        )],
    ),
];

/// Strength of a message from which on it tells of failing: that of an error that is new.
const MESSAGE_MIN: f64 = 0.7;

/// The kind of fault of a service, from the evidence about it, strongest first.
pub(super) fn cause(service: &str, evidence: &[Evidence]) -> Cause {
    let resource = |words: &[&str]| {
        evidence.iter().any(|e| {
            let name = e.subject.operation.to_ascii_lowercase();
            e.check == Check::Resource
                && e.strength >= 0.3
                && words.iter().any(|word| name.contains(word))
        })
    };
    let busy = || resource(&["cpu", "load", "throttl"]);
    let full = || resource(&["mem", "heap", "rss", "swap"]);
    let Some(first) = evidence.iter().find(|e| tells(e)) else {
        let errors = |e: &Evidence| {
            let message = matches!(e.check, Check::NewMessage | Check::MessageRate);
            message && e.subject.service == service && e.strength >= MESSAGE_MIN
        };
        return if evidence.iter().any(errors) {
            Cause::Failing
        } else if full() {
            Cause::Memory
        } else if busy() {
            Cause::Processor
        } else {
            Cause::Unknown
        };
    };
    match first.check {
        Check::ErrorOrigin
            if first.subject.other.is_empty() && first.subject.service != service =>
        {
            Cause::Answer
        }
        Check::ErrorOrigin if first.subject.other.is_empty() => Cause::Failing,
        Check::ErrorOrigin if first.subject.service == service => Cause::Dependency,
        Check::Exception | Check::ErrorOrigin => Cause::Failing,
        Check::Unreachable if first.numbers.now < 0.5 && first.numbers.unit == Unit::Share => {
            Cause::Network
        }
        Check::Unreachable | Check::Silence | Check::Restart => Cause::Unavailable,
        Check::SelfTime if full() => Cause::Memory,
        Check::SelfTime | Check::EdgeGap if busy() => Cause::Processor,
        Check::SelfTime => Cause::Slow,
        Check::EdgeGap => Cause::Network,
        Check::Dependency => Cause::Dependency,
        Check::Flow if first.numbers.unit == Unit::Times => Cause::Repeats,
        Check::Flow => Cause::Course,
        _ => Cause::Unknown,
    }
}

/// Whether a piece of evidence tells the kind of fault by itself.
fn tells(evidence: &Evidence) -> bool {
    !matches!(
        evidence.check,
        Check::Resource
            | Check::Metric
            | Check::NewMessage
            | Check::MessageRate
            | Check::Change
            | Check::Attribute
            | Check::SuspectFrame
            | Check::SuspectCommit
    )
}
