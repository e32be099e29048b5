//! Listeners beyond HTTP, set up from the configuration, and the certificates of all.
//!
//! *Invariant:* a tenant that does not exist, a certificate that cannot be used or an address that
//! is taken stops the start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_event::TenantId;
use cordon_receive::{Principal, StreamFormat, StreamListener, StreamSocket, Tls, TlsProtocol};
use tokio::net::{TcpListener, UdpSocket};

use crate::config::Config;
use crate::config::listen::{TlsSection, Transport};
use crate::exit::{Ends as _, Exit, Failure};
use crate::home::Home;
use crate::log;

/// What was set up.
#[derive(Default)]
pub(crate) struct Listeners {
    /// Sources that never send again.
    pub(crate) streams: Vec<StreamListener>,
    /// Their names and addresses, such as `syslog_udp=127.0.0.1:5514`.
    pub(crate) addresses: Vec<String>,
    /// Whether one of them is plain and beyond loopback.
    pub(crate) is_exposed: bool,
    /// TLS of HTTP and gRPC.
    pub(crate) server: Option<Arc<Tls>>,
    /// All certificates, with what they are for.
    pub(crate) certificates: Certificates,
}

/// Certificates that can be read again.
#[derive(Clone, Default)]
pub(crate) struct Certificates(Vec<(String, Arc<Tls>)>);

impl Certificates {
    fn open(
        &mut self,
        name: &str,
        section: &TlsSection,
        protocol: TlsProtocol,
    ) -> Result<Arc<Tls>, Failure> {
        let tls = Tls::open(section.files(), protocol).or_exit(Exit::Usage)?;
        let tls = Arc::new(tls);
        self.0.push((name.to_owned(), Arc::clone(&tls)));
        Ok(tls)
    }

    /// Reads all of them again; connections that are open stay as they are.
    pub(crate) fn reload(&self) {
        for (name, tls) in &self.0 {
            match tls.reload() {
                Ok(()) => log::line(&format!("reloaded certificates of {name}")),
                Err(error) => log::line(&format!("kept the certificates of {name}: {error}")),
            }
        }
    }
}

/// Opens what the configuration lists.
pub(crate) async fn open(home: &Home) -> Result<Listeners, Failure> {
    let config = &home.config;
    let mut found = Listeners::default();
    let principals = principals(home)?;
    check_names(config, &principals).or_exit(Exit::Usage)?;
    if let Some(section) = &config.server.tls {
        let tls = found
            .certificates
            .open("server", section, TlsProtocol::Http)?;
        found.server = Some(tls);
    }
    for one in &config.listen.syslog {
        let zone_offset_s = one.zone_offset_s().or_exit(Exit::Usage)?;
        let format = StreamFormat::Syslog { zone_offset_s };
        let tenant = named(&principals, one.tenant.as_deref()).or_exit(Exit::Usage)?;
        let (address, transport, tls) = (one.address, one.transport, one.tls.as_ref());
        found.add(format, address, transport, tls, tenant).await?;
    }
    for one in &config.listen.json {
        let tenant = named(&principals, one.tenant.as_deref()).or_exit(Exit::Usage)?;
        let (address, transport, tls) = (one.address, one.transport, one.tls.as_ref());
        let format = StreamFormat::JsonLines;
        found.add(format, address, transport, tls, tenant).await?;
    }
    Ok(found)
}

impl Listeners {
    async fn add(
        &mut self,
        format: StreamFormat,
        address: SocketAddr,
        transport: Transport,
        tls: Option<&TlsSection>,
        tenant: Option<Principal>,
    ) -> Result<(), Failure> {
        let kind = match format {
            StreamFormat::Syslog { .. } => "syslog",
            StreamFormat::JsonLines => "json",
        };
        let name = format!("{kind}_{}", transport.name());
        let failed = || format!("listen on {address} for {name}");
        let bound = |at: std::io::Result<SocketAddr>| at.context("read address");
        let (socket, at) = if transport == Transport::Udp {
            let socket = UdpSocket::bind(address).await.with_context(failed);
            let socket = socket.or_exit(Exit::Unreachable)?;
            let at = bound(socket.local_addr())?;
            (StreamSocket::Udp(socket), at)
        } else {
            let socket = TcpListener::bind(address).await.with_context(failed);
            let socket = socket.or_exit(Exit::Unreachable)?;
            let at = bound(socket.local_addr())?;
            let socket = match tls {
                Some(section) => {
                    let name = format!("{name} {address}");
                    let opened = self.certificates.open(&name, section, TlsProtocol::Stream);
                    StreamSocket::Tls(socket, opened?)
                }
                None => StreamSocket::Tcp(socket),
            };
            (socket, at)
        };
        self.is_exposed |= transport != Transport::Tls && !at.ip().is_loopback();
        self.addresses.push(format!("{name}={at}"));
        self.streams.push(StreamListener {
            socket,
            format,
            tenant,
        });
        Ok(())
    }
}

/// Tenants that exist, by name.
fn principals(home: &Home) -> anyhow::Result<BTreeMap<TenantId, Principal>> {
    let tenants = home.ledger.tenants().context("list tenants")?;
    let all = tenants.into_iter().map(|tenant| {
        let who = Principal {
            tenant: tenant.name.clone(),
            region: tenant.region,
        };
        (tenant.name, who)
    });
    Ok(all.collect())
}

fn named(
    principals: &BTreeMap<TenantId, Principal>,
    name: Option<&str>,
) -> anyhow::Result<Option<Principal>> {
    let Some(name) = name else { return Ok(None) };
    let who = TenantId::parse(name)
        .ok()
        .and_then(|id| principals.get(&id));
    let Some(who) = who else {
        bail!("find tenant {name}: add it with `cordon tenant add {name} --region REGION`");
    };
    Ok(Some(who.clone()))
}

/// Tenants that certificates name exist.
pub(crate) fn check_tenants(home: &Home, config: &Config) -> anyhow::Result<()> {
    check_names(config, &principals(home)?)
}

fn check_names(config: &Config, principals: &BTreeMap<TenantId, Principal>) -> anyhow::Result<()> {
    for (name, section) in &config.tenant {
        if !section.certificates.is_empty() {
            named(principals, Some(name)).context("read certificates")?;
        }
    }
    Ok(())
}
