//! From the configuration to the redactor's policy.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, bail};
use cordon_redact::{Policy, PseudonymMac, Redactor, Term};
use zeroize::Zeroizing;

use crate::config::Redaction;

/// Kind of a dictionary word's pseudonyms.
const DICTIONARY_KIND: &str = "term";
/// Values in a file of canaries or known secrets.
const VALUES_COUNT_MAX: usize = 100_000;
/// Shortest canary or known secret, in bytes: a shorter one would hit by chance.
const VALUE_BYTES_MIN: usize = 8;

/// The redactor that the configuration asks for. `mac` tags the known secrets.
pub(crate) fn redactor(section: &Redaction, mac: &dyn PseudonymMac) -> anyhow::Result<Redactor> {
    let defaults = Policy::default();
    let words = |words: &[String]| -> Vec<Term> {
        words
            .iter()
            .map(|text| Term {
                text: text.clone(),
                kind: DICTIONARY_KIND,
            })
            .collect()
    };
    let canaries = section
        .canaries
        .as_deref()
        .map(values)
        .transpose()?
        .unwrap_or_default();
    let known = section
        .known_secrets
        .as_deref()
        .map(values)
        .transpose()?
        .unwrap_or_default();
    let policy = Policy {
        ip: section.ip_addresses.unwrap_or(defaults.ip),
        hosts: section.host_names.unwrap_or(defaults.hosts),
        paths: section.file_paths.unwrap_or(defaults.paths),
        dictionary: words(&section.dictionary),
        canaries: canaries.iter().map(|value| value.to_string()).collect(),
        known: known
            .iter()
            .map(|v| mac.mac("known", v.as_bytes()))
            .collect::<BTreeSet<_>>(),
        allow: section.keep_fields.iter().cloned().collect(),
        ..defaults
    };
    Ok(Redactor::new(policy))
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
    if values.iter().any(|value| value.len() < VALUE_BYTES_MIN) {
        bail!("read {shown}: a value is shorter than {VALUE_BYTES_MIN} bytes");
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
