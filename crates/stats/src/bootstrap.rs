//! Errors and intervals of any statistic by the bootstrap (Efron & Tibshirani 1993, "An introduction to the bootstrap").
//!
//! A resample is given as the number of times that each row is drawn, its weight, so that columns are read in order and
//! are ranked only once.

use super::quantile::quantile;
use super::random::Random;

/// Share of the resamples that may leave a statistic undefined, as when they have no event. Beyond it, the resamples
/// that are left say too little, and there is no error.
const UNDEFINED: f64 = 0.1;

/// How errors are estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Number of resamples; a few hundred for an error, a thousand for a 95% interval.
    pub resamples: u32,
    /// Confidence level of intervals, such as 0.95.
    pub level: f64,
    /// Seed of the resamples; each resample has a stream of its own.
    pub seed: u64,
}

/// An estimate with its errors; all are NaN where they are undefined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate from all rows.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Lower bound of its confidence interval.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Estimate {
    /// An estimate with the standard deviation of its `replicates` as standard error and their percentiles as interval.
    /// Replicates that are NaN are excluded; without errors if they are too many.
    pub(crate) fn new(value: f64, mut replicates: Vec<f64>, level: f64) -> Estimate {
        let all = replicates.len() as f64;
        replicates.retain(|x| !x.is_nan());
        let n = replicates.len() as f64;
        if value.is_nan() || n < 2.0 || n < (1.0 - UNDEFINED) * all {
            return Estimate { value, se: f64::NAN, low: f64::NAN, high: f64::NAN };
        }
        replicates.sort_unstable_by(f64::total_cmp);
        let se = super::moments::Moments::of(&replicates).sd();
        let [low, high] = [0.5 * (1.0 - level), f64::midpoint(1.0, level)].map(|p| quantile(&replicates, p));
        Estimate { value, se, low, high }
    }
}

/// Estimates of `count` statistics of `rows` rows with their errors and percentile intervals. `statistics` computes all
/// of them from the weights of the rows: 1 each for the estimate, the number of times drawn in a resample.
///
/// Time: that of `statistics` once for each resample; memory: `count × resamples` numbers.
pub(crate) fn estimates(
    rows: usize,
    settings: &Bootstrap,
    count: usize,
    mut statistics: impl FnMut(&[f64], &mut [f64]),
) -> Vec<Estimate> {
    let mut weights = vec![1.0; rows];
    let mut values = vec![f64::NAN; count];
    statistics(&weights, &mut values);
    let mut replicates = vec![Vec::with_capacity(settings.resamples as usize); count];
    let mut row = vec![f64::NAN; count];
    for resample in 0..settings.resamples {
        draw(&mut weights, &mut Random::new(settings.seed, u64::from(resample)));
        row.fill(f64::NAN);
        statistics(&weights, &mut row);
        replicates.iter_mut().zip(&row).for_each(|(all, x)| all.push(*x));
    }
    values.iter().zip(replicates).map(|(value, all)| Estimate::new(*value, all, settings.level)).collect()
}

/// As many rows as there are, drawn with replacement.
fn draw(weights: &mut [f64], random: &mut Random) {
    weights.fill(0.0);
    for _ in 0..weights.len() {
        weights[random.below(weights.len())] += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_its_standard_error() {
        let x: Vec<f64> = (0..400).map(|i| f64::from((i * 37) % 101)).collect();
        let settings = Bootstrap { resamples: 2000, level: 0.95, seed: 1 };
        let mean = |w: &[f64], out: &mut [f64]| {
            out[0] = w.iter().zip(&x).map(|(w, x)| w * x).sum::<f64>() / w.iter().sum::<f64>();
        };
        let found = estimates(x.len(), &settings, 1, mean)[0];
        let moments = crate::moments::Moments::of(&x);
        assert!((found.value - moments.mean).abs() < 1e-12);
        // 2000 resamples: the error of a standard deviation is 1/√(2·2000) = 1.6%; 5 of them: false alarm 6e-7.
        assert!((found.se / moments.se() - 1.0).abs() < 0.08, "{found:?} {}", moments.se());
        // Ends at ±1.96; the error of a 2.5% quantile is 0.06 standard errors.
        for end in [found.value - found.low, found.high - found.value] {
            assert!((end / moments.se() - 1.96).abs() < 0.31, "{found:?}");
        }
        assert_eq!(estimates(x.len(), &settings, 1, mean)[0], found);
        assert_ne!(estimates(x.len(), &Bootstrap { seed: 2, ..settings }, 1, mean)[0], found);
    }

    #[test]
    fn too_many_undefined_resamples_leave_no_error() {
        let few = Estimate::new(1.0, [vec![1.0; 85], vec![f64::NAN; 15]].concat(), 0.9);
        assert!(few.value == 1.0 && few.se.is_nan() && few.low.is_nan() && few.high.is_nan());
        let enough = Estimate::new(1.0, [vec![1.0; 95], vec![f64::NAN; 5]].concat(), 0.9);
        assert_eq!(enough, Estimate { value: 1.0, se: 0.0, low: 1.0, high: 1.0 });
        assert!(Estimate::new(1.0, vec![], 0.9).se.is_nan());
    }
}
