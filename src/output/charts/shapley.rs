//! Chart 26: from the value of one case to that of another, through the contribution of each setting that differs. The
//! contributions are Shapley values: the mean effect of a setting over all orders in which the settings can be changed
//! (Shapley 1953), so that they sum to the whole.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, NOTE, SMALL, VERMILLION, WHITE, blend};
use super::marks;
use super::quantity::{ERRORS, Measured, Quantity};
use super::rows::Rows;
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// The difference of two cases, by setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shapley {
    /// The metric: `P(cash-out)`.
    pub metric: Quantity,
    /// Name of the first case.
    pub from: String,
    /// The metric in the first case.
    pub start: Measured,
    /// Name of the second case.
    pub to: String,
    /// The metric in the second case.
    pub end: Measured,
    /// The settings that differ, in any order.
    pub parts: Vec<Contribution>,
}

/// The contribution of one setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Name of the setting.
    pub name: String,
    /// Its values in the two cases: `$10B → $40B`; may be empty.
    pub change: String,
    /// What it adds to the metric.
    pub value: Measured,
}

/// A row of the waterfall: a total, or a step from one value to the next.
struct Row {
    name: String,
    change: String,
    from: f64,
    to: f64,
    /// The total, or the step.
    figure: Measured,
    total: bool,
}

/// Largest number of contributions drawn.
const MOST: usize = 11;
/// A share of the whole that is not attributed and that rounding does not explain.
const ROUNDING: f64 = 1e-6;

impl Shapley {
    /// The contributions, the largest first.
    fn order(&self) -> Vec<&Contribution> {
        let size = |c: &Contribution| if c.value.is_known() { c.value.value.abs() } else { -1.0 };
        let mut order: Vec<&Contribution> = self.parts.iter().collect();
        order.sort_by(|a, b| size(b).total_cmp(&size(a)));
        order
    }

    /// What the contributions leave unexplained, if it is more than rounding.
    fn rest(&self) -> Option<f64> {
        let whole = self.end.value - self.start.value;
        let known = self.parts.iter().map(|c| c.value.value).filter(|v| v.is_finite());
        let rest = whole - known.sum::<f64>();
        let size = self.end.value.abs().max(self.start.value.abs());
        (rest.is_finite() && rest.abs() > ROUNDING * size).then_some(rest)
    }

    fn rows(&self) -> Vec<Row> {
        let mut out = Vec::new();
        if !(self.start.is_known() && self.end.is_known()) {
            return out;
        }
        let total = |name: &str, m: Measured| Row {
            name: name.to_owned(),
            change: String::new(),
            from: m.value,
            to: m.value,
            figure: m,
            total: true,
        };
        out.push(total(&self.from, self.start));
        let mut at = self.start.value;
        let mut step = |name: String, change: String, figure: Measured| {
            let from = at;
            at += figure.value;
            out.push(Row { name, change, from, to: at, figure, total: false });
        };
        let order: Vec<&Contribution> = self.order().into_iter().filter(|c| c.value.is_known()).collect();
        let shown = if order.len() > MOST + 1 { MOST } else { order.len() };
        for c in &order[..shown] {
            step(c.name.clone(), c.change.clone(), c.value);
        }
        if order.len() > shown {
            let sum = order[shown..].iter().map(|c| c.value.value).sum();
            step(format!("{} others", order.len() - shown), String::new(), Measured::new(sum, f64::NAN));
        }
        if let Some(rest) = self.rest() {
            step("Not attributed".into(), String::new(), Measured::new(rest, f64::NAN));
        }
        out.push(total(&self.to, self.end));
        out
    }

    fn colour(row: &Row) -> RGBColor {
        match row {
            _ if row.total => INK,
            _ if !row.figure.is_clear(ERRORS) => blend(GREY, WHITE, 0.35),
            _ if row.figure.value > 0.0 => VERMILLION,
            _ => BLUE,
        }
    }

    fn bars(canvas: &mut Canvas, rows: &Rows, list: &[Row]) {
        let half = (0.34 * rows.step()).min(11.0);
        for (i, row) in list.iter().enumerate() {
            let (y, a, b) = (rows.y(i), rows.at(row.from), rows.at(row.to));
            // The line that carries the value to the next row.
            if i + 1 < list.len() {
                canvas.line(&[(b, y), (b, rows.y(i + 1))], GREY, 0.7, 1.0);
            }
            canvas.series("parts", |canvas| {
                let colour = Shapley::colour(row);
                if row.total {
                    marks::across(canvas, rows, y, row.figure.interval());
                    canvas.area(&[(a - 6.0, y), (a, y - 7.0), (a + 6.0, y), (a, y + 7.0)], colour, 1.0);
                } else {
                    // A step of less than two pixels would not be seen.
                    let b = if (b - a).abs() < 2.0 { a + 2.0_f64.copysign(row.figure.value) } else { b };
                    let clear = row.figure.is_clear(ERRORS) || row.figure.se.is_nan();
                    marks::bar(canvas, (a, y - half), (b, y + half), colour, clear);
                    if row.figure.se.is_finite() {
                        marks::across(canvas, rows, y, Measured::new(row.to, row.figure.se).interval());
                    }
                }
            });
        }
    }

    fn picture(&self, canvas: &mut Canvas, space: Space, list: &[Row]) {
        if list.is_empty() {
            return nothing(canvas, space);
        }
        let unit = &self.metric.unit;
        let look = Type::plain(SMALL, INK);
        let said: Vec<String> =
            list.iter().map(|r| if r.total { unit.estimate(r.figure) } else { unit.change(r.figure) }).collect();
        let figures = said.iter().map(|t| look.width(t)).fold(0.0, f64::max).min(220.0) + 18.0;
        let changes = list.iter().map(|r| look.width(&r.change)).fold(0.0, f64::max).min(190.0);
        let changes = if changes > 0.0 { changes + 18.0 } else { 0.0 };
        let ends = list.iter().flat_map(|r| {
            let (lo, hi) = Measured::new(r.to, r.figure.se).interval();
            [r.from, r.to, lo, hi]
        });
        let names: Vec<_> = list.iter().map(|r| (r.name.clone(), INK)).collect();
        let part = Space { top: space.top + 20.0, ..space };
        let rows = Rows::new(canvas, part, &names, unit.axis(ends), figures + changes);
        Shapley::bars(canvas, &rows, list);
        let middle = space.right - figures;
        for (i, (row, text)) in list.iter().zip(&said).enumerate() {
            let look = if row.total { Type::bold(SMALL, INK) } else { Type::plain(SMALL, INK) };
            canvas.text(&look.fit(text, figures - 14.0), space.right, rows.y(i), look, HPos::Right);
            let look = Type::plain(SMALL, GREY);
            canvas.text(&look.fit(&row.change, 190.0), middle, rows.y(i), look, HPos::Right);
        }
        if changes > 0.0 {
            rows.heading(canvas, "change", middle);
        }
        rows.heading(canvas, "contribution", space.right);
        let look = Type::plain(NOTE, GREY);
        canvas.text(&look.fit(&self.metric.heading(), 400.0), rows.space.left, rows.space.top - 10.0, look, HPos::Left);
        rows.hover(canvas, &names, vec![Shown::new("parts", &self.metric.label, INK, said)]);
    }
}

impl Picture for Shapley {
    fn title(&self, _: &Frame) -> String {
        let (unit, metric) = (&self.metric.unit, &self.metric.label);
        if !(self.start.is_known() && self.end.is_known()) {
            return format!("{metric} is undefined in one of the two cases");
        }
        let whole = self.end.value - self.start.value;
        let between = format!(
            "{metric} goes from {} in “{}” to {} in “{}”",
            unit.write(self.start.value),
            self.from,
            unit.write(self.end.value),
            self.to
        );
        match self.order().first().filter(|c| c.value.is_clear(ERRORS)) {
            None if self.parts.is_empty() => format!("No setting differs: {between}"),
            None => format!("No single setting stands out from noise: {between}"),
            Some(top) => {
                let (d, of) = (unit.difference(top.value.value), unit.difference(whole));
                format!("{between}; {} contributes {d} of {of}", top.name)
            }
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let list = self.rows();
        let metric = "Shapley values: mean effect of a setting over the orders of change, same draws · diamond: value of \
                      the case · line: 95% interval · hollow: less than 2 standard errors";
        let said =
            list.iter().filter(|r| !r.total).map(|r| format!("{} {}", r.name, self.metric.unit.change(r.figure)));
        let desc = format!("{title}. {}.", said.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric: metric.into(), desc }, |canvas, space| self.picture(canvas, space, &list))
    }

    fn table(&self, _: &Frame) -> Grid {
        let unit = &self.metric.unit;
        let total = |name: &str, m: Measured| [name.to_owned(), String::new(), unit.cell(m.value), unit.error(m.se)];
        let part = |c: &Contribution| {
            [c.name.clone(), c.change.clone(), unit.difference(c.value.value), unit.error(c.value.se)]
        };
        let rest = self.rest().map(|v| ["Not attributed".into(), String::new(), unit.difference(v), String::new()]);
        let parts = self.order().into_iter().map(part).chain(rest);
        let rows = std::iter::once(total(&self.from, self.start)).chain(parts).chain([total(&self.to, self.end)]);
        Grid::new(["Case or setting", "Change", &self.metric.label, "±"], rows)
    }
}
