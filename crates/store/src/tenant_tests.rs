//! Two tenants in one store: each query answers as if the other were not there.

use cordon_event::{Entry, Quarantined};

use crate::tests::{Bench, DAY_S, NOON_S, batch, event, events, id, scope, tenant};
use crate::{Moment, Store, Window};

const NS_PER_S: u64 = 1_000_000_000;

fn window(from_s: u64, to_s: u64) -> Window {
    Window {
        from_unix_ns: from_s * NS_PER_S,
        to_unix_ns: to_s * NS_PER_S,
    }
}

/// What the tenant sends: a group that both have, one of its own, and something held back.
fn send(bench: &Bench, cursor: u64, name: &str) {
    let held = Entry::Quarantined(Quarantined {
        reason: "late_hit".into(),
        rule: "jwt".into(),
        source: "shop".into(),
        ..Quarantined::default()
    });
    let own = format!("{name}-alone");
    let sent = [
        event("g", NOON_S),
        event("g", NOON_S - DAY_S),
        event(&own, NOON_S),
    ];
    let mut entries = events(0, sent);
    entries.push((id(9), held));
    bench.apply(cursor, &batch(name, 1, NOON_S, entries));
}

/// Every query of the store, asked in the tenant's scope.
fn told(store: &Store, name: &str) -> Vec<String> {
    let scope = scope(name);
    let (today, before) = (
        window(NOON_S - 100, NOON_S + 100),
        window(NOON_S - 2 * DAY_S, NOON_S - 100),
    );
    let mut told = Vec::new();
    let groups = store.groups(&scope, today, before, 99).unwrap();
    told.push(format!("groups unreadable {}", groups.unreadable));
    for g in groups.rows {
        told.push(format!(
            "group {} {} {} {} {}",
            g.tenant, g.group_id, g.count, g.window_count, g.baseline_count
        ));
    }
    let held = store.quarantine(&scope, 99).unwrap();
    told.push(format!("held unreadable {}", held.unreadable));
    told.extend(held.rows.iter().map(|r| format!("held {}", r.event_id)));
    for exemplars in [
        store.exemplars(&scope, "g", 99).unwrap(),
        store.exemplars_over(&scope, today, 99).unwrap(),
    ] {
        told.push(format!("exemplars unreadable {}", exemplars.unreadable));
        let rows = exemplars.rows.iter();
        told.extend(rows.map(|e| format!("{} {}", e.tenant, e.event_id)));
    }
    for group_id in ["g", "acme-alone", "beta-alone"] {
        let group = store.group(&scope, group_id).unwrap();
        let series = store.series(&scope, group_id, window(0, 2 * NOON_S));
        told.push(format!(
            "{group_id}: {:?} {:?}",
            group.map(|g| g.count),
            series.unwrap()
        ));
    }
    told.push(format!("{:?}", store.group_ids(&scope, "", 99).unwrap()));
    for n in 0..10 {
        let event = store.event(&scope, id(n)).unwrap();
        told.push(format!("{n}: {:?}", event.map(|e| e.group_id)));
    }
    for group_id in ["g", "acme-alone", "beta-alone"] {
        told.push(format!("{:?}", store.features(&scope, group_id).unwrap()));
        told.push(format!(
            "{:?}",
            store.together(&scope, group_id, 9).unwrap()
        ));
    }
    told.push(format!("{:?}", store.tenant_features(&scope).unwrap()));
    let moment = Moment {
        at_unix_ns: NOON_S * NS_PER_S,
        within: window(0, 2 * NOON_S),
        now_unix_ns: (NOON_S + DAY_S) * NS_PER_S,
    };
    told.push(format!(
        "{:?}",
        store.around(&scope, "shop", moment).unwrap()
    ));
    let flagged = store.flagged(&scope).unwrap();
    let flagged = flagged.iter().map(|f| (f.source.get(), &f.reason, f.count));
    told.push(format!("{:?}", flagged.collect::<Vec<_>>()));
    told.push(format!("{:?}", store.accounting(&scope).unwrap()));
    told
}

#[test]
fn every_query_answers_from_its_own_tenant_alone() {
    let shared = Bench::new();
    send(&shared, 1, "acme");
    send(&shared, 2, "beta");
    for name in ["acme", "beta"] {
        let alone = Bench::new();
        send(&alone, 1, name);
        let expected = told(&alone.store, name);
        assert!(expected.iter().any(|line| line.contains("-alone")));
        assert_eq!(told(&shared.store, name), expected, "{name}");
    }
}

#[test]
fn one_tenants_retention_deletes_nothing_of_the_others() {
    let bench = Bench::new();
    send(&bench, 1, "acme");
    send(&bench, 2, "beta");
    let (acme, beta) = (told(&bench.store, "acme"), told(&bench.store, "beta"));
    let later = NOON_S + 40 * DAY_S;
    let expired = bench.store.expire(&tenant("acme"), later, 30).unwrap();
    assert_eq!(
        (expired.events, expired.groups, expired.quarantined),
        (3, 2, 1)
    );
    assert_ne!(told(&bench.store, "acme"), acme);
    // Buckets of more than two days ago become hourly, those of the expired tenant alone.
    assert_eq!(told(&bench.store, "beta"), beta);
}

#[test]
fn counts_past_retention_go_from_a_group_that_lives_on() {
    let bench = Bench::new();
    let later = NOON_S + 40 * DAY_S;
    for (cursor, at_s) in [(1, NOON_S), (2, later)] {
        let sent = events(cursor, [event("g", at_s)]);
        bench.apply(cursor, &batch("acme", cursor, at_s, sent));
    }
    let starts = || {
        let ever = window(0, 2 * later);
        let series = bench.store.series(&scope("acme"), "g", ever).unwrap();
        series
            .iter()
            .map(|(at, _)| at / NS_PER_S)
            .collect::<Vec<_>>()
    };
    assert_eq!(starts(), [NOON_S, later]);
    bench.store.expire(&tenant("acme"), later, 30).unwrap();
    assert_eq!(starts(), [later]);
}
