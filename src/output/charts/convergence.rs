//! Chart 16: precision of the answers as paths are added.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, SMALL, count, money, money_ticks, percent, percent_ticks, text_colour};
use super::plot::Plot;
use super::spend_revenue::caption;
use super::{Frame, Grid, Picture, Shown};

/// Estimates from increasing numbers of paths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Convergence {
    /// The estimates, of which at most four are drawn.
    pub estimates: Vec<Estimate>,
}

/// One estimate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The quantity estimated: `Cumulative gap, median`.
    pub label: String,
    /// Whether it is a share; otherwise US dollars.
    pub share: bool,
    /// Number of paths, estimate, and the ends of its 95% interval (NaN where there is none).
    pub points: Vec<(f64, [f64; 3])>,
}

impl Estimate {
    fn write(&self, v: f64) -> String {
        if self.share { percent(v) } else { money(v) }
    }

    /// The last estimate with its interval.
    fn end(&self) -> Option<[f64; 3]> {
        self.points.last().map(|p| p.1)
    }

    /// `95%: 20% to 23%`.
    fn interval(&self, [_, lo, hi]: [f64; 3]) -> String {
        if lo.is_finite() && hi.is_finite() {
            format!("95%: {} to {}", self.precise(lo), self.precise(hi))
        } else {
            "no interval".into()
        }
    }

    /// A value with one digit more than usual, so that the ends of an interval differ.
    fn precise(&self, v: f64) -> String {
        if self.share && v > 0.0 && v < 1.0 { format!("{:.1}%", 100.0 * v) } else { self.write(v) }
    }

    fn draw(&self, canvas: &mut Canvas, space: Space, key: &str) {
        caption(canvas, &self.label, space);
        let small = Type::plain(SMALL - 1.0, INK);
        let final_ = self.end();
        let room = final_.map_or(0.0, |end| small.width(&self.interval(end)) + 12.0).clamp(128.0, 200.0);
        let inner = Space { top: space.top + 24.0, right: space.right - room, ..space };
        let finite = || self.points.iter().flat_map(|p| p.1).filter(|v| v.is_finite());
        // The first intervals may span the whole possible range; the later ones are of interest, so they set the scale.
        let late = self.points.iter().rev().take(self.points.len().div_ceil(2) + 1).flat_map(|p| p.1);
        let late: Vec<f64> = late.filter(|v| v.is_finite()).collect();
        let (mut lo, mut hi) = late.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        if !(lo.is_finite() && hi.is_finite()) {
            (lo, hi) = (0.0, 1.0);
        }
        let middle = f64::midpoint(lo, hi);
        let least = if self.share { 0.002 } else { (1e-3 * middle.abs()).max(1.0) };
        let half = (0.75 * (hi - lo)).max(least);
        (lo, hi) = (middle - half, middle + half);
        if finite().all(|v| v >= 0.0) {
            lo = lo.max(0.0);
        }
        let ticks: Vec<f64> = self.points.iter().map(|p| p.0).collect();
        let (first, last) = (ticks.first().copied().unwrap_or(1.0).log2(), ticks.last().copied().unwrap_or(1.0).log2());
        let (first, last) = if last > first { (first, last) } else { (first - 0.5, last + 0.5) };
        let every = ticks.len().div_ceil(4).max(1);
        let shown = ticks.iter().rev().step_by(every).map(|n| (n.log2(), count(*n as u64)));
        let x = Axis { lo: first, hi: last, ticks: shown.collect() };
        let plot = Plot::new(inner, x, Axis::of(lo, hi, if self.share { percent_ticks } else { money_ticks }));
        plot.grid(canvas);
        let s = plot.space;
        let within = |v: f64| v.clamp(plot.y.lo, plot.y.hi);
        if let Some([v, ..]) = final_ {
            let y = plot.at((0.0, within(v))).1;
            canvas.dashed(&[(s.left, y), (s.right, y)], GREY, 1.0, (3.0, 3.0));
        }
        canvas.series(key, |canvas| {
            let whole: Vec<_> = self.points.iter().filter(|p| p.1.iter().all(|v| v.is_finite())).collect();
            let up = whole.iter().map(|p| plot.at((p.0.log2(), within(p.1[2]))));
            let down = whole.iter().rev().map(|p| plot.at((p.0.log2(), within(p.1[1]))));
            let ring: Vec<_> = up.chain(down).collect();
            if ring.len() > 2 {
                canvas.area(&ring, BLUE, 0.22);
            }
            let known = self.points.iter().filter(|p| p.1[0] >= plot.y.lo && p.1[0] <= plot.y.hi);
            let line: Vec<_> = known.map(|p| plot.at((p.0.log2(), p.1[0]))).collect();
            canvas.line(&line, BLUE, 1.0, 2.4);
            for at in &line {
                canvas.dot(*at, 2.8, BLUE);
            }
        });
        if let Some(end @ [v, ..]) = final_ {
            let y = plot.at((0.0, within(v))).1.clamp(s.top + 6.0, s.bottom - 14.0);
            canvas.text(
                &self.write(v),
                s.right + 10.0,
                y - 7.0,
                Type::bold(SMALL + 0.5, text_colour(BLUE)),
                HPos::Left,
            );
            let interval = small.fit(&self.interval(end), space.right - s.right - 10.0);
            canvas.text(&interval, s.right + 10.0, y + 8.0, small, HPos::Left);
            canvas.end(Some(BLUE), vec![format!("{}: {}", self.label, self.write(v)), self.interval(end)]);
        }
        let places = self.points.iter().map(|p| (p.0.log2(), format!("{} paths", count(p.0 as u64))));
        let value = |p: &(f64, [f64; 3])| {
            let [v, lo, hi] = p.1;
            let range = if lo.is_finite() && hi.is_finite() {
                format!(" (95%: {} to {})", self.precise(lo), self.precise(hi))
            } else {
                String::new()
            };
            format!("{}{range}", self.write(v))
        };
        plot.hover(canvas, places, vec![Shown::new(key, &self.label, BLUE, self.points.iter().map(value).collect())]);
    }
}

impl Picture for Convergence {
    fn title(&self, frame: &Frame) -> String {
        let paths = frame.counted();
        let told =
            self.estimates.iter().filter_map(|e| Some((e, e.end()?))).find(|e| e.1.iter().all(|v| v.is_finite()));
        match told {
            Some((e, end @ [v, ..])) => {
                let label = e.label.split(',').next().unwrap_or(&e.label).to_lowercase();
                format!("With {paths} the {label} is {} ({})", e.write(v), e.interval(end).replace(':', " interval"))
            }
            None => format!("{paths} are too few for an interval"),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric =
            "Estimates from the first n paths, n doubling each time · band: 95% interval · dashed: the run’s answer";
        let list: Vec<String> = self
            .estimates
            .iter()
            .filter_map(|e| Some(format!("{}: {} ({})", e.label, e.write(e.end()?[0]), e.interval(e.end()?))))
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric: metric.into(), desc }, |canvas, space| {
            let drawn = &self.estimates[..self.estimates.len().min(4)];
            let across = if drawn.len() > 1 { 2 } else { 1 };
            let down = drawn.len().div_ceil(across).max(1);
            let (wide, high) = ((space.right - space.left) / across as f64, (space.bottom - space.top) / down as f64);
            for (i, estimate) in drawn.iter().enumerate() {
                let (left, top) = (space.left + wide * (i % across) as f64, space.top + high * (i / across) as f64);
                let part = Space { left, right: left + wide - 8.0, top, bottom: top + high - 8.0 };
                estimate.draw(canvas, part, &format!("estimate-{}", i + 1));
            }
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let row = |e: &Estimate| {
            let label = e.label.clone();
            let text = |e: &Estimate, v: f64| if v.is_finite() { e.write(v) } else { String::new() };
            let one = |p: &(f64, [f64; 3])| {
                [label.clone(), count(p.0 as u64), text(e, p.1[0]), text(e, p.1[1]), text(e, p.1[2])]
            };
            e.points.iter().map(one).collect::<Vec<_>>()
        };
        Grid::new(["Estimate", "Paths", "Value", "95% from", "to"], self.estimates.iter().flat_map(row))
    }
}
