//! A trace as one JSON document.

use serde::Serialize;

use super::{Mark, Trace};
use crate::output::record::Figure;

/// A list of series, each with one value per month, then events, bounds and ties.
#[derive(Debug, Serialize)]
pub struct Document<'t> {
    path: u64,
    months: Vec<String>,
    series: Vec<OneSeries<'t>>,
    events: Vec<OneMark<'t>>,
    bounds: Vec<OneMark<'t>>,
    ties: Vec<OneTie>,
}

/// A line of a statement.
#[derive(Debug, Serialize)]
struct OneSeries<'t> {
    entity: &'t str,
    statement: &'static str,
    line: &'t str,
    unit: &'static str,
    kind: &'static str,
    rank: Option<usize>,
    values: Vec<Figure>,
}

/// Something that happened, or was binding, in a month.
#[derive(Debug, Serialize)]
struct OneMark<'t> {
    month: String,
    entity: &'t str,
    line: &'t str,
    unit: &'static str,
    value: Figure,
}

/// An identity that must hold.
#[derive(Debug, Serialize)]
struct OneTie {
    statement: &'static str,
    what: &'static str,
    holds: bool,
    off: Figure,
}

impl Document<'_> {
    /// The document for months `first` to `last` of a trace, counted from 1.
    pub fn new(trace: &Trace, first: usize, last: usize) -> Document<'_> {
        let series = trace.series.iter().map(|s| OneSeries {
            entity: &s.entity,
            statement: s.statement.name(),
            line: &s.line,
            unit: s.unit,
            kind: s.how.name(),
            rank: s.rank,
            values: s.values[first - 1..last].iter().map(|&x| Figure(x)).collect(),
        });
        let ties = trace.ties(first, last);
        let tie =
            |t: &super::Tie| OneTie { statement: t.statement.name(), what: t.what, holds: t.holds, off: Figure(t.off) };
        Document {
            path: trace.path,
            months: (first..=last).map(|t| trace.month(t).end_date()).collect(),
            series: series.collect(),
            events: marks(trace, &trace.events, first, last),
            bounds: marks(trace, &trace.bounds, first, last),
            ties: ties.iter().map(tie).collect(),
        }
    }
}

/// The marks of months `first` to `last`.
fn marks<'t>(trace: &Trace, marks: &'t [Mark], first: usize, last: usize) -> Vec<OneMark<'t>> {
    let within = marks.iter().filter(|m| (first..=last).contains(&m.month));
    let one = |m: &'t Mark| OneMark {
        month: trace.month(m.month).end_date(),
        entity: &m.entity,
        line: &m.line,
        unit: m.unit,
        value: Figure(m.value),
    };
    within.map(one).collect()
}
