//! Capacity, orders and ranks of power: every policy in both engines, bit for bit, and what must hold on every path
//! whatever a scenario says.

use std::fmt::Write as _;

use crate::common::vectors::board;
use crate::common::{job_with, model};
use gapcast::column;
use gapcast::engine::books::event;
use gapcast::engine::columns::{Field, LANES, columns};
use gapcast::engine::component::Lane;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::model::{Model, Settings};
use proptest::prelude::*;

/// Contracts, own hardware, orders and ranks with all their options.
const CAPACITY: &str = include_str!("../common/capacity.yaml");

/// The scenario with other settings.
fn with(sets: &[&str]) -> Model {
    let sets = sets.iter().map(|&s| s.to_owned()).collect();
    job_with(CAPACITY, &Settings { sets, ..Settings::default() })
}

/// Replaces one fragment of the scenario.
fn patched(patches: &[(&str, &str)]) -> Model {
    let mut text = CAPACITY.to_owned();
    for (from, to) in patches {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    model(&text)
}

/// A block of paths in both engines, at the best level and the lowest; events of the lab and of instruments that were seen.
fn compare(model: &Model) -> u64 {
    let plan = &model.plan;
    let mut seen = 0;
    for level in [Level::best(), Level::Baseline] {
        let mut worker = Worker::new(plan, level);
        let mut boards = Vec::new();
        worker.block(0, |w, _| {
            boards.push((w.board.clone(), w.instruments.iter().map(|r| r.own().to_vec()).collect::<Vec<_>>()));
        });
        for lane in (0..LANES).step_by(if level == Level::Baseline { 7 } else { 1 }) {
            let mut path = Path::new(plan, lane as u64);
            for (t, (board, owns)) in boards.iter().enumerate() {
                path.month(t + 1).unwrap_or_else(|broken| panic!("{broken}"));
                let mut c = columns(Lane::WIDTH);
                path.lane.store(&mut c, 0);
                for (k, (plain, fast)) in c.iter().zip(board).enumerate() {
                    let (x, y) = (plain.0[0], fast.0[lane]);
                    assert_eq!(x.to_bits(), y.to_bits(), "lane {lane}, month {}, column {k}: {x} {y}", t + 1);
                }
                for (r, (instrument, own)) in path.instruments.iter().zip(owns).enumerate() {
                    for (k, value) in instrument.values().iter().enumerate() {
                        let name = &plan.instruments[r].name;
                        assert_eq!(value.to_bits(), own[k].0[lane].to_bits(), "{name}: field {k}, month {}", t + 1);
                    }
                }
                seen |= path.lane.events;
            }
        }
    }
    seen
}

#[test]
fn all_terms_and_ranks_in_both_engines() {
    let seen = compare(&patched(&[]));
    for bit in [
        event::NOTICE,
        event::RENEGOTIATED,
        event::SOLD,
        event::DISTRESS,
        event::DEFAULT,
        event::RESCUED,
        event::RESTRUCTURED,
        event::ACQUIRED,
        event::LIQUIDATED,
    ] {
        assert!(seen & bit != 0, "{bit:b} was not seen");
    }
}

const ORDERS: &str = "orders: {lead: 9 mo, term: 18 mo, bias: 10%, forecast_error: 25%, supplier_limit: 0.4 GW, cover_cash: 2 mo to 4 mo}";

#[test]
fn a_newsvendor_and_diffusion_in_both_engines() {
    compare(&patched(&[
        (
            "orders: {lead: 9 mo, term: 18 mo,",
            "orders: {policy: newsvendor, lead: 9 mo, term: 18 mo, future_customers: 20%,",
        ),
        (
            "    ceiling: 8B",
            "    saturation: bass\n    bass: {innovation: 0.5%/mo, imitation: 3%/mo to 9%/mo}\n    ceiling: 8B",
        ),
    ]));
}

#[test]
fn a_fixed_plan_and_training_first_of_all_in_both_engines() {
    compare(&patched(&[
        (
            ORDERS,
            "orders: {policy: fixed_plan, plan: [{date: 2026-07, power: 0.2 GW}, {date: 2027-03, power: 0.1 GW to 0.3 GW}], lead: 6 mo, term: 12 mo}",
        ),
        ("dependence:\n  shocks: [[demand, forecast, 0.3]]\n", ""),
        ("allocation: training_first", "allocation: all_training_first"),
        ("    ceiling: 8B", "    saturation: gompertz\n    ceiling: 8B"),
        ("resale: {share: 30% to 50%, from: in_distress, in_winter: 5%, in_winter_for: 4 mo}", "resale: 40%"),
    ]));
}

#[test]
fn the_most_bullish_growth_at_least_cost_in_both_engines() {
    compare(&patched(&[
        (ORDERS, "orders: {policy: match_bullish, lead: 9 mo, term: 18 mo, take_or_pay: 100%, forecast_error: 10%}"),
        (
            "          power: 0.2 GW to 0.5 GW\n          price: 8B USD/GW-yr",
            "          power: 0.3 GW\n          price: 8B USD/GW-yr",
        ),
        ("          indexation: 3%/yr\n          follows_market: 50%\n", ""),
        ("allocation: training_first", "attribution: least_cost"),
    ]));
}

#[test]
fn segments_alone_in_both_engines() {
    // Without ranks: no customers under contract, all power can be used.
    for form in ["saturation: bass\n    bass: {innovation: 0.5%/mo, imitation: 4%/mo}", "saturation: none"] {
        compare(&patched(&[
            (", contracted: true", ""),
            ("    availability: 92% to 98%\n    u_max: 95%\n    allocation: training_first\n", ""),
            ("    ceiling: 8B", &format!("    {form}\n    ceiling: 8B")),
        ]));
    }
}

/// What a scenario may say about power.
fn settings() -> impl Strategy<Value = Vec<String>> {
    let order = prop::sample::select(vec!["inference_first", "training_first", "all_training_first"]);
    let policy = prop::sample::select(vec!["forecast_share", "newsvendor", "match_bullish"]);
    (order, policy, 40..=100_u32, 40..=100_u32, 0..=40_u32, 0..=100_u32, 0..1000_u32).prop_map(
        |(order, policy, availability, u_max, spot, top, seed)| {
            vec![
                format!("lab.compute.allocation={order}"),
                format!("lab.compute.orders.policy={policy}"),
                format!("lab.compute.availability={availability}%"),
                format!("lab.compute.u_max={u_max}%"),
                format!("lab.compute.spot_limit={spot} MW"),
                format!("lab.compute.contracts.gamma.take_or_pay={top}%"),
                format!("run.seed={seed}"),
            ]
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Used, idle and unavailable power is what stands; no more is served than asked for; the ranks' shares make the
    /// whole; and every identity of the plain engine holds.
    #[test]
    fn power_is_conserved(sets in settings()) {
        let model = with(&sets.iter().map(String::as_str).collect::<Vec<_>>());
        let of = |key: &str| -> f64 {
            let value = sets.iter().find_map(|s| s.strip_prefix(&format!("{key}=")));
            value.map_or(1.0, |v| v.trim_end_matches('%').parse::<f64>().unwrap() / 100.0)
        };
        let (available, u_max) = (of("lab.compute.availability"), of("lab.compute.u_max"));
        for k in 0..4 {
            let mut path = Path::new(&model.plan, k);
            for t in 1..=model.plan.months {
                path.month(t).map_err(|broken| TestCaseError::fail(broken.to_string()))?;
                let (ops, lines) = (&path.lane.ops, &path.lane.lines);
                let place = ops.place_gw;
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9);
                prop_assert!(ops.serving_gw <= u_max * available * place * (1.0 + 1e-12));
                let idle = place - ops.serving_gw - ops.unavailable_gw;
                prop_assert!(idle >= -1e-12 * place.max(1.0) && near(ops.unavailable_gw, (1.0 - available) * place));
                for served in [ops.served, ops.served_contracted, ops.served_others] {
                    prop_assert!((0.0..=1.0).contains(&served), "month {}: {}", t, served);
                }
                let (low, high) = if ops.served_contracted < ops.served_others { (ops.served_contracted, ops.served_others) } else { (ops.served_others, ops.served_contracted) };
                prop_assert!(ops.served >= low - 1e-12 && ops.served <= high + 1e-12);
                // Customers under contract are never worse off than others.
                prop_assert!(ops.served_contracted >= ops.served_others - 1e-12);
                prop_assert!(near(path.lane.lab.revenue.0 + ops.unserved.0, ops.demand.0) || path.lane.lab.alive == 0.0);
                if path.lane.lab.alive > 0.0 {
                    // What is needed is used, bought for the month, or not met.
                    let taken = lines.used_gw + lines.sunk_gw.min(ops.used_gw);
                    prop_assert!(near(taken, ops.used_gw), "{} {}", taken, ops.used_gw);
                    prop_assert!(ops.used_gw + ops.spot_gw <= ops.need_gw * (1.0 + 1e-9));
                }
            }
        }
    }
}

/// Two prices: what is needed beyond take-or-pay is taken from the cheaper contract, in whatever order they are listed.
#[test]
fn least_cost_serves_take_or_pay_first_and_then_by_price() {
    let text = |attribution: &str, need: f64| {
        format!(
            "schema: 1
name: two
time: {{start: 2026-01, months: 2}}
run: {{paths: 1, seed: 1}}
lab:
  opening: {{cash: 100B USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, saturation: none, segments: [{{all: {{run_rate: 120B USD/yr}}}}]}}
  compute:
    spot_limit: 0 GW
    attribution: {attribution}
    inference: {{power: {{power: {need} GW, serves: 10B USD/mo}}}}
    owned: [{{pod: {{power: 1 GW, cost: 1B USD, delivered: 2025-12, life: 60 mo}}}}]
    contracts:
      - dear: {{power: 10 GW, price: 12B USD/GW-yr, start: 2026-01, term: 5 yr, take_or_pay: 50%}}
      - cheap: {{power: 10 GW, price: 6B USD/GW-yr, start: 2026-01, term: 5 yr, take_or_pay: 20%}}
  policy: {{distress_below: 0 mo}}
"
        )
    };
    // Take-or-pay is 5 + 2, own power 1. By hand: (need) → used of dear, of cheap, invoices in B USD.
    for (need, attribution, dear, cheap, bill) in [
        (4.0, "least_cost", 1.0, 2.0, 5.0 + 1.0), // within what is paid for in any case: cheap first
        (8.0, "least_cost", 5.0, 2.0, 5.0 + 1.0), // all of it
        (12.0, "least_cost", 5.0, 6.0, 5.0 + 3.0), // 4 beyond, all of it cheap
        (18.0, "least_cost", 7.0, 10.0, 7.0 + 5.0), // 10 beyond: 8 cheap, 2 dear
        (25.0, "least_cost", 10.0, 10.0, 15.0),   // more than there is
        (12.0, "listed", 10.0, 1.0, 10.0 + 1.0),
    ] {
        let model = model(&text(attribution, need));
        let mut path = Path::new(&model.plan, 0);
        path.month(1).unwrap();
        let used = |name: &str| {
            let k = model.plan.instruments.iter().position(|r| r.name == name).unwrap();
            path.instruments[k].values()[model.plan.instruments[k].spec.column("used").unwrap()]
        };
        let found = (used("dear"), used("cheap"), path.lane.lines.compute_expense.0 / 1e9);
        assert!((found.0 - dear).abs() < 1e-9 && (found.1 - cheap).abs() < 1e-9, "{need} {attribution}: {found:?}");
        assert!((found.2 - bill).abs() < 1e-9, "{need} {attribution}: {found:?}");
    }
}

#[test]
fn ranks_decide_who_waits() {
    // 10 GW for 4 + 6 of customers, 3 of final runs and 2 of research; the lab has 10 of power, 80% of it usable: 8.
    let text = |allocation: &str| {
        format!(
            "schema: 1
name: ranks
time: {{start: 2026-01, months: 3}}
run: {{paths: 1, seed: 1}}
world: {{compute_price: {{contract: 12B USD/GW-yr}}}}
lab:
  opening: {{cash: 1000B USD, shares: {{holders: 100%}}}}
  demand:
    growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}
    growth_is: underlying
    saturation: none
    unserved_lost: 0%
    segments: [{{firm: {{run_rate: 48B USD/yr, contracted: true}}}}, {{free: {{run_rate: 72B USD/yr, unserved_lost: 50%}}}}]
  compute:
    spot_limit: 0 GW
    availability: 90%
    u_max: 88.88888888888889%
    allocation: {allocation}
    inference: {{power: {{power: 1 GW, serves: 1B USD/mo}}}}
    research: {{spend: 60B USD/yr, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo, final_run_share: 60%}}
    contracts: [{{all: {{power: 10 GW, price: 12B USD/GW-yr, start: 2026-01, term: 5 yr}}}}]
  policy: {{distress_below: 0 mo}}
"
        )
    };
    // Served: customers under contract, others; what research and runs got of their 5, in B USD.
    for (allocation, firm, free, trained) in [
        ("inference_first", 1.0, 4.0 / 6.0, 0.0),
        ("training_first", 1.0, 1.0 / 6.0, 3.0),
        ("all_training_first", 0.75, 0.0, 5.0),
    ] {
        let model = model(&text(allocation));
        let mut path = Path::new(&model.plan, 0);
        path.month(1).unwrap();
        let ops = &path.lane.ops;
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{allocation}: {a} instead of {b}");
        near(ops.served_contracted, firm);
        near(ops.served_others, free);
        near(ops.training_spend.0 / 1e9, trained);
        near(ops.serving_gw, 8.0);
        near(ops.unavailable_gw, 1.0);
        near(path.lane.lab.revenue.0 / 1e9, 4.0 * firm + 6.0 * free);
        // Half of what the others were not served is gone next month; of customers under contract nothing is.
        path.month(2).unwrap();
        near(path.lane.ops.demand.0 / 1e9, 4.0 + 6.0 * (1.0 - 0.5 * (1.0 - free)));
    }
}

/// Customers need 1 GW, which costs 1B a month and brings 2B; staff cost 0.5B. Demand has grown tenfold a year until today
/// and stands still from the first month on.
const LATE: &str = "schema: 1
name: one_year_wrong
time: {start: 2026-01, months: 36}
run: {paths: 1, seed: 1}
world: {compute_price: {contract: 12B USD/GW-yr}}
lab:
  opening: {cash: 60B USD, shares: {holders: 100%}}
  demand: {growth: {now: 10x/yr, later: 0%/mo, half_life: 0.01 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 24B USD/yr}}]}
  compute:
    inference: {power: {power: 0.5 GW, serves: 1B USD/mo}}
    contracts:
      - today: {power: 1 GW, price: 12B USD/GW-yr, start: 2026-01, term: 10 yr}
      - planned: {power: 9 GW, price: 12B USD/GW-yr, start: 2027-01, term: 5 yr}
  people: {cost: 6B USD/yr, cut_in_distress: 0%}
  policy: {distress_below: 6 mo, grace: 3 mo}
";

/// Runs the lab to the horizon: cash by month, and the month in which it fails, 0 if it survives.
fn lived(text: &str) -> (Vec<f64>, f64) {
    let model = model(text);
    let mut path = Path::new(&model.plan, 0);
    let mut cash = Vec::new();
    for t in 1..=model.plan.months {
        path.month(t).unwrap_or_else(|broken| panic!("{broken}"));
        cash.push(path.lane.lab.cash.0 / 1e9);
    }
    (cash, path.lane.accounts.ended)
}

/// A.7: a plan that is wrong by one year of tenfold growth. Firm, it ends the lab in a month that follows by hand; with 90
/// days' notice it costs a bounded amount.
#[test]
fn a_plan_one_year_too_bold() {
    let near = |found: f64, by_hand: f64| assert!((found - by_hand).abs() < 1e-9, "{found} instead of {by_hand}");
    // 2 − 1 − 0.5 a month for twelve months: 66. From month 13 on 9 more are paid for nothing: −8.5 a month. 66 − 7 × 8.5 = 6.5 at
    // the close of month 19; month 20 is the first that is short, month 22 the third: the end.
    let ordered = LATE.replace(
        "      - planned: {power: 9 GW, price: 12B USD/GW-yr, start: 2027-01, term: 5 yr}\n",
        "    orders: {policy: match_bullish, lead: 12 mo, take_or_pay: 100%}\n",
    );
    assert_ne!(ordered, LATE);
    // Signed, or ordered in the first month for ten times today's need, of which 1 GW stands: the same.
    for text in [LATE, &ordered] {
        let (cash, ended) = lived(text);
        near(cash[11], 66.0);
        near(cash[18], 6.5);
        assert_eq!(ended, 22.0);
        // What equity would have had to bring to the horizon: 24 months of 8.5 less 66.
        let (cash, ended) = lived(&text.replace("grace: 3 mo", "negative_cash: carry"));
        near(cash[35], 66.0 - 24.0 * 8.5);
        assert_eq!(ended, 0.0);
    }
    // With 90 days' notice. Burn, as a mean of three months, is 2.5, 5.5 and 8.5 in months 13 to 15, for which cash of 57.5, 49 and
    // 40.5 lasts 23, 8.9 and 4.8 months: distress at the close of month 15, notice in month 16, service to month 19. The mistake
    // costs seven months of 9, of which three fall after the notice, whatever is left of the term.
    for term in ["5 yr", "30 yr"] {
        let text = LATE.replace("2027-01, term: 5 yr}", &format!("2027-01, term: {term}, notice: 90 d}}"));
        let (cash, ended) = lived(&text);
        near(cash[18], 60.0 + 19.0 * 0.5 - 7.0 * 9.0);
        near(cash[35], 60.0 + 36.0 * 0.5 - 7.0 * 9.0);
        assert_eq!(ended, 0.0);
    }
}

#[test]
fn a_ceiling_below_demand_is_told() {
    let model = patched(&[]);
    let floored = &board(&model.plan, 1, &[column!(ops.floored)])[0][0];
    let some = floored.iter().filter(|&&x| x > 0.0).count();
    assert!(some > 0 && some < LANES, "{some}");
    assert!(model.plan.metrics.find_end("ceiling_floored").is_some());
    for name in ["utilisation", "lost_margin", "unavailable_gw", "served_contracted", "served_others"] {
        assert!(model.plan.metrics.find(name).is_some(), "{name}");
    }
}

#[test]
fn bad_terms_are_told() {
    let refused = |patches: &[(&str, &str)]| {
        let mut text = CAPACITY.to_owned();
        for (from, to) in patches {
            text = text.replace(from, to);
        }
        assert_ne!(text, CAPACITY);
        let refused = Model::parse("test.yaml", &text, &Settings::default()).expect_err("bad terms");
        let mut out = String::new();
        write!(out, "{}", gapcast::cli::diagnostics::render(&refused.issues, &refused.sources, false)).unwrap();
        out
    };
    for (from, to, told) in [
        ("ordered: 2026-08", "ordered: 2026-12", "ordered after its delivery"),
        ("date: 2026-09, recovered", "date: 2026-07, recovered", "before the contract is ordered"),
        ("date: 2026-09, recovered", "date: 2031-07, recovered", "after the contract ends"),
        ("ordered: 2026-09, share", "share", "a share is paid at order"),
        ("ordered: 2026-09, share", "ordered: 2027-09, share", "own hardware is ordered after its delivery"),
        ("allocation: training_first", "attribution: least_cost", "requires known and fixed prices"),
        ("orders: {lead", "orders: {policy: fixed_plan, lead", "`plan` is missing"),
        (
            "orders: {lead",
            "orders: {plan: [{date: 2026-09, power: 1 GW}], lead",
            "applies only to `policy: fixed_plan`",
        ),
        ("    ceiling: 8B", "    saturation: bass\n    ceiling: 8B", "requires rates and a ceiling"),
        (
            "    releases: {every: 6 mo, uplift: 10%, behind: 0.3, late: 20%}\n",
            "",
            "there are no releases to slow down",
        ),
        ("u_max: 95%", "u_max: 0%", "it must be between"),
    ] {
        let out = refused(&[(from, to)]);
        assert!(out.contains(told), "{told}:\n{out}");
    }
    let out = refused(&[
        ("  compute_price: {contract: 9B USD/GW-yr, change: 6%/yr, spot: 1.1x, volatility: 30%/yr}\n", ""),
        ("orders: {lead", "orders: {policy: none, lead"),
    ]);
    assert!(out.contains("a market price, which is not specified"), "{out}");
}
