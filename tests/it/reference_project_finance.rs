//! Project finance against `tests/vectors/pf_singleowner.json` and `operations_structuring.json`, through the functions that
//! the instrument `campus` calls: the debt is sized and scheduled by [`Schedule`], construction by [`Build`], and each step is
//! served by [`Loan`] as a month is, with steps of a year or a month.

use crate::common::vectors::{cases, near, num, read};
use gapcast::instruments::project_finance::{
    Build, Due, Funding, Loan, Schedule, Shape, Step, guaranteed, lease_value, llcr, present_value, reserve_target,
};
use gapcast::units::Usd;
use proptest::prelude::*;
use serde_json::Value;

fn list(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(num).collect()
}

/// The file's tolerance.
const REL: f64 = 1e-6;

/// A year as a step: the debt's schedule from the cash flow, then each year's service, reserve and cover.
fn single_owner(id: &str, input: &Value, expected: &Value) {
    let cash = list(&input["cfads"]);
    let at = |j: usize| cash.get(j).copied().unwrap_or(0.0);
    let rate = num(&input["annual_rate"]);
    let term = num(&input["tenor_years"]) as usize;
    let shape = match (input["mode"].as_str().unwrap(), input["payment_option"].as_str().unwrap()) {
        ("sculpt_to_dscr", _) => Shape::Sculpted,
        (_, "level") => Shape::Level,
        _ => Shape::Straight,
    };
    let grace = num(&input["moratorium_years"]) as usize;
    let unit = Schedule::unit(shape, rate, (term, grace), 0.0, at);
    let months = num(&input["dsra_months"]);
    let mut build = Build { rate, upfront: num(&input["upfront_fee_fraction"]), ..Build::default() };
    build.reserve = reserve_target(months, 12.0, unit.service(1.0, Usd(at(1)), Usd(1.0))).0;
    let names = ["prefinancing_cost", "construction_financing", "closing_cost", "other_financing", "om_reserve_year0"];
    let cost: f64 = names.iter().map(|n| num(&input[*n])).sum();
    let size = num(&expected["size_of_debt"]);
    // How much debt: by cover, as given where its source caps it by a first estimate of cost, or by gearing.
    let debt = if shape == Shape::Sculpted {
        let sized = unit.covered(num(&input["target_dscr"]), at);
        if input["limit_debt_fraction"].as_bool().unwrap() {
            assert!(sized > size, "{id}: the cap does not bind");
            let all = build.with_debt(1, |_| cost, size, 1.0);
            assert!(all.gearing() <= num(&input["max_debt_fraction"]), "{id}");
            size
        } else {
            near(&format!("{id}: debt"), sized, size, REL, 1.0);
            sized
        }
    } else {
        // The source grosses the fee up to first order and iterates: 1e-3, as its header says.
        let geared = build.geared(1, |_| cost, num(&input["debt_fraction"]));
        near(&format!("{id}: debt"), geared.debt, size, 1e-3, 0.0);
        size
    };
    let (uses, _) = build.run(1, |_| cost, &build.with_debt(1, |_| cost, debt, 1.0));
    near(&format!("{id}: cost"), uses.total(), num(&expected["cost_installed"]), REL, 1.0);
    let funding = build.with_debt(1, |_| cost, debt, 1.0);
    if debt < uses.total() {
        near(&format!("{id}: sources and uses"), funding.debt + funding.equity, uses.total(), 1e-12, 0.0);
    } else {
        // Debt beyond cost: the program knows no negative equity, the source does.
        assert!(funding.equity == 0.0 && num(&expected["project_return_pretax"][0]) > 0.0, "{id}");
    }
    let value = present_value(rate, 0, term, at);
    near(&format!("{id}: LLCR at the close"), llcr(value, 0.0, debt), num(&expected["llcr_at_close"]), REL, 0.0);
    if let Some(cover) = expected["effective_dscr"].as_f64() {
        near(&format!("{id}: effective DSCR"), 1.0 / (unit.share * debt), cover, REL, 0.0);
    }
    let plan = unit.times(debt);
    let mut loan = Loan::new(debt);
    let mut least = f64::INFINITY;
    for j in 1..=term {
        let year = |name: &str| num(&expected[name][j]);
        let what = |name: &str| format!("{id}: {name} {j}");
        // The reserve at the opening: months of this year's service.
        let reserve = reserve_target(months, 12.0, plan.service(j as f64, Usd(at(j)), loan.planned));
        near(&what("reserve"), reserve.0, num(&expected["dsra_balance"][j - 1]), REL, 1.0);
        let due = loan.due(&plan, j as f64, Usd(at(j)), rate);
        near(&what("interest"), due.interest.0, year("debt_interest"), REL, 1.0);
        near(&what("principal"), due.principal.0, year("debt_principal"), REL, 1.0);
        let service = due.interest + due.principal;
        near(&what("service"), service.0, year("debt_service"), REL, 1.0);
        near(&what("DSCR"), Usd(at(j)) / service, year("dscr_by_year"), REL, 0.0);
        least = least.min(Usd(at(j)) / service);
        let paid = loan.pay(&due, Usd(at(j)));
        assert_eq!((paid.interest, paid.principal, paid.short), (due.interest, due.principal, Usd::ZERO), "{id} {j}");
        near(&what("balance"), loan.balance.0, year("debt_balance"), REL, 1.0);
    }
    near(&format!("{id}: least DSCR"), least, num(&expected["min_dscr"]), REL, 0.0);
    // At maturity nothing is owed and no service follows, so that the reserve is released.
    assert!(loan.balance.0.abs() < 1e-6 * debt, "{id}");
    let after = plan.service(term as f64 + 1.0, Usd(at(term)), loan.planned);
    assert_eq!((after, expected["dsra_balance"][term].as_f64()), (Usd::ZERO, Some(0.0)), "{id}");
}

#[test]
fn single_owner_cases() {
    let file = read("pf_singleowner");
    let mut run = 0;
    for (id, input, expected) in cases(&file) {
        single_owner(id, input, expected);
        run += 1;
    }
    assert_eq!(run, 10);
}

/// The tolerance of `operations_structuring.json`.
#[track_caller]
fn same(what: &str, found: f64, expected: &Value) {
    near(what, found, num(expected), 1e-9, 1e-9);
}

fn construction(id: &str, input: &Value, expected: &Value) {
    let spend = list(&input["spend"]);
    let (n, gearing) = (spend.len(), num(&input["gearing"]));
    let build = Build {
        rate: num(&input["monthly_rate"]),
        idle: num(&input["commitment_fee_monthly"]),
        upfront: num(&input["upfront_fee"]),
        reserve: num(&input["dsra_fraction_of_debt"]),
        ..Build::default()
    };
    let at = |k: usize| spend[k - 1];
    let (a, b) = build.affine(n, at, gearing);
    same(id, b, &expected["slope_b"]);
    same(id, a / (1.0 - b), &expected["debt"]);
    let funding = build.geared(n, at, gearing);
    same(id, funding.debt, &expected["debt"]);
    same(id, funding.equity, &expected["equity"]);
    let (uses, drawn) = build.run(n, at, &funding);
    same(id, uses.interest, &expected["interest_during_construction"]);
    same(id, uses.idle, &expected["commitment_fees"]);
    same(id, uses.upfront, &expected["upfront"]);
    same(id, uses.reserve, &expected["dsra"]);
    same(id, uses.total(), &expected["total_uses"]);
    same(id, drawn, &expected["debt"]);
    // The other way round: for that debt the gearing is the unknown, and the same equity comes out.
    same(id, build.with_debt(n, at, funding.debt, 1.0).equity, &expected["equity"]);
    // Month by month, as the instrument draws.
    let (mut spent, mut paid) = (0.0, 0.0);
    for (k, &x) in spend.iter().enumerate() {
        let waiting = funding.equity - paid;
        let total = build
            .uses(
                Step { k: k as f64 + 1.0, last: k + 1 == n, spend: x },
                spent,
                funding.debt,
                waiting,
                funding.gearing(),
            )
            .total();
        let (debt, equity) = build.split(total, funding.debt - spent, waiting, funding.gearing());
        near(id, debt + equity, total, 1e-9, 1e-9);
        (spent, paid) = (spent + debt, paid + equity);
    }
    near(id, spent, funding.debt, 1e-9, 1e-9);
    near(id, paid, funding.equity, 1e-9, 1e-9);
}

/// A need of −120 on a debt of 1 000 at 9%: `I = 0.09 (1 000 − 60)/(1 − 0.045)` = 88.586387, and 968.586387 are owed.
#[test]
fn a_need_below_zero_repays() {
    let build = Build { rate: 0.09, average: 1.0, ..Build::default() };
    let uses = build.uses(Step { k: 2.0, last: false, spend: -120.0 }, 1000.0, 2000.0, 0.0, 1.0);
    near("interest", uses.interest, 88.586_387_4, 0.0, 1e-6);
    let (debt, equity) = build.split(uses.total(), 1000.0, 0.0, 1.0);
    near("owed", 1000.0 + debt, 968.586_387_4, 0.0, 1e-6);
    assert_eq!(equity, 0.0);
}

/// A need that is all borrowed, with interest on the mean of the two balances.
fn average_balance(id: &str, input: &Value, expected: &Value) {
    let build = Build { rate: num(&input["rate"]), average: 1.0, ..Build::default() };
    let opening = num(&input["opening_debt"]);
    let need = num(&input["cash_need_before_interest"]);
    let uses = build.uses(Step { k: 2.0, last: false, spend: need }, opening, 2.0 * opening, 0.0, 1.0);
    same(id, uses.interest, &expected["interest"]);
    let (debt, equity) = build.split(uses.total(), opening, 0.0, 1.0);
    same(id, opening + debt, &expected["closing_debt"]);
    assert_eq!(equity, 0.0);
}

fn sculpted(id: &str, input: &Value, expected: &Value) {
    let cash = list(&input["cfads"]);
    let (n, rate, cover) = (cash.len(), num(&input["monthly_rate"]), num(&input["target_dscr"]));
    let at = |j: usize| cash[j - 1];
    let unit = Schedule::unit(Shape::Sculpted, rate, (n, 0), 0.0, at);
    let debt = unit.covered(cover, at);
    same(id, debt, &expected["debt"]);
    same(id, llcr(present_value(rate, 0, n, at), 0.0, debt), &expected["llcr"]);
    let plan = unit.times(debt);
    let (mut loan, mut life) = (Loan::new(debt), 0.0);
    for (j, row) in expected["schedule"].as_array().unwrap().iter().enumerate() {
        let j = j + 1;
        let due = loan.due(&plan, j as f64, Usd(at(j)), rate);
        same(id, due.interest.0, &row["interest"]);
        same(id, due.principal.0, &row["principal"]);
        loan.pay(&due, Usd(at(j)));
        same(id, loan.balance.0, &row["balance"]);
        life += j as f64 * due.principal.0 / debt;
    }
    same(id, life, &expected["average_life_months"]);
    let Some(run) = expected["run"].as_array() else { return };
    let actual = list(&input["actual_cfads"]);
    let (mut loan, mut least) = (Loan::new(debt), f64::INFINITY);
    for (j, row) in run.iter().enumerate() {
        let (j, cash) = (j + 1, Usd(actual[j]));
        let what = |name: &str| format!("{id}: {name} {j}");
        let due = loan.due(&plan, j as f64, Usd(at(j)), rate);
        let service = due.interest + due.principal;
        same(&what("service"), service.0, &row["debt_service_due"]);
        match row["dscr"].as_f64() {
            Some(cover) => near(&what("DSCR"), cash / service, cover, 1e-9, 1e-9),
            None => assert_eq!(service, Usd::ZERO, "{id} {j}"),
        }
        if service > Usd::ZERO {
            least = least.min(cash / service);
        }
        let paid = loan.pay(&due, cash);
        same(&what("shortfall"), paid.short.0, &row["shortfall"]);
        let swept = loan.sweep(num(&input["sweep"]), cash - paid.interest - paid.principal);
        same(&what("sweep"), swept.0, &row["sweep"]);
        same(&what("balance"), loan.balance.0, &row["balance"]);
    }
    same(id, least, &expected["min_dscr"]);
}

#[test]
fn structuring_cases() {
    let file = read("operations_structuring");
    let kinds: Vec<&str> = file["cases"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    let mut run = 0;
    for ((id, input, expected), kind) in cases(&file).zip(kinds) {
        match kind {
            "construction_circularity" => construction(id, input, expected),
            "average_balance_interest" => average_balance(id, input, expected),
            "sculpted_monthly" => sculpted(id, input, expected),
            "residual_value_guarantee" => {
                let [value, cap, owed] = ["asset_value", "guarantee_cap", "loan_balance"].map(|n| Usd(num(&input[n])));
                let paid = guaranteed(owed, value, 1.0, cap);
                same(id, paid.0, &expected["guarantor_pays"]);
                let lost = (owed - value - paid).0.max(0.0);
                same(id, lost, &expected["lender_loss"]);
                same(id, lost / owed.0, &expected["lgd"]);
            }
            "lease_pv" => {
                let payment = num(&input["payment"]);
                let advance = input["in_advance"].as_bool().unwrap();
                let at_end = num(&input["residual_value_guarantee_expected"]);
                let months = num(&input["months"]) as usize;
                let value = lease_value(|_| payment, months, num(&input["monthly_rate"]), advance, at_end);
                same(id, value, &expected["lease_liability"]);
            }
            _ => continue,
        }
        run += 1;
    }
    assert_eq!(run, 10);
}

/// Terms of a construction whose debt is a bounded multiple of its cost.
fn builds() -> impl Strategy<Value = (Build, Vec<f64>, f64)> {
    let rates = (0.0..0.015, 0.0..0.002, 0.0..0.04, 0.0..0.08, 0.0..0.002);
    let flags = (any::<bool>(), 0..3_u8, any::<bool>());
    (rates, flags, prop::collection::vec(0.0..100.0_f64, 1..60), 0.05..0.95_f64).prop_map(
        |((rate, idle, upfront, reserve, letter), (at_once, order, average), spend, gearing)| {
            let average = f64::from(u8::from(average && !at_once && order == 0));
            let order = f64::from(order);
            let build =
                Build { rate, idle, upfront, reserve, letter, at_once: f64::from(u8::from(at_once)), average, order };
            (build, spend, gearing)
        },
    )
}

proptest! {
    #[test]
    fn sources_are_uses((build, spend, gearing) in builds()) {
        let n = spend.len();
        let cost: f64 = spend.iter().sum();
        prop_assume!(cost > 1.0);
        let at = |k: usize| spend[k - 1];
        let geared = build.geared(n, at, gearing);
        let (uses, drawn) = build.run(n, at, &geared);
        prop_assert!((geared.debt + geared.equity - uses.total()).abs() < 1e-9 * uses.total(), "{geared:?} {uses:?}");
        prop_assert!((drawn - geared.debt).abs() < 1e-9 * uses.total(), "{drawn} {geared:?}");
        prop_assert!((geared.gearing() - gearing).abs() < 1e-9);
        // Less debt than that: the equity fills it, and gearing falls.
        for share in [0.3, 0.9] {
            let less = build.with_debt(n, at, geared.debt * share, gearing);
            let (uses, drawn) = build.run(n, at, &less);
            prop_assert!((less.debt + less.equity - uses.total()).abs() < 1e-9 * uses.total());
            prop_assert!((drawn - less.debt).abs() < 1e-9 * uses.total());
            prop_assert!(less.gearing() < gearing);
        }
    }

    /// What is drawn month by month is never more than was committed, and never negative.
    #[test]
    fn draws_keep_within_what_was_committed((build, spend, gearing) in builds(), overrun in 0.5..2.0_f64) {
        let n = spend.len();
        let at = |k: usize| spend[k - 1];
        let Funding { debt, equity } = build.geared(n, at, gearing);
        let (mut spent, mut paid) = (0.0, 0.0);
        for k in 1..=n {
            let total = build.uses(Step { k: k as f64, last: k == n, spend: overrun * at(k) }, spent, debt, equity - paid, gearing).total();
            let (d, e) = build.split(total, debt - spent, equity - paid, gearing);
            prop_assert!(d >= 0.0 && e >= 0.0 && d + e <= total * (1.0 + 1e-12) + 1e-12);
            (spent, paid) = (spent + d, paid + e);
            prop_assert!(spent <= debt * (1.0 + 1e-12) && paid <= equity * (1.0 + 1e-12));
        }
    }

    /// As planned, every profile repays to its balloon; with any cash flow what is owed rolls and is never negative.
    #[test]
    fn debt_is_repaid_by_maturity(
        shape in 0..4_usize,
        (rate, cover, balloon) in (0.0..0.02_f64, 1.05..2.0_f64, 0.0..0.6_f64),
        cash in prop::collection::vec(5.0..20.0_f64, 2..120),
        grace in 0..12_usize,
        (sweep, factors) in (0.0..1.0_f64, prop::collection::vec(-0.2..2.0_f64, 120)),
    ) {
        let shape = [Shape::Sculpted, Shape::Level, Shape::Straight, Shape::Bullet][shape];
        let n = cash.len();
        let grace = grace.min(n - 1);
        let at = |j: usize| cash[j - 1];
        let unit = Schedule::unit(shape, rate, (n, grace), balloon, at);
        let debt = unit.covered(cover, at);
        prop_assume!(debt.is_finite() && debt > 0.0);
        let plan = unit.times(debt);
        let left = if shape == Shape::Bullet { debt } else { balloon * debt };
        let mut loan = Loan::new(debt);
        let mut least = f64::INFINITY;
        for j in 1..=n {
            let service = plan.service(j as f64, Usd(at(j)), loan.planned);
            if service.0 > 0.0 {
                least = least.min(at(j) / service.0);
            }
            // Sculpted service may not pay all interest of a month: the plan then adds the rest, the instrument pays it.
            loan.due(&plan, j as f64, Usd(at(j)), rate);
        }
        prop_assert!((loan.planned.0 - left).abs() < 1e-8 * debt, "{shape:?}: {} instead of {left}", loan.planned.0);
        prop_assert!((least - cover).abs() < 1e-9 || least > cover);
        let mut loan = Loan::new(debt);
        for j in 1..=n {
            let before = loan.balance;
            let due = loan.due(&plan, j as f64, Usd(at(j)), rate);
            prop_assert!(due.principal.0 >= 0.0 && due.principal <= before);
            let cash = Usd(at(j) * factors[j - 1]);
            let paid = loan.pay(&due, cash);
            let swept = loan.sweep(sweep, Usd(cash.0.max(0.0)) - paid.interest - paid.principal);
            prop_assert!(paid.interest.0 >= 0.0 && paid.principal.0 >= 0.0 && paid.short.0 >= 0.0 && swept.0 >= 0.0);
            let rolled = before + due.interest - paid.interest - paid.principal - swept;
            prop_assert!((loan.balance - rolled).0.abs() < 1e-9 * debt && loan.balance.0 >= -1e-12 * debt);
        }
    }

    #[test]
    fn what_is_due_is_paid_or_missed(balance in 0.0..100.0_f64, interest in 0.0..10.0_f64, cash in -5.0..120.0_f64) {
        let mut loan = Loan::new(balance);
        let due = Due { interest: Usd(interest), principal: Usd(balance * 0.5) };
        let paid = loan.pay(&due, Usd(cash));
        let all = due.interest + due.principal;
        prop_assert!((paid.interest + paid.principal + paid.short - all).0.abs() < 1e-12 * all.0.max(1.0));
    }
}

/// Interest, fees and a reserve that eat up more than a debt leave nothing to size it by: it stays within twenty times what it
/// is to pay, whatever the order of payment.
#[test]
fn a_debt_that_pays_for_itself_alone_is_bounded() {
    for order in [0.0, 1.0, 2.0] {
        let build = Build { rate: 0.01, reserve: 1.01, upfront: 0.03, order, ..Build::default() };
        let funding = build.geared(12, |_| 10.0, 0.95);
        assert!(funding.debt > 120.0 && funding.debt < 120.0 * 20.0 * 30.0, "{order}: {funding:?}");
        assert!(funding.equity.is_finite() && funding.equity >= 0.0, "{order}: {funding:?}");
        // An ordinary one is the root that it was: debt is its share of all uses.
        let sound = Build { rate: 0.005, reserve: 0.1, upfront: 0.03, order, ..Build::default() };
        let funding = sound.geared(12, |_| 10.0, 0.7);
        let uses = sound.run(12, |_| 10.0, &funding).0.total();
        assert!((funding.debt - 0.7 * uses).abs() < 1e-6 * uses, "{order}: {funding:?} of {uses}");
    }
}
