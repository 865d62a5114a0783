//! inputs
mod beta;
pub mod copula;
pub mod correlation;
pub mod law_error;
pub mod laws;
pub mod special;
mod table;
