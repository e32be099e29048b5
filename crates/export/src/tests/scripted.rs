//! A receiver that answers as it is told, or not at all.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;

/// What to do with a request.
enum Say {
    /// Answer with these bytes and close.
    Answer(&'static str),
    /// Close without an answer.
    Close,
    /// Never answer.
    Hang,
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Requests: whether they hold spans, and their bodies, unpacked.
type Seen = Arc<Mutex<Vec<(bool, Vec<u8>)>>>;

struct Scripted {
    at: SocketAddr,
    seen: Seen,
    _task: JoinSet<()>,
}

impl Scripted {
    /// Does as the script says, a connection an item, and then says that all is well.
    async fn start(script: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let seen = Seen::default();
        let mut task = JoinSet::new();
        task.spawn(serve(listener, script, Arc::clone(&seen)));
        Self {
            at,
            seen,
            _task: task,
        }
    }

    /// Numbers that the requests held, in their order.
    fn seen(&self) -> Vec<[Vec<i64>; 2]> {
        let seen = self.seen.lock().unwrap();
        let read = |(is_traces, body): &(bool, Vec<u8>)| {
            let format = match is_traces {
                true => Format::TracesProtobuf,
                false => Format::LogsProtobuf,
            };
            numbers(&received(format, body))
        };
        seen.iter().map(read).collect()
    }
}

async fn serve(listener: TcpListener, script: Vec<Say>, seen: Seen) {
    let mut script = script.into_iter();
    let mut open = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let Some(request) = read_request(&mut stream).await else {
            continue;
        };
        seen.lock().unwrap().push(request);
        match script.next().unwrap_or(Say::Answer(OK)) {
            Say::Answer(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Say::Close => {}
            Say::Hang => open.push(stream),
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<(bool, Vec<u8>)> {
    let mut all = Vec::new();
    let head = loop {
        if let Some(at) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut all).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(all[..head].to_vec())
        .unwrap()
        .to_lowercase();
    let len = text
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    let len: usize = len.unwrap().parse().unwrap();
    while all.len() < head + len {
        if stream.read_buf(&mut all).await.ok()? == 0 {
            return None;
        }
    }
    let body = &all[head..];
    let is_traces = text.starts_with("post /v1/traces ");
    if text.contains("content-encoding: gzip") {
        let mut unpacked = Vec::new();
        let mut from = flate2::read::GzDecoder::new(body);
        std::io::Read::read_to_end(&mut from, &mut unpacked).unwrap();
        return Some((is_traces, unpacked));
    }
    Some((is_traces, body.to_vec()))
}

fn spans(n: i64) -> [Vec<i64>; 2] {
    [vec![n], vec![]]
}

fn logs(n: i64) -> [Vec<i64>; 2] {
    [vec![], vec![n]]
}

#[tokio::test]
async fn what_was_taken_of_a_batch_is_not_sent_again() {
    let busy = "HTTP/1.1 503 Busy\r\nretry-after: 2\r\ncontent-length: 0\r\n\
                connection: close\r\n\r\n";
    let many = "HTTP/1.1 429 Many\r\nretry-after: Thu, 01 Jan 1970 00:00:05 GMT\r\n\
                content-length: 0\r\nconnection: close\r\n\r\n";
    let server = Scripted::start(vec![Say::Answer(OK), Say::Answer(busy), Say::Answer(many)]).await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 1);
    // The spans are taken; the log record is not, twice. It is one second past the epoch.
    let step = exporter.step(1_000, 0).await.unwrap();
    assert_eq!(
        step,
        Step::Wait(Reason::Unavailable, Duration::from_secs(2))
    );
    let step = exporter.step(1_000, 0).await.unwrap();
    assert_eq!(step, Step::Wait(Reason::Throttled, Duration::from_secs(4)));
    assert_eq!(
        exporter.step(1_000, 0).await.unwrap(),
        Step::Done(cursor(1))
    );
    assert_eq!(server.seen(), [spans(1), logs(1), logs(1), logs(1)]);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_a_request_that_is_sent_again() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n\x0a\x02";
    let server = Scripted::start(vec![Say::Close, Say::Answer(half), Say::Hang]).await;
    let rig = Rig::new();
    let short = Endpoint {
        limits: SendLimits {
            request_ms_max: 300,
            ..SendLimits::default()
        },
        ..endpoint(server.at)
    };
    let mut exporter = rig.exporter(Sink::Http(Http::new(short).unwrap()), 1);
    let waits = drain(&mut exporter).await;
    assert_eq!(
        waits,
        [Reason::Unreachable, Reason::AnswerLost, Reason::TimedOut]
    );
    assert_eq!(
        server.seen(),
        [spans(1), spans(1), spans(1), spans(1), logs(1)]
    );
    assert_eq!(exporter.counts().delivered, 2);
}

#[tokio::test]
async fn what_is_refused_for_good_does_not_hold_the_rest_up() {
    let bad = "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let moved = "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\
                 connection: close\r\n\r\n";
    let server = Scripted::start(vec![Say::Answer(bad), Say::Answer(moved)]).await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 2);
    assert_eq!(drain(&mut exporter).await, []);
    assert_eq!(server.seen(), [spans(1), logs(1), spans(2), logs(2)]);
    let counts = exporter.counts();
    assert_eq!(counts.delivered, 2);
    assert_eq!(counts.set_aside[&Reason::Refused], 1);
    assert_eq!(counts.set_aside[&Reason::Redirected], 1);
    assert_eq!(rig.acknowledged(), [1, 2]);
}

#[tokio::test]
async fn what_a_receiver_says_it_did_not_keep_is_counted() {
    // `partial_success` of one rejected record, then an answer that is none.
    let partial = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n\
                   \x0a\x02\x08\x01";
    let page = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>";
    let server = Scripted::start(vec![Say::Answer(partial), Say::Answer(page)]).await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 1);
    assert_eq!(drain(&mut exporter).await, []);
    let counts = exporter.counts();
    assert_eq!((counts.delivered, counts.rejected), (1, 1));
}

#[tokio::test]
async fn a_batch_that_is_too_large_goes_in_pieces() {
    let large = "HTTP/1.1 413 Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let server = Scripted::start(vec![
        Say::Answer(large),
        Say::Answer(OK),
        Say::Answer(large),
        Say::Answer(large),
    ])
    .await;
    let rig = Rig::new();
    let limits = Limits {
        split_bytes_min: 1,
        ..one_by_one()
    };
    let mut of_four: Vec<Event> = (1..=4).flat_map(two_events).collect();
    of_four.retain(|event| event.kind == Kind::Log);
    let batches = VecDeque::from([(4, of_four)]);
    let mut exporter = rig.exporter_of(http(server.at), batches, limits);
    assert_eq!(drain(&mut exporter).await, []);
    let sent: Vec<Vec<i64>> = server.seen().into_iter().map(|[_, logs]| logs).collect();
    // Halves; of the second half its halves, of which the first is given up.
    let expected: [&[i64]; 5] = [&[1, 2, 3, 4], &[1, 2], &[3, 4], &[3], &[4]];
    assert_eq!(sent, expected);
    let counts = exporter.counts();
    assert_eq!(
        (counts.delivered, counts.set_aside[&Reason::TooLarge]),
        (3, 1)
    );
}

#[tokio::test]
async fn tries_end_where_somebody_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let rig = Rig::new();
    let limits = Limits {
        attempts_count_max: Some(3),
        ..one_by_one()
    };
    let mut exporter = rig.exporter_within(http(nobody), 1, limits);
    assert_eq!(drain(&mut exporter).await, [Reason::Unreachable; 4]);
    assert_eq!(exporter.counts().set_aside[&Reason::Unreachable], 2);
    let limits = Limits {
        attempts_ms_max: Some(5_000),
        ..one_by_one()
    };
    let rig = Rig::new();
    let mut exporter = rig.exporter_within(http(nobody), 1, limits);
    for now_unix_ms in [1_000, 3_000, 5_999] {
        let step = exporter.step(now_unix_ms, 0).await.unwrap();
        assert_eq!(step, Step::Wait(Reason::Unreachable, Duration::ZERO));
    }
    let step = exporter.step(6_000, 0).await.unwrap();
    // The spans are given up, and the log record is tried for the first time.
    assert_eq!(step, Step::Wait(Reason::Unreachable, Duration::ZERO));
    assert_eq!(exporter.counts().set_aside[&Reason::Unreachable], 1);
}

#[tokio::test]
async fn a_crash_before_the_cursor_is_stored_sends_again() {
    let server = Scripted::start(vec![
        Say::Answer(OK),
        Say::Answer(OK),
        Say::Answer(OK),
        Say::Hang,
    ])
    .await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 2);
    assert_eq!(
        exporter.step(1_000, 0).await.unwrap(),
        Step::Done(cursor(1))
    );
    // The second batch: its spans are taken, and the process ends before its log record is.
    let seen = Arc::clone(&server.seen);
    let four_seen = async move {
        while seen.lock().unwrap().len() < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        step = exporter.step(1_000, 0) => panic!("{step:?}"),
        () = four_seen => {}
    }
    drop(exporter);
    assert_eq!(rig.acknowledged(), [1]);
    assert_eq!(rig.stored(), Found::At(cursor(1)));
    let mut exporter = rig.exporter(http(server.at), 2);
    assert_eq!(drain(&mut exporter).await, []);
    let expected = [spans(1), logs(1), spans(2), logs(2), spans(2), logs(2)];
    assert_eq!(server.seen(), expected);
    assert_eq!(rig.acknowledged(), [1, 2]);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_stored_holds_the_source_and_sends_nothing_twice() {
    let server = Scripted::start(vec![]).await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 1);
    // A folder where the draft is to be written.
    std::fs::create_dir(rig.path("cursor.new")).unwrap();
    for _ in 0..2 {
        let step = exporter.step(1_000, 0).await;
        assert!(matches!(step, Err(Error::Cursor(_))), "{step:?}");
        assert!(rig.acknowledged().is_empty());
    }
    std::fs::remove_dir(rig.path("cursor.new")).unwrap();
    assert_eq!(
        exporter.step(1_000, 0).await.unwrap(),
        Step::Done(cursor(1))
    );
    assert_eq!(server.seen(), [spans(1), logs(1)]);
    assert_eq!(rig.acknowledged(), [1]);
}

#[tokio::test]
async fn it_runs_until_it_is_told_to_stop() {
    let server = Scripted::start(vec![Say::Close]).await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 2);
    let around = Surroundings {
        now_unix_ms: || 1_000,
        random: || 0,
    };
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut tell = {
        let told = Arc::clone(&told);
        move |step: &Result<Step, Error>| told.lock().unwrap().push(*step.as_ref().unwrap())
    };
    let all = {
        let told = Arc::clone(&told);
        async move {
            while told.lock().unwrap().len() < 3 {
                tokio::task::yield_now().await;
            }
        }
    };
    exporter.run(around, &mut tell, all).await.unwrap();
    let expected = [
        Step::Wait(Reason::Unreachable, Duration::ZERO),
        Step::Done(cursor(1)),
        Step::Done(cursor(2)),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_waits_goes_together() {
    let server = Scripted::start(vec![]).await;
    let rig = Rig::new();
    let limits = Limits {
        events_count_max: 5,
        ..Limits::default()
    };
    let mut exporter = rig.exporter_within(http(server.at), 4, limits);
    // The third batch goes beyond five events; the fourth waits.
    assert_eq!(
        exporter.step(1_000, 0).await.unwrap(),
        Step::Done(cursor(3))
    );
    assert_eq!(rig.acknowledged(), [3]);
    assert_eq!(drain(&mut exporter).await, []);
    let expected = [
        [vec![1, 2, 3], vec![]],
        [vec![], vec![1, 2, 3]],
        spans(4),
        logs(4),
    ];
    assert_eq!(server.seen(), expected);
}

/// What a receiver does with a request, for the model.
#[derive(Clone, Copy, Debug)]
enum Does {
    Takes,
    TakesAndLosesItsAnswer,
    TakesHalfAnAnswer,
    IsBusy,
    AsksForTime,
    IsGone,
}

impl Does {
    fn say(self) -> Say {
        match self {
            Self::Takes => Say::Answer(OK),
            Self::TakesAndLosesItsAnswer | Self::IsGone => Say::Close,
            Self::TakesHalfAnAnswer => {
                Say::Answer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\x0a")
            }
            Self::IsBusy => {
                Say::Answer("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            }
            Self::AsksForTime => Say::Answer(
                "HTTP/1.1 429 Many\r\nretry-after: 1\r\ncontent-length: 0\r\n\
                 connection: close\r\n\r\n",
            ),
        }
    }

    /// Whether the request has arrived for good.
    fn takes(self) -> bool {
        matches!(
            self,
            Self::Takes | Self::TakesAndLosesItsAnswer | Self::TakesHalfAnAnswer
        )
    }
}

fn script() -> impl Strategy<Value = Vec<Does>> {
    let does = prop_oneof![
        4 => Just(Does::Takes),
        1 => Just(Does::TakesAndLosesItsAnswer),
        1 => Just(Does::TakesHalfAnAnswer),
        1 => Just(Does::IsBusy),
        1 => Just(Does::AsksForTime),
        1 => Just(Does::IsGone),
    ];
    prop::collection::vec(does, 0..14)
}

/// Exports three batches under the script; the process ends after each of those steps and another
/// one goes on. Says what came of the requests, in their order.
async fn under(script: &[Does], ends: &[usize]) -> Vec<([Vec<i64>; 2], Does)> {
    let server = Scripted::start(script.iter().map(|does| does.say()).collect()).await;
    let rig = Rig::new();
    let mut exporter = rig.exporter(http(server.at), 3);
    for step in 0_usize.. {
        if ends.contains(&step) {
            exporter = rig.exporter(http(server.at), 3);
        }
        if exporter.step(1_000, 0).await.unwrap() == Step::Idle {
            break;
        }
        assert!(step < 100);
    }
    assert_eq!(rig.stored(), Found::At(cursor(3)));
    let does = script.iter().copied().chain(std::iter::repeat(Does::Takes));
    server.seen().into_iter().zip(does).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_lost_and_only_a_lost_answer_makes_twice(
        script in script(), ends in prop::collection::vec(0..12_usize, 0..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let requests = runtime.block_on(under(&script, &ends));
        for n in 1..=3 {
            for wanted in [spans(n), logs(n)] {
                let own = requests.iter().filter(|(request, _)| *request == wanted);
                let own: Vec<Does> = own.map(|(_, does)| *does).collect();
                let taken = own.iter().filter(|does| does.takes()).count();
                let answered = own.iter().filter(|does| matches!(does, Does::Takes)).count();
                // It is taken at least once; and once it was answered, only a process that ended
                // sends it again.
                prop_assert!(answered >= 1, "{:?}", own);
                prop_assert!(answered <= 1 + ends.len(), "{:?}", own);
                prop_assert!(taken >= answered);
                if ends.is_empty() {
                    prop_assert!(matches!(own.last(), Some(Does::Takes)));
                }
            }
        }
    }
}
