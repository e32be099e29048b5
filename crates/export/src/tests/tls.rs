//! Receivers behind TLS, with certificates made for the test.

use cordon_receive::{Mount, Tls, TlsFiles, TlsProtocol, router, serve_mounts};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::ours::{Recorder, token};
use super::*;

/// PEM of an authority, and of a certificate and key that it issued for a name.
struct Pki(CertifiedIssuer<'static, KeyPair>);

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn issue(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let issued = params.signed_by(&key, &self.0).unwrap();
        (issued.pem(), key.serialize_pem())
    }

    fn trust(&self) -> Trust {
        let (certificate, key) = self.issue("exporter");
        Trust {
            authority_pem: Some(self.0.pem().into_bytes()),
            identity_pem: Some(Zeroizing::new((certificate + &key).into_bytes())),
        }
    }
}

async fn start(pki: &Pki, rig: &Rig) -> (String, Arc<Recorder>, JoinSet<()>) {
    let (certificate, key) = pki.issue("localhost");
    for (name, pem) in [
        ("server.pem", certificate),
        ("server.key", key),
        ("ca.pem", pki.0.pem()),
    ] {
        std::fs::write(rig.path(name), pem).unwrap();
    }
    let files = TlsFiles {
        certificate: rig.path("server.pem"),
        key: rig.path("server.key"),
        client_ca: Some(rig.path("ca.pem")),
        client_required: true,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let recorder = Arc::new(Recorder::default());
    let limits = cordon_receive::Limits::default();
    let mount = Mount {
        listener,
        app: router(recorder.clone(), limits.clone()),
        divert: None,
        tls: Some(Arc::new(Tls::open(files, TlsProtocol::Http).unwrap())),
    };
    let mut task = JoinSet::new();
    task.spawn(async move {
        let served = serve_mounts(vec![mount], limits, std::future::pending()).await;
        served.unwrap();
    });
    (format!("https://localhost:{port}"), recorder, task)
}

fn endpoint(url: &str, trust: Trust) -> Endpoint {
    let bearer = Secret::new(format!("Bearer {}", token()));
    Endpoint {
        headers: vec![("authorization".to_owned(), bearer)],
        trust,
        ..Endpoint::new(url)
    }
}

#[tokio::test]
async fn both_ends_show_who_they_are() {
    let pki = Pki::new();
    let files = Rig::new();
    let (url, recorder, _task) = start(&pki, &files).await;
    for is_grpc in [false, true] {
        let sink = |trust| {
            let endpoint = endpoint(&url, trust);
            if is_grpc {
                Sink::Grpc(Grpc::new(endpoint).unwrap())
            } else {
                Sink::Http(Http::new(endpoint).unwrap())
            }
        };
        let rig = Rig::new();
        let mut exporter = rig.exporter(sink(pki.trust()), 1);
        assert_eq!(drain(&mut exporter).await, []);
        let arrived = std::mem::take(&mut *recorder.events.lock().unwrap());
        assert_eq!(arrived, two_events(1));
        let stranger = Trust {
            authority_pem: pki.trust().authority_pem,
            ..Trust::default()
        };
        let elsewhere = Pki::new().trust();
        for trust in [stranger, elsewhere] {
            let rig = Rig::new();
            let mut exporter = rig.exporter(sink(trust), 1);
            let step = exporter.step(1_000, 0).await.unwrap();
            let expected = Step::Wait(Reason::Unreachable, std::time::Duration::ZERO);
            assert_eq!(step, expected);
        }
        assert_eq!(*recorder.events.lock().unwrap(), []);
    }
}

#[test]
fn what_is_no_certificate_is_told_at_once() {
    let url = "https://collector.example";
    let junk = || b"-----BEGIN NOTHING-----".to_vec();
    let authority = Trust {
        authority_pem: Some(junk()),
        ..Trust::default()
    };
    let identity = Trust {
        identity_pem: Some(Zeroizing::new(junk())),
        ..Trust::default()
    };
    for (trust, code) in [
        (authority, "export_authority"),
        (identity, "export_identity"),
    ] {
        let refused = Http::new(endpoint(url, trust)).err().unwrap();
        assert_eq!(refused.code(), code);
    }
}
