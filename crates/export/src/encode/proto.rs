//! Protobuf's wire format, as much of it as is sent, and as is read of an answer.

/// Kinds of fields on the wire.
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH: u32 = 2;

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_tag(out: &mut Vec<u8>, field: u32, kind: u32) {
    put_varint(out, u64::from(field << 3 | kind));
}

/// Appends a number.
pub(crate) fn put_number(out: &mut Vec<u8>, field: u32, value: u64) {
    put_tag(out, field, VARINT);
    put_varint(out, value);
}

/// Appends a number unless it is 0, which is what its absence says.
pub(crate) fn put_number_but_0(out: &mut Vec<u8>, field: u32, value: u64) {
    if value != 0 {
        put_number(out, field, value);
    }
}

/// Appends eight bytes.
pub(crate) fn put_fixed64(out: &mut Vec<u8>, field: u32, value: u64) {
    put_tag(out, field, FIXED64);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Appends eight bytes unless they are 0.
pub(crate) fn put_fixed64_but_0(out: &mut Vec<u8>, field: u32, value: u64) {
    if value != 0 {
        put_fixed64(out, field, value);
    }
}

/// Appends bytes or text.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    put_tag(out, field, LENGTH);
    put_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends text unless it is empty.
pub(crate) fn put_text_but_empty(out: &mut Vec<u8>, field: u32, text: &str) {
    if !text.is_empty() {
        put_bytes(out, field, text.as_bytes());
    }
}

/// Appends a message. Its length is known when it is written: short ones, which most are, leave
/// room for it; of a long one the bytes move.
pub(crate) fn put_message(out: &mut Vec<u8>, field: u32, write: impl FnOnce(&mut Vec<u8>)) {
    put_tag(out, field, LENGTH);
    let at = out.len();
    out.push(0);
    write(out);
    let len = out.len() - at - 1;
    if len < 0x80 {
        if let Some(slot) = out.get_mut(at) {
            *slot = len as u8;
        }
    } else {
        let mut prefix = Vec::with_capacity(10);
        put_varint(&mut prefix, len as u64);
        drop(out.splice(at..=at, prefix));
    }
}

/// A field's value as read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// Fields of an answer, in order; what is malformed ends them.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take::<1>()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(head)
    }

    fn read(&mut self) -> Option<(u64, Wire<'a>)> {
        let key = self.varint()?;
        let wire = match key & 7 {
            0 => Wire::Number(self.varint()?),
            1 => self.take::<8>().map(|_| Wire::Other)?,
            2 => {
                let len = usize::try_from(self.varint()?).ok()?;
                let (head, tail) = self.0.split_at_checked(len)?;
                self.0 = tail;
                Wire::Bytes(head)
            }
            5 => self.take::<4>().map(|_| Wire::Other)?,
            _ => return None,
        };
        Some((key >> 3, wire))
    }

    /// The last number of that field; 0 where there is none.
    pub(crate) fn number(self, field: u64) -> u64 {
        let found = self.filter_map(|(own, wire)| match wire {
            Wire::Number(n) if own == field => Some(n),
            _ => None,
        });
        found.last().unwrap_or_default()
    }

    /// The messages of that field.
    pub(crate) fn messages(self, field: u64) -> impl Iterator<Item = &'a [u8]> {
        self.filter_map(move |(own, wire)| match wire {
            Wire::Bytes(bytes) if own == field => Some(bytes),
            _ => None,
        })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Wire<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.read();
        if item.is_none() {
            self.0 = &[];
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes: Vec<u8>) {
            prop_assert!(Fields(&bytes).count() <= bytes.len());
        }

        #[test]
        fn what_is_written_is_read(
            number: u64, inner in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let mut out = Vec::new();
            put_message(&mut out, 3, |out| put_bytes(out, 1, &inner));
            put_number(&mut out, 2, number);
            put_fixed64(&mut out, 4, number);
            let message = Fields(&out).messages(3).next().unwrap();
            prop_assert_eq!(Fields(message).messages(1).next().unwrap(), &inner);
            prop_assert_eq!(Fields(&out).number(2), number);
            prop_assert_eq!(Fields(&out).count(), 3);
        }
    }
}
