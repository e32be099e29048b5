//! What senders send: requests whose every event has a word of its own and a planted secret.

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{Event, Raw, Severity};
use cordon_journal::Cursor;

use crate::draw::Draw;

/// Tenants that send.
pub(crate) const TENANTS: [&str; 2] = ["acme", "beta"];
/// Events of a request.
const EVENTS_COUNT_MAX: u64 = 4;
/// No two letters of these words make another word, and no template masks them.
const LETTERS: [char; 16] = [
    'b', 'c', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z',
];
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// A value that must never arrive: it quarantines its request.
pub(crate) const CANARY: &str = "Zq-planted-canary-of-the-matrix";
/// The body that one event of each request has.
pub(crate) const TICK: &str = "the clock ticked";
/// Letters that all secrets of one run share, and nothing else has.
const STEM_COUNT: usize = 14;
/// Letters of a secret behind its prefix.
const SECRET_COUNT: usize = 36;

/// What is known of a request that was sent.
pub(crate) struct Request {
    pub(crate) tenant: &'static str,
    /// Its bytes, as far as deduplication is concerned.
    pub(crate) body: Vec<u8>,
    /// Words of its events.
    pub(crate) words: Vec<String>,
    /// Whether it holds a canary, which quarantines all of it.
    pub(crate) has_canary: bool,
    /// Whether a sender was told that it is durable.
    pub(crate) is_acknowledged: bool,
    /// Where its acknowledged frames end.
    pub(crate) frames: Vec<Cursor>,
}

impl Request {
    /// Events of it.
    pub(crate) fn events_count(&self) -> u64 {
        self.words.len() as u64 + 1
    }
}

/// All requests of a run.
pub(crate) struct Requests {
    all: Vec<Request>,
    draw: Draw,
    words_count: u64,
    /// What every secret of this run begins with behind its prefix.
    pub(crate) stem: String,
    pub(crate) has_canaries: bool,
    /// Which request a keyed digest is of.
    pub(crate) by_mac: BTreeMap<[u8; 32], usize>,
}

impl Requests {
    pub(crate) fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed, 1);
        let stem = letters(&mut draw, STEM_COUNT);
        Self {
            all: Vec::new(),
            has_canaries: draw.one_in(3),
            draw,
            words_count: 0,
            stem,
            by_mac: BTreeMap::new(),
        }
    }

    /// Draws a new one that nothing holds back; its number.
    pub(crate) fn fresh(&mut self) -> usize {
        let number = self.draw();
        if let Some(request) = self.get_mut(number) {
            request.has_canary = false;
        }
        number
    }

    /// Draws a new one; its number.
    pub(crate) fn draw(&mut self) -> usize {
        let count = self.draw.between(1, EVENTS_COUNT_MAX);
        let number = self.all.len();
        let words: Vec<String> = (0..count).map(|n| word(self.words_count + n)).collect();
        self.words_count += count;
        let tenant = if self.draw.one_in(2) { "acme" } else { "beta" };
        self.all.push(Request {
            tenant,
            body: format!("request {number}").into_bytes(),
            words,
            has_canary: self.has_canaries && self.draw.one_in(8),
            is_acknowledged: false,
            frames: Vec::new(),
        });
        number
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Request> {
        self.all.get(number)
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Request> {
        self.all.get_mut(number)
    }

    pub(crate) fn all(&self) -> &[Request] {
        &self.all
    }

    /// Numbers of those that nobody was told of.
    pub(crate) fn open(&self) -> Vec<usize> {
        let all = self.all.iter().enumerate();
        let open = all.filter(|(_, request)| !request.is_acknowledged);
        open.map(|(number, _)| number).collect()
    }

    /// Events as they arrive: with secrets.
    pub(crate) fn events(&self, request: &Request, now_unix_ns: u64) -> Raw<Vec<Event>> {
        let bodies = request
            .words
            .iter()
            .map(|word| (word.as_str(), format!("step {word} failed")));
        let bodies = bodies.chain([("tick", TICK.to_owned())]);
        let events = bodies.map(|(word, body)| Event {
            body: body.as_str().into(),
            severity: Severity::ERROR,
            time_unix_ns: now_unix_ns,
            attributes: vec![
                ("note".to_owned(), self.note(request, word).as_str().into()),
                ("password".to_owned(), self.secret(word).as_str().into()),
            ],
            ..Event::default()
        });
        Raw::new(events.collect())
    }

    fn note(&self, request: &Request, word: &str) -> String {
        let canary = if request.has_canary { CANARY } else { "" };
        format!("told {} {canary} then went on", self.secret(word))
    }

    /// Shaped like a token, and unlike any other.
    fn secret(&self, word: &str) -> String {
        let sum = word
            .bytes()
            .fold(7, |sum: u64, b| sum.wrapping_mul(31) + u64::from(b));
        let tail = letters(&mut Draw::new(sum, 2), SECRET_COUNT - STEM_COUNT);
        format!("gh{}_{}{tail}", "p", self.stem)
    }

    /// Every word that was ever sent.
    pub(crate) fn words(&self) -> BTreeSet<&str> {
        let words = self.all.iter().flat_map(|request| &request.words);
        words.map(String::as_str).collect()
    }
}

fn letters(draw: &mut Draw, count: usize) -> String {
    let letters = (0..count).filter_map(|_| draw.of(SECRET_LETTERS).copied());
    letters.map(char::from).collect()
}

/// A word no other number has, without digits: templates mask those.
fn word(mut number: u64) -> String {
    let mut out = String::from("re");
    loop {
        let digit = (number % LETTERS.len() as u64) as usize;
        out.extend(LETTERS.get(digit));
        out.push('a');
        number /= LETTERS.len() as u64;
        if number == 0 {
            break;
        }
    }
    out + "ing"
}

/// The word of an event's body, where it is one of ours.
pub(crate) fn word_of(body: &str) -> Option<&str> {
    body.strip_prefix("step ")?.strip_suffix(" failed")
}
