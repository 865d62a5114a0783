//! Chart 8: debt service cover, vehicle by vehicle, against the levels set by its lenders.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{
    GREY, INK, NOTE, Role, SMALL, VERMILLION, month, multiple, multiple_ticks, percent, short_month, text_colour,
};
use super::plot::Plot;
use super::spend_revenue::caption;
use super::words::{fan_columns, fan_values, written};
use super::{Fan, Frame, Grid, Picture, Shown, by_month, last_defined};

/// Cover of every vehicle that has debt service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cover {
    /// The vehicles.
    pub vehicles: Vec<Covered>,
}

/// A vehicle's cover.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Covered {
    /// Its name.
    pub name: String,
    /// The cover measure: `DSCR`.
    pub measure: String,
    /// 5, 50 and 95% quantiles over the paths on which debt service is due; the cover of a failed vehicle is zero.
    pub cover: Fan,
    /// Levels set in its terms: their labels and values.
    pub levels: Vec<(String, f64)>,
    /// Share of paths on which debt service is due, by month; NaN where unknown.
    pub due: Vec<f64>,
    /// Share of paths on which its lenders have a claim after a failure.
    pub claims: f64,
}

/// A quantile over a smaller share of the paths describes only a few, often the troubled ones, and is not drawn.
const FEW: f64 = 0.5;
/// If lenders have a claim on a larger share of the paths than this, the cover is not said to hold.
const CLAIMS: f64 = 0.01;

impl Covered {
    /// The vehicle with its quantiles only in the months in which service is due on enough paths.
    #[must_use]
    pub fn shown(&self) -> Covered {
        let mut out = self.clone();
        let b = &mut out.cover.band;
        for values in [&mut b.p05, &mut b.p50, &mut b.p95] {
            for (i, v) in values.iter_mut().enumerate() {
                if self.due.get(i).is_some_and(|due| *due < FEW) {
                    *v = f64::NAN;
                }
            }
        }
        out
    }

    /// The lowest 5% quantile and its month.
    fn low(&self) -> Option<(usize, f64)> {
        let all = self.cover.band.p05.iter().copied().enumerate().filter(|v| v.1.is_finite());
        all.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// `service due on 98% of paths, 12% in May 2031`: the largest share over the months, and the share at the end.
    fn service(&self, frame: &Frame) -> Option<String> {
        let most = self.due.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        let (last, end) = last_defined(&self.due)?;
        let text = format!("service due on {} of paths", percent(most));
        Some(if end < 0.995 * most {
            format!("{text}, {} in {}", percent(end), short_month(frame.month(last)))
        } else {
            text
        })
    }
}

/// Height of the strip that shows the share of paths with service due.
const STRIP: f64 = 22.0;
/// Largest number of vehicles drawn: those with the thinnest cover.
const MOST: usize = 6;

impl Cover {
    /// The vehicles to draw, in the order given.
    fn drawn(&self) -> Vec<Covered> {
        let shown: Vec<Covered> = self.vehicles.iter().map(Covered::shown).collect();
        let mut low: Vec<f64> = shown.iter().filter_map(Covered::low).map(|l| l.1).collect();
        low.sort_by(f64::total_cmp);
        let bar = low.get(MOST - 1).copied().unwrap_or(f64::INFINITY);
        shown.into_iter().filter(|v| v.low().is_some_and(|l| l.1 <= bar)).take(MOST).collect()
    }

    fn panel(canvas: &mut Canvas, frame: &Frame, vehicle: &Covered, index: usize, space: Space) {
        let (b, levels) = (&vehicle.cover.band, &vehicle.levels);
        let key = format!("vehicle-{}", index + 1);
        let colour = Role::Lender(0).colour();
        let service = vehicle.service(frame);
        let said = service.as_ref().map_or_else(String::new, |s| format!(" · {s}"));
        caption(canvas, &format!("{} · {}{said}", vehicle.name, vehicle.measure), space);
        // A strip below the dates shows the share of paths with service due.
        let strip = if service.is_some() { STRIP } else { 0.0 };
        let inner = Space { top: space.top + 24.0, right: space.right - 118.0, bottom: space.bottom - strip, ..space };
        let median = b.p50.iter().copied().filter(|v| v.is_finite()).fold(f64::INFINITY, f64::min);
        let most = b.p95.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        let lines = levels.iter().map(|l| l.1).fold(1.0, f64::max);
        // The cover of a vehicle that is nearly paid off can be arbitrarily high; what matters is near 1.
        let top = most.min((2.0 * median.min(1e6)).max(3.0)).max(1.25 * lines);
        let months = b.p50.len();
        let plot = Plot::new(inner, Axis::months(frame.start, months), Axis::of(0.0, top, multiple_ticks));
        plot.grid(canvas);
        canvas.series(&key, |canvas| {
            plot.between(canvas, &b.p05, &b.p95, 1.0, (colour, 0.22));
            plot.series(canvas, &b.p05, 1.0, (text_colour(colour), 1.0, 1.6));
            plot.series(canvas, &b.p50, 1.0, (colour, 1.0, 2.8));
        });
        plot.zero(canvas);
        let s = plot.space;
        if service.is_some() {
            let floor = s.bottom + 22.0 + strip;
            let bars: Vec<(f64, f64)> = vehicle
                .due
                .iter()
                .enumerate()
                .map(|(i, v)| (plot.at((i as f64 + 0.5, 0.0)).0, floor - (strip - 6.0) * v.clamp(0.0, 1.0)))
                .filter(|p| p.1.is_finite())
                .collect();
            let ring: Vec<(f64, f64)> = bars
                .first()
                .map(|p| (p.0, floor))
                .into_iter()
                .chain(bars.iter().copied())
                .chain(bars.last().map(|p| (p.0, floor)))
                .collect();
            canvas.area(&ring, GREY, 0.35);
            canvas.line(&[(s.left, floor), (s.right, floor)], GREY, 0.8, 0.8);
            canvas.text("service due", s.right + 8.0, floor - 5.0, Type::plain(NOTE, GREY), HPos::Left);
        }
        let mut wanted: Vec<(f64, String, Type)> = Vec::new();
        for (name, level) in levels.iter().filter(|l| l.1 > 0.0 && l.1 <= top) {
            let y = plot.at((0.0, *level)).1;
            canvas.dashed(&[(s.left, y), (s.right, y)], VERMILLION, 1.4, (5.0, 4.0));
            wanted.push((y, format!("{name} {}", multiple(*level)), Type::plain(NOTE, text_colour(VERMILLION))));
        }
        let one = plot.at((0.0, 1.0)).1;
        if !levels.iter().any(|l| (l.1 - 1.0).abs() < 0.005) {
            canvas.line(&[(s.left, one), (s.right, one)], INK, 0.55, 1.0);
        }
        for (values, name, look) in [
            (&b.p50, "median", Type::bold(SMALL, text_colour(colour))),
            (&b.p05, "5%", Type::plain(SMALL, text_colour(colour))),
        ] {
            if let Some((_, v)) = last_defined(values) {
                let arrow = if v > top { " ↑" } else { "" };
                let y = plot.at((0.0, v)).1.clamp(s.top, s.bottom);
                wanted.push((y, format!("{name} {}{arrow}", multiple(v)), look));
            }
        }
        let figures = wanted.iter().map(|w| w.1.clone()).collect::<Vec<_>>().join(", ");
        canvas.end(Some(colour), vec![format!("{} · {}", vehicle.name, vehicle.measure), figures]);
        let heights: Vec<(f64, f64)> = wanted.iter().map(|w| (w.0, 15.0)).collect();
        for ((_, text, look), y) in wanted.iter().zip(super::labels::spread(&heights, s.top - 6.0, s.bottom + 6.0)) {
            canvas.text(&look.fit(text, 110.0), s.right + 8.0, y, *look, HPos::Left);
        }
        if let Some((i, low)) = vehicle.low().filter(|l| l.1 <= top) {
            let at = plot.at((i as f64 + 1.0, low));
            canvas.dot(at, 3.4, text_colour(colour));
        }
        let shown = Shown::new(&key, &vehicle.name, colour, fan_values(&vehicle.cover, multiple));
        plot.hover_months(canvas, frame, 1.0, vec![shown]);
    }
}

impl Picture for Cover {
    fn title(&self, frame: &Frame) -> String {
        let shown: Vec<Covered> = self.vehicles.iter().map(Covered::shown).collect();
        let claims = self.vehicles.iter().max_by(|a, b| a.claims.total_cmp(&b.claims)).filter(|v| v.claims > CLAIMS);
        let worst = shown.iter().filter_map(|v| Some((v, v.low()?))).min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let Some((vehicle, (i, low))) = worst else { return "No vehicle has debt service due on most paths".into() };
        let at = month(frame.month(i));
        // The most severe of the levels that the 5% quantile falls below.
        let broken = vehicle.levels.iter().filter(|l| low < l.1).min_by(|a, b| a.1.total_cmp(&b.1));
        let below =
            broken.map_or_else(String::new, |(name, level)| format!(", below its {name} of {}", multiple(*level)));
        let start =
            format!("On one path in twenty {} has a DSCR of {} or less in {at}{below}", vehicle.name, multiple(low));
        match claims {
            Some(v) if v.name == vehicle.name => {
                format!("{start}; its lenders have a claim in {} of paths", percent(v.claims))
            }
            Some(v) => format!("{start}; the lenders of {} have a claim in {} of paths", v.name, percent(v.claims)),
            None if broken.is_none() && low >= 1.0 => {
                format!("DSCR holds: its lowest 5% quantile is {}, {} in {at}", multiple(low), vehicle.name)
            }
            None => start,
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let drawn = self.drawn();
        let left_out = self.vehicles.len() - drawn.len();
        let more = if left_out > 0 { format!(" · {left_out} with higher DSCR not drawn") } else { String::new() };
        let metric = format!(
            "Cash available for debt service over debt service, a failed vehicle at 0, in months in which service is due on at least half of \
             the paths · median, 5% quantile with its lowest point, band of 90%{more}"
        );
        let list: Vec<String> = self
            .vehicles
            .iter()
            .filter_map(|v| {
                let low = multiple(v.shown().low()?.1);
                let service = v.service(frame).map_or_else(String::new, |s| format!(", {s}"));
                Some(format!(
                    "{}: lowest 5% quantile {low}, claim of lenders in {} of paths{service}",
                    v.name,
                    percent(v.claims)
                ))
            })
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let n = drawn.len().max(1);
            let across = if n == 1 {
                1
            } else if n <= 4 {
                2
            } else {
                3
            };
            let down = n.div_ceil(across);
            let (wide, high) = ((space.right - space.left) / across as f64, (space.bottom - space.top) / down as f64);
            for (i, vehicle) in drawn.iter().enumerate() {
                let (left, top) = (space.left + wide * (i % across) as f64, space.top + high * (i / across) as f64);
                let gap = if i % across + 1 < across { 14.0 } else { 0.0 };
                let space = Space { left, right: left + wide - gap, top, bottom: top + high - 8.0 };
                Cover::panel(canvas, frame, vehicle, i, space);
            }
            if drawn.is_empty() {
                let at = (f64::midpoint(space.left, space.right), f64::midpoint(space.top, space.bottom));
                canvas.text("No data", at.0, at.1, Type::plain(SMALL, GREY), HPos::Center);
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let columns = self.vehicles.iter().flat_map(|v| {
            let mut fan = v.cover.clone();
            fan.label = format!("{} {}", v.name, v.measure);
            let mut columns = fan_columns(&fan, multiple);
            if last_defined(&v.due).is_some() {
                columns.push((format!("{}, paths with service due", v.name), written(&v.due, percent)));
            }
            columns
        });
        by_month(frame, &columns.collect::<Vec<_>>())
    }
}
