//! Why paths run out of cash: what happened before, what the ruined paths have in common, how the nearest survivor
//! differs from one of them, and which single decision would have saved it.
//!
//! Ruined paths are matched with survivors. The first ruined paths of a run, [`PAIRS`] at most, are each paired with a
//! path that never runs out of cash, in order of number, and both are replayed on the plain engine. Everything is
//! measured over the same months in both: the twelve months up to and including that in which the ruined path runs out,
//! the window of first causes of ruin. An association is not a cause: what ruined paths share may follow from what
//! ruined them. Cash, debt outstanding and what follows from a failure are left out, since they differ by definition.
//!
//! The path that runs out first among the traced ones ([`trace::named`](crate::output::trace::named)) is described in detail.

mod events;
mod levers;
mod measures;
mod shared;
mod twin;

use crate::engine::record::Chunk;
use crate::engine::reference::Broken;
use crate::model::Model;
use crate::output::record::{RuinStep, WhyRuined};
use crate::output::sample::Sample;
use crate::output::table::Table;
use crate::output::trace::{self, Who};
use crate::plan::Plan;

/// Largest number of pairs of a ruined path and a survivor.
const PAIRS: usize = 256;
/// Months of the window, that of first causes of ruin.
const WINDOW: usize = 12;

/// A ruined path and its survivor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    ruined: u64,
    survivor: u64,
    /// The month in which the ruined path runs out of cash, 1 for the first.
    month: usize,
}

/// The window of a ruin in `month`: its first and last month.
fn window(month: usize) -> (usize, usize) {
    (month.saturating_sub(WINDOW - 1).max(1), month)
}

/// The month in which a path runs out of cash; `None` if it never does.
fn out(month: f64) -> Option<usize> {
    (month >= 1.0).then_some(month as usize)
}

/// The pairs among paths that run out of cash in these months, NaN for never.
fn pairs(months: &[f64], most: usize) -> Vec<Pair> {
    let ruined = months.iter().enumerate().filter_map(|(path, &month)| Some((path as u64, out(month)?)));
    let survivors = months.iter().enumerate().filter(|(_, month)| out(**month).is_none()).map(|(path, _)| path as u64);
    ruined.zip(survivors).map(|((ruined, month), survivor)| Pair { ruined, survivor, month }).take(most).collect()
}

/// What is known about the ruined paths of a run.
#[derive(Debug)]
pub(super) struct Why {
    /// `why.csv`: events and shared conditions.
    shared: Table,
    /// `twin.csv`: a ruined path beside its nearest survivor.
    twin: Table,
    /// `levers.csv`: single changes of decisions on that path.
    levers: Table,
    /// Number of pairs, and the typical chain of events, for the summary.
    pub told: WhyRuined,
}

impl Why {
    /// Replays paths of a run, of which `sample` keeps the first ones and `first` is the first chunk.
    ///
    /// # Errors
    /// An accounting identity does not hold.
    pub fn of(model: &Model, sample: &Sample, first: &Chunk) -> Result<Why, Broken> {
        let plan: &Plan = &model.plan;
        let months = &sample.months_of_ruin()[..sample.kept().min(sample.months_of_ruin().len())];
        let pairs = pairs(months, PAIRS);
        let measures = measures::of(model);
        let seen = measures::both(plan, &measures, &pairs)?;
        let (events, chain) = events::of(plan, &seen, &pairs);
        let mut why = shared::heading();
        events::write(&events, pairs.len() as u64, &mut why);
        shared::write(plan.seed, &measures, &seen, &mut why);
        let named = trace::named(plan, first).into_iter().find(|(who, _)| *who == Who::FirstRuin).map(|named| named.1);
        let told = |path: u64| Some((path, out(*months.get(usize::try_from(path).ok()?)?)?));
        let example = named.and_then(told).or_else(|| pairs.first().map(|pair| (pair.ruined, pair.month)));
        let mut twin = twin::heading();
        let mut tried = levers::heading();
        if let Some(example) = example {
            let survivors = twin::Survivors { sample, months, measures: &measures, seen: &seen };
            twin::write(plan, &survivors, example, &mut twin)?;
            levers::write(model, example, &mut tried)?;
        }
        let told = WhyRuined { pairs: pairs.len() as u64, chain };
        Ok(Why { shared: why, twin, levers: tried, told })
    }

    /// The tables by file name, those with rows.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &Table)> {
        let all = [("why.csv", &self.shared), ("twin.csv", &self.twin), ("levers.csv", &self.levers)];
        all.into_iter().filter(|(_, table)| table.rows() > 0)
    }
}

/// A step of the chain, for `summary.json`.
fn step(entity: &str, event: &str, [ruined, survivors, months_before]: [f64; 3]) -> RuinStep {
    let [ruined, survivors, months_before] = [ruined, survivors, months_before].map(crate::output::record::Figure);
    RuinStep { entity: entity.to_owned(), event: event.to_owned(), ruined, survivors, months_before }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ruined_paths_are_matched_with_survivors_in_order() {
        let never = f64::NAN;
        let found = pairs(&[never, 5.0, 30.0, never, 7.0], 9);
        let pair = |ruined, survivor, month| Pair { ruined, survivor, month };
        assert_eq!(found, [pair(1, 0, 5), pair(2, 3, 30)]);
        assert_eq!(pairs(&[1.0, never], 0), []);
        assert_eq!((pairs(&[never; 3], 9).len(), pairs(&[2.0; 3], 9).len()), (0, 0));
        assert_eq!((window(30), window(12), window(3)), ((19, 30), (1, 12), (1, 3)));
    }
}
