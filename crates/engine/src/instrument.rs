//! An instrument of one lab, written as pure functions on scalars and run for a block of 256 paths.

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
        /// Firm obligations of a month half a year ahead beyond what operations bring, mean of three months; stated
        /// where a round is launched by it.
        pub uncovered: Usd,
        /// Share of demand that was served.
        pub served: f64,
        /// Monthly log growth of revenue, mean of three months.
        pub growth: f64,
        /// Net burn before new financing, mean of three months; negative if the lab generates cash.
        pub burn: Usd,
        /// Costs and debt service before revenue, mean of three months.
        pub gross_cost: Usd,
        /// Months of cash at the current burn; a very large number if there is no burn.
        pub runway: f64,
        /// Fully diluted shares, pool included.
        pub shares: f64,
        /// Unallocated shares of the employee pool.
        pub pool: f64,
        /// 1 while the lab is alive, 0 after default.
        pub alive: f64,
        /// 1 in distress, by the flag set at last month's close.
        pub distress: f64,
        /// Consecutive months in distress, up to last month's close.
        pub distress_months: f64,
        /// 1 once its shares are listed.
        pub listed: f64,
        /// Instruments that have defaulted, one bit each.
        pub defaulted: u64,
        /// Value of the shares into which discounted notes outstanding would convert, at the undiscounted price of a
        /// round.
        pub notes: Usd,
        /// Shares of capped notes outstanding.
        pub note_shares: f64,
        /// Share of the amounts due that was paid this month, by rank.
        pub paid: [f64; RANKS],
    }

    /// The world this month, as set by the drivers.
    pub struct Market {
        /// 1 in winter.
        pub winter: f64,
        /// 1 in the month in which winter begins.
        pub entered: f64,
        /// SOFR, annual.
        pub sofr: f64,
        /// Change in credit spreads since the start, annual.
        pub spread: f64,
        /// Value of equity over run-rate: the price of a round, pre-money.
        pub multiple: f64,
        /// Enterprise value over run-rate, where equity is priced less what the lab owes.
        pub enterprise_multiple: f64,
        /// 1 when a round can close this month.
        pub window: f64,
        /// 1 if the supply of equity is limited.
        pub equity_limited: f64,
        /// New equity that investors can still supply at the start of the month.
        pub equity_left: Usd,
        /// Flow of new equity at the start of the month relative to that of the opening: supply and what has been
        /// raised in the trailing eleven months, over what supply was then and what had been raised.
        pub equity_flow: f64,
        /// What a dollar more adds to it.
        pub equity_flow_per_usd: f64,
        /// Elasticity of the price of a round to that flow, negative.
        pub equity_elasticity: f64,
        /// Factor on the price of a round for the flow of new equity, with the month's.
        pub price_factor: f64,
        /// 1 if the supply of credit is limited.
        pub credit_limited: f64,
        /// New credit that lenders can still supply at the start of the month.
        pub credit_left: Usd,
        /// What the flow of new credit adds to the spread of a draw over SOFR, as a share of it.
        pub credit_premium: f64,
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
        /// Log uplift of demand from this month's own release.
        pub release: f64,
        /// Months since the last own release.
        pub since_release: f64,
        /// Months until the next planned release.
        pub until_release: f64,
        /// Cost of the current final run over its plan.
        pub overrun: f64,
        /// Generations by which the lab is behind the frontier.
        pub behind: f64,
        /// Log loss of demand to competitors this month, net of recovery.
        pub loss: f64,
        /// 1 in the month of a competitor's move.
        pub moved: f64,
        /// Share of its full step that the next own release achieves, after cuts in research.
        pub pace: f64,
        /// Cost of the next release's final run for which there was no power or no money yet, USD; 0 where releases do not
        /// wait for it.
        pub run_owed: f64,
        /// What of it is to be made up next month, at the pace of the run, USD.
        pub run_due: f64,
        /// 1 while a release waits for its final run.
        pub waiting: f64,
    }
}

/// Everything that an instrument sees in a phase.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    /// Month, 1 for the first.
    pub t: f64,
    /// Month in which an order placed now would be delivered.
    pub ahead: f64,
    /// The lab.
    pub lab: Lab,
    /// The world.
    pub market: Market,
    /// Two uniforms from the instrument's own stream, if it uses uniforms.
    pub uniforms: [f64; 2],
    /// In `fund` the shortfall, in `close` the surplus, in `review` the proceeds in process; each is passed down the
    /// list of instruments.
    pub left: Usd,
    /// In `settle`: power still to be served, GW; passed down the list of instruments.
    pub power: f64,
    /// In `settle`, where take-or-pay power is used first: power still to be served beyond all power that is paid for
    /// in any case, GW.
    pub beyond: f64,
    /// Receivables from customers: at last month's close until the lab's bills are posted, then at this month's.
    pub receivables: Usd,
    /// In `settle`: own hardware delivered this month by instruments earlier in the list, USD.
    pub capex: Usd,
    /// In `settle`: shares issued this month by instruments earlier in the list, including those added to the pool; in
    /// `close` by all.
    pub issued: f64,
    /// The part of them that was added to the pool.
    pub topped: f64,
    /// Money raised in this month's priced rounds, and the shares issued for it: in `close` of all instruments, in
    /// `settle` of those earlier in the list.
    pub round: (Usd, f64),
    /// New debt drawn or promised this month by instruments earlier in the list, of the market's supply.
    pub credit: Usd,
    /// For the supplier that the instrument names: amount invoiced since the first month, and power in place, GW; at
    /// last month's close, in `review` at this month's.
    pub supplier: (Usd, f64),
    /// What has happened this month so far, as bits of [`event`](crate::books::event); all of it in `review`.
    pub events: u64,
    /// The lab's firm commitments to that supplier under its contracts, as of the same month.
    pub supplier_firm: Usd,
    /// The part of those contracts as announced that is not yet spent.
    pub supplier_headline: Usd,
    /// The instrument's remembered fields, `lags` months ago; zero before the start.
    pub past: [[f64; HISTORY]; LAGS],
}

impl View {
    /// No purchases.
    pub const NO_SALES: (Usd, f64) = (Usd::ZERO, 0.0);

    /// The view with the current values of the month's books.
    #[inline(always)]
    #[must_use]
    pub fn with(mut self, lines: &Lines) -> View {
        self.capex = lines.capex_accrued;
        self.beyond = lines.beyond_gw;
        self.issued = lines.issued + lines.pool_added;
        self.topped = lines.pool_added;
        self.round = (lines.round_money, lines.round_shares);
        self.credit = lines.credit_drawn;
        self
    }
}

/// Maximum number of state fields that are remembered.
pub const HISTORY: usize = 3;
/// Maximum number of lags at which remembered fields can be read.
pub const LAGS: usize = 3;

/// Years ahead for which firm obligations are stated, each by the month in its middle.
pub const YEARS: usize = 10;

/// The month, counted from month `t`, for which obligations of year `year` ahead are stated.
#[inline(always)]
pub fn middle_of(year: usize) -> f64 {
    12.0 * year as f64 + 6.0
}

/// Adds capacity and demand.
pub const OPEN: u8 = 1;
/// Posts amounts due; closes transactions launched earlier.
pub const SETTLE: u8 = 2;
/// Draws funds to cover the gap.
pub const FUND: u8 = 4;
/// Records what was paid; runs the vehicle's waterfall; prepays.
pub const CLOSE: u8 = 8;
/// Tests covenants on closing balances, launches transactions, posts stocks; moves no cash.
pub const REVIEW: u8 = 16;

/// An instrument. The value itself is the terms on one path, so `self.rate` is right whether or not it is uncertain.
pub trait Instrument: Row + Send + Sync {
    /// Spec from which its terms are built.
    type Spec: Clone + std::fmt::Debug + Send + Sync;
    /// State that it keeps on a path.
    type State: Row;
    /// Which phases it implements; the sweeps of the others are skipped.
    const PHASES: u8;
    /// Whether it uses two uniforms a month from the stream of its own name.
    const UNIFORMS: bool = false;
    /// Number of its first state fields that are remembered at month end and read in [`View::past`].
    const REMEMBERED: usize = 0;
    /// What it reports: state fields that become lines `<name>.<field>`.
    const LINES: &'static [Line];

    /// The lines that it posts in any phase; entries on other lines are lost, and reported by the plain engine.
    const POSTS: Columns;
    /// The events that it may record, as bits of [`event`](crate::books::event).
    const EVENTS: u64 = 0;
    /// The state fields that it changes in a phase; all by default. An instrument with more than about seventy numbers
    /// of state names them ([`fields!`](crate::fields)), for the reason given at [`Columns`]. Changes to other fields
    /// are lost, which the tests of the engines detect.
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

    /// The name given in the scenario, for instruments; contracts and own hardware are named by their key.
    fn name(_spec: &Self::Spec) -> Option<&str> {
        None
    }
    /// The supplier of compute whose contract it is, for concentration.
    fn supplies(_spec: &Self::Spec) -> Option<&str> {
        None
    }
    /// The phases that these terms need: the block engine skips the sweeps of the others, in which the instrument must
    /// then do nothing. The plain engine runs all phases, so the tests detect a sweep that was wrongly skipped.
    fn phases(_spec: &Self::Spec) -> u8 {
        Self::PHASES
    }
    /// The lines of [`Instrument::LINES`] that it reports under these terms.
    fn lines(_spec: &Self::Spec) -> &'static [Line] {
        Self::LINES
    }
    /// Lags in months at which remembered fields are read.
    fn lags(_spec: &Self::Spec) -> [usize; LAGS] {
        [0; LAGS]
    }
    /// Names of the provider accounts, each with its account number, below [`ACCOUNTS`].
    fn accounts(_spec: &Self::Spec) -> Vec<(String, usize)> {
        vec![("provider".into(), 0)]
    }
    /// The supplier of compute whose sales to the lab it sees.
    fn supplier(_spec: &Self::Spec) -> Option<&str> {
        None
    }
    /// Builds the terms on one path. Pure: called once if no term is uncertain, otherwise for each path when its block
    /// begins. May loop.
    fn terms(spec: &Self::Spec, inputs: &Inputs<'_>) -> Self;
    /// State before the first month.
    fn opening(&self) -> Self::State {
        Self::State::default()
    }

    /// Before the lab operates.
    #[inline(always)]
    fn open(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// Amounts due from the lab, and transactions that close this month.
    #[inline(always)]
    fn settle(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// Money drawn at the lab's discretion to cover the gap.
    #[inline(always)]
    fn fund(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// After payment.
    #[inline(always)]
    fn close(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}
    /// On closing balances; moves no cash.
    #[inline(always)]
    fn review(&self, _see: &View, _own: &mut Self::State, _books: &mut Books) {}

    /// What it would claim from the lab's estate if the lab failed now, on closing balances. Cold: may loop.
    fn claim(&self, _see: &View, _own: &Self::State, _rules: &Rules) -> Claim {
        Claim::default()
    }
    /// Applies the resolution of a failure of the lab, or of its own vehicle. Cold: may loop.
    fn resolve(&self, _see: &View, _own: &mut Self::State, _award: &Award, _books: &mut Books) {}
    /// The mark of each provider account at the horizon, for returns.
    #[inline(always)]
    fn worth(&self, _see: &View, _own: &Self::State) -> [Usd; ACCOUNTS] {
        [Usd::ZERO; ACCOUNTS]
    }

    /// Whether the lab owes amounts in future months under firm terms.
    const FIRM: bool = false;
    /// What the lab would owe for the service of month `month` (after the current one) if nothing changed: take-or-pay and
    /// rent, up to the cheapest notice; USD. Read after `review`.
    #[inline(always)]
    fn firm_in(&self, _see: &View, _own: &Self::State, _month: f64) -> Usd {
        Usd::ZERO
    }
    /// Current cost of the lab's guarantees in support of the same rent, which must not be counted again.
    #[inline(always)]
    fn firm_guarantee(&self, _see: &View, _own: &Self::State) -> Usd {
        Usd::ZERO
    }

    /// Difference in the roll-forward of balances: zero on every path in every month.
    fn audit(&self, _was: &Self::State, _now: &Self::State) -> Usd {
        Usd::ZERO
    }
    /// Cash the vehicle holds.
    fn vehicle_cash(_own: &Self::State) -> Usd {
        Usd::ZERO
    }
}

/// Marks of provider accounts, of which the first is `worth` and all others are zero.
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
    /// Whether its value at the horizon is reported in `summary` and `outcomes`.
    pub at_end: bool,
    /// A state field: the line is undefined where that field is not above zero.
    pub defined: Option<&'static str>,
    /// Whether its value is a flow of the month, which adds up over a year; other lines are balances, rates and
    /// cumulative sums.
    pub flow: bool,
    /// Whether it is recorded only if it is named or a line of `checks:` refers to it.
    pub seldom: bool,
}

impl Line {
    /// Reports its value at the horizon in `summary` and `outcomes`, such as that of a cumulative amount.
    #[must_use]
    pub const fn at_end(mut self) -> Line {
        self.at_end = true;
        self
    }
    /// Marks it as seldom read: recorded only if it is named or a line of `checks:` refers to it.
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

/// A line with one value per month.
pub const fn line(field: &'static str, unit: Unit) -> Line {
    Line { field, unit, by_account: false, at_end: false, defined: None, flow: false, seldom: false }
}
/// A line that is a flow of the month.
pub const fn flow(field: &'static str, unit: Unit) -> Line {
    Line { flow: true, ..line(field, unit) }
}
/// A line whose value at the horizon is reported, such as a cumulative amount.
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
