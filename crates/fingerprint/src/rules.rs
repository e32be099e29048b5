//! Rules by which a user changes what is in-app and what goes into an id.
//!
//! One rule a line: matchers, then actions. The notation is that of Sentry's stack trace rules,
//! as far as it fits:
//!
//! ```text
//! # the gateway's own helpers are not where it went wrong
//! module:gateway.errors function:raise_* -group
//! family:jvm module:com.acme.generated.* -app
//! function:run_handler v-group
//! type:*Timeout message:"upstream * timed out" fingerprint=upstream-timeout
//! ```
//!
//! `!` before a matcher turns it round. Values are globs (`*`, `?`), in quotes where they hold
//! blanks. `^` before an action means the frames above the matching one, towards where it was
//! raised; `v` those below, towards the callers. Rules act in order; a later one wins.
//!
//! *Limits:* [`RULES_COUNT_MAX`], [`RULE_BYTES_MAX`]; matching is bounded by their product with
//! the frames of a trace.

use std::collections::BTreeSet;

use crate::glob;
use crate::model::{ExceptionLink, Frame, Language};

/// Rules of a file.
pub const RULES_COUNT_MAX: usize = 1_000;
/// Longest rule.
pub const RULE_BYTES_MAX: usize = 1_000;
/// Longest message that a rule is matched against, in bytes.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// What is wrong with a rule, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {code}: {hint}")]
#[non_exhaustive]
pub struct RuleError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Stable code.
    pub code: &'static str,
    /// What to write instead.
    pub hint: String,
}

/// What a matcher looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Family,
    Module,
    Function,
    File,
    Type,
    Message,
    App,
}

#[derive(Clone, Debug)]
struct Matcher {
    field: Field,
    pattern: String,
    negated: bool,
}

/// Which frames an action is about, relative to the matching one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Own,
    Above,
    Below,
}

#[derive(Clone, Debug)]
enum Action {
    App(Range, bool),
    Group(Range, bool),
    Fingerprint(String),
}

#[derive(Clone, Debug)]
struct Rule {
    line: usize,
    text: String,
    matchers: Vec<Matcher>,
    actions: Vec<Action>,
}

/// Rules, in order.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

/// What rules did to an exception.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied {
    /// Frames that do not go into the id.
    pub left_out: BTreeSet<usize>,
    /// What the id is made of instead.
    pub fingerprint: Option<String>,
    /// Which rules acted.
    pub explain: Vec<String>,
}

impl Rules {
    /// Reads the rules of a file.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let mut rules = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let error = |column, code, hint: &str| RuleError {
                line: at + 1,
                column,
                code,
                hint: hint.to_owned(),
            };
            if rules.len() >= RULES_COUNT_MAX {
                return Err(error(1, "rules_count", "a file holds at most 1000 rules"));
            }
            if line.len() > RULE_BYTES_MAX {
                return Err(error(1, "rule_length", "a rule has at most 1000 bytes"));
            }
            let rule = rule(line, at + 1).map_err(|(column, code, hint)| RuleError {
                line: at + 1,
                column,
                code,
                hint,
            })?;
            rules.push(rule);
        }
        Ok(Self { rules })
    }

    /// Changes the frames of an exception, and tells what else is to be done.
    pub(crate) fn apply(&self, language: Option<Language>, link: &mut ExceptionLink) -> Applied {
        let mut applied = Applied::default();
        for rule in &self.rules {
            let hits: Vec<usize> = if rule.of_exception(language, link) {
                let frames = link.frames.iter().enumerate();
                frames
                    .filter(|(_, frame)| rule.of_frame(frame))
                    .map(|(at, _)| at)
                    .collect()
            } else {
                continue;
            };
            let whole = !rule.matchers.iter().any(Matcher::is_of_frame);
            if hits.is_empty() && !whole {
                continue;
            }
            let mut acted = false;
            for action in &rule.actions {
                acted |= act(action, &hits, link, &mut applied);
            }
            if acted {
                let name = format!("rule in line {}: {}", rule.line, rule.text);
                applied.explain.push(name);
            }
        }
        applied
    }
}

/// Does what an action says, and tells whether that changed anything.
fn act(action: &Action, hits: &[usize], link: &mut ExceptionLink, applied: &mut Applied) -> bool {
    let count = link.frames.len();
    let (first, last) = (hits.first().copied(), hits.last().copied());
    let chosen = |range: Range| -> Vec<usize> {
        match range {
            Range::Own => hits.to_vec(),
            Range::Above => (0..last.unwrap_or(0)).collect(),
            Range::Below => (first.map_or(count, |at| at + 1)..count).collect(),
        }
    };
    match action {
        Action::App(range, own) => {
            let mut acted = false;
            for at in chosen(*range) {
                if let Some(frame) = link.frames.get_mut(at) {
                    acted |= frame.in_app != *own;
                    frame.in_app = *own;
                }
            }
            acted
        }
        Action::Group(range, used) => {
            let mut acted = false;
            for at in chosen(*range) {
                acted |= if *used {
                    applied.left_out.remove(&at)
                } else {
                    applied.left_out.insert(at)
                };
            }
            acted
        }
        Action::Fingerprint(name) => {
            applied.fingerprint = Some(name.clone());
            true
        }
    }
}

impl Matcher {
    fn is_of_frame(&self) -> bool {
        matches!(
            self.field,
            Field::Module | Field::Function | Field::File | Field::App
        )
    }

    fn matches(&self, text: &str) -> bool {
        glob::matches(&self.pattern, text) != self.negated
    }
}

impl Rule {
    fn of_exception(&self, language: Option<Language>, link: &ExceptionLink) -> bool {
        self.matchers.iter().all(|matcher| match matcher.field {
            Field::Family => {
                let names = families(language);
                let any = names.iter().any(|n| glob::matches(&matcher.pattern, n));
                any != matcher.negated
            }
            Field::Type => {
                let kind = &link.exception_type;
                let last = kind.rsplit(['.', ':', '$']).next().unwrap_or_default();
                let pattern = &matcher.pattern;
                let any = glob::matches(pattern, kind) || glob::matches(pattern, last);
                any != matcher.negated
            }
            Field::Message => {
                let message = crate::lines::head(&link.message, MESSAGE_BYTES_MAX);
                matcher.matches(message)
            }
            _ => true,
        })
    }

    fn of_frame(&self, frame: &Frame) -> bool {
        self.matchers.iter().all(|matcher| match matcher.field {
            Field::Module => matcher.matches(&frame.module),
            Field::Function => matcher.matches(&frame.function),
            // Where a path begins differs by machine: a pattern fits at any directory.
            Field::File => {
                let inner = format!("**/{}", matcher.pattern);
                let any = glob::matches(&matcher.pattern, &frame.file)
                    || glob::matches(&inner, &frame.file);
                any != matcher.negated
            }
            Field::App => {
                let wanted = matches!(matcher.pattern.as_str(), "yes" | "true" | "1");
                (frame.in_app == wanted) != matcher.negated
            }
            _ => true,
        })
    }
}

/// Names of a language's family.
fn families(language: Option<Language>) -> Vec<&'static str> {
    let Some(language) = language else {
        return vec!["other"];
    };
    let family = match language {
        Language::Java | Language::Kotlin | Language::Scala => "jvm",
        Language::C | Language::Cpp | Language::Rust | Language::Swift => "native",
        Language::Elixir | Language::Erlang => "beam",
        Language::JavaScript => "node",
        _ => "other",
    };
    vec![language.as_str(), family]
}

/// What is wrong in a line: column, code and hint.
type Wrong = (usize, &'static str, String);

/// Reads one line.
fn rule(line: &str, number: usize) -> Result<Rule, Wrong> {
    let mut matchers = Vec::new();
    let mut actions = Vec::new();
    for (column, word) in words(line)? {
        if let Some(action) = action(&word) {
            actions.push(action);
        } else if !actions.is_empty() {
            let hint = "matchers come before actions; actions are +app, -app, +group, -group, \
                        each with ^ or v before it, and fingerprint=NAME";
            return Err((column, "rule_action", hint.to_owned()));
        } else {
            matchers.push(matcher(&word).map_err(|(code, hint)| (column, code, hint))?);
        }
    }
    let end = line.chars().count() + 1;
    if matchers.is_empty() {
        let hint = "begin with a matcher, such as function:raise_*";
        return Err((1, "rule_matcher", hint.to_owned()));
    }
    if actions.is_empty() {
        let hint = "end with an action, such as -group or +app";
        return Err((end, "rule_action", hint.to_owned()));
    }
    Ok(Rule {
        line: number,
        text: line.trim().to_owned(),
        matchers,
        actions,
    })
}

/// Words of a line with their columns; quotes keep blanks together.
fn words(line: &str) -> Result<Vec<(usize, String)>, Wrong> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut current: Option<(usize, String)> = None;
    let mut quoted = None;
    for (at, c) in line.chars().enumerate() {
        match c {
            '"' => {
                current.get_or_insert_with(|| (at + 1, String::new()));
                quoted = if quoted.is_some() { None } else { Some(at + 1) };
            }
            c if c.is_whitespace() && quoted.is_none() => words.extend(current.take()),
            c => current
                .get_or_insert_with(|| (at + 1, String::new()))
                .1
                .push(c),
        }
    }
    if let Some(column) = quoted {
        return Err((column, "rule_quote", "close the quote".to_owned()));
    }
    words.extend(current);
    Ok(words)
}

/// Reads `field:glob`.
fn matcher(word: &str) -> Result<Matcher, (&'static str, String)> {
    let (negated, body) = match word.strip_prefix('!') {
        Some(body) => (true, body),
        None => (false, word),
    };
    let Some((name, pattern)) = body.split_once(':') else {
        let hint = format!("write {body:?} as field:value, such as function:{body}");
        return Err(("rule_matcher", hint));
    };
    let field = match name {
        "family" => Field::Family,
        "module" | "stack.module" => Field::Module,
        "function" | "stack.function" => Field::Function,
        "file" | "path" | "stack.abs_path" | "stack.filename" => Field::File,
        "type" | "error.type" => Field::Type,
        "message" | "value" | "error.value" => Field::Message,
        "app" => Field::App,
        _ => {
            let hint = "fields are family, module, function, file, type, message and app";
            return Err(("rule_field", hint.to_owned()));
        }
    };
    if pattern.is_empty() {
        return Err(("rule_value", format!("give {name} a value; * fits all")));
    }
    if field == Field::App && !matches!(pattern, "yes" | "no" | "true" | "false" | "1" | "0") {
        return Err(("rule_value", "write app:yes or app:no".to_owned()));
    }
    Ok(Matcher {
        field,
        pattern: pattern.to_owned(),
        negated,
    })
}

/// Reads an action.
fn action(word: &str) -> Option<Action> {
    if let Some(name) = word.strip_prefix("fingerprint=").filter(|n| !n.is_empty()) {
        return Some(Action::Fingerprint(name.to_owned()));
    }
    let (range, rest) = match word.strip_prefix('^') {
        Some(rest) => (Range::Above, rest),
        None => match word.strip_prefix('v') {
            Some(rest) => (Range::Below, rest),
            None => (Range::Own, word),
        },
    };
    match rest {
        "+app" => Some(Action::App(range, true)),
        "-app" => Some(Action::App(range, false)),
        "+group" => Some(Action::Group(range, true)),
        "-group" => Some(Action::Group(range, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{group_trace, group_trace_with, parse_trace};

    const TRACE: &str = "Traceback (most recent call last):
  File \"/app/shop/api.py\", line 3, in post
    total(cart)
  File \"/app/shop/cart.py\", line 9, in total
    lookup(cart)
  File \"/app/shop/tools.py\", line 4, in lookup
    return cart[\"sku\"]
KeyError: 'sku'
";

    fn parts(rules: &str) -> Vec<String> {
        let rules = Rules::parse(rules).unwrap();
        let group = group_trace_with(&parse_trace(TRACE).unwrap(), &rules);
        let used = |line: &String| !line.starts_with("not used") && !line.starts_with("type");
        group.explain.into_iter().filter(used).collect()
    }

    #[track_caller]
    fn check(rules: &str, frame: &str) {
        let parts = parts(rules);
        assert!(
            parts.iter().any(|part| part.starts_with(frame)),
            "{parts:?}"
        );
    }

    #[test]
    fn rules_change_what_contributes_and_are_named() {
        check("", "frame tools.lookup");
        check("function:lookup -group", "frame cart.total");
        check("function:lookup -app", "frame cart.total");
        check("module:shop.cart ^-group", "frame cart.total");
        check("function:post v-group", "frame tools.lookup");
        check(
            "function:lookup v-group\nfunction:lookup -group",
            "message ",
        );
        check("file:shop/tools.py -group", "frame cart.total");
        check("file:tools.py -group", "frame cart.total");
        check("!function:total !function:post -group", "frame cart.total");
        check("family:python function:l* -group", "frame cart.total");
        check("family:jvm function:lookup -group", "frame tools.lookup");
        check(
            "function:lookup -group\nfunction:lookup +group",
            "frame tools.lookup",
        );
        check(
            "type:KeyError message:\"*sku*\" fingerprint=no-sku",
            "fingerprint no-sku",
        );
        check("app:yes function:lookup -group", "frame cart.total");
        check("app:no function:lookup -group", "frame tools.lookup");
        check("function:lookup -group", "rule in line 1: function:lookup");
        // A rule that changes nothing did not act.
        assert!(
            !parts("function:nothing -group")
                .join(" ")
                .contains("rule in")
        );
    }

    #[test]
    fn no_rules_change_nothing() {
        let trace = parse_trace(TRACE).unwrap();
        let rules = Rules::parse("# none\n\n").unwrap();
        assert_eq!(group_trace(&trace), group_trace_with(&trace, &rules));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, line, column, code) in [
            ("\nfunktion:x -group", 2, 1, "rule_field"),
            ("function:x", 1, 11, "rule_action"),
            ("-group", 1, 1, "rule_matcher"),
            ("function:x -grup", 1, 12, "rule_matcher"),
            ("function:x -group module:y", 1, 19, "rule_action"),
            ("message:\"x -group", 1, 9, "rule_quote"),
            ("function: -group", 1, 1, "rule_value"),
            ("app:perhaps -group", 1, 1, "rule_value"),
        ] {
            let error = Rules::parse(text).unwrap_err();
            assert_eq!((error.line, error.column, error.code), (line, column, code));
            assert!(!error.hint.is_empty());
        }
        let many = "function:x -group\n".repeat(RULES_COUNT_MAX + 1);
        assert_eq!(Rules::parse(&many).unwrap_err().code, "rules_count");
        let long = format!("function:{} -group", "x".repeat(RULE_BYTES_MAX));
        assert_eq!(Rules::parse(&long).unwrap_err().code, "rule_length");
    }
}
