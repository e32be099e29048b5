//! Named limits of the model, unit last.

/// Deepest nesting of a value. A deeper one is refused at receive.
pub const VALUE_DEPTH_MAX: usize = 32;
/// Deepest nesting of a value that is read back from the journal: more than may have been written,
/// so that no acknowledged batch is lost for one value.
pub const STORED_DEPTH_MAX: usize = 192;
/// Attributes on one record, scope or resource. More are refused at receive.
pub const ATTRIBUTES_COUNT_MAX: usize = 1_024;
/// Longest single text value in bytes that is redacted; the rest of a longer one is masked.
pub const TEXT_BYTES_MAX: usize = 1 << 20;
/// Events in one batch.
pub const BATCH_EVENTS_MAX: usize = 65_536;
/// Longest tenant or region name in bytes.
pub const NAME_BYTES_MAX: usize = 63;
/// Longest that a sealed raw event is kept, seconds: its lifetime is chosen up to here.
pub const SEALED_RAW_S_MAX: u64 = 48 * 3_600;
/// Days after which, with the day of its receipt, nothing opens a sealed raw event any more,
/// wherever a copy of it is: no more than 72 hours after its receipt.
pub const SEALED_RAW_DAYS_MAX: u32 = 2;
/// Longest raw event in bytes that is sealed; of a longer one nothing is.
pub const SEALED_RAW_BYTES_MAX: usize = 256 << 10;
/// Raw events of one batch that are sealed: sealing takes longer than redacting.
pub const SEALED_RAW_BATCH_COUNT_MAX: usize = 256;
/// Bytes of raw events of one batch that are sealed: each of them has the batch's resource.
pub const SEALED_RAW_BATCH_BYTES_MAX: usize = 4 << 20;

/// Questions about one span that a sampling plan may ask: bits in its facts.
pub const FACT_BITS_COUNT_MAX: usize = 1_024;
/// Fields of which a sampling plan keeps digests.
pub const FACT_SLOTS_COUNT_MAX: usize = 64;
/// Distinct values of one field that a trace's key is made of; of more, those with the smallest
/// digests.
pub const FACT_SLOT_VALUES_MAX: usize = 8;
/// Seconds within which a request with the same bytes is one that was sent again.
pub const RESENT_WINDOW_S: u64 = 24 * 3_600;
