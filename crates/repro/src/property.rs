//! Lifting: where the failing value stands for a class of values, the class.

use serde_json::Value as Json;

use crate::limits::PROPERTY_LEAVES_MAX;
use crate::python;
use crate::shrink::{Oracle, Path, at, at_mut, leaves};

/// A class of values at one place of the arguments, all of which failed when probed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Property {
    /// Where, in `{"args": [..], "kwargs": {..}}`.
    pub(crate) path: Path,
    /// Hypothesis strategy that draws the class.
    pub(crate) strategy: String,
    /// The class in words.
    pub(crate) words: String,
}

/// Finds the first place whose value generalises in the minimal arguments.
///
/// Values that shrinking could bring to zero or nothing do not matter to the failure and are left
/// alone.
pub(crate) fn lift(json: &Json, oracle: &mut dyn FnMut(&Json) -> Oracle) -> Option<Property> {
    let essential = leaves(json)
        .into_iter()
        .filter(|path| at(json, path).is_some_and(matters));
    for path in essential.take(PROPERTY_LEAVES_MAX) {
        let Some(class) = at(json, &path).and_then(class_of) else {
            continue;
        };
        let all = class.probes.into_iter().all(|probe| {
            let mut candidate = json.clone();
            if let Some(place) = at_mut(&mut candidate, &path) {
                *place = probe;
            }
            oracle(&candidate) == Oracle::Reproduced
        });
        if all {
            return Some(Property {
                path,
                strategy: class.strategy,
                words: class.words,
            });
        }
    }
    None
}

fn matters(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        _ => false,
    }
}

struct Class {
    probes: Vec<Json>,
    strategy: String,
    words: String,
}

fn class_of(json: &Json) -> Option<Class> {
    match json {
        Json::Number(number) => {
            if let Some(n) = number.as_i64() {
                return integers(n);
            }
            floats(number.as_f64()?)
        }
        Json::String(text) => Some(strings(text)),
        _ => None,
    }
}

fn integers(n: i64) -> Option<Class> {
    let far = n.checked_mul(10)?.checked_add(1000 * n.signum())?;
    let step = n.signum();
    let probes = vec![
        n.checked_add(step)?.into(),
        n.checked_add(7 * step)?.into(),
        far.into(),
    ];
    let (strategy, words) = if n < 0 {
        (
            format!("st.integers(min_value={far}, max_value={n})"),
            format!("integers up to {n}"),
        )
    } else {
        (
            format!("st.integers(min_value={n}, max_value={far})"),
            format!("integers from {n}"),
        )
    };
    Some(Class {
        probes,
        strategy,
        words,
    })
}

fn floats(n: f64) -> Option<Class> {
    let far = n * 10.0 + 1000.0_f64.copysign(n);
    if !far.is_finite() {
        return None;
    }
    let probes = vec![(n * 1.5).into(), (n * 3.0).into(), far.into()];
    let (low, high) = if n < 0.0 { (far, n) } else { (n, far) };
    let strategy = format!("st.floats(min_value={low:?}, max_value={high:?})");
    Some(Class {
        probes,
        strategy,
        words: format!("numbers from {low} to {high}"),
    })
}

/// Texts that hold the essential one.
fn strings(text: &str) -> Class {
    let probes = ["a", "Zo\u{eb} 9", "--"]
        .map(|s| format!("{s}{text}{s}").into())
        .to_vec();
    let literal = python::string(text);
    let strategy = format!("st.text(max_size=20).map(lambda text: text + {literal})");
    Class {
        probes,
        strategy,
        words: format!("texts that hold {literal}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(n: i64, fails: impl Fn(i64) -> bool) -> Option<String> {
        let json = json!({"args": [], "kwargs": {"other": 0, "n": n}});
        lift(&json, &mut |json| {
            let fails = json["kwargs"]["n"].as_i64().is_some_and(&fails);
            if fails {
                Oracle::Reproduced
            } else {
                Oracle::NotReproduced
            }
        })
        .map(|property| property.words)
    }

    #[test]
    fn a_half_line_is_a_class_and_a_point_is_not() {
        assert_eq!(check(-1, |n| n < 0).as_deref(), Some("integers up to -1"));
        assert_eq!(check(37, |n| n >= 37).as_deref(), Some("integers from 37"));
        assert_eq!(check(500, |n| n == 500), None);
    }
}
