//! Features: of each group how often it was seen, from when to when, in which component, release,
//! region and module, what it occurs together with, and how its rate moved around a moment.
//!
//! They are written in the transaction that applies a batch (`write`, `occasion`), so an event is
//! in them exactly once. Within a tenant they are read under its scope (`around`, `together`);
//! across tenants only what the k rule lets through comes out at all (`across`).
//!
//! *Invariant:* names of components, releases, regions and modules are sealed, bound to their row.
//! In clear stand counts, times, small numbers in the place of components, and keyed digests of
//! traces.
//!
//! *Limits:* what is kept is bounded by distinct groups and by time, never by traffic: values of a
//! dimension ([`crate::VALUES_COUNT_MAX`]), traces that are remembered, and pairs
//! ([`crate::PAIRS_COUNT_MAX`]). What gives way is counted as `other`.

pub(crate) mod across;
pub(crate) mod around;
pub(crate) mod expire;
pub(crate) mod form;
pub(crate) mod observe;
pub(crate) mod occasion;
pub(crate) mod together;
pub(crate) mod value;
pub(crate) mod write;
