//! Ctrl-C and SIGTERM: the first signal is recorded, so that a command can clean up and exit; the second terminates it
//! at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use crate::cli::exit;

/// Set by the first signal; initialised once a command listens.
static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Listens from now on. If the system does not allow it, Ctrl-C terminates the program as usual.
pub fn listen() {
    ASKED.get_or_init(|| {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: a signal that finds the flag set terminates the program, and the first one sets it.
            let ends = register_conditional_shutdown(signal, i32::from(exit::INTERRUPTED), Arc::clone(&asked));
            if ends.is_ok() {
                let _ = register(signal, Arc::clone(&asked));
            }
        }
        asked
    });
}

/// Whether the user has interrupted the command.
pub fn asked() -> bool {
    ASKED.get().is_some_and(|asked| asked.load(Ordering::Relaxed))
}
