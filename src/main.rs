//! The program: parses arguments, calls the library, chooses the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(gapcast::cli::main())
}
