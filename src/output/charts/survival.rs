//! Chart 4: the runway. Share of paths that still have cash, for the run and for its variants.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Type, Words, sheet};
use super::house::{
    BLUE, GREEN, GREY, INK, LABEL, ORANGE, PURPLE, SKY, SMALL, VERMILLION, count, month, percent, short_month,
    text_colour,
};
use super::labels::{self, EndLabel};
use super::plot::Plot;
use super::spend_revenue::nothing;
use super::words::written;
use super::{Frame, Grid, Picture, Shown, by_month, last_defined};

/// Survival curves of the run and of its variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// The first is the run, the others are variants.
    pub curves: Vec<SurvivalCurve>,
    /// Number of paths that the variants were run on, which are the first of the run.
    pub paired: u64,
    /// Variants that are not drawn.
    pub left_out: Vec<String>,
}

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurvivalCurve {
    /// Name of the run or variant.
    pub label: String,
    /// Share of paths that have not run out of cash by the end of each month.
    pub alive: Vec<f64>,
    /// Lower and upper ends of the pointwise 95% band, drawn for the first curve.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
}

/// Colours and dashes of variants, in order; the dashes distinguish them in greyscale.
const VARIANTS: [(RGBColor, (f64, f64)); 6] = [
    (ORANGE, (9.0, 5.0)),
    (GREEN, (3.0, 3.0)),
    (PURPLE, (14.0, 5.0)),
    (SKY, (6.0, 3.0)),
    (VERMILLION, (2.0, 4.0)),
    (GREY, (18.0, 4.0)),
];

/// Key of the run's or of a variant's curve.
fn key(curve: usize) -> String {
    if curve == 0 { "run".into() } else { format!("variant-{curve}") }
}

/// Colour of a curve; none for variants beyond the available colours.
fn colour(curve: usize) -> Option<RGBColor> {
    if curve == 0 { Some(BLUE) } else { VARIANTS.get(curve - 1).map(|v| v.0) }
}

/// The lower end of the axis of curves whose lowest value is `low`: zero, unless every curve stays so high that nothing
/// could be read off.
pub(super) fn floor(low: f64) -> f64 {
    if low < 1.0 { [0.99, 0.95, 0.9].into_iter().find(|f| *f < low).unwrap_or(0.0) } else { 0.0 }
}

impl Picture for Survival {
    fn title(&self, frame: &Frame) -> String {
        let Some((last, end)) = self.run() else {
            return "The runway is undefined".into();
        };
        let at = month(frame.month(last));
        let mut title = if end >= 1.0 {
            return format!("No path of {} runs out of cash by the end of {at}", count(frame.paths));
        } else if end <= 0.0 {
            format!("No path still has cash at the end of {at}")
        } else {
            match self.half() {
                Some(i) => format!("Half of all paths are out of cash by {}", month(frame.month(i))),
                None => format!("{} of paths still have cash at the end of {at}", percent(end)),
            }
        };
        let variants = self.curves.iter().skip(1).filter_map(|c| Some((c, (*c.alive.get(last)?))));
        let best = variants.filter(|v| v.1.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((curve, share)) = best.filter(|b| b.1 > end && self.half().is_none()) {
            title = format!("{title}; {} in “{}”", percent(share), curve.label);
        }
        title
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let floor = self.floor();
        let banded = self.curves.first().is_some_and(|c| c.band.is_some());
        let band = if banded { " · shaded: 95% interval of each month" } else { "" };
        let from = if floor > 0.0 { format!(" · axis starts at {}", percent(floor)) } else { String::new() };
        let title = self.title(frame);
        let metric =
            format!("Share of paths that have not run out of cash{band}{from}{}{}", self.beside(frame), self.missing());
        let ends =
            self.curves.iter().filter_map(|c| Some(format!("{}: {}", c.label, percent(last_defined(&c.alive)?.1))));
        let desc = format!("{title}. At the end, {}.", ends.collect::<Vec<_>>().join(", "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            let months = self.curves.iter().map(|c| c.alive.len()).max().unwrap_or(0);
            let all = |plot: Option<&Plot>| {
                let label = |(i, c): (usize, &SurvivalCurve)| {
                    let v = last_defined(&c.alive)?.1.clamp(0.0, 1.0);
                    let colour = colour(i)?;
                    let y = plot.map_or(0.0, |p| p.at((0.0, v)).1.clamp(p.space.top, p.space.bottom));
                    let (colour, text) = (text_colour(colour), format!("{}  {}", self.share(v), c.label));
                    let look = if i == 0 { Type::bold(LABEL, colour) } else { Type::plain(SMALL + 0.5, colour) };
                    Some(EndLabel { y, rows: vec![(text, look)], swatch: None, leader: true, key: key(i) })
                };
                self.curves.iter().enumerate().filter_map(label).collect::<Vec<_>>()
            };
            space.right -= labels::room(&all(None));
            let plot = Plot::new(space, Axis::months(frame.start, months), Axis::share(floor));
            plot.grid(canvas);
            if self.curves.iter().all(|c| last_defined(&c.alive).is_none()) {
                nothing(canvas, plot.space);
            }
            self.lines(canvas, &plot);
            plot.zero(canvas);
            if let Some(i) = self.half() {
                let (x, y) = plot.at((i as f64 + 1.0, 0.5));
                canvas.line(&[(plot.space.left, y), (x, y), (x, plot.space.bottom)], INK, 0.6, 1.0);
                let text = format!("half by {}", short_month(frame.month(i)));
                canvas.plate(&text, x, plot.space.bottom - 16.0, Type::bold(SMALL, INK), plot.space);
            }
            let s = plot.space;
            labels::draw(canvas, &all(Some(&plot)), s.right, s.top, s.bottom);
            let shown = self
                .curves
                .iter()
                .enumerate()
                .map(|(i, c)| Shown::new(&key(i), &c.label, colour(i).unwrap_or(GREY), written(&c.alive, percent)));
            plot.hover_months(canvas, frame, 1.0, shown.collect());
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let mut columns = Vec::new();
        for curve in &self.curves {
            columns.push((curve.label.clone(), written(&curve.alive, percent)));
            for (values, end) in curve.band.iter().flat_map(|b| [(&b.0, "low"), (&b.1, "high")]) {
                columns.push((format!("{}, {end}", curve.label), written(values, percent)));
            }
        }
        by_month(frame, &columns)
    }
}

impl Survival {
    fn run(&self) -> Option<(usize, f64)> {
        last_defined(&self.curves.first()?.alive)
    }

    /// The paths on which the variants were run, where they are fewer than the run's.
    fn beside(&self, frame: &Frame) -> String {
        if self.curves.len() < 2 || self.paired == 0 {
            String::new()
        } else if self.paired < frame.paths {
            format!(" · variants: this run plus the difference on its first {} paths", count(self.paired))
        } else {
            " · variants on the same paths".into()
        }
    }

    /// The variants that are not drawn, at most three by name.
    fn missing(&self) -> String {
        let named = self.left_out.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        match self.left_out.len() {
            0 => String::new(),
            n if n > 3 => format!(" · not drawn: {named} and {} more", n - 3),
            _ => format!(" · not drawn: {named}"),
        }
    }

    /// Share of survivors at the end, with a decimal where curves would otherwise be indistinguishable.
    fn share(&self, share: f64) -> String {
        let ends: Vec<f64> = self.curves.iter().filter_map(|c| Some(last_defined(&c.alive)?.1)).collect();
        let alike = |a: f64, b: f64| percent(a) == percent(b) && (a - b).abs() >= 0.0005;
        let close = ends.iter().enumerate().any(|(i, a)| ends[..i].iter().any(|b| alike(*a, *b)));
        if close && share > 0.0 && share < 0.9995 { format!("{:.1}%", 100.0 * share) } else { percent(share) }
    }

    /// The first month in which the run's curve is at one half or below.
    fn half(&self) -> Option<usize> {
        self.curves.first()?.alive.iter().position(|v| *v <= 0.5)
    }

    fn floor(&self) -> f64 {
        let band = self.curves.first().and_then(|c| c.band.as_ref()).map(|b| &b.0);
        let values = self.curves.iter().map(|c| &c.alive).chain(band).flatten();
        floor(values.copied().filter(|v| v.is_finite()).fold(1.0, f64::min))
    }

    fn lines(&self, canvas: &mut Canvas, plot: &Plot) {
        // Every curve starts at 1, before the first month.
        let from_one = |v: &[f64]| -> Vec<f64> {
            std::iter::once(if v.first().is_some_and(|v| v.is_finite()) { 1.0 } else { f64::NAN })
                .chain(v.iter().copied())
                .collect()
        };
        if let Some((lower, upper)) = self.curves.first().and_then(|c| c.band.as_ref()) {
            let (lower, upper) = (from_one(lower), from_one(upper));
            canvas.series(&key(0), |canvas| plot.between(canvas, &lower, &upper, 0.0, (BLUE, 0.22)));
        }
        for (i, curve) in self.curves.iter().enumerate().rev() {
            let values = from_one(&curve.alive);
            canvas.series(&key(i), |canvas| match i.checked_sub(1).map(|v| VARIANTS.get(v)) {
                None => plot.series(canvas, &values, 0.0, (BLUE, 1.0, 3.0)),
                Some(None) => plot.series(canvas, &values, 0.0, (GREY, 0.4, 1.0)),
                Some(Some((colour, dash))) => {
                    for piece in plot.polylines(&values, 0.0) {
                        canvas.dashed(&piece, *colour, 2.2, *dash);
                    }
                }
            });
        }
    }
}
