//! Proper scores of forecasts against what happened; smaller is better (Gneiting & Raftery 2007, "Strictly proper
//! scoring rules, prediction, and estimation").

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::special::{normal_cdf, normal_pdf};

/// A normal forecast: mean and standard deviation above 0, in the unit of the outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Mean.
    pub mu: f64,
    /// Standard deviation.
    pub sigma: f64,
}

impl Normal {
    /// CRPS, `σ [z (2Φ(z) − 1) + 2φ(z) − 1/√π]` with `z = (y − μ)/σ`, in the unit of `y`.
    pub fn crps(self, y: f64) -> f64 {
        let z = (y - self.mu) / self.sigma;
        self.sigma * (z * (2.0 * normal_cdf(z) - 1.0) + 2.0 * normal_pdf(z) - 1.0 / PI.sqrt())
    }

    /// Logarithmic score, minus the log of the density at `y`: `½ z² + ln σ + ½ ln 2π`.
    pub fn log_score(self, y: f64) -> f64 {
        let z = (y - self.mu) / self.sigma;
        0.5 * z * z + libm::log(self.sigma) + 0.5 * libm::log(2.0 * PI)
    }

    /// Probability integral transform `Φ(z)`: uniform over many outcomes if the forecasts are calibrated.
    pub fn pit(self, y: f64) -> f64 {
        normal_cdf((y - self.mu) / self.sigma)
    }
}

/// CRPS of a lognormal forecast with the given mean and standard deviation of the log (Baran & Lerch 2015, eq. 4).
///
/// `y (2Φ(ω) − 1) − 2 exp(μ + σ²/2) [Φ(ω − σ) + Φ(σ/√2) − 1]` with `ω = (ln y − μ)/σ`, −∞ for `y ≤ 0`.
pub fn crps_lognormal(mu_log: f64, sigma_log: f64, y: f64) -> f64 {
    let w = if y > 0.0 { (libm::log(y) - mu_log) / sigma_log } else { f64::NEG_INFINITY };
    let mean = libm::exp(mu_log + 0.5 * sigma_log * sigma_log);
    let inner = normal_cdf(w - sigma_log) - normal_cdf(-sigma_log * FRAC_1_SQRT_2);
    y * (2.0 * normal_cdf(w) - 1.0) - 2.0 * mean * inner
}

/// CRPS of an ensemble, two ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnsembleCrps {
    /// The ensemble taken as the distribution itself: `mean|x − y| − ΣΣ|x_i − x_j|/(2m²)` (Hersbach 2000).
    pub standard: f64,
    /// Unbiased for the distribution it was drawn from: the second term over `2m(m−1)` (Ferro 2014); NaN for one member.
    pub fair: f64,
}

/// Scores an ascending ensemble of `m` members, in O(m): `ΣΣ|x_i − x_j| = 2 Σ (2i − m − 1) x_(i)`.
pub fn crps_ensemble(sorted: &[f64], y: f64) -> EnsembleCrps {
    let m = sorted.len() as f64;
    let off = sorted.iter().map(|x| (x - y).abs()).sum::<f64>() / m;
    // Around `y` rather than 0, so that a large common level cancels before it is multiplied.
    let spread: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - m) * (x - y)).sum();
    EnsembleCrps { standard: off - spread / (m * m), fair: off - spread / (m * (m - 1.0)) }
}

/// Pinball loss of `q` as a forecast of the `tau`-quantile: `tau (y − q)` above, `(1 − tau)(q − y)` below.
pub fn pinball(q: f64, tau: f64, y: f64) -> f64 {
    if y >= q { tau * (y - q) } else { (1.0 - tau) * (q - y) }
}

/// Winkler's interval score of the central `1 − alpha` interval: width, and `2/alpha` of the miss.
pub fn interval_score(lower: f64, upper: f64, alpha: f64, y: f64) -> f64 {
    upper - lower + 2.0 / alpha * ((lower - y).max(0.0) + (y - upper).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::special::normal_quantile;

    #[test]
    fn edges() {
        // A certain forecast of one member misses by its distance.
        let one = crps_ensemble(&[3.0], 5.0);
        assert!(one.standard == 2.0 && one.fair.is_nan());
        assert!(crps_ensemble(&[], 5.0).standard.is_nan());
        assert_eq!((pinball(3.0, 0.2, 3.0), interval_score(1.0, 2.0, 0.1, 2.0)), (0.0, 1.0));
        // An outcome below zero is as far as zero, and then its distance.
        let at_zero = crps_lognormal(0.3, 0.8, 0.0);
        assert!((crps_lognormal(0.3, 0.8, -2.0) - at_zero - 2.0).abs() < 1e-15);
    }

    #[test]
    fn a_large_ensemble_scores_as_its_distribution() {
        // 2000 cell centres of the distribution; the error of such a grid is a few 1e-6.
        let z: Vec<f64> = (0..2000).map(|i| normal_quantile((f64::from(i) + 0.5) / 2000.0)).collect();
        let normal: Vec<f64> = z.iter().map(|z| 2.0 + 0.5 * z).collect();
        let lognormal: Vec<f64> = z.iter().map(|z| libm::exp(0.1 + 0.4 * z)).collect();
        for y in [0.3, 1.9, 3.3] {
            let exact = Normal { mu: 2.0, sigma: 0.5 }.crps(y);
            assert!((crps_ensemble(&normal, y).standard - exact).abs() < 1e-4);
            assert!((crps_ensemble(&lognormal, y).standard - crps_lognormal(0.1, 0.4, y)).abs() < 1e-4);
        }
    }
}
