//! The way in, set up: journal, applier, pager and spine.

use std::sync::Arc;

use anyhow::Context as _;
use cordon_journal::Journal;

use crate::applier::Applier;
use crate::crashes::Crashes;
use crate::exit::{Ends as _, Exit, Failure};
use crate::home::Home;
use crate::pager::Pager;
use crate::spine::Spine;

/// The open way in: one process at a time.
pub(crate) struct Intake {
    /// Where events are made durable.
    pub(crate) journal: Arc<Journal>,
    /// Hands events to the journal.
    pub(crate) spine: Spine,
    /// Takes them from the journal to the store; dropping it applies what is durable.
    pub(crate) applier: Applier,
}

/// Opens the way in, with the task that delivers pages: it ends when the spine is gone and its
/// queue is empty.
pub(crate) fn open(
    home: &Home,
) -> Result<(Intake, impl Future<Output = ()> + Send + 'static), Failure> {
    let journal = Arc::new(home.journal().or_exit(Exit::Unreachable)?);
    let from = home.store.cursor().context("read store cursor")?;
    let applier = Applier::start(Arc::clone(&journal), Arc::clone(&home.store), from)?;
    let (pager, pages) = Pager::new(home.config.pages.webhook.clone())?;
    let spine = Spine::new(
        Arc::clone(&home.vault),
        Arc::clone(&home.ledger),
        Arc::clone(&journal),
        home.config.clone(),
        pager,
        applier.failures(),
        Crashes::new(home),
    )?;
    spine.check_policy().or_exit(Exit::Usage)?;
    let intake = Intake {
        journal,
        spine,
        applier,
    };
    Ok((intake, pages))
}
