//! An answer that is written while it is made: one JSON object a line.
//!
//! The work goes on only as its pieces are asked for, so an answer that nobody reads any more ends
//! with its connection.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use http_body::Frame;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::Refusal;

/// How an answer ends.
pub(crate) enum Last {
    /// With its receipt.
    Receipt(Json),
    /// Refused: before the first piece it is the answer's status.
    Refused(Refusal),
}

impl Last {
    fn line(&self) -> Bytes {
        let line = match self {
            Self::Receipt(receipt) => json!({ "receipt": receipt }),
            Self::Refused(refusal) => {
                json!({ "error": { "code": refusal.code, "text": refusal.text } })
            }
        };
        Bytes::from(format!("{line}\n"))
    }
}

/// What makes an answer.
pub(crate) type Work = Pin<Box<dyn Future<Output = Last> + Send>>;

/// Where the work puts its pieces. They are as many as an answer has parts, so it needs no bound
/// of its own.
pub(crate) type Pieces = UnboundedSender<Bytes>;

/// A piece as its line.
pub(crate) fn piece(text: &str) -> Bytes {
    Bytes::from(format!("{}\n", json!({ "piece": text })))
}

struct Answering {
    pieces: UnboundedReceiver<Bytes>,
    work: Option<Work>,
    rest: VecDeque<Bytes>,
}

impl Answering {
    fn begin(work: impl FnOnce(Pieces) -> Work) -> Self {
        let (sender, pieces) = unbounded_channel();
        Self {
            pieces,
            work: Some(work(sender)),
            rest: VecDeque::new(),
        }
    }

    /// Goes on until there is a piece or an end; tells the end.
    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<Option<Last>> {
        let Some(work) = &mut self.work else {
            return Poll::Ready(None);
        };
        match work.as_mut().poll(cx) {
            Poll::Ready(last) => {
                self.work = None;
                Poll::Ready(Some(last))
            }
            Poll::Pending if self.pieces.is_empty() => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        }
    }

    fn end(&mut self, last: &Last) {
        while let Ok(piece) = self.pieces.try_recv() {
            self.rest.push_back(piece);
        }
        self.rest.push_back(last.line());
    }
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let frame = |piece| Poll::Ready(Some(Ok(Frame::data(piece))));
        if let Ok(piece) = this.pieces.try_recv() {
            return frame(piece);
        }
        if this.work.is_some() {
            match this.go_on(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(last)) => this.end(&last),
                Poll::Ready(None) => {}
            }
        }
        match this.pieces.try_recv() {
            Ok(piece) => frame(piece),
            Err(_) => this.rest.pop_front().map_or(Poll::Ready(None), frame),
        }
    }
}

/// The answer that the work makes: a refusal where that is all it comes to, else its lines.
pub(crate) async fn answer(work: impl FnOnce(Pieces) -> Work) -> Response<Body> {
    let mut answering = Answering::begin(work);
    let last = poll_fn(|cx| answering.go_on(cx)).await;
    match last {
        Some(Last::Refused(refusal)) if answering.pieces.is_empty() => return refusal.answer(),
        Some(last) => answering.end(&last),
        None => {}
    }
    let mut answer = Response::new(Body::new(answering));
    let kind = HeaderValue::from_static("application/x-ndjson");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    /// Status and lines of an answer of these pieces and this end, with and without a pause.
    async fn check(texts: &'static [&'static str], last: fn() -> Last) -> (u16, String) {
        let mut told = Vec::new();
        for pauses in [false, true] {
            let work = move |pieces: Pieces| -> Work {
                Box::pin(async move {
                    for text in texts {
                        pieces.send(piece(text)).unwrap();
                        if pauses {
                            tokio::task::yield_now().await;
                        }
                    }
                    last()
                })
            };
            let answer = answer(work).await;
            let status = answer.status().as_u16();
            let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
            told.push((status, String::from_utf8(body.to_vec()).unwrap()));
        }
        assert_eq!(told[0], told[1], "a pause changes nothing");
        told.swap_remove(0)
    }

    #[tokio::test]
    async fn pieces_come_in_order_and_the_receipt_last() {
        let (status, body) = check(&["a\n", "b"], || Last::Receipt(json!({ "seq": 7 }))).await;
        let lines = "{\"piece\":\"a\\n\"}\n{\"piece\":\"b\"}\n{\"receipt\":{\"seq\":7}}\n";
        assert_eq!((status, body.as_str()), (200, lines));
        let (_, body) = check(&[], || Last::Receipt(json!({}))).await;
        assert_eq!(body, "{\"receipt\":{}}\n");
    }

    #[tokio::test]
    async fn a_refusal_before_the_first_piece_is_the_status_and_after_it_the_last_line() {
        let refused = || Last::Refused(Refusal::gate("budget_operator_cap"));
        let (status, body) = check(&[], refused).await;
        assert!(status == 403 && body.contains("budget_operator_cap"));
        let (status, body) = check(&["a"], refused).await;
        assert!(status == 200 && body.ends_with("\"}}\n") && body.contains("error"));
    }
}
