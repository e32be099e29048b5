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
