//! A plan: the policies and samplers of one tenant, compiled.
//!
//! The way of the data: [`Plan::facts`] asks the plan's questions of one raw span; a
//! [`crate::Summary`] folds the answers of a trace; a [`crate::Sampler`] rules over the summary.

mod compile;

use cordon_event::{Event, Kind, Value};
use sha2::{Digest as _, Sha256};

use crate::ask::{self, Ask, Found};
use crate::config::{Config, Dynamic, ErrorMode, Objective, Settings, emit, native};
use crate::limits::CONDITION_DEPTH_MAX;
use crate::node;
use crate::ottl;
use crate::problem::{Findings, Problem};
use crate::rule::{Policy, Sampling};
use crate::verdict::Reason;
use crate::wiped::Wiped;
use cordon_event::facts::{Bits, Facts, Key, add_keys};

/// The compiled configuration of one tenant.
#[derive(Debug)]
pub struct Plan {
    pub(crate) config: Config,
    pub(crate) questions: Questions,
    pub(crate) policies: Vec<Policy>,
    /// Samplers by target: the bit that says that a span is of it, none for the default.
    pub(crate) samplers: Vec<(Option<u16>, Sampling)>,
    /// Names of policies and rules, as reasons number them.
    pub(crate) names: Vec<String>,
    /// What the samplers and policies that keep state are.
    pub(crate) dynamics: Vec<(Dynamic, Vec<u8>)>,
    pub(crate) objectives: Vec<(Objective, u8)>,
    pub(crate) buckets: Vec<(i64, i64)>,
    pub(crate) composites: usize,
    digest: [u8; 8],
    notes: Vec<Problem>,
}

/// What a plan asks of a span.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    pub(crate) asks: Vec<(u16, Ask)>,
    pub(crate) conditions: Vec<Conditions>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) bits: u16,
}

/// Conditions in OTTL of one policy.
#[derive(Debug)]
pub(crate) struct Conditions {
    pub(crate) bit: u16,
    /// Where an error is to be told.
    pub(crate) error_bit: Option<u16>,
    pub(crate) span: Vec<ottl::Condition>,
    pub(crate) spanevent: Vec<ottl::Condition>,
}

/// Fields of which digests are kept.
#[derive(Debug, PartialEq)]
pub(crate) struct Slot {
    /// Of more than one, all have to be there.
    pub(crate) names: Vec<String>,
    pub(crate) on_root: bool,
}

impl Plan {
    /// Reads the native form, TOML.
    pub fn parse_native(text: &str) -> Result<Self, Vec<Problem>> {
        let node = node::parse_toml(text).map_err(|problem| vec![problem])?;
        let mut found = Findings::default();
        let config = native::config(&node, &mut found);
        Self::compiled(config, found)
    }

    /// The plan of a configuration that was read.
    pub(crate) fn compiled(
        config: Option<Config>,
        mut found: Findings,
    ) -> Result<Self, Vec<Problem>> {
        let Some(config) = config.filter(|_| found.problems.is_empty()) else {
            return Err(found.problems);
        };
        let digest = Sha256::digest(emit::text(&config).as_bytes());
        let digest = digest.first_chunk::<8>().copied().unwrap_or_default();
        let parts = compile::parts(&config, &mut found);
        if !found.problems.is_empty() {
            return Err(found.problems);
        }
        Ok(Self {
            questions: parts.questions,
            policies: parts.policies,
            samplers: parts.samplers,
            names: parts.names,
            dynamics: parts.dynamics,
            objectives: parts.objectives,
            buckets: parts.buckets,
            composites: parts.composites,
            config,
            digest,
            notes: found.notes,
        })
    }

    /// The plan in the native form, every default said: what an import understood.
    pub fn to_toml(&self) -> String {
        emit::text(&self.config)
    }

    /// Digest of the native form. Facts of a plan with another digest are not its own.
    pub const fn digest(&self) -> [u8; 8] {
        self.digest
    }

    /// What was said and has no effect here, each with why.
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }

    /// Whether everything is kept, and decisions only told.
    pub const fn is_dry_run(&self) -> bool {
        self.config.settings.dry_run
    }

    /// The same plan as a dry run, or not. It has another digest.
    pub fn with_dry_run(&self, is_dry_run: bool) -> Result<Self, Vec<Problem>> {
        let mut config = self.config.clone();
        config.settings.dry_run = is_dry_run;
        Self::compiled(Some(config), Findings::default())
    }

    /// Name of the policy or rule that a reason names.
    pub fn name(&self, reason: Reason) -> Option<&str> {
        let name = self.names.get(usize::from(reason.name?))?;
        Some(name.as_str())
    }

    /// Milliseconds for which a late failure brings a dropped trace back.
    pub const fn late_error_grace_ms(&self) -> u64 {
        self.config.settings.late_error_grace_ms
    }

    /// Whether what waits when the process ends is dropped.
    pub const fn drops_pending(&self) -> bool {
        self.config.settings.drops_pending
    }

    pub(crate) const fn settings(&self) -> &Settings {
        &self.config.settings
    }

    /// What the plan needs to know of a raw span, or of an exception recorded on one.
    ///
    /// `mac` is a keyed digest: of the fields that samplers count by, only it is kept.
    pub fn facts(&self, mac: &dyn Fn(&[u8]) -> u64, event: &Event) -> Facts {
        let questions = &self.questions;
        let mut bits = Bits::of(usize::from(questions.bits));
        let mut keys = Vec::new();
        let is_span = event.kind == Kind::Span;
        if is_span {
            for (bit, ask) in &questions.asks {
                if ask::holds(ask, event) {
                    bits.set(*bit);
                }
            }
            for (number, slot) in questions.slots.iter().enumerate() {
                if let Some(digest) = digest(mac, slot, event) {
                    add_keys(&mut keys, &[Key::new(number as u8, digest)]);
                }
            }
        }
        for conditions in &questions.conditions {
            conditions.ask(event, is_span, &mut bits);
        }
        Facts {
            plan: self.digest,
            bits,
            keys,
        }
    }
}

impl Conditions {
    /// Sets the bit where one of the conditions holds of the span, or of an event on it.
    fn ask(&self, event: &Event, is_span: bool, bits: &mut Bits) {
        let mut judge = |conditions: &[ottl::Condition], context: ottl::Context<'_>| {
            for condition in conditions {
                match ottl::holds(condition, context) {
                    Ok(true) => bits.set(self.bit),
                    Ok(false) => {}
                    Err(_) => {
                        if let Some(bit) = self.error_bit {
                            bits.set(bit);
                        }
                    }
                }
            }
        };
        let of = |happening, is_span| ottl::Context {
            event,
            happening,
            is_span,
        };
        if is_span {
            judge(&self.span, of(None, true));
            if let Some(Value::Array(happenings)) = event.attribute("span.events") {
                for happening in happenings {
                    judge(&self.spanevent, of(Some(happening), false));
                }
            }
        } else if event.kind == Kind::SpanException {
            judge(&self.spanevent, of(None, false));
        }
    }
}

/// Keyed digest of what a slot names in a span, where it is there.
fn digest(mac: &dyn Fn(&[u8]) -> u64, slot: &Slot, event: &Event) -> Option<u64> {
    if slot.on_root && event.parent_span_id.is_some() {
        return None;
    }
    let mut text = Wiped::default();
    for name in &slot.names {
        let found = ask::find(event, name)?;
        text.push_str(name);
        text.push(&[0]);
        write(found, &mut text, 0)?;
        text.push(&[0]);
    }
    Some(mac(text.bytes()))
}

/// A value as bytes that differ where values do.
fn write(found: Found<'_>, out: &mut Wiped, depth: usize) -> Option<()> {
    match found {
        Found::Bool(truth) => out.show(truth),
        Found::Int(n) => out.show(n),
        Found::Float(n) => out.show(n),
        Found::Text(text) => out.push_str(text),
        Found::Other(_) if depth > CONDITION_DEPTH_MAX => return None,
        Found::Other(Value::Bytes(bytes)) => out.push(bytes),
        Found::Other(Value::Array(items)) => {
            for item in items {
                write(item.into(), out, depth + 1);
                out.push(&[1]);
            }
        }
        Found::Other(Value::Map(pairs)) => {
            for (key, value) in pairs {
                out.push_str(key);
                out.push(&[2]);
                write(value.into(), out, depth + 1);
                out.push(&[1]);
            }
        }
        Found::Null | Found::Other(_) => return None,
    }
    Some(())
}

/// Whether an error of a policy's conditions counts.
pub(crate) fn tells_errors(mode: ErrorMode) -> bool {
    mode == ErrorMode::Propagate
}
