//! Flags of `room`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The classes that a session may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SessionClass {
    /// Pseudonyms of what was pasted, under their own cap, and technical metadata.
    B,
    /// Technical metadata alone.
    C,
}

/// Flags of `room`.
#[derive(Args)]
pub(crate) struct RoomArgs {
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// How long the session lasts, in hours; at most 168
    #[arg(long, value_name = "N", default_value_t = 8,
        value_parser = clap::value_parser!(u64).range(1..=168))]
    pub(crate) hours: u64,
    /// What the session may reach
    #[arg(long, value_enum, ignore_case = true, default_value = "b")]
    pub(crate) class: SessionClass,
    /// Where the server listens, for the address that is printed [default: as configured]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// List your open sessions
    #[arg(long, conflicts_with_all = ["end", "export"])]
    pub(crate) list: bool,
    /// End the session of that name, as listed
    #[arg(long, value_name = "SESSION", conflicts_with = "export")]
    pub(crate) end: Option<String>,
    /// Write the room as one HTML file that works from disk: redaction, diagnosis, no way out
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}
