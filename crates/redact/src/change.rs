//! Values of flags and settings: what may stay of them.
//!
//! They were scanned as all fields are, under the name of what they are of. That finds a password
//! by its name or form; but a value of `gateway.handle` may be one all the same, and nothing says
//! so. So of these values only what cannot be a secret stays: numbers, truth values, durations,
//! versions, and the few words that settings are made of. The policy's `technical` fields and those
//! that a schema approved as class C stay, too.

use cordon_detect::is_ours;
use cordon_event::{ChangeKind, Class, Event, Kind, Value, attr};
use zeroize::Zeroize as _;

use crate::Unknown;
use crate::schema::{Fate, ValueTypes, fate};
use crate::work::Work;

/// Rule under which a value is removed.
const RULE: &str = "change.value";
const REMOVED: &str = "[removed:change.value]";
/// Longest text that may be a setting, in bytes.
const SETTING_BYTES_MAX: usize = 32;
/// Digits of a number that may stay as text: more of them may identify something.
const DIGITS_COUNT_MAX: usize = 8;

/// Words that settings are made of.
const WORDS: &[&str] = &[
    "",
    "true",
    "false",
    "on",
    "off",
    "yes",
    "no",
    "enabled",
    "disabled",
    "enable",
    "disable",
    "null",
    "none",
    "nil",
    "auto",
    "default",
    "unset",
    "unlimited",
    "inherit",
    "always",
    "never",
    "control",
    "treatment",
    "variant",
    "baseline",
    "canary",
    "trace",
    "debug",
    "info",
    "warn",
    "warning",
    "error",
    "fatal",
    "low",
    "medium",
    "high",
    "strict",
    "lax",
    "sync",
    "async",
];

/// Units that may follow a number.
const UNITS: &[&str] = &[
    "", "%", "ns", "us", "µs", "ms", "s", "sec", "m", "min", "h", "d", "b", "k", "kb", "kib", "ki",
    "mb", "mib", "mi", "g", "gb", "gib", "gi", "tb", "tib", "ti", "x", "rps",
];

/// Removes what may not stay. After the scan, so that a canary in a value is still an alarm.
pub(crate) fn close(work: &mut Work<'_>, event: &mut Event) {
    if event.kind != Kind::Change {
        return;
    }
    let kind = event.attribute_str(attr::CHANGE_KIND);
    // What runs is told by its version, and a version may be any word.
    let versions = [ChangeKind::Deploy, ChangeKind::Dependency].map(ChangeKind::as_str);
    if kind.is_some_and(|kind| versions.contains(&kind)) {
        return;
    }
    for (key, value) in &mut event.attributes {
        let Value::Map(pairs) = value else { continue };
        if key != attr::CHANGE_FROM && key != attr::CHANGE_TO {
            continue;
        }
        for (name, inner) in pairs {
            let path = format!("attributes.{key}.{name}");
            if !is_approved(work, &path, name, inner) {
                strip(work, inner, &path);
            }
        }
    }
}

/// Whether policy or schema say that the value is technical.
fn is_approved(work: &Work<'_>, path: &str, name: &str, value: &Value) -> bool {
    let policy = work.redactor.policy();
    let types = || ValueTypes::of(value);
    policy.technical.contains(name)
        || matches!(fate(&policy.schema, Unknown::Drop, path, types), Fate::Scan)
}

fn strip(work: &mut Work<'_>, value: &mut Value, path: &str) {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
        Value::String(text) if is_ours(text) || is_setting(text) => {}
        Value::String(text) => {
            work.say(RULE, Class::A, path, text.len());
            value.zeroize();
            *value = REMOVED.into();
        }
        Value::Bytes(bytes) => {
            work.say(RULE, Class::A, path, bytes.len());
            value.zeroize();
            *value = REMOVED.into();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(work, item, path)),
        Value::Map(pairs) => pairs
            .iter_mut()
            .for_each(|(_, item)| strip(work, item, path)),
    }
}

/// Whether a text can be a setting and no secret.
fn is_setting(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    lower.len() <= SETTING_BYTES_MAX
        && (WORDS.contains(&lower.as_str()) || is_quantity(&lower) || is_version(&lower))
}

/// `-0.25`, `30s`, `10 %`, `512MiB`.
fn is_quantity(text: &str) -> bool {
    let number = text.trim_start_matches(['-', '+']);
    let unit = number.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_'));
    let number = number.strip_suffix(unit).unwrap_or_default();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (1..=DIGITS_COUNT_MAX).contains(&digits) && UNITS.contains(&unit.trim())
}

/// `v2.14.0-rc.1`.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, stage) = text.split_once(['-', '+']).unwrap_or((text, ""));
    let letters = stage.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let known = [
        "", "rc", "alpha", "beta", "pre", "dev", "snapshot", "final", "release",
    ];
    let is_number = |part: &str| {
        (1..=DIGITS_COUNT_MAX).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    numbers.contains('.') && numbers.split('.').all(is_number) && known.contains(&letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_what_may_be_a_secret() {
        for text in [
            "true",
            "Off",
            "",
            "30s",
            "0.25",
            "-1",
            "10 %",
            "512MiB",
            "1_000",
            "v2.14.0-rc.1",
            "1.2.3",
            "DEBUG",
            "control",
        ] {
            assert!(is_setting(text), "{text}");
        }
        for text in [
            "correct-horse-battery",
            "hunter2",
            "1.0-hunter2",
            "123456789012",
            "sesame",
            "a1b2",
            "https://user:pass@example.org",
            "4 score and seven",
            "v",
        ] {
            assert!(!is_setting(text), "{text}");
        }
    }
}
