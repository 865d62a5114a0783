//! The model: what a scenario can say (`language`), the world, the lab and its instruments, and how a scenario becomes a plan of
//! the engine. It knows no file format of results and prints nothing.

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
