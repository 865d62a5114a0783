//! Chart 7: debt, and the off-balance-sheet obligations beside it.

use super::axis::Axis;
use super::canvas::{Sheet, Space, Words, sheet};
use super::house::{Role, WHITE, money, month, multiple, multiple_ticks, percent, short_month};
use super::labels::{self, EndLabel};
use super::plot::{Plot, reach};
use super::spend_revenue::caption;
use super::stack::{Part, gather};
use super::words::{fan_columns, fan_values, written};
use super::{Fan, Frame, Grid, Picture, Shown, by_month, last_defined};

/// What the lab owes, has committed to or guarantees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Liabilities {
    /// Kinds of obligations, from the bottom up: name, role, and mean across paths at the end of each month in US
    /// dollars.
    pub parts: Vec<(String, Role, Vec<f64>)>,
    /// Look-through leverage, as a multiple of run-rate.
    pub leverage: Fan,
}

impl Liabilities {
    fn stacked(&self) -> Vec<Part> {
        gather(self.parts.iter().cloned(), |v| v.iter().copied().fold(0.0, f64::max), (8, 0.0))
    }

    /// Sum of the obligations in a month.
    fn total(&self, month: usize) -> f64 {
        self.parts.iter().filter_map(|p| p.2.get(month)).filter(|v| v.is_finite()).sum()
    }

    fn months(&self) -> usize {
        self.parts.iter().map(|p| p.2.len()).max().unwrap_or(0)
    }
}

impl Picture for Liabilities {
    fn title(&self, frame: &Frame) -> String {
        let last = self.months().saturating_sub(1);
        let peak = (0..=last).rev().max_by(|a, b| self.total(*a).total_cmp(&self.total(*b))).unwrap_or(last);
        let (most, end) = (self.total(peak), self.total(last));
        let at = |i: usize| short_month(frame.month(i));
        let share = |p: &&(String, Role, Vec<f64>)| p.2.get(peak).copied().filter(|v| v.is_finite()).unwrap_or(0.0);
        // By the horizon debt may have matured, so the peak is more informative.
        let lead = match self.parts.iter().max_by(|a, b| share(a).total_cmp(&share(b))) {
            Some(p) if most > 0.0 => {
                let mostly = format!("{} of it {}", percent(share(&p) / most), p.0.to_lowercase());
                if peak == last {
                    format!("{} of obligations in {}, the highest so far, {mostly}", money(end), at(last))
                } else {
                    format!(
                        "Obligations peak at {} in {}, {mostly}; {} in {}",
                        money(most),
                        at(peak),
                        money(end),
                        at(last)
                    )
                }
            }
            _ => return format!("No obligations up to {}", month(frame.month(last))),
        };
        let leverage = self.leverage.band.p50.iter().copied().enumerate().filter(|v| v.1.is_finite());
        match leverage.max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((i, v)) => format!("{lead}; median leverage peaks at {} in {}", multiple(v), at(i)),
            None => lead,
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = "Above: means across paths at month end, US$, guarantees at their maximum cost · below: \
                      their sum, with guarantees at today’s values, over run-rate, median with bands of 50% and 90%";
        let (parts, months) = (self.stacked(), self.months());
        let last = months.saturating_sub(1);
        let list: Vec<String> = parts.iter().map(|p| format!("{} {}", p.label, money(p.values[last]))).collect();
        let desc = format!("{title}. At the end: {}.", list.join(", "));
        let (lo, hi, _) = reach(&[&self.leverage.band]);
        sheet(frame, Words { title, metric: metric.into(), desc }, |canvas, space| {
            let leveraged = last_defined(&self.leverage.band.p50);
            let split = if leveraged.is_some() { space.top + 0.6 * (space.bottom - space.top) } else { space.bottom };
            let tags = |plot: Option<&Plot>| -> Vec<EndLabel> {
                let mut base = 0.0;
                let tag = |p: &Part| {
                    let v = p.values[last];
                    let y = plot.map_or(0.0, |p| p.at((0.0, base + v / 2.0)).1.clamp(p.space.top, p.space.bottom));
                    base += v;
                    p.tag(&money(v), y, true)
                };
                let mut tags: Vec<_> = parts.iter().map(tag).collect();
                tags.reverse();
                tags
            };
            let end = |plot: Option<&Plot>| {
                let (i, v) = leveraged?;
                let y = plot.map_or(0.0, |p| p.at((0.0, v)).1.clamp(p.space.top, p.space.bottom));
                let b = &self.leverage.band;
                let range = b.p05.get(i).zip(b.p95.get(i));
                let rows: Vec<String> =
                    range.iter().map(|r| format!("90%: {} to {}", multiple(*r.0), multiple(*r.1))).collect();
                Some(EndLabel::named("leverage", &format!("median {}", multiple(v)), &rows, Role::Gap.colour(), y))
            };
            let all: Vec<EndLabel> = tags(None).into_iter().chain(end(None)).collect();
            let right = space.right - labels::room(&all);
            let top = (0..months).map(|i| self.total(i)).fold(0.0, f64::max);
            let upper = Space { top: space.top + 24.0, bottom: split, right, ..space };
            let lower = Space { top: split + 30.0, right, ..space };
            let mut plot = Plot::new(upper, Axis::months(frame.start, months), Axis::money(0.0, top));
            let ratio = Axis::of(lo, hi * 1.05, multiple_ticks);
            let mut below = Plot::new(lower, Axis::months(frame.start, months), ratio);
            let left = plot.space.left.max(below.space.left);
            (plot.space.left, below.space.left) = (left, left);
            caption(canvas, "Debt, off-balance obligations, firm take-or-pay and guarantees, US$", space);
            plot.grid(canvas);
            let mut floor = vec![0.0; months];
            for part in &parts {
                let ceiling: Vec<f64> = floor.iter().zip(&part.values).map(|(a, b)| a + b).collect();
                canvas.series(&part.key, |canvas| {
                    plot.between(canvas, &floor, &ceiling, 1.0, (part.colour, 1.0));
                    plot.series(canvas, &floor, 1.0, (WHITE, 1.0, 1.0));
                });
                floor = ceiling;
            }
            plot.zero(canvas);
            labels::draw(canvas, &tags(Some(&plot)), right, plot.space.top, plot.space.bottom);
            let shown = parts.iter().map(|p| Shown::new(&p.key, &p.label, p.colour, written(&p.values, money)));
            plot.hover_months(canvas, frame, 1.0, shown.collect());
            if leveraged.is_some() {
                caption(canvas, "Look-through leverage, multiple of run-rate", Space { top: split + 8.0, ..space });
                below.grid(canvas);
                canvas.series("leverage", |canvas| below.fan(canvas, &self.leverage, 1.0, Role::Gap.colour()));
                below.zero(canvas);
                let label: Vec<_> = end(Some(&below)).into_iter().collect();
                labels::draw(canvas, &label, right, below.space.top, below.space.bottom);
                let values = fan_values(&self.leverage, multiple);
                let shown = Shown::new("leverage", &self.leverage.label, Role::Gap.colour(), values);
                below.hover_months(canvas, frame, 1.0, vec![shown]);
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let mut columns: Vec<_> = self.parts.iter().map(|p| (p.0.clone(), written(&p.2, money))).collect();
        columns.extend(fan_columns(&self.leverage, multiple));
        by_month(frame, &columns)
    }
}
