//! Tokens that a terminal or mailer wrapped over the end of a line.

use super::{Screen, asked};
use crate::bytes::{at, before, run, run_back};
use crate::{provider, shadow};

/// Bytes before a line break in which a wrapped token may begin.
const HEAD_BYTES_MAX: usize = 600;
/// Shortest beginning of a token before a line break.
const HEAD_BYTES_MIN: usize = 8;

fn token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b':' | b'%')
}

impl Screen {
    /// The end of a line whose last byte may be a token's.
    pub(super) fn line_end(&mut self, text: &str, i: usize) {
        let bytes = text.as_bytes();
        if before(bytes, i) == b'=' && shadow::disguises(text, i - 1) {
            self.disguises.push(i as u32 - 1);
        }
        let end = match before(bytes, i) {
            b'\r' | b'\\' => i - 1,
            _ => i,
        };
        // The next line goes on, at most behind blanks.
        let next = run(bytes, i + 1, 40, |b| b == b' ');
        if !token(before(bytes, end)) || !token(at(bytes, next)) {
            return;
        }
        let start = run_back(bytes, end, HEAD_BYTES_MAX, token);
        if end - start < HEAD_BYTES_MIN {
            return;
        }
        for n in (start..end).filter(|n| asked(bytes, *n)) {
            if provider::may_begin(bytes, n) {
                self.add(n);
            }
        }
    }
}
