//! Events that let a lender accelerate a debt: covenant breaches, missed payments, cross-default.
//!
//! One helper for all debts of the lab. An instrument tests its covenants in `review`, on closing balances, and checks
//! in `settle` whether a listed instrument has defaulted. A breach can be cured within the months of `cure`; in each of
//! these months the lender may waive it for a fee, and then does not test for a while. A breach that is neither cured
//! nor waived in time leads to acceleration: the whole debt falls due, and the instrument has defaulted. A missed
//! payment is also a breach, but is never waived.
//!
//! Not modelled: covenants other than cash and run-rate, margin step-ups, partial calls, amendments.

use crate::engine::books::{Books, event};
use crate::engine::columns::{Col, Columns, Field, Row};
use crate::engine::instrument::View;
use crate::engine::math::{max, select};
use crate::engine::resolution::{Award, Outcome};
use crate::issues::Issues;
use crate::language::prelude::{Kind, Months, Name, Node, Quantity, Read, Reader, Shape};
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{row, spec};

spec! {
    /// What the lender does after a covenant breach or a missed payment.
    pub struct BreachSpec {
        /// Cure period in months.
        pub cure: Months = "2 mo",
        /// Monthly probability that the lender grants a waiver.
        pub waiver: Quantity [Hazard] = "0%/mo",
        /// Waiver fee, as a share of the balance; due in the following month.
        pub fee: Quantity [Share] = "0%",
        /// Duration of a waiver in months.
        pub holds: Months = "3 mo",
    }
}

/// Names of instruments whose default lets the lender accelerate this debt, and their bits in
/// [`Lab::defaulted`](crate::engine::instrument::Lab).
#[derive(Clone, Debug, Default)]
pub struct CrossDefault {
    names: Vec<Name>,
    mask: u64,
}

impl Read for CrossDefault {
    const SHAPE: Shape = <Vec<Name> as Read>::SHAPE;
    fn read(node: &mut Node, kind: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        Some(CrossDefault { names: Read::read(node, kind, reader)?, mask: 0 })
    }
}

impl CrossDefault {
    /// Whether it lists any instrument.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
    /// Resolves the names to bits. Reports an error for each name that is not an instrument that can default, or that
    /// is the debt itself.
    pub fn link(&mut self, own: &Name, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut Issues) {
        for name in &self.names {
            match bit(name.as_str()) {
                Some(_) if name == own => {
                    issues.error(
                        "cross-default",
                        name.place(),
                        format!("`{name}` cannot cross-default on itself"),
                        "name another instrument",
                    );
                }
                Some(bit) => self.mask |= bit,
                None => {
                    issues
                        .error(
                            "cross-default",
                            name.place(),
                            format!("`{name}` is not an instrument that can default"),
                            "there is no such instrument, or it cannot default",
                        )
                        .help("loans and credit lines can default if they have `breach:` or `cross_default:`");
                }
            }
        }
    }
}

row! {
    /// Conditions for acceleration of the debt, on one path. `acts` is 1 when a breach has consequences beyond the
    /// month.
    pub struct Covenant {
        minimum_cash: Usd, minimum_run_rate: Usd, acts: f64, cure: f64, waiver: f64, fee: f64, holds: f64, cross: u64,
    }
    /// State of a breach between lender and lab.
    pub struct Breach {
        /// Consecutive months in breach.
        pub months: f64,
        /// Remaining months of a waiver.
        pub waived: f64,
        /// Waiver fee, due next month.
        pub fee: Usd,
        /// Above 0 once the debt has been accelerated: 1 until the event is recorded, then 2.
        pub called: f64,
        /// Defaults of other instruments that lenders have excused in a restructuring, one bit each.
        pub excused: u64,
    }
}

/// Events that a covenant may record.
pub const EVENTS: u64 = event::COVENANT | event::CURED | event::WAIVED | event::ACCELERATED | event::INSTRUMENT_DEFAULT;

impl Covenant {
    /// Terms: minimum closing cash, minimum annual run-rate, and the consequences of a breach.
    pub fn new(
        cash: f64,
        run_rate: f64,
        breach: Option<&BreachSpec>,
        cross: &CrossDefault,
        inputs: &Inputs<'_>,
    ) -> Self {
        Covenant {
            minimum_cash: Usd(cash),
            minimum_run_rate: Usd(run_rate),
            acts: f64::from(u8::from(breach.is_some())),
            cure: breach.map_or(0.0, |b| b.cure.0.round()),
            waiver: breach.map_or(0.0, |b| b.waiver.at(inputs)),
            fee: breach.map_or(0.0, |b| b.fee.at(inputs)),
            holds: breach.map_or(0.0, |b| b.holds.0.round()),
            cross: cross.mask,
        }
    }

    /// In `settle`: accelerates the debt when an instrument that it lists has defaulted by the end of last month.
    #[inline(always)]
    pub fn cross(&self, see: &View, own: &mut Breach) {
        let hit = (see.lab.defaulted & self.cross & !own.excused != 0) & (see.lab.alive > 0.0);
        own.called = select(hit & (own.called == 0.0), 1.0, own.called);
    }

    /// In `review`: tests the covenants on closing balances, counts the months of a breach, waives or accelerates.
    /// `owed` is the whole debt, `missed` whether something due was not paid. Returns whether there is a breach that
    /// stops draws.
    #[inline(always)]
    pub fn test(&self, see: &View, owed: Usd, missed: bool, own: &mut Breach, books: &mut Books) -> bool {
        let owes = (owed > Usd::ZERO) & (see.lab.alive > 0.0);
        let acts = self.acts > 0.0;
        let tested = own.waived == 0.0;
        own.waived = max(own.waived - 1.0, 0.0);
        let broken = (see.lab.cash < self.minimum_cash) | (see.lab.run_rate < self.minimum_run_rate);
        let financial = tested & broken;
        let missed = missed & acts;
        let breach = financial | missed;
        let counts = breach & owes & acts & (own.called == 0.0);
        let months = own.months + 1.0;
        let waives = counts & !missed & (see.uniforms[0] < self.waiver);
        let calls = counts & !waives & (months > self.cure);
        books.event(financial & owes, event::COVENANT);
        books.event(!breach & owes & (own.months > 0.0), event::CURED);
        books.event(waives, event::WAIVED);
        own.fee = select(waives, owed * self.fee, Usd::ZERO);
        own.waived = select(waives, self.holds, own.waived);
        own.months = select(counts & !waives & !calls, months, 0.0);
        own.called = select(calls, 1.0, own.called);
        let tells = own.called == 1.0;
        books.event(tells & owes, event::ACCELERATED | event::INSTRUMENT_DEFAULT);
        own.called = select(tells, 2.0, own.called);
        breach
    }
}

impl Breach {
    /// Whether the debt has been accelerated, so that all of it is due.
    #[inline(always)]
    pub fn called(&self) -> bool {
        self.called > 0.0
    }
    /// Resets the breach after a restructuring, in which lenders have given up part of their claims, and excuses
    /// earlier defaults of other instruments.
    pub fn resolve(&mut self, see: &View, award: &Award) {
        if award.outcome == Outcome::Restructured {
            *self = Breach { excused: see.lab.defaulted, ..Breach::default() };
        }
    }
}

/// Terms of a debt with or without covenants. Whether it has covenants is known at compile time, so that a debt without
/// them bears none of their cost: no uniforms, no events of default, no columns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(transparent)]
pub struct Debt<T, const COVENANTS: bool>(pub T);

impl<T: Field, const COVENANTS: bool> Field for Debt<T, COVENANTS> {
    const WIDTH: usize = T::WIDTH;
    #[inline(always)]
    fn load(columns: &[Col], lane: usize) -> Self {
        Debt(T::load(columns, lane))
    }
    #[inline(always)]
    fn store(self, columns: &mut [Col], lane: usize) {
        self.0.store(columns, lane);
    }
    #[inline(always)]
    fn store_some(self, which: Columns, first: usize, columns: &mut [Col], lane: usize) {
        self.0.store_some(which, first, columns, lane);
    }
    fn append(self, out: &mut Vec<f64>) {
        self.0.append(out);
    }
}

impl<T: Row, const COVENANTS: bool> Row for Debt<T, COVENANTS> {
    const NAMES: &'static [(&'static str, usize)] = T::NAMES;
    const DOCS: &'static [&'static str] = T::DOCS;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covenant() -> Covenant {
        Covenant {
            minimum_cash: Usd(100.0),
            minimum_run_rate: Usd(50.0),
            acts: 1.0,
            cure: 2.0,
            waiver: 0.2,
            fee: 0.01,
            holds: 3.0,
            cross: 0b100,
        }
    }

    fn see(cash: f64, uniforms: f64) -> View {
        let mut see = View { uniforms: [uniforms, 0.0], ..View::default() };
        (see.lab.alive, see.lab.cash, see.lab.run_rate) = (1.0, Usd(cash), Usd(60.0));
        see
    }

    /// Events of a month.
    fn month(cash: f64, uniforms: f64, missed: bool, own: &mut Breach) -> u64 {
        let mut books = Books::NONE;
        covenant().test(&see(cash, uniforms), Usd(1000.0), missed, own, &mut books);
        books.events
    }

    #[test]
    fn a_breach_is_cured_or_called() {
        let called = event::COVENANT | event::ACCELERATED | event::INSTRUMENT_DEFAULT;
        let mut own = Breach::default();
        assert_eq!(month(100.0, 0.9, false, &mut own), 0);
        // A cure period of two months; cured in the second.
        assert_eq!(month(99.0, 0.9, false, &mut own), event::COVENANT);
        assert_eq!(month(99.0, 0.9, false, &mut own), event::COVENANT);
        assert_eq!((own.months, month(100.0, 0.9, false, &mut own), own.months), (2.0, event::CURED, 0.0));
        // Not cured: accelerated in the third month, once.
        for expected in [event::COVENANT, event::COVENANT, called, event::COVENANT] {
            assert_eq!(month(99.0, 0.9, false, &mut own), expected);
        }
        assert!(own.called());
    }

    #[test]
    fn a_waiver_costs_a_fee_and_holds_for_its_months() {
        let mut own = Breach::default();
        assert_eq!(month(99.0, 0.1, false, &mut own), event::COVENANT | event::WAIVED);
        assert_eq!((own.fee, own.waived), (Usd(10.0), 3.0));
        for _ in 0..3 {
            assert_eq!(month(99.0, 0.9, false, &mut own), 0);
            assert_eq!(own.fee, Usd::ZERO);
        }
        assert_eq!(month(99.0, 0.9, false, &mut own), event::COVENANT);
    }

    #[test]
    fn a_missed_payment_is_not_waived() {
        let mut own = Breach::default();
        for _ in 0..2 {
            assert_eq!(month(200.0, 0.0, true, &mut own), 0);
        }
        assert_eq!(month(200.0, 0.0, true, &mut own), event::ACCELERATED | event::INSTRUMENT_DEFAULT);
    }

    #[test]
    fn another_instruments_default_calls_it_until_a_restructuring() {
        let (c, mut own, mut see) = (covenant(), Breach::default(), see(200.0, 0.9));
        see.lab.defaulted = 0b011;
        c.cross(&see, &mut own);
        assert!(!own.called());
        see.lab.defaulted = 0b111;
        c.cross(&see, &mut own);
        assert!(own.called());
        own.resolve(&see, &Award { outcome: Outcome::Rescued, ..Award::default() });
        assert!(own.called());
        own.resolve(&see, &Award { outcome: Outcome::Restructured, ..Award::default() });
        c.cross(&see, &mut own);
        assert!(!own.called());
    }

    #[test]
    fn run_rate_is_tested_and_nothing_owed_is_not_called() {
        let (c, mut own, mut books) = (covenant(), Breach::default(), Books::NONE);
        let mut see = see(200.0, 0.9);
        see.lab.run_rate = Usd(49.0);
        for _ in 0..5 {
            assert!(c.test(&see, Usd::ZERO, false, &mut own, &mut books));
        }
        assert_eq!((books.events, own), (0, Breach::default()));
    }
}
