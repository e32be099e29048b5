//! Bodies become events: the one entrance of every format, also without a listener.

use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::limits::{JSON_DEPTH_MAX, Limits};
use crate::meter::{Charge, Ledger, Meter};
use crate::sink::{Decoded, Sink};
use crate::{change, json, ndjson, otlp_json, otlp_proto};

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
    /// One JSON object a line.
    Ndjson,
    /// Changes: one JSON object, an array of them, or one a line.
    Changes,
}

/// Decodes one decompressed body, without a listener: for files and standard input.
pub fn decode(format: Format, body: &[u8], limits: &Limits) -> Result<Decoded, Error> {
    let ledger = Ledger::new(limits.in_flight_bytes_max);
    decode_charged(format, body, limits, &mut Charge::new(&ledger))
}

/// Decodes one decompressed body at that charge.
pub(crate) fn decode_charged(
    format: Format,
    body: &[u8],
    limits: &Limits,
    charge: &mut Charge,
) -> Result<Decoded, Error> {
    let mut meter = Meter::new(charge, limits.decoded_bytes_max);
    let mut sink = Sink::new(limits, &mut meter);
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
        Format::Ndjson => lines(body, &mut sink)?,
        Format::Changes => change::body(body, &mut sink)?,
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
    takes_metrics: bool,
}

impl LineReader {
    /// Starts before line 1.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: 0,
            takes_metrics: false,
        }
    }

    /// Takes points of metrics as well: events of the kind `MetricPoint`.
    #[must_use]
    pub fn with_metrics(self) -> Self {
        Self {
            takes_metrics: true,
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
        let mut sink = Sink::new(&self.limits, &mut meter).with_metrics(self.takes_metrics);
        ndjson::line(&line, &mut sink).map_err(|code| code.at_line(self.line))?;
        Ok(sink.finish())
    }
}
