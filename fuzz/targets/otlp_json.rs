//! OTLP in JSON, metrics in protobuf, and lines of JSON: arbitrary documents harm nobody, and
//! reading is deterministic.
#![no_main]

use cordon_event::Event;
use cordon_event::codec::encode_event;
use cordon_receive::{Format, Limits, decode};
use cordon_redact::Verdict;
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 5] = [
    Format::LogsJson,
    Format::TracesJson,
    Format::Ndjson,
    Format::MetricsJson,
    Format::MetricsProtobuf,
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else {
        return;
    };
    let format = FORMATS[usize::from(*choice) % FORMATS.len()];
    let (first, second) = (read(format, body), read(format, body));
    assert!(first == second, "read twice, told twice otherwise");
});

/// The events as they are stored, or the reason of the refusal.
fn read(format: Format, body: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let decoded = decode(format, body, &Limits::default()).map_err(|error| error.to_string())?;
    let events = decoded.events.split();
    let kept = events.filter_map(|raw| {
        match cordon_fuzz::REDACTOR.event(&cordon_fuzz::Mac, raw).verdict {
            Verdict::Clean(event) => Some(event.into_inner()),
            Verdict::Quarantine(_) => None,
        }
    });
    Ok(kept.map(|event: Event| encode_event(&event)).collect())
}
