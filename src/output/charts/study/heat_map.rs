//! Chart 15: what a question measures over the values of two settings, with the contour of its bound.

use plotters::style::text_anchor::HPos;

use super::{Amount, short};
use crate::output::charts::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use crate::output::charts::drawing::Panel;
use crate::output::charts::house::{BLUE, GREY, INK, NOTE, RULE, SMALL, VERMILLION, WHITE, blend, contrast};
use crate::output::charts::{Frame, Grid, Picture, Shown};

/// A measure over two settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// The finding.
    pub finding: String,
    /// What is measured: `p(cash_out) < 10%`.
    pub target: String,
    /// How it is written.
    pub amount: Amount,
    /// Paths of the settings: across, and up.
    pub settings: [String; 2],
    /// Values across, as written in a scenario.
    pub across: Vec<String>,
    /// Values up.
    pub up: Vec<String>,
    /// The cells, row by row from the first value up; `None` where the scenario is invalid.
    pub cells: Vec<Option<HeatCell>>,
    /// The bound of the question.
    pub bound: Option<f64>,
}

/// A cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeatCell {
    /// Measured value.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Whether the bound holds.
    pub holds: bool,
}

/// Cells per side up to which each has its number.
const NUMBERED: usize = 13;

impl HeatMap {
    fn cell(&self, column: usize, row: usize) -> Option<HeatCell> {
        self.cells.get(row * self.across.len() + column).copied().flatten()
    }

    /// Draws the boundary between cells that keep the bound and cells that do not.
    fn contour(&self, canvas: &mut Canvas, corner: impl Fn(usize, usize) -> (f64, f64)) {
        let (columns, rows) = (self.across.len(), self.up.len());
        let differs =
            |a: Option<HeatCell>, b: Option<HeatCell>| matches!((a, b), (Some(a), Some(b)) if a.holds != b.holds);
        for row in 0..rows {
            for column in 0..columns {
                let own = self.cell(column, row);
                if column + 1 < columns && differs(own, self.cell(column + 1, row)) {
                    canvas.line(&[corner(column + 1, row), corner(column + 1, row + 1)], INK, 1.0, 3.0);
                }
                if row + 1 < rows && differs(own, self.cell(column, row + 1)) {
                    canvas.line(&[corner(column, row + 1), corner(column + 1, row + 1)], INK, 1.0, 3.0);
                }
            }
        }
    }
}

impl Picture for HeatMap {
    fn title(&self, _: &Frame) -> String {
        self.finding.trim_end_matches('.').replace('`', "")
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let line = if self.bound.is_some() { " · heavy line: where its bound begins or ceases to hold" } else { "" };
        let metric = format!("{} · darker is higher{line} · hatched: no valid scenario", self.target);
        let desc = format!("{title}. {} by {} values.", self.across.len(), self.up.len());
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let (columns, rows) = (self.across.len().max(1), self.up.len().max(1));
            let look = Type::plain(SMALL, GREY);
            let wide = self.up.iter().map(|text| look.width(text)).fold(0.0, f64::max).min(150.0);
            let s =
                Space { left: space.left + wide + 12.0, bottom: space.bottom - 42.0, top: space.top + 18.0, ..space };
            let (w, h) = ((s.right - s.left) / columns as f64, (s.bottom - s.top) / rows as f64);
            let corner = |column: usize, row: usize| (s.left + w * column as f64, s.bottom - h * row as f64);
            let values = || self.cells.iter().flatten().map(|cell| cell.value).filter(|x| x.is_finite());
            let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
            let shade = |x: f64| if high > low { (x - low) / (high - low) } else { 0.3 };
            canvas.series("cells", |canvas| {
                for row in 0..self.up.len() {
                    for column in 0..self.across.len() {
                        let (a, b) = (corner(column, row), corner(column + 1, row + 1));
                        let Some(cell) = self.cell(column, row).filter(|cell| cell.value.is_finite()) else {
                            canvas.rectangle((a.0, b.1), (b.0, a.1), WHITE, 1.0);
                            for k in 0..6 {
                                let x = a.0 + w * f64::from(k) / 6.0;
                                canvas.line(&[(x, a.1), (x + w / 6.0, b.1)], RULE, 1.0, 1.0);
                            }
                            continue;
                        };
                        let colour = blend(blend(BLUE, WHITE, 0.92), blend(BLUE, INK, 0.45), shade(cell.value));
                        canvas.rectangle((a.0, b.1), (b.0 - 1.0, a.1 - 1.0), colour, 1.0);
                        let text = self.amount.write(cell.value);
                        let ink = if contrast(WHITE, colour) > contrast(INK, colour) { WHITE } else { INK };
                        let look = Type::plain(NOTE, ink);
                        if columns <= NUMBERED && rows <= NUMBERED && look.width(&text) < w - 4.0 && h > 14.0 {
                            canvas.text(&text, f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1), look, HPos::Center);
                        }
                    }
                }
            });
            self.contour(canvas, corner);
            let every = |n: usize, room: f64, least: f64| ((least / room).ceil().max(1.0) as usize).min(n.max(1));
            let widest = self.across.iter().map(|text| look.width(text) + 8.0).fold(1.0, f64::max);
            for (k, text) in self.across.iter().enumerate().step_by(every(columns, w, widest)) {
                canvas.text(text, s.left + w * (k as f64 + 0.5), s.bottom + 13.0, look, HPos::Center);
            }
            for (k, text) in self.up.iter().enumerate().step_by(every(rows, h, 15.0)) {
                canvas.text(&look.fit(text, wide), s.left - 8.0, s.bottom - h * (k as f64 + 0.5), look, HPos::Right);
            }
            canvas.text(
                &self.settings[0],
                f64::midpoint(s.left, s.right),
                s.bottom + 32.0,
                Type::plain(NOTE, INK),
                HPos::Center,
            );
            canvas.text(
                &format!("↑ {}", self.settings[1]),
                space.left,
                s.top - 12.0,
                Type::plain(NOTE, INK),
                HPos::Left,
            );
            if let Some(bound) = self.bound.filter(|x| x.is_finite()) {
                let text = format!("bound {}", self.amount.write(bound));
                canvas.text(&text, s.right, s.top - 12.0, Type::bold(NOTE, VERMILLION), HPos::Right);
            }
            let series = self.up.iter().enumerate().rev().map(|(row, text)| {
                let said = |column: usize| {
                    self.cell(column, row).map_or("invalid".to_owned(), |cell| {
                        format!("{} {}", self.amount.write(cell.value), self.amount.error(cell.se))
                    })
                };
                let values = (0..self.across.len()).map(said).collect();
                Shown::new("cells", &format!("{} {text}", short(&self.settings[1])), BLUE, values)
            });
            let places = self.across.iter().enumerate();
            let places =
                places.map(|(k, text)| (s.left + w * (k as f64 + 0.5), format!("{} {text}", short(&self.settings[0]))));
            canvas.hover(Panel {
                left: s.left,
                top: s.top,
                width: s.right - s.left,
                height: s.bottom - s.top,
                down: false,
                places: places.collect(),
                series: series.take(12).collect(),
            });
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let head =
            std::iter::once(format!("{} \\ {}", self.settings[1], self.settings[0])).chain(self.across.iter().cloned());
        let row = |(row, name): (usize, &String)| {
            let cell = |column: usize| {
                self.cell(column, row).map_or("invalid".to_owned(), |cell| self.amount.write(cell.value))
            };
            std::iter::once(name.clone()).chain((0..self.across.len()).map(cell)).collect()
        };
        Grid { head: head.collect(), rows: self.up.iter().enumerate().map(row).collect() }
    }
}
