//! From the scenario to terms on one path, and validation.

use super::rows::{Abs, AbsState, Note};
use super::{AbsSpec, TRANCHES, Who};
use crate::issues::Issues;
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;

pub(super) fn check(spec: &AbsSpec, issues: &mut Issues) {
    let place = spec.name.place();
    let n = spec.tranches.0.len();
    if n == 0 || n > TRANCHES {
        issues.error(
            "too-many",
            spec.tranches.0.get(TRANCHES).map_or(place, |(name, _)| name.place()),
            format!("`tranches` has {n} entries"),
            format!("the engine supports 1 to {TRANCHES}"),
        );
    }
    if spec.closing.0 < 1.0 {
        issues.error(
            "date-outside",
            spec.closing.place(),
            "the notes close before the first month",
            "only notes issued during the simulation are modelled",
        );
    }
    for (key, months) in [
        ("life", spec.pool.life),
        ("term", spec.tenants.term),
        ("grace", spec.grace),
        ("grace", spec.tenants.grace),
        ("expected", spec.expected),
    ] {
        if months.0.round() < 1.0 {
            issues.error("range", months.place(), format!("`{key}` is shorter than a month"), "write `12 mo`");
        }
    }
    if spec.last.0.round() <= spec.expected.0.round() {
        issues.error(
            "dates-order",
            spec.last.place(),
            "the legal final maturity is not after the anticipated repayment date",
            "`final` must exceed `expected`",
        );
    }
    let hazard = [Some(&spec.tenants.lost), spec.tenants.lost_in_winter.as_ref()];
    if spec.tenants.who == Who::Lab
        && let Some(hazard) = hazard.into_iter().flatten().find(|q| q.known() != Some(0.0))
    {
        issues.error(
            "unsupported",
            hazard.place(),
            "the lab as tenant does not leave at random",
            "it leaves when it ends, or after `grace` months of arrears",
        );
    }
}

/// Adds the rules between quantities that must hold on every path.
pub(super) fn key_rules(spec: &AbsSpec, rules: &mut KeyRules<'_>) {
    rules.rule("tranches-sum", spec.tranches.0.last().map(|(_, t)| t.advance.place()), |at| {
        let sum: f64 = spec.tranches.iter().map(|(_, t)| t.advance.at(at)).sum();
        let title = || format!("the notes exceed the appraised value: they are {:.1}% of it", sum * 100.0);
        let label = || "the advance rates of all tranches may add up to at most 100%".to_owned();
        (sum > 1.0 + 1e-9).then(|| (title(), label()))
    });
    rules.rule("range", spec.tenants.price.place(), |at| {
        let (price, opex, servicer) = (spec.tenants.price.at(at), spec.opex.at(at), spec.servicer_fee.at(at));
        let title = || "the rent does not exceed opex and servicer fee".to_owned();
        let label = || "such a pool has no value and cannot service notes".to_owned();
        (price * (1.0 - servicer) <= opex).then(|| (title(), label()))
    });
}

pub(super) fn terms(spec: &AbsSpec, inputs: &Inputs<'_>) -> Abs {
    let (pool, tenants) = (&spec.pool, &spec.tenants);
    let at = |q: &Quantity| q.at(inputs);
    let flag = |yes: bool| f64::from(u8::from(yes));
    let value = at(&pool.value);
    // On a draw too rare to have been checked, the notes may exceed the pool; all are then reduced pro rata.
    let asked: f64 = spec.tranches.iter().map(|(_, t)| at(&t.advance)).sum();
    let granted = if asked > 1.0 { 1.0 / asked } else { 1.0 };
    let mut note = [Note::default(); TRANCHES];
    let mut amount = 0.0;
    for (slot, (_, t)) in note.iter_mut().zip(spec.tranches.iter()) {
        *slot = Note { amount: Usd(value * at(&t.advance) * granted), coupon: at(&t.rate) / 12.0 };
        amount += slot.amount.0;
    }
    let power = at(&pool.power);
    let (rent, opex, servicer) = (at(&tenants.price) * power, at(&spec.opex) * power, at(&spec.servicer_fee));
    let grow = libm::exp(at(&tenants.escalation));
    let discount = at(&spec.discount_rate) / 12.0;
    let term = tenants.term.0.round().max(1.0);
    let (mut firm, mut price, mut factor) = (0.0, rent, 1.0);
    for _ in 0..term as usize {
        factor /= 1.0 + discount;
        firm += price * factor;
        price *= grow;
    }
    let lost = at(&tenants.lost);
    let count = f64::from(tenants.count);
    Abs {
        book: Usd(at(&pool.book)),
        wear: Usd(at(&pool.book) / pool.life.0.round().max(1.0)),
        power,
        opex: Usd(opex),
        servicer,
        kept: 1.0 - at(&spec.sale_cost),
        // At least a hundredth of a percent: a pool whose rent is uncertain may have no income on a path.
        cap_rate: (12.0 * (rent * (1.0 - servicer) - opex) / value).max(1e-4),
        by_lab: flag(tenants.who == Who::Lab),
        rent: Usd(rent),
        grow,
        term,
        tenant: 1.0 / count,
        count,
        lost,
        lost_in_winter: tenants.lost_in_winter.as_ref().map_or(lost, at),
        vacancy: at(&tenants.vacancy),
        relet: at(&tenants.relet),
        lab_grace: tenants.grace.0.round().max(1.0),
        firm: Usd(firm),
        discount,
        closing: spec.closing.0,
        note,
        amount: Usd(amount),
        fee: at(&spec.fee),
        reserve: at(&spec.reserve),
        amortisation: at(&spec.amortisation) / 12.0,
        expected: spec.expected.0.round(),
        last: spec.last.0.round(),
        step_up: at(&spec.step_up) / 12.0,
        trap: at(&spec.covenants.lock_up),
        trigger: at(&spec.covenants.early_amortisation),
        refinancing: at(&spec.refinancing.dscr),
        refinancing_fee: at(&spec.refinancing.fee),
        open_in_winter: at(&spec.refinancing.open_in_winter),
        grace: spec.grace.0.round().max(1.0),
    }
}

impl Abs {
    /// State before the first month.
    pub(super) fn before_the_start(&self) -> AbsState {
        AbsState {
            book: self.book,
            with_lab: self.by_lab,
            level: self.rent,
            market_rent: self.rent,
            occupied: 1.0,
            lease_left: self.term,
            firm_rent: self.firm,
            ..AbsState::default()
        }
    }
}
