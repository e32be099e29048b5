//! `cordon schema learn|diff|approve`: which fields there are, and which somebody has classified.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use cordon_event::Class;
use cordon_govern::{ExposedClass, Purpose};
use cordon_ledger::{Action, Entry, digest_of};
use cordon_receive::{Limits, LineReader};
use cordon_redact::{
    Clean, PseudonymMac, Receipt, Redactor, Schema, SchemaLearner, Unknown, Verdict,
};
use cordon_store::Window;
use serde_json::json;

use crate::cli::{ApproveArgs, Cli, DiffArgs, LearnArgs, SchemaCommand};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{enter, granted, refused};
use crate::schema_file::{self, Approved, LearnedField, SchemaFile, learned_text};
use crate::{environment, log, policy};

/// Stored events that are learned from.
const EVENTS_COUNT_MAX: usize = 100_000;
/// Longest reason in bytes.
const REASON_BYTES_MAX: usize = 256;

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &SchemaCommand) -> Outcome {
    match command {
        SchemaCommand::Learn(args) => match &args.tenant {
            Some(tenant) => learn_stored(cli, tenant),
            None => learn(cli, args),
        },
        SchemaCommand::Diff(args) => diff(args),
        SchemaCommand::Approve(args) => approve(cli, args),
    }
}

/// Learns from files or stdin. What is unknown has to be seen, so no schema holds here.
fn learn(cli: &Cli, args: &LearnArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let mut policy = policy::policy(&config, None, &mac).or_exit(Exit::Usage)?;
    (policy.schema, policy.unknown) = (Schema::default(), Unknown::Scan);
    policy.free_text = Unknown::Scan;
    let mut learning = Learning {
        redactor: Redactor::new(policy).or_exit(Exit::Usage)?,
        learner: SchemaLearner::default(),
        events: 0,
        refused: 0,
    };
    if args.files.is_empty() {
        learning.all("stdin", std::io::stdin().lock(), &mac)?;
    }
    for path in &args.files {
        let shown = path.display().to_string();
        let file = std::fs::File::open(path).with_context(|| format!("open {shown}"));
        learning.all(&shown, file.or_exit(Exit::Usage)?, &mac)?;
    }
    let (fields, unlisted) = learning.learner.finish();
    let text = learned_text(fields.get(), learning.events, unlisted);
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(if learning.refused > 0 {
        log::line(&format!(
            "note: {} lines could not be read",
            learning.refused
        ));
        Exit::Findings
    } else {
        Exit::Done
    })
}

struct Learning {
    redactor: Redactor,
    learner: SchemaLearner,
    events: u64,
    refused: u64,
}

impl Learning {
    fn all(&mut self, name: &str, from: impl Read, mac: &dyn PseudonymMac) -> anyhow::Result<()> {
        let limits = Limits::default();
        let line_bytes_max = limits.inflated_bytes_max as u64;
        let mut reader = LineReader::new(limits);
        let mut from = BufReader::new(from);
        loop {
            let mut line = Vec::new();
            let part = (&mut from)
                .take(line_bytes_max)
                .read_until(b'\n', &mut line);
            if part.with_context(|| format!("read {name}"))? == 0 {
                return Ok(());
            }
            let Ok(decoded) = reader.next_line(line) else {
                self.refused += 1;
                continue;
            };
            for event in decoded.events.split() {
                let outcome = self.redactor.event(mac, event);
                if let Verdict::Clean(clean) = outcome.verdict {
                    self.learner.add(&clean, &outcome.receipt);
                    self.events += 1;
                }
            }
        }
    }
}

/// Learns from the clean events of a tenant: the names of its fields leave, so it is a release.
fn learn_stored(cli: &Cli, tenant: &str) -> Outcome {
    let (home, granted) = match enter(cli, Some(tenant), Purpose::Debugging, Action::Export)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let ever = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX,
    };
    let stored = home
        .store
        .exemplars_over(&granted.scope, ever, EVENTS_COUNT_MAX);
    let stored = stored.context("read events")?;
    let mut learner = SchemaLearner::default();
    for row in &stored.rows {
        learner.add(&row.event, &Receipt::default());
    }
    let (fields, unlisted) = learner.finish();
    let counts = Clean::technical((stored.rows.len() as u64, unlisted));
    let content = counts
        .pair(fields)
        .map(|((events, unlisted), fields)| learned_text(&fields, events, unlisted));
    let released = match granted.release(&home, content, "learned", &[])? {
        Ok(released) => released,
        Err(code) => return Ok(refused(code)),
    };
    log::data(released.get().as_bytes()).context("write stdout")?;
    home.tell_unreadable();
    Ok(Exit::Done)
}

/// What was learned, from a file or stdin.
fn read_learned(path: &Path) -> anyhow::Result<Vec<LearnedField>> {
    let shown = path.display();
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin().lock())
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.with_context(|| format!("read {shown}"))?;
    schema_file::learned(&text).with_context(|| format!("read {shown}"))
}

/// How a learned field differs from what was approved.
enum Change {
    New,
    /// Types and rules that were not there when it was approved.
    Other(Vec<String>),
}

fn changes<'l>(
    learned: &'l [LearnedField],
    approved: &SchemaFile,
) -> BTreeMap<&'l str, (Change, &'l LearnedField)> {
    let change = |field: &LearnedField| {
        let Some(known) = approved.fields.get(&field.path) else {
            return Some(Change::New);
        };
        let beyond = field.types.beyond(known.types);
        let types = beyond.names().map(|name| format!("type {name}"));
        let rules = field
            .rules
            .difference(&known.rules)
            .map(|rule| format!("rule {rule}"));
        let other: Vec<String> = types.chain(rules).collect();
        (!other.is_empty()).then_some(Change::Other(other))
    };
    let changed = learned
        .iter()
        .filter_map(|field| Some((change(field)?, field)));
    changed
        .map(|(change, field)| (field.path.as_str(), (change, field)))
        .collect()
}

/// Tells what was learned and is not approved; exit 1 when there is anything.
fn diff(args: &DiffArgs) -> Outcome {
    let learned = read_learned(&args.learned).or_exit(Exit::Usage)?;
    let approved = schema_file::read(&args.schema).or_exit(Exit::Usage)?;
    let changes = changes(&learned, &approved);
    let seen = |path: &String| learned.iter().any(|field| field.path == *path);
    let gone: Vec<&String> = approved.fields.keys().filter(|path| !seen(path)).collect();
    let mut out = String::new();
    if args.json {
        let new = changes
            .values()
            .filter(|(change, _)| matches!(change, Change::New));
        let new: Vec<&str> = new.map(|(_, field)| field.path.as_str()).collect();
        let other = changes.values().filter_map(|(change, field)| match change {
            Change::Other(what) => Some(json!({ "path": field.path, "what": what })),
            Change::New => None,
        });
        let row = json!({ "schema": "cordon.schema.diff", "version": 1,
            "new": new, "changed": other.collect::<Vec<_>>(), "not_seen": gone });
        out.push_str(&format!("{row:#}\n"));
    } else {
        for (change, field) in changes.values() {
            let types = field.types.names().collect::<Vec<_>>().join("|");
            let rules = field.rules.iter().cloned().collect::<Vec<_>>().join(", ");
            let (path, cardinality) = (&field.path, &field.cardinality);
            let line = match change {
                Change::New if rules.is_empty() => format!("+ {path}: {types}, {cardinality}"),
                Change::New => format!("+ {path}: {types}, {cardinality}, found: {rules}"),
                Change::Other(what) => format!("~ {path}: {}", what.join(", ")),
            };
            out.push_str(&format!("{line}\n"));
        }
        out.extend(gone.iter().map(|path| format!("- {path}: not seen\n")));
    }
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(if changes.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Classifies learned fields; the audit entry is durable before the file is written.
fn approve(cli: &Cli, args: &ApproveArgs) -> Outcome {
    let learned = read_learned(&args.learned).or_exit(Exit::Usage)?;
    let mut file = if args.schema.exists() {
        schema_file::read(&args.schema).or_exit(Exit::Usage)?
    } else {
        SchemaFile::default()
    };
    let chosen = chosen(&learned, &file, args).or_exit(Exit::Usage)?;
    let class = schema_file::class(&args.class).context("read --class: none of A, B, C");
    let class = class.or_exit(Exit::Usage)?;
    let (by, unix_s) = (operator(), environment::now_unix_s());
    for field in &chosen {
        let before = file.fields.get(&field.path);
        let approved = Approved {
            path: field.path.clone(),
            class,
            types: before.map_or(field.types, |known| known.types.and(field.types)),
            rules: field.rules.clone(),
            by: by.as_str().to_owned(),
            unix_s,
            reason: args.reason.trim().to_owned(),
        };
        file.fields.insert(field.path.clone(), approved);
    }
    file.schema().or_exit(Exit::Usage)?;
    let text = file.text();
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = match &args.tenant {
        Some(name) => {
            let tenant = home.tenant_id(Some(name)).or_exit(Exit::Usage)?;
            match granted(&home, &tenant, Purpose::Debugging, Action::SchemaApprove)? {
                Ok(_) => Some(tenant),
                Err(code) => return Ok(refused(code)),
            }
        }
        None => None,
    };
    let entry = Entry {
        time_unix_s: unix_s,
        actor: by,
        tenant,
        action: Action::SchemaApprove,
        decision: "approved",
        class: match class {
            Class::A => None,
            Class::B => Some(ExposedClass::B),
            Class::C => Some(ExposedClass::C),
        },
        amount_bytes: 0,
        evidence: Vec::new(),
        digest: Some(digest_of(text.as_bytes())),
    };
    drop(home.ledger.record(&entry).context("write audit entry")?);
    let shown = args.schema.display();
    let written = SchemaFile::write(&args.schema, &text);
    written
        .with_context(|| format!("write {shown}"))
        .or_exit(Exit::Usage)?;
    let (count, class) = (chosen.len(), class.as_str());
    log::line(&format!(
        "approved {count} fields as class {class} in {shown}"
    ));
    Ok(Exit::Done)
}

/// The fields that are to be approved. A pattern that names none is a mistake.
fn chosen<'l>(
    learned: &'l [LearnedField],
    file: &SchemaFile,
    args: &ApproveArgs,
) -> anyhow::Result<Vec<&'l LearnedField>> {
    if args.reason.trim().is_empty() || args.reason.len() > REASON_BYTES_MAX {
        bail!("read --reason: not of 1 to {REASON_BYTES_MAX} bytes");
    }
    if args.all {
        return Ok(changes(learned, file)
            .into_values()
            .map(|(_, field)| field)
            .collect());
    }
    let found = |path: &String| learned.iter().find(|field| field.path == *path);
    let named = args
        .field
        .iter()
        .map(|path| found(path).ok_or_else(|| anyhow!("find field {path}: it was not learned")));
    named.collect()
}
