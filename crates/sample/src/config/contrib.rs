//! The Collector's `tail_sampling` processor: its options and its policies.
//!
//! Source: README and configuration schema of `tailsamplingprocessor`,
//! opentelemetry-collector-contrib.

use super::read::{Reader, choose, unknown, words};
use super::{Body, Composite, ErrorMode, Objective, Policy, Settings, Status};
use crate::limits::POLICIES_COUNT_MAX;
use crate::node::Node;
use crate::problem::Findings;

/// Reads the processor's options beside `policies` into `settings`.
pub(crate) fn settings(reader: &mut Reader<'_>, to: &mut Settings, found: &mut Findings) {
    if let Some(ms) = reader.duration_ms("decision_wait", found) {
        if ms == 0 {
            let line = reader.line_of("decision_wait");
            let path = reader.below("decision_wait");
            found.problem(line, &path, "must be longer than nothing");
        }
        to.decision_wait_ms = ms;
    }
    if let Some(ms) = reader.duration_ms("decision_wait_after_root_received", found) {
        to.after_root_ms = ms;
    }
    if let Some(n) = reader.int_from("num_traces", 1, found) {
        to.traces_max = n.unsigned_abs();
    }
    if let Some(n) = reader.count("maximum_trace_size_bytes", found) {
        to.trace_bytes_max = n;
    }
    let switches: [(&'static str, &mut bool); 3] = [
        ("block_on_overflow", &mut to.blocks_on_overflow),
        ("sample_on_first_match", &mut to.first_match),
        ("drop_pending_traces_on_shutdown", &mut to.drops_pending),
    ];
    for (key, switch) in switches {
        if let Some(truth) = reader.bool(key, found) {
            *switch = truth;
        }
    }
    if let Some(node) = reader.node("decision_cache") {
        cache(node, &reader.below("decision_cache"), to, found);
    }
    without_effect(reader, found);
}

fn cache(node: &Node, path: &str, to: &mut Settings, found: &mut Findings) {
    let Some(mut reader) = Reader::of(node, path, found) else {
        return;
    };
    if let Some(n) = reader.count("sampled_cache_size", found) {
        to.sampled_cache = n;
    }
    if let Some(n) = reader.count("non_sampled_cache_size", found) {
        to.non_sampled_cache = n;
    }
    reader.finish(found);
}

/// Options that are taken and change nothing here, each with a note.
fn without_effect(reader: &mut Reader<'_>, found: &mut Findings) {
    let expected = "expected_new_traces_per_sec";
    if reader.int_from(expected, 0, found).is_some() {
        let line = reader.line_of(expected);
        let why = "has no effect: memory is taken as it is needed";
        found.note(line, &reader.below(expected), why);
    }
    if let Some(n) = reader.int_from("num_shards", 1, found) {
        let line = reader.line_of("num_shards");
        let path = reader.below("num_shards");
        if n > 256 {
            found.problem(line, &path, "must be at most 256");
        }
        found.note(
            line,
            &path,
            "has no effect: decisions do not depend on shards",
        );
    }
    let strategies = [("trace-complete", ()), ("span-ingest", ())];
    if reader
        .choice("sampling_strategy", &strategies, found)
        .is_some()
    {
        let line = reader.line_of("sampling_strategy");
        let path = reader.below("sampling_strategy");
        let why = "has no effect: policies are folded span by span, and decided for the trace";
        found.note(line, &path, why);
    }
    if reader.node("tail_storage").is_some() {
        let line = reader.line_of("tail_storage");
        let path = reader.below("tail_storage");
        let why = "has no effect: where spans wait is up to what runs the plan";
        found.note(line, &path, why);
    }
}

/// Which policies may stand where.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Directly under `policies`.
    Top,
    /// In a native plan: our own policies, and any nesting.
    Native,
    And,
    Not,
    Drop,
    Composite,
}

const SIMPLE: [&str; 13] = [
    "always_sample",
    "latency",
    "numeric_attribute",
    "probabilistic",
    "status_code",
    "string_attribute",
    "trace_state",
    "trace_flags",
    "rate_limiting",
    "bytes_limiting",
    "span_count",
    "boolean_attribute",
    "ottl_condition",
];

impl Within {
    fn kinds(self) -> Vec<&'static str> {
        let more: &[&'static str] = match self {
            Self::Top => &["and", "not", "drop", "composite"],
            Self::Native => &["and", "not", "drop", "composite", "new_fingerprint", "slo"],
            // A `not` inside an `and` is what makes a negation useful; the README shows it so.
            Self::And | Self::Drop => &["not"],
            Self::Composite => &["and", "not"],
            Self::Not => &["and"],
        };
        SIMPLE.iter().chain(more).copied().collect()
    }

    fn inside(self, other: Self) -> Self {
        if self == Self::Native {
            Self::Native
        } else {
            other
        }
    }
}

/// Reads a list of policies.
pub(crate) fn policies(
    nodes: &[Node],
    path: &str,
    within: Within,
    found: &mut Findings,
) -> Vec<Policy> {
    let mut policies: Vec<Policy> = Vec::new();
    for (i, node) in nodes.iter().enumerate().take(POLICIES_COUNT_MAX + 1) {
        let path = format!("{path}[{i}]");
        if i >= POLICIES_COUNT_MAX {
            let message = format!("more than {POLICIES_COUNT_MAX} policies");
            found.problem(node.line, &path, message);
            break;
        }
        let Some(policy) = policy(node, &path, within, found) else {
            continue;
        };
        if policies.iter().any(|known| known.name == policy.name) {
            let message = format!("a policy `{}` is already there", policy.name);
            found.problem(node.line, &path, message);
        }
        policies.push(policy);
    }
    policies
}

fn policy(node: &Node, path: &str, within: Within, found: &mut Findings) -> Option<Policy> {
    let mut reader = Reader::of(node, path, found)?;
    let name = reader.key("name", found);
    let kind = reader.key("type", found);
    let kinds = within.kinds();
    let Some(kind) = kinds.iter().find(|known| **known == kind).copied() else {
        if !kind.is_empty() {
            let line = reader.line_of("type");
            found.problem(line, &reader.below("type"), unknown(&kind, &kinds));
        }
        return None;
    };
    // Every policy may carry the options of another type; the Collector does not read them.
    for other in &kinds {
        if *other != kind && reader.node(other).is_some() {
            let line = reader.line_of(other);
            let why = format!("has no effect: the policy's type is `{kind}`");
            found.note(line, &reader.below(other), why);
        }
    }
    let empty = Node {
        line: reader.line,
        value: crate::node::Value::Null,
    };
    let options = reader.node(kind).unwrap_or(&empty);
    let body = body(kind, options, &reader.below(kind), within, found);
    reader.finish(found);
    Some(Policy { name, body: body? })
}

fn body(kind: &str, node: &Node, path: &str, within: Within, found: &mut Findings) -> Option<Body> {
    let mut reader = Reader::of(node, path, found)?;
    let r = &mut reader;
    let body = match kind {
        "always_sample" => Body::AlwaysSample,
        "trace_flags" => Body::TraceFlags,
        "new_fingerprint" => Body::NewFingerprint,
        "latency" => Body::Latency {
            threshold_ms: r.int_from("threshold_ms", 0, found).unwrap_or(0),
            upper_threshold_ms: r.int_from("upper_threshold_ms", 0, found).unwrap_or(0),
        },
        "numeric_attribute" => numeric(r, found),
        "probabilistic" => probabilistic(r, within, found),
        "status_code" => status(r, found),
        "string_attribute" => string(r, found),
        "trace_state" => Body::TraceState {
            key: r.key("key", found),
            values: r.texts("values", found),
        },
        "rate_limiting" => {
            let (per_second, burst) = rate(r, "spans_per_second", found);
            Body::RateLimiting { per_second, burst }
        }
        "bytes_limiting" => {
            let (per_second, burst) = rate(r, "bytes_per_second", found);
            Body::BytesLimiting { per_second, burst }
        }
        "span_count" => span_count(r, found),
        "boolean_attribute" => Body::BooleanAttribute {
            key: r.key("key", found),
            value: r.bool("value", found).unwrap_or(false),
            inverted: r.bool("invert_match", found).unwrap_or(false),
        },
        "ottl_condition" => ottl(r, found),
        "and" => Body::And(several(
            r,
            "and_sub_policy",
            within.inside(Within::And),
            found,
        )),
        "drop" => Body::Drop(several(
            r,
            "drop_sub_policy",
            within.inside(Within::Drop),
            found,
        )),
        "not" => not(r, within.inside(Within::Not), found)?,
        "composite" => composite(r, within.inside(Within::Composite), found),
        _ => Body::Slo(objective(r, found)),
    };
    reader.finish(found);
    Some(body)
}

fn numeric(r: &mut Reader<'_>, found: &mut Findings) -> Body {
    let key = r.key("key", found);
    let min = r.int("min_value", found);
    let max = r.int("max_value", found);
    if min.is_none() && max.is_none() {
        let message = "one of `min_value` and `max_value` must be said";
        found.problem(r.line, &r.path, message);
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let line = r.line_of("min_value");
        found.problem(line, &r.path, "`min_value` is above `max_value`");
    }
    Body::NumericAttribute {
        key,
        min,
        max,
        inverted: r.bool("invert_match", found).unwrap_or(false),
    }
}

fn probabilistic(r: &mut Reader<'_>, within: Within, found: &mut Findings) -> Body {
    let modes = [("hash_seed", false), ("consistent", true)];
    let percentage = r.float("sampling_percentage", found).unwrap_or(0.0);
    if percentage < 0.0 {
        let line = r.line_of("sampling_percentage");
        found.problem(
            line,
            &r.below("sampling_percentage"),
            "must not be negative",
        );
    }
    Body::Probabilistic {
        salt: r.text("hash_salt", found).unwrap_or_default(),
        percentage,
        // Ours alone: the Collector's policy has no modes.
        is_consistent: within == Within::Native && r.choice("mode", &modes, found).unwrap_or(false),
    }
}

fn status(r: &mut Reader<'_>, found: &mut Findings) -> Body {
    let mut statuses = Vec::new();
    let words_said = r.texts("status_codes", found);
    if words_said.is_empty() {
        found.problem(
            r.line,
            &r.path,
            "at least one of `status_codes` must be said",
        );
    }
    for word in words_said {
        if let Some(status) = choose(&word, &Status::ALL) {
            statuses.push(status);
        } else {
            let line = r.line_of("status_codes");
            let message = unknown(&word, &words(&Status::ALL));
            found.problem(line, &r.below("status_codes"), message);
        }
    }
    Body::StatusCode(statuses)
}

fn string(r: &mut Reader<'_>, found: &mut Findings) -> Body {
    let is_pattern = r.bool("enabled_regex_matching", found).unwrap_or(false);
    if r.int("cache_max_size", found).is_some() {
        let line = r.line_of("cache_max_size");
        let why = "has no effect: results of patterns are not kept";
        found.note(line, &r.below("cache_max_size"), why);
    }
    Body::StringAttribute {
        key: r.key("key", found),
        values: r.texts("values", found),
        is_pattern,
        inverted: r.bool("invert_match", found).unwrap_or(false),
    }
}

fn rate(r: &mut Reader<'_>, key: &'static str, found: &mut Findings) -> (i64, i64) {
    let per_second = r.int_from(key, 0, found).unwrap_or(0);
    let burst = r.int_from("burst_capacity", 0, found).unwrap_or(0);
    let burst = if burst == 0 {
        per_second.saturating_mul(2)
    } else {
        burst
    };
    (per_second, burst)
}

fn span_count(r: &mut Reader<'_>, found: &mut Findings) -> Body {
    let min = r.int_from("min_spans", 0, found).unwrap_or(0);
    let max = r.int_from("max_spans", 0, found).unwrap_or(0);
    if max > 0 && min > max {
        found.problem(r.line, &r.path, "`min_spans` is above `max_spans`");
    }
    Body::SpanCount { min, max }
}

fn ottl(r: &mut Reader<'_>, found: &mut Findings) -> Body {
    let error_mode = r.choice("error_mode", &ErrorMode::ALL, found);
    let span = r.texts("span", found);
    let spanevent = r.texts("spanevent", found);
    if span.is_empty() && spanevent.is_empty() {
        found.problem(
            r.line,
            &r.path,
            "one of `span` and `spanevent` must be said",
        );
    }
    Body::OttlCondition {
        error_mode: error_mode.unwrap_or(ErrorMode::Propagate),
        span,
        spanevent,
    }
}

fn several(
    r: &mut Reader<'_>,
    key: &'static str,
    within: Within,
    found: &mut Findings,
) -> Vec<Policy> {
    let nodes = r.list(key, found);
    if nodes.is_empty() {
        found.problem(r.line, &r.path, format!("`{key}` is missing"));
    }
    policies(nodes, &r.below(key), within, found)
}

fn not(r: &mut Reader<'_>, within: Within, found: &mut Findings) -> Option<Body> {
    let path = r.below("not_sub_policy");
    let Some(node) = r.node("not_sub_policy") else {
        found.problem(r.line, &r.path, "`not_sub_policy` is missing");
        return None;
    };
    let inner = policy(node, &path, within, found)?;
    Some(Body::Not(Box::new(inner)))
}

fn composite(r: &mut Reader<'_>, within: Within, found: &mut Findings) -> Body {
    let spans_per_second_max = r.int_from("max_total_spans_per_second", 0, found);
    let order = r.texts("policy_order", found);
    let policies = several(r, "composite_sub_policy", within, found);
    let mut allocation: Vec<(String, i64)> = Vec::new();
    for (i, node) in r.list("rate_allocation", found).iter().enumerate() {
        let path = format!("{}[{i}]", r.below("rate_allocation"));
        let Some(mut one) = Reader::of(node, &path, found) else {
            continue;
        };
        let policy = one.key("policy", found);
        let percent = one.int_from("percent", 0, found).unwrap_or(0);
        one.finish(found);
        allocation.push((policy, percent));
    }
    let named = order.iter().map(|name| ("policy_order", name));
    let named = named.chain(allocation.iter().map(|(name, _)| ("rate_allocation", name)));
    for (key, name) in named {
        if !policies.iter().any(|policy| policy.name == *name) {
            let message = format!("`{name}` is none of `composite_sub_policy`");
            found.problem(r.line_of(key), &r.below(key), message);
        }
    }
    Body::Composite(Composite {
        spans_per_second_max: spans_per_second_max.unwrap_or(0),
        order,
        policies,
        allocation,
    })
}

fn objective(r: &mut Reader<'_>, found: &mut Findings) -> Objective {
    let mut key = r.texts("key", found);
    if key.is_empty() {
        key = ["service.name", "http.route"].map(str::to_owned).to_vec();
    }
    let objective = Objective {
        key,
        target: r.float("target", found).unwrap_or(0.0),
        short_ms: r.duration_ms("short_window", found).unwrap_or(300_000),
        long_ms: r.duration_ms("long_window", found).unwrap_or(3_600_000),
        base_percentage: r.float("base_percentage", found).unwrap_or(1.0),
        full_burn_rate: r.float("full_burn_rate", found).unwrap_or(14.4),
    };
    if !(objective.target > 0.0 && objective.target < 1.0) {
        let message = "`target` must be said, between 0 and 1, as 0.999";
        found.problem(r.line, &r.path, message);
    }
    if !(0.0..=100.0).contains(&objective.base_percentage) {
        found.problem(r.line, &r.path, "`base_percentage` must be from 0 to 100");
    }
    if objective.full_burn_rate <= 1.0 {
        found.problem(r.line, &r.path, "`full_burn_rate` must be above 1");
    }
    let windows = objective.short_ms..=86_400_000;
    if objective.short_ms < 5_000 || !windows.contains(&objective.long_ms) {
        let message = "`short_window` must be at least 5s, `long_window` no shorter, at most 24h";
        found.problem(r.line, &r.path, message);
    }
    objective
}
