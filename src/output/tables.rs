//! The tables of a run's statistics. Money is in US dollars, a month is dated by its end, and undefined values are NaN.

use super::findings;
use super::table::{Cell, Kind, Table};
use crate::engine::books::event::cause_name;
use crate::engine::record::cash_names;
use crate::outcome::{Distribution, Outcome};
use crate::plan::Plan;
use crate::plan::metrics::Metric;
use crate::units::Month;

/// Calendar month of a plan; `t` is 1 for the first.
fn month(plan: &Plan, t: usize) -> Month {
    plan.start.plus(t as i32 - 1)
}

const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

fn statistics<'a>(d: &Distribution<'_>) -> impl Iterator<Item = Cell<'a>> + use<'a> {
    let quantiles = d.quantiles(&QUANTILES);
    let moments = [d.mean(), d.moments.se(), d.moments.sd()];
    let off = quantiles.iter().map(|q| q.resolution).fold(0.0, f64::max);
    let resolution = if d.n() == 0 { f64::NAN } else { off };
    moments.into_iter().chain(quantiles.into_iter().map(|q| q.value)).chain([resolution]).map(Cell::from)
}

/// Columns of [`statistics`].
const STATISTICS: [(&str, Kind); 9] = [
    ("mean", Kind::Number),
    ("se", Kind::Number),
    ("sd", Kind::Number),
    ("p05", Kind::Number),
    ("p25", Kind::Number),
    ("p50", Kind::Number),
    ("p75", Kind::Number),
    ("p95", Kind::Number),
    ("resolution", Kind::Number),
];

/// `metric, unit, n_defined, mean, se, sd, p05 … p95, resolution` at the horizon.
pub fn summary(outcome: &Outcome) -> Table {
    let head = [("metric", Kind::Text), ("unit", Kind::Text), ("n_defined", Kind::Whole)];
    let mut table = Table::new(head.into_iter().chain(STATISTICS));
    for (k, metric) in outcome.plan().metrics.at_end.iter().enumerate() {
        let d = outcome.end(k);
        let head: [Cell<'_>; 3] = [(&metric.name).into(), metric.unit.name().into(), d.n().into()];
        table.push(head.into_iter().chain(statistics(&d)));
    }
    table
}

fn own(outcome: &Outcome) -> Vec<(usize, &Metric)> {
    outcome.plan().metrics.monthly.iter().enumerate().filter(|(_, m)| m.instrument.is_none()).collect()
}

/// `month, entity, metric, unit, n_defined, mean, se, sd, p05 … p95, resolution`: one tidy table of the lab and the
/// world.
pub fn monthly(outcome: &Outcome) -> Table {
    let head = [
        ("month", Kind::Month),
        ("entity", Kind::Text),
        ("metric", Kind::Text),
        ("unit", Kind::Text),
        ("n_defined", Kind::Whole),
    ];
    let mut table = Table::new(head.into_iter().chain(STATISTICS));
    for t in 1..=outcome.plan().months {
        for (k, metric) in own(outcome) {
            let entity = if metric.is_of_world() { "world" } else { "lab" };
            let d = outcome.monthly(k, t);
            let head: [Cell<'_>; 5] = [
                month(outcome.plan(), t).into(),
                entity.into(),
                (&metric.name).into(),
                metric.unit.name().into(),
                d.n().into(),
            ];
            table.push(head.into_iter().chain(statistics(&d)));
        }
    }
    table
}

/// `month, instrument, line, unit, n_defined, mean, p05, p50, p95` of every contract and instrument. A line may be
/// undefined on some paths, as cover is where no debt service is due; the statistics are over the others.
pub fn instruments(outcome: &Outcome) -> Table {
    let mut table = Table::new([
        ("month", Kind::Month),
        ("instrument", Kind::Text),
        ("line", Kind::Text),
        ("unit", Kind::Text),
        ("n_defined", Kind::Whole),
        ("mean", Kind::Number),
        ("p05", Kind::Number),
        ("p50", Kind::Number),
        ("p95", Kind::Number),
    ]);
    for t in 1..=outcome.plan().months {
        for (k, metric) in outcome.plan().metrics.monthly.iter().enumerate() {
            let Some(instrument) = metric.instrument else { continue };
            let name = outcome.plan().instruments[instrument].name.as_str();
            let line = metric.name.strip_prefix(name).and_then(|l| l.strip_prefix('.')).unwrap_or(&metric.name);
            let d = outcome.monthly(k, t);
            let quantiles = d.quantiles(&[0.05, 0.5, 0.95]);
            let values = std::iter::once(d.mean()).chain(quantiles.iter().map(|q| q.value)).map(Cell::from);
            let head: [Cell<'_>; 5] =
                [month(outcome.plan(), t).into(), name.into(), line.into(), metric.unit.name().into(), d.n().into()];
            table.push(head.into_iter().chain(values));
        }
    }
    table
}

/// `month, entity, event, share`: share of paths on which an event happened in a month; zero rows are omitted.
pub fn events(outcome: &Outcome) -> Table {
    let mut table =
        Table::new([("month", Kind::Month), ("entity", Kind::Text), ("event", Kind::Text), ("share", Kind::Number)]);
    let n = outcome.results.paths as f64;
    for t in 1..=outcome.plan().months {
        for (event, counts) in outcome.plan().metrics.events.iter().zip(&outcome.results.counts.events) {
            if counts[t - 1] > 0 {
                let share = counts[t - 1] as f64 / n;
                table.push([month(outcome.plan(), t).into(), (&event.entity).into(), event.name.into(), share.into()]);
            }
        }
    }
    table
}

/// `claimant, unit, n_claims, mean_claim, expected_loss, se, loss_p95, lgd`: who bears the loss when the lab or a
/// vehicle fails. The mean claim is over the paths that have one; the expected loss, discounted to the failure, and its
/// 95% quantile are over all paths; loss given default is the mean loss over the mean claim. A claimant without a claim
/// on any path has no row.
pub fn claims(outcome: &Outcome) -> Table {
    let mut table = Table::new([
        ("claimant", Kind::Text),
        ("unit", Kind::Text),
        ("n_claims", Kind::Whole),
        ("mean_claim", Kind::Number),
        ("expected_loss", Kind::Number),
        ("se", Kind::Number),
        ("loss_p95", Kind::Number),
        ("lgd", Kind::Number),
    ]);
    for (k, metric) in outcome.plan().metrics.at_end.iter().enumerate() {
        let Some(claimant) = metric.name.strip_suffix(".claim") else { continue };
        let Some(loss) = outcome.metric(&format!("{claimant}.loss")) else { continue };
        let claim = outcome.end(k);
        let n = claim.above(0.0);
        if n > 0.0 {
            let (all, lost) = (claim.mean(), loss.mean());
            let numbers = [all * claim.n() as f64 / n, lost, loss.moments.se(), loss.quantile(0.95), lost / all];
            let head: [Cell<'_>; 3] = [claimant.into(), metric.unit.name().into(), (n as u64).into()];
            table.push(head.into_iter().chain(numbers.map(Cell::from)));
        }
    }
    table
}

/// Sources and uses of a year: `(side, line, mean, median)`; the means of the two sides are equal.
pub fn sides(outcome: &Outcome, year: usize) -> Vec<(&'static str, &'static str, f64, f64)> {
    let names = cash_names(outcome.plan());
    let closing = names.len() - 1;
    let opening = if year == 0 {
        outcome.metric("opening_cash").map_or((0.0, 0.0), |d| (d.mean(), d.quantile(0.5)))
    } else {
        let d = outcome.year(year - 1, closing);
        (d.mean(), d.quantile(0.5))
    };
    let mut out = vec![("source", "opening_cash", opening.0, opening.1)];
    for (k, line) in outcome.plan().metrics.cash.iter().enumerate() {
        let d = outcome.year(year, k);
        out.push((if line.source { "source" } else { "use" }, line.name, d.mean(), d.quantile(0.5)));
    }
    let d = outcome.year(year, closing);
    out.push(("use", "closing_cash", d.mean(), d.quantile(0.5)));
    out.sort_by_key(|row| row.0);
    out
}

/// `year, side, line, mean, p50`.
pub fn sources_uses(outcome: &Outcome) -> Table {
    let mut table = Table::new([
        ("year", Kind::Whole),
        ("side", Kind::Text),
        ("line", Kind::Text),
        ("mean", Kind::Number),
        ("p50", Kind::Number),
    ]);
    for (k, &year) in outcome.years().iter().enumerate() {
        for (side, line, mean, median) in sides(outcome, k) {
            table.push([year.into(), side.into(), line.into(), mean.into(), median.into()]);
        }
    }
    table
}

/// `path, input.…, <end metrics>, first_cause`: a row for each kept path whose inputs were kept too, with values as
/// computed. `None` when the run kept none.
pub fn paths(outcome: &Outcome) -> Option<Table> {
    let (plan, kept) = (outcome.plan(), outcome.paths()?);
    let (inputs, ends) = (plan.draws.len(), plan.metrics.at_end.len());
    let drawn = plan.draws.laws().map(|(name, _)| (format!("input.{name}"), Kind::Number));
    let kind = |metric: &Metric| if metric.grid.is_whole() { Kind::Whole } else { Kind::Number };
    let metrics = plan.metrics.at_end.iter().map(|metric| (metric.name.clone(), kind(metric)));
    let first = std::iter::once(("path".to_owned(), Kind::Whole));
    let mut table = Table::new(first.chain(drawn).chain(metrics).chain([("first_cause".to_owned(), Kind::Text)]));
    let rows = kept.inputs.len().checked_div(inputs).unwrap_or(kept.causes.len());
    for (path, cause) in kept.causes[..rows].iter().enumerate() {
        let drawn = kept.inputs[path * inputs..(path + 1) * inputs].iter().map(|&x| Cell::from(x));
        let values = plan.metrics.at_end.iter().zip(&kept.ends[path * ends..(path + 1) * ends]);
        let values = values.map(|(metric, &x)| match kind(metric) {
            Kind::Whole => Cell::Whole(x.is_finite().then_some(x as i64)),
            _ => Cell::from(x),
        });
        let cause = cause.map_or("", cause_name);
        table.push(std::iter::once((path as u64).into()).chain(drawn).chain(values).chain([cause.into()]));
    }
    Some(table)
}

impl Outcome {
    /// A table of a run folder by its file name without extension: `summary`, `monthly`, `instruments`, `events`,
    /// `claims`, `sources_uses`, `exceedance`, `returns`; and `outcomes` where the run kept its paths. `None` for any
    /// other name.
    pub fn table(&self, name: &str) -> Option<Table> {
        Some(match name {
            "summary" => summary(self),
            "monthly" => monthly(self),
            "instruments" => instruments(self),
            "events" => events(self),
            "claims" => claims(self),
            "sources_uses" => sources_uses(self),
            "exceedance" => findings::exceedance(self),
            "returns" => findings::returns(self),
            "outcomes" => return paths(self),
            _ => return None,
        })
    }
}
