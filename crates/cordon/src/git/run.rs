//! A program is run, and its output given piece by piece, until a time is over.
//!
//! *Limits:* [`OUTPUT_BYTES_MAX`] of output, [`LINE_BYTES_MAX`] of a piece.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};

/// Bytes of one command's output.
const OUTPUT_BYTES_MAX: u64 = 512 << 20;
/// Bytes of one line of it; the rest of a longer one is skipped.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Time in which a program that was killed is gone.
const REAP_WAIT_MAX: Duration = Duration::from_secs(1);
/// Time between two looks whether a program has ended.
const POLL_WAIT: Duration = Duration::from_millis(2);

/// Up to where a program's output was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    /// More was there than is read.
    Cut,
    /// The time was over.
    Late,
}

/// Runs it and gives its output piece by piece, until `take` wants no more or the time is over. A
/// piece that does not come to its end is not given.
pub(super) fn lines(
    mut command: Command,
    until: Instant,
    end: u8,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> anyhow::Result<End> {
    let mut child = command.spawn().context("start git")?;
    let out = child.stdout.take().context("read from git")?;
    let (done, waited) = mpsc::channel::<bool>();
    // Reading ends when the program does: whoever waits too long ends it.
    let guard = std::thread::spawn(move || watch(child, &waited, until));
    let mut from = BufReader::with_capacity(1 << 18, out.take(OUTPUT_BYTES_MAX));
    let mut given = 0_u64;
    let read = pieces(&mut from, end, &mut |piece| {
        given += 1;
        take(piece)
    });
    let is_cut = !matches!(read, Ok(true)) || from.get_ref().limit() == 0;
    // A failure to send is a watch that has ended, as late.
    let _ = done.send(is_cut);
    drop(from);
    let ended = guard.join().map_err(|_| anyhow!("wait for git"))?;
    read.context("read from git")?;
    match ended {
        Ended::Late if given == 0 => Err(anyhow!("git told nothing in the time it was given")),
        Ended::Late => Ok(End::Late),
        _ if is_cut => Ok(End::Cut),
        Ended::Well => Ok(End::Whole),
        Ended::Badly => Err(anyhow!(
            "read the repository: git refuses it (is it one, with a commit, and your own?)"
        )),
    }
}

/// Gives what is read piece by piece. Whether all of it was wanted.
fn pieces(
    from: &mut impl std::io::BufRead,
    end: u8,
    take: &mut dyn FnMut(&[u8]) -> bool,
) -> std::io::Result<bool> {
    let mut piece = Vec::new();
    loop {
        piece.clear();
        from.by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(end, &mut piece)?;
        if piece.last() == Some(&end) {
            piece.pop();
        } else if piece.len() as u64 >= LINE_BYTES_MAX {
            skip(from, end);
        } else {
            return Ok(true);
        }
        if !take(&piece) {
            return Ok(false);
        }
    }
}

/// Drops the rest of a line.
fn skip(from: &mut impl std::io::BufRead, end: u8) {
    while let Ok(buffer) = from.fill_buf() {
        if buffer.is_empty() {
            return;
        }
        if let Some(at) = buffer.iter().position(|b| *b == end) {
            from.consume(at + 1);
            return;
        }
        let len = buffer.len();
        from.consume(len);
    }
}

/// How the program ended.
enum Ended {
    Well,
    Badly,
    /// It was ended, since it took too long.
    Late,
}

/// Waits for the end of the reading, then for the program's own, both until the time is over. A
/// program whose output is not read to its end has nothing left to do.
fn watch(mut child: Child, read: &mpsc::Receiver<bool>, until: Instant) -> Ended {
    let left = until.saturating_duration_since(Instant::now());
    let told = read.recv_timeout(left);
    let is_whole = told == Ok(false);
    let ended = if is_whole {
        reap(&mut child, until)
    } else {
        None
    };
    if let Some(status) = ended {
        return if status.success() {
            Ended::Well
        } else {
            Ended::Badly
        };
    }
    // It may have ended in this very moment.
    let _ = child.kill();
    reap(&mut child, Instant::now() + REAP_WAIT_MAX);
    if is_whole || told == Err(mpsc::RecvTimeoutError::Timeout) {
        Ended::Late
    } else {
        Ended::Badly
    }
}

/// The status of a program that ends until then. It is looked for again and again: the standard
/// library cannot wait for a program with a limit, and who waits without one cannot end it.
fn reap(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(POLL_WAIT),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    /// What a program's output comes to in a time, and the lines that were given.
    fn run(script: &str, wait: Duration, count_max: usize) -> (anyhow::Result<End>, Vec<String>) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        let mut found = Vec::new();
        let end = lines(command, Instant::now() + wait, b'\n', &mut |line| {
            if found.len() >= count_max {
                return false;
            }
            found.push(String::from_utf8_lossy(line).into_owned());
            true
        });
        (end, found)
    }

    #[test]
    fn a_program_is_waited_for_until_the_time_is_over() {
        let (short, long) = (Duration::from_millis(300), Duration::from_mins(1));
        let begun = Instant::now();
        for (script, wait, want) in [
            ("echo a; echo b", long, Some(End::Whole)),
            ("echo a; echo b; echo c", long, Some(End::Cut)),
            ("echo a; exit 1", long, None),
            ("exec sleep 100", short, None),
            ("printf begun; exec sleep 100", short, None),
            ("echo a; printf b; exec sleep 100", short, Some(End::Late)),
            ("echo a; exec >&-; exec sleep 100", short, Some(End::Late)),
            // It lives on after what was wanted: it is not waited for.
            (
                "echo a; echo b; echo c; exec sleep 100",
                long,
                Some(End::Cut),
            ),
        ] {
            let (end, found) = run(script, wait, 2);
            assert_eq!(end.ok(), want, "{script}");
            let whole = if want == Some(End::Late) { 1 } else { 2 };
            assert!(
                want.is_none() || found.len() == whole,
                "{script}: {found:?}"
            );
        }
        assert!(begun.elapsed() < long);
    }
}
