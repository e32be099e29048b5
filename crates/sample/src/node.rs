//! One tree for what YAML and TOML say, with the line of each value.
//!
//! *Limits:* [`CONFIG_BYTES_MAX`], [`CONFIG_VALUES_MAX`], [`CONFIG_DEPTH_MAX`].

mod toml;
mod yaml;

use crate::limits::CONFIG_BYTES_MAX;
use crate::problem::Problem;

pub(crate) use self::toml::parse as parse_toml;
pub(crate) use self::yaml::parse as parse_yaml;

/// A value of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) value: Value,
}

/// A key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) line: u32,
    pub(crate) key: String,
    pub(crate) node: Node,
}

impl Node {
    /// First value under `key`, where this is a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.map(|entry| &entry.node)
    }

    /// What it is, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

fn problem(line: u32, message: impl Into<String>) -> Problem {
    Problem {
        line,
        path: String::new(),
        message: message.into(),
    }
}

fn check_length(text: &str) -> Result<(), Problem> {
    if text.len() > CONFIG_BYTES_MAX {
        let message = format!("the configuration is longer than {CONFIG_BYTES_MAX} bytes");
        return Err(problem(0, message));
    }
    Ok(())
}
