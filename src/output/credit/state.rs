//! When claims arise, and in which state of the world: failed paths replayed on the plain engine, beside the first paths
//! of the run whether they fail or not.

use rayon::prelude::*;

use super::{Lent, Rows, measures};
use crate::engine::component::Lane;
use crate::engine::reference::{Broken, Path, derive};
use crate::plan::Plan;
use crate::stats::interval::proportion_se;
use crate::stats::moments::Moments;

/// Largest number of failed paths that are replayed, and number of paths whose state is taken as unconditional.
const REPLAYED: (usize, usize) = (256, 128);
/// Smallest number of failures on either side of a division by the state.
const FEWEST: usize = 5;

/// The states that are recorded.
const STATES: usize = 4;
/// A state of the world or the lab: its name, its unit and its value.
type State = (&'static str, &'static str, fn(&Lane) -> f64);
const ALL: [State; STATES] = [
    ("winter", "share", |l| l.market.winter),
    ("equity_multiple", "x", |l| l.market.multiple),
    ("resale_index", "x", |l| l.market.resale),
    ("utilisation", "share", |l| if l.ops.place_gw > 0.0 { l.ops.used_gw / l.ops.place_gw } else { f64::NAN }),
];

fn states(lane: &Lane) -> [f64; STATES] {
    ALL.map(|state| state.2(lane))
}

/// The first claim of a claimant on a path.
#[derive(Clone, Copy, Debug)]
struct Failure {
    path: usize,
    /// Month of the claim, 1 for the first.
    month: usize,
    /// The state at the close before it.
    states: [f64; STATES],
}

/// The failures on the first paths.
#[derive(Debug)]
pub(super) struct Failures {
    /// Number of paths on which all failures were replayed.
    paths: usize,
    /// By claimant, in order of path.
    by_claimant: Vec<Vec<Failure>>,
    /// State by month of each of the first paths: `[paths][months]`.
    unconditional: Vec<Vec<[f64; STATES]>>,
}

/// The month before one, at whose close the state is reported.
fn before(month: usize) -> usize {
    month.saturating_sub(1).max(1)
}

/// Replays a path: the month of each claimant's first claim and the state before it, for those with a claim.
fn replay(plan: &Plan, lent: &Lent, path: usize) -> Result<Vec<(usize, Failure)>, Broken> {
    let mut open: Vec<usize> = (0..lent.claimants.len()).filter(|&k| lent.columns[k][0][path] > 0.0).collect();
    let mut out = Vec::new();
    let mut run = Path::new(plan, path as u64);
    let mut last = [f64::NAN; STATES];
    for month in 1..=plan.months {
        run.month(month)?;
        if month == 1 {
            last = states(&run.lane);
        }
        let (board, instruments) = (run.board(), run.states());
        open.retain(|&k| {
            let claim = derive::value(&lent.claimants[k].source, &board, &instruments);
            let arose = claim.is_some_and(|claim| claim > 0.0);
            if arose {
                out.push((k, Failure { path, month, states: last }));
            }
            !arose
        });
        if open.is_empty() {
            break;
        }
        last = states(&run.lane);
    }
    Ok(out)
}

/// The failures of all claimants on the first paths: as many paths as have [`REPLAYED`] failed ones among them.
///
/// # Errors
/// An accounting identity does not hold.
pub(super) fn failures(plan: &Plan, lent: &Lent) -> Result<Failures, Broken> {
    let n = lent.paths();
    let failed = |path: &usize| lent.columns.iter().any(|columns| columns[0][*path] > 0.0);
    let mut paths: Vec<usize> = (0..n).filter(failed).take(REPLAYED.0 + 1).collect();
    let all = if paths.len() > REPLAYED.0 { paths.pop().unwrap_or(n) } else { n };
    let found = paths.par_iter().map(|&path| replay(plan, lent, path)).collect::<Result<Vec<_>, _>>()?;
    let mut by_claimant = vec![Vec::new(); lent.claimants.len()];
    for (k, failure) in found.into_iter().flatten() {
        by_claimant[k].push(failure);
    }
    // The unconditional state is needed up to the last failure only.
    let last = by_claimant.iter().flatten().map(|failure| before(failure.month)).max().unwrap_or(0);
    let by_month = |path: usize| -> Result<Vec<[f64; STATES]>, Broken> {
        let mut run = Path::new(plan, path as u64);
        (1..=last).map(|month| run.month(month).map(|()| states(&run.lane))).collect()
    };
    let some = if last > 0 { n.min(REPLAYED.1) } else { 0 };
    let unconditional = (0..some).into_par_iter().map(by_month).collect::<Result<Vec<_>, _>>()?;
    Ok(Failures { paths: all, by_claimant, unconditional })
}

/// Writes the probability of a claim in each calendar year.
pub(super) fn by_year(plan: &Plan, failures: &Failures, k: usize, rows: &mut Rows<'_>) {
    let year = |t: usize| plan.start.plus(i32::try_from(t).unwrap_or(1) - 1).year();
    for y in year(1)..=year(plan.months) {
        let events = failures.by_claimant[k].iter().filter(|failure| year(failure.month) == y).count();
        let p = events as f64 / failures.paths.max(1) as f64;
        let own = (p, proportion_se(p, failures.paths as u64));
        rows.row("pd", Some(y), "share", [own, (f64::NAN, f64::NAN)], [events, failures.paths]);
    }
}

/// Mean and standard error of the defined values; NaN without any.
fn mean(values: &[f64]) -> (f64, f64, usize) {
    let moments = Moments::of(values);
    let mean = if moments.n == 0 { f64::NAN } else { moments.mean };
    (mean, moments.se(), moments.n as usize)
}

/// Writes the state before a claim beside the unconditional one, and the loss given default by state.
pub(super) fn write(failures: &Failures, k: usize, [claims, losses]: [&[f64]; 2], rows: &mut Rows<'_>) {
    let own = &failures.by_claimant[k];
    if own.is_empty() {
        return;
    }
    for (s, (name, unit, _)) in ALL.iter().enumerate() {
        let values: Vec<f64> = own.iter().map(|failure| failure.states[s]).collect();
        // Every one of the first paths, over the months of the failures: its mean is one observation.
        let of = |path: &Vec<[f64; STATES]>| {
            mean(&own.iter().map(|failure| path[before(failure.month) - 1][s]).collect::<Vec<_>>()).0
        };
        let all: Vec<f64> = failures.unconditional.iter().map(of).collect();
        let ((value, se, events), all) = (mean(&values), mean(&all));
        rows.row(&format!("state.{name}"), None, unit, [(value, se), (all.0, all.1)], [events, failures.paths]);
    }
    let mut divide = |names: [&str; 2], s: usize, at: f64| {
        let side = |above: bool| {
            let with = own.iter().filter(|failure| (failure.states[s] > at) == above);
            let paths: Vec<usize> = with.map(|failure| failure.path).collect();
            let of = |column: &[f64]| paths.iter().map(|&path| column[path]).collect::<Vec<_>>();
            (paths.len(), measures::lgd(&of(claims), &of(losses)))
        };
        let sides = [side(true), side(false)];
        if sides.iter().all(|side| side.0 >= FEWEST) {
            for (name, (events, lgd)) in names.iter().zip(sides) {
                rows.put(&format!("lgd.{name}"), "share", lgd, events, failures.paths);
            }
        }
    };
    divide(["in_winter", "out_of_winter"], 0, 0.5);
    for (names, s) in [(["high_multiple", "low_multiple"], 1), (["high_resale", "low_resale"], 2)] {
        let mut values: Vec<f64> = own.iter().map(|failure| failure.states[s]).collect();
        values.sort_unstable_by(f64::total_cmp);
        divide(names, s, values[(values.len() - 1) / 2]);
    }
}
