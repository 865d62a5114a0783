//! Instruments and components as trait objects. The engine holds objects that are created once per worker and called
//! once per sweep of 256 lanes; it does not know which kinds there are. The code common to all kinds is here: an object
//! of a kind is its terms ([`InstrumentKind`], [`ComponentKind`]), one path of it ([`ScalarInstrument`],
//! [`ScalarComponent`]) or a block of paths ([`BlockInstrument`], [`BlockComponent`]).

use std::any::Any;
use std::fmt::Debug;

use crate::block::{Flows, SALES, step_instrument};
use crate::books::{ACCOUNTS, Books};
use crate::columns::{Col, Columns, Row};
use crate::component::{Component, Lane, Now, stage};
use crate::draws::Inputs;
use crate::instrument::{CLOSE, FUND, Instrument, LAGS, Line, OPEN, REVIEW, SETTLE, View, YEARS, middle_of};
use crate::level::Level;
use crate::plan::PlannedInstrument;
use crate::resolution::{Award, Claim, Rules};
use crate::shocks::Noise;
use crate::streams::Paths;
use crate::units::Usd;

/// The terms of an instrument as stated in a scenario: the interface that the engine needs.
pub trait InstrumentKind: Debug + Send + Sync {
    /// The key that names this kind.
    fn kind(&self) -> &'static str;
    /// The instrument on one path.
    fn scalar(&self, inputs: &Inputs<'_>) -> Box<dyn ScalarInstrument>;
    /// The instrument bound to its columns.
    fn block<'p>(
        &'p self,
        planned: &PlannedInstrument,
        medians: &[f64],
        months: usize,
    ) -> Box<dyn BlockInstrument + 'p>;
    /// Number of its first state fields that are remembered, and the lags in months at which they are read.
    fn history(&self) -> (usize, [usize; LAGS]);
    /// The lines that it posts.
    fn posts(&self) -> Columns;
    /// The events that it may record.
    fn events(&self) -> u64;
    /// The lines that it reports.
    fn lines(&self) -> &'static [Line];
    /// Column of a state field.
    fn column(&self, field: &str) -> Option<usize>;
    /// Names of the provider accounts, each with its account number.
    fn accounts(&self) -> Vec<(String, usize)>;
    /// The terms themselves.
    fn any(&self) -> &dyn Any;
}

/// An instrument bound to one path, for the plain engine and for failures.
pub trait ScalarInstrument: Debug + Send {
    /// Runs one phase and returns its entries; there are none if the instrument does not implement it.
    fn step(&mut self, phase: u8, see: &View) -> Books;
    /// What it claims from the estate of a lab that has failed.
    fn claim(&self, see: &View, rules: &Rules) -> Claim;
    /// Applies the resolution of a failure and returns the resulting entries.
    fn resolve(&mut self, see: &View, award: &Award) -> Books;
    /// Mark of the position of each account.
    fn worth(&self, see: &View) -> [Usd; ACCOUNTS];
    /// Adds what the lab owes in each year ahead, and guarantees in support of it.
    fn obligations(&self, see: &View, by_year: &mut [Usd; YEARS], guarantees: &mut Usd);
    /// Whether it uses uniforms.
    fn uniforms(&self) -> bool;
    /// Difference in the roll-forward of its balances since `was`; zero if they reconcile.
    fn audit(&self, was: &dyn ScalarInstrument) -> Usd;
    /// Cash of its vehicle.
    fn vehicle_cash(&self) -> Usd;
    /// Its state in the order of the columns.
    fn values(&self) -> Vec<f64>;
    /// A copy.
    fn boxed(&self) -> Box<dyn ScalarInstrument>;
    /// Its state.
    fn state(&self) -> &dyn Any;
}

impl Clone for Box<dyn ScalarInstrument> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// An instrument bound to its columns.
pub trait BlockInstrument: Debug + Send {
    /// Terms and opening state of a new block.
    fn begin(&mut self, level: Level, draws: &[Vec<f64>]);
    /// One phase for the block.
    fn sweep(&mut self, phase: u8, level: Level, paths: Paths<'_>, t: usize, ahead: f64, board: &mut [Col]);
    /// Records month `t` in its history, once the month is over.
    fn history(&mut self, t: usize);
    /// Its state columns.
    fn own(&self) -> &[Col];
    /// Its provider flows by month and account.
    fn flows(&self) -> &Flows;
    /// Its events of the month.
    fn events(&self) -> &Col;
    /// The columns in which it sees the lab's purchases from its supplier.
    fn supplier(&mut self) -> &mut [Col; SALES];
    /// The instrument on one lane.
    fn take(&self, lane: usize) -> Box<dyn ScalarInstrument>;
    /// Puts a lane back, with the entries of the instrument.
    fn put(&mut self, lane: usize, one: &dyn ScalarInstrument, books: &Books);
    /// Mark of the position of each account at the end of month `t`.
    fn worth(&self, level: Level, t: usize, board: &[Col], out: &mut [Col; ACCOUNTS]);
    /// Adds what the lab owes in each year ahead, and guarantees in support of it.
    fn obligations(&self, level: Level, t: usize, board: &mut [Col]);
}

/// An instrument and its state on one path.
#[derive(Clone, Debug)]
pub struct Bound<R: Instrument>(pub R, pub R::State);

impl<R: Instrument> Bound<R> {
    /// The instrument before the first month.
    pub fn new(spec: &R::Spec, inputs: &Inputs<'_>) -> Bound<R> {
        let terms = R::terms(spec, inputs);
        Bound(terms, terms.opening())
    }
}

/// The state of an instrument of a known kind.
///
/// # Panics
/// If it is an instrument of another kind: the engine puts back only what it took out.
pub fn state_of<R: Instrument>(one: &dyn ScalarInstrument) -> &R::State {
    one.state().downcast_ref().expect("an instrument keeps its kind")
}

impl<R: Instrument> ScalarInstrument for Bound<R> {
    fn step(&mut self, phase: u8, see: &View) -> Books {
        let Bound(instrument, own) = self;
        match phase {
            OPEN => {
                if const { R::PHASES & OPEN != 0 } {
                    step_instrument::<R, OPEN>(instrument, see, own)
                } else {
                    Books::NONE
                }
            }
            SETTLE => {
                if const { R::PHASES & SETTLE != 0 } {
                    step_instrument::<R, SETTLE>(instrument, see, own)
                } else {
                    Books::NONE
                }
            }
            FUND => {
                if const { R::PHASES & FUND != 0 } {
                    step_instrument::<R, FUND>(instrument, see, own)
                } else {
                    Books::NONE
                }
            }
            CLOSE => {
                if const { R::PHASES & CLOSE != 0 } {
                    step_instrument::<R, CLOSE>(instrument, see, own)
                } else {
                    Books::NONE
                }
            }
            _ => {
                if const { R::PHASES & REVIEW != 0 } {
                    step_instrument::<R, REVIEW>(instrument, see, own)
                } else {
                    Books::NONE
                }
            }
        }
    }
    fn claim(&self, see: &View, rules: &Rules) -> Claim {
        self.0.claim(see, &self.1, rules)
    }
    fn resolve(&mut self, see: &View, award: &Award) -> Books {
        let mut books = Books::NONE;
        self.0.resolve(see, &mut self.1, award, &mut books);
        books
    }
    fn worth(&self, see: &View) -> [Usd; ACCOUNTS] {
        self.0.worth(see, &self.1)
    }
    fn obligations(&self, see: &View, by_year: &mut [Usd; YEARS], guarantees: &mut Usd) {
        if const { R::FIRM } {
            for (year, sum) in by_year.iter_mut().enumerate() {
                *sum += self.0.firm_in(see, &self.1, see.t + middle_of(year));
            }
            *guarantees += self.0.firm_guarantee(see, &self.1);
        }
    }
    fn uniforms(&self) -> bool {
        R::UNIFORMS
    }
    fn audit(&self, was: &dyn ScalarInstrument) -> Usd {
        self.0.audit(state_of::<R>(was), &self.1)
    }
    fn vehicle_cash(&self) -> Usd {
        R::vehicle_cash(&self.1)
    }
    fn values(&self) -> Vec<f64> {
        self.1.values()
    }
    fn boxed(&self) -> Box<dyn ScalarInstrument> {
        Box::new(self.clone())
    }
    fn state(&self) -> &dyn Any {
        &self.1
    }
}

/// The spec of a component: the interface that the engine needs.
pub trait ComponentKind: Debug + Send + Sync {
    /// The component on one path; writes its opening values to the lane.
    fn scalar(&self, inputs: &Inputs<'_>, lane: &mut Lane) -> Box<dyn ScalarComponent>;
    /// The component bound to its columns.
    fn block<'p>(
        &'p self,
        medians: &[f64],
        months: usize,
        normals: Vec<usize>,
        uniforms: Vec<usize>,
    ) -> Box<dyn BlockComponent + 'p>;
    /// Number of its first state fields that are remembered, and the lags in months at which they are read.
    fn history(&self) -> (usize, [usize; LAGS]);
    /// The spec itself.
    fn any(&self) -> &dyn Any;
}

/// A component bound to one path, for the plain engine.
pub trait ScalarComponent: Debug + Send {
    /// Runs one stage; has no effect if the component does not run in it.
    fn step(&mut self, stage: u8, now: &Now, lane: &mut Lane);
    /// Its state in the order of the columns.
    fn values(&self) -> Vec<f64>;
    /// Its terms.
    fn terms(&self) -> &dyn Any;
    /// Its state.
    fn state(&self) -> &dyn Any;
}

/// A component bound to its columns.
pub trait BlockComponent: Debug + Send {
    /// Terms and opening values of a new block.
    fn begin(&mut self, level: Level, draws: &[Vec<f64>], board: &mut [Col]);
    /// One stage for the block.
    fn sweep(&mut self, stage: u8, level: Level, t: usize, ahead: f64, noise: Noise<'_>, board: &mut [Col]);
    /// Payment by rank for a stretch of lanes.
    fn short(&self, level: Level, board: &mut [Col], at: usize);
    /// Records month `t` in its history, once the month is over.
    fn history(&mut self, t: usize);
    /// Its state columns.
    fn own(&self) -> &[Col];
}

/// A component and its state on one path.
#[derive(Clone, Debug)]
pub struct BoundComponent<P: Component>(P, P::State);

impl<P: Component> BoundComponent<P> {
    /// The component before the first month; writes its opening values to the lane.
    pub fn new(spec: &P::Spec, inputs: &Inputs<'_>, lane: &mut Lane) -> BoundComponent<P> {
        let component = P::terms(spec, inputs);
        let own = component.opening(lane);
        BoundComponent(component, own)
    }
}

impl<P: Component> ScalarComponent for BoundComponent<P> {
    fn step(&mut self, stage: u8, now: &Now, lane: &mut Lane) {
        let BoundComponent(component, own) = self;
        match stage {
            stage::DRIVE => {
                if const { P::STAGES & (1 << stage::DRIVE) != 0 } {
                    component.step::<{ stage::DRIVE }>(now, own, lane);
                }
            }
            stage::OPEN => {
                if const { P::STAGES & (1 << stage::OPEN) != 0 } {
                    component.step::<{ stage::OPEN }>(now, own, lane);
                }
            }
            stage::OPERATE => {
                if const { P::STAGES & (1 << stage::OPERATE) != 0 } {
                    component.step::<{ stage::OPERATE }>(now, own, lane);
                }
            }
            stage::BILL => {
                if const { P::STAGES & (1 << stage::BILL) != 0 } {
                    component.step::<{ stage::BILL }>(now, own, lane);
                }
            }
            stage::PAY => {
                if const { P::STAGES & (1 << stage::PAY) != 0 } {
                    component.step::<{ stage::PAY }>(now, own, lane);
                }
            }
            stage::SHORT => {
                if const { P::STAGES & (1 << stage::SHORT) != 0 } {
                    component.step::<{ stage::SHORT }>(now, own, lane);
                }
            }
            stage::MARK => {
                if const { P::STAGES & (1 << stage::MARK) != 0 } {
                    component.step::<{ stage::MARK }>(now, own, lane);
                }
            }
            stage::VALUE => {
                if const { P::STAGES & (1 << stage::VALUE) != 0 } {
                    component.step::<{ stage::VALUE }>(now, own, lane);
                }
            }
            stage::QUARTER => {
                if const { P::STAGES & (1 << stage::QUARTER) != 0 } {
                    component.step::<{ stage::QUARTER }>(now, own, lane);
                }
            }
            _ => {
                if const { P::STAGES & (1 << stage::PRICE) != 0 } {
                    component.step::<{ stage::PRICE }>(now, own, lane);
                }
            }
        }
    }
    fn values(&self) -> Vec<f64> {
        self.1.values()
    }
    fn terms(&self) -> &dyn Any {
        &self.0
    }
    fn state(&self) -> &dyn Any {
        &self.1
    }
}
