//! Asking the rules at one place.

use zeroize::Zeroizing;

use super::count::Count;
use super::hash::fnv;
use super::labelled::labelled;
use super::model::{Anchor, Broken, Rule, Score, Stage};
use super::near::named_safe;
use super::pattern::token_byte;
use super::read::RUN_BYTES_MIN;
use super::unknown::{may_be_unknown, unknown};
use super::wrap::wrapped;
use super::{RuleSet, wrap};
use crate::Finding;
use crate::bytes::{
    alnum, at, before, breaks_before_stamp, cut, digit, entropy, is_stamp, looked, mixed, opens,
    run, run_back,
};
use crate::encoded::Ahead;
use crate::shape::Open;

/// Entropy in bits per byte that a token with a broken checksum needs to be one all the same.
const DOUBT_ENTROPY_MIN: f64 = 3.0;
/// Bytes of a word that goes on behind a token of open length, and goes with it.
const TAIL_BYTES_MAX: usize = 256;
/// Longest prefix in bytes that chance puts into letters of base64.
pub(super) const CHANCE_BYTES_MAX: usize = 3;
/// Letters of base64 before a prefix that make it part of them.
const GLUED_BYTES_MIN: usize = 24;

/// A token that was found, and how sure that is.
pub(crate) struct Judged {
    pub(crate) index: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) score: Score,
}

impl RuleSet {
    /// Whether a token with a prefix may begin at `i`: one lookup, the necessary condition of
    /// [`RuleSet::find`] for those.
    #[inline]
    pub fn may_begin(&self, bytes: &[u8], i: usize) -> bool {
        self.trie.may_begin(bytes, i)
    }

    /// Whether a token without a prefix may stand from `start` to at most `end`: by its length and
    /// alphabet, or by the sign before it; the necessary condition of [`RuleSet::find`] for those.
    pub fn may_shape(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        self.behind.may_end(bytes, start) || self.near.may_shape(bytes, start, end)
    }

    /// Whether a whole value may be a token that its field's name accuses.
    pub(crate) fn may_be_named_by(&self, value: &str) -> bool {
        self.may_shape(value.as_bytes(), 0, value.len()) || may_be_unknown(value)
    }

    /// Whether some rule's own condition holds at `i`, where a run of at least
    /// [`RuleSet::run_bytes_min`] token bytes begins: what the screen asks. Allocates nothing
    /// unless a word of a rule stands before.
    ///
    /// `random` says whether the run may be of random characters.
    pub(crate) fn may_stand(&self, text: &str, i: usize, random: impl Fn() -> bool) -> bool {
        let bytes = text.as_bytes();
        self.may_begin(bytes, i) && self.trie.has(bytes, i)
            || self.behind.may_end(bytes, i) && !self.behind.at(bytes, i).is_empty()
            || random()
                && (labelled(bytes, i).is_some()
                    || unknown(text, i).is_some()
                    || !self.near.at(text, i, &self.rules).is_empty()
                    || !self.near.joined(bytes, i).is_empty())
    }

    /// As [`Self::may_stand`], for a token of a line that differs in digits alone from one in which
    /// none may; `named` says whether what stands before it, or in it, may name a rule.
    pub(crate) fn may_stand_alike(
        &self,
        text: &str,
        i: usize,
        (random, named): (bool, bool),
    ) -> bool {
        if named {
            return self.may_stand(text, i, || random);
        }
        let bytes = text.as_bytes();
        self.may_begin(bytes, i) && self.trie.has(bytes, i)
            || self.behind.may_end(bytes, i) && !self.behind.at(bytes, i).is_empty()
            || random
                && (labelled(bytes, i).is_some()
                    || unknown(text, i).is_some()
                    || !self.near.joined(bytes, i).is_empty())
    }

    /// Whether a prefix stands at `i`.
    pub(crate) fn begins(&self, bytes: &[u8], i: usize) -> bool {
        self.may_begin(bytes, i) && self.trie.has(bytes, i)
    }

    /// Whether a head may end before `i`.
    pub(crate) fn may_be_headed(&self, bytes: &[u8], i: usize) -> bool {
        self.behind.may_end(bytes, i)
    }

    /// Whether what may stand at `i` or behind it, as `open` tells, may make a prefix of what is
    /// none, or a token of
    /// what stands behind a head.
    pub(crate) fn depends(&self, bytes: &[u8], i: usize, open: &dyn Fn(usize) -> Open) -> bool {
        self.behind.may_end(bytes, i) || self.trie.depends(bytes, i, open)
    }

    /// Whether digits in the token at `i` may make it one that words before it name.
    pub(crate) fn may_be_named(&self, bytes: &[u8], i: usize) -> bool {
        self.near.depends(bytes, i)
    }

    /// The token whose run of token bytes begins at `i`. It begins there too, or before it where
    /// its rule has a head. Bounded work, whatever the text.
    pub fn find(&self, text: &str, i: usize) -> Option<Finding> {
        if breaks_before_stamp(text.as_bytes(), i) {
            return None;
        }
        let found = self.judge(text, i, &|index, token| self.acts(index, token));
        let Some(found) = found else {
            let bytes = text.as_bytes();
            if !random(Ahead::of(bytes, i)) {
                return None;
            }
            let told = labelled(bytes, i).filter(|_| !named_safe(text, i));
            let accused = || Some(Finding::secret("token.unknown", i, unknown(text, i)?));
            return told.or_else(accused);
        };
        let rule = self.rules.get(found.index)?;
        Some(Finding {
            rule: rule.id,
            class: rule.class,
            kind: rule.kind,
            start: found.start,
            end: found.end,
            coding: None,
        })
    }

    /// The first rule that finds a token at `i` and is let to.
    pub(crate) fn judge(
        &self,
        text: &str,
        i: usize,
        lets: &dyn Fn(usize, &[u8]) -> bool,
    ) -> Option<Judged> {
        let bytes = text.as_bytes();
        if !alnum(at(bytes, i)) || !opens(bytes, i) {
            return None;
        }
        let lets = |found: &Judged| {
            let token = bytes.get(found.start..found.end);
            lets(found.index, token.unwrap_or(&[]))
        };
        let prefixed = || self.prefixed(bytes, i).into_iter().find(&lets);
        let near = || {
            let random = random(Ahead::of(bytes, i));
            random
                .then(|| {
                    let all = self.nearby(text, i).into_iter();
                    all.chain(self.joined(text, i)).find(&lets)
                })
                .flatten()
        };
        // A length decides that most places hold no token, and does not depend on the rules.
        let run = token_run(bytes, i);
        let broken = run < RUN_BYTES_MIN && wrap::breaks(bytes, i + run);
        if run < self.run_bytes_min() && !broken || is_stamp(bytes, i) {
            return None;
        }
        let begins = (run >= RUN_BYTES_MIN || broken) && self.may_begin(bytes, i);
        let headed = || self.headed(bytes, i).into_iter().find(&lets);
        let follows = run >= RUN_BYTES_MIN && self.behind.may_end(bytes, i);
        let found = begins.then(prefixed).flatten();
        found
            .or_else(|| follows.then(headed).flatten())
            .or_else(near)
    }

    /// Whether a rule acts on a token, by its stage; counted.
    fn acts(&self, index: usize, token: &[u8]) -> bool {
        let (Some(rule), Some(count)) = (self.rules.get(index), self.counts.get(index)) else {
            return false;
        };
        let acts = match rule.stage {
            Stage::Enforce => true,
            Stage::Shadow => false,
            Stage::Canary(percent) => fnv(token) % 100 < u64::from(percent),
        };
        count.found(acts);
        acts
    }

    /// Tokens at `i` by their prefix, that of the longest prefix first.
    fn prefixed(&self, bytes: &[u8], i: usize) -> Vec<Judged> {
        let mut prefixes = self.trie.at(bytes, i);
        prefixes.sort_by_key(|(length, rule)| (std::cmp::Reverse(*length), *rule));
        let glued = is_glued(bytes, i);
        let alone = |length: usize| length > CHANCE_BYTES_MAX || !glued;
        let prefixes = prefixes.into_iter().filter(|(length, _)| alone(*length));
        let judged = prefixes.filter_map(|(length, index)| {
            let rule = self.rules.get(index)?;
            let token = token(rule, self.counts.get(index)?, bytes, (i, length))?;
            let score = score(rule, &token.bytes, length)?;
            Some(Judged {
                index,
                start: i,
                end: token.end,
                score,
            })
        });
        judged.collect()
    }

    /// Tokens whose random part begins at `i`, by what stands before it.
    fn headed(&self, bytes: &[u8], i: usize) -> Vec<Judged> {
        let heads = self.behind.at(bytes, i).into_iter();
        let whole = heads.filter(|(_, start)| opens(bytes, *start));
        let judged = whole.filter_map(|(index, start)| {
            let rule = self.rules.get(index)?;
            let token = token(rule, self.counts.get(index)?, bytes, (i, 0))?;
            let score = score(rule, &token.bytes, 0)?;
            Some(Judged {
                index,
                start,
                end: token.end,
                score,
            })
        });
        judged.collect()
    }

    /// Tokens that the name at `i` is joined to.
    fn joined(&self, text: &str, i: usize) -> Vec<Judged> {
        let bytes = text.as_bytes();
        let candidates = self.near.joined(bytes, i);
        if candidates.is_empty() || named_safe(text, i) {
            return Vec::new();
        }
        self.whole(bytes, i, candidates.into_iter())
    }

    /// Tokens at `i` by their shape and what stands before them.
    fn nearby(&self, text: &str, i: usize) -> Vec<Judged> {
        let bytes = text.as_bytes();
        let candidates = self.near.at(text, i, &self.rules);
        let candidates = candidates.into_iter();
        self.whole(bytes, i, candidates.map(|(index, end)| (index, i, end)))
    }

    /// Of rules, each with where its token begins and ends, those whose pattern that is, as tokens
    /// from `i` on.
    fn whole(
        &self,
        bytes: &[u8],
        i: usize,
        candidates: impl Iterator<Item = (usize, usize, usize)>,
    ) -> Vec<Judged> {
        let judged = candidates.filter_map(|(index, start, end)| {
            let rule = self.rules.get(index)?;
            let token = bytes.get(start..end)?;
            self.counts.get(index)?.asked(token.len());
            let whole = rule.pattern.matched(token) == Some(token.len());
            let score = score(rule, token, 0).filter(|_| whole)?;
            Some(Judged {
                index,
                start: i,
                end,
                score,
            })
        });
        judged.collect()
    }
}

/// Whether what begins with these bytes may be of random characters: sixteen letters and digits
/// in a row, soon, and a digit; or soon both cases of letters and a digit.
pub(crate) fn random(ahead: Ahead) -> bool {
    let ahead = ahead.of_token();
    let mut run = ahead.alphabet & !ahead.plus;
    for n in 0..4 {
        run &= run >> (1 << n);
    }
    let within = |mask: u64, count: u32| mask & ((1 << count) - 1) != 0;
    let solid = within(run, 44) && ahead.digit != 0;
    let kinds = [ahead.upper, ahead.lower, ahead.digit];
    solid || kinds.iter().all(|mask| within(*mask, 24))
}

/// Whether what begins at `i` goes on with a run of base64.
pub(super) fn is_glued(bytes: &[u8], i: usize) -> bool {
    let base64 = |b: u8| alnum(b) || matches!(b, b'+' | b'/' | b'-' | b'_');
    matches!(before(bytes, i), b'+' | b'/' | b'-')
        && i - run_back(bytes, i, GLUED_BYTES_MIN, base64) == GLUED_BYTES_MIN
}

/// Length of the run of token bytes at `i`, as far as anybody asks.
fn token_run(bytes: &[u8], i: usize) -> usize {
    let head = bytes.get(i..).unwrap_or(&[]).iter().take(RUN_BYTES_MIN);
    let length = head.take_while(|b| token_byte(**b)).count();
    looked(length);
    length
}

/// A token's extent and its bytes, which are not those of the text where it was wrapped.
pub(super) struct Token {
    pub(super) end: usize,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The token of a rule whose prefix of `length` bytes stands at `i`.
fn token(rule: &Rule, count: &Count, bytes: &[u8], (i, length): (usize, usize)) -> Option<Token> {
    let body = i + length;
    let pattern = &rule.pattern;
    let run = pattern.alphabet().run(bytes, body, pattern.max());
    if run >= pattern.min() {
        count.asked(run);
    }
    let matched = pattern.matched(bytes.get(body..body + run)?);
    let broken = matched.is_none_or(|matched| matched == run && run < pattern.max());
    if broken && let Some(token) = wrapped(rule, bytes, (i, body, run), matched.is_some()) {
        return Some(token);
    }
    let matched = matched?;
    let mut end = body + matched;
    let goes_on = |end: usize| alnum(at(bytes, end)) || at(bytes, end) == b'_';
    if goes_on(end) {
        let fixed = pattern.min() == pattern.max();
        // One that could have taken the next byte and did not is of another form.
        let other = matched < pattern.max() && pattern.alphabet().has(at(bytes, end));
        if fixed || other {
            return None;
        }
        end = run_on(bytes, end);
    }
    // What ends a sentence ends no token; but one of a certain length may end in a sign.
    while end > body + pattern.min() && matches!(before(bytes, end), b'.' | b'-') {
        end -= 1;
    }
    let token = bytes.get(i..end)?;
    Some(Token {
        end,
        bytes: Zeroizing::new(token.to_vec()),
    })
}

/// The end of the word that goes on at `end`: half a token is not left standing.
fn run_on(bytes: &[u8], end: usize) -> usize {
    run(bytes, end, TAIL_BYTES_MAX, |b| alnum(b) || b == b'_')
}

/// How sure it is that a token of the rule's form is one; none where it is not.
fn score(rule: &Rule, token: &[u8], prefix: usize) -> Option<Score> {
    let prefix = if matches!(rule.anchor, Anchor::Near(_) | Anchor::Within(_)) {
        0
    } else {
        prefix
    };
    let held = rule.checksum.and_then(|(checksum, broken)| {
        let holds = checksum.holds(token, prefix)?;
        Some((holds, broken))
    });
    let body = token.get(prefix..).unwrap_or(&[]);
    let gates = |least: f64| {
        let digits = !rule.digit || body.iter().copied().any(digit);
        digits && entropy(body) >= least
    };
    match held {
        Some((true, _)) => Some(Score::Certain),
        Some((false, Broken::Refuse)) => None,
        Some((false, Broken::Doubt)) => {
            gates(rule.entropy_min.max(DOUBT_ENTROPY_MIN)).then_some(Score::Doubtful)
        }
        None => gates(rule.entropy_min).then_some(Score::Likely),
    }
}

/// Bytes behind an access key id in which its secret is looked for.
const AWS_NEAR_BYTES: usize = 160;

/// Forty characters of base64 near an AWS access key id: its secret, without a name.
pub fn aws_secret_near(text: &str, id_end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let limit = (id_end + AWS_NEAR_BYTES).min(bytes.len());
    let mut i = id_end;
    while i < limit {
        let end = run(bytes, i, 64, |b| alnum(b) || matches!(b, b'+' | b'/'));
        if end == i {
            i += 1;
            continue;
        }
        let forty = end - i == 40 && mixed(bytes.get(i..end).unwrap_or(&[]));
        if forty && !cut(text, i, end).is_empty() {
            return Some(Finding::secret("aws_secret_key", i, end));
        }
        i = end;
    }
    None
}
