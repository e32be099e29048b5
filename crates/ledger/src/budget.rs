//! Exposure budgets: reserve, then settle or refund.
//!
//! *Invariants:* the check and the charge are one transaction, together with the intent entry.
//! What is open counts as spent. A reservation is closed once. One idempotency id is charged once.

use cordon_event::TenantId;
use cordon_govern::{
    ExposedClass, Grant, Operator, Purpose, Reason, Request, WINDOW_BUCKET_S, WINDOW_BUCKETS_COUNT,
};
use cordon_redact::Clean;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::entry::{Action, Entry, Outcome};
use crate::ledger::Work;
use crate::{AuditReceipt, Error, Ledger, Released};

/// Decision of an entry that reserved.
pub(crate) const RESERVED: &str = "reserved";

/// What is to be released at most.
#[derive(Clone, Debug)]
pub struct Charge {
    /// Names the request: a second one with the same id is refused, and charged nothing.
    pub id: [u8; 16],
    /// Of whom.
    pub tenant: TenantId,
    /// Which class.
    pub class: ExposedClass,
    /// For what.
    pub purpose: Purpose,
    /// How.
    pub action: Action,
    /// Upper bound in bytes.
    pub bytes_max: u64,
    /// Now, seconds since the Unix epoch.
    pub now_unix_s: u64,
}

/// Why a reservation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// There is no grant: absence is a denial.
    NoGrant,
    /// The grant does not allow it.
    Grant(Reason),
    /// The operator's cap for this tenant and class does not hold it.
    OperatorCap,
    /// The tenant's cap for this class does not hold it.
    TenantCap,
    /// The idempotency id was used before.
    Repeated,
    /// The tenant has as many open sessions as it may have.
    SessionsFull,
    /// Nobody takes their own grant back: a tenant would be left without an operator.
    OwnGrant,
}

impl RefusalReason {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoGrant => "grant_missing",
            Self::Grant(reason) => reason.code(),
            Self::OperatorCap => "budget_operator_cap",
            Self::TenantCap => "budget_tenant_cap",
            Self::Repeated => "budget_repeated_request",
            Self::SessionsFull => "sessions_full",
            Self::OwnGrant => "grant_own",
        }
    }
}

/// A refused reservation. Its audit entry is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: RefusalReason,
    /// Bytes that could be reserved instead; zero when the grant refuses.
    pub remaining_bytes: u64,
    /// Number of its audit entry.
    pub seq: u64,
}

/// Budget taken and not yet accounted for. Dropping it leaves it spent.
///
/// It is closed once, so there is no second one of it:
///
/// ```compile_fail,E0599
/// fn twice(held: cordon_ledger::Reservation) {
///     let copy = held.clone();
/// }
/// ```
#[must_use = "an unsettled reservation counts as spent"]
#[derive(Debug)]
pub struct Reservation {
    id: [u8; 16],
    operator: Operator,
    tenant: TenantId,
    class: ExposedClass,
    action: Action,
    bytes: u64,
    bucket: u64,
    seq: u64,
}

impl Reservation {
    /// Bytes reserved.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Number of the intent entry.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Turns it into a stream of at most the reserved bytes.
    pub fn into_stream(self) -> Stream {
        Stream {
            reservation: self,
            used: 0,
            digest: Sha256::new(),
        }
    }
}

/// A stream under way: its intent, with the maximum charge, is durable.
#[must_use = "an unfinished stream counts as spent"]
pub struct Stream {
    reservation: Reservation,
    used: u64,
    digest: Sha256,
}

impl Stream {
    /// Releases the next part; [`Error::StreamExhausted`] when the reservation does not pay for it.
    pub fn release<T: AsRef<[u8]>>(&mut self, part: Clean<T>) -> Result<Released<T>, Error> {
        let bytes = part.get().as_ref();
        let used = self.used.saturating_add(bytes.len() as u64);
        if used > self.reservation.bytes {
            return Err(Error::StreamExhausted);
        }
        self.used = used;
        self.digest.update(bytes);
        Ok(Released::of_stream(part, self.reservation.seq))
    }
}

impl Ledger {
    /// Charges the maximum and writes the intent entry in one transaction; or refuses, and writes
    /// that. The outer error means that nothing may be released.
    pub fn reserve(
        &self,
        grant: &Grant,
        charge: &Charge,
    ) -> Result<Result<Reservation, Refusal>, Error> {
        let reserved = self.reserve_all(grant, [charge])?;
        Ok(reserved.map(|[reservation]| reservation))
    }

    /// As [`Ledger::reserve`], for releases of which each needs the others: all are charged, or
    /// none is and the first that does not fit is refused.
    pub fn reserve_all<const N: usize>(
        &self,
        grant: &Grant,
        charges: [&Charge; N],
    ) -> Result<Result<[Reservation; N], Refusal>, Error> {
        let reserved = self.reserve_each(grant, &charges)?;
        // One was taken for each charge.
        let all = |taken: Vec<_>| taken.try_into().map_err(|_| Error::Closed);
        match reserved {
            Ok(taken) => all(taken).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// As [`Ledger::reserve_all`], for as many as there are.
    pub fn reserve_each(
        &self,
        grant: &Grant,
        charges: &[&Charge],
    ) -> Result<Result<Vec<Reservation>, Refusal>, Error> {
        self.work(|work| {
            let latest = charges.iter().map(|charge| charge.now_unix_s).max();
            let now_unix_s = work.advance_clock(latest.unwrap_or_default())?;
            for (at, charge) in charges.iter().enumerate() {
                // What goes before it is not taken yet, so it is asked for with it.
                let before = charges.iter().take(at);
                let alike = before.filter(|c| c.tenant == charge.tenant && c.class == charge.class);
                let bytes_before = alike.map(|c| c.bytes_max).fold(0, u64::saturating_add);
                let verdict = self.judge(&work.txn, grant, charge, bytes_before, now_unix_s)?;
                if let Err((reason, remaining_bytes)) = verdict {
                    let entry = intent(grant, charge, reason.code(), 0, now_unix_s);
                    let seq = work.append(&entry)?;
                    return Ok(Err(Refusal {
                        reason,
                        remaining_bytes,
                        seq,
                    }));
                }
            }
            let mut taken = Vec::new();
            for charge in charges {
                let entry = intent(grant, charge, RESERVED, charge.bytes_max, now_unix_s);
                let reservation = Reservation {
                    id: charge.id,
                    operator: grant.operator().clone(),
                    tenant: charge.tenant.clone(),
                    class: charge.class,
                    action: charge.action,
                    bytes: charge.bytes_max,
                    bucket: now_unix_s / WINDOW_BUCKET_S,
                    seq: work.append(&entry)?,
                };
                take(&work.txn, &reservation)?;
                taken.push(reservation);
            }
            Ok(Ok(taken))
        })
    }

    /// Bytes that the operator could reserve now for this tenant and class.
    pub fn remaining_bytes(
        &self,
        operator: &Operator,
        tenant: &TenantId,
        class: ExposedClass,
        now_unix_s: u64,
    ) -> Result<u64, Error> {
        self.work(|work| {
            let now = work.advance_clock(now_unix_s)?;
            let (own, all) = self.left(&work.txn, operator, tenant, class, now)?;
            Ok(own.min(all))
        })
    }

    /// Writes the outcome, gives back what was not used, and hands out the receipt for the content.
    ///
    /// [`Error::OverReserved`] when more was used: the content must not be released, and the
    /// reservation stays spent.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the reservation closes it once"
    )]
    pub fn settle(
        &self,
        reservation: Reservation,
        actual_bytes: u64,
        outcome: &Outcome,
    ) -> Result<AuditReceipt, Error> {
        let Some(unused) = reservation.bytes.checked_sub(actual_bytes) else {
            return Err(Error::OverReserved);
        };
        let seq = self.work(|work| close(work, &reservation, unused, outcome, true))?;
        Ok(AuditReceipt::new(seq, outcome.digest))
    }

    /// Gives back `bytes` of a reservation whose release did not happen, and closes it.
    ///
    /// [`Error::RefundTooLarge`] when that is more than was reserved: then all stays spent.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the reservation closes it once"
    )]
    pub fn refund(
        &self,
        reservation: Reservation,
        bytes: u64,
        decision: &'static str,
        now_unix_s: u64,
    ) -> Result<(), Error> {
        if bytes > reservation.bytes {
            return Err(Error::RefundTooLarge);
        }
        let outcome = Outcome {
            time_unix_s: now_unix_s,
            decision,
            evidence: Vec::new(),
            digest: [0; 32],
        };
        self.work(|work| close(work, &reservation, bytes, &outcome, false))
            .map(|_| ())
    }

    /// Writes a stream's outcome with the digest of all that was released, and gives back the rest.
    /// Says the number of the entry. The outcome's own digest is not used.
    pub fn finish(&self, stream: Stream, outcome: &Outcome) -> Result<u64, Error> {
        let Stream {
            reservation,
            used,
            digest,
        } = stream;
        let outcome = Outcome {
            digest: digest.finalize().into(),
            ..outcome.clone()
        };
        let unused = reservation.bytes.saturating_sub(used);
        self.work(|work| close(work, &reservation, unused, &outcome, true))
    }

    fn judge(
        &self,
        db: &Connection,
        grant: &Grant,
        charge: &Charge,
        bytes_before: u64,
        now_unix_s: u64,
    ) -> Result<Result<(), (RefusalReason, u64)>, Error> {
        let Charge {
            tenant,
            class,
            purpose,
            ..
        } = charge;
        let request = Request {
            tenant,
            class: *class,
            purpose: *purpose,
            now_unix_s,
        };
        if let Err(reason) = grant.authorise(&request) {
            return Ok(Err((RefusalReason::Grant(reason), 0)));
        }
        let used_before = db
            .query_row(
                "SELECT 1 FROM reservations WHERE id = ?1",
                [charge.id],
                |_| Ok(()),
            )
            .optional()?;
        let (own, all) = self.left(db, grant.operator(), tenant, *class, now_unix_s)?;
        let left = own.min(all);
        let bytes_max = charge.bytes_max.saturating_add(bytes_before);
        Ok(if used_before.is_some() {
            Err((RefusalReason::Repeated, left))
        } else if bytes_max > all {
            Err((RefusalReason::TenantCap, left))
        } else if bytes_max > own {
            Err((RefusalReason::OperatorCap, left))
        } else {
            Ok(())
        })
    }

    /// What the operator's and the tenant's cap leave.
    fn left(
        &self,
        db: &Connection,
        operator: &Operator,
        tenant: &TenantId,
        class: ExposedClass,
        now_unix_s: u64,
    ) -> Result<(u64, u64), Error> {
        let oldest = (now_unix_s / WINDOW_BUCKET_S).saturating_sub(WINDOW_BUCKETS_COUNT - 1);
        let (own, all): (u64, u64) = db.query_row(
            "SELECT coalesce(sum(used) FILTER (WHERE operator = ?4), 0), coalesce(sum(used), 0)
             FROM spend WHERE tenant = ?1 AND class = ?2 AND bucket >= ?3",
            params![tenant.as_str(), class.as_str(), oldest, operator.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let caps = &self.caps;
        // What SQLite can count; a larger cap would let the sum overflow.
        let cap = |bytes: u64| bytes.min(i64::MAX as u64 / 2);
        let own = cap(caps.operator.of(class)).saturating_sub(own);
        Ok((own, cap(caps.tenant.of(class)).saturating_sub(all)))
    }
}

fn intent(
    grant: &Grant,
    charge: &Charge,
    decision: &'static str,
    amount_bytes: u64,
    time_unix_s: u64,
) -> Entry {
    Entry {
        time_unix_s,
        actor: grant.operator().clone(),
        tenant: Some(charge.tenant.clone()),
        action: charge.action,
        decision,
        class: Some(charge.class),
        amount_bytes,
        evidence: Vec::new(),
        digest: None,
    }
}

fn take(db: &Connection, reservation: &Reservation) -> Result<(), Error> {
    let Reservation {
        id,
        operator,
        tenant,
        class,
        bytes,
        bucket,
        ..
    } = reservation;
    db.execute(
        "INSERT INTO spend (tenant, operator, class, bucket, used) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET used = used + excluded.used",
        params![
            tenant.as_str(),
            operator.as_str(),
            class.as_str(),
            bucket,
            bytes
        ],
    )?;
    db.execute(
        "INSERT INTO reservations (id, bucket, reserved, open) VALUES (?1, ?2, ?3, 1)",
        params![id, bucket, bytes],
    )?;
    Ok(())
}

fn close(
    work: &mut Work<'_>,
    reservation: &Reservation,
    unused: u64,
    outcome: &Outcome,
    released: bool,
) -> Result<u64, Error> {
    let Reservation {
        id,
        operator,
        tenant,
        class,
        bucket,
        bytes,
        action,
        seq,
    } = reservation;
    let time_unix_s = work.advance_clock(outcome.time_unix_s)?;
    let closed = work.txn.execute(
        "UPDATE reservations SET open = 0 WHERE id = ?1 AND open = 1",
        [id],
    )?;
    let returned = work.txn.execute(
        "UPDATE spend SET used = used - ?5
         WHERE tenant = ?1 AND operator = ?2 AND class = ?3 AND bucket = ?4 AND used >= ?5",
        params![
            tenant.as_str(),
            operator.as_str(),
            class.as_str(),
            bucket,
            unused
        ],
    )?;
    if (closed, returned) != (1, 1) {
        return Err(Error::Closed);
    }
    let entry = Entry {
        time_unix_s,
        actor: operator.clone(),
        tenant: Some(tenant.clone()),
        action: *action,
        decision: outcome.decision,
        class: Some(*class),
        amount_bytes: bytes.saturating_sub(unused),
        evidence: outcome.evidence.clone(),
        digest: released.then_some(outcome.digest),
    };
    work.append_settling(&entry, Some(*seq))
}
