//! Connections that hold their place without asking for anything.

use super::*;

/// One HTTP/2 frame.
fn h2_frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    [&[0, 0, len, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A connection that asks for `/livez` on stream 1, with room for no byte of answers.
async fn h2_livez(at: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let mut start = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS_INITIAL_WINDOW_SIZE = 0: an answer that is never taken keeps nothing open either.
    start.extend(h2_frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]));
    let head = [&[0x82, 0x86, 0x04, 6][..], b"/livez", &[0x01, 1, b'h']].concat();
    start.extend(h2_frame(1, 5, 1, &head));
    stream.write_all(&start).await.unwrap();
    stream
}

/// Reads frames until the server closes, answers every ping; the kinds that came.
async fn h2_until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut kinds = Vec::new();
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).await.is_err() {
            return kinds;
        }
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        if stream.read_exact(&mut payload).await.is_err() {
            return kinds;
        }
        kinds.push(head[3]);
        if head[3] == 6 && head[4] & 1 == 0 {
            let _maybe_closed = stream.write_all(&h2_frame(6, 1, 0, &payload)).await;
        }
    }
}

#[tokio::test]
async fn a_connection_that_only_answers_pings_is_closed_and_one_with_a_request_is_not() {
    const GOAWAY: u8 = 7;
    let short = std::time::Duration::from_millis(100);
    let limits = Limits {
        connections_max: 3,
        header_timeout: short,
        connection_idle_timeout: short,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    // Its request is under way until the others are closed.
    let mut waiting = TcpStream::connect(server.at).await.unwrap();
    let body = r#"{"message":"x"}"#;
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: h\r\nauthorization: Bearer waits\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    waiting.write_all(head.as_bytes()).await.unwrap();
    // More of them than there is room for, one after the other.
    for _ in 0..3 {
        let mut held = h2_livez(server.at).await;
        let kinds = h2_until_closed(&mut held).await;
        assert!(kinds.contains(&GOAWAY), "{kinds:?}");
    }
    let mut kept = TcpStream::connect(server.at).await.unwrap();
    let ask = b"GET /livez HTTP/1.1\r\nhost: h\r\n\r\n";
    kept.write_all(ask).await.unwrap();
    let mut all = Vec::new();
    let _closed_or_reset = kept.read_to_end(&mut all).await;
    assert!(all.starts_with(b"HTTP/1.1 200"));
    server.recorder.go_on.notify_one();
    let mut all = Vec::new();
    waiting.read_to_end(&mut all).await.unwrap();
    assert!(all.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn the_connections_of_one_listener_are_not_anothers() {
    let limits = Limits {
        connections_max: 2,
        ..Limits::default()
    };
    let mut listeners = Vec::new();
    for _ in 0..2 {
        listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
    }
    let at: Vec<SocketAddr> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
    let admit: Arc<dyn Admit> = Arc::new(Recorder::default());
    let mut task = JoinSet::new();
    task.spawn(serve(listeners, admit, limits, std::future::pending()));
    let ask = b"GET /livez HTTP/1.1\r\nhost: h\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(at[0]).await.unwrap();
        stream.write_all(ask).await.unwrap();
        held.push(stream);
    }
    let mut stream = TcpStream::connect(at[1]).await.unwrap();
    stream.write_all(ask).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}
