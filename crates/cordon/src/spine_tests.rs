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
            Failures::default(),
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
