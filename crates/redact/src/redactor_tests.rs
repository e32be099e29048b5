//! What happens when the first scan misses, with a second scan that hits something it cannot know.

use cordon_event::limits::{
    SEALED_RAW_BATCH_BYTES_MAX, SEALED_RAW_BATCH_COUNT_MAX, SEALED_RAW_BYTES_MAX,
};
use cordon_event::{
    Change, ChangeKind, Class, Entry, Event, EventId, Kind, Quarantined, Raw, Region, SealedRaw,
    TenantId, Value, attr,
};

use crate::second::Scan;
use crate::{BatchMeta, EventRedactor, Policy, PseudonymMac, Redactor, ValueTypes, Verdict};

struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, _: &str, canonical: &[u8]) -> [u8; 32] {
        [canonical.len() as u8; 32]
    }
}

fn alarmed() -> Redactor {
    Redactor {
        second: Scan::of(&[("late.zebra", "zebra|^123456789.5$")]).unwrap(),
        ..Redactor::new(Policy::default()).unwrap()
    }
}

fn event(body: impl Into<cordon_event::Value>) -> Event {
    Event {
        body: body.into(),
        attributes: vec![("http.route".to_owned(), "/x".into())],
        resource: vec![(attr::SERVICE_NAME.to_owned(), "billing".into())].into(),
        ..Event::default()
    }
}

#[test]
fn a_late_hit_holds_its_event_back_and_pages() {
    let held = alarmed().event(&Mac, Raw::new(event("a zebra of ann@example.org")));
    let Verdict::Quarantine(held_back) = held.verdict else {
        panic!("admitted")
    };
    let q = held_back.get();
    assert_eq!(
        (q.reason.as_str(), q.rule.as_str()),
        ("late_hit", "late.zebra")
    );
    assert_eq!(
        q.paths,
        ["body", "attributes.http.route", "resource.service.name"]
    );
    assert_eq!(q.source, "billing");
    assert_eq!(q.removed, [("B".to_owned(), "email".to_owned(), 1)]);
    assert!(held.tokens.is_empty());
    let [page] = held.pages.as_slice() else {
        panic!("{} pages", held.pages.len())
    };
    assert_eq!((page.reason, page.rule), ("late_hit", "late.zebra"));
    assert_eq!(page.source.get(), "billing");
}

const ZEBRA: &str = "a zebra of ann@example.org";

/// Seals by turning bytes over: what it holds back can be told from what it got.
struct Turned;

impl crate::RawSealer for Turned {
    fn seal_raw(
        &self,
        context: &[u8],
        received_unix_s: u64,
        raw: &Raw<Vec<u8>>,
    ) -> Result<SealedRaw, crate::SealError> {
        let turned = raw.expose_raw().iter().map(|byte| !byte);
        Ok(SealedRaw {
            bytes: context.iter().copied().chain(turned).collect(),
            until_unix_s: received_unix_s,
        })
    }
}

fn batch_of(redactor: &Redactor, bodies: &[&str]) -> Vec<(EventId, Entry)> {
    let raw = bodies.iter().map(|body| Event {
        time_unix_ns: 2_000_000_001,
        kind: Kind::Span,
        ..event(*body)
    });
    let meta = BatchMeta {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [1; 32],
        received_unix_ns: 3_000_000_000,
        facts: Vec::new(),
    };
    let raw = Raw::new(raw.collect());
    redactor.batch(&Mac, raw, meta).batch.into_inner().entries
}

fn held_of((id, entry): &(EventId, Entry)) -> Option<(EventId, &Quarantined)> {
    match entry {
        Entry::Event(_) => None,
        Entry::Quarantined(held) => Some((*id, held)),
    }
}

#[test]
fn what_a_rule_holds_back_is_sealed_where_somebody_asked() {
    let bodies = ["fine", "a zebra of ann@example.org"];
    let plain = batch_of(&alarmed(), &bodies);
    let (_, held) = held_of(&plain[1]).unwrap();
    assert_eq!((held.kind, held.time_unix_ns), (Kind::Span, 2_000_000_000));
    assert_eq!(held.sealed, None);
    let redactor = alarmed().sealing(Some(std::sync::Arc::new(Turned)));
    let sealed = batch_of(&redactor, &bodies);
    assert!(held_of(&sealed[0]).is_none());
    let (id, held) = held_of(&sealed[1]).unwrap();
    let sealed = held.sealed.as_ref().unwrap();
    assert_eq!(sealed.until_unix_s, 3);
    let context = crate::raw_context(&TenantId::parse("acme").unwrap(), id);
    let turned = sealed.bytes.strip_prefix(context.as_slice()).unwrap();
    let raw = Raw::new(turned.iter().map(|byte| !byte).collect());
    let back = cordon_event::packed::decode_raw_event(&raw).unwrap();
    let body = &back.expose_raw()[0].body;
    assert_eq!(body.as_str(), Some("a zebra of ann@example.org"));
}

#[test]
fn what_is_sealed_of_one_batch_has_limits() {
    let redactor = alarmed().sealing(Some(std::sync::Arc::new(Turned)));
    let sealed = |bodies: Vec<String>| {
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let entries = batch_of(&redactor, &bodies);
        let held: Vec<_> = entries.iter().filter_map(held_of).collect();
        assert_eq!(held.len(), bodies.len(), "held back all the same");
        held.iter()
            .filter(|(_, held)| held.sealed.is_some())
            .count()
    };
    let count = SEALED_RAW_BATCH_COUNT_MAX;
    assert_eq!(sealed(vec![ZEBRA.to_owned(); count + 3]), count);
    let long = format!("{ZEBRA} {}", "word ".repeat(SEALED_RAW_BYTES_MAX / 5));
    assert_eq!(sealed(vec![long, ZEBRA.to_owned()]), 1);
    let half = format!("{ZEBRA} {}", "word ".repeat(SEALED_RAW_BYTES_MAX / 10));
    let fit = SEALED_RAW_BATCH_BYTES_MAX / half.len();
    assert!((fit - 1..=fit).contains(&sealed(vec![half; fit + 3])));
}

#[test]
fn of_a_batch_with_a_canary_nothing_is_sealed() {
    let mut policy = Policy::default();
    policy.add_canary(&Raw::new("plantedcanaryvalue".to_owned()));
    let redactor = Redactor {
        second: Scan::of(&[("late.zebra", "zebra")]).unwrap(),
        ..Redactor::new(policy).unwrap()
    };
    let redactor = redactor.sealing(Some(std::sync::Arc::new(Turned)));
    for bodies in [
        ["a zebra", "plantedcanaryvalue"],
        ["plantedcanaryvalue", "fine"],
    ] {
        for entry in &batch_of(&redactor, &bodies) {
            let (_, held) = held_of(entry).unwrap();
            assert_eq!((held.reason.as_str(), &held.sealed), ("canary", &None));
        }
    }
}

#[test]
fn it_is_looked_for_in_names_and_numbers_and_under_base64() {
    let encoded = data_encoding::BASE64.encode(b"one black and white zebra");
    let named = Event {
        attributes: vec![("the.zebra".to_owned(), 1.into())],
        ..Event::default()
    };
    let number = event(cordon_event::Value::Double(123_456_789.5));
    for hit in [named, number, event(encoded.as_str())] {
        let outcome = alarmed().event(&Mac, Raw::new(hit));
        let held = matches!(outcome.verdict, Verdict::Quarantine(_));
        assert!(held, "{:?}", outcome.receipt.findings);
    }
}

#[test]
fn the_other_events_of_a_batch_go_on() {
    let meta = BatchMeta {
        tenant: TenantId::parse("acme").unwrap(),
        region: Region::parse("eu").unwrap(),
        request_mac: [1; 32],
        received_unix_ns: 1,
        facts: Vec::new(),
    };
    let events = vec![event("fine"), event("one zebra"), event("fine too")];
    let out = alarmed().batch(&Mac, Raw::new(events), meta);
    let held: Vec<bool> = out
        .batch
        .get()
        .entries
        .iter()
        .map(|(_, entry)| matches!(entry, Entry::Quarantined(_)))
        .collect();
    assert_eq!(held, [false, true, false]);
    assert_eq!(out.pages.len(), 1);
}

#[test]
fn a_text_is_masked_line_by_line_and_pages() {
    let redacted = alarmed().text(&Mac, Raw::new("one\nzebra\nb".to_owned()));
    assert_eq!(redacted.clean.get(), "[removed:late_hit]\n\n");
    assert_eq!(redacted.pages.len(), 1);
    let line = alarmed().json_line(&Mac, Raw::new(r#"{"a":"zebra"}"#.to_owned()));
    assert_eq!(line.clean.get(), r#""[removed:late_hit]""#);
    assert_eq!(line.pages.len(), 1);
}

#[test]
fn a_token_that_repeats_itself_is_no_alarm() {
    let scan = Scan::new().unwrap();
    let token = |body: &str| format!("see gh{}_{body} in", 'p');
    assert_eq!(scan.hit(&token(&"Zq9xW2".repeat(6))), None);
    assert_eq!(scan.hit(&token(&"X".repeat(36))), None);
    let random = "Zq9xW2mR7tLk4vB8nHc3yD6sJf1pGa5wQe0u";
    assert_eq!(scan.hit(&token(random)), Some("late.github"));
    assert_eq!(
        scan.hit("mail of aaaaaaaa@aaaaaaaaa.com"),
        Some("late.email")
    );
}

#[test]
fn a_late_hit_is_one_each_time() {
    let redactor = alarmed();
    let in_resource = Event {
        resource: vec![("host".to_owned(), "the zebra".into())].into(),
        ..Event::default()
    };
    for event in [event("one zebra"), in_resource] {
        let mut events = EventRedactor::new(&redactor, &Mac);
        for _ in 0..3 {
            let outcome = events.event(Raw::new(event.clone()));
            assert!(matches!(outcome.verdict, Verdict::Quarantine(_)));
        }
    }
}

fn changed(kind: &str, subject: &str, to: &str) -> String {
    let change = cordon_event::Change {
        kind: cordon_event::ChangeKind::parse(kind).unwrap(),
        subject: subject.to_owned(),
        to: to.into(),
        author: "Maya Okafor".to_owned(),
        commit: "0123abc4567".to_owned(),
        files: vec!["secrets/password".to_owned(), "src/auth.rs".to_owned()],
        ..cordon_event::Change::default()
    };
    let redactor = Redactor::new(Policy::default()).unwrap();
    let outcome = redactor.event(&Mac, Raw::new(change.into_event()));
    let Verdict::Clean(event) = outcome.verdict else {
        panic!("held back")
    };
    let clean = cordon_event::Change::of(event.get()).unwrap();
    assert!(clean.author.starts_with("user_"), "{}", clean.author);
    assert_eq!(clean.commit, "0123abc4567");
    assert_eq!(clean.files, ["secrets/password", "src/auth.rs"]);
    clean.to.as_str().unwrap().to_owned()
}

#[test]
fn of_a_setting_stays_what_cannot_be_a_secret() {
    for (kind, subject, to, stays) in [
        ("flag", "checkout.new", "on", "on"),
        (
            "flag",
            "checkout.new",
            "open-sesame",
            "[removed:change.value]",
        ),
        ("configuration", "pool.size", "50", "50"),
        (
            "configuration",
            "gateway.handle",
            "sesame",
            "[removed:change.value]",
        ),
        (
            "configuration",
            "db.password",
            "sesame",
            "[removed:key.password]",
        ),
        ("other", "", "sesame", "[removed:change.value]"),
        ("deploy", "2.4.1-blue", "2.4.1-blue", "2.4.1-blue"),
        ("deploy", "api_token", "sesame", "[removed:key.token]"),
    ] {
        assert_eq!(changed(kind, subject, to), stays, "{kind} {subject}");
    }
}

/// What stays of a value after a change, under this policy.
fn changed_to(kind: ChangeKind, to: Value, policy: Policy) -> Value {
    let change = Change {
        kind,
        subject: "gateway.handle".to_owned(),
        to,
        ..Change::default()
    };
    let redactor = Redactor::new(policy).unwrap();
    let outcome = redactor.event(&Mac, Raw::new(change.into_event()));
    let Verdict::Clean(event) = outcome.verdict else {
        panic!("held back")
    };
    Change::of(event.get()).unwrap().to
}

fn map(name: &str, value: impl Into<Value>) -> Value {
    Value::Map(vec![(name.to_owned(), value.into())])
}

#[test]
fn a_deploy_keeps_versions_alone() {
    let removed = Value::from("[removed:change.value]");
    for kind in [ChangeKind::Deploy, ChangeKind::Dependency] {
        let to = |to: Value| changed_to(kind, to, Policy::default());
        assert_eq!(to("2.4.1-blue".into()), "2.4.1-blue".into());
        assert_eq!(to("plum-harbour-lantern-1".into()), removed);
        assert_eq!(to(map("plum-harbour-lantern", "1.0")), removed);
        let version = map("version", "2.4.1-blue");
        assert_eq!(to(version.clone()), version);
    }
}

#[test]
fn a_map_or_list_stays_where_all_of_it_may() {
    let removed = Value::from("[removed:change.value]");
    let list = |text: &str| Value::Array(vec![Value::Int(3), text.into()]);
    for (to, stays) in [
        (map("plum-harbour-lantern-4", Value::Bool(true)), false),
        (map("limits", map("plum-harbour-lantern-4", 1)), false),
        (map("limits", map("max", "plum-harbour")), false),
        (map("share", Value::Double(0.1)), true),
        (map("limits", map("max", list("30s"))), true),
        (list("on"), true),
        (list("plum-harbour"), false),
    ] {
        let expected = if stays { &to } else { &removed };
        let found = changed_to(ChangeKind::Flag, to.clone(), Policy::default());
        assert_eq!(&found, expected);
    }
}

#[test]
fn what_is_approved_within_a_value_stays_and_nothing_beside_it() {
    let removed = Value::from("[removed:change.value]");
    let changed = |to: &Value| {
        let mut policy = Policy::default();
        let path = "attributes.change.to.gateway.handle.region";
        let types = ValueTypes::default().with("string").unwrap();
        policy.schema.approve(path, Class::C, types).unwrap();
        changed_to(ChangeKind::Configuration, to.clone(), policy)
    };
    let region = map("region", "harbour");
    assert_eq!(changed(&region), region);
    assert_eq!(changed(&map("area", "harbour")), removed);
    assert_eq!(changed(&map("region", map("x", "harbour"))), removed);
}
