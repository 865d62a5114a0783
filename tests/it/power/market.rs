//! The market itself: what without scarcity does not change, how tightness follows growth beyond plans, and the prices that
//! orders and contracts then pay.

use super::{CAPACITY, STEADY, boards, patched};
use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::near;
use gapcast::column;
use gapcast::components::ComponentSpec;
use gapcast::engine::component::{Lane, Now, stage};
use gapcast::engine::objects::ScalarComponent;
use gapcast::language::quantity::Inputs;
use gapcast::model::Model;
use gapcast::plan::component_spec;

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
