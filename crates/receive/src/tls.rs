//! TLS of every listener: rustls over aws-lc-rs, TLS 1.2 and 1.3, clients' certificates.
//!
//! What holds: a handshake has a time limit; a client's certificate is checked against the
//! configured authorities before a byte of its data is read; certificates are read again without
//! dropping a connection, and files that cannot be used leave those in force that were.
//!
//! *Names of a client* are its certificate's: URIs and DNS names of the subject alternative name,
//! then the subject's common name (RFC 5280, sections 4.2.1.6 and 4.1.2.6), in this order.
//!
//! *Limits:* [`NAMES_COUNT_MAX`] names, [`FILE_BYTES_MAX`] of one file.

mod names;
#[cfg(test)]
pub(crate) mod tests;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

use crate::error::Error;

/// Names of one certificate that are looked at.
pub(crate) const NAMES_COUNT_MAX: usize = 64;
/// Bytes of one file of certificates or keys.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// What a listener's TLS is made of: PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the listener's own certificate first.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Authorities of clients' certificates; without it none is asked for.
    pub client_ca: Option<PathBuf>,
    /// Whether a client must have a certificate, where there are authorities.
    pub client_required: bool,
}

/// What is spoken within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsProtocol {
    /// HTTP/2 or HTTP/1.1, by ALPN.
    Http,
    /// Frames of a stream source; RFC 5425 has no name for it.
    Stream,
}

/// A listener's TLS.
pub struct Tls {
    files: TlsFiles,
    protocol: TlsProtocol,
    current: RwLock<Arc<ServerConfig>>,
}

/// Names of a client's certificate, on the requests of its connection.
#[derive(Clone)]
pub(crate) struct Certified(pub(crate) Arc<[String]>);

impl Tls {
    /// Reads the files.
    pub fn open(files: TlsFiles, protocol: TlsProtocol) -> Result<Self, Error> {
        let current = RwLock::new(Arc::new(config(&files, protocol)?));
        Ok(Self {
            files,
            protocol,
            current,
        })
    }

    /// Reads the files again, for connections from now on. What cannot be used changes nothing.
    pub fn reload(&self) -> Result<(), Error> {
        let next = Arc::new(config(&self.files, self.protocol)?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = next;
        Ok(())
    }

    /// Whether clients may show who they are.
    pub fn asks_clients(&self) -> bool {
        self.files.client_ca.is_some()
    }

    /// Shakes hands: the connection and the names of the client's certificate. Nothing where the
    /// peer speaks no TLS, shows no certificate that will do, or takes longer than `limit`.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        limit: Duration,
    ) -> Option<(TlsStream<TcpStream>, Vec<String>)> {
        let config = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let shaking = TlsAcceptor::from(config).accept(stream);
        let stream = tokio::time::timeout(limit, shaking).await.ok()?.ok()?;
        let shown = stream.get_ref().1.peer_certificates();
        let names = shown.and_then(<[_]>::first).map(names::of);
        Some((stream, names.unwrap_or_default()))
    }
}

fn config(files: &TlsFiles, protocol: TlsProtocol) -> Result<ServerConfig, Error> {
    let provider = Arc::new(default_provider());
    let wrong = |path: &Path, what| Error::Tls {
        what,
        path: path.to_owned(),
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong(&files.certificate, "no version of TLS is possible"))?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(path)? {
                let added = roots.add(authority);
                added.map_err(|_| wrong(path, "a certificate is no authority"))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if files.client_required {
                verifier
            } else {
                verifier.allow_unauthenticated()
            };
            let verifier = verifier
                .build()
                .map_err(|_| wrong(path, "no authority can be used"))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = certificates(&files.certificate)?;
    let key = read(&files.key)?;
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| wrong(&files.key, "no private key in PEM"))?;
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|_| wrong(&files.key, "the key is not the certificate's"))?;
    if protocol == TlsProtocol::Http {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Ok(config)
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| Error::Tls {
        what: "no certificate in PEM",
        path: path.to_owned(),
    })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let wrong = |what| Error::Tls {
        what,
        path: path.to_owned(),
    };
    let file = File::open(path).map_err(|_| wrong("the file cannot be opened"))?;
    let mut bytes = Zeroizing::new(Vec::new());
    let count = file.take(FILE_BYTES_MAX).read_to_end(&mut bytes);
    match count {
        Ok(count) if (count as u64) < FILE_BYTES_MAX => Ok(bytes),
        Ok(_) => Err(wrong("the file is too long")),
        Err(_) => Err(wrong("the file cannot be read")),
    }
}
