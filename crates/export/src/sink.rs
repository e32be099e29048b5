//! Where requests go, and what became of one.

use std::time::Duration;

use crate::encode::{Form, Request};
use crate::error::Error;
use crate::files::Files;
use crate::grpc::Grpc;
use crate::http::Http;

/// What a receiver took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Records that it says it did not take and will not (`partial_success`).
    pub rejected_count: u64,
}

/// Why a request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No connection, or one that broke before an answer began.
    Unreachable,
    /// No answer in time. It may have been taken.
    TimedOut,
    /// The answer broke off. It may have been taken.
    AnswerLost,
    /// The receiver says that it is too much at once.
    Throttled,
    /// The receiver, or one behind it, is not there for now.
    Unavailable,
    /// The request is larger than the receiver takes.
    TooLarge,
    /// The receiver does not know the exporter, or does not let it.
    Unauthorised,
    /// The receiver says that the request is wrong.
    Refused,
    /// The receiver failed over it in a way that does not pass.
    Failed,
    /// The receiver is said to be elsewhere.
    Redirected,
    /// The disk did not take it.
    Disk,
}

impl Reason {
    /// Stable name, for metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::AnswerLost => "answer_lost",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::TooLarge => "too_large",
            Self::Unauthorised => "unauthorised",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Redirected => "redirected",
            Self::Disk => "disk",
        }
    }
}

/// What to do with a request that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// Send it again, after that time where the receiver names one.
    Retry(Reason, Option<Duration>),
    /// Send it in smaller pieces.
    TooLarge,
    /// Never send it again: it would be as wrong again.
    Permanent(Reason),
}

/// Where requests go.
pub enum Sink {
    /// OTLP/HTTP, in protobuf.
    Http(Http),
    /// OTLP/gRPC.
    Grpc(Grpc),
    /// Files of OTLP/JSON, one request a line.
    Files(Files),
}

impl Sink {
    /// How its requests are written.
    pub fn form(&self) -> Form {
        match self {
            Self::Http(_) | Self::Grpc(_) => Form::Protobuf,
            Self::Files(_) => Form::Json,
        }
    }

    /// Sends a request; it was taken when this says so. The time is the wall clock's.
    pub async fn send(
        &mut self,
        request: &Request,
        now_unix_ms: u64,
    ) -> Result<Accepted, SendError> {
        match self {
            Self::Http(http) => http.send(request, now_unix_ms).await,
            Self::Grpc(grpc) => grpc.send(request).await,
            Self::Files(files) => files.write(request, now_unix_ms),
        }
    }

    /// Does what is due by the time: a file that is old enough ends.
    pub fn tick(&mut self, now_unix_ms: u64) -> Result<(), Error> {
        match self {
            Self::Http(_) | Self::Grpc(_) => Ok(()),
            Self::Files(files) => files.tick(now_unix_ms),
        }
    }

    /// Ends what is open.
    pub fn finish(&mut self) -> Result<(), Error> {
        match self {
            Self::Http(_) | Self::Grpc(_) => Ok(()),
            Self::Files(files) => files.finish(),
        }
    }
}
