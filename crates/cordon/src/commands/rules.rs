//! `cordon rules`: the rules that tokens are found by.

mod diff;
mod gitleaks;
mod import;
mod presidio;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use cordon_detect::rules::{Rule, RuleCounts, RuleSet, Stage};
use cordon_detect::{Context, Detector, DetectorConfig};
use serde_json::{Value as Json, json};

use crate::cli::{Cli, RulesArgs, RulesCommand, RulesListArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::lines::Lines;
use crate::{log, packs};

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &RulesCommand) -> Outcome {
    match command {
        RulesCommand::List(args) => list(cli, args),
        RulesCommand::Explain { id, with } => {
            let set = rules(cli, with).or_exit(Exit::Usage)?;
            let rule = set
                .rule(id)
                .with_context(|| format!("find a rule `{id}`; see rules list"));
            show::explain(rule.or_exit(Exit::Usage)?, with.json)
        }
        RulesCommand::Test { with } => test(cli, with),
        RulesCommand::Diff {
            before,
            after,
            json,
        } => diff::run(before, after, *json),
        RulesCommand::Import { from, file, out } => import::run(*from, file, out.as_deref()),
    }
}

/// The built-in rules, those of the configuration and those of the flags.
fn rules(cli: &Cli, with: &RulesArgs) -> anyhow::Result<Arc<RuleSet>> {
    let config = Config::load(cli.config.as_deref())?;
    let sections = config.redaction(None);
    let configured = sections.iter().flat_map(|section| &section.rules);
    let files: Vec<&PathBuf> = configured.chain(&with.pack).collect();
    packs::unproven(files)
}

fn list(cli: &Cli, args: &RulesListArgs) -> Outcome {
    let set = rules(cli, &args.with).or_exit(Exit::Usage)?;
    let detector = Detector::with_rules(DetectorConfig::default(), Arc::clone(&set));
    for path in &args.over {
        over(path, &detector).or_exit(Exit::Usage)?;
    }
    let counted = !args.over.is_empty();
    let text = if args.with.json {
        let rows: Vec<Json> = set
            .counts()
            .map(|(r, counts)| row(r, counts, counted))
            .collect();
        let json = json!({ "schema": "cordon.rules", "version": 1, "rules": rows });
        format!("{json:#}\n")
    } else {
        set.counts()
            .map(|(r, counts)| line(r, counts, counted))
            .collect()
    };
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Counts what the rules find in a file; nothing of it is kept.
fn over(path: &Path, detector: &Detector) -> anyhow::Result<()> {
    let shown = path.display();
    let from: Box<dyn std::io::Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("open {shown}"))?)
    };
    let mut lines = Lines::new(from);
    while let Some(part) = lines.next_part().with_context(|| format!("read {shown}"))? {
        detector.scan(&part.text, &Context::default());
    }
    Ok(())
}

/// `enforce`, `shadow`, `canary 10 %`.
fn stage(rule: &Rule) -> String {
    match rule.stage {
        Stage::Canary(percent) => format!("canary {percent} %"),
        other => other.as_str().to_owned(),
    }
}

fn row(rule: &Rule, counts: RuleCounts, counted: bool) -> Json {
    let percent = match rule.stage {
        Stage::Canary(percent) => json!(percent),
        Stage::Enforce | Stage::Shadow => Json::Null,
    };
    let counts = counted.then(|| {
        json!({
            "hits": counts.hits,
            "held_back": counts.held_back,
            "calls": counts.calls,
            "bytes": counts.bytes,
        })
    });
    json!({
        "id": rule.id,
        "version": rule.version,
        "provider": rule.provider,
        "class": rule.class.as_str(),
        "action": rule.action(),
        "stage": rule.stage.as_str(),
        "percent": percent,
        "pack": rule.pack,
        "counts": counts,
    })
}

fn line(rule: &Rule, counts: RuleCounts, counted: bool) -> String {
    let Rule {
        id,
        version,
        class,
        provider,
        ..
    } = rule;
    let found = if counted {
        let RuleCounts {
            hits,
            held_back,
            calls,
            bytes,
        } = counts;
        format!("  hits {hits}  held back {held_back}  asked {calls} times about {bytes} bytes")
    } else {
        String::new()
    };
    let stage = stage(rule);
    format!("{id:<32} v{version:<3} {class}  {stage:<12} {provider}{found}\n")
}

fn test(cli: &Cli, with: &RulesArgs) -> Outcome {
    let set = rules(cli, with).or_exit(Exit::Usage)?;
    let faults: Vec<String> = set.verify().iter().map(ToString::to_string).collect();
    let cases = set.rules().iter().map(|rule| {
        let cases = &rule.cases;
        cases.positives.len() + cases.near_misses.len() + cases.broken.len()
    });
    let (rules, cases) = (set.rules().len(), cases.sum::<usize>());
    let text = if with.json {
        let json = json!({
            "schema": "cordon.rules.test",
            "version": 1,
            "rules": rules,
            "cases": cases,
            "faults": faults,
        });
        format!("{json:#}\n")
    } else {
        let mut out: String = faults
            .iter()
            .map(|fault| format!("failed to {fault}\n"))
            .collect();
        let count = faults.len();
        out.push_str(&format!(
            "{rules} rules, {cases} cases, {count} do not come out\n"
        ));
        out
    };
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(if faults.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}
