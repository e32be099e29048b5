//! The degrade ladder: the fullest answer that the remaining budget pays for.

/// How full an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Nothing is released.
    Refused,
    /// Counts of templates alone.
    StatisticsOnly,
    /// Without the chunks of low utility.
    Essential,
    /// All evidence.
    Full,
}

impl Rung {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::StatisticsOnly => "statistics_only",
            Self::Essential => "essential",
            Self::Full => "full",
        }
    }
}

/// Why the ladder stopped where it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LadderReason {
    /// The whole answer fits.
    WithinBudget,
    /// Low-utility chunks were dropped to fit.
    LowUtilityDropped,
    /// All excerpts were dropped to fit.
    ExcerptsDropped,
    /// Not even statistics fit.
    BudgetExhausted,
}

impl LadderReason {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WithinBudget => "budget_within",
            Self::LowUtilityDropped => "budget_low_utility_dropped",
            Self::ExcerptsDropped => "budget_excerpts_dropped",
            Self::BudgetExhausted => "budget_exhausted",
        }
    }
}

/// Upper bound in bytes of what each rung would release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// Of [`Rung::Full`].
    pub full_bytes: u64,
    /// Of [`Rung::Essential`].
    pub essential_bytes: u64,
    /// Of [`Rung::StatisticsOnly`].
    pub statistics_bytes: u64,
}

/// What the ladder chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How full the answer may be.
    pub rung: Rung,
    /// What to reserve for it, in bytes. A degraded answer is charged too.
    pub bytes: u64,
    /// Why no fuller.
    pub reason: LadderReason,
}

/// The ladder, from full to refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ladder;

impl Ladder {
    /// Chooses the fullest rung whose cost fits `remaining_bytes`.
    ///
    /// The choice is advice: the reservation that follows may still be refused, when somebody else
    /// was faster; then choose again with what remains.
    pub fn choose(self, remaining_bytes: u64, costs: &Costs) -> Choice {
        let rungs = [
            (Rung::Full, costs.full_bytes, LadderReason::WithinBudget),
            (
                Rung::Essential,
                costs.essential_bytes,
                LadderReason::LowUtilityDropped,
            ),
            (
                Rung::StatisticsOnly,
                costs.statistics_bytes,
                LadderReason::ExcerptsDropped,
            ),
        ];
        rungs
            .into_iter()
            .find(|(_, bytes, _)| *bytes <= remaining_bytes)
            .map_or(
                Choice {
                    rung: Rung::Refused,
                    bytes: 0,
                    reason: LadderReason::BudgetExhausted,
                },
                |(rung, bytes, reason)| Choice {
                    rung,
                    bytes,
                    reason,
                },
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_down_as_the_budget_shrinks() {
        let costs = Costs {
            full_bytes: 100,
            essential_bytes: 40,
            statistics_bytes: 10,
        };
        for (remaining, rung, bytes) in [
            (100, Rung::Full, 100),
            (99, Rung::Essential, 40),
            (39, Rung::StatisticsOnly, 10),
            (9, Rung::Refused, 0),
            (0, Rung::Refused, 0),
        ] {
            let choice = Ladder.choose(remaining, &costs);
            assert_eq!((choice.rung, choice.bytes), (rung, bytes), "{remaining}");
            assert!(choice.bytes <= remaining);
        }
    }
}
