//! What a worker records: after each month a histogram, extremes and moments of every metric; at each year's end the
//! cash of the year by line; at the horizon one value of every end metric for each path.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::column;
use crate::engine::books::Kind;
use crate::engine::columns::{Col, LANES, columns};
use crate::engine::level::{Kernel, Level};
use crate::engine::math::max;
use crate::engine::month::Worker;
use crate::engine::run::CHUNK_BLOCKS;
use crate::lab::treasury::{NO_BURN, OPENING_SHARES, first_cause};
use crate::plan::Plan;
use crate::plan::metrics::{Metric, Source};
use crate::stats::histogram::{Grid, SLOTS, add, add4, keys};
use crate::stats::irr::{irr, irr_block};
use crate::stats::moments::{Extremes, Moments, of_block};

/// Counts and extremes of one column: a metric in a month, at the horizon, or a cash line in a year.
pub type Slots = [u32; SLOTS];

/// Extremes and events, which merge in any order.
#[derive(Debug)]
pub struct Counts {
    /// Extremes of each column: monthly metrics by month, end metrics, cash lines by year.
    pub extremes: Vec<Extremes>,
    /// Ruined paths by month (index 0 is month 1).
    pub ruined: Vec<u64>,
    /// Paths in default by month.
    pub defaulted: Vec<u64>,
    /// First causes of ruin.
    pub causes: Vec<u64>,
    /// Ruined paths without an adverse event in the twelve months before.
    pub no_cause: u64,
}

/// Sums of a chunk and, until it is folded, the values of its paths.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Moments of the same columns as the histograms.
    pub moments: Vec<Moments>,
    /// End metrics of each path, path by path.
    pub ends: Vec<f64>,
    /// Inputs of each path, path by path.
    pub inputs: Vec<f64>,
    /// First cause of ruin of each path.
    pub causes: Vec<Option<usize>>,
}

impl Chunk {
    /// Adds the sums of the chunk that follows.
    #[must_use]
    pub fn fold(mut self, next: &Chunk) -> Chunk {
        for (sum, more) in self.moments.iter_mut().zip(&next.moments) {
            *sum = sum.merge(*more);
        }
        self
    }
    /// The sums alone.
    #[must_use]
    pub fn without_paths(self) -> Chunk {
        Chunk { moments: self.moments, ends: Vec::new(), inputs: Vec::new(), causes: Vec::new() }
    }
}

/// Where the columns of a plan stand in [`Counts`] and [`Chunk`].
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Monthly metrics.
    pub monthly: usize,
    /// End metrics.
    pub at_end: usize,
    /// Cash lines: opening cash, closing cash, then the books' lines.
    pub cash: usize,
    /// Months.
    pub months: usize,
    /// Calendar years touched; none when no cash is recorded by year.
    pub years: usize,
}

impl Layout {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Layout {
        let last = plan.start.plus(plan.months as i32 - 1);
        Layout {
            monthly: plan.metrics.monthly.len(),
            at_end: plan.metrics.at_end.len(),
            cash: plan.metrics.cash.len() + 1,
            months: plan.months,
            years: if plan.metrics.cash.is_empty() { 0 } else { (last.year() - plan.start.year() + 1) as usize },
        }
    }
    /// A monthly metric in month `t` (1 for the first).
    pub fn month(&self, t: usize, metric: usize) -> usize {
        (t - 1) * self.monthly + metric
    }
    /// An end metric.
    pub fn end(&self, metric: usize) -> usize {
        self.months * self.monthly + metric
    }
    /// A cash line in a year (0 for the first).
    pub fn year(&self, year: usize, line: usize) -> usize {
        self.end(self.at_end) + year * self.cash + line
    }
    /// Columns in all.
    pub fn len(&self) -> usize {
        self.year(self.years, 0)
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The bins of a column.
    pub fn grid(&self, plan: &Plan, column: usize) -> Grid {
        if column < self.end(0) {
            plan.metrics.monthly[column % self.monthly].grid
        } else if column < self.year(0, 0) {
            plan.metrics.at_end[column - self.end(0)].grid
        } else {
            plan.metrics.cash_grid
        }
    }
}

impl Counts {
    fn new(layout: &Layout) -> Counts {
        Counts {
            extremes: vec![Extremes::default(); layout.len()],
            ruined: vec![0; layout.months],
            defaulted: vec![0; layout.months],
            causes: vec![0; crate::engine::books::event::CAUSES],
            no_cause: 0,
        }
    }

    /// Adds the counts of another worker.
    #[must_use]
    pub fn merge(mut self, other: &Counts) -> Counts {
        for (mine, theirs) in self.extremes.iter_mut().zip(&other.extremes) {
            *mine = mine.merge(*theirs);
        }
        let add = |into: &mut [u64], from: &[u64]| into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        add(&mut self.ruined, &other.ruined);
        add(&mut self.defaulted, &other.defaulted);
        add(&mut self.causes, &other.causes);
        self.no_cause += other.no_cause;
        self
    }
}

/// Columns of histograms that are counted under one lock.
const STRIPE: usize = 64;

/// The histograms of a run, counted into by all workers: memory does not grow with threads, nor is any of it merged.
/// Counts are whole numbers, so that the order in which workers come makes no difference.
#[derive(Debug)]
pub struct Histograms {
    stripes: Vec<Mutex<Vec<Slots>>>,
    turn: AtomicUsize,
}

impl Histograms {
    /// Empty ones for a plan.
    #[expect(clippy::large_stack_arrays, reason = "`vec!` of zeros is allocated as zeros and never on the stack")]
    pub fn new(plan: &Plan) -> Histograms {
        let columns = Layout::of(plan).len();
        let stripes = (0..columns).step_by(STRIPE).map(|at| Mutex::new(vec![[0; SLOTS]; STRIPE.min(columns - at)]));
        Histograms { stripes: stripes.collect(), turn: AtomicUsize::new(0) }
    }

    /// All columns in order.
    pub fn into_columns(self) -> Bins {
        let unlocked = |m: Mutex<Vec<Slots>>| m.into_inner().expect("no thread panics while counting");
        Bins { stripes: self.stripes.into_iter().map(unlocked).collect() }
    }
}

/// Histograms that are complete.
#[derive(Debug, PartialEq)]
pub struct Bins {
    stripes: Vec<Vec<Slots>>,
}

impl std::ops::Index<usize> for Bins {
    type Output = Slots;
    fn index(&self, column: usize) -> &Slots {
        &self.stripes[column / STRIPE][column % STRIPE]
    }
}

/// Records for one worker.
#[derive(Debug)]
pub struct Recorder<'p> {
    plan: &'p Plan,
    level: Level,
    layout: Layout,
    histograms: &'p Histograms,
    counts: Counts,
    keys: Keys,
    year_to_date: Box<[Col]>,
}

/// Histogram keys of some blocks, column by column. Counting them one column after the other keeps that column's bins
/// in the nearest cache; counting every block as it comes would miss it on nearly every value.
#[derive(Debug)]
struct Keys {
    by_column: Vec<[u16; LANES]>,
    /// Live lanes of the blocks held.
    lives: Vec<usize>,
    blocks: usize,
}

impl Keys {
    /// Memory that the keys of one worker may take.
    const BYTES: usize = 24 << 20;

    fn new(columns: usize) -> Keys {
        let blocks = (Keys::BYTES / (columns.max(1) * LANES * size_of::<u16>())).clamp(1, 64);
        Keys { by_column: vec![[0; LANES]; columns * blocks], lives: Vec::with_capacity(blocks), blocks }
    }
    /// Where the newest block's keys of a column go.
    fn slot(&mut self, column: usize) -> &mut [u16; LANES] {
        &mut self.by_column[column * self.blocks + self.lives.len() - 1]
    }
    fn full(&self) -> bool {
        self.lives.len() == self.blocks
    }
    /// Counts all that is held. Each time begins at another stripe, so that workers seldom wait for each other.
    fn flush(&mut self, histograms: &Histograms) {
        let stripes = histograms.stripes.len();
        let first = histograms.turn.fetch_add(stripes / 3 + 1, Ordering::Relaxed);
        for k in 0..stripes {
            let stripe = (first + k) % stripes;
            let mut bins = histograms.stripes[stripe].lock().expect("no thread panics while counting");
            self.count(&mut bins, &self.by_column[stripe * STRIPE * self.blocks..]);
        }
        self.lives.clear();
    }

    /// Counts the keys of some columns, four columns at a time.
    fn count(&self, bins: &mut [Slots], keys: &[[u16; LANES]]) {
        let fours = bins.len() / 4 * 4;
        let (full, rest) = bins.as_chunks_mut::<4>();
        for (columns, keys) in full.iter_mut().zip(keys.chunks_exact(4 * self.blocks)) {
            for (block, &live) in self.lives.iter().enumerate() {
                add4([0, 1, 2, 3].map(|k| &keys[k * self.blocks + block]), live, columns);
            }
        }
        for (column, keys) in rest.iter_mut().zip(keys[fours * self.blocks..].chunks_exact(self.blocks)) {
            for (keys, &live) in keys.iter().zip(&self.lives) {
                add(keys, live, column);
            }
        }
    }
}

/// Keys of one column of values; its extremes and its moments.
struct Take<'a> {
    values: &'a [f64; LANES],
    grid: Grid,
    live: usize,
    keys: &'a mut [u16; LANES],
    extremes: &'a mut Extremes,
    moments: &'a mut Moments,
}

impl Kernel for Take<'_> {
    #[inline(always)]
    fn run(self) {
        keys(self.values, self.grid, self.keys);
        let near = if self.moments.n > 0 { self.moments.mean } else { f64::NAN };
        let (moments, extremes) = of_block(self.values, self.live, near);
        *self.extremes = self.extremes.merge(extremes);
        *self.moments = self.moments.merge(moments);
    }
}

/// Adds the month's cash to the year's.
struct AddYear<'a> {
    lines: &'a [Col],
    year: &'a mut [Col],
}
impl Kernel for AddYear<'_> {
    #[inline(always)]
    fn run(self) {
        for (year, line) in self.year.iter_mut().zip(self.lines) {
            for i in 0..LANES {
                year.0[i] += line.0[i];
            }
        }
    }
}

impl<'p> Recorder<'p> {
    /// For a plan.
    pub fn new(plan: &'p Plan, level: Level, histograms: &'p Histograms) -> Self {
        let layout = Layout::of(plan);
        Recorder {
            plan,
            level,
            layout,
            histograms,
            counts: Counts::new(&layout),
            keys: Keys::new(layout.len()),
            year_to_date: columns(plan.metrics.cash.len()),
        }
    }

    /// What was counted besides the histograms, which are complete when all workers have come here.
    pub fn into_counts(mut self) -> Counts {
        self.keys.flush(self.histograms);
        self.counts
    }

    /// Runs the paths from `first` to before `last`, which lie in one chunk.
    pub fn chunk(&mut self, worker: &mut Worker<'p>, first: u64, last: u64) -> Chunk {
        let mut chunk = Chunk {
            moments: vec![Moments::default(); self.layout.len()],
            ends: Vec::new(),
            inputs: Vec::new(),
            causes: Vec::new(),
        };
        for block in 0..CHUNK_BLOCKS {
            let start = first + block * LANES as u64;
            if start < last {
                let live = (last - start).min(LANES as u64) as usize;
                if self.keys.full() {
                    self.keys.flush(self.histograms);
                }
                self.keys.lives.push(live);
                worker.block(start, |w, t| self.month(w, t, live, &mut chunk));
                self.finish(worker, live, &mut chunk);
            }
        }
        chunk
    }

    fn take(&mut self, column: usize, grid: Grid, live: usize, values: &[f64; LANES], chunk: &mut Chunk) {
        self.level.run(Take {
            values,
            grid,
            live,
            keys: self.keys.slot(column),
            extremes: &mut self.counts.extremes[column],
            moments: &mut chunk.moments[column],
        });
    }

    fn month(&mut self, worker: &Worker<'p>, t: usize, live: usize, chunk: &mut Chunk) {
        let plan = self.plan;
        for (k, metric) in plan.metrics.monthly.iter().enumerate() {
            self.one(worker, metric, self.layout.month(t, k), live, chunk);
        }
        if self.layout.years > 0 {
            self.cash(worker, t, live, chunk);
        }
    }

    fn one(&mut self, worker: &Worker<'p>, metric: &Metric, column: usize, live: usize, chunk: &mut Chunk) {
        match metric.source {
            Source::Board(at) => self.take(column, metric.grid, live, &worker.board[at].0, chunk),
            Source::Room(room, at) => self.take(column, metric.grid, live, &worker.rooms[room].own()[at].0, chunk),
            _ => {
                let mut values = Col::ZERO;
                derive(self.plan, worker, self.level, &metric.source, &mut values.0);
                self.take(column, metric.grid, live, &values.0, chunk);
            }
        }
    }

    fn cash(&mut self, worker: &Worker<'p>, t: usize, live: usize, chunk: &mut Chunk) {
        let plan = self.plan;
        let month = plan.start.plus(t as i32 - 1);
        if t == 1 {
            self.year_to_date.fill(Col::ZERO);
        }
        let first = plan.metrics.cash[0].column;
        let lines = &worker.board[first..first + plan.metrics.cash.len()];
        self.level.run(AddYear { lines, year: &mut self.year_to_date });
        if month.month() == 12 || t == plan.months {
            let year = (month.year() - plan.start.year()) as usize;
            let grid = plan.metrics.cash_grid;
            let mut year_to_date = std::mem::take(&mut self.year_to_date);
            for (k, column) in year_to_date.iter_mut().enumerate() {
                self.take(self.layout.year(year, k), grid, live, &column.0, chunk);
                *column = Col::ZERO;
            }
            self.year_to_date = year_to_date;
            let closing = &worker.board[column!(lab.cash)].0;
            self.take(self.layout.year(year, plan.metrics.cash.len()), grid, live, closing, chunk);
        }
    }

    fn finish(&mut self, worker: &Worker<'p>, live: usize, chunk: &mut Chunk) {
        let plan = self.plan;
        let n = plan.metrics.at_end.len();
        let base = chunk.ends.len();
        chunk.ends.resize(base + live * n, 0.0);
        let mut values = Col::ZERO;
        for (k, metric) in plan.metrics.at_end.iter().enumerate() {
            derive(plan, worker, self.level, &metric.source, &mut values.0);
            self.take(self.layout.end(k), metric.grid, live, &values.0, chunk);
            for lane in 0..live {
                chunk.ends[base + lane * n + k] = values.0[lane];
            }
        }
        let at = |column: usize, lane: usize| worker.board[column].0[lane];
        for lane in 0..live {
            chunk.inputs.extend_from_slice(&worker.draws[lane]);
            let (out, default) =
                (at(column!(accounts.cash_out), lane) as usize, at(column!(accounts.default), lane) as usize);
            let mut cause = None;
            if out > 0 {
                self.counts.ruined[out - 1] += 1;
                cause = first_cause(out, |t| worker.events(t, lane));
                match cause {
                    Some(c) => self.counts.causes[c] += 1,
                    None => self.counts.no_cause += 1,
                }
            }
            if default > 0 {
                self.counts.defaulted[default - 1] += 1;
            }
            chunk.causes.push(cause);
        }
    }
}

/// Values of a metric.
fn derive(plan: &Plan, worker: &Worker<'_>, level: Level, source: &Source, out: &mut [f64; LANES]) {
    let board = |at: usize| &worker.board[at].0;
    let (shares, new) = (board(column!(lab.shares)), board(column!(accounts.new_shares)));
    let rate = board(column!(lab.run_rate));
    match source {
        Source::Board(at) => *out = *board(*at),
        Source::Room(room, at) => *out = worker.rooms[*room].own()[*at].0,
        Source::Month(at) => {
            let month = board(*at);
            map(level, out, |i| if month[i] > 0.0 { month[i] } else { f64::NAN });
        }
        Source::Runway(at) => {
            let months = board(*at);
            map(level, out, |i| if months[i] < NO_BURN { months[i] } else { f64::NAN });
        }
        Source::Cover(room, at) => {
            let cover = &worker.rooms[*room].own()[*at].0;
            map(level, out, |i| if cover[i] > 0.0 { cover[i] } else { f64::NAN });
        }
        Source::Happened(at) => {
            let month = board(*at);
            map(level, out, |i| if month[i] > 0.0 { 1.0 } else { 0.0 });
        }
        Source::Valuation => {
            let multiple = board(column!(market.multiple));
            map(level, out, |i| rate[i] * multiple[i]);
        }
        Source::Holder(share) => {
            let opening = share * OPENING_SHARES;
            map(level, out, |i| opening / shares[i]);
        }
        Source::Employees(share) => {
            let opening = share * OPENING_SHARES;
            map(level, out, |i| (opening + (shares[i] - OPENING_SHARES - new[i])) / shares[i]);
        }
        Source::NewInvestors => map(level, out, |i| new[i] / shares[i]),
        Source::Leverage => {
            let debt = board(column!(lines.debt));
            let (off, firm) = (board(column!(lines.off_balance)), board(column!(lines.firm)));
            let guarantee = board(column!(lines.guarantee));
            map(level, out, |i| {
                let leverage = (debt[i] + off[i] + firm[i] + guarantee[i]) / rate[i];
                if rate[i] > 0.0 { leverage } else { f64::NAN }
            });
        }
        Source::PeakFunding => {
            let (peak, opening) = (board(column!(accounts.peak_gap)), board(column!(accounts.opening_cash)));
            map(level, out, |i| max(peak[i] - opening[i], 0.0));
        }
        Source::Concentration(groups) => concentration(worker, groups, out),
        Source::Irr(room) => returns(plan, worker, level, *room, true, out),
        Source::Moic(room) => returns(plan, worker, level, *room, false, out),
    }
}

/// Herfindahl index: the sum of squares over the square of the sum, group by group of columns.
fn concentration(worker: &Worker<'_>, groups: &[Vec<(usize, usize)>], out: &mut [f64; LANES]) {
    let (mut all, mut squares) = ([0.0; LANES], [0.0; LANES]);
    for group in groups {
        let mut part = [0.0; LANES];
        for &(room, at) in group {
            let column = &worker.rooms[room].own()[at].0;
            for i in 0..LANES {
                part[i] += column[i];
            }
        }
        for i in 0..LANES {
            all[i] += part[i];
            squares[i] += part[i] * part[i];
        }
    }
    for i in 0..LANES {
        out[i] = if all[i] > 0.0 { squares[i] / (all[i] * all[i]) } else { f64::NAN };
    }
}

/// One value a lane.
struct Map<'a, F> {
    out: &'a mut [f64; LANES],
    f: F,
}

impl<F: Fn(usize) -> f64> Kernel for Map<'_, F> {
    #[inline(always)]
    fn run(self) {
        for (i, slot) in self.out.iter_mut().enumerate() {
            *slot = (self.f)(i);
        }
    }
}

fn map(level: Level, out: &mut [f64; LANES], f: impl Fn(usize) -> f64) {
    level.run(Map { out, f });
}

/// Annual rates of return of a block of flows by month.
struct Rates<'a> {
    flows: &'a [Col],
    out: &'a mut [f64; LANES],
    again: &'a mut [f64; LANES],
}

impl Kernel for Rates<'_> {
    #[inline(always)]
    fn run(self) {
        irr_block(self.flows, self.out, self.again);
    }
}

/// Multiples of a block of flows by month: what came back over what was paid in.
struct Multiples<'a> {
    flows: &'a [Col],
    out: &'a mut [f64; LANES],
}

impl Kernel for Multiples<'_> {
    #[inline(always)]
    fn run(self) {
        let (mut given, mut got) = ([0.0; LANES], [0.0; LANES]);
        for month in self.flows {
            for i in 0..LANES {
                got[i] += max(month.0[i], 0.0);
                given[i] += max(-month.0[i], 0.0);
            }
        }
        for i in 0..LANES {
            self.out[i] = if given[i] > 0.0 { got[i] / given[i] } else { f64::NAN };
        }
    }
}

/// Returns of a room's providers on their flows, with what the position is worth at the horizon in its last month.
fn returns(plan: &Plan, worker: &Worker<'_>, level: Level, room: usize, rate: bool, out: &mut [f64; LANES]) {
    let worth = plan.rooms[room].spec.worth().and_then(|field| plan.rooms[room].spec.column(field));
    let mut flows = worker.rooms[room].flows().to_vec();
    if let (Some(at), Some(last)) = (worth, flows.last_mut()) {
        let worth = &worker.rooms[room].own()[at].0;
        for (sum, x) in last.0.iter_mut().zip(worth) {
            *sum += x;
        }
    }
    if rate {
        let mut again = [0.0; LANES];
        level.run(Rates { flows: &flows, out, again: &mut again });
        for i in 0..LANES {
            if again[i] > 0.0 {
                // Several changes of sign: all roots are sought; more than one is no rate of return.
                let path: Vec<f64> = flows.iter().map(|c| c.0[i]).collect();
                out[i] = match irr(&path).roots() {
                    [one] => *one,
                    _ => f64::NAN,
                };
            }
            let q = 1.0 + out[i];
            let q4 = q * q * q * q;
            out[i] = q4 * q4 * q4 - 1.0;
        }
    } else {
        level.run(Multiples { flows: &flows, out });
    }
}

/// Names of the cash lines of a plan, closing cash last.
pub fn cash_names(plan: &Plan) -> Vec<&'static str> {
    plan.metrics.cash.iter().map(|l| l.name).chain(["closing_cash"]).collect()
}

/// Lines that move cash come first in the books, so that a year's cash is a run of columns.
const CASH_FIRST: bool = {
    let kinds = crate::engine::books::KINDS;
    let (mut sound, mut memo, mut k) = (true, false, 0);
    while k < kinds.len() {
        match kinds[k] {
            Kind::Memo => memo = true,
            _ => sound &= !memo,
        }
        k += 1;
    }
    sound
};
const _: () = assert!(CASH_FIRST, "lines that move cash stand before memo lines");
