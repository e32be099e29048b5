//! One request of a page: the process that `serve` starts for it, with the socket as its stdin.

use std::net::TcpStream;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use cordon_assist::model::Model;
use cordon_event::TenantId;
use cordon_ledger::Ledger;
use cordon_redact::Page;
use cordon_serve::{Desk, Names, Office, OfficeError};
use cordon_store::Store;

use crate::cli::Cli;
use crate::environment;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::pager::{Pager, drain};

/// Answers the request and ends.
pub(crate) fn run(cli: &Cli) -> Outcome {
    cordon_serve::confine().context("confine this process")?;
    let socket = std::io::stdin().as_fd().try_clone_to_owned();
    let socket = TcpStream::from(socket.context("take the socket")?);
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let model = home.config.model.as_ref();
    let model = model.map(crate::config::ModelSection::open);
    let model = model.transpose().or_exit(Exit::Usage)?;
    let (pager, pages) = Pager::new(home.config.pages.webhook.clone())?;
    let office = Arc::new(Room {
        names: Names::new(&home.config.server.room_names),
        shares: home.shares(),
        model,
        pager,
        home,
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start runtime")?;
    let answered = runtime.block_on(cordon_serve::answer_one(socket, office));
    // Its tasks hold the pager, whose queue ends with them.
    drop(runtime);
    drain(pages)?;
    answered.context("answer")?;
    Ok(Exit::Done)
}

/// The data directory, as the API sees it.
struct Room {
    home: Home,
    names: Names,
    shares: PathBuf,
    model: Option<Model>,
    pager: Pager,
}

impl Office for Room {
    fn now_unix_ns(&self) -> u64 {
        environment::now_unix_ns()
    }

    fn ledger(&self) -> &Ledger {
        &self.home.ledger
    }

    fn store(&self) -> &Store {
        &self.home.store
    }

    fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn shares(&self) -> &Path {
        &self.shares
    }

    fn desk(&self, tenant: &TenantId) -> Result<Desk, OfficeError> {
        let keys = self.home.vault.tenant(tenant).map_err(|_| OfficeError)?;
        let redactor = self.home.redactor(&keys).map_err(|_| OfficeError)?;
        let fields = self.home.technical_fields(tenant);
        Ok(Desk {
            redactor,
            mac: Box::new(keys),
            k_rule: self.home.config.k_rule(tenant),
            technical_fields: fields.map_err(|_| OfficeError)?,
        })
    }

    fn page(&self, tenant: &TenantId, page: &Page) {
        self.pager.page(Some(tenant), page, 0);
    }
}
