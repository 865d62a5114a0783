//! The model: the language of scenarios (`language`), the world, the lab and its instruments, and the compilation of a
//! scenario into a plan for the engine. It does not depend on any output format and prints nothing.

pub mod components;
pub mod drivers;
pub mod instruments;
pub mod issues;
pub mod lab;
pub mod language;
pub mod lint;
pub mod plan;
pub mod scenario;

pub use gapcast_engine::{self as engine, column, fields, posts, row, stats, units, written};
