//! The quantile function of a beta law as a table in normal scores, built once and read on every path.

use super::beta::Beta;
use crate::math;

/// Range of scores: beyond ±8 (probability 1e-15) the end value applies.
const REACH: f64 = 8.0;
/// Intervals per unit of score.
const PER_UNIT: f64 = 32.0;

/// `logit Q(Φ(z))` for `|z| <= 8` by monotone cubics (Fritsch and Carlson, SIAM J. Numer. Anal. 17, 1980) through exact
/// values and slopes, 32 intervals per unit. In logits the curve is nearly straight, whatever the law.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// For each knot the value, and the slope times the interval.
    knots: Vec<[f64; 2]>,
}

impl Table {
    pub(super) fn new(law: Beta) -> Table {
        let lower = half(law);
        let upper = half(Beta::new(law.b, law.a));
        let below = lower.iter().skip(1).rev().copied();
        let above = upper.iter().skip(1).map(|[y, slope]| [-y, *slope]);
        let mut knots: Vec<[f64; 2]> = below.chain([lower[0]]).chain(above).collect();
        for i in 0..knots.len() {
            let secant = |a: usize, b: usize| knots.get(b).map_or(f64::INFINITY, |k| k[0] - knots[a][0]);
            let left = if i == 0 { f64::INFINITY } else { secant(i - 1, i) };
            let most = 3.0 * math::min(left, secant(i, i + 1));
            knots[i][1] = math::clamp(knots[i][1], 0.0, most);
        }
        Table { knots }
    }

    /// The quantile at normal score `z`, in (0, 1).
    pub(super) fn at(&self, z: f64) -> f64 {
        let place = math::clamp((z + REACH) * PER_UNIT, 0.0, 2.0 * REACH * PER_UNIT);
        let i = math::min(place as usize, self.knots.len() - 2);
        let t = place - i as f64;
        let ([y0, d0], [y1, d1]) = (self.knots[i], self.knots[i + 1]);
        let rise = y1 - y0;
        math::logistic(y0 + t * (d0 + t * ((3.0 * rise - 2.0 * d0 - d1) + t * (d0 + d1 - 2.0 * rise))))
    }
}

/// Knots at scores 0, −1/32, … −8: the logit, and its slope `φ(z)/(x (1 − x) f(x))` times the interval.
fn half(law: Beta) -> Vec<[f64; 2]> {
    let steps = (REACH * PER_UNIT) as u32;
    let mut guess = libm::log(law.a / law.b);
    (0..=steps)
        .map(|i| {
            let z = -f64::from(i) / PER_UNIT;
            let y = law.logit_quantile(math::normal_cdf(z), guess);
            let normal = libm::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
            let slope = normal / law.at_logit(y).1 / PER_UNIT;
            guess = y - slope;
            [y, slope]
        })
        .collect()
}
