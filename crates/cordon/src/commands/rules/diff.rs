//! `cordon rules diff`: two packs, rule by rule.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use cordon_detect::rules::{Anchor, Rule, RuleSet};
use serde_json::{Value as Json, json};

use crate::exit::{Ends as _, Exit, Outcome};
use crate::{log, packs};

/// What changed in a rule: name, before, after.
type Change = (&'static str, String, String);

/// Runs the command.
pub(crate) fn run(before: &PathBuf, after: &PathBuf, as_json: bool) -> Outcome {
    let before = pack(before).or_exit(Exit::Usage)?;
    let after = pack(after).or_exit(Exit::Usage)?;
    let (old, new) = (by_id(&before), by_id(&after));
    let gone: Vec<&str> = old
        .keys()
        .filter(|id| !new.contains_key(*id))
        .copied()
        .collect();
    let come: Vec<&str> = new
        .keys()
        .filter(|id| !old.contains_key(*id))
        .copied()
        .collect();
    let both = old
        .iter()
        .filter_map(|(id, old)| Some((*id, changes(old, new.get(id)?))));
    let changed: Vec<(&str, Vec<Change>)> = both.filter(|(_, list)| !list.is_empty()).collect();
    let text = if as_json {
        format!("{:#}\n", written(&gone, &come, &changed))
    } else {
        told(&gone, &come, &changed)
    };
    log::data(text.as_bytes()).context("write stdout")?;
    let same = gone.is_empty() && come.is_empty() && changed.is_empty();
    Ok(if same { Exit::Done } else { Exit::Findings })
}

fn pack(path: &PathBuf) -> anyhow::Result<Arc<RuleSet>> {
    if path == Path::new("builtin") {
        return Ok(RuleSet::builtin());
    }
    let text = packs::text(path)?;
    // Taken by itself a pack has nothing to replace.
    let text = text.replace("replaces = true", "");
    let set = RuleSet::load(&[&text]).with_context(|| format!("read {}", path.display()))?;
    Ok(Arc::new(set))
}

fn by_id(set: &RuleSet) -> BTreeMap<&str, &Rule> {
    set.rules().iter().map(|rule| (rule.id, rule)).collect()
}

/// What can change in a rule, as text.
fn fields(rule: &Rule) -> Vec<(&'static str, String)> {
    let anchor = match &rule.anchor {
        Anchor::Prefix(prefixes) => format!("prefix {}", prefixes.join(" ")),
        Anchor::Near(words) => format!("keywords {}", words.join(", ")),
        Anchor::Within(marks) => format!("within {}", marks.join(" ")),
        Anchor::Behind(head) => format!("head {head}"),
    };
    let checksum = rule
        .checksum
        .map_or_else(String::new, |(checksum, broken)| {
            format!("{}, broken: {broken:?}", checksum.as_str()).to_lowercase()
        });
    let cases = &rule.cases;
    vec![
        ("version", rule.version.to_string()),
        ("class", rule.class.to_string()),
        ("provider", rule.provider.clone()),
        ("description", rule.description.clone()),
        ("anchor", anchor),
        ("pattern", rule.pattern.source().to_owned()),
        ("checksum", checksum),
        ("entropy_min", rule.entropy_min.to_string()),
        ("digit", rule.digit.to_string()),
        (
            "action",
            format!("{} {}", rule.action(), rule.kind.as_str()),
        ),
        ("stage", super::stage(rule)),
        ("positives", cases.positives.join(" | ")),
        ("near_misses", cases.near_misses.join(" | ")),
        ("broken", cases.broken.join(" | ")),
    ]
}

fn changes(old: &Rule, new: &Rule) -> Vec<Change> {
    let pairs = fields(old).into_iter().zip(fields(new));
    pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| (name, old, new))
        .collect()
}

fn written(gone: &[&str], come: &[&str], changed: &[(&str, Vec<Change>)]) -> Json {
    let changed: Vec<Json> = changed
        .iter()
        .map(|(id, list)| {
            let list: Vec<Json> = list
                .iter()
                .map(|(name, old, new)| json!({ "field": name, "before": old, "after": new }))
                .collect();
            json!({ "id": id, "changes": list })
        })
        .collect();
    json!({
        "schema": "cordon.rules.diff",
        "version": 1,
        "removed": gone,
        "added": come,
        "changed": changed,
    })
}

fn told(gone: &[&str], come: &[&str], changed: &[(&str, Vec<Change>)]) -> String {
    let mut out = String::new();
    for (word, ids) in [("removed", gone), ("added", come)] {
        for id in ids {
            out.push_str(&format!("{word} {id}\n"));
        }
    }
    for (id, list) in changed {
        out.push_str(&format!("changed {id}\n"));
        for (name, old, new) in list {
            out.push_str(&format!("  {name}\n    - {old}\n    + {new}\n"));
        }
    }
    if out.is_empty() {
        out.push_str("no difference\n");
    }
    out
}
