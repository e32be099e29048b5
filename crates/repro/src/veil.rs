//! Stand-ins for the recorded texts themselves: same length, same classes of characters.
//!
//! *Why so:* redaction replaces what it recognises; what it does not is still somebody's data. A
//! test keeps a recorded text only where the failure needs it.
//!
//! A stand-in depends on where its text first stands and not on the text, so that it cannot be
//! compared with a guess; equal texts stay equal. Keys of mappings and typed numbers and dates are
//! part of the call's shape and stay.

use serde_json::Value as Json;

use crate::limits::VEIL_RUNS_MAX;
use crate::python::typed;
use crate::shrink::Oracle;
use crate::synthetic::{self, Form};

/// Longest text that is taken for a code where nothing was run.
const CODE_CHARS_MAX: usize = 24;

/// Texts of the recorded arguments, each with its number in the order of the tree.
pub(crate) fn texts(recorded: &Json) -> Vec<String> {
    let mut found = Vec::new();
    veiled(recorded, Form::Natural, &mut |_, text| {
        found.push(text.to_owned());
        false
    });
    found
}

/// Whether a text of an unverified test is veiled: long ones and such with blanks may say
/// something, short codes mostly steer.
pub(crate) fn is_prose(text: &str) -> bool {
    text.chars().count() > CODE_CHARS_MAX || text.contains(char::is_whitespace)
}

/// The recorded arguments with stand-ins for pseudonyms, and for the texts that `covers` names.
pub(crate) fn veiled(
    recorded: &Json,
    form: Form,
    covers: &mut dyn FnMut(usize, &str) -> bool,
) -> Json {
    let mut veil = Veil {
        form,
        covers,
        seen: Vec::new(),
        count: 0,
    };
    let mut json = recorded.clone();
    veil.cover(&mut json, Alphabet::Text);
    json
}

/// Numbers of the texts that can be veiled while the failure stays; those of all, where it can.
/// Halves are tried until single ones are left, within [`VEIL_RUNS_MAX`] runs.
pub(crate) fn coverable(count: usize, fails: &mut dyn FnMut(&[usize]) -> Oracle) -> Vec<usize> {
    let mut covered: Vec<usize> = Vec::new();
    let mut open: Vec<Vec<usize>> = vec![(0..count).collect()];
    let mut runs = 0;
    while let Some(group) = open.pop().filter(|_| runs < VEIL_RUNS_MAX) {
        if group.is_empty() {
            continue;
        }
        runs += 1;
        let with: Vec<usize> = covered.iter().chain(&group).copied().collect();
        if fails(&with) == Oracle::Reproduced {
            covered = with;
        } else if group.len() > 1 {
            let (left, right) = group.split_at(group.len() / 2);
            open.extend([right.to_vec(), left.to_vec()]);
        }
    }
    covered
}

/// How many texts of the arguments are a recorded one of these, or what shrinking left of it.
pub(crate) fn count_kept(arguments: &Json, kept: &[String]) -> usize {
    let left_of = |text: &str| {
        kept.iter().any(|whole| {
            let mut chars = whole.chars();
            text.chars().all(|c| chars.any(|other| other == c))
        })
    };
    texts(arguments).iter().filter(|text| left_of(text)).count()
}

/// Letters that a stand-in is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Text,
    Hexadecimal,
}

struct Veil<'a> {
    form: Form,
    covers: &'a mut dyn FnMut(usize, &str) -> bool,
    /// Distinct texts, in the order of their first places.
    seen: Vec<String>,
    count: usize,
}

impl Veil<'_> {
    fn cover(&mut self, json: &mut Json, alphabet: Alphabet) {
        let tag = typed(json).map(|(tag, _)| tag.to_owned());
        let alphabet = match tag.as_deref() {
            Some("$uuid" | "$bytes") => Alphabet::Hexadecimal,
            Some("$decimal" | "$float" | "$date" | "$datetime") => {
                synthetic::replace(json, self.form);
                return;
            }
            _ => alphabet,
        };
        match json {
            Json::String(_) => self.text(json, alphabet),
            Json::Array(items) => items.iter_mut().for_each(|item| self.cover(item, alphabet)),
            Json::Object(members) => {
                for (key, mut value) in std::mem::take(members) {
                    let (key, _) = synthetic::replace_text(&key, Form::Natural);
                    self.cover(&mut value, alphabet);
                    members.insert(key, value);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, json: &mut Json, alphabet: Alphabet) {
        let recorded = json.as_str().unwrap_or_default().to_owned();
        let mut says = false;
        synthetic::replace_with(&recorded, self.form, &mut |plain| {
            says |= plain.contains(char::is_alphanumeric);
            plain.to_owned()
        });
        let number = self.count;
        // Nothing but pseudonyms and marks says nothing of its own.
        self.count += usize::from(says);
        if !says || !(self.covers)(number, &recorded) {
            synthetic::replace(json, self.form);
            return;
        }
        let place = self.seen.iter().position(|text| *text == recorded);
        let place = place.unwrap_or_else(|| {
            self.seen.push(recorded.clone());
            self.seen.len() - 1
        });
        let hexadecimal = alphabet == Alphabet::Hexadecimal || is_hexadecimal(&recorded);
        let mut state = synthetic::hash(&format!("text {place}"));
        let (text, _) = synthetic::replace_with(&recorded, self.form, &mut |plain| {
            plain
                .chars()
                .map(|c| stand_in(c, hexadecimal, &mut state))
                .collect()
        });
        *json = Json::String(text);
    }
}

/// Whether the text is digits of base 16 in groups, such as an identifier.
fn is_hexadecimal(text: &str) -> bool {
    text.len() >= 8
        && text.contains(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn stand_in(c: char, hexadecimal: bool, state: &mut u64) -> char {
    // Knuth's MMIX generator; its high bits are the good ones.
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let pick = |from: &str| {
        let count = u64::try_from(from.chars().count()).unwrap_or(1).max(1);
        let at = usize::try_from((*state >> 33) % count).unwrap_or_default();
        from.chars().nth(at).unwrap_or(c)
    };
    match c {
        'a'..='f' if hexadecimal => pick("abcdef"),
        'A'..='F' if hexadecimal => pick("ABCDEF"),
        '0'..='9' => pick("0123456789"),
        'a'..='z' => pick("abcdefghijklmnopqrstuvwxyz"),
        'A'..='Z' => pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        _ if c.is_ascii() => c,
        _ if c.is_lowercase() => pick("\u{e0}\u{e9}\u{f6}\u{fc}"),
        _ if c.is_uppercase() => pick("\u{c0}\u{c9}\u{d6}\u{dc}"),
        // Letters without case, as of Chinese.
        _ if c.is_alphabetic() => pick("\u{4e00}\u{4e8c}\u{4e09}\u{56db}"),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(json: &Json) -> Json {
        veiled(json, Form::Natural, &mut |_, _| true)
    }

    #[test]
    fn a_stand_in_keeps_length_and_classes_and_nothing_else() {
        let recorded = json!({"kwargs": {
            "diagnosis": "HIV positive stage 2", "again": "HIV positive stage 2",
            "tags": {"$tuple": ["Zoë", "北京"]}, "price": {"$decimal": "1.20"}, "n": 3,
            "id": {"$uuid": "12345678-1234-5678-1234-567812345678"}, "mark": "--",
        }});
        let veiled = &all(&recorded)["kwargs"];
        let text = veiled["diagnosis"].as_str().unwrap();
        assert!(text.chars().count() == 20 && !text.contains("HIV") && !text.contains("positive"));
        let classes = |text: &str| -> Vec<(bool, bool, bool)> {
            let class = |c: char| (c.is_uppercase(), c.is_numeric(), c.is_whitespace());
            text.chars().map(class).collect()
        };
        assert_eq!(classes(text), classes("HIV positive stage 2"));
        assert_eq!(veiled["again"], veiled["diagnosis"]);
        assert_eq!(
            veiled["tags"]["$tuple"][0]
                .as_str()
                .unwrap()
                .chars()
                .count(),
            3
        );
        assert_ne!(veiled["tags"], recorded["kwargs"]["tags"]);
        assert_ne!(veiled["id"], recorded["kwargs"]["id"]);
        let id = veiled["id"]["$uuid"].as_str().unwrap();
        assert!(id.len() == 36 && is_hexadecimal(id));
        for same in ["price", "n", "mark"] {
            assert_eq!(veiled[same], recorded["kwargs"][same]);
        }
    }

    #[test]
    fn a_stand_in_tells_nothing_of_its_text() {
        assert_eq!(all(&json!(["gold"])), all(&json!(["iron"])));
    }

    #[test]
    fn pseudonyms_keep_their_kind() {
        let tail = "mfrggzdfmztwq2lknnwg";
        let veiled = all(&json!([
            format!("email_{tail}"),
            format!("to email_{tail}")
        ]));
        let email = veiled[0].as_str().unwrap();
        assert!(email.ends_with("@example.com"));
        assert!(veiled[1].as_str().unwrap().ends_with(email));
        assert!(!veiled[1].as_str().unwrap().starts_with("to "));
    }

    #[test]
    fn what_the_failure_needs_is_found() {
        for needed in 0..9 {
            let mut runs = 0;
            let covered = coverable(9, &mut |numbers| {
                runs += 1;
                if numbers.contains(&needed) {
                    Oracle::Different
                } else {
                    Oracle::Reproduced
                }
            });
            assert!(covered.len() == 8 && !covered.contains(&needed) && runs <= 10);
        }
    }

    #[test]
    fn what_shrinking_left_of_a_kept_text_counts() {
        let kept = ["gold card".to_owned()];
        assert_eq!(count_kept(&json!(["gd", "x", "", 1]), &kept), 1);
    }
}
