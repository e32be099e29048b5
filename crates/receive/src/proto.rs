//! Protobuf's wire format, as much of it as OTLP uses: fields out of a slice, fields into a vector.
//!
//! *Why not generated code.* Two bytes on the wire can become seventy in generated structs, before
//! any limit of ours is asked. Here each value is charged as it is read, depth and counts are
//! ours, and text that is not UTF-8 has a code of its own.

use crate::error::Code;

/// A field's value on the wire.
#[derive(Clone, Copy)]
pub(crate) enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    pub(crate) fn bytes(self) -> Result<&'a [u8], Code> {
        if let Self::Bytes(bytes) = self {
            Ok(bytes)
        } else {
            Err(Code::ProtobufMalformed)
        }
    }

    pub(crate) fn text(self) -> Result<&'a str, Code> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Code::InvalidUtf8)
    }

    pub(crate) fn fixed32(self) -> Result<u32, Code> {
        if let Self::Fixed32(n) = self {
            Ok(n)
        } else {
            Err(Code::ProtobufMalformed)
        }
    }

    pub(crate) fn fixed64(self) -> Result<u64, Code> {
        if let Self::Fixed64(n) = self {
            Ok(n)
        } else {
            Err(Code::ProtobufMalformed)
        }
    }

    pub(crate) fn varint(self) -> Result<u64, Code> {
        if let Self::Varint(n) = self {
            Ok(n)
        } else {
            Err(Code::ProtobufMalformed)
        }
    }
}

/// Fields of one message, in order; after an error nothing more.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn read(&mut self) -> Result<(u32, Wire<'a>), Code> {
        let key = self.varint()?;
        let field = u32::try_from(key >> 3).map_err(|_| Code::ProtobufMalformed)?;
        if field == 0 {
            return Err(Code::ProtobufMalformed);
        }
        let wire = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = usize::try_from(self.varint()?).map_err(|_| Code::ProtobufMalformed)?;
                Wire::Bytes(self.take(len)?)
            }
            5 => Wire::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(Code::ProtobufMalformed),
        };
        Ok((field, wire))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Code> {
        let (head, tail) = self
            .rest
            .split_at_checked(len)
            .ok_or(Code::ProtobufMalformed)?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Code> {
        self.take(N)?
            .try_into()
            .map_err(|_| Code::ProtobufMalformed)
    }

    fn varint(&mut self) -> Result<u64, Code> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            if shift == 63 && byte > 1 {
                return Err(Code::ProtobufMalformed);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Code::ProtobufMalformed)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Wire<'a>), Code>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let item = self.read();
        if item.is_err() {
            self.rest = &[];
        }
        Some(item)
    }
}

/// Appends a varint.
fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a varint field.
pub(crate) fn put_number(out: &mut Vec<u8>, field: u32, value: u64) {
    put_varint(out, u64::from(field << 3));
    put_varint(out, value);
}

/// Appends a length-delimited field.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    put_varint(out, u64::from(field << 3 | 2));
    put_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}
