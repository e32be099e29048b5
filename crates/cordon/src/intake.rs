//! The way in, set up: journal, folder, applier, pager and spine.

use std::sync::Arc;

use anyhow::Context as _;
use cordon_journal::{Cursor, Journal};
use cordon_sift::{Folder, Opening, Plans, Sift};

use crate::applier::{Applier, Durable};
use crate::config::Role;
use crate::crashes::Crashes;
use crate::exit::{Ends as _, Exit, Failure};
use crate::home::Home;
use crate::pager::Pager;
use crate::sifting::{Folding, Steady};
use crate::spine::{Behind, Spine};
use crate::{environment, exporting, sampling};

/// Name of the store among those who read what is decided.
const STORE: &str = "store";
/// Folder of the decisions.
const DECISIONS: &str = "decisions";

/// The open way in: one process at a time.
///
/// The order is that in which it is closed: what came in is decided, then applied.
pub(crate) struct Intake {
    /// Hands events to the journal.
    pub(crate) spine: Spine,
    /// Decides traces, where somebody samples or exports.
    pub(crate) sifting: Option<Sifting>,
    /// Takes them from the journal to the store; dropping it applies what is durable.
    pub(crate) applier: Applier,
    /// Where events are made durable.
    pub(crate) journal: Arc<Journal>,
}

impl Intake {
    /// Decides and applies all that was taken in: a command that ends leaves nothing waiting.
    pub(crate) fn close(self) {
        drop(self.spine);
        if let Some(sifting) = self.sifting {
            sifting.folding.end();
        }
        drop((self.applier, self.journal));
    }
}

/// The folder at work.
pub(crate) struct Sifting {
    /// Its thread.
    pub(crate) folding: Folding,
    /// What readers are made of.
    pub(crate) sift: Sift,
    /// The clock by which it decides.
    pub(crate) clock: Steady,
}

/// Opens the way in, with the task that delivers pages: it ends when the spine is gone and its
/// queue is empty.
pub(crate) fn open(
    home: &Home,
) -> Result<(Intake, impl Future<Output = ()> + Send + 'static), Failure> {
    let plans = sampling::plans(&home.config).or_exit(Exit::Usage)?;
    let journal = Arc::new(home.journal().or_exit(Exit::Unreachable)?);
    let from = home.store.cursor().context("read store cursor")?;
    let sifting = if plans.is_empty() && home.config.export.is_empty() {
        None
    } else {
        Some(sift(home, &journal, plans, from)?)
    };
    let durable = match &sifting {
        Some(sifting) => {
            let (reader, clock) = (Box::new(sifting.sift.reader(STORE)), sifting.clock);
            match home.config.server.role {
                Role::Gateway => Durable::Sifted(reader, clock),
                Role::Agent => Durable::Held(reader, clock),
            }
        }
        None => Durable::Journal(journal.reader(from)),
    };
    let store = Arc::clone(&home.store);
    let applier = Applier::start(Arc::clone(&journal), store, durable, from)?;
    let (pager, pages) = Pager::new(home.config.pages.webhook.clone())?;
    let behind = Behind {
        applying: applier.failures(),
        sift: sifting
            .as_ref()
            .map(|sifting| (sifting.sift.clone(), sifting.folding.decisions())),
        exports: exporting::Tallies::default(),
        store: Arc::clone(&home.store),
    };
    let spine = Spine::new(
        Arc::clone(&home.vault),
        Arc::clone(&home.ledger),
        Arc::clone(&journal),
        home.config.clone(),
        pager,
        behind,
        Crashes::new(home),
    )?;
    spine.check_policy().or_exit(Exit::Usage)?;
    let intake = Intake {
        spine,
        sifting,
        applier,
        journal,
    };
    Ok((intake, pages))
}

fn sift(
    home: &Home,
    journal: &Arc<Journal>,
    plans: Plans,
    from: Cursor,
) -> Result<Sifting, Failure> {
    let clock = Steady::start();
    let mut readers = vec![(STORE.to_owned(), from)];
    readers.extend(exporting::places(home, from)?);
    let keys: Arc<cordon_vault::Vault> = Arc::clone(&home.vault);
    let opening = Opening {
        journal: Arc::clone(journal),
        dir: &home.dir.join(DECISIONS),
        keys,
        plans,
        readers,
        hash_seed: environment::random(),
        now_unix_ms: clock.now_unix_ms(),
    };
    let (folder, sift) = Folder::open(opening).context("read decisions")?;
    let folding = Folding::start(folder, clock).context("start thread")?;
    Ok(Sifting {
        folding,
        sift,
        clock,
    })
}
