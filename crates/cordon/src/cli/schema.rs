//! Flags of `schema`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `schema learn|diff|approve`.
#[derive(Subcommand)]
pub(crate) enum SchemaCommand {
    /// Print the fields of events, JSON lines or OTLP/JSON, or of a tenant's stored ones: paths,
    /// types and rules, never values
    Learn(LearnArgs),
    /// Tell what was learned and is not approved; exit 1 when there is anything
    Diff(DiffArgs),
    /// Classify learned fields, in a file that `[redaction] schema` names; audited
    Approve(ApproveArgs),
}

/// Flags of `schema learn`.
#[derive(Args)]
pub(crate) struct LearnArgs {
    /// Files; stdin when none is given
    #[arg(value_name = "FILE", conflicts_with = "tenant")]
    pub(crate) files: Vec<PathBuf>,
    /// Learn from what is stored of this tenant
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
}

/// Flags of `schema diff`.
#[derive(Args)]
pub(crate) struct DiffArgs {
    /// What `schema learn` printed; `-` is stdin
    pub(crate) learned: PathBuf,
    /// Approved fields
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: PathBuf,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `schema approve`.
#[derive(Args)]
pub(crate) struct ApproveArgs {
    /// What `schema learn` printed; `-` is stdin
    pub(crate) learned: PathBuf,
    /// File of approved fields, made where there is none
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: PathBuf,
    /// Class of the fields: C may be shown, B is replaced whatever it holds, A removed
    #[arg(long, value_name = "A|B|C")]
    pub(crate) class: String,
    /// Why, for whoever asks later
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Path of a field, as learned; may be given again
    #[arg(long, value_name = "PATH", required_unless_present = "all")]
    pub(crate) field: Vec<String>,
    /// All that is new or has changed
    #[arg(long, conflicts_with = "field")]
    pub(crate) all: bool,
    /// Tenant whose schema it is, for the audit log
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
}
