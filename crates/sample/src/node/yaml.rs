//! YAML as the peers' readers take it: the core schema, `<<` merged, aliases followed.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{Entry, Node, Value, check_length, problem};
use crate::limits::{CONFIG_DEPTH_MAX, CONFIG_VALUES_MAX};
use crate::problem::Problem;

/// Reads the first document of `text`.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    check_length(text)?;
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let line = u32::try_from(error.marker().line()).unwrap_or(0);
            problem(line, format!("this is not YAML: {}", error.info()))
        })?;
        if builder.take(event, span)? {
            break;
        }
    }
    Ok(builder.root.unwrap_or(Node {
        line: 1,
        value: Value::Null,
    }))
}

/// A sequence or mapping that is open.
struct Open {
    anchor: usize,
    line: u32,
    is_map: bool,
    items: Vec<Node>,
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    anchors: Vec<(usize, Node, usize)>,
    values: usize,
}

impl Builder {
    /// Takes one event; whether the document has ended.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, Problem> {
        let line = u32::try_from(span.start.line()).unwrap_or(0);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                let value = if style == ScalarStyle::Plain && !is_text {
                    scalar(&text)
                } else {
                    Value::Text(text.into_owned())
                };
                self.add(anchor, Node { line, value }, 1)?;
            }
            Event::SequenceStart(anchor, _) => self.start(anchor, line, false)?,
            Event::MappingStart(anchor, _) => self.start(anchor, line, true)?,
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => {
                let known = self.anchors.iter().rev().find(|(id, ..)| *id == anchor);
                let Some((_, node, count)) = known else {
                    return Err(problem(line, "this alias names no anchor before it"));
                };
                if self.values + count > CONFIG_VALUES_MAX {
                    return Err(too_many(line));
                }
                let (node, count) = (node.clone(), *count);
                self.add(0, node, count)?;
            }
            Event::DocumentEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn start(&mut self, anchor: usize, line: u32, is_map: bool) -> Result<(), Problem> {
        if self.open.len() >= CONFIG_DEPTH_MAX {
            let message = format!("nested deeper than {CONFIG_DEPTH_MAX}");
            return Err(problem(line, message));
        }
        self.open.push(Open {
            anchor,
            line,
            is_map,
            items: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = if open.is_map {
            Value::Map(entries(open.items)?)
        } else {
            Value::List(open.items)
        };
        let node = Node {
            line: open.line,
            value,
        };
        self.add(open.anchor, node, 1)
    }

    fn add(&mut self, anchor: usize, node: Node, count: usize) -> Result<(), Problem> {
        self.values += count;
        if self.values > CONFIG_VALUES_MAX {
            return Err(too_many(node.line));
        }
        if anchor > 0 {
            let size = size_of(&node);
            self.values += size;
            self.anchors.push((anchor, node.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn too_many(line: u32) -> Problem {
    problem(line, format!("more than {CONFIG_VALUES_MAX} values"))
}

fn size_of(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(size_of).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|e| size_of(&e.node)).sum::<usize>(),
        _ => 1,
    }
}

/// Keys and values in turn become entries; what `<<` names is added where the key is not there.
fn entries(items: Vec<Node>) -> Result<Vec<Entry>, Problem> {
    let mut found: Vec<Entry> = Vec::with_capacity(items.len() / 2);
    let mut merged: Vec<Entry> = Vec::new();
    let mut items = items.into_iter();
    while let (Some(key), Some(node)) = (items.next(), items.next()) {
        let line = key.line;
        let key = match key.value {
            Value::Text(text) => text,
            Value::Bool(truth) => truth.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Float(n) => n.to_string(),
            Value::Null => String::new(),
            Value::List(_) | Value::Map(_) => {
                return Err(problem(line, "a key must be a word"));
            }
        };
        if key == "<<" {
            merge(node, &mut merged);
        } else if found.iter().any(|entry| entry.key == key) {
            return Err(problem(line, format!("`{key}` is said twice")));
        } else {
            found.push(Entry { line, key, node });
        }
    }
    for entry in merged {
        if !found.iter().any(|known| known.key == entry.key) {
            found.push(entry);
        }
    }
    Ok(found)
}

fn merge(node: Node, into: &mut Vec<Entry>) {
    match node.value {
        Value::Map(entries) => into.extend(entries),
        Value::List(items) => items.into_iter().for_each(|item| merge(item, into)),
        _ => {}
    }
}

/// A plain scalar by the core schema of YAML 1.2 (10.3.2), with the underscores in numbers that
/// Go's reader takes.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | ".Inf" | "+.inf" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    let is_number = text.bytes().next().is_some_and(|b| b.is_ascii_digit())
        || text.len() > 1 && text.starts_with(['+', '-', '.']);
    if !is_number || !text.bytes().any(|b| b.is_ascii_digit()) {
        return Value::Text(text.to_owned());
    }
    let plain = text.replace('_', "");
    let digits = |prefix: &str, radix: u32| {
        let digits = plain.strip_prefix(prefix)?;
        i64::from_str_radix(digits, radix).ok()
    };
    if let Ok(n) = plain.parse::<i64>() {
        return Value::Int(n);
    }
    if let Some(n) = digits("0x", 16).or_else(|| digits("0o", 8)) {
        return Value::Int(n);
    }
    let looks_float = plain.bytes().all(|b| b"0123456789+-.eE".contains(&b));
    match plain.parse::<f64>() {
        Ok(n) if looks_float => Value::Float(n),
        _ => Value::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scalars_have_the_types_of_the_core_schema() {
        for (text, value) in [
            ("100_000", Value::Int(100_000)),
            ("-5", Value::Int(-5)),
            ("0x1f", Value::Int(31)),
            ("1.5", Value::Float(1.5)),
            ("1e3", Value::Float(1000.0)),
            ("30s", Value::Text("30s".to_owned())),
            ("1.2.3", Value::Text("1.2.3".to_owned())),
            ("-", Value::Text("-".to_owned())),
            ("~", Value::Null),
            ("off", Value::Text("off".to_owned())),
        ] {
            assert_eq!(scalar(text), value, "{text}");
        }
    }

    #[test]
    fn aliases_are_followed_and_counted() {
        let node = parse("a: &x {k: 1}\nb: *x\nc: {<<: *x, l: 2}\n").unwrap();
        let c = node.get("c").unwrap();
        assert_eq!(c.get("k").unwrap().value, Value::Int(1));
        assert_eq!(node.get("b").unwrap().get("k").unwrap().line, 1);
        let mut bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for i in 1..9 {
            let before = format!("*a{}", i - 1);
            bomb += &format!("a{i}: &a{i} [{}]\n", [before.as_str(); 10].join(","));
        }
        assert!(parse(&bomb).unwrap_err().message.contains("more than"));
    }

    #[test]
    fn a_key_said_twice_is_a_problem_with_its_line() {
        assert_eq!(parse("a: 1\nb: 2\na: 3\n").unwrap_err().line, 3);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[ -~\n]{0,200}") {
            let _ = parse(&text);
        }
    }
}
