//! A component: a driver of the world or a piece of the lab itself. Components are few, fixed and ordered, so they are plain
//! functions on a [`Lane`], lifted by the same loop as instruments.

use crate::books::Lines;
use crate::columns::{Columns, Field, Row};
use crate::draws::Inputs;
use crate::instrument::{HISTORY, LAGS, Lab, Market};
use crate::row;
use crate::units::Usd;

row! {
    /// The lab's operations of a month, between its components.
    pub struct Ops {
        /// Log growth common to all segments: winter apart, releases, churn, price, competitors, level noise.
        pub common: f64,
        /// Winter's pull on log growth.
        pub pull: f64,
        /// Shock of the growth state, in standard deviations.
        pub shock: f64,
        /// Demand of all segments with what joint ventures add, USD of the month.
        pub demand: Usd,
        /// Demand of the segments alone.
        pub organic: Usd,
        /// Power of inference, GW, or its cost in USD when the lab has no capacity.
        pub inference_need: f64,
        /// Power of research and training, GW, or its cost in USD.
        pub research_need: f64,
        /// Of that, final training runs, where they have a rank of their own.
        pub final_need: f64,
        /// Research before cuts, where they slow releases or uses are ranked, USD.
        pub research_plan: Usd,
        /// Mean price of the power in place, USD per GW-month; 1 when the lab has no capacity.
        pub power_price: f64,
        /// Served share of inference.
        pub served: f64,
        /// Served share of inference last month.
        pub served_before: f64,
        /// Served share of the demand of customers under contract, where they are served before others.
        pub served_contracted: f64,
        /// Served share of the demand of the others then.
        pub served_others: f64,
        /// Demand of customers under contract, while the month's demand is summed up.
        pub contracted: Usd,
        /// Inference attributed, USD.
        pub inference_spend: Usd,
        /// Research and training attributed, USD.
        pub training_spend: Usd,
        /// Power needed in all, GW.
        pub need_gw: f64,
        /// Of that, research that goes short before any customer does, GW.
        pub buffer_gw: f64,
        /// Power that the market has for the month, GW; the largest number where it has any amount.
        pub available_gw: f64,
        /// Power used, GW.
        pub used_gw: f64,
        /// Power in place, GW.
        pub place_gw: f64,
        /// Of the power used, what really serves where some is not available or cannot be used, GW.
        pub serving_gw: f64,
        /// Power in place that is not available, GW.
        pub unavailable_gw: f64,
        /// Power bought for the month, GW.
        pub spot_gw: f64,
        /// Compute paid for, accrued: contracts, orders, spot, leases, own running cost.
        pub compute_spend: Usd,
        /// Take-or-pay for idle power.
        pub idle_cost: Usd,
        /// What orders in place cost this month beyond the market's prices without scarcity in the months of ordering.
        pub dear_orders: Usd,
        /// What power cost this month beyond its price without scarcity: those orders, and power bought for the month.
        pub scarcity_cost: Usd,
        /// Demand not served.
        pub unserved: Usd,
        /// Research and training for which there was no power, USD.
        pub unserved_research: Usd,
        /// Staff cost in cash.
        pub staff: Usd,
        /// Other cost.
        pub other: Usd,
        /// A settlement or another lump in it.
        pub lump: Usd,
        /// Partner share.
        pub partner: Usd,
        /// Stock compensation, without cash.
        pub sbc: Usd,
        /// Tax of the month.
        pub tax: Usd,
        /// Cash spend before interest and tax less receipts.
        pub gap: Usd,
        /// Cash spend before interest, tax and financing.
        pub spend: Usd,
        /// Net cash flow before new equity and debt and before optional prepayment.
        pub net_flow: Usd,
        /// Operating cash flow.
        pub operating: Usd,
        /// Months in which log growth was clamped.
        pub clamps: f64,
        /// Segments whose ceiling was raised to just above opening demand.
        pub floored: f64,
        /// 1 when there is no cash for all that is due this month.
        pub unpaid: f64,
    }

    /// The lab's accounts.
    pub struct Accounts {
        /// Cash before the first month.
        pub opening_cash: Usd,
        /// Owed by customers.
        pub receivables: Usd,
        /// Owed to compute suppliers in the ordinary course.
        pub payables: Usd,
        /// The lab's own payments due this month: payroll, other, partner share, tax, compute.
        pub own_due: [Usd; OWN],
        /// Of those, what was not paid and is still owed.
        pub owed: [Usd; OWN],
        /// Paid-in capital.
        pub paid_in: Usd,
        /// Retained earnings.
        pub retained: Usd,
        /// Income of the month after tax.
        pub net_income: Usd,
        /// Losses carried forward for tax.
        pub nol: Usd,
        /// Income of the tax year so far, before tax.
        pub year_income: Usd,
        /// Tax of the year paid so far.
        pub year_tax: Usd,
        /// Revenue share paid so far.
        pub share_paid: Usd,
        /// Running sum of the gap.
        pub cumulative_gap: Usd,
        /// Its maximum so far, at least 0.
        pub peak_gap: Usd,
        /// Due this month and not paid; the same of last month.
        pub unpaid: [Usd; 2],
        /// Of those, operating payments.
        pub unpaid_operating: [Usd; 2],
        /// Of this month's, prepayments to suppliers, which are due again.
        pub unpaid_ahead: Usd,
        /// How far opening cash and all flows that were due, without new equity and debt, have fallen below zero so far.
        pub short_without_new_money: Usd,
        /// First month in which they are below zero; 0 when it does not come.
        pub first_short: f64,
        /// Stocks at last month's close: own debt, off-balance obligations, firm commitments, guarantees at today's values.
        pub stocks: [Usd; STOCKS],
        /// Run-rate of last month.
        pub last_run_rate: Usd,
        /// Highest debt up to last month's close.
        pub peak_debt: Usd,
        /// Its month; 0 while there was none.
        pub peak_debt_month: f64,
        /// Highest look-through leverage up to last month's close.
        pub peak_leverage: f64,
        /// Its month; 0 while there was none.
        pub peak_leverage_month: f64,
        /// Running sum of net flow before new financing.
        pub cumulative_flow: Usd,
        /// Lowest closing cash so far.
        pub minimum_cash: Usd,
        /// Month of the first arrears or negative cash; 0 when there was none.
        pub cash_out: f64,
        /// Month of the first default; 0 when there was none.
        pub default: f64,
        /// Month in which the lab ended; 0 while it lives.
        pub ended: f64,
        /// How the last default was resolved: an [`Outcome`](crate::resolution::Outcome).
        pub outcome: f64,
        /// What creditors without collateral and the holders of shares had to share when the lab ended.
        pub estate: Usd,
        /// Of that, to the holders of shares.
        pub to_shares: Usd,
        /// Of that, to the holders of common shares.
        pub to_common: Usd,
        /// The lab's own debts when it failed, as `own_due`; compute with what suppliers were owed and damages on orders.
        pub claim: [Usd; OWN],
        /// What of them was lost.
        pub loss: [Usd; OWN],
        /// Damages on orders if they were rejected now.
        pub order_damages: Usd,
        /// Share of orders given up in this month's restructuring.
        pub order_cut: f64,
        /// Invoiced since the first month by suppliers who have no name: orders, and power bought for the month.
        pub unnamed_billed: Usd,
        /// Months in a row with arrears.
        pub short_months: f64,
        /// Net burn of the last two months.
        pub burns: [Usd; 2],
        /// Gross cost of the last two months.
        pub costs: [Usd; 2],
        /// Revenue of the last three months.
        pub revenues: [Usd; 3],
        /// First month of the run of months, unbroken to now, in which trailing operating cash flow is not negative.
        pub even_since: f64,
        /// Operating cash flow of the last two months.
        pub operating: [Usd; 2],
        /// Shares issued to new investors.
        pub new_shares: f64,
        /// Shares issued to employees.
        pub employee_shares: f64,
        /// Cumulative cash raised as equity.
        pub equity_raised: Usd,
        /// Cumulative cash raised as debt.
        pub debt_raised: Usd,
    }

    /// One path at one moment: the plain engine holds one, the block engine holds its columns (the board).
    pub struct Lane {
        /// The world.
        pub market: Market,
        /// The lab as instruments see it.
        pub lab: Lab,
        /// Its operations.
        pub ops: Ops,
        /// Its accounts.
        pub accounts: Accounts,
        /// The month's books.
        pub lines: Lines,
        /// What runs down the list of instruments.
        pub left: Usd,
        /// Power still to be served.
        pub power: f64,
        /// Cash that instruments have moved since payment by rank.
        pub moved: Usd,
        /// Events of the month so far.
        pub events: u64,
    }
}

/// Fully diluted shares before the first month; private-company counts are arbitrary up to a scale.
pub const OPENING_SHARES: f64 = 1.0e9;

/// Runway when nothing is burnt, in months: beyond any horizon.
pub const NO_BURN: f64 = 1.0e6;

/// The lab's balance sheet: assets less liabilities and equity. Zero while the lab lives.
pub fn imbalance(lane: &Lane) -> (Usd, Usd) {
    let a = &lane.accounts;
    let lines = &lane.lines;
    let assets = lane.lab.cash + a.receivables + lines.ppe + lines.investment + lines.prepaid;
    let owed = a.owed.iter().fold(Usd::ZERO, |sum, &x| sum + x);
    let claims = a.payables + owed + lines.arrears + lines.debt + lines.deferred + a.paid_in + a.retained;
    (assets - claims, assets)
}

/// The lab's own payments that can stay owed: payroll, other, partner share, tax, compute.
pub const OWN: usize = 5;

/// Stocks that make up look-through leverage.
pub const STOCKS: usize = 4;

/// The columns of the board that hold these fields of a [`Lane`], such as `lab.cash` or all of `market`: what a component
/// says that it writes.
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! written {
    ($($($field:ident).+),* $(,)?) => {
        const {
            $crate::columns::Columns::NONE$(.with(
                std::mem::offset_of!($crate::component::Lane, $($field).+) / 8,
                $crate::component::columns_of(|lane| &lane.$($field).+),
            ))*
        }
    };
}

/// The first column of the board that holds this field of a [`Lane`], such as `lab.cash`.
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! column {
    ($($field:ident).+) => { const { std::mem::offset_of!($crate::component::Lane, $($field).+) / 8 } };
}

/// Columns that a field of a lane takes; all its numbers are eight bytes.
pub const fn columns_of<T>(_: fn(&Lane) -> &T) -> usize {
    size_of::<T>() / 8
}

const _: () = assert!(size_of::<Lane>() == 8 * Lane::WIDTH, "a lane's columns lie as its fields do");

/// What a component sees besides its lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    /// Month, 1 for the first.
    pub t: f64,
    /// Month in which an order placed now would stand.
    pub ahead: f64,
    /// Standard normals of the component's shocks, correlated as the scenario says.
    pub normal: [f64; 2],
    /// Uniforms of the component's streams.
    pub uniform: [f64; 2],
    /// The component's remembered fields, `lags` months ago; zero before the start.
    pub past: [[f64; HISTORY]; LAGS],
}

/// When a component runs in a month.
pub mod stage {
    /// The world moves.
    pub const DRIVE: u8 = 0;
    /// Capacity comes, before the instruments' `open`.
    pub const OPEN: u8 = 1;
    /// The lab operates.
    pub const OPERATE: u8 = 2;
    /// The lab's own bills, after the instruments' `settle`.
    pub const BILL: u8 = 3;
    /// Payment, where there is cash for all that is due.
    pub const PAY: u8 = 4;
    /// Payment by rank, in the lanes that [`PAY`] found to be without it ([`Ops::unpaid`](super::Ops)); no others.
    pub const SHORT: u8 = 5;
    /// After the instruments' `close`: burn, runway, default.
    pub const MARK: u8 = 6;
    /// Stages in all.
    pub const COUNT: usize = 7;
}

/// A driver or a piece of the lab. The value itself is the terms on one path.
pub trait Component: Row + Send + Sync {
    /// What its terms are made from.
    type Spec: Clone + std::fmt::Debug + Send + Sync;
    /// What it remembers on a path.
    type State: Row;
    /// Stages in which it runs, as bits `1 << stage`.
    const STAGES: u8;
    /// The columns of the board that it writes in [`Component::opening`].
    #[inline(always)]
    fn opens() -> Columns {
        Columns::NONE
    }
    /// The columns of the board that it writes in a stage; what it does to others is lost (and the tests find it).
    fn writes(stage: u8) -> Columns;
    /// The lines of the books that it sets rather than adds to, so that a month need not begin with them empty: no other
    /// component and no instrument may post them before.
    const SETS: Columns = Columns::NONE;
    /// How many of its first state fields are remembered at month end.
    const REMEMBERED: usize = 0;

    /// Names of its correlated normal shocks; at most two.
    fn normals(_spec: &Self::Spec) -> Vec<String> {
        Vec::new()
    }
    /// Names of its uniform streams; at most two.
    fn uniforms(_spec: &Self::Spec) -> Vec<String> {
        Vec::new()
    }
    /// Months after which remembered fields are seen again.
    fn lags(_spec: &Self::Spec) -> [usize; LAGS] {
        [0; LAGS]
    }
    /// Pure, as [`crate::instrument::Instrument::terms`].
    fn terms(spec: &Self::Spec, inputs: &Inputs<'_>) -> Self;
    /// Puts the opening values of the component into the lane and returns its own state.
    fn opening(&self, lane: &mut Lane) -> Self::State;
    /// One stage of one month of one path. `S` is one of [`stage`]. In [`SHORT`](stage::SHORT) it changes nothing of its own
    /// and asks nothing of `now`.
    fn step<const S: u8>(&self, now: &Now, own: &mut Self::State, lane: &mut Lane);
}
