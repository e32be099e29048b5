//! The W3C tracestate, and what OpenTelemetry says of sampling in it: `ot=th:..;rv:..`.
//!
//! *Source:* W3C Trace Context Level 2, 3.3; OpenTelemetry "TraceState Handling" and
//! "TraceState: Probability Sampling".
//!
//! *Limits:* [`TRACESTATE_BYTES_MAX`], [`TRACESTATE_MEMBERS_MAX`], [`TRACESTATE_ENTRY_BYTES_MAX`].

use crate::chance::Threshold;
use crate::limits::{TRACESTATE_BYTES_MAX, TRACESTATE_ENTRY_BYTES_MAX, TRACESTATE_MEMBERS_MAX};

/// What a tracestate says of sampling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ot {
    /// Threshold by which the span was sampled before.
    pub threshold: Option<Threshold>,
    /// Explicit randomness of the trace, 56 bits.
    pub randomness: Option<u64>,
}

impl Ot {
    /// Reads a tracestate. What is malformed counts as not there.
    pub fn parse(trace_state: &str) -> Self {
        let mut ot = Self::default();
        let Some(entry) =
            members(trace_state).find_map(|(key, value)| (key == "ot").then_some(value))
        else {
            return ot;
        };
        for (key, value) in fields(entry) {
            match key {
                "th" => ot.threshold = threshold(value),
                "rv" => ot.randomness = hex(value).filter(|_| value.len() == 14),
                _ => {}
            }
        }
        ot
    }
}

fn hex(text: &str) -> Option<u64> {
    let is_hex = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    let value = u64::from_str_radix(text, 16).ok();
    value.filter(|_| is_hex && text.len() <= 14)
}

/// A `th` value: up to 14 digits, zeros that trail left out.
fn threshold(text: &str) -> Option<Threshold> {
    let value = hex(text)?;
    let missing = 14_u32.checked_sub(u32::try_from(text.len()).ok()?)?;
    Threshold::new(value << (4 * missing))
}

/// The `th` value of a threshold.
pub fn th(threshold: Threshold) -> String {
    let digits = format!("{:014x}", threshold.value());
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { "0" } else { digits }.to_owned()
}

fn members(trace_state: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_short = trace_state.len() <= TRACESTATE_BYTES_MAX;
    let text = if is_short { trace_state } else { "" };
    let members = text
        .split(',')
        .map(|member| member.trim_matches([' ', '\t']));
    members.filter(|member| !member.is_empty()).map(|member| {
        let pair = member.split_once('=');
        pair.unwrap_or((member, ""))
    })
}

fn fields(entry: &str) -> impl Iterator<Item = (&str, &str)> {
    entry.split(';').filter_map(|field| field.split_once(':'))
}

/// The value of a member, where the whole tracestate is well formed; by W3C a malformed one is
/// discarded as a whole.
pub(crate) fn member<'a>(trace_state: &'a str, key: &str) -> Option<&'a str> {
    let mut found = None;
    let mut seen: Vec<&str> = Vec::new();
    if trace_state.len() > TRACESTATE_BYTES_MAX {
        return None;
    }
    for (name, value) in members(trace_state) {
        let is_well = is_key(name) && is_value(value) && !seen.contains(&name);
        if !is_well || seen.len() >= TRACESTATE_MEMBERS_MAX {
            return None;
        }
        seen.push(name);
        if name == key {
            found = Some(value);
        }
    }
    found
}

fn is_key(key: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/".contains(&b);
    let is_word = |word: &str, length: usize| {
        let first = word.bytes().next();
        let is_begun = first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        is_begun && word.len() <= length && word.bytes().all(is_inner)
    };
    match key.split_once('@') {
        Some((tenant, system)) => is_word(tenant, 241) && is_word(system, 14),
        None => is_word(key, 256),
    }
}

fn is_value(value: &str) -> bool {
    let is_inner = |b: u8| (0x20..=0x7e).contains(&b) && b != b',' && b != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(is_inner) && !value.ends_with(' ')
}

/// A span's tracestate after a decision of that threshold; `None` where its share is not known,
/// for which the specification says to erase the threshold.
///
/// A threshold that is there is never lowered. Members of others and keys that are not known
/// stay. Where the entry would become too long, nothing is changed.
pub fn write(trace_state: &str, decided: Option<Threshold>) -> String {
    let before = Ot::parse(trace_state);
    let decided = decided.map(|decided| decided.max(before.threshold.unwrap_or_default()));
    let entry = members(trace_state).find_map(|(key, value)| (key == "ot").then_some(value));
    let mut parts: Vec<String> = Vec::new();
    parts.extend(decided.map(|threshold| format!("th:{}", th(threshold))));
    let kept = entry.into_iter().flat_map(|entry| entry.split(';'));
    let kept = kept.filter(|field| !field.is_empty() && !field.starts_with("th:"));
    parts.extend(kept.map(str::to_owned));
    let entry = parts.join(";");
    if entry.len() > TRACESTATE_ENTRY_BYTES_MAX || trace_state.len() > TRACESTATE_BYTES_MAX {
        return trace_state.to_owned();
    }
    // What was changed goes first (W3C, 3.3.1.4).
    let mut out = Vec::new();
    if !entry.is_empty() {
        out.push(format!("ot={entry}"));
    }
    let others = trace_state
        .split(',')
        .map(|member| member.trim_matches([' ', '\t']));
    let others = others.filter(|member| !member.is_empty() && !member.starts_with("ot="));
    out.extend(others.map(str::to_owned));
    out.truncate(TRACESTATE_MEMBERS_MAX);
    out.join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_thresholds_and_randomness() {
        for (text, threshold, randomness) in [
            ("ot=th:8", Some(0x0080_0000_0000_0000), None),
            ("ot=th:0", Some(0), None),
            (
                "a=1, ot=rv:123456789abcde;th:fd70a4 ,b=2",
                Some(0x00fd_70a4_0000_0000),
                Some(0x0012_3456_789a_bcde),
            ),
            ("ot=rv:123", None, None),
            ("ot=th:", None, None),
            ("ot=th:123456789abcdef", None, None),
            ("ot=th:xyz", None, None),
            ("", None, None),
        ] {
            let ot = Ot::parse(text);
            assert_eq!(ot.threshold.map(Threshold::value), threshold, "{text}");
            assert_eq!(ot.randomness, randomness, "{text}");
        }
    }

    #[test]
    fn writes_beside_what_others_said() {
        let half = Threshold::from_probability(0.5);
        for (text, decided, after) in [
            ("", half, "ot=th:8"),
            ("vendor=x", half, "ot=th:8,vendor=x"),
            (
                "a=1,ot=p:8;rv:0123456789abcd,b=2",
                half,
                "ot=th:8;p:8;rv:0123456789abcd,a=1,b=2",
            ),
            ("ot=th:c", half, "ot=th:c"),
            ("ot=th:4", half, "ot=th:8"),
            ("ot=th:c", Some(Threshold::ALWAYS), "ot=th:c"),
            ("ot=th:c;k1:13,a=1", None, "ot=k1:13,a=1"),
            ("ot=th:c,a=1", None, "a=1"),
        ] {
            assert_eq!(write(text, decided), after, "{text}");
        }
    }

    #[test]
    fn a_malformed_tracestate_has_no_members() {
        for (text, value) in [
            ("k=v,a=b", Some("v")),
            ("k=v,k=w", None),
            ("k=v,A=b", None),
            ("k=v,a=", None),
            ("k=v,,a=b", Some("v")),
            ("t@s=1,k=v", Some("v")),
        ] {
            assert_eq!(member(text, "k"), value, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_threshold_is_never_lowered(
            before in 0..(1_u64 << 56),
            decided in 0..(1_u64 << 56),
            others in "(,[a-z]=[0-9]){0,3}",
        ) {
            let threshold = |value| Threshold::new(value).unwrap();
            let (before, decided) = (threshold(before), threshold(decided));
            let text = format!("ot=k:1;th:{}{others}", th(before));
            let after = Ot::parse(&write(&text, Some(decided))).threshold;
            prop_assert_eq!(after, Some(before.max(decided)));
            prop_assert_eq!(Ot::parse(&write(&text, None)).threshold, None);
        }

        #[test]
        fn any_text_is_read(text in "[ -~]{0,80}", value in 0..(1_u64 << 56)) {
            let _ = (Ot::parse(&text), write(&text, Threshold::new(value)), member(&text, "k"));
        }

        #[test]
        fn a_threshold_is_read_back(value in 0..(1_u64 << 56)) {
            let threshold = Threshold::new(value).unwrap();
            prop_assert_eq!(Ot::parse(&write("a=1", Some(threshold))).threshold, Some(threshold));
        }
    }
}
