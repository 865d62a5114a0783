//! Descriptions of all metrics, for `explain` and for the page of metrics. Lines of instruments are described where
//! they are declared, in the state of their instrument.

use crate::engine::instrument::Unit;
use Unit::{AnnualRate, Count, Gigawatt, Months, Ratio, Share, Usd, UsdPerGwMonth, UsdPerYear};

/// Description of a metric or a family of metrics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// The name, such as `revenue`; in a family the variable part is in angle brackets, `stake.<holder>`.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// When it is recorded.
    pub when: When,
    /// Range of its values.
    pub span: Span,
    /// Whether it is a flow of the month in USD, comparable with money per time; other amounts are balances or running
    /// sums.
    pub flow: bool,
    /// What it is.
    pub about: &'static str,
    /// How it is computed, in words; empty if `about` says it all.
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
    /// By month if it is named or a line of `checks:` reads it: no chart, report or table of findings needs it.
    Asked,
    /// Always at the horizon; by month on request.
    AtEndOrAsked,
}
use When::{Asked, AtEnd, AtEndOrAsked, Both, Monthly};

impl When {
    /// As a phrase.
    pub fn words(self) -> &'static str {
        match self {
            Monthly => "by month",
            AtEnd => "once per path, at the horizon",
            Both => "by month, and once per path at the horizon",
            Asked => "by month, on request",
            AtEndOrAsked => "once per path at the horizon; by month, on request",
        }
    }
    /// Whether a run records it by month only on request.
    pub fn is_asked_by_month(self) -> bool {
        matches!(self, Asked | AtEndOrAsked)
    }
}

/// Range of values that a metric can have under any circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Any.
    Any,
    /// Zero or above.
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
    "revenue" Usd Monthly Positive flow: "Revenue of the month: demand served. A lab that has ended counts as 0; `revenue.alive` excludes it.", "sum over segments of demand × share served";
    "run_rate" UsdPerYear AtEndOrAsked Positive: "Annualised revenue of the month. A lab that has ended counts as 0; `run_rate.alive` excludes it.", "12 × revenue";
    "revenue.alive" Usd Asked Positive flow: "Revenue on the paths on which the lab has not ended; `n_defined` is their number.", "revenue, undefined once ended is 1";
    "run_rate.alive" UsdPerYear AtEndOrAsked Positive: "Run-rate on the paths on which the lab has not ended.", "run_rate, undefined once ended is 1";
    "compute_spend" Usd Monthly Positive flow: "Compute cost of the month, accrued.", "invoices of contracts and orders + purchases of the month + rent with site + operating cost of own hardware";
    "training_spend" Usd Asked Positive flow: "Cost of the power used by research and training.", "power used for it × mean price of the power in place";
    "inference_spend" Usd Asked Positive flow: "Cost of the power used to serve customers.", "power used for it × mean price of the power in place";
    "spend" Usd Monthly Positive flow: "Spending of the month before interest, tax and financing.", "compute + staff + other cost + partner share + commissions + capital expenditure, accrued; excludes capital calls of ventures";
    "gap" Usd Monthly Any flow: "Spending in excess of receipts from customers; negative if receipts are higher.", "spend + prepayments to suppliers − prepayments used − receipts from customers, growth of payables, resale and rebates";
    "cumulative_gap" Usd Both Any: "Sum of the gap since the first month.", "running sum of gap";
    "cash" Usd Both Any: "Closing cash; 0 once the lab has ended.", "opening cash + all cash in − all cash out";
    "net_flow" Usd Asked Any flow: "Change in cash before new equity and debt and before optional prepayment.", "change in cash − equity and debt received";
    "net_income" Usd Asked Any flow: "Accounting net income of the month, after tax.", "revenue − costs accrued − depreciation − interest − tax + other income";
    "burn_months" Months Asked Positive: "Runway under the policy's rule: months that closing cash lasts at the current burn; 0 in arrears, since amounts due count as burn whether paid or not. Undefined without burn.", "cash / three-month mean of (amounts due − amounts received), excluding new equity and debt";
    "debt" Usd Both Positive: "The lab's own debt, including capitalised interest. At the horizon matured debt is excluded: see `peak_debt`.", "sum of principal over the lab's loans, credit lines and notes";
    "peak_debt" Usd AtEnd Positive: "Highest debt at any month end.", "max over months of debt";
    "peak_debt_month" Months AtEnd Positive: "Month of peak debt, the first if there are several. Undefined on paths without debt.", "";
    "off_balance" Usd Both Positive: "Off-balance-sheet obligations of the lab to vehicles and lessors.", "present value of firm rent, or the lab's share of the vehicle's debt where that counts and is higher";
    "vehicle_debt" Usd Asked Positive: "Debt of vehicles that lease to the lab.", "sum over vehicles, whoever owns them";
    "look_through_leverage" Ratio Both Positive: "All debt and commitments of the lab, on and off its balance sheet, over its run-rate; guarantees at their cost at current values. Undefined at a run-rate of zero.", "(debt + off_balance + firm_commitments + guarantees at current values) / run_rate";
    "look_through_leverage_most" Ratio AtEndOrAsked Positive: "Look-through leverage with guarantees at their maximum cost.", "(debt + off_balance + firm_commitments + guarantees) / run_rate";
    "peak_leverage" Ratio AtEnd Positive: "Highest look-through leverage at any month end.", "max over months of look_through_leverage";
    "peak_leverage_month" Months AtEnd Positive: "Month of peak leverage, the first if there are several. Undefined on paths without leverage.", "";
    "guarantees" Usd Monthly Positive: "Maximum cost of the lab's guarantees.", "sum over instruments";
    "capacity_gw" Gigawatt Monthly Positive: "Power in place: own hardware, vehicles, contracts, delivered orders.", "effective power, GW";
    "used_gw" Gigawatt Monthly Positive: "Power in place that is used.", "power of inference + training, at most the power in place";
    "utilisation" Share Asked Within: "Power used over power in place. Undefined if none is in place.", "used / capacity_gw";
    "unavailable_gw" Gigawatt Monthly Positive: "Power in place that is not operational. Recorded if `availability` or `u_max` is below 100%.", "capacity_gw × (1 − availability)";
    "spot_gw" Gigawatt Asked Positive: "Power bought for the month.", "need − power in place, at most `spot_limit`";
    "idle_cost" Usd Monthly Positive flow: "Take-or-pay cost of unused power.", "sum over contracts and orders";
    "unserved_revenue" Usd Asked Positive flow: "Demand not served for lack of power. Recorded by month without request if the market for power can be scarce.", "demand × (1 − share served)";
    "lost_margin" Usd Asked Any flow: "Margin of unserved demand after partner share and power cost, on the terms of served demand.", "unserved_revenue × (1 − (partner share + inference_spend) / revenue)";
    "tightness" Ratio Monthly Any: "How tight the market for power is: the log by which the need of the market exceeds what was planned for it a lead time ago, less what has faded of that of the first month. Recorded if the market for power can be scarce.", "follows_lab × (ln need − ln need a lead time ago − planned growth since), less the opening surprise as it fades";
    "contract_price" UsdPerGwMonth Monthly Positive: "Price of contracted power: what an order of the month pays for its term.", "price without scarcity × e^(premium × tightness of last month)";
    "spot_price" UsdPerGwMonth Monthly Positive: "Price of power bought for the month.", "contract_price × spot × noise × e^(squeeze × tightness), the last factor between ¼ and 4";
    "available_gw" Gigawatt Monthly Positive: "Power that the market has for the month, beyond contracts and orders.", "available × trend × e^(−available_elasticity × tightness)";
    "unserved_research" Usd Monthly Positive flow: "Research and training for which there was no power, at the mean price of the power in place.", "planned research − training_spend";
    "cost_of_scarcity" Usd Monthly Any flow: "Cost of scarce power: what power bought for the month, orders and contracts cost above the contract price without scarcity, and the margin lost on unserved demand.", "spot_gw × (spot_price − price without scarcity) + orders and contracts paid for × (their price − what it had been without scarcity) + lost_margin";
    "resale_income" Usd Monthly Positive flow: "Income from idle power that is resold. Recorded if the market for power can be scarce, or resale follows it.", "share × min(1, spot price / contract price, where it follows) × price of what is let";
    "served_contracted" Share Monthly Within: "Share of contracted customers' demand served. Recorded if some segments are contracted.", "served / demand";
    "served_others" Share Monthly Within: "Share of all other customers' demand served.", "served / demand";
    "firm_commitments" Usd Both Positive: "Commitments the lab cannot avoid: the present value of the cheapest way out of each commitment.", "sum over contracts and orders of min(pay to the end, give notice, pay damages)";
    "headline_commitments" Usd Monthly Positive: "Announced commitments not yet spent; never less than the firm amount. A contract without `headline` counts at its lifetime cost at full use, an order at its price over its term, a strategic tranche at what its minimum spend adds.", "sum over contracts, orders and minimum spends of max(announced − spent, firm)";
    "valuation" Usd AtEndOrAsked Positive: "Pre-money value of the lab at the market's multiple. A lab that has ended counts as 0; `valuation.alive` excludes it. Recorded by month without request with `world.capital.price`.", "equity_multiple × run_rate; with `world.capital.price`, the value of equity: that less net obligations since the start";
    "valuation.alive" Usd AtEndOrAsked Positive: "Valuation on the paths on which the lab has not ended.", "valuation, undefined once ended is 1";
    "enterprise_value" Usd Both Positive: "Enterprise value of the lab at the market's multiple, before what it owes. Recorded with `world.capital.price`, as are `burden` and `holders_value`.", "equity_multiple × run_rate";
    "burden" Usd Both Positive: "Expected cost of firm obligations beyond their use, as investors see it.", "sum over ten years ahead of discounted 12 × (1 − resale) × expected (firm − use, at least 0)";
    "holders_value" Usd AtEnd Positive: "Value of the shares of the opening holders; of a lab that has ended, their part of what common shares received.", "valuation × opening shares / all shares";
    "equity_asked" Usd Monthly Positive flow: "What the rounds that are due would raise on their own terms, before the supply of equity limits them; rounds whose investors are committed excluded. Recorded with `world.capital.equity`, as are `equity_filled` and `price_impact`.", "sum over rounds of size × book, up to `max_dilution` and `max_size`";
    "equity_filled" Usd Monthly Positive flow: "What these rounds raise, before fees.", "sum over rounds; each at most what the supply leaves";
    "price_impact" Ratio Monthly Within: "Factor on the price of a round for the flow of new equity, with what the month has raised.", "min(1, flow relative to that of the opening ^ −impact)";
    "credit_asked" Usd Monthly Positive flow: "New debt that the lab and its vehicles ask for in the month, before the supply of credit limits it; debt agreed before the start and revolvers excluded. Recorded with `world.capital.credit`, as are the three metrics below.", "sum over instruments; notes that wait count in each month";
    "credit_drawn" Usd Monthly Positive flow: "What lenders advance of it; a campus counts with all that they commit at financial close.", "sum over instruments; each at most what the supply leaves";
    "credit_left" Usd Monthly Positive: "What is left of a year's supply of credit at the start of the month.", "max(0, supply − drawn in the eleven months before)";
    "credit_premium" Share Monthly Positive: "What the flow of new credit adds to the spread over SOFR of a draw of the month.", "(1 + drawn in the eleven months before / supply) ^ impact − 1";
    "equity_raised" Usd AtEndOrAsked Positive: "Equity received since the first month, net of fees withheld.", "running sum";
    "debt_raised" Usd AtEnd Positive: "Debt drawn since the first month, including convertibles.", "running sum";
    "capability" Share Both Any: "Lead in capability over rivals since the start: negative when behind. Recorded with `lab.demand.capability`, as are the four metrics below.", "ln((s + spillover) / (1 + spillover × s)), s = position × research_stock / rivals_stock, less its opening value";
    "capability_effect" Share Both Any: "Effect of that lead on log demand since the start, with the delay with which customers follow.", "running sum of its monthly changes, each (1 − 2^(−1/customers_half_life)) of the distance to the long-run effect";
    "research_stock" Ratio Both Positive: "Own research stock; 1 before the first month.", "stock of last month × 2^(−1/half_life) + research of the month for which there was power, scaled so that steady growth adds to it at its own rate";
    "rivals_stock" Ratio Both Positive: "Rivals' research stock; 1 before the first month.", "as `research_stock`, of `world.rivals`";
    "research_served" Share Both Within: "Share of the month's research for which there was power.", "training_spend / research after cuts";
    "winter" Share Monthly Within: "1 in a winter month; the mean over paths is its probability.", "";
    "equity_multiple" Ratio Asked Positive: "Market multiple: pre-money value over run-rate.", "";
    "sofr" AnnualRate Asked Any: "The secured overnight financing rate.", "";
    "resale_index" Ratio Asked Positive: "Market value of used accelerators, excluding the effect of age; 1 at the start.", "";
    "vendor_share" Ratio Asked Positive: "Share price of the vendor whose warrants the lab holds; 1 at the start.", "";
    "cash_out" Share Both Within: "1 from the first month in which an amount due is not paid in full or cash is negative. The mean is the probability of cash-out. An event for `p(…)`.", "";
    "default" Share Both Within: "1 from the month in which the lab has missed payments for longer than its grace period. A rescued lab has also defaulted. An event for `p(…)`.", "";
    "ended" Share AtEndOrAsked Within: "1 from the month in which the lab was acquired or liquidated.", "";
    "cash_out_month" Months AtEnd Positive: "Month of cash-out, 1 for the first month. Undefined on paths without one.", "";
    "default_month" Months AtEnd Positive: "Month of the first default. Undefined on paths without one.", "";
    "runway_months" Months AtEnd Positive: "Months that opening cash lasts without new equity and debt if all amounts due are paid, in whole months; never later than `cash_out_month`. Undefined on paths on which it lasts.", "first month in which opening cash + running sum of net_flow − amounts due and unpaid < 0, before distributions of vehicles";
    "break_even" Months AtEnd Positive: "Month from which operations never burn cash again. Undefined if there is none, or if the lab has ended.", "first month from which the three-month sum of operating cash flow, less amounts due and unpaid, stays at or above 0";
    "peak_funding" Usd AtEnd Positive: "Maximum external funding needed.", "max(0, peak_cumulative_gap − opening_cash)";
    "peak_cumulative_gap" Usd AtEnd Positive: "Highest cumulative gap, at least zero.", "max over months of cumulative_gap";
    "short_without_new_money" Usd AtEnd Positive: "Maximum shortfall of cash below zero without new equity and debt if all amounts due are paid, up to the month in which the lab ends; at least zero.", "max(0, −min over months of (opening cash + running sum of net_flow − amounts due and unpaid))";
    "opening_cash" Usd AtEnd Any: "Cash before the first month.", "";
    "minimum_cash" Usd AtEnd Any: "Lowest closing cash; in checks `cash min`.", "min over months of cash";
    "clamped_growth" Count AtEnd Positive: "Months in which extreme growth was capped; a non-zero value means that a growth law is too wide.", "";
    "ceiling_floored" Share AtEnd Within: "1 if a segment's ceiling was below opening demand and was raised to just above it.", "ceiling set to 1.05 × opening demand";
    "stake.<holder>" Share Both Within: "A holder's share of the company, fully diluted. `employees` include grants and the pool; `new_investors` hold shares sold in rounds.", "opening share × opening shares / all shares";
    "dilution.<holder>" Share AtEnd Any: "Dilution of a holder's stake by the horizon.", "1 − stake / opening stake";
    "control" Share Both Within: "Voting share of the controlling group (`lab.opening.control`).", "their shares × votes / (their shares × votes + all others; the pool has none)";
    "control_lost" Share Both Within: "1 while the voting share of the controlling group is below the threshold.", "";
    "hhi.compute" Share AtEnd Within: "Concentration of compute supply: the Herfindahl index of contract billings by supplier; orders and power bought for the month have no named supplier and count as one. Rent to vehicles is excluded. 1 means a single supplier.", "sum of squared shares";
    "hhi.capital" Share AtEnd Within: "Concentration of capital raised: the Herfindahl index by instrument.", "sum of squared shares";
    "lab.<creditor>.claim" Usd AtEnd Any: "Claim of a class of the lab's own creditors when it failed: `employees`, `other_costs`, `cloud_partners`, `tax`, `compute_suppliers`.", "";
    "lab.<creditor>.loss" Usd AtEnd Any: "Loss on the claim, in present value.", "";
    "estate" Usd AtEnd Any: "Estate of a lab that ended, available to unsecured claims and shareholders, net of costs.", "";
    "estate.to_shares" Usd AtEnd Any: "Part of the estate paid to shareholders.", "";
    "estate.to_common" Usd AtEnd Any: "Part of the estate paid to common shares.", "";
    "<instrument>.irr" AnnualRate AtEnd Any: "Internal rate of return of the providers of an instrument: of all together, and of each account `<instrument>.<account>.irr`. Fees received before the first net outlay are netted against it. Undefined without a net outlay, and unless there is exactly one rate; positive exactly when `moic` is above 1x. If the position outlives the run, the IRR depends on a mark to the extent that `rvpi` contributes to `moic`.", "discount rate at which the cash flows and the mark of the position at the horizon have zero net present value, effective annual";
    "<instrument>.moic" Ratio AtEnd Positive: "Multiple on invested capital: of all providers, and of each account `<instrument>.<account>.moic`.", "(distributions + mark of the position at the horizon) / paid-in capital";
    "<instrument>.dpi" Ratio AtEnd Positive: "Distributions to paid-in capital (DPI) of providers.", "distributions / paid-in capital";
    "<instrument>.rvpi" Ratio AtEnd Positive: "Residual value to paid-in capital: the part of `moic` that is a mark rather than cash, of all providers and of each account `<instrument>.<account>.rvpi`. A position that outlives the run is marked at the present value of its scheduled cash flows at its own rate, less expected loss.", "mark of the position at the horizon / paid-in capital";
    "<instrument>.irr_to_date" AnnualRate AtEnd Any: "Internal rate of return of the cash flows alone, without the mark of the position at the horizon: of all providers, and of each account `<instrument>.<account>.irr_to_date`. It is at most `irr`, and equals it if nothing is left at the horizon.", "discount rate at which the cash flows to the horizon have zero net present value, effective annual";
    "<instrument>.marked_share" Share AtEnd Within: "Part of all that the providers of an instrument have received or still hold that is a mark rather than cash: of all providers, and of each account `<instrument>.<account>.marked_share`. Above 50% a return is mostly a mark. Undefined where they have received nothing and hold nothing.", "mark of the position at the horizon / (distributions + mark)";
    "<instrument>.irr_several" Share AtEnd Within: "1 on a path whose cash flows have several internal rates of return, so that `irr` is undefined.", "";
}

/// Finds the description of a metric by name: its own entry, or that of its family. Lines of instruments have none.
pub fn find(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name).or_else(|| WORDS.iter().find(|word| belongs(name, word.name)))
}

/// Whether a name belongs to a family: the part in angle brackets matches one step of the name, or one or two steps for
/// an instrument.
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
