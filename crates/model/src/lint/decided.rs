//! Checks whose result is known before simulation.

use super::Lens;
use crate::language::checks::{Bound, Check, Comparison, Function};
use crate::language::quantity::Kind;
use crate::plan::metrics::words::{self, Span};

/// Amounts of money above this multiple of the lab's opening annual revenue plus cash are treated as unreachable.
const REACH: f64 = 1e6;

/// Range of values that a metric can have.
fn reach(lens: &Lens<'_>, metric: &str, kind: Kind) -> (f64, f64) {
    let span = words::find(metric).map(|word| word.span);
    if span == Some(Span::Within) {
        return (0.0, 1.0);
    }
    let most = match kind {
        Kind::Money | Kind::MoneyRate => {
            let lab = &lens.of.scenario.lab;
            let yearly: f64 = lab.demand.segments.0.iter().map(|(_, s)| 12.0 * lens.middle(&s.run_rate)).sum();
            REACH * (yearly + lens.middle(&lab.opening.cash)).max(1.0)
        }
        _ => f64::INFINITY,
    };
    let positive = span == Some(Span::Positive) || metric.ends_with(".balance");
    (if positive { 0.0 } else { -most }, most)
}

/// Whether the comparison holds for all values from `low` to `high` or for none; `None` if it depends on the value.
fn always(comparison: Comparison, (low, high): (f64, f64), bound: f64) -> Option<bool> {
    match (comparison.holds(low, bound), comparison.holds(high, bound)) {
        (a, b) if a == b => Some(a),
        _ => None,
    }
}

/// Result of a check, if it is known in advance.
fn answer(lens: &Lens<'_>, check: &Check) -> Option<bool> {
    let on_metric =
        |comparison: Comparison, bound: &Bound| always(comparison, reach(lens, &check.metric, bound.kind), bound.value);
    let (limit, bound) = check.limit.as_ref().map(|(comparison, bound)| (*comparison, bound))?;
    if check.function != Function::Probability {
        return on_metric(limit, bound);
    }
    if let Some((comparison, bound)) = &check.inner
        && let Some(known) = on_metric(*comparison, bound)
    {
        return Some(check.holds(f64::from(u8::from(known))));
    }
    // `< 100%` holds for anything that does not happen on every path.
    if limit == Comparison::Less && bound.value == 1.0 {
        return Some(true);
    }
    always(limit, (0.0, 1.0), bound.value)
}

/// Checks that cannot fail, and checks that cannot hold.
pub(super) fn decided(lens: &mut Lens<'_>) {
    for check in lens.of.checks {
        let title = |what: &str| format!("`{}` always {what}", check.text);
        match answer(lens, check) {
            Some(true) => {
                if let Some(issue) =
                    lens.lint("lint-check-cannot-fail", check.place, title("passes"), "it tests nothing")
                {
                    issue.help("write the limit at which you would act");
                }
            }
            Some(false) => {
                lens.lint("lint-check-cannot-hold", check.place, title("fails"), "no outcome satisfies it");
            }
            None => {}
        }
    }
}
