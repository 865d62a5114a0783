//! Small inputs that once gave a wrong or misleading result, each with the correct one computed by hand.

mod benchmark_model;
mod lab;
mod renamed;
mod returns;
mod rules;
mod statistics;
