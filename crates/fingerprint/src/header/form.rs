//! The form of a line: what is left of it when its numbers, addresses, ids and pseudonyms are
//! written as one of their kind.
//!
//! **Invariant:** lines of one form have headers in the same places, and one template. Whatever a
//! reader asks of a digit is asked by [`Form`]'s classes, too: whether it is a day, an hour, a
//! minute or a year that there is, where a time may stand; and what it cannot tell has no form.
//!
//! *Complexity:* one pass over the line.

use crate::{class, clock, slot};

/// Longest line that has a form, in bytes: shorter than what a template is cut to, and than a
/// quoted text may be.
pub(super) const FORM_BYTES_MAX: usize = 480;
/// Letters and digits in a row that are looked at together.
const RUN_BYTES_MAX: usize = 64;
/// Shortest run of hexadecimal digits that is an id.
const HEX_BYTES_MIN: usize = 8;
/// Bytes of a UUID, and of a pseudonym behind its kind.
const UUID_BYTES: usize = 36;
const PSEUDONYM_BYTES: usize = 24;
/// Longest number that the parts of a header may be.
const NUMBER_BYTES_MAX: usize = 19;
/// What is written for the body of a pseudonym, which has a digit in it.
const PSEUDONYM: &[u8; PSEUDONYM_BYTES] = b"k2kkkkkkkkkkkkkkkkkkkkkk";
/// Shortest run behind an underscore that may be such a body by its digits.
const BODY_BYTES_MIN: usize = 20;
/// What is written for an address.
const ADDRESS: &[u8] = b"1.1.1.1";
/// Digits, and other bytes that something may begin with.
const DIGIT: u8 = 1;
const MARK: u8 = 2;

static KINDS: [u8; 256] = kinds();

#[expect(
    clippy::indexing_slicing,
    reason = "a table that is made when compiling, where an index out of it does not compile"
)]
const fn kinds() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'0'..=b'9' => DIGIT,
            b'_' | b'[' | b']' => MARK,
            _ => 0,
        };
        b += 1;
    }
    table
}

/// A line's form. Kept and used again, its memory serves the next line.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    /// The line as it is written.
    pub(super) text: Vec<u8>,
    /// Behind which of its bytes so many of the line were left out.
    cuts: Vec<Cut>,
    /// Where the time begins in it.
    pub(super) time_start: usize,
    /// The first byte of an id; beyond any text where there is none.
    pub(super) first_id: usize,
    /// The same of an address that is written as any other.
    pub(super) first_address: usize,
    /// The last time, and how it was written.
    last_time: Vec<u8>,
    last_moment: Vec<u8>,
    /// Within a bracket, and before the time, a number's length counts.
    bracketed: bool,
    timed: bool,
}

/// A place where the form is shorter than the line.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// What is written instead, in the form.
    start: usize,
    end: usize,
    /// Bytes that the line has more.
    more: usize,
}

impl Form {
    /// Writes the form of a line whose time stands from `start` to `end`; false where it has none.
    pub(super) fn write(&mut self, line: &[u8], start: usize, end: usize) -> bool {
        self.text.clear();
        self.cuts.clear();
        (self.first_id, self.first_address) = (usize::MAX, usize::MAX);
        (self.bracketed, self.timed) = (false, false);
        if line.len() > FORM_BYTES_MAX || !self.part(line, 0, start) {
            return false;
        }
        self.time_start = self.text.len();
        self.moment(line.get(start..end).unwrap_or_default());
        self.timed = true;
        self.part(line, end, line.len())
    }

    /// Where in the line a byte of the form is; none within what is shorter in the form.
    pub(super) fn in_line(&self, place: usize) -> Option<usize> {
        let mut more = 0;
        for cut in &self.cuts {
            if place <= cut.start {
                break;
            }
            if place < cut.end {
                return None;
            }
            more += cut.more;
        }
        Some(place + more)
    }

    /// Where in the form a byte of the line is; none within what is shorter in the form.
    pub(super) fn in_form(&self, place: usize) -> Option<usize> {
        let mut more = 0;
        for cut in &self.cuts {
            if place <= cut.start + more {
                break;
            }
            if place < cut.end + more + cut.more {
                return None;
            }
            more += cut.more;
        }
        Some(place - more)
    }

    /// Whether a part of the form may be shorter than in the line.
    pub(super) fn is_cut(&self, start: usize, end: usize) -> bool {
        let mut cuts = self.cuts.iter();
        cuts.any(|cut| cut.start >= start && cut.end <= end)
    }

    /// The time of the line, as one that no class of another number is written as: by its form
    /// alone, which most lines of a log have in common.
    fn moment(&mut self, time: &[u8]) {
        let alike = |(a, b): (&u8, &u8)| a == b || a.is_ascii_digit() && b.is_ascii_digit();
        let same = self.last_time.len() == time.len();
        if same && self.last_time.iter().zip(time).all(alike) {
            self.text.extend_from_slice(&self.last_moment);
            return;
        }
        let from = self.text.len();
        self.write_moment(time);
        self.last_time.clear();
        self.last_time.extend_from_slice(time);
        self.last_moment.clear();
        let written = self.text.get(from..).unwrap_or_default();
        self.last_moment.extend_from_slice(written);
    }

    fn write_moment(&mut self, time: &[u8]) {
        let mut at = 0;
        while let Some(b) = time.get(at) {
            let rest = time.get(at..).unwrap_or_default();
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let written: &[u8] = match digits {
                0 => std::slice::from_ref(b),
                1 => b"9",
                2 => b"10",
                // Month and day in one.
                4 if at == 0 && byte(time, 4) == b' ' => b"1010",
                3 => b"111",
                4 => b"2010",
                // A date or clock without marks, or a fraction.
                _ => b"20101010101010101010",
            };
            let fits = written.get(..digits.max(1)).unwrap_or(written);
            self.text.extend_from_slice(fits);
            self.ones(digits.saturating_sub(fits.len()));
            at += digits.max(1);
        }
    }

    fn ones(&mut self, count: usize) {
        let length = self.text.len() + count;
        self.text.resize(length, b'1');
    }

    fn part(&mut self, line: &[u8], start: usize, end: usize) -> bool {
        let mut at = start;
        while at < end {
            let rest = line.get(at..end).unwrap_or_default();
            let kind = |b: &u8| KINDS.get(usize::from(*b)).copied().unwrap_or(0);
            let plain = rest.iter().position(|b| kind(b) != 0).unwrap_or(rest.len());
            self.text
                .extend_from_slice(rest.get(..plain).unwrap_or_default());
            at += plain;
            let Some(b) = line.get(at..end).and_then(|rest| rest.first()) else {
                break;
            };
            if kind(b) == MARK {
                at += self.mark(line, at, *b);
                continue;
            }
            match self.figure(line, at) {
                Some(length) => at += length,
                None => return false,
            }
        }
        true
    }

    /// An underscore, with the body of a pseudonym that may follow; a bracket.
    fn mark(&mut self, line: &[u8], at: usize, b: u8) -> usize {
        self.text.push(b);
        match b {
            b'[' => self.bracketed = true,
            b']' => self.bracketed = false,
            _ if is_pseudonym(line, at) => {
                self.text.extend_from_slice(PSEUDONYM);
                return 1 + PSEUDONYM_BYTES;
            }
            _ => {}
        }
        1
    }

    /// What the first digit of a run of letters and digits belongs to. Returns its length from
    /// there on; none where the line has no form.
    fn figure(&mut self, line: &[u8], at: usize) -> Option<usize> {
        let behind = line.get(at..).unwrap_or_default();
        let digits = behind.iter().take_while(|b| b.is_ascii_digit()).count();
        let next = byte(line, at + digits);
        if byte_before(line, at).is_ascii_alphanumeric() || next.is_ascii_alphanumeric() {
            return self.word(line, at);
        }
        if next == b'.'
            && let Some((length, is_valid)) = address(line, at)
        {
            // Within a bracket its length counts, and within a longer address its value.
            if !is_valid || byte_before(line, at) == b':' {
                return None;
            }
            if !self.bracketed {
                self.first_address = self.first_address.min(self.text.len());
                self.cut(ADDRESS, length);
                return Some(length);
            }
        }
        if next == b'-'
            && let Some(length) = self.id(line, at, 0, behind.get(..digits)?)
        {
            return Some(length);
        }
        if self.timed && !self.bracketed && stands_alone(line, at, digits) {
            return self.number(line, at, digits).then_some(digits);
        }
        self.digits(line, at, digits)?;
        Some(digits)
    }

    /// A run of letters and digits, from its first digit on.
    fn word(&mut self, line: &[u8], at: usize) -> Option<usize> {
        let alnum = |b: &&u8| b.is_ascii_alphanumeric();
        let before = line.get(..at).unwrap_or_default();
        let behind = line.get(at..).unwrap_or_default();
        let letters = before.iter().rev().take(RUN_BYTES_MAX);
        let letters = letters.take_while(alnum).count();
        let length = behind.iter().take(RUN_BYTES_MAX).take_while(alnum).count();
        // What it is may be told by what stands behind its part that is looked at.
        if letters == RUN_BYTES_MAX || length == RUN_BYTES_MAX {
            return None;
        }
        let run = line.get(at - letters..at + length).unwrap_or_default();
        if let Some(length) = self.id(line, at, letters, run) {
            return Some(length);
        }
        if run.len() >= BODY_BYTES_MIN && byte_before(line, at - letters) == b'_' {
            self.text.extend_from_slice(behind.get(..length)?);
            return Some(length);
        }
        let mut done = 0;
        while done < length {
            let here = behind.get(done..length).unwrap_or_default();
            let digits = here.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                self.text.extend(here.first());
                done += 1;
            } else {
                self.digits(line, at + done, digits)?;
                done += digits;
            }
        }
        Some(length)
    }

    /// A UUID or a run of hexadecimal digits. What it writes has as many bytes, but of `0x` and
    /// digits.
    fn id(&mut self, line: &[u8], at: usize, letters: usize, run: &[u8]) -> Option<usize> {
        if letters == 0 && self.is_hex_number(line, at, run) {
            self.first_id = self.first_id.min(self.text.len());
            self.cut(b"0x1", run.len());
            return Some(run.len());
        }
        if run.len() < HEX_BYTES_MIN {
            return None;
        }
        let start = at - letters;
        let whole = line.get(start..start + UUID_BYTES).unwrap_or_default();
        let uuid = run.len() == HEX_BYTES_MIN
            && slot::uuid(whole)
            && is_token(line, start, start + UUID_BYTES);
        let written = if uuid { whole } else { run };
        let hex = || is_hex_id(run) && is_part(line, start, start + run.len());
        if !(uuid || hex()) {
            return None;
        }
        let from = self.text.len() - letters;
        self.text.truncate(from);
        self.first_id = self.first_id.min(from);
        let shout = run.iter().any(u8::is_ascii_uppercase);
        let first_digit = usize::from(run.first().is_some_and(u8::is_ascii_digit));
        for (place, b) in written.iter().enumerate() {
            self.text.push(match b {
                b'-' => b'-',
                _ if (place + first_digit) % 2 == 1 => b'1',
                _ if shout => b'A',
                _ => b'a',
            });
        }
        Some(written.len() - letters)
    }

    /// `0x7f3a`, where its length does not count.
    fn is_hex_number(&self, line: &[u8], at: usize, run: &[u8]) -> bool {
        let hex = run.strip_prefix(b"0x").unwrap_or_default();
        !hex.is_empty()
            && self.timed
            && !self.bracketed
            && run.len() < RUN_BYTES_MAX
            && hex.iter().all(u8::is_ascii_hexdigit)
            && is_part(line, at, at + run.len())
    }

    /// A number that stands alone: how long it is does not count.
    fn number(&mut self, line: &[u8], at: usize, digits: usize) -> bool {
        let day = month_before(line, at) || month_behind(line, at + digits);
        if day || matches!(digits, 4 | 8) || digits > NUMBER_BYTES_MAX {
            return self.digits(line, at, digits).is_some();
        }
        self.cut(b"1", digits);
        true
    }

    /// Digits, as many as there are: the class of a value that a time may have, or ones.
    fn digits(&mut self, line: &[u8], at: usize, count: usize) -> Option<()> {
        let run = line.get(at..at + count).unwrap_or_default();
        match count {
            // A code such as `DEBUG1`, and `0x`.
            1 if byte_before(line, at).is_ascii_alphabetic()
                || matches!(byte(line, at + 1), b'x' | b'X') =>
            {
                self.text.extend_from_slice(run);
            }
            1 | 2 if may_be_timed(line, at, count) => self.text.extend_from_slice(class_of(run)),
            4 => self.text.extend_from_slice(year_class(run)),
            8 if may_be_packed(line, at + count) => return None,
            _ => self.ones(count),
        }
        Some(())
    }

    /// Writes a text in place of so many bytes of the line.
    fn cut(&mut self, text: &[u8], bytes: usize) {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        self.cuts.push(Cut {
            start,
            end: self.text.len(),
            more: bytes.saturating_sub(text.len()),
        });
    }
}

/// `10.0.0.1`, with nothing around it that belongs to it: its length, and whether there is such an
/// address.
fn address(line: &[u8], at: usize) -> Option<(usize, bool)> {
    let rest = line.get(at..).unwrap_or_default();
    let fits = |b: &&u8| b.is_ascii_digit() || **b == b'.';
    let length = rest.iter().take(16).take_while(fits).count();
    let word = rest.get(..length)?;
    let mut groups = word.split(|b| *b == b'.');
    let count = groups.clone().count();
    let shaped = groups.clone().all(|group| (1..=3).contains(&group.len()));
    if count != 4 || !shaped {
        return None;
    }
    let is_valid = groups.all(|group| value_of(group) <= 255);
    let (before, next) = (byte_before(line, at), byte(rest, length));
    let opens = matches!(
        before,
        0 | b' ' | b'/' | b'=' | b'(' | b'[' | b'"' | b',' | b':'
    );
    // Behind a date it may be a clock.
    let dated = before == b' ' && byte_before(line, at.saturating_sub(1)).is_ascii_digit();
    let ends =
        !(next.is_ascii_alphanumeric() || matches!(next, b'.' | b'_' | b'-' | b'/')) && next < 0x80;
    (opens && !dated && ends).then_some((length, is_valid))
}

/// Whether the part of a token that an underscore stands in is a pseudonym whose body follows.
fn is_pseudonym(line: &[u8], at: usize) -> bool {
    let end = at + 1 + PSEUDONYM_BYTES;
    let body = line.get(at + 1..end).unwrap_or_default();
    let fits = |b: &u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(b);
    if body.len() < PSEUDONYM_BYTES || !body.iter().all(fits) {
        return false;
    }
    let before = line.get(..at).unwrap_or_default();
    let parts = |b: &u8| class::ends_part(*b);
    let kind = before.iter().rev().take_while(|b| !parts(b)).count();
    let part = line.get(at - kind..end).unwrap_or_default();
    let next = byte(line, end);
    let stops = next == b'.' && matches!(byte(line, end + 1), 0 | b' ');
    let ends = end >= line.len() || parts(&next) || stops;
    // One without a digit is taken for a word in some places.
    ends && body.iter().any(u8::is_ascii_digit) && slot::pseudonym(part).is_some()
}

/// Whether a run of letters and digits is an id: hexadecimal digits, and nothing that may be an
/// amount with its unit or exponent.
fn is_hex_id(run: &[u8]) -> bool {
    let (mut digit, mut lower, mut upper, mut sure) = (false, false, false, false);
    for b in run {
        match b {
            b'0'..=b'9' => digit = true,
            b'a' | b'c' | b'f' => (lower, sure) = (true, true),
            b'A' | b'C' | b'F' => (upper, sure) = (true, true),
            b'b' | b'd' | b'e' => lower = true,
            b'B' | b'D' | b'E' => upper = true,
            _ => return false,
        }
    }
    run.len() < RUN_BYTES_MAX && digit && sure && lower != upper
}

/// Whether what stands there is a part of a token by itself.
fn is_part(line: &[u8], start: usize, end: usize) -> bool {
    let joins = |b: u8| matches!(b, b'_' | b'.') || b >= 0x80;
    !joins(byte_before(line, start)) && !joins(byte(line, end))
}

/// Whether what stands there is a token by itself.
fn is_token(line: &[u8], start: usize, end: usize) -> bool {
    let stops = matches!(byte(line, end), b'.' | b':' | b'!' | b'?');
    let end = end + usize::from(stops);
    (start == 0 || class::ends_token(byte_before(line, start)))
        && (end >= line.len() || class::ends_token(byte(line, end)))
}

/// Whether a number is set apart from what stands around it.
fn stands_alone(line: &[u8], at: usize, digits: usize) -> bool {
    let opens = at == 0 || matches!(byte_before(line, at), b' ' | b'=' | b'(' | b'"');
    let next = byte(line, at + digits);
    let behind = byte(line, at + digits + 1);
    opens
        && (at + digits == line.len()
            || matches!(next, b' ' | b')' | b'"' | b';')
            || next == b',' && !behind.is_ascii_digit())
}

/// Whether one or two digits may be a part of a date or a clock.
fn may_be_timed(line: &[u8], at: usize, count: usize) -> bool {
    let joined = |b: u8| matches!(b, b':' | b'/' | b'.' | b'-');
    let end = at + count;
    let before =
        joined(byte_before(line, at)) && byte_before(line, at.saturating_sub(1)).is_ascii_digit();
    let next = joined(byte(line, end)) && byte(line, end + 1).is_ascii_digit();
    (before || next) && !is_decimal(line, at, end)
        || month_before(line, at)
        || month_behind(line, end)
}

/// Whether digits belong to a number with one point in it, behind which no clock follows.
fn is_decimal(line: &[u8], at: usize, end: usize) -> bool {
    let fits = |b: &&u8| b.is_ascii_digit() || **b == b'.';
    let before = line.get(..at).unwrap_or_default();
    let behind = line.get(end..).unwrap_or_default();
    let before_count = before
        .iter()
        .rev()
        .take(RUN_BYTES_MAX)
        .take_while(fits)
        .count();
    let behind_count = behind.iter().take(RUN_BYTES_MAX).take_while(fits).count();
    let (start, end) = (at - before_count, end + behind_count);
    let mut points = line.get(start..end).unwrap_or_default().iter();
    let one_point = points.any(|b| *b == b'.') && points.all(|b| *b != b'.');
    let joins = |b: u8| matches!(b, b':' | b'/' | b'-');
    let joined = joins(byte_before(line, start)) || joins(byte(line, end));
    let clocked = byte(line, end) == b' ' && byte(line, end + 1).is_ascii_digit();
    one_point && !joined && !clocked
}

/// Whether the name of a month stands before a day.
fn month_before(line: &[u8], at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default();
    let before = before.strip_suffix(b" ").or(before.strip_suffix(b"/"));
    let before = before.or_else(|| line.get(..at)?.strip_suffix(b"-"));
    let Some(before) = before else {
        return false;
    };
    let before = before.strip_suffix(b" ").unwrap_or(before);
    before
        .last_chunk::<3>()
        .is_some_and(|name| clock::is_month(*name))
}

/// Whether the name of a month follows a day.
fn month_behind(line: &[u8], end: usize) -> bool {
    matches!(byte(line, end), b' ' | b'/' | b'-')
        && line
            .get(end + 1..)
            .and_then(|rest| rest.first_chunk::<3>())
            .is_some_and(|name| clock::is_month(*name))
}

/// Whether a clock may follow a date of eight digits.
fn may_be_packed(line: &[u8], end: usize) -> bool {
    matches!(byte(line, end), b'T' | b'-' | b' ' | b'_') && byte(line, end + 1).is_ascii_digit()
}

/// What stands for the values of one or two digits that are days, months, hours, minutes or
/// seconds alike.
fn class_of(run: &[u8]) -> &'static [u8] {
    let class: &[u8; 2] = match value_of(run) {
        0 => b"00",
        1..=12 => b"11",
        13..=24 => b"22",
        25..=31 => b"27",
        32..=59 => b"44",
        60 => b"60",
        _ => b"77",
    };
    class.get(..run.len()).unwrap_or(class)
}

/// What stands for the values of four digits that are years alike.
fn year_class(run: &[u8]) -> &'static [u8] {
    match value_of(run) {
        0..1900 => b"1111",
        1900..1970 => b"1911",
        1970..2200 => b"2011",
        2200..3000 => b"2211",
        _ => b"4111",
    }
}

/// The value of a few digits.
fn value_of(digits: &[u8]) -> u32 {
    let digits = digits.iter().map(|b| u32::from(b.wrapping_sub(b'0')));
    digits.fold(0, |value, digit| value * 10 + digit)
}

fn byte(line: &[u8], at: usize) -> u8 {
    line.get(at).copied().unwrap_or(0)
}

fn byte_before(line: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(line, at))
}
