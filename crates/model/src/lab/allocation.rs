//! Allocation of power: needs against power in place and the market, hence the served fraction and revenue
//! (`docs/model.md`, allocation).
//!
//! Spending needs are converted to power at the mean price of the power in place (compute is paid once; the money lines
//! are attributions). Power is counted as in place and is paid for. If only part of it is available or usable, a need
//! requires correspondingly more.
//!
//! [`Allocation`] has two uses, customers and research. [`Ranked`] has four, customers under contract, other customers,
//! final training runs and research; and availability, a utilisation limit, and priority of take-or-pay.

use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{max, min, select};
use crate::lab::{Attribution, Capacity, ComputeSpec, Order};
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, written};

row! {
    /// Flags and the maximum spot power, GW.
    pub struct Allocation { spot_limit: f64, none: f64, training_first: f64, inference_is_power: f64, research_is_power: f64 }
    /// Empty.
    pub struct AllocationState {}
    /// Flags for the order of service, maximum spot power, and the shares of power in place that are available and
    /// usable.
    pub struct Ranked {
        spot_limit: f64, training_first: f64, all_training_first: f64, inference_is_power: f64, research_is_power: f64,
        least_cost: f64, available: f64, usable: f64, per_usable: f64,
    }
}

/// Mean price of the power in place, USD per GW-month, and its inverse, the power that a dollar of need requires. Power
/// that costs nothing is priced at the market price without scarcity: expensive power costs margin, not work.
#[inline(always)]
pub(super) fn mean_price(lane: &Lane) -> (f64, f64) {
    let lines = &lane.lines;
    // With one division: `c²/(c p)` and `p²/(c p)`.
    let priced = (lines.capacity_gw > 0.0) & (lines.capacity_cost > Usd::ZERO);
    let cost = select(priced, lines.capacity_cost.0, lane.market.base_price);
    let gw = select(priced, lines.capacity_gw, 1.0);
    let inverse = 1.0 / max(cost * gw, UNPRICED);
    (cost * cost * inverse, gw * gw * inverse)
}

/// Opens the lab with revenue before the first month.
#[inline(always)]
fn open(lane: &mut Lane) {
    // Unlimited, unless the market for power says otherwise.
    lane.ops.available_gw = f64::MAX;
    let revenue = lane.ops.organic;
    lane.lab.revenue = revenue;
    lane.lab.run_rate = revenue * 12.0;
    lane.lab.alive = 1.0;
    // The three months before the first are assumed to have grown at the current rate; only trailing means use them.
    let back = crate::engine::math::exp(-lane.lab.growth);
    let r = &mut lane.accounts.revenues;
    r[0] = revenue;
    r[1] = r[0] * back;
    r[2] = r[1] * back;
}

impl Component for Allocation {
    type Spec = ComputeSpec;
    type State = AllocationState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(lab.revenue, lab.run_rate, lab.alive, accounts.revenues, ops.available_gw)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written![
            ops.power_price,
            ops.served,
            ops.need_gw,
            ops.buffer_gw,
            ops.place_gw,
            ops.inference_spend,
            ops.training_spend,
            ops.unserved,
            ops.unserved_research,
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
            training_first: flag(spec.allocation != Order::InferenceFirst),
            inference_is_power: flag(spec.inference.power.is_some()),
            research_is_power: flag(spec.training.is_some()),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> AllocationState {
        open(lane);
        AllocationState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, _: &mut AllocationState, lane: &mut Lane) {
        let (price, per_gw) = mean_price(lane);
        let (lines, ops) = (&lane.lines, &mut lane.ops);
        let bare = self.none > 0.0;
        let place = lines.capacity_gw;
        ops.power_price = select(bare, 1.0, price);
        let per_gw = select(bare, 1.0, per_gw);
        let inference = ops.inference_need * select(self.inference_is_power > 0.0, 1.0, per_gw);
        let research = ops.research_need * select(self.research_is_power > 0.0, 1.0, per_gw);
        let supply = select(bare, f64::MAX, place + min(self.spot_limit, ops.available_gw));
        let first = select(self.training_first > 0.0, research, inference);
        let second = select(self.training_first > 0.0, inference, research);
        let first = min(first, supply);
        let second = min(second, max(0.0, supply - first));
        let (served, trained) =
            (select(self.training_first > 0.0, second, first), select(self.training_first > 0.0, first, second));
        ops.served = select(inference > 0.0, served / max(inference, f64::MIN_POSITIVE), 1.0);
        ops.need_gw = inference + research;
        ops.place_gw = place;
        ops.inference_spend = Usd(served * ops.power_price);
        ops.training_spend = Usd(trained * ops.power_price);
        ops.unserved = ops.demand * (1.0 - ops.served);
        ops.unserved_research = Usd((research - trained) * ops.power_price);
        ops.buffer_gw = select(self.training_first > 0.0, 0.0, research);
        let used = served + trained;
        ops.used_gw = min(used, place);
        // Rented power is paid for whether or not it is used, so it is used first; contracts serve the rest in their
        // order.
        lane.power = select(bare, 0.0, max(0.0, used - lines.sunk_gw));
        lane.lab.revenue = ops.demand * ops.served;
        lane.lab.served = ops.served;
        lane.lab.run_rate = lane.lab.revenue * 12.0;
    }
}

/// Minimum price of a GW-month. If no price is known, with no contract running and no market specified, a need stated
/// in money becomes a need for more power than can exist, but a finite one.
const UNPRICED: f64 = 1e-30;

/// Amount of each need that is met from `supply`, in the order of the needs.
#[inline(always)]
fn in_turn(needs: [f64; 4], supply: f64) -> [f64; 4] {
    let (mut met, mut left) = ([0.0; 4], supply);
    for k in 0..4 {
        met[k] = min(needs[k], left);
        left = max(0.0, left - met[k]);
    }
    met
}

impl Ranked {
    /// Whether a scenario needs this component.
    pub fn needed(spec: &ComputeSpec, contracted: bool) -> bool {
        let all = |q: &crate::language::quantity::Quantity| q.known() == Some(1.0);
        let split = spec.allocation == Order::TrainingFirst && spec.research.is_some();
        let cut = !all(&spec.availability) || !all(&spec.u_max);
        let least_cost = spec.attribution == Attribution::LeastCost;
        spec.capacity == Capacity::Contracted && (contracted || split || cut || least_cost)
    }
}

impl Component for Ranked {
    type Spec = ComputeSpec;
    type State = AllocationState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn opens() -> Columns {
        written![
            lab.revenue,
            lab.run_rate,
            lab.alive,
            accounts.revenues,
            ops.available_gw,
            ops.served_contracted,
            ops.served_others,
            ops.contracted
        ]
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written![
            ops.power_price,
            ops.served,
            ops.served_contracted,
            ops.served_others,
            ops.contracted,
            ops.need_gw,
            ops.buffer_gw,
            ops.place_gw,
            ops.inference_spend,
            ops.final_served,
            ops.training_spend,
            ops.unserved,
            ops.unserved_research,
            ops.used_gw,
            ops.serving_gw,
            ops.unavailable_gw,
            lines.beyond_gw,
            lab.revenue,
            lab.run_rate,
            power,
        ]
    }
    fn terms(spec: &ComputeSpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let available = spec.availability.at(inputs);
        let usable = available * spec.u_max.at(inputs);
        Ranked {
            spot_limit: spec.spot_limit.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            training_first: flag(spec.allocation == Order::TrainingFirst),
            all_training_first: flag(spec.allocation == Order::AllTrainingFirst),
            inference_is_power: flag(spec.inference.power.is_some()),
            research_is_power: flag(spec.training.is_some()),
            least_cost: flag(spec.attribution == Attribution::LeastCost),
            available,
            usable,
            per_usable: 1.0 / usable,
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> AllocationState {
        open(lane);
        (lane.ops.served_contracted, lane.ops.served_others, lane.ops.contracted) = (1.0, 1.0, Usd::ZERO);
        AllocationState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, _: &mut AllocationState, lane: &mut Lane) {
        let (price, per_gw) = mean_price(lane);
        let (lines, ops) = (&mut lane.lines, &mut lane.ops);
        let place = lines.capacity_gw;
        ops.power_price = price;
        // Needs, as the power in place that they require.
        let customers = ops.inference_need * select(self.inference_is_power > 0.0, 1.0, per_gw) * self.per_usable;
        let to_power = select(self.research_is_power > 0.0, 1.0, per_gw) * self.per_usable;
        let research = ops.research_need * to_power;
        let runs = select(self.research_is_power > 0.0, research, ops.final_need * to_power);
        let share = select(ops.organic > Usd::ZERO, ops.contracted.0 / max(ops.organic.0, f64::MIN_POSITIVE), 0.0);
        let contracted = customers * share;
        let needs = [contracted, customers - contracted, runs, research - runs];
        let [c, o, f, r] = needs;
        let (runs_soon, runs_at_once) = (self.training_first > 0.0, self.all_training_first > 0.0);
        let ranks = [
            select(runs_at_once, f, c),
            select(runs_at_once, r, select(runs_soon, f, o)),
            select(runs_at_once, c, select(runs_soon, o, f)),
            select(runs_at_once, o, r),
        ];
        let met = in_turn(ranks, place + min(self.spot_limit, ops.available_gw));
        let c = select(runs_at_once, met[2], met[0]);
        let o = select(runs_at_once, met[3], select(runs_soon, met[2], met[1]));
        let trained = select(runs_at_once, met[0] + met[1], select(runs_soon, met[1], met[2]) + met[3]);
        let run = select(runs_at_once, met[0], select(runs_soon, met[1], met[2]));
        ops.final_served = Usd(run * self.usable * ops.power_price);
        // Two needs may exceed their total by a rounding error.
        let of = |met: f64, need: f64| select(need > 0.0, min(met / max(need, f64::MIN_POSITIVE), 1.0), 1.0);
        ops.served_contracted = of(c, needs[0]);
        ops.served_others = of(o, needs[1]);
        ops.served = of(c + o, customers);
        ops.contracted = Usd::ZERO;
        ops.need_gw = customers + research;
        ops.place_gw = place;
        ops.inference_spend = Usd((c + o) * self.usable * ops.power_price);
        ops.training_spend = Usd(trained * self.usable * ops.power_price);
        ops.unserved = ops.demand * (1.0 - ops.served);
        ops.unserved_research = Usd(max(0.0, research - trained) * self.usable * ops.power_price);
        ops.buffer_gw = select(runs_at_once, 0.0, select(runs_soon, needs[3], research));
        let used = c + o + trained;
        ops.used_gw = min(used, place);
        ops.serving_gw = ops.used_gw * self.usable;
        ops.unavailable_gw = place * (1.0 - self.available);
        lane.power = max(0.0, used - lines.sunk_gw);
        // Beyond power that is paid for in any case, contracts serve in order of price, by which they are sorted.
        let firm = place - lines.beyond_gw;
        lines.beyond_gw = select(self.least_cost > 0.0, max(0.0, used - firm), 0.0);
        lane.lab.revenue = ops.demand * ops.served;
        lane.lab.run_rate = lane.lab.revenue * 12.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_are_met_in_turn() {
        // 5 GW for 1 + 3 + 2 + 4: the third gets 1 of 2, the last nothing.
        assert_eq!(in_turn([1.0, 3.0, 2.0, 4.0], 5.0), [1.0, 3.0, 1.0, 0.0]);
        assert_eq!(in_turn([1.0, 3.0, 2.0, 4.0], 20.0), [1.0, 3.0, 2.0, 4.0]);
        assert_eq!(in_turn([1.0, 3.0, 2.0, 4.0], 0.0), [0.0; 4]);
    }
}
