//! SIGHUP: what can be read again without a restart is read again.
//!
//! *Why it is taken even where nothing is to be read:* a signal that a service manager sends to
//! reload would end the process otherwise.

use crate::listeners::Certificates;

/// SIGHUP, listened for from its making on.
#[cfg(unix)]
pub(crate) struct Hangup(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangup {
    /// Begins to listen.
    pub(crate) fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::hangup())?))
    }

    /// Reads again at each signal; never ends.
    pub(crate) async fn reload_forever(mut self, certificates: &Certificates) {
        while self.0.recv().await.is_some() {
            certificates.reload();
        }
        std::future::pending::<()>().await;
    }
}

/// Where there are no signals, nothing is read again.
#[cfg(not(unix))]
pub(crate) struct Hangup;

#[cfg(not(unix))]
impl Hangup {
    /// Does nothing.
    pub(crate) fn install() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Never ends.
    pub(crate) async fn reload_forever(self, _: &Certificates) {
        std::future::pending::<()>().await;
    }
}
