//! The one event model, field classes, tenants, limits and the raw side of the wall.
//!
//! The way of the data: a listener decodes bytes into an [`Event`] and wraps it at once in
//! [`Raw`]. From there only `cordon-redact` can make something that may be stored or shown.
//!
//! **Architecture invariant:** this crate knows no file, socket, clock, environment or key.
//!
//! **Architecture invariant:** [`Raw`] has no `Debug`, `Display`, `Serialize`, `Clone`,
//! `PartialEq` or `Deref`, and its memory is zeroised on drop.

pub mod attr;
mod batch;
mod change;
mod class;
pub mod codec;
pub mod facts;
mod id;
pub mod limits;
mod model;
pub mod packed;
mod raw;
mod shared;
mod tenant;
pub mod unseen;
mod value;

pub use batch::{Batch, Entry, Quarantined, SealedRaw};
pub use change::{Change, ChangeKind};
pub use class::Class;
pub use id::{EventId, IdError, SpanId, TraceId};
pub use model::{Event, Kind, Severity, SpanStatus};
pub use raw::Raw;
pub use shared::Shared;
pub use tenant::{NameError, Region, TenantId};
pub use value::Value;
