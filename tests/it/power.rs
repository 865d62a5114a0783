//! The market for power: how tight it is, what power then costs and how much of it there is, what idle power brings, and what
//! ordering ahead is worth.

use crate::common::ledger::Ledger;
use crate::common::vectors::near;
use crate::common::{job_with, model};
use gapcast::column;
use gapcast::components::ComponentSpec;
use gapcast::engine::columns::LANES;
use gapcast::engine::component::{Lane, Now, stage};
use gapcast::engine::level::Level;
use gapcast::engine::math::normal_quantile;
use gapcast::engine::month::Worker;
use gapcast::engine::objects::ScalarComponent;
use gapcast::engine::reference::Path;
use gapcast::lab::orders::{Newsvendor, forecast_sd};
use gapcast::language::quantity::Inputs;
use gapcast::model::{Model, Settings};
use gapcast::plan::component_spec;
use gapcast::plan::metrics::LINES_AT;

/// Contracts, own hardware, orders and ranks with all that they can have.
const CAPACITY: &str = include_str!("../common/capacity.yaml");

/// A lab that sells on two contracts, orders ahead, raises equity and may fail.
const LAB: &str = include_str!("../common/power.yaml");

/// The lab with other settings.
fn lab(sets: &[&str]) -> Model {
    let sets = sets.iter().map(|&s| s.to_owned()).chain(["run.metrics=all".to_owned()]).collect();
    job_with(LAB, &Settings { sets, ..Settings::default() })
}

/// Replaces pieces of a scenario, each of which occurs once.
fn patched(text: &str, patches: &[(&str, &str)]) -> Model {
    let mut text = text.to_owned();
    for (from, to) in patches {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    model(&text)
}

/// The boards of a block, month by month.
fn boards(model: &Model) -> Vec<Vec<[u64; LANES]>> {
    let mut out = Vec::new();
    let mut worker = Worker::new(&model.plan, Level::best());
    worker.block(0, |w, _| out.push(w.board.iter().map(|col| col.0.map(f64::to_bits)).collect()));
    out
}

/// Whether a model has the component that makes power scarce.
fn is_scarce(model: &Model) -> bool {
    model.plan.components.iter().any(|p| matches!(component_spec(p), ComponentSpec::Scarcity(_)))
}

#[test]
fn without_premium_squeeze_and_limit_nothing_changes() {
    let price = "compute_price: {contract: 9B USD/GW-yr, change: 6%/yr, spot: 1.1x, volatility: 30%/yr}";
    for spot in ["1.1x", "6x"] {
        for noise in ["0%/yr", "30%/yr"] {
            let stated = price.replace("1.1x", spot).replace("30%/yr", noise);
            let plain = patched(CAPACITY, &[(price, &stated)]);
            let neutral = stated.replace('}', ", premium: 0, squeeze: 0, follows_lab: 80%, lead: 9 mo}");
            let neutral = patched(CAPACITY, &[(price, &neutral)]);
            assert!(!is_scarce(&plain) && !is_scarce(&neutral));
            assert_eq!(plain.plan.metrics.monthly.len(), neutral.plan.metrics.monthly.len());
            let known = boards(&plain);
            assert!(known == boards(&neutral), "{spot}, {noise}");
            // The component itself, with a limit that never binds: it changes only what it alone writes.
            let open = stated.replace('}', ", available: 10000 GW}");
            let open = patched(CAPACITY, &[(price, &open)]);
            assert!(is_scarce(&open));
            let own = [column!(market.tightness), column!(ops.available_gw)];
            for (t, (a, b)) in known.iter().zip(&boards(&open)).enumerate() {
                for (k, (x, y)) in a.iter().zip(b).enumerate() {
                    assert!(x == y || own.contains(&k), "{spot}, {noise}: month {}, column {k}", t + 1);
                }
            }
        }
    }
}

#[test]
fn every_part_in_both_engines() {
    // Whatever the columns of a block have, one path alone has too, and keeps every identity.
    let price = ", volatility: 30%/yr}\n  resale";
    let scarce = ", volatility: 30%/yr, premium: 0.5 to 2, squeeze: 0.2 to 0.8, follows_lab: 80%, lead: 9 mo, available: 0.1 GW to 0.4 GW, available_growth: 25%/yr, available_elasticity: 1.5}\n  resale";
    let contract = ("          take_or_pay: 70%\n", "          take_or_pay: 70%\n          resale: false\n");
    let resale = (
        "resale: {share: 30% to 50%, from: in_distress, in_winter: 5%, in_winter_for: 4 mo}",
        "resale: {share: 30% to 50%, follows_spot: true, after: 3 mo, in_winter: 5%, in_winter_for: 4 mo}",
    );
    let order = ("orders: {lead: 9 mo,", "orders: {policy: newsvendor, research_worth: 1.1 to 1.5, lead: 9 mo,");
    for patches in [vec![(price, scarce), contract, resale], vec![(price, scarce), contract, resale, order]] {
        let model = patched(CAPACITY, &patches);
        let known = boards(&model);
        for lane in 0..LANES {
            let mut path = Path::new(&model.plan, lane as u64);
            for (t, board) in known.iter().enumerate() {
                path.month(t + 1).unwrap_or_else(|broken| panic!("{broken}"));
                for (k, (x, col)) in path.board().iter().zip(board).enumerate() {
                    assert_eq!(x.to_bits(), col[lane], "lane {lane}, month {}, column {k}: {x}", t + 1);
                }
            }
        }
    }
}

/// Need grows at 2% a month for ever; the market plans for `½ · 2% + ½ · 1%`.
const STEADY: &str = "
schema: 1
name: steady
time: {start: 2026-01, months: 70}
run: {paths: 1, seed: 1}
world: {compute_price: {contract: 12B USD/GW-yr, change: 5%/yr, spot: 1.5x, premium: 1, squeeze: 0.4, follows_lab: 50%, lead: 15 mo, available: 100 GW, available_growth: 25%/yr, available_elasticity: 1.5}}
lab:
  opening: {cash: 1000B USD, shares: {holders: 100%}}
  demand: {growth: {now: 2%/mo, later: 2%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 24B USD/yr}}]}
  compute:
    inference: {power: {power: 0.5 GW, serves: 1B USD/mo}}
";

#[test]
fn steady_growth_above_the_plans_of_the_market() {
    let steady = model(STEADY);
    let l = Ledger::of(&steady, 0);
    let tightness = |t: usize| 0.0375 * (1.0 - 0.5_f64.powf((t as f64 - 1.0) / 6.0));
    for t in 1..=70_usize {
        let m = &l.lane(t).market;
        assert!((m.tightness - tightness(t)).abs() < 1e-12, "month {t}: {}", m.tightness);
        let base = 1e9 * 1.05_f64.powf(t as f64 / 12.0);
        near("without scarcity", m.base_price, base, 1e-12, 0.0);
        let before = if t == 1 { 0.0 } else { tightness(t - 1) };
        near("contract", m.power_price, base * before.exp(), 1e-12, 0.0);
        near("spot", m.spot_price, base * before.exp() * 1.5 * (0.4 * tightness(t)).exp(), 1e-12, 0.0);
        let available = 100.0 * 1.25_f64.powf(t as f64 / 12.0) * (-1.5 * tightness(t)).exp();
        near("available", l.lane(t).ops.available_gw, available, 1e-12, 0.0);
    }
    assert_eq!(l.lane(1).market.tightness, 0.0);
    near("month 61", l.lane(61).market.tightness, 0.037_463_378_91, 1e-9, 0.0);
    near(
        "month 62",
        l.lane(62).market.power_price / l.lane(62).market.base_price,
        0.037_463_378_91_f64.exp(),
        1e-9,
        0.0,
    );
    // All power is bought for the month; nothing is unserved.
    let (lane, ops) = (l.lane(30), &l.lane(30).ops);
    near("dear", ops.scarcity_cost.0, ops.spot_gw * (lane.market.spot_price - lane.market.base_price), 1e-12, 0.0);
    near("need", ops.spot_gw, 0.6_f64.exp(), 1e-9, 0.0);
}

#[test]
fn an_order_pays_its_price_for_its_term() {
    // All of the need is ordered a year ahead at the price of that month, and serves half of what customers need in money: an order
    // counts at the price without scarcity, so that dear power costs margin and not work.
    let text = STEADY.replace("months: 70", "months: 40").replace("premium: 1", "premium: 8").replace(
        "    inference: {power: {power: 0.5 GW, serves: 1B USD/mo}}\n",
        "    inference: {gross_margin: {now: 50%, later: 50%, over: 12 mo}}\n    orders: {policy: fixed_plan, plan: [{date: 2026-07, power: 0.8 GW}], lead: 12 mo, term: 24 mo, take_or_pay: 50%}\n",
    );
    let ordered = model(&text);
    let l = Ledger::of(&ordered, 0);
    let paid = l.lane(7).market.power_price;
    let base = l.lane(7).market.base_price;
    assert!(paid > 1.05 * base, "{paid} {base}");
    for t in 19..=40_usize {
        let ops = &l.lane(t).ops;
        near("place", ops.place_gw, 0.8, 1e-12, 0.0);
        near("price of what is in place", ops.power_price, base, 1e-12, 0.0);
        near("need", ops.need_gw, ops.inference_need / base, 1e-12, 0.0);
        let bought = ops.spot_gw * (l.lane(t).market.spot_price - l.lane(t).market.base_price);
        near("dear orders", ops.dear_orders.0, 0.8 * (paid - base), 1e-9, 0.0);
        near("scarcity", ops.scarcity_cost.0, 0.8 * (paid - base) + bought, 1e-9, 0.0);
        let bill = 0.8 * paid + ops.spot_gw * l.lane(t).market.spot_price;
        near("bill", l.lane(t).lines.compute_expense.0, bill, 1e-9, 0.0);
    }
}

#[test]
fn a_contract_without_a_price_pays_that_of_its_signing() {
    let signed = |price: &str| {
        model(&STEADY.replace("months: 70", "months: 40").replace("premium: 1", "premium: 8").replace(
            "    inference:",
            &format!("    contracts:\n      - late: {{power: 0.8 GW, {price}ordered: 2026-07, start: 2027-07, term: 12 mo, take_or_pay: 50%}}\n    inference:"),
        ))
    };
    let at_market = signed("");
    let l = Ledger::of(&at_market, 0);
    let (paid, base) = (l.lane(7).market.power_price, l.lane(7).market.base_price);
    assert!(paid > 1.05 * base, "{paid} {base}");
    let months = |t: usize| if (19..=30).contains(&t) { 1.0 } else { 0.0 };
    for t in 1..=40_usize {
        let (lane, on) = (l.lane(t), months(t));
        near("invoice", l.at("late.invoice", t), 0.8 * paid * on, 1e-9, 0.0);
        let bought = lane.ops.spot_gw * (lane.market.spot_price - lane.market.base_price);
        near("scarcity", lane.ops.scarcity_cost.0, 0.8 * (paid - base) * on + bought, 1e-9, 1e-3);
    }
    // It does what a contract at that price does, which is on the books from the month of signing on.
    let stated = signed(&format!("price: {paid:?} USD/GW-mo, "));
    let m = Ledger::of(&stated, 0);
    for t in 1..=40_usize {
        for field in ["late.invoice", "late.firm", "late.headline", "late.billed"] {
            near(field, l.at(field, t), m.at(field, t), 1e-9, 1e-3);
        }
    }
    assert!(l.at("late.firm", 6) == 0.0 && l.at("late.firm", 7) > 1e9);
}

/// The market by itself, month by month: needs in GW, and whether the lab lives.
struct Alone {
    component: Box<dyn ScalarComponent>,
    lane: Lane,
    seen: Vec<[f64; 2]>,
    lead: usize,
}

impl Alone {
    fn new(growth: &str) -> Alone {
        let text = STEADY.replace("now: 2%/mo, later: 2%/mo", &format!("now: {growth}, later: {growth}"));
        let model = model(&text);
        let spec = &model
            .plan
            .components
            .iter()
            .find(|p| matches!(component_spec(p), ComponentSpec::Scarcity(_)))
            .unwrap()
            .spec;
        let mut lane = Lane::default();
        let component = spec.scalar(&Inputs::new(&[]), &mut lane);
        lane.lab.alive = 1.0;
        Alone { component, lane, seen: Vec::new(), lead: 15 }
    }

    /// A month with this need: the tightness, and contract and spot price over the price without scarcity.
    fn month(&mut self, need: f64) -> [f64; 3] {
        let t = self.seen.len() + 1;
        let mut now = Now { t: t as f64, ..Now::default() };
        for (slot, lag) in now.past.iter_mut().zip([self.lead, 6]) {
            if t > lag {
                slot[..2].copy_from_slice(&self.seen[t - 1 - lag]);
            }
        }
        let m = &mut self.lane.market;
        (m.base_price, m.power_price, m.spot_price) = (1e9, 1e9, 1e9);
        self.component.step(stage::DRIVE, &now, &mut self.lane);
        self.lane.ops.inference_need = need;
        self.component.step(stage::OPERATE, &now, &mut self.lane);
        let values = self.component.values();
        self.seen.push([values[0], values[1]]);
        let m = &self.lane.market;
        [m.tightness, m.power_price / 1e9, m.spot_price / 1e9]
    }
}

#[test]
fn a_slump_and_a_jump_of_need() {
    let grown = |t: usize| (0.01 * t as f64).exp();
    for (factor, clamped) in [(0.5, 1.0), (4.0, 1.0), (1e9, 0.0)] {
        let mut alone = Alone::new("1%/mo");
        let mut last = [0.0; 3];
        for t in 1..=20 {
            last = alone.month(grown(t));
            assert!(last[0].abs() < 1e-12, "month {t}: growth as planned is no surprise");
        }
        let next = alone.month(grown(21) * factor);
        let moved = if clamped > 0.0 { 0.5 * factor.ln() } else { 2.0 };
        near("tightness", next[0] - last[0], moved, 1e-9, 0.0);
        if factor == 0.5 {
            near("half", next[0] - last[0], -0.346_573_590_3, 1e-9, 0.0);
        }
        // The contract price follows a month later, the spot price at once.
        near("contract", next[1], 1.0, 1e-12, 0.0);
        near("spot", next[2], (0.4 * next[0]).exp(), 1e-9, 0.0);
        let after = alone.month(grown(22) * factor);
        near("contract, next month", after[1], next[0].exp(), 1e-9, 0.0);
    }
    // No month's prices change by a lab that ends: others serve its customers.
    let mut alone = Alone::new("1%/mo");
    (1..=20).for_each(|t| _ = alone.month(grown(t)));
    alone.lane.lab.alive = 0.0;
    for t in 21..=60 {
        let tightness = alone.month(0.0)[0];
        // Need stands still while 1%, later ½%, a month had been planned for.
        assert!((-0.5 * 0.15 - 1e-9..=0.0).contains(&tightness), "month {t}: {tightness}");
    }
}

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

/// What a path is asked about, of columns of the board.
type Ask<'a> = &'a dyn Fn(&[f64], usize) -> f64;

/// For each of some paths the sum over months of each question; `when` is the month, and the horizon is the last.
fn sums(model: &Model, paths: usize, asks: &[Ask<'_>]) -> Vec<Vec<f64>> {
    let mut out = vec![vec![0.0; paths]; asks.len()];
    let mut worker = Worker::new(&model.plan, Level::best());
    for first in (0..paths).step_by(LANES) {
        worker.block(first as u64, |w, t| {
            let mut lane = vec![0.0; w.board.len()];
            for i in 0..LANES {
                for (x, col) in lane.iter_mut().zip(&w.board) {
                    *x = col.0[i];
                }
                for (sum, ask) in out.iter_mut().zip(asks) {
                    sum[first + i] += ask(&lane, t);
                }
            }
        });
    }
    out
}

/// Mean of `b − a` over paired paths in its standard errors.
fn paired(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
    mean / (variance / n).sqrt().max(f64::MIN_POSITIVE)
}

const MONTHS: usize = 48;
const PATHS: usize = 2048;

fn run_rate(board: &[f64], t: usize) -> f64 {
    if t == MONTHS { board[column!(lab.run_rate)] } else { 0.0 }
}
fn unserved(board: &[f64], _: usize) -> f64 {
    board[column!(ops.unserved)] + board[column!(ops.unserved_research)]
}
fn idle(board: &[f64], _: usize) -> f64 {
    board[column!(ops.idle_cost)]
}
fn ruined(board: &[f64], t: usize) -> f64 {
    f64::from(u8::from(t == MONTHS && board[column!(accounts.cash_out)] > 0.0))
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

#[test]
fn what_the_scenario_may_not_say() {
    let errors = |sets: &[&str]| -> Vec<&'static str> {
        let sets = sets.iter().map(|&s| s.to_owned()).collect();
        match Model::parse("test.yaml", LAB, &Settings { sets, ..Settings::default() }) {
            Ok(_) => Vec::new(),
            Err(invalid) => invalid.issues.iter().map(|issue| issue.code).collect(),
        }
    };
    assert!(errors(&[]).is_empty());
    let bare = "lab.compute={inference: {gross_margin: {now: 55%, later: 65%, over: 36 mo}}, capacity: none}";
    assert!(errors(&[bare]).contains(&"capacity-none"));
    let open = "world.compute_price={contract: 10B USD/GW-yr, premium: 1, available_growth: 25%/yr}";
    assert!(errors(&[open]).contains(&"unused"));
    assert!(errors(&["lab.compute.contracts={late: {power: 1 GW, start: 2026-07, term: 12 mo}}"]).contains(&"missing"));
    assert!(errors(&["world.compute_price.lead=0 mo"]).contains(&"range"));
    assert!(errors(&["world.compute_price.premium=-1"]).contains(&"range"));
}
