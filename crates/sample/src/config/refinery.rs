//! Refinery's rules: samplers by target, rules with conditions, and the timing of its traces.
//!
//! Source: `rules.md`, `rules_conditions.md` and the metadata of rules and configuration,
//! honeycombio/refinery.

use super::read::{Reader, unknown, words};
use super::{
    Condition, Datatype, Dynamic, Literal, Method, Operator, Rule, SamplerConfig, Settings,
};
use crate::limits::{RULES_COUNT_MAX, SAMPLER_KEYS_MAX, WINDOW_TICKS_MAX};
use crate::node::{Node, Value};
use crate::problem::Findings;

/// Target of traces that no other target is for.
pub(crate) const DEFAULT_TARGET: &str = "__default__";

/// Reads `Samplers`.
pub(crate) fn samplers(
    node: &Node,
    path: &str,
    found: &mut Findings,
) -> Vec<(String, SamplerConfig)> {
    let Some(reader) = Reader::of(node, path, found) else {
        return Vec::new();
    };
    let mut samplers = Vec::new();
    for entry in reader.keys() {
        let path = reader.below(&entry.key);
        if let Some(sampler) = sampler(&entry.node, &path, 0, found) {
            samplers.push((entry.key.clone(), sampler));
        }
    }
    if !reader.has(DEFAULT_TARGET) {
        let message = format!("the target `{DEFAULT_TARGET}` is missing");
        found.problem(node.line, path, message);
    }
    // Their order has no meaning, and so makes no other plan.
    samplers.sort_by(|a, b| a.0.cmp(&b.0));
    samplers
}

fn sampler(node: &Node, path: &str, depth: usize, found: &mut Findings) -> Option<SamplerConfig> {
    let mut reader = Reader::of(node, path, found)?;
    let mut kinds = vec!["DeterministicSampler", "RulesBasedSampler"];
    kinds.extend(words(&Method::ALL));
    let mut chosen = Vec::new();
    for kind in &kinds {
        if reader.has(kind) {
            chosen.push(*kind);
        }
        reader.node(kind);
    }
    let &[kind] = chosen.as_slice() else {
        let message = match chosen.as_slice() {
            [] => format!("a sampler is missing: one of {}", kinds.join(", ")),
            more => format!("one sampler is expected here, not {}", more.join(" and ")),
        };
        found.problem(node.line, path, message);
        reader.finish(found);
        return None;
    };
    let below = reader.below(kind);
    let nothing = Node {
        line: node.line,
        value: Value::Null,
    };
    let options = reader.node(kind).unwrap_or(&nothing);
    reader.finish(found);
    let mut r = Reader::of(options, &below, found)?;
    let sampler = match kind {
        "DeterministicSampler" => SamplerConfig::Deterministic {
            rate: required(&mut r, "SampleRate", found) as i64,
        },
        "RulesBasedSampler" if depth > 0 => {
            found.problem(
                node.line,
                &below,
                "a rule's sampler cannot have rules itself",
            );
            return None;
        }
        "RulesBasedSampler" => SamplerConfig::Rules {
            nested: r.bool("CheckNestedFields", found).unwrap_or(false),
            rules: rules(&mut r, found),
        },
        _ => {
            let method = super::read::choose(kind, &Method::ALL)?;
            SamplerConfig::Dynamic(dynamic(&mut r, method, found))
        }
    };
    r.finish(found);
    Some(sampler)
}

fn required(r: &mut Reader<'_>, key: &'static str, found: &mut Findings) -> f64 {
    match r.float(key, found) {
        Some(n) if n >= 0.0 => n,
        Some(_) => {
            found.problem(r.line_of(key), &r.below(key), "must not be negative");
            1.0
        }
        None => {
            if !r.has(key) {
                found.problem(r.line, &r.path, format!("`{key}` is missing"));
            }
            1.0
        }
    }
}

fn dynamic(r: &mut Reader<'_>, method: Method, found: &mut Findings) -> Dynamic {
    let is_ema = matches!(method, Method::EmaRate | Method::EmaThroughput);
    let is_rate = matches!(method, Method::Average | Method::EmaRate);
    let goal = match method {
        Method::Average => required(r, "SampleRate", found),
        Method::EmaRate => required(r, "GoalSampleRate", found),
        _ => required(r, "GoalThroughputPerSec", found),
    };
    // The library behind Refinery reads a goal of nothing as its default.
    let default_goal = if is_rate { 10.0 } else { 100.0 };
    let interval = match method {
        Method::Average | Method::Total => ("ClearFrequency", 30_000),
        Method::Windowed => ("UpdateFrequency", 1_000),
        _ => ("AdjustmentInterval", 15_000),
    };
    let interval_ms = r.duration_ms(interval.0, found).filter(|ms| *ms > 0);
    let interval_ms = interval_ms.unwrap_or(interval.1);
    let mut of = Dynamic {
        method,
        goal: if goal == 0.0 { default_goal } else { goal },
        initial_rate: 1,
        interval_ms,
        lookback_ms: 0,
        weight: 0.5,
        age_out: 0.5,
        burst_multiple: 2.0,
        burst_delay: 3,
        fields: r.texts("FieldList", found),
        max_keys: r.int_from("MaxKeys", 0, found).unwrap_or(0),
        uses_length: r.bool("UseTraceLength", found).unwrap_or(false),
        uses_cluster_size: false,
    };
    if of.fields.is_empty() {
        found.problem(r.line, &r.path, "`FieldList` is missing");
    }
    if of.max_keys == 0 {
        of.max_keys = 500;
    }
    if of.max_keys > SAMPLER_KEYS_MAX as i64 {
        let message = format!("must be at most {SAMPLER_KEYS_MAX}");
        found.problem(r.line_of("MaxKeys"), &r.below("MaxKeys"), message);
    }
    of.fields.sort();
    of.fields.dedup();
    if !is_rate {
        of.uses_cluster_size = r.bool("UseClusterSize", found).unwrap_or(false);
        if !of.uses_cluster_size {
            let why = "is the goal of each replica, as in Refinery; with `UseClusterSize` it is \
                       that of all together";
            let line = r.line_of("GoalThroughputPerSec");
            found.note(line, &r.below("GoalThroughputPerSec"), why);
        }
    }
    if method == Method::EmaThroughput {
        let rate = r.int_from("InitialSampleRate", 0, found).unwrap_or(0);
        of.initial_rate = if rate == 0 { 10 } else { rate };
    }
    if method == Method::Windowed {
        window(r, &mut of, found);
    }
    if is_ema {
        averages(r, &mut of, found);
    }
    of
}

fn window(r: &mut Reader<'_>, of: &mut Dynamic, found: &mut Findings) {
    let lookback = r.duration_ms("LookbackFrequency", found);
    let lookback = lookback.filter(|ms| *ms > 0).unwrap_or(of.interval_ms * 30);
    // A whole number of updates, and at least one.
    let ticks = (lookback / of.interval_ms).max(1);
    if ticks > WINDOW_TICKS_MAX {
        let message = format!("must be at most {WINDOW_TICKS_MAX} times `UpdateFrequency`");
        let line = r.line_of("LookbackFrequency");
        found.problem(line, &r.below("LookbackFrequency"), message);
    }
    of.lookback_ms = ticks.min(WINDOW_TICKS_MAX) * of.interval_ms;
}

fn averages(r: &mut Reader<'_>, of: &mut Dynamic, found: &mut Findings) {
    let weight = r.float("Weight", found).filter(|n| *n != 0.0);
    of.weight = weight.unwrap_or(0.5);
    if !(of.weight > 0.0 && of.weight < 1.0) {
        let line = r.line_of("Weight");
        found.problem(line, &r.below("Weight"), "must be between 0 and 1");
    }
    let age_out = r.float("AgeOutValue", found).filter(|n| *n != 0.0);
    of.age_out = age_out.unwrap_or(of.weight);
    let burst = r.float("BurstMultiple", found).filter(|n| *n != 0.0);
    of.burst_multiple = burst.unwrap_or(2.0);
    let delay = r.int_from("BurstDetectionDelay", 0, found).unwrap_or(0);
    of.burst_delay = if delay == 0 { 3 } else { delay };
}

fn rules(r: &mut Reader<'_>, found: &mut Findings) -> Vec<Rule> {
    let path = r.below("Rules");
    let nodes = r.list("Rules", found);
    if nodes.len() > RULES_COUNT_MAX {
        found.problem(r.line, &path, format!("more than {RULES_COUNT_MAX} rules"));
    }
    let nodes = nodes.iter().take(RULES_COUNT_MAX).enumerate();
    nodes
        .filter_map(|(i, node)| rule(node, &format!("{path}[{i}]"), found))
        .collect()
}

fn rule(node: &Node, path: &str, found: &mut Findings) -> Option<Rule> {
    let mut r = Reader::of(node, path, found)?;
    let sampler_path = r.below("Sampler");
    let sampler = r
        .node("Sampler")
        .and_then(|node| sampler(node, &sampler_path, 1, found));
    let scopes = [("trace", false), ("span", true)];
    let conditions_path = r.below("Conditions");
    let conditions = match r.node("Conditions") {
        // One condition may stand for a list of one: the documentation writes it so.
        Some(one) if matches!(one.value, Value::Map(_)) => condition(one, &conditions_path, found)
            .into_iter()
            .collect(),
        _ => {
            let nodes = r.list("Conditions", found).iter().enumerate();
            nodes
                .filter_map(|(i, node)| condition(node, &format!("{conditions_path}[{i}]"), found))
                .collect()
        }
    };
    let rule = Rule {
        name: r.text("Name", found).unwrap_or_default(),
        sampler: sampler.map(Box::new),
        drops: r.bool("Drop", found).unwrap_or(false),
        rate: r.int_from("SampleRate", 0, found).unwrap_or(0),
        conditions,
        of_one_span: r.choice("Scope", &scopes, found).unwrap_or(false),
    };
    if rule.sampler.is_none() && !rule.drops && rule.rate == 0 {
        let why = "drops what it matches: it says no `Sampler`, and its `SampleRate` is 0";
        found.note(node.line, path, why);
    }
    r.finish(found);
    Some(rule)
}

fn condition(node: &Node, path: &str, found: &mut Findings) -> Option<Condition> {
    let mut r = Reader::of(node, path, found)?;
    let operator = r.choice("Operator", &Operator::ALL, found);
    if operator.is_none() && !r.has("Operator") {
        found.problem(node.line, path, "`Operator` is missing");
    }
    let mut fields = r.texts("Fields", found);
    if let Some(field) = r.text("Field", found) {
        if !fields.is_empty() {
            found.problem(node.line, path, "`Field` and `Fields` exclude each other");
        }
        fields = vec![field];
    }
    let datatype = r.choice("Datatype", &Datatype::ALL, found);
    let value_path = r.below("Value");
    let values = match r.node("Value") {
        Some(node) => literals(node, &value_path, found),
        None => Vec::new(),
    };
    r.finish(found);
    let condition = Condition {
        fields,
        operator: operator?,
        values,
        datatype,
    };
    check(&condition, node.line, path, found);
    Some(condition)
}

fn literals(node: &Node, path: &str, found: &mut Findings) -> Vec<Literal> {
    let literal = match &node.value {
        Value::Bool(truth) => Literal::Bool(*truth),
        Value::Int(n) => Literal::Int(*n),
        Value::Float(n) => Literal::Float(*n),
        Value::Text(text) => Literal::Text(text.clone()),
        Value::List(items) => {
            let all = items.iter().flat_map(|item| literals(item, path, found));
            return all.collect();
        }
        Value::Null | Value::Map(_) => {
            let message = format!("a value is expected here, this is {}", node.kind());
            found.problem(node.line, path, message);
            return Vec::new();
        }
    };
    vec![literal]
}

fn check(condition: &Condition, line: u32, path: &str, found: &mut Findings) {
    use Operator as Op;
    let operator = condition.operator;
    if condition.fields.is_empty() && operator != Op::HasRootSpan {
        found.problem(line, path, "`Field` is missing");
    }
    let is_enough = match operator {
        Op::Exists | Op::NotExists => true,
        Op::In | Op::NotIn => !condition.values.is_empty(),
        _ => condition.values.len() == 1,
    };
    if !is_enough {
        let message = "`Value` must be one value, and for `in` and `not-in` at least one";
        found.problem(line, path, message);
    }
    let is_truth = matches!(condition.values.as_slice(), [Literal::Bool(_)]);
    if operator == Op::HasRootSpan && !is_truth && is_enough {
        found.problem(line, path, "`has-root-span` takes the value true or false");
    }
    for field in &condition.fields {
        if field.starts_with("?.") && field != "?.NUM_DESCENDANTS" {
            found.problem(line, path, unknown(field, &["?.NUM_DESCENDANTS"]));
        }
    }
}

/// Reads the `Traces` group of Refinery's own configuration.
pub(crate) fn traces(node: &Node, to: &mut Settings, found: &mut Findings) {
    let Some(mut r) = Reader::of(node, "Traces", found) else {
        return;
    };
    // Nothing means the default for both, as it does there.
    if let Some(ms) = r.duration_ms("SendDelay", found).filter(|ms| *ms > 0) {
        to.after_root_ms = ms;
    }
    if let Some(ms) = r.duration_ms("TraceTimeout", found).filter(|ms| *ms > 0) {
        to.decision_wait_ms = ms;
    }
    if let Some(n) = r.count("SpanLimit", found) {
        to.span_limit = n;
    }
    for key in ["BatchTimeout", "SendTicker"] {
        if r.duration_ms(key, found).is_some() {
            let line = r.line_of(key);
            found.note(
                line,
                &r.below(key),
                "has no effect: decisions are due on time",
            );
        }
    }
    for key in ["MaxBatchSize", "MaxExpiredTraces"] {
        if r.count(key, found).is_some() {
            let line = r.line_of(key);
            found.note(line, &r.below(key), "has no effect on a decision");
        }
    }
    r.finish(found);
}

/// Reads the `SampleCache` group of Refinery's own configuration.
pub(crate) fn cache(node: &Node, to: &mut Settings, found: &mut Findings) {
    let Some(mut r) = Reader::of(node, "SampleCache", found) else {
        return;
    };
    if let Some(n) = r.count("KeptSize", found) {
        to.sampled_cache = n;
    }
    if let Some(n) = r.count("DroppedSize", found) {
        to.non_sampled_cache = n;
    }
    if r.duration_ms("SizeCheckInterval", found).is_some() {
        let line = r.line_of("SizeCheckInterval");
        found.note(line, "SampleCache", "`SizeCheckInterval` has no effect");
    }
    r.finish(found);
}
