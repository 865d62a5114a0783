//! Chart 2: the gap that capital must fill, by month and cumulative.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{MARGIN, Role, WIDTH, money, month};
use super::labels::{self, EndLabel};
use super::plot::{Plot, reach};
use super::spend_revenue::{caption, figures, ninety, nothing};
use super::words::{counted, fan_columns, fan_values, fan_words};
use super::{Fan, Frame, Grid, Picture, Shown, by_month, last_defined};

/// Spending less revenue; a positive gap must be funded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gap {
    /// The gap of the month.
    pub gap: Fan,
    /// The sum of the gaps since the start, US dollars.
    pub cumulative: Fan,
    /// Number of paths that still have a gap in the last month, if counted.
    pub open: Option<u64>,
}

impl Picture for Gap {
    fn title(&self, frame: &Frame) -> String {
        let sums = &self.cumulative.band.p50;
        let Some((last, end)) = last_defined(sums) else {
            return "The cumulative gap is undefined in every month".into();
        };
        let peak = sums
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, v)| v.is_finite())
            .fold((last, end), |a, b| if b.1 > a.1 { b } else { a });
        let (at, until) = (month(frame.month(peak.0)), month(frame.month(last)));
        let grows = if sums[..last].iter().any(|v| v.is_finite()) { " and still grows" } else { "" };
        if end < 0.0 && peak.1 <= 0.02 * -end {
            format!("At the median, revenue exceeds spending by {} by {until}", money(-end))
        } else if peak.1 <= 0.0 {
            format!("No gap to fund by {until} at the median")
        } else if peak.0 == last {
            format!("The median cumulative gap reaches {} by {until}{grows}", money(end))
        } else {
            format!("The median cumulative gap peaks at {} in {at}", money(peak.1))
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let (gap, sum) = (reach(&[&self.gap.band]), reach(&[&self.cumulative.band]));
        let title = self.title(frame);
        let metric = format!(
            "Spending less receipts from customers · {}",
            fan_words(&[&self.gap, &self.cumulative], gap.2 || sum.2)
        );
        let desc = format!("{title}. {} {}", figures(&self.gap, frame), figures(&self.cumulative, frame));
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let months = self.gap.band.p50.len().max(self.cumulative.band.p50.len());
            let middle = f64::midpoint(space.top, space.bottom);
            let panels = [
                (
                    "gap",
                    &self.gap,
                    gap,
                    space.top,
                    middle - 4.0,
                    format!("{}, US$ a month{}", self.gap.label, self.chance(frame)),
                ),
                (
                    "cumulative-gap",
                    &self.cumulative,
                    sum,
                    middle + 4.0,
                    space.bottom,
                    format!("{}, US$", self.cumulative.label),
                ),
            ];
            let label = |key: &str, fan: &Fan, plot: Option<&Plot>| {
                let (i, v) = last_defined(&fan.band.p50)?;
                let y = plot.map_or(0.0, |p| p.at((0.0, v)).1.clamp(p.space.top, p.space.bottom));
                let rows: Vec<String> = ninety(fan, i).into_iter().collect();
                Some(EndLabel::named(key, &format!("median {}", money(v)), &rows, Role::Gap.colour(), y))
            };
            let all: Vec<_> = panels.iter().filter_map(|p| label(p.0, p.1, None)).collect();
            let right = space.right - labels::room(&all);
            // Both panels have the same left edge.
            let inner =
                |lo: f64, hi: f64| Plot::new(space, Axis::months(frame.start, months), Axis::money(lo, hi)).space.left;
            let left = inner(gap.0, gap.1).max(inner(sum.0, sum.1));
            for (i, (key, fan, range, top, bottom, text)) in panels.into_iter().enumerate() {
                let mut space = super::canvas::Space { left: space.left, right, top, bottom };
                caption(canvas, &text, super::canvas::Space { right: WIDTH - MARGIN, ..space });
                space.top += 26.0;
                let mut plot = Plot::new(space, Axis::months(frame.start, months), Axis::money(range.0, range.1));
                plot.space.left = left;
                plot.grid(canvas);
                // A flow is plotted in the middle of its month, a cumulative sum at its end.
                let first = if i == 0 { 0.5 } else { 1.0 };
                canvas.series(key, |canvas| plot.fan(canvas, fan, first, Role::Gap.colour()));
                let shown = Shown::new(key, &fan.label, Role::Gap.colour(), fan_values(fan, money));
                plot.hover_months(canvas, frame, first, vec![shown]);
                plot.zero(canvas);
                let label = label(key, fan, Some(&plot));
                if label.is_none() {
                    nothing(canvas, plot.space);
                }
                let s = plot.space;
                labels::draw(canvas, &label.into_iter().collect::<Vec<_>>(), s.right, s.top, s.bottom);
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        by_month(frame, &[fan_columns(&self.gap, money), fan_columns(&self.cumulative, money)].concat())
    }
}

impl Gap {
    /// ` · 54% (±0.35 pp) of paths have a gap in May 2031`, if counted.
    fn chance(&self, frame: &Frame) -> String {
        let at = self.open.zip(last_defined(&self.gap.band.p50));
        at.map_or_else(String::new, |(hits, (i, _))| {
            format!(" · {} of paths have a gap in {}", counted(hits, frame.paths), month(frame.month(i)))
        })
    }
}
