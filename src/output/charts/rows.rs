//! Charts made of rows: a name on the left, a mark on a common scale, figures on the right.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Space, Type};
use super::drawing::{Panel, Shown};
use super::house::{GREY, INK, NOTE, RULE, SMALL};

/// Rows, one below another; `space` is the plot alone.
pub(super) struct Rows {
    pub space: Space,
    pub x: Axis,
    count: usize,
}

/// Maximum width of a name.
const WIDEST: f64 = 210.0;

impl Rows {
    /// Rows in `space`, which contains names, plot, figures and the labels of the axis. `names` come with their
    /// colours; `figures` is the width kept free on the right.
    pub fn new(canvas: &mut Canvas, mut space: Space, names: &[(String, RGBColor)], x: Axis, figures: f64) -> Rows {
        let look = |colour| Type::plain(SMALL + 0.5, colour);
        let wide = names.iter().map(|n| look(n.1).width(&n.0)).fold(0.0, f64::max).min(WIDEST);
        let left = space.left;
        space.left += wide + 14.0;
        space.right -= figures;
        space.bottom -= 22.0;
        let mut rows = Rows { space, x, count: names.len() };
        // If there are few rows, the scale is directly below the last one.
        space.bottom = space.bottom.min(space.top + rows.step() * names.len().max(1) as f64 + 4.0);
        rows.space = space;
        for (i, (name, colour)) in names.iter().enumerate() {
            let look = look(*colour);
            canvas.text(&look.fit(name, wide), left + wide, rows.y(i), look, HPos::Right);
        }
        for (v, text) in &rows.x.ticks {
            let x = rows.at(*v);
            let (colour, width) = if *v == 0.0 { (INK, 1.2) } else { (RULE, 1.0) };
            canvas.line(&[(x, space.top), (x, space.bottom)], colour, if *v == 0.0 { 0.75 } else { 1.0 }, width);
            canvas.text(text, x, space.bottom + 14.0, Type::plain(SMALL, GREY), HPos::Center);
        }
        rows
    }

    /// Vertical centre of a row.
    pub fn y(&self, row: usize) -> f64 {
        self.space.top + (row as f64 + 0.5) * self.step()
    }
    /// Height of a row.
    pub fn step(&self) -> f64 {
        ((self.space.bottom - self.space.top) / self.count.max(1) as f64).min(46.0)
    }
    /// Position of a value on the scale, kept within the plot.
    pub fn at(&self, value: f64) -> f64 {
        let s = self.space;
        (s.left + self.x.part(value) * (s.right - s.left)).clamp(s.left, s.right.max(s.left))
    }
    /// Whether a value lies on the scale.
    pub fn holds(&self, value: f64) -> bool {
        (self.x.lo..=self.x.hi).contains(&value)
    }
    /// A row's figure in a column that ends at `x`.
    pub fn figure(&self, canvas: &mut Canvas, row: usize, text: &str, x: f64, bold: bool) {
        let look = if bold { Type::bold(SMALL, INK) } else { Type::plain(SMALL, GREY) };
        canvas.text(text, x, self.y(row), look, HPos::Right);
    }
    /// Heading of a column that ends at `x`, on the line above the rows.
    pub fn heading(&self, canvas: &mut Canvas, text: &str, x: f64) {
        canvas.text(text, x, self.space.top - 10.0, Type::plain(NOTE, GREY), HPos::Right);
    }
    /// What a pointer shows over the rows.
    pub fn hover(&self, canvas: &mut Canvas, names: &[(String, RGBColor)], series: Vec<Shown>) {
        let s = self.space;
        let places = names.iter().enumerate().map(|(i, n)| (self.y(i), n.0.clone())).collect();
        let height = self.step() * self.count as f64;
        canvas.hover(Panel { left: s.left, top: s.top, width: s.right - s.left, height, down: true, places, series });
    }
}
