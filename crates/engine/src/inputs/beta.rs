//! The beta law in logits, where neither end loses digits, and its shapes from two quantiles.

use super::laws::Z95;
use super::special::ln_beta;
use crate::math;
use crate::stats::special::beta_fraction;

/// A beta law on (0, 1), with its constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beta {
    pub(super) a: f64,
    pub(super) b: f64,
    ln_constant: f64,
}

impl Beta {
    pub(super) fn new(a: f64, b: f64) -> Beta {
        Beta { a, b, ln_constant: ln_beta(a, b) }
    }

    /// `P(X <= x)` and `x (1 − x) f(x)` at `x = 1/(1 + e^−y)`: in logits neither end loses digits. Relative error about
    /// 1e-13 for moderate `a` and `b`, growing like 1e-16 times their size.
    pub(super) fn at_logit(&self, y: f64) -> (f64, f64) {
        let (lower, upper) = (1.0 / (1.0 + libm::exp(-y)), 1.0 / (1.0 + libm::exp(y)));
        let (ln_lower, ln_upper) = (-libm::log1p(libm::exp(-y)), -libm::log1p(libm::exp(y)));
        // Where e^−y overflows, ln(1 + e^−y) is −y.
        let (ln_lower, ln_upper) = (math::select(y < -700.0, y, ln_lower), math::select(y > 700.0, -y, ln_upper));
        let density = libm::exp(self.a * ln_lower + self.b * ln_upper - self.ln_constant);
        let below = if lower < (self.a + 1.0) / (self.a + self.b + 2.0) {
            density * beta_fraction(self.a, self.b, lower) / self.a
        } else {
            1.0 - density * beta_fraction(self.b, self.a, upper) / self.b
        };
        (below, density)
    }

    /// The logit `y` at which `P(X <= x) = p`, for `p <= ½`, from a guess. Newton on `ln P`, which is increasing and
    /// concave in `y`: it approaches from below without overshooting, from any start.
    pub(super) fn logit_quantile(&self, p: f64, guess: f64) -> f64 {
        let target = libm::log(p);
        let mut y = guess;
        for _ in 0..200 {
            let (below, density) = self.at_logit(y);
            if below < 1e-300 || density < 1e-300 {
                y += math::select(below < p, 1.0, -1.0) * (1.0 + 0.5 * y.abs());
                continue;
            }
            let step = (target - libm::log(below)) * below / density;
            y += step;
            if step.abs() < 1e-12 * (1.0 + y.abs()) {
                break;
            }
        }
        y
    }
}

/// The shapes of the beta with these 5% and 95% points, or `None` if they are outside 1e-3 to 1e8.
pub(super) fn shapes(p5: f64, p95: f64) -> Option<(f64, f64)> {
    let logit = |x: f64| libm::log(x) - libm::log1p(-x);
    let (low, high) = (logit(p5), logit(p95));
    // Errors at both points in normal scores, each from its own tail.
    let misses = |[ln_a, ln_b]: [f64; 2]| {
        let (a, b) = (libm::exp(ln_a), libm::exp(ln_b));
        let below = Beta::new(a, b).at_logit(low).0;
        let above = Beta::new(b, a).at_logit(-high).0;
        [math::normal_quantile(below) + Z95, math::normal_quantile(above) + Z95]
    };
    let size = |m: [f64; 2]| math::max(m[0].abs(), m[1].abs());
    // A logit-normal of the same points has variance near 1/a + 1/b and mean near ln(a/b).
    let (mid, sd) = (0.5 * (low + high), (high - low) / (2.0 * Z95));
    let mut at = [mid, -mid].map(|m| libm::log1p(libm::exp(m)) - 2.0 * libm::log(sd));
    at = at.map(|ln| math::clamp(ln, -3.0, 18.0));
    let mut miss = misses(at);
    for _ in 0..100 {
        if size(miss) < 1e-11 {
            return Some((libm::exp(at[0]), libm::exp(at[1])));
        }
        let h = 1e-6;
        let (by_a, by_b) = (misses([at[0] + h, at[1]]), misses([at[0], at[1] + h]));
        let j =
            [[by_a[0] - miss[0], by_b[0] - miss[0]], [by_a[1] - miss[1], by_b[1] - miss[1]]].map(|r| r.map(|d| d / h));
        let determinant = j[0][0] * j[1][1] - j[0][1] * j[1][0];
        let step = [
            (j[1][1] * miss[0] - j[0][1] * miss[1]) / determinant,
            (j[0][0] * miss[1] - j[1][0] * miss[0]) / determinant,
        ];
        // Halve the step until it helps.
        let mut share = 1.0;
        loop {
            let next = [at[0] - share * step[0], at[1] - share * step[1]];
            let inside = next.iter().all(|ln| (-7.0..18.5).contains(ln));
            let missed = if inside { misses(next) } else { [f64::INFINITY; 2] };
            if size(missed) < size(miss) {
                (at, miss) = (next, missed);
                break;
            }
            share *= 0.5;
            if share < 1e-6 {
                // Large shapes leave rounding errors of about 1e-16 of their size.
                return (size(miss) < 1e-7).then(|| (libm::exp(at[0]), libm::exp(at[1])));
            }
        }
    }
    None
}
