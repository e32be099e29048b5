//! Words that lead to something: the vectors mark where the first three letters may be those of
//! one, and a set of bits knows the first four.

use std::sync::LazyLock;

use cordon_simd::Prompts;

use super::keys::{ENDINGS_BITS, SHORT_BITS, has, letters, set, slot};
use super::{Screen, asked};
use crate::bytes::{at, before, run, starts_nocase};
use crate::{auth, dsn, hash, net, person, prose, query, shell};

/// The words of all families.
pub(super) struct Words {
    /// First three letters, for the vectors.
    pub(super) prompts: Prompts,
    /// First letters, by [`place`].
    first: Vec<u64>,
    /// Every word, by its slot.
    all: Vec<(usize, &'static str, Family)>,
}

/// Which family a word leads to.
#[derive(Clone, Copy)]
enum Family {
    Prose,
    Scheme,
    Person,
    Shell,
    Dsn,
    /// Whatever follows.
    Any,
    /// A segment of a path, behind which a token may follow.
    Route,
    /// A folder of home directories, before which the path begins.
    Home,
    /// The first line of a private key, before which its dashes begin.
    Begin,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words {
        prompts: Prompts::none(),
        first: vec![0; (ENDINGS_BITS + SHORT_BITS).div_ceil(64)],
        all: Vec::new(),
    };
    words.family(prose::words_known(), Family::Prose);
    words.family(auth::schemes_known(), Family::Scheme);
    words.family(auth::codes_known(), Family::Any);
    words.family(person::words_known(), Family::Person);
    words.family(shell::words_known(), Family::Shell);
    words.family(dsn::words_known(), Family::Dsn);
    words.family(hash::words_known(), Family::Any);
    words.family(["PuTTY-User-Key-File-"].into_iter(), Family::Any);
    words.family(query::words_known(), Family::Route);
    words.family(net::words_known(), Family::Home);
    words.family(["BEGIN "].into_iter(), Family::Begin);
    words.all.sort_by_key(|(slot, ..)| *slot);
    words
});

impl Words {
    fn family(&mut self, words: impl Iterator<Item = &'static str>, family: Family) {
        for word in words {
            let slot = self.insert(word.trim_end().as_bytes());
            self.all.push((slot, word, family));
        }
    }

    /// Adds the beginning of a word, and says where it is looked up.
    fn insert(&mut self, word: &[u8]) -> usize {
        let four = [at(word, 0), at(word, 1), at(word, 2), at(word, 3)];
        self.prompt(four, word.len());
        let n = place(four);
        set(&mut self.first, n);
        n
    }

    /// Adds the first four letters of a word to the filter; behind a shorter word stands anything
    /// but a letter.
    fn prompt(&mut self, four: [u8; 4], length: usize) {
        let [first, second, third, fourth] = four;
        // The filter knows nibbles: these, and those of other scripts, give all.
        let others = (0x80..=0x8f).chain((0x80..=0xf0).step_by(16));
        let signs = || (0x00..0x40).chain(others.clone());
        match length {
            0..=2 => {
                for b in signs() {
                    self.prompts.put(Prompts::BUCKETS, [first, second, b, b' ']);
                }
                for b in (0x00..0x80).chain(others.clone()) {
                    self.prompts.put(Prompts::BUCKETS, [first, second, b' ', b]);
                }
            }
            3 => {
                for b in signs() {
                    self.prompts
                        .put(Prompts::BUCKETS + 1, [first, second, third, b]);
                }
            }
            _ => self.prompts.add([first, second, third, fourth]),
        }
    }

    /// The words that may stand at `i`.
    fn at(&self, bytes: &[u8], i: usize) -> &[(usize, &'static str, Family)] {
        let n = place([
            at(bytes, i),
            at(bytes, i + 1),
            at(bytes, i + 2),
            at(bytes, i + 3),
        ]);
        if !has(&self.first, n) {
            return &[];
        }
        let from = self.all.partition_point(|(slot, ..)| *slot < n);
        let tail = self.all.get(from..).unwrap_or(&[]);
        let length = tail.iter().take_while(|(slot, ..)| *slot == n).count();
        tail.get(..length).unwrap_or(&[])
    }
}

/// Where a word with these first bytes is looked up: by all four, or by the letters before the
/// first byte that is none.
fn place(four: [u8; 4]) -> usize {
    let [first, second, third, fourth] = four.map(|b| b.is_ascii_alphabetic());
    if first && !(second && third && fourth) {
        let length = 1 + usize::from(second) + usize::from(second && third);
        return ENDINGS_BITS + letters(four.get(..length).unwrap_or(&[]));
    }
    slot(four)
}

impl Screen {
    /// A place where one of the words may begin.
    pub(super) fn word(&mut self, bytes: &[u8], i: usize) {
        for (_, word, family) in WORDS.at(bytes, i) {
            if !starts_nocase(bytes, i, word.as_bytes()) {
                continue;
            }
            let leads = match family {
                Family::Prose => prose::may_follow(bytes, i, word),
                Family::Scheme => auth::may_follow_scheme(bytes, i, word),
                Family::Person => person::may_follow(bytes, i, word),
                Family::Shell => shell::may_follow(bytes, i, word),
                Family::Dsn => dsn::may_follow(bytes, i, word),
                Family::Any => true,
                Family::Route | Family::Home | Family::Begin => {
                    self.elsewhere(bytes, i, *family);
                    false
                }
            };
            if leads && asked(bytes, i) {
                self.add(i);
            }
        }
    }

    /// Words that lead to something that begins before or behind them.
    fn elsewhere(&mut self, bytes: &[u8], i: usize, family: Family) {
        match family {
            Family::Route => {
                if let Some(slash) = query::route_end(bytes, i) {
                    self.add(slash);
                }
            }
            Family::Begin if i >= 5 => self.add(i - 5),
            Family::Home if net::may_follow_home(bytes, i) => {
                self.add(i - 1);
                if i >= 2 && matches!(before(bytes, i - 1), b'\\' | b'/') {
                    self.add(i - 2);
                }
            }
            _ => {}
        }
    }

    /// A key in a sentence: `aws_secret_access_key x`, from one of its `_`.
    pub(super) fn spoken_key(&mut self, bytes: &[u8], i: usize) {
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
