//! `cordon canary add|list|check|remove`: values that must never arrive.
//!
//! A canary is drawn, printed once, and kept sealed. Planted where nobody has a reason to look, it
//! says by its arrival that something got out; see what follows in the configuration's `[pages]`.

use std::path::Path;

use anyhow::Context as _;
use cordon_event::{Raw, TenantId};
use cordon_govern::Purpose;
use cordon_ledger::Action;
use cordon_redact::CanaryWatch;
use cordon_store::Window;
use cordon_vault::{Canary, Control};
use serde_json::json;

use crate::cli::{CanaryCommand, CanaryShape, Cli, TenantArg};
use crate::exit::{Ends as _, Exit, Failure, Outcome};
use crate::home::Home;
use crate::lines::Lines;
use crate::release::{Granted, granted, refused};
use crate::{environment, log};

/// Stored events that are looked through.
const EVENTS_COUNT_MAX: usize = 100_000;
/// Hits that are told one by one; more are counted.
const TOLD_COUNT_MAX: usize = 1_000;

/// Runs the command.
pub(crate) fn run(cli: &Cli, command: &CanaryCommand) -> Outcome {
    let tenant = match command {
        CanaryCommand::Add { tenant, .. }
        | CanaryCommand::Check { tenant, .. }
        | CanaryCommand::Remove { tenant, .. }
        | CanaryCommand::List(TenantArg { tenant, .. }) => tenant.as_deref(),
    };
    let home = Home::open(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant_id(tenant).or_exit(Exit::Usage)?;
    let granted = match granted(&home, &tenant, Purpose::Debugging, Action::Canary)? {
        Ok(granted) => granted,
        Err(code) => return Ok(refused(code)),
    };
    match command {
        CanaryCommand::Add { shape, .. } => add(&home, &granted, &tenant, *shape),
        CanaryCommand::List(args) => list(&home, &granted, &tenant, args.json),
        CanaryCommand::Check { files, .. } => check(&home, &granted, &tenant, files),
        CanaryCommand::Remove { id, .. } => {
            granted.note(&home, "canary_removed")?;
            let controls = home.vault.controls();
            let gone = controls.remove(&tenant, Control::Canary, id);
            if gone.context("remove canary")? {
                return Ok(Exit::Done);
            }
            log::line("error: failed to find canary: none of that id; see `cordon canary list`");
            Ok(Exit::Usage)
        }
    }
}

/// Draws a canary, keeps it sealed, and prints it: once.
fn add(home: &Home, granted: &Granted, tenant: &TenantId, shape: CanaryShape) -> Outcome {
    let drawn = Drawn::of(shape).context("draw canary")?;
    granted.note(home, "canary_added")?;
    let parts: Vec<Raw<String>> = drawn.parts.into_iter().map(Raw::new).collect();
    let controls = home.vault.controls();
    let now_unix_s = environment::now_unix_s();
    let added = controls.add_canary(tenant, shape.as_str(), &parts, now_unix_s);
    let id = added.context("seal canary").or_exit(Exit::Usage)?;
    log::line(&format!(
        "canary {id} added; its value follows and cannot be read again"
    ));
    log::data(format!("{}\n", drawn.shown).as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

/// Identifiers, shapes and dates: never a value.
fn list(home: &Home, granted: &Granted, tenant: &TenantId, as_json: bool) -> Outcome {
    granted.note(home, "canaries_listed")?;
    let canaries = opened(home, tenant)?;
    let mut out = String::new();
    if as_json {
        let row = |c: &Canary| {
            let row = &c.row;
            json!({ "id": row.id, "shape": row.label, "added_unix_s": row.added_unix_s })
        };
        let rows: Vec<_> = canaries.iter().map(row).collect();
        let all = json!({ "schema": "cordon.canaries", "version": 1, "canaries": rows });
        out.push_str(&format!("{all:#}\n"));
    } else {
        for Canary { row, .. } in &canaries {
            let (id, shape, added) = (&row.id, &row.label, row.added_unix_s);
            out.push_str(&format!("{id}\t{shape}\t{added}\n"));
        }
    }
    log::data(out.as_bytes()).context("write stdout")?;
    Ok(Exit::Done)
}

fn opened(home: &Home, tenant: &TenantId) -> Result<Vec<Canary>, Failure> {
    let canaries = home.vault.controls().canaries(tenant);
    Ok(canaries.context("open canaries")?)
}

/// Looks for the canaries in files and in the store; exit 1 where one is.
fn check(
    home: &Home,
    granted: &Granted,
    tenant: &TenantId,
    files: &[std::path::PathBuf],
) -> Outcome {
    let (mut rows, mut parts) = (Vec::new(), Vec::new());
    for canary in opened(home, tenant)? {
        rows.push(canary.row);
        parts.push(canary.parts);
    }
    let watch = CanaryWatch::new(&parts).context("compile canaries")?;
    let mut told = Vec::new();
    let mut count = 0_usize;
    let mut hit = |place: String, canary: usize| {
        count += 1;
        if let Some(row) = rows.get(canary).filter(|_| told.len() < TOLD_COUNT_MAX) {
            told.push(format!("{place}: {} ({})\n", row.id, row.label));
        }
    };
    for path in files {
        let shown = path.display().to_string();
        let looked = look(&watch, path, &mut |line, n| {
            hit(format!("{shown}:{line}"), n);
        });
        looked
            .with_context(|| format!("read {shown}"))
            .or_exit(Exit::Usage)?;
    }
    let ever = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX,
    };
    let stored = home
        .store
        .exemplars_over(&granted.scope, ever, EVENTS_COUNT_MAX);
    let stored = stored.context("read events")?;
    for row in &stored.rows {
        for n in watch.hits_in(&row.event) {
            hit(format!("store: event {}", row.event_id), n);
        }
    }
    let changes = home.store.changes(&granted.scope, ever, EVENTS_COUNT_MAX);
    for row in &changes.context("read changes")?.rows {
        for n in watch.hits_in(&row.event) {
            hit(format!("store: change {}", row.event_id), n);
        }
    }
    let decision = if count == 0 {
        "canary_absent"
    } else {
        "canary_found"
    };
    granted.note(home, decision)?;
    told.push(match count {
        0 => format!("none of {} canaries found\n", rows.len()),
        _ => format!("{count} found\n"),
    });
    log::data(told.concat().as_bytes()).context("write stdout")?;
    home.tell_unreadable();
    Ok(if count == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// Looks through a file, or stdin where it is called `-`, line by line.
fn look(watch: &CanaryWatch, path: &Path, hit: &mut dyn FnMut(u64, usize)) -> std::io::Result<()> {
    let from: Box<dyn std::io::Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path)?)
    };
    let mut lines = Lines::new(from);
    while let Some(part) = lines.next_part()? {
        for n in watch.hits(&Raw::new(part.text)) {
            hit(part.line, n);
        }
    }
    Ok(())
}

/// A canary as it was drawn.
struct Drawn {
    /// As it is printed, to be planted.
    shown: String,
    /// What is looked for: each part alone is the canary.
    parts: Vec<String>,
}

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: &[u8] = b"0123456789";
const ALNUM: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FIRST: [&str; 8] = ["ada", "ines", "jon", "kim", "lea", "milan", "noor", "timo"];
const LAST: [&str; 8] = [
    "abel", "brandt", "costa", "duval", "ito", "lund", "moreau", "ravel",
];

impl Drawn {
    /// Draws one; none of its parts is shorter than 60 bits of chance.
    fn of(shape: CanaryShape) -> anyhow::Result<Self> {
        let one = |value: String| Self {
            shown: value.clone(),
            parts: vec![value],
        };
        Ok(match shape {
            CanaryShape::Password => one(letters(ALNUM, 24)?),
            CanaryShape::Email => one(mail()?),
            CanaryShape::AwsKey => {
                let id = format!("AK{}{}", "IA", letters(BASE32, 16)?);
                let secret = letters(BASE64, 40)?;
                let shown = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}");
                Self {
                    shown,
                    parts: vec![id, secret],
                }
            }
            CanaryShape::DbRow => {
                let account = letters(DIGITS, 18)?;
                let mail = mail()?;
                let name = mail
                    .split('.')
                    .take(2)
                    .map(capital)
                    .collect::<Vec<_>>()
                    .join(" ");
                Self {
                    shown: format!("{account},{name},{mail}"),
                    parts: vec![account, mail],
                }
            }
        })
    }
}

/// An address in a domain that nobody can own (RFC 2606).
fn mail() -> anyhow::Result<String> {
    let pick = |names: &[&'static str; 8], byte: u8| {
        names.get(usize::from(byte % 8)).copied().unwrap_or("kim")
    };
    let random = cordon_vault::random_bytes()?;
    let [first, last, ..] = *random;
    let (first, last) = (pick(&FIRST, first), pick(&LAST, last));
    Ok(format!(
        "{first}.{last}.{}@mail.example.org",
        letters(LOWER, 14)?
    ))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// So many letters, each as likely as any other.
fn letters(alphabet: &[u8], count: usize) -> anyhow::Result<String> {
    let fair = 256 - 256 % alphabet.len();
    let mut out = String::with_capacity(count);
    while out.len() < count {
        let random = cordon_vault::random_bytes()?;
        let fair = random.iter().filter(|byte| usize::from(**byte) < fair);
        let drawn = fair.filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len()));
        out.extend(
            drawn
                .take(count - out.len())
                .map(|letter| char::from(*letter)),
        );
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_has_its_shape_and_is_never_drawn_twice() {
        for shape in [
            CanaryShape::Password,
            CanaryShape::AwsKey,
            CanaryShape::DbRow,
            CanaryShape::Email,
        ] {
            let (one, two) = (Drawn::of(shape).unwrap(), Drawn::of(shape).unwrap());
            for (a, b) in one.parts.iter().zip(&two.parts) {
                assert_ne!(a, b);
                assert!(one.shown.contains(a) && a.len() >= 18, "{}", shape.as_str());
            }
        }
        let row = Drawn::of(CanaryShape::DbRow).unwrap().shown;
        assert_eq!(row.split(',').count(), 3, "{row}");
    }
}
