//! The files, tenants and addresses that a configuration names.

use std::path::{Path, PathBuf};

use cordon_event::TenantId;
use cordon_receive::{Tls, TlsProtocol};

use super::{Problem, goes_on};
use crate::config::listen::{TlsSection, Transport};
use crate::config::source::nearest;
use crate::config::{Config, ModelSection, Redaction};
use crate::{environment, packs, policy};

/// Everything that is wrong with what it names.
pub(super) fn check(config: &Config, ledger: &Path) -> Vec<Problem> {
    let mut all = Vec::new();
    redaction("redaction", &config.redaction, &mut all);
    for (tenant, own) in &config.tenant {
        redaction(
            &format!("tenant.{tenant}.redaction"),
            &own.redaction,
            &mut all,
        );
    }
    if all.is_empty() {
        // Each part by itself is good: whether they can be held together.
        let together = policy::check(config).err();
        let told = |error| Problem::of("redaction", "config_policy", failed(&error));
        all.extend(together.map(told));
    }
    certificates(config, &mut all);
    exposed(config, &mut all);
    tenants(config, ledger, &mut all);
    if let Some(path) = &config.fingerprint.rules_file
        && let Err(error) = std::fs::File::open(path)
    {
        let message = format!("failed to read {}: {error}", path.display());
        all.push(Problem::of(
            "fingerprint.rules_file",
            "config_file",
            message,
        ));
    }
    if let Some(url) = &config.pages.webhook
        && let Err(error) = reqwest::Url::parse(url)
    {
        let message = format!("failed to read URL: {error}");
        all.push(Problem::of("pages.webhook", "config_value", message));
    }
    if let Some(section) = &config.model {
        model(section, &mut all);
    }
    goes_on::check(config, &mut all);
    all
}

pub(super) fn failed(error: &anyhow::Error) -> String {
    format!("failed to {error:#}")
}

/// Each part of a section by itself, so that one mistake hides no other.
fn redaction(at: &str, section: &Redaction, all: &mut Vec<Problem>) {
    for (place, pack) in section.rules.iter().enumerate() {
        if let Err(error) = packs::with([pack]) {
            let key = format!("{at}.rules[{place}]");
            all.push(Problem::of(&key, "config_rules", failed(&error)));
        }
    }
    let none = Redaction::default;
    let parts = [
        (
            "schema",
            "config_schema",
            Redaction {
                schema: section.schema.clone(),
                ..none()
            },
        ),
        (
            "canaries",
            "config_values_file",
            Redaction {
                canaries: section.canaries.clone(),
                ..none()
            },
        ),
        (
            "known_secrets",
            "config_values_file",
            Redaction {
                known_secrets: section.known_secrets.clone(),
                ..none()
            },
        ),
        (
            "unknown",
            "config_policy",
            Redaction {
                unknown: section.unknown.clone(),
                ..none()
            },
        ),
        (
            "free_text",
            "config_policy",
            Redaction {
                free_text: section.free_text.clone(),
                ..none()
            },
        ),
        (
            "dictionary",
            "config_policy",
            Redaction {
                dictionary: section.dictionary.clone(),
                ..none()
            },
        ),
    ];
    for (name, code, part) in parts {
        alone(&format!("{at}.{name}"), code, part, all);
    }
    for (kind, action) in &section.actions {
        let part = Redaction {
            actions: [(kind.clone(), action.clone())].into(),
            ..none()
        };
        alone(&format!("{at}.actions.{kind}"), "config_policy", part, all);
    }
}

fn alone(key: &str, code: &'static str, part: Redaction, all: &mut Vec<Problem>) {
    let config = Config {
        redaction: part,
        ..Config::default()
    };
    if let Err(error) = policy::check(&config) {
        all.push(Problem::of(key, code, failed(&error)));
    }
}

/// All sections of TLS, with their keys.
fn sections(config: &Config) -> Vec<(String, &TlsSection, TlsProtocol)> {
    let mut all = Vec::new();
    let server = config.server.tls.as_ref();
    all.extend(server.map(|tls| ("server.tls".to_owned(), tls, TlsProtocol::Http)));
    let syslog = config.listen.syslog.iter().map(|one| one.tls.as_ref());
    let json = config.listen.json.iter().map(|one| one.tls.as_ref());
    let named = syslog.enumerate().map(|(at, tls)| ("syslog", at, tls));
    let named = named.chain(json.enumerate().map(|(at, tls)| ("json", at, tls)));
    for (kind, at, tls) in named {
        let key = format!("listen.{kind}[{at}].tls");
        all.extend(tls.map(|tls| (key, tls, TlsProtocol::Stream)));
    }
    all
}

/// Certificates and keys can be read, fit each other, and are not everybody's.
fn certificates(config: &Config, all: &mut Vec<Problem>) {
    for (key, tls, protocol) in sections(config) {
        if let Err(error) = Tls::open(tls.files(), protocol) {
            let message = format!("failed to {error}");
            all.push(Problem::of(&key, "config_certificate", message));
        }
        if others_read(&tls.key) {
            let shown = tls.key.display();
            let problem = Problem::warning(
                &format!("{key}.key"),
                "config_key_mode",
                format!("others can read the private key {shown}"),
            );
            all.push(problem.with_hint(format!("run: chmod 600 {shown}")));
        }
    }
}

#[cfg(unix)]
fn others_read(path: &PathBuf) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o007 != 0)
}

#[cfg(not(unix))]
fn others_read(_: &PathBuf) -> bool {
    false
}

/// Listeners beyond loopback without TLS.
fn exposed(config: &Config, all: &mut Vec<Problem>) {
    let server = &config.server;
    let mut found = Vec::new();
    if server.tls.is_none() {
        found.push(("server.listen".to_owned(), server.listen));
        found.push(("server.grpc".to_owned(), server.grpc));
    }
    let plain = |transport| transport != Transport::Tls;
    for (at, one) in config.listen.syslog.iter().enumerate() {
        if plain(one.transport) {
            found.push((format!("listen.syslog[{at}].address"), one.address));
        }
    }
    for (at, one) in config.listen.json.iter().enumerate() {
        if plain(one.transport) {
            found.push((format!("listen.json[{at}].address"), one.address));
        }
    }
    for (key, address) in found {
        if !address.ip().is_loopback() {
            let message = format!("{address} is beyond loopback, without TLS");
            let problem = Problem::warning(&key, "config_exposed", message);
            all.push(problem.with_hint("give it tls, or put what speaks TLS in front".to_owned()));
        }
    }
}

/// Tenants that are named exist, where there is a data directory that says which do.
fn tenants(config: &Config, ledger: &Path, all: &mut Vec<Problem>) {
    let mut named: Vec<(String, &str, bool)> = Vec::new();
    for (at, one) in config.listen.syslog.iter().enumerate() {
        let tenant = one.tenant.as_deref();
        named.extend(tenant.map(|name| (format!("listen.syslog[{at}].tenant"), name, true)));
    }
    for (at, one) in config.listen.json.iter().enumerate() {
        let tenant = one.tenant.as_deref();
        named.extend(tenant.map(|name| (format!("listen.json[{at}].tenant"), name, true)));
    }
    for (at, one) in config.listen.file.iter().enumerate() {
        named.push((format!("listen.file[{at}].tenant"), &one.tenant, true));
    }
    for (at, one) in config.export.iter().enumerate() {
        for (nth, name) in one.tenants.iter().flatten().enumerate() {
            named.push((format!("export[{at}].tenants[{nth}]"), name, false));
        }
    }
    for (name, own) in &config.tenant {
        named.push((format!("tenant.{name}"), name, !own.certificates.is_empty()));
    }
    if named.is_empty() || !ledger.exists() {
        return;
    }
    let known = match cordon_ledger::tenant_names(ledger) {
        Ok(known) => known,
        Err(error) => {
            let message = format!("tenants are not checked: failed to {error}");
            return all.push(Problem::warning("tenant", "config_tenant", message));
        }
    };
    let known: Vec<&str> = known.iter().map(TenantId::as_str).collect();
    for (key, name, stops_start) in named {
        if known.contains(&name) {
            continue;
        }
        let message = format!("no tenant is called {name}");
        let problem = if stops_start {
            Problem::of(&key, "config_tenant", message)
        } else {
            Problem::warning(&key, "config_tenant", message)
        };
        all.push(problem.with_hint(match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it with `cordon tenant add {name} --region REGION`"),
        }));
    }
}

/// The model's section. Its credential may be in an environment that is not here.
fn model(section: &ModelSection, all: &mut Vec<Problem>) {
    let mut section = section.clone();
    let variable = section.api_key.as_ref().and_then(|key| key.env.clone());
    if let Some(name) = variable.filter(|name| environment::secret(name).is_none()) {
        let message = format!("variable {name} is not set here");
        all.push(Problem::warning("model.api_key", "config_secret", message));
        section.api_key = None;
    }
    if let Err(error) = section.open() {
        all.push(Problem::of("model", "config_model", failed(&error)));
    }
}
