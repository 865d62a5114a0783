//! From the scenario to terms on one path.

use super::super::capital::Calls;
use super::super::spec::{CapitalUse, JointVentureSpec};
use super::DistributionVenture;
use crate::instruments::waterfall::monthly;
use crate::language::quantity::{Inputs, Quantity};

/// Date of an event that never occurs.
const NEVER: f64 = f64::MAX;

impl DistributionVenture {
    pub(super) fn new(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> DistributionVenture {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let at = |q: &Option<Quantity>| q.as_ref().map_or(0.0, |q| q.at(inputs));
        let calls = Calls::new(spec, inputs);
        let income = spec.income.at(inputs);
        let floor = spec.floor.as_ref();
        let minimum = spec.minimum_return.as_ref();
        let multiple = at(&spec.exit_multiple);
        let all_uses = [CapitalUse::Deployment, CapitalUse::People, CapitalUse::Acquisitions];
        let mut out = DistributionVenture {
            sharing: spec.waterfall.terms(inputs),
            uplift: at(&spec.demand_uplift),
            builds_up: spec.builds_up.0.round().max(1.0),
            commission: spec.commission.at(inputs),
            stays: 1.0,
            sales_growth: 1.0,
            services_growth: 1.0,
            pays_people: flag(spec.pays_for(CapitalUse::People)),
            pays_deployment: flag(spec.pays_for(CapitalUse::Deployment)),
            pays_acquisition: flag(spec.pays_for(CapitalUse::Acquisitions)),
            bought_at: spec.acquisitions.as_ref().map_or(NEVER, |a| a.date.0),
            price: spec.acquisitions.as_ref().map_or(0.0, |a| a.amount.at(inputs)),
            brings: spec.acquisitions.as_ref().map_or(0.0, |a| a.brings.at(inputs)),
            retains: flag(spec.retains()),
            distributes_from: calls.start + spec.distributes_from.map_or(0.0, |months| months.0.round()),
            has_minimum: flag(minimum.is_some()),
            growth: 1.0 + monthly(minimum.map_or(0.0, |m| m.rate.at(inputs))),
            most: minimum.and_then(|m| m.most.as_ref()).map_or(NEVER, |q| q.at(inputs)),
            tested_at: minimum.and_then(|m| m.at).map_or(NEVER, |w| w.0),
            income: [income, spec.income_in_winter.as_ref().map_or(income, |q| q.at(inputs))],
            per_partner: if calls.partners > 0.0 { 1.0 / calls.partners } else { 0.0 },
            floor: floor.map_or(0.0, |f| f.rate.at(inputs) / 12.0),
            floor_most: floor.map_or(0.0, |f| f.most.as_ref().map_or(f64::MAX, |q| q.at(inputs) * 12.0)),
            floor_until: floor.map_or(0.0, |f| f.until.map_or(f64::MAX, |w| w.0)),
            multiple: [multiple, multiple * spec.exit_in_winter.as_ref().map_or(1.0, |q| q.at(inputs))],
            has_multiple: flag(spec.exit_multiple.is_some()),
            manager: flag(spec.has_manager()),
            restricted: flag(all_uses.iter().any(|what| !spec.pays_for(*what))),
            calls,
            ..DistributionVenture::default()
        };
        if let Some(p) = &spec.portfolio {
            let boom = p.adopts.at(inputs);
            out.has_portfolio = 1.0;
            out.companies = p.companies.at(inputs);
            let share = p.in_winter.as_ref().map_or(1.0, |q| q.at(inputs));
            out.adopts = [boom, p.adopts_in_winter.as_ref().map_or(boom * share, |q| q.at(inputs))];
            out.stays = 1.0 - p.churns.at(inputs);
            out.sales = p.sales.at(inputs);
            out.sales_growth = libm::exp(p.sales_growth.at(inputs));
            out.services = p.services.at(inputs);
            out.services_growth = libm::exp(p.services_growth.at(inputs));
            out.deployment = p.deployment.at(inputs);
            (out.people, out.people_share) = p.people.at(inputs);
            out.overhead = p.overhead.at(inputs);
            out.reserve = out.overhead * spec.keeps.as_ref().map_or(0.0, |q| q.at(inputs));
        }
        out
    }
}
