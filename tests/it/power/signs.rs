//! Paired comparisons on the same paths: each change of the market, of orders or of resale moves the lab the right way.

use super::{Ask, MONTHS, PATHS, idle, lab, ruined, sums};
use gapcast::column;

/// Mean of `b − a` over paired paths in its standard errors.
fn paired(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
    mean / (variance / n).sqrt().max(f64::MIN_POSITIVE)
}

fn run_rate(board: &[f64], t: usize) -> f64 {
    if t == MONTHS { board[column!(lab.run_rate)] } else { 0.0 }
}
fn unserved(board: &[f64], _: usize) -> f64 {
    board[column!(ops.unserved)] + board[column!(ops.unserved_research)]
}
/// What the opening holders have at the horizon, at the market's price; what the estate left them where the lab has ended.
fn worth(board: &[f64], t: usize) -> f64 {
    if t != MONTHS {
        return 0.0;
    }
    let stake = 1e9 / board[column!(lab.shares)];
    stake * (board[column!(lab.run_rate)] * board[column!(market.multiple)] + board[column!(accounts.to_shares)])
}

#[test]
fn what_power_does_has_the_right_sign() {
    // Paired on the same 2,048 paths; each must exceed two standard errors.
    let asks: [Ask<'_>; 5] = [&run_rate, &unserved, &idle, &ruined, &worth];
    let of = |sets: &[&str]| sums(&lab(sets), usize::try_from(crate::common::sign_paths(PATHS as u64)).unwrap(), &asks);
    let base = of(&[]);
    let sign = |what: &str, z: f64, up: bool| {
        assert!(if up { z > 2.0 } else { z < -2.0 }, "{what}: {z:.2} standard errors");
    };
    let scarce = of(&["world.compute_price.available=0.02 GW"]);
    sign("available down, run-rate", paired(&base[0], &scarce[0]), false);
    sign("available down, unserved", paired(&base[1], &scarce[1]), true);
    let ordered = of(&["lab.compute.orders.share=110%"]);
    sign("orders up, idle", paired(&base[2], &ordered[2]), true);
    sign("orders up, unserved", paired(&base[1], &ordered[1]), false);
    let premium = of(&["world.compute_price.premium=3"]);
    sign("premium up, worth", paired(&base[4], &premium[4]), false);
    let resold = of(&["lab.compute.resale={share: 40%, follows_spot: true, after: 3 mo}"]);
    sign("resale up, cash-out", paired(&base[3], &resold[3]), false);
    let lost = of(&["world.compute_price.available=0.02 GW", "lab.demand.unserved_lost=90%"]);
    sign("unserved customers lost, run-rate", paired(&scarce[0], &lost[0]), false);
    // What orders of 90% add to worth is higher where power for the month is dear, and where there is little of it.
    let none = of(&["lab.compute.orders.policy=none"]);
    let all = of(&["lab.compute.orders.share=90%"]);
    // A dear spot price matters where what is missing can be bought.
    let plenty = "world.compute_price.available=5 GW";
    let (none_5, all_5) =
        (of(&["lab.compute.orders.policy=none", plenty]), of(&["lab.compute.orders.share=90%", plenty]));
    for (set, none, all) in [
        (
            "world.compute_price={contract: 10B USD/GW-yr, spot: 2.5x, premium: 1, squeeze: 0.4, available: 5 GW, available_growth: 25%/yr, available_elasticity: 1.5}",
            none_5,
            all_5,
        ),
        ("world.compute_price.available=0.02 GW", none, all),
    ] {
        let (dear, ahead) = (of(&["lab.compute.orders.policy=none", set]), of(&["lab.compute.orders.share=90%", set]));
        sign(&format!("{set}, worth without orders"), paired(&none[4], &dear[4]), false);
        let adds = |with: &[f64], without: &[f64]| with.iter().zip(without).map(|(a, b)| a - b).collect::<Vec<_>>();
        sign(&format!("{set}, what orders add"), paired(&adds(&all[4], &none[4]), &adds(&ahead[4], &dear[4])), true);
    }
}
