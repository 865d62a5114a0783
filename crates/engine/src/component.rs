//! A component: a driver of the world or a piece of the lab itself. Components are few, and their set and order are
//! fixed, so they are plain functions on a [`Lane`], run over a block by the same kind of loop as instruments.

use crate::books::Lines;
use crate::columns::{Columns, Field, Row};
use crate::draws::Inputs;
use crate::instrument::{HISTORY, LAGS, Lab, Market, YEARS};
use crate::row;
use crate::units::Usd;

row! {
    /// The lab's operations in a month, as passed between its components.
    pub struct Ops {
        /// Log growth common to all segments, excluding winter: releases, churn, price, competitors, level noise.
        pub common: f64,
        /// Effect of winter on log growth.
        pub pull: f64,
        /// Shock of the growth state, in standard deviations.
        pub shock: f64,
        /// Demand of all segments including what joint ventures add, USD of the month.
        pub demand: Usd,
        /// Demand of the segments alone.
        pub organic: Usd,
        /// Power needed for inference, GW, or its cost in USD if the lab has no capacity.
        pub inference_need: f64,
        /// Power needed for research and training, GW, or its cost in USD.
        pub research_need: f64,
        /// The part of it for final training runs, where they have their own rank.
        pub final_need: f64,
        /// Research before cuts, where cuts slow releases or uses are ranked, USD.
        pub research_plan: Usd,
        /// Final training runs as planned, overruns included, where releases wait for them, USD.
        pub final_plan: Usd,
        /// Final training runs for which there was power, where uses are ranked, USD.
        pub final_served: Usd,
        /// Mean price of the power in place, USD per GW-month; 1 when the lab has no capacity.
        pub power_price: f64,
        /// Served share of inference.
        pub served: f64,
        /// Served share of inference last month.
        pub served_before: f64,
        /// Served share of the demand of customers under contract, where they are served before others.
        pub served_contracted: f64,
        /// Served share of the demand of the other customers in that case.
        pub served_others: f64,
        /// Demand of customers under contract, while the month's demand is added up.
        pub contracted: Usd,
        /// Cost attributed to inference, USD.
        pub inference_spend: Usd,
        /// Cost attributed to research and training, USD.
        pub training_spend: Usd,
        /// Total power needed, GW.
        pub need_gw: f64,
        /// Of that, research that goes short before any customer does, GW.
        pub buffer_gw: f64,
        /// Power that the market has for the month, GW; the largest number where it has any amount.
        pub available_gw: f64,
        /// Power used, GW.
        pub used_gw: f64,
        /// Power in place, GW.
        pub place_gw: f64,
        /// The effective part of the power used, where some is unavailable or cannot be used, GW.
        pub serving_gw: f64,
        /// Power in place that is not available, GW.
        pub unavailable_gw: f64,
        /// Power bought for the month, GW.
        pub spot_gw: f64,
        /// Take-or-pay of the power ordered this month, USD a month.
        pub ordered: Usd,
        /// Cost of compute, accrued: contracts, orders, spot, leases, running cost of own hardware.
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
        /// A settlement or other one-off cost included in it.
        pub lump: Usd,
        /// Partner share.
        pub partner: Usd,
        /// Stock-based compensation, non-cash.
        pub sbc: Usd,
        /// Tax of the month.
        pub tax: Usd,
        /// Cash spend before interest and tax, less receipts.
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
        /// 1 if cash does not cover everything that is due this month.
        pub unpaid: f64,
        /// Growth of the market's ceiling by what the lab won from rivals last month.
        pub ceiling_won: f64,
        /// Lead in capability: bounded log ratio of own to rivals' research, relative to that before the first month.
        pub capability: f64,
        /// Effect of capability on log demand since the first month.
        pub capability_effect: f64,
        /// Own research stock, 1 before the first month.
        pub research_stock: f64,
        /// Rivals' research stock, 1 before the first month.
        pub rivals_stock: f64,
        /// Share of the month's research that power was there for.
        pub research_served: f64,
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
        /// The part of them that was not paid and is still owed.
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
        /// Amounts due and not paid: of this month, then of last month.
        pub unpaid: [Usd; 2],
        /// The operating payments among them.
        pub unpaid_operating: [Usd; 2],
        /// The prepayments to suppliers among this month's, which fall due again.
        pub unpaid_ahead: Usd,
        /// Maximum so far by which opening cash and all flows due, without new equity and debt, have fallen below zero.
        pub short_without_new_money: Usd,
        /// First month in which they are below zero; 0 if there is none.
        pub first_short: f64,
        /// Stocks at last month's close: own debt, off-balance obligations, firm commitments, guarantees at today's
        /// values.
        pub stocks: [Usd; STOCKS],
        /// Run-rate of last month.
        pub last_run_rate: Usd,
        /// Highest debt up to last month's close.
        pub peak_debt: Usd,
        /// Month of that peak; 0 if there was none.
        pub peak_debt_month: f64,
        /// Highest look-through leverage up to last month's close.
        pub peak_leverage: f64,
        /// Month of that peak; 0 if there was none.
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
        /// Amount available to unsecured creditors and shareholders when the lab ended.
        pub estate: Usd,
        /// The part of it distributed to shareholders.
        pub to_shares: Usd,
        /// The part of it distributed to common shareholders.
        pub to_common: Usd,
        /// The lab's own debts when it failed, in the order of `own_due`; compute includes payables to suppliers and
        /// damages on orders.
        pub claim: [Usd; OWN],
        /// Loss on each of those debts.
        pub loss: [Usd; OWN],
        /// Damages on orders if they were rejected now.
        pub order_damages: Usd,
        /// Share of orders given up in this month's restructuring.
        pub order_cut: f64,
        /// Invoiced since the first month by unnamed suppliers: orders, and power bought for the month.
        pub unnamed_billed: Usd,
        /// Consecutive months with arrears.
        pub short_months: f64,
        /// Net burn of the last two months.
        pub burns: [Usd; 2],
        /// Gross cost of the last two months.
        pub costs: [Usd; 2],
        /// Revenue of the last three months.
        pub revenues: [Usd; 3],
        /// First month of the current unbroken run of months in which trailing operating cash flow is not negative.
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
        /// What instruments would owe in the middle of each year ahead if nothing changed, USD of the month; stated in the
        /// months in which it is asked for.
        pub firm_by_year: [Usd; YEARS],
        /// Current cost of guarantees in support of rent that is included there.
        pub firm_guarantees: Usd,
        /// What instruments and orders ahead would owe in the middle of the first of these years.
        pub firm_soon: Usd,
        /// Expected cost of firm obligations beyond their use.
        pub burden: Usd,
    }

    /// One path at one point in time: the plain engine holds one, the block engine holds its columns (the board).
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
        /// Amount passed down the list of instruments.
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

/// Runway if there is no burn, in months: beyond any horizon.
pub const NO_BURN: f64 = 1.0e6;

/// Imbalance of the lab's balance sheet, assets less liabilities and equity, which is zero while the lab is alive; and
/// its assets. Both in USD.
pub fn imbalance(lane: &Lane) -> (Usd, Usd) {
    let a = &lane.accounts;
    let lines = &lane.lines;
    let assets = lane.lab.cash + a.receivables + lines.ppe + lines.investment + lines.prepaid;
    let owed = a.owed.iter().fold(Usd::ZERO, |sum, &x| sum + x);
    let claims = a.payables + owed + lines.arrears + lines.debt + lines.deferred + a.paid_in + a.retained;
    (assets - claims, assets)
}

/// Number of the lab's own payments that can be in arrears: payroll, other, partner share, tax, compute.
pub const OWN: usize = 5;

/// Number of stocks that make up look-through leverage.
pub const STOCKS: usize = 4;

/// The columns of the board that hold these fields of a [`Lane`], such as `lab.cash` or all of `market`: a component
/// uses it to declare what it writes.
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

/// Number of columns that a field of a lane takes; all its numbers are eight bytes.
pub const fn columns_of<T>(_: fn(&Lane) -> &T) -> usize {
    size_of::<T>() / 8
}

const _: () = assert!(size_of::<Lane>() == 8 * Lane::WIDTH, "a lane's columns lie as its fields do");

/// The inputs of a component besides its lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    /// Month, 1 for the first.
    pub t: f64,
    /// Month in which an order placed now would be delivered.
    pub ahead: f64,
    /// Standard normals of the component's shocks, correlated as the scenario specifies.
    pub normal: [f64; 2],
    /// Uniforms of the component's streams.
    pub uniform: [f64; 2],
    /// The component's remembered fields, `lags` months ago; zero before the start.
    pub past: [[f64; HISTORY]; LAGS],
}

/// When a component runs in a month.
pub mod stage {
    /// The drivers move the world.
    pub const DRIVE: u8 = 0;
    /// Capacity is added, before the instruments' `open`.
    pub const OPEN: u8 = 1;
    /// The lab operates.
    pub const OPERATE: u8 = 2;
    /// The lab's own bills, after the instruments' `settle`.
    pub const BILL: u8 = 3;
    /// Payment, where cash covers everything that is due.
    pub const PAY: u8 = 4;
    /// Payment by rank, only in the lanes in which [`PAY`] found cash to be insufficient ([`Ops::unpaid`](super::Ops)).
    pub const SHORT: u8 = 5;
    /// After the instruments' `close`: burn, runway, default.
    pub const MARK: u8 = 6;
    /// After the instruments' `review`, once the stocks of the month are known; moves no cash.
    pub const VALUE: u8 = 7;
    /// Then, in months 1, 4, 7 and so on and in the last: what is too expensive to compute every month.
    pub const QUARTER: u8 = 8;
    /// Finally: prices that follow from it.
    pub const PRICE: u8 = 9;
    /// Number of stages.
    pub const COUNT: usize = 10;
}

/// A driver or a piece of the lab. The value itself is the terms on one path.
pub trait Component: Row + Send + Sync {
    /// Spec from which its terms are built.
    type Spec: Clone + std::fmt::Debug + Send + Sync;
    /// State that it keeps on a path.
    type State: Row;
    /// Stages in which it runs, as bits `1 << stage`.
    const STAGES: u16;
    /// The columns of the board that it writes in [`Component::opening`].
    #[inline(always)]
    fn opens() -> Columns {
        Columns::NONE
    }
    /// The columns of the board that it writes in a stage; changes to others are lost, which the tests detect.
    fn writes(stage: u8) -> Columns;
    /// The lines of the books that it sets rather than adds to, so that they need not be cleared at the start of a
    /// month: no other component and no instrument may post to them before it.
    const SETS: Columns = Columns::NONE;
    /// Number of its first state fields that are remembered at month end.
    const REMEMBERED: usize = 0;

    /// Names of its correlated normal shocks; at most two.
    fn normals(_spec: &Self::Spec) -> Vec<String> {
        Vec::new()
    }
    /// Names of its uniform streams; at most two.
    fn uniforms(_spec: &Self::Spec) -> Vec<String> {
        Vec::new()
    }
    /// Lags in months at which remembered fields are read.
    fn lags(_spec: &Self::Spec) -> [usize; LAGS] {
        [0; LAGS]
    }
    /// Builds the terms on one path. Pure, as [`crate::instrument::Instrument::terms`].
    fn terms(spec: &Self::Spec, inputs: &Inputs<'_>) -> Self;
    /// Writes the opening values of the component to the lane and returns its own state.
    fn opening(&self, lane: &mut Lane) -> Self::State;
    /// Runs one stage of one month of one path. `S` is one of [`stage`]. In [`SHORT`](stage::SHORT) it must not change
    /// its own state and must not use `now`.
    fn step<const S: u8>(&self, now: &Now, own: &mut Self::State, lane: &mut Lane);
}
