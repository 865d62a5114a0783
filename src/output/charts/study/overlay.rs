//! Chart 24: cases side by side on the same worlds: who still has cash, how much, how wide the gap grows, and what is left
//! for the founders.

use plotters::style::RGBColor;

use super::Amount;
use crate::output::charts::axis::Axis;
use crate::output::charts::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use crate::output::charts::house::{BLUE, GREEN, GREY, NOTE, ORANGE, PURPLE, SKY, VERMILLION, text_colour};
use crate::output::charts::labels::spread;
use crate::output::charts::plot::Plot;
use crate::output::charts::spend_revenue::caption;
use crate::output::charts::{Frame, Grid, Picture, Shown, by_month, last_defined};
use plotters::style::text_anchor::HPos;

/// Cases side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// The finding.
    pub finding: String,
    /// The cases, the base first; at most six are drawn.
    pub cases: Vec<OverlayCase>,
}

/// A case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverlayCase {
    /// Its name.
    pub name: String,
    /// Share of the paths that still have cash at the end of each month.
    pub alive: Vec<f64>,
    /// Median cash by month.
    pub cash: Vec<f64>,
    /// Median cumulative gap by month.
    pub gap: Vec<f64>,
    /// Median stake of the founders by month.
    pub stake: Vec<f64>,
}

/// Colours of the cases and the dashes that tell them apart in grey.
const COLOURS: [RGBColor; 6] = [BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY];

/// A panel: its caption, how its numbers are written, and the series of a case.
type PanelOf = (&'static str, Amount, fn(&OverlayCase) -> &Vec<f64>);

const PANELS: [PanelOf; 4] = [
    ("Share of paths that still have cash", Amount::Share, |case| &case.alive),
    ("Median cash", Amount::Money, |case| &case.cash),
    ("Median cumulative gap", Amount::Money, |case| &case.gap),
    ("Median stake of the founders", Amount::Share, |case| &case.stake),
];

impl Overlay {
    fn drawn(&self) -> &[OverlayCase] {
        &self.cases[..self.cases.len().min(COLOURS.len())]
    }

    fn panel(&self, canvas: &mut Canvas, frame: &Frame, space: Space, (title, amount, of): PanelOf) {
        let cases = self.drawn();
        caption(canvas, title, space);
        let months = cases.iter().map(|case| of(case).len()).max().unwrap_or(0);
        let all = cases.iter().flat_map(|case| of(case).iter().copied());
        let (low, high) = super::range(all, 0.05);
        let (low, high) = if amount == Amount::Share { (low.max(0.0), high.min(1.02)) } else { (low.min(0.0), high) };
        let inner = Space { top: space.top + 22.0, right: space.right - 120.0, ..space };
        let plot = Plot::new(inner, Axis::months(frame.start, months), Axis::of(low, high, amount.ticks()));
        plot.grid(canvas);
        plot.zero(canvas);
        let s = plot.space;
        let ends: Vec<(usize, f64, f64)> = cases
            .iter()
            .enumerate()
            .filter_map(|(k, case)| {
                let (_, value) = last_defined(of(case))?;
                Some((k, plot.at((0.0, value)).1.clamp(s.top, s.bottom), value))
            })
            .collect();
        let places = spread(&ends.iter().map(|end| (end.1, 14.0)).collect::<Vec<_>>(), s.top, s.bottom);
        for (k, case) in cases.iter().enumerate() {
            canvas.series(&format!("case-{}", k + 1), |canvas| {
                plot.series(canvas, of(case), 1.0, (COLOURS[k], 1.0, if k == 0 { 2.6 } else { 1.8 }));
            });
        }
        for ((k, _, value), y) in ends.iter().zip(places) {
            let colour = text_colour(COLOURS[*k]);
            let look = if *k == 0 { Type::bold(NOTE, colour) } else { Type::plain(NOTE, colour) };
            let text = look.fit(&format!("{} {}", amount.write(*value), cases[*k].name), 114.0);
            canvas.series(&format!("case-{}", k + 1), |canvas| canvas.text(&text, s.right + 6.0, y, look, HPos::Left));
        }
        let series = cases.iter().enumerate().map(|(k, case)| {
            let values = of(case).iter().map(|x| amount.write(*x)).collect();
            Shown::new(&format!("case-{}", k + 1), &case.name, COLOURS[k], values)
        });
        plot.hover_months(canvas, frame, 1.0, series.collect());
    }
}

impl Picture for Overlay {
    fn title(&self, _: &Frame) -> String {
        self.finding.trim_end_matches('.').to_owned()
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let left = self.cases.len() - self.drawn().len();
        let more = if left > 0 { format!(" · {left} further cases not drawn") } else { String::new() };
        let metric = format!("{} cases on the same paths, the first in bold{more}", self.cases.len());
        let desc = format!("{title}.");
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let panels: Vec<PanelOf> = PANELS
                .into_iter()
                .filter(|(_, _, of)| self.drawn().iter().any(|case| last_defined(of(case)).is_some()))
                .collect();
            let rows = panels.len().div_ceil(2).max(1) as f64;
            let (w, h) = ((space.right - space.left) / 2.0, (space.bottom - space.top) / rows);
            for (k, panel) in panels.iter().enumerate() {
                let (column, row) = ((k % 2) as f64, (k / 2) as f64);
                let (left, top) = (space.left + w * column, space.top + h * row);
                let part = Space { left, right: left + w - 10.0, top, bottom: top + h - 8.0 };
                self.panel(canvas, frame, part, *panel);
            }
            if panels.is_empty() {
                canvas.text("No data", 480.0, 260.0, Type::plain(NOTE, GREY), HPos::Center);
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let columns: Vec<(String, Vec<String>)> = self
            .cases
            .iter()
            .flat_map(|case| {
                PANELS.iter().filter(|(_, _, of)| !of(case).is_empty()).map(|(title, amount, of)| {
                    (format!("{}: {title}", case.name), of(case).iter().map(|x| amount.write(*x)).collect())
                })
            })
            .collect();
        by_month(frame, &columns)
    }
}
