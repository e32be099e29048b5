//! Tokens whose random part follows a sign that no run of token bytes holds: `….8Q~…`, `sha256~…`,
//! `00D…!…`. The part behind the sign is found as a run; what is before it is matched backwards.

use regex::bytes::{Regex, RegexBuilder};

use super::model::{Anchor, Rule};
use super::pattern::{Bytes, token_byte};
use crate::bytes::{before, looked};

/// Longest head of a token, its sign included, in bytes.
pub(super) const HEAD_BYTES_MAX: usize = 64;

/// A rule's head.
struct Head {
    rule: usize,
    sign: u8,
    regex: Regex,
}

/// Rules that a head anchors.
pub(crate) struct Behind {
    /// Signs that a head ends with.
    signs: Bytes,
    heads: Vec<Head>,
}

impl Behind {
    /// The head-anchored ones of the rules.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut behind = Self {
            signs: Bytes::NONE,
            heads: Vec::new(),
        };
        for (rule, index) in rules.iter().zip(0..) {
            let Anchor::Behind(head) = &rule.anchor else {
                continue;
            };
            let regex = RegexBuilder::new(&format!("(?:{head})\\z"))
                .unicode(false)
                .build();
            let (rule, sign) = (index, sign(head));
            if let Ok(regex) = regex {
                behind.signs.add(sign);
                behind.heads.push(Head { rule, sign, regex });
            }
        }
        behind
    }

    /// Whether a head may end before `i`: the necessary condition of everything here.
    #[inline]
    pub(crate) fn may_end(&self, bytes: &[u8], i: usize) -> bool {
        self.signs.has(before(bytes, i))
    }

    /// Rules whose head ends before `i`, and where it begins.
    pub(crate) fn at(&self, bytes: &[u8], i: usize) -> Vec<(usize, usize)> {
        let from = i.saturating_sub(HEAD_BYTES_MAX);
        let window = bytes.get(from..i).unwrap_or(&[]);
        let sign = before(bytes, i);
        let heads = self.heads.iter().filter(|head| head.sign == sign);
        let heads = heads.filter_map(|head| {
            looked(window.len());
            let found = head.regex.find(window)?;
            Some((head.rule, from + found.start()))
        });
        heads.collect()
    }
}

/// The sign that a head ends with.
fn sign(head: &str) -> u8 {
    head.bytes().last().unwrap_or(0)
}

/// Whether a head ends with a sign that ends every run of token bytes.
pub(super) fn ends_in_sign(head: &str) -> bool {
    let last = sign(head);
    let class = head.len() >= 2 && matches!(last, b')' | b']' | b'}' | b'*' | b'+' | b'?');
    last.is_ascii_punctuation() && !token_byte(last) && !class
}
