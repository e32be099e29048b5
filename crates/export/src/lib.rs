//! Clean telemetry goes on to other collectors and vendors, at least once.
//!
//! The way of the data: a [`Source`] hands out batches of clean events, each with the [`Cursor`]
//! behind it ([`Outgoing`]). [`Encoded`] writes them as OTLP, cut into requests of bounded size.
//! A [`Sink`] sends a request over HTTP or gRPC, or writes it into a file, and says what became of
//! it. An [`Exporter`] goes on when all of a batch was taken: it stores the cursor, durably, and
//! only then tells the source.
//!
//! **Architecture invariant:** its one reason for I/O is outbound telemetry that the operator asked
//! for. It opens no connection but to the address given, follows no redirect, and takes no proxy
//! from the environment.
//!
//! **Architecture invariant:** nothing comes in that is not `Clean`:
//!
//! ```compile_fail,E0308
//! let outgoing = cordon_export::Outgoing {
//!     events: vec![cordon_event::Event::default()],
//!     ..Default::default()
//! };
//! ```
//! ```compile_fail,E0308
//! let outgoing = cordon_export::Outgoing {
//!     events: vec![cordon_event::Raw::new(cordon_event::Event::default())],
//!     ..Default::default()
//! };
//! ```
//! ```compile_fail,E0451
//! let request = cordon_export::Request {
//!     signal: cordon_export::Signal::Logs,
//!     body: b"anything".to_vec(),
//!     events_count: 1,
//! };
//! ```
//!
//! **Architecture invariant:** the source is the queue; what waits is kept nowhere else. A sink
//! that is away holds the source back, and the source its own.
//!
//! *When not to use it:* to show telemetry to a person or a model. What is released to them is
//! charged and audited, which is `assist`'s.
//!
//! *Why so blocking:* files are written and synced in place. Run an exporter on a thread of its
//! own, with a runtime of its own.

mod answer;
mod backoff;
mod client;
mod cursor;
mod encode;
mod error;
mod exporter;
mod files;
mod grpc;
mod http;
mod limits;
mod mark;
mod sink;

pub use cordon_journal::Cursor;

pub use client::{Endpoint, Secret, Trust};
pub use cursor::{CursorFile, Found};
pub use encode::{Encoded, Form, Part, Request, Signal};
pub use error::Error;
pub use exporter::{Counts, Exporter, Outgoing, Source, Step, Surroundings};
pub use files::{Files, Recovered};
pub use grpc::Grpc;
pub use http::Http;
pub use limits::{FileLimits, Limits, SendLimits};
pub use mark::{Mark, Marks};
pub use sink::{Accepted, Reason, SendError, Sink};

#[cfg(test)]
mod tests;
