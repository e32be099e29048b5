//! A lenient reader of JSON that knows in which line each value begins.
//!
//! What people paste is cut off, has commas too many, words without quotes where redaction put a
//! pseudonym or a mark in the place of a number, single quotes, comments, or several values one
//! after the other. All that is read; what makes no sense is passed over.
//!
//! *Invariant:* nothing fails. *Limits:* [`DOCUMENT_VALUES_MAX`] values, nested
//! [`DOCUMENT_DEPTH_MAX`] deep; what is deeper is passed over. *Complexity:* linear in the text.

use crate::limits::{DOCUMENT_DEPTH_MAX, DOCUMENT_VALUES_MAX};

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Line, from 1.
    pub(crate) line: u64,
    pub(crate) value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    /// A number, a truth value or another word, as it is written.
    Word(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The member of that name.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Object(members) = &self.value else {
            return None;
        };
        let found = members.iter().find(|(name, _)| name == key);
        found.map(|(_, node)| node)
    }

    /// The member that a path of names leads to.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The first of several members that is there.
    pub(crate) fn any(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// The text of a text, number or truth value; none of an empty one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Word(text) | Value::Text(text) => Some(text.trim()).filter(|t| !t.is_empty()),
            _ => None,
        }
    }

    /// The text that a path leads to.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Self::text)
    }

    /// The first text under several names.
    pub(crate) fn any_text(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key)?.text())
    }

    /// The items of a list; nothing of anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The members of an object; nothing of anything else.
    pub(crate) fn members(&self) -> &[(String, Node)] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// As JSON of one line, as logs have it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => text.clone().into(),
            Value::Word(word) => {
                let read = serde_json::from_str::<serde_json::Value>(word);
                read.unwrap_or_else(|_| word.clone().into())
            }
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Object(members) => {
                let all = members.iter();
                let all = all.map(|(key, node)| (key.clone(), node.to_json()));
                serde_json::Value::Object(all.collect())
            }
        }
    }
}

/// The values of a text, one after the other.
pub(crate) fn read(text: &str) -> Vec<Node> {
    let mut reader = Reader {
        rest: text,
        line: 1,
        values: 0,
    };
    let mut found = Vec::new();
    loop {
        reader.blanks(&[',', ']', '}', ':']);
        if reader.rest.is_empty() || reader.values >= DOCUMENT_VALUES_MAX {
            break;
        }
        found.extend(reader.value(0));
    }
    found
}

struct Reader<'t> {
    rest: &'t str,
    line: u64,
    values: usize,
}

impl<'t> Reader<'t> {
    /// Takes so many bytes.
    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += taken.bytes().filter(|b| *b == b'\n').count() as u64;
        self.rest = rest;
        taken
    }

    /// Passes white space, comments and these marks.
    fn blanks(&mut self, marks: &[char]) {
        loop {
            let passes = |c: char| c.is_whitespace() || c == '\u{feff}' || marks.contains(&c);
            let end = self.rest.find(|c| !passes(c)).unwrap_or(self.rest.len());
            self.take(end);
            let comment = if self.rest.starts_with("//") {
                self.rest.find('\n').unwrap_or(self.rest.len())
            } else if self.rest.starts_with("/*") {
                self.rest.find("*/").map_or(self.rest.len(), |at| at + 2)
            } else {
                return;
            };
            self.take(comment);
        }
    }

    fn eat(&mut self, mark: char) -> bool {
        let found = self.rest.starts_with(mark);
        if found {
            self.take(mark.len_utf8());
        }
        found
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.values += 1;
        if self.values >= DOCUMENT_VALUES_MAX {
            self.take(self.rest.len());
            return None;
        }
        let line = self.line;
        let value = match self.rest.chars().next()? {
            '{' if depth < DOCUMENT_DEPTH_MAX => self.object(depth),
            '[' if self.is_mark() => self.word(),
            '[' if depth < DOCUMENT_DEPTH_MAX => self.list(depth),
            '{' | '[' => {
                self.nested();
                Value::Null
            }
            quote @ ('"' | '\'') => Value::Text(self.quoted(quote)),
            _ => self.word(),
        };
        Some(Node { line, value })
    }

    /// `[removed:rule]` in the place of a value.
    fn is_mark(&self) -> bool {
        self.rest.starts_with("[removed:")
    }

    /// Passes what is nested too deep.
    fn nested(&mut self) {
        let mut depth = 0_usize;
        let mut quoted = false;
        let mut escaped = false;
        let end = self.rest.bytes().position(|b| {
            match b {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        self.take(end.map_or(self.rest.len(), |at| at + 1));
    }

    fn object(&mut self, depth: usize) -> Value {
        self.take(1);
        let mut members = Vec::new();
        loop {
            self.blanks(&[',', ':']);
            if self.rest.is_empty() || self.eat('}') {
                break;
            }
            // The end of what this stands in: a brace is missing.
            if self.rest.starts_with(']') {
                break;
            }
            let key = match self.rest.chars().next() {
                Some(quote @ ('"' | '\'')) => self.quoted(quote),
                Some('{' | '[') => String::new(),
                _ => self.bare(),
            };
            self.blanks(&[]);
            if self.eat(':') || key.is_empty() {
                self.blanks(&[]);
                if !self.rest.starts_with(['}', ',', ']']) {
                    members.extend(self.value(depth + 1).map(|node| (key, node)));
                }
            }
        }
        Value::Object(members)
    }

    fn list(&mut self, depth: usize) -> Value {
        self.take(1);
        let mut items = Vec::new();
        loop {
            self.blanks(&[',', ':']);
            if self.rest.is_empty() || self.eat(']') || self.rest.starts_with('}') {
                break;
            }
            items.extend(self.value(depth + 1));
        }
        Value::List(items)
    }

    /// A word without quotes.
    fn word(&mut self) -> Value {
        let word = self.bare();
        if word == "null" {
            Value::Null
        } else {
            Value::Word(word)
        }
    }

    /// A word up to what ends it in JSON: at least one character.
    fn bare(&mut self) -> String {
        let end = if self.is_mark() {
            self.rest.find(']').map(|at| at + 1)
        } else {
            let ends = |c: char| matches!(c, ',' | ':' | '}' | ']' | '{' | '[' | '"' | '\n');
            self.rest.find(ends)
        };
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let end = end.unwrap_or(self.rest.len()).max(first);
        self.take(end).trim().to_owned()
    }

    /// What stands between quotes, without its escapes; up to the end where they do not close.
    fn quoted(&mut self, quote: char) -> String {
        self.take(1);
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                end = at + 1;
                break;
            }
            if c == '\\' {
                escaped(&mut chars, &mut out);
            } else {
                out.push(c);
            }
        }
        self.take(end);
        out
    }
}

/// Reads what stands behind a backslash.
fn escaped(chars: &mut std::str::CharIndices<'_>, out: &mut String) {
    match chars.next().map(|(_, c)| c) {
        Some('n') => out.push('\n'),
        Some('t') => out.push('\t'),
        Some('r') => out.push('\r'),
        Some('b' | 'f') => out.push(' '),
        Some('u') => {
            let first = hex(chars);
            let code = match first {
                0xd800..0xdc00 if chars.as_str().starts_with("\\u") => {
                    let mut ahead = chars.clone();
                    ahead.next();
                    ahead.next();
                    let second = hex(&mut ahead);
                    if (0xdc00..0xe000).contains(&second) {
                        *chars = ahead;
                        0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    } else {
                        first
                    }
                }
                code => code,
            };
            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Some(c) => out.push(c),
        None => {}
    }
}

/// At most four digits of hexadecimal.
fn hex(chars: &mut std::str::CharIndices<'_>) -> u32 {
    let mut code = 0;
    for _ in 0..4 {
        let next = chars.as_str().chars().next();
        let Some(digit) = next.and_then(|c| c.to_digit(16)) else {
            break;
        };
        code = code * 16 + digit;
        chars.next();
    }
    code
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Node, Value, read};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found: Vec<String> = read(text).iter().map(|n| n.to_json().to_string()).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn json_is_read_as_it_is() {
        check(
            r#"{"a":1,"b":[true,null,"x\ny"],"c":{}}"#,
            r#"{"a":1,"b":[true,null,"x\ny"],"c":{}}"#,
        );
        check(r#""\u00e9\ud83d\ude00\ud83d""#, "\"é😀\u{fffd}\"");
        check("[1,2.5e3,-7]", "[1,2500.0,-7]");
        check("", "");
    }

    #[test]
    fn what_people_paste_is_read_too() {
        check(r#"{"a":1,"b":[1,2"#, r#"{"a":1,"b":[1,2]}"#);
        check(r#"{"a":"cut of"#, r#"{"a":"cut of"}"#);
        check(r#"{"a":1,}{"a":2}"#, r#"{"a":1} {"a":2}"#);
        check("[{\"a\":1},\n{\"a\":2},\n]", r#"[{"a":1},{"a":2}]"#);
        check("{a: 1, // why\n'b': 'x'}", r#"{"a":1,"b":"x"}"#);
        check(
            r#"{"card": card_aaaa, "t": [removed:key.token], "n": [1]}"#,
            r#"{"card":"card_aaaa","t":"[removed:key.token]","n":[1]}"#,
        );
        check(r#"{"a":,"b":2}"#, r#"{"b":2}"#);
        check(r#"[{"a":1], {"b":2}"#, r#"[{"a":1}] {"b":2}"#);
    }

    #[test]
    fn values_know_their_lines() {
        let all = read("[\n {\"a\": \"x\"},\n\n {\"b\":\n 2}\n]");
        let lines: Vec<u64> = all[0].items().iter().map(|node| node.line).collect();
        assert_eq!(lines, [2, 4]);
        assert_eq!(all[0].items()[1].get("b").map(|node| node.line), Some(5));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}1{},2", "[".repeat(5_000), "]".repeat(5_000));
        let found = read(&deep);
        assert_eq!(
            found.last().map(|node| &node.value),
            Some(&Value::Word("2".into()))
        );
    }

    fn round(node: &Node) -> serde_json::Value {
        node.to_json()
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\"'\\\\a0 \n/*u\u{e9}-]{0,120}") {
            read(&text);
        }

        #[test]
        fn what_serde_reads_is_read_alike(
            keys in proptest::collection::vec("[a-z\"\\\\\n]{0,6}", 0..6),
        ) {
            let object: serde_json::Map<String, serde_json::Value> = keys
                .iter()
                .map(|key| (key.clone(), serde_json::json!([key, 7, null, {"k": key}])))
                .collect();
            let value = serde_json::Value::Object(object);
            let shown = format!("{value:#}");
            prop_assert_eq!(round(&read(&shown)[0]), value);
        }
    }
}
