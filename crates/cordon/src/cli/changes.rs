//! Flags of `changes`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TenantArg;

/// `changes add|git|list`.
#[derive(Subcommand)]
pub(crate) enum ChangesCommand {
    /// Take changes in from files or stdin, as POST /v1/changes does, or one from flags
    Add(ChangesAddArgs),
    /// Take the commits and tags of a repository in
    ///
    /// Nothing of the repository is executed: no hook, filter, pager or command of its
    /// configuration. A commit that was taken in before is recognised.
    Git(ChangesGitArgs),
    /// List changes, the most recent first
    List(ChangesListArgs),
}

/// Flags of `changes add`.
#[derive(Args)]
#[command(group(
    clap::ArgGroup::new("said").args(["kind", "subject", "description"]).multiple(true)
))]
pub(crate) struct ChangesAddArgs {
    /// Files of JSON: an object, an array, or one object a line; stdin when none is given
    #[arg(value_name = "FILE", conflicts_with_all = ["kind", "subject", "description"])]
    pub(crate) files: Vec<PathBuf>,
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// deploy, flag, configuration, dependency or other
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Version, flag or key
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// What was done, in words
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// Service that it concerns
    #[arg(long, value_name = "NAME", requires = "said")]
    pub(crate) service: Option<String>,
    /// Value before
    #[arg(long, value_name = "VALUE", requires = "said")]
    pub(crate) from: Option<String>,
    /// Value after
    #[arg(long, value_name = "VALUE", requires = "said")]
    pub(crate) to: Option<String>,
    /// When (RFC 3339) [default: now]
    #[arg(long, requires = "said")]
    pub(crate) time: Option<String>,
    /// Commit that it was made from
    #[arg(long, value_name = "ID", requires = "said")]
    pub(crate) commit: Option<String>,
    /// Who made it; kept as a pseudonym
    #[arg(long, value_name = "NAME", requires = "said")]
    pub(crate) author: Option<String>,
}

/// Flags of `changes git`.
#[derive(Args)]
pub(crate) struct ChangesGitArgs {
    /// Working tree or repository
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) repository: PathBuf,
    /// Tenant [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Service that the commits concern [default: all of them]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// How far back: 30d, 12h, 90m, or a time (RFC 3339, UTC)
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub(crate) since: String,
}

/// Flags of `changes list`.
#[derive(Args)]
pub(crate) struct ChangesListArgs {
    /// Tenant and output
    #[command(flatten)]
    pub(crate) tenant: TenantArg,
    /// How far back: 30d, 12h, 90m, or a time (RFC 3339, UTC)
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub(crate) since: String,
}
