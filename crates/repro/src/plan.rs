//! From a clean event to a plan: what to call, with what, under which conditions, and what must
//! go wrong.

use cordon_event::{Event, Value, attr};
use cordon_redact::Clean;
use serde_json::{Map, Value as Json};
use thiserror::Error;

use crate::environment::{self, Origin};
use crate::expectation::{self, Expectation};
use crate::limits::CONDITIONS_COUNT_MAX;
use crate::property::Property;
use crate::python::{is_dotted, is_identifier, is_importable};
use crate::synthetic::{self, Form};
use crate::{arguments, trace, veil};

/// Type of the exception where an event has no exception of its own (OpenTelemetry).
const ERROR_TYPE: &str = "error.type";
/// Module of the function, where its name is not qualified (older OpenTelemetry).
const CODE_NAMESPACE: &str = "code.namespace";
/// Function, in older OpenTelemetry.
const CODE_FUNCTION: &str = "code.function";

/// Why no test can be made of an event.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The event names no function.
    #[error("make test: the event names no function (code.function.name)")]
    NoFunction,
    /// The function cannot be imported by name: nested, a lambda, in `__main__`, or not a name.
    #[error("make test: the function cannot be imported by its name")]
    FunctionNotImportable,
    /// The call is a method on an instance, which the event does not carry.
    #[error("make test: the call needs an instance that the event does not carry")]
    NeedsInstance,
    /// The event carries no arguments.
    #[error("make test: the event carries no arguments (cordon.call.arguments)")]
    NoArguments,
    /// The arguments are not JSON arguments, too large or nested too deep.
    #[error("make test: the arguments cannot be read")]
    ArgumentsUnreadable,
    /// The event tells neither of an exception nor of a violated expectation.
    #[error("make test: the event records neither an exception nor a violated expectation")]
    NoFailure,
    /// The expectation is outside of what may become code.
    #[error("make test: the expectation is not a plain expression over result and arguments")]
    ExpectationNotAdmitted,
    /// The function's module is no Python file of the source: its code is not ours to call.
    #[error("make test: the function's module is not under the source")]
    FunctionNotInSource,
    /// The module of a flag is no Python file of the source.
    #[error("make test: the module of a flag is not under the source")]
    FlagNotInSource,
    /// Flags, environment, clock or seed are not of the recorded shape.
    #[error("make test: the recorded conditions cannot be read")]
    ConditionsUnreadable,
}

impl Refusal {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoFunction => "no_function",
            Self::FunctionNotImportable => "function_not_importable",
            Self::NeedsInstance => "needs_instance",
            Self::NoArguments => "no_arguments",
            Self::ArgumentsUnreadable => "arguments_unreadable",
            Self::NoFailure => "no_failure",
            Self::ExpectationNotAdmitted => "expectation_not_admitted",
            Self::FunctionNotInSource => "function_not_in_source",
            Self::FlagNotInSource => "flag_not_in_source",
            Self::ConditionsUnreadable => "conditions_unreadable",
        }
    }
}

/// What must go wrong for the failure to be the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An exception of this type escapes the function.
    Exception {
        /// Type, as recorded: with its module, unless it is a builtin.
        name: String,
        /// Function of the application that raised it, where the event has a stack trace.
        raised_in: Option<String>,
    },
    /// The function returns, and this expression over its result does not hold.
    Expectation {
        /// The expression.
        expression: String,
        /// Arguments that it names.
        names: Vec<String>,
    },
}

/// A flag to restore: `module.name[key] = value`, or `module.name = value` without a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flag {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) key: Option<String>,
    pub(crate) value: Json,
}

/// Variables of the environment, name and value.
pub(crate) type Variables = Vec<(String, String)>;

/// Whose texts the arguments hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// The recorded ones: to be run, not to be handed out.
    Recorded,
    /// Stand-ins, but for so many that the failure needs.
    Needed(usize),
    /// Stand-ins for what may say something, recorded codes: the test was not run.
    Codes,
}

/// Everything a test is made of. Holds no pseudonym and nothing removed: stand-ins only.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub(crate) fingerprint: String,
    pub(crate) module: String,
    pub(crate) qualname: String,
    /// As the clean event has them, for other forms of stand-ins.
    recorded: Json,
    /// `{"args": [..], "kwargs": {..}}`.
    pub(crate) arguments: Json,
    /// Stand-ins in `arguments` as recorded.
    stand_ins: usize,
    pub(crate) texts: Texts,
    pub(crate) flags: Vec<Flag>,
    pub(crate) environment: Variables,
    /// Names of recorded variables that are not restored.
    pub(crate) left_out: Vec<String>,
    pub(crate) time: Option<String>,
    pub(crate) seed: Option<i64>,
    pub(crate) failure: Failure,
    pub(crate) property: Option<Property>,
}

impl Plan {
    /// Module and qualified name of the function, joined by a dot.
    pub fn function(&self) -> String {
        format!("{}.{}", self.module, self.qualname)
    }

    /// Refuses what would import code from elsewhere than the source: an event is written by
    /// whoever can send telemetry, and may name any function of the interpreter. `holds` says
    /// whether a dotted module is a Python file under the source. To be asked before anything runs.
    pub fn within(&self, holds: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
        if !holds(&self.module) {
            return Err(Refusal::FunctionNotInSource);
        }
        let flags_hold = self.flags.iter().all(|flag| holds(&flag.module));
        flags_hold.then_some(()).ok_or(Refusal::FlagNotInSource)
    }

    /// What must go wrong.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Identifier that the test bears.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The arguments as they stand, `{"args": [..], "kwargs": {..}}`.
    pub fn arguments(&self) -> &Json {
        &self.arguments
    }

    /// How many values are stand-ins for something redacted.
    pub fn stand_ins(&self) -> usize {
        self.stand_ins
    }

    /// How many recorded texts the arguments keep because the failure needs them, or what
    /// shrinking left of them; known of a reproduction.
    pub fn recorded_values(&self) -> usize {
        match self.texts {
            Texts::Needed(count) => count,
            Texts::Recorded | Texts::Codes => 0,
        }
    }

    /// File name for the test: a Python module that pytest collects.
    pub fn file_name(&self) -> String {
        let flat = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        let name: String = self.function().chars().map(flat).collect();
        let id: String = self.fingerprint.chars().map(flat).take(24).collect();
        format!("test_repro_{name}_{id}.py")
    }

    /// The same call with stand-ins of another form.
    pub(crate) fn with_form(&self, form: Form) -> Self {
        let mut arguments = self.recorded.clone();
        synthetic::replace(&mut arguments, form);
        Self {
            arguments,
            ..self.clone()
        }
    }

    /// The recorded texts that could be veiled.
    pub(crate) fn recorded_texts(&self) -> Vec<String> {
        veil::texts(&self.recorded)
    }

    /// The same call with stand-ins for the texts of these numbers too.
    pub(crate) fn veiled(&self, form: Form, numbers: &[usize]) -> Self {
        let covers = &mut |number: usize, _: &str| numbers.contains(&number);
        self.with_arguments(veil::veiled(&self.recorded, form, covers))
    }

    /// The same call with stand-ins for the texts that may say something.
    fn with_codes_only(&self) -> Self {
        let covers = &mut |_: usize, text: &str| veil::is_prose(text);
        let arguments = veil::veiled(&self.recorded, Form::Natural, covers);
        self.with_arguments(arguments).with_texts(Texts::Codes)
    }

    /// The same call, with so many recorded texts left.
    pub(crate) fn with_texts(self, texts: Texts) -> Self {
        Self { texts, ..self }
    }

    /// The same call with the class of values that fail.
    pub(crate) fn with_property(self, property: Option<Property>) -> Self {
        Self { property, ..self }
    }

    /// The same call with other arguments.
    pub(crate) fn with_arguments(&self, arguments: Json) -> Self {
        Self {
            arguments,
            ..self.clone()
        }
    }
}

/// Plans the test for the failing call that a clean event carries.
pub fn plan(event: &Clean<Event>) -> Result<Clean<Plan>, Refusal> {
    read(event.get())?;
    event
        .project(|event| read(event).ok())
        .transpose()
        .ok_or(Refusal::NoFailure)
}

/// Gives the test the identifier of the failure's group. An identifier that is not made of
/// letters, digits, `-`, `_`, `.` and `:` is left out.
pub fn name_after(plan: Clean<Plan>, fingerprint: Clean<String>) -> Clean<Plan> {
    plan.pair(fingerprint).map(|(plan, fingerprint)| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
        if fingerprint.is_empty() || fingerprint.len() > 100 || !fingerprint.bytes().all(fits) {
            return plan;
        }
        Plan {
            fingerprint,
            ..plan
        }
    })
}

/// The plan for a test that is handed out without having been run: which texts the failure needs
/// is not known, so those of more than a code's length or with blanks become stand-ins.
pub fn unverified(plan: &Clean<Plan>) -> Clean<Plan> {
    plan.project(Plan::with_codes_only)
}

fn read(event: &Event) -> Result<Plan, Refusal> {
    let frames = trace::frames_in_app(
        event
            .attribute_str(attr::EXCEPTION_STACKTRACE)
            .unwrap_or_default(),
    );
    let (module, qualname) = function_of(event, &frames)?;
    let failure = failure_of(event, &frames)?;
    let text = json_text(event, attr::CALL_ARGUMENTS).ok_or(Refusal::NoArguments)?;
    let recorded = arguments::parse(&text).ok_or(Refusal::ArgumentsUnreadable)?;
    if recorded.pointer("/kwargs/self").is_some() {
        return Err(Refusal::NeedsInstance);
    }
    let mut arguments = recorded.clone();
    let stand_ins = synthetic::replace(&mut arguments, Form::Natural);
    let kind = match &failure {
        Failure::Exception { name, .. } => name.as_str(),
        Failure::Expectation { expression, .. } => expression.as_str(),
    };
    let (flags, variables) = flags_of(event)?;
    let mut left_out = Vec::new();
    let mut environment = environment::restored(variables, Origin::Flags, &mut left_out);
    let variables = environment_of(event)?;
    environment.extend(environment::restored(
        variables,
        Origin::Environment,
        &mut left_out,
    ));
    let id = synthetic::hash(&format!("{module}.{qualname} {kind}"));
    Ok(Plan {
        fingerprint: format!("call-{id:016x}"),
        module,
        qualname,
        recorded,
        arguments,
        stand_ins,
        texts: Texts::Recorded,
        flags,
        environment,
        left_out,
        time: time_of(event)?,
        seed: seed_of(event)?,
        failure,
        property: None,
    })
}

fn function_of(event: &Event, frames: &[trace::Frame]) -> Result<(String, String), Refusal> {
    let name = event
        .attribute_str(attr::CODE_FUNCTION_NAME)
        .or_else(|| event.attribute_str(CODE_FUNCTION))
        .ok_or(Refusal::NoFunction)?;
    let full = if name.contains('.') {
        name.to_owned()
    } else {
        qualify(event, frames, name)?
    };
    if !is_importable(&full) {
        return Err(Refusal::FunctionNotImportable);
    }
    let parts: Vec<&str> = full.split('.').collect();
    // A class begins with a capital, a module does not (PEP 8): `a.b.Class.method`.
    let class = parts
        .iter()
        .position(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
    let cut = class.unwrap_or(parts.len() - 1);
    let (module, qualname) = parts
        .split_at_checked(cut)
        .ok_or(Refusal::FunctionNotImportable)?;
    if module.is_empty() || qualname.is_empty() {
        return Err(Refusal::FunctionNotImportable);
    }
    Ok((module.join("."), qualname.join(".")))
}

/// Finds the module of a function whose name came without one.
fn qualify(event: &Event, frames: &[trace::Frame], name: &str) -> Result<String, Refusal> {
    let frame = || frames.iter().find(|frame| frame.function == name);
    event
        .attribute_str(CODE_NAMESPACE)
        .or_else(|| trace::module_of(&frame()?.file))
        .map(|module| format!("{module}.{name}"))
        .ok_or(Refusal::FunctionNotImportable)
}

fn failure_of(event: &Event, frames: &[trace::Frame]) -> Result<Failure, Refusal> {
    if let Some(text) = event.attribute_str(attr::CALL_EXPECTATION) {
        // A value that the expression names has the same stand-in as in the arguments.
        let (text, _) = synthetic::replace_text(text, Form::Natural);
        let admitted = expectation::admit(&text).ok_or(Refusal::ExpectationNotAdmitted)?;
        let Expectation {
            text: expression,
            names,
        } = admitted;
        return Ok(Failure::Expectation { expression, names });
    }
    let name = event
        .attribute_str(attr::EXCEPTION_TYPE)
        .or_else(|| event.attribute_str(ERROR_TYPE))
        .filter(|name| is_dotted(name))
        .ok_or(Refusal::NoFailure)?;
    let name = name.strip_prefix("builtins.").unwrap_or(name).to_owned();
    // A call that does not end is stopped anywhere.
    let frames = if name.ends_with("TimeoutError") {
        &[]
    } else {
        frames
    };
    let raised_in = frames
        .last()
        .map(|frame| frame.function.clone())
        .filter(|f| is_identifier(f));
    Ok(Failure::Exception { name, raised_in })
}

/// An attribute that is JSON: as text, or as the value that the text would stand for.
fn json_text(event: &Event, key: &str) -> Option<String> {
    match event.attribute(key)? {
        Value::String(text) => Some(text.clone()),
        value @ (Value::Map(_) | Value::Array(_)) => Some(json_of(value).to_string()),
        _ => None,
    }
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Null | Value::Bytes(_) => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Double(n) if n.is_finite() => (*n).into(),
        Value::Double(n) => serde_json::json!({ "$float": n.to_string() }),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(json_of).collect(),
        Value::Map(pairs) => pairs.iter().map(|(k, v)| (k.clone(), json_of(v))).collect(),
    }
}

fn object_of(event: &Event, key: &str) -> Result<Map<String, Json>, Refusal> {
    let Some(text) = json_text(event, key) else {
        return Ok(Map::new());
    };
    let object = serde_json::from_str::<Map<String, Json>>(&text).ok();
    object
        .filter(|o| o.len() <= CONDITIONS_COUNT_MAX)
        .ok_or(Refusal::ConditionsUnreadable)
}

/// Flags by the dotted path of what holds them: `{"module.MAPPING": {"flag": value}}` or
/// `{"module.NAME": value}`. A flag without a path is returned as a variable of the environment,
/// where flags without a home in code usually come from.
fn flags_of(event: &Event) -> Result<(Vec<Flag>, Variables), Refusal> {
    let (mut flags, mut variables) = (Vec::new(), Vec::new());
    for (path, mut value) in object_of(event, attr::CALL_FLAGS)? {
        synthetic::replace(&mut value, Form::Natural);
        if !is_importable(&path) {
            return Err(Refusal::ConditionsUnreadable);
        }
        let Some((module, name)) = path.rsplit_once('.') else {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            variables.push((path, text));
            continue;
        };
        let (module, name) = (module.to_owned(), name.to_owned());
        match value {
            Json::Object(values) => flags.extend(values.into_iter().map(|(key, value)| Flag {
                module: module.clone(),
                name: name.clone(),
                key: Some(key),
                value,
            })),
            value => flags.push(Flag {
                module,
                name,
                key: None,
                value,
            }),
        }
    }
    Ok((flags, variables))
}

fn environment_of(event: &Event) -> Result<Variables, Refusal> {
    let mut variables = Vec::new();
    for (key, value) in object_of(event, attr::CALL_ENVIRONMENT)? {
        let text = value.as_str().ok_or(Refusal::ConditionsUnreadable)?;
        let (text, _) = synthetic::replace_text(text, Form::Natural);
        if !is_identifier(&key) || text.contains('\0') {
            return Err(Refusal::ConditionsUnreadable);
        }
        variables.push((key, text));
    }
    Ok(variables)
}

/// RFC 3339, with an offset that Python before 3.11 reads too.
fn time_of(event: &Event) -> Result<Option<String>, Refusal> {
    let Some(text) = event.attribute_str(attr::CALL_TIME) else {
        return Ok(None);
    };
    let fits = (20..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"-:.+TZ".contains(&b))
        && text.as_bytes().get(10) == Some(&b'T');
    let offset = text.strip_suffix('Z').map(|head| format!("{head}+00:00"));
    fits.then(|| Some(offset.unwrap_or_else(|| text.to_owned())))
        .ok_or(Refusal::ConditionsUnreadable)
}

fn seed_of(event: &Event) -> Result<Option<i64>, Refusal> {
    match event.attribute(attr::CALL_SEED) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Int(seed)) => Ok(Some(*seed)),
        Some(Value::String(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| Refusal::ConditionsUnreadable),
        Some(_) => Err(Refusal::ConditionsUnreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, Value)]) -> Event {
        let base = [
            (attr::CODE_FUNCTION_NAME, Value::from("shop.order")),
            (attr::CALL_ARGUMENTS, Value::from("{}")),
            (attr::EXCEPTION_TYPE, Value::from("builtins.KeyError")),
        ];
        // First attribute wins, so the given ones come first.
        let attributes = pairs
            .iter()
            .chain(&base)
            .map(|(k, v)| ((*k).to_owned(), v.clone()));
        Event {
            attributes: attributes.collect(),
            ..Event::default()
        }
    }

    fn check(key: &str, value: impl Into<Value>) -> Result<Plan, Refusal> {
        read(&with(&[(key, value.into())]))
    }

    #[test]
    fn a_class_ends_the_module() {
        let plan = check(attr::CODE_FUNCTION_NAME, "a.b.Cart.total").unwrap();
        assert_eq!(
            (plan.module.as_str(), plan.qualname.as_str()),
            ("a.b", "Cart.total")
        );
        for bad in [
            "order",
            "__main__.order",
            "a.<lambda>",
            "a.b()",
            "a.b\nimport os",
            "builtins.__import__",
            "a.__builtins__.eval",
            "a.Cart.__class__",
            "__main__.Cart.total",
        ] {
            let refused = check(attr::CODE_FUNCTION_NAME, bad);
            assert_eq!(refused, Err(Refusal::FunctionNotImportable), "{bad}");
        }
    }

    #[test]
    fn a_bare_name_is_qualified_by_its_file() {
        let trace = "Traceback (most recent call last):\n  File \"/a/gcd.py\", line 6, in gcd\n";
        let event = with(&[
            (attr::CODE_FUNCTION_NAME, "gcd".into()),
            (attr::EXCEPTION_STACKTRACE, trace.into()),
        ]);
        assert_eq!(read(&event).unwrap().function(), "gcd.gcd");
    }

    #[test]
    fn structured_arguments_are_arguments() {
        let map = Value::Map(vec![
            ("n".into(), Value::Int(3)),
            ("x".into(), Value::Double(f64::NAN)),
        ]);
        let plan = check(attr::CALL_ARGUMENTS, map).unwrap();
        let expected = serde_json::json!({"n": 3, "x": {"$float": "NaN"}});
        assert_eq!(plan.arguments()["kwargs"], expected);
    }

    #[test]
    fn conditions_of_another_shape_are_refused() {
        for (key, bad) in [
            (attr::CALL_TIME, "yesterday"),
            (attr::CALL_TIME, "2026-01-01T00:00:00\"); import os"),
            (attr::CALL_SEED, "seven"),
            (attr::CALL_FLAGS, "[]"),
            (attr::CALL_FLAGS, "{\"a b.c\": {}}"),
            (attr::CALL_FLAGS, "{\"shop.__dict__\": {\"x\": 1}}"),
            (attr::CALL_ENVIRONMENT, "{\"A=B\": \"x\"}"),
            (attr::CALL_ENVIRONMENT, "{\"A\": \"\\u0000\"}"),
        ] {
            assert_eq!(check(key, bad), Err(Refusal::ConditionsUnreadable), "{bad}");
        }
        let plan = check(attr::CALL_TIME, "2026-01-01T00:00:00Z").unwrap();
        assert_eq!(plan.time.as_deref(), Some("2026-01-01T00:00:00+00:00"));
    }

    #[test]
    fn modules_outside_of_the_source_are_refused() {
        let holds = |module: &str| module.starts_with("shop");
        let function = |name: &str| {
            check(attr::CODE_FUNCTION_NAME, name)
                .unwrap()
                .within(&holds)
        };
        assert_eq!(function("shop.order"), Ok(()));
        for bad in ["builtins.eval", "os.system", "subprocess.check_call"] {
            assert_eq!(function(bad), Err(Refusal::FunctionNotInSource), "{bad}");
        }
        let flags = |text: &str| check(attr::CALL_FLAGS, text).unwrap().within(&holds);
        assert_eq!(flags("{\"shop.F\": {\"a\": 1}}"), Ok(()));
        let bad = "{\"os.environ\": {\"LD_PRELOAD\": \"/tmp/x.so\"}}";
        assert_eq!(flags(bad), Err(Refusal::FlagNotInSource));
    }

    #[test]
    fn variables_that_steer_programs_are_left_out_and_said() {
        let recorded = "{\"REGION\": \"eu\", \"LD_PRELOAD\": \"/x.so\", \"beta\": \"1\"}";
        let plan = check(attr::CALL_ENVIRONMENT, recorded).unwrap();
        assert_eq!(plan.environment, [("REGION".to_owned(), "eu".to_owned())]);
        let text = plan.render_pytest();
        assert!(text.contains("not restored: LD_PRELOAD, beta.") && !text.contains("x.so"));
        let plan = check(attr::CALL_FLAGS, "{\"PATH\": \"/x\", \"beta\": true}").unwrap();
        assert_eq!(plan.environment, [("beta".to_owned(), "true".to_owned())]);
    }

    #[test]
    fn an_unverified_test_keeps_codes_only() {
        let long = "abcdefghijklmnopqrstuvwxyz";
        let call = serde_json::json!({"plan": "gold", "diagnosis": "HIV positive", "k": long});
        let call = call.to_string();
        let plan = check(attr::CALL_ARGUMENTS, call).unwrap();
        let plan = plan.with_codes_only();
        assert!(plan.render_pytest().contains("short codes are as recorded"));
        let kwargs = &plan.arguments()["kwargs"];
        assert_eq!(kwargs["plan"], "gold");
        assert!(kwargs["diagnosis"] != "HIV positive" && kwargs["k"].as_str().unwrap().len() == 26);
    }

    #[test]
    fn no_pseudonym_is_left_in_a_test() {
        let tail = "mfrggzdfmztwq2lknnwg2ddd";
        let arguments = format!("{{\"a\": [\"email_{tail}\"], \"k_{tail}\": \"[removed:jwt]\"}}");
        let flags = format!("{{\"shop.F\": {{\"who\": \"user_{tail}\"}}}}");
        let environment = format!("{{\"HOME\": \"/home/user_{tail}\"}}");
        let event = with(&[
            (attr::CALL_ARGUMENTS, arguments.into()),
            (attr::CALL_FLAGS, flags.into()),
            (attr::CALL_ENVIRONMENT, environment.into()),
        ]);
        let text = read(&event).unwrap().render_pytest();
        assert!(!text.contains(tail) && !text.contains("removed"), "{text}");
    }
}
