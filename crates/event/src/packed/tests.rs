//! What is written is read; anything else is an error.

use proptest::prelude::*;

use super::*;
use crate::codec::DecodeError;
use crate::facts::{Bits, Facts, Key, add_keys};
use crate::{
    Batch, Entry, Event, EventId, Kind, Quarantined, Raw, Region, SealedRaw, Severity, Shared,
    SpanId, SpanStatus, TenantId, TraceId, Value,
};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        // Not a number equals nothing.
        any::<f64>()
            .prop_filter("a number", |n| !n.is_nan())
            .prop_map(Value::Double),
        ".{0,12}".prop_map(Value::String),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-c]{1,2}", inner), 0..4).prop_map(Value::Map),
        ]
    })
}

fn any_fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::vec(("[a-d.]{1,3}", any_value()), 0..5)
}

fn any_event() -> impl Strategy<Value = Event> {
    let times = (any::<u64>(), any::<u64>(), any::<u8>(), 0..3_u8, 0..8_u8);
    let ids = (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<[u8; 8]>());
    let texts = (
        ".{0,8}",
        ".{0,8}",
        any_value(),
        any_fields(),
        0..Kind::ALL.len(),
    );
    (times, ids, texts).prop_map(|(times, ids, texts)| Event {
        kind: Kind::ALL[texts.4],
        time_unix_ns: times.0,
        end_unix_ns: times.1,
        severity: Severity(times.2),
        status: [SpanStatus::Unset, SpanStatus::Ok, SpanStatus::Error][usize::from(times.3)],
        trace_id: (times.4 & 1 != 0).then_some(TraceId(ids.0)),
        span_id: (times.4 & 2 != 0).then_some(SpanId(ids.1)),
        parent_span_id: (times.4 & 4 != 0).then_some(SpanId(ids.2)),
        trace_flags: u32::from(times.2) & 3,
        name: texts.0,
        trace_state: texts.1,
        body: texts.2,
        attributes: texts.3,
        ..Event::default()
    })
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let origins = prop::collection::vec(any_fields().prop_map(Shared::from), 1..4);
    let events = prop::collection::vec((any_event(), 0..3_usize, 0..3_usize, any::<bool>()), 0..8);
    let digests = prop::collection::vec(any::<u64>(), 0..3);
    let facts = prop::collection::vec(prop::option::of(digests), 0..8);
    let numbers = (any::<[u8; 32]>(), any::<u64>());
    (origins, events, facts, numbers).prop_map(|(origins, events, facts, (mac, at))| {
        let of = |n: usize| origins[n % origins.len()].clone();
        let entries = events
            .into_iter()
            .zip(0..)
            .map(|((mut event, r, s, is_held), n)| {
                (event.resource, event.scope) = (of(r), of(s));
                let entry = if is_held {
                    Entry::Quarantined(Quarantined {
                        reason: "late_hit".into(),
                        paths: vec![event.name],
                        kind: event.kind,
                        time_unix_ns: event.time_unix_ns,
                        sealed: event.trace_id.map(|id| SealedRaw {
                            bytes: id.0.to_vec(),
                            until_unix_s: event.end_unix_ns,
                        }),
                        ..Quarantined::default()
                    })
                } else {
                    Entry::Event(event)
                };
                (EventId([n; 16]), entry)
            });
        Batch {
            tenant: TenantId::parse("acme").unwrap(),
            region: Region::parse("eu").unwrap(),
            request_mac: mac,
            received_unix_ns: at,
            removed: vec![("A".into(), "jwt".into(), at)],
            entries: entries.collect(),
            facts: facts
                .into_iter()
                .map(|digests| {
                    let mut keys = Vec::new();
                    let digests: Vec<_> = digests?.into_iter().map(|d| Key::new(1, d)).collect();
                    add_keys(&mut keys, &digests);
                    let (plan, bits) = ([7; 8], Bits::of(100));
                    Some(Facts { plan, bits, keys })
                })
                .collect(),
        }
    })
}

proptest! {
    #[test]
    fn a_batch_survives_the_round_trip(batch in any_batch()) {
        prop_assert_eq!(decode_batch(&encode_batch(&batch)), Ok(batch));
    }

    #[test]
    fn a_raw_event_survives_the_round_trip_in_one_buffer(event in any_event()) {
        let raw = Raw::new(event.clone());
        let bytes = encode_raw_event(&raw);
        prop_assert!(bytes.count() <= write::event_bytes_max(&event), "never moved");
        let back = decode_raw_event(&bytes).unwrap();
        prop_assert_eq!(back.expose_raw(), &vec![event]);
        let longer = [bytes.expose_raw().as_slice(), &[0]].concat();
        prop_assert!(decode_raw_event(&Raw::new(longer)).is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        batch in any_batch(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode_batch(&batch);
        let _ = decode_batch(&bytes[..cut.index(bytes.len())]);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = decode_batch(&bytes);
    }
}

#[test]
fn origins_and_names_are_written_once() {
    let origin = Shared::from(vec![(
        "service.name".to_owned(),
        "x".repeat(100).as_str().into(),
    )]);
    let event = |n: u8| {
        let event = Event {
            attributes: vec![("http.route".to_owned(), 1.into())],
            resource: origin.clone(),
            ..Event::default()
        };
        (EventId([n; 16]), Entry::Event(event))
    };
    let batch = |count| Batch {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [0; 32],
        received_unix_ns: 0,
        removed: Vec::new(),
        entries: (0..count).map(event).collect(),
        facts: Vec::new(),
    };
    let bytes = encode_batch(&batch(11)).len() - encode_batch(&batch(1)).len();
    assert!(bytes < 10 * 40, "{bytes} for ten more");
    let back = decode_batch(&encode_batch(&batch(2))).unwrap();
    let origins: Vec<Shared> = back
        .entries
        .into_iter()
        .map(|(_, entry)| match entry {
            Entry::Event(event) => event.resource,
            Entry::Quarantined(_) => Shared::default(),
        })
        .collect();
    assert!(origins[0].is_same(&origins[1]));
}

#[test]
fn what_earlier_versions_wrote_is_read() {
    let json = concat!(
        r#"{"v":1,"tenant":"acme","region":"eu","request":""#,
        "0303030303030303030303030303030303030303030303030303030303030303",
        r#"","received":5,"removed":[],"entries":1}"#,
        "\n",
        r#"{"id":"01010101010101010101010101010101","event":{"v":1,"kind":"log","body":"b","#,
        r#""attributes":[],"resource":[],"scope":[]}}"#,
    );
    let batch = decode_batch(json.as_bytes()).unwrap();
    assert_eq!((batch.received_unix_ns, batch.entries.len()), (5, 1));
}

#[test]
fn a_quarantined_entry_of_an_earlier_version_is_read() {
    let held = Quarantined {
        reason: "canary".into(),
        rule: "canary".into(),
        paths: vec!["body".into()],
        source: "shop".into(),
        removed: vec![("A".into(), "jwt".into(), 2)],
        ..Quarantined::default()
    };
    let batch = Batch {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [0; 32],
        received_unix_ns: 0,
        removed: Vec::new(),
        entries: vec![(EventId([7; 16]), Entry::Quarantined(held))],
        facts: Vec::new(),
    };
    // Without what was added: kind, time and whether there is a sealed event, and the count of
    // facts, a byte each.
    let mut bytes = encode_batch(&batch);
    bytes.truncate(bytes.len() - 4);
    bytes[0] = VERSION_WITHOUT_FACTS;
    let at = bytes.iter().rposition(|byte| *byte == 7).unwrap() + 1;
    assert_eq!(bytes[at], HELD);
    bytes[at] = QUARANTINED;
    assert_eq!(decode_batch(&bytes), Ok(batch));
}

#[test]
fn damage_is_an_error_with_a_name() {
    assert_eq!(decode_batch(&[]), Err(DecodeError::Member("byte")));
    assert_eq!(decode_batch(&[9]), Err(DecodeError::Version(9)));
    let batch = Batch {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [0; 32],
        received_unix_ns: 0,
        removed: Vec::new(),
        entries: Vec::new(),
        facts: Vec::new(),
    };
    let longer = [encode_batch(&batch), vec![0]].concat();
    assert_eq!(decode_batch(&longer), Err(DecodeError::Member("end")));
    // A list that claims more than there is.
    let mut claims = encode_batch(&batch);
    claims.truncate(claims.len() - 2);
    claims.extend([0xff, 0xff, 0x7f]);
    assert_eq!(decode_batch(&claims), Err(DecodeError::Member("count")));
}
