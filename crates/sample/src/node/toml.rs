//! TOML with the lines of its values.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Node, Value, check_length, problem};
use crate::limits::CONFIG_DEPTH_MAX;
use crate::problem::Problem;

/// Reads a TOML document.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    check_length(text)?;
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(0, |span| lines.at(span.start));
        problem(line, format!("this is not TOML: {}", error.message()))
    })?;
    Ok(Node {
        line: 1,
        value: Value::Map(entries(table.into_inner(), &lines, 0)?),
    })
}

/// Offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let after = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        Self(after.map(|(at, _)| at + 1).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        let before = self.0.partition_point(|start| *start <= offset);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

fn entries(table: DeTable<'_>, lines: &Lines, depth: usize) -> Result<Vec<Entry>, Problem> {
    let mut found = Vec::with_capacity(table.len());
    for (key, value) in table {
        found.push(Entry {
            line: lines.at(key.span().start),
            key: key.into_inner().into_owned(),
            node: node(value, lines, depth + 1)?,
        });
    }
    Ok(found)
}

fn node(value: Spanned<DeValue<'_>>, lines: &Lines, depth: usize) -> Result<Node, Problem> {
    let line = lines.at(value.span().start);
    if depth > CONFIG_DEPTH_MAX {
        return Err(problem(
            line,
            format!("nested deeper than {CONFIG_DEPTH_MAX}"),
        ));
    }
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Boolean(truth) => Value::Bool(truth),
        DeValue::Datetime(time) => Value::Text(time.to_string()),
        DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) => Value::Int(n),
            Err(_) => return Err(problem(line, "the number does not fit in 64 bits")),
        },
        DeValue::Float(n) => match n.as_str().parse() {
            Ok(n) => Value::Float(n),
            Err(_) => return Err(problem(line, "this is no number")),
        },
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| node(item, lines, depth + 1));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Value::Map(entries(table, lines, depth)?),
    };
    Ok(Node { line, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_lines() {
        let node = parse("a = 1\n[b]\nc = [1.5,\n \"x\"]\n").unwrap();
        let c = node.get("b").unwrap().get("c").unwrap();
        assert_eq!(c.line, 3);
        let Value::List(items) = &c.value else {
            panic!("a list")
        };
        assert_eq!(
            (items[1].line, items[0].value.clone()),
            (4, Value::Float(1.5))
        );
        assert_eq!(parse("a = 1\nb = = 2\n").unwrap_err().line, 2);
    }
}
