//! LZMA's decoder.

/// Bytes before the range coder's: length, properties.
pub const HEAD_BYTES: usize = 5;
/// Bytes of what is unpacked, at most.
pub const UNPACKED_BYTES_MAX: usize = 16 << 20;
/// Bits of a probability, how fast one moves, and where it begins.
const PROBABILITY_BITS: u32 = 11;
const MOVE_BITS: u32 = 5;
const EVEN: u16 = 1 << (PROBABILITY_BITS - 1);
/// States, by what came before; those below are behind a literal.
const STATES_COUNT: usize = 12;
const LITERAL_STATES_COUNT: usize = 7;
/// Positions that are told apart, at most.
const POSITIONS_COUNT: usize = 16;
/// Shortest match.
const MATCH_BYTES_MIN: usize = 2;
/// Slots of distances from which on a distance has bits without a probability.
const DIRECT_SLOT: u32 = 14;
/// The last bits of such a distance, which have one.
const ALIGN_BITS: u32 = 4;

type Probability = u16;

/// The range decoder.
struct Coder<'p> {
    packed: &'p [u8],
    range: u32,
    code: u32,
    /// Whether bytes were asked for that are not there.
    short: bool,
}

impl<'p> Coder<'p> {
    fn new(packed: &'p [u8]) -> Option<Self> {
        let (first, packed) = packed.split_first()?;
        let (code, packed) = packed.split_first_chunk()?;
        (*first == 0).then_some(Self {
            packed,
            range: u32::MAX,
            code: u32::from_be_bytes(*code),
            short: false,
        })
    }

    fn next_byte(&mut self) {
        if self.range >> 24 == 0 {
            self.short |= self.packed.is_empty();
            let (byte, rest) = self.packed.split_first().unwrap_or((&0, &[]));
            self.packed = rest;
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(*byte);
        }
    }

    fn bit(&mut self, probability: &mut Probability) -> usize {
        self.next_byte();
        let bound = (self.range >> PROBABILITY_BITS) * u32::from(*probability);
        if self.code < bound {
            self.range = bound;
            *probability += ((1 << PROBABILITY_BITS) - *probability) >> MOVE_BITS;
            return 0;
        }
        self.range -= bound;
        self.code -= bound;
        *probability -= *probability >> MOVE_BITS;
        1
    }

    fn direct(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| {
            self.next_byte();
            self.range >>= 1;
            let bit = u32::from(self.code >= self.range);
            self.code -= self.range * bit;
            number << 1 | bit
        })
    }

    /// A number of so many bits by a tree of probabilities, its highest bit first.
    fn tree(&mut self, tree: &mut [Probability], bits: u32) -> Option<usize> {
        let mut node = 1;
        for _ in 0..bits {
            node = node << 1 | self.bit(tree.get_mut(node)?);
        }
        Some(node - (1 << bits))
    }

    /// The same, its lowest bit first; `base` is before the tree's first node.
    fn backward(&mut self, tree: &mut [Probability], base: usize, bits: u32) -> Option<u32> {
        let (mut node, mut number) = (1, 0);
        for i in 0..bits {
            let bit = self.bit(tree.get_mut(base + node)?);
            node = node << 1 | bit;
            number |= (bit as u32) << i;
        }
        Some(number)
    }
}

/// Lengths of matches.
struct Lengths {
    choice: [Probability; 2],
    low: [[Probability; 8]; POSITIONS_COUNT],
    middle: [[Probability; 8]; POSITIONS_COUNT],
    high: [Probability; 256],
}

impl Lengths {
    const fn new() -> Self {
        Self {
            choice: [EVEN; 2],
            low: [[EVEN; 8]; POSITIONS_COUNT],
            middle: [[EVEN; 8]; POSITIONS_COUNT],
            high: [EVEN; 256],
        }
    }

    fn read(&mut self, coder: &mut Coder<'_>, position: usize) -> Option<usize> {
        let [first, second] = &mut self.choice;
        let length = if coder.bit(first) == 0 {
            coder.tree(self.low.get_mut(position)?, 3)?
        } else if coder.bit(second) == 0 {
            8 + coder.tree(self.middle.get_mut(position)?, 3)?
        } else {
            16 + coder.tree(&mut self.high, 8)?
        };
        Some(MATCH_BYTES_MIN + length)
    }
}

/// What is unpacked and the probabilities of what follows.
struct Decoder<'p> {
    coder: Coder<'p>,
    out: Vec<u8>,
    /// Bits of the byte before, and of the position, that literals are told apart by; mask of the
    /// position for all else.
    literal_bits: (u32, u32),
    position_mask: usize,
    literals: Vec<Probability>,
    state: usize,
    /// The last distances, the latest first, each one less than it is.
    last: [usize; 4],
    is_match: [[Probability; POSITIONS_COUNT]; STATES_COUNT],
    is_repeated: [Probability; STATES_COUNT],
    is_older: [[Probability; STATES_COUNT]; 3],
    is_long: [[Probability; POSITIONS_COUNT]; STATES_COUNT],
    slots: [[Probability; 64]; 4],
    distances: [Probability; 128],
    align: [Probability; 16],
    lengths: Lengths,
    repeated_lengths: Lengths,
}

/// Unpacks; `None` where that is not what was packed.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (bytes, rest) = packed.split_first_chunk()?;
    let (properties, rest) = rest.split_first()?;
    let bytes = u32::from_le_bytes(*bytes) as usize;
    if bytes > UNPACKED_BYTES_MAX || *properties >= 9 * 5 * 5 {
        return None;
    }
    let properties = u32::from(*properties);
    let (lc, lp, pb) = (properties % 9, properties / 9 % 5, properties / 45);
    let mut decoder = Decoder {
        coder: Coder::new(rest)?,
        out: Vec::with_capacity(bytes),
        literal_bits: (lc, lp),
        position_mask: (1 << pb) - 1,
        literals: vec![EVEN; 0x300 << (lc + lp)],
        state: 0,
        last: [0; 4],
        is_match: [[EVEN; POSITIONS_COUNT]; STATES_COUNT],
        is_repeated: [EVEN; STATES_COUNT],
        is_older: [[EVEN; STATES_COUNT]; 3],
        is_long: [[EVEN; POSITIONS_COUNT]; STATES_COUNT],
        slots: [[EVEN; 64]; 4],
        distances: [EVEN; 128],
        align: [EVEN; 16],
        lengths: Lengths::new(),
        repeated_lengths: Lengths::new(),
    };
    while decoder.out.len() < bytes {
        decoder.step(bytes)?;
    }
    decoder.coder.next_byte();
    // A stream that was packed whole ends with its bytes, and with nothing left to tell.
    let Coder {
        packed,
        code,
        short,
        ..
    } = decoder.coder;
    (code == 0 && packed.is_empty() && !short).then_some(decoder.out)
}

impl Decoder<'_> {
    /// A literal or a match.
    fn step(&mut self, bytes: usize) -> Option<()> {
        let position = self.out.len() & self.position_mask;
        let state = self.state;
        let is_match = self.is_match.get_mut(state)?.get_mut(position)?;
        if self.coder.bit(is_match) == 0 {
            return self.literal();
        }
        let length = if self.coder.bit(self.is_repeated.get_mut(state)?) == 0 {
            let [a, b, c, _] = self.last;
            let length = self.lengths.read(&mut self.coder, position)?;
            self.last = [self.distance(length)?, a, b, c];
            self.state = if state < LITERAL_STATES_COUNT { 7 } else { 10 };
            length
        } else {
            self.repeated(state, position)?
        };
        self.copy(length, bytes)
    }

    /// Which of the last distances comes again, and for how many bytes.
    fn repeated(&mut self, state: usize, position: usize) -> Option<usize> {
        let [a, b, c, d] = self.last;
        let [first, second, third] = &mut self.is_older;
        let behind_literal = state < LITERAL_STATES_COUNT;
        if self.coder.bit(first.get_mut(state)?) == 0 {
            let is_long = self.is_long.get_mut(state)?.get_mut(position)?;
            if self.coder.bit(is_long) == 0 {
                self.state = if behind_literal { 9 } else { 11 };
                return Some(1);
            }
        } else if self.coder.bit(second.get_mut(state)?) == 0 {
            self.last = [b, a, c, d];
        } else if self.coder.bit(third.get_mut(state)?) == 0 {
            self.last = [c, a, b, d];
        } else {
            self.last = [d, a, b, c];
        }
        let length = self.repeated_lengths.read(&mut self.coder, position)?;
        self.state = if behind_literal { 8 } else { 11 };
        Some(length)
    }

    fn distance(&mut self, length: usize) -> Option<usize> {
        let of = (length - MATCH_BYTES_MIN).min(3);
        let slot = self.coder.tree(self.slots.get_mut(of)?, 6)? as u32;
        if slot < 4 {
            return Some(slot as usize);
        }
        let bits = slot / 2 - 1;
        let high = (2 | slot & 1) << bits;
        let low = if slot < DIRECT_SLOT {
            let base = (high - slot) as usize;
            self.coder.backward(&mut self.distances, base, bits)?
        } else {
            let direct = self.coder.direct(bits - ALIGN_BITS) << ALIGN_BITS;
            direct + self.coder.backward(&mut self.align, 0, ALIGN_BITS)?
        };
        Some(high.wrapping_add(low) as usize)
    }

    fn literal(&mut self) -> Option<()> {
        let (lc, lp) = self.literal_bits;
        let before = u32::from(self.out.last().copied().unwrap_or(0));
        let position = self.out.len() as u32 & ((1 << lp) - 1);
        let context = (position << lc) + (before >> (8 - lc));
        let from = 0x300 * context as usize;
        let tree = self.literals.get_mut(from..from + 0x300)?;
        let mut node = 1;
        if self.state >= LITERAL_STATES_COUNT {
            // What a match would have gone on with tells where this differs from it.
            let [distance, ..] = self.last;
            let at = self.out.len().checked_sub(distance + 1)?;
            let mut expected = usize::from(*self.out.get(at)?);
            while node < 0x100 {
                expected <<= 1;
                let told = expected & 0x100;
                let bit = self.coder.bit(tree.get_mut(0x100 + told + node)?);
                node = node << 1 | bit;
                if told >> 8 != bit {
                    break;
                }
            }
        }
        while node < 0x100 {
            node = node << 1 | self.coder.bit(tree.get_mut(node)?);
        }
        self.out.push(node as u8);
        self.state = match self.state {
            0..4 => 0,
            4..10 => self.state - 3,
            _ => self.state - 6,
        };
        Some(())
    }

    fn copy(&mut self, length: usize, bytes: usize) -> Option<()> {
        let [distance, ..] = self.last;
        let from = self.out.len().checked_sub(distance.checked_add(1)?)?;
        if length > bytes - self.out.len() {
            return None;
        }
        for at in from..from + length {
            self.out.push(*self.out.get(at)?);
        }
        Some(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write as _;

    use lzma_rust2::{LzmaOptions, LzmaWriter};
    use proptest::prelude::*;

    use super::*;

    /// Packs as the chore does, by another hand's encoder.
    pub(crate) fn packed(bytes: &[u8], (lc, lp, pb): (u32, u32, u32)) -> Vec<u8> {
        let mut options = LzmaOptions::with_preset(9);
        (options.lc, options.lp, options.pb) = (lc, lp, pb);
        let mut out = (bytes.len() as u32).to_le_bytes().to_vec();
        out.push(((pb * 5 + lp) * 9 + lc) as u8);
        let mut writer = LzmaWriter::new_no_header(out, &options, false).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn what_another_encoder_packed_comes_out() {
        let text = include_bytes!("decode.rs").repeat(3);
        for properties in [(3, 0, 2), (3, 0, 0), (0, 2, 0), (4, 0, 4)] {
            let packed = packed(&text, properties);
            assert!(packed.len() < text.len() / 4);
            assert!(unpack(&packed).unwrap() == text, "{properties:?}");
        }
    }

    #[test]
    fn what_was_cut_or_changed_does_not_come_out_as_whole() {
        let text = include_bytes!("lib.rs");
        let whole = packed(text, (3, 0, 0));
        for end in 0..whole.len() {
            assert!(unpack(&whole[..end]).is_none(), "{end}");
        }
        let large = [&[0xff; 4][..], &whole[4..]].concat();
        assert!(unpack(&large).is_none());
    }

    proptest! {
        #[test]
        fn bytes_come_out_as_they_went_in(
            bytes in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 7, 200]), 0..3_000),
        ) {
            let packed = packed(&bytes, (3, 0, 0));
            prop_assert_eq!(unpack(&packed), Some(bytes));
        }

        #[test]
        fn what_is_no_packed_module_is_no_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let head = [&300_u32.to_le_bytes()[..], &[3, 0]].concat();
            unpack(&bytes);
            unpack(&[&head[..], &bytes].concat());
        }
    }
}
