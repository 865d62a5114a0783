//! Waterfalls of joint ventures against `tests/vectors/jv_waterfall.json` and `pf_partnership_flip.json`, through the code
//! that the instruments of `joint_venture` run, and one venture through the instrument itself against a ledger worked apart.

use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab, cases, ends, near, num, read, state};
use gapcast::engine::reference::Path;
use gapcast::instruments::joint_venture::asset::AssetVentureState;
use gapcast::instruments::waterfall::{
    Account, Balances, DEALS, Deals, European, Flip, Form, LookBack, Sharing, Standing, TIERS,
};
use gapcast::stats::irr::irr;
use gapcast::units::Usd;
use serde_json::Value;

/// The file's tolerance.
fn same(what: &str, found: f64, expected: &Value) {
    near(what, found, num(expected), 1e-9, 1e-6);
}

/// A hurdle a period, as the file's words say.
fn hurdle(annual: f64, months: f64, simple: bool) -> f64 {
    if simple { annual * months / 12.0 } else { (1.0 + annual).powf(months / 12.0) - 1.0 }
}

fn european(id: &str, input: &Value, expected: &Value) {
    let text = |key: &str| input[key].as_str().unwrap();
    let (accrual, months) = (text("accrual"), num(&input["months_per_period"]));
    let simple = accrual.starts_with("simple");
    assert!(simple || accrual.starts_with("compounding"), "{id}: {accrual}");
    let first = text("order") == "pref_first";
    assert!(first || text("order") == "capital_first", "{id}");
    let hard = text("hurdle").starts_with("hard");
    let terms = European::new(
        hurdle(num(&input["preferred_return_annual"]), months, simple),
        simple,
        first,
        if hard { 0.0 } else { num(&input["catch_up_share"]) },
        num(&input["promote"]),
    );
    let mut account = Account::default();
    let (mut partners, mut promote) = (0.0, 0.0);
    let periods = input["periods"].as_array().unwrap();
    let table = expected["by_period"].as_array().unwrap();
    assert_eq!(periods.len(), table.len());
    for (k, (period, row)) in periods.iter().zip(table).enumerate() {
        let what = |name: &str| format!("{id} period {} {name}", k + 1);
        // Paid in at the start of the period, distributed at its end.
        account.capital += Usd(num(&period["contribution_start"]));
        terms.accrue(&mut account);
        let out = terms.distribute(Usd(num(&period["distributable_end"])), &mut account);
        for (name, x) in [
            ("capital", out.capital),
            ("pref", out.preferred),
            ("catchup_gp", out.catch_up_promote),
            ("catchup_lp", out.catch_up),
            ("split_lp", out.split),
            ("split_gp", out.split_promote),
            ("lp_total", out.partners()),
            ("gp_total", out.promote()),
            ("capital_balance", account.capital),
            ("pref_balance", account.preferred),
        ] {
            same(&what(name), x.0, &row[name]);
        }
        partners += out.partners().0;
        promote += out.promote().0;
        near(&what("all"), out.partners().0 + out.promote().0, num(&period["distributable_end"]), 1e-12, 1e-9);
    }
    same(id, partners, &expected["lp_total"]);
    same(id, promote, &expected["gp_total"]);
}

fn look_back(id: &str, input: &Value, expected: &Value) {
    let list = |key: &str| -> Vec<f64> { input[key].as_array().unwrap().iter().map(num).collect() };
    let (hurdles, shares) = (list("irr_hurdles"), list("lp_shares"));
    assert_eq!((hurdles.len(), shares.len()), (TIERS, TIERS + 1));
    let months = num(&input["months_per_period"]);
    let tiers: Vec<(f64, f64)> = (0..TIERS).map(|k| (hurdle(hurdles[k], months, false), shares[k])).collect();
    let terms = LookBack::new(&tiers, shares[TIERS]);
    let mut balances = Balances::default();
    let (mut all, mut promote, mut flows) = (0.0, 0.0, Vec::new());
    let periods = input["periods"].as_array().unwrap();
    for (period, row) in periods.iter().zip(expected["by_period"].as_array().unwrap()) {
        let call = num(&period["contribution_start"]);
        terms.accrue(Usd(call), &mut balances);
        let x = Usd(num(&period["distributable_end"]));
        let partners = terms.partners(x, &balances);
        balances.receive(partners);
        let sponsor = x - partners;
        same(id, partners.0, &row["lp"]);
        same(id, sponsor.0, &row["sponsor"]);
        all += partners.0;
        promote += sponsor.0;
        // The end of a period is the start of the next.
        if let Some(last) = flows.last_mut() {
            *last -= call;
        } else {
            flows.push(-call);
        }
        flows.push(partners.0);
    }
    same(id, all, &expected["lp_total"]);
    same(id, promote, &expected["sponsor_total"]);
    let found = irr(&flows);
    same(id, (1.0 + found.roots()[0]).powf(12.0 / months) - 1.0, &expected["lp_irr"]);
}

/// Each deal on its own account, and the pooled account beside it; what one paid too much comes back at the end.
fn american(id: &str, input: &Value, expected: &Value) {
    let rate = hurdle(num(&input["preferred_return_annual"]), 12.0, false);
    let terms = European::new(rate, false, false, num(&input["catch_up_share"]), num(&input["promote"]));
    let deals = input["deals"].as_array().unwrap();
    let (mut own, mut pooled) = (Deals::default(), Account::default());
    let last = deals.iter().map(|d| d["exit_year"].as_u64().unwrap()).max().unwrap();
    for year in 1..=last {
        // Paid in at the start of the year, which is the end of the one before; distributed at its end.
        let mut x = [Usd::ZERO; DEALS];
        for (k, deal) in deals.iter().enumerate() {
            if deal["invest_year"].as_u64().unwrap() == year - 1 {
                own.of[k].capital += Usd(num(&deal["amount"]));
                pooled.capital += Usd(num(&deal["amount"]));
            }
            if deal["exit_year"].as_u64().unwrap() == year {
                x[k] = Usd(num(&deal["proceeds"]));
            }
        }
        terms.accrue_deals(&mut own);
        terms.accrue(&mut pooled);
        let all = x.iter().fold(Usd::ZERO, |sum, &x| sum + x);
        let partners = terms.distribute_deals(x, &mut own);
        assert!(partners <= all);
        terms.distribute(all, &mut pooled);
    }
    for (k, promote) in expected["promote_american_by_deal"].as_array().unwrap().iter().enumerate() {
        same(id, own.of[k].promoted.0, promote);
    }
    let before = own.of.iter().map(|a| a.promoted.0).sum::<f64>();
    same(id, before, &expected["promote_american_before_clawback"]);
    same(id, pooled.promoted.0, &expected["promote_european"]);
    same(id, European::clawback(&own, &pooled).0, &expected["clawback"]);
}

#[test]
fn every_case() {
    let file = read("jv_waterfall");
    let mut run = 0;
    for (id, input, expected) in cases(&file) {
        if input["deals"].is_array() {
            american(id, input, expected);
        } else if input["irr_hurdles"].is_array() {
            look_back(id, input, expected);
        } else {
            european(id, input, expected);
        }
        run += 1;
    }
    assert_eq!(run, 12);
}

/// Years of a partnership whose sharing changes in the year after the one in which the investor has earned the target. The
/// investor's share of tax counts for the test and is not the venture's cash, as what a partner gets beside the waterfall.
#[test]
fn flips_follow_the_return_of_the_year_before() {
    let file = read("pf_partnership_flip");
    let mut run = 0;
    for (id, input, expected) in cases(&file) {
        let list = |key: &str| -> Vec<f64> { input[key].as_array().unwrap().iter().map(num).collect() };
        let (cash, tax, credits) = (list("project_cash"), list("project_tax_benefit"), list("project_credits"));
        let target = num(&input["flip_target_irr"]);
        let flip = Flip { before: num(&input["preflip_cash"]), after: num(&input["postflip_cash"]) };
        assert_eq!(flip.before, num(&input["preflip_tax"]));
        assert_eq!(flip.after, num(&input["postflip_tax"]));
        let sharing = Sharing::new(Form::Flip, European::default(), LookBack::new(&[(target, 0.0)], 0.0), flip);
        let mut own = Standing::default();
        sharing.end(Usd::ZERO, Usd(num(&input["investor_equity"])), &mut own);
        let mut flows = vec![-num(&input["investor_equity"])];
        let mut first = None;
        for year in 1..cash.len() {
            let share = flip.share(own.flipped);
            sharing.accrue(&mut own);
            let (from_cash, _) = sharing.partners(Usd(cash[year]), &mut own);
            let beside = Usd((tax[year] + credits[year]) * share);
            sharing.receive(beside, 0.0, &mut own);
            sharing.end(from_cash, Usd::ZERO, &mut own);
            near(&format!("{id} cash, year {year}"), from_cash.0, num(&expected["investor_cash"][year]), 1e-6, 1.0);
            flows.push((from_cash + beside).0);
            near(&format!("{id} all, year {year}"), flows[year], num(&expected["investor_total"][year]), 1e-6, 1.0);
            if own.flipped > 0.0 && first.is_none() {
                first = Some(year);
            }
        }
        // The share changes in the year after; the return of the whole life is above the target where it flipped.
        assert_eq!(first.map(|year| year as u64 + 1), expected["first_year_at_postflip_share"].as_u64(), "{id}");
        let all = irr(&flows).roots()[0];
        near(id, all, num(&expected["final_irr"]), 0.0, 1e-5);
        assert_eq!(all > target, first.is_some(), "{id}: {all}");
        run += 1;
    }
    assert_eq!(run, 4);
}

/// Month by month in USD: the lab's call, the partners' call, rent, running cost, sale, to the partners, to the lab
/// (stake and promote), the lab's stake at cost, the partners' capital and preferred return after the month.
///
/// A venture of 1B USD, a fifth of it the lab's, called over four months, then rented for twelve at 100M USD a month,
/// of which 10M is running cost; 40% of the commitment is left in the last month. 8% compounding, a catch-up of half
/// of each dollar, a promote of a fifth. Worked with 40 digits: in the last month 490M come in, 98M for the lab's
/// stake; of 392M the partners get 8M capital and 41.08M preferred return, 27.39M pass in the catch-up
/// ((0.2 × 41.08)/(0.5 − 0.2)), and 315.5M are split 4 to 1.
const LEDGER: [[f64; 10]; 18] = [
    [50e6, 200e6, 0.0, 0.0, 0.0, 0.0, 0.0, 50e6, 200e6, 0.0],
    [50e6, 200e6, 0.0, 0.0, 0.0, 0.0, 0.0, 100e6, 400e6, 1_286_806.02],
    [50e6, 200e6, 0.0, 0.0, 0.0, 0.0, 0.0, 150e6, 600e6, 3_868_697.41],
    [50e6, 200e6, 0.0, 0.0, 0.0, 0.0, 0.0, 200e6, 800e6, 7_754_006.80],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 182e6, 728e6, 12_951_120.40],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 164e6, 656e6, 17_718_422.22],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 146e6, 584e6, 22_053_146.83],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 128e6, 512e6, 25_952_511.03],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 110e6, 440e6, 29_413_713.68],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 92e6, 368e6, 32_433_935.65],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 74e6, 296e6, 35_010_339.65],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 56e6, 224e6, 37_140_070.14],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 38e6, 152e6, 38_820_253.21],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 20e6, 80e6, 40_047_996.47],
    [0.0, 0.0, 100e6, 10e6, 0.0, 72e6, 18e6, 2e6, 8e6, 40_820_388.89],
    [0.0, 0.0, 100e6, 10e6, 400e6, 315.2e6, 174.8e6, 0.0, 0.0, 0.0],
    [0.0; 10],
    [0.0; 10],
];

const VENTURE: &str = "instruments:
  - joint_venture:
      name: campus
      kind: asset
      commitment: {lab: 200M USD, partners: 800M USD}
      calls: {start: 2026-01, over: 4 mo}
      power: 0.1 GW
      rent: 1.2B USD/yr
      opex: 120M USD/yr
      term: 12 mo
      residual: 40%
      waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}
";

#[test]
fn a_venture_through_its_instrument_to_the_cent() {
    let model = model(&bare_lab(18, FLAT, VENTURE));
    let mut path = Path::new(&model.plan, 0);
    let (mut cash, mut flows) = (path.lane.lab.cash.0, vec![0.0]);
    for (k, row) in LEDGER.into_iter().enumerate() {
        path.month(k + 1).unwrap();
        let own: AssetVentureState = state(&path, &model.plan, "campus");
        let found = [
            own.paid_in,
            own.called,
            own.paid,
            own.running,
            own.sale,
            own.distributed,
            own.to_lab,
            own.carried,
            own.standing.account.capital,
            own.standing.account.preferred,
        ];
        for (column, (x, want)) in found.into_iter().zip(row).enumerate() {
            near(&format!("month {} column {column}", k + 1), x.0, want, 0.0, 0.006);
        }
        // The lab sells for a billion a month and has no other cost.
        let [call, called, rent, _, _, partners, lab, carried, ..] = row;
        let now = path.lane.lab.cash.0;
        near("cash of the lab", now - cash, 1e9 - call - rent + lab, 0.0, 0.02);
        near("investment", path.lane.lines.investment.0, carried, 0.0, 0.006);
        cash = now;
        flows.push(partners - called);
    }
    // Paid in 200M, got 12 × 18M less the last and 174.8M: what came beyond cost was income.
    near("income", path.lane.accounts.retained.0, 18e9 - 12.0 * 100e6 + (11.0 * 18e6 + 174.8e6 - 200e6), 0.0, 0.02);
    let found = irr(&flows);
    let annual = (1.0 + found.roots()[0]).powi(12) - 1.0;
    near("return", ends(&model, 2, "campus.irr")[0], annual, 1e-9, 0.0);
    assert!(annual > 0.08, "{annual}");
}
