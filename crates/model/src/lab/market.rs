//! The spot market: power bought for the month beyond contracts and orders, and resale of idle power. It also computes
//! the month's compute totals.

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{max, min, select};
use crate::language::prelude::{Months, Node, Read, Reader, Shape};
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
        /// Whether the resale price falls with the spot price where that is below the contract price.
        pub follows_spot: bool = "false",
        /// Months until idle power has been let: each month at most its part of what is idle.
        pub after: Months = "0 mo",
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
    /// Whether it depends on the market: on its price, or on how soon a taker is found.
    pub fn is_let(&self) -> bool {
        match self {
            ResaleSpec::Share(_) => false,
            ResaleSpec::Terms(terms) => terms.follows_spot || terms.after.0 > 0.0,
        }
    }
    /// Whether the resale price falls with the spot price.
    pub fn follows_spot(&self) -> bool {
        match self {
            ResaleSpec::Share(_) => false,
            ResaleSpec::Terms(terms) => terms.follows_spot,
        }
    }
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
    /// Terms of a market on which idle power finds a taker only in time, or at a price that follows the spot price.
    pub struct LetMarket { timed: TimedMarket, follows: f64, per_month: f64 }
    /// What is let.
    pub struct LetMarketState {
        timed: TimedMarketState,
        /// Idle power that is let, at its own price, USD a month.
        pub let_out: f64,
    }
}

impl Market {
    fn new(spec: &MarketSpec, inputs: &Inputs<'_>) -> Market {
        Market {
            spot_limit: spec.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            resale: spec.resale.share().at(inputs),
            bare: f64::from(u8::from(spec.bare)),
        }
    }

    /// Buys power for the month and computes the month's totals. Idle power that may be resold, at its own price.
    #[inline(always)]
    fn trade(&self, lane: &mut Lane) -> Usd {
        let (ops, alive) = (&mut lane.ops, lane.lab.alive);
        ops.spot_gw = min(max(0.0, lane.power), min(self.spot_limit, ops.available_gw)) * alive;
        let needed = (ops.inference_spend + ops.training_spend).0;
        let bought = Usd(select(self.bare > 0.0, needed, ops.spot_gw * lane.market.spot_price) * alive);
        let dear = ops.dear_orders + lane.lines.dear_compute;
        ops.scarcity_cost = dear + Usd(ops.spot_gw * (lane.market.spot_price - lane.market.base_price));
        lane.lines.compute_expense += bought;
        lane.accounts.unnamed_billed += bought;
        let due = lane.accounts.own_due[4] + bought + lane.accounts.owed[4];
        lane.accounts.own_due[4] = due;
        lane.lines.compute += due;
        // Idle power that is paid for may be resold: take-or-pay, and rented power.
        let under_rent = max(0.0, lane.lines.sunk_gw - ops.used_gw) * ops.power_price;
        ops.compute_spend = lane.lines.compute_expense + lane.lines.lease_expense + lane.lines.running_expense;
        ops.idle_cost = lane.lines.idle_cost;
        lane.events |= select(lane.lines.idle_cost > ops.compute_spend * 0.1, event::IDLE, 0);
        lane.lines.idle_cost - lane.lines.idle_tied + Usd(under_rent)
    }
}

impl TimedMarket {
    /// Resale price of idle power this month, as a share of its own price; 0 while it is not offered.
    #[inline(always)]
    fn share(&self, own: &mut TimedMarketState, lane: &Lane) -> f64 {
        own.winter = select(lane.market.winter > 0.0, own.winter + 1.0, 0.0);
        let early = (own.winter > 0.0) & (own.winter <= self.winter_for);
        select(self.offered(lane), select(early, self.winter, self.market.resale), 0.0)
    }
    /// Whether idle power is offered.
    #[inline(always)]
    fn offered(&self, lane: &Lane) -> bool {
        lane.lab.distress_months > self.after
    }
}

/// The columns that a market writes.
const WRITES: Columns = written![
    ops.spot_gw,
    ops.compute_spend,
    ops.idle_cost,
    ops.scarcity_cost,
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
    const STAGES: u16 = 1 << stage::BILL;
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
        let idle = self.trade(lane);
        lane.lines.resale = idle * (self.resale * lane.lab.alive);
    }
}

impl Component for TimedMarket {
    type Spec = MarketSpec;
    type State = TimedMarketState;
    const STAGES: u16 = 1 << stage::BILL;
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
        let share = self.share(own, lane);
        let idle = self.market.trade(lane);
        lane.lines.resale = idle * (share * lane.lab.alive);
    }
}

impl Component for LetMarket {
    type Spec = MarketSpec;
    type State = LetMarketState;
    const STAGES: u16 = 1 << stage::BILL;
    const SETS: Columns = posts![resale];

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        WRITES
    }
    fn terms(spec: &MarketSpec, inputs: &Inputs<'_>) -> Self {
        let mut out = LetMarket { timed: TimedMarket::terms(spec, inputs), follows: 0.0, per_month: 1.0 };
        if let ResaleSpec::Terms(terms) = &spec.resale {
            out.follows = f64::from(u8::from(terms.follows_spot));
            out.per_month = 1.0 / terms.after.0.round().max(1.0);
        }
        out
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> LetMarketState {
        LetMarketState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, own: &mut LetMarketState, lane: &mut Lane) {
        let share = self.timed.share(&mut own.timed, lane);
        let idle = self.timed.market.trade(lane).0 * lane.lab.alive;
        // Takers are found for a part of what is idle each month; power that is needed again is taken back at once.
        let taken = min(idle, own.let_out + idle * self.per_month);
        own.let_out = select(self.timed.offered(lane), taken, 0.0);
        let (spot, contract) = (lane.market.spot_price, lane.market.power_price);
        let cheap = (self.follows > 0.0) & (spot < contract);
        let level = select(cheap, spot / max(contract, f64::MIN_POSITIVE), 1.0);
        lane.lines.resale = Usd(own.let_out * (share * level));
    }
}
