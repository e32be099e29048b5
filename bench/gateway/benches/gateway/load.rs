//! Senders: connections that each send bodies one after the other and wait for each answer.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Connections at once; with a few, what is measured is their wait for each other.
pub(crate) const CONNECTIONS_COUNT: usize = 64;
/// Answers that say to come again, in a row, before the load is given up.
const REFUSALS_COUNT_MAX: usize = 2_000;
/// Wait after such an answer.
const REFUSED_PAUSE: Duration = Duration::from_millis(20);

/// What was sent.
pub(crate) struct Sent {
    /// Times from the first byte of a request to its answer, in order.
    pub(crate) acks: Vec<Duration>,
    /// Answers that said to come again.
    pub(crate) refusals: u64,
}

impl Sent {
    /// The time within which that share of the answers came.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let at = (self.acks.len() as f64 * share) as usize;
        let last = self.acks.len().saturating_sub(1);
        self.acks.get(at.min(last)).copied().unwrap_or_default()
    }
}

/// Sends so many requests in all, over every connection.
pub(crate) fn send(
    to: SocketAddr,
    path: &str,
    token: &str,
    bodies: &[Vec<u8>],
    requests_count: u64,
) -> Sent {
    let (next, refusals) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut acks = std::thread::scope(|scope| {
        let work = || connection(to, (path, token), bodies, &next, requests_count, &refusals);
        let threads: Vec<_> = (0..CONNECTIONS_COUNT).map(|_| scope.spawn(work)).collect();
        let acks = threads.into_iter().map(|thread| thread.join().unwrap());
        acks.flatten().collect::<Vec<_>>()
    });
    acks.sort_unstable();
    Sent {
        acks,
        refusals: refusals.into_inner(),
    }
}

fn connection(
    to: SocketAddr,
    (path, token): (&str, &str),
    bodies: &[Vec<u8>],
    next: &AtomicU64,
    requests_count: u64,
    refusals: &AtomicU64,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let mut acks = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= requests_count {
            return acks;
        }
        let body = bodies.get(n as usize % bodies.len()).unwrap();
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
             content-type: application/x-protobuf\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        for attempt in 0.. {
            let begun = Instant::now();
            stream.write_all(&request).unwrap();
            let status = answer(&mut answers);
            if status == 200 {
                acks.push(begun.elapsed());
                break;
            }
            assert_eq!(status, 503, "the receiver refuses");
            assert!(attempt < REFUSALS_COUNT_MAX, "the receiver stays full");
            refusals.fetch_add(1, Ordering::Relaxed);
            std::thread::park_timeout(REFUSED_PAUSE);
        }
    }
}

/// Reads one answer; its status.
fn answer(answers: &mut BufReader<TcpStream>) -> u16 {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap_or_default().parse().unwrap();
    let mut length = 0;
    loop {
        line.clear();
        answers.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body).unwrap();
    status
}
