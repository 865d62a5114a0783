//! The value of a setting at which a check begins or ceases to hold.
//!
//! All values face the same worlds, so that what the check measures is a smooth function of the setting: a grid finds
//! where it changes, three points at a time narrow the bracket down, and further points about the answer show how far the
//! Monte Carlo error of the check moves it. The interval has the values at which the measured value less, and plus, 2.58
//! standard errors meets the bound, by linear interpolation.

use rayon::prelude::*;

use super::{Found, Fresh, Rejected, Root, Sought, Tried, Vary, text_at};
use crate::language::unit::Unit;
use crate::model::{Model, Settings};
use crate::output::record::Figure;
use crate::study::StudyError;
use crate::study::number::Number;
use crate::study::point::{Estimate, Keep, Measured, Point};
use crate::study::runner::Runner;

/// Points of the first grid.
const GRID: usize = 9;
/// Rounds in which a bracket is divided by four.
const ROUNDS: usize = 4;
/// Standard errors of a 99% interval: the answer is often a limit that somebody commits to.
const Z: f64 = 2.575_829_303_548_901;

/// Between what a setting is varied.
pub(super) struct Range {
    /// The setting in the scenario, or the lower end of the range where it is not one known number.
    pub own: Number,
    low: f64,
    high: f64,
}

impl Range {
    /// Of a setting of a scenario.
    pub fn of(model: &Model, vary: &Vary) -> Result<Range, StudyError> {
        let usage = |message: String| StudyError::Usage(message);
        let own = Number::at(&model.resolved, &vary.path);
        if let Some(ends) = &vary.between {
            let [low, high] = ends.each_ref().map(|end| Number::read(end));
            let (Some(low), Some(high)) = (low, high) else {
                return Err(usage(format!("`{}`: the ends of the range are not known numbers", vary.path)));
            };
            // The setting may be written in another unit: values are written in that of the range.
            let own = own.filter(|own| own.unit == low.unit).unwrap_or(low);
            return Ok(Range { own, low: low.value, high: high.value });
        }
        match own {
            Some(own) if own.value > 0.0 => Ok(Range { own, low: 0.25 * own.value, high: 4.0 * own.value }),
            Some(_) => Err(usage(format!("`{0}` is not above zero: give its range, `--vary {0}=a..b`", vary.path))),
            None if text_at(model, &vary.path).is_some() => Err(usage(format!(
                "`{0}` is not one known number in this scenario: give its range, `--vary {0}=a..b`",
                vary.path
            ))),
            None => {
                // The same message as for a setting of the command line.
                let set = format!("{}=0", vary.path);
                let settings = Settings { sets: vec![set], ..model.settings.clone() };
                Err(model.with(&settings).map_or_else(
                    |invalid| StudyError::Invalid(model.file.clone(), invalid),
                    |_| {
                        usage(format!(
                            "`{0}` is not set in this scenario: give its range, `--vary {0}=a..b`",
                            vary.path
                        ))
                    },
                ))
            }
        }
    }

    /// Evenly spaced values, by factors where the range spans four or more.
    pub fn grid(&self, n: usize) -> Vec<f64> {
        let share = |k: usize| k as f64 / (n - 1) as f64;
        if self.low > 0.0 && self.high / self.low >= 4.0 {
            let ratio = libm::log(self.high / self.low);
            (0..n).map(|k| if k + 1 == n { self.high } else { self.low * libm::exp(share(k) * ratio) }).collect()
        } else {
            (0..n).map(|k| self.low + share(k) * (self.high - self.low)).collect()
        }
    }
}

/// The check as a function of the setting.
struct Function<'a> {
    model: &'a Model,
    path: &'a str,
    set: &'a [String],
    own: Number,
    runner: &'a Runner<'a>,
    tried: Vec<Tried>,
    rejected: Vec<Rejected>,
}

impl Function<'_> {
    fn settings(&self, setting: &str) -> Settings {
        let more = self.set.iter().cloned().chain([format!("{}={setting}", self.path)]);
        let sets = self.model.settings.sets.iter().cloned().chain(more).collect();
        Settings { sets, ..self.model.settings.clone() }
    }

    /// Tries values; those at which the scenario is invalid or the check undefined are rejected. Returns an error of the
    /// scenario if it is invalid at all of them.
    fn try_all(&mut self, xs: &[f64]) -> Result<(), StudyError> {
        let counts = self.own.unit == Unit::Number && self.own.value.fract() == 0.0;
        let mut settings: Vec<(String, f64)> = Vec::new();
        for &x in xs {
            // Five digits: values that somebody could type.
            let number = self.own.with(if counts { x.round() } else { x }).to_digits(5);
            let text = number.text();
            let x = Number::read(&text).map_or(number.value, |n| n.value);
            if self.tried.iter().all(|t| t.setting != text) && settings.iter().all(|s| s.0 != text) {
                settings.push((text, x));
            }
        }
        let models: Vec<_> = settings.par_iter().map(|(text, _)| self.model.with(&self.settings(text))).collect();
        let mut last = None;
        let (mut points, mut at) = (Vec::new(), Vec::new());
        for (model, setting) in models.into_iter().zip(settings) {
            match model {
                Ok(model) => {
                    points.push(Point::of(model));
                    at.push(setting);
                }
                Err(invalid) => {
                    self.rejected.push(Rejected { setting: setting.0, why: invalid.to_string() });
                    last = Some(invalid);
                }
            }
        }
        if let (true, Some(invalid), true) = (points.is_empty(), last, self.tried.is_empty()) {
            return Err(StudyError::Invalid(self.model.file.clone(), invalid));
        }
        for ((setting, x), measured) in at.into_iter().zip(self.runner.each(&points, Keep::Named(&[]))?) {
            match tried(setting.clone(), x, &measured) {
                Some(tried) => self.tried.push(tried),
                None => self.rejected.push(Rejected { setting, why: "the check is undefined".into() }),
            }
        }
        self.tried.sort_by(|a, b| a.x.0.total_cmp(&b.x.0));
        Ok(())
    }

    /// Places at which the check changes: the values on both sides, and whether it holds on the lower one.
    fn changes(&self) -> Vec<(usize, bool)> {
        let pairs = self.tried.windows(2).enumerate();
        pairs.filter(|(_, pair)| pair[0].holds != pair[1].holds).map(|(k, pair)| (k, pair[0].holds)).collect()
    }
}

fn tried(setting: String, x: f64, measured: &Measured) -> Option<Tried> {
    let asked = measured.asked.first()?;
    let line = &asked.line;
    line.measured.0.is_finite().then_some(Tried {
        setting,
        x: Figure(x),
        measured: Estimate { value: line.measured, se: line.se },
        holds: line.holds,
    })
}

/// Finds the value of a setting, with further settings.
pub(super) fn find(
    model: &Model,
    vary: &Vary,
    set: &[String],
    sought: Option<Sought>,
    runner: &Runner<'_>,
) -> Result<Root, StudyError> {
    let range = Range::of(model, vary)?;
    let bound = model.asked.first().and_then(|check| check.limit).map_or(f64::NAN, |(_, bound)| bound.value);
    let mut f =
        Function { model, path: &vary.path, set, own: range.own, runner, tried: Vec::new(), rejected: Vec::new() };
    f.try_all(&range.grid(GRID))?;
    let mut root = Root { own: text_at(model, &vary.path).unwrap_or_default(), ..Root::default() };
    let Some(first) = f.tried.first().cloned() else {
        return Err(StudyError::Usage(format!(
            "the check is undefined at every value of `{}` that was tried",
            vary.path
        )));
    };
    let changes = f.changes();
    root.changes = changes.len();
    // By default the end of the values that begin at the lower end of the range, or their beginning.
    root.largest = sought.map_or(first.holds, |sought| sought == Sought::Largest);
    let chosen = match (sought, root.largest) {
        (None, _) => changes.first(),
        (Some(_), largest) => {
            let mut fits = changes.iter().filter(|(_, holds)| *holds == largest);
            if largest { fits.next_back() } else { fits.min_by_key(|change| change.0) }
        }
    };
    let Some(&(at, _)) = chosen else {
        let end = if root.largest { f.tried.last() } else { f.tried.first() };
        if end.is_some_and(|tried| tried.holds) {
            root.found = Found::Everywhere;
            take(&mut root, end);
        } else if f.tried.iter().any(|tried| tried.holds) {
            root.found = Found::Everywhere;
            let end = if root.largest { f.tried.iter().rfind(|t| t.holds) } else { f.tried.iter().find(|t| t.holds) };
            take(&mut root, end);
        } else {
            root.found = Found::Nowhere;
            let off = |tried: &Tried| (tried.measured.value.0 - bound).abs();
            take(&mut root, f.tried.iter().min_by(|a, b| off(a).total_cmp(&off(b))));
        }
        (root.tried, root.rejected) = (f.tried, f.rejected);
        return Ok(root);
    };
    let (mut low, mut high) = (f.tried[at].clone(), f.tried[at + 1].clone());
    for _ in 0..ROUNDS {
        if (low.measured.value.0 - high.measured.value.0).abs() < 0.1 * low.measured.se.0.max(high.measured.se.0) {
            break;
        }
        let [a, b] = [low.x.0, high.x.0];
        f.try_all(&[0.25, 0.5, 0.75].map(|share| a + share * (b - a)))?;
        let inside: Vec<&Tried> = f.tried.iter().filter(|t| t.x.0 >= a && t.x.0 <= b).collect();
        let change = inside.windows(2).find(|pair| pair[0].holds == low.holds && pair[1].holds != low.holds);
        let Some(pair) = change else { break };
        (low, high) = (pair[0].clone(), pair[1].clone());
    }
    let x = crossing(&low, &high, 0.0, bound).unwrap_or(0.5 * (low.x.0 + high.x.0));
    about(&mut f, x, &range)?;
    (root.interval, root.between) = interval(&f, &low, bound);
    // What is reported works: the end of the bracket on which the check holds.
    let works = if low.holds { &low } else { &high };
    let counts = range.own.unit == Unit::Number && range.own.value.fract() == 0.0;
    let value = if counts { works.x.0 } else { x };
    (root.value, root.x) = (range.own.with(value).to_digits(4).text(), Figure(value));
    root.fresh = fresh(&f, &root.value)?;
    (root.tried, root.rejected) = (f.tried, f.rejected);
    Ok(root)
}

fn take(root: &mut Root, tried: Option<&Tried>) {
    if let Some(tried) = tried {
        (root.value, root.x) = (tried.setting.clone(), tried.x);
    }
}

/// Where the measured value plus `z` standard errors meets the bound between two values, by linear interpolation.
fn crossing(a: &Tried, b: &Tried, z: f64, bound: f64) -> Option<f64> {
    let over = |t: &Tried| t.measured.value.0 + z * t.measured.se.0 - bound;
    let (fa, fb) = (over(a), over(b));
    if fa == 0.0 && fb == 0.0 || fa * fb > 0.0 || !(fa.is_finite() && fb.is_finite()) {
        return None;
    }
    Some(a.x.0 + (b.x.0 - a.x.0) * (fa / (fa - fb)))
}

/// Tries values about the answer, as far away as the error of the check may move it.
fn about(f: &mut Function<'_>, x: f64, range: &Range) -> Result<(), StudyError> {
    let after = f.tried.partition_point(|t| t.x.0 <= x);
    let (Some(a), Some(b)) = (f.tried.get(after.saturating_sub(2)), f.tried.get((after + 1).min(f.tried.len() - 1)))
    else {
        return Ok(());
    };
    let slope = (b.measured.value.0 - a.measured.value.0) / (b.x.0 - a.x.0);
    let error = a.measured.se.0.max(b.measured.se.0);
    let half = (Z * error / slope).abs();
    if !(half.is_finite() && half > 0.0) {
        return Ok(());
    }
    let more = [-2.0, -1.25, -0.75, -0.375, 0.375, 0.75, 1.25, 2.0].map(|k| x + k * half);
    let more: Vec<f64> = more.into_iter().filter(|x| *x >= range.low && *x <= range.high).collect();
    if more.is_empty() { Ok(()) } else { f.try_all(&more) }
}

/// The 99% interval about the bracket that begins at `low`; an end is undefined where it lies beyond the values tried.
fn interval(f: &Function<'_>, low: &Tried, bound: f64) -> ([Figure; 2], [String; 2]) {
    let at = f.tried.iter().position(|t| t.setting == low.setting).unwrap_or(0);
    let meets = |z: f64| {
        // The nearest crossing to the bracket, on either side.
        let pairs = f.tried.windows(2).enumerate();
        let found = pairs.filter_map(|(k, pair)| Some((k.abs_diff(at), crossing(&pair[0], &pair[1], z, bound)?)));
        found.min_by_key(|found| found.0).map(|found| found.1)
    };
    let (a, b) = (meets(-Z), meets(Z));
    // Which sign moves the answer up depends on whether the measured value rises.
    let rises = f.tried.get(at + 1).is_some_and(|next| next.measured.value.0 > low.measured.value.0);
    let ends = if rises { [b, a] } else { [a, b] };
    let text = |end: Option<f64>| end.map_or_else(String::new, |x| f.own.with(x).to_digits(3).text());
    (ends.map(|end| Figure(end.unwrap_or(f64::NAN))), ends.map(text))
}

/// The check at the answer under two other seeds.
fn fresh(f: &Function<'_>, value: &str) -> Result<Vec<Fresh>, StudyError> {
    let seed = f.model.plan.seed;
    let mut out = Vec::new();
    for k in 1..=2 {
        // Seeds far from those that somebody types.
        let other = seed.wrapping_add(k * 0x9e37_79b9) & 0xffff_ffff_ffff;
        let settings = Settings { seed: Some(other), ..f.settings(value) };
        let model = f.model.with(&settings).map_err(|invalid| StudyError::Invalid(f.model.file.clone(), invalid))?;
        let measured = f.runner.alone(&Point::of(model), Keep::Named(&[]))?;
        if let Some(asked) = measured.asked.first() {
            out.push(Fresh { seed: other, measured: Estimate { value: asked.line.measured, se: asked.line.se } });
        }
    }
    Ok(out)
}
