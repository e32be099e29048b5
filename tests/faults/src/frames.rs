//! Where frames lie in a segment: a reader of its own, to tell what the journal's has to find.
//!
//! It walks from frame to frame and stops at the first that is not whole, which is what a disk
//! leaves that loses its end. What is turned over afterwards is told by the place of the bit.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use cordon_journal::Cursor;

const HEADER_BYTES: usize = 16;

/// A segment file.
pub(crate) struct SegmentFrames {
    pub(crate) number: u64,
    pub(crate) len: u64,
    /// First byte and end of each whole frame.
    pub(crate) frames: Vec<(u64, u64)>,
    /// First bytes of frames that were hit.
    pub(crate) hit: BTreeSet<u64>,
}

/// What a journal has to say of the segments when it opens them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) frames: u64,
    pub(crate) damaged: u64,
    pub(crate) damaged_bytes: u64,
    /// Segment, first byte and end of each damaged range.
    pub(crate) ranges: Vec<(u64, u64, u64)>,
}

impl SegmentFrames {
    /// All segments of a folder, in order.
    pub(crate) fn all(dir: &Path) -> io::Result<Vec<Self>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let number = name.and_then(|name| name.strip_suffix(".seg")?.parse().ok());
            let Some(number) = number else {
                continue;
            };
            let bytes = fs::read(&path)?;
            all.push(Self {
                number,
                len: bytes.len() as u64,
                frames: walk(&bytes),
                hit: BTreeSet::new(),
            });
        }
        all.sort_by_key(|segment| segment.number);
        Ok(all)
    }

    /// Notes that a byte is not what it was; the end of the frame that it is of, where that was not
    /// hit before.
    pub(crate) fn strike(&mut self, at: u64) -> Option<Cursor> {
        let frames = self.frames.iter();
        let (start, end) = frames
            .copied()
            .find(|(start, end)| (*start..*end).contains(&at))?;
        self.hit.insert(start).then_some(Cursor {
            segment: self.number,
            offset: end,
        })
    }

    /// Adds what is to be found from `consumed` on.
    pub(crate) fn expect(&self, consumed: Cursor, expected: &mut Expected) {
        if self.number < consumed.segment {
            return;
        }
        let mut at = if self.number == consumed.segment {
            consumed.offset
        } else {
            0
        };
        let whole = self
            .frames
            .iter()
            .filter(|(start, _)| !self.hit.contains(start));
        for (start, end) in whole
            .filter(|(start, _)| *start >= at)
            .copied()
            .collect::<Vec<_>>()
        {
            expected.damage(self.number, at, start);
            expected.frames += 1;
            at = end;
        }
        expected.damage(self.number, at, self.len);
    }
}

impl Expected {
    fn damage(&mut self, segment: u64, from: u64, to: u64) {
        if from < to {
            self.damaged += 1;
            self.damaged_bytes += to - from;
            self.ranges.push((segment, from, to));
        }
    }
}

fn walk(bytes: &[u8]) -> Vec<(u64, u64)> {
    let (mut at, mut frames) = (0, Vec::new());
    while let Some(len) = bytes.get(at..).and_then(frame) {
        frames.push((at as u64, (at + len) as u64));
        at += len;
    }
    frames
}

/// Length of the whole frame that stands at the beginning.
fn frame(bytes: &[u8]) -> Option<usize> {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*four))
    };
    let header_fits = bytes.starts_with(b"CRD\x01") && crc32c(bytes.get(..12)?) == number(12)?;
    let len = HEADER_BYTES + number(4)? as usize;
    let payload = bytes.get(HEADER_BYTES..len)?;
    (header_fits && crc32c(payload) == number(8)?).then_some(len)
}

/// CRC-32C (RFC 3720, appendix B.4), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg());
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), step);
    !bytes.iter().fold(!0, byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA);
    }
}
