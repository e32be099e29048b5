//! Words that lead to something: the vectors mark where the first three letters may be those of
//! one, and a set of bits knows the first four.

use std::sync::LazyLock;

use cordon_simd::Prompts;

use super::keys::{ENDINGS_BITS, SHORT_BITS, has, letters, set, slot};
use super::{Screen, asked};
use crate::bytes::{at, before, run, starts_nocase};
use crate::{
    account, auth, call, command, dsn, email, hash, ident, net, person, prose, query, shell,
    street, table,
};

/// The words of all families.
pub(super) struct Words {
    /// First three letters, for the vectors.
    pub(super) prompts: Prompts,
    /// First four bytes, by their hash.
    first: Vec<u64>,
    /// Words by [`place`], as a range of all.
    groups: Vec<(u16, u16)>,
    /// Every word, by its place.
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
    Ident,
    Street,
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
        first: vec![0; ENDINGS_BITS / 64],
        groups: vec![(0, 0); ENDINGS_BITS + SHORT_BITS],
        all: Vec::new(),
    };
    words.family(prose::words_known(), Family::Prose);
    words.family(auth::schemes_known(), Family::Scheme);
    words.family(auth::codes_known(), Family::Any);
    words.family(person::words_known(), Family::Person);
    words.family(shell::words_known(), Family::Shell);
    words.family(dsn::words_known(), Family::Dsn);
    words.family(hash::words_known(), Family::Any);
    words.family(ident::words_known(), Family::Ident);
    words.family(table::words_known(), Family::Any);
    words.family(command::words_known(), Family::Any);
    words.family(call::words_known(), Family::Any);
    words.family(account::words_known(), Family::Any);
    words.family(email::words_known(), Family::Any);
    words.family(street::words_known(), Family::Street);
    words.family(["PuTTY-User-Key-File-"].into_iter(), Family::Any);
    words.family(query::words_known(), Family::Route);
    words.family(net::words_known(), Family::Home);
    words.family(["BEGIN "].into_iter(), Family::Begin);
    words.all.sort_by_key(|(place, ..)| *place);
    for (n, (place, ..)) in words.all.iter().enumerate() {
        if let Some(range) = words.groups.get_mut(*place) {
            let first = if range.1 == 0 { n as u16 } else { range.0 };
            *range = (first, n as u16 + 1);
        }
    }
    words
});

impl Words {
    fn family(&mut self, words: impl Iterator<Item = &'static str>, family: Family) {
        for word in words {
            let bytes = word.trim_end().as_bytes();
            let four = [at(bytes, 0), at(bytes, 1), at(bytes, 2), at(bytes, 3)];
            self.prompt(four, bytes.len());
            self.all.push((place(four), word, family));
        }
    }

    /// Adds the first four letters of a word to the filters; behind a shorter word stands anything
    /// but a letter.
    fn prompt(&mut self, four: [u8; 4], length: usize) {
        let [first, second, third, fourth] = four;
        // The filter of the vectors knows nibbles: these, and those of other scripts, give all.
        let sign = |b: &u8| !b.is_ascii_alphanumeric();
        let signs = || (0..=u8::MAX).filter(sign);
        match length {
            // A title is one only with its capital.
            0..=2 => {
                for (third, fourth) in signs().flat_map(|b| (0..=u8::MAX).map(move |c| (b, c))) {
                    let word = [first, second, third, fourth];
                    if first.is_ascii_uppercase() {
                        self.prompts.put_exact(Prompts::BUCKETS, word);
                    } else {
                        self.prompts.put(Prompts::BUCKETS, word);
                    }
                    set(&mut self.first, slot(word));
                }
            }
            3 => {
                for fourth in signs().chain(b'0'..=b'9') {
                    let word = [first, second, third, fourth];
                    self.prompts.put(Prompts::BUCKETS + 1, word);
                    set(&mut self.first, slot(word));
                }
            }
            _ => {
                self.prompts.add([first, second, third, fourth]);
                set(&mut self.first, slot(four));
            }
        }
    }

    /// The words that may stand at `i`.
    fn at(&self, bytes: &[u8], i: usize) -> &[(usize, &'static str, Family)] {
        let four = bytes.get(i..).and_then(|rest| rest.first_chunk::<4>());
        let four = four
            .copied()
            .unwrap_or_else(|| [at(bytes, i), at(bytes, i + 1), at(bytes, i + 2), 0]);
        if !has(&self.first, slot(four)) {
            return &[];
        }
        let range = self.groups.get(place(four)).copied().unwrap_or((0, 0));
        let range = usize::from(range.0)..usize::from(range.1);
        self.all.get(range).unwrap_or(&[])
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
    pub(super) fn word(&mut self, text: &str, i: usize) {
        let bytes = text.as_bytes();
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
                Family::Ident => ident::find(text, i).is_some(),
                Family::Street => street::find(text, i).is_some(),
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
