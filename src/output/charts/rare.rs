//! Chart 30: how the probability of running out of cash is reached, level by level.

use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, SMALL, VERMILLION};
use super::marks;
use super::plot::Plot;
use super::quantity::Measured;
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// The levels on the way to a rare event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RareEvent {
    /// Each level with its name, `2.59 mo`, and the probability of reaching it; the last is the event.
    pub levels: Vec<(String, Measured)>,
    /// The answer: a probability and its 95% interval.
    pub answer: (f64, [f64; 2]),
    /// The method of the answer: `multilevel splitting`.
    pub by: String,
}

/// Lowest probability that is drawn.
const LEAST: f64 = 1e-30;

/// A probability in percent to three digits: `0.575%`, `8.82e-5%`.
pub fn probability(p: f64) -> String {
    let percent = 100.0 * p;
    if !percent.is_finite() {
        String::new()
    } else if percent >= 1.0 {
        format!("{percent:.2}%")
    } else if percent >= 1e-3 {
        let digits = (2 - libm::log10(percent).floor() as i32).unsigned_abs() as usize;
        format!("{percent:.digits$}%")
    } else if percent > 0.0 {
        format!("{percent:.2e}%")
    } else {
        "0%".into()
    }
}

/// One path in how many: `one path in 1,130,000`.
fn one_in(p: f64) -> String {
    let n = 1.0 / p;
    let unit = libm::pow(10.0, (libm::log10(n).floor() - 2.0).max(0.0));
    if n < 1e15 {
        format!("one path in {}", super::house::count(((n / unit).round() * unit) as u64))
    } else {
        format!("one path in {n:.0e}")
    }
}

/// Its logarithm, within what can be drawn.
fn log(p: f64) -> f64 {
    if p > 0.0 { libm::log10(p.clamp(LEAST, 1.0)) } else { f64::NAN }
}

impl RareEvent {
    fn picture(&self, canvas: &mut Canvas, mut space: Space) {
        let known = |v: &f64| v.is_finite();
        let ends = |m: &Measured| [m.value, m.interval().0.max(m.value / 10.0), m.interval().1].map(log);
        let all = self.levels.iter().flat_map(|(_, m)| ends(m)).chain(self.answer.1.map(log)).filter(known);
        let low = all.fold(-1.0, f64::min).floor();
        let every = ((-low / 8.0).ceil() as i32).max(1);
        let ticks = (low as i32..=0).filter(|k| k % every == 0);
        let label = |k: i32| match k {
            -5.. => format!("{:.*}%", (-2 - k).max(0) as usize, libm::pow(10.0, f64::from(k + 2))),
            _ => format!("1e{}%", k + 2),
        };
        let y = Axis { lo: low, hi: 0.0, ticks: ticks.map(|k| (f64::from(k), label(k))).collect() };
        let last = self.levels.len().saturating_sub(1).max(1) as f64;
        let x = Axis { lo: -0.04 * last, hi: 1.04 * last, ticks: Vec::new() };
        space.right -= 24.0;
        let bold = Type::bold(SMALL, INK);
        canvas.text("Probability of coming this close", space.left, space.top + 4.0, bold, HPos::Left);
        canvas.text("Least cash so far, months of cost →", space.right, space.bottom - 5.0, bold, HPos::Right);
        (space.top, space.bottom) = (space.top + 22.0, space.bottom - 18.0);
        let plot = Plot::new(space, x, y);
        plot.grid(canvas);
        let s = plot.space;
        let at = |k: usize, p: f64| marks::inside(&plot, (k as f64, log(p)));
        let look = Type::plain(SMALL, GREY);
        let every = self.levels.len().div_ceil(10).max(1);
        for (k, (name, _)) in self.levels.iter().enumerate().rev().step_by(every) {
            canvas.text(&look.fit(name, 90.0), at(k, 1.0).0, s.bottom + 15.0, look, HPos::Center);
        }
        if self.levels.iter().all(|(_, m)| !log(m.value).is_finite()) {
            nothing(canvas, s);
        }
        let drawn: Vec<(usize, Measured)> = self.levels.iter().map(|l| l.1).enumerate().collect();
        canvas.series("level", |canvas| {
            let reached: Vec<_> = drawn.iter().filter(|(_, m)| log(m.value).is_finite()).collect();
            let line: Vec<_> = reached.iter().map(|(k, m)| at(*k, m.value)).collect();
            canvas.line(&line, BLUE, 1.0, 1.6);
            for (k, m) in reached {
                let colour = if k + 1 == drawn.len() { VERMILLION } else { BLUE };
                let [_, lo, hi] = ends(m);
                if lo.is_finite() && hi.is_finite() {
                    let end = |v: f64| marks::inside(&plot, (*k as f64, v));
                    canvas.line(&[end(lo), end(hi)], colour, 1.0, 1.8);
                }
                canvas.dot(at(*k, m.value), 4.0, colour);
            }
        });
        let places = drawn.iter().map(|(k, _)| (*k as f64, self.levels[*k].0.clone()));
        let values = drawn.iter().map(|(_, m)| said(m)).collect();
        plot.hover(canvas, places, vec![Shown::new("level", "Probability", BLUE, values)]);
    }
}

/// With its error.
fn said(m: &Measured) -> String {
    format!("{} ±{}", probability(m.value), probability(m.se))
}

impl Picture for RareEvent {
    fn title(&self, _: &Frame) -> String {
        let (p, [low, high]) = self.answer;
        if log(p).is_finite() {
            let interval = format!("95% interval {} to {}", probability(low), probability(high));
            format!("Cash runs out in {}: {} ({interval})", one_in(p), probability(p))
        } else {
            "No path ran out of cash".into()
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = format!("By {} · levels are those of splitting · bars: 95% interval · log scale", self.by);
        let list = self.levels.iter().take(12).map(|(name, m)| format!("{name}: {}", said(m)));
        let desc = format!("{title}. {}.", list.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space))
    }

    fn table(&self, _: &Frame) -> Grid {
        let rows = self.levels.iter().map(|(name, m)| [name.clone(), probability(m.value), probability(m.se)]);
        Grid::new(["Least cash, months of cost", "Probability", "±"], rows)
    }
}
