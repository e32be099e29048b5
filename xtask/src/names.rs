//! `cargo xtask names`: trains the recogniser of names, and scores it.
//!
//! `tools/names/corpus.py` writes the corpora; `docs/names-model-card.md` has the commands and the
//! figures.

mod corpus;
mod score;
mod train;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cordon_detect::names::model::{MARGINS_COUNT, Model};

use crate::say;

/// Least mean lead over outside of an entity, by kind; chosen on the tuning corpus.
const MARGINS: [i16; MARGINS_COUNT] = [60, 0, 0, 60, 0, 300];

/// Trains on `DIR/lists.tsv` and the corpora named, and writes the weights.
pub(crate) fn train(folder: &str, out: &str, corpora: &[&str]) -> Result<()> {
    let folder = Path::new(folder);
    let lists = corpus::lists(&folder.join("lists.tsv"))?;
    let mut samples = Vec::new();
    for name in corpora {
        samples.extend(corpus::read(&folder.join(name))?);
    }
    say(&format!("{} texts", samples.len()));
    let file = train::train(&samples, &lists, MARGINS);
    std::fs::write(out, &file).with_context(|| format!("write {out}"))?;
    say(&format!(
        "{out}: {} bytes, {} rows",
        file.len(),
        train::ROWS
    ));
    Ok(())
}

/// Scores a weights file on corpora.
pub(crate) fn score(weights: &str, corpora: &[&str]) -> Result<()> {
    let bytes = std::fs::read(weights).with_context(|| format!("read {weights}"))?;
    let model = Model::open(&bytes).context("read the weights' head")?;
    for path in corpora {
        let samples = corpus::read(Path::new(path))?;
        say(&format!("\n{path}: {} texts\n", samples.len()));
        say(&score::table(&score::score(&model, &samples)));
    }
    Ok(())
}

/// Shows what is found in each line of a file that has something.
pub(crate) fn show(weights: &str, path: &str) -> Result<()> {
    let bytes = std::fs::read(weights).with_context(|| format!("read {weights}"))?;
    let model = Model::open(&bytes).context("read the weights' head")?;
    let text = std::fs::read(path).with_context(|| format!("read {path}"))?;
    let text = String::from_utf8_lossy(&text);
    let mut spent = Duration::ZERO;
    let (mut touched, mut lines) = (0, 0);
    for line in text.lines() {
        let mut found = Vec::new();
        let started = Instant::now();
        cordon_detect::names::find_with(&model, line, &mut found);
        spent += started.elapsed();
        lines += 1;
        touched += usize::from(!found.is_empty());
        for f in found {
            let part = line.get(f.start..f.end).unwrap_or("");
            say(&format!("{}\t{part}\t{line}", f.rule));
        }
    }
    let rate = text.len() as f64 / spent.as_secs_f64() / 1e6;
    say(&format!(
        "{touched} of {lines} lines touched; {rate:.1} MB/s"
    ));
    Ok(())
}

/// Shows the texts of a corpus in which what is marked and what is found differ.
pub(crate) fn wrong(weights: &str, path: &str) -> Result<()> {
    let bytes = std::fs::read(weights).with_context(|| format!("read {weights}"))?;
    let model = Model::open(&bytes).context("read the weights' head")?;
    for sample in corpus::read(Path::new(path))? {
        let mut found = Vec::new();
        cordon_detect::names::find_with(&model, &sample.text, &mut found);
        let mut said: Vec<_> = found
            .iter()
            .map(|f| (score::kind(f), f.start, f.end))
            .collect();
        let mut gold = sample.entities.clone();
        said.retain(|f| !sample.entities.contains(f));
        gold.retain(|e| !found.iter().any(|f| (score::kind(f), f.start, f.end) == *e));
        let shown = |all: &[(usize, usize, usize)]| {
            let parts = all.iter().map(|(kind, start, end)| {
                let kind = kind
                    .checked_sub(1)
                    .and_then(|k| corpus::KINDS.get(k))
                    .unwrap_or(&'-');
                format!("{kind}:{}", sample.text.get(*start..*end).unwrap_or(""))
            });
            parts.collect::<Vec<_>>().join(" | ")
        };
        if !said.is_empty() || !gold.is_empty() {
            let (gold, said) = (shown(&gold), shown(&said));
            let (locale, text) = (&sample.locale, &sample.text);
            say(&format!("{locale}\tmarked {gold}\tfound {said}\t{text}"));
        }
    }
    Ok(())
}
