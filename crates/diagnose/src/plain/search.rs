//! Places in the code, and the commit that touched them: the exceptions of a log as a small case.

use std::collections::HashMap;

use cordon_event::Severity;

use super::gather::Gathered;
use super::report::{Report, Verdict};
use crate::incident::case::Log;
use crate::incident::names::Name;
use crate::incident::{self, Case, Repository, Side};

/// Records of the case; of more, every so manieth.
const RECORDS_COUNT_MAX: usize = 200_000;

/// Looks for the commit that brought what fails.
pub(super) fn search(gathered: &Gathered, repository: Repository, report: &mut Report) {
    let fails = matches!(report.verdict, Verdict::Found | Verdict::FailingThroughout);
    if !fails {
        return;
    }
    let began = report.began.unwrap_or(report.from).time_ns;
    let mut case = Case::new();
    let mut faults: HashMap<Name, Name> = HashMap::new();
    for (name, fault) in &gathered.stacks.faults {
        let own = case.names.of(gathered.names.text(*name));
        case.failures.insert(own, fault.failure.clone());
        faults.insert(*name, own);
    }
    let step = gathered.records.len().div_ceil(RECORDS_COUNT_MAX).max(1);
    for (at, record) in gathered.records.iter().enumerate() {
        let Some(sort) = gathered.sorts.get(record.sort as usize) else {
            continue;
        };
        let group = faults.get(&sort.key.fault).copied().unwrap_or(Name::NONE);
        if group.is_none() && at % step > 0 {
            continue;
        }
        let side = if record.time_ns < began {
            Side::Baseline
        } else {
            Side::Incident
        };
        let severity = if group.is_none() {
            sort.key.severity
        } else {
            Severity::ERROR
        };
        let log = Log {
            service: case.names.of(gathered.names.text(sort.key.component)),
            time_ns: record.time_ns,
            severity,
            template: case.names.of(&sort.key.shape.0.to_string()),
            group,
            trace: 0,
            span: 0,
        };
        case.add_record(side, log);
    }
    case.set_repository(repository);
    let found = incident::places_alone(&case, Some(began));
    report.frames = found.frames;
    report.commits = found.commits;
    report.commit_verdict = found.verdict;
    report.commits_looked_at = found.looked_at;
}
