//! Whole lines, as many together as have arrived: a pipe that goes on slowly is not waited for,
//! and a file is read in large pieces.

use std::io::{BufRead as _, BufReader, Read};

use zeroize::{Zeroize as _, Zeroizing};

use crate::lines::LINE_BYTES_MAX;

/// Bytes that are read at once.
const READ_BYTES: usize = 256 << 10;

/// Whole lines with their line breaks, or a part of a longer one.
pub(crate) struct Block {
    /// Number of the first line, from 1.
    pub(crate) line: u64,
    /// Where in its line the block begins, in bytes; 0 but behind a line that was cut.
    pub(crate) offset: usize,
    /// The text; what is not UTF-8 is replaced.
    pub(crate) text: String,
}

/// Reads blocks of lines.
pub(crate) struct Blocks<R> {
    from: BufReader<R>,
    /// The beginning of a line whose end has not arrived.
    begun: Zeroizing<Vec<u8>>,
    line: u64,
    offset: usize,
}

impl<R: Read> Blocks<R> {
    /// Starts before line 1.
    pub(crate) fn new(from: R) -> Self {
        Self {
            from: BufReader::with_capacity(READ_BYTES, from),
            begun: Zeroizing::default(),
            line: 1,
            offset: 0,
        }
    }

    /// The next block; none at the end of the input.
    pub(crate) fn next_block(&mut self) -> std::io::Result<Option<Block>> {
        loop {
            let read = self.from.fill_buf()?;
            let room = LINE_BYTES_MAX - self.begun.len();
            let read = read.get(..room).unwrap_or(read);
            if read.is_empty() {
                return Ok((!self.begun.is_empty()).then(|| self.take(0)));
            }
            let whole = memchr::memrchr(b'\n', read).map(|n| n + 1);
            let rest = read.len() - whole.unwrap_or(0);
            let count = read.len();
            self.begun.extend_from_slice(read);
            self.from.consume(count);
            if whole.is_some() {
                return Ok(Some(self.take(rest)));
            }
            if self.begun.len() == LINE_BYTES_MAX {
                return Ok(Some(self.take(0)));
            }
        }
    }

    /// All that was read but the last `rest` bytes.
    fn take(&mut self, rest: usize) -> Block {
        let end = self.begun.len().saturating_sub(rest);
        let (whole, begun) = self.begun.split_at_checked(end).unwrap_or((&[], &[]));
        let begun = Zeroizing::new(begun.to_vec());
        let block = Block {
            line: self.line,
            offset: self.offset,
            text: String::from_utf8_lossy(whole).into_owned(),
        };
        let breaks = memchr::memchr_iter(b'\n', whole).count() as u64;
        self.line += breaks;
        self.offset = if breaks > 0 { 0 } else { self.offset + end };
        self.begun.zeroize();
        self.begun = begun;
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a pipe may.
    struct Dribble<'t>(&'t [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(self.1).min(into.len());
            let (head, tail) = self.0.split_at(count);
            into[..count].copy_from_slice(head);
            self.0 = tail;
            Ok(count)
        }
    }

    #[test]
    fn lines_come_whole_however_they_arrive() {
        let text = "one\ntwo\r\n\nthree é four\nfive";
        for step in 1..text.len() {
            let mut blocks = Blocks::new(Dribble(text.as_bytes(), step));
            let (mut joined, mut lines) = (String::new(), 1);
            while let Some(block) = blocks.next_block().unwrap() {
                assert_eq!((block.line, block.offset), (lines, 0), "{step}");
                lines += block.text.matches('\n').count() as u64;
                joined += &block.text;
                assert!(block.text.ends_with('\n') || joined == text, "{step}");
            }
            assert_eq!(joined, text, "{step}");
        }
    }

    #[test]
    fn a_long_line_is_cut_and_keeps_its_number() {
        let long = [
            b"a\n".to_vec(),
            vec![b'b'; LINE_BYTES_MAX + 5],
            b"\nc".to_vec(),
        ]
        .concat();
        let mut blocks = Blocks::new(&*long);
        let mut places = Vec::new();
        while let Some(block) = blocks.next_block().unwrap() {
            places.push((block.line, block.offset, block.text.len()));
        }
        let total: usize = places.iter().map(|(.., length)| length).sum();
        assert_eq!(total, long.len());
        assert!(places.contains(&(2, LINE_BYTES_MAX, 6)), "{places:?}");
    }
}
