//! Patterns are read as they are meant.
use super::judge::{is_own, is_somebody};
use super::{Piece, Take, find, pieces};

#[test]
fn a_pattern_is_pieces() {
    assert!(
        pieces("\"(&{*}(uid={user})")
            == [
                Piece::Quote,
                Piece::Literal("(&"),
                Piece::Any,
                Piece::Literal("(uid="),
                Piece::Take(Take::User),
                Piece::Literal(")"),
            ]
    );
}

#[test]
fn services_are_nobody() {
    let services = "elastic airflow vagrant dnsmasq clickhouse bind mssql rabbitmq avahi chrony \
                    haproxy cassandra solr kibana logstash telegraf tomcat8 zabbix nagios opendkim \
                    pi debian core keycloak";
    for name in services.split(' ') {
        assert!(!is_somebody(name), "{name}");
    }
    for name in ["akeller", "anna.keller", "jdoe", "okonkwo14"] {
        assert!(is_own(name), "{name}");
    }
}

#[test]
fn no_end_is_within_a_character() {
    let text = format!("USER {}\u{e9} * :Bob Example", "x".repeat(63));
    let mut out = Vec::new();
    find(&text, 0, &mut out);
    let whole = |n: usize| text.is_char_boundary(n);
    assert!(out.iter().all(|f| whole(f.start) && whole(f.end)));
}
