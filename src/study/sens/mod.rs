//! `gapcast sens`: what moves a target.
//!
//! - `tornado`: each uncertain input at its 10% and 90% quantile, and each known number of the scenario moved to the ends
//!   of its range or by a fifth, one at a time on the same worlds, everything else as drawn;
//! - `tenths`: a probability in the lowest and in the highest tenth of every input, from one run;
//! - `rank`: rank correlation, partial rank correlation and regression on the inputs, from one run;
//! - `sobol`: shares of the variance of the target, by input, by the group of inputs that depend on one another, and by
//!   the chance of the months.

mod moves;
mod one_run;
mod shown;
mod sobol;
mod tornado;

use serde::{Deserialize, Serialize};

use super::files::{Case, Common, Files};
use super::point::{Difference, Estimate, Keep, Point};
use super::runner::Runner;
use super::{About, StudyError};
use crate::output::record::Figure;

/// How sensitivity is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Each input at its 10% and 90% quantile, each known number at the ends of its range or 20% lower and higher.
    #[default]
    Tornado,
    /// A probability in the lowest and highest tenth of each input, from one run.
    Tenths,
    /// Rank correlations and regression on the inputs, from one run.
    Rank,
    /// Shares of the variance: first-order and total Sobol' indices.
    Sobol,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The scenario.
    pub case: Case,
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// The target: a question.
    pub target: String,
    /// Share by which known numbers without a range are moved.
    #[serde(default = "fifth")]
    pub by: f64,
}

/// Share by which known numbers are moved where nothing else is said.
pub const BY: f64 = 0.2;

fn fifth() -> f64 {
    BY
}

/// One end of a move.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct End {
    /// The value of the setting; for tenths, where the tenth ends.
    pub setting: String,
    /// The target there; null where the scenario is invalid.
    pub value: Estimate,
    /// Its difference from the scenario as it is; of tenths, from the other tenth.
    pub difference: Difference,
    /// For a probability, the number of paths on which it happened.
    pub events: Option<u64>,
}

/// What moves the target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bar {
    /// Name of the input, or path of the number.
    pub name: String,
    /// `input` or `number`.
    pub kind: String,
    /// Where the scenario stands: the median of an input, or the number.
    pub own: String,
    /// The lower end.
    pub low: End,
    /// The upper end.
    pub high: End,
}

impl Bar {
    /// The larger of both effects, without its sign; of tenths, the difference between them.
    pub fn effect(&self) -> f64 {
        let of = |end: &End| if end.difference.value.0.is_finite() { end.difference.value.0.abs() } else { 0.0 };
        of(&self.low).max(of(&self.high))
    }

    /// Whether an effect can be distinguished from zero.
    pub fn is_clear(&self) -> bool {
        self.low.difference.is_clear() || self.high.difference.is_clear()
    }
}

/// Measures of dependence of an input, each with its error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ranked {
    /// The input.
    pub name: String,
    /// Spearman's rank correlation.
    pub spearman: Estimate,
    /// Partial rank correlation, given the other inputs.
    pub prcc: Estimate,
    /// Standardised regression coefficient.
    pub src: Estimate,
    /// The same on ranks.
    pub srrc: Estimate,
    /// Borgonovo's delta.
    pub delta: Estimate,
}

/// Shares of the variance that an input or group explains.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Index {
    /// The input, or the name of the group.
    pub name: String,
    /// The inputs of a group.
    pub members: Vec<String>,
    /// First-order index with its 95% interval.
    pub first: [Figure; 3],
    /// Total index with its 95% interval.
    pub total: [Figure; 3],
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sens {
    /// The method.
    pub method: Method,
    /// The target.
    pub target: String,
    /// Unit of the target: of a probability, a share.
    pub unit: String,
    /// The target in the scenario as it is.
    pub base: Estimate,
    /// For a probability, the number of paths on which it happened.
    pub events: Option<u64>,
    /// Moves: those with a clear effect first, and the largest effects first among them.
    pub bars: Vec<Bar>,
    /// Settings without any effect on any path.
    pub without_effect: Vec<String>,
    /// Settings that cannot be moved alone, and why.
    pub not_moved: Vec<(String, String)>,
    /// Measures of dependence, the largest partial correlations first.
    pub ranked: Vec<Ranked>,
    /// Shares of the variance that the regressions on values and on ranks explain.
    pub r_squared: [Estimate; 2],
    /// Shares of the variance, the largest totals first.
    pub indices: Vec<Index>,
    /// Number of paths on which measures of dependence rest, which may be fewer than those of the run.
    pub ranked_paths: u64,
    /// Number of paths of all runs on which shares of the variance rest.
    pub evaluations: u64,
}

/// Measures the sensitivity.
///
/// # Errors
/// The scenario or the target is invalid, the method does not suit the target, or the study was stopped.
pub fn run(ask: &Ask, common: &Common, files: &mut Files, runner: &Runner<'_>) -> Result<(About, Sens), StudyError> {
    let model = files.model(&ask.case, common, std::slice::from_ref(&ask.target))?;
    let about = About::of(&model, common);
    let base = Point::of(model);
    let own = runner.alone(&base, Keep::Named(&[]))?;
    let Some(asked) = own.asked.first() else {
        return Err(StudyError::Usage(format!("the run does not record `{}`", ask.target)));
    };
    let mut sens = Sens {
        method: ask.method,
        target: super::words::question(&asked.line.check).to_owned(),
        unit: asked.unit.clone(),
        base: Estimate { value: asked.line.measured, se: asked.line.se },
        events: asked.events,
        ..Sens::default()
    };
    match ask.method {
        Method::Tornado => tornado::measure(&base, ask.by, runner, &mut sens)?,
        Method::Tenths => one_run::tenths(&base, runner, &mut sens)?,
        Method::Rank => one_run::rank(&base, runner, &mut sens)?,
        Method::Sobol => sobol::measure(&base, runner, &mut sens)?,
    }
    Ok((about, sens))
}
