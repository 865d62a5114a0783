//! From the scenario to terms on one path; validation; balances before the first month.

use super::rows::{Ddtl, DdtlState};
use super::{CovenantsSpec, DdtlSpec, Enforcement, RepaymentProfile, RepaymentSpec};
use crate::engine::math::{max, min};
use crate::instruments::hardware::Decline;
use crate::instruments::term_loan::level_payment;
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::language::rules::KeyRules;
use crate::language::unused;
use crate::units::Usd;

/// Minimum contract term, in months.
const SHORTEST: f64 = 12.0;

pub(super) fn check(spec: &DdtlSpec, issues: &mut Issues) {
    let place = spec.name.place();
    if spec.margin().is_none() {
        let grade = spec.offtaker.grade;
        issues
            .error(
                "missing",
                spec.offtaker.name.place(),
                format!("no margin for an offtaker of grade `{}`", grade.word()),
                "it is missing from `margin`",
            )
            .help(format!("write `margin: {{{}: 225 bp}}`", grade.word()));
    }
    if spec.rate.floats && spec.repayment.schedule_rate.is_none() {
        issues
            .error(
                "missing",
                place,
                "a floating-rate loan requires a rate to schedule principal",
                "`repayment` has no `schedule_rate`",
            )
            .help("write `repayment: {schedule_rate: 6%/yr}`: about SOFR and margin today");
    }
    if spec.contract_term() < SHORTEST {
        issues.error(
            "range",
            spec.offtaker.term.place(),
            "the contract is shorter than a year",
            "hardware must be rented for at least 12 months",
        );
    }
    if spec.repayment.tail.0.round() >= spec.contract_term() {
        issues.error(
            "range",
            spec.repayment.tail.place(),
            "no time is left to repay a draw",
            "`tail` must be shorter than the contract's `term`",
        );
    }
    for (key, months) in [
        ("over", Some(spec.deliveries.over)),
        ("available", spec.available),
        ("cure", Some(spec.covenants.cure)),
        ("grace", Some(spec.offtaker.grace)),
    ] {
        if let Some(months) = months.filter(|m| m.0.round() < 1.0) {
            issues.error("range", months.place(), format!("`{key}` is shorter than a month"), "write `1 mo`");
        }
    }
    if spec.deliveries.start.0 + spec.deliveries.over.0.round() + spec.contract_term() <= 1.0 {
        issues.error(
            "date-outside",
            spec.deliveries.start.place(),
            "all contracts are over before the first month",
            "the loan has no effect",
        );
    }
    if !spec.rate.floats {
        let floor = [unused::quantity(DdtlSpec::FIELDS, "floor", &spec.floor)];
        unused::report(&floor, "with a fixed rate", "it is a SOFR floor; write `rate: sofr`", issues);
    }
    if spec.repayment.profile != RepaymentProfile::Sculpted {
        let dscr = [unused::quantity(RepaymentSpec::FIELDS, "dscr", &spec.repayment.dscr)];
        unused::report(&dscr, "unless repayment is sculpted", "write `profile: sculpted`, or remove it", issues);
    }
    if spec.covenants.ltv_later.is_none() {
        let over = [unused::quantity(CovenantsSpec::FIELDS, "over", &spec.covenants.over)];
        unused::report(&over, "without `ltv_later`", "`ltv` does not move", issues);
    }
    if spec.covenants.ltv.is_none()
        && let Some(later) = &spec.covenants.ltv_later
    {
        issues.error("missing", later.place(), "`ltv_later` without `ltv`", "state `ltv`, the initial limit");
    }
    let hazards =
        [Some(&spec.offtaker.lost), spec.offtaker.lost_in_winter.as_ref(), Some(&spec.offtaker.lost_with_lab)];
    if spec.by_lab()
        && let Some(hazard) = hazards.into_iter().flatten().find(|q| q.known() != Some(0.0))
    {
        issues.error(
            "unsupported",
            hazard.place(),
            "the lab's own contract is not lost at random",
            "it ends when the lab does, or after `grace` months of arrears",
        );
    }
}

/// Adds the rules between quantities that must hold on every path.
pub(super) fn key_rules(spec: &DdtlSpec, rules: &mut KeyRules<'_>) {
    rules.rule("range", spec.opex.place(), |at| {
        let title = || "the rent does not exceed the operating cost".to_owned();
        let label = || "no cash would be left to service the loan".to_owned();
        (spec.offtaker.price.at(at) <= spec.opex.at(at)).then(|| (title(), label()))
    });
}

pub(super) fn terms(spec: &DdtlSpec, inputs: &Inputs<'_>) -> Ddtl {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let (term, instalments) = (spec.contract_term(), spec.loan_term());
    let over = spec.deliveries.over.0.round().max(1.0);
    let start = spec.deliveries.start.0;
    let capex = spec.capex.at(inputs);
    let power = spec.power.at(inputs) / capex;
    let o = &spec.offtaker;
    let (rent, opex) = (o.price.at(inputs) * power, spec.opex.at(inputs) * power);
    let growth = o.escalation.at(inputs);
    let grow = libm::exp(growth);
    let schedule_rate = spec.schedule_rate(inputs) / 12.0;
    let discount = spec.discount_rate.at(inputs) / 12.0;
    // Present values per dollar of hardware: of the contract's cash flow over the instalments, and of its rent.
    let (mut worth, mut firm) = (0.0, 0.0);
    let (mut price, mut by_schedule, mut by_discount) = (rent, 1.0, 1.0);
    for month in 1..=term as usize {
        by_schedule /= 1.0 + schedule_rate;
        by_discount /= 1.0 + discount;
        worth += if month as f64 <= instalments { (price - opex) * by_schedule } else { 0.0 };
        firm += price * by_discount;
        price *= grow;
    }
    let sculpted = spec.repayment.profile == RepaymentProfile::Sculpted;
    let pays = sculpted && worth > 0.0;
    let (most, rising, flat, shape) = if pays {
        (worth / spec.repayment.dscr.at(inputs), rent / worth, -opex / worth, grow)
    } else if sculpted {
        (0.0, 0.0, 0.0, 1.0)
    } else {
        (f64::INFINITY, level_payment(schedule_rate, instalments), 0.0, 1.0)
    };
    let c = &spec.covenants;
    let ltv = c.ltv.as_ref().map_or(1e9, |q| q.at(inputs));
    let ltv_later = c.ltv_later.as_ref().map_or(ltv, |q| q.at(inputs));
    let ltv_over = c.over.at(inputs);
    let e = &spec.enforcement;
    let decline = Decline::of(&spec.value, inputs);
    let lost = o.lost.at(inputs);
    let mut out = Ddtl {
        commitment: Usd(spec.commitment.at(inputs)),
        advance: spec.advance.at(inputs).min(most),
        floats: flag(spec.rate.floats) / 12.0,
        floor: spec.floor.at(inputs),
        margin: (spec.rate.margin.at(inputs) + spec.margin().map_or(0.0, |q| q.at(inputs))) / 12.0,
        fee: spec.commitment_fee.at(inputs) / 12.0,
        cost: Usd(capex / over),
        start,
        over,
        available: start + spec.available.map_or(over, |m| m.0.round()) - 1.0,
        by_lab: flag(spec.by_lab()),
        power,
        rent,
        opex,
        grow,
        grown: libm::exp(growth * term),
        term,
        lost,
        lost_in_winter: o.lost_in_winter.as_ref().map_or(lost, |q| q.at(inputs)),
        lost_with_lab: o.lost_with_lab.at(inputs),
        grace: o.grace.0.round(),
        discount,
        firm,
        schedule_rate,
        instalments,
        rising,
        flat,
        shape,
        shaped: if pays { libm::exp(growth * instalments) } else { 1.0 },
        ltv,
        ltv_slope: (ltv_later - ltv) / ltv_over,
        ltv_over,
        lock_up: c.lock_up.at(inputs),
        breach: c.default.at(inputs),
        cure: c.cure.0.round().max(1.0),
        reserve: spec.reserve.at(inputs),
        sweep: spec.sweep.at(inputs),
        refused: spec.refused_in_winter.at(inputs),
        sells: flag(e.lender == Enforcement::Sells),
        vacancy: e.vacancy.at(inputs),
        relet: e.relet.at(inputs),
        kept: 1.0 - e.sale_cost.at(inputs),
        recourse: flag(spec.recourse),
        last: start + over - 1.0 + instalments,
        decline,
        at_end: decline.left(term + 1.0),
        carried: Usd::ZERO,
    };
    out.carried = out.before_the_start().carried;
    out
}

impl Ddtl {
    /// State before the first month: everything went to plan.
    pub(super) fn before_the_start(&self) -> DdtlState {
        let mut own = DdtlState { factor: 1.0, ..DdtlState::default() };
        let zero = Usd::ZERO;
        let mut t = self.start;
        while t < 1.0 {
            self.roll_contract(&mut own, self.before(t - self.term - 1.0));
            let principal = max(self.roll_schedule(&mut own, self.drawn_before(t - self.instalments - 1.0)), zero);
            let principal = min(principal, own.balance);
            own.vintages.age(&self.decline, self.before(t - 12.0));
            let expired = self.before(t - self.term - 1.0) * self.at_end;
            own.vintages.remove(expired);
            let service = own.balance * self.schedule_rate + principal;
            let cash_flow = own.contract - min(own.placed * self.opex, own.contract);
            let left = max(cash_flow + expired * self.kept - service, zero);
            own.balance -= principal;
            let kept = min(left, max(service * self.reserve - own.reserve, zero));
            own.reserve += kept;
            own.arrived = self.planned(t);
            own.arrived_at_one = own.arrived;
            own.draw = self.drawn_before(t);
            own.drawn_total += own.draw;
            own.balance += own.draw;
            own.on_schedule += own.draw;
            own.vintages.add(own.arrived);
            own.carried = max(own.carried + own.arrived - own.draw - (left - kept), zero);
            own.cash_flows = [cash_flow, own.cash_flows[0]];
            own.services = [service, own.services[0]];
            t += 1.0;
        }
        own.market_value = own.vintages.value(1.0);
        own
    }
}
