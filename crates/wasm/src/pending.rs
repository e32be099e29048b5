//! Raw lines that wait until their clean ones are told: a page marks places in both.
//!
//! *Limits:* of a line [`LINE_BYTES_MAX`] bytes are kept, as many as redaction reads of it; lines
//! wait no longer than redaction holds them back. What is kept is wiped.

use cordon_redact::LINE_BYTES_MAX;
use zeroize::Zeroizing;

/// The raw lines, in order.
#[derive(Default)]
pub(crate) struct Pending {
    bytes: Zeroizing<Vec<u8>>,
    /// First byte of the next line to be told.
    from: usize,
    /// Bytes of the line that has begun.
    begun: usize,
}

impl Pending {
    /// Adds bytes, cut anywhere.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            let room = LINE_BYTES_MAX.saturating_sub(self.begun);
            let kept = part.get(..room).unwrap_or(part);
            self.bytes.extend_from_slice(kept);
            self.begun += kept.len();
            if part.ends_with(b"\n") {
                if kept.len() < part.len() {
                    self.bytes.push(b'\n');
                }
                self.begun = 0;
            }
        }
    }

    /// The next line.
    pub(crate) fn next_line(&mut self) -> Line<'_> {
        let rest = self.bytes.get(self.from..).unwrap_or(&[]);
        let end = rest.iter().position(|b| *b == b'\n');
        self.from += end.map_or(rest.len(), |n| n + 1);
        let line = end.and_then(|n| rest.get(..n));
        Line(line.map_or(rest, |line| line.strip_suffix(b"\r").unwrap_or(line)))
    }

    /// Lines that were told need not be kept.
    pub(crate) fn forget(&mut self) {
        if self.from == self.bytes.len() {
            self.bytes = Zeroizing::default();
            self.from = 0;
        }
    }

    /// Bytes that wait.
    #[cfg(test)]
    pub(crate) fn len_bytes(&self) -> usize {
        self.bytes.len() - self.from
    }

    /// Moves what waits to the front of memory that also holds as many bytes more: what is left
    /// behind is wiped, which growing a list would not do.
    fn make_room(&mut self, bytes: usize) {
        let waits = self.bytes.get(self.from..).unwrap_or(&[]);
        if self.bytes.len() + bytes < self.bytes.capacity() {
            return;
        }
        // Twice what waits, so that each byte is moved a bounded number of times.
        let mut grown = Vec::with_capacity(2 * waits.len() + bytes + 1);
        grown.extend_from_slice(waits);
        self.bytes = Zeroizing::new(grown);
        self.from = 0;
    }
}

/// A raw line, without its line break.
pub(crate) struct Line<'p>(&'p [u8]);

impl Line<'_> {
    /// Its text; what is none in it is replaced, as redaction does.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(String::from_utf8_lossy(self.0).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_however_they_were_cut() {
        let text = b"one\r\n\ntwo\xff\nthr\xc3\xa9e";
        for cut in 1..text.len() {
            let mut pending = Pending::default();
            text.chunks(cut).for_each(|part| pending.add(part));
            let lines: Vec<String> = (0..4)
                .map(|_| pending.next_line().text().to_string())
                .collect();
            assert_eq!(lines, ["one", "", "two\u{fffd}", "thrée"]);
            assert_eq!(pending.len_bytes(), 0);
            pending.forget();
            pending.add(b"x\n");
            assert_eq!(*pending.next_line().text(), "x");
        }
    }

    #[test]
    fn of_a_long_line_as_much_is_kept_as_is_read() {
        let mut pending = Pending::default();
        let part = vec![b'a'; LINE_BYTES_MAX / 2 + 1];
        for _ in 0..4 {
            pending.add(&part);
        }
        pending.add(b"b\nc\n");
        assert_eq!(pending.next_line().text().len(), LINE_BYTES_MAX);
        assert_eq!(*pending.next_line().text(), "c");
    }
}
