//! What became of every event, per tenant, for `/metrics`.
//!
//! The equation of a tenant, each a value of the label `fate` of `cordon_events`:
//!
//! ```text
//! received + brought_back = kept + counted + expired + duplicate + sampled_out + rolled_up
//!                         + quarantined + dropped + rerun
//! ```
//!
//! `in_flight` is what is durable and waits for a decision, beside it: it is not received yet.

use std::fmt::Write as _;

use cordon_store::Accounting;

use crate::accounts::TENANTS_COUNT_MAX;
use crate::spine::Behind;

/// A metric of a tenant's sampling: name, kind, value.
type Row = (&'static str, &'static str, fn(&cordon_sift::Flow) -> u64);

/// Writes what stands behind the journal; writing to a string cannot fail.
pub(crate) fn behind(behind: &Behind, out: &mut String) {
    if let Ok(accounts) = behind.store.accounts(TENANTS_COUNT_MAX) {
        events(&accounts, out);
    }
    flows(behind, out);
    exports(behind, out);
}

fn events(accounts: &[(String, Accounting)], out: &mut String) {
    out.push_str("# TYPE cordon_events gauge\n");
    for (tenant, account) in accounts {
        let plain = [
            ("received", account.received),
            ("brought_back", account.brought_back),
            ("kept", account.kept),
            ("counted", account.exemplar_evicted),
            ("expired", account.expired),
            ("duplicate", account.duplicate),
            ("rerun", account.rerun),
            ("rolled_up", account.rolled_up),
        ];
        for (fate, count) in plain {
            let _ = writeln!(
                out,
                "cordon_events{{tenant=\"{tenant}\",fate=\"{fate}\"}} {count}"
            );
        }
        let reasoned = [
            ("quarantined", &account.quarantined),
            ("dropped", &account.dropped),
            ("sampled_out", &account.sampled_out),
        ];
        for (fate, reasons) in reasoned {
            for (reason, count) in reasons {
                let _ = writeln!(
                    out,
                    "cordon_events{{tenant=\"{tenant}\",fate=\"{fate}\",reason=\"{reason}\"}} \
                     {count}"
                );
            }
        }
    }
    out.push_str("# TYPE cordon_events_balanced gauge\n");
    for (tenant, account) in accounts {
        let is_balanced = u8::from(account.is_balanced());
        let _ = writeln!(
            out,
            "cordon_events_balanced{{tenant=\"{tenant}\"}} {is_balanced}"
        );
    }
}

fn flows(behind: &Behind, out: &mut String) {
    let Some((sift, _)) = &behind.sift else {
        return;
    };
    let flows = sift.flows();
    let rows: [Row; 6] = [
        ("cordon_events_in_flight", "gauge", |flow| flow.in_flight),
        ("cordon_sampler_live_traces", "gauge", |flow| {
            flow.live_traces
        }),
        ("cordon_sampler_used_bytes", "gauge", |flow| flow.used_bytes),
        ("cordon_sampler_late_spans_total", "counter", |flow| {
            flow.counters.late
        }),
        ("cordon_sampler_upgraded_traces_total", "counter", |flow| {
            flow.counters.upgraded
        }),
        ("cordon_sampler_early_decisions_total", "counter", |flow| {
            flow.counters.overflowed + flow.counters.giants
        }),
    ];
    for (name, kind, of) in rows {
        let _ = writeln!(out, "# TYPE {name} {kind}");
        for flow in flows.iter().take(TENANTS_COUNT_MAX) {
            let tenant = &flow.tenant;
            let _ = writeln!(out, "{name}{{tenant=\"{tenant}\"}} {}", of(flow));
        }
    }
    out.push_str("# TYPE cordon_sampler_decisions_total counter\n");
    for flow in flows.iter().take(TENANTS_COUNT_MAX) {
        for ((reason, keep, would_keep), count) in &flow.decisions {
            let _ = writeln!(
                out,
                "cordon_sampler_decisions_total{{tenant=\"{}\",reason={},kept=\"{keep}\",\
                 would_keep=\"{would_keep}\"}} {count}",
                flow.tenant,
                quoted(reason)
            );
        }
    }
}

fn exports(behind: &Behind, out: &mut String) {
    let all = behind.exports.all();
    if all.is_empty() {
        return;
    }
    out.push_str("# TYPE cordon_export_events_total counter\n");
    for (name, counts) in &all {
        let plain = [
            ("delivered", counts.delivered),
            ("rejected", counts.rejected),
            ("left_out", counts.left_out),
        ];
        for (fate, count) in plain {
            let _ = writeln!(
                out,
                "cordon_export_events_total{{export=\"{name}\",fate=\"{fate}\"}} {count}"
            );
        }
        for (reason, count) in &counts.set_aside {
            let reason = reason.as_str();
            let _ = writeln!(
                out,
                "cordon_export_events_total{{export=\"{name}\",fate=\"set_aside\",\
                 reason=\"{reason}\"}} {count}"
            );
        }
    }
    out.push_str("# TYPE cordon_export_failures_total counter\n");
    for (name, counts) in &all {
        for (reason, count) in &counts.failures {
            let reason = reason.as_str();
            let _ = writeln!(
                out,
                "cordon_export_failures_total{{export=\"{name}\",reason=\"{reason}\"}} {count}"
            );
        }
    }
}

/// A name out of the configuration, as the text format of metrics wants it.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}
