//! `cordon rules explain`.

use anyhow::Context as _;
use cordon_detect::rules::{Anchor, Broken, Expanded, Rule};
use serde_json::{Value as Json, json};

use crate::exit::{Exit, Outcome};
use crate::log;

/// Shows one rule.
pub(crate) fn explain(rule: &Rule, as_json: bool) -> Outcome {
    let text = if as_json {
        format!("{:#}\n", written(rule))
    } else {
        told(rule)
    };
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// The checksum's name, and what a broken one says.
fn checksum(rule: &Rule) -> Option<(&'static str, &'static str)> {
    let (checksum, broken) = rule.checksum?;
    let says = match broken {
        Broken::Refuse => "a broken one is no token",
        Broken::Doubt => "a broken one is a token where it looks random",
    };
    Some((checksum.as_str(), says))
}

fn texts(cases: &[Expanded]) -> Vec<&str> {
    cases.iter().map(|case| case.text.as_str()).collect()
}

fn written(rule: &Rule) -> Json {
    let (prefix, keywords, within, head) = match &rule.anchor {
        Anchor::Prefix(prefixes) => (Some(prefixes), None, None, None),
        Anchor::Near(words) => (None, Some(words), None, None),
        Anchor::Within(marks) => (None, None, Some(marks), None),
        Anchor::Behind(head) => (None, None, None, Some(head)),
    };
    let [positives, near_misses, broken] = rule.expanded();
    json!({
        "schema": "cordon.rules.explain",
        "version": 1,
        "rule": {
            "id": rule.id,
            "version": rule.version,
            "class": rule.class.as_str(),
            "provider": rule.provider,
            "description": rule.description,
            "prefix": prefix,
            "keywords": keywords,
            "within": within,
            "head": head,
            "pattern": rule.pattern.source(),
            "matches": rule.words(),
            "checksum": checksum(rule).map(|(name, _)| name),
            "entropy_min": rule.entropy_min,
            "action": rule.action(),
            "kind": rule.kind.as_str(),
            "stage": super::stage(rule),
            "pack": rule.pack,
            "cases": {
                "positives": texts(&positives),
                "near_misses": texts(&near_misses),
                "broken": texts(&broken),
            },
        },
    })
}

fn told(rule: &Rule) -> String {
    let stage = super::stage(rule);
    let mut out = format!(
        "{} version {}, class {}, of pack {}\n{}: {}\n",
        rule.id, rule.version, rule.class, rule.pack, rule.provider, rule.description
    );
    out.push_str(&format!("matches   {}\n", rule.words()));
    out.push_str(&format!("pattern   {}\n", rule.pattern.source()));
    match checksum(rule) {
        Some((name, says)) => out.push_str(&format!("checksum  {name}; {says}\n")),
        None => out.push_str(&format!(
            "entropy   at least {} bits a byte\n",
            rule.entropy_min
        )),
    }
    out.push_str(&format!(
        "action    {} ({}), {stage}\n",
        rule.action(),
        rule.kind.as_str()
    ));
    let names = ["finds", "leaves", "leaves, or doubts"];
    for (name, cases) in names.into_iter().zip(rule.expanded()) {
        for case in cases {
            out.push_str(&format!("{name}: {}\n", case.text));
        }
    }
    out
}
