//! The price of equity when investors see what the lab owes: closed forms of the burden, what moves the price dollar for
//! dollar and what does not, and signs.
//!
//! Numbers hold within 1e-9 unless stated otherwise. Signs are those of paired differences on the same worlds at 4,096
//! paths; each must exceed two paired standard errors, which chance alone would do on one run in 44; seed and paths are
//! fixed, so the result is always the same.

use crate::common::model_with;
use crate::common::vectors::{above, many, many_of_lab, near, pick, run_of};
use gapcast::components::ComponentSpec;
use gapcast::engine::component::{Lane, Now, stage};
use gapcast::engine::instrument::YEARS;
use gapcast::engine::level::Level;
use gapcast::engine::objects::{ComponentKind, ScalarComponent};
use gapcast::engine::reference::Path;
use gapcast::lab::equity_price::{EquityPriceState, beyond_use};
use gapcast::language::quantity::Inputs;
use gapcast::model::{Model, Settings};
use gapcast::plan::component_spec;
use gapcast::units::Usd;

/// A lab whose needs and prices stand still, with equity priced less what it owes.
const STILL: &str = "
schema: 1
name: still
time: {start: 2026-01, months: 61}
run: {paths: 1, seed: 3}
world:
  equity_multiple: {now: 20x, later: 20x}
  compute_price: {contract: 10B USD/GW-yr}
  capital: {price: {weight: 100%, margin: 100%, floor: 15%, discount: 10%/yr, sd: 35%/yr}}
lab:
  opening: {cash: 150B USD, shares: {holders: 100%}}
  demand:
    growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}
    growth_is: underlying
    saturation: none
    segments: [{all: {run_rate: 12B USD/yr}}]
  compute:
    inference: {gross_margin: {now: 50%, later: 50%, over: 12 mo}}
    orders: {policy: forecast_share, share: 0%, lead: 15 mo, term: 60 mo, take_or_pay: 80%}
  policy: {distress_below: 0 mo}
";

/// The component alone, at the end of months in which the lab is as the test says.
struct Alone {
    lane: Lane,
    component: Box<dyn ScalarComponent>,
    t: usize,
}

impl Alone {
    fn new(sets: &[&str]) -> Alone {
        let model = model_with(STILL, sets);
        let mut lane = Lane::default();
        lane.market.multiple = 20.0;
        let spec =
            model.plan.components.iter().map(component_spec).find(|s| matches!(s, ComponentSpec::EquityPrice(_)));
        let component = spec.expect("the component").scalar(&Inputs::new(&[]), &mut lane);
        lane.lab.alive = 1.0;
        (lane.lab.cash, lane.lab.run_rate, lane.lab.revenue) = (Usd(150e9), Usd(12e9), Usd(1e9));
        (lane.ops.demand, lane.ops.inference_need) = (Usd(1e9), 0.5e9);
        Alone { lane, component, t: 0 }
    }
    /// A month end; returns the value of equity.
    fn month(&mut self) -> f64 {
        self.t += 1;
        self.lane.market.multiple = 20.0;
        let mut now = Now { t: self.t as f64, ..Now::default() };
        now.past[0][0] = self.state().need;
        self.component.step(stage::DRIVE, &now, &mut self.lane);
        self.component.step(stage::VALUE, &now, &mut self.lane);
        if self.t % 3 == 1 {
            self.component.step(stage::QUARTER, &now, &mut self.lane);
        }
        self.component.step(stage::PRICE, &now, &mut self.lane);
        self.lane.market.multiple * self.lane.lab.run_rate.0
    }
    fn state(&self) -> EquityPriceState {
        *self.component.state().downcast_ref().expect("its state")
    }
}

/// A put on use: 100 a month, firm, in the second year, where 120 will be needed give or take 35% a year.
#[test]
fn the_expected_cost_beyond_use_is_a_put() {
    let sd = 0.35 * 1.5_f64.sqrt();
    near("the put", beyond_use(100.0, 120.0, sd), 7.673_510_894, 1e-9, 0.0);
    assert_eq!(beyond_use(100.0, 120.0, 0.0), 0.0, "certain use above it");
    assert_eq!(beyond_use(100.0, 80.0, 0.0), 20.0, "certain use below it");
    near("no use", beyond_use(100.0, 1e-30, sd), 100.0, 1e-12, 0.0);
    assert_eq!(beyond_use(100.0, 0.0, sd), 100.0);
    assert_eq!(beyond_use(0.0, 80.0, sd), 0.0);
    // More is owed, less is used, or use is less certain: the cost rises.
    for (more, less) in [((110.0, 120.0, sd), (100.0, 120.0, sd)), ((100.0, 110.0, sd), (100.0, 120.0, sd))] {
        assert!(beyond_use(more.0, more.1, more.2) > beyond_use(less.0, less.1, less.2));
    }
    assert!(beyond_use(100.0, 120.0, 1.1 * sd) > beyond_use(100.0, 120.0, sd));
}

/// Ten billion a year for five years that will never be needed take their present value off the price, until the floor.
#[test]
fn what_is_owed_and_not_needed_comes_off_dollar_for_dollar() {
    let mut alone = Alone::new(&[]);
    let before = alone.month();
    near("the multiple alone", before, 240e9, 1e-12, 0.0);
    for _ in 2..4 {
        alone.month();
    }
    for year in 0..5 {
        alone.lane.accounts.firm_by_year[year] = Usd(10e9 / 12.0);
    }
    let present: f64 = (0..5).map(|j| 10e9 * 1.1_f64.powf(-(f64::from(j) + 0.5))).sum();
    near("value", alone.month(), before - present, 1e-12, 0.0);
    near("burden", alone.lane.accounts.burden.0, present, 1e-12, 0.0);
    // Ten times as much reaches the floor.
    for _ in 5..7 {
        alone.month();
    }
    for year in 0..5 {
        alone.lane.accounts.firm_by_year[year] = Usd(100e9 / 12.0);
    }
    near("floor", alone.month(), 0.15 * 240e9, 1e-12, 0.0);
}

/// Nothing is forgiven later: cash that is gone stays gone when revenue rises tenfold.
#[test]
fn cash_spent_on_nothing_comes_off_for_good() {
    let mut alone = Alone::new(&[]);
    alone.lane.lab.cash = Usd(50e9);
    near("at once", alone.month(), 240e9 - 100e9, 1e-12, 0.0);
    (alone.lane.lab.run_rate, alone.lane.lab.revenue) = (Usd(120e9), Usd(10e9));
    near("after the rise", alone.month(), 2400e9 - 100e9, 1e-12, 0.0);
}

#[test]
fn what_is_bought_at_its_value_changes_nothing() {
    let mut alone = Alone::new(&[]);
    alone.month();
    let before = alone.month();
    (alone.lane.lab.cash, alone.lane.lines.ppe) = (Usd(120e9), Usd(30e9));
    near("hardware at book value", alone.month(), before, 1e-12, 0.0);
    (alone.lane.lab.cash, alone.lane.lines.prepaid) = (Usd(110e9), Usd(10e9));
    near("prepaid compute", alone.month(), before, 1e-12, 0.0);
    (alone.lane.lab.cash, alone.lane.lines.debt) = (Usd(160e9), Usd(50e9));
    near("money borrowed", alone.month(), before, 1e-12, 0.0);
    // A guarantee in support of rent that is counted as such is not counted again.
    alone.lane.lines.guarantee_now = Usd(5e9);
    near("a guarantee", alone.month(), before - 5e9, 1e-12, 0.0);
    alone.lane.accounts.firm_guarantees = Usd(5e9);
    near("a guarantee of counted rent", alone.month(), before, 1e-12, 0.0);
}

/// One order, delivered after 15 months for 60, and no more.
#[test]
fn orders_roll_down_the_years() {
    let mut alone = Alone::new(&[]);
    let paid = 3e8;
    alone.lane.ops.ordered = Usd(paid);
    let value = alone.month();
    // Nothing is needed here, and orders of the first month are no part of the opening.
    let present: f64 = (1..=5).map(|j| 12.0 * paid * 1.1_f64.powf(-(f64::from(j) + 0.5))).sum();
    near("value", value, 240e9 - present, 1e-12, 0.0);
    let placed: Vec<f64> = alone.state().orders.iter().map(|b| b / paid).collect();
    assert_eq!(placed, [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    alone.lane.ops.ordered = Usd::ZERO;
    for _ in 0..12 {
        alone.month();
    }
    let later = alone.state().orders;
    for (year, expected) in [(0, 0.647_805_627_8), (1, 0.998_070_248), (5, 0.351_995_628)] {
        near("a year later", later[year] / paid, expected, 1e-9, 0.0);
    }
    // What a restructuring cuts, it cuts of all years.
    alone.lane.accounts.order_cut = 1.0;
    alone.month();
    assert_eq!(alone.state().orders, [0.0; YEARS]);
}

/// Power that is dear costs margin, in proportion: half of the margin, half of the value.
#[test]
fn scarce_power_costs_margin() {
    let mut alone = Alone::new(&[]);
    alone.month();
    alone.lane.ops.scarcity_cost = Usd(0.25e9);
    for _ in 0..200 {
        alone.month();
    }
    near("value", alone.month(), 0.5 * 240e9, 1e-9, 0.0);
    let mut blind = Alone::new(&["world.capital.price.margin=0%"]);
    blind.lane.ops.scarcity_cost = Usd(0.25e9);
    near("investors who do not look", blind.month(), 240e9, 1e-12, 0.0);
}

/// What a contract, a vehicle and an order owe in later years, in a whole run of the reference engine.
#[test]
fn obligations_are_those_of_the_contracts() {
    let text = STILL.replace(
        "    orders:",
        "    contracts:
      - firm: {power: 0.2 GW, price: 10B USD/GW-yr, start: 2026-01, term: 36 mo, take_or_pay: 80%, ramp: 1 mo}
      - free: {power: 0.1 GW, price: 10B USD/GW-yr, start: 2026-01, term: 60 mo, take_or_pay: 100%, ramp: 1 mo, notice: 9 mo, termination_fee: 0 USD}
    orders:",
    ) + "instruments:
  - spv: {name: chips, capex: 5B USD, power: 0.1 GW, deliveries: {start: 2026-01, over: 1 mo}, lease: {term: 48 mo, rent: 1.2B USD/yr}, tranches: [{a: {amount: 4B USD, rate: 7%/yr}}]}
";
    let model = model_with(&text, &[]);
    let mut path = Path::new(&model.plan, 0);
    for t in 1..=4 {
        path.month(t).expect("identities hold");
    }
    // In the middle of each year ahead of month 4: months 10, 22, 34, 46 and 58.
    let month = |annual: f64| annual / 12.0;
    let firm = month(0.8 * 0.2 * 10e9);
    let expected =
        [firm + month(0.1 * 10e9) + month(1.2e9), firm + month(1.2e9), firm + month(1.2e9), month(1.2e9), 0.0];
    for (year, expected) in expected.into_iter().enumerate() {
        near("owed", path.lane.accounts.firm_by_year[year].0, expected, 1e-9, 1.0);
    }
}

/// Investors who do not look leave every number as it is.
#[test]
fn no_weight_is_no_block() {
    let text = crate::common::CLOSED;
    let (price, cover) = ("    price: {floor: 15%, discount: 10%/yr, sd: 35%/yr}\n", ", firm_cover_below: 6 mo");
    assert!(text.contains(price) && text.contains(cover));
    // Without a price nothing states what a round could be launched by.
    let text = &text.replace(cover, "");
    let without = model_with(&text.replace(price, ""), &[]);
    let with = model_with(text, &["world.capital.price.weight=0%", "world.capital.price.margin=0%"]);
    let (a, b) = (run_of(&without.plan, 512, 0, Level::best()), run_of(&with.plan, 512, 0, Level::best()));
    for metric in &without.plan.metrics.at_end {
        let bits = |model: &Model, all: &[f64]| -> Vec<u64> {
            pick(&model.plan, all, &metric.name).iter().map(|x| x.to_bits()).collect()
        };
        assert!(bits(&without, &a.1) == bits(&with, &b.1), "{}", metric.name);
    }
    assert!(pick(&with.plan, &b.1, "burden").iter().any(|&n| n > 0.0), "there is something to see");
}

#[test]
fn signs() {
    let owed = |sets: &[&str]| many(&model_with(crate::common::CLOSED, sets), &["burden"]).remove(0);
    above("more is promised, more may be idle", &owed(&["lab.compute.orders.share=95%"]), &owed(&[]));
    let ratio = |run: &[Vec<f64>]| -> Vec<f64> {
        run[1].iter().zip(&run[2]).map(|(equity, whole)| if *whole > 0.0 { equity / whole } else { 0.0 }).collect()
    };
    let bold = [
        "lab.compute.orders.growth_weight=100%",
        "lab.compute.orders.growth_cap=10%/mo",
        "lab.compute.orders.share=90%",
    ];
    let early = [
        "instruments.rounds.when={runway_below: 18 mo, cash_below: 3 mo, multiple_above: 10x, gap: 12 mo}",
        "instruments.rounds.min_dilution=4%",
    ];
    for (lab, holder) in [("anthropic", "stake.founders"), ("openai", "stake.foundation")] {
        let of = |sets: &[&str]| many_of_lab(lab, sets, &["cash_out", "valuation", "enterprise_value", holder]);
        let (base, blind) = (of(&[]), of(&["world.capital.price.weight=0%"]));
        above("investors who see what is owed let more labs fail", &base[0], &blind[0]);
        above("firm commitments take from the price of a lab of the same size", &ratio(&base), &ratio(&of(&bold)));
        let early = of(&early);
        above("rounds while investors pay well save labs", &base[0], &early[0]);
        above("and dilute", &base[3], &early[3]);
    }
}

/// The value of equity is the market's multiple less what is owed: without a multiple there is nothing to lower.
#[test]
fn a_price_of_equity_needs_a_multiple() {
    let text = STILL.replace("  equity_multiple: {now: 20x, later: 20x}\n", "");
    let wrong = Model::parse("test.yaml", &text, &Settings::default()).expect_err("there is no multiple");
    let codes: Vec<&str> = wrong.issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, ["missing"]);
}
