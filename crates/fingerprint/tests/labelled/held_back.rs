//! Formats that the merge was not tuned on.

use super::Set;

/// Every set.
pub(crate) const SETS: [&Set; 0] = [];
