//! Writes a minidump: streams one after the other, each with its place in the directory.

use minidump::format as md;
use scroll::ctx::{SizeWith, TryIntoCtx};
use scroll::{Endian, LE};

use crate::Refusal;

/// A stream's number and where it is.
type Entry = (u32, md::MINIDUMP_LOCATION_DESCRIPTOR);

/// A minidump being written.
#[derive(Default)]
pub(crate) struct Writer {
    /// What comes behind the header and the directory.
    body: Vec<u8>,
    streams: Vec<Entry>,
    /// Where the body begins.
    begin_bytes: usize,
}

impl Writer {
    /// For that many streams.
    pub(crate) fn new(streams_count: usize) -> Self {
        let header = <md::MINIDUMP_HEADER>::size_with(&LE);
        let entry = <md::MINIDUMP_DIRECTORY>::size_with(&LE);
        Self {
            begin_bytes: header + streams_count * entry,
            ..Self::default()
        }
    }

    /// Where the next bytes will be.
    fn at(&self) -> u32 {
        (self.begin_bytes + self.body.len()) as u32
    }

    /// Appends bytes; where they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> md::MINIDUMP_LOCATION_DESCRIPTOR {
        while !self.body.len().is_multiple_of(8) {
            self.body.push(0);
        }
        let rva = self.at();
        self.body.extend_from_slice(bytes);
        let data_size = bytes.len() as u32;
        md::MINIDUMP_LOCATION_DESCRIPTOR { data_size, rva }
    }

    /// Appends a text as its length and UTF-16; where it is.
    pub(crate) fn text(&mut self, text: &str) -> u32 {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
        bytes.extend(units);
        bytes.extend([0, 0]);
        self.bytes(&bytes).rva
    }

    /// Appends a stream.
    pub(crate) fn stream(&mut self, number: u32, bytes: &[u8]) {
        let location = self.bytes(bytes);
        self.streams.push((number, location));
    }

    /// The whole file.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Refusal> {
        let header = md::MINIDUMP_HEADER {
            signature: md::MINIDUMP_SIGNATURE,
            version: md::MINIDUMP_VERSION,
            stream_count: self.streams.len() as u32,
            stream_directory_rva: <md::MINIDUMP_HEADER>::size_with(&LE) as u32,
            checksum: 0,
            time_date_stamp: 0,
            flags: 0,
        };
        let mut file = encoded(header)?;
        for (stream_type, location) in self.streams {
            file.extend(encoded(md::MINIDUMP_DIRECTORY {
                stream_type,
                location,
            })?);
        }
        file.resize(self.begin_bytes, 0);
        file.extend(self.body);
        Ok(file)
    }
}

/// The bytes of a structure.
pub(crate) fn encoded<T>(value: T) -> Result<Vec<u8>, Refusal>
where
    T: SizeWith<Endian> + TryIntoCtx<Endian, [u8], Error = scroll::Error>,
{
    let mut bytes = vec![0; T::size_with(&LE)];
    value
        .try_into_ctx(&mut bytes, LE)
        .map_err(|_| Refusal::Damaged)?;
    Ok(bytes)
}

/// A list as a stream holds it: how many, then each.
pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = (items.len() as u32).to_le_bytes().to_vec();
    bytes.extend(items.iter().flatten());
    bytes
}
