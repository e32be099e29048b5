//! The look at a new connection, and the process that is given those that are for the API.
//!
//! The look is a look: `MSG_PEEK` leaves every byte in the socket, and at most [`HEAD_BYTES`] of
//! them are seen, which is `POST /api/share/` and nothing behind it. What is for the API is handed,
//! socket and all, to a process of its own as its standard input; this process closes its copy.
//! Decision 0022 says why.
//!
//! *Limits:* [`ANALYSES_COUNT_MAX`] and [`SHARES_COUNT_MAX`] processes at once; beyond them the
//! answer is 503, written without reading the request. Each is ended after its lifetime.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use cordon_receive::{BoxFuture, Divert};
use rustix::net::RecvFlags;
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::Refusal;

/// Processes for analyses and previews at once.
pub const ANALYSES_COUNT_MAX: usize = 8;
/// Processes for shared rooms at once: a reader waits for what comes.
pub const SHARES_COUNT_MAX: usize = 32;
/// How long a process for a shared room may take.
const SHARE_LIFETIME: Duration = Duration::from_mins(1);

const API: &[u8] = b"POST /api/";
const SHARE: &[u8] = b"POST /api/share/";
/// Bytes that are looked at.
const HEAD_BYTES: usize = SHARE.len();
/// First and longest pause between two looks at a request line that is not there yet.
const PAUSE_MIN: Duration = Duration::from_millis(2);
const PAUSE_MAX: Duration = Duration::from_millis(100);
/// How long, and how many bytes of, a refused request are thrown away unread, so that its sender
/// reads the answer before the connection is reset.
const DISCARD: Duration = Duration::from_secs(1);
const DISCARD_BYTES_MAX: usize = 1 << 20;
const DISCARD_STEP_BYTES: usize = 64 << 10;

/// Hands connections for the API to processes of their own.
pub struct Handover {
    program: PathBuf,
    words: Vec<OsString>,
    wait: Duration,
    analysis_lifetime: Duration,
    analyses: Arc<Semaphore>,
    shares: Arc<Semaphore>,
}

impl Handover {
    /// `program` with `words` answers one request on its standard input, a socket, within
    /// `analysis_lifetime`. A connection has `wait` to show what it is for.
    pub fn new(
        program: PathBuf,
        words: Vec<OsString>,
        wait: Duration,
        analysis_lifetime: Duration,
    ) -> Self {
        Self {
            program,
            words,
            wait,
            analysis_lifetime,
            analyses: Arc::new(Semaphore::new(ANALYSES_COUNT_MAX)),
            shares: Arc::new(Semaphore::new(SHARES_COUNT_MAX)),
        }
    }

    async fn divert(&self, stream: TcpStream) -> Option<TcpStream> {
        let (places, lifetime) = match look(&stream, self.wait).await {
            Seen::Other => return Some(stream),
            Seen::Nothing => return None,
            Seen::Analysis => (&self.analyses, self.analysis_lifetime),
            Seen::Share => (&self.shares, SHARE_LIFETIME),
        };
        match Arc::clone(places).try_acquire_owned() {
            Ok(_place) => self.hand_over(stream, lifetime).await,
            Err(_) => refuse(stream, Refusal::FULL).await,
        }
        None
    }

    /// Starts the process and waits for its end, for so long and no longer. It is ended too when
    /// this is dropped.
    async fn hand_over(&self, stream: TcpStream, lifetime: Duration) {
        let Ok(socket) = stream.into_std() else {
            return;
        };
        let kept = socket.try_clone();
        let started = Command::new(&self.program)
            .args(&self.words)
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        match started {
            Ok(mut process) => {
                // The process's alone from here on.
                drop(kept);
                if timeout(lifetime, process.wait()).await.is_err() {
                    let _ended = process.kill().await;
                }
            }
            Err(_) => {
                if let Some(stream) = kept.ok().and_then(|kept| TcpStream::from_std(kept).ok()) {
                    refuse(stream, Refusal::FULL).await;
                }
            }
        }
    }
}

impl Divert for Handover {
    fn look(&self, stream: TcpStream) -> BoxFuture<'_, Option<TcpStream>> {
        Box::pin(self.divert(stream))
    }
}

/// What a connection begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// A request to the API.
    Analysis,
    /// One about a shared room.
    Share,
    /// Anything else.
    Other,
    /// Nothing that can be told, in time.
    Nothing,
}

/// What the first bytes say; none while they may still say either.
fn judge(head: &[u8]) -> Option<Seen> {
    // A project of Sentry's clients is a number, and none of the API's names begins with one.
    if let Some([b'0'..=b'9', ..]) = head.strip_prefix(API) {
        return Some(Seen::Other);
    }
    if !API.starts_with(head) && !head.starts_with(API) {
        Some(Seen::Other)
    } else if head.starts_with(SHARE) {
        Some(Seen::Share)
    } else if SHARE.starts_with(head) {
        None
    } else {
        Some(Seen::Analysis)
    }
}

/// Looks, without taking a byte, until it can be told what the connection is for.
async fn look(stream: &TcpStream, wait: Duration) -> Seen {
    let until = Instant::now() + wait;
    let mut head = [0_u8; HEAD_BYTES];
    let mut pause = PAUSE_MIN;
    while let Ok(Ok(count)) = timeout_at(until, stream.peek(&mut head)).await {
        let told = match head.get(..count) {
            // Its peer has closed.
            None | Some([]) => Some(Seen::Nothing),
            Some(head) => judge(head),
        };
        if let Some(seen) = told {
            return seen;
        }
        // What is there stays there, so nothing wakes us when more comes.
        if timeout_at(until, sleep(pause)).await.is_err() {
            break;
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Seen::Nothing
}

/// Answers without reading, then throws away what was sent, unread.
async fn refuse(mut stream: TcpStream, refusal: Refusal) {
    let answered = async {
        stream.write_all(refusal.bytes().as_bytes()).await?;
        stream.shutdown().await?;
        discard(&stream, &mut vec![0_u8; DISCARD_STEP_BYTES]).await
    };
    // How a refused connection ends concerns its peer alone.
    drop(timeout(DISCARD, answered).await);
}

/// Has the kernel throw away what arrives, until the peer closes: `MSG_TRUNC` on a TCP socket
/// discards without copying a byte to this process (tcp(7)). `unused` says how much at once, and
/// stays as it is.
#[cfg(target_os = "linux")]
async fn discard(stream: &TcpStream, unused: &mut [u8]) -> io::Result<()> {
    let mut left = DISCARD_BYTES_MAX;
    while left > 0 {
        stream.readable().await?;
        let dropped = stream.try_io(Interest::READABLE, || {
            let dropped = rustix::net::recv(stream, &mut *unused, RecvFlags::TRUNC);
            Ok(dropped.map(|(_, count)| count)?)
        });
        match dropped {
            Ok(0) => break,
            Ok(count) => left = left.saturating_sub(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Without such a way nothing is read, and the peer may see a reset in the answer's place.
#[cfg(not(target_os = "linux"))]
async fn discard(_stream: &TcpStream, _unused: &mut [u8]) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        use Seen::{Analysis, Other, Share};
        for (head, expected) in [
            ("P", None),
            ("POST /api", None),
            ("POST /api/", None),
            ("POST /api/sha", None),
            ("POST /api/share/", Some(Share)),
            ("POST /api/analyze", Some(Analysis)),
            ("POST /api/sharp", Some(Analysis)),
            ("POST /api/ ", Some(Analysis)),
            ("POST /api/1/envelope/", Some(Other)),
            ("POST /api/42", Some(Other)),
            ("POST /v1/logs", Some(Other)),
            ("POST /apis", Some(Other)),
            ("GET / HTTP/1.1", Some(Other)),
            ("PRI * HTTP/2.0\r\n", Some(Other)),
            ("post /api/", Some(Other)),
            ("\r\nPOST /api/", Some(Other)),
            ("\0", Some(Other)),
        ] {
            assert_eq!(judge(head.as_bytes()), expected, "{head:?}");
        }
    }

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(at), listener.accept());
        (ours.unwrap(), theirs.unwrap().0)
    }

    #[tokio::test]
    async fn a_request_line_in_single_bytes_is_told_and_left_where_it_is() {
        let (mut client, server) = pair().await;
        let text = b"POST /api/analyze HTTP/1.1\r\n";
        let sending = async {
            for byte in text {
                client.write_all(&[*byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            client.shutdown().await.unwrap();
        };
        let looking = look(&server, Duration::from_secs(20));
        let (seen, ()) = tokio::join!(looking, sending);
        assert_eq!(seen, Seen::Analysis);
        let (mut server, mut all) = (server, Vec::new());
        server.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, text);
    }

    #[tokio::test]
    async fn what_does_not_tell_in_time_is_let_go() {
        for head in ["", "POST /ap", "POST /api/s"] {
            let (mut client, server) = pair().await;
            client.write_all(head.as_bytes()).await.unwrap();
            let seen = look(&server, Duration::from_millis(50)).await;
            assert_eq!(seen, Seen::Nothing, "{head}");
        }
        let (client, server) = pair().await;
        drop(client);
        assert_eq!(look(&server, Duration::from_secs(20)).await, Seen::Nothing);
    }

    #[tokio::test]
    async fn a_refused_request_is_answered_and_not_read() {
        let (client, server) = pair().await;
        let (mut reading, mut writing) = client.into_split();
        let sending = async move {
            // More than the buffers of both sides hold, but for what is thrown away.
            let block = vec![b'x'; DISCARD_BYTES_MAX / 2];
            writing
                .write_all(b"POST /api/analyze HTTP/1.1\r\n\r\n")
                .await
                .unwrap();
            let _reset = writing.write_all(&block).await;
            let _reset = writing.shutdown().await;
        };
        let answered = async move {
            let mut all = String::new();
            reading.read_to_string(&mut all).await.unwrap();
            all
        };
        let (all, (), ()) = tokio::join!(answered, sending, refuse(server, Refusal::FULL));
        assert!(all.starts_with("HTTP/1.1 503 "), "{all}");
        assert!(
            all.contains("retry-after: ") && all.contains("room_full"),
            "{all}"
        );
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_is_thrown_away_is_taken_and_not_copied() {
        let (mut client, server) = pair().await;
        client.write_all(&[b'x'; 5_000]).await.unwrap();
        client.shutdown().await.unwrap();
        let mut unused = vec![0_u8; 1_000];
        discard(&server, &mut unused).await.unwrap();
        assert!(unused.iter().all(|byte| *byte == 0));
        let (mut server, mut left) = (server, Vec::new());
        server.read_to_end(&mut left).await.unwrap();
        assert_eq!(left, b"");
    }
}
