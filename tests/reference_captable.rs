//! Priced rounds against exact rationals (`tests/vectors/cap_table.json`), by formula and as a dated round of the
//! engine.

mod common;

use common::job;
use common::vectors::{FLAT, bare_lab, cases, near, num, pick, read, run_of};
use gapcast::engine::level::Level;
use gapcast::engine::reference::Path;
use gapcast::instruments::equity_round::priced_round;
use gapcast::units::Usd;
use serde_json::Value;

/// Cases of what is not built: convertible notes, anti-dilution, preferences in a liquidation, priority in insolvency.
const NOT_BUILT: [&str; 9] = [
    "round-notes",
    "anti-wa",
    "anti-ratchet",
    "liq-300",
    "liq-900",
    "liq-2500",
    "liq-part-cap",
    "ins-shortfall",
    "ins-equity-gets-some",
];

/// The file's tolerance.
fn same(what: &str, found: f64, expected: &Value) {
    near(what, found, num(expected), 1e-10, 1e-9);
}

fn rounds(file: &Value) -> Vec<(&str, &Value, &Value)> {
    let (skipped, rounds): (Vec<_>, Vec<_>) = cases(file).partition(|c| NOT_BUILT.contains(&c.0));
    assert_eq!((skipped.len(), rounds.len()), (NOT_BUILT.len(), 3));
    rounds
}

/// Shares before the round, and the pool's part of them.
fn before(input: &Value) -> (f64, f64) {
    let pool = num(&input["pool_shares"]);
    (pool + input["holders"].as_object().unwrap().values().map(num).sum::<f64>(), pool)
}

#[test]
fn the_formula() {
    let file = read("cap_table");
    for (id, input, expected) in rounds(&file) {
        let (shares, pool) = before(input);
        let (value, new) = (num(&input["pre_money"]), num(&input["investment"]));
        let target = input["pool_target_post"].as_f64().unwrap_or(0.0);
        let (price, top_up, issued) = priced_round(Usd(value), Usd(new), shares, pool, target);
        same(id, price.0, &expected["price"]);
        same(id, top_up, &expected["pool_top_up"]);
        same(id, issued, &expected["new_shares"]);
        let post = shares + top_up + issued;
        same(id, post, &expected["post_shares"]);
        same(id, issued / post, &expected["ownership"]["new_money"]);
        same(id, (pool + top_up) / post, &expected["ownership"]["pool"]);
        // Post-money is pre-money and new money, and price times all shares (MODEL §9.6).
        near(id, price.0 * post, value + new, 1e-12, 0.0);
    }
}

/// The same as a dated round: the pool is the employees' stake, all of it unallocated.
#[test]
fn a_dated_round_in_the_engine() {
    let file = read("cap_table");
    for (id, input, expected) in rounds(&file) {
        let (shares, pool) = before(input);
        let mut holders = String::new();
        for (name, n) in input["holders"].as_object().unwrap() {
            let name = if name == "employees" { "staff" } else { name };
            holders.push_str(&[name, ": ", &(num(n) / shares * 100.0).to_string(), "%, "].concat());
        }
        let target =
            input["pool_target_post"].as_f64().map_or(String::new(), |t| format!(", pool_target: {}%", t * 100.0));
        let rest = format!(
            "instruments:\n  - equity_round: {{name: round, date: 2026-02, size: {} USD, pre_money: {} USD, fee: 2%{target}}}\n",
            num(&input["investment"]),
            num(&input["pre_money"]),
        );
        let text = bare_lab(3, FLAT, &rest)
            .replace("holders: 100%", &format!("{holders}employees: {}%", pool / shares * 100.0))
            .replace("}}\n  demand", &format!("}}, pool: {}%}}\n  demand", pool / shares * 100.0));
        let job = job(&text);
        let (_, rows) = run_of(&job.plan, 2, 1, Level::best());
        let end = |name: &str| pick(&job.plan, &rows, name)[1];
        let own = &expected["ownership"];
        for name in input["holders"].as_object().unwrap().keys() {
            let as_named = if name == "employees" { "staff" } else { name };
            same(id, end(&format!("stake.{as_named}")), &own[name]);
        }
        same(id, end("stake.employees"), &own["pool"]);
        same(id, end("stake.new_investors"), &own["new_money"]);
        same(id, end("round.total"), &input["investment"]);
        // The lab gets the money less the fee; nothing before its month.
        let mut path = Path::new(&job.plan, 0);
        path.month(1).unwrap();
        assert_eq!((path.lane.lab.shares, path.lane.lines.equity_in.0), (1e9, 0.0));
        path.month(2).unwrap();
        near(id, path.lane.lines.equity_in.0, 0.98 * num(&input["investment"]), 1e-12, 0.0);
        near(id, path.lane.lab.shares, 1e9 * num(&expected["post_shares"]) / shares, 1e-10, 0.0);
        near(id, path.lane.lab.pool, num(&own["pool"]) * path.lane.lab.shares, 1e-10, 1e-6);
    }
}
