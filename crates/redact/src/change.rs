//! Values of changes: what may stay of them.
//!
//! They were scanned as all fields are, under the name of what they are of. That finds a password
//! by its name or form; but a value of `gateway.handle` may be one all the same, and nothing says
//! so. So of these values only what cannot be a secret stays: numbers, truth values, durations,
//! versions, and the few words that settings are made of; of deploys and dependencies also what is
//! written as a version or a commit's id. A map or list stays where all of it may, names included.
//! The policy's `technical` fields and those that a schema approved as class C stay, too.
//!
//! A sender may tell values elsewhere as well: nested (`variations`), joined (`to.value`), or under
//! names that nobody knows. So the same holds for every attribute of a change but its own and those
//! that say [where](WHERE) it was made.

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
/// Digits of a text that may stay: more of them may identify something.
const DIGITS_COUNT_MAX: usize = 8;
/// Parts between the points of a version.
const VERSION_PARTS_COUNT_MAX: usize = 4;
/// Parts of what is deployed: `2.14.0-rc.1-alpine`.
const RELEASE_PARTS_COUNT_MAX: usize = 8;
/// Longest word in a version, in bytes.
const RELEASE_WORD_BYTES_MAX: usize = 12;
/// Digits of a commit's id that is cut short.
const COMMIT_SHORT_DIGITS: std::ops::RangeInclusive<usize> = 7..=12;
/// Digits of a whole one.
const COMMIT_DIGITS: usize = 40;

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

/// Words that names of members are made of, beside those of settings.
const NAME_WORDS: &[&str] = &[
    "active",
    "age",
    "attempts",
    "backoff",
    "batch",
    "buffer",
    "burst",
    "bytes",
    "cache",
    "capacity",
    "concurrency",
    "connection",
    "connections",
    "cooldown",
    "count",
    "cpu",
    "delay",
    "depth",
    "duration",
    "expiry",
    "factor",
    "fallback",
    "flush",
    "fraction",
    "heap",
    "hours",
    "idle",
    "initial",
    "interval",
    "jitter",
    "kind",
    "length",
    "level",
    "lifetime",
    "limit",
    "limits",
    "log",
    "max",
    "maximum",
    "memory",
    "min",
    "minimum",
    "minutes",
    "mode",
    "ms",
    "number",
    "page",
    "parallelism",
    "percent",
    "percentage",
    "period",
    "pool",
    "priority",
    "queue",
    "rate",
    "ratio",
    "read",
    "release",
    "replicas",
    "request",
    "requests",
    "response",
    "retries",
    "retry",
    "rollout",
    "rps",
    "sample",
    "sampling",
    "seconds",
    "share",
    "size",
    "stage",
    "state",
    "status",
    "target",
    "thread",
    "threads",
    "threshold",
    "throttle",
    "timeout",
    "total",
    "traffic",
    "ttl",
    "type",
    "value",
    "version",
    "wait",
    "weight",
    "window",
    "worker",
    "workers",
    "write",
];

/// A change's own attributes.
const OWN: &[&str] = &[
    attr::CHANGE_AUTHOR,
    attr::CHANGE_FILES,
    attr::CHANGE_FILES_LEFT_OUT,
    attr::CHANGE_FROM,
    attr::CHANGE_KIND,
    attr::CHANGE_LEFT_OUT,
    attr::CHANGE_SUBJECT,
    attr::CHANGE_TO,
    attr::CHANGE_WORD,
    attr::VCS_REF_NAME,
    attr::VCS_REVISION,
];

/// Names by the semantic conventions of where a change was made.
const WHERE: &[&str] = &[
    attr::CLOUD_REGION,
    "cloud.availability_zone",
    "cloud.platform",
    "cloud.provider",
    "deployment.environment",
    "deployment.environment.name",
    "k8s.cluster.name",
    "k8s.deployment.name",
    "k8s.namespace.name",
];

/// Removes what may not stay. After the scan, so that a canary in a value is still an alarm.
pub(crate) fn close(work: &mut Work<'_>, event: &mut Event) {
    if event.kind != Kind::Change {
        return;
    }
    let kind = event.attribute_str(attr::CHANGE_KIND);
    let versions = [ChangeKind::Deploy, ChangeKind::Dependency].map(ChangeKind::as_str);
    let is_version = kind.is_some_and(|kind| versions.contains(&kind));
    let may_stay = |text: &str| is_setting(text) || is_version && is_release(text);
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in &mut event.attributes {
        let path = format!("attributes.{key}");
        // Of several attributes of one name the first is the change's own.
        let own = OWN.iter().copied().find(|own| own == key);
        let own = own.filter(|own| !seen.contains(own));
        seen.extend(own);
        match (own, value) {
            (Some(attr::CHANGE_FROM | attr::CHANGE_TO), Value::Map(pairs)) if pairs.len() == 1 => {
                for (name, inner) in pairs {
                    if !work.redactor.policy().technical.contains(name) {
                        strip(work, inner, &format!("{path}.{name}"), &may_stay);
                    }
                }
            }
            (Some(attr::CHANGE_AUTHOR), Value::Map(pairs)) if is_person(pairs) => {}
            (Some(attr::CHANGE_FROM | attr::CHANGE_TO | attr::CHANGE_AUTHOR), value) => {
                strip(work, value, &path, &may_stay);
            }
            (Some(_), value) if is_leaf(value) => {}
            (None, _) if work.redactor.policy().technical.contains(key) => {}
            (None, value) if WHERE.contains(&key.as_str()) && is_leaf(value) => {}
            (_, value) => strip(work, value, &path, &may_stay),
        }
    }
}

/// Whether this is an author's one member, whose name was replaced where it was found.
fn is_person(pairs: &[(String, Value)]) -> bool {
    matches!(pairs, [(_, Value::String(_))])
}

/// Whether it holds no fields.
fn is_leaf(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Map(_)) && !ValueTypes::of(value).is_json()
}

/// Removes a value as a whole, unless all of it may stay: parts of a secret are secrets.
fn strip(work: &mut Work<'_>, value: &mut Value, path: &str, may_stay: &dyn Fn(&str) -> bool) {
    if stays(work, value, path, may_stay) {
        return;
    }
    work.say(RULE, Class::A, path, bytes_count(value));
    value.zeroize();
    *value = REMOVED.into();
}

fn stays(work: &Work<'_>, value: &Value, path: &str, may_stay: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => true,
        Value::String(text) => is_ours(text) || may_stay(text) || is_approved(work, path, value),
        Value::Bytes(_) => is_approved(work, path, value),
        Value::Array(items) => items.iter().all(|item| stays(work, item, path, may_stay)),
        Value::Map(pairs) => pairs.iter().all(|(name, item)| {
            if work.redactor.policy().technical.contains(name) {
                return true;
            }
            let path = format!("{path}.{name}");
            let is_named = is_ours(name) || is_member(name) || is_approved(work, &path, item);
            is_named && stays(work, item, &path, may_stay)
        }),
    }
}

/// Whether the schema says that the value at that path is technical.
fn is_approved(work: &Work<'_>, path: &str, value: &Value) -> bool {
    let schema = &work.redactor.policy().schema;
    let fate = || fate(schema, Unknown::Drop, path, || ValueTypes::of(value));
    // Of what holds fields each is decided upon by itself, which here nobody does.
    is_leaf(value) && matches!(fate(), Fate::Scan)
}

/// Bytes of the names and texts in a value.
fn bytes_count(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(items) => items.iter().map(bytes_count).sum(),
        Value::Map(pairs) => {
            let members = pairs
                .iter()
                .map(|(name, item)| name.len() + bytes_count(item));
            members.sum()
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
    }
}

/// Whether a member's name is made of words that settings are named by: `maxRetries`, `pool.size`.
fn is_member(name: &str) -> bool {
    if name.len() > SETTING_BYTES_MAX {
        return false;
    }
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && words.ends_with(|c: char| c.is_ascii_lowercase()) {
            words.push('_');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
        .split(['_', '-', '.', ' '])
        .all(|word| NAME_WORDS.contains(&word) || !word.is_empty() && WORDS.contains(&word))
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
    (1..=DIGITS_COUNT_MAX).contains(&digits)
        && number.matches('.').count() <= 1
        && UNITS.contains(&unit.trim())
}

/// Words for how far a version is.
const STAGES: &[&str] = &[
    "", "rc", "alpha", "beta", "pre", "dev", "snapshot", "final", "release",
];

fn digits_count(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// `v2.14.0-rc.1`.
fn is_version(text: &str) -> bool {
    let digits = digits_count(text);
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, stage) = text.split_once(['-', '+']).unwrap_or((text, ""));
    let letters = stage.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let parts = numbers.split('.').count();
    (2..=VERSION_PARTS_COUNT_MAX).contains(&parts)
        && digits <= DIGITS_COUNT_MAX
        && numbers.split('.').all(is_number)
        && STAGES.contains(&letters)
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

/// What a deploy or dependency goes to: `v12`, `2.4.1-blue`, `^1.3.0`, `1.9-14-g0123abc`, a commit.
fn is_release(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    if is_commit(&lower, COMMIT_DIGITS..=COMMIT_DIGITS) || is_commit(&lower, COMMIT_SHORT_DIGITS) {
        return true;
    }
    let version = lower.trim_start_matches(['^', '~', '<', '>', '=', ' ']);
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = match version.rsplit_once("-g") {
        Some((version, id)) if is_commit(id, COMMIT_SHORT_DIGITS) => version,
        _ => version,
    };
    let mut parts = version.split(['.', '-', '+', '_']);
    // Who builds may name a build, in one word.
    let is_word = |part: &&str| {
        let stage = part.trim_end_matches(|c: char| c.is_ascii_digit());
        !is_number(part) && !STAGES.contains(&stage)
    };
    let is_short = |part: &str| {
        part.len() <= RELEASE_WORD_BYTES_MAX && part.bytes().all(|b| b.is_ascii_lowercase())
    };
    lower.len() <= SETTING_BYTES_MAX
        && digits_count(version) <= DIGITS_COUNT_MAX
        && parts.clone().count() <= RELEASE_PARTS_COUNT_MAX
        && parts.next().is_some_and(is_number)
        && parts.clone().filter(is_word).count() <= 1
        && parts.filter(is_word).all(is_short)
}

/// The id of a commit: digits alone may be a person's number.
fn is_commit(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    digits.contains(&text.len())
        && text.bytes().all(is_hex)
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_lowercase())
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
            "1.0-4929123456789012345678",
            "12345678.12345678.12345678",
            "1.2.3.4.5",
            "1.0-12345678",
        ] {
            assert!(!is_setting(text), "{text}");
        }
    }

    #[test]
    fn versions_and_what_is_none() {
        for text in [
            "v12",
            "2.4.1-blue",
            "^1.3.0",
            "~> 2.0",
            "2026-01-31",
            "5.15.0_rc1-generic",
            "v1.9-14-g0123abc",
            "0123abc",
            &"01234567ab".repeat(4),
        ] {
            assert!(is_release(text), "{text}");
        }
        for text in [
            "plum-harbour-lantern-1",
            "1.0-plum-harbour",
            "1.0-hunter2",
            "1-abcdefghijklm",
            "123456789",
            "1.0-4929123456789012",
            "0123456789abcdef0123456789abcdef",
            "1.2.3.4.5.6.7.8.0",
            "",
            "v",
        ] {
            assert!(!is_release(text), "{text}");
        }
    }

    #[test]
    fn names_of_members() {
        for name in [
            "share",
            "maxRetries",
            "pool.size",
            "rollout_percentage",
            "enabled",
        ] {
            assert!(is_member(name), "{name}");
        }
        for name in [
            "plum-harbour-lantern-4",
            "",
            "pool.size.hunter",
            "max-",
            "a",
        ] {
            assert!(!is_member(name), "{name}");
        }
    }
}
