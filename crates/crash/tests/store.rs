//! Sealed symbols: what was added comes back, and nothing else opens as it.

#![expect(clippy::unwrap_used, reason = "a test says what it needs by failing")]

#[expect(dead_code, reason = "shared with the tests of other dumps")]
mod support;

use std::io::Read as _;
use std::path::Path;

use cordon_crash::SymbolStore;
use cordon_event::{Region, TenantId};
use cordon_redact::Opener;
use cordon_vault::{Domain, TenantKeys, Vault};
use support::synthetic::KINDS;

const DAY: u32 = 20_000;

fn keys(dir: &Path, tenant: &str) -> TenantKeys {
    let vault = Vault::open(&dir.join("keys")).unwrap();
    let tenant = TenantId::parse(tenant).unwrap();
    vault
        .create_tenant(&tenant, &Region::parse("eu").unwrap())
        .unwrap();
    vault.tenant(&tenant).unwrap()
}

fn opener(keys: &TenantKeys, domain: Domain, day: u32) -> Option<Box<dyn Opener + Send>> {
    let key = keys.records_existing(domain, day).ok()?;
    Some(Box::new(key))
}

#[test]
fn what_was_added_comes_back_and_is_sealed_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path(), "acme");
    let key = keys.records(Domain::Symbols, DAY).unwrap();
    let store = SymbolStore::open(&dir.path().join("symbols")).unwrap();
    let open = |day| opener(&keys, Domain::Symbols, day);
    // One of a piece, and one of several with a piece that ends at the limit.
    let small = KINDS[0].symbols();
    let mut large = KINDS[4].symbols();
    while large.len() < 3 << 20 {
        large.extend(b"PUBLIC 9000 0 nothing\n");
    }
    large.truncate(3 << 20);
    for file in [&small, &large] {
        let added = store.add(file.as_slice(), &key, DAY).unwrap();
        assert_eq!((added.bytes, added.day), (file.len() as u64, DAY));
        let mut reader = store
            .read(&added.id.debug_id.to_lowercase(), &open)
            .unwrap()
            .unwrap();
        let mut back = Vec::new();
        reader.read_to_end(&mut back).unwrap();
        assert!(&back == file);
    }
    let (listed, closed) = store.list(&open).unwrap();
    let names: Vec<_> = listed
        .iter()
        .map(|s| (s.id.cpu.as_str(), s.bytes))
        .collect();
    assert_eq!((names.len(), closed), (2, 0));
    for entry in std::fs::read_dir(dir.path().join("symbols")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(4)
                .any(|window| window == b"shop" || window == b"FUNC")
        );
    }
    assert!(store.remove(&KINDS[0].debug_id()).unwrap());
    assert!(!store.remove(&KINDS[0].debug_id()).unwrap());
    assert!(store.read(&KINDS[0].debug_id(), &open).unwrap().is_none());
    assert!(!store.remove("../keys/root").unwrap());
}

#[test]
fn nothing_else_opens() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path(), "acme");
    let key = keys.records(Domain::Symbols, DAY).unwrap();
    drop(keys.records(Domain::Events, DAY).unwrap());
    let folder = dir.path().join("symbols");
    let store = SymbolStore::open(&folder).unwrap();
    let open = |day| opener(&keys, Domain::Symbols, day);
    let mut file = KINDS[1].symbols();
    file.resize((2 << 20) + 5, b'\n');
    let id = store.add(file.as_slice(), &key, DAY).unwrap().id.debug_id;
    let path = folder.join(format!("{id}.sealed"));
    let sealed = std::fs::read(&path).unwrap();
    let code = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        store
            .stored(&id, &open)
            .err()
            .map_or("none", |error| error.code())
    };
    assert_eq!(code(&sealed), "none");
    for at in [0, 9, 13, 60, sealed.len() / 2, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(code(&changed), "symbols_damaged", "{at}");
    }
    // Cut off at the end of a frame, and within one.
    let first = 12 + 4 + u32::from_le_bytes(sealed[12..16].try_into().unwrap()) as usize;
    let second =
        first + 4 + u32::from_le_bytes(sealed[first..first + 4].try_into().unwrap()) as usize;
    for end in [0, 8, 12, first, second, sealed.len() - 1] {
        assert_eq!(code(&sealed[..end]), "symbols_damaged", "{end}");
    }
    // Under another build's name, under another domain's key.
    let other = folder.join(format!("{}.sealed", KINDS[2].debug_id()));
    std::fs::write(other, &sealed).unwrap();
    assert!(store.stored(&KINDS[2].debug_id(), &open).is_err());
    std::fs::write(&path, &sealed).unwrap();
    assert!(
        store
            .stored(&id, &|day| opener(&keys, Domain::Events, day))
            .is_err()
    );
    assert!(store.stored(&id, &|_| None).is_err());
    let not = store.add(&b"ELF nothing"[..], &key, DAY).err().unwrap();
    assert_eq!(not.code(), "symbols_not_breakpad");
}
