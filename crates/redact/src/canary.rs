//! Canaries: values that must never arrive, looked for in every spelling they may come in.

use cordon_event::{Event, Raw, Value};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use zeroize::Zeroizing;

use crate::Clean;

/// Fewest letters and digits of a canary that is also looked for spaced out or backwards.
const SQUEEZED_CHARS_MIN: usize = 8;
/// Shortest part of an encoded canary that is looked for.
const ENCODED_CHARS_MIN: usize = 6;

/// The canaries of a policy, spelled out.
#[derive(Debug, Default)]
pub(crate) struct Canaries {
    /// As they may stand in a text: as is, base64 at three alignments, hex, escaped.
    spelled: Vec<String>,
    /// As letters and digits alone, in lower case, forwards and backwards.
    squeezed: Vec<String>,
}

impl Canaries {
    pub(crate) fn new(canaries: &[String]) -> Self {
        Self {
            spelled: canaries.iter().flat_map(|c| disguises(c)).collect(),
            squeezed: canaries.iter().flat_map(|c| squeezes(c)).collect(),
        }
    }

    /// Whether a canary stands in the text, in some disguise.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        if self.spelled.is_empty() {
            return false;
        }
        self.spelled.iter().any(|c| text.contains(c.as_str())) || {
            // Spaced out, in another case, or backwards.
            let letters = squeezed(text);
            self.squeezed.iter().any(|c| letters.contains(c.as_str()))
        }
    }
}

/// Looks for canaries one by one, in every spelling that redaction looks for them in.
pub struct CanaryWatch(Vec<Canaries>);

impl CanaryWatch {
    /// Watches for these canaries; one of several parts is found by any of them.
    pub fn new(canaries: &[Vec<Raw<String>>]) -> Self {
        let parts = |canary: &Vec<Raw<String>>| -> Zeroizing<Vec<String>> {
            Zeroizing::new(
                canary
                    .iter()
                    .map(|part| part.expose_raw().clone())
                    .collect(),
            )
        };
        Self(canaries.iter().map(|c| Canaries::new(&parts(c))).collect())
    }

    /// Numbers of the canaries that stand in the text, in the order that they were given in.
    pub fn hits(&self, text: &Raw<String>) -> Vec<usize> {
        self.within(text.expose_raw())
    }

    /// As [`CanaryWatch::hits`], anywhere in an event that was admitted.
    pub fn hits_in(&self, event: &Clean<Event>) -> Vec<usize> {
        let event = event.get();
        let mut texts = vec![event.name.as_str(), event.trace_state.as_str()];
        texts_of(&event.body, &mut texts);
        let groups = [&event.attributes, &event.resource, &event.scope];
        for (key, value) in groups.into_iter().flatten() {
            texts.push(key);
            texts_of(value, &mut texts);
        }
        let mut all: Vec<usize> = texts.into_iter().flat_map(|t| self.within(t)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn within(&self, text: &str) -> Vec<usize> {
        let hit = |(i, canary): (usize, &Canaries)| canary.stand_in(text).then_some(i);
        self.0.iter().enumerate().filter_map(hit).collect()
    }
}

/// Every text in a value, names included.
fn texts_of<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, out)),
        Value::Map(pairs) => {
            for (key, value) in pairs {
                out.push(key);
                texts_of(value, out);
            }
        }
        _ => {}
    }
}

/// Letters and digits alone, in lower case.
fn squeezed(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// A canary's letters and digits, forwards and backwards.
fn squeezes(canary: &str) -> Vec<String> {
    let letters = squeezed(canary);
    if letters.chars().count() < SQUEEZED_CHARS_MIN {
        return Vec::new();
    }
    let backwards = letters.chars().rev().collect();
    vec![letters, backwards]
}

/// The spellings under which a canary is looked for.
fn disguises(canary: &str) -> Vec<String> {
    if canary.is_empty() {
        return Vec::new();
    }
    let bytes = canary.as_bytes();
    let percent: String = bytes
        .iter()
        .flat_map(|byte| [String::from("%"), HEXUPPER.encode(&[*byte])])
        .collect();
    let escaped: String = canary
        .encode_utf16()
        .flat_map(|unit| [String::from("\\u"), HEXLOWER.encode(&unit.to_be_bytes())])
        .collect();
    let mut all = vec![
        canary.to_owned(),
        HEXLOWER.encode(bytes),
        HEXUPPER.encode(bytes),
        percent.to_ascii_lowercase(),
        percent,
        escaped,
        canary
            .encode_utf16()
            .flat_map(|unit| [char::from(unit as u8), '\0'])
            .collect(),
    ];
    for shift in 0..3_usize {
        let mut padded = vec![0; shift];
        padded.extend_from_slice(bytes);
        // Characters that depend on what stands before or after are left out.
        let skip = [0, 2, 3].get(shift).copied().unwrap_or(0);
        let keep = padded.len() / 3 * 4;
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = encoding.encode(&padded);
            all.extend(
                text.get(skip..keep)
                    .filter(|t| t.len() >= ENCODED_CHARS_MIN)
                    .map(str::to_owned),
            );
        }
    }
    all.sort();
    all.dedup();
    all
}
