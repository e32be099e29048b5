//! What was odd about a record, told in an attribute of its event.

use cordon_event::{Event, Value};

/// The attribute: names of flags, joined by commas.
pub(crate) const ATTRIBUTE: &str = "cordon.intake.flags";

/// One thing that can be odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flag(u8);

/// Longer than a frame may be, or cut off: the rest is gone.
pub(crate) const TRUNCATED: Flag = Flag(1);
/// The length that was said was wrong: what follows up to where a frame begins.
pub(crate) const FRAMING: Flag = Flag(2);
/// Bytes that are no UTF-8 were replaced by U+FFFD.
pub(crate) const INVALID_UTF8: Flag = Flag(4);
/// Neither priority nor stamp: the text as it came.
pub(crate) const NOT_SYSLOG: Flag = Flag(8);
/// A stamp without a priority.
pub(crate) const NO_PRIORITY: Flag = Flag(16);
/// Structured data that cannot be read stays in the body.
pub(crate) const STRUCTURED_DATA: Flag = Flag(32);
/// A line that is no event: the text as it came.
pub(crate) const NOT_JSON: Flag = Flag(64);

/// All flags and their names.
pub(crate) const ALL: [(Flag, &str); 7] = [
    (TRUNCATED, "truncated"),
    (FRAMING, "framing"),
    (INVALID_UTF8, "invalid_utf8"),
    (NOT_SYSLOG, "not_syslog"),
    (NO_PRIORITY, "no_priority"),
    (STRUCTURED_DATA, "structured_data"),
    (NOT_JSON, "not_json"),
];

/// The flags of one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) fn set(&mut self, flag: Flag) {
        self.0 |= flag.0;
    }

    pub(crate) fn has(self, flag: Flag) -> bool {
        self.0 & flag.0 != 0
    }

    /// Tells an event's flags, where it has any.
    pub(crate) fn mark(self, event: &mut Event) {
        let names = ALL.iter().filter(|(flag, _)| self.has(*flag));
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        if !names.is_empty() {
            let names = Value::String(names.join(","));
            event.attributes.push((ATTRIBUTE.to_owned(), names));
        }
    }

    /// The flags that an event tells of.
    pub(crate) fn of(event: &Event) -> impl Iterator<Item = usize> {
        let told = event.attribute_str(ATTRIBUTE).unwrap_or_default();
        let at = |name: &str| ALL.iter().position(|(_, known)| *known == name);
        told.split(',').filter_map(at)
    }
}
