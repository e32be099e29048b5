//! How much may be exposed in a window.

use crate::ExposedClass;

/// Seconds that one bucket of the sliding window covers.
pub const WINDOW_BUCKET_S: u64 = 3_600;
/// Buckets in the sliding window: together 24 hours.
pub const WINDOW_BUCKETS_COUNT: u64 = 24;

/// Bytes that may be exposed in any 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassCaps {
    /// Class B: pseudonyms.
    pub class_b_bytes_per_day: u64,
    /// Class C: technical metadata.
    pub class_c_bytes_per_day: u64,
}

impl ClassCaps {
    /// The cap of one class in bytes.
    pub const fn of(&self, class: ExposedClass) -> u64 {
        match class {
            ExposedClass::B => self.class_b_bytes_per_day,
            ExposedClass::C => self.class_c_bytes_per_day,
        }
    }
}

/// The caps that every charge must fit: the tenant's over all operators, and the operator's own
/// within that tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// What all operators together may see of one tenant.
    pub tenant: ClassCaps,
    /// What one operator may see of one tenant.
    pub operator: ClassCaps,
}

impl Default for Caps {
    /// A day's debugging for a team: some hundred answers of class C, a few pages of pseudonyms.
    fn default() -> Self {
        Self {
            tenant: ClassCaps {
                class_b_bytes_per_day: 64 << 10,
                class_c_bytes_per_day: 16 << 20,
            },
            operator: ClassCaps {
                class_b_bytes_per_day: 16 << 10,
                class_c_bytes_per_day: 4 << 20,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_b_is_the_tighter_cap_by_default() {
        let caps = Caps::default();
        for of in [caps.tenant, caps.operator] {
            assert!(of.of(ExposedClass::B) < of.of(ExposedClass::C));
        }
        assert!(caps.operator.of(ExposedClass::C) < caps.tenant.of(ExposedClass::C));
    }
}
