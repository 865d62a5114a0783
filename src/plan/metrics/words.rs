//! What each metric says, in words: for `explain` and for the page of metrics. Lines of instruments are described where
//! they are declared, in the state of their room.

use crate::engine::room::Unit;
use Unit::{AnnualRate, Count, Gigawatt, Months, Ratio, Share, Usd, UsdPerYear};

/// A metric, or a family of metrics, in words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// The name, `revenue`; of a family with what differs in brackets, `stake.<holder>`.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// When it is recorded.
    pub when: When,
    /// What values it can have.
    pub span: Span,
    /// Whether it is a flow of the month in USD, to which money per time compares; other money is a balance or a sum so far.
    pub flow: bool,
    /// What it is.
    pub about: &'static str,
    /// How it comes about, in words; empty when that is all.
    pub formula: &'static str,
}

/// When a metric is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// By month.
    Monthly,
    /// Once a path, at the horizon.
    AtEnd,
    /// Both.
    Both,
    /// By month when it is named or a line of `checks:` looks at it: no chart, report or table of findings needs it.
    Asked,
    /// At the horizon always, by month when asked.
    AtEndOrAsked,
}
use When::{Asked, AtEnd, AtEndOrAsked, Both, Monthly};

impl When {
    /// As a phrase.
    pub fn words(self) -> &'static str {
        match self {
            Monthly => "by month",
            AtEnd => "once a path, at the horizon",
            Both => "by month, and once a path at the horizon",
            Asked => "by month, when asked",
            AtEndOrAsked => "once a path at the horizon; by month, when asked",
        }
    }
    /// Whether a run records it by month only when it is asked to.
    pub fn is_asked_by_month(self) -> bool {
        matches!(self, Asked | AtEndOrAsked)
    }
}

/// What values a metric can have, whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Any.
    Any,
    /// None below zero.
    Positive,
    /// From 0 to 1.
    Within,
}
use Span::{Any, Positive, Within};

macro_rules! words {
    (@flow) => { false };
    (@flow flow) => { true };
    ($($name:literal $unit:ident $when:ident $span:ident $($flow:ident)?: $about:literal, $formula:literal;)*) => {
        /// Every metric and family, in the order of the tables.
        pub const WORDS: &[Word] = &[$(Word {
            name: $name, unit: $unit, when: $when, span: $span, flow: words!(@flow $($flow)?), about: $about, formula: $formula,
        }),*];
    };
}

words! {
    "revenue" Usd Monthly Positive flow: "Revenue of the month: demand that was served. A lab that has ended counts as 0; `revenue.alive` leaves it out.", "sum over segments of demand × share served";
    "run_rate" UsdPerYear AtEndOrAsked Positive: "Revenue of the month, as a year. A lab that has ended counts as 0; `run_rate.alive` leaves it out.", "12 × revenue";
    "revenue.alive" Usd Asked Positive flow: "The same on the paths on which the lab has not ended, of which `n_defined` is the number.", "revenue, undefined once ended is 1";
    "run_rate.alive" UsdPerYear AtEndOrAsked Positive: "Run-rate on the paths on which the lab has not ended.", "run_rate, undefined once ended is 1";
    "compute_spend" Usd Monthly Positive flow: "Compute that was paid for in the month, accrued.", "invoices of contracts and orders + purchases of the month + rent with site + running cost of own hardware";
    "training_spend" Usd Asked Positive flow: "The part of power's cost that research and training used.", "power used for it × mean price of the power in place";
    "inference_spend" Usd Asked Positive flow: "The part of power's cost that serving customers used.", "power used for it × mean price of the power in place";
    "spend" Usd Monthly Positive flow: "What the lab spends in the month before interest, tax and financing.", "compute + staff + other cost + partners' share + commissions + capital expenditure, accrued; calls of ventures are not in it";
    "gap" Usd Monthly Any flow: "How much more is spent than customers pay; below zero when they pay more.", "spend + prepaid to suppliers − used of it − receipts from customers, growth of payables, resale and rebates";
    "cumulative_gap" Usd Both Any: "The gap so far.", "running sum of gap";
    "cash" Usd Both Any: "Closing cash; 0 once the lab has ended.", "opening cash + all cash in − all cash out";
    "net_flow" Usd Asked Any flow: "Change in cash before new equity and debt and before optional prepayment.", "change in cash − equity and debt received";
    "net_income" Usd Asked Any flow: "Income of the month after tax, by the accounts.", "revenue − costs accrued − depreciation − interest − tax + other income";
    "burn_months" Months Asked Positive: "Runway by the policy's rule: months that closing cash lasts at the present burn; 0 in arrears, since what is due burns whether it is paid or not. Undefined when nothing is burnt.", "cash / mean of three months of (what was due − what was received), without new equity and debt";
    "debt" Usd Both Positive: "The lab's own debt, with interest that was added to it. At the horizon what has matured is gone: see `peak_debt`.", "sum of principal over the lab's loans, lines and notes";
    "peak_debt" Usd AtEnd Positive: "The highest debt at any month's close.", "max over months of debt";
    "peak_debt_month" Months AtEnd Positive: "The month of it, the first when several are alike. Undefined on paths without debt.", "";
    "off_balance" Usd Both Positive: "What the lab owes to vehicles and lessors that stands in no balance sheet.", "present value of firm rent, or the lab's part of the vehicle's debt where that counts and is more";
    "vehicle_debt" Usd Asked Positive: "Debt of vehicles that lease to the lab.", "sum over vehicles, whoever owns them";
    "look_through_leverage" Ratio Both Positive: "All that the lab owes or is bound to, on and off its balance sheet, over its revenue a year; guarantees at what they would cost at today's values. Undefined at a run-rate of zero.", "(debt + off_balance + firm_commitments + guarantees at today's values) / run_rate";
    "look_through_leverage_most" Ratio AtEndOrAsked Positive: "The same with guarantees at the most that they can cost.", "(debt + off_balance + firm_commitments + guarantees) / run_rate";
    "peak_leverage" Ratio AtEnd Positive: "The highest look-through leverage at any month's close.", "max over months of look_through_leverage";
    "peak_leverage_month" Months AtEnd Positive: "The month of it, the first when several are alike. Undefined on paths without leverage.", "";
    "guarantees" Usd Monthly Positive: "The most that guarantees of the lab can cost.", "sum over instruments";
    "capacity_gw" Gigawatt Monthly Positive: "Power in place: own hardware, vehicles, contracts, orders delivered.", "effective power, GW";
    "used_gw" Gigawatt Monthly Positive: "Power in place that was used.", "power of inference + training, at most what is in place";
    "utilisation" Share Asked Within: "Power used over power in place. Undefined without any.", "used / capacity_gw";
    "unavailable_gw" Gigawatt Monthly Positive: "Power in place that does not work. Told where `availability` or `u_max` is below 100%.", "capacity_gw × (1 − availability)";
    "spot_gw" Gigawatt Asked Positive: "Power bought for the month.", "need − power in place, at most `spot_limit`";
    "idle_cost" Usd Monthly Positive flow: "Take-or-pay for power that was not used.", "sum over contracts and orders";
    "unserved_revenue" Usd Asked Positive flow: "Demand for which there was no power.", "demand × (1 − share served)";
    "lost_margin" Usd Asked Any flow: "What unserved demand would have brought after partners and power, on the terms of what was served.", "unserved_revenue × (1 − (partners' share + inference_spend) / revenue)";
    "served_contracted" Share Monthly Within: "Share of the demand of customers under contract that was served. Told where some segments are contracted.", "served / demand";
    "served_others" Share Monthly Within: "The same of all other customers.", "served / demand";
    "firm_commitments" Usd Both Positive: "What the lab cannot get out of: the present value of the cheapest way out of each commitment.", "sum over contracts and orders of min(pay to the end, give notice, pay damages)";
    "headline_commitments" Usd Monthly Positive: "Commitments as they were announced, as far as they are not yet spent; never less than what of them is firm. A contract that states no `headline` counts with what its whole life costs at full use, an order with its price over its term, a strategic tranche with what its minimum spend adds.", "sum over contracts, orders and minimum spends of max(announced − spent, firm)";
    "valuation" Usd AtEndOrAsked Positive: "Pre-money value of the lab at the market's multiple. A lab that has ended counts as 0; `valuation.alive` leaves it out.", "equity_multiple × run_rate";
    "valuation.alive" Usd AtEndOrAsked Positive: "Valuation on the paths on which the lab has not ended.", "valuation, undefined once ended is 1";
    "equity_raised" Usd AtEndOrAsked Positive: "Equity received since the first month, net of fees withheld.", "running sum";
    "debt_raised" Usd AtEnd Positive: "Debt drawn since the first month, convertibles among it.", "running sum";
    "winter" Share Monthly Within: "1 in a month of winter; its mean over paths is the chance of one.", "";
    "equity_multiple" Ratio Asked Positive: "Pre-money value over run-rate in the market.", "";
    "sofr" AnnualRate Asked Any: "The secured overnight financing rate.", "";
    "resale_index" Ratio Asked Positive: "Market value of used accelerators beside what age does to it; 1 at the start.", "";
    "vendor_share" Ratio Asked Positive: "Share price of the vendor whose warrants the lab holds; 1 at the start.", "";
    "cash_out" Share Both Within: "1 from the first month in which something due is not paid in full or cash is negative. Its mean is the chance that cash runs out. An event of `p(…)`.", "";
    "default" Share Both Within: "1 from the month in which the lab has missed payments for longer than its grace. A lab that was rescued has defaulted too. An event of `p(…)`.", "";
    "ended" Share AtEndOrAsked Within: "1 from the month in which the lab was acquired or liquidated.", "";
    "cash_out_month" Months AtEnd Positive: "The month in which cash ran out, 1 for the first. Undefined on paths on which it does not.", "";
    "default_month" Months AtEnd Positive: "The month of the first default. Undefined on paths without one.", "";
    "runway_months" Months AtEnd Positive: "How long opening cash lasts without new equity and debt when all that is due is paid, in whole months; never later than `cash_out_month`. Undefined on paths on which it lasts.", "first month in which opening cash + running sum of net_flow − what is due and unpaid < 0, before vehicles distribute";
    "break_even" Months AtEnd Positive: "The month from which operations never burn cash again. Undefined when there is none, or once the lab has ended.", "first month from which the three-month sum of operating cash flow, less what is due and unpaid, stays at or above 0";
    "peak_funding" Usd AtEnd Positive: "The most that must come from outside.", "max(0, peak_cumulative_gap − opening_cash)";
    "peak_cumulative_gap" Usd AtEnd Positive: "The highest cumulative gap, at least zero.", "max over months of cumulative_gap";
    "short_without_new_money" Usd AtEnd Positive: "How deep cash would fall below zero without new equity and debt when all that is due is paid, up to the month in which the lab ends; at least zero.", "max(0, −min over months of (opening cash + running sum of net_flow − what is due and unpaid))";
    "opening_cash" Usd AtEnd Any: "Cash before the first month.", "";
    "minimum_cash" Usd AtEnd Any: "The lowest closing cash. Asked in checks as `cash min`.", "min over months of cash";
    "clamped_growth" Count AtEnd Positive: "Months in which growth was so extreme that it was cut; not zero means that a growth law is too wide.", "";
    "ceiling_floored" Share AtEnd Within: "1 where a segment's ceiling lay below today's demand and was raised to just above it.", "ceiling set to 1.05 × opening demand";
    "stake.<holder>" Share Both Within: "A holder's share of the company, fully diluted. `employees` also hold what is granted and the pool; `new_investors` what rounds sold.", "opening share × opening shares / all shares";
    "dilution.<holder>" Share AtEnd Any: "What a holder's stake has lost by the horizon.", "1 − stake / opening stake";
    "control" Share Both Within: "Share of the votes of those who hold together (`lab.opening.control`).", "their shares × votes / (their shares × votes + all others; the pool has none)";
    "control_lost" Share Both Within: "1 while that share is below the threshold.", "";
    "hhi.compute" Share AtEnd Within: "How concentrated the supply of compute is: the Herfindahl index of what was billed, by supplier, for contracts; orders and power bought for the month name no supplier and count as one. Rent to vehicles is not in it. 1 is one supplier.", "sum of squared shares";
    "hhi.capital" Share AtEnd Within: "The same of money that came in, by instrument.", "sum of squared shares";
    "lab.<creditor>.claim" Usd AtEnd Any: "What a class of the lab's own creditors claimed when it failed: `employees`, `other_costs`, `cloud_partners`, `tax`, `compute_suppliers`.", "";
    "lab.<creditor>.loss" Usd AtEnd Any: "What of it they lost, in present value.", "";
    "estate" Usd AtEnd Any: "What a lab that ended had for claims without security and for the holders of shares, net of costs.", "";
    "estate.to_shares" Usd AtEnd Any: "Of the estate, what went to holders of shares.", "";
    "estate.to_common" Usd AtEnd Any: "Of that, what went to common shares.", "";
    "<instrument>.irr" AnnualRate AtEnd Any: "Internal rate of return of the providers of an instrument: of all together, and of each account `<instrument>.<account>.irr`. Fees received before the provider is first out of pocket are netted with what it then pays in. Undefined where it never is, and unless there is exactly one rate; above zero exactly when `moic` is above 1x. Where the position outlives the run it rests on a mark, as far as `rvpi` is a part of `moic`.", "discount rate at which the cash flows and the mark of the position at the horizon have zero net present value, effective annual";
    "<instrument>.moic" Ratio AtEnd Positive: "Multiple on invested capital: of all providers, and of each account `<instrument>.<account>.moic`.", "(distributions + mark of the position at the horizon) / paid-in capital";
    "<instrument>.dpi" Ratio AtEnd Positive: "Distributions to paid-in capital: what providers have received, over what they paid in.", "distributions / paid-in capital";
    "<instrument>.rvpi" Ratio AtEnd Positive: "Residual value to paid-in capital: the part of `moic` that is a mark and not cash, of all providers and of each account `<instrument>.<account>.rvpi`. A position that outlives the run is marked at the present value of its scheduled flows at its own rate, less expected loss.", "mark of the position at the horizon / paid-in capital";
    "<instrument>.irr_several" Share AtEnd Within: "1 on a path whose flows have several rates of return, for which `irr` is undefined.", "";
}

/// The words of a metric by its name: its own entry, or that of its family. Lines of instruments have none.
pub fn find(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name).or_else(|| WORDS.iter().find(|word| belongs(name, word.name)))
}

/// Whether a name is of a family: what is in brackets stands for one step, or of an instrument for one or two.
pub fn belongs(name: &str, family: &str) -> bool {
    match family.split_once('<').zip(family.split_once('>')) {
        Some(((before, _), (_, after))) => {
            let inner = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            let steps = if before.is_empty() { 2 } else { 1 };
            inner.is_some_and(|inner| !inner.is_empty() && inner.split('.').count() <= steps)
        }
        None => name == family,
    }
}
