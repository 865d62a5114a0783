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
use crate::{choice, posts, row, spec, written};

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

/// What the month's market is made from.
#[derive(Clone, Debug)]
pub struct MarketSpec {
    /// Most that the market sells for a month.
    pub spot_limit: Option<Quantity>,
    /// Share of its price for which idle power is resold.
    pub resale: Quantity,
    /// Needs are paid in money; there is no power.
    pub bare: bool,
}

row! {
    /// Terms of orders.
    pub struct Orders {
        share: f64, lead: f64, every: f64, top: f64, anchor: f64, weight: f64, cap: f64, winter: f64,
        discount: f64, annuity: f64, damages: f64,
    }
    /// Power and its monthly cost ordered this month (taped); in place; ordered and standing a lead time from now, and its
    /// cost; present value of what is firm; all before what was given up, of which `kept` is the rest.
    pub struct OrdersState {
        placed: f64, placed_cost: f64, gw: f64, cost: f64, ahead: f64, ahead_cost: f64, firm: f64, kept: f64,
    }
    /// Terms of the month's market.
    pub struct Market { spot_limit: f64, resale: f64, bare: f64 }
    /// Nothing.
    pub struct MarketState {}
}

/// What the part is made from: the rule, and the time of a rejected order that counts as damages.
pub type OrdersSpec = (OrderSpec, Quantity);

impl Part for Orders {
    type Spec = OrdersSpec;
    type State = OrdersState;
    const STAGES: u8 = 1 << stage::OPEN | 1 << stage::BILL;
    const TAPED: usize = 2;

    #[inline(always)]
    fn writes(stage: u8) -> Columns {
        if stage == stage::OPEN {
            written!(lines.capacity_gw, lines.capacity_cost, accounts.order_cut)
        } else {
            written![
                lines.compute_expense,
                lines.used_gw,
                lines.idle_cost,
                lines.firm,
                accounts.own_due,
                accounts.order_damages,
                power,
            ]
        }
    }
    /// Delivery, expiry, and the month from which an order no longer stands a lead time ahead.
    fn lags((spec, _): &OrdersSpec) -> [usize; LAGS] {
        let (lead, term) = ((spec.lead.0.round() as usize), (spec.term.0.round() as usize));
        [lead, lead + term, term]
    }
    fn terms((spec, damages): &OrdersSpec, inputs: &Inputs<'_>) -> Self {
        let (lead, term) = ((spec.lead.0.round() as usize), (spec.term.0.round() as usize));
        let discount = spec.discount.at(inputs) / 12.0;
        // Present value of 1 a month over the term, which begins a lead time from now.
        let v = 1.0 / (1.0 + discount);
        let (mut annuity, mut factor) = (0.0, 1.0);
        for month in 1..=lead + term {
            factor *= v;
            annuity += if month > lead { factor } else { 0.0 };
        }
        Orders {
            share: spec.share.at(inputs),
            lead: lead as f64,
            every: spec.every.0.round().max(1.0),
            top: spec.take_or_pay.at(inputs),
            anchor: spec.growth_anchor.at(inputs),
            weight: spec.growth_weight.at(inputs),
            cap: spec.growth_cap.at(inputs),
            winter: f64::from(u8::from(spec.in_winter == InWinter::Same)),
            discount,
            annuity,
            damages: damages.at(inputs),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> OrdersState {
        OrdersState { kept: 1.0, ..Default::default() }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut OrdersState, lane: &mut Lane) {
        if S == stage::OPEN {
            let [arrived, expired, _] = now.past;
            // What was given up in a restructuring is gone for good. New orders are kept as multiples of the share that is
            // left, so when all is given up a millionth is left, and after very many times as much as a number can hold.
            own.kept = max(own.kept * max(1.0 - lane.accounts.order_cut, 1e-6), 1e-280);
            lane.accounts.order_cut = 0.0;
            let gw = own.gw + arrived[0] - expired[0];
            // What is left below a milliwatt is the last digit of a difference, and no power.
            let some = gw * own.kept > 1e-12;
            own.gw = pick(some, gw, 0.0);
            own.cost = pick(some, max(0.0, own.cost + arrived[1] - expired[1]), 0.0);
            lane.lines.capacity_gw += own.gw * own.kept;
            lane.lines.capacity_cost += Usd(own.cost * own.kept);
        } else {
            self.bill(own, lane);
            self.place(now, own, lane);
        }
    }
}

impl Orders {
    /// Invoices of what stands.
    #[inline(always)]
    fn bill(&self, own: &OrdersState, lane: &mut Lane) {
        let (alive, gw) = (lane.lab.alive, own.gw * own.kept);
        let used = min(lane.power, gw);
        let price = own.cost / max(own.gw, f64::MIN_POSITIVE);
        let invoice = price * max(self.top * gw, used) * alive;
        lane.power -= used;
        lane.accounts.own_due[4] = Usd(invoice);
        lane.lines.compute_expense += Usd(invoice);
        lane.lines.used_gw += used;
        lane.lines.idle_cost += Usd(max(0.0, invoice - price * used * alive));
    }

    /// Orders what the forecast lacks.
    #[inline(always)]
    fn place(&self, now: &Now, own: &mut OrdersState, lane: &mut Lane) {
        let [_, _, ended] = now.past;
        // An order of month s stands a lead time from now while s is within one term.
        own.ahead = max(0.0, own.ahead - ended[0]);
        own.ahead_cost = max(0.0, own.ahead_cost - ended[1]);
        let quarter = now.t - self.every * floor((now.t - 1.0) / self.every) == 1.0;
        let growth = min(self.anchor + self.weight * (lane.lab.growth - self.anchor), self.cap);
        let forecast = lane.ops.need_gw * exp(growth * self.lead);
        let winter = (lane.market.winter > 0.0) & (self.winter == 0.0);
        let may = quarter & !winter & (lane.lab.distress == 0.0) & (lane.lab.alive > 0.0);
        let stands = lane.lines.ahead_gw + own.ahead * own.kept;
        // Kept as if nothing had been given up, like what was ordered before.
        own.placed = pick(may, max(0.0, self.share * forecast - stands), 0.0) / own.kept;
        own.placed_cost = own.placed * lane.market.power_price;
        own.ahead += own.placed;
        own.ahead_cost += own.placed_cost;
        own.firm = max(0.0, own.firm * (1.0 + self.discount) - self.top * own.cost)
            + self.top * own.placed_cost * self.annuity;
        own.firm *= lane.lab.alive;
        let firm = own.firm * own.kept;
        lane.lines.firm += Usd(firm);
        lane.accounts.order_damages = Usd(min(firm, self.damages * self.top * own.ahead_cost * own.kept));
    }
}

impl Part for Market {
    type Spec = MarketSpec;
    type State = MarketState;
    const STAGES: u8 = 1 << stage::BILL;
    const SETS: Columns = posts![resale];

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written![
            ops.spot_gw,
            ops.compute_spend,
            ops.idle_cost,
            accounts.own_due,
            lines.compute,
            lines.compute_expense,
            lines.resale,
            events,
        ]
    }
    fn terms(spec: &MarketSpec, inputs: &Inputs<'_>) -> Self {
        Market {
            spot_limit: spec.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            resale: spec.resale.at(inputs),
            bare: f64::from(u8::from(spec.bare)),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> MarketState {
        MarketState {}
    }
    /// Power bought for the month, resale of what is idle; then the month's totals.
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, _: &mut MarketState, lane: &mut Lane) {
        let (ops, alive) = (&mut lane.ops, lane.lab.alive);
        ops.spot_gw = min(max(0.0, lane.power), self.spot_limit) * alive;
        let needed = (ops.inference_spend + ops.training_spend).0;
        let bought = Usd(pick(self.bare > 0.0, needed, ops.spot_gw * lane.market.spot_price) * alive);
        lane.lines.compute_expense += bought;
        let due = lane.accounts.own_due[4] + bought + lane.accounts.owed[4];
        lane.accounts.own_due[4] = due;
        lane.lines.compute += due;
        // What is paid for and idle may be resold: take-or-pay, and power under rent.
        let under_rent = max(0.0, lane.lines.sunk_gw - ops.used_gw) * ops.power_price;
        lane.lines.resale = (lane.lines.idle_cost + Usd(under_rent)) * (self.resale * alive);
        ops.compute_spend = lane.lines.compute_expense + lane.lines.lease_expense + lane.lines.running_expense;
        ops.idle_cost = lane.lines.idle_cost;
        lane.events |= pick(lane.lines.idle_cost > ops.compute_spend * 0.1, event::IDLE, 0);
    }
}
