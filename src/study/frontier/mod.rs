//! `gapcast frontier`: the probability of ruin against dilution and leverage, over structures and terms.
//!
//! All points face the same worlds, so that two of them are compared path by path. A point is dominated if another is
//! better in ruin or dilution by more than two standard errors of their difference, and not worse in the other by as much;
//! points that cannot be distinguished in either are not ranked.

mod shown;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::files::{Case, Common, Files};
use super::point::{Estimate, Keep, Point};
use super::runner::Runner;
use super::sweep::Axis;
use super::{About, StudyError};
use crate::model::{Model, Settings};
use crate::output::record::{CheckLine, Figure, sha256};
use crate::stats::moments::Moments;
use crate::stats::paired::mean_difference;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The scenario.
    pub case: Case,
    /// Settings, every combination of which is a point.
    pub over: Vec<Axis>,
    /// Variants, each with every combination; none for the case itself.
    #[serde(default)]
    pub variants: Vec<String>,
    /// A check that the chosen point must pass.
    #[serde(default)]
    pub until: Option<String>,
}

/// Largest number of points.
pub const MOST: usize = 200;
/// Standard errors beyond which two points are distinguished.
const CLEAR: f64 = 2.0;

/// A point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct At {
    /// Its variant and settings in words.
    pub label: String,
    /// Its settings, `path=value`.
    pub set: Vec<String>,
    /// Its variant.
    pub variant: Option<String>,
    /// Probability that cash runs out.
    pub ruin: Estimate,
    /// Mean dilution of the holder.
    pub dilution: Estimate,
    /// Mean look-through leverage at its peak.
    pub leverage: Estimate,
    /// The check, if there is one.
    pub check: Option<CheckLine>,
    /// Whether no other point dominates it.
    pub frontier: bool,
    /// Points of the frontier from which it cannot be distinguished in either measure, by their number.
    pub like: Vec<usize>,
}

/// The chosen point under another seed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fresh {
    /// The seed.
    pub seed: u64,
    /// Probability that cash runs out.
    pub ruin: Estimate,
    /// Mean dilution.
    pub dilution: Estimate,
    /// Whether the check holds.
    pub holds: Option<bool>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Frontier {
    /// The holder whose dilution is measured.
    pub holder: String,
    /// The check that the chosen point passes.
    pub until: Option<String>,
    /// The points, in the order of the grid.
    pub points: Vec<At>,
    /// Points at which the scenario is invalid, and why.
    pub invalid: Vec<(String, String)>,
    /// The chosen point: the least dilution among those of the frontier that pass the check, or without a check the least
    /// probability of ruin.
    pub chosen: Option<usize>,
    /// The chosen point under other seeds.
    pub fresh: Vec<Fresh>,
}

/// What is kept of each point, path by path.
#[derive(Serialize, Deserialize)]
struct Values {
    ruin: Vec<Figure>,
    dilution: Vec<Figure>,
    leverage: Vec<Figure>,
    check: Option<CheckLine>,
}

const LEVERAGE: &str = "peak_leverage";

/// Runs it.
///
/// # Errors
/// The scenario is invalid, there are too many points, or the study was stopped.
pub fn run(
    ask: &Ask,
    common: &Common,
    files: &mut Files,
    runner: &Runner<'_>,
) -> Result<(About, Frontier), StudyError> {
    let asks: Vec<String> = ask.until.iter().cloned().collect();
    let model = files.model(&ask.case, common, &asks)?;
    let about = About::of(&model, common);
    let Some(holder) = holder(&model) else {
        return Err(StudyError::Usage("the scenario has no opening holder whose dilution could be measured".into()));
    };
    let labels = labels(ask, &model.variants)?;
    let models: Vec<_> = labels
        .par_iter()
        .map(|at| {
            let sets = model.settings.sets.iter().chain(&at.set).cloned().collect();
            let variant = at.variant.clone().or_else(|| model.settings.variant.clone());
            model.with(&Settings { variant, sets, ..model.settings.clone() })
        })
        .collect();
    let (mut points, mut at, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = None;
    for (model, label) in models.into_iter().zip(labels) {
        match model {
            Ok(model) => {
                points.push(Point::of(model));
                at.push(label);
            }
            Err(error) => {
                invalid.push((label.label, error.to_string()));
                first.get_or_insert(error);
            }
        }
    }
    if let (true, Some(error)) = (points.is_empty(), first) {
        return Err(StudyError::Invalid(model.file.clone(), error));
    }
    let values: Vec<Values> =
        points.par_iter().map(|point| measure(point, &holder, runner)).collect::<Result<_, _>>()?;
    for (at, values) in at.iter_mut().zip(&values) {
        at.ruin = estimate(&values.ruin);
        at.dilution = estimate(&values.dilution);
        at.leverage = estimate(&values.leverage);
        at.check.clone_from(&values.check);
    }
    rank(&mut at, &values);
    let chosen = chosen(&at, ask.until.is_some());
    let fresh = chosen.map_or(Ok(Vec::new()), |k| fresh(&points[k], &holder, runner))?;
    Ok((about, Frontier { holder, until: ask.until.clone(), points: at, invalid, chosen, fresh }))
}

/// The holder whose dilution is measured: the founders, or the first one.
fn holder(model: &Model) -> Option<String> {
    let holders = &model.plan.metrics.holders;
    let named = |name: &str| model.plan.metrics.find_end(&format!("dilution.{name}")).is_some();
    let founders = holders.iter().find(|(name, _)| name == "founders" && named(name));
    founders.or_else(|| holders.iter().find(|(name, _)| named(name))).map(|(name, _)| name.clone())
}

fn labels(ask: &Ask, known: &[String]) -> Result<Vec<At>, StudyError> {
    let variants: Vec<Option<String>> = match ask.variants.as_slice() {
        [] => vec![None],
        [all] if all == "all" => std::iter::once(None).chain(known.iter().cloned().map(Some)).collect(),
        names => names.iter().cloned().map(Some).collect(),
    };
    let mut sets: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for axis in &ask.over {
        let with = |set: Vec<(String, String)>| {
            axis.values.iter().map(move |value| [set.clone(), vec![(axis.path.clone(), value.clone())]].concat())
        };
        sets = sets.into_iter().flat_map(with).collect();
    }
    let n = variants.len() * sets.len();
    if n > MOST {
        return Err(StudyError::Usage(format!(
            "{n} points are more than the {MOST} that are compared with one another"
        )));
    }
    let at = |variant: &Option<String>, set: &Vec<(String, String)>| {
        let short = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        let settings = set.iter().map(|(path, value)| format!("{} {value}", short(path)));
        let words: Vec<String> = variant.iter().cloned().chain(settings).collect();
        At {
            label: if words.is_empty() { "as it is".into() } else { words.join(", ") },
            set: set.iter().map(|(path, value)| format!("{path}={value}")).collect(),
            variant: variant.clone(),
            ..At::default()
        }
    };
    Ok(variants.iter().flat_map(|variant| sets.iter().map(move |set| at(variant, set))).collect())
}

fn measure(point: &Point, holder: &str, runner: &Runner<'_>) -> Result<Values, StudyError> {
    // Which metrics are recorded does not change their values.
    let key = sha256(format!("frontier of {holder}: {}", point.key(Keep::Named(&[]), None)).as_bytes());
    runner.remembered(&key, || {
        let single = Runner { threads: 1, ..*runner };
        let outcome = single.outcome(point, Keep::All, 0)?;
        let of = |metric: &str| -> Vec<Figure> {
            outcome.values(metric).unwrap_or_default().into_iter().map(Figure).collect()
        };
        let check = point.model.asked.first().and_then(|check| outcome.verdict(check));
        Ok(Values {
            ruin: of("cash_out"),
            dilution: of(&format!("dilution.{holder}")),
            leverage: of(LEVERAGE),
            check: check.as_ref().map(CheckLine::of),
        })
    })
}

fn plain(values: &[Figure]) -> Vec<f64> {
    values.iter().map(|x| x.0).collect()
}

fn estimate(values: &[Figure]) -> Estimate {
    let moments = Moments::of(&plain(values));
    let mean = if moments.n == 0 { f64::NAN } else { moments.mean };
    Estimate { value: Figure(mean), se: Figure(moments.se()) }
}

/// How the second point compares with the first in one measure: −1 lower, 1 higher, 0 not distinguished.
fn compare(a: &[Figure], b: &[Figure]) -> i8 {
    if a.len() != b.len() || a.is_empty() {
        return 0;
    }
    let d = mean_difference(&plain(a), &plain(b));
    let clear = d.mean.abs() > CLEAR * d.se;
    if clear { if d.mean < 0.0 { -1 } else { 1 } } else { 0 }
}

/// Which points are on the frontier, and which of them cannot be distinguished.
fn rank(at: &mut [At], values: &[Values]) {
    let n = at.len();
    let of = |i: usize| -> Vec<[i8; 2]> {
        let pair =
            |j: usize| [compare(&values[i].ruin, &values[j].ruin), compare(&values[i].dilution, &values[j].dilution)];
        (0..n).map(pair).collect()
    };
    let pairs: Vec<Vec<[i8; 2]>> = (0..n).into_par_iter().map(of).collect();
    let dominates = |[ruin, dilution]: [i8; 2]| ruin <= 0 && dilution <= 0 && (ruin < 0 || dilution < 0);
    for i in 0..n {
        at[i].frontier = !(0..n).any(|j| dominates(pairs[i][j]));
    }
    for i in 0..n {
        at[i].like = (0..n).filter(|&j| j != i && at[j].frontier && pairs[i][j] == [0, 0]).collect();
    }
}

fn chosen(at: &[At], checked: bool) -> Option<usize> {
    let passes = |at: &At| !checked || at.check.as_ref().is_some_and(|check| check.holds);
    let all = (0..at.len()).filter(|&k| at[k].frontier && passes(&at[k]));
    let by = |k: &usize| {
        if checked {
            [at[*k].dilution.value.0, at[*k].ruin.value.0]
        } else {
            [at[*k].ruin.value.0, at[*k].dilution.value.0]
        }
    };
    let order = |a: [f64; 2], b: [f64; 2]| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]));
    let on_frontier = all.min_by(|a, b| order(by(a), by(b)));
    // The check may hold only where another point is better in both measures.
    on_frontier.or_else(|| (0..at.len()).filter(|&k| passes(&at[k])).min_by(|a, b| order(by(a), by(b))))
}

fn fresh(point: &Point, holder: &str, runner: &Runner<'_>) -> Result<Vec<Fresh>, StudyError> {
    let seed = point.model.plan.seed;
    (1..=2)
        .map(|k| {
            let other = seed.wrapping_add(k * 0x9e37_79b9) & 0xffff_ffff_ffff;
            let settings = Settings { seed: Some(other), ..point.model.settings.clone() };
            let model = point.model.with(&settings);
            let model = model.map_err(|invalid| StudyError::Invalid(point.model.file.clone(), invalid))?;
            let values = measure(&Point::of(model), holder, runner)?;
            Ok(Fresh {
                seed: other,
                ruin: estimate(&values.ruin),
                dilution: estimate(&values.dilution),
                holds: values.check.map(|check| check.holds),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(ruin: &[f64], dilution: &[f64]) -> Values {
        let of = |x: &[f64]| x.iter().copied().map(Figure).collect();
        Values { ruin: of(ruin), dilution: of(dilution), leverage: Vec::new(), check: None }
    }

    #[test]
    fn points_that_cannot_be_told_apart_are_not_ranked() {
        let n = 400;
        let spread = |mean: f64| (0..n).map(|k| mean + 0.01 * f64::from(k % 7)).collect::<Vec<f64>>();
        let share = |p: f64| (0..n).map(|k| f64::from(u8::from(f64::from(k) < p * f64::from(n)))).collect::<Vec<f64>>();
        // The first has less ruin and more dilution than the second; the third is worse than both; the fourth differs from
        // the second on one path only.
        let mut nearly = share(0.2);
        nearly[300] = 1.0;
        let all = [
            values(&share(0.1), &spread(0.5)),
            values(&share(0.2), &spread(0.3)),
            values(&share(0.3), &spread(0.6)),
            values(&nearly, &spread(0.3)),
        ];
        let mut at = vec![At::default(); 4];
        for (at, values) in at.iter_mut().zip(&all) {
            (at.ruin, at.dilution) = (estimate(&values.ruin), estimate(&values.dilution));
        }
        rank(&mut at, &all);
        assert_eq!(at.iter().map(|a| a.frontier).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!((at[1].like.clone(), at[3].like.clone(), at[0].like.clone()), (vec![3], vec![1], vec![]));
        assert_eq!(chosen(&at, false), Some(0));
        let passes = |holds| Some(CheckLine { holds, ..CheckLine::default() });
        for a in &mut at {
            a.check = passes(true);
        }
        assert_eq!(chosen(&at, true), Some(1));
        for a in &mut at {
            a.check = passes(false);
        }
        assert_eq!(chosen(&at, true), None);
    }
}
