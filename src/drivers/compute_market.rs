//! The market for compute: the price of contracted power, of power bought for the month, and the resale index of
//! accelerators.

use crate::drivers::{Reversion, WorldSpec};
use crate::engine::columns::Columns;
use crate::engine::math::exp;
use crate::engine::part::{Lane, Now, Part, stage};
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, spec, written};

spec! {
    /// Price of power from compute suppliers.
    pub struct PriceSpec {
        /// Price of contracted power at the start.
        pub contract: Quantity [PowerPrice],
        /// Trend of that price.
        pub change: Quantity [Growth] = "0%/yr",
        /// Price of power bought for the month, over the price of contracted power.
        pub spot: Quantity [Multiple] = "1x",
        /// Half-life with which the spot price reverts to that.
        pub half_life: Quantity [Time] = "6 mo",
        /// Instantaneous volatility of the logarithm of spot over contract price.
        pub volatility: Quantity [Volatility] = "0%/yr",
    }
    /// Resale value of accelerators, as an index around 1; the age of the hardware is the instrument's own matter.
    pub struct ResaleSpec {
        /// Half-life with which the index reverts.
        pub half_life: Quantity [Time] = "12 mo",
        /// Instantaneous volatility of its logarithm.
        pub volatility: Quantity [Volatility] = "0%/yr",
    }
}

/// The market for compute takes its terms from the whole world.
pub type ComputeMarketSpec = WorldSpec;

row! {
    /// Terms of both processes.
    pub struct ComputeMarket {
        price: f64, trend: f64, premium: f64, spot_shift: f64, spot_keep: f64, spot_shock: f64,
        resale_keep: f64, resale_shock: f64, jump: f64,
    }
    /// Logarithms: of the contract price since the start, of spot over contract, of the resale index.
    pub struct ComputeMarketState { trend: f64, spot: f64, resale: f64 }
}

impl Part for ComputeMarket {
    type Spec = ComputeMarketSpec;
    type State = ComputeMarketState;
    const STAGES: u8 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market)
    }
    /// The spot price first, the resale index second; a shock of zero size is not drawn.
    fn normals(spec: &WorldSpec) -> Vec<String> {
        let moves = |v: Option<&Quantity>| v.is_some_and(|v| v.known() != Some(0.0));
        let spot = moves(spec.compute_price.as_ref().map(|p| &p.volatility));
        let resale = moves(spec.resale.as_ref().map(|r| &r.volatility));
        match (spot, resale) {
            (false, false) => Vec::new(),
            (true, false) => vec!["compute_price".into()],
            (_, true) => vec!["compute_price".into(), "resale".into()],
        }
    }
    fn terms(spec: &WorldSpec, inputs: &Inputs<'_>) -> Self {
        let winter = spec.regime.as_ref().map(|r| &r.winter);
        let mut out = ComputeMarket { spot_keep: 1.0, resale_keep: 1.0, premium: 1.0, ..Default::default() };
        if let Some(p) = &spec.compute_price {
            let r = Reversion::of(&p.half_life, &p.volatility, inputs);
            out.price = p.contract.at(inputs);
            out.trend = p.change.at(inputs);
            out.premium = p.spot.at(inputs);
            out.spot_shift = winter.map_or(0.0, |w| libm::log(w.compute_price.at(inputs).max(1e-6)));
            (out.spot_keep, out.spot_shock) = (r.a, r.s);
        }
        if let Some(s) = &spec.resale {
            let r = Reversion::of(&s.half_life, &s.volatility, inputs);
            (out.resale_keep, out.resale_shock) = (r.a, r.s);
        }
        out.jump = winter.map_or(0.0, |w| libm::log((1.0 + w.resale.at(inputs)).max(1e-6)));
        out
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> ComputeMarketState {
        lane.market.power_price = self.price;
        lane.market.spot_price = self.price * self.premium;
        lane.market.resale = 1.0;
        ComputeMarketState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ComputeMarketState, lane: &mut Lane) {
        let m = &mut lane.market;
        own.trend += self.trend;
        m.power_price = self.price * exp(own.trend);
        let mean = self.spot_shift * m.winter;
        own.spot = mean + self.spot_keep * (own.spot - mean) + self.spot_shock * now.normal[0];
        m.spot_price = m.power_price * self.premium * exp(own.spot);
        own.resale = self.resale_keep * own.resale + self.resale_shock * now.normal[1] + self.jump * m.entered;
        m.resale = exp(own.resale);
    }
}
