//! Chart 21: what a key of the scenario is worth. The outcomes of runs that differ in the value of one key, on common
//! random numbers, and the range of values that cannot be distinguished from the best.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, NOTE, SMALL, VERMILLION, money, money_ticks, percent, percent_ticks, text_colour};
use super::panels::mark;
use super::plot::Plot;
use super::spend_revenue::{caption, nothing};
use super::{Frame, Grid, Picture, Shown};

/// Sweeps of some keys, each with the same measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sweep {
    /// One for each key.
    pub swept: Vec<Swept>,
}

/// Runs that differ in the value of one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Swept {
    /// What is varied: `research`.
    pub name: String,
    /// What it is a share of: `of revenue`.
    pub of: String,
    /// Its values, shares in ascending order.
    pub at: Vec<f64>,
    /// What is measured.
    pub measures: Vec<Measure>,
}

/// One outcome of the runs of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measure {
    /// Its name: `Value for today’s holders`.
    pub label: String,
    /// Its name within a sentence, with what the best is: `holders’ value is greatest`.
    pub best_is: String,
    /// Whether it is an amount in US dollars; otherwise a probability.
    pub money: bool,
    /// Whether more of it is better.
    pub more: bool,
    /// Estimate and its standard error in each run.
    pub means: Vec<(f64, f64)>,
    /// Excess over the best run, path by path, and its standard error: zero for the best itself.
    pub over_best: Vec<(f64, f64)>,
    /// The estimate with the scenario as it is.
    pub as_it_is: Option<f64>,
}

/// Shares beyond this are not drawn.
const FAR: f64 = 1e6;
/// A difference of so many paired standard errors or fewer cannot be distinguished from zero.
const ERRORS: f64 = 2.0;

impl Measure {
    /// The run with the best estimate, the first if there are several.
    pub fn best(&self) -> Option<usize> {
        best(&self.means.iter().map(|m| m.0).collect::<Vec<_>>(), self.more)
    }

    /// Whether a run cannot be distinguished from the best.
    pub fn is_flat(&self, run: usize) -> bool {
        let own = Some(run) == self.best();
        own || self.over_best.get(run).is_some_and(|(d, se)| d.is_finite() && d.abs() <= ERRORS * se)
    }

    /// The first and the last of the consecutive runs around the best that cannot be distinguished from it.
    pub fn flat(&self) -> Option<(usize, usize)> {
        let best = self.best()?;
        let first = (0..best).rev().take_while(|&k| self.is_flat(k)).last().unwrap_or(best);
        let last = (best..self.means.len()).take_while(|&k| self.is_flat(k)).last().unwrap_or(best);
        Some((first, last))
    }

    fn write(&self, v: f64) -> String {
        if self.money { money(v) } else { percent(v) }
    }

    /// A standard error: `±$3.1B`, `±0.35 pp`.
    fn error(&self, se: f64) -> String {
        let text = match self.money {
            _ if se == 0.0 => "0".into(),
            true => money(se),
            false => super::words::figures(se, "pp"),
        };
        if se.is_finite() { format!("\u{b1}{text}") } else { String::new() }
    }

    /// An excess: `+$3.1B`, `−1.2 pp`.
    fn excess(&self, v: f64) -> String {
        let sign = if v > 0.0 { "+" } else { "" };
        let points = || format!("{}{:.1}\u{a0}pp", if v < 0.0 { "\u{2212}" } else { "" }, (100.0 * v).abs());
        if v.is_finite() { format!("{sign}{}", if self.money { money(v) } else { points() }) } else { String::new() }
    }

    /// What a pointer shows of a run: `$3.1T ±$0.2T; −$120B ±$30B on the best`.
    fn said(&self, run: usize) -> String {
        let none = (f64::NAN, f64::NAN);
        let (m, se) = self.means.get(run).copied().unwrap_or(none);
        let (d, paired) = self.over_best.get(run).copied().unwrap_or(none);
        if !m.is_finite() {
            return String::new();
        }
        let over = if d.is_finite() && Some(run) != self.best() {
            format!("; {} {} on the best", self.excess(d), self.error(paired))
        } else {
            String::new()
        };
        format!("{} {}{over}", self.write(m), self.error(se))
    }

    fn colour(&self) -> RGBColor {
        if self.money { BLUE } else { VERMILLION }
    }
}

/// The position of the best of some values, the first if there are several.
pub fn best(values: &[f64], more: bool) -> Option<usize> {
    let sign = if more { 1.0 } else { -1.0 };
    let all = values.iter().enumerate().filter(|v| v.1.is_finite());
    all.max_by(|a, b| (a.1 * sign).total_cmp(&(b.1 * sign)).then(b.0.cmp(&a.0))).map(|v| v.0)
}

/// `40–70%`, `15%`.
fn between(from: f64, to: f64) -> String {
    let (a, b) = (percent(from), percent(to));
    if a == b { a } else { format!("{}–{b}", a.trim_end_matches('%')) }
}

impl Swept {
    /// The shares that cannot be distinguished from the best by a measure.
    fn range(&self, measure: &Measure) -> Option<String> {
        let (first, last) = measure.flat()?;
        Some(between(*self.at.get(first)?, *self.at.get(last)?))
    }

    fn heading(&self) -> String {
        let mut letters = self.name.chars();
        let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
        format!("{first}{}, % {}", letters.as_str(), self.of)
    }

    fn draw(&self, canvas: &mut Canvas, measure: &Measure, key: &str, space: Space) {
        let colour = measure.colour();
        caption(canvas, &format!("{} · {}", measure.label, self.heading()), space);
        let inner = Space { top: space.top + 40.0, ..space };
        let finite = |v: &f64| v.is_finite();
        let paired = measure.means.iter().zip(&measure.over_best).flat_map(|((m, _), (_, se))| [m - se, m + se]);
        let own = measure.means.iter().flat_map(|(m, se)| [m - se, m + se, *m]);
        let ends = own.chain(paired).chain(measure.as_it_is).filter(finite);
        let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let (lo, hi) = if lo <= hi { (lo, hi) } else { (0.0, 1.0) };
        let air = (0.08 * (hi - lo)).max(if measure.money { 1e-3 * hi.abs() + 1.0 } else { 0.002 });
        let low = if lo >= 0.0 { (lo - air).max(0.0) } else { lo - air };
        let at = |k: usize| self.at.get(k).copied().filter(|v| v.abs() <= FAR).unwrap_or(f64::NAN);
        let all = (0..self.at.len()).map(at).filter(finite);
        let (first, last) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        let (first, last) = match (first <= last, last > first) {
            (true, true) => (first, last),
            (true, false) => (first - 0.05, first + 0.05),
            _ => (0.0, 1.0),
        };
        let edge = 0.03 * (last - first);
        let mut x = Axis::of(first - edge, last + edge, percent_ticks);
        x.ticks.retain(|t| t.0 >= first - 1e-9);
        let y = Axis::of(low, hi + air, if measure.money { money_ticks } else { percent_ticks });
        let plot = Plot::new(inner, x, y);
        let s = plot.space;
        // The flat region, as wide as the space between its runs and their neighbours.
        if let Some((a, b)) = measure.flat() {
            let half = |k: usize, next: usize| 0.5 * (at(next) - at(k)).abs();
            let from = if a > 0 { at(a) - half(a, a - 1) } else { first - edge };
            let to = if b + 1 < self.at.len() { at(b) + half(b, b + 1) } else { last + edge };
            let (from, to) = (plot.at((from, 0.0)).0, plot.at((to, 0.0)).0);
            if from.is_finite() && to.is_finite() {
                canvas.rectangle((from.max(s.left), s.top), (to.min(s.right), s.bottom), GREY, 0.14);
            }
            let look = Type::plain(NOTE, INK);
            let best = measure.best().map_or(f64::NAN, |k| measure.means[k].0);
            let text = format!("best {}, at {} (not distinguishable)", measure.write(best), between(at(a), at(b)));
            let text = if a == b { format!("best {}, at {}", measure.write(best), percent(at(a))) } else { text };
            let half = look.width(&text) / 2.0;
            let middle = f64::midpoint(from, to).clamp(s.left + half, (s.right - half).max(s.left + half));
            canvas.text(&text, middle, s.top - 9.0, look, HPos::Center);
            canvas.end(Some(colour), vec![format!("{}: {text}", measure.label)]);
        }
        plot.grid(canvas);
        plot.zero(canvas);
        if let Some(own) = measure.as_it_is.filter(finite) {
            let y = plot.at((0.0, own)).1;
            canvas.dashed(&[(s.left, y), (s.right, y)], GREY, 1.2, (4.0, 3.0));
        }
        let known: Vec<usize> = (0..self.at.len().min(measure.means.len()))
            .filter(|&k| measure.means[k].0.is_finite() && at(k).is_finite())
            .collect();
        canvas.series(key, |canvas| {
            let error = |k: &usize| measure.means[*k].1.max(0.0);
            let up = known.iter().map(|k| plot.at((at(*k), measure.means[*k].0 + error(k))));
            let down = known.iter().rev().map(|k| plot.at((at(*k), measure.means[*k].0 - error(k))));
            let ring: Vec<(f64, f64)> = up.chain(down).filter(|p| p.1.is_finite()).collect();
            if ring.len() > 2 {
                canvas.area(&ring, colour, 0.2);
            }
            let line: Vec<(f64, f64)> = known.iter().map(|k| plot.at((at(*k), measure.means[*k].0))).collect();
            canvas.line(&line, colour, 1.0, 2.2);
            for (k, p) in known.iter().zip(&line) {
                let paired = measure.over_best.get(*k).map_or(0.0, |o| o.1);
                let ends = [1.0, -1.0].map(|sign| plot.at((at(*k), measure.means[*k].0 + sign * paired)).1);
                if ends.iter().all(|e| e.is_finite()) && (ends[1] - ends[0]).abs() > 1.0 {
                    let ends = ends.map(|y| y.clamp(s.top, s.bottom));
                    canvas.line(&[(p.0, ends[0]), (p.0, ends[1])], colour, 1.0, 1.2);
                    for y in ends {
                        canvas.line(&[(p.0 - 2.5, y), (p.0 + 2.5, y)], colour, 1.0, 1.2);
                    }
                }
                mark(canvas, *p, 3.4, colour, measure.is_flat(*k));
            }
        });
        if known.is_empty() {
            nothing(canvas, s);
        }
        let known_at = || (0..self.at.len()).filter(|&k| at(k).is_finite());
        let places = known_at().map(|k| (at(k), format!("{} {}", percent(at(k)), self.of)));
        let values = known_at().map(|k| measure.said(k)).collect();
        plot.hover(canvas, places, vec![Shown::new(key, &measure.label, colour, values)]);
        if let Some((a, b)) = measure.as_it_is.filter(finite).map(|v| (plot.at((0.0, v)).1, measure.write(v))) {
            let look = Type::plain(NOTE, text_colour(GREY));
            let text = format!("the scenario: {b}");
            let half = look.width(&text) / 2.0;
            // On the side on which the curve is farther from it.
            let near = |x: f64| {
                let points = known.iter().map(|k| plot.at((at(*k), measure.means[*k].0)));
                points.filter(|p| (p.0 - x).abs() < half + 12.0).map(|p| (p.1 - a).abs()).fold(1e9, f64::min)
            };
            let sides = [s.left + half + 4.0, f64::midpoint(s.left, s.right), s.right - half - 4.0];
            let x = sides.into_iter().max_by(|x, y| near(*x).total_cmp(&near(*y))).unwrap_or(s.left);
            let y = if a - s.top > 20.0 { a - 9.0 } else { a + 9.0 };
            canvas.plate(&text, x, y, look, s);
        }
    }
}

impl Picture for Sweep {
    fn title(&self, _: &Frame) -> String {
        let measures = self.swept.iter().map(|s| s.measures.len()).max().unwrap_or(0);
        let said = (0..measures).filter_map(|k| {
            let ranges: Vec<String> = self
                .swept
                .iter()
                .filter_map(|s| {
                    let range = s.range(s.measures.get(k)?)?;
                    Some(if k == 0 { format!("{range} ({})", s.name) } else { range })
                })
                .collect();
            let is = &self.swept.iter().find_map(|s| s.measures.get(k))?.best_is;
            let (last, others) = ranges.split_last()?;
            let others = others.join(", ");
            let and = if others.is_empty() { "" } else { " and " };
            Some(format!("{is} at {others}{and}{last}"))
        });
        let text = said.collect::<Vec<_>>().join("; ");
        let mut letters = text.chars();
        letters.next().map_or_else(
            || "No run of the sweep has a result".into(),
            |first| first.to_uppercase().collect::<String>() + letters.as_str(),
        )
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = "One run for each dot, all on the same draws · band: \u{b1} one standard error of the estimate · bars: \u{b1} of its \
             difference from the best run, path by path · shaded, filled dots: within two of these of the best";
        let list = self.swept.iter().flat_map(|s| {
            s.measures.iter().filter_map(|m| {
                let k = m.best()?;
                let (v, se) = m.means[k];
                Some(format!(
                    "{}, {}: best {} {} at {}, not distinguishable from {}",
                    m.label,
                    s.heading(),
                    m.write(v),
                    m.error(se),
                    percent(*s.at.get(k)?),
                    s.range(m)?
                ))
            })
        });
        let desc = format!("{title}. {}.", list.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric: metric.into(), desc }, |canvas, space| {
            let down = self.swept.len().max(1) as f64;
            let high = (space.bottom - space.top) / down;
            for (row, swept) in self.swept.iter().enumerate() {
                let wide = (space.right - space.left) / swept.measures.len().max(1) as f64;
                for (column, measure) in swept.measures.iter().enumerate() {
                    let (left, top) = (space.left + wide * column as f64, space.top + high * row as f64);
                    let part = Space { left, right: left + wide - 14.0, top, bottom: top + high - 6.0 };
                    swept.draw(canvas, measure, &format!("sweep-{}-{}", row + 1, column + 1), part);
                }
            }
            if self.swept.is_empty() {
                canvas.text("No data", 480.0, 0.5 * (space.top + space.bottom), Type::plain(SMALL, GREY), HPos::Center);
            }
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let head = ["Key", "Share", "Measure", "Estimate", "\u{b1}", "Over the best", "\u{b1} paired", "Like the best"];
        let rows = self.swept.iter().flat_map(|s| {
            s.measures.iter().flat_map(move |m| {
                m.means.iter().enumerate().map(move |(k, (v, se))| {
                    let (d, paired) = m.over_best.get(k).copied().unwrap_or((f64::NAN, f64::NAN));
                    let share = s.at.get(k).copied().map_or_else(String::new, percent);
                    [
                        s.heading(),
                        share,
                        m.label.clone(),
                        if v.is_finite() { m.write(*v) } else { String::new() },
                        m.error(*se),
                        m.excess(d),
                        m.error(paired),
                        if m.is_flat(k) { "yes".into() } else { "no".into() },
                    ]
                })
            })
        });
        Grid::new(head, rows)
    }
}
