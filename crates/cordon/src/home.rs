//! The data directory: what lives where, and how its parts are opened.
//!
//! ```text
//! DIR/keys/       root key (0600) and wrapped keys: back up apart from the rest
//! DIR/journal/    sealed segments that wait for the store
//! DIR/symbols/    sealed debug symbols, a folder a tenant
//! DIR/shares.db   rooms that people share: ciphertext, until they run out
//! DIR/store.db    sealed events, fingerprints, counts
//! DIR/ledger.db   tenants, budgets, audit log; DIR/checkpoint signs its head
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_event::TenantId;
use cordon_govern::{Caps, Operator};
use cordon_journal::{Journal, Recovery};
use cordon_ledger::{Ledger, Tenant};
use cordon_redact::Redactor;
use cordon_store::Store;
use cordon_vault::{TenantKeys, Vault};

use crate::cli::Cli;
use crate::config::Config;
use crate::{environment, log, policy, schema_file};

/// The open data directory.
pub(crate) struct Home {
    /// The directory.
    pub(crate) dir: PathBuf,
    /// Its configuration.
    pub(crate) config: Config,
    /// Keys.
    pub(crate) vault: Arc<Vault>,
    /// Audit log, budgets, tenants.
    pub(crate) ledger: Arc<Ledger>,
    /// Events.
    pub(crate) store: Arc<Store>,
}

impl Home {
    /// Opens the directory that the command line names, making it (0700) where there is none.
    pub(crate) fn open(cli: &Cli) -> anyhow::Result<Self> {
        let config = Config::load(cli.config.as_deref())?;
        Self::with_store(&Self::dir_of(cli), config, false)
    }

    /// As [`Home::open`], for the process that takes events in: a damaged store is set aside.
    pub(crate) fn open_for_intake(cli: &Cli) -> anyhow::Result<Self> {
        Self::at(&Self::dir_of(cli), Config::load(cli.config.as_deref())?)
    }

    /// The directory that the command line names.
    pub(crate) fn dir_of(cli: &Cli) -> PathBuf {
        cli.data
            .clone()
            .unwrap_or_else(environment::default_data_dir)
    }

    /// Opens a directory, for intake.
    pub(crate) fn at(dir: &Path, config: Config) -> anyhow::Result<Self> {
        Self::with_store(dir, config, true)
    }

    fn with_store(dir: &Path, config: Config, for_intake: bool) -> anyhow::Result<Self> {
        private_dir(dir)?;
        let shown = dir.display();
        let vault =
            Vault::open(&dir.join("keys")).with_context(|| format!("open keys in {shown}"))?;
        let vault = Arc::new(vault);
        let caps = caps(&config);
        let ledger = Ledger::open(&dir.join("ledger.db"), Arc::clone(&vault), caps)
            .with_context(|| format!("open ledger in {shown}"))?;
        let keys: Arc<Vault> = Arc::clone(&vault);
        let has_tenants = !ledger.tenants().context("list tenants")?.is_empty();
        let store = open_store(dir, keys, for_intake, has_tenants)
            .with_context(|| format!("open store in {shown}"))?;
        let (ledger, store) = (Arc::new(ledger), Arc::new(store));
        Ok(Self {
            dir: dir.to_owned(),
            config,
            vault,
            ledger,
            store,
        })
    }

    /// The file of shared rooms.
    pub(crate) fn shares(&self) -> PathBuf {
        self.dir.join("shares.db")
    }

    /// Says how many records this command met and could not open.
    pub(crate) fn tell_unreadable(&self) {
        let count = self.store.unreadable();
        if count > 0 {
            log::line(&format!("note: {count} records could not be opened"));
        }
    }

    /// Opens the journal for appending: one process at a time.
    pub(crate) fn journal(&self) -> anyhow::Result<Journal> {
        let keys: Arc<Vault> = Arc::clone(&self.vault);
        let cursor = self.store.cursor().context("read store cursor")?;
        let limits = cordon_journal::Limits::default();
        let (journal, recovery) = Journal::open(&self.dir.join("journal"), keys, limits, cursor)
            .context("open journal (is a server running on this data directory?)")?;
        tell(&recovery);
        Ok(journal)
    }

    /// A redactor under the tenant's policy; its keys tag the known secrets.
    pub(crate) fn redactor(&self, keys: &TenantKeys) -> anyhow::Result<Redactor> {
        let policy = policy::of_tenant(&self.config, &self.vault, keys)?;
        Redactor::new(policy).context("read [redaction]")
    }

    /// Fields that are technical for a tenant: those that the configuration names, and those that a
    /// schema calls class C.
    pub(crate) fn technical_fields(&self, tenant: &TenantId) -> anyhow::Result<Vec<String>> {
        let mut fields = self.config.technical_fields(Some(tenant));
        for section in self.config.redaction(Some(tenant)) {
            if let Some(path) = &section.schema {
                let approved = schema_file::read(path)?.schema()?;
                fields.extend(approved.technical_attributes().map(str::to_owned));
            }
        }
        Ok(fields)
    }

    /// The tenant of that name, or the only one there is.
    pub(crate) fn tenant(&self, name: Option<&str>) -> anyhow::Result<Tenant> {
        let mut tenants = self.ledger.tenants().context("list tenants")?;
        if let Some(name) = name {
            tenants.retain(|tenant| tenant.name.as_str() == name);
        } else if tenants.len() > 1 {
            bail!("choose tenant: there are several; say which with --tenant NAME");
        }
        tenants.pop().context(
            "find tenant: none of that name; add one with `cordon tenant add NAME --region REGION`",
        )
    }

    /// The name alone, as [`Home::tenant`].
    pub(crate) fn tenant_id(&self, name: Option<&str>) -> anyhow::Result<TenantId> {
        self.tenant(name).map(|tenant| tenant.name)
    }
}

/// Opens the store. Says on stderr where what came before is gone: it must not look like quiet.
fn open_store(
    dir: &Path,
    keys: Arc<Vault>,
    for_intake: bool,
    has_tenants: bool,
) -> Result<Store, cordon_store::Error> {
    let path = dir.join("store.db");
    let is_empty = std::fs::metadata(&path).map_or(true, |file| file.len() == 0);
    // Never under a running server.
    let (store, aside) = if for_intake && !Journal::is_held(&dir.join("journal")) {
        Store::open_or_set_aside(&path, keys)?
    } else {
        (Store::open(&path, keys)?, None)
    };
    if let Some(aside) = &aside {
        let aside = aside.display();
        log::line(&format!("store.db is damaged: set aside as {aside}"));
    }
    if aside.is_some() || (is_empty && has_tenants) {
        log::line("store is new: earlier events are gone");
    }
    Ok(store)
}

/// Who is at the keyboard. A name that cannot be told apart from another's is not used: then it is
/// the user that the process runs as.
pub(crate) fn operator() -> Operator {
    let named = environment::local_operator().and_then(|name| Operator::parse(&name).ok());
    let numbered = || Operator::parse(&environment::user_id()?).ok();
    named
        .or_else(numbered)
        .or_else(|| Operator::parse("local").ok())
        .unwrap_or_else(|| {
            // "local" is a name that the type accepts.
            std::process::abort()
        })
}

fn caps(config: &Config) -> Caps {
    let mut caps = Caps::default();
    for class in [&mut caps.tenant, &mut caps.operator] {
        if let Some(bytes) = config.budget.class_b_bytes {
            class.class_b_bytes_per_day = bytes;
        }
        if let Some(bytes) = config.budget.class_c_bytes {
            class.class_c_bytes_per_day = bytes;
        }
    }
    caps
}

fn tell(recovery: &Recovery) {
    if recovery.frames > 0 || recovery.damaged > 0 || recovery.unreadable > 0 {
        log::line(&format!(
            "journal recovered frames={} damaged={} damaged_bytes={} unreadable_segments={}",
            recovery.frames, recovery.damaged, recovery.damaged_bytes, recovery.unreadable
        ));
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
    std::fs::create_dir_all(dir).with_context(|| format!("create data directory {}", dir.display()))
}
