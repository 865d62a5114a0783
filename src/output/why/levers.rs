//! Which single change of a decision would have saved a ruined path. The levers are found in the scenario; each is
//! changed by a whole percentage of what it is, as `--set` would, and the path is run again under the same world.
//!
//! The smallest change that saves the path is found by bisection. A larger change need not save it too, so that a still
//! smaller one may exist where the effect is not monotone; the change that is reported does save the path.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::engine::month::inputs_of;
use crate::engine::reference::{Broken, Path};
use crate::language::overlay::find;
use crate::language::tree::Node;
use crate::model::{Model, Settings};
use crate::output::number::float;
use crate::output::table::{Cell, Kind, Table};
use crate::plan::Plan;

/// Direction of a change, with the largest one that is tried, in percent: to a half, or to the double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Lower,
    Higher,
}
use Way::{Higher, Lower};

impl Way {
    fn most(self) -> u32 {
        match self {
            Lower => 50,
            Higher => 100,
        }
    }
    fn factor(self, percent: u32) -> f64 {
        match self {
            Lower => f64::from(100 - percent) / 100.0,
            Higher => f64::from(100 + percent) / 100.0,
        }
    }
}

/// Levers of the lab: the name, the direction and the keys that change together, of which the scenario may lack some.
const OF_LAB: &[(&str, Way, &[&str])] = &[
    ("research", Lower, RESEARCH),
    ("research", Higher, RESEARCH),
    ("orders_of_power", Lower, &["lab.compute.orders.share"]),
    ("orders_of_power", Higher, &["lab.compute.orders.share"]),
    ("take_or_pay_of_orders", Lower, &["lab.compute.orders.take_or_pay"]),
    ("staff_cost", Lower, &["lab.people.cost"]),
    ("growth_of_staff_cost", Lower, &["lab.people.growth"]),
    ("other_cost", Lower, &["lab.other.cost"]),
    ("minimum_cash", Higher, &["lab.policy.minimum_cash"]),
    ("opening_cash", Higher, &["lab.opening.cash"]),
];
const RESEARCH: &[&str] = &[
    "lab.compute.research.spend",
    "lab.compute.research.share_of_revenue.at_least",
    "lab.compute.research.share_of_revenue.at_most",
    "lab.compute.research.share_of_revenue.at_most_later",
];
/// Levers of a contract for power.
const OF_CONTRACT: &[(&str, Way)] = &[("power", Lower), ("take_or_pay", Lower)];
/// Levers of an instrument, by its kind.
const OF_INSTRUMENT: &[(&str, &str, Way)] = &[
    ("equity_round", "max_size", Higher),
    ("equity_round", "max_dilution", Higher),
    ("equity_round", "covers", Higher),
    ("equity_round", "when.runway_below", Higher),
    ("equity_round", "when.cash_below", Higher),
    ("revolver", "limit", Higher),
    ("term_loan", "amount", Higher),
    ("ddtl", "commitment", Higher),
    ("convertible", "amount", Higher),
    ("vendor_finance", "limit", Higher),
];
/// Largest number of levers tried.
const MOST: usize = 40;

/// A lever: what it is called, and the settings that change together, each with the text that it multiplies.
#[derive(Clone, Debug, PartialEq)]
struct Lever {
    name: String,
    way: Way,
    settings: Vec<(String, String)>,
}

impl Lever {
    /// The settings for a change, as for `--set`.
    fn sets(&self, percent: u32) -> Vec<String> {
        let factor = self.way.factor(percent);
        self.settings.iter().map(|(path, text)| format!("{path}={factor} * ({text})")).collect()
    }
}

/// The value of a quantity on a path as text: what was drawn for it where it is an uncertain input of its own, and else
/// what is written. `None` for what is neither.
fn text(model: &Model, inputs: &[f64], path: &str, node: &Node) -> Option<String> {
    let value = node.get("value").unwrap_or(node);
    if let Some(at) = model.plan.draws.position(path) {
        let input = model.reader.inputs.iter().find(|input| input.name == path)?;
        let unit = input.unit.symbol();
        let room = if unit.is_empty() || unit.starts_with(['%', 'x']) { "" } else { " " };
        return Some(format!("{}{room}{unit}", float(inputs[at] * input.unit.shown())));
    }
    value.text().filter(|text| !text.contains(" to ")).map(|text| text.trim().to_owned())
}

/// The levers of a scenario, for one path.
fn of(model: &Model, path: u64) -> Vec<Lever> {
    let root = &model.resolved;
    let inputs = inputs_of(&model.plan, path);
    let lever = |name: String, way: Way, keys: &[String]| {
        let setting = |key: &String| Some((key.clone(), text(model, &inputs, key, find(root, key)?)?));
        let settings: Vec<(String, String)> = keys.iter().filter_map(setting).collect();
        (!settings.is_empty()).then_some(Lever { name, way, settings })
    };
    let mut out = Vec::new();
    let ordered = find(root, "lab.compute.orders.policy").and_then(Node::text).is_none_or(|p| p == "forecast_share");
    for (name, way, keys) in OF_LAB.iter().filter(|(name, ..)| ordered || *name != "orders_of_power") {
        out.extend(lever((*name).to_owned(), *way, &keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>()));
    }
    let items = |path: &str| find(root, path).and_then(Node::list).unwrap_or(&[]).iter();
    for contract in items("lab.compute.contracts").filter_map(Node::item_name) {
        for (key, way) in OF_CONTRACT {
            out.extend(lever(format!("{contract}.{key}"), *way, &[format!("lab.compute.contracts.{contract}.{key}")]));
        }
    }
    for item in items("instruments") {
        let (Some(name), Some([(kind, _), ..])) = (item.item_name(), item.map()) else { continue };
        for (_, key, way) in OF_INSTRUMENT.iter().filter(|lever| lever.0 == kind.text) {
            out.extend(lever(format!("{name}.{key}"), *way, &[format!("instruments.{name}.{key}")]));
        }
    }
    out.truncate(MOST);
    out
}

/// The month in which a path runs out of cash, 0 if it does not.
///
/// # Errors
/// An accounting identity does not hold.
fn ruin(plan: &Plan, path: u64) -> Result<usize, Broken> {
    let mut run = Path::new(plan, path);
    for month in 1..=plan.months {
        run.month(month)?;
        if run.lane.accounts.cash_out > 0.0 {
            return Ok(month);
        }
    }
    Ok(0)
}

/// What a lever does to a path.
#[derive(Clone, Debug, PartialEq)]
struct Tried {
    /// The change in percent: the smallest that saves the path, or the largest that is valid.
    percent: u32,
    /// The month of ruin under it, 0 if the path is saved.
    ruin: usize,
}

/// Tries a lever: `run` gives the month of ruin for a change in percent, `None` if the scenario is then invalid. The
/// largest change is halved until it is valid.
fn attempt<E>(most: u32, run: impl Fn(u32) -> Result<Option<usize>, E>) -> Result<Option<Tried>, E> {
    let mut high = most;
    let mut ruin = loop {
        match run(high)? {
            Some(ruin) => break ruin,
            None if high > 1 => high /= 2,
            None => return Ok(None),
        }
    };
    let mut low = 0;
    while ruin == 0 && high - low > 1 {
        let middle = low.midpoint(high);
        match run(middle)? {
            Some(0) => (high, ruin) = (middle, 0),
            _ => low = middle,
        }
    }
    Ok(Some(Tried { percent: high, ruin }))
}

/// The columns of `levers.csv`: `path, month, lever, way, change, saved, month_then, settings`. `change` is the smallest
/// change that saves the path, in parts of the lever, or the largest one tried where none does; `month_then` is the month
/// of ruin under that one. `settings` can be given to `--set`, separated by `; `.
pub(super) fn heading() -> Table {
    Table::new([
        ("path", Kind::Whole),
        ("month", Kind::Month),
        ("lever", Kind::Text),
        ("way", Kind::Text),
        ("change", Kind::Number),
        ("saved", Kind::Whole),
        ("month_then", Kind::Month),
        ("settings", Kind::Text),
    ])
}

/// Writes what each lever does to a path that runs out of cash in `month`.
///
/// # Errors
/// An accounting identity does not hold.
pub(super) fn write(model: &Model, (path, month): (u64, usize), table: &mut Table) -> Result<(), Broken> {
    let attempted = |lever: Lever| -> Result<Option<(Lever, Tried)>, Broken> {
        let run = |percent: u32| {
            let sets = model.settings.sets.iter().cloned().chain(lever.sets(percent)).collect();
            let changed = model.with(&Settings { sets, ..model.settings.clone() });
            changed.ok().map(|changed| ruin(&changed.plan, path)).transpose()
        };
        Ok(attempt(lever.way.most(), run)?.map(|tried| (lever, tried)))
    };
    let found: Vec<_> = of(model, path).into_par_iter().map(attempted).collect::<Result<_, _>>()?;
    let mut found: Vec<(Lever, Tried)> = found.into_iter().flatten().collect();
    // Those that save the path, with the smallest change first; then those that delay its ruin, the longest first.
    found.sort_by_key(|(_, tried)| (tried.ruin > 0, Reverse(tried.ruin), tried.percent));
    let date = |t: usize| model.plan.start.plus(i32::try_from(t).unwrap_or(1) - 1);
    for (lever, tried) in found {
        let way = if lever.way == Lower { "lower" } else { "higher" };
        let settings = lever.sets(tried.percent).join("; ");
        let then = if tried.ruin == 0 { Cell::Month(None) } else { date(tried.ruin).into() };
        let change = lever.way.factor(tried.percent) - 1.0;
        let change = (change * 100.0).round() / 100.0;
        let saved = u64::from(tried.ruin == 0);
        let head: [Cell<'_>; 4] = [path.into(), date(month).into(), (&lever.name).into(), way.into()];
        table.push(head.into_iter().chain([change.into(), saved.into(), then, (&settings).into()]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_saving_change_is_found() {
        let saves = |from: u32| move |percent| Ok::<_, ()>(Some(if percent >= from { 0 } else { 9 }));
        for from in [1, 2, 11, 37, 50] {
            assert_eq!(attempt(50, saves(from)), Ok(Some(Tried { percent: from, ruin: 0 })));
        }
        assert_eq!(attempt(50, saves(51)), Ok(Some(Tried { percent: 50, ruin: 9 })));
        // Above 30 the scenario is invalid: 50 is halved once.
        let valid = |percent| Ok::<_, ()>((percent <= 30).then_some(if percent >= 20 { 0 } else { 9 }));
        assert_eq!(attempt(50, valid), Ok(Some(Tried { percent: 20, ruin: 0 })));
        assert_eq!(attempt(50, |_| Ok::<_, ()>(None)), Ok(None));
    }
}
