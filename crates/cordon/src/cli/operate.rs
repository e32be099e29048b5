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
