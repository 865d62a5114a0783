//! Validates lines of `checks:` against the metrics of a plan: names, times and units, which reading alone cannot
//! validate.

use crate::engine::instrument::Unit;
use crate::issues::{Issues, nearest};
use crate::language::checks::{Bound, Check, Function, Time};
use crate::language::overlay;
use crate::language::prelude::Text;
use crate::language::quantity::Kind;
use crate::language::target::Target;
use crate::language::tree::Node;
use crate::plan::Plan;
use crate::plan::metrics::words;

/// Events that `p(…)` takes without a comparison.
pub const EVENTS: [&str; 2] = ["cash_out", "default"];

/// Largest number of entries of `headline:`.
const HEADLINES: usize = 12;

/// Reports entries of `headline:` that are neither a metric of the plan nor an event, are named twice, or are too many.
pub fn headline(plan: &Plan, entries: &[Text], issues: &mut Issues) {
    let names = plan.metrics.at_end.iter().chain(&plan.metrics.monthly).map(|m| m.name.as_str());
    let names: Vec<&str> = names.chain(EVENTS).collect();
    entries_among(entries, |name| names.contains(&name), &names, issues);
}

/// Reports problems of the entries of `headline:`, given which names are known and those that could be meant.
fn entries_among(entries: &[Text], known: impl Fn(&str) -> bool, among: &[&str], issues: &mut Issues) {
    for (k, entry) in entries.iter().enumerate() {
        if !known(entry.as_str()) {
            let label = nearest(entry.as_str(), among.iter().copied())
                .map_or("no metric of this run".to_owned(), |n| format!("did you mean `{n}`?"));
            issues.error("unknown-metric", entry.place(), format!("unknown metric or event `{entry}`"), label);
        } else if entries[..k].iter().any(|before| before.as_str() == entry.as_str()) {
            let title = format!("`{entry}` is named twice in `headline`");
            issues.error("duplicate-name", entry.place(), title, "remove one of them");
        }
    }
    if let Some(beyond) = entries.get(HEADLINES) {
        let title = format!("`headline` names {} metrics, {HEADLINES} at most", entries.len());
        issues.error("range", beyond.place(), title, "remove this one and those after it");
    }
}

/// Reports errors in lines of `checks:` that only the list of metrics can reveal.
pub fn names(plan: &Plan, checks: &[Check], issues: &mut Issues) {
    for check in checks {
        if !named(plan, check, issues) {
            continue;
        }
        let bound = if check.function == Function::Probability { check.inner } else { check.limit };
        bounded(plan, check, bound.map(|(_, bound)| bound), issues);
        if check.function == Function::Probability
            && let Some((_, bound)) = check.limit
            && bound.kind != Kind::Share
        {
            issues.error("unit", bound.place, "a probability is compared with a share", "write for example `10%`");
        }
    }
}

/// Reports errors in a target of precision that only the list of metrics can reveal.
pub fn target(plan: &Plan, target: &Target, issues: &mut Issues) {
    let Target(check) = target;
    if named(plan, check, issues) {
        let bound = if check.function == Function::Probability { check.inner } else { check.limit };
        bounded(plan, check, bound.map(|(_, bound)| bound).filter(|_| !is_relative(plan, target)), issues);
    }
}

/// Whether the bound of a target is a share of the estimate: a percentage, where the metric is not one.
pub fn is_relative(plan: &Plan, Target(check): &Target) -> bool {
    let percentage = |unit| suits(unit, Kind::Share);
    check.function != Function::Probability
        && check.limit.is_some_and(|(_, bound)| bound.kind == Kind::Share)
        && !unit_of(plan, &check.metric).is_some_and(percentage)
}

fn unit_of(plan: &Plan, metric: &str) -> Option<Unit> {
    plan.metrics.at_end.iter().chain(&plan.metrics.monthly).find(|m| m.name == metric).map(|m| m.unit)
}

/// Reports a bound that does not have the unit of the metric.
fn bounded(plan: &Plan, check: &Check, bound: Option<Bound>, issues: &mut Issues) {
    if let (Some(unit), Some(bound)) = (unit_of(plan, &check.metric), bound)
        && !check.is_event()
        && !(suits(unit, bound.kind) && !(bound.kind == Kind::MoneyRate && is_stock(plan, &check.metric)))
    {
        let label = format!("`{}` is in {}", check.metric, unit.name());
        issues.error("unit", bound.place, "the bound has a different unit than the metric", label);
    }
}

/// Reports a name that the plan does not have and a time that its metric does not have; returns whether the name is
/// known.
fn named(plan: &Plan, check: &Check, issues: &mut Issues) -> bool {
    let event = check.is_event();
    let (known, among): (bool, Vec<&str>) = if event {
        (EVENTS.contains(&check.metric.as_str()), EVENTS.to_vec())
    } else {
        let names = plan.metrics.at_end.iter().chain(&plan.metrics.monthly).map(|m| m.name.as_str());
        let names: Vec<&str> = names.collect();
        (names.contains(&check.metric.as_str()), names)
    };
    if !known {
        unknown(check, event, &among, issues);
        return false;
    }
    if let Time::At(month) | Time::By(month) = check.time
        && plan.month(month).is_none()
    {
        let last = plan.start.plus(plan.months as i32 - 1);
        let label = format!("the simulation runs from {} to {last}", plan.start);
        issues.error("date-outside", check.place, format!("{month} is not simulated"), label);
    }
    let over_months = matches!(check.time, Time::Min | Time::Max);
    let fault = match check.time {
        Time::Min | Time::Max if event => Some(("an event has no `min` and no `max`", "write `by DATE`, or nothing")),
        Time::At(_) | Time::By(_) | Time::Min | Time::Max if !event && plan.metrics.find(&check.metric).is_none() => {
            Some(("this metric has one value per path, at the horizon", "remove the time"))
        }
        Time::By(_) if !event && check.inner.is_none() => {
            Some(("`by DATE` tests whether an event has happened", "write `at DATE`, `min` or `max`"))
        }
        _ => None,
    };
    if let Some((title, label)) = fault {
        let issue = issues.error("check", check.metric_place, format!("`{}`: {title}", check.metric), label);
        if over_months || !event {
            issue.help("`p(cash by 2029-12 < 0 USD)` tests whether it holds in any month up to that date");
        }
    }
    true
}

/// Reports names in `headline:` and in lines of `checks:` that no scenario with these instruments and holders has; for a
/// scenario that cannot be compiled, whose list of metrics is unknown. Lines of instruments are not validated.
pub fn names_alone(root: &Node, checks: &[Check], entries: &[Text], issues: &mut Issues) {
    let names = |path: &str| -> Option<Vec<String>> {
        let Some(node) = overlay::find(root, path) else { return Some(Vec::new()) };
        match (node.map(), node.list()) {
            (Some(entries), _) => Some(entries.iter().map(|(key, _)| key.text.clone()).collect()),
            (_, Some(items)) => items.iter().map(|item| item.item_name().map(str::to_owned)).collect(),
            _ => None,
        }
    };
    let lists = ["instruments", "lab.compute.contracts", "lab.compute.owned"].map(names);
    let Some(instruments) = lists.into_iter().collect::<Option<Vec<_>>>().map(|lists| lists.concat()) else { return };
    let Some(holders) = names("lab.opening.shares") else { return };
    let mut all: Vec<String> = words::WORDS.iter().map(|word| word.name.to_owned()).collect();
    all.retain(|name| !name.contains('<'));
    for of in ["stake", "dilution"] {
        let more = holders.iter().map(String::as_str).chain(["employees", "new_investors"]);
        all.extend(more.map(|holder| format!("{of}.{holder}")));
    }
    let of_instrument = |metric: &str| {
        let first = metric.split('.').next().unwrap_or("");
        instruments.iter().any(|name| name == first) || matches!(first, "lab" | "hhi" | "estate")
    };
    let known =
        |metric: &str| of_instrument(metric) || all.iter().any(|name| name == metric) || EVENTS.contains(&metric);
    let among: Vec<&str> = all.iter().chain(&instruments).map(String::as_str).chain(EVENTS).collect();
    entries_among(entries, known, &among, issues);
    for check in checks {
        let event = check.function == Function::Probability && check.inner.is_none();
        let known = if event {
            EVENTS.contains(&check.metric.as_str())
        } else {
            of_instrument(&check.metric) || all.contains(&check.metric)
        };
        if !known {
            let among: Vec<&str> =
                if event { EVENTS.to_vec() } else { all.iter().chain(&instruments).map(String::as_str).collect() };
            unknown(check, event, &among, issues);
        }
    }
}

/// Reports a name that is neither a metric nor an event.
fn unknown(check: &Check, event: bool, among: &[&str], issues: &mut Issues) {
    let what = if event { "event" } else { "metric" };
    let label = nearest(&check.metric, among.iter().copied())
        .map_or(format!("no {what} of this run"), |n| format!("did you mean `{n}`?"));
    issues.error("unknown-metric", check.metric_place, format!("unknown {what} `{}`", check.metric), label);
}

/// Whether a metric in USD is a balance or a running sum, which cannot be compared with money per time.
fn is_stock(plan: &Plan, metric: &str) -> bool {
    let all = plan.metrics.at_end.iter().chain(&plan.metrics.monthly);
    let mut named = all.filter(|m| m.name == metric).peekable();
    named.peek().is_some() && named.all(|m| m.unit == Unit::Usd && !m.flow)
}

fn suits(unit: Unit, kind: Kind) -> bool {
    match unit {
        Unit::Usd => matches!(kind, Kind::Money | Kind::MoneyRate),
        Unit::UsdPerYear => matches!(kind, Kind::MoneyRate),
        Unit::UsdPerGwMonth => matches!(kind, Kind::PowerPrice),
        Unit::Share => matches!(kind, Kind::Share),
        Unit::Ratio => matches!(kind, Kind::Multiple | Kind::Number),
        Unit::Gigawatt => matches!(kind, Kind::Power),
        Unit::Months => matches!(kind, Kind::Time),
        Unit::Count | Unit::Stock => matches!(kind, Kind::Number),
        Unit::AnnualRate => matches!(kind, Kind::Rate | Kind::Share),
    }
}
