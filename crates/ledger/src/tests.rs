//! The ledger as a whole: budgets under contention and crashes, tampering, releases, tokens.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cordon_event::{Region, TenantId};
use cordon_govern::{Caps, ClassCaps, ExposedClass, Grant, Operator, Purpose, Reason, Request};
use cordon_redact::Clean;
use cordon_vault::Vault;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::*;

mod review;
mod sessions;
mod tampering;

const NOW: u64 = 1_700_000_000;
const DAY_S: u64 = 86_400;
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

struct Bench {
    dir: TempDir,
    vault: Arc<Vault>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(&dir.path().join("keys")).unwrap());
        Self { dir, vault }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    fn open_with(&self, tenant_cap: u64, operator_cap: u64) -> Result<Ledger, Error> {
        let cap = |bytes| ClassCaps {
            class_b_bytes_per_day: bytes / 2,
            class_c_bytes_per_day: bytes,
        };
        let caps = Caps {
            tenant: cap(tenant_cap),
            operator: cap(operator_cap),
        };
        Ledger::open(&self.path(), Arc::clone(&self.vault), caps)
    }

    fn open(&self) -> Ledger {
        self.open_with(1_000, 1_000).unwrap()
    }

    fn inspect(&self) -> Report {
        Ledger::inspect(&self.path(), &self.vault).unwrap()
    }

    /// Changes the closed database behind the ledger's back.
    fn tamper(&self, sql: &str) {
        Connection::open(self.path())
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    }
}

fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

fn operator(name: &str) -> Operator {
    Operator::parse(name).unwrap()
}

fn grant(name: &str) -> Grant {
    Grant::mint_session(
        operator(name),
        tenant("acme"),
        ExposedClass::B,
        Purpose::Debugging,
        u64::MAX,
    )
}

fn charge(bytes_max: u64, now_unix_s: u64) -> Charge {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    Charge {
        id: u128::from(id).to_be_bytes(),
        tenant: tenant("acme"),
        class: ExposedClass::C,
        purpose: Purpose::Debugging,
        action: Action::Ask,
        bytes_max,
        now_unix_s,
    }
}

fn outcome(content: &[u8]) -> Outcome {
    Outcome {
        time_unix_s: NOW,
        decision: "answered",
        evidence: vec![EvidenceId::parse("ev-1").unwrap()],
        digest: digest_of(content),
    }
}

fn reserve(ledger: &Ledger, bytes: u64, now: u64) -> Result<Reservation, Refusal> {
    ledger.reserve(&grant("ann"), &charge(bytes, now)).unwrap()
}

fn refused(result: Result<Reservation, Refusal>) -> RefusalReason {
    result.unwrap_err().reason
}

fn fill(ledger: &Ledger, entries: u64) {
    for i in 0..entries {
        let reservation = reserve(ledger, 1, NOW + i).unwrap();
        drop(reservation);
    }
}

#[test]
fn a_release_needs_the_receipt_of_its_own_content() {
    let bench = Bench::new();
    let ledger = bench.open();
    let answer = Clean::of_static("billing failed in charge()");
    let reservation = reserve(&ledger, 100, NOW).unwrap();
    let receipt = ledger
        .settle(reservation, 26, &outcome(answer.get().as_bytes()))
        .unwrap();
    let seq = receipt.seq();
    assert_eq!(Released::new(answer.clone(), receipt).unwrap().seq(), seq);

    let other = ledger
        .settle(reserve(&ledger, 9, NOW).unwrap(), 1, &outcome(b"other"))
        .unwrap();
    assert!(matches!(
        Released::new(answer, other),
        Err(Error::DigestMismatch)
    ));

    let entries = ledger.entries(1, 100).unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e.decision.as_str(), e.amount_bytes))
        .collect();
    assert_eq!(
        told,
        [
            ("reserved", 100),
            ("answered", 26),
            ("reserved", 9),
            ("answered", 1)
        ]
    );
}

#[test]
fn an_entry_without_content_releases_nothing() {
    let bench = Bench::new();
    let entry = Entry {
        time_unix_s: NOW,
        actor: operator("ann"),
        tenant: None,
        action: Action::AuditRead,
        decision: "allowed",
        class: None,
        amount_bytes: 0,
        evidence: Vec::new(),
        digest: None,
    };
    let receipt = bench.open().record(&entry).unwrap();
    assert!(Released::new(Clean::of_static(""), receipt).is_err());
}

#[test]
fn a_stream_stops_where_its_reservation_ends() {
    let bench = Bench::new();
    let ledger = bench.open();
    let mut stream = reserve(&ledger, 5, NOW).unwrap().into_stream();
    assert_eq!(stream.release(Clean::of_static("abc")).unwrap().seq(), 1);
    assert!(matches!(
        stream.release(Clean::of_static("def")),
        Err(Error::StreamExhausted)
    ));
    stream.release(Clean::of_static("de")).unwrap();
    let seq = ledger.finish(stream, &outcome(b"")).unwrap();
    let entry = ledger.entries(seq, 1).unwrap().remove(0);
    let digest = data_encoding::HEXLOWER.encode(&digest_of(b"abcde"));
    assert_eq!((entry.amount_bytes, entry.digest), (5, Some(digest)));
}

#[test]
fn eight_threads_never_spend_more_than_the_cap() {
    let bench = Bench::new();
    let ledger = bench.open_with(100, 1_000).unwrap();
    let taken = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for i in 0..8 {
            let (ledger, taken) = (&ledger, &taken);
            scope.spawn(move || {
                let grant = grant(&format!("op-{i}"));
                for _ in 0..5 {
                    if let Ok(held) = ledger.reserve(&grant, &charge(7, NOW)).unwrap() {
                        taken.fetch_add(held.bytes(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    // 40 requests of 7 against 100: fourteen fit, whatever the order.
    assert_eq!(taken.into_inner(), 98);
    assert!(bench.inspect().is_intact());
}

#[test]
fn two_openings_share_one_budget_and_one_log() {
    let bench = Bench::new();
    let (one, two) = (
        bench.open_with(10, 10).unwrap(),
        bench.open_with(10, 10).unwrap(),
    );
    drop(reserve(&one, 6, NOW).unwrap());
    assert_eq!(refused(reserve(&two, 6, NOW)), RefusalReason::TenantCap);
    drop(reserve(&two, 4, NOW).unwrap());
    assert_eq!(refused(reserve(&one, 1, NOW)), RefusalReason::TenantCap);
    let report = bench.inspect();
    assert_eq!((report.entries_count, report.problems), (4, vec![]));
}

#[test]
fn caps_are_per_operator_and_class_too() {
    let bench = Bench::new();
    let ledger = bench.open_with(100, 40).unwrap();
    drop(reserve(&ledger, 40, NOW).unwrap());
    let refusal = reserve(&ledger, 1, NOW).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.remaining_bytes),
        (RefusalReason::OperatorCap, 0)
    );
    drop(
        ledger
            .reserve(&grant("bob"), &charge(40, NOW))
            .unwrap()
            .unwrap(),
    );
    let class_b = Charge {
        class: ExposedClass::B,
        ..charge(20, NOW)
    };
    drop(ledger.reserve(&grant("ann"), &class_b).unwrap().unwrap());
    let left = ledger
        .remaining_bytes(&operator("eve"), &tenant("acme"), ExposedClass::C, NOW)
        .unwrap();
    assert_eq!(left, 20);
}

#[test]
fn a_crash_between_reserve_and_settle_counts_as_spent() {
    let bench = Bench::new();
    let held = reserve(&bench.open(), 1_000, NOW).unwrap();
    std::mem::forget(held);
    assert_eq!(
        refused(reserve(&bench.open(), 1, NOW)),
        RefusalReason::TenantCap
    );
}

#[test]
fn settling_gives_back_the_rest_once() {
    let bench = Bench::new();
    let ledger = bench.open();
    let held = reserve(&ledger, 1_000, NOW).unwrap();
    ledger.settle(held, 400, &outcome(b"x")).map(drop).unwrap();
    assert_eq!(
        refused(reserve(&ledger, 601, NOW)),
        RefusalReason::TenantCap
    );
    let held = reserve(&ledger, 600, NOW).unwrap();
    assert!(matches!(
        ledger.settle(held, 601, &outcome(b"x")),
        Err(Error::OverReserved)
    ));
    assert_eq!(refused(reserve(&ledger, 1, NOW)), RefusalReason::TenantCap);
}

#[test]
fn what_is_closed_is_neither_settled_nor_refunded() {
    let bench = Bench::new();
    let ledger = bench.open();
    let holds: Vec<_> = (0..3)
        .map(|_| reserve(&ledger, 200, NOW).unwrap())
        .collect();
    let entries = ledger.entries(1, 99).unwrap().len();
    // As when another process that has the ledger open closed them.
    bench.tamper("UPDATE reservations SET open = 0");
    let [settled, refunded, streamed] = <[_; 3]>::try_from(holds).unwrap();
    assert!(matches!(
        ledger.settle(settled, 1, &outcome(b"x")),
        Err(Error::Closed)
    ));
    let refund = ledger.refund(refunded, 200, "model_failed", NOW);
    assert!(matches!(refund, Err(Error::Closed)));
    let finished = ledger.finish(streamed.into_stream(), &outcome(b""));
    assert!(matches!(finished, Err(Error::Closed)));
    assert_eq!(ledger.entries(1, 99).unwrap().len(), entries);
    assert_eq!(
        refused(reserve(&ledger, 401, NOW)),
        RefusalReason::TenantCap
    );
}

#[test]
fn more_than_was_reserved_is_not_refunded() {
    let bench = Bench::new();
    let ledger = bench.open();
    let held = reserve(&ledger, 600, NOW).unwrap();
    assert!(matches!(
        ledger.refund(held, 601, "model_failed", NOW),
        Err(Error::RefundTooLarge)
    ));
    assert_eq!(
        refused(reserve(&ledger, 401, NOW)),
        RefusalReason::TenantCap
    );
    let held = reserve(&ledger, 400, NOW).unwrap();
    ledger.refund(held, 400, "model_failed", NOW).unwrap();
    drop(reserve(&ledger, 400, NOW).unwrap());
}

#[test]
fn one_id_is_charged_once() {
    let bench = Bench::new();
    let ledger = bench.open();
    let charge = charge(10, NOW);
    let held = ledger.reserve(&grant("ann"), &charge).unwrap().unwrap();
    let again = ledger.reserve(&grant("ann"), &charge).unwrap();
    assert_eq!(refused(again), RefusalReason::Repeated);
    ledger.settle(held, 10, &outcome(b"x")).map(drop).unwrap();
    let again = ledger.reserve(&grant("ann"), &charge).unwrap().unwrap_err();
    assert_eq!(
        (again.reason, again.remaining_bytes),
        (RefusalReason::Repeated, 990)
    );
}

#[test]
fn what_needs_each_other_is_charged_together_or_not_at_all() {
    let bench = Bench::new();
    let ledger = bench.open();
    let ann = grant("ann");
    let left = || {
        let class = ExposedClass::C;
        ledger
            .remaining_bytes(&operator("ann"), &tenant("acme"), class, NOW)
            .unwrap()
    };
    // Each fits the cap of 1000 bytes alone, both do not.
    let (first, second) = (charge(600, NOW), charge(600, NOW));
    let refusal = ledger.reserve_all(&ann, [&first, &second]).unwrap();
    assert_eq!(refusal.unwrap_err().reason, RefusalReason::TenantCap);
    assert_eq!(left(), 1_000);
    // Another class has a cap of its own, and the refused ids were not used up.
    let identifiers = Charge {
        class: ExposedClass::B,
        bytes_max: 500,
        ..second.clone()
    };
    let both = ledger.reserve_all(&ann, [&first, &identifiers]).unwrap();
    assert_eq!(both.unwrap().map(|r| r.bytes()), [600, 500]);
    assert_eq!(left(), 400);
    let both = ledger.reserve_all(&ann, [&charge(250, NOW), &charge(150, NOW)]);
    assert_eq!(both.unwrap().unwrap().map(|r| r.bytes()), [250, 150]);
    assert_eq!(left(), 0);
}

#[test]
fn the_window_slides_and_a_clock_set_back_refills_nothing() {
    let bench = Bench::new();
    let ledger = bench.open();
    drop(reserve(&ledger, 1_000, NOW).unwrap());
    for now in [NOW - 2 * DAY_S, 0, NOW, NOW + 22 * 3_600] {
        assert_eq!(
            refused(reserve(&ledger, 1, now)),
            RefusalReason::TenantCap,
            "{now}"
        );
    }
    drop(reserve(&ledger, 1_000, NOW + DAY_S + 3_600).unwrap());
    assert_eq!(
        refused(reserve(&ledger, 1, NOW - DAY_S)),
        RefusalReason::TenantCap
    );
    assert_eq!(
        refused(reserve(&bench.open(), 1, NOW - DAY_S)),
        RefusalReason::TenantCap
    );
}

#[test]
fn refusals_are_audited_and_huge_requests_do_not_overflow() {
    let bench = Bench::new();
    let ledger = bench.open_with(u64::MAX, u64::MAX).unwrap();
    assert_eq!(
        refused(reserve(&ledger, u64::MAX, NOW)),
        RefusalReason::TenantCap
    );
    let elsewhere = Charge {
        tenant: tenant("other"),
        ..charge(1, NOW)
    };
    let refusal = ledger
        .reserve(&grant("ann"), &elsewhere)
        .unwrap()
        .unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::Grant(Reason::OutsideScope));
    let entry = ledger.entries(refusal.seq, 1).unwrap().remove(0);
    assert_eq!(
        (entry.decision.as_str(), entry.amount_bytes),
        ("grant_outside_scope", 0)
    );
}

#[test]
fn a_token_names_its_tenant_and_is_not_stored() {
    let bench = Bench::new();
    let ledger = bench.open();
    let region = Region::parse("eu").unwrap();
    let local = operator("local");
    let token = ledger
        .add_tenant(&tenant("acme"), &region, &local, NOW)
        .unwrap();
    let other = ledger
        .add_tenant(&tenant("other"), &region, &local, NOW)
        .unwrap();
    assert!(token.as_str().starts_with(TOKEN_PREFIX));
    let named = |token: &str| ledger.authenticate(token).unwrap().map(|p| p.tenant);
    assert_eq!(named(token.as_str()), Some(tenant("acme")));
    assert_eq!(named(other.as_str()), Some(tenant("other")));
    let cut = token.as_str().get(..40).unwrap();
    for wrong in ["", TOKEN_PREFIX, cut, &token.as_str().to_uppercase()] {
        assert_eq!(named(wrong), None);
    }
    assert!(matches!(
        ledger.add_tenant(&tenant("acme"), &region, &local, NOW),
        Err(Error::TenantExists)
    ));
    for file in fs::read_dir(bench.dir.path())
        .unwrap()
        .map(|file| file.unwrap().path())
    {
        let bytes = if file.is_file() {
            fs::read(file).unwrap()
        } else {
            Vec::new()
        };
        assert!(
            !bytes
                .windows(20)
                .any(|w| w == &token.as_str().as_bytes()[10..30])
        );
    }
}

#[test]
fn only_who_was_granted_gets_a_scope_and_the_others_are_in_the_log() {
    let bench = Bench::new();
    let ledger = bench.open();
    let region = Region::parse("eu").unwrap();
    for name in ["acme", "other"] {
        ledger
            .add_tenant(&tenant(name), &region, &operator(name), NOW)
            .unwrap();
    }
    let ask = |who: &str, class, purpose| {
        let acme = tenant("acme");
        let request = Request {
            tenant: &acme,
            class,
            purpose,
            now_unix_s: NOW,
        };
        let authorised = ledger
            .authorise(&operator(who), Action::Ask, &request)
            .unwrap();
        authorised.map(|a| a.scope.tenant().to_string())
    };
    let (b, c) = (ExposedClass::B, ExposedClass::C);
    let before = ledger.entries(1, 99).unwrap().len();
    assert_eq!(ask("acme", c, Purpose::Debugging), Ok("acme".to_owned()));
    assert_eq!(ledger.entries(1, 99).unwrap().len(), before);
    for (who, class, purpose, code) in [
        ("other", c, Purpose::Debugging, "grant_missing"),
        ("nobody", c, Purpose::Debugging, "grant_missing"),
        ("acme", b, Purpose::Debugging, "grant_session_needed"),
        ("acme", c, Purpose::SubjectRequest, "grant_other_purpose"),
    ] {
        assert_eq!(ask(who, class, purpose).unwrap_err().code(), code);
        let entry = ledger.entries(1, 99).unwrap().pop().unwrap();
        assert_eq!((entry.actor.as_str(), entry.decision.as_str()), (who, code));
    }
}

#[test]
fn symbols_need_a_grant_of_their_own_that_the_log_shows() {
    let bench = Bench::new();
    let ledger = bench.open();
    let (acme, local) = (tenant("acme"), operator("local"));
    let region = Region::parse("eu").unwrap();
    drop(ledger.add_tenant(&acme, &region, &local, NOW).unwrap());
    let may = |purpose| {
        let request = Request {
            tenant: &acme,
            class: ExposedClass::C,
            purpose,
            now_unix_s: NOW,
        };
        let asked = ledger.authorise(&local, Action::Symbols, &request);
        asked.unwrap().map(|_| ()).map_err(RefusalReason::code)
    };
    let set = |who: &Operator, given| {
        let set = ledger.set_grant(who, &acme, Purpose::Symbols, given, NOW);
        set.unwrap().map_err(RefusalReason::code)
    };
    assert_eq!(may(Purpose::Symbols), Err("grant_other_purpose"));
    assert_eq!(set(&operator("other"), true), Err("grant_missing"));
    assert_eq!(
        (set(&local, true), set(&local, true)),
        (Ok(true), Ok(false))
    );
    // One grant beside the other: neither hides it.
    assert_eq!(
        (may(Purpose::Symbols), may(Purpose::Debugging)),
        (Ok(()), Ok(()))
    );
    assert_eq!(bench.inspect().problems, []);
    assert_eq!(set(&local, false), Ok(true));
    assert_eq!(may(Purpose::Symbols), Err("grant_other_purpose"));
    drop(ledger);
    bench.tamper("INSERT INTO standing_grants VALUES ('local', 'acme', 'symbols')");
    let problems = bench.inspect().problems;
    assert_eq!(problems, [Problem::GrantUnrecorded { grants_count: 1 }]);
}

#[test]
fn what_many_tenants_share_needs_a_grant_that_is_no_tenants() {
    let bench = Bench::new();
    let ledger = bench.open();
    let region = Region::parse("eu").unwrap();
    let added = ledger.add_tenant(&tenant("acme"), &region, &operator("local"), NOW);
    drop(added.unwrap());
    let may = |who: &str| {
        let asked = ledger.authorise_across(&operator(who), NOW).unwrap();
        asked.map(|_| ()).map_err(RefusalReason::code)
    };
    let set = |who: &str, given| {
        let set = ledger.set_across_grant(&operator(who), given, NOW).unwrap();
        set.map_err(RefusalReason::code)
    };
    // A grant for a tenant does not include it, and who has none is not given it.
    assert_eq!(may("local"), Err("grant_missing"));
    assert_eq!(set("other", true), Err("grant_missing"));
    assert_eq!(may("other"), Err("grant_missing"));
    assert_eq!(
        (set("local", true), set("local", true)),
        (Ok(true), Ok(false))
    );
    assert_eq!((may("local"), may("other")), (Ok(()), Err("grant_missing")));
    assert_eq!(set("local", false), Ok(true));
    assert_eq!(may("local"), Err("grant_missing"));
    assert_eq!(set("local", true), Ok(true));
    let log: Vec<_> = ledger.entries(2, 99).unwrap();
    let log: Vec<_> = log
        .iter()
        .map(|e| (e.action.as_str(), e.decision.as_str()))
        .collect();
    let refused = ("across", "grant_missing");
    let (given, taken) = (("grant_add", "allowed"), ("grant_remove", "allowed"));
    let other = ("grant_add", "grant_missing");
    let expected = [
        refused, other, refused, given, given, refused, taken, refused, given,
    ];
    assert_eq!(log, expected);
    drop(ledger);
    assert_eq!(bench.inspect().problems, []);
    bench.tamper("INSERT INTO across_grants VALUES ('bob')");
    assert_eq!(
        bench.inspect().problems,
        [Problem::GrantUnrecorded { grants_count: 1 }]
    );
    // A ledger from before there was such a grant.
    bench.tamper("DROP TABLE across_grants");
    assert_eq!(bench.inspect().problems, []);
}
