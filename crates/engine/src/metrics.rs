//! What a run records: by month, at the horizon, and by year, each with its name, unit and where its values are.

use crate::books::{Lines, Section};
use crate::columns::{Field, Row};
use crate::component::{Accounts, Ops};
use crate::instrument::{Lab, Market, Unit};
use crate::stats::histogram::Grid;

/// Where a value stands, or how it is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A column of the board.
    Board(usize),
    /// A column of an instrument's state.
    Instrument(usize, usize),
    /// A column of the board, undefined where it is zero: months that did not come.
    Month(usize),
    /// A column of the board, undefined at or above the stand-in for "nothing is burnt".
    Runway(usize),
    /// Pre-money value, multiple × run-rate.
    Valuation,
    /// Stake of an opening holder with this share.
    Holder(f64),
    /// Stake of the employees, who also get what is granted and what tops up the pool.
    Employees(f64),
    /// Stake of investors who came after the start.
    NewInvestors,
    /// What a stake has lost against the start: `1 − stake/opening stake`, of a source of stakes and its opening share.
    Dilution(Box<Source>, f64),
    /// Share of the votes of holders with this opening share, each of whose shares has so many votes.
    Control {
        /// Opening share.
        share: f64,
        /// Votes a share.
        votes: f64,
    },
    /// 1 where that share is below a threshold.
    ControlLost {
        /// Opening share.
        share: f64,
        /// Votes a share.
        votes: f64,
        /// Threshold.
        below: f64,
    },
    /// Look-through leverage: own debt, off-balance obligations, firm take-or-pay and guarantees over run-rate; guarantees
    /// at what they would cost now, or at the most they can.
    Leverage {
        /// At the most.
        most: bool,
    },
    /// The same value, undefined once the lab has ended.
    Alive(Box<Source>),
    /// The highest debt or look-through leverage so far, or the month in which it was: the horizon when the last one is the
    /// highest, undefined when there was none.
    Peak {
        /// Which.
        of: Peak,
        /// The horizon, when its month is asked for.
        month: Option<usize>,
    },
    /// Herfindahl index over groups of columns.
    Concentration(Vec<Vec<Place>>),
    /// A column of an instrument's state, undefined where another is not above zero, such as cover where no service is due.
    Defined(usize, usize, usize),
    /// 1 where a column is above zero.
    Happened(usize),
    /// A column of the board over another, undefined where that is zero.
    Over(usize, usize),
    /// What demand that was not served would have brought after partners and the power that it takes, on the terms of what
    /// was served.
    LostMargin,
    /// A return of an instrument's providers: of one account, or of all together.
    Return(usize, Option<usize>, Return),
    /// What checks ask of a monthly metric, by its place among those watched.
    Watched(usize),
    /// Funding needed beyond opening cash: `max(0, peak cumulative gap − opening cash)`.
    PeakFunding,
}

impl Source {
    /// Whether all its values are whole numbers: months of the simulation, and flags.
    pub fn is_whole(&self) -> bool {
        matches!(
            self,
            Source::Month(_)
                | Source::Happened(_)
                | Source::ControlLost { .. }
                | Source::Peak { month: Some(_), .. }
                | Source::Return(_, _, Return::Several)
        )
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Of the board.
    Board(usize),
    /// Of an instrument's state.
    Instrument(usize, usize),
}

/// A stock whose highest value is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peak {
    /// The lab's own debt.
    Debt,
    /// Look-through leverage, with guarantees at today's values.
    Leverage,
}

/// A measure of what a provider made of its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Effective annual internal rate of return of an investment: what was received before the provider was out of pocket is
    /// netted with what it then paid in. Undefined without one, or with several.
    Irr,
    /// 1 on a path whose flows have several rates of return.
    Several,
    /// Multiple of invested capital: paid out and worth, over paid in.
    Moic,
    /// Paid out over paid in.
    Dpi,
    /// Worth at the horizon over paid in.
    Rvpi,
    /// The internal rate of return of the flows alone, without what the position is worth at the horizon.
    IrrToDate,
    /// Worth at the horizon over all that is paid out and worth: the part of what came in that is a mark.
    Marked,
}

impl Return {
    /// Measures in all.
    pub const COUNT: usize = Return::ALL.len();
    /// How many of them are also reported for each account of an instrument with several.
    pub const OF_ACCOUNT: usize = 5;
    /// All of them, those first that are reported for each account.
    pub const ALL: [(Return, &'static str, Unit); 7] = [
        (Return::Irr, "irr", Unit::AnnualRate),
        (Return::Moic, "moic", Unit::Ratio),
        (Return::Rvpi, "rvpi", Unit::Ratio),
        (Return::IrrToDate, "irr_to_date", Unit::AnnualRate),
        (Return::Marked, "marked_share", Unit::Share),
        (Return::Dpi, "dpi", Unit::Ratio),
        (Return::Several, "irr_several", Unit::Share),
    ];
}

/// An event whose paths are counted by month.
#[derive(Clone, Debug)]
pub struct EventCount {
    /// Whose event it is: `world`, `lab`, or an instrument's name.
    pub entity: String,
    /// The instrument, when it is an instrument's.
    pub instrument: Option<usize>,
    /// Its bit.
    pub bit: u64,
    /// Its name.
    pub name: &'static str,
}

/// A recorded quantity.
#[derive(Clone, Debug)]
pub struct Metric {
    /// `revenue`, `stake.founders`, `revolver.balance`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Where it stands.
    pub source: Source,
    /// Bins of its histogram.
    pub grid: Grid,
    /// Whether it is a flow of the month.
    pub flow: bool,
    /// The instrument it belongs to, when it is an instrument's line.
    pub instrument: Option<usize>,
    /// Whether a line of `checks:` looks at it: its values are kept on every path.
    pub asked: bool,
    /// Whether it is left out unless it is named, or a line of `checks:` looks at it: lines of instruments that no chart and
    /// no table of the report needs, and what follows from others.
    pub seldom: bool,
}

impl Metric {
    /// Whether it is there because a line of `checks:` asks for a value by month.
    pub fn is_watched(&self) -> bool {
        matches!(self.source, Source::Watched(_))
    }
    /// Whether it is a price or an index of the world, not of the lab.
    pub fn is_of_world(&self) -> bool {
        matches!(self.source, Source::Board(at) if at < Market::WIDTH)
    }
    /// The instrument of whose providers it is a return.
    pub fn returns_of(&self) -> Option<usize> {
        match self.source {
            Source::Return(instrument, ..) => Some(instrument),
            _ => None,
        }
    }
}

/// A line of sources and uses.
#[derive(Clone, Debug)]
pub struct CashLine {
    /// Name of the line.
    pub name: &'static str,
    /// Column of the board.
    pub column: usize,
    /// Whether it is cash in.
    pub source: bool,
    /// Section of the cash-flow statement.
    pub section: Section,
}

/// All that a run records.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// By month.
    pub monthly: Vec<Metric>,
    /// At the horizon, one value a path.
    pub at_end: Vec<Metric>,
    /// What checks ask for by month; each has a metric at the horizon.
    pub watched: Vec<Watched>,
    /// Events counted by month; none when metrics were named and `events` was not among them.
    pub events: Vec<EventCount>,
    /// By year; none when metrics were named and `sources_uses` was not among them.
    pub cash: Vec<CashLine>,
    /// Bins of yearly cash.
    pub cash_grid: Grid,
    /// Opening holders and their shares.
    pub holders: Vec<(String, f64)>,
}

/// A monthly metric of which one value a path is kept.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Where the metric comes from.
    pub source: Source,
    /// Which months count.
    pub over: Over,
}

/// Months that count, 1 for the first, and what is kept of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The value in one month.
    At(usize),
    /// The smallest up to a month, where it is defined.
    Least(usize),
    /// The largest up to a month, where it is defined.
    Most(usize),
}

impl Over {
    /// Whether a month counts.
    pub fn counts(self, t: usize) -> bool {
        match self {
            Over::At(month) => t == month,
            Over::Least(until) | Over::Most(until) => t <= until,
        }
    }
    /// Whether the largest value is kept rather than the smallest.
    pub fn is_most(self) -> bool {
        matches!(self, Over::Most(_))
    }
}

const LAB_AT: usize = Market::WIDTH;
const OPS_AT: usize = LAB_AT + Lab::WIDTH;
const ACCOUNTS_AT: usize = OPS_AT + Ops::WIDTH;
/// First column of the books' lines.
pub const LINES_AT: usize = ACCOUNTS_AT + Accounts::WIDTH;

/// Column of a field of a group of the board.
fn column<R: Row>(at: usize, field: &str) -> usize {
    at + R::offset(field).unwrap_or_else(|| unreachable!("no field `{field}`"))
}

/// Column of a field of [`Market`].
pub fn market(field: &str) -> usize {
    column::<Market>(0, field)
}
/// Column of a field of [`Lab`].
pub fn lab(field: &str) -> usize {
    column::<Lab>(LAB_AT, field)
}
/// Column of a field of [`Ops`].
pub fn ops(field: &str) -> usize {
    column::<Ops>(OPS_AT, field)
}
/// Column of a field of [`Accounts`].
pub fn accounts(field: &str) -> usize {
    column::<Accounts>(ACCOUNTS_AT, field)
}

/// Column of a line of the books, which stand until the next month begins.
pub fn lines(field: &str) -> usize {
    column::<Lines>(LINES_AT, field)
}

impl Metrics {
    /// Whether an instrument's provider flows must be kept, for their returns.
    pub fn needs_flows(&self, instrument: usize) -> bool {
        self.at_end.iter().any(|m| m.returns_of() == Some(instrument))
    }

    /// Records nothing but who runs out of cash when: one value a path, the month.
    pub fn count_ruin_only(&mut self) {
        self.monthly.clear();
        self.at_end.retain(|m| m.name == "cash_out_month");
        self.watched.clear();
        self.cash.clear();
        self.events.clear();
    }

    /// Place of a monthly metric.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.monthly.iter().position(|m| m.name == name)
    }
    /// Place of a metric at the horizon.
    pub fn find_end(&self, name: &str) -> Option<usize> {
        self.at_end.iter().position(|m| m.name == name)
    }
}
