//! Chart 28: the value of a setting at which a check is just passed: what was measured at the values tried, the bound,
//! and the answer with its interval.

use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREEN, INK, SMALL, text_colour};
use super::labels::{self, EndLabel};
use super::marks;
use super::plot::Plot;
use super::quantity::{Measured, Quantity, Unit, ends, nullable};
use super::setting::Level;
use super::spend_revenue::nothing;
use super::sweep_line::{bound_label, bounds};
use super::{Frame, Grid, Picture, Shown};

/// The search for the value of a setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Solved {
    /// The setting and how its values are written.
    pub setting: Quantity,
    /// The metric of the check.
    pub metric: Quantity,
    /// The check and its bound.
    pub check: Level,
    /// The values tried and the metric there.
    pub tried: Vec<Tried>,
    /// What was found.
    pub answer: Answer,
}

/// A value of the setting and the metric there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// The value of the setting.
    #[serde(with = "nullable")]
    pub at: f64,
    /// The metric.
    pub metric: Measured,
}

/// What a search found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The check is passed up to a value.
    UpTo(Crossing),
    /// The check is passed from a value on.
    From(Crossing),
    /// The check is passed at every value tried.
    Everywhere,
    /// The check is passed at no value tried.
    Nowhere,
    /// The search ended without an answer.
    #[default]
    Unknown,
}

/// The value at which the metric crosses the bound, and its 99% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// The value.
    #[serde(with = "nullable")]
    pub at: f64,
    /// The lower end of the interval.
    #[serde(with = "nullable")]
    pub low: f64,
    /// The upper end of the interval.
    #[serde(with = "nullable")]
    pub high: f64,
}

impl Default for Tried {
    fn default() -> Tried {
        Tried { at: f64::NAN, metric: Measured::NONE }
    }
}

impl Default for Crossing {
    fn default() -> Crossing {
        Crossing { at: f64::NAN, low: f64::NAN, high: f64::NAN }
    }
}

impl Crossing {
    /// `4.1 GW (99% interval 3.9–4.3 GW)`, or the value alone.
    fn said(self, unit: &Unit) -> String {
        let at = unit.write(self.at);
        if !(self.low.is_finite() && self.high.is_finite()) {
            return at;
        }
        let (low, high) = (unit.write(self.low), unit.write(self.high));
        // A unit that both ends share is written once.
        let short = match (low.rsplit_once('\u{a0}'), high.rsplit_once('\u{a0}')) {
            (Some((number, a)), Some((_, b))) if a == b => number.to_owned(),
            _ => low,
        };
        let to = if self.low < 0.0 || self.high < 0.0 { " to " } else { "–" };
        format!("{at} (99% interval {short}{to}{high})")
    }
}

impl Solved {
    fn crossing(&self) -> Option<Crossing> {
        match self.answer {
            Answer::UpTo(c) | Answer::From(c) => Some(c).filter(|c| c.at.is_finite()),
            _ => None,
        }
    }

    /// The values tried that have a result, in ascending order.
    fn known(&self) -> Vec<Tried> {
        let known = |t: &&Tried| t.at.is_finite() && t.metric.is_known();
        let mut known: Vec<Tried> = self.tried.iter().filter(known).copied().collect();
        known.sort_by(|a, b| a.at.total_cmp(&b.at));
        known
    }

    /// The axis of the setting: the values tried, and the answer if it lies near them.
    fn x_axis(&self) -> Axis {
        let tried = self.known();
        let (lo, hi) = ends(tried.iter().map(|t| t.at)).unwrap_or((0.0, 1.0));
        let near = |v: &f64| *v >= lo - 0.5 * (hi - lo) && *v <= hi + 0.5 * (hi - lo);
        let answer = self.crossing().into_iter().flat_map(|c| [c.low, c.at, c.high]).filter(near);
        self.setting.unit.axis(tried.iter().map(|t| t.at).chain(answer))
    }

    /// The band of the answer's interval, the answer, and its label.
    fn band(&self, canvas: &mut Canvas, plot: &Plot) {
        let Some(c) = self.crossing().filter(|c| (plot.x.lo..=plot.x.hi).contains(&c.at)) else { return };
        let s = plot.space;
        let x = |v: f64| marks::inside(plot, (v, plot.y.lo)).0;
        canvas.series("answer", |canvas| {
            if c.low.is_finite() && c.high.is_finite() {
                canvas.rectangle((x(c.low), s.top), (x(c.high), s.bottom), GREEN, 0.2);
            }
            canvas.line(&[(x(c.at), s.top), (x(c.at), s.bottom)], GREEN, 1.0, 2.0);
            let look = Type::bold(SMALL, text_colour(GREEN));
            let text = look.fit(&c.said(&self.setting.unit), 360.0);
            let half = look.width(&text) / 2.0;
            let middle = x(c.at).clamp(s.left + half, (s.right - half).max(s.left + half));
            canvas.text(&text, middle, s.top - 9.0, look, HPos::Center);
        });
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space) {
        let (tried, unit) = (self.known(), &self.metric.unit);
        let named: Vec<EndLabel> = vec![bound_label(&self.check, 0.0)];
        space.right -= labels::room(&named);
        let bold = Type::bold(SMALL, INK);
        canvas.text(&bold.fit(&self.metric.heading(), 500.0), space.left, space.top + 4.0, bold, HPos::Left);
        let name = format!("{} →", bold.fit(&self.setting.heading(), 480.0));
        canvas.text(&name, space.right, space.bottom - 5.0, bold, HPos::Right);
        (space.top, space.bottom) = (space.top + 38.0, space.bottom - 18.0);
        let spread = tried.iter().flat_map(|t| [t.metric.interval().0, t.metric.interval().1]);
        let y = unit.axis(spread.chain([self.check.bound]));
        let plot = Plot::new(space, self.x_axis(), y);
        plot.grid(canvas);
        plot.zero(canvas);
        self.band(canvas, &plot);
        if tried.is_empty() {
            nothing(canvas, plot.space);
        }
        bounds(canvas, &plot, std::slice::from_ref(&self.check));
        canvas.series("metric", |canvas| {
            let line: Vec<_> = tried.iter().map(|t| marks::inside(&plot, (t.at, t.metric.value))).collect();
            canvas.line(&line, BLUE, 0.45, 1.4);
            for (t, at) in tried.iter().zip(&line) {
                marks::upright(canvas, &plot, t.at, t.metric, BLUE);
                canvas.dot(*at, 3.6, BLUE);
            }
        });
        let places = tried.iter().map(|t| (t.at.clamp(plot.x.lo, plot.x.hi), self.setting.unit.write(t.at)));
        let values = tried.iter().map(|t| unit.estimate(t.metric)).collect();
        plot.hover(canvas, places, vec![Shown::new("metric", &self.metric.label, BLUE, values)]);
    }
}

impl Picture for Solved {
    fn title(&self, _: &Frame) -> String {
        let side = if self.check.below { "below" } else { "above" };
        let stays = format!("{} stays {side} {}", self.metric.label, self.metric.unit.write(self.check.bound));
        let unit = &self.setting.unit;
        let range = ends(self.known().iter().map(|t| t.at))
            .map_or_else(String::new, |(lo, hi)| format!(", {} to {}", unit.write(lo), unit.write(hi)));
        match self.answer {
            Answer::UpTo(c) if c.at.is_finite() => format!("{stays} up to {} of {}", c.said(unit), self.setting.label),
            Answer::From(c) if c.at.is_finite() => {
                format!("{stays} from {} of {} on", c.said(unit), self.setting.label)
            }
            Answer::Everywhere => format!("{stays} at every value tried of {}{range}", self.setting.label),
            Answer::Nowhere => format!("{stays} at no value tried of {}{range}", self.setting.label),
            _ => format!("No value of {} was found at which {stays}", self.setting.label),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let band = if self.crossing().is_some() { " · green: the answer and its 99% interval" } else { "" };
        let metric = format!(
            "{} over {}; one run for each dot, same draws · bars: 95% intervals · dashed: bound of the check{band}",
            self.metric.label, self.setting.label
        );
        let said = self.known().into_iter().take(12);
        let said = said
            .map(|t| format!("{}: {}", self.setting.unit.write(t.at), self.metric.unit.estimate(t.metric)))
            .collect::<Vec<_>>();
        let desc = format!("{title}. {}.", said.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space))
    }

    fn table(&self, _: &Frame) -> Grid {
        let (x, y) = (&self.setting.unit, &self.metric.unit);
        let row = |t: &Tried| {
            let passes = match t.metric.is_known() {
                false => "",
                true if self.check.passes(t.metric) => "yes",
                true => "no",
            };
            [x.cell(t.at), y.cell(t.metric.value), y.error(t.metric.se), passes.into()]
        };
        let mut tried = self.tried.clone();
        tried.sort_by(|a, b| a.at.total_cmp(&b.at));
        Grid::new([&self.setting.label, &self.metric.label, "±", &self.check.label], tried.iter().map(row))
    }
}
