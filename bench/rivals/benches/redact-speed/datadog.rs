//! The crate `dd-sensitive-data-scanner` as its users set it up: one rule a pattern, redacting,
//! one event a log line; and, since much of its cost is by event, with a block of lines as one.
//!
//! A rule whose keyword stands before its token is given it the way the crate has for that:
//! keywords in the proximity of the token, within the 30 characters that are its default.

use std::rc::Rc;
use std::sync::Arc;

use dd_sds::{MatchAction, RegexRuleConfig, RootRuleConfig, RuleConfig, Scanner};

use crate::clock::Reader;
use crate::patterns::Pattern;
use crate::scanner::MARK;

type Rule = RootRuleConfig<Arc<dyn RuleConfig>>;

/// A scanner with those of the rules that it takes.
pub(crate) struct Datadog {
    scanner: Rc<Scanner>,
    name: String,
    /// Whether an event is a block, not a line.
    whole: bool,
}

impl Datadog {
    /// A line an event, and a block an event.
    pub(crate) fn both(patterns: &[Pattern]) -> [Self; 2] {
        let takes = |rule: &Rule| Scanner::builder(std::slice::from_ref(rule)).build().is_ok();
        let rules: Vec<Rule> = patterns.iter().map(rule).filter(takes).collect();
        // What was redacted is all that is wanted back.
        let scanner = Scanner::builder(&rules).with_return_matches(false).build();
        let scanner = Rc::new(scanner.unwrap());
        [false, true].map(|whole| Self {
            scanner: Rc::clone(&scanner),
            name: format!(
                "`dd-sensitive-data-scanner`, an event a {}: takes {} of {} rules",
                if whole { "block" } else { "line" },
                rules.len(),
                patterns.len()
            ),
            whole,
        })
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
        self.name.clone()
    }

    fn read(&mut self, blocks: Vec<String>, out: &mut dyn FnMut(String)) {
        for mut block in blocks {
            if self.whole {
                self.scanner.scan(&mut block).unwrap();
                out(block);
                continue;
            }
            let mut clean = String::with_capacity(block.len());
            for line in block.split_inclusive('\n') {
                let mut event = line.to_owned();
                self.scanner.scan(&mut event).unwrap();
                clean += &event;
            }
            out(clean);
        }
    }
}
