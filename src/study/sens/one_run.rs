//! What one run shows of its inputs: tenths, ranks and regression.

use rayon::prelude::*;

use super::{Bar, End, Ranked, Sens};
use crate::output::record::Figure;
use crate::stats::bootstrap::{self, Bootstrap};
use crate::stats::rank::{MOST, centred_ranks, spearman};
use crate::stats::sensitivity::delta::delta;
use crate::stats::sensitivity::regression::regression;
use crate::stats::sensitivity::tenths::tenths as of_tenths;
use crate::study::StudyError;
use crate::study::point::{Difference, Estimate, Keep, Point};
use crate::study::runner::Runner;

/// The inputs of a run path by path, and what its first question measures.
struct OneRun {
    names: Vec<String>,
    inputs: Vec<Vec<f64>>,
    target: Vec<f64>,
}

fn one_run(base: &Point, paths: u64, runner: &Runner<'_>) -> Result<OneRun, StudyError> {
    let names: Vec<String> = base.model.plan.draws.laws().map(|(name, _)| name.to_owned()).collect();
    if names.is_empty() {
        return Err(StudyError::Usage(
            "the scenario has no uncertain input; `--method tornado` moves its numbers".into(),
        ));
    }
    let outcome = runner.outcome(base, Keep::Named(&[]), paths)?;
    let missing = || StudyError::Internal("the run did not keep its paths".into());
    let check = base.model.asked.first().ok_or_else(missing)?;
    let measured = outcome.on_paths(check).ok_or_else(missing)?;
    if measured.level.is_some() {
        return Err(StudyError::Usage(
            "a quantile has no value on a single path: ask for the metric's mean, a probability, or use `--method tornado`"
                .into(),
        ));
    }
    let kept = &outcome.paths().ok_or_else(missing)?.inputs;
    let d = names.len();
    let target: Vec<f64> = measured.values.into_iter().take(kept.len() / d).collect();
    let inputs = (0..d).map(|k| kept.iter().skip(k).step_by(d).copied().take(target.len()).collect()).collect();
    Ok(OneRun { names, inputs, target })
}

/// The target in the lowest and highest tenth of every input.
pub(super) fn tenths(base: &Point, runner: &Runner<'_>, sens: &mut Sens) -> Result<(), StudyError> {
    if sens.unit != "share" || sens.events.is_none() {
        return Err(StudyError::Usage(
            "tenths need a probability as target, such as `p(cash_out)` or `p(peak_funding > 100B USD)`".into(),
        ));
    }
    let run = one_run(base, u64::MAX, runner)?;
    let event: Vec<bool> = run.target.iter().map(|x| *x == 1.0).collect();
    let bar = |(name, input): (&String, &Vec<f64>)| {
        let found = of_tenths(input, &event)?;
        let end = |tenth: &crate::stats::sensitivity::tenths::Tenth, setting: &str, sign: f64| End {
            setting: setting.into(),
            value: Estimate { value: Figure(tenth.probability), se: Figure(tenth.se) },
            difference: Difference {
                value: Figure(sign * found.difference),
                se: Figure(found.se),
                se_unpaired: Figure(found.se),
            },
            events: Some(tenth.events),
        };
        Some(Bar {
            name: name.clone(),
            kind: "input".into(),
            own: String::new(),
            low: end(&found.lowest, "lowest tenth", -1.0),
            high: end(&found.highest, "highest tenth", 1.0),
        })
    };
    let all: Vec<(&String, &Vec<f64>)> = run.names.iter().zip(&run.inputs).collect();
    let bars: Vec<Option<Bar>> = all.par_iter().map(|pair| bar(*pair)).collect();
    for (name, bar) in run.names.iter().zip(bars) {
        match bar {
            Some(bar) => sens.bars.push(bar),
            None => sens.not_moved.push((name.clone(), "its values have no separate tenths".into())),
        }
    }
    sens.bars.sort_by(|a, b| b.is_clear().cmp(&a.is_clear()).then(b.effect().total_cmp(&a.effect())));
    Ok(())
}

/// Correlations and regression.
pub(super) fn rank(base: &Point, runner: &Runner<'_>, sens: &mut Sens) -> Result<(), StudyError> {
    let run = one_run(base, MOST as u64, runner)?;
    let paths = run.target.len().min(MOST);
    sens.ranked_paths = paths as u64;
    let target = &run.target[..paths];
    let columns: Vec<&[f64]> = run.inputs.iter().map(|column| &column[..paths]).collect();
    let bootstrap = Bootstrap { resamples: 200, level: 0.95, seed: base.model.plan.seed };
    let found = regression(&columns, target, &bootstrap);
    let defined: Vec<usize> = (0..paths).filter(|&k| !target[k].is_nan()).collect();
    let of = |column: &[f64]| -> Vec<f64> { defined.iter().map(|&k| column[k]).collect() };
    let ranks = centred_ranks(&of(target));
    let told = |e: &bootstrap::Estimate| Estimate { value: Figure(e.value), se: Figure(e.se) };
    let one = |(k, name): (usize, &String)| {
        let (rho, se) = spearman(&centred_ranks(&of(columns[k])), &ranks);
        let rest = found.as_ref().and_then(|found| found.inputs[k].as_ref());
        let deltas = delta(columns[k], target, 50, &Bootstrap { resamples: 100, ..bootstrap });
        Ranked {
            name: name.clone(),
            spearman: Estimate { value: Figure(rho), se: Figure(se) },
            prcc: rest.map_or_else(Estimate::default, |c| told(&c.prcc)),
            src: rest.map_or_else(Estimate::default, |c| told(&c.src)),
            srrc: rest.map_or_else(Estimate::default, |c| told(&c.srrc)),
            delta: deltas.map_or_else(Estimate::default, |d| told(&d.corrected)),
        }
    };
    let names: Vec<(usize, &String)> = run.names.iter().enumerate().collect();
    let mut ranked: Vec<Ranked> = names.par_iter().map(|pair| one(*pair)).collect();
    let size = |r: &Ranked| if r.prcc.value.0.is_finite() { r.prcc.value.0.abs() } else { -1.0 };
    ranked.sort_by(|a, b| size(b).total_cmp(&size(a)));
    sens.ranked = ranked;
    if let Some(found) = &found {
        sens.r_squared = [told(&found.r_squared), told(&found.rank_r_squared)];
    }
    Ok(())
}
