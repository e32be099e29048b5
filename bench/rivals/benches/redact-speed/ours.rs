//! This engine, with everything on: detection, replacement, second scan.

use cordon_event::{Event, Raw, Value};
use cordon_redact::{LineFormat, NameScope, Policy, PseudonymMac, Redactor, StreamRedactor};
use sha2::{Digest, Sha256};

use crate::clock::Reader;

/// A keyed digest at about the price of the real one.
struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let hash = Sha256::new().chain_update(kind).chain_update(canonical);
        hash.finalize().into()
    }
}

/// A redactor that looks for names there, and for everything else everywhere.
pub(crate) fn redactor(names: NameScope) -> Redactor {
    let policy = Policy {
        names,
        ..Policy::default()
    };
    Redactor::new(policy).unwrap()
}

/// The engine on a stream of lines, which lives as long as the source that writes them.
pub(crate) struct Engine<'r> {
    redactor: &'r Redactor,
    format: LineFormat,
    name: &'static str,
    stream: StreamRedactor<'r>,
    /// Whether each pass is a source of its own.
    anew: bool,
}

impl<'r> Engine<'r> {
    pub(crate) fn new(redactor: &'r Redactor, format: LineFormat, name: &'static str) -> Self {
        Self {
            redactor,
            format,
            name,
            stream: StreamRedactor::new(redactor, format),
            anew: false,
        }
    }

    /// The same, for which each pass is a source of its own.
    pub(crate) fn anew(self) -> Self {
        Self { anew: true, ..self }
    }
}

impl Reader for Engine<'_> {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn begin(&mut self) {
        self.stream = StreamRedactor::new(self.redactor, self.format);
    }

    fn read(&mut self, blocks: Vec<String>, out: &mut dyn FnMut(String)) {
        if self.anew {
            self.begin();
        }
        for block in blocks {
            out(self.stream.lines(&Mac, Raw::new(block)).clean.into_inner());
        }
    }
}

/// The engine on events, one a line, whose body that is.
pub(crate) struct Events<'r>(pub(crate) &'r Redactor);

impl Reader for Events<'_> {
    fn name(&self) -> String {
        "this engine, an event a line, its body counted alone".to_owned()
    }

    fn read(&mut self, blocks: Vec<String>, _: &mut dyn FnMut(String)) {
        for text in blocks.iter().flat_map(|block| block.lines()) {
            let outcome = self.0.event(&Mac, Raw::new(event(text)));
            std::hint::black_box(outcome.verdict);
        }
    }
}

fn event(text: &str) -> Event {
    Event {
        body: text.into(),
        attributes: vec![
            ("http.route".to_owned(), "/api/v1/orders/{id}".into()),
            ("http.response.status_code".to_owned(), Value::Int(200)),
            ("thread.name".to_owned(), "worker-7".into()),
        ],
        resource: vec![("service.name".to_owned(), "shop".into())].into(),
        ..Event::default()
    }
}
