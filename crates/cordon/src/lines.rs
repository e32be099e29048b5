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
    /// The text without its ending; what is not UTF-8 is replaced.
    pub(crate) text: String,
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
        let ended = take_ending(&mut bytes);
        let part = Part {
            line: self.line,
            offset: self.offset,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        };
        if ended {
            self.line += 1;
            self.offset = 0;
        } else {
            self.offset += read;
        }
        Ok(Some(part))
    }
}

/// Takes the line's ending off, if it has one.
fn take_ending(line: &mut Vec<u8>) -> bool {
    let ended = line.pop_if(|b| *b == b'\n').is_some();
    if ended {
        line.pop_if(|b| *b == b'\r');
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(input: &[u8]) -> Vec<(u64, usize)> {
        let mut lines = Lines::new(input);
        let mut found = Vec::new();
        while let Some(part) = lines.next_part().unwrap() {
            found.push((part.line, part.offset));
        }
        found
    }

    #[test]
    fn a_long_line_is_cut_and_keeps_its_number() {
        let long = [vec![b'a'; LINE_BYTES_MAX + 5], b"\r\nb".to_vec()].concat();
        assert_eq!(places(&long), [(1, 0), (1, LINE_BYTES_MAX), (2, 0)]);
        assert_eq!(
            places(
                b"

"
            ),
            [(1, 0), (2, 0)]
        );
        assert_eq!(places(b""), []);
    }
}
