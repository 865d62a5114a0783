//! Research against rivals' and the demand that follows: closed forms of the stocks and of the effect, errors, and signs.
//!
//! Numbers hold within 1e-9 unless stated otherwise. Signs are those of paired differences on the same worlds: at 4,096
//! paths each must exceed two paired standard errors, which chance alone would do on one run in 44; seed and paths are
//! fixed, so the result is always the same.

use crate::common::vectors::{above, board, many_of_lab, near, pick, run_of};
use crate::common::{first_error, model_with};
use gapcast::components::ComponentSpec;
use gapcast::engine::component::{Lane, Now, stage};
use gapcast::engine::level::Level;
use gapcast::engine::objects::{ComponentKind, ScalarComponent};
use gapcast::lab::capability::CapabilityState;
use gapcast::language::quantity::Inputs;
use gapcast::model::Model;
use gapcast::plan::component_spec;
use gapcast::plan::metrics::ops;
use gapcast::units::Usd;

/// A lab whose research stands at 1.2B USD a year beside rivals whose research stands still.
const STILL: &str = "
schema: 1
name: still
time: {start: 2026-01, months: 60}
run: {paths: 1, seed: 3}
world:
  rivals: {research_growth: 0%/mo, research_growth_later: 0%/mo, half_life: 12 mo}
lab:
  opening: {cash: 1000B USD, shares: {holders: 100%}}
  demand:
    growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}
    growth_is: underlying
    saturation: none
    capability: {elasticity: 0.28888888888888886, spillover: 35%, half_life: 15 mo, customers_half_life: 6 mo}
    segments: [{all: {run_rate: 12B USD/yr}}]
  compute:
    capacity: none
    inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}
    research: {spend: 1.2B USD/yr, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo}
  policy: {distress_below: 0 mo}
";

/// Log effect of an elasticity of 0.2889 at a spillover of 35%: 0.2889 × 1.35/0.65.
const EFFECT: f64 = 0.6;

/// The component alone, with research as the test says; `D` is the growth of demand that it causes.
struct Alone {
    lane: Lane,
    component: Box<dyn ScalarComponent>,
    t: usize,
    effects: Vec<f64>,
}

impl Alone {
    fn new(model: &Model) -> Alone {
        let mut lane = Lane::default();
        let spec = model.plan.components.iter().map(component_spec).find(|s| matches!(s, ComponentSpec::Capability(_)));
        let component = spec.expect("the component").scalar(&Inputs::new(&[]), &mut lane);
        lane.lab.alive = 1.0;
        Alone { lane, component, t: 0, effects: vec![0.0] }
    }
    /// A month in which research is `spent` USD, all of it served; returns the growth of demand.
    fn month(&mut self, spent: f64) -> f64 {
        self.t += 1;
        let mut now = Now { t: self.t as f64, ..Now::default() };
        now.past[0][0] = self.t.checked_sub(12).map_or(0.0, |t| self.effects[t]);
        (self.lane.ops.common, self.lane.events) = (0.0, 0);
        self.component.step(stage::OPERATE, &now, &mut self.lane);
        (self.lane.ops.research_need, self.lane.ops.training_spend) = (spent, Usd(spent));
        self.component.step(stage::MARK, &now, &mut self.lane);
        self.effects.push(self.lane.ops.capability_effect);
        self.lane.ops.common
    }
    fn state(&self) -> CapabilityState {
        *self.component.state().downcast_ref().expect("its state")
    }
}

/// A monthly column of the only path, by month, in the block engine; the reference engine must agree to the bit.
fn column(model: &Model, name: &str) -> Vec<f64> {
    let column = ops(name);
    let block: Vec<f64> = board(&model.plan, 1, &[column])[0].iter().map(|month| month[0]).collect();
    let mut plain = gapcast::engine::reference::Path::new(&model.plan, 0);
    for (t, value) in block.iter().enumerate() {
        plain.month(t + 1).expect("identities hold");
        assert_eq!(plain.board()[column].to_bits(), value.to_bits(), "{name} in month {}", t + 1);
    }
    block
}

const MONTHLY: f64 = 1.2e9 / 12.0;

#[test]
fn research_that_doubles() {
    let mut alone = Alone::new(&model_with(STILL, &[]));
    let mut growth = 0.0;
    for (until, lead, effect) in [
        (12, 0.169_383_615_2, 0.049_227_827_7),
        (24, 0.242_862_337_5, 0.109_380_502_8),
        (60, 0.309_782_419_5, 0.179_545_208_6),
    ] {
        while alone.t < until {
            growth += alone.month(2.0 * MONTHLY);
        }
        near("lead", alone.lane.ops.capability, lead, 1e-9, 0.0);
        near("effect", alone.lane.ops.capability_effect, effect, 1e-9, 0.0);
        near("growth of demand", growth, effect, 1e-9, 0.0);
    }
    near("own stock", alone.lane.ops.research_stock, 2.0 - 0.5_f64.powi(4), 1e-12, 0.0);
    near("rivals' stock", alone.lane.ops.rivals_stock, 1.0, 1e-12, 0.0);
    for _ in 0..1000 {
        alone.month(2.0 * MONTHLY);
    }
    near("in the long run", alone.lane.ops.capability_effect, EFFECT * (2.35_f64 / 1.7).ln(), 1e-9, 0.0);
}

#[test]
fn research_that_stops() {
    let stopped = model_with(STILL, &["lab.compute.research.share_of_revenue={at_most: 0%}"]);
    near("stock", column(&stopped, "research_stock")[59], 0.5_f64.powi(4), 1e-12, 0.0);
    near("lead", column(&stopped, "capability")[59], -0.907_158_248_3, 1e-9, 0.0);
    let effect = column(&stopped, "capability_effect");
    near("effect", effect[59], -0.498_013_329_1, 1e-9, 0.0);
    // Demand follows the effect, month by month.
    let demand = column(&stopped, "demand");
    for (demand, effect) in demand.iter().zip(&effect) {
        near("demand", *demand, 1e9 * effect.exp(), 1e-12, 0.0);
    }
    // It is said in each month in which more than a tenth was lost over the last twelve.
    let mut path = gapcast::engine::reference::Path::new(&stopped.plan, 0);
    for t in 1..=60 {
        path.month(t).expect("identities hold");
        let before = if t > 12 { effect[t - 13] } else { 0.0 };
        let fell = path.lane.events & gapcast::engine::books::event::FELL_BEHIND != 0;
        assert_eq!(fell, effect[t - 1] - before < -0.1, "month {t}");
    }
    let mut alone = Alone::new(&stopped);
    for _ in 0..2000 {
        alone.month(0.0);
    }
    near("lead in the long run", alone.lane.ops.capability, 0.35_f64.ln(), 1e-7, 0.0);
    near("effect in the long run", alone.lane.ops.capability_effect, -0.629_893_274_7, 1e-7, 0.0);
}

/// Rivals with the lab's own plan: nothing is ever won or lost.
#[test]
fn equal_plans_cancel() {
    let equal = model_with(
        STILL,
        &[
            "lab.compute.research={spend: 1.2B USD/yr, growth: 2.4x/yr, growth_later: 1.2x/yr, half_life: 18 mo}",
            "world.rivals={research_growth: 2.4x/yr, research_growth_later: 1.2x/yr, half_life: 18 mo}",
        ],
    );
    assert!(column(&equal, "capability").iter().all(|y| y.abs() < 1e-12));
    assert!(column(&equal, "research_stock")[59] > 10.0, "research grows all the same");
}

/// Without elasticity every number of the run is that of a run without the block.
#[test]
fn no_elasticity_is_no_block() {
    let small = crate::common::SMALL
        .replace("  frontier: {every: 6 mo, competitor_step: 0.3}\n", "")
        .replace("behind: 0.3, ", "")
        .replace("behind: 0.5", "behind: 0");
    let without = model_with(&small, &[]);
    let with = model_with(
        &small,
        &[
            "lab.demand.capability={elasticity: 0, spillover: 35%, half_life: 15 mo, customers_half_life: 6 mo}",
            "world.rivals={research_growth: 2.4x/yr, research_growth_later: 1.2x/yr, half_life: 18 mo, follows: 50%}",
        ],
    );
    let (a, b) = (run_of(&without.plan, 512, 0, Level::best()), run_of(&with.plan, 512, 0, Level::best()));
    for metric in &without.plan.metrics.at_end {
        let bits = |model: &Model, all: &[f64]| -> Vec<u64> {
            pick(&model.plan, all, &metric.name).iter().map(|x| x.to_bits()).collect()
        };
        assert!(bits(&without, &a.1) == bits(&with, &b.1), "{}", metric.name);
    }
    assert!(pick(&with.plan, &b.1, "capability").iter().any(|y| y.abs() > 0.1), "research does differ");
    assert!(pick(&with.plan, &b.1, "capability_effect").iter().all(|&m| m == 0.0));
}

/// Nerlove and Arrow (1962) with the rule of Dorfman and Steiner (1954): in a steady state the present value of one more
/// dollar of research in one month is `(η μ δ/(a (r + δ)) − 1)/(1 + r)`, where research is a share `a` of revenue, `μ` the
/// margin, `δ` obsolescence and `r` the discount rate a month.
#[test]
fn one_more_dollar_of_research() {
    let (elasticity, margin, rate): (f64, f64, f64) = (0.6, 0.5, 0.01);
    let lost = 1.0 - 0.5_f64.powf(1.0 / 15.0);
    let best = elasticity * margin * lost / (rate + lost);
    near("best share", best, 0.245_611_181_4, 1e-9, 0.0);
    let quick = model_with(
        STILL,
        &["lab.demand.capability={elasticity: 0.6, spillover: 0%, half_life: 15 mo, customers_half_life: 0.01 mo}"],
    );
    for (share, expected) in [(best, 0.0), (best / 2.0, 0.990_099_009_9)] {
        let revenue = MONTHLY / share;
        // One dollar more and one dollar less in the first month, far enough apart to be seen.
        let dollar = 1e-4 * MONTHLY;
        let value = |more: f64| {
            let mut alone = Alone::new(&quick);
            let mut sum = -more / (1.0 + rate);
            for t in 1..=2400 {
                alone.month(MONTHLY + if t == 1 { more } else { 0.0 });
                sum += margin * revenue * alone.lane.ops.capability_effect.exp_m1() / (1.0 + rate).powi(t);
            }
            sum
        };
        let found = (value(dollar) - value(-dollar)) / (2.0 * dollar);
        near("value of a dollar", found, expected, 0.0, 1e-6);
    }
}

/// Growth that was measured before the start holds what research was winning then: it is not counted twice.
#[test]
fn measured_growth_is_not_counted_twice() {
    let set = |spillover: &str| {
        let capability = format!(
            "lab.demand.capability={{elasticity: 0.6, spillover: {spillover}, half_life: 15 mo, customers_half_life: 6 mo}}"
        );
        let sets = [
            capability.as_str(),
            "lab.demand.growth_is=total",
            "lab.demand.growth={now: 5%/mo, later: 4.4%/mo, half_life: 12 mo}",
            "lab.compute.research={spend: 1.2B USD/yr, growth: 2%/mo, growth_later: 2%/mo, half_life: 12 mo}",
            "world.rivals={research_growth: 1%/mo, research_growth_later: 1%/mo, half_life: 12 mo}",
        ];
        column(&model_with(STILL, &sets), "demand")
    };
    let mut before = 1e9;
    for demand in set("0%") {
        near("growth", (demand / before).ln(), 0.05, 0.0, 1e-12);
        before = demand;
    }
    near("growth of the first month", (set("35%")[0] / 1e9).ln(), 0.05, 0.0, 1e-12);
}

/// What the lab wins, it wins of its rivals' market: demand and its ceiling rise together, and the level stays.
#[test]
fn the_ceiling_moves_with_what_is_won() {
    let ceiling = model_with(STILL, &["lab.demand.saturation=logistic", "lab.demand.ceiling=40B USD/yr"]);
    let inputs = Inputs::new(&[]);
    let mut alone = Alone::new(&ceiling);
    let segment = ceiling.plan.components.iter().map(component_spec);
    let segment = segment.clone().find(|s| matches!(s, ComponentSpec::LogisticSegment(_))).expect("a segment");
    let mut segment = segment.scalar(&inputs, &mut alone.lane);
    (alone.lane.ops.served_before, alone.lane.ops.served) = (1.0, 1.0);
    let (mut demand, mut limit) = (0.0, 0.0);
    for _ in 0..1500 {
        alone.month(2.0 * MONTHLY);
        segment.step(stage::OPERATE, &Now { t: alone.t as f64, ..Now::default() }, &mut alone.lane);
        let values = segment.values();
        (demand, limit) = (values[0], values[2]);
    }
    let won = EFFECT * (2.35_f64 / 1.7).ln();
    near("demand", demand / 1e9, won.exp(), 1e-9, 0.0);
    near("ceiling", limit / (40e9 / 12.0), won.exp(), 1e-9, 0.0);
    near("won", alone.state().effect, 0.194_272_246_2, 1e-9, 0.0);
}

/// Overruns and restarts of final runs buy nothing; the plan at planned cost does.
#[test]
fn overruns_buy_nothing() {
    let of = |overruns: &str| {
        let research = format!(
            "lab.compute.research={{spend: 1.2B USD/yr, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo, final_run_share: 50%, final_run: 2 mo, overruns: {{median: {overruns}}}}}"
        );
        model_with(STILL, &[research.as_str(), "lab.demand.releases={every: 6 mo, uplift: 0%}"])
    };
    let (planned, overrun) = (of("1x"), of("3x"));
    let stock = column(&planned, "research_stock");
    for (a, b) in stock.iter().zip(column(&overrun, "research_stock")) {
        near("stock", b, *a, 1e-12, 0.0);
    }
    let spent = |model: &Model| column(model, "training_spend").iter().sum::<f64>();
    assert!(spent(&overrun) > 1.5 * spent(&planned), "the overruns are paid for");
    // A plan that is spent in bursts is the same on average as one that is even.
    near("stock after five years", stock[59], 1.0, 0.2, 0.0);
}

/// A lab on contracts whose releases wait for their final runs, which rank behind all customers.
fn waiting(power: &str, waits: bool) -> Model {
    let compute = format!(
        "  compute:
    inference: {{gross_margin: {{now: 50%, later: 50%, over: 12 mo}}}}
    research: {{spend: 1.2B USD/yr, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo, final_run_share: 50%, final_run: 2 mo, cut_in_distress: 0%}}
    allocation: training_first
    spot_limit: 0 GW
    contracts: [{{cloud: {{power: {power} GW, price: 10B USD/GW-yr, start: 2025-06, term: 120 mo, ramp: 1 mo}}}}]
"
    );
    let from = STILL.find("  compute:").expect("the section");
    let to = STILL.find("  policy:").expect("the section after it");
    let text = format!("{}{compute}{}", &STILL[..from], &STILL[to..])
        .replace("all: {run_rate: 12B USD/yr}", "all: {run_rate: 12B USD/yr, contracted: true}");
    // Demand stays, whatever research does.
    let releases = format!("lab.demand.releases={{every: 6 mo, uplift: 0%, waits: {waits}}}");
    model_with(&text, &[&releases, "lab.demand.capability.elasticity=0"])
}

/// Months of releases of the only path, and the months in which the trace says that one waits for power.
fn releases(model: &Model) -> (Vec<usize>, Vec<usize>) {
    let trace = gapcast::output::trace::trace(model, 0).expect("identities hold");
    let released = trace.events.iter().filter(|e| e.line == "release").map(|e| e.month).collect();
    let waits = trace.bounds.iter().filter(|b| b.line == "late_no_power").map(|b| b.month).collect();
    (released, waits)
}

/// Customers take 0.6 GW. Research takes 0.06 GW, and 0.18 more in each of the two months of a final run: 0.36 in all.
#[test]
fn releases_wait_for_their_final_runs() {
    // With all power, waiting changes nothing.
    let every: Vec<usize> = (1..=10).map(|k| 6 * k).collect();
    assert_eq!(releases(&waiting("0.9", false)), (every.clone(), Vec::new()));
    assert_eq!(releases(&waiting("0.9", true)), (every.clone(), Vec::new()));
    // Half of each final run: 0.09 GW in each of its two months. What is missing is made up at 0.09 a month.
    let (released, waits) = releases(&waiting("0.69", true));
    assert_eq!(releases(&waiting("0.69", false)).0, every, "without `waits` nobody asks");
    assert!(released.len() < every.len(), "{released:?}");
    assert!(!waits.is_empty());
    // 0.18 is missing on the planned date, half of it is made up in the first month of waiting, the rest in the second;
    // the release comes in the month after.
    assert_eq!(&released[..2], &[8, 16], "{released:?}");
    assert_eq!(&waits[..4], &[6, 7, 14, 15], "{waits:?}");
    // Without any power for it, a release comes a year late.
    let (late, _) = releases(&waiting("0.6", true));
    assert_eq!(late, [18, 36, 54]);
}

/// Power that is missing is missing in the stock of research, on every path and in every month.
#[test]
fn research_without_power_adds_nothing() {
    let with = |available: &str| {
        let compute = "  compute:
    inference: {gross_margin: {now: 50%, later: 50%, over: 12 mo}}
    research: {spend: 1.2B USD/yr, growth: 1%/mo, growth_later: 1%/mo, half_life: 12 mo}
    contracts: [{cloud: {power: 0.5 GW, price: 10B USD/GW-yr, start: 2025-06, term: 120 mo, ramp: 1 mo}}]
";
        let (from, to) = (STILL.find("  compute:").expect("there"), STILL.find("  policy:").expect("there"));
        let text = format!("{}{compute}{}", &STILL[..from], &STILL[to..])
            .replace("saturation: none", "saturation: none\n    growth_shock: 1%/mo\n    volatility: 5%/mo");
        let price = format!("world.compute_price={{contract: 10B USD/GW-yr, available: {available} GW}}");
        board(
            &model_with(&text, &[&price]).plan,
            1,
            &[ops("research_stock"), ops("capability"), ops("research_served")],
        )
    };
    let (all, none) = (with("10000"), with("0"));
    assert!(all[2].iter().flatten().all(|&served| served == 1.0), "there is power for all");
    for (all, none) in all[0].iter().flatten().zip(none[0].iter().flatten()) {
        assert!(none < all, "stock {none} against {all}");
    }
    for (all, none) in all[1].iter().flatten().zip(none[1].iter().flatten()) {
        assert!(none <= all, "lead {none} against {all}");
    }
}

#[test]
fn what_does_not_go_together() {
    for (set, code) in [
        ("lab.demand.capability.elasticity=0.95", "loop-gain"),
        ("lab.demand.capability.elasticity={dist: lognormal, p5: 0.5, p95: 2.5}", "loop-gain"),
        ("lab.demand.churn={base: 2%/mo, most: 8%/mo, behind: 0.5}", "one-of"),
        ("lab.demand.releases={every: 6 mo, uplift: 10%, behind: 0.3}", "one-of"),
        ("world.frontier={every: 6 mo}", "one-of"),
        ("lab.compute.research.spend=0 USD/yr", "capability-needs-research"),
    ] {
        assert_eq!(first_error(STILL, &[set]).0, code, "{set}");
    }
    let research = "    research: {spend: 1.2B USD/yr, growth: 0%/mo, growth_later: 0%/mo, half_life: 12 mo}\n";
    assert_eq!(first_error(&STILL.replace(research, ""), &[]).0, "capability-needs-research");
    let slows = STILL.replace("half_life: 12 mo}\n  policy", "half_life: 12 mo, slows_releases: 0.5}\n  policy");
    assert_eq!(first_error(&slows, &["lab.demand.releases={every: 6 mo, uplift: 10%}"]).0, "one-of");
    assert_eq!(
        first_error(STILL, &["lab.demand.releases={every: 6 mo, uplift: 10%, waits: true}"]).0,
        "waits-needs-final-runs"
    );
    let rivals = "  rivals: {research_growth: 0%/mo, research_growth_later: 0%/mo, half_life: 12 mo}\n";
    assert_eq!(first_error(&STILL.replace(rivals, "  sofr: {start: 4%/yr, long_run: 4%/yr}\n"), &[]).0, "missing");
    let capability = STILL.lines().filter(|line| !line.contains("capability:")).collect::<Vec<_>>().join("\n");
    assert_eq!(first_error(&capability, &[]).0, "unused");
}

#[test]
fn signs() {
    let closed = |sets: &[&str], metric: &str| many_of_lab("anthropic", sets, &[metric]).remove(0);
    let logs = |x: Vec<f64>| -> Vec<f64> { x.into_iter().map(|x| x.max(1.0).ln()).collect() };
    let demand = |sets: &[&str]| logs(closed(sets, "run_rate"));
    let base = demand(&[]);
    let none = "lab.compute.research.share_of_revenue={at_most: 0%}";
    let faster = ["world.rivals.research_growth=3.5x/yr"];
    above("rivals that grow faster take demand", &base, &demand(&faster));
    above("and cost lives", &closed(&faster, "cash_out"), &closed(&[], "cash_out"));
    above("research brings demand", &base, &demand(&[none]));
    above("a deeper winter of rivals helps", &demand(&["world.rivals.winter_growth=-8%/mo"]), &base);
    // A plan well above and well below that of rivals, with power and cash for all of it.
    let [plenty, rich] = ["world.compute_price.available=99999 GW", "lab.opening.cash=99T USD"];
    let much = "lab.compute.research.share_of_revenue={at_least: 60%, at_most: 60%, at_most_later: 60%}";
    above("more research brings more", &demand(&[plenty, rich, much]), &demand(&[plenty, rich]));
    let [weak, strong] = ["lab.demand.capability.elasticity=0.15", "lab.demand.capability.elasticity=0.8"];
    above(
        "above rivals a higher elasticity brings more",
        &demand(&[plenty, rich, much, strong]),
        &demand(&[plenty, rich, much, weak]),
    );
    above("without research it costs more", &demand(&[none, weak]), &demand(&[none, strong]));
    let free = "lab.demand.capability.spillover=65%";
    above("spillovers limit what stopping costs", &demand(&[none, free]), &demand(&[none]));
    let spread = |x: &[f64]| -> Vec<f64> {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        x.iter().map(|x| (x - mean).powi(2)).collect()
    };
    let [alone, together] = ["world.rivals.follows=0%", "world.rivals.follows=100%"].map(|set| demand(&[set, rich]));
    above("shocks that rivals share spread demand less", &spread(&alone), &spread(&together));
}
