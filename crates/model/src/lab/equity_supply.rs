//! How much new equity investors supply, what its flow does to the price of a round, and how firm obligations are covered.
//!
//! Investors supply so much in any twelve months. What the lab has raised in the eleven months before counts against it;
//! rounds of the month take what is left, in the order of the list. The opening multiple was paid at the flow of that
//! day, so that only a larger flow lowers the price.

use crate::drivers::WorldSpec;
use crate::drivers::capital::EquitySupplySpec;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{max, min};
use crate::instruments::InstrumentSpec;
use crate::instruments::equity_round::price::price_factor;
use crate::issues::Issues;
use crate::lab::supply::{MONTHS, Supply, Taken};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{row, written};

row! {
    /// Terms: the supply, the elasticity of the price, and what was raised in the eleven months before the first.
    pub struct EquitySupply { supply: Supply, impact: f64, before: f64 }
    /// New equity of the trailing months.
    pub struct EquitySupplyState { raised: Taken }
}

impl Component for EquitySupply {
    type Spec = EquitySupplySpec;
    type State = EquitySupplyState;
    const STAGES: u16 = 1 << stage::DRIVE | 1 << stage::VALUE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.equity_limited, market.equity_elasticity, market.price_factor)
    }
    #[inline(always)]
    fn writes(at: u8) -> Columns {
        if at == stage::DRIVE {
            written!(market.equity_left, market.equity_flow, market.equity_flow_per_usd)
        } else {
            written!(market.price_factor)
        }
    }
    fn terms(spec: &EquitySupplySpec, inputs: &Inputs<'_>) -> Self {
        let supply = Supply::new(&spec.supply, &spec.supply_growth, &spec.in_winter, inputs);
        EquitySupply {
            supply,
            // Without any supply there is no flow that a price could be compared with.
            impact: if supply.yearly > 0.0 { spec.impact.at(inputs) } else { 0.0 },
            before: spec.raised_before.at(inputs),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> EquitySupplyState {
        lane.market.equity_limited = 1.0;
        lane.market.equity_elasticity = -self.impact;
        lane.market.price_factor = 1.0;
        EquitySupplyState { raised: Taken { by_month: [self.before / MONTHS as f64; MONTHS] } }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut EquitySupplyState, lane: &mut Lane) {
        if S == stage::DRIVE {
            let (raised, grown) = (own.raised.sum(), self.supply.grown(now));
            let supply = self.supply.yearly * grown;
            let market = &mut lane.market;
            market.equity_left = self.supply.left(supply, raised, market.winter);
            // The flow over the year's supply, and one, over the same at the opening.
            market.equity_flow_per_usd = 1.0 / max(grown * (self.supply.yearly + self.before), f64::MIN_POSITIVE);
            market.equity_flow = (supply + raised) * market.equity_flow_per_usd;
            return;
        }
        let raised = lane.lines.round_money;
        lane.market.price_factor = price_factor(&lane.market, raised);
        own.raised.push(raised);
    }
}

row! {
    /// No terms.
    pub struct FirmCover {}
    /// Of the last two months.
    pub struct FirmCoverState {
        /// What operations brought in before compute.
        pub operations: [Usd; 2],
    }
}

/// What firm obligations of a month half a year ahead exceed operations by: collections less staff, other costs, partner
/// share and tax, mean of three months.
impl Component for FirmCover {
    type Spec = ();
    type State = FirmCoverState;
    const STAGES: u16 = 1 << stage::MARK;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(lab.uncovered)
    }
    fn terms((): &(), _: &Inputs<'_>) -> Self {
        FirmCover {}
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> FirmCoverState {
        FirmCoverState::default()
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut FirmCoverState, lane: &mut Lane) {
        let lines = &lane.lines;
        let operations = lines.receipts - lines.payroll - lines.other - lines.partner_share - lines.tax;
        let mean = (operations + own.operations[0] + own.operations[1]) / min(now.t, 3.0);
        own.operations = [operations, own.operations[0]];
        lane.lab.uncovered = max(lane.accounts.firm_soon - mean, Usd::ZERO);
    }
}

/// Reports launches by firm obligations where nothing states these.
pub fn check(world: &WorldSpec, instruments: &[InstrumentSpec], issues: &mut Issues) {
    if world.capital.as_ref().is_some_and(|capital| capital.price.is_some()) {
        return;
    }
    for cover in instruments.iter().filter_map(covered_by) {
        issues
            .error(
                "missing",
                cover.place(),
                "`firm_cover_below` needs what the lab owes in later months",
                "`world.capital.price` is missing, which states it",
            )
            .help("write `world: {capital: {price: {floor: 15%, discount: 10%/yr, sd: 35%/yr}}}`, or remove `firm_cover_below`");
    }
}

/// The months of firm obligations below which an instrument is launched.
pub fn covered_by(instrument: &InstrumentSpec) -> Option<&Quantity> {
    let InstrumentSpec::EquityRound(round) = instrument else { return None };
    round.when.as_ref()?.firm_cover_below.as_ref()
}
