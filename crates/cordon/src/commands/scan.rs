//! `cordon scan`: findings of files or stdin, without their values.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use cordon_event::{Class, Raw};
use cordon_redact::{LineFormat, Redactor, StreamRedactor};
use cordon_vault::EphemeralMac;
use serde_json::{Value as Json, json};

use crate::cli::{Cli, OutputFormat, ScanArgs};
use crate::commands::redact::receipt_digest;
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::lines::Lines;
use crate::{log, policy};

/// Findings of one run that are listed; more are counted.
const FINDINGS_COUNT_MAX: usize = 100_000;

/// One finding at its place.
struct Row {
    file: String,
    line: u64,
    rule: &'static str,
    version: u32,
    digest: String,
    class: Class,
    /// Of the field, where the line is JSON.
    path: String,
    offset: usize,
    len: usize,
}

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &ScanArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let mut policy = policy::policy(&config, None, &mac).or_exit(Exit::Usage)?;
    policy.receipt_digests = true;
    let redactor = Redactor::new(policy).or_exit(Exit::Usage)?;
    let (mut rows, mut unlisted) = (Vec::new(), 0_u64);
    let mut add = |row: Row| {
        if rows.len() < FINDINGS_COUNT_MAX {
            rows.push(row);
        } else {
            unlisted += 1;
        }
    };
    if args.files.is_empty() {
        scan("-", std::io::stdin().lock(), &redactor, &mac, &mut add).context("read stdin")?;
    }
    let mut unread = 0_usize;
    for path in &args.files {
        // One that cannot be read is told of, and does not take the others' findings with it.
        if let Err(error) = scan_file(path, &redactor, &mac, &mut add) {
            log::line(&format!("error: failed to {error:#}"));
            unread += 1;
        }
    }
    let format = if args.json {
        OutputFormat::Json
    } else {
        args.output_format
    };
    let text = match format {
        OutputFormat::Text => text(&rows, unlisted),
        OutputFormat::Json => format!("{:#}\n", findings(&rows, unlisted)),
        OutputFormat::Sarif => format!("{:#}\n", sarif(&rows, unlisted)),
    };
    log::data(text.as_bytes()).context("write stdout")?;
    Ok(match (unread, rows.len()) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Findings,
        _ => Exit::Usage,
    })
}

fn scan_file(
    path: &Path,
    redactor: &Redactor,
    mac: &EphemeralMac,
    add: &mut dyn FnMut(Row),
) -> anyhow::Result<()> {
    let shown = path.display().to_string();
    let file = std::fs::File::open(path).with_context(|| format!("open {shown}"))?;
    scan(&shown, file, redactor, mac, add).with_context(|| format!("read {shown}"))
}

fn scan(
    file: &str,
    from: impl std::io::Read,
    redactor: &Redactor,
    mac: &EphemeralMac,
    add: &mut dyn FnMut(Row),
) -> std::io::Result<()> {
    let mut stream = StreamRedactor::new(redactor, LineFormat::Auto);
    let mut lines = Lines::new(from);
    while let Some(part) = lines.next_part()? {
        for finding in stream.line(mac, Raw::new(part.text)).receipt.findings {
            add(Row {
                file: file.to_owned(),
                line: part.line,
                rule: finding.rule,
                version: finding.version,
                digest: receipt_digest(&finding),
                class: finding.class,
                path: finding.path,
                offset: part.offset + finding.offset,
                len: finding.len,
            });
        }
    }
    Ok(())
}

fn text(rows: &[Row], unlisted: u64) -> String {
    let mut out = String::new();
    for row in rows {
        let Row {
            file,
            line,
            rule,
            class,
            path,
            offset,
            len,
            ..
        } = row;
        let place = if path.is_empty() {
            String::new()
        } else {
            format!(" in {path}")
        };
        out.push_str(&format!(
            "{file}:{line}: class {class} {rule}{place} at {offset}, {len} bytes\n"
        ));
    }
    let counts = rows.iter().fold(BTreeMap::new(), |mut counts, row| {
        *counts.entry(row.class).or_insert(0_u64) += 1;
        counts
    });
    let shown: Vec<String> = counts
        .iter()
        .map(|(c, n)| format!("{n} of class {c}"))
        .collect();
    if rows.is_empty() {
        out.push_str("nothing found\n");
    } else {
        out.push_str(&format!("{} found: {}\n", rows.len(), shown.join(", ")));
    }
    if unlisted > 0 {
        out.push_str(&format!("{unlisted} more are not listed\n"));
    }
    out
}

fn findings(rows: &[Row], unlisted: u64) -> Json {
    let list: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({
                "file": row.file,
                "line": row.line,
                "rule": row.rule,
                "rule_version": row.version,
                "class": row.class.as_str(),
                "path": row.path,
                "offset": row.offset,
                "length": row.len,
                "digest": row.digest,
            })
        })
        .collect();
    json!({ "schema": "cordon.scan", "version": 1, "findings": list, "unlisted": unlisted })
}

/// SARIF 2.1.0 (OASIS): one run, one result a finding.
fn sarif(rows: &[Row], unlisted: u64) -> Json {
    let mut ids: Vec<&str> = rows.iter().map(|row| row.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let rules: Vec<Json> = ids.iter().map(|id| json!({ "id": id })).collect();
    let results: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({
                "ruleId": row.rule,
                "level": if row.class == Class::A { "error" } else { "warning" },
                "message": { "text": format!("class {} data, {} bytes", row.class, row.len) },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": row.file },
                    "region": { "startLine": row.line },
                } }],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cordon",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
            "properties": { "unlisted": unlisted },
        }],
    })
}
