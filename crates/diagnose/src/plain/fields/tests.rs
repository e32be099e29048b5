//! Fields in the forms that logs have them.

use super::*;

/// The fields of a line, one a piece, in the order of the alphabet.
fn found(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    read(line, &mut |field| {
        found.push(match field {
            Field::Status(status) => format!("status {status}"),
            Field::DurationNs(time) => format!("took {}us", time / 1_000),
            Field::Route(route) => format!("route {route}"),
            Field::Pair { key, value } => format!("{key}={value}"),
        });
    });
    found.sort_unstable();
    found
}

#[track_caller]
fn check(line: &str, expected: &[&str]) {
    let found = found(line);
    let missing: Vec<&&str> = expected
        .iter()
        .filter(|field| !found.iter().any(|found| found == *field))
        .collect();
    assert!(missing.is_empty(), "{line}: {missing:?} of {found:?}");
}

#[test]
fn records_tell_their_members() {
    check(
        concat!(
            r#"{"level":30,"req":{"method":"GET","url":"/api/items/77?x=1"},"version":"4.19.0","#,
            r#""res":{"statusCode":502},"responseTime":33,"err":{"message":"no x"}}"#
        ),
        &[
            "status 502",
            "took 33000us",
            "route GET /api/items/*",
            "version=4.19.0",
            "err.message=no x",
        ],
    );
    check(
        r#"{"http.status_code": 200, "event.duration": 14000000, "url.path": "/cart"}"#,
        &["status 200", "took 14000us", "route /cart"],
    );
    check(
        r#"pod web 2024-01-02T03:04:05Z stdout F {"status":"503","dur_ms":5006}"#,
        &["status 503", "took 5006000us"],
    );
    check(
        "level=info method=POST path=/pay/8 status=500 dur=1.5s msg=\"no way\"",
        &[
            "status 500",
            "took 1500000us",
            "route POST /pay/*",
            "msg=no way",
        ],
    );
    check(
        "code=Unavailable grpc.code=DeadlineExceeded",
        &["status 503"],
    );
}

#[test]
fn access_logs_tell_status_and_route() {
    check(
        "1.2.3.4 - - [11/Mar/2026:13:00:00 +0000] \"GET /a/77 HTTP/1.1\" 502 12 \"-\" \"curl\" \
         rt=0.111 ua=\"10.0.3.14:8080\"",
        &[
            "status 502",
            "route GET /a/*",
            "took 111000us",
            "ua=10.0.3.14:8080",
        ],
    );
    check(
        "Nov  3 16:00:00 lb01 haproxy[2211]: 1.2.3.4:41878 [03/Nov/2026:16:00:00.326] fe~ \
         be_api/api2 0/0/1/70/119 503 744 - - ---- 1/2/3/1/0 0/0 \"GET https://x.y/api HTTP/2.0\"",
        &[
            "status 503",
            "took 119000us",
            "route GET /api",
            "backend=be_api",
            "server=api2",
        ],
    );
    check(
        "upstream timed out, client: 1.2.3.4, upstream: \"http://10.0.3.14:8080/a/b\", host: \"x\"",
        &["upstream=10.0.3.14:8080", "host=x"],
    );
}

#[test]
fn prose_tells_statuses_and_durations() {
    check(
        "HTTP POST /api/invoices responded 502 in 29.4 ms",
        &["status 502", "took 29400us", "route POST /api/invoices"],
    );
    check(
        "Completed 500 Internal Server Error in 74ms",
        &["status 500", "took 74000us"],
    );
    check(
        "GET /page/95 200 36ms",
        &["status 200", "route GET /page/*"],
    );
    check("GET /page/95 200 36ms", &["took 36000us"]);
    check("Started GET \"/a/7\" for x", &["route GET /a/*"]);
    check("request timed out after 30000ms.", &["took 30000000us"]);
}

#[test]
fn other_numbers_are_no_fields() {
    for line in ["order 500 shipped", "in 5 places", "a = b", "12:30", ""] {
        assert!(found(line).is_empty(), "{line}: {:?}", found(line));
    }
}
