//! Signs: which of them may lead to something.

use super::{Screen, keys, numbers};
use crate::bytes::{alnum, at, before, blank, run, run_back};
use crate::rules::RuleSet;
use crate::{
    account, command, email, hash, ident, marker, number, positional, prose, query, shadow, table,
};

impl Screen {
    /// A sign, a byte that is not ASCII, or the first letter of a country.
    pub(super) fn sign(&mut self, text: &str, i: usize, rules: &RuleSet) {
        let bytes = text.as_bytes();
        let next = at(bytes, i + 1);
        let may = match at(bytes, i) {
            b'@' => email::may_be_at(bytes, i),
            b'<' => next.is_ascii_alphabetic() || next >= 0x80,
            b';' => before(bytes, i) == b'"' && next == b's' || positional::may_sign(bytes, i),
            b'%' => positional::may_sign(bytes, i),
            b'?' => query::may_hold(bytes, i),
            b'+' => number::may_be_international(bytes, i) || ident::find(text, i).is_some(),
            b'(' => {
                next.is_ascii_digit() && (is_area(bytes, i) || ident::find(text, i).is_some())
                    || email::may_be_spelled(bytes, i)
                    || positional::may_sign(bytes, i)
            }
            b'[' => {
                email::may_be_spelled(bytes, i)
                    || account::may_be_access_log(bytes, i)
                    || positional::may_sign(bytes, i)
            }
            b'{' => email::may_be_spelled(bytes, i) || hash::directory(text, i).is_some(),
            b'$' => hash::is_crypt(bytes, i),
            b'\\' if matches!(next, b'n' | b'r' | b'\\') => table::may_end_header(text, i),
            b'-' => is_option(bytes, i),
            0xe2 if marker::opens(bytes, i) => true,
            b if b >= 0xc3 && prose::may_begin_high(bytes, i) => true,
            b => b.is_ascii_alphabetic() && numbers::is_country(bytes, i),
        };
        if may {
            self.add(i);
        }
        if at(bytes, i) == b'[' && matches!(next, b'"' | b' ' | b'\\') {
            self.list(text, i, rules);
        }
        if at(bytes, i) == b'\\' && !b"\"\\/nrt".contains(&next) {
            let slashes = i - run_back(bytes, i, ESCAPES_BYTES_MAX, |b| b == b'\\');
            if slashes.is_multiple_of(2) || slashes == ESCAPES_BYTES_MAX {
                self.odd.push(i as u32);
            }
        }
        if disguising(at(bytes, i)) && shadow::disguises(text, i) {
            self.disguises.push(i as u32);
        }
    }
}

/// Whether digits in parentheses may be a telephone number's area code.
fn is_area(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i + 1, 6, |b| b.is_ascii_digit());
    at(bytes, end) == b')'
}

/// Most backslashes in a row that are counted.
const ESCAPES_BYTES_MAX: usize = 64;

/// Whether a disguise may begin with the byte.
fn disguising(b: u8) -> bool {
    matches!(b, b'%' | b'\\' | b'&' | 0x1b | 0) || b >= 0x80
}

/// Options of a command line.
fn is_option(bytes: &[u8], i: usize) -> bool {
    let (prior, next) = (before(bytes, i), at(bytes, i + 1));
    if next == b'-' {
        let end = run(bytes, i + 2, 64, |b| {
            alnum(b) || matches!(b, b'-' | b'_' | b'.')
        });
        if command::may_be_option(bytes, i) {
            return true;
        }
        return !(prior == b'-' || alnum(prior))
            && blank(at(bytes, end))
            && keys::may_end(bytes, end);
    }
    command::may_be_option(bytes, i)
        || matches!(next, b'u' | b'p' | b'a' | b'w')
            && (blank(prior) || matches!(prior, b'"' | b'\'' | b','))
}
