//! Two columns of values on the same paths: the difference of their means and of their quantiles, with the error that
//! remains because both face the same worlds.
//!
//! An undefined value is NaN. Differences are those of the second column over the first, `b − a`.

mod quantiles;

pub use quantiles::{QuantileDifference, quantile_difference};

use super::moments::Moments;

/// How the second column differs from the first, path by path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDifference {
    /// Paths on which both columns are defined; the numbers below are of these.
    pub n: u64,
    /// Paths on which only the first column is defined.
    pub only_a: u64,
    /// Paths on which only the second column is defined.
    pub only_b: u64,
    /// Mean of `b − a`, in the unit of the columns; NaN if `n` is 0.
    pub mean: f64,
    /// Its standard error, from the differences; NaN if `n < 2`. Zero if the columns are the same.
    pub se: f64,
    /// What the standard error would be if the columns were independent, `√(var(a)/n + var(b)/n)`.
    pub unpaired_se: f64,
    /// Share of the `n` paths with `b > a`; NaN if `n` is 0, like the next two.
    pub above: f64,
    /// Share with `b < a`.
    pub below: f64,
    /// Share with `b = a`.
    pub equal: f64,
}

/// Compares two columns on the same paths. Equal values differ by exactly zero, infinite ones too; any other infinite
/// value leaves the mean and the errors undefined.
///
/// # Panics
/// If the columns differ in length.
pub fn mean_difference(a: &[f64], b: &[f64]) -> MeanDifference {
    assert_eq!(a.len(), b.len(), "both columns are on the same paths");
    let pairs = || a.iter().copied().zip(b.iter().copied());
    let both = || pairs().filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let count = |which: fn(f64, f64) -> bool| pairs().filter(|(x, y)| which(*x, *y)).count() as u64;
    let differences: Vec<f64> = both().map(|(x, y)| if x == y { 0.0 } else { y - x }).collect();
    let moments = Moments::of(&differences);
    let n = differences.len() as u64;
    let [of_a, of_b] = [both().map(|p| p.0).collect::<Vec<_>>(), both().map(|p| p.1).collect()];
    let [se_a, se_b] = [Moments::of(&of_a).se(), Moments::of(&of_b).se()];
    let share = |which: fn(f64, f64) -> bool| both().filter(|(x, y)| which(*x, *y)).count() as f64 / n as f64;
    MeanDifference {
        n,
        only_a: count(|x, y| !x.is_nan() && y.is_nan()),
        only_b: count(|x, y| x.is_nan() && !y.is_nan()),
        mean: if n == 0 { f64::NAN } else { moments.mean },
        se: moments.se(),
        unpaired_se: (se_a * se_a + se_b * se_b).sqrt(),
        above: share(|x, y| y > x),
        below: share(|x, y| y < x),
        equal: share(|x, y| x == y),
    }
}

#[cfg(test)]
mod tests;
