//! The probability of running out of cash where few paths do.
//!
//! How close a path comes is its least cash so far, in months of its gross cost; once it has run out of cash it is closer
//! than every level. Both methods work towards it: [`splitting`] on paths that came closer than others, whatever brought
//! them there, and [`importance`] on inputs moved to where paths come close.

pub mod importance;
pub mod splitting;

use crate::column;
use crate::columns::LANES;
use crate::level::Level;
use crate::lineage::Lineage;
use crate::month::Worker;
use crate::plan::Plan;

/// How much is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Paths of each replicate, at each level; rounded up to whole blocks.
    pub paths: usize,
    /// Independent replicates.
    pub replicates: usize,
}

/// Share of the paths that shall reach the next level.
const SHARE: f64 = 0.2;

/// A path that was run: how close it came, and when it reached what.
#[derive(Clone, Debug)]
struct Run {
    lineage: Lineage,
    /// The least distance of each month so far; minus infinity from the event on.
    least: Vec<f64>,
}

impl Run {
    /// How close it came.
    fn closest(&self) -> f64 {
        self.least.last().copied().unwrap_or(f64::INFINITY)
    }
    /// The month in which it reached a level; `None` if it did not.
    fn entry(&self, level: f64) -> Option<usize> {
        let month = self.least.partition_point(|x| *x > level) + 1;
        (month <= self.least.len()).then_some(month)
    }
}

/// Runs lineages block by block; `None` if it was stopped.
fn stage(plan: &Plan, level: Level, lineages: &[Lineage], stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Run>> {
    let mut worker = Worker::new(plan, level);
    let mut out = Vec::with_capacity(lineages.len());
    for block in lineages.chunks(LANES) {
        if stop() {
            return None;
        }
        let mut least = vec![Vec::with_capacity(plan.months); block.len()];
        worker.lineages(block, |worker, _| {
            let [cash, cost, out] =
                [column!(lab.cash), column!(lab.gross_cost), column!(accounts.cash_out)].map(|at| &worker.board[at].0);
            for (lane, least) in least.iter_mut().enumerate() {
                let before = least.last().copied().unwrap_or(f64::INFINITY);
                let distance = cash[lane] / if cost[lane] > 0.0 { cost[lane] } else { 1.0 };
                let now = if out[lane] > 0.0 { f64::NEG_INFINITY } else { distance };
                // A cost of zero in the first months says nothing about distance.
                least.push(if cost[lane] > 0.0 || out[lane] > 0.0 { before.min(now) } else { before });
            }
        });
        out.extend(block.iter().cloned().zip(least).map(|(lineage, least)| Run { lineage, least }));
    }
    Some(out)
}
