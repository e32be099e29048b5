//! A receiver of OTLP over loopback, which is there, away, busy or lost for words.
//!
//! *Limits:* one connection after the other, one request a connection.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;

/// Bytes of a request that are read.
const REQUEST_BYTES_MAX: u64 = 16 << 20;
/// Longest silence of a client.
const SILENCE: Duration = Duration::from_secs(30);
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\ncontent-length: 0\r\n\
                    connection: close\r\n\r\n";

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It takes what comes, and says so.
    Well,
    /// It closes each connection.
    Away,
    /// It says to come again.
    Busy,
    /// It takes what comes and closes without an answer.
    Mute,
}

/// What arrived: bodies of events, and whether its sender was told.
pub(crate) type Arrived = Vec<(Vec<String>, bool)>;

struct State {
    mood: Mood,
    arrived: Arrived,
    refused_count: u64,
    /// What must not arrive, and how often it did.
    needle: Vec<u8>,
    leaks_count: u64,
    is_over: bool,
}

/// The receiver. Dropping it ends its thread.
pub(crate) struct Receiver {
    at: SocketAddr,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Receiver {
    pub(crate) fn start(needle: &[u8]) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let at = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            mood: Mood::Well,
            arrived: Vec::new(),
            refused_count: 0,
            needle: needle.to_vec(),
            leaks_count: 0,
            is_over: false,
        }));
        let shared = Arc::clone(&state);
        let thread = std::thread::Builder::new().name("receiver".to_owned());
        let thread = thread.spawn(move || {
            for stream in listener.incoming() {
                if lock(&shared).is_over {
                    break;
                }
                // A client that goes away has not been answered.
                let _ = stream.and_then(|stream| serve(&stream, &shared));
            }
        })?;
        let thread = Some(thread);
        Ok(Self { at, state, thread })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    pub(crate) fn set(&self, mood: Mood) {
        lock(&self.state).mood = mood;
    }

    pub(crate) fn arrived(&self) -> Arrived {
        lock(&self.state).arrived.clone()
    }

    /// Requests that held what must not arrive.
    pub(crate) fn leaks_count(&self) -> u64 {
        lock(&self.state).leaks_count
    }

    /// Requests that were refused or not answered.
    pub(crate) fn refused_count(&self) -> u64 {
        lock(&self.state).refused_count
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        lock(&self.state).is_over = true;
        // Wakes it.
        drop(TcpStream::connect(self.at));
        if let Some(thread) = self.thread.take() {
            // What panicked there is missing, which the oracle sees.
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    let mood = lock(state).mood;
    if mood == Mood::Away {
        lock(state).refused_count += 1;
        return Ok(());
    }
    let body = request(stream)?;
    if mood == Mood::Busy {
        lock(state).refused_count += 1;
        return stream.write_all(BUSY.as_bytes());
    }
    let bodies = bodies(&body)?;
    let is_told = mood == Mood::Well;
    let mut state = lock(state);
    let leaks = memchr::memmem::find(&body, &state.needle).is_some();
    state.leaks_count += u64::from(leaks);
    state.arrived.push((bodies, is_told));
    state.refused_count += u64::from(!is_told);
    drop(state);
    if is_told {
        stream.write_all(OK.as_bytes())?;
    }
    Ok(())
}

/// Reads a request of HTTP/1.1 with a length.
fn request(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut from = BufReader::new(stream).take(REQUEST_BYTES_MAX);
    let mut length = 0;
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = Vec::new();
    from.take(length).read_to_end(&mut body)?;
    Ok(body)
}

/// Bodies of the log records of a request; senders of this matrix send nothing else.
fn bodies(body: &[u8]) -> io::Result<Vec<String>> {
    let request = ExportLogsServiceRequest::decode(body).map_err(io::Error::other)?;
    let scopes = request
        .resource_logs
        .into_iter()
        .flat_map(|of| of.scope_logs);
    let records = scopes.flat_map(|scope| scope.log_records);
    let bodies = records.filter_map(|record| match record.body?.value? {
        Value::StringValue(text) => Some(text),
        _ => None,
    });
    Ok(bodies.collect())
}
