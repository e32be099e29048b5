//! `[[listen.…]]` and TLS: sources that never send again, and what connections speak.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use cordon_event::TenantId;
use cordon_receive::TlsFiles;
use serde::Deserialize;

use super::file::FileSection;

/// Listeners beside `[server]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Listen {
    /// Syslog.
    pub(crate) syslog: Vec<SyslogSection>,
    /// One JSON object a line.
    pub(crate) json: Vec<JsonSection>,
    /// Files that are followed.
    pub(crate) file: Vec<FileSection>,
}

/// A listener for syslog.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyslogSection {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How it is spoken to.
    pub(crate) transport: Transport,
    /// Whose the messages are; without it the client's certificate says.
    pub(crate) tenant: Option<String>,
    /// Offset from UTC of stamps that do not tell theirs, such as `+02:00`.
    #[serde(default = "utc")]
    pub(crate) zone: String,
    /// Its certificate and whom it trusts.
    pub(crate) tls: Option<TlsSection>,
}

/// A listener for lines of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonSection {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How it is spoken to.
    pub(crate) transport: Transport,
    /// Whose the lines are; without it the client's certificate says.
    pub(crate) tenant: Option<String>,
    /// Its certificate and whom it trusts.
    pub(crate) tls: Option<TlsSection>,
}

/// How a listener is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    /// Datagrams.
    Udp,
    /// Connections.
    Tcp,
    /// Connections under TLS.
    Tls,
}

/// TLS of a listener: PEM files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsSection {
    /// The chain, the listener's own certificate first.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
    /// Authorities of clients' certificates.
    pub(crate) client_ca: Option<PathBuf>,
    /// Whether a client must have a certificate; by default it must where there are authorities.
    pub(crate) client_auth: Option<ClientAuth>,
}

/// Whether a client must have a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClientAuth {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// The zone where none is configured.
pub(super) fn utc() -> String {
    "+00:00".to_owned()
}

impl Transport {
    /// Name, as in the configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

impl TlsSection {
    /// What the listener is given.
    pub(crate) fn files(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            client_ca: self.client_ca.clone(),
            client_required: self.client_auth != Some(ClientAuth::Optional),
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.client_auth.is_some() && self.client_ca.is_none() {
            bail!("read client_auth: give the authorities of clients in client_ca too");
        }
        Ok(())
    }
}

impl SyslogSection {
    /// Seconds east of UTC of stamps that do not tell.
    pub(crate) fn zone_offset_s(&self) -> anyhow::Result<i32> {
        zone_offset_s(&self.zone)
    }
}

/// Seconds east of UTC of a zone by number.
pub(crate) fn zone_offset_s(zone: &str) -> anyhow::Result<i32> {
    cordon_receive::zone_offset_s(zone)
        .with_context(|| format!("read zone {zone:?}: expected one such as +02:00"))
}

impl Listen {
    /// What single values cannot show: each thing that is wrong, with its key.
    pub(crate) fn problems(&self) -> Vec<(String, anyhow::Error)> {
        let mut all = Vec::new();
        for (at, one) in self.file.iter().enumerate() {
            let checked = one.check();
            all.extend(
                checked
                    .err()
                    .map(|error| (format!("listen.file[{at}]"), error)),
            );
        }
        for (at, one) in self.syslog.iter().enumerate() {
            let check = || {
                one.zone_offset_s()?;
                check(one.transport, one.tenant.as_deref(), one.tls.as_ref())
            };
            let checked =
                check().with_context(|| format!("read [[listen.syslog]] {}", one.address));
            all.extend(
                checked
                    .err()
                    .map(|error| (format!("listen.syslog[{at}]"), error)),
            );
        }
        for (at, one) in self.json.iter().enumerate() {
            let check = || {
                if one.transport == Transport::Udp {
                    bail!("lines of JSON come over tcp or tls");
                }
                check(one.transport, one.tenant.as_deref(), one.tls.as_ref())
            };
            let checked = check().with_context(|| format!("read [[listen.json]] {}", one.address));
            all.extend(
                checked
                    .err()
                    .map(|error| (format!("listen.json[{at}]"), error)),
            );
        }
        all
    }
}

fn check(
    transport: Transport,
    tenant: Option<&str>,
    tls: Option<&TlsSection>,
) -> anyhow::Result<()> {
    if let Some(name) = tenant {
        TenantId::parse(name).with_context(|| format!("read tenant {name:?}"))?;
    }
    match (transport == Transport::Tls, tls) {
        (true, None) => bail!("transport \"tls\" wants tls = {{ certificate = …, key = … }}"),
        (false, Some(_)) => bail!("tls is for transport \"tls\""),
        _ => {}
    }
    if let Some(tls) = tls {
        tls.check()?;
    }
    if tenant.is_none() && tls.is_none_or(|tls| tls.client_ca.is_none()) {
        bail!("say whose it is: tenant = …, or tls with client_ca");
    }
    Ok(())
}

/// Checks the TLS of `[server]`.
pub(crate) fn check_server(tls: Option<&TlsSection>) -> anyhow::Result<()> {
    tls.map_or(Ok(()), TlsSection::check)
        .context("read [server.tls]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let listen: Listen = toml::from_str(text).map_err(|error| error.to_string())?;
        let first = listen.problems().into_iter().next();
        first.map_or(Ok(()), |(_, error)| Err(format!("{error:#}")))
    }

    #[test]
    fn a_listener_says_whose_it_is_and_what_it_speaks() {
        let tls = r#"tls = { certificate = "a", key = "b" "#;
        let head = "[[syslog]]\naddress = \"127.0.0.1:5514\"\n";
        for good in [
            "transport = \"udp\"\ntenant = \"shop\"".to_owned(),
            "transport = \"tcp\"\ntenant = \"shop\"\nzone = \"+05:30\"".to_owned(),
            format!("transport = \"tls\"\ntenant = \"shop\"\n{tls} }}"),
            format!("transport = \"tls\"\n{tls}, client_ca = \"c\" }}"),
        ] {
            assert_eq!(check(&format!("{head}{good}")), Ok(()), "{good}");
        }
        for (bad, says) in [
            ("transport = \"tcp\"".to_owned(), "whose it is"),
            (
                "transport = \"tls\"\ntenant = \"shop\"".to_owned(),
                "wants tls",
            ),
            (format!("transport = \"tls\"\n{tls} }}"), "whose it is"),
            (
                format!("transport = \"tcp\"\ntenant = \"shop\"\n{tls} }}"),
                "is for transport",
            ),
            (
                format!(
                    "transport = \"tls\"\ntenant = \"shop\"\n{tls}, client_auth = \"optional\" }}"
                ),
                "client_ca",
            ),
            (
                "transport = \"udp\"\ntenant = \"Shop\"".to_owned(),
                "tenant",
            ),
            (
                "transport = \"udp\"\ntenant = \"shop\"\nzone = \"CET\"".to_owned(),
                "zone",
            ),
            ("transport = \"unix\"\ntenant = \"shop\"".to_owned(), "unix"),
            (
                "transport = \"udp\"\ntenants = \"shop\"".to_owned(),
                "tenants",
            ),
        ] {
            let told = check(&format!("{head}{bad}")).unwrap_err();
            assert!(told.contains(says), "{bad}: {told}");
        }
        let json = "[[json]]\naddress = \"127.0.0.1:0\"\ntransport = \"udp\"\ntenant = \"shop\"\n";
        assert!(check(json).unwrap_err().contains("tcp or tls"));
    }
}
