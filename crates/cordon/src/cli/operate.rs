//! Flags of `validate`, `test`, `tap` and `top`.

use std::path::PathBuf;

use clap::Args;

/// Flags of `validate`.
#[derive(Args)]
pub(crate) struct ValidateArgs {
    /// Configuration file [default: the one of --config]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `test`.
#[derive(Args)]
pub(crate) struct TestArgs {
    /// Files of cases, in TOML; docs/operations.md has the form
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a JUnit report too, for a CI that shows one
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// Flags of `tap`.
#[derive(Args)]
pub(crate) struct TapArgs {
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Ends after so many seconds, at most 600
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// Events shown a second, at most 100; further ones are counted
    #[arg(long, value_name = "EVENTS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rate: u32,
    /// Bytes of the class C budget that it may use, at most 1048576; what is left is given back
    #[arg(long, value_name = "BYTES", default_value_t = 262_144,
          value_parser = clap::value_parser!(u64).range(1_024..=1_048_576))]
    pub(crate) bytes: u64,
    /// Write one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `top`.
#[derive(Args)]
pub(crate) struct TopArgs {
    /// Server: ADDRESS:PORT, or a URL [default: the address of the configuration]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) server: Option<String>,
    /// Authority of the server's certificate, in PEM [default: those of the system]
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Look for one second, print, and end; so too where stdout is no terminal
    #[arg(long)]
    pub(crate) once: bool,
    /// Write JSON, once
    #[arg(long)]
    pub(crate) json: bool,
}
