//! Ledgers: a lab through the plain engine, month by month, every figure by name. The plain engine checks every identity
//! of every month on the way, among them that both sides of each instrument net to zero.

use gapcast::engine::component::Lane;
use gapcast::engine::objects::ScalarInstrument;
use gapcast::engine::reference::Path;
use gapcast::model::Model;
use gapcast::plan::Plan;

/// One month of one path.
pub struct Month {
    /// The lane at its end.
    pub lane: Lane,
    /// The instruments at its end.
    pub instruments: Vec<Box<dyn ScalarInstrument>>,
    /// What each instrument's providers got, by account.
    pub flows: Vec<Vec<f64>>,
    /// Events of each instrument.
    pub events: Vec<u64>,
}

/// A path of a plan: `ledger.at("revolver.balance", 3)` is its state field at the end of month 3.
pub struct Ledger<'p> {
    pub plan: &'p Plan,
    pub months: Vec<Month>,
}

impl<'p> Ledger<'p> {
    /// Runs path `path` of a model to the horizon.
    #[track_caller]
    pub fn of(model: &'p Model, path: u64) -> Ledger<'p> {
        let plan = &model.plan;
        let mut run = Path::new(plan, path);
        let mut months = Vec::new();
        for t in 1..=plan.months {
            run.month(t).unwrap_or_else(|broken| panic!("{broken}"));
            months.push(Month {
                lane: run.lane,
                instruments: run.instruments.clone(),
                flows: run.flows.iter().map(|f| f[t].to_vec()).collect(),
                events: run.events.clone(),
            });
        }
        Ledger { plan, months }
    }

    #[track_caller]
    fn instrument(&self, name: &str) -> usize {
        self.plan.instruments.iter().position(|r| r.name == name).unwrap_or_else(|| panic!("no instrument {name}"))
    }

    /// A state field of an instrument at the end of month `t`: `instrument.field`, or `instrument.field.2` for the third of an array.
    #[track_caller]
    pub fn at(&self, name: &str, t: usize) -> f64 {
        let mut parts = name.split('.');
        let (instrument, field) = (self.instrument(parts.next().unwrap()), parts.next().expect("a field"));
        let k: usize = parts.next().map_or(0, |k| k.parse().unwrap());
        let at = self.plan.instruments[instrument].spec.column(field).unwrap_or_else(|| panic!("no field {name}"));
        self.months[t - 1].instruments[instrument].values()[at + k]
    }

    /// What an account of an instrument's providers got in month `t`; plus is cash to it.
    #[track_caller]
    pub fn flow(&self, instrument: &str, account: usize, t: usize) -> f64 {
        self.months[t - 1].flows[self.instrument(instrument)][account]
    }

    /// Whether an instrument recorded an event in month `t`.
    #[track_caller]
    pub fn happened(&self, instrument: &str, event: u64, t: usize) -> bool {
        self.months[t - 1].events[self.instrument(instrument)] & event != 0
    }

    /// The lane at the end of month `t`.
    pub fn lane(&self, t: usize) -> &Lane {
        &self.months[t - 1].lane
    }

    /// A field of an instrument in months 1, 2, …, each to the cent.
    #[track_caller]
    pub fn cents(&self, name: &str, expected: &[f64]) {
        for (k, &x) in expected.iter().enumerate() {
            let found = self.at(name, k + 1);
            assert!((found - x).abs() < 0.005, "{name}, month {}: {found:.2} instead of {x:.2}", k + 1);
        }
    }
}
