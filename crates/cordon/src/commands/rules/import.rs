//! `cordon rules import`: another catalogue becomes a pack, in shadow.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cordon_detect::rules;
use cordon_detect::rules::Foreign;

use super::{gitleaks, presidio};
use crate::cli::RulesFormat;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::{log, packs};

/// A rule of another catalogue, or why it is none of ours.
pub(crate) struct Candidate {
    /// Its name there.
    pub(crate) name: String,
    /// The rule, or why there is none.
    pub(crate) rule: Result<Foreign, String>,
    /// What of it is not kept, if anything.
    pub(crate) left: Option<&'static str>,
}

/// Runs the command.
pub(crate) fn run(from: RulesFormat, file: &PathBuf, out: Option<&Path>) -> Outcome {
    let text = packs::text(file).or_exit(Exit::Usage)?;
    let (source, candidates) = match from {
        RulesFormat::Gitleaks => ("gitleaks", gitleaks::read(&text, "gitleaks")),
        RulesFormat::Betterleaks => ("betterleaks", gitleaks::read(&text, "betterleaks")),
        RulesFormat::Presidio => ("presidio", presidio::read(&text)),
    };
    let candidates = candidates.with_context(|| format!("read {}", file.display()));
    let candidates = candidates.or_exit(Exit::Usage)?;
    let mut pack = format!(
        "# Imported from a {source} catalogue. Each rule is in shadow: it is counted and changes\n\
         # nothing. Read its counts (cordon rules list --over FILE), then let it act.\n\
         pack = \"{source}\"\n"
    );
    let (mut held, mut refused) = (0_usize, 0_usize);
    for Candidate { name, rule, left } in candidates {
        let written = rule.and_then(|rule| rules::import(&rule).map_err(|e| e.to_string()));
        match written {
            Ok(text) => {
                pack.push_str(&text);
                held += 1;
                if let Some(left) = left {
                    log::line(&format!("note: {name}: {left}"));
                }
            }
            Err(reason) => {
                log::line(&format!("refused: {name}: {reason}"));
                refused += 1;
            }
        }
    }
    match out {
        Some(path) => std::fs::write(path, &pack)
            .with_context(|| format!("write {}", path.display()))
            .or_exit(Exit::Usage)?,
        None => log::data(pack.as_bytes()).context("write stdout")?,
    }
    log::line(&format!("{held} rules held, {refused} refused"));
    Ok(if refused == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}
