//! What goes wrong with a dump or with symbols, each with a stable code.

use thiserror::Error;

/// What a worker says of a dump that it cannot read, or not strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It does not begin as a minidump does.
    #[error("read dump: not a minidump")]
    NotMinidump,
    /// It begins so, and cannot be read on.
    #[error("read dump: damaged or cut off")]
    Damaged,
    /// It holds the memory of the whole process.
    #[error("accept dump: it holds the whole memory (write a minidump: MiniDumpNormal)")]
    Full,
    /// It is larger than any minidump.
    #[error("accept dump: larger than a minidump is (write a minidump: MiniDumpNormal)")]
    TooLarge,
    /// Its processor is none of x86, amd64, arm and arm64.
    #[error("read dump: of a processor that is not known")]
    UnknownCpu,
    /// It has no thread.
    #[error("read dump: it has no thread")]
    NoThreads,
    /// Without its values the stripped dump would be read in another way.
    #[error("strip dump: it would not give the same frames")]
    StripDiffers,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NotMinidump,
        Self::Damaged,
        Self::Full,
        Self::TooLarge,
        Self::UnknownCpu,
        Self::NoThreads,
        Self::StripDiffers,
    ];

    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotMinidump => "dump_not_minidump",
            Self::Damaged => "dump_damaged",
            Self::Full => "dump_full",
            Self::TooLarge => "dump_too_large",
            Self::UnknownCpu => "dump_unknown_cpu",
            Self::NoThreads => "dump_no_threads",
            Self::StripDiffers => "strip_differs",
        }
    }

    /// Reads the stable code.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

/// A crash could not be read. Holds nothing of the dump.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The dump is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The worker crashed, or was ended by a limit on its memory or processor time.
    #[error("read dump: the worker ended at a limit or crashed")]
    WorkerEnded,
    /// The worker did not end in its time.
    #[error("read dump: the worker was not done in its time")]
    WorkerTimedOut,
    /// The worker wrote what is no answer.
    #[error("read dump: the worker's answer is not in its form")]
    WorkerAnswer,
    /// The worker could not be run.
    #[error(transparent)]
    Sandbox(#[from] cordon_sandbox::Error),
    /// The operating system refused.
    #[error("read or write crash data: {0}")]
    Io(#[from] std::io::Error),
    /// A file is no Breakpad symbol file.
    #[error("read symbols: line 1 is no MODULE record of a Breakpad symbol file")]
    NotSymbols,
    /// A symbol file is larger than the limit.
    #[error("accept symbols: larger than the limit")]
    SymbolsTooLarge,
    /// There is no room for another symbol file.
    #[error("keep symbols: too many files")]
    TooManySymbols,
    /// Symbols could not be sealed.
    #[error("seal symbols")]
    Seal(#[from] cordon_redact::SealError),
    /// Sealed symbols do not open: another key, changed, or cut off.
    #[error("open symbols: changed, cut off or of another key")]
    Sealed,
}

impl Error {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::WorkerEnded => "worker_ended",
            Self::WorkerTimedOut => "worker_timed_out",
            Self::WorkerAnswer => "worker_answer",
            Self::Sandbox(_) => "sandbox",
            Self::Io(_) => "io",
            Self::NotSymbols => "symbols_not_breakpad",
            Self::SymbolsTooLarge => "symbols_too_large",
            Self::TooManySymbols => "symbols_too_many",
            Self::Seal(_) => "symbols_seal",
            Self::Sealed => "symbols_damaged",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::parse(refusal.code()), Some(refusal));
        }
        assert_eq!(Refusal::parse("other"), None);
    }
}
