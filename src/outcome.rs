//! The outcome of a run: the distribution of a metric in a month or at the horizon, the probability of an event,
//! whether a line of `checks:` holds, and the difference between two runs on the same worlds. Every estimate has its
//! Monte Carlo error.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::instrument::Unit;
use crate::engine::record::{Chunk, Layout};
use crate::engine::run::Results;
use crate::issues::Place;
use crate::language::checks::{Check, Comparison, Function, Time, read_check};
use crate::language::quantity::Kind;
use crate::language::reader::Reader;
use crate::language::tree::Node;
use crate::plan::metrics::end_name;
use crate::plan::{Plan, checked};
use crate::stats::histogram::Histogram;
use crate::stats::interval::{proportion_se, wilson};
use crate::stats::moments::Moments;
use crate::stats::values::Sorted;
use crate::units::Month;

/// The results of a run. It owns what it needs, can be sent to another thread, and can be compared with other outcomes.
#[derive(Debug)]
pub struct Outcome {
    plan: Arc<Plan>,
    /// Counts and sums over all paths.
    pub results: Results,
    layout: Layout,
    /// Its paths, if the run kept them: end metrics and first causes of ruin of all, inputs of the first ones.
    kept: Option<Chunk>,
}

/// The difference of a metric between two runs, path by path on the same worlds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Mean of the differences, in the metric's unit; NaN if there are none.
    pub mean: f64,
    /// Its standard error. It is usually far smaller than that of two separate means, since both runs share their
    /// draws.
    pub se: f64,
    /// Paths that both runs have and on which the metric is defined in both.
    pub n: u64,
}

/// What a question measures, path by path: 0 or 1 for a probability, otherwise the values of the metric in the unit of
/// the bound (or in its own, without a bound), NaN where it is undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct OnPaths {
    /// The values.
    pub values: Vec<f64>,
    /// The level of the quantile that is asked for; `None` for the mean of the values.
    pub level: Option<f64>,
}

/// The distribution of one metric, in one month or at the horizon.
#[derive(Debug)]
pub struct Distribution<'a> {
    /// Mean and variance.
    pub moments: Moments,
    values: Seen<'a>,
}

/// How the values of a distribution are stored.
#[derive(Debug)]
enum Seen<'a> {
    /// Every value.
    All(&'a Sorted),
    /// Counted in bins.
    Binned(Histogram<'a>),
}

/// A quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// Its value; NaN if the metric is undefined on every path.
    pub value: f64,
    /// Maximum error due to binning; 0 if all values are kept.
    pub resolution: f64,
}

impl Distribution<'_> {
    /// Number of paths on which the metric is defined.
    pub fn n(&self) -> u64 {
        self.moments.n
    }
    /// Mean; NaN if the metric is undefined on every path.
    pub fn mean(&self) -> f64 {
        if self.moments.n == 0 { f64::NAN } else { self.moments.mean }
    }
    /// Quantiles at `levels`, which are in ascending order.
    pub fn quantiles(&self, levels: &[f64]) -> Vec<Quantile> {
        match &self.values {
            Seen::All(sorted) => {
                levels.iter().map(|&q| Quantile { value: sorted.quantile(q), resolution: 0.0 }).collect()
            }
            Seen::Binned(histogram) => {
                let all = histogram.quantiles(levels).into_iter();
                all.map(|(value, resolution)| Quantile { value, resolution }).collect()
            }
        }
    }
    /// Quantile at level `q`; NaN if the metric is undefined on every path.
    pub fn quantile(&self, q: f64) -> f64 {
        self.quantiles(&[q])[0].value
    }
    /// Standard error of a quantile: half the width of the order-statistic interval of one standard error, plus the
    /// maximum error due to binning.
    pub fn quantile_se(&self, q: f64) -> f64 {
        let n = self.moments.n as f64;
        if n < 2.0 {
            return f64::NAN;
        }
        let step = (q * (1.0 - q) / n).sqrt();
        let [low, at, high] = self.quantiles(&[(q - step).max(0.0), q, (q + step).min(1.0)])[..] else {
            unreachable!("a quantile for each level")
        };
        0.5 * (high.value - low.value) + at.resolution
    }
    /// Number of paths below `x`, a whole number: sums and differences of shares would have rounding errors, so that a
    /// bound that is met exactly could be missed.
    pub fn below(&self, x: f64) -> f64 {
        self.paths(match &self.values {
            Seen::All(sorted) => sorted.share_below(x),
            Seen::Binned(histogram) => histogram.share_below(x),
        })
    }
    /// Number of paths at or below `x`.
    pub fn at_most(&self, x: f64) -> f64 {
        self.paths(match &self.values {
            Seen::All(sorted) => sorted.share_at_most(x),
            Seen::Binned(histogram) => histogram.share_at_most(x),
        })
    }
    /// Number of paths above `x`.
    pub fn above(&self, x: f64) -> f64 {
        self.n() as f64 - self.at_most(x)
    }
    /// Number of paths at or above `x`.
    pub fn at_least(&self, x: f64) -> f64 {
        self.n() as f64 - self.below(x)
    }
    fn paths(&self, share: f64) -> f64 {
        if self.n() == 0 { 0.0 } else { (share * self.n() as f64).round() }
    }
}

/// A metric with values beyond the bins of its histograms.
#[derive(Clone, Debug, PartialEq)]
pub struct Saturated {
    /// Its name.
    pub name: String,
    /// Number of such values, over all months.
    pub values: u64,
    /// Largest share of the paths in any month. Quantiles outside that share are unaffected.
    pub most: f64,
}

impl std::fmt::Display for Saturated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, most) = (&self.name, 100.0 * self.most);
        write!(f, "`{name}`: {} values beyond the bins of its histograms, at most {most:.1}% of a month's", self.values)
    }
}

/// The result of a line of `checks:`.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The line as written.
    pub text: String,
    /// The measured value, in the canonical unit of the bound.
    pub measured: f64,
    /// Its Monte Carlo error: one standard error.
    pub se: f64,
    /// Share of the paths on which the measured quantity is defined.
    pub defined: f64,
    /// Whether it holds; false if the quantity is undefined on every path.
    pub holds: bool,
    /// The measured value with its error, as text.
    pub shown: String,
}

impl Outcome {
    /// Creates the outcome of a plan from its results.
    pub fn new(plan: Arc<Plan>, results: Results) -> Outcome {
        let layout = Layout::of(&plan);
        Outcome { plan, results, layout, kept: None }
    }

    /// The same, with its paths.
    pub(crate) fn with_paths(self, kept: Chunk) -> Outcome {
        Outcome { kept: Some(kept), ..self }
    }

    /// Its paths, if they were kept: end metrics and first causes of ruin of all, inputs of the first ones.
    pub(crate) fn paths(&self) -> Option<&Chunk> {
        self.kept.as_ref()
    }

    /// The plan that was run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A metric at the horizon by its name, such as `peak_funding` or `loan.irr`; `None` if the run has none of that
    /// name.
    pub fn metric(&self, name: &str) -> Option<Distribution<'_>> {
        self.plan.metrics.find_end(name).map(|k| self.end(k))
    }

    /// A metric in a month by its name; `None` if it is not recorded by month (`run.metrics`) or the month is not
    /// simulated.
    pub fn at(&self, name: &str, month: Month) -> Option<Distribution<'_>> {
        Some(self.monthly(self.plan.metrics.find(name)?, self.plan.month(month)?))
    }

    /// Values of a metric at the horizon, path by path, NaN where it is undefined; `None` if the run has no such metric
    /// or did not keep its paths ([`Model::run`](crate::model::Model::run) keeps them).
    pub fn values(&self, name: &str) -> Option<Vec<f64>> {
        let (k, kept) = (self.plan.metrics.find_end(name)?, self.kept.as_ref()?);
        Some(kept.ends.iter().skip(k).step_by(self.plan.metrics.at_end.len()).copied().collect())
    }

    /// Excess of a metric at the horizon over that of another run, on the paths that both have: these face the same
    /// worlds if the seeds are equal. `None` if they are not, or if either run has no [`values`](Self::values) of the
    /// metric.
    pub fn minus(&self, other: &Outcome, name: &str) -> Option<Difference> {
        if self.plan.seed != other.plan.seed {
            return None;
        }
        let (mine, theirs) = (self.values(name)?, other.values(name)?);
        // A value that is undefined in either run gives NaN, which moments ignore.
        let differences: Vec<f64> = mine.iter().zip(&theirs).map(|(a, b)| a - b).collect();
        let moments = Moments::of(&differences);
        let mean = if moments.n == 0 { f64::NAN } else { moments.mean };
        Some(Difference { mean, se: moments.se(), n: moments.n })
    }

    /// Evaluates a line of the form used in `checks:`; `None` if it would be an error there (syntax, an unknown name, a
    /// bound in another unit) or needs something that the run did not record, such as a minimum over months that no
    /// check of the scenario uses.
    pub fn check(&self, line: &str) -> Option<Verdict> {
        let mut reader = Reader::new(self.plan.start, u32::try_from(self.plan.months).unwrap_or(u32::MAX));
        let check = read_check(&Node::scalar(line, Place::default()), &mut reader)?;
        checked::names(&self.plan, std::slice::from_ref(&check), &mut reader.issues);
        if reader.issues.has_errors() { None } else { self.verdict(&check) }
    }

    fn column(&self, column: usize) -> Distribution<'_> {
        let kept = column.checked_sub(self.layout.end(0)).and_then(|k| self.results.ends.get(k)?.as_ref());
        let values = kept.map_or_else(|| Seen::Binned(self.histogram(column)), Seen::All);
        Distribution { moments: self.results.sums.moments[column], values }
    }

    fn histogram(&self, column: usize) -> Histogram<'_> {
        let results = &self.results;
        Histogram::new(&results.bins[column], results.grids[column], results.counts.extremes[column])
    }

    /// A monthly metric in month `t`, 1 for the first.
    pub fn monthly(&self, metric: usize, t: usize) -> Distribution<'_> {
        self.column(self.layout.month(t, metric))
    }
    /// An end metric.
    pub fn end(&self, metric: usize) -> Distribution<'_> {
        self.column(self.layout.end(metric))
    }
    /// A cash line in a year, 0 for the first; the last line is closing cash.
    pub fn year(&self, year: usize, line: usize) -> Distribution<'_> {
        self.column(self.layout.year(year, line))
    }
    /// Calendar years that the horizon covers in whole or in part.
    pub fn years(&self) -> Vec<i32> {
        (0..self.layout.years as i32).map(|y| self.plan.start.year() + y).collect()
    }
    /// Number of paths that ran out of cash by the end of each month.
    pub fn ruined(&self) -> Vec<u64> {
        cumulative(&self.results.counts.ruined)
    }
    /// Number of paths in default by the end of each month.
    pub fn defaulted(&self) -> Vec<u64> {
        cumulative(&self.results.counts.defaulted)
    }
    /// The metrics with values beyond the bins, in order of name.
    pub fn saturated(&self) -> Vec<Saturated> {
        let mut found: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
        for column in 0..self.layout.len() {
            let d = self.column(column);
            let Seen::Binned(histogram) = &d.values else { continue };
            let values = histogram.saturated();
            if values > 0 {
                let (all, most) = found.entry(self.layout.what(&self.plan, column).0).or_default();
                *all += values;
                *most = most.max(values as f64 / d.n().max(1) as f64);
            }
        }
        found.into_iter().map(|(name, (values, most))| Saturated { name: name.to_owned(), values, most }).collect()
    }

    /// The distribution that a check refers to.
    fn looked_at(&self, check: &Check) -> Option<Distribution<'_>> {
        let last = self.plan.start.plus(self.plan.months as i32 - 1);
        let is_end = |name: &str| self.plan.metrics.at_end.iter().any(|m| m.name == name && !m.is_watched());
        self.metric(&end_name(check, &is_end, last))
    }

    /// Evaluates a line of `checks:`. Probabilities are over all paths: an undefined metric satisfies no comparison.
    /// Means and quantiles are over the paths on which the metric is defined.
    pub fn verdict(&self, check: &Check) -> Option<Verdict> {
        let n = self.results.paths;
        let mut defined = 1.0;
        let (measured, se, shown) = match (check.function, &check.inner) {
            (Function::Probability, None) => {
                let t = match check.time {
                    Time::At(month) | Time::By(month) => self.plan.month(month)?,
                    _ => self.plan.months,
                };
                let counts = if check.metric == "default" { self.defaulted() } else { self.ruined() };
                let p = counts[t - 1] as f64 / n as f64;
                let se = proportion_se(p, n);
                (p, se, show_share(p, se))
            }
            (Function::Probability, Some((comparison, bound))) => {
                let d = self.looked_at(check)?;
                defined = d.n() as f64 / n as f64;
                let x = in_unit(bound.value, bound.kind, self.unit(check)?);
                let paths = match comparison {
                    Comparison::Less => d.below(x),
                    Comparison::AtMost => d.at_most(x),
                    Comparison::Greater => d.above(x),
                    Comparison::AtLeast => d.at_least(x),
                };
                let p = paths / n as f64;
                let se = proportion_se(p, n);
                (p, se, show_share(p, se) + &on_paths("undefined", 1.0 - defined))
            }
            (function, _) => {
                let d = self.looked_at(check)?;
                defined = d.n() as f64 / n as f64;
                let (value, se) = match function {
                    Function::Quantile(q) => (d.quantile(q), d.quantile_se(q)),
                    _ => (d.mean(), d.moments.se()),
                };
                let unit = self.unit(check)?;
                let back = |x: f64| check.limit.map_or(x, |(_, bound)| x / in_unit(1.0, bound.kind, unit));
                let shown = match (value.is_nan(), se.is_nan()) {
                    (true, _) => "undefined on every path".to_owned(),
                    (_, true) => show(value, unit) + &on_paths("defined", defined),
                    _ => format!("{} ± {}{}", show(value, unit), show(se, unit), on_paths("defined", defined)),
                };
                (back(value), back(se), shown)
            }
        };
        let holds = check.holds(measured);
        Some(Verdict { text: check.text.clone(), measured, se, defined, holds, shown })
    }

    /// What a question measures on every path: see [`OnPaths`]. `None` if the run did not keep its paths or did not
    /// record the metric.
    pub fn on_paths(&self, check: &Check) -> Option<OnPaths> {
        let last = self.plan.start.plus(self.plan.months as i32 - 1);
        if check.is_event() {
            let until = match check.time {
                Time::At(month) | Time::By(month) => self.plan.month(month)?,
                _ => self.plan.months,
            };
            let months = self.values(&format!("{}_month", check.metric))?;
            let happened = |month: f64| f64::from(u8::from(month <= until as f64));
            return Some(OnPaths { values: months.into_iter().map(happened).collect(), level: None });
        }
        let is_end = |name: &str| self.plan.metrics.at_end.iter().any(|m| m.name == name && !m.is_watched());
        let values = self.values(&end_name(check, &is_end, last))?;
        let unit = self.unit(check)?;
        Some(match (check.function, &check.inner) {
            (Function::Probability, Some((comparison, bound))) => {
                let x = in_unit(bound.value, bound.kind, unit);
                let holds = |value: f64| f64::from(u8::from(comparison.holds(value, x)));
                OnPaths { values: values.into_iter().map(holds).collect(), level: None }
            }
            (function, _) => {
                let scale = check.limit.map_or(1.0, |(_, bound)| in_unit(1.0, bound.kind, unit));
                let values = values.into_iter().map(|x| x / scale).collect();
                let level = if let Function::Quantile(q) = function { Some(q) } else { None };
                OnPaths { values, level }
            }
        })
    }

    /// The unit of what a question measures; `None` if the run has no such metric.
    pub fn unit(&self, check: &Check) -> Option<Unit> {
        let all = self.plan.metrics.at_end.iter().chain(&self.plan.metrics.monthly);
        all.into_iter().find(|m| m.name == check.metric).map(|m| m.unit)
    }

    /// Probability of running out of cash by the horizon: estimate, standard error, 95% Wilson interval.
    pub fn ruin(&self) -> (f64, f64, (f64, f64)) {
        let k = self.ruined().last().copied().unwrap_or(0);
        let n = self.results.paths;
        (k as f64 / n as f64, proportion_se(k as f64 / n as f64, n), wilson(k, n, 0.95))
    }
}

fn cumulative(by_month: &[u64]) -> Vec<u64> {
    by_month
        .iter()
        .scan(0, |sum, x| {
            *sum += x;
            Some(*sum)
        })
        .collect()
}

/// A bound in the metric's unit: money per time, held per month, is converted to a year for run-rates.
pub(crate) fn in_unit(value: f64, kind: Kind, unit: Unit) -> f64 {
    if unit == Unit::UsdPerYear && matches!(kind, Kind::MoneyRate) { value * 12.0 } else { value }
}

/// A value as text, with its unit.
pub fn show(x: f64, unit: Unit) -> String {
    if x.is_nan() {
        return "undefined".into();
    }
    match unit {
        Unit::Usd => show_money(x),
        Unit::UsdPerYear => format!("{}/yr", show_money(x)),
        Unit::UsdPerGwMonth => format!("{}/GW-mo", show_money(x)),
        Unit::Share | Unit::AnnualRate => format!("{:.1}%", x * 100.0),
        Unit::Ratio => format!("{x:.2}x"),
        Unit::Gigawatt => show_power(x),
        Unit::Months => format!("{x:.0} mo"),
        Unit::Count => format!("{x:.1}"),
        Unit::Stock => format!("{x:.0} shares"),
    }
}

/// The share of the paths on which `what` holds, as text; empty if it is none or all.
fn on_paths(what: &str, share: f64) -> String {
    if share <= 0.0 || share >= 1.0 {
        return String::new();
    }
    let percent = 100.0 * share;
    let digits = if (1.0..=99.0).contains(&percent) { 0 } else { 2 };
    format!(" ({what} on {percent:.digits$}% of paths)")
}

/// A share with its error, in per cent.
pub fn show_share(p: f64, se: f64) -> String {
    format!("{:.1}% ± {:.1}", p * 100.0, se * 100.0)
}

/// Power in GW, MW or kW, by its size.
fn show_power(gw: f64) -> String {
    let (scale, unit) = match gw.abs() {
        x if x >= 1.0 || x == 0.0 => (1.0, "GW"),
        x if x >= 1e-3 => (1e-3, "MW"),
        _ => (1e-6, "kW"),
    };
    format!("{:.*} {unit}", if unit == "GW" { 2 } else { 1 }, gw / scale)
}

/// Money with three significant digits and its scale.
pub fn show_money(x: f64) -> String {
    let a = x.abs();
    let (scale, letter) = if a >= 1e12 {
        (1e12, "T")
    } else if a >= 1e9 {
        (1e9, "B")
    } else if a >= 1e6 {
        (1e6, "M")
    } else if a >= 1e3 {
        (1e3, "k")
    } else {
        (1.0, "")
    };
    let v = a / scale;
    let digits = usize::from(v < 100.0) + usize::from(v < 10.0);
    let sign = if x < 0.0 { "-" } else { "" };
    format!("{sign}{v:.digits$}{letter} USD")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::values::Values;

    #[test]
    fn a_share_is_a_whole_number_of_paths() {
        // 95 of 100 values are 1; one minus 95% is not 5% in floats.
        let values: Vec<f64> = (0..100).map(|k| if k < 5 { 2.0 } else { 1.0 }).collect();
        let mut all = Values::default();
        all.extend(values.iter().copied());
        let sorted = all.sorted();
        let d = Distribution { moments: Moments::of(&values), values: Seen::All(&sorted) };
        assert!((1.0 - sorted.share_at_most(1.0)) > 0.05);
        assert_eq!((d.above(1.0), d.at_least(2.0), d.at_most(1.0), d.below(1.0)), (5.0, 5.0, 95.0, 0.0));
        assert!(d.above(1.0) / 100.0 <= 0.05);
        let none = Values::default().sorted();
        let d = Distribution { moments: Moments::default(), values: Seen::All(&none) };
        assert_eq!((d.above(1.0), d.below(1.0)), (0.0, 0.0));
    }

    #[test]
    fn money_reads_well() {
        for (x, text) in [
            (0.0, "0.00 USD"),
            (1.5e9, "1.50B USD"),
            (-47.25e9, "-47.2B USD"),
            (999.6e9, "1000B USD"),
            (2.5e12, "2.50T USD"),
            (12_345.0, "12.3k USD"),
        ] {
            assert_eq!(show_money(x), text);
        }
    }
}
