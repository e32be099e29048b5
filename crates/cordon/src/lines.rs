//! Lines of any length in, parts of a bounded length out.

use std::io::{BufRead as _, BufReader, Read};

use zeroize::Zeroizing;

/// Bytes of one line that are taken as one; a longer line is cut there.
const LINE_BYTES_MAX: usize = 16 << 20;

/// A line, or a part of a longer one.
pub(crate) struct Part {
    /// Number of the line, from 1.
    pub(crate) line: u64,
    /// Where in its line it begins, in bytes.
    pub(crate) offset: usize,
    /// The text; what is not UTF-8 is replaced.
    pub(crate) text: String,
    /// The line's ending: `\n`, `\r\n`, or none at the end of the input and where it was cut.
    pub(crate) ending: &'static [u8],
}

/// Reads parts of lines.
pub(crate) struct Lines<R> {
    from: BufReader<R>,
    line: u64,
    offset: usize,
}

impl<R: Read> Lines<R> {
    /// Starts before line 1.
    pub(crate) fn new(from: R) -> Self {
        Self {
            from: BufReader::new(from),
            line: 1,
            offset: 0,
        }
    }

    /// The next part; none at the end of the input.
    pub(crate) fn next_part(&mut self) -> std::io::Result<Option<Part>> {
        let mut bytes = Zeroizing::new(Vec::new());
        let read =
            Read::take(&mut self.from, LINE_BYTES_MAX as u64).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        let ending = take_ending(&mut bytes);
        let part = Part {
            line: self.line,
            offset: self.offset,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            ending,
        };
        if ending.is_empty() {
            self.offset += read;
        } else {
            self.line += 1;
            self.offset = 0;
        }
        Ok(Some(part))
    }
}

/// Takes the line's ending off.
fn take_ending(line: &mut Vec<u8>) -> &'static [u8] {
    for ending in [b"\r\n".as_slice(), b"\n"] {
        if line.ends_with(ending) {
            line.truncate(line.len() - ending.len());
            return ending;
        }
    }
    b""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(input: &[u8]) -> Vec<(u64, usize, &'static [u8])> {
        let mut lines = Lines::new(input);
        let mut found = Vec::new();
        while let Some(part) = lines.next_part().unwrap() {
            found.push((part.line, part.offset, part.ending));
        }
        found
    }

    #[test]
    fn a_long_line_is_cut_and_keeps_its_number() {
        let long = [vec![b'a'; LINE_BYTES_MAX + 5], b"\r\nb".to_vec()].concat();
        let want: [(u64, usize, &[u8]); 3] =
            [(1, 0, b""), (1, LINE_BYTES_MAX, b"\r\n"), (2, 0, b"")];
        assert_eq!(places(&long), want);
        let want: [(u64, usize, &[u8]); 2] = [(1, 0, b"\n"), (2, 0, b"\n")];
        assert_eq!(places(b"\n\n"), want);
        assert_eq!(places(b""), []);
    }
}
