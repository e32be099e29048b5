//! Which prefixes begin at a place: a set over the first two bytes, then a trie.
//!
//! *Complexity:* one lookup where no prefix begins with the two bytes; at most the longest prefix
//! in steps otherwise, however many rules there are.

use crate::bytes::{at, looked};
use crate::shape::Open;

/// Words of the set over two bytes: 65,536 bits.
const PAIR_WORDS: usize = 65_536 / 64;

/// Prefixes and the rules that they belong to.
pub(crate) struct Trie {
    pairs: Box<[u64]>,
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    /// Next bytes and their nodes, in order of the byte.
    next: Vec<(u8, usize)>,
    /// Rules whose prefix ends here.
    rules: Vec<usize>,
}

impl Trie {
    /// A trie of prefixes, each of at least two bytes, with their rules.
    pub(crate) fn new<'p>(prefixes: impl Iterator<Item = (&'p str, usize)>) -> Self {
        let mut trie = Self {
            pairs: vec![0; PAIR_WORDS].into_boxed_slice(),
            nodes: vec![Node::default()],
        };
        for (prefix, rule) in prefixes {
            trie.add(prefix.as_bytes(), rule);
        }
        trie
    }

    fn add(&mut self, prefix: &[u8], rule: usize) {
        let pair = pair(prefix, 0);
        if let Some(word) = self.pairs.get_mut(pair >> 6) {
            *word |= 1 << (pair & 63);
        }
        let mut node = 0;
        for b in prefix {
            let fresh = self.nodes.len();
            let Some(held) = self.nodes.get_mut(node) else {
                return;
            };
            node = match held.next.binary_search_by_key(b, |(b, _)| *b) {
                Ok(place) => held.next.get(place).map_or(0, |(_, node)| *node),
                Err(place) => {
                    held.next.insert(place, (*b, fresh));
                    self.nodes.push(Node::default());
                    fresh
                }
            };
        }
        if let Some(held) = self.nodes.get_mut(node) {
            held.rules.push(rule);
        }
    }

    /// Whether some prefix begins with the two bytes at `i`.
    #[inline]
    pub(crate) fn may_begin(&self, bytes: &[u8], i: usize) -> bool {
        let pair = pair(bytes, i);
        let word = self.pairs.get(pair >> 6).copied().unwrap_or(0);
        word >> (pair & 63) & 1 == 1
    }

    /// Whether some prefix stands at `i`.
    pub(crate) fn has(&self, bytes: &[u8], i: usize) -> bool {
        let mut node = 0;
        for b in bytes.get(i..).unwrap_or(&[]) {
            let Some(held) = self.nodes.get(node) else {
                return false;
            };
            if !held.rules.is_empty() {
                return true;
            }
            let Ok(place) = held.next.binary_search_by_key(b, |(b, _)| *b) else {
                return false;
            };
            node = held.next.get(place).map_or(0, |(_, node)| *node);
        }
        self.nodes
            .get(node)
            .is_some_and(|held| !held.rules.is_empty())
    }

    /// Whether a prefix may stand at `i`, where `open` tells what else may stand at a place. Behind
    /// a second number of any length, it is taken to stand there.
    pub(crate) fn depends(&self, bytes: &[u8], i: usize, open: &dyn Fn(usize) -> Open) -> bool {
        let mut nodes = vec![(0, i)];
        while let Some((node, at_byte)) = nodes.pop() {
            let Some(held) = self.nodes.get(node) else {
                continue;
            };
            let numbers = (i..at_byte)
                .filter(|n| open(*n) == Open::Number && (*n == i || open(n - 1) != Open::Number));
            if !held.rules.is_empty() || numbers.count() > 1 {
                return true;
            }
            let (own, open) = (at(bytes, at_byte), open(at_byte));
            let fits = |b: &u8| *b == own || open.may_be(*b);
            let next = held.next.iter().filter(|(b, _)| fits(b));
            nodes.extend(next.map(|(_, node)| (*node, at_byte + 1)));
        }
        false
    }

    /// The prefixes at `i`: their lengths and rules, the shortest first.
    pub(crate) fn at(&self, bytes: &[u8], i: usize) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        let mut node = 0;
        let tail = bytes.get(i..).unwrap_or(&[]);
        for (length, b) in (1..).zip(tail) {
            looked(1);
            let Some(held) = self.nodes.get(node) else {
                break;
            };
            let Ok(place) = held.next.binary_search_by_key(b, |(b, _)| *b) else {
                break;
            };
            node = held.next.get(place).map_or(0, |(_, node)| *node);
            let rules = self.nodes.get(node).map_or(&[][..], |held| &held.rules);
            out.extend(rules.iter().map(|rule| (length, *rule)));
        }
        out
    }
}

#[inline]
fn pair(bytes: &[u8], i: usize) -> usize {
    usize::from(at(bytes, i)) << 8 | usize::from(at(bytes, i + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_prefixes_are_all_told() {
        let words = ["sk-", "sk-ant-", "sk_live_", "AKIA"];
        let trie = Trie::new(words.into_iter().zip(0..));
        assert_eq!(trie.at(b"sk-ant-api", 0), [(3, 0), (7, 1)]);
        assert_eq!(trie.at(b"xAKIAx", 1), [(4, 3)]);
        assert!(trie.at(b"sk_test", 0).is_empty());
        assert!(trie.may_begin(b"sk", 0) && !trie.may_begin(b"ks", 0));
        assert!(!trie.may_begin(b"s", 0) && !trie.may_begin(b"", 0));
    }
}
