//! The statements of one path, month by month, from the plain engine: the audit trail of a run.
//!
//! A [`Trace`] holds series, one for each line of a statement, and by month what happened and which constraints were
//! binding. It is written as one long table ([`csv()`]), as JSON ([`Document`]) and as readable statements
//! ([`table()`]). Paths are chosen by [`named`].
//!
//! Signs are those of the statements: in `income` and `cash_flow`, plus is income or cash to the lab and minus a cost
//! or cash from it, so that the lines of a statement add up to its last line. Not included: the cash of vehicles, and
//! flows between parties other than the lab, except what each provider of an instrument received (`<account>.flow`).

mod bounds;
mod items;
mod json;
mod pick;
mod table;

use crate::engine::reference::{Broken, Path};
use crate::model::Model;
use crate::output::number::float;
use crate::plan::metrics::events_of;
use crate::units::Month;

pub use json::Document;
pub use pick::{Who, named};
pub use table::table;

/// A statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The world.
    Market,
    /// Income and costs as they accrue.
    Income,
    /// Cash.
    CashFlow,
    /// Assets, liabilities and equity, and off-balance-sheet items.
    Balance,
    /// Power and its use.
    Capacity,
    /// Lines of an instrument.
    Instrument,
}

impl Statement {
    /// All, in order.
    pub const ALL: [Statement; 6] = [
        Statement::Market,
        Statement::Income,
        Statement::CashFlow,
        Statement::Balance,
        Statement::Capacity,
        Statement::Instrument,
    ];

    /// Name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Statement::Market => "market",
            Statement::Income => "income",
            Statement::CashFlow => "cash_flow",
            Statement::Balance => "balance",
            Statement::Capacity => "capacity",
            Statement::Instrument => "instrument",
        }
    }
}

/// How the months of a period are aggregated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Their sum.
    Flow,
    /// The first one.
    First,
    /// The last one.
    Last,
    /// Their mean.
    Mean,
}

impl How {
    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            How::Flow => "flow",
            How::First => "opening",
            How::Last => "stock",
            How::Mean => "level",
        }
    }

    /// Aggregates several months into one value; NaN if there are none.
    pub fn of(self, months: &[f64]) -> f64 {
        let sum = || months.iter().fold(0.0, |sum, x| sum + x);
        match self {
            How::Flow if !months.is_empty() => sum(),
            How::First => months.first().copied().unwrap_or(f64::NAN),
            How::Last => months.last().copied().unwrap_or(f64::NAN),
            How::Flow | How::Mean => sum() / months.len() as f64,
        }
    }
}

/// One line of a statement.
#[derive(Clone, Debug)]
pub struct Series {
    /// `lab`, `world`, or an instrument's name.
    pub entity: String,
    /// Its statement.
    pub statement: Statement,
    /// Its name.
    pub line: String,
    /// Its unit, as in the tables.
    pub unit: &'static str,
    /// How months are aggregated.
    pub how: How,
    /// Payment rank, for cash outflows.
    pub rank: Option<usize>,
    /// One value per month; NaN where undefined.
    pub values: Vec<f64>,
}

impl Series {
    /// The line for which this series is the amount due.
    pub fn due_of(&self) -> Option<&str> {
        self.line.strip_suffix(".due")
    }
}

/// Something that happened, or was binding, in a month.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Month, 1 for the first.
    pub month: usize,
    /// The entity: `lab`, `world`, or an instrument's name.
    pub entity: String,
    /// What happened or was binding.
    pub line: String,
    /// Unit of the value.
    pub unit: &'static str,
    /// Its size; 1 where there is nothing to measure.
    pub value: f64,
}

/// The statements of one path.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Number of the path.
    pub path: u64,
    /// The first simulated month.
    pub start: Month,
    /// Lines, statement by statement.
    pub series: Vec<Series>,
    /// Events, by month.
    pub events: Vec<Mark>,
    /// Binding constraints, by month.
    pub bounds: Vec<Mark>,
}

/// Runs a path through the plain engine and records its statements.
///
/// # Errors
/// An accounting identity does not hold.
pub fn trace(model: &Model, path: u64) -> Result<Trace, Broken> {
    let plan = &model.plan;
    let items = items::of(plan);
    let (listed, bounds) = (
        events_of(&plan.instruments, model.scenario.lab.demand.capability.is_some()),
        bounds::Bounds::new(model, path),
    );
    let mut out = Trace {
        path,
        start: plan.start,
        series: items.iter().map(|item| item.series(plan.months)).collect(),
        events: Vec::new(),
        bounds: Vec::new(),
    };
    let mut run = Path::new(plan, path);
    let mut instruments = run.states();
    for month in 1..=plan.months {
        let (before, were) = (run.lane, instruments);
        run.month(month)?;
        instruments = run.states();
        let seen = items::Seen { run: &run, board: &run.board(), instruments: &instruments, before: &before, t: month };
        for (item, series) in items.iter().zip(&mut out.series) {
            // A line that was never touched holds negative zero.
            series.values.push((item.value)(&seen) + 0.0);
        }
        for event in &listed {
            let bits = event.instrument.map_or(run.lane.events, |instrument| run.events[instrument]);
            if bits & event.bit != 0 {
                let (entity, line) = (event.entity.clone(), event.name.to_owned());
                out.events.push(Mark { month, entity, line, unit: "count", value: 1.0 });
            }
        }
        bounds.month(&seen, &were, &mut out.bounds);
    }
    Ok(out)
}

/// An identity that must hold, and its largest deviation over some months, in USD.
#[derive(Clone, Debug)]
pub struct Tie {
    /// The statement.
    pub statement: Statement,
    /// The identity in words.
    pub what: &'static str,
    /// Largest difference.
    pub off: f64,
    /// Whether the deviation is within rounding error of the amounts added.
    pub holds: bool,
}

impl Trace {
    /// Number of months of the path.
    pub fn months(&self) -> usize {
        self.series.first().map_or(0, |s| s.values.len())
    }

    /// A calendar month, `t` counted from 1.
    pub fn month(&self, t: usize) -> Month {
        self.start.plus(t as i32 - 1)
    }

    /// A line of the lab.
    pub fn lab(&self, statement: Statement, line: &str) -> Option<&Series> {
        self.series.iter().find(|s| s.statement == statement && s.line == line && s.entity == "lab")
    }

    /// Drops all entities except one.
    pub fn keep(&mut self, entity: &str) {
        self.series.retain(|s| s.entity == entity);
        self.events.retain(|m| m.entity == entity);
        self.bounds.retain(|m| m.entity == entity);
    }

    /// The names of all instruments, contracts and own hardware.
    pub fn instruments(&self) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        for s in self.series.iter().filter(|s| s.statement == Statement::Instrument) {
            if out.last() != Some(&s.entity.as_str()) {
                out.push(&s.entity);
            }
        }
        out
    }

    /// The identities of the months from `first` to `last`, both counted from 1; none when the lab was not kept.
    pub fn ties(&self, first: usize, last: usize) -> Vec<Tie> {
        use Statement::{Balance, CashFlow, Income};
        let sum = |statement, names: &dyn Fn(&Series) -> bool, t: usize| {
            let (mut sum, mut size) = (0.0, 0.0);
            for s in self.series.iter().filter(|s| s.statement == statement && names(s)) {
                sum += s.values[t - 1];
                size += s.values[t - 1].abs();
            }
            (sum, size)
        };
        let total = |statement, line: &str, t: usize| self.lab(statement, line).map_or(f64::NAN, |s| s.values[t - 1]);
        let mut out = Vec::new();
        let mut tie = |statement, what, at: &dyn Fn(usize) -> Option<(f64, f64)>| {
            let (mut off, mut holds) = (0.0, true);
            for (difference, size) in (first..=last).filter_map(at) {
                off = f64::max(off, difference.abs());
                holds &= difference.abs() <= 1e-9 * size.max(1e-6);
            }
            out.push(Tie { statement, what, off, holds });
        };
        if self.lab(CashFlow, "closing_cash").is_none() {
            return out;
        }
        tie(Income, "lines add up to net income", &|t| {
            let (lines, size) = sum(Income, &items::adds_up, t);
            Some((lines - total(Income, "net_income", t), size))
        });
        tie(CashFlow, "opening cash + in − out = closing cash", &|t| {
            let (lines, size) = sum(CashFlow, &items::adds_up, t);
            let opening = total(CashFlow, "opening_cash", t);
            Some((opening + lines - total(CashFlow, "closing_cash", t), size + opening.abs()))
        });
        tie(CashFlow, "closing cash is next month's opening cash", &|t| {
            let next = (t < self.months()).then(|| total(CashFlow, "opening_cash", t + 1))?;
            let closing = total(CashFlow, "closing_cash", t);
            Some((closing - next, closing.abs()))
        });
        tie(Balance, "assets = liabilities + equity", &|t| {
            let assets = total(Balance, "assets", t);
            let claims = total(Balance, "liabilities", t) + total(Balance, "equity", t);
            // A lab that has ended has no balance sheet.
            assets.is_finite().then_some((assets - claims, assets.abs().max(total(Balance, "equity", t).abs())))
        });
        out
    }
}

/// Lines that are written even when they are zero throughout.
const ALWAYS: [&str; 5] = ["revenue", "spend", "gap", "cumulative_gap", "cash"];

/// `path, month, entity, statement, line, unit, value`: one long table, month by month. The amount due (`<line>.due`)
/// has a row only where it differs from the amount paid, and a line that is zero in all months has none.
pub fn csv(trace: &Trace, first: usize, last: usize) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let path = trace.path.to_string();
    // A vector accepts any bytes, so the writer cannot fail.
    let mut row = |cells: [&str; 7]| writer.write_record(cells).expect("writing to memory");
    row(["path", "month", "entity", "statement", "line", "unit", "value"]);
    let something = |s: &Series| {
        let own = s.entity == "lab" && ALWAYS.contains(&s.line.as_str());
        own || s.values.iter().any(|&x| x != 0.0 && x.is_finite())
    };
    let written: Vec<bool> = trace.series.iter().map(something).collect();
    let due: Vec<Option<&Series>> =
        trace.series.iter().map(|s| s.due_of().and_then(|l| trace.lab(s.statement, l))).collect();
    for t in first..=last {
        let month = trace.month(t).end_date();
        for ((s, paid), _) in trace.series.iter().zip(&due).zip(&written).filter(|(_, written)| **written) {
            let x = s.values[t - 1];
            if paid.is_none_or(|paid| paid.values[t - 1] != x) {
                row([&path, &month, &s.entity, s.statement.name(), &s.line, s.unit, &float(x)]);
            }
        }
        for (statement, marks) in [("event", &trace.events), ("bound", &trace.bounds)] {
            for m in marks.iter().filter(|m| m.month == t) {
                row([&path, &month, &m.entity, statement, &m.line, m.unit, &float(m.value)]);
            }
        }
    }
    writer.into_inner().expect("writing to memory")
}
