//! The journal of decisions.
//!
//! *Why a journal:* it is synced, sealed for each tenant, torn writes and damage cost the frame
//! they hit, and a destroyed key takes what was decided about a tenant's traces along.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use cordon_event::TenantId;
use cordon_journal::{Cursor, Error, Journal, KeyError, Limits, SegmentKeys};
use cordon_redact::Clean;

use crate::limits::{LOG_RECORDS_MAX, LOG_SEGMENT_BYTES_MAX, LOG_SEGMENTS_COUNT};
use crate::record::Record;

const NS_PER_MS: u64 = 1_000_000;
const MS_PER_DAY: u64 = 86_400_000;

pub(crate) struct Log {
    journal: Journal,
    keys: Arc<dyn SegmentKeys>,
    /// Segments, each with the last frame whose release needs it.
    segments: VecDeque<(u64, Cursor)>,
}

impl Log {
    pub(crate) fn open(dir: &Path, keys: Arc<dyn SegmentKeys>) -> Result<Self, Error> {
        let limits = Limits {
            segment_bytes_max: LOG_SEGMENT_BYTES_MAX,
            // The events' journal has the reserve; without it no decision is due.
            reserve_bytes: 0,
            ..Limits::default()
        };
        let start = Cursor::default();
        let (journal, _) = Journal::open(dir, Arc::clone(&keys), limits, start)?;
        Ok(Self {
            journal,
            keys,
            segments: VecDeque::new(),
        })
    }

    /// Reads what was decided before, in its order.
    pub(crate) fn read(&mut self, take: &mut dyn FnMut(&TenantId, Record)) -> Result<(), Error> {
        let mut reader = self.journal.reader(Cursor::default());
        while let Some((cursor, tenant, bytes)) = reader.next_encoded()? {
            let mut rest = bytes.get().as_slice();
            let mut needed = Cursor::default();
            while let Some(record) = Record::read(&mut rest) {
                needed = needed.max(record.needed_until());
                take(&tenant, record);
            }
            self.wrote(cursor, needed);
        }
        Ok(())
    }

    /// Returns once all of it is durable. What was written before an error may be written again.
    pub(crate) fn write<'r>(
        &mut self,
        all: impl IntoIterator<Item = (&'r TenantId, &'r [Record])>,
        now_unix_ms: u64,
    ) -> Result<(), Error> {
        let now_unix_ns = now_unix_ms.saturating_mul(NS_PER_MS);
        let mut tickets = Vec::new();
        for (tenant, records) in all {
            for some in records.chunks(LOG_RECORDS_MAX) {
                let mut bytes = Vec::new();
                for record in some {
                    record.write(&mut bytes);
                }
                let needed = some.iter().map(Record::needed_until).max();
                let bytes = Clean::technical(bytes);
                let ticket = self.journal.append_encoded(tenant, now_unix_ns, bytes)?;
                tickets.push((tenant, needed.unwrap_or_default(), ticket));
            }
        }
        for (tenant, needed, ticket) in tickets {
            match ticket.wait() {
                Ok(cursor) => self.wrote(cursor, needed),
                // Whoever was erased has no frames that could be released.
                Err(Error::Key) if self.is_gone(tenant, now_unix_ms) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn is_gone(&self, tenant: &TenantId, now_unix_ms: u64) -> bool {
        let day = u32::try_from(now_unix_ms / MS_PER_DAY).unwrap_or(u32::MAX);
        matches!(self.keys.fresh(tenant, day), Err(KeyError::Gone))
    }

    fn wrote(&mut self, cursor: Cursor, needed: Cursor) {
        match self.segments.back_mut() {
            Some((segment, until)) if *segment == cursor.segment => *until = needed.max(*until),
            _ => self.segments.push_back((cursor.segment, needed)),
        }
    }

    /// Whether the oldest segment may go, where the slowest reader is there: what of it is to
    /// stay has to be written again first.
    pub(crate) fn is_due(&self, slowest: Cursor) -> bool {
        let front = self.segments.front();
        let is_past = front.is_some_and(|(_, needed)| *needed <= slowest);
        is_past && self.segments.len() > LOG_SEGMENTS_COUNT
    }

    /// Lets the oldest segment go.
    pub(crate) fn trim(&mut self) {
        self.segments.pop_front();
        if let Some((segment, _)) = self.segments.front() {
            let before = Cursor {
                segment: *segment,
                offset: 0,
            };
            // What cannot be deleted now is deleted with the next one.
            let _ = self.journal.trim(before);
        }
    }
}
