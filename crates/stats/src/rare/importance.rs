//! Importance sampling: paths are drawn from another distribution, under which the event is common, and each counts by
//! its likelihood ratio (Owen 2013, "Monte Carlo theory, methods and examples", ch. 9).

use crate::moments::Moments;

/// An estimate from weighted paths, and whether the weights can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted {
    /// Number of paths.
    pub n: u64,
    /// Those whose value is not zero.
    pub events: u64,
    /// `Σ w v/n`, in the unit of the values; without bias if the weights are likelihood ratios.
    pub estimate: f64,
    /// Its standard error, from the products; NaN for one path.
    pub se: f64,
    /// Effective sample size `(Σw)²/Σw²` (Kong 1992, "A note on importance sampling using standardized weights").
    pub effective_n: f64,
    /// The largest weight over the sum of all: near 1, the estimate is one path.
    pub largest_share: f64,
    /// Mean weight, which is 1 in expectation.
    pub mean_weight: f64,
    /// Its standard error; NaN for one path.
    pub mean_weight_se: f64,
}

impl Weighted {
    /// Standard errors by which the mean weight is off 1: beyond 3 or so, the weights are wrong, or so skewed that the
    /// sample lacks the paths on which they are large. Zero if all weights are 1. A shift of a normal by `h` standard
    /// deviations gives weights with variance `exp(h²) − 1`, so that for shifts beyond 2 or so the mean weight is below 1
    /// in nearly every sample; this alone does not make the estimate of the tail wrong, where weights are small.
    pub fn weight_errors(&self) -> f64 {
        let off = self.mean_weight - 1.0;
        if off == 0.0 { 0.0 } else { off / self.mean_weight_se }
    }
}

/// Estimates the mean of the values under the original distribution from paths of another, with their likelihood ratios
/// as weights. `None` if there are no paths, a value is not finite, a weight is negative or not finite, or all are zero.
///
/// # Panics
/// If the columns differ in length.
pub fn weighted(weights: &[f64], values: &[f64]) -> Option<Weighted> {
    assert_eq!(weights.len(), values.len(), "each path has a weight and a value");
    let sound = |(w, v): (&f64, &f64)| *w >= 0.0 && w.is_finite() && v.is_finite();
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 || !weights.iter().zip(values).all(sound) {
        return None;
    }
    let products = Moments::of(&weights.iter().zip(values).map(|(w, v)| w * v).collect::<Vec<_>>());
    let of_weights = Moments::of(weights);
    // Relative to the largest, so that no square overflows.
    let (sum, squares) =
        weights.iter().map(|w| w / largest).fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    Some(Weighted {
        n: products.n,
        events: values.iter().filter(|v| **v != 0.0).count() as u64,
        estimate: products.mean,
        se: products.se(),
        effective_n: sum * sum / squares,
        largest_share: 1.0 / sum,
        mean_weight: of_weights.mean,
        mean_weight_se: of_weights.se(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::special::{normal_cdf, normal_quantile};

    #[test]
    fn by_hand() {
        // Products 0, 2, 1, 0: mean 0.75, variance (2·0.5625 + 1.5625 + 0.0625)/3 = 11/12.
        let found = weighted(&[1.0, 2.0, 1.0, 0.0], &[0.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!((found.n, found.events, found.estimate, found.mean_weight), (4, 3, 0.75, 1.0));
        assert!((found.se - (11.0_f64 / 48.0).sqrt()).abs() < 1e-15);
        assert_eq!((found.effective_n, found.largest_share, found.weight_errors()), (16.0 / 6.0, 0.5, 0.0));
        let plain = weighted(&[1.0; 5], &[1.0, 0.0, 0.0, 0.0, 0.0]).unwrap();
        assert_eq!((plain.effective_n, plain.largest_share, plain.weight_errors()), (5.0, 0.2, 0.0));
        // Squares of these would overflow.
        assert_eq!(weighted(&[1e200, 1e200], &[0.0, 0.0]).unwrap().effective_n, 2.0);
        let bad: [(&[f64], &[f64]); 6] = [
            (&[], &[]),
            (&[0.0], &[1.0]),
            (&[-1.0, 2.0], &[1.0, 1.0]),
            (&[f64::NAN, 1.0], &[1.0, 1.0]),
            (&[f64::INFINITY], &[1.0]),
            (&[1.0], &[f64::NAN]),
        ];
        assert!(bad.iter().all(|(w, v)| weighted(w, v).is_none()));
    }

    /// A normal above 3, from normals with mean 3: the estimates lie within their errors.
    #[test]
    fn a_normal_tail() {
        let (runs, mut held) = (1000, 0);
        let truth = normal_cdf(-3.0);
        let mut random = Random::new(8, 0);
        for _ in 0..runs {
            let z: Vec<f64> = (0..500).map(|_| 3.0 + normal_quantile(random.uniform())).collect();
            let values: Vec<f64> = z.iter().map(|z| f64::from(u8::from(*z > 3.0))).collect();
            let weights: Vec<f64> = z.iter().map(|z| libm::exp(4.5 - 3.0 * z)).collect();
            let found = weighted(&weights, &values).unwrap();
            held += u32::from((found.estimate - truth).abs() < 1.96 * found.se);
        }
        // 1000 runs: standard error 0.7 points, and intervals of skewed products may lose one: false alarm 2e-4.
        assert!((915..=980).contains(&held), "{held}");
    }

    #[test]
    fn wrong_weights_are_seen() {
        let mut random = Random::new(9, 0);
        let z: Vec<f64> = (0..500).map(|_| 1.0 + normal_quantile(random.uniform())).collect();
        let of = |factor: f64| {
            let weights: Vec<f64> = z.iter().map(|z| factor * libm::exp(0.5 - z)).collect();
            weighted(&weights, &z).unwrap()
        };
        // Variance e − 1 of a weight: standard error 0.059. Within 4.5: false alarm 7e-6 or, as weights are skewed, some
        // more.
        assert!(of(1.0).weight_errors().abs() < 4.5, "{:?}", of(1.0));
        assert!(of(2.0).weight_errors() > 5.0 && of(0.5).weight_errors() < -5.0);
        // n/e in expectation.
        assert!((of(1.0).effective_n / 184.0 - 1.0).abs() < 0.3, "{:?}", of(1.0));
    }
}
