//! `cordon diagnose`: which service is at fault, from a folder of telemetry, without a server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use cordon_diagnose::incident::{self, Case, ChangeEvent, Side, investigate};
use cordon_receive::folder::{Folder, events};
use cordon_redact::{Redactor, Verdict};

use crate::cli::{AnswerFormat, Cli, DiagnoseArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::{log, policy};

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &DiagnoseArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let redactor = policy::redactor(&config, None, &mac).or_exit(Exit::Usage)?;
    let folder = args
        .folder
        .as_deref()
        .ok_or_else(|| anyhow!("read telemetry: no folder was given"))
        .or_exit(Exit::Usage)?;
    let mut reading = Reading {
        redactor,
        mac,
        case: Case::new(),
        refused: 0,
        withheld: 0,
    };
    reading.folder(folder).or_exit(Exit::Usage)?;
    let report = investigate(&reading.case);
    let format = if args.json {
        AnswerFormat::Json
    } else {
        args.output_format
    };
    let written = match format {
        AnswerFormat::Json => format!("{:#}\n", incident::json(&report)),
        AnswerFormat::Markdown => incident::markdown(&report),
        AnswerFormat::Text => incident::text(&report),
    };
    log::data(written.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Telemetry on its way into a case: redacted as it comes in.
struct Reading {
    redactor: Redactor,
    mac: cordon_vault::EphemeralMac,
    case: Case,
    refused: u64,
    withheld: u64,
}

impl Reading {
    fn folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let shown = folder.display();
        let files = Folder::list(folder).with_context(|| format!("list {shown}"))?;
        if files.incident.is_empty() {
            return Err(anyhow!(
                "find telemetry in {shown}: expected `baseline/` and `incident/` with .jsonl files"
            ));
        }
        self.window(Side::Baseline, &files.baseline)?;
        self.window(Side::Incident, &files.incident)?;
        for path in &files.changes {
            let lines = events(path, &mut |event| match self
                .redactor
                .event(&self.mac, event)
                .verdict
            {
                Verdict::Clean(event) => self.case.add_change(ChangeEvent::of(event.get())),
                Verdict::Quarantine(_) => self.withheld += 1,
            });
            self.refused += lines
                .with_context(|| format!("read {}", path.display()))?
                .refused;
        }
        Ok(())
    }

    fn window(&mut self, side: Side, files: &[PathBuf]) -> anyhow::Result<()> {
        for path in files {
            let lines = events(path, &mut |event| match self
                .redactor
                .event(&self.mac, event)
                .verdict
            {
                Verdict::Clean(event) => self.case.add(side, event.get()),
                Verdict::Quarantine(_) => self.withheld += 1,
            });
            let lines = lines.with_context(|| format!("read {}", path.display()))?;
            self.refused += lines.refused;
        }
        Ok(())
    }
}
