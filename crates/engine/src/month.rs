//! The months of a block of 256 paths; the order of steps in a month is given in [`schedule`](crate::schedule).

use crate::block::STRETCH;
use crate::books::event;
use crate::column;
use crate::columns::{Col, Field, LANES, columns};
use crate::component::Lane;
use crate::draws::Inputs;
use crate::instrument::{REVIEW, View, YEARS};
use crate::level::{Kernel, Level};
use crate::lineage::Lineage;
use crate::objects::{BlockComponent, BlockInstrument, ScalarInstrument};
use crate::plan::Plan;
use crate::resolution::{Resolver, resolve};
use crate::schedule::Schedule;
use crate::shocks::NoiseBlock;
use crate::streams::Paths;

/// Whose noise the lanes of a block have.
#[derive(Debug)]
enum NoiseOf {
    /// That of this path of the streams of the months and those after it.
    From(u64),
    /// That of lineages, and of these paths in the month.
    Lineages(Vec<Lineage>, Box<[u64; LANES]>),
}

impl NoiseOf {
    /// The paths of the month.
    fn paths(&self) -> Paths<'_> {
        match self {
            NoiseOf::From(first) => Paths::From(*first),
            NoiseOf::Lineages(_, now) => Paths::Each(now),
        }
    }
}

/// Everything that one thread needs for its blocks; created once and reused for every block.
#[derive(Debug)]
pub struct Worker<'p> {
    plan: &'p Plan,
    level: Level,
    /// Whose noise the lanes of the newest block have.
    noise_of: NoiseOf,
    /// One [`Lane`] as columns.
    pub board: Box<[Col]>,
    noise: NoiseBlock<'p>,
    components: Vec<Box<dyn BlockComponent + 'p>>,
    /// The instruments in order.
    pub instruments: Vec<Box<dyn BlockInstrument + 'p>>,
    /// Events by month.
    events: Vec<Col>,
    /// The rules of failure, if they are the same on every path.
    fixed: Option<Box<dyn Resolver>>,
    /// Inputs of each lane.
    pub draws: Vec<Vec<f64>>,
}

impl<'p> Worker<'p> {
    /// Allocates the columns for a plan.
    pub fn new(plan: &'p Plan, level: Level) -> Self {
        let medians = &plan.medians;
        let components = plan
            .components
            .iter()
            .map(|p| p.spec.block(medians, plan.months, p.normals.clone(), p.uniforms.clone()))
            .collect();
        let instruments = plan.instruments.iter().map(|r| r.spec.block(r, medians, plan.months)).collect();
        Worker {
            plan,
            level,
            noise_of: NoiseOf::From(0),
            board: columns(Lane::WIDTH),
            noise: NoiseBlock::new(&plan.shocks),
            components,
            instruments,
            events: vec![Col::ZERO; plan.months],
            fixed: {
                let probe = Inputs::new(medians);
                let terms = plan.insolvency.rules(&probe);
                (!probe.was_read()).then_some(terms)
            },
            draws: vec![vec![0.0; plan.draws.len()]; LANES],
        }
    }

    /// Runs the block of paths that begins with `first`; `each_month` is called after each month with the worker and
    /// the month, 1 for the first.
    pub fn block(&mut self, first: u64, mut each_month: impl FnMut(&Worker<'p>, usize)) {
        self.begin(first);
        for t in 1..=self.plan.months {
            self.month(t);
            each_month(self, t);
        }
    }

    /// Runs lineages, one for each lane: at most [`LANES`], the last of which fills the block.
    ///
    /// # Panics
    /// If there are none, or too many.
    pub fn lineages(&mut self, lineages: &[Lineage], mut each_month: impl FnMut(&Worker<'p>, usize)) {
        let last = lineages.last().expect("a block has at least one lineage");
        assert!(lineages.len() <= LANES, "a block has {LANES} lanes");
        let filled = (0..LANES).map(|lane| lineages.get(lane).unwrap_or(last).clone()).collect::<Vec<_>>();
        for (lineage, row) in filled.iter().zip(&mut self.draws) {
            self.plan.draws.draw(self.plan.seed, lineage.root(), row);
        }
        self.noise_of = NoiseOf::Lineages(filled, Box::new([0; LANES]));
        self.open();
        for t in 1..=self.plan.months {
            self.month(t);
            each_month(self, t);
        }
    }

    /// Draws the inputs of the block that begins with `first`, and the terms and opening values that follow from them.
    pub fn begin(&mut self, first: u64) {
        self.noise_of = NoiseOf::From(self.plan.noise_of(first));
        self.plan.draws.draw_block(self.level, self.plan.seed, first, &mut self.draws);
        self.open();
    }

    /// Terms and opening values from the inputs that were drawn.
    fn open(&mut self) {
        self.board.fill(Col::ZERO);
        for component in &mut self.components {
            component.begin(self.level, &self.draws, &mut self.board);
        }
        for instrument in &mut self.instruments {
            instrument.begin(self.level, &self.draws);
        }
    }

    /// Updates what instrument `k` sees of the lab's purchases from the supplier that it names.
    fn look_at_supplier(&mut self, k: usize) {
        for (which, columns) in self.plan.instruments[k].sales.iter().enumerate() {
            let mut sum = Col::ZERO;
            for &(instrument, column) in columns {
                for (sum, x) in sum.0.iter_mut().zip(&self.instruments[instrument].own()[column].0) {
                    *sum += x;
                }
            }
            self.instruments[k].supplier()[which] = sum;
        }
    }

    /// Events of month `t` (1 for the first) of a lane of the newest block.
    pub fn events(&self, t: usize, lane: usize) -> u64 {
        self.events[t - 1].0[lane].to_bits()
    }
}

impl Schedule for Worker<'_> {
    fn begin_month(&mut self, t: usize) {
        for &(from, to) in &self.plan.carried {
            self.board[to] = self.board[from];
        }
        (0..self.instruments.len()).for_each(|k| self.look_at_supplier(k));
        for &line in &self.plan.cleared {
            self.board[line].0.fill(0.0);
        }
        if let NoiseOf::Lineages(lineages, now) = &mut self.noise_of {
            for (path, lineage) in now.iter_mut().zip(lineages) {
                *path = self.plan.noise_of(lineage.at(t));
            }
        }
        self.noise.begin(self.level, self.noise_of.paths(), t);
    }
    fn components<const S: u8>(&mut self, t: usize) {
        let noise = self.noise.month(t);
        for component in &mut self.components {
            component.sweep(S, self.level, t, self.plan.ahead(t), noise, &mut self.board);
        }
    }
    fn instruments<const P: u8>(&mut self, t: usize) {
        for k in 0..self.instruments.len() {
            // Contracts come first in the list, so in `review` their values are this month's.
            if P == REVIEW {
                self.look_at_supplier(k);
            }
            let paths = self.noise_of.paths();
            self.instruments[k].sweep(P, self.level, paths, t, self.plan.ahead(t), &mut self.board);
        }
    }
    /// Skips stretches in which every lane has sufficient cash, which are most of them.
    fn short(&mut self, _: usize) {
        for at in (0..LANES).step_by(STRETCH) {
            let unpaid = &self.board[column!(ops.unpaid)].0[at..at + STRETCH];
            if unpaid.iter().any(|&x| x > 0.0) {
                for component in &self.components {
                    component.short(self.level, &mut self.board, at);
                }
            }
        }
    }
    /// Lane by lane; most blocks have no failure.
    fn resolve(&mut self, t: usize) {
        let mut any = false;
        self.level.run(Failed { events: &self.board[column!(events)], any: &mut any });
        if !any {
            return;
        }
        for i in 0..LANES {
            if self.board[column!(events)].0[i].to_bits() & event::FAILURES == 0 {
                continue;
            }
            let mut lane = Lane::load(&self.board, i);
            let mut instruments: Vec<Box<dyn ScalarInstrument>> =
                self.instruments.iter().map(|instrument| instrument.take(i)).collect();
            let drawn;
            let terms = if let Some(terms) = &self.fixed {
                terms
            } else {
                drawn = self.plan.insolvency.rules(&Inputs::new(&self.draws[i]));
                &drawn
            };
            let uniforms = self.plan.fate.uniform(self.noise_of.paths().of(i), t as u64 - 1);
            let ahead = self.plan.ahead(t);
            let resolved =
                resolve(terms.as_ref(), uniforms, &mut lane, &mut instruments, |lane| view_of(lane, t, ahead));
            lane.store(&mut self.board, i);
            for ((slot, one), books) in self.instruments.iter_mut().zip(&instruments).zip(&resolved.books) {
                slot.put(i, one.as_ref(), books);
            }
        }
    }
    fn obligations(&mut self, t: usize) {
        if self.plan.states_obligations(t) {
            let first = column!(accounts.firm_by_year);
            self.board[first..=first + YEARS].fill(Col::ZERO);
            for instrument in &self.instruments {
                instrument.obligations(self.level, t, &mut self.board);
            }
        }
    }
    fn is_quarter(&self, t: usize) -> bool {
        self.plan.is_quarter(t)
    }
    fn end_month(&mut self, t: usize) {
        self.components.iter_mut().for_each(|component| component.history(t));
        self.instruments.iter_mut().for_each(|instrument| instrument.history(t));
        self.events[t - 1] = self.board[column!(events)];
    }
}

/// The view of an instrument when a failure is resolved.
pub fn view_of(lane: &Lane, t: usize, ahead: f64) -> View {
    View { t: t as f64, ahead, lab: lane.lab, market: lane.market, events: lane.events, ..View::default() }
}

/// Whether a lab or a vehicle failed in any lane.
struct Failed<'a> {
    events: &'a Col,
    any: &'a mut bool,
}

impl Kernel for Failed<'_> {
    #[inline(always)]
    fn run(self) {
        let all = self.events.0.iter().fold(0, |all, x| all | x.to_bits());
        *self.any = all & event::FAILURES != 0;
    }
}

/// The inputs of one path.
pub fn inputs_of(plan: &Plan, path: u64) -> Vec<f64> {
    let mut values = vec![0.0; plan.draws.len()];
    plan.draws.draw(plan.seed, path, &mut values);
    values
}
