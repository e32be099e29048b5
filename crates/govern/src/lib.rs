//! Who may see what, why, until when: grants, exposure caps, the k rule.
//!
//! The way of a question: [`Grant::authorise`] says whether this operator may ask for this tenant
//! and class at all, and gives the [`TenantScope`] that the store is read with; [`KRule::decide`]
//! says whether the group behind a pattern is large enough; [`Ladder`] picks the fullest answer
//! that the remaining exposure budget ([`Caps`]) pays for. Each refusal and degradation has a
//! stable reason code.
//!
//! **Architecture invariant:** pure. Time, remaining budget and counts are arguments; the ledger
//! keeps the state.
//!
//! **Architecture invariant:** class A has no name here ([`ExposedClass`]): nothing can be asked
//! for it, so nothing can grant it.

mod caps;
mod class;
mod grant;
mod k_rule;
mod ladder;
mod scope;

pub use caps::{Caps, ClassCaps, WINDOW_BUCKET_S, WINDOW_BUCKETS_COUNT};
pub use class::ExposedClass;
pub use grant::{AcrossGrant, Grant, Operator, OperatorError, Purpose, Reason, Request};
pub use k_rule::{KDecision, KRule, Reach};
pub use ladder::{Choice, Costs, Ladder, LadderReason, Rung};
pub use scope::{AcrossScope, TenantScope};
