//! Flags of `quarantine`: what was held back, and what becomes of it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::TenantArg;

/// `quarantine list|show|release|drop|rerun|keygen`.
#[derive(Subcommand)]
pub(crate) enum QuarantineCommand {
    /// List what is held back, the most recent first: ids, reasons, rules, sources, expiry
    List(QuarantineListArgs),
    /// Tell of one item: which fields it had and what was found in it; never a value
    Show {
        /// Its id, or an unambiguous beginning of it
        id: String,
        /// Tenant and output
        #[command(flatten)]
        tenant: TenantArg,
    },
    /// Let items back in, as events without values; takes two operators, each saying this once
    ///
    /// The first operator's is a request, which lapses after 24 hours; the same command by another
    /// operator of the tenant carries it out. What was stripped is gone: what comes back is kind,
    /// time, service, paths, reason and counts, so that timelines and counts are whole.
    Release {
        /// Ids, or unambiguous beginnings of them
        #[arg(required = true)]
        ids: Vec<String>,
        /// Tenant and output
        #[command(flatten)]
        tenant: TenantArg,
    },
    /// Delete items; they stay counted under the reason
    Drop {
        /// Ids, or unambiguous beginnings of them
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why
        #[arg(long, value_enum)]
        reason: DropReasonArg,
        /// Tenant and output
        #[command(flatten)]
        tenant: TenantArg,
    },
    /// Redact the sealed raw event of items once more, under the rules of now; takes the private
    /// keys of both approvers
    ///
    /// For a tenant that opted in with `seal_raw_to`. What passes now is taken in as any other
    /// event, and leaves quarantine; what does not stays, and the rule that holds it is told. Not
    /// while a server runs on this data directory.
    Rerun {
        /// Ids, or unambiguous beginnings of them
        #[arg(required = true)]
        ids: Vec<String>,
        /// File of a private key; give it twice, one of each approver
        #[arg(long = "key", value_name = "FILE", required = true)]
        keys: Vec<PathBuf>,
        /// Tenant and output
        #[command(flatten)]
        tenant: TenantArg,
    },
    /// Draw an approver's key pair: the private key goes to a file, the public key is printed
    Keygen {
        /// New file of the private key; mode 0600
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Flags of `quarantine list`.
#[derive(Args)]
pub(crate) struct QuarantineListArgs {
    /// Only what was held back for this reason, such as late_hit or canary
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: Option<String>,
    /// Items at most
    #[arg(long, value_name = "COUNT", default_value = "100")]
    pub(crate) limit: NonZeroUsize,
    /// Tenant and output
    #[command(flatten)]
    pub(crate) tenant: TenantArg,
}

/// Why an item is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DropReasonArg {
    /// The rule was wrong, and the event is not needed.
    FalseAlarm,
    /// The sender was mended, and the event is not needed.
    SourceFixed,
    /// It was no production data.
    TestData,
    /// It is too old to matter.
    Obsolete,
}
