//! Sealed store of exemplars, groups and counts, with expiry.
//!
//! The way of the data: [`Store::apply`] takes a batch from the journal and, in one transaction,
//! counts it, groups its events, keeps bounded exemplars of each group and moves the cursor.
//! Queries take a [`cordon_govern::TenantScope`] and give back `Clean` data. [`Store::expire`]
//! deletes what is past its time and says which days' keys are no longer needed.
//!
//! **Architecture invariant:** text is stored sealed, under a key of its tenant, domain and day,
//! bound to its row. In clear stand numbers, times, ids of ours and reason codes.
//!
//! **Architecture invariant:** what crosses tenants takes a [`cordon_govern::AcrossScope`] and
//! comes out in one place (`feature::across`), behind the k rule.
//!
//! **Architecture invariant:** no query without a scope, and no scope without a grant:
//!
//! ```compile_fail,E0061
//! fn anybody(store: &cordon_store::Store) {
//!     let counts = store.accounting();
//! }
//! ```
//! ```compile_fail,E0308
//! fn anybody(store: &cordon_store::Store, tenant: &cordon_event::TenantId) {
//!     let rows = store.quarantine(tenant, 10);
//! }
//! ```
//!
//! **Architecture invariant:** an entry is counted exactly once:
//! received + brought back = kept + exemplars evicted + expired + quarantined + dropped + run again
//! + duplicate + sampled out + rolled up.

mod account;
mod apply;
mod changes;
mod error;
mod expire;
mod feature;
mod flagged;
mod keys;
mod limits;
mod pending;
mod quarantine;
mod query;
mod rollup;
mod sampled;
mod schema;
mod subject;
mod text;

#[cfg(test)]
mod across_tests;
#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod feature_tests;
#[cfg(test)]
mod pipeline_tests;
#[cfg(test)]
mod quarantine_tests;
#[cfg(test)]
mod tenant_tests;
#[cfg(test)]
mod tests;

pub use account::Accounting;
pub use apply::Applied;
pub use changes::StoredChange;
pub use error::Error;
pub use expire::Expired;
pub use feature::across::{AcrossRow, AcrossRows};
pub use feature::around::{Around, GroupAround, Moment, Side};
pub use feature::together::Together;
pub use feature::value::{Dimension, Features, FirstSeen, Tally, Value};
pub use flagged::Flagged;
pub use keys::{Domain, RecordKeys};
pub use limits::{
    ACROSS_COUNT_MAX, ACROSS_GROUPS_COUNT_MAX, BUCKET_S, CHANGES_COUNT_MAX, DEDUPE_WINDOW_S,
    EXEMPLARS_FIRST_MAX, EXEMPLARS_RECENT_MAX, GROUP_OTHER, GROUP_UNCLASSIFIED, GROUPS_COUNT_MAX,
    OCCASION_GROUPS_COUNT_MAX, PAIR_SUPPORT_MIN, PAIRS_COUNT_MAX, QUARANTINE_COUNT_MAX,
    RELEASES_COUNT_MAX, ROWS_COUNT_MAX, SEALED_RAW_COUNT_MAX, SUBJECTS_COUNT_MAX,
    TENANT_COMPONENTS_COUNT_MAX, TENANT_RELEASES_COUNT_MAX, VALUE_SUBJECTS_COUNT_MAX,
    VALUES_COUNT_MAX,
};
pub use quarantine::{DropReason, HeldRow, Leaves};
pub use query::{GroupRow, Rows, StoredEvent, Window};
pub use rollup::query::{SeriesNumbers, SeriesRow};
pub use rollup::text::SeriesText;
pub use rollup::{MINUTE_S, SERIES_COUNT_MAX, STREAMS_COUNT_MAX};
pub use sampled::{Back, Sampled};
pub use schema::Store;
pub use subject::Subjects;
pub use text::{GroupKind, GroupText, Grouping, Held, ReleaseSeen};
