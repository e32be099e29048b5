//! What an appender holds until its batch is durable.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::{Cursor, Error};

/// The journal's promise to answer: awaited, or waited for on a plain thread.
///
/// Dropping it does not take the batch back.
#[derive(Debug)]
#[must_use = "a batch is durable only once its ticket says so"]
pub struct Ticket(oneshot::Receiver<Result<Cursor, Error>>);

/// The journal's side of a ticket.
pub(crate) type Answer = oneshot::Sender<Result<Cursor, Error>>;

impl Ticket {
    pub(crate) fn new() -> (Answer, Self) {
        let (answer, ticket) = oneshot::channel();
        (answer, Self(ticket))
    }

    /// Blocks until the batch is durable, and says where it ends. Not for use inside an async
    /// task, where it would stall the runtime: await the ticket there.
    pub fn wait(self) -> Result<Cursor, Error> {
        self.0.blocking_recv().unwrap_or(Err(Error::Closed))
    }
}

impl Future for Ticket {
    type Output = Result<Cursor, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|answer| answer.unwrap_or(Err(Error::Closed)))
    }
}
