//! `outcomes.csv`: one row for each of the first paths (`run.outcomes`), with the inputs drawn, the end metrics, the
//! first cause of ruin and the dates of cash-out and default. The threads that run the paths render the rows, which are
//! written in path order.

use super::number::{push_rounded, push_whole};
use crate::engine::books::event::cause_name;
use crate::engine::record::Chunk;
use crate::plan::Plan;

/// Months of a path that are also given as dates, after all other columns.
const DATED: [(&str, &str); 2] = [("cash_out_month", "cash_out_date"), ("default_month", "default_date")];

/// Renders the rows of a plan.
#[derive(Debug)]
pub struct Rows<'p> {
    plan: &'p Plan,
    /// Number of paths that have a row.
    most: u64,
    /// For each end metric, whether its values are whole numbers.
    whole: Vec<bool>,
    /// The end metrics that are also given as dates, with their column names.
    dated: Vec<(usize, &'static str)>,
    /// The last day of each month.
    dates: Vec<String>,
}

impl<'p> Rows<'p> {
    /// Rows for the first `most` paths of a plan.
    pub fn new(plan: &'p Plan, most: u64) -> Rows<'p> {
        let metrics = &plan.metrics;
        Rows {
            plan,
            most,
            whole: metrics.at_end.iter().map(|m| m.grid.is_whole()).collect(),
            dated: DATED.iter().filter_map(|(month, date)| Some((metrics.find_end(month)?, *date))).collect(),
            dates: (0..plan.months).map(|t| plan.start.plus(t as i32).end_date()).collect(),
        }
    }

    /// The header line.
    pub fn heading(&self) -> String {
        let inputs = self.plan.draws.laws().map(|(name, _)| format!("input.{name}"));
        let ends = self.plan.metrics.at_end.iter().map(|metric| metric.name.clone());
        let dates = self.dated.iter().map(|(_, name)| (*name).to_owned());
        let columns: Vec<String> = inputs.chain(ends).chain(["first_cause".to_owned()]).chain(dates).collect();
        format!("path,{}\n", columns.join(","))
    }

    /// The rows of a chunk whose first path is `first`.
    pub fn of(&self, first: u64, chunk: &Chunk) -> Vec<u8> {
        let (inputs, ends) = (self.plan.draws.len(), self.whole.len());
        let rows = self.most.saturating_sub(first).min(chunk.causes.len() as u64) as usize;
        let mut out = Vec::with_capacity(rows * 14 * (inputs + ends));
        for k in 0..rows {
            push_whole(&mut out, (first + k as u64) as f64);
            for &x in &chunk.inputs[k * inputs..(k + 1) * inputs] {
                out.push(b',');
                push_rounded(&mut out, x);
            }
            let ends = &chunk.ends[k * ends..(k + 1) * ends];
            for (&x, &whole) in ends.iter().zip(&self.whole) {
                out.push(b',');
                if whole {
                    push_whole(&mut out, x);
                } else {
                    push_rounded(&mut out, x);
                }
            }
            out.push(b',');
            out.extend_from_slice(chunk.causes[k].map_or("", cause_name).as_bytes());
            for &(metric, _) in &self.dated {
                out.push(b',');
                // Months count from 1; an undefined month has no date.
                let date = (ends[metric] >= 1.0).then(|| self.dates.get(ends[metric] as usize - 1)).flatten();
                out.extend_from_slice(date.map_or("", String::as_str).as_bytes());
            }
            out.push(b'\n');
        }
        out
    }
}
