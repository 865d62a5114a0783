//! Variants run alongside a run, on its first paths, for the survival chart.

use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::run::{Observer, RunSettings, run as simulate};
use crate::model::{Model, Settings};
use crate::output::findings::Beside;
use crate::output::record::VariantsBeside;
use crate::plan::Plan;

/// Largest number of variants run alongside, and of paths for each of them.
const MOST: (usize, u64) = (6, 2048);

/// The variants run alongside, and those left out.
#[derive(Debug, Default)]
pub(super) struct Variants {
    /// Those that were run, in scenario order.
    pub run: Vec<Beside>,
    /// Names of those left out.
    pub left_out: Vec<String>,
}

/// Collects the month of ruin of each path, and can stop the run.
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
    /// Runs the first variants of a scenario that is itself run without a variant, on the same random streams. The
    /// file's own variants come before inherited ones.
    pub fn of(model: &Model, level: Level, stop: &(dyn Fn() -> bool + Sync)) -> Variants {
        if model.variant.is_some() {
            return Variants::default();
        }
        let paths = model.scenario.run.paths.min(MOST.1);
        // A variant that cannot be read is reported when it is itself run.
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

    /// The entry for `summary.json`.
    pub fn said(&self) -> VariantsBeside {
        let run = self.run.iter().map(|b| b.variant.clone()).collect();
        let paths = self.run.first().map_or(0, |b| b.months.len());
        VariantsBeside { run, not_run: self.left_out.clone(), paths }
    }
}
