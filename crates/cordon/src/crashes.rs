//! Minidumps that arrive over the network: looked at as `cordon crash` does, and never kept.
//!
//! A dump goes from memory to a worker behind walls and is wiped. The tenant's symbols are opened
//! for it where the one who serves has the grant for them (`cordon symbols grant`), with an audit
//! entry for each dump; without it functions that only symbols name are told by their offset.
//!
//! *Limits:* [`AT_ONCE_MAX`] dumps at once; another waits [`WAIT_MAX`] and is then refused for now.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use cordon_crash::{Error, Examined, Examiner, SymbolFeed, worker_limits};
use cordon_event::Raw;
use cordon_govern::{ExposedClass, Purpose, Request};
use cordon_ledger::{Action, Entry, Ledger};
use cordon_receive::{AdmitError, CrashError, Crashed};
use cordon_redact::Redactor;
use cordon_sandbox::{Filter, Mode};
use cordon_vault::{TenantKeys, Vault};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::commands::crash::WORKER;
use crate::commands::symbols::Kept;
use crate::environment;
use crate::home::{Home, operator};
use crate::release::fresh_id;

/// Dumps that are looked at together: each takes up to three gigabytes of address space.
const AT_ONCE_MAX: usize = 2;
/// How long a dump waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Seconds after which a sender that found no turn is to try again.
const RETRY_AFTER_S: u32 = 30;

/// What looks at dumps.
pub(crate) struct Crashes {
    dir: PathBuf,
    vault: Arc<Vault>,
    ledger: Arc<Ledger>,
    turns: Semaphore,
    /// Found at the first dump: a program without crashes needs no sandbox.
    filter: OnceLock<Filter>,
}

impl Crashes {
    /// For the tenants of a data directory.
    pub(crate) fn new(home: &Home) -> Self {
        Self {
            dir: home.dir.clone(),
            vault: Arc::clone(&home.vault),
            ledger: Arc::clone(&home.ledger),
            turns: Semaphore::new(AT_ONCE_MAX),
            filter: OnceLock::new(),
        }
    }

    /// A turn, or a refusal for now.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, CrashError> {
        let full = CrashError::NotNow(AdmitError::Full {
            retry_after_s: RETRY_AFTER_S,
        });
        let turn = tokio::time::timeout(WAIT_MAX, self.turns.acquire()).await;
        turn.map_err(|_| full)?.map_err(|_| full)
    }

    /// Looks at one dump, which takes seconds.
    pub(crate) fn look(
        &self,
        keys: &TenantKeys,
        redactor: &Redactor,
        dump: Raw<Vec<u8>>,
    ) -> Result<Crashed, CrashError> {
        let filter = self.filter()?;
        let not_now = |_| CrashError::NotNow(AdmitError::Unavailable);
        let symbols = self.symbols(keys).map_err(not_now)?;
        let find = |id: &str| -> Result<Option<SymbolFeed>, Error> {
            symbols.as_ref().map_or(Ok(None), |kept| kept.feed(id))
        };
        let examiner = Examiner {
            filter,
            program: environment::own_program().map_err(|_| CrashError::NoSandbox)?,
            arguments: &WORKER,
            limits: worker_limits(),
            redactor,
            mac: keys,
        };
        let examined = examiner.examine_raw(dump, &find).map_err(|e| of(&e))?;
        let id = fresh_id().map_err(not_now)?;
        crashed(&examined, id)
    }

    fn filter(&self) -> Result<&Filter, CrashError> {
        if let Some(filter) = self.filter.get() {
            return Ok(filter);
        }
        let found = Filter::detect(Mode::Bubblewrap, &environment::search_path());
        let found = found.map_err(|_| CrashError::NoSandbox)?;
        Ok(self.filter.get_or_init(|| found))
    }

    /// The tenant's symbols, where there are any and the one who serves may open them.
    fn symbols(&self, keys: &TenantKeys) -> anyhow::Result<Option<Kept>> {
        if !Kept::exists(&self.dir, keys.id()) {
            return Ok(None);
        }
        let now_unix_s = environment::now_unix_s();
        let request = Request {
            tenant: keys.id(),
            class: ExposedClass::C,
            purpose: Purpose::Symbols,
            now_unix_s,
        };
        let operator = operator();
        let authorised = self.ledger.authorise(&operator, Action::Crash, &request);
        if authorised.context("read grant")?.is_err() {
            return Ok(None);
        }
        let entry = Entry {
            time_unix_s: now_unix_s,
            actor: operator,
            tenant: Some(keys.id().clone()),
            action: Action::Crash,
            decision: "symbols_opened",
            class: None,
            amount_bytes: 0,
            evidence: Vec::new(),
            digest: None,
        };
        // Its receipt releases nothing.
        drop(self.ledger.record(&entry).context("write audit entry")?);
        Kept::at(&self.dir, &self.vault, keys.id()).map(Some)
    }
}

/// The event of what was found; a dump of a process that runs tells of no crash.
fn crashed(examined: &Examined, id: [u8; 16]) -> Result<Crashed, CrashError> {
    let event = examined
        .report
        .get()
        .event(told_time(examined), None, "")
        .ok_or(CrashError::Refused)?;
    Ok(Crashed { event, id })
}

/// When the dump was written, by its own word; a time that is still to come is none.
pub(crate) fn told_time(examined: &Examined) -> u32 {
    let is_past = u64::from(examined.time_unix_s) <= environment::now_unix_s();
    if is_past { examined.time_unix_s } else { 0 }
}

/// A dump that ends its worker is as little readable as one that the worker refuses; what is ours
/// is no fault of the dump.
fn of(error: &Error) -> CrashError {
    match error {
        Error::Io(_) | Error::Seal(_) => CrashError::NotNow(AdmitError::Unavailable),
        Error::Sandbox(_) => CrashError::NoSandbox,
        _ => CrashError::Refused,
    }
}
