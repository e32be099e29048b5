//! `cordon templates`: log lines to templates, one JSON object a line.
//!
//! Lines are redacted first, as one stream, under a key of this run. The merged template of a line
//! is known when all lines were seen: until then a number for each line is held. `--shape` gives
//! the shape of each line as it comes, which is what is stored with an event.
//!
//! *Limits:* [`LINES_COUNT_MAX`] lines are merged together; then what was seen is written, and the
//! next lines are merged among themselves.

use std::io::Write;

use anyhow::Context as _;
use cordon_fingerprint::{Miner, ShapeNo, Template, template};
use cordon_redact::{LineFormat, StreamRedactor};
use serde_json::json;

use crate::cli::{Cli, TemplatesArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::input::{Arrived, Input};
use crate::policy;

/// Lines that are merged together: four bytes are held for each.
const LINES_COUNT_MAX: usize = 16 << 20;

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &TemplatesArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
    let redactor = policy::redactor(&config, None, &mac).or_exit(Exit::Usage)?;
    let mut stream = StreamRedactor::new(&redactor, LineFormat::Auto);
    let input = Input::start(std::io::stdin());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut lines: Box<dyn Rows> = if args.shape {
        Box::new(Shapes)
    } else {
        Box::new(Templates::default())
    };
    loop {
        let arrived = input.next(stream.holds_lines()).context("read stdin")?;
        let redacted = match arrived {
            Arrived::Bytes(piece) => stream.push(&mac, piece),
            Arrived::Nothing => stream.flush(&mac),
            Arrived::End => break,
        };
        if !written(lines.take(redacted.clean.get(), &mut out))? {
            return Ok(Exit::Done);
        }
    }
    let last = stream.finish(&mac);
    let rest = lines.take(last.clean.get(), &mut out);
    written(rest.and_then(|()| lines.end(&mut out)))?;
    Ok(Exit::Done)
}

/// Whether somebody reads on.
fn written(result: std::io::Result<()>) -> anyhow::Result<bool> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        other => other.context("write stdout").map(|()| true),
    }
}

/// Makes rows of lines.
trait Rows {
    /// Takes whole lines, but perhaps the last.
    fn take(&mut self, text: &str, out: &mut dyn Write) -> std::io::Result<()>;
    /// No more lines come.
    fn end(&mut self, out: &mut dyn Write) -> std::io::Result<()>;
}

/// Lines of a text, each without its line break.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
}

fn row(template: &Template) -> String {
    format!(
        "{}\n",
        json!({ "template_id": template.id, "template": template.text })
    )
}

/// The shape of each line at once.
struct Shapes;

impl Rows for Shapes {
    fn take(&mut self, text: &str, out: &mut dyn Write) -> std::io::Result<()> {
        for line in lines(text) {
            out.write_all(row(&template(line)).as_bytes())?;
        }
        out.flush()
    }

    fn end(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        out.flush()
    }
}

/// The merged template of each line at the end.
#[derive(Default)]
struct Templates {
    miner: Miner,
    shapes: Vec<ShapeNo>,
}

impl Rows for Templates {
    fn take(&mut self, text: &str, out: &mut dyn Write) -> std::io::Result<()> {
        for line in lines(text) {
            self.shapes.push(self.miner.add(line));
            if self.shapes.len() == LINES_COUNT_MAX {
                self.end(out)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        let done = std::mem::take(self);
        let merged = done.miner.merge();
        let rows: Vec<String> = merged.templates().iter().map(row).collect();
        for shape in done.shapes {
            let place = merged.place(shape).and_then(|place| rows.get(place));
            out.write_all(place.map_or("", String::as_str).as_bytes())?;
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &mut dyn Rows, parts: &[&str], expected: &[&str]) {
        let mut out = Vec::new();
        for part in parts {
            rows.take(part, &mut out).unwrap();
        }
        rows.end(&mut out).unwrap();
        let shown: Vec<String> = std::str::from_utf8(&out)
            .unwrap()
            .lines()
            .map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                row["template"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_line_has_a_row_in_order() {
        let text = "job 7 of user ada done\r\n\n2024-01-02 03:04:05 INFO job 8 of user bob done\n";
        let shapes = [
            "job <num> of user ada done",
            "",
            "job <num> of user bob done",
            "last",
        ];
        check(&mut Shapes, &[text, "last"], &shapes);
        let merged = [
            "job <num> of user <*> done",
            "",
            "job <num> of user <*> done",
            "last",
        ];
        check(&mut Templates::default(), &[text, "last"], &merged);
    }
}
