//! Importance sampling of the inputs: paths are drawn with the inputs moved to where they come close to running out of
//! cash, and each counts by its likelihood ratio.
//!
//! The move is a shift of the independent standard normal scores of the inputs, one for each. It is found by the method
//! of cross-entropy over levels (de Boer, Kroese, Mannor and Rubinstein 2005, "A tutorial on the cross-entropy method",
//! section 3): the mean of the scores of the paths that came closest, weighted back, is the next shift, until the closest
//! have the event. The noise of the months is not moved.
//!
//! One path in five is drawn without the shift, and a path counts by its density over that of this mixture: no weight
//! exceeds five, so that a path that the shift had made unlikely cannot decide the estimate (Owen and Zhou 2000, "Safe and
//! effective importance sampling").

use rayon::prelude::*;

use super::{Effort, SHARE, stage};
use crate::columns::LANES;
use crate::inputs::Treatment;
use crate::level::Level;
use crate::lineage::Lineage;
use crate::plan::Plan;

/// Paths with their weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shifted {
    /// Shift of the independent score of each input, in standard deviations.
    pub shifts: Vec<f64>,
    /// Likelihood ratio of each path, with mean 1.
    pub weights: Vec<f64>,
    /// Whether the path ran out of cash: 1 or 0.
    pub events: Vec<f64>,
    /// Paths that were run, those in search of the shifts included.
    pub paths: u64,
}

/// One path in so many is drawn without the shift.
const PLAIN: usize = 5;
/// Most rounds in search of the shifts.
const ROUNDS: usize = 12;
/// Blocks of a round.
const BLOCKS: usize = 32;
/// Numbers of the first path of the search and of the sample: far beyond those of a run and of splitting.
const SEARCH: u64 = 3 << 60;
const SAMPLE: u64 = 7 << 60;

/// Draws the sample: `paths` of each of the `replicates`. `stop` is asked between blocks; `None` if it stopped.
pub fn shifted(plan: &Plan, level: Level, effort: Effort, stop: &(dyn Fn() -> bool + Sync)) -> Option<Shifted> {
    let mut found = Shifted { shifts: vec![0.0; plan.draws.len()], ..Shifted::default() };
    for round in 0..ROUNDS {
        let moved = with_shifts(plan, &found.shifts);
        let runs = run(&moved, level, SEARCH + ((round as u64) << 40), BLOCKS, stop)?;
        found.paths += runs.len() as u64;
        let mut closest: Vec<f64> = runs.iter().map(|run| run.1).collect();
        closest.sort_by(f64::total_cmp);
        let next = closest[(SHARE * runs.len() as f64) as usize];
        let inside: Vec<(f64, Vec<f64>)> = runs
            .iter()
            .filter(|run| run.1 <= next)
            .map(|run| {
                let scores = scores(&moved, run.0);
                (libm::exp(moved.draws.ln_likelihood_ratio(&scores)), scores)
            })
            .collect();
        let total: f64 = inside.iter().map(|(weight, _)| weight).sum();
        for (k, shift) in found.shifts.iter_mut().enumerate() {
            *shift = inside.iter().map(|(weight, scores)| weight * scores[k]).sum::<f64>() / total;
        }
        if next == f64::NEG_INFINITY {
            break;
        }
    }
    let moved = with_shifts(plan, &found.shifts);
    let blocks = (effort.paths * effort.replicates).div_ceil(LANES);
    let plain = blocks.div_ceil(PLAIN);
    let share = plain as f64 / blocks as f64;
    for (plan, from, blocks) in [(plan, SAMPLE, plain), (&moved, SAMPLE + (1 << 40), blocks - plain)] {
        for (path, closest) in run(plan, level, from, blocks, stop)? {
            // The density of the scenario over that of the mixture.
            let ratio = libm::exp(moved.draws.ln_likelihood_ratio(&scores(plan, path)));
            found.weights.push(1.0 / (share + (1.0 - share) / ratio));
            found.events.push(if closest == f64::NEG_INFINITY { 1.0 } else { 0.0 });
        }
    }
    found.paths += found.weights.len() as u64;
    Some(found)
}

/// The plan with shifted inputs.
fn with_shifts(plan: &Plan, shifts: &[f64]) -> Plan {
    let mut plan = plan.clone();
    for (k, &shift) in shifts.iter().enumerate() {
        plan.draws.treat(k, Treatment::Shifted(shift));
    }
    plan
}

/// The independent scores of a path.
fn scores(plan: &Plan, path: u64) -> Vec<f64> {
    let mut scores = vec![0.0; plan.draws.len()];
    plan.draws.independent_scores(plan.seed, path, &mut scores);
    scores
}

/// Runs blocks of paths from a number on: each path, and how close it came.
fn run(
    plan: &Plan,
    level: Level,
    from: u64,
    blocks: usize,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<(u64, f64)>> {
    let block = |block: usize| {
        let first = from + (block * LANES) as u64;
        let lineages: Vec<Lineage> = (first..first + LANES as u64).map(Lineage::of).collect();
        let runs = stage(plan, level, &lineages, stop)?;
        Some(runs.iter().map(|run| (run.lineage.root(), run.closest())).collect::<Vec<_>>())
    };
    let found: Option<Vec<Vec<(u64, f64)>>> = (0..blocks).into_par_iter().map(block).collect();
    Some(found?.concat())
}
