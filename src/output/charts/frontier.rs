//! Chart 27: plans by dilution and probability of ruin, and those of which no other is better in both.

use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, NOTE, SMALL, VERMILLION, WHITE, blend, count, text_colour};
use super::marks::{self, Named};
use super::panels::mark;
use super::plot::Plot;
use super::quantity::{Measured, Quantity, ends, nullable};
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// Plans and their outcomes. Less is better on both axes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frontier {
    /// What is on the x axis: `Founders’ dilution`.
    pub dilution: Quantity,
    /// What is on the y axis: `P(cash-out)`.
    pub ruin: Quantity,
    /// What the size of a dot shows: `Look-through leverage`.
    pub leverage: Quantity,
    /// The plans.
    pub points: Vec<FrontierPoint>,
    /// The chosen plan, if one is chosen.
    pub winner: Option<Winner>,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontierPoint {
    /// Its name.
    pub label: String,
    /// Its dilution.
    pub dilution: Measured,
    /// Its probability of ruin.
    pub ruin: Measured,
    /// Its leverage.
    #[serde(with = "nullable")]
    pub leverage: f64,
    /// Whether no other plan is better in both.
    pub on_frontier: bool,
    /// Positions of the plans from which it cannot be distinguished: each lies within the other's error in both.
    pub alike: Vec<usize>,
}

/// The chosen plan and its check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Winner {
    /// Its position among the points.
    pub point: usize,
    /// Its dilution on fresh seeds.
    pub dilution: Measured,
    /// Its probability of ruin on fresh seeds.
    pub ruin: Measured,
    /// Number of fresh seeds; 0 if it was not checked.
    pub seeds: u64,
}

/// Radius of the smallest and of the largest dot.
const RADIUS: (f64, f64) = (4.0, 11.0);
/// Largest number of points drawn.
const MOST: usize = 2000;
/// Largest number of pairs joined.
const JOINED: usize = 60;
/// Largest number of points that have whiskers.
const WHISKERS: usize = 60;

impl Default for FrontierPoint {
    fn default() -> FrontierPoint {
        FrontierPoint {
            label: String::new(),
            dilution: Measured::NONE,
            ruin: Measured::NONE,
            leverage: f64::NAN,
            on_frontier: false,
            alike: Vec::new(),
        }
    }
}

impl FrontierPoint {
    fn is_known(&self) -> bool {
        self.dilution.is_known() && self.ruin.is_known()
    }
}

impl Frontier {
    /// The winner, if it is a plan with a result.
    fn best(&self) -> Option<(&Winner, &FrontierPoint)> {
        let winner = self.winner.as_ref()?;
        Some((winner, self.points.get(winner.point).filter(|p| p.is_known())?))
    }

    /// The plans with a result, with their positions.
    fn known(&self) -> impl Iterator<Item = (usize, &FrontierPoint)> {
        self.points.iter().enumerate().filter(|p| p.1.is_known()).take(MOST)
    }

    /// The plans on the frontier, by dilution.
    fn front(&self) -> Vec<&FrontierPoint> {
        let mut front: Vec<&FrontierPoint> = self.known().map(|p| p.1).filter(|p| p.on_frontier).collect();
        front.sort_by(|a, b| {
            let by = a.dilution.value.total_cmp(&b.dilution.value);
            by.then(b.ruin.value.total_cmp(&a.ruin.value))
        });
        front
    }

    /// The radius of a dot, whose area grows with leverage.
    fn radius(&self, leverage: f64) -> f64 {
        let (lo, hi) = ends(self.points.iter().map(|p| p.leverage)).unwrap_or((0.0, 0.0));
        let part = if hi > lo { ((leverage - lo) / (hi - lo)).clamp(0.0, 1.0) } else { 0.25 };
        let (small, large) = RADIUS;
        if part.is_finite() { (small * small + (large * large - small * small) * part).sqrt() } else { small }
    }

    fn plot(&self, space: Space) -> Plot {
        let checked = self.winner.iter().filter(|w| w.seeds > 0).flat_map(|w| [(w.dilution, w.ruin)]);
        let all: Vec<(Measured, Measured)> = self.known().map(|p| (p.1.dilution, p.1.ruin)).chain(checked).collect();
        let spread = |m: Measured| [m.interval().0, m.interval().1];
        let x = self.dilution.unit.axis(all.iter().flat_map(|p| spread(p.0)));
        let y = self.ruin.unit.axis(all.iter().flat_map(|p| spread(p.1)));
        Plot::new(space, x, y)
    }

    fn lines(&self, canvas: &mut Canvas, plot: &Plot) {
        let at = |p: &FrontierPoint| marks::inside(plot, (p.dilution.value, p.ruin.value));
        let pairs = self.known().flat_map(|(i, p)| p.alike.iter().filter(move |j| **j > i).map(move |j| (p, *j)));
        let pairs: Vec<_> = pairs.take(JOINED + 1).collect();
        // More lines than that would hide the dots, which are hollow in any case.
        for (a, j) in pairs.iter().filter(|_| pairs.len() <= JOINED) {
            if let Some(b) = self.points.get(*j).filter(|b| b.is_known()) {
                canvas.dashed(&[at(a), at(b)], GREY, 1.0, (2.0, 3.0));
            }
        }
        let front: Vec<_> = self.front().into_iter().map(at).collect();
        if front.len() > 1 {
            canvas.series("frontier", |canvas| canvas.line(&front, BLUE, 1.0, 2.2));
        }
        for (_, p) in self.known().take(WHISKERS) {
            let colour = if p.on_frontier { BLUE } else { blend(GREY, WHITE, 0.35) };
            marks::upright(canvas, plot, p.dilution.value, p.ruin, colour);
            marks::level(canvas, plot, p.dilution, p.ruin.value, colour);
        }
    }

    fn dots(&self, canvas: &mut Canvas, plot: &Plot) {
        let best = self.winner.as_ref().map(|w| w.point);
        let at = |p: &FrontierPoint| marks::inside(plot, (p.dilution.value, p.ruin.value));
        let rank = |i: usize, p: &FrontierPoint| (Some(i) != best, !p.on_frontier);
        let mut order: Vec<(usize, &FrontierPoint)> = self.known().collect();
        order.sort_by_key(|(i, p)| rank(*i, p));
        for &(i, p) in order.iter().rev() {
            let radius = self.radius(p.leverage);
            let (key, colour) = match (Some(i) == best, p.on_frontier) {
                (true, _) => ("winner", VERMILLION),
                (_, true) => ("frontier", BLUE),
                _ => ("other", blend(GREY, WHITE, 0.25)),
            };
            canvas.series(key, |canvas| {
                canvas.dot(at(p), radius + 1.2, WHITE);
                // A hollow dot can be one of several that are alike.
                mark(canvas, at(p), radius, colour, p.alike.is_empty() || Some(i) == best);
            });
        }
        let named = order.iter().take(60).map(|&(i, p)| {
            let look = match (Some(i) == best, p.on_frontier) {
                (true, _) => Type::bold(SMALL + 0.5, text_colour(VERMILLION)),
                (_, true) => Type::plain(SMALL, text_colour(BLUE)),
                _ => Type::plain(NOTE, GREY),
            };
            Named { at: at(p), radius: self.radius(p.leverage), name: p.label.clone(), look }
        });
        let front: Vec<_> = self.front().into_iter().map(at).collect();
        let whiskers = self.known().take(WHISKERS).flat_map(|(_, p)| {
            let ((left, right), (low, high)) = (p.dilution.interval(), p.ruin.interval());
            let end = |x: f64, y: f64| marks::inside(plot, (x, y));
            let (x, y) = (p.dilution.value, p.ruin.value);
            [[end(left, y), end(right, y)], [end(x, low), end(x, high)]]
        });
        let lines: Vec<_> = front.windows(2).map(|ends| [ends[0], ends[1]]).chain(whiskers).collect();
        marks::name_points(canvas, plot.space, &lines, &named.collect::<Vec<_>>());
    }

    /// The winner on fresh seeds, a cross as wide and as high as its errors.
    fn check(&self, canvas: &mut Canvas, plot: &Plot) {
        let Some((winner, _)) = self.best().filter(|b| b.0.seeds > 0) else { return };
        if !(winner.dilution.is_known() && winner.ruin.is_known()) {
            return;
        }
        canvas.series("winner", |canvas| {
            marks::upright(canvas, plot, winner.dilution.value, winner.ruin, INK);
            marks::level(canvas, plot, winner.dilution, winner.ruin.value, INK);
            let (x, y) = marks::inside(plot, (winner.dilution.value, winner.ruin.value));
            for d in [4.5, -4.5] {
                canvas.line(&[(x - 4.5, y - d), (x + 4.5, y + d)], INK, 1.0, 1.8);
            }
        });
    }

    /// Two dots of different size and what their sizes mean, above the plot on the right.
    fn sizes(&self, canvas: &mut Canvas, space: Space) {
        let Some((lo, hi)) = ends(self.points.iter().map(|p| p.leverage)).filter(|e| e.1 > e.0) else { return };
        let look = Type::plain(NOTE, GREY);
        let mut right = space.right;
        for v in [hi, lo] {
            let text = self.leverage.unit.write(v);
            canvas.text(&text, right, space.top + 4.0, look, HPos::Right);
            right -= look.width(&text) + 6.0 + self.radius(v);
            mark(canvas, (right, space.top + 4.0), self.radius(v), GREY, false);
            right -= self.radius(v) + 12.0;
        }
        let room = right - space.left - 380.0;
        canvas.text(&look.fit(&self.leverage.heading(), room.max(40.0)), right, space.top + 4.0, look, HPos::Right);
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space) {
        let bold = Type::bold(SMALL, INK);
        canvas.text(
            &format!("{} ↑", bold.fit(&self.ruin.heading(), 340.0)),
            space.left,
            space.top + 4.0,
            bold,
            HPos::Left,
        );
        let name = format!("{} →", bold.fit(&self.dilution.heading(), 480.0));
        canvas.text(&name, space.right, space.bottom - 5.0, bold, HPos::Right);
        self.sizes(canvas, space);
        (space.top, space.bottom, space.right) = (space.top + 22.0, space.bottom - 18.0, space.right - 20.0);
        let plot = self.plot(space);
        plot.grid(canvas);
        plot.zero(canvas);
        if self.known().next().is_none() {
            nothing(canvas, plot.space);
        }
        self.lines(canvas, &plot);
        self.dots(canvas, &plot);
        self.check(canvas, &plot);
        let mut order: Vec<&FrontierPoint> = self.known().map(|p| p.1).collect();
        order.sort_by(|a, b| a.dilution.value.total_cmp(&b.dilution.value));
        let places = order.iter().map(|p| (p.dilution.value.clamp(plot.x.lo, plot.x.hi), p.label.clone()));
        let said = |p: &&FrontierPoint| {
            let (x, y) = (self.dilution.unit.estimate(p.dilution), self.ruin.unit.estimate(p.ruin));
            format!("{y} at {x}")
        };
        let front: Vec<String> = order.iter().map(|p| if p.on_frontier { said(p) } else { String::new() }).collect();
        let other = order.iter().map(|p| if p.on_frontier { String::new() } else { said(p) }).collect();
        let shown = [("frontier", "On the frontier", BLUE, front), ("other", "Not on the frontier", GREY, other)];
        let shown = shown.into_iter().filter(|s| s.3.iter().any(|v| !v.is_empty()));
        plot.hover(canvas, places, shown.map(|s| Shown::new(s.0, s.1, s.2, s.3)).collect());
    }
}

impl Picture for Frontier {
    fn title(&self, _: &Frame) -> String {
        let (x, y) = (&self.dilution, &self.ruin);
        if let Some((winner, point)) = self.best() {
            let at = |p: Measured, d: Measured| {
                format!("{} {} at {} {}", y.label, y.unit.write(p.value), x.label.to_lowercase(), x.unit.write(d.value))
            };
            let check = match winner.seeds {
                _ if !winner.ruin.is_known() => String::new(),
                0 => String::new(),
                1 => format!("; {} on a fresh seed", y.unit.estimate(winner.ruin)),
                n => format!("; {} on {} fresh seeds", y.unit.estimate(winner.ruin), count(n)),
            };
            let alike = match point.alike.len() {
                0 => String::new(),
                1 => ", not distinguishable from one other".into(),
                n => format!(", not distinguishable from {} others", count(n as u64)),
            };
            return format!("“{}” is chosen: {}{alike}{check}", point.label, at(point.ruin, point.dilution));
        }
        let front = self.front();
        let (Some(first), Some(last)) = (front.first(), front.last()) else {
            return "No plan has a result on the frontier".into();
        };
        let whole = count(self.known().count() as u64);
        let write = |m: Measured, of: &Quantity| of.unit.write(m.value);
        format!(
            "{} of {whole} plans are on the frontier: {} from {} to {} as {} goes from {} to {}",
            front.len(),
            y.label,
            write(first.ruin, y),
            write(last.ruin, y),
            x.label.to_lowercase(),
            write(first.dilution, x),
            write(last.dilution, x)
        )
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let check =
            if self.best().is_some_and(|b| b.0.seeds > 0) { " · cross: the choice on fresh seeds" } else { "" };
        let metric = format!(
            "One plan for each dot, same draws; nearer the lower left corner is better · line: frontier · hollow, dotted: \
             cannot be distinguished · bars: 95% intervals{check}"
        );
        let said = self.front().into_iter().take(12).map(|p| {
            let (x, y) = (self.dilution.unit.write(p.dilution.value), self.ruin.unit.write(p.ruin.value));
            format!("{} {y} at {x}", p.label)
        });
        let desc = format!("{title}. On the frontier: {}.", said.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space))
    }

    fn table(&self, _: &Frame) -> Grid {
        let (x, y, size) = (&self.dilution.unit, &self.ruin.unit, &self.leverage.unit);
        let best = self.winner.as_ref().map(|w| w.point);
        let row = |(i, p): (usize, &FrontierPoint)| {
            let alike = p.alike.iter().filter_map(|k| self.points.get(*k)).take(20).map(|p| p.label.clone());
            let place = match (Some(i) == best, p.on_frontier) {
                (true, _) => "chosen",
                (_, true) => "on the frontier",
                _ => "",
            };
            [
                p.label.clone(),
                x.cell(p.dilution.value),
                x.error(p.dilution.se),
                y.cell(p.ruin.value),
                y.error(p.ruin.se),
                size.cell(p.leverage),
                place.into(),
                alike.collect::<Vec<_>>().join(", "),
            ]
        };
        let head = ["Plan", &self.dilution.label, "±", &self.ruin.label, "±", &self.leverage.label, "Place", "Like"];
        Grid::new(head, self.points.iter().enumerate().map(row))
    }
}
