//! Delta debugging on a JSON tree: the smallest input that still fails the same way.
//!
//! Hierarchical (HDD, Misherghi and Su 2006): containers from the root down lose children by
//! ddmin (Zeller and Hildebrandt 2002), then scalars move toward the simplest value of their type.
//! Types are kept, and typed values such as `{"$decimal": ..}` are taken as a whole.
//!
//! *Limits:* at most [`SHRINK_RUNS_MAX`] questions; the same input is asked about once.

use std::collections::HashMap;

use serde_json::{Number, Value as Json};

use crate::limits::{BISECT_STEPS_MAX, SHRINK_RUNS_MAX};
use crate::python::typed;

/// What one run of a test said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Oracle {
    /// Failed for the recorded reason.
    Reproduced,
    /// Failed for another reason.
    Different,
    /// Did not fail.
    NotReproduced,
    /// Could not be run: the function cannot be imported, or the time was up.
    Unbuildable,
}

/// A place in a tree: from the root, the position of the child at each level.
pub(crate) type Path = Vec<usize>;

/// Shrinks `json`, which must reproduce, while the oracle says [`Oracle::Reproduced`].
pub fn shrink(json: &Json, oracle: &mut dyn FnMut(&Json) -> Oracle) -> Json {
    let mut search = Search {
        best: json.clone(),
        runs: 0,
        seen: HashMap::new(),
        oracle,
    };
    loop {
        let before = search.best.clone();
        search.drop_children();
        search.simplify_leaves();
        if search.best == before || search.runs >= SHRINK_RUNS_MAX {
            return search.best;
        }
    }
}

struct Search<'a> {
    best: Json,
    runs: usize,
    seen: HashMap<String, bool>,
    oracle: &'a mut dyn FnMut(&Json) -> Oracle,
}

impl Search<'_> {
    /// Takes the candidate over where it still fails the same way.
    fn accept(&mut self, candidate: Json) -> bool {
        let key = candidate.to_string();
        let known = self.seen.get(&key).copied();
        if known.is_none() && self.runs >= SHRINK_RUNS_MAX {
            return false;
        }
        let holds = known.unwrap_or_else(|| {
            self.runs += 1;
            (self.oracle)(&candidate) == Oracle::Reproduced
        });
        self.seen.insert(key, holds);
        if holds {
            self.best = candidate;
        }
        holds
    }

    /// The value at `path` replaced.
    fn try_at(&mut self, path: &[usize], value: Json) -> bool {
        let mut candidate = self.best.clone();
        match at_mut(&mut candidate, path) {
            Some(place) if *place != value => *place = value,
            _ => return false,
        }
        self.accept(candidate)
    }

    fn drop_children(&mut self) {
        let mut level: Vec<Path> = vec![Vec::new()];
        while !level.is_empty() {
            for path in &level {
                // The root holds `args` and `kwargs`, which are the shape and not the input.
                if !path.is_empty() {
                    self.ddmin(path);
                }
            }
            level = level
                .iter()
                .flat_map(|path| children(&self.best, path))
                .collect();
        }
    }

    /// Drops runs of children of one container: all of them, then halves, down to single ones.
    fn ddmin(&mut self, path: &[usize]) {
        let Some(mut len) = at(&self.best, path).map(len_of).filter(|len| *len > 0) else {
            return;
        };
        let mut chunk = len;
        while chunk > 0 {
            let mut start = 0;
            while start < len {
                let end = (start + chunk).min(len);
                let Some(rest) = at(&self.best, path).map(|json| without(json, start, end)) else {
                    return;
                };
                if self.try_at(path, rest) {
                    len -= end - start;
                } else {
                    start = end;
                }
            }
            chunk /= 2;
        }
    }

    fn simplify_leaves(&mut self) {
        for path in leaves(&self.best) {
            match at(&self.best, &path).cloned() {
                Some(Json::String(text)) => self.shorten(&path, &text),
                Some(Json::Number(number)) => self.lower(&path, &number),
                Some(Json::Bool(true)) => {
                    self.try_at(&path, false.into());
                }
                _ => {}
            }
        }
    }

    fn shorten(&mut self, path: &[usize], text: &str) {
        let mut chars: Vec<char> = text.chars().collect();
        let mut chunk = chars.len();
        while chunk > 0 {
            let mut start = 0;
            while start < chars.len() {
                let mut rest = chars.clone();
                rest.drain(start..(start + chunk).min(chars.len()));
                if self.try_at(path, rest.iter().collect::<String>().into()) {
                    chars = rest;
                } else {
                    start += chunk;
                }
            }
            chunk /= 2;
        }
    }

    /// Toward zero: zero, one, then the boundary by bisection.
    fn lower(&mut self, path: &[usize], number: &Number) {
        let Some(value) = number.as_i64() else {
            if let Some(value) = number.as_f64() {
                self.lower_float(path, value);
            }
            return;
        };
        if value == 0 || self.try_at(path, 0.into()) {
            return;
        }
        let (mut passes, mut fails) = (0_i64, value);
        if self.try_at(path, value.signum().into()) {
            return;
        }
        for _ in 0..BISECT_STEPS_MAX {
            let middle = passes.midpoint(fails);
            if middle == passes || middle == fails {
                break;
            }
            if self.try_at(path, middle.into()) {
                fails = middle;
            } else {
                passes = middle;
            }
        }
    }

    fn lower_float(&mut self, path: &[usize], value: f64) {
        for simpler in [0.0, 1.0_f64.copysign(value), value.trunc(), value.round()] {
            if simpler.abs() <= value.abs() && self.try_at(path, simpler.into()) {
                return;
            }
        }
    }
}

fn len_of(json: &Json) -> usize {
    match json {
        Json::Array(items) => items.len(),
        Json::Object(members) if typed(json).is_none() => members.len(),
        _ => 0,
    }
}

fn without(json: &Json, start: usize, end: usize) -> Json {
    let stays = |index: usize| !(start..end).contains(&index);
    match json {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .filter(|(i, _)| stays(*i))
            .map(|(_, v)| v.clone())
            .collect(),
        Json::Object(members) => Json::Object(
            members
                .iter()
                .enumerate()
                .filter(|(i, _)| stays(*i))
                .map(|(_, (k, v))| (k.clone(), v.clone()))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn child(json: &Json, index: usize) -> Option<&Json> {
    match json {
        Json::Array(items) => items.get(index),
        Json::Object(members) => members.values().nth(index),
        _ => None,
    }
}

/// The value at a path.
pub(crate) fn at<'a>(json: &'a Json, path: &[usize]) -> Option<&'a Json> {
    path.iter()
        .try_fold(json, |json, index| child(json, *index))
}

/// The value at a path, to be changed.
pub(crate) fn at_mut<'a>(json: &'a mut Json, path: &[usize]) -> Option<&'a mut Json> {
    path.iter().try_fold(json, |json, index| match json {
        Json::Array(items) => items.get_mut(*index),
        Json::Object(members) => members.values_mut().nth(*index),
        _ => None,
    })
}

fn children(json: &Json, path: &Path) -> Vec<Path> {
    let len = at(json, path).map(len_of).unwrap_or_default();
    (0..len)
        .map(|index| path.iter().copied().chain([index]).collect())
        .collect()
}

/// Paths of all scalars, in the order of the text.
pub(crate) fn leaves(json: &Json) -> Vec<Path> {
    let (mut out, mut open) = (Vec::new(), vec![Path::new()]);
    while let Some(path) = open.pop() {
        let below = children(json, &path);
        let scalar = at(json, &path).is_some_and(|v| !v.is_object() && !v.is_array());
        if scalar {
            out.push(path);
        }
        open.extend(below.into_iter().rev());
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(json: &Json, fails: impl Fn(&Json) -> bool, expect: &Json) {
        let mut runs = 0;
        let mut oracle = |json: &Json| {
            runs += 1;
            if fails(json) {
                Oracle::Reproduced
            } else {
                Oracle::NotReproduced
            }
        };
        assert_eq!(&shrink(json, &mut oracle), expect);
        assert!(runs <= SHRINK_RUNS_MAX, "{runs} runs");
    }

    #[test]
    fn keeps_what_matters_and_drops_the_rest() {
        check(
            &json!({"args": [], "kwargs": {"a": {"x": 7, "y": "long text"}, "b": [1, 2, 3]}}),
            |json| json.pointer("/kwargs/a/x").is_some(),
            &json!({"args": [], "kwargs": {"a": {"x": 0}}}),
        );
    }

    #[test]
    fn finds_boundaries() {
        let fails = |json: &Json| json["kwargs"]["n"].as_i64().is_some_and(|n| n >= 37);
        let boundary = json!({"args": [], "kwargs": {"n": 37}});
        check(
            &json!({"args": [], "kwargs": {"n": 4500}}),
            fails,
            &boundary,
        );
        let fails = |json: &Json| json["kwargs"]["n"].as_i64().is_some_and(|n| n < 0);
        let least = json!({"args": [], "kwargs": {"n": -1}});
        check(&json!({"args": [], "kwargs": {"n": -4500}}), fails, &least);
        let fails = |json: &Json| {
            json["kwargs"]["s"]
                .as_str()
                .is_some_and(|s| s.contains('ü'))
        };
        let least = json!({"args": [], "kwargs": {"s": "ü"}});
        check(
            &json!({"args": [], "kwargs": {"s": "a long üser name"}}),
            fails,
            &least,
        );
    }

    #[test]
    fn typed_values_stay_whole() {
        let value = json!({"args": [{"$decimal": "1.20"}], "kwargs": {}});
        check(
            &value,
            |json| json.pointer("/args/0/$decimal").is_some(),
            &value,
        );
    }

    proptest! {
        #[test]
        fn the_result_still_fails_and_is_no_larger(
            items in proptest::collection::vec(-50_i64..50, 1..12),
            needle in 0_usize..12,
        ) {
            let wanted = items[needle % items.len()];
            let json = json!({"args": [items], "kwargs": {}});
            let holds = |json: &Json| {
                json["args"][0].as_array().is_some_and(|a| a.contains(&wanted.into()))
            };
            let small = shrink(&json, &mut |json| {
                if holds(json) { Oracle::Reproduced } else { Oracle::Different }
            });
            prop_assert!(holds(&small));
            prop_assert_eq!(small["args"][0].as_array().map(Vec::len), Some(1));
        }
    }
}
