//! The order of a month, which both engines follow (*A month* in `docs/model.md`).

use crate::component::stage;
use crate::instrument::{CLOSE, FUND, OPEN, REVIEW, SETTLE};

/// What happens in a month, for one path or for a block of them. Months count from 1.
pub trait Schedule {
    /// Begins a month: last month's stocks that instruments may see are saved, the books are cleared, and shocks are
    /// drawn.
    fn begin_month(&mut self, t: usize);
    /// A stage of all components, in the order of the plan.
    fn components<const STAGE: u8>(&mut self, t: usize);
    /// A phase of all instruments, in the order of the scenario.
    fn instruments<const PHASE: u8>(&mut self, t: usize);
    /// Payment by rank where cash is insufficient.
    fn short(&mut self, t: usize);
    /// Resolves failures of the month, of the lab and of vehicles.
    fn resolve(&mut self, t: usize);
    /// States what the lab owes in future years, in the months in which that is asked for.
    fn obligations(&mut self, t: usize);
    /// Whether the stage that runs once a quarter runs in this month.
    fn is_quarter(&self, t: usize) -> bool;
    /// Saves what later months read of this one.
    fn end_month(&mut self, t: usize);

    /// Runs the month.
    fn month(&mut self, t: usize) {
        self.begin_month(t);
        self.components::<{ stage::DRIVE }>(t);
        self.components::<{ stage::OPEN }>(t);
        self.instruments::<OPEN>(t);
        self.components::<{ stage::OPERATE }>(t);
        self.instruments::<SETTLE>(t);
        self.components::<{ stage::BILL }>(t);
        self.instruments::<FUND>(t);
        self.components::<{ stage::PAY }>(t);
        self.short(t);
        self.instruments::<CLOSE>(t);
        self.components::<{ stage::MARK }>(t);
        self.resolve(t);
        self.instruments::<REVIEW>(t);
        self.obligations(t);
        self.components::<{ stage::VALUE }>(t);
        if self.is_quarter(t) {
            self.components::<{ stage::QUARTER }>(t);
        }
        self.components::<{ stage::PRICE }>(t);
        self.end_month(t);
    }
}
