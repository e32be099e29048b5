//! The second scan: a look at what redaction left, with rules and code of its own.
//!
//! *Why so:* a defect in the detector must not be a leak. These are few, precise patterns, so
//! that a hit is an alarm: the event is quarantined and somebody is paged.

use aho_corasick::{AhoCorasick, MatchKind};
use cordon_detect::{Spelled, is_ours};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use regex::Regex;

use crate::PolicyError;

/// Rule id and pattern. Case is folded without tables of Unicode, which a page would have to load:
/// `\x{17f}` and `\x{212a}` are the two letters beyond ASCII that fold to one in it.
const PATTERNS: &[(&str, &str)] = &[
    ("late.aws", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    (
        "late.github",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})",
    ),
    ("late.gitlab", r"\bglpat-[A-Za-z0-9_-]{20}"),
    ("late.slack", r"\bxox[bpars]-[0-9]{8,}-[A-Za-z0-9-]{10,}"),
    ("late.stripe", r"\b[sr]k_live_[A-Za-z0-9]{20}"),
    ("late.google", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ("late.npm", r"\bnpm_[A-Za-z0-9]{36}\b"),
    (
        "late.sendgrid",
        r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    ),
    ("late.anthropic", r"\bsk-(?:ant|proj)-[A-Za-z0-9_-]{24}"),
    (
        "late.jwt",
        r"\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    ),
    (
        "late.private_key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----",
    ),
    (
        "late.bearer",
        r"\b(?i-u:bearer)\s+[A-Za-z0-9\x{17f}\x{212a}._~+/-]{24,}={0,2}",
    ),
    (
        "late.email",
        concat!(
            r"(?:^|[\s<>(,;=\x22'])[A-Za-z0-9\x{17f}\x{212a}._+-]*[A-Za-z0-9\x{17f}\x{212a}]",
            r"@[A-Za-z0-9\x{17f}\x{212a}-]+(?:\.[A-Za-z0-9\x{17f}\x{212a}-]+)*",
            r"\.(?:(?i-u:com|org|net|edu|gov|de|fr|example)",
            r"|(?i-u:u)[kK\x{212a}]|(?i-u:te)[sS\x{17f}](?i-u:t))\b",
        ),
    ),
    (
        "late.password",
        concat!(
            r#""(?:password|passwd|client_secret|api_key|access_token)""#,
            r#"\s*:\s*"[A-Za-z0-9!@#$%^&+/=-]{6,}""#,
        ),
    ),
    (
        "late.url",
        concat!(
            r"\b[a-z][a-z0-9+]{2,12}://[A-Za-z0-9._-]+:",
            r"[A-Za-z0-9!$%^&+=_-]*[0-9][A-Za-z0-9!$%^&+=_-]*@[A-Za-z0-9]",
        ),
    ),
];

/// Literals of which one stands in whatever a pattern hits, and the pattern's place in the table.
/// The patterns about an `@` and about groups of digits have finders of their own.
const ANCHORS: &[(&str, &[&str])] = &[
    ("late.aws", &["AKIA", "ASIA"]),
    (
        "late.github",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    ),
    ("late.gitlab", &["glpat-"]),
    ("late.slack", &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"]),
    ("late.stripe", &["sk_live_", "rk_live_"]),
    ("late.google", &["AIza"]),
    ("late.npm", &["npm_"]),
    ("late.sendgrid", &["SG."]),
    ("late.anthropic", &["sk-ant-", "sk-proj-"]),
    ("late.jwt", &["eyJ"]),
    ("late.private_key", &["-----BEGIN "]),
    (
        "late.bearer",
        &["bearer ", "Bearer ", "BEARER ", "bearer\t", "Bearer\t"],
    ),
    (
        "late.password",
        &[
            "password\"",
            "passwd\"",
            "client_secret\"",
            "api_key\"",
            "access_token\"",
        ],
    ),
];
/// Patterns that hold an `@`.
const AT_RULES: [&str; 2] = ["late.email", "late.url"];
/// Bytes before an anchor and behind it that its patterns are asked about.
const WINDOW_BYTES: (usize, usize) = (320, 640);
/// Shortest run of base64 in bytes that is looked into.
const ENCODED_BYTES_MIN: usize = 24;

/// One pattern.
#[derive(Debug)]
struct Rule {
    id: &'static str,
    pattern: Regex,
}

/// The compiled scan.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Patterns that are asked where one of their anchors stands.
    rules: Vec<Rule>,
    anchors: AhoCorasick,
    /// Rule of each anchor.
    owners: Vec<usize>,
    /// Patterns that are asked about an `@`.
    at: Vec<Rule>,
    /// Patterns that have no anchor, and are asked about every text.
    others: Vec<Rule>,
    /// Whether cards are looked for.
    cards: bool,
}

impl Scan {
    pub(crate) fn new() -> Result<Self, PolicyError> {
        Self::of(PATTERNS)
    }

    /// A scan for these patterns, each with its rule id.
    pub(crate) fn of(patterns: &[(&'static str, &str)]) -> Result<Self, PolicyError> {
        let (mut rules, mut at, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let (mut literals, mut owners): (Vec<&str>, Vec<usize>) = (Vec::new(), Vec::new());
        for (id, pattern) in patterns {
            let pattern = Regex::new(pattern).map_err(|_| PolicyError::SecondScan(id))?;
            let rule = Rule { id, pattern };
            if let Some((_, anchors)) = ANCHORS.iter().find(|(known, _)| known == id) {
                literals.extend(anchors.iter().copied());
                owners.extend(std::iter::repeat_n(rules.len(), anchors.len()));
                rules.push(rule);
            } else if AT_RULES.contains(id) {
                at.push(rule);
            } else {
                others.push(rule);
            }
        }
        let anchors = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(literals)
            .map_err(|_| PolicyError::SecondScan("anchors"))?;
        Ok(Self {
            rules,
            anchors,
            owners,
            at,
            others,
            cards: true,
        })
    }

    /// The scan without these rules, of those about an `@` and about cards.
    pub(crate) fn without(mut self, rules: impl Iterator<Item = &'static str>) -> Self {
        for rule in rules {
            self.at.retain(|known| known.id != rule);
            self.cards &= rule != "late.card";
        }
        self
    }

    /// The first rule that hits, also one level below base64.
    pub(crate) fn hit(&self, text: &str) -> Option<&'static str> {
        if text.len() < 8 {
            return None;
        }
        self.plain(text).or_else(|| self.hit_encoded(text))
    }

    /// The first rule that hits one level below base64.
    pub(crate) fn hit_encoded(&self, text: &str) -> Option<&'static str> {
        let mut runs = runs(text.as_bytes()).filter(|run| !begins_no_text(run));
        runs.find_map(|run| {
            // A run that something else was joined to still reads as whole groups of four.
            let plain = unpacked(run).or_else(|| unpacked(run.get(..run.len() & !3)?));
            self.plain(std::str::from_utf8(&plain?).ok()?)
        })
    }

    /// Whether the text that the run of base64's alphabet at `i` may stand for is hit.
    pub(crate) fn hit_run(&self, text: &str, i: usize) -> bool {
        let rest = text.as_bytes().get(i..).unwrap_or(&[]);
        // Nearly every run tells by its first letters that it stands for none.
        !begins_no_text(rest) && self.hit_encoded(text).is_some()
    }

    /// Where texts that nothing hits, the spellings of a shape, would be hit with other digits: the
    /// places in the shape of runs of base64's alphabet that would have to be asked, by
    /// [`Self::hit_run`]. None where it cannot be told.
    pub(crate) fn depends(&self, alike: &[Spelled]) -> Option<Vec<u32>> {
        let rules = || self.rules.iter().chain(&self.at).chain(&self.others);
        let asked = |text: &str| {
            // A pattern hits whatever the digits are, but what it hits may then say something.
            rules().any(|rule| rule.pattern.is_match(text))
                || self.cards && grouped(text.as_bytes())
        };
        if alike.iter().any(|(text, _)| asked(text)) {
            return None;
        }
        let mut out = Vec::new();
        for (text, places) in alike {
            let numbered = |run: &[u8]| run.iter().any(u8::is_ascii_digit);
            let asked = |(_, run): &(usize, &[u8])| numbered(run) && !is_no_text(run);
            for (start, _) in placed_runs(text.as_bytes()).filter(asked) {
                let place = *places.get(start)?;
                if !out.contains(&place) {
                    out.push(place);
                }
            }
        }
        Some(out)
    }

    fn plain(&self, text: &str) -> Option<&'static str> {
        let bytes = text.as_bytes();
        // Most texts have no anchor, and need no window.
        let mut windows = Vec::new();
        for found in self.anchors.find_iter(text) {
            windows.resize(self.rules.len(), (0, 0));
            let owner = self.owners.get(found.pattern().as_usize()).copied();
            let asked = owner.and_then(|n| Some((self.rules.get(n)?, windows.get_mut(n)?)));
            if let Some((rule, window)) = asked
                && let Some(id) = widened(window, text, found.start(), std::slice::from_ref(rule))
            {
                return Some(id);
            }
        }
        let rest = self.rules.iter().zip(&windows);
        let anchored = rest.filter(|(_, window)| window.1 > 0);
        let anchored = anchored.map(|(rule, window)| (std::slice::from_ref(rule), *window));
        let mut window = (0, 0);
        for i in memchr::memchr_iter(b'@', bytes) {
            if let Some(id) = widened(&mut window, text, i, &self.at) {
                return Some(id);
            }
        }
        let about_at = std::iter::once((&*self.at, window)).filter(|(_, window)| window.1 > 0);
        anchored
            .chain(about_at)
            .find_map(|(rules, window)| asked(rules, text, window))
            .or_else(|| (self.cards && card(bytes)).then_some("late.card"))
            .or_else(|| asked(&self.others, text, (0, text.len())))
    }
}

/// Makes a window reach the bytes around an anchor at `i`; where it does not reach so far, its
/// rules are asked about it first, and it begins anew. So no byte is asked about twice.
fn widened(
    window: &mut (usize, usize),
    text: &str,
    i: usize,
    rules: &[Rule],
) -> Option<&'static str> {
    let start = i.saturating_sub(WINDOW_BYTES.0);
    let mut hit = None;
    if window.1 < start {
        hit = (window.1 > 0)
            .then(|| asked(rules, text, *window))
            .flatten();
        window.0 = start;
    }
    window.1 = (i + WINDOW_BYTES.1).min(text.len());
    hit
}

/// The first rule that hits within a window.
fn asked(rules: &[Rule], text: &str, (mut start, mut end): (usize, usize)) -> Option<&'static str> {
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let window = text.get(start..end).unwrap_or("");
    let hits = |rule: &&Rule| rule.pattern.find_iter(window).any(|hit| says(hit.as_str()));
    rules.iter().find(hits).map(|rule| rule.id)
}

/// Bytes at the end of a token that tell whether it repeats itself.
const TAIL_BYTES: usize = 16;
/// Most different bytes among them where it does.
const REPEATED_COUNT_MAX: usize = 6;

/// Whether the end of a token repeats a few characters, as that of a placeholder does.
fn repeats(token: &str) -> bool {
    let bytes = token.as_bytes();
    let tail = bytes.split_at_checked(bytes.len().saturating_sub(TAIL_BYTES));
    let tail = tail.map_or(bytes, |(_, tail)| tail);
    let first = |(n, b): &(usize, &u8)| !tail.iter().take(*n).any(|known| known == *b);
    let different = tail.iter().enumerate().filter(first).count();
    let few = different <= REPEATED_COUNT_MAX || entropy(bytes) < ENTROPY_MIN;
    tail.len() == TAIL_BYTES && few && !token.contains('@')
}

/// Least entropy in bits a byte of a token's last [`SPREAD_BYTES`]: with less it is one that
/// somebody typed, which the first scan leaves.
const ENTROPY_MIN: f64 = 3.0;
/// Bytes at the end of a token over which its characters are counted.
const SPREAD_BYTES: usize = 32;

/// Shannon entropy of the end of a token, in bits a byte.
fn entropy(token: &[u8]) -> f64 {
    let mut end = token.to_vec();
    let mut end = end.split_off(token.len().saturating_sub(SPREAD_BYTES));
    end.sort_unstable();
    let total = end.len() as f64;
    let counts = end
        .chunk_by(|a, b| a == b)
        .map(|same| same.len() as f64 / total);
    counts.map(|p| -p * p.log2()).sum()
}

/// Whether what stands behind `Bearer` is a name of something: one of our own, or words that signs
/// join, as the next field's.
fn is_named(credential: &str) -> bool {
    let joined = |b: u8| b.is_ascii_lowercase() || matches!(b, b'.' | b'_' | b'-' | b'=');
    is_ours(credential) || credential.bytes().all(joined)
}

/// Whether what a pattern hit says something: no repository's address, no mask.
fn says(hit: &str) -> bool {
    let repository = ["git@", "hg@", "svn@"].iter().any(|r| {
        hit.trim_start_matches(['"', '\'', ' ', '(', '='])
            .starts_with(r)
    });
    let scheme = hit
        .get(..6)
        .filter(|word| word.eq_ignore_ascii_case("bearer"));
    let named = scheme.is_some() && hit.split_ascii_whitespace().last().is_some_and(is_named);
    !(repository || named || hit.contains("***") || hit.contains("xxxx") || repeats(hit))
}

/// Runs of base64's alphabet, and of its relative for addresses.
///
/// A run of that length holds two of the text's words of eight bytes, one after the other; nearly
/// everywhere else one of the two has a blank, a quote or the like.
fn runs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    placed_runs(bytes).map(|(_, run)| run)
}

/// The same, each with its beginning.
fn placed_runs(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'-');
    let (words, _) = bytes.as_chunks::<8>();
    let (mut next, mut left, mut last) = (0, 0_u64, 0);
    let mut end = 0;
    std::iter::from_fn(move || {
        loop {
            while left == 0 {
                let part = words.get(next..).filter(|part| !part.is_empty())?;
                let dense = part.iter().take(WORDS_COUNT).rev();
                let dense = dense.fold(0, |all, word| all << 1 | u64::from(!holds_sign(*word)));
                left = dense & (dense << 1 | last);
                last = dense >> (WORDS_COUNT - 1);
                next += WORDS_COUNT;
            }
            let probed = (next - WORDS_COUNT + left.trailing_zeros() as usize) * 8;
            left &= left - 1;
            if probed < end {
                continue;
            }
            let (head, tail) = bytes.split_at_checked(probed)?;
            let behind = tail.iter().take_while(|b| inside(**b)).count();
            let before = head.iter().rev().take_while(|b| inside(**b)).count();
            end = probed + behind;
            if before + behind >= ENCODED_BYTES_MIN {
                let start = probed - before;
                return Some((start, bytes.get(start..end)?));
            }
        }
    })
}

/// Words of eight bytes that are looked at together.
const WORDS_COUNT: usize = 64;

/// Whether one of eight bytes is below `+`, the first of base64's alphabet, or a sign of times and
/// names.
fn holds_sign(word: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(word);
    let below = |word: u64, b: u8| word.wrapping_sub(EACH * u64::from(b)) & !word;
    let is = |b: u8| below(word ^ (EACH * u64::from(b)), 1);
    (below(word, b'+') | is(b':') | is(b'.')) & (EACH << 7) != 0
}

/// Whether four groups of four digits with a valid checksum stand in the text.
///
/// Of four such groups with single separators, each begins at another place modulo four, so that
/// one of them is a whole word of the text's words of four bytes.
fn card(bytes: &[u8]) -> bool {
    let (words, _) = bytes.as_chunks::<4>();
    let mut first = 0;
    for part in words.chunks(WORDS_COUNT) {
        // Without a way out for any of them.
        let digits = part.iter().rev();
        let mut digits = digits.fold(0_u64, |all, word| all << 1 | u64::from(all_digits(*word)));
        while digits != 0 {
            if card_around(bytes, (first + digits.trailing_zeros() as usize) * 4) {
                return true;
            }
            digits &= digits - 1;
        }
        first += part.len();
    }
    false
}

fn all_digits(word: [u8; 4]) -> bool {
    let word = u32::from_le_bytes(word);
    let above = word.wrapping_add(0x4646_4646);
    let below = word.wrapping_sub(0x3030_3030);
    (above | below) & 0x8080_8080 == 0
}

/// Whether groups of digits stand in the text as those of a card's number do.
fn grouped(bytes: &[u8]) -> bool {
    let group = |n: usize, b: &u8| {
        if n % 5 == 4 {
            matches!(b, b' ' | b'-')
        } else {
            b.is_ascii_digit()
        }
    };
    let shaped = |part: &[u8]| part.iter().enumerate().all(|(n, b)| group(n, b));
    bytes.windows(GROUPED_BYTES).any(shaped)
}

/// Whether a run of base64's alphabet stands for no text, whatever digits are in it: what is
/// before the first of them does not.
fn is_no_text(run: &[u8]) -> bool {
    let head = run.iter().take_while(|b| !b.is_ascii_digit()).count();
    let plain = run.get(..head & !3).and_then(unpacked).unwrap_or_default();
    std::str::from_utf8(&plain).is_err_and(|error| error.error_len().is_some())
}

/// Letters at the beginning of a run that are decoded first: most runs are not text from there on.
const PROBE_LETTERS: usize = 8;

/// Whether a run begins with what is not text, whatever goes on behind it; what is not of base64's
/// alphabet is none of its runs.
fn begins_no_text(run: &[u8]) -> bool {
    let Some(probe) = run.first_chunk::<PROBE_LETTERS>() else {
        return false;
    };
    let six = |b: u8| match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let bits = probe
        .iter()
        .fold(0_u64, |bits, b| bits << 6 | u64::from(six(*b)));
    let [_, _, bytes @ ..] = bits.to_be_bytes();
    std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_some())
}

/// Bytes of a card's number in four groups.
const GROUPED_BYTES: usize = 19;

/// Whether the four digits at `i` are a group of a card's number.
fn card_around(bytes: &[u8], i: usize) -> bool {
    (0..4).any(|group| {
        let Some(start) = i.checked_sub(group * 5) else {
            return false;
        };
        let Some(text) = bytes
            .get(start..)
            .and_then(|rest| rest.first_chunk::<GROUPED_BYTES>())
        else {
            return false;
        };
        let [.., separator, _, _, _, _] = *text;
        let at = |n: usize| text.get(n).copied().unwrap_or(0);
        if at(4) != separator || at(9) != separator {
            return false;
        }
        let shaped = text.iter().enumerate().all(|(n, b)| {
            if n % 5 == 4 {
                *b == separator
            } else {
                b.is_ascii_digit()
            }
        });
        let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let bound = !word(start.checked_sub(1).and_then(|n| bytes.get(n)))
            && !word(bytes.get(start + GROUPED_BYTES));
        let issued = matches!(text.first(), Some(b'3'..=b'6'));
        matches!(separator, b' ' | b'-') && shaped && bound && issued && checksum(text)
    })
}

fn unpacked(run: &[u8]) -> Option<Vec<u8>> {
    let standard = BASE64_NOPAD.decode(run);
    standard.or_else(|_| BASE64URL_NOPAD.decode(run)).ok()
}

/// Luhn's sum, written a second time on purpose.
fn checksum(text: &[u8]) -> bool {
    let mut sum = 0;
    let mut double = false;
    for b in text.iter().rev().filter(|b| b.is_ascii_digit()) {
        let d = u32::from(b - b'0');
        let d = if double { d * 2 } else { d };
        sum += d / 10 + d % 10;
        double = !double;
    }
    sum % 10 == 0 && sum > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_without_tables() {
        let scan = Scan::new().unwrap();
        let late = |text: &str| {
            let asked = |rule: &Rule| rule.pattern.is_match(text);
            let rules = scan.rules.iter().chain(&scan.at);
            rules
                .into_iter()
                .find(|rule| asked(rule))
                .map(|rule| rule.id)
        };
        let token = "aB3".repeat(8);
        for scheme in ["bearer", "Bearer", "BEARER", "bEARER"] {
            let text = format!("{scheme} {token}");
            assert_eq!(late(&text), Some("late.bearer"), "{scheme}");
        }
        assert_eq!(late(&format!("xbearer {token}")), None);
        for mail in [
            "ann@shop.example",
            "ANN@SHOP.EXAMPLE",
            "Ann@Shop.TeSt",
            "\u{212a}ai@shop.u\u{212a}",
            "o\u{17f}a@\u{17f}hop.te\u{17f}t",
            "a@b.CO.UK",
        ] {
            assert_eq!(late(mail), Some("late.email"), "{mail}");
        }
        for other in ["ann@shop.exampleX", "@shop.example", "ann@shop.tes"] {
            assert_eq!(late(other), None, "{other}");
        }
    }
}
