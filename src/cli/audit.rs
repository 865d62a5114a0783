//! What every run checks of itself: a sample of its paths through the plain engine, and sources against uses.

use rayon::prelude::*;

use crate::answers::Answers;
use crate::engine::record::Chunk;
use crate::engine::reference::{Broken, Path};
use crate::output::csv;
use crate::plan::Plan;
use crate::plan::metrics::Source;

/// Runs a sample of the paths through the plain engine: every identity in every month, and in the first chunk every
/// end metric against the block engine, bit for bit.
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
        let board = plain.board();
        for (value, metric) in row.into_iter().flatten().zip(&plan.metrics.at_end) {
            if let Source::Board(at) = metric.source
                && board[at].to_bits() != value.to_bits()
            {
                let what = format!("the two engines differ in `{}`", metric.name);
                return Err(Broken {
                    identity: what,
                    seed: plan.seed,
                    path,
                    month: plan.months,
                    amount: value - board[at],
                });
            }
        }
        Ok(())
    })
}

/// Mean sources equal mean uses in every year.
pub fn balance(answers: &Answers<'_>) -> Result<(), Broken> {
    for year in 0..answers.years().len() {
        let rows = csv::sides(answers, year);
        let side = |name: &str| rows.iter().filter(|r| r.0 == name).map(|r| r.2).sum::<f64>();
        let (sources, uses) = (side("source"), side("use"));
        let size: f64 = rows.iter().map(|r| r.2.abs()).sum();
        if (sources - uses).abs() > 1e-9 * size {
            return Err(Broken {
                identity: format!("sources equal uses in {}", answers.years()[year]),
                seed: answers.plan.seed,
                path: 0,
                month: answers.plan.months,
                amount: sources - uses,
            });
        }
    }
    Ok(())
}
