//! A stream that is fed in pieces, and what came out of it.

use cordon_event::Raw;
use cordon_redact::{
    LineFormat, Page, PseudonymMac, Receipt, RedactedLines, Redactor, StreamRedactor,
};

/// All that a stream gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// The lines.
    pub(crate) clean: String,
    /// By the number of the line.
    pub(crate) receipts: Vec<(u64, Receipt)>,
    /// Pseudonyms and their kinds, in order.
    pub(crate) tokens: Vec<(String, &'static str)>,
    /// In order.
    pub(crate) pages: Vec<Page>,
}

impl Given {
    /// Adds what a call gave.
    pub(crate) fn add(&mut self, lines: RedactedLines) {
        self.clean.push_str(lines.clean.get());
        self.receipts.extend(lines.receipts);
        let tokens = lines.tokens.into_iter();
        self.tokens.extend(tokens.map(|row| (row.token, row.kind)));
        self.pages.extend(lines.pages);
    }
}

/// What a stream gives that is fed these pieces.
pub(crate) fn fed<'p>(
    redactor: &Redactor,
    mac: &dyn PseudonymMac,
    format: LineFormat,
    pieces: impl Iterator<Item = &'p [u8]>,
) -> Given {
    let mut stream = StreamRedactor::new(redactor, format);
    let mut given = Given::default();
    for piece in pieces {
        given.add(stream.push(mac, Raw::new(piece.to_vec())));
    }
    given.add(stream.finish(mac));
    given
}

/// Asserts that a stream gives the same for the whole input, for both parts of it cut at every
/// place, and byte by byte; returns what it gives.
pub(crate) fn check_every_cut(
    redactor: &Redactor,
    mac: &dyn PseudonymMac,
    format: LineFormat,
    input: &[u8],
) -> Given {
    let whole = fed(redactor, mac, format, std::iter::once(input));
    for at in 0..=input.len() {
        let (head, tail) = input.split_at(at);
        let cut = fed(redactor, mac, format, [head, tail].into_iter());
        let told = || String::from_utf8_lossy(input).into_owned();
        assert_eq!(cut, whole, "{format:?} cut at {at}: {}", told());
    }
    let bytes = fed(redactor, mac, format, input.chunks(1));
    assert_eq!(bytes, whole, "{format:?} byte by byte");
    whole
}
