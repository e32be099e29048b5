//! Bodies become events: the one entrance of every format, also without a listener.

use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::limits::{JSON_DEPTH_MAX, Limits};
use crate::meter::{Charge, Ledger, Meter};
use crate::sink::{Decoded, Sink};
use crate::{alert, change, json, ndjson, otlp_json, otlp_proto, sentry};

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `ExportLogsServiceRequest` in protobuf.
    LogsProtobuf,
    /// `ExportTraceServiceRequest` in protobuf.
    TracesProtobuf,
    /// `ExportLogsServiceRequest` in JSON.
    LogsJson,
    /// `ExportTraceServiceRequest` in JSON.
    TracesJson,
    /// `ExportMetricsServiceRequest` in protobuf.
    MetricsProtobuf,
    /// `ExportMetricsServiceRequest` in JSON.
    MetricsJson,
    /// One JSON object a line.
    Ndjson,
    /// Changes: one JSON object, an array of them, or one a line.
    Changes,
    /// A Sentry envelope.
    SentryEnvelope,
    /// One Sentry event, as older clients store it.
    SentryEvent,
    /// A browser's security report, or a list of them.
    SentrySecurity,
    /// A minidump, alone or in a form.
    Minidump,
    /// Alerts: one webhook.
    Alerts,
}

/// Decodes one decompressed body, without a listener: for files and standard input.
pub fn decode(format: Format, body: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let ledger = Ledger::new(limits.in_flight_bytes_max);
    decode_charged(format, body, None, limits, &mut Charge::new(&ledger))
}

/// Decodes one decompressed body of that tenant at that charge.
pub(crate) fn decode_charged(
    format: Format,
    body: &[u8],
    tenant: Option<&str>,
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Decoded, Error> {
    let unpacked;
    let body = match format {
        Format::Minidump => return Ok(sentry::minidump_body(body, None, limits, charge)?),
        Format::SentryEvent => {
            unpacked = sentry::unpacked(body, limits, charge)?;
            unpacked.as_slice()
        }
        _ => body,
    };
    let mut meter = Meter::new(charge, limits.decoded_bytes_max);
    let mut sink = Sink::new(limits, &mut meter);
    sink.tenant = tenant.map(str::to_owned);
    match format {
        Format::LogsProtobuf => otlp_proto::logs(body, &mut sink)?,
        Format::TracesProtobuf => otlp_proto::traces(body, &mut sink)?,
        Format::LogsJson => {
            let document = json::parse(body, JSON_DEPTH_MAX, sink.meter)?;
            otlp_json::logs(document, &mut sink)?;
        }
        Format::TracesJson => {
            let document = json::parse(body, JSON_DEPTH_MAX, sink.meter)?;
            otlp_json::traces(document, &mut sink)?;
        }
        Format::MetricsProtobuf => otlp_proto::metrics(body, &mut sink)?,
        Format::MetricsJson => {
            let document = json::parse(body, JSON_DEPTH_MAX, sink.meter)?;
            otlp_json::metrics(document, &mut sink)?;
        }
        Format::Ndjson => lines(body, &mut sink)?,
        Format::Changes => change::body(body, &mut sink)?,
        Format::SentryEnvelope => sentry::envelope(body, limits, &mut sink)?,
        Format::SentryEvent => sentry::store(body, limits, &mut sink)?,
        Format::SentrySecurity => sentry::security(body, &mut sink)?,
        Format::Alerts => alert::body(body, &mut sink)?,
        // Read above: it has no sink of its own.
        Format::Minidump => {}
    }
    // Lines of one trace are one record; changes and spans have no lines.
    if matches!(
        format,
        Format::LogsProtobuf | Format::LogsJson | Format::Ndjson
    ) {
        sink.join()?;
    }
    Ok(sink.finish())
}

/// Decodes lines, each a JSON object; blank lines are skipped. The first bad line refuses all.
fn lines(body: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), Error> {
    for (at, line) in body.split(|b| *b == b'\n').enumerate() {
        ndjson::line(line, sink).map_err(|code| code.at_line(at as u64 + 1))?;
    }
    Ok(())
}

/// Reads NDJSON line by line, for input of any length: what `POST /v1/events` takes, from a file
/// or a pipe.
///
/// Its answers to a line are independent of the lines before it, save for the line's number.
pub struct LineReader {
    limits: Limits,
    line: u64,
    tenant: Option<String>,
}

impl LineReader {
    /// Starts before line 1.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: 0,
            tenant: None,
        }
    }

    /// Refuses lines of the log contract that name another tenant.
    #[must_use]
    pub fn of_tenant(self, tenant: &str) -> Self {
        Self {
            tenant: Some(tenant.to_owned()),
            ..self
        }
    }

    /// Number of the line last given, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Decodes the next line, its line ending included or not; it is wiped. A blank line holds no
    /// event, an OTLP/JSON export request as a line may hold many.
    pub fn next_line(&mut self, line: Vec<u8>) -> Result<Decoded, Error> {
        self.line += 1;
        let line = Zeroizing::new(line);
        if line.len() > self.limits.inflated_bytes_max {
            return Err(Code::BodyTooLarge.at_line(self.line));
        }
        let ledger = Ledger::new(self.limits.in_flight_bytes_max);
        let mut charge = Charge::new(&ledger);
        let mut meter = Meter::new(&mut charge, self.limits.decoded_bytes_max);
        let mut sink = Sink::new(&self.limits, &mut meter);
        sink.tenant.clone_from(&self.tenant);
        ndjson::line(&line, &mut sink).map_err(|code| code.at_line(self.line))?;
        Ok(sink.finish())
    }
}
