//! What research buys: the stock of own research against that of rivals, and the demand that follows from it.
//!
//! Research that power was available for adds to a stock that becomes obsolete; rivals have a stock of their own, which
//! grows at their own rate, in part with the market. The log ratio of the two stocks, bounded by what each side gets
//! from the other for free, moves demand with the delay with which customers follow (`docs/model.md`, capability).

use crate::drivers::competition::RivalsSpec;
use crate::drivers::{WorldSpec, keep};
use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::instrument::LAGS;
use crate::engine::math::{exp, ln, max, min, select};
use crate::issues::Issues;
use crate::lab::LabSpec;
use crate::lab::demand::{GrowthIs, Saturation};
use crate::lab::research::{Research, ResearchSetup};
use crate::language::prelude::KeyRules;
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, spec, written};

spec! {
    /// Effect of research on demand, relative to rivals.
    pub struct CapabilitySpec {
        /// Elasticity of demand to relative research: long-run log demand per log of own over rivals' research stock,
        /// when both are equal. It includes quality, market share and price. 0 means no effect.
        pub elasticity: Quantity [Number 0.0..100.0],
        /// Share of each side's research stock that the other side gets for free: open weights, published methods,
        /// distillation, staff. It limits what can be lost or won.
        pub spillover: Quantity [Share 0.0..0.95],
        /// Half-life of the research stocks: how fast research becomes obsolete, and how slowly it acts.
        pub half_life: Quantity [Time],
        /// Half-life with which customers follow.
        pub customers_half_life: Quantity [Time],
        /// Own over rivals' research stock before the first month; 1x is parity.
        pub position: Quantity [Multiple positive] = "1x",
    }
}

/// What the component is made from.
#[derive(Clone, Debug)]
pub struct CapabilitySetup {
    /// Effect of research on demand.
    pub capability: CapabilitySpec,
    /// Rivals' research.
    pub rivals: RivalsSpec,
    /// The lab's research.
    pub research: ResearchSetup,
    /// Change of rivals' growth in winter.
    pub winter_growth: Option<Quantity>,
    /// Half-life of the growth state of demand.
    pub growth_half_life: Quantity,
    /// Its monthly shock.
    pub growth_shock: Quantity,
    /// Whether measured growth includes what research was already winning.
    pub included: bool,
}

/// Limit of the elasticity: from 1 on, research that follows revenue would feed on itself without end.
const MOST_ELASTICITY: f64 = 0.95;
/// Floor of the stocks, relative to those before the first month.
const LEAST_STOCK: f64 = 1e-9;
/// Share of a need from which all of it counts as served: the rest is a rounding error.
const ALL: f64 = 1.0 - 1e-9;
/// Limit of the stocks and of rivals' research: larger amounts have no meaning, and would soon overflow.
const MOST_STOCK: f64 = 1e30;
/// Decline of the effect on log demand over twelve months from which the lab counts as having fallen behind.
const FELL_BEHIND: f64 = 0.10;

impl CapabilitySpec {
    /// The elasticity on a path.
    pub fn elasticity_at(&self, inputs: &Inputs<'_>) -> f64 {
        self.elasticity.at(inputs).min(MOST_ELASTICITY)
    }
}

/// Rules between quantities that must hold on every path.
pub(super) fn key_rules(lab: &LabSpec, rules: &mut KeyRules<'_>) {
    let research = lab.compute.research.as_ref().filter(|_| lab.demand.capability.is_some());
    if let Some(research) = research {
        rules.rule("capability-needs-research", research.spend.place(), |at| {
            let title = || "`capability` measures research against its opening level, which is zero".to_owned();
            let label = || "`spend` must be above 0".to_owned();
            (research.spend.at(at) <= 0.0).then(|| (title(), label()))
        });
    }
}

/// Reports keys that `capability` needs, and those that it replaces.
pub fn check(world: &WorldSpec, lab: &LabSpec, issues: &mut Issues) {
    let demand = &lab.demand;
    let Some(capability) = &demand.capability else {
        if let Some(rivals) = &world.rivals {
            issues
                .error(
                    "unused",
                    Some(rivals.research_growth.place()),
                    "`world.rivals` has no effect without `lab.demand.capability`",
                    "nothing compares the lab's research with it",
                )
                .help("add `lab.demand.capability`, or remove `rivals`");
        }
        return;
    };
    let place = capability.elasticity.place();
    if world.rivals.is_none() {
        issues
            .error("missing", place, "`capability` compares research with rivals', which are not specified", "`world.rivals` is missing")
            .help("write `world: {rivals: {research_growth: 1.7x/yr to 3.0x/yr, research_growth_later: 1.1x/yr to 1.4x/yr, half_life: 18 mo}}`");
    }
    if lab.compute.research.is_none() {
        issues
            .error("capability-needs-research", place, "`capability` requires research as spending", "`lab.compute.research` is missing")
            .help("write `research: {spend: …, growth: …, growth_later: …, half_life: …}`; `training` in months of power cannot be compared with rivals' spending");
    }
    // The stock of research holds what these keys describe in another way.
    let moves = |q: &Quantity| q.known() != Some(0.0);
    let churn = demand.churn.as_ref().map(|c| &c.behind).filter(|q| moves(q));
    let fading = demand.releases.as_ref().map(|r| &r.behind).filter(|q| moves(q));
    let slows = lab.compute.research.as_ref().and_then(|r| r.slows_releases.as_ref());
    let frontier = world.frontier.as_ref().map(|f| &f.every);
    let others =
        [("churn.behind", churn), ("releases.behind", fading), ("slows_releases", slows), ("world.frontier", frontier)];
    for (key, quantity) in others.into_iter().filter_map(|(key, quantity)| Some((key, quantity?))) {
        issues
            .error(
                "one-of",
                Some(quantity.place()),
                format!("`{key}` beside `capability`"),
                "`capability.elasticity` already includes this effect",
            )
            .help("remove one of the two");
    }
}

impl CapabilitySetup {
    /// Whether `growth` was measured on revenue that includes what research was already winning. Under Bass diffusion,
    /// growth comes from its own rates.
    pub fn is_included(growth_is: GrowthIs, saturation: Saturation) -> bool {
        growth_is == GrowthIs::Total && saturation != Saturation::Bass
    }

    /// Log growth per month of own research and of rivals' before the first month, each at least half of the decline at
    /// which no research at all would remain.
    fn growths(&self, inputs: &Inputs<'_>) -> (f64, f64) {
        let least = -0.5 * std::f64::consts::LN_2 / self.capability.half_life.at(inputs).max(1e-3);
        let floored = |q: &Quantity| q.at(inputs).max(least);
        (floored(&self.research.research.growth), floored(&self.rivals.research_growth))
    }

    /// Log growth of demand per month that research was winning before the first month, included in measured growth.
    pub fn included_growth(&self, inputs: &Inputs<'_>) -> f64 {
        let (own, rivals) = self.growths(inputs);
        if self.included { self.capability.elasticity_at(inputs) * (own - rivals) } else { 0.0 }
    }
}

row! {
    /// Terms. `effect` is the elasticity at parity as a coefficient of the bounded log ratio, `par` that ratio before the
    /// first month; `opening` the effect on log demand that is still to come from earlier months, negated.
    pub struct Capability {
        research: Research, spend: f64, keep_stock: f64, add_own: f64, add_rivals: f64,
        now: f64, later: f64, keep_growth: f64, winter: f64, follows: f64, shock: f64, keep_shock: f64,
        position: f64, spillover: f64, par: f64, effect: f64, keep_customers: f64, opening: f64,
    }
    /// State of capability.
    pub struct CapabilityState {
        /// Effect on log demand since the first month.
        pub effect: f64,
        /// Its change this month.
        pub change: f64,
        /// Bounded log ratio of the research stocks, relative to that before the first month.
        pub lead: f64,
        /// Own research stock, 1 before the first month.
        pub own: f64,
        /// The rivals'.
        pub rivals: f64,
        /// Rivals' research of the month, relative to that before the first month.
        pub spent: f64,
        /// Its log growth.
        pub growth: f64,
        /// What shocks have added to the growth state of demand.
        pub surprise: f64,
    }
}

/// Log of the ratio of own to rivals' stock where each side also has a share `spillover` of the other's: between
/// `ln spillover` and `−ln spillover`.
#[inline(always)]
fn bounded(ratio: f64, spillover: f64) -> f64 {
    ln((ratio + spillover) / (1.0 + spillover * ratio))
}

impl Component for Capability {
    type Spec = CapabilitySetup;
    type State = CapabilityState;
    const STAGES: u16 = 1 << stage::OPERATE | 1 << stage::MARK;
    const REMEMBERED: usize = 1;

    #[inline(always)]
    fn opens() -> Columns {
        written!(ops.research_stock, ops.rivals_stock, ops.research_served)
    }
    #[inline(always)]
    fn writes(stage: u8) -> Columns {
        if stage == stage::OPERATE {
            written!(ops.common, ops.ceiling_won, ops.capability_effect, events)
        } else {
            written!(ops.capability, ops.research_stock, ops.rivals_stock, ops.research_served)
        }
    }
    fn lags(_: &CapabilitySetup) -> [usize; LAGS] {
        [12, 0, 0]
    }
    fn terms(spec: &CapabilitySetup, inputs: &Inputs<'_>) -> Self {
        let (c, rivals) = (&spec.capability, &spec.rivals);
        let (own_growth, rivals_growth) = spec.growths(inputs);
        let (elasticity, spillover) = (c.elasticity_at(inputs), c.spillover.at(inputs));
        let position = c.position.at(inputs);
        let (keep_stock, keep_customers) = (keep(c.half_life.at(inputs)), keep(c.customers_half_life.at(inputs)));
        Capability {
            research: Research::terms(&spec.research, inputs),
            spend: spec.research.research.spend.at(inputs).max(f64::MIN_POSITIVE),
            keep_stock,
            add_own: 1.0 - keep_stock * libm::exp(-own_growth),
            add_rivals: 1.0 - keep_stock * libm::exp(-rivals_growth),
            now: rivals_growth,
            later: rivals.research_growth_later.at(inputs),
            keep_growth: keep(rivals.half_life.at(inputs)),
            winter: spec.winter_growth.as_ref().map_or(0.0, |q| q.at(inputs)),
            follows: rivals.follows.at(inputs),
            shock: spec.growth_shock.at(inputs),
            keep_shock: keep(spec.growth_half_life.at(inputs)),
            position,
            spillover,
            par: libm::log((position + spillover) / (1.0 + spillover * position)),
            effect: elasticity * (1.0 + spillover) / (1.0 - spillover),
            keep_customers,
            opening: -spec.included_growth(inputs) / (1.0 - keep_customers),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> CapabilityState {
        (lane.ops.research_stock, lane.ops.rivals_stock, lane.ops.research_served) = (1.0, 1.0, 1.0);
        CapabilityState { own: 1.0, rivals: 1.0, spent: 1.0, growth: self.now, ..Default::default() }
    }
    /// Before demand: customers follow the lead of last month. At the end of the month: what was spent on research, by
    /// the lab and by its rivals.
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut CapabilityState, lane: &mut Lane) {
        let ops = &mut lane.ops;
        if S == stage::OPERATE {
            // What was won or lost last month was won from or lost to the market.
            ops.ceiling_won = exp(own.change) - 1.0;
            let before = own.effect + self.opening;
            own.change = (1.0 - self.keep_customers) * (self.effect * own.lead - before);
            own.effect += own.change;
            ops.common += own.change;
            ops.capability_effect = own.effect;
            own.surprise = self.keep_shock * own.surprise + self.shock * ops.shock;
            let fell = own.effect - now.past[0][0] < -FELL_BEHIND;
            lane.events |= select(fell & (lane.lab.alive > 0.0), event::FELL_BEHIND, 0);
        } else {
            let need = ops.research_need;
            let served = ops.training_spend.0;
            let work = served * self.research.in_work(&lane.market) / self.spend;
            own.own = max(min(self.keep_stock * own.own + work * self.add_own, MOST_STOCK), LEAST_STOCK);
            own.growth = self.later + self.keep_growth * (own.growth - self.later);
            let growth = own.growth + self.winter * lane.market.winter + self.follows * own.surprise;
            own.spent = min(own.spent * exp(growth), MOST_STOCK);
            own.rivals = max(self.keep_stock * own.rivals + own.spent * self.add_rivals, LEAST_STOCK);
            own.lead = bounded(self.position * own.own / own.rivals, self.spillover) - self.par;
            ops.capability = own.lead;
            ops.research_stock = own.own;
            ops.rivals_stock = own.rivals;
            ops.research_served = select(served < need * ALL, served / max(need, f64::MIN_POSITIVE), 1.0);
        }
    }
}
