//! Multilevel splitting with fixed effort on the distance to running out of cash.
//!
//! The distance is that of the module above. At each level as many paths start from states in which that level was entered, and the share that reaches
//! the next is counted; the product of the shares is an estimate of the probability without bias (Garvels 2000, "The
//! splitting method in rare event simulation", ch. 2). States are not kept: a path is a [`Lineage`], run again from its
//! first month, so it costs as much as any other. After a level it continues with noise of its own from the next month
//! whose noise is generated anew, which is a stopping time as well.
//!
//! Levels come from a pilot with other noise, so that they do not depend on the paths that are counted. Inputs are drawn
//! once for a path and are inherited: where they decide alone, few first paths are the ancestors of all that arrive, and
//! the spread between replicates shows it.

use rayon::prelude::*;

use super::{Effort, Run, SHARE, stage};
use crate::columns::LANES;
use crate::level::Level;
use crate::lineage::Lineage;
use crate::plan::Plan;
use crate::streams::Stream;

/// What the replicates found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached {
    /// The levels, from the farthest on: cash in months of gross cost. Behind the last is the event itself.
    pub levels: Vec<f64>,
    /// For each replicate the share of its paths that reach each level from the one before, and at last the event; zero
    /// after the first zero.
    pub shares: Vec<Vec<f64>>,
    /// For each replicate, how many first paths are ancestors of those that have the event.
    pub ancestors: Vec<usize>,
    /// Paths of each replicate at each level.
    pub each: usize,
    /// Paths that were run, those of the pilot included.
    pub paths: u64,
}

/// Most levels.
const MOST: usize = 30;
/// Numbers of the first path of the pilot and of the replicates: far beyond those of a run.
const PILOT: u64 = 1 << 60;
const REPLICATES: u64 = 1 << 61;

/// Estimates the probability of running out of cash by the horizon. `stop` is asked between stages; `None` if it stopped.
///
/// # Errors
/// The pilot did not come closer at some level, and how many levels it had found.
pub fn split(
    plan: &Plan,
    level: Level,
    effort: Effort,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Result<Reached, usize>> {
    let paths = effort.paths.div_ceil(LANES).max(1) * LANES;
    let mut reached = match pilot(plan, level, paths, stop)? {
        Ok(reached) => Reached { each: paths, ..reached },
        Err(found) => return Some(Err(found)),
    };
    let one = |replicate: usize| {
        let from = REPLICATES + ((replicate as u64) << 40);
        replicate_of(plan, level, paths, &reached.levels, from, stop)
    };
    let found: Option<Vec<(Vec<f64>, usize, u64)>> = (0..effort.replicates).into_par_iter().map(one).collect();
    for (shares, ancestors, run) in found? {
        reached.shares.push(shares);
        reached.ancestors.push(ancestors);
        reached.paths += run;
    }
    Some(Ok(reached))
}

/// Finds levels of which about [`SHARE`] of the paths reach the next.
fn pilot(plan: &Plan, level: Level, paths: usize, stop: &(dyn Fn() -> bool + Sync)) -> Option<Result<Reached, usize>> {
    let mut reached = Reached::default();
    let mut lineages: Vec<Lineage> = (0..paths as u64).map(|k| Lineage::of(PILOT + k)).collect();
    loop {
        let runs = stage(plan, level, &lineages, stop)?;
        reached.paths += runs.len() as u64;
        let mut closest: Vec<f64> = runs.iter().map(Run::closest).collect();
        closest.sort_by(f64::total_cmp);
        let next = closest[(SHARE * paths as f64) as usize];
        if next == f64::NEG_INFINITY {
            return Some(Ok(reached));
        }
        let before = reached.levels.last().copied().unwrap_or(f64::INFINITY);
        // With many equal values the level is the nearest below them that some path reached.
        let next = if next < before { next } else { closest.iter().copied().rfind(|x| *x < before).unwrap_or(before) };
        if next == f64::NEG_INFINITY {
            return Some(Ok(reached));
        }
        if next >= before || reached.levels.len() == MOST {
            return Some(Err(reached.levels.len()));
        }
        reached.levels.push(next);
        let from = PILOT + ((reached.levels.len() as u64) << 32);
        lineages = branched(&entered(&runs, next), paths, plan.seed, from);
    }
}

/// The shares of one replicate, the number of ancestors of the paths that have the event, and the paths run.
fn replicate_of(
    plan: &Plan,
    level: Level,
    paths: usize,
    levels: &[f64],
    from: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<(Vec<f64>, usize, u64)> {
    let mut shares = vec![0.0; levels.len() + 1];
    let mut lineages: Vec<Lineage> = (0..paths as u64).map(|k| Lineage::of(from + k)).collect();
    let mut run = 0;
    for (k, next) in levels.iter().copied().chain([f64::NEG_INFINITY]).enumerate() {
        let runs = stage(plan, level, &lineages, stop)?;
        run += runs.len() as u64;
        let inside = entered(&runs, next);
        shares[k] = inside.len() as f64 / runs.len() as f64;
        if inside.is_empty() {
            return Some((shares, 0, run));
        }
        if k == levels.len() {
            let mut roots: Vec<u64> = inside.iter().map(|(lineage, _)| lineage.root()).collect();
            roots.sort_unstable();
            roots.dedup();
            return Some((shares, roots.len(), run));
        }
        lineages = branched(&inside, paths, plan.seed, from + ((k as u64 + 1) << 32));
    }
    Some((shares, 0, run))
}

/// The paths that reached a level, each with the month in which it did.
fn entered(runs: &[Run], level: f64) -> Vec<(Lineage, usize)> {
    runs.iter().filter_map(|run| Some((run.lineage.clone(), run.entry(level)?))).collect()
}

/// As many paths as are wanted, which branch from those inside: each about equally often, and the same number of times in
/// expectation.
fn branched(inside: &[(Lineage, usize)], paths: usize, seed: u64, from: u64) -> Vec<Lineage> {
    const CHOICE: Stream = Stream::new(0, "splitting");
    let one = |k: usize| {
        let path = from + k as u64;
        let u = CHOICE.with_seed(seed).uniform(path, 0);
        let at = ((k as f64 + u) / paths as f64 * inside.len() as f64) as usize;
        let (lineage, month) = &inside[at.min(inside.len() - 1)];
        lineage.branch(*month, path)
    };
    (0..paths).map(one).collect()
}
