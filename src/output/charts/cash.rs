//! Chart 3: cash, some simulated paths, and the probability of having run out of cash by each year-end.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{
    GREY, INK, MARGIN, NOTE, Role, SMALL, VERMILLION, WIDTH, count, money, month, percent, short_month, text_colour,
};
use super::labels::{self, EndLabel};
use super::plot::{Plot, reach};
use super::spend_revenue::{figures, nothing};
use super::words::{bound, counted, estimate, fan_columns, fan_values};
use super::{Fan, Frame, Grid, Picture, Shown, by_month, last_defined, small};
use crate::units::Month;

/// Cash at month end, and ruin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cash {
    /// Cash at the end of each month, US dollars.
    pub cash: Fan,
    /// Number of paths out of cash by the end of each month, cumulative from the start.
    pub ruined: Vec<u64>,
}

/// Height of the strip of probabilities.
const STRIP: f64 = 68.0;

impl Picture for Cash {
    fn title(&self, frame: &Frame) -> String {
        let Some(hits) = self.ruined.last().copied() else {
            return last_defined(&self.cash.band.p50).map_or_else(
                || "Cash is undefined in every month".into(),
                |(i, v)| format!("Median cash is {} in {}", money(v), month(frame.month(i))),
            );
        };
        let end = month(frame.month(self.ruined.len()));
        match (hits, frame.paths) {
            (_, 0) => "No paths were simulated".into(),
            (0, n) => format!("No path of {} runs out of cash before {end}", count(n)),
            (h, n) if h >= n => format!("Every path of {} runs out of cash before {end}", count(n)),
            (h, n) => format!("Cash runs out before {end} in {} of paths", percent(h as f64 / n as f64)),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let (lo, hi, cut) = reach(&[&self.cash.band]);
        let title = self.title(frame);
        let real = match self.cash.paths.len().min(5) {
            0 => String::new(),
            1 => " · thin line: a simulated path".into(),
            n => format!(" · thin lines: {} simulated paths", ["two", "three", "four", "five"][n - 2]),
        };
        let cut = if cut { ", cut at the edge" } else { "" };
        let metric = format!("Cash at month end, US$ · median with bands of 50% and 90%{cut}{real}");
        let desc = format!("{title}. {}", figures(&self.cash, frame));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            let colour = Role::Cash.colour();
            let months = self.cash.band.p50.len().max(self.ruined.len());
            let all = |plot: Option<&Plot>| {
                let b = &self.cash.band;
                let of = [(&b.p95, "95%"), (&b.p75, "75%"), (&b.p50, "median"), (&b.p25, "25%"), (&b.p05, "5%")];
                let label = |(values, name): (&Vec<f64>, &str)| {
                    let v = last_defined(values)?.1;
                    let y = plot.map_or(0.0, |p| p.at((0.0, v)).1);
                    let outside = plot.is_some_and(|p| y < p.space.top || y > p.space.bottom);
                    let arrow = if !outside {
                        ""
                    } else if v > 0.0 {
                        " ↑"
                    } else {
                        " ↓"
                    };
                    let look =
                        if name == "median" { Type::bold(14.0, text_colour(colour)) } else { Type::plain(SMALL, GREY) };
                    let y = plot.map_or(0.0, |p| y.clamp(p.space.top, p.space.bottom));
                    let rows = vec![(format!("{name} {}{arrow}", money(v)), look)];
                    Some(EndLabel { y, rows, swatch: None, leader: !outside, key: "cash".into() })
                };
                of.into_iter().filter_map(label).collect::<Vec<_>>()
            };
            space.right -= labels::room(&all(None)) + 14.0;
            space.bottom -= if self.ruined.is_empty() { 0.0 } else { STRIP };
            let plot = Plot::new(space, Axis::months(frame.start, months), Axis::money(lo, hi));
            plot.grid(canvas);
            canvas.series("cash", |canvas| plot.fan(canvas, &self.cash, 1.0, colour));
            plot.zero(canvas);
            let s = plot.space;
            labels::draw(canvas, &all(Some(&plot)), s.right, s.top, s.bottom);
            if last_defined(&self.cash.band.p50).is_none() {
                nothing(canvas, s);
            }
            let mut shown = vec![Shown::new("cash", &self.cash.label, colour, fan_values(&self.cash, money))];
            if !self.ruined.is_empty() && frame.paths > 0 {
                self.strip(canvas, &plot, frame);
                let ruin = self.ruined.iter().map(|&hits| counted(hits, frame.paths)).collect();
                shown.push(Shown::new("ruin", "Out of cash by then", VERMILLION, ruin));
            }
            plot.hover_months(canvas, frame, 1.0, shown);
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let share = |hits: &u64| percent(*hits as f64 / frame.paths.max(1) as f64);
        let ruin = ("Out of cash by then".to_owned(), self.ruined.iter().map(share).collect());
        by_month(frame, &[fan_columns(&self.cash, money), vec![ruin]].concat())
    }
}

impl Cash {
    /// The probabilities below the plot, each under its date.
    fn strip(&self, canvas: &mut Canvas, plot: &Plot, frame: &Frame) {
        let s: Space = plot.space;
        let top = s.bottom + 22.0;
        let marks = marks(frame.start, self.ruined.len());
        if self.ruined.last() == Some(&0) {
            let text =
                format!("No path out of cash: the probability is below {} (3/n, 95% confidence)", bound(frame.paths));
            canvas.text(&text, s.left, top + 26.0, Type::bold(SMALL, INK), HPos::Left);
            return;
        }
        let caption = "Share of paths that have run out of cash · \u{b1} one standard error";
        canvas.text(caption, s.left, top + 11.0, Type::plain(NOTE, GREY), HPos::Left);
        let colour = text_colour(VERMILLION);
        let (bold, plain) = (Type::bold(SMALL + 0.5, colour), Type::plain(NOTE, GREY));
        let columns: Vec<(f64, bool, [String; 3])> = marks
            .into_iter()
            .map(|(i, name)| {
                let (share, error) = estimate(self.ruined[i], frame.paths);
                let none = self.ruined[i] == 0;
                let share = if none { format!("<{}", bound(frame.paths)) } else { share };
                (
                    plot.at((i as f64 + 1.0, 0.0)).0,
                    none,
                    [share, format!("by {name}"), if none { String::new() } else { error }],
                )
            })
            .collect();
        // Where dates are so close that their columns would touch, only every second or third is kept, counted from the
        // end of the run.
        let wide = columns.iter().flat_map(|c| &c.2).map(|t| bold.width(t)).fold(0.0, f64::max) + 10.0;
        // The last date has free space to its right.
        let years = columns.len().saturating_sub(1);
        let near = columns[..years].windows(2).map(|w| w[1].0 - w[0].0).fold(f64::INFINITY, f64::min);
        let every = if near.is_finite() { (wide / near.max(1.0)).ceil().max(1.0) as usize } else { 1 };
        for (k, (x, none, [share, date, error])) in columns.iter().enumerate().rev().step_by(every) {
            let before = k.checked_sub(every).map_or(f64::NEG_INFINITY, |b| columns[b].0);
            let middle = if k == years { x.max(before + wide).min(WIDTH - MARGIN - 0.5 * wide) } else { *x };
            canvas.text(share, middle, top + 28.0, if *none { plain } else { bold }, HPos::Center);
            canvas.text(date, middle, top + 43.0, Type::plain(NOTE, INK), HPos::Center);
            if !none {
                canvas.line(&[(*x, s.top), (*x, s.bottom)], colour, 0.25, 0.8);
                canvas.text(error, middle, top + 58.0, plain, HPos::Center);
            }
        }
        if let Some((_, _, [share, date, error])) = columns.last() {
            let error = if error.is_empty() { String::new() } else { format!(" ({error})") };
            canvas.end(Some(VERMILLION), vec![format!("{share}{error} out of cash {date}")]);
        }
    }
}

/// Largest number of dates on the strip.
const DATES: usize = 12;

/// The months to show: Decembers at a regular interval, and the last month instead of a December too close to it.
fn marks(start: Month, months: usize) -> Vec<(usize, String)> {
    let Some(last) = months.checked_sub(1) else { return Vec::new() };
    let first = (12 - start.month()) as usize;
    let ends: Vec<usize> = (first..months).step_by(12).collect();
    let every = u32::try_from(ends.len().div_ceil(DATES - 1).max(1)).unwrap_or(1);
    let near = |i: usize| last - i < 3 || i < 3;
    let mut out: Vec<(usize, String)> = ends
        .into_iter()
        .filter(|i| start.plus(small(*i)).year().unsigned_abs().is_multiple_of(every))
        .filter(|i| *i == last || !near(*i))
        .map(|i| (i, start.plus(small(i)).year().to_string()))
        .collect();
    if out.last().is_none_or(|m| m.0 != last) {
        out.push((last, short_month(start.plus(small(last)))));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_few_and_end_with_the_run() {
        let text = |m| marks(Month::new(2026, 6), m).into_iter().map(|m| m.1).collect::<Vec<_>>();
        assert_eq!(text(60), ["2026", "2027", "2028", "2029", "2030", "May 2031"]);
        // No year is skipped: with six Decembers, every second one used to be.
        assert_eq!(text(72), ["2026", "2027", "2028", "2029", "2030", "2031", "May 2032"].map(str::to_owned));
        assert_eq!(text(1), ["Jun 2026"]);
        assert!(text(0).is_empty());
        for n in 1..900 {
            assert!((1..=DATES).contains(&text(n).len()), "{n}: {:?}", text(n));
        }
    }
}
