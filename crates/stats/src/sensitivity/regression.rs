//! Linear measures of sensitivity, on values and on ranks: partial rank correlation (PRCC) and standardised regression
//! coefficients (SRC, SRRC), with the share of variance that the regression explains (Saltelli et al. 2000, "Sensitivity
//! analysis", ch. 2). Signs and sizes mean what they say only where the result is monotone in the inputs; a low R²
//! warns that it is not.
//!
//! All follow from one inverse `P` of the correlations of the inputs and from their correlations `r` with the output:
//! coefficients `β = P r`, R² `= rᵀβ`, partial correlation `β_k/√(β_k² + (1 − R²) P_kk)`.

use super::groups::Groups;
use super::symmetric::Inverse;
use crate::bootstrap::{Bootstrap, Estimate, estimates};
use crate::rank::dot;

/// A variance below this share of the squared mean is rounding error.
const ROUNDING: f64 = 1e-26;

/// An unexplained share below this is zero but for rounding: partial correlations are then ±1, or undefined.
const EXACT: f64 = 1e-12;

/// Measures of one input, dimensionless.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    /// Partial rank correlation with the output, given the other inputs; value NaN if the inputs explain the output
    /// exactly without this one.
    pub prcc: Estimate,
    /// Standardised regression coefficient: standard deviations of the output for one of the input.
    pub src: Estimate,
    /// The same on ranks.
    pub srrc: Estimate,
}

/// Measures of all inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// Paths on which the output and all inputs are finite; the others are excluded.
    pub n: u64,
    /// For each input its measures; `None` if it is constant, or a linear combination of others or part of one.
    pub inputs: Vec<Option<Coefficients>>,
    /// Share of the variance of the output that the regression on values explains.
    pub r_squared: Estimate,
    /// The same on ranks.
    pub rank_r_squared: Estimate,
}

/// Regression of the output on the inputs, with bootstrap errors and percentile intervals by resampling paths; ties have
/// their mean rank. `None` if the output is constant or the paths are fewer than the inputs and two. An input that is
/// determined on values but not on ranks, or the other way round, has NaN there.
///
/// Takes time `resamples × paths × inputs²`.
///
/// # Panics
/// If the columns differ in length.
pub fn regression(inputs: &[&[f64]], output: &[f64], bootstrap: &Bootstrap) -> Option<Regression> {
    assert!(inputs.iter().all(|column| column.len() == output.len()), "all columns are on the same paths");
    let finite: Vec<usize> =
        (0..output.len()).filter(|i| output[*i].is_finite() && inputs.iter().all(|x| x[*i].is_finite())).collect();
    let (n, d) = (finite.len(), inputs.len());
    if n < d + 2 {
        return None;
    }
    // The output is the last column.
    let columns: Vec<Column> = inputs.iter().chain([&output]).map(|x| Column::of(x, &finite)).collect();
    let mut work = Work::new(n, d);
    let all = estimates(n, bootstrap, 3 * d + 2, |weights, out| {
        let values = work.fit(&columns, weights, Column::values);
        let ranks = work.fit(&columns, weights, Column::ranks);
        for k in 0..d {
            (out[k], out[d + k], out[2 * d + k]) = (ranks.partial(k), values.coefficient(k), ranks.coefficient(k));
        }
        (out[3 * d], out[3 * d + 1]) = (values.r_squared, ranks.r_squared);
    });
    let (r_squared, rank_r_squared) = (all[3 * d], all[3 * d + 1]);
    if r_squared.value.is_nan() || rank_r_squared.value.is_nan() {
        return None;
    }
    let of_input = |k: usize| {
        let found = Coefficients { prcc: all[k], src: all[d + k], srrc: all[2 * d + k] };
        (!found.src.value.is_nan() || !found.srrc.value.is_nan()).then_some(found)
    };
    Some(Regression { n: n as u64, inputs: (0..d).map(of_input).collect(), r_squared, rank_r_squared })
}

/// The values of a column on the finite paths, and their order.
struct Column {
    values: Vec<f64>,
    groups: Groups,
}

impl Column {
    fn of(column: &[f64], rows: &[usize]) -> Column {
        let values: Vec<f64> = rows.iter().map(|row| column[*row]).collect();
        Column { groups: Groups::of(&values), values }
    }
    fn values(&self, _weights: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.values);
    }
    fn ranks(&self, weights: &[f64], out: &mut [f64]) {
        self.groups.ranks(weights, out);
    }
}

/// Buffers for standardised columns, the output last.
struct Work {
    columns: Vec<Vec<f64>>,
}

impl Work {
    fn new(n: usize, d: usize) -> Work {
        Work { columns: vec![vec![0.0; n]; d + 1] }
    }

    /// The regression on what `read` takes from the columns.
    fn fit(&mut self, columns: &[Column], weights: &[f64], read: fn(&Column, &[f64], &mut [f64])) -> Fit {
        for (column, out) in columns.iter().zip(&mut self.columns) {
            read(column, weights, out);
            standardise(out, weights);
        }
        let (inputs, output) = self.columns.split_at(columns.len() - 1);
        let (d, output) = (inputs.len(), &output[0]);
        let mut matrix = vec![0.0; d * d];
        for i in 0..d {
            for j in 0..=i {
                let r = dot(&inputs[i], &inputs[j]);
                (matrix[i * d + j], matrix[j * d + i]) = (r, r);
            }
        }
        let with_output: Vec<f64> = inputs.iter().map(|x| dot(x, output)).collect();
        let inverse = Inverse::of(matrix, d);
        let coefficients = inverse.times(&with_output);
        let varies = dot(output, output) > 0.0;
        let explained: f64 = coefficients.iter().zip(&with_output).map(|(b, r)| b * r).sum();
        Fit { inverse, coefficients, r_squared: if varies { explained.clamp(0.0, 1.0) } else { f64::NAN } }
    }
}

/// Replaces values by `√(w/W) (x − mean)/sd`, so that sums of products are correlations; by zeros if they are constant
/// but for rounding.
fn standardise(values: &mut [f64], weights: &[f64]) {
    let total: f64 = weights.iter().sum();
    let mean = dot(values, weights) / total;
    let variance = values.iter().zip(weights).map(|(x, w)| w * (x - mean) * (x - mean)).sum::<f64>() / total;
    let scale = if variance > ROUNDING * mean * mean { 1.0 / (total * variance).sqrt() } else { 0.0 };
    values.iter_mut().zip(weights).for_each(|(x, w)| *x = scale * w.sqrt() * (*x - mean));
}

struct Fit {
    inverse: Inverse,
    coefficients: Vec<f64>,
    r_squared: f64,
}

impl Fit {
    fn coefficient(&self, k: usize) -> f64 {
        if self.inverse.determined[k] && !self.r_squared.is_nan() { self.coefficients[k] } else { f64::NAN }
    }

    fn partial(&self, k: usize) -> f64 {
        let (beta, rest) = (self.coefficient(k), 1.0 - self.r_squared);
        if rest > EXACT {
            return beta / (beta * beta + rest * self.inverse.diagonal(k)).sqrt();
        }
        if beta * beta > EXACT { 1.0_f64.copysign(beta) } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests;
