//! The threads of a command: as many as requested, up to a useful maximum, or as many as the system allows.

use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::cli::fault::Fault;
use crate::engine::run::most_threads;

/// Stack size of a thread in bytes; that of the main thread on most systems.
const STACK: usize = 8 << 20;

/// Runs a command on a pool of `wanted` threads, 0 for one per core; tables and charts use no more threads than the
/// run. If a container or the system allows only fewer threads, fewer are used.
///
/// # Errors
/// If not even one thread can be started.
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

/// A separate pool: the global pool of `rayon` cannot be made smaller after its creation has failed.
fn pool(n: usize) -> Result<ThreadPool, rayon::ThreadPoolBuildError> {
    let threads = ThreadPoolBuilder::new().num_threads(n).stack_size(STACK);
    // A single thread is the current one.
    if n == 1 { threads.use_current_thread().build() } else { threads.build() }
}
