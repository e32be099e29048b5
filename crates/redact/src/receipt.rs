//! What a redaction did, told without a value.

use cordon_event::Class;

/// One removal or replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule id, such as `jwt` or `key.password`.
    pub rule: &'static str,
    /// Class of what was found.
    pub class: Class,
    /// Path of the field, such as `attributes.http.url`; a field whose own name was redacted shows
    /// the redacted name.
    pub path: String,
    /// Byte offset in the field's original text.
    pub offset: usize,
    /// Length in bytes of what was found.
    pub len: usize,
}

/// All findings of one event or text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// In the order of the fields.
    pub findings: Vec<Finding>,
}

impl Receipt {
    /// Counts as (class, rule, count), ordered.
    pub fn counts(&self) -> Vec<(Class, &'static str, u64)> {
        let mut counts = std::collections::BTreeMap::new();
        for finding in &self.findings {
            *counts.entry((finding.class, finding.rule)).or_insert(0_u64) += 1;
        }
        counts
            .into_iter()
            .map(|((class, rule), n)| (class, rule, n))
            .collect()
    }
}
