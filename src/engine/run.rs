//! The whole run: blocks in fixed chunks over all threads, folded in order, so that the answer has the same bytes for
//! any number of them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::engine::columns::LANES;
use crate::engine::level::Level;
use crate::engine::month::Worker;
use crate::engine::record::{Bins, Chunk, Counts, Histograms, Recorder};
use crate::plan::Plan;

/// Blocks in a chunk: the unit of work, a constant of the program since float sums are folded by chunk.
pub const CHUNK_BLOCKS: u64 = 4;
/// Paths in a chunk.
pub const CHUNK_PATHS: u64 = CHUNK_BLOCKS * LANES as u64;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Paths.
    pub paths: u64,
    /// Threads; 0 for all cores.
    pub threads: usize,
    /// Instruction level.
    pub level: Level,
}

/// What a run leaves: counts that merge in any order, and sums folded in the order of the chunks.
#[derive(Debug)]
pub struct Results {
    /// Paths run.
    pub paths: u64,
    /// Threads used.
    pub threads: usize,
    /// Histograms by column.
    pub bins: Bins,
    /// Extremes and events.
    pub counts: Counts,
    /// Moments.
    pub sums: Chunk,
}

/// What a caller may do while the run goes on.
pub trait Observer: Sync {
    /// What is to be written of a chunk's paths; called by the thread that ran them.
    fn render(&self, _first: u64, _chunk: &Chunk) -> Vec<u8> {
        Vec::new()
    }
    /// A chunk and what was rendered of it; called in the order of the paths.
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

/// Chunks that came out of turn wait here until those before them have been folded.
struct Fold {
    next: u64,
    waiting: BTreeMap<u64, (Chunk, Vec<u8>)>,
    sums: Option<Chunk>,
}

impl Fold {
    fn take(&mut self, index: u64, chunk: (Chunk, Vec<u8>), observer: &dyn Observer) {
        self.waiting.insert(index, chunk);
        while let Some((chunk, rendered)) = self.waiting.remove(&self.next) {
            observer.paths(self.next * CHUNK_PATHS, &chunk, &rendered);
            self.next += 1;
            self.sums = Some(match self.sums.take() {
                None => chunk.without_paths(),
                Some(sums) => sums.fold(&chunk),
            });
        }
    }
}

/// Runs a plan. `None` when the observer asked to stop.
pub fn run(plan: &Plan, settings: &Settings, observer: &dyn Observer) -> Option<Results> {
    let chunks = settings.paths.div_ceil(CHUNK_PATHS);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wanted = if settings.threads == 0 { cores } else { settings.threads };
    let threads = wanted.min(usize::try_from(chunks).unwrap_or(usize::MAX)).max(1);
    let (next, done, stopped) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let fold = Mutex::new(Fold { next: 0, waiting: BTreeMap::new(), sums: None });
    let counts = Mutex::new(None::<Counts>);
    let histograms = Histograms::new(plan);
    let work = || {
        let mut worker = Worker::new(plan, settings.level);
        let mut recorder = Recorder::new(plan, settings.level, &histograms);
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
    if threads == 1 {
        work();
    } else {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        match pool {
            Ok(pool) => {
                pool.broadcast(|_| work());
            }
            // Without threads the same chunks are run one after the other.
            Err(_) => work(),
        }
    }
    if stopped.into_inner() {
        return None;
    }
    let sums = fold.into_inner().ok()?.sums?;
    let counts = counts.into_inner().ok()??;
    Some(Results { paths: settings.paths, threads, bins: histograms.into_columns(), counts, sums })
}
