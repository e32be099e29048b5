//! Expectations: Python expressions from an event, admitted token by token.
//!
//! *Why so:* an expectation becomes code in a test that people run. It may compare, compute and
//! index; it may not reach an attribute, a dunder, a builtin outside the list, or a second line.

use crate::limits::EXPECTATION_BYTES_MAX;

const FUNCTIONS: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "float",
    "int",
    "isinstance",
    "len",
    "list",
    "max",
    "min",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
];
const WORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "for", "True", "False", "None",
];
const MARKS: &str = "+-*/%<>=!()[]{},:&|^~";

/// An admitted expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The expression, as it arrived.
    pub(crate) text: String,
    /// Arguments that it names, in order, each once.
    pub(crate) names: Vec<String>,
}

/// Admits an expression over `result` and the arguments; `None` where it holds anything else.
pub(crate) fn admit(text: &str) -> Option<Expectation> {
    let text = text.trim();
    if text.is_empty() || text.len() > EXPECTATION_BYTES_MAX {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut bound: Vec<String> = Vec::new();
    let mut binding = false;
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            ' ' => 1,
            '"' | '\'' => string_len(rest, c)?,
            '0'..='9' => number_len(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => {
                let word = word_of(rest);
                binding = word == "for" || (binding && word != "in");
                name(word, if binding { &mut bound } else { &mut names })?;
                word.len()
            }
            _ if MARKS.contains(c) => {
                bracket(c, &mut open)?;
                1
            }
            _ => return None,
        };
        rest = rest.get(taken..)?;
    }
    // A double underscore also marks places in our templates: none may come from outside.
    let walrus = [":=", "**", "__"].iter().any(|mark| text.contains(mark));
    let closed = open.is_empty() && !walrus && !assigns(text);
    names.retain(|name| !bound.contains(name));
    closed.then(|| Expectation {
        text: text.to_owned(),
        names,
    })
}

fn word_of(rest: &str) -> &str {
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

fn name(word: &str, names: &mut Vec<String>) -> Option<()> {
    let known = word == "result" || WORDS.contains(&word) || FUNCTIONS.contains(&word);
    if known {
        return Some(());
    }
    if word.contains("__") || !crate::python::is_identifier(word) {
        return None;
    }
    if !names.iter().any(|n| n == word) {
        names.push(word.to_owned());
    }
    Some(())
}

/// Length of a plain string literal: no escape, no prefix, closed on the line.
fn string_len(rest: &str, quote: char) -> Option<usize> {
    let body = rest.get(1..)?;
    let end = body.find(quote)?;
    let plain = body
        .get(..end)?
        .chars()
        .all(|c| !c.is_control() && c != '\\');
    plain.then_some(end + 2)
}

/// Length of a number; a letter glued to it is not one, an exponent aside.
fn number_len(rest: &str) -> Option<usize> {
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_'))
        .unwrap_or(rest.len());
    let digits = rest.get(..end)?;
    digits
        .replace('_', "")
        .parse::<f64>()
        .is_ok()
        .then_some(end)
}

fn bracket(c: char, open: &mut Vec<char>) -> Option<()> {
    match c {
        '(' => open.push(')'),
        '[' => open.push(']'),
        '{' => open.push('}'),
        ')' | ']' | '}' => return (open.pop() == Some(c)).then_some(()),
        _ => {}
    }
    Some(())
}

/// Whether a single `=` stands outside of a comparison: an assignment or a keyword argument.
fn assigns(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or_default();
    (0..bytes.len()).any(|i| {
        let before = if i == 0 { 0 } else { at(i - 1) };
        at(i) == b'=' && at(i + 1) != b'=' && !matches!(before, b'=' | b'<' | b'>' | b'!')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_comparisons_over_result_and_arguments() {
        for good in [
            "result >= 0",
            "result == sorted(arr)",
            "len(result) == len(items) and all(x <= limit for x in result)",
            "result[\"total\"] == 1_000.5",
            "result in [None, 'a b']",
        ] {
            assert!(admit(good).is_some(), "{good}");
        }
        assert_eq!(
            admit("result <= paid + paid - fee").unwrap().names,
            ["paid", "fee"]
        );
        assert_eq!(
            admit("all(x < cap for x in result)").unwrap().names,
            ["cap"]
        );
    }

    #[test]
    fn refuses_whatever_could_act() {
        for bad in [
            "",
            "__import__('os')",
            "result.__class__",
            "result.x",
            "(lambda: 0)()",
            "result >= 0\nimport os",
            "result >= 0; x",
            "(y := 3)",
            "9**9",
            "f\"{x}\" == 'a'; 1",
            "'\\x41' == result",
            "result >= (0",
            "result)",
            "x = 3",
            "str(result, encoding='x')",
            "1e5j < result",
        ] {
            assert!(admit(bad).is_none(), "{bad}");
        }
    }
}
