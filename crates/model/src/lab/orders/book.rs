//! Orders placed: power, cost and firm amount.

use super::{InWinter, OrdersSetup};
use crate::engine::columns::Columns;
use crate::engine::component::{Lane, Now, stage};
use crate::engine::instrument::LAGS;
use crate::engine::math::{floor, max, min, select};
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, written};

row! {
    /// Terms of orders under any policy.
    pub struct Book {
        /// Months from order to delivery.
        pub lead: f64,
        /// Share that is paid whether used or not (take-or-pay).
        pub top: f64,
        every: f64, winter: f64, stopped_after: f64, discount: f64, annuity: f64, term: f64, damages: f64,
    }
    /// Totals of orders. The power and monthly cost ordered this month are remembered in the history. All amounts are
    /// gross of orders given up in restructurings; multiplied by `kept` they are net.
    pub struct OrdersState {
        /// Power ordered this month.
        pub placed: f64,
        /// Its monthly cost.
        pub placed_cost: f64,
        /// Its monthly cost if power were not scarce.
        pub placed_base: f64,
        /// Power in place.
        pub gw: f64,
        /// Its monthly cost.
        pub cost: f64,
        /// Its monthly cost if power had not been scarce when it was ordered.
        pub base: f64,
        /// Power that will be in place a lead time from now.
        pub ahead: f64,
        /// Its monthly cost.
        pub ahead_cost: f64,
        /// Present value of firm commitments.
        pub firm: f64,
        /// Remaining cost at full use; at least `firm`.
        pub headline: f64,
        /// Share not given up in restructurings.
        pub kept: f64,
        /// Highest growth seen so far.
        pub seen: f64,
    }
}

impl Book {
    pub(super) fn new(setup: &OrdersSetup, inputs: &Inputs<'_>) -> Book {
        let spec = &setup.orders;
        let (lead, term) = ((spec.lead.0.round() as usize), (spec.term.0.round() as usize));
        let discount = spec.discount_rate.at(inputs) / 12.0;
        // Present value of 1 per month over the term, whose first month is a lead time from now.
        let v = 1.0 / (1.0 + discount);
        let (mut annuity, mut factor) = (0.0, 1.0);
        for month in 1..lead + term {
            factor *= v;
            annuity += if month >= lead { factor } else { 0.0 };
        }
        Book {
            lead: lead as f64,
            top: spec.take_or_pay.at(inputs),
            every: spec.every.0.round().max(1.0),
            winter: f64::from(u8::from(spec.in_winter == InWinter::Same)),
            stopped_after: setup.stopped_after,
            discount,
            annuity,
            term: term as f64,
            damages: setup.damages.at(inputs),
        }
    }

    /// Lags from an order to its delivery, to its expiry, and to the month from which it no longer counts as power in
    /// place a lead time ahead.
    pub(super) fn lags(setup: &OrdersSetup) -> [usize; LAGS] {
        let (lead, term) = ((setup.orders.lead.0.round() as usize), (setup.orders.term.0.round() as usize));
        [lead, lead + term, term]
    }

    #[inline(always)]
    pub(super) fn writes(at: u8) -> Columns {
        if at == stage::OPEN {
            written!(lines.capacity_gw, lines.capacity_cost, accounts.order_cut)
        } else {
            written![
                lines.compute_expense,
                lines.used_gw,
                lines.idle_cost,
                lines.firm,
                lines.headline,
                ops.dear_orders,
                ops.ordered,
                accounts.own_due,
                accounts.order_damages,
                accounts.unnamed_billed,
                power,
            ]
        }
    }

    /// Deliveries and expiries.
    #[inline(always)]
    pub(super) fn open(now: &Now, own: &mut OrdersState, lane: &mut Lane) {
        let [arrived, expired, _] = now.past;
        // Orders given up in a restructuring are gone for good. New orders are stored divided by the share that is
        // left, so that share has a floor: a millionth per restructuring, and in total a value at which the quotients
        // stay finite.
        own.kept = max(own.kept * max(1.0 - lane.accounts.order_cut, 1e-6), 1e-280);
        lane.accounts.order_cut = 0.0;
        let gw = own.gw + arrived[0] - expired[0];
        // A remainder below a milliwatt is the rounding error of a difference, not power.
        let some = gw * own.kept > 1e-12;
        own.gw = select(some, gw, 0.0);
        own.cost = select(some, max(0.0, own.cost + arrived[1] - expired[1]), 0.0);
        own.base = select(some, max(0.0, own.base + arrived[2] - expired[2]), 0.0);
        lane.lines.capacity_gw += own.gw * own.kept;
        // Needs in money become power at prices without scarcity: expensive power costs margin, not work.
        lane.lines.capacity_cost += Usd(own.base * own.kept);
    }

    /// Invoices for power in place; then updates the power in place a lead time from now.
    #[inline(always)]
    pub(super) fn bill(&self, now: &Now, own: &mut OrdersState, lane: &mut Lane) {
        let (alive, gw) = (lane.lab.alive, own.gw * own.kept);
        let used = min(lane.power, gw);
        let price = own.cost / max(own.gw, f64::MIN_POSITIVE);
        let paid_gw = max(self.top * gw, used);
        let invoice = price * paid_gw * alive;
        let dear = (own.cost - own.base) / max(own.gw, f64::MIN_POSITIVE);
        lane.ops.dear_orders = Usd(dear * paid_gw * alive);
        lane.power -= used;
        lane.accounts.own_due[4] = Usd(invoice);
        lane.accounts.unnamed_billed += Usd(invoice);
        lane.lines.compute_expense += Usd(invoice);
        lane.lines.used_gw += used;
        lane.lines.idle_cost += Usd(max(0.0, invoice - price * used * alive));
        // An order of month s will be in place a lead time from now as long as s is less than one term ago.
        let [_, _, ended] = now.past;
        let ahead = own.ahead - ended[0];
        let some = ahead * own.kept > 1e-12;
        own.ahead = select(some, ahead, 0.0);
        own.ahead_cost = select(some, max(0.0, own.ahead_cost - ended[1]), 0.0);
    }

    /// Whether the lab orders at all this month.
    #[inline(always)]
    pub(super) fn may(&self, lane: &Lane) -> bool {
        let winter = (lane.market.winter > 0.0) & (self.winter == 0.0);
        !winter & (lane.lab.distress_months <= self.stopped_after) & (lane.lab.alive > 0.0)
    }

    /// Whether orders are placed in month `t`.
    #[inline(always)]
    pub(super) fn turn(&self, t: f64) -> bool {
        t - self.every * floor((t - 1.0) / self.every) == 1.0
    }

    /// Power in place a lead time from now without a new order.
    #[inline(always)]
    pub(super) fn stands(own: &OrdersState, lane: &Lane) -> f64 {
        lane.lines.ahead_gw + own.ahead * own.kept
    }

    /// Places an order for `gw`.
    #[inline(always)]
    pub(super) fn place(&self, gw: f64, own: &mut OrdersState, lane: &mut Lane) {
        // Stored gross of orders given up, like earlier orders.
        own.placed = gw / own.kept;
        own.placed_cost = own.placed * lane.market.power_price;
        own.placed_base = own.placed * lane.market.base_price;
        own.ahead += own.placed;
        own.ahead_cost += own.placed_cost;
        lane.ops.ordered = Usd(self.top * own.placed_cost * own.kept);
        own.firm = max(0.0, own.firm * (1.0 + self.discount) - self.top * own.cost)
            + self.top * own.placed_cost * self.annuity;
        // Power in place now or a lead time from now covers all orders, unless the term is shorter than the lead time;
        // without any, the totals are cleared.
        let some = (own.gw > 0.0) | (own.ahead > 0.0) | (self.lead > self.term);
        let on = select(some, lane.lab.alive, 0.0);
        own.firm *= on;
        let rest = max(0.0, own.headline - own.cost) + own.placed_cost * self.term;
        own.headline = max(rest * on, own.firm);
        let firm = own.firm * own.kept;
        lane.lines.firm += Usd(firm);
        lane.lines.headline += Usd(own.headline * own.kept);
        lane.accounts.order_damages = Usd(min(firm, self.damages * self.top * own.ahead_cost * own.kept));
    }
}
