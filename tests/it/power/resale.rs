//! Power that is not used: it is conserved, and what it brings when it is resold.

use super::{CAPACITY, PATHS, idle, lab, patched, ruined, sums};
use crate::common::vectors::near;
use gapcast::column;
use gapcast::components::ComponentSpec;
use gapcast::engine::reference::Path;
use gapcast::plan::component_spec;
use gapcast::plan::metrics::LINES_AT;

#[test]
fn power_is_conserved() {
    let ranked = patched(
        CAPACITY,
        &[
            (
                ", volatility: 30%/yr}\n  resale",
                ", volatility: 30%/yr, premium: 1, squeeze: 0.4, available: 0.05 GW, available_elasticity: 1}\n  resale",
            ),
            ("          take_or_pay: 70%\n", "          take_or_pay: 70%\n          resale: false\n"),
            (
                "resale: {share: 30% to 50%, from: in_distress, in_winter: 5%, in_winter_for: 4 mo}",
                "resale: {share: 50%, follows_spot: true, after: 3 mo}",
            ),
        ],
    );
    let plain = lab(&["lab.compute.resale={share: 50%, follows_spot: true, after: 3 mo}"]);
    for (model, is_ranked) in [(&ranked, true), (&plain, false)] {
        let (mut short, mut idle_months, mut tied) = (0, 0, 0);
        let at = model
            .plan
            .components
            .iter()
            .position(|p| matches!(component_spec(p), ComponentSpec::LetMarket(_)))
            .unwrap();
        let limit = if is_ranked { 0.1 } else { f64::MAX };
        for k in 0..48 {
            let mut path = Path::new(&model.plan, k);
            let mut before = 0.0;
            for t in 1..=model.plan.months {
                path.month(t).unwrap_or_else(|broken| panic!("{broken}"));
                let (ops, lines, market) = (&path.lane.ops, &path.lane.lines, &path.lane.market);
                let alive = path.lane.accounts.ended == 0.0 || path.lane.accounts.ended == t as f64;
                assert!(ops.spot_gw <= ops.available_gw.min(limit) * (1.0 + 1e-12));
                if alive {
                    near(
                        "customers",
                        path.lane.lab.revenue.0.max(ops.demand.0 * ops.served) + ops.unserved.0,
                        ops.demand.0,
                        1e-9,
                        1.0,
                    );
                    near("research", ops.training_spend.0 + ops.unserved_research.0, ops.research_need, 1e-9, 1.0);
                }
                let rented = (lines.sunk_gw - ops.used_gw).max(0.0) * ops.power_price;
                let idle = (lines.idle_cost - lines.idle_tied).0 + rented;
                let let_out = *path.components[at].values().last().unwrap();
                assert!(
                    let_out <= idle * (1.0 + 1e-12) && let_out <= before + idle / 3.0 * (1.0 + 1e-12),
                    "{let_out} {idle}"
                );
                near(
                    "income",
                    lines.resale.0,
                    0.5 * let_out * (market.spot_price / market.power_price).min(1.0),
                    1e-12,
                    1e-6,
                );
                before = let_out;
                short += i32::from(ops.unserved_research.0 > 1.0);
                idle_months += i32::from(idle > let_out && let_out > 0.0);
                tied += i32::from(lines.idle_tied.0 > 0.0);
            }
        }
        assert!(short > 0 && idle_months > 0, "{short} {idle_months}");
        assert_eq!(tied > 0, is_ranked);
    }
}

#[test]
fn idle_power_resold_in_full_costs_nothing() {
    // Spot at the contract price: idle power brings what it costs, in the same month. So cash-out is no likelier than without
    // take-or-pay, by more than the half point of what timing changes.
    let market = [
        "world.compute_price={contract: 10B USD/GW-yr}",
        "world.regime.winter.compute_price=1x",
        "lab.compute.resale={share: 100%, follows_spot: true}",
        "lab.opening.cash=3B USD",
        "lab.people.cost=3B USD/yr",
    ];
    let resold = lab(&market);
    let net = |board: &[f64], _: usize| {
        let alive = f64::from(u8::from(board[column!(accounts.ended)] == 0.0));
        (board[LINES_AT + gapcast::engine::books::LINE_NAMES.iter().position(|&n| n == "resale").unwrap()]
            - board[column!(ops.idle_cost)])
        .abs()
            * alive
    };
    let found = sums(&resold, PATHS, &[&net, &idle, &ruined]);
    assert!(found[0].iter().all(|&x| x < 1.0) && found[1].iter().any(|&x| x > 1e9));
    let free = lab(&[
        market[0],
        market[1],
        market[3],
        market[4],
        "lab.compute.contracts.first.take_or_pay=0%",
        "lab.compute.contracts.second.take_or_pay=0%",
        "lab.compute.orders.take_or_pay=0%",
    ]);
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let without = mean(&sums(&free, PATHS, &[&ruined])[0]);
    assert!(mean(&found[2]) <= without + 0.005, "{} {without}", mean(&found[2]));
    assert!(without > 0.0);
}
