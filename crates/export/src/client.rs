//! Connections to a receiver: where it is, how it is trusted, and one exchange with it.
//!
//! *Invariants:* no redirect is followed, and no proxy is taken from the environment. What carries
//! more than loopback is TLS, unless plain text was allowed. No secret is printed: a header's value
//! has no `Debug`, and is marked so that the client prints none.

use std::io::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Url, tls};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::{HEADERS_COUNT_MAX, SendLimits, TEXT_BYTES_MAX};
use crate::sink::{Reason, SendError};

/// Headers that are the exporter's or the connection's own.
const OWN_HEADERS: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// How long an HTTP/2 connection with an open request may be silent before it is pinged, and how
/// long the ping may go unanswered. Without it, requests would go on failing over a connection
/// whose other end is gone.
const PING_AFTER: Duration = Duration::from_secs(15);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// A value that is not printed, and wiped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes it in.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

/// Whom an exporter trusts, and as whom it is known.
#[derive(Default)]
pub struct Trust {
    /// PEM of the authorities that a receiver's certificate may be from; without it, those that the
    /// system knows.
    pub authority_pem: Option<Vec<u8>>,
    /// PEM of the client's certificate, its chain and its key.
    pub identity_pem: Option<Zeroizing<Vec<u8>>>,
}

/// A receiver.
pub struct Endpoint {
    /// Base URL; the paths of OTLP are added to its own.
    pub url: String,
    /// Headers to send, such as a token.
    pub headers: Vec<(String, Secret)>,
    /// Trust.
    pub trust: Trust,
    /// Packs what is sent with gzip.
    pub gzip: bool,
    /// Lets plain text go to another machine.
    pub plain_text_allowed: bool,
    /// Limits of an exchange.
    pub limits: SendLimits,
}

impl Endpoint {
    /// A receiver at that address, packed, with the limits that are usual.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            headers: Vec::new(),
            trust: Trust::default(),
            gzip: true,
            plain_text_allowed: false,
            limits: SendLimits::default(),
        }
    }
}

/// A client of one receiver.
pub(crate) struct Connection {
    client: Client,
    base: Url,
    headers: HeaderMap,
    gzip: bool,
    answer_bytes_max: usize,
}

/// What a receiver answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Its first bytes, up to the limit.
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: HeaderMap,
    /// Whether it came to its end.
    pub(crate) is_whole: bool,
}

impl Connection {
    /// Sets a client up; `prepare` says what the protocol needs beside.
    pub(crate) fn new(
        endpoint: Endpoint,
        prepare: fn(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, Error> {
        let base = base(&endpoint)?;
        let headers = headers(endpoint.headers)?;
        let limits = endpoint.limits;
        let mut builder = Client::builder()
            .connect_timeout(Duration::from_millis(limits.connect_ms_max))
            .timeout(Duration::from_millis(limits.request_ms_max))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_version_min(tls::Version::TLS_1_2)
            .http2_keep_alive_interval(PING_AFTER)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .user_agent(concat!("cordon/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &endpoint.trust.authority_pem {
            let known = reqwest::Certificate::from_pem_bundle(pem);
            let known = known.ok().filter(|known| !known.is_empty());
            builder = builder.tls_certs_only(known.ok_or(Error::Authority)?);
        }
        if let Some(pem) = &endpoint.trust.identity_pem {
            let identity = reqwest::Identity::from_pem(pem).map_err(|_| Error::Identity)?;
            builder = builder.identity(identity);
        }
        Ok(Self {
            client: prepare(builder).build().map_err(|_| Error::Client)?,
            base,
            headers,
            gzip: endpoint.gzip,
            answer_bytes_max: limits.answer_bytes_max,
        })
    }

    /// Whether what is sent is packed.
    pub(crate) fn gzip(&self) -> bool {
        self.gzip
    }

    /// Sends one request and reads its answer. An error says that no answer began.
    pub(crate) async fn exchange(
        &self,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: Vec<u8>,
    ) -> Result<Answer, SendError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        let mut request = self.client.post(url).headers(self.headers.clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await;
        let response = response.map_err(|error| SendError::Retry(reason_of(&error), None))?;
        let mut answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: Vec::new(),
            trailers: HeaderMap::new(),
            is_whole: true,
        };
        let mut body = reqwest::Body::from(response);
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                answer.is_whole = false;
                break;
            };
            match frame.into_data() {
                Ok(data) => {
                    let room = self.answer_bytes_max.saturating_sub(answer.body.len());
                    // The rest is let go, for the trailers behind it; time bounds it.
                    answer.body.extend(data.iter().take(room));
                }
                Err(frame) => {
                    answer
                        .trailers
                        .extend(frame.into_trailers().unwrap_or_default());
                }
            }
        }
        Ok(answer)
    }
}

fn reason_of(error: &reqwest::Error) -> Reason {
    if error.is_timeout() {
        Reason::TimedOut
    } else {
        Reason::Unreachable
    }
}

/// Packs bytes with gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    // Into memory: neither step can fail.
    let _written = packed.write_all(bytes);
    packed.finish().unwrap_or_default()
}

fn base(endpoint: &Endpoint) -> Result<Url, Error> {
    if endpoint.url.len() > TEXT_BYTES_MAX {
        return Err(Error::Endpoint);
    }
    let url = Url::parse(&endpoint.url).map_err(|_| Error::Endpoint)?;
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_bare || !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Error::Endpoint);
    }
    if url.scheme() == "http" && !is_loopback(&url) && !endpoint.plain_text_allowed {
        return Err(Error::PlainText);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn headers(given: Vec<(String, Secret)>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    if given.len() > HEADERS_COUNT_MAX {
        return Err(Error::Header(HEADERS_COUNT_MAX));
    }
    for (at, (name, Secret(value))) in given.into_iter().enumerate() {
        let is_short = name.len() <= TEXT_BYTES_MAX && value.len() <= TEXT_BYTES_MAX;
        let name = HeaderName::try_from(name).map_err(|_| Error::Header(at))?;
        let is_own = OWN_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("grpc-");
        let mut value = HeaderValue::from_str(&value).map_err(|_| Error::Header(at))?;
        if is_own || !is_short {
            return Err(Error::Header(at));
        }
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, plain_text_allowed: bool) -> Option<&'static str> {
        let endpoint = Endpoint {
            plain_text_allowed,
            ..Endpoint::new(url)
        };
        base(&endpoint).err().map(|error| error.code())
    }

    #[test]
    fn endpoints_are_whole_and_hold_no_secret() {
        for url in [
            "http://127.0.0.1:4318",
            "http://localhost/otlp",
            "http://[::1]:4317/",
            "https://collector.example/base/",
        ] {
            assert_eq!(check(url, false), None, "{url}");
        }
        let user = format!("https://u:{}@collector.example", "p".repeat(8));
        for url in [
            "collector:4318",
            "ftp://collector",
            "https://c.example/?key=1",
            "https://c.example/#x",
            user.as_str(),
        ] {
            assert_eq!(check(url, true), Some("export_endpoint"), "{url}");
        }
        for url in ["http://collector.example", "http://127.0.0.1.example/"] {
            assert_eq!(check(url, false), Some("export_plain_text"), "{url}");
            assert_eq!(check(url, true), None, "{url}");
        }
    }

    #[test]
    fn headers_are_well_formed_and_not_the_exporters_own() {
        let one = |name: &str, value: &str| {
            headers(vec![(name.to_owned(), Secret::new(value.to_owned()))])
        };
        let map = one("Authorization", "Bearer t").unwrap();
        assert!(map["authorization"].is_sensitive());
        assert!(!format!("{map:?}").contains("Bearer"));
        for (name, value) in [
            ("Content-Type", "x"),
            ("grpc-timeout", "1S"),
            ("a b", "x"),
            ("a", "x\r\ny: z"),
            ("TE", "x"),
        ] {
            assert!(matches!(one(name, value), Err(Error::Header(0))), "{name}");
        }
    }
}
