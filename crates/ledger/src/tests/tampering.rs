//! What was done to the log is named, and what it proves holds.

use super::*;

#[test]
fn each_way_of_tampering_is_named() {
    let leaf = "zeroblob(32)";
    let swap =
        "UPDATE entries SET seq = 99 WHERE seq = 2; UPDATE entries SET seq = 2 WHERE seq = 3;
                UPDATE entries SET seq = 3 WHERE seq = 99;";
    let body = "UPDATE entries SET body = replace(body, 'ann', 'bob') WHERE seq = 3";
    let checks: [(&str, Problem); 7] = [
        (body, Problem::Edited { seq: 3 }),
        (
            &format!("UPDATE entries SET leaf = {leaf} WHERE seq = 3"),
            Problem::Edited { seq: 3 },
        ),
        (
            "UPDATE entries SET root = zeroblob(32) WHERE seq = 3",
            Problem::Edited { seq: 3 },
        ),
        (
            "DELETE FROM entries WHERE seq = 3",
            Problem::Deleted { seq: 3 },
        ),
        (
            "DELETE FROM entries WHERE seq > 4",
            Problem::Truncated {
                size: 4,
                checkpoint_size: 6,
            },
        ),
        (
            "DELETE FROM entries",
            Problem::Truncated {
                size: 0,
                checkpoint_size: 6,
            },
        ),
        (swap, Problem::Reordered { seq: 2 }),
    ];
    for (sql, expected) in checks {
        let bench = Bench::new();
        fill(&bench.open(), 6);
        assert!(bench.inspect().is_intact());
        bench.tamper(sql);
        let problems = bench.inspect().problems;
        assert_eq!(problems.first(), Some(&expected), "{sql}: {problems:?}");
    }
}

/// A ledger with a tenant, a spent, a settled and a refunded reservation.
fn in_use() -> Bench {
    let bench = Bench::new();
    let ledger = bench.open();
    let region = Region::parse("eu").unwrap();
    let (name, ann) = (tenant("acme"), operator("ann"));
    drop(ledger.add_tenant(&name, &region, &ann, NOW).unwrap());
    drop(reserve(&ledger, 100, NOW).unwrap());
    let settled = reserve(&ledger, 50, NOW).unwrap();
    drop(ledger.settle(settled, 20, &outcome(b"x")).unwrap());
    // Given back in a later bucket than it was taken from.
    let refunded = reserve(&ledger, 7, NOW + 3_000).unwrap();
    ledger.refund(refunded, 7, "failed", NOW + 9_000).unwrap();
    assert!(bench.inspect().is_intact(), "{:?}", bench.inspect());
    bench
}

#[test]
fn a_table_that_the_log_does_not_tell_of_is_named() {
    let bucket_unix_s = NOW / 3_600 * 3_600;
    let spend = Problem::SpendMismatch { bucket_unix_s };
    let grant = Problem::GrantUnrecorded { grants_count: 1 };
    let tenant = Problem::TenantUnrecorded { tenants_count: 1 };
    let checks = [
        ("UPDATE spend SET used = used - 1 WHERE used > 0", spend),
        ("UPDATE spend SET used = used + 1 WHERE used > 0", spend),
        ("UPDATE spend SET operator = 'bob' WHERE used > 0", spend),
        ("DELETE FROM spend", spend),
        (
            "INSERT INTO standing_grants VALUES ('bob', 'acme', 'debugging')",
            grant,
        ),
        ("UPDATE standing_grants SET operator = 'bob'", grant),
        ("UPDATE standing_grants SET purpose = 'audit'", grant),
        (
            "INSERT INTO tenants VALUES ('evil', 'eu', zeroblob(32), 1)",
            tenant,
        ),
    ];
    for (sql, expected) in checks {
        let bench = in_use();
        bench.tamper(sql);
        assert_eq!(bench.inspect().problems, [expected], "{sql}");
    }
}

#[test]
fn a_log_emptied_with_its_checkpoints_is_named() {
    let bench = in_use();
    bench.tamper("DELETE FROM entries");
    fs::remove_file(bench.dir.path().join("checkpoint")).unwrap();
    fs::remove_file(bench.vault.anchor_path()).unwrap();
    let problems = bench.inspect().problems;
    assert_eq!(problems.first(), Some(&Problem::CheckpointMissing));
    assert!(problems.contains(&Problem::TenantUnrecorded { tenants_count: 1 }));
}

#[test]
fn rows_of_another_shape_are_named_and_no_error() {
    let edited = |seq| Problem::Edited { seq };
    let checks = [
        ("UPDATE entries SET seq = -3 WHERE seq = 3", edited(1)),
        (
            "INSERT INTO entries VALUES (-1, '', x'00', x'', x'')",
            edited(1),
        ),
        ("UPDATE entries SET root = x'00' WHERE seq = 3", edited(3)),
        ("UPDATE entries SET leaf = x'00' WHERE seq = 3", edited(3)),
        (
            "UPDATE entries SET signature = x'' WHERE seq = 3",
            edited(3),
        ),
        (
            "UPDATE entries SET body = CAST(x'FFFE' AS TEXT) WHERE seq = 3",
            edited(3),
        ),
        ("DROP TABLE entries", Problem::Unreadable),
    ];
    for (sql, expected) in checks {
        let bench = in_use();
        bench.tamper(sql);
        let problems = bench.inspect().problems;
        assert_eq!(problems.first(), Some(&expected), "{sql}");
    }
}

#[test]
fn an_edit_with_a_recomputed_leaf_is_named() {
    let bench = Bench::new();
    fill(&bench.open(), 6);
    let db = Connection::open(bench.path()).unwrap();
    let body: String = db
        .query_row("SELECT body FROM entries WHERE seq = 3", [], |row| {
            row.get(0)
        })
        .unwrap();
    let body = body.replace("ann", "bob");
    let leaf = leaf_hash(body.as_bytes());
    db.execute(
        "UPDATE entries SET body = ?1, leaf = ?2 WHERE seq = 3",
        (body, leaf),
    )
    .unwrap();
    assert_eq!(bench.inspect().problems, [Problem::Edited { seq: 3 }]);
    assert!(matches!(bench.open_with(1, 1), Err(Error::RolledBack)));
}

#[test]
fn an_older_copy_of_the_database_is_refused_and_named() {
    let bench = Bench::new();
    let copy = bench.dir.path().join("copy.db");
    fill(&bench.open(), 3);
    bench.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    fs::copy(bench.path(), &copy).unwrap();
    let older = bench.open().checkpoint().unwrap();
    fill(&bench.open(), 2);
    assert!(bench.open().verify_against(&older).unwrap().is_intact());
    bench.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    fs::copy(&copy, bench.path()).unwrap();
    assert!(matches!(bench.open_with(1, 1), Err(Error::RolledBack)));
    let expected = Problem::Truncated {
        size: 3,
        checkpoint_size: 5,
    };
    assert_eq!(bench.inspect().problems, [expected]);
}

#[test]
fn an_older_copy_of_database_and_checkpoint_is_refused_by_the_keys() {
    let bench = Bench::new();
    fill(&bench.open(), 3);
    bench.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    let names = ["ledger.db", "checkpoint"].map(|name| bench.dir.path().join(name));
    let older = names.clone().map(|path| fs::read(path).unwrap());
    fill(&bench.open(), 2);
    bench.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    for (path, bytes) in names.iter().zip(older) {
        fs::write(path, bytes).unwrap();
    }
    assert!(matches!(bench.open_with(1, 1), Err(Error::RolledBack)));
    let expected = Problem::Truncated {
        size: 3,
        checkpoint_size: 5,
    };
    assert_eq!(bench.inspect().problems, [expected]);
}

#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    fill(&bench.open(), 1);
    for path in [
        bench.path(),
        bench.dir.path().join("checkpoint"),
        bench.vault.anchor_path(),
    ] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn another_log_under_an_old_checkpoint_is_a_fork() {
    let bench = Bench::new();
    fill(&bench.open(), 3);
    let older = bench.open().checkpoint().unwrap();
    for name in ["ledger.db", "checkpoint"] {
        fs::remove_file(bench.dir.path().join(name)).unwrap();
    }
    // The keys still hold a checkpoint; only who has those too can begin anew.
    assert!(matches!(bench.open_with(1, 1), Err(Error::RolledBack)));
    fs::remove_file(bench.dir.path().join("ledger.db")).unwrap();
    fs::remove_file(bench.vault.anchor_path()).unwrap();
    fill(&bench.open(), 4);
    assert!(bench.inspect().is_intact());
    let report = bench.open().verify_against(&older).unwrap();
    assert_eq!(report.problems, [Problem::Forked { checkpoint_size: 3 }]);
}

#[test]
fn a_checkpoint_that_is_gone_or_forged_is_named() {
    let bench = Bench::new();
    fill(&bench.open(), 2);
    let file = bench.dir.path().join("checkpoint");
    let note = fs::read_to_string(&file).unwrap();
    fs::write(&file, note.replacen("\n2\n", "\n1\n", 1)).unwrap();
    assert_eq!(bench.inspect().problems, [Problem::CheckpointForged]);
    assert!(matches!(bench.open_with(1, 1), Err(Error::RolledBack)));
    fs::remove_file(&file).unwrap();
    assert_eq!(bench.inspect().problems, [Problem::CheckpointMissing]);
    assert!(matches!(bench.open_with(1, 1), Err(Error::RolledBack)));
}

#[test]
fn a_crash_before_the_checkpoint_is_no_tampering() {
    let bench = Bench::new();
    let file = bench.dir.path().join("checkpoint");
    fill(&bench.open(), 2);
    let behind = fs::read(&file).unwrap();
    fill(&bench.open(), 1);
    fs::write(&file, behind).unwrap();
    assert!(bench.inspect().is_intact());
    fill(&bench.open(), 1);
    assert_eq!(bench.inspect().entries_count, 4);
}

#[test]
fn a_database_replaced_or_cut_while_open_fails_closed() {
    let bench = Bench::new();
    let ledger = bench.open();
    fill(&ledger, 3);
    bench.tamper("DELETE FROM entries WHERE seq = 3");
    assert!(matches!(
        ledger.reserve(&grant("ann"), &charge(1, NOW)),
        Err(Error::RolledBack)
    ));

    let bench = Bench::new();
    let ledger = bench.open();
    fill(&ledger, 3);
    let moved = bench.dir.path().join("moved.db");
    fs::rename(bench.path(), &moved).unwrap();
    assert!(ledger.reserve(&grant("ann"), &charge(1, NOW)).is_err());
    fs::copy(&moved, bench.path()).unwrap();
    assert!(matches!(
        ledger.reserve(&grant("ann"), &charge(1, NOW)),
        Err(Error::RolledBack)
    ));
}

#[test]
fn proofs_verify_against_the_checkpoint() {
    let bench = Bench::new();
    let ledger = bench.open();
    fill(&ledger, 3);
    let key = bench.vault.public_key();
    let old = Checkpoint::parse(&ledger.checkpoint().unwrap(), &key).unwrap();
    fill(&ledger, 4);
    let new = Checkpoint::parse(&ledger.checkpoint().unwrap(), &key).unwrap();
    let (leaf, path, at) = ledger.prove_inclusion(2).unwrap();
    assert_eq!(at, new);
    assert!(verify_inclusion(leaf, 1, new.size, &path, &new.root));
    let (proof, _) = ledger.prove_consistency(old.size).unwrap();
    assert!(verify_consistency(
        (old.size, &old.root),
        (new.size, &new.root),
        &proof
    ));
    assert!(matches!(ledger.prove_inclusion(0), Err(Error::NoSuchEntry)));
    assert!(matches!(ledger.prove_inclusion(8), Err(Error::NoSuchEntry)));
}
