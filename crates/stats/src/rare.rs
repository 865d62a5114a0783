//! Probabilities of events so rare that few independent paths have them: importance sampling, and multilevel splitting.
//! Both give estimates without bias and say, by their errors, when they have failed.

pub mod importance;
pub mod splitting;
