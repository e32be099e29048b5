//! What changed between two moments, for people and for programs.
//!
//! *Limits:* [`ROWS_COUNT_MAX`] tenants and reasons are shown, the busiest first.

use std::collections::BTreeMap;

use cordon_assist::printable;
use serde_json::{Value as Json, json};

use super::sample::{Metric, Sample};

/// Tenants, and reasons of refusals, that are shown: with all of them it fits 24 lines.
const ROWS_COUNT_MAX: usize = 6;

/// Rates over the time between, and values of the later moment.
pub(super) struct View {
    failing: Vec<(String, String)>,
    generation: f64,
    /// Events a second by what became of them.
    events: Vec<(&'static str, f64)>,
    /// Requests and records refused a second, by reason.
    refused: Vec<(String, f64)>,
    /// Events a second of each tenant, by metric.
    tenants: Vec<(String, f64)>,
    /// Microseconds of redaction for an event.
    redaction_us: f64,
    /// Processors that redaction keeps busy.
    redaction_processors: f64,
    journal: [(&'static str, f64); 4],
    in_flight_bytes: f64,
}

impl View {
    /// What changed from one moment to another.
    pub(super) fn between(before: &Sample, now: &Sample) -> Self {
        let passed_s = now.at.duration_since(before.at).as_secs_f64().max(1e-3);
        // A counter that went back is one of a process that began anew.
        let rate = |was: f64, is: f64| if is < was { is } else { is - was } / passed_s;
        let of = |name: &str| rate(before.sum(name), now.sum(name));
        let rated = |metric: &Metric| rate(before.like(metric), metric.value);
        let received = of("cordon_spine_received_events_total");
        let redaction_processors = of("cordon_spine_redaction_seconds_total");
        let mut refused = BTreeMap::new();
        let mut tenants = BTreeMap::new();
        for metric in &now.metrics {
            if let ("cordon_receive_requests_total", Some(code)) =
                (metric.name.as_str(), metric.label("code"))
                && code != "ok"
            {
                *refused.entry(code.to_owned()).or_insert(0.0) += rated(metric);
            }
            if let Some(row) = tenant_row(metric) {
                *tenants.entry(row).or_insert(0.0) += rated(metric);
            }
        }
        Self {
            failing: now.failing.clone(),
            generation: now.sum("cordon_config_generation"),
            events: vec![
                ("received", received),
                ("durable", of("cordon_spine_durable_events_total")),
                ("quarantined", of("cordon_spine_quarantined_events_total")),
                ("refused", of("cordon_spine_refused_events_total")),
            ],
            refused: busiest(refused),
            tenants: busiest(tenants),
            redaction_us: if received > 0.0 {
                redaction_processors / received * 1e6
            } else {
                0.0
            },
            redaction_processors,
            journal: [
                ("backlog_bytes", now.sum("cordon_journal_backlog_bytes")),
                ("queued_batches", now.sum("cordon_journal_queued_batches")),
                ("commits_per_s", of("cordon_journal_commits_total")),
                ("disk_errors", now.sum("cordon_journal_disk_errors_total")),
            ],
            in_flight_bytes: now.sum("cordon_receive_in_flight_bytes"),
        }
    }

    /// For people.
    pub(super) fn text(&self, server: &str) -> String {
        let server = printable(server);
        let ready = if self.failing.is_empty() {
            "ready"
        } else {
            "NOT READY"
        };
        let mut out = format!(
            "cordon top  {server}  {ready}  configuration {}\n",
            self.generation
        );
        for (name, code) in &self.failing {
            let (name, code) = (printable(name), printable(code));
            out.push_str(&format!("  {name} failed: {code}\n"));
        }
        let events = self.events.iter();
        let events: Vec<String> = events.map(|(n, rate)| format!("{n} {rate:.1}")).collect();
        out.push_str(&format!("\nevents/s    {}\n", events.join("  ")));
        out.push_str(&format!(
            "redaction   {:.0} us an event, {:.2} processors\n",
            self.redaction_us, self.redaction_processors
        ));
        let [(_, backlog), (_, queued), (_, commits), (_, errors)] = self.journal;
        out.push_str(&format!(
            "journal     backlog {}  queued {queued} batches  commits/s {commits:.1}  disk errors \
             {errors}\n",
            bytes(backlog)
        ));
        out.push_str(&format!("in flight   {}\n", bytes(self.in_flight_bytes)));
        for (title, rows) in [
            ("refused/s by reason", &self.refused),
            ("events/s by tenant", &self.tenants),
        ] {
            if rows.is_empty() {
                continue;
            }
            out.push_str(&format!("\n{title}\n"));
            for (name, rate) in rows {
                out.push_str(&format!("  {:<40} {rate:>10.1}\n", printable(name)));
            }
        }
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> String {
        let map = |rows: &[(String, f64)]| -> Json {
            rows.iter()
                .map(|(name, rate)| (name.clone(), json!(rate)))
                .collect()
        };
        let failing: Json = self.failing.iter().cloned().map(pair).collect();
        let events = self.events.iter();
        let journal = self.journal.iter();
        let json = json!({
            "schema": "cordon.top",
            "version": 1,
            "ready": self.failing.is_empty(),
            "failing": failing,
            "config_generation": self.generation,
            "events_per_s": events.map(|(n, r)| ((*n).to_owned(), json!(r))).collect::<Json>(),
            "refused_per_s": map(&self.refused),
            "tenants_per_s": map(&self.tenants),
            "redaction_us_per_event": self.redaction_us,
            "redaction_processors": self.redaction_processors,
            "journal": journal.map(|(n, v)| ((*n).to_owned(), json!(v))).collect::<Json>(),
            "in_flight_bytes": self.in_flight_bytes,
        });
        format!("{json:#}\n")
    }
}

fn pair((name, code): (String, String)) -> (String, Json) {
    (name, Json::String(code))
}

/// What a tenant sends, `acme`, and what is refused of it, `acme refused events_rate`.
fn tenant_row(metric: &Metric) -> Option<String> {
    let tenant = metric.label("tenant")?;
    match (metric.name.as_str(), metric.label("reason")) {
        ("cordon_tenant_received_events_total", _) => Some(tenant.to_owned()),
        ("cordon_tenant_refused_events_total", Some(reason)) => {
            Some(format!("{tenant} refused {reason}"))
        }
        _ => None,
    }
}

/// Those that move, the busiest first.
fn busiest(all: BTreeMap<String, f64>) -> Vec<(String, f64)> {
    let mut moving: Vec<_> = all.into_iter().filter(|(_, rate)| *rate > 0.0).collect();
    moving.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    moving.truncate(ROWS_COUNT_MAX);
    moving
}

fn bytes(count: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB"];
    let mut left = count;
    for unit in units {
        if left < 1_024.0 || unit == "GiB" {
            return format!("{left:.1} {unit}");
        }
        left /= 1_024.0;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn rates_are_over_the_time_between_and_a_restart_is_not_negative() {
        let at = Instant::now();
        let text = |received: u64, full: u64, acme: u64| {
            format!(
                "cordon_spine_received_events_total {received}\n\
                 cordon_spine_redaction_seconds_total 0.5\n\
                 cordon_receive_requests_total{{code=\"ok\"}} 9\n\
                 cordon_receive_requests_total{{code=\"full\"}} {full}\n\
                 cordon_tenant_received_events_total{{tenant=\"acme\"}} {acme}\n\
                 cordon_tenant_durable_events_total{{tenant=\"acme\"}} {acme}\n\
                 cordon_tenant_refused_events_total{{tenant=\"acme\",reason=\"queue\"}} {full}\n\
                 cordon_journal_backlog_bytes 2048\n"
            )
        };
        let before = Sample::new(&text(100, 7, 10), "", at);
        let now = Sample::new(&text(300, 3, 30), "", at + Duration::from_secs(2));
        let view = View::between(&before, &now);
        assert_eq!(view.events[0], ("received", 100.0));
        assert_eq!(view.refused, [("full".to_owned(), 1.5)]);
        let rows = [
            ("acme".to_owned(), 10.0),
            ("acme refused queue".to_owned(), 1.5),
        ];
        assert_eq!(view.tenants, rows);
        let shown = view.text("127.0.0.1:4318");
        assert!(shown.contains("backlog 2.0 KiB"), "{shown}");
        let json: Json = serde_json::from_str(&view.json()).unwrap();
        assert_eq!(json["events_per_s"]["received"], 100.0);
    }
}
