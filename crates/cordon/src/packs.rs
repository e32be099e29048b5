//! Packs of rules from files.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_detect::rules::RuleSet;

/// Largest pack or catalogue in bytes.
pub(crate) const PACK_BYTES_MAX: u64 = 8 << 20;

/// The built-in rules, and those of these files, whose cases have to come out.
pub(crate) fn with<'p>(
    files: impl IntoIterator<Item = &'p PathBuf>,
) -> anyhow::Result<Arc<RuleSet>> {
    let set = unproven(files)?;
    if let Some(fault) = set.verify_added().into_iter().next() {
        return Err(fault).context("read rules");
    }
    Ok(set)
}

/// The same, whatever becomes of their cases.
pub(crate) fn unproven<'p>(
    files: impl IntoIterator<Item = &'p PathBuf>,
) -> anyhow::Result<Arc<RuleSet>> {
    let mut texts = Vec::new();
    for file in files {
        texts.push((file, text(file)?));
    }
    if texts.is_empty() {
        return Ok(RuleSet::builtin());
    }
    // One by one first, so that an error can say which file it is in.
    for (file, text) in &texts {
        if let Err(error @ cordon_detect::rules::RuleError::Syntax { .. }) = RuleSet::load(&[text])
        {
            return Err(error).with_context(|| format!("read {}", file.display()));
        }
    }
    let names: Vec<String> = texts
        .iter()
        .map(|(file, _)| file.display().to_string())
        .collect();
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let set = RuleSet::builtin_and(&texts);
    Ok(Arc::new(
        set.with_context(|| format!("read {}", names.join(", ")))?,
    ))
}

/// A file's text, up to the limit.
pub(crate) fn text(file: &PathBuf) -> anyhow::Result<String> {
    let shown = file.display();
    let size = std::fs::metadata(file)
        .with_context(|| format!("read {shown}"))?
        .len();
    if size > PACK_BYTES_MAX {
        bail!("read {shown}: larger than {PACK_BYTES_MAX} bytes");
    }
    std::fs::read_to_string(file).with_context(|| format!("read {shown}"))
}
