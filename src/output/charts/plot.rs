//! A plot: a rectangle on the sheet, two axes, and series clipped to it.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Space, Type};
use super::drawing::{Panel, Shown};
use super::house::{GREY, INK, RULE, SMALL, short_month};
use super::{Band, Fan, Frame};

pub(super) struct Plot {
    pub space: Space,
    pub x: Axis,
    pub y: Axis,
}

/// Opacity of the 90% band, of the 50% band on top of it, and of a single path.
const ALPHA: (f64, f64, f64) = (0.16, 0.26, 0.5);

impl Plot {
    /// A plot in `space`, which includes the labels of both axes.
    pub fn new(mut space: Space, x: Axis, y: Axis) -> Plot {
        let look = Type::plain(SMALL, GREY);
        let wide = y.ticks.iter().map(|t| look.width(&t.1)).fold(0.0, f64::max);
        // Half a date must also fit to the left of the plot.
        space.left += (wide + 8.0).max(30.0);
        space.bottom -= 22.0;
        Plot { space, x, y }
    }

    pub fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let s = self.space;
        (s.left + self.x.part(x) * (s.right - s.left), s.bottom - self.y.part(y) * (s.bottom - s.top))
    }

    /// Horizontal rules, a stronger one at zero, and the labels of both axes.
    pub fn grid(&self, canvas: &mut Canvas) {
        let (s, look) = (self.space, Type::plain(SMALL, GREY));
        for (v, text) in self.y_ticks() {
            let y = self.at((0.0, *v)).1;
            canvas.line(&[(s.left, y), (s.right, y)], RULE, 1.0, 1.0);
            canvas.text(text, s.left - 8.0, y, look, HPos::Right);
        }
        // In a narrow plot there is room for the labels of only some ticks.
        let wide = self.x.ticks.iter().map(|t| look.width(&t.1)).fold(0.0, f64::max) + 8.0;
        let room = (s.right - s.left) / self.x.ticks.len().max(1) as f64;
        let every = (wide / room.max(1.0)).ceil().max(1.0) as usize;
        for (v, text) in self.x.ticks.iter().rev().step_by(every) {
            let x = self.at((*v, 0.0)).0;
            canvas.line(&[(x, s.bottom), (x, s.bottom + 4.0)], GREY, 1.0, 1.0);
            canvas.text(text, x, s.bottom + 15.0, look, HPos::Center);
        }
    }

    /// The ticks of the y axis that have room for their label: in a low plot only every so many, counted from zero.
    fn y_ticks(&self) -> impl Iterator<Item = &(f64, String)> {
        let ticks = &self.y.ticks;
        let first = ticks.iter().position(|tick| tick.0 == 0.0).unwrap_or(0);
        let apart = match ticks.as_slice() {
            [low, next, ..] => self.at((0.0, low.0)).1 - self.at((0.0, next.0)).1,
            _ => f64::INFINITY,
        };
        let every = ((SMALL + 3.0) / apart.max(1.0)).ceil().max(1.0) as usize;
        ticks.iter().enumerate().filter(move |(i, _)| i.abs_diff(first) % every == 0).map(|(_, tick)| tick)
    }

    /// The line at zero, over the bands.
    pub fn zero(&self, canvas: &mut Canvas) {
        if (self.y.lo..=self.y.hi).contains(&0.0) {
            let y = self.at((0.0, 0.0)).1;
            canvas.line(&[(self.space.left, y), (self.space.right, y)], INK, 0.75, 1.2);
        }
    }

    /// A series as polylines inside the plot, in pixels.
    pub fn polylines(&self, values: &[f64], first: f64) -> Vec<Vec<(f64, f64)>> {
        let mut out = Vec::new();
        for run in runs(values.iter().map(|v| [*v]), first) {
            let points: Vec<_> = run.into_iter().map(|(x, [v])| (x, v)).collect();
            out.extend(cut_line(&points, self.y.lo, self.y.hi));
        }
        out.into_iter().map(|piece| piece.into_iter().map(|p| self.at(p)).collect()).collect()
    }

    pub fn series(&self, canvas: &mut Canvas, values: &[f64], first: f64, look: (RGBColor, f64, f64)) {
        for piece in self.polylines(values, first) {
            canvas.line(&piece, look.0, look.1, look.2);
        }
    }

    /// The area between two series, inside the plot.
    pub fn between(&self, canvas: &mut Canvas, lower: &[f64], upper: &[f64], first: f64, fill: (RGBColor, f64)) {
        for run in runs(lower.iter().zip(upper).map(|(a, b)| [*a, *b]), first) {
            let up = run.iter().map(|(x, v)| (*x, v[1]));
            let ring: Vec<_> = up.chain(run.iter().rev().map(|(x, v)| (*x, v[0]))).collect();
            let ring = cut_ring(&cut_ring(&ring, self.y.hi, 1.0), self.y.lo, -1.0);
            if ring.len() > 2 {
                let points: Vec<_> = ring.into_iter().map(|p| self.at(p)).collect();
                canvas.area(&points, fill.0, fill.1);
            }
        }
    }

    /// What a pointer over the plot shows at the given positions on the x axis.
    pub fn hover(&self, canvas: &mut Canvas, places: impl IntoIterator<Item = (f64, String)>, series: Vec<Shown>) {
        let s = self.space;
        let places = places.into_iter().map(|(x, text)| (self.at((x, 0.0)).0, text)).collect();
        let (width, height) = (s.right - s.left, s.bottom - s.top);
        canvas.hover(Panel { left: s.left, top: s.top, width, height, down: false, places, series });
    }

    /// The same for every month; the first month is at `first`.
    pub fn hover_months(&self, canvas: &mut Canvas, frame: &Frame, first: f64, series: Vec<Shown>) {
        let months = series.iter().map(|s| s.values.len()).max().unwrap_or(0);
        let places = (0..months).map(|i| (first + i as f64, short_month(frame.month(i))));
        self.hover(canvas, places, series);
    }

    /// Bands of 90% and 50%, simulated paths, and the median on top.
    pub fn fan(&self, canvas: &mut Canvas, fan: &Fan, first: f64, colour: RGBColor) {
        self.bands(canvas, fan, first, colour);
        self.median(canvas, fan, first, colour);
    }

    /// The bands of a fan, 90% and 50%.
    pub fn bands(&self, canvas: &mut Canvas, fan: &Fan, first: f64, colour: RGBColor) {
        let b = &fan.band;
        self.between(canvas, &b.p05, &b.p95, first, (colour, ALPHA.0));
        self.between(canvas, &b.p25, &b.p75, first, (colour, ALPHA.1));
    }

    /// The simulated paths of a fan, and its median on top.
    pub fn median(&self, canvas: &mut Canvas, fan: &Fan, first: f64, colour: RGBColor) {
        let b = &fan.band;
        for path in fan.paths.iter().take(5) {
            self.series(canvas, path, first, (super::house::blend(colour, INK, 0.45), ALPHA.2, 0.9));
        }
        self.series(canvas, &b.p50, first, (super::house::WHITE, 0.8, 4.6));
        self.series(canvas, &b.p50, first, (colour, 1.0, 2.8));
    }
}

/// Consecutive months: their x and their values.
type Run<const N: usize> = Vec<(f64, [f64; N])>;

/// The stretches in which every value is finite, with their x. A single month becomes a stretch one month wide.
fn runs<const N: usize>(values: impl Iterator<Item = [f64; N]>, first: f64) -> Vec<Run<N>> {
    let (mut out, mut run): (Vec<Run<N>>, Run<N>) = (Vec::new(), Vec::new());
    for (i, v) in values.enumerate() {
        if v.iter().all(|v| v.is_finite()) {
            run.push((first + i as f64, v));
        } else if !run.is_empty() {
            out.push(std::mem::take(&mut run));
        }
    }
    if !run.is_empty() {
        out.push(run);
    }
    for run in &mut out {
        if let [(x, v)] = run[..] {
            let left = (x - 0.5).floor().max(0.0);
            *run = vec![(left, v), (left + 1.0, v)];
        }
    }
    out
}

/// The pieces of a polyline that lie between two heights.
fn cut_line(points: &[(f64, f64)], lo: f64, hi: f64) -> Vec<Vec<(f64, f64)>> {
    let mut out: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut piece = Vec::new();
    for ends in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (ends[0], ends[1]);
        let slope = y1 - y0;
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        if slope == 0.0 {
            if !(lo..=hi).contains(&y0) {
                to = -1.0;
            }
        } else {
            let (a, b) = ((lo - y0) / slope, (hi - y0) / slope);
            (from, to) = (from.max(a.min(b)), to.min(a.max(b)));
        }
        if from <= to {
            if from > 0.0 || piece.is_empty() {
                out.push(std::mem::take(&mut piece));
                piece.push((x0 + (x1 - x0) * from, (y0 + slope * from).clamp(lo, hi)));
            }
            piece.push((x0 + (x1 - x0) * to, (y0 + slope * to).clamp(lo, hi)));
        } else {
            out.push(std::mem::take(&mut piece));
        }
    }
    out.push(piece);
    out.retain(|p| p.len() > 1);
    out
}

/// A polygon clipped at a height (Sutherland and Hodgman 1974); `side` 1 keeps what is below it, −1 what is above.
fn cut_ring(ring: &[(f64, f64)], edge: f64, side: f64) -> Vec<(f64, f64)> {
    let inside = |p: (f64, f64)| (edge - p.1) * side >= 0.0;
    let mut out = Vec::with_capacity(ring.len() + 4);
    for (i, p) in ring.iter().copied().enumerate() {
        let before = ring[(i + ring.len() - 1) % ring.len()];
        if inside(before) != inside(p) {
            let t = (edge - before.1) / (p.1 - before.1);
            out.push((before.0 + (p.0 - before.0) * t, edge));
        }
        if inside(p) {
            out.push(p);
        }
    }
    out
}

/// The range of values to show for some fans, and whether their 90% bands are cut.
///
/// It runs from the lowest p05 to the highest p95, unless a heavy tail would squash the rest: then up to three and a
/// half times the range of the medians, or the whole of the 50% bands if they extend further. The cash of one path in
/// twenty must not flatten the other nineteen.
pub(super) fn reach(bands: &[&Band]) -> (f64, f64, bool) {
    let span = |get: fn(&Band) -> &Vec<f64>| {
        let all = bands.iter().flat_map(|b| get(b)).filter(|v| v.is_finite());
        all.fold((0.0_f64, 0.0_f64), |(lo, hi), v| (lo.min(*v), hi.max(*v)))
    };
    let (mid_lo, mid_hi) = span(|b| &b.p50);
    let (lo, hi) = (span(|b| &b.p05).0.min(mid_lo), span(|b| &b.p95).1.max(mid_hi));
    let (core_lo, core_hi) = (span(|b| &b.p25).0.min(mid_lo), span(|b| &b.p75).1.max(mid_hi));
    let mid = (mid_hi - mid_lo).max(0.15 * (core_hi - core_lo));
    if mid <= 0.0 {
        return (lo, hi, false);
    }
    let limit = |core: f64, mid_end: f64, sign: f64| sign * (1.08 * core * sign).max(mid_end * sign + 2.5 * mid);
    let (low, high) = (limit(core_lo, mid_lo, -1.0), limit(core_hi, mid_hi, 1.0));
    // For an excess of up to a quarter a cut is not worthwhile.
    let low = if lo >= 1.25 * low { lo } else { low };
    let high = if hi <= 1.25 * high { hi } else { high };
    (low, high, low > lo || high < hi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_edges() {
        let up = [(0.0, -1.0), (1.0, 1.0), (2.0, 3.0)];
        assert_eq!(cut_line(&up, 0.0, 2.0), [vec![(0.5, 0.0), (1.0, 1.0), (1.5, 2.0)]]);
        let twice = [(0.0, 1.0), (1.0, 3.0), (2.0, 1.0)];
        assert_eq!(cut_line(&twice, 0.0, 2.0), [vec![(0.0, 1.0), (0.5, 2.0)], vec![(1.5, 2.0), (2.0, 1.0)]]);
        assert!(cut_line(&[(0.0, 5.0), (1.0, 5.0)], 0.0, 2.0).is_empty());
    }

    #[test]
    fn a_tail_does_not_squash_the_median() {
        let flat = |v: f64| vec![v; 3];
        let band = |p95| Band { p05: flat(0.5), p25: flat(0.8), p50: flat(1.0), p75: flat(1.5), p95: flat(p95) };
        assert_eq!(reach(&[&band(3.0)]), (0.0, 3.0, false));
        assert_eq!(reach(&[&band(1e6)]), (0.0, 3.5, true));
    }

    #[test]
    fn gaps_and_single_months_are_drawn() {
        let got = runs([1.0, f64::NAN, 2.0, 3.0].iter().map(|v| [*v]), 0.5);
        assert_eq!(got, [vec![(0.0, [1.0]), (1.0, [1.0])], vec![(2.5, [2.0]), (3.5, [3.0])]]);
    }
}
