//! The answer in words, lines, tables and charts.

use super::{Found, Rejected, Root, Solved, Stress};
use crate::engine::instrument::Unit;
use crate::outcome::show;
use crate::output::charts::{self, Answer, Chart};
use crate::output::table::{Cell, Kind, Table};
use crate::study::point::Estimate;
use crate::study::words::{aligned, unit_named};
use crate::study::{About, pictures};

impl Solved {
    fn shown(&self, at: &Estimate) -> String {
        match unit_named(&self.unit) {
            Some(Unit::Share) => format!("{:.2}% ± {:.2}", 100.0 * at.value.0, 100.0 * at.se.0),
            Some(unit) => format!("{} ± {}", show(at.value.0, unit), show(at.se.0, unit)),
            None => format!("{:.4} ± {:.4}", at.value.0, at.se.0),
        }
    }

    /// Whether a value was found.
    pub fn holds(&self) -> bool {
        self.stress.is_some() || self.roots.iter().any(|root| root.found != Found::Nowhere)
    }

    fn setting(&self) -> &str {
        self.paths.last().map_or("", String::as_str)
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        if let Some(stress) = &self.stress {
            return self.of_stress(stress);
        }
        match self.roots.as_slice() {
            [root] if root.given.is_none() => self.of_root(root),
            roots => {
                let found = roots.iter().filter(|root| root.found == Found::Value).count();
                format!(
                    "`{}` has a boundary at {found} of the {} values of {}.",
                    self.check,
                    roots.len(),
                    self.paths[0]
                )
            }
        }
    }

    fn of_root(&self, root: &Root) -> String {
        let (check, path) = (&self.check, self.setting());
        match root.found {
            Found::Value => {
                let end = |text: &String| if text.is_empty() { "beyond the range".to_owned() } else { text.clone() };
                let most = if root.largest { "up to" } else { "from" };
                format!(
                    "`{check}` holds {most} {path} = {} (99% interval {} to {}).",
                    root.value,
                    end(&root.between[0]),
                    end(&root.between[1])
                )
            }
            Found::Everywhere => {
                let most = if root.largest { "highest" } else { "lowest" };
                format!("`{check}` holds at the {most} value of {path} that was tried, {}.", root.value)
            }
            Found::Nowhere => {
                let best = root.tried.iter().find(|tried| tried.setting == root.value);
                let best = best.map_or_else(String::new, |tried| self.shown(&tried.measured));
                format!("No value of {path} makes `{check}` true: the best, {}, gives {best}.", root.value)
            }
        }
    }

    fn of_stress(&self, stress: &Stress) -> String {
        let most: Vec<String> = stress
            .inputs
            .iter()
            .take(3)
            .map(|input| format!("{} {:+.1} standard deviations", input.name, input.score.0))
            .collect();
        if stress.found {
            format!(
                "The likeliest joint move that makes `{}` as likely as not is {:.1} standard deviations long: {}.",
                self.check,
                stress.distance.0,
                most.join(", ")
            )
        } else {
            format!(
                "No joint move of the inputs within {:.0} standard deviations makes `{}` as likely as not: it reaches {}.",
                stress.distance.0,
                self.check,
                self.shown(&stress.at_move)
            )
        }
    }

    /// The answer on the screen.
    pub fn lines(&self, about: &About) -> Vec<String> {
        let mut out = vec![
            format!("{}: {} paths at every value, seed {}", about.name(), about.paths, about.seed),
            self.sentence(),
        ];
        if let Some(stress) = &self.stress {
            out.push(format!(
                "  in the scenario as it is {}, with all inputs at their medians {}, after the move {}",
                self.shown(&stress.own),
                self.shown(&stress.at_medians),
                self.shown(&stress.at_move)
            ));
            let number = |x: f64| format!("{x:.4}");
            let head = ["input", "move in sd", "value", "median"].map(str::to_owned).to_vec();
            let rows = stress.inputs.iter().take(12).map(|input| {
                vec![
                    input.name.clone(),
                    format!("{:+.2}", input.score.0),
                    number(input.value.0),
                    number(input.median.0),
                ]
            });
            out.extend(aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), 24));
            return out;
        }
        match self.roots.as_slice() {
            [root] if root.given.is_none() => {
                if root.changes > 1 {
                    out.push(format!(
                        "  The check is not monotone in this setting: over the range it changes {} times.",
                        root.changes
                    ));
                }
                let head = [self.setting().rsplit('.').next().unwrap_or_default(), "measured", "holds"]
                    .map(str::to_owned)
                    .to_vec();
                let most = 14;
                let n = root.tried.len();
                let chosen = (0..n.min(most)).map(|k| if n <= most { k } else { k * (n - 1) / (most - 1) });
                let rows = chosen.map(|k| {
                    let tried = &root.tried[k];
                    vec![tried.setting.clone(), self.shown(&tried.measured), if tried.holds { "✓" } else { "✗" }.into()]
                });
                out.extend(aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), 24));
                out.extend(rejections(&root.rejected));
                if !root.own.is_empty() {
                    out.push(format!("  in the scenario itself it is {}", root.own));
                }
                if !root.fresh.is_empty() {
                    let all: Vec<String> = root.fresh.iter().map(|fresh| self.shown(&fresh.measured)).collect();
                    out.push(format!("  at {} under other seeds: {}", root.value, all.join(", ")));
                }
            }
            roots => {
                let short = |path: &String| path.rsplit('.').next().unwrap_or_default().to_owned();
                let head: Vec<String> = self.paths.iter().map(short).chain(["99% interval".into()]).collect();
                let rows = roots.iter().map(|root| {
                    let value = match root.found {
                        Found::Value => root.value.clone(),
                        Found::Everywhere => "all".into(),
                        Found::Nowhere => "none".into(),
                    };
                    let between = if root.found == Found::Value { root.between.join(" to ") } else { String::new() };
                    vec![root.given.clone().unwrap_or_default(), value, between]
                });
                out.extend(aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), 40));
                out.extend(rejections(&self.rejected));
            }
        }
        out
    }

    /// `solve.csv`, or `stress.csv`.
    pub fn tables(&self) -> Vec<(String, Table)> {
        if let Some(stress) = &self.stress {
            let numbers = ["score", "value", "median"].map(|name| (name, Kind::Number));
            let mut table = Table::new(std::iter::once(("input", Kind::Text)).chain(numbers));
            for input in &stress.inputs {
                let numbers = [input.score.0, input.value.0, input.median.0].map(Cell::from);
                table.push(std::iter::once(Cell::from(&input.name)).chain(numbers));
            }
            return vec![("stress.csv".to_owned(), table)];
        }
        let texts = ["given", "setting"].map(|name| (name, Kind::Text));
        let numbers = ["x", "measured", "se"].map(|name| (name, Kind::Number));
        let mut tried = Table::new(texts.into_iter().chain(numbers).chain([("holds", Kind::Text)]));
        let texts = ["given", "found", "value"].map(|name| (name, Kind::Text));
        let numbers = ["x", "low", "high"].map(|name| (name, Kind::Number));
        let mut roots = Table::new(texts.into_iter().chain(numbers));
        for root in &self.roots {
            let given = root.given.as_deref().unwrap_or_default();
            let found = match root.found {
                Found::Value => "value",
                Found::Everywhere => "everywhere",
                Found::Nowhere => "nowhere",
            };
            let numbers = [root.x.0, root.interval[0].0, root.interval[1].0].map(Cell::from);
            roots.push([Cell::from(given), found.into(), Cell::from(&root.value)].into_iter().chain(numbers));
            for at in &root.tried {
                let numbers = [at.x.0, at.measured.value.0, at.measured.se.0].map(Cell::from);
                let cells = [Cell::from(given), Cell::from(&at.setting)].into_iter().chain(numbers);
                tried.push(cells.chain([Cell::from(if at.holds { "yes" } else { "no" })]));
            }
        }
        vec![("solve.csv".to_owned(), roots), ("tried.csv".to_owned(), tried)]
    }

    /// The charts.
    pub fn charts(&self) -> Vec<Chart> {
        let metric = pictures::measured_by(&self.check, &self.unit);
        let Some(check) = pictures::level(&self.check, self.bound) else { return Vec::new() };
        let one = |root: &Root| {
            let crossing = charts::Crossing { at: root.x.0, low: root.interval[0].0, high: root.interval[1].0 };
            let answer = match root.found {
                Found::Value if root.largest => Answer::UpTo(crossing),
                Found::Value => Answer::From(crossing),
                Found::Everywhere => Answer::Everywhere,
                Found::Nowhere => Answer::Nowhere,
            };
            let tried = |t: &super::Tried| charts::Tried { at: t.x.0, metric: pictures::estimate(&t.measured) };
            Chart::Solved(charts::Solved {
                setting: pictures::setting(self.setting(), &root.value),
                metric: metric.clone(),
                check: check.clone(),
                tried: root.tried.iter().map(tried).collect(),
                answer,
            })
        };
        match self.roots.as_slice() {
            [root] if root.given.is_none() => vec![one(root)],
            roots => self.contour(roots).into_iter().collect(),
        }
    }

    /// The boundary over the values of the first setting.
    fn contour(&self, roots: &[Root]) -> Option<Chart> {
        let first = roots.iter().find(|root| root.found == Found::Value)?;
        let error = |root: &Root| (root.interval[1].0 - root.interval[0].0) / (2.0 * 2.576);
        let at = |root: &Root| match root.found {
            Found::Value => charts::Measured::new(root.x.0, error(root)),
            _ => charts::Measured::NONE,
        };
        let labels = roots.iter().map(|root| root.given.clone().unwrap_or_default()).collect();
        let mut metric = pictures::setting(self.setting(), &first.value);
        metric.label = format!("{} at which {} changes", metric.label, self.check);
        let setting = pictures::values(self.paths.first()?, labels);
        let estimates = roots.iter().map(at).collect();
        Some(Chart::SweepLine(charts::SweepLine { metric, setting, estimates, levels: Vec::new() }))
    }
}

/// Where nothing could be measured, and the first reason.
fn rejections(rejected: &[Rejected]) -> Option<String> {
    let (first, n) = (rejected.first()?, rejected.len());
    let why = first.why.lines().next().unwrap_or_default();
    let others = match n {
        1 => String::new(),
        _ => format!(" and at {} more", n - 1),
    };
    Some(format!("  not measured at {}{others}: {why}", first.setting))
}
