//! A request's body off the wire and out of its compression, capped while it comes.

use std::io::Read;

use axum::body::{Body, HttpBody as _};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::{Zeroize, Zeroizing};

use crate::error::Code;
use crate::limits::{Limits, RATIO_FLOOR_BYTES};
use crate::meter::Charge;
use crate::zstd::{WINDOW_BYTES_MAX, ZstdReader};

/// Room that is made for a body before it comes, at most.
const CLAIMED_BYTES_MAX: usize = 512 << 10;
/// Bytes inflated at a time.
const INFLATE_STEP_BYTES: usize = 32 << 10;

/// Compression of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    /// What HTTP calls deflate: the zlib format of RFC 1950.
    Deflate,
    /// RFC 8878, with the window of RFC 9659.
    Zstd,
    /// RFC 7932.
    Brotli,
}

impl Encoding {
    /// The encoding of that header value; absent is identity.
    pub(crate) fn parse(name: Option<&str>) -> Result<Self, Code> {
        match name
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "zstd" => Ok(Self::Zstd),
            "br" => Ok(Self::Brotli),
            _ => Err(Code::ContentEncoding),
        }
    }
}

/// A buffer that grows within a charge, and is wiped when it moves and when it is dropped.
pub(crate) struct Buffer {
    bytes: Zeroizing<Vec<u8>>,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Zeroizing::new(Vec::new()),
        }
    }

    /// What was pushed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes back what was pushed after the first `len` bytes; the memory stays and is wiped later.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Appends within `bytes_max`. Growing by hand, since a vector that reallocates leaves its
    /// old memory unwiped.
    pub(crate) fn push(
        &mut self,
        more: &[u8],
        bytes_max: usize,
        over: Code,
        charge: &mut Charge,
    ) -> Result<(), Code> {
        let len = self.bytes.len() + more.len();
        if len > bytes_max {
            return Err(over);
        }
        if len > self.bytes.capacity() {
            let capacity = len.next_power_of_two().max(4 << 10).min(bytes_max.max(len));
            self.reserve(capacity, charge)?;
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    /// Makes room for so many bytes in all.
    fn reserve(&mut self, capacity: usize, charge: &mut Charge) -> Result<(), Code> {
        let more = capacity.saturating_sub(self.bytes.capacity());
        if more > 0 {
            charge.grow(more)?;
            let mut grown = Zeroizing::new(Vec::with_capacity(capacity));
            grown.extend_from_slice(&self.bytes);
            self.bytes = grown;
        }
        Ok(())
    }
}

/// Reads a body of at most `body_bytes_max`, whether its length was said or not.
pub(crate) async fn read(
    mut body: Body,
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Zeroizing<Vec<u8>>, Code> {
    let deadline = Instant::now() + limits.body_timeout;
    let mut buffer = Buffer::new();
    // A length is a claim: no more is taken for it than a sender of that much may cost.
    let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    buffer.reserve(said.min(CLAIMED_BYTES_MAX), charge)?;
    loop {
        let piece = timeout(limits.body_idle_timeout, body.frame());
        let piece = timeout_at(deadline, piece)
            .await
            .map_err(|_| Code::BodyTimeout)?;
        let Some(frame) = piece.map_err(|_| Code::BodyTimeout)? else {
            return Ok(buffer.bytes);
        };
        let Ok(data) = frame.map_err(|_| Code::BodyIncomplete)?.into_data() else {
            continue;
        };
        let taken = buffer.push(&data, limits.body_bytes_max, Code::BodyTooLarge, charge);
        if let Ok(mut own) = data.try_into_mut() {
            own.zeroize();
        }
        if let Err(code) = taken {
            drop(buffer);
            drain(body, limits, deadline).await;
            return Err(code);
        }
    }
}

/// Reads the rest of a refused body and forgets it: a sender that is still sending when the
/// connection closes sees a reset instead of the answer. Bounded in bytes and time.
pub(crate) async fn drain(mut body: Body, limits: &Limits, deadline: Instant) {
    let mut left = limits.body_bytes_max.saturating_mul(2);
    while left > 0 {
        let piece = timeout(limits.body_idle_timeout, body.frame());
        let Ok(Ok(Some(Ok(frame)))) = timeout_at(deadline, piece).await else {
            return;
        };
        left = left.saturating_sub(frame.data_ref().map_or(1, |data| data.len().max(1)));
    }
}

/// Inflates a body, at most to `inflated_bytes_max` and to the allowed ratio of its length.
pub(crate) fn inflate(
    wire: Zeroizing<Vec<u8>>,
    encoding: Encoding,
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Zeroizing<Vec<u8>>, Code> {
    let (from, len) = (wire.as_slice(), wire.len());
    match encoding {
        Encoding::Identity => return Ok(wire),
        // What a decoder may hold beside its output is charged before it can be asked for.
        Encoding::Zstd => charge.grow(zstd_window_bytes(len, limits))?,
        Encoding::Brotli => charge.grow(brotli_window_bytes(from)?)?,
        Encoding::Gzip | Encoding::Deflate => {}
    }
    match encoding {
        Encoding::Identity => Ok(Zeroizing::default()),
        Encoding::Gzip => pump(MultiGzDecoder::new(from), len, limits, charge),
        Encoding::Deflate => pump(ZlibDecoder::new(from), len, limits, charge),
        Encoding::Zstd => pump(ZstdReader::new(from), len, limits, charge),
        Encoding::Brotli => {
            let reader = brotli_decompressor::Decompressor::new(from, INFLATE_STEP_BYTES);
            pump(reader, len, limits, charge)
        }
    }
}

/// Bytes that a window can come to hold: it grows with the output, which the ratio bounds.
fn zstd_window_bytes(wire_bytes: usize, limits: &Limits) -> usize {
    let by_ratio = wire_bytes.saturating_mul(limits.inflate_ratio_max);
    by_ratio.clamp(RATIO_FLOOR_BYTES, WINDOW_BYTES_MAX)
}

/// Bytes of the window that a stream asks for with its first bits (RFC 7932, section 9.1): 16 MiB
/// at most. The bits that are invalid there mean a window of up to 1 GiB to decoders that know the
/// large-window form, as ours does; that is no form of the content encoding `br`.
fn brotli_window_bytes(stream: &[u8]) -> Result<usize, Code> {
    let first = stream.first().copied().unwrap_or_default();
    let bits = match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        (_, 0, 1) => return Err(Code::CompressionMalformed),
        (_, 0, more) => 8 + u32::from(more),
        (_, more, _) => 17 + u32::from(more),
    };
    Ok(1 << bits)
}

fn pump(
    mut source: impl Read,
    wire_bytes: usize,
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Zeroizing<Vec<u8>>, Code> {
    let by_ratio = wire_bytes
        .saturating_mul(limits.inflate_ratio_max)
        .max(RATIO_FLOOR_BYTES);
    let (bytes_max, over) = if by_ratio < limits.inflated_bytes_max {
        (by_ratio, Code::InflateRatio)
    } else {
        (limits.inflated_bytes_max, Code::InflatedTooLarge)
    };
    let mut buffer = Buffer::new();
    let mut step = Zeroizing::new(vec![0; INFLATE_STEP_BYTES]);
    loop {
        let count = source
            .read(&mut step)
            .map_err(|_| Code::CompressionMalformed)?;
        if count == 0 {
            return Ok(buffer.bytes);
        }
        buffer.push(
            step.get(..count).unwrap_or_default(),
            bytes_max,
            over,
            charge,
        )?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Ledger;

    /// A body that is not compressed, as a stream whose window has so many bits in its head.
    fn brotli(head: u64, head_bits: u32, body: &[u8]) -> Vec<u8> {
        // Not the last block, its length in four nibbles, not compressed (section 9.2).
        let block = (body.len() as u64 - 1) << 3 | 1 << 19;
        let bits = head | block << head_bits;
        let len = (head_bits + 20).div_ceil(8) as usize;
        [&bits.to_le_bytes()[..len], body, &[3]].concat()
    }

    #[test]
    fn no_window_is_larger_than_the_specification_allows() {
        let limits = Limits::default();
        let check = |stream: Vec<u8>, expect: Result<usize, Code>| {
            let ledger = Ledger::new(64 << 20);
            let mut charge = Charge::new(&ledger);
            let wire = Zeroizing::new(stream);
            let found = inflate(wire, Encoding::Brotli, &limits, &mut charge);
            assert_eq!(found.map(|body| body.len()), expect);
            charge.bytes()
        };
        assert!(check(brotli(0, 1, b"body"), Ok(4)) >= 1 << 16);
        // 24 bits, the most there are.
        assert!(check(brotli(0b1111, 4, b"body"), Ok(4)) >= 1 << 24);
        // A large window of 30 bits: its own head, then six bits with their number.
        for bits in [10_u64, 24, 30] {
            let head = 0b001_0001 | bits << 8;
            let charged = check(brotli(head, 14, b"body"), Err(Code::CompressionMalformed));
            assert_eq!(charged, 0);
        }
    }
}
