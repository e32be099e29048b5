//! The war room: its page, and the API behind it.
//!
//! The way of a visit: a new connection is looked at before a byte of it is read ([`Handover`]).
//! `GET /` and the assets are answered by the serving process ([`router`]). `POST /api/…` is handed
//! over, socket and all, to a process that lives for that one request ([`answer_one`]): it checks
//! Host, Origin and the session, redacts what came again, goes through the gates of
//! [`cordon_assist`], streams the answer and ends. What people share is ciphertext ([`Shares`]).
//!
//! **Architecture invariant:** the serving process reads no byte of a request to the API beyond
//! what says that it is one (docs/decisions/0022).
//!
//! **Architecture invariant:** nothing of a request or an answer is stored or logged; refusals are
//! constant text.
//!
//! **Architecture invariant:** this crate knows no configuration, clock or command line; what is
//! behind is the trait [`Office`].

mod answering;
mod api;
mod assets;
mod export;
mod handover;
mod names;
mod office;
mod page;
mod refusal;
mod share;
mod share_api;
mod wire;
mod worker;

pub use assets::Assets;
pub use export::{ExportError, export};
pub use handover::{ANALYSES_COUNT_MAX, Handover, SHARES_COUNT_MAX};
pub use names::Names;
pub use office::{Desk, Office, OfficeError};
pub use page::{closing, router};
pub use refusal::Refusal;
pub use share::{ShareError, Shares};
pub use worker::{answer_one, confine};
