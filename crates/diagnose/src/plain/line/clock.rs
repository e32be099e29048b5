//! Clocks without a day and dates without a year, unrolled: midnight and the turn of the year.

use cordon_fingerprint::header::TimeBase;

/// Nanoseconds of a day.
const DAY_NS: u64 = 86_400_000_000_000;
/// Nanoseconds of the leap year that dates without one are counted in.
const YEAR_NS: u64 = 366 * DAY_NS;

/// Times that only ever turn over where a day or a year ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Unrolled {
    base: Option<TimeBase>,
    /// The last time as it was written.
    last_ns: u64,
    /// What was added to it.
    added_ns: u64,
}

impl Unrolled {
    /// What of the time is written, by the first line that has one.
    pub(super) fn base(&self) -> TimeBase {
        self.base.unwrap_or_default()
    }

    /// The time with the days or years that passed since the first line.
    pub(super) fn unroll(&mut self, time_ns: u64, base: TimeBase) -> u64 {
        let is_first = self.base.is_none();
        let kept = *self.base.get_or_insert(base);
        let turn = match base {
            TimeBase::Absolute => return time_ns,
            TimeBase::DayUnknown => DAY_NS,
            TimeBase::YearUnknown => YEAR_NS,
        };
        if kept != base {
            return time_ns;
        }
        // A jump of more than half a turn is one over its end; back where a line comes late.
        if !is_first {
            if time_ns + turn / 2 < self.last_ns {
                self.added_ns += turn;
            } else if time_ns > self.last_ns + turn / 2 && self.added_ns >= turn {
                self.added_ns -= turn;
            }
        }
        self.last_ns = time_ns;
        time_ns + self.added_ns
    }
}
