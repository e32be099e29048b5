//! The way in with a real vault, ledger and journal in a directory of its own.

use cordon_event::Value;
use cordon_journal::Cursor;

use super::*;
use crate::home::{Home, operator};

/// A way in for some tenants.
struct World {
    spine: Spine,
    journal: Arc<Journal>,
    region: cordon_event::Region,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(tenants: &[&str], config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config: Config = toml::from_str(config).unwrap();
        let home = Home::at(folder.path(), config).unwrap();
        let region = cordon_event::Region::parse("eu").unwrap();
        for name in tenants {
            let name = TenantId::parse(name).unwrap();
            let now = environment::now_unix_s();
            home.ledger
                .add_tenant(&name, &region, &operator(), now)
                .unwrap();
        }
        let journal = Arc::new(home.journal().unwrap());
        let (pager, _pages) = Pager::new(None).unwrap();
        let spine = Spine::new(
            Arc::clone(&home.vault),
            Arc::clone(&home.ledger),
            Arc::clone(&journal),
            home.config.clone(),
            pager,
            Behind {
                applying: Failures::default(),
                sift: None,
                exports: Tallies::default(),
                store: Arc::clone(&home.store),
            },
            Crashes::new(&home),
        )
        .unwrap();
        Self {
            spine,
            journal,
            region,
            _folder: folder,
        }
    }

    fn who(&self, tenant: &str) -> Principal {
        Principal {
            tenant: TenantId::parse(tenant).unwrap(),
            region: self.region.clone(),
        }
    }

    /// Sends lines as one request, whose bytes are its name.
    fn send(&self, request: &str, lines: &[&str]) -> Result<(), AdmitError> {
        let events = lines.iter().map(|line| Event {
            body: Value::from(*line),
            ..Event::default()
        });
        let (who, body) = (self.who("shop"), RequestBody::new(request.as_bytes()));
        let events = Raw::new(events.collect());
        let (durable, ..) = self.spine.submit(&who, &body, events)?;
        durable.wait().unwrap();
        Ok(())
    }

    /// All that is durable, as text.
    fn stored(&self) -> String {
        let mut reader = self.journal.reader(Cursor::default());
        let mut out = String::new();
        while let Some((_, batch)) = reader.next().unwrap() {
            for (_, entry) in &batch.get().entries {
                if let Entry::Event(event) = entry {
                    out += event.body.as_str().unwrap_or("?");
                    out.push('\n');
                }
            }
        }
        out
    }
}

impl World {
    /// Sends events of a tenant as a listener does; what it was told.
    async fn admit(&self, tenant: &str, count: usize, kind: Kind) -> Result<(), AdmitError> {
        let event = |n| Event {
            body: Value::Int(n),
            kind,
            ..Event::default()
        };
        let events = Raw::new((0..count as i64).map(event).collect());
        let body = format!("{tenant} {count} {kind:?}");
        let body = RequestBody::known_by(body.as_bytes(), 1_000 * count as u64);
        let who = self.who(tenant);
        self.spine.admit(&who, body, events).await
    }

    /// The value of a metric.
    fn told(&self, name: &str) -> u64 {
        let text = self.spine.metrics();
        let value = |line: &str| line.strip_prefix(name)?.trim().parse().ok();
        let found = text.lines().find_map(value);
        found.unwrap_or_else(|| panic!("{name} in {text}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_over_its_rate_waits_and_others_do_not() {
    let config = "[tenant.shop.limits]\nevents_per_s = 1\nburst_s = 3600\n\
                  [tenant.post.limits]\nbytes_per_s = 1\nburst_s = 1\n";
    let world = World::new(&["shop", "bank", "post"], config);
    let (shop, bank, post) = (world.who("shop"), world.who("bank"), world.who("post"));
    assert_eq!(world.spine.lets_in(&shop), Ok(()));
    assert_eq!(world.admit("shop", 4_000, Kind::Log).await, Ok(()));
    let over = world.admit("shop", 5, Kind::Log).await;
    let Err(AdmitError::EventsRate { retry_after_s }) = over else {
        panic!("{over:?}")
    };
    assert!((350..=401).contains(&retry_after_s), "{retry_after_s}");
    assert!(world.spine.lets_in(&shop).is_err());
    // A crash is never told to wait, and others have nothing to do with it.
    assert_eq!(world.admit("shop", 1, Kind::Crash).await, Ok(()));
    assert_eq!(world.spine.lets_in(&bank), Ok(()));
    assert_eq!(world.admit("bank", 4_000, Kind::Log).await, Ok(()));
    assert_eq!(world.admit("post", 3, Kind::Log).await, Ok(()));
    let over = world.admit("post", 1, Kind::Log).await;
    assert!(
        matches!(over, Err(AdmitError::BytesRate { .. })),
        "{over:?}"
    );
    assert!(world.spine.lets_in(&post).is_err());
    for (name, expect) in [
        (
            "cordon_tenant_received_events_total{tenant=\"shop\"}",
            4_006,
        ),
        ("cordon_tenant_durable_events_total{tenant=\"shop\"}", 4_001),
        (
            "cordon_tenant_refused_events_total{tenant=\"shop\",reason=\"events_rate\"}",
            5,
        ),
        (
            "cordon_tenant_refused_events_total{tenant=\"post\",reason=\"bytes_rate\"}",
            1,
        ),
        ("cordon_tenant_in_flight_events{tenant=\"shop\"}", 0),
        ("cordon_spine_received_events_total", 4_006 + 4_000 + 4),
        ("cordon_spine_durable_events_total", 4_001 + 4_000 + 3),
        ("cordon_spine_refused_events_total", 6),
        ("cordon_spine_in_flight_events", 0),
    ] {
        assert_eq!(world.told(name), expect, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_turn_and_goes_is_counted() {
    let world = World::new(&["shop", "bank"], "");
    let shop = TenantId::parse("shop").unwrap();
    let mut held = Vec::new();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..processors {
        held.push(world.spine.redacting.take(&shop, 1, 1).await);
    }
    let mut waiting: Vec<_> = (0..crate::turns::WAITING_COUNT_MAX)
        .map(|_| Box::pin(world.admit("shop", 2, Kind::Log)))
        .collect();
    for one in &mut waiting {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(one.as_mut().poll(&mut context).is_pending());
    }
    let all = 2 * waiting.len() as u64;
    assert_eq!(world.told("cordon_spine_waiting_requests"), all / 2);
    assert_eq!(
        world.told("cordon_tenant_in_flight_events{tenant=\"shop\"}"),
        all
    );
    let crowded = world.admit("shop", 1, Kind::Log).await;
    assert_eq!(
        crowded,
        Err(AdmitError::Crowded {
            retry_after_s: RETRY_AFTER_S
        })
    );
    drop(waiting);
    let name = "cordon_tenant_refused_events_total{tenant=\"shop\",reason=\"abandoned\"}";
    assert_eq!(world.told(name), all);
    assert_eq!(
        world.told("cordon_tenant_in_flight_events{tenant=\"shop\"}"),
        0
    );
    assert_eq!(world.told("cordon_spine_waiting_requests"), 0);
    drop(held);
    assert_eq!(world.admit("shop", 1, Kind::Log).await, Ok(()));
}

#[test]
fn a_certificate_of_two_tenants_is_nobodys() {
    let config =
        "[tenant.shop]\ncertificates = [\"a\", \"b\"]\n[tenant.bank]\ncertificates = [\"c\"]\n";
    let world = World::new(&["shop", "bank"], config);
    let one = |tenant: &str| Holder::One(world.who(tenant));
    for (names, expect) in [
        (&["x"][..], Holder::Nobody),
        (&["x", "a", "b"], one("shop")),
        (&["c", "x"], one("bank")),
        (&["a", "x", "c"], Holder::Several),
    ] {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(world.spine.certified(&names), Ok(expect), "{names:?}");
    }
}

/// Lines of a key that is none, made so that no rule knows them by themselves.
fn key_line(seed: u8) -> String {
    let letter = |n: u8| char::from(b'a' + (n.wrapping_mul(7) ^ seed) % 26);
    (0..48).map(letter).collect()
}

#[test]
fn a_refused_request_leaves_a_key_open() {
    let world = World::new(&["shop"], "");
    let tenant = TenantId::parse("shop").unwrap();
    let begin = format!("-----BEGIN {} KEY-----", "PRIVATE");
    let end = format!("-----END {} KEY-----", "PRIVATE");
    world.send("1", &[&begin, &key_line(1)]).unwrap();
    assert_eq!(world.spine.carries.open_count(&tenant), 1);
    // No room for the pseudonym of the address.
    let all = world.spine.tokens.room(usize::MAX / 2).unwrap();
    let two = [key_line(2), end, "mail anna@shop.example".to_owned()];
    let two: Vec<&str> = two.iter().map(String::as_str).collect();
    assert!(world.send("2", &two).is_err());
    assert_eq!(world.spine.carries.open_count(&tenant), 1);
    drop(all);
    world.send("2", &two).unwrap();
    assert_eq!(world.spine.carries.open_count(&tenant), 0);
    let stored = world.stored();
    assert!(
        stored.contains("mail ") && !stored.contains(&key_line(1)),
        "{stored}"
    );
    assert!(!stored.contains(&key_line(2)), "{stored}");
}

#[test]
fn a_request_that_comes_again_is_within_the_key_that_it_closed() {
    let world = World::new(&["shop"], "");
    let tenant = TenantId::parse("shop").unwrap();
    let begin = format!("-----BEGIN {} KEY-----", "PRIVATE");
    let end = format!("-----END {} KEY-----", "PRIVATE");
    world.send("1", &[&begin, &key_line(1)]).unwrap();
    for _ in 0..3 {
        world.send("2", &[&key_line(2), &end]).unwrap();
        assert_eq!(world.spine.carries.open_count(&tenant), 0);
    }
    // One that opens a key does so once.
    world.send("3", &[&begin]).unwrap();
    world.send("4", &[&end]).unwrap();
    world.send("3", &[&begin]).unwrap();
    world.send("5", &[&key_line(3)]).unwrap();
    let stored = world.stored();
    assert!(!stored.contains(&key_line(2)), "{stored}");
    assert!(stored.contains(&key_line(3)), "{stored}");
}
