//! Ctrl-C and a request to end: the first is noted, so that a command can tidy up and leave; the second ends it at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use crate::cli::exit;

/// Set by the first signal; there once a command listens.
static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Listens from now on. Where the system does not let us, Ctrl-C ends the program as it would without.
pub fn listen() {
    ASKED.get_or_init(|| {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: a signal that finds the flag set ends the program, and the first one sets it.
            let ends = register_conditional_shutdown(signal, i32::from(exit::INTERRUPTED), Arc::clone(&asked));
            if ends.is_ok() {
                let _ = register(signal, Arc::clone(&asked));
            }
        }
        asked
    });
}

/// Whether the user has asked to end.
pub fn asked() -> bool {
    ASKED.get().is_some_and(|asked| asked.load(Ordering::Relaxed))
}
