//! `gapcast rare`: the probability that cash runs out where it happens on so few paths that a run says little about it.

use serde::{Deserialize, Serialize};

use super::files::{Case, Common, Files};
use super::point::{Estimate, Keep, Point};
use super::runner::Runner;
use super::words::aligned;
use super::{About, StudyError};
use crate::engine::rare::Effort;
use crate::engine::rare::importance::{Shifted, shifted};
use crate::engine::rare::splitting::{Reached, split};
use crate::output::charts::{Chart, Measured, RareEvent, probability};
use crate::output::record::{Figure, sha256};
use crate::output::summary::ENOUGH_EVENTS;
use crate::output::table::{Cell, Kind, Table};
use crate::stats::moments::Moments;
use crate::stats::rare::importance::weighted;
use crate::stats::rare::splitting::splitting;
use crate::stats::special::normal_quantile;

/// Independent replicates.
const REPLICATES: usize = 16;
/// First paths below which the spread between replicates is not relied on.
const FEW: u64 = 10;
/// Standard errors beyond which two figures are distinguished.
const CLEAR: f64 = 3.0;
/// Levels and shifts that are shown.
const LEVELS: usize = 10;
const SHIFTS: usize = 3;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The scenario.
    pub case: Case,
}

/// A level on the way to running out of cash.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Least cash so far, in months of gross cost; null for the event itself.
    pub months: Figure,
    /// Share of the paths at the level before that reach it, over the replicates.
    pub share: Estimate,
    /// Probability of reaching it.
    pub reached: Estimate,
}

/// The estimate by importance sampling of the inputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Weighed {
    /// The probability.
    pub estimate: Estimate,
    /// Its 95% interval.
    pub interval: [Figure; 2],
    /// Weighted paths, and those of them that have the event.
    pub paths: u64,
    /// Those that have the event.
    pub events: u64,
    /// As many independent paths of equal weight would say as much about a mean.
    pub effective: Figure,
    /// Mean of the weights, 1 in expectation.
    pub mean_weight: Estimate,
    /// Standard errors by which it is off.
    pub weight_errors: Figure,
    /// Inputs and their shifts in standard deviations, the largest first.
    pub shifts: Vec<(String, Figure)>,
    /// Paths that were run in all, those in search of the shifts included.
    pub run: u64,
}

/// The estimate by multilevel splitting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Split {
    /// The probability, with its error over the replicates.
    pub estimate: Estimate,
    /// Its 95% interval.
    pub interval: [Figure; 2],
    /// The levels, and last the event.
    pub steps: Vec<Step>,
    /// Independent replicates.
    pub replicates: u64,
    /// Paths of each replicate at each level.
    pub paths: u64,
    /// Paths that were run in all, those of the pilot included.
    pub run: u64,
    /// First paths from which those with the event descend, the fewest in any replicate that has it.
    pub ancestors: u64,
    /// Replicates without the event.
    pub without: u64,
}

/// The method whose estimate is the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Multilevel splitting.
    #[default]
    Splitting,
    /// Importance sampling of the inputs.
    Inputs,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rare {
    /// Events on the paths of a plain run.
    pub events: u64,
    /// The probability from the plain run.
    pub plain: Estimate,
    /// The method of the answer: of those that are sound, that with the smaller error.
    pub by: By,
    /// The estimate by splitting; none where no path of the pilot came closer from some level on.
    pub splitting: Option<Split>,
    /// The estimate by moving the inputs; none without an uncertain input, or without the event.
    pub inputs: Option<Weighed>,
}

/// Runs it.
///
/// # Errors
/// The scenario is invalid, no path comes closer to running out of cash, or the study was stopped.
pub fn run(ask: &Ask, common: &Common, files: &mut Files, runner: &Runner<'_>) -> Result<(About, Rare), StudyError> {
    let model = files.model(&ask.case, common, &["p(cash_out)".to_owned()])?;
    let about = About::of(&model, common);
    let point = Point::of(model);
    let paths = usize::try_from(point.paths()).unwrap_or(usize::MAX).div_ceil(REPLICATES);
    let key = sha256(format!("rare {REPLICATES} {paths} {}", point.key(Keep::Named(&[]), None)).as_bytes());
    let plain = runner.alone(&point, Keep::Named(&[]))?;
    let found = runner.remembered(&key, || {
        let (plan, effort) = (&point.model.plan, Effort { paths, replicates: REPLICATES });
        let stop = || runner.watch.stop();
        let reached = split(plan, runner.level, effort, &stop).ok_or(StudyError::Interrupted)?;
        let inputs = match plan.draws.len() {
            0 => None,
            _ => Some(shifted(plan, runner.level, effort, &stop).ok_or(StudyError::Interrupted)?),
        };
        let names = plan.draws.laws().map(|(name, _)| name.to_owned()).collect();
        let inputs = inputs.and_then(|found| Weighed::of(&found, names));
        match reached {
            Err(levels) if !inputs.as_ref().is_some_and(Weighed::is_sound) => Err(no_way(levels)),
            reached => Ok(Rare::of(reached.ok().map(|reached| Split::of(&reached)), inputs)),
        }
    })?;
    let asked = plain.asked.first();
    let events = asked.and_then(|asked| asked.events).unwrap_or(0);
    let at = asked.map_or_else(Estimate::default, |a| Estimate { value: a.line.measured, se: a.line.se });
    Ok((about, Rare { events, plain: at, ..found }))
}

/// The pilot found so many levels and then no way on.
fn no_way(levels: usize) -> StudyError {
    StudyError::Usage(format!(
        "after {levels} levels no path of the pilot came closer to running out of cash: either it cannot happen in this \
         scenario, or it comes at once, from a state that is not near it"
    ))
}

impl Split {
    fn of(reached: &Reached) -> Split {
        let replicates: Vec<&[f64]> = reached.shares.iter().map(Vec::as_slice).collect();
        let Some(found) = splitting(&replicates, 0.95) else { return Split::default() };
        let mean = |values: Vec<f64>| {
            let moments = Moments::of(&values);
            Estimate { value: Figure(moments.mean), se: Figure(moments.se()) }
        };
        let step = |k: usize| Step {
            months: Figure(reached.levels.get(k).copied().unwrap_or(f64::NAN)),
            share: mean(replicates.iter().map(|shares| shares[k]).collect()),
            reached: mean(replicates.iter().map(|shares| shares[..=k].iter().product()).collect()),
        };
        let with: Vec<u64> = reached.ancestors.iter().map(|n| *n as u64).filter(|n| *n > 0).collect();
        Split {
            estimate: Estimate { value: Figure(found.estimate), se: Figure(found.se) },
            interval: [Figure(found.interval.0), Figure(found.interval.1)],
            steps: (0..=reached.levels.len()).map(step).collect(),
            replicates: found.replicates,
            paths: reached.each as u64,
            run: reached.paths,
            ancestors: with.iter().copied().min().unwrap_or(0),
            without: found.replicates - with.len() as u64,
        }
    }

    fn lines(&self) -> Vec<String> {
        let Split { estimate, steps, replicates, paths, ancestors, without, .. } = self;
        let p = measured(estimate);
        let mut out =
            vec![format!("Splitting: {p}, {replicates} replicates of {paths} paths at each of {} levels", steps.len())];
        let head = ["least cash, months of cost", "share that gets there", "probability"].map(str::to_owned).to_vec();
        let row = |step: &Step| {
            let months = step.months.0;
            let name = if months.is_finite() { format!("{months:.3}") } else { "runs out".into() };
            let share = format!("{:.1}% ± {:.1}", 100.0 * step.share.value.0, 100.0 * step.share.se.0);
            vec![name, share, measured(&step.reached)]
        };
        let shown = steps[steps.len().saturating_sub(LEVELS)..].iter().map(row);
        out.extend(aligned(&std::iter::once(head).chain(shown).collect::<Vec<_>>(), 26));
        if *without > 0 {
            let have = if *without == 1 { "1 replicate has" } else { &format!("{without} replicates have") };
            out.push(format!("  {have} no such path: use more paths"));
        } else if *ancestors < FEW {
            out.push(format!("  in one replicate they descend from {ancestors} first paths: the inputs decide"));
        }
        out
    }

    /// Whether all replicates have the event, on paths of many ancestors.
    pub fn is_sound(&self) -> bool {
        self.without == 0 && self.ancestors >= FEW
    }
}

impl Weighed {
    fn of(found: &Shifted, names: Vec<String>) -> Option<Weighed> {
        let estimate = weighted(&found.weights, &found.events).filter(|estimate| estimate.events > 0)?;
        let (p, se) = (estimate.estimate, estimate.se);
        // Positive and skewed, as products of shares are.
        let factor = libm::exp(normal_quantile(0.975) * se / p);
        let mut shifts: Vec<(String, Figure)> =
            names.into_iter().zip(found.shifts.iter().map(|h| Figure(*h))).collect();
        shifts.sort_by(|a, b| b.1.0.abs().total_cmp(&a.1.0.abs()));
        Some(Weighed {
            estimate: Estimate { value: Figure(p), se: Figure(se) },
            interval: [Figure(p / factor), Figure((p * factor).min(1.0))],
            paths: estimate.n,
            events: estimate.events,
            effective: Figure(estimate.effective_n),
            mean_weight: Estimate { value: Figure(estimate.mean_weight), se: Figure(estimate.mean_weight_se) },
            weight_errors: Figure(estimate.weight_errors()),
            shifts,
            run: found.paths,
        })
    }

    /// Whether enough paths have the event and the weights are 1 in the mean.
    fn is_sound(&self) -> bool {
        self.events >= ENOUGH_EVENTS && self.weight_errors.0.abs() <= CLEAR
    }
}

/// With its error.
fn measured(e: &Estimate) -> String {
    format!("{} ± {}", probability(e.value.0), probability(e.se.0))
}

impl Rare {
    fn of(splitting: Option<Split>, inputs: Option<Weighed>) -> Rare {
        let better = |inputs: &&Weighed| {
            let sound = splitting.as_ref().filter(|found| found.is_sound());
            inputs.is_sound() && sound.is_none_or(|found| inputs.estimate.se.0 < found.estimate.se.0)
        };
        let by = inputs.as_ref().filter(better).map_or(By::Splitting, |_| By::Inputs);
        Rare { by, splitting, inputs, ..Rare::default() }
    }

    /// The probability, its 95% interval, and the paths that were run for it.
    pub fn answer(&self) -> (Estimate, [Figure; 2], u64) {
        match (&self.splitting, &self.inputs) {
            (_, Some(found)) if self.by == By::Inputs => (found.estimate, found.interval, found.run),
            (Some(found), _) => (found.estimate, found.interval, found.run),
            (None, _) => (Estimate::default(), [Figure(f64::NAN); 2], 0),
        }
    }

    /// Paths that a plain run needs for the same error as the answer.
    pub fn plain_paths(&self) -> f64 {
        let (Estimate { value, se }, ..) = self.answer();
        value.0 * (1.0 - value.0) / (se.0 * se.0)
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        let (p, interval, run) = self.answer();
        if p.value.0 > 0.0 {
            let [low, high] = interval.map(|end| probability(end.0));
            let by = self.by();
            format!(
                "Cash runs out with probability {} (95% interval {low} to {high}), by {by}.",
                probability(p.value.0)
            )
        } else {
            format!("No path of {run} ran out of cash, by multilevel splitting.")
        }
    }

    /// The answer on the screen.
    pub fn lines(&self, about: &About) -> Vec<String> {
        let (answer, _, run) = self.answer();
        let mut out = vec![
            format!("{}: {} events on {} plain paths, seed {}", about.name(), self.events, about.paths, about.seed),
            self.sentence(),
        ];
        let needed = self.plain_paths();
        if needed > run as f64 {
            let more = needed / run as f64;
            out.push(format!(
                "  {run} paths; a plain run needs {needed:.2e} for the same error, {more:.1} times as many"
            ));
        }
        match &self.splitting {
            Some(found) => out.extend(found.lines()),
            None => out.push("Splitting: from some level on no path of the pilot came closer".into()),
        }
        match &self.inputs {
            Some(found) => out.extend(found.lines()),
            None => out.push("Inputs moved: no path ran out of cash".into()),
        }
        if let (Some(splitting), Some(inputs)) = (&self.splitting, &self.inputs) {
            let z = apart(&splitting.estimate, &inputs.estimate);
            if z > CLEAR {
                out.push(format!("The two are {z:.1} standard errors apart: use more paths before relying on either"));
            }
        }
        if self.events > 0 {
            let z = apart(&answer, &self.plain);
            out.push(format!("The plain run has {}, {z:.1} standard errors away", measured(&self.plain)));
        }
        if self.events >= ENOUGH_EVENTS && needed < 2.0 * run as f64 {
            out.push("The event is not rare: a plain run is as good".into());
        }
        out
    }

    /// The levels of splitting, if it found any.
    fn steps(&self) -> &[Step] {
        self.splitting.as_ref().map_or(&[], |found| &found.steps)
    }

    /// `rare.csv`.
    pub fn tables(&self) -> Vec<(String, Table)> {
        let names = ["months_of_cost", "share", "share_se", "probability", "probability_se"];
        let columns = [("level", Kind::Whole)].into_iter().chain(names.map(|name| (name, Kind::Number)));
        let mut table = Table::new(columns);
        for (k, step) in self.steps().iter().enumerate() {
            let numbers = [step.months, step.share.value, step.share.se, step.reached.value, step.reached.se]
                .map(|x| Cell::from(x.0));
            table.push(std::iter::once(Cell::from(k as u64 + 1)).chain(numbers));
        }
        vec![("rare.csv".to_owned(), table)]
    }

    /// The chart.
    pub fn charts(&self) -> Vec<Chart> {
        let named = |step: &Step| {
            let months = step.months.0;
            if months.is_finite() { format!("{months:.2} mo") } else { "runs out".into() }
        };
        let level = |step: &Step| (named(step), Measured::new(step.reached.value.0, step.reached.se.0));
        let levels: Vec<_> = self.steps().iter().map(level).collect();
        let (p, interval, _) = self.answer();
        let answer = (p.value.0, interval.map(|end| end.0));
        let chart = RareEvent { levels, answer, by: self.by().into() };
        if chart.levels.len() > 1 { vec![Chart::RareEvent(chart)] } else { Vec::new() }
    }

    fn by(&self) -> &'static str {
        if self.by == By::Inputs { "importance sampling of the inputs" } else { "multilevel splitting" }
    }
}

/// Standard errors between two independent estimates.
fn apart(a: &Estimate, b: &Estimate) -> f64 {
    (a.value.0 - b.value.0).abs() / a.se.0.hypot(b.se.0)
}

impl Weighed {
    fn lines(&self) -> Vec<String> {
        let Weighed { estimate, paths, events, effective, mean_weight, shifts, .. } = self;
        let p = measured(estimate);
        let named: Vec<String> =
            shifts.iter().take(SHIFTS).map(|(name, h)| format!("{name} by {:+.2} sd", h.0)).collect();
        let mut out = vec![
            format!("Inputs moved: {p}, {events} events on {paths} weighted paths; {}", named.join(", ")),
            format!(
                "  mean weight {:.4} ± {:.4} where 1 is expected, effective sample size {:.0}",
                mean_weight.value.0, mean_weight.se.0, effective.0
            ),
        ];
        if *events < ENOUGH_EVENTS {
            out.push(format!(
                "  fewer than {ENOUGH_EVENTS} events: what the inputs decide is little, or use more paths"
            ));
        }
        out
    }
}
