//! Sources that never send again: syslog and JSON lines over UDP, TCP and TLS.
//!
//! The way of the data: a socket gives bytes ([`listen`], [`datagram`]), [`frame`] cuts them into
//! frames, [`batch`] holds the frames of some milliseconds, and [`deliver`] makes events of them
//! and hands them to [`crate::Admit`] until it takes them. A source that is added needs what its
//! bytes are read from and a [`deliver::Decoder`]; the rest is here.
//!
//! *Why frames are kept and not events:* [`crate::Admit`] takes the events, and raw events cannot
//! be copied; where it refuses them for now, they are made anew from the frames.
//!
//! **Invariants.** A connection is not read while what it sent before is not durable: the sender
//! waits. A datagram that finds no room is dropped and counted. Every frame ends as events that are
//! durable, or in a count with its reason.
//!
//! *Limits:* [`StreamLimits`]; partial frames of all connections together hold at most a quarter
//! of [`Limits::in_flight_bytes_max`], and a frame that finds no room there is cut; frames that
//! wait hold at most half of it. Each listener has an equal part of both, so that the clients of
//! one cannot take the room of another's.

pub(crate) mod batch;
pub(crate) mod datagram;
pub(crate) mod deliver;
pub(crate) mod flag;
pub(crate) mod frame;
pub(crate) mod kernel;
mod listen;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::admit::Principal;
use crate::intake::State;
use crate::limits::Limits;
use crate::meter::Ledger;
use crate::stream::deliver::Decoder;
use crate::tls::Tls;

/// Share of the bytes in flight that partial frames may hold.
const PARTIAL_SHARE: usize = 4;
/// Share of the bytes in flight that frames may hold that wait to be admitted.
const WAITING_SHARE: usize = 2;

/// After shutdown was said: time without a byte after which a sender has said all.
pub(crate) const LAST_QUIET: Duration = Duration::from_millis(100);

/// What the stream listeners take.
#[derive(Clone, Debug)]
pub struct StreamLimits {
    /// Bytes of one frame of syslog; the rest of a longer one is skipped. RFC 5425 section 4.3.1
    /// asks for 8 KiB, a datagram has less than 64.
    pub syslog_bytes_max: usize,
    /// Bytes of one line of JSON.
    pub line_bytes_max: usize,
    /// Connections of one listener open at once; further ones wait in its backlog.
    pub connections_max: usize,
    /// Time for a TLS handshake.
    pub handshake_timeout: Duration,
    /// Time without a byte after which a connection is closed. Long: a sender that finds its
    /// connection closed may have lost what it wrote last.
    pub idle_timeout: Duration,
    /// Longest time that a frame waits for others.
    pub hold: Duration,
    /// Time without a byte after which what waits goes on its way.
    pub quiet: Duration,
    /// Frames of one batch.
    pub batch_frames_max: usize,
    /// Bytes of one batch, a last frame beyond it included.
    pub batch_bytes_max: usize,
    /// Batches of datagrams that wait to be admitted.
    pub datagram_batches_max: usize,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            syslog_bytes_max: 64 << 10,
            line_bytes_max: 1 << 20,
            connections_max: 512,
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_hours(2),
            hold: Duration::from_millis(500),
            quiet: Duration::from_millis(50),
            batch_frames_max: 1_000,
            batch_bytes_max: 256 << 10,
            datagram_batches_max: 16,
        }
    }
}

/// What a listener's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFormat {
    /// Syslog, RFC 3164 and RFC 5424, framed by RFC 6587.
    Syslog {
        /// Seconds east of UTC of stamps that do not tell.
        zone_offset_s: i32,
    },
    /// One JSON object a line.
    JsonLines,
}

/// Where bytes come from.
pub enum StreamSocket {
    /// Datagrams: one frame each.
    Udp(UdpSocket),
    /// Connections.
    Tcp(TcpListener),
    /// Connections under TLS.
    Tls(TcpListener, Arc<Tls>),
}

/// A listener of a source that never sends again.
pub struct StreamListener {
    /// Where bytes come from.
    pub socket: StreamSocket,
    /// What they are.
    pub format: StreamFormat,
    /// Whose they are; without it the client's certificate says.
    pub tenant: Option<Principal>,
}

/// What sets batches apart.
pub(crate) struct Identity {
    run: [u8; 16],
    connections: AtomicU64,
}

impl Identity {
    /// `run` is random: another each time the process starts.
    pub(crate) fn new(run: [u8; 16]) -> Self {
        let connections = AtomicU64::new(0);
        Self { run, connections }
    }

    /// A new connection's batches.
    pub(crate) fn connection(&self) -> Place {
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        Place {
            run: self.run,
            connection: number,
            batch: 0,
        }
    }
}

/// The place of a batch among all that ever were.
#[derive(Clone)]
pub(crate) struct Place {
    run: [u8; 16],
    connection: u64,
    batch: u64,
}

impl Place {
    /// Goes on to the next batch.
    pub(crate) fn advance(&mut self) {
        self.batch += 1;
    }

    /// The bytes by which these frames of the batch are known again: the same at each attempt.
    pub(crate) fn bytes(&self, frames: &std::ops::Range<usize>) -> Vec<u8> {
        let mut bytes = b"cordon stream ".to_vec();
        bytes.extend(self.run);
        let numbers = [self.connection, self.batch];
        bytes.extend(numbers.iter().flat_map(|n| n.to_be_bytes()));
        let range = [frames.start as u64, frames.end as u64];
        bytes.extend(range.iter().flat_map(|n| n.to_be_bytes()));
        bytes
    }
}

/// What is one listener's alone.
#[derive(Clone)]
pub(crate) struct Share {
    /// What partial frames hold.
    pub(crate) partial: Arc<Ledger>,
    /// What frames hold that wait.
    pub(crate) waiting: Arc<Ledger>,
    pub(crate) permits: Arc<Semaphore>,
}

impl Share {
    /// The part of one listener of so many.
    fn of(state: &State, limits: &StreamLimits, listeners_count: usize) -> Self {
        let bytes = state.limits.in_flight_bytes_max / listeners_count.max(1);
        Self {
            partial: Ledger::new(bytes / PARTIAL_SHARE),
            waiting: state.ledger.share(bytes / WAITING_SHARE),
            permits: Arc::new(Semaphore::new(limits.connections_max)),
        }
    }
}

/// What all stream listeners share.
pub(crate) struct Shared {
    pub(crate) state: Arc<State>,
    pub(crate) limits: StreamLimits,
    pub(crate) identity: Identity,
    /// The time now, nanoseconds since the Unix epoch.
    pub(crate) clock: fn() -> u64,
    /// When what could not be admitted is given up; set at shutdown.
    give_up: OnceLock<Instant>,
}

impl Shared {
    /// Whether it is time to give up.
    pub(crate) fn gives_up(&self) -> bool {
        self.give_up.get().is_some_and(|at| *at <= Instant::now())
    }
}

/// Serves stream listeners until `shutdown`; then what was sent so far is read and admitted.
pub(crate) async fn serve(
    state: Arc<State>,
    listeners: Vec<StreamListener>,
    limits: StreamLimits,
    run: [u8; 16],
    clock: fn() -> u64,
    shutdown: impl Future<Output = ()>,
) {
    let shared = Arc::new(Shared {
        identity: Identity::new(run),
        state,
        limits,
        clock,
        give_up: OnceLock::new(),
    });
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let count = listeners.len();
    for listener in listeners {
        let share = Share::of(&shared.state, &shared.limits, count);
        tasks.spawn(one(Arc::clone(&shared), share, listener, stopped.clone()));
    }
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            // A listener whose task failed is gone; the others go on.
            Some(_) = tasks.join_next() => {}
        }
    }
    let limit = shared.state.limits.drain_timeout;
    let _first = shared.give_up.set(Instant::now() + limit * 3 / 4);
    let _told = stop.send(true);
    while tasks.join_next().await.is_some() {}
}

async fn one(
    shared: Arc<Shared>,
    share: Share,
    listener: StreamListener,
    stopped: watch::Receiver<bool>,
) {
    let decoder = Decoder::of(listener.format);
    match listener.socket {
        StreamSocket::Udp(socket) => {
            if let Some(tenant) = listener.tenant {
                let from = (socket, share.waiting);
                datagram::serve(shared, from, decoder, tenant, stopped).await;
            }
        }
        StreamSocket::Tcp(socket) => {
            let plain = listen::Listener {
                socket,
                tls: None,
                decoder,
                tenant: listener.tenant,
                share,
            };
            listen::serve(shared, plain, stopped).await;
        }
        StreamSocket::Tls(socket, tls) => {
            let sealed = listen::Listener {
                socket,
                tls: Some(tls),
                decoder,
                tenant: listener.tenant,
                share,
            };
            listen::serve(shared, sealed, stopped).await;
        }
    }
}

/// Time that is left after shutdown was said for reading what had been sent.
pub(crate) fn last_reads(limits: &Limits) -> Duration {
    limits.drain_timeout / 2
}

/// Waits until shutdown is said.
pub(crate) async fn told(stopped: &mut watch::Receiver<bool>) {
    // An error says that nobody is there to say it: no different.
    let _said = stopped.wait_for(|stop| *stop).await;
}
