//! Our own listener as the receiver, over HTTP and gRPC.

use cordon_receive::{Admit, AdmitError, BoxFuture, Principal, Readiness, RequestBody, serve};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

/// Keeps what it admits; says that it is full as often as it is told.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) events: Mutex<Vec<Event>>,
    pub(super) full_count: Mutex<u32>,
}

impl Admit for Recorder {
    fn authenticate(&self, bearer: &str) -> Result<Option<Principal>, AdmitError> {
        Ok((bearer == token()).then(|| Principal {
            tenant: TenantId::parse("shop").unwrap(),
            region: Region::parse("eu").unwrap(),
        }))
    }

    fn admit<'a>(
        &'a self,
        _: &'a Principal,
        _: RequestBody<'a>,
        events: Raw<Vec<Event>>,
    ) -> BoxFuture<'a, Result<(), AdmitError>> {
        Box::pin(async move {
            let mut full_count = self.full_count.lock().unwrap();
            if *full_count > 0 {
                *full_count -= 1;
                return Err(AdmitError::Full { retry_after_s: 7 });
            }
            let events = events.expose_raw().iter().cloned();
            self.events.lock().unwrap().extend(events);
            Ok(())
        })
    }

    fn ready(&self) -> Readiness {
        Readiness::Ready
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

pub(super) fn token() -> String {
    ["crd", "test", "token"].join("-")
}

pub(super) struct Listener {
    pub(super) at: SocketAddr,
    pub(super) recorder: Arc<Recorder>,
    _task: JoinSet<Result<(), cordon_receive::Error>>,
}

impl Listener {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let recorder = Arc::new(Recorder::default());
        let admit: Arc<dyn Admit> = recorder.clone();
        let mut task = JoinSet::new();
        task.spawn(serve(
            vec![listener],
            admit,
            cordon_receive::Limits::default(),
            std::future::pending(),
        ));
        Self {
            at,
            recorder,
            _task: task,
        }
    }

    fn sinks(&self, gzip: bool) -> [Sink; 2] {
        let endpoint = |token: String| Endpoint {
            headers: vec![("authorization".to_owned(), Secret::new(token))],
            gzip,
            ..endpoint(self.at)
        };
        let bearer = format!("Bearer {}", token());
        [
            Sink::Http(Http::new(endpoint(bearer.clone())).unwrap()),
            Sink::Grpc(Grpc::new(endpoint(bearer)).unwrap()),
        ]
    }

    fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.recorder.events.lock().unwrap())
    }
}

#[tokio::test]
async fn what_is_exported_arrives_as_it_was() {
    let listener = Listener::start().await;
    for gzip in [true, false] {
        for sink in listener.sinks(gzip) {
            let rig = Rig::new();
            let mut exporter = rig.exporter(sink, 3);
            assert_eq!(drain(&mut exporter).await, []);
            let expected: Vec<Event> = (1..=3).flat_map(two_events).collect();
            assert_eq!(listener.events(), expected);
            assert_eq!(rig.acknowledged(), [1, 2, 3]);
            assert_eq!(rig.stored(), Found::At(cursor(3)));
            assert_eq!(exporter.counts().delivered, 6);
        }
    }
}

#[tokio::test]
async fn a_full_receiver_holds_the_source_back_and_loses_nothing() {
    let listener = Listener::start().await;
    for sink in listener.sinks(true) {
        let rig = Rig::new();
        let mut exporter = rig.exporter(sink, 2);
        *listener.recorder.full_count.lock().unwrap() = 2;
        for _ in 0..2 {
            let step = exporter.step(1_000, 500).await.unwrap();
            let Step::Wait(reason, pause) = step else {
                panic!("{step:?}")
            };
            assert!(matches!(reason, Reason::Unavailable | Reason::Throttled));
            // As long as it was told, and some more.
            assert_eq!(pause, std::time::Duration::from_millis(7_500));
            assert!(rig.acknowledged().is_empty());
            assert_eq!(rig.stored(), Found::Nothing);
        }
        assert_eq!(drain(&mut exporter).await, []);
        assert_eq!(numbers(&listener.events()), [vec![1, 2], vec![1, 2]]);
        assert_eq!(exporter.counts().failures.values().sum::<u64>(), 2);
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_and_nothing_is_tried_for_ever() {
    let listener = Listener::start().await;
    for sink in [http(listener.at), grpc(listener.at)] {
        let rig = Rig::new();
        let (aside, _) = Files::open(&rig.path("aside"), FileLimits::default()).unwrap();
        let mut exporter = rig.exporter(sink, 1).with_aside(aside);
        assert_eq!(drain(&mut exporter).await, []);
        assert_eq!(listener.events(), []);
        assert_eq!(exporter.counts().delivered, 0);
        assert_eq!(exporter.counts().set_aside[&Reason::Unauthorised], 2);
        drop(exporter);
        // What was refused for good is in files.
        let (_, recovered) = Files::open(&rig.path("aside"), FileLimits::default()).unwrap();
        assert_eq!((recovered.segments_count, recovered.cut_bytes), (1, 0));
        assert_eq!(
            numbers(&files::read(&rig.path("aside"))),
            [vec![1], vec![1]]
        );
    }
}
