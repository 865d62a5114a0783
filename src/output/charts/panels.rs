//! Panels by month, one below another, with a common time axis and labels at the ends of their lines.

use plotters::style::RGBColor;

use super::axis::{Axis, round_ticks};
use super::canvas::{Canvas, Space, Type};
use super::house::{GREY, INK, LABEL, MAX_TICKS, SMALL, WHITE, multiple, text_colour};
use super::labels::{self, EndLabel};
use super::plot::Plot;
use super::spend_revenue::{caption, nothing};
use super::words::fan_values;
use super::{Band, Fan, Frame, Shown, last_defined, small};

/// One line of a panel, with the bands of its fan if it has any.
pub(super) struct Trace<'a> {
    /// Its key in the drawing.
    pub key: &'static str,
    pub fan: &'a Fan,
    /// Figures below its name.
    pub figures: Vec<String>,
    pub colour: RGBColor,
    /// Whether it is a thin line over the others.
    pub thin: bool,
}

/// A panel.
pub(super) struct Part<'a> {
    pub caption: String,
    /// Its share of the height, relative to the other panels.
    pub high: f64,
    pub y: Axis,
    pub traces: Vec<Trace<'a>>,
    pub write: fn(f64) -> String,
    /// A value to which the lines are compared, marked by a rule.
    pub level: Option<f64>,
    /// Position of the first month on the time axis: 0.5 for flows, 1 for values at month end.
    pub first: f64,
}

/// Height of a caption, and the space below a panel without dates.
const CAPTION: f64 = 22.0;
const GAP: f64 = 18.0;
/// Height that the dates below a plot take.
const DATES: f64 = 22.0;

impl Trace<'_> {
    fn label(&self, plot: Option<&Plot>) -> Option<EndLabel> {
        let last = last_defined(&self.fan.band.p50)?;
        let y = plot.map_or(0.0, |p| p.at((0.0, last.1)).1.clamp(p.space.top, p.space.bottom));
        let mut rows = vec![(self.fan.label.clone(), Type::bold(LABEL - 0.5, text_colour(self.colour)))];
        rows.extend(self.figures.iter().map(|f| (f.clone(), Type::plain(SMALL, GREY))));
        Some(EndLabel { y, rows, swatch: None, leader: true, key: self.key.into() })
    }
}

/// Draws the panels into `space`, from the top down; only the lowest has dates. The labels of the y axes have at least the
/// width `wide`. Returns the left and right edges of the plots.
pub(super) fn stack(canvas: &mut Canvas, frame: &Frame, space: Space, parts: Vec<Part>, wide: f64) -> (f64, f64) {
    let months = parts.iter().flat_map(|p| &p.traces).map(|t| t.fan.band.p50.len()).max().unwrap_or(0);
    let all: Vec<EndLabel> = parts.iter().flat_map(|p| &p.traces).filter_map(|t| t.label(None)).collect();
    let right = space.right - labels::room(&all);
    let look = Type::plain(SMALL, GREY);
    let wide = parts.iter().flat_map(|p| &p.y.ticks).map(|t| look.width(&t.1)).fold(wide, f64::max);
    let left = space.left + (wide + 8.0).max(30.0);
    let whole: f64 = parts.iter().map(|p| p.high).sum();
    let free = space.bottom - space.top - DATES - CAPTION * parts.len() as f64 - GAP * (parts.len() as f64 - 1.0);
    let (mut top, count) = (space.top, parts.len());
    for (k, part) in parts.into_iter().enumerate() {
        caption(canvas, &part.caption, Space { top: top - 2.0, ..space });
        let bottom = top + CAPTION + free.max(30.0) * part.high / whole.max(1e-9);
        let mut x = Axis::months(frame.start, months);
        if k + 1 < count {
            x.ticks.clear();
        }
        let mut plot = Plot { space: Space { left, right, top: top + CAPTION, bottom }, x, y: part.y };
        thin_out(&mut plot);
        plot.grid(canvas);
        for t in &part.traces {
            canvas.series(t.key, |canvas| plot.bands(canvas, t.fan, part.first, t.colour));
        }
        for t in &part.traces {
            canvas.series(t.key, |canvas| {
                if t.thin {
                    plot.series(canvas, &t.fan.band.p50, part.first, (t.colour, 1.0, 1.4));
                } else {
                    plot.median(canvas, t.fan, part.first, t.colour);
                }
            });
        }
        plot.zero(canvas);
        let s = plot.space;
        if let Some(level) = part.level.filter(|v| (plot.y.lo..=plot.y.hi).contains(v)) {
            let y = plot.at((0.0, level)).1;
            canvas.line(&[(s.left, y), (s.right, y)], INK, 0.55, 1.0);
        }
        if part.traces.iter().all(|t| last_defined(&t.fan.band.p50).is_none()) {
            nothing(canvas, s);
        }
        let named: Vec<EndLabel> = part.traces.iter().filter_map(|t| t.label(Some(&plot))).collect();
        labels::draw(canvas, &named, s.right, s.top - 8.0, s.bottom + 8.0);
        let shown =
            part.traces.iter().map(|t| Shown::new(t.key, &t.fan.label, t.colour, fan_values(t.fan, part.write)));
        plot.hover_months(canvas, frame, part.first, shown.collect());
        top = bottom + GAP;
    }
    (left, right)
}

/// Drops ticks of the y axis whose labels would touch, from the one nearest zero outwards. Ticks of factors are not evenly
/// spaced.
fn thin_out(plot: &mut Plot) {
    let place = |v: f64| plot.at((0.0, v)).1;
    let ticks = &plot.y.ticks;
    let nearest = (0..ticks.len()).min_by(|a, b| ticks[*a].0.abs().total_cmp(&ticks[*b].0.abs()));
    let Some(nearest) = nearest else { return };
    let mut kept = vec![nearest];
    for side in [(nearest + 1..ticks.len()).collect::<Vec<_>>(), (0..nearest).rev().collect()] {
        let mut last = place(ticks[nearest].0);
        for k in side {
            if (place(ticks[k].0) - last).abs() >= SMALL + 3.0 {
                last = place(ticks[k].0);
                kept.push(k);
            }
        }
    }
    kept.sort_unstable();
    plot.y.ticks = kept.into_iter().map(|k| ticks[k].clone()).collect();
}

/// An axis from zero to `top` with few ticks, for a low panel.
pub(super) fn from_zero(top: f64, write: fn(&[f64]) -> Vec<String>) -> Axis {
    let axis = Axis::of(0.0, if top > 0.0 { 1.05 * top } else { 1.0 }, write);
    // An axis with nothing but zero needs no scale.
    let every = if top > 0.0 { axis.ticks.len().div_ceil(LOW).max(1) } else { MAX_TICKS };
    let kept: Vec<f64> = axis.ticks.iter().step_by(every).map(|t| t.0).collect();
    let text = write(&kept);
    Axis { ticks: kept.into_iter().zip(text).collect(), ..axis }
}

/// Largest number of ticks of a low panel.
const LOW: usize = 4;

/// A line without bands, such as a mean.
pub(super) fn line(label: &str, values: Vec<f64>) -> Fan {
    Fan { label: label.into(), band: Band { p50: values, ..Band::default() }, paths: Vec::new() }
}

/// The range of all values of some fans, bands and lines.
pub(super) fn span(fans: &[&Fan]) -> (f64, f64) {
    let of = |b: &Band| [b.p05.clone(), b.p25.clone(), b.p50.clone(), b.p75.clone(), b.p95.clone()].concat();
    let values = fans.iter().flat_map(|f| of(&f.band)).filter(|v| v.is_finite());
    let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
    if lo <= hi { (lo, hi) } else { (0.0, 0.0) }
}

/// Largest logarithm on an axis of factors.
const FAR: f64 = 20.0;

/// An axis for logarithms that cover `lo..hi`, labelled as the factors that they stand for.
pub(super) fn factors(lo: f64, hi: f64) -> Axis {
    let bound = |v: f64| if v.is_finite() { v.clamp(-FAR, FAR) } else { 0.0 };
    let (lo, hi) = (bound(lo).min(0.0), bound(hi).max(0.0));
    let air = (0.06 * (hi - lo)).max(0.01);
    let (lo, hi) = (lo - air, hi + air);
    let inside = |v: &f64| (lo..=hi).contains(&v.ln());
    let ticks: Vec<f64> = if hi - lo < 1.6 {
        round_ticks(lo.exp(), hi.exp()).into_iter().filter(inside).collect()
    } else {
        let decades = |of: &[f64], every: i32| -> Vec<f64> {
            let all = (-10..=10).filter(|k| k % every == 0).flat_map(|k| of.iter().map(move |m| m * 10_f64.powi(k)));
            all.filter(inside).collect()
        };
        let choices: [(&[f64], i32); 4] = [(&[1.0, 2.0, 5.0], 1), (&[1.0], 1), (&[1.0], 2), (&[1.0], 5)];
        let lists = choices.map(|(of, every)| decades(of, every));
        lists.into_iter().find(|list| list.len() <= MAX_TICKS).unwrap_or_default()
    };
    let text = |v: f64| format!("{}x", (v * 1e9).round() / 1e9);
    Axis { lo, hi, ticks: ticks.into_iter().map(|v| (v.ln(), text(v))).collect() }
}

/// The factor that a logarithm stands for: `0.95x`.
pub(super) fn factor(log: f64) -> String {
    multiple(log.clamp(-FAR, FAR).exp())
}

/// A dot, filled or as a ring.
pub(super) fn mark(canvas: &mut Canvas, at: (f64, f64), radius: f64, colour: RGBColor, filled: bool) {
    canvas.dot(at, radius, colour);
    if !filled {
        canvas.dot(at, radius - 1.4, WHITE);
    }
}

/// The first month with the largest value.
pub(super) fn highest(values: &[f64]) -> Option<(usize, f64)> {
    let all = values.iter().copied().enumerate().filter(|v| v.1.is_finite());
    all.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

/// Calendar years of a run of so many months: name, first and last month.
pub(super) fn years(frame: &Frame, months: usize) -> Vec<(String, usize, usize)> {
    let mut out: Vec<(String, usize, usize)> = Vec::new();
    let mut first = 0;
    for i in 0..months {
        if frame.month(i).month() != 12 && i + 1 != months {
            continue;
        }
        let (a, b) = (frame.start.plus(small(first)), frame.start.plus(small(i)));
        let name = match (a.month(), b.month()) {
            (1, 12) => b.year().to_string(),
            (from, to) if from == to => super::house::short_month(b),
            _ => format!("{}–{}", &super::house::short_month(a)[..3], super::house::short_month(b)),
        };
        out.push((name, first, i));
        first = i + 1;
    }
    out
}

/// Sum of the finite values of some months.
pub(super) fn sum(values: &[f64], from: usize, to: usize) -> f64 {
    values.iter().take(to + 1).skip(from).filter(|v| v.is_finite()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_few_round_ticks() {
        let text = |lo, hi| factors(lo, hi).ticks.into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(text(-0.73, 0.46), ["0.6x", "0.8x", "1x", "1.2x", "1.4x", "1.6x"]);
        assert_eq!(text(-2.5, 2.5), ["0.1x", "1x", "10x"]);
        assert_eq!(text(-1.4, 1.4), ["0.5x", "1x", "2x"]);
        for (lo, hi) in [(0.0, 0.0), (-1e-9, 1e-9), (-30.0, 30.0), (f64::NAN, 1.0), (f64::NEG_INFINITY, 0.0)] {
            let axis = factors(lo, hi);
            assert!(axis.hi > axis.lo && (1..=MAX_TICKS).contains(&axis.ticks.len()), "{axis:?}");
        }
    }

    #[test]
    fn years_cover_every_month_once() {
        let mut frame = super::super::tests::frame(9);
        for month in 1..=12 {
            frame.start = crate::units::Month::new(2026, month);
            for months in 0..40 {
                let all = years(&frame, months);
                let covered: Vec<usize> = all.iter().flat_map(|y| y.1..=y.2).collect();
                assert_eq!(covered, (0..months).collect::<Vec<_>>());
            }
        }
        frame.start = crate::units::Month::new(2026, 6);
        let names = |months| years(&frame, months).into_iter().map(|y| y.0).collect::<Vec<_>>();
        assert_eq!(names(20), ["Jun–Dec 2026", "2027", "Jan 2028"]);
    }
}
