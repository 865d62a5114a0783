//! What a run records: by month, at the horizon, and by year, each with its name, its unit and the source of its
//! values.

use crate::books::{Lines, Section};
use crate::columns::{Field, Row};
use crate::component::{Accounts, Ops};
use crate::instrument::{Lab, Market, Unit};
use crate::stats::histogram::Grid;

/// Where a value is stored, or how it is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A column of the board.
    Board(usize),
    /// A column of an instrument's state.
    Instrument(usize, usize),
    /// A column of the board, undefined where it is zero: the month of an event that did not occur.
    Month(usize),
    /// A column of the board, undefined at or above the value that stands for no burn (`NO_BURN`).
    Runway(usize),
    /// Pre-money value, multiple × run-rate.
    Valuation,
    /// Stake of an opening holder with this share.
    Holder(f64),
    /// Stake of the employees, which includes later grants and top-ups of the pool.
    Employees(f64),
    /// Stake of investors who invested after the start.
    NewInvestors,
    /// Dilution of a stake since the start, `1 − stake/opening stake`: the source of the stake and its opening share.
    Dilution(Box<Source>, f64),
    /// Share of the votes of holders with this opening share, whose shares carry `votes` votes each.
    Control {
        /// Opening share.
        share: f64,
        /// Votes per share.
        votes: f64,
    },
    /// 1 where that share is below a threshold.
    ControlLost {
        /// Opening share.
        share: f64,
        /// Votes per share.
        votes: f64,
        /// Threshold.
        below: f64,
    },
    /// Look-through leverage: own debt, off-balance obligations, firm take-or-pay and guarantees over run-rate;
    /// guarantees at their cost if called now, or at their maximum cost.
    Leverage {
        /// Whether guarantees count at their maximum cost.
        most: bool,
    },
    /// The same value, undefined once the lab has ended.
    Alive(Box<Source>),
    /// The highest debt or look-through leverage so far, or its month: the horizon if the last value is the highest,
    /// undefined if there was none.
    Peak {
        /// The stock.
        of: Peak,
        /// The horizon, if the month of the peak is requested; `None` for the peak itself.
        month: Option<usize>,
    },
    /// Herfindahl index over groups of columns.
    Concentration(Vec<Vec<Place>>),
    /// A column of an instrument's state, undefined where another is not above zero, such as the DSCR where no debt
    /// service is due: the instrument, the column and the other column.
    Defined(usize, usize, usize),
    /// 1 where a column is above zero.
    Happened(usize),
    /// A column of the board over another, undefined where that is zero.
    Over(usize, usize),
    /// Margin lost on unserved demand: its revenue less the partner share and inference cost that it would have
    /// incurred, at the ratios to revenue of the demand that was served.
    LostMargin,
    /// Enterprise value, where equity is priced less what the lab owes.
    EnterpriseValue,
    /// Value of the shares of the opening holders; of a lab that has ended, what common shares received.
    HoldersValue,
    /// Cost of scarce power: power above its price without scarcity, and [`Source::LostMargin`].
    Scarcity,
    /// A return of an instrument's providers: the instrument, the account or `None` for all together, and the measure.
    Return(usize, Option<usize>, Return),
    /// The value that checks use of a monthly metric, by its index in [`Metrics::watched`].
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

/// A measure of the return of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Effective annual internal rate of return of an investment: amounts received before the provider was out of
    /// pocket are netted against what it then paid in. Undefined if there is no rate, or several.
    Irr,
    /// 1 on a path whose flows have several rates of return.
    Several,
    /// Multiple of invested capital: distributions and mark at the horizon, over paid-in capital.
    Moic,
    /// Distributions over paid-in capital.
    Dpi,
    /// Mark at the horizon over paid-in capital.
    Rvpi,
    /// Internal rate of return of the cash flows alone, without the mark at the horizon.
    IrrToDate,
    /// Mark at the horizon over distributions and mark: the share of the return that is a mark.
    Marked,
}

impl Return {
    /// Number of measures.
    pub const COUNT: usize = Return::ALL.len();
    /// How many of them are also reported for each account of an instrument with several.
    pub const OF_ACCOUNT: usize = 5;
    /// All measures, starting with those that are also reported for each account.
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
    /// The instrument, if the event is an instrument's.
    pub instrument: Option<usize>,
    /// Its bit.
    pub bit: u64,
    /// Its name.
    pub name: &'static str,
}

/// A recorded quantity.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Its name, such as `revenue`, `stake.founders` or `revolver.balance`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// The source of its values.
    pub source: Source,
    /// Bins of its histogram.
    pub grid: Grid,
    /// Whether it is a flow of the month.
    pub flow: bool,
    /// The instrument it belongs to, if it is an instrument's line.
    pub instrument: Option<usize>,
    /// Whether a line of `checks:` refers to it: its values are kept on every path.
    pub asked: bool,
    /// Whether it is omitted unless it is named or a line of `checks:` refers to it: lines of instruments that no chart
    /// and no table of the report needs, and metrics that follow from others.
    pub seldom: bool,
}

impl Metric {
    /// Whether it exists because a line of `checks:` uses a value by month.
    pub fn is_watched(&self) -> bool {
        matches!(self.source, Source::Watched(_))
    }
    /// Whether it is a price or an index of the world, not of the lab.
    pub fn is_of_world(&self) -> bool {
        matches!(self.source, Source::Board(at) if at < Market::WIDTH)
    }
    /// The instrument whose providers' return it is, if it is a return.
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

/// Everything that a run records.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// By month.
    pub monthly: Vec<Metric>,
    /// At the horizon, one value per path.
    pub at_end: Vec<Metric>,
    /// Values by month that checks use; each has a metric at the horizon.
    pub watched: Vec<Watched>,
    /// Events counted by month; empty if metrics were named and `events` was not among them.
    pub events: Vec<EventCount>,
    /// Lines of sources and uses, by year; empty if metrics were named and `sources_uses` was not among them.
    pub cash: Vec<CashLine>,
    /// Bins of yearly cash.
    pub cash_grid: Grid,
    /// Opening holders and their shares.
    pub holders: Vec<(String, f64)>,
}

/// A monthly metric of which one value per path is kept.
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

/// Column of a line of the books, whose values are kept until the next month begins.
pub fn lines(field: &str) -> usize {
    column::<Lines>(LINES_AT, field)
}

impl Metrics {
    /// Whether an instrument's provider flows must be kept, for their returns.
    pub fn needs_flows(&self, instrument: usize) -> bool {
        self.at_end.iter().any(|m| m.returns_of() == Some(instrument))
    }

    /// Records only the month in which each path runs out of cash: one value per path.
    pub fn count_ruin_only(&mut self) {
        self.monthly.clear();
        self.at_end.retain(|m| m.name == "cash_out_month");
        self.watched.clear();
        self.cash.clear();
        self.events.clear();
    }

    /// Index of a monthly metric in [`Metrics::monthly`].
    pub fn find(&self, name: &str) -> Option<usize> {
        self.monthly.iter().position(|m| m.name == name)
    }
    /// Index of a metric at the horizon in [`Metrics::at_end`].
    pub fn find_end(&self, name: &str) -> Option<usize> {
        self.at_end.iter().position(|m| m.name == name)
    }
}
