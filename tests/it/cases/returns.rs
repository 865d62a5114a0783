//! Returns of capital: fees before the first draw, positions that outlive the run, hardware of a vehicle that failed.

use std::path::Path as File;

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{pick, run_of};
use gapcast::engine::level::Level;
use gapcast::model::{Model, Settings};

/// A file of this folder.
fn case(name: &str) -> Model {
    let path = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    Model::load(&path, &Settings::default())
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
}

/// What the block engine records of the first path.
fn first(model: &Model, name: &str) -> f64 {
    let (_, rows) = run_of(&model.plan, 1, 1, Level::best());
    pick(&model.plan, &rows, name)[0]
}

#[track_caller]
fn near(what: &str, found: f64, right: f64, by: f64) {
    assert!((found - right).abs() <= by, "{what}: {found} instead of {right}");
}

/// A revolver with a fee on what is undrawn from the first month on, whose lender loses what it lent: its flows begin with a
/// receipt, and the rate that discounts them to zero (32 300% here) is that of a borrower. Netted with the first draw they have
/// none above zero.
#[test]
fn a_fee_before_the_first_draw_is_netted_with_it() {
    let model = case("irr-fee-first.yaml");
    let (_, rows) = run_of(&model.plan, 512, 2, Level::best());
    let (rate, multiple) = (pick(&model.plan, &rows, "rev.irr"), pick(&model.plan, &rows, "rev.moic"));
    assert!(multiple.iter().all(|&m| m < 1.0));
    assert!(rate.iter().all(|&r| r.is_nan() || r < 0.0), "{:?}", rate.iter().find(|&&r| r >= 0.0));
}

/// Senior debt with an upfront fee of 2% that exceeds its first draw. Drawn over 18 months and repaid over the 24 after them,
/// a dollar is owed for about 9 + 12 months: 6% nominal are 6.17% a year, the fee adds about 2 %/1.75 = 1.1 points, and 50 bp
/// on what is not yet drawn, for about 9 months, 0.2: about 7.5%.
#[test]
fn an_upfront_fee_above_the_first_draw_leaves_a_rate() {
    let model = case("campus-fee-first.yaml");
    let l = Ledger::of(&model, 0);
    let flows: Vec<f64> = (1..=60).map(|t| l.flow("ca", 0, t)).collect();
    assert!(flows[1] > 0.0, "the fee comes first: {}", flows[1]);
    let rate = first(&model, "ca.senior.irr");
    assert!((0.070..0.082).contains(&rate), "{rate}");
    // At this rate the flows from the month in which the lender is first out of pocket, including what it had received
    // by then, have zero NPV.
    let begins = (1..=60).find(|&t| flows[..t].iter().sum::<f64>() < 0.0).unwrap();
    let monthly = (1.0 + rate).powf(1.0 / 12.0);
    let npv = |t: usize, c: f64| c / monthly.powi(t as i32);
    let worth: f64 = (begins..60).map(|t| npv(t + 1, flows[t])).sum();
    near("NPV", worth + npv(begins, flows[..begins].iter().sum()), 0.0, 1.0);
}

/// A lab without randomness and a vehicle of two deliveries of 60M, leased for 24 months at 12% a year for the equity.
const LEASE: &str = "
schema: 1
name: lease
time: {start: 2026-01, months: MONTHS}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 10B USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 36M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {distress_below: 0 mo}
instruments:
  - spv:
      name: chips
      capex: 120M USD
      power: 0.1 GW
      deliveries: {start: 2026-02, over: 2 mo}
      lease: {term: 24 mo}
      tranches: [{a: {amount: 80M USD, rate: 9%/yr}}]
      equity_return: 12%/yr
      value: {first_year: -50%}
";

/// The equity is promised 12% a year, effective, and the lender 0.75% a month, 1.0075^12 − 1 = 9.3807%: so they have at
/// whatever month the run ends, with a sale at the end of the lease, a balloon and a guarantee as without.
#[test]
fn a_lease_that_goes_as_planned_returns_what_it_promises_however_long_the_run() {
    let balloon = |text: String| {
        text.replace("{term: 24 mo}", "{term: 24 mo, at_end: sell, guarantee: {by: maker, value: 60M USD}}")
            .replace("rate: 9%/yr", "rate: 9%/yr, balloon: 30M USD")
    };
    for months in [4, 8, 16, 24, 26, 27, 30] {
        let text = LEASE.replace("MONTHS", &months.to_string());
        let sold = text.replace("{term: 24 mo}", "{term: 24 mo, at_end: sell}");
        for (what, text) in [("nothing", text.clone()), ("sale", sold), ("balloon", balloon(text))] {
            let model = model(&text);
            near(&format!("{what}, {months}: equity"), first(&model, "chips.equity.irr"), 0.12, 1e-9);
            near(&format!("{what}, {months}: lender"), first(&model, "chips.a.irr"), 1.0075_f64.powi(12) - 1.0, 1e-9);
            let marked = first(&model, "chips.equity.rvpi");
            assert_eq!(marked > 0.0, months < 27, "{what}, {months}: {marked}");
        }
    }
}

/// A stated rent of 7M a month over service of 80M × 0.045684742 = 3,654,779.39 leaves 3,345,220.61 for 24 months on 40M, which
/// is 6.2958% a month (an annuity of 24 months is worth 11.957358): the own rate of the equity, at every length of the run.
#[test]
fn a_stated_rent_has_a_rate_of_its_own() {
    for months in [6, 12, 27] {
        let text = LEASE.replace("MONTHS", &months.to_string());
        let model = model(&text.replace("{term: 24 mo}", "{term: 24 mo, rent: 84M USD/yr}"));
        let rate = first(&model, "chips.equity.irr");
        let monthly = (1.0 + rate).powf(1.0 / 12.0) - 1.0;
        let annuity = (1.0 - (1.0 + monthly).powi(-24)) / monthly;
        near(&format!("{months}: annuity"), annuity, 40e6 / 3_345_220.61, 1e-5);
    }
}

/// A vehicle that goes as planned gives its owners one return, however long the run is: what a mark promises is what comes.
#[test]
fn ventures_and_campuses_return_what_they_will_however_long_the_run() {
    let venture = "joint_venture: {name: x, kind: asset, commitment: {lab: 20M USD, partners: 60M USD}, calls: {over: 6 mo}, power: 0.01 GW, rent: 54M USD/yr, opex: 4M USD/yr, term: 36 mo, residual: 25%, debt: {share: 50%, rate: 6%/yr, term: 36 mo}, waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%, promote_to: manager}}";
    let campus = "campus: {name: x, power: 0.1 GW, construction: {start: 2026-02, months: 12 mo, cost: 1B USD}, funding: {gearing: 70%}, debt: {rate: 6%/yr, term: 96 mo, profile: level, reserve: 6 mo}, subordinated: [{mezzanine: {amount: 80M USD, rate: 9%/yr, term: 60 mo}}], lease: {rent: 170M USD/yr, escalation: 2%/yr, term: 60 mo, renewals: 1, renew: always}, tail: {empty: sell}, value: {first_year: -5%, later: -4%}}";
    let run = |instrument: &str, months: usize| {
        let text = LEASE.replace("MONTHS", &months.to_string());
        let base = &text[..text.find("instruments:").unwrap()];
        model(&format!("{base}instruments:\n  - {instrument}\n"))
    };
    // Without fees the lender has its coupon, 1.005^12 − 1; with an upfront fee a short run would show more.
    near("senior", first(&run(campus, 140), "x.senior.irr"), 0.061_677_81, 1e-6);
    for (instrument, of, months, end, by) in [
        (venture, "x.partners", &[3, 8, 15, 30, 41][..], 48, 1e-6),
        (campus, "x.equity", &[3, 9, 13, 20, 40, 61, 90, 125], 140, 0.003),
        (campus, "x.senior", &[9, 13, 40, 90], 140, 0.003),
    ] {
        let name = format!("{of}.irr");
        let right = first(&run(instrument, end), &name);
        assert!(right > 0.05, "{of}: {right}");
        for &t in months {
            near(&format!("{of}, {t} months"), first(&run(instrument, t), &name), right, by);
        }
    }
}

/// A rent of 2M covers 54.7% of service, and hardware that is not sold when leases end is worth 0.2 × 0.75 = 15% and a bit less then,
/// when the vehicle fails. The lender is not marked at par.
#[test]
fn a_tranche_that_rent_cannot_repay_is_marked_below_par() {
    let run = |months: u32| {
        let text = LEASE.replace("MONTHS", &months.to_string());
        let text = text.replace("value: {first_year: -50%}", "value: {first_year: -80%}");
        model(&text.replace("{term: 24 mo}", "{term: 24 mo, rent: 24M USD/yr}"))
    };
    let (early, late) = (run(12), run(30));
    let l = Ledger::of(&early, 0);
    // In month 12 the deliveries have 14 and 15 months to run; the last lease ends in month 27.
    let v = 1.0_f64 / 1.0075;
    let annuity = |n: i32| (1.0 - v.powi(n)) / 0.0075;
    let rent = 1e6 * (annuity(14) + annuity(15));
    let hardware = 60e6 * 0.2 * (0.75 + 0.75_f64.powf(13.0 / 12.0)) * v.powi(15);
    let worth = rent + hardware;
    assert!(worth < l.at("chips.balance", 12));
    // Of its second draw of 40M the lender had the first rent of 1M back in the same month.
    near("mark", first(&early, "chips.a.rvpi"), worth / 79e6, 1e-9);
    // Its return is negative now as at the end, where par had promised 9.4%.
    let (now, then) = (first(&early, "chips.a.irr"), first(&late, "chips.a.irr"));
    assert!(now < 0.0 && then < 0.0, "{now} {then}");
}

/// Deliveries of 0.5B in months 2 and 3. The lab burns 0.5B of 6B a month and has to pay rent: it fails in month `end`, with
/// hardware aged `end − 2` and `end − 3` months, each of which has lost 80% a year: 0.5B × (0.2^((end−2)/12) + 0.2^((end−3)/12))
/// within the first year. One mean age had said 1B × 0.2^((end−3)/12).
#[test]
fn hardware_is_sold_at_its_own_age() {
    let model = case("spv-age.yaml");
    let l = Ledger::of(&model, 0);
    let end = l.lane(36).accounts.ended as usize;
    assert!((10..=14).contains(&end), "{end}");
    let left = |age: f64| 0.2_f64.powf(age.min(12.0) / 12.0) * 0.5_f64.powf((age - 12.0).max(0.0) / 12.0);
    let sale = 0.5e9 * (left(end as f64 - 2.0) + left(end as f64 - 3.0));
    // The estate is worth nothing: all that the tranche gets that month is rent and the sale.
    let service = l.at("v.cfads", end);
    near("sale", l.flow("v", 0, end) + l.flow("v", 4, end), service + sale, 1.0);
}

/// What reading a scenario reports.
fn errors(text: &str) -> String {
    match Model::parse("test.yaml", text, &Settings::default()) {
        Ok(_) => String::new(),
        Err(refused) => gapcast::cli::diagnostics::render(&refused.issues, &refused.sources, false),
    }
}

/// The vehicle of the shipped scenario leases for 60 months from deliveries over a year, and its equity is promised 13% a
/// year, effective: so it has on paths on which the lab pays, whether the leases end within the run or not.
#[test]
fn the_equity_of_the_shipped_vehicle_has_the_return_of_its_terms() {
    let path = File::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/anthropic-2026-06.yaml");
    for months in ["60", "84"] {
        let settings = Settings { sets: vec![format!("time.months={months}")], ..Settings::default() };
        let model = Model::load(&path, &settings).unwrap_or_else(|r| panic!("{:?}", r.issues));
        let (_, rows) = run_of(&model.plan, 256, 1, Level::best());
        let column = |name: &str| pick(&model.plan, &rows, name);
        let (ended, rate, marked) = (column("ended"), column("tpu_lease.equity.irr"), column("tpu_lease.equity.rvpi"));
        let paid = (0..256).filter(|&k| ended[k] == 0.0);
        let as_promised = paid.clone().filter(|&k| (rate[k] - 0.13).abs() < 1e-9).count();
        assert!(as_promised > 200 && as_promised * 20 > paid.count() * 19, "{months}: {as_promised}");
        assert_eq!(marked.iter().any(|&x| x > 0.0), months == "60");
    }
}

/// A market that is not given has no metric: `valuation`, `equity_multiple` and `sofr` would read as zero.
#[test]
fn a_market_that_is_not_given_is_no_metric() {
    let text = LEASE.replace("MONTHS", "6");
    let given = "world: {equity_multiple: {now: 10x, later: 10x}, sofr: {start: 4%/yr, long_run: 4%/yr}}\ninstruments:";
    for (text, there) in [(text.clone(), false), (text.replace("instruments:", given), true)] {
        let metrics = model(&text).plan.metrics.clone();
        for name in ["valuation", "valuation.alive"] {
            assert_eq!(metrics.find_end(name).is_some(), there, "{name}");
        }
        for name in ["valuation", "valuation.alive", "equity_multiple", "sofr"] {
            assert_eq!(metrics.monthly.iter().any(|m| m.name == name), there, "{name}");
        }
    }
}

/// A market that an instrument reads and that is not given is an error: it would count as zero.
#[test]
fn a_market_that_is_not_given_is_missed() {
    let sofr = "sofr: {start: 4%/yr, long_run: 3.5%/yr}";
    let power = "compute_price: {contract: 9B USD/GW-yr}";
    let campus = "campus: {name: x, power: 0.1 GW, construction: {start: 2026-02, months: 12 mo, cost: 1B USD}, funding: {gearing: 60%}, tail: {empty: sell}, lease: {rent: 150M USD/yr, term: 120 mo}, debt: {DEBT}}";
    let ddtl = "ddtl: {name: x, commitment: 1B USD, advance: 80%, capex: 1B USD, power: 0.1 GW, deliveries: {start: 2026-02}, rate: 6%/yr, margin: {other: 3%/yr}, repayment: {schedule_rate: 9%/yr}, offtaker: {name: cloud, grade: other, price: 12B USD/GW-yr, term: 48 mo, lost: 1%/yr}}";
    let revolver = "revolver: {name: x, limit: 1B USD, rate: 8%/yr, moves_with_credit: true}";
    let venture =
        "venture_debt: {name: x, commitment: 1B USD, start: 2026-01, rate: 9%/yr, term: 36 mo, warrants: {cover: 5%}}";
    for (what, lab, instrument, missing, world) in [
        (
            "loan",
            "",
            "term_loan: {name: x, amount: 1B USD, date: 2026-02, term: 24 mo, rate: sofr + 3%/yr}".to_owned(),
            "sofr",
            sofr,
        ),
        ("line", "", "revolver: {name: x, limit: 1B USD, rate: sofr + 3%/yr}".to_owned(), "sofr", sofr),
        ("spread", "", revolver.to_owned(), "credit_spread", "credit_spread: {level: 225 bp}"),
        ("bullet", "", campus.replace("DEBT", "rate: 6%/yr, term: 60 mo, profile: bullet"), "sofr", sofr),
        (
            "proceeds",
            "",
            campus.replace(
                "DEBT",
                "rate: 6%/yr, term: 60 mo, prefunded: true, cash_interest: sofr - 10 bp, base_sofr: 3%/yr",
            ),
            "sofr",
            sofr,
        ),
        ("let again", "", ddtl.to_owned(), "compute_price", power),
        ("warrants", "", venture.to_owned(), "sofr", sofr),
        ("cash", "interest_on_cash: sofr", "revolver: {name: x, limit: 1B USD, rate: 8%/yr}".to_owned(), "sofr", sofr),
        (
            "rescue",
            "default: {outcomes: {rescue: 100%, liquidation: 0%}}",
            "revolver: {name: x, limit: 1B USD, rate: 8%/yr}".to_owned(),
            "equity_multiple",
            "equity_multiple: {now: 10x, later: 10x}",
        ),
    ] {
        let text = |world: &str| {
            let multiple = if what == "warrants" { "equity_multiple: {now: 10x, later: 10x}, " } else { "" };
            let base = LEASE.replace("MONTHS", "24");
            let base = &base[..base.find("instruments:").unwrap()];
            let lab = if lab.is_empty() { String::new() } else { format!("  {lab}\n") };
            format!("{base}{lab}world: {{{multiple}{world}}}\ninstruments:\n  - {instrument}\n")
        };
        let found = errors(&text(""));
        assert!(found.contains(&format!("`world.{missing}` is missing")), "{what}: {found}");
        let found = errors(&text(world));
        assert_eq!(found, "", "{what}");
    }
    // What unspent proceeds earn needs a base case too.
    let text = campus.replace("DEBT", "rate: 6%/yr, term: 60 mo, prefunded: true, cash_interest: sofr - 10 bp");
    let base = LEASE.replace("MONTHS", "24");
    let base = &base[..base.find("instruments:").unwrap()];
    let found = errors(&format!("{base}world: {{{sofr}}}\ninstruments:\n  - {text}\n"));
    assert!(found.contains("floating interest on unspent proceeds without a base case"), "{found}");
}

/// A lab that buys racks for 100M in month 2 on a loan of 70% and fails at once; notes of 200M are owed besides.
const SECURED: &str = "
schema: 1
name: secured
time: {start: 2026-01, months: 12}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 40M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 12M USD/yr}}]}
  compute:
    spot_limit: 0 GW
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    owned: [{racks: {power: 0.01 GW, cost: 100M USD, delivered: 2026-02, life: 60 mo, value: {first_year: -99%}}}]
  people: {cost: 60M USD/yr}
  policy: {minimum_cash: 0 USD, distress_below: 0 mo, grace: 1 mo}
  default: {liquidation: 0.0x, cost: 0%, delay: 0 mo, receivables: 0%}
instruments:
  - term_loan: {name: loan, finances: 70%, term: 24 mo, rate: 12%/yr, secured: true}
  - term_loan: {name: notes, amount: 200M USD, date: 2025-06, term: 120 mo, rate: 0%/yr, profile: bullet}
";

/// The racks are worth 100M × 0.01^(age/12) when the lab ends, of which a sale brings 85%. A secured lender has that before anybody else,
/// and loses what it lacks: nothing else is there. Without security its claim shares it with 200M of notes, after wages.
#[test]
fn hardware_is_the_collateral_of_the_loans_that_financed_it() {
    let model = model(SECURED);
    let l = Ledger::of(&model, 0);
    let end = l.lane(12).accounts.ended as usize;
    assert!((3..=5).contains(&end), "{end}");
    let sale = 85e6 * 0.01_f64.powf((end as f64 - 2.0) / 12.0);
    let claim = l.at("loan.claim", end);
    assert!(claim > sale && claim > 65e6, "{claim} {sale}");
    near("loss", l.at("loan.loss", end), claim - sale, 1.0);
    near("notes", l.at("notes.loss", end), 200e6, 1.0);
    // As vendor finance the same.
    let vendor =
        SECURED.replace("term_loan: {name: loan, finances", "vendor_finance: {name: loan, kind: loan, finances");
    let v = crate::common::model(&vendor);
    near("vendor", Ledger::of(&v, 0).at("loan.loss", end), claim - sale, 1.0);
    // Without security: wages and tax first, then all alike.
    let bare = crate::common::model(&SECURED.replace("secured: true", "secured: false"));
    let b = Ledger::of(&bare, 0);
    let loss = b.at("loan.loss", end) / b.at("loan.claim", end);
    assert!(loss > 0.75 && (loss - b.at("notes.loss", end) / 200e6).abs() < 1e-9, "{loss}");
}
