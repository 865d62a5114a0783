//! How much new credit lenders supply, and what its flow does to the spread of a draw.
//!
//! Lenders supply so much in any twelve months. What the lab and its vehicles have drawn of it in the eleven months before
//! counts against it; draws of the month take what is left. What was agreed before the first month is neither counted nor
//! cut.

use crate::drivers::WorldSpec;
use crate::drivers::capital::CreditSupplySpec;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, ln, max, select};
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, written};

/// Months before the current one that count against a year's supply.
const MONTHS: usize = 11;

row! {
    /// Terms: USD a year, log growth by month, and the elasticity of spreads.
    pub struct CreditSupply {
        supply: f64, growth: f64, in_winter: f64, impact: f64,
    }
    /// What has been drawn.
    pub struct CreditSupplyState {
        /// New credit of the trailing months, the last month first.
        pub drawn: [f64; MONTHS],
    }
}

impl Component for CreditSupply {
    type Spec = CreditSupplySpec;
    type State = CreditSupplyState;
    const STAGES: u16 = 1 << stage::DRIVE | 1 << stage::VALUE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.credit_limited)
    }
    #[inline(always)]
    fn writes(at: u8) -> Columns {
        if at == stage::DRIVE { written!(market.credit_left, market.credit_premium) } else { Columns::NONE }
    }
    fn terms(spec: &CreditSupplySpec, inputs: &Inputs<'_>) -> Self {
        CreditSupply {
            supply: 12.0 * spec.supply.at(inputs),
            growth: libm::log1p(spec.supply_growth.at(inputs)) / 12.0,
            in_winter: spec.in_winter.at(inputs),
            impact: spec.impact.at(inputs),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> CreditSupplyState {
        lane.market.credit_limited = 1.0;
        CreditSupplyState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut CreditSupplyState, lane: &mut Lane) {
        if S == stage::DRIVE {
            let mut drawn = 0.0;
            for month in own.drawn {
                drawn += month;
            }
            let supply = self.supply * exp(self.growth * now.t);
            let market = &mut lane.market;
            let there = select(market.winter > 0.0, self.in_winter, 1.0);
            market.credit_left = max(Usd(supply * there - drawn), Usd::ZERO);
            // Without any supply nothing has been drawn.
            let flow = drawn / max(supply, f64::MIN_POSITIVE);
            market.credit_premium = exp(self.impact * ln(1.0 + flow)) - 1.0;
            return;
        }
        for month in (1..MONTHS).rev() {
            own.drawn[month] = own.drawn[month - 1];
        }
        own.drawn[0] = lane.lines.credit_drawn.0;
    }
}

/// Reports an effect on spreads over SOFR where SOFR is not specified.
pub fn check(world: &WorldSpec, issues: &mut Issues) {
    let Some(credit) = world.capital.as_ref().and_then(|capital| capital.credit.as_ref()) else { return };
    if world.sofr.is_none() && credit.impact.known() != Some(0.0) {
        let title = "`impact` raises spreads over SOFR, which is not specified";
        issues
            .error("missing", credit.impact.place(), title, "`world.sofr` is missing")
            .help("write `world: {sofr: {start: 3.7%/yr, long_run: 3.5%/yr, volatility: 1%/yr}}`, or remove `impact`");
    }
}
