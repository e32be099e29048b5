//! `cordon diagnose`: what fails, from a folder of telemetry or plain logs, without a server.

use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use cordon_diagnose::incident::{self, Case, Side, investigate};
use cordon_diagnose::plain::{self, PlainLogs};
use cordon_event::Raw;
use cordon_receive::folder::{Folder, changes, events, open};
use cordon_redact::{EventRedactor, LineFormat, Redactor, StreamRedactor, Verdict};
use cordon_vault::EphemeralMac;

use crate::cli::{AnswerFormat, Cli, DiagnoseArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Failure, Outcome};
use crate::input::{Arrived, Input};
use crate::progress::Progress;
use crate::{log, policy, repository};

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &DiagnoseArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let redactor = policy::redactor(&config, None, &mac).or_exit(Exit::Usage)?;
    let (written, exit) = match args.paths.as_slice() {
        [folder] if !folder.is_file() => (telemetry(&redactor, &mac, folder, args)?, Exit::Done),
        files => logs(&redactor, &mac, files, args)?,
    };
    log::data(written.as_bytes()).context("write stdout")?;
    Ok(exit)
}

/// How the answer is written.
fn format(args: &DiagnoseArgs) -> AnswerFormat {
    if args.json {
        AnswerFormat::Json
    } else {
        args.output_format
    }
}

/// Investigates a folder of telemetry.
fn telemetry(
    redactor: &Redactor,
    mac: &EphemeralMac,
    folder: &Path,
    args: &DiagnoseArgs,
) -> Result<String, Failure> {
    let mut reading = Reading {
        redactor: EventRedactor::new(redactor, mac),
        case: Case::new(),
        refused: 0,
        withheld: 0,
    };
    reading.folder(folder).or_exit(Exit::Usage)?;
    reading.tell_left_out();
    if let Some(repository) = &args.repository {
        let names = reading.case.file_names();
        let read = repository::read(redactor, mac, repository, &names);
        reading.case.set_repository(read.or_exit(Exit::Usage)?);
    }
    let report = investigate(&reading.case);
    Ok(match format(args) {
        AnswerFormat::Json => format!("{:#}\n", incident::json(&report)),
        AnswerFormat::Markdown => incident::markdown(&report),
        AnswerFormat::Text => incident::text(&report),
    })
}

/// Reads plain logs from files, or from stdin where none is given.
fn logs(
    redactor: &Redactor,
    mac: &EphemeralMac,
    files: &[PathBuf],
    args: &DiagnoseArgs,
) -> Result<(String, Exit), Failure> {
    let mut logs = PlainLogs::new();
    if files.is_empty() {
        if std::io::stdin().is_terminal() {
            let hint = "read logs: give a folder, log files, or logs on stdin: \
                        cordon diagnose < app.log";
            return Err(anyhow!(hint)).or_exit(Exit::Usage);
        }
        stream(redactor, mac, std::io::stdin(), &mut logs).context("read stdin")?;
    }
    for file in files {
        let shown = || format!("read {}", file.display());
        let from = open(file).with_context(shown).or_exit(Exit::Usage)?;
        let name = file.file_name().unwrap_or_default();
        logs.begin_file(&name.to_string_lossy());
        stream(redactor, mac, from, &mut logs)
            .with_context(shown)
            .or_exit(Exit::Usage)?;
    }
    if let Some(repository) = &args.repository {
        let names = logs.file_names();
        let read = repository::read(redactor, mac, repository, &names);
        logs.set_repository(read.or_exit(Exit::Usage)?);
    }
    let mut report = logs.diagnose();
    // The few texts that are shown are searched for names as prose is: a name that stands in each
    // line of a failure is seen here at the latest.
    report.texts(&mut |text| {
        let clean = redactor.quotation(mac, &Raw::new(std::mem::take(text)));
        *text = clean.into_inner();
    });
    let exit = match report.verdict {
        plain::Verdict::NothingRead => Exit::Usage,
        _ => Exit::Done,
    };
    let written = match format(args) {
        AnswerFormat::Json => format!("{:#}\n", plain::json(&report)),
        AnswerFormat::Markdown => plain::markdown(&report),
        AnswerFormat::Text => plain::text(&report),
    };
    Ok((written, exit))
}

/// Reads the lines of a log, redacted.
fn stream(
    redactor: &Redactor,
    mac: &EphemeralMac,
    from: impl Read + Send + 'static,
    logs: &mut PlainLogs,
) -> anyhow::Result<()> {
    let mut stream = StreamRedactor::new(redactor, LineFormat::Auto);
    let mut progress = Progress::of_stdin();
    let input = Input::start(from);
    loop {
        let redacted = match input.next(stream.holds_lines())? {
            Arrived::Bytes(piece) => {
                progress.add(piece.count() as u64, logs.lines_count());
                stream.push(mac, piece)
            }
            Arrived::Nothing => stream.flush(mac),
            Arrived::End => break,
        };
        redacted.clean.get().lines().for_each(|line| logs.add(line));
    }
    let rest = stream.finish(mac);
    rest.clean.get().lines().for_each(|line| logs.add(line));
    progress.end(logs.lines_count());
    Ok(())
}

/// Telemetry on its way into a case: redacted as it comes in.
struct Reading<'r> {
    redactor: EventRedactor<'r>,
    case: Case,
    refused: u64,
    withheld: u64,
}

impl Reading<'_> {
    /// Says what could not be looked at.
    fn tell_left_out(&self) {
        if self.refused > 0 {
            log::line(&format!(
                "{} lines or records are no telemetry",
                self.refused
            ));
        }
        if self.withheld > 0 {
            log::line(&format!(
                "{} records were withheld by the policy",
                self.withheld
            ));
        }
    }

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
            let lines = changes(
                path,
                &mut |event| match self.redactor.event(event).verdict {
                    Verdict::Clean(event) => self.case.add_change(event.get()),
                    Verdict::Quarantine(_) => self.withheld += 1,
                },
            );
            self.refused += lines
                .with_context(|| format!("read {}", path.display()))?
                .refused;
        }
        Ok(())
    }

    fn window(&mut self, side: Side, files: &[PathBuf]) -> anyhow::Result<()> {
        for path in files {
            let lines = events(
                path,
                &mut |event| match self.redactor.event(event).verdict {
                    Verdict::Clean(event) => self.case.add(side, event.get()),
                    Verdict::Quarantine(_) => self.withheld += 1,
                },
            );
            let lines = lines.with_context(|| format!("read {}", path.display()))?;
            self.refused += lines.refused;
        }
        Ok(())
    }
}
