//! `cordon redact`: lines in, the same number of redacted lines out.

use std::io::{BufWriter, Write as _};

use anyhow::Context as _;
use cordon_event::TenantId;
use cordon_govern::Purpose;
use cordon_ledger::Action;
use cordon_redact::{
    Finding, LineFormat, NameScope, Page, PseudonymMac, Receipt, RedactedLines, Redactor,
    StreamRedactor,
};
use serde_json::json;

use crate::cli::{Cli, Format, RedactArgs};
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::input::{Arrived, Input};
use crate::pager::Pager;
use crate::policy;
use crate::release::{granted, refused};

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &RedactArgs) -> Outcome {
    let tenant = args.tenant.as_deref().map(TenantId::parse).transpose();
    let tenant = tenant.or_exit(Exit::Usage)?;
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let (mac, mut policy): (Box<dyn PseudonymMac>, _) = if let Some(tenant) = &tenant {
        let home = Home::open(cli).or_exit(Exit::Usage)?;
        home.tenant(Some(tenant.as_str())).or_exit(Exit::Usage)?;
        // Whoever has a tenant's pseudonyms for values of his own choice can look for them.
        match granted(&home, tenant, Purpose::Debugging, Action::Redact)? {
            Ok(granted) => granted.note(&home, "redacted")?,
            Err(code) => return Ok(refused(code)),
        }
        let keys = home.vault.tenant(tenant).or_exit(Exit::Usage)?;
        let policy = policy::of_tenant(&config, &home.vault, &keys).or_exit(Exit::Usage)?;
        (Box::new(keys), policy)
    } else {
        let mac = cordon_vault::ephemeral_mac().or_exit(Exit::Internal)?;
        let policy = policy::policy(&config, None, &mac).or_exit(Exit::Usage)?;
        (Box::new(mac), policy)
    };
    policy.receipt_digests = args.report.is_some();
    if args.names {
        policy.names = NameScope::Lines;
    }
    let redactor = Redactor::new(policy).or_exit(Exit::Usage)?;
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
    let input = Input::start(std::io::stdin());
    let mut out = std::io::stdout().lock();
    loop {
        let arrived = input.next(stream.holds_lines());
        let redacted = match arrived.context("read stdin")? {
            Arrived::Bytes(piece) => stream.push(mac, piece),
            Arrived::Nothing => stream.flush(mac),
            Arrived::End => break,
        };
        if !put(&redacted, &mut out, report.as_mut(), alarm)? {
            return Ok(Exit::Done);
        }
    }
    put(&stream.finish(mac), &mut out, report.as_mut(), alarm)?;
    Ok(Exit::Done)
}

/// Writes lines that were redacted, and what is to be told of them; false where nobody reads on.
fn put(
    redacted: &RedactedLines,
    out: &mut impl std::io::Write,
    report: Option<&mut Report>,
    alarm: &dyn Fn(&Page),
) -> anyhow::Result<bool> {
    redacted.pages.iter().for_each(alarm);
    if let Some(report) = report {
        for (line, receipt) in &redacted.receipts {
            report.add(line + 1, receipt).context("write report")?;
        }
    }
    let clean = redacted.clean.get().as_bytes();
    if clean.is_empty() {
        return Ok(true);
    }
    match out.write_all(clean).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        other => other.context("write stdout").map(|()| true),
    }
}

/// The keyed digest of a finding's value in hex: equal for equal values of one tenant, or of one
/// run where there is none.
pub(crate) fn receipt_digest(finding: &Finding) -> String {
    let digest = finding.digest.unwrap_or_default();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
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
                "rule_version": finding.version,
                "class": finding.class.as_str(),
                "path": finding.path,
                "offset": finding.offset,
                "length": finding.len,
                "digest": receipt_digest(finding),
            });
            writeln!(self.0, "{row}")?;
        }
        self.0.flush()
    }
}
