//! The whole run: blocks in fixed chunks over all threads, folded in a fixed tree, so that the results have the same
//! bytes for any number of threads. A run can be continued: the results of the whole have the same bytes as those of one
//! run of all its paths.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::columns::LANES;
use crate::level::Level;
use crate::month::Worker;
use rayon::prelude::*;

use crate::metrics::Metric;
use crate::plan::Plan;
use crate::record::{Bins, Chunk, Counts, Histograms, Recorder, grids};
use crate::stats::histogram::Grid;
use crate::stats::tree::Tree;
use crate::stats::values::{Sorted, Values};

/// Number of paths up to which every end metric is kept on each path, so that its quantiles are exact: 8 bytes per path
/// and metric. Beyond it, only the metrics that `checks` use are kept.
pub const EXACT_PATHS: u64 = 65_536;
/// Blocks in a chunk: the unit of work, a fixed constant since floating-point sums are folded by chunk.
pub const CHUNK_BLOCKS: u64 = 4;
/// Paths in a chunk.
pub const CHUNK_PATHS: u64 = CHUNK_BLOCKS * LANES as u64;

/// Paths of the first batch of a run that may stop early; each further batch doubles the number of paths.
pub const FIRST_BATCH: u64 = 4 * CHUNK_PATHS;

/// The numbers of paths at which a run of at most `most` paths may stop: 4,096 times powers of two below `most`, then
/// `most`. They are set before the run, so that a rule that stops it cannot choose among many.
pub fn batches(most: u64) -> impl Iterator<Item = u64> {
    let double = |n: &u64| n.checked_mul(2);
    std::iter::successors(Some(FIRST_BATCH), double).take_while(move |n| *n < most).chain([most])
}

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct RunSettings {
    /// Paths.
    pub paths: u64,
    /// Threads; 0 for all cores.
    pub threads: usize,
    /// Instruction level.
    pub level: Level,
}

/// The results of a run: counts that merge in any order, and sums folded in a tree over the chunks.
#[derive(Debug)]
pub struct Results {
    /// Paths run.
    pub paths: u64,
    /// Threads used.
    pub threads: usize,
    /// How the values of each column map to its histogram.
    pub grids: Vec<Grid>,
    /// Histograms by column.
    pub bins: Bins,
    /// Values of end metrics that were kept, sorted.
    pub ends: Vec<Option<Sorted>>,
    /// Extremes and events.
    pub counts: Counts,
    /// Moments.
    pub sums: Chunk,
    /// The nodes of which the moments are the sum, from which the run can be continued.
    tree: Tree<Chunk>,
}

/// Callbacks that a caller may supply during a run.
pub trait Observer: Sync {
    /// Renders the output for a chunk's paths; called by the thread that ran them.
    fn render(&self, _first: u64, _chunk: &Chunk) -> Vec<u8> {
        Vec::new()
    }
    /// Receives a chunk and its rendered output; called in the order of the paths.
    fn paths(&self, _first: u64, _chunk: &Chunk, _rendered: &[u8]) {}
    /// `done` paths of all are finished.
    fn progress(&self, _done: u64) {}
    /// Whether to stop early; the run then returns `None`.
    fn stop(&self) -> bool {
        false
    }
}

/// An observer that does nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;
impl Observer for Silent {}

/// Chunks that finish out of order wait here until those before them have been folded.
struct Fold {
    next: u64,
    waiting: BTreeMap<u64, (Chunk, Vec<u8>)>,
    sums: Tree<Chunk>,
    /// Values of the end metrics that are kept on every path.
    ends: Vec<Option<Values>>,
}

impl Fold {
    fn new(plan: &Plan, paths: u64) -> Fold {
        let kept = plan.metrics.at_end.iter().map(|m| (m.asked || paths <= EXACT_PATHS).then(Values::default));
        Fold { next: 0, waiting: BTreeMap::new(), sums: Tree::default(), ends: kept.collect() }
    }

    /// The fold of a run after its first chunks; `paths` is the number of paths to which it is continued.
    fn after(plan: &Plan, paths: u64, chunks: u64, sums: Tree<Chunk>, ends: Vec<Option<Sorted>>) -> Fold {
        let kept = |(m, values): (&Metric, Option<Sorted>)| {
            values.filter(|_| m.asked || paths <= EXACT_PATHS).map(Sorted::into_values)
        };
        let ends = plan.metrics.at_end.iter().zip(ends).map(kept).collect();
        Fold { next: chunks, waiting: BTreeMap::new(), sums, ends }
    }

    fn take(&mut self, index: u64, chunk: (Chunk, Vec<u8>), observer: &dyn Observer) {
        self.waiting.insert(index, chunk);
        while let Some((chunk, rendered)) = self.waiting.remove(&self.next) {
            observer.paths(self.next * CHUNK_PATHS, &chunk, &rendered);
            let n = self.ends.len();
            for (k, values) in self.ends.iter_mut().enumerate() {
                if let Some(values) = values {
                    values.extend(chunk.ends.iter().skip(k).step_by(n).copied());
                }
            }
            self.sums.push(self.next, chunk.without_paths(), &Chunk::fold);
            self.next += 1;
        }
    }
}

/// Number of cores reported by the system; 1 if it reports none.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Maximum number of threads of a run, whatever is requested: more than a few per core only cost memory.
pub fn most_threads() -> usize {
    4 * cores()
}

/// Runs the same work on `wanted` threads including this one, or on as many as the system provides; returns their
/// number.
fn on_threads(wanted: usize, work: impl Fn() + Sync) -> usize {
    std::thread::scope(|scope| {
        let mut threads = 1;
        while threads < wanted && std::thread::Builder::new().spawn_scoped(scope, &work).is_ok() {
            threads += 1;
        }
        work();
        threads
    })
}

/// Runs a plan. `None` when the observer asked to stop.
pub fn run(plan: &Plan, settings: &RunSettings, observer: &dyn Observer) -> Option<Results> {
    let grids = grids(plan, settings.level);
    let state = State {
        done: 0,
        threads: 0,
        histograms: Histograms::new(plan),
        fold: Fold::new(plan, settings.paths),
        counts: None,
        grids,
    };
    state.advance(plan, settings, observer)
}

/// Continues a run of the same plan to `settings.paths` paths in all: the results have the same bytes as those of one
/// run of so many. The observer receives the further paths only, numbered from the first path of the run. `None` when
/// it asked to stop.
///
/// # Panics
/// If the run so far has more paths than `settings.paths`, or ends within a chunk of [`CHUNK_PATHS`].
pub fn resume(plan: &Plan, so_far: Results, settings: &RunSettings, observer: &dyn Observer) -> Option<Results> {
    let Results { paths: done, threads, grids, bins, ends, counts, sums: _, tree } = so_far;
    assert!(done <= settings.paths, "a run of {done} paths cannot be continued to {}", settings.paths);
    if done == settings.paths {
        let sums = tree.clone().root(&Chunk::fold)?;
        return Some(Results { paths: done, threads, grids, bins, ends, counts, sums, tree });
    }
    assert!(done.is_multiple_of(CHUNK_PATHS), "a run of {done} paths ends within a chunk");
    let fold = Fold::after(plan, settings.paths, done / CHUNK_PATHS, tree, ends);
    let histograms = Histograms::from_columns(bins);
    State { done, threads, histograms, fold, counts: Some(counts), grids }.advance(plan, settings, observer)
}

/// A run between two batches.
struct State {
    /// Paths run.
    done: u64,
    /// The largest number of threads used.
    threads: usize,
    histograms: Histograms,
    fold: Fold,
    counts: Option<Counts>,
    grids: Vec<Grid>,
}

impl State {
    fn advance(self, plan: &Plan, settings: &RunSettings, observer: &dyn Observer) -> Option<Results> {
        let State { done: before, threads, histograms, fold, counts, grids } = self;
        let chunks = settings.paths.div_ceil(CHUNK_PATHS);
        let begun = before / CHUNK_PATHS;
        let wanted = if settings.threads == 0 { cores() } else { settings.threads.min(most_threads()) };
        let wanted = wanted.min(usize::try_from(chunks - begun).unwrap_or(usize::MAX));
        let (next, done, stopped) = (AtomicU64::new(begun), AtomicU64::new(before), AtomicBool::new(false));
        let (fold, counts) = (Mutex::new(fold), Mutex::new(counts));
        let work = || {
            let mut worker = Worker::new(plan, settings.level);
            let mut recorder = Recorder::new(plan, settings.level, &grids, &histograms);
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= chunks || stopped.load(Ordering::Relaxed) {
                    break;
                }
                let first = index * CHUNK_PATHS;
                let last = (first + CHUNK_PATHS).min(settings.paths);
                let chunk = recorder.chunk(&mut worker, first, last);
                let rendered = observer.render(first, &chunk);
                fold.lock().expect("no thread panics while folding").take(index, (chunk, rendered), observer);
                observer.progress(done.fetch_add(last - first, Ordering::Relaxed) + last - first);
                if observer.stop() {
                    stopped.store(true, Ordering::Relaxed);
                }
            }
            let mine = recorder.into_counts();
            let mut all = counts.lock().expect("no thread panics while merging");
            *all = Some(match all.take() {
                None => mine,
                Some(others) => others.merge(&mine),
            });
        };
        let threads = on_threads(wanted, work).max(threads);
        if stopped.into_inner() {
            return None;
        }
        let fold = fold.into_inner().ok()?;
        let sums = fold.sums.clone().root(&Chunk::fold)?;
        let ends = fold.ends.into_par_iter().map(|values| values.map(Values::sorted)).collect();
        let (counts, bins) = (counts.into_inner().ok()??, histograms.into_columns());
        Some(Results { paths: settings.paths, threads, grids, bins, ends, counts, sums, tree: fold.sums })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_double_up_to_the_most_paths() {
        let all = |most| batches(most).collect::<Vec<u64>>();
        assert_eq!(all(100), [100]);
        assert_eq!(all(4096), [4096]);
        assert_eq!(all(10_000), [4096, 8192, 10_000]);
        assert_eq!(all(1 << 20).len(), 9);
        assert_eq!(batches(u64::MAX).last(), Some(u64::MAX));
    }

    #[test]
    fn work_is_done_on_as_many_threads_as_are_wanted() {
        for wanted in [0, 1, 3] {
            let done = AtomicU64::new(0);
            let threads = on_threads(wanted, || {
                done.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!((threads, done.into_inner()), (wanted.max(1), wanted.max(1) as u64));
        }
    }
}
