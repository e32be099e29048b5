//! Two people for a release: who they are, in which order, and until when.

use cordon_event::EventId;

use super::*;

const ITEM: EventId = EventId([7; 16]);

/// A ledger whose tenants are `ann`'s; `bob` is an operator of `acme`, too.
fn with_two() -> (Bench, Ledger) {
    let bench = Bench::new();
    let ledger = bench.open();
    let region = Region::parse("eu").unwrap();
    for name in ["acme", "beta"] {
        drop(
            ledger
                .add_tenant(&tenant(name), &region, &operator("ann"), NOW)
                .unwrap(),
        );
    }
    assert_eq!(admit(&ledger, "ann", "bob", true), Ok(true));
    (bench, ledger)
}

fn admit(ledger: &Ledger, by: &str, who: &str, given: bool) -> Result<bool, &'static str> {
    let (by, who) = (operator(by), operator(who));
    let set = ledger.set_operator(&by, &who, &tenant("acme"), given, NOW);
    set.unwrap().map_err(RefusalReason::code)
}

/// What the word of that operator is: `requested`, `approved` after whom, or a reason code.
fn check(ledger: &Ledger, who: &str, of: &str, item: EventId, now: u64) -> String {
    let step = ledger.release_step(&operator(who), &tenant(of), item, now);
    match step.unwrap() {
        Ok(ReleaseStep::Requested(_)) => "requested".to_owned(),
        Ok(ReleaseStep::Approved(request)) => format!("approved after {}", request.operator),
        Err(refusal) => refusal.code().to_owned(),
    }
}

fn waiting(ledger: &Ledger, now: u64) -> Vec<String> {
    let requests = ledger.release_requests(&tenant("acme"), now).unwrap();
    requests.iter().map(|r| r.operator.to_string()).collect()
}

#[test]
fn it_takes_two_people_and_a_request_is_used_once() {
    let (bench, ledger) = with_two();
    assert_eq!(check(&ledger, "ann", "acme", ITEM, NOW), "requested");
    assert_eq!(
        check(&ledger, "ann", "acme", ITEM, NOW),
        "release_same_person"
    );
    assert_eq!(waiting(&ledger, NOW), ["ann"]);
    // After a restart too: the request is durable.
    drop(ledger);
    let ledger = bench.open();
    assert_eq!(
        check(&ledger, "bob", "acme", EventId([8; 16]), NOW),
        "requested"
    );
    assert_eq!(
        check(&ledger, "bob", "acme", ITEM, NOW),
        "approved after ann"
    );
    assert_eq!(waiting(&ledger, NOW), ["bob"]);
    assert_eq!(
        check(&ledger, "bob", "acme", ITEM, NOW),
        "requested",
        "used up"
    );
    let last = ledger.entries(1, 100).unwrap();
    let told: Vec<&str> = last.iter().map(|entry| entry.decision.as_str()).collect();
    let expect = [
        "release_requested",
        "release_same_person",
        "release_requested",
    ];
    assert_eq!(told[3..6], expect);
    assert_eq!(told[6..], ["release_approved", "release_requested"]);
    let approved = &last[6];
    assert_eq!(approved.actor, "bob");
    assert_eq!(approved.evidence[0], ITEM.to_string());
    assert_eq!(approved.evidence[2], "operator:ann");
    assert!(bench.inspect().is_intact());
}

#[test]
fn a_request_lapses() {
    let (bench, ledger) = with_two();
    assert_eq!(check(&ledger, "ann", "acme", ITEM, NOW), "requested");
    let end = NOW + RELEASE_REQUEST_S_MAX;
    assert_eq!(waiting(&ledger, end - 1), ["ann"]);
    assert!(waiting(&ledger, end).is_empty());
    assert_eq!(
        check(&ledger, "bob", "acme", ITEM, end),
        "requested",
        "not approved"
    );
    assert_eq!(
        check(&ledger, "bob", "acme", ITEM, end),
        "release_same_person"
    );
    // The clock that was put back does not bring it back.
    assert_eq!(
        check(&ledger, "ann", "acme", ITEM, NOW),
        "approved after bob"
    );
    assert!(bench.inspect().is_intact());
}

#[test]
fn another_tenants_item_and_people_without_a_grant_are_apart() {
    let (bench, ledger) = with_two();
    assert_eq!(check(&ledger, "ann", "beta", ITEM, NOW), "requested");
    assert_eq!(check(&ledger, "bob", "beta", ITEM, NOW), "grant_missing");
    assert_eq!(check(&ledger, "eve", "acme", ITEM, NOW), "grant_missing");
    assert_eq!(
        check(&ledger, "bob", "acme", ITEM, NOW),
        "requested",
        "of acme's there was none"
    );
    // Who lost the grant does not count as the first any more.
    assert_eq!(admit(&ledger, "ann", "bob", false), Ok(true));
    assert_eq!(check(&ledger, "ann", "acme", ITEM, NOW), "requested");
    assert!(bench.inspect().is_intact());
}

#[test]
fn operators_are_admitted_by_operators() {
    let (bench, ledger) = with_two();
    assert_eq!(admit(&ledger, "eve", "eve", true), Err("grant_missing"));
    assert_eq!(admit(&ledger, "ann", "bob", true), Ok(false));
    for name in ["eve@example.org", "uid:1000", "a::b:a@"] {
        assert_eq!(admit(&ledger, "bob", name, true), Ok(true), "{name}");
    }
    assert_eq!(admit(&ledger, "ann", "ann", false), Err("grant_own"));
    assert!(bench.inspect().is_intact(), "each is told by its entry");
    assert_eq!(admit(&ledger, "bob", "uid:1000", false), Ok(true));
    assert_eq!(admit(&ledger, "bob", "uid:1000", false), Ok(false));
    assert!(bench.inspect().is_intact());
    let long = operator(&":".repeat(64));
    let named = ledger.set_operator(&operator("ann"), &long, &tenant("acme"), true, NOW);
    assert!(matches!(named, Err(Error::OperatorName)));
}

#[test]
fn a_request_behind_the_logs_back_opens_nothing() {
    let (bench, ledger) = with_two();
    // Of bob's own request ann's is made, by its row; entry 4 is no request, 99 is none.
    assert_eq!(
        check(&ledger, "bob", "acme", EventId([8; 16]), NOW),
        "requested"
    );
    for (seq, item) in [(5, ITEM), (4, ITEM), (99, ITEM)] {
        let row = format!(
            "INSERT OR REPLACE INTO release_requests VALUES ('acme', x'{item}', {seq}, {})",
            NOW + 60
        );
        bench.tamper(&row);
        assert_eq!(
            check(&ledger, "bob", "acme", item, NOW),
            "requested",
            "{seq}"
        );
        bench.tamper("DELETE FROM release_requests WHERE seq > 5");
    }
    // A longer life: the entry says until when.
    bench.tamper(&format!(
        "UPDATE release_requests SET expires_unix_s = {}",
        u64::MAX >> 1
    ));
    let end = NOW + RELEASE_REQUEST_S_MAX;
    assert_eq!(
        check(&ledger, "ann", "acme", EventId([8; 16]), end),
        "requested"
    );
    bench.tamper(
        "INSERT INTO release_requests VALUES ('acme', x'09090909090909090909090909090909', 5, 1)",
    );
    drop(ledger);
    let named = bench.inspect();
    let codes: Vec<_> = named.problems.iter().map(|one| one.code()).collect();
    assert_eq!(codes, ["audit_grant_unrecorded"]);
}
