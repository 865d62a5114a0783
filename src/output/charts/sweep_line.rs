//! Chart 23: a metric over the values of one setting, with its error, and where checks are passed.

use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, MAX_TICKS, SMALL, VERMILLION, text_colour};
use super::labels::{self, EndLabel};
use super::marks;
use super::plot::Plot;
use super::quantity::{ERRORS, Measured, Quantity, ends};
use super::setting::{Level, SettingValues};
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// A metric over one setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SweepLine {
    /// The metric: `P(cash-out)`.
    pub metric: Quantity,
    /// The setting and its values.
    pub setting: SettingValues,
    /// The metric in each run, one for each value of the setting; without an estimate where the run is invalid.
    pub estimates: Vec<Measured>,
    /// Checks on the metric, whose bounds are drawn as level lines.
    pub levels: Vec<Level>,
}

/// Distance of a dot from the edge of the plot, relative to its width.
const EDGE: f64 = 0.03;

/// The level lines of the bounds of checks, dashed, and their labels for the right of the plot.
pub(super) fn bounds(canvas: &mut Canvas, plot: &Plot, levels: &[Level]) {
    let s = plot.space;
    let on = levels.iter().filter(|l| (plot.y.lo..=plot.y.hi).contains(&l.bound));
    let named = on.map(|level| {
        let y = plot.at((0.0, level.bound)).1;
        canvas.series("level", |canvas| {
            canvas.dashed(&[(s.left, y), (s.right, y)], VERMILLION, 1.8, (7.0, 4.0));
        });
        bound_label(level, y)
    });
    let named: Vec<EndLabel> = named.collect();
    labels::draw(canvas, &named, s.right, s.top - 8.0, s.bottom + 8.0);
}

/// The label of a bound.
pub(super) fn bound_label(level: &Level, y: f64) -> EndLabel {
    let rows = vec![(level.label.clone(), Type::plain(SMALL + 0.5, text_colour(VERMILLION)))];
    EndLabel { y, rows, swatch: None, leader: true, key: "level".into() }
}

impl SweepLine {
    /// The runs in the order of their values: position on the axis, label and estimate.
    fn runs(&self) -> Vec<(f64, &str, Measured)> {
        let numeric = self.setting.is_numeric();
        let order = self.setting.order().into_iter().enumerate();
        let at = |i: usize, k: usize| if numeric { self.setting.at[k] } else { i as f64 };
        order
            .map(|(i, k)| {
                let m = self.estimates.get(k).copied().unwrap_or_default();
                (at(i, k), self.setting.labels[k].as_str(), m)
            })
            .collect()
    }

    /// For which values the check holds: `up to 4 GW`, `at no value`.
    fn holds(&self, level: &Level) -> Option<String> {
        let runs: Vec<_> = self.runs().into_iter().filter(|r| r.2.is_known()).collect();
        let passes: Vec<bool> = runs.iter().map(|r| level.passes(r.2)).collect();
        let switches = passes.windows(2).filter(|w| w[0] != w[1]).count();
        let last = passes.iter().rposition(|p| *p);
        Some(match (passes.first()?, switches, last) {
            (_, _, None) => "at no value tried".into(),
            (true, 0, _) => "at every value tried".into(),
            (true, 1, Some(k)) if self.setting.is_numeric() => format!("up to {}", runs[k].1),
            (false, 1, _) if self.setting.is_numeric() => {
                format!("from {}", runs[passes.iter().position(|p| *p).unwrap_or(0)].1)
            }
            _ => level.passed(self.estimates.iter()).said(),
        })
    }

    fn x_axis(runs: &[(f64, &str, Measured)]) -> Axis {
        let (lo, hi) = ends(runs.iter().map(|r| r.0.clamp(-1e18, 1e18))).unwrap_or((0.0, 1.0));
        let (lo, hi) = if hi > lo { (lo, hi) } else { (lo - 0.5 * lo.abs().max(1.0), lo + 0.5 * lo.abs().max(1.0)) };
        let air = EDGE * (hi - lo);
        Axis { lo: lo - air, hi: hi + air, ticks: Vec::new() }
    }

    /// The labels of at most six values that do not touch, the first and the last among them.
    fn ticks(canvas: &mut Canvas, plot: &Plot, runs: &[(f64, &str, Measured)]) {
        let (s, look) = (plot.space, Type::plain(SMALL, GREY));
        let every = runs.len().saturating_sub(1).div_ceil(MAX_TICKS - 1).max(1);
        let some = runs.iter().enumerate().filter(|(i, _)| i % every == 0 || i + 1 == runs.len()).map(|r| r.1);
        let mut kept: Vec<(f64, String, f64)> = Vec::new();
        for (at, label, _) in some {
            let text = look.fit(label, 150.0);
            let half = 0.5 * look.width(&text);
            let x = marks::inside(plot, (*at, plot.y.lo)).0;
            let near = |k: &(f64, String, f64)| x - k.0 < half + k.2 + 8.0;
            // The last value takes the place of one that it would touch.
            if std::ptr::eq(label.as_ptr(), runs[runs.len() - 1].1.as_ptr()) && kept.len() > 1 {
                kept.pop_if(|k| near(k));
            }
            if !kept.last().is_some_and(near) {
                kept.push((x, text, half));
            }
        }
        for (x, text, half) in kept {
            canvas.line(&[(x, s.bottom), (x, s.bottom + 4.0)], GREY, 1.0, 1.0);
            let x = x.clamp(24.0 + half, (s.right + 40.0 - half).max(24.0 + half));
            canvas.text(&text, x, s.bottom + 15.0, look, HPos::Center);
        }
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space) {
        let (runs, unit) = (self.runs(), &self.metric.unit);
        let named: Vec<EndLabel> = self.levels.iter().map(|l| bound_label(l, 0.0)).collect();
        space.right -= if named.is_empty() { 24.0 } else { labels::room(&named) };
        let bold = Type::bold(SMALL, INK);
        canvas.text(&bold.fit(&self.metric.heading(), 500.0), space.left, space.top + 4.0, bold, HPos::Left);
        let name = format!("{} →", bold.fit(&self.setting.name, 480.0));
        canvas.text(&name, space.right, space.bottom - 5.0, bold, HPos::Right);
        (space.top, space.bottom) = (space.top + 22.0, space.bottom - 18.0);
        let spread = runs.iter().flat_map(|r| [r.2.interval().0, r.2.interval().1]);
        let (lo, hi) = ends(spread.clone()).unwrap_or((0.0, 1.0));
        // A bound far beyond the estimates would flatten them.
        let near = |v: &f64| {
            *v >= lo - 3.0 * (hi - lo).max(1e-3 * hi.abs()) && *v <= hi + 3.0 * (hi - lo).max(1e-3 * hi.abs())
        };
        let y = unit.axis(spread.chain(self.levels.iter().map(|l| l.bound).filter(near)));
        let plot = Plot::new(space, SweepLine::x_axis(&runs), y);
        plot.grid(canvas);
        SweepLine::ticks(canvas, &plot, &runs);
        plot.zero(canvas);
        if runs.iter().all(|r| !r.2.is_known()) {
            nothing(canvas, plot.space);
        }
        bounds(canvas, &plot, &self.levels);
        canvas.series("metric", |canvas| {
            if self.setting.is_numeric() {
                for piece in runs.split(|r| !r.2.is_known()).filter(|p| p.len() > 1) {
                    let edge = |r: &(f64, &str, Measured), high: bool| {
                        let (lo, hi) = r.2.interval();
                        marks::inside(&plot, (r.0, if high { hi } else { lo }))
                    };
                    let up = piece.iter().map(|r| edge(r, true));
                    let ring: Vec<_> = up.chain(piece.iter().rev().map(|r| edge(r, false))).collect();
                    canvas.area(&ring, BLUE, 0.2);
                    let line: Vec<_> = piece.iter().map(|r| marks::inside(&plot, (r.0, r.2.value))).collect();
                    canvas.line(&line, BLUE, 1.0, 2.6);
                }
            }
            for (at, _, m) in runs.iter().filter(|r| r.2.is_known()) {
                marks::upright(canvas, &plot, *at, *m, BLUE);
                canvas.dot(marks::inside(&plot, (*at, m.value)), 4.0, BLUE);
            }
        });
        let places = runs.iter().map(|r| (r.0.clamp(plot.x.lo, plot.x.hi), format!("{} {}", self.setting.name, r.1)));
        let values = runs.iter().map(|r| unit.estimate(r.2)).collect();
        plot.hover(canvas, places, vec![Shown::new("metric", &self.metric.label, BLUE, values)]);
    }
}

impl Picture for SweepLine {
    fn title(&self, _: &Frame) -> String {
        let (unit, metric) = (&self.metric.unit, &self.metric.label);
        let runs: Vec<_> = self.runs().into_iter().filter(|r| r.2.is_known()).collect();
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return "No run of the sweep has a result".into();
        };
        let by = |a: &&(f64, &str, Measured), b: &&(f64, &str, Measured)| a.2.value.total_cmp(&b.2.value);
        let (low, high) = (runs.iter().min_by(by).unwrap_or(first), runs.iter().max_by(by).unwrap_or(first));
        let said = |r: &(f64, &str, Measured)| format!("{} at {}", unit.write(r.2.value), r.1);
        let moved = if !high.2.minus(low.2).is_clear(ERRORS) {
            format!("{metric} does not move with {} by more than its error", self.setting.name)
        } else if self.setting.is_numeric() && last.2.minus(first.2).is_clear(ERRORS) {
            let how = if last.2.value > first.2.value { "rises" } else { "falls" };
            format!("{metric} {how} with {}: {}, {}", self.setting.name, said(first), said(last))
        } else {
            format!("{metric} is lowest, {}, and highest, {}, by {}", said(low), said(high), self.setting.name)
        };
        match self.levels.first().and_then(|l| Some((l, self.holds(l)?))) {
            Some((level, holds)) => format!("{moved}; {} holds {holds}", level.label),
            None => moved,
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let checks = if self.levels.is_empty() { "" } else { " · dashed: bound of the check" };
        let metric = format!("One run for each dot, same draws · shaded: 95% interval{checks}");
        let said = self.runs().into_iter().take(12).map(|r| format!("{}: {}", r.1, self.metric.unit.write(r.2.value)));
        let desc = format!("{title}. {}.", said.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space))
    }

    fn table(&self, _: &Frame) -> Grid {
        let unit = &self.metric.unit;
        let rows = self.runs().into_iter().map(|r| [r.1.to_owned(), unit.cell(r.2.value), unit.error(r.2.se)]);
        Grid::new([&self.setting.name, &self.metric.label, "±"], rows)
    }
}
