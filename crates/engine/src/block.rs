//! Instruments and components bound to their columns; each is owned by one worker and reused for every block.

mod components;
mod instruments;

pub use components::{BoundComponentBlock, STRETCH};
pub use instruments::{BoundBlock, Flows, SALES, moved_by, power_down, run_down, step_instrument};

use crate::columns::{Col, Field, Row, columns};
use crate::draws::Inputs;
use crate::instrument::{HISTORY, LAGS};

/// Terms as a row: the same on every path, or drawn for each path.
#[derive(Debug)]
struct Terms<R: Row> {
    same: Option<R>,
    drawn: Box<[Col]>,
}

impl<R: Row> Terms<R> {
    fn new(medians: &[f64], terms: impl Fn(&Inputs<'_>) -> R) -> Self {
        let probe = Inputs::new(medians);
        let one = terms(&probe);
        if probe.was_read() {
            Terms { same: None, drawn: columns(R::WIDTH) }
        } else {
            Terms { same: Some(one), drawn: columns(0) }
        }
    }
    /// The terms of a lane.
    #[inline(always)]
    fn at(&self, lane: usize) -> R {
        match self.same {
            Some(row) => row,
            None => R::load(&self.drawn[..R::WIDTH], lane),
        }
    }
    fn draw(&mut self, draws: &[Vec<f64>], terms: impl Fn(&Inputs<'_>) -> R) {
        if self.same.is_none() {
            for (lane, values) in draws.iter().enumerate() {
                terms(&Inputs::new(values)).store(&mut self.drawn, lane);
            }
        }
    }
}

/// Monthly history of the first `remembered` state fields, for delays.
#[derive(Debug)]
struct History {
    remembered: usize,
    lags: [usize; LAGS],
    months: Vec<[Col; HISTORY]>,
}

const BLANK: [Col; HISTORY] = [Col::ZERO; HISTORY];

impl History {
    fn new(remembered: usize, lags: [usize; LAGS], months: usize) -> Self {
        assert!(remembered <= HISTORY, "a history has {HISTORY} fields, {remembered} asked for");
        History { remembered, lags, months: vec![BLANK; if remembered == 0 { 0 } else { months }] }
    }
    /// The columns written `lags[k]` months before month `t` (1 for the first); zeros before the start or without a
    /// lag.
    fn back(&self, t: usize, k: usize) -> &[Col; HISTORY] {
        if self.remembered == 0 || self.lags[k] == 0 || t <= self.lags[k] {
            &BLANK
        } else {
            &self.months[t - 1 - self.lags[k]]
        }
    }
    fn past(&self, t: usize) -> [&[Col; HISTORY]; LAGS] {
        [self.back(t, 0), self.back(t, 1), self.back(t, 2)]
    }
    fn write(&mut self, t: usize, own: &[Col]) {
        if self.remembered > 0 {
            self.months[t - 1][..self.remembered].copy_from_slice(&own[..self.remembered]);
        }
    }
}

/// One lane of the remembered columns.
#[inline(always)]
fn past_at(past: [&[Col; HISTORY]; LAGS], lane: usize) -> [[f64; HISTORY]; LAGS] {
    [
        <[f64; HISTORY]>::load(past[0], lane),
        <[f64; HISTORY]>::load(past[1], lane),
        <[f64; HISTORY]>::load(past[2], lane),
    ]
}
