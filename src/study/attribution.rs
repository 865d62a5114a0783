//! Where the difference between two scenarios comes from: the Shapley value of each setting that differs, the mean over
//! all orders of changing them of what its change adds, so that the parts add up to the whole.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::StudyError;
use super::changes::{self, Change};
use super::point::{Estimate, HEADLINE, Keep, Point};
use super::runner::Runner;
use super::words::{points_of, signed, unit_named};
use crate::issues::Severity;
use crate::language::tree::Node;
use crate::output::record::{Figure, sha256};
use crate::output::table::{Kind, Table};
use crate::stats::moments::Moments;
use crate::stats::sensitivity::shapley;

/// Number of pairs of an order and its reverse that are sampled where there are too many settings for all orders.
const PAIRS: u32 = 6;
/// Number of settings beyond which nothing is attributed.
const MOST: usize = 16;
/// Metrics whose difference is attributed, where both scenarios have them.
const METRICS: [&str; 6] =
    ["cash_out", "peak_funding", "cumulative_gap", "stake.founders", "look_through_leverage", "holders_value"];

/// The part of one setting, or of several that are changed together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Part {
    /// Path of the setting.
    pub setting: String,
    /// Its change in words.
    pub change: String,
    /// What it adds to the mean of the metric: a probability for an event.
    pub value: Figure,
    /// Its standard error: over paths if all orders were taken, else over the orders that were sampled.
    pub se: Figure,
}

/// The attribution of one metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributed {
    /// The metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Paths on which all coalitions define it.
    pub n: u64,
    /// Its mean in the first scenario, on these paths.
    pub from: Estimate,
    /// Its mean in the second.
    pub to: Estimate,
    /// The parts, the largest first.
    pub parts: Vec<Part>,
}

/// Where the difference comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attribution {
    /// By metric.
    pub metrics: Vec<Attributed>,
    /// Number of orders that were sampled; `None` if all were taken.
    pub orders: Option<u32>,
    /// Why nothing is attributed.
    pub refused: Option<String>,
}

/// Attributes the differences between two points.
///
/// # Errors
/// The study was stopped.
pub fn between(a: &Point, b: &Point, runner: &Runner<'_>) -> Result<Attribution, StudyError> {
    let keys = [a, b].map(|point| point.key(Keep::Named(&HEADLINE), None));
    let key = sha256(format!("attribution {keys:?} {METRICS:?} {PAIRS} {MOST}").as_bytes());
    runner.remembered(&key, || attribute(a, b, runner))
}

fn attribute(a: &Point, b: &Point, runner: &Runner<'_>) -> Result<Attribution, StudyError> {
    let refused = |why: String| Ok(Attribution { refused: Some(why), ..Attribution::default() });
    let [mine, theirs] = [a, b].map(|point| point.model.runs_alone());
    let groups = grouped(changes::between(&mine, &theirs));
    match groups.len() {
        0 => return refused("the scenarios have the same settings".into()),
        1 => {
            return refused(format!(
                "the whole difference comes from `{}`, the only setting that differs",
                groups[0].0
            ));
        }
        m if m > MOST => {
            return refused(format!(
                "{m} parts of the scenarios differ, more than the {MOST} to which a difference is attributed"
            ));
        }
        _ => {}
    }
    let coalitions = Coalitions { from: a, root: &mine, groups: &groups, runner };
    let found = if groups.len() <= shapley::MOST_EXACT { coalitions.exact() } else { coalitions.sampled() };
    match found {
        Ok(metrics) => Ok(Attribution {
            metrics,
            orders: (groups.len() > shapley::MOST_EXACT).then_some(2 * PAIRS),
            refused: None,
        }),
        Err(Stop::Study(error)) => Err(error),
        Err(Stop::Invalid(why)) => refused(format!("the settings cannot be changed one by one: {why}")),
    }
}

/// Why an attribution stopped.
enum Stop {
    /// The study was stopped.
    Study(StudyError),
    /// A scenario in between is invalid.
    Invalid(String),
}

/// Settings that are changed together: their name, their change in words, and the changes.
type Group = (String, String, Vec<Change>);

/// The scenarios between two.
struct Coalitions<'a> {
    from: &'a Point,
    root: &'a Node,
    groups: &'a [Group],
    runner: &'a Runner<'a>,
}

/// Values of each metric on every path; `None` where the scenario lacks the metric.
type Values = Vec<Option<Vec<f64>>>;

impl Coalitions<'_> {
    /// Runs the first scenario with the groups whose bits are set.
    fn run(&self, mask: u64, threads: usize) -> Result<Values, Stop> {
        let chosen = self.groups.iter().enumerate().filter(|(k, _)| mask >> k & 1 == 1);
        let tree = changes::with(self.root, chosen.flat_map(|(_, group)| &group.2));
        let point = self.from.model.of_tree(tree).map(Point::of).map_err(|invalid| {
            let error = invalid.issues.iter().find(|issue| issue.severity == Severity::Error);
            Stop::Invalid(error.map_or_else(String::new, |issue| issue.title.clone()))
        })?;
        let runner = Runner { threads, ..*self.runner };
        let outcome = runner.outcome(&point, Keep::Named(&METRICS), 0).map_err(Stop::Study)?;
        Ok(METRICS.iter().map(|metric| outcome.values(metric)).collect())
    }

    /// All sets of changes: the parts path by path, so that their errors are those of paired runs.
    fn exact(&self) -> Result<Vec<Attributed>, Stop> {
        let masks = 0..1_u64 << self.groups.len();
        let runs: Vec<Values> = masks.into_par_iter().map(|mask| self.run(mask, 1)).collect::<Result<_, _>>()?;
        let of = |(at, metric): (usize, &&str)| {
            let columns = runs.iter().map(|run| run[at].as_deref()).collect::<Option<Vec<&[f64]>>>()?;
            let (n, parts) = shapley::of_columns(&columns);
            // The ends on the paths on which all sets define the metric, so that the parts add up to their difference.
            let whole = |path: &usize| columns.iter().all(|column| !column[*path].is_nan());
            let paths: Vec<usize> = (0..columns[0].len()).filter(whole).collect();
            let end = |column: &[f64]| estimate(&paths.iter().map(|&path| column[path]).collect::<Vec<_>>());
            self.attributed(metric, n, [end(columns[0]), end(columns[columns.len() - 1])], &parts)
        };
        Ok(METRICS.iter().enumerate().filter_map(of).collect())
    }

    /// Orders of change that are drawn.
    fn sampled(&self) -> Result<Vec<Attributed>, Stop> {
        let mut means: BTreeMap<u64, Vec<Estimate>> = BTreeMap::new();
        let (m, seed) = (self.groups.len(), self.from.model.plan.seed);
        let mut out = Vec::new();
        for (at, metric) in METRICS.iter().enumerate() {
            let mut mean = |mask: u64| -> Result<Estimate, Stop> {
                if let Some(known) = means.get(&mask) {
                    return Ok(known[at]);
                }
                let run = self.run(mask, self.runner.threads)?;
                let all: Vec<Estimate> =
                    run.iter().map(|x| x.as_deref().map_or_else(Estimate::default, estimate)).collect();
                let this = all[at];
                means.insert(mask, all);
                Ok(this)
            };
            let parts = shapley::sampled(m, PAIRS, seed, |mask| mean(mask).map(|x| x.value.0))?;
            let ends = [mean(0)?, mean((1 << m) - 1)?];
            if ends.iter().all(|end| end.value.0.is_finite()) {
                out.extend(self.attributed(metric, self.from.paths(), ends, &parts));
            }
        }
        Ok(out)
    }

    fn attributed(
        &self,
        metric: &str,
        n: u64,
        [from, to]: [Estimate; 2],
        parts: &[shapley::Part],
    ) -> Option<Attributed> {
        let unit = self.from.model.plan.metrics.at_end.iter().find(|m| m.name == metric)?.unit.name().to_owned();
        let part = |((setting, change, _), part): (&Group, &shapley::Part)| Part {
            setting: setting.clone(),
            change: change.clone(),
            value: Figure(part.value),
            se: Figure(part.se),
        };
        let mut parts: Vec<Part> = self.groups.iter().zip(parts).map(part).collect();
        parts.sort_by(|a, b| b.value.0.abs().total_cmp(&a.value.0.abs()));
        Some(Attributed { metric: metric.to_owned(), unit, n, from, to, parts })
    }
}

fn estimate(column: &[f64]) -> Estimate {
    let moments = Moments::of(column);
    let mean = if moments.n == 0 { f64::NAN } else { moments.mean };
    Estimate { value: Figure(mean), se: Figure(moments.se()) }
}

/// Groups of settings. Where there are too many for all orders, those of one part of the scenario are one group: what
/// stands under the same two keys.
fn grouped(changes: Vec<Change>) -> Vec<Group> {
    if changes.len() <= shapley::MOST_EXACT {
        return changes.into_iter().map(|c| (c.name(), c.words(), vec![c])).collect();
    }
    let mut groups: Vec<(String, Vec<Change>)> = Vec::new();
    for change in changes {
        let name = change.path[..change.path.len().min(2)].join(".");
        match groups.iter_mut().find(|group| group.0 == name) {
            Some(group) => group.1.push(change),
            None => groups.push((name, vec![change])),
        }
    }
    let words = |changes: &[Change]| match changes {
        [one] => one.words(),
        more => format!("{} settings", more.len()),
    };
    groups.into_iter().map(|(name, changes)| (name, words(&changes), changes)).collect()
}

impl Attribution {
    /// On the screen: the probability that cash runs out, or the first metric.
    pub fn lines(&self) -> Vec<String> {
        if let Some(why) = &self.refused {
            return vec![format!("Attribution: {why}.")];
        }
        let Some(of) = self.metrics.first() else { return Vec::new() };
        let Some(unit) = unit_named(&of.unit) else { return Vec::new() };
        let orders = self.orders.map_or(String::new(), |n| format!(", over {n} sampled orders of change"));
        let what = if of.metric == "cash_out" { "the probability of cash-out" } else { &of.metric };
        let mut out = vec![format!("Where the difference of {what} comes from{orders}:")];
        for part in of.parts.iter().take(6) {
            let error = if of.unit == "share" {
                points_of(part.se.0).replace('+', "")
            } else {
                crate::outcome::show(part.se.0, unit)
            };
            out.push(format!("  {} ± {error}  {} ({})", signed(part.value.0, unit), part.setting, part.change));
        }
        if of.parts.len() > 6 {
            out.push(format!("  and {} smaller ones in attribution.csv", of.parts.len() - 6));
        }
        out
    }

    /// `metric, unit, setting, change, part, se, from, to, n, orders`.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
            ("metric", Kind::Text),
            ("unit", Kind::Text),
            ("setting", Kind::Text),
            ("change", Kind::Text),
            ("part", Kind::Number),
            ("se", Kind::Number),
            ("from", Kind::Number),
            ("to", Kind::Number),
            ("n", Kind::Whole),
        ]);
        for of in &self.metrics {
            for part in &of.parts {
                table.push([
                    of.metric.as_str().into(),
                    of.unit.as_str().into(),
                    part.setting.as_str().into(),
                    part.change.as_str().into(),
                    part.value.0.into(),
                    part.se.0.into(),
                    of.from.value.0.into(),
                    of.to.value.0.into(),
                    of.n.into(),
                ]);
            }
        }
        table
    }
}
