//! Word lists as a table of hashes: first names, family names, places, words of companies and
//! streets, common words, names of software.

/// What the lists say of a word.
pub mod bit {
    /// Given name.
    pub const FIRST: u8 = 1;
    /// Family name.
    pub const LAST: u8 = 2;
    /// Word of a place's name.
    pub const PLACE: u8 = 4;
    /// Word that companies end with.
    pub const COMPANY: u8 = 8;
    /// Word of street addresses.
    pub const STREET: u8 = 16;
    /// Word of ordinary prose.
    pub const COMMON: u8 = 32;
    /// Name of software, a product, a protocol.
    pub const SOFTWARE: u8 = 64;
}

/// Bytes of an entry: a tag of 17 bits and 7 bits of what is said.
pub const ENTRY_BYTES: usize = 3;
/// How many entries are looked at before a word counts as unlisted.
pub const PROBES_COUNT_MAX: usize = 32;

/// A table of `2^n` entries, open addressing; an entry of zero is free.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lists<'a> {
    table: &'a [u8],
}

impl<'a> Lists<'a> {
    /// Lists over a table whose number of entries is a power of two.
    pub fn new(table: &'a [u8]) -> Self {
        Self { table }
    }

    /// What is said of the word of that hash.
    pub fn bits(self, hash: u64) -> u8 {
        let count = self.table.len() / ENTRY_BYTES;
        if count == 0 {
            return 0;
        }
        let (slot, tag) = place(hash, count);
        for probe in 0..PROBES_COUNT_MAX {
            let at = ((slot + probe) & (count - 1)) * ENTRY_BYTES;
            let Some([a, b, c]) = self.table.get(at..at + ENTRY_BYTES) else {
                return 0;
            };
            let entry = u32::from_le_bytes([*a, *b, *c, 0]);
            if entry == 0 {
                return 0;
            }
            if entry >> 7 == tag {
                return (entry & 0x7f) as u8;
            }
        }
        0
    }
}

/// Slot and tag of a hash in a table of `count` entries.
pub fn place(hash: u64, count: usize) -> (usize, u32) {
    let slot = (hash >> 20) as usize & (count - 1);
    (slot, (hash & 0x1_ffff) as u32)
}
