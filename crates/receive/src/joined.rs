//! Log records of one request that are lines of one stack trace become one record.
//!
//! Collectors that read line by line send each line of a trace as a record of its own. Records are
//! joined where everything beside body, time and severity is the same (resource, scope, attributes,
//! ids) and their bodies, read as lines of text, make one report ([`crate::multiline`]). What is
//! left is the first record with the whole text, the worst severity, and [`LINES`].
//!
//! The frames of one batch of a stream are joined in the same way, those of one sender.
//!
//! **Invariant:** records of one request or batch alone are joined, and no attribute is lost.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cordon_event::limits::ATTRIBUTES_COUNT_MAX;
use cordon_event::{Event, Kind, Value, attr};
use zeroize::Zeroize as _;

use crate::error::Code;
use crate::meter::Meter;
use crate::multiline::{JoinLimits, Joiner, Piece, Record};
use crate::syslog::STRUCTURED_DATA;

/// Attribute: how many lines were joined into the body.
pub(crate) const LINES: &str = "log.joined.lines";
/// Attribute: a limit of joining ended the record; the next one may go on with it.
pub(crate) const CUT: &str = "log.joined.cut";

/// Attributes that tell where a line stood, and so differ from line to line.
const PLACES: [&str; 8] = [
    "log.file.position",
    "log.offset",
    "log.record.uid",
    "log.record.original",
    "log.file.offset",
    "log.file.record_number",
    "log.file.record_offset",
    "offset",
];
/// Elements of structured data that number messages, or tell of the clock (RFC 5424, section 7).
const ELEMENTS: [&str; 2] = ["meta", "timeQuality"];
/// First characters of lines of which a report that is worth joining has at least one.
const MARKS: [char; 6] = [' ', '\t', '#', '-', '=', '*'];

/// Time from the first line of a report to its last one in a request. Nothing waits for it.
const REQUEST_SPAN_MS_MAX: u64 = 5_000;
/// What rsyslog writes for a tab.
const TAB_ESCAPED: &str = "#011";

/// A record's body as a line.
struct Line<'a> {
    at: usize,
    text: Cow<'a, str>,
    stream: u64,
}

impl Piece for Line<'_> {
    fn text(&self) -> &str {
        &self.text
    }

    fn stream(&self) -> u64 {
        self.stream
    }
}

/// Joins the records of a request.
pub(crate) fn consecutive(events: &mut Vec<Event>, meter: &mut Meter<'_>) -> Result<(), Code> {
    join(events, None, meter)
}

/// Joins the events of a batch of frames; `peers` has the sender of each.
pub(crate) fn of_frames(
    events: &mut Vec<Event>,
    peers: &[u64],
    meter: &mut Meter<'_>,
) -> Result<(), Code> {
    join(events, Some(peers), meter)
}

/// Whether the events of a batch of frames end within a report.
pub(crate) fn is_open(events: &[Event], peers: &[u64]) -> bool {
    let mut records = Vec::new();
    let open = pushed(events, Some(peers), &mut records);
    open.is_in_report()
}

fn join(events: &mut Vec<Event>, peers: Option<&[u64]>, meter: &mut Meter<'_>) -> Result<(), Code> {
    if !events
        .iter()
        .any(|e| line_of(e).is_some_and(|l| l.starts_with(MARKS)))
    {
        return Ok(());
    }
    let groups = groups(events, peers);
    if groups.is_empty() {
        return Ok(());
    }
    let mut gone = vec![false; events.len()];
    for (lines, is_cut) in groups {
        let bytes: usize = lines
            .iter()
            .filter_map(|at| line_of(events.get(*at)?))
            .map(|line| line.len() + 1)
            .sum();
        meter.spend(bytes)?;
        merge(events, &lines, (bytes, is_cut));
        for at in lines.iter().skip(1) {
            if let Some(gone) = gone.get_mut(*at) {
                *gone = true;
            }
        }
    }
    let mut gone = gone.into_iter();
    events.retain_mut(|event| {
        let goes = gone.next().unwrap_or(false);
        if goes {
            event.zeroize();
        }
        !goes
    });
    Ok(())
}

/// Which events are one record, each in order, and whether a limit ended it.
fn groups(events: &[Event], peers: Option<&[u64]>) -> Vec<(Vec<usize>, bool)> {
    let mut records = Vec::new();
    pushed(events, peers, &mut records).finish(&mut records);
    let many = |record: Record<Line<'_>>| {
        let lines: Vec<usize> = record.lines.iter().map(|line| line.at).collect();
        (lines.len() > 1).then_some((lines, record.is_cut))
    };
    records.into_iter().filter_map(many).collect()
}

/// A joiner that has the lines of these events, and the records that they ended.
fn pushed<'e>(
    events: &'e [Event],
    peers: Option<&[u64]>,
    records: &mut Vec<Record<Line<'e>>>,
) -> Joiner<Line<'e>> {
    let mut joiner = Joiner::strict(JoinLimits {
        record_ms_max: REQUEST_SPAN_MS_MAX,
        ..JoinLimits::default()
    });
    let mut now_ms = 0;
    for (at, event) in events.iter().enumerate() {
        let Some(text) = line_of(event) else {
            continue;
        };
        let mut stream = stream_of(event);
        if let Some(peers) = peers {
            // How long frames wait is bounded where they do; stamps are of whole seconds.
            let mut hasher = DefaultHasher::new();
            (stream, peers.get(at)).hash(&mut hasher);
            stream = hasher.finish();
        } else {
            now_ms = now_ms.max(event.time_unix_ns / 1_000_000);
        }
        let text = if text.starts_with(TAB_ESCAPED) {
            Cow::Owned(text.replace(TAB_ESCAPED, "\t"))
        } else {
            Cow::Borrowed(text)
        };
        joiner.push(Line { at, text, stream }, now_ms, records);
    }
    joiner
}

/// The line that the body of a log record is: text without a line break but at its end.
fn line_of(event: &Event) -> Option<&str> {
    let is_plain = event.kind == Kind::Log
        && event.attribute(attr::EXCEPTION_STACKTRACE).is_none()
        && event.attributes.len() < ATTRIBUTES_COUNT_MAX - 1;
    let text = event.body.as_str().filter(|_| is_plain)?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    (!line.contains('\n')).then_some(line)
}

/// A digest of everything in which lines of one report agree.
fn stream_of(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.name.hash(&mut hasher);
    event.trace_state.hash(&mut hasher);
    (event.trace_id.map(|id| id.0), event.span_id.map(|id| id.0)).hash(&mut hasher);
    for (key, value) in &event.attributes {
        match value {
            _ if PLACES.contains(&key.as_str()) => {}
            Value::Map(elements) if key == STRUCTURED_DATA => {
                for (name, value) in elements {
                    if !ELEMENTS.contains(&name.as_str()) {
                        name.hash(&mut hasher);
                        hash(value, &mut hasher);
                    }
                }
            }
            _ => {
                key.hash(&mut hasher);
                hash(value, &mut hasher);
            }
        }
    }
    for pairs in [&event.resource, &event.scope] {
        pairs.len().hash(&mut hasher);
        for (key, value) in pairs {
            key.hash(&mut hasher);
            hash(value, &mut hasher);
        }
    }
    hasher.finish()
}

/// Values are as deep as a decoder lets them be.
fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(is) => is.hash(hasher),
        Value::Int(n) => n.hash(hasher),
        Value::Double(n) => n.to_bits().hash(hasher),
        Value::String(text) => text.hash(hasher),
        Value::Bytes(bytes) => bytes.hash(hasher),
        Value::Array(items) => {
            items.len().hash(hasher);
            for item in items {
                hash(item, hasher);
            }
        }
        Value::Map(pairs) => {
            pairs.len().hash(hasher);
            for (key, value) in pairs {
                key.hash(hasher);
                hash(value, hasher);
            }
        }
    }
}

/// Writes the text of all into the first.
fn merge(events: &mut [Event], lines: &[usize], (bytes, is_cut): (usize, bool)) {
    let mut text = String::with_capacity(bytes);
    let mut severity = cordon_event::Severity::default();
    for at in lines {
        let Some(event) = events.get(*at) else {
            continue;
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line_of(event).unwrap_or(""));
        severity = severity.max(event.severity);
    }
    let Some(first) = lines.first().and_then(|at| events.get_mut(*at)) else {
        return;
    };
    first.body.zeroize();
    first.body = Value::String(text);
    first.severity = severity;
    tell(first, lines.len(), is_cut);
}

/// Says of how many lines an event was made.
pub(crate) fn tell(event: &mut Event, lines_count: usize, is_cut: bool) {
    if lines_count > 1 {
        let count = i64::try_from(lines_count).unwrap_or(i64::MAX);
        event.attributes.push((LINES.to_owned(), Value::Int(count)));
    }
    if is_cut {
        event.attributes.push((CUT.to_owned(), Value::Bool(true)));
    }
}

#[cfg(test)]
mod tests {
    use cordon_event::Severity;

    use super::*;
    use crate::Limits;
    use crate::meter::{Charge, Ledger};

    fn log(text: &str, attributes: &[(&str, &str)]) -> Event {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), Value::from(*value));
        Event {
            body: Value::from(text),
            attributes: attributes.iter().map(own).collect(),
            ..Event::default()
        }
    }

    fn joined(mut events: Vec<Event>) -> Vec<Event> {
        let limits = Limits::default();
        let ledger = Ledger::new(limits.in_flight_bytes_max);
        let mut charge = Charge::new(&ledger);
        let mut meter = Meter::new(&mut charge, limits.decoded_bytes_max);
        consecutive(&mut events, &mut meter).unwrap();
        events
    }

    const TRACE: [&str; 3] = [
        "Traceback (most recent call last):\n",
        "  File \"a.py\", line 1, in f",
        "ValueError: x",
    ];

    #[test]
    fn lines_of_a_trace_become_one_record() {
        let mut events: Vec<Event> = TRACE.iter().map(|line| log(line, &[("k", "v")])).collect();
        events[0].time_unix_ns = 5;
        events[1].severity = Severity::ERROR;
        events.push(log("next", &[("k", "v")]));
        let events = joined(events);
        assert_eq!(events.len(), 2);
        let text =
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: x";
        assert_eq!(events[0].body.as_str(), Some(text));
        assert_eq!(
            (events[0].time_unix_ns, events[0].severity),
            (5, Severity::ERROR)
        );
        assert_eq!(events[0].attribute(LINES), Some(&Value::Int(3)));
        assert_eq!(events[0].attribute("k"), Some(&Value::from("v")));
        assert_eq!(events[1].body.as_str(), Some("next"));
    }

    #[test]
    fn streams_are_told_apart() {
        let (out, err) = ([("log.iostream", "stdout")], [("log.iostream", "stderr")]);
        let mut events = Vec::new();
        for line in TRACE {
            events.push(log(line, &err));
            events.push(log("GET / 200", &out));
        }
        let events = joined(events);
        assert_eq!(events.len(), 4);
        assert_eq!(events[0].attribute(LINES), Some(&Value::Int(3)));
    }

    #[test]
    fn what_differs_in_an_attribute_is_not_joined() {
        let own = |(at, line): (usize, &&str)| log(line, &[("n", &at.to_string())]);
        let events: Vec<Event> = TRACE.iter().enumerate().map(own).collect();
        assert_eq!(joined(events.clone()), events);
        let place = |(at, line): (usize, &&str)| log(line, &[("log.offset", &at.to_string())]);
        let events: Vec<Event> = TRACE.iter().enumerate().map(place).collect();
        assert_eq!(joined(events).len(), 1);
    }

    #[test]
    fn messages_that_are_indented_stay_apart() {
        let events = vec![
            log("plain", &[]),
            log("  - item", &[]),
            log("  - item", &[]),
        ];
        assert_eq!(joined(events.clone()), events);
    }
}
