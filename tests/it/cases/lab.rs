//! Metrics of the lab and its vehicles: runway, headline figures, survivors, cover.
//!
//! `base.yaml` is a lab without randomness: revenue 1B a month, staff 1B a month, 20B in cash, 36 months.

use gapcast::engine::reference::Path;
use gapcast::engine::reference::derive::value;
use gapcast::model::{Model, Settings};
use gapcast::plan::Plan;
use gapcast::plan::metrics::Metric;

/// A case file of this folder, with settings.
fn case(name: &str, sets: &[&str]) -> Model {
    let at = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    let sets = sets.iter().copied().chain(["run.metrics=all"]).map(str::to_owned).collect();
    Model::load(&at, &Settings { sets, ..Settings::default() })
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
}

/// Values of metrics on a path: by month, and at the horizon.
struct Seen<'p> {
    plan: &'p Plan,
    months: Vec<(Vec<f64>, Vec<Vec<f64>>)>,
}

impl<'p> Seen<'p> {
    fn new(plan: &'p Plan, path: u64) -> Seen<'p> {
        let mut run = Path::new(plan, path);
        let months = (1..=plan.months).map(|t| {
            run.month(t).unwrap_or_else(|broken| panic!("{broken}"));
            (run.board(), run.states())
        });
        Seen { plan, months: months.collect() }
    }
    fn of(&self, metric: &Metric, t: usize) -> f64 {
        let (board, instruments) = &self.months[t - 1];
        value(&metric.source, board, instruments).expect("known from the month alone")
    }
    /// A monthly metric at the end of month `t`.
    fn at(&self, name: &str, t: usize) -> f64 {
        let k = self.plan.metrics.find(name).unwrap_or_else(|| panic!("no monthly metric {name}"));
        self.of(&self.plan.metrics.monthly[k], t)
    }
    /// A metric at the horizon.
    fn end(&self, name: &str) -> f64 {
        let k = self.plan.metrics.find_end(name).unwrap_or_else(|| panic!("no end metric {name}"));
        self.of(&self.plan.metrics.at_end[k], self.plan.months)
    }
}

#[track_caller]
fn near(measured: f64, right: f64) {
    assert!((measured - right).abs() <= 1e-9 * right.abs().max(1.0), "{measured} is not {right}");
}

/// Staff of 3B a month against revenue of 1B: cash is 20 − 2t, 0 at the end of month 10. Month 11 has 1B for bills of 3B.
#[test]
fn refused_payments_do_not_lengthen_the_runway() {
    let (arrears, carry) = (case("runway-arrears.yaml", &[]), case("runway-carry.yaml", &[]));
    let (arrears, carry) = (Seen::new(&arrears.plan, 0), Seen::new(&carry.plan, 0));
    for seen in [&arrears, &carry] {
        assert_eq!((seen.end("cash_out_month"), seen.end("runway_months")), (11.0, 11.0));
        assert!(seen.end("break_even").is_nan());
        near(seen.at("cash", 10), 0.0);
        // Burn is 2B a month: 20 − 2 × 5 = 10B last 5 months.
        near(seen.at("burn_months", 5), 5.0);
    }
    // Unpaid for months 11, 12 and 13, in which the lab fails: 3 × 2B. Carried to month 36: 20 − 72.
    near(arrears.end("short_without_new_money"), 6e9);
    near(carry.end("short_without_new_money"), 52e9);
    // In arrears there is no cash, and what is due burns.
    assert_eq!((arrears.at("burn_months", 11), arrears.at("burn_months", 12)), (0.0, 0.0));
}

/// A lab that pays what it has and owes the rest for years burns 2B a month all the time, and never breaks even: what it
/// collects and pays out are 1B each.
#[test]
fn years_of_arrears_are_no_break_even() {
    let model = case("runway-arrears.yaml", &["lab.policy.grace=60 mo"]);
    let seen = Seen::new(&model.plan, 0);
    assert!(seen.end("break_even").is_nan());
    assert_eq!((seen.end("runway_months"), seen.at("burn_months", 30)), (11.0, 0.0));
    near(seen.end("short_without_new_money"), 52e9);
}

/// New money that pays what was owed is no burn of its month. Cash of 20B, burn of 2B; month 11 leaves 2B owed, month 12 4B. A
/// loan of 40B in month 13 pays all: burn stays 2B, and 20 + 40 − 26 = 34B last 17 months.
#[test]
fn what_was_owed_burns_once() {
    let loan = "instruments=[{term_loan: {name: loan, amount: 40B USD, date: 2027-01, term: 120 mo, rate: 0%/yr, profile: bullet}}]";
    let model = case("runway-arrears.yaml", &[loan]);
    let seen = Seen::new(&model.plan, 0);
    near(seen.at("cash", 13), 34e9);
    near(seen.at("burn_months", 13), 17.0);
    assert_eq!((seen.end("cash_out_month"), seen.end("runway_months")), (11.0, 11.0));
    // The 34B last to month 30, and after three months of arrears the lab ends: 20 − 2 × 33 = −46B without the loan.
    near(seen.end("short_without_new_money"), 46e9);
}

/// Without any instrument there is no new money, and cash lasts as long as it does.
#[test]
fn without_new_money_the_runway_ends_when_cash_does() {
    let model =
        case("runway-small-lab.yaml", &["lab.default.outcomes.rescue=0%", "lab.default.outcomes.acquisition=65%"]);
    let mut ruined = 0;
    for path in 0..300 {
        let seen = Seen::new(&model.plan, path);
        let (runway, out) = (seen.end("runway_months"), seen.end("cash_out_month"));
        assert!(runway == out || (runway.is_nan() && out.is_nan()), "path {path}: runway {runway}, cash-out {out}");
        ruined += usize::from(out > 0.0);
    }
    assert!(ruined > 150, "only {ruined} ruined paths");
}

/// A lab that fails in month 13 has no revenue afterwards: among all paths that is 0, among survivors nothing.
#[test]
fn survivors_are_those_that_have_not_ended() {
    let model = case("runway-arrears.yaml", &[]);
    let seen = Seen::new(&model.plan, 0);
    for (all, alive, before) in [
        ("revenue", "revenue.alive", 1e9),
        ("run_rate", "run_rate.alive", 12e9),
        ("valuation", "valuation.alive", 120e9),
    ] {
        near(seen.at(alive, 12), before);
        near(seen.at(all, 12), before);
        assert!(seen.at(alive, 13).is_nan() && seen.at(alive, 36).is_nan());
        assert_eq!(seen.at(all, 36), 0.0);
    }
    assert_eq!(seen.at("ended", 13), 1.0);
    assert!(seen.end("run_rate.alive").is_nan() && seen.end("valuation.alive").is_nan());
}

/// A loan of 6B from March 2026, repaid a year later, stands at the ends of months 3 to 14: half of a run-rate of 12B.
#[test]
fn debt_that_has_matured_shows_at_its_peak() {
    let loan = "instruments=[{term_loan: {name: loan, amount: 6B USD, date: 2026-03, term: 12 mo, rate: 0%/yr, profile: bullet}}]";
    let model = case("base.yaml", &[loan]);
    let seen = Seen::new(&model.plan, 0);
    assert_eq!((seen.end("debt"), seen.end("look_through_leverage")), (0.0, 0.0));
    near(seen.end("peak_debt"), 6e9);
    near(seen.end("peak_leverage"), 0.5);
    assert_eq!((seen.end("peak_debt_month"), seen.end("peak_leverage_month")), (3.0, 3.0));
    // What is highest in the last month has no later month to be seen in.
    let late = loan.replace("2026-03", "2028-12");
    let model = case("base.yaml", &[&late]);
    let seen = Seen::new(&model.plan, 0);
    near(seen.end("peak_debt"), 6e9);
    assert_eq!((seen.end("peak_debt_month"), seen.end("peak_leverage_month")), (36.0, 36.0));
    let none = case("base.yaml", &[]);
    let seen = Seen::new(&none.plan, 0);
    assert_eq!((seen.end("peak_debt"), seen.end("peak_leverage")), (0.0, 0.0));
    assert!(seen.end("peak_debt_month").is_nan());
}

/// An order of 0.1 GW at 12B USD a GW-year is 0.1B a month: ordered in month 1, it is delivered in month 3 for 12 months, and
/// 1.2B is announced. A contract of 0.2 GW at 6B is as much a month for 24 months.
#[test]
fn announced_amounts_hold_what_is_firm() {
    let model = case("commitments.yaml", &[]);
    let seen = Seen::new(&model.plan, 0);
    let contract = |t: usize| 2.4e9 - 0.1e9 * t as f64;
    near(seen.at("headline_commitments", 1), 1.2e9 + contract(1));
    near(seen.at("headline_commitments", 2), 1.2e9 + contract(2));
    near(seen.at("headline_commitments", 3), 1.1e9 + contract(3));
    near(seen.at("headline_commitments", 14), contract(14));
    // After the last month nothing is left, announced or firm.
    for t in [24, 25, 36] {
        assert_eq!((seen.at("headline_commitments", t), seen.at("firm_commitments", t)), (0.0, 0.0), "month {t}");
    }
    for t in 1..=36 {
        assert!(seen.at("headline_commitments", t) >= seen.at("firm_commitments", t), "month {t}");
    }
    // 2.4B billed by the contract's supplier, 1.2B by nobody in particular: (2.4² + 1.2²)/3.6².
    near(seen.end("hhi.compute"), (2.4 * 2.4 + 1.2 * 1.2) / (3.6 * 3.6));
}

/// With rent on top of 3B of staff cash is gone in month 10, when no rent is paid any more, and the lab fails in month 12. Its lease
/// ends and the vehicle's lender loses: cover is 0 as long as the lease would have run, and there is none afterwards.
#[test]
fn a_failed_vehicle_covers_nothing_while_service_was_planned() {
    let model = case("failed-vehicle.yaml", &[]);
    let seen = Seen::new(&model.plan, 0);
    // Delivered in month 1; rent of months 2 to 25 pays the tranche's level payment and the equity's.
    assert!(seen.at("lease.dscr", 1).is_nan());
    assert!(seen.at("lease.dscr", 5) > 1.0);
    assert!(seen.end("lease.senior.loss") > 0.0);
    assert_eq!(seen.at("ended", 11) + seen.at("ended", 12), 1.0);
    for t in 10..=25 {
        assert_eq!(seen.at("lease.dscr", t), 0.0, "month {t}");
    }
    assert!(seen.at("lease.dscr", 26).is_nan());
}
