//! Small inputs that once gave a wrong or a misleading answer, each with the right one worked out by hand.

#[path = "../common/mod.rs"]
mod common;

mod benchmark_model;
mod lab;
mod renamed;
mod returns;
mod rules;
mod statistics;
