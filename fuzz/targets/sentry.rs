//! Sentry's envelopes, stored events, security reports and webhooks of alerts: arbitrary bodies
//! harm nobody and keep to their limits, and a secret is gone wherever its sender put it.
#![no_main]

use cordon_event::codec::encode_event;
use cordon_event::{Event, Raw};
use cordon_receive::{Decoded, Format, Limits, decode};
use cordon_redact::Verdict;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

/// What no rule knows by its form; visibly no secret.
const CANARY: &str = "plum-harbour-lantern";
/// What a body may be.
const FORMATS: [Format; 4] = [
    Format::SentryEnvelope,
    Format::SentryEvent,
    Format::SentrySecurity,
    Format::Alerts,
];
/// Events beside one for each few bytes: a list of empty objects is a list of spans.
const EVENTS_A_BYTE_MAX: usize = 1;

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    match choice % 3 {
        0 => arbitrary(FORMATS[usize::from(choice / 3) % FORMATS.len()], rest),
        1 => item(rest),
        _ => planted(&String::from_utf8_lossy(rest)),
    }
});

/// Whatever is taken is bounded, and what is refused says why.
fn arbitrary(format: Format, body: &[u8]) {
    match decode(format, body, &Limits::default()) {
        Ok(decoded) => {
            let count = decoded.events.count();
            assert!(
                count <= body.len() * EVENTS_A_BYTE_MAX,
                "more events than bytes"
            );
            clean(decoded).for_each(|event| drop(encode_event(&event)));
        }
        Err(error) => assert!(!error.to_string().is_empty(), "refused without a reason"),
    }
}

/// A payload of the input in an envelope that is well framed, so that its mapping is reached: the
/// first byte says of which type.
fn item(data: &[u8]) {
    const TYPES: [&str; 12] = [
        "event",
        "transaction",
        "span",
        "log",
        "session",
        "sessions",
        "client_report",
        "check_in",
        "feedback",
        "user_report",
        "raw_security",
        "attachment",
    ];
    let Some((choice, payload)) = data.split_first() else {
        return;
    };
    let kind = TYPES[usize::from(*choice) % TYPES.len()];
    let head = json!({ "type": kind, "length": payload.len(), "filename": "a.txt" });
    let body = [
        format!("{{}}\n{head}\n").as_bytes(),
        payload,
        b"\n{\"type\":\"log\"}\n{}",
    ]
    .concat();
    let decoded = decode(Format::SentryEnvelope, &body, &Limits::default());
    let decoded = decoded.expect("an item that is not read leaves the others");
    assert!(decoded.events.count() >= 1, "the item behind it is lost");
}

/// The events that redaction lets pass.
fn clean(decoded: Decoded) -> impl Iterator<Item = Event> {
    let outcomes = decoded.events.split();
    let outcomes =
        outcomes.map(|raw: Raw<Event>| cordon_fuzz::REDACTOR.event(&cordon_fuzz::Mac, raw));
    outcomes.filter_map(|outcome| match outcome.verdict {
        Verdict::Clean(event) => Some(event.into_inner()),
        Verdict::Quarantine(_) => None,
    })
}

/// A secret under a name that says so, below names of the input, in every place of an event.
fn planted(names: &str) {
    if names.contains(CANARY) {
        return; // in a name, which is none of a value
    }
    let mut inner = json!({ "password": CANARY });
    for name in names.split('\n').take(8) {
        inner = if name.len() % 2 == 0 {
            json!({ name: inner })
        } else {
            json!([{ name: inner }, 1])
        };
    }
    let frame = json!({ "function": "f", "filename": "a.py", "vars": inner });
    let event = json!({
        "exception": { "values": [{ "type": "E", "stacktrace": { "frames": [frame] } }] },
        "extra": inner, "tags": inner, "user": inner, "contexts": { "x": inner, "trace": inner },
        "request": { "data": inner, "headers": [["password", CANARY]] }, "breadcrumbs": [inner],
        "brand_new": inner,
    });
    let body = event.to_string();
    let Ok(decoded) = decode(Format::SentryEvent, body.as_bytes(), &Limits::default()) else {
        return; // nested too deep
    };
    for event in clean(decoded) {
        let kept = encode_event(&event);
        let kept = String::from_utf8_lossy(&kept);
        assert!(!kept.contains(CANARY), "a planted value is still there");
    }
}
