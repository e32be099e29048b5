//! Per-tenant retrieval: BM25 over code-aware tokens fused with hashed character n-grams.
//!
//! The way of the data: [`TenantIndex::build`] takes one tenant's clean documents, splits them
//! into [`tokens`](mod@tokens) and [`grams`](mod@grams), and counts. [`TenantIndex::search`] ranks
//! the documents by either, and fuses the two rankings by reciprocal rank.
//!
//! **Architecture invariant:** one index, one tenant. Statistics (document frequencies, lengths)
//! belong to an index and are shared with no other, so that no answer tells of another tenant.
//!
//! **Architecture invariant:** only [`Clean`](cordon_redact::Clean) text goes in, as document or
//! as question.
//!
//! Do not use it where the exact document is known by id, or for more than some 10⁵ documents: a
//! search scans all of them.
//!
//! *Complexity:* building is linear in the text; a search is linear in the documents that share a
//! token or an n-gram with the question.

mod bm25;
mod fuse;
pub mod grams;
mod search;
mod synonyms;
pub mod tokens;

pub use search::{Hit, TenantIndex};
