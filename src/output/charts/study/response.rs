//! Chart 23: what a question measures over the values of one setting, with its bound and the value sought.

use plotters::style::text_anchor::HPos;

use super::{Amount, range, short};
use crate::output::charts::axis::Axis;
use crate::output::charts::canvas::{Sheet, Space, Type, Words, sheet};
use crate::output::charts::house::{BLUE, GREY, INK, NOTE, VERMILLION};
use crate::output::charts::panels::mark;
use crate::output::charts::plot::Plot;
use crate::output::charts::spend_revenue::nothing;
use crate::output::charts::{Frame, Grid, Picture, Shown};

/// A response to one setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The finding.
    pub finding: String,
    /// What is measured: `p(cash_out) < 10%`.
    pub target: String,
    /// How it is written.
    pub amount: Amount,
    /// Path of the setting.
    pub setting: String,
    /// How the setting is written.
    pub across: Amount,
    /// The values, in ascending order.
    pub points: Vec<ResponsePoint>,
    /// The bound of the question.
    pub bound: Option<f64>,
    /// The value sought and its 99% interval; NaN where it is open.
    pub answer: Option<(f64, [f64; 2])>,
    /// What the question measures in the scenario as it is.
    pub own: Option<f64>,
}

/// A value of the setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponsePoint {
    /// Its position on the axis.
    pub x: f64,
    /// As written in a scenario.
    pub setting: String,
    /// The measured value and its standard error.
    pub value: (f64, f64),
}

impl Picture for Response {
    fn title(&self, _: &Frame) -> String {
        self.finding.trim_end_matches('.').replace('`', "")
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let bound = if self.bound.is_some() { " · dashed: its bound" } else { "" };
        let answer = if self.answer.is_some() { " · shaded: 99% interval of the value sought" } else { "" };
        let metric = format!("{} over {} · band: 95% interval{bound}{answer}", self.target, self.setting);
        let desc = format!("{title}. {} values of {}.", self.points.len(), self.setting);
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let known: Vec<&ResponsePoint> =
                self.points.iter().filter(|p| p.x.is_finite() && p.value.0.is_finite()).collect();
            let (x_low, x_high) = range(known.iter().map(|p| p.x), 0.03);
            let ends = known.iter().flat_map(|p| {
                let se = if p.value.1.is_finite() { p.value.1 } else { 0.0 };
                [p.value.0 - 1.96 * se, p.value.0 + 1.96 * se]
            });
            let (low, high) = range(ends.chain(self.bound).chain(self.own), 0.08);
            let low = if self.amount == Amount::Share { low.max(0.0) } else { low };
            let mut x = Axis::of(x_low, x_high, self.across.ticks());
            if self.across == Amount::Number {
                // Words, and units that have no ticks of their own.
                x.ticks = spaced(known.iter().map(|p| (p.x, p.setting.clone())).collect(), x_high - x_low);
            }
            let inner = Space { bottom: space.bottom - 18.0, ..space };
            let plot = Plot::new(inner, x, Axis::of(low, high, self.amount.ticks()));
            let s = plot.space;
            if let Some((_, between)) = self.answer {
                let [a, b] = [(between[0], s.left), (between[1], s.right)].map(|(end, edge)| {
                    if end.is_finite() { plot.at((end, 0.0)).0.clamp(s.left, s.right) } else { edge }
                });
                canvas.rectangle((a, s.top), (b.max(a + 1.0), s.bottom), GREY, 0.18);
            }
            plot.grid(canvas);
            plot.zero(canvas);
            for (level, text) in [(self.bound, "bound"), (self.own, "the scenario as it is")] {
                let Some(level) = level.filter(|x| x.is_finite()) else { continue };
                let y = plot.at((0.0, level)).1;
                let colour = if text == "bound" { VERMILLION } else { GREY };
                canvas.dashed(&[(s.left, y), (s.right, y)], colour, 1.3, (6.0, 4.0));
                let text = format!("{text}: {}", self.amount.write(level));
                canvas.plate(&text, s.right - 90.0, y - 9.0, Type::plain(NOTE, colour), s);
            }
            canvas.series("response", |canvas| {
                let edge = |sign: f64| {
                    let se = |p: &ResponsePoint| if p.value.1.is_finite() { p.value.1 } else { 0.0 };
                    let at = |p: &&ResponsePoint| plot.at((p.x, p.value.0 + sign * 1.96 * se(p)));
                    known.iter().map(at).collect::<Vec<_>>()
                };
                let mut ring = edge(1.0);
                ring.extend(edge(-1.0).into_iter().rev());
                if known.len() > 1 {
                    canvas.area(&ring, BLUE, 0.18);
                }
                canvas.line(&edge(0.0), BLUE, 1.0, 2.2);
                for at in edge(0.0) {
                    mark(canvas, at, 3.0, BLUE, true);
                }
            });
            if let Some((answer, _)) = self.answer.filter(|(x, _)| x.is_finite()) {
                let x = plot.at((answer, 0.0)).0.clamp(s.left, s.right);
                canvas.line(&[(x, s.top), (x, s.bottom)], INK, 0.9, 1.4);
            }
            if known.is_empty() {
                nothing(canvas, s);
            }
            canvas.text(
                &self.setting,
                f64::midpoint(s.left, s.right),
                space.bottom - 6.0,
                Type::plain(NOTE, GREY),
                HPos::Center,
            );
            let said =
                |p: &&ResponsePoint| format!("{} {}", self.amount.write(p.value.0), self.amount.error(p.value.1));
            let places = known.iter().map(|p| (p.x, format!("{} {}", short(&self.setting), p.setting)));
            plot.hover(
                canvas,
                places,
                vec![Shown::new("response", &self.target, BLUE, known.iter().map(said).collect())],
            );
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let rows =
            self.points.iter().map(|p| [p.setting.clone(), self.amount.write(p.value.0), self.amount.error(p.value.1)]);
        Grid::new(["Setting", "Measured", "\u{b1}"], rows)
    }
}

/// Ticks that are at least an eighth of the axis apart.
fn spaced(ticks: Vec<(f64, String)>, width: f64) -> Vec<(f64, String)> {
    let mut out: Vec<(f64, String)> = Vec::new();
    for tick in ticks {
        if out.last().is_none_or(|last| tick.0 - last.0 >= width / 8.0) {
            out.push(tick);
        }
    }
    out
}
