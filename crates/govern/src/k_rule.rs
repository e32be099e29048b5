//! The k rule: how many must share a pattern before it may be used.

/// How far what is released would reach, and the exact distinct counts behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Stays in the tenant that the pattern was seen in.
    OwnTenant {
        /// How often the pattern was seen.
        occurrences: u64,
        /// Distinct subjects behind it.
        subjects: u64,
    },
    /// Crosses tenants.
    AcrossTenants {
        /// Distinct tenants that the pattern was seen in.
        tenants: u64,
        /// Distinct subjects behind it, over all of them.
        subjects: u64,
    },
}

/// Smallest group sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KRule {
    /// Within its own tenant. At one, a single occurrence is enough; above, distinct subjects
    /// count.
    pub own_tenant_k: u64,
    /// Distinct tenants for what crosses tenants. Never taken as less than two.
    pub cross_tenants_k: u64,
    /// Distinct subjects for what crosses tenants. Never taken as less than two.
    pub cross_subjects_k: u64,
}

impl Default for KRule {
    fn default() -> Self {
        Self {
            own_tenant_k: 1,
            cross_tenants_k: 5,
            cross_subjects_k: 5,
        }
    }
}

/// Whether a group is large enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KDecision {
    /// It is.
    Usable,
    /// Nothing was seen at all.
    NothingSeen,
    /// Too few distinct subjects within the tenant.
    FewSubjects,
    /// Too few distinct tenants.
    FewTenants,
    /// Enough tenants, too few distinct subjects over all of them.
    FewSubjectsAcross,
}

impl KDecision {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usable => "k_usable",
            Self::NothingSeen => "k_nothing_seen",
            Self::FewSubjects => "k_few_subjects",
            Self::FewTenants => "k_few_tenants",
            Self::FewSubjectsAcross => "k_few_subjects_across",
        }
    }
}

impl KRule {
    /// Decides. Repeats alone never count, except for the first occurrence in the own tenant.
    pub const fn decide(&self, reach: Reach) -> KDecision {
        match reach {
            Reach::OwnTenant { occurrences: 0, .. } => KDecision::NothingSeen,
            Reach::OwnTenant { subjects, .. } => {
                if self.own_tenant_k <= 1 || subjects >= self.own_tenant_k {
                    KDecision::Usable
                } else {
                    KDecision::FewSubjects
                }
            }
            Reach::AcrossTenants { tenants, subjects } => {
                if tenants < at_least_two(self.cross_tenants_k) {
                    KDecision::FewTenants
                } else if subjects < at_least_two(self.cross_subjects_k) {
                    KDecision::FewSubjectsAcross
                } else {
                    KDecision::Usable
                }
            }
        }
    }
}

const fn at_least_two(k: u64) -> u64 {
    if k < 2 { 2 } else { k }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_off_crash_is_usable_in_its_own_tenant() {
        let once = Reach::OwnTenant {
            occurrences: 1,
            subjects: 0,
        };
        assert_eq!(KRule::default().decide(once), KDecision::Usable);
        let raised = KRule {
            own_tenant_k: 3,
            ..KRule::default()
        };
        assert_eq!(raised.decide(once), KDecision::FewSubjects);
        let repeats = Reach::OwnTenant {
            occurrences: 1_000,
            subjects: 2,
        };
        assert_eq!(raised.decide(repeats), KDecision::FewSubjects);
        let none = Reach::OwnTenant {
            occurrences: 0,
            subjects: 0,
        };
        assert_eq!(KRule::default().decide(none), KDecision::NothingSeen);
    }

    #[test]
    fn across_tenants_both_counts_are_needed() {
        let rule = KRule::default();
        for (tenants, subjects, expected) in [
            (4, 1_000, KDecision::FewTenants),
            (5, 4, KDecision::FewSubjectsAcross),
            (5, 5, KDecision::Usable),
        ] {
            assert_eq!(
                rule.decide(Reach::AcrossTenants { tenants, subjects }),
                expected
            );
        }
    }

    #[test]
    fn no_setting_lets_one_tenant_cross() {
        let rule = KRule {
            own_tenant_k: 0,
            cross_tenants_k: 0,
            cross_subjects_k: 0,
        };
        let one = Reach::AcrossTenants {
            tenants: 1,
            subjects: 9,
        };
        assert_eq!(rule.decide(one), KDecision::FewTenants);
    }
}
