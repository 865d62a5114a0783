//! The spot market: power bought for the month beyond contracts and orders, and resale of idle power. It also computes
//! the month's compute totals.

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{max, min, select};
use crate::language::prelude::{Node, Read, Reader, Shape};
use crate::language::quantity::{Inputs, Kind, Quantity};
use crate::units::Usd;
use crate::{choice, posts, row, spec, written};

spec! {
    /// Timing and price of the resale of idle power.
    pub struct ResaleTerms {
        /// Resale price, as a share of the power's own price.
        pub share: Quantity [Share],
        /// When it is offered.
        pub from: ResaleFrom = "always",
        /// Resale price in the first months of a winter; unchanged if absent.
        pub in_winter: Option<Quantity> [Share],
        /// Number of those months.
        pub in_winter_for: Quantity [Time] = "6 mo",
    }
}

choice! {
    /// When idle power is offered for resale.
    pub enum ResaleFrom {
        /// Whenever there is any.
        Always = "always",
        /// In distress, when the ladder reaches that step.
        InDistress = "in_distress",
    }
}

/// The resale of idle power: a share of its price, or terms.
#[derive(Clone, Debug)]
pub enum ResaleSpec {
    /// Always, for this share of its price.
    Share(Quantity),
    /// On terms.
    Terms(Box<ResaleTerms>),
}

impl Read for ResaleSpec {
    const SHAPE: Shape = Shape::QuantityOr(Kind::Share, ResaleTerms::FIELDS);
    fn read(node: &mut Node, _: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        let stated = node.map().is_some() && node.get("value").is_none() && node.get("dist").is_none();
        if stated {
            return ResaleTerms::read(node, None, reader).map(|t| ResaleSpec::Terms(Box::new(t)));
        }
        Quantity::read(node, Some(Kind::Share), reader).map(ResaleSpec::Share)
    }
}

impl ResaleSpec {
    /// Resale price of idle power as a share of its own price, apart from exceptions.
    pub fn share(&self) -> &Quantity {
        match self {
            ResaleSpec::Share(share) => share,
            ResaleSpec::Terms(terms) => &terms.share,
        }
    }
}

/// Spec of the spot market.
#[derive(Clone, Debug)]
pub struct MarketSpec {
    /// Maximum power that can be bought for the month.
    pub spot_limit: Option<Quantity>,
    /// How idle power is resold.
    pub resale: ResaleSpec,
    /// Months of distress after which idle power is resold, if it is resold only in distress.
    pub resold_after: f64,
    /// Needs are paid in money; there is no power.
    pub bare: bool,
}

row! {
    /// Terms of the spot market.
    pub struct Market { spot_limit: f64, resale: f64, bare: f64 }
    /// Empty.
    pub struct MarketState {}
    /// Terms of a market on which the resale of idle power depends on distress or winter.
    pub struct TimedMarket { market: Market, after: f64, winter: f64, winter_for: f64 }
    /// Months of winter so far.
    pub struct TimedMarketState { winter: f64 }
}

impl Market {
    fn new(spec: &MarketSpec, inputs: &Inputs<'_>) -> Market {
        Market {
            spot_limit: spec.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            resale: spec.resale.share().at(inputs),
            bare: f64::from(u8::from(spec.bare)),
        }
    }

    /// Buys power for the month, resells idle power at the share `resale` of its price, then computes the month's
    /// totals.
    #[inline(always)]
    fn trade(&self, resale: f64, lane: &mut Lane) {
        let (ops, alive) = (&mut lane.ops, lane.lab.alive);
        ops.spot_gw = min(max(0.0, lane.power), self.spot_limit) * alive;
        let needed = (ops.inference_spend + ops.training_spend).0;
        let bought = Usd(select(self.bare > 0.0, needed, ops.spot_gw * lane.market.spot_price) * alive);
        lane.lines.compute_expense += bought;
        lane.accounts.unnamed_billed += bought;
        let due = lane.accounts.own_due[4] + bought + lane.accounts.owed[4];
        lane.accounts.own_due[4] = due;
        lane.lines.compute += due;
        // Idle power that is paid for may be resold: take-or-pay, and rented power.
        let under_rent = max(0.0, lane.lines.sunk_gw - ops.used_gw) * ops.power_price;
        lane.lines.resale = (lane.lines.idle_cost + Usd(under_rent)) * (resale * alive);
        ops.compute_spend = lane.lines.compute_expense + lane.lines.lease_expense + lane.lines.running_expense;
        ops.idle_cost = lane.lines.idle_cost;
        lane.events |= select(lane.lines.idle_cost > ops.compute_spend * 0.1, event::IDLE, 0);
    }
}

/// The columns that a market writes.
const WRITES: Columns = written![
    ops.spot_gw,
    ops.compute_spend,
    ops.idle_cost,
    accounts.own_due,
    accounts.unnamed_billed,
    lines.compute,
    lines.compute_expense,
    lines.resale,
    events,
];

impl Component for Market {
    type Spec = MarketSpec;
    type State = MarketState;
    const STAGES: u8 = 1 << stage::BILL;
    const SETS: Columns = posts![resale];

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        WRITES
    }
    fn terms(spec: &MarketSpec, inputs: &Inputs<'_>) -> Self {
        Market::new(spec, inputs)
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> MarketState {
        MarketState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, _: &mut MarketState, lane: &mut Lane) {
        self.trade(self.resale, lane);
    }
}

impl Component for TimedMarket {
    type Spec = MarketSpec;
    type State = TimedMarketState;
    const STAGES: u8 = 1 << stage::BILL;
    const SETS: Columns = posts![resale];

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        WRITES
    }
    fn terms(spec: &MarketSpec, inputs: &Inputs<'_>) -> Self {
        let market = Market::new(spec, inputs);
        let mut out = TimedMarket { market, after: -1.0, winter: market.resale, winter_for: 0.0 };
        if let ResaleSpec::Terms(terms) = &spec.resale {
            out.after = if terms.from == ResaleFrom::InDistress { spec.resold_after } else { -1.0 };
            out.winter = terms.in_winter.as_ref().map_or(market.resale, |q| q.at(inputs));
            out.winter_for = terms.in_winter_for.at(inputs);
        }
        out
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> TimedMarketState {
        TimedMarketState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, own: &mut TimedMarketState, lane: &mut Lane) {
        own.winter = select(lane.market.winter > 0.0, own.winter + 1.0, 0.0);
        let early = (own.winter > 0.0) & (own.winter <= self.winter_for);
        let offered = lane.lab.distress_months > self.after;
        let share = select(early, self.winter, self.market.resale);
        self.market.trade(select(offered, share, 0.0), lane);
    }
}
