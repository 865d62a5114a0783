//! Runs the points of a study on the same worlds, in parallel over points, and measures them against a base.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::StudyError;
use super::cache::Cache;
use super::point::{Keep, Measured, Point};
use crate::engine::level::Level;
use crate::engine::run::RunSettings;
use crate::outcome::Outcome;
use crate::output::write::Watch;

/// Runs points.
#[derive(Clone, Copy)]
pub struct Runner<'a> {
    /// Threads; 0 for all cores. The results do not depend on it.
    pub threads: usize,
    /// Instruction level. The results do not depend on it.
    pub level: Level,
    /// Points that were measured before; `None` to compute all of them.
    pub cache: Option<&'a Cache>,
    /// Receives the number of points that are done, and can stop the study.
    pub watch: &'a dyn Watch,
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("threads", &self.threads).field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl Runner<'_> {
    fn how(&self, threads: usize) -> RunSettings {
        RunSettings { paths: 0, threads, level: self.level }
    }

    /// Runs one point on all threads and keeps its paths.
    ///
    /// # Errors
    /// The study was stopped.
    pub fn outcome(&self, point: &Point, keep: Keep, inputs: u64) -> Result<Outcome, StudyError> {
        let stop = || self.watch.stop();
        point.run(keep, &self.how(self.threads), inputs, &stop).ok_or(StudyError::Interrupted)
    }

    /// Measures one point by itself.
    ///
    /// # Errors
    /// The study was stopped.
    pub fn alone(&self, point: &Point, keep: Keep) -> Result<Measured, StudyError> {
        self.remembered(&point.key(keep, None), || Ok(Measured::of(&self.outcome(point, keep, 0)?, &point.model, None)))
    }

    /// Measures points, each by itself, side by side.
    ///
    /// # Errors
    /// The study was stopped.
    pub fn each(&self, points: &[Point], keep: Keep) -> Result<Vec<Measured>, StudyError> {
        if points.len() < rayon::current_num_threads() {
            return points.iter().map(|point| self.alone(point, keep)).collect();
        }
        let single = Runner { threads: 1, ..*self };
        points.par_iter().map(|point| single.alone(point, keep)).collect()
    }

    /// Measures points, with their differences from `base`.
    ///
    /// # Errors
    /// The study was stopped.
    pub fn against(&self, base: &Point, points: &[Point], keep: Keep) -> Result<Vec<Measured>, StudyError> {
        let own = base.key(keep, None);
        let keys: Vec<String> = points.iter().map(|point| point.key(keep, Some(&own))).collect();
        let mut found: Vec<Option<Measured>> =
            keys.iter().map(|key| self.cache.and_then(|cache| cache.get(key))).collect();
        let missing: Vec<usize> = (0..points.len()).filter(|&k| found[k].is_none()).collect();
        let done = AtomicU64::new((points.len() - missing.len()) as u64);
        self.watch.progress(done.load(Ordering::Relaxed));
        if !missing.is_empty() {
            let outcome = self.outcome(base, keep, 0)?;
            // Points run side by side, each on one thread, where there are enough of them.
            let threads = if missing.len() < rayon::current_num_threads() { self.threads } else { 1 };
            let one = |&k: &usize| -> Result<(usize, Measured), StudyError> {
                let measured = self.remembered(&keys[k], || {
                    let stop = || self.watch.stop();
                    let run = points[k].run(keep, &self.how(threads), 0, &stop).ok_or(StudyError::Interrupted)?;
                    Ok(Measured::of(&run, &points[k].model, Some((&outcome, &base.model))))
                })?;
                self.watch.progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                Ok((k, measured))
            };
            let measured: Result<Vec<_>, _> =
                if threads == 1 { missing.par_iter().map(one).collect() } else { missing.iter().map(one).collect() };
            for (k, measured) in measured? {
                found[k] = Some(measured);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// What is in the cache under `key`, or what `compute` returns, in the form in which the cache keeps it: so that a
    /// study has the same bytes whether it was interrupted or not.
    ///
    /// # Errors
    /// Those of `compute`.
    pub fn remembered<T>(&self, key: &str, compute: impl FnOnce() -> Result<T, StudyError>) -> Result<T, StudyError>
    where
        T: serde::Serialize + serde::de::DeserializeOwned,
    {
        if let Some(known) = self.cache.and_then(|cache| cache.get(key)) {
            return Ok(known);
        }
        let computed = compute()?;
        if let Some(cache) = self.cache {
            cache.put(key, &computed);
        }
        serde_json::to_value(&computed)
            .and_then(serde_json::from_value)
            .map_err(|error| StudyError::Internal(error.to_string()))
    }
}
