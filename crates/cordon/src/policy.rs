//! From the configuration to the redactor's policy.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cordon_redact::{NameScope, Policy, PseudonymMac, Redactor, Term};
use zeroize::Zeroizing;

use crate::config::{Names, Redaction};

/// Values in a file of canaries or known secrets.
const VALUES_COUNT_MAX: usize = 100_000;
/// Shortest canary or known secret, in bytes: a shorter one would hit by chance.
const VALUE_BYTES_MIN: usize = 8;
/// Longest canary or known secret, in bytes: a longer one would not be looked for.
const VALUE_BYTES_MAX: usize = 4_096;

/// The redactor that the sections ask for, each on top of those before. `mac` tags the known
/// secrets.
pub(crate) fn redactor(
    sections: &[&Redaction],
    mac: &dyn PseudonymMac,
) -> anyhow::Result<Redactor> {
    let mut policy = Policy::default();
    for section in sections {
        add(&mut policy, section, mac)?;
    }
    Redactor::new(policy).context("read [redaction]")
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
        policy.known.insert(mac.mac("known", known.as_bytes()));
    }
    policy.allow.extend(section.keep_fields.iter().cloned());
    Ok(())
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
    let range = VALUE_BYTES_MIN..=VALUE_BYTES_MAX;
    if values.iter().any(|value| !range.contains(&value.len())) {
        bail!("read {shown}: a value is not of {VALUE_BYTES_MIN} to {VALUE_BYTES_MAX} bytes");
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
