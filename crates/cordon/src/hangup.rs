//! SIGHUP: what can be read again without a restart is read again.
//!
//! *Why it is taken even where nothing is to be read:* a signal that a service manager sends to
//! reload would end the process otherwise.

use std::path::PathBuf;
use std::sync::Arc;

use crate::home::Home;
use crate::log;
use crate::reload::Reload;

/// SIGHUP, listened for from its making on.
#[cfg(unix)]
pub(crate) struct Hangup {
    signal: tokio::signal::unix::Signal,
    /// The configuration file, if there is one.
    pub(crate) path: Option<PathBuf>,
}

#[cfg(unix)]
impl Hangup {
    /// Begins to listen.
    pub(crate) fn install(path: Option<PathBuf>) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup())?;
        Ok(Self { signal, path })
    }

    /// Reads again at each signal, one after the other; never ends. Signals that come meanwhile
    /// are one more.
    pub(crate) async fn reload_forever(mut self, reload: Reload, home: &Arc<Home>) {
        let reload = Arc::new(reload);
        while self.signal.recv().await.is_some() {
            let (reload, home) = (Arc::clone(&reload), Arc::clone(home));
            // Compiling takes a while, and files are read: not where requests are answered.
            let done = tokio::task::spawn_blocking(move || reload.run(&home));
            if done.await.is_err() {
                log::line("kept the configuration code=config_panic");
            }
        }
        std::future::pending::<()>().await;
    }
}

/// Where there are no signals, nothing is read again.
#[cfg(not(unix))]
pub(crate) struct Hangup {
    /// The configuration file, if there is one.
    pub(crate) path: Option<PathBuf>,
}

#[cfg(not(unix))]
impl Hangup {
    /// Does nothing.
    pub(crate) fn install(path: Option<PathBuf>) -> std::io::Result<Self> {
        Ok(Self { path })
    }

    /// Never ends.
    pub(crate) async fn reload_forever(self, _: Reload, _: &Arc<Home>) {
        std::future::pending::<()>().await;
    }
}
