//! `cordon demo`: the whole way on a shipped workload, in one command.
//!
//! The workload is what the real OpenTelemetry Python SDK sent for two nights of the sample
//! service in `examples/billing`, made-up secrets and personal data included. It takes the way of
//! any telemetry: over loopback HTTP into the gateway.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_assist::Form;
use cordon_event::TenantId;
use cordon_govern::{Purpose, TenantScope};
use cordon_ledger::Action;
use cordon_store::{GroupKind, GroupRow, Window};
use tokio::sync::oneshot;

use super::repro::stored;
use super::{ask, serve, tenant};
use crate::cli::{Cli, DemoArgs};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::{Home, operator};
use crate::release::{granted, refused};
use crate::reproduction::{Obstacle, Workshop, Written, check_python, sandbox};
use crate::{environment, log};

/// The question that the demo asks.
const QUESTION: &str = "why did billing fail last night?";
const NS_PER_S: u64 = 1_000_000_000;
/// How long after the recording the demo asks, in seconds.
const ASKED_AFTER_S: u64 = 3_600;
/// Groups looked through for one that can be reproduced.
const GROUPS_COUNT_MAX: usize = 100;

const MANIFEST: &str = include_str!("../../../../examples/billing/recorded/manifest.json");

macro_rules! recorded {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_bytes!(concat!("../../../../examples/billing/recorded/", $name)).as_slice(),
        )),*]
    };
}

macro_rules! source {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../examples/billing/billing/", $name)))),*]
    };
}

/// Recorded request bodies by file name.
const RECORDED: [(&str, &[u8]); 4] = recorded![
    "00-traces-2.4.0.otlp.pb.gz",
    "01-logs-2.4.0.otlp.pb.gz",
    "02-traces-2.4.1.otlp.pb.gz",
    "03-logs-2.4.1.otlp.pb.gz",
];

/// The failing service's source, for the written test to run against.
const SOURCE: [(&str, &str); 7] = source![
    "__init__.py",
    "cordon_capture.py",
    "customers.py",
    "discounts.py",
    "flags.py",
    "invoices.py",
    "refunds.py",
];

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &DemoArgs) -> Outcome {
    check_python(args.python.as_deref()).or_exit(Exit::Usage)?;
    let dir = directory(cli)?;
    let config = crate::config::Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let home = Arc::new(Home::at(&dir.join("data"), config).or_exit(Exit::Usage)?);
    let manifest: serde_json::Value =
        serde_json::from_str(MANIFEST).context("read recorded manifest")?;
    let name = TenantId::parse("demo").context("name tenant")?;
    let region = cordon_event::Region::parse("local").context("name region")?;
    let now = environment::now_unix_s();
    let token = home
        .ledger
        .add_tenant(&name, &region, &operator(), now)
        .with_context(|| {
            let shown = dir.display();
            format!("start the demo in {shown}: give --data a directory without one")
        })
        .or_exit(Exit::Usage)?;

    say("1. The gateway takes in two nights of the sample billing service")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("start runtime")?;
    let sent = runtime.block_on(take_in(&home, token.as_str(), &manifest))?;
    say(&format!(
        "   {sent} requests of the OpenTelemetry Python SDK, acknowledged and stored\n"
    ))?;

    say(&format!("2. cordon ask \"{QUESTION}\"\n"))?;
    let recorded_to = manifest
        .get("recorded_to")
        .and_then(serde_json::Value::as_str);
    let recorded_to = recorded_to.map(|t| t.replace("+00:00", "Z"));
    let at = recorded_to
        .as_deref()
        .and_then(ask::parse_time)
        .context("read recorded time")?;
    let at = at + ASKED_AFTER_S * NS_PER_S;
    ask::answer(
        &home,
        Some("demo"),
        QUESTION.to_owned(),
        at,
        Form::Text,
        None,
    )?;

    say("\n3. cordon repro: a failing test from the failure\n")?;
    let granted = match granted(&home, &name, Purpose::Debugging, Action::Export)? {
        Ok(granted) => granted,
        Err(code) => return Ok(refused(code)),
    };
    let source = write_source(&dir)?;
    reproduce(&home, &granted.scope, args, &source, &dir)?;

    say("\n4. What was removed before anything was stored\n")?;
    match tenant::accounted(&home, &granted, false)? {
        Ok(text) => say(text.get())?,
        Err(code) => return Ok(refused(code)),
    }
    say(&format!("Data directory: {}", home.dir.display()))?;
    say(&format!(
        "Try: cordon --data {} list, … ask, … audit verify",
        home.dir.display()
    ))?;
    Ok(Exit::Done)
}

/// The directory that the command line names, or a new one: of a name that nobody can know before,
/// for its owner alone, and kept.
fn directory(cli: &Cli) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &cli.data {
        return Ok(dir.clone());
    }
    let made = tempfile::Builder::new().prefix("cordon-demo-").tempdir();
    Ok(made.context("create data directory")?.keep())
}

fn say(text: &str) -> anyhow::Result<()> {
    log::data(format!("{text}\n").as_bytes()).context("write stdout")
}

/// Serves on free ports, sends the recorded requests, stops gracefully; how many were sent.
async fn take_in(
    home: &Arc<Home>,
    token: &str,
    manifest: &serde_json::Value,
) -> anyhow::Result<usize> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let (started, at) = oneshot::channel();
    let (sent, done) = oneshot::channel::<anyhow::Result<usize>>();
    let (finish, finished) = oneshot::channel::<()>();
    let serving = serve::serve(
        home,
        any,
        any,
        (None, None),
        async { drop(finished.await) },
        |http, _| {
            // Nobody listens any more only where sending has failed already.
            let _ = started.send(http);
        },
    );
    let sending = async {
        let result = match at.await {
            Ok(http) => send(http, token, manifest).await,
            Err(_) => Err(anyhow::anyhow!("start the gateway")),
        };
        let _ = sent.send(result);
        let _ = finish.send(());
    };
    let (served, ()) = tokio::join!(serving, sending);
    served.map_err(|failure| failure.cause)?;
    done.await.context("send recorded requests")?
}

async fn send(
    http: SocketAddr,
    token: &str,
    manifest: &serde_json::Value,
) -> anyhow::Result<usize> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .context("set up HTTP client")?;
    let requests = manifest
        .get("requests")
        .and_then(serde_json::Value::as_array);
    let requests = requests.context("read recorded manifest: no requests")?;
    for request in requests {
        let text = |key: &str| {
            request
                .get(key)
                .and_then(serde_json::Value::as_str)
                .unwrap_or("")
        };
        let body = RECORDED.iter().find(|(name, _)| *name == text("file"));
        let (_, body) = body.context("read recorded manifest: unknown file")?;
        let answer = client
            .post(format!("http://{http}{}", text("path")))
            .bearer_auth(token)
            .header("content-type", text("content_type"))
            .header("content-encoding", text("content_encoding"))
            .body(*body)
            .send()
            .await
            .context("send recorded request")?;
        if !answer.status().is_success() {
            bail!("send recorded request: status {}", answer.status().as_u16());
        }
    }
    Ok(requests.len())
}

fn write_source(dir: &Path) -> anyhow::Result<PathBuf> {
    let root = dir.join("source");
    let package = root.join("billing");
    std::fs::create_dir_all(&package).context("write sample source")?;
    for (name, text) in SOURCE {
        std::fs::write(package.join(name), text).context("write sample source")?;
    }
    Ok(root)
}

/// Writes a test for each failure that carries its call, and runs it where there is a sandbox.
fn reproduce(
    home: &Home,
    scope: &TenantScope,
    args: &DemoArgs,
    source: &Path,
    dir: &Path,
) -> anyhow::Result<()> {
    let out = dir.join("tests");
    let ever = Window {
        from_unix_ns: 0,
        to_unix_ns: u64::MAX,
    };
    let none = Window {
        from_unix_ns: 0,
        to_unix_ns: 0,
    };
    let groups = home.store.groups(scope, ever, none, GROUPS_COUNT_MAX)?.rows;
    let with_call = |group: &&GroupRow| group.failure && group.kind != GroupKind::Template;
    let granted = match granted(home, scope.tenant(), Purpose::Reproduction, Action::Repro)? {
        Ok(granted) => granted,
        Err(code) => return say(&format!("   refused: {code}")),
    };
    let workshop = Workshop {
        home,
        granted: &granted,
        source,
        out: &out,
    };
    let sandbox = sandbox(args.sandbox, args.python.as_deref());
    for group in groups.iter().filter(with_call) {
        let candidates = match stored(home, scope, &group.group_id)? {
            Ok(candidates) => candidates,
            Err(code) => {
                say(&format!("   {}: refused: {code}", group.group_id))?;
                continue;
            }
        };
        let told = match &sandbox {
            Ok(sandbox) => workshop
                .verified(&candidates, sandbox)?
                .map(|made| made.map(|written| verified(&written))),
            Err(_) => workshop
                .unverified(&candidates)?
                .map(|made| made.map(|path| format!("   {} (written, not run)", path.display()))),
        };
        match told {
            Ok(Ok(text)) => say(&text)?,
            Ok(Err(Obstacle::Plan(_))) => {}
            Ok(Err(obstacle)) => say(&format!("   {}: {}", group.group_id, obstacle.code()))?,
            Err(code) => say(&format!("   {}: refused: {code}", group.group_id))?,
        }
    }
    match sandbox {
        Ok(_) => Ok(()),
        Err(error) => say(&not_run(&error, &out, source)),
    }
}

fn verified(written: &Written) -> String {
    let (before, after) = written.bytes;
    format!(
        "   {}\n     calls {}; fails for the recorded reason in 3 of 3 runs; arguments shrunk \
         from {before} to {after} bytes; keeps {}",
        written.path.display(),
        written.function,
        written.kept()
    )
}

/// Why the tests were not run, and how to run them.
fn not_run(error: &cordon_sandbox::Error, out: &Path, source: &Path) -> String {
    format!(
        "   The tests were written and not run: {error}.\n   \
         To run them: PYTHONPATH={} python3 -m pytest {}",
        source.display(),
        out.display()
    )
}
