//! The connection that carries evidence to a language model: any OpenAI-compatible server.
//!
//! *Invariants:* the prompt is [`Released`]: its audit entry is durable; what comes back is
//! [`Raw`] until the answer gate has passed it; no error text holds a byte of either. A server that
//! is not on loopback is refused unless its vendor, region, agreement and no-training commitment
//! are declared.

use std::net::IpAddr;
use std::time::Duration;

use cordon_event::Raw;
use cordon_ledger::Released;
use reqwest::Url;
use serde_json::json;
use thiserror::Error;

/// Longest line of a server-sent event stream, in bytes.
const SSE_LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest answer read, in bytes; the rest is not read.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long a connection may take, in seconds.
const CONNECT_S_MAX: u64 = 5;

/// Where a model is and under which terms.
#[derive(Clone)]
pub struct Model {
    base_url: Url,
    name: String,
    api_key: Option<ApiKey>,
    timeout: Duration,
}

/// A credential that cannot be printed.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes the credential in.
    pub fn new(key: String) -> Self {
        Self(key)
    }
}

/// What must be declared of a model server that is not on loopback.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Who runs it.
    pub vendor: Option<String>,
    /// Where it runs.
    pub region: Option<String>,
    /// Reference of the data processing agreement.
    pub agreement: Option<String>,
    /// The vendor has committed itself not to train on what is sent.
    pub no_training: bool,
}

/// Why a model could not be used or did not answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The base URL is not an absolute http(s) URL.
    #[error("use model: base_url is not an absolute http or https URL")]
    Url,
    /// A remote model without its declarations.
    #[error(
        "use model: a server that is not on loopback needs vendor, region, agreement and \
         no_training = true in [model]; missing: {0}"
    )]
    Terms(&'static str),
    /// The client could not be set up.
    #[error("use model: set up the HTTP client")]
    Client,
    /// No connection, or it broke.
    #[error("reach model")]
    Unreachable,
    /// It took longer than allowed.
    #[error("reach model: timed out")]
    TimedOut,
    /// It answered with another status than 200.
    #[error("reach model: status {0}")]
    Status(u16),
    /// Its stream is not a server-sent event stream of this interface.
    #[error("read model stream")]
    Stream,
}

impl ModelError {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url | Self::Terms(_) | Self::Client => "model_configuration",
            Self::Unreachable => "model_unreachable",
            Self::TimedOut => "model_timed_out",
            Self::Status(_) => "model_status",
            Self::Stream => "model_stream",
        }
    }
}

impl Model {
    /// Accepts a model server, or says what is missing.
    pub fn new(
        base_url: &str,
        name: String,
        api_key: Option<ApiKey>,
        terms: &Terms,
        timeout: Duration,
    ) -> Result<Self, ModelError> {
        let base_url = Url::parse(base_url).map_err(|_| ModelError::Url)?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host_str().is_none() {
            return Err(ModelError::Url);
        }
        if !is_loopback(&base_url) {
            terms.complete()?;
        }
        Ok(Self {
            base_url,
            name,
            api_key,
            timeout,
        })
    }

    /// What the model is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is: scheme, host and port, and nothing else of the address.
    pub fn destination(&self) -> String {
        self.base_url.origin().ascii_serialization()
    }

    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Asks, and hands every line of the answer's text to `on_line` as it completes. `on_line`
    /// returns false to stop the stream.
    pub async fn stream(
        &self,
        system: &'static str,
        prompt: &Released<String>,
        on_line: &mut (dyn FnMut(Raw<String>) -> bool + Send),
    ) -> Result<(), ModelError> {
        let asked = tokio::time::timeout(self.timeout, self.stream_all(system, prompt, on_line));
        asked.await.map_err(|_| ModelError::TimedOut)?
    }

    async fn stream_all(
        &self,
        system: &'static str,
        prompt: &Released<String>,
        on_line: &mut (dyn FnMut(Raw<String>) -> bool + Send),
    ) -> Result<(), ModelError> {
        let mut response = self.post(system, prompt).await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(ModelError::Status(response.status().as_u16()));
        }
        let mut events = Lines::new(SSE_LINE_BYTES_MAX);
        let mut text = Lines::new(ANSWER_BYTES_MAX);
        let mut read = 0_usize;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|_| ModelError::Unreachable)?
        {
            for event in events.push(&chunk)? {
                let Some(delta) = delta_of(&event)? else {
                    continue;
                };
                read += delta.len();
                for line in text.push(delta.as_bytes())? {
                    if !on_line(Raw::new(line)) {
                        return Ok(());
                    }
                }
            }
            if read > ANSWER_BYTES_MAX {
                return Ok(());
            }
        }
        if let Some(rest) = text.rest() {
            on_line(Raw::new(rest));
        }
        Ok(())
    }

    async fn post(
        &self,
        system: &'static str,
        prompt: &Released<String>,
    ) -> Result<reqwest::Response, ModelError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(CONNECT_S_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| ModelError::Client)?;
        let url = format!(
            "{}/chat/completions",
            self.base_url.as_str().trim_end_matches('/')
        );
        let body = json!({
            "model": self.name,
            "stream": true,
            "temperature": 0,
            "messages": [
                { "role": "system", "content": system },
                { "role": "user", "content": prompt.get() },
            ],
        });
        let mut request = client
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_string());
        if let Some(ApiKey(key)) = &self.api_key {
            request = request.bearer_auth(key);
        }
        request.send().await.map_err(|_| ModelError::Unreachable)
    }
}

impl Terms {
    fn complete(&self) -> Result<(), ModelError> {
        let missing = [
            ("vendor", self.vendor.is_none()),
            ("region", self.region.is_none()),
            ("agreement", self.agreement.is_none()),
            ("no_training", !self.no_training),
        ];
        match missing.into_iter().find(|(_, is_missing)| *is_missing) {
            Some((name, _)) => Err(ModelError::Terms(name)),
            None => Ok(()),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The text that one event of the stream adds, if any.
fn delta_of(line: &str) -> Result<Option<String>, ModelError> {
    let Some(data) = line.trim().strip_prefix("data:") else {
        return Ok(None);
    };
    let data = data.trim();
    if data == "[DONE]" || data.is_empty() {
        return Ok(None);
    }
    let json: serde_json::Value = serde_json::from_str(data).map_err(|_| ModelError::Stream)?;
    let delta = json
        .pointer("/choices/0/delta/content")
        .and_then(serde_json::Value::as_str);
    Ok(delta.map(str::to_owned))
}

/// Cuts a byte stream into lines, bounded.
struct Lines {
    open: Vec<u8>,
    bytes_max: usize,
}

impl Lines {
    fn new(bytes_max: usize) -> Self {
        Self {
            open: Vec::new(),
            bytes_max,
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, ModelError> {
        let mut lines = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                lines.push(String::from_utf8_lossy(&std::mem::take(&mut self.open)).into_owned());
            } else if self.open.len() < self.bytes_max {
                self.open.push(byte);
            } else {
                return Err(ModelError::Stream);
            }
        }
        Ok(lines)
    }

    fn rest(&mut self) -> Option<String> {
        let open = std::mem::take(&mut self.open);
        (!open.is_empty()).then(|| String::from_utf8_lossy(&open).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(url: &str, terms: &Terms) -> Result<Model, ModelError> {
        Model::new(url, "m".into(), None, terms, Duration::from_secs(1))
    }

    #[test]
    fn loopback_needs_no_terms() {
        for url in [
            "http://127.0.0.1:8080/v1",
            "http://localhost/v1",
            "http://[::1]:1/v1",
        ] {
            assert!(model(url, &Terms::default()).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_remote_model_needs_all_its_terms() {
        let url = "https://models.example/v1";
        let full = Terms {
            vendor: Some("v".into()),
            region: Some("eu".into()),
            agreement: Some("dpa-1".into()),
            no_training: true,
        };
        assert!(model(url, &full).is_ok());
        let bare = Terms {
            no_training: false,
            ..full
        };
        assert!(matches!(
            model(url, &bare),
            Err(ModelError::Terms("no_training"))
        ));
        // A name that only looks like loopback is remote.
        for url in [
            "http://localhost.example/v1",
            "http://127.0.0.1.example/",
            "ftp://x/",
        ] {
            assert!(model(url, &Terms::default()).is_err(), "{url}");
        }
    }

    #[test]
    fn lines_are_cut_at_every_split() {
        let text = b"data: a\ndata: b\nrest";
        for at in 0..text.len() {
            let mut lines = Lines::new(100);
            let mut seen = lines.push(&text[..at]).unwrap();
            seen.extend(lines.push(&text[at..]).unwrap());
            assert_eq!(seen, ["data: a", "data: b"]);
            assert_eq!(lines.rest().as_deref(), Some("rest"));
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        assert!(Lines::new(8).push(&[b'x'; 9]).is_err());
    }
}
