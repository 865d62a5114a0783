//! Shares of the variance of the target by pick-freeze designs: the run again with one input, or one group, drawn for
//! other paths.

use rayon::prelude::*;

use super::{Index, Sens};
use crate::engine::inputs::Treatment;
use crate::output::record::Figure;
use crate::stats::bootstrap::{Bootstrap, Estimate};
use crate::stats::sensitivity::sobol::indices;
use crate::study::StudyError;
use crate::study::point::{Keep, Point, Treated};
use crate::study::runner::Runner;

/// Name of the group of everything that is drawn by month.
const MONTHS: &str = "the chance of the months";

/// Measures first-order and total indices.
pub(super) fn measure(base: &Point, runner: &Runner<'_>, sens: &mut Sens) -> Result<(), StudyError> {
    // Far beyond the paths of any run, so that both samples are independent.
    const OFFSET: u64 = 1 << 40;
    let draws = &base.model.plan.draws;
    let names: Vec<&str> = draws.laws().map(|(name, _)| name).collect();
    let dependent = draws.dependent();
    let elsewhere = |inputs: &[usize]| inputs.iter().map(|&k| (k, Treatment::Elsewhere(OFFSET))).collect::<Vec<_>>();
    let mut groups: Vec<(String, Vec<usize>, Treated)> = (0..names.len())
        .filter(|k| !dependent.contains(k))
        .map(|k| (names[k].to_owned(), vec![k], Treated { inputs: elsewhere(&[k]), ..Treated::default() }))
        .collect();
    if !dependent.is_empty() {
        let treated = Treated { inputs: elsewhere(dependent), dependence: OFFSET, ..Treated::default() };
        groups.push(("the inputs that depend on one another".into(), dependent.to_vec(), treated));
    }
    groups.push((MONTHS.into(), Vec::new(), Treated { months: OFFSET, ..Treated::default() }));
    let everything: Vec<usize> = (0..names.len()).collect();
    let all = Treated { inputs: elsewhere(&everything), dependence: OFFSET, months: OFFSET };
    let check = base.model.asked.first().ok_or_else(|| StudyError::Internal("the target is missing".into()))?;
    let single = Runner { threads: 1, ..*runner };
    let run = |treated: &Treated| -> Result<Vec<f64>, StudyError> {
        let outcome = single.outcome(&base.treated(treated.clone()), Keep::Named(&[]), 0)?;
        let measured =
            outcome.on_paths(check).ok_or_else(|| StudyError::Internal("the target is not recorded".into()))?;
        if measured.level.is_some() {
            return Err(StudyError::Usage(
                "a quantile has no variance over paths: ask for a mean or a probability".into(),
            ));
        }
        Ok(measured.values)
    };
    let own = Treated::default();
    let designs: Vec<&Treated> = [&own, &all].into_iter().chain(groups.iter().map(|group| &group.2)).collect();
    let runs: Vec<Vec<f64>> = designs.par_iter().map(|treated| run(treated)).collect::<Result<_, _>>()?;
    let columns: Vec<&[f64]> = runs[2..].iter().map(Vec::as_slice).collect();
    let bootstrap = Bootstrap { resamples: 400, level: 0.95, seed: base.model.plan.seed };
    let found = indices(&runs[0], &runs[1], &columns, &bootstrap);
    let three = |e: Estimate| [Figure(e.value), Figure(e.low), Figure(e.high)];
    let mut out: Vec<Index> = groups
        .iter()
        .zip(found)
        .map(|((name, members, _), found)| Index {
            name: name.clone(),
            members: if members.len() > 1 {
                members.iter().map(|&k| names[k].to_owned()).collect()
            } else {
                Vec::new()
            },
            first: found.map_or([Figure::default(); 3], |i| three(i.first_centred)),
            total: found.map_or([Figure::default(); 3], |i| three(i.total)),
        })
        .collect();
    let size = |index: &Index| if index.total[0].0.is_finite() { index.total[0].0 } else { -1.0 };
    out.sort_by(|a, b| size(b).total_cmp(&size(a)));
    sens.indices = out;
    sens.evaluations = runs.len() as u64 * base.paths();
    Ok(())
}
