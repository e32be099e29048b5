//! `cordon test`: cases of a configuration, an input each with what is to become of it.
//!
//! *Invariant:* an input is printed nowhere: what is shown of a case that does not come out is
//! what redaction left, beside what was expected.

mod case;
mod way;

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use crate::cli::{Cli, TestArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::log;
use case::Case;
use way::Way;

/// A case that was run.
struct Run {
    file: String,
    name: String,
    /// What did not come out; empty where all did.
    faults: Vec<Fault>,
}

/// Something that did not come out.
struct Fault {
    /// What was looked at: `output`, `fields.…`, `rules`, `classes`, `quarantined`, `kept_as_is`,
    /// `input`.
    what: String,
    expected: String,
    actual: String,
}

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &TestArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mut files = Vec::new();
    for path in &args.files {
        files.push((
            path.display().to_string(),
            case::read(path).or_exit(Exit::Usage)?,
        ));
    }
    let mut way = Way::new(&config)?;
    let mut runs = Vec::new();
    for (file, cases) in files {
        for case in cases {
            runs.push(run_one(&mut way, &file, &case).or_exit(Exit::Usage)?);
        }
    }
    let failed = runs.iter().filter(|run| !run.faults.is_empty()).count();
    if let Some(path) = &args.junit {
        write_junit(path, &runs, failed).or_exit(Exit::Usage)?;
    }
    let shown = if args.json {
        let json = json!({
            "schema": "cordon.test",
            "version": 1,
            "passed": runs.len() - failed,
            "failed": failed,
            "cases": runs.iter().map(row).collect::<Vec<Json>>(),
        });
        format!("{json:#}\n")
    } else {
        let mut out: String = runs.iter().map(told).collect();
        out.push_str(&format!(
            "{} passed, {failed} failed\n",
            runs.len() - failed
        ));
        out
    };
    log::data(shown.as_bytes()).context("write stdout")?;
    Ok(if failed == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn run_one(way: &mut Way<'_>, file: &str, case: &Case) -> anyhow::Result<Run> {
    let became = way.take(case);
    let became = became.with_context(|| format!("run {file}: case {:?}", case.name))?;
    Ok(Run {
        file: file.to_owned(),
        name: case.name.clone(),
        faults: match became {
            Ok(became) => case.expect.faults(&became),
            Err(code) => vec![Fault {
                what: "input".to_owned(),
                expected: "received".to_owned(),
                actual: format!("refused: {code}"),
            }],
        },
    })
}

fn row(run: &Run) -> Json {
    let fault = |fault: &Fault| {
        let (what, expected) = (&fault.what, &fault.expected);
        json!({ "what": what, "expected": expected, "actual": fault.actual })
    };
    json!({
        "file": run.file,
        "name": run.name,
        "passed": run.faults.is_empty(),
        "faults": run.faults.iter().map(fault).collect::<Vec<Json>>(),
    })
}

/// For people; what is different begins under the mark.
fn told(run: &Run) -> String {
    if run.faults.is_empty() {
        return format!("ok    {}\n", run.name);
    }
    let mut out = format!("FAIL  {} ({})\n", run.name, run.file);
    for Fault {
        what,
        expected,
        actual,
    } in &run.faults
    {
        out.push_str(&format!("      {what}\n"));
        let (expected, actual) = (one_line(expected), one_line(actual));
        out.push_str(&format!("        expected  {expected}\n"));
        out.push_str(&format!("        actual    {actual}\n"));
        let pairs = expected.chars().zip(actual.chars());
        let same = pairs.take_while(|(one, other)| one == other).count();
        if same > 0 {
            out.push_str(&format!("                  {}^\n", " ".repeat(same)));
        }
    }
    out
}

/// Text on one line, without what would move a terminal's cursor.
fn one_line(text: &str) -> String {
    let text = text.replace('\n', "\\n").replace('\t', "\\t");
    cordon_assist::printable(&text)
}

fn write_junit(path: &Path, runs: &[Run], failed: usize) -> anyhow::Result<()> {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let count = runs.len();
    out.push_str(&format!(
        "<testsuite name=\"cordon test\" tests=\"{count}\" failures=\"{failed}\">\n"
    ));
    for run in runs {
        let (file, name) = (escaped(&run.file), escaped(&run.name));
        out.push_str(&format!("  <testcase classname=\"{file}\" name=\"{name}\""));
        if run.faults.is_empty() {
            out.push_str("/>\n");
            continue;
        }
        out.push_str(">\n");
        for fault in &run.faults {
            let (what, expected) = (escaped(&fault.what), escaped(&fault.expected));
            let actual = escaped(&fault.actual);
            out.push_str(&format!(
                "    <failure message=\"{what}\">expected {expected}\nactual   {actual}</failure>\n"
            ));
        }
        out.push_str("  </testcase>\n");
    }
    out.push_str("</testsuite>\n");
    std::fs::write(path, out).with_context(|| format!("write {}", path.display()))
}

/// Text as XML takes it: what XML 1.0 has no character for is left out.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_marked_and_a_report_is_xml() {
        let fault = |expected: &str, actual: &str| Fault {
            what: "output".to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
        };
        let run = Run {
            file: "a.toml".to_owned(),
            name: "one & two".to_owned(),
            faults: vec![fault("at <email> now", "at <user> now")],
        };
        assert_eq!(
            told(&run),
            "FAIL  one & two (a.toml)\n      output\n        expected  at <email> now\n        \
             actual    at <user> now\n                      ^\n"
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.xml");
        write_junit(&path, &[run], 1).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("name=\"one &amp; two\"") && text.contains("at &lt;user&gt; now"));
    }
}
