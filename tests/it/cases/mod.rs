//! Small inputs that once gave a wrong or a misleading answer, each with the right one worked out by hand.

mod benchmark_model;
mod lab;
mod renamed;
mod returns;
mod rules;
mod statistics;
