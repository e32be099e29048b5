//! Named limits of the listeners, unit last.
//!
//! **Memory bound.** Body, inflated body and decoded events of every request in flight are
//! charged to one ledger before they are allocated, so that together they stay under
//! [`Limits::in_flight_bytes_max`]; to this come the connections' own buffers, at most
//! [`Limits::connections_max`] times about 128 KiB, and what [`crate::Admit`] makes of the events.

use std::time::Duration;

use cordon_event::limits::BATCH_EVENTS_MAX;

/// Deepest nesting of a JSON document in OTLP. A value nested 32 deep takes four levels of JSON
/// for each of its own, plus the levels of request, resource, scope and record.
pub(crate) const JSON_DEPTH_MAX: usize = 160;
/// A body that inflates to less than this is never refused for its ratio.
pub(crate) const RATIO_FLOOR_BYTES: usize = 1 << 20;

/// What a listener takes before it refuses.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one request's body as sent.
    pub body_bytes_max: usize,
    /// Bytes of one request's body after decompression.
    pub inflated_bytes_max: usize,
    /// Bytes that one compressed byte may become; bodies that inflate to at most 1 MiB are free.
    pub inflate_ratio_max: usize,
    /// Estimated bytes of memory that one request's decoded events take.
    pub decoded_bytes_max: usize,
    /// Events in one request.
    pub events_count_max: usize,
    /// Bytes of all requests in flight together. Over it, the answer is 503.
    pub in_flight_bytes_max: usize,
    /// Bytes of the requests of one tenant together; the rest stays for others. One of the largest
    /// kind fits: its body, that decompressed, and what it decodes to.
    pub tenant_in_flight_bytes_max: usize,
    /// Connections open at once, in equal shares of the listeners; further ones wait in their
    /// listener's backlog.
    pub connections_max: usize,
    /// Time for a request's header, and for a connection's first request.
    pub header_timeout: Duration,
    /// Time that a connection may stay without a request, from its latest one's answer on; then
    /// it is asked to close, and closed. Longer than the minute between a sender's metrics.
    pub connection_idle_timeout: Duration,
    /// Time between two pieces of a body.
    pub body_idle_timeout: Duration,
    /// Time for a whole body.
    pub body_timeout: Duration,
    /// Time that open requests get to finish at shutdown.
    pub drain_timeout: Duration,
    /// Time at shutdown in which a connection without a request under way stays open, so that one
    /// that its sender has begun to send is answered and not reset.
    pub linger_timeout: Duration,
    /// Items of one Sentry envelope; further ones are counted and left out.
    pub envelope_items_count_max: usize,
    /// Bytes of one item that is parsed: Sentry's own limit of an event.
    pub envelope_item_bytes_max: usize,
    /// Bytes of an envelope whose sender names itself within it alone, as sent and decompressed:
    /// it is read before anybody is known.
    pub unnamed_body_bytes_max: usize,
    /// Bytes of all requests together of which nobody knows yet whose they are.
    pub unnamed_in_flight_bytes_max: usize,
    /// Bytes of all minidumps together, with what is read of them: the rest of the bytes in flight
    /// stays for telemetry while they wait for their turn. One of full size fits.
    pub minidump_in_flight_bytes_max: usize,
    /// Bytes of an upload with a minidump, as sent.
    pub minidump_body_bytes_max: usize,
    /// Bytes of a minidump, decompressed.
    pub minidump_bytes_max: usize,
    /// Seconds after which a sender that was told to wait may try again.
    pub retry_after_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 16 << 20,
            inflated_bytes_max: 32 << 20,
            inflate_ratio_max: 200,
            decoded_bytes_max: 96 << 20,
            events_count_max: BATCH_EVENTS_MAX,
            in_flight_bytes_max: 160 << 20,
            tenant_in_flight_bytes_max: 144 << 20,
            connections_max: 1_024,
            header_timeout: Duration::from_secs(20),
            connection_idle_timeout: Duration::from_secs(75),
            body_idle_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_mins(1),
            drain_timeout: Duration::from_secs(10),
            linger_timeout: Duration::from_millis(300),
            envelope_items_count_max: 1_000,
            envelope_item_bytes_max: 1 << 20,
            unnamed_body_bytes_max: 1 << 20,
            unnamed_in_flight_bytes_max: 16 << 20,
            minidump_in_flight_bytes_max: 112 << 20,
            minidump_body_bytes_max: 20 << 20,
            minidump_bytes_max: 40 << 20,
            retry_after_s: 2,
        }
    }
}
