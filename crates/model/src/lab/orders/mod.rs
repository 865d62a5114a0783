//! Capacity beyond the listed contracts, ordered against forecast need. It affects the probability of ruin more than
//! existing contracts do.
//!
//! Each quarter the lab forecasts its need over the lead time and orders by its policy, less power that will be in
//! place. An order is take-or-pay for its term. Orders are kept as totals: power in place, power in place a lead time
//! from now, the present value of the firm amount and the remaining cost at full use, each by an exact recursion; the
//! history records what was ordered when.
//!
//! Policies: a share of the forecast; the power at which one more is worth its cost, given what it costs to lack it; a fixed plan; the most bullish growth ever seen.
//! Under every policy, the forecast may be biased and noisy, supplier capacity may be limited, and an order may have to
//! be covered by months of cash. Each policy is a separate component, as is the plain share of an exact forecast, so
//! that a scenario computes only what it uses.

mod book;
mod newsvendor;
mod policy;

pub use book::OrdersState;
pub use newsvendor::{Costs, Newsvendor, Outlook};
pub use policy::{BullishOrders, GuidedOrders, NewsvendorOrders, Orders, PlannedOrders, forecast_sd, shrinkage};

use crate::drivers::RegimeSpec;
use crate::drivers::compute_market::PriceSpec;
use crate::issues::Issues;
use crate::lab::demand::DemandSpec;
use crate::lab::market::ResaleSpec;
use crate::language::prelude::{Months, When};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

spec! {
    /// How capacity beyond the contracts is ordered.
    pub struct OrderSpec {
        /// Ordering rule.
        pub policy: OrderPolicy = "forecast_share",
        /// Share of the forecast need to have in place, under `forecast_share`.
        pub share: Quantity [Share 0.0 .. 10.0] = "70%",
        /// Months from order to delivery.
        pub lead: Months = "15 mo",
        /// Months between orders.
        pub every: Months = "3 mo",
        /// Take-or-pay share of an order.
        pub take_or_pay: Quantity [Share] = "80%",
        /// Term of an order from delivery.
        pub term: Months = "5 yr",
        /// Anchor towards which trailing growth is shrunk in the forecast, under `forecast_share`.
        pub growth_anchor: Quantity [Growth] = "1%/mo",
        /// Weight of trailing growth against the anchor, under `forecast_share`.
        pub growth_weight: Quantity [Share] = "50%",
        /// Maximum growth planned for, under `forecast_share`.
        pub growth_cap: Quantity [Growth] = "5%/mo",
        /// Value of future customers won by serving now, as a share of their contribution margin, under `newsvendor`.
        pub future_customers: Quantity [Share >= 0.0] = "0%",
        /// Value of a dollar of research, in dollars, under `newsvendor`: what its power is worth when it is short.
        pub research_worth: Quantity [Number 0.0 .. 100.0] = "1.2",
        /// Orders of `fixed_plan`.
        pub plan: Option<Vec<PlannedOrder>>,
        /// Persistent forecast error: log of the forecast over an unbiased one.
        pub bias: Quantity [Share -3.0 .. 3.0] = "0%",
        /// Standard deviation of the transitory log forecast error, redrawn with every order.
        pub forecast_error: Quantity [Share 0.0 .. 3.0] = "0%",
        /// Maximum power that suppliers accept in one order.
        pub supplier_limit: Option<Quantity> [Power],
        /// Months of take-or-pay, including the new order, that opening cash must cover.
        pub cover_cash: Option<Quantity> [Time],
        /// Whether ordering continues in winter.
        pub in_winter: InWinter = "none",
        /// Discount rate for firm commitments.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// An order of a fixed plan.
    pub struct PlannedOrder {
        /// Month of the order.
        pub date: When,
        /// Power ordered.
        pub power: Quantity [Power],
    }
}

choice! {
    /// How orders are sized.
    pub enum OrderPolicy {
        /// Nothing is ordered.
        None = "none",
        /// A share of the forecast need, less power that will be in place.
        ForecastShare = "forecast_share",
        /// Up to the power at which one more GW ordered now is worth no more than at the next date: what it saves when power is expensive or missing, against its idle cost over the term.
        Newsvendor = "newsvendor",
        /// Stated orders at stated dates.
        FixedPlan = "fixed_plan",
        /// All power needed if growth continues at the highest rate seen so far.
        MatchBullish = "match_bullish",
    }
    /// Ordering in winter.
    pub enum InWinter {
        /// No orders are placed.
        None = "none",
        /// Ordering continues.
        Same = "same",
    }
}

/// Maximum number of orders in a fixed plan.
pub const PLANNED: usize = 16;

impl OrderSpec {
    /// Whether forecasts have no error and orders no limit by suppliers or cash.
    pub fn is_plain(&self) -> bool {
        let none = |q: &Quantity| q.known() == Some(0.0);
        let exact = none(&self.bias) && none(&self.forecast_error);
        exact && self.supplier_limit.is_none() && self.cover_cash.is_none()
    }

    /// Reports errors that `Reader` does not detect.
    pub fn check(&self, issues: &mut Issues) {
        let place = self.share.place();
        for (what, months, like) in
            [("lead", self.lead, "15 mo"), ("every", self.every, "3 mo"), ("term", self.term, "5 yr")]
        {
            if months.0 < 1.0 {
                let title = format!("`{what}` of orders is less than a month");
                issues.error("range", months.place(), title, format!("write for example `{like}`"));
            }
        }
        let planned = self.policy == OrderPolicy::FixedPlan;
        match &self.plan {
            None if planned => {
                issues
                    .error("missing", place, "`policy: fixed_plan` without a plan", "`plan` is missing")
                    .help("write `plan: [{date: 2026-09, power: 0.5 GW}]`");
            }
            Some(plan) if planned && plan.len() > PLANNED => {
                issues.error(
                    "too-many",
                    plan[PLANNED].date.place(),
                    format!("`plan` has {} orders", plan.len()),
                    format!("the engine supports {PLANNED}"),
                );
            }
            Some(plan) if planned => {
                for order in plan.iter().filter(|o| o.date.0 < 1.0) {
                    issues.error(
                        "date-outside",
                        order.date.place(),
                        "an order is placed before the first month",
                        "write a contract for existing orders",
                    );
                }
            }
            Some(plan) => {
                let at = plan.first().map(|o| o.date.place());
                issues.error("one-of", at, "`plan` applies only to `policy: fixed_plan`", "remove it");
            }
            None => {}
        }
    }
}

/// Spec of orders.
#[derive(Clone, Debug)]
pub struct OrdersSetup {
    /// The rule.
    pub orders: OrderSpec,
    /// Period of a rejected order that counts as damages.
    pub damages: Quantity,
    /// Growth and volatility of demand, for forecasts.
    pub demand: DemandSpec,
    /// How idle power is resold.
    pub resale: ResaleSpec,
    /// Prices of power and the power that can be bought for the month.
    pub price: Option<PriceSpec>,
    /// The lab's limit on that power.
    pub spot_limit: Option<Quantity>,
    /// Winters, in the forecast.
    pub regime: Option<RegimeSpec>,
    /// Share of the power in place that is available, and maximum utilisation of available power.
    pub usable: [Quantity; 2],
    /// Months of distress after which nothing more is ordered.
    pub stopped_after: f64,
}
