//! Pages: a canary or a late hit is told to a webhook, with retries, never with a value.
//!
//! A page is tried [`TRIES_MAX`] times, each try after twice the wait of the one before. An answer
//! that says that the request itself is wrong ends it at once: it would be as wrong again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use cordon_event::TenantId;
use serde_json::json;
use tokio::sync::mpsc;

use crate::environment;

/// Pages that may wait for the webhook.
const QUEUE_COUNT_MAX: usize = 1_024;
/// Tries per page.
const TRIES_MAX: u32 = 5;
/// Wait before the second try; it doubles with each.
const BACKOFF: Duration = Duration::from_millis(500);
/// Longest try.
const TRY_MAX: Duration = Duration::from_secs(10);
/// How long pages may take to be delivered when the process ends.
pub(crate) const DRAIN_MAX: Duration = Duration::from_secs(20);

/// What is told: no field of it can hold a payload.
#[derive(Clone, Debug)]
struct Told {
    /// Tenant whose events it was; `-` where it was nobody's.
    tenant: String,
    /// What is told.
    what: cordon_redact::Page,
    /// Events held back.
    events: u64,
    /// When, seconds since the Unix epoch.
    unix_s: u64,
}

/// How many pages there were, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    raised: AtomicU64,
    delivered: AtomicU64,
    lost: AtomicU64,
}

/// [`Counts`] at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageCounts {
    /// Told to the log.
    pub(crate) raised: u64,
    /// Taken by the webhook.
    pub(crate) delivered: u64,
    /// Not taken by the webhook, or never handed to it.
    pub(crate) lost: u64,
}

/// Hands pages to the webhook's task.
#[derive(Clone)]
pub(crate) struct Pager {
    webhook: Option<mpsc::Sender<Told>>,
    counts: Arc<Counts>,
}

impl Pager {
    /// A pager for the URL, if any, with the task that delivers: run it beside the server. The
    /// task ends when every pager is dropped and its queue is empty.
    pub(crate) fn new(
        webhook: Option<String>,
    ) -> anyhow::Result<(Self, impl Future<Output = ()> + Send + 'static)> {
        let client = || {
            reqwest::Client::builder()
                .timeout(TRY_MAX)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
        };
        let webhook = webhook.map(|url| client().map(|client| (client, url)));
        let webhook = webhook.transpose().context("set up the webhook's client")?;
        let (sender, mut queue) = mpsc::channel(QUEUE_COUNT_MAX);
        let counts = Arc::new(Counts::default());
        let pager = Self {
            webhook: webhook.is_some().then_some(sender),
            counts: Arc::clone(&counts),
        };
        let deliver = async move {
            let Some((client, url)) = webhook else {
                return;
            };
            while let Some(told) = queue.recv().await {
                if deliver(&client, &url, &told).await {
                    counts.delivered.fetch_add(1, Ordering::Relaxed);
                } else {
                    counts.lost.fetch_add(1, Ordering::Relaxed);
                    crate::log::line("page not delivered: the webhook does not take it");
                }
            }
        };
        Ok((pager, deliver))
    }

    /// Runs a short command with a pager, then delivers what it raised.
    pub(crate) fn with<T>(
        webhook: Option<String>,
        command: impl FnOnce(&Self) -> T,
    ) -> anyhow::Result<T> {
        let (pager, pages) = Self::new(webhook)?;
        let done = command(&pager);
        drop(pager);
        drain(pages)?;
        Ok(done)
    }

    /// Tells the log at once and the webhook as soon as it answers. A full queue drops the page
    /// to the webhook, not the line in the log.
    pub(crate) fn page(&self, tenant: Option<&TenantId>, page: &cordon_redact::Page, events: u64) {
        let tenant = tenant.map_or("-", TenantId::as_str).to_owned();
        self.counts.raised.fetch_add(1, Ordering::Relaxed);
        let (reason, rule, class) = (page.reason, page.rule, page.class);
        let source = page.source.get();
        crate::log::line(&format!(
            "page tenant={tenant} reason={reason} rule={rule} class={class} source={source} \
             events={events}"
        ));
        let told = Told {
            tenant,
            what: page.clone(),
            events,
            unix_s: environment::now_unix_s(),
        };
        if let Some(sender) = &self.webhook
            && sender.try_send(told).is_err()
        {
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
            crate::log::line("page dropped: the webhook does not keep up");
        }
    }

    /// What became of the pages so far.
    pub(crate) fn counts(&self) -> PageCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PageCounts {
            raised: of(&self.counts.raised),
            delivered: of(&self.counts.delivered),
            lost: of(&self.counts.lost),
        }
    }
}

/// Delivers what was raised, for so long and no longer.
pub(crate) fn drain(pages: impl Future<Output = ()>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start runtime")?;
    let drained = runtime.block_on(async { tokio::time::timeout(DRAIN_MAX, pages).await });
    if drained.is_err() {
        crate::log::line("pages not delivered in time");
    }
    Ok(())
}

/// Whether a page that was answered so will never be taken: the request is wrong, and no matter of
/// time (408, 425) or of too many (429).
fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// Whether the webhook took it.
async fn deliver(client: &reqwest::Client, url: &str, told: &Told) -> bool {
    let body = json!({
        "schema": "cordon.page",
        "version": 1,
        "tenant": told.tenant,
        "reason": told.what.reason,
        "rule": told.what.rule,
        "class": told.what.class.as_str(),
        "source": told.what.source.get(),
        "events": told.events,
        "unix_s": told.unix_s,
    })
    .to_string();
    let mut wait = BACKOFF;
    for attempt in 1..=TRIES_MAX {
        let sent = client
            .post(url)
            .header("content-type", "application/json")
            .body(body.clone())
            .send()
            .await;
        let status = sent.map(|answer| answer.status());
        match status {
            Ok(status) if status.is_success() => return true,
            Ok(status) if is_final(status.as_u16()) => return false,
            _ => {}
        }
        if attempt < TRIES_MAX {
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_never_be_taken_is_not_tried_again() {
        for status in [400, 401, 404, 410] {
            assert!(is_final(status), "{status}");
        }
        for status in [200, 307, 408, 425, 429, 500, 502, 503] {
            assert!(!is_final(status), "{status}");
        }
    }
}
