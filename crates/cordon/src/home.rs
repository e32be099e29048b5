//! The data directory: what lives where, and how its parts are opened.
//!
//! ```text
//! DIR/keys/      root key (0600) and wrapped keys: back up apart from the rest
//! DIR/journal/   sealed segments that wait for the store
//! DIR/store.db   sealed events, fingerprints, counts
//! DIR/ledger.db  tenants, budgets, audit log; DIR/checkpoint signs its head
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_event::TenantId;
use cordon_ledger::Ledger;
use cordon_redact::Redactor;
use cordon_store::Store;
use cordon_vault::Vault;

use crate::cli::Cli;
use crate::config::Config;
use crate::environment;
use crate::policy;

/// The open data directory.
pub struct Home {
    /// The directory.
    pub dir: PathBuf,
    /// Its configuration.
    pub config: Config,
    /// Keys.
    pub vault: Arc<Vault>,
    /// Audit log, budgets, tenants.
    pub ledger: Arc<Ledger>,
    /// Events.
    pub store: Arc<Store>,
}

impl Home {
    /// Opens the directory that the command line names, making it (0700) where there is none.
    pub fn open(cli: &Cli) -> anyhow::Result<Self> {
        let dir = cli.data.clone().unwrap_or_else(environment::default_data_dir);
        Self::at(&dir, Config::load(cli.config.as_deref())?)
    }

    /// Opens a directory.
    pub fn at(dir: &Path, config: Config) -> anyhow::Result<Self> {
        private_dir(dir)?;
        let shown = dir.display();
        let vault = Vault::open(&dir.join("keys"))
            .with_context(|| format!("open keys in {shown}"))?;
        let vault = Arc::new(vault);
        let ledger = Ledger::open(&dir.join("ledger.db"), Arc::clone(&vault))
            .with_context(|| format!("open ledger in {shown}"))?;
        let store = Store::open(&dir.join("store.db"), Arc::clone(&vault))
            .with_context(|| format!("open store in {shown}"))?;
        let (ledger, store) = (Arc::new(ledger), Arc::new(store));
        Ok(Self { dir: dir.to_owned(), config, vault, ledger, store })
    }

    /// Where the journal's segments are.
    pub fn journal_dir(&self) -> PathBuf {
        self.dir.join("journal")
    }

    /// A redactor under this installation's policy.
    pub fn redactor(&self) -> anyhow::Result<Redactor> {
        policy::redactor(&self.config.redaction)
    }

    /// The tenant of that name, or the only one there is.
    pub fn tenant(&self, name: Option<&str>) -> anyhow::Result<TenantId> {
        let tenants = self.ledger.tenants().context("list tenants")?;
        let found = match name {
            Some(name) => tenants.iter().find(|t| t.tenant.as_str() == name),
            None if tenants.len() > 1 => bail!("choose tenant: there are several; use --tenant NAME"),
            None => tenants.first(),
        };
        match found {
            Some(tenant) => Ok(tenant.tenant.clone()),
            None => bail!("find tenant: add one with `cordon tenant add NAME --region REGION`"),
        }
    }
}

#[cfg(unix)]
fn private_dir(dir: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("create data directory {}", dir.display()))
}

#[cfg(not(unix))]
fn private_dir(dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("create data directory {}", dir.display()))
}
