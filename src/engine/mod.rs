//! The engine: numbers and blocks only. It knows no YAML, no files and no clock.

pub mod math;
pub mod streams;
