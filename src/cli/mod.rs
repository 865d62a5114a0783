//! The command line: the only part of the program that prints, reads the environment or exits.

pub mod diagnostics;
