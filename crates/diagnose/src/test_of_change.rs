//! Statistics of change: two-proportion z test, false discovery rate, order statistics.

/// Highest false discovery rate at which a change counts as one.
pub(crate) const FALSE_DISCOVERY_MAX: f64 = 0.05;

/// Two-proportion z: `a` of `a_total` against `b` of `b_total`, pooled variance. `None` where a
/// side is empty or nothing varies.
pub(crate) fn two_proportion_z(a: u64, a_total: u64, b: u64, b_total: u64) -> Option<f64> {
    if a_total == 0 || b_total == 0 {
        return None;
    }
    let (a, n, b, m) = (a as f64, a_total as f64, b as f64, b_total as f64);
    let pooled = (a + b) / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    (variance > 0.0).then(|| (a / n - b / m) / variance.sqrt())
}

/// Two-sided p value of a standard normal deviate. Source: Abramowitz and Stegun 7.1.26,
/// absolute error below 1.5e-7.
pub(crate) fn two_sided_p(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ]
    .into_iter()
    .fold(0.0, |sum, c| sum * t + c);
    (poly * t * (-x * x).exp()).clamp(0.0, 1.0)
}

/// Benjamini-Hochberg: for each p value, whether it is a discovery at rate
/// [`FALSE_DISCOVERY_MAX`].
pub(crate) fn discoveries(p_values: &[f64]) -> Vec<bool> {
    let mut sorted = p_values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total = sorted.len() as f64;
    let cut = sorted
        .iter()
        .enumerate()
        .filter(|(i, p)| **p <= (*i as f64 + 1.0) / total * FALSE_DISCOVERY_MAX)
        .map(|(_, p)| *p)
        .next_back();
    p_values
        .iter()
        .map(|p| cut.is_some_and(|cut| *p <= cut))
        .collect()
}

/// Lower median; 0 of nothing.
pub(crate) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn z_matches_published_values() {
        // 40 of 200 against 20 of 200: pooled .15, z = 2.8006.
        let z = two_proportion_z(40, 200, 20, 200).unwrap();
        assert!((z - 2.800_56).abs() < 1e-4, "{z}");
        assert!((two_sided_p(1.959_964) - 0.05).abs() < 1e-5);
        assert!((two_sided_p(0.0) - 1.0).abs() < 1e-6);
        assert_eq!(two_proportion_z(1, 0, 1, 5), None);
        assert_eq!(two_proportion_z(5, 5, 5, 5), None);
    }

    #[test]
    fn discoveries_follow_the_step_up_rule() {
        // Benjamini and Hochberg (1995), section 3.2: four discoveries at .05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        assert_eq!(discoveries(&p).iter().filter(|d| **d).count(), 4);
        assert!(discoveries(&[]).is_empty());
    }

    #[test]
    fn median_is_the_lower_one() {
        assert_eq!(median(vec![]), 0);
        assert_eq!(median(vec![3, 1]), 1);
        assert_eq!(median(vec![5, 1, 3]), 3);
    }
}
