//! OTLP/gRPC: one unary call over HTTP/2 (gRPC, "gRPC over HTTP2").
//!
//! *Why no gRPC library:* a call is five bytes before the message and a status behind the answer.

use reqwest::ClientBuilder;

use crate::answer;
use crate::client::{Connection, Endpoint, gzip};
use crate::encode::{Request, Signal};
use crate::error::Error;
use crate::sink::{Accepted, SendError};

/// Sends over OTLP/gRPC.
pub struct Grpc(Connection);

impl Grpc {
    /// Sets it up; nothing is connected yet.
    pub fn new(endpoint: Endpoint) -> Result<Self, Error> {
        Connection::new(endpoint, ClientBuilder::http2_prior_knowledge).map(Self)
    }

    pub(crate) async fn send(&mut self, request: &Request) -> Result<Accepted, SendError> {
        let path = match request.signal {
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        };
        let mut headers = vec![("content-type", "application/grpc"), ("te", "trailers")];
        let body = if self.0.gzip() {
            headers.push(("grpc-encoding", "gzip"));
            framed(1, &gzip(&request.body))?
        } else {
            framed(0, &request.body)?
        };
        let answer = self.0.exchange(path, &headers, body).await?;
        answer::of_grpc(&answer)
    }
}

/// A message behind its frame: whether it is packed, and its length.
fn framed(packed: u8, message: &[u8]) -> Result<Vec<u8>, SendError> {
    let len = u32::try_from(message.len()).map_err(|_| SendError::TooLarge)?;
    let mut out = Vec::with_capacity(5 + message.len());
    out.push(packed);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(message);
    Ok(out)
}
