//! One request of a page, in a process of its own: HTTP on the socket that it was started with.
//!
//! *Invariants:* one request, then the end, whatever else was sent; a process that was [`confine`]d
//! leaves no core and cannot be read by others of the same user.

use std::io::{self, Read as _};
use std::net::{Shutdown, TcpStream as Socket};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderValue, Request, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::net::TcpStream;

use crate::{Office, api};

/// Bytes of the read buffer, and so of a request's header.
const HEADER_BYTES_MAX: usize = 32 << 10;
/// How long the header may take.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long, and how many bytes, what is left of a request is read after the answer, so that its
/// sender reads the answer before the connection is reset.
const DISCARD: Duration = Duration::from_millis(500);
const DISCARD_BYTES_MAX: usize = 4 << 20;
const DISCARD_STEP_BYTES: usize = 64 << 10;

/// No core file, and no reading of this process's memory by others of the same user.
pub fn confine() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // The limit does not bind a core that is piped to a program (core(5)); this does.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Answers one request on the socket and closes it.
pub async fn answer_one(socket: Socket, office: Arc<dyn Office>) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let kept = socket.try_clone()?;
    let stream = TcpStream::from_std(socket)?;
    let _set = stream.set_nodelay(true);
    let app = Router::new()
        .fallback(
            |Shared(office): Shared<Arc<dyn Office>>, request: Request<Body>| async move {
                let mut answer = api::answer(office, request).await;
                let headers = answer.headers_mut();
                for (name, value) in [
                    (header::CACHE_CONTROL, "no-store"),
                    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                ] {
                    headers.insert(name, HeaderValue::from_static(value));
                }
                let own = HeaderValue::from_static("same-origin");
                headers.insert("cross-origin-resource-policy", own);
                answer
            },
        )
        .with_state(office);
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES_MAX)
        .keep_alive(false);
    let service = TowerToHyperService::new(app);
    // How a connection ended concerns its peer alone, and its error may quote the peer.
    drop(
        builder
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
    linger(kept)
}

/// Reads what is left, for so long and no longer, and closes.
fn linger(mut socket: Socket) -> io::Result<()> {
    let _closed = socket.shutdown(Shutdown::Write);
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(Some(DISCARD))?;
    let mut unused = vec![0_u8; DISCARD_STEP_BYTES];
    let mut left = DISCARD_BYTES_MAX;
    while left > 0 {
        match socket.read(&mut unused) {
            Ok(0) | Err(_) => break,
            Ok(count) => left = left.saturating_sub(count),
        }
    }
    let _closed = socket.shutdown(Shutdown::Both);
    Ok(())
}

#[cfg(test)]
mod tests {
    use rustix::process::getrlimit;

    use super::*;

    #[test]
    fn a_confined_process_leaves_no_core_and_is_not_read() {
        confine().unwrap();
        let core = getrlimit(Resource::Core);
        assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }
}
