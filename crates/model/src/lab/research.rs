//! Research and training compute: as spending, or as power in given months.
//!
//! Spending grows by an annual factor whose logarithm decays, within bounds as a share of trailing revenue. Final runs
//! are a share of it, spent in the months before the planned release; the rest is even.
//!
//! [`Research`] computes total needs; [`SplitResearch`] also separates final runs and the plan before cuts, for
//! scenarios that rank uses of power or in which cuts slow releases. [`Pace`] holds the size of that effect.

use crate::drivers::keep;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::instrument::Market;
use crate::engine::math::{exp, ln, max, min, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{row, spec, written};

spec! {
    /// Research compute, as spending.
    pub struct ResearchSpec {
        /// Spend before the first month.
        pub spend: Quantity [MoneyRate],
        /// Its current growth.
        pub growth: Quantity [Growth],
        /// Its long-run growth.
        pub growth_later: Quantity [Growth],
        /// Half-life of the transition from one to the other.
        pub half_life: Quantity [Time],
        /// Bounds on spending as a share of revenue.
        pub share_of_revenue: Option<ShareOfRevenueSpec>,
        /// Final training runs, as a share of spending.
        pub final_run_share: Quantity [Share] = "0%",
        /// Months before a planned release over which its final run is spread.
        pub final_run: Quantity [Time] = "2 mo",
        /// Share cut in distress.
        pub cut_in_distress: Quantity [Share] = "40%",
        /// How much reduced research slows releases: the next release's uplift and capability step are multiplied by
        /// the ratio of actual to planned spending since the last release, to this power. No effect if absent.
        pub slows_releases: Option<Quantity> [Number >= 0.0],
        /// Overruns of final runs.
        pub overruns: Option<crate::drivers::competition::OverrunSpec>,
    }
    /// Bounds of research as a share of trailing revenue.
    pub struct ShareOfRevenueSpec {
        /// Minimum.
        pub at_least: Quantity [Share 0.0..10.0] = "0%",
        /// Current maximum.
        pub at_most: Quantity [Share 0.0..10.0],
        /// Later maximum.
        pub at_most_later: Option<Quantity> [Share 0.0..10.0],
        /// Duration of the linear transition between them.
        pub over: Quantity [Time] = "48 mo",
    }
    /// Training runs, as power in given months.
    pub struct TrainingSpec {
        /// Power during a run.
        pub power: Quantity [Power],
        /// Months of a run; the first month of the scenario is 1.
        pub months: Vec<u32>,
    }
}

/// Spec of the component.
#[derive(Clone, Debug)]
pub struct ResearchSetup {
    /// The budget.
    pub research: ResearchSpec,
    /// Months between planned releases at the median; without releases final runs are even.
    pub releases: Option<Quantity>,
    /// Share of surplus cash allocated to research, and the months of gross cost above which cash is surplus.
    pub surplus: Option<(Quantity, Quantity)>,
    /// Months of distress after which research is cut.
    pub cut_after: f64,
}

row! {
    /// Terms; money is per month.
    pub struct Research {
        spend: f64, now: f64, later: f64, keep: f64, least: f64, most: f64, most_later: f64, per_month: f64,
        final_share: f64, run: f64, burst: f64, cut: f64, cut_after: f64, surplus: f64, surplus_above: f64,
    }
    /// The unbounded plan and its growth.
    pub struct ResearchState {
        /// The plan.
        pub plan: f64,
        /// Its growth.
        pub growth: f64,
    }
    /// Research with final runs reported separately.
    pub struct SplitResearch { whole: Research }
    /// Empty.
    pub struct FinalRun {}
    /// The final run of the next release, USD since the last one.
    pub struct FinalRunState {
        /// Its planned cost so far, overruns included.
        pub planned: f64,
        /// Months over which that is spread.
        pub months: f64,
        /// What there was power for.
        pub served: f64,
        /// What was short for lack of power.
        pub unpowered: f64,
        /// What was cut for lack of money.
        pub unfunded: f64,
    }
    /// Exponent of the ratio of actual to planned spending.
    pub struct Pace { power: f64 }
    /// Actual and planned spending since the last release, USD.
    pub struct PaceState { spent: f64, planned: f64 }
    /// Power of training, and its months as a bit set.
    pub struct Training { power: f64, months: [u64; 10] }
    /// Empty.
    pub struct TrainingState {}
}

impl Component for Research {
    type Spec = ResearchSetup;
    type State = ResearchState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.research_need)
    }
    fn terms(spec: &ResearchSetup, inputs: &Inputs<'_>) -> Self {
        let r = &spec.research;
        let bounds = r.share_of_revenue.as_ref();
        let most = bounds.map_or(f64::MAX, |b| b.at_most.at(inputs));
        let run = r.final_run.at(inputs).max(1.0).round();
        let cadence = spec.releases.as_ref().map_or(0.0, |q| q.at(inputs).max(1.0).round());
        Research {
            spend: r.spend.at(inputs),
            now: r.growth.at(inputs),
            later: r.growth_later.at(inputs),
            keep: keep(r.half_life.at(inputs)),
            least: bounds.map_or(0.0, |b| b.at_least.at(inputs)),
            most,
            most_later: bounds.and_then(|b| b.at_most_later.as_ref()).map_or(most, |q| q.at(inputs)),
            per_month: bounds.map_or(1.0, |b| 1.0 / b.over.at(inputs).max(1.0)),
            final_share: r.final_run_share.at(inputs),
            run,
            // Spending on final runs in their months, relative to spending them evenly; 0 without releases.
            burst: cadence / run.min(cadence).max(1.0),
            cut: r.cut_in_distress.at(inputs),
            cut_after: spec.cut_after,
            surplus: spec.surplus.as_ref().map_or(0.0, |s| s.0.at(inputs)),
            surplus_above: spec.surplus.as_ref().map_or(0.0, |s| s.1.at(inputs)),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> ResearchState {
        ResearchState { plan: self.spend, growth: self.now }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ResearchState, lane: &mut Lane) {
        lane.ops.research_need = self.budget(now, own, lane).need;
    }
}

/// A month of research, USD.
struct Month {
    /// After cuts.
    need: f64,
    /// Of that, final runs.
    finals: f64,
    /// Before cuts.
    plan: f64,
    /// Of that, final runs.
    planned_finals: f64,
}

impl SplitResearch {
    /// The whole budget.
    pub fn whole(&self) -> &Research {
        &self.whole
    }
}

impl Research {
    /// Minimum and maximum of the budget in month `t`, as shares of trailing revenue.
    #[inline(always)]
    pub fn bounds(&self, t: f64) -> (f64, f64) {
        let progress = min(t * self.per_month, 1.0);
        (self.least, self.most + (self.most_later - self.most) * progress)
    }

    /// Spending on final runs at planned cost, relative to spending them evenly: they fall into the months before the
    /// planned release.
    #[inline(always)]
    fn burst_at(&self, market: &Market) -> f64 {
        let running = (self.burst > 0.0) & (market.until_release <= self.run);
        select(running, self.burst, 0.0)
    }

    /// Share of the month's research spending that adds to the stock of research: overruns and restarts of final runs
    /// buy nothing.
    #[inline(always)]
    pub fn in_work(&self, market: &Market) -> f64 {
        let burst = self.burst_at(market);
        let rest = 1.0 - self.final_share;
        let spent = rest + self.final_share * burst * market.overrun;
        let counts = (self.burst > 0.0) & (spent > 0.0);
        select(counts, (rest + self.final_share * burst) / max(spent, f64::MIN_POSITIVE), 1.0)
    }

    #[inline(always)]
    fn budget(&self, now: &Now, own: &mut ResearchState, lane: &Lane) -> Month {
        own.growth = self.later + self.keep * (own.growth - self.later);
        own.plan *= exp(own.growth);
        let a = &lane.accounts;
        let revenue = (a.revenues[0] + a.revenues[1] + a.revenues[2]).0 * (1.0 / 3.0);
        let (least, most) = self.bounds(now.t);
        let held = max(min(own.plan, most * revenue), least * revenue);
        let burst = self.burst_at(&lane.market) * lane.market.overrun;
        let shape = select(self.burst > 0.0, 1.0 - self.final_share + self.final_share * burst, 1.0);
        let calm = select(lane.lab.distress_months > self.cut_after, 1.0 - self.cut, 1.0);
        // Cash does not pile up: a stated share of cash above some months of gross cost is spent over a year.
        let pile = max(0.0, (lane.lab.cash - lane.lab.gross_cost * self.surplus_above).0)
            * (self.surplus / 12.0)
            * select(now.t > 1.0, 1.0, 0.0);
        let alive = lane.lab.alive;
        Month {
            need: (held * shape * calm + pile) * alive,
            finals: held * self.final_share * select(self.burst > 0.0, burst, 1.0) * calm * alive,
            plan: (held * shape + pile) * alive,
            planned_finals: held * self.final_share * select(self.burst > 0.0, burst, 1.0) * alive,
        }
    }
}

impl Component for SplitResearch {
    type Spec = ResearchSetup;
    type State = ResearchState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.research_need, ops.final_need, ops.research_plan, ops.final_plan)
    }
    fn terms(spec: &ResearchSetup, inputs: &Inputs<'_>) -> Self {
        SplitResearch { whole: Research::terms(spec, inputs) }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> ResearchState {
        self.whole.opening(lane)
    }
    /// While a release waits, what is missing of its final run is made up at the pace of the run.
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ResearchState, lane: &mut Lane) {
        let month = self.whole.budget(now, own, lane);
        let missing = lane.market.run_due * lane.market.waiting * lane.lab.alive;
        lane.ops.research_need = month.need + missing;
        lane.ops.final_need = month.finals + missing;
        lane.ops.research_plan = Usd(month.plan);
        lane.ops.final_plan = Usd(month.planned_finals);
    }
}

/// Share of a final run from which it counts as served: the rest is a rounding error.
const SERVED: f64 = 1.0 - 1e-9;

impl Component for FinalRun {
    type Spec = ();
    type State = FinalRunState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.run_owed, market.run_due)
    }
    fn terms((): &(), _: &Inputs<'_>) -> Self {
        FinalRun::default()
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> FinalRunState {
        FinalRunState::default()
    }
    /// A release ends the final run before it.
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, own: &mut FinalRunState, lane: &mut Lane) {
        let stays = select(lane.market.since_release == 0.0, 0.0, 1.0);
        let (plan, need, served) = (lane.ops.final_plan.0, lane.ops.final_need, lane.ops.final_served.0);
        own.planned = own.planned * stays + plan;
        own.months = own.months * stays + select(plan > 0.0, 1.0, 0.0);
        own.served = own.served * stays + served;
        own.unpowered = own.unpowered * stays + max(need - served, 0.0);
        own.unfunded = own.unfunded * stays + max(plan - need, 0.0);
        let done = own.served >= own.planned * SERVED;
        let owed = select(done, 0.0, own.planned - own.served);
        lane.market.run_owed = owed;
        lane.market.run_due = min(owed, own.planned / max(own.months, 1.0));
    }
}

impl Component for Pace {
    type Spec = Quantity;
    type State = PaceState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.pace)
    }
    fn terms(spec: &Quantity, inputs: &Inputs<'_>) -> Self {
        Pace { power: spec.at(inputs) }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> PaceState {
        PaceState::default()
    }
    /// Spending since the last release, including this month's, determines the effect of the next one. Power that could
    /// not be bought counts like a cut.
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, own: &mut PaceState, lane: &mut Lane) {
        let before = select(lane.market.since_release == 0.0, 0.0, 1.0);
        own.spent = own.spent * before + lane.ops.training_spend.0;
        own.planned = own.planned * before + lane.ops.research_plan.0;
        let share = min(own.spent / max(own.planned, f64::MIN_POSITIVE), 1.0);
        let pace = exp(self.power * ln(max(share, 1e-9)));
        lane.market.pace = select(own.planned > 0.0, pace, 1.0);
    }
}

impl Component for Training {
    type Spec = TrainingSpec;
    type State = TrainingState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.research_need)
    }
    fn terms(spec: &TrainingSpec, inputs: &Inputs<'_>) -> Self {
        let mut months = [0u64; 10];
        for &m in &spec.months {
            if let Some(word) = months.get_mut(m as usize / 64) {
                *word |= 1 << (m % 64);
            }
        }
        Training { power: spec.power.at(inputs), months }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> TrainingState {
        TrainingState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut TrainingState, lane: &mut Lane) {
        let t = now.t as usize;
        let runs = (self.months[t / 64 % 10] >> (t % 64)) & 1 == 1;
        lane.ops.research_need = select(runs, self.power, 0.0) * lane.lab.alive;
    }
}
