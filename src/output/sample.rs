//! What a run keeps of its paths for the tables that need per-path values: ruined paths by month and first cause,
//! counted over all paths, and the inputs and a few outcomes of the first [`MOST`] paths.

use crate::engine::books::event::CAUSES;
use crate::engine::record::Chunk;
use crate::output::credit::Lent;
use crate::plan::Plan;
use crate::stats::rank::MOST;

/// Outcomes whose drivers are sought and whose estimates are tracked as paths are added, where the run has them.
const OUTCOMES: [&str; 7] =
    ["cash_out", "peak_funding", "cumulative_gap", "cash", "run_rate", "valuation", "stake.founders"];

/// The first number of paths at which an estimate is noted; it doubles from there.
const FIRST: u64 = 64;

/// The values kept.
#[derive(Debug)]
pub struct Sample {
    /// Outcomes kept: their names and their indices among the end metrics.
    outcomes: Vec<(&'static str, usize)>,
    /// Number of end metrics of a path.
    ends: usize,
    /// Number of inputs of a path.
    inputs: usize,
    cash_out_month: Option<usize>,
    /// Month of ruin of each of the first paths, NaN where there is none.
    months: Vec<f64>,
    /// Columns of the first paths: inputs, then outcomes.
    columns: Vec<Vec<f64>>,
    /// Ruined paths by month, then by cause; those without a cause last.
    ruined: Vec<[u64; CAUSES + 1]>,
    seen: u64,
    out: u64,
    /// Paths seen and paths ruined among them, at each doubling.
    marks: Vec<(u64, u64)>,
    /// Claims and losses of the first paths.
    lent: Lent,
}

impl Sample {
    /// An empty sample for a plan.
    pub fn new(plan: &Plan) -> Sample {
        let metrics = &plan.metrics;
        let outcomes: Vec<_> = OUTCOMES.into_iter().filter_map(|name| Some((name, metrics.find_end(name)?))).collect();
        let inputs = plan.draws.len();
        Sample {
            columns: vec![Vec::new(); inputs + outcomes.len()],
            outcomes,
            ends: metrics.at_end.len(),
            inputs,
            cash_out_month: metrics.find_end("cash_out_month"),
            months: Vec::new(),
            ruined: vec![[0; CAUSES + 1]; plan.months],
            seen: 0,
            out: 0,
            marks: Vec::new(),
            lent: Lent::new(plan),
        }
    }

    /// Adds a chunk; chunks arrive in path order.
    pub fn take(&mut self, chunk: &Chunk) {
        for (k, cause) in chunk.causes.iter().enumerate() {
            let ends = &chunk.ends[k * self.ends..(k + 1) * self.ends];
            let month = self.cash_out_month.map_or(f64::NAN, |at| ends[at]);
            if self.months.len() < MOST {
                self.months.push(month);
            }
            if month >= 1.0 {
                self.out += 1;
                if let Some(by_cause) = self.ruined.get_mut(month as usize - 1) {
                    by_cause[cause.unwrap_or(CAUSES)] += 1;
                }
            }
            self.seen += 1;
            if self.seen >= FIRST && self.seen.is_power_of_two() {
                self.marks.push((self.seen, self.out));
            }
        }
        self.lent.take(chunk);
        let wanted = chunk.causes.len().min(MOST - self.kept());
        for (column, values) in self.columns.iter_mut().enumerate() {
            let (all, width, at) = match column.checked_sub(self.inputs) {
                None => (&chunk.inputs, self.inputs, column),
                Some(outcome) => (&chunk.ends, self.ends, self.outcomes[outcome].1),
            };
            values.extend((0..wanted).map(|k| all[k * width + at]));
        }
    }

    /// Number of paths whose values are kept.
    pub fn kept(&self) -> usize {
        self.columns.first().map_or(MOST, Vec::len)
    }
    /// Values of an input, path by path.
    pub fn input(&self, input: usize) -> &[f64] {
        &self.columns[input]
    }
    /// The outcomes: the name of each and its values, path by path.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, &[f64])> {
        self.outcomes.iter().zip(&self.columns[self.inputs..]).map(|((name, _), values)| (*name, values.as_slice()))
    }
    /// Values of an outcome, path by path.
    pub fn outcome(&self, name: &str) -> Option<&[f64]> {
        self.outcomes().find(|o| o.0 == name).map(|o| o.1)
    }
    /// Months of ruin of the first paths, NaN where there is none.
    pub fn months_of_ruin(&self) -> &[f64] {
        &self.months
    }
    /// Ruined paths of each month by cause, over all paths; those without a cause last.
    pub fn ruined(&self) -> &[[u64; CAUSES + 1]] {
        &self.ruined
    }
    /// Claims and losses of the first paths.
    pub fn lent(&self) -> &Lent {
        &self.lent
    }
    /// Paths seen, and ruined paths among them, at each doubling of the number of paths.
    pub fn marks(&self) -> &[(u64, u64)] {
        &self.marks
    }
}
