//! Lines of a source that is no request become events: a file that grows, a pipe.
//!
//! A line is unwrapped ([`crate::container`]), joined with others ([`crate::multiline`]), and its
//! record read ([`crate::text`]); a line of JSON is an event as in `POST /v1/events`.
//!
//! *Limits:* [`LINE_BYTES_MAX`] of one line, what a runtime cut into pieces included; the rest is
//! left out, and the event says so.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cordon_event::{Event, Raw, Value, attr};
use zeroize::{Zeroize as _, Zeroizing};

use crate::container::{self, Printed};
use crate::cut;
use crate::error::Code;
use crate::limits::{JSON_DEPTH_MAX, Limits};
use crate::meter::{Charge, Ledger, Meter};
use crate::multiline::{JoinLimits, Joiner, Piece, Record};
use crate::sink::Sink;
use crate::{json, ndjson, text};

/// Bytes of one line that are kept.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// What the lines of a source are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceFormat {
    /// Told line by line: Docker's, CRI's, JSON, or text.
    #[default]
    Auto,
    /// Text.
    Text,
    /// A JSON object a line; a line that is none is text.
    Json,
    /// What Docker's `json-file` driver writes.
    Docker,
    /// What containerd and CRI-O write.
    Cri,
}

impl SourceFormat {
    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "docker" => Some(Self::Docker),
            "cri" => Some(Self::Cri),
            _ => None,
        }
    }
}

/// What is known of a source beside its lines.
#[derive(Clone, Debug, Default)]
pub struct SourceContext {
    /// Service, where a line does not name one.
    pub service: Option<String>,
    /// Path of the file.
    pub path: Option<String>,
    /// Whose the lines are: one of the log contract that names another tenant is left out.
    pub tenant: Option<String>,
    /// Seconds east of UTC of times in text that do not tell.
    pub zone_offset_s: i32,
}

/// A moment, as the source's reader knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// Of a clock that only goes forward, in milliseconds.
    pub now_ms: u64,
    /// Of the wall clock, in nanoseconds since the Unix epoch.
    pub unix_ns: u64,
}

/// What a record is known by, and its events.
pub type Identified = (Zeroizing<Vec<u8>>, Raw<Vec<Event>>);

/// A physical line, unwrapped.
pub(crate) struct Physical {
    text: Zeroizing<String>,
    stream: &'static str,
    /// Sets streams of one name apart.
    key: u64,
    time_unix_ns: u64,
    is_truncated: bool,
    is_lossy: bool,
    /// Where the line begins and ends in its source.
    from: u64,
    to: u64,
    /// Attributes that a runtime wrote beside the line.
    attrs: Vec<(String, Value)>,
    /// Attributes and resource that the source gives with the line.
    beside: Option<Box<Event>>,
}

impl Physical {
    /// Adds a piece, as far as there is room.
    fn add(&mut self, piece: &str) {
        let whole_bytes = self.text.len() + piece.len();
        let mut whole = Zeroizing::new(String::with_capacity(whole_bytes));
        whole.push_str(&self.text);
        whole.push_str(piece);
        let kept = cut::to(&whole, LINE_BYTES_MAX).len();
        self.is_truncated = kept < whole_bytes;
        whole.truncate(kept);
        self.text = whole;
    }

    /// Ends a text whose rest did not come.
    fn end_early(&mut self) {
        let kept = cut::back(self.text.as_bytes()).len();
        self.text.truncate(kept);
        self.is_truncated = true;
    }
}

impl Drop for Physical {
    fn drop(&mut self) {
        for (_, value) in &mut self.attrs {
            value.zeroize();
        }
    }
}

impl Piece for Physical {
    fn text(&self) -> &str {
        &self.text
    }

    fn stream(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.stream, self.key).hash(&mut hasher);
        hasher.finish()
    }
}

/// Events that one record made, and where it stood.
pub(crate) struct Ready {
    pub(crate) events: Vec<Event>,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// The record's text, where it is asked for.
    pub(crate) raw: Zeroizing<Vec<u8>>,
    /// Whether it has no events since it names another tenant.
    pub(crate) is_strange: bool,
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.events.iter_mut().for_each(zeroize::Zeroize::zeroize);
    }
}

/// Makes events of the lines of one source.
pub struct LineIntake {
    format: SourceFormat,
    context: SourceContext,
    limits: Limits,
    joiner: Joiner<Physical>,
    /// A line of `stdout` and one of `stderr` whose rest has not come.
    partial: [Option<Physical>; 2],
    ready: VecDeque<Ready>,
    keeps_raw: bool,
    strangers: u64,
}

impl LineIntake {
    /// An intake of that format with nothing open.
    pub fn new(format: SourceFormat, context: SourceContext) -> Self {
        Self {
            format,
            context,
            limits: Limits::default(),
            joiner: Joiner::new(JoinLimits::default()),
            partial: [None, None],
            ready: VecDeque::new(),
            keeps_raw: false,
            strangers: 0,
        }
    }

    /// Keeps the text of each record, by which it is known again.
    #[must_use]
    pub fn with_raw(self) -> Self {
        Self {
            keeps_raw: true,
            ..self
        }
    }

    /// Takes a line without its line break; `place` is where it begins and ends in the source.
    pub fn push(&mut self, line: &[u8], place: (u64, u64), moment: Moment) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_truncated = line.len() > LINE_BYTES_MAX;
        let kept = match line.get(..LINE_BYTES_MAX) {
            Some(kept) if is_truncated => cut::back(kept),
            _ => line,
        };
        let decoded = String::from_utf8_lossy(kept);
        let is_lossy = matches!(decoded, std::borrow::Cow::Owned(_));
        let text = Zeroizing::new(decoded.into_owned());
        let mut physical = Physical {
            text,
            stream: "",
            key: 0,
            time_unix_ns: 0,
            is_truncated,
            is_lossy: is_lossy && !is_truncated,
            from: place.0,
            to: place.1,
            attrs: Vec::new(),
            beside: None,
        };
        let printed = match self.format {
            SourceFormat::Text => None,
            SourceFormat::Cri => container::cri(&physical.text),
            SourceFormat::Auto | SourceFormat::Json | SourceFormat::Docker => {
                if physical.text.starts_with('{') {
                    match self.object(&physical) {
                        Of::Event => return,
                        Of::Docker(printed) => Some(printed),
                        Of::Nothing => None,
                    }
                } else if self.format == SourceFormat::Auto {
                    container::cri(&physical.text)
                } else {
                    None
                }
            }
        };
        let Some(printed) = printed else {
            self.line(physical, moment);
            return;
        };
        physical.text = Zeroizing::new(printed.text);
        (physical.stream, physical.time_unix_ns) = (printed.stream, printed.time_unix_ns);
        physical.attrs = printed.attrs;
        self.printed(physical, printed.is_partial, moment);
    }

    /// Takes a line of text that came with an event's worth of fields of its own; lines of one
    /// `key` are joined.
    pub(crate) fn push_beside(
        &mut self,
        text: String,
        (key, place): (u64, (u64, u64)),
        beside: Event,
        moment: Moment,
    ) {
        let physical = Physical {
            text: Zeroizing::new(text),
            stream: "",
            key,
            time_unix_ns: beside.time_unix_ns,
            is_truncated: false,
            is_lossy: false,
            from: place.0,
            to: place.1,
            attrs: Vec::new(),
            beside: Some(Box::new(beside)),
        };
        let stack = physical.beside.as_ref();
        let stack = stack.and_then(|own| own.attribute(attr::EXCEPTION_STACKTRACE));
        if stack.is_some() || physical.text.contains('\n') {
            // A record already.
            let record = Record {
                lines: vec![physical],
                is_cut: false,
            };
            self.take_in(vec![record], moment);
            return;
        }
        self.line(physical, moment);
    }

    /// Gives what is open and has been quiet.
    pub fn flush(&mut self, moment: Moment) {
        let mut done = Vec::new();
        self.joiner.flush(moment.now_ms, &mut done);
        self.take_in(done, moment);
    }

    /// Gives all that is open.
    pub fn finish(&mut self, moment: Moment) {
        for mut physical in std::mem::take(&mut self.partial).into_iter().flatten() {
            physical.end_early();
            self.line(physical, moment);
        }
        let mut done = Vec::new();
        self.joiner.finish(&mut done);
        self.take_in(done, moment);
    }

    /// Whether no line waits.
    pub fn is_idle(&self) -> bool {
        self.joiner.is_empty() && self.partial.iter().all(Option::is_none)
    }

    /// The next record: where it ended, its text, and its events.
    pub fn next_ready(&mut self) -> Option<(u64, Identified)> {
        let mut ready = self.ready.pop_front()?;
        self.strangers += u64::from(ready.is_strange);
        let events = Raw::new(std::mem::take(&mut ready.events));
        Some((ready.to, (std::mem::take(&mut ready.raw), events)))
    }

    /// Lines that name another tenant, among those that were given; they have no events.
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    /// All records that are whole.
    pub(crate) fn take_ready(&mut self) -> Vec<Ready> {
        std::mem::take(&mut self.ready).into()
    }

    /// Where the first line that waits begins.
    pub(crate) fn open_from(&self) -> Option<u64> {
        let partial = self.partial.iter().flatten().map(|line| line.from);
        self.joiner
            .open_lines()
            .map(|line| line.from)
            .chain(partial)
            .min()
    }

    /// A line that is an object of JSON.
    fn object(&mut self, physical: &Physical) -> Of {
        let ledger = Ledger::new(self.limits.in_flight_bytes_max);
        let mut charge = Charge::new(&ledger);
        let mut meter = Meter::new(&mut charge, self.limits.decoded_bytes_max);
        let mut sink = Sink::new(&self.limits, &mut meter);
        sink.tenant.clone_from(&self.context.tenant);
        let parsed = json::parse(physical.text.as_bytes(), JSON_DEPTH_MAX, sink.meter);
        let Ok(Value::Map(pairs)) = parsed else {
            return Of::Nothing;
        };
        let pairs = if self.format == SourceFormat::Json {
            pairs
        } else {
            match container::docker(pairs) {
                Ok(printed) => return Of::Docker(printed),
                Err(pairs) => pairs,
            }
        };
        // What is over a limit of an event is kept as a line of text.
        let is_strange = match ndjson::members(pairs, &mut sink) {
            Ok(()) => false,
            // Nobody is told whose line it is that came here: it is not kept.
            Err(Code::TenantMismatch) => true,
            Err(_) => return Of::Nothing,
        };
        let mut events = sink.into_events();
        for event in &mut events {
            self.complete(event);
        }
        let raw = if self.keeps_raw {
            Zeroizing::new(physical.text.as_bytes().to_vec())
        } else {
            Zeroizing::default()
        };
        self.ready.push_back(Ready {
            events,
            from: physical.from,
            to: physical.to,
            raw,
            is_strange,
        });
        Of::Event
    }

    /// A line that a runtime wrote down, perhaps in pieces.
    fn printed(&mut self, mut piece: Physical, is_partial: bool, moment: Moment) {
        let slot = usize::from(piece.stream == "stderr");
        let Some(held) = self.partial.get_mut(slot) else {
            return;
        };
        if let Some(mut begun) = held.take() {
            // What is cut stays cut: no hole in the middle of a text.
            if !begun.is_truncated {
                begun.add(&piece.text);
            }
            begun.is_lossy |= piece.is_lossy;
            begun.to = piece.to;
            piece = begun;
        }
        if is_partial {
            *held = Some(piece);
        } else {
            self.line(piece, moment);
        }
    }

    fn line(&mut self, physical: Physical, moment: Moment) {
        let mut done = Vec::new();
        self.joiner.push(physical, moment.now_ms, &mut done);
        self.take_in(done, moment);
    }

    /// Reads records.
    fn take_in(&mut self, done: Vec<Record<Physical>>, moment: Moment) {
        let now = text::Now {
            unix_ns: moment.unix_ns,
            zone_offset_s: self.context.zone_offset_s,
        };
        for mut record in done {
            let texts: Vec<&str> = record.lines.iter().map(Piece::text).collect();
            let is_bare = record.lines.iter().all(|line| line.beside.is_none());
            if is_bare && texts.iter().all(|text| text.trim().is_empty()) {
                continue;
            }
            let mut event = text::event(&texts, record.is_cut, now);
            let raw = if self.keeps_raw {
                Zeroizing::new(texts.join("\n").into_bytes())
            } else {
                Zeroizing::default()
            };
            let (from, to) = place_of(&record.lines);
            let mut tell = |key: &str| event.attributes.push((key.to_owned(), Value::Bool(true)));
            if record.lines.iter().any(|line| line.is_truncated) {
                tell(text::TRUNCATED);
            }
            if record.lines.iter().any(|line| line.is_lossy) {
                tell(text::NOT_UTF8);
            }
            if let Some(first) = record.lines.first_mut() {
                if !first.stream.is_empty() {
                    let stream = Value::from(first.stream);
                    event.attributes.push(("log.iostream".to_owned(), stream));
                }
                if event.time_unix_ns == 0 {
                    event.time_unix_ns = first.time_unix_ns;
                }
                event.attributes.append(&mut first.attrs);
                if let Some(beside) = first.beside.take() {
                    beside_of(&mut event, *beside);
                }
            }
            self.complete(&mut event);
            self.ready.push_back(Ready {
                events: vec![event],
                from,
                to,
                raw,
                is_strange: false,
            });
        }
    }

    /// Adds what is known of the source.
    fn complete(&self, event: &mut Event) {
        if let Some(service) = &self.context.service
            && event.service().is_empty()
        {
            let service = Value::from(service.as_str());
            event
                .resource
                .push((attr::SERVICE_NAME.to_owned(), service));
        }
        if let Some(path) = &self.context.path {
            let path = Value::from(path.as_str());
            event.attributes.push(("log.file.path".to_owned(), path));
        }
    }
}

/// What a line that begins as an object is.
enum Of {
    Event,
    Docker(Printed),
    Nothing,
}

/// Where a record's lines begin and end.
fn place_of(lines: &[Physical]) -> (u64, u64) {
    let from = lines.iter().map(|line| line.from).min();
    let to = lines.iter().map(|line| line.to).max();
    (from.unwrap_or(0), to.unwrap_or(0))
}

/// Fields that came with a record's first line go before what its text says.
fn beside_of(event: &mut Event, mut beside: Event) {
    event.time_unix_ns = beside.time_unix_ns;
    event.severity = event.severity.max(beside.severity);
    for (own, more) in [
        (&mut event.attributes, &mut beside.attributes),
        (event.resource.to_mut(), beside.resource.to_mut()),
        (event.scope.to_mut(), beside.scope.to_mut()),
    ] {
        own.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
        own.append(more);
    }
    beside.zeroize();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::joined::LINES;

    fn events(format: SourceFormat, lines: &[&str]) -> Vec<Event> {
        let mut intake = LineIntake::new(format, SourceContext::default());
        for line in lines {
            intake.push(line.as_bytes(), (0, 0), Moment::default());
        }
        intake.finish(Moment::default());
        assert!(intake.is_idle());
        let ready = intake.take_ready();
        ready
            .into_iter()
            .flat_map(|mut ready| std::mem::take(&mut ready.events))
            .collect()
    }

    fn bodies(format: SourceFormat, lines: &[&str]) -> Vec<String> {
        let text = |event: &Event| event.body.as_str().unwrap_or("?").to_owned();
        events(format, lines).iter().map(text).collect()
    }

    #[test]
    fn pieces_of_a_line_are_one() {
        let time = "2024-01-02T03:04:05.5Z";
        let cri = [
            format!("{time} stdout P one "),
            format!("{time} stderr F other"),
            format!("{time} stdout F two"),
        ];
        let cri: Vec<&str> = cri.iter().map(String::as_str).collect();
        let mut found = bodies(SourceFormat::Auto, &cri);
        found.sort();
        assert_eq!(found, ["one two", "other"]);
        let docker = |log: &str| format!(r#"{{"log":"{log}","stream":"stdout","time":"{time}"}}"#);
        let docker = [docker("one "), docker(r"two\n"), docker(r"three\n")];
        let docker: Vec<&str> = docker.iter().map(String::as_str).collect();
        assert_eq!(bodies(SourceFormat::Auto, &docker), ["one two", "three"]);
    }

    #[test]
    fn a_trace_in_a_container_is_one_event() {
        let line = |n: u8, text: &str| format!("2024-01-02T03:04:0{n}Z stderr F {text}");
        let lines = [
            line(1, "Traceback (most recent call last):"),
            line(2, "  File \"a.py\", line 1, in f"),
            line(3, "ValueError: x"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let events = events(SourceFormat::Cri, &lines);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].attribute(LINES), Some(&Value::Int(3)));
        assert_eq!(events[0].attribute_str("log.iostream"), Some("stderr"));
        assert_eq!(events[0].time_unix_ns, 1_704_164_641_000_000_000);
    }

    #[test]
    fn objects_and_text_stand_beside_each_other() {
        let lines = [
            r#"{"msg":"a","level":"info"}"#,
            "{not json}",
            "plain",
            r#"{"msg":"b"}"#,
        ];
        let mut found = bodies(SourceFormat::Auto, &lines);
        found.sort();
        assert_eq!(found, ["a", "b", "plain", "{not json}"]);
    }

    #[test]
    fn what_docker_writes_beside_a_line_is_kept() {
        let line = |log: &str| {
            let attrs = r#"{"tag":"web","env":"eu"}"#;
            let time = "2024-01-02T03:04:05Z";
            format!(r#"{{"log":"{log}\n","stream":"stderr","time":"{time}","attrs":{attrs}}}"#)
        };
        let lines = [
            line("Traceback (most recent call last):"),
            line(r#"  File \"a.py\", line 1, in f"#),
            line("ValueError: x"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for format in [SourceFormat::Auto, SourceFormat::Docker] {
            let events = events(format, &lines);
            assert_eq!(events.len(), 1);
            assert_eq!(events[0].attribute(LINES), Some(&Value::Int(3)));
            assert_eq!(events[0].attribute_str("docker.attrs.tag"), Some("web"));
            assert_eq!(events[0].attribute_str("docker.attrs.env"), Some("eu"));
        }
    }

    #[test]
    fn a_line_that_names_another_tenant_is_left_out() {
        let context = SourceContext {
            tenant: Some("acme".to_owned()),
            ..SourceContext::default()
        };
        let mut intake = LineIntake::new(SourceFormat::Json, context).with_raw();
        for tenant in ["acme", "other"] {
            let line = format!(
                r#"{{"schema":"cordon.log/1","tenant_id":"{tenant}","message":"{tenant}"}}"#
            );
            intake.push(line.as_bytes(), (0, 1), Moment::default());
        }
        let mut bodies = Vec::new();
        while let Some((_, (_, events))) = intake.next_ready() {
            bodies.extend(events.expose_raw().iter().map(|event| event.body.clone()));
        }
        assert_eq!(bodies, [Value::from("acme")]);
        assert_eq!(intake.strangers(), 1);
    }

    #[test]
    fn a_line_too_long_says_so() {
        let long = "word ".repeat(LINE_BYTES_MAX / 5 + 1);
        let events = events(SourceFormat::Text, &[&long]);
        assert_eq!(
            events[0].body.as_str().unwrap().len(),
            LINE_BYTES_MAX / 5 * 5
        );
        assert_eq!(
            events[0].attribute(text::TRUNCATED),
            Some(&Value::Bool(true))
        );
    }

    #[test]
    fn no_beginning_of_a_word_is_left_at_a_limit() {
        let token = "qwvzkxjh".repeat(4);
        let filler = "a b ".repeat(LINE_BYTES_MAX / 4 - 5);
        let line = format!("{filler}{token} rest");
        let time = "2016-10-06T00:17:09.669794202Z stdout";
        let docker = |log: &str| {
            let log = log.replace('\n', "\\n");
            format!(r#"{{"log":"{log}","stream":"stdout","time":"2024-01-02T03:04:05Z"}}"#)
        };
        let (head, tail) = line.split_at(line.len() / 2);
        for (format, lines) in [
            (SourceFormat::Text, vec![line.clone()]),
            (
                SourceFormat::Cri,
                vec![format!("{time} P {head}"), format!("{time} F {tail}")],
            ),
            (
                SourceFormat::Docker,
                vec![docker(head), docker(&format!("{tail}\n"))],
            ),
            // What a runtime wrote in pieces, of which the last never came.
            (
                SourceFormat::Cri,
                vec![format!("{time} P begun {}", "qwvzkxjhqwvz")],
            ),
        ] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let events = events(format, &lines);
            let body = events[0].body.as_str().unwrap();
            assert!(!body.contains("qwvz"), "{format:?} {}", body.len());
            assert!(body.ends_with(' ') && events.len() == 1, "{format:?}");
            let told = events[0].attribute(text::TRUNCATED);
            assert_eq!(told, Some(&Value::Bool(true)), "{format:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(
            lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..20),
            format in 0_usize..5,
        ) {
            let formats = ["auto", "text", "json", "docker", "cri"];
            let format = SourceFormat::parse(formats[format]).unwrap();
            let mut intake = LineIntake::new(format, SourceContext::default());
            for (at, line) in lines.iter().enumerate() {
                let at = at as u64;
                intake.push(line, (at, at + 1), Moment::default());
                prop_assert!(intake.open_from().is_none_or(|from| from <= at));
            }
            intake.finish(Moment::default());
            prop_assert!(intake.is_idle());
            prop_assert!(intake.take_ready().len() <= lines.len());
        }
    }
}
