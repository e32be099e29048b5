//! Text of a case, each once: services, operations, templates and attributes as small numbers.

use std::collections::HashMap;

/// A text of the case. Numbers follow arrival, so nothing that is shown is ordered by them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(u32);

impl Name {
    /// The empty text.
    pub(crate) const NONE: Self = Self(0);

    /// Whether it is the empty text.
    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// Texts by number.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    texts: Vec<String>,
    known: HashMap<String, Name>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            texts: vec![String::new()],
            known: HashMap::from([(String::new(), Name::NONE)]),
        }
    }
}

impl Names {
    /// The number of a text.
    pub(crate) fn of(&mut self, text: &str) -> Name {
        if let Some(name) = self.known.get(text) {
            return *name;
        }
        let name = Name(self.texts.len() as u32);
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), name);
        name
    }

    /// The number of a text that is known.
    pub(crate) fn find(&self, text: &str) -> Option<Name> {
        self.known.get(text).copied()
    }

    /// The text of a number.
    pub(crate) fn text(&self, name: Name) -> &str {
        self.texts.get(name.0 as usize).map_or("", String::as_str)
    }
}
