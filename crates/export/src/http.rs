//! OTLP/HTTP: a request is a POST of protobuf (OTLP specification, "OTLP/HTTP").

use crate::answer;
use crate::client::{Connection, Endpoint, gzip};
use crate::encode::{Request, Signal};
use crate::error::Error;
use crate::sink::{Accepted, SendError};

/// Sends over OTLP/HTTP.
pub struct Http(Connection);

impl Http {
    /// Sets it up; nothing is connected yet.
    pub fn new(endpoint: Endpoint) -> Result<Self, Error> {
        Connection::new(endpoint, |builder| builder).map(Self)
    }

    pub(crate) async fn send(
        &mut self,
        request: &Request,
        now_unix_ms: u64,
    ) -> Result<Accepted, SendError> {
        let path = match request.signal {
            Signal::Traces => "/v1/traces",
            Signal::Logs => "/v1/logs",
        };
        let mut headers = vec![("content-type", "application/x-protobuf")];
        let body = if self.0.gzip() {
            headers.push(("content-encoding", "gzip"));
            gzip(&request.body)
        } else {
            request.body.clone()
        };
        let answer = self.0.exchange(path, &headers, body).await?;
        answer::of_http(&answer, now_unix_ms)
    }
}
