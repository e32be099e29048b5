//! Tokens that a terminal or mailer wrapped over the end of a line.

use super::{Around, Screen, asked, bits};
use crate::bytes::{at, before, run_back};
use crate::provider;

/// Bytes before a line break in which a wrapped token may begin.
const HEAD_BYTES_MAX: usize = 600;
/// Shortest beginning of a token before a line break.
const HEAD_BYTES_MIN: usize = 8;

fn token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b':' | b'%')
}

impl Screen {
    pub(super) fn edges(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        for i in bits(base, v.here.newline) {
            let end = match before(bytes, i) {
                b'\r' | b'\\' => i - 1,
                _ => i,
            };
            if !token(before(bytes, end)) {
                continue;
            }
            // The next line goes on, at most behind blanks.
            let next = crate::bytes::run(bytes, i + 1, 40, |b| b == b' ');
            if !token(at(bytes, next)) {
                continue;
            }
            let start = run_back(bytes, end, HEAD_BYTES_MAX, token);
            if end - start < HEAD_BYTES_MIN {
                continue;
            }
            for n in start..end {
                if asked(bytes, n) && provider::may_begin(bytes, n) {
                    self.add(n);
                }
            }
        }
    }
}
