//! The newsvendor rule for orders: its target, what raises or lowers it, and its forecast.

use super::{LAB, STEADY, patched};
use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::near;
use gapcast::components::ComponentSpec;
use gapcast::engine::component::Lane;
use gapcast::engine::math::normal_quantile;
use gapcast::engine::reference::Path;
use gapcast::lab::orders::{Newsvendor, forecast_sd};
use gapcast::language::quantity::Inputs;
use gapcast::model::Model;
use gapcast::plan::component_spec;

/// A lab whose need strays by 20% a month, and that orders by the rule for one period.
fn one_period(price: &str, orders: &str) -> Model {
    let text = STEADY
        .replace("months: 70", "months: 12")
        .replace("change: 5%/yr, spot: 1.5x, premium: 1, squeeze: 0.4, follows_lab: 50%, lead: 15 mo, available: 100 GW, available_growth: 25%/yr, available_elasticity: 1.5", price)
        .replace("growth_is", "volatility: 20%/mo, growth_is")
        .replace("now: 2%/mo, later: 2%/mo, half_life: 12 mo", "now: 2%/mo, later: 2%/mo, half_life: 0.001 mo")
        .replace("serves: 1B USD/mo}}\n", &format!("serves: 1B USD/mo}}}}\n    orders: {{policy: newsvendor, lead: 9 mo, every: 3 mo, {orders}}}\n"));
    model(&text)
}

#[test]
fn one_period_is_the_quantile() {
    // Missing power costs 1, idle power 0.8. The exact target is the lognormal quantile at 1/1.8; of 31 equally likely values the
    // program takes one that is next to it.
    let plan = one_period("spot: 2x", "term: 3 mo, take_or_pay: 80%");
    let node = |i: f64| normal_quantile((i - 0.5) / 31.0);
    let exact = normal_quantile(1.0 / 1.8);
    for path in 0..16 {
        let l = Ledger::of(&plan, path);
        let median = l.lane(1).ops.need_gw.ln() + 9.0 * 0.02;
        let sd = forecast_sd(0.0, 0.0, 0.2, 9);
        let score = (l.lane(10).ops.place_gw.ln() - median) / sd;
        assert!(node(17.0) - 1e-6 < score && score < node(18.0) + 1e-6, "{score}, exact {exact}");
    }
    assert!((node(17.0)..node(18.0)).contains(&exact));
}

#[test]
fn ordering_ahead_is_worth_nothing_where_power_is_always_there() {
    let price = "compute_price: {contract: 10B USD/GW-yr, spot: 1.15x, premium: 1, squeeze: 0.4, follows_lab: 50%, lead: 15 mo, available: 0.15 GW, available_growth: 25%/yr, available_elasticity: 1.5}";
    let placed = |price_to: &str, worth: &str| {
        let model = patched(
            LAB,
            &[
                (price, price_to),
                ("orders: {share: 70%,", &format!("orders: {{policy: newsvendor, research_worth: {worth},")),
            ],
        );
        let at = model
            .plan
            .components
            .iter()
            .position(|p| matches!(component_spec(p), ComponentSpec::NewsvendorOrders(_)))
            .unwrap();
        let mut worker = (0..256).map(|k| Path::new(&model.plan, k)).collect::<Vec<_>>();
        let mut any = 0;
        for path in &mut worker {
            let mut sum = 0.0;
            for t in 1..=24 {
                path.month(t).unwrap_or_else(|broken| panic!("{broken}"));
                sum += path.components[at].values()[0];
            }
            any += i32::from(sum > 0.0);
        }
        any
    };
    assert_eq!(placed("compute_price: {contract: 10B USD/GW-yr, spot: 1x}", "1.2"), 0);
    // A dear spot price, or a limit where research is worth much, makes it worth something.
    assert!(placed("compute_price: {contract: 10B USD/GW-yr, spot: 3x}", "1.2") > 64);
    assert!(placed("compute_price: {contract: 10B USD/GW-yr, spot: 1x, available: 0 GW}", "3") > 64);
}

#[test]
fn what_makes_an_order_worth_less_never_raises_the_target() {
    let price = "spot: 1.15x, premium: 1, squeeze: 0.4, follows_lab: 50%, lead: 15 mo, available: 0.15 GW, available_growth: 25%/yr, available_elasticity: 1.5}";
    let rule = |price_to: &str, orders: &str, resale: &str| -> Model {
        let orders = format!("orders: {{policy: newsvendor, lead: 12 mo, {orders}}}");
        let resale = format!("    resale: {resale}\n    contracts:");
        patched(
            LAB,
            &[
                (price, price_to),
                ("orders: {share: 70%, lead: 12 mo, term: 4 yr, take_or_pay: 80%}", &orders),
                ("    contracts:", &resale),
            ],
        )
    };
    let costs = [
        price.to_owned(),
        price.replace("1.15x, premium: 1", "3x, premium: 2"),
        price.replace("available: 0.15 GW, available_growth: 25%/yr, available_elasticity: 1.5", "growth_cap: 5%/mo"),
        price.replace("0.15 GW", "0 GW"),
    ];
    let bind = |model: &Model, k: u64| {
        let setup = model.plan.components.iter().find_map(|p| match component_spec(p) {
            ComponentSpec::NewsvendorOrders(setup) => Some(setup.clone()),
            _ => None,
        });
        let mut values = vec![0.0; model.plan.draws.len()];
        model.plan.draws.draw(model.plan.seed, k, &mut values);
        Newsvendor::new(&setup.unwrap(), &Inputs::new(&values))
    };
    let mut compared = 0;
    for cost in &costs {
        let plain = rule(cost, "term: 3 yr, take_or_pay: 70%", "30%");
        let follows = rule(cost, "term: 3 yr, take_or_pay: 70%", "{share: 30%, follows_spot: true}");
        let cheaper = cost.replace("spot: 1.15x", "spot: 1.05x").replace("spot: 3x", "spot: 1.5x");
        let pairs = vec![
            (&plain, rule(cost, "term: 6 yr, take_or_pay: 70%", "30%")),
            (&plain, rule(cost, "term: 3 yr, take_or_pay: 95%", "30%")),
            (&plain, rule(cost, "term: 3 yr, take_or_pay: 70%", "5%")),
            (&plain, rule(&cheaper, "term: 3 yr, take_or_pay: 70%", "30%")),
            (&follows, rule(&cheaper, "term: 3 yr, take_or_pay: 70%", "{share: 30%, follows_spot: true}")),
        ];
        for k in 0..24 {
            // States of the lab on the path, in months of ordering.
            let mut path = Path::new(&plain.plan, k);
            let mut lanes = Vec::new();
            for t in 1..=31 {
                path.month(t).unwrap_or_else(|broken| panic!("{broken}"));
                if (t - 1) % 6 == 0 && path.lane.lab.alive > 0.0 {
                    lanes.push((t as f64, path.lane));
                }
            }
            for (base, worse) in &pairs {
                let (base, worse) = (bind(base, k), bind(worse, k));
                for (t, lane) in &lanes {
                    let (a, b) = (base.outlook(0.0, lane), worse.outlook(0.0, lane));
                    assert_eq!(a.median, b.median);
                    let (ca, cb) = (base.costs(*t, &a, lane), worse.costs(*t, &b, lane));
                    let mut last = f64::INFINITY;
                    for i in 0..200 {
                        let power = (a.median[0] - 4.0 + 7.0 * f64::from(i) / 199.0).exp();
                        let (x, y) = (base.worth(power, &a, &ca), worse.worth(power, &b, &cb));
                        assert!(y <= x + 1e-9, "power {power}: {y} above {x}");
                        assert!(x <= last + 1e-9, "power {power}: {x} above {last}");
                        last = x;
                    }
                    let (x, y) = (base.target(*t, 0.0, lane), worse.target(*t, 0.0, lane));
                    assert!(y <= x * (1.0 + 1e-6), "target {y} above {x}");
                    compared += i32::from(y < x * (1.0 - 1e-3));
                }
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn winters_in_the_forecast_are_those_of_the_chain() {
    // The mean and the variance of what winters take from need over a year, by counting every sequence of ten months.
    let with = |regime: &str| {
        let text = STEADY
            .replace("world: {", &format!("world: {{regime: {{winter: {{{regime}}}}}, "))
            .replace("serves: 1B USD/mo}}\n", "serves: 1B USD/mo}}\n    orders: {policy: newsvendor, lead: 10 mo}\n");
        model(&text)
    };
    let (enters, leaves, drag, kept): (f64, f64, f64, f64) = (0.1, 0.3, -0.04, 0.5_f64.powf(0.25));
    let stated = with("enters: 10%/mo, leaves: 30%/mo, growth: -4%/mo, half_life: 4 mo");
    let calm = with("enters: 10%/mo, leaves: 30%/mo, growth: 0%/mo, half_life: 4 mo");
    let bind = |model: &Model| {
        let setup = model.plan.components.iter().find_map(|p| match component_spec(p) {
            ComponentSpec::NewsvendorOrders(setup) => Some(setup.clone()),
            _ => None,
        });
        Newsvendor::new(&setup.unwrap(), &Inputs::new(&[]))
    };
    let (stated, calm) = (bind(&stated), bind(&calm));
    for winter in [0.0, 1.0] {
        let pull = -0.015;
        let (mut mean, mut square) = (0.0, 0.0);
        for sequence in 0..1024_u32 {
            let (mut p, mut was, mut v, mut sum) = (1.0, winter, pull, 0.0);
            for i in 0..10 {
                let now = f64::from(sequence >> i & 1);
                let turns = if was > 0.0 { leaves } else { enters };
                p *= if now == was { 1.0 - turns } else { turns };
                v = kept * v + (1.0 - kept) * drag * now;
                sum += v;
                was = now;
            }
            mean += p * sum;
            square += p * sum * sum;
        }
        let mut lane = Lane::default();
        (lane.market.winter, lane.ops.pull, lane.ops.need_gw) = (winter, pull, 1.0);
        // Trailing growth is that of the state and the pull together.
        lane.lab.growth = 0.02 + pull;
        let found = stated.outlook(0.0, &lane);
        near("mean", found.median[0], 0.2 + mean, 1e-9, 0.0);
        let still = calm.outlook(0.0, &lane);
        near("variance", found.sd[0].powi(2), square - mean * mean, 1e-9, 0.0);
        assert!(still.sd[0] < 1e-5);
    }
}
