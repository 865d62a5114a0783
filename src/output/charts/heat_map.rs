//! Chart 15: a metric over the values of two settings, and where checks are passed.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::contour::{Piece, Surface};
use super::drawing::Panel;
use super::house::{BLUE, GREY, INK, MAX_TICKS, RULE, SMALL, WHITE, blend, contrast};
use super::labels::{self, EndLabel};
use super::marks;
use super::plot::Plot;
use super::quantity::{ERRORS, Measured, Quantity, ends};
use super::setting::{Level, SettingValues};
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// A metric over two settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeatMap {
    /// The metric: `P(cash-out)`.
    pub metric: Quantity,
    /// The setting from left to right.
    pub x: SettingValues,
    /// The setting from bottom to top.
    pub y: SettingValues,
    /// The metric in each run, `[y × x]`: all values of `x` with the first of `y`, then with the second, and so on. A run
    /// that is invalid or missing has no estimate.
    pub cells: Vec<Measured>,
    /// Checks on the metric, whose bounds are drawn as contours.
    pub levels: Vec<Level>,
}

/// Largest number of cells in a row or column that are written as numbers.
const WRITTEN: usize = 12;
/// Width of the scale of colours.
const SCALE: f64 = 14.0;

/// The colour of a share of the range of the metric: one hue from nearly white to nearly black, so that it is also read
/// in grey.
pub(super) fn ramp(part: f64) -> RGBColor {
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
    let (light, dark) = (blend(BLUE, WHITE, 0.92), blend(BLUE, INK, 0.72));
    if part < 0.6 { blend(light, BLUE, part / 0.6) } else { blend(BLUE, dark, (part - 0.6) / 0.4) }
}

/// The map on the sheet: its plot in units of cells, and the order of the values.
struct Drawn<'a> {
    map: &'a HeatMap,
    plot: Plot,
    columns: Vec<usize>,
    rows: Vec<usize>,
    range: (f64, f64),
}

impl HeatMap {
    fn cell(&self, column: usize, row: usize) -> Measured {
        let wide = self.x.labels.len();
        self.cells.get(row * wide + column).copied().filter(|_| column < wide).unwrap_or_default()
    }

    /// The settings of a cell: `2 GW, 95%`.
    fn place(&self, k: usize) -> String {
        let wide = self.x.labels.len().max(1);
        let of = |s: &SettingValues, i: usize| s.labels.get(i).cloned().unwrap_or_default();
        format!("{}, {}", of(&self.x, k % wide), of(&self.y, k / wide))
    }

    /// The first cells with the smallest and the largest value.
    fn extremes(&self) -> Option<(usize, usize)> {
        let known = || (0..self.cells.len()).filter(|&k| self.cells[k].is_known());
        let by = |a: &usize, b: &usize| self.cells[*a].value.total_cmp(&self.cells[*b].value);
        Some((known().min_by(by)?, known().max_by(|a, b| by(a, b).then(b.cmp(a)))?))
    }

    /// Where the bound of each check is crossed, for values in this order: between the centres of cells if both settings
    /// are numbers, otherwise along their edges.
    fn contours(&self, columns: &[usize], rows: &[usize]) -> Vec<(&Level, Vec<Piece>)> {
        let row = |r: &usize| columns.iter().map(|c| self.cell(*c, *r).value).collect::<Vec<_>>();
        let surface = Surface { wide: columns.len(), high: rows.len(), values: rows.iter().flat_map(row).collect() };
        let numeric = self.x.is_numeric() && self.y.is_numeric();
        let of = |b: f64| if numeric { surface.contour(b) } else { surface.steps(b) };
        self.levels.iter().map(|level| (level, of(level.bound))).collect()
    }

    /// The scale of colours on the right of the map, as high as it.
    fn scale(canvas: &mut Canvas, right: f64, space: Space, axis: &Axis) {
        let look = Type::plain(SMALL, GREY);
        let wide = axis.ticks.iter().map(|t| look.width(&t.1)).fold(0.0, f64::max);
        let x = right - wide - SCALE - 7.0;
        let (steps, high) = (60, space.bottom - space.top);
        for k in (0..steps).rev() {
            let (a, b) = (f64::from(k) / f64::from(steps), f64::from(k + 1) / f64::from(steps));
            let y = |part: f64| space.bottom - part * high;
            // Each step covers the rest of the scale, so that no seams are seen.
            canvas.rectangle((x, y(b)), (x + SCALE, space.bottom), ramp(0.5 * (a + b)), 1.0);
        }
        for (v, text) in &axis.ticks {
            let y = space.bottom - axis.part(*v) * high;
            canvas.line(&[(x + SCALE, y), (x + SCALE + 4.0, y)], GREY, 1.0, 1.0);
            canvas.text(text, x + SCALE + 7.0, y, look, HPos::Left);
        }
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space) {
        let (columns, rows) = (self.x.order(), self.y.order());
        let known = self.cells.iter().map(|m| m.value);
        let Some((lo, hi)) = ends(known).filter(|_| !columns.is_empty() && !rows.is_empty()) else {
            return nothing(canvas, space);
        };
        let unit = &self.metric.unit;
        let bounded = if hi > lo { unit.between(lo, hi) } else { unit.axis([lo].into_iter()) };
        let range = (bounded.lo, bounded.hi);
        let look = Type::plain(SMALL, GREY);
        let bold = Type::bold(SMALL, INK);
        canvas.text(&format!("{} ↑", bold.fit(&self.y.name, 400.0)), space.left, space.top + 4.0, bold, HPos::Left);
        let name = format!("{} →", bold.fit(&self.x.name, 400.0));
        let wide = rows.iter().map(|&r| look.width(&self.y.labels[r])).fold(0.0, f64::max).min(130.0);
        let ticks = bounded.ticks.iter().map(|t| look.width(&t.1)).fold(0.0, f64::max);
        let contours = self.contours(&columns, &rows);
        let leaves = |pieces: &[Piece]| pieces.iter().flatten().any(|p| p.0 >= columns.len() as f64);
        let named: Vec<EndLabel> =
            contours.iter().filter(|c| leaves(&c.1)).map(|(level, _)| level_label(level, 0.0)).collect();
        let room = if named.is_empty() { 20.0 } else { labels::room(&named) + 10.0 };
        let full = space;
        (space.left, space.right) = (space.left + wide + 10.0, space.right - ticks - SCALE - 7.0 - room);
        (space.top, space.bottom) = (space.top + 20.0, space.bottom - 38.0);
        canvas.text(&name, space.right, full.bottom - 5.0, bold, HPos::Right);
        let ends = |n: usize| Axis { lo: 0.0, hi: n as f64, ticks: Vec::new() };
        let plot = Plot { space, x: ends(columns.len()), y: ends(rows.len()) };
        let drawn = Drawn { map: self, plot, columns, rows, range };
        drawn.labels(canvas);
        canvas.series("metric", |canvas| drawn.cells(canvas));
        drawn.levels(canvas, &contours);
        drawn.hover(canvas);
        HeatMap::scale(canvas, full.right, space, &bounded);
    }
}

/// Of so many values of a setting only every so many are labelled, unless the cells are written as numbers.
fn few(values: usize) -> usize {
    if values > WRITTEN { values.div_ceil(MAX_TICKS) } else { 1 }
}

/// The label of a contour, at its end.
fn level_label(level: &Level, y: f64) -> EndLabel {
    let rows = vec![(level.label.clone(), Type::bold(SMALL, INK))];
    EndLabel { y, rows, swatch: None, leader: true, key: "level".into() }
}

impl Drawn<'_> {
    /// Corners of a cell, in pixels.
    fn corners(&self, i: usize, j: usize) -> ((f64, f64), (f64, f64)) {
        (self.plot.at((i as f64, j as f64 + 1.0)), self.plot.at((i as f64 + 1.0, j as f64)))
    }

    /// The values of both settings beside the map, as many as have room.
    fn labels(&self, canvas: &mut Canvas) {
        let (look, s) = (Type::plain(SMALL, GREY), self.plot.space);
        let (wide, high) = self.size();
        let widest = self.columns.iter().map(|&c| look.width(&self.map.x.labels[c])).fold(0.0, f64::max).min(110.0);
        let every = (((widest + 8.0) / wide).ceil().max(1.0) as usize).max(few(self.columns.len()));
        for (i, &c) in self.columns.iter().enumerate().step_by(every) {
            let text = look.fit(&self.map.x.labels[c], (wide * every as f64 - 6.0).max(30.0));
            canvas.text(&text, self.plot.at((i as f64 + 0.5, 0.0)).0, s.bottom + 13.0, look, HPos::Center);
        }
        let every = (((SMALL + 3.0) / high).ceil().max(1.0) as usize).max(few(self.rows.len()));
        for (j, &r) in self.rows.iter().enumerate().step_by(every) {
            let text = look.fit(&self.map.y.labels[r], 130.0);
            canvas.text(&text, s.left - 8.0, self.plot.at((0.0, j as f64 + 0.5)).1, look, HPos::Right);
        }
    }

    /// Width and height of a cell.
    fn size(&self) -> (f64, f64) {
        let s = self.plot.space;
        ((s.right - s.left) / self.columns.len() as f64, (s.bottom - s.top) / self.rows.len() as f64)
    }

    fn cells(&self, canvas: &mut Canvas) {
        let unit = &self.map.metric.unit;
        let (wide, high) = self.size();
        let written = self.columns.len() <= WRITTEN && self.rows.len() <= WRITTEN && high >= SMALL + 2.0;
        let all = self.map.cells.iter().filter(|m| m.is_known()).map(|m| unit.write(m.value));
        let widest = all.map(|t| Type::plain(SMALL, INK).width(&t)).fold(0.0, f64::max);
        let errors = written && high >= 40.0 && wide >= 62.0;
        // Many cells overlap a little, so that no seams are seen.
        let gap = if self.columns.len() * self.rows.len() <= WRITTEN * WRITTEN { 0.6 } else { -0.25 };
        for (j, &r) in self.rows.iter().enumerate() {
            for (i, &c) in self.columns.iter().enumerate() {
                let (m, (a, b)) = (self.map.cell(c, r), self.corners(i, j));
                let (a, b) = ((a.0 + gap, a.1 + gap), (b.0 - gap, b.1 - gap));
                if !m.is_known() {
                    canvas.rectangle(a, b, blend(RULE, WHITE, 0.5), 1.0);
                    marks::hatch(canvas, a, b);
                    continue;
                }
                let colour = ramp((m.value - self.range.0) / (self.range.1 - self.range.0));
                canvas.rectangle(a, b, colour, 1.0);
                if !written || widest > wide - 4.0 {
                    continue;
                }
                let ink = if contrast(WHITE, colour) > contrast(INK, colour) { WHITE } else { INK };
                let (x, y) = (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
                let error = if errors { unit.error(m.se) } else { String::new() };
                let up = if error.is_empty() { 0.0 } else { 8.0 };
                canvas.text(&unit.write(m.value), x, y - up, Type::bold(SMALL, ink), HPos::Center);
                if up > 0.0 && Type::plain(11.0, ink).width(&error) <= wide - 4.0 {
                    canvas.text(&error, x, y + up, Type::plain(11.0, ink), HPos::Center);
                }
            }
        }
    }

    fn levels(&self, canvas: &mut Canvas, contours: &[(&Level, Vec<Piece>)]) {
        let (mut right, s) = (Vec::new(), self.plot.space);
        // Middles and half widths of the texts above the map, the name of the setting among them.
        let half = 0.5 * Type::bold(SMALL, INK).width(&self.map.y.name).min(400.0) + 12.0;
        let mut top = vec![(24.0 + half, half)];
        for (level, pieces) in contours {
            let pixels: Vec<Piece> = pieces.iter().map(|p| p.map(|at| self.plot.at(at))).collect();
            canvas.series("level", |canvas| {
                for (colour, width) in [(WHITE, 5.0), (INK, 2.2)] {
                    for piece in &pixels {
                        canvas.line(piece, colour, 1.0, width);
                    }
                }
            });
            // The label is at the end of the line if it leaves the map on the right or at the top, otherwise on the line.
            let end = |on: &dyn Fn(&(f64, f64)) -> bool| pixels.iter().flatten().copied().find(on);
            let bold = Type::bold(SMALL, INK);
            let text = bold.fit(&level.label, 200.0);
            let half = bold.width(&text) / 2.0;
            let x = |p: (f64, f64)| p.0.clamp(s.left + half, (s.right - half).max(s.left + half));
            let out =
                end(&|p| p.1 <= s.top + 0.5).map(x).filter(|x| top.iter().all(|t| (t.0 - x).abs() > t.1 + half + 10.0));
            if let Some(p) = end(&|p| p.0 >= s.right - 0.5) {
                right.push(level_label(level, p.1));
            } else if let Some(x) = out {
                top.push((x, half));
                canvas.series("level", |canvas| canvas.text(&text, x, s.top - 9.0, bold, HPos::Center));
            } else if let Some(at) = self.clearest(pieces) {
                let (x, y) = self.plot.at(at);
                canvas.plate(&text, x, y, bold, s);
            }
        }
        labels::draw(canvas, &right, s.right, s.top, s.bottom);
    }

    /// The middle of the piece that is farthest from the centres of cells, where the numbers are.
    fn clearest(&self, pieces: &[Piece]) -> Option<(f64, f64)> {
        let middle = |[a, b]: &Piece| (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
        let off = |v: f64| (v - v.floor() - 0.5).abs();
        let centre = self.rows.len() as f64 / 2.0;
        pieces
            .iter()
            .map(middle)
            .max_by(|a, b| (off(a.1).total_cmp(&off(b.1))).then((b.1 - centre).abs().total_cmp(&(a.1 - centre).abs())))
    }

    /// What a pointer shows: the values of a column, one series for each row.
    fn hover(&self, canvas: &mut Canvas) {
        let s = self.plot.space;
        let x = |i: usize| self.plot.at((i as f64 + 0.5, 0.0)).0;
        let places = self.columns.iter().enumerate();
        let places = places.map(|(i, &c)| (x(i), format!("{} {}", self.map.x.name, self.map.x.labels[c]))).collect();
        let row = |r: &usize| {
            let values = self.columns.iter().map(|c| self.map.metric.unit.estimate(self.map.cell(*c, *r)));
            Shown::new("metric", &format!("{} {}", self.map.y.name, self.map.y.labels[*r]), BLUE, values.collect())
        };
        let series = self.rows.iter().rev().take(WRITTEN).map(row).collect();
        let (width, height) = (s.right - s.left, s.bottom - s.top);
        canvas.hover(Panel { left: s.left, top: s.top, width, height, down: false, places, series });
    }
}

impl Picture for HeatMap {
    fn title(&self, _: &Frame) -> String {
        let (metric, unit) = (&self.metric.label, &self.metric.unit);
        let Some((low, high)) = self.extremes() else { return "No run of the sweep has a result".into() };
        let (a, b) = (self.cells[low], self.cells[high]);
        let range = if b.minus(a).is_clear(ERRORS) {
            let (a, b) = (unit.write(a.value), unit.write(b.value));
            format!("{metric} runs from {a} ({}) to {b} ({})", self.place(low), self.place(high))
        } else {
            format!("{metric} does not differ between the runs by more than its error")
        };
        match self.levels.first() {
            None => range,
            Some(level) => format!("{} holds {}; {range}", level.label, level.passed(self.cells.iter()).said()),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let missing = self.cells.iter().filter(|m| !m.is_known()).count();
        let none = if missing > 0 { format!(" · hatched: no result ({missing})") } else { String::new() };
        let between = match (self.levels.is_empty(), self.x.is_numeric() && self.y.is_numeric()) {
            (true, _) => "",
            (false, true) => " · lines: bounds of checks, interpolated between runs",
            (false, false) => " · lines: bounds of checks, between runs on either side",
        };
        let metric =
            format!("{}, one run for each cell, same draws · darker is more{between}{none}", self.metric.label);
        let said = self.levels.iter().map(|l| format!("{} holds {}.", l.label, l.passed(self.cells.iter()).said()));
        let desc = format!("{title}. {}", said.collect::<Vec<_>>().join(" "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space))
    }

    fn table(&self, _: &Frame) -> Grid {
        let (unit, wide) = (&self.metric.unit, self.x.labels.len().max(1));
        let text = |s: &SettingValues, i: usize| s.labels.get(i).cloned().unwrap_or_default();
        let rows = self
            .cells
            .iter()
            .enumerate()
            .map(|(k, m)| [text(&self.y, k / wide), text(&self.x, k % wide), unit.cell(m.value), unit.error(m.se)]);
        Grid::new([&self.y.name, &self.x.name, &self.metric.label, "±"], rows)
    }
}
