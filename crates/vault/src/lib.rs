//! Keys, sealing, token map: the only crate that sees key bytes.
//!
//! The way of a key: [`Vault::open`] reads the root key from its file (0600, or refused) and opens
//! `keys.db` beside it, which holds every other key wrapped. The root wraps one key a tenant; that
//! wraps one data key for each domain and day; a segment has a key of its own under the day's key;
//! a subject (one pseudonym) has a key of its own under the tenant's.
//!
//! ```text
//! root.key ─► tenant key (region, tenant, epoch) ─► data key (domain, day) ─► segment key
//!     │              ├─► pseudonym key (own epoch) ─► one a kind, by HKDF
//!     │              ├─► subject key (token) ─► value
//!     │              └─► canaries
//!     └─► signing key (Ed25519)
//! ```
//!
//! Raw events that are held back are sealed to two people as well (`approver`); their private keys
//! are read for the moment of opening, from files that are theirs.
//!
//! *Why random and wrapped:* a key derived from its parent cannot be destroyed while the parent
//! lives. HKDF only splits one key into its uses.
//!
//! **Architecture invariant:** no type here that holds key bytes has `Debug`, and key bytes never
//! leave this crate; other crates see [`cordon_redact::Sealer`], [`cordon_redact::Opener`] and
//! [`cordon_redact::PseudonymMac`].
//!
//! **Architecture invariant:** the day is an argument; this crate reads no clock. Key bytes and
//! nonces come from the operating system.

mod approver;
mod controls;
mod entropy;
mod envelope;
mod error;
mod file;
mod hint;
mod keys_db;
mod pseudonym;
mod record;
mod secret;
mod segment;
mod sign;
mod tenant;
#[cfg(test)]
mod tests;
mod token_map;
mod vault;

pub use approver::{APPROVER_PREFIX, Approver, ApproverKey, ApproverSealer};
pub use controls::{CONTROLS_COUNT_MAX, Canary, Control, ControlRow, Controls};
pub use error::Error;
pub use pseudonym::{EphemeralMac, ephemeral_mac};
pub use record::{Domain, RecordKey};
pub use secret::{equal_constant_time, random_bytes};
pub use segment::{FRAMES_COUNT_MAX, SegmentOpener, SegmentSealer};
pub use sign::{PublicKey, verify};
pub use tenant::TenantKeys;
pub use token_map::TokenMap;
pub use vault::Vault;
