//! `cordon validate`: what is wrong with a configuration, and with every file that it names.
//!
//! *Invariant:* it starts nothing, opens no socket and writes nothing. Of files with canaries and
//! known secrets it tells modes and lengths, never a value.

mod goes_on;
mod named;

use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use crate::cli::{Cli, ValidateArgs};
use crate::config::source::{Source, place};
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::log;

/// Largest configuration in bytes.
const CONFIG_BYTES_MAX: u64 = 8 << 20;
/// Characters of a line that are shown of it.
const LINE_CHARACTERS_MAX: usize = 160;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// A server would not start with it.
    Error,
    /// It would, and not do what is meant.
    Warning,
}

impl Severity {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something that is wrong.
pub(super) struct Problem {
    pub(super) severity: Severity,
    /// Stable code.
    pub(super) code: &'static str,
    /// The key that it is about; empty where the text says it.
    pub(super) key: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// Where, in bytes of the file.
    pub(super) span: Option<Range<usize>>,
}

impl Problem {
    /// An error about a key.
    pub(super) fn of(key: &str, code: &'static str, message: String) -> Self {
        Self {
            severity: Severity::Error,
            code,
            key: key.to_owned(),
            message,
            hint: None,
            span: None,
        }
    }

    pub(super) fn warning(key: &str, code: &'static str, message: String) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::of(key, code, message)
        }
    }

    pub(super) fn with_hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &ValidateArgs) -> Outcome {
    let path = args.file.as_deref().or(cli.config.as_deref());
    let path = path.context("find a configuration: name its FILE, or give --config");
    let path = path.or_exit(Exit::Usage)?;
    let text = read(path).or_exit(Exit::Usage)?;
    let problems = problems(&text, &Home::dir_of(cli).join("ledger.db"));
    let shown = if args.json {
        let rows: Vec<Json> = problems.iter().map(|one| row(&text, one)).collect();
        let json = json!({
            "schema": "cordon.validate",
            "version": 1,
            "file": path.display().to_string(),
            "valid": is_valid(&problems),
            "problems": rows,
        });
        format!("{json:#}\n")
    } else {
        told(path, &text, &problems)
    };
    log::data(shown.as_bytes()).context("write stdout")?;
    Ok(if is_valid(&problems) {
        Exit::Done
    } else {
        Exit::Usage
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("read {shown}"))?;
    anyhow::ensure!(
        size.len() <= CONFIG_BYTES_MAX,
        "read {shown}: larger than {CONFIG_BYTES_MAX} bytes"
    );
    std::fs::read_to_string(path).with_context(|| format!("read {shown}"))
}

fn is_valid(problems: &[Problem]) -> bool {
    problems.iter().all(|one| one.severity != Severity::Error)
}

/// Everything that is wrong, in the order of the file.
fn problems(text: &str, ledger: &Path) -> Vec<Problem> {
    let source = Source::read(text);
    let mut all: Vec<Problem> = Vec::new();
    if let Some(config) = &source.config {
        let values = config.problems().into_iter();
        all.extend(
            values.map(|(key, error)| {
                Problem::of(&key, "config_value", format!("failed to {error:#}"))
            }),
        );
        all.extend(named::check(config, ledger));
        for one in &mut all {
            one.span = source.span(&one.key);
        }
    }
    all.extend(source.mistakes.into_iter().map(|mistake| Problem {
        severity: Severity::Error,
        code: mistake.code,
        key: String::new(),
        message: mistake.message,
        hint: mistake.hint,
        span: Some(mistake.span),
    }));
    all.sort_by_key(|one| one.span.as_ref().map_or(usize::MAX, |span| span.start));
    all
}

fn row(text: &str, one: &Problem) -> Json {
    let at = one.span.as_ref().map(|span| place(text, span.start));
    json!({
        "severity": one.severity.as_str(),
        "code": one.code,
        "key": one.key,
        "line": at.map(|(line, _)| line),
        "column": at.map(|(_, column)| column),
        "message": one.message,
        "hint": one.hint,
    })
}

/// For people, as compilers write it: what, where, the line, a caret, what to do.
fn told(path: &Path, text: &str, problems: &[Problem]) -> String {
    let file = path.display();
    let mut out = String::new();
    for one in problems {
        let (severity, code, message) = (one.severity.as_str(), one.code, &one.message);
        out.push_str(&format!("{severity}[{code}]: {message}\n"));
        match &one.span {
            Some(span) => out.push_str(&excerpt(&file.to_string(), text, span)),
            None => out.push_str(&format!(" --> {file}\n")),
        }
        if let Some(hint) = &one.hint {
            out.push_str(&format!("  = help: {hint}\n"));
        }
        out.push('\n');
    }
    let is = |severity| {
        problems
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    };
    let (errors, warnings) = (is(Severity::Error), is(Severity::Warning));
    let verdict = if errors == 0 { "valid" } else { "not valid" };
    out.push_str(&format!(
        "{file}: {verdict}, errors {errors}, warnings {warnings}\n"
    ));
    out
}

fn excerpt(file: &str, text: &str, span: &Range<usize>) -> String {
    let (number, column) = place(text, span.start);
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let line: String = line.chars().take(LINE_CHARACTERS_MAX).collect();
    let length = line.chars().count();
    let marked = text.get(span.clone()).unwrap_or_default();
    let marked = marked
        .lines()
        .next()
        .map_or(0, |first| first.chars().count());
    let carets = marked.clamp(1, (length + 1).saturating_sub(column).max(1));
    let (gutter, number) = (number.to_string().len(), number.to_string());
    let (blank, before) = (" ".repeat(gutter), " ".repeat(column - 1));
    let under = "^".repeat(carets);
    // Tabs would move the caret.
    let line = line.replace('\t', " ");
    format!(
        "{blank}--> {file}:{number}:{column}\n{blank} |\n{number} | {line}\n{blank} | \
         {before}{under}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let all = problems(text, Path::new("/nowhere/ledger.db"));
        all.iter().map(|one| one.code).collect()
    }

    #[test]
    fn what_a_file_names_is_looked_at_and_each_problem_is_told() {
        assert_eq!(codes(""), Vec::<&str>::new());
        let text = "[redaction]\nrules = ['/nowhere/a.toml', '/nowhere/b.toml']\n\
                    schema = '/nowhere/schema.json'\ncanaries = '/nowhere/c'\nunknown = 'drip'\n";
        let expect = [
            "config_rules",
            "config_rules",
            "config_schema",
            "config_values_file",
            "config_policy",
        ];
        assert_eq!(codes(text), expect);
    }

    #[test]
    fn the_line_is_shown_with_a_caret_and_what_was_meant() {
        let text = "[server]\n\nlistn = 'x'\n";
        let all = problems(text, Path::new("/nowhere/ledger.db"));
        assert_eq!(
            told(Path::new("cordon.toml"), text, &all),
            "error[config_unknown_key]: unknown key `listn`\n --> cordon.toml:3:1\n  |\n\
             3 | listn = 'x'\n  | ^^^^^\n  = help: did you mean `listen`?\n\n\
             cordon.toml: not valid, errors 1, warnings 0\n"
        );
    }
}
