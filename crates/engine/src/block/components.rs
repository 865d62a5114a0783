//! Components bound to their columns.

use super::{History, Terms, past_at};
use crate::columns::{Col, Field, LANES, columns};
use crate::component::{Component, Lane, Now, stage};
use crate::instrument::{HISTORY, LAGS};
use crate::level::{Kernel, Level};
use crate::objects::BlockComponent;
use crate::shocks::Noise;

/// A component bound to its columns.
#[derive(Debug)]
pub struct BoundComponentBlock<'p, P: Component> {
    spec: &'p P::Spec,
    terms: Terms<P>,
    own: Box<[Col]>,
    normals: Vec<usize>,
    uniforms: Vec<usize>,
    history: History,
}

static NOTHING: Col = Col::ZERO;

impl<'p, P: Component> BoundComponentBlock<'p, P> {
    /// Allocates the columns; `normals` and `uniforms` are the indices of the component's shocks in the plan.
    pub fn new(spec: &'p P::Spec, medians: &[f64], months: usize, normals: Vec<usize>, uniforms: Vec<usize>) -> Self {
        assert!(normals.len() <= 2 && uniforms.len() <= 2, "a component has at most two normals and two uniforms");
        BoundComponentBlock {
            spec,
            terms: Terms::new(medians, |inputs| P::terms(spec, inputs)),
            own: columns(P::State::WIDTH),
            normals,
            uniforms,
            history: History::new(P::REMEMBERED, P::lags(spec), months),
        }
    }

    /// One stage of month `t` for the whole block.
    #[inline(never)]
    fn stage<const S: u8>(&mut self, level: Level, t: usize, ahead: f64, noise: Noise<'_>, board: &mut [Col]) {
        if const { P::STAGES & (1 << S) != 0 } {
            let normal = |k: usize| self.normals.get(k).map_or(&NOTHING, |&at| noise.normal(at));
            let uniform = |k: usize| self.uniforms.get(k).map_or(&NOTHING, |&at| noise.uniform(at));
            level.run(ComponentSweep::<P, S> {
                terms: &self.terms,
                around: ComponentAround {
                    t: t as f64,
                    ahead,
                    normal: [normal(0), normal(1)],
                    uniform: [uniform(0), uniform(1)],
                    past: self.history.past(t),
                },
                own: &mut self.own,
                board,
            });
        }
    }
}

impl<P: Component> BlockComponent for BoundComponentBlock<'_, P> {
    fn begin(&mut self, level: Level, draws: &[Vec<f64>], board: &mut [Col]) {
        let spec = self.spec;
        self.terms.draw(draws, |inputs| P::terms(spec, inputs));
        level.run(Opening { terms: &self.terms, own: &mut self.own, board });
    }
    fn sweep(&mut self, stage: u8, level: Level, t: usize, ahead: f64, noise: Noise<'_>, board: &mut [Col]) {
        match stage {
            stage::DRIVE => self.stage::<{ stage::DRIVE }>(level, t, ahead, noise, board),
            stage::OPEN => self.stage::<{ stage::OPEN }>(level, t, ahead, noise, board),
            stage::OPERATE => self.stage::<{ stage::OPERATE }>(level, t, ahead, noise, board),
            stage::BILL => self.stage::<{ stage::BILL }>(level, t, ahead, noise, board),
            stage::PAY => self.stage::<{ stage::PAY }>(level, t, ahead, noise, board),
            stage::MARK => self.stage::<{ stage::MARK }>(level, t, ahead, noise, board),
            stage::VALUE => self.stage::<{ stage::VALUE }>(level, t, ahead, noise, board),
            stage::QUARTER => self.stage::<{ stage::QUARTER }>(level, t, ahead, noise, board),
            _ => self.stage::<{ stage::PRICE }>(level, t, ahead, noise, board),
        }
    }
    #[inline(never)]
    fn short(&self, level: Level, board: &mut [Col], at: usize) {
        if const { P::STAGES & (1 << stage::SHORT) != 0 } {
            level.run(ShortSweep::<P> { terms: &self.terms, own: &self.own, board, at });
        }
    }
    fn history(&mut self, t: usize) {
        self.history.write(t, &self.own);
    }
    fn own(&self) -> &[Col] {
        &self.own
    }
}

struct Opening<'a, P: Component> {
    terms: &'a Terms<P>,
    own: &'a mut [Col],
    board: &'a mut [Col],
}

impl<P: Component> Kernel for Opening<'_, P> {
    #[inline(always)]
    fn run(self) {
        if let Some(component) = &self.terms.same {
            open_lanes::<P, false>(component, &[], self.own, self.board);
        } else {
            open_lanes::<P, true>(&P::default(), &self.terms.drawn, self.own, self.board);
        }
    }
}

/// The loop over lanes of a component's opening, as [`component_lanes`].
#[inline(always)]
fn open_lanes<P: Component, const DRAWN: bool>(same: &P, drawn: &[Col], own: &mut [Col], board: &mut [Col]) {
    let (same, own, board) = (*same, &mut own[..P::State::WIDTH], &mut board[..Lane::WIDTH]);
    let drawn = if DRAWN { &drawn[..P::WIDTH] } else { &[] };
    for i in 0..LANES {
        let component = if DRAWN { P::load(drawn, i) } else { same };
        let mut lane = Lane::load(board, i);
        component.opening(&mut lane).store(own, i);
        lane.store_some(P::opens(), 0, board, i);
    }
}

struct ComponentSweep<'a, P: Component, const S: u8> {
    terms: &'a Terms<P>,
    around: ComponentAround<'a>,
    own: &'a mut [Col],
    board: &'a mut [Col],
}

/// The read-only arguments of a component's sweep.
struct ComponentAround<'a> {
    t: f64,
    ahead: f64,
    normal: [&'a Col; 2],
    uniform: [&'a Col; 2],
    past: [&'a [Col; HISTORY]; LAGS],
}

impl<P: Component, const S: u8> Kernel for ComponentSweep<'_, P, S> {
    #[inline(always)]
    fn run(self) {
        if let Some(component) = &self.terms.same {
            component_lanes::<P, S, false>(component, &[], &self.around, self.own, self.board);
        } else {
            component_lanes::<P, S, true>(&P::default(), &self.terms.drawn, &self.around, self.own, self.board);
        }
    }
}

/// The loop over lanes of a component's sweep; columns that are written are separate arguments, as in
/// [`instrument_lanes`].
#[inline(always)]
fn component_lanes<P: Component, const S: u8, const DRAWN: bool>(
    same: &P,
    drawn: &[Col],
    around: &ComponentAround<'_>,
    own: &mut [Col],
    board: &mut [Col],
) {
    let (same, own, board) = (*same, &mut own[..P::State::WIDTH], &mut board[..Lane::WIDTH]);
    let drawn = if DRAWN { &drawn[..P::WIDTH] } else { &[] };
    for i in 0..LANES {
        let now = Now {
            t: around.t,
            ahead: around.ahead,
            normal: [around.normal[0].0[i], around.normal[1].0[i]],
            uniform: [around.uniform[0].0[i], around.uniform[1].0[i]],
            past: if P::REMEMBERED > 0 { past_at(around.past, i) } else { [[0.0; HISTORY]; LAGS] },
        };
        let mut lane = Lane::load(board, i);
        let mut row = P::State::load(own, i);
        let component = if DRAWN { P::load(drawn, i) } else { same };
        component.step::<S>(&now, &mut row, &mut lane);
        row.store(own, i);
        lane.store_some(P::writes(S), 0, board, i);
    }
}

/// Number of lanes that are skipped together in a stage that concerns few lanes.
pub const STRETCH: usize = 16;

struct ShortSweep<'a, P: Component> {
    terms: &'a Terms<P>,
    own: &'a [Col],
    board: &'a mut [Col],
    at: usize,
}

impl<P: Component> Kernel for ShortSweep<'_, P> {
    /// The lanes of the stretch; those that pay in full are left unchanged.
    #[inline(always)]
    fn run(self) {
        let (own, board) = (&self.own[..P::State::WIDTH], &mut self.board[..Lane::WIDTH]);
        // Written this way, so that the compiler knows that no lane is beyond the last.
        let first = self.at & (LANES - STRETCH);
        for i in first..first + STRETCH {
            let was = Lane::load(board, i);
            let (mut lane, mut row) = (was, P::State::load(own, i));
            self.terms.at(i).step::<{ stage::SHORT }>(&Now::default(), &mut row, &mut lane);
            if was.ops.unpaid == 0.0 {
                lane = was;
            }
            lane.store_some(P::writes(stage::SHORT), 0, board, i);
        }
    }
}
