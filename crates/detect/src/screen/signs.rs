//! Signs: which of them may lead to something.

use super::{Around, Screen, bits};
use crate::bytes::{alnum, at, before, blank, run};
use crate::{email, encoded, hash, marker, number, query};

impl Screen {
    pub(super) fn signs(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        self.each(base, v.here.at, |i| email::may_be_at(bytes, i));
        for i in bits(base, v.here.mark) {
            let may = match at(bytes, i) {
                b'<' => at(bytes, i + 1).is_ascii_alphabetic(),
                b';' => before(bytes, i) == b'"' && at(bytes, i + 1) == b's',
                _ => query::may_hold(bytes, i),
            };
            if may {
                self.add(i);
            }
        }
        self.each(base, v.here.opening, |i| {
            let next = at(bytes, i + 1);
            match at(bytes, i) {
                b'+' => number::may_be_international(bytes, i),
                _ => next.is_ascii_digit() || next | 0x20 == b'a',
            }
        });
        self.each(base, v.here.bracket, |i| {
            at(bytes, i + 1) | 0x20 == b'a'
                || at(bytes, i) == b'{' && hash::directory(text, i).is_some()
        });
        self.disguised(text, base, v);
    }

    /// Sigils, backslashes, control bytes and what is not ASCII: some lead to something, some
    /// disguise something.
    fn disguised(&mut self, text: &str, base: usize, v: &Around<'_>) {
        let bytes = text.as_bytes();
        let may = v.here.sigil | v.here.backslash | v.here.control | v.here.high;
        for i in bits(base, may) {
            if at(bytes, i) == b'$' {
                if hash::is_crypt(bytes, i) {
                    self.add(i);
                }
            } else if marker::opens(bytes, i) {
                self.add(i);
            } else if encoded::disguises(text, i) {
                self.disguises.push(i as u32);
            }
        }
        let soft = v.here.newline & v.behind(|b| b.separator, 1);
        for i in bits(base, soft).filter_map(|i| i.checked_sub(1)) {
            if encoded::disguises(text, i) {
                self.disguises.push(i as u32);
            }
        }
        let options = v.behind(|b| b.blank | b.quote | b.comma, 1) & !v.ahead(|b| b.blank, 1);
        for i in bits(base, v.here.dash & (options | v.ahead(|b| b.dash, 1))) {
            self.dash(text, i);
        }
    }

    /// Options of a command line.
    fn dash(&mut self, text: &str, i: usize) {
        let bytes = text.as_bytes();
        let (prior, next) = (before(bytes, i), at(bytes, i + 1));
        if next == b'-' {
            if prior == b'-' || alnum(prior) {
                return;
            }
            let end = run(bytes, i + 2, 64, |b| alnum(b) || matches!(b, b'-' | b'_'));
            if blank(at(bytes, end)) && super::keys::may_end(bytes, end) {
                self.add(i);
            }
        } else if matches!(next, b'u' | b'p' | b'a' | b'w')
            && (blank(prior) || matches!(prior, b'"' | b'\'' | b','))
        {
            self.add(i);
        }
    }
}
