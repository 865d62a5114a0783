//! Capacity beyond the listed contracts: orders placed as demand is forecast to need it, the market for what is still
//! missing, and the resale of what is idle (MODEL §5.3). It decides ruin more than today's contracts do.
//!
//! Each quarter the lab forecasts its need over the lead time and orders a share of it, less what will stand then. An
//! order is take-or-pay for its term. Orders are kept as totals: power in place, power that will stand a lead time from
//! now, and the present value of what is firm, each by an exact recursion; the tape remembers what was ordered when.

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::math::{exp, floor, max, min, pick};
use crate::engine::part::{Lane, Now, Part, stage};
use crate::engine::room::LAGS;
use crate::language::prelude::Months;
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{choice, row, spec, written};

spec! {
    /// How capacity beyond the contracts is ordered.
    pub struct OrderSpec {
        /// The rule.
        pub policy: OrderPolicy = "forecast_share",
        /// Share of the forecast need that is to stand.
        pub share: Quantity [Share] = "70%",
        /// Months from order to delivery.
        pub lead: Months = "15 mo",
        /// Months between orders.
        pub every: Months = "3 mo",
        /// Share of an order that is paid whether used or not.
        pub take_or_pay: Quantity [Share] = "80%",
        /// Term of an order from delivery.
        pub term: Months = "5 yr",
        /// Growth towards which the forecast shrinks trailing growth.
        pub growth_anchor: Quantity [Growth] = "1%/mo",
        /// Weight of trailing growth against that anchor.
        pub growth_weight: Quantity [Share] = "50%",
        /// Highest growth that is planned for.
        pub growth_cap: Quantity [Growth] = "5%/mo",
        /// Whether orders go on in winter.
        pub in_winter: InWinter = "none",
        /// Rate at which firm commitments are discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
}

choice! {
    /// How orders are sized.
    pub enum OrderPolicy {
        /// Nothing is ordered.
        None = "none",
        /// A share of the forecast need, less what will stand.
        ForecastShare = "forecast_share",
    }
    /// What happens to orders in winter.
    pub enum InWinter {
        /// None are placed.
        None = "none",
        /// They go on.
        Same = "same",
    }
}

/// What the part is made from.
#[derive(Clone, Debug)]
pub struct MarketSpec {
    /// The order rule, if there is one.
    pub orders: Option<OrderSpec>,
    /// Most that the market sells for a month.
    pub spot_limit: Option<Quantity>,
    /// Share of its price for which idle power is resold.
    pub resale: Quantity,
    /// Needs are paid in money; there is no power.
    pub bare: bool,
}

row! {
    /// Terms.
    pub struct Market {
        share: f64, lead: f64, every: f64, top: f64, term: f64, anchor: f64, weight: f64, cap: f64, winter: f64,
        discount: f64, annuity: f64, spot_limit: f64, resale: f64, bare: f64,
    }
    /// Power and its monthly cost ordered this month (taped); in place; ordered and standing a lead time from now;
    /// present value of what is firm.
    pub struct MarketState { placed: f64, placed_cost: f64, gw: f64, cost: f64, ahead: f64, firm: f64 }
}

impl Part for Market {
    type Spec = MarketSpec;
    type State = MarketState;
    const STAGES: u8 = 1 << stage::OPEN | 1 << stage::BILL;
    const TAPED: usize = 2;

    #[inline(always)]
    fn writes(stage: u8) -> Columns {
        if stage == stage::OPEN {
            written!(lines.capacity_gw, lines.capacity_cost)
        } else {
            written![
                ops.spot_gw,
                ops.compute_spend,
                ops.idle_cost,
                ops.ahead_gw,
                accounts.own_due,
                accounts.firm,
                lines.compute,
                lines.compute_expense,
                lines.used_gw,
                lines.idle_cost,
                lines.resale,
                power,
                events,
            ]
        }
    }
    /// Delivery, expiry, and the month from which an order no longer stands a lead time ahead.
    fn lags(spec: &MarketSpec) -> [usize; LAGS] {
        spec.orders.as_ref().map_or([0; LAGS], |o| {
            let (lead, term) = ((o.lead.0.round() as usize), (o.term.0.round() as usize));
            [lead, lead + term, term]
        })
    }
    fn terms(spec: &MarketSpec, inputs: &Inputs<'_>) -> Self {
        let mut out = Market {
            every: 1.0,
            spot_limit: spec.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            resale: spec.resale.at(inputs),
            bare: f64::from(u8::from(spec.bare)),
            ..Default::default()
        };
        if let Some(o) = spec.orders.as_ref().filter(|o| o.policy == OrderPolicy::ForecastShare) {
            let (lead, term) = ((o.lead.0.round() as usize), (o.term.0.round() as usize));
            out.share = o.share.at(inputs);
            (out.lead, out.term, out.every) = (lead as f64, term as f64, o.every.0.round().max(1.0));
            out.top = o.take_or_pay.at(inputs);
            (out.anchor, out.weight, out.cap) =
                (o.growth_anchor.at(inputs), o.growth_weight.at(inputs), o.growth_cap.at(inputs));
            out.winter = f64::from(u8::from(o.in_winter == InWinter::Same));
            out.discount = o.discount.at(inputs) / 12.0;
            // Present value of 1 a month over the term, which begins a lead time from now.
            let v = 1.0 / (1.0 + out.discount);
            let mut value = 0.0;
            let mut factor = 1.0;
            for month in 1..=lead + term {
                factor *= v;
                value += if month > lead { factor } else { 0.0 };
            }
            out.annuity = value;
        }
        out
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> MarketState {
        MarketState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut MarketState, lane: &mut Lane) {
        if S == stage::OPEN {
            let [arrived, expired, _] = now.past;
            own.gw = max(0.0, own.gw + arrived[0] - expired[0]);
            own.cost = max(0.0, own.cost + arrived[1] - expired[1]);
            lane.lines.capacity_gw += own.gw;
            lane.lines.capacity_cost += Usd(own.cost);
        } else {
            self.bill(own, lane);
            self.order(now, own, lane);
        }
    }
}

impl Market {
    /// Invoices of orders, market purchases, resale of idle power; then the month's totals.
    #[inline(always)]
    fn bill(&self, own: &MarketState, lane: &mut Lane) {
        let (ops, alive) = (&mut lane.ops, lane.lab.alive);
        let used = min(lane.power, own.gw);
        let price = own.cost / max(own.gw, f64::MIN_POSITIVE);
        let invoice = price * max(self.top * own.gw, used) * alive;
        let idle = max(0.0, invoice - price * used * alive);
        ops.spot_gw = min(max(0.0, lane.power - used), self.spot_limit) * alive;
        let bought =
            pick(self.bare > 0.0, (ops.inference_spend + ops.training_spend).0, ops.spot_gw * lane.market.spot_price)
                * alive;
        lane.power -= used;
        let due = Usd(invoice + bought);
        lane.accounts.own_due[4] = due + lane.accounts.owed[4];
        lane.lines.compute += lane.accounts.own_due[4];
        lane.lines.compute_expense += due;
        lane.lines.used_gw += used;
        lane.lines.idle_cost += Usd(idle);
        // What is paid for and idle may be resold: take-or-pay, and power under rent.
        let under_rent = max(0.0, lane.lines.sunk_gw - ops.used_gw) * ops.power_price;
        lane.lines.resale += (lane.lines.idle_cost + Usd(under_rent)) * (self.resale * alive);
        ops.compute_spend = lane.lines.compute_expense + lane.lines.lease_expense + lane.lines.running_expense;
        ops.idle_cost = lane.lines.idle_cost;
        lane.events |= pick(lane.lines.idle_cost > ops.compute_spend * 0.1, event::IDLE, 0);
    }

    /// Orders what the forecast lacks.
    #[inline(always)]
    fn order(&self, now: &Now, own: &mut MarketState, lane: &mut Lane) {
        let [_, _, ended] = now.past;
        // An order of month s stands a lead time from now while s is within one term.
        own.ahead = max(0.0, own.ahead - ended[0]);
        let quarter = now.t - self.every * floor((now.t - 1.0) / self.every) == 1.0;
        let growth = min(self.anchor + self.weight * (lane.lab.growth - self.anchor), self.cap);
        let forecast = lane.ops.need_gw * exp(growth * self.lead);
        let winter = (lane.market.winter > 0.0) & (self.winter == 0.0);
        let may = quarter & !winter & (lane.lab.distress == 0.0) & (lane.lab.alive > 0.0);
        let stands = lane.lines.ahead_gw + own.ahead;
        own.placed = pick(may, max(0.0, self.share * forecast - stands), 0.0);
        own.placed_cost = own.placed * lane.market.power_price;
        own.ahead += own.placed;
        lane.ops.ahead_gw = lane.lines.ahead_gw + own.ahead;
        own.firm = max(0.0, own.firm * (1.0 + self.discount) - self.top * own.cost)
            + self.top * own.placed_cost * self.annuity;
        own.firm *= lane.lab.alive;
        lane.accounts.firm = Usd(own.firm);
    }
}
