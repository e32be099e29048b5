//! Tokens without a prefix: a run of the right alphabet and length, with the issuer's name before.
//!
//! A run is measured in four alphabets at once, each inside the next. Where no rule has that length
//! in that alphabet, nothing else is looked at, however many rules there are. Otherwise the bytes
//! before it are searched once for the words of all rules together.
//!
//! Some tokens say by themselves whose they are: by letters that stand within them (`…AZDO…`), or
//! by the issuer's name that a sign joins to their front (`hcloud_…`). Those need no word before.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem::Finder;

use super::model::{Anchor, Rule};
use super::pattern::{Bytes, token_byte};
use crate::bytes::{
    alnum, at, before, blank, cut, looked, lower, mixed, run, run_back, starts_nocase,
};
use crate::{KEY_BYTES_MAX, KeyVerdict, verdict};

/// Longest run of a token without a prefix, in bytes.
pub(super) const SHAPE_BYTES_MAX: usize = 256;
/// Bytes before a run in which its words are looked for.
const WINDOW_BYTES: usize = 64;
/// Candidate rules of one run.
const CANDIDATES_MAX: usize = 32;
/// Longest name of an issuer in bytes that a sign joins to its token.
const ISSUER_BYTES_MAX: usize = 16;
/// Shortest token in bytes behind such a name.
const JOINED_BYTES_MIN: usize = 24;
/// Bytes before the first `:` of a run: a run may begin behind one, so without them a text full of
/// them would be measured again at each.
const WORD_BYTES_MIN: usize = 6;

/// Alphabets of runs, each inside the next: hex digits; letters and digits; with `_` and `-`;
/// with `./+=`; with `:`.
const CLASSES: usize = 5;

/// Words one of which stands, beside the issuer's name, before a class A token.
pub(super) const CREDENTIAL: &[&str] = &[
    "key",
    "keys",
    "apikey",
    "appkey",
    "accesskey",
    "secretkey",
    "privatekey",
    "token",
    "tokens",
    "apitoken",
    "accesstoken",
    "authtoken",
    "bearertoken",
    "secret",
    "secrets",
    "apisecret",
    "clientsecret",
    "appsecret",
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "credential",
    "credentials",
    "creds",
    "auth",
    "authorization",
    "bearer",
    "pat",
    "license",
    "licence",
    "api",
    "webhook",
    "signing",
    "private",
    "seed",
];

const fn class_of(b: u8) -> usize {
    match b {
        b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => 0,
        b if b.is_ascii_alphanumeric() => 1,
        b'_' | b'-' => 2,
        b':' => 4,
        b if token_byte(b) => 3,
        _ => CLASSES,
    }
}

/// [`class_of`] every byte.
static CLASS_OF: [u8; 256] = {
    let mut table = [0; 256];
    let mut rest: &mut [u8] = &mut table;
    let mut b = 0;
    while let [class, tail @ ..] = rest {
        *class = class_of(b) as u8;
        b = b.wrapping_add(1);
        rest = tail;
    }
    table
};

/// Lengths of the runs at one place, one for each alphabet.
type Runs = [usize; CLASSES];

/// Rules that keywords anchor.
pub(crate) struct Near {
    /// For each alphabet and length, the rules that it fits.
    shapes: Vec<Vec<usize>>,
    words: Option<AhoCorasick>,
    /// For each word, the rules that it anchors; none for a credential word.
    owners: Vec<Vec<usize>>,
    /// Letters that a token holds, each with its rule.
    marks: Vec<(Finder<'static>, usize)>,
    /// Rules by the name of their issuer.
    issuers: HashMap<String, Vec<usize>>,
    /// Whether some word or mark is of letters that are hex digits.
    spelled_in_hex: bool,
    /// Shortest run of any of them.
    pub(crate) min: usize,
}

impl Near {
    /// The keyword-anchored ones of the rules.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut near = Self {
            shapes: vec![Vec::new(); CLASSES * (SHAPE_BYTES_MAX + 1)],
            words: None,
            owners: Vec::new(),
            marks: Vec::new(),
            issuers: HashMap::new(),
            spelled_in_hex: false,
            min: usize::MAX,
        };
        let mut words: Vec<String> = CREDENTIAL.iter().map(|w| (*w).to_owned()).collect();
        near.owners = vec![Vec::new(); words.len()];
        for (index, rule) in rules.iter().enumerate() {
            let keywords = match &rule.anchor {
                Anchor::Near(keywords) => keywords,
                Anchor::Within(marks) => {
                    near.shape(rule, index);
                    let finders = marks.iter().map(|mark| Finder::new(mark).into_owned());
                    near.marks.extend(finders.map(|finder| (finder, index)));
                    continue;
                }
                _ => continue,
            };
            near.shape(rule, index);
            for word in keywords {
                near.issuers.entry(word.clone()).or_default().push(index);
                let place = words.iter().position(|held| held == word);
                let place = place.unwrap_or_else(|| {
                    words.push(word.clone());
                    near.owners.push(Vec::new());
                    words.len() - 1
                });
                if let Some(owners) = near.owners.get_mut(place) {
                    owners.push(index);
                }
            }
        }
        let hex = |word: &[u8]| word.iter().all(u8::is_ascii_hexdigit);
        // Case counts in a mark, and identifiers in hex are of lower case (`Open::Hex`).
        let small = |mark: &[u8]| hex(mark) && !mark.iter().any(u8::is_ascii_uppercase);
        near.spelled_in_hex = words.iter().any(|word| hex(word.as_bytes()))
            || near.marks.iter().any(|(mark, _)| small(mark.needle()));
        if near.min < usize::MAX {
            let mut builder = AhoCorasick::builder();
            builder.kind(Some(AhoCorasickKind::DFA));
            near.words = builder.ascii_case_insensitive(true).build(words).ok();
        }
        near
    }

    fn shape(&mut self, rule: &Rule, index: usize) {
        let fits =
            |class: &usize| Bytes::of(|b| class_of(b) <= *class).covers(rule.pattern.alphabet());
        let class = (0..CLASSES).find(fits).unwrap_or(CLASSES - 1);
        self.min = self.min.min(rule.pattern.min());
        for length in rule.pattern.min()..=rule.pattern.max() {
            if let Some(rules) = self.shapes.get_mut(place(class, length)) {
                rules.push(index);
            }
        }
    }

    fn fitting(&self, class: usize, length: usize) -> &[usize] {
        let fits = length <= SHAPE_BYTES_MAX;
        let rules = self.shapes.get(place(class, length)).filter(|_| fits);
        rules.map_or(&[], Vec::as_slice)
    }

    /// Lengths of the runs at `start`, none beyond `end`; none at all where no token may begin.
    fn runs(&self, bytes: &[u8], start: usize, end: usize) -> Option<Runs> {
        if self.min == usize::MAX || !begins(before(bytes, start)) || !alnum(at(bytes, start)) {
            return None;
        }
        let mut runs = [0; CLASSES];
        let end = end.min(start + SHAPE_BYTES_MAX + 1);
        let tail = bytes.get(start..end).unwrap_or(&[]);
        let (mut class, mut length, mut digits) = (0, 0, 0);
        for (b, after) in tail.iter().zip(tail.iter().skip(1).chain([&0])) {
            let of = CLASS_OF.get(usize::from(*b)).copied().unwrap_or(0);
            let next = usize::from(of).max(class);
            // A `=` inside a run is no padding: what stands before it is a name.
            let single = *b == b'=' && at(bytes, start + length - 1) != b'=';
            let names = single && token_byte(*after) && *after != b'=';
            let early = *b == b':' && length < WORD_BYTES_MIN;
            if next == CLASSES || names || early {
                break;
            }
            runs.iter_mut()
                .take(next)
                .skip(class)
                .for_each(|run| *run = length);
            class = next;
            length += 1;
            digits += usize::from(b.is_ascii_digit());
        }
        looked(length + 1);
        runs.iter_mut().skip(class).for_each(|run| *run = length);
        // A sentence's or a list's own sign at the end of a run is not the token's.
        if let Some(widest) = runs.last_mut() {
            while *widest > 0 && matches!(at(bytes, start + *widest - 1), b'.' | b':') {
                *widest -= 1;
            }
        }
        // Sixteen and more random characters of an alphabet with digits have some; names do not.
        (length >= self.min && digits > 0).then_some(runs)
    }

    /// Whether the run from `start` to `end` has the length and alphabet of some rule: the cheap
    /// condition without which nothing is found there.
    pub(crate) fn may_shape(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        let Some(runs) = self.runs(bytes, start, end) else {
            return false;
        };
        let mut lengths = runs.iter().enumerate();
        lengths.any(|(class, length)| !self.fitting(class, *length).is_empty())
    }

    /// Rules that the run at `start` may be of, the one whose word stands nearest first, with the
    /// run's end.
    pub(crate) fn at(&self, text: &str, start: usize, rules: &[Rule]) -> Vec<(usize, usize)> {
        let bytes = text.as_bytes();
        let Some(runs) = self.runs(bytes, start, bytes.len()) else {
            return Vec::new();
        };
        let fits = |class: usize, rule: usize| {
            let length = runs.get(class).copied().unwrap_or(0);
            let holds = self.fitting(class, length).contains(&rule) && ends(bytes, start + length);
            holds.then_some(start + length)
        };
        let mut lengths = runs.iter().enumerate();
        let none = |(class, length): (usize, &usize)| {
            self.fitting(class, *length).is_empty() || !ends(bytes, start + length)
        };
        if lengths.all(none) || is_digest(bytes, start) {
            return Vec::new();
        }
        let mut out = Vec::new();
        let widest = runs.iter().max().copied().unwrap_or(0);
        let widest = bytes.get(start..start + widest).unwrap_or(&[]);
        let marks = self.marks.iter();
        for (mark, rule) in marks.filter(|(mark, _)| mark.find(widest).is_some()) {
            let end = (0..CLASSES).find_map(|class| fits(class, *rule));
            let token = end.and_then(|end| bytes.get(start..end));
            if token.is_some_and(|token| mark.find(token).is_some()) {
                out.extend(end.map(|end| (*rule, end)));
            }
        }
        let (named, credential) = self.named(bytes, start);
        for rule in named {
            let secret = rules
                .get(rule)
                .is_some_and(|r| r.class == cordon_event::Class::A);
            if !secret || credential {
                let end = (0..CLASSES).find_map(|class| fits(class, rule));
                out.extend(end.map(|end| (rule, end)));
            }
        }
        // An identifier by its own name is none of them, whatever else stands there.
        if !out.is_empty() && named_safe(text, start) {
            out.clear();
        }
        out
    }

    /// Rules whose issuer's name begins at `start` and is joined to a token by a sign
    /// (`hcloud_…`), each with where the token begins and ends. A name without a word for a
    /// credential joins much: so the token is long and mixes both cases of letters and digits.
    pub(crate) fn joined(&self, bytes: &[u8], start: usize) -> Vec<(usize, usize, usize)> {
        let name = run(bytes, start, ISSUER_BYTES_MAX, alnum);
        if self.issuers.is_empty()
            || name < start + 2
            || !begins(before(bytes, start))
            || !matches!(at(bytes, name), b'_' | b'-')
        {
            return Vec::new();
        }
        let wordy = |b: u8| alnum(b) || matches!(b, b'_' | b'-');
        let end = run(bytes, name + 1, SHAPE_BYTES_MAX + 1, wordy);
        let token = bytes.get(name + 1..end).unwrap_or(&[]);
        if token.len() < JOINED_BYTES_MIN || !mixed(token) || !ends(bytes, end) {
            return Vec::new();
        }
        // Letters and digits are text.
        let issuer = std::str::from_utf8(bytes.get(start..name).unwrap_or(&[]));
        let rules = self.issuers.get(&*lower(issuer.unwrap_or("")));
        let rules = rules.map_or(&[][..], Vec::as_slice).iter();
        rules.map(|rule| (*rule, name + 1, end)).collect()
    }

    /// Whether what [`Self::at`] says of a token that begins at `start` may depend on its digits:
    /// not where no word before it names a rule, and no mark is in it.
    pub(crate) fn depends(&self, bytes: &[u8], start: usize) -> bool {
        let end = run(bytes, start, SHAPE_BYTES_MAX, token_byte);
        let token = bytes.get(start..end).unwrap_or(&[]);
        let marked = || {
            self.marks
                .iter()
                .any(|(mark, _)| mark.find(token).is_some())
        };
        self.spelled_in_hex || !self.named(bytes, start).0.is_empty() || marked()
    }

    /// Rules whose word stands before `start`, the nearest first, and whether a credential's does.
    fn named(&self, bytes: &[u8], start: usize) -> (Vec<usize>, bool) {
        let from = start.saturating_sub(WINDOW_BYTES);
        let window = bytes.get(from..start).unwrap_or(&[]);
        let (mut rules, mut credential) = (Vec::new(), false);
        looked(window.len());
        let Some(words) = &self.words else {
            return (rules, false);
        };
        for found in words.find_overlapping_iter(window) {
            if !stands_alone(window, found.start(), found.end()) {
                continue;
            }
            let place = found.pattern().as_usize();
            credential |= place < CREDENTIAL.len();
            let owners = self.owners.get(place).map_or(&[][..], Vec::as_slice);
            rules.extend(owners);
        }
        rules.reverse();
        rules.truncate(CANDIDATES_MAX);
        (rules, credential)
    }
}

const fn place(class: usize, length: usize) -> usize {
    class * (SHAPE_BYTES_MAX + 1) + length
}

/// Whether a token may begin behind this byte.
fn begins(b: u8) -> bool {
    !(alnum(b) || matches!(b, b'_' | b'-' | b'.' | b'/' | b'+'))
}

/// Whether a run that ends here is a whole token.
fn ends(bytes: &[u8], end: usize) -> bool {
    match at(bytes, end) {
        b'_' | b'-' | b'=' | b'/' | b'+' | b'@' | b'(' => false,
        b'.' | b':' => !alnum(at(bytes, end + 1)),
        b => !alnum(b),
    }
}

/// Whether a word of the window is a word of the text: `datadog` in `MY_DATADOG_KEY` and in
/// `myDatadogKey`, not in `predatadogs`.
fn stands_alone(window: &[u8], start: usize, end: usize) -> bool {
    let (first, last) = (at(window, start), before(window, end));
    let (ahead, behind) = (before(window, start), at(window, end));
    let hump = |small: u8, large: u8| small.is_ascii_lowercase() && large.is_ascii_uppercase();
    let opens = !ahead.is_ascii_alphabetic() || hump(ahead, first);
    let closes = !behind.is_ascii_alphabetic() || hump(last, behind);
    opens && closes
}

/// Names of digests that stand before them, as in `sha256:…` and `sha512-…`.
const DIGESTS: &[&str] = &[
    "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake3",
];

/// Whether a digest stands at `i`, or its name before it.
pub(super) fn is_digest(bytes: &[u8], i: usize) -> bool {
    DIGESTS.iter().any(|name| {
        let of = |start: usize| starts_nocase(bytes, start, name.as_bytes());
        let behind = i.checked_sub(name.len() + 1);
        of(i) && matches!(at(bytes, i + name.len()), b':' | b'-')
            || matches!(before(bytes, i), b':' | b'-') && behind.is_some_and(of)
    })
}

/// Whether what names the value at `i` says that it is an identifier: `trace_id=`, `"commit": "`.
pub(super) fn named_safe(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'\\');
    let value = run_back(bytes, run_back(bytes, i, 4, quote), 4, blank);
    let sign = usize::from(matches!(before(bytes, value), b':' | b'='));
    let end = run_back(bytes, run_back(bytes, value - sign, 4, blank), 4, quote);
    let named = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b'.');
    let start = run_back(bytes, end, KEY_BYTES_MAX, named);
    verdict(cut(text, start, end)) == KeyVerdict::Safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With one word of hex digits alone, every identifier in hex of a known line is asked again
    /// whether it holds it: half the speed of a log.
    #[test]
    fn no_built_in_word_is_spelled_in_hex() {
        let rules = crate::rules::RuleSet::builtin();
        let hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
        let spelled: Vec<&String> = rules.near.issuers.keys().filter(|word| hex(word)).collect();
        assert!(spelled.is_empty(), "{spelled:?}");
        assert!(!rules.near.spelled_in_hex);
    }

    #[test]
    fn words_stand_alone_in_every_case_style() {
        for (text, word, expect) in [
            ("MY_DATADOG_KEY=", "DATADOG", true),
            ("myDatadogKey=", "Datadog", true),
            ("datadog2 ", "datadog", true),
            ("predatadog ", "datadog", false),
            ("datadogs ", "datadog", false),
            ("DATADOGS ", "DATADOG", false),
        ] {
            let start = text.find(word).unwrap();
            let alone = stands_alone(text.as_bytes(), start, start + word.len());
            assert_eq!(alone, expect, "{text}");
        }
    }
}
