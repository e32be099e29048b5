//! The native form: TOML with the Collector's policies, Refinery's samplers, and our own.

use super::contrib::{self, Within};
use super::read::Reader;
use super::{Config, Settings, refinery};
use crate::node::Node;
use crate::problem::Findings;

/// Version of the native form.
pub(crate) const VERSION: i64 = 1;

/// Reads a whole native configuration.
pub(crate) fn config(node: &Node, found: &mut Findings) -> Option<Config> {
    let mut r = Reader::of(node, "", found)?;
    let mut settings = Settings::default();
    if r.int("version", found).is_some_and(|n| n != VERSION) {
        let message = format!("this version is not known, {VERSION} is");
        found.problem(r.line_of("version"), "version", message);
    }
    contrib::settings(&mut r, &mut settings, found);
    if let Some(n) = r.count("span_limit", found) {
        settings.span_limit = n;
    }
    let actions = [("decide", false), ("drop", true)];
    if let Some(drops) = r.choice("maximum_trace_size_action", &actions, found) {
        settings.drops_giants = drops;
    }
    if let Some(truth) = r.bool("invert_decisions", found) {
        settings.inverts = truth;
    }
    if let Some(truth) = r.bool("dry_run", found) {
        settings.dry_run = truth;
    }
    if let Some(ms) = r.duration_ms("late_error_grace", found) {
        settings.late_error_grace_ms = ms;
    }
    if r.has("target_fields") {
        settings.target_fields = r.texts("target_fields", found);
    }
    let policies = contrib::policies(r.list("policies", found), "policies", Within::Native, found);
    let samplers = match r.node("samplers") {
        Some(node) => refinery::samplers(node, "samplers", found),
        None => Vec::new(),
    };
    if policies.is_empty() && samplers.is_empty() {
        found.problem(0, "", "one of `policies` and `samplers` must be said");
    }
    r.finish(found);
    Some(Config {
        settings,
        policies,
        samplers,
    })
}
