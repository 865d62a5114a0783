//! The difference of a quantile between two columns on the same paths.
//!
//! The sample quantile of a column is, but for terms that vanish faster, the true one less the mean over its paths of
//! `(1{x ≤ q} − p)/f(q)`, where `f` is the density (Bahadur 1966, "A note on quantiles in large samples"). These
//! influences are known path by path, so the error of a difference is that of the mean of their differences.

use crate::moments::Moments;
use crate::quantile::quantile;
use crate::special::{normal_pdf, normal_quantile};

/// A quantile of two columns and how it differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileDifference {
    /// Defined values of the first column.
    pub n_a: u64,
    /// Defined values of the second column.
    pub n_b: u64,
    /// The quantile of the first column over its defined values, type 7; NaN if there are none.
    pub a: f64,
    /// The quantile of the second column.
    pub b: f64,
    /// `b − a`.
    pub difference: f64,
    /// Standard error of the difference on the same paths; NaN if a column has fewer than two values or the level is
    /// not inside (0, 1). Zero if the columns are the same.
    pub se: f64,
    /// What it would be if the columns were independent.
    pub unpaired_se: f64,
}

/// A column with its quantile and the influence of each path on it.
struct Influences {
    n: u64,
    at: f64,
    of_path: Vec<f64>,
}

/// Compares the `p`-quantiles of two columns on the same paths, each over its own defined values; a path has no
/// influence on a column where it is undefined.
///
/// Where equal values fill the whole bandwidth of the density, the quantile does not move with the sample and its error
/// is zero. For values on a coarse grid, and for levels beyond the last ten values, the error is rough.
///
/// # Panics
/// If the columns differ in length.
pub fn quantile_difference(a: &[f64], b: &[f64], p: f64) -> QuantileDifference {
    assert_eq!(a.len(), b.len(), "both columns are on the same paths");
    let (on_a, on_b) = (Influences::of(a, p), Influences::of(b, p));
    let seen = a.iter().zip(b).map(|(x, y)| !x.is_nan() || !y.is_nan());
    let paths = on_a.of_path.iter().zip(&on_b.of_path).zip(seen).filter(|(_, seen)| *seen);
    let differences: Vec<f64> = paths.map(|((x, y), _)| y - x).collect();
    let [se_a, se_b] = [&on_a, &on_b].map(|column| sum_error(&column.of_path));
    let enough = on_a.n > 1 && on_b.n > 1 && p > 0.0 && p < 1.0;
    let or_nan = |x: f64| if enough { x } else { f64::NAN };
    QuantileDifference {
        n_a: on_a.n,
        n_b: on_b.n,
        a: on_a.at,
        b: on_b.at,
        difference: if on_a.at == on_b.at { 0.0 } else { on_b.at - on_a.at },
        se: or_nan(sum_error(&differences)),
        unpaired_se: or_nan((se_a * se_a + se_b * se_b).sqrt()),
    }
}

/// Standard error of a sum of independent terms.
fn sum_error(terms: &[f64]) -> f64 {
    Moments::of(terms).sd() * (terms.len() as f64).sqrt()
}

impl Influences {
    /// Influences on the quantile of the defined values, which add up to its error; 0 where undefined.
    fn of(column: &[f64], p: f64) -> Influences {
        let mut sorted: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (n, at) = (sorted.len() as f64, quantile(&sorted, p));
        let per_path = inverse_density(&sorted, p) / n;
        let influence = |x: &f64| {
            let below = if *x <= at { 1.0 } else { 0.0 };
            if x.is_nan() { 0.0 } else { (p - below) * per_path }
        };
        Influences { n: sorted.len() as u64, at, of_path: column.iter().map(influence).collect() }
    }
}

/// `1/f` at the `p`-quantile of an ascending sample: the spacing of the quantiles at `p ± h` over their distance in
/// probability, with the bandwidth of Hall & Sheather (1988), "On the distribution of a Studentized quantile", eq. 2.6,
/// for intervals at 95%; cut off at the ends of the sample.
fn inverse_density(sorted: &[f64], p: f64) -> f64 {
    let z = normal_quantile(p);
    let curvature = 1.5 * normal_pdf(z) * normal_pdf(z) / (2.0 * z * z + 1.0);
    let confidence = normal_quantile(0.975);
    let h = libm::cbrt(confidence * confidence * curvature / sorted.len() as f64);
    let (low, high) = ((p - h).max(0.0), (p + h).min(1.0));
    let (bottom, top) = (quantile(sorted, low), quantile(sorted, high));
    if bottom == top { 0.0 } else { (top - bottom) / (high - low) }
}
