//! How sure a Monte Carlo estimate is: intervals for probabilities and quantiles, and paths needed.

use super::special::{beta_quantile, binomial_cdf, binomial_quantile, normal_quantile};

/// Standard error of a proportion, `√(p(1−p)/(n−1))`: that of the mean of its indicator, whose variance is estimated from the
/// same sample (`Moments::se`), so that a share has one standard error in every table. NaN below two.
pub fn proportion_se(p: f64, n: u64) -> f64 {
    if n < 2 { f64::NAN } else { (p * (1.0 - p) / (n - 1) as f64).sqrt() }
}

/// Paths at which the standard error of `p` is `relative × p`: `(1−p)/(relative² p)`, not rounded; `None` if `p` is 0.
pub fn paths_for_relative_se(p: f64, relative: f64) -> Option<f64> {
    (p > 0.0).then(|| (1.0 - p) / (relative * relative * p))
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

/// Clopper & Pearson's (1934) interval: covers at least `level` for every true probability.
pub fn clopper_pearson(k: u64, n: u64, level: f64) -> (f64, f64) {
    let (tail, hits, misses) = (0.5 * (1.0 - level), k as f64, (n - k) as f64);
    (
        if k == 0 { 0.0 } else { beta_quantile(hits, misses + 1.0, tail) },
        if k == n { 1.0 } else { beta_quantile(hits + 1.0, misses, 1.0 - tail) },
    )
}

/// Equal-tailed interval of the posterior `Beta(k + ½, n − k + ½)` under Jeffreys' prior; not opened to 0 at `k = 0`.
pub fn jeffreys(k: u64, n: u64, level: f64) -> (f64, f64) {
    let (tail, a, b) = (0.5 * (1.0 - level), k as f64 + 0.5, (n - k) as f64 + 0.5);
    (beta_quantile(a, b, tail), beta_quantile(a, b, 1.0 - tail))
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

/// Asymptotic standard error of the sample `p`-quantile where the density is `density`: `√(p(1−p)/n)/density`.
pub fn quantile_se(n: u64, p: f64, density: f64) -> f64 {
    (p * (1.0 - p) / n as f64).sqrt() / density
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

    #[test]
    fn edges() {
        // 25 of 101: the indicator's sample variance is p(1−p)·n/(n−1).
        assert_eq!(proportion_se(0.5, 101), 0.05);
        let p = 25.0 / 101.0;
        let hits: Vec<f64> = (0..101).map(|k| f64::from(u8::from(k < 25))).collect();
        assert!((proportion_se(p, 101) - crate::stats::moments::Moments::of(&hits).se()).abs() < 1e-15);
        assert!(proportion_se(0.5, 1).is_nan());
        assert_eq!(paths_for_relative_se(0.0, 0.1), None);
        assert_eq!(paths_for_relative_se(0.5, 0.1).map(f64::round), Some(100.0));
        // No event: the one-sided 95% bound (a 90% interval) is near 3/n.
        assert!((clopper_pearson(0, 1000, 0.90).1 * 1000.0 - 3.0).abs() < 0.01);
        assert_eq!((clopper_pearson(9, 9, 0.95).1, wilson(9, 9, 0.95).1), (1.0, 1.0));
        let tiny = quantile_ranks(3, 0.99, 0.95);
        assert_eq!((tiny.upper, tiny.lower), (4, 2));
    }

    #[test]
    fn tails_are_as_asked() {
        for (k, n) in [(1u64, 20u64), (7, 10_000), (130, 2000), (300_000, 1_000_000)] {
            let (low, high) = clopper_pearson(k, n, 0.95);
            let above = 1.0 - Binomial::new(low, n).unwrap().cdf(k - 1);
            let below = Binomial::new(high, n).unwrap().cdf(k);
            // statrs itself is good to about 1e-8 at a million trials.
            assert!((above - 0.025).abs() < 1e-8 && (below - 0.025).abs() < 1e-8, "{k}/{n}: {above} {below}");
            let (low, high) = jeffreys(k, n, 0.9);
            let posterior = Beta::new(k as f64 + 0.5, (n - k) as f64 + 0.5).unwrap();
            assert!((posterior.cdf(low) - 0.05).abs() < 1e-8 && (posterior.cdf(high) - 0.95).abs() < 1e-8);
        }
    }
}
