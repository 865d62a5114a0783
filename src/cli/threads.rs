//! The threads of a command: as many as are asked for and make sense, or as many as the system gives.

use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::cli::fault::Fault;
use crate::engine::run::most_threads;

/// Stack of a thread; that of the main thread on most systems.
const STACK: usize = 8 << 20;

/// Runs a command on a pool of `wanted` threads, 0 for as many as there are cores; tables and charts take no more than the
/// run. Where a container or the system lets us have fewer, fewer do.
///
/// # Errors
/// There is not even one.
pub(super) fn within<T: Send>(wanted: usize, command: impl FnOnce() -> T + Send) -> Result<T, Fault> {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    let mut n = if wanted == 0 { cores } else { wanted.min(most_threads()) };
    loop {
        match pool(n) {
            Ok(pool) => return Ok(pool.install(command)),
            Err(_) if n > 1 => n /= 2,
            Err(error) => return Err(Fault::no_threads(&error.to_string())),
        }
    }
}

/// A pool of its own: the one that `rayon` has for all cannot be made smaller when making it has failed.
fn pool(n: usize) -> Result<ThreadPool, rayon::ThreadPoolBuildError> {
    let threads = ThreadPoolBuilder::new().num_threads(n).stack_size(STACK);
    // A single thread is the one that is there already.
    if n == 1 { threads.use_current_thread().build() } else { threads.build() }
}
