//! Canaries: values that must never arrive, looked for in every spelling they may come in.

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{AhoCorasick, Anchored};
use cordon_event::{Event, Raw, Value};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use zeroize::Zeroizing;

use crate::{Clean, PolicyError};

/// Fewest letters and digits of a canary that is also looked for spaced out or backwards.
const SQUEEZED_CHARS_MIN: usize = 8;
/// Shortest part of an encoded canary that is looked for.
const ENCODED_CHARS_MIN: usize = 6;

/// Bytes of squeezed canaries up to which one table holds all of them.
const TABLE_BYTES_MAX: usize = 16 << 10;

/// The canaries of a policy, compiled. Looking for them takes one or two steps a byte, however many
/// there are, and no memory.
#[derive(Debug, Default)]
pub(crate) struct Canaries {
    /// As they may stand in a text: as is, base64 at three alignments, hex, escaped.
    spelled: Option<AhoCorasick>,
    /// As letters and digits alone, in lower case, forwards and backwards.
    squeezed: Option<Squeezed>,
}

impl Canaries {
    pub(crate) fn new(canaries: &[String]) -> Result<Self, PolicyError> {
        let spelled: Zeroizing<Vec<String>> =
            Zeroizing::new(canaries.iter().flat_map(|c| disguises(c)).collect());
        let squeezed: Zeroizing<Vec<String>> =
            Zeroizing::new(canaries.iter().flat_map(|c| squeezes(c)).collect());
        let built = (!spelled.is_empty()).then(|| AhoCorasick::new(spelled.iter()));
        let spelled = built.transpose().map_err(|_| PolicyError::Canaries)?;
        Ok(Self {
            spelled,
            squeezed: Squeezed::new(&squeezed)?,
        })
    }

    /// Whether a canary stands in the text, in some disguise.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        let spelled = self.spelled.as_ref();
        spelled.is_some_and(|spelled| spelled.is_match(text))
            // Spaced out, in another case, or backwards.
            || self.squeezed.as_ref().is_some_and(|squeezed| squeezed.stand_in(text))
    }
}

/// An automaton over a text's letters and digits, stepped without copying them.
#[derive(Debug)]
enum Squeezed {
    /// Few: a table.
    Few(DFA),
    /// Many: less memory, more steps.
    Many(NFA),
}

impl Squeezed {
    fn new(canaries: &[String]) -> Result<Option<Self>, PolicyError> {
        if canaries.is_empty() {
            return Ok(None);
        }
        let bytes: usize = canaries.iter().map(String::len).sum();
        let built = if bytes <= TABLE_BYTES_MAX {
            DFA::new(canaries).map(Self::Few)
        } else {
            NFA::new(canaries).map(Self::Many)
        };
        built.map(Some).map_err(|_| PolicyError::Canaries)
    }

    fn stand_in(&self, text: &str) -> bool {
        match self {
            Self::Few(automaton) => walk(automaton, text),
            Self::Many(automaton) => walk(automaton, text),
        }
    }
}

/// Whether a pattern is met on the letters and digits of the text, in lower case.
fn walk(automaton: &impl Automaton, text: &str) -> bool {
    let Ok(mut state) = automaton.start_state(Anchored::No) else {
        return false;
    };
    let mut met = |byte: u8| {
        state = automaton.next_state(Anchored::No, state, byte);
        automaton.is_match(state)
    };
    if text.is_ascii() {
        let mut letters = text.bytes().filter(u8::is_ascii_alphanumeric);
        return letters.any(|b| met(b.to_ascii_lowercase()));
    }
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).any(|c| {
        let mut utf8 = [0; 4];
        c.encode_utf8(&mut utf8).bytes().any(&mut met)
    })
}

/// Looks for canaries one by one, in every spelling that redaction looks for them in.
pub struct CanaryWatch(Vec<Canaries>);

impl CanaryWatch {
    /// Watches for these canaries; one of several parts is found by any of them.
    pub fn new(canaries: &[Vec<Raw<String>>]) -> Result<Self, PolicyError> {
        let one = |canary: &Vec<Raw<String>>| {
            let parts = canary.iter().map(|part| part.expose_raw().clone());
            Canaries::new(&Zeroizing::new(parts.collect::<Vec<_>>()))
        };
        canaries.iter().map(one).collect::<Result<_, _>>().map(Self)
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
        let groups = [event.attributes.as_slice(), &event.resource, &event.scope];
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

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "Tulip-Garden/7Zq9";

    fn check(canaries: &[&str], text: &str) -> bool {
        let canaries: Vec<String> = canaries.iter().map(|c| (*c).to_owned()).collect();
        Canaries::new(&canaries).unwrap().stand_in(text)
    }

    #[test]
    fn a_canary_is_found_in_its_disguises() {
        let spaced: String = CANARY.chars().flat_map(|c| [c, ' ']).collect();
        let backwards: String = CANARY.to_uppercase().chars().rev().collect();
        let base64 = data_encoding::BASE64.encode(format!("xy{CANARY}z").as_bytes());
        for text in [
            CANARY,
            &spaced,
            &backwards,
            &base64,
            "«TULIP» — garden: 7zq9",
        ] {
            assert!(
                check(&["other-canary-1", CANARY], &format!("a {text} b")),
                "{text}"
            );
        }
        for text in ["tulip garden", "Tulip-Garden/7Zq", "", "tulipéGarden7Zq9"] {
            assert!(!check(&[CANARY], text), "{text}");
        }
        assert!(!check(&[], CANARY) && !check(&[""], "x"));
        // Too short to be looked for spaced out.
        assert!(check(&["Ab-7"], "xAb-7x") && !check(&["Ab-7"], "a b 7"));
    }

    #[test]
    fn many_are_found_as_few_are() {
        let many: Vec<String> = (0..2_000)
            .map(|n| format!("canary-of-tulips-{n:05}"))
            .collect();
        let canaries = Canaries::new(&many).unwrap();
        assert!(matches!(canaries.squeezed, Some(Squeezed::Many(_))));
        assert!(canaries.stand_in("CANARY of tulips: 01999"));
        assert!(!canaries.stand_in("CANARY of tulips: 02000"));
    }
}
