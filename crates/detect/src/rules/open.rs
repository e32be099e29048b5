//! Tokens that the end of a line cut off.

use super::RuleSet;
use super::find::{CHANCE_BYTES_MAX, is_glued};
use super::model::{Rule, Stage};
use super::read::RUN_BYTES_MIN;
use crate::bytes::{alnum, at, opens};

impl RuleSet {
    /// The rule of a token whose prefix stands at `i` and which goes on to the end of `bytes`, but
    /// could take more, and whether what is there is a token already. Of several rules one whose
    /// token is not complete is told first.
    pub(crate) fn open_at(&self, bytes: &[u8], i: usize) -> Option<(&Rule, bool)> {
        let begins = alnum(at(bytes, i)) && opens(bytes, i) && self.may_begin(bytes, i);
        if !begins || bytes.len() < i + RUN_BYTES_MIN {
            return None;
        }
        let glued = is_glued(bytes, i);
        let prefixes = self.trie.at(bytes, i).into_iter().rev();
        let alone = prefixes.filter(|(length, _)| *length > CHANCE_BYTES_MAX || !glued);
        let mut open = alone.filter_map(|(length, index)| {
            let rule = self.rules.get(index)?;
            let pattern = &rule.pattern;
            let body = bytes.get(i + length..)?;
            let run = pattern.alphabet().run(body, 0, pattern.max());
            let more = run == body.len() && run < pattern.max() && rule.stage != Stage::Shadow;
            more.then(|| (rule, pattern.matched(body) == Some(body.len())))
        });
        let first = open.next()?;
        if first.1 {
            return Some(open.find(|(_, whole)| !whole).unwrap_or(first));
        }
        Some(first)
    }
}
