//! Gaussian and t copulas: the relation between rank correlation, normal-score correlation and joint tails.
//!
//! `rho` is always the correlation of the normal (or t) vector under the copula. Sources: Kruskal, JASA 53 (1958);
//! Demarta and `McNeil`, "The t copula and related copulas", International Statistical Review 73 (2005).

use super::memo::Memo;
use super::special::StudentT;
use crate::math;
use std::f64::consts::PI;

/// The family that joins the inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Copula {
    /// No dependence in the tails.
    Gaussian,
    /// All inputs share one mixing variable per path: `z √(df/W)`, `W ~ χ²(df)`.
    T {
        /// Degrees of freedom, above zero.
        df: f64,
    },
}

/// How the dependence of a pair is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Spearman's rank correlation.
    Spearman,
    /// Kendall's tau.
    Kendall,
    /// The copula's own `rho`: for the Gaussian the Pearson correlation of normal scores.
    Normal,
}

impl Copula {
    /// Spearman's rank correlation under `rho`: `(6/π) asin(rho/2)` for the Gaussian; for the t
    /// `(6/π) E asin(rho W₁/√((W₁ + W₂)(W₁ + W₃)))`, `W_k = df/χ²(df)` independent, error below 1e-12.
    pub fn spearman(self, rho: f64) -> f64 {
        match self {
            Copula::Gaussian => 6.0 / PI * libm::asin(0.5 * rho),
            Copula::T { df } => mean_asin(&mixture(df), rho),
        }
    }

    /// Kendall's tau under `rho`: `(2/π) asin(rho)` for both families.
    pub fn kendall(self, rho: f64) -> f64 {
        2.0 / PI * libm::asin(rho)
    }

    /// The probability that both lie below their medians: `¼ + asin(rho)/(2π)` for both families.
    pub fn both_below_median(self, rho: f64) -> f64 {
        0.25 + libm::asin(rho) / (2.0 * PI)
    }

    /// The limit, as `q → 0`, of the probability that one lies below its `q`-quantile given that the other does: zero
    /// for the Gaussian (`rho < 1`), `2 T_{df+1}(−√((df + 1)(1 − rho)/(1 + rho)))` for the t.
    pub fn tail_dependence(self, rho: f64) -> f64 {
        match self {
            _ if rho >= 1.0 => 1.0,
            Copula::Gaussian => 0.0,
            Copula::T { .. } if rho <= -1.0 => 0.0,
            Copula::T { df } => 2.0 * StudentT::new(df + 1.0).tail(((df + 1.0) * (1.0 - rho) / (1.0 + rho)).sqrt()),
        }
    }

    /// The `rho` under which a pair has this dependence, `-1 <= target <= 1`: `2 sin(π ρ_S/6)`, `sin(π τ/2)`, and for
    /// Spearman's under the t copula the inverse of [`Copula::spearman`] by bracketing (error below 1e-12).
    pub fn rho(self, measure: Measure, target: f64) -> f64 {
        self.rhos(&[(measure, target)])[0]
    }

    /// [`Copula::rho`] of several pairs, which share the one costly table.
    pub fn rhos(self, targets: &[(Measure, f64)]) -> Vec<f64> {
        static KNOWN: Memo<2, f64> = Memo::new();
        let mut table = None;
        let mut of = |&(measure, target): &(Measure, f64)| match (measure, self) {
            (Measure::Normal, _) => target,
            (Measure::Kendall, _) => libm::sin(0.5 * PI * target),
            (Measure::Spearman, Copula::Gaussian) => 2.0 * libm::sin(PI * target / 6.0),
            (Measure::Spearman, Copula::T { .. }) if target.abs() >= 1.0 => target,
            (Measure::Spearman, Copula::T { df }) => KNOWN.get([df, target], || {
                let nodes = table.get_or_insert_with(|| mixture(df));
                invert(|rho| mean_asin(nodes, rho) - target.abs()) * libm::copysign(1.0, target)
            }),
        };
        targets.iter().map(&mut of).collect()
    }
}

/// The root in `[0, 1]` of an increasing function, by false position (Illinois) within a bisection's bracket.
fn invert(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let (mut below, mut above) = (f(low), f(high));
    for step in 0..80 {
        let middle = if step % 4 == 3 { 0.5 * (low + high) } else { low - below * (high - low) / (above - below) };
        let value = f(middle);
        if value == 0.0 || high - low < 1e-14 {
            return middle;
        }
        if value < 0.0 {
            (low, below, above) = (middle, value, 0.5 * above);
        } else {
            (high, above, below) = (middle, value, 0.5 * below);
        }
        if value.abs() < 1e-15 {
            return middle;
        }
    }
    0.5 * (low + high)
}

/// The law of `S = W₁/√((W₁ + W₂)(W₁ + W₃))` as nodes and weights that sum to one.
///
/// With `G_k ~ χ²(df)`, `x = ln G₂/G₁` and `y = ln G₃/G₁` have density in proportion to
/// `(e^x e^y)^{df/2} / (1 + e^x + e^y)^{3 df/2}` and `S² = e^x e^y/((1 + e^x)(1 + e^y))`. The integrand is analytic in
/// a strip of width π and falls exponentially, so the trapezoidal rule converges geometrically (Trefethen and Weideman,
/// SIAM Review 56, 2014); the weights need no constant.
fn mixture(df: f64) -> Vec<[f64; 2]> {
    let a = 0.5 * df;
    let reach = 2.0 * libm::acosh(libm::exp(math::min(20.0 / a, 600.0)));
    let count = math::clamp(libm::ceil(reach / math::min(0.5, 0.5 / a.sqrt())), 8.0, 2000.0);
    let h = reach / count;
    let terms: Vec<f64> = (0..=2 * count as u32).map(|i| -reach + h * f64::from(i)).collect();
    let share: Vec<[f64; 2]> = terms.iter().map(|x| [math::exp(*x), math::logistic(*x)]).collect();
    let mut nodes = Vec::new();
    let mut total = 0.0;
    for (i, x) in terms.iter().enumerate() {
        for (j, y) in terms.iter().enumerate().take(i + 1) {
            let largest = math::max(0.0, *x);
            let sum = math::exp(-largest) + math::exp(x - largest) + math::exp(y - largest);
            let weight =
                math::exp(a * (x + y) - 3.0 * a * (largest + math::ln(sum / 3.0))) * if i == j { 1.0 } else { 2.0 };
            if weight > 1e-300 {
                nodes.push([(share[i][1] * share[j][1]).sqrt(), weight]);
                total += weight;
            }
        }
    }
    let heaviest = nodes.iter().fold(0.0, |m, n| math::max(m, n[1]));
    nodes.retain(|n| n[1] > 1e-20 * heaviest);
    for node in &mut nodes {
        node[1] /= total;
    }
    nodes
}

fn mean_asin(nodes: &[[f64; 2]], rho: f64) -> f64 {
    6.0 / PI * nodes.iter().map(|[s, weight]| weight * libm::asin(math::clamp(rho * s, -1.0, 1.0))).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_spearman_has_its_limits_and_inverts() {
        // df 4, rho 0.5 gives 0.469 where the Gaussian gives 0.483.
        let t4 = Copula::T { df: 4.0 };
        assert!((t4.spearman(0.5) - 0.469).abs() < 5e-4, "{}", t4.spearman(0.5));
        assert!((Copula::Gaussian.spearman(0.5) - 0.483).abs() < 5e-4);
        for df in [0.5, 1.0, 2.5, 4.0, 30.0, 1000.0] {
            let t = Copula::T { df };
            // At rho = 1 the ranks are equal: E asin S = π/6 checks the quadrature alone.
            assert!((t.spearman(1.0) - 1.0).abs() < 1e-12, "{df}: {}", t.spearman(1.0) - 1.0);
            assert_eq!(t.spearman(0.0), 0.0);
            for target in [-0.95, -0.4, 0.1, 0.469, 0.9, 0.999] {
                let rho = t.rho(Measure::Spearman, target);
                assert!((t.spearman(rho) - target).abs() < 1e-12, "{df} {target}");
            }
        }
        // Towards the Gaussian at the rate 1/df.
        for df in [1e3, 1e4] {
            let gap = Copula::T { df }.spearman(0.6) - Copula::Gaussian.spearman(0.6);
            assert!(gap < 0.0 && gap > -1.0 / df, "{gap}");
        }
    }

    #[test]
    fn ends_of_the_range() {
        for copula in [Copula::Gaussian, Copula::T { df: 4.0 }] {
            for measure in [Measure::Spearman, Measure::Kendall, Measure::Normal] {
                for target in [-1.0, 0.0, 1.0] {
                    assert!((copula.rho(measure, target) - target).abs() < 1e-15);
                }
            }
            assert_eq!((copula.tail_dependence(1.0), copula.tail_dependence(-1.0)), (1.0, 0.0));
        }
    }
}
