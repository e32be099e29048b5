//! Expectations: Python expressions from an event, admitted token by token.
//!
//! *Why so:* an expectation becomes code in a test that people run. It may compare, compute and
//! index; it may not reach an attribute, a dunder, a builtin outside the list, or a second line.
//! It calls nothing but the functions of the list by their names, and it repeats no sequence: a
//! few characters of it would be all memory. What it computes from the arguments is bounded where
//! the test evaluates it.

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
/// Functions whose value can be repeated.
const SEQUENCES: &[&str] = &["list", "sorted", "str", "tuple"];
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
    let mut open: Vec<Bracket> = Vec::new();
    let mut before = Token::Start;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            ' ' => 1,
            '"' | '\'' => string_len(rest, c)?,
            '0'..='9' => number_len(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => {
                let word = word_of(rest);
                let binds = binding && word != "in";
                binding = word == "for" || binds;
                // A name of the list stays what it is: bound anew, a call on it could be any call.
                if binds && (is_listed(word) || word == "result") {
                    return None;
                }
                name(word, if binding { &mut bound } else { &mut names })?;
                word.len()
            }
            _ if MARKS.contains(c) => 1,
            _ => return None,
        };
        let token = rest.get(..taken)?;
        if !token.trim().is_empty() {
            before = step(token, before, &mut open)?;
        }
        rest = rest.get(taken..)?;
    }
    // A double underscore also marks places in our templates: none may come from outside.
    let walrus = [":=", "**", "__", "<<"]
        .iter()
        .any(|mark| text.contains(mark));
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

fn is_listed(word: &str) -> bool {
    WORDS.contains(&word) || FUNCTIONS.contains(&word)
}

fn name(word: &str, names: &mut Vec<String>) -> Option<()> {
    if word == "result" || is_listed(word) {
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

/// What the tokens so far end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// Nothing yet.
    Start,
    /// A mark or a word after which a value is due.
    Due,
    /// `*` after a value.
    Times,
    /// A function of the list; whether its value can be repeated.
    Function { sequence: bool },
    /// A value that is no sequence on its face.
    Plain,
    /// A text, a display or a call whose value can be repeated.
    Sequence,
}

/// A bracket that is not closed yet.
#[derive(Clone, Copy, Debug)]
struct Bracket {
    close: char,
    /// What the token after it is: a sequence where it displays one, or a function yields one.
    sequence: bool,
    /// Whether the bracket groups: a comma makes it a tuple, and one sequence in it makes it one.
    groups: bool,
    /// Whether a factor stands before it.
    times: bool,
}

/// Takes the next token; `None` where it calls or repeats what must not be.
fn step(token: &str, before: Token, open: &mut Vec<Bracket>) -> Option<Token> {
    let first = token.chars().next()?;
    let next = match first {
        '"' | '\'' => Token::Sequence,
        '0'..='9' => Token::Plain,
        '(' | '[' | '{' => {
            open.push(opened(first, before)?);
            return Some(Token::Due);
        }
        ')' | ']' | '}' => {
            let bracket = open.pop().filter(|bracket| bracket.close == first)?;
            let empty = bracket.groups && before == Token::Due;
            if !bracket.sequence && !empty {
                return Some(Token::Plain);
            }
            if bracket.times {
                return None;
            }
            Token::Sequence
        }
        // A text on the left of `%` is a format, which pads to any width.
        '*' | '%' if before == Token::Sequence => return None,
        '*' => return Some(Token::Times),
        ',' => {
            if let Some(group) = open.last_mut().filter(|bracket| bracket.groups) {
                group.sequence = true;
            }
            return Some(Token::Due);
        }
        _ if token == "result" || matches!(token, "True" | "False" | "None") => Token::Plain,
        _ if SEQUENCES.contains(&token) && before == Token::Times => return None,
        _ if FUNCTIONS.contains(&token) => Token::Function {
            sequence: SEQUENCES.contains(&token),
        },
        _ if !is_listed(token) && first.is_ascii_alphabetic() || first == '_' => Token::Plain,
        _ => return Some(Token::Due),
    };
    if next == Token::Sequence {
        if before == Token::Times {
            return None;
        }
        if let Some(group) = open.last_mut().filter(|bracket| bracket.groups) {
            group.sequence = true;
        }
    }
    Some(next)
}

/// The bracket that opens after that token; `None` where it calls what is not a function.
fn opened(mark: char, before: Token) -> Option<Bracket> {
    let value = matches!(before, Token::Plain | Token::Sequence);
    let function = matches!(before, Token::Function { .. });
    let (close, sequence) = match mark {
        '(' if value => return None,
        '(' => (')', before == Token::Function { sequence: true }),
        // One of a display may be a sequence itself.
        '[' => (']', before == Token::Sequence || (!value && !function)),
        _ => ('}', false),
    };
    Some(Bracket {
        close,
        sequence,
        groups: mark == '(' && !function,
        times: before == Token::Times,
    })
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
            "result in (1, 2) and (len(result) > 0)",
            "result == (paid - fee) * 2 and x[0] * 3 > result[1] * len(items)",
            "result * 2 == max([1, 2]) * (1 + 2)",
            "isinstance(result, (int, float)) and result % 2 == 0",
            "[int(x) for x in result] == sorted(items)",
            "result >> 1 == 4 if result else True",
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
            "foo(1)",
            "result(1)",
            "[abs][0](x)",
            "(abs)(x)",
            "'a'('b')",
            "all(len(x) for len in calls)",
            "all(result for result in calls)",
            "[0]*99999999999",
            "99999999999 * [0]",
            "len('a' * 99999999999) > 1",
            "(0,) * 99999999999",
            "99999999999 * (1, 2)",
            "('a') * 99999999999",
            "[[0]][0] * 99999999999",
            "((1, 2)) * 99999999999",
            "list(items) * 99999999999",
            "99999999999 * str(1)",
            "[x for x in result] * 99999999999",
            "'%99999999999d' % 1 == result",
            "1 << 99999999999",
            "9**9**9",
        ] {
            assert!(admit(bad).is_none(), "{bad}");
        }
    }
}
