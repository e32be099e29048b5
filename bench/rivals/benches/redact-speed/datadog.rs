//! The crate `dd-sensitive-data-scanner` as its users set it up: one rule a pattern, redacting,
//! one event a log line.
//!
//! A rule whose keyword stands before its token is given it the way the crate has for that:
//! keywords in the proximity of the token, within the 30 characters that are its default.

use std::sync::Arc;

use dd_sds::{MatchAction, RegexRuleConfig, RootRuleConfig, RuleConfig, Scanner};

use crate::clock::Reader;
use crate::patterns::Pattern;
use crate::scanner::MARK;

type Rule = RootRuleConfig<Arc<dyn RuleConfig>>;

/// A scanner with those of the rules that it takes.
pub(crate) struct Datadog {
    scanner: Scanner,
    taken: usize,
    offered: usize,
}

impl Datadog {
    pub(crate) fn new(patterns: &[Pattern]) -> Self {
        let takes = |rule: &Rule| Scanner::builder(std::slice::from_ref(rule)).build().is_ok();
        let rules: Vec<Rule> = patterns.iter().map(rule).filter(takes).collect();
        // What was redacted is all that is wanted back.
        let scanner = Scanner::builder(&rules).with_return_matches(false).build();
        Self {
            scanner: scanner.unwrap(),
            taken: rules.len(),
            offered: patterns.len(),
        }
    }
}

fn rule(pattern: &Pattern) -> Rule {
    let token = &pattern.token;
    let config = if pattern.before {
        RegexRuleConfig::new(&format!(r"\b{token}\b")).with_included_keywords(&pattern.keywords)
    } else {
        RegexRuleConfig::new(&format!(r"\b{token}"))
    };
    RootRuleConfig::new(config.build()).match_action(MatchAction::redact(MARK))
}

impl Reader for Datadog {
    fn name(&self) -> String {
        let Self { taken, offered, .. } = self;
        format!("`dd-sensitive-data-scanner`: takes {taken} of {offered} rules")
    }

    fn read(&mut self, blocks: Vec<String>, out: &mut dyn FnMut(String)) {
        for block in blocks {
            let mut clean = String::with_capacity(block.len());
            for line in block.lines() {
                let mut event = line.to_owned();
                self.scanner.scan(&mut event).unwrap();
                clean += &event;
                clean.push('\n');
            }
            out(clean);
        }
    }
}
