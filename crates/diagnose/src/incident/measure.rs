//! How two samples differ: by how much, and how sure that is.

/// Fewest observations of either window that are compared.
pub(crate) const SAMPLES_COUNT_MIN: usize = 5;
/// Largest deviation that is told: beyond it nothing becomes surer.
const Z_MAX: f64 = 40.0;

/// The difference between a sample of the baseline and one of the incident.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Shift {
    pub(crate) count_before: usize,
    pub(crate) count_now: usize,
    pub(crate) median_before: f64,
    pub(crate) median_now: f64,
    pub(crate) mean_before: f64,
    pub(crate) mean_now: f64,
    pub(crate) tail_before: f64,
    pub(crate) tail_now: f64,
    /// Standard deviations by which the incident is above the baseline.
    pub(crate) z: f64,
}

/// Compares two samples; sorts both. `slack` is what a value may grow by without meaning anything.
pub(crate) fn shift(before: &mut [f64], now: &mut [f64], slack: f64) -> Option<Shift> {
    if before.len() < SAMPLES_COUNT_MIN || now.len() < SAMPLES_COUNT_MIN {
        return None;
    }
    before.sort_by(f64::total_cmp);
    now.sort_by(f64::total_cmp);
    let tails = [0.5, 0.75, 0.9, 0.95, 0.98];
    let surest = tails
        .into_iter()
        .map(|q| exceedance(before, now, quantile(before, q) + slack))
        .fold(0.0, f64::max);
    Some(Shift {
        count_before: before.len(),
        count_now: now.len(),
        median_before: quantile(before, 0.5),
        median_now: quantile(now, 0.5),
        mean_before: mean(before),
        mean_now: mean(now),
        tail_before: quantile(before, 0.95),
        tail_now: quantile(now, 0.95),
        z: surest,
    })
}

/// How much more often than before the incident is above a bound, in standard deviations.
fn exceedance(before: &[f64], now: &[f64], bound: f64) -> f64 {
    let above = |sample: &[f64]| sample.len() - sample.partition_point(|x| *x <= bound);
    proportion(above(before), before.len(), above(now), now.len())
}

/// Deviation of a share from an earlier one (two-proportion z with a success and a failure added
/// to each, Agresti and Caffo 2000); positive where there is more of it now.
pub(crate) fn proportion(before: usize, of_before: usize, now: usize, of_now: usize) -> f64 {
    let (n1, n2) = (of_before as f64 + 2.0, of_now as f64 + 2.0);
    let (p1, p2) = ((before as f64 + 1.0) / n1, (now as f64 + 1.0) / n2);
    let spread = (p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2).sqrt();
    ((p2 - p1) / spread.max(1e-9)).clamp(-Z_MAX, Z_MAX)
}

/// Deviation of a count from what an earlier rate lets one expect (Poisson, with half an event
/// more than was seen).
pub(crate) fn surplus(expected: f64, seen: f64, certainty: f64) -> f64 {
    // The expectation is itself a count, of `certainty` times as much exposure.
    let spread = (expected + 0.5) * (1.0 + 1.0 / certainty.max(0.05));
    ((seen - expected) / spread.max(1e-9).sqrt()).clamp(-Z_MAX, Z_MAX)
}

/// Quantile of a sorted sample, by the nearest rank; 0 of none.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = ((sorted.len() as f64 * q).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Median and scaled median absolute deviation (a normal sample's standard deviation).
pub(crate) fn spread(values: &mut [f64]) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let middle = quantile(values, 0.5);
    let mut far: Vec<f64> = values.iter().map(|x| (x - middle).abs()).collect();
    far.sort_by(f64::total_cmp);
    (middle, 1.4826 * quantile(&far, 0.5))
}

/// 0 at or below `from`, 1 at or above `to`, a line between.
pub(crate) fn ramp(x: f64, from: f64, to: f64) -> f64 {
    ((x - from) / (to - from)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_of_the_same_is_no_shift() {
        let sample = |n: usize| (0..n).map(|i| (i % 17) as f64).collect::<Vec<_>>();
        let found = shift(&mut sample(200), &mut sample(400), 0.0).unwrap();
        assert!(found.z < 2.0, "{found:?}");
    }

    #[test]
    fn a_tenth_that_is_slow_is_seen() {
        let mut before: Vec<f64> = (0..200).map(|i| f64::from(i % 20)).collect();
        let mut now = before.clone();
        for value in now.iter_mut().step_by(10) {
            *value += 200.0;
        }
        let found = shift(&mut before, &mut now, 1.0).unwrap();
        assert!(found.z > 3.0, "{found:?}");
    }

    #[test]
    fn a_share_needs_numbers() {
        assert!(proportion(0, 3, 1, 3) < 2.0);
        assert!(proportion(0, 300, 30, 300) > 4.0);
        assert!(proportion(30, 300, 0, 300) < -4.0);
    }
}
