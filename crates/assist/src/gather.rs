//! From the store to what the engine looks at: groups, exemplars, and how relevant each is.

use std::collections::HashMap;

use cordon_diagnose::{Exemplar, GroupKind, GroupStat, Telemetry, Window};
use cordon_event::{Event, Value};
use cordon_govern::{KDecision, KRule, TenantScope};
use cordon_index::TenantIndex;
use cordon_redact::Clean;
use cordon_store::{GroupRow, GroupText, Store, StoredEvent};

use crate::Error;
use crate::told::told;

/// Groups that one question looks at.
const GROUPS_COUNT_MAX: usize = 2_000;
/// Exemplars that one question looks at.
const EXEMPLARS_COUNT_MAX: usize = 2_000;
/// Retrieved documents that get a relevance.
const HITS_COUNT_MAX: usize = 50;
/// Nanoseconds in an hour.
const HOUR_NS: u64 = 3_600 * 1_000_000_000;

/// What of the tenant's data may be shown beside what is technical by convention.
pub struct Showable {
    /// How many must stand behind a group.
    pub k_rule: KRule,
    /// Names of fields that the tenant has classified as technical.
    pub technical_fields: Clean<Vec<String>>,
}

/// Everything that the store knows of the window and baseline in scope, weighed by the question.
/// Groups that the k rule does not let through are left out with their exemplars, and counted.
pub fn gather(
    store: &Store,
    scope: &TenantScope,
    showable: &Showable,
    question: &Clean<String>,
    now_unix_ns: u64,
    (window, baseline): (Window, Window),
) -> Result<Clean<Telemetry>, Error> {
    let Looked {
        groups,
        events,
        groups_left_out,
    } = look(store, scope, showable.k_rule, (window, baseline))?;
    let relevance = weigh(&groups, &events, question);
    let (of_events, of_groups) = relevance.split_at(events.len());
    let exemplars = events
        .iter()
        .zip(of_events)
        .filter_map(|(e, r)| exemplar(e, *r));
    let exemplars = Clean::join(exemplars);
    let mut stats = Vec::new();
    for (row, relevance) in groups.iter().zip(of_groups) {
        let hourly = hours(&store.series(scope, &row.group_id, span(window))?);
        stats.extend(stat(row, hourly, *relevance));
    }
    let changes = told(store, scope, &groups, (window, baseline))?;
    let bounds = (bounds(window), bounds(baseline));
    let facts = Clean::technical(((now_unix_ns, groups_left_out), bounds));
    let parts = facts
        .pair(Clean::join(stats))
        .pair(exemplars)
        .pair(question.clone())
        .pair(showable.technical_fields.clone())
        .pair(changes);
    Ok(parts.map(|((parts, technical_fields), changes)| {
        let (((facts, groups), exemplars), question) = parts;
        let ((now_unix_ns, groups_left_out), (window, baseline)) = facts;
        let window = Window {
            from_unix_ns: window.0,
            to_unix_ns: window.1,
        };
        let baseline = Window {
            from_unix_ns: baseline.0,
            to_unix_ns: baseline.1,
        };
        Telemetry {
            now_unix_ns,
            window,
            baseline,
            groups,
            groups_left_out,
            exemplars,
            changes,
            technical_fields,
            question,
        }
    }))
}

/// What a question looks at.
struct Looked {
    groups: Vec<GroupRow>,
    events: Vec<StoredEvent>,
    groups_left_out: u64,
}

/// Reads groups and exemplars, and leaves out what the k rule does not let through.
fn look(
    store: &Store,
    scope: &TenantScope,
    k_rule: KRule,
    (window, baseline): (Window, Window),
) -> Result<Looked, Error> {
    let mut groups = store
        .groups(scope, span(window), span(baseline), GROUPS_COUNT_MAX)?
        .rows;
    let mut events = store
        .exemplars_over(scope, span(window), EXEMPLARS_COUNT_MAX)?
        .rows;
    let left = EXEMPLARS_COUNT_MAX.saturating_sub(events.len());
    events.extend(store.exemplars_over(scope, span(baseline), left)?.rows);

    let usable: HashMap<String, bool> = groups
        .iter()
        .map(|row| (row.group_id.clone(), is_usable(row, k_rule)))
        .collect();
    // An event of a group that is not among those looked at stands where no count is asked for.
    events.retain(|e| {
        let known = usable.get(&e.group_id).copied();
        known.unwrap_or(k_rule.own_tenant_k <= 1)
    });
    groups.retain(|row| is_usable(row, k_rule));
    let groups_left_out = (usable.len() - groups.len()) as u64;
    Ok(Looked {
        groups,
        events,
        groups_left_out,
    })
}

fn is_usable(row: &GroupRow, k_rule: KRule) -> bool {
    k_rule.decide(row.reach()) == KDecision::Usable
}

/// How relevant to the question each exemplar is, then each group.
fn weigh(groups: &[GroupRow], events: &[StoredEvent], question: &Clean<String>) -> Vec<f64> {
    // Document numbers are positions in that order.
    let texts = events.iter().map(|e| e.event.project(event_text));
    let titles = groups.iter().map(|g| g.text.project(group_text));
    let docs = (0_u64..).zip(texts.chain(titles)).collect();
    let mut relevance = vec![0.0; events.len() + groups.len()];
    for hit in TenantIndex::build(docs).search(question, HITS_COUNT_MAX) {
        if let Some(slot) = usize::try_from(hit.doc)
            .ok()
            .and_then(|at| relevance.get_mut(at))
        {
            *slot = hit.score;
        }
    }
    relevance
}

pub(crate) fn span(window: Window) -> cordon_store::Window {
    cordon_store::Window {
        from_unix_ns: window.from_unix_ns,
        to_unix_ns: window.to_unix_ns,
    }
}

fn bounds(window: Window) -> (u64, u64) {
    (window.from_unix_ns, window.to_unix_ns)
}

/// Counts by whole hours since the Unix epoch.
fn hours(series: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut by_hour = std::collections::BTreeMap::new();
    for (at, count) in series {
        *by_hour.entry(at / HOUR_NS).or_insert(0) += count;
    }
    by_hour.into_iter().collect()
}

/// `None` for a row whose group id is not a digest, which no build of this project wrote.
fn exemplar(stored: &StoredEvent, relevance: f64) -> Option<Clean<Exemplar>> {
    let group_id = Clean::digest_id(&stored.group_id)?;
    let facts = Clean::technical(((stored.event_id, stored.time_unix_ns), relevance));
    let parts = facts.pair(group_id).pair(stored.event.clone());
    Some(parts.map(
        |((((event_id, time), relevance), group_id), event)| Exemplar {
            evidence_id: event_id.to_string(),
            group_id,
            time_unix_ns: time,
            event,
            relevance,
        },
    ))
}

fn stat(row: &GroupRow, hourly: Vec<(u64, u64)>, relevance: f64) -> Option<Clean<GroupStat>> {
    let id = Clean::digest_id(&row.group_id)?;
    let kind = match row.kind {
        cordon_store::GroupKind::Template => 0_u8,
        cordon_store::GroupKind::Expectation => 1,
        cordon_store::GroupKind::Exception => 2,
    };
    let counts = (row.window_count, row.baseline_count);
    let seen = (row.first_unix_ns, row.last_unix_ns);
    let facts = Clean::technical(((kind, row.failure), ((counts, seen), (hourly, relevance))));
    let parts = facts.pair(id).pair(row.text.clone());
    Some(parts.map(|((facts, id), text)| {
        let ((kind, failure), ((counts, seen), (hourly, relevance))) = facts;
        GroupStat {
            id,
            kind: match kind {
                1 => GroupKind::Expectation,
                2 => GroupKind::Exception,
                _ => GroupKind::Template,
            },
            title: text.title,
            template: text.template,
            failure,
            service: text.service,
            count_window: counts.0,
            count_baseline: counts.1,
            first_seen_unix_ns: seen.0,
            last_seen_unix_ns: seen.1,
            releases: text.releases.into_iter().map(|r| r.release).collect(),
            hourly,
            relevance,
        }
    }))
}

fn group_text(text: &GroupText) -> String {
    format!("{} {} {}", text.service, text.title, text.template)
}

/// What a question may match in an event: service, name, body, and text attributes.
fn event_text(event: &Event) -> String {
    let mut text = format!("{} {}", event.service(), event.name);
    push_value(&event.body, &mut text);
    for (key, value) in &event.attributes {
        text.push(' ');
        text.push_str(key);
        push_value(value, &mut text);
    }
    text
}

fn push_value(value: &Value, text: &mut String) {
    match value {
        Value::String(part) => {
            text.push(' ');
            text.push_str(part);
        }
        Value::Array(items) => items.iter().for_each(|item| push_value(item, text)),
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            text.push(' ');
            text.push_str(key);
            push_value(value, text);
        }),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Bytes(_) => {}
    }
}
