//! A scenario in numbers: everything that the engine runs.

use std::sync::Arc;

use crate::inputs::InputDraws;
use crate::instrument::Line;
use crate::metrics::{Metrics, Source};
use crate::objects::{ComponentKind, InstrumentKind};
use crate::resolution::Insolvency;
use crate::shocks::Shocks;
use crate::streams::Stream;
use crate::units::Month;

/// A scenario in numbers.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Months of the horizon.
    pub months: usize,
    /// First simulated month.
    pub start: Month,
    /// Seed of every stream.
    pub seed: u64,
    /// Months from an order to its delivery.
    pub lead: usize,
    /// Laws of the uncertain inputs and their dependence.
    pub draws: InputDraws,
    /// Each input at its median.
    pub medians: Vec<f64>,
    /// Monthly noise.
    pub shocks: Shocks,
    /// Drivers and the lab's components, in order.
    pub components: Vec<PlannedComponent>,
    /// Instruments, in order: own hardware, contracts, then other instruments.
    pub instruments: Vec<PlannedInstrument>,
    /// What happens when the lab fails.
    pub insolvency: Arc<dyn Insolvency>,
    /// Stream of the uniforms that decide between outcomes of a failure.
    pub fate: Stream,
    /// Offset, modulo 2^64, of the path for which everything that is drawn by month is drawn: shocks, the uniforms of
    /// instruments and fate, but not the inputs. 0 unless a study separates the months from the inputs.
    pub months_from: u64,
    /// Columns of the board that are cleared at the start of a month.
    pub cleared: Vec<usize>,
    /// Columns of the board that are saved, from and to, before they are cleared or overwritten.
    pub carried: Vec<(usize, usize)>,
    /// Whether equity is priced less what the lab owes in future years, so that this must be known.
    pub prices_obligations: bool,
    /// Whether rounds are launched by what the lab owes half a year ahead, so that it is stated in every month.
    pub covers_obligations: bool,
    /// What is recorded.
    pub metrics: Metrics,
}

/// A component and the indices of its shocks in the plan.
#[derive(Clone, Debug)]
pub struct PlannedComponent {
    /// Its spec.
    pub spec: Arc<dyn ComponentKind>,
    /// Indices of its normals among the plan's.
    pub normals: Vec<usize>,
    /// Indices of its uniforms among the plan's.
    pub uniforms: Vec<usize>,
}

/// An instrument, its name and its stream.
#[derive(Clone, Debug)]
pub struct PlannedInstrument {
    /// Name in the scenario.
    pub name: String,
    /// Terms.
    pub spec: Arc<dyn InstrumentKind>,
    /// Stream of its uniforms.
    pub stream: Stream,
    /// Its bit among the instruments that have defaulted.
    pub bit: u64,
    /// Columns (instrument and field) whose sums are the lab's purchases from the supplier that it names: invoiced,
    /// power in place, firm and headline commitments.
    pub sales: Vec<Vec<(usize, usize)>>,
    /// Whether provider flows are kept, for returns.
    pub keeps_flows: bool,
    /// Number of provider accounts, up to the last that it names.
    pub accounts: usize,
}

impl PlannedInstrument {
    /// Its lines, in order: `<field>`, or `<account>.<field>` for each account, each with the source of its values if
    /// the instrument is number `k` of the plan.
    pub fn lines(&self, k: usize) -> Vec<(String, &'static Line, Source)> {
        let column = |field: &str| self.spec.column(field).unwrap_or_else(|| unreachable!("no field `{field}`"));
        let accounts = self.spec.accounts();
        let mut out = Vec::new();
        for line in self.spec.lines() {
            let first = column(line.field);
            let source = |at| line.defined.map_or(Source::Instrument(k, at), |by| Source::Defined(k, at, column(by)));
            if line.by_account {
                let named = |(account, slot): &(String, usize)| {
                    (format!("{account}.{}", line.field), line, source(first + slot))
                };
                out.extend(accounts.iter().map(named));
            } else {
                out.push((line.field.to_owned(), line, source(first)));
            }
        }
        out
    }
}

impl Plan {
    /// The path for which the noise of the months of `path` is drawn.
    pub fn noise_of(&self, path: u64) -> u64 {
        path.wrapping_add(self.months_from)
    }
    /// Whether what the lab owes in future years is stated in month `t`: in the first and every third month after it, and
    /// in the last; in every month where rounds are launched by it.
    pub fn states_obligations(&self, t: usize) -> bool {
        self.prices_obligations && (self.covers_obligations || self.is_quarter(t))
    }
    /// Whether what is computed once a quarter is computed in this month.
    pub fn is_quarter(&self, t: usize) -> bool {
        t % 3 == 1 || t == self.months
    }
    /// A calendar month as a month of the simulation, 1 for the first, or `None` if it is outside the horizon.
    pub fn month(&self, month: Month) -> Option<usize> {
        usize::try_from(month.since(self.start) + 1).ok().filter(|t| (1..=self.months).contains(t))
    }
    /// Month in which an order placed in month `t` would be delivered.
    #[inline(always)]
    pub fn ahead(&self, t: usize) -> f64 {
        (t + self.lead) as f64
    }
}
