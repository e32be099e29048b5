//! Exit codes: one place, stable, and each with one meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; nothing found.
    Done,
    /// Done; findings (`scan`), a log that does not verify (`audit verify`), a failure that could
    /// not be reproduced (`repro`).
    Findings,
    /// Wrong usage or configuration.
    Usage,
    /// Could not reach or serve.
    Unreachable,
    /// Refused by policy or budget.
    Refused,
    /// A defect of this program.
    Internal,
}

impl Exit {
    /// The number a shell sees.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Refused => 4,
            Self::Internal => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

/// An error with the exit code that its kind has.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the command ends.
    pub(crate) exit: Exit,
    /// What went wrong; holds no payload.
    pub(crate) cause: anyhow::Error,
}

/// Result of a command.
pub(crate) type Outcome = Result<Exit, Failure>;

impl From<anyhow::Error> for Failure {
    fn from(cause: anyhow::Error) -> Self {
        Self {
            exit: Exit::Internal,
            cause,
        }
    }
}

/// Names the exit code of an error.
pub(crate) trait Ends<T> {
    /// Ends with `exit` where this is an error.
    fn or_exit(self, exit: Exit) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> Ends<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|cause| Failure {
            exit,
            cause: cause.into(),
        })
    }
}
