//! An instrument: one instrument for one lab, written as pure functions on scalars and run for a block of 256.

use crate::books::{ACCOUNTS, Books, Lines, RANKS};
use crate::columns::{Columns, Row};
use crate::draws::Inputs;
use crate::resolution::{Award, Claim, Rules};
use crate::row;
use crate::units::Usd;

row! {
    /// The lab as instruments see it: opening values in `open` and `settle`, closing values from `close` on.
    pub struct Lab {
        /// Unrestricted cash.
        pub cash: Usd,
        /// Recognised revenue of the month, USD.
        pub revenue: Usd,
        /// Annualised revenue, `12 × revenue`.
        pub run_rate: Usd,
        /// Share of demand that was served.
        pub served: f64,
        /// Log growth of revenue a month, mean of three.
        pub growth: f64,
        /// Net burn before new financing, mean of three months; negative when cash is earned.
        pub burn: Usd,
        /// Costs and debt service before revenue, mean of three months.
        pub gross_cost: Usd,
        /// Months of cash at today's burn; a very large number when nothing is burnt.
        pub runway: f64,
        /// Fully diluted shares, pool included.
        pub shares: f64,
        /// Unallocated shares of the employee pool.
        pub pool: f64,
        /// 1 while the lab lives, 0 after default.
        pub alive: f64,
        /// 1 in distress, by the flag set at last month's close.
        pub distress: f64,
        /// Months in distress without a break, up to last month's close.
        pub distress_months: f64,
        /// 1 once its shares are listed.
        pub listed: f64,
        /// Instruments that have defaulted, one bit each.
        pub defaulted: u64,
        /// Of discounted notes outstanding, what they would buy in a round without their discount.
        pub notes: Usd,
        /// Shares of capped notes outstanding.
        pub note_shares: f64,
        /// Share of what was due that was paid this month, by rank.
        pub paid: [f64; RANKS],
    }

    /// The world this month, as drivers leave it.
    pub struct Market {
        /// 1 in winter.
        pub winter: f64,
        /// 1 in the month in which winter begins.
        pub entered: f64,
        /// SOFR, annual.
        pub sofr: f64,
        /// Change of credit spreads since the start, annual.
        pub spread: f64,
        /// Pre-money value over run-rate.
        pub multiple: f64,
        /// 1 when a round can close this month.
        pub window: f64,
        /// Price of contracted power, USD per GW-month.
        pub power_price: f64,
        /// Price of power bought for the month, USD per GW-month.
        pub spot_price: f64,
        /// What contracted power would cost if power were not scarce, USD per GW-month.
        pub base_price: f64,
        /// How scarce power is: the surprise in what is needed, in logs, less what has faded of that of the start.
        pub tightness: f64,
        /// Resale index of accelerators, 1 at the start.
        pub resale: f64,
        /// Share price of the vendor whose warrants the lab holds, 1 at the start.
        pub vendor_share: f64,
        /// Log uplift of demand by this month's own release.
        pub release: f64,
        /// Months since the last own release, and until the next planned one.
        pub since_release: f64,
        /// Months until the next planned release.
        pub until_release: f64,
        /// Cost of the current final run over its plan.
        pub overrun: f64,
        /// Generations by which the lab is behind the frontier.
        pub behind: f64,
        /// Log loss of demand to competitors this month, net of what returns.
        pub loss: f64,
        /// 1 in the month of a competitor's move.
        pub moved: f64,
        /// Share of its step that the next own release brings, after cuts of research.
        pub pace: f64,
    }
}

/// All that an instrument sees in a phase.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    /// Month, 1 for the first.
    pub t: f64,
    /// Month in which an order placed now would stand.
    pub ahead: f64,
    /// The lab.
    pub lab: Lab,
    /// The world.
    pub market: Market,
    /// Two uniforms of the instrument's own stream, when it asks for uniforms.
    pub uniforms: [f64; 2],
    /// In `fund` what is missing, in `close` the surplus, in `review` the proceeds in process; each runs down the list.
    pub left: Usd,
    /// In `settle`: power still to be served, GW; runs down the list.
    pub power: f64,
    /// In `settle`, where take-or-pay serves first: power still to be served beyond all that is paid for in any case, GW.
    pub beyond: f64,
    /// Owed by customers: at last month's close before the lab's bills, then at this month's.
    pub receivables: Usd,
    /// In `settle`: own hardware delivered this month by instruments further up, USD.
    pub capex: Usd,
    /// In `settle`: shares issued this month by instruments further up, the pool's among them; in `close` by all.
    pub issued: f64,
    /// Of those, what was added to the pool.
    pub topped: f64,
    /// Money of this month's priced rounds, and the shares that it bought: all in `close`, further up in `settle`.
    pub round: (Usd, f64),
    /// Of the supplier that the instrument names: invoiced since the first month, and power in place; at last month's close, in
    /// `review` at this month's.
    pub supplier: (Usd, f64),
    /// What has happened this month so far, as bits of [`event`](crate::books::event); all of it in `review`.
    pub events: u64,
    /// Of that supplier, what the lab is bound to by its contracts; as of the same month.
    pub supplier_firm: Usd,
    /// Of those contracts, what was announced and is not yet spent.
    pub supplier_headline: Usd,
    /// The instrument's remembered fields, `lags` months ago; zero before the start.
    pub past: [[f64; HISTORY]; LAGS],
}

impl View {
    /// Nothing bought.
    pub const NO_SALES: (Usd, f64) = (Usd::ZERO, 0.0);

    /// With what the month's books show so far.
    #[inline(always)]
    #[must_use]
    pub fn with(mut self, lines: &Lines) -> View {
        self.capex = lines.capex_accrued;
        self.beyond = lines.beyond_gw;
        self.issued = lines.issued + lines.pool_added;
        self.topped = lines.pool_added;
        self.round = (lines.round_money, lines.round_shares);
        self
    }
}

/// Fields an instrument can history, at most.
pub const HISTORY: usize = 3;
/// Delays after which remembered fields can be seen again, at most.
pub const LAGS: usize = 3;

/// Brings capacity and demand.
pub const OPEN: u8 = 1;
/// Posts what falls due; closes what was launched earlier.
pub const SETTLE: u8 = 2;
/// Draws towards the gap.
pub const FUND: u8 = 4;
/// Learns what was paid; runs the vehicle's waterfall; prepays.
pub const CLOSE: u8 = 8;
/// Tests covenants on closing balances, launches, posts stocks; moves no cash.
pub const REVIEW: u8 = 16;

/// An instrument. The value itself is the terms on one path, so `self.rate` is right whether or not it is uncertain.
pub trait Instrument: Row + Send + Sync {
    /// What its terms are made from.
    type Spec: Clone + std::fmt::Debug + Send + Sync;
    /// What it remembers on a path.
    type State: Row;
    /// Which phases it implements; the sweeps of the others are skipped.
    const PHASES: u8;
    /// Whether it wants two uniforms a month from the stream of its own name.
    const UNIFORMS: bool = false;
    /// How many of its first state fields are remembered at month end and seen again in [`View::past`].
    const REMEMBERED: usize = 0;
    /// What it reports: state fields that become lines `<name>.<field>`.
    const LINES: &'static [Line];

    /// The lines that it posts in any phase; what it writes to others is lost, and told by the plain engine.
    const POSTS: Columns;
    /// The events that it may record, as bits of [`event`](crate::books::event).
    const EVENTS: u64 = 0;
    /// The state fields that it changes in a phase; all by default. An instrument that remembers more than some seventy numbers
    /// names them ([`fields!`](crate::fields)), for the reason told at [`Columns`]. What it changes besides is lost, which the
    /// tests of the engines find.
    #[inline(always)]
    fn changes(_phase: u8) -> Columns {
        Columns::ALL
    }
    /// The lines that it posts in a phase; all of [`Instrument::POSTS`] by default.
    #[inline(always)]
    fn posts(_phase: u8) -> Columns {
        Self::POSTS
    }
    /// Whether returns of its providers are reported.
    const RETURNS: bool = false;
    /// Whether it sees what the lab has bought from the supplier that it names ([`Instrument::supplier`]).
    const SUPPLIER: bool = false;

    /// The name that the scenario gives, of instruments; contracts and own hardware are named by their key.
    fn name(_spec: &Self::Spec) -> Option<&str> {
        None
    }
    /// The supplier of compute that it is a contract with, for concentration.
    fn supplies(_spec: &Self::Spec) -> Option<&str> {
        None
    }
    /// Which of its phases these terms need: the block engine skips the sweeps of the others, in which the instrument must
    /// then do nothing. The plain engine runs them all, so the tests find what was skipped wrongly.
    fn phases(_spec: &Self::Spec) -> u8 {
        Self::PHASES
    }
    /// What it reports under these terms, of [`Instrument::LINES`].
    fn lines(_spec: &Self::Spec) -> &'static [Line] {
        Self::LINES
    }
    /// Months after which remembered fields are seen again.
    fn lags(_spec: &Self::Spec) -> [usize; LAGS] {
        [0; LAGS]
    }
    /// Names of the provider accounts and the account that each stands for, below [`ACCOUNTS`].
    fn accounts(_spec: &Self::Spec) -> Vec<(String, usize)> {
        vec![("provider".into(), 0)]
    }
    /// The supplier of compute whose sales to the lab it sees.
    fn supplier(_spec: &Self::Spec) -> Option<&str> {
        None
    }
    /// Pure: called once when no term is uncertain, otherwise for each path when its block opens. May loop.
    fn terms(spec: &Self::Spec, inputs: &Inputs<'_>) -> Self;
    /// State before the first month.
    fn opening(&self) -> Self::State {
        Self::State::default()
    }

    /// Before the lab operates.
    #[inline(always)]
    fn open(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// What falls due from the lab and what closes this month.
    #[inline(always)]
    fn settle(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// Money drawn at the lab's will towards the gap.
    #[inline(always)]
    fn fund(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// After payment.
    #[inline(always)]
    fn close(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// On closing balances, without cash.
    #[inline(always)]
    fn review(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}

    /// What it would claim from the lab's estate if the lab failed now, on closing balances. Cold: may loop.
    fn claim(&self, _see: &View, _own: &Self::State, _rules: &Rules) -> Claim {
        Claim::default()
    }
    /// Learns how the failure of the lab, or of its own vehicle, was resolved. Cold: may loop.
    fn resolve(&self, _see: &View, _own: &mut Self::State, _award: &Award, _books: &mut Books) {}
    /// What the position of each provider account is worth at the horizon, for returns.
    #[inline(always)]
    fn worth(&self, _see: &View, _own: &Self::State) -> [Usd; ACCOUNTS] {
        [Usd::ZERO; ACCOUNTS]
    }

    /// Roll-forward of balances: zero on every path in every month.
    fn audit(&self, _was: &Self::State, _now: &Self::State) -> Usd {
        Usd::ZERO
    }
    /// Cash the vehicle holds.
    fn vehicle_cash(_own: &Self::State) -> Usd {
        Usd::ZERO
    }
}

/// What an instrument's first provider account is worth, when it has one.
#[inline(always)]
pub fn first(worth: Usd) -> [Usd; ACCOUNTS] {
    let mut out = [Usd::ZERO; ACCOUNTS];
    out[0] = worth;
    out
}

/// Unit of an output column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// US dollars: a stock, or a month's flow.
    Usd,
    /// US dollars a year.
    UsdPerYear,
    /// US dollars a gigawatt and month.
    UsdPerGwMonth,
    /// A share of one.
    Share,
    /// A ratio.
    Ratio,
    /// Gigawatts.
    Gigawatt,
    /// Months.
    Months,
    /// A count.
    Count,
    /// Shares of the lab's stock.
    Stock,
    /// An annual rate.
    AnnualRate,
}

impl Unit {
    /// As written in the CSVs.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Usd => "USD",
            Unit::UsdPerYear => "USD/yr",
            Unit::UsdPerGwMonth => "USD/GW-mo",
            Unit::Share => "share",
            Unit::Ratio => "x",
            Unit::Gigawatt => "GW",
            Unit::Months => "months",
            Unit::Count => "count",
            Unit::Stock => "shares",
            Unit::AnnualRate => "1/yr",
        }
    }
}

/// A state field that is reported.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of a line, and any of them may be so")]
pub struct Line {
    /// Name of the state field, and of the line.
    pub field: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Whether the field is an array with one value for each provider account.
    pub by_account: bool,
    /// Whether its value at the horizon belongs into `summary` and `outcomes`.
    pub at_end: bool,
    /// A state field: where it is not above zero the line is undefined.
    pub defined: Option<&'static str>,
    /// Whether its value is a flow of the month, which adds up over a year; others are balances, rates and sums so far.
    pub flow: bool,
    /// Whether it is recorded only when it is named or a line of `checks:` looks at it.
    pub seldom: bool,
}

impl Line {
    /// Its value at the horizon belongs into `summary` and `outcomes`, such as that of a cumulative amount.
    #[must_use]
    pub const fn at_end(mut self) -> Line {
        self.at_end = true;
        self
    }
    /// It is seldom read: recorded only when it is named or a line of `checks:` looks at it.
    #[must_use]
    pub const fn seldom(mut self) -> Line {
        self.seldom = true;
        self
    }
    /// Undefined where the state field `field` is not above zero.
    #[must_use]
    pub const fn where_positive(mut self, field: &'static str) -> Line {
        self.defined = Some(field);
        self
    }
}

/// A line with one value, by month.
pub const fn line(field: &'static str, unit: Unit) -> Line {
    Line { field, unit, by_account: false, at_end: false, defined: None, flow: false, seldom: false }
}
/// A line that is a flow of the month.
pub const fn flow(field: &'static str, unit: Unit) -> Line {
    Line { flow: true, ..line(field, unit) }
}
/// A line whose value at the horizon counts, such as a cumulative amount.
pub const fn total(field: &'static str, unit: Unit) -> Line {
    line(field, unit).at_end()
}
/// A line for each provider account.
pub const fn by_account(field: &'static str, unit: Unit) -> Line {
    Line { by_account: true, ..line(field, unit) }
}

/// The lines of a kind of instrument, each with the doc of its field.
pub fn described<R: Instrument>() -> Vec<(Line, &'static str)> {
    let fields = <R::State as Row>::NAMES.iter().zip(<R::State as Row>::DOCS);
    let doc = |name: &str| fields.clone().find(|((field, _), _)| *field == name).map_or("", |(_, doc)| *doc);
    R::LINES.iter().map(|line| (*line, doc(line.field))).collect()
}
