//! Borgonovo's (2007) delta: half the mean distance `∫|f_Y − f_Y|X|` between the density of the output and its density
//! given an input; 0 if the output does not depend on the input, at most 1. It sees dependence of any form, and no
//! monotone change of scale of either changes it.
//!
//! The estimator cuts both into classes of about equal size (Plischke, Borgonovo & Smith 2013, "Global sensitivity
//! measures from given data") and sums the distances of their shares. Equal values stay together; undefined outputs are a
//! class, so that it also sees on what it depends whether the output is defined.
//!
//! Distances of random shares are too large. The mean `δ₀` over random orders of the input, which have no dependence,
//! says by how much: noise adds to a distance nearly in squares, so the estimate is `√(δ̂² − δ₀²)`, zero below (our
//! assumption, by simulation). For jointly normal variables its bias is about 0.01 or less from 500 paths on, where the
//! input explains up to half of the variance. Where it explains nine tenths, the estimate is 9% too low with 500 paths and
//! 2% with 10,000, since densities change within classes.

use super::groups::Classes;
use crate::bootstrap::{Bootstrap, Estimate, estimates};
use crate::random::Random;

/// Most classes.
const MOST: usize = 32;

/// What is known of the delta of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delta {
    /// Number of paths.
    pub n: u64,
    /// Delta with the correction for bias.
    pub corrected: Estimate,
    /// Delta as the classes give it.
    pub raw: f64,
    /// Its mean over random orders of the input.
    pub without_dependence: f64,
    /// `(1 + orders with at least the raw delta)/(1 + orders)`: small if chance does not explain it.
    pub p_value: f64,
}

/// Delta of an output and an input on the same paths, with `permutations` random orders for the correction, at least 1.
/// The interval is of percentiles, moved so that they lie about the estimate, since resampling adds to the bias; its
/// errors do not contain that from classes. `None` if the input or the output has only one class.
///
/// Takes time `(permutations + resamples) × paths`.
///
/// # Panics
/// If the columns differ in length.
pub fn delta(input: &[f64], output: &[f64], permutations: u32, bootstrap: &Bootstrap) -> Option<Delta> {
    assert_eq!(input.len(), output.len(), "both columns are on the same paths");
    let most = (libm::round(libm::cbrt(input.len() as f64)) as usize).clamp(2, MOST);
    let (mut x, y) = (Classes::of(input, most), Classes::of(output, most));
    if x.count < 2 || y.count < 2 {
        return None;
    }
    let mut resampled = Vec::with_capacity(bootstrap.resamples as usize + 1);
    estimates(input.len(), bootstrap, 1, |weights, _| resampled.push(distance(&x, &y, weights)));
    let raw = resampled.remove(0);
    let (mut sum, mut as_large, unit) = (0.0, 0, vec![1.0; input.len()]);
    for order in 0..permutations.max(1) {
        // Streams of resamples have their numbers; these follow.
        Random::new(bootstrap.seed, u64::from(u32::MAX) + u64::from(order)).shuffle(&mut x.of_row);
        let by_chance = distance(&x, &y, &unit);
        sum += by_chance;
        // Equal tables in another order may differ in the last digits.
        as_large += u32::from(by_chance >= raw - 1e-12);
    }
    let orders = f64::from(permutations.max(1));
    let without_dependence = sum / orders;
    let corrected = |raw: f64| (raw * raw - without_dependence * without_dependence).max(0.0).sqrt();
    let excess = resampled.iter().sum::<f64>() / resampled.len() as f64 - raw;
    let replicates = resampled.into_iter().map(|delta| corrected((delta - excess).max(0.0))).collect();
    Some(Delta {
        n: input.len() as u64,
        corrected: Estimate::new(corrected(raw), replicates, bootstrap.level),
        raw,
        without_dependence,
        p_value: (1.0 + f64::from(as_large)) / (1.0 + orders),
    })
}

/// Half the mean distance of the shares of the classes of `y` within a class of `x` from those in all.
fn distance(x: &Classes, y: &Classes, weights: &[f64]) -> f64 {
    let mut table = vec![0.0; x.count * y.count];
    for ((row, column), w) in x.of_row.iter().zip(&y.of_row).zip(weights) {
        table[*row as usize * y.count + *column as usize] += w;
    }
    let rows: Vec<f64> = table.chunks(y.count).map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..y.count).map(|k| table.iter().skip(k).step_by(y.count).sum()).collect();
    let total: f64 = rows.iter().sum();
    let of_row = |(row, size): (&[f64], &f64)| -> f64 {
        row.iter().zip(&columns).map(|(count, share)| (count - size * share / total).abs()).sum()
    };
    0.5 * table.chunks(y.count).zip(&rows).map(of_row).sum::<f64>() / total
}

#[cfg(test)]
mod tests;
