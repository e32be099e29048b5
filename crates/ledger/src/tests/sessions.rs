//! Sessions: whose they are, until when, and what they rest on.

use super::*;

const HOUR_S: u64 = 3_600;

fn with_tenant() -> (Bench, Ledger) {
    let bench = Bench::new();
    let ledger = bench.open();
    let region = Region::parse("eu").unwrap();
    let added = ledger.add_tenant(&tenant("acme"), &region, &operator("ann"), NOW);
    drop(added.unwrap());
    (bench, ledger)
}

fn open(ledger: &Ledger, who: &str, class: ExposedClass) -> Result<OpenedSession, &'static str> {
    let opened = ledger.open_session(&Opening {
        operator: &operator(who),
        tenant: &tenant("acme"),
        class,
        hours: 2,
        now_unix_s: NOW,
    });
    opened.unwrap().map_err(RefusalReason::code)
}

/// Who a token opens a session for, or the reason code.
fn check(ledger: &Ledger, token: &str, now_unix_s: u64) -> Result<String, &'static str> {
    let session = ledger.session(token, now_unix_s).unwrap();
    let who = session.map(|session| session.operator.to_string());
    who.map_err(SessionRefusal::code)
}

fn may(
    ledger: &Ledger,
    session: &Session,
    class: ExposedClass,
    now_unix_s: u64,
) -> Result<(), &'static str> {
    let tenant = tenant("acme");
    let request = Request {
        tenant: &tenant,
        class,
        purpose: Purpose::Debugging,
        now_unix_s,
    };
    let asked = ledger.authorise_session(session, Action::Analyze, &request);
    asked.unwrap().map(|_| ()).map_err(RefusalReason::code)
}

#[test]
fn a_token_opens_its_session_until_it_ends() {
    let (bench, ledger) = with_tenant();
    assert_eq!(
        open(&ledger, "bob", ExposedClass::C).err(),
        Some("grant_missing")
    );
    let opened = open(&ledger, "ann", ExposedClass::B).unwrap_or_else(|code| panic!("{code}"));
    let token = opened.token().to_owned();
    assert!(token.len() >= 52, "256 bits in base32");
    assert_eq!(check(&ledger, &token, NOW), Ok("ann".to_owned()));
    let (begin, _) = token.split_at(token.len() - 1);
    let altered = format!("{begin}x");
    for wrong in ["", "cordon_session_", &altered, &format!("{token}a")] {
        assert_eq!(
            check(&ledger, wrong, NOW),
            Err("session_unknown"),
            "{wrong:?}"
        );
    }
    let own = ledger.sessions(&operator("ann"), NOW).unwrap();
    assert_eq!(own, std::slice::from_ref(&opened.session));
    assert_eq!(ledger.sessions(&operator("bob"), NOW).unwrap(), []);
    // Nobody ends another's.
    let id = &opened.session.id;
    assert!(!ledger.end_session(&operator("bob"), id, NOW).unwrap());
    assert_eq!(
        check(&ledger, &token, NOW + 2 * HOUR_S - 1),
        Ok("ann".to_owned())
    );
    assert!(ledger.end_session(&operator("ann"), id, NOW).unwrap());
    assert_eq!(check(&ledger, &token, NOW), Err("session_unknown"));
    // The token is nowhere.
    drop(ledger);
    let database = fs::read(bench.path()).unwrap();
    let held = |text: &str| database.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(held("session_open") && !held(&token));
    assert_eq!(bench.inspect().problems, []);
}

#[test]
fn a_session_runs_out_at_its_second() {
    let (_bench, ledger) = with_tenant();
    let opened = open(&ledger, "ann", ExposedClass::C).unwrap_or_else(|code| panic!("{code}"));
    let end = NOW + 2 * HOUR_S;
    assert_eq!(opened.session.expires_unix_s, end);
    assert_eq!(
        check(&ledger, opened.token(), end - 1),
        Ok("ann".to_owned())
    );
    assert_eq!(check(&ledger, opened.token(), end), Err("session_expired"));
    // The clock does not run backwards here.
    assert_eq!(check(&ledger, opened.token(), NOW), Err("session_expired"));
    assert_eq!(
        may(&ledger, &opened.session, ExposedClass::C, end),
        Err("grant_expired")
    );
}

#[test]
fn a_session_is_worth_no_more_than_its_class_and_its_grant() {
    let (bench, ledger) = with_tenant();
    let wide = open(&ledger, "ann", ExposedClass::B).unwrap_or_else(|code| panic!("{code}"));
    let narrow = open(&ledger, "ann", ExposedClass::C).unwrap_or_else(|code| panic!("{code}"));
    assert_eq!(may(&ledger, &wide.session, ExposedClass::B, NOW), Ok(()));
    assert_eq!(
        may(&ledger, &narrow.session, ExposedClass::B, NOW),
        Err("grant_class_ceiling")
    );
    drop(ledger);
    bench.tamper("DELETE FROM standing_grants");
    let ledger = bench.open();
    for class in [ExposedClass::B, ExposedClass::C] {
        assert_eq!(
            may(&ledger, &wide.session, class, NOW),
            Err("grant_missing")
        );
    }
}

#[test]
fn a_session_that_the_log_does_not_tell_of_is_named() {
    for sql in [
        "UPDATE sessions SET expires_unix_s = expires_unix_s + 1",
        "UPDATE sessions SET class = 'B'",
        "UPDATE sessions SET operator = 'bob'",
        "UPDATE sessions SET token_sha256 = zeroblob(32)",
    ] {
        let (bench, ledger) = with_tenant();
        assert!(open(&ledger, "ann", ExposedClass::C).is_ok());
        drop(ledger);
        assert_eq!(bench.inspect().problems, []);
        bench.tamper(sql);
        let expected = Problem::GrantUnrecorded { grants_count: 1 };
        assert_eq!(bench.inspect().problems, [expected], "{sql}");
    }
}

#[test]
fn sessions_of_a_tenant_are_bounded_and_forgotten() {
    let (_bench, ledger) = with_tenant();
    for _ in 0..SESSIONS_COUNT_MAX {
        assert!(open(&ledger, "ann", ExposedClass::C).is_ok());
    }
    assert_eq!(
        open(&ledger, "ann", ExposedClass::C).err(),
        Some("sessions_full")
    );
    let later = ledger.open_session(&Opening {
        operator: &operator("ann"),
        tenant: &tenant("acme"),
        class: ExposedClass::C,
        hours: SESSION_HOURS_MAX + 1,
        now_unix_s: NOW + 2 * HOUR_S,
    });
    let later = later.unwrap().unwrap_or_else(|_| panic!("refused"));
    let expires = later.session.expires_unix_s;
    assert_eq!(expires, NOW + 2 * HOUR_S + SESSION_HOURS_MAX * HOUR_S);
    assert_eq!(ledger.sessions(&operator("ann"), NOW).unwrap().len(), 1);
}
