//! Chart 25: the probability of ruin against dilution, over structures and terms.

use plotters::style::text_anchor::HPos;

use super::{Amount, range};
use crate::output::charts::axis::Axis;
use crate::output::charts::canvas::{Sheet, Space, Type, Words, sheet};
use crate::output::charts::house::{BLUE, GREY, INK, NOTE, SMALL, VERMILLION, percent_ticks};
use crate::output::charts::panels::mark;
use crate::output::charts::plot::Plot;
use crate::output::charts::spend_revenue::nothing;
use crate::output::charts::{Frame, Grid, Picture};

/// Points of a frontier.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frontier {
    /// The finding.
    pub finding: String,
    /// Whose dilution is measured.
    pub holder: String,
    /// The points.
    pub points: Vec<FrontierPoint>,
}

/// A point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontierPoint {
    /// Its settings.
    pub label: String,
    /// Dilution and its standard error.
    pub dilution: (f64, f64),
    /// Probability of ruin and its standard error.
    pub ruin: (f64, f64),
    /// Look-through leverage at its peak.
    pub leverage: f64,
    /// Whether no other point dominates it.
    pub frontier: bool,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

impl Picture for Frontier {
    fn title(&self, _: &Frame) -> String {
        self.finding.trim_end_matches('.').replace('`', "")
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = format!(
            "Probability of cash-out against mean dilution of {} · crosses: 95% intervals · larger dots: higher peak leverage · \
             blue: not dominated, orange: chosen, grey: dominated",
            self.holder
        );
        let desc = format!("{title}. {} points.", self.points.len());
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let known: Vec<&FrontierPoint> =
                self.points.iter().filter(|p| p.dilution.0.is_finite() && p.ruin.0.is_finite()).collect();
            let (x_low, x_high) = range(known.iter().map(|p| p.dilution.0), 0.12);
            let ends =
                known.iter().flat_map(|p| [p.ruin.0 - 1.96 * p.ruin.1.max(0.0), p.ruin.0 + 1.96 * p.ruin.1.max(0.0)]);
            let (low, high) = range(ends, 0.1);
            let inner = Space { bottom: space.bottom - 18.0, top: space.top + 16.0, ..space };
            let plot =
                Plot::new(inner, Axis::of(x_low, x_high, percent_ticks), Axis::of(low.max(0.0), high, percent_ticks));
            let s = plot.space;
            plot.grid(canvas);
            let (least, most) = range(known.iter().map(|p| p.leverage), 0.0);
            let radius = |p: &FrontierPoint| {
                let part = if most > least { (p.leverage - least) / (most - least) } else { 0.5 };
                3.0 + 4.0 * if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 }
            };
            let mut best: Vec<&&FrontierPoint> = known.iter().filter(|p| p.frontier).collect();
            best.sort_by(|a, b| a.dilution.0.total_cmp(&b.dilution.0));
            let line: Vec<(f64, f64)> = best.iter().map(|p| plot.at((p.dilution.0, p.ruin.0))).collect();
            canvas.line(&line, BLUE, 0.6, 1.4);
            // Points of the frontier over the others, the chosen one on top.
            let mut order = known.clone();
            order.sort_by_key(|p| (p.chosen, p.frontier));
            for p in &order {
                let at = plot.at((p.dilution.0, p.ruin.0));
                let colour = if p.chosen {
                    VERMILLION
                } else if p.frontier {
                    BLUE
                } else {
                    GREY
                };
                for (a, b) in [
                    ((p.dilution.0 - 1.96 * p.dilution.1, p.ruin.0), (p.dilution.0 + 1.96 * p.dilution.1, p.ruin.0)),
                    ((p.dilution.0, p.ruin.0 - 1.96 * p.ruin.1), (p.dilution.0, p.ruin.0 + 1.96 * p.ruin.1)),
                ] {
                    let [a, b] = [a, b].map(|at| plot.at(at));
                    if [a.0, a.1, b.0, b.1].iter().all(|x| x.is_finite()) {
                        let within = |(x, y): (f64, f64)| (x.clamp(s.left, s.right), y.clamp(s.top, s.bottom));
                        canvas.line(&[within(a), within(b)], colour, 0.5, 1.0);
                    }
                }
                mark(canvas, at, radius(p), colour, p.frontier);
            }
            // Labels of the chosen point and of as many others of the frontier as have room.
            let mut taken: Vec<(f64, f64)> = Vec::new();
            let labelled = order.iter().rev().filter(|p| p.frontier);
            for p in labelled {
                let (x, y) = plot.at((p.dilution.0, p.ruin.0));
                let look = if p.chosen { Type::bold(NOTE, VERMILLION) } else { Type::plain(NOTE, INK) };
                let text = look.fit(&p.label, 200.0);
                let half = look.width(&text) / 2.0;
                let x = x.clamp(s.left + half, (s.right - half).max(s.left + half));
                let spot = (x, y - 13.0);
                if taken.iter().all(|t| (t.0 - spot.0).abs() > half + 80.0 || (t.1 - spot.1).abs() > 15.0) {
                    canvas.text(&text, spot.0, spot.1.max(s.top + 6.0), look, HPos::Center);
                    taken.push(spot);
                }
            }
            if known.is_empty() {
                nothing(canvas, s);
            }
            canvas.text(
                &format!("Dilution of {}", self.holder),
                f64::midpoint(s.left, s.right),
                space.bottom - 6.0,
                Type::plain(SMALL, GREY),
                HPos::Center,
            );
            canvas.text("↑ Probability of cash-out", space.left, space.top + 4.0, Type::plain(SMALL, GREY), HPos::Left);
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let share = Amount::Share;
        let rows = self.points.iter().map(|p| {
            [
                p.label.clone(),
                share.write(p.ruin.0),
                share.error(p.ruin.1),
                share.write(p.dilution.0),
                share.error(p.dilution.1),
                Amount::Multiple.write(p.leverage),
                if p.chosen {
                    "chosen"
                } else if p.frontier {
                    "not dominated"
                } else {
                    "dominated"
                }
                .to_owned(),
            ]
        });
        Grid::new(["Point", "P(cash-out)", "\u{b1}", "Dilution", "\u{b1} of it", "Peak leverage", "Standing"], rows)
    }
}
