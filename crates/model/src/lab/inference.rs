//! Power needed to serve customers: from the path of the gross margin, or from power per unit of demand with technical
//! progress and learning.

use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, ln, max, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::values::When;
use crate::units::Usd;
use crate::{row, spec, written};

spec! {
    /// Serving customers.
    pub struct InferenceSpec {
        /// Path of gross margin before partner share; alternative to `power`.
        pub gross_margin: Option<MarginSpec>,
        /// Power per unit of demand; alternative to `gross_margin`.
        pub power: Option<PowerSpec>,
        /// Partner share: share of revenue paid to cloud partners.
        pub partner_share: Quantity [Share] = "0%",
        /// Cap on total partner share ever paid; no limit if absent.
        pub partner_cap: Option<Quantity> [Money],
        /// Last month for which partners receive their share; no end if absent.
        pub partner_until: Option<When>,
    }
    /// Gross margin, moving along a logistic curve.
    pub struct MarginSpec {
        /// Current margin.
        pub now: Quantity [Share],
        /// Long-run margin.
        pub later: Quantity [Share],
        /// Duration of the transition.
        pub over: Quantity [Time],
        /// Standard deviation of a monthly deviation, which decays with the half-life below.
        pub volatility: Quantity [Share] = "0%",
        /// Half-life of a deviation.
        pub half_life: Quantity [Time] = "3 mo",
    }
    /// Power needed for a stated demand, before efficiency gains.
    pub struct PowerSpec {
        /// Power that serves the demand stated in `serves`.
        pub power: Quantity [Power],
        /// Demand that `power` serves.
        pub serves: Quantity [MoneyRate],
        /// Monthly log decline of power per unit of demand.
        pub progress: Quantity [Growth] = "0%/mo",
        /// Wright's learning rate: decline of power per doubling of cumulative work.
        pub learning: Quantity [Share] = "0%",
        /// Cumulative work before the first month, in months of opening demand.
        pub experience: Quantity [Time] = "12 mo",
    }
}

row! {
    /// Margin path.
    pub struct Margin { now: f64, later: f64, over: f64, step: f64, keep: f64, shock: f64 }
    /// Deviation from the path, and the logistic odds that measure progress along it.
    pub struct MarginState { deviation: f64, odds: f64 }
    /// Power per unit of demand.
    pub struct Intensity { per_usd: f64, progress: f64, exponent: f64, experience: f64 }
    /// Cumulative work relative to that before the first month, and the work of a dollar of demand in that unit.
    pub struct IntensityState { work: f64, unit: f64 }
}

/// Steepness of the logistic path: it covers the span from −4 to 4.
const STEEP: f64 = 8.0;

impl Component for Margin {
    type Spec = MarginSpec;
    type State = MarginState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.demand, ops.inference_need)
    }
    fn normals(spec: &MarginSpec) -> Vec<String> {
        if spec.volatility.known() == Some(0.0) { Vec::new() } else { vec!["gross_margin".into()] }
    }
    fn terms(spec: &MarginSpec, inputs: &Inputs<'_>) -> Self {
        let over = spec.over.at(inputs).max(1.0);
        Margin {
            now: spec.now.at(inputs),
            later: spec.later.at(inputs),
            over,
            step: libm::exp(-STEEP / over),
            keep: crate::drivers::keep(spec.half_life.at(inputs)),
            shock: spec.volatility.at(inputs),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> MarginState {
        MarginState { deviation: 0.0, odds: exp(0.5 * STEEP) }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut MarginState, lane: &mut Lane) {
        gather(lane);
        // Normalised so that it starts at `now` and ends at `later` exactly; `odds` is `e^(STEEP (½ − t/over))`.
        let low = 1.0 / (1.0 + exp(0.5 * STEEP));
        own.odds *= self.step;
        let within = (1.0 / (1.0 + own.odds) - low) * (1.0 / (1.0 - 2.0 * low));
        let progress = select(now.t < self.over, within, 1.0);
        own.deviation = self.keep * own.deviation + self.shock * now.normal[0];
        let margin = self.now + (self.later - self.now) * progress + own.deviation;
        lane.ops.inference_need = max(0.0, 1.0 - margin) * lane.ops.demand.0;
    }
}

impl Component for Intensity {
    type Spec = PowerSpec;
    type State = IntensityState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.demand, ops.inference_need)
    }
    fn terms(spec: &PowerSpec, inputs: &Inputs<'_>) -> Self {
        let learning = spec.learning.at(inputs).clamp(0.0, 0.99);
        Intensity {
            per_usd: spec.power.at(inputs) / spec.serves.at(inputs).max(f64::MIN_POSITIVE),
            progress: spec.progress.at(inputs),
            exponent: -libm::log2(1.0 - learning),
            experience: spec.experience.at(inputs).max(1e-3),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> IntensityState {
        IntensityState { work: 1.0, unit: 1.0 / max(lane.ops.organic.0 * self.experience, f64::MIN_POSITIVE) }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut IntensityState, lane: &mut Lane) {
        gather(lane);
        let learned = select(self.exponent > 0.0, exp(-self.exponent * ln(own.work)), 1.0);
        let need = self.per_usd * exp(-self.progress * now.t) * learned * lane.ops.demand.0;
        own.work += lane.ops.demand.0 * own.unit;
        lane.ops.inference_need = need;
    }
}

/// Adds the demand that joint ventures bring to that of the segments; a lab that has ended has none.
#[inline(always)]
fn gather(lane: &mut Lane) {
    let organic: Usd = lane.ops.organic;
    // Ventures that reduce demand cannot take more than there is.
    let kept = max(0.0, 1.0 + lane.lines.uplift);
    lane.ops.demand = (organic * kept + lane.lines.brought) * lane.lab.alive;
}
