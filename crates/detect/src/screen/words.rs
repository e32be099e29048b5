//! Words that lead to something: the vectors mark where the first four letters may be those of one,
//! and sets of bits know the first four and the first six.

use std::sync::LazyLock;

use cordon_simd::Prompts;

use super::keys::{ENDINGS_BITS, SHORT_BITS, has, letters, set, slot};
use super::{Screen, asked};
use crate::bytes::{at, before, run, starts_nocase};
use crate::{
    account, auth, call, command, device, dsn, email, hash, ident, net, pair, person, positional,
    prose, query, shell, street, table, tool,
};

/// The words of all families.
pub(super) struct Words {
    /// First four letters, for the vectors.
    pub(super) prompts: Prompts,
    /// What [`letters_of`] gives for their first bytes, by its hash.
    first: Bits,
    /// First six bytes of long words, and what the first set has of the others, by their hash.
    long: Bits,
    /// Words by [`place`], as a range of all.
    groups: Vec<(u16, u16)>,
    /// Every word, by its place.
    all: Vec<(usize, &'static str, Family)>,
}

/// A set of hashes.
type Bits = Box<[u64; SIFT_BITS / 64]>;

/// Bits of one, so that all of them stay in the nearest cache.
const SIFT_BITS: usize = 1 << 14;

/// Which family a word leads to.
#[derive(Clone, Copy)]
enum Family {
    Prose,
    Scheme,
    Person,
    Shell,
    Dsn,
    Device,
    Ident,
    Street,
    Account,
    /// A segment of a format in which positions tell.
    Position,
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
        first: Box::new([0; SIFT_BITS / 64]),
        long: Box::new([0; SIFT_BITS / 64]),
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
    words.family(device::words_known(), Family::Device);
    words.family(account::leads_known(), Family::Account);
    words.family(account::words_known(), Family::Any);
    words.family(tool::words_known(), Family::Any);
    words.family(email::words_known(), Family::Any);
    words.family(pair::phrases_known(), Family::Any);
    words.family(street::words_known(), Family::Street);
    words.family(positional::words_known(), Family::Position);
    words.family(["PuTTY-User-Key-File-"].into_iter(), Family::Any);
    words.family(query::words_known(), Family::Route);
    words.family(account::segments_known(), Family::Route);
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
            self.prompt(four, bytes);
            self.all.push((place(four), word, family));
        }
    }

    /// Adds the first four letters of a word to the filters; behind a shorter word stands anything
    /// but a letter.
    fn prompt(&mut self, four: [u8; 4], bytes: &[u8]) {
        let [one, other, third, _] = four;
        let any = || 0..=u8::MAX;
        match bytes.len() {
            // What stands behind is told by masks. A title is one only with its capital.
            0..=2 => {
                for (third, fourth) in any().flat_map(|b| any().map(move |c| (b, c))) {
                    let word = [one, other, third, fourth];
                    if one.is_ascii_uppercase() {
                        self.prompts.put_exact(Prompts::BUCKETS, word);
                    } else {
                        self.prompts.put(Prompts::BUCKETS, word);
                    }
                }
            }
            3 => {
                for fourth in any() {
                    let word = [one, other, third, fourth];
                    self.prompts.put(Prompts::BUCKETS + 1, word);
                }
            }
            _ => self.prompts.add(four),
        }
        // Behind a letter alone stands anything but a letter.
        let all = if bytes.len() == 1 {
            0..=u8::MAX
        } else {
            other..=other
        };
        for other in all.filter(|b| bytes.len() > 1 || !b.is_ascii_alphabetic()) {
            let letters = letters_of(first(&[one, other]) | first(bytes) & !0xffff);
            set(&mut *self.first, slot_of(letters));
            match bytes.first_chunk::<6>() {
                Some(six) if letters >> 24 & 0xff != 0 => set(&mut *self.long, slot_of(first(six))),
                _ => set(&mut *self.long, slot_of(letters)),
            }
        }
    }

    /// Keeps of the places those at which a word may begin. Without a branch for each: whether
    /// it may cannot be foreseen.
    pub(super) fn sift(&self, bytes: &[u8], places: &[u32], kept: &mut Vec<u32>) {
        if kept.len() < places.len() {
            kept.resize(places.len(), 0);
        }
        let mut count = 0;
        for i in places {
            let word = first(bytes.get(*i as usize..).unwrap_or(&[]));
            let slot = slot_of(letters_of(word));
            let may = self
                .first
                .get(slot / 64)
                .map_or(0, |bits| bits >> (slot % 64) & 1);
            if let Some(place) = kept.get_mut(count) {
                *place = *i;
            }
            count += may as usize;
        }
        kept.truncate(count);
    }

    /// Whether a word stands at `i` of which a look at numbers tells whether it leads to something.
    pub(super) fn depend(&self, bytes: &[u8], i: usize) -> bool {
        self.at(bytes, i).iter().any(|(_, word, family)| {
            let reads = matches!(family, Family::Ident | Family::Street);
            reads && starts_nocase(bytes, i, word.as_bytes())
        })
    }

    /// The words that may stand at `i`.
    fn at(&self, bytes: &[u8], i: usize) -> &[(usize, &'static str, Family)] {
        let word = first(bytes.get(i..).unwrap_or(&[]));
        let (letters, six) = (letters_of(word), word & 0xffff_ffff_ffff);
        let known = |word: u64| has(&*self.long, slot_of(word));
        if !(known(letters) || known(six)) {
            return &[];
        }
        let [four @ .., _, _, _, _] = word.to_le_bytes();
        let range = self.groups.get(place(four)).copied().unwrap_or((0, 0));
        let range = usize::from(range.0)..usize::from(range.1);
        self.all.get(range).unwrap_or(&[])
    }
}

/// The first eight bytes as a number, zeros where there are fewer.
#[inline]
fn first(rest: &[u8]) -> u64 {
    match rest.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest
            .iter()
            .rev()
            .fold(0, |word, b| word << 8 | u64::from(*b)),
    }
}

/// Of the first four bytes of a word, the letters before the first byte that is none, in lower
/// case; zeros for the rest. Of a word that begins with less than two letters, its first two bytes
/// as they are, and a mark: most numbers of a log are none of them.
#[inline]
fn letters_of(word: u64) -> u64 {
    const EACH: u32 = 0x0101_0101;
    let lower = word as u32 | (EACH * 0x20);
    // The high bit of each byte tells what is below `a` or above `z`, or not ASCII.
    let seven = lower & (EACH * 0x7f);
    let above = seven + EACH * (0x7f - u32::from(b'z'));
    let from = seven + EACH * (0x80 - u32::from(b'a'));
    let none = (above | !from | lower) & (EACH * 0x80);
    // Bits below the first byte that is none.
    let letters = (none & none.wrapping_neg()).wrapping_sub(1) >> 7;
    let letters = if none == 0 { u32::MAX } else { letters };
    let [_, second, ..] = letters.to_le_bytes();
    if second == 0 {
        return word & 0xffff | 1 << 47;
    }
    u64::from(lower & letters)
}

/// Slot of some bytes, ASCII case ignored.
#[inline]
fn slot_of(word: u64) -> usize {
    let folded = word | 0x2020_2020_2020;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50) as usize
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
                Family::Device => device::may_follow(bytes, i, word),
                Family::Any => true,
                Family::Ident => ident::find(text, i).is_some(),
                Family::Position => positional::may_follow(bytes, i),
                Family::Account => account::may_follow(bytes, i, word),
                Family::Street => {
                    street::may_follow(bytes, i, word) && street::find(text, i).is_some()
                }
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
