//! Sentry's paths over loopback: who sends, how bodies are packed, what is answered.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

const BODY: &str = "{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}\n{\"type\":\"event\"}\n\
                    {\"message\":\"it failed\"}";

impl Server {
    /// Posts with these headers, and none beside.
    async fn plain(&self, path: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
             {headers}content-length: {}\r\n\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }
}

/// A body as brotli writes what it cannot compress (RFC 7932, section 9.2): a window of 64 KiB, a
/// block of that length that is not compressed, and an empty last block.
fn brotli(body: &[u8]) -> Vec<u8> {
    let head = (body.len() as u32 - 1) << 4 | 1 << 20;
    let [first, second, third, _] = head.to_le_bytes();
    [&[first, second, third][..], body, &[3]].concat()
}

fn auth(key: &str) -> String {
    format!("x-sentry-auth: Sentry sentry_key={key}, sentry_version=7\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_taken_however_its_sender_is_named() {
    let server = Server::start(Limits::default()).await;
    let with_dsn = BODY.replacen('{', "{\"dsn\":\"http://good@h:1/1\",", 1);
    for (path, headers, body) in [
        ("/api/1/envelope/", auth("good"), BODY),
        ("/api/1/envelope", auth("good"), BODY),
        (
            "/api/1/envelope/?sentry_key=good&sentry_version=7",
            String::new(),
            BODY,
        ),
        ("/api/1/envelope/", String::new(), with_dsn.as_str()),
        ("/api/1/store/", auth("good"), "{\"message\":\"it failed\"}"),
    ] {
        let answer = server.plain(path, &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 200, "{path}");
        let events = server.events();
        assert_eq!(events[0].body, Value::from("it failed"), "{path}");
        if path.contains("envelope") {
            assert_eq!(answer.body, br#"{"id":"9ec79c33ec9942ab8353589fcb2e04dc"}"#);
        }
    }
    for (path, headers) in [
        ("/api/1/envelope/", String::new()),
        ("/api/1/envelope/", auth("bad")),
        ("/api/1/store/", String::new()),
        ("/api/1/minidump/", String::new()),
    ] {
        let answer = server.plain(path, &headers, BODY.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_unpacked_and_bombs_are_not() {
    let server = Server::start(Limits::default()).await;
    let zstd = compress_to_vec(BODY.as_bytes(), CompressionLevel::Fastest);
    let bodies = [
        ("gzip", gzip(BODY.as_bytes())),
        ("zstd", zstd),
        ("br", brotli(BODY.as_bytes())),
    ];
    for (name, body) in bodies {
        let headers = format!("{}content-encoding: {name}\r\n", auth("good"));
        let answer = server.plain("/api/1/envelope/", &headers, &body).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(server.events().len(), 1);
    }
    let zeros = vec![b' '; 30 << 20];
    let bomb = compress_to_vec(zeros.as_slice(), CompressionLevel::Fastest);
    let headers = format!("{}content-encoding: zstd\r\n", auth("good"));
    let answer = server.plain("/api/1/envelope/", &headers, &bomb).await;
    assert_eq!((answer.status, answer.code()), (413, "inflate_ratio"));
    let headers = format!("{}content-encoding: lzma\r\n", auth("good"));
    let answer = server.plain("/api/1/envelope/", &headers, b"x").await;
    assert_eq!((answer.status, answer.code()), (415, "content_encoding"));
    assert!(
        answer
            .head
            .contains("accept-encoding: gzip, deflate, zstd, br")
    );
    // Nobody's envelope has another limit.
    let long = format!("{{}}\n{}", " ".repeat(2 << 20));
    let answer = server.plain("/api/1/envelope/", "", long.as_bytes()).await;
    assert_eq!((answer.status, answer.code()), (413, "body_too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn zstd_is_taken_on_every_path() {
    let server = Server::start(Limits::default()).await;
    let pack = |body: &[u8]| compress_to_vec(body, CompressionLevel::Fastest);
    let headers = format!("{PROTO}content-encoding: zstd\r\n");
    let body = pack(&one_log().encode_to_vec());
    let answer = server.post("/v1/logs", "good", &headers, &body).await;
    assert_eq!(answer.status, 200);
    assert_one_log(&server.events());
    let body = pack(b"{\"message\":\"a\"}\n");
    let headers = "content-encoding: zstd\r\n";
    let answer = server.post("/v1/events", "good", headers, &body).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pressure_is_told_as_sdks_and_crash_reporters_expect() {
    let server = Server::start(Limits::default()).await;
    let answer = server
        .plain("/api/1/envelope/", &auth("full"), BODY.as_bytes())
        .await;
    assert_eq!((answer.status, answer.code()), (429, "full"));
    assert!(answer.head.contains("retry-after: 7"));
    assert!(answer.head.contains("x-sentry-rate-limits: 7::key:full"));
    let answer = server
        .plain("/api/1/minidump/", &auth("full"), b"MDMP and more")
        .await;
    assert_eq!((answer.status, answer.code()), (503, "full"));
    assert!(!answer.head.contains("\nx-sentry-rate-limits"));
    let answer = server
        .plain("/api/1/minidump/", &auth("poisoned"), b"MDMP and more")
        .await;
    assert_eq!((answer.status, answer.code()), (503, "crash_unavailable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minidump_becomes_the_crash_that_is_told_of_it() {
    let server = Server::start(Limits::default()).await;
    let form = "--b\r\ncontent-disposition: form-data; name=\"sentry[release]\"\r\n\r\nshop@3\r\n\
                --b\r\ncontent-disposition: form-data; name=\"upload_file_minidump\"; \
                filename=\"a.dmp\"\r\n\r\nMDMP and more\r\n--b--\r\n";
    let headers = format!(
        "{}content-type: multipart/form-data; boundary=b\r\n",
        auth("good")
    );
    let answer = server
        .plain("/api/1/minidump/", &headers, form.as_bytes())
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, b"07070707-0707-0707-0707-070707070707");
    let events = server.events();
    assert_eq!((events.len(), events[0].kind), (1, Kind::Crash));
    assert_eq!(events[0].body, Value::Int(13));
    assert_eq!(events[0].service(), "shop");
    let answer = server
        .plain("/api/1/minidump/", &auth("good"), b"MDMP")
        .await;
    assert_eq!((answer.status, answer.code()), (400, "minidump_refused"));
    // With another event beside it, both are kept, each under bytes of its own.
    let both = "{}\n{\"type\":\"log\"}\n{\"body\":\"a\"}\n\
                {\"type\":\"attachment\",\"attachment_type\":\"event.minidump\"}\nMDMP and more";
    let answer = server
        .plain("/api/1/envelope/", &auth("good"), both.as_bytes())
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.events().len(), 2);
    let bodies = server.recorder.bodies.lock().unwrap();
    let [.., one, two] = bodies.as_slice() else {
        panic!("two requests")
    };
    assert_ne!(one, two);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_kept_where_its_dump_is_not() {
    let server = Server::start(Limits::default()).await;
    let dump = "{\"type\":\"attachment\",\"attachment_type\":\"event.minidump\"}\nMDMP";
    for (who, more) in [("good", ""), ("poisoned", " and more")] {
        let fatal = BODY.replace("\"message\"", "\"level\":\"fatal\",\"message\"");
        let body = format!("{fatal}\n{dump}{more}");
        let answer = server
            .plain("/api/1/envelope/", &auth(who), body.as_bytes())
            .await;
        // Where nothing is admitted, the sender is told so.
        let expect = if who == "good" { 200 } else { 429 };
        assert_eq!(answer.status, expect, "{who}");
        let events = server.events();
        if who == "good" {
            assert_eq!((events.len(), events[0].kind), (1, Kind::ErrorReport));
        }
    }
    let ask = b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let told = String::from_utf8(server.raw(ask).await.body).unwrap();
    let refused = "cordon_receive_sentry_items_total{type=\"minidump\",outcome=\"malformed\"} 2";
    assert!(told.contains(refused), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_waits_holds_itself_alone() {
    let server = Server::start(Limits::default()).await;
    let dump = [b"MDMP".to_vec(), vec![0; 1 << 20]].concat();
    let head = format!(
        "POST /api/1/minidump/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{}\
         content-length: {}\r\n\r\n",
        auth("waits"),
        dump.len()
    );
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let sent = [head.as_bytes(), &dump].concat();
    stream.write_all(&sent).await.unwrap();
    server.recorder.asked.notified().await;
    let ask = b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let told = String::from_utf8(server.raw(ask).await.body).unwrap();
    let held = told
        .lines()
        .find_map(|line| line.strip_prefix("cordon_receive_in_flight_bytes "));
    let held: usize = held.unwrap().parse().unwrap();
    assert!((dump.len()..dump.len() + 1_000).contains(&held), "{held}");
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_nobody_knows_has_a_share() {
    let limits = Limits {
        unnamed_in_flight_bytes_max: 100,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let with_dsn = BODY.replacen('{', "{\"dsn\":\"http://good@h:1/1\",", 1);
    let answer = server
        .plain("/api/1/envelope/", "", with_dsn.as_bytes())
        .await;
    assert_eq!((answer.status, answer.code()), (429, "in_flight_full"));
    let answer = server
        .plain("/api/1/envelope/", &auth("good"), with_dsn.as_bytes())
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_any_origin_may_post() {
    let server = Server::start(Limits::default()).await;
    let ask = b"OPTIONS /api/1/envelope/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let answer = server.raw(ask).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("access-control-allow-origin: *"));
    let ask = b"GET /api/1/envelope/ HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    assert_eq!(server.raw(ask).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_counted_by_type() {
    let server = Server::start(Limits::default()).await;
    let body = format!("{BODY}\n{{\"type\":\"profile\"}}\n{{}}");
    let answer = server
        .plain("/api/1/envelope/", &auth("good"), body.as_bytes())
        .await;
    assert_eq!(answer.status, 200);
    let ask = b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let told = String::from_utf8(server.raw(ask).await.body).unwrap();
    for line in [
        "cordon_receive_sentry_items_total{type=\"event\",outcome=\"taken\"} 1",
        "cordon_receive_sentry_items_total{type=\"profile\",outcome=\"not_kept\"} 1",
    ] {
        assert!(told.contains(line), "{line}");
    }
}
