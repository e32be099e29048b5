//! A planted value before it stands anywhere.

use crate::marked::Marked;
use crate::record::{Class, Plant};

/// A value before it stands anywhere.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) class: Class,
    pub(crate) kind: String,
    pub(crate) locale: &'static str,
    pub(crate) value: String,
}

/// A secret.
pub(crate) fn secret(kind: &str, value: String) -> Made {
    Made {
        class: Class::A,
        kind: kind.to_owned(),
        locale: "-",
        value,
    }
}

/// An identifier of a person.
pub(crate) fn person(kind: &str, locale: &'static str, value: String) -> Made {
    Made {
        class: Class::B,
        kind: kind.to_owned(),
        locale,
        value,
    }
}

impl Made {
    /// As text of one plant.
    pub(crate) fn mark(self) -> Marked {
        Marked::planted(Plant {
            start: 0,
            end: 0,
            class: self.class,
            kind: self.kind,
            locale: self.locale,
            encoding: Vec::new(),
            value: self.value,
            free_text: false,
        })
    }
}
