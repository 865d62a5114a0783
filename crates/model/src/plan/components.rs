//! The components of a scenario: which drivers and which pieces of the lab it needs, in the order in which a stage runs
//! them.

use crate::components::ComponentSpec;
use crate::drivers::compute_market::PriceSpec;
use crate::drivers::{ApartRegimeSpec, CompetitionSpec, EquityMarketSpec, Resale, Winters};
use crate::issues::Issues;
use crate::lab::allocation::Ranked;
use crate::lab::capability::CapabilitySetup;
use crate::lab::costs::CostsSpec;
use crate::lab::demand::{CommonSpec, Saturation};
use crate::lab::equity_price::EquityPriceSetup;
use crate::lab::equity_supply::covered_by;
use crate::lab::market::{MarketSpec, ResaleSpec};
use crate::lab::orders::{OrderPolicy, OrdersSetup};
use crate::lab::research::ResearchSetup;
use crate::lab::scarcity::ScarcitySpec;
use crate::lab::segment::SegmentSetup;
use crate::lab::treasury::TreasurySpec;
use crate::lab::{Capacity, LabSpec};
use crate::language::quantity::Inputs;
use crate::scenario::Scenario;

/// The drivers of the world, in order.
fn drivers_of(scenario: &Scenario, medians: &[f64]) -> Vec<ComponentSpec> {
    let (world, lab): (_, &LabSpec) = (&scenario.world, &scenario.lab);
    let at_median = |q: &crate::language::quantity::Quantity| q.at(&Inputs::new(medians));
    let mut out = Vec::new();
    // With `winters: apart`, each regime applies to the drivers after it, up to the next regime.
    let apart = |stream| {
        let regime = world.regime.clone().filter(|r| r.winters == Winters::Apart)?;
        Some(ComponentSpec::ApartRegime(ApartRegimeSpec { regime, stream }))
    };
    out.extend(world.regime.clone().filter(|r| r.winters == Winters::Together).map(ComponentSpec::Regime));
    out.extend(world.sofr.clone().map(ComponentSpec::Sofr));
    let credit = world.capital.as_ref().and_then(|capital| capital.credit.clone());
    if world.credit_spread.is_some() || credit.is_some() {
        out.extend(apart("regime.credit"));
    }
    if world.credit_spread.is_some() {
        out.push(ComponentSpec::CreditSpread(world.clone()));
    }
    out.extend(credit.map(ComponentSpec::CreditSupply));
    let demand = &lab.demand;
    out.extend(apart("regime.equity"));
    out.push(ComponentSpec::EquityMarket(EquityMarketSpec {
        world: world.clone(),
        growth_now: at_median(&demand.growth.now),
        growth_later: at_median(&demand.growth.later),
    }));
    out.extend(price_of(scenario).map(ComponentSpec::EquityPrice));
    out.extend(world.capital.as_ref().and_then(|c| c.equity.clone()).map(ComponentSpec::EquitySupply));
    if covers_obligations(scenario) {
        out.push(ComponentSpec::FirmCover(()));
    }
    out.extend(apart("regime.compute"));
    // Always present: it opens the resale index at 1.
    out.push(ComponentSpec::ComputePrice(world.clone()));
    if Resale::moves(world) {
        out.push(ComponentSpec::Resale(world.clone()));
    }
    if world.vendor_share.is_some() {
        out.push(ComponentSpec::VendorShare(world.clone()));
    }
    out.extend(apart(ApartRegimeSpec::DEMAND));
    let overruns = lab.compute.research.as_ref().and_then(|r| r.overruns.clone());
    if demand.releases.is_some() || world.competitors.is_some() || world.frontier.is_some() {
        out.push(ComponentSpec::Competition(CompetitionSpec {
            releases: demand.releases.clone(),
            competitors: world.competitors.clone(),
            frontier: world.frontier.clone(),
            overruns,
        }));
    }
    out
}

/// Drivers and the lab's components, in order.
pub(super) fn components_of(scenario: &Scenario, medians: &[f64]) -> Vec<ComponentSpec> {
    let (world, lab): (_, &LabSpec) = (&scenario.world, &scenario.lab);
    let at_median = |q: &crate::language::quantity::Quantity| q.at(&Inputs::new(medians));
    let mut out = drivers_of(scenario, medians);
    let demand = &lab.demand;
    // Demand.
    out.push(ComponentSpec::Common(CommonSpec { demand: demand.clone(), regime: world.regime.clone() }));
    out.extend(demand.churn.clone().map(ComponentSpec::Churn));
    out.extend(demand.releases.clone().map(ComponentSpec::Releases));
    out.extend(demand.price.clone().map(ComponentSpec::Price));
    let c = &lab.compute;
    let ranked = Ranked::needed(c, demand.has_contracted());
    let capability = capability_of(scenario);
    out.extend(capability.clone().map(ComponentSpec::Capability));
    let revenue: f64 = demand.segments.0.iter().map(|(_, s)| at_median(&s.run_rate)).sum();
    for (_, segment) in &demand.segments.0 {
        let share = if revenue > 0.0 { at_median(&segment.run_rate) / revenue } else { 0.0 };
        let setup = SegmentSetup {
            demand: demand.clone(),
            segment: segment.clone(),
            share,
            competitors: world.competitors.clone(),
            capability: capability.clone(),
        };
        out.push(segment_of(setup, ranked));
    }
    // Power needs and their allocation.
    let ladder = &lab.policy.ladder;
    let slows = c.research.as_ref().and_then(|r| r.slows_releases.clone());
    let waits = demand.releases.as_ref().is_some_and(|releases| releases.waits);
    if let Some(setup) = research_of(lab) {
        let split = ranked || slows.is_some() || waits;
        out.push(if split { ComponentSpec::SplitResearch(setup) } else { ComponentSpec::Research(setup) });
    }
    out.extend(c.training.clone().map(ComponentSpec::Training));
    out.extend(c.inference.gross_margin.clone().map(ComponentSpec::Margin));
    out.extend(c.inference.power.clone().map(ComponentSpec::Intensity));
    // After needs are known, before power is allocated.
    if let Some(price) = world.compute_price.clone().filter(PriceSpec::is_scarce) {
        let growth = demand.growth.now.clone();
        out.push(ComponentSpec::Scarcity(ScarcitySpec { price, compute: c.clone(), growth }));
    }
    out.push(if ranked { ComponentSpec::Ranked(c.clone()) } else { ComponentSpec::Allocation(c.clone()) });
    out.extend(slows.map(ComponentSpec::Pace));
    out.extend(waits.then_some(ComponentSpec::FinalRun(())));
    out.extend(lab.other.lumps.clone().map(ComponentSpec::Lumps));
    out.push(ComponentSpec::Costs(CostsSpec {
        people: lab.people.clone(),
        other: lab.other.clone(),
        partner_share: c.inference.partner_share.clone(),
        partner_cap: c.inference.partner_cap.clone(),
        partner_until: c.inference.partner_until,
        cut_after: ladder.hiring.0,
    }));
    out.extend(orders_of(scenario));
    let market = MarketSpec {
        spot_limit: c.spot_limit.clone(),
        resale: c.resale.clone(),
        resold_after: ladder.resale.0,
        bare: c.capacity == Capacity::None,
    };
    out.push(match c.resale {
        ResaleSpec::Share(_) => ComponentSpec::Market(market),
        ResaleSpec::Terms(_) if c.resale.is_let() => ComponentSpec::LetMarket(market),
        ResaleSpec::Terms(_) => ComponentSpec::TimedMarket(market),
    });
    out.push(ComponentSpec::Treasury(TreasurySpec::new(lab, scenario.time.start.month())));
    out
}

/// Research as spending, if the scenario has it.
fn research_of(lab: &LabSpec) -> Option<ResearchSetup> {
    Some(ResearchSetup {
        research: lab.compute.research.clone()?,
        releases: lab.demand.releases.as_ref().map(|r| r.every.clone()),
        surplus: Some((lab.policy.surplus_to_research.clone(), lab.policy.surplus_above.clone())),
        cut_after: lab.policy.ladder.research.0,
    })
}

/// Median loop gain from which research that follows revenue would feed on itself without end.
const MOST_LOOP_GAIN: f64 = 0.95;

/// Reports a loop gain that is too high at the median.
pub(super) fn check_loop_gain(scenario: &Scenario, medians: &[f64], issues: &mut Issues) -> Option<()> {
    let Some(capability) = &scenario.lab.demand.capability else { return Some(()) };
    let gain = capability.elasticity.at(&Inputs::new(medians));
    if gain < MOST_LOOP_GAIN {
        return Some(());
    }
    let title = format!("the loop of research and revenue has a gain of {gain:.2}");
    issues
        .error("loop-gain", Some(capability.elasticity.place()), title, "the median must be below 0.95")
        .help(format!("1% more research brings {gain:.2}% more revenue, of which research takes its share again"));
    None
}

/// The price of equity less what the lab owes, if the scenario has it.
pub(super) fn price_of(scenario: &Scenario) -> Option<EquityPriceSetup> {
    let price = scenario.world.capital.as_ref()?.price.clone()?;
    Some(EquityPriceSetup { price, lab: Box::new(scenario.lab.clone()) })
}

/// Whether rounds are launched by what the lab owes half a year ahead.
pub(super) fn covers_obligations(scenario: &Scenario) -> bool {
    scenario.instruments.0.iter().any(|instrument| covered_by(instrument).is_some())
}

/// The effect of research on demand, if the scenario has it.
fn capability_of(scenario: &Scenario) -> Option<CapabilitySetup> {
    let (world, demand) = (&scenario.world, &scenario.lab.demand);
    let (capability, rivals) = (demand.capability.clone()?, world.rivals.clone()?);
    let winter = world.regime.as_ref().map(|regime| regime.winter.growth.clone());
    Some(CapabilitySetup {
        research: research_of(&scenario.lab)?,
        winter_growth: rivals.winter_growth.clone().filter(|_| world.regime.is_some()).or(winter),
        capability,
        rivals,
        growth_half_life: demand.growth.half_life.clone(),
        growth_shock: demand.growth_shock.clone(),
        included: CapabilitySetup::is_included(demand.growth_is, demand.saturation),
    })
}

/// The component of a segment, by its form of saturation and by whether customers are ranked.
fn segment_of(setup: SegmentSetup, ranked: bool) -> ComponentSpec {
    match (&setup.demand.ceiling, setup.demand.saturation, ranked) {
        (Some(_), Saturation::Logistic, false) => ComponentSpec::LogisticSegment(setup),
        (Some(_), Saturation::Gompertz, false) => ComponentSpec::GompertzSegment(setup),
        (Some(_), Saturation::Bass, false) => ComponentSpec::BassSegment(setup),
        (Some(_), Saturation::Logistic, true) => ComponentSpec::RankedLogisticSegment(setup),
        (Some(_), Saturation::Gompertz, true) => ComponentSpec::RankedGompertzSegment(setup),
        (Some(_), Saturation::Bass, true) => ComponentSpec::RankedBassSegment(setup),
        (_, _, false) => ComponentSpec::FreeSegment(setup),
        (_, _, true) => ComponentSpec::RankedFreeSegment(setup),
    }
}

/// The component that orders capacity, by its policy.
fn orders_of(scenario: &Scenario) -> Option<ComponentSpec> {
    let (world, lab) = (&scenario.world, &scenario.lab);
    let orders = lab.compute.orders.clone()?;
    let (policy, plain) = (orders.policy, orders.is_plain());
    let setup = OrdersSetup {
        orders,
        damages: lab.default.damages.clone(),
        demand: lab.demand.clone(),
        resale: lab.compute.resale.clone(),
        price: world.compute_price.clone(),
        spot_limit: lab.compute.spot_limit.clone(),
        regime: world.regime.clone(),
        usable: [lab.compute.availability.clone(), lab.compute.u_max.clone()],
        stopped_after: lab.policy.ladder.orders.0,
    };
    Some(match policy {
        OrderPolicy::None => return None,
        OrderPolicy::ForecastShare if plain => ComponentSpec::Orders(setup),
        OrderPolicy::ForecastShare => ComponentSpec::GuidedOrders(setup),
        OrderPolicy::Newsvendor => ComponentSpec::NewsvendorOrders(setup),
        OrderPolicy::FixedPlan => ComponentSpec::PlannedOrders(setup),
        OrderPolicy::MatchBullish => ComponentSpec::BullishOrders(setup),
    })
}
