//! What a worker records: after each month a histogram, extremes and moments of every metric; at each year's end the
//! cash of the year by line; at the horizon one value of every end metric for each path.

mod derive;
mod histograms;

use crate::books::Kind;
use crate::books::first_cause;
use crate::column;
use crate::columns::{Col, LANES, columns};
use crate::level::{Kernel, Level};
use crate::metrics::{Metric, Source};
use crate::month::Worker;
use crate::plan::Plan;
use crate::run::CHUNK_BLOCKS;
use crate::stats::histogram::{ATOMS, Grid, key, keys, piles};
use crate::stats::moments::{Extremes, Moments};
use derive::{Returns, derive};
use histograms::Keys;
pub use histograms::{Bins, Histograms};

/// Extremes and events, which merge in any order.
#[derive(Debug)]
pub struct Counts {
    /// Extremes of each column: monthly metrics by month, end metrics, cash lines by year.
    pub extremes: Vec<Extremes>,
    /// Ruined paths by month (index 0 is month 1).
    pub ruined: Vec<u64>,
    /// Paths in default by month.
    pub defaulted: Vec<u64>,
    /// Paths with each event of the plan's list, by month.
    pub events: Vec<Vec<u64>>,
    /// First causes of ruin.
    pub causes: Vec<u64>,
    /// Ruined paths without an adverse event in the twelve months before.
    pub no_cause: u64,
}

/// Sums of a chunk and, until it is folded, the values of its paths. A path is a row of end metrics, in which values
/// below the dust of a grid are zero.
#[derive(Clone, Debug, Default)]
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
    /// The first `n` of its paths, `ends` metrics each, without sums and inputs.
    #[must_use]
    pub fn first(&self, n: usize, ends: usize) -> Chunk {
        let n = n.min(self.causes.len());
        Chunk { ends: self.ends[..n * ends].to_vec(), causes: self.causes[..n].to_vec(), ..Chunk::default() }
    }
    /// The sums alone.
    #[must_use]
    pub fn without_paths(self) -> Chunk {
        Chunk { moments: self.moments, ends: Vec::new(), inputs: Vec::new(), causes: Vec::new() }
    }
}

/// Positions of the columns of a plan in [`Counts`] and [`Chunk`].
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Number of monthly metrics.
    pub monthly: usize,
    /// Number of end metrics.
    pub at_end: usize,
    /// Number of cash lines: the books' lines, then closing cash.
    pub cash: usize,
    /// Number of months.
    pub months: usize,
    /// Number of calendar years touched; 0 if no cash is recorded by year.
    pub years: usize,
}

impl Layout {
    /// The layout of a plan.
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
    /// Column of a monthly metric in month `t` (1 for the first).
    pub fn month(&self, t: usize, metric: usize) -> usize {
        (t - 1) * self.monthly + metric
    }
    /// Column of an end metric.
    pub fn end(&self, metric: usize) -> usize {
        self.months * self.monthly + metric
    }
    /// Column of a cash line in a year (0 for the first).
    pub fn year(&self, year: usize, line: usize) -> usize {
        self.end(self.at_end) + year * self.cash + line
    }
    /// Total number of columns.
    pub fn len(&self) -> usize {
        self.year(self.years, 0)
    }
    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The bins of a column.
    pub fn grid(&self, plan: &Plan, column: usize) -> Grid {
        self.what(plan, column).1
    }
    /// The name and the bins of what a column holds.
    pub fn what<'p>(&self, plan: &'p Plan, column: usize) -> (&'p str, Grid) {
        let metrics = &plan.metrics;
        let of = |metric: &'p Metric| (metric.name.as_str(), metric.grid);
        if column < self.end(0) {
            of(&metrics.monthly[column % self.monthly])
        } else if column < self.year(0, 0) {
            of(&metrics.at_end[column - self.end(0)])
        } else {
            let line = metrics.cash.get((column - self.year(0, 0)) % self.cash);
            (line.map_or("closing cash", |line| line.name), metrics.cash_grid)
        }
    }
}

impl Counts {
    fn new(layout: &Layout, events: usize) -> Counts {
        Counts {
            extremes: vec![Extremes::default(); layout.len()],
            events: vec![vec![0; layout.months]; events],
            ruined: vec![0; layout.months],
            defaulted: vec![0; layout.months],
            causes: vec![0; crate::books::event::CAUSES],
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
        self.events.iter_mut().zip(&other.events).for_each(|(mine, theirs)| add(mine, theirs));
        self.no_cause += other.no_cause;
        self
    }
}

/// Where the values of columns go.
#[derive(Debug)]
enum Sink<'p> {
    /// Into histograms.
    Count { grids: &'p [Grid], histograms: &'p Histograms, keys: Keys },
    /// Nowhere: the numbers at which values pile up become atoms of their grids.
    Look(Vec<Grid>),
}

/// The recorder of one worker.
#[derive(Debug)]
pub struct Recorder<'p> {
    plan: &'p Plan,
    level: Level,
    layout: Layout,
    sink: Sink<'p>,
    counts: Counts,
    year_to_date: Box<[Col]>,
    watched: Box<[Col]>,
    /// Buffer for a column that is derived from others.
    derived: Box<[Col]>,
    /// End metrics of a block, and the buffers in which returns are computed.
    ends: Box<[Col]>,
    returns: Returns,
}

/// Keys of one column of values, its extremes and its moments. If all lanes are equal, as in half of the columns of a
/// large scenario, one value counts `live` times; if they are zeros and ones, their mean gives the number of each.
struct Take<'a> {
    values: &'a [f64; LANES],
    grid: Grid,
    live: usize,
    column: usize,
    keys: &'a mut Keys,
    extremes: &'a mut Extremes,
    moments: &'a mut Moments,
}

impl Kernel for Take<'_> {
    #[inline(always)]
    fn run(self) {
        let Take { values, grid, live, column, .. } = self;
        let first = values[0].to_bits();
        let differ = |some: &[f64]| some.iter().fold(0, |differ, x| differ | (x.to_bits() ^ first)) != 0;
        // If lanes differ, the first ones nearly always do.
        let (moments, extremes) = if !differ(&values[..16]) && !differ(values) {
            let x = grid.settle(values[0]);
            self.keys.same(column, key(x, grid));
            if x.is_nan() {
                return;
            }
            (Moments { n: live as u64, mean: x, m2: 0.0 }, Extremes { min: x, max: x })
        } else {
            let (moments, extremes) = keys(values, live, self.moments, grid, self.keys.varied(column));
            let flags = Extremes { min: 0.0, max: 1.0 };
            if grid.is_whole() && moments.n == live as u64 && extremes == flags {
                self.keys.flags(column, (moments.mean * live as f64).round() as usize);
            }
            (moments, extremes)
        };
        *self.extremes = self.extremes.merge(extremes);
        *self.moments = self.moments.merge(moments);
    }
}

/// Keeps the smaller or larger of two values; if only one is defined, keeps that one.
struct Keep<'a> {
    values: &'a [f64; LANES],
    most: bool,
    kept: &'a mut [f64; LANES],
}
impl Kernel for Keep<'_> {
    #[inline(always)]
    fn run(self) {
        for (kept, &value) in self.kept.iter_mut().zip(self.values) {
            let beyond = if self.most { value > *kept } else { value < *kept };
            *kept = if beyond | kept.is_nan() { value } else { *kept };
        }
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
            // Many lines move no cash in most months; adding zero of either sign changes nothing.
            let any = line.0.iter().fold(0, |any, x| any | (x.to_bits() << 1));
            if any != 0 {
                for i in 0..LANES {
                    year.0[i] += line.0[i];
                }
            }
        }
    }
}

/// All events of a block, in one word.
struct Any<'a> {
    events: &'a Col,
    any: &'a mut u64,
}
impl Kernel for Any<'_> {
    #[inline(always)]
    fn run(self) {
        *self.any = self.events.0.iter().fold(0, |all, x| all | x.to_bits());
    }
}

impl<'p> Recorder<'p> {
    /// A recorder for a plan.
    pub fn new(plan: &'p Plan, level: Level, grids: &'p [Grid], histograms: &'p Histograms) -> Self {
        let keys = Keys::new(Layout::of(plan).len());
        Recorder::into_sink(plan, level, Sink::Count { grids, histograms, keys })
    }

    fn into_sink(plan: &'p Plan, level: Level, sink: Sink<'p>) -> Self {
        let layout = Layout::of(plan);
        Recorder {
            plan,
            level,
            layout,
            sink,
            counts: Counts::new(&layout, plan.metrics.events.len()),
            year_to_date: columns(plan.metrics.cash.len()),
            watched: columns(plan.metrics.watched.len()),
            derived: columns(1),
            ends: columns(plan.metrics.at_end.len()),
            returns: Returns::default(),
        }
    }

    /// The counts other than the histograms; the histograms are complete once every worker has called this.
    pub fn into_counts(mut self) -> Counts {
        if let Sink::Count { histograms, keys, .. } = &mut self.sink {
            keys.flush(histograms);
        }
        self.counts
    }

    /// Runs the paths from `first` to before `last`, which lie in one chunk.
    pub fn chunk(&mut self, worker: &mut Worker<'p>, first: u64, last: u64) -> Chunk {
        let mut chunk = Chunk {
            moments: vec![Moments::default(); self.layout.len()],
            ends: Vec::with_capacity((last - first) as usize * self.layout.at_end),
            inputs: Vec::new(),
            causes: Vec::new(),
        };
        for block in 0..CHUNK_BLOCKS {
            let start = first + block * LANES as u64;
            if start < last {
                let live = (last - start).min(LANES as u64) as usize;
                if let Sink::Count { histograms, keys, .. } = &mut self.sink {
                    if keys.full() {
                        keys.flush(histograms);
                    }
                    keys.begin(live);
                }
                worker.block(start, |w, t| self.month(w, t, live, &mut chunk));
                self.finish(worker, live, &mut chunk);
            }
        }
        chunk
    }

    fn take(&mut self, column: usize, live: usize, values: &[f64; LANES], chunk: &mut Chunk) {
        match &mut self.sink {
            Sink::Count { grids, keys, .. } => self.level.run(Take {
                values,
                grid: grids[column],
                live,
                column,
                keys,
                extremes: &mut self.counts.extremes[column],
                moments: &mut chunk.moments[column],
            }),
            Sink::Look(grids) => grids[column] = piling(grids[column], values),
        }
    }

    fn month(&mut self, worker: &Worker<'p>, t: usize, live: usize, chunk: &mut Chunk) {
        let plan = self.plan;
        for (k, metric) in plan.metrics.monthly.iter().enumerate() {
            self.one(worker, metric, self.layout.month(t, k), live, chunk);
        }
        self.watch(worker, t);
        if self.layout.years > 0 {
            self.cash(worker, t, live, chunk);
        }
        self.events(worker, t, live);
    }

    /// Keeps the values by month that checks use: a value in one month, or the extreme of several.
    fn watch(&mut self, worker: &Worker<'p>, t: usize) {
        for (watched, kept) in self.plan.metrics.watched.iter().zip(&mut self.watched) {
            if t == 1 {
                kept.0 = [f64::NAN; LANES];
            }
            if watched.over.counts(t) {
                let mut values = Col::ZERO;
                derive(worker, self.level, &watched.source, &mut values.0);
                let most = watched.over.is_most();
                self.level.run(Keep { values: &values.0, most, kept: &mut kept.0 });
            }
        }
    }

    /// Counts the paths with each event of the month; in most months most events occur on no path.
    fn events(&mut self, worker: &Worker<'p>, t: usize, live: usize) {
        let mut seen: Option<(Option<usize>, u64)> = None;
        for (k, event) in self.plan.metrics.events.iter().enumerate() {
            let column = event
                .instrument
                .map_or(&worker.board[column!(events)], |instrument| worker.instruments[instrument].events());
            let any = match seen {
                Some((instrument, any)) if instrument == event.instrument => any,
                _ => {
                    let mut any = 0;
                    self.level.run(Any { events: column, any: &mut any });
                    seen = Some((event.instrument, any));
                    any
                }
            };
            if any & event.bit != 0 {
                let bits = column.0[..live].iter().filter(|x| x.to_bits() & event.bit != 0);
                self.counts.events[k][t - 1] += bits.count() as u64;
            }
        }
    }

    fn one(&mut self, worker: &Worker<'p>, metric: &Metric, column: usize, live: usize, chunk: &mut Chunk) {
        match metric.source {
            Source::Board(at) => self.take(column, live, &worker.board[at].0, chunk),
            Source::Instrument(instrument, at) => {
                self.take(column, live, &worker.instruments[instrument].own()[at].0, chunk);
            }
            _ => {
                let mut derived = std::mem::take(&mut self.derived);
                derive(worker, self.level, &metric.source, &mut derived[0].0);
                self.take(column, live, &derived[0].0, chunk);
                self.derived = derived;
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
            let mut year_to_date = std::mem::take(&mut self.year_to_date);
            for (k, column) in year_to_date.iter_mut().enumerate() {
                self.take(self.layout.year(year, k), live, &column.0, chunk);
                *column = Col::ZERO;
            }
            self.year_to_date = year_to_date;
            let closing = &worker.board[column!(lab.cash)].0;
            self.take(self.layout.year(year, plan.metrics.cash.len()), live, closing, chunk);
        }
    }

    fn finish(&mut self, worker: &Worker<'p>, live: usize, chunk: &mut Chunk) {
        let plan = self.plan;
        let (mut ends, mut returns) = (std::mem::take(&mut self.ends), std::mem::take(&mut self.returns));
        returns.forget();
        for (k, (metric, values)) in plan.metrics.at_end.iter().zip(&mut ends).enumerate() {
            match metric.source {
                Source::Return(instrument, account, what) => {
                    *values = *returns.of(plan, worker, self.level, (instrument, account), what);
                }
                Source::Watched(k) => *values = self.watched[k],
                _ => derive(worker, self.level, &metric.source, &mut values.0),
            }
            self.take(self.layout.end(k), live, &values.0, chunk);
            values.0.iter_mut().for_each(|x| *x = metric.grid.settle(*x));
        }
        for lane in 0..live {
            chunk.ends.extend(ends.iter().map(|values| values.0[lane]));
        }
        (self.ends, self.returns) = (ends, returns);
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

/// The grid of every column. Numbers at which the values of the first block pile up, such as stakes before a round, a
/// DSCR at a sculpted ratio and book values, are counted exactly on all paths. The first block is the same for any
/// number of paths and any part of them.
pub fn grids(plan: &Plan, level: Level) -> Vec<Grid> {
    let layout = Layout::of(plan);
    let grids: Vec<Grid> = (0..layout.len()).map(|column| layout.grid(plan, column)).collect();
    if layout.is_empty() {
        return grids;
    }
    let mut look = Recorder::into_sink(plan, level, Sink::Look(grids));
    look.chunk(&mut Worker::new(plan, level), 0, LANES as u64);
    match look.sink {
        Sink::Look(grids) => grids,
        Sink::Count { .. } => unreachable!("it was made to look"),
    }
}

/// A grid with the atoms of a block in addition to its own, up to the maximum number of atoms.
fn piling(grid: Grid, values: &[f64; LANES]) -> Grid {
    if grid.is_whole() {
        return grid;
    }
    let mut atoms: Vec<f64> = grid.atoms().collect();
    for x in piles(values).into_iter().map(|x| grid.settle(x)).filter(|&x| x != 0.0) {
        if !atoms.contains(&x) && atoms.len() < ATOMS {
            atoms.push(x);
        }
    }
    grid.with_atoms(&atoms)
}

/// Names of the cash lines of a plan, closing cash last.
pub fn cash_names(plan: &Plan) -> Vec<&'static str> {
    plan.metrics.cash.iter().map(|l| l.name).chain(["closing_cash"]).collect()
}

/// Lines that move cash come first in the books, so that a year's cash is a contiguous range of columns.
const CASH_FIRST: bool = {
    let kinds = crate::books::KINDS;
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
