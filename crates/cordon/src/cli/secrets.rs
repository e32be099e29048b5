//! Flags of `canary` and `known`: secrets that an operator tells us of.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::TenantArg;

/// `canary add|list|check|remove`.
#[derive(Subcommand)]
pub(crate) enum CanaryCommand {
    /// Draw a canary, keep it sealed, and print it, once
    Add {
        /// What it looks like
        #[arg(value_enum)]
        shape: CanaryShape,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// List identifiers, shapes and dates
    List(TenantArg),
    /// Look for the canaries in files and in the store; exit 1 when one is there
    Check {
        /// Files; `-` is stdin
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// Forget a canary
    Remove {
        /// Its identifier, as listed
        id: String,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
}

/// What a canary looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CanaryShape {
    /// A password.
    Password,
    /// An access key of AWS, with its secret.
    AwsKey,
    /// A row of a table of customers, as CSV.
    DbRow,
    /// An e-mail address.
    Email,
}

impl CanaryShape {
    /// Stable name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AwsKey => "aws-key",
            Self::DbRow => "db-row",
            Self::Email => "email",
        }
    }
}

/// `known import|list|remove`.
#[derive(Subcommand)]
pub(crate) enum KnownCommand {
    /// Keep keyed digests of the secrets in a file
    Import {
        /// The file; `-` is stdin
        file: PathBuf,
        /// What it is [default: told by its content]
        #[arg(long, value_enum)]
        format: Option<KnownFormat>,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// List identifiers, names and dates
    List(TenantArg),
    /// Forget secrets
    Remove {
        /// Identifiers, as listed
        #[arg(required = true)]
        ids: Vec<String>,
        /// Tenant [default: the only one there is]
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
}

/// What a file of secrets is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KnownFormat {
    /// One secret a line.
    Lines,
    /// NAME=value lines; of these what is a secret by its name or form.
    Env,
    /// What `vault kv get -format=json` prints.
    Vault,
}
