//! Handshakes with certificates made for the test; HTTP over TLS, and whose it is.

use std::net::SocketAddr;
use std::sync::Mutex;

use cordon_event::{Event, Raw, Region, TenantId};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as ClientStream;

use super::*;
use crate::admit::Holder;
use crate::admit::{Admit, AdmitError, BoxFuture, Principal, Readiness, RequestBody};
use crate::{Limits, Mount, Router, router, serve_mounts};

/// An authority and what it issued, in a folder.
pub(crate) struct Pki {
    folder: TempDir,
    authority: CertifiedIssuer<'static, KeyPair>,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(params, key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pki = Self { folder, authority };
        std::fs::write(pki.path("ca.pem"), pki.authority.pem()).unwrap();
        pki.issue("server", "localhost", &["localhost"], &[]);
        pki
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `NAME.pem` and `NAME.key`.
    pub(crate) fn issue(&self, name: &str, common: &str, hosts: &[&str], uris: &[&str]) {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        let uris = uris
            .iter()
            .map(|uri| SanType::URI((*uri).try_into().unwrap()));
        params.subject_alt_names.extend(uris);
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Example");
        params.distinguished_name.push(DnType::CommonName, common);
        let key = KeyPair::generate().unwrap();
        let issued = params.signed_by(&key, &self.authority).unwrap();
        std::fs::write(self.path(&format!("{name}.pem")), issued.pem()).unwrap();
        std::fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// A listener's files; clients must show a certificate, may, or are not asked.
    pub(crate) fn files(&self, clients: Option<bool>) -> TlsFiles {
        TlsFiles {
            certificate: self.path("server.pem"),
            key: self.path("server.key"),
            client_ca: clients.map(|_| self.path("ca.pem")),
            client_required: clients.unwrap_or_default(),
        }
    }

    /// A client that trusts this authority, with that certificate.
    fn client(&self, name: Option<&str>) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match name {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let chain = certificates(&self.path(&format!("{name}.pem"))).unwrap();
                let key = read(&self.path(&format!("{name}.key"))).unwrap();
                let key = PrivateKeyDer::from_pem_slice(&key).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        TlsConnector::from(Arc::new(config))
    }

    /// Connects; with TLS 1.3 a refused certificate shows at the first read.
    pub(crate) async fn connect(
        &self,
        at: SocketAddr,
        name: Option<&str>,
    ) -> std::io::Result<ClientStream<TcpStream>> {
        let stream = TcpStream::connect(at).await?;
        let host = ServerName::try_from("localhost").unwrap();
        self.client(name).connect(host, stream).await
    }
}

/// Knows tenants by token and by certificate; keeps nothing.
struct Door(Mutex<Vec<String>>);

fn principal(name: &str) -> Principal {
    Principal {
        tenant: TenantId::parse(name).unwrap(),
        region: Region::parse("eu").unwrap(),
    }
}

impl Admit for Door {
    fn authenticate(&self, bearer: &str) -> Result<Option<Principal>, AdmitError> {
        Ok(["shop", "bank"]
            .contains(&bearer)
            .then(|| principal(bearer)))
    }

    fn certified(&self, names: &[String]) -> Result<Holder, AdmitError> {
        let known = |name: &String| name.ends_with("/shop") || *name == "shop.example.org";
        let is_banks = names.iter().any(|name| name.ends_with("/bank"));
        Ok(match (names.iter().any(known), is_banks) {
            (true, true) => Holder::Several,
            (true, false) => Holder::One(principal("shop")),
            (false, true) => Holder::One(principal("bank")),
            (false, false) => Holder::Nobody,
        })
    }

    fn admit<'a>(
        &'a self,
        who: &'a Principal,
        _: RequestBody<'a>,
        _: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        self.0.lock().unwrap().push(who.tenant.to_string());
        Box::pin(async { Ok(()) })
    }

    fn ready(&self) -> Readiness {
        Readiness::Ready
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

/// Posts one event under TLS; the status and the code.
async fn post(
    pki: &Pki,
    at: SocketAddr,
    certificate: Option<&str>,
    token: &str,
) -> std::io::Result<String> {
    let mut stream = pki.connect(at, certificate).await?;
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{token}\
         content-length: 15\r\n\r\n{{\"message\":\"x\"}}"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await?;
    let text = String::from_utf8(all).unwrap();
    let code = text
        .lines()
        .find_map(|line| line.strip_prefix("cordon-code: "));
    let status = text.split(' ').nth(1).unwrap_or_default();
    Ok(format!("{status} {}", code.unwrap_or_default())
        .trim_end()
        .to_owned())
}

/// Asks with the certificate of another authority, from a client that trusts the server's.
async fn shows_a_strangers(pki: &Pki, stranger: &Pki, at: SocketAddr) -> std::io::Result<u8> {
    let mut config = (**pki.client(None).config()).clone();
    let theirs = stranger.client(Some("uri"));
    config.client_auth_cert_resolver = theirs.config().client_auth_cert_resolver.clone();
    let host = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(at).await?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(host, stream);
    let mut stream = connecting.await?;
    stream.write_all(b"GET /livez HTTP/1.1\r\n\r\n").await?;
    stream.read_u8().await
}

#[tokio::test]
async fn a_certificate_is_as_good_as_a_token_and_does_not_outvote_one() {
    let pki = Pki::new();
    pki.issue("uri", "x", &[], &["spiffe://example.org/shop"]);
    pki.issue("host", "x", &["shop.example.org"], &[]);
    pki.issue("common", "shop.example.org", &[], &[]);
    pki.issue("nobody", "x", &[], &[]);
    // Its subject is another's name, and it has a name of its own; and two names of two.
    pki.issue("beside", "shop.example.org", &["till.example.org"], &[]);
    let both = ["spiffe://example.org/shop", "spiffe://example.org/bank"];
    pki.issue("both", "x", &[], &both);
    let stranger = Pki::new();
    stranger.issue("uri", "x", &[], &["spiffe://example.org/shop"]);
    let tls = Arc::new(Tls::open(pki.files(Some(false)), TlsProtocol::Http).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let door = Arc::new(Door(Mutex::default()));
    let app: Router = router(door.clone(), Limits::default());
    let mount = Mount {
        listener,
        app,
        divert: None,
        tls: Some(Arc::clone(&tls)),
    };
    let mut serving = JoinSet::new();
    serving.spawn(serve_mounts(
        vec![mount],
        Limits::default(),
        std::future::pending(),
    ));
    for (certificate, token, expect) in [
        (Some("uri"), "", "200"),
        (Some("host"), "", "200"),
        (Some("common"), "", "200"),
        (Some("uri"), "authorization: Bearer shop\r\n", "200"),
        (
            Some("uri"),
            "authorization: Bearer bank\r\n",
            "403 certificate_tenant",
        ),
        (
            Some("uri"),
            "authorization: Bearer none\r\n",
            "401 unauthenticated",
        ),
        (Some("nobody"), "", "401 unauthenticated"),
        (Some("beside"), "", "401 unauthenticated"),
        (Some("both"), "", "403 certificate_tenant"),
        (
            Some("both"),
            "authorization: Bearer shop\r\n",
            "403 certificate_tenant",
        ),
        (Some("nobody"), "authorization: Bearer bank\r\n", "200"),
        (None, "", "401 unauthenticated"),
        (None, "authorization: Bearer bank\r\n", "200"),
    ] {
        let told = post(&pki, at, certificate, token).await.unwrap();
        assert_eq!(told, expect, "{certificate:?} {token}");
    }
    let tenants = std::mem::take(&mut *door.0.lock().unwrap());
    assert_eq!(tenants, ["shop", "shop", "shop", "shop", "bank", "bank"]);
    assert!(shows_a_strangers(&pki, &stranger, at).await.is_err());
    let mut plain = TcpStream::connect(at).await.unwrap();
    let request = b"GET /livez HTTP/1.1\r\nhost: h\r\n\r\n";
    plain.write_all(request).await.unwrap();
    let mut all = Vec::new();
    let _alert_or_reset = plain.read_to_end(&mut all).await;
    assert!(!all.starts_with(b"HTTP"));
}

#[tokio::test]
async fn certificates_are_read_again_and_bad_ones_change_nothing() {
    let pki = Pki::new();
    let tls = Arc::new(Tls::open(pki.files(None), TlsProtocol::Stream).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let shown = async || {
        let (accepted, connected) = tokio::join!(
            async {
                let (stream, _) = listener.accept().await.unwrap();
                tls.accept(stream, Duration::from_secs(10)).await.unwrap()
            },
            pki.connect(at, None),
        );
        let chain = connected.as_ref().unwrap().get_ref().1.peer_certificates();
        let first = chain.unwrap()[0].to_vec();
        (first, accepted, connected)
    };
    let (first, mut old, mut client) = shown().await;
    pki.issue("server", "localhost", &["localhost"], &[]);
    assert_eq!(shown().await.0, first);
    tls.reload().unwrap();
    let second = shown().await.0;
    assert_ne!(second, first);
    // The connection from before goes on.
    old.0.write_all(b"x").await.unwrap();
    old.0.flush().await.unwrap();
    assert_eq!(client.as_mut().unwrap().read_u8().await.unwrap(), b'x');
    for (file, content) in [
        ("server.pem", "no certificate"),
        ("server.key", "no key"),
        ("server.key", ""),
    ] {
        let good = std::fs::read(pki.path(file)).unwrap();
        std::fs::write(pki.path(file), content).unwrap();
        let told = tls.reload().unwrap_err().to_string();
        assert!(told.contains(file), "{told}");
        std::fs::write(pki.path(file), good).unwrap();
        assert_eq!(shown().await.0, second);
    }
    std::fs::remove_file(pki.path("server.key")).unwrap();
    assert!(tls.reload().unwrap_err().to_string().contains("opened"));
    // The key of another certificate.
    let key = KeyPair::generate().unwrap().serialize_pem();
    std::fs::write(pki.path("server.key"), key).unwrap();
    assert!(
        tls.reload()
            .unwrap_err()
            .to_string()
            .contains("not the certificate's")
    );
}
