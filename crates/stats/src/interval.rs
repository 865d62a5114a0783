//! Uncertainty of Monte Carlo estimates: intervals for probabilities and quantiles.

use super::special::{binomial_cdf, binomial_quantile, normal_quantile};

/// Standard error of a proportion, `√(p(1−p)/(n−1))`: that of the mean of its indicator, whose variance is estimated
/// from the same sample (`Moments::se`), so that a share has the same standard error in every table. NaN if `n < 2`.
pub fn proportion_se(p: f64, n: u64) -> f64 {
    if n < 2 { f64::NAN } else { (p * (1.0 - p) / (n - 1) as f64).sqrt() }
}

/// Wilson's (1927) score interval for `k` events in `n > 0` trials at confidence `level`, say 0.95.
pub fn wilson(k: u64, n: u64, level: f64) -> (f64, f64) {
    let z = normal_quantile(f64::midpoint(1.0, level));
    let (n, p) = (n as f64, k as f64 / n as f64);
    let shrink = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / shrink;
    let half = z / shrink * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Order statistics `[x_(lower), x_(upper)]`, ranks from 1, that hold a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankInterval {
    /// Lower rank; 0 means that the sample is too small for a lower bound.
    pub lower: u64,
    /// Upper rank; `n + 1` means no upper bound.
    pub upper: u64,
    /// `P(lower ≤ Bin(n, p) ≤ upper − 1)`, the confidence reached for a continuous distribution.
    pub coverage: f64,
}

/// Distribution-free interval for the `p`-quantile of `n` independent values (David & Nagaraja 2003, §7.1).
///
/// `lower` is the `(1−level)/2`-quantile of `Bin(n, p)` and `upper` one more than its `(1+level)/2`-quantile.
pub fn quantile_ranks(n: u64, p: f64, level: f64) -> RankInterval {
    let lower = binomial_quantile(n, p, 0.5 * (1.0 - level));
    let upper = binomial_quantile(n, p, f64::midpoint(1.0, level)) + 1;
    let before = if lower == 0 { 0.0 } else { binomial_cdf(n, p, lower - 1) };
    RankInterval { lower, upper, coverage: binomial_cdf(n, p, upper - 1) - before }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        // 25 of 101: the indicator's sample variance is p(1−p)·n/(n−1).
        assert_eq!(proportion_se(0.5, 101), 0.05);
        let p = 25.0 / 101.0;
        let hits: Vec<f64> = (0..101).map(|k| f64::from(u8::from(k < 25))).collect();
        assert!((proportion_se(p, 101) - crate::moments::Moments::of(&hits).se()).abs() < 1e-15);
        assert!(proportion_se(0.5, 1).is_nan());
        assert_eq!(wilson(9, 9, 0.95).1, 1.0);
        let tiny = quantile_ranks(3, 0.99, 0.95);
        assert_eq!((tiny.upper, tiny.lower), (4, 2));
    }
}
