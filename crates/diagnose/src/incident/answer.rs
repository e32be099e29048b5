//! The parts of an answer around the ranking: what speaks against it, what is missing, what would
//! not have happened, what was changed, which messages are new, and the story in time.

use cordon_event::Severity;

use super::case::Case;
use super::evidence::Evidence;
use super::logs;
use super::measure::ramp;
use super::names::Name;
use super::rank::{Found, Ranked};
use super::report::{Change, Moment, Report};
use super::words::{percent, plain};
use crate::sentence::excerpt;

/// Most messages that are told.
const THEMES_COUNT_MAX: usize = 8;
/// Most moments that are told.
const MOMENTS_COUNT_MAX: usize = 20;
/// Score of another service, beside the own one, from which on it speaks against a suspect.
const RIVAL_SHARE: f64 = 0.6;

/// What speaks against a suspect: others that stand out as much, and what did not move.
pub(super) fn contradicting(case: &Case, found: &Found<'_>, ranked: &Ranked) -> Vec<String> {
    let mut said = Vec::new();
    let rivals = found
        .ranked
        .iter()
        .filter(|other| other.service != ranked.service)
        .filter(|other| other.score >= RIVAL_SHARE * ranked.score && other.score > 0.1);
    for rival in rivals.take(1) {
        let more = if rival.score > ranked.score {
            "more"
        } else {
            "nearly as much"
        };
        said.push(format!(
            "{} stands out {more}, with {} against {}",
            excerpt(case.text(rival.service)),
            percent(rival.score),
            percent(ranked.score)
        ));
    }
    let measured = case
        .incident
        .points
        .iter()
        .any(|p| p.service == ranked.service);
    if measured && ranked.strengths.latency > 0.3 && ranked.strengths.resources < 0.1 {
        said.push("none of its own metrics moved with it".to_owned());
    }
    if ranked.strengths.errors > 0.3 && ranked.strengths.logs < 0.05 {
        let writes = case
            .incident
            .logs
            .iter()
            .any(|log| log.service == ranked.service);
        if writes {
            said.push("it wrote no message of its own about it".to_owned());
        }
    }
    said
}

/// What could not be looked at.
pub(super) fn missing(case: &Case, service: Name) -> Vec<String> {
    let mut said = Vec::new();
    let has = |any: bool, what: &str| (!any).then(|| what.to_owned());
    let incident = &case.incident;
    if incident.spans.is_empty() && incident.points.is_empty() {
        said.push("no traces and no metrics were given".to_owned());
    } else {
        let spans = incident.spans.iter().any(|span| span.service == service);
        let logs = incident.logs.iter().any(|log| log.service == service);
        let points = incident.points.iter().any(|point| point.service == service);
        said.extend(has(spans, "it recorded no spans in the incident"));
        said.extend(has(logs, "it wrote no logs in the incident"));
        said.extend(has(points, "it has no metrics in the incident"));
    }
    said.extend(has(
        !case.changes.is_empty(),
        "no deploys, flags or configuration changes were given",
    ));
    said
}

/// What would not have happened without the service's fault.
pub(super) fn counterfactual(found: &Found<'_>, service: Name) -> String {
    let lost = found
        .latency
        .by_service
        .get(&service)
        .copied()
        .unwrap_or_default();
    let failed = found
        .errors
        .by_service
        .get(&service)
        .copied()
        .unwrap_or_default();
    let mut parts = Vec::new();
    if failed >= 1.0 {
        parts.push(format!(
            "about {} of the {} requests more that fail would not have failed",
            plain(failed.round()),
            plain(found.errors.excess.round())
        ));
    }
    if lost > 0.0 {
        parts.push(format!(
            "{} of the time that requests took longer would not have been lost",
            percent(lost / found.latency.excess_ms.max(1e-9))
        ));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("without it, {}", parts.join(", and "))
}

/// What was changed, in the order of time: as told, and versions first seen in the incident.
pub(super) fn changes(case: &Case, found: &Found<'_>) -> Vec<Change> {
    let mut changes: Vec<Change> = case
        .changes
        .iter()
        .map(|change| Change {
            time_unix_ns: change.time_unix_ns,
            service: change.service.clone(),
            text: [&change.kind, &change.subject, &change.summary]
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(|part| excerpt(part))
                .collect::<Vec<_>>()
                .join(" "),
        })
        .collect();
    for (service, versions) in &found.changed.versions {
        for version in versions {
            let (name, version) = (case.text(*service), case.text(*version));
            let mut told = case.changes.iter();
            if told.any(|change| change.service == name && change.subject == version) {
                continue;
            }
            let seen = case
                .incident
                .spans
                .iter()
                .filter(|span| span.service == *service && case.text(span.version) == version)
                .map(|span| span.start_ns)
                .min();
            changes.push(Change {
                time_unix_ns: seen.unwrap_or_default(),
                service: name.to_owned(),
                text: format!("version {} first seen", excerpt(version)),
            });
        }
    }
    changes.sort_by(|a, b| {
        (a.time_unix_ns, &a.service, &a.text).cmp(&(b.time_unix_ns, &b.service, &b.text))
    });
    changes
}

/// Messages that are new or of which there are more, loudest first, of all services.
pub(super) fn themes(case: &Case, found: &Found<'_>) -> Vec<Evidence> {
    let mut services: Vec<Name> = found.logs.by_service.keys().copied().collect();
    services.sort_by(|a, b| case.text(*a).cmp(case.text(*b)));
    let mut themes: Vec<Evidence> = services
        .into_iter()
        .flat_map(|service| found.logs.evidence(case, service))
        .collect();
    themes.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    themes.truncate(THEMES_COUNT_MAX);
    themes
}

/// The story: changes, the beginning, and the first of each message that tells something.
pub(super) fn timeline(case: &Case, found: &Found<'_>, report: &Report) -> Vec<Moment> {
    let mut moments: Vec<Moment> = report
        .changes
        .iter()
        .filter(|change| change.time_unix_ns > 0)
        .map(|change| Moment {
            time_unix_ns: change.time_unix_ns,
            text: format!("{}: {}", excerpt(&change.service), change.text),
        })
        .collect();
    moments.extend(report.onset_unix_ns.map(|time| Moment {
        time_unix_ns: time,
        text: "what is wrong begins to come more often".to_owned(),
    }));
    for louder in &found.logs.louder {
        let tells = louder.severity >= Severity::WARN || !louder.group.is_none();
        if louder.before == 0 && tells && ramp(louder.strength, 0.2, 1.0) > 0.0 {
            moments.push(Moment {
                time_unix_ns: louder.first_ns,
                text: format!(
                    "{}: first {}",
                    excerpt(case.text(louder.service)),
                    excerpt(&logs::words(case, louder))
                ),
            });
        }
    }
    moments.sort_by(|a, b| (a.time_unix_ns, &a.text).cmp(&(b.time_unix_ns, &b.text)));
    moments.truncate(MOMENTS_COUNT_MAX);
    moments
}
