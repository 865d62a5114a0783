//! A point of a study: one scenario under one set of settings, and what was measured there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::inputs::Treatment;
use crate::engine::run::RunSettings;
use crate::language::write::to_yaml;
use crate::model::{Model, run_kept};
use crate::outcome::{OnPaths, Outcome};
use crate::output::record::{COMMIT, CheckLine, Figure, Named, VERSION, sha256};
use crate::plan::Plan;
use crate::stats::paired::{MeanDifference, QuantileDifference, mean_difference, quantile_difference};

/// Levels of the quantiles that are compared.
pub const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Version of what the cache holds: it changes when the meaning of a measured point does.
const FORM: u32 = 2;

/// What is recorded of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Metrics at the horizon that a study names, and what its questions need: the least work.
    Named(&'static [&'static str]),
    /// All metrics at the horizon, and by month those that overlays show.
    All,
}

/// The metrics that a study keeps where it does not keep all.
pub const HEADLINE: [&str; 15] = [
    "cash_out",
    "default",
    "peak_funding",
    "cumulative_gap",
    "cash",
    "run_rate",
    "runway_months",
    "equity_raised",
    "debt_raised",
    "stake.founders",
    "dilution.founders",
    "look_through_leverage",
    "peak_leverage",
    "valuation",
    "holders_value",
];

/// Metrics by month that overlays show.
pub const CURVES: [&str; 4] = ["cash", "cumulative_gap", "stake.founders", "run_rate"];

/// A scenario under settings.
#[derive(Debug)]
pub struct Point {
    /// The scenario.
    pub model: Arc<Model>,
    /// How its draws differ from those of the scenario.
    pub treated: Treated,
}

/// How the draws of a point differ from those of its scenario; by default not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Treated {
    /// Inputs by their number.
    pub inputs: Vec<(usize, Treatment)>,
    /// Offset of the path for which the mixing variable of a t copula is drawn.
    pub dependence: u64,
    /// Offset of the path for which everything by month is drawn.
    pub months: u64,
}

impl Point {
    /// The scenario as it is.
    pub fn of(model: Model) -> Point {
        Point { model: Arc::new(model), treated: Treated::default() }
    }

    /// The same scenario with other draws.
    #[must_use]
    pub fn treated(&self, treated: Treated) -> Point {
        Point { model: Arc::clone(&self.model), treated }
    }

    /// What identifies the measured point: everything that its numbers follow from.
    pub fn key(&self, keep: Keep, base: Option<&str>) -> String {
        let asked: Vec<&str> = self.model.asked.iter().map(|check| check.text.as_str()).collect();
        let checks: Vec<&str> = self.model.checks.iter().map(|check| check.text.as_str()).collect();
        let text = format!(
            "form {FORM}\nversion {VERSION} {COMMIT:?} {}\nkeep {keep:?}\nbase {base:?}\ntreated {:?}\nasked {asked:?}\n\
             checks {checks:?}\n{}",
            program(),
            self.treated,
            to_yaml(&self.model.of_paths())
        );
        sha256(text.as_bytes())
    }

    /// The plan that is run.
    fn plan(&self, keep: Keep) -> Arc<Plan> {
        let mut plan = Plan::clone(&self.model.plan);
        for (input, treatment) in &self.treated.inputs {
            plan.draws.treat(*input, *treatment);
        }
        plan.draws.treat_dependence(self.treated.dependence);
        plan.months_from = self.treated.months;
        let metrics = &mut plan.metrics;
        metrics.events.clear();
        metrics.cash.clear();
        match keep {
            Keep::All => metrics.monthly.retain(|m| CURVES.contains(&m.name.as_str())),
            Keep::Named(names) => {
                metrics.monthly.clear();
                metrics.at_end.retain(|m| {
                    let event = m.name.ends_with("_month") && matches!(&*m.name, "cash_out_month" | "default_month");
                    m.asked || event || names.contains(&m.name.as_str())
                });
            }
        }
        Arc::new(plan)
    }

    /// Runs it; `None` if `stop` asked to stop. The inputs of the first `inputs` paths are kept.
    pub fn run(&self, keep: Keep, how: &RunSettings, inputs: u64, stop: &(dyn Fn() -> bool + Sync)) -> Option<Outcome> {
        run_kept(&self.plan(keep), None, &RunSettings { paths: self.paths(), ..*how }, inputs, stop)
    }

    /// Number of paths.
    pub fn paths(&self) -> u64 {
        self.model.scenario.run.paths
    }
}

/// What distinguishes two builds of the program that state the same version: size and date of the running file.
fn program() -> String {
    let meta = std::env::current_exe().and_then(std::fs::metadata);
    let date = |meta: &std::fs::Metadata| meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok();
    meta.map_or_else(|_| String::new(), |meta| format!("{} {:?}", meta.len(), date(&meta)))
}

/// An estimate and its standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate; null if it is undefined on every path.
    pub value: Figure,
    /// Its standard error.
    pub se: Figure,
}

/// A difference between two points on the same worlds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The value at the point less that at the base.
    pub value: Figure,
    /// Its standard error on the paths of both.
    pub se: Figure,
    /// The standard error that it would have on independent paths.
    pub se_unpaired: Figure,
}

impl Difference {
    /// Whether it can be distinguished from zero: it exceeds two standard errors.
    pub fn is_clear(&self) -> bool {
        self.value.0.abs() > 2.0 * self.se.0
    }
}

impl From<MeanDifference> for Difference {
    fn from(d: MeanDifference) -> Difference {
        Difference { value: Figure(d.mean), se: Figure(d.se), se_unpaired: Figure(d.unpaired_se) }
    }
}
impl From<QuantileDifference> for Difference {
    fn from(d: QuantileDifference) -> Difference {
        Difference { value: Figure(d.difference), se: Figure(d.se), se_unpaired: Figure(d.unpaired_se) }
    }
}

/// A metric at the horizon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Its unit.
    pub unit: String,
    /// Paths on which it is defined.
    pub n_defined: u64,
    /// Its mean; the probability of an event.
    pub mean: Estimate,
    /// Quantiles at [`LEVELS`].
    pub quantiles: [Estimate; 5],
    /// Differences from the base.
    pub against: Option<Against>,
}

/// Differences of a metric from the base, on the paths on which both define it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Against {
    /// Such paths.
    pub n: u64,
    /// Of the means.
    pub mean: Difference,
    /// Of the quantiles at [`LEVELS`].
    pub quantiles: [Difference; 5],
    /// Share of these paths on which it is higher than at the base.
    pub higher: Figure,
    /// Share on which it is lower.
    pub lower: Figure,
}

/// What a question measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The measured value in the unit of the bound, and whether the bound holds.
    pub line: CheckLine,
    /// Its bound; null without one.
    pub bound: Figure,
    /// Unit of the metric; of a probability, a share.
    pub unit: String,
    /// For a probability, the number of paths on which it happened.
    pub events: Option<u64>,
    /// Difference from the base.
    pub against: Option<Difference>,
}

/// A metric by month: its quantiles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Curve {
    /// 5%.
    pub p05: Vec<Figure>,
    /// Median.
    pub p50: Vec<Figure>,
    /// 95%.
    pub p95: Vec<Figure>,
}

/// What was measured at a point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// Paths.
    pub paths: u64,
    /// Metrics at the horizon.
    pub metrics: Named<Row>,
    /// Questions.
    pub asked: Vec<Asked>,
    /// Lines of the scenario's `checks:`.
    pub checks: Vec<CheckLine>,
    /// Share of the paths that still have cash at the end of each month.
    pub alive: Vec<Figure>,
    /// Metrics by month.
    pub curves: Named<Curve>,
}

impl Measured {
    /// Measures an outcome; differences are from `base`, whose worlds are the same.
    pub fn of(outcome: &Outcome, model: &Model, base: Option<(&Outcome, &Model)>) -> Measured {
        let metrics = outcome.plan().metrics.at_end.iter().filter(|m| !m.is_watched());
        let row = |name: &str| row(outcome, name, base.map(|(outcome, _)| outcome));
        let asked = model.asked.iter().enumerate().filter_map(|(k, check)| {
            let line = CheckLine::of(&outcome.verdict(check)?);
            let mine = outcome.on_paths(check)?;
            let probability = matches!(check.function, crate::language::checks::Function::Probability);
            let unit = if probability { "share" } else { outcome.unit(check).map_or("", |unit| unit.name()) };
            let events = probability.then(|| mine.values.iter().filter(|x| **x == 1.0).count() as u64);
            let theirs = base.and_then(|(outcome, model)| outcome.on_paths(model.asked.get(k)?));
            let against = theirs.map(|theirs| difference(&theirs, &mine));
            let bound = Figure(check.limit.map_or(f64::NAN, |(_, bound)| bound.value));
            Some(Asked { line, bound, unit: unit.to_owned(), events, against })
        });
        let paths = outcome.results.paths;
        let alive = outcome.ruined().iter().map(|out| Figure((paths - out) as f64 / paths as f64)).collect();
        Measured {
            paths,
            metrics: Named(metrics.filter_map(|m| Some((m.name.clone(), row(&m.name)?))).collect()),
            asked: asked.collect(),
            checks: model.checks.iter().filter_map(|c| Some(CheckLine::of(&outcome.verdict(c)?))).collect(),
            alive,
            curves: Named(
                outcome.plan().metrics.monthly.iter().map(|m| (m.name.clone(), curve(outcome, &m.name))).collect(),
            ),
        }
    }

    /// Mean of a metric with its error; NaN if the point has none.
    pub fn mean(&self, metric: &str) -> Estimate {
        self.metrics.get(metric).map_or_else(Estimate::default, |row| row.mean)
    }
}

/// The difference of what a question measures.
pub fn difference(base: &OnPaths, at: &OnPaths) -> Difference {
    match at.level {
        None => mean_difference(&base.values, &at.values).into(),
        Some(level) => quantile_difference(&base.values, &at.values, level).into(),
    }
}

fn row(outcome: &Outcome, name: &str, base: Option<&Outcome>) -> Option<Row> {
    let d = outcome.metric(name)?;
    let unit = outcome.plan().metrics.at_end.iter().find(|m| m.name == name)?.unit;
    let at = |level: f64| Estimate { value: Figure(d.quantile(level)), se: Figure(d.quantile_se(level)) };
    let against = base.and_then(|base| {
        let (theirs, mine) = (base.values(name)?, outcome.values(name)?);
        let means = mean_difference(&theirs, &mine);
        Some(Against {
            n: means.n,
            mean: means.into(),
            quantiles: LEVELS.map(|level| quantile_difference(&theirs, &mine, level).into()),
            higher: Figure(means.above),
            lower: Figure(means.below),
        })
    });
    Some(Row {
        unit: unit.name().to_owned(),
        n_defined: d.n(),
        mean: Estimate { value: Figure(d.mean()), se: Figure(d.moments.se()) },
        quantiles: LEVELS.map(at),
        against,
    })
}

fn curve(outcome: &Outcome, name: &str) -> Curve {
    let mut curve = Curve::default();
    let Some(metric) = outcome.plan().metrics.find(name) else { return curve };
    for t in 1..=outcome.plan().months {
        let quantiles = outcome.monthly(metric, t).quantiles(&[0.05, 0.5, 0.95]);
        for (list, q) in [&mut curve.p05, &mut curve.p50, &mut curve.p95].into_iter().zip(quantiles) {
            list.push(Figure(q.value));
        }
    }
    curve
}
