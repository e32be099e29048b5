//! From the configuration to the redactor's policy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use cordon_event::TenantId;
use cordon_redact::{
    Action, Actions, KnownSet, NameScope, Policy, PolicyError, PseudonymMac, RawSealer, Redactor,
    Term, Unknown,
};
use cordon_vault::{ApproverSealer, TenantKeys, Vault};
use zeroize::Zeroizing;

use crate::config::{Config, Names, Redaction};
use crate::{packs, schema_file};

/// Values in a file of canaries or known secrets.
const VALUES_COUNT_MAX: usize = 100_000;
/// Length of a canary or known secret in bytes: a shorter one would hit by chance, a longer one
/// would not be looked for.
pub(crate) const VALUE_BYTES: std::ops::RangeInclusive<usize> = 8..=4_096;

/// The policy that the configuration asks for, the tenant's on top of everybody's. `mac` tags the
/// known secrets.
pub(crate) fn policy(
    config: &Config,
    tenant: Option<&TenantId>,
    mac: &dyn PseudonymMac,
) -> anyhow::Result<Policy> {
    let mut policy = Policy::default();
    for section in config.redaction(tenant) {
        add(&mut policy, section, mac)?;
    }
    let sections = config.redaction(tenant);
    policy.rules = packs::with(sections.iter().flat_map(|section| &section.rules))?;
    policy.technical = config.technical_fields(tenant).into_iter().collect();
    Ok(policy)
}

/// The redactor of that policy.
pub(crate) fn redactor(
    config: &Config,
    tenant: Option<&TenantId>,
    mac: &dyn PseudonymMac,
) -> anyhow::Result<Redactor> {
    Redactor::new(policy(config, tenant, mac)?).context("read [redaction]")
}

/// Compiles what holds for all and what each section of a tenant says: whether it can be held.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    let mac = cordon_vault::ephemeral_mac()?;
    redactor(config, None, &mac)?;
    for name in config.tenant.keys() {
        let tenant = TenantId::parse(name).ok();
        redactor(config, tenant.as_ref(), &mac).with_context(|| format!("read [tenant.{name}]"))?;
    }
    Ok(())
}

/// The policy of a tenant, with what its second control looks for: canaries and known secrets that
/// the vault keeps.
pub(crate) fn of_tenant(
    config: &Config,
    vault: &Vault,
    keys: &TenantKeys,
) -> anyhow::Result<Policy> {
    with_controls(policy(config, Some(keys.id()), keys)?, vault, keys)
}

/// A tenant's policy with what its second control looks for.
pub(crate) fn with_controls(
    mut policy: Policy,
    vault: &Vault,
    keys: &TenantKeys,
) -> anyhow::Result<Policy> {
    let controls = vault.controls();
    for canary in controls.canaries(keys.id()).context("open canaries")? {
        for part in &canary.parts {
            policy.add_canary(part);
        }
    }
    for (_, digest) in controls.known(keys.id()).context("read known secrets")? {
        policy.known.insert(&digest);
    }
    Ok(policy)
}

/// Seals the raw events that are held back, where the tenant opted in.
pub(crate) fn raw_sealer(
    config: &Config,
    keys: &TenantKeys,
) -> anyhow::Result<Option<Arc<dyn RawSealer>>> {
    let section = config.tenant.get(keys.id().as_str());
    let approvers = section.map(|own| own.quarantine.approvers()).transpose()?;
    let Some((two, keep_s)) = approvers.flatten() else {
        return Ok(None);
    };
    let sealer = ApproverSealer::new(keys.clone(), two, keep_s).context("read seal_raw_to")?;
    Ok(Some(Arc::new(sealer)))
}

fn add(policy: &mut Policy, section: &Redaction, mac: &dyn PseudonymMac) -> anyhow::Result<()> {
    let terms = |words: &[String], kind: &'static str| -> Vec<Term> {
        let text = words.iter().cloned();
        text.map(|text| Term { text, kind }).collect()
    };
    let listed = |path: &Option<PathBuf>| path.as_deref().map(values).transpose();
    policy.ip = section.ip_addresses.unwrap_or(policy.ip);
    policy.hosts = section.host_names.unwrap_or(policy.hosts);
    policy.paths = section.file_paths.unwrap_or(policy.paths);
    policy.names = section.names.map_or(policy.names, |names| match names {
        Names::Off => NameScope::Off,
        Names::Fields => NameScope::Fields,
        Names::Lines => NameScope::Lines,
    });
    policy.places = section.places.unwrap_or(policy.places);
    policy.organisations = section.organisations.unwrap_or(policy.organisations);
    policy
        .name_fields
        .extend(section.name_fields.iter().cloned());
    let words = &section.dictionary;
    for (words, kind) in [
        (&words.services, "service"),
        (&words.hosts, "host"),
        (&words.customers, "customer"),
        (&words.terms, "term"),
    ] {
        policy.dictionary.extend(terms(words, kind));
    }
    policy.fields.extend(terms(&words.fields, "field"));
    for canary in listed(&section.canaries)?.iter().flatten() {
        policy.canaries.push(canary.to_string());
    }
    for known in listed(&section.known_secrets)?.iter().flatten() {
        policy.known.insert(&KnownSet::digest(mac, known));
    }
    for (kind, action) in &section.actions {
        let parsed = Action::parse(action).with_context(|| {
            format!("read actions: {action:?} is none of remove, mask, pseudonym, keep")
        })?;
        let set = policy.actions.set(kind, parsed);
        set.map_err(with_kinds).context("read actions")?;
    }
    policy.survive.extend(section.survive.iter().cloned());
    policy.unknown = treatment(section.unknown.as_deref(), policy.unknown)?;
    policy.free_text = treatment(section.free_text.as_deref(), policy.free_text)?;
    if let Some(path) = &section.schema {
        for field in schema_file::read(path)?.fields.values() {
            let approved = policy.schema.approve(&field.path, field.class, field.types);
            approved.with_context(|| format!("read {}", path.display()))?;
        }
    }
    policy.allow.extend(section.keep_fields.iter().cloned());
    Ok(())
}

/// The refusal of an action, with the kinds that there are where it names none of them.
fn with_kinds(refusal: PolicyError) -> anyhow::Error {
    if !matches!(refusal, PolicyError::ActionKind(_)) {
        return refusal.into();
    }
    let kinds: Vec<&str> = Actions::kinds().collect();
    anyhow!("{refusal}; there are class_b, {}", kinds.join(", "))
}

/// What is said of unknown fields or free text, on top of what was said before.
fn treatment(said: Option<&str>, before: Unknown) -> anyhow::Result<Unknown> {
    let Some(said) = said else {
        return Ok(before);
    };
    Unknown::parse(said)
        .with_context(|| format!("read [redaction]: {said:?} is none of scan, template, drop"))
}

/// Lines of a file that only its owner can read.
fn values(path: &Path) -> anyhow::Result<Vec<Zeroizing<String>>> {
    let shown = path.display();
    private(path).with_context(|| format!("read {shown}"))?;
    let text = std::fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
    let text = Zeroizing::new(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let values: Vec<_> = lines.map(|line| Zeroizing::new(line.to_owned())).collect();
    if values.len() > VALUES_COUNT_MAX {
        bail!("read {shown}: more than {VALUES_COUNT_MAX} values");
    }
    if values
        .iter()
        .any(|value| !VALUE_BYTES.contains(&value.len()))
    {
        let (from, to) = (VALUE_BYTES.start(), VALUE_BYTES.end());
        bail!("read {shown}: a value is not of {from} to {to} bytes");
    }
    Ok(values)
}

#[cfg(unix)]
fn private(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others can read it; run: chmod 600 {}", path.display());
    }
    Ok(())
}

#[cfg(not(unix))]
fn private(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
