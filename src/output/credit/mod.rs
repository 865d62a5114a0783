//! What a lender asks of each tranche and claimant: the probability that it has a claim, by year; what it then loses; the
//! tail of the loss; what guarantors paid; its IRR given a loss; and the state of the world when the claim arose.
//!
//! Everything is measured on the first paths of a run, whose claims, losses and IRR are kept ([`Lent`]); the month of a
//! claim and the state of the world are found by replaying the failed ones on the plain engine. A claim arises when the
//! lab or the vehicle fails; losses are discounted to that month, as in `claims.csv`.

mod commitment;
mod measures;
mod state;

use crate::engine::record::Chunk;
use crate::engine::reference::Broken;
use crate::model::Model;
use crate::outcome::Outcome;
use crate::output::table::{Cell, Kind, Table};
use crate::plan::Plan;
use crate::plan::metrics::Source;
use crate::stats::interval::proportion_se;
use crate::stats::moments::Moments;
use crate::stats::rank::MOST;

/// A tranche, a lender or another creditor.
#[derive(Clone, Debug)]
struct Claimant {
    /// Its name, as in `claims.csv`.
    name: String,
    /// Where its claim is found in the plain engine.
    source: Source,
    /// Indices of its claim, its loss and its IRR among the end metrics.
    claim: usize,
    loss: usize,
    irr: Option<usize>,
}

/// The claims, losses and IRR of the first paths.
#[derive(Debug)]
pub struct Lent {
    claimants: Vec<Claimant>,
    /// Number of end metrics of a path.
    ends: usize,
    /// By claimant: claims, losses and IRR, path by path.
    columns: Vec<[Vec<f64>; 3]>,
}

impl Lent {
    /// Nothing yet, for the claimants of a plan.
    pub fn new(plan: &Plan) -> Lent {
        let metrics = &plan.metrics;
        let claimant = |(claim, metric): (usize, &crate::plan::metrics::Metric)| {
            let name = metric.name.strip_suffix(".claim")?.to_owned();
            let loss = metrics.find_end(&format!("{name}.loss"))?;
            let irr = metrics.find_end(&format!("{name}.irr"));
            Some(Claimant { name, source: metric.source.clone(), claim, loss, irr })
        };
        let claimants: Vec<Claimant> = metrics.at_end.iter().enumerate().filter_map(claimant).collect();
        Lent { columns: vec![Default::default(); claimants.len()], claimants, ends: metrics.at_end.len() }
    }

    /// Adds a chunk; chunks arrive in path order.
    pub fn take(&mut self, chunk: &Chunk) {
        let wanted = chunk.causes.len().min(MOST - self.paths().min(MOST));
        let ends = self.ends;
        for (claimant, [claims, losses, rates]) in self.claimants.iter().zip(&mut self.columns) {
            let of = |at: usize| (0..wanted).map(move |k| chunk.ends[k * ends + at]);
            claims.extend(of(claimant.claim));
            losses.extend(of(claimant.loss));
            match claimant.irr {
                Some(at) => rates.extend(of(at)),
                None => rates.extend(std::iter::repeat_n(f64::NAN, wanted)),
            }
        }
    }

    /// Number of paths kept; 0 if there is no claimant.
    fn paths(&self) -> usize {
        self.columns.first().map_or(0, |columns| columns[0].len())
    }
}

/// The columns of `credit.csv`: `claimant, measure, year, unit, value, se, events, paths, unconditional,
/// unconditional_se`. The year is that of a probability by year; `events` is the number of paths from which a value
/// conditional on something was computed; the unconditional value is that of all paths in the same months.
fn heading() -> Table {
    Table::new([
        ("claimant", Kind::Text),
        ("measure", Kind::Text),
        ("year", Kind::Whole),
        ("unit", Kind::Text),
        ("value", Kind::Number),
        ("se", Kind::Number),
        ("events", Kind::Whole),
        ("paths", Kind::Whole),
        ("unconditional", Kind::Number),
        ("unconditional_se", Kind::Number),
    ])
}

/// The rows of one claimant.
struct Rows<'a> {
    table: &'a mut Table,
    claimant: &'a str,
}

impl Rows<'_> {
    /// A value with its standard error, the number of events and of paths.
    fn put(&mut self, measure: &str, unit: &str, (value, se): (f64, f64), events: usize, paths: usize) {
        self.row(measure, None, unit, [(value, se), (f64::NAN, f64::NAN)], [events, paths]);
    }

    fn row(
        &mut self,
        measure: &str,
        year: Option<i32>,
        unit: &str,
        [own, all]: [(f64, f64); 2],
        [events, paths]: [usize; 2],
    ) {
        self.table.push([
            self.claimant.into(),
            measure.into(),
            Cell::Whole(year.map(i64::from)),
            unit.into(),
            own.0.into(),
            own.1.into(),
            (events as u64).into(),
            (paths as u64).into(),
            all.0.into(),
            all.1.into(),
        ]);
    }
}

/// The table of a run; without rows if nobody lends to the lab or its vehicles.
///
/// # Errors
/// An accounting identity does not hold.
pub(super) fn credit(model: &Model, outcome: &Outcome, lent: &Lent) -> Result<Table, Broken> {
    let plan: &Plan = &model.plan;
    let mut table = heading();
    let failures = state::failures(plan, lent)?;
    let commitments = commitment::all(plan);
    for (k, claimant) in lent.claimants.iter().enumerate() {
        let [claims, losses, rates] = &lent.columns[k];
        let n = claims.len();
        let failed = claims.iter().filter(|&&claim| claim > 0.0).count();
        let stated = commitments.iter().find(|(name, _)| *name == claimant.name).map(|(_, amount)| *amount);
        if failed == 0 && (stated.is_none() || n == 0) {
            continue;
        }
        let mut rows = Rows { table: &mut table, claimant: &claimant.name };
        if let Some(amount) = stated {
            rows.put("commitment", "USD", (amount, 0.0), 0, n);
        }
        let pd = failed as f64 / n as f64;
        rows.put("pd", "share", (pd, proportion_se(pd, n as u64)), failed, n);
        if failed == 0 {
            continue;
        }
        state::by_year(plan, &failures, k, &mut rows);
        let loss = Moments::of(losses);
        rows.put("expected_loss", "USD", (loss.mean, loss.se()), failed, n);
        if let Some(amount) = stated.filter(|amount| *amount > 0.0) {
            let years = plan.months as f64 / 12.0;
            for (measure, over) in [("expected_loss_bp", amount), ("expected_loss_bp_a_year", amount * years)] {
                rows.put(measure, "bp", (1e4 * loss.mean / over, 1e4 * loss.se() / over), failed, n);
            }
        }
        rows.put("lgd", "share", measures::lgd(claims, losses), failed, n);
        let tail = measures::tail(losses);
        rows.put("loss_p99", "USD", tail.quantile, failed, n);
        rows.put("loss_es99", "USD", tail.shortfall, failed, n);
        guarantees(outcome, claimant, &mut rows);
        for (measure, wanted) in [("irr", None), ("irr_given_loss", Some(true)), ("irr_without_loss", Some(false))] {
            let chosen = rates.iter().zip(losses).filter(|(_, loss)| wanted.is_none_or(|with| (**loss > 0.0) == with));
            let chosen = Moments::of(&chosen.map(|(rate, _)| *rate).collect::<Vec<_>>());
            if chosen.n > 0 {
                rows.put(measure, "1/yr", (chosen.mean, chosen.se()), chosen.n as usize, n);
            }
        }
        state::write(&failures, k, [claims, losses], &mut rows);
    }
    Ok(table)
}

/// What guarantors, or the lab as guarantor, paid to a claimant up to the horizon: the mean over all paths.
fn guarantees(outcome: &Outcome, claimant: &Claimant, rows: &mut Rows<'_>) {
    let plan = outcome.plan();
    let called = plan.metrics.find(&format!("{}.called", claimant.name));
    let of_partners = claimant.name.strip_suffix(".partners").map(|name| format!("{name}.guaranteed_total"));
    let paid = match (called, of_partners) {
        // Of a venture, `called` is what its partners were asked for.
        (Some(metric), None) => Some(outcome.monthly(metric, plan.months)),
        (_, Some(name)) => outcome.metric(&name),
        (None, None) => None,
    };
    if let Some(paid) = paid {
        let (n, events) = (paid.n() as usize, paid.above(0.0) as usize);
        rows.put("guarantees_paid", "USD", (paid.mean(), paid.moments.se()), events, n);
    }
}
