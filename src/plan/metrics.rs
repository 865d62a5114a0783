//! What a run records: by month, at the horizon, and by year, each with its name, unit and where it stands.

mod extremes;
mod list;
pub mod words;

pub use extremes::{Extreme, extreme_name};

use crate::engine::books::{Lines, Section, event};
use crate::engine::columns::{Field, Row};
use crate::engine::part::{Accounts, Ops};
use crate::engine::room::{Lab, Market, Unit};
use crate::issues::{Issues, nearest};
use crate::language::prelude::Text;
use crate::plan::PlannedRoom;
use crate::scenario::Scenario;
use crate::stats::histogram::Grid;

/// Where a value stands, or how it is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A column of the board.
    Board(usize),
    /// A column of a room's state.
    Room(usize, usize),
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
    /// Herfindahl index over groups of room columns.
    Concentration(Vec<Vec<(usize, usize)>>),
    /// A column of a room's state, undefined where another is not above zero, such as cover where no service is due.
    Defined(usize, usize, usize),
    /// 1 where a column is above zero.
    Happened(usize),
    /// A column of the board over another, undefined where that is zero.
    Over(usize, usize),
    /// What demand that was not served would have brought after partners and the power that it takes, on the terms of what
    /// was served.
    LostMargin,
    /// A return of a room's providers: of one account, or of all together.
    Return(usize, Option<usize>, Return),
    /// The extreme of a monthly metric over the months, by its place among the extremes.
    Extreme(usize),
    /// Funding needed beyond opening cash: `max(0, peak cumulative gap − opening cash)`.
    PeakFunding,
}

/// A measure of what a provider made of its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Effective annual internal rate of return; undefined without one, or with several.
    Irr,
    /// 1 on a path whose flows have several rates of return.
    Several,
    /// Multiple of invested capital: paid out and worth, over paid in.
    Moic,
    /// Paid out over paid in.
    Dpi,
    /// Worth at the horizon over paid in.
    Rvpi,
}

impl Return {
    /// Measures in all.
    pub const COUNT: usize = Return::ALL.len();
    /// The first two of them are also told of each account of a room with several.
    const ALL: [(Return, &'static str, Unit); 5] = [
        (Return::Irr, "irr", Unit::AnnualRate),
        (Return::Moic, "moic", Unit::Ratio),
        (Return::Dpi, "dpi", Unit::Ratio),
        (Return::Rvpi, "rvpi", Unit::Ratio),
        (Return::Several, "irr_several", Unit::Share),
    ];
}

/// An event whose paths are counted by month.
#[derive(Clone, Debug)]
pub struct EventCount {
    /// Whose event it is: `world`, `lab`, or a room's name.
    pub entity: String,
    /// The room, when it is a room's.
    pub room: Option<usize>,
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
    /// The room it belongs to, when it is an instrument's line.
    pub room: Option<usize>,
}

impl Metric {
    /// The room of whose providers it is a return.
    fn returns_of(&self) -> Option<usize> {
        match self.source {
            Source::Return(room, ..) => Some(room),
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
    /// What checks ask for over several months; each has a metric at the horizon.
    pub extremes: Vec<Extreme>,
    /// Events counted by month; none when metrics were named and `events` was not among them.
    pub events: Vec<EventCount>,
    /// By year; none when metrics were named and `sources_uses` was not among them.
    pub cash: Vec<CashLine>,
    /// Bins of yearly cash.
    pub cash_grid: Grid,
    /// Opening holders and their shares.
    pub holders: Vec<(String, f64)>,
}

/// What the list of metrics calls the cash lines by year.
const BY_YEAR: &str = "sources_uses";
/// What it calls the events.
const EVENTS: &str = "events";
/// Events of the world.
const OF_WORLD: u64 = event::WINTER | event::COMPETITOR;
/// Events of the lab itself.
const OF_LAB: u64 = event::IDLE
    | event::OVERRUN
    | event::LUMP
    | event::SHORT
    | event::DEFAULT
    | event::RELEASE
    | event::WATCH
    | event::DISTRESS
    | event::RESCUED
    | event::ACQUIRED
    | event::RESTRUCTURED
    | event::LIQUIDATED;

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
    /// What a scenario records: everything, or only what `run: {metrics: […]}` names. That is so by month, for cash by
    /// year and for returns of providers; the rest of what is known at the horizon costs little and is always there.
    pub fn new(scenario: &Scenario, rooms: &[PlannedRoom], issues: &mut Issues) -> Option<Metrics> {
        let mut metrics = Metrics::all(scenario, rooms);
        if let Some(names) = &scenario.run.metrics {
            metrics.keep(names, issues)?;
        }
        Some(metrics)
    }

    /// Keeps what is named, in its own order, not in that of the names.
    fn keep(&mut self, names: &[Text], issues: &mut Issues) -> Option<()> {
        let known: Vec<&str> =
            self.monthly.iter().chain(&self.at_end).map(|m| m.name.as_str()).chain([BY_YEAR, EVENTS]).collect();
        let mut sound = Some(());
        for name in names.iter().filter(|n| !known.contains(&n.as_str())) {
            let label = nearest(name, known.iter().copied())
                .map_or("not a metric of this scenario".to_owned(), |n| format!("did you mean `{n}`?"));
            issues
                .error("unknown-name", Some(name.place()), format!("unknown metric `{name}`"), label)
                .help(format!("metrics: {}", known.join(", ")));
            sound = None;
        }
        let named = |name: &str| names.iter().any(|n| n.as_str() == name);
        self.monthly.retain(|m| named(&m.name));
        self.at_end.retain(|m| m.returns_of().is_none() || named(&m.name));
        if !named(BY_YEAR) {
            self.cash.clear();
        }
        if !named(EVENTS) {
            self.events.clear();
        }
        sound
    }

    /// Whether a room's provider flows must be kept, for their returns.
    pub fn needs_flows(&self, room: usize) -> bool {
        self.at_end.iter().any(|m| m.returns_of() == Some(room))
    }

    /// Records nothing but who runs out of cash when.
    pub fn count_ruin_only(&mut self) {
        self.monthly.clear();
        self.at_end.clear();
        self.extremes.clear();
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

/// Events of the world, of the lab and of each room, entity by entity.
pub fn events_of(rooms: &[PlannedRoom]) -> Vec<EventCount> {
    let entities = [("world", None, OF_WORLD), ("lab", None, OF_LAB)];
    let of_rooms = rooms.iter().enumerate().map(|(k, r)| (r.name.as_str(), Some(k), r.spec.events()));
    entities
        .into_iter()
        .chain(of_rooms)
        .flat_map(|(entity, room, mask)| {
            let listed = event::ALL.iter().filter(move |(bit, _)| mask & bit != 0);
            listed.map(move |&(bit, name)| EventCount { entity: entity.to_owned(), room, bit, name })
        })
        .collect()
}
