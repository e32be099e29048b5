//! One file a command.

pub(crate) mod across;
pub(crate) mod ask;
pub(crate) mod audit;
pub(crate) mod canary;
pub(crate) mod changes;
pub(crate) mod crash;
pub(crate) mod demo;
pub(crate) mod diagnose;
pub(crate) mod features;
pub(crate) mod features_form;
pub(crate) mod fingerprint;
pub(crate) mod ingest;
pub(crate) mod known;
pub(crate) mod list;
pub(crate) mod metrics;
pub(crate) mod redact;
pub(crate) mod repro;
pub(crate) mod room;
pub(crate) mod room_worker;
pub(crate) mod rules;
pub(crate) mod scan;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod symbols;
pub(crate) mod templates;
pub(crate) mod tenant;
