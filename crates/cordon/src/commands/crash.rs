//! `cordon crash`: a minidump becomes a report without values, and a dump without values.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cordon_crash::limits::DUMP_BYTES_MAX;
use cordon_crash::{
    Error, Examined, Examiner, FindSymbols, Refusal, Report, StrippedDump, SymbolFeed,
    worker_limits,
};
use cordon_event::TenantId;
use cordon_govern::Purpose;
use cordon_ledger::{Action, EvidenceId};
use cordon_redact::{Clean, PseudonymMac, Redactor};
use cordon_sandbox::Filter;
use zeroize::Zeroize as _;

use super::symbols::{Kept, in_hand, without_grant};
use crate::cli::{Cli, CrashArgs};
use crate::config::Config;
use crate::crashes::told_time;
use crate::exit::{Ends as _, Exit, Failure, Outcome};
use crate::home::Home;
use crate::release::{granted, refused};
use crate::{environment, log, policy};

/// The hidden command that a worker runs.
pub(crate) const WORKER: [&str; 1] = ["crash-worker"];
/// Symbol files that an audit entry names.
const EVIDENCE_COUNT_MAX: usize = 64;

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &CrashArgs) -> Outcome {
    match &args.tenant {
        Some(tenant) => with_tenant(cli, args, tenant),
        None => without_tenant(cli, args),
    }
}

/// The worker: a request on stdin, an answer on stdout.
pub(crate) fn work() -> Outcome {
    let mut input = BufReader::new(std::io::stdin().lock());
    let mut output = std::io::stdout().lock();
    let served = cordon_crash::serve(&mut input, &mut output);
    served.context("answer").or_exit(Exit::Usage)?;
    Ok(Exit::Done)
}

/// Nothing of a tenant's is touched: a key for this run, symbols that are in hand.
fn without_tenant(cli: &Cli, args: &CrashArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let redactor = policy::redactor(&config, None, &mac).or_exit(Exit::Usage)?;
    let mut files = BTreeMap::new();
    for path in &args.symbols {
        let read = in_hand(path).with_context(|| format!("read {}", path.display()));
        let (id, path) = read.or_exit(Exit::Usage)?;
        files.insert(id, path);
    }
    let find = |id: &str| -> Result<Option<SymbolFeed>, Error> {
        let Some(path) = files.get(id) else {
            return Ok(None);
        };
        let file = File::open(path)?;
        Ok(Some((file.metadata()?.len(), Box::new(file))))
    };
    let examined = match examine(args, &redactor, &mac, &find)? {
        Ok(examined) => examined,
        Err(exit) => return Ok(exit),
    };
    log::data(shown(&examined.report, args.json).get().as_bytes()).context("write stdout")?;
    keep(args.strip.as_deref(), examined.stripped.as_ref())
}

/// With a tenant's pseudonyms and symbols: under its grant, charged and audited.
fn with_tenant(cli: &Cli, args: &CrashArgs, tenant: &str) -> Outcome {
    let open = if args.ingest {
        Home::open_for_intake
    } else {
        Home::open
    };
    let home = open(cli).or_exit(Exit::Usage)?;
    let tenant = home.tenant_id(Some(tenant)).or_exit(Exit::Usage)?;
    let granted = match granted(&home, &tenant, Purpose::Symbols, Action::Crash)? {
        Ok(granted) => granted,
        Err(code) => return Ok(without_grant(code)),
    };
    granted.note(&home, "symbols_opened")?;
    let keys = home.vault.tenant(&tenant).or_exit(Exit::Usage)?;
    let redactor = home.redactor(&keys).or_exit(Exit::Usage)?;
    let kept = Kept::open(&home, &tenant)?;
    let find = |id: &str| kept.feed(id);
    let examined = match examine(args, &redactor, &keys, &find)? {
        Ok(examined) => examined,
        Err(exit) => return Ok(exit),
    };
    let used = examined.symbols.iter().take(EVIDENCE_COUNT_MAX);
    let evidence: Vec<EvidenceId> = used
        .filter_map(|id| EvidenceId::parse(&format!("symbols:{id}")).ok())
        .collect();
    let content = shown(&examined.report, args.json);
    match granted.release(&home, content, "crash_reported", &evidence)? {
        Ok(text) => log::data(text.get().as_bytes()).context("write stdout")?,
        Err(code) => return Ok(refused(code)),
    }
    keep(args.strip.as_deref(), examined.stripped.as_ref())?;
    if !args.ingest {
        return Ok(Exit::Done);
    }
    // Last of all: what could not be shown or written is not kept either.
    ingest(&home, args, granted.scope.tenant(), &examined)
}

/// Keeps the crash as an event.
fn ingest(home: &Home, args: &CrashArgs, tenant: &TenantId, examined: &Examined) -> Outcome {
    let time_unix_s = told_time(examined);
    let (service, release) = (args.service.as_deref(), args.release.as_deref());
    let report = examined.report.get();
    let event = report.event(time_unix_s, service, release.unwrap_or_default());
    let event = event.context("ingest: nothing crashed: the dump has no exception");
    let event = event.or_exit(Exit::Usage)?;
    // The dump's bytes tell its event from that of another; they are digested, and not parsed.
    let mut bytes = Vec::new();
    File::open(&args.dump)
        .and_then(|file| file.take(DUMP_BYTES_MAX).read_to_end(&mut bytes))
        .context("read dump")?;
    let kept = super::ingest::one(home, tenant, &bytes, event);
    bytes.zeroize();
    kept
}

/// Examines the dump; a dump that is refused ends the command.
fn examine(
    args: &CrashArgs,
    redactor: &Redactor,
    mac: &dyn PseudonymMac,
    find: FindSymbols<'_>,
) -> Result<Result<Examined, Exit>, Failure> {
    let path = environment::search_path();
    let filter = Filter::detect(args.sandbox.mode(), &path).or_exit(Exit::Unreachable)?;
    let examiner = Examiner {
        filter: &filter,
        program: environment::own_program().context("find this program")?,
        arguments: &WORKER,
        limits: worker_limits(),
        redactor,
        mac,
    };
    match examiner.examine(&args.dump, find, args.strip.is_some()) {
        Ok(examined) => Ok(Ok(examined)),
        Err(error) => {
            let code = error.code();
            let exit = exit_of(&error);
            if exit == Exit::Refused {
                log::line(&format!("hint: failed to {error}"));
                return Ok(Err(refused(code)));
            }
            let shown = args.dump.display();
            Err(anyhow::Error::from(error).context(format!("examine {shown}: {code}")))
                .or_exit(exit)
        }
    }
}

fn exit_of(error: &Error) -> Exit {
    match error {
        Error::Refused(Refusal::Full | Refusal::TooLarge | Refusal::StripDiffers) => Exit::Refused,
        Error::Sandbox(_) => Exit::Unreachable,
        Error::Seal(_) => Exit::Internal,
        // The input's fault: a dump that ends its worker among them.
        _ => Exit::Usage,
    }
}

fn shown(report: &Clean<Report>, as_json: bool) -> Clean<String> {
    if as_json {
        report.project(Report::to_json)
    } else {
        report.project(Report::to_text)
    }
}

/// Writes the stripped dump: for its owner alone, and never over another file.
fn keep(out: Option<&Path>, stripped: Option<&StrippedDump>) -> Outcome {
    if let (Some(out), Some(stripped)) = (out, stripped) {
        let written = write_new(out, stripped.as_bytes());
        written
            .with_context(|| format!("write {}", PathBuf::from(out).display()))
            .or_exit(Exit::Usage)?;
    }
    Ok(Exit::Done)
}

fn write_new(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(out)?;
    file.write_all(bytes)?;
    file.sync_all()
}
