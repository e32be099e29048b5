//! Changes: arbitrary bodies and logs of git harm nobody and keep to their limits, and a value of a
//! setting is gone wherever its sender put it.
#![no_main]

use cordon_event::codec::encode_event;
use cordon_event::{Change, Event, Raw};
use cordon_receive::{Decoded, FILES_COUNT_MAX, Format, Limits, decode};
use cordon_redact::Verdict;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};

/// The lines of `git log`, as the binary reads them.
#[expect(dead_code, reason = "the binary reads more of a commit")]
#[path = "../../crates/cordon/src/git/log.rs"]
mod log;

/// What no rule knows by its form; visibly no secret.
const CANARY: &str = "plum-harbour-lantern";
/// Names of one change that are taken from the input.
const NAMES_COUNT_MAX: usize = 8;
/// Copies of a subject that an event holds: its own, and the names of both values.
const COPIES_MAX: usize = 3;
/// Bytes of an event beside what it was told.
const EVENT_BYTES_MAX: usize = 1_024;

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    match choice % 3 {
        0 => arbitrary(rest),
        1 => planted(&String::from_utf8_lossy(rest)),
        _ => logged(rest),
    }
});

/// Whatever is taken is a change, of bounded size, and what is refused says why.
fn arbitrary(body: &[u8]) {
    let limits = Limits::default();
    let decoded = match decode(Format::Changes, body, &limits) {
        Ok(decoded) => decoded,
        Err(error) => {
            assert!(!error.to_string().is_empty(), "refused without a reason");
            return;
        }
    };
    let count = decoded.events.count();
    assert!(count <= body.len(), "more changes than bytes");
    let mut bytes_count = 0;
    for event in clean(decoded) {
        let change = Change::of(&event).expect("a change is read as one");
        assert!(change.files.len() <= FILES_COUNT_MAX, "too many files");
        bytes_count += encode_event(&event).len();
    }
    // Marks and pseudonyms are longer than what they stand for.
    let bytes_max = body.len().saturating_mul(64 * COPIES_MAX) + count * EVENT_BYTES_MAX;
    assert!(bytes_count <= bytes_max, "more is kept than was told");
}

/// The changes that redaction lets pass.
fn clean(decoded: Decoded) -> impl Iterator<Item = Event> {
    let outcomes = decoded.events.split();
    let outcomes =
        outcomes.map(|raw: Raw<Event>| cordon_fuzz::REDACTOR.event(&cordon_fuzz::Mac, raw));
    outcomes.filter_map(|outcome| match outcome.verdict {
        Verdict::Clean(event) => Some(event.into_inner()),
        Verdict::Quarantine(_) => None,
    })
}

/// A setting's value under its usual name and under names of the input, nested as the input says.
fn planted(read: &str) {
    if read.contains(CANARY) {
        return; // in a name, which is none of a value
    }
    let mut members = serde_json::Map::new();
    for (n, name) in read.split('\n').take(NAMES_COUNT_MAX).enumerate() {
        let nested = if (n + name.len()) % 2 == 0 {
            json!([{ name: CANARY }, n]) // a list names nothing
        } else {
            json!({ name: { "value": [CANARY] }, "enabled": true, "n": n })
        };
        members.insert(name.to_owned(), nested);
    }
    members.insert("key".to_owned(), json!("gateway.handle"));
    members.insert("to".to_owned(), json!(CANARY));
    let body = Json::Object(members).to_string();
    let Ok(decoded) = decode(Format::Changes, body.as_bytes(), &Limits::default()) else {
        return; // a time or a kind that is none
    };
    for event in clean(decoded) {
        let kept = encode_event(&event);
        let kept = String::from_utf8_lossy(&kept);
        assert!(!kept.contains(CANARY), "a planted value is still there");
    }
}

/// Lines of a log: what is kept of them is bounded, and no more than they say.
fn logged(text: &[u8]) {
    let keep = |path: &str| path.len() % 7 != 0;
    for keep in [None, Some(&keep as &dyn Fn(&str) -> bool)] {
        let mut reading = log::Reading::new(keep);
        let mut lines = text.split(|b| *b == b'\n');
        while lines.next().is_some_and(|line| reading.line(line)) {}
        let count = reading.commits.len();
        assert!(count <= log::COMMITS_COUNT_MAX + 1, "too many commits");
        let mut bytes_count = 0;
        for commit in &reading.commits {
            assert!(commit.touched.len() <= FILES_COUNT_MAX, "too many files");
            let known = commit.touched.len() + commit.files_left_out;
            assert!(known <= commit.touched_count, "more files than were told");
            for file in &commit.touched {
                assert!(keep.is_none_or(|keep| keep(&file.path)), "not wanted");
                assert!(file.hunks.len() <= log::HUNKS_COUNT_MAX, "too many hunks");
                bytes_count += file.path.len() + file.was.as_ref().map_or(0, String::len);
            }
            bytes_count += commit.author.len() + commit.summary.len() + commit.id.len();
        }
        // What is no UTF-8 is replaced by a mark of three bytes.
        assert!(bytes_count <= 3 * text.len(), "more is kept than was told");
    }
}
