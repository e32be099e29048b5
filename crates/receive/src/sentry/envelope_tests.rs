//! Framing by tables, by properties, and beside the envelopes of Sentry's own Rust SDK.

use proptest::prelude::*;
use sentry_types::protocol::v7 as oracle;

use super::*;
use crate::meter::{Charge, Ledger};

/// Kind, payload and whether it was cut, of each item; an error ends the list.
fn check(body: &[u8]) -> Result<Vec<(String, Vec<u8>, bool)>, Code> {
    let ledger = Ledger::new(64 << 20);
    let mut charge = Charge::new(&ledger);
    let mut meter = Meter::new(&mut charge, 32 << 20);
    let (_, mut at) = header(body, &mut meter)?;
    let mut out = Vec::new();
    while let Some((item, next)) = item(body, at, &mut meter)? {
        assert!(next > at, "an item takes something");
        at = next;
        out.push((item.kind().to_owned(), item.payload.to_vec(), item.is_cut));
    }
    Ok(out)
}

/// Kind, payload and whether it was cut, as expected.
type Row<'r> = (&'r str, &'r str, bool);

fn rows(expect: &[Row<'_>]) -> Vec<(String, Vec<u8>, bool)> {
    let row = |(kind, text, cut): &Row<'_>| ((*kind).to_owned(), text.as_bytes().to_vec(), *cut);
    expect.iter().map(row).collect()
}

#[test]
fn items_are_told_apart() {
    let table: [(&str, &[Row<'_>]); 12] = [
        ("{}", &[]),
        ("{}\n", &[]),
        ("{}\n\n\n", &[]),
        (
            "{}\n{\"type\":\"a\",\"length\":2}\nxy\n",
            &[("a", "xy", false)],
        ),
        // The last line ending is optional, with a length and without.
        (
            "{}\n{\"type\":\"a\",\"length\":2}\nxy",
            &[("a", "xy", false)],
        ),
        ("{}\n{\"type\":\"a\"}\nxy", &[("a", "xy", false)]),
        // A payload with a length may hold line endings.
        (
            "{}\n{\"type\":\"a\",\"length\":3}\nx\ny\n{\"type\":\"b\"}\nz\n",
            &[("a", "x\ny", false), ("b", "z", false)],
        ),
        // CRLF and empty lines.
        (
            "{}\r\n{\"type\":\"a\"}\r\nxy\r\n\r\n{\"type\":\"b\",\"length\":1}\r\nz\r\n",
            &[("a", "xy", false), ("b", "z", false)],
        ),
        // No payload at all, and an empty one.
        ("{}\n{\"type\":\"a\"}", &[("a", "", false)]),
        (
            "{}\n{\"type\":\"a\",\"length\":0}\n\n{\"type\":\"b\",\"length\":0}\n",
            &[("a", "", false), ("b", "", false)],
        ),
        // Cut.
        (
            "{}\n{\"type\":\"a\",\"length\":1}\nx\n{\"type\":\"b\",\"length\":9}\nyz",
            &[("a", "x", false), ("b", "", true)],
        ),
        // A length that is none is no length.
        (
            "{}\n{\"type\":\"a\",\"length\":-1}\nxy\n",
            &[("a", "xy", false)],
        ),
    ];
    for (body, expect) in table {
        assert_eq!(check(body.as_bytes()), Ok(rows(expect)), "{body:?}");
    }
}

#[test]
fn what_is_no_envelope_is_refused() {
    for bad in [
        "",
        "\n",
        "[]",
        "x",
        "{}\nx\n",
        "{}\n[1]\n",
        "{}\n{\"type\":",
    ] {
        assert_eq!(
            check(bad.as_bytes()),
            Err(Code::EnvelopeMalformed),
            "{bad:?}"
        );
    }
    let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(HEADER_BYTES_MAX));
    assert_eq!(check(long.as_bytes()), Err(Code::EnvelopeMalformed));
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        prop::collection::vec(prop::sample::select(b"\r\n{}x".to_vec()), 0..20),
    ]
}

proptest! {
    #[test]
    fn what_was_framed_is_read(
        items in prop::collection::vec((payload(), any::<bool>()), 0..6),
        ends in any::<bool>(),
    ) {
        let mut body = b"{\"event_id\":\"0\"}\n".to_vec();
        for (payload, crlf) in &items {
            let head = format!("{{\"type\":\"attachment\",\"length\":{}}}\n", payload.len());
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(payload);
            body.extend_from_slice(if *crlf { b"\r\n" } else { b"\n" });
        }
        if let (false, Some((_, crlf))) = (ends, items.last()) {
            // The ending of the last payload is optional.
            body.truncate(body.len() - if *crlf { 2 } else { 1 });
        }
        let read = check(&body).unwrap();
        let read: Vec<_> = read.into_iter().map(|(_, payload, _)| payload).collect();
        let framed: Vec<_> = items.into_iter().map(|(payload, _)| payload).collect();
        prop_assert_eq!(read, framed);
    }

    #[test]
    fn arbitrary_bytes_harm_nobody(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _read = check(&body);
        let _read = check(&[b"{}\n".as_slice(), &body].concat());
    }

    /// Attachments of the SDK's own envelopes come out as they went in.
    #[test]
    fn agrees_with_the_rust_sdk(
        buffers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..5),
        message in "[a-z \\n\"]{0,20}",
    ) {
        let mut envelope = oracle::Envelope::new();
        envelope.add_item(oracle::Event {
            message: Some(message.clone()),
            ..oracle::Event::default()
        });
        for buffer in &buffers {
            envelope.add_item(oracle::Attachment {
                buffer: buffer.clone(),
                filename: "a".to_owned(),
                ..oracle::Attachment::default()
            });
        }
        let mut body = Vec::new();
        envelope.to_writer(&mut body).unwrap();
        let read = check(&body).unwrap();
        prop_assert_eq!(read.len(), buffers.len() + 1);
        let event: serde_json::Value = serde_json::from_slice(&read[0].1).unwrap();
        let said = event.get("message").and_then(serde_json::Value::as_str);
        prop_assert_eq!(said.unwrap_or_default(), message);
        for ((kind, payload, cut), buffer) in read.iter().skip(1).zip(&buffers) {
            prop_assert_eq!((kind.as_str(), payload, *cut), ("attachment", buffer, false));
        }
        // And the other way round: what is read here is read there.
        prop_assert!(oracle::Envelope::from_slice(&body).is_ok());
    }
}
