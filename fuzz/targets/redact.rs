//! Redaction of arbitrary text: twice is once, JSON stays JSON, as many lines come out as go in,
//! blocks of lines give what the lines give one by one, and lines that are copied what they give
//! when they are read.
#![no_main]

use cordon_fuzz::{COPYING_AND_READING, blocks, blocks_by, breaks, chosen, json_line, text};
use cordon_redact::LineFormat;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    let Some((choice, read)) = chosen(data) else {
        return;
    };
    match choice % 6 {
        0 => as_text(&read),
        1 => as_json(&read),
        2 => as_json(&object(&read).to_string()),
        3 => as_lines(&read, LineFormat::Auto, choice),
        4 => as_lines(&read, LineFormat::Text, choice),
        _ => as_lines(&read, LineFormat::Json, choice),
    }
});

fn as_text(raw: &str) {
    let once = text(raw);
    assert_eq!(breaks(&once), breaks(raw), "lines are lost or added");
    assert_eq!(text(&once), once, "redacting twice changes something");
}

fn as_json(raw: &str) {
    let once = json_line(raw);
    let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    if is_json(raw) {
        assert!(is_json(&once), "JSON does not stay JSON");
    }
    assert_eq!(json_line(&once), once, "redacting twice changes something");
}

/// JSON made of the text: names and values by turns, a value that is JSON itself taken as such.
fn object(read: &str) -> Value {
    let mut fields = Map::new();
    let mut parts = read.split('\0');
    while let Some(name) = parts.next() {
        let value = parts.next().unwrap_or_default();
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        fields.insert(name.to_owned(), value);
    }
    Value::from(fields)
}

fn as_lines(raw: &str, format: LineFormat, choice: u8) {
    let whole = blocks(raw, format, |_| false);
    assert_eq!(breaks(&whole), breaks(raw), "lines are lost or added");
    let single = blocks(raw, format, |_| true);
    assert_eq!(
        single, whole,
        "lines one by one give something else than their block"
    );
    let cut = usize::from(choice / 6 % 5) + 2;
    let parts = blocks(raw, format, |n| n % cut == cut - 1);
    assert_eq!(parts, whole, "blocks give something else than the whole");
    let [copied, read] = COPYING_AND_READING
        .each_ref()
        .map(|redactor| blocks_by(redactor, raw, format, |_| false));
    assert_eq!(copied, read, "lines that are copied hold something");
    assert_eq!(
        blocks(&whole, format, |_| false),
        whole,
        "redacting twice changes something"
    );
}
