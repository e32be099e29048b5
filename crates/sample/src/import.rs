//! Plans from the configurations of peers.
//!
//! What is understood becomes a [`Plan`], which [`Plan::to_toml`] prints; what is understood and
//! has no effect here is among [`Plan::notes`]; everything else is a [`Problem`].

use crate::config::contrib::{self, Within};
use crate::config::read::Reader;
use crate::config::{Config, Settings, refinery as rules};
use crate::node::{self, Node, Value};
use crate::plan::Plan;
use crate::problem::{Findings, Problem};

/// The Collector's `tail_sampling`: a whole configuration with `processors`, a mapping with
/// `tail_sampling`, or the processor's own options. YAML.
pub fn contrib(text: &str) -> Result<Plan, Vec<Problem>> {
    let root = node::parse_yaml(text).map_err(|problem| vec![problem])?;
    let mut found = Findings::default();
    let (node, path) = match processor(&root) {
        Ok(place) => place,
        Err(problem) => return Err(vec![problem]),
    };
    // What the Collector's documentation says of a trace that is too large: it is dropped.
    let mut settings = Settings {
        drops_giants: true,
        ..Settings::default()
    };
    let config = Reader::of(node, &path, &mut found).map(|mut r| {
        contrib::settings(&mut r, &mut settings, &mut found);
        let nodes = r.list("policies", &mut found);
        if nodes.is_empty() {
            found.problem(r.line, &path, "`policies` is missing");
        }
        let policies = contrib::policies(nodes, &r.below("policies"), Within::Top, &mut found);
        r.finish(&mut found);
        Config {
            settings,
            policies,
            samplers: Vec::new(),
        }
    });
    Plan::compiled(config, found)
}

/// Finds the processor's options and where they stand.
fn processor(root: &Node) -> Result<(&Node, String), Problem> {
    let none = |message: &str| Problem {
        line: 0,
        path: String::new(),
        message: message.to_owned(),
    };
    let is_whole = root.get("processors").is_some();
    let outer = root.get("processors").unwrap_or(root);
    let Value::Map(entries) = &outer.value else {
        return Err(none("a mapping is expected"));
    };
    let is_processor = |key: &str| key == "tail_sampling" || key.starts_with("tail_sampling/");
    let mut named = entries.iter().filter(|entry| is_processor(&entry.key));
    let prefix = if is_whole { "processors." } else { "" };
    match (named.next(), named.next()) {
        (Some(one), None) => Ok((&one.node, format!("{prefix}{}", one.key))),
        (Some(_), Some(second)) => Err(Problem {
            line: second.line,
            path: format!("{prefix}{}", second.key),
            message: "a plan is one `tail_sampling`: leave the others out".to_owned(),
        }),
        (None, _) if is_whole => Err(none("`processors` has no `tail_sampling`")),
        (None, _) => Ok((outer, String::new())),
    }
}

/// Refinery's rules (`RulesVersion: 2`), YAML or TOML. The groups `Traces`, `SampleCache` and
/// `Debugging` of its own configuration may stand beside them.
pub fn refinery(text: &str) -> Result<Plan, Vec<Problem>> {
    let root = match (node::parse_yaml(text), node::parse_toml(text)) {
        (Ok(node), _) if matches!(node.value, Value::Map(_)) => node,
        (_, Ok(node)) | (Ok(node), Err(_)) => node,
        (Err(problem), Err(_)) => return Err(vec![problem]),
    };
    let mut found = Findings::default();
    let config = Reader::of(&root, "", &mut found).map(|r| refinery_config(r, &mut found));
    Plan::compiled(config, found)
}

fn refinery_config(mut r: Reader<'_>, found: &mut Findings) -> Config {
    // Refinery's own timing, where `Traces` says nothing else.
    let mut settings = Settings {
        decision_wait_ms: 60_000,
        after_root_ms: 2_000,
        span_limit: 32_000,
        ..Settings::default()
    };
    match r.int("RulesVersion", found) {
        Some(2) => {}
        Some(_) => {
            let line = r.line_of("RulesVersion");
            found.problem(line, "RulesVersion", "this version is not known, 2 is");
        }
        None => found.problem(0, "", "`RulesVersion` is missing, 2 is known"),
    }
    if let Some(node) = r.node("Traces") {
        rules::traces(node, &mut settings, found);
    }
    if let Some(node) = r.node("SampleCache") {
        rules::cache(node, &mut settings, found);
    }
    if let Some(mut debugging) = r
        .node("Debugging")
        .and_then(|node| Reader::of(node, "Debugging", found))
    {
        settings.dry_run = debugging.bool("DryRun", found).unwrap_or(false);
        debugging.finish(found);
    }
    let samplers = r.node("Samplers");
    if samplers.is_none() {
        found.problem(0, "", "`Samplers` is missing");
    }
    let samplers = samplers.map(|node| rules::samplers(node, "Samplers", found));
    r.finish(found);
    Config {
        settings,
        policies: Vec::new(),
        samplers: samplers.unwrap_or_default(),
    }
}
