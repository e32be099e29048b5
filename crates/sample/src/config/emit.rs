//! A configuration as native TOML, with every default said, in an order that is always the same.

use toml::{Table, Value};

use super::native::VERSION;
use super::{
    Body, Composite, Condition, Config, Datatype, Dynamic, ErrorMode, Literal, Method, Objective,
    Operator, Policy, Rule, SamplerConfig, Settings, Status, name_of,
};

/// The text of `config`.
pub(crate) fn text(config: &Config) -> String {
    let mut table = settings(&config.settings);
    if !config.policies.is_empty() {
        table.insert("policies".to_owned(), policies(&config.policies));
    }
    if !config.samplers.is_empty() {
        let samplers = config.samplers.iter();
        let samplers = samplers.map(|(target, of)| (target.clone(), sampler(of)));
        table.insert("samplers".to_owned(), Value::Table(samplers.collect()));
    }
    table.to_string()
}

fn set(table: &mut Table, key: &str, value: impl Into<Value>) {
    table.insert(key.to_owned(), value.into());
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn duration(ms: u64) -> String {
    if ms.is_multiple_of(1_000) {
        format!("{}s", ms / 1_000)
    } else {
        format!("{ms}ms")
    }
}

fn settings(of: &Settings) -> Table {
    let mut table = Table::new();
    set(&mut table, "version", VERSION);
    set(&mut table, "decision_wait", duration(of.decision_wait_ms));
    let after_root = duration(of.after_root_ms);
    set(&mut table, "decision_wait_after_root_received", after_root);
    set(&mut table, "span_limit", count(of.span_limit));
    set(
        &mut table,
        "maximum_trace_size_bytes",
        count(of.trace_bytes_max),
    );
    let action = if of.drops_giants { "drop" } else { "decide" };
    set(&mut table, "maximum_trace_size_action", action);
    set(&mut table, "num_traces", count(of.traces_max));
    set(&mut table, "block_on_overflow", of.blocks_on_overflow);
    set(&mut table, "sample_on_first_match", of.first_match);
    set(
        &mut table,
        "drop_pending_traces_on_shutdown",
        of.drops_pending,
    );
    set(&mut table, "invert_decisions", of.inverts);
    set(&mut table, "dry_run", of.dry_run);
    set(
        &mut table,
        "late_error_grace",
        duration(of.late_error_grace_ms),
    );
    set(&mut table, "target_fields", of.target_fields.clone());
    let mut cache = Table::new();
    set(&mut cache, "sampled_cache_size", count(of.sampled_cache));
    set(
        &mut cache,
        "non_sampled_cache_size",
        count(of.non_sampled_cache),
    );
    set(&mut table, "decision_cache", cache);
    table
}

fn policies(of: &[Policy]) -> Value {
    Value::Array(of.iter().map(policy).collect())
}

fn policy(of: &Policy) -> Value {
    let mut table = Table::new();
    set(&mut table, "name", of.name.clone());
    set(&mut table, "type", of.body.kind());
    let options = options(&of.body);
    if !options.is_empty() {
        set(&mut table, of.body.kind(), options);
    }
    Value::Table(table)
}

fn options(body: &Body) -> Table {
    let mut t = Table::new();
    match body {
        Body::AlwaysSample | Body::TraceFlags | Body::NewFingerprint => {}
        Body::Latency {
            threshold_ms,
            upper_threshold_ms,
        } => {
            set(&mut t, "threshold_ms", *threshold_ms);
            set(&mut t, "upper_threshold_ms", *upper_threshold_ms);
        }
        Body::Probabilistic {
            salt,
            percentage,
            is_consistent,
        } => {
            let mode = if *is_consistent {
                "consistent"
            } else {
                "hash_seed"
            };
            set(&mut t, "sampling_percentage", *percentage);
            set(&mut t, "hash_salt", salt.clone());
            set(&mut t, "mode", mode);
        }
        Body::StatusCode(statuses) => {
            let words: Vec<&str> = statuses.iter().map(|s| name_of(&Status::ALL, s)).collect();
            set(&mut t, "status_codes", words);
        }
        Body::RateLimiting { per_second, burst } => {
            set(&mut t, "spans_per_second", *per_second);
            set(&mut t, "burst_capacity", *burst);
        }
        Body::BytesLimiting { per_second, burst } => {
            set(&mut t, "bytes_per_second", *per_second);
            set(&mut t, "burst_capacity", *burst);
        }
        Body::SpanCount { min, max } => {
            set(&mut t, "min_spans", *min);
            set(&mut t, "max_spans", *max);
        }
        Body::OttlCondition {
            error_mode,
            span,
            spanevent,
        } => {
            set(&mut t, "error_mode", name_of(&ErrorMode::ALL, error_mode));
            set(&mut t, "span", span.clone());
            set(&mut t, "spanevent", spanevent.clone());
        }
        Body::And(inner) => set(&mut t, "and_sub_policy", policies(inner)),
        Body::Drop(inner) => set(&mut t, "drop_sub_policy", policies(inner)),
        Body::Not(inner) => set(&mut t, "not_sub_policy", policy(inner)),
        Body::Composite(of) => composite(of, &mut t),
        Body::Slo(of) => objective(of, &mut t),
        _ => attribute(body, &mut t),
    }
    t
}

fn attribute(body: &Body, t: &mut Table) {
    match body {
        Body::NumericAttribute {
            key,
            min,
            max,
            inverted,
        } => {
            set(t, "key", key.clone());
            if let Some(min) = min {
                set(t, "min_value", *min);
            }
            if let Some(max) = max {
                set(t, "max_value", *max);
            }
            set(t, "invert_match", *inverted);
        }
        Body::StringAttribute {
            key,
            values,
            is_pattern,
            inverted,
        } => {
            set(t, "key", key.clone());
            set(t, "values", values.clone());
            set(t, "enabled_regex_matching", *is_pattern);
            set(t, "invert_match", *inverted);
        }
        Body::BooleanAttribute {
            key,
            value,
            inverted,
        } => {
            set(t, "key", key.clone());
            set(t, "value", *value);
            set(t, "invert_match", *inverted);
        }
        Body::TraceState { key, values } => {
            set(t, "key", key.clone());
            set(t, "values", values.clone());
        }
        _ => {}
    }
}

fn composite(of: &Composite, t: &mut Table) {
    set(t, "max_total_spans_per_second", of.spans_per_second_max);
    set(t, "policy_order", of.order.clone());
    set(t, "composite_sub_policy", policies(&of.policies));
    let shares = of.allocation.iter().map(|(policy, percent)| {
        let mut share = Table::new();
        set(&mut share, "policy", policy.clone());
        set(&mut share, "percent", *percent);
        Value::Table(share)
    });
    set(t, "rate_allocation", shares.collect::<Vec<_>>());
}

fn objective(of: &Objective, t: &mut Table) {
    set(t, "key", of.key.clone());
    set(t, "target", of.target);
    set(t, "short_window", duration(of.short_ms));
    set(t, "long_window", duration(of.long_ms));
    set(t, "base_percentage", of.base_percentage);
    set(t, "full_burn_rate", of.full_burn_rate);
}

fn sampler(of: &SamplerConfig) -> Value {
    let mut options = Table::new();
    let name = match of {
        SamplerConfig::Deterministic { rate } => {
            set(&mut options, "SampleRate", *rate);
            "DeterministicSampler"
        }
        SamplerConfig::Dynamic(of) => {
            dynamic(of, &mut options);
            of.method.name()
        }
        SamplerConfig::Rules { rules, nested } => {
            set(&mut options, "CheckNestedFields", *nested);
            let rules: Vec<Value> = rules.iter().map(rule).collect();
            set(&mut options, "Rules", rules);
            "RulesBasedSampler"
        }
    };
    let mut table = Table::new();
    set(&mut table, name, options);
    Value::Table(table)
}

fn dynamic(of: &Dynamic, t: &mut Table) {
    let (goal, interval) = match of.method {
        Method::Average => ("SampleRate", "ClearFrequency"),
        Method::EmaRate => ("GoalSampleRate", "AdjustmentInterval"),
        Method::EmaThroughput => ("GoalThroughputPerSec", "AdjustmentInterval"),
        Method::Windowed => ("GoalThroughputPerSec", "UpdateFrequency"),
        Method::Total => ("GoalThroughputPerSec", "ClearFrequency"),
    };
    set(t, goal, of.goal);
    set(t, interval, duration(of.interval_ms));
    set(t, "FieldList", of.fields.clone());
    set(t, "MaxKeys", of.max_keys);
    set(t, "UseTraceLength", of.uses_length);
    if !matches!(of.method, Method::Average | Method::EmaRate) {
        set(t, "UseClusterSize", of.uses_cluster_size);
    }
    if of.method == Method::EmaThroughput {
        set(t, "InitialSampleRate", of.initial_rate);
    }
    if of.method == Method::Windowed {
        set(t, "LookbackFrequency", duration(of.lookback_ms));
    }
    if matches!(of.method, Method::EmaRate | Method::EmaThroughput) {
        set(t, "Weight", of.weight);
        set(t, "AgeOutValue", of.age_out);
        set(t, "BurstMultiple", of.burst_multiple);
        set(t, "BurstDetectionDelay", of.burst_delay);
    }
}

fn rule(of: &Rule) -> Value {
    let mut t = Table::new();
    set(&mut t, "Name", of.name.clone());
    set(
        &mut t,
        "Scope",
        if of.of_one_span { "span" } else { "trace" },
    );
    set(&mut t, "Drop", of.drops);
    set(&mut t, "SampleRate", of.rate);
    if let Some(inner) = &of.sampler {
        set(&mut t, "Sampler", sampler(inner));
    }
    let conditions: Vec<Value> = of.conditions.iter().map(condition).collect();
    set(&mut t, "Conditions", conditions);
    Value::Table(t)
}

fn condition(of: &Condition) -> Value {
    let mut t = Table::new();
    if !of.fields.is_empty() {
        set(&mut t, "Fields", of.fields.clone());
    }
    set(&mut t, "Operator", name_of(&Operator::ALL, &of.operator));
    let mut values: Vec<Value> = of.values.iter().map(literal).collect();
    if let (1, Some(value)) = (values.len(), values.pop()) {
        set(&mut t, "Value", value);
    } else if !of.values.is_empty() {
        let values: Vec<Value> = of.values.iter().map(literal).collect();
        set(&mut t, "Value", values);
    }
    if let Some(datatype) = &of.datatype {
        set(&mut t, "Datatype", name_of(&Datatype::ALL, datatype));
    }
    Value::Table(t)
}

fn literal(of: &Literal) -> Value {
    match of {
        Literal::Bool(truth) => Value::Boolean(*truth),
        Literal::Int(n) => Value::Integer(*n),
        Literal::Float(n) => Value::Float(*n),
        Literal::Text(text) => Value::String(text.clone()),
    }
}
