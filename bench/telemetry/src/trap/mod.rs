//! Harmless records that must come out byte for byte as they came in: what looks like a secret or a
//! number of somebody and is none, and ordinary lines in the styles of well-known software.
//!
//! *Invariant:* no trap holds an address of a machine or person, a name of one, or a user's
//! account: those are personal by the default policy.

mod ids_table;
mod styles_table;
mod words_table;

use crate::draw::Draw;
use crate::generate::finish;
use crate::noise::expand;
use crate::record::{Format, Record, Shape};
use crate::wrap;

/// Which list a trap comes from, and the list.
const LISTS: &[(u64, &[(&str, &str)])] = &[
    (34, ids_table::IDS),
    (26, words_table::WORDS),
    (40, styles_table::STYLES),
];

/// A trap of any kind.
pub(crate) fn trap(draw: &mut Draw) -> Record {
    let mut at = draw.below(LISTS.iter().map(|(weight, _)| weight).sum());
    let mut list = styles_table::STYLES;
    for (weight, of) in LISTS {
        if at < *weight {
            list = of;
            break;
        }
        at -= weight;
    }
    let (name, template) = *draw.row(list);
    let text = expand(draw, template);
    let is_json = text.starts_with('{') || text.starts_with('[');
    let is_json = is_json && serde_json::from_str::<serde_json::Value>(&text).is_ok();
    let parts = if is_json {
        ("none", Format::Json, text.into())
    } else if std::ptr::eq(list, styles_table::STYLES) && draw.chance(80) {
        ("none", Format::Text, text.into())
    } else {
        wrap::wrap(draw, text.into(), false)
    };
    finish(Shape::Log, name, parts)
}

/// Used by tests: every template of every list, by name.
#[cfg(test)]
pub(crate) fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    LISTS.iter().flat_map(|(_, list)| list.iter().copied())
}
