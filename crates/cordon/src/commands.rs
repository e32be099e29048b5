//! One file a command.

pub mod ask;
pub mod audit;
pub mod demo;
pub mod fingerprint;
pub mod ingest;
pub mod list;
pub mod redact;
pub mod repro;
pub mod scan;
pub mod serve;
pub mod tenant;
