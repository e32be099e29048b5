//! A typed attribute value: the union of what OTLP's `AnyValue` and JSON can say.

use zeroize::Zeroize;

/// A value of an attribute or body.
///
/// Maps keep order and duplicate keys, since a log may hold both and a secret may hide in either.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Absent or JSON `null`.
    #[default]
    Null,
    /// Truth value.
    Bool(bool),
    /// Signed integer.
    Int(i64),
    /// Floating point number, also `NaN` and infinities.
    Double(f64),
    /// Text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Ordered values.
    Array(Vec<Value>),
    /// Ordered pairs; keys may repeat.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Bytes of its texts and numbers.
    pub fn content_bytes(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Double(_) => 8,
            Self::String(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Array(items) => items.iter().map(Self::content_bytes).sum(),
            Self::Map(pairs) => {
                let pairs = pairs.iter();
                pairs
                    .map(|(name, value)| name.len() + value.content_bytes())
                    .sum()
            }
        }
    }

    /// Text, where the value is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// First value under `key`, where the value is a map.
    pub fn get(&self, key: &str) -> Option<&Value> {
        if let Self::Map(pairs) = self {
            lookup(pairs, key)
        } else {
            None
        }
    }
}

/// First value under `key` in ordered pairs.
pub(crate) fn lookup<'a>(pairs: &'a [(String, Value)], key: &str) -> Option<&'a Value> {
    pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

impl Zeroize for Value {
    fn zeroize(&mut self) {
        match self {
            Self::String(text) => text.zeroize(),
            Self::Bytes(bytes) => bytes.zeroize(),
            Self::Array(items) => items.iter_mut().for_each(Zeroize::zeroize),
            Self::Map(pairs) => zeroize_pairs(pairs),
            Self::Int(n) => n.zeroize(),
            Self::Double(n) => n.zeroize(),
            Self::Null | Self::Bool(_) => {}
        }
    }
}

/// Wipes keys and values.
pub(crate) fn zeroize_pairs(pairs: &mut [(String, Value)]) {
    for (key, value) in pairs {
        key.zeroize();
        value.zeroize();
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
