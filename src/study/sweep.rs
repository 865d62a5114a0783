//! `gapcast sweep`: a grid, or a Latin hypercube, of settings on the same worlds.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::files::{Case, Common, Files};
use super::number::Number;
use super::point::{Asked, Difference, Estimate, HEADLINE, Keep, Measured, Point};
use super::runner::Runner;
use super::words::{aligned, question, unit_named};
use super::{About, StudyError, pictures};
use crate::model::{Model, Settings};
use crate::output::charts::{self, Chart, HeatMap, SampledSetting, SweepLine, SweepScatter};
use crate::output::table::{Cell, Kind, Table};
use crate::stats::design::latin_hypercube;

/// Values of one setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// Path of the setting.
    pub path: String,
    /// Its values as written in a scenario; for a sample, the two ends of its range.
    pub values: Vec<String>,
}

/// What is swept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The scenario.
    pub case: Case,
    /// The settings.
    pub axes: Vec<Axis>,
    /// Number of points of a Latin hypercube between the ends of each range; `None` for the whole grid.
    #[serde(default)]
    pub sample: Option<u32>,
    /// Questions in addition to the metrics.
    #[serde(default)]
    pub asks: Vec<String>,
}

/// Largest number of points without a confirmation.
pub const MOST: usize = 1000;

impl Axis {
    /// Reads `PATH=a..b/step`, `PATH=a,b,c` or, for a sample, `PATH=a..b`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, sampled: bool) -> Result<Axis, String> {
        let Some((path, values)) = text.split_once('=') else {
            return Err(format!("`{text}` needs `PATH=VALUES`, such as `lab.opening.cash=10B USD..50B USD/5B USD`"));
        };
        let (path, values) = (path.trim().to_owned(), values.trim());
        let Some((low, rest)) = values.split_once("..") else {
            let values: Vec<String> =
                values.split(',').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
            return match values.len() {
                0 => Err(format!("`{path}` has no values")),
                _ if sampled => Err(format!("`{path}`: a sample needs a range, `{path}=a..b`")),
                _ => Ok(Axis { path, values }),
            };
        };
        if sampled {
            let ends = [low, rest].map(|end| end.trim().to_owned());
            numbers(&path, &ends)?;
            return Ok(Axis { path, values: ends.to_vec() });
        }
        // The step begins behind the last slash that makes all three numbers: units have slashes, too.
        let cut = rest.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| (&rest[..at], &rest[at + 1..]));
        let read = |(high, step): (&str, &str)| {
            Some([Number::read(low.trim())?, Number::read(high.trim())?, Number::read(step.trim())?])
        };
        let Some([low, high, step]) = cut.rev().find_map(read) else {
            return Err(format!(
                "`{text}` is not a range of known numbers with a step: write `{path}=50%..110%/10%`, or list the values, `{path}=50%,80%`"
            ));
        };
        if low.unit != high.unit || low.unit != step.unit {
            return Err(format!("`{path}`: the ends of the range and its step have different units"));
        }
        let steps = (high.value - low.value) / step.value;
        if !(step.value > 0.0 && (-1e-9..1e6).contains(&steps)) {
            return Err(format!("`{path}`: the range must rise from its first to its second end by a positive step"));
        }
        // The last point may miss the end by rounding.
        let count = (steps + 1e-9).floor() as usize + 1;
        let values = (0..count).map(|k| low.with(low.value + k as f64 * step.value).text()).collect();
        Ok(Axis { path, values })
    }
}

/// The two ends of a range.
fn numbers(path: &str, ends: &[String; 2]) -> Result<[Number; 2], String> {
    let read = |text: &String| Number::read(text).ok_or_else(|| format!("`{path}`: `{text}` is not a known number"));
    let [low, high] = [read(&ends[0])?, read(&ends[1])?];
    if low.unit != high.unit || low.value >= high.value {
        return Err(format!("`{path}`: a range has two ends in the same unit, the smaller first"));
    }
    Ok([low, high])
}

impl Ask {
    /// Number of points.
    pub fn points(&self) -> usize {
        self.sample.map_or_else(
            || self.axes.iter().map(|axis| axis.values.len()).fold(1, usize::saturating_mul),
            |n| n as usize,
        )
    }

    /// The values of each point, one for each axis.
    fn settings(&self, seed: u64) -> Result<Vec<Vec<String>>, String> {
        if let Some(n) = self.sample {
            let ends: Vec<[Number; 2]> = self
                .axes
                .iter()
                .map(|axis| match axis.values.as_slice() {
                    [low, high] => numbers(&axis.path, &[low.clone(), high.clone()]),
                    _ => Err(format!("`{}`: a sample needs a range", axis.path)),
                })
                .collect::<Result<_, _>>()?;
            let design = latin_hypercube(n as usize, ends.len(), seed);
            let between = |([low, high], u): (&[Number; 2], &f64)| {
                low.with(low.value + u * (high.value - low.value)).to_digits(6).text()
            };
            let point = |k: usize| ends.iter().zip(&design).map(|(end, column)| between((end, &column[k]))).collect();
            return Ok((0..n as usize).map(point).collect());
        }
        let mut points = vec![Vec::new()];
        for axis in &self.axes {
            points = points
                .into_iter()
                .flat_map(|point: Vec<String>| {
                    axis.values.iter().map(move |v| [point.clone(), vec![v.clone()]].concat())
                })
                .collect();
        }
        Ok(points)
    }
}

/// A point of the sweep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct At {
    /// The value of each setting.
    pub values: Vec<String>,
    /// What was measured; `None` where the scenario is invalid.
    pub measured: Option<Measured>,
    /// Why the scenario is invalid there.
    pub invalid: Option<String>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Swept {
    /// Paths of the settings.
    pub paths: Vec<String>,
    /// Whether the points are a sample rather than a grid.
    pub sampled: bool,
    /// Values of the settings in the scenario itself; empty where they are not one known number or word.
    pub own: Vec<String>,
    /// The scenario as it is.
    pub base: Measured,
    /// The points.
    pub points: Vec<At>,
}

/// Runs the sweep.
///
/// # Errors
/// The scenario is invalid, a path does not exist, every point is invalid, or the study was stopped.
pub fn run(ask: &Ask, common: &Common, files: &mut Files, runner: &Runner<'_>) -> Result<(About, Swept), StudyError> {
    let model = files.model(&ask.case, common, &ask.asks)?;
    let about = About::of(&model, common);
    let settings = ask.settings(model.plan.seed).map_err(StudyError::Usage)?;
    let (models, invalid) = models(&model, &ask.axes, &settings);
    if models.iter().all(Option::is_none) {
        // Every point is invalid, so the setting itself is: its problems are shown in full.
        let sets = with(&model.settings, &ask.axes, settings.first().map_or(&[], Vec::as_slice));
        return match model.with(&sets) {
            Err(invalid) => Err(StudyError::Invalid(model.file.clone(), invalid)),
            Ok(_) => Err(StudyError::Usage("the sweep has no points".into())),
        };
    }
    let own = |axis: &Axis| {
        let node = crate::language::overlay::find(&model.resolved, &axis.path);
        node.and_then(|n| n.text().or_else(|| n.get("value")?.text())).unwrap_or_default().to_owned()
    };
    let own = ask.axes.iter().map(own).collect();
    let keep = Keep::Named(&HEADLINE);
    let sound: Vec<usize> = (0..models.len()).filter(|&k| models[k].is_some()).collect();
    let points: Vec<Point> = models.into_iter().flatten().map(Point::of).collect();
    let base = Point::of(model);
    let measured = runner.against(&base, &points, keep)?;
    let mut at: Vec<At> =
        settings.into_iter().zip(invalid).map(|(values, invalid)| At { values, measured: None, invalid }).collect();
    for (k, measured) in sound.into_iter().zip(measured) {
        at[k].measured = Some(measured);
    }
    let base = runner.alone(&base, keep)?;
    let paths = ask.axes.iter().map(|axis| axis.path.clone()).collect();
    Ok((about, Swept { paths, sampled: ask.sample.is_some(), own, base, points: at }))
}

/// Settings with the values of a point.
fn with(settings: &Settings, axes: &[Axis], values: &[String]) -> Settings {
    let sets = axes.iter().zip(values).map(|(axis, value)| format!("{}={value}", axis.path));
    Settings { sets: settings.sets.iter().cloned().chain(sets).collect(), ..settings.clone() }
}

/// The scenario at each point, and the first error where it is invalid.
fn models(model: &Model, axes: &[Axis], settings: &[Vec<String>]) -> (Vec<Option<Model>>, Vec<Option<String>>) {
    let at = |values: &Vec<String>| match model.with(&with(&model.settings, axes, values)) {
        Ok(model) => (Some(model), None),
        Err(invalid) => (None, Some(invalid.to_string())),
    };
    settings.par_iter().map(at).unzip()
}

impl Swept {
    /// What is shown of each point: the first question, or the probability that cash runs out.
    fn target(&self) -> (String, &'static str) {
        match self.base.asked.first() {
            Some(asked) => (question(&asked.line.check).to_owned(), if asked.unit == "share" { "share" } else { "" }),
            None => ("p(cash_out)".into(), "share"),
        }
    }

    /// The value of the target at a point, as text and as a number.
    fn value(measured: &Measured) -> (f64, String) {
        if let Some(Asked { line, .. }) = measured.asked.first() {
            (line.measured.0, line.shown.clone())
        } else {
            let p = measured.mean("cash_out");
            (p.value.0, crate::outcome::show_share(p.value.0, p.se.0))
        }
    }

    fn named(&self, at: &At) -> String {
        let short = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
        let pairs = self.paths.iter().zip(&at.values).map(|(path, value)| format!("{} {value}", short(path)));
        pairs.collect::<Vec<_>>().join(", ")
    }

    /// The lowest and the highest point of the target.
    fn ends(&self) -> Option<[(&At, String); 2]> {
        let mut all: Vec<(&At, f64, String)> = self
            .points
            .iter()
            .filter_map(|at| {
                let (value, text) = Swept::value(at.measured.as_ref()?);
                value.is_finite().then_some((at, value, text))
            })
            .collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (low, high) = (all.first()?, all.last()?);
        Some([(low.0, low.2.clone()), (high.0, high.2.clone())])
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        let (target, _) = self.target();
        match self.ends() {
            Some([low, high]) if low.1 == high.1 => format!("{target} is {} at every point.", low.1),
            Some([low, high]) => {
                format!("{target} goes from {} ({}) to {} ({}).", low.1, self.named(low.0), high.1, self.named(high.0))
            }
            None => format!("{target} is undefined at every point."),
        }
    }

    /// The charts.
    pub fn charts(&self) -> Vec<Chart> {
        let asked = self.base.asked.first();
        let unit = asked.map_or("share", |asked| asked.unit.as_str());
        let check = asked.map_or("p(cash_out)", |asked| asked.line.check.as_str());
        let metric = pictures::measured_by(check, unit);
        let levels: Vec<_> = asked.and_then(|asked| pictures::level(check, asked.bound)).into_iter().collect();
        let at = |at: Option<&At>| {
            let measured = at.and_then(|at| at.measured.as_ref());
            measured.map_or(charts::Measured::NONE, |m| {
                let se = m.asked.first().map_or_else(|| m.mean("cash_out").se.0, |asked| asked.line.se.0);
                charts::Measured::new(Swept::value(m).0, se)
            })
        };
        let values = |k: usize| {
            let mut seen: Vec<String> = Vec::new();
            for at in &self.points {
                if !seen.contains(&at.values[k]) {
                    seen.push(at.values[k].clone());
                }
            }
            seen
        };
        match self.paths.as_slice() {
            paths if self.sampled => {
                let of = |(k, path): (usize, &String)| {
                    let text = |at: &At| Number::read(&at.values[k]).map_or(f64::NAN, |number| number.value);
                    let first = self.points.first().map_or("", |at| at.values[k].as_str());
                    SampledSetting {
                        setting: pictures::setting(path, first),
                        at: self.points.iter().map(text).collect(),
                    }
                };
                let settings = paths.iter().enumerate().map(of).collect();
                let estimates = self.points.iter().map(|point| at(Some(point))).collect();
                vec![Chart::SweepScatter(SweepScatter { metric, settings, estimates, levels })]
            }
            [path] => {
                let estimates = self.points.iter().map(|point| at(Some(point))).collect();
                vec![Chart::SweepLine(SweepLine {
                    metric,
                    setting: pictures::values(path, values(0)),
                    estimates,
                    levels,
                })]
            }
            [across, up] => {
                let (columns, rows) = (values(0), values(1));
                let find = |row: &String, column: &String| {
                    self.points.iter().find(|at| at.values[0] == *column && at.values[1] == *row)
                };
                let cells = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
                let cells = cells.map(|(row, column)| at(find(row, column))).collect();
                let (x, y) = (pictures::values(across, columns.clone()), pictures::values(up, rows.clone()));
                vec![Chart::HeatMap(HeatMap { metric, x, y, cells, levels })]
            }
            _ => Vec::new(),
        }
    }

    /// The answer on the screen.
    pub fn lines(&self, about: &About) -> Vec<String> {
        let what = if self.sampled { "points of a Latin hypercube" } else { "points" };
        let mut out = vec![
            format!(
                "{}: {} {what} on the same {} paths, seed {}",
                about.name(),
                self.points.len(),
                about.paths,
                about.seed
            ),
            self.sentence(),
        ];
        let rows: Vec<Vec<String>> = self.points.iter().map(cells).collect();
        let most = 14;
        // The first, the last and evenly spaced ones between.
        let chosen: Vec<&Vec<String>> = if rows.len() <= most {
            rows.iter().collect()
        } else {
            (0..most).map(|k| &rows[k * (rows.len() - 1) / (most - 1)]).collect()
        };
        let head = self.paths.iter().map(|path| path.rsplit('.').next().unwrap_or(path).to_owned());
        let head: Vec<String> = head.chain([self.target().0, "from the scenario".into()]).collect();
        let table: Vec<Vec<String>> = std::iter::once(head).chain(chosen.into_iter().cloned()).collect();
        out.extend(aligned(&table, 26));
        if rows.len() > most {
            out.push(format!("  {most} of {} points; all are in sweep.csv", rows.len()));
        }
        let own = Swept::value(&self.base).1;
        let set: Vec<String> = self.own.iter().filter(|own| !own.is_empty()).cloned().collect();
        let at = if set.is_empty() { String::new() } else { format!(" ({})", set.join(", ")) };
        out.push(format!("  the scenario as it is{at}: {own}"));
        let invalid = self.points.iter().filter(|at| at.invalid.is_some()).count();
        if invalid > 0 {
            let first = self.points.iter().find_map(|at| at.invalid.as_deref()).unwrap_or_default();
            out.push(format!("  {invalid} points are no valid scenarios: {first}"));
        }
        out
    }

    /// `sweep.csv`: for each point and statistic a row.
    pub fn tables(&self) -> Vec<(String, Table)> {
        let number = |k: usize| self.points.iter().all(|at| Number::read(&at.values[k]).is_some());
        let numeric: Vec<bool> = (0..self.paths.len()).map(number).collect();
        let of_axes = self.paths.iter().zip(&numeric);
        let axes = of_axes.map(|(path, numeric)| (path.clone(), if *numeric { Kind::Number } else { Kind::Text }));
        let rest = ["metric", "statistic", "unit"].map(|name| (name.to_owned(), Kind::Text));
        let numbers = ["value", "se", "difference", "difference_se"].map(|name| (name.to_owned(), Kind::Number));
        let mut table =
            Table::new(std::iter::once(("point".to_owned(), Kind::Whole)).chain(axes).chain(rest).chain(numbers));
        for (k, at) in self.points.iter().enumerate() {
            let Some(measured) = &at.measured else { continue };
            let mut push = |metric: &str, statistic: &str, unit: &str, x: Estimate, d: Option<Difference>| {
                let d = d.unwrap_or_default();
                let axes = at.values.iter().zip(&numeric).map(|(value, numeric)| {
                    if *numeric { Number::read(value).map_or(f64::NAN, |n| n.value).into() } else { Cell::from(value) }
                });
                let words = [metric, statistic, unit].map(Cell::from);
                let numbers = [x.value.0, x.se.0, d.value.0, d.se.0].map(Cell::from);
                table.push(std::iter::once(Cell::from(k as u64 + 1)).chain(axes).chain(words).chain(numbers));
            };
            for asked in &measured.asked {
                let x = Estimate { value: asked.line.measured, se: asked.line.se };
                push(&asked.line.check, "asked", &asked.unit, x, asked.against);
            }
            for (metric, row) in &measured.metrics.0 {
                let against = row.against.as_ref();
                push(metric, "mean", &row.unit, row.mean, against.map(|a| a.mean));
                for (at, name) in [(0, "p05"), (2, "p50"), (4, "p95")] {
                    push(metric, name, &row.unit, row.quantiles[at], against.map(|a| a.quantiles[at]));
                }
            }
        }
        vec![("sweep.csv".to_owned(), table)]
    }
}

/// The values of a point, and what is shown of it.
fn cells(at: &At) -> Vec<String> {
    let told = at.measured.as_ref().map_or(["invalid".to_owned(), String::new()], |measured| {
        let asked = measured.asked.first();
        let unit = asked.map_or("share", |asked| asked.unit.as_str());
        let d = asked.map_or_else(
            || measured.metrics.get("cash_out").and_then(|row| row.against.as_ref()).map(|a| a.mean),
            |asked| asked.against,
        );
        let shown = d.map_or(String::new(), |d| difference(&d, unit));
        [Swept::value(measured).1, shown]
    });
    at.values.iter().cloned().chain(told).collect()
}

/// A difference with its error, or `=` where it cannot be distinguished from zero.
pub fn difference(d: &Difference, unit: &str) -> String {
    let Some(unit) = unit_named(unit).filter(|_| d.is_clear()) else { return "=".into() };
    let error = if unit == crate::engine::instrument::Unit::Share {
        format!("{:.1}", 100.0 * d.se.0)
    } else {
        crate::outcome::show(d.se.0, unit)
    };
    format!("{} ± {error}", super::words::signed(d.value.0, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_written_as_ranges_and_lists() {
        let values = |text: &str| Axis::read(text, false).map(|axis| axis.values);
        assert_eq!(values("a.b=50%..80%/10%").unwrap(), ["50%", "60%", "70%", "80%"]);
        assert_eq!(values("p=8B USD/GW-yr..9B USD/GW-yr/0.5B USD/GW-yr").unwrap().len(), 3);
        assert_eq!(values("x = newsvendor, forecast_share").unwrap(), ["newsvendor", "forecast_share"]);
        assert_eq!(values("x=1..3/1").unwrap(), ["1", "2", "3"]);
        for bad in ["x", "x=", "x=1..3", "x=3..1/1", "x=1..3/0", "x=1 GW..3 GW/1 mo", "x=1..1000000000/1"] {
            assert!(values(bad).is_err(), "{bad}");
        }
        assert_eq!(Axis::read("x=1 GW..3 GW", true).unwrap().values, ["1 GW", "3 GW"]);
        assert!(Axis::read("x=3 GW..1 GW", true).is_err() && Axis::read("x=1,2", true).is_err());
        let grid = Ask {
            axes: vec![Axis::read("a=1,2", false).unwrap(), Axis::read("b=x,y,z", false).unwrap()],
            ..Ask::default()
        };
        assert_eq!(grid.points(), 6);
        assert_eq!(grid.settings(0).unwrap()[3], ["2", "x"]);
    }
}
