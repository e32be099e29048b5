//! What keeps an exporter from being set up, or from going on. No text holds an address, a header
//! or a byte of telemetry.

use std::io;

use thiserror::Error;

/// Why an exporter cannot be set up or go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The endpoint is not an absolute http(s) URL, or holds a user, a query or a fragment.
    #[error(
        "set up export: endpoint is not an absolute http or https URL without user, query and \
         fragment"
    )]
    Endpoint,
    /// Without TLS to another machine, and nobody said that this is meant.
    #[error(
        "set up export: an endpoint that is not on loopback needs https, or that plain text is \
         allowed for it"
    )]
    PlainText,
    /// A header is malformed, or is the exporter's own.
    #[error("set up export: header {0} cannot be sent")]
    Header(usize),
    /// The authorities' certificates cannot be read.
    #[error("set up export: no certificate of an authority can be read")]
    Authority,
    /// The client's certificate or key cannot be read.
    #[error("set up export: the client's certificate or key cannot be read")]
    Identity,
    /// The client could not be set up.
    #[error("set up export: set up the HTTP client")]
    Client,
    /// Another process writes into the folder.
    #[error("set up export: the folder is written by another process")]
    Busy,
    /// The folder cannot be used.
    #[error("use export folder")]
    Folder(#[source] io::Error),
    /// The cursor cannot be read or stored.
    #[error("use export cursor")]
    Cursor(#[source] io::Error),
}

impl Error {
    /// Stable reason code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Endpoint => "export_endpoint",
            Self::PlainText => "export_plain_text",
            Self::Header(_) => "export_header",
            Self::Authority => "export_authority",
            Self::Identity => "export_identity",
            Self::Client => "export_client",
            Self::Busy => "export_busy",
            Self::Folder(_) => "export_folder",
            Self::Cursor(_) => "export_cursor",
        }
    }
}
