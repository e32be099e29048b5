//! The frame: how one sealed batch lies in a segment, and how frames are found again.
//!
//! ```text
//! magic "CRD\x01" | payload length u32 | CRC-32C of payload u32 | CRC-32C of these 12 bytes u32
//! payload: tenant length u8 | tenant | wrapped key length u16 | wrapped key | sealed batch
//! ```
//!
//! Numbers are big-endian. Each frame carries its own wrapped key (about a hundred bytes), so that
//! damage to one frame never costs another. The header has a checksum of its own, so that looking
//! for the next frame inside damage costs a constant a position.
//!
//! *Invariant:* no byte sequence makes these functions panic or read out of bounds.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use cordon_event::TenantId;

use crate::crc32c;

/// Bytes of a frame before its payload.
pub(crate) const HEADER_BYTES: u64 = 16;
const MAGIC: [u8; 4] = *b"CRD\x01";
/// Bytes looked through at once while searching for the next frame.
const WINDOW_BYTES: u64 = 1 << 20;

/// The payload of an undamaged frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Whose it is.
    pub(crate) tenant: TenantId,
    /// Wrapped key that its batch is sealed under.
    pub(crate) wrapped: Vec<u8>,
    /// The sealed batch.
    pub(crate) sealed: Vec<u8>,
}

/// What stands at a position of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An undamaged frame that ends before `end`.
    Frame {
        /// The frame.
        frame: Frame,
        /// First byte after it.
        end: u64,
    },
    /// Bytes that are no frame, up to the next undamaged frame or the end of the segment.
    Damage {
        /// First byte after the damage.
        end: u64,
    },
    /// Nothing more.
    End,
}

/// Associated data of a sealed batch: it cannot be moved to another place or tenant.
pub(crate) fn context(segment: u64, offset: u64, tenant: &TenantId) -> Vec<u8> {
    let mut context = b"cordon.journal.v1".to_vec();
    context.extend_from_slice(&segment.to_be_bytes());
    context.extend_from_slice(&offset.to_be_bytes());
    context.extend_from_slice(tenant.as_str().as_bytes());
    context
}

/// Appends a frame to `out`; `None`, and nothing appended, when a part does not fit its length
/// field.
pub(crate) fn write(out: &mut Vec<u8>, frame: &Frame) -> Option<()> {
    let tenant = frame.tenant.as_str().as_bytes();
    let tenant_len = u8::try_from(tenant.len()).ok()?;
    let wrapped_len = u16::try_from(frame.wrapped.len()).ok()?;
    let mut payload = vec![tenant_len];
    payload.extend_from_slice(tenant);
    payload.extend_from_slice(&wrapped_len.to_be_bytes());
    payload.extend_from_slice(&frame.wrapped);
    payload.extend_from_slice(&frame.sealed);
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(&u32::try_from(payload.len()).ok()?.to_be_bytes());
    header.extend_from_slice(&crc32c::update(0, &payload).to_be_bytes());
    let sum = crc32c::update(0, &header);
    header.extend_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(&payload);
    Some(())
}

/// Payload length and checksum, where `bytes` begin with an undamaged header.
fn read_header(bytes: &[u8]) -> Option<(u64, u32)> {
    let (summed, rest) = bytes.split_first_chunk::<12>()?;
    let sum = u32::from_be_bytes(*rest.first_chunk::<4>()?);
    let (magic, numbers) = summed.split_first_chunk::<4>()?;
    let (len, crc) = numbers.split_first_chunk::<4>()?;
    let crc = u32::from_be_bytes(*crc.first_chunk::<4>()?);
    let fits = *magic == MAGIC && crc32c::update(0, summed) == sum;
    fits.then(|| (u64::from(u32::from_be_bytes(*len)), crc))
}

fn read_payload(payload: &[u8]) -> Option<Frame> {
    let (tenant_len, rest) = payload.split_first()?;
    let (tenant, rest) = rest.split_at_checked(usize::from(*tenant_len))?;
    let (wrapped_len, rest) = rest.split_first_chunk::<2>()?;
    let (wrapped, sealed) = rest.split_at_checked(usize::from(u16::from_be_bytes(*wrapped_len)))?;
    let tenant = TenantId::parse(std::str::from_utf8(tenant).ok()?).ok()?;
    Some(Frame {
        tenant,
        wrapped: wrapped.to_vec(),
        sealed: sealed.to_vec(),
    })
}

/// The readable part of a segment file.
pub(crate) struct Span<'a> {
    /// The file.
    pub(crate) file: &'a File,
    /// First byte that may not be read.
    pub(crate) end: u64,
    /// Longest payload that is believed.
    pub(crate) frame_bytes_max: u64,
}

impl Span<'_> {
    /// What stands at `offset`. Reads only; an error is one of the disk.
    pub(crate) fn step(&self, offset: u64) -> io::Result<Step> {
        if offset >= self.end {
            return Ok(Step::End);
        }
        if let Some((frame, end)) = self.frame_at(offset)? {
            return Ok(Step::Frame { frame, end });
        }
        Ok(Step::Damage {
            end: self.search(offset.saturating_add(1))?,
        })
    }

    fn frame_at(&self, offset: u64) -> io::Result<Option<(Frame, u64)>> {
        let Some(header) = self.bytes(offset, HEADER_BYTES)? else {
            return Ok(None);
        };
        let Some((len, crc)) = read_header(&header) else {
            return Ok(None);
        };
        if len > self.frame_bytes_max {
            return Ok(None);
        }
        let start = offset.saturating_add(HEADER_BYTES);
        let Some(payload) = self.bytes(start, len)? else {
            return Ok(None);
        };
        if crc32c::update(0, &payload) != crc {
            return Ok(None);
        }
        Ok(read_payload(&payload).map(|frame| (frame, start.saturating_add(len))))
    }

    /// Start of the next undamaged frame at or after `from`, or the end.
    fn search(&self, from: u64) -> io::Result<u64> {
        let mut at = from;
        while at.saturating_add(HEADER_BYTES) <= self.end {
            let len = WINDOW_BYTES.min(self.end - at);
            let Some(window) = self.bytes(at, len)? else {
                break;
            };
            for (i, head) in window.windows(HEADER_BYTES as usize).enumerate() {
                let found = at.saturating_add(i as u64);
                if head.starts_with(&MAGIC)
                    && read_header(head).is_some()
                    && self.frame_at(found)?.is_some()
                {
                    return Ok(found);
                }
            }
            at = at.saturating_add(len - (HEADER_BYTES - 1));
        }
        Ok(self.end)
    }

    /// Exactly these bytes; `None` when they reach past the end, or the file has shrunk.
    pub(crate) fn bytes(&self, offset: u64, len: u64) -> io::Result<Option<Vec<u8>>> {
        if offset.checked_add(len).is_none_or(|end| end > self.end) {
            return Ok(None);
        }
        let Ok(len) = usize::try_from(len) else {
            return Ok(None);
        };
        let mut bytes = vec![0; len];
        match self.file.read_exact_at(&mut bytes, offset) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    const FRAME_BYTES_MAX: u64 = 1 << 16;

    fn frame(n: u8) -> Frame {
        Frame {
            tenant: TenantId::parse(["acme", "beta"][usize::from(n % 2)]).unwrap(),
            wrapped: vec![n; 40],
            sealed: vec![n; 30 + usize::from(n) * 3],
        }
    }

    fn read_all(bytes: &[u8]) -> (Vec<Frame>, u64) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let span = Span {
            file: &file,
            end: bytes.len() as u64,
            frame_bytes_max: FRAME_BYTES_MAX,
        };
        let (mut at, mut frames, mut damaged) = (0, Vec::new(), 0);
        loop {
            match span.step(at).unwrap() {
                Step::Frame { frame, end } => {
                    assert!(end > at);
                    frames.push(frame);
                    at = end;
                }
                Step::Damage { end } => {
                    assert!(end > at);
                    damaged += end - at;
                    at = end;
                }
                Step::End => return (frames, damaged),
            }
        }
    }

    fn segment(count: u8) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for n in 0..count {
            write(&mut bytes, &frame(n)).unwrap();
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn frames_survive_the_round_trip() {
        let (bytes, _) = segment(20);
        assert_eq!(read_all(&bytes), ((0..20).map(frame).collect(), 0));
    }

    #[test]
    fn a_cut_at_any_byte_keeps_every_whole_frame() {
        let (bytes, ends) = segment(5);
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let kept = ends[..whole].last().copied().unwrap_or(0);
            let (frames, damaged) = read_all(&bytes[..cut]);
            assert_eq!(
                frames,
                (0..whole as u8).map(frame).collect::<Vec<_>>(),
                "cut at {cut}"
            );
            assert_eq!(damaged, (cut - kept) as u64);
        }
    }

    #[test]
    fn a_frame_across_the_search_window_is_found() {
        for gap in [
            WINDOW_BYTES - 20,
            WINDOW_BYTES - 8,
            WINDOW_BYTES - 1,
            WINDOW_BYTES + 3,
        ] {
            let mut bytes = vec![b'C'; gap as usize];
            write(&mut bytes, &frame(3)).unwrap();
            assert_eq!(read_all(&bytes), (vec![frame(3)], gap), "{gap}");
        }
    }

    #[test]
    fn a_frame_longer_than_believed_is_damage() {
        let mut bytes = Vec::new();
        let sealed = vec![0; FRAME_BYTES_MAX as usize];
        write(&mut bytes, &Frame { sealed, ..frame(1) }).unwrap();
        write(&mut bytes, &frame(2)).unwrap();
        assert_eq!(read_all(&bytes).0, vec![frame(2)]);
    }

    proptest! {
        #[test]
        fn bit_flips_cost_only_the_frames_they_hit(
            flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..6),
        ) {
            let (mut bytes, ends) = segment(12);
            let mut hit = std::collections::BTreeSet::new();
            let mut changed = std::collections::BTreeMap::new();
            for (index, bit) in flips {
                let at = index.index(bytes.len());
                bytes[at] ^= 1 << bit;
                *changed.entry(at).or_insert(0_u8) ^= 1 << bit;
            }
            for at in changed.iter().filter(|(_, mask)| **mask != 0).map(|(at, _)| *at) {
                hit.insert(ends.iter().position(|end| at < *end).unwrap() as u8);
            }
            let expected: Vec<Frame> = (0..12).filter(|n| !hit.contains(n)).map(frame).collect();
            prop_assert_eq!(read_all(&bytes).0, expected);
        }

        #[test]
        fn no_bytes_make_it_panic(
            bytes in prop::collection::vec(
                prop_oneof![Just(b'C'), Just(b'R'), any::<u8>()], 0..400),
        ) {
            let (frames, damaged) = read_all(&bytes);
            prop_assert!(frames.is_empty());
            prop_assert_eq!(damaged, bytes.len() as u64);
        }
    }
}
