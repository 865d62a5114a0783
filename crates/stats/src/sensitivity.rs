//! How the uncertainty of a result is shared among inputs: shares of its variance, rank and regression measures, measures
//! of dependence that assume no form of it, and the attribution of a difference to several changes.
//!
//! All work on columns of numbers that other code evaluates. They differ in what they need: Sobol' indices need an
//! evaluation design of their own; attribution needs the result of each combination of changes; the rest reads the
//! draws and results of one ordinary run.

pub mod delta;
pub mod regression;
pub mod shapley;
pub mod sobol;
pub mod tenths;

mod groups;
mod symmetric;
