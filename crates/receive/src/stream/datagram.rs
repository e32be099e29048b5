//! Datagrams: one frame each (RFC 5426 section 3.1).
//!
//! One task reads and another hands on, so that the socket is read while what is behind takes its
//! time. Between them is a queue of batches; where it is full and the batch that is being filled
//! too, a datagram is dropped and counted.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use crate::admit::Principal;
use crate::counters::{Lost, Source};
use crate::meter::Ledger;
use crate::stream::batch::Batch;
use crate::stream::deliver::{Decoder, Delivery, may_go_on};
use crate::stream::flag::{self, Flags};
use crate::stream::frame::Frame;
use crate::stream::{LAST_QUIET, Shared, last_reads, told};

/// Longest datagram, RFC 768.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// What the kernel is asked to hold of datagrams that were not read yet.
const SOCKET_BYTES: usize = 8 << 20;

/// Wait where the queue was full.
const QUEUE_PAUSE: Duration = Duration::from_millis(10);

/// Reads until told to stop, then what is there.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    (socket, ledger): (UdpSocket, Arc<Ledger>),
    decoder: Decoder,
    who: Principal,
    mut stopped: watch::Receiver<bool>,
) {
    let source = Source::SyslogUdp;
    // Less is given where the system allows less.
    let _set = rustix::net::sockopt::set_socket_recv_buffer_size(&socket, SOCKET_BYTES);
    shared.state.counters.streams.watch(&socket);
    let (queue, mut waiting) = mpsc::channel::<Batch>(shared.limits.datagram_batches_max);
    let mut delivery = Delivery {
        shared: Arc::clone(&shared),
        decoder,
        source,
        who: who.clone(),
        place: shared.identity.connection(),
        stopped: stopped.clone(),
    };
    let mut delivering = JoinSet::new();
    delivering.spawn(async move {
        while let Some(batch) = waiting.recv().await {
            delivery.deliver(batch).await;
        }
    });
    let mut reading = Reading {
        batch: Batch::new(&ledger),
        ledger,
        shared,
        source,
        queue,
    };
    let mut chunk = Zeroizing::new(vec![0; DATAGRAM_BYTES_MAX]);
    let mut retry_at = Instant::now();
    loop {
        let began = reading.batch.began();
        let flush_at = began.map(|began| (began + reading.shared.limits.quiet).max(retry_at));
        tokio::select! {
            received = socket.recv_from(&mut chunk) => {
                // An error is about another datagram, such as one that was answered with ICMP.
                if let Ok((count, from)) = received {
                    reading.take(chunk.get(..count).unwrap_or_default(), from);
                }
            }
            () = tokio::time::sleep_until(flush_at.unwrap_or_else(Instant::now)),
                if flush_at.is_some() =>
            {
                retry_at = reading.held((decoder, &who), retry_at).unwrap_or_else(|| {
                    reading.hand_on();
                    Instant::now() + QUEUE_PAUSE
                });
            }
            () = told(&mut stopped) => break,
        }
    }
    let until = Instant::now() + last_reads(&reading.shared.state.limits);
    while Instant::now() < until
        && let Ok(Ok((count, from))) = timeout(LAST_QUIET, socket.recv_from(&mut chunk)).await
    {
        reading.take(chunk.get(..count).unwrap_or_default(), from);
    }
    let limit = reading.shared.state.limits.drain_timeout;
    let rest = async {
        reading.flush().await;
        drop(reading);
        while delivering.join_next().await.is_some() {}
    };
    let _late = timeout(limit, rest).await;
}

/// The reading side.
struct Reading {
    shared: Arc<Shared>,
    ledger: Arc<Ledger>,
    source: Source,
    batch: Batch,
    queue: mpsc::Sender<Batch>,
}

impl Reading {
    fn take(&mut self, bytes: &[u8], from: SocketAddr) {
        let shared = Arc::clone(&self.shared);
        let (streams, limits) = (&shared.state.counters.streams, &shared.limits);
        streams.read(self.source, bytes.len());
        if self.batch.is_full(limits) {
            // Full, and could not be handed on when it became so.
            self.hand_on();
        }
        let mut flags = Flags::default();
        let kept = bytes.get(..limits.syslog_bytes_max).unwrap_or(bytes);
        if kept.len() < bytes.len() {
            flags.set(flag::TRUNCATED);
        }
        let frame = Frame { bytes: kept, flags };
        let now = (shared.clock)();
        // The port of a program that opens a socket for each message is another each time.
        let mut hasher = DefaultHasher::new();
        from.ip().hash(&mut hasher);
        let peer = hasher.finish();
        if self.batch.is_full(limits) || self.batch.push_of(peer, &frame, now).is_err() {
            streams.lost(self.source, Lost::Full, 1);
            return;
        }
        if self.batch.is_full(limits) {
            self.hand_on();
        }
    }

    /// Until when the batch is held, where it ends within a report and was not held yet.
    fn held(&self, of: (Decoder, &Principal), retry_at: Instant) -> Option<Instant> {
        let limits = &self.shared.limits;
        let hold_at = self.batch.began()? + limits.hold;
        let may_wait = Instant::now().max(retry_at) < hold_at && !self.batch.is_full(limits);
        (may_wait && may_go_on(&self.shared, of, &self.batch)).then_some(hold_at)
    }

    /// Gives the batch to the other side where there is room.
    fn hand_on(&mut self) {
        if let Ok(room) = self.queue.try_reserve() {
            let empty = Batch::new(&self.ledger);
            room.send(std::mem::replace(&mut self.batch, empty));
        }
    }

    /// Gives the last batch to the other side, when there is room.
    async fn flush(&mut self) {
        if self.batch.count() > 0
            && let Ok(room) = self.queue.reserve().await
        {
            let empty = Batch::new(&self.ledger);
            room.send(std::mem::replace(&mut self.batch, empty));
        }
    }
}
