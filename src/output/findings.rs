//! Tables of a run's findings, in addition to its monthly statistics: who survives, what causes ruin, how much money is
//! needed and how often, what drives the outcomes, what providers earn, how precise the estimates are, and what was
//! assumed.
//!
//! Ruin is counted over all paths. Drivers, and quantile estimates by number of paths, use the first 16 384 paths at
//! most.

use rayon::prelude::*;

use super::sample::Sample;
use super::table::{Cell, Kind, Table};
use crate::engine::books::event::{CAUSES, cause_name};
use crate::language::assumption;
use crate::language::reader::Reader;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::plan::metrics::Source;
use crate::stats::interval::{quantile_ranks, wilson};
use crate::stats::rank::{centred_ranks, spearman};
use crate::units::Month;

/// First cause of a ruin that no adverse event preceded within twelve months.
pub const NO_CAUSE: &str = "none";

/// Name of the run itself among its variants when it has no variant.
pub const BASE: &str = "base";

/// Ruin of a variant that was run on the first paths of the run.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Name of the variant.
    pub variant: String,
    /// Month of ruin of each path, 1 for the first; NaN where there is none.
    pub months: Vec<f64>,
}

/// Calendar month of a plan; `index` is 0 for the first.
fn month(plan: &Plan, index: usize) -> Month {
    plan.start.plus(i32::try_from(index).unwrap_or(i32::MAX))
}

/// Share of survivors with its 95% interval, and the difference from the run on the same paths with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Paired {
    alive: f64,
    low: f64,
    high: f64,
    difference: f64,
    se: f64,
}

/// Survivors of a variant at the end of month `t`, 1 for the first. `ruined` of all `paths` of the run are out of cash
/// by then; `base` and `variant` are the months of ruin on the common paths, which are the first of the run.
///
/// The estimate is the run's share of survivors over all its paths plus the mean difference over the common paths (a
/// control variate); where both ran on all paths, it is the variant's own share. The run and its variants are therefore
/// comparable although the variants have fewer paths, and they rank as they do on the common paths.
fn paired(t: usize, (ruined, paths): (u64, u64), base: &[f64], variant: &[f64]) -> Paired {
    let out = |month: &f64| *month <= t as f64;
    let (mut only_base, mut only_variant, mut n, mut base_out) = (0.0, 0.0, 0.0, 0.0);
    for (b, v) in base.iter().zip(variant) {
        n += 1.0;
        base_out += f64::from(u8::from(out(b)));
        only_base += f64::from(u8::from(out(b) && !out(v)));
        only_variant += f64::from(u8::from(!out(b) && out(v)));
    }
    let all = paths as f64;
    let whole = (all - ruined as f64) / all;
    let difference = (only_base - only_variant) / n;
    let spread = ((only_base + only_variant) / n - difference * difference).max(0.0);
    // Covariance between the difference and the run's own survival, per path.
    let covariance = -only_variant / n - difference * (1.0 - base_out / n);
    let error = (spread / n + (whole * (1.0 - whole) + 2.0 * covariance) / all).max(0.0).sqrt();
    let alive = whole + difference;
    let end = |sign: f64| (alive + sign * 1.96 * error).clamp(0.0, 1.0);
    Paired {
        alive: alive.clamp(0.0, 1.0),
        low: end(-1.0),
        high: end(1.0),
        difference,
        se: if n < 2.0 { f64::NAN } else { (spread / (n - 1.0)).sqrt() },
    }
}

/// `variant, month, alive, low, high, paths, difference, difference_se`: share of paths that have not run out of cash
/// by the end of each month, with its 95% interval. The run itself comes first (under its variant, or `base` when it
/// has none), followed by the variants run on its first paths, with their differences from the run on those paths.
pub fn survival(outcome: &Outcome, variant: Option<&str>, sample: &Sample, beside: &[Beside]) -> Table {
    let (ruined, paths) = (outcome.ruined(), outcome.results.paths);
    let mut table = Table::new([
        ("variant", Kind::Text),
        ("month", Kind::Month),
        ("alive", Kind::Number),
        ("low", Kind::Number),
        ("high", Kind::Number),
        ("paths", Kind::Whole),
        ("difference", Kind::Number),
        ("difference_se", Kind::Number),
    ]);
    let mut row = |name: &str, t: usize, paths: u64, [alive, low, high, difference, se]: [f64; 5]| {
        table.push([
            name.into(),
            month(outcome.plan(), t).into(),
            alive.into(),
            low.into(),
            high.into(),
            paths.into(),
            difference.into(),
            se.into(),
        ]);
    };
    for (t, &out) in ruined.iter().enumerate() {
        let (low, high) = wilson(out, paths, 0.95);
        let alive = (paths - out) as f64 / paths as f64;
        row(variant.unwrap_or(BASE), t, paths, [alive, 1.0 - high, 1.0 - low, f64::NAN, f64::NAN]);
    }
    for other in beside {
        // Survival cannot rise, but the estimate for a later month may be higher by chance.
        let mut before = 1.0_f64;
        for (t, &out) in ruined.iter().enumerate() {
            let at = paired(t + 1, (out, paths), sample.months_of_ruin(), &other.months);
            before = before.min(at.alive);
            let numbers = [before, at.low.min(before), at.high.max(before), at.difference, at.se];
            row(&other.variant, t, other.months.len() as u64, numbers);
        }
    }
    table
}

/// `month, cause, share`: share of paths that run out of cash in a month, by first cause; zero rows are omitted. `none`
/// means no adverse event in the preceding twelve months.
pub fn ruin(outcome: &Outcome, sample: &Sample) -> Table {
    let mut table = Table::new([("month", Kind::Month), ("cause", Kind::Text), ("share", Kind::Number)]);
    for (t, by_cause) in sample.ruined().iter().enumerate() {
        for (cause, &paths) in by_cause.iter().enumerate().filter(|c| *c.1 > 0) {
            let name = if cause == CAUSES { NO_CAUSE } else { cause_name(cause) };
            let share = paths as f64 / outcome.results.paths as f64;
            table.push([month(outcome.plan(), t).into(), name.into(), share.into()]);
        }
    }
    table
}

/// Amounts for which the table gives exceedance probabilities.
const AMOUNTS: [&str; 4] = ["peak_funding", "short_without_new_money", "equity_raised", "debt_raised"];

/// `metric, unit, value, share_above`: share of paths on which a metric at the horizon exceeds a value, for zero and
/// for the metric's quantiles; and the share of paths with a gap in the last month.
pub fn exceedance(outcome: &Outcome) -> Table {
    // Every percentile, with finer steps in the tails.
    let tails = [0.001, 0.002, 0.003, 0.005];
    let levels = tails.into_iter().chain((1..100).map(|k| f64::from(k) / 100.0)).chain(tails.map(|t| 1.0 - t));
    let mut levels: Vec<f64> = levels.collect();
    levels.sort_by(f64::total_cmp);
    let mut table = Table::new([
        ("metric", Kind::Text),
        ("unit", Kind::Text),
        ("value", Kind::Number),
        ("share_above", Kind::Number),
    ]);
    for name in AMOUNTS {
        let Some(k) = outcome.plan().metrics.find_end(name) else { continue };
        let (d, unit) = (outcome.end(k), outcome.plan().metrics.at_end[k].unit.name());
        let mut last = f64::NAN;
        let zero = (d.n() > 0).then_some(0.0);
        // Where fewer than a fifth of the paths have any amount, also every twentieth of those paths.
        let share_above = |x: f64| d.above(x) / d.n() as f64;
        let any = share_above(0.0);
        let few = (1..20).rev().map(|k| 1.0 - any * f64::from(k) / 20.0).filter(|_| any < 0.2);
        let mut levels: Vec<f64> = levels.iter().copied().chain(few).collect();
        levels.sort_by(f64::total_cmp);
        for value in zero.into_iter().chain(levels.iter().map(|&q| d.quantile(q))).filter(|v| v.is_finite()) {
            if value != last {
                table.push([name.into(), unit.into(), value.into(), share_above(value).into()]);
                last = value;
            }
        }
    }
    if let Some(k) = outcome.plan().metrics.find("gap") {
        let (d, unit) = (outcome.monthly(k, outcome.plan().months), outcome.plan().metrics.monthly[k].unit.name());
        table.push(["gap".into(), unit.into(), 0.0.into(), (d.above(0.0) / d.n() as f64).into()]);
    }
    table
}

/// `target, input, spearman, se, n`: rank correlation of every uncertain input with selected outcomes, over the kept
/// paths on which the outcome is defined; empty where the input or the outcome does not vary.
pub fn drivers(plan: &Plan, sample: &Sample) -> Table {
    let inputs: Vec<Vec<f64>> = (0..plan.draws.len()).into_par_iter().map(|k| centred_ranks(sample.input(k))).collect();
    let of = |(_, values): &(&'static str, &[f64])| -> (u64, Vec<(f64, f64)>) {
        let defined: Vec<usize> = (0..values.len()).filter(|&k| !values[k].is_nan()).collect();
        let all = defined.len() == values.len();
        let kept = |column: &[f64]| -> Vec<f64> { defined.iter().map(|&k| column[k]).collect() };
        let target = centred_ranks(&kept(values));
        let with = |k: usize| {
            if all { spearman(&inputs[k], &target) } else { spearman(&centred_ranks(&kept(sample.input(k))), &target) }
        };
        (defined.len() as u64, (0..plan.draws.len()).map(with).collect())
    };
    let targets: Vec<_> = sample.outcomes().collect();
    let found: Vec<_> = targets.par_iter().map(of).collect();
    let mut table = Table::new([
        ("target", Kind::Text),
        ("input", Kind::Text),
        ("spearman", Kind::Number),
        ("se", Kind::Number),
        ("n", Kind::Whole),
    ]);
    for ((target, _), (n, correlations)) in targets.iter().zip(&found) {
        for ((input, _), &(rho, se)) in plan.draws.laws().zip(correlations) {
            table.push([(*target).into(), input.into(), rho.into(), se.into(), (*n).into()]);
        }
    }
    table
}

/// `instrument, account, measure, unit, quantile, value, share_undefined, share_marked`: returns of the providers of
/// capital, over the paths on which they are defined; the account is empty for all providers of an instrument together.
/// `share_marked` is the part of the mean multiple that is the position's mark at the horizon.
pub fn returns(outcome: &Outcome) -> Table {
    const LEVELS: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
    let n = outcome.results.paths as f64;
    let mut table = Table::new([
        ("instrument", Kind::Text),
        ("account", Kind::Text),
        ("measure", Kind::Text),
        ("unit", Kind::Text),
        ("quantile", Kind::Number),
        ("value", Kind::Number),
        ("share_undefined", Kind::Number),
        ("share_marked", Kind::Number),
    ]);
    let mean = |of: &str, measure: &str| {
        let at = outcome.plan().metrics.find_end(&format!("{of}.{measure}"));
        at.map_or(f64::NAN, |at| outcome.end(at).mean())
    };
    for (k, metric) in outcome.plan().metrics.at_end.iter().enumerate() {
        let Source::Return(instrument, ..) = metric.source else { continue };
        let name = outcome.plan().instruments[instrument].name.as_str();
        let rest = metric.name.strip_prefix(name).unwrap_or(&metric.name);
        let (account, measure) = rest.rsplit_once('.').unwrap_or(("", rest));
        if measure == "irr_several" {
            continue;
        }
        let d = outcome.end(k);
        let of = metric.name.strip_suffix(&format!(".{measure}")).unwrap_or(&metric.name);
        let (undefined, marked) = ((n - d.n() as f64) / n, mean(of, "rvpi") / mean(of, "moic"));
        for level in LEVELS {
            table.push([
                name.into(),
                account.trim_start_matches('.').into(),
                measure.into(),
                metric.unit.name().into(),
                level.into(),
                d.quantile(level).into(),
                undefined.into(),
                marked.into(),
            ]);
        }
    }
    table
}

/// Quantiles whose estimates are tracked as paths are added.
const FOLLOWED: [(&str, f64); 3] = [("cumulative_gap", 0.5), ("peak_funding", 0.9), ("run_rate", 0.05)];

/// `paths, metric, unit, estimate, low, high`: an estimate and its 95% interval from the first `paths` paths. A
/// probability is tracked over all paths, a quantile over the kept ones; the last row of each is the run's own answer.
pub fn convergence(outcome: &Outcome, sample: &Sample) -> Table {
    let n = outcome.results.paths;
    let mut table = Table::new([
        ("paths", Kind::Whole),
        ("metric", Kind::Text),
        ("unit", Kind::Text),
        ("estimate", Kind::Number),
        ("low", Kind::Number),
        ("high", Kind::Number),
    ]);
    let mut row = |paths: u64, metric: &str, unit: &str, [estimate, low, high]: [f64; 3]| {
        table.push([paths.into(), metric.into(), unit.into(), estimate.into(), low.into(), high.into()]);
    };
    for &(seen, out) in sample.marks().iter().filter(|m| m.0 < n) {
        let (low, high) = wilson(out, seen, 0.95);
        row(seen, "p(cash_out)", "share", [out as f64 / seen as f64, low, high]);
    }
    let (p, _, (low, high)) = outcome.ruin();
    row(n, "p(cash_out)", "share", [p, low, high]);
    for (name, level) in FOLLOWED {
        let (Some(k), Some(values)) = (outcome.plan().metrics.find_end(name), sample.outcome(name)) else {
            continue;
        };
        let (d, unit) = (outcome.end(k), outcome.plan().metrics.at_end[k].unit.name());
        let metric = format!("p{:02.0}({name})", level * 100.0);
        for &(seen, _) in sample.marks().iter().filter(|m| m.0 < n && m.0 as usize <= values.len()) {
            row(seen, &metric, unit, quantile_of(&values[..seen as usize], level));
        }
        let (value, half) = (d.quantile(level), 1.96 * d.quantile_se(level));
        row(n, &metric, unit, [value, value - half, value + half]);
    }
    table
}

/// A quantile of some values, and the order statistics that bound its 95% interval; NaN where there are too few values.
fn quantile_of(values: &[f64], level: f64) -> [f64; 3] {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as u64;
    if n == 0 {
        return [f64::NAN; 3];
    }
    let ranks = quantile_ranks(n, level, 0.95);
    let at = |rank: u64| rank.checked_sub(1).and_then(|k| sorted.get(usize::try_from(k).ok()?)).copied();
    let middle = (level * (n - 1) as f64).round() as u64 + 1;
    [at(middle), at(ranks.lower), at(ranks.upper)].map(|v| v.unwrap_or(f64::NAN))
}

/// Every number of the scenario with what it rests on, and every map with a source or note.
pub fn assumptions(reader: &Reader) -> Table {
    let columns = ["path", "value", "evidence", "range", "stated_at", "source", "url", "note"];
    let mut table = Table::new(columns.map(|name| (name, Kind::Text)));
    for row in assumption::table(reader) {
        let columns =
            [&row.path, &row.text, row.evidence, &row.range, &row.stated_at, &row.source, &row.url, &row.note];
        table.push(columns.map(Cell::from));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_measured_on_the_paths_of_the_run() {
        let never = f64::NAN;
        // Of the run's ten paths three are out by month 5, of the first four one; the variant saves that one and loses
        // none.
        let base = [5.0, never, never, 9.0];
        let saved = paired(5, (3, 10), &base, &[never; 4]);
        // 0.7 + 1/4.
        assert!((saved.alive - 0.95).abs() < 1e-15 && (saved.difference - 0.25).abs() < 1e-15, "{saved:?}");
        // The sample variance of the four differences 1, 0, 0, 0 is 1/4; the standard error of their mean is √(1/4 ÷
        // 4).
        assert!((saved.se - 0.25).abs() < 1e-15, "{saved:?}");
        // The same ruin gives the same curve, with no error in the difference.
        let same = paired(5, (3, 10), &base, &base);
        assert_eq!((same.alive, same.difference, same.se), (0.7, 0.0, 0.0));
        // On all paths it is the variant's own share, with its own error: 2 of 4 are out, √(¼ ÷ 4) is 0.25.
        let own = paired(9, (2, 4), &base, &[1.0, 9.0, never, never]);
        assert!((own.alive - 0.5).abs() < 1e-15 && (own.high - own.low - 2.0 * 1.96 * 0.25).abs() < 1e-12, "{own:?}");
    }

    #[test]
    fn quantiles_come_with_their_order_statistics() {
        let values: Vec<f64> = (1..=100).map(f64::from).rev().collect();
        let [middle, low, high] = quantile_of(&values, 0.5);
        // Bin(100, ½) has 95% between 40 and 60: ranks 40 and 61; the middle rank is 50.5, rounded up.
        assert_eq!([middle, low, high], [51.0, 40.0, 61.0]);
        // Of the ten values 91 to 100, P(Bin(10, 5%) ≥ 2) is 8.6% and P(≥ 3) 1.2%: no lower rank, and the third as the
        // upper.
        let [_, low, high] = quantile_of(&values[..10], 0.05);
        assert!(low.is_nan() && high == 93.0, "{low} {high}");
        assert!(quantile_of(&[f64::NAN], 0.5)[0].is_nan());
    }
}
