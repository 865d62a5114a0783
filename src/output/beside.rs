//! Variants run beside a run, on its first paths, for the chart of survival.

use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::run::{Observer, RunSettings, run as simulate};
use crate::model::{Model, Settings};
use crate::output::findings::Beside;
use crate::output::record::VariantsBeside;
use crate::plan::Plan;

/// Variants run beside, and the paths that each of them is given at most.
const MOST: (usize, u64) = (6, 2048);

/// The variants run beside, and those that were not.
#[derive(Debug, Default)]
pub(super) struct Variants {
    /// Those that were run, in the order of the scenario.
    pub run: Vec<Beside>,
    /// Names of those that were not.
    pub left_out: Vec<String>,
}

/// Months of ruin, path by path, and whether to stop.
struct Months<'a> {
    months: Mutex<Vec<f64>>,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl Observer for Months<'_> {
    fn paths(&self, _first: u64, chunk: &Chunk, _rendered: &[u8]) {
        if let Ok(mut months) = self.months.lock() {
            months.extend(&chunk.ends);
        }
    }
    fn stop(&self) -> bool {
        (self.stop)()
    }
}

impl Variants {
    /// Runs the first variants of a scenario that is run without one, on the same streams. The file's own come before those
    /// that it inherits.
    pub fn of(model: &Model, level: Level, stop: &(dyn Fn() -> bool + Sync)) -> Variants {
        if model.variant.is_some() {
            return Variants::default();
        }
        let paths = model.scenario.run.paths.min(MOST.1);
        // A variant that cannot be read is reported when it is run itself.
        let read = |name: &String| {
            Some((
                name.clone(),
                model.with(&Settings { variant: Some(name.clone()), ..model.settings.clone() }).ok()?.plan,
            ))
        };
        let ruin = |(variant, plan): (String, Arc<Plan>)| {
            let mut plan = Arc::unwrap_or_clone(plan);
            plan.metrics.count_ruin_only();
            let months = Months { months: Mutex::default(), stop };
            simulate(&plan, &RunSettings { paths, threads: 1, level }, &months)?;
            Some(Beside { variant, months: months.months.into_inner().ok()? })
        };
        let mut first: Vec<(String, Arc<Plan>)> = Vec::new();
        for some in model.variants.chunks(MOST.0) {
            first.par_extend(some.par_iter().filter_map(read));
            if first.len() >= MOST.0 {
                break;
            }
        }
        first.truncate(MOST.0);
        let run: Vec<Beside> = first.into_par_iter().filter_map(ruin).collect();
        let drawn = |name: &&String| run.iter().all(|b| b.variant != **name);
        let left_out = model.variants.iter().filter(drawn).cloned().collect();
        Variants { run, left_out }
    }

    /// What `summary.json` says of them.
    pub fn said(&self) -> VariantsBeside {
        let run = self.run.iter().map(|b| b.variant.clone()).collect();
        let paths = self.run.first().map_or(0, |b| b.months.len());
        VariantsBeside { run, not_run: self.left_out.clone(), paths }
    }
}
