//! How much new credit lenders supply, and what its flow does to the spread of a draw.
//!
//! Lenders supply so much in any twelve months. What the lab and its vehicles have drawn of it in the eleven months before
//! counts against it; draws of the month take what is left. What was agreed before the first month is neither counted nor
//! cut.

use crate::drivers::WorldSpec;
use crate::drivers::capital::CreditSupplySpec;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, ln, max};
use crate::issues::Issues;
use crate::lab::supply::{Supply, Taken};
use crate::language::quantity::Inputs;
use crate::{row, written};

row! {
    /// Terms: the supply, and the elasticity of spreads.
    pub struct CreditSupply { supply: Supply, impact: f64 }
    /// New credit of the trailing months.
    pub struct CreditSupplyState { drawn: Taken }
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
            supply: Supply::new(&spec.supply, &spec.supply_growth, &spec.in_winter, inputs),
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
            let (drawn, supply) = (own.drawn.sum(), self.supply.yearly * self.supply.grown(now));
            let market = &mut lane.market;
            market.credit_left = self.supply.left(supply, drawn, market.winter);
            // Without any supply nothing has been drawn.
            let flow = drawn / max(supply, f64::MIN_POSITIVE);
            market.credit_premium = exp(self.impact * ln(1.0 + flow)) - 1.0;
            return;
        }
        own.drawn.push(lane.lines.credit_drawn);
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
