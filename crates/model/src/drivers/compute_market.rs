//! The market for compute: the contract price of power, its spot price, and the resale index of accelerators.

use crate::drivers::{RegimeSpec, Reversion, WorldSpec};
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, min};
use crate::issues::Issues;
use crate::language::prelude::Months;
use crate::language::quantity::{Inputs, Quantity};
use crate::language::unused;
use crate::{row, spec, written};

spec! {
    /// Price of power from compute suppliers.
    pub struct PriceSpec {
        /// Price of contracted power at the start.
        pub contract: Quantity [PowerPrice positive],
        /// Trend of that price.
        pub change: Quantity [Growth] = "0%/yr",
        /// Spot price (power bought for the month), as a multiple of the contract price.
        pub spot: Quantity [Multiple] = "1x",
        /// Half-life of mean reversion of the spot price.
        pub half_life: Quantity [Time] = "6 mo",
        /// Instantaneous volatility of the log of spot over contract price.
        pub volatility: Quantity [Volatility] = "0%/yr",
        /// Log change of the contract price per unit of tightness, the log by which need exceeds what was planned for.
        pub premium: Quantity [Number 0.0 .. 10.0] = "0",
        /// Further log change of the spot price per unit of tightness.
        pub squeeze: Quantity [Number 0.0 .. 10.0] = "0",
        /// Share of the lab's surprise that is the market's.
        pub follows_lab: Quantity [Share] = "50%",
        /// Months from planning capacity in the market to its delivery; needs that were expected then are no surprise.
        pub lead: Months = "15 mo",
        /// Anchor towwhich trailing growth of need is shrunk in the market's plans.
        pub growth_anchor: Quantity [Growth] = "1%/mo",
        /// Weight of trailing growth against the anchor in those plans.
        pub growth_weight: Quantity [Share] = "50%",
        /// Maximum growth that the market plans for.
        pub growth_cap: Quantity [Growth] = "5%/mo",
        /// Power that can be bought for the month; unlimited if absent.
        pub available: Option<Quantity> [Power],
        /// Its trend.
        pub available_growth: Quantity [Growth] = "0%/yr",
        /// Log decrease of that power per unit of tightness.
        pub available_elasticity: Quantity [Number 0.0 .. 10.0] = "0",
    }
    /// Resale value of accelerators, as an index around 1; ageing is modelled in each instrument.
    pub struct ResaleSpec {
        /// Half-life of mean reversion of the index.
        pub half_life: Quantity [Time] = "12 mo",
        /// Instantaneous volatility of the log index.
        pub volatility: Quantity [Volatility] = "0%/yr",
    }
}

impl PriceSpec {
    /// Whether need moves the price of power or what can be bought of it.
    pub fn is_scarce(&self) -> bool {
        let moves = |q: &Quantity| q.known() != Some(0.0);
        moves(&self.premium) || moves(&self.squeeze) || self.available.is_some()
    }

    /// Reports errors that reading cannot detect.
    pub fn check(&self, issues: &mut Issues) {
        if self.lead.0.round() < 1.0 {
            let title = "`lead` of the market is less than a month";
            issues.error("range", self.lead.place(), title, "write for example `15 mo`");
        }
        if self.available.is_none() {
            let key = |key, q| unused::quantity(PriceSpec::FIELDS, key, q);
            let keys = [
                key("available_growth", &self.available_growth),
                key("available_elasticity", &self.available_elasticity),
            ];
            unused::report(&keys, "without `available`", "write `available: 0.9 GW`, or remove it", issues);
        }
    }
}

row! {
    /// Terms of prices; `month` is the factor of one month of trend.
    pub struct ComputePrice { price: f64, month: f64, premium: f64, shift: f64, keep: f64, shock: f64 }
    /// The contract price, and the logarithm of spot over contract.
    pub struct ComputePriceState { price: f64, spot: f64 }
    /// Terms of the resale index.
    pub struct Resale { keep: f64, shock: f64, jump: f64 }
    /// Logarithm of the index.
    pub struct ResaleState { index: f64 }
}

impl Component for ComputePrice {
    type Spec = WorldSpec;
    type State = ComputePriceState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.power_price, market.spot_price, market.base_price, market.resale)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.power_price, market.spot_price, market.base_price)
    }
    /// A shock of zero size is not drawn.
    fn normals(spec: &WorldSpec) -> Vec<String> {
        match &spec.compute_price {
            Some(p) if p.volatility.known() != Some(0.0) => vec!["compute_price".into()],
            _ => Vec::new(),
        }
    }
    fn terms(spec: &WorldSpec, inputs: &Inputs<'_>) -> Self {
        let Some(p) = &spec.compute_price else {
            return ComputePrice { month: 1.0, premium: 1.0, keep: 1.0, ..Default::default() };
        };
        let r = Reversion::of(&p.half_life, &p.volatility, inputs);
        let winter = spec.regime.as_ref().map(|r| &r.winter);
        ComputePrice {
            price: p.contract.at(inputs),
            month: libm::exp(p.change.at(inputs)),
            premium: p.spot.at(inputs),
            shift: winter.map_or(0.0, |w| libm::log(w.compute_price.at(inputs).max(1e-6))),
            keep: r.a,
            shock: r.s,
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> ComputePriceState {
        lane.market.power_price = self.price;
        lane.market.base_price = self.price;
        lane.market.spot_price = self.price * self.premium;
        // Stays at 1 unless the scenario has a market for accelerators.
        lane.market.resale = 1.0;
        ComputePriceState { price: self.price, spot: 0.0 }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ComputePriceState, lane: &mut Lane) {
        let m = &mut lane.market;
        own.price = min(own.price * self.month, MOST_PRICE);
        m.power_price = own.price;
        m.base_price = own.price;
        let mean = self.shift * m.winter;
        own.spot = mean + self.keep * (own.spot - mean) + self.shock * now.normal[0];
        m.spot_price = m.power_price * self.premium * exp(own.spot);
    }
}

/// Maximum price of a GW-month: a higher price has no meaning, and its square would soon overflow.
const MOST_PRICE: f64 = 1e30;

impl Resale {
    /// Whether the index moves at all.
    pub fn moves(spec: &WorldSpec) -> bool {
        let falls = |r: &RegimeSpec| r.winter.resale.known() != Some(0.0);
        spec.resale.is_some() || spec.regime.as_ref().is_some_and(falls)
    }
}

impl Component for Resale {
    type Spec = WorldSpec;
    type State = ResaleState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.resale)
    }
    fn normals(spec: &WorldSpec) -> Vec<String> {
        match &spec.resale {
            Some(r) if r.volatility.known() != Some(0.0) => vec!["resale".into()],
            _ => Vec::new(),
        }
    }
    fn terms(spec: &WorldSpec, inputs: &Inputs<'_>) -> Self {
        let r = spec.resale.as_ref().map(|s| Reversion::of(&s.half_life, &s.volatility, inputs));
        let jump = spec.regime.as_ref().map_or(0.0, |r| r.winter.resale.at(inputs));
        Resale { keep: r.map_or(1.0, |r| r.a), shock: r.map_or(0.0, |r| r.s), jump: libm::log((1.0 + jump).max(1e-6)) }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> ResaleState {
        ResaleState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ResaleState, lane: &mut Lane) {
        own.index = self.keep * own.index + self.shock * now.normal[0] + self.jump * lane.market.entered;
        lane.market.resale = exp(own.index);
    }
}
