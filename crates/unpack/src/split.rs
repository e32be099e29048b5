//! A module in streams of one kind each: instructions by themselves, and what they are given by
//! what it is. The same bytes mean one thing as a local's number and another as an address, and
//! apart each kind is packed better.
//!
//! What follows from the rest is left out: lengths of functions, and how accesses to memory are
//! aligned where they are so naturally. A local is named by how many others were named since.
//! Tables that can be computed ([`known`]) are left out too.

use crate::known;

/// Bytes before the first section.
const PREAMBLE_BYTES: usize = 8;
/// Number of the section of code.
const CODE: u8 = 10;
/// Bytes of a number, at most.
const NUMBER_BYTES_MAX: usize = 10;
/// From how many bytes on a number is most likely an address.
const ADDRESS_BYTES: usize = 4;
/// Locals whose number is one byte.
const NEAR_LOCALS: usize = 128;
/// Instructions by their first byte.
const BLOCK: u8 = 0x02;
const LOOP: u8 = 0x03;
const IF: u8 = 0x04;
const END: u8 = 0x0b;
const FIRST_ACCESS: u8 = 0x28;
const LAST_ACCESS: u8 = 0x3e;
const NUMBER: u8 = 0x41;
/// In place of [`NUMBER`], where the number is long, and of an access that is aligned otherwise:
/// no instruction begins with them.
const ADDRESS: u8 = 0xf7;
const FIRST_UNALIGNED: u8 = 0xe0;
const LAST_UNALIGNED: u8 = FIRST_UNALIGNED + (LAST_ACCESS - FIRST_ACCESS);
/// How accesses to memory are aligned naturally, from the first on.
const ALIGNED: [u8; 23] = [
    2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2,
];

/// Streams, by number.
pub(crate) const STREAMS_COUNT: usize = 16;
const REST: usize = 0;
const INSTRUCTIONS: usize = 1;
const GETS: usize = 2;
const SETS: usize = 3;
const TEES: usize = 4;
const NUMBERS: usize = 5;
const ADDRESSES: usize = 6;
const LONG_NUMBERS: usize = 7;
const CALLS: usize = 8;
const ALIGNMENTS: usize = 9;
const OFFSETS: usize = 10;
const BRANCHES: usize = 11;
const TABLES: usize = 12;
const BLOCKS: usize = 13;
const LOCALS: usize = 14;
const OTHERS: usize = 15;

/// Where a table that can be computed is left out, or that it is not.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A module in streams.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The streams; the first is all that is no code.
    pub streams: [Vec<u8>; STREAMS_COUNT],
    /// Where the functions are in the first, and how many.
    pub(crate) code_at: u32,
    pub(crate) functions: u32,
    /// Where tables were in the first, before any was left out behind it.
    pub(crate) tables_at: [u32; known::TABLES_COUNT],
}

/// Bytes that are read from their beginning.
#[derive(Default)]
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// A number of seven bits a byte, as it is written.
    fn number(&mut self) -> Option<&'b [u8]> {
        let last = self.0.iter().position(|byte| byte & 0x80 == 0)?;
        self.bytes(last + 1).filter(|_| last < NUMBER_BYTES_MAX)
    }
}

/// The value of such a number that is not negative.
fn value(number: &[u8]) -> Option<u32> {
    let value = number.iter().rev().try_fold(0_u64, |value, byte| {
        value.checked_mul(0x80)?.checked_add(u64::from(byte & 0x7f))
    });
    u32::try_from(value?).ok()
}

/// A number as it is written.
pub(crate) fn written(mut value: u32, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// What follows the first byte of an instruction: for each operand its stream, or how many bytes
/// there are of what has no numbers.
#[derive(Clone, Copy)]
enum Operands {
    Numbers(&'static [usize]),
    Local(usize),
    Bytes(usize),
    Table,
    /// The rest of an instruction, and what follows that.
    Bulk,
    Vector,
}

/// Of an instruction; none where there is no such.
fn operands(instruction: u8) -> Option<Operands> {
    Some(match instruction {
        BLOCK | LOOP | IF => Operands::Numbers(&[BLOCKS]),
        0x0c | 0x0d => Operands::Numbers(&[BRANCHES]),
        0x0e => Operands::Table,
        0x10 => Operands::Numbers(&[CALLS]),
        0x11 => Operands::Numbers(&[OTHERS, OTHERS]),
        0x20 => Operands::Local(GETS),
        0x21 => Operands::Local(SETS),
        0x22 => Operands::Local(TEES),
        FIRST_ACCESS..=LAST_ACCESS => Operands::Numbers(&[OFFSETS]),
        FIRST_UNALIGNED..=LAST_UNALIGNED => Operands::Numbers(&[ALIGNMENTS, OFFSETS]),
        0x23 | 0x24 | 0x3f | 0x40 | 0xd0 | 0xd2 => Operands::Numbers(&[OTHERS]),
        NUMBER => Operands::Numbers(&[NUMBERS]),
        ADDRESS => Operands::Numbers(&[ADDRESSES]),
        0x42 => Operands::Numbers(&[LONG_NUMBERS]),
        0x43 => Operands::Bytes(4),
        0x44 => Operands::Bytes(8),
        0x00 | 0x01 | 0x05 | END | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {
            Operands::Numbers(&[])
        }
        0xfc => Operands::Bulk,
        0xfd => Operands::Vector,
        _ => return None,
    })
}

/// Numbers and bytes behind the rest of an instruction.
fn behind_bulk(instruction: u32) -> Option<(usize, usize)> {
    Some(match instruction {
        0..=7 => (0, 0),
        9 | 11 | 13 | 15..=17 => (1, 0),
        8 | 10 | 12 | 14 => (2, 0),
        _ => return None,
    })
}

fn behind_vector(instruction: u32) -> Option<(usize, usize)> {
    Some(match instruction {
        0..=11 | 92 | 93 => (2, 0),
        12 | 13 => (0, 16),
        21..=34 => (0, 1),
        84..=91 => (2, 1),
        14..=275 => (0, 0),
        _ => return None,
    })
}

/// Locals, the one that was named last first.
struct Recent([u8; NEAR_LOCALS]);

impl Recent {
    fn new() -> Self {
        let mut all = [0; NEAR_LOCALS];
        for (number, local) in (0..).zip(&mut all) {
            *local = number;
        }
        Self(all)
    }

    /// The place of a local, which is the first from now on.
    fn place(&mut self, local: u8) -> Option<u8> {
        let place = self.0.iter().position(|other| *other == local)?;
        self.0.get_mut(..=place)?.rotate_right(1);
        Some(place as u8)
    }

    /// The local at a place, which is the first from now on.
    fn local(&mut self, place: u8) -> Option<u8> {
        let local = *self.0.get(usize::from(place))?;
        self.0.get_mut(..=usize::from(place))?.rotate_right(1);
        Some(local)
    }
}

/// One side of the way: where operands come from, and where they go.
trait Side {
    /// The next number of a stream, passed on.
    fn number(&mut self, stream: usize) -> Option<&[u8]>;
    fn bytes(&mut self, count: usize) -> Option<()>;
    fn local(&mut self, stream: usize) -> Option<()>;
    /// An instruction's first byte as the streams have it.
    fn instruction(&mut self) -> Option<u8>;
}

/// Passes on a function without its length.
fn function(side: &mut impl Side) -> Option<()> {
    let groups = value(side.number(LOCALS)?)?;
    for _ in 0..groups {
        side.number(LOCALS)?;
        side.number(LOCALS)?;
    }
    let mut depth = 1_usize;
    while depth > 0 {
        let instruction = side.instruction()?;
        match instruction {
            BLOCK | LOOP | IF => depth += 1,
            END => depth -= 1,
            _ => {}
        }
        pass(side, operands(instruction)?)?;
    }
    Some(())
}

fn pass(side: &mut impl Side, operands: Operands) -> Option<()> {
    let (numbers, bytes) = match operands {
        Operands::Numbers(streams) => {
            for stream in streams {
                side.number(*stream)?;
            }
            return Some(());
        }
        Operands::Local(stream) => return side.local(stream),
        Operands::Bytes(count) => (0, count),
        Operands::Table => {
            let count = value(side.number(TABLES)?)?;
            for _ in 0..=count {
                side.number(TABLES)?;
            }
            return Some(());
        }
        Operands::Bulk => behind_bulk(value(side.number(OTHERS)?)?)?,
        Operands::Vector => behind_vector(value(side.number(OTHERS)?)?)?,
    };
    for _ in 0..numbers {
        side.number(OTHERS)?;
    }
    side.bytes(bytes)
}

/// From the module to streams.
struct Apart<'m> {
    module: Reader<'m>,
    streams: [Vec<u8>; STREAMS_COUNT],
    recent: Recent,
}

impl Apart<'_> {
    fn put(&mut self, stream: usize, bytes: &[u8]) -> Option<()> {
        self.streams.get_mut(stream)?.extend_from_slice(bytes);
        Some(())
    }
}

impl Side for Apart<'_> {
    fn number(&mut self, stream: usize) -> Option<&[u8]> {
        let number = self.module.number()?;
        self.put(stream, number)?;
        Some(number)
    }

    fn bytes(&mut self, count: usize) -> Option<()> {
        let bytes = self.module.bytes(count)?;
        self.put(OTHERS, bytes)
    }

    fn local(&mut self, stream: usize) -> Option<()> {
        let number = self.module.number()?;
        if let [local] = number {
            let place = self.recent.place(*local)?;
            return self.put(stream, &[place]);
        }
        self.put(stream, number)
    }

    fn instruction(&mut self) -> Option<u8> {
        let first = self.module.byte()?;
        let mut ahead = Reader(self.module.0);
        let told = match first {
            FIRST_ACCESS..=LAST_ACCESS => {
                let access = first - FIRST_ACCESS;
                let aligned = ALIGNED.get(usize::from(access))?;
                if ahead.number()? == [*aligned] {
                    self.module = ahead;
                    first
                } else {
                    FIRST_UNALIGNED + access
                }
            }
            NUMBER if ahead.number()?.len() >= ADDRESS_BYTES => ADDRESS,
            FIRST_UNALIGNED..=LAST_UNALIGNED | ADDRESS => return None,
            _ => first,
        };
        self.put(INSTRUCTIONS, &[told])?;
        Some(told)
    }
}

/// From streams to a function's bytes.
struct Together<'s> {
    streams: [Reader<'s>; STREAMS_COUNT],
    out: Vec<u8>,
    recent: Recent,
}

impl Side for Together<'_> {
    fn number(&mut self, stream: usize) -> Option<&[u8]> {
        let number = self.streams.get_mut(stream)?.number()?;
        self.out.extend_from_slice(number);
        Some(number)
    }

    fn bytes(&mut self, count: usize) -> Option<()> {
        let bytes = self.streams.get_mut(OTHERS)?.bytes(count)?;
        self.out.extend_from_slice(bytes);
        Some(())
    }

    fn local(&mut self, stream: usize) -> Option<()> {
        let number = self.streams.get_mut(stream)?.number()?;
        if let [place] = number {
            let local = self.recent.local(*place)?;
            self.out.push(local);
        } else {
            self.out.extend_from_slice(number);
        }
        Some(())
    }

    fn instruction(&mut self) -> Option<u8> {
        let told = self.streams.get_mut(INSTRUCTIONS)?.byte()?;
        match told {
            FIRST_ACCESS..=LAST_ACCESS => {
                let aligned = ALIGNED.get(usize::from(told - FIRST_ACCESS))?;
                self.out.extend_from_slice(&[told, *aligned]);
            }
            FIRST_UNALIGNED..=LAST_UNALIGNED => {
                self.out.push(told - FIRST_UNALIGNED + FIRST_ACCESS);
            }
            ADDRESS => self.out.push(NUMBER),
            _ => self.out.push(told),
        }
        Some(told)
    }
}

/// The code's section in a module: where its content begins, and its length.
fn code(module: &[u8]) -> Option<(usize, usize)> {
    let mut reader = Reader(module);
    reader.bytes(PREAMBLE_BYTES)?;
    loop {
        let section = reader.byte()?;
        let length = value(reader.number()?)? as usize;
        let at = module.len() - reader.0.len();
        reader.bytes(length)?;
        if section == CODE {
            return Some((at, length));
        }
    }
}

impl Split {
    /// Splits a module; `None` where it is none, or has what is not known of here.
    pub fn of(module: &[u8]) -> Option<Self> {
        let (code_at, length) = code(module)?;
        let mut apart = Apart {
            module: Reader(module.get(code_at..code_at + length)?),
            streams: <[Vec<u8>; STREAMS_COUNT]>::default(),
            recent: Recent::new(),
        };
        let functions = value(apart.module.number()?)?;
        for _ in 0..functions {
            apart.module.number()?;
            apart.recent = Recent::new();
            function(&mut apart)?;
        }
        let mut rest = [module.get(..code_at)?, module.get(code_at + length..)?].concat();
        let mut split = Self {
            code_at: u32::try_from(code_at).ok()?,
            functions,
            tables_at: [NOWHERE; known::TABLES_COUNT],
            streams: apart.streams,
        };
        for (table, at) in known::TABLES.iter().zip(&mut split.tables_at) {
            let mut windows = rest.windows(table.len());
            // In the data, which is behind the code.
            if let Some(found) = windows.position(|window| window == table)
                && found >= code_at
            {
                rest.drain(found..found + table.len());
                *at = u32::try_from(found).ok()?;
            }
        }
        *split.streams.get_mut(REST)? = rest;
        (split.join()? == module).then_some(split)
    }

    /// The module again; `None` where the streams are not those of one.
    pub fn join(&self) -> Option<Vec<u8>> {
        let mut rest = self.streams.get(REST)?.clone();
        for (number, at) in self.tables_at.into_iter().enumerate().rev() {
            if at != NOWHERE {
                let at = at as usize;
                let behind = (at <= rest.len()).then(|| rest.split_off(at))?;
                rest.extend_from_slice(known::TABLES.get(number)?);
                rest.extend(behind);
            }
        }
        let behind = self.code_at as usize;
        let behind = (behind <= rest.len()).then(|| rest.split_off(behind))?;
        let mut streams = <[Reader<'_>; STREAMS_COUNT]>::default();
        for (reader, stream) in streams.iter_mut().zip(&self.streams) {
            reader.0 = stream;
        }
        let mut together = Together {
            streams,
            out: Vec::new(),
            recent: Recent::new(),
        };
        written(self.functions, &mut rest);
        for _ in 0..self.functions {
            together.recent = Recent::new();
            function(&mut together)?;
            written(together.out.len() as u32, &mut rest);
            rest.append(&mut together.out);
        }
        rest.extend(behind);
        Some(rest)
    }
}
