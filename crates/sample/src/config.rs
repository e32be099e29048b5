//! What a plan is made of, as it was said: policies with the Collector's names, samplers with
//! Refinery's.
//!
//! The way of the data: a [`crate::node::Node`] of either format is read ([`contrib`],
//! [`refinery`], [`native`]) into a [`Config`], which is compiled into a plan, and written back
//! as TOML ([`emit`]).

pub(crate) mod contrib;
pub(crate) mod emit;
pub(crate) mod native;
pub(crate) mod read;
pub(crate) mod refinery;

/// A whole configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    pub(crate) settings: Settings,
    pub(crate) policies: Vec<Policy>,
    /// Samplers by target; `__default__` is for what no other is for.
    pub(crate) samplers: Vec<(String, SamplerConfig)>,
}

/// When and with what limits a plan decides.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the configuration, with its name there"
)]
pub(crate) struct Settings {
    pub(crate) decision_wait_ms: u64,
    /// 0: the root makes no difference.
    pub(crate) after_root_ms: u64,
    /// 0: no limit.
    pub(crate) span_limit: u64,
    /// 0: no limit.
    pub(crate) trace_bytes_max: u64,
    pub(crate) drops_giants: bool,
    pub(crate) traces_max: u64,
    pub(crate) blocks_on_overflow: bool,
    pub(crate) sampled_cache: u64,
    pub(crate) non_sampled_cache: u64,
    pub(crate) first_match: bool,
    pub(crate) drops_pending: bool,
    pub(crate) inverts: bool,
    pub(crate) dry_run: bool,
    /// 0: a late error changes nothing.
    pub(crate) late_error_grace_ms: u64,
    /// Resource attributes that name the target of a trace, the first that is there.
    pub(crate) target_fields: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            decision_wait_ms: 30_000,
            after_root_ms: 0,
            span_limit: 0,
            trace_bytes_max: 0,
            drops_giants: false,
            traces_max: 50_000,
            blocks_on_overflow: false,
            sampled_cache: 0,
            non_sampled_cache: 0,
            first_match: false,
            drops_pending: false,
            inverts: true,
            dry_run: false,
            late_error_grace_ms: 180_000,
            target_fields: ["deployment.environment.name", "deployment.environment"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

/// A policy with its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) body: Body,
}

/// What a policy asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    AlwaysSample,
    Latency {
        threshold_ms: i64,
        /// 0: none.
        upper_threshold_ms: i64,
    },
    NumericAttribute {
        key: String,
        min: Option<i64>,
        max: Option<i64>,
        inverted: bool,
    },
    Probabilistic {
        salt: String,
        percentage: f64,
        is_consistent: bool,
    },
    StatusCode(Vec<Status>),
    StringAttribute {
        key: String,
        values: Vec<String>,
        is_pattern: bool,
        inverted: bool,
    },
    TraceState {
        key: String,
        values: Vec<String>,
    },
    TraceFlags,
    RateLimiting {
        per_second: i64,
        burst: i64,
    },
    BytesLimiting {
        per_second: i64,
        burst: i64,
    },
    SpanCount {
        min: i64,
        /// 0: none.
        max: i64,
    },
    BooleanAttribute {
        key: String,
        value: bool,
        inverted: bool,
    },
    OttlCondition {
        error_mode: ErrorMode,
        span: Vec<String>,
        spanevent: Vec<String>,
    },
    And(Vec<Policy>),
    Not(Box<Policy>),
    Drop(Vec<Policy>),
    Composite(Composite),
    NewFingerprint,
    Slo(Objective),
}

impl Body {
    /// The `type` of the policy.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::AlwaysSample => "always_sample",
            Self::Latency { .. } => "latency",
            Self::NumericAttribute { .. } => "numeric_attribute",
            Self::Probabilistic { .. } => "probabilistic",
            Self::StatusCode(_) => "status_code",
            Self::StringAttribute { .. } => "string_attribute",
            Self::TraceState { .. } => "trace_state",
            Self::TraceFlags => "trace_flags",
            Self::RateLimiting { .. } => "rate_limiting",
            Self::BytesLimiting { .. } => "bytes_limiting",
            Self::SpanCount { .. } => "span_count",
            Self::BooleanAttribute { .. } => "boolean_attribute",
            Self::OttlCondition { .. } => "ottl_condition",
            Self::And(_) => "and",
            Self::Not(_) => "not",
            Self::Drop(_) => "drop",
            Self::Composite(_) => "composite",
            Self::NewFingerprint => "new_fingerprint",
            Self::Slo(_) => "slo",
        }
    }
}

/// The word that the Collector's configuration has for a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Error,
    Unset,
}

impl Status {
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("OK", Self::Ok),
        ("ERROR", Self::Error),
        ("UNSET", Self::Unset),
    ];
}

/// What an error while a condition is evaluated does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorMode {
    Propagate,
    Ignore,
    Silent,
}

impl ErrorMode {
    pub(crate) const ALL: [(&'static str, Self); 3] = [
        ("propagate", Self::Propagate),
        ("ignore", Self::Ignore),
        ("silent", Self::Silent),
    ];
}

/// Policies in order, each with its share of a rate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Composite {
    pub(crate) spans_per_second_max: i64,
    pub(crate) order: Vec<String>,
    pub(crate) policies: Vec<Policy>,
    /// Name and percent.
    pub(crate) allocation: Vec<(String, i64)>,
}

/// A service level objective: keeps more of what burns its error budget.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Objective {
    /// Fields whose values together are counted: the service and its route.
    pub(crate) key: Vec<String>,
    /// Share of requests that must not fail, below 1.
    pub(crate) target: f64,
    pub(crate) short_ms: u64,
    pub(crate) long_ms: u64,
    /// Share that is kept while the budget lasts.
    pub(crate) base_percentage: f64,
    /// Burn rate from which everything is kept.
    pub(crate) full_burn_rate: f64,
}

/// A sampler of Refinery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SamplerConfig {
    Deterministic { rate: i64 },
    Dynamic(Dynamic),
    Rules { rules: Vec<Rule>, nested: bool },
}

/// Which way a dynamic sampler finds its rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// `DynamicSampler`: rates from the counts of one interval.
    Average,
    /// `EMADynamicSampler`: rates from moving averages.
    EmaRate,
    /// `EMAThroughputSampler`: moving averages towards events per second.
    EmaThroughput,
    /// `WindowedThroughputSampler`: a sliding window towards events per second.
    Windowed,
    /// `TotalThroughputSampler`: one interval towards events per second.
    Total,
}

impl Method {
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("DynamicSampler", Self::Average),
        ("EMADynamicSampler", Self::EmaRate),
        ("EMAThroughputSampler", Self::EmaThroughput),
        ("WindowedThroughputSampler", Self::Windowed),
        ("TotalThroughputSampler", Self::Total),
    ];

    pub(crate) fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, method)| *method == self);
        found.map_or("", |(name, _)| name)
    }
}

/// A sampler whose rates follow the traffic of its keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dynamic {
    pub(crate) method: Method,
    /// A sample rate, or events per second.
    pub(crate) goal: f64,
    pub(crate) initial_rate: i64,
    /// `ClearFrequency`, `AdjustmentInterval` or `UpdateFrequency`.
    pub(crate) interval_ms: u64,
    pub(crate) lookback_ms: u64,
    pub(crate) weight: f64,
    pub(crate) age_out: f64,
    pub(crate) burst_multiple: f64,
    pub(crate) burst_delay: i64,
    pub(crate) fields: Vec<String>,
    pub(crate) max_keys: i64,
    pub(crate) uses_length: bool,
    pub(crate) uses_cluster_size: bool,
}

/// A rule: the first that matches decides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) sampler: Option<Box<SamplerConfig>>,
    pub(crate) drops: bool,
    pub(crate) rate: i64,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) of_one_span: bool,
}

/// A condition of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) fields: Vec<String>,
    pub(crate) operator: Operator,
    pub(crate) values: Vec<Literal>,
    pub(crate) datatype: Option<Datatype>,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    More,
    Less,
    MoreOrEqual,
    LessOrEqual,
    StartsWith,
    Contains,
    DoesNotContain,
    Exists,
    NotExists,
    HasRootSpan,
    Matches,
    In,
    NotIn,
}

impl Operator {
    pub(crate) const ALL: [(&'static str, Self); 15] = [
        ("=", Self::Equal),
        ("!=", Self::NotEqual),
        (">", Self::More),
        ("<", Self::Less),
        (">=", Self::MoreOrEqual),
        ("<=", Self::LessOrEqual),
        ("starts-with", Self::StartsWith),
        ("contains", Self::Contains),
        ("does-not-contain", Self::DoesNotContain),
        ("exists", Self::Exists),
        ("not-exists", Self::NotExists),
        ("has-root-span", Self::HasRootSpan),
        ("matches", Self::Matches),
        ("in", Self::In),
        ("not-in", Self::NotIn),
    ];
}

/// The type that both sides of a comparison are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Datatype {
    Text,
    Int,
    Float,
    Bool,
}

impl Datatype {
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("string", Self::Text),
        ("int", Self::Int),
        ("float", Self::Float),
        ("bool", Self::Bool),
    ];
}

/// A value that a condition compares with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// The name that stands for `value` in a table of names.
pub(crate) fn name_of<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    let found = table.iter().find(|(_, known)| known == value);
    found.map_or("", |(name, _)| name)
}
