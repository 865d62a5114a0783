//! Runs that stop once an estimate is precise enough: the paths are run in batches whose sizes are set in advance, and
//! after each batch the standard error of the estimate is compared with the target.
//!
//! The paths of a run that stopped are those of a run of as many paths without a target. Since the decision to stop
//! depends on the estimate, its standard error is slightly too small on average; a sequence of few, doubling batches
//! keeps this effect far below the standard error itself.

use std::sync::Arc;

use crate::engine::instrument::Unit;
use crate::engine::run::{Observer, RunSettings, batches, resume, run};
use crate::language::checks::Function;
use crate::language::target::Target;
use crate::outcome::{Outcome, in_unit, show};
use crate::plan::Plan;
use crate::plan::checked::is_relative;
use crate::stats::interval::proportion_se;

/// Largest number of paths of a run with a target and without a number of paths.
pub const MOST_PATHS: u64 = 1 << 20;

/// The standard error of an estimate beside its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// The target as written.
    pub rule: String,
    /// Whether it is met; false if the estimate is undefined.
    pub met: bool,
    /// The standard error in the canonical unit of the bound; as a share of the estimate if the bound is.
    pub se: f64,
    /// The same as text.
    pub shown: String,
}

impl Outcome {
    /// The precision of the estimate to which a target refers; `None` if the run did not record it. A probability is
    /// assumed to have at least one event and one path without it, since no event in a few paths does not show that it
    /// is impossible.
    pub fn precision(&self, target: &Target) -> Option<Precision> {
        let Target(check) = target;
        let verdict = self.verdict(check)?;
        let relative = is_relative(self.plan(), target);
        let se = match check.function {
            Function::Probability => {
                let n = self.results.paths;
                let events = (verdict.measured * n as f64).round().max(1.0).min(n as f64 - 1.0);
                proportion_se(events / n as f64, n)
            }
            _ if relative => verdict.se / verdict.measured.abs(),
            _ => verdict.se,
        };
        let shown = match self.unit(check).filter(|_| check.function != Function::Probability && !relative) {
            Some(unit) if !matches!(unit, Unit::Share | Unit::AnnualRate) => {
                show(check.limit.map_or(se, |(_, bound)| in_unit(se, bound.kind, unit)), unit)
            }
            _ => percentage(se) + if relative { " of the estimate" } else { "" },
        };
        let met = check.holds(se);
        Some(Precision { rule: check.text.clone(), met, se, shown })
    }
}

/// A share in per cent with two significant digits.
fn percentage(x: f64) -> String {
    if !x.is_finite() {
        return "undefined".to_owned();
    }
    let percent = 100.0 * x;
    let digits = (1..7).find(|&digits| percent * 10f64.powi(digits) >= 9.95).unwrap_or(7);
    format!("{percent:.*}%", if percent >= 9.95 { 0 } else { digits as usize })
}

/// Runs the paths of the settings, or as many batches of them as the target needs; `None` when the observer asked to
/// stop. `begins` is called with the number of paths that each batch reaches.
pub(crate) fn simulate(
    plan: &Arc<Plan>,
    target: Option<&Target>,
    settings: &RunSettings,
    observer: &dyn Observer,
    begins: &dyn Fn(u64),
) -> Option<Outcome> {
    let outcome = |results| Outcome::new(Arc::clone(plan), results);
    let to = |paths| {
        begins(paths);
        RunSettings { paths, ..*settings }
    };
    let Some(target) = target else {
        return run(plan, &to(settings.paths), observer).map(outcome);
    };
    let mut sizes = batches(settings.paths);
    let mut so_far = outcome(run(plan, &to(sizes.next()?), observer)?);
    for paths in sizes {
        if so_far.precision(target).is_some_and(|precision| precision.met) {
            break;
        }
        so_far = outcome(resume(plan, so_far.results, &to(paths), observer)?);
    }
    Some(so_far)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_two_digits() {
        for (x, text) in [
            (0.0019, "0.19%"),
            (0.01, "1.0%"),
            (0.000_102_4, "0.010%"),
            (0.123, "12%"),
            (0.0996, "10%"),
            (0.000_000_5, "0.000050%"),
            (f64::NAN, "undefined"),
        ] {
            assert_eq!(percentage(x), text);
        }
    }
}
