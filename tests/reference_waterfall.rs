//! Waterfalls of joint ventures against `tests/vectors/jv_waterfall.json`, through the code that the `joint_venture`
//! room runs, and one venture through the room itself against a ledger worked apart.

mod common;

use common::job;
use common::vectors::{FLAT, bare_lab, cases, ends, near, num, read, room};
use gapcast::engine::reference::Path;
use gapcast::instruments::One;
use gapcast::instruments::waterfall::{Account, Balances, European, LookBack, TIERS};
use gapcast::stats::irr::irr;
use gapcast::units::Usd;
use serde_json::Value;

/// Deal by deal with a clawback is not built: there is one pooled account a venture.
const NOT_BUILT: [&str; 1] = ["wf-american-clawback"];

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
    let terms = European {
        hurdle: hurdle(num(&input["preferred_return_annual"]), months, simple),
        simple: f64::from(u8::from(simple)),
        preferred_first: f64::from(u8::from(first)),
        catch_up: if hard { 0.0 } else { num(&input["catch_up_share"]) },
        promote: num(&input["promote"]),
    };
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
    let terms = LookBack {
        hurdle: std::array::from_fn(|k| hurdle(hurdles[k], months, false)),
        share: std::array::from_fn(|k| shares[k]),
        beyond: shares[TIERS],
    };
    let mut balances = Balances::default();
    let (mut all, mut promote, mut flows) = (0.0, 0.0, Vec::new());
    let periods = input["periods"].as_array().unwrap();
    for (period, row) in periods.iter().zip(expected["by_period"].as_array().unwrap()) {
        let call = num(&period["contribution_start"]);
        terms.accrue(Usd(call), &mut balances);
        let (partners, sponsor) = terms.distribute(Usd(num(&period["distributable_end"])), &mut balances);
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

#[test]
fn every_case_that_is_built() {
    let file = read("jv_waterfall");
    let (mut run, mut skipped) = (0, 0);
    for (id, input, expected) in cases(&file) {
        if NOT_BUILT.contains(&id) {
            assert!(input["deals"].is_array());
            skipped += 1;
        } else if input["irr_hurdles"].is_array() {
            look_back(id, input, expected);
            run += 1;
        } else {
            european(id, input, expected);
            run += 1;
        }
    }
    assert_eq!((run, skipped), (11, 1));
}

/// Month by month in USD: the lab's call, the partners' call, rent, running cost, sale, to the partners, to the lab
/// (stake and promote), the lab's stake at cost, the partners' capital and preferred return after the month.
///
/// A venture of 1B USD, a fifth of it the lab's, called over four months, then rented for twelve at 100M USD a month,
/// of which 10M is running cost; 40 % of the commitment is left in the last month. 8 % compounding, a catch-up of half
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
      running: 120M USD/yr
      term: 12 mo
      residual: 40%
      waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}
";

#[test]
fn a_venture_through_its_room_to_the_cent() {
    let job = job(&bare_lab(18, FLAT, VENTURE));
    let mut path = Path::new(&job.plan, 0);
    let (mut cash, mut flows) = (path.lane.lab.cash.0, vec![0.0]);
    for (k, row) in LEDGER.into_iter().enumerate() {
        path.month(k + 1).unwrap();
        let One::JointVenture(_, own) = *room(&path, &job.plan, "campus") else { panic!() };
        let found = [
            own.paid_in,
            own.called,
            own.paid,
            own.running,
            own.sale,
            own.distributed,
            own.to_lab,
            own.carried,
            own.account.capital,
            own.account.preferred,
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
    near("return", ends(&job, 2, "campus.irr")[0], annual, 1e-9, 0.0);
    assert!(annual > 0.08, "{annual}");
}
