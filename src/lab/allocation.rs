//! Who gets the power: needs against what is in place and what the market sells, hence the served fraction and revenue.
//!
//! Needs stated in money are turned into power at the mean price of the power in place (MODEL §4: compute is paid once;
//! the money lines are attributions).

use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::part::{Lane, Now, Part, stage};
use crate::lab::{Capacity, ComputeSpec, Order};
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, written};

row! {
    /// Flags and the most that the market sells, GW.
    pub struct Allocation { spot_limit: f64, none: f64, training_first: f64, inference_is_power: f64, research_is_power: f64 }
    /// Nothing.
    pub struct AllocationState {}
}

impl Part for Allocation {
    type Spec = ComputeSpec;
    type State = AllocationState;
    const STAGES: u8 = 1 << stage::OPERATE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(lab.revenue, lab.run_rate, lab.alive, accounts.revenues)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written![
            ops.power_price,
            ops.served,
            ops.need_gw,
            ops.place_gw,
            ops.inference_spend,
            ops.training_spend,
            ops.unserved,
            ops.used_gw,
            lab.revenue,
            lab.run_rate,
            lab.served,
            power,
        ]
    }
    fn terms(spec: &ComputeSpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        Allocation {
            spot_limit: spec.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            none: flag(spec.capacity == Capacity::None),
            training_first: flag(spec.allocation == Order::TrainingFirst),
            inference_is_power: flag(spec.inference.power.is_some()),
            research_is_power: flag(spec.training.is_some()),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> AllocationState {
        let revenue = lane.ops.organic;
        lane.lab.revenue = revenue;
        lane.lab.run_rate = revenue * 12.0;
        lane.lab.alive = 1.0;
        // The three months before the first grew at today's rate; only trailing means read them.
        let back = crate::engine::math::exp(-lane.lab.growth);
        let r = &mut lane.accounts.revenues;
        r[0] = revenue;
        r[1] = r[0] * back;
        r[2] = r[1] * back;
        AllocationState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, _: &mut AllocationState, lane: &mut Lane) {
        let (lines, ops) = (&lane.lines, &mut lane.ops);
        let bare = self.none > 0.0;
        let place = lines.capacity_gw;
        // The mean price and its inverse, with one division: `c²/(c p)` and `p²/(c p)`. Power that costs nothing has the
        // market's price.
        let priced = (place > 0.0) & (lines.capacity_cost > Usd::ZERO);
        let (cost, gw) = (pick(priced, lines.capacity_cost.0, lane.market.power_price), pick(priced, place, 1.0));
        let inverse = 1.0 / max(cost * gw, f64::MIN_POSITIVE);
        ops.power_price = pick(bare, 1.0, cost * cost * inverse);
        let per_gw = pick(bare, 1.0, gw * gw * inverse);
        let inference = ops.inference_need * pick(self.inference_is_power > 0.0, 1.0, per_gw);
        let research = ops.research_need * pick(self.research_is_power > 0.0, 1.0, per_gw);
        let supply = pick(bare, f64::MAX, place + self.spot_limit);
        let first = pick(self.training_first > 0.0, research, inference);
        let second = pick(self.training_first > 0.0, inference, research);
        let first = min(first, supply);
        let second = min(second, max(0.0, supply - first));
        let (served, trained) =
            (pick(self.training_first > 0.0, second, first), pick(self.training_first > 0.0, first, second));
        ops.served = pick(inference > 0.0, served / max(inference, f64::MIN_POSITIVE), 1.0);
        ops.need_gw = inference + research;
        ops.place_gw = place;
        ops.inference_spend = Usd(served * ops.power_price);
        ops.training_spend = Usd(trained * ops.power_price);
        ops.unserved = ops.demand * (1.0 - ops.served);
        let used = served + trained;
        ops.used_gw = min(used, place);
        // Power under rent is paid for whatever its use, so it is used first; contracts take the rest in their order.
        lane.power = pick(bare, 0.0, max(0.0, used - lines.sunk_gw));
        lane.lab.revenue = ops.demand * ops.served;
        lane.lab.served = ops.served;
        lane.lab.run_rate = lane.lab.revenue * 12.0;
    }
}
