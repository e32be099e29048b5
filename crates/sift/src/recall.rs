//! What earlier processes decided.

use cordon_journal::Cursor;
use cordon_sample::{Code, Verdict};

use crate::error::Error;
use crate::folder::Folder;
use crate::record::Record;
use crate::state::{Key, Return, Told};
use crate::tenant::{Dropped, Extent};

impl Folder {
    /// Reads all of it.
    pub(crate) fn load(&mut self, now_unix_ms: u64) -> Result<(), Error> {
        let mut records = Vec::new();
        self.log
            .read(&mut |tenant, record| records.push((tenant.clone(), record)))
            .map_err(Error::Decisions)?;
        for (tenant, record) in records {
            let number = self.number(&tenant);
            self.recall(number, record, now_unix_ms);
        }
        Ok(())
    }

    /// Takes a record of an earlier process.
    fn recall(&mut self, number: u32, record: Record, now_unix_ms: u64) {
        match record {
            Record::Known { fingerprint, frame } => self.known.load(number, fingerprint, frame),
            Record::Repeated { frame } => {
                if frame > self.resumed {
                    self.repeated.insert(frame);
                }
            }
            Record::Decided {
                trace,
                verdict,
                plan,
                at_unix_ms,
                first,
                until,
            } => {
                // Late spans may have come behind.
                let last = until.max(self.resumed);
                let extent = Extent { first, last };
                self.recall_verdict((number, trace), verdict, plan, at_unix_ms, until, None);
                if let Some(tenant) = self.tenants.get_mut(&number)
                    && !verdict.keep
                    && at_unix_ms.saturating_add(tenant.plan.late_error_grace_ms()) >= now_unix_ms
                {
                    let dropped = Dropped {
                        extent,
                        verdict,
                        at_unix_ms,
                    };
                    tenant.remember_dropped(trace, dropped);
                }
            }
            Record::Upgraded {
                trace,
                verdict,
                was,
                plan,
                at_unix_ms,
                frame,
                first,
                upto,
            } => {
                let earlier = Some((was, upto));
                let key = (number, trace);
                self.recall_verdict(key, verdict, plan, at_unix_ms, frame, earlier);
                if let Some(tenant) = self.tenants.get(&number)
                    && frame > self.resumed
                {
                    let ruling = tenant.ruling(verdict);
                    let back = Return {
                        trace,
                        ruling,
                        first,
                        upto,
                    };
                    self.told.push(Told::Return(frame, back));
                }
            }
        }
    }

    fn recall_verdict(
        &mut self,
        key: Key,
        mut verdict: Verdict,
        plan: [u8; 8],
        at_unix_ms: u64,
        until: Cursor,
        earlier: Option<(Verdict, Cursor)>,
    ) {
        let Some(tenant) = self.tenants.get_mut(&key.0) else {
            return;
        };
        if tenant.plan.digest() != plan {
            // The number of a name is the other plan's.
            verdict.reason.name = None;
        }
        // Of a trace without spans nothing is remembered: spans that come are its first.
        if verdict.reason.code != Code::NoSpans {
            // Nothing waits yet.
            let _none = tenant.sampler.remember(key.1, verdict, at_unix_ms);
        }
        if until > self.resumed {
            let ruling = tenant.ruling(verdict);
            self.told.push(match earlier {
                Some(was) => Told::Upgrade(key, ruling, until, was),
                None => Told::Set(key, ruling, until),
            });
        }
    }
}
