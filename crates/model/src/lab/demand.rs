//! Revenue that would be earned with unlimited capacity, by segment.
//!
//! Two distinct volatilities: `volatility` is monthly noise in the level, `growth_shock` moves a persistent growth
//! state. Winter is a separate state, common to the segments, so that it does not affect the growth state. Growth
//! measured on revenue already includes releases and losses: with `growth_is: total` their mean is deducted. This
//! module holds effects common to all segments; each segment is a separate component
//! ([`segment`](crate::lab::segment)).

use crate::drivers::competition::ReleaseSpec;
use crate::drivers::{RegimeSpec, keep};
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, min};
use crate::lab::capability::CapabilitySpec;
use crate::language::prelude::{KeyRules, Keyed};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::unused;
use crate::units::Usd;
use crate::{choice, row, spec, written};

spec! {
    /// Revenue.
    pub struct DemandSpec {
        /// Log growth of the lab's demand.
        pub growth: GrowthSpec,
        /// Whether growth already includes releases and competitor moves.
        pub growth_is: GrowthIs = "total",
        /// Monthly shock to the growth state; persistent.
        pub growth_shock: Quantity [Volatility] = "0%/mo",
        /// Monthly noise in the level; not persistent.
        pub volatility: Quantity [Volatility] = "0%/mo",
        /// Market ceiling: run-rate at which the whole lab's market is saturated.
        pub ceiling: Option<Quantity> [MoneyRate],
        /// Growth of the ceiling.
        pub ceiling_growth: Quantity [Growth] = "0%/yr",
        /// How growth slows towards the ceiling.
        pub saturation: Saturation = "logistic",
        /// Diffusion rates, under `saturation: bass`.
        pub bass: Option<BassSpec>,
        /// The lab's own releases.
        pub releases: Option<ReleaseSpec>,
        /// Blended price and the response of volume to it.
        pub price: Option<PriceSpec>,
        /// Customers lost when the lab is behind the frontier.
        pub churn: Option<ChurnSpec>,
        /// Effect of research on demand, relative to rivals (`world.rivals`); none if absent.
        pub capability: Option<CapabilitySpec>,
        /// Share of unserved demand that is lost permanently; the rest returns when there is power for it.
        pub unserved_lost: Quantity [Share] = "50%",
        /// Lines of business; their run-rates add up to the lab's.
        pub segments: Keyed<SegmentSpec>,
    }
    /// Log growth: current, long-run, and the half-life of the transition.
    pub struct GrowthSpec {
        /// Current growth.
        pub now: Quantity [Growth],
        /// Long-run growth.
        pub later: Quantity [Growth],
        /// Half-life of the transition from one to the other.
        pub half_life: Quantity [Time],
    }
    /// A line of business.
    pub struct SegmentSpec {
        /// Annualised revenue before the first month.
        pub run_rate: Quantity [MoneyRate],
        /// Current growth relative to the lab's.
        pub growth: Quantity [Multiple] = "1x",
        /// Whether its customers are under contract and so served first.
        pub contracted: bool = "false",
        /// Share of its unserved demand that is lost permanently; by default the lab's.
        pub unserved_lost: Option<Quantity> [Share],
    }
    /// Diffusion among customers: `dF/dt = (p + q F)(1 − F)`, `F` demand over its ceiling.
    pub struct BassSpec {
        /// Monthly adoption rate among non-adopters, independent of others: `p`.
        pub innovation: Quantity [Growth positive],
        /// Monthly adoption rate in imitation of existing adopters: `q`.
        pub imitation: Quantity [Growth >= 0.0],
    }
    /// Mix price: only deviations from its mean change affect revenue, since the mean is in the growth.
    pub struct PriceSpec {
        /// Standard deviation of the monthly log change.
        pub volatility: Quantity [Volatility],
        /// Elasticity of volume to price.
        pub elasticity: Quantity [Number -100.0..100.0],
    }
    /// Churn at the frontier and behind it.
    pub struct ChurnSpec {
        /// Monthly churn at the frontier, already included in the growth.
        pub base: Quantity [Hazard],
        /// Maximum monthly churn.
        pub most: Quantity [Hazard],
        /// Increase in log churn per generation behind.
        pub behind: Quantity [Number -100.0..100.0],
    }
}

choice! {
    /// What measured growth includes.
    pub enum GrowthIs {
        /// Releases and competitor moves are included; their mean is deducted.
        Total = "total",
        /// It is used as given.
        Underlying = "underlying",
    }
    /// How growth slows as demand nears its ceiling.
    pub enum Saturation {
        /// No slowdown: the ceiling is ignored.
        None = "none",
        /// `dD/dt = x D (1 − D/K)`.
        Logistic = "logistic",
        /// Log growth decays.
        Gompertz = "gompertz",
        /// Demand spreads by innovation and imitation; `growth` describes only the months before the start.
        Bass = "bass",
    }
}

impl DemandSpec {
    /// Whether some customers are served before others.
    pub fn has_contracted(&self) -> bool {
        self.segments.0.iter().any(|(_, s)| s.contracted)
    }

    /// Adds the rules between quantities that must hold on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        if let Some(churn) = &self.churn {
            rules.rule("range", churn.most.place(), |at| {
                let title = || "maximum churn is below churn at the frontier".to_owned();
                (churn.most.at(at) < churn.base.at(at)).then(|| (title(), "`most` must be at least `base`".to_owned()))
            });
        }
    }

    /// Reports errors that `Reader` does not detect.
    pub fn check(&self, issues: &mut crate::issues::Issues) {
        let place = self.growth.now.place();
        if self.segments.0.is_empty() {
            issues.error("missing", place, "the lab has no segments", "write at least one");
        }
        if self.ceiling.is_none() {
            let growth = [unused::quantity(DemandSpec::FIELDS, "ceiling_growth", &self.ceiling_growth)];
            unused::report(&growth, "without a `ceiling`", "write `ceiling: 600B USD/yr`, or remove it", issues);
        }
        let bass = self.saturation == Saturation::Bass;
        if bass && (self.bass.is_none() || self.ceiling.is_none()) {
            issues
                .error(
                    "missing",
                    place,
                    "`saturation: bass` requires rates and a ceiling",
                    "`bass` or `ceiling` is missing",
                )
                .help("write `bass: {innovation: 0.3%/mo, imitation: 4%/mo}` and `ceiling: 600B USD/yr`");
        }
        if let Some(rates) = self.bass.as_ref().filter(|_| !bass) {
            let at = rates.innovation.place();
            issues.error("one-of", at, "`bass` applies only to `saturation: bass`", "remove it");
        }
    }
}

/// Spec of the component common to all segments.
#[derive(Clone, Debug)]
pub struct CommonSpec {
    /// Revenue.
    pub demand: DemandSpec,
    /// The regime, if the world has one.
    pub regime: Option<RegimeSpec>,
}

row! {
    /// Effects common to all segments.
    pub struct Common { pull: f64, keep_pull: f64, volatility: f64, start_growth: f64 }
    /// Empty: the state is in `Ops`.
    pub struct CommonState {}
    /// Churn behind the frontier.
    pub struct Churn { base: f64, most: f64, behind: f64 }
    /// Empty.
    pub struct ChurnState {}
    /// Releases and their fading.
    pub struct Releases { fading: f64, rate: f64, behind: f64 }
    /// The part of past uplifts that is still to fade.
    pub struct ReleasesState { fading: f64 }
    /// Changes in the mix price.
    pub struct Price { effect: f64 }
    /// Empty.
    pub struct PriceState {}
}

impl Component for Common {
    type Spec = CommonSpec;
    type State = CommonState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(ops.served, lab.growth)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.common, ops.pull, ops.shock, ops.served_before, ops.demand, ops.organic)
    }
    /// The growth shock first, the level noise second.
    fn normals(spec: &CommonSpec) -> Vec<String> {
        let moves = |q: &Quantity| q.known() != Some(0.0);
        match (moves(&spec.demand.growth_shock), moves(&spec.demand.volatility)) {
            (false, false) => Vec::new(),
            (true, false) => vec!["demand".into()],
            (_, true) => vec!["demand".into(), "demand_level".into()],
        }
    }
    fn terms(spec: &CommonSpec, inputs: &Inputs<'_>) -> Self {
        let winter = spec.regime.as_ref().map(|r| &r.winter);
        Common {
            pull: winter.map_or(0.0, |w| w.growth.at(inputs)),
            keep_pull: winter.map_or(0.0, |w| keep(w.half_life.at(inputs))),
            volatility: spec.demand.volatility.at(inputs),
            start_growth: spec.demand.growth.now.at(inputs),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> CommonState {
        lane.ops.served = 1.0;
        lane.lab.growth = self.start_growth;
        CommonState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut CommonState, lane: &mut Lane) {
        let (ops, m) = (&mut lane.ops, &lane.market);
        ops.pull = self.keep_pull * ops.pull + (1.0 - self.keep_pull) * self.pull * m.winter;
        ops.shock = now.normal[0];
        ops.common = self.volatility * now.normal[1] - 0.5 * self.volatility * self.volatility - m.loss;
        ops.served_before = ops.served;
        (ops.demand, ops.organic) = (Usd::ZERO, Usd::ZERO);
    }
}

impl Component for Churn {
    type Spec = ChurnSpec;
    type State = ChurnState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.common)
    }
    fn terms(spec: &ChurnSpec, inputs: &Inputs<'_>) -> Self {
        let base = spec.base.at(inputs);
        Churn { base, most: spec.most.at(inputs).max(base), behind: spec.behind.at(inputs) }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> ChurnState {
        ChurnState {}
    }
    /// Only churn in excess of that at the frontier affects demand: the rest is included in the growth.
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, _: &mut ChurnState, lane: &mut Lane) {
        lane.ops.common -= min(self.most, self.base * exp(self.behind * lane.market.behind)) - self.base;
    }
}

impl Component for Releases {
    type Spec = ReleaseSpec;
    type State = ReleasesState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.common)
    }
    fn terms(spec: &ReleaseSpec, inputs: &Inputs<'_>) -> Self {
        Releases {
            fading: spec.fading.at(inputs),
            rate: std::f64::consts::LN_2 / spec.half_life.at(inputs).max(1e-3),
            behind: spec.behind.at(inputs),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> ReleasesState {
        ReleasesState::default()
    }
    /// `U = u − (1 − d) Z`, `Z' = d Z + w u`, so that cumulative `U` is `(1 − w) Σu + Z` exactly.
    #[inline(always)]
    fn step<const S: u8>(&self, _: &Now, own: &mut ReleasesState, lane: &mut Lane) {
        let kept = exp(-self.rate * exp(self.behind * lane.market.behind));
        lane.ops.common += lane.market.release - (1.0 - kept) * own.fading;
        own.fading = kept * own.fading + self.fading * lane.market.release;
    }
}

impl Component for Price {
    type Spec = PriceSpec;
    type State = PriceState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.common)
    }
    fn normals(_: &PriceSpec) -> Vec<String> {
        vec!["price".into()]
    }
    fn terms(spec: &PriceSpec, inputs: &Inputs<'_>) -> Self {
        Price { effect: (spec.elasticity.at(inputs) - 1.0) * spec.volatility.at(inputs) }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> PriceState {
        PriceState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut PriceState, lane: &mut Lane) {
        lane.ops.common += self.effect * now.normal[0];
    }
}
