//! `outcomes.csv`: one row a path, with the inputs drawn, the end metrics and the first cause of ruin. Rows are made by
//! the threads that ran the paths and written in the order of the paths.

use std::fmt::Write as _;

use crate::engine::books::event::cause_name;
use crate::engine::record::Chunk;
use crate::plan::Plan;

/// The heading.
pub fn heading(plan: &Plan) -> String {
    let mut out = String::from("path");
    for (name, _) in plan.draws.laws() {
        let _ = write!(out, ",input.{name}");
    }
    for metric in &plan.metrics.at_end {
        let _ = write!(out, ",{}", metric.name);
    }
    out.push_str(",first_cause\n");
    out
}

/// The rows of a chunk whose first path is `first`.
pub fn rows(plan: &Plan, first: u64, chunk: &Chunk) -> Vec<u8> {
    let (inputs, ends) = (plan.draws.len(), plan.metrics.at_end.len());
    let mut out = String::with_capacity(chunk.causes.len() * 16 * (inputs + ends));
    for (k, cause) in chunk.causes.iter().enumerate() {
        let _ = write!(out, "{}", first + k as u64);
        let row = chunk.inputs[k * inputs..(k + 1) * inputs].iter().chain(&chunk.ends[k * ends..(k + 1) * ends]);
        for &x in row {
            out.push(',');
            if x.is_finite() {
                let _ = write!(out, "{x}");
            }
        }
        out.push(',');
        out.push_str(cause.map_or("", cause_name));
        out.push('\n');
    }
    out.into_bytes()
}
