//! Terms of a campus on one path, from the scenario: the base case, the size of the debt, its schedule.

use super::Campus;
use super::spec::{Basis, CampusProfile, CampusSpec, Curve, Empty, InterestOn, JUNIOR, Order, Renew, Sponsor};
use crate::engine::math::{floor, max};
use crate::instruments::project_finance::{
    Build, Funding, PARTS, Schedule, Shape, Spend, lease_value, present_value, reserve_target,
};
use crate::instruments::term_loan::level_payment;
use crate::language::quantity::{Inputs, Quantity};
use crate::row;
use crate::units::Usd;

row! {
    /// A subordinated tranche: its share of the funding below the senior debt, monthly rate, level payment per unit of
    /// debt.
    pub struct Junior { pub share: f64, pub rate: f64, pub level: f64 }
    /// Monthly rent, operating cost, tax and maintenance, and their annual growth factors.
    pub struct Operation {
        pub rent: f64, pub grow: f64, pub opex: f64, pub opex_tenant: f64, pub opex_grow: f64,
        pub tax: f64, pub depreciation: f64, pub life: f64, pub set_aside: f64, pub per_every: f64,
    }
    /// Terms of a new loan at maturity; rates are monthly, except the widening of spreads, which is annual.
    pub struct Refinancing {
        pub ltv: f64, pub margin: f64, pub spread_below: f64, pub term: f64, pub per_term: f64, pub extension: f64,
        pub step_up: f64,
    }
    /// The lease; `renew` is 0 for never, 1 for if cheaper, 2 for always.
    pub struct Lease {
        pub lab: f64, pub term: f64, pub renewals: f64, pub renew: f64, pub hazard: f64, pub hazard_in_winter: f64,
        pub site: f64,
    }
    /// Sale value of the campus, guarantee of the debt, and re-leasing after the tenant leaves; `first` and `later` are
    /// monthly factors.
    pub struct Residual {
        pub first: f64, pub later: f64, pub follows: f64, pub net: f64, pub unfinished: f64,
        pub lab: f64, pub covers: f64, pub cap: f64, pub falls: f64,
        pub relet: f64, pub vacancy: f64, pub market_rent: f64,
    }
}

const TWELFTH: f64 = 1.0 / 12.0;
/// Maximum years of service in a base case.
const YEARS: usize = 100;

/// Whether month `j` of service (1 for the first) begins a new year of service after the first.
#[inline(always)]
pub fn turns(j: f64) -> bool {
    // Halves keep the quotients away from whole numbers.
    (j > 1.5) & (floor((j - 0.5) * TWELFTH) > floor((j - 1.5) * TWELFTH))
}

impl Operation {
    /// Tax on rent less operating cost and depreciation.
    #[inline(always)]
    pub fn tax_on(&self, rent: f64, opex: f64, j: f64) -> f64 {
        let depreciation = if j <= self.life { self.depreciation } else { 0.0 };
        max(0.0, rent - opex - depreciation) * self.tax
    }
    /// Base-case CFADS in month `j`, at the given levels of rent and operating cost.
    #[inline(always)]
    pub fn base(&self, j: f64, rent_level: f64, opex_level: f64) -> f64 {
        let (rent, opex) = (self.rent * rent_level, self.opex * opex_level);
        rent - opex - self.tax_on(rent, opex, j) - self.set_aside
    }
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn operation(spec: &CampusSpec, inputs: &Inputs<'_>) -> Operation {
    let gross = spec.lease.basis == Basis::Gross;
    let opex = spec.opex.at(inputs);
    let life = spec.tax.life.0.round().max(1.0);
    Operation {
        rent: spec.lease.rent.at(inputs),
        grow: 1.0 + spec.lease.escalation.at(inputs),
        opex: if gross { opex } else { 0.0 },
        opex_tenant: if gross { 0.0 } else { opex },
        opex_grow: 1.0 + spec.opex_growth.at(inputs),
        tax: spec.tax.rate.at(inputs),
        depreciation: spec.construction.cost.at(inputs) / life,
        life,
        set_aside: spec.maintenance.set_aside.at(inputs),
        per_every: 1.0 / spec.maintenance.every.0.round().max(1.0),
    }
}

/// `1, g, g², …` by year, by repeated multiplication as in a run.
fn levels(grow: f64) -> [f64; YEARS] {
    let mut out = [1.0; YEARS];
    for y in 1..YEARS {
        out[y] = out[y - 1] * grow;
    }
    out
}

fn year(j: usize) -> usize {
    (j.saturating_sub(1) / 12).min(YEARS - 1)
}

fn spending(spec: &CampusSpec, inputs: &Inputs<'_>) -> Spend {
    let c = &spec.construction;
    let form = match c.spend {
        _ if !c.shares.is_empty() => 2.0,
        Curve::SCurve => 1.0,
        Curve::Even => 0.0,
    };
    let mut share = [0.0; PARTS];
    for (slot, q) in share.iter_mut().zip(&c.shares) {
        *slot = q.at(inputs);
    }
    // Uncertain shares may not add up to 100%.
    let sum: f64 = share.iter().sum();
    if sum > 0.0 {
        for part in &mut share {
            *part /= sum;
        }
    }
    Spend { form, parts: c.shares.len().min(PARTS) as f64, share }
}

/// Size of the debt and of everything that ranks below it, and the debt's schedule.
fn sized(
    spec: &CampusSpec,
    inputs: &Inputs<'_>,
    build: &mut Build,
    cost: impl Fn(usize) -> f64,
    cash: impl Fn(usize) -> f64,
) -> (Funding, Schedule) {
    let d = &spec.debt;
    let n = spec.construction.months.0.round().max(1.0) as usize;
    let (term, grace) = (d.term.0.round().max(1.0) as usize, d.interest_only.0.round() as usize);
    let shape = match d.profile {
        CampusProfile::Sculpted => Shape::Sculpted,
        CampusProfile::Level => Shape::Level,
        CampusProfile::Straight => Shape::Straight,
        CampusProfile::Bullet => Shape::Bullet,
    };
    let balloon = d.balloon.at(inputs);
    let unit = Schedule::unit(shape, build.rate, (term, grace), balloon, &cash);
    // At most the debt with a month's interest, as in service.
    build.reserve = reserve_target(d.reserve.0.round(), 1.0, unit.service(1.0, Usd(cash(1)), Usd(1.0))).0;
    build.reserve = build.reserve.min(1.0 + build.rate);
    let funding = if let Some(amount) = &d.amount {
        build.with_debt(n, &cost, amount.at(inputs), 1.0)
    } else {
        let gearing = spec.funding.gearing.as_ref().map_or(1.0, |q| q.at(inputs));
        let mut most = f64::INFINITY;
        if let Some(cover) = &d.target_dscr {
            most = most.min(unit.covered(cover.at(inputs), &cash));
        }
        if let Some(cover) = &d.target_llcr {
            let value = present_value(build.rate, 0, term, &cash);
            most = most.min(value.max(0.0) / cover.at(inputs));
        }
        let left = if shape == Shape::Bullet { 1.0 } else { balloon };
        if let (Some(limit), true) = (&d.balloon_limit, left > 0.0) {
            most = most.min(limit.at(inputs) * spec.construction.cost.at(inputs) / left);
        }
        let geared = build.geared(n, &cost, gearing);
        if most < geared.debt { build.with_debt(n, &cost, most, gearing) } else { geared }
    };
    (funding, unit.times(funding.debt))
}

fn residual(spec: &CampusSpec, inputs: &Inputs<'_>) -> Residual {
    let v = &spec.value;
    let monthly = |q: &Quantity| libm::exp(libm::log((1.0 + q.at(inputs)).max(1e-6)) / 12.0);
    let g = spec.guarantee.as_ref();
    Residual {
        first: monthly(&v.first_year),
        later: monthly(&v.later),
        follows: v.follows_resale.at(inputs),
        net: 1.0 - v.sale_cost.at(inputs),
        unfinished: v.unfinished.at(inputs),
        lab: flag(spec.lab_guarantees()),
        covers: g.map_or(0.0, |g| g.covers.at(inputs)),
        cap: g.and_then(|g| g.cap.as_ref()).map_or(f64::MAX, |q| q.at(inputs)),
        falls: g.map_or(0.0, |g| g.cap_falls.at(inputs)) / 12.0,
        relet: flag(spec.tail.empty == Empty::Relet),
        vacancy: spec.tail.vacancy.at(inputs).round(),
        market_rent: spec.tail.market_rent.at(inputs),
    }
}

fn refinancing(spec: &CampusSpec, inputs: &Inputs<'_>) -> Refinancing {
    let r = &spec.debt.refinancing;
    let term = r.term.0.round().max(1.0);
    Refinancing {
        ltv: r.ltv.at(inputs),
        margin: r.margin.at(inputs) / 12.0,
        spread_below: r.spread_below.at(inputs),
        term,
        per_term: 1.0 / term,
        extension: r.extension.0.round(),
        step_up: r.step_up.at(inputs) / 12.0,
    }
}

pub(super) fn terms(spec: &CampusSpec, inputs: &Inputs<'_>) -> Campus {
    let (c, d, f, l) = (&spec.construction, &spec.debt, &spec.funding, &spec.lease);
    let months = c.months.0.round().max(1.0);
    let cost = c.cost.at(inputs);
    let operation = operation(spec, inputs);
    let (rents, costs) = (levels(operation.grow), levels(operation.opex_grow));
    let cash = |j: usize| operation.base(j as f64, rents[year(j)], costs[year(j)]);
    let spend = spending(spec, inputs);
    let base_sofr = d.base_sofr.as_ref().map_or(0.0, |q| q.at(inputs));
    let at_base = |floats: f64, margin: f64| floats * base_sofr + margin;
    let (floats, margin) = (flag(d.rate.floats) / 12.0, d.rate.margin.at(inputs) / 12.0);
    let (cash_floats, cash_margin) = (flag(d.cash_interest.floats) / 12.0, d.cash_interest.margin.at(inputs) / 12.0);
    // Not negative, as on every path.
    let rate = at_base(floats, margin).max(0.0);
    let commitment = d.commitment_fee.at(inputs) / 12.0;
    let mut build = Build {
        rate,
        idle: if d.prefunded { rate - at_base(cash_floats, cash_margin) } else { commitment },
        upfront: d.upfront_fee.at(inputs),
        reserve: 0.0,
        letter: f.letter_of_credit.at(inputs) / 12.0,
        at_once: flag(d.prefunded),
        average: flag(d.interest_on == InterestOn::Average),
        order: match f.order {
            Order::ProRata => 0.0,
            Order::EquityFirst => 1.0,
            Order::EquityLast => 2.0,
        },
    };
    let planned = |k: usize| cost * (spend.by(k as f64 / months) - spend.by((k as f64 - 1.0) / months));
    let (funding, schedule) = sized(spec, inputs, &mut build, planned, cash);
    // Subordinated tranches take their share of what the senior debt leaves, so that they are drawn with the equity.
    let below = funding.equity.max(f64::MIN_POSITIVE);
    let amounts: f64 = spec.subordinated.0.iter().map(|(_, t)| t.amount.at(inputs)).sum();
    let fits = if amounts > below { below / amounts } else { 1.0 };
    let mut junior = [Junior::default(); JUNIOR];
    for (slot, (_, t)) in junior.iter_mut().zip(&spec.subordinated.0) {
        let (amount, rate) = (t.amount.at(inputs), t.rate.at(inputs) / 12.0);
        *slot = Junior { share: amount * fits / below, rate, level: level_payment(rate, t.term.0.round().max(1.0)) };
    }
    let term = l.term.0.round().max(1.0);
    let discount = spec.discount_rate.at(inputs) / 12.0;
    let firm = lease_value(|i| rents[year(i)], term as usize, discount, false, 0.0);
    let hazard = l.tenant_fails.at(inputs);
    let mut out = Campus {
        power: spec.power.at(inputs),
        start: c.start.0,
        months,
        per_month: 1.0 / months,
        serves: c.start.0 + months + c.delay.at(inputs).round(),
        cost,
        spends: cost * (1.0 + c.overrun.at(inputs)).max(0.0),
        spend,
        build,
        commitment,
        cash_floats,
        cash_margin,
        debt: funding.debt,
        equity: funding.equity,
        gearing: funding.gearing(),
        junior,
        lab: spec.equity.lab.at(inputs),
        standby: f.standby.at(inputs),
        sponsor: flag(f.sponsor == Sponsor::Lab),
        patience: if f.sponsor == Sponsor::Lab || spec.equity.lab.at(inputs) > 0.0 {
            f.patience.0.round()
        } else {
            0.0
        },
        floats,
        margin,
        schedule,
        reserve: d.reserve.0.round(),
        sweep: d.sweep.at(inputs),
        lock_up: d.covenants.lock_up.at(inputs),
        fails: d.covenants.default.at(inputs),
        present_value: present_value(rate, 0, schedule.term as usize, cash),
        refinancing: refinancing(spec, inputs),
        operation,
        lease: Lease {
            lab: flag(spec.leases_to_lab()),
            term,
            renewals: f64::from(l.renewals),
            renew: match l.renew {
                Renew::Never => 0.0,
                Renew::IfCheaper => 1.0,
                Renew::Always => 2.0,
            },
            hazard,
            hazard_in_winter: l.tenant_fails_in_winter.as_ref().map_or(hazard, |q| q.at(inputs)),
            site: spec.site.at(inputs),
        },
        residual: residual(spec, inputs),
        discount,
        firm,
        firm_at_close: operation.rent * firm * libm::exp(-(months - 1.0) * libm::log1p(discount)),
        own: 0.0,
    };
    let waits = build.waits(months as usize, planned, &funding);
    out.own = out.equity_rate(base_sofr, waits);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_service_turn_every_twelfth_month() {
        let begun: Vec<usize> = (1..=40).filter(|&j| turns(j as f64)).collect();
        assert_eq!(begun, [13, 25, 37]);
        for j in 1..YEARS * 12 {
            assert_eq!(turns(j as f64), j > 1 && year(j) != year(j - 1), "{j}");
        }
    }

    #[test]
    fn base_cash_flow() {
        // Rent 120 less 20 of running cost, 25% tax on 100 − 60 of depreciation = 10, 5 set aside: 85.
        let o = Operation {
            rent: 120.0,
            grow: 1.02,
            opex: 20.0,
            opex_grow: 1.1,
            tax: 0.25,
            depreciation: 60.0,
            life: 24.0,
            set_aside: 5.0,
            ..Default::default()
        };
        assert_eq!(o.base(1.0, 1.0, 1.0), 85.0);
        // In the third year all is profit: 122.4 × 1.02 − 24.2 = 100.648; a quarter of it is tax.
        let third = 120.0 * 1.02 * 1.02 - 20.0 * 1.1 * 1.1;
        assert!((o.base(25.0, 1.02 * 1.02, 1.1 * 1.1) - (third * 0.75 - 5.0)).abs() < 1e-12);
        // Losses bring no tax back.
        assert_eq!(o.base(1.0, 0.1, 1.0), 12.0 - 20.0 - 5.0);
    }
}
