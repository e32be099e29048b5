//! What is new and frequent though nothing says whether it is bad.

use std::collections::BTreeMap;

use cordon_event::Severity;
use cordon_fingerprint::Merged;

use super::judge::Scene;
use super::onset::shift;
use super::problem::{Problem, Subject};
use super::trouble::Weight;
use crate::incident::names::Name;

/// Share of the lines since then, at least.
const SHARE_MIN: f64 = 0.02;
/// Lines, at least.
const COUNT_MIN: usize = 20;
/// How sure its beginning is, at least.
const RATIO_MIN: f64 = 40.0;

/// Whether a problem of doubtful weight is so frequent that it is told.
pub(super) fn is_frequent(problem: &Problem) -> bool {
    let told = problem.shift.is_some_and(|shift| {
        shift.before == 0.0 && shift.after >= SHARE_MIN && shift.ratio >= RATIO_MIN
    });
    told && problem.count() >= COUNT_MIN
}

/// The most frequent template that came never before, whose level is not known.
pub(super) fn find(scene: &Scene<'_>, merged: &Merged) -> Option<Problem> {
    let gathered = scene.gathered;
    let mut templates: BTreeMap<usize, Problem> = BTreeMap::new();
    for (place, record) in gathered.records.iter().enumerate() {
        let sort = gathered.sorts.get(record.sort as usize)?;
        if sort.key.severity != Severity(0) || sort.key.status > 0 {
            continue;
        }
        let template = merged.place(sort.key.shape)?;
        let problem = templates.entry(template).or_insert_with(|| Problem {
            subject: Subject::Message,
            text: merged.of(sort.key.shape).text.clone(),
            fault: Name::NONE,
            trouble: None,
            weight: Weight::Hint,
            severity: Severity(0),
            places: Vec::new(),
            components: BTreeMap::new(),
            sorts: vec![record.sort],
            shift: None,
            episodes: Vec::new(),
        });
        problem.places.push(place as u32);
        *problem.components.entry(sort.key.component).or_default() += 1;
    }
    let lines = gathered.records.len();
    let mut found: Vec<Problem> = templates
        .into_values()
        .filter(|problem| problem.places.len() >= COUNT_MIN)
        .filter_map(|mut problem| {
            let shift = shift(&problem.places, lines)?;
            let new = shift.before == 0.0 && !shift.ended;
            problem.shift = Some(shift);
            (new && shift.after >= SHARE_MIN && shift.ratio >= RATIO_MIN).then_some(problem)
        })
        .collect();
    found.sort_by_key(|problem| std::cmp::Reverse(problem.places.len()));
    found.into_iter().next()
}
