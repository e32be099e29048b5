//! Standard input in pieces, as they arrive, and the news that nothing does.
//!
//! A thread of its own reads, since a read cannot be given up; it ends with the process.
//!
//! *Limits:* [`WAITING_COUNT_MAX`] pieces of [`READ_BYTES`] wait to be redacted.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use cordon_event::Raw;
use zeroize::Zeroizing;

/// Bytes that are read at once.
const READ_BYTES: usize = 256 << 10;
/// Pieces that wait for their turn.
const WAITING_COUNT_MAX: usize = 2;
/// How long a whole line is held for what may follow it.
const HOLD_MS_MAX: u64 = 500;

/// What came in.
pub(crate) enum Arrived {
    /// The next bytes.
    Bytes(Raw<Vec<u8>>),
    /// Nothing for as long as a line may be held.
    Nothing,
    /// No more.
    End,
}

/// Bytes that another thread reads.
pub(crate) struct Input {
    pieces: Receiver<std::io::Result<Raw<Vec<u8>>>>,
}

impl Input {
    /// Starts to read.
    pub(crate) fn start(mut from: impl Read + Send + 'static) -> Self {
        let (sender, pieces) = sync_channel(WAITING_COUNT_MAX);
        std::thread::spawn(move || {
            let mut buffer = Zeroizing::new(vec![0; READ_BYTES]);
            loop {
                let read = match from.read(&mut buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    other => other,
                };
                let ends = !matches!(read, Ok(1..));
                let piece = read.map(|count| {
                    let read = buffer.get(..count).unwrap_or(&[]);
                    Raw::new(read.to_vec())
                });
                // Nobody receives once the output is closed.
                if sender.send(piece).is_err() || ends {
                    return;
                }
            }
        });
        Self { pieces }
    }

    /// What comes next; where lines are held, not for longer than that may be.
    pub(crate) fn next(&self, holds_lines: bool) -> std::io::Result<Arrived> {
        let hold = Duration::from_millis(HOLD_MS_MAX);
        let piece = if holds_lines {
            match self.pieces.recv_timeout(hold) {
                Ok(piece) => piece,
                Err(RecvTimeoutError::Timeout) => return Ok(Arrived::Nothing),
                Err(RecvTimeoutError::Disconnected) => return Ok(Arrived::End),
            }
        } else {
            match self.pieces.recv() {
                Ok(piece) => piece,
                Err(_) => return Ok(Arrived::End),
            }
        };
        let piece = piece?;
        Ok(if piece.count() == 0 {
            Arrived::End
        } else {
            Arrived::Bytes(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a pipe may.
    struct Dribble(&'static [u8], usize);

    impl Read for Dribble {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(self.1).min(into.len());
            let (head, tail) = self.0.split_at(count);
            into[..count].copy_from_slice(head);
            self.0 = tail;
            Ok(count)
        }
    }

    /// Waits for the word to go on, then fails.
    struct Waits(Receiver<()>);

    impl Read for Waits {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            self.0.recv().map_err(std::io::Error::other)?;
            Err(std::io::Error::other("gone"))
        }
    }

    #[test]
    fn every_byte_arrives() {
        for step in 1..9 {
            let input = Input::start(Dribble(b"one\ntwo", step));
            let mut count = 0;
            while let Arrived::Bytes(piece) = input.next(false).unwrap() {
                count += piece.count();
            }
            assert_eq!(count, 7, "{step}");
        }
    }

    #[test]
    fn held_lines_are_not_held_for_ever_and_an_error_is_told() {
        let (go_on, word) = sync_channel(0);
        let input = Input::start(Waits(word));
        assert!(matches!(input.next(true), Ok(Arrived::Nothing)));
        go_on.send(()).unwrap();
        assert!(input.next(false).is_err());
    }
}
