//! SOFR and credit spreads, mean-reverting; the spread rises in winter.

use crate::drivers::{Reversion, WorldSpec};
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::exp;
use crate::language::quantity::{Inputs, Quantity};
use crate::{row, spec, written};

spec! {
    /// Secured overnight financing rate: normal and mean-reverting, so it may be negative.
    pub struct SofrSpec {
        /// Rate before the first month.
        pub start: Quantity [Rate -0.1..1.0],
        /// Long-run mean.
        pub long_run: Quantity [Rate -0.1..1.0],
        /// Half-life of mean reversion.
        pub half_life: Quantity [Time] = "18 mo",
        /// Instantaneous volatility, in percentage points.
        pub volatility: Quantity [Volatility 0.0..0.06] = "0%/yr",
    }
    /// Credit spread of new borrowing over SOFR, lognormal around a level that rises in winter.
    pub struct CreditSpreadSpec {
        /// Level in boom.
        pub level: Quantity [Rate],
        /// Half-life of mean reversion.
        pub half_life: Quantity [Time] = "6 mo",
        /// Instantaneous volatility of the log spread.
        pub volatility: Quantity [Volatility] = "0%/yr",
    }
}

row! {
    /// Terms of SOFR.
    pub struct Sofr { start: f64, long_run: f64, a: f64, s: f64 }
    /// Empty: the state is in `Market`.
    pub struct SofrState {}
    /// Terms of the spread: level, and shift of the mean of its logarithm in winter.
    pub struct CreditSpread { level: f64, shift: f64, a: f64, s: f64 }
    /// Logarithm of the spread over its level.
    pub struct CreditSpreadState { z: f64 }
}

impl Component for Sofr {
    type Spec = SofrSpec;
    type State = SofrState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.sofr)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.sofr)
    }
    fn normals(spec: &SofrSpec) -> Vec<String> {
        if spec.volatility.known() == Some(0.0) { Vec::new() } else { vec!["sofr".into()] }
    }
    fn terms(spec: &SofrSpec, inputs: &Inputs<'_>) -> Self {
        let r = Reversion::of(&spec.half_life, &spec.volatility, inputs);
        Sofr { start: spec.start.at(inputs), long_run: spec.long_run.at(inputs), a: r.a, s: r.s }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> SofrState {
        lane.market.sofr = self.start;
        SofrState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut SofrState, lane: &mut Lane) {
        lane.market.sofr = self.long_run + self.a * (lane.market.sofr - self.long_run) + self.s * now.normal[0];
    }
}

impl Component for CreditSpread {
    type Spec = WorldSpec;
    type State = CreditSpreadState;
    const STAGES: u16 = 1 << stage::DRIVE;

    #[inline(always)]
    fn opens() -> Columns {
        written!(market.spread)
    }
    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(market.spread)
    }
    fn normals(spec: &WorldSpec) -> Vec<String> {
        match &spec.credit_spread {
            Some(s) if s.volatility.known() != Some(0.0) => vec!["credit_spread".into()],
            _ => Vec::new(),
        }
    }
    fn terms(spec: &WorldSpec, inputs: &Inputs<'_>) -> Self {
        let Some(s) = &spec.credit_spread else { return CreditSpread { a: 1.0, ..Default::default() } };
        let r = Reversion::of(&s.half_life, &s.volatility, inputs);
        let level = s.level.at(inputs).max(1e-6);
        let rise = spec.regime.as_ref().map_or(0.0, |m| m.winter.spread.at(inputs));
        CreditSpread { level, shift: libm::log(((level + rise) / level).max(1e-3)), a: r.a, s: r.s }
    }
    #[inline(always)]
    fn opening(&self, lane: &mut Lane) -> CreditSpreadState {
        lane.market.spread = 0.0;
        CreditSpreadState { z: self.shift * lane.market.winter }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut CreditSpreadState, lane: &mut Lane) {
        let mean = self.shift * lane.market.winter;
        own.z = mean + self.a * (own.z - mean) + self.s * now.normal[0];
        lane.market.spread = self.level * (exp(own.z) - 1.0);
    }
}
