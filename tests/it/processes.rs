//! Stochastic processes of the engine against `tests/vectors/stochastic_processes.json`.
//!
//! Exact where the law of a step is a number; otherwise Monte Carlo through the block engine, each statistic within
//! four standard errors, as the file says: `|z| < 4` has a false alarm of 6e-5 a statistic, and the seed is fixed.

use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab, board, cases, ends, near, num, read, z_mean, z_share, z_variance};
use gapcast::drivers::{Reversion, keep};
use gapcast::plan::metrics::{accounts, market, ops};
use serde_json::Value;

/// Blocks of 256 paths in a sample: n = 16384; half of it for first passage, which runs for 316 months in all.
const BLOCKS: u64 = 64;

#[track_caller]
fn within(what: &str, z: f64) {
    assert!(z.abs() < 4.0, "{what}: {z:.2} standard errors off");
}

/// Cases of one kind; their number is stated so that none is lost.
pub(crate) fn of_kind<'a>(file: &'a Value, kind: &str, n: usize) -> Vec<(&'a str, &'a Value, &'a Value)> {
    let kinds = file["cases"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap());
    let found: Vec<_> = cases(file).zip(kinds).filter(|(_, k)| *k == kind).map(|(c, _)| c).collect();
    assert_eq!(found.len(), n, "{kind}");
    found
}

#[test]
fn every_kind_has_its_test() {
    let file = read("stochastic_processes");
    let known = [
        "ar1_log_growth_revenue",
        "compound_poisson_log_jumps",
        "first_passage",
        "gbm",
        "ornstein_uhlenbeck",
        "two_state_markov",
    ];
    for case in file["cases"].as_array().unwrap() {
        assert!(known.contains(&case["kind"].as_str().unwrap()), "{case}");
    }
}

/// A.2 of docs/model.md: log growth that reverts, its shock persistent; moments of log demand at the end.
#[test]
fn growth_that_reverts() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "ar1_log_growth_revenue", 2) {
        let [start, g0, theta, rho, eta, months] =
            ["R0", "g0", "theta", "rho", "eta", "months"].map(|k| num(&input[k]));
        let half_life = -std::f64::consts::LN_2 / rho.ln();
        near(id, keep(half_life), rho, 1e-14, 0.0);
        let demand = format!(
            "{{growth: {{now: {:?}%/mo, later: {:?}%/mo, half_life: {half_life:?} mo}}, growth_is: underlying, saturation: none, growth_shock: {:?}%/mo, segments: [{{all: {{run_rate: {start} USD/mo}}}}]}}",
            g0 * 100.0,
            theta * 100.0,
            eta * 100.0,
        );
        let model = model(&bare_lab(months as u32, &demand, ""));
        let columns = board(&model.plan, BLOCKS, &[ops("demand"), ops("clamps")]);
        let last = columns[0].last().unwrap();
        // Growth is clamped at ±1 a month, ten standard deviations off: never here.
        assert!(columns[1].last().unwrap().iter().all(|&c| c == 0.0), "{id}");
        let logs: Vec<f64> = last.iter().map(|x| x.ln()).collect();
        let variance = num(&expected["var_log"]);
        let mean = num(&expected["mean_log"]);
        within(&format!("{id} mean of log"), z_mean(&logs, mean));
        within(&format!("{id} variance of log"), z_variance(&logs, variance));
        for (p, name) in [(0.1, "q10"), (0.5, "median"), (0.9, "q90")] {
            let level = num(&expected[name]);
            within(&format!("{id} {name}"), z_share(last, p, |x| x <= level));
        }
        // The first growth applied is theta + rho (g0 - theta) + eta e.
        let first: Vec<f64> = columns[0][0].iter().map(|x| (x / start).ln()).collect();
        within(&format!("{id} first growth"), z_mean(&first, theta + rho * (g0 - theta)));
        within(&format!("{id} first variance"), z_variance(&first, eta * eta));
        if variance < 2.0 {
            // Means of levels: the other case's is dominated by a handful of paths. The exact standard deviation is used.
            let n = last.len() as f64;
            let sum: f64 = last.iter().sum();
            within(&format!("{id} mean"), (sum / n - num(&expected["mean"])) / (num(&expected["sd"]) / n.sqrt()));
            let totals: Vec<f64> = (0..last.len()).map(|i| columns[0].iter().map(|month| month[i]).sum()).collect();
            within(&format!("{id} cumulative"), z_mean(&totals, num(&expected["expected_cumulative_sum"])));
        }
    }
}

/// Level noise with constant growth is geometric Brownian motion at month ends.
#[test]
fn level_noise() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "gbm", 2) {
        let [start, mu, sigma, years] = ["S0", "mu_annual", "sigma_annual", "T_years"].map(|k| num(&input[k]));
        let growth = mu / 12.0 * 100.0;
        let demand = format!(
            "{{growth: {{now: {growth:?}%/mo, later: {growth:?}%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, volatility: {}%/yr, segments: [{{all: {{run_rate: {start} USD/mo}}}}]}}",
            sigma * 100.0,
        );
        let model = model(&bare_lab((years * 12.0) as u32, &demand, ""));
        let columns = board(&model.plan, BLOCKS, &[ops("demand")]);
        let last = columns[0].last().unwrap();
        for (p, name) in [(0.05, "q05"), (0.5, "median"), (0.95, "q95")] {
            let level = num(&expected[name]);
            within(&format!("{id} {name}"), z_share(last, p, |x| x <= level));
        }
        let sum: f64 = last.iter().sum();
        let (n, variance) = (last.len() as f64, num(&expected["variance"]));
        within(&format!("{id} mean"), (sum / n - num(&expected["mean"])) / (variance / n).sqrt());
        let logs: Vec<f64> = last.iter().map(|x| (x / start).ln()).collect();
        within(&format!("{id} variance of log"), z_variance(&logs, sigma * sigma * years));
        within(&format!("{id} mean of log"), z_mean(&logs, (mu - 0.5 * sigma * sigma) * years));
    }
}

/// The vendor's share price is the same process, from 1; winter's jump comes on top, once.
#[test]
fn vendor_share() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "gbm", 2) {
        let [start, mu, sigma, years] = ["S0", "mu_annual", "sigma_annual", "T_years"].map(|k| num(&input[k]));
        let world = format!(
            "world: {{vendor_share: {{drift: {:?}%/mo, volatility: {}%/yr}}}}\n",
            mu / 12.0 * 100.0,
            sigma * 100.0
        );
        let model = model(&bare_lab((years * 12.0) as u32, FLAT, &world));
        let columns = board(&model.plan, BLOCKS, &[market("vendor_share")]);
        let last = columns[0].last().unwrap();
        for (p, name) in [(0.05, "q05"), (0.5, "median"), (0.95, "q95")] {
            within(&format!("{id} {name}"), z_share(last, p, |x| start * x <= num(&expected[name])));
        }
        let logs: Vec<f64> = last.iter().map(|x| x.ln()).collect();
        within(&format!("{id} variance of log"), z_variance(&logs, sigma * sigma * years));
        within(&format!("{id} mean of log"), z_mean(&logs, (mu - 0.5 * sigma * sigma) * years));
        // The step is exact, so a month has a twelfth of a year's variance.
        let first: Vec<f64> = columns[0][0].iter().map(|x| x.ln()).collect();
        within(&format!("{id} first variance"), z_variance(&first, sigma * sigma / 12.0));
    }
    // Without noise: 2% a month, and 40% less from the month in which winter begins, each time that it does.
    let world = "world: {regime: {winter: {enters: 10%/mo, leaves: 20%/mo}}, vendor_share: {drift: 2%/mo, volatility: 0%/yr, winter: -40%}}\n";
    let model = model(&bare_lab(36, FLAT, world));
    let [share, entered] = &board(&model.plan, 1, &[market("vendor_share"), market("entered")])[..] else { panic!() };
    let mut winters = vec![0.0; share[0].len()];
    for (t, (share, entered)) in share.iter().zip(entered).enumerate() {
        for (path, (x, e)) in share.iter().zip(entered).enumerate() {
            winters[path] += e;
            near("price", *x, (0.02 * (t + 1) as f64).exp() * 0.6_f64.powf(winters[path]), 1e-12, 0.0);
        }
    }
    assert!(winters.iter().any(|&n| n > 1.0));
}

/// SOFR is an Ornstein–Uhlenbeck process taken exactly: its step to 1e-12, its moments by sample.
#[test]
fn ornstein_uhlenbeck() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "ornstein_uhlenbeck", 2) {
        let [x0, theta, kappa, sigma, dt, steps] =
            ["x0", "theta", "kappa", "sigma", "dt", "steps"].map(|k| num(&input[k]));
        let (half_life, volatility) = (std::f64::consts::LN_2 / kappa / dt, sigma * dt.sqrt());
        near(id, half_life * dt, num(&expected["half_life"]), 1e-12, 0.0);
        let step = Reversion::new(half_life, volatility);
        near(id, step.a, num(&expected["one_step_ar"]), 1e-12, 0.0);
        near(id, step.s, num(&expected["one_step_sd"]), 1e-12, 0.0);
        let stationary = step.s / (1.0 - step.a * step.a).sqrt();
        near(id, stationary, num(&expected["stationary_sd"]), 1e-12, 0.0);
        let unit = if dt == 1.0 { "%/mo" } else { "%/yr" };
        let world = format!(
            "world: {{sofr: {{start: {}%/yr, long_run: {}%/yr, half_life: {half_life:?} mo, volatility: {}{unit}}}}}\n",
            x0 * 100.0,
            theta * 100.0,
            sigma * 100.0,
        );
        let model = model(&bare_lab(steps as u32, FLAT, &world));
        let columns = board(&model.plan, BLOCKS, &[market("sofr")]);
        let [.., before, last] = &columns[0][..] else { panic!() };
        let (mean, variance) = (num(&expected["mean"]), num(&expected["variance"]));
        within(&format!("{id} mean"), z_mean(last, mean));
        within(&format!("{id} variance"), z_variance(last, variance));
        // The autocovariance with the month before, about the exact means.
        let mean_before = theta + (mean - theta) / step.a;
        let products: Vec<f64> = before.iter().zip(last).map(|(a, b)| (a - mean_before) * (b - mean)).collect();
        within(&format!("{id} autocovariance"), z_mean(&products, num(&expected["autocov_last_two"])));
    }
}

/// A.6 of docs/model.md: the regime's occupancy, months spent in winter, paths that never see one, and its spells.
#[test]
fn two_states() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "two_state_markov", 2) {
        let [enters, leaves, months] = ["p_good_to_bad", "p_bad_to_good", "months"].map(|k| num(&input[k]));
        let start = if input["start_state"] == "bad" { "winter" } else { "boom" };
        let world = format!(
            "world: {{regime: {{start: {start}, winter: {{enters: {}%/mo, leaves: {}%/mo}}}}}}\n",
            enters * 100.0,
            leaves * 100.0
        );
        let model = model(&bare_lab(months as u32, FLAT, &world));
        let winter = &board(&model.plan, BLOCKS, &[market("winter")])[0];
        within(
            &format!("{id} at the end"),
            z_share(winter.last().unwrap(), num(&expected["p_bad_at_end"]), |w| w == 1.0),
        );
        let paths = winter[0].len();
        let spent: Vec<f64> = (0..paths).map(|i| winter.iter().map(|month| month[i]).sum()).collect();
        within(&format!("{id} months"), z_mean(&spent, num(&expected["expected_months_bad"])));
        // "Never" counts the start too.
        let never = num(&expected["p_never_bad"]);
        if start == "boom" {
            within(&format!("{id} never"), z_share(&spent, never, |s| s == 0.0));
        } else {
            assert_eq!(never, 0.0);
        }
        // A spell lasts 1/p on average: of the months in a state, a share p is its last.
        for (state, spell) in [(0.0, "mean_spell_good"), (1.0, "mean_spell_bad")] {
            let next: Vec<f64> = winter
                .windows(2)
                .flat_map(|m| m[0].iter().zip(&m[1]).filter(move |(a, _)| **a == state).map(|(_, b)| *b))
                .collect();
            within(&format!("{id} {spell}"), z_share(&next, 1.0 / num(&expected[spell]), |b| b != state));
        }
    }
}

/// `winters: apart`: credit, equity, compute and demand have winters by the same odds, each at its own times; together, at one.
#[test]
fn winters_apart() {
    let (enters, leaves, months) = (0.04, 0.1, 24);
    let seen = |winters: &str| {
        let world = format!(
            "world: {{regime: {{winters: {winters}, winter: {{enters: 4%/mo, leaves: 10%/mo, window_open: 0%, spread: 300 bp, compute_price: 2x}}}}, credit_spread: {{level: 200 bp}}, equity_window: {{open: 100%}}, compute_price: {{contract: 9B USD/GW-yr}}}}\n"
        );
        let model = model(&bare_lab(months, FLAT, &world));
        let board = board(&model.plan, BLOCKS, &["winter", "window", "spread", "spot_price"].map(market));
        let last = months as usize - 1;
        // The window is shut in winter; spread and spot price rise in it, and fall or rest outside.
        let rises = |k: usize| {
            board[k][last].iter().zip(&board[k][last - 1]).map(|(x, y)| f64::from(u8::from(x > y))).collect()
        };
        let shut = board[1][last].iter().map(|open| 1.0 - open).collect();
        let out: [Vec<f64>; 4] = [board[0][last].clone(), shut, rises(2), rises(3)];
        out
    };
    let together = seen("together");
    assert!(together.iter().all(|w| *w == together[0]));
    let apart = seen("apart");
    assert_eq!(apart[0], together[0]);
    let share = enters / (enters + leaves) * (1.0 - (1.0_f64 - enters - leaves).powi(months as i32));
    for (k, winter) in apart.iter().enumerate() {
        within(&format!("{k}"), z_share(winter, share, |w| w == 1.0));
        for other in &apart[..k] {
            let both: Vec<f64> = winter.iter().zip(other).map(|(a, b)| a * b).collect();
            within(&format!("{k} with another"), z_share(&both, share * share, |w| w == 1.0));
        }
    }
}

/// A lab whose net flow is `mu + s Z` a month, from its opening cash.
pub(crate) fn walk(cash: f64, mu: f64, s: f64, months: f64) -> String {
    // Revenue of 1000 a month; a margin of `mu/1000`, or a fixed cost of `-mu`; noise of `s/1000` of revenue.
    format!(
        "schema: 1
name: walk
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 11}}
lab:
  opening: {{cash: {cash} USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 1000 USD/mo}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: {margin:?}%, later: {margin:?}%, over: 12 mo, volatility: {}%, half_life: 0.001 mo}}}}}}
  other: {{cost: {} USD/mo}}
  policy: {{distress_below: 0 mo, negative_cash: carry}}
",
        s / 10.0,
        (-mu).max(0.0),
        margin = mu.max(0.0) / 10.0,
    )
}

/// A.3 of docs/model.md: net flow `mu + s Z` a month, by a lab whose only noise is that of its gross margin and lasts no longer
/// than the month; cash is looked at on month ends, as the engine does.
#[test]
fn first_passage() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "first_passage", 6) {
        let [cash, mu, s, months] =
            ["initial_cash", "drift_per_month", "sd_per_sqrt_month", "months"].map(|k| num(&input[k]));
        let text = walk(cash, mu, s, months);
        let model = model(&text);
        let months = &board(&model.plan, BLOCKS / 2, &[accounts("cash_out")])[0];
        let out = months.last().unwrap();
        if id == "fp-driftless-12" {
            // The recorded metric is the same.
            let recorded = ends(&model, BLOCKS / 2 * 256, "cash_out");
            assert!(recorded.iter().zip(out).all(|(a, b)| (*a == 1.0) == (*b > 0.0)));
        }
        let p = num(&expected["p_ruin_month_end_monitoring"]);
        within(id, z_share(out, p, |x| x > 0.0));
        if p > 0.01 {
            // The sample tells month ends from continuous time, which is 5 to 20 standard errors above: this fails for a
            // sound engine with a chance below 0.2%, and the seed is fixed.
            assert!(z_share(out, num(&expected["p_ruin_continuous"]), |x| x > 0.0) < -2.0, "{id}");
        }
    }
}

/// Competitors' moves: at most one a month with `1 - exp(-rate)`, of one size; so the closed form is the binomial's,
/// not the compound Poisson's of the vector. Only the chance of no jump at all is the same number.
#[test]
fn competitors() {
    let file = read("stochastic_processes");
    for (id, input, expected) in of_kind(&file, "compound_poisson_log_jumps", 1) {
        let [rate, jump, months] = ["rate_per_month", "jump_mean", "months"].map(|k| num(&input[k]));
        let world = format!("world: {{competitors: {{every: {} mo, loss: {}%}}}}\n", 1.0 / rate, -jump * 100.0);
        let model = model(&bare_lab(months as u32, FLAT, &world));
        let last = board(&model.plan, BLOCKS, &[ops("demand")])[0].last().unwrap().clone();
        let ratio: Vec<f64> = last.iter().map(|x| x / 1e9).collect();
        let logs: Vec<f64> = ratio.iter().map(|x| x.ln()).collect();
        let p = 1.0 - (-rate).exp();
        within(&format!("{id} none"), z_share(&ratio, num(&expected["p_no_jump"]), |x| x > 0.999));
        within(&format!("{id} mean"), z_mean(&logs, months * p * jump));
        within(&format!("{id} mean of exp"), z_mean(&ratio, (1.0 - p + p * jump.exp()).powf(months)));
        // Variance by its own standard error, of the squares about the exact mean.
        let squares: Vec<f64> = logs.iter().map(|x| (x - months * p * jump).powi(2)).collect();
        within(&format!("{id} variance"), z_mean(&squares, months * p * (1.0 - p) * jump * jump));
    }
}
