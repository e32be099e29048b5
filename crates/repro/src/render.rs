//! A plan becomes one readable pytest file.

use std::fmt::Write as _;

use cordon_redact::Clean;
use serde_json::Value as Json;

use crate::Failure;
use crate::plan::{Flag, Plan, Texts};
use crate::property::Property;
use crate::python::{literal, string};
use crate::trace::FOREIGN;

/// Writes the test.
///
/// `test_recorded_failure` fails if and only if the recorded exception escapes the function or the
/// recorded expectation does not hold; a function that cannot be imported is an error of the
/// fixture, not a failure.
pub fn render(plan: &Clean<Plan>) -> Clean<String> {
    plan.project(Plan::render_pytest)
}

const CALL: &str = include_str!("pytest/call.py");
const CLOCK: &str = include_str!("pytest/clock.py");

impl Plan {
    /// As [`render`], where the caller needs the text to run it.
    pub fn render_pytest(&self) -> String {
        let parts = [
            CHECKS.to_owned(),
            self.target(),
            self.call(),
            self.observe(),
            CALL.replace("__FOREIGN__", &foreign_marks()),
            self.recorded_test(),
        ];
        let mut body = parts.join("\n\n");
        if let Some(property) = &self.property {
            let _ = write!(body, "\n\n{}", self.property_test(property));
        }
        if self.time.is_some() {
            body = format!("{body}\n\n{CLOCK}");
        }
        if body.contains("setitem(flags(") {
            body = format!("{FLAGS}\n\n{body}");
        }
        let body = format!("{SOURCE}\n\n{body}");
        format!("{}{}\n{body}", self.head(), imports(&body))
    }

    /// The failure in a few words.
    fn failure_words(&self) -> String {
        match &self.failure {
            Failure::Exception { name, .. } => format!("{name} escapes {}", self.function()),
            Failure::Expectation { expression, .. } => {
                let plain = expression.replace('"', "'");
                format!("{} breaks its expectation: {plain}", self.function())
            }
        }
    }

    fn head(&self) -> String {
        format!(
            "\"\"\"Reproduces {}: {}.\n\n\
             Made from a redacted event; identifying values are synthetic stand-ins.\n\
             {}\n\
             It fails while the recorded failure happens, and passes once it no longer does.\n\n\
             Run it with pytest where the source is, or name the source in REPRO_SOURCE.\n\
             It calls only what is written there.\n\
             {}\"\"\"\n\n",
            self.fingerprint,
            self.failure_words(),
            self.text_words(),
            self.left_out_words(),
        )
    }

    /// Whose texts the arguments hold, as a line.
    fn text_words(&self) -> String {
        let shape = "stand-ins of the same shape";
        match self.texts {
            Texts::Recorded => "Texts in the arguments are as recorded.".to_owned(),
            Texts::Needed(0) => format!("Texts in the arguments are {shape}."),
            Texts::Needed(count) => format!(
                "Texts in the arguments are {shape}, but for {count} that the failure needs."
            ),
            Texts::Codes => format!(
                "It was not run when it was made: texts of more than 24 characters or with\n\
                 blanks are {shape}, short codes are as recorded."
            ),
        }
    }

    /// Which recorded variables are not restored, as a line.
    fn left_out_words(&self) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        let named: Vec<&str> = self.left_out.iter().take(8).map(String::as_str).collect();
        let more = match self.left_out.len() - named.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        format!(
            "Variables of the recorded environment that are not restored: {}{more}.\n",
            named.join(", ")
        )
    }

    fn target(&self) -> String {
        let mut out = String::from(
            "@pytest.fixture\n\
             def target(monkeypatch):\n    \
             \"\"\"The function under test, under the recorded conditions.\"\"\"\n",
        );
        for (name, value) in &self.environment {
            let _ = writeln!(
                out,
                "    monkeypatch.setenv({}, {})",
                string(name),
                string(value)
            );
        }
        let top = self.qualname.split('.').next().unwrap_or_default();
        let _ = writeln!(out, "    find_module({})", string(&self.module));
        let _ = writeln!(out, "    from {} import {top}\n", self.module);
        let mut imported = "";
        for flag in &self.flags {
            if flag.module != imported {
                let _ = writeln!(out, "    find_module({})", string(&flag.module));
                let _ = writeln!(out, "    import {}\n", flag.module);
            }
            imported = &flag.module;
            out.push_str(&restore(flag));
        }
        if let Some(time) = &self.time {
            let _ = writeln!(out, "    freeze_clock(monkeypatch, {})", string(time));
        }
        let seed = self.seed.unwrap_or_default();
        let _ = writeln!(out, "    random.seed({seed})");
        let _ = writeln!(out, "    return of_source({})", self.qualname);
        out
    }

    fn call(&self) -> String {
        let part = |key: &str| {
            self.arguments
                .get(key)
                .map_or_else(|| "[]".into(), |json| literal(json, 1))
        };
        format!(
            "def recorded_call():\n    \
             \"\"\"The smallest arguments known to fail, made anew for each call.\"\"\"\n    \
             args = {}\n    \
             kwargs = {}\n    \
             return args, kwargs\n",
            part("args"),
            part("kwargs"),
        )
    }

    /// The function that calls the target and says whether the recorded failure happened.
    fn observe(&self) -> String {
        match &self.failure {
            Failure::Exception { name, .. } => {
                let name = string(name);
                OBSERVE_EXCEPTION.replace("__NAME__", &name)
            }
            Failure::Expectation { expression, names } => {
                let mut parameters = names.join(", ");
                if !names.is_empty() {
                    parameters.push_str(", ");
                }
                OBSERVE_EXPECTATION
                    .replace("__PARAMETERS__", &parameters)
                    .replace("__TEXT__", &string(expression))
                    .replace("__EXPRESSION__", expression)
            }
        }
    }

    fn recorded_test(&self) -> String {
        let message = string(&format!("{}: {}", self.fingerprint, self.failure_words()));
        RECORDED_TEST.replace("__MESSAGE__", &message)
    }

    fn property_test(&self, property: &Property) -> String {
        let place = place_of(&self.arguments, &property.path);
        PROPERTY_TEST
            .replace("__WORDS__", &property.words.replace(['"', '\\'], "'"))
            .replace("__STRATEGY__", &property.strategy)
            .replace("__PLACE__", &place)
    }
}

/// Arguments of a Python tuple.
fn foreign_marks() -> String {
    FOREIGN
        .iter()
        .map(|mark| string(mark))
        .collect::<Vec<_>>()
        .join(", ")
}

fn restore(flag: &Flag) -> String {
    let Flag {
        module,
        name,
        key,
        value,
    } = flag;
    let value = literal(value, 2);
    match key {
        Some(key) => {
            let key = string(key);
            format!("    monkeypatch.setitem(flags({module}.{name}), {key}, {value})\n")
        }
        None => format!("    monkeypatch.setattr({module}, \"{name}\", {value})\n"),
    }
}

/// The Python expression of a place in the arguments, such as `kwargs["a"][0]`.
fn place_of(arguments: &Json, path: &[usize]) -> String {
    let mut json = arguments;
    let mut out = String::new();
    for index in path {
        let (step, next) = match json {
            Json::Array(items) => (format!("[{index}]"), items.get(*index)),
            Json::Object(members) => {
                let Some((key, value)) = members.iter().nth(*index) else {
                    break;
                };
                let step = if out.is_empty() {
                    key.clone()
                } else {
                    format!("[{}]", string(key))
                };
                (step, Some(value))
            }
            _ => break,
        };
        out.push_str(&step);
        let Some(next) = next else { break };
        json = next;
    }
    out
}

/// Import lines for the modules that the body names.
fn imports(body: &str) -> String {
    const STANDARD: &[&str] = &[
        "asyncio",
        "contextlib",
        "copy",
        "datetime",
        "decimal",
        "functools",
        "importlib.util",
        "inspect",
        "os",
        "random",
        "resource",
        "signal",
        "sys",
        "time",
        "traceback",
        "uuid",
    ];
    let used = STANDARD.iter().filter(|module| names(body, module));
    let lines = used.fold(String::new(), |lines, module| {
        lines + "import " + module + "\n"
    });
    format!("{lines}\nimport pytest\n")
}

/// Whether the body names the module: as a word of its own, with something of it.
fn names(body: &str, module: &str) -> bool {
    let dotted = format!("{module}.");
    let mut pieces = body.split(&dotted);
    let mut before = pieces.next().unwrap_or_default();
    pieces.any(|after| {
        let own = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        before = after;
        own
    })
}

const OBSERVE_EXCEPTION: &str = include_str!("pytest/observe_exception.py");
const OBSERVE_EXPECTATION: &str = include_str!("pytest/observe_expectation.py");
const SOURCE: &str = "SOURCE = os.path.realpath(os.environ.get(\"REPRO_SOURCE\", \".\"))\n\
                      sys.path.insert(0, SOURCE)\n";
const CHECKS: &str = include_str!("pytest/source.py");
const FLAGS: &str = include_str!("pytest/flags.py");
const RECORDED_TEST: &str = include_str!("pytest/recorded_test.py");
const PROPERTY_TEST: &str = include_str!("pytest/property_test.py");
