//! Listeners and wire formats, back-pressure.
//!
//! The way of the data: a connection is accepted ([`serve`]), the header says who sends and what
//! ([`Admit::authenticate`]), the body is read, inflated and decoded within a ledger of bytes
//! ([`Limits`]), at once wrapped in [`cordon_event::Raw`], and handed to [`Admit::admit`], which
//! returns when the events are durable. Only then is the sender told.
//!
//! | path | takes |
//! |---|---|
//! | `POST /v1/logs`, `/v1/traces` | OTLP/HTTP: protobuf or JSON; gzip, deflate, zstd, br |
//! | the two `…Service/Export` | OTLP/gRPC on the same port; the same |
//! | `POST /v1/events` | one JSON object a line ([`LineReader`] for the same from a file) |
//! | `POST /v1/changes` | deploys, flags, settings: a JSON object, an array, or one a line |
//! | `POST /v1/alerts` | webhooks of Alertmanager and others |
//! | `POST /api/{project}/envelope/`, `store/`, `security/`, `minidump/` | Sentry's clients |
//! | `POST /v1/metrics` | refused: metrics are not kept |
//! | `GET /livez`, `/readyz`, `/readyz?verbose`, `/metrics`, `/version` | |
//!
//! Beside them are sources that never send again, syslog and lines of JSON over UDP, TCP and TLS:
//! `stream.rs` has their way. Every listener may speak TLS, and a client's certificate may say
//! whose the data is: `tls.rs`.
//!
//! **Architecture invariant:** this crate knows no journal, no vault and no policy; what is behind
//! is the trait [`Admit`].
//!
//! **Architecture invariant:** a connection that a [`Divert`] takes is never read here.
//!
//! **Architecture invariant:** nothing of a body and no token is logged, counted by value or put
//! into an error. Answers are made of constant text and numbers. A panic in a handler becomes 500
//! without text; the process's panic hook must not print messages, which is the binary's to see to.
//!
//! *Why no generated OTLP code and no gRPC library here.* Both allocate by the sender's wish before
//! a limit can be asked: see `proto.rs`. One unary call needs five bytes of framing and a trailer.
//! Both serve as independent oracles in this crate's tests.

mod admit;
mod alert;
mod body;
mod change;
mod container;
pub mod contract;
mod counters;
mod cut;
mod decode;
mod error;
pub mod folder;
mod http;
mod intake;
mod joined;
mod journald;
mod json;
mod limits;
mod meter;
mod multiline;
mod multipart;
mod ndjson;
mod otlp_json;
mod otlp_metrics;
mod otlp_proto;
mod proto;
mod ready;
mod reply;
mod sentry;
mod sink;
mod source;
mod stream;
pub mod syslog;
pub mod tail;
mod text;
mod time;
mod tls;
mod zstd;

pub use axum::Router;

pub use admit::{
    Admit, AdmitError, BoxFuture, Check, CrashError, Crashed, Holder, Principal, Readiness,
    RequestBody,
};
pub use change::FILES_COUNT_MAX;
pub use decode::{Format, LineReader, decode};
pub use error::{Code, Error};
pub use http::{Divert, Mount, Receiver, router, serve, serve_mounts};
pub use journald::{JournalFormat, JournalIntake};
pub use limits::Limits;
pub use multiline::{JoinLimits, Joiner, Piece, Record};
pub use reply::CODE_HEADER;
pub use sink::Decoded;
pub use source::{Identified, LINE_BYTES_MAX, LineIntake, Moment, SourceContext, SourceFormat};
pub use stream::{StreamFormat, StreamLimits, StreamListener, StreamSocket};
pub use time::{unix_ns, zone_offset_s};
pub use tls::{Tls, TlsFiles, TlsProtocol};

#[cfg(test)]
mod tests;
