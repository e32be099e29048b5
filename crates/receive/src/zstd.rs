//! zstd frames (RFC 8878) become bytes: one after the other, skippable ones left out.
//!
//! *Limits:* a frame's window is at most [`WINDOW_BYTES_MAX`], which RFC 9659 lets nobody exceed in
//! a content encoding. A frame that asks for more is refused before memory is taken for it.
//!
//! *Checksums of content are not verified:* a damaged body fails to decode or to parse.

use std::io::{Error, ErrorKind, Read};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Largest window of a frame.
pub(crate) const WINDOW_BYTES_MAX: usize = 8 << 20;
/// Magic numbers of skippable frames, but for the last four bits (RFC 8878, section 3.1.2).
const SKIPPABLE: u32 = 0x184d_2a50;

/// Reads all frames of a slice.
pub(crate) struct ZstdReader<'a> {
    rest: &'a [u8],
    decoder: FrameDecoder,
    is_within: bool,
}

impl<'a> ZstdReader<'a> {
    pub(crate) fn new(from: &'a [u8]) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_BYTES_MAX as u64);
        Self {
            rest: from,
            decoder,
            is_within: false,
        }
    }

    /// Begins the next frame; false where there is none.
    fn begin(&mut self) -> std::io::Result<bool> {
        while let Some((head, rest)) = self.rest.split_first_chunk::<8>() {
            let head = u64::from_le_bytes(*head);
            let (magic, len) = (head as u32, (head >> 32) as usize);
            if magic & !0xf != SKIPPABLE {
                break;
            }
            self.rest = rest.get(len..).ok_or(ErrorKind::UnexpectedEof)?;
        }
        if self.rest.is_empty() {
            return Ok(false);
        }
        self.decoder.reset(&mut self.rest).map_err(damaged)?;
        self.is_within = true;
        Ok(true)
    }
}

impl Read for ZstdReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_within && !self.begin()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let step = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.rest, step);
                decoded.map_err(damaged)?;
            }
            let count = self.decoder.read(into)?;
            if count > 0 {
                return Ok(count);
            }
            self.is_within = false;
        }
    }
}

/// The decoder's own error may say more than may be told.
fn damaged<E>(_error: E) -> Error {
    ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        compress_to_vec(plain, CompressionLevel::Fastest)
    }

    fn check(from: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        ZstdReader::new(from).read_to_end(&mut out).ok()?;
        Some(out)
    }

    proptest! {
        #[test]
        fn frames_are_read_in_turn(plain in prop::collection::vec(any::<u8>(), 0..4_000)) {
            let skipped = [0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9];
            let both = [&skipped[..], &packed(&plain), &skipped, &packed(b"end")].concat();
            prop_assert_eq!(check(&both), Some([&plain[..], b"end"].concat()));
        }

        #[test]
        fn arbitrary_bytes_harm_nobody(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _out = check(&bytes);
            let _out = check(&[&[0x28, 0xb5, 0x2f, 0xfd][..], &bytes].concat());
        }
    }

    #[test]
    fn a_cut_frame_and_a_wide_window_are_refused() {
        let whole = packed(&b"abc".repeat(1_000));
        assert!(check(&whole[..whole.len() - 1]).is_none());
        assert!(check(&[0x50, 0x2a, 0x4d, 0x18, 255, 0, 0, 0, 1]).is_none());
        // A window of 16 MiB: exponent 14 beyond 2^10.
        assert!(check(&[0x28, 0xb5, 0x2f, 0xfd, 0, 14 << 3, 1, 0, 0]).is_none());
        assert_eq!(check(b""), Some(Vec::new()));
    }
}
