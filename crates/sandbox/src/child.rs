//! One child process under limits: time, memory, files, output.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Exit, Limits, tasks};

/// How often the tasks of a run are counted.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// Between two looks at a child that closed its pipes.
const PAUSE: Duration = Duration::from_millis(5);

/// What a child is given to read.
pub(crate) type Feed = Box<dyn Read + Send>;

/// How a child ended and what it printed.
pub(crate) struct End {
    pub(crate) exit: Exit,
    pub(crate) stdout: Printed,
    pub(crate) stderr: Printed,
}

impl End {
    /// What it printed as text, stdout before stderr.
    pub(crate) fn text(&self) -> String {
        format!(
            "{}{}",
            String::from_utf8_lossy(&self.stdout.kept),
            String::from_utf8_lossy(&self.stderr.kept)
        )
    }
}

/// The beginning of what came out of a pipe.
#[derive(Default)]
pub(crate) struct Printed {
    pub(crate) kept: Vec<u8>,
    /// Whether there was more than was kept.
    pub(crate) cut: bool,
}

/// Sets the limits and becomes the command. A limit that the system does not know is passed over.
const LIMITED: &str = "ulimit -t \"$1\" 2>/dev/null; ulimit -v \"$2\" 2>/dev/null; \
    ulimit -f \"$3\" 2>/dev/null; ulimit -n \"$4\" 2>/dev/null; ulimit -c 0 2>/dev/null; \
    shift 4; exec \"$@\"";

/// Runs the words to their end, or to the end of the time.
pub(crate) fn run(
    words: &[OsString],
    dir: &Path,
    limits: &Limits,
    feed: Option<Feed>,
) -> io::Result<End> {
    // `ulimit -f` counts blocks of 512 bytes in POSIX shells.
    let numbers = [
        limits.cpu_s_max,
        limits.memory_kib_max,
        limits.file_kib_max * 2,
        limits.files_count_max,
    ];
    let mut child = Command::new("/bin/sh")
        .args(["-c", LIMITED, "sh"])
        .args(numbers.map(|n| n.to_string()))
        .args(words)
        .current_dir(dir)
        .env_clear()
        .process_group(0)
        .stdin(feed.as_ref().map_or_else(Stdio::null, |_| Stdio::piped()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    give(child.stdin.take(), feed);
    let (sender, ended) = mpsc::channel();
    let stdout = drain(child.stdout.take(), limits.output_bytes_max, 0, &sender);
    let stderr = drain(child.stderr.take(), limits.output_bytes_max, 1, &sender);
    drop((stdout, stderr, sender));
    let deadline = Instant::now() + limits.wall;
    let [mut told, mut complained] = [Printed::default(), Printed::default()];
    let stopped = loop {
        match ended.recv_timeout(WATCH_EVERY) {
            Ok((0, printed)) => told = printed,
            Ok((_, printed)) => complained = printed,
            // Both pipes are closed, so the child is at its end or has nothing more to say.
            Err(RecvTimeoutError::Disconnected) if child.try_wait()?.is_some() => break None,
            Err(RecvTimeoutError::Disconnected) => thread::sleep(PAUSE),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if Instant::now() >= deadline {
            break Some(Exit::TimedOut);
        }
        if tasks::count_below(child.id()) > limits.tasks_count_max {
            break Some(Exit::TooManyTasks);
        }
    };
    if stopped.is_some() {
        stop(&mut child);
    }
    let status = child.wait()?;
    Ok(End {
        exit: stopped.unwrap_or_else(|| exit_of(status)),
        stdout: told,
        stderr: complained,
    })
}

/// Writes the input in a thread of its own. A child that does not read to the end is no error: what
/// it prints tells; when it ends, or is ended, its pipe breaks and the thread is over.
fn give(pipe: Option<ChildStdin>, feed: Option<Feed>) {
    if let (Some(mut pipe), Some(mut feed)) = (pipe, feed) {
        drop(thread::spawn(move || io::copy(&mut feed, &mut pipe)));
    }
}

/// Reads a pipe to its end in a thread of its own and keeps its beginning.
fn drain<R: Read + Send + 'static>(
    pipe: Option<R>,
    bytes_max: usize,
    index: usize,
    sender: &mpsc::Sender<(usize, Printed)>,
) -> Option<thread::JoinHandle<()>> {
    let sender = sender.clone();
    let mut pipe = pipe?;
    Some(thread::spawn(move || {
        let mut kept = Vec::new();
        let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
        let read = pipe.by_ref().take(limit).read_to_end(&mut kept);
        // What is over the limit is read too, lest the child block on a full pipe.
        let rest = read.and_then(|_| io::copy(&mut pipe, &mut io::sink()));
        let cut = rest.is_ok_and(|bytes| bytes > 0);
        let _ = sender.send((index, Printed { kept, cut }));
    }))
}

/// Ends the child, its group and all below it. bubblewrap's children die with it.
fn stop(child: &mut Child) {
    let group = format!("-{}", child.id());
    let below = tasks::pids_below(child.id());
    let _ = Command::new("/bin/kill")
        .args(["-KILL", "--", &group])
        .args(below.iter().map(u32::to_string))
        .stderr(Stdio::null())
        .status();
    let _ = child.kill();
}

fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        // bubblewrap and shells tell of a signal as 128 and its number.
        (Some(code), _) if code > 128 => Exit::Signal,
        (Some(code), _) => Exit::Code(code),
        (None, _) => Exit::Signal,
    }
}

/// The beginning of a file as text; `None` where there is none.
pub(crate) fn read_capped(path: &Path, bytes_max: usize) -> Option<String> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    // Written by what ran inside: a link could point anywhere, so it is not followed.
    let plain = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    if !plain {
        return None;
    }
    File::open(path)
        .ok()?
        .take(limit)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
