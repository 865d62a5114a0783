//! Which paths deserve individual inspection.

use crate::engine::record::Chunk;
use crate::plan::Plan;

/// A named path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The path at this percentile, from worst to best.
    Percentile(u8),
    /// The path that runs out of cash first.
    FirstRuin,
}

impl Who {
    /// All names: percentiles from the worst, then the first ruin.
    pub const ALL: [Who; 6] = [
        Who::Percentile(5),
        Who::Percentile(25),
        Who::Percentile(50),
        Who::Percentile(75),
        Who::Percentile(95),
        Who::FirstRuin,
    ];

    /// Name as in its file name.
    pub fn name(self) -> String {
        match self {
            Who::Percentile(q) => format!("p{q:02}"),
            Who::FirstRuin => "first_ruin".to_owned(),
        }
    }
}

/// The named paths among those of a run's first chunk, ranked from worst to best by the month in which cash runs out
/// (never being best), then by final cash, then by number. Without a ruined path there is no first ruin.
pub fn named(plan: &Plan, first: &Chunk) -> Vec<(Who, u64)> {
    let (n, ends) = (first.causes.len(), plan.metrics.at_end.len());
    let (Some(out), Some(cash)) = (plan.metrics.find_end("cash_out_month"), plan.metrics.find_end("cash")) else {
        return Vec::new();
    };
    let at = |path: usize, metric: usize| first.ends[path * ends + metric];
    // A month that never came is NaN, which orders after every number.
    let key = |path: usize| (at(path, out), at(path, cash));
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = ((key(a), a), (key(b), b));
        a.0.0.total_cmp(&b.0.0).then(a.0.1.total_cmp(&b.0.1)).then(a.1.cmp(&b.1))
    });
    let mut found = Vec::new();
    for who in Who::ALL {
        let path = match who {
            Who::Percentile(q) => order.get((f64::from(q) / 100.0 * n.saturating_sub(1) as f64).round() as usize),
            Who::FirstRuin => order.first().filter(|&&path| at(path, out).is_finite()),
        };
        found.extend(path.map(|&path| (who, path as u64)));
    }
    found
}
