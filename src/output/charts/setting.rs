//! The values of a setting in a sweep, and checks that its runs pass or fail.

use serde::{Deserialize, Serialize};

use super::house::count;
use super::quantity::{ERRORS, Measured, nullables};

/// The values that a setting takes in a sweep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SettingValues {
    /// Its name: `Power ordered ahead`.
    pub name: String,
    /// Its values as text, with units.
    pub labels: Vec<String>,
    /// Its values as numbers, one for each label; NaN for values that are not numbers, such as names.
    #[serde(with = "nullables")]
    pub at: Vec<f64>,
}

/// A check with a bound on the metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The check as written: `p(cash_out) < 10%`.
    pub label: String,
    /// The bound.
    pub bound: f64,
    /// Whether the check is passed below the bound; otherwise above it.
    pub below: bool,
}

/// How many runs pass a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub runs: usize,
    pub good: usize,
    /// Runs closer to the bound than two standard errors.
    pub unclear: usize,
}

/// Largest number of values of a setting that are drawn.
const MOST: usize = 200;
impl SettingValues {
    /// Whether the values are numbers, so that there is something between two of them.
    pub(super) fn is_numeric(&self) -> bool {
        self.at.len() >= self.labels.len() && self.at.iter().all(|v| v.is_finite())
    }

    /// Positions of the values, in ascending order if they are numbers.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.labels.len().min(MOST)).collect();
        if self.is_numeric() {
            order.sort_by(|&a, &b| self.at[a].total_cmp(&self.at[b]));
        }
        order
    }
}

impl Level {
    /// How many of some runs pass.
    pub(super) fn passed<'a>(&self, runs: impl Iterator<Item = &'a Measured>) -> Passed {
        runs.filter(|m| m.is_known()).fold(Passed::default(), |sum, m| {
            let over = Measured::new(m.value - self.bound, m.se);
            Passed {
                runs: sum.runs + 1,
                good: sum.good + usize::from(self.passes(*m)),
                unclear: sum.unclear + usize::from(m.error() > 0.0 && !over.is_clear(ERRORS)),
            }
        })
    }

    /// Whether an estimate passes.
    pub(super) fn passes(&self, m: Measured) -> bool {
        if self.below { m.value < self.bound } else { m.value > self.bound }
    }
}

impl Passed {
    /// `in 14 of 25 runs, 3 too close to tell`.
    pub(super) fn said(self) -> String {
        if self.runs == 1 {
            return if self.good == 1 { "in the only run".into() } else { "not in the only run".into() };
        }
        let of = count(self.runs as u64);
        let how = match self.good {
            0 => format!("in none of {of} runs"),
            n if n == self.runs => format!("in all {of} runs"),
            n => format!("in {} of {of} runs", count(n as u64)),
        };
        if self.unclear > 0 { format!("{how}, {} too close to tell", count(self.unclear as u64)) } else { how }
    }
}
