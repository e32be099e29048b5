//! Trouble that the words of a message tell.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// May be trouble; only its growth tells.
    Hint,
    /// Something failed.
    Error,
    /// Tells of an end even once: a crash, a kill, a start that failed.
    Fatal,
}

/// What kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Failed, in words that tell no more.
    Failed,
    /// An exception that nobody handled.
    Exception,
    /// Waited for too long.
    Timeout,
    /// Nobody listens.
    Refused,
    /// A connection ended before its time.
    Reset,
    /// No way to a machine or network.
    Unreachable,
    /// A name that does not resolve.
    NameResolution,
    /// A certificate or handshake.
    Certificate,
    /// Credentials or permissions.
    Denied,
    /// A rate limit.
    Throttled,
    /// No memory.
    OutOfMemory,
    /// Killed by a signal.
    Killed,
    /// Segmentation fault, abort, panic, core dump.
    Crash,
    /// Did not start, or ended with a status that is not zero.
    Exit,
    /// A peer or service is down or unhealthy.
    Down,
    /// Deadlocks and waits for locks.
    Lock,
    /// No space, or a quota.
    Space,
    /// A file system that may only be read.
    ReadOnly,
    /// A pool or other resource has run out.
    Exhausted,
    /// Data that are damaged.
    Corrupt,
    /// A port or address that is taken.
    AddressInUse,
    /// A table, column, file, key or setting that is not there.
    Missing,
    /// A queue, lag or load that grows.
    Overload,
}

impl Kind {
    /// Its name in a sentence and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Exception => "exception",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Unreachable => "unreachable",
            Self::NameResolution => "name_resolution",
            Self::Certificate => "certificate",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::OutOfMemory => "out_of_memory",
            Self::Killed => "killed",
            Self::Crash => "crash",
            Self::Exit => "exit",
            Self::Down => "down",
            Self::Lock => "lock",
            Self::Space => "space",
            Self::ReadOnly => "read_only",
            Self::Exhausted => "exhausted",
            Self::Corrupt => "corrupt",
            Self::AddressInUse => "address_in_use",
            Self::Missing => "missing",
            Self::Overload => "overload",
        }
    }
}

/// Trouble, as the words of a message tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trouble {
    /// Its kind.
    pub kind: Kind,
    /// How bad it is.
    pub weight: Weight,
}

/// The worst trouble that a template's text tells; the most specific among those equally bad.
pub fn of(text: &str) -> Option<Trouble> {
    let lower = text.to_ascii_lowercase();
    let rows = [
        ("timed out", Kind::Timeout),
        ("connection refused", Kind::Refused),
        ("failed", Kind::Failed),
    ];
    let found = rows.into_iter().find(|(words, _)| lower.contains(words));
    found.map(|(_, kind)| Trouble {
        kind,
        weight: Weight::Error,
    })
}
