//! The checks that every run makes of itself: a sample of its paths on the plain engine, and sources against uses.

use rayon::prelude::*;

use crate::engine::record::Chunk;
use crate::engine::reference::{Broken, Path, derive};
use crate::outcome::Outcome;
use crate::output::tables;
use crate::plan::Plan;

/// Runs a sample of the paths through the plain engine: checks every identity in every month and, in the first chunk,
/// compares every end metric with the block engine bit for bit.
///
/// # Errors
/// An identity does not hold, or the engines differ.
pub fn audit(plan: &Plan, paths: u64, first: &Chunk) -> Result<(), Broken> {
    let sample = (paths / 4096).clamp(8, 64).min(paths);
    let ends = plan.metrics.at_end.len();
    (0..sample).into_par_iter().try_for_each(|k| {
        let path = k * (paths / sample);
        let mut plain = Path::new(plan, path);
        for t in 1..=plan.months {
            plain.month(t)?;
        }
        let row = first.ends.get(path as usize * ends..(path as usize + 1) * ends);
        let (board, states) = (plain.board(), plain.states());
        for (&fast, metric) in row.into_iter().flatten().zip(&plan.metrics.at_end) {
            let Some(slow) = derive::value(&metric.source, &board, &states) else { continue };
            let slow = metric.grid.settle(slow);
            if fast.to_bits() != slow.to_bits() && !(fast.is_nan() && slow.is_nan()) {
                let identity = format!("the two engines differ in `{}`", metric.name);
                return Err(Broken { identity, seed: plan.seed, path, month: plan.months, amount: fast - slow });
            }
        }
        Ok(())
    })
}

/// Checks that mean sources equal mean uses in every year.
///
/// # Errors
/// They differ.
pub fn balance(outcome: &Outcome) -> Result<(), Broken> {
    for year in 0..outcome.years().len() {
        let rows = tables::sides(outcome, year);
        let side = |name: &str| rows.iter().filter(|r| r.0 == name).map(|r| r.2).sum::<f64>();
        let (sources, uses) = (side("source"), side("use"));
        let size: f64 = rows.iter().map(|r| r.2.abs()).sum();
        if (sources - uses).abs() > 1e-9 * size {
            return Err(Broken {
                identity: format!("sources equal uses in {}", outcome.years()[year]),
                seed: outcome.plan().seed,
                path: 0,
                month: outcome.plan().months,
                amount: sources - uses,
            });
        }
    }
    Ok(())
}
