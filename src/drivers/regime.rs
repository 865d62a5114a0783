//! Boom and winter: a two-state Markov chain, the main source of common failure.
//!
//! In winter demand, the price of equity, its window, credit and the resale of accelerators fall together; each driver
//! holds its own part of that (MODEL §2).

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::math::pick;
use crate::engine::part::{Lane, Now, Part, stage};
use crate::language::quantity::{Inputs, Quantity};
use crate::{choice, row, spec, written};

choice! {
    /// A state of the regime.
    pub enum Season {
        /// Money and demand come easily.
        Boom = "boom",
        /// Demand shrinks, rounds fail, credit is dear.
        Winter = "winter",
    }
}

spec! {
    /// A two-state regime.
    pub struct RegimeSpec {
        /// State before the first month.
        pub start: Season = "boom",
        /// What winter is.
        pub winter: WinterSpec,
    }
    /// What winter is and does.
    pub struct WinterSpec {
        /// Probability a month that boom turns to winter.
        pub enters: Quantity [Hazard],
        /// Probability a month that winter ends.
        pub leaves: Quantity [Hazard],
        /// Pull on log growth of demand once winter has set in.
        pub growth: Quantity [Growth] = "0%/mo",
        /// Half-life of the approach to that pull.
        pub half_life: Quantity [Time] = "4 mo",
        /// Factor on the equity multiple.
        pub multiple: Quantity [Multiple] = "1x",
        /// Probability a month that the equity window is open.
        pub window_open: Option<Quantity> [Share],
        /// Rise of credit spreads.
        pub spread: Quantity [Rate] = "0 bp",
        /// Jump of the resale value of accelerators on entry.
        pub resale: Quantity [Share any] = "0%",
        /// Factor on the price of power bought for the month.
        pub compute_price: Quantity [Multiple] = "1x",
    }
}

row! {
    /// Monthly probabilities and the opening state.
    pub struct Regime { enters: f64, leaves: f64, start: f64 }
    /// Nothing: the state is the market's.
    pub struct RegimeState {}
}

impl Part for Regime {
    type Spec = RegimeSpec;
    type State = RegimeState;
    const STAGES: u8 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market, events)
    }
    fn uniforms(_: &RegimeSpec) -> Vec<String> {
        vec!["regime".into()]
    }
    fn terms(spec: &RegimeSpec, inputs: &Inputs<'_>) -> Self {
        Regime {
            enters: spec.winter.enters.at(inputs),
            leaves: spec.winter.leaves.at(inputs),
            start: f64::from(u8::from(spec.start == Season::Winter)),
        }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> RegimeState {
        lane.market.winter = self.start;
        RegimeState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut RegimeState, lane: &mut Lane) {
        let m = &mut lane.market;
        let was = m.winter;
        let change = now.uniform[0] < pick(was > 0.0, self.leaves, self.enters);
        m.winter = pick(change, 1.0 - was, was);
        m.entered = pick(change & (was == 0.0), 1.0, 0.0);
        lane.events |= pick(m.entered > 0.0, event::WINTER, 0);
    }
}
