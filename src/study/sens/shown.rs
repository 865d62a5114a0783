//! The answer in words, lines, tables and charts.

use super::{Bar, End, Method, Sens};
use crate::engine::instrument::Unit;
use crate::outcome::show;
use crate::output::charts::{
    self, Chart, Drivers, Indices, InputIndices, Target, Tornado, TornadoBar, TornadoEnd, TornadoEnds,
};
use crate::output::record::Figure;
use crate::output::table::{Kind, Table};
use crate::study::point::Estimate;
use crate::study::words::{aligned, signed, unit_named};
use crate::study::{About, pictures};

/// Rows on the screen.
const ROWS: usize = 12;

impl Sens {
    fn shown(&self, at: &Estimate) -> String {
        match unit_named(&self.unit) {
            _ if !at.value.0.is_finite() => "undefined".into(),
            Some(Unit::Share) => format!("{:.2}% ± {:.2}", 100.0 * at.value.0, 100.0 * at.se.0),
            Some(unit) => format!("{} ± {}", show(at.value.0, unit), show(at.se.0, unit)),
            None => format!("{:.4} ± {:.4}", at.value.0, at.se.0),
        }
    }

    fn value(&self, at: &End) -> String {
        match unit_named(&self.unit) {
            _ if !at.value.value.0.is_finite() => "invalid".into(),
            Some(Unit::Share) => format!("{:.2}%", 100.0 * at.value.value.0),
            Some(unit) => show(at.value.value.0, unit),
            None => format!("{:.4}", at.value.value.0),
        }
    }

    fn difference(&self, end: &End) -> String {
        let d = &end.difference;
        match unit_named(&self.unit) {
            _ if !d.value.0.is_finite() => String::new(),
            _ if !d.is_clear() => "=".into(),
            Some(Unit::Share) => format!("{:+.2} ± {:.2}", 100.0 * d.value.0, 100.0 * d.se.0),
            Some(unit) => format!("{} ± {}", signed(d.value.0, unit), show(d.se.0, unit)),
            None => format!("{:+.4} ± {:.4}", d.value.0, d.se.0),
        }
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        let target = &self.target;
        match self.method {
            Method::Tornado | Method::Tenths => match self.bars.iter().find(|bar| bar.is_clear()) {
                Some(bar) => {
                    let tenths = self.method == Method::Tenths;
                    let at = |end: &End| {
                        let place =
                            if tenths { format!("in its {}", end.setting) } else { format!("at {}", end.setting) };
                        format!("{} {place}", self.value(end))
                    };
                    format!("{} moves {target} most: {}, {}.", bar.name, at(&bar.low), at(&bar.high))
                }
                None if self.bars.is_empty() => format!("Nothing that can be moved changes {target}."),
                None => format!("No effect on {target} can be distinguished from zero with this number of paths."),
            },
            Method::Rank => {
                let told = |r: &&super::Ranked| r.prcc.value.0.abs() > 2.0 * r.prcc.se.0;
                match self.ranked.iter().find(told) {
                    Some(r) => format!(
                        "{target} is most strongly associated with {} (partial rank correlation {:+.2} ± {:.2}); all inputs \
                         together explain {:.0}% of its variance.",
                        r.name,
                        r.prcc.value.0,
                        r.prcc.se.0,
                        100.0 * self.r_squared[0].value.0
                    ),
                    None => format!("No input is associated with {target} beyond two standard errors."),
                }
            }
            Method::Sobol => match self.indices.iter().find(|i| i.total[1].0 > 0.0) {
                Some(i) => format!(
                    "Without {} {:.0}% of the variance of {target} would be lost (95% interval {:.0} to {:.0}%).",
                    i.name,
                    100.0 * i.total[0].0,
                    100.0 * i.total[1].0,
                    100.0 * i.total[2].0
                ),
                None => format!("No share of the variance of {target} can be distinguished from zero."),
            },
        }
    }

    /// The answer on the screen.
    pub fn lines(&self, about: &About) -> Vec<String> {
        let events = self.events.map_or(String::new(), |n| format!(", {n} events"));
        let few = (self.method == Method::Rank && self.ranked_paths < about.paths).then_some(self.ranked_paths);
        let used = few.map_or(String::new(), |n| format!(", {n} of them used"));
        let mut out = vec![
            format!(
                "{}: {} = {} on {} paths{used}{events}, seed {}",
                about.name(),
                self.target,
                self.shown(&self.base),
                about.paths,
                about.seed
            ),
            self.sentence(),
        ];
        out.extend(aligned(&self.rows(), 24));
        let more = self.bars.len().max(self.ranked.len()).max(self.indices.len()).saturating_sub(ROWS);
        if more > 0 {
            out.push(format!("  and {more} more in sens.csv"));
        }
        if self.method == Method::Tornado {
            let unclear = self.bars.iter().filter(|bar| !bar.is_clear()).count();
            out.push(format!(
                "  `=` cannot be distinguished from zero; {unclear} further moves cannot, {} have no effect on any path",
                self.without_effect.len()
            ));
            if !self.not_moved.is_empty() {
                out.push(format!("  {} numbers cannot be moved alone (sens.csv)", self.not_moved.len()));
            }
        }
        if self.events.is_some_and(|n| n < 100) {
            out.push("  fewer than 100 events: run more paths before drawing conclusions".into());
        }
        out
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let text = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
        let number = |e: &Estimate| {
            if e.value.0.is_finite() { format!("{:+.2} ± {:.2}", e.value.0, e.se.0) } else { "-".into() }
        };
        match self.method {
            Method::Tornado | Method::Tenths => {
                let tenths = self.method == Method::Tenths;
                let head = if tenths {
                    text(&["input", "lowest tenth", "highest tenth", "difference"])
                } else {
                    text(&["move", "low", "effect", "high", "effect"])
                };
                let row = |bar: &Bar| {
                    if tenths {
                        vec![bar.name.clone(), self.value(&bar.low), self.value(&bar.high), self.difference(&bar.high)]
                    } else {
                        let [low, high] = [&bar.low, &bar.high].map(|end| (end.setting.clone(), self.difference(end)));
                        vec![short(&bar.name), low.0, low.1, high.0, high.1]
                    }
                };
                std::iter::once(head).chain(self.bars.iter().take(ROWS).map(row)).collect()
            }
            Method::Rank => {
                let head = text(&["input", "Spearman", "PRCC", "SRC", "delta"]);
                let row = |r: &super::Ranked| {
                    vec![r.name.clone(), number(&r.spearman), number(&r.prcc), number(&r.src), number(&r.delta)]
                };
                std::iter::once(head).chain(self.ranked.iter().take(ROWS).map(row)).collect()
            }
            Method::Sobol => {
                let three = |x: &[crate::output::record::Figure; 3]| {
                    if x[0].0.is_finite() {
                        format!("{:.2} ({:.2} to {:.2})", x[0].0, x[1].0, x[2].0)
                    } else {
                        "-".into()
                    }
                };
                let head = text(&["input or group", "first", "total"]);
                let row = |i: &super::Index| vec![i.name.clone(), three(&i.first), three(&i.total)];
                std::iter::once(head).chain(self.indices.iter().take(ROWS).map(row)).collect()
            }
        }
    }

    /// `sens.csv`.
    pub fn tables(&self) -> Vec<(String, Table)> {
        let table = match self.method {
            Method::Tornado | Method::Tenths => self.moves(),
            Method::Rank => self.ranks(),
            Method::Sobol => self.shares(),
        };
        vec![("sens.csv".to_owned(), table)]
    }

    fn moves(&self) -> Table {
        let texts = ["name", "kind", "own", "end", "setting"].map(|name| (name, Kind::Text));
        let numbers = ["value", "se", "difference", "difference_se"].map(|name| (name, Kind::Number));
        let rest = [("events", Kind::Whole), ("remark", Kind::Text)];
        let mut table = Table::new(texts.into_iter().chain(numbers).chain(rest));
        for bar in &self.bars {
            for (name, end) in [("low", &bar.low), ("high", &bar.high)] {
                let remark = if end.value.value.0.is_finite() { "" } else { "no valid scenario" };
                table.push([
                    bar.name.as_str().into(),
                    bar.kind.as_str().into(),
                    bar.own.as_str().into(),
                    name.into(),
                    end.setting.as_str().into(),
                    end.value.value.0.into(),
                    end.value.se.0.into(),
                    end.difference.value.0.into(),
                    end.difference.se.0.into(),
                    crate::output::table::Cell::Whole(end.events.and_then(|n| i64::try_from(n).ok())),
                    remark.into(),
                ]);
            }
        }
        let none = self.without_effect.iter().map(|name| (name.as_str(), 0.0, "no effect on any path"));
        let not = self.not_moved.iter().map(|(name, why)| (name.as_str(), f64::NAN, why.as_str()));
        for (name, effect, remark) in none.chain(not) {
            let undefined = f64::NAN;
            table.push([
                name.into(),
                "".into(),
                "".into(),
                "".into(),
                "".into(),
                undefined.into(),
                undefined.into(),
                effect.into(),
                undefined.into(),
                crate::output::table::Cell::Whole(None),
                remark.into(),
            ]);
        }
        table
    }

    fn ranks(&self) -> Table {
        let names = ["spearman", "prcc", "src", "srrc", "delta"];
        let columns =
            names.iter().flat_map(|name| [(*name).to_owned(), format!("{name}_se")]).map(|name| (name, Kind::Number));
        let mut table = Table::new(std::iter::once(("input".to_owned(), Kind::Text)).chain(columns));
        for r in &self.ranked {
            let numbers = [r.spearman, r.prcc, r.src, r.srrc, r.delta].into_iter().flat_map(|e| [e.value.0, e.se.0]);
            table.push(std::iter::once(r.name.as_str().into()).chain(numbers.map(Into::into)));
        }
        table
    }

    fn shares(&self) -> Table {
        let columns =
            ["first", "first_low", "first_high", "total", "total_low", "total_high"].map(|name| (name, Kind::Number));
        let mut table = Table::new([("name", Kind::Text), ("members", Kind::Text)].into_iter().chain(columns));
        for i in &self.indices {
            let members = i.members.join(" ");
            let numbers = i.first.iter().chain(&i.total).map(|x| x.0.into());
            table.push([i.name.as_str().into(), members.as_str().into()].into_iter().chain(numbers));
        }
        table
    }

    /// The charts.
    pub fn charts(&self) -> Vec<Chart> {
        let end = |end: &End| TornadoEnd {
            setting: end.setting.clone(),
            at: pictures::estimate(&end.value),
            difference: pictures::difference(&end.difference),
        };
        let bar = |bar: &Bar| TornadoBar {
            name: pictures::setting_name(&bar.name),
            low: end(&bar.low),
            high: end(&bar.high),
        };
        let three = |x: &[Figure; 3]| charts::Index { value: x[0].0, low: x[1].0, high: x[2].0 };
        match self.method {
            Method::Tornado | Method::Tenths => vec![Chart::Tornado(Tornado {
                target: self.target.clone(),
                unit: pictures::unit_of(&self.unit),
                base: pictures::estimate(&self.base),
                bars: self.bars.iter().map(bar).collect(),
                without_effect: self.without_effect.len() as u64,
                ends: if self.method == Method::Tenths { TornadoEnds::Tenths } else { TornadoEnds::Settings },
            })],
            Method::Rank => vec![Chart::Drivers(Drivers {
                inputs: self.ranked.iter().map(|r| pictures::setting_name(&r.name)).collect(),
                targets: vec![Target {
                    label: self.target.clone(),
                    with: self.ranked.iter().map(|r| (r.spearman.value.0, r.spearman.se.0)).collect(),
                }],
                paths: self.ranked_paths,
            })],
            Method::Sobol => vec![Chart::Indices(Indices {
                target: self.target.clone(),
                inputs: self
                    .indices
                    .iter()
                    .map(|i| InputIndices {
                        name: pictures::setting_name(&i.name),
                        members: i.members.len().max(1) as u64,
                        first: three(&i.first),
                        total: three(&i.total),
                    })
                    .collect(),
                evaluations: self.evaluations,
            })],
        }
    }
}

/// A long path without its middle.
fn short(path: &str) -> String {
    if path.chars().count() <= 32 {
        return path.to_owned();
    }
    let parts: Vec<&str> = path.split('.').collect();
    let tail = parts[parts.len().saturating_sub(2)..].join(".");
    format!("…{tail}")
}
