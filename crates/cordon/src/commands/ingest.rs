//! `cordon ingest`: JSON lines from files or stdin, the way of `POST /v1/events`; and lines of
//! text, of containers and of a journal.

mod lines;

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context as _, anyhow, bail};
use cordon_event::{Event, Raw, TenantId};
use cordon_govern::Purpose;
use cordon_journal::Journal;
use cordon_ledger::Action;
use cordon_receive::{Limits, LineReader, Principal, RequestBody};

use crate::cli::{Cli, IngestArgs, IngestFormat};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::release::{fresh_id, granted, refused};
use crate::spine::{Durable, Spine};
use crate::{intake, log, pager};
use lines::Reading;

/// Batches that may wait for the disk before the next line is read.
const TICKETS_COUNT_MAX: usize = 1_024;
/// Refused lines that are told one by one; more are counted.
const TOLD_COUNT_MAX: u64 = 20;

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &IngestArgs) -> Outcome {
    check(args).or_exit(Exit::Usage)?;
    let home = Home::open_for_intake(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant(Some(&args.tenant)).or_exit(Exit::Usage)?;
    match granted(&home, &tenant.name, Purpose::Debugging, Action::Ingest)? {
        Ok(_) => {}
        Err(code) => return Ok(refused(code)),
    }
    let who = Principal {
        tenant: tenant.name,
        region: tenant.region,
    };
    let (intake, pages) = intake::open(&home)?;
    let mut ingest = Ingest {
        spine: &intake.spine,
        journal: &intake.journal,
        who,
        tickets: Vec::new(),
        events: 0,
        refused: 0,
    };
    let reading = Reading {
        format: args.format,
        service: args.service.as_deref(),
        cursor_file: args.cursor_file.as_deref(),
        tenant: &args.tenant,
        zone_offset_s: args.zone.unwrap_or(0),
    };
    if args.files.is_empty() {
        // What comes by a pipe has no name by which it could be known again.
        let run = fresh_id()?;
        ingest.input(("stdin", &run), std::io::stdin(), &reading)?;
    }
    for path in &args.files {
        let shown = path.display().to_string();
        let file = std::fs::File::open(path)
            .with_context(|| format!("open {shown}"))
            .or_exit(Exit::Usage)?;
        ingest.input((&shown, &[]), file, &reading)?;
    }
    ingest.settle()?;
    let (events, refused) = (ingest.events, ingest.refused);
    intake.close();
    pager::drain(pages)?;
    log::line(&format!(
        "ingested {events} events, refused {refused} lines"
    ));
    Ok(if refused > 0 {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Refuses flags that the format has no use for.
fn check(args: &IngestArgs) -> anyhow::Result<()> {
    let is_journal = matches!(
        args.format,
        IngestFormat::Journald | IngestFormat::JournaldJson
    );
    let is_lines = !is_journal && args.format != IngestFormat::Events;
    let lines = "auto, text, json, docker or cri";
    for (flag, is_given, is_used, formats) in [
        (
            "--cursor-file",
            args.cursor_file.is_some(),
            is_journal,
            "journald or journald-json",
        ),
        ("--service", args.service.is_some(), is_lines, lines),
        ("--zone", args.zone.is_some(), is_lines, lines),
    ] {
        if is_given && !is_used {
            bail!("read {flag}: it goes with --format {formats}");
        }
    }
    Ok(())
}

/// Takes in one event that a command made of what it read: `body`, by which it is known again.
pub(crate) fn one(home: &Home, tenant: &TenantId, body: &[u8], event: Event) -> Outcome {
    let tenant = home.tenant(Some(tenant.as_str())).or_exit(Exit::Usage)?;
    match granted(home, &tenant.name, Purpose::Debugging, Action::Ingest)? {
        Ok(granted) => granted.note(home, "event_ingested")?,
        Err(code) => return Ok(refused(code)),
    }
    let who = Principal {
        tenant: tenant.name,
        region: tenant.region,
    };
    let (intake, pages) = intake::open(home)?;
    let submitted = intake
        .spine
        .submit(&who, &RequestBody::new(body), Raw::new(vec![event]));
    let (ticket, _, held) = submitted.map_err(|error| anyhow!("ingest: {error:?}"))?;
    ticket.wait().context("make the event durable")?;
    intake.close();
    pager::drain(pages)?;
    log::line(if held > 0 {
        "ingested 1 event: quarantined"
    } else {
        "ingested 1 event"
    });
    Ok(Exit::Done)
}

struct Ingest<'a> {
    spine: &'a Spine,
    journal: &'a Journal,
    who: Principal,
    tickets: Vec<Durable>,
    events: u64,
    refused: u64,
}

impl Ingest<'_> {
    /// Takes in an input of that format.
    fn input(
        &mut self,
        (name, run): (&str, &[u8]),
        from: impl Read + Send + 'static,
        reading: &Reading<'_>,
    ) -> anyhow::Result<()> {
        match reading.format {
            IngestFormat::Events => self.all(name, run, from),
            _ => self.lines((name, run), from, reading),
        }
    }

    /// Takes in all lines; `run` is what sets them apart from equal lines of that name.
    fn all(&mut self, name: &str, run: &[u8], from: impl Read) -> anyhow::Result<()> {
        let limits = Limits::default();
        let line_bytes_max = limits.inflated_bytes_max as u64;
        let mut reader = LineReader::new(limits).of_tenant(self.who.tenant.as_str());
        let mut from = BufReader::new(from);
        loop {
            let mut line = Vec::new();
            let read = (&mut from)
                .take(line_bytes_max)
                .read_until(b'\n', &mut line)
                .with_context(|| format!("read {name}"))?;
            if read == 0 {
                return Ok(());
            }
            // The digest covers the place too: equal lines of one file are different events.
            let mut place = format!("{name}:{}:", reader.line() + 1).into_bytes();
            place.extend_from_slice(run);
            place.extend_from_slice(&line);
            match reader.next_line(line) {
                Ok(decoded) => self.submit(&place, decoded.events)?,
                Err(error) => {
                    self.refused += 1;
                    if self.refused <= TOLD_COUNT_MAX {
                        log::line(&format!("{name}: {error}"));
                    }
                }
            }
            zeroize::Zeroize::zeroize(&mut place);
        }
    }

    fn submit(&mut self, body: &[u8], events: Raw<Vec<Event>>) -> anyhow::Result<()> {
        if events.count() == 0 {
            return Ok(());
        }
        if self.tickets.len() >= TICKETS_COUNT_MAX || !self.journal.status().ready {
            self.settle()?;
        }
        let (ticket, count, _) = self
            .spine
            .submit(&self.who, &RequestBody::new(body), events)
            .map_err(|error| anyhow!("ingest: {error:?}"))?;
        self.tickets.push(ticket);
        self.events += count;
        Ok(())
    }

    /// Waits until all that was submitted is durable.
    fn settle(&mut self) -> anyhow::Result<()> {
        for ticket in self.tickets.drain(..) {
            ticket.wait().context("make events durable")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Command;

    #[test]
    fn a_flag_without_a_use_is_refused() {
        for (words, expect) in [
            ("", true),
            ("--format text --service shop --zone +02:00", true),
            ("--format journald --cursor-file a", true),
            ("--service shop", false),
            ("--zone +02:00", false),
            ("--cursor-file a", false),
            ("--format auto --cursor-file a", false),
            ("--format journald-json --service shop", false),
        ] {
            let words = words.split_whitespace();
            let words = ["cordon", "ingest", "--tenant", "shop"]
                .into_iter()
                .chain(words);
            let Command::Ingest(args) = Cli::try_parse_from(words).unwrap().command else {
                panic!("another command");
            };
            assert_eq!(check(&args).is_ok(), expect, "{:?}", args.format);
        }
        let wrong = ["cordon", "ingest", "--tenant", "shop", "--zone", "CET"];
        assert!(Cli::try_parse_from(wrong).is_err());
    }
}
