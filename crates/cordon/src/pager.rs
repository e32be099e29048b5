//! Pages: a canary or a late hit is told to a webhook, with retries, never with a value.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;

/// Pages that may wait for the webhook.
const QUEUE_COUNT_MAX: usize = 1_024;
/// Tries per page.
const TRIES_MAX: u32 = 5;
/// Wait before the second try; it doubles with each.
const BACKOFF: Duration = Duration::from_millis(500);
/// Longest try.
const TRY_MAX: Duration = Duration::from_secs(10);

/// What is told: no field of it can hold a payload.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Tenant whose events it was.
    pub(crate) tenant: String,
    /// Stable reason code, such as `canary`.
    pub(crate) reason: &'static str,
    /// Rule that hit.
    pub(crate) rule: String,
    /// Events held back.
    pub(crate) events: u64,
    /// When, seconds since the Unix epoch.
    pub(crate) unix_s: u64,
}

/// Hands pages to the webhook's task.
#[derive(Clone)]
pub(crate) struct Pager(Option<mpsc::Sender<Page>>);

impl Pager {
    /// A pager for the URL, if any, with the task that delivers: run it beside the server.
    pub(crate) fn new(
        webhook: Option<String>,
    ) -> anyhow::Result<(Self, impl Future<Output = ()> + Send + 'static)> {
        let client = reqwest::Client::builder()
            .timeout(TRY_MAX)
            .no_proxy()
            .build()?;
        let (sender, mut queue) = mpsc::channel(QUEUE_COUNT_MAX);
        let has_webhook = webhook.is_some();
        let deliver = async move {
            let Some(url) = webhook else { return };
            while let Some(page) = queue.recv().await {
                deliver(&client, &url, &page).await;
            }
        };
        Ok((Self(has_webhook.then_some(sender)), deliver))
    }

    /// Tells the log at once and the webhook as soon as it answers. A full queue drops the page
    /// to the webhook, not the line in the log.
    pub(crate) fn page(&self, page: Page) {
        crate::log::line(&format!(
            "page tenant={} reason={} rule={} events={}",
            page.tenant, page.reason, page.rule, page.events
        ));
        if let Some(sender) = &self.0
            && sender.try_send(page).is_err()
        {
            crate::log::line("page dropped: the webhook does not keep up");
        }
    }
}

async fn deliver(client: &reqwest::Client, url: &str, page: &Page) {
    let body = json!({
        "schema": "cordon.page",
        "version": 1,
        "tenant": page.tenant,
        "reason": page.reason,
        "rule": page.rule,
        "events": page.events,
        "unix_s": page.unix_s,
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
        if sent.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        if attempt < TRIES_MAX {
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }
    crate::log::line("page not delivered: the webhook does not answer");
}
