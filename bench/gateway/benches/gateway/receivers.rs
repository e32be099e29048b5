//! Receivers as processes of their own: one that discards, the gateway, another product.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cordon_event::{Event, Raw, Region, TenantId};
use cordon_receive::{Admit, AdmitError, BoxFuture, Principal, Readiness, RequestBody};

/// Argument with which this program is the receiver that discards.
pub(crate) const DISCARD: &str = "--discard";
/// How long a receiver may take to listen.
const START_MAX: Duration = Duration::from_secs(30);

/// A running receiver; stopped when it is dropped.
pub(crate) struct Receiver {
    process: Child,
    pub(crate) http: SocketAddr,
    pub(crate) token: String,
    _data: Option<tempfile::TempDir>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Receiver {
    /// Processor time that it has used.
    pub(crate) fn used(&self) -> Used {
        let process = PathBuf::from(format!("/proc/{}", self.process.id()));
        let all = ticks(&process).unwrap();
        let tasks = std::fs::read_dir(process.join("task")).unwrap();
        let behind = tasks.flatten().filter_map(|task| {
            let name = std::fs::read_to_string(task.path().join("comm")).ok()?;
            (name.trim() == BEHIND).then(|| ticks(&task.path()))?
        });
        Used {
            until_answer: all.saturating_sub(behind.sum()),
            all,
        }
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// What it has for metrics.
    pub(crate) fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(self.http).unwrap();
        let ask = "GET /metrics HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n";
        stream.write_all(ask.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    }

    /// Most memory that it has had, in MiB (`VmHWM`).
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            / 1_024
    }
}

/// Thread of the gateway that brings to the store what was acknowledged.
const BEHIND: &str = "applier";

/// Processor time of a process.
pub(crate) struct Used {
    /// Of all threads but the one that works on what was acknowledged.
    pub(crate) until_answer: Duration,
    pub(crate) all: Duration,
}

impl Used {
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            until_answer: self.until_answer.saturating_sub(before.until_answer),
            all: self.all.saturating_sub(before.all),
        }
    }
}

/// User and system time of a process or a thread (proc(5), fields 14 and 15 of `stat`).
fn ticks(of: &Path) -> Option<Duration> {
    let stat = std::fs::read_to_string(of.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = times.filter_map(|n| n.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 1_000 / TICKS_PER_S))
}

/// Clock ticks a second in which the kernel counts (`USER_HZ`, 100 on every Linux).
const TICKS_PER_S: u64 = 100;

/// This program, as a receiver that decodes and discards.
pub(crate) fn discard() -> Receiver {
    let program = std::env::current_exe().unwrap();
    let mut process = Command::new(program)
        .arg(DISCARD)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut told = BufReader::new(process.stdout.take().unwrap());
    told.read_line(&mut line).unwrap();
    Receiver {
        process,
        http: line.trim().parse().unwrap(),
        token: "bench".to_owned(),
        _data: None,
    }
}

/// The gateway, with a data directory of its own below `below`.
pub(crate) fn gateway(binary: &Path, below: &Path) -> Receiver {
    configured(binary, below, "", None)
}

/// The same with a configuration, and in a group of processes that may have so much memory.
pub(crate) fn configured(
    binary: &Path,
    below: &Path,
    config: &str,
    group: Option<&Path>,
) -> Receiver {
    let data = tempfile::tempdir_in(below).unwrap();
    let file = data.path().join("cordon.toml");
    std::fs::write(&file, config).unwrap();
    let command = || {
        let mut command = match group {
            // It joins the group, then it becomes the gateway.
            Some(group) => {
                let mut shell = Command::new("sh");
                let joined = format!("echo $$ > {}/cgroup.procs; exec \"$@\"", group.display());
                shell.args(["-c", &joined, "sh"]).arg(binary);
                shell
            }
            None => Command::new(binary),
        };
        command.arg("--data").arg(data.path().join("data"));
        command.arg("--config").arg(&file);
        command
    };
    let added = command()
        .args(["tenant", "add", "shop", "--region", "eu"])
        .output()
        .unwrap();
    assert!(added.status.success(), "tenant add failed");
    let token = String::from_utf8(added.stdout).unwrap().trim().to_owned();
    let mut process = command()
        .args(["serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    let http = loop {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "serve ended");
        if let Some((_, rest)) = line.split_once("listening http=") {
            break rest.split_whitespace().next().unwrap().parse().unwrap();
        }
    };
    // What it says further is read, so that it never waits for a reader.
    std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
    Receiver {
        process,
        http,
        token,
        _data: Some(data),
    }
}

/// Another product's receiver, its exporter set to throw away; none where it is not installed.
pub(crate) fn rival(program: &Path) -> Option<Receiver> {
    let port = || {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let (http, grpc) = (port(), port());
    let process = Command::new(program)
        .args(["start", "--exporter", "blackhole"])
        .args(["--otlp-http-endpoint", &http.to_string()])
        .args(["--otlp-grpc-endpoint", &grpc.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let begun = Instant::now();
    while TcpStream::connect(http).is_err() {
        assert!(
            begun.elapsed() < START_MAX,
            "the other receiver does not listen"
        );
        std::thread::park_timeout(Duration::from_millis(50));
    }
    Some(Receiver {
        process,
        http,
        token: "bench".to_owned(),
        _data: None,
    })
}

/// Where the other product's program is, if the environment says so.
pub(crate) fn rival_program() -> Option<PathBuf> {
    std::env::var_os("ROTEL").map(PathBuf::from)
}

/// Takes everything and keeps nothing.
struct Discard(Principal);

impl Admit for Discard {
    fn authenticate(&self, _bearer: &str) -> Result<Option<Principal>, AdmitError> {
        Ok(Some(self.0.clone()))
    }

    fn admit<'a>(
        &'a self,
        _who: &'a Principal,
        _body: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        Box::pin(async move {
            drop(events);
            Ok(())
        })
    }

    fn ready(&self) -> Readiness {
        Readiness::Ready
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

/// Serves until it is killed.
pub(crate) fn serve_discard() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let who = Principal {
            tenant: TenantId::parse("shop").unwrap(),
            region: Region::parse("eu").unwrap(),
        };
        let limits = cordon_receive::Limits::default();
        let never = std::future::pending();
        cordon_receive::serve(vec![listener], Arc::new(Discard(who)), limits, never)
            .await
            .unwrap();
    });
}
