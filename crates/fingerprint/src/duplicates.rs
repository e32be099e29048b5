//! Near duplicates: groups of one failure that got two ids.
//!
//! A trace that was cut before its causes, a project that was found at another depth: then the id
//! differs, and the frames do not. The in-app frames of two groups are aligned (the heaviest
//! common subsequence); a frame weighs the more, the nearer it is to where it was raised and the
//! fewer groups have it. What weighs at least [`SHARE_MIN`] of the heavier side is one failure.
//!
//! *Invariants:* only groups of one language, whose exceptions have the same types (or the same as
//! far as the shorter chain goes), and whose innermost in-app frames are alike are ever merged. The
//! result is a function of the set of groups: neither order nor repetition changes it.
//!
//! *Limits:* the first [`GROUPS_COUNT_MAX`] groups by id, [`FRAMES_COUNT_MAX`] frames of each: at
//! most half of the product of their squares in steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{Group, GroupKind, in_line};
use crate::key;
use crate::model::{Frame, Language};

/// Groups that are compared.
pub const GROUPS_COUNT_MAX: usize = 512;
/// In-app frames of a group that are compared.
const FRAMES_COUNT_MAX: usize = 24;
/// Least share of the weight that has to be common.
const SHARE_MIN: f64 = 0.75;
/// Weight of a frame relative to the one above it.
const DECAY: f64 = 0.7;
/// How much of a frame is common where the function is the same and the module is not.
const MODULE_DIFFERS: f64 = 0.8;

/// What of a group is compared.
struct Shape<'a> {
    id: &'a str,
    language: Option<Language>,
    types: Vec<&'a str>,
    names: Vec<(String, &'a Frame)>,
}

/// Into which group each is to be merged, by id; of several the one with the smallest id.
pub fn merges(groups: &[Group]) -> BTreeMap<String, String> {
    let distinct: BTreeMap<&str, &Group> = groups
        .iter()
        .filter(|group| group.kind == GroupKind::Exception)
        .map(|group| (group.id.as_str(), group))
        .collect();
    let shapes: Vec<Shape<'_>> = distinct
        .into_values()
        .take(GROUPS_COUNT_MAX)
        .map(shape)
        .collect();
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for shape in &shapes {
        let names: BTreeSet<&str> = shape.names.iter().map(|(name, _)| name.as_str()).collect();
        for name in names {
            *holders.entry(name).or_default() += 1;
        }
    }
    let rarity = |name: &str| {
        let holders = holders.get(name).copied().unwrap_or(1);
        (1.0 + count(shapes.len()) / count(holders)).ln()
    };
    let mut merged = BTreeMap::new();
    let mut kept: Vec<&Shape<'_>> = Vec::new();
    for shape in &shapes {
        let into = kept.iter().find(|other| alike(other, shape, &rarity));
        match into {
            Some(other) => {
                merged.insert(shape.id.to_owned(), other.id.to_owned());
            }
            None => kept.push(shape),
        }
    }
    merged
}

/// A small count as a weight.
fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn shape(group: &Group) -> Shape<'_> {
    let types = group
        .chain
        .iter()
        .filter(|link| in_line(link))
        .map(|link| link.exception_type.as_str())
        .collect();
    let own = group.frames.iter().filter(|frame| frame.in_app);
    let names = own
        .map(|frame| (key::name(frame), frame))
        .filter(|(name, _)| !name.is_empty())
        .take(FRAMES_COUNT_MAX)
        .collect();
    Shape {
        id: &group.id,
        language: group.language,
        types,
        names,
    }
}

/// Whether two groups are one failure.
fn alike(a: &Shape<'_>, b: &Shape<'_>, rarity: &impl Fn(&str) -> f64) -> bool {
    let shorter = a.types.len().min(b.types.len());
    let same_types = shorter > 0 && a.types.iter().zip(&b.types).all(|(a, b)| a == b);
    let tops = a.names.first().zip(b.names.first());
    let same_top = tops.is_some_and(|(a, b)| common(a, b) > 0.0);
    if a.language != b.language || !same_types || !same_top {
        return false;
    }
    let weights = |shape: &Shape<'_>| -> Vec<f64> {
        let mut position = 1.0;
        let weigh = |(name, _): &(String, &Frame)| {
            let weight = position * rarity(name);
            position *= DECAY;
            weight
        };
        shape.names.iter().map(weigh).collect()
    };
    let (of_a, of_b) = (weights(a), weights(b));
    let whole: f64 = of_a.iter().sum::<f64>().max(of_b.iter().sum());
    // Heaviest common subsequence, row by row.
    let mut row = vec![0.0_f64; b.names.len() + 1];
    for (x, weight_x) in a.names.iter().zip(&of_a) {
        let mut next = Vec::with_capacity(row.len());
        let mut left = 0.0_f64;
        next.push(left);
        for ((y, weight_y), pair) in b.names.iter().zip(&of_b).zip(row.windows(2)) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => (0.0, 0.0),
            };
            let both = diagonal + common(x, y) * weight_x.min(*weight_y);
            left = left.max(above).max(both);
            next.push(left);
        }
        row = next;
    }
    row.last()
        .is_some_and(|common| *common >= SHARE_MIN * whole)
}

/// How much two frames have in common, from 0 to 1.
fn common(a: &(String, &Frame), b: &(String, &Frame)) -> f64 {
    if a.0 == b.0 {
        return 1.0;
    }
    let named = !a.1.function.is_empty() && a.1.function == b.1.function;
    let file = |frame: &Frame| frame.file.rsplit('/').next().map(str::to_owned);
    if named && file(a.1) == file(b.1) {
        return MODULE_DIFFERS;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{group_trace, parse_trace};

    fn python(frames: &[(&str, &str)], kind: &str, before: &str) -> Group {
        let frames: String = frames
            .iter()
            .map(|(file, function)| format!("  File \"{file}\", line 3, in {function}\n    x\n"))
            .collect();
        let text = format!("{before}Traceback (most recent call last):\n{frames}{kind}: no\n");
        group_trace(&parse_trace(&text).unwrap())
    }

    const CAUSE: &str = "Traceback (most recent call last):\n  \
                         File \"/app/db.py\", line 1, in one\n\
                         KeyError: 1\n\nThe above exception was the direct cause of the following \
                         exception:\n\n";

    #[test]
    fn a_chain_that_was_cut_is_the_same_failure() {
        let frames = [("/app/main.py", "main"), ("/app/cart.py", "charge")];
        let whole = python(&frames, "CartError", CAUSE);
        let cut = python(&frames, "CartError", "");
        assert_ne!(whole.id, cut.id);
        let (a, b) = (
            whole.id.clone().min(cut.id.clone()),
            whole.id.clone().max(cut.id.clone()),
        );
        let expected = BTreeMap::from([(b, a)]);
        assert_eq!(merges(&[whole.clone(), cut.clone()]), expected);
        assert_eq!(merges(&[cut.clone(), whole.clone(), cut]), expected);
    }

    /// Helpers that many failures have weigh little, and are still not each other.
    #[test]
    fn the_innermost_frames_have_to_be_alike() {
        let shared = |at: usize| {
            (
                ["/app/p.py", "/app/q.py", "/app/r.py", "/app/s.py"][at],
                "run",
            )
        };
        let long = |top| {
            python(
                &[shared(3), shared(2), shared(1), shared(0), top],
                "CartError",
                "",
            )
        };
        let tops = [("/app/x.py", "first"), ("/app/y.py", "second")];
        let mut groups = vec![long(tops[0]), long(tops[1])];
        for at in 0..20 {
            let kind = format!("Other{at}Error");
            groups.push(python(&[tops[at % 2]], &kind, ""));
        }
        assert_eq!(merges(&groups), BTreeMap::new());
    }

    #[test]
    fn other_failures_are_kept_apart() {
        let main = ("/app/main.py", "main");
        let groups = [
            python(&[main, ("/app/cart.py", "charge")], "CartError", ""),
            python(&[main, ("/app/cart.py", "refund")], "CartError", ""),
            python(&[main, ("/app/cart.py", "charge")], "ValueError", ""),
            python(
                &[main, ("/app/cart.py", "charge"), ("/app/cart.py", "total")],
                "CartError",
                "",
            ),
        ];
        assert_eq!(merges(&groups), BTreeMap::new());
    }
}
