//! A part with its columns.

use super::{Tape, Terms, past_at};
use crate::columns::{Col, Field, LANES, columns};
use crate::level::{Kernel, Level};
use crate::objects::PartSlot;
use crate::part::{Lane, Now, Part, stage};
use crate::room::{LAGS, TAPE};
use crate::shocks::Noise;

/// A part with its columns.
#[derive(Debug)]
pub struct PartBlock<'p, P: Part> {
    spec: &'p P::Spec,
    terms: Terms<P>,
    own: Box<[Col]>,
    normals: Vec<usize>,
    uniforms: Vec<usize>,
    tape: Tape,
}

static NOTHING: Col = Col::ZERO;

impl<'p, P: Part> PartBlock<'p, P> {
    /// Columns; `normals` and `uniforms` are the places of the part's shocks among the plan's.
    pub fn new(spec: &'p P::Spec, medians: &[f64], months: usize, normals: Vec<usize>, uniforms: Vec<usize>) -> Self {
        assert!(normals.len() <= 2 && uniforms.len() <= 2, "a part has at most two normals and two uniforms");
        PartBlock {
            spec,
            terms: Terms::new(medians, |inputs| P::terms(spec, inputs)),
            own: columns(P::State::WIDTH),
            normals,
            uniforms,
            tape: Tape::new(P::TAPED, P::lags(spec), months),
        }
    }

    /// One stage of month `t` for the whole block.
    #[inline(never)]
    fn stage<const S: u8>(&mut self, level: Level, t: usize, ahead: f64, noise: Noise<'_>, board: &mut [Col]) {
        if const { P::STAGES & (1 << S) != 0 } {
            let normal = |k: usize| self.normals.get(k).map_or(&NOTHING, |&at| noise.normal(at));
            let uniform = |k: usize| self.uniforms.get(k).map_or(&NOTHING, |&at| noise.uniform(at));
            level.run(PartSweep::<P, S> {
                terms: &self.terms,
                around: PartAround {
                    t: t as f64,
                    ahead,
                    normal: [normal(0), normal(1)],
                    uniform: [uniform(0), uniform(1)],
                    past: self.tape.past(t),
                },
                own: &mut self.own,
                board,
            });
        }
    }
}

impl<P: Part> PartSlot for PartBlock<'_, P> {
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
            _ => self.stage::<{ stage::MARK }>(level, t, ahead, noise, board),
        }
    }
    #[inline(never)]
    fn short(&self, level: Level, board: &mut [Col], at: usize) {
        if const { P::STAGES & (1 << stage::SHORT) != 0 } {
            level.run(ShortSweep::<P> { terms: &self.terms, own: &self.own, board, at });
        }
    }
    fn tape(&mut self, t: usize) {
        self.tape.write(t, &self.own);
    }
    fn own(&self) -> &[Col] {
        &self.own
    }
}

struct Opening<'a, P: Part> {
    terms: &'a Terms<P>,
    own: &'a mut [Col],
    board: &'a mut [Col],
}

impl<P: Part> Kernel for Opening<'_, P> {
    #[inline(always)]
    fn run(self) {
        if let Some(part) = &self.terms.same {
            open_lanes::<P, false>(part, &[], self.own, self.board);
        } else {
            open_lanes::<P, true>(&P::default(), &self.terms.drawn, self.own, self.board);
        }
    }
}

/// The lanes of a part's opening, as [`part_lanes`].
#[inline(always)]
fn open_lanes<P: Part, const DRAWN: bool>(same: &P, drawn: &[Col], own: &mut [Col], board: &mut [Col]) {
    let (same, own, board) = (*same, &mut own[..P::State::WIDTH], &mut board[..Lane::WIDTH]);
    let drawn = if DRAWN { &drawn[..P::WIDTH] } else { &[] };
    for i in 0..LANES {
        let part = if DRAWN { P::load(drawn, i) } else { same };
        let mut lane = Lane::load(board, i);
        part.opening(&mut lane).store(own, i);
        lane.store_some(P::opens(), 0, board, i);
    }
}

struct PartSweep<'a, P: Part, const S: u8> {
    terms: &'a Terms<P>,
    around: PartAround<'a>,
    own: &'a mut [Col],
    board: &'a mut [Col],
}

/// What a part's sweep only reads.
struct PartAround<'a> {
    t: f64,
    ahead: f64,
    normal: [&'a Col; 2],
    uniform: [&'a Col; 2],
    past: [&'a [Col; TAPE]; LAGS],
}

impl<P: Part, const S: u8> Kernel for PartSweep<'_, P, S> {
    #[inline(always)]
    fn run(self) {
        if let Some(part) = &self.terms.same {
            part_lanes::<P, S, false>(part, &[], &self.around, self.own, self.board);
        } else {
            part_lanes::<P, S, true>(&P::default(), &self.terms.drawn, &self.around, self.own, self.board);
        }
    }
}

/// The lanes of a part's sweep; what is written comes as arguments of its own, as in [`room_lanes`].
#[inline(always)]
fn part_lanes<P: Part, const S: u8, const DRAWN: bool>(
    same: &P,
    drawn: &[Col],
    around: &PartAround<'_>,
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
            past: if P::TAPED > 0 { past_at(around.past, i) } else { [[0.0; TAPE]; LAGS] },
        };
        let mut lane = Lane::load(board, i);
        let mut row = P::State::load(own, i);
        let part = if DRAWN { P::load(drawn, i) } else { same };
        part.step::<S>(&now, &mut row, &mut lane);
        row.store(own, i);
        lane.store_some(P::writes(S), 0, board, i);
    }
}

/// Lanes that are passed over together where a stage concerns few.
pub const STRETCH: usize = 16;

struct ShortSweep<'a, P: Part> {
    terms: &'a Terms<P>,
    own: &'a [Col],
    board: &'a mut [Col],
    at: usize,
}

impl<P: Part> Kernel for ShortSweep<'_, P> {
    /// The lanes of the stretch; those that pay all are left as they are.
    #[inline(always)]
    fn run(self) {
        let (own, board) = (&self.own[..P::State::WIDTH], &mut self.board[..Lane::WIDTH]);
        // So written, the compiler knows that no lane is beyond the last.
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
