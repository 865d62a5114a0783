//! Marks of positions that outlive the run, and the returns that follow from them. A stated return is an effective annual rate, and
//! a position that goes as planned has it at every horizon.

use crate::common::vectors::{pick, run_of};
use crate::common::{SMALL, model};
use gapcast::engine::level::Level;
use gapcast::engine::month::view_of;
use gapcast::engine::reference::{Path, derive};
use gapcast::model::Model;
use gapcast::plan::metrics::Return;

#[track_caller]
fn near(what: &str, found: f64, right: f64, by: f64) {
    assert!((found - right).abs() <= by, "{what}: {found} instead of {right}");
}

/// A lab without randomness that can pay everything, for `months` months, with one instrument.
fn lab(months: u32, instrument: &str) -> String {
    format!(
        "schema: 1
name: marks
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 1}}
lab:
  opening: {{cash: 10B USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 36M USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  policy: {{distress_below: 0 mo}}
instruments:
  - {instrument}
"
    )
}

/// One metric of the first path in the block engine.
fn first(model: &Model, name: &str) -> f64 {
    let (_, rows) = run_of(&model.plan, 1, 1, Level::best());
    pick(&model.plan, &rows, name)[0]
}

/// All measures of one account of the only instrument on the first path, in the reference engine.
fn plain(model: &Model, account: usize) -> [f64; Return::COUNT] {
    let plan = &model.plan;
    let mut path = Path::new(plan, 0);
    for t in 1..=plan.months {
        path.month(t).unwrap_or_else(|broken| panic!("{broken}"));
    }
    let flows: Vec<f64> = path.flows[0].iter().map(|month| month[account]).collect();
    let see = view_of(&path.lane, plan.months, plan.ahead(plan.months));
    derive::returns(&flows, path.instruments[0].worth(&see)[account].0)
}

/// Paid for in month 1 and leased for 60 months from month 2 on. The equity of 20M is promised 13% a year, effective: 1.023685% a
/// month at (1.13^(1/12) − 1) = 0.010236844, a rent of 0.0223883364 per dollar. After 36 of 60 rents the 24 to come are worth
/// 0.0223883364 · (1 − 1.13^−2)/0.010236844 = 0.4742657822 of the equity.
#[test]
fn the_equity_of_a_lease_has_its_return_at_every_horizon() {
    let lease = "spv: {name: v, capex: 100M USD, power: 0.1 GW, deliveries: {start: 2026-01}, lease: {term: 60 mo}, tranches: [{a: {amount: 80M USD, rate: 9%/yr}}], equity_return: 13%/yr}";
    let equity = 20e6;
    let service = 80e6 * 0.0075 / (1.0 - 1.0075_f64.powi(-60));
    for months in [2, 12, 36, 37, 60, 61, 62] {
        let model = model(&lab(months, lease));
        let measures = plain(&model, 4);
        for (engine, rate) in [("blocks", first(&model, "v.equity.irr")), ("plain", measures[Return::Irr as usize])] {
            near(&format!("{engine}, {months} months"), rate, 0.13, 1e-9);
        }
        near(&format!("lender, {months} months"), first(&model, "v.a.irr"), 1.0075_f64.powi(12) - 1.0, 1e-9);
        let (to_date, marked) = (first(&model, "v.equity.irr_to_date"), first(&model, "v.equity.marked_share"));
        assert_eq!(marked > 0.0, months < 61, "{months}: {marked}");
        if months < 61 {
            assert!(to_date < 0.13 || to_date.is_nan(), "{months}: {to_date}");
        } else {
            near("to date", to_date, 0.13, 1e-9);
        }
        near("marked", marked, measures[Return::Marked as usize], 1e-15);
        if months == 37 {
            let rent = equity * 0.022_388_336_4;
            near("rent", model_rent(&model), service + rent, 0.01);
            near("mark", first(&model, "v.equity.rvpi"), 0.474_265_782_2, 1e-9);
            let mark = 0.474_265_782_2 * equity;
            near("marked share", marked, mark / (36.0 * rent + mark), 1e-9);
            // The rents alone: 36 of 0.0223883364, 0.806 in all.
            near("cash alone", measures[Return::Dpi as usize], 36.0 * 0.022_388_336_4, 1e-8);
            assert!(to_date < 0.0, "{to_date}");
        }
    }
}

/// The rent of the last month of the vehicle `v`.
fn model_rent(model: &Model) -> f64 {
    crate::common::ledger::Ledger::of(model, 0).at("v.rent", model.plan.months)
}

/// A loan at 9% has 1.0075^12 − 1 = 9.3807% a year, and a lessor the 11% that its rent was derived from, at every horizon.
#[test]
fn lenders_and_lessors_have_their_rate_at_every_horizon() {
    let loan = "term_loan: {name: x, amount: 100M USD, date: 2026-02, term: 36 mo, rate: 9%/yr, interest_only: 6 mo}";
    let bullet = "term_loan: {name: x, amount: 100M USD, date: 2026-02, term: 36 mo, rate: 9%/yr, profile: bullet}";
    let lessor = "sale_leaseback: {name: x, hardware: {power: 0.03 GW, cost: 1B USD, delivered: 2025-09, life: 60 mo}, sale: {date: 2026-03, advance: 100%}, lease: {term: 36 mo, return: 11%/yr, residual: 20%, at_end: buy}}";
    for months in [4, 8, 14, 25, 38, 40] {
        for (what, instrument, rate) in [
            ("level", loan, 1.0075_f64.powi(12) - 1.0),
            ("bullet", bullet, 1.0075_f64.powi(12) - 1.0),
            ("lessor", lessor, 0.11),
        ] {
            let model = model(&lab(months, instrument));
            near(&format!("{what}, {months} months"), first(&model, "x.irr"), rate, 1e-9);
            near(&format!("{what}, {months} months, plain"), plain(&model, 0)[0], rate, 1e-9);
        }
    }
}

/// A mark is never negative: without it a rate is lower, or the same where nothing is left; and the three shares agree:
/// `marked_share · moic = rvpi`. On every path of the small scenario, for every provider.
#[test]
fn a_rate_to_date_is_at_most_the_rate() {
    let model = model(SMALL);
    let (_, rows) = run_of(&model.plan, 512, 2, Level::best());
    let column = |name: &str| pick(&model.plan, &rows, name);
    let mut seen = [0; 3];
    let names = model.plan.metrics.at_end.iter().filter_map(|m| m.name.strip_suffix(".irr_to_date"));
    for of in names {
        let column = |what: &str| column(&format!("{of}.{what}"));
        let (rate, to_date, marked) = (column("irr"), column("irr_to_date"), column("marked_share"));
        let (moic, rvpi) = (column("moic"), column("rvpi"));
        for path in 0..512 {
            if rate[path].is_finite() && to_date[path].is_finite() {
                assert!(to_date[path] <= rate[path] + 1e-9, "{of}: {} above {}", to_date[path], rate[path]);
                seen[usize::from(rate[path] - to_date[path] > 1e-6)] += 1;
            }
            if marked[path].is_finite() && moic[path].is_finite() {
                near(&format!("{of}: share"), marked[path] * moic[path], rvpi[path], 1e-9 * (1.0 + rvpi[path]));
                seen[2] += 1;
            }
        }
    }
    assert!(seen.iter().all(|&n| n > 500), "{seen:?}");
}

/// What needs a second root is recorded only where it is asked for.
#[test]
fn rates_to_date_are_recorded_on_request() {
    let text = lab(12, "term_loan: {name: x, amount: 100M USD, date: 2026-02, term: 36 mo, rate: 9%/yr}");
    let of = |metrics: &str| {
        let settings =
            gapcast::Settings { sets: vec![format!("run.metrics={metrics}")], ..gapcast::Settings::default() };
        crate::common::job_with(&text, &settings)
    };
    let has = |model: &Model, name: &str| model.plan.metrics.find_end(name).is_some();
    let (plain, asked) = (of("default"), of("[default, x.irr_to_date]"));
    assert!(has(&plain, "x.irr") && !has(&plain, "x.irr_to_date") && !has(&plain, "x.marked_share"));
    assert!(has(&asked, "x.irr_to_date") && !has(&asked, "x.marked_share"));
}
