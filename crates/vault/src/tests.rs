//! The vault as a whole: contexts, nonces, commitment, files, pseudonyms, destruction.

use std::collections::HashSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use cordon_event::{Raw, Region, TenantId};
use cordon_redact::{OpenError, Opener, PseudonymMac, Sealer};
use tempfile::TempDir;

use crate::envelope::Envelope;
use crate::secret::Secret;
use crate::*;

struct Bench {
    dir: TempDir,
    vault: Vault,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        for (name, region) in [("acme", "eu"), ("other", "eu"), ("far", "us")] {
            vault
                .create_tenant(&tenant(name), &Region::parse(region).unwrap())
                .unwrap();
        }
        Self { dir, vault }
    }

    fn keys(&self, name: &str) -> TenantKeys {
        self.vault.tenant(&tenant(name)).unwrap()
    }
}

fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

fn raw(text: &str) -> Raw<String> {
    Raw::new(text.to_owned())
}

fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect()
}

#[test]
fn no_record_opens_anywhere_but_at_its_own_place() {
    let bench = Bench::new();
    let mut places = Vec::new();
    for name in ["acme", "other", "far"] {
        for domain in Domain::ALL {
            for day in [0, 1] {
                let key = bench.keys(name).records(domain, day).unwrap();
                for context in ["", "segment 1", "segment 2"] {
                    places.push((key.clone(), context));
                }
            }
        }
    }
    let sealed: Vec<_> = places
        .iter()
        .map(|(key, at)| key.seal(at.as_bytes(), b"same").unwrap())
        .collect();
    for (i, (key, context)) in places.iter().enumerate() {
        for (j, sealed) in sealed.iter().enumerate() {
            let opened = key.open(context.as_bytes(), sealed);
            assert_eq!(opened.is_ok(), i == j, "{i} {j}");
        }
    }
}

#[test]
fn each_field_of_the_context_is_bound_under_one_key() {
    // As above the keys differ as well; here the key is the same, so that the context alone tells.
    let envelope = Envelope::new(&Secret::random().unwrap()).unwrap();
    let fields: [&[u8]; 6] = [
        b"label",
        b"eu",
        b"acme",
        b"events",
        &[0, 0, 0, 1],
        b"segment",
    ];
    let sealed = envelope.seal(&fields, b"plain").unwrap();
    assert_eq!(*envelope.open(&fields, &sealed).unwrap(), b"plain");
    for i in 0..fields.len() {
        let mut other = fields;
        other[i] = b"x";
        assert!(
            matches!(envelope.open(&other, &sealed), Err(Error::Forged)),
            "field {i}"
        );
        let mut swapped = fields;
        swapped.swap(i, (i + 1) % fields.len());
        assert!(envelope.open(&swapped, &sealed).is_err(), "swap {i}");
    }
    assert!(envelope.open(&fields[..5], &sealed).is_err());
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let bench = Bench::new();
    let key = bench.keys("acme").records(Domain::Events, 1).unwrap();
    let (sealer, _) = bench.vault.segment_sealer(&tenant("acme"), 1).unwrap();
    let (sealer2, wrapped) = bench.vault.segment_sealer(&tenant("acme"), 1).unwrap();
    drop(sealer);
    let opener = bench
        .vault
        .segment_opener(&tenant("acme"), &wrapped)
        .unwrap();
    let frame = sealer2.seal(b"0", b"plain").unwrap();
    let record = key.seal(b"0", b"plain").unwrap();
    let both: [(&dyn Opener, &[u8]); 2] = [(&key, &record), (&opener, &frame)];
    for (opener, sealed) in both {
        assert_eq!(opener.open(b"0", sealed).unwrap(), b"plain");
        for bit in 0..sealed.len() * 8 {
            let mut bent = sealed.to_vec();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open(b"0", &bent).is_err(), "bit {bit}");
        }
        for len in 0..sealed.len() {
            assert!(opener.open(b"0", &sealed[..len]).is_err(), "cut {len}");
        }
    }
    for bit in 0..wrapped.len() * 8 {
        let mut bent = wrapped.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        assert!(
            bench.vault.segment_opener(&tenant("acme"), &bent).is_err(),
            "bit {bit}"
        );
    }
}

#[test]
fn a_record_of_another_key_is_told_from_a_forged_one() {
    let bench = Bench::new();
    let keys = bench.keys("acme");
    let (one, two) = (
        keys.records(Domain::Events, 1).unwrap(),
        keys.records(Domain::Events, 2).unwrap(),
    );
    let sealed = one.seal(b"", b"plain").unwrap();
    assert!(matches!(two.open(b"", &sealed), Err(OpenError::Key(_))));
    assert!(matches!(one.open(b"x", &sealed), Err(OpenError::Forged)));
}

#[test]
fn a_ciphertext_that_claims_another_key_fails_at_its_commitment() {
    let (one, two) = (Secret::random().unwrap(), Secret::random().unwrap());
    assert_ne!(
        one.public(b"cordon/commit/v1"),
        two.public(b"cordon/commit/v1")
    );
    let mut sealed = Envelope::new(&one).unwrap().seal(&[], b"plain").unwrap();
    let two = Envelope::new(&two).unwrap();
    sealed[6..22].copy_from_slice(&two.id());
    assert!(matches!(two.open(&[], &sealed), Err(Error::Forged)));
}

#[test]
fn no_nonce_is_used_twice_under_one_key() {
    let bench = Bench::new();
    let key = bench.keys("acme").records(Domain::Events, 1).unwrap();
    let nonces: HashSet<_> = (0..20_000)
        .map(|_| key.seal(b"", b"").unwrap()[38..50].to_vec())
        .collect();
    assert_eq!(nonces.len(), 20_000);

    let (sealer, wrapped) = bench.vault.segment_sealer(&tenant("acme"), 1).unwrap();
    let counters: Vec<_> = std::thread::scope(|scope| {
        let seal = || (0..5_000).map(|_| sealer.seal(b"", b"").unwrap()[..8].to_vec());
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(move || seal().collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(counters.iter().collect::<HashSet<_>>().len(), 20_000);

    // A second segment on the same day, as after a crash, starts at zero under a key of its own.
    let (again, wrapped_again) = bench.vault.segment_sealer(&tenant("acme"), 1).unwrap();
    let first = again.seal(b"", b"plain").unwrap();
    let opener = bench
        .vault
        .segment_opener(&tenant("acme"), &wrapped)
        .unwrap();
    assert!(opener.open(b"", &first).is_err());
    let opener = bench
        .vault
        .segment_opener(&tenant("acme"), &wrapped_again)
        .unwrap();
    assert_eq!(opener.open(b"", &first).unwrap(), b"plain");
}

#[test]
fn segments_open_after_a_restart_and_for_their_tenant_alone() {
    let bench = Bench::new();
    let (sealer, wrapped) = bench.vault.segment_sealer(&tenant("acme"), 7).unwrap();
    let frame = sealer.seal(b"frame 0", b"plain").unwrap();
    let later = Vault::open(bench.dir.path()).unwrap();
    let opener = later.segment_opener(&tenant("acme"), &wrapped).unwrap();
    assert_eq!(opener.open(b"frame 0", &frame).unwrap(), b"plain");
    assert!(opener.open(b"frame 1", &frame).is_err());
    drop(later.segment_sealer(&tenant("other"), 7).unwrap());
    assert!(matches!(
        later.segment_opener(&tenant("other"), &wrapped),
        Err(Error::OtherKey)
    ));
    assert!(matches!(
        later.segment_opener(&tenant("none"), &wrapped),
        Err(Error::TenantUnknown)
    ));
}

#[test]
fn pseudonyms_are_stable_and_shared_by_no_two_tenants_or_kinds() {
    let bench = Bench::new();
    let names = ["acme", "other", "far"];
    let mut seen = HashSet::new();
    for name in names {
        let keys = bench.keys(name);
        for kind in ["user", "card", "phone"] {
            for value in 0..1_000_u32 {
                assert!(seen.insert(keys.mac(kind, &value.to_be_bytes())));
            }
        }
    }
    let later = Vault::open(bench.dir.path())
        .unwrap()
        .tenant(&tenant("acme"))
        .unwrap();
    assert_eq!(
        later.mac("user", b"v"),
        bench.keys("acme").mac("user", b"v")
    );
    assert_eq!(
        later.request_mac(b"body"),
        bench.keys("acme").request_mac(b"body")
    );
    assert_ne!(
        later.request_mac(b"body"),
        bench.keys("other").request_mac(b"body")
    );
    let (one, two) = (ephemeral_mac().unwrap(), ephemeral_mac().unwrap());
    assert_eq!(one.mac("user", b"v"), one.mac("user", b"v"));
    assert_ne!(one.mac("user", b"v"), two.mac("user", b"v"));
}

#[test]
fn a_key_file_that_others_may_read_is_refused_with_the_command_to_run() {
    let bench = Bench::new();
    let path = bench.dir.path().join("root.key");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = Vault::open(bench.dir.path()).err().unwrap();
        assert!(matches!(error, Error::Mode { .. }));
        assert!(
            error
                .to_string()
                .contains(&format!("chmod 600 {}", path.display()))
        );
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(Vault::open(bench.dir.path()).is_ok());
    for file in files(bench.dir.path()) {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}

#[test]
fn a_missing_cut_linked_or_foreign_root_key_is_refused() {
    let bench = Bench::new();
    let path = bench.dir.path().join("root.key");
    let bytes = fs::read(&path).unwrap();
    let write = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    };
    for wrong in [&bytes[..31], &[bytes.as_slice(), b"x"].concat()] {
        write(wrong);
        assert!(matches!(
            Vault::open(bench.dir.path()),
            Err(Error::KeyFile { .. })
        ));
    }
    write(&[9; 32]);
    assert!(matches!(
        Vault::open(bench.dir.path()),
        Err(Error::OtherKey)
    ));
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        Vault::open(bench.dir.path()),
        Err(Error::RootMissing { .. })
    ));
    let elsewhere = bench.dir.path().join("elsewhere");
    fs::write(&elsewhere, &bytes).unwrap();
    symlink(&elsewhere, &path).unwrap();
    assert!(matches!(
        Vault::open(bench.dir.path()),
        Err(Error::KeyFile { .. })
    ));
    fs::remove_file(&path).unwrap();
    write(&bytes);
    assert!(Vault::open(bench.dir.path()).is_ok());
}

#[test]
fn a_tenant_keeps_its_region() {
    let bench = Bench::new();
    let eu = Region::parse("eu").unwrap();
    assert!(bench.vault.create_tenant(&tenant("acme"), &eu).is_ok());
    let moved = bench.vault.create_tenant(&tenant("far"), &eu);
    assert!(matches!(moved, Err(Error::RegionDiffers)));
    // A row moved to another region in the database opens nothing.
    let db = rusqlite::Connection::open(bench.dir.path().join("keys.db")).unwrap();
    db.execute(
        "UPDATE tenant_keys SET region = 'us' WHERE tenant = 'acme'",
        [],
    )
    .unwrap();
    let later = Vault::open(bench.dir.path()).unwrap();
    assert!(matches!(later.tenant(&tenant("acme")), Err(Error::Forged)));
}

#[test]
fn destroyed_days_stay_destroyed() {
    let bench = Bench::new();
    let keys = bench.keys("acme");
    for day in [1, 2, 3] {
        drop(keys.records(Domain::Events, day).unwrap());
        drop(keys.records(Domain::Journal, day).unwrap());
    }
    let (_, wrapped) = bench.vault.segment_sealer(&tenant("acme"), 1).unwrap();
    assert_eq!(
        bench.vault.destroy_days_before(Domain::Events, 3).unwrap(),
        2
    );
    for keys in [
        &keys,
        &Vault::open(bench.dir.path())
            .unwrap()
            .tenant(&tenant("acme"))
            .unwrap(),
    ] {
        assert!(matches!(
            keys.records(Domain::Events, 2),
            Err(Error::DayDestroyed)
        ));
        assert!(keys.records(Domain::Events, 3).is_ok());
        assert!(keys.records(Domain::Journal, 1).is_ok());
        assert!(matches!(
            keys.records_existing(Domain::Events, 9),
            Err(Error::DayDestroyed)
        ));
    }
    assert!(
        bench
            .vault
            .segment_opener(&tenant("acme"), &wrapped)
            .is_ok()
    );
    bench.vault.destroy_days_before(Domain::Journal, 2).unwrap();
    let gone = bench.vault.segment_opener(&tenant("acme"), &wrapped);
    assert!(matches!(gone, Err(Error::DayDestroyed)));
}

#[test]
fn a_token_is_revealed_in_its_tenant_until_it_is_shredded() {
    let bench = Bench::new();
    let map = bench.vault.token_map();
    let acme = tenant("acme");
    map.put(&acme, 7, "user_a", "user", &raw("ann@planted.example"))
        .unwrap();
    map.put(&acme, 7, "user_a", "user", &raw("later spelling"))
        .unwrap();
    map.put(&acme, 7, "user_b", "user", &raw("bob@planted.example"))
        .unwrap();
    let shown = |token: &str| {
        map.reveal(&acme, token)
            .map(|value| value.expose_raw().clone())
    };
    assert_eq!(shown("user_a").unwrap(), "ann@planted.example");
    assert!(matches!(
        map.put(&acme, 7, "user_a", "card", &raw("x")),
        Err(Error::TokenKind)
    ));
    assert!(matches!(
        map.reveal(&tenant("other"), "user_a"),
        Err(Error::TokenUnknown)
    ));
    for file in files(bench.dir.path()) {
        let bytes = fs::read(&file).unwrap();
        assert!(
            !bytes.windows(7).any(|w| w == b"planted"),
            "{}",
            file.display()
        );
    }
    assert!(map.shred(&acme, "user_a").unwrap());
    assert!(!map.shred(&acme, "user_a").unwrap());
    assert!(matches!(
        map.reveal(&acme, "user_a"),
        Err(Error::TokenUnknown)
    ));
    assert_eq!(shown("user_b").unwrap(), "bob@planted.example");
}

#[test]
fn rows_of_the_token_map_cannot_be_swapped() {
    let bench = Bench::new();
    let map = bench.vault.token_map();
    let acme = tenant("acme");
    map.put(&acme, 7, "user_a", "user", &raw("ann")).unwrap();
    map.put(&acme, 7, "user_b", "user", &raw("bob")).unwrap();
    let db = rusqlite::Connection::open(bench.dir.path().join("keys.db")).unwrap();
    db.execute_batch(
        "UPDATE tokens SET (wrapped, sealed) =
             (SELECT wrapped, sealed FROM tokens WHERE token = 'user_b') WHERE token = 'user_a'",
    )
    .unwrap();
    assert!(matches!(map.reveal(&acme, "user_a"), Err(Error::Forged)));
}

#[test]
fn a_shredded_key_is_not_left_in_the_file() {
    let bench = Bench::new();
    let map = bench.vault.token_map();
    let acme = tenant("acme");
    map.put(&acme, 7, "user_shredded", "user", &raw("ann"))
        .unwrap();
    let db = rusqlite::Connection::open(bench.dir.path().join("keys.db")).unwrap();
    let wrapped: Vec<u8> = db
        .query_row("SELECT wrapped FROM tokens", [], |row| row.get(0))
        .unwrap();
    drop(db);
    let held = || {
        let all = files(bench.dir.path())
            .into_iter()
            .map(|file| fs::read(file).unwrap());
        all.filter(|bytes| bytes.windows(40).any(|w| w == &wrapped[50..90]))
            .count()
    };
    assert!(held() > 0);
    map.shred(&acme, "user_shredded").unwrap();
    assert_eq!(held(), 0);
}

#[test]
fn signatures_hold_across_restarts_and_for_their_message_alone() {
    let bench = Bench::new();
    let signature = bench.vault.sign(b"checkpoint");
    let later = Vault::open(bench.dir.path()).unwrap();
    assert_eq!(later.public_key(), bench.vault.public_key());
    assert!(verify(&later.public_key(), b"checkpoint", &signature));
    assert!(!verify(&later.public_key(), b"checkpoinu", &signature));
    assert!(!verify(
        &Bench::new().vault.public_key(),
        b"checkpoint",
        &signature
    ));
}

#[test]
fn processes_that_open_at_once_agree_on_the_root_key() {
    let dir = tempfile::tempdir().unwrap();
    let keys: Vec<_> = std::thread::scope(|scope| {
        let open = || Vault::open(&dir.path().join("keys")).unwrap().public_key();
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_value_that_is_not_seen_any_more_goes() {
    let bench = Bench::new();
    let acme = tenant("acme");
    let map = bench.vault.token_map();
    map.put(&acme, 7, "user_a", "user", &raw("ann")).unwrap();
    map.put(&acme, 7, "user_b", "user", &raw("bob")).unwrap();
    map.put(&acme, 9, "user_b", "user", &raw("bob")).unwrap();
    map.put(&acme, 8, "user_b", "user", &raw("bob")).unwrap();
    assert_eq!(map.expire_before(7).unwrap(), 0);
    assert_eq!(map.expire_before(9).unwrap(), 1);
    assert!(matches!(
        map.reveal(&acme, "user_a"),
        Err(Error::TokenUnknown)
    ));
    assert_eq!(map.reveal(&acme, "user_b").unwrap().expose_raw(), "bob");
}

#[test]
fn a_canary_is_sealed_and_comes_back_to_its_tenant_alone() {
    let bench = Bench::new();
    let controls = bench.vault.controls();
    let parts = [raw("AKIATULIPTULIP777777"), raw("blue/tulip+garden")];
    let before = controls.revision(&tenant("acme")).unwrap();
    let id = controls
        .add_canary(&tenant("acme"), "aws-key", &parts, 7)
        .unwrap();
    assert_ne!(controls.revision(&tenant("acme")).unwrap(), before);
    let canaries = controls.canaries(&tenant("acme")).unwrap();
    let [Canary { row, parts: found }] = canaries.as_slice() else {
        panic!("{}", canaries.len())
    };
    let told = (row.id.as_str(), row.label.as_str(), row.added_unix_s);
    assert_eq!(told, (id.as_str(), "aws-key", 7));
    let found: Vec<&str> = found
        .iter()
        .map(|part| part.expose_raw().as_str())
        .collect();
    assert_eq!(found, ["AKIATULIPTULIP777777", "blue/tulip+garden"]);
    assert!(controls.canaries(&tenant("other")).unwrap().is_empty());
    for file in files(bench.dir.path()) {
        let bytes = fs::read(&file).unwrap();
        let held = |part: &str| bytes.windows(part.len()).any(|w| w == part.as_bytes());
        assert!(
            !held("AKIATULIPTULIP777777") && !held("blue/tulip+garden"),
            "{file:?}"
        );
    }
    // A row that was moved to another tenant does not open there.
    let db = rusqlite::Connection::open(bench.dir.path().join("keys.db")).unwrap();
    db.execute("UPDATE controls SET tenant = 'other'", [])
        .unwrap();
    assert!(matches!(
        controls.canaries(&tenant("other")),
        Err(Error::Forged | Error::OtherKey)
    ));
    assert!(
        controls
            .remove(&tenant("other"), Control::Canary, &id)
            .unwrap()
    );
    assert!(
        !controls
            .remove(&tenant("other"), Control::Canary, &id)
            .unwrap()
    );
}

#[test]
fn a_known_secret_is_kept_once_as_a_digest_of_its_tenant() {
    use cordon_redact::KnownSet;
    let bench = Bench::new();
    let controls = bench.vault.controls();
    let digest = |name| KnownSet::digest(&bench.keys(name), "tulip garden 7");
    assert_ne!(digest("acme"), digest("other"));
    let rows = [("DB", digest("acme")), ("AGAIN", digest("acme"))];
    assert_eq!(controls.add_known(&tenant("acme"), rows, 7).unwrap(), 1);
    let revision = controls.revision(&tenant("acme")).unwrap();
    assert_eq!(controls.add_known(&tenant("acme"), rows, 8).unwrap(), 0);
    assert_eq!(controls.revision(&tenant("acme")).unwrap(), revision);
    let known = controls.known(&tenant("acme")).unwrap();
    assert_eq!(
        (known.len(), known[0].1, known[0].0.label.as_str()),
        (1, digest("acme"), "DB")
    );
    assert!(
        controls
            .remove(&tenant("acme"), Control::Known, &known[0].0.id)
            .unwrap()
    );
    assert_ne!(controls.revision(&tenant("acme")).unwrap(), revision);
}
