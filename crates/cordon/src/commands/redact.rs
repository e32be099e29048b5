//! `cordon redact`: lines in, the same number of redacted lines out.

use std::io::{BufRead as _, BufReader, BufWriter, Write};

use anyhow::Context as _;
use cordon_event::{Raw, TenantId};
use cordon_redact::{LineFormat, Page, PseudonymMac, Receipt, Redactor, StreamRedactor};
use serde_json::json;

use crate::cli::{Cli, Format, RedactArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::pager::Pager;
use crate::policy;

/// Bytes of one line that are redacted as one; a longer line is cut there, and both parts stay on
/// one line of output.
const LINE_BYTES_MAX: usize = 16 << 20;

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &RedactArgs) -> Outcome {
    let tenant = args.tenant.as_deref().map(TenantId::parse).transpose();
    let tenant = tenant.or_exit(Exit::Usage)?;
    let mac: Box<dyn PseudonymMac> = match &tenant {
        Some(tenant) => {
            let home = Home::open(cli).or_exit(Exit::Usage)?;
            Box::new(home.vault.tenant(tenant).or_exit(Exit::Usage)?)
        }
        None => Box::new(cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?),
    };
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let sections = config.redaction(tenant.as_ref());
    let redactor = policy::redactor(&sections, &*mac).or_exit(Exit::Usage)?;
    Pager::with(config.pages.webhook.clone(), |pager| {
        let alarm = |page: &Page| pager.page(tenant.as_ref(), page, 0);
        lines(args, &redactor, &*mac, &alarm)
    })?
}

/// Redacts stdin to stdout.
fn lines(
    args: &RedactArgs,
    redactor: &Redactor,
    mac: &dyn PseudonymMac,
    alarm: &dyn Fn(&Page),
) -> Outcome {
    let format = match args.format {
        Format::Auto => LineFormat::Auto,
        Format::Text => LineFormat::Text,
        Format::Json => LineFormat::Json,
    };
    let mut stream = StreamRedactor::new(redactor, format);
    let mut report = args
        .report
        .as_deref()
        .map(Report::create)
        .transpose()
        .or_exit(Exit::Usage)?;
    let mut lines = BufReader::new(std::io::stdin().lock());
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut number = 0_u64;
    loop {
        let mut line = Vec::new();
        let read = read_line(&mut lines, &mut line).context("read stdin")?;
        if read == 0 {
            break;
        }
        number += 1;
        let ending = take_ending(&mut line);
        let raw = Raw::new(String::from_utf8_lossy(&line).into_owned());
        zeroize::Zeroize::zeroize(&mut line);
        let redacted = stream.line(mac, raw);
        redacted.pages.iter().for_each(alarm);
        if let Some(report) = &mut report {
            report
                .add(number, &redacted.receipt)
                .context("write report")?;
        }
        let written = out
            .write_all(redacted.clean.get().as_bytes())
            .and_then(|()| out.write_all(ending));
        match written {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            other => other.context("write stdout")?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("write stdout")?
        }
        _ => Ok(Exit::Done),
    }
}

/// Reads up to and including a line break, or [`LINE_BYTES_MAX`].
fn read_line(from: &mut impl std::io::BufRead, line: &mut Vec<u8>) -> std::io::Result<usize> {
    std::io::Read::take(from, LINE_BYTES_MAX as u64).read_until(b'\n', line)
}

/// Takes the line's ending off: `\n`, `\r\n`, or none at the end of the input.
fn take_ending(line: &mut Vec<u8>) -> &'static [u8] {
    if line.ends_with(b"\r\n") {
        line.truncate(line.len() - 2);
        b"\r\n"
    } else if line.ends_with(b"\n") {
        line.truncate(line.len() - 1);
        b"\n"
    } else {
        b""
    }
}

/// The findings file: one JSON object a finding, no values.
struct Report(BufWriter<std::fs::File>);

impl Report {
    fn create(path: &std::path::Path) -> anyhow::Result<Self> {
        let file = std::fs::File::create(path)
            .with_context(|| format!("create report {}", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    fn add(&mut self, line: u64, receipt: &Receipt) -> std::io::Result<()> {
        for finding in &receipt.findings {
            let row = json!({
                "schema": "cordon.finding",
                "version": 1,
                "line": line,
                "rule": finding.rule,
                "class": finding.class.as_str(),
                "path": finding.path,
                "offset": finding.offset,
                "length": finding.len,
            });
            writeln!(self.0, "{row}")?;
        }
        self.0.flush()
    }
}
