//! The likeliest joint move of the inputs that makes an event as likely as not.
//!
//! With all inputs at given scores what is left is the chance of the months, so that the event has a probability at every
//! point of the space of scores. Sought is the point of probability one half that is nearest to the medians, in standard
//! deviations with the dependence of the inputs taken into account (the design point of structural reliability: Hasofer
//! and Lind, "Exact and invariant second-moment code format", ASCE J. Eng. Mech. 100 (1974)). The first direction is the
//! mean score of the paths on which the event happened; further ones follow the gradient of the probability.

use rayon::prelude::*;

use super::{Moved, Stress};
use crate::engine::inputs::Treatment;
use crate::output::record::Figure;
use crate::study::StudyError;
use crate::study::point::{Estimate, Keep, Point, Treated};
use crate::study::runner::Runner;

/// Farthest move that is tried, in standard deviations.
const FARTHEST: f64 = 8.0;
/// Steps along the gradient.
const STEPS: usize = 3;
/// Distance over which the gradient is taken, in standard deviations.
const STEP: f64 = 0.4;

struct Space<'a> {
    base: &'a Point,
    runner: &'a Runner<'a>,
    /// Correlation of the scores.
    correlation: Vec<Vec<f64>>,
}

impl Space<'_> {
    /// The probability of the event with all inputs at these scores.
    fn probability(&self, scores: &[f64], threads: usize) -> Result<Estimate, StudyError> {
        let inputs = scores.iter().enumerate().map(|(k, &z)| (k, Treatment::Pinned(z))).collect();
        let point = self.base.treated(Treated { inputs, ..Treated::default() });
        let measured = Runner { threads, ..*self.runner }.alone(&point, Keep::Named(&[]))?;
        let asked = measured.asked.first();
        Ok(asked.map_or_else(Estimate::default, |a| Estimate { value: a.line.measured, se: a.line.se }))
    }

    /// Length of a move: `√(zᵀ R⁻¹ z)` is reached by `z = R a/√(aᵀ R a)` times the length, so directions are given as `a`.
    fn unit(&self, a: &[f64]) -> Option<Vec<f64>> {
        let ra: Vec<f64> = self.correlation.iter().map(|row| row.iter().zip(a).map(|(r, x)| r * x).sum()).collect();
        let length = ra.iter().zip(a).map(|(x, y)| x * y).sum::<f64>().sqrt();
        (length.is_finite() && length > 0.0).then(|| ra.iter().map(|x| x / length).collect())
    }

    /// How far along a unit direction the event is as likely as not; `None` within [`FARTHEST`].
    fn half(&self, direction: &[f64]) -> Result<Option<f64>, StudyError> {
        let at = |r: f64| direction.iter().map(|d| r * d).collect::<Vec<f64>>();
        let p = |r: f64| self.probability(&at(r), self.runner.threads).map(|p| p.value.0);
        let (mut low, mut high) = (0.0, 1.0);
        while p(high)? < 0.5 {
            low = high;
            high += 1.0;
            if high > FARTHEST {
                return Ok(None);
            }
        }
        for _ in 0..7 {
            let middle = 0.5 * (low + high);
            if p(middle)? < 0.5 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Some(0.5 * (low + high)))
    }

    /// The gradient of the probability by central differences.
    fn gradient(&self, at: &[f64]) -> Result<Vec<f64>, StudyError> {
        let one = |k: usize| -> Result<f64, StudyError> {
            let moved = |step: f64| {
                let mut scores = at.to_vec();
                scores[k] += step;
                self.probability(&scores, 1).map(|p| p.value.0)
            };
            Ok((moved(STEP)? - moved(-STEP)?) / (2.0 * STEP))
        };
        (0..at.len()).into_par_iter().map(one).collect()
    }
}

/// Searches.
///
/// # Errors
/// The scenario has no uncertain input, the event happens on no path or is as likely as not already, or the study was
/// stopped.
pub(super) fn search(base: &Point, runner: &Runner<'_>) -> Result<Stress, StudyError> {
    let draws = &base.model.plan.draws;
    let d = draws.len();
    let usage = |message: &str| Err(StudyError::Usage(message.into()));
    if d == 0 {
        return usage("the scenario has no uncertain input that could move");
    }
    let own = runner.alone(base, Keep::Named(&[]))?;
    let own = own.asked.first().map_or_else(Estimate::default, |a| Estimate { value: a.line.measured, se: a.line.se });
    let outcome = runner.outcome(base, Keep::Named(&[]), 0)?;
    let check = base.model.asked.first().ok_or_else(|| StudyError::Internal("the event is missing".into()))?;
    let on_paths = outcome.on_paths(check).ok_or_else(|| StudyError::Internal("the event is not recorded".into()))?;
    let paths = on_paths.values.len().min(1 << 16);
    let scores: Vec<Vec<f64>> = (0..paths)
        .into_par_iter()
        .map(|path| {
            let mut scores = vec![0.0; d];
            draws.scores(base.model.plan.seed, path as u64, &mut scores);
            scores
        })
        .collect();
    let correlation = correlation(&scores, draws.dependent(), d);
    let space = Space { base, runner, correlation };
    let at_medians = space.probability(&vec![0.0; d], runner.threads)?;
    if at_medians.value.0 >= 0.5 {
        return usage("the event is as likely as not with all inputs at their medians: no move is needed");
    }
    let events: Vec<&Vec<f64>> = (0..paths).filter(|&k| on_paths.values[k] == 1.0).map(|k| &scores[k]).collect();
    if events.is_empty() {
        return usage("the event happens on no path of the sample: run more paths");
    }
    let mean: Vec<f64> = (0..d).map(|k| events.iter().map(|z| z[k]).sum::<f64>() / events.len() as f64).collect();
    // The mean of jointly normal scores beyond a plane lies in the direction of the nearest point of the plane.
    let length = space.length(&mean);
    let mut direction: Vec<f64> = mean.iter().map(|x| x / length).collect();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..=STEPS {
        let Some(distance) = space.half(&direction)? else { break };
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, direction.clone()));
        }
        let at: Vec<f64> = direction.iter().map(|x| distance * x).collect();
        let Some(next) = space.unit(&space.gradient(&at)?) else { break };
        direction = next;
    }
    let (found, distance, direction) = match best {
        Some((distance, direction)) => (true, distance, direction),
        None => (false, FARTHEST, direction),
    };
    let at: Vec<f64> = direction.iter().map(|x| distance * x).collect();
    let at_move = space.probability(&at, runner.threads)?;
    let mut inputs: Vec<Moved> = draws
        .laws()
        .zip(&at)
        .map(|((name, law), &z)| Moved {
            name: name.to_owned(),
            score: Figure(z),
            value: Figure(law.at_score(z)),
            median: Figure(law.at_score(0.0)),
        })
        .collect();
    inputs.sort_by(|a, b| b.score.0.abs().total_cmp(&a.score.0.abs()));
    Ok(Stress { own, at_medians, at_move, distance: Figure(distance), found, inputs })
}

impl Space<'_> {
    /// Length of a move in standard deviations, by solving with the correlation.
    fn length(&self, z: &[f64]) -> f64 {
        let x = solve(&self.correlation, z);
        x.iter().zip(z).map(|(a, b)| a * b).sum::<f64>().max(1e-12).sqrt()
    }
}

/// Correlation of the scores: estimated for the inputs that depend on one another, zero for all others.
fn correlation(scores: &[Vec<f64>], dependent: &[usize], d: usize) -> Vec<Vec<f64>> {
    let mut out = vec![vec![0.0; d]; d];
    (0..d).for_each(|k| out[k][k] = 1.0);
    let n = scores.len() as f64;
    for (i, &a) in dependent.iter().enumerate() {
        for &b in &dependent[..i] {
            // Scores are standard normal; a shrinkage far below their sampling error keeps the matrix definite.
            let r = 0.999 * scores.iter().map(|z| z[a] * z[b]).sum::<f64>() / n;
            (out[a][b], out[b][a]) = (r.clamp(-0.999, 0.999), r.clamp(-0.999, 0.999));
        }
    }
    out
}

/// Solves a system with a symmetric positive definite matrix by Gaussian elimination with pivoting.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let n = right.len();
    let mut rows: Vec<Vec<f64>> =
        matrix.iter().zip(right).map(|(row, x)| row.iter().copied().chain([*x]).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).max_by(|&a, &b| rows[a][k].abs().total_cmp(&rows[b][k].abs())).unwrap_or(k);
        rows.swap(k, pivot);
        let top = rows[k].clone();
        for row in rows.iter_mut().skip(k + 1) {
            let factor = row[k] / top[k];
            for (x, t) in row.iter_mut().zip(&top).skip(k) {
                *x -= factor * t;
            }
        }
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        let rest: f64 = (k + 1..n).map(|j| rows[k][j] * x[j]).sum();
        x[k] = (rows[k][n] - rest) / rows[k][k];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved() {
        let x = solve(&[vec![2.0, 1.0], vec![1.0, 3.0]], &[4.0, 7.0]);
        assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 2.0).abs() < 1e-12, "{x:?}");
    }
}
