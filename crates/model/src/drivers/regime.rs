//! Boom and winter: a two-state Markov chain, the main source of joint failure.
//!
//! In winter demand, the price of equity, its window, credit and the resale value of accelerators fall together; each
//! driver implements its own effect. With `winters: apart` equity, credit, compute and demand each have their own
//! regime with the same probabilities: only the coincidence is removed.

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::select;
use crate::language::quantity::{Inputs, Quantity};
use crate::{choice, row, spec, written};

choice! {
    /// A state of the regime.
    pub enum Season {
        /// Money and demand are plentiful.
        Boom = "boom",
        /// Demand shrinks, rounds fail, credit is expensive.
        Winter = "winter",
    }
}

choice! {
    /// What a winter affects.
    pub enum Winters {
        /// All markets at once.
        Together = "together",
        /// Equity, credit, compute and demand, each at its own times.
        Apart = "apart",
    }
}

spec! {
    /// A two-state regime.
    pub struct RegimeSpec {
        /// State before the first month.
        pub start: Season = "boom",
        /// Whether winter affects equity, credit, compute and demand at once.
        pub winters: Winters = "together",
        /// Timing and effects of winter.
        pub winter: WinterSpec,
    }
    /// Timing and effects of winter.
    pub struct WinterSpec {
        /// Monthly probability that boom turns to winter.
        pub enters: Quantity [Hazard],
        /// Monthly probability that winter ends.
        pub leaves: Quantity [Hazard],
        /// Drag on log growth of demand in a sustained winter.
        pub growth: Quantity [Growth] = "0%/mo",
        /// Half-life of the approach to that drag.
        pub half_life: Quantity [Time] = "4 mo",
        /// Factor on the equity multiple.
        pub multiple: Quantity [Multiple] = "1x",
        /// Monthly probability that the equity window is open.
        pub window_open: Option<Quantity> [Share],
        /// Widening of credit spreads.
        pub spread: Quantity [Rate] = "0 bp",
        /// Jump of the resale value of accelerators when winter begins.
        pub resale: Quantity [Share -1.0..1.0] = "0%",
        /// Factor on the spot price (power bought for the month).
        pub compute_price: Quantity [Multiple] = "1x",
    }
}

row! {
    /// Monthly probabilities and the opening state.
    pub struct Regime { enters: f64, leaves: f64, start: f64 }
    /// Empty: the state is in `Market`.
    pub struct RegimeState {}
    /// A regime that applies only to the drivers after it; `told` is 1 if its winters are reported as events.
    pub struct ApartRegime { of: Regime, told: f64 }
    /// Its own state.
    pub struct ApartState { winter: f64 }
}

impl Regime {
    fn new(spec: &RegimeSpec, inputs: &Inputs<'_>) -> Regime {
        Regime {
            enters: spec.winter.enters.at(inputs),
            leaves: spec.winter.leaves.at(inputs),
            start: f64::from(u8::from(spec.start == Season::Winter)),
        }
    }
    /// Sets the state of a month that follows a winter (`was` = 1) or boom (0) month, by the uniform `u`.
    #[inline(always)]
    fn turn(&self, was: f64, u: f64, lane: &mut Lane) {
        let change = u < select(was > 0.0, self.leaves, self.enters);
        lane.market.winter = select(change, 1.0 - was, was);
        lane.market.entered = select(change & (was == 0.0), 1.0, 0.0);
    }
}

impl Component for Regime {
    type Spec = RegimeSpec;
    type State = RegimeState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.winter)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.winter, market.entered, events)
    }
    fn uniforms(_: &RegimeSpec) -> Vec<String> {
        vec!["regime".into()]
    }
    fn terms(spec: &RegimeSpec, inputs: &Inputs<'_>) -> Self {
        Regime::new(spec, inputs)
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> RegimeState {
        lane.market.winter = self.start;
        RegimeState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut RegimeState, lane: &mut Lane) {
        self.turn(lane.market.winter, now.uniform[0], lane);
        lane.events |= select(lane.market.entered > 0.0, event::WINTER, 0);
    }
}

/// A separate regime for the drivers up to the next regime in the list. The last is that of demand: instruments see it,
/// and its winters are the ones reported as events.
#[derive(Clone, Debug)]
pub struct ApartRegimeSpec {
    /// Probabilities and opening state.
    pub regime: RegimeSpec,
    /// The random stream of its transitions; that of demand is [`ApartRegimeSpec::DEMAND`].
    pub stream: &'static str,
}

impl ApartRegimeSpec {
    /// The stream of a common regime: demand's winters are those that all markets would have together.
    pub const DEMAND: &str = "regime";
}

impl Component for ApartRegime {
    type Spec = ApartRegimeSpec;
    type State = ApartState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.winter)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.winter, market.entered, events)
    }
    fn uniforms(spec: &ApartRegimeSpec) -> Vec<String> {
        vec![spec.stream.into()]
    }
    fn terms(spec: &ApartRegimeSpec, inputs: &Inputs<'_>) -> Self {
        let told = f64::from(u8::from(spec.stream == ApartRegimeSpec::DEMAND));
        ApartRegime { of: Regime::new(&spec.regime, inputs), told }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> ApartState {
        lane.market.winter = self.of.start;
        ApartState { winter: self.of.start }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut ApartState, lane: &mut Lane) {
        self.of.turn(own.winter, now.uniform[0], lane);
        own.winter = lane.market.winter;
        lane.events |= select(lane.market.entered * self.told > 0.0, event::WINTER, 0);
    }
}
