//! Flags of `rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `rules list|explain|test|diff|import`.
#[derive(Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules; with --over also what each finds in files, and what asking it costs
    List(RulesListArgs),
    /// Show what one rule matches, how it is checked and its cases
    Explain {
        /// The rule's id
        id: String,
        /// Packs and output
        #[command(flatten)]
        with: RulesArgs,
    },
    /// Run every case of every rule; exit 1 when one does not come out
    Test {
        /// Packs and output
        #[command(flatten)]
        with: RulesArgs,
    },
    /// Compare two packs rule by rule; exit 1 when they differ
    Diff {
        /// A pack, or `builtin`
        before: PathBuf,
        /// A pack, or `builtin`
        after: PathBuf,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Turn another catalogue into a pack, in shadow; exit 1 when rules of it are refused
    Import {
        /// What the file is
        #[arg(long, value_enum)]
        from: RulesFormat,
        /// The catalogue
        file: PathBuf,
        /// Where to write the pack [default: stdout]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Which rules, and how they are shown.
#[derive(Args)]
pub(crate) struct RulesArgs {
    /// A pack beside the built-in ones and those of the configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) pack: Vec<PathBuf>,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `rules list`.
#[derive(Args)]
pub(crate) struct RulesListArgs {
    /// Packs and output
    #[command(flatten)]
    pub(crate) with: RulesArgs,
    /// Count what the rules find in this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) over: Vec<PathBuf>,
}

/// Catalogues that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// gitleaks' TOML.
    Gitleaks,
    /// Betterleaks' TOML.
    Betterleaks,
    /// Presidio's YAML recognizers.
    Presidio,
}
