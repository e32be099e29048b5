//! Bytes made of raw data: wiped where they are, and where they were before they grew.

use std::fmt;

use zeroize::Zeroizing;

/// Smallest buffer.
const START_BYTES: usize = 64;

/// Bytes that grow.
#[derive(Debug, Default)]
pub(crate) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.0.capacity() - self.0.len() < bytes.len() {
            // A vector that grows by itself leaves what it held behind; this one is dropped.
            let needed = (self.0.len() + bytes.len()).next_power_of_two();
            let mut wider = Zeroizing::new(Vec::with_capacity(needed.max(START_BYTES)));
            wider.extend_from_slice(&self.0);
            self.0 = wider;
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn push_str(&mut self, text: &str) {
        self.push(text.as_bytes());
    }

    /// Adds a value as it is shown.
    pub(crate) fn show(&mut self, value: impl fmt::Display) {
        // Nothing in here fails.
        let _ = fmt::Write::write_fmt(self, format_args!("{value}"));
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text, where it is; else nothing of it.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// As text, where it is; else nothing of it.
    pub(crate) fn into_text(mut self) -> Zeroizing<String> {
        let bytes = std::mem::take(&mut *self.0);
        Zeroizing::new(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                String::new()
            }
        })
    }
}

impl fmt::Write for Wiped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_is_there() {
        let mut wiped = Wiped::default();
        let mut whole = String::new();
        for n in 0..200 {
            wiped.show(n);
            wiped.push_str("é");
            whole.push_str(&format!("{n}é"));
        }
        assert_eq!(wiped.text(), whole);
        assert_eq!(wiped.bytes(), whole.as_bytes());
        assert_eq!(*wiped.into_text(), whole);
        let mut wiped = Wiped::default();
        wiped.push(&[0xff]);
        assert_eq!(wiped.text(), "");
        assert_eq!(*wiped.into_text(), "");
    }
}
