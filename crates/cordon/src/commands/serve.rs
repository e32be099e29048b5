//! `cordon serve`: the gateway.

mod files;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cordon_receive::tail::FileCounts;
use cordon_receive::{Admit, Divert, Limits, Mount, Receiver, Router, StreamLimits, Tls};
use cordon_serve::{Assets, Handover, Names, Shares};
use cordon_store::Domain;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cli::{Cli, ServeArgs};
use crate::commands::room;
use crate::config::Role;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::exporting::Exports;
use crate::hangup::Hangup;
use crate::home::Home;
use crate::intake::{self, Intake, Sifting};
use crate::listeners::{self, Listeners};
use crate::pager::DRAIN_MAX;
use crate::release::fresh_id;
use crate::reload::Reload;
use crate::spine::Spine;
use crate::{environment, log};

/// How often expired events are deleted.
const EXPIRE_EVERY: Duration = Duration::from_hours(1);

/// Least time that an analysis has, whatever a model may take.
const ANALYSIS_LIFETIME_MIN: Duration = Duration::from_mins(1);
/// Time that an analysis has beside the model's.
const ANALYSIS_BESIDE_MODEL: Duration = Duration::from_secs(45);

/// Runs the command until SIGTERM or SIGINT.
pub(crate) fn run(cli: &Cli, args: &ServeArgs) -> Outcome {
    let mut home = Home::open_for_intake(cli).or_exit(Exit::Usage)?;
    if let Some(role) = args.role {
        home.config.server.role = role;
        home.config.check().or_exit(Exit::Usage)?;
    }
    let home = Arc::new(home);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("start runtime")?;
    let http = args.listen.unwrap_or(home.config.server.listen);
    let grpc = args.grpc.unwrap_or(home.config.server.grpc);
    runtime.block_on(async {
        // Listened for before the addresses are told: whoever knows them may stop the server.
        let stop = StopSignal::install().context("listen for signals")?;
        let shutdown = async {
            stop.wait().await;
            log::line("stopping: finishing what was begun");
        };
        let hangup = Hangup::install(cli.config.clone()).context("listen for signals")?;
        // An agent has nothing that a room could be asked about.
        let room = match home.config.server.role {
            Role::Gateway => Some(handover(cli, &home)?),
            Role::Agent => None,
        };
        serve(&home, http, grpc, (room, Some(hangup)), shutdown, |_, _| {}).await
    })
}

/// What hands requests of a page to processes of their own, on the same data directory.
fn handover(cli: &Cli, home: &Home) -> anyhow::Result<Handover> {
    let mut words = vec![OsString::from("--data"), absolute(&home.dir)?];
    if let Some(config) = &cli.config {
        words.extend([OsString::from("--config"), absolute(config)?]);
    }
    words.push(OsString::from("room-worker"));
    let program = environment::own_program().context("find this program")?;
    let wait = Limits::default().header_timeout;
    let section = home.config.model.as_ref();
    let model = section.map_or(Duration::ZERO, |m| Duration::from_secs(m.timeout_s));
    let lifetime = model.saturating_add(ANALYSIS_BESIDE_MODEL);
    let lifetime = lifetime.max(ANALYSIS_LIFETIME_MIN);
    Ok(Handover::new(program, words, wait, lifetime))
}

fn absolute(path: &Path) -> anyhow::Result<OsString> {
    let path = std::path::absolute(path);
    Ok(path.context("find the data directory")?.into_os_string())
}

/// Serves until `shutdown`, then applies everything that was acknowledged. `started` is told the
/// addresses. With a handover the war room is served too, on the first address.
pub(crate) async fn serve(
    home: &Arc<Home>,
    http: SocketAddr,
    grpc: SocketAddr,
    (room, hangup): (Option<Handover>, Option<Hangup>),
    shutdown: impl Future<Output = ()>,
    started: impl FnOnce(SocketAddr, SocketAddr),
) -> Outcome {
    let (intake, pages) = intake::open(home)?;
    let Intake {
        spine,
        sifting,
        applier,
        journal,
    } = intake;
    let exporting = |on: &Sifting| Exports::start(home, &on.sift, on.clock, spine.exports());
    let exports = sifting.as_ref().map(exporting).transpose();
    let exports = exports.or_exit(Exit::Usage)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(pages);
    let more = listeners::open(home).await?;
    let http = bind(http).await.or_exit(Exit::Unreachable)?;
    let grpc = bind(grpc).await.or_exit(Exit::Unreachable)?;
    let http_at = http.local_addr().context("read address")?;
    let grpc_at = grpc.local_addr().context("read address")?;
    let mut listening = format!("listening http={http_at} grpc={grpc_at}");
    for address in &more.addresses {
        listening.push(' ');
        listening.push_str(address);
    }
    log::line(&listening);
    let is_plain = more.server.is_none();
    let is_exposed = |at: &SocketAddr| is_plain && !at.ip().is_loopback();
    if more.is_exposed || [http_at, grpc_at].iter().any(is_exposed) {
        log::line("warning: listening beyond loopback without TLS: put what speaks TLS in front");
    }
    if room.is_some() && !Assets::built_in().is_empty() {
        let at = room::address(http_at);
        log::line(&format!("war room: {at} (`cordon room` opens a session)"));
    }
    started(http_at, grpc_at);
    let spine = Arc::new(spine);
    let admit: Arc<dyn Admit> = Arc::clone(&spine) as Arc<dyn Admit>;
    let receiver = Receiver::new(Arc::clone(&admit), Limits::default());
    let counts = Arc::<FileCounts>::default();
    receiver.tell_of_files(Arc::clone(&counts));
    let following = files::follow(home, admit, counts).or_exit(Exit::Usage)?;
    let beside = (room, hangup, spine);
    let served = serve_all(home, receiver, [http, grpc], beside, more, shutdown).await;
    if let Some(following) = following {
        following.stop().await;
    }
    // The spine is gone with its sender, so the pager's task ends when its queue is empty.
    let drained = tokio::time::timeout(DRAIN_MAX, async {
        while tasks.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        log::line("pages not delivered in time");
    }
    let applied = tokio::task::spawn_blocking(move || {
        // What waits for its trace waits in the journal, also for the next process.
        drop(sifting);
        drop((applier, exports, journal));
    });
    applied.await.context("stop the applier")?;
    served.or_exit(Exit::Unreachable)?;
    log::line("stopped");
    Ok(Exit::Done)
}

/// Serves all listeners until `shutdown`; what they share is gone when this returns.
async fn serve_all(
    home: &Arc<Home>,
    receiver: Receiver,
    [http, grpc]: [TcpListener; 2],
    (room, hangup, spine): (Option<Handover>, Option<Hangup>, Arc<Spine>),
    more: Listeners,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let limits = Limits::default();
    let mounts = mounts(home, &receiver, [http, grpc], room, more.server);
    let run = fresh_id()?;
    let (stop, stopped) = watch::channel(false);
    let told = || {
        let mut stopped = stopped.clone();
        async move {
            // Its sender is this function's.
            let _said = stopped.wait_for(|stop| *stop).await;
        }
    };
    let serving = async {
        let serving = cordon_receive::serve_mounts(mounts, limits, told());
        let served = serving.await;
        // Without its HTTP listeners the process ends.
        let _said = stop.send(true);
        served
    };
    let streaming = receiver.serve_streams(
        more.streams,
        StreamLimits::default(),
        run,
        environment::now_unix_ns,
        told(),
    );
    let stopping = async {
        shutdown.await;
        receiver.announce_stop();
        let notice_s = spine.config().server.stop_notice_s;
        tokio::time::sleep(Duration::from_secs(notice_s)).await;
        let _said = stop.send(true);
    };
    let all = async { tokio::join!(serving, streaming).0 };
    let mut all = pin!(all);
    let reloading = async {
        if let Some(hangup) = hangup {
            let reload = Reload {
                path: hangup.path.clone(),
                started: home.config.clone(),
                spine: Arc::clone(&spine),
                certificates: more.certificates,
            };
            hangup.reload_forever(reload, home).await;
        }
    };
    let beside = async {
        tokio::join!(stopping, expire_forever(home, &spine), reloading);
    };
    tokio::select! {
        served = &mut all => return served.context("serve"),
        () = beside => {}
    }
    Ok(all.await?)
}

/// What is served where; the war room on the first listener.
fn mounts(
    home: &Home,
    receiver: &Receiver,
    [http, grpc]: [TcpListener; 2],
    room: Option<Handover>,
    tls: Option<Arc<Tls>>,
) -> Vec<Mount> {
    let app = receiver.router();
    let grpc = Mount {
        listener: grpc,
        app: app.clone(),
        divert: None,
        tls: tls.clone(),
    };
    let (app, divert) = match room {
        Some(room) => (
            with_room(home, app),
            Some(Arc::new(room) as Arc<dyn Divert>),
        ),
        None => (app, None),
    };
    let http = Mount {
        listener: http,
        app,
        divert,
        tls,
    };
    vec![http, grpc]
}

fn with_room(home: &Home, app: Router) -> Router {
    let names = Names::new(&home.config.server.room_names);
    let room = cordon_serve::router(Assets::built_in(), names);
    cordon_serve::closing(app.merge(room))
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listen on {address}"))
}

/// Deletes what has expired, now and then; never ends.
async fn expire_forever(home: &Home, spine: &Spine) {
    loop {
        let (store, vault) = (Arc::clone(&home.store), Arc::clone(&home.vault));
        let ttl_days = spine.config().store.ttl_days;
        let shares = home.shares();
        let work = move || -> anyhow::Result<()> {
            for tenant in store.tenants()? {
                store.expire(&tenant, environment::now_unix_s(), ttl_days)?;
            }
            // Opening the file forgets what has run out.
            if shares.exists() {
                drop(Shares::open(&shares, environment::now_unix_s())?);
            }
            // What a segment or a pseudonym held is gone no later than the event itself.
            let oldest = environment::today().saturating_sub(ttl_days);
            vault.destroy_days_before(cordon_vault::Domain::Journal, oldest)?;
            vault.token_map().expire_before(oldest)?;
            vault.expire_raw(environment::today())?;
            for domain in [Domain::Events, Domain::Groups, Domain::Quarantine] {
                let day = store.oldest_day(domain)?.unwrap_or(oldest);
                vault.destroy_days_before(domain.vault(), day)?;
            }
            Ok(())
        };
        if !matches!(tokio::task::spawn_blocking(work).await, Ok(Ok(()))) {
            log::line("expiry failed; tried again in an hour");
        }
        tokio::time::sleep(EXPIRE_EVERY).await;
    }
}

/// SIGINT and SIGTERM, listened for from its making on.
#[cfg(unix)]
pub(crate) struct StopSignal {
    interrupted: tokio::signal::unix::Signal,
    terminated: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignal {
    /// Begins to listen.
    pub(crate) fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (interrupted, terminated) = (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        );
        Ok(Self {
            interrupted,
            terminated,
        })
    }

    /// Returns at the first of them.
    pub(crate) async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}

/// Ctrl-C, where there are no signals.
#[cfg(not(unix))]
pub(crate) struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    /// Does nothing.
    pub(crate) fn install() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Returns at Ctrl-C.
    pub(crate) async fn wait(self) {
        // Without it the server is stopped by its console being closed.
        let _ = tokio::signal::ctrl_c().await;
    }
}
