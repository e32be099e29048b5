//! A clean event becomes a failing test; shrinking against an oracle.
//!
//! The way of the data: [`plan`] reads the failing call from a clean event (function, arguments,
//! flags, environment, clock, seed, and the exception or expectation), putting synthetic values in
//! the place of pseudonyms; [`reproduce`] asks an oracle (a sandbox, elsewhere) whether the test
//! fails for the recorded reason, three times of three, then puts stand-ins in the place of the
//! texts that the failure does not need, shrinks the input and lifts it to a property;
//! [`render`] writes one pytest file.
//!
//! **Architecture invariant:** what goes into a test is derived from [`Clean`] data by function
//! pointers and from the oracle's verdicts, which are numbers; so a generated test is `Clean`.
//!
//! **Architecture invariant:** an event is written by whoever can send telemetry. Every name and
//! expression that becomes code is parsed against an allow-list ([`Refusal`] otherwise), every
//! other value becomes a literal. What is called must be written under the source: [`Plan::within`]
//! asks before anything runs, and the test asks again wherever it is run.
//!
//! When not to use: for a function whose state lives in a database or another service; the event
//! does not carry it, and [`Outcome`] will say that nothing was reproduced.
//!
//! [`Clean`]: cordon_redact::Clean

mod arguments;
mod environment;
mod expectation;
pub mod limits;
mod plan;
mod property;
mod python;
mod render;
mod reproduce;
mod shrink;
mod synthetic;
mod trace;
mod veil;

pub use plan::{Failure, Plan, Refusal, name_after, plan, unverified};
pub use render::render;
pub use reproduce::{Observation, Outcome, Reproduction, reproduce};
pub use shrink::{Oracle, shrink};
