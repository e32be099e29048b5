//! `cordon changes add|git|list`: deploys, flags, settings and commits of a tenant.
//!
//! What is added takes the way of all events: redacted, journalled, applied. A list is a release,
//! so audited.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use cordon_assist::{generalise, printable};
use cordon_event::{Change, ChangeKind, Event, Raw};
use cordon_govern::Purpose;
use cordon_ledger::{Action, EvidenceId};
use cordon_receive::{Format, Limits, Principal, RequestBody, decode};
use cordon_redact::Clean;
use cordon_store::{StoredChange, Window};
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

use crate::cli::{ChangesAddArgs, ChangesCommand, ChangesGitArgs, ChangesListArgs, Cli};
use crate::commands::ask::parse_time;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::git::{self, Git};
use crate::home::Home;
use crate::intake::{self, Intake};
use crate::release::{enter, granted, refused};
use crate::spine::Durable;
use crate::{environment, log, pager};

const NS_PER_S: u64 = 1_000_000_000;
/// Batches that may wait for the disk before the next one is made.
const TICKETS_COUNT_MAX: usize = 1_024;
/// Changes that one list shows.
const LISTED_COUNT_MAX: usize = 10_000;
/// Changes that a list's audit entry names: those that come first.
const EVIDENCE_COUNT_MAX: usize = 64;

/// Files that say which versions of what a program is built from.
const LOCK_FILES: &[&str] = &[
    "Cargo.lock",
    "Gemfile.lock",
    "Package.resolved",
    "Pipfile.lock",
    "Podfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "flake.lock",
    "go.sum",
    "gradle.lockfile",
    "mix.lock",
    "package-lock.json",
    "packages.lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pubspec.lock",
    "uv.lock",
    "yarn.lock",
];
/// Files that name what a program is built from; beside a lock file they say no more than it.
const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "Gemfile",
    "Package.swift",
    "Pipfile",
    "Podfile",
    "composer.json",
    "go.mod",
    "mix.exs",
    "package.json",
    "pubspec.yaml",
    "pyproject.toml",
    "requirements.txt",
];

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &ChangesCommand) -> Outcome {
    match command {
        ChangesCommand::Add(args) => add(cli, args),
        ChangesCommand::Git(args) => from_git(cli, args),
        ChangesCommand::List(args) => list(cli, args),
    }
}

/// The open way in, for one tenant.
struct Adding {
    intake: Intake,
    who: Principal,
    tickets: Vec<Durable>,
    changes: u64,
}

impl Adding {
    /// Redacts and queues the changes of one request.
    fn submit(&mut self, body: &[u8], events: Raw<Vec<Event>>) -> anyhow::Result<()> {
        if events.count() == 0 {
            return Ok(());
        }
        if self.tickets.len() >= TICKETS_COUNT_MAX || !self.intake.journal.status().ready {
            self.settle()?;
        }
        let submitted = self
            .intake
            .spine
            .submit(&self.who, &RequestBody::new(body), events);
        let (ticket, count, _) = submitted.map_err(|error| anyhow!("take in: {error:?}"))?;
        self.tickets.push(ticket);
        self.changes += count;
        Ok(())
    }

    /// Waits until all that was submitted is durable.
    fn settle(&mut self) -> anyhow::Result<()> {
        for ticket in self.tickets.drain(..) {
            ticket.wait().context("make changes durable")?;
        }
        Ok(())
    }
}

/// Opens the way in under the operator's grant, takes in what `fill` gives, and tells how much.
fn taking_in(
    cli: &Cli,
    tenant: Option<&str>,
    fill: impl FnOnce(&mut Adding) -> Result<(), crate::exit::Failure>,
) -> Outcome {
    let home = Home::open_for_intake(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant(tenant).or_exit(Exit::Usage)?;
    match granted(&home, &tenant.name, Purpose::Debugging, Action::Ingest)? {
        Ok(_) => {}
        Err(code) => return Ok(refused(code)),
    }
    let (intake, pages) = intake::open(&home)?;
    let mut adding = Adding {
        intake,
        who: Principal {
            tenant: tenant.name,
            region: tenant.region,
        },
        tickets: Vec::new(),
        changes: 0,
    };
    fill(&mut adding)?;
    adding.settle()?;
    let Adding {
        intake, changes, ..
    } = adding;
    intake.close();
    pager::drain(pages)?;
    log::line(&format!("took in {changes} changes"));
    Ok(Exit::Done)
}

fn add(cli: &Cli, args: &ChangesAddArgs) -> Outcome {
    let mut bodies = Vec::new();
    if let Some(body) = of_flags(args) {
        bodies.push(("the flags".to_owned(), body));
    } else if args.files.is_empty() {
        let body = read(std::io::stdin().lock()).context("read stdin")?;
        bodies.push(("stdin".to_owned(), body));
    }
    for path in &args.files {
        bodies.push((
            path.display().to_string(),
            read_file(path).or_exit(Exit::Usage)?,
        ));
    }
    // All of it is read before any of it is taken in.
    let mut decoded = Vec::new();
    for (name, body) in &bodies {
        let events = decode(Format::Changes, body, &Limits::default());
        let events = events.map_err(|error| anyhow!("{name}: {error}"));
        decoded.push((body, events.or_exit(Exit::Usage)?.events));
    }
    taking_in(cli, args.tenant.as_deref(), |adding| {
        for (body, events) in decoded {
            adding.submit(body, events)?;
        }
        Ok(())
    })
}

fn read_file(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("open {shown}"))?;
    read(file).with_context(|| format!("read {shown}"))
}

fn read(from: impl std::io::Read) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let bytes_max = Limits::default().inflated_bytes_max as u64;
    let mut body = Zeroizing::new(Vec::new());
    from.take(bytes_max + 1).read_to_end(&mut body)?;
    if body.len() as u64 > bytes_max {
        return Err(anyhow!("more than {bytes_max} bytes at once"));
    }
    Ok(body)
}

/// The change that the flags describe, as its sender would write it.
fn of_flags(args: &ChangesAddArgs) -> Option<Zeroizing<Vec<u8>>> {
    let described = [&args.kind, &args.subject, &args.description];
    if described.iter().all(|flag| flag.is_none()) {
        return None;
    }
    let time = match &args.time {
        Some(time) => json!(time),
        None => json!(environment::now_unix_ns()),
    };
    let body = json!({
        "time": time,
        "kind": args.kind,
        "subject": args.subject,
        "description": args.description,
        "service": args.service,
        "from": args.from,
        "to": args.to,
        "commit": args.commit,
        "author": args.author,
    });
    Some(Zeroizing::new(body.to_string().into_bytes()))
}

fn from_git(cli: &Cli, args: &ChangesGitArgs) -> Outcome {
    let since_unix_ns = since(&args.since).or_exit(Exit::Usage)?;
    let log = Git::new(&args.repository).log(since_unix_ns / NS_PER_S, None);
    let log = log.or_exit(Exit::Usage)?;
    for note in &log.left_out {
        log::line(&format!("note: {note}"));
    }
    let service = args.service.clone().unwrap_or_default();
    taking_in(cli, args.tenant.as_deref(), |adding| {
        for commit in log.commits {
            for (identity, change) in of_commit(commit, &service) {
                adding.submit(identity.as_bytes(), Raw::new(vec![change]))?;
            }
        }
        Ok(())
    })
}

/// A commit, and a deploy for each tag that points to it. Each with what it is known by when it is
/// read again: a tag that comes later adds its own deploy, and nothing else.
fn of_commit(commit: git::Commit, service: &str) -> Vec<(String, Event)> {
    let time_unix_ns = commit.time_unix_s.saturating_mul(NS_PER_S);
    let tag = |tag: &String| {
        let change = Change {
            time_unix_ns,
            service: service.to_owned(),
            kind: ChangeKind::Deploy,
            subject: tag.clone(),
            description: "tagged".to_owned(),
            commit: commit.id.clone(),
            author: commit.author.clone(),
            ..Change::default()
        };
        let identity = format!("git\0tag\0{}\0{tag}\0{service}", commit.id);
        (identity, change.into_event())
    };
    let mut changes: Vec<(String, Event)> = commit.tags.iter().map(tag).collect();
    let identity = format!("git\0{}\0{service}", commit.id);
    let change = Change {
        time_unix_ns,
        service: service.to_owned(),
        kind: kind_of(&commit),
        word: "commit".to_owned(),
        description: commit.summary,
        commit: commit.id,
        author: commit.author,
        files: commit.touched.into_iter().map(|file| file.path).collect(),
        files_left_out: commit.files_left_out as u64,
        ..Change::default()
    };
    changes.push((identity, change.into_event()));
    changes
}

/// A commit that touches lock files, and manifests beside them, changes dependencies. Where not all
/// of its files are known, nobody can say so.
fn kind_of(commit: &git::Commit) -> ChangeKind {
    let is = |names: &[&str], path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        names.contains(&name)
    };
    let mut paths = commit.touched.iter().map(|file| file.path.as_str());
    let locks = paths.clone().any(|path| is(LOCK_FILES, path));
    if commit.files_left_out == 0
        && locks
        && paths.all(|path| is(LOCK_FILES, path) || is(MANIFESTS, path))
    {
        ChangeKind::Dependency
    } else {
        ChangeKind::Other
    }
}

/// Nanoseconds since the Unix epoch of `30d`, `12h`, `90m`, or of a time.
pub(crate) fn since(text: &str) -> anyhow::Result<u64> {
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "d" => Some(86_400),
        "h" => Some(3_600),
        "m" => Some(60),
        _ => None,
    };
    let back = number.parse::<u64>().ok().zip(seconds);
    let back = back.map(|(number, unit): (u64, u64)| number.saturating_mul(unit));
    let ago = |s: u64| environment::now_unix_ns().saturating_sub(s.saturating_mul(NS_PER_S));
    back.map(ago)
        .or_else(|| parse_time(text))
        .with_context(|| format!("read --since {text}: expected 30d, 12h or 2026-01-31T23:59:59Z"))
}

fn list(cli: &Cli, args: &ChangesListArgs) -> Outcome {
    let window = Window {
        from_unix_ns: since(&args.since).or_exit(Exit::Usage)?,
        to_unix_ns: u64::MAX,
    };
    let tenant = args.tenant.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Debugging, Action::Export)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let found = home.store.changes(&granted.scope, window, LISTED_COUNT_MAX);
    let found = found.context("list changes")?;
    let ids = found.rows.iter().take(EVIDENCE_COUNT_MAX);
    let evidence: Vec<EvidenceId> = ids
        .filter_map(|row| EvidenceId::parse(&row.event_id.to_string()).ok())
        .collect();
    let rows = Clean::join(found.rows.iter().map(row));
    let facts = Clean::technical((args.tenant.json, found.unreadable));
    let content = rows.pair(facts).map(|(rows, (as_json, unreadable))| {
        if as_json {
            written(&rows, unreadable)
        } else {
            rows.iter().map(line).collect()
        }
    });
    let released = match granted.release(&home, content, "changes_listed", &evidence)? {
        Ok(released) => released,
        Err(code) => return Ok(refused(code)),
    };
    log::data(released.get().as_bytes()).context("write stdout")?;
    home.tell_unreadable();
    Ok(Exit::Done)
}

/// A change with its id and time.
type Row = ((cordon_event::EventId, u64), Option<Change>);

fn row(stored: &StoredChange) -> Clean<Row> {
    let facts = Clean::technical((stored.event_id, stored.time_unix_ns));
    facts.pair(stored.event.project(Change::of))
}

fn written(rows: &[Row], unreadable: u64) -> String {
    let shown = |text: &str| generalise(text);
    let value = |value: &cordon_event::Value| cordon_assist::value_text(value).map(|t| shown(&t));
    let of = |((id, time), change): &Row| -> Option<Json> {
        let change = change.as_ref()?;
        Some(json!({
            "id": id.to_string(),
            "time_unix_ns": time,
            "kind": change.kind.as_str(),
            "word": shown(&change.word),
            "service": shown(&change.service),
            "subject": shown(&change.subject),
            "from": value(&change.from),
            "to": value(&change.to),
            "description": shown(&change.description),
            "commit": change.commit,
            "author": shown(&change.author),
            "files": change.files.iter().map(|path| shown(path)).collect::<Vec<_>>(),
            "files_left_out": change.files_left_out,
        }))
    };
    let json = json!({
        "schema": "cordon.changes",
        "version": 1,
        "changes": rows.iter().filter_map(of).collect::<Vec<_>>(),
        "unreadable": unreadable,
    });
    format!("{json:#}\n")
}

fn line(((_, time), change): &Row) -> String {
    let Some(change) = change else {
        return String::new();
    };
    // Printable first: what is hidden in a pseudonym would hide it.
    let said = generalise(&printable(&cordon_assist::change_text(change)));
    let service = generalise(&printable(&change.service));
    let said = if service.is_empty() {
        said
    } else {
        format!("{service}: {said}")
    };
    format!("{}  {said}\n", cordon_assist::utc(*time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_of_lock_files_change_dependencies() {
        let kind = |paths: &[&str]| {
            let touched = paths.iter().map(|path| git::Touched {
                path: (*path).to_owned(),
                ..git::Touched::default()
            });
            kind_of(&git::Commit {
                touched: touched.collect(),
                ..git::Commit::default()
            })
        };
        assert_eq!(
            kind(&["web/package.json", "web/yarn.lock"]),
            ChangeKind::Dependency
        );
        assert_eq!(kind(&["web/package.json"]), ChangeKind::Other);
        assert_eq!(kind(&["Cargo.lock", "src/lib.rs"]), ChangeKind::Other);
        assert_eq!(kind(&[]), ChangeKind::Other);
        let of_many = git::Commit {
            touched: vec![git::Touched {
                path: "uv.lock".to_owned(),
                ..git::Touched::default()
            }],
            files_left_out: 1,
            ..git::Commit::default()
        };
        assert_eq!(kind_of(&of_many), ChangeKind::Other);
    }

    #[test]
    fn flags_of_a_change_need_one_that_says_what_it_is() {
        use clap::Parser as _;
        let takes = |words: &[&str]| {
            let command = ["cordon", "changes", "add"];
            Cli::try_parse_from(command.iter().chain(words)).is_ok()
        };
        for flag in [
            "--service",
            "--from",
            "--to",
            "--time",
            "--commit",
            "--author",
        ] {
            assert!(!takes(&[flag, "3"]), "{flag}");
            assert!(!takes(&[flag, "3", "changes.jsonl"]), "{flag}");
            for said in ["--kind", "--subject", "--description"] {
                assert!(takes(&[flag, "3", said, "x"]), "{flag} {said}");
            }
        }
        assert!(takes(&[
            "--kind",
            "deploy",
            "--subject",
            "x",
            "--tenant",
            "acme"
        ]));
        assert!(takes(&["--tenant", "acme", "changes.jsonl"]));
        assert!(!takes(&["--kind", "deploy", "changes.jsonl"]));
    }

    #[test]
    fn lengths_of_time_are_read() {
        assert_eq!(since("1970-01-01T00:00:10Z").unwrap(), 10 * NS_PER_S);
        for bad in ["", "d", "ten days", "-1d", "5w", "é"] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }
}
