//! The order of a month, on one screen, for a block of 256 paths.

use crate::column;
use crate::engine::columns::{Col, Field, LANES, columns};
use crate::engine::level::Level;
use crate::engine::part::{Lane, stage};
use crate::engine::room::{CLOSE, FUND, OPEN, REVIEW, SETTLE};
use crate::engine::shocks::NoiseBlock;
use crate::instruments::Slot;
use crate::parts::PartSlot;
use crate::plan::Plan;

/// All that one thread needs for its blocks; made once, reused for every block.
#[derive(Debug)]
pub struct Worker<'p> {
    plan: &'p Plan,
    level: Level,
    /// One [`Lane`] as columns.
    pub board: Box<[Col]>,
    noise: NoiseBlock<'p>,
    parts: Vec<PartSlot<'p>>,
    /// The rooms in order.
    pub rooms: Vec<Slot<'p>>,
    /// Events by month.
    events: Vec<Col>,
    /// Inputs of each lane.
    pub draws: Vec<Vec<f64>>,
}

impl<'p> Worker<'p> {
    /// Columns for a plan.
    pub fn new(plan: &'p Plan, level: Level) -> Self {
        let medians = &plan.medians;
        let parts = plan
            .parts
            .iter()
            .map(|p| p.spec.slot(medians, plan.months, p.normals.clone(), p.uniforms.clone()))
            .collect();
        let rooms = plan.rooms.iter().map(|r| r.spec.slot(r.stream, medians, plan.months, r.keeps_flows)).collect();
        Worker {
            plan,
            level,
            board: columns(Lane::WIDTH),
            noise: NoiseBlock::new(&plan.shocks),
            parts,
            rooms,
            events: vec![Col::ZERO; plan.months],
            draws: vec![vec![0.0; plan.draws.len()]; LANES],
        }
    }

    /// Runs the block of paths that begins with `first`; `each_month` sees the board after each month.
    pub fn block(&mut self, first: u64, mut each_month: impl FnMut(&Worker<'p>, usize)) {
        self.begin(first);
        for t in 1..=self.plan.months {
            self.month(first, t);
            each_month(self, t);
        }
    }

    /// Draws the inputs of the block that begins with `first`, and the terms and opening values that follow from them.
    pub fn begin(&mut self, first: u64) {
        self.plan.draws.draw_block(self.level, self.plan.seed, first, &mut self.draws);
        self.board.fill(Col::ZERO);
        for part in &mut self.parts {
            part.begin(self.level, &self.draws, &mut self.board);
        }
        for room in &mut self.rooms {
            room.begin(self.level, &self.draws);
        }
    }

    fn month(&mut self, first: u64, t: usize) {
        self.clear();
        self.noise.begin(self.level, first, t);
        self.parts::<{ stage::DRIVE }>(t);
        self.parts::<{ stage::OPEN }>(t);
        self.rooms::<OPEN>(first, t);
        self.parts::<{ stage::OPERATE }>(t);
        self.rooms::<SETTLE>(first, t);
        self.parts::<{ stage::BILL }>(t);
        self.rooms::<FUND>(first, t);
        self.parts::<{ stage::PAY }>(t);
        self.rooms::<CLOSE>(first, t);
        self.parts::<{ stage::MARK }>(t);
        self.rooms::<REVIEW>(first, t);
        self.tape(t);
    }

    /// What a later month may ask of this one.
    fn tape(&mut self, t: usize) {
        self.parts.iter_mut().for_each(|part| part.tape(t));
        self.rooms.iter_mut().for_each(|room| room.tape(t));
        self.events[t - 1] = self.board[column!(events)];
    }

    /// Events of month `t` (1 for the first) of a lane of the newest block.
    pub fn events(&self, t: usize, lane: usize) -> u64 {
        self.events[t - 1].0[lane].to_bits()
    }

    /// A new month's books: nothing on any line, nothing left, no events.
    fn clear(&mut self) {
        let from = Lane::WIDTH - crate::engine::books::Lines::WIDTH - 3;
        self.board[from..].fill(Col::ZERO);
    }

    fn parts<const S: u8>(&mut self, t: usize) {
        let noise = self.noise.month(t);
        for part in &mut self.parts {
            part.sweep::<S>(self.level, t, self.plan.ahead(t), noise, &mut self.board);
        }
    }

    fn rooms<const P: u8>(&mut self, first: u64, t: usize) {
        for room in &mut self.rooms {
            room.sweep::<P>(self.level, first, t, self.plan.ahead(t), &mut self.board);
        }
    }
}

/// The inputs of one path.
pub fn inputs_of(plan: &Plan, path: u64) -> Vec<f64> {
    let mut values = vec![0.0; plan.draws.len()];
    plan.draws.draw(plan.seed, path, &mut values);
    values
}
