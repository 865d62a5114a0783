//! The histograms of a run, shared by all workers, and the keys that wait to be counted into them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::columns::LANES;
use crate::plan::Plan;
use crate::record::Layout;
use crate::stats::histogram::{Grid, SLOTS, add, add4, key};

/// Counts and extremes of one column: a metric in a month, at the horizon, or a cash line in a year.
pub type Slots = [u32; SLOTS];

/// Columns of histograms that are counted under one lock.
const STRIPE: usize = 64;

/// The histograms of a run, into which all workers count: memory does not grow with the number of threads, and nothing
/// has to be merged. Counts are integers, so the order in which workers count makes no difference.
#[derive(Debug)]
pub struct Histograms {
    stripes: Vec<Mutex<Stripe>>,
    turn: AtomicUsize,
}

/// The slots of up to [`STRIPE`] columns. They are allocated as plain zeros, which the system provides lazily: a page
/// costs nothing until something is counted in it, and then only the worker that counts.
#[derive(Debug, PartialEq)]
struct Stripe(Vec<u32>);

impl Stripe {
    fn new(columns: usize) -> Stripe {
        Stripe(vec![0; columns * SLOTS])
    }
    fn columns(&self) -> &[Slots] {
        self.0.as_chunks().0
    }
    fn columns_mut(&mut self) -> &mut [Slots] {
        self.0.as_chunks_mut().0
    }
}

impl Histograms {
    /// Empty histograms for a plan.
    pub fn new(plan: &Plan) -> Histograms {
        let columns = Layout::of(plan).len();
        let stripes = (0..columns).step_by(STRIPE).map(|at| Mutex::new(Stripe::new(STRIPE.min(columns - at))));
        Histograms { stripes: stripes.collect(), turn: AtomicUsize::new(0) }
    }

    /// Histograms that go on from those of a run.
    pub fn from_columns(bins: Bins) -> Histograms {
        Histograms { stripes: bins.stripes.into_iter().map(Mutex::new).collect(), turn: AtomicUsize::new(0) }
    }

    /// All columns in order.
    pub fn into_columns(self) -> Bins {
        let unlocked = |m: Mutex<Stripe>| m.into_inner().expect("no thread panics while counting");
        Bins { stripes: self.stripes.into_iter().map(unlocked).collect() }
    }
}

/// Histograms that are complete.
#[derive(Debug, PartialEq)]
pub struct Bins {
    stripes: Vec<Stripe>,
}

impl std::ops::Index<usize> for Bins {
    type Output = Slots;
    fn index(&self, column: usize) -> &Slots {
        &self.stripes[column / STRIPE].columns()[column % STRIPE]
    }
}

/// Histogram keys of some blocks. Counting them column by column keeps that column's bins in the nearest cache;
/// counting every block as it is finished would miss the cache on nearly every value. Keys are kept in the order in
/// which they are written, so that the processor prefetches the memory. A column whose lanes are all equal has a single
/// key: more than half of what a large scenario records is one number on all paths. A column of zeros and ones has two
/// counts.
#[derive(Debug)]
pub(super) struct Keys {
    /// Keys of columns that vary, in the order in which they were added.
    varied: Vec<[u16; LANES]>,
    /// How many of them are in use.
    taken: usize,
    /// Where the keys of each column are, block by block and column by column.
    places: Vec<Place>,
    columns: usize,
    /// Live lanes of the blocks held.
    lives: Vec<usize>,
}

/// Where the keys of a column of a block are.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// One key for all its lanes.
    Same(u16),
    /// Among those that vary.
    Varied(u32),
    /// Number of ones; the other lanes are zero.
    Flags(u16),
}

impl Keys {
    /// Maximum memory of the keys of one worker, in bytes.
    const BYTES: usize = 24 << 20;
    /// Maximum number of blocks held.
    const BLOCKS: usize = 64;

    pub(super) fn new(columns: usize) -> Keys {
        let capacity = (Keys::BYTES / (LANES * size_of::<u16>())).min(columns * Keys::BLOCKS).max(columns);
        Keys {
            varied: vec![[0; LANES]; capacity],
            taken: 0,
            places: Vec::with_capacity(columns * Keys::BLOCKS),
            columns,
            lives: Vec::with_capacity(Keys::BLOCKS),
        }
    }
    /// Begins a block with `live` live lanes.
    pub(super) fn begin(&mut self, live: usize) {
        self.lives.push(live);
        self.places.resize(self.lives.len() * self.columns, Place::Same(0));
    }
    /// All lanes of the newest block's column have this key.
    pub(super) fn same(&mut self, column: usize, key: u16) {
        let at = (self.lives.len() - 1) * self.columns + column;
        self.places[at] = Place::Same(key);
    }
    /// The place for the newest block's keys of a column.
    pub(super) fn varied(&mut self, column: usize) -> &mut [u16; LANES] {
        let at = (self.lives.len() - 1) * self.columns + column;
        self.places[at] = Place::Varied(self.taken as u32);
        self.taken += 1;
        &mut self.varied[self.taken - 1]
    }
    /// The newest block's column, whose keys were added last, consists of zeros and `ones` ones: its keys are dropped.
    pub(super) fn flags(&mut self, column: usize, ones: usize) {
        let at = (self.lives.len() - 1) * self.columns + column;
        self.places[at] = Place::Flags(ones as u16);
        self.taken -= 1;
    }
    /// Whether there may be no space for another block.
    pub(super) fn full(&self) -> bool {
        self.lives.len() == Keys::BLOCKS || self.taken + self.columns > self.varied.len()
    }
    /// Counts all keys that are held. Each call begins at another stripe, so that workers seldom wait for each other.
    pub(super) fn flush(&mut self, histograms: &Histograms) {
        let stripes = histograms.stripes.len();
        let first = histograms.turn.fetch_add(stripes / 3 + 1, Ordering::Relaxed);
        for k in 0..stripes {
            let stripe = (first + k) % stripes;
            let mut bins = histograms.stripes[stripe].lock().expect("no thread panics while counting");
            self.count(bins.columns_mut(), stripe * STRIPE);
        }
        self.lives.clear();
        self.places.clear();
        self.taken = 0;
    }

    /// Counts the keys of the columns from `first` on; columns that vary are counted four at a time.
    fn count(&self, bins: &mut [Slots], first: usize) {
        let place = |block: usize, column: usize| self.places[block * self.columns + first + column];
        let varies = |column| (0..self.lives.len()).any(|block| matches!(place(block, column), Place::Varied(_)));
        let (varied, same): (Vec<usize>, Vec<usize>) = (0..bins.len()).partition(|&column| varies(column));
        let (fours, rest) = varied.as_chunks::<4>();
        for &four in fours {
            let mut columns = bins.get_disjoint_mut(four).expect("four columns of the stripe");
            for (block, &live) in self.lives.iter().enumerate() {
                let places = four.map(|column| place(block, column));
                if let [Place::Varied(a), Place::Varied(b), Place::Varied(c), Place::Varied(d)] = places {
                    add4([a, b, c, d].map(|at| &self.varied[at as usize]), live, &mut columns);
                } else {
                    places
                        .into_iter()
                        .zip(columns.iter_mut())
                        .for_each(|(place, column)| self.one(place, live, column));
                }
            }
        }
        for &column in same.iter().chain(rest) {
            for (block, &live) in self.lives.iter().enumerate() {
                self.one(place(block, column), live, &mut bins[column]);
            }
        }
    }

    fn one(&self, place: Place, live: usize, column: &mut Slots) {
        match place {
            Place::Same(key) => column[usize::from(key)] += live as u32,
            Place::Flags(ones) => {
                column[usize::from(key(1.0, Grid::whole()))] += u32::from(ones);
                column[usize::from(key(0.0, Grid::whole()))] += live as u32 - u32::from(ones);
            }
            Place::Varied(at) => add(&self.varied[at as usize], live, column),
        }
    }
}
