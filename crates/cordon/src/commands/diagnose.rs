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
        let words = no_names(text);
        let raw = Raw::new(with_first(text, &words, |c| c.to_ascii_lowercase()));
        let clean = redactor.prose(mac, raw);
        *text = restored(clean.clean.get(), text, &words);
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

/// Nouns of systems: with a number behind them they are no street.
const NUMBERED: [&str; 14] = [
    "Process",
    "Thread",
    "Task",
    "Job",
    "Worker",
    "Node",
    "Shard",
    "Partition",
    "Queue",
    "Port",
    "Channel",
    "Slot",
    "Session",
    "Stage",
];

/// Abbreviations of systems that nobody is called. A list and no shape: people are called Ng.
const ABBREVIATIONS: [&str; 8] = [
    "Nbr", "Nbrs", "Emask", "SAct", "SErr", "Intf", "Pkt", "Pkts",
];

/// Where words begin that no person or street is called, though they begin with a capital:
/// abbreviations, and nouns of systems with their number.
fn no_names(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut named = false;
    for word in text.split_inclusive(' ') {
        let start = at;
        at += word.len();
        // Behind a name it is the rest of that, or of an address.
        let behind_name = std::mem::replace(&mut named, may_name(word));
        let bare = word.trim_end_matches([' ', ':', ',']);
        let capital = bare.starts_with(|c: char| c.is_ascii_uppercase());
        if !capital || !bare.bytes().all(|b| b.is_ascii_alphabetic()) {
            continue;
        }
        let behind = text.get(at..).unwrap_or_default();
        let number =
            behind.starts_with(|c: char| c.is_ascii_digit()) || behind.starts_with("<num>");
        let counted = number && !behind_name && NUMBERED.contains(&bare);
        if counted || ABBREVIATIONS.contains(&bare) {
            found.push(start..start + bare.len());
        }
    }
    found
}

/// Levels that a line may have before its message.
const LEVELS: [&str; 12] = [
    "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "fatal",
    "severe", "alert",
];

/// Whether a word, or its last part, may be a name or stands for one: it begins with a capital.
fn may_name(word: &str) -> bool {
    let parts = word.rsplit(|c: char| !c.is_alphanumeric() && c != '_');
    let last = parts.into_iter().find(|part| !part.is_empty());
    let Some(last) = last else {
        return false;
    };
    let level = LEVELS.iter().any(|level| last.eq_ignore_ascii_case(level));
    !level && (last.starts_with(char::is_uppercase) || last.starts_with("person_"))
}

/// A text with the first letters of these words changed.
fn with_first(text: &str, words: &[std::ops::Range<usize>], change: fn(char) -> char) -> String {
    let begins = |at: usize| words.iter().any(|word| word.start == at);
    let changed = |(at, c)| if begins(at) { change(c) } else { c };
    text.char_indices().map(changed).collect()
}

/// A cleaned text with those words as they were, in their order, as far as they are left.
fn restored(clean: &str, text: &str, words: &[std::ops::Range<usize>]) -> String {
    let mut left = Vec::new();
    let mut from = 0;
    for word in words {
        let lower = text.get(word.clone()).unwrap_or_default();
        let lower = with_first(lower, std::slice::from_ref(&(0..1)), |c| {
            c.to_ascii_lowercase()
        });
        let rest = clean.get(from..).unwrap_or_default();
        let edge = |at: Option<char>| !at.is_some_and(char::is_alphanumeric);
        let whole = |(at, _): &(usize, &str)| {
            let (before, behind) = rest.split_at_checked(*at).unwrap_or_default();
            let behind = behind.get(lower.len()..).unwrap_or_default();
            edge(before.chars().next_back()) && edge(behind.chars().next())
        };
        if let Some((at, _)) = rest.match_indices(lower.as_str()).find(whole) {
            left.push(from + at..from + at + lower.len());
            from += at + lower.len();
        }
    }
    with_first(clean, &left, |c| c.to_ascii_uppercase())
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

#[cfg(test)]
mod tests {
    use super::{no_names, restored, with_first};

    #[track_caller]
    fn check(text: &str, lowered: &str) {
        let words = no_names(text);
        let shown = with_first(text, &words, |c| c.to_ascii_lowercase());
        assert_eq!(shown, lowered);
        assert_eq!(restored(&shown, text, &words), text, "nothing was removed");
    }

    #[test]
    fn words_of_systems_are_no_names() {
        check(
            "Process 10, Nbr <ip> is down",
            "process 10, nbr <ip> is down",
        );
        check(
            "exception Emask 0x0 SAct <hex>",
            "exception emask 0x0 sAct <hex>",
        );
        check(
            "charge failed for Marta Lind 7",
            "charge failed for Marta Lind 7",
        );
        check("Job of Otto 12", "Job of Otto 12");
        check("ERROR Worker 7 is lost", "ERROR worker 7 is lost");
        check("paid by Ng, Dr Vlk 0x1f", "paid by Ng, Dr Vlk 0x1f");
    }

    #[test]
    fn behind_a_name_they_may_be_one() {
        for text in [
            "charge failed for Anna Port 2400",
            "charge failed for Peter Stage 2400",
            "charge of Anna Channel <num> failed",
            "to Anna Worker 7",
            "to \"Özlem\" Port 7",
            "name=Anna Job 7",
            "to person_abc Port 7",
            "delivery to Am Port 3, 20457",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn what_was_removed_beside_them_stays_removed() {
        let text = "Nbr Marta Nbr 7";
        let words = no_names(text);
        assert_eq!(
            restored("nbr person_a nbr 7", text, &words),
            "Nbr person_a Nbr 7"
        );
        assert_eq!(restored("person_a 7", text, &words), "person_a 7");
    }
}
