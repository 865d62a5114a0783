//! `gapcast solve`: the smallest or largest value of a setting that makes a check true, the contour of two settings, and
//! the likeliest joint move of the inputs that makes an event as likely as not.

mod root;
mod shown;
mod stress;

use serde::{Deserialize, Serialize};

use super::files::{Case, Common, Files};
use super::number::Number;
use super::point::{Estimate, Point};
use super::runner::Runner;
use super::{About, StudyError};
use crate::language::overlay;
use crate::model::Model;
use crate::output::record::Figure;

/// A setting that is varied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vary {
    /// Its path.
    pub path: String,
    /// Between what it is varied, as written in a scenario; by default a quarter and four times its value.
    #[serde(default)]
    pub between: Option<[String; 2]>,
}

impl Vary {
    /// Reads `PATH` or `PATH=a..b`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Vary, String> {
        let Some((path, range)) = text.split_once('=') else {
            return Ok(Vary { path: text.trim().to_owned(), between: None });
        };
        let path = path.trim().to_owned();
        let Some((low, high)) = range.split_once("..") else {
            return Err(format!("`{text}`: a range has two ends, `{path}=a..b`"));
        };
        let ends = [low, high].map(|end| end.trim().to_owned());
        let numbers = ends.each_ref().map(|end| Number::read(end));
        match numbers {
            [Some(low), Some(high)] if low.unit == high.unit && low.value < high.value => {
                Ok(Vary { path, between: Some(ends) })
            }
            [Some(_), Some(_)] => Err(format!("`{text}`: both ends are in one unit, the smaller first")),
            _ => Err(format!("`{text}`: the ends of a range are known numbers")),
        }
    }
}

/// Which end of the values that make the check true is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sought {
    /// The smallest value.
    Smallest,
    /// The largest value.
    Largest,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The scenario.
    pub case: Case,
    /// One setting, or two for a contour; none for a reverse stress test.
    pub vary: Vec<Vary>,
    /// The check; of a reverse stress test, the event.
    pub until: String,
    /// Which end is sought; by default the one that the range has.
    #[serde(default)]
    pub sought: Option<Sought>,
    /// Whether the likeliest joint move of the inputs is sought.
    #[serde(default)]
    pub stress: bool,
}

/// A value that was tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tried {
    /// The value as written in a scenario.
    pub setting: String,
    /// The same as a number: USD, GW, months, shares as fractions.
    pub x: Figure,
    /// What the check measured, in the unit of its bound.
    pub measured: Estimate,
    /// Whether it holds.
    pub holds: bool,
}

/// The check at the answer under another seed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fresh {
    /// The seed.
    pub seed: u64,
    /// What the check measured.
    pub measured: Estimate,
}

/// A value at which nothing can be measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rejected {
    /// As written in a scenario.
    pub setting: String,
    /// What is wrong with the scenario there, or that the check is undefined.
    pub why: String,
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    /// A value at which the check begins or ceases to hold.
    #[default]
    Value,
    /// The check holds at every value that was tried.
    Everywhere,
    /// It holds at none.
    Nowhere,
}

/// The answer for one setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Root {
    /// For a contour, the value of the other setting.
    pub given: Option<String>,
    /// Value of the setting in the scenario itself; empty if it is not one known number.
    pub own: String,
    /// What was found.
    pub found: Found,
    /// The value sought; where none works, the one that comes closest.
    pub value: String,
    /// The same as a number.
    pub x: Figure,
    /// 99% interval of the value, from the Monte Carlo error of the check; null where it reaches beyond the range.
    pub interval: [Figure; 2],
    /// The interval as written in a scenario.
    pub between: [String; 2],
    /// Whether the value is the largest that works, rather than the smallest.
    pub largest: bool,
    /// Number of times the check changes over the range; more than one if it is not monotone.
    pub changes: usize,
    /// What was tried, in ascending order.
    pub tried: Vec<Tried>,
    /// Values at which nothing can be measured.
    pub rejected: Vec<Rejected>,
    /// The check at the value under other seeds.
    pub fresh: Vec<Fresh>,
}

/// The move of an input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moved {
    /// The input.
    pub name: String,
    /// Its move in units of its own spread: its standard normal score.
    pub score: Figure,
    /// Its value there.
    pub value: Figure,
    /// Its median.
    pub median: Figure,
}

/// The likeliest joint move.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stress {
    /// The probability of the event in the scenario as it is.
    pub own: Estimate,
    /// The probability of the event with all inputs at their medians.
    pub at_medians: Estimate,
    /// The probability of the event after the move.
    pub at_move: Estimate,
    /// Length of the move, in standard deviations, dependence taken into account.
    pub distance: Figure,
    /// Whether a move that makes the event as likely as not was found within eight standard deviations.
    pub found: bool,
    /// The inputs, the largest moves first.
    pub inputs: Vec<Moved>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Solved {
    /// The check.
    pub check: String,
    /// Unit of what it measures; of a probability, a share.
    pub unit: String,
    /// Its bound, in the same unit.
    pub bound: Figure,
    /// Paths of the settings, the one that is solved for last.
    pub paths: Vec<String>,
    /// One answer, or one for each value of the other setting.
    pub roots: Vec<Root>,
    /// For a contour, values of the first setting at which the scenario is invalid.
    pub rejected: Vec<Rejected>,
    /// The likeliest joint move.
    pub stress: Option<Stress>,
}

/// Solves.
///
/// # Errors
/// The scenario, the setting or the check is invalid, or the study was stopped.
pub fn run(ask: &Ask, common: &Common, files: &mut Files, runner: &Runner<'_>) -> Result<(About, Solved), StudyError> {
    let model = files.model(&ask.case, common, std::slice::from_ref(&ask.until))?;
    let about = About::of(&model, common);
    let usage = |message: String| Err(StudyError::Usage(message));
    let Some(check) = model.asked.first().cloned() else {
        return usage(format!("the run does not record `{}`", ask.until));
    };
    let probability = check.function == crate::language::checks::Function::Probability;
    let metric = model.plan.metrics.at_end.iter().chain(&model.plan.metrics.monthly).find(|m| m.name == check.metric);
    let unit = if probability { "share" } else { metric.map_or("", |m| m.unit.name()) }.to_owned();
    let paths = ask.vary.iter().map(|vary| vary.path.clone()).collect();
    let bound = Figure(check.limit.map_or(f64::NAN, |(_, bound)| bound.value));
    let solved = Solved { check: check.text.clone(), unit, bound, paths, ..Solved::default() };
    if ask.stress {
        if !probability {
            return usage(
                "a reverse stress test needs an event, such as `cash_out` or `p(cash by 2029-12 < 0 USD)`".into(),
            );
        }
        let stress = stress::search(&Point::of(model), runner)?;
        return Ok((about, Solved { stress: Some(stress), ..solved }));
    }
    if check.limit.is_none() {
        return usage(format!("`{}` has no bound: write for example `--until 'p(cash_out) < 10%'`", ask.until));
    }
    let (roots, rejected) = match ask.vary.as_slice() {
        [one] => (vec![root::find(&model, one, &[], ask.sought, runner)?], Vec::new()),
        [given, solved_for] => contour(&model, given, solved_for, ask.sought, runner)?,
        _ => return usage("one or two settings are varied".into()),
    };
    Ok((about, Solved { roots, rejected, ..solved }))
}

/// Values of the first setting in a contour.
const CONTOUR: usize = 9;

fn contour(
    model: &Model,
    given: &Vary,
    solved_for: &Vary,
    sought: Option<Sought>,
    runner: &Runner<'_>,
) -> Result<(Vec<Root>, Vec<Rejected>), StudyError> {
    let range = root::Range::of(model, given)?;
    let (mut roots, mut rejected) = (Vec::new(), Vec::new());
    for x in range.grid(CONTOUR) {
        let value = range.own.with(x).to_digits(4).text();
        let set = format!("{}={value}", given.path);
        let found = match root::find(model, solved_for, std::slice::from_ref(&set), sought, runner) {
            Ok(root) => root,
            Err(StudyError::Invalid(_, invalid)) => {
                rejected.push(Rejected { setting: value, why: invalid.to_string() });
                continue;
            }
            Err(error) => return Err(error),
        };
        roots.push(Root { given: Some(value), ..found });
    }
    if roots.is_empty() {
        return Err(StudyError::Usage(format!(
            "the scenario is invalid at every value of `{}` that was tried",
            given.path
        )));
    }
    Ok((roots, rejected))
}

/// The text of a setting in the scenario.
fn text_at(model: &Model, path: &str) -> Option<String> {
    let node = overlay::find(&model.resolved, path)?;
    Some(node.text().or_else(|| node.get("value")?.text()).unwrap_or_default().to_owned())
}
