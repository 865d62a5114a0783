//! A segment of demand: its growth state, its ceiling, and demand lost when unserved.
//!
//! The form of saturation, and whether customers under contract have priority, are part of the type, so that a sweep
//! computes a single law.

use crate::drivers::competition::CompetitorSpec;
use crate::drivers::keep;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, ln, max, min, select};
use crate::lab::capability::CapabilitySetup;
use crate::lab::demand::{DemandSpec, GrowthIs, Saturation, SegmentSpec};
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, written};

/// Spec of a segment.
#[derive(Clone, Debug)]
pub struct SegmentSetup {
    /// Revenue.
    pub demand: DemandSpec,
    /// The segment.
    pub segment: SegmentSpec,
    /// Its share of opening revenue, hence of the ceiling.
    pub share: f64,
    /// Competitors, whose mean drag is included in total growth.
    pub competitors: Option<CompetitorSpec>,
    /// Effect of research on demand.
    pub capability: Option<CapabilitySetup>,
}

row! {
    /// Terms of a segment; `limit` is the ceiling of the month before the first, 0 if there is none. `shape` is the
    /// inverse of the log distance to the ceiling (Gompertz) or the rate of imitation (Bass).
    pub struct Segment {
        start: f64, now: f64, later: f64, keep: f64, shock: f64, limit: f64, limit_growth: f64,
        shape: f64, innovation: f64, lost: f64, contracted: f64,
    }
    /// Demand, growth state, ceiling.
    pub struct SegmentState {
        /// Demand of the month, USD.
        pub demand: f64,
        /// Growth state, log growth per month.
        pub growth: f64,
        /// Ceiling of demand, USD per month; 0 if there is none.
        pub limit: f64,
    }
}

/// Minimum ceiling, as a multiple of opening demand.
const FLOOR: f64 = 1.05;

/// Maximum factor by which demand grows or shrinks in a month; months in which it binds are counted.
const CLAMP: f64 = std::f64::consts::E;

impl Segment {
    fn new(spec: &SegmentSetup, inputs: &Inputs<'_>) -> Self {
        let d = &spec.demand;
        let start = spec.segment.run_rate.at(inputs);
        let mean = match d.growth_is {
            GrowthIs::Underlying => 0.0,
            GrowthIs::Total => {
                let uplift = d.releases.as_ref().map_or(0.0, |r| {
                    (1.0 - r.fading.at(inputs)) * r.uplift.at(inputs) / r.every.at(inputs).max(1.0).round()
                });
                uplift - spec.competitors.as_ref().map_or(0.0, |c| c.drag(inputs))
            }
        };
        // Under Bass diffusion, growth comes from its own rates.
        let bass = d.bass.as_ref().filter(|_| d.saturation == Saturation::Bass);
        let stated = |growth: f64| if bass.is_some() { -mean } else { growth - mean };
        let later = stated(d.growth.later.at(inputs));
        // Research acts with a delay: what it was winning before the first month still comes, apart from this state.
        let winning = spec.capability.as_ref().map_or(0.0, |c| c.included_growth(inputs));
        let now = stated(d.growth.now.at(inputs) * spec.segment.growth.at(inputs)) - winning;
        // A ceiling below opening demand would mean a collapse: it is floored, and that is reported.
        let limit = match (&d.ceiling, d.saturation) {
            (Some(k), form) if form != Saturation::None => (k.at(inputs) * spec.share).max(FLOOR * start),
            _ => 0.0,
        };
        let distance = if limit > 0.0 && start > 0.0 { 1.0 / libm::log(limit / start) } else { 0.0 };
        Segment {
            start,
            now,
            later,
            keep: keep(d.growth.half_life.at(inputs)),
            shock: d.growth_shock.at(inputs),
            limit,
            limit_growth: libm::exp(d.ceiling_growth.at(inputs)),
            shape: bass.map_or(distance, |b| b.imitation.at(inputs)),
            innovation: bass.map_or(0.0, |b| b.innovation.at(inputs)),
            lost: spec.segment.unserved_lost.as_ref().unwrap_or(&d.unserved_lost).at(inputs),
            contracted: f64::from(u8::from(spec.segment.contracted)),
        }
    }
    #[inline(always)]
    fn begin(&self, lane: &mut Lane) -> SegmentState {
        lane.ops.demand += Usd(self.start);
        lane.ops.organic += Usd(self.start);
        lane.ops.floored += select((self.limit > 0.0) & (self.limit == FLOOR * self.start), 1.0, 0.0);
        SegmentState { demand: self.start, growth: self.now, limit: self.limit }
    }
    #[inline(always)]
    fn advance(&self, form: Saturation, ranked: bool, own: &mut SegmentState, lane: &mut Lane) {
        let ops = &mut lane.ops;
        let by_rank = select(self.contracted > 0.0, ops.served_contracted, ops.served_others);
        let served = if ranked { by_rank } else { ops.served_before };
        own.growth = self.later + self.keep * (own.growth - self.later) + self.shock * ops.shock;
        own.limit *= match form {
            Saturation::Bass => self.limit_growth,
            // What the lab wins from rivals, it wins of their market as well.
            _ => self.limit_growth * (1.0 + ops.ceiling_won),
        };
        // Part of the demand not served last month is lost before growth applies.
        let base = own.demand * (1.0 - self.lost * (1.0 - served));
        let x = own.growth + ops.pull;
        // Exact steps of the laws with `x` constant over the month, as factors; a shrinking market does not saturate.
        // The form is known where this is inlined, so that only its own law is computed.
        let by_law = match form {
            Saturation::None => exp(x + ops.common),
            Saturation::Logistic => {
                // `1 / (F + (1 − F) e^−x)`, `F = base/limit`, with one division.
                let fall = exp(-x);
                let slowed = select(x > 0.0, base + (own.limit - base) * fall, own.limit * fall);
                exp(ops.common) * own.limit / max(slowed, f64::MIN_POSITIVE)
            }
            Saturation::Gompertz => {
                let filled = base / max(own.limit, f64::MIN_POSITIVE);
                let slowed = -ln(max(filled, f64::MIN_POSITIVE)) * (1.0 - exp(-x * self.shape));
                exp(select(x > 0.0, slowed, x) + ops.common)
            }
            Saturation::Bass => diffused(base, own.limit, self.innovation, self.shape) * exp(x + ops.common),
        };
        let held = max(min(by_law, CLAMP), 1.0 / CLAMP);
        ops.clamps += select(held == by_law, 0.0, 1.0);
        own.demand = base * held;
        ops.demand += Usd(own.demand);
        ops.organic += Usd(own.demand);
        if ranked {
            ops.contracted += Usd(own.demand * self.contracted);
        }
    }
}

/// Ratio of demand after a month of diffusion to that before, at rates of innovation `p` and imitation `q` per month:
/// with `F = base/limit` and `z = e^−(p+q) (1 − F)/(p + q F)` it is `(1 − p z)/(1 + q z)/F`, the exact step of
/// `dF/dt = (p + q F)(1 − F)` (Bass 1969).
#[inline(always)]
pub fn diffused(base: f64, limit: f64, p: f64, q: f64) -> f64 {
    let speed = p * limit + q * base;
    let gap = exp(-(p + q)) * (limit - base);
    (speed - p * gap) / (speed + q * gap) * limit / max(base, f64::MIN_POSITIVE)
}

/// Declares a segment for each form of saturation, with and without ranks.
macro_rules! segments {
    ($($(#[$d:meta])* $Name:ident = $form:ident $ranked:literal),* $(,)?) => { $(
        row! {
            $(#[$d])*
            pub struct $Name { terms: Segment }
        }
        impl Component for $Name {
            type Spec = SegmentSetup;
            type State = SegmentState;
            const STAGES: u16 = 1 << stage::OPERATE;

            #[inline(always)]
            fn opens() -> Columns {
                written!(ops.demand, ops.organic, ops.floored)
            }
            #[inline(always)]
            fn writes(_: u8) -> Columns {
                let always = written!(ops.demand, ops.organic, ops.clamps);
                if $ranked { always.and(written!(ops.contracted)) } else { always }
            }
            fn terms(spec: &SegmentSetup, inputs: &Inputs<'_>) -> Self {
                $Name { terms: Segment::new(spec, inputs) }
            }
            #[inline(always)]
            fn opening(&self, lane: &mut Lane) -> SegmentState {
                self.terms.begin(lane)
            }
            #[inline(always)]
            fn step<const S: u8>(&self, _: &Now, own: &mut SegmentState, lane: &mut Lane) {
                self.terms.advance(Saturation::$form, $ranked, own, lane);
            }
        }
    )* };
}
segments! {
    /// A segment without a ceiling.
    FreeSegment = None false,
    /// A segment that follows the logistic law.
    LogisticSegment = Logistic false,
    /// A segment that follows the Gompertz law.
    GompertzSegment = Gompertz false,
    /// A segment that spreads by diffusion.
    BassSegment = Bass false,
    /// A segment without a ceiling, with ranked customers.
    RankedFreeSegment = None true,
    /// A segment that follows the logistic law, with ranked customers.
    RankedLogisticSegment = Logistic true,
    /// A segment that follows the Gompertz law, with ranked customers.
    RankedGompertzSegment = Gompertz true,
    /// A segment that spreads by diffusion, with ranked customers.
    RankedBassSegment = Bass true,
}
