//! The market for power: how tight it is, and what that does to prices and to what can be bought.
//!
//! Supply was built for what was expected a lead time ago, so only a surprise makes power scarce. Prices and power stated
//! for the opening were read off the market as it was: tightness of the start is in them and fades out. Need does not
//! depend on this month's prices, so there is no fixed point.

use crate::drivers::compute_market::PriceSpec;
use crate::drivers::keep;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::instrument::LAGS;
use crate::engine::math::{clamp, exp, ln, max, min, select};
use crate::lab::allocation::mean_price;
use crate::lab::{Capacity, ComputeSpec};
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, written};

/// Spec of the market for power.
#[derive(Clone, Debug)]
pub struct ScarcitySpec {
    /// Prices and supply.
    pub price: PriceSpec,
    /// How the lab's needs are stated.
    pub compute: ComputeSpec,
    /// Log growth of need before the first month.
    pub growth: Quantity,
}

row! {
    /// Terms of the market.
    pub struct Scarcity {
        premium: f64, squeeze: f64, follows: f64, lead: f64, keep: f64, growth: f64,
        anchor: f64, weight: f64, cap: f64,
        available: f64, trend: f64, elasticity: f64,
        bare: f64, inference_is_power: f64, research_is_power: f64, per_usable: f64,
    }
    /// What the market remembers; the first two are seen again a lead time later.
    pub struct ScarcityState {
        /// Logarithm of the power needed.
        pub need: f64,
        /// Growth of need that the market plans for.
        pub planned: f64,
        /// Logarithm of the power needed in the first month.
        pub first: f64,
        /// What is left of the surprise of the first month.
        pub opening: f64,
        /// Spot price before this month's squeeze.
        pub spot: f64,
    }
}

/// Maximum surprise, in logs.
const MOST_SURPRISE: f64 = 2.0;
/// Factor by which a squeeze raises or lowers the spot price at most.
const MOST_SQUEEZE: f64 = 4.0;
/// Need below a milliwatt counts as a milliwatt.
const LEAST_NEED: f64 = 1e-12;
/// Months over which the growth of need is measured.
const TRAILING: usize = 6;

/// Factor of the spot price at `log`, which is tightness times the squeeze.
#[inline(always)]
pub(super) fn squeezed(log: f64) -> f64 {
    clamp(exp(log), 1.0 / MOST_SQUEEZE, MOST_SQUEEZE)
}

impl Scarcity {
    /// Power needed by customers, research and training, GW.
    #[inline(always)]
    fn need(&self, lane: &Lane) -> f64 {
        let per_gw = select(self.bare > 0.0, 1.0 / max(lane.market.base_price, f64::MIN_POSITIVE), mean_price(lane).1);
        let power = |need: f64, is_power: f64| need * select(is_power > 0.0, 1.0, per_gw);
        let customers = power(lane.ops.inference_need, self.inference_is_power);
        (customers + power(lane.ops.research_need, self.research_is_power)) * self.per_usable
    }

    /// Growth that the market plans for after need has grown by `growth` a month.
    #[inline(always)]
    fn planned(&self, growth: f64) -> f64 {
        min(self.cap, self.anchor + self.weight * (growth - self.anchor))
    }
}

impl Component for Scarcity {
    type Spec = ScarcitySpec;
    type State = ScarcityState;
    const STAGES: u16 = 1 << stage::DRIVE | 1 << stage::OPERATE;
    const REMEMBERED: usize = 2;

    #[inline(always)]
    fn writes(at: u8) -> Columns {
        if at == stage::DRIVE {
            written!(market.power_price, market.spot_price)
        } else {
            written!(market.tightness, market.spot_price, ops.available_gw)
        }
    }
    fn lags(spec: &ScarcitySpec) -> [usize; LAGS] {
        [spec.price.lead.0.round() as usize, TRAILING, 0]
    }
    fn terms(spec: &ScarcitySpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let (p, c) = (&spec.price, &spec.compute);
        Scarcity {
            premium: p.premium.at(inputs),
            squeeze: p.squeeze.at(inputs),
            follows: p.follows_lab.at(inputs),
            lead: p.lead.0.round(),
            keep: keep(p.half_life.at(inputs)),
            growth: spec.growth.at(inputs),
            anchor: p.growth_anchor.at(inputs),
            weight: p.growth_weight.at(inputs),
            cap: p.growth_cap.at(inputs),
            available: p.available.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            trend: p.available_growth.at(inputs),
            elasticity: p.available_elasticity.at(inputs),
            bare: flag(c.capacity == Capacity::None),
            inference_is_power: flag(c.inference.power.is_some()),
            research_is_power: flag(c.training.is_some()),
            per_usable: 1.0 / (c.availability.at(inputs) * c.u_max.at(inputs)),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> ScarcityState {
        ScarcityState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ScarcityState, lane: &mut Lane) {
        if S == stage::DRIVE {
            // Contracts are priced at last month's tightness. So is power for the month, until this month's is known.
            let m = &mut lane.market;
            let lift = exp(self.premium * m.tightness);
            m.power_price = m.base_price * lift;
            own.spot = m.spot_price * lift;
            m.spot_price = own.spot * squeezed(self.squeeze * m.tightness);
            return;
        }
        // Others serve the customers of a lab that has ended: their need is what it last was.
        let need = ln(max(self.need(lane), LEAST_NEED));
        own.need = select(lane.lab.alive > 0.0, need, own.need);
        own.first = select(now.t == 1.0, own.need, own.first);
        // Before the first month need has grown at the lab's opening rate of growth.
        let [then, trailing, _] = now.past;
        let before = |months: f64| own.first + self.growth * (now.t - months - 1.0);
        let (lead, six) = (self.lead, TRAILING as f64);
        let planned_for = select(now.t > lead, then[0], before(lead))
            + lead * select(now.t > lead, then[1], self.planned(self.growth));
        let grown = (own.need - select(now.t > six, trailing[0], before(six))) * (1.0 / six);
        own.planned = self.planned(grown);
        let surprise = clamp(self.follows * (own.need - planned_for), -MOST_SURPRISE, MOST_SURPRISE);
        own.opening = select(now.t == 1.0, surprise, own.opening * self.keep);
        let tightness = surprise - own.opening;
        lane.market.tightness = tightness;
        lane.market.spot_price = own.spot * squeezed(self.squeeze * tightness);
        let available = self.available * exp(self.trend * now.t - self.elasticity * tightness);
        lane.ops.available_gw = min(available, f64::MAX);
    }
}
