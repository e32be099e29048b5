//! The engine's module as a page loads it: packed, since what gzip leaves of it is too much for a
//! page, and unpacked by a small module around it.
//!
//! The way of the data: `cargo xtask wasm` splits the engine's module into streams ([`Split`]),
//! packs each by LZMA ([`pack`]) and builds this crate around them (feature `packed`); the page
//! calls `cordon_unpack` and compiles the bytes that it gets.
//!
//! The format, all numbers of four bytes, little-endian: the module's length and its sum ([`sum`]),
//! where its code is, how many functions it has, where its tables are; then each stream: its packed
//! length, its length, a byte of properties, and LZMA as the LZMA SDK's `lzma-specification.txt`
//! has it.
//!
//! *Limits:* [`UNPACKED_BYTES_MAX`] for the module and for each stream; time is linear in what is
//! unpacked. No panic on any input: what is no packed module is `None`.

mod decode;
mod known;
#[cfg(feature = "packed")]
pub mod module;
mod split;

pub use decode::{HEAD_BYTES, UNPACKED_BYTES_MAX, unpack as unpack_stream};
pub use split::Split;

/// Packs a module by a packer of streams, whose output [`unpack_stream`] has to read; `None` where
/// it is no module, or the packer gives none.
pub fn pack(module: &[u8], mut stream: impl FnMut(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let split = Split::of(module)?;
    let length = u32::try_from(module.len()).ok()?;
    let head = [length, sum(module), split.code_at, split.functions];
    let mut out = Vec::new();
    for number in head.into_iter().chain(split.tables_at) {
        out.extend_from_slice(&number.to_le_bytes());
    }
    for bytes in &split.streams {
        let packed = stream(bytes)?;
        out.extend_from_slice(&u32::try_from(packed.len()).ok()?.to_le_bytes());
        out.extend_from_slice(&packed);
    }
    Some(out)
}

/// Unpacks; `None` where that is not what was packed.
pub fn unpack(mut packed: &[u8]) -> Option<Vec<u8>> {
    let length = number(&mut packed)? as usize;
    let wanted = number(&mut packed)?;
    let mut split = Split {
        code_at: number(&mut packed)?,
        functions: number(&mut packed)?,
        ..Split::default()
    };
    for at in &mut split.tables_at {
        *at = number(&mut packed)?;
    }
    for stream in &mut split.streams {
        let length = number(&mut packed)? as usize;
        let (bytes, rest) = packed.split_at_checked(length)?;
        *stream = unpack_stream(bytes)?;
        packed = rest;
    }
    let module = split.join()?;
    let whole = packed.is_empty() && module.len() == length && sum(&module) == wanted;
    whole.then_some(module)
}

fn number(packed: &mut &[u8]) -> Option<u32> {
    let (bytes, rest) = packed.split_first_chunk()?;
    *packed = rest;
    Some(u32::from_le_bytes(*bytes))
}

/// FNV-1a, by which a damaged module is seen.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum: u32, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packs a stream by another hand's encoder.
    fn by_lzma(bytes: &[u8]) -> Vec<u8> {
        decode::tests::packed(bytes, (3, 0, 0))
    }

    fn section(number: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let head = [number, length as u8 | 0x80, (length >> 7) as u8 | 0x80, 0];
        [&head, content].concat()
    }

    fn module(functions: &[&[u8]], data: &[u8]) -> Vec<u8> {
        let mut code = vec![functions.len() as u8];
        for function in functions {
            split::written(function.len() as u32, &mut code);
            code.extend_from_slice(function);
        }
        let head = *b"\0asm\x01\0\0\0";
        let types = section(1, &[1, 0x60, 0, 0]);
        [&head[..], &types, &section(10, &code), &section(11, data)].concat()
    }

    /// A function of every form of operand.
    const FUNCTION: &[u8] = &[
        2, 1, 0x7f, 0x81, 0x01, 0x7e, // locals
        0x20, 0, 0x21, 0x05, 0x22, 0x80, 0x01, // near and far ones
        0x41, 7, 0x41, 0x80, 0x80, 0xc0, 0x00, 0x42, 0x7f, // numbers and an address
        0x28, 2, 4, 0x36, 0, 0x80, 0x01, 0x29, 3, 0, // aligned and not
        0x43, 1, 2, 3, 4, 0x44, 1, 2, 3, 4, 5, 6, 7, 8, // fractions
        0x02, 0x40, 0x03, 0x7f, 0x0d, 0, 0x0b, 0x04, 0x40, 0x05, 0x0b, 0x0b, // blocks
        0x0e, 2, 0, 1, 0x80, 0x01, // a table of branches
        0x10, 0x85, 0x02, 0x11, 0, 0, 0x3f, 0, 0xfc, 10, 0, 0, 0xfc, 11, 0, 0xfc, 0, // calls
        0xfd, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0xfd, 0, 4,
        0, // vectors
        0xfd, 21, 3, 0xfd, 84, 0, 0, 1, 0xfd, 0xae, 0x01, 0x0b,
    ];

    #[test]
    fn a_module_comes_out_as_it_went_in() {
        let data = known::TABLES.concat();
        let module = module(&[FUNCTION, &[0, 0x0b], FUNCTION], &data);
        let packed = pack(&module, |stream| Some(by_lzma(stream))).unwrap();
        assert!(packed.len() < 600, "{}", packed.len());
        assert!(unpack(&packed).unwrap() == module);
    }

    #[test]
    fn what_is_not_known_of_is_not_split() {
        // An instruction that there is not, one that stands for another, a function that goes on,
        // and a length that is written longer than it is.
        let bad: [&[u8]; 5] = [
            &[0, 0xff, 0x0b],
            &[0, 0xe0, 0, 0, 0x0b],
            &[0, 0xf7, 1, 0x0b],
            &[0, 0x01],
            &[],
        ];
        for function in bad {
            assert!(
                Split::of(&module(&[function], &[])).is_none(),
                "{function:?}"
            );
        }
        let mut longer = module(&[&[0, 0x0b]], &[]);
        let at = longer
            .windows(3)
            .position(|window| window == [2, 0, 0x0b])
            .unwrap();
        longer.splice(at..=at, [0x82, 0]);
        assert!(Split::of(&longer).is_none());
    }

    #[test]
    fn what_was_cut_or_changed_does_not_come_out() {
        let module = module(&[FUNCTION], b"whole halves quarters");
        let whole = pack(&module, |stream| Some(by_lzma(stream))).unwrap();
        for end in 0..whole.len() {
            assert!(unpack(&whole[..end]).is_none(), "{end}");
        }
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 0x10;
            let unpacked = unpack(&other);
            // A property that says nothing of what is there may be another.
            assert!(unpacked.is_none_or(|unpacked| unpacked == module), "{at}");
        }
    }

    proptest! {
        #[test]
        fn functions_of_any_operands_come_out_as_they_went_in(
            instructions in prop::collection::vec((0x20_u8..=0x44, any::<[u8; 8]>()), 0..60),
        ) {
            let mut function = vec![0];
            for (instruction, operand) in instructions {
                let small = operand[0] & 0x7f;
                function.push(instruction);
                match instruction {
                    0x25..=0x27 => *function.last_mut().unwrap() = 1,
                    0x28..=0x3e => function.extend([operand[1] & 3, operand[2] | 0x80, small]),
                    0x41 => function.extend([operand[1] | 0x80, operand[2] | 0x80, small]),
                    0x43 => function.extend(&operand[..4]),
                    0x44 => function.extend(operand),
                    _ => function.push(small),
                }
            }
            function.push(0x0b);
            let mut code = vec![1];
            split::written(function.len() as u32, &mut code);
            code.extend(function);
            let module = [&b"\0asm\x01\0\0\0"[..], &section(10, &code)].concat();
            prop_assert!(Split::of(&module).unwrap().join().unwrap() == module);
        }

        #[test]
        fn what_is_no_packed_module_is_no_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            unpack(&bytes);
            Split::of(&bytes);
            let code = section(10, &bytes);
            Split::of(&[&b"\0asm\x01\0\0\0"[..], &code].concat());
            let mut split = Split { functions: 3, ..Split::default() };
            for (stream, bytes) in split.streams.iter_mut().zip(bytes.chunks(16)) {
                *stream = bytes.to_vec();
            }
            split.join();
        }
    }
}
