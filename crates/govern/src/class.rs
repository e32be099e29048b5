//! The classes that may be exposed at all.

use cordon_event::Class;

/// A class that a grant, a cap or a charge can name.
///
/// There is no class A:
///
/// ```compile_fail,E0599
/// let secret = cordon_govern::ExposedClass::A;
/// ```
/// ```
/// use cordon_event::Class;
/// use cordon_govern::ExposedClass;
/// assert_eq!(ExposedClass::of(Class::A), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExposedClass {
    /// Direct identifiers, as typed pseudonyms.
    B,
    /// Technical metadata.
    C,
}

impl ExposedClass {
    /// The exposed class of a class; none for class A.
    pub const fn of(class: Class) -> Option<Self> {
        match class {
            Class::A => None,
            Class::B => Some(Self::B),
            Class::C => Some(Self::C),
        }
    }

    /// One-letter name, as stored and reported.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::B => "B",
            Self::C => "C",
        }
    }

    /// Reads the one-letter name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::B, Self::C]
            .into_iter()
            .find(|class| class.as_str() == text)
    }

    /// Whether a grant up to `self` covers `wanted`: B covers both, C covers C.
    pub const fn covers(self, wanted: Self) -> bool {
        matches!((self, wanted), (Self::B, _) | (Self::C, Self::C))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_c_grant_does_not_cover_class_b() {
        assert!(!ExposedClass::C.covers(ExposedClass::B));
        assert!(ExposedClass::C.covers(ExposedClass::C));
        assert!(ExposedClass::B.covers(ExposedClass::C));
        assert!(ExposedClass::B.covers(ExposedClass::B));
    }

    #[test]
    fn class_a_has_no_spelling() {
        assert_eq!(ExposedClass::parse("A"), None);
        assert_eq!(ExposedClass::parse("b"), None);
        assert_eq!(ExposedClass::parse("B"), Some(ExposedClass::B));
    }
}
