//! Reading a mapping key by key; what was not asked for is unknown, and told with a suggestion.

use crate::node::{Entry, Node, Value};
use crate::problem::{Findings, nearest};

/// A mapping that is being read.
pub(crate) struct Reader<'a> {
    pub(crate) path: String,
    pub(crate) line: u32,
    entries: &'a [Entry],
    known: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// Begins with `node`; nothing counts as an empty mapping, as in Go's readers.
    pub(crate) fn of(node: &'a Node, path: &str, found: &mut Findings) -> Option<Self> {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            _ => {
                let message = format!("a mapping is expected here, this is {}", node.kind());
                found.problem(node.line, path, message);
                return None;
            }
        };
        Some(Self {
            path: path.to_owned(),
            line: node.line,
            entries,
            known: Vec::new(),
        })
    }

    /// Path of a key below this mapping.
    pub(crate) fn below(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Keys that are there, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.entries.iter()
    }

    /// The value of `key`; nothing is no value.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.node.value != Value::Null).then_some(&entry.node)
    }

    /// Whether `key` is there, even with nothing.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    fn wrong(&self, key: &str, node: &Node, wanted: &str, found: &mut Findings) {
        let message = format!("{wanted} is expected here, this is {}", node.kind());
        found.problem(node.line, &self.below(key), message);
    }

    pub(crate) fn int(&mut self, key: &'static str, found: &mut Findings) -> Option<i64> {
        let node = self.node(key)?;
        match node.value {
            Value::Int(n) => return Some(n),
            Value::Float(n) if n.fract() == 0.0 && n.abs() < 9e15 => return Some(n as i64),
            _ => self.wrong(key, node, "a whole number", found),
        }
        None
    }

    /// A whole number that is not below `least`.
    pub(crate) fn int_from(
        &mut self,
        key: &'static str,
        least: i64,
        found: &mut Findings,
    ) -> Option<i64> {
        let n = self.int(key, found)?;
        if n < least {
            let line = self.line_of(key);
            found.problem(line, &self.below(key), format!("must be at least {least}"));
            return None;
        }
        Some(n)
    }

    pub(crate) fn count(&mut self, key: &'static str, found: &mut Findings) -> Option<u64> {
        self.int_from(key, 0, found).map(i64::unsigned_abs)
    }

    pub(crate) fn float(&mut self, key: &'static str, found: &mut Findings) -> Option<f64> {
        let node = self.node(key)?;
        match node.value {
            Value::Int(n) => return Some(n as f64),
            Value::Float(n) if n.is_finite() => return Some(n),
            _ => self.wrong(key, node, "a number", found),
        }
        None
    }

    pub(crate) fn bool(&mut self, key: &'static str, found: &mut Findings) -> Option<bool> {
        let node = self.node(key)?;
        let truth = match &node.value {
            Value::Bool(truth) => Some(*truth),
            // What YAML 1.1 reads as a truth value.
            Value::Text(word) => match word.to_ascii_lowercase().as_str() {
                "yes" | "on" => Some(true),
                "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if truth.is_none() {
            self.wrong(key, node, "true or false", found);
        }
        truth
    }

    /// Text; a number or truth value is what was written, as in Go's weakly typed readers.
    pub(crate) fn text(&mut self, key: &'static str, found: &mut Findings) -> Option<String> {
        let node = self.node(key)?;
        let text = text_of(node);
        if text.is_none() {
            self.wrong(key, node, "text", found);
        }
        text
    }

    /// Text that has to be there.
    pub(crate) fn key(&mut self, key: &'static str, found: &mut Findings) -> String {
        let text = self.text(key, found).unwrap_or_default();
        if text.is_empty() && self.node(key).is_none_or(|node| text_of(node).is_some()) {
            let message = format!("`{key}` is missing");
            found.problem(self.line, &self.path, message);
        }
        text
    }

    pub(crate) fn texts(&mut self, key: &'static str, found: &mut Findings) -> Vec<String> {
        let Some(node) = self.node(key) else {
            return Vec::new();
        };
        let Value::List(items) = &node.value else {
            // One word for a list of one, as Go's readers take it.
            if let Some(text) = text_of(node) {
                return vec![text];
            }
            self.wrong(key, node, "a list of texts", found);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match text_of(item) {
                Some(text) => texts.push(text),
                None => self.wrong(key, item, "text", found),
            }
        }
        texts
    }

    pub(crate) fn list(&mut self, key: &'static str, found: &mut Findings) -> &'a [Node] {
        let Some(node) = self.node(key) else {
            return &[];
        };
        if let Value::List(items) = &node.value {
            return items;
        }
        self.wrong(key, node, "a list", found);
        &[]
    }

    /// One of the words of a table.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        table: &[(&'static str, T)],
        found: &mut Findings,
    ) -> Option<T> {
        let text = self.text(key, found)?;
        let chosen = choose(&text, table);
        if chosen.is_none() {
            let line = self.line_of(key);
            found.problem(line, &self.below(key), unknown(&text, &words(table)));
        }
        chosen
    }

    /// A duration in milliseconds, written as Go writes it.
    pub(crate) fn duration_ms(&mut self, key: &'static str, found: &mut Findings) -> Option<u64> {
        let node = self.node(key)?;
        let ms = match &node.value {
            Value::Text(text) => duration_ms(text),
            Value::Int(0) => Some(0),
            _ => None,
        };
        if ms.is_none() {
            let message = "a duration with its unit is expected here, as \"30s\" or \"1m30s\"";
            found.problem(node.line, &self.below(key), message);
        }
        ms
    }

    pub(crate) fn line_of(&self, key: &str) -> u32 {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map_or(self.line, |entry| entry.line)
    }

    /// Ends: keys that were not asked for are problems.
    pub(crate) fn finish(self, found: &mut Findings) {
        for entry in self.entries {
            if !self.known.contains(&entry.key.as_str()) {
                let message = unknown(&entry.key, &self.known);
                found.problem(entry.line, &self.path, message);
            }
        }
    }
}

/// Says that a word is not known, and which was probably meant.
pub(crate) fn unknown(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(near) => format!("`{word}` is not known; is `{near}` meant?"),
        None => format!("`{word}` is not known here; known are {}", known.join(", ")),
    }
}

/// The words of a table.
pub(crate) fn words<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(word, _)| *word).collect()
}

pub(crate) fn choose<T: Copy>(word: &str, table: &[(&'static str, T)]) -> Option<T> {
    let found = table.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value)
}

fn text_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(n) => Some(n.to_string()),
        Value::Float(n) => Some(n.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// Milliseconds of a duration as Go writes it: numbers with units, added up. Below a millisecond
/// it is rounded up, so that no wait becomes none.
pub(crate) fn duration_ms(text: &str) -> Option<u64> {
    nanoseconds(text).map(|ns| ns.div_ceil(1_000_000))
}

/// Nanoseconds of a duration as Go writes it.
pub(crate) fn nanoseconds(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total_ns = 0.0_f64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, after) = after.split_at_checked(end.unwrap_or(after.len()))?;
        let unit_ns = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        total_ns += number.parse::<f64>().ok()? * unit_ns;
        rest = after;
    }
    // A century, and no empty text.
    (!text.is_empty() && total_ns < 3.2e18).then_some(total_ns.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, ms) in [
            ("30s", Some(30_000)),
            ("1m30s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("250ms", Some(250)),
            ("1us", Some(1)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("", None),
            ("10", None),
            ("s", None),
            ("10 s", None),
            ("-1s", None),
            ("10d", None),
        ] {
            assert_eq!(duration_ms(text), ms, "{text}");
        }
    }
}
