//! Runs of base64 and hex that hide something: where one may begin, and what it stands for.

use std::borrow::Cow;
use std::sync::LazyLock;

use zeroize::Zeroizing;

use crate::bytes::{alnum, at, cut, digit, run};
use crate::coding::{self, BASE64_BYTES_MIN, Coding, TooMuch, wrapped_ends};
use crate::rules::token_byte;
use crate::shape::Open;

/// A run of an encoding's alphabet, and a text that it may stand for.
pub(crate) struct Run {
    /// First byte of what was decoded.
    pub(crate) start: usize,
    /// One past the last byte of the run.
    pub(crate) end: usize,
    /// How it stands for the text; `None` where it cannot be told apart from what follows it.
    pub(crate) coding: Option<Coding>,
    /// The text.
    pub(crate) plain: String,
}

/// What a look at a run found.
#[derive(Default)]
pub(crate) struct Decoded {
    /// Texts that it may stand for.
    pub(crate) runs: Vec<Run>,
    /// The run, where it is beyond the limits.
    pub(crate) beyond: Option<(usize, usize)>,
    /// One past the last of the lines of one width: none of them begins another run of lines.
    pub(crate) lines_end: usize,
    /// End of the lines that were tried last.
    tried: usize,
}

pub(crate) fn alphabet(b: u8) -> bool {
    alnum(b) || matches!(b, b'+' | b'/' | b'-' | b'_')
}

/// End of the run of base64 alphabet at `i`.
pub(crate) fn run_end(bytes: &[u8], i: usize) -> usize {
    run(bytes, i, bytes.len(), alphabet)
}

/// Bytes at the beginning of a run that are decoded to see whether text is in it.
const PROBE_BYTES: usize = 16;
/// Bytes at the beginning of a run in which nearly all text has letters of both cases.
const CASES_BYTES: u32 = 40;
/// Letters that stand for zeros at the beginning of UTF-16.
const ZEROS_COUNT_MIN: usize = 4;
/// What may stand before the encoded part of a run: `path/`, `name-`, `v1_`.
const HEADS_COUNT_MAX: usize = 4;
/// Shortest line in bytes that may be one of a private key's body.
const WIDE_BYTES_MIN: u32 = 60;

/// What the next 64 bytes are, a bit for each.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ahead {
    /// Base64's alphabet and that of its relative for addresses.
    pub(crate) alphabet: u64,
    /// `/`, `-`, `_` and `+`.
    pub(crate) joint: u64,
    /// `/` and `+`.
    pub(crate) plus: u64,
    /// Upper-case letters.
    pub(crate) upper: u64,
    /// Lower-case letters.
    pub(crate) lower: u64,
    /// Digits.
    pub(crate) digit: u64,
    /// What a token may hold.
    pub(crate) token: u64,
}

impl Ahead {
    /// Whether the run is as long as a line of a private key's body.
    pub(crate) fn is_wide(self) -> bool {
        (!self.alphabet).trailing_zeros() >= WIDE_BYTES_MIN
    }

    /// Of the run of token bytes alone.
    pub(crate) fn of_token(self) -> Self {
        let run = (!self.token).trailing_zeros();
        let run = u64::MAX.checked_shr(64 - run).unwrap_or(0);
        Self {
            alphabet: self.alphabet & run,
            joint: self.joint & run,
            plus: self.plus & run,
            upper: self.upper & run,
            lower: self.lower & run,
            digit: self.digit & run,
            token: run,
        }
    }

    /// From the bytes themselves: of the run of what a token or base64 may hold.
    pub(crate) fn of(bytes: &[u8], i: usize) -> Self {
        let tail = bytes.get(i..).unwrap_or(&[]).iter().take(64);
        let run = tail.take_while(|b| alphabet(**b) || token_byte(**b));
        let mut ahead = Self::default();
        for (n, b) in run.enumerate() {
            let bit = |is: bool| u64::from(is) << n;
            let encoding = alphabet(*b);
            ahead.alphabet |= bit(encoding);
            ahead.joint |= bit(encoding && !alnum(*b));
            ahead.plus |= bit(matches!(b, b'/' | b'+'));
            ahead.upper |= bit(b.is_ascii_uppercase());
            ahead.lower |= bit(b.is_ascii_lowercase());
            ahead.digit |= bit(b.is_ascii_digit());
            ahead.token |= bit(token_byte(*b));
        }
        ahead
    }
}

/// First letter or digit of the run of base64's alphabet at `i`, where text may be encoded in
/// the run.
pub(crate) fn may_hold(bytes: &[u8], i: usize, ahead: Ahead) -> Option<usize> {
    let mut begun = beginnings(ahead);
    let first = begun.clone().next()?.0;
    let held = begun.any(|begun| promises(bytes, i, begun, ahead));
    held.then_some(i + first as usize)
}

/// Where in a run the encoded part may begin, each with the length of the run: behind its first
/// signs, and behind each of its heads.
fn beginnings(ahead: Ahead) -> impl Iterator<Item = (u32, u32)> + Clone {
    let length = (!ahead.alphabet).trailing_zeros();
    let run = u64::MAX.checked_shr(64 - length).unwrap_or(0);
    let first = (!(ahead.joint & run)).trailing_zeros();
    let mut joints = ahead.joint & run & u64::MAX.checked_shl(first).unwrap_or(0);
    let heads = std::iter::from_fn(move || {
        let start = (joints != 0).then(|| joints.trailing_zeros() + 1);
        joints &= joints.wrapping_sub(1);
        start
    });
    let all = std::iter::once(first).chain(heads.take(HEADS_COUNT_MAX));
    all.take_while(move |start| start + PROBE_BYTES as u32 <= length)
        .map(move |start| (start, length))
}

/// Whether what [`may_hold`] says of the run at `i`, which is that it holds nothing, may be other
/// with other digits. `open` says what may stand at a place.
pub(crate) fn depends(bytes: &[u8], i: usize, open: &dyn Fn(usize) -> Open) -> bool {
    let ahead = Ahead::of(bytes, i);
    beginnings(ahead).any(|(start, length)| {
        let from = i + start as usize;
        let Some(probe) = bytes.get(from..).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        let cased = cased(probe, (start, length), ahead);
        let digits = (ahead.digit >> start) as u16;
        let number = |n: usize| open(from + n) == Open::Number;
        let begins = |n: &usize| number(*n) && (*n == 0 || !number(n - 1));
        let numbers = (0..PROBE_BYTES).filter(begins).count();
        digits != 0
            && (cased || groups(probe) || numbers > 1 || may_repeat(probe) || hexadecimal(probe))
    })
}

/// Whether the second half of a probe may be as the first with other digits.
fn may_repeat(probe: &[u8; PROBE_BYTES]) -> bool {
    let (eights, _) = probe.as_chunks::<8>();
    let [one, other] = eights else { return false };
    let alike = |(a, b): (&u8, &u8)| a == b || digit(*a) && digit(*b);
    one.iter().zip(other).all(alike)
}

fn hexadecimal(probe: &[u8; PROBE_BYTES]) -> bool {
    probe.iter().all(u8::is_ascii_hexdigit)
}

/// Whether groups of hex digits in lower case that begin at `i` may begin what hides a text, if
/// nothing but such groups follows.
pub(crate) fn may_begin_hex(bytes: &[u8], i: usize) -> bool {
    let probe = bytes.get(i..).and_then(<[u8]>::first_chunk);
    probe.is_some_and(|probe| {
        let digits = probe.iter().filter(|b| b.is_ascii_digit()).count();
        packs(probe)
            || says_in_hex(probe, digits)
            || groups(probe) && like_text(&probe_base64(*probe))
    })
}

/// Digits among the first sixteen bytes of text in hex: one in most pairs.
const HEX_DIGITS_COUNT_MIN: usize = 4;

/// Text in hex has a digit in each pair, most of them the first; of other scripts, too.
fn says_in_hex(probe: &[u8; PROBE_BYTES], digits: usize) -> bool {
    digits >= HEX_DIGITS_COUNT_MIN && hexadecimal(probe) && like_text(&probe_hex(*probe))
}

/// Whether what begins `start` bytes into a run decodes to what texts begin with.
fn promises(bytes: &[u8], i: usize, (start, length): (u32, u32), ahead: Ahead) -> bool {
    let from = i + start as usize;
    let Some(probe) = bytes
        .get(from..)
        .and_then(|rest| rest.first_chunk::<PROBE_BYTES>())
    else {
        return false;
    };
    if packs(probe) {
        return true;
    }
    let digits = (ahead.digit >> start & 0xffff).count_ones() as usize;
    says_in_hex(probe, digits)
        || (cased(probe, (start, length), ahead) || groups(probe))
            && like_text(&probe_base64(*probe))
}

/// Whether letters of both cases stand at the beginning of a run. UTF-16 has a zero behind every
/// letter, and may do without lower case.
fn cased(probe: &[u8; PROBE_BYTES], (start, length): (u32, u32), ahead: Ahead) -> bool {
    let count = CASES_BYTES.min(length - start);
    let within = |mask: u64| mask >> start & ((1 << count) - 1) != 0;
    let zeros = || memchr::memchr_iter(b'A', probe).count() >= ZEROS_COUNT_MIN;
    within(ahead.upper) && (within(ahead.lower) || zeros())
}

/// Whether letters of one case may be base64 all the same. Words and digests of one case are many:
/// of ASCII text each group of four begins with one of the first 32 letters, and of another script
/// only a character that is repeated is written in one case.
fn groups(probe: &[u8; PROBE_BYTES]) -> bool {
    let (fours, _) = probe.as_chunks::<4>();
    let (eights, _) = probe.as_chunks::<8>();
    let ascii = |four: &[u8; 4]| matches!(four, [b'A'..=b'Z' | b'a'..=b'f', ..]);
    fours.iter().all(ascii) || matches!(eights, [one, other] if one == other)
}

/// Eight bytes from sixteen hex digits.
fn probe_hex(probe: [u8; PROBE_BYTES]) -> [u8; 8] {
    let value = |b: u8| if digit(b) { b & 15 } else { (b & 15) + 9 };
    let (pairs, _) = probe.as_chunks::<2>();
    let mut out = [0; 8];
    for (slot, [high, low]) in out.iter_mut().zip(pairs) {
        *slot = value(*high) << 4 | value(*low);
    }
    out
}

/// Twelve bytes from sixteen characters of base64 of either alphabet.
fn probe_base64(probe: [u8; PROBE_BYTES]) -> [u8; 12] {
    let value = |b: &u8| SIXES.get(usize::from(*b)).map_or(0, |v| u32::from(*v));
    let (fours, _) = probe.as_chunks::<4>();
    let mut out = [0; 12];
    for (slots, four) in out.chunks_exact_mut(3).zip(fours) {
        let joined = four.iter().fold(0, |joined, b| joined << 6 | value(b));
        let [_, bytes @ ..] = joined.to_be_bytes();
        slots.copy_from_slice(&bytes);
    }
    out
}

/// Six bits of each character of base64.
static SIXES: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let letters = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9');
    let all = letters
        .zip(0..)
        .chain([(b'+', 62), (b'/', 63), (b'-', 62), (b'_', 63)]);
    let mut out = [0; 256];
    for (b, value) in all {
        if let Some(slot) = out.get_mut(usize::from(b)) {
            *slot = value;
        }
    }
    out
});

/// Whether bytes may begin a text: printable, UTF-16, or of another script.
fn like_text(bytes: &[u8]) -> bool {
    let (mut odds, mut high) = (0, 0);
    for b in bytes {
        odds += usize::from(*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b) || *b == 0x7f);
        high += usize::from(*b >= 0x80);
    }
    if high == 0 && odds * 6 <= bytes.len() {
        return true;
    }
    if odds * 6 <= bytes.len() {
        // Cut off in the middle of a character, it is still text.
        let cut = |error: std::str::Utf8Error| error.error_len().is_none();
        return std::str::from_utf8(bytes).map_or_else(cut, |_| true);
    }
    let wide = |parity: usize| {
        let half = |n: usize| bytes.iter().skip(n).step_by(2);
        let zero = half(parity).filter(|b| **b == 0).count();
        let said = half(1 - parity).filter(|b| **b >= 0x20).count();
        zero * 8 >= bytes.len() * 3 && said * 8 >= bytes.len() * 3
    };
    odds * 3 >= bytes.len() && (wide(0) || wide(1))
}

/// Letters of a line of base64 that say text where the line does: most of the shortest line of a
/// private key's body. Random bytes never do.
const SAID_BYTES: usize = 48;

/// Whether a line of base64 says text by itself, as one out of the middle of a run may: what is
/// encoded begins anywhere in a group, in a character, or behind letters that are glued to it.
pub(crate) fn says_text(line: &str) -> bool {
    let said = |letters: &[u8]| {
        let (probes, _) = letters.as_chunks();
        let plain: Vec<u8> = probes.iter().copied().flat_map(probe_base64).collect();
        let plain = Zeroizing::new(plain);
        let middle = plain.iter().take_while(|b| (0x80..0xc0).contains(*b));
        let middle = middle.take(3).count();
        like_text(plain.get(middle..).unwrap_or(&[]))
    };
    line.as_bytes().windows(SAID_BYTES).any(said)
}

/// What the run from `i` to `end`, found by [`run_end`], stands for; where `joins`, together with
/// the lines that go on behind it. `budget` bounds the bytes decoded.
pub(crate) fn decode(
    text: &str,
    (i, end): (usize, usize),
    joins: bool,
    budget: &mut usize,
) -> Decoded {
    let bytes = text.as_bytes();
    let mut out = Decoded {
        lines_end: end,
        ..Decoded::default()
    };
    if end - i < BASE64_BYTES_MIN || may_hold(bytes, i, Ahead::of(bytes, i)).is_none() {
        return out;
    }
    let (full, all) = if joins {
        wrapped_ends(bytes, (i, end), |next| goes_on(bytes, i, next))
    } else {
        (end, end)
    };
    out.lines_end = full;
    for last in [all, full, end] {
        if last > end && last == out.tried {
            continue;
        }
        out.tried = last;
        let body = if last > end {
            Cow::Owned(coding::joined(text, i, last))
        } else {
            Cow::Borrowed(cut(text, i, end))
        };
        let close = run(bytes, last, 3, |b| b == b'=');
        if charged(&body, budget).is_none() {
            out.beyond = Some((i, close));
            return out;
        }
        match found_in(&body, last == end, budget) {
            Err(TooMuch) => out.beyond = Some((i, close)),
            Ok((skipped, plain)) => {
                // Another one may need no padding, and would take in what follows.
                let glued = close > last && alphabet(at(bytes, close));
                out.runs
                    .extend(plain.into_iter().map(|(coding, plain)| Run {
                        start: i + skipped,
                        end: close,
                        coding: Some(coding).filter(|_| !glued),
                        plain,
                    }));
            }
        }
        if !out.runs.is_empty() || out.beyond.is_some() {
            return out;
        }
    }
    out
}

/// Whether the line at `next` may go on with the text that is encoded from `i` on. Where each line
/// is of whole groups, each begins with what a text has in its middle; gzip tells by itself.
fn goes_on(bytes: &[u8], i: usize, next: usize) -> bool {
    let probe = |i: usize| bytes.get(i..).and_then(<[u8]>::first_chunk::<PROBE_BYTES>);
    let packed = probe(i).is_some_and(packs);
    let Some(line) = probe(next).filter(|line| !packed && line.iter().all(|b| alphabet(*b))) else {
        return true;
    };
    let plain = probe_base64(*line);
    let middle = plain
        .iter()
        .take(3)
        .take_while(|b| (0x80..0xc0).contains(*b));
    let hex = || line.iter().all(u8::is_ascii_hexdigit) && like_text(&probe_hex(*line));
    like_text(plain.get(middle.count()..).unwrap_or(&[])) || hex()
}

/// Whether letters begin as gzip's do.
fn packs(probe: &[u8; PROBE_BYTES]) -> bool {
    probe.starts_with(b"H4sI") || probe.starts_with(b"1f8b08") || probe.starts_with(b"1F8B08")
}

/// Takes what is about to be decoded from the budget.
fn charged(body: &str, budget: &mut usize) -> Option<()> {
    *budget = budget.checked_sub(body.len())?;
    Some(())
}

/// The texts of letters, and how many of them stand before what is encoded.
fn found_in(
    body: &str,
    alone: bool,
    budget: &mut usize,
) -> Result<(usize, Vec<(Coding, String)>), TooMuch> {
    let mut skipped = 0;
    let mut plain = coding::read(body, *budget)?;
    if plain.is_empty() && alone {
        // `path/<run>`, `name-<run>`, `v1_<run>`: what stands before is no part of it.
        for (n, _) in body.match_indices(['/', '-', '_']).take(HEADS_COUNT_MAX) {
            let rest = cut(body, n + 1, body.len());
            plain = coding::read(rest, *budget)?;
            if !plain.is_empty() {
                skipped = n + 1;
                break;
            }
        }
    }
    // What was packed is longer than its letters.
    let longer = |(_, plain): &(Coding, String)| plain.len().saturating_sub(body.len());
    *budget = budget.saturating_sub(plain.iter().map(longer).sum());
    Ok((skipped, plain))
}
