//! The laws an uncertain input may have, and their quantile functions.
//!
//! A draw is the quantile at a standard normal score `z`, that is at probability `Φ(z)`: [`Law::at_score`]. Every
//! quantile function is non-decreasing, so a copula's ranks are preserved. Parameters refer to the variable itself,
//! never to its logarithm. Units (left to the caller) and dependence are out of scope.

#![expect(clippy::missing_errors_doc, reason = "each constructor names its errors in a line")]

use std::sync::Arc;

use super::beta::{Beta, shapes};
use super::law_error::LawError;
use super::memo::Memo;
use super::table::Table;
use crate::math;
use rand_distr::{Distribution, Open01};

/// `Φ⁻¹(0.95)`: half of a 90% interval in standard deviations.
pub(super) const Z95: f64 = 1.644_853_626_951_472_2;

/// The law of one uncertain input. Built by the constructors, which validate; evaluated by [`Law::at_score`].
#[derive(Clone, Debug, PartialEq)]
pub struct Law(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Point(f64),
    Uniform {
        min: f64,
        max: f64,
    },
    Triangular {
        min: f64,
        mode: f64,
        max: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    /// Beta and PERT: `min + (max − min) B`, `B` of shapes `a`, `b`.
    Beta {
        a: f64,
        b: f64,
        min: f64,
        max: f64,
        table: Arc<Table>,
    },
    /// Values ascending, with the probability of each value and those before it.
    Discrete {
        values: Vec<f64>,
        cumulative: Vec<f64>,
    },
}

/// A draw with any generator, by the quantile of a uniform: for users of the library. A run draws from its own streams,
/// by scores, and does not use it.
///
/// ```
/// use gapcast_engine::inputs::Law;
/// use rand_distr::Distribution;
///
/// let law = Law::interval_lognormal(2.0, 8.0)?;
/// let mut generator = gapcast_engine::streams::Stream::new(1, "example").rng(0);
/// let draws: Vec<f64> = law.sample_iter(&mut generator).take(1000).collect();
/// let below = draws.iter().filter(|x| **x < 4.0).count();
/// assert!((450..550).contains(&below), "half lie below the median, 4: {below}");
/// # Ok::<(), gapcast_engine::inputs::LawError>(())
/// ```
impl Distribution<f64> for Law {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let uniform: f64 = Open01.sample(rng);
        self.quantile(uniform)
    }
}

fn finite(values: &[f64]) -> Result<(), LawError> {
    values.iter().find(|v| !v.is_finite()).map_or(Ok(()), |v| Err(LawError::NotFinite { value: *v }))
}

fn ascending(low: f64, high: f64) -> Result<(), LawError> {
    finite(&[low, high])?;
    if low < high { Ok(()) } else { Err(LawError::NotBelow { low, high }) }
}

fn positive(value: f64) -> Result<(), LawError> {
    finite(&[value])?;
    if value > 0.0 { Ok(()) } else { Err(LawError::NotPositive { value }) }
}

fn mode_inside(min: f64, mode: f64, max: f64) -> Result<(), LawError> {
    ascending(min, max)?;
    finite(&[mode])?;
    if min <= mode && mode <= max { Ok(()) } else { Err(LawError::ModeOutside { mode, min, max }) }
}

impl Law {
    /// A fixed value. Errors: not finite.
    pub fn point(value: f64) -> Result<Law, LawError> {
        finite(&[value])?;
        Ok(Law(Form::Point(value)))
    }

    /// Uniform from `min` to `max`. Errors: not finite, not ascending.
    pub fn uniform(min: f64, max: f64) -> Result<Law, LawError> {
        ascending(min, max)?;
        Ok(Law(Form::Uniform { min, max }))
    }

    /// Triangular; the mode may be at an end. Errors: not finite, not ascending, mode outside.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Law, LawError> {
        mode_inside(min, mode, max)?;
        Ok(Law(Form::Triangular { min, mode, max }))
    }

    /// PERT: a beta on `min` to `max` with mean `(min + 4 mode + max)/6`, shapes `1 + 4 (mode − min)/(max − min)` and
    /// `1 + 4 (max − mode)/(max − min)` (Malcolm et al., Operations Research 7, 1959; Vose, Risk Analysis, §13.7).
    pub fn pert(min: f64, mode: f64, max: f64) -> Result<Law, LawError> {
        mode_inside(min, mode, max)?;
        let share = (mode - min) / (max - min);
        Ok(Law::scaled_beta(1.0 + 4.0 * share, 1.0 + 4.0 * (1.0 - share), min, max))
    }

    /// Normal by mean and standard deviation. Errors: not finite, `sd` not positive.
    pub fn normal(mean: f64, sd: f64) -> Result<Law, LawError> {
        finite(&[mean])?;
        positive(sd)?;
        Ok(Law(Form::Normal { mean, sd }))
    }

    /// Normal by its 90% interval. Errors: not finite, not ascending.
    pub fn interval_normal(p5: f64, p95: f64) -> Result<Law, LawError> {
        ascending(p5, p95)?;
        Law::normal(0.5 * (p5 + p95), (p95 - p5) / (2.0 * Z95))
    }

    /// Lognormal by its 90% interval. Errors: not finite, not positive, not ascending.
    pub fn interval_lognormal(p5: f64, p95: f64) -> Result<Law, LawError> {
        positive(p5)?;
        ascending(p5, p95)?;
        let (low, high) = (libm::log(p5), libm::log(p95));
        Ok(Law(Form::LogNormal { mu: 0.5 * (low + high), sigma: (high - low) / (2.0 * Z95) }))
    }

    /// Lognormal by its median and 95% point. Errors: not finite, not positive, not ascending.
    pub fn lognormal_median_p95(median: f64, p95: f64) -> Result<Law, LawError> {
        positive(median)?;
        ascending(median, p95)?;
        let mu = libm::log(median);
        Ok(Law(Form::LogNormal { mu, sigma: (libm::log(p95) - mu) / Z95 }))
    }

    /// Lognormal by its own mean and standard deviation: `σ² = ln(1 + (sd/mean)²)`, `μ = ln mean − σ²/2`.
    pub fn lognormal_mean_sd(mean: f64, sd: f64) -> Result<Law, LawError> {
        positive(mean)?;
        positive(sd)?;
        let variance = libm::log1p((sd / mean) * (sd / mean));
        Ok(Law(Form::LogNormal { mu: libm::log(mean) - 0.5 * variance, sigma: variance.sqrt() }))
    }

    /// Beta on (0, 1) by its shapes. Errors: not finite, not positive.
    pub fn beta(a: f64, b: f64) -> Result<Law, LawError> {
        positive(a)?;
        positive(b)?;
        Ok(Law::scaled_beta(a, b, 0.0, 1.0))
    }

    /// Beta on (0, 1) with 5% below `p5` and 5% above `p95`: Newton in the logarithms of the shapes, on both points'
    /// normal scores. Errors: not finite, not ascending, not inside (0, 1), shapes out of range.
    pub fn beta_p5_p95(p5: f64, p95: f64) -> Result<Law, LawError> {
        ascending(p5, p95)?;
        for value in [p5, p95] {
            if value <= 0.0 || value >= 1.0 {
                return Err(LawError::NotInside { value });
            }
        }
        let (a, b) = shapes(p5, p95).ok_or(LawError::NoBeta { p5, p95 })?;
        Ok(Law::scaled_beta(a, b, 0.0, 1.0))
    }

    fn scaled_beta(a: f64, b: f64, min: f64, max: f64) -> Law {
        static KNOWN: Memo<2, Arc<Table>> = Memo::new();
        let table = KNOWN.get([a, b], || Arc::new(Table::new(Beta::new(a, b))));
        Law(Form::Beta { a, b, min, max, table })
    }

    /// These values with probabilities in proportion to the weights. Errors: empty, lengths differ, not finite, weights
    /// negative or all zero.
    pub fn discrete(values: &[f64], weights: &[f64]) -> Result<Law, LawError> {
        finite(values)?;
        finite(weights)?;
        if values.is_empty() {
            return Err(LawError::NoValues);
        }
        if values.len() != weights.len() {
            return Err(LawError::Lengths { values: values.len(), weights: weights.len() });
        }
        let total: f64 = weights.iter().sum();
        if weights.iter().any(|w| *w < 0.0) || total <= 0.0 {
            return Err(LawError::Weights { weights: weights.to_vec() });
        }
        let mut order: Vec<usize> = (0..values.len()).filter(|i| weights[*i] > 0.0).collect();
        order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
        let mut sum = 0.0;
        let cumulative = order.iter().map(|i| {
            sum += weights[*i];
            sum / total
        });
        let cumulative = cumulative.collect();
        Ok(Law(Form::Discrete { values: order.iter().map(|i| values[*i]).collect(), cumulative }))
    }

    /// Each of these observations with the same probability (no interpolation, no smoothing). Errors: empty, not
    /// finite.
    pub fn empirical(values: &[f64]) -> Result<Law, LawError> {
        Law::discrete(values, &vec![1.0; values.len()])
    }

    /// The quantile at probability `Φ(z)`: the value of a draw with standard normal score `z`. Exact to rounding; beta
    /// and PERT within 1e-8 of the range for shapes above 0.3.
    pub fn at_score(&self, z: f64) -> f64 {
        match &self.0 {
            Form::Normal { mean, sd } => mean + sd * z,
            Form::LogNormal { mu, sigma } => math::exp(mu + sigma * z),
            Form::Beta { min, max, table, .. } => min + (max - min) * table.at(z),
            Form::Point(value) => *value,
            Form::Triangular { .. } => self.at_probability(math::normal_cdf(z), math::normal_cdf(-z)),
            _ => self.at_probability(math::normal_cdf(z), f64::NAN), // the others need no upper tail
        }
    }

    /// The quantile at probability `u`, `0 < u < 1`.
    pub fn quantile(&self, u: f64) -> f64 {
        match &self.0 {
            Form::Uniform { .. } | Form::Triangular { .. } | Form::Discrete { .. } => self.at_probability(u, 1.0 - u),
            _ => self.at_score(math::normal_quantile(u)),
        }
    }

    /// The quantile with `u` below and `v = 1 − u` above, for the forms that are simpler in probabilities.
    fn at_probability(&self, u: f64, v: f64) -> f64 {
        match &self.0 {
            Form::Uniform { min, max } => min + (max - min) * u,
            Form::Triangular { min, mode, max } => {
                let range = max - min;
                if u * range < mode - min {
                    min + (u * range * (mode - min)).sqrt()
                } else {
                    max - (v * range * (max - mode)).sqrt()
                }
            }
            Form::Discrete { values, cumulative } => {
                values[math::min(cumulative.partition_point(|c| *c < u), values.len() - 1)]
            }
            _ => self.at_score(math::normal_quantile(u)),
        }
    }

    /// The probability of a value below `low` and of one above `high`: the quantile function is non-decreasing, so each
    /// is `Φ` of a score found by bisection.
    pub fn beyond(&self, low: f64, high: f64) -> (f64, f64) {
        const FAR: f64 = 9.0;
        let least = |reached: &dyn Fn(f64) -> bool| {
            let (mut before, mut after) = (-FAR, FAR);
            if reached(before) {
                return -f64::INFINITY;
            }
            if !reached(after) {
                return f64::INFINITY;
            }
            for _ in 0..60 {
                let middle = 0.5 * (before + after);
                if reached(middle) { after = middle } else { before = middle }
            }
            after
        };
        let below = least(&|z| self.at_score(z) >= low);
        let above = least(&|z| self.at_score(z) > high);
        (math::normal_cdf(below), math::normal_cdf(-above))
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.moments().0
    }

    /// The standard deviation.
    pub fn sd(&self) -> f64 {
        self.moments().1
    }

    /// Mean and standard deviation, in closed form.
    fn moments(&self) -> (f64, f64) {
        match &self.0 {
            Form::Point(value) => (*value, 0.0),
            Form::Uniform { min, max } => (0.5 * (min + max), (max - min) / 12f64.sqrt()),
            Form::Triangular { min, mode, max } => {
                let (p, q) = (mode - min, max - mode); // variance (p² + p q + q²)/18
                ((min + mode + max) / 3.0, ((p * p + p * q + q * q) / 18.0).sqrt())
            }
            Form::Normal { mean, sd } => (*mean, *sd),
            Form::LogNormal { mu, sigma } => {
                let mean = libm::exp(mu + 0.5 * sigma * sigma);
                (mean, mean * libm::expm1(sigma * sigma).sqrt())
            }
            Form::Beta { a, b, min, max, .. } => {
                let s = a + b;
                (min + (max - min) * a / s, (max - min) * (a * b / (s + 1.0)).sqrt() / s)
            }
            Form::Discrete { values, cumulative } => {
                let before = [0.0].into_iter().chain(cumulative.iter().copied());
                let weights: Vec<f64> = cumulative.iter().zip(before).map(|(c, b)| c - b).collect();
                let mean: f64 = values.iter().zip(&weights).map(|(v, w)| v * w).sum();
                let variance: f64 = values.iter().zip(&weights).map(|(v, w)| (v - mean) * (v - mean) * w).sum();
                (mean, variance.sqrt())
            }
        }
    }
}

#[cfg(test)]
mod tests;
