//! Connections of a stream listener: accepted, read, cut into frames, handed on.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use zeroize::Zeroizing;

use crate::admit::{Holder, Principal};
use crate::counters::{Ended, Lost, Source};
use crate::stream::batch::Batch;
use crate::stream::deliver::{Decoder, Delivery, may_go_on};
use crate::stream::frame::{Frame, Framer};
use crate::stream::{LAST_QUIET, Share, Shared, last_reads, told};
use crate::tls::Tls;

/// Bytes read at a time.
const READ_BYTES: usize = 16 << 10;
/// Wait after a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Wait for memory to hold a frame in.
const MEMORY_PAUSE: Duration = Duration::from_millis(20);

/// One listener.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) decoder: Decoder,
    pub(crate) tenant: Option<Principal>,
    pub(crate) share: Share,
}

/// Accepts until told to stop, then waits for the connections.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    listener: Listener,
    mut stopped: watch::Receiver<bool>,
) {
    let source = Source::of(listener.decoder, listener.tls.is_some());
    let listener = Arc::new(listener);
    let mut connections = JoinSet::new();
    // Set when shutdown was said: a sender that was let in by the kernel alone has sent too.
    let mut until: Option<Instant> = None;
    loop {
        let next = async {
            let permit = Arc::clone(&listener.share.permits).acquire_owned().await;
            (listener.socket.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            // Failures of a connection concern its peer alone; the task is reaped here.
            Some(_) = connections.join_next() => continue,
            () = told(&mut stopped), if until.is_none() => {
                until = Some(Instant::now() + LAST_QUIET);
                continue;
            }
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (shared, listener) = (Arc::clone(&shared), Arc::clone(&listener));
        let stopped = stopped.clone();
        connections.spawn(async move {
            shared.state.counters.streams.opened(source);
            let ended = connection(&shared, &listener, source, stream, stopped).await;
            shared.state.counters.streams.closed(source, ended);
            drop(permit);
        });
    }
    let all = async { while connections.join_next().await.is_some() {} };
    let limit = shared.state.limits.drain_timeout;
    if timeout(limit, all).await.is_err() {
        connections.shutdown().await;
    }
}

async fn connection(
    shared: &Arc<Shared>,
    listener: &Listener,
    source: Source,
    stream: TcpStream,
    stopped: watch::Receiver<bool>,
) -> Ended {
    let reader = |who| Reader {
        delivery: Delivery {
            shared: Arc::clone(shared),
            decoder: listener.decoder,
            source,
            who,
            place: shared.identity.connection(),
            stopped: stopped.clone(),
        },
        batch: Batch::new(&listener.share.waiting),
        share: listener.share.clone(),
    };
    let _set = rustix::net::sockopt::set_socket_keepalive(&stream, true);
    let Some(tls) = &listener.tls else {
        let Some(who) = listener.tenant.clone() else {
            return Ended::NoTenant;
        };
        return reader(who).read(stream).await;
    };
    let limit = shared.limits.handshake_timeout;
    let Some((stream, names)) = tls.accept(stream, limit).await else {
        return Ended::Handshake;
    };
    let Ok(certified) = shared.state.admit.certified(&names) else {
        return Ended::Unavailable;
    };
    let who = match (listener.tenant.clone(), certified) {
        (_, Holder::Several) => return Ended::OtherTenant,
        (Some(own), Holder::One(other)) if own != other => return Ended::OtherTenant,
        (Some(who), _) | (None, Holder::One(who)) => who,
        (None, Holder::Nobody) => return Ended::NoTenant,
    };
    reader(who).read(stream).await
}

/// Reads one connection.
struct Reader {
    delivery: Delivery,
    batch: Batch,
    share: Share,
}

impl Reader {
    async fn read(mut self, mut stream: impl AsyncRead + Unpin) -> Ended {
        let shared = Arc::clone(&self.delivery.shared);
        let (limits, decoder) = (&shared.limits, self.delivery.decoder);
        let bytes_max = decoder.bytes_max(limits);
        let mut framer = Framer::new(decoder.counts(), bytes_max, &self.share.partial);
        let mut chunk = Zeroizing::new(vec![0; READ_BYTES]);
        let mut stopped = self.delivery.stopped.clone();
        let mut last_read = Instant::now();
        // Whether a report that has no end yet is waited for.
        let mut is_held = false;
        // Set when shutdown was said: nothing is read after it.
        let mut until: Option<Instant> = None;
        let ended = loop {
            let hold_at = self.batch.began().map(|began| began + limits.hold);
            let quiet_at = last_read + limits.quiet;
            let flush_at = hold_at.map(|at| if is_held { at } else { at.min(quiet_at) });
            let close_at = match until {
                Some(until) => until.min(last_read + LAST_QUIET),
                None => last_read + limits.idle_timeout,
            };
            let wake_at = flush_at.unwrap_or(close_at).min(close_at);
            let count = tokio::select! {
                biased;
                () = told(&mut stopped), if until.is_none() => {
                    last_read = Instant::now();
                    until = Some(last_read + last_reads(&shared.state.limits));
                    continue;
                }
                read = stream.read(&mut chunk) => read.unwrap_or_else(|_| {
                    framer.cut();
                    0
                }),
                () = sleep_until(wake_at) => {
                    let may_wait = !is_held && until.is_none() && wake_at < close_at;
                    if may_wait && hold_at > Some(wake_at) && self.may_go_on() {
                        is_held = true;
                        continue;
                    }
                    is_held = false;
                    self.flush().await;
                    if close_at > wake_at {
                        continue;
                    }
                    if until.is_some() {
                        break Ended::Stopped;
                    }
                    framer.cut();
                    break Ended::Idle;
                }
            };
            if count == 0 {
                break Ended::Closed;
            }
            let mut input = chunk.get(..count).unwrap_or_default();
            let streams = &shared.state.counters.streams;
            streams.read(self.delivery.source, count);
            while let Some(frame) = framer.next(&mut input) {
                self.take(&frame).await;
            }
            last_read = Instant::now();
            is_held = false;
        };
        if let Some(frame) = framer.end() {
            self.take(&frame).await;
        }
        self.flush().await;
        ended
    }

    /// Puts a frame into the batch; a full batch is delivered first. Waits for memory.
    async fn take(&mut self, frame: &Frame<'_>) {
        let shared = Arc::clone(&self.delivery.shared);
        while self.batch.push(frame, (shared.clock)()).is_err() {
            if self.batch.count() > 0 {
                self.flush().await;
            } else if shared.gives_up() {
                let streams = &shared.state.counters.streams;
                streams.lost(self.delivery.source, Lost::Shutdown, 1);
                return;
            } else {
                shared.state.counters.streams.waited(self.delivery.source);
                tokio::time::sleep(MEMORY_PAUSE).await;
            }
        }
        if self.batch.is_full(&shared.limits) {
            self.flush().await;
        }
    }

    /// Whether the batch ends within a report.
    fn may_go_on(&self) -> bool {
        let Delivery {
            shared,
            decoder,
            who,
            ..
        } = &self.delivery;
        may_go_on(shared, (*decoder, who), &self.batch)
    }

    async fn flush(&mut self) {
        let empty = Batch::new(&self.share.waiting);
        let batch = std::mem::replace(&mut self.batch, empty);
        self.delivery.deliver(batch).await;
    }
}
