//! A configuration becomes questions about spans and rules over summaries.

use std::collections::{BTreeMap, BTreeSet};

use super::{Conditions, Questions, Slot, tells_errors};
use crate::ask::{Ask, Field, Test};
use crate::chance::{Threshold, hash_bound};
use crate::config::refinery::DEFAULT_TARGET;
use crate::config::{
    self, Body, Composite, Condition, Config, Dynamic, ErrorMode, Literal, Objective, Operator,
    SamplerConfig, Status,
};
use crate::limits::{BITS_COUNT_MAX, SLOTS_COUNT_MAX};
use crate::ottl::{self, About};
use crate::pattern::Pattern;
use crate::problem::Findings;
use crate::rule::{Case, Policy, Rule, Sampling, Then, When};

/// What a configuration compiles to.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) questions: Questions,
    pub(super) policies: Vec<Policy>,
    pub(super) samplers: Vec<(Option<u16>, Sampling)>,
    pub(super) names: Vec<String>,
    pub(super) dynamics: Vec<(Dynamic, Vec<u8>)>,
    pub(super) objectives: Vec<(Objective, u8)>,
    pub(super) buckets: Vec<(i64, i64)>,
    pub(super) composites: usize,
    /// Bits of questions that were asked before, by their words.
    asked: BTreeMap<String, u16>,
}

/// Compiles; what cannot be is a problem.
pub(super) fn parts(config: &Config, found: &mut Findings) -> Parts {
    let mut parts = Parts::default();
    for policy in &config.policies {
        let name = parts.name(policy.name.clone());
        let inverted = config.settings.inverts && is_inverted(&policy.body);
        let rule = parts.rule(policy, found);
        parts.policies.push(Policy {
            name,
            rule,
            inverted,
        });
    }
    // A veto wins, also over a first match: it is asked first.
    parts
        .policies
        .sort_by_key(|policy| !matches!(policy.rule, Rule::Drop(_)));
    for (target, sampler) in &config.samplers {
        let bit = (target != DEFAULT_TARGET).then(|| {
            parts.ask(Ask::Target {
                fields: config.settings.target_fields.clone(),
                value: target.clone(),
            })
        });
        let sampling = parts.sampling(sampler, target, found);
        parts.samplers.push((bit, sampling));
    }
    if usize::from(parts.questions.bits) > BITS_COUNT_MAX {
        let message = format!("the plan asks more than {BITS_COUNT_MAX} questions of a span");
        found.problem(0, "", message);
    }
    if parts.questions.slots.len() > SLOTS_COUNT_MAX {
        let message = format!("the plan counts by more than {SLOTS_COUNT_MAX} fields");
        found.problem(0, "", message);
    }
    parts
}

fn is_inverted(body: &Body) -> bool {
    match body {
        Body::NumericAttribute { inverted, .. }
        | Body::StringAttribute { inverted, .. }
        | Body::BooleanAttribute { inverted, .. } => *inverted,
        _ => false,
    }
}

fn set(values: &[String]) -> BTreeSet<String> {
    let values = values.iter().filter(|value| !value.is_empty());
    values.cloned().collect()
}

impl Parts {
    fn name(&mut self, name: String) -> u16 {
        self.names.push(name);
        u16::try_from(self.names.len() - 1).unwrap_or(u16::MAX)
    }

    fn bit(&mut self) -> u16 {
        let bit = self.questions.bits;
        self.questions.bits = bit.saturating_add(1);
        bit
    }

    /// The bit of a question, the same for the same words.
    fn ask(&mut self, ask: Ask) -> u16 {
        let words = format!("{ask:?}");
        if let Some(bit) = self.asked.get(&words) {
            return *bit;
        }
        let bit = self.bit();
        self.asked.insert(words, bit);
        self.questions.asks.push((bit, ask));
        bit
    }

    fn slot(&mut self, slot: Slot) -> u8 {
        let slots = &mut self.questions.slots;
        let at = slots.iter().position(|known| *known == slot);
        let at = at.unwrap_or_else(|| {
            slots.push(slot);
            slots.len() - 1
        });
        u8::try_from(at).unwrap_or(u8::MAX)
    }

    fn rule(&mut self, policy: &config::Policy, found: &mut Findings) -> Rule {
        match &policy.body {
            Body::AlwaysSample => Rule::Always,
            Body::Latency {
                threshold_ms,
                upper_threshold_ms,
            } => {
                let upper = upper_threshold_ms.unsigned_abs();
                let upper = if upper == 0 { u64::MAX } else { upper };
                Rule::Latency(threshold_ms.unsigned_abs(), upper)
            }
            Body::Probabilistic {
                salt,
                percentage,
                is_consistent,
            } => {
                if *is_consistent {
                    Rule::Consistent(Threshold::from_probability(percentage / 100.0))
                } else {
                    Rule::Hash(salt.clone(), hash_bound(*percentage))
                }
            }
            Body::StatusCode(statuses) => Rule::When(When::Status {
                ok: statuses.contains(&Status::Ok),
                error: statuses.contains(&Status::Error),
                unset: statuses.contains(&Status::Unset),
            }),
            Body::TraceFlags => Rule::When(When::IsSampled),
            Body::NewFingerprint => Rule::When(When::NewFailure),
            Body::RateLimiting { per_second, burst } => {
                self.buckets.push((*per_second, *burst));
                Rule::Spans(self.buckets.len() - 1)
            }
            Body::BytesLimiting { per_second, burst } => {
                self.buckets.push((*per_second, *burst));
                Rule::Bytes(self.buckets.len() - 1)
            }
            Body::SpanCount { min, max } => {
                let max = if *max == 0 {
                    u64::MAX
                } else {
                    max.unsigned_abs()
                };
                Rule::When(When::SpanCount(min.unsigned_abs(), max))
            }
            Body::And(inner) => Rule::And(self.rules(inner, found)),
            Body::Drop(inner) => Rule::Drop(self.rules(inner, found)),
            Body::Not(inner) => Rule::Not(Box::new(self.rule(inner, found))),
            Body::Composite(of) => self.composite(of, found),
            Body::Slo(of) => {
                let slot = self.slot(Slot {
                    names: of.key.clone(),
                    on_root: false,
                });
                self.objectives.push((of.clone(), slot));
                Rule::Objective(self.objectives.len() - 1)
            }
            Body::OttlCondition {
                error_mode,
                span,
                spanevent,
            } => self.conditions(&policy.name, *error_mode, (span, spanevent), found),
            body => self.attribute(body, &policy.name, found),
        }
    }

    fn rules(&mut self, policies: &[config::Policy], found: &mut Findings) -> Vec<Rule> {
        let policies = policies.iter();
        policies.map(|policy| self.rule(policy, found)).collect()
    }

    fn attribute(&mut self, body: &Body, name: &str, found: &mut Findings) -> Rule {
        let (ask, inverted) = match body {
            Body::NumericAttribute {
                key,
                min,
                max,
                inverted,
            } => {
                let ask = Ask::Number {
                    key: key.clone(),
                    min: min.unwrap_or(i64::MIN),
                    max: max.unwrap_or(i64::MAX),
                };
                (ask, *inverted)
            }
            Body::BooleanAttribute {
                key,
                value,
                inverted,
            } => {
                let (key, value) = (key.clone(), *value);
                (Ask::Flag { key, value }, *inverted)
            }
            Body::StringAttribute {
                key,
                values,
                is_pattern: true,
                inverted,
            } => {
                let patterns = patterns(values, name, found);
                let key = key.clone();
                (Ask::Pattern { key, patterns }, *inverted)
            }
            Body::StringAttribute {
                key,
                values,
                inverted,
                ..
            } => {
                let (key, values) = (key.clone(), set(values));
                (Ask::Text { key, values }, *inverted)
            }
            Body::TraceState { key, values } => {
                // Key and value of a member have 256 characters together.
                let mut values = set(values);
                values.retain(|value| key.len() + value.len() < 256);
                let key = key.clone();
                (Ask::TraceState { key, values }, false)
            }
            _ => return Rule::Always,
        };
        let when = When::Bit(self.ask(ask));
        Rule::When(if inverted {
            When::Not(Box::new(when))
        } else {
            when
        })
    }

    fn conditions(
        &mut self,
        name: &str,
        mode: ErrorMode,
        (span, spanevent): (&[String], &[String]),
        found: &mut Findings,
    ) -> Rule {
        let mut read = |texts: &[String], about| {
            let mut conditions = Vec::new();
            for text in texts {
                match ottl::parse(text, about) {
                    Ok(condition) => conditions.push(condition),
                    Err(message) => {
                        let message = format!("`{text}`: {message}");
                        found.problem(0, &format!("policy `{name}`"), message);
                    }
                }
            }
            conditions
        };
        let span = read(span, About::Span);
        let spanevent = read(spanevent, About::SpanEvent);
        let bit = self.bit();
        let error_bit = tells_errors(mode).then(|| self.bit());
        self.questions.conditions.push(Conditions {
            bit,
            error_bit,
            span,
            spanevent,
        });
        Rule::Conditions(bit, error_bit)
    }

    /// Parts in their order; what no share is said for gets what the others leave.
    fn composite(&mut self, of: &Composite, found: &mut Findings) -> Rule {
        let mut ordered: Vec<&config::Policy> = Vec::new();
        for name in &of.order {
            let named = of.policies.iter().filter(|policy| policy.name == *name);
            ordered.extend(named);
        }
        let others = of
            .policies
            .iter()
            .filter(|policy| !of.order.contains(&policy.name));
        ordered.extend(others);
        let total = of.spans_per_second_max.unsigned_abs();
        let equal = total / of.policies.len().max(1) as u64;
        let share_of = |name: &str| {
            let said = of.allocation.iter().find(|(policy, _)| policy == name);
            said.map(|(_, percent)| match percent.unsigned_abs() {
                0 => equal,
                percent => (u128::from(total) * u128::from(percent) / 100) as u64,
            })
        };
        let shares: Vec<Option<u64>> = ordered.iter().map(|p| share_of(&p.name)).collect();
        let given: u64 = shares.iter().flatten().sum();
        let without = shares.iter().filter(|share| share.is_none()).count().max(1) as u64;
        let rest = total.saturating_sub(given) / without;
        let parts = ordered.iter().zip(shares);
        let parts = parts.map(|(policy, share)| (self.rule(policy, found), share.unwrap_or(rest)));
        let parts = parts.collect();
        self.composites += 1;
        Rule::Composite(self.composites - 1, total, parts)
    }

    fn sampling(&mut self, of: &SamplerConfig, path: &str, found: &mut Findings) -> Sampling {
        match of {
            SamplerConfig::Deterministic { rate } => {
                let name = self.name(format!("{path}/deterministic"));
                Sampling::Deterministic(name, rate.unsigned_abs())
            }
            SamplerConfig::Dynamic(of) => {
                let name = self.name(format!("{path}/{}", of.method.name()));
                let mut slots = Vec::new();
                for field in &of.fields {
                    let bare = field.strip_prefix("root.");
                    slots.push(self.slot(Slot {
                        names: vec![bare.unwrap_or(field).to_owned()],
                        on_root: bare.is_some(),
                    }));
                }
                self.dynamics.push((of.clone(), slots));
                Sampling::Dynamic(name, self.dynamics.len() - 1)
            }
            SamplerConfig::Rules { rules, nested } => {
                let none = self.name(format!("{path}/no rule"));
                let mut cases = Vec::new();
                for rule in rules {
                    let path = format!("{path}/{}", rule.name);
                    let name = self.name(path.clone());
                    let when = self.when(rule, *nested, &path, found);
                    let then = match &rule.sampler {
                        Some(sampler) => Then::Sampler(self.sampling(sampler, &path, found)),
                        None if rule.drops || rule.rate == 0 => Then::Drop,
                        None => Then::Rate(rule.rate.unsigned_abs()),
                    };
                    cases.push(Case { name, when, then });
                }
                Sampling::Rules(none, cases)
            }
        }
    }

    fn when(
        &mut self,
        rule: &config::Rule,
        nested: bool,
        path: &str,
        found: &mut Findings,
    ) -> When {
        let mut all = Vec::new();
        let mut of_one_span = Vec::new();
        for condition in &rule.conditions {
            if let Some(when) = of_trace(condition) {
                all.push(when);
                continue;
            }
            let is_root = |name: &String| name.starts_with("root.");
            let roots = condition.fields.iter().filter(|name| is_root(name)).count();
            let Some(test) = test(condition, path, found) else {
                continue;
            };
            if roots == 0 && rule.of_one_span {
                of_one_span.push(Ask::Field(field(&condition.fields, nested, test)));
            } else if roots == 0 {
                let ask = Ask::Field(field(&condition.fields, nested, test));
                all.push(When::Bit(self.ask(ask)));
            } else if roots == condition.fields.len() {
                let names = condition
                    .fields
                    .iter()
                    .filter_map(|f| f.strip_prefix("root."));
                let names: Vec<String> = names.map(str::to_owned).collect();
                let ask = Ask::Field(field(&names, nested, test));
                all.push(When::Bit(self.ask(Ask::OnRoot(Box::new(ask)))));
            } else if rule.of_one_span {
                let message = "fields with and without `root.` in one condition need scope trace";
                found.problem(0, path, message);
            } else {
                all.push(self.mixed(condition, nested, path, found));
            }
        }
        if !of_one_span.is_empty() {
            all.push(When::Bit(self.ask(Ask::All(of_one_span))));
        }
        When::All(all)
    }

    /// A condition whose fields are partly of the root: for each span the first field that is
    /// there counts, and the root's are the same for all spans. So it holds where, with the first
    /// field of the root that is there, a span's fields before it match, or a span has none of
    /// them and the root's field matches; or where the root has none, and a span's fields match.
    fn mixed(
        &mut self,
        condition: &Condition,
        nested: bool,
        path: &str,
        found: &mut Findings,
    ) -> When {
        let mut before: Vec<String> = Vec::new();
        let mut none_of_root: Vec<When> = Vec::new();
        let mut any = Vec::new();
        let ask = |parts: &mut Self, names: &[String], test: Test, on_root: bool| {
            let ask = Ask::Field(field(names, nested, test));
            When::Bit(parts.ask(if on_root {
                Ask::OnRoot(Box::new(ask))
            } else {
                ask
            }))
        };
        let mut tests = || test(condition, path, found).unwrap_or(Test::Exists);
        for name in &condition.fields {
            let Some(bare) = name.strip_prefix("root.") else {
                before.push(name.clone());
                continue;
            };
            let root = [bare.to_owned()];
            let mut of_span = Vec::new();
            if !before.is_empty() {
                of_span.push(ask(self, &before, tests(), false));
            }
            let mut of_root = vec![ask(self, &root, tests(), true)];
            if !before.is_empty() {
                of_root.push(ask(self, &before, Test::NotExists, false));
            }
            of_span.push(When::All(of_root));
            let mut here: Vec<When> = vec![ask(self, &root, Test::Exists, true)];
            here.extend(none_of_root.iter().map(copy));
            here.push(When::Any(of_span));
            any.push(When::All(here));
            let exists = ask(self, &root, Test::Exists, true);
            none_of_root.push(When::Not(Box::new(exists)));
        }
        if !before.is_empty() {
            none_of_root.push(ask(self, &before, tests(), false));
            any.push(When::All(none_of_root));
        }
        When::Any(any)
    }
}

/// A copy of a bit or of its opposite.
fn copy(when: &When) -> When {
    match when {
        When::Bit(bit) => When::Bit(*bit),
        When::Not(inner) => When::Not(Box::new(copy(inner))),
        _ => When::All(Vec::new()),
    }
}

fn field(names: &[String], nested: bool, test: Test) -> Field {
    Field {
        names: names.to_vec(),
        nested,
        test,
    }
}

fn patterns(values: &[String], name: &str, found: &mut Findings) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for value in values {
        match Pattern::new(value) {
            Ok(pattern) => patterns.push(pattern),
            Err(message) => {
                let message = format!("`{value}`: {message}");
                found.problem(0, &format!("policy `{name}`"), message);
            }
        }
    }
    patterns
}

/// A condition that is about the trace and not about a span.
fn of_trace(condition: &Condition) -> Option<When> {
    if condition.operator == Operator::HasRootSpan {
        return Some(match condition.values.as_slice() {
            [Literal::Bool(false)] => When::Not(Box::new(When::HasRoot)),
            _ => When::HasRoot,
        });
    }
    let [field] = condition.fields.as_slice() else {
        return None;
    };
    let number = match condition.values.first() {
        Some(Literal::Int(n)) => *n as f64,
        Some(Literal::Float(n)) => *n,
        Some(Literal::Text(text)) => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    };
    match field.as_str() {
        "?.NUM_DESCENDANTS" => Some(When::Descendants(condition.operator, number)),
        "meta.span_count" | "root.meta.span_count" => {
            Some(When::RootCount(condition.operator, number))
        }
        _ => None,
    }
}

fn test(condition: &Condition, path: &str, found: &mut Findings) -> Option<Test> {
    let text = || match condition.values.first() {
        Some(Literal::Text(text)) => text.clone(),
        Some(Literal::Int(n)) => n.to_string(),
        Some(Literal::Float(n)) => n.to_string(),
        Some(Literal::Bool(truth)) => truth.to_string(),
        None => String::new(),
    };
    Some(match condition.operator {
        Operator::Exists => Test::Exists,
        Operator::NotExists => Test::NotExists,
        Operator::Matches => match Pattern::new(&text()) {
            Ok(pattern) => Test::Matches(pattern),
            Err(message) => {
                found.problem(0, path, format!("`{}`: {message}", text()));
                return None;
            }
        },
        Operator::StartsWith | Operator::Contains | Operator::DoesNotContain => Test::Text {
            operator: condition.operator,
            value: text(),
        },
        operator => Test::Compare {
            operator,
            values: condition.values.clone(),
            datatype: condition.datatype,
        },
    })
}
