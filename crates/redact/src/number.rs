//! Numbers of JSON and of events: what they are as text, and what stands for one.

use std::borrow::Cow;

use cordon_event::Value;

use crate::json;

/// Largest number with a fraction or exponent that is read as a whole one.
const WHOLE_MAX: f64 = 1e22;

/// What stands for a number that must not stay.
pub(crate) enum Number {
    /// A marker or a pseudonym.
    Text(String),
    /// A number that says nothing.
    Masked(String),
}

impl Number {
    /// As a value of an event; a masked one stays what it was.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text),
            Self::Masked(masked) => match masked.parse() {
                Ok(n) => Value::Int(n),
                Err(_) => Self::Masked(masked).into_double(),
            },
        }
    }

    /// As a value of a field of doubles.
    pub(crate) fn into_double(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text),
            Self::Masked(masked) => masked.parse().map_or(Value::Null, Value::Double),
        }
    }

    /// As JSON text.
    pub(crate) fn into_json(self) -> String {
        match self {
            Self::Text(text) => json::quote(&text),
            Self::Masked(masked) => masked,
        }
    }
}

/// A number without fraction or exponent where it is whole: `4.111e15`, `42.0`.
pub(crate) fn whole_number(number: &str) -> Cow<'_, str> {
    if let Some(whole) = number.strip_suffix(".0") {
        return Cow::Borrowed(whole);
    }
    if !number.contains(['.', 'e', 'E']) {
        return Cow::Borrowed(number);
    }
    match number.parse::<f64>() {
        Ok(n) if n.fract() == 0.0 && n.abs() < WHOLE_MAX => Cow::Owned(format!("{n:.0}")),
        _ => Cow::Borrowed(number),
    }
}
