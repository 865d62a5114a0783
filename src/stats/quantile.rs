//! Exact quantiles of stored samples, value at risk and its conditional mean.

/// Sample quantile definitions of Hyndman & Fan (1996), "Sample quantiles in statistical packages", by their numbers.
///
/// Type 3 (nearest even rank) is left out: nothing uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantileType {
    /// 1: inverse of the empirical distribution function.
    Inverse,
    /// 2: as 1, with the mean of both neighbours where the function is flat.
    InverseAveraged,
    /// 4: linear interpolation of the empirical distribution function.
    InverseLinear,
    /// 5: Hazen; knots midway through the steps.
    Hazen,
    /// 6: Weibull; knots `k/(n+1)`.
    Weibull,
    /// 7: knots `(k−1)/(n−1)`; the default of numpy, R and spreadsheets, and ours.
    Linear,
    /// 8: approximately median-unbiased for any distribution.
    MedianUnbiased,
    /// 9: approximately unbiased for the normal.
    NormalUnbiased,
}

/// Rounding of `n·p` that still counts as a whole number, as in R's `quantile`.
const FUZZ: f64 = 4.0 * f64::EPSILON;

/// Whole part and remainder of a rank, with a remainder of mere rounding taken as none.
fn split(rank: f64) -> (f64, f64) {
    let fuzz = FUZZ * rank.abs().max(1.0);
    let whole = (rank + fuzz).floor();
    let rest = rank - whole;
    (whole, if rest.abs() <= fuzz { 0.0 } else { rest })
}

/// The `p`-quantile of an ascending sample without NaN; NaN if it is empty.
pub fn quantile(sorted: &[f64], p: f64, kind: QuantileType) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let n = sorted.len() as f64;
    // Rank, from 1, is n·p + m in the paper's notation.
    let m = match kind {
        QuantileType::Inverse | QuantileType::InverseAveraged | QuantileType::InverseLinear => 0.0,
        QuantileType::Hazen => 0.5,
        QuantileType::Weibull => p,
        QuantileType::Linear => 1.0 - p,
        QuantileType::MedianUnbiased => (p + 1.0) / 3.0,
        QuantileType::NormalUnbiased => p / 4.0 + 3.0 / 8.0,
    };
    let (rank, rest) = split(n * p + m);
    let weight = match kind {
        QuantileType::Inverse => f64::from(rest > 0.0),
        QuantileType::InverseAveraged => f64::midpoint(f64::from(rest > 0.0), 1.0),
        _ => rest,
    };
    let at = |rank: f64| sorted[(rank.clamp(1.0, n) - 1.0) as usize];
    let (low, high) = (at(rank), at(rank + 1.0));
    if weight == 0.0 { low } else { low + weight * (high - low) }
}

/// Value at risk and conditional value at risk of losses at one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailRisk {
    /// The `alpha`-quantile of losses, type 1.
    pub var: f64,
    /// The mean of the worst `1 − alpha` of losses, with the atom at the value at risk split.
    pub cvar: f64,
}

/// Upper-tail risk of ascending losses, `0 ≤ alpha < 1`; NaN if there are none.
///
/// With `k = ⌈n·alpha⌉`: `CVaR = [(k/n − alpha) x_(k) + Σ_{i>k} x_(i)/n] / (1 − alpha)` (Rockafellar & Uryasev 2002,
/// "Conditional value-at-risk for general loss distributions", prop. 8).
pub fn tail_risk(sorted_losses: &[f64], alpha: f64) -> TailRisk {
    let (whole, rest) = split(sorted_losses.len() as f64 * alpha);
    let k = ((whole + f64::from(rest > 0.0)) as usize).max(1);
    let Some(&var) = sorted_losses.get(k - 1) else { return TailRisk { var: f64::NAN, cvar: f64::NAN } };
    let n = sorted_losses.len() as f64;
    // Deviations from the value at risk: the atom's own share drops out, and with it the cancellation.
    let excess: f64 = sorted_losses[k..].iter().map(|x| x - var).sum();
    TailRisk { var, cvar: var + excess / (n * (1.0 - alpha)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        for kind in [QuantileType::Inverse, QuantileType::Hazen, QuantileType::Linear, QuantileType::NormalUnbiased] {
            assert!(quantile(&[], 0.5, kind).is_nan());
            assert_eq!([0.0, 0.3, 1.0].map(|p| quantile(&[7.0], p, kind)), [7.0; 3]);
            assert_eq!([0.0, 1.0].map(|p| quantile(&[1.0, 2.0, 4.0], p, kind)), [1.0, 4.0]);
        }
        // 0.7 · 10 and 0.1 · 3 · 10 round to neighbours of 7 and 3, which still count as whole ranks.
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(quantile(&ten, 0.7, QuantileType::InverseAveraged), 7.5);
        assert_eq!(quantile(&ten, 0.1 * 3.0, QuantileType::Inverse), 3.0);
    }

    #[test]
    fn tails() {
        assert!(tail_risk(&[], 0.9).cvar.is_nan());
        // Level 0 is the mean; in the worst 30% of four lie the 4 and a fifth of the 3: (1·4 + 0.2·3)/1.2.
        let x = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(tail_risk(&x, 0.0), TailRisk { var: 1.0, cvar: 2.5 });
        let t = tail_risk(&x, 0.7);
        assert!(t.var == 3.0 && (t.cvar - 4.6 / 1.2).abs() < 1e-15, "{t:?}");
    }
}
