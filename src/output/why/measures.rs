//! What is measured of a path over a window of months: its inputs, the state of the world and of the lab, and what the
//! lab decided. A measure is the ratio of two sums over the months, so that amounts of paths of different size compare.

use rayon::prelude::*;

use super::{Pair, window};
use crate::components::ComponentSpec;
use crate::engine::component::Lane;
use crate::engine::instrument::Unit;
use crate::engine::month::inputs_of;
use crate::engine::reference::{Broken, Path};
use crate::model::Model;
use crate::plan::metrics::events_of;
use crate::plan::{Plan, component_spec};

/// Numerator and denominator of a month.
type Ratio = fn(&Lane) -> [f64; 2];

/// Where a measure comes from.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// The input with this number, times a factor that gives it its unit.
    Input(usize, f64),
    /// A ratio of sums over the window.
    Window(Ratio),
}

/// A measure.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    /// `input`, `world`, `lab` or `decision`.
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    of: Of,
}

/// What a replay of one path over a window yields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    /// The measures; NaN where undefined.
    pub values: Vec<f64>,
    /// The month of each event of the plan's list within the window, the first one; 0 if it did not happen.
    pub events: Vec<usize>,
}

/// The mean of a level.
fn level(x: f64) -> [f64; 2] {
    [x, 1.0]
}

/// An amount relative to revenue.
fn over_revenue(lane: &Lane, x: f64) -> [f64; 2] {
    [x, lane.lab.revenue.0]
}

/// The measures of the world, the lab and its decisions that any scenario has.
const COMMON: &[(&str, &str, Unit, Ratio)] = &[
    ("world", "winter", Unit::Share, |l| level(l.market.winter)),
    ("world", "sofr", Unit::AnnualRate, |l| level(l.market.sofr)),
    ("world", "credit_spread", Unit::AnnualRate, |l| level(l.market.spread)),
    ("world", "equity_multiple", Unit::Ratio, |l| level(l.market.multiple)),
    ("world", "equity_window", Unit::Share, |l| level(l.market.window)),
    ("world", "power_price", Unit::UsdPerGwMonth, |l| level(l.market.power_price)),
    ("world", "resale_index", Unit::Ratio, |l| level(l.market.resale)),
    ("lab", "growth_of_revenue", Unit::Share, |l| level(l.lab.growth)),
    ("lab", "utilisation", Unit::Share, |l| [l.ops.used_gw, l.ops.place_gw]),
    ("lab", "demand_served", Unit::Share, |l| level(l.ops.served)),
    ("lab", "compute_cost_over_revenue", Unit::Share, |l| over_revenue(l, l.ops.compute_spend.0)),
    ("lab", "idle_cost_over_revenue", Unit::Share, |l| over_revenue(l, l.ops.idle_cost.0)),
    ("lab", "staff_cost_over_revenue", Unit::Share, |l| over_revenue(l, l.ops.staff.0)),
    ("lab", "interest_over_revenue", Unit::Share, |l| over_revenue(l, l.lines.interest_expense.0)),
    ("lab", "firm_commitments_over_run_rate", Unit::Ratio, |l| [l.lines.firm.0, l.lab.run_rate.0]),
    ("decision", "research_over_revenue", Unit::Share, |l| over_revenue(l, l.ops.training_spend.0)),
    ("decision", "orders_over_revenue", Unit::Share, |l| over_revenue(l, l.ops.ordered.0)),
    ("decision", "debt_drawn_over_revenue", Unit::Share, |l| over_revenue(l, l.lines.debt_in.0)),
    ("decision", "equity_raised_over_revenue", Unit::Share, |l| over_revenue(l, l.lines.equity_in.0)),
    ("decision", "equity_refused_over_revenue", Unit::Share, |l| {
        over_revenue(l, l.lines.equity_asked.0 - l.lines.equity_filled.0)
    }),
    ("decision", "credit_refused_over_revenue", Unit::Share, |l| {
        over_revenue(l, l.lines.credit_asked.0 - l.lines.credit_drawn.0)
    }),
];

/// The measures of a scenario: its inputs, then the common ones, then those of components that it has.
pub(super) fn of(model: &Model) -> Vec<Measure> {
    let plan: &Plan = &model.plan;
    let unit = |name: &str| {
        let input = model.reader.inputs.iter().find(|input| input.name == name);
        input.map_or(("", 1.0), |input| (input.unit.symbol(), input.unit.shown()))
    };
    let input = |(k, (name, _)): (usize, (&str, _))| {
        let (unit, factor) = unit(name);
        Measure { group: "input", name: name.to_owned(), unit, of: Of::Input(k, factor) }
    };
    let window = |&(group, name, unit, ratio): &(&'static str, &str, Unit, Ratio)| Measure {
        group,
        name: name.to_owned(),
        unit: unit.name(),
        of: Of::Window(ratio),
    };
    let mut out: Vec<Measure> = plan.draws.laws().enumerate().map(input).chain(COMMON.iter().map(window)).collect();
    let has = |wanted: fn(&ComponentSpec) -> bool| plan.components.iter().any(|p| wanted(component_spec(p)));
    if has(|spec| matches!(spec, ComponentSpec::Scarcity(_))) {
        out.push(window(&("world", "tightness", Unit::Ratio, |l| level(l.market.tightness))));
    }
    if has(|spec| matches!(spec, ComponentSpec::Capability(_))) {
        out.push(window(&("lab", "capability", Unit::Share, |l| level(l.ops.capability))));
    }
    out
}

/// The events that a run counts.
pub(super) fn events(plan: &Plan) -> Vec<crate::plan::metrics::EventCount> {
    let capability = plan.components.iter().any(|p| matches!(component_spec(p), ComponentSpec::Capability(_)));
    events_of(&plan.instruments, capability)
}

/// Replays a path to the end of a window, and measures it there.
///
/// # Errors
/// An accounting identity does not hold.
pub(super) fn replay(
    plan: &Plan,
    measures: &[Measure],
    path: u64,
    (first, last): (usize, usize),
) -> Result<Seen, Broken> {
    let listed = events(plan);
    let inputs = inputs_of(plan, path);
    let mut sums = vec![[0.0; 2]; measures.len()];
    let mut months = vec![0; listed.len()];
    let mut run = Path::new(plan, path);
    for month in 1..=last {
        run.month(month)?;
        if month < first {
            continue;
        }
        for (sum, measure) in sums.iter_mut().zip(measures) {
            if let Of::Window(ratio) = measure.of {
                let [of, over] = ratio(&run.lane);
                *sum = [sum[0] + of, sum[1] + over];
            }
        }
        for (at, event) in months.iter_mut().zip(&listed) {
            let bits = event.instrument.map_or(run.lane.events, |instrument| run.events[instrument]);
            if *at == 0 && bits & event.bit != 0 {
                *at = month;
            }
        }
    }
    let value = |(measure, [of, over]): (&Measure, [f64; 2])| match measure.of {
        Of::Input(k, factor) => factor * inputs[k],
        Of::Window(_) if over > 0.0 => of / over,
        Of::Window(_) => f64::NAN,
    };
    Ok(Seen { values: measures.iter().zip(sums).map(value).collect(), events: months })
}

/// Replays both paths of each pair: the ruined path and the survivor.
///
/// # Errors
/// An accounting identity does not hold.
pub(super) fn both(plan: &Plan, measures: &[Measure], pairs: &[Pair]) -> Result<Vec<[Seen; 2]>, Broken> {
    let of = |pair: &Pair| {
        let months = window(pair.month);
        Ok([replay(plan, measures, pair.ruined, months)?, replay(plan, measures, pair.survivor, months)?])
    };
    pairs.par_iter().map(of).collect()
}
