//! What a redaction did, told without a value.

use cordon_event::Class;

use crate::PseudonymMac;

/// Version of the built-in rules: it moves on with every change of what one of them finds.
pub const BUILT_IN_RULES_VERSION: u32 = 1;

/// One removal or replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule id, such as `jwt` or `key.password`.
    pub rule: &'static str,
    /// Version of that rule.
    pub version: u32,
    /// Class of what was found.
    pub class: Class,
    /// Path of the field, such as `attributes.http.url`; a field whose own name was redacted shows
    /// the redacted name.
    pub path: String,
    /// Byte offset in the field's original text.
    pub offset: usize,
    /// Length in bytes of what was found.
    pub len: usize,
    /// First half of the value's MAC under the tenant's key for receipts, where the policy asks
    /// for it: equal values have equal digests, within a tenant alone.
    pub digest: Option<[u8; 16]>,
}

impl Finding {
    /// A finding of a built-in rule, without a digest.
    pub(crate) fn new(
        rule: &'static str,
        class: Class,
        path: &str,
        offset: usize,
        len: usize,
    ) -> Self {
        Self {
            rule,
            version: BUILT_IN_RULES_VERSION,
            class,
            path: path.to_owned(),
            offset,
            len,
            digest: None,
        }
    }
}

/// The digest that a receipt shows of a value.
pub(crate) fn digest(mac: &dyn PseudonymMac, value: &str) -> [u8; 16] {
    let tag = mac.mac("receipt", value.as_bytes());
    tag.first_chunk().copied().unwrap_or_default()
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
