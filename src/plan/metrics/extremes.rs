//! What checks ask for over several months: the largest or the smallest value of a monthly metric on each path.

use super::{Metric, Metrics, Source};
use crate::language::checks::{Check, Comparison, Time};
use crate::units::Month;

/// The smallest or largest value of a monthly metric on a path, over the months in which it is defined.
#[derive(Clone, Debug)]
pub struct Extreme {
    /// Where the metric comes from.
    pub source: Source,
    /// Whether the largest is kept.
    pub most: bool,
    /// The last month that counts.
    pub until: usize,
}

impl Metrics {
    /// Records what these lines of `checks:` ask for over several months, behind all other metrics at the horizon.
    pub fn record_extremes(&mut self, checks: &[Check], start: Month, months: usize) {
        for check in checks {
            let (Some(name), Some(metric)) = (extreme_name(check), self.find(&check.metric)) else { continue };
            if self.find_end(&name).is_some() {
                continue;
            }
            let until = match check.time {
                Time::By(month) => usize::try_from(month.since(start) + 1).unwrap_or(0).min(months),
                _ => months,
            };
            let (source, unit, grid) =
                (self.monthly[metric].source.clone(), self.monthly[metric].unit, self.monthly[metric].grid);
            self.at_end.push(Metric {
                name,
                unit,
                source: Source::Extreme(self.extremes.len()),
                grid,
                flow: false,
                room: None,
            });
            self.extremes.push(Extreme { source, most: is_most(check), until });
        }
    }
}

/// Whether a check looks at the largest value rather than the smallest: that a metric ever exceeds a bound is so when its
/// largest value does.
fn is_most(check: &Check) -> bool {
    match (check.time, &check.inner) {
        (Time::By(_), Some((comparison, _))) => matches!(comparison, Comparison::Greater | Comparison::AtLeast),
        (time, _) => time == Time::Max,
    }
}

/// The metric at the horizon that holds what a check asks for over several months; none when it looks at one.
pub fn extreme_name(check: &Check) -> Option<String> {
    let until = match (check.time, &check.inner) {
        (Time::Min | Time::Max, _) => String::new(),
        (Time::By(month), Some(_)) => format!("_by_{month}"),
        _ => return None,
    };
    Some(match (check.metric.as_str(), is_most(check), until.as_str()) {
        // These are always there.
        ("cash", false, "") => "minimum_cash".to_owned(),
        ("cumulative_gap", true, "") => "peak_cumulative_gap".to_owned(),
        (metric, most, until) => format!("{metric}.{}{until}", if most { "max" } else { "min" }),
    })
}
