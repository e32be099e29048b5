//! Listeners over loopback: what is sent arrives, once, as whose it is.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use cordon_event::{Event, Raw, Region, TenantId, Value};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};

use super::*;
use crate::Receiver;
use crate::admit::{Admit, AdmitError, BoxFuture, Holder, Readiness, RequestBody};
use crate::stream::batch::Batch;
use crate::stream::flag::Flags;
use crate::stream::frame::Frame;
use crate::tls::tests::Pki;
use crate::tls::{Tls, TlsFiles, TlsProtocol};

/// Records what it admits. Fails as often as it is told to, and at every event that is poison.
#[derive(Default)]
struct Recorder {
    refusals_left: AtomicUsize,
    admitted: Mutex<Vec<(String, Event)>>,
    bodies: Mutex<Vec<Vec<u8>>>,
    more: Notify,
}

fn principal(name: &str) -> Principal {
    Principal {
        tenant: TenantId::parse(name).unwrap(),
        region: Region::parse("eu").unwrap(),
    }
}

impl Admit for Recorder {
    fn authenticate(&self, _: &str) -> Result<Option<Principal>, AdmitError> {
        Ok(None)
    }

    fn certified(&self, names: &[String]) -> Result<Holder, AdmitError> {
        let mut known = names
            .iter()
            .filter_map(|name| name.strip_prefix("urn:tenant:"));
        Ok(match (known.next(), known.next()) {
            (None, _) => Holder::Nobody,
            (Some(name), None) => Holder::One(principal(name)),
            (Some(_), Some(_)) => Holder::Several,
        })
    }

    fn admit<'a>(
        &'a self,
        who: &'a Principal,
        body: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        let one_less = |left: usize| left.checked_sub(1);
        let (ordering, left) = (Ordering::Relaxed, &self.refusals_left);
        if left.fetch_update(ordering, ordering, one_less).is_ok() {
            return Box::pin(async { Err(AdmitError::Full { retry_after_s: 0 }) });
        }
        let poison = |event: &Event| event.body == Value::from("poison");
        assert!(!events.expose_raw().iter().any(poison), "on purpose");
        let events = events.expose_raw().iter().cloned();
        let named = events.map(|event| (who.tenant.to_string(), event));
        self.admitted.lock().unwrap().extend(named);
        self.bodies
            .lock()
            .unwrap()
            .push(body.digest_input().to_vec());
        self.more.notify_one();
        Box::pin(async { Ok(()) })
    }

    fn ready(&self) -> Readiness {
        Readiness::Ready
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

impl Recorder {
    fn bodies_of(&self, tenant: &str) -> Vec<String> {
        let admitted = self.admitted.lock().unwrap();
        let own = admitted.iter().filter(|(name, _)| name == tenant);
        own.map(|(_, event)| event.body.as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Waits until so many events were admitted.
    async fn wait_for(&self, count: usize) {
        while self.admitted.lock().unwrap().len() < count {
            self.more.notified().await;
        }
    }
}

struct Server {
    at: Vec<SocketAddr>,
    recorder: Arc<Recorder>,
    receiver: Arc<Receiver>,
    stop: oneshot::Sender<()>,
    serving: JoinSet<()>,
}

const SYSLOG: StreamFormat = StreamFormat::Syslog { zone_offset_s: 0 };

impl Server {
    async fn start(kinds: Vec<(&str, StreamFormat, Option<&str>)>, pki: Option<&Pki>) -> Self {
        Self::start_with(kinds, pki, StreamLimits::default(), Limits::default()).await
    }

    async fn start_with(
        kinds: Vec<(&str, StreamFormat, Option<&str>)>,
        pki: Option<&Pki>,
        limits: StreamLimits,
        http: Limits,
    ) -> Self {
        let (mut listeners, mut at) = (Vec::new(), Vec::new());
        for (transport, format, tenant) in kinds {
            let socket = if transport == "udp" {
                let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                at.push(socket.local_addr().unwrap());
                StreamSocket::Udp(socket)
            } else {
                let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
                at.push(socket.local_addr().unwrap());
                match pki.filter(|_| transport == "tls") {
                    Some(pki) => {
                        let files: TlsFiles = pki.files(Some(true));
                        let tls = Tls::open(files, TlsProtocol::Stream).unwrap();
                        StreamSocket::Tls(socket, Arc::new(tls))
                    }
                    None => StreamSocket::Tcp(socket),
                }
            };
            let tenant = tenant.map(principal);
            listeners.push(StreamListener {
                socket,
                format,
                tenant,
            });
        }
        let recorder = Arc::new(Recorder::default());
        let receiver = Arc::new(Receiver::new(recorder.clone(), http));
        let (stop, stopped) = oneshot::channel();
        let mut serving = JoinSet::new();
        let own = Arc::clone(&receiver);
        serving.spawn(async move {
            let told = async {
                let _said = stopped.await;
            };
            own.serve_streams(
                listeners,
                limits,
                [7; 16],
                || 1_750_000_000_000_000_000,
                told,
            )
            .await;
        });
        Self {
            at,
            recorder,
            receiver,
            stop,
            serving,
        }
    }

    async fn send(&self, at: usize, bytes: &[u8]) {
        let mut stream = TcpStream::connect(self.at[at]).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        // Closed by the other side when all of it was taken.
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    }

    /// Stops; what was sent is admitted afterwards.
    async fn stop(mut self) -> Arc<Recorder> {
        self.stop.send(()).unwrap();
        while self.serving.join_next().await.is_some() {}
        self.recorder
    }

    fn count(&self, name: &str) -> u64 {
        let text = self.receiver.metrics_text();
        let found = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("{name} is not counted"))
    }
}

#[tokio::test]
async fn both_framings_arrive_and_no_batch_is_like_another() {
    let server = Server::start(vec![("tcp", SYSLOG, Some("shop"))], None).await;
    let same = b"<13>Jun 15 11:59:59 h a: one\n37 <13>Jun 15 11:59:59 h a: two\nthreefour";
    server.send(0, same).await;
    server.send(0, same).await;
    let mut bodies = server.recorder.bodies_of("shop");
    bodies.sort();
    assert_eq!(bodies.len(), 6, "{bodies:?}");
    let admitted = server.recorder.bodies.lock().unwrap().clone();
    assert_eq!(admitted.len(), 2);
    assert_ne!(
        admitted[0], admitted[1],
        "equal lines would be taken for one"
    );
    let frames = "cordon_receive_stream_frames_total{source=\"syslog_tcp\"}";
    assert_eq!(server.count(frames), 6);
    let closed = "cordon_receive_stream_closed_connections_total\
                  {source=\"syslog_tcp\",reason=\"closed\"}";
    assert_eq!(server.count(closed), 2);
    assert_eq!(server.count("cordon_receive_in_flight_bytes"), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_refused_batch_is_tried_again_and_is_the_same() {
    let server = Server::start(vec![("tcp", SYSLOG, Some("shop"))], None).await;
    server.recorder.refusals_left.store(3, Ordering::Relaxed);
    let lines: String = (0..2_500).map(|n| format!("<13>line {n}\n")).collect();
    server.send(0, lines.as_bytes()).await;
    let expect: Vec<String> = (0..2_500).map(|n| format!("line {n}")).collect();
    assert_eq!(server.recorder.bodies_of("shop"), expect);
    assert!(server.count("cordon_receive_stream_waits_total{source=\"syslog_tcp\"}") >= 3);
    server.stop().await;
}

#[tokio::test]
async fn what_harms_is_left_out_alone() {
    let server = Server::start(vec![("tcp", SYSLOG, Some("shop"))], None).await;
    let lines = b"<13>a\n<13>b\n<13>poison\n<13>c\n<13>d\n";
    server.send(0, lines).await;
    assert_eq!(server.recorder.bodies_of("shop"), ["a", "b", "c", "d"]);
    let lost = "cordon_receive_stream_lost_frames_total{source=\"syslog_tcp\",reason=\"poisoned\"}";
    assert_eq!(server.count(lost), 1);
    server.stop().await;
}

#[tokio::test]
async fn lines_of_json_that_are_none_are_kept_as_text() {
    let json = StreamFormat::JsonLines;
    let server = Server::start(vec![("tcp", json, Some("shop"))], None).await;
    let long = "x".repeat(2 << 20);
    let lines = format!(
        "{{\"message\":\"one\",\"level\":\"error\"}}\r\n\nnot json\n[1]\n\
         {{\"message\":\"{long}\"}}\n\
         {{\"message\":\"two\"}}"
    );
    server.send(0, lines.as_bytes()).await;
    let admitted = server.recorder.admitted.lock().unwrap().clone();
    let told: Vec<(&str, &str)> = admitted
        .iter()
        .map(|(_, event)| {
            let flags = event.attribute_str(flag::ATTRIBUTE).unwrap_or_default();
            let body = event.body.as_str().unwrap();
            (body.get(..8).unwrap_or(body), flags)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("one", ""),
            ("not json", "not_json"),
            ("[1]", "not_json"),
            ("{\"messag", "truncated,not_json"),
            ("two", ""),
        ]
    );
    let rejected = "cordon_receive_stream_rejected_records_total{source=\"json_tcp\"}";
    assert_eq!(server.count(rejected), 3);
    server.stop().await;
}

#[tokio::test]
async fn no_beginning_of_a_word_is_left_where_a_frame_is_cut() {
    let limits = StreamLimits {
        syslog_bytes_max: 1_000,
        line_bytes_max: 1_000,
        ..StreamLimits::default()
    };
    let json = StreamFormat::JsonLines;
    let kinds = vec![
        ("tcp", SYSLOG, Some("shop")),
        ("tcp", json, Some("bank")),
        ("udp", SYSLOG, Some("post")),
    ];
    let server = Server::start_with(kinds, None, limits, Limits::default()).await;
    let token = "qwvzkxjh".repeat(8);
    let filler = "a b ".repeat(240);
    let line = format!("<13>Jun 15 11:59:59 h x: {filler}{token} rest");
    // By its end of line, by its count, and cut off by the sender.
    let counted = format!("{} {line}", line.len());
    let short = format!(
        "99 <13>Jun 15 11:59:59 h x: begun {}",
        "qwvzkxjhqwvzkxjhqwvz"
    );
    server
        .send(0, format!("{line}\n{counted}\n{short}").as_bytes())
        .await;
    let object = format!("{{\"message\":\"{filler}{token}{filler}\"}}\n");
    server.send(1, object.as_bytes()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(line.as_bytes(), server.at[2]).await.unwrap();
    server.recorder.wait_for(5).await;
    let admitted = server.stop().await.admitted.lock().unwrap().clone();
    assert_eq!(admitted.len(), 5);
    for (tenant, event) in admitted {
        let body = event.body.as_str().unwrap();
        assert!(
            body.ends_with([' ', 'a', 'b', 'n']) && !body.contains("qwvz"),
            "{tenant} {body}"
        );
        let flags = event.attribute_str(flag::ATTRIBUTE).unwrap();
        assert!(flags.contains("truncated"), "{tenant} {flags}");
    }
}

const TRACE: [&str; 3] = [
    "Traceback (most recent call last):",
    "  File \"a.py\", line 1, in f",
    "ValueError: x",
];

#[tokio::test]
async fn a_report_over_many_frames_is_one_event() {
    let json = StreamFormat::JsonLines;
    let kinds = vec![
        ("tcp", SYSLOG, Some("shop")),
        ("tcp", json, Some("bank")),
        ("udp", SYSLOG, Some("post")),
    ];
    let server = Server::start(kinds, None).await;
    let (mut syslog, mut lines) = (String::new(), String::new());
    for (at, line) in TRACE.iter().enumerate() {
        // Two processes print by turns; the second of their stamps goes on.
        for pid in [1, 2] {
            syslog += &format!("<11>Jun 15 11:59:5{at} h a[{pid}]: {line}\n");
        }
        let line = serde_json::json!({"service": "s", "message": line});
        lines += &format!("{line}\n");
    }
    server
        .send(
            0,
            format!("{syslog}<11>Jun 15 11:59:59 h a[1]: next\n").as_bytes(),
        )
        .await;
    let trace = TRACE.join("\n");
    let found = server.recorder.bodies_of("shop");
    assert_eq!(found, [trace.as_str(), trace.as_str(), "next"]);
    server.send(1, lines.as_bytes()).await;
    assert_eq!(server.recorder.bodies_of("bank"), [trace.as_str()]);
    // Messages that are numbered, and a tab as rsyslog writes it.
    let java = [
        "java.lang.IllegalStateException: x",
        "#011at a.B.c(B.java:1)",
    ];
    let numbered = java.iter().enumerate().map(|(at, line)| {
        let data = format!("[meta sequenceId=\"{at}\"]");
        format!("<11>1 2025-06-15T11:59:5{at}Z h b 7 - {data} {line}\n")
    });
    server
        .send(0, numbered.collect::<String>().as_bytes())
        .await;
    assert_eq!(server.recorder.bodies_of("shop")[3..], [java.join("\n")]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for line in TRACE {
        let frame = format!("<11>Jun 15 11:59:59 h a[1]: {line}");
        socket
            .send_to(frame.as_bytes(), server.at[2])
            .await
            .unwrap();
    }
    server.recorder.wait_for(6).await;
    assert_eq!(server.recorder.bodies_of("post"), [trace.as_str()]);
    let frames = "cordon_receive_stream_frames_total{source=\"syslog_tcp\"}";
    assert_eq!(server.count(frames), 9);
    server.stop().await;
}

#[tokio::test]
async fn what_may_be_the_middle_of_a_report_is_waited_for() {
    let limits = StreamLimits {
        quiet: Duration::ZERO,
        hold: Duration::from_mins(1),
        ..StreamLimits::default()
    };
    let kinds = vec![("tcp", SYSLOG, Some("shop"))];
    let server = Server::start_with(kinds, None, limits, Limits::default()).await;
    let mut stream = TcpStream::connect(server.at[0]).await.unwrap();
    let mut sent = 0;
    for line in TRACE {
        let frame = format!("<11>Jun 15 11:59:59 h a[1]: {line}\n");
        stream.write_all(frame.as_bytes()).await.unwrap();
        sent += frame.len() as u64;
        while server.count("cordon_receive_stream_bytes_total{source=\"syslog_tcp\"}") < sent {
            tokio::task::yield_now().await;
        }
    }
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(server.recorder.bodies_of("shop"), [TRACE.join("\n")]);
    server.stop().await;
}

#[tokio::test]
async fn a_line_that_names_another_tenant_is_dropped_and_counted() {
    let json = StreamFormat::JsonLines;
    let kinds = vec![("tcp", json, Some("shop")), ("tcp", SYSLOG, Some("shop"))];
    let server = Server::start(kinds, None).await;
    let line = |tenant: &str| {
        format!(
            "{{\"schema\":\"cordon.log/1\",\"tenant_id\":\"{tenant}\",\"message\":\"{tenant}\"}}\n"
        )
    };
    server
        .send(0, (line("bank") + &line("shop")).as_bytes())
        .await;
    let frame = |tenant: &str| format!("<13>Jun 15 11:59:59 h a: @cee: {}", line(tenant));
    server
        .send(1, (frame("bank") + &frame("shop")).as_bytes())
        .await;
    assert_eq!(server.recorder.bodies_of("shop"), ["shop", "shop"]);
    for source in ["json_tcp", "syslog_tcp"] {
        let of = format!("{{source=\"{source}\",reason=\"other_tenant\"}}");
        let lost = format!("cordon_receive_stream_lost_frames_total{of}");
        assert_eq!(server.count(&lost), 1);
        let frames = format!("cordon_receive_stream_frames_total{{source=\"{source}\"}}");
        assert_eq!(server.count(&frames), 1);
    }
    server.stop().await;
}

#[tokio::test]
async fn datagrams_arrive_and_are_dropped_where_there_is_no_room() {
    let limits = StreamLimits {
        batch_frames_max: 2,
        datagram_batches_max: 1,
        ..StreamLimits::default()
    };
    let kinds = vec![("udp", SYSLOG, Some("shop"))];
    let server = Server::start_with(kinds, None, limits, Limits::default()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for text in ["<13>a\n", "<13>b\nc"] {
        socket.send_to(text.as_bytes(), server.at[0]).await.unwrap();
    }
    server.recorder.wait_for(2).await;
    assert_eq!(server.recorder.bodies_of("shop"), ["a", "b\nc"]);
    // Nothing is taken for a while: two in delivery, two in the queue, two in the batch.
    server
        .recorder
        .refusals_left
        .store(usize::MAX, Ordering::Relaxed);
    for n in 0..20 {
        let text = format!("<13>{n}");
        socket.send_to(text.as_bytes(), server.at[0]).await.unwrap();
    }
    let lost = "cordon_receive_stream_lost_frames_total{source=\"syslog_udp\",reason=\"full\"}";
    while server.count(lost) < 14 {
        tokio::task::yield_now().await;
    }
    server.recorder.refusals_left.store(0, Ordering::Relaxed);
    let (lost, recorder) = (server.count(lost), server.stop().await);
    assert_eq!(recorder.bodies_of("shop").len() as u64 + lost, 22);
}

#[tokio::test]
async fn what_was_sent_before_shutdown_is_admitted() {
    let kinds = vec![("tcp", SYSLOG, Some("shop")), ("udp", SYSLOG, Some("shop"))];
    let server = Server::start(kinds, None).await;
    let mut stream = TcpStream::connect(server.at[0]).await.unwrap();
    stream.write_all(b"<13>first\n").await.unwrap();
    server.recorder.wait_for(1).await;
    stream.write_all(b"<13>second\n<13>third").await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(b"<13>fourth", server.at[1]).await.unwrap();
    let recorder = server.stop().await;
    let mut bodies = recorder.bodies_of("shop");
    bodies.sort();
    assert_eq!(bodies, ["first", "fourth", "second", "third"]);
}

#[tokio::test]
async fn a_certificate_says_whose_it_is() {
    let pki = Pki::new();
    pki.issue("shop", "x", &[], &["urn:tenant:shop"]);
    pki.issue("bank", "x", &[], &["urn:tenant:bank"]);
    pki.issue("nobody", "x", &[], &[]);
    let both = ["urn:tenant:shop", "urn:tenant:bank"];
    pki.issue("both", "x", &[], &both);
    let kinds = vec![("tls", SYSLOG, None), ("tls", SYSLOG, Some("bank"))];
    let server = Server::start(kinds, Some(&pki)).await;
    for (at, name, text) in [
        (0, Some("shop"), "s"),
        (0, Some("bank"), "b"),
        (1, Some("nobody"), "n"),
        (0, Some("nobody"), "lost"),
        (1, Some("shop"), "lost"),
        (0, Some("both"), "lost"),
        (1, Some("both"), "lost"),
        (0, None, "lost"),
    ] {
        let sent = async {
            let mut stream = pki.connect(server.at[at], name).await?;
            let frame = format!("{} <13>{text}", text.len() + 4);
            stream.write_all(frame.as_bytes()).await?;
            stream.shutdown().await?;
            stream.read_to_end(&mut Vec::new()).await
        };
        let _refused_or_closed = sent.await;
    }
    let ended = |reason: &str| {
        let name = "cordon_receive_stream_closed_connections_total";
        server.count(&format!(
            "{name}{{source=\"syslog_tls\",reason=\"{reason}\"}}"
        ))
    };
    assert_eq!(server.recorder.bodies_of("shop"), ["s"]);
    assert_eq!(server.recorder.bodies_of("bank"), ["b", "n"]);
    let told = ["closed", "no_tenant", "other_tenant", "tls_handshake"].map(ended);
    assert_eq!(told, [3, 1, 3, 1]);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_without_a_byte_is_closed_and_no_more_than_allowed_are_open() {
    let limits = StreamLimits {
        connections_max: 1,
        idle_timeout: Duration::from_millis(50),
        ..StreamLimits::default()
    };
    let kinds = vec![("tcp", SYSLOG, Some("shop"))];
    let server = Server::start_with(kinds, None, limits, Limits::default()).await;
    let mut idle = TcpStream::connect(server.at[0]).await.unwrap();
    // Waits in the backlog until the first is closed.
    server.send(0, b"<13>a").await;
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(server.recorder.bodies_of("shop"), ["a"]);
    server.stop().await;
}

#[tokio::test]
async fn the_connections_of_one_listener_are_not_anothers() {
    let limits = StreamLimits {
        connections_max: 1,
        ..StreamLimits::default()
    };
    let kinds = vec![("tcp", SYSLOG, Some("shop")), ("tcp", SYSLOG, Some("bank"))];
    let server = Server::start_with(kinds, None, limits, Limits::default()).await;
    let mut held = TcpStream::connect(server.at[0]).await.unwrap();
    held.write_all(b"<13>a\n").await.unwrap();
    server.recorder.wait_for(1).await;
    server.send(1, b"<13>b").await;
    assert_eq!(server.recorder.bodies_of("bank"), ["b"]);
    server.stop().await;
}

#[test]
fn the_room_of_one_listener_is_not_anothers() {
    let state = State::new(Arc::new(Recorder::default()), Limits::default());
    let (limits, count) = (StreamLimits::default(), 3);
    let shares: Vec<Share> = (0..count)
        .map(|_| Share::of(&state, &limits, count))
        .collect();
    let mut held = Vec::new();
    for ledger in [&shares[0].partial, &shares[0].waiting] {
        let mut charge = crate::meter::Charge::new(ledger);
        while charge.grow(64 << 10).is_ok() {}
        held.push(charge);
    }
    for share in &shares[1..] {
        // A frame of the longest kind in part, and a batch that waits.
        let mut partial = crate::meter::Charge::new(&share.partial);
        partial.grow(2 * limits.line_bytes_max).unwrap();
        let mut waiting = crate::meter::Charge::new(&share.waiting);
        waiting
            .grow(limits.batch_bytes_max + limits.line_bytes_max)
            .unwrap();
        held.extend([partial, waiting]);
    }
    assert!(state.ledger.used_bytes() <= state.limits.in_flight_bytes_max / 2);
}

#[test]
fn a_batch_gives_its_frames_back_and_is_charged() {
    let ledger = Ledger::new(1 << 20);
    let mut batch = Batch::new(&ledger);
    for bytes in [&b"one"[..], b"", b"three"] {
        let flags = Flags::default();
        batch.push(&Frame { bytes, flags }, 5).unwrap();
    }
    let of = |range| {
        let frames = batch.frames(&range).map(|frame| frame.bytes.to_vec());
        frames.collect::<Vec<_>>()
    };
    assert_eq!(of(0..3), [&b"one"[..], b"", b"three"]);
    assert_eq!(of(1..2), [&b""[..]]);
    assert_eq!(of(2..3), [&b"three"[..]]);
    assert!(ledger.used_bytes() > 0);
    drop(batch);
    assert_eq!(ledger.used_bytes(), 0);
}
