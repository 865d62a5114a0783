//! What a run records: the list of metrics of a scenario, those that `checks:` need, and a description of each. The
//! engine's definition of a metric is in [`engine::metrics`](crate::engine::metrics).

mod asked;
mod list;
pub mod words;

pub use crate::engine::metrics::*;
pub use asked::{at_month, end_name, record_asked};

use std::collections::HashSet;

use crate::engine::books::event;
use crate::issues::{Issues, nearest};
use crate::language::prelude::Text;
use crate::plan::PlannedInstrument;
use crate::scenario::Scenario;

/// Name of the annual cash lines in `run.metrics`.
const BY_YEAR: &str = "sources_uses";
/// Name of the events.
const EVENTS: &str = "events";
/// Name of the selection that is recorded by default.
const DEFAULT: &str = "default";
/// Name of the selection of all metrics.
const ALL: &str = "all";
/// Events of the world.
const OF_WORLD: u64 = event::WINTER | event::COMPETITOR;
/// Events of the lab itself.
const OF_LAB: u64 = event::IDLE
    | event::OVERRUN
    | event::LUMP
    | event::SHORT
    | event::DEFAULT
    | event::RELEASE
    | event::WATCH
    | event::DISTRESS
    | event::RESCUED
    | event::ACQUIRED
    | event::RESTRUCTURED
    | event::LIQUIDATED;

/// The metrics that `run.metrics` selects; `None` if a name is unknown. `default` covers what tables, charts and report
/// of a run need; `all` adds metrics that are [`seldom`](Metric::seldom) read. A list selects among the monthly
/// metrics, annual cash lines, events and returns of providers; all other metrics at the horizon cost little and are
/// always recorded.
pub fn of(scenario: &Scenario, instruments: &[PlannedInstrument], issues: &mut Issues) -> Option<Metrics> {
    let mut metrics = list::all(scenario, instruments);
    for list in [&metrics.monthly, &metrics.at_end] {
        let mut names = HashSet::new();
        for twice in list.iter().filter(|m| !names.insert(m.name.as_str())) {
            let title = format!("two metrics would be named `{}`", twice.name);
            issues.error("duplicate-name", None, title, "").help("rename the instrument, tranche or holder");
        }
    }
    let names = &scenario.run.metrics.0;
    let word = |word: &str| names.iter().any(|name| name.as_str() == word);
    keep(&mut metrics, names, [word(ALL), word(DEFAULT)], issues)?;
    Some(metrics)
}

/// Keeps the named metrics, in the order of `metrics` rather than of the names. Seldom-read metrics stay until it is
/// known which of them `checks` read.
fn keep(metrics: &mut Metrics, names: &[Text], [all, default]: [bool; 2], issues: &mut Issues) -> Option<()> {
    let known: Vec<&str> = metrics
        .monthly
        .iter()
        .chain(&metrics.at_end)
        .map(|m| m.name.as_str())
        .chain([BY_YEAR, EVENTS, DEFAULT, ALL])
        .collect();
    let mut sound = Some(());
    for name in names.iter().filter(|n| !known.contains(&n.as_str())) {
        let label = nearest(name, known.iter().copied())
            .map_or("not a metric of this scenario".to_owned(), |n| format!("did you mean `{n}`?"));
        issues
            .error("unknown-name", Some(name.place()), format!("unknown metric `{name}`"), label)
            .help(format!("metrics: {}", known.join(", ")));
        sound = None;
    }
    let named = |name: &str| names.iter().any(|n| n.as_str() == name);
    for metric in metrics.monthly.iter_mut().chain(&mut metrics.at_end) {
        metric.seldom &= !all && !named(&metric.name);
    }
    if all || default {
        return sound;
    }
    metrics.monthly.retain(|m| named(&m.name));
    metrics.at_end.retain(|m| m.returns_of().is_none() || named(&m.name));
    if !named(BY_YEAR) {
        metrics.cash.clear();
    }
    if !named(EVENTS) {
        metrics.events.clear();
    }
    sound
}

/// Events of the world, of the lab and of each instrument, entity by entity; `capability` states whether the lab can
/// fall behind its rivals.
pub fn events_of(instruments: &[PlannedInstrument], capability: bool) -> Vec<EventCount> {
    let of_lab = OF_LAB | if capability { event::FELL_BEHIND } else { 0 };
    let entities = [("world", None, OF_WORLD), ("lab", None, of_lab)];
    let of_instruments = instruments.iter().enumerate().map(|(k, r)| (r.name.as_str(), Some(k), r.spec.events()));
    entities
        .into_iter()
        .chain(of_instruments)
        .flat_map(|(entity, instrument, mask)| {
            let listed = event::ALL.iter().filter(move |(bit, _)| mask & bit != 0);
            listed.map(move |&(bit, name)| EventCount { entity: entity.to_owned(), instrument, bit, name })
        })
        .collect()
}
