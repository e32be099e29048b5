//! Files that the configuration has followed.

use std::sync::Arc;

use anyhow::Context as _;
use cordon_receive::tail::{FileCounts, FileNotice, FileNotices, PartKey, Tail, TailLimits, Watch};
use cordon_receive::{Admit, Principal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::home::Home;
use crate::{environment, log};

/// Folder in the data directory that holds how far files were read.
const FOLDER: &str = "files";

/// Files that are followed until told to stop.
pub(super) struct Following {
    tasks: JoinSet<()>,
    stop: oneshot::Sender<()>,
}

/// Begins to follow what the configuration names; none where it names nothing.
///
/// What they come to is counted in `counts`, and changes are told in the log.
pub(super) fn follow(
    home: &Home,
    admit: Arc<dyn Admit>,
    counts: Arc<FileCounts>,
) -> anyhow::Result<Option<Following>> {
    let mut watches = Vec::new();
    for section in &home.config.listen.file {
        let tenant = home.tenant(Some(&section.tenant));
        let tenant = tenant.context("read tenant of [[listen.file]]")?;
        watches.push(Watch {
            paths: section.paths.clone(),
            who: Principal {
                tenant: tenant.name,
                region: tenant.region,
            },
            format: section.line_format()?,
            start_at: section.start_at.into(),
            service: section.service.clone(),
            zone_offset_s: section.zone_offset_s()?,
        });
    }
    if watches.is_empty() {
        return Ok(None);
    }
    let vault = Arc::clone(&home.vault);
    let key: PartKey = Arc::new(move |who: &Principal, part: &[u8]| {
        let keys = vault.tenant(&who.tenant).ok()?;
        Some(keys.request_mac(part))
    });
    let folder = home.dir.join(FOLDER);
    let tail = Tail::open(&folder, watches, TailLimits::default(), key);
    let tail = tail.context("open offsets of files")?;
    if tail.was_damaged() {
        log::line("offsets of files are damaged: set aside, files are begun as configured");
    }
    let notices: FileNotices = Arc::new(|notice: FileNotice| log::line(notice.text()));
    let tail = tail.watched(counts, notices);
    let (stop, stopped) = oneshot::channel();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let stopped = async {
            let _told = stopped.await;
        };
        let followed =
            cordon_receive::tail::follow(tail, admit, environment::now_unix_ns, stopped).await;
        if followed.is_err() {
            log::line("following files ended early; their offsets hold what is durable");
        }
    });
    Ok(Some(Following { tasks, stop }))
}

impl Following {
    /// Stops, and waits until offsets are stored.
    pub(super) async fn stop(mut self) {
        let _told = self.stop.send(());
        while self.tasks.join_next().await.is_some() {}
    }
}
