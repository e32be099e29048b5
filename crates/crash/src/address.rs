//! Which addresses may be shown: those that point to something of the process, and no value that
//! went astray.
//!
//! *Why so:* an address is technical, and a wild pointer is data: bytes of a text, a number that
//! was read as a pointer. What points into a module, a stack or a mapped region is an address; what
//! is near null is an offset; a byte that is repeated and is no letter is a poison. All else is
//! withheld and its kind told.

use std::ops::Range;

/// Values below are offsets from null.
const NEAR_NULL_BYTES: u64 = 64 << 10;
/// How far below a stack a thread that ran out of it may have reached.
const STACK_BELOW_BYTES: u64 = 1 << 20;

/// What is told in the place of an address that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// No processor takes it for an address.
    NonCanonical,
    /// Its bytes are letters.
    Text,
    /// Nothing is known to be there.
    Unmapped,
}

impl Withheld {
    const ALL: [Self; 3] = [Self::NonCanonical, Self::Text, Self::Unmapped];

    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NonCanonical => "non_canonical",
            Self::Text => "text",
            Self::Unmapped => "unmapped",
        }
    }

    /// Reads the stable name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What stands for such an address in a stripped dump: of the same kind, and of no dump.
    pub(crate) const fn stand_in(self, width_bytes: usize) -> u64 {
        match (self, width_bytes) {
            (Self::NonCanonical, _) => 0x00ff_0000_0000_0000,
            (Self::Text, 8) => u64::from_le_bytes(*b"withheld"),
            (Self::Text, _) => u32::from_le_bytes(*b"held") as u64,
            (Self::Unmapped, 8) => 0x0000_6eee_eeee_e000,
            (Self::Unmapped, _) => 0xeeee_e000,
        }
    }
}

/// An address, or why it is not shown.
pub type Shown = Result<u64, Withheld>;

/// What is known of a process's address space.
#[derive(Clone, Debug, Default)]
pub(crate) struct Space {
    /// Bytes of a pointer: 4 or 8.
    pub(crate) width_bytes: usize,
    modules: Vec<Range<u64>>,
    stacks: Vec<Range<u64>>,
    regions: Vec<Range<u64>>,
}

impl Space {
    pub(crate) fn new(
        width_bytes: usize,
        mut modules: Vec<Range<u64>>,
        mut stacks: Vec<Range<u64>>,
        mut regions: Vec<Range<u64>>,
    ) -> Self {
        for ranges in [&mut modules, &mut stacks, &mut regions] {
            join(ranges);
        }
        Self {
            width_bytes,
            modules,
            stacks,
            regions,
        }
    }

    /// Whether it points into a module.
    pub(crate) fn in_module(&self, address: u64) -> bool {
        self.is_address(address) && within(&self.modules, address)
    }

    /// Whether it points into a stack, or just behind its end.
    pub(crate) fn in_stack(&self, address: u64) -> bool {
        let before = address.saturating_sub(1);
        let is_within = within(&self.stacks, address) || within(&self.stacks, before);
        is_within && self.is_address(address)
    }

    /// Whether a processor takes it for one: a damaged dump may call anything a module.
    fn is_address(&self, address: u64) -> bool {
        self.width_bytes != 8 || !is_non_canonical(address)
    }

    /// Whether it points to something that is neither: a heap, code made at run time.
    pub(crate) fn in_region(&self, address: u64) -> bool {
        within(&self.regions, address)
    }

    /// The address, where it may be shown.
    pub(crate) fn shown(&self, address: u64) -> Shown {
        let below_stack = within(&self.stacks, address.saturating_add(STACK_BELOW_BYTES));
        let is_own = self.in_module(address) || self.in_stack(address);
        let is_code = address < NEAR_NULL_BYTES || is_poison(address, self.width_bytes);
        if is_own || is_code {
            Ok(address)
        } else if is_text(address) {
            Err(Withheld::Text)
        } else if self.width_bytes == 8 && is_non_canonical(address) {
            Err(Withheld::NonCanonical)
        } else if below_stack || self.in_region(address) {
            Ok(address)
        } else {
            Err(Withheld::Unmapped)
        }
    }
}

/// Sorts ranges and joins those that meet; empty ones go.
fn join(ranges: &mut Vec<Range<u64>>) {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    *ranges = joined;
}

fn within(ranges: &[Range<u64>], address: u64) -> bool {
    let after = ranges.partition_point(|range| range.start <= address);
    let before = after.checked_sub(1).and_then(|at| ranges.get(at));
    before.is_some_and(|range| range.contains(&address))
}

/// Neither the lower nor the upper half of 48 bits.
fn is_non_canonical(address: u64) -> bool {
    (0x0000_8000_0000_0000..0xffff_8000_0000_0000).contains(&address)
}

/// One byte repeated that is no letter: what allocators and compilers fill memory with.
fn is_poison(address: u64, width_bytes: usize) -> bool {
    let bytes = address.to_le_bytes();
    let bytes = bytes.get(..width_bytes).unwrap_or(&bytes);
    let first = bytes.first().copied().unwrap_or_default();
    bytes.iter().all(|byte| *byte == first) && !is_letter(first)
}

fn is_letter(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

/// Whether every byte of a word is a letter.
pub(crate) fn is_whole_text(word: &[u8]) -> bool {
    word.iter().all(|byte| is_letter(*byte))
}

/// Whether the bytes of a word read as text, in ASCII or in UTF-16: three letters at least, and of
/// five and more all but one, for an offset may have been added to them.
fn is_text(word: u64) -> bool {
    let bytes = word.to_le_bytes();
    let length = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let bytes = bytes.get(..length).unwrap_or_default();
    let letters = bytes.iter().filter(|byte| is_letter(**byte)).count();
    let wide = bytes.chunks(2).all(|unit| {
        let is_wide = unit.get(1).is_none_or(|high| *high == 0);
        is_wide && unit.first().copied().is_some_and(is_letter)
    });
    let ascii = match length {
        0..=2 => false,
        3 | 4 => letters == length,
        _ => letters + 1 >= length,
    };
    ascii || (wide && length >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(bytes: &[u8]) -> u64 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    }

    #[test]
    fn text_is_told_from_addresses() {
        for text in [
            &b"abc"[..],
            b"ann@",
            b"secret",
            b"password",
            b"pass\xc0ord",
            b"a\0n\0n\0",
        ] {
            assert!(is_text(word(text)), "{text:?}");
        }
        for address in [
            0,
            0x41,
            0x4142,
            0x7fff_f7dd_1000,
            0x5555_5575_92a0,
            u64::MAX,
        ] {
            assert!(!is_text(address), "{address:x}");
        }
    }

    #[test]
    fn what_points_nowhere_is_not_shown() {
        let space = Space::new(
            8,
            vec![0x5555_0000_0000..0x5555_0001_0000, 9..9],
            vec![0x7ffd_0000_0000..0x7ffd_0010_0000, 9..9],
            vec![0x6000_0000_0000..0x6000_0000_1000, 0x10..0x10],
        );
        for shown in [
            0,
            0x18,
            0x5555_0000_1234,
            0x7ffd_0010_0000,
            0x7ffc_fffe_0000,
            0x6000_0000_0fff,
            0xe5e5_e5e5_e5e5_e5e5,
        ] {
            assert_eq!(space.shown(shown), Ok(shown), "{shown:x}");
        }
        for (address, kind) in [
            (word(b"password"), Withheld::Text),
            (0x4141_4141_4141_4141, Withheld::Text),
            (0x0123_4567_89ab_cdef, Withheld::NonCanonical),
            (0x0000_0478_8f3a_914e, Withheld::Unmapped),
            (0x6000_0000_1000, Withheld::Unmapped),
        ] {
            assert_eq!(space.shown(address), Err(kind), "{address:x}");
        }
    }

    #[test]
    fn a_stand_in_is_of_its_own_kind() {
        for width_bytes in [4, 8] {
            let space = Space::new(width_bytes, Vec::new(), Vec::new(), Vec::new());
            for kind in Withheld::ALL {
                if width_bytes == 8 || kind != Withheld::NonCanonical {
                    assert_eq!(space.shown(kind.stand_in(width_bytes)), Err(kind));
                }
            }
        }
    }
}
