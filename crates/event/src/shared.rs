//! Fields that events share: those of the resource and of the scope that they come from.
//!
//! *Why so:* a request of five hundred spans has one resource; copied for each of them, it takes
//! more memory and time than the spans.

use std::ops::Deref;
use std::sync::Arc;

use zeroize::Zeroize;

use crate::Value;
use crate::value::zeroize_pairs;

/// Ordered fields, held once however many events have them. Whoever changes them changes its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shared(Option<Arc<Vec<(String, Value)>>>);

impl Shared {
    /// The fields, to be changed: a copy of them where others have them, too.
    pub fn to_mut(&mut self) -> &mut Vec<(String, Value)> {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// Adds a field.
    pub fn push(&mut self, field: (String, Value)) {
        self.to_mut().push(field);
    }

    /// Whether both are the same fields in memory; they may be alike without.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    /// Where the fields are in memory: the same for all that share them, while one does.
    pub fn address(&self) -> usize {
        self.0
            .as_ref()
            .map_or(0, |fields| Arc::as_ptr(fields).addr())
    }
}

impl Deref for Shared {
    type Target = [(String, Value)];

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl From<Vec<(String, Value)>> for Shared {
    fn from(fields: Vec<(String, Value)>) -> Self {
        Self((!fields.is_empty()).then(|| Arc::new(fields)))
    }
}

impl FromIterator<(String, Value)> for Shared {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        fields.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for &'a Shared {
    type Item = &'a (String, Value);
    type IntoIter = std::slice::Iter<'a, (String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The last one that has the fields wipes them.
impl Zeroize for Shared {
    fn zeroize(&mut self) {
        if let Some(own) = self.0.as_mut().and_then(Arc::get_mut) {
            zeroize_pairs(own);
        }
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<(String, Value)> {
        vec![("service.name".to_owned(), "billing".into())]
    }

    #[test]
    fn a_change_is_ones_own() {
        let first = Shared::from(fields());
        let mut second = first.clone();
        assert!(first.is_same(&second));
        assert_eq!(first.address(), second.address());
        second.to_mut().push(("host".to_owned(), 1.into()));
        assert_eq!((first.len(), second.len()), (1, 2));
        assert!(!first.is_same(&second));
    }

    #[test]
    fn no_fields_are_held_by_nobody() {
        assert_eq!(Shared::from(Vec::new()), Shared::default());
        let mut own = Shared::default();
        own.to_mut().extend(fields());
        assert_eq!(own, Shared::from(fields()));
    }

    #[test]
    fn wiping_one_leaves_the_others() {
        let first = Shared::from(fields());
        let mut second = first.clone();
        second.zeroize();
        assert_eq!((first.len(), second.len()), (1, 0));
    }
}
