//! Own releases, the frontier, and competitors.
//!
//! Own releases come every `cadence` months, sometimes late; the lab learns of a delay only when the planned date has
//! passed. The frontier advances by itself and with competitors' releases; if the lab is behind it, uplifts fade faster
//! and churn rises. A competitor move also takes demand at once, part of which returns. Research cuts since the last
//! release may reduce the next one ([`Market::pace`](crate::engine::instrument::Market)).

use crate::drivers::keep;
use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, max, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, spec, written};

spec! {
    /// The lab's own releases.
    pub struct ReleaseSpec {
        /// Months between planned releases.
        pub every: Quantity [Time],
        /// Months until the first release; by default the months between releases.
        pub first: Option<Quantity> [Time],
        /// Increase of log demand with a release.
        pub uplift: Quantity [Share],
        /// Share of the uplift that fades.
        pub fading: Quantity [Share] = "50%",
        /// Half-life of the fading part at the frontier.
        pub half_life: Quantity [Time] = "5 mo",
        /// Log increase of the fading speed per generation behind the frontier.
        pub behind: Quantity [Number -100.0..100.0] = "0",
        /// Probability that a release is late.
        pub late: Quantity [Share] = "0%",
        /// Length of the delay.
        pub delay: Quantity [Time] = "2 mo",
        /// Whether a release waits until its final run has been served, at most a year; needs uses of power by rank and
        /// `final_run_share`.
        pub waits: bool = "false",
    }
    /// Competitor moves that take demand: a Poisson process, at most one a month.
    pub struct CompetitorSpec {
        /// Mean months between moves.
        pub every: Quantity [Time],
        /// Log loss of demand per move.
        pub loss: Quantity [Share],
        /// Share of the loss that is recovered.
        pub returns: Quantity [Share] = "0%",
        /// Half-life of the recovery.
        pub half_life: Quantity [Time] = "4 mo",
    }
    /// The capability frontier, in generations.
    pub struct FrontierSpec {
        /// Months for the frontier to advance by one generation.
        pub every: Quantity [Time],
        /// Generations by which a competitor move advances it.
        pub competitor_step: Quantity [Number -100.0..100.0] = "0",
    }
    /// Rivals' research.
    pub struct RivalsSpec {
        /// Its growth before the first month.
        pub research_growth: Quantity [Growth],
        /// Its long-run growth.
        pub research_growth_later: Quantity [Growth],
        /// Half-life of the transition from one to the other.
        pub half_life: Quantity [Time],
        /// Share of shocks to the lab's growth that are shocks to the whole market, and so move the rivals' research.
        pub follows: Quantity [Share] = "0%",
        /// Change of its log growth in winter; by default that of demand, `world.regime.winter.growth`.
        pub winter_growth: Option<Quantity> [Growth],
    }
    /// Overruns of final training runs.
    pub struct OverrunSpec {
        /// Median cost over plan.
        pub median: Quantity [Multiple] = "1x",
        /// Standard deviation of its log.
        pub spread: Quantity [Number 0.0..5.0] = "0",
        /// Probability that a run is aborted and restarted.
        pub restart: Quantity [Share] = "0%",
    }
}

/// Spec of the component.
#[derive(Clone, Debug)]
pub struct CompetitionSpec {
    /// Own releases, if the scenario has them.
    pub releases: Option<ReleaseSpec>,
    /// Competitors, if it has them.
    pub competitors: Option<CompetitorSpec>,
    /// The frontier, if it has one.
    pub frontier: Option<FrontierSpec>,
    /// Overruns of final runs, if it has them.
    pub overruns: Option<OverrunSpec>,
}

impl CompetitorSpec {
    /// Probability of a move in a month: `1 − exp(−1/every)`.
    pub fn chance(&self, inputs: &Inputs<'_>) -> f64 {
        -libm::expm1(-1.0 / self.every.at(inputs).max(1e-3))
    }
    /// Mean monthly log loss, net of recovery.
    pub fn drag(&self, inputs: &Inputs<'_>) -> f64 {
        self.chance(inputs) * self.loss.at(inputs) * (1.0 - self.returns.at(inputs))
    }
}

/// Months that a release waits for its final run at most.
const MOST_WAITED: f64 = 12.0;

row! {
    /// Terms.
    pub struct Competition {
        first: f64, every: f64, uplift: f64, late: f64, delay: f64,
        chance: f64, loss: f64, returns: f64, keep: f64,
        advance: f64, step: f64, overrun: f64, overrun_spread: f64, restart: f64, waits: f64,
    }
    /// Months to the next release, whether it is already late, the loss still to be recovered, own and frontier index,
    /// cost over plan of the final run, and months that a release has waited for it.
    pub struct CompetitionState {
        until: f64, late: f64, returning: f64, own: f64, frontier: f64, running: f64, waited: f64,
    }
}

impl Component for Competition {
    type Spec = CompetitionSpec;
    type State = CompetitionState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.until_release, market.since_release, market.overrun, market.pace)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(
            market.release,
            market.since_release,
            market.until_release,
            market.overrun,
            market.moved,
            market.loss,
            market.behind,
            market.waiting,
            events,
        )
    }
    fn normals(spec: &CompetitionSpec) -> Vec<String> {
        match &spec.overruns {
            Some(o) if o.spread.known() != Some(0.0) => vec!["training_overrun".into()],
            _ => Vec::new(),
        }
    }
    fn uniforms(spec: &CompetitionSpec) -> Vec<String> {
        let uniforms = spec.overruns.is_some() || spec.releases.as_ref().is_some_and(|r| r.late.known() != Some(0.0));
        match (spec.competitors.is_some(), uniforms) {
            (false, false) => Vec::new(),
            (true, false) => vec!["competitors".into()],
            (_, true) => vec!["competitors".into(), "releases".into()],
        }
    }
    fn terms(spec: &CompetitionSpec, inputs: &Inputs<'_>) -> Self {
        let mut out = Competition { overrun: 1.0, keep: 1.0, first: f64::MAX, every: f64::MAX, ..Default::default() };
        if let Some(r) = &spec.releases {
            out.every = r.every.at(inputs).max(1.0).round();
            out.first = r.first.as_ref().map_or(out.every, |q| q.at(inputs).max(1.0).round());
            out.uplift = r.uplift.at(inputs);
            (out.late, out.delay) = (r.late.at(inputs), r.delay.at(inputs).max(1.0).round());
            out.waits = f64::from(u8::from(r.waits));
        }
        if let Some(c) = &spec.competitors {
            (out.chance, out.loss, out.returns) = (c.chance(inputs), c.loss.at(inputs), c.returns.at(inputs));
            out.keep = keep(c.half_life.at(inputs));
        }
        if let Some(f) = &spec.frontier {
            (out.advance, out.step) = (1.0 / f.every.at(inputs).max(1.0), f.competitor_step.at(inputs));
        }
        if let Some(o) = &spec.overruns {
            (out.overrun, out.overrun_spread) = (o.median.at(inputs), o.spread.at(inputs));
            out.restart = o.restart.at(inputs);
        }
        out
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> CompetitionState {
        let m = &mut lane.market;
        (m.until_release, m.since_release, m.overrun, m.pace) = (self.first, 0.0, 1.0, 1.0);
        CompetitionState { until: self.first, running: 1.0, ..Default::default() }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut CompetitionState, lane: &mut Lane) {
        let m = &mut lane.market;
        // Own releases. A planned date that passes without one starts the delay, once.
        own.until -= 1.0;
        let planned = own.until <= 0.0;
        let slips = planned & (own.late == 0.0) & (own.waited == 0.0) & (now.uniform[1] < self.late);
        // What was not served of the final run is served later, and the release waits for it.
        let unserved = (self.waits > 0.0) & (m.run_owed > 0.0) & (own.waited < MOST_WAITED);
        let holds = planned & !slips & unserved;
        let release = planned & !slips & !holds;
        own.waited = select(holds, own.waited + 1.0, select(release, 0.0, own.waited));
        m.waiting = select(holds, 1.0, 0.0);
        own.late = select(slips, 1.0, select(release, 0.0, own.late));
        own.until = select(slips, self.delay, select(release, self.every, select(holds, 1.0, own.until)));
        m.release = select(release, self.uplift * m.pace, 0.0);
        m.since_release = select(release, 0.0, m.since_release + 1.0);
        // A final run was paid for before the planned date: while the release is late, nothing more is due.
        m.until_release = select((own.late > 0.0) | holds, f64::MAX, own.until);
        // The next final run's cost over plan is drawn when the last one ends; a restart pays for a second run.
        let drawn = self.overrun * exp(self.overrun_spread * now.normal[0]);
        let restart = (now.uniform[1] >= self.late) & (now.uniform[1] < self.late + self.restart * (1.0 - self.late));
        own.running = select(release, drawn + select(restart, 1.0, 0.0), own.running);
        m.overrun = own.running;
        // Competitors.
        let moved = now.uniform[0] < self.chance;
        m.moved = select(moved & (self.loss + self.step > 0.0), 1.0, 0.0);
        let lost = select(moved, self.loss, 0.0);
        m.loss = lost - (1.0 - self.keep) * own.returning;
        own.returning = self.keep * own.returning + self.returns * lost;
        // The frontier.
        own.own += select(release, m.pace, 0.0);
        own.frontier += self.advance + select(moved, self.step, 0.0);
        m.behind = max(0.0, own.frontier - own.own) * select(self.advance > 0.0, 1.0, 0.0);
        lane.events |= select(moved & (self.loss > 0.0), event::COMPETITOR, 0)
            | select(release, event::RELEASE, 0)
            | select(release & (m.overrun > 1.5), event::OVERRUN, 0);
    }
}
