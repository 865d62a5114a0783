//! Monthly values that checks and the headline need: a monthly metric in one month of each path, or its maximum or minimum over several
//! months. Each becomes a metric at the horizon, with one value per path.

use super::{Metric, Metrics, Over, Source, Watched};
use crate::language::checks::{Check, Comparison, Time};
use crate::language::prelude::Text;
use crate::units::Month;

/// Adds the metrics that these lines of `checks:` need after all other metrics at the horizon, and marks each metric at
/// the horizon that a check reads: its values are kept for every path, so that the result is exact. The same for entries
/// of `headline:`, whose monthly metrics are read in the last month. Seldom-read metrics that neither reads are removed.
pub fn record_asked(metrics: &mut Metrics, checks: &[Check], headline: &[Text], start: Month, months: usize) {
    let last = start.plus(months as i32 - 1);
    for check in checks.iter().filter(|check| !check.is_event()) {
        let name = end_name(check, &|name| metrics.find_end(name).is_some(), last);
        if let Some(at) = metrics.find_end(&name) {
            metrics.at_end[at].asked = true;
            continue;
        }
        let Some(metric) = metrics.find(&check.metric) else { continue };
        let month = |month: Month| usize::try_from(month.since(start) + 1).unwrap_or(0).min(months);
        let over = match (check.time, is_most(check)) {
            (Time::At(at), _) => Over::At(month(at)),
            (Time::By(until), true) => Over::Most(month(until)),
            (Time::By(until), false) => Over::Least(month(until)),
            (Time::Max, _) => Over::Most(months),
            (Time::Min, _) => Over::Least(months),
            (Time::End, _) => Over::At(months),
        };
        watch(metrics, metric, name, over);
    }
    for entry in headline.iter().map(Text::as_str) {
        let at_last = at_month(entry, last);
        if let Some(at) = metrics.find_end(entry).or_else(|| metrics.find_end(&at_last)) {
            metrics.at_end[at].asked = true;
        } else if let Some(metric) = metrics.find(entry) {
            watch(metrics, metric, at_last, Over::At(months));
        }
    }
    let named = |m: &Metric| headline.iter().any(|entry| entry.as_str() == m.name);
    let looked_at = |m: &Metric| named(m) || checks.iter().any(|check| check.metric == m.name);
    metrics.monthly.retain(|m| !m.seldom || looked_at(m));
    metrics.at_end.retain(|m| !m.seldom || m.asked);
}

/// Adds a monthly metric, over some months, to the metrics at the horizon.
fn watch(metrics: &mut Metrics, metric: usize, name: String, over: Over) {
    let monthly = &metrics.monthly[metric];
    let (source, unit, grid) = (monthly.source.clone(), monthly.unit, monthly.grid);
    let kept = Source::Watched(metrics.watched.len());
    let watched = Metric { name, unit, source: kept, grid, flow: false, instrument: None, asked: true, seldom: false };
    metrics.at_end.push(watched);
    metrics.watched.push(Watched { source, over });
}

/// Name of the metric at the horizon that is a monthly metric in one month.
pub fn at_month(metric: &str, month: Month) -> String {
    format!("{metric}.at_{month}")
}

/// Whether a check depends on the maximum rather than the minimum: a metric exceeds a bound in some month if its
/// maximum does.
fn is_most(check: &Check) -> bool {
    match (check.time, &check.inner) {
        (Time::By(_), Some((comparison, _))) => matches!(comparison, Comparison::Greater | Comparison::AtLeast),
        (time, _) => time == Time::Max,
    }
}

/// Name of the metric at the horizon that a check reads; `is_end` says whether a name is a metric at the horizon in any
/// case.
pub fn end_name(check: &Check, is_end: &dyn Fn(&str) -> bool, last: Month) -> String {
    let metric = check.metric.as_str();
    let extreme = if is_most(check) { "max" } else { "min" };
    match (metric, check.time) {
        // These are always recorded.
        ("cash", Time::Min) => "minimum_cash".to_owned(),
        ("cumulative_gap", Time::Max) => "peak_cumulative_gap".to_owned(),
        (_, Time::Min | Time::Max) => format!("{metric}.{extreme}"),
        (_, Time::By(month)) => format!("{metric}.{extreme}_by_{month}"),
        (_, Time::At(month)) => at_month(metric, month),
        (_, Time::End) if is_end(metric) => metric.to_owned(),
        (_, Time::End) => at_month(metric, last),
    }
}
