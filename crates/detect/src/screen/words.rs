//! Words that lead to something: the vectors mark where the first three letters may be those of
//! one, and a set of bits knows the first four.

use std::sync::LazyLock;

use cordon_simd::Prompts;

use super::keys::{ENDINGS_BITS, SHORT_BITS, has, letters, set, slot};
use super::{Around, Screen, asked, bits};
use crate::bytes::{at, before, run, starts_nocase};
use crate::{auth, dsn, hash, net, person, prose, query, shell};

/// The words of all families.
pub(super) struct Words {
    /// First three letters, for the vectors.
    pub(super) prompts: Prompts,
    /// First four bytes, by their hash.
    four: Vec<u64>,
    /// Words of up to three letters.
    short: Vec<u64>,
    /// Every word, by its slot.
    all: Vec<(usize, &'static str, Family)>,
}

/// Which family a word leads to: whether the bytes behind the word may be what it leads to.
type Family = fn(&[u8], usize, &str) -> bool;

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        prompts: Prompts::none(),
        four: vec![0; ENDINGS_BITS / 64],
        short: vec![0; SHORT_BITS.div_ceil(64)],
        all: Vec::new(),
    };
    words.family(prose::words_known(), prose::may_follow);
    words.family(auth::schemes_known(), auth::may_follow_scheme);
    words.family(auth::codes_known(), |_, _, _| true);
    words.family(person::words_known(), person::may_follow);
    words.family(shell::words_known(), shell::may_follow);
    words.family(dsn::words_known(), dsn::may_follow);
    words.family(hash::words_known(), |_, _, _| true);
    words.family(["PuTTY-User-Key-File-"].into_iter(), |_, _, _| true);
    words.family(query::words_known(), |_, _, _| false);
    words.family(net::words_known(), |_, _, _| false);
    words.family(["BEGIN "].into_iter(), |_, _, _| false);
    words.all.sort_by_key(|(slot, ..)| *slot);
    words
});

/// Bucket of a word: those that begin alike share one.
fn bucket(first: u8) -> u8 {
    match first | 0x20 {
        b'a' => 0,
        b'b' | b'c' => 1,
        b'd'..=b'h' => 2,
        b'i'..=b'm' => 3,
        b'n' | b'o' => 4,
        b'p' => 5,
        b'r' | b's' => 6,
        _ => 7,
    }
}

impl Words {
    fn family(&mut self, words: impl Iterator<Item = &'static str>, family: Family) {
        for word in words {
            let slot = self.insert(word.trim_end().as_bytes());
            self.all.push((slot, word, family));
        }
    }

    /// Adds the beginning of a word, and says where it is looked up.
    fn insert(&mut self, word: &[u8]) -> usize {
        match word.first_chunk::<3>() {
            Some(three) => self.prompts.add(bucket(at(word, 0)), *three),
            // What follows a short word is no letter.
            None => {
                for b in [b' ', b'\t', b'.'].into_iter().chain(0x80..=0xff) {
                    self.prompts
                        .add(bucket(at(word, 0)), [at(word, 0), at(word, 1), b]);
                }
            }
        }
        if let Some(four) = word.first_chunk::<4>() {
            set(&mut self.four, slot(*four));
            return slot(*four);
        }
        set(&mut self.short, letters(word));
        ENDINGS_BITS + letters(word)
    }

    /// The words that may stand at `i`.
    fn at(&self, bytes: &[u8], i: usize) -> &[(usize, &'static str, Family)] {
        let Some(four) = bytes.get(i..).and_then(|rest| rest.first_chunk::<4>()) else {
            return &[];
        };
        let length = four.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let n = if has(&self.four, slot(*four)) {
            slot(*four)
        } else if length < 4 && !at(four, length).is_ascii_digit() {
            let n = letters(four.get(..length).unwrap_or(&[]));
            if !has(&self.short, n) {
                return &[];
            }
            ENDINGS_BITS + n
        } else {
            return &[];
        };
        let from = self.all.partition_point(|(slot, ..)| *slot < n);
        let tail = self.all.get(from..).unwrap_or(&[]);
        let length = tail.iter().take_while(|(slot, ..)| *slot == n).count();
        tail.get(..length).unwrap_or(&[])
    }
}

impl Screen {
    pub(super) fn words(&mut self, text: &str, base: usize, v: &Around<'_>, starts: u64) {
        let bytes = text.as_bytes();
        for i in bits(base, starts & v.here.prompt) {
            let words = WORDS.at(bytes, i);
            if !words.is_empty() {
                self.word(bytes, i, words);
            }
        }
        // Names in other scripts: every character of a script without blanks may begin one.
        for i in bits(base, v.here.high) {
            if at(bytes, i) >= 0xc3 && prose::may_begin_high(bytes, i) {
                self.add(i);
            }
        }
        for i in bits(base, v.here.under) {
            self.spoken_key(bytes, i);
        }
    }

    fn word(&mut self, bytes: &[u8], i: usize, words: &[(usize, &'static str, Family)]) {
        if starts_nocase(bytes, i, b"begin ") && i >= 5 {
            // The dashes before the word.
            self.add(i - 5);
        }
        if net::may_follow_home(bytes, i) {
            self.add(i - 1);
            if i >= 2 && matches!(before(bytes, i - 1), b'\\' | b'/') {
                self.add(i - 2);
            }
        }
        if let Some(slash) = query::route_end(bytes, i) {
            self.add(slash);
        }
        let leads = words.iter().any(|(_, word, family)| {
            starts_nocase(bytes, i, word.as_bytes()) && family(bytes, i, word)
        });
        if leads && asked(bytes, i) {
            self.add(i);
        }
    }

    /// A key in a sentence: `aws_secret_access_key x`, from one of its `_`.
    fn spoken_key(&mut self, bytes: &[u8], i: usize) {
        let accept = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let end = run(bytes, i, crate::KEY_BYTES_MAX, accept);
        let last = !bytes.get(i + 1..end).unwrap_or(&[]).contains(&b'_');
        if last && matches!(at(bytes, end), b' ' | b'\t') && super::keys::may_end(bytes, end) {
            let start = crate::bytes::run_back(bytes, i, crate::KEY_BYTES_MAX, accept);
            for n in (start..i).filter(|n| asked(bytes, *n)) {
                self.add(n);
            }
        }
    }
}
